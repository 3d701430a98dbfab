"""Merging contacts, separating them, telling them apart: here, undone, and on two stores that meet in any order."""

from __future__ import annotations

from pathlib import Path

import pytest
from merging import found, lines, live, sound
from store_helpers import (
    Clock,
    board,
    day,
    difference,
    do,
    gone,
    inbox,
    lead,
    no_step,
    refused,
    replayed,
    show,
    snapshot,
    tasks,
)

from crm_tui.ids import parse_id
from crm_tui.intake.run import import_file
from crm_tui.reads.contact import whole_contact
from crm_tui.reads.duplicates import duplicates_json
from crm_tui.reads.look import Look
from crm_tui.reads.timeline import stretch, timeline_json
from crm_tui.store import Store

PHONE, OTHER_PHONE = "052-345-6789", "03-612-3456"
E164, OTHER_E164 = "+972523456789", "+97236123456"


@pytest.fixture
def two(store: Store, clock: Clock) -> tuple[str, str]:
    """Dana, the older one, with much around her, and D. Cohen, who is the same person."""
    dana = lead(store, "Dana Levi", PHONE, company="Acme", source="exhibition", readiness="low")
    do(store, "route", contact=dana, to="ann")
    do(store, "log_call", contact=dana, outcome="no_answer", need="a roof")
    do(store, "open_deal", contact=dana, value=500, name="Roof")
    do(store, "tag", contact=dana, tag="vip")
    clock.add(hours=1)
    other = lead(store, "D. Cohen", OTHER_PHONE, email="dana@acme.example")
    do(store, "add_task", contact=other, kind="demo", due="2026-11-22 17:00")
    do(store, "tag", contact=other, tag="vip")
    do(store, "tag", contact=other, tag="hot")
    do(store, "edit_contact", contact=other, size="40", phones=[OTHER_PHONE, PHONE])
    clock.add(hours=1)
    return dana, other


