"""The week ahead: what this person promised, overdue first, then day by day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from crm_tui.ids import show_id
from crm_tui.reads.look import Look
from crm_tui.rules.states import is_past
from crm_tui.text.times import day_bounds, local_day

DAYS = 7
MOST_SHOWN = 2_000


class Promised(NamedTuple):
    """One open task of somebody's week."""

    id: bytes
    kind: str
    due_at: int
    timed: int
    note: str | None
    rule: str | None
    contact: bytes
    name: str
    phone: str | None
    phone_e164: str | None
    company: str | None


@dataclass(slots=True)
class Week:
    """The tasks in order, and of each of the next days how many there are."""

    look: Look
    tasks: list[Promised] = field(default_factory=list)
    overdue: int = 0
    days: list[tuple[date, int, bool]] = field(default_factory=list)
    """Each day with the number of its tasks and whether the business works on it."""


_TASKS = """
SELECT t.id, t.kind, t.due_at, t.timed, t.note, t.rule, c.id, c.name, c.phone, c.phone_e164, o.name
FROM task t JOIN contact c ON c.id = t.contact LEFT JOIN company o ON o.id = c.company
WHERE t.done_at IS NULL AND t.removed <= 0 AND c.removed <= 0 AND t.due_at < ?
"""


def week(look: Look) -> Week:
    """What was given to this person, and what is promised to the contacts they own: overdue, and of the next seven days."""
    today = local_day(look.now, look.zone)
    end = day_bounds(today + timedelta(days=DAYS - 1), look.zone)[1]
    rows = {row[0]: row for row in look.db.rows(f"{_TASKS} AND t.owner = ? ORDER BY t.due_at LIMIT {MOST_SHOWN}", (end, look.me))}
    # A contact that was routed on took its tasks along. Who has one in this time has a next action in it.
    mine = look.db.rows(
        "SELECT id FROM contact WHERE owner = ? AND owner IS NOT NULL AND next_at < ? AND removed <= 0"
        f" ORDER BY next_at LIMIT {MOST_SHOWN}",
        (look.me, end),
    )
    rows |= {row[0]: row for row in look.db.where_in(f"{_TASKS} AND t.contact IN ({{}})", [row[0] for row in mine], (end,))}
    tasks = sorted(map(Promised._make, rows.values()), key=lambda one: (one.due_at, one.name, one.id))[:MOST_SHOWN]
    counts = dict.fromkeys((today + timedelta(days=ahead) for ahead in range(DAYS)), 0)
    late = 0
    for one in tasks:
        day = local_day(one.due_at, look.zone)
        if is_past(one.due_at, bool(one.timed), look.now, look.zone):
            late += 1
        elif day in counts:
            counts[day] += 1
    return Week(look, tasks, late, [(day, count, look.working.is_working_day(day)) for day, count in counts.items()])


def week_json(look: Look) -> list[dict[str, Any]]:
    """`show week`."""
    return [
        {
            "id": show_id(one.id),
            "kind": one.kind,
            "due": look.time(one.due_at),
            "timed": bool(one.timed),
            "overdue": is_past(one.due_at, bool(one.timed), look.now, look.zone),
            "note": one.note,
            "rule": one.rule,
            "contact": show_id(one.contact),
            "name": one.name,
            "phone": one.phone,
        }
        for one in week(look).tasks
    ]
