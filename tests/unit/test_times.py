from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.errors import Refused
from crm_tui.text.times import Moment, at_local, day_bounds, duration, iso, local_day, now_ms, parse_file_date, parse_time

NASTY = Path(__file__).parents[3] / "shared" / "data" / "nasty.json"
JERUSALEM = ZoneInfo("Asia/Jerusalem")
EIGHT = time(8)
HOUR = 3_600_000
# Half-hour saving, an offset with seconds until 1972, changes at midnight, a day that was left out.
ODD_ZONES = ["Australia/Lord_Howe", "Africa/Monrovia", "America/Havana", "Asia/Beirut", "Pacific/Apia", "Asia/Kathmandu"]
zones = st.sampled_from([JERUSALEM, ZoneInfo("UTC"), *map(ZoneInfo, ODD_ZONES)])


def parse(value: object) -> Moment:
    return parse_time(value, JERUSALEM, "due", EIGHT)


@pytest.mark.parametrize(
    ("value", "expected", "dated"),
    [
        ("2026-11-22", "2026-11-22T08:00:00+02:00", True),
        ("22/11/2026", "2026-11-22T08:00:00+02:00", True),
        ("22.11.2026", "2026-11-22T08:00:00+02:00", True),
        ("1/2/2026", "2026-02-01T08:00:00+02:00", True),
        ("2026-11-22T10:00", "2026-11-22T10:00:00+02:00", False),
        (" 2026-11-22  10:00\n", "2026-11-22T10:00:00+02:00", False),
        ("2026-11-22 9:05:07", "2026-11-22T09:05:07+02:00", False),
        ("2026-11-22 10:00:05.123", "2026-11-22T10:00:05.123+02:00", False),
        ("2026-11-22T10:00:05.5", "2026-11-22T10:00:05.500+02:00", False),
        ("2026-11-22T10:00:05.123999Z", "2026-11-22T12:00:05.123+02:00", False),
        ("22/11/2026 10:00", "2026-11-22T10:00:00+02:00", False),
        ("22.11.2026 10:00", "2026-11-22T10:00:00+02:00", False),
        ("2026-11-22T10:00Z", "2026-11-22T12:00:00+02:00", False),
        ("2026-11-22T10:00:00+02:00", "2026-11-22T10:00:00+02:00", False),
        ("2026-11-22T10:00-0530", "2026-11-22T17:30:00+02:00", False),
        ("2026-11-22 10:00 +05", "2026-11-22T07:00:00+02:00", False),
        ("2026-11-22 10:00 Europe/London", "2026-11-22T12:00:00+02:00", False),
        ("2026-11-22 10:00 America/Argentina/Buenos_Aires", "2026-11-22T15:00:00+02:00", False),
        ("2026-11-22 10:00 UTC", "2026-11-22T12:00:00+02:00", False),
        ("1970-01-01 02:00", "1970-01-01T02:00:00+02:00", False),
        ("2200-12-31 23:59", "2200-12-31T23:59:00+02:00", False),
        # The first of the two 01:30 of that night.
        ("2026-10-25 01:30", "2026-10-25T01:30:00+03:00", False),
        ("\u200e22/11/2026\u200e 10:00", "2026-11-22T10:00:00+02:00", False),
    ],
)
def test_times_that_are_understood(value: str, expected: str, dated: bool) -> None:
    moment = parse(value)
    assert iso(moment.ms, JERUSALEM) == expected
    assert (moment.dated, moment.note) == (dated, None)


@pytest.mark.parametrize("value", ["2026-03-27 02:30", "2026-03-27 02:30 Asia/Jerusalem", "27/03/2026 02:30:00"])
def test_a_time_that_does_not_exist_is_moved_and_said_so(value: str) -> None:
    moment = parse(value)
    assert iso(moment.ms, JERUSALEM) == "2026-03-27T03:30:00+03:00"
    assert "does not exist on 27 Mar 2026" in (moment.note or "")
    assert moment.note
    assert "02:30" in moment.note
    assert "03:30" in moment.note