class TestOneStore:
    def test_what_was_two_is_one(self, store: Store, two: tuple[str, str]) -> None:
        dana, other = two
        answer = do(store, "merge", keep=other, drop=dana)
        assert answer["record"] == other
        one = show(store, other)
        assert show(store, dana) == one
        assert (one["name"], one["company"], one["readiness"], one["merged"]) == ("D. Cohen", "Acme", "low", [dana])
        assert [point["raw"] for point in one["phones"]] == [OTHER_PHONE, PHONE]
        assert (one["phone_e164"], one["email"], one["tags"]) == (OTHER_E164, "dana@acme.example", ["hot", "vip"])
        assert one["properties"] == {"size": "40", "need": "a roof"}
        assert (one["owner"], one["attempts"], one["status"], one["returning"]) == ("ann", 1, "in_process", True)
        assert (one["lifecycle"], one["source"], one["next_action"]) == ("opportunity", "exhibition", "demo")
        assert [one_deal["name"] for one_deal in one["deals"]] == ["Roof"]
        assert [task["kind"] for task in tasks(store, other)] == ["demo", "call"]
        assert [(row["name"], row["contact"]) for stage in board(store) for row in stage["deals"]] == [("Roof", other)]
        assert sum(row["id"] == dana for row in inbox(store)) == 0
        assert [record["id"] for record in snapshot(store)["contacts"]] == [other]
        assert lines(store, other)[-1] == "merged with Dana Levi"
        assert lines(store, other) == lines(store, dana)
        assert {"lead from exhibition", "came back through another source"} <= {line.split(" —")[0] for line in lines(store, other)}
        sound(store)

    def test_it_is_found_by_all_that_it_was_called(self, store: Store, two: tuple[str, str]) -> None:
        dana, other = two
        do(store, "merge", keep=other, drop=dana)
        for text in ("dana", "levi", "cohen", "le", "acme", PHONE, "612-34", "dana@acme.example"):
            assert found(store, text) == ["D. Cohen"], text
        do(store, "edit_contact", contact=other, name="Dana Peretz")
        assert found(store, "levi") == found(store, "peretz") == ["Dana Peretz"]
        assert found(store, "cohen") == []
        do(store, "unmerge", contact=dana)
        assert found(store, "levi") == ["Dana Levi"]
        assert found(store, "acme") == ["Dana Levi", "Dana Peretz"]
        sound(store)

    def test_every_name_of_hers_is_the_one(self, store: Store, ann: Store, two: tuple[str, str]) -> None:
        dana, other = two
        do(store, "merge", keep=dana, drop=other)
        for ref in (dana, other, PHONE, OTHER_PHONE, "DANA@acme.example"):
            do(ann, "log_note", contact=ref, note=ref)
        assert [line for line in lines(store, dana) if line.startswith("note")] == [
            f"note — {ref}" for ref in (dana, other, PHONE, OTHER_PHONE, "DANA@acme.example")
        ]
        assert store.db.one("SELECT count(*) FROM entry WHERE kind = 'note' AND own IS NOT NULL")[0] == 0
        look = Look.at(store)
        whole = whole_contact(look, parse_id(other) or b"")[1]
        assert whole is not None
        assert [point.raw for point in whole.points if point.kind == "phone"] == [PHONE, OTHER_PHONE]
        assert len(stretch(look, parse_id(other) or b"", "newest").lines) == len(lines(store, dana))

    @pytest.mark.parametrize("turned", [False, True])
    def test_undo_and_unmerge_give_everything_back(self, store: Store, clock: Clock, two: tuple[str, str], turned: bool) -> None:
        keep, drop = two[::-1] if turned else two
        before, seen = live(store), snapshot(store)
        step = do(store, "merge", keep=keep, drop=drop)
        merged, as_one = live(store), snapshot(store)
        clock.add(minutes=1)
        for _turn in range(2):
            assert do(store, "undo")["kept"] == []
            assert live(store) == before
            assert snapshot(store) == seen
            do(store, "redo")
            assert difference(snapshot(store), as_one) == []
        assert [one for one in live(store) if one["entity"] != "entry"] == [one for one in merged if one["entity"] != "entry"]
        clock.add(minutes=1)
        back = do(store, "unmerge", contact=drop)
        assert back["record"] == drop
        kinds = ("merge", "unmerge")
        assert [one for one in live(store) if one.get("kind") not in kinds] == before
        assert lines(store, drop)[-1] == f"separated from {show(store, keep)['name']}"
        assert lines(store, keep)[-2:] == [f"merged with {show(store, drop)['name']}", f"separated from {show(store, drop)['name']}"]
        apart = snapshot(store)
        do(store, "undo")
        assert difference(snapshot(store), as_one) == []
        do(store, "redo")
        assert difference(snapshot(store), apart) == []
        do(store, "undo")
        do(store, "undo", id=step["id"])
        assert difference(snapshot(store), seen) == []
        sound(store)

    def test_the_log_replays_to_the_same(self, store: Store, two: tuple[str, str], tmp_path: Path) -> None:
        do(store, "merge", keep=two[0], drop=two[1])
        do(store, "log_call", contact=two[1], outcome="talked")
        do(store, "unmerge", contact=two[0])
        do(store, "merge", keep=two[1], drop=two[0])
        assert difference(replayed(store, str(tmp_path / "replayed.db")), snapshot(store)) == []
        sound(store)

    def test_what_came_after_stays_with_the_survivor(self, store: Store, two: tuple[str, str]) -> None:
        dana, other = two
        do(store, "merge", keep=dana, drop=other)
        do(store, "log_call", contact=other, outcome="talked", note="after")
        do(store, "tag", contact=other, tag="late")
        task = next(task for task in tasks(store, dana) if task["kind"] == "demo")
        do(store, "snooze", task=task["id"], until="2026-12-01")
        do(store, "unmerge", contact=dana)
        assert "call: talked — after" in lines(store, dana)
        assert "call: talked — after" not in lines(store, other)
        assert (show(store, dana)["tags"], show(store, other)["tags"]) == (["late", "vip"], ["hot", "vip"])
        assert [task["due"] for task in tasks(store, other)] == ["2026-12-01 08:00"]
        assert (show(store, dana)["owner"], show(store, other)["owner"]) == ("ann", None)
        assert (show(store, dana)["status"], show(store, other)["status"]) == ("in_process", "new")
        sound(store)

    def test_a_field_that_was_empty_is_filled_and_stays_the_others(self, store: Store, two: tuple[str, str], clock: Clock) -> None:
        dana, other = two
        do(store, "merge", keep=other, drop=dana)
        before = snapshot(store)
        do(store, "edit_contact", contact=other, readiness="high", need="a door", company="Zenith")
        assert (show(store, other)["readiness"], show(store, other)["company"]) == ("high", "Zenith")
        do(store, "undo")
        assert difference(snapshot(store), before) == []
        do(store, "redo")
        do(store, "unmerge", contact=dana)
        assert (show(store, dana)["readiness"], show(store, dana)["company"], show(store, dana)["properties"]["need"]) == (
            "low",
            "Acme",
            "a roof",
        )
        assert (show(store, other)["readiness"], show(store, other)["company"]) == ("high", "Zenith")
        sound(store)

    def test_a_lead_does_not_overwrite_what_was_filled(self, store: Store, two: tuple[str, str]) -> None:
        dana, other = two
        do(store, "merge", keep=other, drop=dana)
        lead(store, "Dana Levi", PHONE, company="Zenith")
        assert (show(store, other)["company"], len(snapshot(store)["contacts"])) == ("Acme", 1)

    def test_what_is_cleared_does_not_come_back_from_the_other(self, store: Store, two: tuple[str, str]) -> None:
        dana, other = two
        do(store, "merge", keep=other, drop=dana)
        before = snapshot(store)
        do(store, "edit_contact", contact=other, company="", need="", size="", name="", phones=[OTHER_PHONE])
        do(store, "untag", contact=other, tag="vip")
        one = show(store, other)
        assert (one["company"], one["properties"], one["name"], one["tags"]) == (None, {}, "", ["hot"])
        assert [point["raw"] for point in one["phones"]] == [OTHER_PHONE]
        do(store, "undo")
        do(store, "undo")
        assert difference(snapshot(store), before) == []
        sound(store)

    def test_a_phone_that_both_have(self, store: Store, two: tuple[str, str]) -> None:
        dana, other = two
        do(store, "merge", keep=dana, drop=other)
        assert [point["raw"] for point in show(store, dana)["phones"]] == [PHONE, OTHER_PHONE]
        do(store, "log_call", contact=dana, outcome="wrong_number")
        assert [(point["raw"], point["valid"]) for point in show(store, dana)["phones"]] == [(OTHER_PHONE, True), (PHONE, False)]
        do(store, "undo")
        do(store, "edit_contact", contact=dana, phone=OTHER_PHONE)
        assert [point["raw"] for point in show(store, dana)["phones"]] == [OTHER_PHONE]
        do(store, "unmerge", contact=other)
        assert [point["raw"] for point in show(store, other)["phones"]] == [OTHER_PHONE]
        assert [point["raw"] for point in show(store, dana)["phones"]] == [OTHER_PHONE]
        sound(store)

    def test_a_chain(self, store: Store, clock: Clock) -> None:
        a, b, c = (lead(store, name, phone) for name, phone in (("A", "052-345-6701"), ("B", "052-345-6702"), ("C", "052-345-6703")))
        do(store, "log_note", contact=a, note="of a")
        apart = snapshot(store)
        do(store, "merge", keep=b, drop=a)
        two = snapshot(store)
        do(store, "merge", keep=c, drop=a)
        assert show(store, a)["merged"] == [a, b]
        assert {point["raw"] for point in show(store, a)["phones"]} == {"052-345-6701", "052-345-6702", "052-345-6703"}
        assert refused(store, "unmerge", contact=c).details["candidates"] == [a, b]
        do(store, "unmerge", contact=b)
        assert (show(store, c)["merged"], show(store, b)["merged"]) == ([], [a])
        do(store, "undo")
        do(store, "undo")
        assert difference(snapshot(store), two) == []
        do(store, "merge", keep=c, drop=b)
        do(store, "unmerge", contact=a)
        assert (show(store, c)["merged"], show(store, a)["merged"]) == ([b], [])
        assert "note — of a" in lines(store, a)
        for _turn in range(3):
            do(store, "undo")
        assert difference(snapshot(store), apart) == []
        sound(store)

    def test_the_survivor_is_deleted_and_comes_back(self, store: Store, two: tuple[str, str]) -> None:
        dana, other = two
        do(store, "merge", keep=dana, drop=other)
        before = snapshot(store)
        do(store, "delete_contact", contact=other)
        assert gone(store, dana)
        assert gone(store, other)
        assert found(store, "dana") == day(store) == []
        assert refused(store, "unmerge", contact=other).field == "contact"
        do(store, "undo")
        assert difference(snapshot(store), before) == []
        assert store.db.one("SELECT count(*) FROM lost")[0] == 0
        sound(store)

    def test_an_undo_of_the_making_keeps_whom_others_were_merged_into(self, store: Store, clock: Clock) -> None:
        first = do(store, "add_lead", name="Dana Levi", phone=PHONE)
        second = do(store, "add_lead", name="Yossi Cohen", phone=OTHER_PHONE)
        do(store, "merge", keep=second["record"], drop=first["record"])
        assert do(store, "undo", id=second["id"])["kept"] == [{"record": second["record"], "register": "*"}]
        assert do(store, "undo", id=first["id"])["kept"] == [{"record": first["record"], "register": "*"}]
        assert show(store, first["record"])["id"] == second["record"]

    def test_refusals(self, store: Store, two: tuple[str, str]) -> None:
        dana, other = two
        assert refused(store, "merge", keep=dana, drop=dana).field == "drop"
        assert refused(store, "merge", keep="0" * 32, drop=dana).field == "keep"
        assert refused(store, "merge", keep=dana, drop="nobody@x.example").field == "drop"
        assert refused(store, "unmerge", contact=dana).field == "contact"
        assert refused(store, "not_same", a=dana, b=dana).field == "b"
        do(store, "merge", keep=dana, drop=other)
        assert refused(store, "merge", keep=other, drop=dana).field == "drop"
        assert refused(store, "not_same", a=dana, b=other).field == "b"
        do(store, "unmerge", contact=dana)
        assert refused(store, "unmerge", contact=other).field == "contact"

    def test_a_rep_may(self, ann: Store, two: tuple[str, str]) -> None:
        do(ann, "merge", keep=two[0], drop=two[1])
        assert timeline_json(Look.at(ann), parse_id(two[0]) or b"", 1)[0]["by"] == "ann"
        do(ann, "unmerge", contact=two[0])
        do(ann, "not_same", a=two[0], b=two[1])


