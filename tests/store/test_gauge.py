"""The head of the Leadometer counted over by hand, and where a lead can be routed."""

from __future__ import annotations

import random

import pytest
from store_helpers import Clock, do, lead, ms

from crm_tui.db import Prepared
from crm_tui.ids import parse_id
from crm_tui.models import in_leadometer, routed_untried
from crm_tui.reads import gauge as module
from crm_tui.reads.gauge import gauge
from crm_tui.reads.inbox import COUNT, COUNT_ROUTED, INBOX, ROUTED
from crm_tui.reads.look import Look
from crm_tui.reads.targets import targets
from crm_tui.store import Store

MINUTE = 60_000
numbers = iter(range(1_000, 9_000))


def came(store: Store, clock: Clock, at: str, **fields: str) -> str:
    """A lead that came at a time."""
    clock.set(at)
    number = next(numbers)
    return lead(store, f"Lead {number}", f"05234{number:05}", **fields)


def test_a_store_without_leads(store: Store) -> None:
    found = gauge(Look.at(store))
    assert (found.came_in, found.usual, found.waiting, found.oldest_ms, found.in_time, found.sources) == (0, None, 0, None, None, ())
    assert found.fresh_minutes == 10


def test_what_came_in_today_is_of_the_local_day(store: Store, clock: Clock) -> None:
    for at in ("2026-11-21T23:59", "2026-11-22T00:00", "2026-11-22T23:59", "2026-11-23T00:00"):
        came(store, clock, at)
    assert gauge(Look.at(store, ms("2026-11-22T12:00"))).came_in == 2
    assert gauge(Look.at(store, ms("2026-11-23T12:00"))).came_in == 1


def test_sources_of_today_the_most_frequent_first(store: Store, clock: Clock) -> None:
    came(store, clock, "2026-11-21T10:00", source="press")
    for source in ("ads", "web_form", "ads", "email", "web_form", "ads"):
        came(store, clock, "2026-11-22T09:00", source=source)
    assert gauge(Look.at(store, ms("2026-11-22T12:00"))).sources == (("ads", 3), ("web_form", 2), ("email", 1))


def test_who_comes_back_comes_in_again_by_the_way_they_came(store: Store, clock: Clock) -> None:
    clock.set("2026-11-15T10:00")
    do(store, "set_status", contact=lead(store, source="ads"), status="closed", reason="timing")
    clock.set("2026-11-22T10:00")
    lead(store, source="phone")
    found = gauge(Look.at(store))
    assert (found.came_in, found.waiting, found.sources) == (1, 1, (("phone", 1),))


def test_what_was_undone_never_came(store: Store, clock: Clock) -> None:
    came(store, clock, "2026-11-22T10:00")
    store.undo()
    found = gauge(Look.at(store))
    assert (found.came_in, found.waiting, found.oldest_ms, found.sources) == (0, 0, None, ())


@pytest.mark.parametrize(
    ("days", "usual"),
    [
        ({}, None),
        ({"2026-11-21": 5}, None),
        ({"2026-11-15": 4}, 4),
        ({"2026-11-15": 4, "2026-11-08": 1}, 2),
        ({"2026-10-25": 6}, 2),
        ({"2026-10-18": 6}, None),
        ({"2026-10-18": 1, "2026-10-25": 4, "2026-11-01": 4, "2026-11-08": 4, "2026-11-15": 4, "2026-11-16": 9}, 4),
        ({"2026-10-25": 1}, 1),
    ],
    ids=str,
)
def test_the_usual_is_the_mean_of_this_weekday_since_leads_are_known(
    store: Store, clock: Clock, days: dict[str, int], usual: int | None
) -> None:
    for day, count in days.items():
        for hour in range(count):
            came(store, clock, f"{day}T{8 + hour:02}:00")
    assert gauge(Look.at(store, ms("2026-11-22T12:00"))).usual == usual


def test_who_waits_and_how_long(store: Store, clock: Clock) -> None:
    unrouted, routed, tried, at_desk, closed = (came(store, clock, f"2026-11-22T09:{minute:02}") for minute in (20, 10, 5, 1, 2))
    do(store, "route", contact=routed, to="ann")
    do(store, "route", contact=tried, to="ann")
    do(store, "log_call", contact=tried, outcome="no_answer")
    do(store, "route", contact=at_desk, to="nurture")
    do(store, "set_status", contact=closed, status="closed", reason="price")

    def waits() -> tuple[int, int | None]:
        found = gauge(Look.at(store, ms("2026-11-22T10:00")))
        return found.waiting, found.oldest_ms

    assert waits() == (2, 50 * MINUTE)
    do(store, "log_call", contact=routed, outcome="no_answer")
    assert waits() == (1, 40 * MINUTE)
    do(store, "log_call", contact=unrouted, outcome="no_answer")
    assert waits() == (1, None)  # still to be routed, but no longer waiting for a call


