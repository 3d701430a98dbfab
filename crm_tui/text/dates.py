"""Days and times as people read them; scripts get ISO 8601 (`text.times`)."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.text.times import iso, local_day

MONTHS = (
    mark("Jan"),
    mark("Feb"),
    mark("Mar"),
    mark("Apr"),
    mark("May"),
    mark("Jun"),
    mark("Jul"),
    mark("Aug"),
    mark("Sep"),
    mark("Oct"),
    mark("Nov"),
    mark("Dec"),
)


def short_day(day: date, today: date | None = None) -> str:
    """A day in a sentence, such as `24 Nov`: with its year unless that is the year of `today`."""
    month = _(MONTHS[day.month - 1])
    if today is not None and day.year == today.year:
        return _("{day} {month}").format(day=day.day, month=month)
    return _("{day} {month} {year}").format(day=day.day, month=month, year=day.year)


def short_time(ms: int, now: int, zone: ZoneInfo, *, timed: bool = True) -> str:
    """A time in a sentence, such as `24 Nov 08:00`: the year only when it is another one, the clock only when it was given."""
    text = short_day(local_day(ms, zone), local_day(now, zone))
    return f"{text} {iso(ms, zone)[11:16]}" if timed else text


def short_iso(written: str, now: int, zone: ZoneInfo) -> str:
    """A day that is kept as ISO, in a sentence; what is none stands for itself."""
    try:
        return short_day(date.fromisoformat(written), local_day(now, zone))
    except ValueError:
        return written