class TestDuplicates:
    def test_merging_answers_the_flag(self, store: Store) -> None:
        dana = lead(store, "Dana Levi", PHONE)
        john = lead(store, "John Smith", PHONE)
        third = lead(store, "Ruth Gal", PHONE)
        assert show(store, dana)["possible_duplicates"] == sorted([john, third])
        pairs = duplicates_json(Look.at(store))
        do(store, "merge", keep=dana, drop=john)
        assert show(store, dana)["possible_duplicates"] == [third]
        assert show(store, third)["possible_duplicates"] == [dana]
        assert [(pair["a"]["id"], pair["b"]["id"]) for pair in duplicates_json(Look.at(store))] == [(dana, third)]
        assert next(row for row in snapshot(store)["contacts"] if row["id"] == third)["possible_duplicates"] == [dana]
        do(store, "merge", keep=dana, drop=third)
        assert duplicates_json(Look.at(store)) == []
        do(store, "unmerge", contact=third)
        do(store, "unmerge", contact=dana)
        assert duplicates_json(Look.at(store)) == pairs
        sound(store)

    def test_told_apart_for_good(self, store: Store, tmp_path: Path) -> None:
        dana = lead(store, "Dana Levi", PHONE)
        john = lead(store, "John Smith", PHONE)
        before = snapshot(store)
        answer = do(store, "not_same", a=dana, b=john)
        assert answer["record"] == dana
        assert show(store, dana)["possible_duplicates"] == show(store, john)["possible_duplicates"] == []
        assert duplicates_json(Look.at(store)) == []
        assert any(line.startswith("not the same person as") for line in lines(store, dana) + lines(store, john))
        no_step(store, "not_same", a=john, b=dana)
        lead(store, "", PHONE)
        csv = tmp_path / "again.csv"
        csv.write_text(f"name,phone\nDana Levi,{PHONE}\nJ,{PHONE}\n")
        import_file(store, csv)
        assert duplicates_json(Look.at(store)) == []
        do(store, "undo")
        do(store, "undo")
        do(store, "undo")
        assert difference(snapshot(store), before) == []
        lead(store, "", PHONE)
        assert len(duplicates_json(Look.at(store))) == 1
        sound(store)

    @pytest.mark.parametrize("turned", [False, True])
    def test_told_apart_and_all_taken_back(self, store: Store, turned: bool) -> None:
        """The flag of the second lead is the register that was answered, whichever of the two bore it."""
        before = snapshot(store)
        dana = lead(store, "Dana Levi", PHONE)
        john = lead(store, "John Smith", PHONE)
        do(store, "not_same", a=john if turned else dana, b=dana if turned else john)
        for _ in range(3):
            assert store.undo().kept == []
        assert difference(snapshot(store), before) == []
        sound(store)

    def test_told_apart_before_anybody_asked(self, store: Store) -> None:
        dana = lead(store, "Dana Levi", PHONE)
        dina = lead(store, "Dana L", OTHER_PHONE, email="dana@acme.example")
        do(store, "not_same", a=dana, b=dina)
        do(store, "add_lead", name="Dana", phone=PHONE, email="dana@acme.example")
        assert duplicates_json(Look.at(store)) == []
        sound(store)

    def test_told_apart_from_somebody_merged(self, store: Store) -> None:
        dana = lead(store, "Dana Levi", PHONE)
        john = lead(store, "John Smith", PHONE)
        other = lead(store, "Dana Cohen", OTHER_PHONE)
        do(store, "merge", keep=other, drop=dana)
        assert show(store, john)["possible_duplicates"] == [other]
        do(store, "not_same", a=john, b=dana)
        assert show(store, john)["possible_duplicates"] == show(store, other)["possible_duplicates"] == []
        lead(store, "", PHONE)
        do(store, "unmerge", contact=dana)
        assert duplicates_json(Look.at(store)) == []
        sound(store)

    def test_a_clock_that_runs_behind_does_not_lose_the_answer(self, store: Store, ann: Store, clock: Clock) -> None:
        dana = lead(store, "Dana Levi", PHONE)
        clock.add(days=2)
        john = lead(store, "John Smith", PHONE)
        clock.add(days=-2)
        do(ann, "not_same", a=dana, b=john)
        sound(store)

    def test_who_was_merged_is_known_by_both_names(self, store: Store) -> None:
        """Merged though their names differ plainly: who returns under either is no new contact."""
        dana = lead(store, "Dana Levi", PHONE)
        john = lead(store, "John Smith", PHONE)
        do(store, "merge", keep=dana, drop=john)
        for name in ("John Smith", "Dana Levi", "J. Smith"):
            assert do(store, "add_lead", name=name, phone=PHONE)["record"] == dana
        assert lead(store, "Ruth Gal", PHONE) not in (dana, john)
        sound(store)