def test_the_share_answered_in_time(store: Store, clock: Clock) -> None:
    def answered(at: str, after_minutes: int) -> None:
        contact = came(store, clock, at)
        clock.add(minutes=after_minutes)
        do(store, "log_call", contact=contact, outcome="no_answer")

    def share(now: str) -> int | None:
        return gauge(Look.at(store, ms(now))).in_time

    answered("2026-11-16T09:00", 10)
    answered("2026-11-18T09:00", 11)
    assert share("2026-11-22T10:00") == 50  # the last seven days
    came(store, clock, "2026-11-22T09:51")
    assert share("2026-11-22T10:00") == 50  # this one has a minute left
    assert share("2026-11-22T10:02") == 0  # today counts as soon as there is something to judge
    answered("2026-11-22T11:00", 1)
    answered("2026-11-22T12:00", 2)
    spam = came(store, clock, "2026-11-22T13:00")
    do(store, "route", contact=spam, to="not_a_lead")
    assert share("2026-11-22T14:00") == 67
    assert share("2026-11-23T14:00") == 50  # with the one of the 18th
    assert share("2026-11-28T14:00") == 67
    assert share("2026-11-29T14:00") is None


def test_nothing_is_counted_without_end(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        came(store, clock, f"2026-11-15T10:0{number}")
    for number in range(4):
        came(store, clock, f"2026-11-22T09:0{number}", source="ads" if number else "press")
    monkeypatch.setattr(module, "MOST", 3)
    found = gauge(Look.at(store))
    assert (found.came_in, found.usual, found.waiting, found.sources) == (3, 3, 3, (("ads", 3),))


def test_targets_stand_by_load(store: Store, clock: Clock) -> None:
    def shown() -> list[tuple[str, str, int]]:
        return [(target.kind, target.key, target.load) for target in targets(Look.at(store))]

    desks = [("desk", key) for key in ("nurture", "support", "partner", "supplier", "not_a_lead", "leadometer")]
    others = [("user", "mia", 0), ("user", "noa", 0), ("user", "sue", 0)]
    assert shown() == [("user", "ann", 0), ("user", "bob", 0), *others, *((*desk, 0) for desk in desks)]
    first, second, third, fourth = (came(store, clock, f"2026-11-22T09:0{number}") for number in range(4))
    do(store, "route", contact=first, to="ann")
    do(store, "route", contact=second, to="nurture")
    do(store, "route", contact=third, to="noa")
    loads = {("desk", "nurture"): 1, ("desk", "leadometer"): 1}
    assert shown() == [
        *(("user", "bob", 0), ("user", "ann", 1), ("user", "mia", 0), ("user", "sue", 0), ("user", "noa", 1)),
        *((*desk, loads.get(desk, 0)) for desk in desks),
    ]
    do(store, "log_call", contact=first, outcome="no_answer")
    assert ("user", "ann", 1) in shown()
    do(store, "log_call", contact=first, outcome="talked")
    assert ("user", "ann", 0) in shown()
    do(store, "delete_contact", contact=fourth)
    assert shown()[-1] == ("desk", "leadometer", 0)


def test_every_target_is_one_that_route_takes(store: Store, clock: Clock) -> None:
    contact = came(store, clock, "2026-11-22T09:00")
    look = Look.at(store)
    names = {target.label for target in targets(look)}
    assert {"ann", "Nurture", "Not a lead", "Leadometer"} <= names
    for target in random.Random(1).sample(targets(look), len(targets(look))):
        do(store, "route", contact=contact, to=target.key, **({"reason": "not mine"} if target.key == "leadometer" else {}))
        owner, desk = store.db.one("SELECT owner, desk FROM contact WHERE id = ?", (parse_id(contact),))
        assert (owner, desk or "leadometer") == ((target.id, "leadometer") if target.kind == "user" else (None, target.key))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_sqlite_looks_at_no_more_than_it_counts(store: Store, clock: Clock) -> None:
    asked: list[str] = []
    connection = store.db.peewee.connection()
    connection.set_trace_callback(lambda sql: asked.append(sql) if " FROM contact " in sql else None)
    gauge(Look.at(store))
    targets(Look.at(store))
    connection.set_trace_callback(None)
    assert len(asked) > 10
    for sql in asked:
        plan = " | ".join(row[3] for row in store.db.rows(f"EXPLAIN QUERY PLAN {sql}"))
        assert "B-TREE" not in plan, sql
        assert "SCAN contact |" not in plan + " |", sql
        for wrong in ("contact_owner", "contact_next"):
            assert wrong not in plan, sql


@pytest.mark.parametrize(
    ("query", "index"), [(INBOX, "contact_inbox"), (COUNT, "contact_inbox"), (ROUTED, "contact_waiting"), (COUNT_ROUTED, "contact_waiting")]
)
def test_who_waits_is_what_the_index_holds(store: Store, query: Prepared, index: str) -> None:
    """A second wording of the condition would miss the index, or other people than the gauge counts."""
    if not store.db.is_sqlite:
        pytest.skip("PostgreSQL reads a table of no size without any index")
    sql, params = store.db.compiled(query)
    plan = str(store.db.rows(f"EXPLAIN QUERY PLAN {sql}", [0] * len(params)))
    assert f"USING INDEX {index}" in plan or f"USING COVERING INDEX {index}" in plan
    definition = in_leadometer() if index == "contact_inbox" else routed_untried()
    assert index in str(store.db.rows(f"EXPLAIN QUERY PLAN SELECT started_at FROM contact WHERE {definition} ORDER BY started_at"))
