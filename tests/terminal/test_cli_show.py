from __future__ import annotations

from typing import Any

import pytest
from cli_program import SUNDAY, Program

NOW = "2026-11-25T09:00"


@pytest.fixture(scope="module")
def team(program: Program) -> Program:
    """A store with two people, three leads, a deal and a day's work."""
    program.inside("team", "add", "dan", "--role", "rep")
    answers = program.play(
        {"command": "add_lead", "name": "דנה לוי", "phone": "052-732-5777", "source": "web_form", "campaign": "November"},
        {"command": "add_lead", "name": "Yossi Cohen", "email": "yossi@acme.example", "company": "Acme", "now": "2026-11-22T10:05"},
        {
            "command": "add_lead",
            "name": "Y. Cohen",
            "email": "y.cohen@acme.example",
            "company": "Acme",
            "source": "exhibition",
            "now": "2026-11-25T08:55",
        },
        {"command": "route", "contact": "0527325777", "to": "dan"},
        {"command": "log_call", "contact": "0527325777", "outcome": "no_answer", "now": "2026-11-23T10:00"},
        {"command": "open_deal", "contact": "yossi@acme.example", "name": "Acme CRM", "value": 48000, "expected_close": "2026-12-01"},
    )
    assert all(answer["ok"] for answer in answers)
    return program


def show(program: Program, *args: str, user: str = "noa") -> Any:
    run = program.inside("--now", NOW, "--as", user, "show", *args, "--json")
    assert (run.code, run.err) == (0, "")
    return run.json


def text(program: Program, *args: str, user: str = "noa") -> str:
    run = program.inside("--now", NOW, "--as", user, *args)
    assert (run.code, run.err) == (0, "")
    return run.out


def test_inbox(team: Program) -> None:
    rows = show(team, "inbox")
    assert team("--now", NOW, "show", "inbox", "--json").json == rows
    assert [row["name"] for row in rows] == ["Yossi Cohen", "Y. Cohen"]
    assert [row["response"] for row in rows] == ["cold", "fresh"]
    assert rows[1]["age_seconds"] == 300
    shown = text(team, "show", "inbox", "--limit", "1")
    assert "2 leads wait, the oldest for 2d 22h" in shown
    assert "Yossi Cohen · Acme" in shown
    assert "… and 1 more (--limit)" in shown


def test_day_is_that_of_the_user(team: Program) -> None:
    (row,) = show(team, "day", user="dan")
    assert (row["name"], row["bucket"], row["attempts"]) == ("דנה לוי", "no_answer", 1)
    assert row["next_at"] == "2026-11-24T08:00:00+02:00"
    assert "052-732-5777" in text(team, "show", "day", user="Dan")


def test_board_and_deal(team: Program) -> None:
    stages = show(team, "board")
    assert [(stage["key"], stage["count"]) for stage in stages] == [("phone", 1), ("meeting", 0), ("quote", 0), ("closing", 0)]
    deal = stages[0]["deals"][0]
    assert show(team, "deal", deal["id"])["value"] == {"amount": "48000.00", "currency": "ILS"}
    shown = text(team, "show", "board")
    assert "₪48,000" in shown
    assert "Acme CRM" in shown
    assert deal["id"] in shown
    assert deal["expected_close"] == "2026-12-01"
    assert "1 Dec" in shown
    assert "1 Dec" in text(team, "show", "deal", deal["id"])


def test_week_says_days_as_people_do(team: Program) -> None:
    assert [one["due"] for one in show(team, "week", user="dan")] == ["2026-11-24T08:00:00+02:00"]
    shown = text(team, "show", "week", user="dan")
    assert "24 Nov" in shown
    assert "2026" not in shown
    assert "08:00" not in shown, "it was promised for the day"


