"""`add_lead` and naming contacts, on both engines (product.md rules 1-5, interface.md)."""

from __future__ import annotations

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
    no_step,
    refused,
    show,
    snapshot,
    tasks,
    timeline,
)

from crm_tui.store import Store

DANA = {"name": "Dana Levi", "phone": "052-345-6789", "email": "dana@example.com"}


def test_a_lead_enters_the_leadometer_once(store: Store) -> None:
    answer = do(store, "add_lead", **DANA, company="Acme Ltd", source="web_form", campaign="autumn", note="Call after 5")
    assert answer["id"]
    assert answer["record"]
    assert answer["rules"] == ["lead arrived"]
    assert answer["suggest"] == []
    found = show(store, answer["record"])
    expected = {
        "name": "Dana Levi",
        "phone": "052-345-6789",
        "phone_e164": "+972523456789",
        "email": "dana@example.com",
        "company": "Acme Ltd",
        "owner": None,
        "lifecycle": "lead",
        "status": "new",
        "closing_reason": None,
        "source": "web_form",
        "latest_source": "web_form",
        "campaign": "autumn",
        "readiness": None,
        "attempts": 0,
        "next_action": None,
        "next_at": None,
        "tags": [],
        "missing": [],
        "returning": False,
        "possible_duplicates": [],
        "deals": [],
    }
    assert {key: found[key] for key in expected} == expected
    assert local(found["created_at"]) == "2026-11-22 10:00"
    assert found["phones"] == [{"value": "+972523456789", "raw": "052-345-6789", "label": None, "valid": True}]
    assert found["emails"] == [{"value": "dana@example.com", "raw": "dana@example.com", "label": None, "valid": True}]
    assert [row["id"] for row in inbox(store)] == [answer["record"]]
    assert timeline(store, answer["record"])[0][2]["note"] == "Call after 5"


@pytest.mark.parametrize("known", [{"name": "Dana"}, {"phone": "052-345-6789"}, {"email": "dana@example.com"}])
def test_a_name_a_phone_or_an_email_is_enough(store: Store, known: dict[str, str]) -> None:
    assert do(store, "add_lead", **known)["record"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "name"),
        ({"name": "   "}, "name"),
        ({"company": "Acme"}, "name"),
        ({"phone": "12"}, "phone"),
        ({"email": "dana at home"}, "email"),
        ({"name": "Dana", "source": "carrier pigeon"}, "source"),
        ({"name": "Dana", "readiness": "hot"}, "readiness"),
        ({"name": "Dana", "nickname": "D"}, "nickname"),
        ({"name": ["Dana"]}, "name"),
        ({"name": "D" * 501}, "name"),
        ({"name": "Dana", "note": "n" * 100_001}, "note"),
    ],
)
def test_what_identifies_nobody_or_is_wrong_is_refused_by_its_field(store: Store, fields: dict[str, Any], field: str) -> None:
    assert refused(store, "add_lead", **fields).field == field
    assert inbox(store) == []


def test_an_invalid_phone_or_email_is_kept_raw_and_flagged(store: Store) -> None:
    known = lead(store, phone="555-12", email="dana@", name="Dana Levi")
    found = show(store, known)
    assert (found["phone"], found["phone_e164"], found["missing"]) == ("555-12", None, ["phone", "email"])
    assert found["phones"] == [{"value": None, "raw": "555-12", "label": None, "valid": False}]
    assert found["emails"] == [{"value": None, "raw": "dana@", "label": None, "valid": False}]


def test_an_invalid_phone_or_email_links_nobody(store: Store) -> None:
    first = lead(store, "Dana Levi", "555-12", email="dana@")
    second = lead(store, "Dana Levi", "555-12", email="dana@")
    assert first != second
    assert show(store, second)["possible_duplicates"] == [], "the name alone is found by search, not flagged"


def test_rule_4_what_is_missing_is_flagged(store: Store) -> None:
    assert show(store, lead(store, "A B", None))["missing"] == ["phone", "email"]
    assert show(store, lead(store, "C D", "050-234-5678"))["missing"] == ["email"]
    assert show(store, lead(store, "E F", None, email="e@example.com"))["missing"] == ["phone"]


# rule 1: the same person coming back


