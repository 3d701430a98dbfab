"""My Day: whom to call next, in the calling order of rule 6, from indexes; `rules.cadence.calling_order` is its oracle in the tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from peewee import SQL, fn

from crm_tui.db import Prepared, arg
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.models import Contact, Task
from crm_tui.reads.look import Look
from crm_tui.rules.cadence import Candidate, Place, place
from crm_tui.text.times import day_bounds, local_day

NEXT_TRY = "next try"


class DayRow(NamedTuple):
    """One person to call."""

    id: bytes
    name: str
    phone: str | None
    role: str
    started_at: int
    next_at: int | None
    next_rule: str | None
    next_timed: int
    next_kind: str | None
    last_attempt_at: int | None
    value: int
    attempts: int
    born: int
    covers: bytes | None = None
    """For which colleague who is away."""
    promised: tuple[int, ...] = ()
    """The clock times promised for today, in order."""

    def candidate(self) -> Candidate:
        """The row as the rule takes it; a next try put off to a clock time is a promise."""
        rule = "next_try" if self.next_rule == NEXT_TRY and not self.next_timed else None
        return Candidate(
            self.id,
            # Of a colleague's people only what was promised is due.
            self.role if self.covers is None else "in_process",
            self.started_at,
            self.next_at,
            rule,
            bool(self.next_timed),
            self.last_attempt_at,
            self.value,
            self.attempts,
            (self.born,),
            self.promised,
        )


def _promised(*until: Any) -> Any:
    """Whether a clock time was promised for today; not only the next action's."""
    return fn.EXISTS(
        Task.select(SQL("1")).where(
            Task.contact == Contact.id,
            SQL("t2.timed = 1 AND t2.done_at IS NULL AND t2.removed <= 0"),
            Task.due_at >= arg("today"),
            *until,
        )
    )


# Not today; nobody tries in the future, but a clock may have been wrong.
_NOT_TRIED = Contact.last_attempt_at.is_null() | (Contact.last_attempt_at < arg("today")) | (Contact.last_attempt_at >= arg("tomorrow"))


def _group(where: str, *order: Any) -> Prepared:
    def build() -> Any:
        return (
            Contact.select(
                Contact.id,
                Contact.name,
                Contact.phone,
                Contact.role,
                Contact.started_at,
                Contact.next_at,
                Contact.next_rule,
                Contact.next_timed,
                Contact.next_kind,
                Contact.last_attempt_at,
                Contact.value,
                Contact.attempts,
                Contact.born,
            )
            .where(
                Contact.owner == arg("owner"),
                SQL("t1.removed <= 0"),
                # Nobody stands in the list again on a day on which an attempt was made, unless a promised time on that day has come.
                _NOT_TRIED | _promised(Task.due_at <= arg("now")),
                *_WHERE[where],
            )
            .order_by(*order, Contact.born, Contact.key)
            .limit(arg("limit"))
        )

    return Prepared(build)


_IS_NEXT_TRY = (Contact.next_rule == SQL("'next try'")) & (Contact.next_timed == SQL("0"))
_WHERE = {
    "fresh": (Contact.role == SQL("'new'"), Contact.started_at >= arg("fresh_since")),
    "new": (Contact.role == SQL("'new'"), Contact.started_at < arg("fresh_since")),
    "due": (
        Contact.next_at < arg("tomorrow"),
        Contact.role != SQL("'new'"),
        (Contact.role != SQL("'no_answer'")) | ~_IS_NEXT_TRY | Contact.next_rule.is_null() | ~_NOT_TRIED,
    ),
    "promised": (
        Contact.next_at < arg("tomorrow"),
        (Contact.next_timed == SQL("1")) | _promised(Task.due_at < arg("tomorrow")),
    ),
    "no_answer": (
        Contact.role == SQL("'no_answer'"),
        Contact.next_at.is_null() | (_IS_NEXT_TRY & (Contact.next_at < arg("tomorrow"))),
        _NOT_TRIED,
    ),
}
DUE = _group("due", Contact.value.desc(), Contact.next_at)
GROUPS = (
    _group("fresh", Contact.started_at.desc()),
    _group("new", Contact.started_at),
    DUE,
    _group("no_answer", SQL("coalesce(last_attempt_at, started_at)")),
)