def test_contact_by_any_name(team: Program) -> None:
    contact = show(team, "contact", "+972-52-7325777")
    for name in (
        *("id", "name", "phone", "phone_e164", "email", "phones", "emails", "company", "owner", "lifecycle", "status", "closing_reason"),
        *("source", "latest_source", "campaign", "readiness", "attempts", "next_action", "next_at", "tags", "missing", "returning"),
        *("possible_duplicates", "deals", "created_at"),
    ):
        assert name in contact
    assert (contact["owner"], contact["status"]) == ("dan", "no_answer")
    shown = text(team, "show", "contact", contact["id"])
    for part in ("דנה לוי", "No answer", "dan", "052-732-5777", "24 Nov 08:00", contact["id"]):
        assert part in shown


def test_timeline_is_newest_first(team: Program) -> None:
    entries = show(team, "timeline", "0527325777", "--limit", "3")
    assert len(entries) == 3
    times = [entry["at"] for entry in show(team, "timeline", "0527325777")]
    assert times == sorted(times, reverse=True)
    assert "23 Nov 10:00" in text(team, "show", "timeline", "0527325777")


def test_duplicates(team: Program) -> None:
    assert len(show(team, "duplicates")) == len(show(team, "duplicates", "--limit", "5"))
    assert text(team, "show", "duplicates")


def test_find(team: Program) -> None:
    run = team("find", "527325", "--json")
    assert run.code == 0
    (found,) = run.json
    assert (found["name"], found["phone"]) == ("דנה לוי", "052-732-5777")
    assert {"id", "name", "phone", "email", "company"} <= found.keys()
    both = text(team, "find", "cohen", "--limit", "1")
    assert "… and more" in both
    assert found["id"] not in both
    assert "Nobody found" in text(team, "find", "--", "-x", "no", "such", "person")


def test_rules_and_commands_need_no_store(fresh: Program) -> None:
    rules = fresh.inside("show", "rules", "--json")
    assert {"event", "from", "to", "rule"} <= rules.json[0].keys()
    assert "deal won" in fresh.inside("show", "rules").out
    schemas = fresh.inside("show", "commands", "--json").json
    assert schemas["add_lead"]["properties"]["readiness"]
    assert "log_call" in fresh.inside("show", "commands").out
    assert not fresh.store.exists()


def test_empty_lists_say_what_to_do_next(fresh: Program) -> None:
    for what, hint in (("inbox", "crm-tui import"), ("day", "crm-tui show inbox"), ("board", "open_deal")):
        run = fresh.inside("show", what)
        assert (run.code, run.err) == (0, "")
        assert hint in run.out
    assert fresh.inside("show", "duplicates", "--json").out == "[]\n"


def test_team(team: Program) -> None:
    assert [user["name"] for user in team.inside("team", "list", "--json").json] == ["noa", "dan"]
    assert "lead manager" in team.inside("team", "add", "נועם", "--role", "lead_manager").out
    again = team.inside("team", "add", "NOA", "--role", "rep")
    assert (again.code, again.out) == (1, "")
    by_rep = team.inside("--as", "dan", "team", "add", "eve", "--role", "admin", "--json")
    assert by_rep.code == 1
    assert by_rep.json["error"]["field"] == "command"
    assert "נועם" in team.inside("team", "list").out


def test_undo_and_redo(fresh: Program) -> None:
    (answer,) = fresh.play({"command": "add_lead", "name": "Short Lived"})
    undone = fresh("--now", SUNDAY, "undo", answer["id"], "--json").json
    assert (undone["ok"], undone["undone"], undone["kept"]) == (True, answer["id"], [])
    assert fresh.inside("show", "inbox", "--json").json == []
    assert "New lead" in fresh.inside("redo").out
    assert len(fresh.inside("show", "inbox", "--json").json) == 1
    nothing = fresh.inside("redo", "--json")
    assert (nothing.code, nothing.json["error"]["kind"]) == (1, "refused")
    assert "nothing to redo" in nothing.err
    assert fresh.inside("undo", "no-such-id").code == 1


