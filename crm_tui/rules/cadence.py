"""When something is due and whom to call next (product.md rules 5 to 9, 11, 12): pure, from facts and the time now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from crm_tui.i18n import gettext as _
from crm_tui.i18n import ngettext
from crm_tui.rules.calendar import WorkingTime
from crm_tui.text.dates import short_day
from crm_tui.text.times import day_bounds, local_day

Response = Literal["fresh", "late", "cold", "breached"]
Bucket = Literal["new", "due", "no_answer"]

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
BREACH_SEARCH_DAYS = 366
GROUPS: dict[Bucket, int] = {"new": 0, "due": 1, "no_answer": 2}

SHIPPED_ZONE = "Asia/Jerusalem"
"""The time zone of rule 17's default (a test holds it to process.toml)."""
SHIPPED_REGION = "IL"
"""Where a phone without a country code is read, as shipped (a test holds it to process.toml)."""


SHIPPED_CURRENCY = "ILS"
"""Rule 18's default (a test holds it to process.toml)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of the rules; the defaults are those of product.md (a test holds them to process.toml)."""

    fresh_minutes: int = 10
    late_hours: int = 15
    breached_days: int = 1
    follow_up_days: int = 2
    touch_days: int = 3
    max_attempts: int = 6
    reactivation_days: int = 90
    inactive_days: int = 180
    short_conversation_seconds: int = 120
    quote_days: int = 14
    reminder_minutes: int = 15


class Candidate(NamedTuple):
    """The facts about one contact that decide whether and where it stands in the calling order."""

    id: bytes
    role: str
    """The role of its status."""
    started_ms: int
    """When the clock of rule 5 started."""
    next_at: int | None
    """When the next action is due; one without a clock time, at the start of that working day."""
    next_rule: str | None
    """The rule that made the next action (`next_try`, `follow_up`), None when a person promised it."""
    next_timed: bool
    """Whether the next action has a promised clock time."""
    last_attempt_ms: int | None
    value: int
    """Its open deals in minor units of the business currency."""
    attempts: int
    order: tuple[int | str | bytes, ...]
    """The order of creation, for ties."""
    promised: Sequence[int] = ()
    """The clock times promised for today, in order, also when something else is due before them."""


class Place(NamedTuple):
    """Where a contact stands in the calling order, and why; places sort by `sort_key`."""

    id: bytes
    bucket: Bucket
    why: str
    sort_key: tuple[int, int, int, tuple[int | str | bytes, ...]]
    brief: str = ""
    """Why, beside a row that says in which group they stand and how often they were tried."""


class _Moment(NamedTuple):
    now_ms: int
    today: date
    day_start_ms: int
    day_end_ms: int
    zone: ZoneInfo


def response(waited_ms: int, limits: Limits, still_new: bool) -> Response:
    """How the wait for a first response is judged (rule 5); only who is still `new` can be breached."""
    if still_new and waited_ms > limits.breached_days * DAY_MS:
        return "breached"
    if waited_ms <= limits.fresh_minutes * MINUTE_MS:
        return "fresh"
    return "late" if waited_ms <= limits.late_hours * HOUR_MS else "cold"


def next_try_due(now_ms: int, working: WorkingTime) -> int:
    """When to try again after a call without an answer: the next working day (rule 7)."""
    return follow_up_due(now_ms, working, days=1)


def follow_up_due(now_ms: int, working: WorkingTime, days: int = 2) -> int:
    """When to follow up a first conversation: the start of the working day `days` working days ahead (rule 8)."""
    return working.day_start_ms(working.add_working_days(local_day(now_ms, working.zone), days))


def attempts_exhausted(attempts: int, limits: Limits) -> bool:
    """Whether closing as "unreachable" is offered (rule 7)."""
    return attempts >= limits.max_attempts


def is_short(outcome: str, seconds: int, desk: str | None, limits: Limits) -> bool:
    """Whether a call was a conversation of sales or service that took less than the limit; support may be short."""
    return outcome in ("talked", "call_back") and 0 < seconds < limits.short_conversation_seconds and desk != "support"


