"""Working days and hours (product.md rule 17)."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.errors import Refused
from crm_tui.rules.calendar import WEEKDAYS, WorkingTime

SUNDAY_TO_THURSDAY = ("sunday", "monday", "tuesday", "wednesday", "thursday")
HANUKKA_EVE = date(2026, 12, 3)
HOLIDAY = date(2026, 12, 6)
HOUR = 3_600_000


def working_time(*, zone="Asia/Jerusalem", days=SUNDAY_TO_THURSDAY, start=time(8), end=time(18), holidays=()):
    return WorkingTime.from_values(zone, days, start, end, holidays)


def ms(text, zone="Asia/Jerusalem"):
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


def day(text):
    return date.fromisoformat(text)


zones = st.sampled_from(
    ["Asia/Jerusalem", "Africa/Cairo", "America/St_Johns", "Australia/Lord_Howe", "Europe/London", "Asia/Kathmandu", "UTC"]
)
days_of_years = st.dates(date(2024, 1, 1), date(2028, 12, 31))
moments = st.integers(ms("2024-01-01"), ms("2028-12-31"))


@st.composite
def working_times(draw):
    start, end = sorted(draw(st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=2, unique=True)))
    return working_time(
        zone=draw(zones),
        days=draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1)),
        start=time(*divmod(start, 60)),
        end=time(*divmod(end, 60)),
        holidays=draw(st.sets(days_of_years, max_size=12)),
    )


@pytest.mark.parametrize(
    ("given_day", "works"),
    [
        ("2026-11-21", False),  # Saturday
        ("2026-11-22", True),
        ("2026-11-26", True),
        ("2026-11-27", False),  # Friday
        ("2026-12-03", True),
        ("2026-12-06", False),  # the holiday
        ("2026-12-07", True),
    ],
)
def test_working_days(given_day, works):
    assert working_time(holidays=[HOLIDAY]).is_working_day(day(given_day)) is works


@pytest.mark.parametrize(
    ("after", "following"),
    [
        ("2026-11-22", "2026-11-23"),
        ("2026-11-26", "2026-11-29"),  # Thursday
        ("2026-11-27", "2026-11-29"),  # Friday
        ("2026-11-28", "2026-11-29"),
        ("2026-12-03", "2026-12-07"),  # eve of the week-end and the holiday after it
        ("2026-12-05", "2026-12-07"),
        ("2026-12-06", "2026-12-07"),  # the holiday itself
        ("2026-12-31", "2027-01-03"),
    ],
)
def test_next_working_day(after, following):
    assert working_time(holidays=[HOLIDAY]).next_working_day(day(after)) == day(following)


@pytest.mark.parametrize(
    ("start", "count", "reached"),
    [
        ("2026-11-22", 1, "2026-11-23"),
        ("2026-11-22", 4, "2026-11-26"),
        ("2026-11-22", 5, "2026-11-29"),
        ("2026-11-27", 1, "2026-11-29"),
        ("2026-12-02", 2, "2026-12-07"),
    ],
)
def test_add_working_days(start, count, reached):
    assert working_time(holidays=[HOLIDAY]).add_working_days(day(start), count) == day(reached)


@pytest.mark.parametrize(
    ("start", "count", "reached"),
    [
        ("2026-11-22", 1, "2026-11-22"),
        ("2026-11-22", 2, "2026-11-19"),
        ("2026-11-21", 1, "2026-11-19"),
        ("2026-12-07", 2, "2026-12-03"),
    ],
)
def test_working_day_back(start, count, reached):
    assert working_time(holidays=[HOLIDAY]).working_day_back(day(start), count) == day(reached)


@pytest.mark.parametrize("count", [0, -1])
def test_counting_no_days_is_a_mistake(count):
    with pytest.raises(ValueError, match="at least 1"):
        working_time().add_working_days(HOLIDAY, count)
    with pytest.raises(ValueError, match="at least 1"):
        working_time().working_day_back(HOLIDAY, count)


def test_a_year_of_holidays_is_refused_and_not_searched_for_ever():
    year = [date(2026, 1, 1) + timedelta(days=step) for step in range(3 * 366)]
    with pytest.raises(Refused) as refused:
        working_time(holidays=year).next_working_day(date(2026, 1, 1))
    assert refused.value.field == "working.holidays"
    with pytest.raises(Refused):
        working_time(holidays=year).working_day_back(year[-1], 1)


def test_a_long_holiday_is_found_through():
    month = [date(2026, 8, 1) + timedelta(days=step) for step in range(31)]
    assert working_time(holidays=month).next_working_day(date(2026, 7, 31)) == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("given_day", "start"),
    [
        ("2026-03-26", "2026-03-26T06:00:00Z"),
        ("2026-03-27", "2026-03-27T05:00:00Z"),  # the clocks went forward at 02:00
        ("2026-10-24", "2026-10-24T05:00:00Z"),
        ("2026-10-25", "2026-10-25T06:00:00Z"),  # they went back at 02:00
    ],
)
def test_the_day_starts_by_the_local_clock(given_day, start):
    assert working_time().day_start_ms(day(given_day)) == datetime.fromisoformat(start).timestamp() * 1000


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-11-22T09:00", "2026-11-22T09:30", 0.5),
        ("2026-11-22T07:00", "2026-11-22T09:00", 1),
        ("2026-11-22T17:00", "2026-11-22T23:00", 1),
        ("2026-11-22T17:00", "2026-11-23T09:00", 2),
        ("2026-11-26T17:00", "2026-11-29T08:00", 1),  # over the week-end
        ("2026-11-27T00:00", "2026-11-28T23:59", 0),
        ("2026-12-03T17:00", "2026-12-07T09:00", 2),  # over the holiday
        ("2026-11-22T09:00", "2026-11-22T09:00", 0),
        ("2026-11-23T09:00", "2026-11-22T09:00", 0),
        ("2026-10-24T12:00", "2026-10-25T12:00", 4),  # the night was an hour longer
        ("2026-12-31T17:00", "2027-01-03T10:00", 3),
        ("2026-01-01T00:00", "2027-01-01T00:00", 2600),
    ],
)
def test_working_time_between(start, end, hours):
    assert working_time(holidays=[HOLIDAY]).working_ms_between(ms(start), ms(end)) == hours * HOUR


@pytest.mark.parametrize(("given_day", "hours"), [("2026-03-26", 23), ("2026-03-27", 22), ("2026-10-25", 24), ("2026-10-26", 23)])
def test_a_change_of_the_clock_within_working_hours_counts_as_it_was(given_day, hours):
    around_the_clock = working_time(days=WEEKDAYS, start=time(0), end=time(23))
    start = ms(given_day)
    assert around_the_clock.working_ms_between(start, ms(f"{given_day}T23:30")) == hours * HOUR


@given(working_times(), st.lists(moments, min_size=3, max_size=3))
def test_working_time_is_additive(working, three):
    first, second, third = sorted(three)
    whole = working.working_ms_between(first, third)
    assert whole == working.working_ms_between(first, second) + working.working_ms_between(second, third)


@given(working_times(), moments, st.integers(0, 40 * 24 * HOUR))
def test_working_time_is_the_overlap_with_each_working_day(working, start, span):
    end = start + span
    local = datetime.fromtimestamp(start / 1000, UTC).date() - timedelta(days=2)
    overlap = 0
    for step in range(span // (24 * HOUR) + 6):
        each = local + timedelta(days=step)
        opens = datetime.combine(each, working.start, working.zone).timestamp() * 1000
        closes = datetime.combine(each, working.end, working.zone).timestamp() * 1000
        if working.is_working_day(each):
            overlap += max(min(end, closes) - max(start, opens), 0)
    assert working.working_ms_between(start, end) == overlap


@given(working_times(), days_of_years, days_of_years)
def test_working_days_between_counts_each(working, first, last):
    counted = sum(working.is_working_day(first + timedelta(days=step)) for step in range(1, (last - first).days + 1))
    assert working.working_days_between(first, last) == counted


@given(working_times(), days_of_years, st.integers(1, 30))
def test_adding_working_days_is_the_inverse_of_counting(working, start, count):
    reached = working.add_working_days(start, count)
    assert working.is_working_day(reached)
    assert working.working_days_between(start, reached) == count
    assert working.working_day_back(reached, 1) == reached
    if count > 1:
        assert working.working_day_back(reached, count) == working.next_working_day(start)


def test_the_rules_load_without_pydantic():
    code = "import sys, crm_tui.rules.cadence, crm_tui.rules.calendar; sys.exit(not {'pydantic', 'holidays'}.isdisjoint(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestPublicHolidays:
    """Passover 2027 is on 22 April, a Thursday, its last day on 28 April, a Wednesday; Yom Kippur 2026 on 21 September, a Monday."""

    def shipped(self, eves="work", holidays=()):
        return WorkingTime.from_values("Asia/Jerusalem", SUNDAY_TO_THURSDAY, time(8), time(18), holidays, ("IL",), eves)

    @pytest.mark.parametrize(
        ("text", "eves", "works"),
        [
            ("2026-09-21", "work", False),
            ("2026-09-20", "work", True),
            ("2026-09-20", "half", True),
            ("2026-09-20", "off", False),
            ("2027-04-22", "work", False),
            ("2027-04-25", "work", True),
            ("9999-12-30", "off", True),
        ],
    )
    def test_days(self, text, eves, works):
        assert self.shipped(eves).is_working_day(day(text)) is works

    def test_the_day_before_is_half_a_day(self):
        worked = [self.shipped(eves).working_ms_between(ms("2026-09-20"), ms("2026-09-22")) / HOUR for eves in ("work", "half", "off")]
        assert worked == [10, 5, 0]
        assert self.shipped("half").working_ms_between(ms("2026-09-20T12:00"), ms("2026-09-20T18:00")) == HOUR

    @pytest.mark.parametrize("eves", ["work", "half", "off"])
    @given(days_of_years, days_of_years)
    def test_counting_days_is_asking_each(self, eves, first, last):
        working = self.shipped(eves, holidays=[HOLIDAY])
        one_by_one = sum(working.is_working_day(date.fromordinal(number)) for number in range(first.toordinal() + 1, last.toordinal() + 1))
        assert working.working_days_between(first, last) == one_by_one

    def test_times_beyond_the_calendar_cost_nothing(self):
        assert self.shipped("off").working_days_between(date.min, date.max) > 0

    def test_all_countries_are_known(self):
        import holidays

        from crm_tui.process_values import countries

        assert countries() <= holidays.list_supported_countries().keys()
