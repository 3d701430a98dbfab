"""What a contact is, as a pure fold over what happened to it (product.md rules 2, 3, 5, 7-9, 11-14).

`fold(events)` sorts the events by their place in the log and walks them; status, lifecycle stage, attempts and owner follow, each
change with its reason. The same events give the same state in whatever order they arrive, and undo is taking an event out.
Only roles stored with the events are read, never today's settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

LIFECYCLE = ("subscriber", "lead", "marketing_qualified", "sales_qualified", "opportunity", "customer", "evangelist", "other")
LIFECYCLE_RANK = {stage: rank for rank, stage in enumerate(LIFECYCLE)} | {"other": -1}
ROLES = ("new", "no_answer", "initial_contact", "in_process", "closed", "customer", "inactive_customer")
STATUS_RANK = {"new": 0, "no_answer": 1, "initial_contact": 2, "in_process": 3}
CUSTOMER_ROLES = frozenset({"customer", "inactive_customer"})

INPUT_KINDS = frozenset(
    {"lead", "added", "call", "meeting", "email", "message", "note", "quote", "route", "set_status", "set_lifecycle", "rated"}
)
"""Kinds of timeline entries that the fold reads; deals come in beside them as `deal_opened` and `deal_stage`."""

ARRIVED = "lead arrived"
RETURNING = "returning"
NO_ANSWER = "no answer"
NOT_INTERESTED = "not interested"
FIRST_CONVERSATION = "first conversation"
LATER_CONVERSATION = "later conversation"
MEETING_HELD = "meeting held"
QUOTE_SENT = "quote sent"
DEAL_OPENED = "deal opened"
DEAL_MOVED = "deal moved"
DEAL_WON = "deal won"
DEAL_LOST = "deal lost"
ROUTED = "routed"
ROUTED_TO_DESK = "routed to desk"
LEFT_DESK = "left desk"
READINESS_HIGH = "readiness high"


class Event(NamedTuple):
    """One thing that happened: `place` orders (stamp, id), `at` is when people say it was (ms), `data` is its content."""

    place: tuple[int, bytes]
    kind: str
    at: int
    by: bytes | None
    data: Mapping[str, Any]


class Followed(NamedTuple):
    """A change of status or lifecycle stage that followed from an event, by a rule or (rule None) by hand."""

    field: str
    old: str
    new: str
    rule: str | None
    event: Event
    reason: str | None = None


@dataclass(slots=True)
class State:
    """What a contact is after its events. Times in ms; `started_at` starts the clock of rule 5."""

    place: int = 0
    lifecycle: str = "lead"
    status: str = "new"
    role: str = "new"
    reason: str | None = None
    reason_text: str | None = None
    closed_at: int | None = None
    source: str | None = None
    source_detail: str | None = None
    campaign: str | None = None
    latest_source: str | None = None
    offline: bool = False
    owner: bytes | None = None
    desk: str | None = None
    routed_at: int | None = None
    started_at: int = 0
    first_attempt_at: int | None = None
    last_attempt_at: int | None = None
    last_talk_at: int | None = None
    worked_at: int | None = None
    returned_at: int | None = None
    attempts: int = 0
    arrived: bool = False
    talked: bool = False
    by_hand: bool = False
    was_customer: bool = False
    before_desk: tuple[str, str, str, str | None, str | None, int | None] | None = None
    status_by_desk: bool = False
    deals: dict[bytes, str] = field(default_factory=dict)
    followed: list[Followed] = field(default_factory=list)


def fold(events: Iterable[Event]) -> State:
    """The state that follows from `events`, in log order whatever order they are given in."""
    state = State()
    for event in sorted(events, key=_place):
        _STEPS[event.kind](state, event)
        state.place = max(state.place, event.place[0])
    return state


def _place(event: Event) -> tuple[int, bytes]:
    return event.place


def _lead(state: State, event: Event) -> None:
    data = event.data
    source = data.get("source") or None
    state.latest_source = source or state.latest_source
    if state.arrived:
        _return(state, event)
    else:
        state.arrived = True
        state.source, state.source_detail, state.campaign = source, data.get("detail"), data.get("campaign")
        state.offline = bool(data.get("offline"))
        state.started_at = event.at
        if event.kind == "added":
            state.lifecycle = data.get("stage", "lead")
            state.was_customer = state.lifecycle == "customer"
            state.desk = data.get("desk")
    if data.get("readiness") == "high" and data.get("offline"):
        _raise_lifecycle(state, "sales_qualified", READINESS_HIGH, event)


def _return(state: State, event: Event) -> None:
    state.returned_at = event.at
    was_inactive = state.role == "inactive_customer" or (state.role == "customer" and bool(event.data.get("inactive")))
    if state.role != "closed" and not was_inactive:
        return
    if state.before_desk is not None:
        _leave_desk(state, event)
    if state.owner is None:
        state.desk = None
    _set_status(state, "new", "new", RETURNING, event)
    state.started_at = event.at
    state.attempts = 0
    state.first_attempt_at = state.last_attempt_at = None
    state.talked = False


def _call(state: State, event: Event) -> None:
    outcome = event.data.get("outcome", "talked")
    outgoing = event.data.get("direction", "out") == "out"
    state.worked_at = max(state.worked_at or 0, event.at)
    if outcome == "wrong_number":
        return
    if outgoing:
        _attempt(state, event)
    if outcome in ("talked", "call_back"):
        _conversation(state, event)
    elif outcome == "not_interested":
        _close(state, event.data.get("reason", "other"), event.data.get("reason_text"), NOT_INTERESTED, event)
    elif outgoing and state.role in ("new", "no_answer"):
        state.attempts += 1
        _set_status(state, "no_answer", "no_answer", NO_ANSWER, event, same_role_keeps=True)


def _written(state: State, event: Event) -> None:
    state.worked_at = max(state.worked_at or 0, event.at)
    if event.data.get("direction", "out") == "out":
        _attempt(state, event)
    else:
        _conversation(state, event)


def _attempt(state: State, event: Event) -> None:
    if state.first_attempt_at is None or event.at < state.first_attempt_at:
        state.first_attempt_at = event.at
    state.last_attempt_at = max(state.last_attempt_at or 0, event.at)


def _conversation(state: State, event: Event) -> None:
    state.last_talk_at = max(state.last_talk_at or 0, event.at)
    if state.talked:
        _raise_status(state, "in_process", LATER_CONVERSATION, event)
        return
    state.talked = True
    _raise_status(state, "initial_contact", FIRST_CONVERSATION, event)
    _raise_lifecycle(state, "sales_qualified", FIRST_CONVERSATION, event)


def _meeting(state: State, event: Event) -> None:
    state.worked_at = max(state.worked_at or 0, event.at)
    state.last_talk_at = max(state.last_talk_at or 0, event.at)
    state.talked = True
    _raise_status(state, "in_process", MEETING_HELD, event)
    _raise_lifecycle(state, "sales_qualified", MEETING_HELD, event)


def _note(state: State, event: Event) -> None:
    state.worked_at = max(state.worked_at or 0, event.at)


def _quote(state: State, event: Event) -> None:
    answered = event.data.get("answer")
    state.worked_at = max(state.worked_at or 0, event.at, answered["at"] if answered else 0)
    _raise_status(state, "in_process", QUOTE_SENT, event)


def _route(state: State, event: Event) -> None:
    data = event.data
    if state.before_desk is not None:
        _leave_desk(state, event)
    owner = data.get("owner")
    state.owner = bytes.fromhex(owner) if owner else None
    state.desk = data.get("desk")
    state.routed_at = event.at
    if state.owner is not None:
        _raise_lifecycle(state, "marketing_qualified", ROUTED, event)
    elif data.get("closes"):
        state.before_desk = (state.lifecycle, state.status, state.role, state.reason, state.reason_text, state.closed_at)
        _set_lifecycle(state, "other", ROUTED_TO_DESK, event)
        _close(state, "not_relevant", None, ROUTED_TO_DESK, event)
        state.status_by_desk = True


def _leave_desk(state: State, event: Event) -> None:
    """What a closing desk set falls away (rule 13); what somebody set since stays."""
    assert state.before_desk is not None
    lifecycle, status, role, reason, reason_text, closed_at = state.before_desk
    by_desk = state.status_by_desk
    state.before_desk, state.status_by_desk = None, False
    _set_lifecycle(state, lifecycle, LEFT_DESK, event)
    if by_desk:
        _set_status(state, status, role, LEFT_DESK, event)
        state.reason, state.reason_text, state.closed_at = reason, reason_text, closed_at


def _status_by_hand(state: State, event: Event) -> None:
    data = event.data
    if data["role"] == "closed":
        _close(state, data.get("reason", "other"), data.get("reason_text"), None, event, status=data["status"])
    else:
        _set_status(state, data["status"], data["role"], None, event)


def _lifecycle_by_hand(state: State, event: Event) -> None:
    stage = event.data["stage"]
    if state.before_desk is not None:
        state.before_desk = (stage, *state.before_desk[1:])
    if stage == state.lifecycle and not state.by_hand:
        # The same stage, but from now on it holds (rule 14).
        state.followed.append(Followed("lifecycle", stage, stage, None, event))
    state.by_hand = True
    state.was_customer = stage == "customer"
    _set_lifecycle(state, stage, None, event)


def _rated(state: State, event: Event) -> None:
    if event.data.get("readiness") == "high" and state.offline:
        _raise_lifecycle(state, "sales_qualified", READINESS_HIGH, event)


def _deal_opened(state: State, event: Event) -> None:
    state.deals[event.data["deal"]] = "open"
    _raise_status(state, "in_process", DEAL_OPENED, event)
    _follow_deals(state, DEAL_OPENED, event)


def _deal_stage(state: State, event: Event) -> None:
    role = event.data["role"]
    state.deals[event.data["deal"]] = role
    if role == "won":
        state.worked_at = max(state.worked_at or 0, event.at)
        _set_status(state, "customer", "customer", DEAL_WON, event, same_role_keeps=True)
    _follow_deals(state, {"won": DEAL_WON, "lost": DEAL_LOST}.get(role, DEAL_MOVED), event)


def _follow_deals(state: State, rule: str, event: Event) -> None:
    """The best deal counts (rule 14): any won, else any open, else lost; `evangelist` stands for good."""
    roles = state.deals.values()
    stage = "customer" if "won" in roles else "opportunity" if "open" in roles else "other"
    if stage == "other" and state.was_customer:
        stage = "customer"
    state.by_hand = False
    if (state.lifecycle if state.before_desk is None else state.before_desk[0]) == "evangelist":
        return
    if state.before_desk is not None:
        state.before_desk = (stage, *state.before_desk[1:])
    _set_lifecycle(state, stage, rule, event)


def _raise_status(state: State, role: str, rule: str, event: Event) -> None:
    if state.role in CUSTOMER_ROLES:
        return
    if state.role == "closed" or STATUS_RANK[state.role] < STATUS_RANK[role]:
        _set_status(state, role, role, rule, event)


def _raise_lifecycle(state: State, stage: str, rule: str, event: Event) -> None:
    if state.before_desk is not None:
        if LIFECYCLE_RANK[state.before_desk[0]] < LIFECYCLE_RANK[stage] and not state.by_hand:
            state.before_desk = (stage, *state.before_desk[1:])
        return
    if not state.by_hand and LIFECYCLE_RANK[state.lifecycle] < LIFECYCLE_RANK[stage]:
        _set_lifecycle(state, stage, rule, event)


def _close(state: State, reason: str, text: str | None, rule: str | None, event: Event, status: str = "closed") -> None:
    _set_status(state, status, "closed", rule, event, reason=reason)
    state.reason, state.reason_text, state.closed_at = reason, text, event.at


def _set_status(
    state: State,
    status: str,
    role: str,
    rule: str | None,
    event: Event,
    *,
    reason: str | None = None,
    same_role_keeps: bool = False,
) -> None:
    if same_role_keeps and state.role == role:
        return
    if status != state.status or reason != state.reason:
        state.followed.append(Followed("status", state.status, status, rule, event, reason))
    state.status, state.role = status, role
    state.status_by_desk = False
    if role != "closed":
        state.reason = state.reason_text = state.closed_at = None


def _set_lifecycle(state: State, stage: str, rule: str | None, event: Event) -> None:
    if stage != state.lifecycle:
        state.followed.append(Followed("lifecycle", state.lifecycle, stage, rule, event))
        state.lifecycle = stage


_STEPS = {
    "lead": _lead,
    "added": _lead,
    "call": _call,
    "meeting": _meeting,
    "email": _written,
    "message": _written,
    "note": _note,
    "quote": _quote,
    "route": _route,
    "set_status": _status_by_hand,
    "set_lifecycle": _lifecycle_by_hand,
    "rated": _rated,
    "deal_opened": _deal_opened,
    "deal_stage": _deal_stage,
}
