"""What holds of the fold whatever the history: random ones, in any order of arrival."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fold_steps import (
    BACK_TO_LEADOMETER,
    D1,
    D2,
    D3,
    MINUTE,
    SUPPLIER,
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
)
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_tui.rules.fold import LIFECYCLE, Event, fold

ANN, BOB = b"\xaa" * 16, b"\xbb" * 16


# properties, over random histories

OUTCOMES = ("talked", "no_answer", "busy", "call_back", "wrong_number", "not_interested")
ROLES = ("new", "no_answer", "initial_contact", "in_process", "closed", "customer", "inactive_customer")
DEAL_RULES = {"deal opened", "deal won", "deal lost", "deal moved"}


def plain_steps() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Anything but deals, desks that close, and stages and statuses set by hand."""
    direction = st.sampled_from(["out", "in"])
    return st.one_of(
        st.builds(lambda o, d: call(o, direction=d, reason="price"), st.sampled_from(OUTCOMES), direction),
        st.builds(lambda k, d: step(k, direction=d), st.sampled_from(["email", "message"]), direction),
        st.sampled_from([step("meeting"), step("quote"), step("note"), to_user(ANN), to_user(BOB), BACK_TO_LEADOMETER, to_desk("nurture")]),
        st.builds(lambda i, r, o: lead(inactive=i, readiness=r, offline=o), st.booleans(), st.sampled_from(["", "high"]), st.booleans()),
        st.just(step("rated", readiness="high")),
    )


def by_hand() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.one_of(
        st.sampled_from(ROLES).map(lambda role: status(role, **({"reason": "timing"} if role == "closed" else {}))),
        st.sampled_from(LIFECYCLE).map(stage),
    )


def desks() -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.sampled_from([SUPPLIER, to_desk("partner", closes=True)])


@st.composite
def histories(draw: st.DrawFn, *sorts: Callable[[], st.SearchStrategy[Any]], most: int = 14, deals: bool = True) -> list[Event]:
    """A lead's arrival and what happened since; each deal is opened once and has at most one stage event after that."""
    steps = draw(st.lists(st.one_of(plain_steps(), *(sort() for sort in sorts)), max_size=most))
    if deals:
        for deal in (D1, D2, D3)[: draw(st.integers(0, 3))]:
            at = draw(st.integers(0, len(steps)))
            steps.insert(at, opened(deal))
            role = draw(st.sampled_from([None, "open", "won", "lost"]))
            if role:
                steps.insert(draw(st.integers(at + 1, len(steps))), moved(role, deal))
    events = happened(lead(offline=draw(st.booleans())), *steps)
    jumps = draw(st.lists(st.integers(-500, 500), min_size=len(events), max_size=len(events)))
    return [event._replace(at=event.at + jump * MINUTE) for event, jump in zip(events, jumps, strict=True)]


ALL = (by_hand, desks)


def check_order_of_arrival(events: list[Event], shuffled: list[Event]) -> None:
    assert fold(shuffled) == fold(events)


def check_prefixes(events: list[Event]) -> None:
    """What followed from a prefix stays what followed; folding leaves its events alone, so taking the last out gives the state before."""
    whole = fold(events)
    states = [fold(events[:n]) for n in range(len(events) + 1)]
    assert states[-1] == whole
    for n, state in enumerate(states):
        assert whole.followed[: len(state.followed)] == state.followed
        assert fold(events[:n]) == state
        assert state.place == max((event.place[0] for event in events[:n]), default=0)
    for one, value in (("status", whole.status), ("lifecycle", whole.lifecycle)):
        last = {"status": "new", "lifecycle": "lead"}[one]
        for followed in whole.followed:
            if followed.field == one:
                assert followed.old == last, "the trace has a gap"
                last = followed.new
        assert last == value
    for followed in whole.followed:
        assert (followed.rule is None) == followed.event.kind.startswith("set_"), "whatever a rule did is named"


def check_lifecycle_never_lower(events: list[Event]) -> None:
    ladder = {name: rank for rank, name in enumerate(LIFECYCLE)} | {"other": -1}
    for one in fold(events).followed:
        if one.field == "lifecycle" and ladder[one.new] < ladder[one.old]:
            assert one.rule is None or one.rule in DEAL_RULES | {"routed to desk", "left desk"}, one


def check_status_never_lower(events: list[Event]) -> None:
    rank = {"new": 0, "no_answer": 1, "initial_contact": 2, "in_process": 3}
    for one in fold(events).followed:
        if one.field == "status" and one.rule not in (None, "returning", "left desk", "deal won"):
            assert one.old in ("closed",) or one.new == "closed" or rank[one.new] > rank[one.old], one