def touch_due(last_touch_ms: int, working: WorkingTime, limits: Limits) -> date:
    """The last day on which a contact in treatment can be touched before it is cooling (rule 9)."""
    return working.add_working_days(local_day(last_touch_ms, working.zone), limits.touch_days)


def breached_before(now_ms: int, working: WorkingTime, limits: Limits) -> int:
    """The moment before which a routing means "breached" for the rep now: more working time than the days of rule 5 have since."""
    allowed = limits.breached_days * working.day_length_ms
    early, late = now_ms - BREACH_SEARCH_DAYS * DAY_MS, now_ms
    while late - early > 1:
        between = (early + late) // 2
        if working.working_ms_between(between, now_ms) > allowed:
            early = between
        else:
            late = between
    return late


def cooling_before(now_ms: int, working: WorkingTime, limits: Limits) -> int:
    """The moment before which a last touch means "cooling" now; for queries over many contacts (rule 9)."""
    today = local_day(now_ms, working.zone)
    return _day_start(working.working_day_back(today, limits.touch_days + 1), working.zone)


def is_cooling(last_touch_ms: int, now_ms: int, working: WorkingTime, limits: Limits) -> bool:
    """Whether more working days than allowed have begun since the day of the last touch (rule 9)."""
    return last_touch_ms < cooling_before(now_ms, working, limits)


def inactive_before(now_ms: int, limits: Limits, zone: ZoneInfo) -> int:
    """The moment before which a customer's last activity means "inactive" now (rule 12)."""
    return _day_start(local_day(now_ms, zone) - timedelta(days=limits.inactive_days), zone)


def is_inactive_customer(last_activity_ms: int, now_ms: int, limits: Limits, zone: ZoneInfo) -> bool:
    """Whether the last interaction or order lies longer back than the calendar days of rule 12."""
    return last_activity_ms < inactive_before(now_ms, limits, zone)


def reactivation_before(now_ms: int, limits: Limits, zone: ZoneInfo) -> int:
    """The moment before which a contact must have been closed to be in the reactivation list now (rule 11)."""
    return _day_start(local_day(now_ms, zone) - timedelta(days=limits.reactivation_days - 1), zone)


def is_for_reactivation(closed_ms: int, now_ms: int, limits: Limits, zone: ZoneInfo) -> bool:
    """Whether a closed contact comes back: from the day that lies the calendar days of rule 11 after its closing."""
    return closed_ms < reactivation_before(now_ms, limits, zone)


def calling_order(candidates: Iterable[Candidate], now_ms: int, working: WorkingTime, limits: Limits) -> list[Place]:
    """The contacts to call now, in the order of rule 6."""
    places = (place(candidate, now_ms, working, limits) for candidate in candidates)
    return sorted((stands for stands in places if stands is not None), key=lambda stands: stands.sort_key)


def place(candidate: Candidate, now_ms: int, working: WorkingTime, limits: Limits) -> Place | None:
    """Where one contact stands in the calling order, or None when it is not to be called now (rule 6)."""
    moment = _moment(now_ms, working.zone)
    bucket = _bucket(candidate, moment)
    if bucket is None:
        return None
    if bucket == "new":
        waited_ms = max(now_ms - candidate.started_ms, 0)
        fresh = response(waited_ms, limits, still_new=True) == "fresh"
        first, second = (0, -candidate.started_ms) if fresh else (1, candidate.started_ms)
        why = brief = _why_new(waited_ms)
    elif bucket == "due":
        first, second = -candidate.value, _due_ms(candidate)
        why, brief = _why_due(candidate, moment)
    else:
        first, second = 0, _last_try_ms(candidate)
        why, brief = _why_no_answer(candidate, moment, limits)
    if bucket != "new" and (also := _also_promised(candidate, moment)):
        why, brief = _("{why}, promised for {time} today").format(why=why, time=also), _("{why}, today {time}").format(why=brief, time=also)
    return Place(candidate.id, bucket, why, (GROUPS[bucket], first, second, candidate.order), brief)


def group_of(candidate: Candidate, now_ms: int, zone: ZoneInfo) -> Bucket | None:
    """The group alone, which takes a fraction of the time that its reason takes."""
    return _bucket(candidate, _moment(now_ms, zone))


