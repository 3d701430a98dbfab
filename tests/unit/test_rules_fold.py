"""The fold against product.md rules 2, 3, 5, 7-9, 11-14: what a contact is, from what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from fold_steps import (
    BACK_TO_LEADOMETER,
    D2,
    MINUTE,
    NO_ANSWER,
    SUPPLIER,
    TALKED,
    after,
    call,
    happened,
    lead,
    moved,
    opened,
    stage,
    status,
    step,
    to_desk,
    to_user,
    trace,
)

from crm_tui.rules.fold import State, fold

ANN, BOB = b"\xaa" * 16, b"\xbb" * 16


# rule 1, 5: a lead arrives


def test_a_lead_is_new_and_its_clock_runs_from_its_arrival() -> None:
    state = after()
    assert (state.status, state.role, state.lifecycle, state.attempts, state.owner, state.desk) == ("new", "new", "lead", 0, None, None)
    assert (state.started_at, state.first_attempt_at, state.returned_at) == (MINUTE, None, None)
    assert state.followed == []


def test_no_events_is_a_new_lead() -> None:
    assert fold([]) == State()


# rule 2: the source, coming back


def test_the_original_source_never_changes_the_latest_does() -> None:
    state = fold(
        happened(
            lead(source="exhibition", detail="Agritech", campaign="autumn", offline=True),
            lead(source="ads", campaign="winter"),
            lead(source="email"),
        )
    )
    assert (state.source, state.source_detail, state.campaign, state.latest_source) == ("exhibition", "Agritech", "autumn", "email")


@pytest.mark.parametrize("role", ["new", "no_answer", "initial_contact", "in_process", "customer"])
def test_whoever_returns_stays_where_it_is_and_is_flagged(role: str) -> None:
    state = after(to_user(), status(role), lead())
    assert (state.role, state.returned_at, state.owner, state.started_at) == (role, 4 * MINUTE, ANN, MINUTE)


@pytest.mark.parametrize(
    ("closed", "returns"),
    [
        (status("closed", reason="price"), lead()),
        (call("not_interested", reason="price"), lead()),
        (status("inactive_customer"), lead()),
        (status("customer"), lead(inactive=True)),
    ],
)
@pytest.mark.parametrize("owner", [None, ANN])
def test_closed_and_inactive_contacts_start_anew_when_they_return(closed: Any, returns: Any, owner: bytes | None) -> None:
    routed = [to_user()] if owner else []
    state = after(*routed, NO_ANSWER, TALKED, closed, returns)
    n = 5 + len(routed)
    assert (state.role, state.status, state.owner, state.desk) == ("new", "new", owner, None)
    assert (state.started_at, state.returned_at) == (n * MINUTE, n * MINUTE), "the clock of rule 5 starts anew"
    assert (state.attempts, state.first_attempt_at, state.last_attempt_at) == (0, None, None)
    assert (state.reason, state.reason_text, state.closed_at) == (None, None, None)
    assert trace(state, "status")[-1][1:] == ("new", "returning")


def test_after_the_return_the_first_conversation_is_a_first_one_again() -> None:
    state = after(TALKED, TALKED, status("closed", reason="price"), lead(), TALKED)
    assert state.role == "initial_contact"
    assert trace(state, "status")[-1] == ("new", "initial_contact", "first conversation")


def test_attempts_are_counted_from_the_return() -> None:
    state = after(NO_ANSWER, NO_ANSWER, NO_ANSWER, status("closed", reason="unreachable"), lead(), NO_ANSWER)
    assert (state.attempts, state.role) == (1, "no_answer")


def test_an_unowned_contact_returns_from_any_desk_to_the_leadometer() -> None:
    for desk in (SUPPLIER, to_desk("nurture")):
        state = after(desk, status("closed", reason="price"), lead())
        assert (state.desk, state.owner, state.role, state.lifecycle) == (None, None, "new", "lead")


def test_a_supplier_who_asks_again_leaves_the_desk_as_a_lead() -> None:
    state = after(SUPPLIER, lead())
    assert (state.desk, state.role, state.lifecycle, state.before_desk) == (None, "new", "lead", None)


# rule 3: readiness


@pytest.mark.parametrize(
    ("arrival", "expected"),
    [
        ({"source": "phone", "offline": True, "readiness": "high"}, "sales_qualified"),
        ({"source": "phone", "offline": True, "readiness": "medium"}, "lead"),
        ({"source": "phone", "offline": True}, "lead"),
        ({"source": "web_form", "readiness": "high"}, "lead"),
    ],
)
def test_high_readiness_from_an_offline_source_qualifies(arrival: dict[str, Any], expected: str) -> None:
    state = fold(happened(lead(**arrival)))
    assert state.lifecycle == expected
    assert state.role == "new"
    assert trace(state, "lifecycle") == ([("lead", expected, "readiness high")] if expected != "lead" else [])


@pytest.mark.parametrize(("offline", "expected"), [(True, "sales_qualified"), (False, "lead")])
def test_a_rating_that_comes_later_counts_the_same(offline: bool, expected: str) -> None:
    assert fold(happened(lead(offline=offline), step("rated", readiness="high"))).lifecycle == expected


# rule 5: the first attempt

FIRST_ATTEMPTS = [
    (NO_ANSWER, True),
    (call("busy"), True),
    (TALKED, True),
    (call("call_back"), True),
    (call("not_interested", reason="price"), True),
    (call("wrong_number"), False),
    (step("email"), True),
    (step("message"), True),
    (call("talked", direction="in"), False),
    (call("no_answer", direction="in"), False),
    (step("email", direction="in"), False),
    (step("message", direction="in"), False),
    (step("note"), False),
    (to_user(), False),
]


@pytest.mark.parametrize(("attempt", "counts"), FIRST_ATTEMPTS)
def test_a_first_attempt_is_any_outgoing_call_message_or_email(attempt: Any, counts: bool) -> None:
    state = after(attempt, step("message"), step("email"))
    assert state.first_attempt_at == (2 if counts else 3) * MINUTE
    assert state.last_attempt_at == 4 * MINUTE


def test_the_first_attempt_is_the_earliest_also_when_it_is_logged_later() -> None:
    state = after(call("no_answer", at=90 * MINUTE), call("no_answer", at=20 * MINUTE))
    assert (state.first_attempt_at, state.last_attempt_at, state.attempts) == (20 * MINUTE, 90 * MINUTE, 2)


# rule 7: calls without an answer


def test_each_unanswered_call_counts_until_somebody_answers() -> None:
    state = after(NO_ANSWER, call("busy"), NO_ANSWER)
    assert (state.role, state.attempts) == ("no_answer", 3)
    assert trace(state, "status") == [("new", "no_answer", "no answer")]
    state = after(NO_ANSWER, call("busy"), TALKED, NO_ANSWER, NO_ANSWER)
    assert (state.role, state.attempts) == ("initial_contact", 2)


def test_more_than_six_attempts_never_close_by_themselves() -> None:
    state = after(*[NO_ANSWER] * 9)
    assert (state.role, state.attempts) == ("no_answer", 9)


def test_a_wrong_number_is_no_attempt() -> None:
    state = after(call("wrong_number"))
    assert (state.role, state.attempts, state.first_attempt_at, state.last_attempt_at) == ("new", 0, None, None)


def test_a_missed_call_from_outside_is_no_attempt() -> None:
    state = after(call("no_answer", direction="in"), call("busy", direction="in"))
    assert (state.role, state.attempts, state.first_attempt_at) == ("new", 0, None)


def test_not_interested_closes_with_the_reason() -> None:
    state = after(call("not_interested", reason="competitor", reason_text="went to Acme"))
    assert (state.role, state.status, state.reason, state.reason_text, state.closed_at) == (
        "closed",
        "closed",
        "competitor",
        "went to Acme",
        2 * MINUTE,
    )
    assert state.followed[-1].reason == "competitor"


def test_a_status_of_ones_own_keeps_its_key_while_its_role_fits() -> None:
    hot = ("set_status", {"status": "second_try", "role": "no_answer"})
    assert after(hot, NO_ANSWER).status == "second_try"
    vip = ("set_status", {"status": "vip", "role": "customer"})
    assert after(vip, opened(), moved("won")).status == "vip"
    talks = ("set_status", {"status": "talks", "role": "in_process"})
    assert after(talks, TALKED, step("meeting"), opened()).status == "talks"


# rules 8 and 9: conversations


def test_the_first_conversation_and_the_next() -> None:
    state = after(NO_ANSWER, TALKED, TALKED)
    assert trace(state, "status") == [
        ("new", "no_answer", "no answer"),
        ("no_answer", "initial_contact", "first conversation"),
        ("initial_contact", "in_process", "later conversation"),
    ]
    assert trace(state, "lifecycle") == [("lead", "sales_qualified", "first conversation")]


@pytest.mark.parametrize("first", [step("meeting"), step("quote"), opened()])
def test_meeting_quote_and_deal_lead_to_in_process_also_when_they_come_first(first: Any) -> None:
    assert after(first).role == "in_process"
    assert after(first, TALKED).role == "in_process"


@pytest.mark.parametrize("again", [TALKED, step("email", direction="in"), step("meeting"), step("quote"), opened()])
def test_a_closed_contact_goes_as_if_it_were_new(again: Any) -> None:
    closed = after(status("closed", reason="price"), again)
    new = after(status("new"), again)
    assert (closed.role, closed.status) == (new.role, new.status)
    assert (closed.reason, closed.closed_at) == (None, None)


@pytest.mark.parametrize("customer", ["customer", "inactive_customer"])
@pytest.mark.parametrize("what", [NO_ANSWER, TALKED, step("meeting"), step("quote"), opened(), step("email", direction="in")])
def test_customers_stay(customer: str, what: Any) -> None:
    assert after(status(customer), what, what if what[0] != "deal_opened" else opened(D2)).role == customer


# rule 11: closing


def test_the_reason_goes_with_the_closing_and_may_change() -> None:
    state = after(status("closed", reason="price"), status("closed", reason="timing", reason_text="next year"))
    assert (state.reason, state.reason_text, state.closed_at) == ("timing", "next year", 3 * MINUTE)
    assert [one.reason for one in state.followed if one.field == "status"] == ["price", "timing"]
    state = after(status("closed", reason="price"), status("in_process"))
    assert (state.reason, state.reason_text, state.closed_at) == (None, None, None)


# rule 13: desks


@pytest.mark.parametrize(
    "before", [(), (TALKED,), (step("meeting"),), (NO_ANSWER, NO_ANSWER), (status("closed", reason="price", reason_text="dear"),)]
)
def test_what_a_closing_desk_set_falls_away_when_routed_on(before: Sequence[Any]) -> None:
    at_desk = after(*before, SUPPLIER)
    assert (at_desk.lifecycle, at_desk.role, at_desk.reason, at_desk.desk, at_desk.owner) == (
        "other",
        "closed",
        "not_relevant",
        "supplier",
        None,
    )
    straight, around = after(*before, to_user()), after(*before, SUPPLIER, to_user())
    for name in ("lifecycle", "role", "status", "reason", "reason_text", "closed_at", "owner", "desk", "attempts"):
        assert getattr(around, name) == getattr(straight, name), name
    straight, around = after(*before), after(*before, SUPPLIER, BACK_TO_LEADOMETER)
    for name in ("lifecycle", "role", "status", "reason", "reason_text", "closed_at", "owner", "desk", "attempts"):
        assert getattr(around, name) == getattr(straight, name), name


def test_from_one_closing_desk_to_another_and_out() -> None:
    state = after(TALKED, SUPPLIER, to_desk("partner", closes=True))
    assert (state.lifecycle, state.role, state.desk) == ("other", "closed", "partner")
    state = after(TALKED, SUPPLIER, to_desk("partner", closes=True), to_desk("nurture"))
    assert (state.lifecycle, state.role, state.desk) == ("sales_qualified", "initial_contact", "nurture")


def test_what_somebody_set_at_the_desk_stays_when_routed_on() -> None:
    state = after(SUPPLIER, status("closed", reason="timing"), to_user())
    assert (state.role, state.reason) == ("closed", "timing")
    state = after(SUPPLIER, stage("subscriber"), to_user())
    assert state.lifecycle == "subscriber"
    state = after(SUPPLIER, stage("evangelist"), to_user())
    assert state.lifecycle == "evangelist"


def test_what_happens_at_a_closing_desk_raises_what_lies_under_it() -> None:
    state = after(SUPPLIER, TALKED)
    assert (state.lifecycle, state.role) == ("other", "initial_contact")
    assert after(SUPPLIER, TALKED, to_user()).lifecycle == "sales_qualified"


@pytest.mark.parametrize("desk", ["nurture", "support"])
def test_other_desks_change_neither_status_nor_stage(desk: str) -> None:
    state = after(to_user(), TALKED, to_desk(desk))
    assert (state.role, state.lifecycle, state.desk, state.owner) == ("initial_contact", "sales_qualified", desk, None)
    assert after(to_desk(desk)).lifecycle == "lead"


# rule 14: deals and lifecycle


@pytest.mark.parametrize(
    ("deals", "stage_after", "role_after"),
    [
        ([opened()], "opportunity", "in_process"),
        ([opened(), moved("won")], "customer", "customer"),
        ([opened(), moved("lost")], "other", "in_process"),
        ([opened(), moved("open")], "opportunity", "in_process"),
        ([opened(), opened(D2), moved("lost")], "opportunity", "in_process"),
        ([opened(), opened(D2), moved("lost"), moved("lost", D2)], "other", "in_process"),
        ([opened(), opened(D2), moved("won"), moved("lost", D2)], "customer", "customer"),
        ([opened(), opened(D2), moved("lost", D2), moved("won")], "customer", "customer"),
        ([opened(), moved("won"), opened(D2)], "customer", "customer"),
        ([opened(), moved("won"), opened(D2), moved("lost", D2)], "customer", "customer"),
        ([opened(), moved("lost"), opened(D2)], "opportunity", "in_process"),
        ([stage("customer"), opened(), moved("lost")], "customer", "in_process"),
        ([stage("customer"), stage("lead"), opened(), moved("lost")], "other", "in_process"),
        ([stage("evangelist"), opened(), moved("lost")], "evangelist", "in_process"),
        ([stage("evangelist"), opened(), moved("won")], "evangelist", "customer"),
        ([status("closed", reason="price"), opened(), moved("won")], "customer", "customer"),
    ],
)
def test_the_best_deal_counts(deals: list[Any], stage_after: str, role_after: str) -> None:
    state = after(*deals)
    assert (state.lifecycle, state.role) == (stage_after, role_after)


def test_a_contact_that_came_in_as_a_customer_is_none_less_for_a_lost_deal() -> None:
    assert fold(happened(step("added", stage="customer"), opened(), moved("lost"))).lifecycle == "customer"


def test_an_evangelist_stays_one_through_a_desk() -> None:
    for role in ("won", "lost", "open"):
        state = after(stage("evangelist"), opened(), SUPPLIER, moved(role), to_user())
        assert state.lifecycle == "evangelist", role


def test_the_stage_rises_with_the_work_and_never_falls() -> None:
    state = after(to_user(), TALKED, to_user(BOB), step("meeting"))
    assert trace(state, "lifecycle") == [
        ("lead", "marketing_qualified", "routed"),
        ("marketing_qualified", "sales_qualified", "first conversation"),
    ]
    assert after(opened(), TALKED, step("meeting"), to_user()).lifecycle == "opportunity"


def test_a_stage_set_by_hand_holds_until_the_next_deal_event() -> None:
    held = [stage("subscriber"), to_user(), TALKED, step("meeting"), step("rated", readiness="high")]
    assert after(*held).lifecycle == "subscriber"
    assert after(*held, opened()).lifecycle == "opportunity"
    assert after(opened(), stage("lead"), TALKED).lifecycle == "lead"
    assert after(opened(), stage("lead"), moved("won")).lifecycle == "customer"


def test_saying_by_hand_what_the_stage_is_already_is_told_when_it_holds_from_then_on() -> None:
    held = ("lead", "lead", None)
    assert trace(after(stage("lead")), "lifecycle") == [held]
    assert trace(after(stage("lead"), stage("lead")), "lifecycle") == [held]
    assert trace(after(stage("customer"), stage("customer")), "lifecycle") == [("lead", "customer", None)]
    opportunity = [("lead", "opportunity", "deal opened"), ("opportunity", "opportunity", None)]
    assert trace(after(opened(), stage("opportunity"), stage("opportunity")), "lifecycle") == opportunity


def test_what_a_deal_did_is_named() -> None:
    state = after(opened(), moved("won"))
    assert trace(state, "status") == [("new", "in_process", "deal opened"), ("in_process", "customer", "deal won")]
    assert trace(state, "lifecycle") == [("lead", "opportunity", "deal opened"), ("opportunity", "customer", "deal won")]


def test_an_answer_to_a_quote_is_work_on_the_contact() -> None:
    unanswered, answered = (after(step("quote", **more)) for more in ({}, {"answer": {"answer": "accepted", "at": 9 * MINUTE}}))
    assert (unanswered.worked_at, answered.worked_at) == (2 * MINUTE, 9 * MINUTE)
    assert (answered.status, answered.last_talk_at) == ("in_process", None)
