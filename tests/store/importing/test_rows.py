"""Files of leads into a store (product.md rules 1-4, interface.md): the samples, what a row becomes, what is refused."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from import_helpers import (
    ANSWER,
    SAMPLES,
    both_engines,
    by_name,
    counts,
    ids,
    person,
    take,
)
from store_helpers import (
    Clock,
    changes_of,
    do,
    inbox,
    lead,
    local,
    show,
    snapshot,
    timeline,
    whole_log,
)

from crm_tui.errors import Refused
from crm_tui.facts import resolve_contact
from crm_tui.ids import show_id
from crm_tui.intake import reader
from crm_tui.intake.run import import_file
from crm_tui.store import Store

# the sample files


def sample(name: str) -> Path:
    path = SAMPLES / name
    if not path.is_file():
        pytest.skip(f"the project's shared test inputs are not here ({path})")
    return path


@both_engines
def test_the_large_sample(store: Store) -> None:
    report = take(store, sample("leads-main.csv"))
    found = counts(report)
    assert (found["rows"], found["refused"], found["skipped"]) == (5000, 49, 0)
    assert 4290 <= found["created"] <= 4290 * 1.01
    assert found["created"] == len(ids(store))
    assert {reason for _line, _value, reason in report.refused} <= {
        "no name, and neither a valid phone nor a valid e-mail",
        "no name, phone or e-mail",
    }
    # Of contacts that share a phone or e-mail, also through a third one, all but one are extra; every extra is flagged.
    groups: dict[bytes, bytes] = {id_: id_ for (id_,) in store.db.rows("SELECT id FROM contact")}

    def root(id_: bytes) -> bytes:
        while groups[id_] != id_:
            id_ = groups[id_]
        return id_

    owner: dict[str, bytes] = {}
    for contact, value in store.db.rows("SELECT contact, value FROM point WHERE valid = 1 AND removed = 0 ORDER BY contact, value"):
        groups[root(contact)] = root(owner.setdefault(value, contact))
    nameless = store.db.one(
        "SELECT count(*) FROM contact c WHERE NOT EXISTS (SELECT 1 FROM point p WHERE p.contact = c.id AND p.valid = 1)"
    )[0]
    persons = len({root(id_) for id_ in groups})
    assert persons == 4290, f"{nameless} without a valid phone or e-mail"
    flagged = {id_ for (id_,) in store.db.rows("SELECT contact FROM pair")}
    members = Counter(root(id_) for id_ in groups)
    extras = [id_ for id_ in groups if members[root(id_)] > 1]
    assert extras
    assert set(extras) <= flagged
    assert max(size for (size,) in store.db.rows("SELECT count(*) FROM entry WHERE kind = 'lead' GROUP BY batch")) <= 500
    # The same file again adds nothing.
    before = whole_log(store)
    again = counts(take(store, sample("leads-main.csv")))
    assert again == found | {"created": 0, "touched": 0, "flagged": 0, "skipped": 4951}
    assert whole_log(store) == before


@pytest.mark.parametrize(
    ("name", "rows", "created", "refused", "skipped"),
    [
        ("leads-1255.csv", 400, 358, 6, 0),
        ("linkedin-connections.csv", 300, 289, 0, 0),
        ("meta-leads.tsv", 301, 265, 0, 1),
    ],
)
def test_the_other_samples(store: Store, name: str, rows: int, created: int, refused: int, skipped: int) -> None:
    empty = snapshot(store)
    dry = counts(take(store, sample(name), dry_run=True))
    found = counts(take(store, sample(name)))
    assert found == dry
    assert (found["rows"], found["created"], found["refused"], found["skipped"]) == (rows, created, refused, skipped)
    assert len(ids(store)) == created
    do(store, "undo")
    assert snapshot(store) == empty


# what a row becomes


def test_the_answer_counts_every_row_once(store: Store, leads: Callable[..., Path]) -> None:
    path = leads(
        person(1),
        person(2),
        person(1, Name="", Email=""),
        {"Name": "", "Phone": "", "Note": "call me"},
        {"Name": "", "Phone": "12", "Email": "nobody"},
        person(3, Email="test@meta.com"),
        person(2, Name="Somebody Else", Email=""),
    )
    report = take(store, path)
    answer = report.as_json()
    assert tuple(answer) == ANSWER
    assert counts(report) == {"rows": 7, "created": 3, "touched": 1, "refused": 2, "flagged": 1, "skipped": 1}
    assert [(one["line"], one["value"]) for one in answer["refused"]] == [(5, "call me"), (6, "12, nobody")]
    assert all(one["reason"] for one in answer["refused"])
    assert answer["id"] == show_id(report.id)


@both_engines
def test_a_row_is_a_whole_contact(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    take(
        store,
        leads(
            {
                "Name": "Dana Levi",
                "Mobile": "052-345-6789",
                "Work phone": "03-612-3456",
                "Email": "Dana@Example.com",
                "Company": "Acme",
                "Job title": "CEO",
                "Website": "https://acme.example",
                "Source": "Facebook",
                "Campaign": "Autumn",
                "Tags": "vip; north",
                "Notes": "first line\nsecond line",
                "Created": "01/10/2026 08:30",
                "Shoe size": "38",
            }
        ),
    )
    found = by_name(store, "Dana Levi")
    assert (found["phone_e164"], found["email"], found["company"]) == ("+972523456789", "dana@example.com", "Acme")
    assert [(point["value"], point["label"]) for point in found["phones"]] == [("+972523456789", "mobile"), ("+97236123456", "work")]
    assert (found["source"], found["campaign"], found["tags"]) == ("social", "Autumn", ["north", "vip"])
    assert found["properties"] == {"title": "CEO", "website": "https://acme.example", "Shoe size": "38"}
    assert local(found["created_at"]) == "2026-10-01 08:30", "the file's own date"
    assert (found["status"], found["lifecycle"], found["owner"], found["returning"]) == ("new", "lead", None, False)
    [(kind, _rule, data)] = timeline(store, found["id"])
    assert (kind, data["note"]) == ("lead", "first line\nsecond line")
    # The clock of rule 5 starts at the import, whatever the file says.
    clock.add(minutes=10)
    [row] = inbox(store)
    assert (row["id"], row["age_seconds"], row["response"]) == (found["id"], 600, "fresh")


def test_hebrew_headers_and_values(store: Store, leads: Callable[..., Path]) -> None:
    take(store, leads({"שם מלא": "דנה לוי", "טלפון": "0523456789", "מקור": "המלצה", "הערות": "לחזור מחר", "עיר": "חיפה"}))
    found = by_name(store, "דנה לוי")
    assert (found["phone_e164"], found["source"], found["properties"]) == ("+972523456789", "referral", {"עיר": "חיפה"})
    assert timeline(store, found["id"])[0][2]["note"] == "לחזור מחר"


def test_an_invalid_phone_is_kept_raw_and_links_nobody(store: Store, leads: Callable[..., Path]) -> None:
    path = leads({"Name": "Dana Levi", "Phone": "12-34"}, {"Name": "Yossi Cohen", "Phone": "12-34"})
    assert counts(take(store, path)) == {"rows": 2, "created": 2, "touched": 0, "refused": 0, "flagged": 0, "skipped": 0}
    found = by_name(store, "Dana Levi")
    assert (found["phone"], found["phone_e164"]) == ("12-34", None)
    assert "phone" in found["missing"]


def test_source_and_campaign_given_beside_the_file(store: Store, leads: Callable[..., Path]) -> None:
    take(store, leads(person(1, Source="Facebook", Campaign="Autumn"), person(2)), source="exhibition", campaign="Agritech")
    first, second = (show(store, one) for one in ids(store))
    assert [(one["source"], one["campaign"]) for one in (first, second)] == [("exhibition", "Agritech")] * 2
    assert (first["source_detail"], second["source_detail"]) == ("Facebook", None), "what the file says of the source is the detail"
    assert "readiness" in first["missing"], "an offline source is rated (rule 3)"


def called(store: Store, phone: str) -> dict[str, Any]:
    """`show contact` of a phone."""
    return show(store, show_id(resolve_contact(store.db, phone, "IL")))


def test_a_source_of_the_business_s_own(store: Store, leads: Callable[..., Path]) -> None:
    do(store, "set_setting", name="sources.radio_haifa", value={"label": {"en": "Radio Haifa", "he": "רדיו חיפה"}, "offline": True})
    for number, named in enumerate(("radio_haifa", "רדיו  חיפה", "RADIO HAIFA")):
        take(store, leads({"Name": f"Dana {number}", "Phone": f"05223456{number}0"}), source=named)
        found = called(store, f"05223456{number}0")
        assert (found["source"], found["missing"]) == ("radio_haifa", ["email", "readiness"])
    named = {"0522345699": "radio haifa", "0522345698": "Facebook", "0522345697": "Radio Tel Aviv"}
    take(store, leads(*({"Name": f"Zoe {phone}", "Phone": phone, "Source": text} for phone, text in named.items())))
    assert [called(store, phone)["source"] for phone in named] == ["radio_haifa", "social", "press"]
    take(store, leads({"Name": "Dana 0", "Phone": "0522345600", "Readiness": "high"}), source="Radio Haifa")
    assert called(store, "0522345600")["lifecycle"] == "sales_qualified", "a hot lead from an offline source, who came back"
    with pytest.raises(Refused, match="There is no source Radio Hifa; did you mean Radio Haifa") as caught:
        import_file(store, leads({"Name": "x"}), source="Radio Hifa")
    assert caught.value.field == "source"


@pytest.mark.parametrize("large", [False, True])
def test_fields_of_the_business_s_own_are_checked(
    store: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, large: bool
) -> None:
    monkeypatch.setattr(reader, "LARGE_BYTES", 0 if large else 1_000_000)
    for key, field in {
        "seats": {"label": {"en": "Seats", "he": "מושבים"}, "kind": "number"},
        "budget": {"label": "Budget", "kind": "money"},
        "since": {"label": "Since", "kind": "date"},
        "plan": {"label": "Plan", "kind": "choice", "choices": ["Basic", "Pro"]},
        "vegan": {"label": "Vegan", "kind": "yes_no"},
    }.items():
        do(store, "set_setting", name=f"fields.{key}", value=field)
    columns = ("Name", "Phone", "מושבים", "Budget", "since", "PLAN", "vegan", "shoe")
    rows = (
        ("Dana", "0522345671", "1,200", "8k", "22.11.2026", "pro", "כן", "42"),
        ("Ruth", "0522345672", "many", "dear", "soon", "Gold", "perhaps", "big"),
        ("Zoe", "0522345673", "", "", "", "", "", ""),
    )
    report = take(store, leads(*(dict(zip(columns, row, strict=True)) for row in rows)))
    assert (report.taken.created, report.refused) == (3, [])
    known = {"seats": "1200", "budget": "8000.00 ILS", "since": "2026-11-22", "plan": "Pro", "vegan": "true", "shoe": "42"}
    assert called(store, "0522345671")["properties"] == known
    kept = {"מושבים (?)": "many", "Budget (?)": "dear", "since (?)": "soon", "PLAN (?)": "Gold", "vegan (?)": "perhaps", "shoe": "big"}
    assert called(store, "0522345672")["properties"] == kept, "nothing is lost"
    doubtful = report.as_json()["doubtful"]
    assert [(one["line"], one["field"], one["value"], one["kept_as"]) for one in doubtful] == [
        *((3, "seats", "many", "מושבים (?)"), (3, "budget", "dear", "Budget (?)"), (3, "since", "soon", "since (?)")),
        *((3, "plan", "Gold", "PLAN (?)"), (3, "vegan", "perhaps", "vegan (?)")),
    ]
    assert doubtful[0]["reason"] == "many is not a number."


def test_two_columns_of_one_field_keep_both(store: Store, leads: Callable[..., Path]) -> None:
    do(store, "set_setting", name="fields.seats", value={"label": "Places", "kind": "number"})
    take(store, leads({"Name": "Dana", "Phone": "0522345671", "seats": "5", "places": "6"}))
    assert called(store, "0522345671")["properties"] == {"seats": "5", "places": "6"}
    take(store, leads({"Name": "Gil", "Phone": "0522345672", "Places": "6", "seats": "many", "seats (?)": "old"}))
    assert called(store, "0522345672")["properties"] == {"seats": "6", "seats (?)": "old", "seats (?) 2": "many"}
    report = take(store, leads({"Name": "Ruth", "Phone": "0522345673", "seats": "many", "seats (?)": "old"}))
    assert called(store, "0522345673")["properties"] == {"seats (?) 2": "many", "seats (?)": "old"}
    assert [one.kept_as for one in report.doubtful] == ["seats (?) 2"]


def test_without_a_source_it_is_an_import(store: Store, leads: Callable[..., Path]) -> None:
    take(store, leads(person(1)))
    assert show(store, ids(store)[0])["source"] == "import"


def test_a_hot_offline_row_is_qualified_with_its_company(store: Store, leads: Callable[..., Path]) -> None:
    take(store, leads(person(1, Source="exhibition", Readiness="high", Company="Acme"), person(2, Source="ads", Readiness="high")))
    assert [show(store, one)["lifecycle"] for one in ids(store)] == ["sales_qualified", "lead"]
    assert changes_of(store, ids(store)[0], "lifecycle") == [("lead", "sales_qualified", "readiness high")]


@both_engines
def test_contacts_do_not_enter_the_leadometer(store: Store, leads: Callable[..., Path]) -> None:
    take(store, leads(person(1), person(2, Company="Acme")), to="contacts")
    assert inbox(store) == []
    first = show(store, ids(store)[0])
    assert (first["desk"], first["status"], first["owner"]) == ("nurture", "new", None)
    do(store, "route", contact=first["id"], to="ann")
    assert show(store, first["id"])["owner"] == "ann"


def test_a_known_lead_stays_in_the_leadometer_when_a_list_of_contacts_has_it(store: Store, leads: Callable[..., Path]) -> None:
    known = lead(store, "Dana Levi", "052-345-6789")
    take(store, leads(person(1, Name="Dana Levi", Phone="052-345-6789")), to="contacts")
    assert [row["id"] for row in inbox(store)] == [known]


@both_engines
def test_a_company_is_made_once(store: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 2)
    lead(store, "Known One", "050-234-5678", company="ACME")
    take(store, leads(*(person(number, Company=name) for number, name in enumerate(["Acme", "acme", "Beta", "ACME", "beta ", "Acme"]))))
    assert store.db.rows("SELECT name FROM company ORDER BY born") == [("ACME",), ("Beta",)]
    assert [show(store, one)["company"] for one in ids(store)] == ["ACME", "ACME", "ACME", "Beta", "ACME", "Beta", "ACME"]


# refused rows


def test_refused_rows_are_written_to_a_file_that_no_spreadsheet_runs(store: Store, leads: Callable[..., Path], tmp_path: Path) -> None:
    path = leads({"Name": "", "Phone": "=1+1", "Note": ""}, {"Name": "", "Phone": "", "Note": '@SUM(A1)\n"x"'}, person(1))
    refused = tmp_path / "refused.csv"
    report = take(store, path, refused_file=refused)
    with refused.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["line", "value", "reason"]
    assert [row[0] for row in rows[1:]] == ["2", "3"]
    assert [row[1][:2] for row in rows[1:]] == ["'=", "'@"]
    assert [(int(line), value[1:], reason) for line, value, reason in rows[1:]] == report.refused
    assert refused.read_bytes().startswith(b"\xef\xbb\xbf"), "spreadsheets read Hebrew only with a mark"


def test_without_refused_rows_no_file_is_written(store: Store, leads: Callable[..., Path], tmp_path: Path) -> None:
    take(store, leads(person(1)), refused_file=tmp_path / "refused.csv")
    assert not (tmp_path / "refused.csv").exists()


def test_a_file_for_the_refused_that_cannot_be_written_is_said(store: Store, leads: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        import_file(store, leads(person(1), {"Phone": "1"}), refused_file=tmp_path / "nowhere" / "refused.csv")
    assert caught.value.field == "file"
    assert len(ids(store)) == 1, "the good rows are in"


def test_a_line_number_is_the_physical_line_where_the_row_begins(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text('Some title\n\nName,Phone,Note\nDana Levi,0523456789,"one\ntwo\nthree"\n,12,\n\n,13,"a\nb"\n,14,\n')
    assert [line for line, _value, _reason in take(store, path).refused] == [7, 9, 11]


@pytest.mark.parametrize("content", [b"", b"\n\n\n", b"Shoe size,Colour\n38,red\n", b"PK\x03\x04rest", b"Name\xff\xfe\x00"])
def test_a_file_that_is_no_table_of_leads_changes_nothing(store: Store, tmp_path: Path, content: bytes) -> None:
    before = whole_log(store)
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(Refused):
        import_file(store, path)
    assert whole_log(store) == before


def test_a_header_without_rows_is_an_import_of_nothing(store: Store, tmp_path: Path) -> None:
    before = whole_log(store)
    path = tmp_path / "empty.csv"
    path.write_text("Name,Phone\n")
    assert counts(take(store, path)) == dict.fromkeys(ANSWER[:-1], 0)
    assert whole_log(store) == before
