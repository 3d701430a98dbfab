"""Commands on a contact: edit, route, desks, status, stage, tags, delete (product.md rules 2, 11, 13, 14)."""

from __future__ import annotations

from typing import Any

import pytest
from store_helpers import Clock, changes_of, do, gone, inbox, lead, local, no_step, refused, show, tasks, timeline

from crm_tui.store import Store

# edit_contact


def test_edit_sets_what_was_given_and_clears_what_is_empty(store: Store) -> None:
    known = lead(store, email="dana@example.com")
    do(store, "edit_contact", contact=known, name="Dana Cohen", company="Acme", readiness="medium", title="CTO", employees=12)
    found = show(store, known)
    assert (found["name"], found["company"], found["readiness"]) == ("Dana Cohen", "Acme", "medium")
    assert found["properties"] == {"title": "CTO", "employees": "12"}
    do(store, "edit_contact", contact=known, company="", readiness="", title="", email="")
    found = show(store, known)
    assert (found["company"], found["readiness"], found["properties"], found["email"]) == (None, None, {"employees": "12"}, None)
    assert found["missing"] == ["email"]


def test_a_new_phone_takes_the_place_of_the_first(store: Store) -> None:
    known = lead(store)
    do(store, "edit_contact", contact=known, phones=["052-345-6789", "03-612-3456"])
    do(store, "edit_contact", contact=known, phone="050-234-5678")
    found = show(store, known)
    assert (found["phone"], found["phone_e164"]) == ("050-234-5678", "+972502345678")
    assert [one["value"] for one in found["phones"]] == ["+972502345678", "+97236123456"]
    do(store, "edit_contact", contact=known, phone="03-612-3456")
    assert [one["value"] for one in show(store, known)["phones"]] == ["+97236123456"]


@pytest.mark.parametrize("field", ["status", "lifecycle", "owner", "source", "id", "attempts", "deals", "tags", "Owner"])
def test_what_follows_from_the_rules_is_not_edited(store: Store, field: str) -> None:
    assert refused(store, "edit_contact", contact=lead(store), **{field: "x"}).field == field


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"readiness": "hot"}, "readiness"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"a/b": "x"}, "a/b"),
        ({"title": "x" * 501}, "title"),
        ({"size": [1]}, "size"),
        ({"phone": "050-234-5678", "phones": ["050-234-5678"]}, "phone"),
        ({"email": "", "emails": ["a@example.com"]}, "email"),
        ({"name": "", "phone": "", "email": ""}, "name"),
        ({"name": "", "phone": "12", "email": ""}, "name"),
    ],
)
def test_wrong_properties_are_refused(store: Store, fields: dict[str, Any], field: str) -> None:
    known = lead(store, email="dana@example.com")
    assert refused(store, "edit_contact", contact=known, **fields).field == field


def test_a_contact_keeps_something_that_says_who_it_is(store: Store) -> None:
    nameless = do(store, "add_lead", phone="050-234-5678")["record"]
    assert refused(store, "edit_contact", contact=nameless, phone="").field == "name"
    do(store, "edit_contact", contact=nameless, phone="", email="x@example.com")
    do(store, "edit_contact", contact=nameless, name="X Y", email="")


def test_editing_to_what_it_is_already_is_no_step(store: Store) -> None:
    known = lead(store, company="Acme", readiness="low")
    do(store, "edit_contact", contact=known, title="CTO")
    no_step(store, "edit_contact", contact=known, name="Dana Levi", phone="052-345-6789", company="ACME", readiness="low", title="CTO")
    no_step(store, "edit_contact", contact=known)
    no_step(store, "edit_contact", contact=known, website="")


# route


def test_routed_to_a_user(store: Store) -> None:
    known = lead(store)
    answer = do(store, "route", contact=known, to="Ann")
    assert answer["record"] == known
    assert answer["rules"] == ["routed"]
    found = show(store, known)
    assert (found["owner"], found["desk"], found["lifecycle"], found["status"]) == ("ann", None, "marketing_qualified", "new")
    assert changes_of(store, known, "lifecycle") == [("lead", "marketing_qualified", "routed")]
    assert inbox(store) == []
    no_step(store, "route", contact=known, to="ann")
    do(store, "route", contact=known, to="bob")
    assert show(store, known)["owner"] == "bob"


