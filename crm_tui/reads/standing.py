"""The states of a contact that follow from the clock (`rules.states`), for a row of the contacts' table."""

from __future__ import annotations

from typing import Any

from crm_tui.reads.look import Look
from crm_tui.rules.states import Standing, State, states


def standing_of(row: Any) -> Standing:
    """What decides the states of a row."""
    return Standing(row.role, row.started_at, row.worked_at, row.closed_at, row.attempts, row.next_at, bool(row.next_timed))


def states_of(look: Look, row: Any) -> list[State]:
    """The states of a row now, the most pressing first."""
    return states(standing_of(row), look.now, look.working, look.limits)
