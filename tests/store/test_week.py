"""The week ahead on both engines: what was given to a person, and what is promised to the contacts they own."""

from __future__ import annotations

import pytest
from store_helpers import Clock, do, lead

from crm_tui.reads.look import Look
from crm_tui.reads.news import last_step, met_since, news
from crm_tui.reads.week import week, week_json
from crm_tui.store import Store


def tasks(store: Store) -> list[tuple[str, str, bool]]:
    """Whose, when, and whether it is overdue."""
    return [(one["name"], one["due"][:16], one["overdue"]) for one in week_json(Look.at(store))]


def test_a_week_from_overdue_to_the_seventh_day(ann: Store, store: Store, clock: Clock) -> None:
    clock.set("2026-11-20T10:00")
    names = {}
    for number, name in enumerate(("Early", "Today", "Last", "Later", "Bob")):
        names[name] = lead(store, name, f"052-345-67{number:02}")
        do(store, "route", contact=names[name], to="bob" if name == "Bob" else "ann")
    do(ann, "add_task", contact=names["Early"], due="2026-11-21")
    do(ann, "add_task", contact=names["Today"], due="2026-11-22T15:00", kind="demo", note="bring the plan")
    do(ann, "add_task", contact=names["Today"], due="2026-11-27")
    do(ann, "add_task", contact=names["Last"], due="2026-11-28T23:59")
    do(ann, "add_task", contact=names["Later"], due="2026-11-29T00:00")
    do(ann, "add_task", contact=names["Bob"], due="2026-11-24")
    clock.set("2026-11-22T14:59")
    own = [("Early", "2026-11-21T08:00", True), ("Today", "2026-11-22T15:00", False), ("Today", "2026-11-27T08:00", False)]
    assert tasks(ann) == [*own, ("Last", "2026-11-28T23:59", False)]
    # What was given to somebody on another's contact stands in the week of both.
    do(store, "add_task", contact=names["Bob"], due="2026-11-25", owner="ann")
    assert ("Bob", "2026-11-25T08:00", False) in tasks(ann)
    clock.set("2026-11-22T15:01")
    assert ("Today", "2026-11-22T15:00", True) in tasks(ann)
    found = week(Look.at(ann))
    assert found.overdue == 2
    assert [(day.isoformat(), count, works) for day, count, works in found.days][-3:] == [
        ("2026-11-26", 0, True),
        ("2026-11-27", 1, False),
        ("2026-11-28", 1, False),
    ]
    do(ann, "complete_task", contact=names["Early"])
    do(ann, "snooze", contact=names["Today"], until="2026-11-23")
    assert tasks(ann)[0] == ("Today", "2026-11-23T08:00", False)
    do(store, "delete_contact", contact=names["Last"])
    assert "Last" not in {name for name, _due, _late in tasks(ann)}


def test_a_contact_that_is_routed_on_takes_its_tasks_along(ann: Store, bob: Store, store: Store) -> None:
    dana = lead(store)
    do(store, "route", contact=dana, to="ann")
    do(ann, "add_task", contact=dana, due="2026-11-24")
    do(store, "route", contact=dana, to="bob")
    assert [name for name, _due, _late in tasks(bob)] == ["Dana Levi"]


def test_what_others_did_since_a_step(ann: Store, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    dana = lead(store)
    do(store, "route", contact=dana, to="ann")
    do(ann, "log_call", contact=dana, outcome="no_answer")
    step = last_step(Look.at(ann))
    assert met_since(Look.at(ann), step) == (0, 0, 0)
    yossi = lead(store, "Yossi Katz", "052-345-6780")
    do(store, "route", contact=yossi, to="ann")
    do(store, "add_lead", name="Dana Levi", phone="052-345-6789")
    do(store, "edit_contact", contact=dana, company="Acme")
    assert met_since(Look.at(ann), step) == (1, 1, 0)
    assert [one.command for one in news(Look.at(ann), step)] == ["edit_contact", "add_lead", "route", "add_lead"]
    monkeypatch.setattr("crm_tui.reads.news.RECENT", 1)
    assert last_step(Look.at(ann)) == 0
    assert met_since(Look.at(ann), 0) == (0, 0, 1)
