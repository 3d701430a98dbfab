"""What time makes of a contact: every limit at its edge, and what is announced happens at its moment and not before."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.rules.cadence import DAY_MS, Limits
from crm_tui.rules.calendar import WorkingTime
from crm_tui.rules.states import Standing, coming, states

WORKING = WorkingTime.shipped()
LIMITS = Limits()


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=WORKING.zone).timestamp() * 1000)


def standing(role: str, since: str, **more) -> Standing:
    return Standing(
        role,
        ms(since),
        *(more.get(key) for key in ("worked_at", "closed_at")),
        more.get("attempts", 0),
        more.get("next_at"),
        more.get("timed", False),
    )


def codes(one: Standing, now: str, working: WorkingTime = WORKING) -> list[str]:
    return [found.code for found in states(one, ms(now), working, LIMITS)]


@pytest.mark.parametrize(
    ("role", "since", "more", "now", "wanted"),
    [
        ("new", "2026-11-22T10:00", {}, "2026-11-23T10:00", []),
        ("new", "2026-11-22T10:00", {}, "2026-11-23T10:00:01", ["breached"]),
        # A day of rule 5 is 24 hours of real time, also over a change of the clock.
        ("new", "2026-03-26T10:00", {}, "2026-03-27T11:00", []),
        ("new", "2026-03-26T10:00", {}, "2026-03-27T11:00:01", ["breached"]),
        ("new", "2026-10-24T10:00", {}, "2026-10-25T09:00", []),
        ("new", "2026-10-24T10:00", {}, "2026-10-25T09:00:01", ["breached"]),
        ("no_answer", "2026-11-22T10:00", {"attempts": 5, "next_at": ms("2026-11-23T08:00")}, "2026-11-23T09:00", []),
        ("no_answer", "2026-11-22T10:00", {"attempts": 6, "next_at": ms("2026-11-23T08:00")}, "2026-11-23T09:00", ["unreachable"]),
        # A next action for a day is overdue when that day is over, one for a time when that has passed.
        ("in_process", "2026-11-22T10:00", {"next_at": ms("2026-11-22T08:00")}, "2026-11-22T23:59", []),
        ("in_process", "2026-11-22T10:00", {"next_at": ms("2026-11-22T08:00")}, "2026-11-23T00:00", ["overdue"]),
        ("in_process", "2026-11-22T08:00", {"next_at": ms("2026-11-22T10:00"), "timed": True}, "2026-11-22T10:00", []),
        ("in_process", "2026-11-22T08:00", {"next_at": ms("2026-11-22T10:00"), "timed": True}, "2026-11-22T10:00:01", ["overdue"]),
        ("initial_contact", "2026-11-22T10:00", {}, "2026-11-22T10:00", ["no_followup"]),
        # Sunday: Monday, Tuesday and Wednesday may pass, on Thursday it is cooling.
        ("in_process", "2026-11-22T10:00", {"next_at": ms("2026-12-01T08:00")}, "2026-11-25T23:59", []),
        ("in_process", "2026-11-22T10:00", {"next_at": ms("2026-12-01T08:00")}, "2026-11-26T00:00", ["cooling"]),
        # Thursday: Friday and Saturday are no working days.
        ("in_process", "2026-11-19T10:00", {"next_at": ms("2026-12-01T08:00")}, "2026-11-24T23:59", []),
        ("in_process", "2026-11-19T10:00", {"next_at": ms("2026-12-01T08:00")}, "2026-11-25T00:00", ["cooling"]),
        ("closed", "2026-01-01T10:00", {"closed_at": ms("2026-01-10T15:00")}, "2026-04-09T23:59", []),
        ("closed", "2026-01-01T10:00", {"closed_at": ms("2026-01-10T15:00")}, "2026-04-10T00:00", ["reactivation"]),
        ("customer", "2026-01-01T10:00", {"worked_at": ms("2026-01-10T15:00")}, "2026-07-09T23:59", []),
        ("customer", "2026-01-01T10:00", {"worked_at": ms("2026-01-10T15:00")}, "2026-07-10T00:00", ["inactive"]),
        ("inactive_customer", "2026-01-01T10:00", {}, "2026-01-02T10:00", ["inactive"]),
    ],
)
def test_at_the_edge(role, since, more, now, wanted):
    assert codes(standing(role, since, **more), now) == wanted


@pytest.mark.parametrize(("now", "day"), [("2026-11-23T09:00", "22 Nov"), ("2027-01-02T09:00", "22 Nov 2026")])
def test_why_names_days_as_people_do(now, day):
    one = standing("in_process", "2026-11-22T10:00", next_at=ms("2026-11-22T08:00"))
    assert states(one, ms(now), WORKING, LIMITS)[0].why == f"the next action was due on {day}"


def test_a_holiday_is_no_working_day():
    one = standing("in_process", "2026-11-22T10:00", next_at=ms("2026-12-01T08:00"))
    eve = WorkingTime.from_values(
        "Asia/Jerusalem", ("sunday", "monday", "tuesday", "wednesday", "thursday"), time(8), time(18), [date(2026, 11, 24)]
    )
    assert codes(one, "2026-11-26T12:00", eve) == []
    assert codes(one, "2026-11-29T00:00", eve) == ["cooling"]


ROLES = ["new", "no_answer", "initial_contact", "in_process", "closed", "customer", "inactive_customer"]
TIMES = st.integers(ms("2026-01-01T00:00"), ms("2026-12-31T00:00"))
STANDINGS = st.builds(
    Standing, st.sampled_from(ROLES), TIMES, st.none() | TIMES, st.none() | TIMES, st.integers(0, 9), st.none() | TIMES, st.booleans()
)


@given(STANDINGS, TIMES)
def test_what_is_announced_lies_ahead_and_changes_something(one, now):
    """Between now and the first thing announced the states stay as they are; only being late and cold are no states."""
    found = coming(one, now, WORKING, LIMITS)
    assert [ahead.at for ahead in found] == sorted(ahead.at for ahead in found)
    assert all(ahead.at > now for ahead in found)
    before = {state.code for state in states(one, now, WORKING, LIMITS)}
    until = found[0].at - 1 if found else now + 400 * DAY_MS
    assert {state.code for state in states(one, until, WORKING, LIMITS)} == before
