"""The list of contacts: rows say what the contacts say, pages join in both directions, words keep the order of search."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from store_helpers import Clock, do, gone, lead

from crm_tui.ids import show_id
from crm_tui.reads.contact import contact_json
from crm_tui.reads.filtering import understood
from crm_tui.reads.inbox import count_inbox, inbox, inbox_page
from crm_tui.reads.look import Look
from crm_tui.reads.people import PersonRow, Wanted, count_people, last_people, people
from crm_tui.store import Store

NAMES = ["דנה כהן", "Dana Levi", "Yossi Cohen", "רון לוי", "Noa [red]x[/red]"]


def worked(store: Store, rng: random.Random, contact: str) -> None:
    """Something random that happens to a contact."""
    choice = rng.randrange(9)
    if choice < 4:
        do(store, "route", contact=contact, to=rng.choice(["noa", "ann", "bob", "nurture", "not_a_lead"]))
    if choice in (2, 3, 4):
        do(store, "log_call", contact=contact, outcome=rng.choice(["talked", "no_answer"]))
    if choice == 5:
        do(store, "set_status", contact=contact, status=rng.choice(["customer", "inactive_customer", "in_process"]))
    if choice == 6:
        do(store, "set_status", contact=contact, status="closed", reason="price")
    if choice == 7:
        do(store, "set_lifecycle", contact=contact, stage=rng.choice(["evangelist", "customer"]))
    if choice == 8:
        do(store, "delete_contact", contact=contact)


@pytest.fixture
def crowd(store: Store, clock: Clock) -> Look:
    """Forty contacts in all states, some of them customers quiet for long; seen a week after the last of them."""
    rng = random.Random(7)
    for number in range(40):
        clock.set("2026-01-05T10:00" if number % 3 else "2026-11-20T10:00")
        contact = lead(store, rng.choice(NAMES) + f" {number}", f"05223456{number:02}", company=rng.choice(["Acme", "Beta", None]))
        for _ in range(rng.randrange(3)):
            if not gone(store, contact):
                worked(store, rng, contact)
    clock.set("2026-11-27T10:00")
    return Look.at(store)


Card = dict[str, Any]


def card_of(look: Look, row: PersonRow) -> Card:
    """The row's contact as `show contact` has it."""
    card = contact_json(look, row.id)
    assert card is not None
    return card


def wanted(look: Look, text: str) -> Wanted:
    """What a filter in one line wants."""
    return Wanted(understood(look, text))


def test_a_row_says_what_the_contact_says(crowd: Look) -> None:
    rows = people(crowd, limit=100)
    assert [row.key for row in rows] == sorted((row.key for row in rows), reverse=True)
    assert {row.status for row in rows} >= {"new", "closed", "customer", "inactive_customer"}
    for row in rows:
        card = card_of(crowd, row)
        names = ("name", "phone", "phone_e164", "email", "company", "lifecycle", "status", "source", "desk", "attempts")
        assert {name: getattr(row, name) for name in names} == {name: card[name] for name in names}
        assert crowd.user(row.owner) == card["owner"]
        assert crowd.time(row.next_at) == card["next_at"]


def test_pages_join_in_both_directions(crowd: Look) -> None:
    for text in ("", "status:new", "owner:none", "0522", "0522 status:new", "0522 or status:new"):
        some = wanted(crowd, text)
        whole = people(crowd, some, 100)
        assert len(whole) > 7
        for size in (1, 3, 7, 100):
            forward = joined(partial(_after, crowd, some, size), people(crowd, some, size))
            assert forward == whole, (text, size)
            back = joined(partial(_before, crowd, some, size), last_people(crowd, some, size)[::-1])
            assert back == whole[::-1], (text, size)


def _after(look: Look, some: Wanted, size: int, row: PersonRow) -> list[PersonRow]:
    return people(look, some, size, after=row)


def _before(look: Look, some: Wanted, size: int, row: PersonRow) -> list[PersonRow]:
    return people(look, some, size, before=row)[::-1]


def joined(following: Callable[[PersonRow], list[PersonRow]], first: list[PersonRow]) -> list[PersonRow]:
    """All pages one after the other."""
    rows = list(first)
    while page := following(rows[-1]):
        rows += page
        assert len(rows) <= 40
    return rows


def test_counting_ends_at_the_cap(crowd: Look) -> None:
    total = len(people(crowd, limit=100))
    assert count_people(crowd) == count_people(crowd, wanted(crowd, "0522")) == total
    assert count_people(crowd, cap=total) == total
    assert count_people(crowd, cap=5) == count_people(crowd, wanted(crowd, "0522"), cap=5) == 6


def test_text_keeps_the_order_of_search(store: Store, clock: Clock) -> None:
    first, second, third = (lead(store, f"Dana {name}", f"052234567{n}") for n, name in enumerate(["One", "Two", "Three"]))
    lead(store, "Yossi", "0522345679")
    do(store, "log_call", contact=first, outcome="talked")
    look = Look.at(store)
    assert [show_id(row.id) for row in people(look, wanted(look, "dana"))] == [first, third, second]
    assert [show_id(row.id) for row in people(look, wanted(look, "dana status:new"))] == [third, second]
    assert people(look, wanted(look, "nobody at all")) == []
    assert [row.name for row in people(look, wanted(look, " "))] == ["Yossi", "Dana Three", "Dana Two", "Dana One"]


def test_a_place_that_is_gone(store: Store) -> None:
    ids = [lead(store, f"Dana {number}", f"052234567{number}") for number in range(4)]
    look = Look.at(store)
    rows = people(look)
    do(store, "delete_contact", contact=ids[2])
    assert people(look, after=rows[1]) == rows[2:]
    assert people(look, before=rows[1]) == rows[:1]
    assert people(look, wanted(look, "dana"), after=rows[1]) == []


def test_routed_leads_wait_until_the_first_attempt(store: Store, clock: Clock) -> None:
    ids = []
    for number in range(4):
        clock.add(minutes=5)
        ids.append(lead(store, f"Lead {number}", f"052234567{number}", company="Acme"))
    for contact, to in zip(ids, ["ann", "bob", "bob", "nurture"], strict=True):
        do(store, "route", contact=contact, to=to)
    do(store, "log_call", contact=ids[1], outcome="no_answer")
    unrouted = lead(store, "Fifth", "0522345675")
    look = Look.at(store)
    rows = inbox_page(look, 10, 0, True)[1][1:]
    assert count_inbox(look, True) == 3
    assert [(row.name, look.user(row.owner), row.company) for row in rows] == [("Lead 0", "ann", "Acme"), ("Lead 2", "bob", "Acme")]
    assert rows[0].waited_ms(look.now) == 15 * 60_000
    assert inbox_page(look, 1, 2, True)[1] == rows[1:]
    assert [show_id(row.id) for row in inbox(look)] == [unrouted]
