"""Files of leads into a store (product.md rules 1-4, interface.md): counts, identity, undo and the same file again."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from store_helpers import (
    Clock,
    changes_of,
    day,
    do,
    gone,
    inbox,
    lead,
    local,
    log_faults,
    show,
    snapshot,
    timeline,
    whole_log,
)

from crm_tui.check import check
from crm_tui.errors import Refused
from crm_tui.facts import resolve_contact
from crm_tui.ids import show_id
from crm_tui.intake import reader
from crm_tui.intake.run import ImportReport, import_file
from crm_tui.reads.export import all_records
from crm_tui.rows import make
from crm_tui.store import Store

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data"
both_engines = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
"""For what depends on the engine: looking people up, transactions, undo. The rest is read and decided before any of them."""


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite, if a test does not ask for both."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(autouse=True)
def _sound(store: Store) -> Iterator[None]:
    """After every test the store is what its log says: prepared rows gave the tables that replaying the changes gives."""
    yield
    assert_sound(store)


def assert_sound(store: Store) -> None:
    found = check(store)
    assert found["differences"] == []
    assert found["ok"] is True
    assert log_faults(store.db) == []


def table(path: Path, *rows: dict[str, str]) -> Path:
    """A CSV file of these rows; its columns are all that any row has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, restval="")
        out.writeheader()
        out.writerows(rows)
    return path


