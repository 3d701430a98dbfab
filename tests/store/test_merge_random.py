"""Random work on contacts that are merged and separated, in two stores that meet now and then: the same at the end."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import StoreMaker
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_helpers import Clock, difference, do, everything, lead, log_faults, missing, receive, snapshot

from crm_tui import ids
from crm_tui.check import check
from crm_tui.errors import Refused
from crm_tui.ids import show_id
from crm_tui.log import Head
from crm_tui.store import Store

USERS = (("noa", "ann"), ("bob", "mia"))
PEOPLE = (("Anna Levi", "052-345-6701"), ("Bella Levi", "052-345-6702"), ("Carmela", "052-345-6701"), ("", "052-345-6704"))
PHONES = ("052-345-6701", "052-345-6702", "052-345-6705", "12")
who = st.integers(0, 5)
text = st.sampled_from(["", "x", "y"])
COMMANDS = st.one_of(
    st.tuples(st.just("merge"), st.fixed_dictionaries({"keep": who, "drop": who})),
    st.tuples(st.just("merge"), st.fixed_dictionaries({"keep": who, "drop": who})),
    st.tuples(st.just("unmerge"), st.fixed_dictionaries({"contact": who})),
    st.tuples(st.just("not_same"), st.fixed_dictionaries({"a": who, "b": who})),
    st.tuples(
        st.just("edit_contact"),
        st.fixed_dictionaries(
            {"contact": who},
            optional={
                "name": text,
                "company": text,
                "size": text,
                "readiness": st.sampled_from(["", "low", "high"]),
                "phones": st.lists(st.sampled_from(PHONES), max_size=2),
            },
        ),
    ),
    st.tuples(st.just("tag"), st.fixed_dictionaries({"contact": who, "tag": st.just("vip")})),
    st.tuples(st.just("untag"), st.fixed_dictionaries({"contact": who, "tag": st.just("vip")})),
    st.tuples(
        st.just("log_call"), st.fixed_dictionaries({"contact": who, "outcome": st.sampled_from(["talked", "no_answer", "wrong_number"])})
    ),
    st.tuples(st.just("open_deal"), st.fixed_dictionaries({"contact": who, "value": st.just(5)})),
    st.tuples(st.just("move_deal"), st.fixed_dictionaries({"deal": who, "stage": st.sampled_from(["quote", "won"])})),
    st.tuples(st.just("complete_task"), st.fixed_dictionaries({"contact": who})),
    st.tuples(st.just("route"), st.fixed_dictionaries({"contact": who, "to": st.sampled_from(["ann", "supplier"])})),
    st.tuples(st.just("delete_contact"), st.fixed_dictionaries({"contact": who})),
    st.tuples(
        st.just("add_lead"),
        st.fixed_dictionaries({"name": st.sampled_from(["Anna Levi", "B", "Yossi Cohen"]), "phone": st.sampled_from(PHONES[:3])}),
    ),
    st.tuples(st.sampled_from(["undo", "redo"]), st.just({})),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 1), st.integers(0, 1), COMMANDS),
        st.tuples(st.integers(0, 1), st.integers(0, 1), COMMANDS),
        st.tuples(st.integers(0, 1), st.just(-1), st.integers(0, 3)),
    ),
    min_size=5,
    max_size=30,
)


def shuffled(heads: list[Head], seed: int) -> list[Head]:
    """The batches of several origins in a random order, those of one in theirs."""
    places = [head.origin for head in heads]
    random.Random(seed).shuffle(places)
    by_origin: dict[bytes, list[Head]] = {}
    for head in heads:
        by_origin.setdefault(head.origin, []).append(head)
    return [by_origin[origin].pop(0) for origin in places]


def some(store: Store, table: str, number: int) -> str:
    """A record's id by its number."""
    known = [show_id(id_) for (id_,) in store.db.rows(f"SELECT id FROM {table} ORDER BY id")]
    return known[number % len(known)] if known else "0" * 32


def work(stores: list[list[Store]], clock: Clock, steps: list[Any]) -> None:
    for place, user, what in steps:
        store = stores[place][user]
        if user < 0:
            store = stores[place][0]
            receive(store, stores[1 - place][0], shuffled(missing(store, stores[1 - place][0]), what))
            clock.add(hours=what - 2)
            continue
        command, fields = what
        given = {
            name: some(store, "deal" if name == "deal" else "contact", value) if isinstance(value, int) and name != "value" else value
            for name, value in fields.items()
        }
        try:
            do(store, command, **given)
        except Refused:
            continue


def meet(stores: list[list[Store]], seed: int) -> None:
    (one, *_), (other, *_) = stores
    for store, source in ((one, other), (other, one)):
        receive(store, source, shuffled(missing(store, source), seed))


def run(new_url: StoreMaker, steps: list[Any], seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        numbers = itertools.count(1)
        patch.setattr(ids, "_last", 0)
        patch.setattr(ids, "os", SimpleNamespace(urandom=lambda size: next(numbers).to_bytes(size, "big")))
        clock = Clock()
        urls = [new_url(), new_url()]
        stores = [[Store(url, name, clock, durable=False) for name in names] for url, names in zip(urls, USERS, strict=True)]
        try:
            for number, (name, phone) in enumerate(PEOPLE):
                lead(stores[number % 2][0], name, phone)
            meet(stores, 0)
            work(stores, clock, steps)
            meet(stores, seed)
            assert difference(everything(stores[0][0]), everything(stores[1][0])) == []
            for group in stores:
                assert log_faults(group[0].db) == []
                assert check(group[0])["differences"] == []
            back(stores[0][0], clock)
        finally:
            for store in itertools.chain(*stores):
                store.close()
            for url in urls:
                new_url.drop(url)


def back(store: Store, clock: Clock) -> None:
    """Of what is seen now, merging and separating leave nothing once they are undone."""
    for command, names in (("merge", ("keep", "drop")), ("unmerge", ("contact",)), ("not_same", ("a", "b"))):
        for numbers in itertools.product(range(4), repeat=len(names)):
            before = snapshot(store)
            try:
                do(store, command, **{name: some(store, "contact", number) for name, number in zip(names, numbers, strict=True)})
            except Refused:
                continue
            after = snapshot(store)
            if after == before:
                continue
            do(store, "undo")
            assert difference(snapshot(store), before) == []
            do(store, "redo")
            assert difference(snapshot(store), after) == []
            break


def tested(examples: int) -> Callable[[StoreMaker], None]:
    def test(new_url: StoreMaker) -> None:
        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        @given(STEPS, st.integers(0, 9))
        def at_random(steps: list[Any], seed: int) -> None:
            run(new_url, steps, seed)

        at_random()

    return test


test_two_stores_meet = tested(15)
test_two_stores_meet_at_length = pytest.mark.long(tested(400))
