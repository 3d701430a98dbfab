from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_program import SUNDAY, Program

from crm_tui.text.clean import clean_line, clean_text
from crm_tui.text.fold import fold

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "nasty.json"
OWN = [
    {"name": "escape", "value": "a\x1b[31mRED\x00\u202eb"},
    {"name": "markup-click-quit", "value": "[@click=app.quit]Moshe[/]"},
]
NASTY = json.loads(SAMPLES.read_text(encoding="utf-8")) if SAMPLES.exists() else OWN


def test_one_command_by_its_fields(program: Program) -> None:
    run = program(
        "--now", SUNDAY, "do", "add_lead", "--name", "דנה לוי", "--phone=052-732-5777", "--source-detail", "--odd", "--note", "a=b"
    )
    assert (run.code, run.err) == (0, "")
    assert run.json["ok"] is True
    assert run.json["command"] == "add_lead"
    contact = program.inside("show", "contact", "+972 52 7325777", "--json").json
    assert contact["id"] == run.json["record"]
    assert (contact["name"], contact["source_detail"], contact["created_at"]) == ("דנה לוי", "--odd", "2026-11-22T10:00:00+02:00")


def test_a_field_given_twice_is_a_list_and_unknown_ones_become_properties(program: Program) -> None:
    program.play({"command": "add_lead", "name": "Ruth Bar", "email": "ruth@bar.example"})
    run = program.inside(
        "do", "edit_contact", "--contact", "ruth@bar.example", "--phones", "03-555-1212", "--phones", "054-1234567", "--shoe-size", "41"
    )
    assert run.code == 0
    contact = program.inside("show", "contact", "ruth@bar.example", "--json").json
    assert [point["raw"] for point in contact["phones"]] == ["03-555-1212", "054-1234567"]
    assert contact["properties"] == {"shoe_size": "41"}


def test_numbers_and_objects_of_the_command_line(program: Program) -> None:
    lead = program.play({"command": "add_lead", "name": "Acme Ltd", "email": "office@acme.example"})[0]["record"]
    deal = program("do", "open_deal", "--contact", lead, "--value", '{"amount": "8000.50", "currency": "ILS"}').json["record"]
    assert program.inside("show", "deal", deal, "--json").json["value"] == {"amount": "8000.50", "currency": "ILS"}
    assert program.inside("do", "set_setting", "--name", "limits.max_attempts", "--value", "4").code == 0


def test_a_refused_command_answers_and_changes_nothing(program: Program) -> None:
    run = program.inside("do", "log_call", "--contact", "0541111111", "--outcome", "talked")
    assert run.code == 1
    assert run.err == ""
    assert run.json["ok"] is False
    assert (run.json["error"]["kind"], run.json["error"]["field"]) == ("not_found", "contact")


def test_ambiguous_contacts_are_named(program: Program) -> None:
    answers = program.play(
        {"command": "add_lead", "name": "Avi Mizrahi", "phone": "09-765-4321"},
        {"command": "add_lead", "name": "Tamar Golan", "phone": "09-765-4321"},
        {"command": "log_note", "contact": "097654321", "note": "x"},
    )
    assert answers[2]["error"]["candidates"] == [answers[0]["record"], answers[1]["record"]]


def test_help_of_a_command_names_its_fields(program: Program) -> None:
    run = program("do", "log_call", "--help")
    assert run.code == 0
    for field in ("--contact", "--next-at", "talked | no_answer | busy | call_back"):
        assert field in run.out


BAD_LINES: dict[str, tuple[bytes, str]] = {
    "not json": (b'{"command": "add_lead"', "not JSON"),
    "not an object": (b'["add_lead"]', "not a JSON object"),
    "a bare word": (b"add_lead", "not JSON"),
    "deep": (b"[" * 1000 + b"]" * 1000, "too deeply"),
    "very deep": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "too deeply"),
    "deep inside": (b'{"command": "add_lead", "name": ' + b"[" * 200 + b"]" * 200 + b"}", "too deeply"),
    "nan": (b'{"command": "add_lead", "name": NaN}', "NaN"),
    "infinity": (b'{"command": "add_lead", "name": -Infinity}', "-Infinity"),
    "overflow": (b'{"command": "add_lead", "name": 1e999}', "1e999"),
    "digits": (b'{"command": "add_lead", "name": ' + b"9" * 5000 + b"}", "digits"),
    "twice": (b'{"command": "add_lead", "name": "a", "name": "b"}', "name stands there twice"),
    "not utf-8": (b'{"command": "add_lead", "name": "\xff"}', "not UTF-8"),
    "nul": (b'{"command": "add_lead", "name": "a\0b"}', "NUL"),
    "too long": (b'{"command": "add_lead", "name": "' + b"x" * 10_000_000 + b'"}', "10,000,000"),
}


