"""Times as people type them in passing, in English or Hebrew: `+2d`, `sun 10:00`, `22/11`, `מחר ב-10`, `ראשון בערב`, `סוף החודש`.

A part of the day is a clock time: the morning is the start of the working day, noon 12:00, the afternoon 14:00, the evening 18:00;
behind an hour it says which half of the day is meant (`8 בערב`).
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clean_line, clip
from crm_tui.text.datewords import CLOCKS, DAYS, HOURS, MONTHS, NUMBERS, PARTS, SPANS, UNITS, WEEKDAYS
from crm_tui.text.times import Moment, local_day, parse_time

_LONGEST = 64
_MINUTE_MS = 60_000
_LAST_HOUR = 23
_SHIPPED_DAYS = (6, 0, 1, 2, 3)
_MOST_SHORT_MONTHS = 12
"""`+30m` is more likely half an hour than two and a half years: it is refused, `+30min` and `+30 months` are not."""

_SPAN = re.compile(r"(?P<sign>\+|in |within |בעוד |עוד )? ?(?:(?P<count>\d{1,4}) ?|(?P<word>[^\d+]+?) )?(?P<unit>[^\W\d_]+)")
_LED_SPAN = re.compile(r"(?:\+ ?|in |within |בעוד |עוד )?(?P<span>.+)")
_DATE = re.compile(r"(?:on |ב-?)?(?P<day>\d{1,2})(?P<sign>[/.-])(?P<month>\d{1,2})(?:(?P=sign)(?P<year>\d{4}|\d\d))?")
_ISO = re.compile(r"(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})")
_NAMED = re.compile(r"(?:on )?(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -]?(?:of |ב-?)?(?P<name>[^\W\d_]{3,9})\.?,?(?: (?P<year>\d{4}))?")
_NAME_FIRST = re.compile(r"(?:on )?(?P<name>[a-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?(?:,? (?P<year>\d{4}))?")
_WEEKDAY = re.compile(
    r"(?:on |this )?(?:(?P<next>next )|ביום |יום |ב-?(?=שבת|ראשון|שני|שלישי|רביעי|חמישי|שישי|ששי))?"
    r"(?P<name>[^\W\d_]+)\.?(?P<after> הבאה?)?"
)
_PART_WORDS = "|".join(PARTS)
_EDGES = (
    re.compile(
        r"(?:at |by |on )?(?:the )?(?:(?P<end>end)|start|beginning|first|(?P<number>\d{1,2})(?:st|nd|rd|th)?)"
        r" of (?:the |this )?(?P<next>next )?(?P<unit>week|month|year)"
    ),
    re.compile(r"[בל]?(?:(?:(?P<end>סוף)|תחילת) |ה?-?(?P<number>\d{1,2}) ל)ה?(?P<unit>שבוע|חודש|שנה)(?P<next> הבאה?)?(?: הזה| הזאת| הזו)?"),
)
_SHORT_EDGES = {"eow": "end of week", "eom": "end of month", "eoy": "end of year"}
_HALF = rf"(?: ?(?P<half>am|pm|a\.m\.|p\.m\.)| (?:in the |at |ב)?(?P<side>{_PART_WORDS}))?"
_PART = rf"(?:in the |(?P<this>this |to(?=night)|ה(?=בוקר|ערב)))?(?P<part>{_PART_WORDS})"
_CLOCK = rf"(?P<led>at |@ ?|בשעה |[בל](?:- ?)?)?(?:(?P<hour>\d{{1,2}})(?::(?P<minute>\d\d)|(?P<h>h))?{_HALF}|{_PART})"
_CLOCK_BEFORE = re.compile(rf"{_CLOCK},? (?P<day_text>.+)")
_CLOCKED = (
    re.compile(rf"(?:(?P<day_text>.+?)(?:,? |(?<=\S)(?=@)))??{_CLOCK}"),
    re.compile(rf"(?P<day_text>.+),? {_CLOCK}"),  # `nov 22 noon`: the number is the day's
    _CLOCK_BEFORE,
)
_POINTS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]")
_SIGNS = str.maketrans(dict.fromkeys("'’‘`´′׳\"”“״″") | dict.fromkeys("־‐‑‒–—−", "-"))


def parse_quick(
    text: str, now: int, zone: ZoneInfo, day_start: time, field: str = "due", working_days: Collection[int] = _SHIPPED_DAYS
) -> Moment:
    """The time that `text` names, seen from `now` (ms); a date alone is at `day_start`, a weekday the next one after today.

    A week begins and ends with the first and the last of `working_days`, as `date.weekday` counts them.
    The moment's note says when a date without a year was taken for one of next year.
    """
    if len(text) > 4 * _LONGEST:
        raise _unreadable(text, field)
    typed = _plain(text)
    if not typed or len(typed) > _LONGEST:
        raise _unreadable(text, field)
    reading = _Reading(text, now, zone, day_start, field, working_days)
    found = reading.whole(typed)
    if found is None and typed[0].isdigit():
        # With an offset, a zone or seconds.
        with suppress(Refused):
            found = parse_time(text, zone, field, day_start)
    if found is None:
        raise _unreadable(text, field)
    return replace(found, note=reading.note) if reading.note and not found.note else found


class _Reading:
    """One text being read, with what it is seen from."""

    def __init__(self, text: str, now: int, zone: ZoneInfo, day_start: time, field: str, working_days: Collection[int]) -> None:
        self.text, self.now, self.zone, self.day_start, self.field = text, now, zone, day_start, field
        self.working_days = working_days
        self.today = local_day(now, zone)
        self.note: str | None = None

    def whole(self, typed: str) -> Moment | None:
        """The time, or None when the text is not understood."""
        if typed in ("now", "עכשיו"):
            return Moment(self.now, False)
        if (span := _span(typed)) is not None and span[1] in ("minute", "hour"):
            minutes = span[0] * (60 if span[1] == "hour" else 1)
            # Up to the next full minute: never sooner than asked for.
            return Moment(-(-(self.now + minutes * _MINUTE_MS) // _MINUTE_MS) * _MINUTE_MS, False)
        day = self.day(typed, None)
        return self.at(day, None) if day is not None else self.with_clock(typed)

    def with_clock(self, typed: str) -> Moment | None:
        """A day and a clock time, in either order; a clock time alone is the next such one."""
        for shape in _CLOCKED:
            match = shape.fullmatch(typed)
            clock = _clock(match, self.day_start) if match else None
            if match is None or clock is None:
                continue
            day_text = match["day_text"]
            bare = not any(match[group] for group in ("minute", "half", "side", "part"))
            if match["this"]:
                return self.at(self.today, clock) if day_text is None else None
            if day_text is None:
                # A number alone may be anything.
                if bare and match["led"] is None:
                    return None
                first = self.at(self.today, clock)
                return first if first.ms >= self.now else self.at(self.today + timedelta(days=1), clock)
            if bare and shape is _CLOCK_BEFORE:
                return None
            # `מחר ב 10` as well as `יום ב׳ 10`, where the same letter is the day.
            day = self.day(day_text, clock) or self.day(day_text.removesuffix(" ב"), clock)
            if day is not None:
                return self.at(day, clock)
        return None

    def day(self, typed: str, clock: time | None) -> date | None:
        """The day that a text without a clock time names."""
        if typed in DAYS:
            return self.later(int(DAYS[typed]))
        if (span := _span(typed)) is not None:
            return self.after(*span)
        for shape in (_ISO, _DATE, _NAMED, _NAME_FIRST):
            if match := shape.fullmatch(typed):
                found = self.calendar_day(match.groupdict())
                if found is not None:
                    return found
        match = _WEEKDAY.fullmatch(typed)
        if match and match["name"] in WEEKDAYS:
            return self.weekday(int(WEEKDAYS[match["name"]]), clock, following=bool(match["next"] or match["after"]))
        return self.edge(_SHORT_EDGES.get(typed, typed))

    def weekday(self, number: int, clock: time | None, *, following: bool) -> date:
        """The next such day; today's own only for a clock time that is still to come. `following`: that of the week after this."""
        ahead = (number - self.today.weekday()) % 7
        if following:
            # Weeks begin on Sunday.
            to_sunday = 7 - (self.today.weekday() + 1) % 7
            return self.later(to_sunday + (number + 1) % 7)
        if ahead == 0 and (clock is None or self.at(self.today, clock).ms <= self.now):
            ahead = 7
        return self.later(ahead)

    def edge(self, typed: str) -> date | None:
        """The last day of a week, month or year, or the first (of a month any) of the next one."""
        match = next((found for shape in _EDGES if (found := shape.fullmatch(typed))), None)
        if match is None:
            return None
        unit, end, number, ahead = str(UNITS[match["unit"]]), match["end"], match["number"], 1 if match["next"] else 0
        if (number and unit != "month") or not (end or ahead):
            return None
        if unit == "week":
            from_sunday = sorted(self.working_days, key=lambda day: (day + 1) % 7)
            day = from_sunday[-1 if end else 0]
            return self.weekday(day, None, following=True) if ahead else self.later((day - self.today.weekday()) % 7)
        month = self.after(ahead, unit).replace(day=1)
        if unit == "year":
            month = month.replace(month=12 if end else 1)
        return self.exists(month.year, month.month, calendar.monthrange(month.year, month.month)[1] if end else int(number or 1))

    def calendar_day(self, part: dict[str, str | None]) -> date | None:
        """A day with its month; without a year the next such day, today counts."""
        name = part.get("name")
        month = MONTHS.get(name) if name else part["month"]
        if month is None:
            return None
        day, month, year = int(part["day"] or 0), int(month), part["year"]
        if year is not None:
            return self.exists(int(year) + (2000 if len(year) == 2 else 0), month, day)
        if part.get("sign") == "-":
            return None
        if (month, day) == (2, 29):
            years = (one for one in range(self.today.year, self.today.year + 9) if calendar.isleap(one))
            return next(found for one in years if (found := date(one, 2, 29)) >= self.today)
        found = self.exists(self.today.year, month, day)
        if found >= self.today:
            return found
        self.note = _("next year")
        return self.exists(self.today.year + 1, month, day)

    def exists(self, year: int, month: int, day: int) -> date:
        try:
            return date(year, month, day)
        except ValueError:
            raise Refused(self.field, _("“{value}” does not exist in the calendar.").format(value=clip(self.text))) from None

    def after(self, count: int, unit: str) -> date:
        """The day so many days, weeks, months or years ahead; a shorter month ends sooner."""
        if unit in ("day", "week"):
            return self.later(count * (7 if unit == "week" else 1))
        if unit in ("minute", "hour"):
            raise _unreadable(self.text, self.field)
        months = self.today.year * 12 + self.today.month - 1 + count * (12 if unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        last = calendar.monthrange(year, month)[1] if year <= date.max.year else 1
        return self.exists(year, month, min(self.today.day, last))

    def later(self, days: int) -> date:
        try:
            return self.today + timedelta(days=days)
        except OverflowError:
            raise _unreadable(self.text, self.field) from None

    def at(self, day: date, clock: time | None) -> Moment:
        """The moment, judged by the one reader of full times: its range, and hours that the clocks leave out."""
        written = f"{day:%Y-%m-%d}" if day.year >= 1000 else f"{day.year:04}-{day:%m-%d}"
        return parse_time(f"{written} {clock:%H:%M}" if clock else written, self.zone, self.field, self.day_start)


def _plain(text: str) -> str:
    """Lower case, plain digits and dashes, without points and geresh."""
    folded = unicodedata.normalize("NFKC", clean_line(text)).casefold()
    folded = _POINTS.sub("", unicodedata.normalize("NFC", folded)).translate(_SIGNS)
    if not folded.isascii():
        folded = "".join(str(unicodedata.decimal(character, character)) for character in folded)
    return " ".join(folded.split())


def _span(typed: str) -> tuple[int, str] | None:
    """A length of time such as `+2d`, `in a week`, `בעוד 3 ימים`: how many of which unit."""
    led = _LED_SPAN.fullmatch(typed)
    if led and (known := SPANS.get(led["span"])):
        return known
    match = _SPAN.fullmatch(typed)
    if match is None or match["unit"] not in UNITS:
        return None
    count, word, unit = match["count"], match["word"], str(UNITS[match["unit"]])
    if count is None and word is None and (match["sign"] is None or match["unit"].endswith(("s", "ים", "ות"))):
        return None  # `day`, `in weeks`: how far?
    number = int(count) if count else NUMBERS.get(word.strip()) if word else 1
    if number is None:
        return None
    if unit == "short month":
        if int(number) > _MOST_SHORT_MONTHS:
            return None
        unit = "month"
    return int(number), unit


def _clock(match: re.Match[str], day_start: time) -> time | None:
    if match["part"]:
        return CLOCKS.get(str(PARTS[match["part"]]), day_start)
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"][0] == "p" else 0)
    if match["side"]:
        hours = HOURS[str(PARTS[match["side"]])]
        hour = next((one for one in (hour, hour + 12) if one in hours), _LAST_HOUR + 1)
    return time(hour, minute) if hour <= _LAST_HOUR and minute <= 59 else None


def _unreadable(value: str, field: str) -> Refused:
    if not clip(value):
        return Refused(field, _("A time is expected here; write it like +2d, tomorrow 10:00, sun 14:00 or 22/11 9:30."))
    return Refused(
        field,
        _("“{value}” is not a time; write it like +2d, tomorrow 10:00, sun 14:00 or 22/11 9:30.").format(value=clip(value)),
    )