@pytest.fixture
def leads(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of leads, each under another name."""
    number = iter(range(1000))
    return lambda *rows: table(tmp_path / f"leads{next(number)}.csv", *rows)


def person(number: int, **more: str) -> dict[str, str]:
    """A row of somebody with a name, a phone and an e-mail that nobody else has."""
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}")
    return {
        "Name": f"Given{letters} Family{letters}",
        "Phone": f"052-3{number:06d}",
        "Email": f"p{number}@gmail.com",
        "Company": "",
        "Note": "",
    } | more


def take(store: Store, path: Path, **options: Any) -> ImportReport:
    """Import a file; every row is counted once."""
    report = import_file(store, path, **options)
    assert counts(report)["rows"] == sum(number for name, number in counts(report).items() if name not in ("rows", "flagged"))
    return report


def counts(report: ImportReport) -> dict[str, int]:
    """The numbers of an import's answer."""
    answer = report.as_json()
    return {name: answer[name] if isinstance(answer[name], int) else len(answer[name]) for name in ANSWER if name != "id"}


ANSWER = ("rows", "created", "touched", "refused", "flagged", "skipped", "id")


def ids(store: Store) -> list[str]:
    """All contacts that are there, in order of arrival."""
    return [show_id(id_) for (id_,) in store.db.rows("SELECT id FROM contact WHERE removed <= 0 ORDER BY key")]


def by_name(store: Store, name: str) -> dict[str, Any]:
    """The only contact of a name."""
    rows = store.db.rows("SELECT id FROM contact WHERE name = ? AND removed <= 0", (name,))
    assert len(rows) == 1, f"{name}: {len(rows)} contacts"
    return show(store, show_id(rows[0][0]))


def plain(store: Store) -> list[str]:
    """`export all`, but for the ids of the timeline's lines that follow from a batch's id: equal where the same was done."""
    records = []
    for record in all_records(store.db):
        if record["entity"] == "entry" and record["cause"]:
            record = {**record, "id": None}
        records.append(json.dumps(record, sort_keys=True))
    return sorted(records)


class Cut(Exception):
    """Ends an import in the middle, as Ctrl-C would."""


def cut_after(chunks: int) -> Callable[[int, int, int], None]:
    """A progress that ends the import after so many chunks."""
    left = iter(range(chunks - 1))

    def progress(_done: int, _total: int, _rows: int) -> None:
        if next(left, None) is None:
            raise Cut

    return progress


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


# rule 1: who is who


@both_engines
def test_a_known_person_is_touched_filled_and_flagged_returning(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    known = lead(store, "Dana Levi", "052-345-6789", source="ads")
    clock.add(days=1)
    row = person(1, Name="Dana Levy", Phone="0523456789", Company="Acme", Source="Website", City="Haifa", Tags="vip")
    assert counts(take(store, leads(row)))["touched"] == 1
    found = show(store, known)
    assert (found["name"], found["company"], found["email"], found["tags"]) == ("Dana Levi", "Acme", "p1@gmail.com", ["vip"])
    assert (found["source"], found["latest_source"], found["returning"]) == ("ads", "web_form", True)
    assert found["properties"] == {"City": "Haifa"}
    given = [data for kind, _rule, data in timeline(store, known) if kind == "lead"][-1]["given"]
    assert given == {"name": "Dana Levy"}, "what the file says otherwise is kept on the touchpoint"


@both_engines
def test_who_was_closed_comes_back_new(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    known = lead(store, "Dana Levi", "052-345-6789")
    do(store, "log_call", contact=known, outcome="not_interested", reason="price")
    clock.add(days=40)
    path = leads(person(1, Name="Dana Levi", Phone="0523456789", Created="02/10/2026"))
    take(store, path)
    found = show(store, known)
    assert (found["status"], found["attempts"], found["closing_reason"]) == ("new", 0, None)
    assert [(row["id"], row["age_seconds"]) for row in inbox(store)] == [(known, 0)], "the clock of rule 5 starts anew"
    assert changes_of(store, known, "status")[-1] == ("closed", "new", "returning")
    do(store, "undo")
    assert show(store, known)["status"] == "closed"
    take(store, path)
    assert show(store, known)["status"] == "new"


def test_with_an_owner_they_come_back_into_the_owners_first_group(store: Store, ann: Store, leads: Callable[..., Path]) -> None:
    known = lead(store, "Dana Levi", "052-345-6789")
    do(store, "route", contact=known, to="ann")
    do(ann, "log_call", contact=known, outcome="not_interested", reason="timing")
    take(store, leads(person(1, Name="Dana Levi", Phone="0523456789")))
    assert inbox(store) == []
    assert [(row["id"], row["bucket"]) for row in day(ann)] == [(known, "new")]


@both_engines
def test_a_familys_phone(store: Store, leads: Callable[..., Path]) -> None:
    known = lead(store, "Dana Cohen", "03-612-3456")
    path = leads(
        {"Name": "Yossi Cohen", "Phone": "03-6123456"},
        {"Name": "D. Cohen", "Phone": "03-6123456"},
        {"Name": "דנה כהן", "Phone": "036123456"},
        {"Name": "", "Phone": "036123456"},
    )
    found = counts(take(store, path))
    assert (found["created"], found["touched"]) == (1, 3)
    other = by_name(store, "Yossi Cohen")["id"]
    assert show(store, known)["possible_duplicates"] == [other]
    assert show(store, other)["possible_duplicates"] == [known]


@both_engines
def test_somebody_of_the_same_chunk_is_known_already(store: Store, leads: Callable[..., Path]) -> None:
    path = leads(person(1), person(2), person(3), person(1, Name="Dana Levi", Email="other@gmail.com"), person(1, Phone="", Company="Acme"))
    found = counts(take(store, path))
    assert (found["created"], found["touched"], found["flagged"]) == (4, 1, 1), "the phone is shared by plainly different names"
    first = show(store, ids(store)[0])
    assert (first["company"], first["returning"]) == ("Acme", True)
    assert len([kind for kind, _rule, _data in timeline(store, first["id"]) if kind == "lead"]) == 2


def test_what_a_row_filled_links_the_next_one(store: Store, leads: Callable[..., Path]) -> None:
    """The second row brings an e-mail to the first contact; the third is found by that e-mail alone."""
    path = leads(
        {"Name": "Dana Levi", "Phone": "052-345-6789", "Email": ""},
        {"Name": "", "Phone": "052-345-6789", "Email": "dana@example.com"},
        {"Name": "", "Phone": "", "Email": "Dana@example.com"},
    )
    found = counts(take(store, path))
    assert (found["created"], found["touched"]) == (1, 2)
    assert len(timeline(store, ids(store)[0])) >= 3


@both_engines
def test_two_known_contacts_matched_at_once(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    older = lead(store, "Dana Levi", "052-345-6789")
    newer = lead(store, "D. Levi", None, email="dana@example.com")
    clock.add(days=1)
    do(store, "log_note", contact=older, note="dealt with last")
    clock.add(days=1)
    found = counts(take(store, leads({"Name": "Dana Levi", "Phone": "0523456789", "Email": "dana@example.com"})))
    assert (found["created"], found["touched"], found["flagged"]) == (0, 1, 1)
    assert (show(store, older)["returning"], show(store, newer)["returning"]) == (True, False)
    assert show(store, older)["possible_duplicates"] == [newer]
    assert show(store, newer)["possible_duplicates"] == [older]


@both_engines
def test_the_same_name_is_flagged_where_the_company_or_domain_agrees(store: Store, leads: Callable[..., Path]) -> None:
    known = lead(store, "Dana Levi", "052-345-6789", company="Acme", email="dana@acme.example")
    path = leads(
        {"Name": "Dana Levi", "Phone": "050-234-5678", "Company": "acme", "Email": ""},
        {"Name": "levi dana", "Phone": "050-234-5679", "Company": "", "Email": "other@acme.example"},
        {"Name": "Dana Levi", "Phone": "050-234-5681", "Company": "Beta", "Email": "dana@gmail.com"},
    )
    take(store, path)
    by_company, other_order, elsewhere = ids(store)[1:]
    assert known in show(store, by_company)["possible_duplicates"]
    assert show(store, elsewhere)["possible_duplicates"] == []
    assert other_order


def test_a_deleted_contact_links_nobody_and_is_not_brought_back(store: Store, leads: Callable[..., Path]) -> None:
    path = leads(person(1), person(2))
    take(store, path)
    first, second = ids(store)
    do(store, "delete_contact", contact=first)
    assert counts(take(store, path))["skipped"] == 2
    assert ids(store) == [second]
    assert counts(take(store, leads(person(1, Company="Beta"))))["created"] == 1
    assert first not in ids(store)


# --on-duplicate


def test_skip_leaves_the_known_as_they_are(store: Store, leads: Callable[..., Path]) -> None:
    lead(store, "Dana Levi", "052-345-6789")
    before = snapshot(store)["contacts"]
    path = leads(person(1, Name="Dana Levi", Phone="0523456789"), person(2), person(2, Name="", Email="x@gmail.com"))
    found = counts(take(store, path, on_duplicate="skip"))
    assert (found["created"], found["touched"], found["skipped"]) == (1, 0, 2)
    assert snapshot(store)["contacts"][:1] == before


@both_engines
def test_update_overwrites_what_is_filled(store: Store, leads: Callable[..., Path]) -> None:
    known = lead(store, "Dana Levi", "052-345-6789", company="Acme", readiness="low")
    before = snapshot(store)
    row = person(1, Name="Dana Levy", Phone="0523456789", Email="", Company="Beta", Readiness="high", City="Haifa")
    take(store, leads(row), on_duplicate="update")
    found = show(store, known)
    assert (found["name"], found["company"], found["readiness"]) == ("Dana Levy", "Beta", "high")
    do(store, "undo")
    assert snapshot(store) == before


def test_update_keeps_what_the_file_leaves_empty(store: Store, leads: Callable[..., Path]) -> None:
    known = lead(store, "Dana Levi", "052-345-6789", company="Acme")
    take(store, leads({"Name": "", "Phone": "0523456789", "Company": ""}), on_duplicate="update")
    found = show(store, known)
    assert (found["name"], found["company"]) == ("Dana Levi", "Acme")


@pytest.mark.parametrize("chunk", [500, 1])
def test_several_rows_update_one_field(store: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    """In one chunk the field is set once, from what it was to what the last row says; undo gives what it was."""
    monkeypatch.setattr(reader, "CHUNK", chunk)
    known = lead(store, "Dana Levi", "052-345-6789")
    before = snapshot(store)
    names = ["Dana Levy", "Dana Levi Cohen", "Dana L."]
    report = take(store, leads(*({"Name": name, "Phone": "0523456789"} for name in names)), on_duplicate="update")
    assert counts(report)["touched"] == 3
    assert show(store, known)["name"] == "Dana L."
    do(store, "undo", id=show_id(report.id))
    assert snapshot(store) == before


@pytest.mark.parametrize("chunk", [500, 1])
def test_a_field_updated_there_and_back_is_as_it_was(
    store: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(reader, "CHUNK", chunk)
    known = lead(store, "Dana Levi", "052-345-6789")
    before = snapshot(store)
    report = take(store, leads(*({"Name": name, "Phone": "0523456789"} for name in ("Dana Levy", "Dana Levi"))), on_duplicate="update")
    assert show(store, known)["name"] == "Dana Levi"
    do(store, "undo", id=show_id(report.id))
    assert snapshot(store) == before


# --dry-run


def everything(store: Store, leads: Callable[..., Path], clock: Clock) -> Path:
    """A store with people, and a file in which every kind of row comes."""
    known = lead(store, "Dana Levi", "052-345-6789", company="Acme")
    lead(store, "D. Levi", None, email="dana@example.com")
    closed = lead(store, "Old One", "054-234-5678")
    do(store, "log_call", contact=closed, outcome="not_interested", reason="price")
    clock.add(minutes=1)
    do(store, "log_call", contact=known, outcome="no_answer")
    return leads(
        person(1, Company="Acme"),
        person(2, Company="Beta", Tags="vip"),
        person(1, Name="Plainly Different"),
        person(1, Name="", Email="second@beta.example", Company="Beta"),
        {"Name": "Dana Levi", "Phone": "0523456789", "Email": "dana@example.com", "Readiness": "high"},
        {"Name": "Dana Levi", "Phone": "050-234-5678", "Company": "ACME"},
        {"Name": "Old One", "Phone": "0542345678", "City": "Haifa"},
        {"Name": "", "Phone": "99"},
        {"Name": "Old Two", "Phone": "0542345678", "Source": "exhibition", "Readiness": "high"},
        {"Name": "", "Email": "second@beta.example", "Note": "once more"},
        person(3, Email="test@meta.com"),
        person(2, Name="Somebody Else", Phone="", Company="Acme"),
    )


def store_bytes(store: Store) -> Any:
    """All that a store holds: the bytes of its file, or every row of every table."""
    if store.db.path is not None:
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(store.db.path.parent.glob(f"{store.db.path.name}*"))]
    return plain(store), whole_log(store)


@pytest.mark.parametrize(
    ("engine", "on_duplicate", "chunk"),
    [*(("sqlite", option, chunk) for option in ("touch", "skip", "update") for chunk in (500, 2)), ("postgresql", "touch", 5)],
    indirect=["engine"],
)
def test_a_dry_run_changes_nothing_and_counts_the_same(
    store: Store,
    leads: Callable[..., Path],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    on_duplicate: str,
    chunk: int,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(reader, "CHUNK", chunk)
    path = everything(store, leads, clock)
    if store.db.is_sqlite:
        store.db.one("PRAGMA wal_checkpoint(truncate)")
    before = store_bytes(store)
    dry = take(store, path, on_duplicate=on_duplicate, dry_run=True, refused_file=tmp_path / "refused.csv")
    assert store_bytes(store) == before
    assert not (tmp_path / "refused.csv").exists()
    real = take(store, path, on_duplicate=on_duplicate)
    assert real.as_json() == dry.as_json()
    assert counts(real)["created"] > 0
    # Once it is in, a dry run finds nothing to do either.
    assert counts(take(store, path, on_duplicate=on_duplicate, dry_run=True))["created"] == 0


def test_a_dry_run_after_an_undo_says_what_comes_back(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    path = everything(store, leads, clock)
    take(store, path)
    do(store, "undo")
    before = snapshot(store)
    dry = counts(take(store, path, dry_run=True))
    assert snapshot(store) == before
    real = counts(take(store, path))
    assert {**dry, "flagged": 0} == {**real, "flagged": 0}


# the same file again, undo, redo


@both_engines
def test_the_same_file_again_adds_nothing(store: Store, ann: Store, leads: Callable[..., Path], clock: Clock, tmp_path: Path) -> None:
    path = everything(store, leads, clock)
    first = take(store, path)
    before, log = snapshot(store), whole_log(store)
    clock.add(days=3)
    copy = tmp_path / "another name.csv"
    copy.write_bytes(path.read_bytes())
    again = take(store, copy)
    assert again.id == first.id
    assert counts(again) == counts(first) | {"created": 0, "touched": 0, "flagged": 0, "skipped": 11}
    assert counts(take(ann, path, on_duplicate="update", to="contacts"))["skipped"] == 11
    assert (snapshot(store), whole_log(store)) == (before, log)


@both_engines
def test_undo_takes_all_back_and_the_same_file_brings_it_again(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    path = everything(store, leads, clock)
    before = snapshot(store)
    first = take(store, path)
    after = snapshot(store)
    for _round in range(3):
        clock.add(hours=1)
        answer = do(store, "undo")
        assert (answer["undone"], answer["kept"]) == (show_id(first.id), [])
        assert snapshot(store) == before
        clock.add(hours=1)
        again = take(store, path)
        assert again.id == first.id
        assert {**counts(again), "flagged": 0} == {**counts(first), "flagged": 0}
        assert snapshot(store) == after, "the same ids, fills, flags and touches as before"


@both_engines
def test_redo_brings_it_back_too(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    path = everything(store, leads, clock)
    before = snapshot(store)
    report = take(store, path)
    after = snapshot(store)
    do(store, "undo", id=show_id(report.id))
    clock.add(hours=1)
    do(store, "redo")
    assert snapshot(store) == after
    assert counts(take(store, path))["skipped"] == 11
    do(store, "undo")
    assert snapshot(store) == before


def test_a_second_undo_of_an_import_is_refused(store: Store, leads: Callable[..., Path]) -> None:
    report = take(store, leads(person(1)))
    do(store, "undo", id=show_id(report.id))
    with pytest.raises(Refused, match="already undone"):
        do(store, "undo", id=show_id(report.id))


@both_engines
def test_who_was_worked_on_since_stays_and_is_listed(store: Store, ann: Store, leads: Callable[..., Path], clock: Clock) -> None:
    report = take(store, leads(*(person(number, Company="Acme") for number in range(8))))
    called, noted, touched, asked, routed, undone, untouched, deleted = ids(store)
    clock.add(hours=1)
    do(ann, "log_call", contact=called, outcome="no_answer")
    do(store, "edit_contact", contact=noted, name="Another Name")
    take(store, leads(person(2, Name="", Email="")))
    do(store, "add_lead", phone=person(3)["Phone"])
    do(store, "route", contact=routed, to="ann")
    do(ann, "log_call", contact=undone, outcome="talked")
    do(ann, "undo")
    do(store, "delete_contact", contact=deleted)
    before = {one: (show(store, one), timeline(store, one)) for one in (called, noted, touched, asked, routed)}
    answer = do(store, "undo", id=show_id(report.id))
    assert sorted(ids(store)) == sorted([called, noted, touched, asked, routed])
    assert {one["record"] for one in answer["kept"]} >= set(before)
    assert undone not in {one["record"] for one in answer["kept"]}
    assert {one: (show(store, one), timeline(store, one)) for one in before} == before, "who stays, stays whole"
    assert gone(store, untouched)


def test_the_same_file_brings_back_only_what_was_taken(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    path = leads(*(person(number) for number in range(4)))
    take(store, path)
    first, second, third, fourth = ids(store)
    clock.add(hours=1)
    do(store, "log_call", contact=second, outcome="talked")
    after = snapshot(store)
    do(store, "undo", id=show_id(take(store, path).id))
    assert ids(store) == [second]
    found = counts(take(store, path))
    assert (found["created"], found["skipped"]) == (3, 1)
    assert ids(store) == [first, second, third, fourth]
    assert snapshot(store) == after


def test_undo_leaves_what_somebody_filled_otherwise_since(store: Store, ann: Store, leads: Callable[..., Path]) -> None:
    known = lead(store, "Dana Levi", "052-345-6789")
    report = take(store, leads(person(1, Name="Dana Levi", Phone="0523456789", Company="Acme", City="Haifa")))
    do(ann, "edit_contact", contact=known, company="Beta")
    answer = do(store, "undo", id=show_id(report.id))
    found = show(store, known)
    assert (found["company"], found["properties"], found["returning"]) == ("Beta", {}, False)
    assert {"record": known, "register": "company"} in answer["kept"]


def test_two_imports_are_taken_back_one_by_one(store: Store, leads: Callable[..., Path]) -> None:
    states = [snapshot(store)]
    for path in (leads(person(1), person(2)), leads(person(2, Name=""), person(3)), leads(person(3, Company="Acme"), person(1))):
        take(store, path)
        states.append(snapshot(store))
    for state in reversed(states[:-1]):
        do(store, "undo")
        assert snapshot(store) == state
    for state in states[1:]:
        do(store, "redo")
        assert snapshot(store) == state


# chunks


def many(leads: Callable[..., Path], rows: int) -> Path:
    """People of whom every seventh comes back and every twelfth cannot be used."""
    found = []
    for number in range(rows):
        if number % 12 == 11:
            found.append({"Name": "", "Phone": str(number)})
        elif number % 7 == 6:
            found.append(person(number // 2 * 2 // 3, Name="", Company=f"Company {number % 5}"))
        else:
            found.append(person(number, Company=f"Company {number % 9}" if number % 3 == 0 else ""))
    return leads(*found)


@both_engines
def test_a_long_file_is_many_batches_of_one_import(store: Store, leads: Callable[..., Path]) -> None:
    path = many(leads, 1300)
    before = snapshot(store)
    seen: list[tuple[int, int, int]] = []
    report = take(store, path, progress=lambda *done: seen.append(done))
    batches = store.db.rows("SELECT key, import_id FROM batch WHERE command = 'import'")
    assert len(batches) == 3
    assert {import_id for _key, import_id in batches} == {report.id}
    arrivals = [count for (count,) in store.db.rows("SELECT count(*) FROM entry WHERE kind = 'lead' GROUP BY batch")]
    assert max(arrivals) <= 500
    assert sum(arrivals) == counts(report)["created"] + counts(report)["touched"]
    assert [rows for _done, _total, rows in seen] == [500, 1000, 1300]
    assert seen[-1][0] <= seen[-1][1] == path.stat().st_size
    assert sorted(done for done, _total, _rows in seen) == [done for done, _total, _rows in seen]
    do(store, "undo")
    assert snapshot(store) == before
    assert store.db.one("SELECT count(*) FROM batch WHERE command = 'undo'")[0] == 3


def test_an_import_that_was_cut_is_completed(store: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 10)
    path = many(leads, 60)
    before = snapshot(store)
    with pytest.raises(Cut):
        import_file(store, path, progress=cut_after(3))
    assert [row["line"] for row in rows_in(store, path)] == [line for line in range(2, 32) if line - 2 not in range(11, 60, 12)]
    assert_sound(store)
    report = take(store, path)
    done = counts(report)
    assert done["skipped"] == len([number for number in range(30) if number % 12 != 11])
    whole = snapshot(store)
    do(store, "undo")
    assert snapshot(store) == before, "one undo takes all back, whenever its rows went in"
    take(store, path)
    assert snapshot(store) == whole


def rows_in(store: Store, path: Path) -> list[dict[str, Any]]:
    """The rows of a file that are in the store, by the ids of their arrivals."""
    ids = reader.RowIds(hashlib.sha256(path.read_bytes()).digest())
    stored = {id_ for (id_,) in store.db.rows("SELECT id FROM entry WHERE removed <= 0")}
    return [{"line": line} for line in range(1, 5000) if ids.of(line)[1] in stored]


@both_engines
def test_cut_undone_completed_and_undone(store: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What an undo took of the cut import and the same file brought back is undone together with what it added."""
    monkeypatch.setattr(reader, "CHUNK", 10)
    path = many(leads, 60)
    before = snapshot(store)
    with pytest.raises(Cut):
        import_file(store, path, progress=cut_after(3))
    do(store, "undo")
    assert snapshot(store) == before
    report = take(store, path)
    assert counts(report)["skipped"] == 0
    whole = snapshot(store)
    do(store, "undo")
    assert snapshot(store) == before
    do(store, "redo")
    assert snapshot(store) == whole
    do(store, "undo", id=show_id(report.id))
    assert snapshot(store) == before


def test_what_two_people_imported_of_one_file_is_one_import(
    store: Store, ann: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "CHUNK", 10)
    path = many(leads, 40)
    before = snapshot(store)
    with pytest.raises(Cut):
        import_file(ann, path, progress=cut_after(2))
    take(store, path)
    do(store, "undo")
    assert snapshot(store) == before


@both_engines
def test_two_at_once_import_one_file(url: str, store: Store, leads: Callable[..., Path], clock: Clock, new_url: Any) -> None:
    path = many(leads, 700)
    with Store(new_url(), "noa", clock, durable=False) as alone:
        expected = counts(take(alone, path))
        state = people(alone)
    found: list[dict[str, int]] = []
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            with Store(url, name, clock, durable=False) as mine:
                found.append(counts(take(mine, path)))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("noa", "ann", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {name: sum(one[name] for one in found) for name in ("created", "touched")} == {
        name: expected[name] for name in ("created", "touched")
    }
    assert people(store) == state


def people(store: Store) -> list[dict[str, Any]]:
    """The contacts with all that they are."""
    return [show(store, one) for one in ids(store)]


@both_engines
def test_no_chunk_size_makes_a_difference(store: Store, new_url: Any, leads: Callable[..., Path], clock: Clock) -> None:
    start = clock.now
    path = everything(store, leads, clock)
    others = [Store(new_url(), "noa", clock, durable=False) for _ in range(2)]
    for other in others:
        clock.now = start
        everything(other, leads, clock)
    states = []
    for chunk, one in zip((500, 1, 3), (store, *others), strict=True):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "CHUNK", chunk)
            report = take(one, path)
        states.append((counts(report), nameless(one)))
    for other in others:
        assert_sound(other)
        other.close()
    assert states[0] == states[1] == states[2]


def unranked(value: Any) -> Any:
    """A register's value without the stamp by which its contact points are ordered."""
    return {name: one for name, one in value.items() if name != "rank"} if isinstance(value, dict) else value


def nameless(store: Store) -> list[Any]:
    """The contacts with their timelines, ids replaced by the order of arrival, what one batch wrote in any order."""
    numbers = {id_: number for number, id_ in enumerate(ids(store))}
    found = []
    for one in ids(store):
        contact = show(store, one)
        contact["possible_duplicates"] = sorted(numbers[other] for other in contact["possible_duplicates"])
        contact["deals"] = [{**offer, "id": None} for offer in contact["deals"]]
        lines = sorted(
            json.dumps((kind, rule, {name: unranked(value) for name, value in data.items() if name != "inactive"}), sort_keys=True)
            for kind, rule, data in timeline(store, one)
            if kind != "duplicate"
        )
        found.append((contact | {"id": numbers[one]}, lines))
    return found


@both_engines
def test_prepared_rows_give_the_same_store_as_the_ordinary_way(
    store: Store, new_url: Any, leads: Callable[..., Path], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = many(leads, 300)
    take(store, path)
    monkeypatch.setattr(reader, "make", lambda *args, **more: make(*args, **more)._replace(row=None))
    with Store(new_url(), "noa", clock, durable=False) as other:
        take(other, path)
        assert_sound(other)
        assert plain(other) == plain(store)


@pytest.mark.parametrize("rows", [1, 1200])
def test_a_second_process_reads_as_this_one(
    store: Store, new_url: Any, leads: Callable[..., Path], clock: Clock, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    people = (person(number, Tags="vip" if number % 10 == 0 else "", Company=f"Acme {number % 50}") for number in range(rows))
    path = leads(*people, {"Phone": "1"})
    options = {"source": "partner", "campaign": "גל", "to": "contacts"}
    here = take(store, path, **options)
    monkeypatch.setattr(reader, "LARGE_BYTES", 0)
    monkeypatch.setattr(reader, "_prepared", None)
    with Store(new_url(), "noa", clock, durable=False) as other:
        there = take(other, path, **options)
        assert there.as_json() == here.as_json()
        assert_sound(other)
        assert plain(other) == plain(store)


def test_a_second_process_runs_nothing_of_the_folder_it_is_started_in(
    store: Store, leads: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = leads(person(1))
    (tmp_path / "queue.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(reader, "LARGE_BYTES", 0)
    assert take(store, path).taken.created == 1


def test_a_second_process_that_ends_early_is_said_and_the_rest_stands(
    store: Store, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = many(leads, 3000)  # more than the first process takes ahead
    monkeypatch.setattr(reader, "LARGE_BYTES", 0)
    monkeypatch.setattr(reader, "AHEAD", 1)
    processes: list[Any] = []
    real = reader.subprocess.Popen

    def popen(*args: Any, **more: Any) -> Any:
        processes.append(real(*args, **more))
        return processes[-1]

    def stop(_done: int, _total: int, rows: int) -> None:
        if rows == 500:
            processes[0].kill()
            processes[0].wait()

    monkeypatch.setattr(reader.subprocess, "Popen", popen)
    with pytest.raises(Refused, match="run the same import again"):
        import_file(store, path, progress=stop)
    assert len(store.db.rows("SELECT key FROM batch WHERE command = 'import'")) in range(1, 6)
    take(store, path)
    expected = [line for line in range(2, 3002) if (line - 2) % 12 != 11]
    assert [row["line"] for row in rows_in(store, path)] == expected


# two stores


@both_engines
def test_two_laptops_that_import_one_file_make_the_same_records(
    store: Store, new_url: Any, leads: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = leads(*(person(number, Company=f"Company {number % 4}") for number in range(30)), person(3, Name=""))
    take(store, path)
    monkeypatch.setattr(reader, "CHUNK", 7)
    with Store(new_url(), "bob", Clock("2026-12-24T18:00"), durable=False) as other:
        lead(other, "Somebody Here", "050-234-5678", company="Company 2")
        take(other, path)
        for query in (
            "SELECT id FROM contact WHERE name LIKE 'Given%' ORDER BY id",
            "SELECT id, name FROM company ORDER BY id",
            "SELECT e.id, c.id FROM entry e JOIN contact c ON c.id = e.contact WHERE kind = 'lead' AND c.name LIKE 'Given%' ORDER BY e.id",
        ):
            assert store.db.rows(query) == other.db.rows(query)
            assert store.db.rows(query)
        assert_sound(other)


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


# any file


FIRST = ("Dana", "Yossi", "Dana", "Noa", "D.", "דנה", "")
LAST = ("Levi", "Cohen", "Levi-Cohen", "לוי", "")
PHONES = ("", "052-345-6789", "0523456789", "+972 52-345-6789", "03-612-3456", "054-234-5678", "12")
EMAILS = ("", "", "dana@acme.example", "DANA@acme.example", "info@acme.example", "dana@gmail.com", "no mail")
COMPANIES = ("", "", "", "Acme", "ACME", "Beta")
MORE = (
    {},
    {},
    {"Tags": "vip"},
    {"City": "Haifa"},
    {"Source": "exhibition", "Readiness": "high"},
    {"Readiness": "low"},
    {"Notes": "hello\nthere"},
    {"Source": "Facebook", "Created": "2026-10-01"},
)


def any_rows(rng: random.Random, rows: int) -> list[dict[str, str]]:
    return [
        {
            "Name": f"{rng.choice(FIRST)} {rng.choice(LAST)}".strip(),
            "Phone": rng.choice(PHONES) if rng.random() < 0.6 else f"052-3{rng.randrange(40):06d}",
            "Email": rng.choice(EMAILS),
            "Company": rng.choice(COMPANIES),
        }
        | rng.choice(MORE)
        for _ in range(rows)
    ]


def worked_store(store: Store, rng: random.Random, clock: Clock) -> None:
    """Some people of the same small world, dealt with in several ways."""
    for row in any_rows(rng, 6):
        fields = {name.lower(): value for name, value in row.items() if name in ("Name", "Phone", "Email", "Company") and value}
        try:
            known = do(store, "add_lead", **fields)["record"]
        except Refused:
            continue
        clock.add(minutes=rng.randrange(0, 90))
        match rng.randrange(5):
            case 0:
                do(store, "log_call", contact=known, outcome="not_interested", reason="price")
            case 1:
                do(store, "route", contact=known, to=rng.choice(["ann", "bob", "nurture", "support"]))
            case 2:
                do(store, "log_call", contact=known, outcome="no_answer")
            case 3 if show(store, known)["lifecycle"] != "other":
                offer = do(store, "open_deal", contact=known, value=100)["record"]
                do(store, "move_deal", deal=offer, stage="won")
                clock.add(days=200)
            case _:
                pass


def check_any_file(new_url: Callable[[], str], seed: int, folder: Path) -> None:
    """Whatever the file and the store: chunks make no difference, dry runs tell the truth, undo takes back, the file brings back."""
    path = table(folder / "any.csv", *any_rows(random.Random(seed), 24))
    on_duplicate = random.Random(seed).choice(["touch", "touch", "update", "skip"])
    clock = Clock()
    prepared = new_url()
    with Store(prepared, "noa", clock, durable=False) as store:
        worked_store(store, random.Random(-seed - 1), clock)
    start = clock.now
    whole: Any = None
    for chunk in (500, 5, 1):
        clock.now = start + 7 * 60_000
        copy = shutil.copyfile(prepared, f"{prepared}.{chunk}")
        with Store(copy, "noa", clock, durable=False) as store, pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "CHUNK", chunk)
            before = snapshot(store)
            dry = take(store, path, on_duplicate=on_duplicate, dry_run=True).as_json()
            report = take(store, path, on_duplicate=on_duplicate)
            assert report.as_json() == dry, (seed, chunk)
            after = snapshot(store)
            found = counts(report), nameless(store)
            if on_duplicate == "update":
                # A chunk sets a field once, from what it was to what its last row says.
                found = counts(report), [contact for contact, _lines in found[1]]
            whole = whole or found
            assert found == whole, (seed, chunk)
            if counts(report)["created"] + counts(report)["touched"]:
                clock.add(minutes=1)
                assert do(store, "undo", id=show_id(report.id))["kept"] == [], (seed, chunk)
                assert snapshot(store) == before, (seed, chunk)
                clock.add(minutes=1)
                take(store, path, on_duplicate=on_duplicate)
                assert snapshot(store) == after, (seed, chunk)
            log = whole_log(store)
            take(store, path, on_duplicate="skip" if on_duplicate == "skip" else "touch")
            assert whole_log(store) == log, (seed, chunk)
            assert_sound(store)
        Path(copy).unlink()


@pytest.mark.parametrize("seed", range(6))
def test_any_file(new_url: Any, seed: int, tmp_path: Path) -> None:
    check_any_file(new_url, seed, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("seeds", [range(start, start + 25) for start in range(100, 500, 25)], ids=lambda seeds: str(seeds[0]))
def test_any_file_many_times(new_url: Any, seeds: Sequence[int], tmp_path: Path) -> None:
    for seed in seeds:
        check_any_file(new_url, seed, tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_a_file_does_what_its_rows_would_do_one_by_one(store: Store, new_url: Any, seed: int, tmp_path: Path, clock: Clock) -> None:
    """One builder for the command and for every row: an import ends where `add_lead` for each row ends."""
    rng = random.Random(seed)
    # One phone or e-mail in a row and names that are the same or plainly differ, so that nobody stands to choose between two.
    rows = [
        {
            "Name": rng.choice(("Dana Levi", "Yossi Cohen", "Noa Mizrahi", "Ruth Katz")),
            rng.choice(("Phone", "Email")): rng.choice((*PHONES[1:], *EMAILS[2:])),
            "Company": rng.choice(COMPANIES),
            "Note": rng.choice(("", "call me")),
        }
        for _ in range(60)
    ]
    report = take(store, table(tmp_path / "rows.csv", *rows), source="ads")
    refused = 0
    with Store(new_url(), "noa", clock, durable=False) as other:
        for row in rows:
            try:
                do(other, "add_lead", source="ads", **{name.lower(): value for name, value in row.items() if value})
            except Refused:
                refused += 1
        assert refused == counts(report)["refused"]
        assert nameless(store) == nameless(other)