def test_unknown_people_are_refused(team: Program) -> None:
    run = team.inside("--as", "mallory", "show", "inbox", "--json")
    assert run.code == 1
    assert run.json["error"]["field"] == "as"
    assert "noa" in run.json["error"]["message"]
    assert team.inside("show", "inbox", env={"CRM_USER": "mallory"}).code == 1
    missing = team.inside("show", "contact", "0541111111")
    assert (missing.code, missing.out) == (1, "")
    assert "0541111111" in missing.err


def test_keys(program: Program) -> None:
    out = program.inside("keys").out
    assert [line.split()[:3] for line in out.splitlines() if line.split()[-1:] == ["route"]] == [["Leads", "r", "ר"]]


def test_doctor_names_what_it_stands_on(team: Program) -> None:
    out = team("doctor").out
    for part in ("Python", "SQLite", str(team.store), "Asia/Jerusalem", "noa (admin)", "UTF-8"):
        assert part in out
    broken = team.inside("--store", "postgresql://noa:secret@localhost:1/crm", "doctor")
    assert broken.code == 0
    assert "!" in broken.out
    assert "secret" not in broken.out


def test_doctor_makes_no_store(fresh: Program) -> None:
    run = fresh.inside("doctor")
    assert run.code == 0
    assert "does not exist yet" in run.out
    assert not fresh.store.exists()


def test_views_and_the_contacts_of_one(team: Program) -> None:
    made = team.play(
        {"command": "save_view", "name": "דן", "filter": "אחראי:dan", "shared": True, "order": "value", "columns": ["name", "value"]},
        {"command": "save_view", "name": "Fair", "filter": "source:exhibition", "default": True},
        {"command": "save_view", "name": "Wrong", "filter": "owner:dann"},
    )
    assert [one["ok"] for one in made] == [True, True, False]
    assert made[2]["error"]["field"] == "filter"
    assert "Did you mean dan?" in made[2]["error"]["message"]
    saved = [row for row in show(team, "views") if not row["shipped"]]
    assert saved == [
        {
            "name": "Fair",
            "label": "Fair",
            "filter": "source:exhibition",
            "columns": [],
            "order": None,
            "shared": False,
            "shipped": False,
            "default": True,
        },
        {
            "name": "דן",
            "label": "דן",
            "filter": "owner:dan",
            "columns": ["name", "value"],
            "order": "value",
            "shared": True,
            "shipped": False,
            "default": False,
        },
    ]
    assert [row["name"] for row in show(team, "views", user="dan") if not row["shipped"]] == ["דן"]
    assert {"all", "mine", "missing", "duplicates"} <= {row["name"] for row in show(team, "views") if row["shipped"]}
    shown = text(team, "show", "views")
    assert "Missing data (missing)" in shown
    assert "missing:phone or missing:email" in shown
    added = {row["name"]: (row["people"], row["value"]["amount"]) for row in show(team, "views", "--sums")}
    assert (added["all"], added["mine"], added["Fair"]) == ((3, "48000.00"), (0, "0.00"), (1, "0.00"))
    assert "₪48,000" in text(team, "show", "views", "--sums")
    run = team.inside("--now", NOW, "export", "contacts", "--view", "fair", "--format", "json")
    assert [card["name"] for card in run.json] == ["Y. Cohen"]
    run = team.inside("--now", NOW, "--as", "dan", "export", "contacts", "--view", "mine", "--format", "jsonl")
    assert '"name":"דנה לוי"' in run.out
    assert team.inside("export", "deals", "--view", "mine").code == 2
    run = team.inside("export", "contacts", "--view", "fare")
    assert (run.code, run.out) == (1, "")
    assert "Did you mean Fair?" in run.err


