"""The fold against product.md rules 2, 3, 5, 7-9, 11-14: what a contact is, from what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_tui.rules.fold import LIFECYCLE, Event, State, fold

ANN, BOB = b"\xaa" * 16, b"\xbb" * 16
D1, D2, D3 = (bytes(15) + bytes([n]) for n in (1, 2, 3))
MINUTE = 60_000


def happened(*steps: tuple[str, dict[str, Any]]) -> list[Event]:
    """Events one minute and one place after the other; the first at minute 1."""
    return [
        Event((n * 65_536, n.to_bytes(16, "big")), kind, data.get("at", n * MINUTE), ANN, {k: v for k, v in data.items() if k != "at"})
        for n, (kind, data) in enumerate(steps, 1)
    ]


def after(*steps: tuple[str, dict[str, Any]]) -> State:
    """The state after a lead's arrival and these steps."""
    return fold(happened(lead(), *steps))


def step(kind: str, **data: Any) -> tuple[str, dict[str, Any]]:
    return kind, data


def lead(**data: Any) -> tuple[str, dict[str, Any]]:
    return "lead", {"source": "web_form", **data}


def call(outcome: str, **data: Any) -> tuple[str, dict[str, Any]]:
    return "call", {"outcome": outcome, **data}


def to_user(user: bytes = ANN) -> tuple[str, dict[str, Any]]:
    return "route", {"owner": user.hex()}


def to_desk(desk: str, *, closes: bool = False) -> tuple[str, dict[str, Any]]:
    return "route", {"desk": desk, **({"closes": True} if closes else {})}


def status(role: str, **data: Any) -> tuple[str, dict[str, Any]]:
    return "set_status", {"status": role, "role": role, **data}


def stage(name: str) -> tuple[str, dict[str, Any]]:
    return "set_lifecycle", {"stage": name}


def opened(deal: bytes = D1) -> tuple[str, dict[str, Any]]:
    return "deal_opened", {"deal": deal}


def moved(role: str, deal: bytes = D1) -> tuple[str, dict[str, Any]]:
    return "deal_stage", {"deal": deal, "role": role}


def trace(state: State, field: str) -> list[tuple[str, str, str | None]]:
    """What followed: old, new, rule."""
    return [(one.old, one.new, one.rule) for one in state.followed if one.field == field]


BACK_TO_LEADOMETER = step("route")
NO_ANSWER = call("no_answer")
TALKED = call("talked")
SUPPLIER = to_desk("supplier", closes=True)


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


def test_an_answer_to_a_quote_is_work_on_the_contact() -> None:
    unanswered, answered = (after(step("quote", **more)) for more in ({}, {"answer": {"answer": "accepted", "at": 9 * MINUTE}}))
    assert (unanswered.worked_at, answered.worked_at) == (2 * MINUTE, 9 * MINUTE)
    assert (answered.status, answered.last_talk_at) == ("in_process", None)