def test_back_to_the_leadometer_needs_a_reason(store: Store) -> None:
    known = lead(store)
    no_step(store, "route", contact=known, to="leadometer")
    do(store, "route", contact=known, to="ann")
    assert refused(store, "route", contact=known, to="leadometer").field == "reason"
    do(store, "route", contact=known, to="Leadometer", reason="not my region")
    found = show(store, known)
    assert (found["owner"], found["desk"], found["lifecycle"]) == (None, None, "marketing_qualified")
    assert [row["id"] for row in inbox(store)] == [known]
    assert [data.get("reason") for kind, _, data in timeline(store, known) if kind == "route"] == [None, "not my region"]


@pytest.mark.parametrize("to", ["zoe", "sales", "", "x" * 600])
def test_unknown_users_and_desks_are_refused(store: Store, to: str) -> None:
    assert refused(store, "route", contact=lead(store), to=to).field == "to"


@pytest.mark.parametrize("desk", ["partner", "supplier", "not_a_lead"])
def test_a_closing_desk_sets_other_and_not_relevant(store: Store, desk: str) -> None:
    known = lead(store)
    do(store, "log_call", contact=known, outcome="no_answer")
    answer = do(store, "route", contact=known, to=desk)
    assert "routed to desk" in answer["rules"]
    found = show(store, known)
    assert (found["desk"], found["lifecycle"], found["status"], found["closing_reason"]) == (desk, "other", "closed", "not_relevant")
    assert tasks(store, known) == [], "nobody is reminded to call them"
    assert inbox(store) == []
    no_step(store, "route", contact=known, to=desk)
    error = refused(store, "open_deal", contact=known, value=100)
    assert error.field == "contact"
    assert desk.replace("_", " ").capitalize() in error.message
    do(store, "route", contact=known, to="ann")
    found = show(store, known)
    assert (found["desk"], found["lifecycle"], found["status"], found["closing_reason"]) == (None, "marketing_qualified", "no_answer", None)
    assert found["attempts"] == 1
    do(store, "open_deal", contact=known, value=100)


@pytest.mark.parametrize("desk", ["nurture", "support"])
def test_the_other_desks_leave_stage_and_status(store: Store, desk: str) -> None:
    known = lead(store)
    do(store, "route", contact=known, to=desk)
    found = show(store, known)
    assert (found["desk"], found["lifecycle"], found["status"]) == (desk, "lead", "new")
    assert inbox(store) == []
    no_step(store, "route", contact=known, to=desk)
    do(store, "open_deal", contact=known, value=100)


def test_what_somebody_set_at_the_desk_stays_when_routed_on(store: Store) -> None:
    known = lead(store)
    do(store, "route", contact=known, to="supplier")
    do(store, "set_status", contact=known, status="closed", reason="timing")
    do(store, "route", contact=known, to="ann")
    found = show(store, known)
    assert (found["status"], found["closing_reason"], found["lifecycle"]) == ("closed", "timing", "marketing_qualified")


# set_status


def test_a_status_by_hand(store: Store, clock: Clock) -> None:
    known = lead(store)
    do(store, "set_status", contact=known, status="in_process")
    assert show(store, known)["status"] == "in_process"
    answer = do(store, "set_status", contact=known, status="closed", reason="price", text="half of it elsewhere")
    found = show(store, known)
    assert (found["status"], found["closing_reason"], found["closing_text"]) == ("closed", "price", "half of it elsewhere")
    assert answer["rules"] == []
    assert changes_of(store, known, "status") == [("new", "in_process", None), ("in_process", "closed", None)]
    no_step(store, "set_status", contact=known, status="closed", reason="price", text="half of it elsewhere")
    do(store, "set_status", contact=known, status="closed", reason="timing")
    assert show(store, known)["closing_reason"] == "timing"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"status": "closed"}, "reason"),
        ({"status": "closed", "reason": "bored"}, "reason"),
        ({"status": "in_process", "reason": "price"}, "reason"),
        ({"status": "hot"}, "status"),
        ({}, "status"),
    ],
)
def test_a_wrong_status_is_refused(store: Store, fields: dict[str, str], field: str) -> None:
    assert refused(store, "set_status", contact=lead(store), **fields).field == field


