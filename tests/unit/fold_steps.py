"""Steps of a contact's history, for the tests of the fold."""

from __future__ import annotations

from typing import Any

from crm_tui.rules.fold import Event, State, fold

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