@pytest.mark.parametrize(
    "value",
    [
        *[None, 5, 5.0, True, [], {}, "", " ", "\u200b", "x", "x" * 10_000, "tomorrow", "מחר ב-10", "10:00", "0/0/00", "1/1/1"],
        *["9999-12-31", "0001-01-01", "1969-12-31", "2201-01-01", "0000-00-00", "1970-01-01T00:00+14:00", "2200-12-31T23:59Z"],
        *["2026-02-30", "31/4/2026", "2026-13-01", "2026-00-01", "11/22/2026", "22/11.2026", "2026/11/22", "22-11-2026"],
        *["2026-11-22 24:00", "2026-11-22 10:60", "2026-11-22 10:00:60", "2026-11-22T", "2026-11-22T10", "2026-11-22Z"],
        *["2026-11-22T10:00+99:00", "2026-11-22T10:00+15:00", "2026-11-22T10:00+02:60", "2026-11-22 10:00 PM"],
        *["2026-11-22 10:00 Nope/Where", "2026-11-22 10:00 America", "2026-11-22 10:00 ../etc/passwd", "٢٠٢٦-١١-٢٢"],
        "2026-11-22 10:00 tomorrow \x1b[31m",
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_times_that_are_refused(value: object) -> None:
    with pytest.raises(Refused) as refusal:
        parse(value)
    assert refusal.value.field == "due"
    assert refusal.value.message.isprintable()
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize("year", ["9999", "0001", "1969"])
def test_a_year_out_of_range_is_named(year: str) -> None:
    with pytest.raises(Refused, match=f"{int(year)}.*1970.*2200"):
        parse(f"{year}-01-01")


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 27), 23), (date(2026, 10, 25), 25), (date(2026, 11, 22), 24), (date(2026, 7, 1), 24)]
)
def test_day_bounds(day: date, hours: int) -> None:
    start, end = day_bounds(day, JERUSALEM)
    assert end - start == hours * HOUR
    assert local_day(start, JERUSALEM) == local_day(end - 1, JERUSALEM) == day
    assert local_day(start - 1, JERUSALEM) == day - timedelta(days=1)
    assert iso(start, JERUSALEM).startswith(f"{day}T00:00:00")


def test_at_local() -> None:
    assert iso(at_local(date(2026, 3, 27), time(2, 30), JERUSALEM), JERUSALEM) == "2026-03-27T03:30:00+03:00"
    assert iso(at_local(date(2026, 10, 25), time(1, 30), JERUSALEM), JERUSALEM) == "2026-10-25T01:30:00+03:00"
    assert at_local(date(1970, 1, 1), time(0, 0, 1, 5000), ZoneInfo("UTC")) == 1005


def test_now() -> None:
    assert abs(now_ms() - datetime.now(UTC).timestamp() * 1000) < 5000


@given(st.integers(0, 7_289_654_399), st.integers(0, 999), zones)
def test_iso_agrees_with_datetime(seconds: int, rest: int, zone: ZoneInfo) -> None:
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone)
    assert iso(seconds * 1000, zone) == local.isoformat()
    assert local_day(seconds * 1000 + rest, zone) == local.date()
    shown = iso(seconds * 1000 + rest, zone)
    assert (datetime.fromisoformat(shown) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) == seconds * 1000 + rest


@pytest.mark.parametrize("name", ["Asia/Jerusalem", *ODD_ZONES])
def test_iso_around_every_change_of_a_year(name: str) -> None:
    zone = ZoneInfo(name)
    for year in (1972, 2011, 2026):
        begin = int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
        for seconds in range(begin, begin + 366 * 86_400, 1800):
            assert iso(seconds * 1000, zone) == datetime.fromtimestamp(seconds, zone).isoformat()


@given(st.integers(86_400_000, 7_289_000_000_000))
def test_what_is_written_is_read_back(ms: int) -> None:
    assert parse(iso(ms, JERUSALEM)) == Moment(ms, False, None)
    assert parse_file_date(iso(ms, JERUSALEM), JERUSALEM) == ms