PROMISED = _group("promised", Contact.value.desc(), Contact.next_at)
"""What somebody promised for a time of today or before."""


def day(look: Look, owner: bytes | None = None, limit: int = 1_000_000) -> list[DayRow]:
    """The people to call, in calling order; with those whom a colleague who is away promised a time."""
    me = owner or look.me
    covered = [colleague for colleague, (_until, cover) in look.away.items() if cover == me]
    rows: list[DayRow] = []
    for group in GROUPS:
        if len(rows) >= limit:
            break
        found = _rows(look, group, me, limit - len(rows))
        if group is DUE and covered:
            for colleague in covered:
                found += [row._replace(covers=colleague) for row in _rows(look, PROMISED, colleague, limit)]
            found = sorted(found, key=lambda row: (-row.value, row.next_at, row.born))[: limit - len(rows)]
        rows += found
    promised = promised_today(look, [row.id for row in rows])
    return [row._replace(promised=tuple(promised[row.id])) if row.id in promised else row for row in rows] if promised else rows


def promised_today(look: Look, contacts: Sequence[bytes]) -> dict[bytes, list[int]]:
    """The clock times of today that were promised to contacts and still stand, in order."""
    found: dict[bytes, list[int]] = {}
    sql = "SELECT contact, due_at FROM task WHERE timed = 1 AND done_at IS NULL AND removed <= 0 AND due_at >= ? AND due_at < ?"
    for contact, due_at in look.db.where_in(
        f"{sql} AND contact IN ({{}})", contacts, day_bounds(local_day(look.now, look.zone), look.zone)
    ):
        found.setdefault(contact, []).append(due_at)
    return {contact: sorted(times) for contact, times in found.items()}


def row_of(look: Look, row: Any) -> DayRow:
    """One person's row, from a row of the contacts' table."""
    names = [name for name in DayRow._fields if name not in ("covers", "promised")]
    found = DayRow(*(getattr(row, name) for name in names))
    return found._replace(promised=tuple(promised_today(look, [row.id]).get(row.id, ())))


def _rows(look: Look, group: Prepared, owner: bytes, limit: int) -> list[DayRow]:
    today, tomorrow = day_bounds(local_day(look.now, look.zone), look.zone)
    fresh_since = look.now - look.limits.fresh_minutes * 60_000
    cursor = group.cursor(look.db, owner=owner, today=today, tomorrow=tomorrow, now=look.now, fresh_since=fresh_since, limit=limit)
    return [DayRow(*row) for row in cursor]


def place_of(look: Look, row: DayRow) -> Place | None:
    """Why a row stands where it stands."""
    found = place(row.candidate(), look.now, look.working, look.limits)
    if found is None or row.covers is None:
        return found
    name = look.user(row.covers)
    return found._replace(
        why=_("for {name}, away: {why}").format(name=name, why=found.why), brief=_("{why}, for {name}").format(name=name, why=found.brief)
    )


def day_json(look: Look, limit: int = 1_000_000) -> list[dict[str, Any]]:
    """`show day`."""
    answer = []
    for row in day(look, None, limit):
        found = place_of(look, row)
        answer.append(
            {
                "id": show_id(row.id),
                "name": row.name,
                "phone": row.phone,
                "bucket": found.bucket if found else None,
                "why": found.why if found else "",
                "status": row.role,
                "attempts": row.attempts,
                "value": look.money(row.value),
                "next_action": row.next_kind,
                "next_at": look.time(row.next_at),
            }
        )
    return answer
