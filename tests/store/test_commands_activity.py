"""Logging what happened and what was promised (product.md rules 5, 7-9, 17)."""

from __future__ import annotations

from typing import Any

import pytest
from store_helpers import Clock, changes_of, day, do, lead, local, no_step, refused, show, tasks, timeline

from crm_tui.store import Store

SUNDAY, MONDAY, TUESDAY = "2026-11-22", "2026-11-23", "2026-11-24"
THURSDAY = "2026-11-26"


def called(store: Store, contact: str, outcome: str, **fields: Any) -> dict[str, Any]:
    return do(store, "log_call", contact=contact, outcome=outcome, **fields)


# rule 7: no answer


@pytest.mark.parametrize("outcome", ["no_answer", "busy"])
def test_a_call_without_an_answer(store: Store, outcome: str) -> None:
    known = lead(store)
    answer = called(store, known, outcome, note="rang long")
    found = show(store, known)
    assert (found["status"], found["attempts"], found["next_action"]) == ("no_answer", 1, "call")
    assert local(found["next_at"]) == f"{MONDAY} 08:00"
    assert local(found["last_attempt_at"]) == f"{SUNDAY} 10:00"
    assert answer["rules"] == ["next try", "no answer"]
    assert [(one["command"], one["contact"]) for one in answer["suggest"]] == [("log_email", known)], "an e-mail template is offered"
    assert changes_of(store, known, "status") == [("new", "no_answer", "no answer")]


@pytest.mark.parametrize(
    ("now", "next_try", "follow_up"),
    [
        ("2026-11-22T10:00", "2026-11-23 08:00", "2026-11-24 08:00"),
        ("2026-11-25T23:59", "2026-11-26 08:00", "2026-11-29 08:00"),
        ("2026-11-26T10:00", "2026-11-29 08:00", "2026-11-30 08:00"),
        ("2026-11-27T10:00", "2026-11-29 08:00", "2026-11-30 08:00"),
        ("2026-11-28T10:00", "2026-11-29 08:00", "2026-11-30 08:00"),
        ("2026-12-03T10:00", "2026-12-08 08:00", "2026-12-09 08:00"),
        ("2026-03-26T10:00", "2026-03-29 08:00", "2026-03-30 08:00"),
    ],
)
def test_due_dates_count_working_days_over_weekends_and_holidays(
    store: Store, clock: Clock, now: str, next_try: str, follow_up: str
) -> None:
    do(store, "set_setting", name="working.holidays", value=["2026-12-06", "2026-12-07"])
    clock.set(now)
    tried, talked = lead(store, "A B", "050-234-5678"), lead(store, "C D", "050-234-5679")
    called(store, tried, "no_answer")
    called(store, talked, "talked")
    assert local(show(store, tried)["next_at"]) == next_try
    assert local(show(store, talked)["next_at"]) == follow_up


def test_after_the_sixth_attempt_closing_is_offered_and_never_done(store: Store, clock: Clock) -> None:
    known = lead(store)
    for number in range(1, 9):
        answer = called(store, known, "no_answer")
        offers = [one for one in answer["suggest"] if one["command"] == "set_status"]
        assert bool(offers) == (number >= 6), number
        found = show(store, known)
        assert (found["status"], found["attempts"]) == ("no_answer", number)
        assert len(tasks(store, known)) == 1
        clock.add(days=1)
    assert {key: offers[0][key] for key in ("contact", "status", "reason")} == {
        "contact": known,
        "status": "closed",
        "reason": "unreachable",
    }
    given = {key: value for key, value in offers[0].items() if key not in ("why", "command")}
    do(store, offers[0]["command"], **given)
    assert show(store, known)["closing_reason"] == "unreachable"


def test_the_number_of_attempts_is_a_setting(store: Store) -> None:
    do(store, "set_setting", name="limits.max_attempts", value=1)
    assert any(one["command"] == "set_status" for one in called(store, lead(store), "no_answer")["suggest"])


@pytest.mark.parametrize("status", ["initial_contact", "in_process", "customer", "inactive_customer"])
def test_in_treatment_the_status_stays_and_the_next_try_comes(store: Store, status: str) -> None:
    known = lead(store)
    do(store, "set_status", contact=known, status=status)
    answer = called(store, known, "busy")
    found = show(store, known)
    assert (found["status"], found["attempts"]) == (status, 0)
    assert local(found["next_at"]) == f"{MONDAY} 08:00"
    assert answer["suggest"] == []


