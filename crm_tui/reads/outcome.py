"""What a command led to beyond its answer, for the message after it: the step that comes next, to whom somebody went."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from crm_tui.ids import parse_id
from crm_tui.reads.look import Look
from crm_tui.reads.targets import LEADOMETER
from crm_tui.roots import root_of

LOGGED = ("log_call", "log_meeting", "log_email", "log_message")
"""Commands that say what was done with somebody."""
TOLD = (*LOGGED, "add_task", "snooze", "route")
"""Commands of which more is to be said than that they were done."""


class Step(NamedTuple):
    """What is promised; `rule` is the one that made it."""

    kind: str
    at: int
    timed: int
    rule: str | None


class Outcome(NamedTuple):
    """The look it was read with, and what stands now: a step, or where somebody was routed to."""

    look: Look
    step: Step | None = None
    to: str = ""


def outcome(look: Look, command: str, fields: Mapping[str, Any], record: bytes | None) -> Outcome:
    """What stands after a command; `record` is the one of its answer."""
    found = None
    if command in LOGGED and (contact := parse_id(str(fields.get("contact")))):
        row = look.db.one(
            "SELECT next_kind, next_at, next_timed, next_rule FROM contact WHERE id = ? AND next_at IS NOT NULL",
            (root_of(look.db, contact),),
        )
        found = Step._make(row) if row else None
    elif command in ("add_task", "snooze") and record is not None:
        found = Step._make(look.db.one("SELECT kind, due_at, timed, rule FROM task WHERE id = ?", (record,)))
    elif command == "route":
        from crm_tui.reads.labels import desk_label

        to = str(fields["to"])
        is_desk = to == LEADOMETER or to in [desk.key for desk in look.process.desks]
        return Outcome(look, to=desk_label(look.process, to) if is_desk else to)
    return Outcome(look, found)