def check_attempts(events: list[Event]) -> None:
    """Rule 7 counted again from the trace: unanswered outgoing calls while `new` or `no_answer`, since the last return."""
    count = 0
    for n, event in enumerate(events):
        before, now = fold(events[:n]), fold(events[: n + 1])
        if event.kind == "lead" and n and before.role != "new" and now.role == "new":
            count = 0
        unanswered = event.kind == "call" and event.data["outcome"] in ("no_answer", "busy") and event.data.get("direction", "out") == "out"
        if unanswered and before.role in ("new", "no_answer"):
            count += 1
        assert now.attempts == count


def check_evangelist(events: list[Event]) -> None:
    """Once set and not set again, nothing but a closing desk hides it, and it is back when the contact leaves the desk."""
    hands = [n for n, event in enumerate(events) if event.kind == "set_lifecycle"]
    if hands and events[hands[-1]].data["stage"] == "evangelist":
        for n in range(hands[-1] + 1, len(events) + 1):
            state = fold(events[:n])
            assert state.lifecycle == "evangelist" or (state.before_desk is not None and state.lifecycle == "other")
        out = Event((99 << 30, b""), "route", 0, ANN, {"owner": ANN.hex()})
        assert fold([*events, out]).lifecycle == "evangelist"


def check_customer_never_other(events: list[Event]) -> None:
    """A won deal that stands makes a customer, and no lost one beside it makes it `other`; nor one that a hand made a customer."""
    for n in range(1, len(events) + 1):
        done = events[:n]
        won = [k for k, event in enumerate(done) if event.kind == "deal_stage" and event.data["role"] == "won"]
        hands = [k for k, event in enumerate(done) if event.kind == "set_lifecycle"]
        lasting = won[-1:] if won and (not hands or hands[-1] < won[-1]) else []
        if hands and done[hands[-1]].data["stage"] == "customer":
            lasting = hands[-1:]
        if lasting:
            assert fold(done).lifecycle != "other"


def check_desk_falls_away(events: list[Event], desk: tuple[str, dict[str, Any]], out: tuple[str, dict[str, Any]]) -> None:
    last = events[-1].place[0]
    around = [Event((last + 1, b"1"), *_kind_at(desk)), Event((last + 2, b"2"), *_kind_at(out))]
    straight, went = fold([*events, around[1]]), fold([*events, *around])
    for name in (
        "lifecycle",
        "status",
        "role",
        "reason",
        "reason_text",
        "closed_at",
        "owner",
        "desk",
        "attempts",
        "by_hand",
        "before_desk",
    ):
        assert getattr(went, name) == getattr(straight, name), name


def _kind_at(what: tuple[str, dict[str, Any]]) -> tuple[str, int, bytes, dict[str, Any]]:
    return what[0], MINUTE, ANN, what[1]


orders = histories(*ALL).flatmap(lambda events: st.tuples(st.just(events), st.permutations(events)))
outs = st.sampled_from([to_user(), BACK_TO_LEADOMETER, to_desk("nurture")])


@given(orders)
def test_the_order_of_arrival_does_not_matter(both: tuple[list[Event], list[Event]]) -> None:
    check_order_of_arrival(*both)


@given(histories(*ALL))
def test_a_longer_history_continues_a_shorter_one(events: list[Event]) -> None:
    check_prefixes(events)


@given(histories(*ALL))
def test_the_stage_is_lowered_only_by_deals_desks_and_hands(events: list[Event]) -> None:
    check_lifecycle_never_lower(events)


@given(histories(by_hand))
def test_rules_8_and_9_never_lower_the_status(events: list[Event]) -> None:
    check_status_never_lower(events)


@given(histories(*ALL))
def test_attempts_are_the_unanswered_calls(events: list[Event]) -> None:
    check_attempts(events)


@given(histories(*ALL))
def test_evangelist_is_for_good(events: list[Event]) -> None:
    check_evangelist(events)


@given(histories(by_hand))
def test_a_lost_upsell_never_makes_a_customer_other(events: list[Event]) -> None:
    check_customer_never_other(events)


@given(histories(*ALL), desks(), outs)
def test_a_desk_leaves_no_trace_in_stage_and_status(events: list[Event], desk: Any, out: Any) -> None:
    check_desk_falls_away(events, desk, out)


@pytest.mark.long
@settings(max_examples=3_000)
@given(orders, histories(by_hand), desks(), outs)
def test_all_properties_of_the_fold_at_length(
    both: tuple[list[Event], list[Event]], without_desks: list[Event], desk: Any, out: Any
) -> None:
    events, shuffled = both
    check_order_of_arrival(events, shuffled)
    check_prefixes(events)
    check_lifecycle_never_lower(events)
    check_attempts(events)
    check_evangelist(events)
    check_desk_falls_away(events, desk, out)
    check_status_never_lower(without_desks)
    check_customer_never_other(without_desks)