def test_closing_by_hand_drops_what_the_rules_had_promised_and_keeps_what_people_did(store: Store) -> None:
    known = lead(store)
    do(store, "log_call", contact=known, outcome="no_answer")
    mine = do(store, "add_task", contact=known, kind="quote", due="2026-12-01")["record"]
    do(store, "set_status", contact=known, status="closed", reason="price")
    assert [task["id"] for task in tasks(store, known)] == [mine]


def test_a_status_of_the_business_acts_by_its_role(store: Store) -> None:
    do(store, "set_setting", name="statuses.second_try", value={"label": "Second try", "role": "no_answer"})
    known = lead(store)
    do(store, "set_status", contact=known, status="second_try")
    do(store, "log_call", contact=known, outcome="no_answer")
    found = show(store, known)
    assert (found["status"], found["attempts"]) == ("second_try", 1)
    do(store, "log_call", contact=known, outcome="talked")
    assert show(store, known)["status"] == "initial_contact"


# set_lifecycle


def test_a_stage_by_hand_holds_until_the_next_deal_event(store: Store) -> None:
    known = lead(store)
    do(store, "set_lifecycle", contact=known, stage="subscriber")
    no_step(store, "set_lifecycle", contact=known, stage="subscriber")
    do(store, "route", contact=known, to="ann")
    do(store, "log_call", contact=known, outcome="talked")
    assert show(store, known)["lifecycle"] == "subscriber"
    do(store, "open_deal", contact=known, value=1)
    assert show(store, known)["lifecycle"] == "opportunity"
    assert refused(store, "set_lifecycle", contact=known, stage="vip").field == "stage"


def test_saying_what_the_stage_is_already_holds_it(store: Store) -> None:
    known = lead(store)
    assert do(store, "set_lifecycle", contact=known, stage="lead")["id"]
    assert changes_of(store, known, "lifecycle") == [("lead", "lead", None)]
    no_step(store, "set_lifecycle", contact=known, stage="lead")
    assert changes_of(store, known, "lifecycle") == [("lead", "lead", None)]
    do(store, "route", contact=known, to="ann")
    assert show(store, known)["lifecycle"] == "lead"


# tags


def test_tags_are_a_set(store: Store) -> None:
    known = lead(store)
    do(store, "tag", contact=known, tag="vip")
    do(store, "tag", contact=known, tag="אקספו 2026")
    no_step(store, "tag", contact=known, tag="vip")
    assert show(store, known)["tags"] == ["vip", "אקספו 2026"]
    do(store, "untag", contact=known, tag="vip")
    no_step(store, "untag", contact=known, tag="vip")
    no_step(store, "untag", contact=known, tag="never")
    assert show(store, known)["tags"] == ["אקספו 2026"]
    for wrong in ("", "a/b", "x" * 101):
        assert refused(store, "tag", contact=known, tag=wrong).field == "tag"


# delete


def test_a_deleted_contact_is_gone_with_all_that_hangs_on_it_until_undo(store: Store, ann: Store) -> None:
    known = lead(store, "Dana Cohen", "03-612-3456")
    other = lead(store, "Yossi Cohen", "03-612-3456")
    do(store, "open_deal", contact=known, value=5)
    do(store, "route", contact=known, to="ann")
    do(store, "delete_contact", contact=known)
    assert gone(store, known)
    assert show(store, other)["possible_duplicates"] == []
    assert [row["id"] for row in inbox(store)] == [other]
    do(store, "undo")
    assert show(store, other)["possible_duplicates"] == [known]
    assert len(show(store, known)["deals"]) == 1


# cleaning


def test_control_characters_and_tags_never_get_in(store: Store) -> None:
    known = lead(store, "Da\x1b[31mna\u202e\x00 Levi\n", "052-345-6789")
    assert show(store, known)["name"].isprintable()
    do(store, "log_note", contact=known, note="one\r\ntwo\x07")
    assert timeline(store, known)[-1][2]["note"] == "one\ntwo"


def test_times_are_of_the_business(store: Store) -> None:
    assert local(show(store, lead(store))["created_at"]) == "2026-11-22 10:00"
    assert show(store, lead(store, "A B", "050-234-5678"))["created_at"].endswith("+02:00")
