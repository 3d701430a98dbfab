"""The team's figures and the reasons about a person, on both engines, at the edges of their limits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from store_helpers import Clock, do, lead, local, show

from crm_tui.ids import parse_id
from crm_tui.reads.filtering import understood
from crm_tui.reads.look import Look
from crm_tui.reads.people import Wanted, people
from crm_tui.reads.quality import FILTERS, quality
from crm_tui.reads.team import team_json
from crm_tui.reads.timeline import timeline_json
from crm_tui.reads.why import why_json
from crm_tui.store import Store


def figures(store: Store, name: str) -> dict[str, Any]:
    """One person's figures that are not zero."""
    one = next(member for member in team_json(Look.at(store)) if member["name"] == name)
    return {key: value for key, value in one.items() if value and key not in ("id", "name", "role")}


def of_ann(store: Store, *more: str) -> str:
    """A lead that was routed to ann."""
    contact = lead(store, *more)
    do(store, "route", contact=contact, to="ann")
    return contact


def why(store: Store, contact: str) -> dict[str, Any]:
    """Why a person stands where they stand."""
    id_ = parse_id(contact)
    assert id_ is not None
    found = why_json(Look.at(store), id_)
    assert found is not None
    return found


def test_nobody_has_anything(store: Store) -> None:
    assert [figures(store, name) for name in ("noa", "ann", "bob", "mia", "sue")] == [{}] * 5


def test_breached_for_a_rep_counts_working_time_since_routing(store: Store, clock: Clock) -> None:
    """Thursday 17:00 routed: an hour is left of that day, nine of Sunday make the working day of rule 5."""
    clock.set("2026-11-18T09:00")
    dana = lead(store)
    clock.set("2026-11-19T17:00")
    do(store, "route", contact=dana, to="ann")
    clock.set("2026-11-22T17:00")
    assert figures(store, "ann") == {"new": 1}
    assert [state["code"] for state in show(store, dana)["states"]] == ["breached"]
    clock.add(seconds=1)
    assert figures(store, "ann") == {"new": 1, "breached": 1}


def test_what_was_done_today(store: Store, ann: Store, clock: Clock) -> None:
    dana, yossi = of_ann(ann, "Dana Levi", "052-345-6789"), of_ann(ann, "Yossi Katz", "052-345-6780")
    do(ann, "log_call", contact=dana, outcome="no_answer")
    do(ann, "log_call", contact=yossi, outcome="talked", duration=119)
    do(ann, "log_call", contact=yossi, outcome="talked", duration=120, next_action="demo", next_at="2026-11-30")
    assert figures(store, "ann") == {"done": 2, "calls": 3, "talked_seconds": 239, "short": 1}
    clock.add(days=1)
    assert figures(store, "ann") == {"due": 1}


def test_support_may_be_short(store: Store) -> None:
    dana = lead(store)
    do(store, "route", contact=dana, to="support")
    do(store, "log_call", contact=dana, outcome="talked", duration=20)
    assert "short" not in figures(store, "noa")
    assert "short conversation" not in timeline_json(Look.at(store), bytes.fromhex(dana.replace("-", "")))[0]["summary"]
    do(store, "route", contact=dana, to="ann")
    assert figures(store, "noa")["short"] == 1
    calls = [line["summary"] for line in timeline_json(Look.at(store), bytes.fromhex(dana.replace("-", ""))) if line["kind"] == "call"]
    assert calls == ["call: talked, 20 s (short conversation)"]


def test_overdue_without_follow_up_and_cooling(store: Store, ann: Store, clock: Clock) -> None:
    dana = of_ann(ann)
    do(ann, "log_call", contact=dana, outcome="talked", next_action="call", next_at="2026-11-22T12:00")
    clock.set("2026-11-22T12:00")
    assert figures(store, "ann") | {"done": 0} == {"due": 1, "done": 0, "calls": 1}
    clock.set("2026-11-22T12:01")
    assert figures(store, "ann")["overdue"] == 1
    do(ann, "complete_task", contact=dana)
    assert figures(store, "ann")["no_followup"] == 1
    assert [state["code"] for state in show(store, dana)["states"]] == ["no_followup"]
    clock.set("2026-11-25T23:59")
    assert figures(store, "ann") == {"no_followup": 1}
    clock.set("2026-11-26T00:00")
    assert figures(store, "ann") == {"no_followup": 1, "cooling": 1}


def test_why_somebody_stands_where_they_stand(store: Store, ann: Store, clock: Clock, as_user: Callable[[str], Store]) -> None:
    dana = lead(store)
    assert why(store, dana)["place"] == "In the Leadometer: nobody has them yet, since 0s."
    do(store, "route", contact=dana, to="nurture")
    assert why(store, dana)["place"] == "At the desk Nurture, in nobody's day."
    do(store, "route", contact=dana, to="ann")
    assert why(store, dana)["place"] == "In the day of ann: new for less than a minute."
    do(ann, "log_call", contact=dana, outcome="no_answer")
    found = why(store, dana)
    assert found["place"] == "Not in the day of ann: tried today already."
    assert "no answer" in {line["rule"] for line in found["by_rule"]}
    assert [line["summary"] for line in found["next"]] == ["in the day of ann", "the next action is overdue"]
    clock.set("2026-11-23T09:00")
    assert why(store, dana)["place"] == "In the day of ann: tried 1 of 6, last on 22 Nov."
    do(ann, "set_status", contact=dana, status="closed", reason="price")
    assert why(store, dana)["place"] == "In nobody's list: nothing is promised."


