"""Limits, due dates and the calling order (product.md rules 5 to 9, 11, 12)."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.rules.cadence import (
    Candidate,
    Limits,
    attempts_exhausted,
    calling_order,
    follow_up_due,
    is_cooling,
    is_for_reactivation,
    is_inactive_customer,
    next_try_due,
    place,
    response,
    touch_due,
)
from crm_tui.rules.calendar import WorkingTime

ZONE = ZoneInfo("Asia/Jerusalem")
LIMITS = Limits()
WORKING = WorkingTime.from_values(
    "Asia/Jerusalem",
    ("sunday", "monday", "tuesday", "wednesday", "thursday"),
    time(8),
    time(18),
    [date(2026, 12, 6)],
)
SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


def ms(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


def local(moment_ms):
    return datetime.fromtimestamp(moment_ms / 1000, ZONE).strftime("%Y-%m-%d %H:%M")


NOW = ms("2026-11-22 12:00")  # a Sunday


def candidate(name, role="in_process", **facts):
    number = facts.pop("number", 0)
    given_facts = {
        "started_ms": NOW - 5 * DAY,
        "next_at": None,
        "next_rule": None,
        "next_timed": False,
        "last_attempt_ms": None,
        "value": 0,
        "attempts": 0,
    } | {key: ms(value) if isinstance(value, str) and key.endswith(("_at", "_ms")) else value for key, value in facts.items()}
    return Candidate(id=name.encode(), role=role, order=(number,), **given_facts)


def names(candidates, now=NOW):
    return [stands.id.decode() for stands in calling_order(candidates, now, WORKING, LIMITS)]


def stands(one, now=NOW):
    return place(one, now, WORKING, LIMITS)


class TestFirstResponse:
    @pytest.mark.parametrize(
        ("waited", "still_new", "judged"),
        [
            (-MINUTE, True, "fresh"),  # a clock that ran backwards
            (0, True, "fresh"),
            (10 * MINUTE, True, "fresh"),
            (10 * MINUTE + 1, True, "late"),
            (10 * MINUTE + SECOND, True, "late"),
            (15 * HOUR, True, "late"),
            (15 * HOUR + 1, True, "cold"),
            (DAY, True, "cold"),
            (DAY + 1, True, "breached"),
            (DAY + 1, False, "cold"),
            (30 * DAY, False, "cold"),
        ],
    )
    def test_both_limits_are_included(self, waited, still_new, judged):
        assert response(waited, LIMITS, still_new) == judged

    def test_the_limits_of_the_business_count(self):
        limits = Limits(fresh_minutes=5, late_hours=1, breached_days=2)
        assert [response(waited, limits, True) for waited in (5 * MINUTE, 6 * MINUTE, 2 * HOUR, 2 * DAY, 2 * DAY + 1)] == [
            *("fresh", "late", "cold", "cold", "breached")
        ]


class TestDueDates:
    @pytest.mark.parametrize(
        ("now", "due"),
        [
            ("2026-11-22 12:00", "2026-11-23 08:00"),
            ("2026-11-22 00:00", "2026-11-23 08:00"),
            ("2026-11-22 23:59", "2026-11-23 08:00"),
            ("2026-11-26 12:00", "2026-11-29 08:00"),  # Thursday
            ("2026-11-27 09:00", "2026-11-29 08:00"),  # Friday
            ("2026-12-03 12:00", "2026-12-07 08:00"),  # before the week-end and a holiday
            ("2026-03-26 12:00", "2026-03-29 08:00"),  # the clocks went forward between
            ("2026-03-27 01:30", "2026-03-29 08:00"),
            ("2026-10-22 12:00", "2026-10-25 08:00"),  # the clocks go back on that day
            ("2026-10-25 01:30", "2026-10-26 08:00"),
        ],
    )
    def test_the_next_try_is_on_the_next_working_day(self, now, due):
        assert local(next_try_due(ms(now), WORKING)) == due

    @pytest.mark.parametrize(
        ("now", "days", "due"),
        [
            ("2026-11-22 12:00", 2, "2026-11-24 08:00"),
            ("2026-11-25 12:00", 2, "2026-11-29 08:00"),
            ("2026-11-26 12:00", 2, "2026-11-30 08:00"),
            ("2026-12-02 12:00", 2, "2026-12-07 08:00"),
            ("2026-11-22 12:00", 5, "2026-11-29 08:00"),
        ],
    )
    def test_a_follow_up_is_working_days_ahead(self, now, days, due):
        assert local(follow_up_due(ms(now), WORKING, days)) == due

    def test_the_day_is_that_of_the_business(self):
        after_midnight_there = int(datetime.fromisoformat("2026-11-22T22:30:00+00:00").timestamp() * 1000)
        assert local(next_try_due(after_midnight_there, WORKING)) == "2026-11-24 08:00"

    @pytest.mark.parametrize(("attempts", "offered"), [(0, False), (5, False), (6, True), (7, True)])
    def test_closing_is_offered_after_the_sixth_attempt(self, attempts, offered):
        assert attempts_exhausted(attempts, LIMITS) is offered


class TestAges:
    @pytest.mark.parametrize(
        ("touched", "now", "cooling"),
        [
            ("2026-11-15 00:00", "2026-11-18 23:59", False),  # Sunday to Wednesday: 3 working days
            ("2026-11-15 23:59", "2026-11-19 00:00", True),
            ("2026-11-16 09:00", "2026-11-19 18:00", False),
            ("2026-11-16 09:00", "2026-11-21 23:59", False),  # no working day since
            ("2026-11-16 09:00", "2026-11-22 00:00", True),
            ("2026-11-20 09:00", "2026-11-24 20:00", False),  # touched on a Friday
            ("2026-11-20 09:00", "2026-11-25 08:00", True),
            ("2026-12-02 09:00", "2026-12-08 23:00", False),  # the holiday does not count
            ("2026-12-02 09:00", "2026-12-09 00:00", True),
            ("2026-12-02 09:00", "2026-12-01 00:00", False),
        ],
    )
    def test_cooling_is_longer_than_three_working_days(self, touched, now, cooling):
        assert is_cooling(ms(touched), ms(now), WORKING, LIMITS) is cooling

    def test_the_day_until_which_to_touch(self):
        assert touch_due(ms("2026-11-16 09:00"), WORKING, LIMITS) == date(2026, 11, 19)

    @given(
        st.integers(ms("2026-01-01"), ms("2026-12-31")),
        st.integers(ms("2026-01-01"), ms("2026-12-31")),
        st.integers(1, 9),
    )
    def test_cooling_agrees_with_the_day_until_which_to_touch(self, touched, now, days):
        limits = Limits(touch_days=days)
        touch_day, today = (datetime.fromtimestamp(moment // 1000, ZONE).date() for moment in (touched, now))
        assert is_cooling(touched, now, WORKING, limits) == (WORKING.working_days_between(touch_day, today) > days)

    @pytest.mark.parametrize(
        ("last", "inactive"),
        [
            (NOW, False),
            (NOW - 179 * DAY, False),
            (ms("2026-05-26 00:00"), False),  # 180 calendar days, over a change of the clock
            (ms("2026-05-25 23:59"), True),
        ],
    )
    def test_a_customer_is_inactive_after_more_than_180_days(self, last, inactive):
        assert is_inactive_customer(last, NOW, LIMITS, ZONE) is inactive

    @pytest.mark.parametrize(
        ("closed", "back"),
        [
            (NOW, False),
            (ms("2026-08-25 00:00"), False),  # 89 calendar days
            (ms("2026-08-24 23:59"), True),  # 90
            (ms("2026-01-01 00:00"), True),
        ],
    )
    def test_a_closed_contact_comes_back_after_90_days(self, closed, back):
        assert is_for_reactivation(closed, NOW, LIMITS, ZONE) is back


class TestGroups:
    @pytest.mark.parametrize(
        ("facts", "bucket"),
        [
            ({"role": "new"}, "new"),
            ({"role": "new", "next_at": "2026-11-30 08:00"}, "new"),
            ({}, None),
            ({"next_at": "2026-11-22 08:00"}, "due"),
            ({"next_at": "2026-11-22 23:59"}, "due"),
            ({"next_at": "2026-11-23 00:00"}, None),
            ({"next_at": "2026-11-01 08:00"}, "due"),
            ({"role": "customer", "next_at": "2026-11-22 08:00"}, "due"),
            ({"role": "no_answer", "last_attempt_ms": "2026-11-19 12:00"}, "no_answer"),
            ({"role": "no_answer", "last_attempt_ms": "2026-11-21 23:59"}, "no_answer"),
            ({"role": "no_answer", "last_attempt_ms": "2026-11-22 00:00"}, None),
            ({"role": "no_answer"}, "no_answer"),
            (
                {
                    "role": "no_answer",
                    "last_attempt_ms": "2026-11-19 12:00",
                    "next_at": "2026-11-22 08:00",
                    "next_rule": "next_try",
                },
                "no_answer",
            ),
            (
                {
                    "role": "no_answer",
                    "last_attempt_ms": "2026-11-19 12:00",
                    "next_at": "2026-11-23 08:00",
                    "next_rule": "next_try",
                },
                None,
            ),
            ({"role": "no_answer", "last_attempt_ms": "2026-11-19 12:00", "next_at": "2026-11-22 08:00"}, "due"),
            ({"role": "no_answer", "last_attempt_ms": "2026-11-19 12:00", "next_at": "2026-11-23 08:00"}, None),
        ],
    )
    def test_the_group_of_a_contact(self, facts, bucket):
        found = stands(candidate("x", **facts))
        assert (found and found.bucket) == bucket

    @pytest.mark.parametrize(
        ("facts", "bucket"),
        [
            ({"role": "new"}, None),
            ({"next_at": "2026-11-22 08:00"}, None),
            ({"next_at": "2026-11-22 12:00", "next_timed": True}, "due"),
            ({"next_at": "2026-11-22 12:01", "next_timed": True}, None),
            ({"next_at": "2026-11-22 08:00", "next_timed": False}, None),
            ({"next_at": "2026-11-21 10:00", "next_timed": True}, None),  # promised for another day
            ({"role": "no_answer", "next_at": "2026-11-22 12:00", "next_timed": True}, "due"),
            ({"role": "no_answer", "next_at": "2026-11-22 08:00", "next_rule": "next_try"}, None),
            # Something older is due first, and a time was promised besides.
            ({"next_at": "2026-11-20 08:00", "promised": [ms("2026-11-22 12:00")]}, "due"),
            ({"next_at": "2026-11-20 08:00", "promised": [ms("2026-11-22 12:01")]}, None),
            ({"next_at": "2026-11-20 10:00", "next_timed": True, "promised": [ms("2026-11-22 11:00"), ms("2026-11-22 16:00")]}, "due"),
            ({"role": "no_answer", "next_at": "2026-11-22 08:00", "next_rule": "next_try", "promised": [ms("2026-11-22 11:00")]}, "due"),
        ],
    )
    def test_after_an_attempt_today_only_a_promised_time_that_has_come(self, facts, bucket):
        found = stands(candidate("x", last_attempt_ms="2026-11-22 09:00", **facts))
        assert (found and found.bucket) == bucket

    def test_a_time_promised_for_later_today_stands_from_the_morning(self):
        promised = candidate("x", next_at="2026-11-22 16:00", next_timed=True, last_attempt_ms="2026-11-19 12:00")
        assert stands(promised, ms("2026-11-22 00:00")).bucket == "due"
        assert stands(promised, ms("2026-11-21 23:59")) is None

    @pytest.mark.parametrize(
        ("facts", "why", "brief"),
        [
            ({"next_at": "2026-11-20 08:00"}, "overdue since 20 Nov, promised for 16:30 today", "since 20 Nov, today 16:30"),
            (
                {"next_at": "2026-11-22 10:30", "next_timed": True},
                "due today 10:30, promised for 16:30 today",
                "10:30, today 16:30",
            ),
            ({"next_at": "2026-11-22 16:30", "next_timed": True}, "due today 16:30", "16:30"),
            (
                {"role": "no_answer", "next_at": "2026-11-22 08:00", "next_rule": "next_try", "last_attempt_ms": "2026-11-19 12:00"},
                "tried 0 of 6, last on 19 Nov, promised for 16:30 today",
                "last on 19 Nov, today 16:30",
            ),
        ],
    )
    def test_a_time_promised_for_today_is_said_beside_what_is_due_first(self, facts, why, brief):
        for promised in (["2026-11-22 16:30"], ["2026-11-22 11:00", "2026-11-22 16:30", "2026-11-22 17:00"]):
            found = stands(candidate("x", **facts, promised=[*map(ms, promised)]))
            assert (found.why, found.brief) == (why, brief), "the next one that is still to come"

    def test_of_promised_times_that_have_come_the_last_is_said(self):
        promised = [ms("2026-11-22 11:00"), ms("2026-11-22 11:30")]
        assert stands(candidate("x", next_at="2026-11-20 08:00", promised=promised)).brief == "since 20 Nov, today 11:30"

    @pytest.mark.parametrize("changed", ["2026-03-27", "2026-10-25"])
    def test_the_local_day_counts_where_the_clock_changes(self, changed):
        now = ms(f"{changed} 12:00")
        before = datetime.fromisoformat(changed) - timedelta(days=1)
        for tried, bucket in ((f"{changed} 00:00", None), (f"{before.date()} 23:59", "no_answer")):
            found = stands(candidate("x", "no_answer", last_attempt_ms=tried), now)
            assert (found and found.bucket) == bucket
        assert stands(candidate("x", next_at=f"{changed} 23:59"), now).bucket == "due"


class TestOrder:
    def test_new_leads_within_the_limit_youngest_first_then_the_others_oldest_first(self):
        waits = {"m1": MINUTE, "m10": 10 * MINUTE, "over": 10 * MINUTE + 1, "h5": 5 * HOUR, "d3": 3 * DAY}
        leads = [candidate(name, "new", started_ms=NOW - waited) for name, waited in waits.items()]
        assert names(leads) == ["m1", "m10", "d3", "h5", "over"]

    def test_due_contacts_by_value_then_by_the_older_due(self):
        assert names(
            [
                candidate("none", next_at="2026-11-01 08:00"),
                candidate("large", value=900, next_at="2026-11-22 18:00"),
                candidate("small later", value=100, next_at="2026-11-22 08:00"),
                candidate("small", value=100, next_at="2026-11-19 08:00"),
            ]
        ) == ["large", "small", "small later", "none"]

    def test_unanswered_contacts_by_the_oldest_try(self):
        assert names(
            [
                candidate("thursday", "no_answer", last_attempt_ms="2026-11-19 12:00", value=900),
                candidate("monday", "no_answer", last_attempt_ms="2026-11-16 12:00"),
            ]
        ) == ["monday", "thursday"]

    def test_the_groups_follow_each_other(self):
        assert names(
            [
                candidate("unanswered", "no_answer", last_attempt_ms="2020-01-01 12:00", value=10**9),
                candidate("due", next_at="2026-11-22 08:00"),
                candidate("later", next_at="2026-11-23 08:00", value=10**9),
                candidate("new", "new"),
            ]
        ) == ["new", "due", "unanswered"]

    def test_ties_go_by_the_order_of_creation(self):
        facts = (
            {"role": "new", "started_ms": NOW - MINUTE},
            {"role": "new", "started_ms": NOW - HOUR},
            {"next_at": "2026-11-22 08:00", "value": 5},
            {"role": "no_answer", "last_attempt_ms": "2026-11-19 12:00"},
        )
        for each in facts:
            tied = [candidate(str(number), number=number, **each) for number in range(9)]
            random.Random(1).shuffle(tied)
            assert names(tied) == [str(number) for number in range(9)]


class TestReasons:
    @pytest.mark.parametrize(
        ("waited", "why"),
        [
            (0, "new for less than a minute"),
            (-HOUR, "new for less than a minute"),
            (MINUTE, "new for 1 minute"),
            (4 * MINUTE + 30 * SECOND, "new for 4 minutes"),
            (2 * HOUR + 14 * MINUTE, "new for 2 h 14"),
            (HOUR + MINUTE, "new for 1 h 01"),
            (DAY - 1, "new for 23 h 59"),
            (DAY, "new for 1 day"),
            (3 * DAY, "new for 3 days"),
        ],
    )
    def test_why_a_new_lead(self, waited, why):
        assert stands(candidate("x", "new", started_ms=NOW - waited)).why == why

    @pytest.mark.parametrize(
        ("facts", "why"),
        [
            ({"next_at": "2026-11-22 10:00", "next_timed": True}, "due today 10:00"),
            ({"next_at": "2026-11-22 16:30", "next_timed": True}, "due today 16:30"),
            ({"next_at": "2026-11-22 08:00"}, "due today"),
            ({"next_at": "2026-11-19 08:00"}, "overdue since 19 Nov"),
            ({"next_at": "2025-12-31 08:00"}, "overdue since 31 Dec 2025"),
            ({"role": "no_answer", "attempts": 3, "last_attempt_ms": "2026-11-21 12:00"}, "tried 3 of 6, last on 21 Nov"),
            ({"role": "no_answer", "attempts": 7, "last_attempt_ms": "2026-11-21 12:00"}, "tried 7 times, last on 21 Nov"),
            ({"role": "no_answer"}, "no answer, no try logged"),
        ],
    )
    def test_why_to_call(self, facts, why):
        assert stands(candidate("x", **facts)).why == why
