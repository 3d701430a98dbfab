"""Filters in SQL: whom each finds is whom a plain reading of the cards finds, on both engines; and which index SQLite begins with."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from databases import StoreMaker
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_helpers import ZONE, Clock, do, lead, make_store

from crm_tui.errors import Refused
from crm_tui.filters.keys import KEYS, SHOWS
from crm_tui.filters.nodes import All, Either, Node, Not, Term, Words, either_of, negated, printed
from crm_tui.filters.parser import days_or_date, span_ms
from crm_tui.ids import show_id
from crm_tui.reads import conditions
from crm_tui.reads import people as people_module
from crm_tui.reads.board import board_now
from crm_tui.reads.campaigns import campaign_json, campaigns_json
from crm_tui.reads.conditions import FEW
from crm_tui.reads.contact import all_contacts
from crm_tui.reads.filtering import understood, where, words_of
from crm_tui.reads.look import Look
from crm_tui.reads.people import Wanted, all_people, count_people, last_people, people, sums
from crm_tui.rules.states import STATES, Standing, states
from crm_tui.store import Store
from crm_tui.text.fold import fold
from crm_tui.text.times import local_day

NAMES = ["דנה כהן", "Dana Levi", "Yossi Cohen", "רון לוי", "Noa [red]x[/red]", "José O'Brien", "%_'; --"]
DESKS = ["noa", "ann", "bob", "nurture", "supplier", "leadometer"]


def worked(store: Store, rng: random.Random, contact: str, other: str) -> None:
    """Something random that happens to a contact."""
    choice = rng.randrange(14)
    if choice < 3:
        do(store, "route", contact=contact, to=rng.choice(DESKS), reason="so")
    elif choice in (3, 4, 5):
        do(store, "log_call", contact=contact, outcome=rng.choice(["talked", "no_answer", "busy", "no_answer"]))
    elif choice == 6:
        do(store, "set_status", contact=contact, status=rng.choice(["customer", "inactive_customer", "in_process"]))
    elif choice == 7:
        do(store, "set_status", contact=contact, status="closed", reason="price")
    elif choice in (8, 9):
        deal = do(store, "open_deal", contact=contact, name="Deal", value=rng.choice([0, 500, 9000]))["record"]
        if (stage := rng.choice(["phone", "quote", "won", "lost"])) != "phone":
            do(store, "move_deal", deal=deal, stage=stage, **({"reason": "price"} if stage == "lost" else {}))
    elif choice == 10:
        do(store, "tag", contact=contact, tag=rng.choice(["vip", "VIP", "ליד חם", 'a "b) c']))
    elif choice == 11:
        do(store, "add_task", contact=contact, kind="call", due=f"2026-11-2{rng.randrange(1, 10)}")
    elif choice == 12:
        do(store, "delete_contact", contact=contact)
    else:
        do(store, "merge", keep=contact, drop=other)


SEEN = "2026-11-26T10:00"


def make_crowd(url: str) -> None:
    """Sixty contacts in all states; seen some days after the last of them."""
    make_store(url)
    clock = Clock()
    with Store(url, "noa", clock, durable=False) as store:
        fill(store, clock)


def fill(store: Store, clock: Clock) -> None:
    rng = random.Random(8)
    ids: list[str] = []
    for number in range(60):
        clock.set(rng.choice(["2026-01-05T10:00", "2026-08-10T12:00", "2026-11-20T10:00", "2026-11-25T09:00", "2026-11-26T09:55"]))
        more: dict[str, Any] = {
            "source": rng.choice(["web_form", "ads", "exhibition", "phone", None]),
            "campaign": rng.choice([None, "November", "november "]),
        }
        more |= {"company": rng.choice(["Acme Ltd", "אקמה", None]), "readiness": rng.choice([None, "low", "high"])}
        phone = rng.choice([f"05223456{number:02}", "0521112222", "12", None])
        email = rng.choice([f"p{number}@acme.example", "nonsense", None])
        ids.append(lead(store, rng.choice(NAMES), phone, email=email, **{key: value for key, value in more.items() if value}))
        for _ in range(rng.randrange(5)):
            with suppress(Refused):
                worked(store, rng, ids[-1], rng.choice(ids))
    clock.set(SEEN)
    do(store, "add_campaign", name="Spring", filter="dana or status:closed")
    do(store, "tick", campaign="Spring", contacts=[one["id"] for one in campaign_json(Look.at(store), "Spring")["people"][::2]])


class Oracle:
    """Who is what, read off the cards of `show contact`, with a few facts that no card shows."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.cards = {card["id"]: card for card in all_contacts(look)}
        rows = look.db.rows("SELECT id, started_at, worked_at, next_at, next_timed, value, attempts, role, closed_at, search FROM contact")
        names = "started_at worked_at next_at next_timed value attempts role closed_at search".split()
        self.facts = {row[0].hex(): dict(zip(names, row[1:], strict=True)) for row in rows}
        deals = look.db.rows("SELECT contact, stage, stage_role, id FROM deal WHERE removed <= 0")
        self.deals = [(contact.hex(), stage, role, id_) for contact, stage, role, id_ in deals]
        now = board_now(look)
        self.rotting = {deal.contact.hex() for stage in now.stages for deal in stage.deals if now.is_rotting(deal, stage)}

    def ids(self, node: Node) -> list[str]:
        """The ids of whom a filter finds."""
        return [id_ for id_, card in self.cards.items() if self.holds(node, card)]

    def holds(self, node: Node, card: dict[str, Any]) -> bool:
        match node:
            case All(nodes):
                return all(self.holds(one, card) for one in nodes)
            case Either(nodes):
                return any(self.holds(one, card) for one in nodes)
            case Not(one):
                return not self.holds(one, card)
            case Words(items):
                return all(self.found(item, card) for item in items)
            case Term(key, op, value):
                return bool(getattr(self, key, self.same)(card, self.facts[card["id"].replace("-", "")], key, op, value))

    def found(self, item: str, card: dict[str, Any]) -> bool:
        search = self.facts[card["id"].replace("-", "")]["search"]
        whole, _, _points = search.partition("\n@")
        parts = [fold(item)] if " " in item else [DIGITS.get(part, part) for part in fold(item).split()]
        return all(part in search if len(part) > 2 else any(word.startswith(part) for word in whole.split()) for part in parts)

    def same(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        shown = card[{"stage": "lifecycle"}.get(key, key)]
        return shown is None if value == "none" else shown == value

    def owner(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        return bool(card["owner"] == {"me": "noa", "none": None}.get(value, value))

    def desk(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        if value == "leadometer":
            return not (card["owner"] or card["desk"] or facts["role"] in ("closed", "customer", "inactive_customer"))
        return self.same(card, facts, key, op, value)

    def campaign(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        return fold(card["campaign"] or "") == fold(value)

    def tag(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        return fold(value) in map(fold, card["tags"])

    def company(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        return card["company"] is None if value == "none" else fold(value) in fold(card["company"] or "")

    def ticked(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        shown = [
            one
            for row in campaigns_json(self.look)
            if fold(row["name"]) == fold(value)
            for one in campaign_json(self.look, row["id"])["people"]
        ]
        return card["id"] in [one["id"] for one in shown if one["done"] or key == "in"]

    def missing(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        return value in card["missing"]

    def attempts(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        return compared(card["attempts"], op, int(value))

    def value(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        return compared(facts["value"], op, round(float(value) * 100))

    def age(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        return compared(self.look.now - facts["started_at"], op, span_ms(value))

    def touched(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        at = facts["worked_at"]
        if value == "never" or at is None:
            return value == "never" and at is None
        if value == "today":
            return local_day(at, ZONE) == local_day(self.look.now, ZONE)
        return compared(self.look.now - at, op, span_ms(value))

    def next(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        if value == "none" or card["next_at"] is None:
            return value == "none" and card["next_at"] is None
        at, today = datetime.fromisoformat(card["next_at"]), local_day(self.look.now, ZONE)
        if value == "overdue":
            return at.timestamp() * 1000 < self.look.now and (bool(facts["next_timed"]) or at.date() < today)
        days: int | date = {"today": 0, "tomorrow": 1}[value] if value in ("today", "tomorrow") else days_or_date(value)
        return compared(at.date(), op, days if isinstance(days, date) else today + timedelta(days=days))

    def deal(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        mine = [(stage, role) for contact, stage, role, _id in self.deals if contact == card["id"].replace("-", "")]
        if value in ("none", "open"):
            return not mine if value == "none" else any(role == "open" for _stage, role in mine)
        return value in [stage for stage, _role in mine]

    def __getattr__(self, name: str) -> Any:
        return {"is": self.rules, "in": self.ticked}.get(name) or object.__getattribute__(self, name)

    def rules(self, card: dict[str, Any], facts: dict[str, Any], key: str, op: str, value: str) -> bool:
        if value in STATES:
            names = ("role", "started_at", "worked_at", "closed_at", "attempts", "next_at")
            standing = Standing(*(facts[name] for name in names), bool(facts["next_timed"]))
            return value in [one.code for one in states(standing, self.look.now, self.look.working, self.look.limits)]
        rotting = card["id"].replace("-", "") in self.rotting
        return bool({"returning": card["returning"], "duplicate": card["possible_duplicates"], "rotting": rotting}[value])


def compared(one: Any, op: str, other: Any) -> bool:
    return bool({":": one == other, "<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[op])


DIGITS = {"052234": "97252234"}
"""A part of a phone as one types it, and as the store has it."""
OPS = ("<", "<=", ">", ">=")
TERMS = [
    *(f"stage:{one}" for one in ("lead", "marketing_qualified", "sales_qualified", "opportunity", "customer", "other", "evangelist")),
    *(f"status:{one}" for one in ("new", "no_answer", "initial_contact", "in_process", "closed", "customer", "inactive_customer")),
    *("owner:noa", "owner:me", "owner:none", "owner:bob", "owner:sue", "desk:none", "desk:leadometer", "desk:nurture", "desk:support"),
    *(
        "source:ads",
        "source:exhibition",
        "source:press",
        "campaign:NOVEMBER",
        "campaign:none_such",
        "tag:vip",
        'tag:"ליד חם"',
        "tag:nobody",
        "in:Spring",
        "ticked:SPRING",
    ),
    *('tag:"a b) c"', "company:acme", "company:אק", "company:none", "company:ltd", "readiness:low", "readiness:none", "readiness:medium"),
    *(f"{key}:{one}" for key in ("missing", "is", "deal") for one in SHOWS[key]),
    *("deal:phone", "deal:quote", "deal:won", "deal:lost", "next:none", "next:overdue", "next:today", "next:tomorrow", "touched:never"),
    *("touched:today", "next:3d", "next:2026-11-27"),
    *(f"next{op}{value}" for op in OPS for value in ("0d", "2d", "2026-11-24")),
    *(f"age{op}{value}" for op in OPS for value in ("5min", "1d", "90d")),
    *(f"touched{op}{value}" for op in OPS for value in ("0d", "1h", "30d")),
    *(f"value{op}{value}" for op in (*OPS, ":") for value in ("0", "500", "8999.99")),
    *(f"attempts{op}{value}" for op in (*OPS, ":") for value in ("0", "1", "2")),
    *("dana", "levi dana", "כהן", '"דנה כהן"', '"ana le"', "acme.example", "[red]", "052234", "o", "nonsense", '"e n"'),
]


@pytest.fixture
def crowd(new_url: StoreMaker, clock: Clock) -> Iterator[Look]:
    clock.set(SEEN)
    with Store(new_url(make_crowd), "noa", clock, durable=False) as store:
        yield Look.at(store)


@pytest.fixture
def oracle(crowd: Look) -> Oracle:
    return Oracle(crowd)


def found(look: Look, node: Node, order: str = "oldest") -> list[str]:
    return [row.id.hex() for row in people(look, Wanted(node, order), 100)]


@pytest.mark.parametrize("few", [1, FEW])
def test_every_term_finds_whom_the_cards_name(crowd: Look, oracle: Oracle, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(conditions, "FEW", few)
    counts = {}
    for text in TERMS:
        for one in (text, f"-({text})"):
            node = understood(crowd, one)
            expected = [id_.replace("-", "") for id_ in oracle.ids(node)]
            assert found(crowd, node) == expected, one
            assert count_people(crowd, Wanted(node, "oldest")) == len(expected), one
            assert [row.id.hex() for row in last_people(crowd, Wanted(node, "oldest"), 5)] == expected[-5:], one
            counts[one] = len(expected)
    assert len(oracle.cards) > 30
    assert sum(bool(counts[text]) for text in TERMS) > len(TERMS) * 3 // 4, "most of them find somebody"
    assert {key.name for key in KEYS} == {term.key for text in TERMS if isinstance(term := understood(crowd, text), Term)}


def trees(leaves: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def more(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        some = st.lists(inner, min_size=2, max_size=3)
        return inner.map(negated) | some.map(either_of) | some.map(lambda nodes: All(tuple(nodes)))

    return st.recursive(leaves, more, max_leaves=6)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(trees(st.sampled_from([text for text in TERMS if text not in DIGITS]).map(lambda text: Words((text,)))))
def test_whatever_they_are_made_of(crowd: Look, oracle: Oracle, node: Node) -> None:
    words = words_of(crowd)
    read = understood(crowd, grown(node))
    assert understood(crowd, printed(read)) == read
    assert understood(crowd, words.shown(read)) == read
    assert found(crowd, read) == [id_.replace("-", "") for id_ in oracle.ids(read)], printed(read)


def grown(node: Node) -> str:
    """The filter in which each leaf is the text of a term."""
    match node:
        case Words(items):
            return items[0]
        case Not(one):
            return f"-({grown(one)})"
        case All(nodes):
            return " ".join(f"({grown(one)})" for one in nodes)
        case Either(nodes):
            return " or ".join(f"({grown(one)})" for one in nodes)
    raise AssertionError(node)


@pytest.mark.parametrize("order", ["newest", "oldest", "next", "value", "age", "touched"])
def test_pages_join_in_every_order(crowd: Look, order: str) -> None:
    for text in ("", "owner:none", "stage:lead or is:duplicate", "age>1d"):
        wanted = Wanted(understood(crowd, text), order)
        whole = people(crowd, wanted, 100)
        assert len(whole) > 5
        assert sorted(row.key for row in whole) == sorted(row.key for row in people(crowd, Wanted(wanted.filter), 100))
        for size in (1, 4):
            rows = people(crowd, wanted, size)
            while page := people(crowd, wanted, size, after=rows[-1]):
                rows += page
            assert rows == whole
            back = people(crowd, wanted, size, before=whole[-1])
            while page := people(crowd, wanted, size, before=back[0]):
                back = page + back
            assert back == whole[:-1]
    rows = people(crowd, Wanted(order=order), 100)
    expected = {
        "newest": lambda row: -row.key,
        "oldest": lambda row: row.key,
        "next": lambda row: (row.next_at is None, row.next_at, row.key),
        "value": lambda row: (-row.value, -row.key),
        "age": lambda row: (row.started_at, row.key),
        "touched": lambda row: (row.worked_at or 0, row.key),
    }[order]
    assert rows == sorted(rows, key=expected)


def test_what_the_people_of_a_filter_are_worth(crowd: Look, oracle: Oracle) -> None:
    for text in ("", "deal:open", "owner:none", "dana", "dana -deal:open", "status:closed or is:duplicate", "tag:nobody"):
        node = understood(crowd, text)
        ids = [id_.replace("-", "") for id_ in oracle.ids(node)]
        for order in ("", "oldest"):
            assert sums(crowd, Wanted(node, order)) == (len(ids), sum(oracle.facts[id_]["value"] for id_ in ids)), text
    assert sums(crowd, Wanted(understood(crowd, "deal:open")))[1] > 0  # type: ignore[index]
    assert sums(crowd, Wanted(), cap=10) is None


def test_sums_count_also_whom_the_list_leaves_out(crowd: Look, oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "MOST_FOUND", 2)
    for text in ("dana", "dana -deal:open"):
        wanted = Wanted(understood(crowd, text))
        expected = oracle.ids(wanted.filter)
        assert sums(crowd, wanted) == (len(expected), sum(oracle.facts[one.replace("-", "")]["value"] for one in expected)), text
        assert len(expected) > 2 >= len(people(crowd, wanted))
        assert sums(crowd, wanted, cap=2) is None


def test_everybody_in_pages(crowd: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "PAGE", 7)
    wanted = Wanted(understood(crowd, "dana or owner:none"))
    pages = list(all_people(crowd, wanted))
    assert {len(page) for page in pages[:-1]} == {7}
    assert [id_.hex() for page in pages for id_ in page] == found(crowd, wanted.filter)


def test_hostile_filters_break_nothing(crowd: Look, oracle: Oracle) -> None:
    for text in (
        "%",
        "'; DROP TABLE contact; --",
        "\0x",
        "\ud800a",
        '"',
        "[/red]",
        "x" * 499,
        "{}",
        "tag:\ud800x",
        "company:%",
        "a\u202eb",
    ):
        try:
            node = understood(crowd, text)
        except Refused:
            continue
        assert found(crowd, node) == [id_.replace("-", "") for id_ in oracle.ids(node)], text


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_sqlite_begins_with_an_index(crowd: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    walked = {
        "status:new": "contact_status",
        "stage:lead": "contact_lifecycle",
        "owner:bob": "contact_owner",
        "source:ads": "contact_source",
        "readiness:low": "contact_readiness",
        "desk:nurture": "contact_desk",
    }
    searched = {
        "tag:vip": "tag_contact",
        "missing:phone": "contact_no_phone",
        "missing:email": "contact_no_email",
        "value>100": "contact_value",
        "attempts>2": "contact_attempts",
        "next:overdue": "contact_due",
        "next<3d": "contact_due",
        "age<1h": "contact_started",
        "touched>30d": "contact_worked",
        "is:no_followup": "contact_treated",
        "is:cooling": "contact_treated",
        "is:reactivation": "contact_closed",
        "is:unreachable": "contact_attempts",
        "is:returning": "contact_returned",
        "is:breached": "contact_inbox",
        "deal:quote": "deal_board",
        "deal:won": "deal_closed",
        "campaign:november": "contact_campaign",
        "missing:phone or tag:vip": "tag_contact",
        "is:duplicate owner:none": "SCAN p",
        "dana": "search_parts",
        "company:acme": "search_parts",
    }
    for text, index in (walked | searched).items():
        condition, args = where(crowd, understood(crowd, text))
        sql = f"EXPLAIN QUERY PLAN SELECT c.name FROM contact c WHERE {condition} ORDER BY c.key DESC LIMIT 50"
        plan = [row[3] for row in crowd.db.rows(sql, args)]
        assert any(index in step for step in plan), (text, plan)
        assert not any(step == "SCAN c" for step in plan), (text, plan)
        if text in walked:
            assert not any("B-TREE" in step for step in plan), (text, plan)
    monkeypatch.setattr(conditions, "FEW", 1)
    for text in ("missing:phone", "value>100", "tag:vip or dana", "is:no_followup"):
        condition, args = where(crowd, understood(crowd, text))
        sql = f"EXPLAIN QUERY PLAN SELECT c.name FROM contact c WHERE {condition} ORDER BY c.key DESC LIMIT 50"
        plan = [row[3] for row in crowd.db.rows(sql, args)]
        assert not any("ORDER BY" in step for step in plan), ("of many nothing is sorted", text, plan)


def test_json_of_a_wrong_filter_says_where(crowd: Look) -> None:
    with pytest.raises(Refused) as caught:
        understood(crowd, "owner:noa stage:leed")
    assert json.dumps(caught.value.message)
    assert (caught.value.at, caught.value.length) == (16, 4)  # type: ignore[attr-defined]


def test_a_source_of_the_businesss_own(store: Store) -> None:
    do(store, "set_setting", name="sources.fair", value={"label": "יריד הנדל״ן", "offline": True})
    fair = lead(store, "Fair", "052-345-6781", source="fair")
    lead(store, "Web", "052-345-6782", source="web_form")
    look = Look.at(store)
    for text in ("source:fair", 'source:"יריד הנדלן"', "source:יריד", "missing:readiness"):
        assert [show_id(row.id) for row in people(look, Wanted(understood(look, text)))] == [fair], text