@pytest.mark.parametrize(
    "again",
    [
        {"phone": "+972 52-345-6789"},
        {"phone": "0523456789", "name": "Dana"},
        {"email": "DANA@example.com", "name": "דנה לוי"},
        {"email": "dana@example.com", "phone": "050-234-5678", "name": "Dana Lewy"},
        {"phone": "052-345-6789", "name": "D. Levi"},
    ],
)
def test_the_same_person_is_touched_never_made_again(store: Store, clock: Clock, again: dict[str, str]) -> None:
    known = do(store, "add_lead", **DANA, source="exhibition")["record"]
    clock.add(days=1)
    answer = do(store, "add_lead", **again, source="ads")
    assert answer["record"] == known
    assert "returning" in answer["rules"]
    found = show(store, known)
    assert (found["returning"], found["source"], found["latest_source"]) == (True, "exhibition", "ads")
    assert found["name"] == "Dana Levi"
    assert len(inbox(store)) == 1
    assert [kind for kind, _, _ in timeline(store, known)].count("lead") == 2


def test_a_return_fills_what_was_empty_and_keeps_the_rest(store: Store) -> None:
    known = lead(store, "Dana", "052-345-6789")
    do(store, "add_lead", name="Dana Levi", phone="052-345-6789", email="dana@example.com", company="Acme", readiness="high")
    found = show(store, known)
    assert (found["name"], found["email"], found["company"], found["readiness"]) == ("Dana", "dana@example.com", "Acme", "high")
    do(store, "add_lead", name="Dana", phone="052-345-6789", company="Zenith", email="new@example.com")
    found = show(store, known)
    assert found["company"] == "Acme"
    assert [one["value"] for one in found["emails"]] == ["dana@example.com", "new@example.com"], "a further address of theirs"


def test_a_familys_phone_makes_two_contacts_and_a_flag(store: Store) -> None:
    dana = lead(store, "Dana Cohen", "03-612-3456")
    answer = do(store, "add_lead", name="Yossi Cohen", phone="03-612-3456")
    yossi = answer["record"]
    assert yossi != dana
    assert "possible duplicate" in answer["rules"]
    assert show(store, yossi)["possible_duplicates"] == [dana]
    assert show(store, dana)["possible_duplicates"] == [yossi]
    assert show(store, yossi)["returning"] is False
    assert [row["id"] for row in inbox(store)] == [dana, yossi]


def test_matching_two_known_contacts_touches_the_one_last_dealt_with(store: Store, clock: Clock) -> None:
    by_phone = lead(store, "Dana Levi", "052-345-6789")
    clock.add(hours=1)
    by_mail = lead(store, "Dana Levi", None, email="dana@example.com")
    clock.add(hours=1)
    do(store, "log_note", contact=by_phone, note="met at the fair")
    clock.add(hours=1)
    answer = do(store, "add_lead", **DANA)
    assert answer["record"] == by_phone
    assert {"returning", "possible duplicate"} <= set(answer["rules"])
    assert show(store, by_phone)["possible_duplicates"] == [by_mail]
    assert show(store, by_mail)["possible_duplicates"] == [by_phone]
    assert show(store, by_mail)["returning"] is False


@pytest.mark.parametrize(
    ("other", "flagged"),
    [
        ({"company": "ACME ltd."}, True),
        ({"email": "d.levi@acme.example"}, True),
        ({"company": "Zenith"}, False),
        ({"email": "dana@gmail.com"}, False),
        ({}, False),
    ],
)
def test_the_same_full_name_is_flagged_only_with_company_or_domain(store: Store, other: dict[str, str], flagged: bool) -> None:
    first = lead(store, "Dana Levi", None, company="Acme Ltd", email="dana@acme.example")
    answer = do(store, "add_lead", name="dana LEVI", phone="050-234-5678", **other)
    assert answer["record"] != first
    assert ("possible duplicate" in answer["rules"]) is flagged
    assert show(store, answer["record"])["possible_duplicates"] == ([first] if flagged else [])


def test_free_mail_is_no_domain_of_its_own(store: Store) -> None:
    lead(store, "Dana Levi", None, email="dana.levi@gmail.com")
    assert "possible duplicate" not in do(store, "add_lead", name="Dana Levi", email="levi.dana@gmail.com")["rules"]


