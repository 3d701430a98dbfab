"""Points in time: UTC epoch milliseconds inside, ISO 8601 with offset outside, local days in between."""

from __future__ import annotations

import re
import time as _time
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clean_line, clip

FIRST_YEAR = 1970
LAST_YEAR = 2200
_LONGEST = 64
_DAY = 86_400
_DAY_MS = _DAY * 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_MILLISECOND = timedelta(milliseconds=1)

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
_OFFSET = r"[Zz]|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?"
_TIME = (
    r"(?:(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"|(?P<day_first>\d{1,2})(?P<sign>[/.])(?P<second_month>\d{1,2})(?P=sign)(?P<last_year>\d{4}))"
    rf"(?:(?:[Tt]| ){_CLOCK}(?: ?(?P<offset>{_OFFSET})| (?P<zone>[A-Za-z][\w+-]*(?:/[\w+-]+){{0,2}}))?)?"
)
_FILE_TIME = rf"(?:(?:,? |[Tt]){_CLOCK}(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?: ?(?P<offset>{_OFFSET}))?)?"
_FILE_DATES = tuple(
    shape + _FILE_TIME
    for shape in (
        r"(?P<one>\d{1,2})(?P<sign>[/.-])(?P<two>\d{1,2})(?P=sign)(?P<year>\d{4}|\d{2})",
        r"(?P<year>\d{4})(?P<sign>[/.-])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})",
        r"(?P<day>\d{1,2})[ -](?P<name>[A-Za-z]{3,9})\.?,?[ -](?P<year>\d{4}|\d{2})",
        r"(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})",
    )
)
_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name: number for number, name in enumerate(_MONTHS.split(), 1)}
_MONTH |= {name[:3]: number for name, number in _MONTH.items()} | {"sept": 9}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time that was given: `dated` when without a time of day, `note` when it had to be moved."""

    ms: int
    dated: bool
    note: str | None = None


def now_ms() -> int:
    """The system's clock."""
    return _time.time_ns() // 1_000_000


