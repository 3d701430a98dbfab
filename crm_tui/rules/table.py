"""What the rules do, as a table made by running the fold: for each status role and lifecycle stage where each event leads.

`crm-tui show rules` prints it and docs/rules.md holds it; nothing in it is written by hand but the names of the events.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from crm_tui.i18n import mark
from crm_tui.rules.fold import LIFECYCLE, ROLES, Event, State, fold

_OWNER = "11" * 16
_OTHER, _DEAL = b"\0" * 15 + b"\x01", b"\0" * 15 + b"\x02"


class Case(NamedTuple):
    """One event of the table, and what it needs before it: a conversation, an open deal, further events after the start.

    A deal has one stage at a time: when the event `replaces`, those further events are gone with it.
    """

    name: str
    event: Sequence[Event]
    talked: bool = False
    deal: bool = False
    before: Sequence[Event] = ()
    replaces: bool = False


def _event(kind: str, **data: Any) -> Event:
    return Event((0, b""), kind, 0, None, data)


def _deal_event(deal: bytes, role: str) -> Event:
    return _event("deal_stage", deal=deal, role=role)


def _opened(deal: bytes) -> Event:
    return _event("deal_opened", deal=deal)


_ARRIVED = _event("lead", source="phone", offline=True)
_TALKED = _event("call", outcome="talked")
_CLOSING_DESK = _event("route", desk="supplier", closes=True)
_TO_USER = _event("route", owner=_OWNER)

STATUS_BY_HAND = mark("status set by hand")
STAGE_BY_HAND = mark("stage set by hand")
CASES = (
    Case(mark("call: no answer"), [_event("call", outcome="no_answer")]),
    Case(mark("call: busy"), [_event("call", outcome="busy")]),
    Case(mark("call: talked, the first conversation"), [_event("call", outcome="talked")]),
    Case(mark("call: talked, a later conversation"), [_event("call", outcome="talked")], talked=True),
    Case(mark("call: call back, the first conversation"), [_event("call", outcome="call_back")]),
    Case(mark("call: call back, a later conversation"), [_event("call", outcome="call_back")], talked=True),
    Case(mark("call: wrong number"), [_event("call", outcome="wrong_number")]),
    Case(mark("call: not interested"), [_event("call", outcome="not_interested", reason="price")]),
    Case(mark("call coming in: missed"), [_event("call", outcome="no_answer", direction="in")]),
    Case(mark("call coming in: talked, the first conversation"), [_event("call", outcome="talked", direction="in")]),
    Case(mark("call coming in: talked, a later conversation"), [_event("call", outcome="talked", direction="in")], talked=True),
    Case(mark("e-mail sent"), [_event("email")]),
    Case(mark("e-mail received, the first conversation"), [_event("email", direction="in")]),
    Case(mark("e-mail received, a later conversation"), [_event("email", direction="in")], talked=True),
    Case(mark("message sent"), [_event("message")]),
    Case(mark("message received, the first conversation"), [_event("message", direction="in")]),
    Case(mark("message received, a later conversation"), [_event("message", direction="in")], talked=True),
    Case(mark("meeting held"), [_event("meeting")]),
    Case(mark("quote sent"), [_event("quote")]),
    Case(mark("note"), [_event("note")]),
    Case(mark("deal opened"), [_opened(_DEAL)]),
    Case(mark("deal moved to another open stage"), [_deal_event(_DEAL, "open")], deal=True),
    Case(mark("deal won"), [_deal_event(_DEAL, "won")], deal=True),
    Case(mark("deal lost"), [_deal_event(_DEAL, "lost")], deal=True),
    Case(mark("deal won, then opened again"), [_deal_event(_DEAL, "open")], deal=True, before=[_deal_event(_DEAL, "won")], replaces=True),
    Case(mark("routed to a user"), [_TO_USER]),
    Case(mark("routed to partner, supplier or not a lead"), [_CLOSING_DESK]),
    Case(mark("routed to nurture or support"), [_event("route", desk="nurture")]),
    Case(mark("routed back to the Leadometer"), [_event("route")]),
    Case(mark("at partner, supplier or not a lead, then routed to a user"), [_TO_USER], before=[_CLOSING_DESK]),
    Case(mark("at partner, supplier or not a lead, then back to the Leadometer"), [_event("route")], before=[_CLOSING_DESK]),
    Case(mark("lead comes in again"), [_event("lead", source="web_form")]),
    Case(mark("lead comes in again, an inactive customer by the clock"), [_event("lead", source="web_form", inactive=True)]),
    Case(mark("rated high, from an offline source"), [_event("rated", readiness="high")]),
    *(Case(f"{STATUS_BY_HAND}: {role}", [_event("set_status", status=role, role=role, reason="price")]) for role in ROLES),
    *(Case(f"{STAGE_BY_HAND}: {stage}", [_event("set_lifecycle", stage=stage)]) for stage in LIFECYCLE),
)
BY_HAND = " (by hand)"
_INTRO = "Made by running the rules (`python -m crm_tui.rules.table > docs/rules.md`); a test holds this page to them."


def rows() -> list[dict[str, Any]]:
    """Every cell: `field` (`status` by role, or `lifecycle`), `event`, `from`, `to`, the `rule` that did it (None: nothing, or a
    person's hand) and, for `status`, how many `attempts` it counts.
    """
    cells = []
    for case in CASES:
        for role in ROLES:
            cells.append(_cell("status", role, case))
        for stage in _stages():
            cells.append(_cell("lifecycle", stage, case))
    return cells


def _stages() -> list[str]:
    return [*LIFECYCLE, "lead" + BY_HAND, "customer" + BY_HAND]


def _cell(field: str, start: str, case: Case) -> dict[str, Any]:
    given = _start(field, start, case)
    before = [*given, *case.before]
    kept = given if case.replaces else before
    after = fold(in_order([*kept, *case.event]))
    rules = [one.rule for one in after.followed if one.field == field and one.event.place[0] > len(kept)]
    cell: dict[str, Any] = {
        "field": field,
        "event": case.name,
        "from": start,
        "to": _value(after, field),
        "rule": rules[-1] if rules else None,
    }
    if field == "status":
        cell["attempts"] = after.attempts - fold(in_order(before)).attempts
    return cell


def _value(state: State, field: str) -> str:
    return state.role if field == "status" else state.lifecycle


def _start(field: str, start: str, case: Case) -> list[Event]:
    """Events that lead to a status role, or to a lifecycle stage the natural way where there is one."""
    first = [_ARRIVED, *([_TALKED] if case.talked else []), *([_opened(_DEAL)] if case.deal else [])]
    if field == "status":
        return [*first, _event("set_status", status=start, role=start, reason="price")]
    stage = start.removesuffix(BY_HAND)
    if start == "customer":
        return [*first, _opened(_OTHER), _deal_event(_OTHER, "won")]
    if start.endswith(BY_HAND) or case.talked:
        return [*first, _event("set_lifecycle", stage=stage)]
    if stage == "opportunity":
        return first if case.deal else [*first, _opened(_OTHER)]
    if case.deal:
        return [*first, _event("set_lifecycle", stage=stage)]
    if stage == "other":
        return [*first, _opened(_OTHER), _deal_event(_OTHER, "lost")]
    return [_event("added", source="phone", offline=True, stage=stage)]


def in_order(events: Sequence[Event]) -> list[Event]:
    """The events with places in the log, one after the other."""
    return [event._replace(place=(number, number.to_bytes(16, "big"))) for number, event in enumerate(events, 1)]


def document() -> str:
    """docs/rules.md whole."""
    return f"# What the rules do\n\n{_INTRO}\n\n{markdown()}"


def markdown() -> str:
    """The tables as Markdown: one for the status, one for the lifecycle stage."""
    cells = rows()
    return "\n".join(
        [
            "## Status",
            "",
            "Each row is an event, each column the role of the status before it; a dot: it stays. +1: an attempt is counted.",
            "",
            *_matrix([cell for cell in cells if cell["field"] == "status"], ROLES),
            "",
            "## Lifecycle stage",
            "",
            "Each row is an event, each column the stage before it; a dot: it stays. A stage set by hand holds until the next deal event.",
            "",
            *_matrix([cell for cell in cells if cell["field"] == "lifecycle"], _stages()),
            "",
        ]
    )


def _matrix(cells: Sequence[dict[str, Any]], starts: Sequence[str]) -> list[str]:
    lines = ["| event | " + " | ".join(starts) + " | rule |", "|---" * (len(starts) + 2) + "|"]
    for case in CASES:
        found = {cell["from"]: cell for cell in cells if cell["event"] == case.name}
        if all(_stays(cell) and not cell.get("attempts") for cell in found.values()):
            continue
        rules = dict.fromkeys(cell["rule"] for cell in found.values() if cell["rule"] and not _stays(cell))
        lines.append(f"| {case.name} | " + " | ".join(map(_text, found.values())) + f" | {', '.join(rules)} |")
    quiet = [case.name for case in CASES if not any(line.startswith(f"| {case.name} |") for line in lines)]
    return [*lines, "", "These change nothing here: " + "; ".join(quiet) + "."]


def _stays(cell: dict[str, Any]) -> bool:
    return bool(cell["to"] == cell["from"].removesuffix(BY_HAND))


def _text(cell: dict[str, Any]) -> str:
    text = "·" if _stays(cell) else str(cell["to"])
    return f"{text} +1" if cell.get("attempts") else text


if __name__ == "__main__":
    print(document(), end="")
