"""What time alone makes of a contact (product.md rules 5, 7, 9 to 12) and what it will make next: computed when read, never stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark, ngettext
from crm_tui.rules.cadence import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    Limits,
    attempts_exhausted,
    is_cooling,
    is_for_reactivation,
    is_inactive_customer,
    response,
    touch_due,
)
from crm_tui.rules.calendar import WorkingTime
from crm_tui.text.dates import short_day
from crm_tui.text.times import day_bounds, local_day

IN_TREATMENT = ("initial_contact", "in_process")
"""The roles of rules 9 and 10."""
STATES = {
    "breached": mark("breached"),
    "overdue": mark("overdue"),
    "no_followup": mark("without follow-up"),
    "cooling": mark("cooling"),
    "unreachable": mark("tried often enough"),
    "reactivation": mark("to win back"),
    "inactive": mark("inactive"),
}
"""Every state with its name, the most pressing first."""


class Standing(NamedTuple):
    """The facts about one contact that decide its states; times in milliseconds."""

    role: str
    started_at: int
    """When the clock of rule 5 started."""
    worked_at: int | None
    """When somebody last dealt with it."""
    closed_at: int | None
    attempts: int
    next_at: int | None
    next_timed: bool

    @property
    def last_touch(self) -> int:
        """When it was last touched, or came."""
        return max(self.worked_at or 0, self.started_at)


class State(NamedTuple):
    """A state by its code, and why it is one."""

    code: str
    why: str


class Coming(NamedTuple):
    """What will happen by itself, and when (ms)."""

    at: int
    what: str


def states(one: Standing, now_ms: int, working: WorkingTime, limits: Limits) -> list[State]:
    """The states of a contact now, the most pressing first."""
    return list(_states(one, now_ms, working, limits))


def _states(one: Standing, now: int, working: WorkingTime, limits: Limits) -> Iterator[State]:
    zone = working.zone
    if one.role == "new" and response(now - one.started_at, limits, still_new=True) == "breached":
        days = (now - one.started_at) // DAY_MS
        text = ngettext("new for {days} day without a first attempt", "new for {days} days without a first attempt", days)
        yield State("breached", text.format(days=days))
    if one.next_at is not None and is_past(one.next_at, one.next_timed, now, zone):
        day = short_day(local_day(one.next_at, zone), local_day(now, zone))
        yield State("overdue", _("the next action was due on {day}").format(day=day))
    if one.role in IN_TREATMENT:
        if one.next_at is None:
            yield State("no_followup", _("in treatment, and nothing is promised"))
        if is_cooling(one.last_touch, now, working, limits):
            days = working.working_days_between(local_day(one.last_touch, zone), local_day(now, zone))
            text = ngettext(
                "not touched for {days} working day, {most} at most", "not touched for {days} working days, {most} at most", days
            )
            yield State("cooling", text.format(days=days, most=limits.touch_days))
    if one.role in ("new", "no_answer") and attempts_exhausted(one.attempts, limits):
        yield State("unreachable", _("tried {count} times: close it as unreachable, or try another way").format(count=one.attempts))
    if one.role == "closed" and one.closed_at is not None and is_for_reactivation(one.closed_at, now, limits, zone):
        yield State("reactivation", _("closed {days} days ago").format(days=_days_since(one.closed_at, now, zone)))
    if is_inactive(one, now, limits, zone):
        yield State("inactive", _("a customer without a word for {days} days").format(days=_days_since(one.last_touch, now, zone)))


def is_inactive(one: Standing, now_ms: int, limits: Limits, zone: ZoneInfo) -> bool:
    """Whether a customer is inactive: stored so by hand, or by the clock (rule 12)."""
    return one.role == "inactive_customer" or (one.role == "customer" and is_inactive_customer(one.last_touch, now_ms, limits, zone))


def is_past(due_at: int, timed: bool, now_ms: int, zone: ZoneInfo) -> bool:
    """Whether a due time has passed; one without a time of day passes with its day."""
    return due_at < (now_ms if timed else day_bounds(local_day(now_ms, zone), zone)[0])


def coming(one: Standing, now_ms: int, working: WorkingTime, limits: Limits) -> list[Coming]:
    """What comes of itself if nobody does anything, the nearest first; but for when they are to be called, which rule 6 says."""
    return sorted(found for found in _coming(one, working, limits) if found.at > now_ms)


def _coming(one: Standing, working: WorkingTime, limits: Limits) -> Iterator[Coming]:
    zone = working.zone
    if one.role == "new":
        yield Coming(one.started_at + limits.fresh_minutes * MINUTE_MS + 1, _("late for a first attempt"))
        yield Coming(one.started_at + limits.late_hours * HOUR_MS + 1, _("cold: the chance has dropped sharply"))
        yield Coming(one.started_at + limits.breached_days * DAY_MS + 1, _("breached"))
    if one.next_at is not None:
        at = one.next_at + 1 if one.next_timed else _day_after(local_day(one.next_at, zone), zone)
        yield Coming(at, _("the next action is overdue"))
    if one.role in IN_TREATMENT:
        yield Coming(_day_after(touch_due(one.last_touch, working, limits), zone), _("cooling, if nobody touches it"))
    if one.role == "closed" and one.closed_at is not None:
        yield Coming(_days_on(one.closed_at, limits.reactivation_days, zone), _("it comes back in the list of those to win back"))
    if one.role == "customer":
        yield Coming(_days_on(one.last_touch, limits.inactive_days + 1, zone), _("an inactive customer, if nobody deals with them"))


def _day_after(day: date, zone: ZoneInfo) -> int:
    return day_bounds(day, zone)[1]


def _days_on(ms: int, days: int, zone: ZoneInfo) -> int:
    return day_bounds(local_day(ms, zone) + timedelta(days=days), zone)[0]


def _days_since(ms: int, now_ms: int, zone: ZoneInfo) -> int:
    return (local_day(now_ms, zone) - local_day(ms, zone)).days