def test_what_comes_by_itself_follows_from_where_they_stand(store: Store, ann: Store, clock: Clock) -> None:
    """Nothing that is already so is said to come; when they are to be called next is what the rule says."""

    def comes(contact: str) -> list[tuple[str | None, str]]:
        return [(local(one["at"]), one["summary"]) for one in why(store, contact)["next"]]

    dana = of_ann(ann, "Dana Levi", "052-345-6789")
    do(ann, "log_call", contact=dana, outcome="talked", next_action="quote", next_at="2026-11-24")
    clock.set("2026-11-23T09:00")
    do(ann, "add_task", contact=dana, due="2026-11-23 10:30")
    assert why(store, dana)["place"] == "In the day of ann: due today 10:30."
    assert comes(dana)[0] == ("2026-11-23 10:30", "the next action is overdue")
    do(ann, "log_email", contact=dana, note="the price")
    assert why(store, dana)["place"] == "Not in the day of ann: tried today already."
    assert comes(dana)[:2] == [("2026-11-23 10:30", "in the day of ann"), ("2026-11-23 10:30", "the next action is overdue")]
    clock.set("2026-11-23T10:30")
    assert why(store, dana)["place"] == "In the day of ann: due today 10:30."
    do(ann, "complete_task", contact=dana)
    assert comes(dana)[0] == ("2026-11-24 00:00", "in the day of ann")
    do(ann, "set_status", contact=dana, status="closed", reason="price")
    clock.set("2026-11-24T09:00")
    assert why(store, dana)["place"] == "In the day of ann: closed: due today."
    assert "in the day of" not in str(comes(dana))


def test_why_says_who_covers(store: Store, ann: Store) -> None:
    dana = lead(store)
    do(store, "route", contact=dana, to="ann")
    do(ann, "set_away", until="2026-11-29", covered_by="bob")
    place = "In the day of ann: new for less than a minute. ann is away until 29 Nov"
    assert why(store, dana)["place"] == f"{place}; bob makes the calls that were promised."
    do(ann, "set_away", until="2026-11-29")
    do(ann, "set_away", until="2026-11-29", covered_by="")
    assert why(store, dana)["place"] == f"{place}, and nobody covers."


def test_who_moves_in_silence(store: Store, ann: Store, clock: Clock) -> None:
    """Counted once for each person and day, and not any more when what happened is logged later that day."""
    dana, yossi = of_ann(ann, "Dana Levi", "052-345-6789"), of_ann(ann, "Yossi Katz", "052-345-6780")
    triaged = lead(store, "Not Ours", "052-345-6781")
    do(ann, "set_status", contact=triaged, status="closed", reason="not_relevant")
    do(ann, "set_status", contact=dana, status="in_process")
    do(ann, "set_status", contact=dana, status="initial_contact")
    do(ann, "log_note", contact=yossi, note="wants to wait")
    do(ann, "set_status", contact=yossi, status="closed", reason="timing")
    assert (figures(store, "ann")["moved"], figures(store, "ann")["silent"]) == (2, 1)
    do(ann, "log_note", contact=dana, note="met at the fair")
    assert "silent" not in figures(store, "ann")
    clock.add(days=1)
    assert "moved" not in figures(store, "ann")


def test_what_is_missing_is_counted(store: Store) -> None:
    lead(store, "Dana Levi", "052-345-6789")
    lead(store, "Yossi Katz", "12", email="yossi@example.com", source="exhibition")
    lead(store, "Ruth Bar", "052-345-6789")
    assert quality(Look.at(store)) == {"phone": 1, "email": 2, "readiness": 1, "duplicates": 2}


def test_what_is_counted_is_what_the_filter_lists(store: Store) -> None:
    """Those at the desks too, who stand in the views of missing data and possible duplicates."""
    for number, desk in enumerate(("support", "nurture", "partner", None)):
        known = lead(store, f"Person {number} Twice", f"12{number}", company="Acme", source="exhibition")
        if desk:
            do(store, "route", contact=known, to=desk)
    lead(store, "Person 0 Twice", "13", company="Acme")
    look = Look.at(store)
    counted = quality(look)
    assert counted == {name: len(people(look, Wanted(understood(look, text)), 100)) for name, text in FILTERS.items()}
    assert counted == {"phone": 5, "email": 5, "readiness": 4, "duplicates": 5}


def test_what_is_not_rated_follows_the_sources_of_the_business(store: Store) -> None:
    shipped = [source.model_dump() for source in store.process().sources]
    do(store, "set_setting", name="sources", value=[*shipped, {"key": "fair", "label": "Our fair", "offline": True}])
    lead(store, source="fair")
    assert quality(Look.at(store))["readiness"] == 1