def parse_time(value: object, zone: ZoneInfo, field: str, day_start: time) -> Moment:
    """A time written as ISO 8601 or day first, in `zone` unless it names its own; a date alone is at `day_start`."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise _unreadable(value if isinstance(value, str) else "", field)
    match = re.fullmatch(_TIME, clean_line(value), re.ASCII)
    if not match:
        raise _unreadable(value, field)
    part = match.groupdict()
    year = int(part["year"] or part["last_year"])
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _out_of_range(year, field)
    given_zone: tzinfo = zone
    if part["offset"]:
        given_zone = _fixed_zone(part["offset"])
    elif part["zone"]:
        given_zone = _named_zone(part["zone"], field)
    try:
        day = date(year, int(part["month"] or part["second_month"]), int(part["day"] or part["day_first"]))
        clock = day_start if part["hour"] is None else _clock_time(part)
    except ValueError:
        raise Refused(field, _("“{value}” does not exist in the calendar.").format(value=clip(value))) from None
    ms = _to_ms(datetime.combine(day, clock, given_zone))
    local_year = local_day(ms, zone).year
    if not FIRST_YEAR <= local_year <= LAST_YEAR:
        raise _out_of_range(local_year, field)
    return Moment(ms, part["hour"] is None, _moved(day, clock, ms, given_zone))


def iso(ms: int, zone: ZoneInfo) -> str:
    """ISO 8601 with the zone's offset, in seconds; milliseconds only where there are some."""
    seconds, rest = divmod(ms, 1000)
    offset, suffix = _day_offset(zone, seconds // _DAY) or _offset_at(zone, seconds)
    day, second = divmod(seconds + offset, _DAY)
    minute, second = divmod(second, 60)
    if rest:
        suffix = f".{rest:03d}{suffix}"
    return f"{_day_text(day)}T{minute // 60:02d}:{minute % 60:02d}:{second:02d}{suffix}"


def local_day(ms: int, zone: ZoneInfo) -> date:
    """The calendar day in `zone`."""
    seconds = ms // 1000
    offset, _suffix = _day_offset(zone, seconds // _DAY) or _offset_at(zone, seconds)
    return date.fromordinal(_EPOCH_ORDINAL + (seconds + offset) // _DAY)


def day_bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """Beginning and end (excluded) of a local day, which may have 23 or 25 hours."""
    return at_local(day, time(), zone), at_local(day + timedelta(days=1), time(), zone)


def at_local(day: date, clock: time, zone: ZoneInfo) -> int:
    """Epoch milliseconds of a local time; one that does not exist is shifted forward, of two the first counts."""
    return _to_ms(datetime.combine(day, clock, zone))


def duration(seconds: float) -> str:
    """A short text such as `45s`, `4m`, `2h14` or `1d 3h`."""
    if seconds < 0:
        return "-" + duration(-seconds)
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return (_("{days}d {hours}h") if hours else _("{days}d")).format(days=days, hours=hours)
    if hours:
        return (_("{hours}h{minutes:02d}") if minutes else _("{hours}h")).format(hours=hours, minutes=minutes)
    return _("{minutes}m").format(minutes=minutes) if minutes else _("{seconds}s").format(seconds=seconds)


def parse_file_date(value: str, zone: ZoneInfo) -> int | None:
    """Epoch milliseconds of a date in another system's export (midnight where it has no time), or None."""
    if not isinstance(value, str):
        return None
    if value[2:3] == "/" and value[10:11] == " " and len(value) == 16:
        midnight = _day_first_midnight(value[:10], zone)
        clock = _minutes_ms(value[11:])
        if midnight is not None and clock is not None:
            return midnight + clock
    elif value[4:5] == "-" and len(value) <= _LONGEST:
        try:
            return _file_ms(datetime.fromisoformat(value), zone)
        except ValueError:
            pass
    return _parse_odd_date(value, zone)


def _parse_odd_date(value: str, zone: ZoneInfo) -> int | None:
    if len(value) > _LONGEST:
        return None
    text = clean_line(value)
    match = next((found for shape in _FILE_DATES if (found := re.fullmatch(shape, text, re.ASCII))), None)
    if not match:
        return None
    part = match.groupdict()
    if "one" in part:
        one, two = int(part["one"]), int(part["two"])
        month, day = (one, two) if two > 12 or (part["half"] and one <= 12) else (two, one)
    else:
        month = _MONTH.get(part["name"].lower(), 0) if "name" in part else int(part["month"])
        day = int(part["day"])
    year = int(part["year"])
    if len(part["year"]) == 2:
        year += 2000 if year < 70 else 1900
    try:
        clock = _clock_time(part) if part["hour"] else time()
        if part["half"]:
            if not 1 <= clock.hour <= 12:
                return None
            clock = clock.replace(hour=clock.hour % 12 + (12 if part["half"] in "pP" else 0))
        own_zone = _fixed_zone(part["offset"]) if part["offset"] else None
        return _file_ms(datetime.combine(date(year, month, day), clock, own_zone), zone)
    except ValueError:
        return None


def _file_ms(moment: datetime, zone: ZoneInfo) -> int | None:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    if moment.tzinfo is not None:
        return _to_ms(moment)
    midnight = _midnight(moment.toordinal(), zone)
    if midnight is None:
        return _to_ms(moment.replace(tzinfo=zone))
    return midnight + ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1000 + moment.microsecond // 1000


@lru_cache(maxsize=8192)
def _day_first_midnight(text: str, zone: ZoneInfo) -> int | None:
    """Midnight of a day written DD/MM/YYYY, unless it has to be looked at more closely."""
    match = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4})", text, re.ASCII)
    if not match:
        return None
    day, month, year = map(int, match.groups())
    try:
        return _midnight(date(year, month, day).toordinal(), zone) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def _midnight(ordinal: int, zone: ZoneInfo) -> int | None:
    """The beginning of a local day, or None when its hours cannot simply be added."""
    start, end = day_bounds(date.fromordinal(ordinal), zone)
    return start if end - start == _DAY_MS else None


@lru_cache(maxsize=2048)
def _minutes_ms(text: str) -> int | None:
    match = re.fullmatch(r"([01]\d|2[0-3]):([0-5]\d)", text, re.ASCII)
    return (int(match[1]) * 60 + int(match[2])) * 60_000 if match else None


@lru_cache(maxsize=8192)
def _day_text(day: int) -> str:
    return date.fromordinal(_EPOCH_ORDINAL + day).isoformat()


@lru_cache(maxsize=8192)
def _day_offset(zone: ZoneInfo, day: int) -> tuple[int, str] | None:
    """The offset of a whole UTC day since the epoch, in seconds and as text, or None when it changes that day."""
    first = _offset_at(zone, day * _DAY)
    return first if first == _offset_at(zone, (day + 1) * _DAY) else None


def _offset_at(zone: ZoneInfo, seconds: int) -> tuple[int, str]:
    local = (_EPOCH + timedelta(0, seconds)).astimezone(zone)
    offset = local.utcoffset() or timedelta()
    return offset.days * _DAY + offset.seconds, local.isoformat()[19:]


def _to_ms(moment: datetime) -> int:
    return (moment - _EPOCH) // _MILLISECOND


def _clock_time(part: dict[str, str]) -> time:
    microsecond = int((part["fraction"] or "").ljust(6, "0")[:6])
    return time(int(part["hour"]), int(part["minute"]), int(part["second"] or 0), microsecond)


def _fixed_zone(offset: str) -> timezone:
    """The zone of `Z`, `+02:00`, `+0200` or `+02`."""
    if offset in "Zz":
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))


def _named_zone(name: str, field: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        message = _("“{value}” is not a time zone; write one such as Asia/Jerusalem.").format(value=clip(name))
        raise Refused(field, message) from None


def _moved(day: date, clock: time, ms: int, zone: tzinfo) -> str | None:
    actual = (_EPOCH + timedelta(milliseconds=ms)).astimezone(zone).replace(tzinfo=None)
    if actual == datetime.combine(day, clock.replace(microsecond=clock.microsecond // 1000 * 1000)):
        return None
    from crm_tui.text.dates import short_day

    return _("{clock} does not exist on {day}: the clocks go forward; taken as {actual}.").format(
        clock=clock.isoformat("minutes"), day=short_day(day), actual=actual.time().isoformat("minutes")
    )


def _unreadable(value: str, field: str) -> Refused:
    if not clip(value):
        return Refused(field, _("A time is expected here; write it like 2026-11-22 or 2026-11-22 10:00."))
    return Refused(
        field,
        _("“{value}” is not a time; write it like 2026-11-22 or 2026-11-22 10:00.").format(value=clip(value)),
    )


def _out_of_range(year: int, field: str) -> Refused:
    return Refused(
        field,
        _("The year {year} is out of range; years go from {first} to {last}.").format(year=year, first=FIRST_YEAR, last=LAST_YEAR),
    )