def test_a_deleted_contact_links_nobody(store: Store) -> None:
    first = lead(store)
    do(store, "delete_contact", contact=first)
    second = lead(store)
    assert first != second
    assert show(store, second)["returning"] is False


# rule 2: coming back


def test_whoever_was_closed_comes_back_new_in_the_leadometer(store: Store, clock: Clock) -> None:
    known = lead(store)
    do(store, "log_call", contact=known, outcome="no_answer")
    do(store, "log_call", contact=known, outcome="not_interested", reason="price")
    assert inbox(store) == []
    clock.add(days=30)
    answer = do(store, "add_lead", phone="052-345-6789", source="ads")
    found = show(store, known)
    assert (answer["record"], found["status"], found["attempts"], found["closing_reason"]) == (known, "new", 0, None)
    assert [(row["id"], row["age_seconds"], row["response"], row["returning"]) for row in inbox(store)] == [(known, 0, "fresh", True)]
    assert changes_of(store, known, "status")[-1] == ("closed", "new", "returning")


def test_with_an_owner_they_come_back_into_the_owners_first_group(store: Store, ann: Store, clock: Clock) -> None:
    known = lead(store)
    do(store, "route", contact=known, to="ann")
    do(ann, "log_call", contact=known, outcome="not_interested", reason="timing")
    clock.add(days=30)
    do(store, "add_lead", phone="052-345-6789")
    assert show(store, known)["owner"] == "ann"
    assert inbox(store) == []
    assert [(row["id"], row["bucket"]) for row in day(ann)] == [(known, "new")]


def test_an_inactive_customer_comes_back_new_and_it_is_stored_that_they_were(store: Store, clock: Clock) -> None:
    known = lead(store)
    offer = do(store, "open_deal", contact=known, value=1000)["record"]
    do(store, "move_deal", deal=offer, stage="won")
    clock.add(days=179)
    do(store, "add_lead", phone="052-345-6789")
    assert show(store, known)["status"] == "customer"
    clock.add(days=2)
    assert show(store, known)["status"] == "inactive_customer", "the form was no interaction and no order"
    do(store, "add_lead", phone="052-345-6789")
    assert show(store, known)["status"] == "new"
    assert timeline(store, known)[-2][2]["inactive"] is True
    do(store, "undo")
    assert show(store, known)["status"] == "inactive_customer"


# rule 3: offline sources


def test_a_hot_offline_lead_is_qualified_with_its_company_and_an_offer(store: Store) -> None:
    answer = do(store, "add_lead", **DANA, company="Acme", source="exhibition", source_detail="Agritech 2026", readiness="high")
    assert "readiness high" in answer["rules"]
    assert [(one["command"], one["contact"]) for one in answer["suggest"]] == [("open_deal", answer["record"])]
    assert answer["suggest"][0]["why"]
    found = show(store, answer["record"])
    assert (found["lifecycle"], found["company"], found["source_detail"], found["status"]) == (
        "sales_qualified",
        "Acme",
        "Agritech 2026",
        "new",
    )


