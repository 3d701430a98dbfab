"""Merging on two laptops: crosswise, against each other, and undone; both end with the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from databases import StoreMaker
from merging import lines, sound
from store_helpers import (
    Clock,
    difference,
    do,
    everything,
    gone,
    lead,
    missing,
    receive,
    show,
)

from crm_tui.ids import parse_id
from crm_tui.store import Store


@pytest.fixture
def apart(new_url: StoreMaker, clock: Clock) -> Iterator[Callable[[str], Store]]:
    """Makes stores of the same team, each for another person."""
    opened: list[Store] = []

    def make(user: str) -> Store:
        store = Store(new_url(), user, clock, durable=False)
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


def met(*stores: Store) -> None:
    """Exchange all that each has, and see that all have the same."""
    for store in stores:
        for other in stores:
            if other is not store:
                receive(store, other)
    for store in stores[1:]:
        assert everything(store) == everything(stores[0])
    for store in stores:
        sound(store)


class TestTwoStores:
    @pytest.fixture
    def here(self, apart: Callable[[str], Store]) -> Store:
        return apart("noa")

    @pytest.fixture
    def there(self, apart: Callable[[str], Store]) -> Store:
        return apart("ann")

    @pytest.fixture
    def people(self, here: Store, there: Store, clock: Clock) -> tuple[str, str, str]:
        a, b, c = (lead(here, f"{name} Levi", f"052-345-670{n}") for n, name in enumerate(("Anna", "Bella", "Carmela")))
        do(here, "tag", contact=b, tag="vip")
        receive(there, here)
        clock.add(hours=1)
        return a, b, c

    @pytest.mark.parametrize("order", [("here", "there"), ("there", "here")])
    def test_merged_crosswise(
        self, here: Store, there: Store, apart: Callable[[str], Store], people: tuple[str, str, str], order: Any
    ) -> None:
        a, b, c = people
        do(here, "merge", keep=b, drop=a)
        do(there, "merge", keep=a, drop=b)
        third = apart("bob")
        sources = {"here": here, "there": there}
        for name in order:
            receive(third, sources[name])
        met(here, there, third)
        root = min(a, b)
        assert {show(here, one)["id"] for one in (a, b)} == {root}
        other = next(one for one in (a, b) if one != root)
        do(here, "unmerge", contact=root)
        met(here, there)
        assert show(there, a)["merged"] == show(there, b)["merged"] == []
        do(here, "undo")
        do(here, "unmerge", contact=other)
        do(here, "undo")
        met(here, there)
        do(there, "merge", keep=c, drop=other)
        met(here, there, third)
        assert show(there, root)["id"] == show(here, other)["id"] == c

    def test_merged_into_two_others(self, here: Store, there: Store, people: tuple[str, str, str], clock: Clock) -> None:
        a, b, c = people
        do(here, "merge", keep=b, drop=a)
        clock.add(minutes=1)
        do(there, "merge", keep=c, drop=a)
        met(here, there)
        assert (show(here, a)["id"], show(here, b)["merged"]) == (c, [])
        assert here.db.rows("SELECT register FROM lost") == [("merged_into",)]

    def test_work_on_the_merged_lands_on_the_root(self, here: Store, there: Store, people: tuple[str, str, str], clock: Clock) -> None:
        a, b, _c = people
        do(there, "open_deal", contact=b, value=5, name="Old")
        receive(here, there)
        do(here, "merge", keep=a, drop=b)
        do(there, "log_call", contact=b, outcome="talked", note="elsewhere", need="a roof")
        do(there, "tag", contact=b, tag="new")
        do(there, "untag", contact=b, tag="vip")
        do(there, "edit_contact", contact=b, company="Acme", phones=["050-234-5678"], email="b@acme.example")
        do(there, "open_deal", contact=b, value=7, name="New")
        do(there, "move_deal", deal=show(there, b)["deals"][0]["id"], stage="won")
        met(here, there)
        one = show(here, a)
        assert (one["tags"], one["company"], one["email"], one["status"]) == (["new"], "Acme", "b@acme.example", "customer")
        assert [point["raw"] for point in one["phones"]] == ["052-345-6700", "050-234-5678"]
        assert [(deal["name"], deal["stage"]) for deal in one["deals"]] == [("Old", "won"), ("New", "phone")]
        assert one["properties"] == {"need": "a roof"}
        assert "call: talked, needs a roof — elsewhere" in lines(here, a)
        do(there, "unmerge", contact=b)
        met(here, there)
        assert "call: talked, needs a roof — elsewhere" in lines(here, b)
        assert (show(here, a)["company"], show(here, a)["deals"], show(here, b)["company"]) == (None, [], "Acme")

    def test_separated_while_elsewhere_the_survivor_is_called(
        self, here: Store, there: Store, people: tuple[str, str, str], clock: Clock
    ) -> None:
        a, b, _c = people
        do(here, "merge", keep=a, drop=b)
        receive(there, here)
        do(here, "unmerge", contact=b)
        clock.add(minutes=-30)
        do(there, "log_call", contact=b, outcome="no_answer", note="of the survivor")
        do(there, "tag", contact=b, tag="late")
        met(here, there)
        assert "call: no answer — of the survivor" in lines(here, a)
        assert (show(here, a)["tags"], show(here, b)["tags"]) == (["late"], ["vip"])

    def test_deleted_while_elsewhere_it_is_merged(self, here: Store, there: Store, people: tuple[str, str, str]) -> None:
        a, b, c = people
        do(here, "delete_contact", contact=b)
        do(there, "merge", keep=a, drop=b)
        met(here, there)
        assert not gone(here, a)
        assert show(here, b)["id"] == a
        assert here.db.one("SELECT count(*) FROM lost")[0] == 0
        do(here, "delete_contact", contact=c)
        do(there, "merge", keep=c, drop=a)
        met(here, there)
        assert gone(here, a)
        assert [tuple(row) for row in here.db.rows("SELECT record, register FROM lost")] == [(parse_id(c), "*")]
        do(here, "undo")
        met(here, there)
        assert show(here, a)["id"] == c
        assert here.db.one("SELECT count(*) FROM lost")[0] == 0

    def test_a_call_on_the_merged_while_the_survivor_is_deleted(self, here: Store, there: Store, people: tuple[str, str, str]) -> None:
        a, b, _c = people
        do(here, "log_note", contact=b, note="before")
        do(here, "merge", keep=a, drop=b)
        do(here, "delete_contact", contact=a)
        do(there, "log_call", contact=b, outcome="talked")
        met(here, there)
        assert gone(there, b)
        assert [tuple(row) for row in here.db.rows("SELECT record, register FROM lost")] == [(parse_id(a), "*")]

    @pytest.mark.parametrize("leaves", [False, True])
    def test_work_on_the_merged_while_the_survivor_is_deleted(
        self, here: Store, there: Store, people: tuple[str, str, str], leaves: bool
    ) -> None:
        """Whose own thing it was is no matter while they are one; who leaves takes the work along."""
        a, b, _c = people
        do(here, "merge", keep=a, drop=b)
        receive(there, here)
        do(here, "delete_contact", contact=a)
        do(there, "untag", contact=a, tag="vip")
        if leaves:
            do(there, "unmerge", contact=b)
        met(here, there)
        assert gone(here, a)
        assert gone(here, b) is not leaves
        assert [tuple(row) for row in here.db.rows("SELECT record, register FROM lost")] == ([] if leaves else [(parse_id(a), "*")])

    def test_told_apart_while_elsewhere_flagged(self, here: Store, there: Store, people: tuple[str, str, str], clock: Clock) -> None:
        a, b, _c = people
        for store in (here, there):
            clock.add(minutes=5)
            do(store, "add_lead", name="Anna", phone="052-345-6700", email=f"{store.db.label[-9:-3]}@x.example")
        do(here, "add_lead", name="Bella Levi", phone="052-345-6701", email="anna@x.example")
        do(there, "not_same", a=a, b=b)
        do(here, "add_lead", name="A. Levi", phone="052-345-6700", email="anna@x.example")
        met(here, there)

    def test_batches_come_in_any_order(
        self, here: Store, apart: Callable[[str], Store], people: tuple[str, str, str], clock: Clock
    ) -> None:
        a, b, c = people
        do(here, "merge", keep=b, drop=a)
        do(here, "log_call", contact=a, outcome="talked", need="a roof")
        do(here, "merge", keep=c, drop=b)
        do(here, "edit_contact", contact=c, name="", need="a door")
        do(here, "unmerge", contact=a)
        first, *rest = missing(apart("bob"), here)
        for heads in ((first, *rest), (*rest[::-1], first), (first, *rest[2:], *rest[:2]), (*rest[3:], first, *rest[:3])):
            third = apart("bob")
            receive(third, here, heads)
            assert difference(everything(third), everything(here)) == []
