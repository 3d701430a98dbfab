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
    is_late: bool
    is_first: bool
    """Whether it is the first of its day, or of those overdue."""


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
    found = Week(look)
    counts = dict.fromkeys((today + timedelta(days=ahead) for ahead in range(DAYS)), 0)
    group: date | None = None
    rows = promised_until(look, look.me, end)
    for row in sorted(rows, key=lambda row: (not _is_late(look, row), row[2], row[7], row[0]))[:MOST_SHOWN]:
        late, day = _is_late(look, row), local_day(row[2], look.zone)
        of = date.min if late else day
        found.tasks.append(Promised._make((*row, late, of != group)))
        group = of
        found.overdue += late
        if not late:
            counts[day] += 1
    found.days = [(day, count, look.working.is_working_day(day)) for day, count in counts.items()]
    return found


def promised_until(look: Look, who: bytes, end: int) -> list[Any]:
    """The open tasks due before `end` that were given to somebody, or promised to a contact they own; rows of `Promised`, in no order."""
    rows = {row[0]: row for row in look.db.rows(f"{_TASKS} AND t.owner = ? ORDER BY t.due_at LIMIT {MOST_SHOWN}", (end, who))}
    # A contact that was routed on took its tasks along. Who has one in this time has a next action in it.
    mine = look.db.rows(
        "SELECT id FROM contact WHERE owner = ? AND owner IS NOT NULL AND next_at < ? AND removed <= 0"
        f" ORDER BY next_at LIMIT {MOST_SHOWN}",
        (who, end),
    )
    rows |= {row[0]: row for row in look.db.where_in(f"{_TASKS} AND t.contact IN ({{}})", [row[0] for row in mine], (end,))}
    return list(rows.values())


def _is_late(look: Look, row: Any) -> bool:
    return is_past(row[2], bool(row[3]), look.now, look.zone)


def week_json(look: Look) -> list[dict[str, Any]]:
    """`show week`."""
    return [
        {
            "id": show_id(one.id),
            "kind": one.kind,
            "due": look.time(one.due_at),
            "timed": bool(one.timed),
            "overdue": one.is_late,
            "note": one.note,
            "rule": one.rule,
            "contact": show_id(one.contact),
            "name": one.name,
            "phone": one.phone,
        }
        for one in week(look).tasks
    ]
