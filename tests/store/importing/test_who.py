"""Who is who in a file of leads (product.md rules 1 and 2), and what `--on-duplicate` makes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from import_helpers import (
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
    day,
    do,
    inbox,
    lead,
    show,
    snapshot,
    timeline,
)

from crm_tui.ids import show_id
from crm_tui.intake import reader
from crm_tui.store import Store

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
