"""My Day as it stands now: whom to call with the reason of each place, what waits in each group, what was done today."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from crm_tui.i18n import gettext as _
from crm_tui.reads.day import DayRow, day, place_of
from crm_tui.reads.inbox import said_by
from crm_tui.reads.labels import source_label, task_label
from crm_tui.reads.look import Look
from crm_tui.reads.news import Met, last_step, met_since
from crm_tui.rules.cadence import Bucket, group_of
from crm_tui.rules.states import IN_TREATMENT
from crm_tui.text.times import day_bounds, local_day

ENDING_MS = 60 * 60_000
"""So long before the end of the working hours the day is said to end."""
MOST_SHOWN = 2_000
"""Nobody calls more people in a day."""


@dataclass(frozen=True, slots=True)
class DayLine:
    """One person to call, and in which group; `Day.why` says why they stand here. A new lead has its words, else its source."""

    row: DayRow
    bucket: Bucket
    company: str | None
    phone_e164: str | None
    source: str | None
    said: str


@dataclass(slots=True)
class Day:
    """The list with its sums; `value` are the open deals of those due, in minor units, `talked_seconds` the calls of today."""

    look: Look
    lines: list[DayLine] = field(default_factory=list)
    waiting: Counter[str] = field(default_factory=Counter)
    value: int = 0
    done: int = 0
    talked_seconds: int = 0
    step: int = 0
    """The last step that this person made here."""
    unplanned: int = 0
    """How many of the person's people, talked to already, have no next step (product.md rule 10)."""
    met: Met | None = None
    """What others did since the person's last visit, until the first step of this one."""

    @property
    def today(self) -> int:
        """When this day began."""
        return day_bounds(local_day(self.look.now, self.look.zone), self.look.zone)[0]

    def why(self, line: DayLine) -> str:
        """Why somebody stands here, without what the row says anyway; asked for those who are shown only."""
        if line.bucket == "new":
            return f"“{line.said}”" if line.said else source_label(self.look, line.source) if line.source else ""
        stands = place_of(self.look, line.row)
        why = stands.brief if stands is not None else ""
        if line.bucket == "due" and line.row.next_kind:
            why = f"{task_label(line.row.next_kind)} · {why}"
        # Who was closed stands here until what was promised is done.
        return _("closed: {why}").format(why=why) if line.row.role == "closed" else why

    @property
    def is_ending(self) -> bool:
        """Whether the working hours of today are over, or nearly."""
        working, today = self.look.working, local_day(self.look.now, self.look.zone)
        if today.weekday() not in working.days:
            return False
        # To know of a holiday takes a while, and the first frame would wait for it: it is asked for only where its eves are half days.
        length = working.length_ms(today) if working.eves == "half" else working.day_length_ms
        return self.look.now >= working.day_start_ms(today) + length - ENDING_MS


def day_now(look: Look, whose: bytes | None = None, visited: int | None = None) -> Day:
    """The person's day, or that of somebody else; `visited` is the last step of the visit before."""
    if whose is not None:
        look = replace(look, me=whose)
    found = Day(look, step=last_step(look))
    if visited is None or visited == found.step:
        found.met = met_since(look, found.step)
    rows = day(look, None, MOST_SHOWN)
    more = {
        id_: known
        for id_, *known in look.db.where_in(
            "SELECT c.id, o.name, c.phone_e164, c.source FROM contact c LEFT JOIN company o ON o.id = c.company WHERE c.id IN ({})",
            [row.id for row in rows],
        )
    }
    said = said_by(look, [row.id for row in rows if row.role == "new"])
    for row in rows:
        bucket = group_of(row.candidate(), look.now, look.zone)
        if bucket is None:
            continue
        company, phone, source = more[row.id]
        found.lines.append(DayLine(row, bucket, company, phone, source, said.get(row.id, "")))
        found.waiting[bucket] += 1
        if bucket == "due":
            found.value += row.value
    sql = f"SELECT count(*) FROM contact WHERE owner = ? AND next_at IS NULL AND removed <= 0 AND role IN {IN_TREATMENT!r}"
    found.unplanned = look.db.one(sql, (look.me,))[0]
    found.done, found.talked_seconds = done_today(look)
    return found


def count_day(look: Look) -> int:
    """How many people wait in the person's day."""
    return len(day(look, None, MOST_SHOWN))


class Logged(NamedTuple):
    """An interaction of today: who logged it, with whom, how, with which outcome, and how long it took."""

    by: bytes
    contact: bytes
    kind: str
    outcome: str
    seconds: int
    desk: str | None


def logged_today(look: Look, by: bytes | None = None) -> list[Logged]:
    """The calls, meetings, e-mails and messages of today: of everybody, or of one person."""
    today, tomorrow = day_bounds(local_day(look.now, look.zone), look.zone)
    # Who was worked on today is found by index; what was logged of each of them is little.
    worked = dict(look.db.rows("SELECT id, desk FROM contact WHERE worked_at >= ? AND worked_at IS NOT NULL", (today,)))
    found = []
    for who, contact, kind, data in look.db.where_in(
        "SELECT by, contact, kind, data FROM entry WHERE at >= ? AND at < ? AND removed <= 0"
        " AND kind IN ('call', 'meeting', 'email', 'message') AND contact IN ({})",
        sorted(worked),
        (today, tomorrow),
    ):
        if by is None or who == by:
            said = json.loads(data) if data else {}
            found.append(Logged(who, contact, kind, said.get("outcome") or "", int(said.get("duration") or 0), worked[contact]))
    return found


def done_today(look: Look) -> tuple[int, int]:
    """With how many people something was tried or talked over today by this person, and how long their calls took, in seconds."""
    logged = logged_today(look, look.me)
    return len({one.contact for one in logged}), sum(one.seconds for one in logged)