def test_on_closed_it_is_logged_only(store: Store) -> None:
    known = lead(store)
    do(store, "set_status", contact=known, status="closed", reason="price")
    answer = called(store, known, "no_answer")
    found = show(store, known)
    assert (found["status"], found["attempts"], found["next_action"], answer["suggest"]) == ("closed", 0, None, [])
    assert timeline(store, known)[-1][0] == "call"


def test_a_missed_call_from_outside_is_logged_only(store: Store) -> None:
    known = lead(store)
    called(store, known, "no_answer", direction="in")
    found = show(store, known)
    assert (found["status"], found["attempts"], found["next_action"], found["last_attempt_at"]) == ("new", 0, None, None)


# rule 7: wrong number


def test_a_wrong_number_marks_the_phone_and_asks_for_another(store: Store) -> None:
    known = lead(store, email="dana@example.com")
    answer = called(store, known, "wrong_number")
    found = show(store, known)
    assert (found["status"], found["attempts"], found["last_attempt_at"]) == ("new", 0, None)
    assert found["phones"] == [{"value": None, "raw": "052-345-6789", "label": None, "valid": False}]
    assert (found["phone"], found["phone_e164"], found["missing"]) == ("052-345-6789", None, ["phone"])
    assert [task["rule"] for task in tasks(store, known)] == ["find another number"]
    assert {"wrong number", "find another number"} <= set(answer["rules"])
    assert refused(store, "log_note", contact="052-345-6789", note="x").kind == "not_found", "it names nobody any more"
    assert lead(store, "Somebody Else", "052-345-6789") != known


def test_a_wrong_number_of_several(store: Store) -> None:
    known = lead(store)
    do(store, "edit_contact", contact=known, phones=["052-345-6789", "03-612-3456"])
    called(store, known, "wrong_number", phone="03-6123456")
    assert [(one["raw"], one["valid"]) for one in show(store, known)["phones"]] == [("052-345-6789", True), ("03-612-3456", False)]
    assert refused(store, "log_call", contact=known, outcome="wrong_number", phone="050-234-5678").field == "phone"
    called(store, known, "wrong_number")
    assert len(tasks(store, known)) == 1, "the same thing is asked for once"


# rule 7: not interested


def test_not_interested_closes_with_a_reason(store: Store) -> None:
    known = lead(store)
    called(store, known, "no_answer")
    assert refused(store, "log_call", contact=known, outcome="not_interested").field == "reason"
    assert refused(store, "log_call", contact=known, outcome="talked", reason="price").field == "reason"
    answer = called(store, known, "not_interested", reason="competitor", text="Acme")
    found = show(store, known)
    assert (found["status"], found["closing_reason"], found["closing_text"], found["next_action"]) == ("closed", "competitor", "Acme", None)
    assert "not interested" in answer["rules"]


# rule 8: the first conversation


def test_the_first_conversation(store: Store) -> None:
    known = lead(store)
    answer = called(store, known, "talked", duration=240)
    found = show(store, known)
    assert (found["status"], found["lifecycle"], found["next_action"]) == ("initial_contact", "sales_qualified", "call")
    assert local(found["next_at"]) == f"{TUESDAY} 08:00"
    assert answer["rules"] == ["follow-up", "first conversation"]
    assert [one["command"] for one in answer["suggest"]] == ["edit_contact"], "the need that came up is asked for"


def test_the_need_is_not_asked_for_twice(store: Store) -> None:
    known = lead(store)
    assert called(store, known, "talked", need="a new roof")["suggest"] == []
    assert show(store, known)["properties"] == {"need": "a new roof"}


def test_the_rep_sets_another_next_step(store: Store) -> None:
    known = lead(store)
    called(store, known, "talked", next_action="meeting", next_at="2026-12-01 14:30")
    assert [(task["kind"], task["due"]) for task in tasks(store, known)] == [("meeting", "2026-12-01 14:30")]
    other = lead(store, "A B", "050-234-5678")
    called(store, other, "talked", next_action="demo")
    assert [(task["kind"], task["due"]) for task in tasks(store, other)] == [("demo", f"{TUESDAY} 08:00")]
    third = lead(store, "C D", "050-234-5679")
    called(store, third, "talked", next_at=THURSDAY)
    assert [(task["kind"], task["due"]) for task in tasks(store, third)] == [("call", f"{THURSDAY} 08:00")]


