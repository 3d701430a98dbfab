"""The working days and hours of the business (product.md rule 17), pure and independent of where they are set."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.rules.public_holidays import holiday_name, public_holidays, years_of
from crm_tui.text.dates import short_day
from crm_tui.text.times import at_local, local_day

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SEARCHED_DAYS = 366
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When the business works: weekdays (Monday is 0) from `start` to `end` in `zone`, except `holidays` and those of `countries`.

    On the `eves` of public holidays it works as on other days (`work`), half the day, or not (`off`).
    """

    zone: ZoneInfo
    days: frozenset[int]
    start: time
    end: time
    holidays: frozenset[date] = frozenset()
    countries: tuple[str, ...] = ()
    eves: str = "work"

    @classmethod
    def from_values(
        cls,
        zone: str,
        days: Iterable[str],
        start: time,
        end: time,
        holidays: Iterable[date] = (),
        countries: tuple[str, ...] = (),
        eves: str = "work",
    ) -> WorkingTime:
        """Build it from plain values; `days` are English names of weekdays."""
        return cls(ZoneInfo(zone), frozenset(map(WEEKDAYS.index, days)), start, end, frozenset(holidays), countries, eves)

    @classmethod
    def shipped(cls) -> WorkingTime:
        """Rule 17's default, for who starts without the process (a test holds it to process.toml)."""
        return cls.from_values("Asia/Jerusalem", ("sunday", "monday", "tuesday", "wednesday", "thursday"), time(8), time(18), (), ("IL",))

    @property
    def day_length_ms(self) -> int:
        """The working hours of a day."""
        hours = timedelta(hours=self.end.hour - self.start.hour, minutes=self.end.minute - self.start.minute)
        return max(0, hours // timedelta(milliseconds=1))

    def is_working_day(self, day: date) -> bool:
        """Whether the business works on `day`."""
        return day.weekday() in self.days and not self._is_free(day)

    def why_free(self, day: date) -> str:
        """Why the business does not work on `day`, in a word or two; empty when it does."""
        if self.is_working_day(day):
            return ""
        if name := self._name(day):
            return name
        if day in self.holidays:
            return _("day off")
        if self.eves == "off" and self._is_eve(day):
            return _("eve of {holiday}").format(holiday=self._name(day + ONE_DAY))
        return _("no working day")

    def next_working_day(self, after: date) -> date:
        """The first working day strictly after `after`; Refused when a year has none."""
        return self._nearest(after + ONE_DAY, ONE_DAY)

    def add_working_days(self, day: date, count: int) -> date:
        """The `count`-th working day (at least 1) after `day`, counted from the day after it."""
        if count < 1:
            raise ValueError("count must be at least 1")
        for _step in range(count):
            day = self.next_working_day(day)
        return day

    def working_day_back(self, day: date, count: int) -> date:
        """The `count`-th working day (at least 1) counted backwards from `day`, which counts itself when it is one."""
        if count < 1:
            raise ValueError("count must be at least 1")
        found = self._nearest(day, -ONE_DAY)
        for _step in range(count - 1):
            found = self._nearest(found - ONE_DAY, -ONE_DAY)
        return found

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie after `first` up to and with `last`; 0 when `last` is not later."""
        span = (last - first).days
        if span <= 0:
            return 0
        weeks, rest = divmod(span, 7)
        weekdays = weeks * len(self.days) + sum((first.weekday() + step) % 7 in self.days for step in range(1, rest + 1))
        return weekdays - sum(first < free <= last and free.weekday() in self.days for free in self._free_days(first.year, last.year))

    def day_start_ms(self, day: date) -> int:
        """The start of the working hours of `day` (a working day or not) in UTC milliseconds."""
        return at_local(day, self.start, self.zone)

    def length_ms(self, day: date) -> int:
        """The working time of one day: none on a free one, half on the eve of a holiday where that is so."""
        if not self.is_working_day(day):
            return 0
        whole = max(at_local(day, self.end, self.zone) - self.day_start_ms(day), 0)
        return whole // 2 if self.eves == "half" and self._is_eve(day) else whole

    def working_ms_between(self, start_ms: int, end_ms: int) -> int:
        """The working time between two moments in milliseconds; 0 when the second is not later."""
        if end_ms <= start_ms:
            return 0
        start_year, worked_at_start = self._worked_in_year(start_ms)
        end_year, worked_at_end = self._worked_in_year(end_ms)
        whole_years = sum(_worked_before_days(self, year)[-1] for year in range(start_year, end_year))
        return whole_years + worked_at_end - worked_at_start

    def _is_free(self, day: date) -> bool:
        if day in self.holidays or self._is_public(day):
            return True
        return self.eves == "off" and self._is_eve(day)

    def _is_public(self, day: date) -> bool:
        return any(day in public_holidays(country, day.year) for country in self.countries)

    def _name(self, day: date) -> str:
        return next(filter(None, (holiday_name(country, day) for country in self.countries)), "")

    def _is_eve(self, day: date) -> bool:
        return day < date.max and self._is_public(day + ONE_DAY) and not self._is_public(day)

    def _free_days(self, first: int, last: int) -> set[date]:
        """The days without work from one year to another, whatever weekday they are."""
        public = {day for country in self.countries for year in years_of(first, last + 1) for day in public_holidays(country, year)}
        eves = {day - ONE_DAY for day in public} if self.eves == "off" else set()
        return public | eves | self.holidays

    def _nearest(self, day: date, step: timedelta) -> date:
        found = day
        for _searched in range(SEARCHED_DAYS):
            if self.is_working_day(found):
                return found
            found += step
        raise Refused("working.holidays", _("There is no working day within a year of {day}.").format(day=short_day(day)))

    def _worked_in_year(self, moment_ms: int) -> tuple[int, int]:
        """The local year of a moment, and the working milliseconds of that year that had passed by then."""
        day = local_day(moment_ms, self.zone)
        before_day = _worked_before_days(self, day.year)
        index = day.timetuple().tm_yday - 1
        today = before_day[index + 1] - before_day[index]
        return day.year, before_day[index] + min(max(moment_ms - self.day_start_ms(day), 0), today)


@lru_cache(maxsize=128)
def _worked_before_days(working: WorkingTime, year: int) -> tuple[int, ...]:
    """The working milliseconds of `year` before each of its days, and at last of the whole year.

    Each day is measured between its two moments, so that a change of the clock within working hours counts as it was.
    """
    first = date(year, 1, 1).toordinal()
    days = map(date.fromordinal, range(first, date(year, 12, 31).toordinal() + 1))
    return tuple(accumulate((working.length_ms(day) for day in days), initial=0))
