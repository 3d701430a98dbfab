"""My Day from indexes stands in the order of the pure rule: `calling_order` over everybody owned is its oracle."""

from __future__ import annotations

import random

import pytest
from store_helpers import day, do, lead, ms, tasks

from crm_tui.process import limits_of, working_of
from crm_tui.reads.day import DayRow
from crm_tui.reads.day import day as day_rows
from crm_tui.reads.look import Look
from crm_tui.rules.cadence import calling_order

OWNED = (
    "SELECT id, name, phone, role, started_at, next_at, next_rule, next_timed, next_kind, last_attempt_at, value, attempts, born"
    " FROM contact WHERE owner = ? AND removed <= 0"
)
OUTCOMES = ("no_answer", "no_answer", "no_answer", "busy", "talked", "call_back", "wrong_number", "not_interested")


def work(store, clock, rng, contact):
    """One random thing that a rep does with a contact."""
    kind = rng.randrange(6)
    if kind == 0:
        return
    if kind == 1:
        do(store, "add_task", contact=contact, kind="call", due=f"2026-11-{rng.randrange(18, 27)}{rng.choice(['', ' 09:30', ' 15:00'])}")
    elif kind == 2:
        do(store, "open_deal", contact=contact, value=rng.randrange(1, 5) * 1000)
    elif kind == 3:
        do(store, "snooze", contact=contact, until=f"2026-11-{rng.randrange(22, 27)}{rng.choice(['', ' 11:00'])}")
    else:
        outcome = rng.choice(OUTCOMES)
        more = {"reason": "price"} if outcome == "not_interested" else {}
        if outcome == "call_back":
            more["next_at"] = f"2026-11-{rng.randrange(23, 27)} {rng.randrange(9, 17)}:00"
        do(store, "log_call", contact=contact, outcome=outcome, **more)


def promised_to(store, contact):
    """Every clock time that was ever promised to somebody and still stands."""
    rows = store.db.rows("SELECT due_at FROM task WHERE contact = ? AND timed = 1 AND done_at IS NULL AND removed <= 0", (contact,))
    return tuple(sorted(due for (due,) in rows))


@pytest.mark.parametrize("seed", range(3))
def test_the_list_is_the_rule(store, clock, seed):
    rng = random.Random(seed)
    contacts = []
    for number in range(30):
        clock.set(f"2026-11-{rng.randrange(19, 23)}T{rng.randrange(8, 12):02}:{rng.randrange(60):02}")
        contact = lead(store, f"Person {number} Day", f"05223456{number:02}")
        contacts.append(contact)
        do(store, "route", contact=contact, to=rng.choice(["noa", "noa", "ann"]))
    for contact in contacts:
        for _ in range(rng.randrange(3)):
            clock.set(f"2026-11-22T{rng.randrange(12, 14):02}:{rng.randrange(60):02}")
            work(store, clock, rng, contact)
    seen = set()
    for now in ("2026-11-22T11:58", "2026-11-22T16:00", "2026-11-23T09:40", "2026-11-25T15:30"):
        look = Look.at(store, ms(now))
        owned = [DayRow(*row) for row in store.db.rows(OWNED, (store.actor.id,))]
        owned = [row._replace(promised=promised_to(store, row.id)) for row in owned]
        wanted = calling_order([row.candidate() for row in owned], look.now, working_of(look.process), look.limits)
        assert limits_of(look.process) == look.limits
        assert [row.id for row in day_rows(look)] == [place.id for place in wanted]
        assert [row.id for row in day_rows(look, limit=5)] == [place.id for place in wanted[:5]]
        seen |= {place.bucket for place in wanted}
    assert seen == {"new", "due", "no_answer"}


def test_a_page_says_why(store, clock):
    clock.set("2026-11-22T10:00")
    contact = lead(store)
    do(store, "route", contact=contact, to="noa")
    clock.set("2026-11-22T10:04")
    (row,) = day(store)
    assert (row["bucket"], row["why"]) == ("new", "new for 4 minutes")
    do(store, "log_call", contact=contact, outcome="no_answer")
    assert day(store) == []
    clock.set("2026-11-23T08:30")
    (row,) = day(store)
    assert (row["bucket"], row["attempts"], row["next_at"]) == ("no_answer", 1, "2026-11-23T08:00:00+02:00")


def test_a_time_promised_for_later_today_brings_somebody_back_whatever_else_is_due(store, clock):
    clock.set("2026-11-19T10:00")
    contact = lead(store)
    do(store, "route", contact=contact, to="noa")
    do(store, "log_call", contact=contact, outcome="talked")
    do(store, "add_task", contact=contact, due="2026-11-20", kind="quote")
    do(store, "add_task", contact=contact, due="2026-11-22 16:30")
    clock.set("2026-11-22T09:00")
    (row,) = day(store)
    assert (row["bucket"], row["why"]) == ("due", "overdue since 20 Nov, promised for 16:30 today")
    do(store, "log_email", contact=contact, note="the quote comes")
    assert day(store) == [], "an attempt was made today"
    clock.set("2026-11-22T16:30")
    (row,) = day(store)
    assert row["bucket"] == "due", "the promised time has come"
    do(store, "complete_task", task=[one["id"] for one in tasks(store, contact)][-1])
    assert day(store) == []


def test_who_did_not_answer_comes_back_at_a_promised_time_though_a_next_try_is_due(store, clock):
    contact = lead(store)
    do(store, "route", contact=contact, to="noa")
    do(store, "add_task", contact=contact, due="2026-11-22 16:30")
    do(store, "log_call", contact=contact, outcome="no_answer", next_at="2026-11-22")
    assert day(store) == []
    clock.set("2026-11-22T16:30")
    assert [row["bucket"] for row in day(store)] == ["due"]