def test_a_promised_call_back(store: Store, clock: Clock) -> None:
    known = lead(store)
    assert refused(store, "log_call", contact=known, outcome="call_back").field == "next_at"
    assert refused(store, "log_call", contact=known, outcome="call_back", next_at="2026-11-22 09:00").field == "next_at"
    called(store, known, "call_back", next_at="2026-11-22 16:30")
    found = show(store, known)
    assert (found["status"], found["lifecycle"], local(found["next_at"])) == ("initial_contact", "sales_qualified", f"{SUNDAY} 16:30")
    do(store, "log_message", contact=known, direction="in", body="ok")
    assert local(show(store, known)["next_at"]) == f"{SUNDAY} 16:30", "a promise stands until the call"
    clock.set("2026-11-22T16:35")
    called(store, known, "talked")
    assert show(store, known)["next_action"] is None


@pytest.mark.parametrize("command", ["log_email", "log_message"])
def test_a_reply_is_a_conversation(store: Store, command: str) -> None:
    known = lead(store)
    do(store, command, contact=known, direction="in", subject="Re", body="yes please")
    found = show(store, known)
    assert (found["status"], found["lifecycle"], local(found["next_at"])) == ("initial_contact", "sales_qualified", f"{TUESDAY} 08:00")
    do(store, command, contact=known, direction="in", body="and another thing")
    assert show(store, known)["status"] == "in_process"


@pytest.mark.parametrize("command", ["log_email", "log_message"])
def test_what_we_send_is_an_attempt_not_a_conversation(store: Store, command: str) -> None:
    known = lead(store)
    called(store, known, "no_answer")
    do(store, command, contact=known, body="tried to reach you")
    found = show(store, known)
    assert (found["status"], found["attempts"]) == ("no_answer", 1)
    assert found["next_action"] is None, "any logged attempt completes the open next try before it"
    fresh = lead(store, "A B", "050-234-5678")
    do(store, command, contact=fresh, body="hello")
    assert show(store, fresh)["last_attempt_at"] is not None


def test_an_attempt_or_conversation_completes_what_was_open_before_it(store: Store, clock: Clock) -> None:
    known = lead(store)
    called(store, known, "no_answer")
    own = do(store, "add_task", contact=known, kind="quote", due=THURSDAY)["record"]
    clock.set("2026-11-23T09:00")
    called(store, known, "no_answer")
    assert [(task["rule"], task["due"]) for task in tasks(store, known)] == [("next try", f"{TUESDAY} 08:00"), (None, f"{THURSDAY} 08:00")]
    called(store, known, "talked")
    assert [task["rule"] for task in tasks(store, known)] == ["follow-up", None]
    called(store, known, "talked")
    assert [task["id"] for task in tasks(store, known)] == [own], "a later conversation makes no follow-up, people's own tasks stay"


# rule 9


def test_later_conversations_meetings_and_more(store: Store) -> None:
    known = lead(store)
    called(store, known, "talked")
    assert "later conversation" in called(store, known, "talked")["rules"]
    assert show(store, known)["status"] == "in_process"
    other = lead(store, "A B", "050-234-5678")
    answer = do(store, "log_meeting", contact=other, note="at their office", duration=3600)
    assert "meeting held" in answer["rules"]
    found = show(store, other)
    assert (found["status"], found["lifecycle"]) == ("in_process", "sales_qualified")


@pytest.mark.parametrize("status", ["customer", "inactive_customer"])
def test_customers_stay_customers(store: Store, status: str) -> None:
    known = lead(store)
    do(store, "set_status", contact=known, status=status)
    called(store, known, "talked")
    do(store, "log_meeting", contact=known)
    assert show(store, known)["status"] == status


# what is logged


def test_a_note_changes_no_status_and_is_never_empty(store: Store) -> None:
    known = lead(store)
    do(store, "log_note", contact=known, note="line one\nline two")
    assert show(store, known)["status"] == "new"
    assert show(store, known)["last_attempt_at"] is None
    assert timeline(store, known)[-1] == ("note", None, {"note": "line one\nline two"})
    assert refused(store, "log_note", contact=known, note="  \n ").field == "note"
    assert refused(store, "log_note", contact=known).field == "note"


