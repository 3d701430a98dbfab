"""My Day as it stands now: whom to call with the reason of each place, what waits in each group, what was done today."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field

from crm_tui.reads.day import DayRow, day, place_of
from crm_tui.reads.look import Look
from crm_tui.rules.cadence import Bucket
from crm_tui.text.times import day_bounds, local_day

MOST_SHOWN = 2_000
"""Nobody calls more people in a day."""


@dataclass(frozen=True, slots=True)
class DayLine:
    """One person to call: the group, and why they stand here."""

    row: DayRow
    bucket: Bucket
    why: str
    company: str
    phone_e164: str | None


@dataclass(slots=True)
class Day:
    """The list with its sums; `value` are the open deals of those due, in minor units, `talked_seconds` the calls of today."""

    look: Look
    lines: list[DayLine] = field(default_factory=list)
    waiting: Counter[str] = field(default_factory=Counter)
    value: int = 0
    done: int = 0
    talked_seconds: int = 0


def day_now(look: Look) -> Day:
    """The person's day."""
    found = Day(look)
    rows = day(look, None, MOST_SHOWN)
    more = {
        id_: (company or "", phone)
        for id_, company, phone in look.db.where_in(
            "SELECT c.id, o.name, c.phone_e164 FROM contact c LEFT JOIN company o ON o.id = c.company WHERE c.id IN ({})",
            [row.id for row in rows],
        )
    }
    for row in rows:
        stands = place_of(look, row)
        if stands is None:
            continue
        found.lines.append(DayLine(row, stands.bucket, stands.why, *more.get(row.id, ("", None))))
        found.waiting[stands.bucket] += 1
        if stands.bucket == "due":
            found.value += row.value
    found.done, found.talked_seconds = done_today(look)
    return found


def count_day(look: Look) -> int:
    """How many people wait in the person's day."""
    return len(day(look, None, MOST_SHOWN))


def done_today(look: Look) -> tuple[int, int]:
    """With how many people something was tried or talked over today by this person, and how long their calls took, in seconds."""
    today, tomorrow = day_bounds(local_day(look.now, look.zone), look.zone)
    # Who was worked on today is found by index; what was logged of each of them is little.
    worked = [row[0] for row in look.db.rows("SELECT id FROM contact WHERE worked_at >= ? AND worked_at IS NOT NULL", (today,))]
    done: set[bytes] = set()
    seconds = 0
    for contact, data in look.db.where_in(
        "SELECT contact, data FROM entry WHERE by = ? AND at >= ? AND at < ? AND removed <= 0"
        " AND kind IN ('call', 'meeting', 'email', 'message') AND contact IN ({})",
        worked,
        (look.me, today, tomorrow),
    ):
        done.add(bytes(contact))
        seconds += int((json.loads(data) if data else {}).get("duration") or 0)
    return len(done), seconds
