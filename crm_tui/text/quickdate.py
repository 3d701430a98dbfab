"""Times as people type them in passing, in English or Hebrew: `+2d`, `sun 10:00`, `22/11`, `מחר ב-10`, `בעוד שבועיים`."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clean_line, clip
from crm_tui.text.times import Moment, local_day, parse_time

_LONGEST = 64
_MINUTE_MS = 60_000
_LAST_HOUR = 23
_MOST_SHORT_MONTHS = 12
"""`+30m` is more likely half an hour than two and a half years: it is refused, `+30min` and `+30 months` are not."""


def _by_word(lines: Mapping[str | int, str]) -> dict[str, str | int]:
    """Each word of the lines with the key of its line; `_` stands for a space."""
    return {word.replace("_", " "): key for key, line in lines.items() for word in line.split()}


_DAYS = _by_word(
    {
        0: "today tod היום",
        1: "tomorrow tmrw tmr tom מחר",
        2: "day_after_tomorrow the_day_after_tomorrow overmorrow מחרתיים מחרתים",
        7: "next_week שבוע_הבא בשבוע_הבא",
    }
)
# Days of the week as `date.weekday` counts them.
_WEEKDAYS = _by_word(
    {
        6: "sun sunday א ראשון",
        0: "mon monday ב שני",
        1: "tue tues tuesday ג שלישי",
        2: "wed weds wednesday ד רביעי",
        3: "thu thur thurs thursday ה חמישי",
        4: "fri friday ו שישי ששי",
        5: "sat saturday ש שבת",
    }
)
_MONTHS = _by_word(
    {
        1: "jan january ינואר",
        2: "feb february פברואר",
        3: "mar march מרץ מרס",
        4: "apr april אפריל",
        5: "may מאי",
        6: "jun june יוני",
        7: "jul july יולי",
        8: "aug august אוגוסט",
        9: "sep sept september ספטמבר",
        10: "oct october אוקטובר",
        11: "nov november נובמבר",
        12: "dec december דצמבר",
    }
)
_UNITS = _by_word(
    {
        "minute": "min mins minute minutes דקה דקות דק",
        "hour": "h hr hrs hour hours שעה שעות",
        "day": "d day days יום ימים",
        "week": "w wk wks week weeks שבוע שבועות",
        "short month": "m",
        "month": "mo mos month months חודש חודשים חדש חדשים",
        "year": "y yr yrs year years שנה שנים",
    }
)
_NUMBERS = _by_word(
    {
        1: "a an one אחד אחת",
        2: "two couple a_couple_of שני שתי שניים שתיים",
        3: "three שלושה שלוש",
        4: "four ארבעה ארבע",
        5: "five חמישה חמש",
        6: "six שישה שש",
        7: "seven שבעה שבע",
        8: "eight שמונה",
        9: "nine תשעה תשע",
        10: "ten עשרה עשר",
    }
)
_SPANS = {
    "יומיים": (2, "day"),
    "שבועיים": (2, "week"),
    "חודשיים": (2, "month"),
    "שנתיים": (2, "year"),
    "שעתיים": (2, "hour"),
    "חצי שעה": (30, "minute"),
    "רבע שעה": (15, "minute"),
    "שעה וחצי": (90, "minute"),
    "half an hour": (30, "minute"),
    "half hour": (30, "minute"),
    "a quarter of an hour": (15, "minute"),
    "fortnight": (2, "week"),
    "a fortnight": (2, "week"),
    "next month": (1, "month"),
    "חודש הבא": (1, "month"),
    "בחודש הבא": (1, "month"),
}

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
_HALF = r"(?: ?(?P<half>am|pm|a\.m\.|p\.m\.))?"
_CLOCK = rf"(?P<led>at |@ ?|בשעה |[בל](?:- ?)?)?(?:(?P<hour>\d{{1,2}})(?::(?P<minute>\d\d)|(?P<h>h))?{_HALF}|(?P<noon>noon|בצהריים|צהריים))"
_CLOCK_AFTER = re.compile(rf"(?:(?!at |בשעה )(?P<day_text>.+?)(?:,? |(?<=\S)(?=@)))?{_CLOCK}")
_CLOCK_BEFORE = re.compile(rf"{_CLOCK},? (?P<day_text>.+)")
_POINTS = re.compile("[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]")
_SIGNS = str.maketrans(dict.fromkeys("'’‘`´′׳\"”“״″") | dict.fromkeys("־‐‑‒–—−", "-"))


def parse_quick(text: str, now: int, zone: ZoneInfo, day_start: time, field: str = "due") -> Moment:
    """The time that `text` names, seen from `now` (ms); a date alone is at `day_start`, a weekday the next one after today."""
    if len(text) > 4 * _LONGEST:
        raise _unreadable(text, field)
    typed = _plain(text)
    if not typed or len(typed) > _LONGEST:
        raise _unreadable(text, field)
    reading = _Reading(text, now, zone, day_start, field)
    found = reading.whole(typed)
    if found is None and typed[0].isdigit():
        # With an offset, a zone or seconds.
        with suppress(Refused):
            found = parse_time(text, zone, field, day_start)
    if found is None:
        raise _unreadable(text, field)
    return found


class _Reading:
    """One text being read, with what it is seen from."""

    def __init__(self, text: str, now: int, zone: ZoneInfo, day_start: time, field: str) -> None:
        self.text, self.now, self.zone, self.day_start, self.field = text, now, zone, day_start, field
        self.today = local_day(now, zone)

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
        for shape in (_CLOCK_AFTER, _CLOCK_BEFORE):
            match = shape.fullmatch(typed)
            clock = _clock(match) if match else None
            if match is None or clock is None:
                continue
            day_text = match["day_text"]
            bare = match["minute"] is None and match["half"] is None and match["noon"] is None
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
        if typed in _DAYS:
            return self.later(int(_DAYS[typed]))
        if (span := _span(typed)) is not None:
            return self.after(*span)
        for shape in (_ISO, _DATE, _NAMED, _NAME_FIRST):
            if match := shape.fullmatch(typed):
                found = self.calendar_day(match.groupdict())
                if found is not None:
                    return found
        match = _WEEKDAY.fullmatch(typed)
        if match and match["name"] in _WEEKDAYS:
            return self.weekday(int(_WEEKDAYS[match["name"]]), clock, following=bool(match["next"] or match["after"]))
        return None

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

    def calendar_day(self, part: dict[str, str | None]) -> date | None:
        """A day with its month; without a year the next such day, today counts."""
        name = part.get("name")
        month = _MONTHS.get(name) if name else part["month"]
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
        return found if found >= self.today else self.exists(self.today.year + 1, month, day)

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
    if led and (known := _SPANS.get(led["span"])):
        return known
    match = _SPAN.fullmatch(typed)
    if match is None or match["unit"] not in _UNITS:
        return None
    count, word, unit = match["count"], match["word"], str(_UNITS[match["unit"]])
    if count is None and word is None and (match["sign"] is None or match["unit"].endswith(("s", "ים", "ות"))):
        return None  # `day`, `in weeks`: how far?
    number = int(count) if count else _NUMBERS.get(word.strip()) if word else 1
    if number is None:
        return None
    if unit == "short month":
        if int(number) > _MOST_SHORT_MONTHS:
            return None
        unit = "month"
    return int(number), unit


def _clock(match: re.Match[str]) -> time | None:
    if match["noon"]:
        return time(12)
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"][0] == "p" else 0)
    return time(hour, minute) if hour <= _LAST_HOUR and minute <= 59 else None


def _unreadable(value: str, field: str) -> Refused:
    if not clip(value):
        return Refused(field, _("A time is expected here; write it like +2d, tomorrow 10:00, sun 14:00 or 22/11 9:30."))
    return Refused(
        field,
        _("“{value}” is not a time; write it like +2d, tomorrow 10:00, sun 14:00 or 22/11 9:30.").format(value=clip(value)),
    )
