"""Campaigns: a checklist whose people are fixed when it is made, ticked off by anybody, undone, merged, the same after a replay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from laptops import Office
from store_helpers import Clock, difference, do, lead, local, no_step, refused, replayed, show, snapshot

from crm_tui import campaign_facts
from crm_tui.check import check
from crm_tui.commands.team import roles_needed
from crm_tui.filters.parser import Wrong
from crm_tui.ids import parse_id, show_id
from crm_tui.reads.campaigns import campaign_json, campaigns_json
from crm_tui.reads.conflicts import conflicts
from crm_tui.reads.contact import all_contacts
from crm_tui.reads.filtering import understood
from crm_tui.reads.look import Look
from crm_tui.reads.people import Wanted, people
from crm_tui.reads.timeline import stretch, timeline, timeline_json
from crm_tui.reads.views import view_named, views_json, views_shown
from crm_tui.registry import LEADING
from crm_tui.store import Store


@pytest.fixture
def crowd(store: Store) -> list[str]:
    """Five leads, all but the first tagged."""
    ids = [lead(store, f"Dana {number}", f"052234567{number}") for number in range(5)]
    for contact in ids[1:]:
        do(store, "tag", contact=contact, tag="lapsed")
    return ids


def listed(store: Store, name: str = "Spring") -> list[tuple[str, bool]]:
    """The people of a campaign as they stand in its list."""
    return [(one["name"], one["done"]) for one in campaign_json(Look.at(store), name)["people"]]


def found(store: Store, text: str) -> list[str]:
    look = Look.at(store)
    return sorted(row.name for row in people(look, Wanted(understood(look, text))))


def spring(store: Store, **fields: Any) -> str:
    return str(do(store, "add_campaign", name="Spring", **({"filter": "tag:lapsed"} | fields))["record"])


def test_its_people_are_fixed_when_it_is_made(store: Store, crowd: list[str]) -> None:
    answer = do(
        store,
        "add_campaign",
        name="Win back, spring",
        kind="calls",
        starts="2026-11-22",
        ends="30.11.2026",
        cost="1,200",
        filter="TAG:lapsed",
    )
    do(store, "untag", contact=crowd[1], tag="lapsed")
    do(store, "tag", contact=crowd[0], tag="lapsed")
    (shown,) = campaigns_json(Look.at(store))
    assert shown == {
        "id": answer["record"],
        "name": "Win back, spring",
        "kind": "calls",
        "starts": "2026-11-22",
        "ends": "2026-11-30",
        "cost": {"amount": "1200.00", "currency": "ILS"},
        "filter": "tag:lapsed",
        "total": 4,
        "done": 0,
    }
    assert [name for name, _done in listed(store, "win back, SPRING")] == ["Dana 4", "Dana 3", "Dana 2", "Dana 1"]
    do(store, "edit_campaign", campaign=answer["record"], refill=True)
    assert [name for name, _done in listed(store, "win back, spring")] == ["Dana 4", "Dana 3", "Dana 2", "Dana 1", "Dana 0"]


def test_whom_it_means(store: Store, ann: Store, crowd: list[str]) -> None:
    do(store, "save_view", name="Mine now", filter="tag:lapsed", order="oldest", columns="name value")
    do(store, "add_campaign", name="By view", view="mine NOW")
    assert [name for name, _done in listed(store, "By view")] == ["Dana 1", "Dana 2", "Dana 3", "Dana 4"]
    do(store, "add_campaign", name="By shipped", view="all")
    assert len(listed(store, "By shipped")) == 5
    do(store, "add_campaign", name="Chosen", contacts=[crowd[3], "052-234-5670", crowd[3]])
    assert [name for name, _done in listed(store, "Chosen")] == ["Dana 3", "Dana 0"]
    do(store, "edit_campaign", campaign="chosen", contacts=f"{crowd[3]}, {crowd[4]}")
    assert len(listed(store, "Chosen")) == 3
    lead(store, "Zoe", "054-765-4321", campaign="november fair")
    do(store, "add_campaign", name="November Fair")
    assert listed(store, "november fair") == [("Zoe", False)], "without anything: those whom leads of that name brought"
    assert campaigns_json(Look.at(store))[0]["filter"] == 'campaign:"November Fair"'


def test_ticks(store: Store, ann: Store, crowd: list[str], clock: Clock) -> None:
    spring(store)
    do(ann, "tick", campaign="spring", contacts=[crowd[4], crowd[2]])
    assert listed(store) == [("Dana 3", False), ("Dana 1", False), ("Dana 4", True), ("Dana 2", True)]
    shown = campaign_json(Look.at(store), "spring")
    assert (shown["total"], shown["done"]) == (4, 2)
    assert (shown["people"][2]["done_by"], shown["people"][2]["done_at"]) == ("ann", "2026-11-22T10:00:00+02:00")
    clock.add(hours=1)
    no_step(store, "tick", campaign="spring", contacts=[crowd[4]])
    do(store, "untick", campaign="spring", contacts=crowd[2:5])
    assert [done for _name, done in listed(store)] == [False] * 4
    do(store, "undo")
    assert [done for _name, done in listed(store)] == [False, False, True, True]
    do(ann, "undo")
    assert [done for _name, done in listed(store)] == [False] * 4, "several at once, one undo"
    do(ann, "redo")
    assert [done for _name, done in listed(store)] == [False, False, True, True]
    do(store, "add_campaign", name="Autumn", contacts=[crowd[4]])
    assert show(store, crowd[4])["campaigns"] == [{"name": "Spring", "done": True}, {"name": "Autumn", "done": False}]
    assert [card["campaigns"] for card in all_contacts(Look.at(store))][:2] == [[], [{"name": "Spring", "done": False}]]
    do(store, "delete_campaign", campaign="autumn")
    do(store, "delete_contact", contact=crowd[4])
    assert (len(listed(store)), campaigns_json(Look.at(store))[0]["total"]) == (3, 3)


def test_in_filters(store: Store, crowd: list[str]) -> None:
    spring(store)
    do(store, "tick", campaign="spring", contacts=[crowd[4]])
    assert found(store, "in:SPRING") == ["Dana 1", "Dana 2", "Dana 3", "Dana 4"]
    assert found(store, "in:spring -ticked:spring") == ["Dana 1", "Dana 2", "Dana 3"]
    assert found(store, "בקמפיין:spring סומן:spring") == ["Dana 4"]
    for text in ("in:sprng", "-ticked:sprng", "dana בקמפיין:sprng"):
        with pytest.raises(Wrong, match=r"there is no “sprng”\. Did you mean Spring\?") as caught:
            found(store, text)
        assert text[caught.value.at :][: caught.value.length] == "sprng"
    assert found(store, "-in:spring") == ["Dana 0"]
    assert found(store, "campaign:spring") == [], "the campaign that a lead came from is another thing"


def test_a_view_of_a_campaign_that_is_gone_says_so(store: Store, crowd: list[str]) -> None:
    spring(store)
    assert refused(store, "save_view", name="Left", filter="in:autumn").field == "filter"
    do(store, "save_view", name="Left", filter="in:spring -ticked:SPRING", default=True)
    look = Look.at(store)
    assert view_named(look, "left").filter == "in:Spring -ticked:Spring"
    do(store, "edit_campaign", campaign="spring", name="Winter")
    for said in ("there is no “Spring”. There are: Winter", "there is no “Spring”. There are: …"):
        with pytest.raises(Wrong, match=said):
            view_named(look, "left").wanted(look)
        (left,) = [row for row in views_json(look, sums=True) if row["name"] == "Left"]
        assert (left["filter"], left["people"]) == ("in:Spring -ticked:Spring", None)
        do(store, "save_view", name="Left", order="oldest")
        if "Winter" in said:
            do(store, "delete_campaign", campaign="winter")
    assert [text for row, text in views_shown(look) if row.name == "Left"] == ["in:Spring -ticked:Spring"]


def test_of_people_who_were_merged_one_tick_counts_for_both(store: Store, crowd: list[str]) -> None:
    spring(store)
    do(store, "tick", campaign="spring", contacts=[crowd[4]])
    do(store, "merge", keep=crowd[1], drop=crowd[4])
    assert listed(store) == [("Dana 3", False), ("Dana 2", False), ("Dana 1", True)]
    assert found(store, "ticked:spring") == ["Dana 1"]
    no_step(store, "tick", campaign="spring", contacts=[crowd[1]])
    do(store, "untick", campaign="spring", contacts=[crowd[4]])
    assert listed(store)[-1] == ("Dana 1", False)
    do(store, "undo")
    do(store, "unmerge", contact=crowd[4])
    assert listed(store) == [("Dana 3", False), ("Dana 2", False), ("Dana 1", False), ("Dana 4", True)]
    do(store, "merge", keep=crowd[0], drop=crowd[3])
    assert listed(store)[-2] == ("Dana 0", False), "who was meant is meant under the other name"
    do(store, "tick", campaign="spring", contacts=[crowd[0]])
    do(store, "unmerge", contact=crowd[3])
    assert ("Dana 3", True) in listed(store)
    assert check(store)["differences"] == []


def test_change_delete_undo(store: Store, crowd: list[str], tmp_path: Path) -> None:
    first = snapshot(store)
    spring(store, cost=5, ends="2026-12-01")
    made = campaigns_json(Look.at(store))
    do(store, "edit_campaign", campaign="spring", name="Summer", kind="event", starts="2026-11-01", ends="", cost="", contacts=[crowd[0]])
    (changed,) = campaigns_json(Look.at(store))
    assert (changed["name"], changed["kind"], changed["starts"], changed["ends"], changed["cost"], changed["total"]) == (
        *("Summer", "event", "2026-11-01", None, None, 5),
    )
    no_step(store, "edit_campaign", campaign="SUMMER", name="Summer", cost="")
    do(store, "delete_campaign", campaign="summer")
    assert campaigns_json(Look.at(store)) == []
    with pytest.raises(Wrong, match="there is no “summer”"):
        found(store, "in:summer")
    assert check(store)["differences"] == []
    assert difference(replayed(store, str(tmp_path / "replay.db")), snapshot(store)) == []
    do(store, "undo")
    do(store, "undo")
    assert campaigns_json(Look.at(store)) == made
    do(store, "undo")
    assert difference(snapshot(store), first) == []
    assert check(store)["differences"] == []


@pytest.mark.parametrize(
    ("command", "fields", "field", "says"),
    [
        ("add_campaign", {"name": "spring"}, "name", "There is already a campaign spring."),
        ("add_campaign", {"name": "***"}, "name", "1 to 60"),
        ("add_campaign", {"name": "x" * 61}, "name", "1 to 60"),
        ("add_campaign", {"name": "x", "kind": "smoke"}, "kind", "calls, emails"),
        ("add_campaign", {"name": "x", "filter": "tag:"}, "filter", "needs a value"),
        ("add_campaign", {"name": "x", "view": "lapst"}, "name", "There is no view lapst."),
        ("add_campaign", {"name": "x", "starts": "2026-12-01", "ends": "2026-11-01"}, "ends", "before it starts"),
        ("add_campaign", {"name": "x", "starts": "soonish"}, "starts", "soonish"),
        ("add_campaign", {"name": "x", "cost": -5}, "cost", "not negative"),
        ("add_campaign", {"name": "x", "cost": "dear"}, "cost", "dear"),
        ("add_campaign", {"name": "x", "contacts": ["054-000-0000"]}, "contacts", "There is no contact"),
        ("add_campaign", {"name": "x", "contacts": 5}, "contacts", "right type"),
        ("add_campaign", {"name": "x", "contacts": ["052-234-5670"], "filter": "tag:lapsed"}, "filter", "Give either contacts"),
        ("add_campaign", {"name": "x", "contacts": ["052-234-5670"], "view": "all"}, "view", "Give either contacts"),
        ("edit_campaign", {"campaign": "sprng", "kind": "event"}, "campaign", "Did you mean Spring?"),
        ("edit_campaign", {"campaign": "chosen", "refill": True}, "refill", "chosen one by one"),
        ("delete_campaign", {"campaign": "0" * 32}, "campaign", "There is no campaign"),
        ("tick", {"campaign": "chosen", "contacts": ["052-234-5670"]}, "contacts", "is not in the checklist of Chosen"),
        ("tick", {"campaign": "chosen"}, "contacts", "missing"),
        ("tick", {"campaign": "chosen", "contacts": ["0" * 32]}, "contacts", "There is no contact"),
    ],
)
def test_what_is_refused(store: Store, crowd: list[str], command: str, fields: dict[str, Any], field: str, says: str) -> None:
    spring(store)
    do(store, "add_campaign", name="Chosen", contacts=[crowd[1]])
    caught = refused(store, command, **fields)
    assert says in caught.message
    assert caught.field == field


def test_too_many_people_are_refused(store: Store, crowd: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign_facts, "MOST_LISTED", 3)
    assert "More than 3 people" in refused(store, "add_campaign", name="x", view="all").message


def test_a_tick_reads_no_more_than_it_needs(store: Store, ann: Store, crowd: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    spring(store)

    def no_look(*_args: Any) -> None:
        raise AssertionError("whom a filter finds is not asked")

    monkeypatch.setattr(Look, "__init__", no_look)
    do(ann, "tick", campaign="spring", contacts=crowd[1:3])


def test_who_may(store: Store, ann: Store, as_user: Any, crowd: list[str]) -> None:
    for fields in ({}, {"filter": "nokey:1"}, {"view": "nope"}, {"contacts": ["054-000-0000"]}):
        assert "this needs lead manager" in refused(ann, "add_campaign", name="x", **fields).message
    assert "this needs lead manager" in refused(ann, "edit_campaign", campaign="nope").message
    made = do(as_user("mia"), "add_campaign", name="Spring", view="all")
    for command in ("edit_campaign", "delete_campaign"):
        assert "this needs lead manager" in refused(ann, command, campaign="spring").message
    assert "this needs lead manager" in refused(ann, "undo", id=made["id"]).message
    do(ann, "tick", campaign="spring", contacts=crowd[:1])
    do(ann, "untick", campaign="spring", contacts=crowd[:1])


def test_a_hub_takes_ticks_from_anybody_and_the_rest_from_who_leads() -> None:
    of = {
        register: roles_needed("campaign", register, b"r" * 16, b"p" * 16) for register in ("*", "name", "removed", "person/aa", "tick/aa")
    }
    assert of == {**dict.fromkeys(of, LEADING), "tick/aa": ()}


def test_an_undo_keeps_a_campaign_that_was_worked_on(store: Store, ann: Store, crowd: list[str]) -> None:
    made = do(store, "add_campaign", name="Spring", view="all")
    do(ann, "tick", campaign="spring", contacts=crowd[:1])
    assert do(store, "undo", id=made["id"])["kept"]
    assert campaigns_json(Look.at(store))[0]["done"] == 1


def test_ticks_of_two_laptops_come_together(office: Office) -> None:
    noa, ann, bob = office("noa"), office("ann"), office("bob")
    ids = [noa.lead(f"Dana {number}", f"052234567{number}") for number in range(4)]
    noa.do("add_campaign", name="Spring", view="all")
    office.meet()
    ann.do("tick", campaign="spring", contacts=ids[:2])
    bob.clock.add(minutes=5)
    bob.do("tick", campaign="spring", contacts=ids[1:3])
    assert office.same() == [], "both ticked: there is nothing to settle"
    assert sorted(listed(noa.store)) == [("Dana 0", True), ("Dana 1", True), ("Dana 2", True), ("Dana 3", False)]


def test_what_two_laptops_said_otherwise_is_named(office: Office) -> None:
    noa, sue, ann = office("noa"), office("sue"), office("ann")
    ids = [noa.lead("Dana", "0522345671")]
    noa.do("add_campaign", name="Spring", view="all")
    noa.do("tick", campaign="spring", contacts=ids)
    office.meet()
    noa.do("edit_campaign", campaign="spring", ends="2026-12-01", name="Spring 2", cost=5)
    ann.do("untick", campaign="spring", contacts=ids)
    sue.clock.add(minutes=9)
    sue.do("untick", campaign="spring", contacts=ids)
    sue.do("tick", campaign="spring", contacts=ids)
    sue.do("edit_campaign", campaign="spring", ends="2026-12-24", name="Spring 3", cost=7)
    office.same()
    shown = conflicts(Look.at(noa.store))
    assert [row.says for row in shown] == [f"campaign “Spring 3”: {what}" for what in ("cost", "days", "name")]
    assert listed(noa.store, "Spring 3") == [("Dana", True)], "two who did the same are no conflict"
    noa.do("restore_edit", edit=show_id(shown[1].id))
    assert campaigns_json(Look.at(noa.store))[0]["ends"] == "2026-12-01"
    assert "this needs lead manager" in refused(ann.store, "restore_edit", edit=show_id(shown[2].id)).message
    office.same()


def test_a_campaign_and_work_on_its_people_in_any_order(office: Office) -> None:
    noa, ann = office("noa"), office("ann")
    ids = [noa.lead(f"Dana {number}", f"052234567{number}") for number in range(3)]
    office.meet()
    noa.do("add_campaign", name="Spring", view="all")
    ann.do("merge", keep=ids[0], drop=ids[1])
    ann.do("delete_contact", contact=ids[2])
    assert office.same() == [], "to be in a list is no work that a deletion overlooks"
    assert listed(ann.store) == [("Dana 0", False)]


def test_a_tick_stands_in_the_timeline_while_it_holds(store: Store, ann: Store, crowd: list[str], clock: Clock) -> None:
    spring(store)
    do(store, "add_campaign", name="Summer", filter="tag:lapsed")
    one = crowd[1]

    def ticks(of: str = "all") -> list[tuple[str, str]]:
        lines = stretch(Look.at(store), parse_id(one) or b"", "newest", of=of).lines
        return [(line.says, line.by) for line in lines if line.row.kind == "tick"]

    clock.set("2026-11-23T10:00")
    do(ann, "tick", campaign="Spring", contacts=[one])
    clock.set("2026-11-23T11:00")
    do(store, "log_note", contact=one, note="after it")
    do(store, "tick", campaign="Summer", contacts=[one])
    said = [("ticked off in the campaign Summer", "noa"), ("ticked off in the campaign Spring", "ann")]
    assert ticks() == ticks("work") == said
    assert ticks("touchpoints") == []
    lines = timeline_json(Look.at(store), parse_id(one) or b"")
    assert [line["kind"] for line in lines[:3]] == ["note", "tick", "tick"]
    assert (lines[1]["campaign"], lines[1]["by"], local(lines[2]["at"])) == ("Summer", "noa", "2026-11-23 10:00")
    assert len({line["id"] for line in lines}) == len(lines)
    do(store, "merge", keep=crowd[0], drop=one)
    one = crowd[0]
    assert ticks() == said, "with those merged into them"
    do(store, "untick", campaign="Summer", contacts=[one])
    assert ticks() == said[1:]
    do(store, "delete_campaign", campaign="Spring")
    assert ticks() == []
    do(store, "undo")
    assert ticks() == said[1:]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_pages_of_a_timeline_hold_each_tick_once(store: Store, crowd: list[str], clock: Clock, size: int) -> None:
    one, id_ = crowd[1], parse_id(crowd[1]) or b""
    for number in range(4):
        do(store, "add_campaign", name=f"Campaign {number}", filter="tag:lapsed")
        do(store, "log_note", contact=one, note=str(number))
        do(store, "tick", campaign=f"Campaign {number}", contacts=[one])
        clock.add(minutes=number % 2)
    look = Look.at(store)
    whole = [line.row for line in stretch(look, id_, "newest", limit=1000).lines]
    assert [row.kind for row in whole].count("tick") == 4
    assert whole == timeline(look, id_, 1000)
    paged, found = [], stretch(look, id_, "newest", limit=size)
    while found.lines:
        paged += [line.row for line in found.lines]
        found = stretch(look, id_, "older", paged[-1].place, limit=size)
    assert paged == whole
    back, found = [], stretch(look, id_, "oldest", limit=size)
    while found.lines:
        back = [line.row for line in found.lines] + back
        found = stretch(look, id_, "newer", back[0].place, limit=size)
    assert back == whole
    place, pages = None, []
    while rows := timeline(look, id_, size, place):
        pages += rows
        place = rows[-1].place
    assert pages == whole
    for row in whole:
        assert row in [line.row for line in stretch(look, id_, "around", row.place, limit=size + 1).lines]
