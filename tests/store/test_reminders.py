"""What was promised for a time is announced when it comes, on both engines."""

from __future__ import annotations

from store_helpers import Clock, do, lead

from crm_tui.reads.look import Look
from crm_tui.reads.reminders import reminders
from crm_tui.store import Store


def announced(store: Store, clock: Clock, times: list[str]) -> list[list[str]]:
    """What is announced at each time, looked at one after the other."""
    found, since = [], None
    for time in times:
        clock.set(f"2026-11-22T{time}")
        found.append(reminders(Look.at(store), since))
        since = clock()
    return found


def test_a_call_at_its_minute_and_an_appointment_before(ann: Store, store: Store, clock: Clock) -> None:
    contact = lead(store, "Dana Levi", "052-345-6789")
    do(store, "route", contact=contact, to="ann")
    for kind, due in (("call", "11:00"), ("meeting", "11:30"), ("demo", "12:00"), ("call", "")):
        do(ann, "add_task", contact=contact, kind=kind, due=f"2026-11-22T{due}" if due else "2026-11-22")
    call, meeting, demo = (f"{what}: Dana Levi" for what in ("11:00 call", "11:30 meeting", "12:00 demo"))
    times = ["10:59", "11:00", "11:01", "11:14", "11:15", "11:30", "11:46"]
    assert announced(ann, clock, times) == [[], [call], [], [], [meeting], [], [demo]]
    assert announced(ann, clock, ["11:50"]) == [["12:00 demo: Dana Levi"]], "who comes later hears of what is close"
    assert announced(ann, clock, ["12:01"]) == [[]]
    do(store, "set_setting", name="limits.reminder_minutes", value=0)
    assert announced(ann, clock, ["11:29", "11:30"]) == [[], ["11:30 meeting: Dana Levi"]]


def test_an_appointment_that_was_made_too_late_to_be_said_before_is_said_at_its_minute(ann: Store, store: Store, clock: Clock) -> None:
    contact = lead(store, "Dana Levi", "052-345-6789")
    do(store, "route", contact=contact, to="ann")
    assert announced(ann, clock, ["10:00"]) == [[]]
    since = clock()
    do(ann, "add_task", contact=contact, kind="meeting", due="2026-11-22T10:10")
    do(ann, "add_task", contact=contact, kind="demo", due="2026-11-22T10:16")
    found = []
    for time in ("10:00", "10:01", "10:05", "10:10", "10:11", "10:16"):
        clock.set(f"2026-11-22T{time}")
        found.append(reminders(Look.at(ann), since))
        since = clock()
    meeting, demo = "10:10 meeting: Dana Levi", "10:16 demo: Dana Levi"
    assert found == [[], [demo], [], [meeting], [], []], "and what was said before is not said again"


def test_not_what_is_done_or_of_somebody_else_but_of_whom_one_covers(ann: Store, store: Store, clock: Clock) -> None:
    contact = lead(store, "Dana Levi", "052-345-6789")
    do(store, "route", contact=contact, to="bob")
    do(store, "add_task", contact=contact, due="2026-11-22T11:00")
    assert announced(ann, clock, ["10:00", "11:00"]) == [[], []]
    do(store, "set_away", user="bob", until="2026-11-25", covered_by="ann")
    assert announced(ann, clock, ["10:00", "11:00"]) == [[], ["11:00 call: Dana Levi"]]
    do(store, "complete_task", contact=contact)
    assert announced(ann, clock, ["10:00", "11:00"]) == [[], []]


def test_many_at_once_are_counted(ann: Store, store: Store, clock: Clock) -> None:
    for number in range(5):
        contact = lead(store, f"Lead {number}", f"052-345-670{number}")
        do(store, "route", contact=contact, to="ann")
        do(ann, "add_task", contact=contact, due="2026-11-22T11:00")
    assert announced(ann, clock, ["10:00", "11:00"])[1] == [*(f"11:00 call: Lead {number}" for number in range(3)), "… and 2 more"]