@given(st.dates(date(1970, 1, 2), date(2200, 12, 30)), zones)
def test_days_follow_each_other(day: date, zone: ZoneInfo) -> None:
    start, end = day_bounds(day, zone)
    assert start <= end == day_bounds(day + timedelta(days=1), zone)[0]
    if start < end:
        assert local_day(start, zone) == day


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        *[(0, "0s"), (45, "45s"), (60, "1m"), (240, "4m"), (299, "4m"), (3600, "1h"), (3660, "1h01"), (8040, "2h14")],
        *[(86_400, "1d"), (97_200, "1d 3h"), (86_399, "23h59"), (-240, "-4m")],
    ],
)
def test_duration(seconds: int, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("01/10/2026 08:00", "2026-10-01T08:00:00+03:00"),
        ("1/5/2026", "2026-05-01T00:00:00+03:00"),
        ("03-07-2021 01:09", "2021-07-03T01:09:00+03:00"),
        ("22.11.2026", "2026-11-22T00:00:00+02:00"),
        ("3/15/2024 2:30 PM", "2024-03-15T14:30:00+02:00"),
        ("3/5/2024 2:30 PM", "2024-03-05T14:30:00+02:00"),
        ("15/3/2024 12:30 am", "2024-03-15T00:30:00+02:00"),
        ("3/15/2024 12:30 p.m.", "2024-03-15T12:30:00+02:00"),
        ("9/18/25", "2025-09-18T00:00:00+03:00"),
        ("12/28/1979", "1979-12-28T00:00:00+02:00"),
        ("2026-08-14T14:27:47-05:00", "2026-08-14T22:27:47+03:00"),
        ("2026-08-14T14:27:47-0500", "2026-08-14T22:27:47+03:00"),
        ("2026-08-14T14:27:47.250Z", "2026-08-14T17:27:47.250+03:00"),
        ("2024-03-12 09:14", "2024-03-12T09:14:00+02:00"),
        ("2024-03-12", "2024-03-12T00:00:00+02:00"),
        ("2026-08-28 10:00:00", "2026-08-28T10:00:00+03:00"),
        ("2024-3-1 9:14", "2024-03-01T09:14:00+02:00"),
        ("2024/03/12 09:14:05", "2024-03-12T09:14:05+02:00"),
        ("05 Mar 2024", "2024-03-05T00:00:00+02:00"),
        ("5-Mar-24", "2024-03-05T00:00:00+02:00"),
        ("15 Apr, 2021 00:03:00", "2021-04-15T00:03:00+03:00"),
        ("March 5, 2024", "2024-03-05T00:00:00+02:00"),
        ("Sept 5 2024 10:00", "2024-09-05T10:00:00+03:00"),
        ("2024-03-12\ud800", "2024-03-12T00:00:00+02:00"),
        (" \u200e01/10/2026  08:00 ", "2026-10-01T08:00:00+03:00"),
        # Nights on which the clocks change.
        ("27/03/2026 02:30", "2026-03-27T03:30:00+03:00"),
        ("2026-03-27 02:30", "2026-03-27T03:30:00+03:00"),
        ("27/03/2026 08:00", "2026-03-27T08:00:00+03:00"),
        ("25/10/2026 01:30", "2026-10-25T01:30:00+03:00"),
        ("2026-10-25 08:00", "2026-10-25T08:00:00+02:00"),
    ],
)
def test_file_dates(value: str, expected: str) -> None:
    ms = parse_file_date(value, JERUSALEM)
    assert ms is not None
    assert iso(ms, JERUSALEM) == expected


@pytest.mark.parametrize(
    "value",
    [
        *["", " ", "x", "0/0/00", "00/00/0000 00:00", "31/02/2026 10:00", "13/13/2026", "12/28/1969", "01/10/2201 08:00"],
        *["9999-12-31", "0001-01-01T00:00:00Z", "--12-25", "2024-13-01", "01/10/2026 25:00", "01/10/2026 08:61", "5 Foo 2024"],
        *["3/15/2024 14:30 PM", "3/15/2024 0:30 AM", "45000", "Novembro 18, 2021", "x" * 100_000, "2024-" + "1" * 100_000],
        *["٠١/١٠/٢٠٢٦ ٠٨:٠٠", "01/10/2026\x0008:00"],
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_unknown_file_dates_are_none(value: str) -> None:
    assert parse_file_date(value, JERUSALEM) is None


@given(st.text() | st.text("0123456789/-:. TZ+AMPMar", max_size=25))
def test_file_dates_never_raise(value: str) -> None:
    ms = parse_file_date(value, JERUSALEM)
    assert ms is None or iso(ms, JERUSALEM)


@pytest.mark.skipif(not NASTY.exists(), reason="the shared test values are not here")
def test_nasty_values() -> None:
    nasty = {case["name"]: case["value"] for case in json.loads(NASTY.read_text("utf-8"))}
    moment = parse(nasty["date-dst-gap"])
    assert iso(moment.ms, JERUSALEM) == "2026-03-27T03:30:00+03:00"
    assert moment.note
    with pytest.raises(Refused):
        parse(nasty["date-hebrew"])
