"""What is to be thought of before a typed time is promised: no working day, past, next year, somebody away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_helpers import ZONE, Clock, do, lead, ms

from crm_tui.i18n import use_language
from crm_tui.ids import parse_id, show_id
from crm_tui.reads.cautions import Promising, cautions, promising
from crm_tui.reads.look import Look
from crm_tui.rules.calendar import WorkingTime
from crm_tui.store import Store
from crm_tui.text.quickdate import parse_quick
from crm_tui.text.times import Moment, local_day

NOW = ms("2026-11-22T10:00")
EIGHT = time(8)
SUNDAY_TO_THURSDAY = ("sunday", "monday", "tuesday", "wednesday", "thursday")


def working(eves: str = "work") -> WorkingTime:
    return WorkingTime.from_values("Asia/Jerusalem", SUNDAY_TO_THURSDAY, EIGHT, time(18), [date(2026, 12, 6)], ("IL",), eves)


def said(text: str, now: int = NOW, eves: str = "work", away: tuple[str, int] | None = None) -> str:
    found = working(eves)
    return " · ".join(cautions(parse_quick(text, now, ZONE, EIGHT), now, Promising(found, away)))


@pytest.fixture
def hebrew() -> Iterator[None]:
    use_language("he")
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tomorrow", ""),
        ("tomorrow 10", ""),
        ("today", ""),
        ("10:01", ""),
        ("fri", "no working day"),
        ("שבת בערב", "no working day"),
        ("6/12", "day off"),
        ("12/9/2026", "past"),
        ("today 9:59", "past"),
        ("this morning", "past"),
        ("21/4/2027", ""),
        ("12/5/2027", "Independence Day"),
        ("21/11", "next year"),
        ("11/10", "next year · Yom Kippur"),
        ("2/10/2027", "Rosh Hashanah"),
        ("20/11", "next year · no working day"),
        ("20/11/2027", "no working day"),
        ("1/1/2150", ""),
    ],
)
def test_what_is_said(text: str, expected: str) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(("eves", "expected"), [("work", ""), ("half", ""), ("off", "eve of Yom Kippur")])
def test_an_eve_on_which_nobody_works(eves: str, expected: str) -> None:
    assert said("10/10/2027", eves=eves) == expected


@pytest.mark.usefixtures("hebrew")
def test_a_holiday_is_called_as_the_reader_calls_it() -> None:
    assert said("11/10/2027") == "יום כיפור"


def test_a_business_without_a_calendar_of_holidays() -> None:
    plain = WorkingTime.from_values("Asia/Jerusalem", SUNDAY_TO_THURSDAY, EIGHT, time(18))
    assert cautions(Moment(ms("2027-10-11T08:00"), True), NOW, Promising(plain, None)) == []


def test_an_hour_that_the_clocks_leave_out() -> None:
    now = ms("2027-03-25T10:00")
    assert said("tomorrow 2:30", now).startswith("02:30 does not exist")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("tomorrow", "ann is away until 29 Nov"), ("thu 17:00", "ann is away until 29 Nov"), ("sun", ""), ("29/11 8:00", ""), ("9:00", "")],
)
def test_who_is_away_then(store: Store, clock: Clock, text: str, expected: str) -> None:
    known = parse_id(lead(store))
    do(store, "route", contact=show_id(known), to="ann")
    do(store, "set_away", user="ann", until="2026-11-29" if text != "9:00" else "2026-11-23")
    by = promising(Look.at(store), [known])
    assert " · ".join(cautions(parse_quick(text, clock.now, ZONE, EIGHT), clock.now, by)) == expected


def test_without_an_owner_it_is_ones_own_promise(store: Store) -> None:
    known = parse_id(lead(store))
    assert promising(Look.at(store), [known]).away is None
    do(store, "set_away", user="noa", until="2026-11-29 12:00")
    found = promising(Look.at(store), [known]).away
    assert found is not None
    assert found[0] == "noa is away until 29 Nov 12:00"
    assert promising(Look.at(store), []).away == found


@given(
    st.integers(0, ms("2190-01-01T00:00")), st.booleans(), st.integers(0, ms("2190-01-01T00:00")), st.sampled_from(["work", "half", "off"])
)
def test_a_working_day_to_come_needs_no_word(at: int, dated: bool, now: int, eves: str) -> None:
    days = working(eves)
    found = cautions(Moment(at, dated), now, Promising(days, None))
    assert len(found) <= 1
    if at > now:
        assert bool(found) is not days.is_working_day(local_day(at, ZONE))