def _bucket(candidate: Candidate, moment: _Moment) -> Bucket | None:
    """The group of rule 6 in which a contact stands."""
    last = candidate.last_attempt_ms
    tried_today = last is not None and moment.day_start_ms <= last < moment.day_end_ms
    if tried_today and not _promise_has_come(candidate, moment):
        return None
    if candidate.role == "new":
        return "new"
    if candidate.next_at is not None and candidate.next_at >= moment.day_end_ms:
        return None
    if candidate.role == "no_answer" and (candidate.next_at is None or candidate.next_rule == "next_try"):
        # Without a logged try (a status set by hand) nobody may fall out of the list.
        if last is None or last < moment.day_start_ms:
            return "no_answer"
        return "due" if tried_today else None
    return None if candidate.next_at is None else "due"


def _promise_has_come(candidate: Candidate, moment: _Moment) -> bool:
    times = (*candidate.promised, candidate.next_at) if candidate.next_timed and candidate.next_at is not None else candidate.promised
    return any(moment.day_start_ms <= at <= moment.now_ms for at in times)


def _also_promised(candidate: Candidate, moment: _Moment) -> str:
    """The time promised for today besides what is due first: the next one to come, else the last that has come."""
    times = [at for at in candidate.promised if at != candidate.next_at and moment.day_start_ms <= at < moment.day_end_ms]
    if not times or (candidate.next_timed and (candidate.next_at or 0) > moment.now_ms):
        return ""
    return _clock(next((at for at in times if at > moment.now_ms), times[-1]), moment)


def _clock(ms: int, moment: _Moment) -> str:
    return datetime.fromtimestamp(ms // 1000, moment.zone).strftime("%H:%M")


@lru_cache(maxsize=16)
def _moment(now_ms: int, zone: ZoneInfo) -> _Moment:
    today = local_day(now_ms, zone)
    return _Moment(now_ms, today, *day_bounds(today, zone), zone)


def _day_start(day: date, zone: ZoneInfo) -> int:
    return day_bounds(day, zone)[0]


def _due_ms(candidate: Candidate) -> int:
    return candidate.started_ms if candidate.next_at is None else candidate.next_at


def _last_try_ms(candidate: Candidate) -> int:
    return candidate.started_ms if candidate.last_attempt_ms is None else candidate.last_attempt_ms


def _why_new(waited_ms: int) -> str:
    hours, minutes = divmod(waited_ms // MINUTE_MS, 60)
    if hours >= 24:
        return ngettext("new for {days} day", "new for {days} days", hours // 24).format(days=hours // 24)
    if hours:
        return _("new for {hours} h {minutes:02}").format(hours=hours, minutes=minutes)
    if minutes:
        return ngettext("new for {minutes} minute", "new for {minutes} minutes", minutes).format(minutes=minutes)
    return _("new for less than a minute")


def _why_due(candidate: Candidate, moment: _Moment) -> tuple[str, str]:
    due_ms = _due_ms(candidate)
    if due_ms < moment.day_start_ms:
        day = _short_day(due_ms, moment)
        return _("overdue since {day}").format(day=day), _("since {day}").format(day=day)
    if candidate.next_timed:
        clock = _clock(due_ms, moment)
        return _("due today {time}").format(time=clock), clock
    return _("due today"), _("today")


def _why_no_answer(candidate: Candidate, moment: _Moment, limits: Limits) -> tuple[str, str]:
    if candidate.last_attempt_ms is None:
        why = _("no answer, no try logged")
        return why, why
    day = _short_day(candidate.last_attempt_ms, moment)
    brief = _("last on {day}").format(day=day)
    if candidate.attempts > limits.max_attempts:
        return _("tried {attempts} times, last on {day}").format(attempts=candidate.attempts, day=day), brief
    return _("tried {attempts} of {limit}, last on {day}").format(attempts=candidate.attempts, limit=limits.max_attempts, day=day), brief


def _short_day(moment_ms: int, moment: _Moment) -> str:
    return short_day(local_day(moment_ms, moment.zone), moment.today)
