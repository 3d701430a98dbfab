"""Who is away until a date: not the next to be given leads, and whoever covers makes the calls they promised."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from laptops import Office
from store_helpers import Clock, day, do, lead, ms, no_step, refused

from crm_tui.check import check
from crm_tui.errors import Refused
from crm_tui.ids import show_id
from crm_tui.reads.conflicts import conflicts
from crm_tui.reads.day_now import count_day, day_now
from crm_tui.reads.labels import away_text
from crm_tui.reads.look import Look
from crm_tui.reads.targets import targets
from crm_tui.store import Store


def users(store: Store) -> list[str]:
    return [one.key for one in targets(Look.at(store)) if one.kind == "user"]


def mine(store: Store, owner: str, name: str, phone: str, **task: Any) -> str:
    """A contact of somebody with a task."""
    known = lead(store, name, phone)
    do(store, "route", contact=known, to=owner)
    do(store, "log_call", contact=known, outcome="talked")
    do(store, "add_task", contact=known, kind="call", **task)
    return known


def test_who_is_away_comes_last_among_those_to_route_to(store: Store, clock: Clock) -> None:
    assert users(store)[:2] == ["ann", "bob"]
    do(store, "set_away", user="ann", until="2026-11-29", covered_by="bob")
    assert users(store)[0] == "bob"
    assert users(store)[-1] == "ann"
    found = next(one for one in targets(Look.at(store)) if one.key == "ann")
    assert found.away_until is not None
    assert away_text(Look.at(store), found.away_until) == "away until 29 Nov"
    answer = do(store, "route", contact=lead(store), to="ann")
    assert "ann is away" in str(answer["notes"])
    clock.set("2026-11-29T08:00")
    assert users(store)[:2] == ["bob", "ann"], "ann is back and has one more"


def test_promised_calls_go_to_who_covers(store: Store, ann: Store, bob: Store, clock: Clock) -> None:
    promised = mine(store, "ann", "Dana Levi", "052-345-6789", due="2026-11-23 15:00")
    mine(store, "ann", "Ruth Bar", "050-234-5678", due="2026-11-23")
    mine(store, "ann", "Omer Gal", "054-765-4321", due="2026-11-30 10:00")
    own = mine(store, "bob", "Yossi Cohen", "03-612-3456", due="2026-11-23 09:00")
    do(store, "open_deal", contact=promised, value=8000)
    clock.set("2026-11-23T10:00")
    assert [row["id"] for row in day(bob)] == [own]
    made = do(ann, "set_away", until="2026-11-29", covered_by="bob")["id"]
    rows = day(bob)
    assert [row["id"] for row in rows] == [promised, own], "by value, as among one's own"
    assert rows[0]["bucket"] == "due"
    assert rows[0]["why"] == "for ann, away: due today 15:00"
    assert count_day(Look.at(bob)) == 2
    shown = day_now(Look.at(bob))
    assert shown.why(shown.lines[0]) == "call · 15:00, for ann"
    assert len(day(ann)) == 2, "ann's own day stays hers"
    do(bob, "log_call", contact=promised, outcome="talked")
    assert [row["id"] for row in day(bob)] == [own]
    do(store, "undo", id=made)
    assert [row["id"] for row in day(bob)] == [own]


@pytest.mark.parametrize("status", ["new", "no_answer", "in_process"])
def test_a_promise_counts_whatever_the_status(store: Store, ann: Store, bob: Store, clock: Clock, status: str) -> None:
    known = lead(store)
    do(store, "route", contact=known, to="ann")
    do(store, "set_status", contact=known, status=status) if status != "new" else None
    do(store, "add_task", contact=known, kind="call", due="2026-11-22 12:00")
    do(ann, "set_away", until="2026-11-24", covered_by="bob")
    assert [(row["id"], row["bucket"]) for row in day(bob)] == [(known, "due")]
    clock.set("2026-11-24T09:00")
    assert day(bob) == [], "ann is back"


def test_a_promised_time_is_covered_whatever_was_due_before_it(store: Store, ann: Store, bob: Store, clock: Clock) -> None:
    known = mine(store, "ann", "Dana Levi", "052-345-6789", due="2026-11-23 15:00")
    do(store, "add_task", contact=known, kind="quote", due="2026-11-22")
    do(ann, "set_away", until="2026-11-29", covered_by="bob")
    clock.set("2026-11-23T10:00")
    assert [row["why"] for row in day(bob)] == ["for ann, away: overdue since 22 Nov, promised for 15:00 today"]


def test_who_is_back_early_is_back(store: Store, ann: Store) -> None:
    do(ann, "set_away", until="2026-11-29")
    no_step(ann, "set_away", until="2026-11-29")
    assert Look.at(store).away
    do(ann, "set_away")
    assert not Look.at(store).away
    no_step(ann, "set_away", until="")
    do(ann, "undo")
    assert Look.at(store).away
    assert check(store)["differences"] == []


@pytest.mark.parametrize(
    ("who", "whose", "may"),
    [("ann", "ann", True), ("ann", "bob", False), ("mia", "bob", True), ("sue", "bob", True), ("noa", "bob", True)],
)
def test_who_may_say_that_somebody_is_away(as_user: Callable[[str], Store], who: str, whose: str, may: bool) -> None:
    fields = {"user": whose, "until": "2026-11-29"}
    if may:
        do(as_user(who), "set_away", **fields)
    else:
        assert refused(as_user(who), "set_away", **fields).field == "command"


def test_who_may_not_say_it_may_not_undo_or_redo_it(store: Store, ann: Store, bob: Store) -> None:
    made = do(store, "set_away", user="bob", until="2026-11-29")["id"]
    assert refused(ann, "undo", id=made).field == "command"
    assert Look.at(store).away
    undone = do(bob, "undo", id=made)["id"]
    assert not Look.at(store).away, "bob of himself may"
    assert refused(ann, "redo", id=undone).field == "command"
    assert not Look.at(store).away
    do(bob, "redo", id=undone)
    assert Look.at(store).away


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"until": "2026-11-20"}, "until"),
        ({"until": "soon"}, "until"),
        ({"until": "2026-11-29", "covered_by": "noa"}, "covered_by"),
        ({"until": "2026-11-29", "covered_by": "zoe"}, "covered_by"),
        ({"user": "zoe", "until": "2026-11-29"}, "user"),
        ({"covered_by": "bob"}, "until"),
    ],
)
def test_what_makes_no_sense_is_refused(store: Store, fields: dict[str, str], field: str) -> None:
    assert refused(store, "set_away", **fields).field == field


def test_what_two_say_apart_of_who_is_away(office: Office) -> None:
    noa, ann = office("noa"), office("ann")
    ann.do("set_away", until="2026-11-29", covered_by="bob")
    office.meet()
    assert len(Look.at(noa.store).away) == 1
    ann.do("set_away", until="2026-11-30", covered_by="bob")
    noa.clock.add(minutes=5)
    noa.do("set_away", user="ann", until="2026-12-01")
    assert len(office.same()) == 1
    look = Look.at(ann.store)
    assert look.away == {ann.store.actor.id: (ms("2026-12-01T08:00"), None)}
    (conflict,) = conflicts(look)
    ann.do("restore_edit", edit=show_id(conflict.id))
    office.meet()
    assert next(iter(Look.at(noa.store).away.values()))[0] == ms("2026-11-30T08:00")


def test_nobody_says_at_the_hub_that_another_is_away(office: Office) -> None:
    noa, ann = office("noa"), office("ann")
    ann.store.actor = ann.store.actor._replace(role="admin")
    with ann.store.db.write():
        ann.store.db.run("UPDATE users SET role = 'admin' WHERE id = ?", (ann.store.actor.id,))
    ann.do("set_away", user="bob", until="2026-11-29")
    with pytest.raises(Refused, match="lead_manager"):
        ann.sync()
    noa.sync()
    assert not Look.at(noa.store).away


FIRST_DAY = """
import sys
from crm_tui.reads.day_now import day_now
from crm_tui.reads.look import Look
from crm_tui.store import Store
with Store(sys.argv[1], "noa", lambda: 1795334400000) as store:
    day = day_now(Look.at(store))
    print(len(day.lines), day.is_ending, [name for name in ("pydantic", "holidays") if name in sys.modules])
"""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_the_first_frame_of_a_day_waits_for_no_holidays(store: Store, url: str) -> None:
    mine(store, "noa", "Dana Levi", "052-345-6789", due="2026-11-22 10:00")
    run = subprocess.run([sys.executable, "-c", FIRST_DAY, url], capture_output=True, text=True, check=True)
    assert run.stdout == "1 False []\n"