def test_a_switchboard_of_very_many_is_looked_at_in_part(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_tui.facts.MOST_JUDGED", 3)
    for name in ("Dana Levi", "Omer Segal", "Noa Katz", "Tal Baruch", "Gil Shalom"):
        lead(store, name, "052-345-6789")
    assert len(show(store, lead(store, "Ruth Peretz", "052-345-6789"))["possible_duplicates"]) == 3


def test_a_missing_rating_is_flagged_never_refused(store: Store) -> None:
    known = lead(store, source="phone")
    assert "readiness" in show(store, known)["missing"]
    assert "readiness" not in show(store, lead(store, "Online One", "050-234-5678", source="ads"))["missing"]
    do(store, "edit_contact", contact=known, readiness="low")
    assert "readiness" not in show(store, known)["missing"]


def test_rating_high_later_does_the_same_as_at_once(store: Store) -> None:
    known = lead(store, source="phone")
    answer = do(store, "edit_contact", contact=known, readiness="high")
    assert show(store, known)["lifecycle"] == "sales_qualified"
    assert "readiness high" in answer["rules"]
    assert [one["command"] for one in answer["suggest"]] == ["open_deal"], "the app offers to open a deal"


# rule 5: how long they wait


@pytest.mark.parametrize(
    ("minutes", "response"),
    [(0, "fresh"), (10, "fresh"), (10.1, "late"), (15 * 60, "late"), (15 * 60 + 1, "cold"), (24 * 60, "cold"), (24 * 60 + 1, "breached")],
)
def test_response_limits_are_included(store: Store, clock: Clock, minutes: float, response: str) -> None:
    lead(store)
    clock.add(minutes=minutes)
    row = inbox(store)[0]
    assert (row["response"], row["age_seconds"]) == (response, int(minutes * 60))


def test_the_oldest_waits_first(store: Store, clock: Clock) -> None:
    first = lead(store, "A B", "050-234-5678")
    clock.add(minutes=-30)
    second = lead(store, "C D", "050-234-5679")
    clock.add(minutes=60)
    third = lead(store, "E F", "050-234-5681")
    fourth = lead(store, "G H", "050-234-5682")
    assert [row["id"] for row in inbox(store)] == [second, first, third, fourth]


# naming contacts


@pytest.mark.parametrize(
    "spelling",
    [
        "052-345-6789",
        "0523456789",
        "+972 52 345 6789",
        "00972-52-3456789",
        "(052) 345.67.89",
        " 052 3456789 ",
        "dana@example.com",
        "DANA@Example.com",
    ],
)
def test_a_contact_is_named_by_phone_in_any_spelling_or_email(store: Store, spelling: str) -> None:
    known = do(store, "add_lead", **DANA)["record"]
    assert do(store, "log_note", contact=spelling, note="hello")["record"]
    assert timeline(store, known)[-1][0] == "note"


def test_a_contact_is_named_by_its_id_with_or_without_dashes(store: Store) -> None:
    known = lead(store)
    for name in (known, known.replace("-", ""), known.upper()):
        do(store, "log_note", contact=name, note="x")
    assert len(timeline(store, known)) == 4


def test_a_further_phone_names_the_contact_too_an_old_one_does_not(store: Store) -> None:
    known = lead(store, "Dana Levi", "052-345-6789")
    do(store, "edit_contact", contact=known, phones=["052-345-6789", "03-612-3456"])
    do(store, "log_note", contact="036123456", note="x")
    do(store, "edit_contact", contact=known, phones=["052-345-6789"])
    assert refused(store, "log_note", contact="036123456", note="x").kind == "not_found"


def test_an_ambiguous_name_is_refused_with_the_candidates(store: Store) -> None:
    one = lead(store, "Dana Cohen", "03-612-3456")
    two = lead(store, "Yossi Cohen", "03-612-3456")
    error = refused(store, "log_note", contact="03-6123456", note="x")
    assert error.field == "contact"
    assert error.details["candidates"] == [one, two]
    assert one in error.message
    assert two in error.message
    do(store, "delete_contact", contact=two)
    do(store, "log_note", contact="03-6123456", note="x")


@pytest.mark.parametrize(
    "nobody", ["050-999-9999", "nobody@example.com", "0" * 32, "00000000-0000-7000-8000-000000000000", "Dana Levi", "%", "'"]
)
def test_nobody_by_that_name_is_refused(store: Store, nobody: str) -> None:
    lead(store)
    error = refused(store, "log_note", contact=nobody, note="x")
    assert (error.field, error.kind) == ("contact", "not_found")


def test_a_deleted_contact_is_not_found(store: Store) -> None:
    known = lead(store)
    do(store, "delete_contact", contact=known)
    assert refused(store, "log_note", contact=known, note="x").kind == "not_found"
    assert gone(store, known)


def test_a_refused_command_changes_nothing_that_can_be_seen(store: Store) -> None:
    lead(store)
    before = snapshot(store)
    refused(store, "add_lead", name="")
    refused(store, "route", contact="052-345-6789", to="nobody")
    refused(store, "log_call", contact="052-345-6789", outcome="not_interested")
    assert snapshot(store) == before


def test_nothing_changed_is_no_step(store: Store) -> None:
    known = lead(store)
    no_step(store, "edit_contact", contact=known, name="Dana Levi", phone="052-345-6789")
    assert tasks(store, known) == []