def test_campaigns(team: Program) -> None:
    assert "crm-tui do add_campaign" in text(team, "show", "campaigns")
    made = team.inside("--now", NOW, "do", "add_campaign", "--name", "חזרה", "--filter", "cohen", "--cost", "1,200", "--ends", "2026-11-30")
    assert (made.json["ok"], made.code) == (True, 0)
    people = show(team, "campaign", "חזרה")["people"]
    assert [one["name"] for one in people] == ["Y. Cohen", "Yossi Cohen"]
    both = ",".join(one["id"] for one in people)
    assert team.inside("--now", NOW, "--as", "dan", "do", "tick", "--campaign", "חזרה", "--contacts", both).json["ok"] is True
    assert team.inside("--now", NOW, "do", "untick", "--campaign", "חזרה", "--contacts", people[0]["id"]).json["ok"] is True
    (row,) = show(team, "campaigns")
    assert (row["kind"], row["done"], row["total"], row["cost"]) == ("calls", 1, 2, {"amount": "1200.00", "currency": "ILS"})
    assert "חזרה" in text(team, "show", "campaigns")
    shown = text(team, "show", "campaign", "חזרה")
    assert "חזרה · calls · 1 of 2 done · cost ₪1,200 · till 30 Nov" in shown
    assert "[ ]  Y. Cohen · Acme" in shown
    assert "dan 25 Nov 09:00" in shown
    assert "… and 1 more (--limit)" in text(team, "show", "campaign", "חזרה", "--limit", "1")
    run = team.inside("show", "campaign", "none")
    assert (run.code, "There is no campaign none." in run.err) == (1, True)
    assert team.inside("do", "undo").code == 0


def test_a_quote_as_text_json_and_page(program: Program) -> None:
    run = program.inside(
        *("--now", SUNDAY, "do", "send_quote", "--contact", "dana@quotes.example", "--lines", "2 x Roof 1,200 -10%", "--lines", "-5%")
    )
    assert (run.code, run.json["error"]["kind"]) == (1, "not_found")
    program.play({"command": "add_lead", "name": "דנה <b>", "email": "dana@quotes.example"})
    sent = program.inside(
        *("--now", SUNDAY, "do", "send_quote", "--contact", "dana@quotes.example", "--lines", "2 x Roof 1,200 -10%", "--lines", "-5%")
    ).json
    number = sent["notes"][0]
    found = show(program, "quote", number)
    assert (found["id"], found["number"], found["state"]) == (sent["record"], number, "open")
    assert found["total"] == {"amount": "2421.36", "currency": "ILS"}
    assert show(program, "contact", "dana@quotes.example")["quotes"][0]["number"] == number
    said = text(program, "show", "quote", number)
    for part in (number, "דנה <b>", "Roof", "-10%", "₪2,421.36", "6 Dec", "no answer yet"):
        assert part in said, part
    page = text(program, "show", "quote", sent["record"], "--html")
    assert page.startswith("<!DOCTYPE html>")
    assert "דנה &lt;b&gt;" in page
    assert number in text(program, "show", "contact", "dana@quotes.example")
    assert program.inside("show", "quote", "2026-AAAAAA-1").code == 1


def test_templates_as_they_read_for_somebody(program: Program) -> None:
    program.play({"command": "add_lead", "name": "Ruth Bar", "phone": "03-555-1212", "email": "ruth@templates.example"})
    plain = show(program, "templates")
    assert {one["attempt"] for one in plain} == {1, 2, 3, 4, 5, 6, None}
    assert "{{ first_name" in plain[0]["body"]
    filled = show(program, "templates", "--contact", "ruth@templates.example")
    assert filled[0]["body"].startswith("Hello Ruth,")
    assert filled[0]["link"].startswith("mailto:ruth@templates.example?subject=")
    assert "Hello Ruth," in text(program, "show", "templates", "--contact", "ruth@templates.example")
    wrong = program.inside("do", "set_setting", "--name", "templates.no_answer_1.en.body", "--value", "Hi {{ frist_name }}")
    assert (wrong.code, "did you mean first_name?" in wrong.json["error"]["message"]) == (1, True)