def test_bad_lines_are_refused_alone_with_their_number(fresh: Program) -> None:
    good = json.dumps({"command": "add_lead", "name": "Good One"}).encode()
    lines = [good, b"", *(line for line, _why in BAD_LINES.values()), b"   ", good]
    run = fresh("--now", SUNDAY, "do", stdin=b"\xef\xbb\xbf" + b"\r\n".join(lines))
    assert run.code == 1
    first, *refused, last = run.answers
    assert first["ok"] is True
    assert last["ok"] is True
    for number, (name, (_line, why), answer) in enumerate(zip(BAD_LINES, BAD_LINES.values(), refused, strict=True), 3):
        assert (answer["ok"], answer["error"]["kind"], answer["error"]["field"]) == (False, "refused", "line"), name
        assert f"ine {number}: " in answer["error"]["message"], name
        assert why in answer["error"]["message"], name
        assert len(answer["error"]["message"]) < 200
    assert run.out.count("\n") == len(refused) + 2


def test_lines_of_wrong_content_name_the_field(program: Program) -> None:
    lead = {"command": "add_lead", "name": "Wrong Content", "phone": "08-123-4567"}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"command": "fly"}, "command"),
        ({"command": ["add_lead"]}, "command"),
        ({"name": "no command"}, "command"),
        ({"command": "add_lead"}, "name"),
        ({"command": "add_lead", "name": {"first": "x"}}, "name"),
        ({"command": "add_lead", "name": "x" * 100_000}, "name"),
        ({"command": "add_lead", "name": "x", "colour": "red"}, "colour"),
        ({"command": "add_lead", "name": "x", "readiness": "very"}, "readiness"),
        ({"command": "open_deal", "contact": "081234567", "value": "99999999999999999999.99"}, "value"),
        ({"command": "open_deal", "contact": "081234567", "expected_close": "9999-12-31"}, "expected_close"),
        ({"command": "add_task", "contact": "081234567", "due": "31/02/2027"}, "due"),
        ({"command": "log_call", "contact": "081234567", "outcome": "talked", "duration": 10**30}, "duration"),
        ({"command": "undo", "id": "\ud800"}, "id"),
    ]
    answers = program.play(lead, *(line for line, _field in wrong))
    assert [answer["error"]["field"] for answer in answers[1:]] == [field for _line, field in wrong]


def test_a_line_carries_its_own_now_only_under_a_given_clock(fresh: Program) -> None:
    line = {"command": "add_lead", "name": "Week Player", "phone": "02-500-1234", "now": "2026-11-23T09:00"}
    without = fresh.inside("do", stdin=json.dumps(line))
    assert (without.code, without.answers[0]["error"]["field"]) == (1, "now")
    later = {"command": "log_call", "contact": "025001234", "outcome": "no_answer", "now": "2026-11-24T09:30:00+02:00"}
    answers = fresh.play(line, later, {"command": "log_note", "contact": "025001234", "note": "x", "now": "never"})
    assert [answer["ok"] for answer in answers] == [True, True, False]
    contact = fresh.inside("--now", "2026-11-25", "show", "contact", "025001234", "--json").json
    assert contact["created_at"] == "2026-11-23T09:00:00+02:00"
    assert contact["last_attempt_at"] == "2026-11-24T09:30:00+02:00"
    assert contact["next_at"] == "2026-11-25T08:00:00+02:00"


def test_an_answer_comes_before_the_next_line_is_read(program: Program) -> None:
    process = program.start("do")
    assert process.stdin is not None
    assert process.stdout is not None
    for name in ("One", "Two"):
        process.stdin.write(json.dumps({"command": "add_lead", "name": name}).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["ok"] is True
    process.stdin.close()
    assert process.wait(10) == 0
    assert process.stdout.read() == b""


@pytest.mark.parametrize("field", ["name", "note", "phone", "email", "company"])
def test_nasty_values_go_in_and_come_back_as_safe_text(program: Program, field: str) -> None:
    values = [one["value"] for one in NASTY]
    lines = []
    for number, value in enumerate(values):
        lead = {"command": "add_lead", "name": f"Nasty {field} {number}", "email": f"{field}{number}@nasty.example"}
        lead[field] = value
        if field == "email":
            lead["phone"] = f"03-6{number:06d}"
        lines.append(lead)
    answers = program.play(*lines)
    contacts = {one["id"]: one for one in program.inside("export", "contacts", "--format", "json").json}
    arrivals = {one["contact"]: one for one in program.inside("export", "timeline", "--format", "json").json if one["kind"] == "lead"}
    for value, answer in zip(values, answers, strict=True):
        clean = clean_text(value) if field == "note" else clean_line(value)
        if not answer["ok"]:
            assert answer["error"]["field"] == field
            assert len(clean) > 500, "only what is far too long is refused"
            continue
        contact = contacts[answer["record"]]
        if field == "note":
            assert (arrivals[contact["id"]].get("note") or "") == clean
        elif field in ("phone", "email"):
            assert [point["raw"] for point in contact[f"{field}s"]] == ([clean] if clean else [])
        elif field == "name":
            assert contact["name"] == clean
        else:
            assert fold(contact["company"] or "") == fold(clean), "companies of one folded name are one company"
    number = next(index for index, one in enumerate(NASTY) if one["name"] == "markup-click-quit")
    shown = program("show", "contact", answers[number]["record"], "--json").json
    assert shown == {key: contacts[shown["id"]][key] for key in shown}