def test_what_happened_earlier_is_logged_with_its_time(store: Store) -> None:
    known = lead(store)
    called(store, known, "no_answer", at="2026-11-22 09:15")
    assert local(show(store, known)["last_attempt_at"]) == f"{SUNDAY} 09:15"
    assert refused(store, "log_call", contact=known, outcome="talked", at="2026-11-22 12:00").field == "at"
    assert refused(store, "log_note", contact=known, note="x", at="tomorrow").field == "at"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "outcome"),
        ({"outcome": "voicemail"}, "outcome"),
        ({"outcome": "talked", "duration": -1}, "duration"),
        ({"outcome": "talked", "duration": "long"}, "duration"),
        ({"outcome": "talked", "direction": "sideways"}, "direction"),
        ({"outcome": "talked", "next_action": "dance"}, "next_action"),
        ({"outcome": "talked", "next_at": "9999-12-31"}, "next_at"),
        ({"outcome": "not_interested", "reason": "bored"}, "reason"),
    ],
)
def test_a_wrong_call_is_refused(store: Store, fields: dict[str, Any], field: str) -> None:
    assert refused(store, "log_call", contact=lead(store), **fields).field == field


def test_an_interaction_is_corrected_as_a_new_version_or_removed_with_what_followed(store: Store) -> None:
    known = lead(store)
    call = called(store, known, "talked", note="wnats a quote")["record"]
    do(store, "correct_interaction", interaction=call, note="wants a quote", duration=60)
    assert [data for kind, _, data in timeline(store, known) if kind == "call"] == [
        {"outcome": "talked", "note": "wants a quote", "duration": 60}
    ]
    assert show(store, known)["status"] == "initial_contact"
    no_step(store, "correct_interaction", interaction=call, note="wants a quote")
    do(store, "remove_interaction", interaction=call)
    found = show(store, known)
    assert (found["status"], found["lifecycle"]) == ("new", "lead")
    assert refused(store, "correct_interaction", interaction=call, note="x").kind == "not_found"
    assert refused(store, "remove_interaction", interaction=known).field == "interaction"


# tasks


def test_add_complete_and_snooze_a_task(store: Store, ann: Store) -> None:
    known = lead(store)
    later = do(store, "add_task", contact=known, kind="demo", due="2026-11-30", note="bring the tablet")["record"]
    first = do(store, "add_task", contact=known, due="2026-11-25 09:30", owner="bob")["record"]
    assert [(task["kind"], task["due"]) for task in tasks(store, known)] == [("call", "2026-11-25 09:30"), ("demo", "2026-11-30 08:00")]
    do(store, "snooze", task=first, until="2026-12-02 10:00")
    assert (show(store, known)["next_action"], local(show(store, known)["next_at"])) == ("demo", "2026-11-30 08:00")
    no_step(store, "snooze", task=first, until="2026-12-02 10:00")
    do(ann, "complete_task", task=later, note="went well")
    no_step(store, "complete_task", task=later)
    do(store, "complete_task", contact=known)
    assert show(store, known)["next_action"] is None
    assert refused(store, "complete_task", contact=known).field == "contact"
    assert refused(store, "snooze", task=first, until="2026-12-03").field == "task"
    do(store, "snooze", contact=known, until="2026-12-03")
    assert [(task["kind"], task["due"]) for task in tasks(store, known)] == [("call", "2026-12-03 08:00")], (
        "a contact without a task gets one"
    )


@pytest.mark.parametrize(
    ("command", "fields", "field"),
    [
        ("add_task", {}, "due"),
        ("add_task", {"due": "soon"}, "due"),
        ("add_task", {"due": "2026-02-30"}, "due"),
        ("add_task", {"due": "2026-12-01", "kind": "dance"}, "kind"),
        ("add_task", {"due": "2026-12-01", "owner": "zoe"}, "owner"),
        ("snooze", {}, "until"),
        ("snooze", {"until": "9999-01-01"}, "until"),
    ],
)
def test_wrong_tasks_are_refused(store: Store, command: str, fields: dict[str, str], field: str) -> None:
    assert refused(store, command, contact=lead(store), **fields).field == field


@pytest.mark.parametrize(
    ("typed", "due"),
    [("tomorrow morning", "2026-11-23 08:00"), ("מחר בערב", "2026-11-23 18:00"), ("+2d", "2026-11-24 08:00"), ("eom", "2026-11-30 08:00")],
)
def test_a_time_to_come_is_typed_in_a_command_as_on_the_screens(store: Store, typed: str, due: str) -> None:
    known = lead(store)
    do(store, "add_task", contact=known, due=typed)
    assert [task["due"] for task in tasks(store, known)] == [due]
    do(store, "snooze", contact=known, until="2026-12-03")
    do(store, "snooze", contact=known, until=typed)
    assert [task["due"] for task in tasks(store, known)] == [due]
    do(store, "log_call", contact=known, outcome="call_back", next_at=typed)
    assert tasks(store, known)[-1]["due"] == due


def test_what_has_happened_is_not_typed_in_passing(store: Store) -> None:
    assert refused(store, "log_call", contact=lead(store), outcome="talked", at="tomorrow").field == "at"


def test_a_task_that_is_not_there(store: Store) -> None:
    assert refused(store, "complete_task", task="0" * 32).kind == "not_found"
    assert refused(store, "complete_task").field == "task"
    assert refused(store, "snooze", until="2026-12-01").field == "task"


def test_a_time_that_the_clocks_skip_is_moved_and_said(store: Store, clock: Clock) -> None:
    clock.set("2027-03-20T10:00")
    known = lead(store)
    answer = do(store, "add_task", contact=known, due="2027-03-26 02:30")
    assert answer["notes"]
    assert tasks(store, known)[0]["due"] == "2027-03-26 03:30"


# my day


def test_my_day_follows_what_is_logged(store: Store, ann: Store, clock: Clock) -> None:
    tried, fresh, due = (
        lead(store, name, phone) for name, phone in (("A B", "050-234-5678"), ("C D", "050-234-5679"), ("E F", "050-234-5681"))
    )
    for contact in (tried, fresh, due):
        do(store, "route", contact=contact, to="ann")
    called(ann, tried, "no_answer")
    called(ann, due, "talked")
    assert [row["id"] for row in day(ann)] == [fresh]
    clock.set("2026-11-24T09:00")
    assert [(row["id"], row["bucket"]) for row in day(ann)] == [(fresh, "new"), (due, "due"), (tried, "no_answer")]
    called(ann, tried, "call_back", next_at="2026-11-24 11:00")
    assert [row["id"] for row in day(ann)] == [fresh, due]
    clock.set("2026-11-24T11:00")
    assert tried in [row["id"] for row in day(ann)], "a promised time on that day has come"


# rule 11: closing and what was promised


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("log_call", {"outcome": "not_interested", "reason": "price"}),
        ("set_status", {"status": "closed", "reason": "price"}),
        ("route", {"to": "not_a_lead"}),
    ],
)
def test_who_closes_is_offered_to_complete_what_stays_promised(store: Store, command: str, fields: dict[str, Any]) -> None:
    known = lead(store)
    called(store, known, "talked")
    for due, kind in ((MONDAY, "demo"), ("2026-12-01", "call"), (TUESDAY, "meeting"), ("2026-12-02", "call")):
        do(store, "add_task", contact=known, due=due, kind=kind)
    answer = do(store, command, contact=known, **fields)
    open_ones = tasks(store, known)
    assert [task["rule"] for task in open_ones] == [None] * 4, "a promise never ends by itself"
    offered = answer["suggest"]
    assert [(one["command"], one["contact"], one["task"]) for one in offered] == [
        ("complete_task", known, task["id"]) for task in open_ones[:3]
    ]
    assert [one["why"] for one in offered] == [
        "a demo promised for 23 Nov is still open",
        "a meeting promised for 24 Nov is still open",
        "a call promised for 1 Dec is still open",
    ]
    step = {key: value for key, value in offered[0].items() if key != "why"}
    rest = do(store, **step)["suggest"]
    assert [one["task"] for one in rest] == [task["id"] for task in open_ones[1:]], "the next ones are offered after it"
    assert len(do(store, "log_note", contact=known, note="too dear")["suggest"]) == 3, "and with what is written about it"


def test_of_who_is_not_closed_nothing_is_offered_to_be_completed(store: Store) -> None:
    known = lead(store)
    do(store, "add_task", contact=known, due=MONDAY)
    do(store, "add_task", contact=known, due=TUESDAY)
    for answer in (
        do(store, "set_status", contact=known, status="in_process"),
        do(store, "log_note", contact=known, note="x"),
        do(store, "complete_task", contact=known),
    ):
        assert answer["suggest"] == []
