"""Deals: opening, moving, closing, deleting, and money in several currencies (product.md rules 12-14, 18)."""

from __future__ import annotations

from typing import Any

import pytest
from store_helpers import Clock, board, changes_of, deal, do, lead, local, no_step, refused, show, timeline

from crm_tui.store import Store


def opened(store: Store, contact: str, **fields: Any) -> str:
    return str(do(store, "open_deal", contact=contact, **{"value": 1000, **fields})["record"])


def ils(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "ILS"}


# rule 13, 14: opening


def test_a_deal_opens_in_the_first_stage(store: Store) -> None:
    known = lead(store, company="Acme")
    do(store, "route", contact=known, to="ann")
    answer = do(store, "open_deal", contact=known, value="8,000", expected_close="2026-12-31")
    assert answer["rules"] == ["deal opened"]
    found = show(store, known)
    assert (found["status"], found["lifecycle"]) == ("in_process", "opportunity")
    assert found["deals"] == [{"id": answer["record"], "name": "Acme", "value": ils("8000.00"), "stage": "phone", "owner": "ann"}]
    shown = deal(store, answer["record"])
    assert (shown["pipeline"], shown["role"], shown["expected_close"], local(shown["opened_at"])) == (
        "sales",
        "open",
        "2026-12-31",
        "2026-11-22 10:00",
    )
    assert [(stage["key"], stage["count"], stage["value"]) for stage in board(store)] == [
        ("phone", 1, ils("8000.00")),
        ("meeting", 0, ils("0.00")),
        ("quote", 0, ils("0.00")),
        ("closing", 0, ils("0.00")),
    ]


def test_a_deal_is_named_after_company_or_contact_and_belongs_to_who_opens_it(store: Store, ann: Store) -> None:
    known = lead(store)
    assert deal(store, opened(ann, known))["name"] == "Dana Levi"
    assert deal(store, opened(ann, known))["owner"] == "ann"
    named = deal(store, opened(ann, known, name="Roof", owner="bob", stage="quote"))
    assert (named["name"], named["owner"], named["stage"]) == ("Roof", "bob", "quote")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": -1}, "value"),
        ({"value": "a lot"}, "value"),
        ({"value": "1e999"}, "value"),
        ({"value": 10**20}, "value"),
        ({"value": 1.005}, "value"),
        ({"value": {"amount": "5", "currency": "XXX"}}, "value"),
        ({"value": "₪5", "currency": "USD"}, "currency"),
        ({"value": 5, "currency": "GIL"}, "currency"),
        ({"value": 5, "currency": "CHF"}, "rate"),
        ({"value": 5, "currency": "CHF", "rate": 0}, "rate"),
        ({"value": 5, "currency": "CHF", "rate": "nan"}, "rate"),
        ({"pipeline": "other"}, "pipeline"),
        ({"stage": "won"}, "stage"),
        ({"stage": "nowhere"}, "stage"),
        ({"owner": "zoe"}, "owner"),
        ({"expected_close": "someday"}, "expected_close"),
        ({"probability": 5}, "probability"),
    ],
)
def test_a_wrong_deal_is_refused_by_its_field(store: Store, fields: dict[str, Any], field: str) -> None:
    assert refused(store, "open_deal", contact=lead(store), **fields).field == field


# rule 14: moving


def test_moved_and_won(store: Store, clock: Clock) -> None:
    known = lead(store)
    offer = opened(store, known)
    clock.add(days=1)
    assert do(store, "move_deal", deal=offer, stage="closing")["rules"] in ([], ["deal moved"])
    assert deal(store, offer)["stage"] == "closing"
    answer = do(store, "move_deal", deal=offer, stage="won")
    assert answer["rules"] == ["deal won"]
    found = show(store, known)
    assert (found["status"], found["lifecycle"]) == ("customer", "customer")
    assert local(deal(store, offer)["closed_at"]) == "2026-11-23 10:00"
    assert sum(stage["count"] for stage in board(store)) == 0
    assert changes_of(store, known, "status") == [("new", "in_process", "deal opened"), ("in_process", "customer", "deal won")]
    assert changes_of(store, known, "lifecycle") == [("lead", "opportunity", "deal opened"), ("opportunity", "customer", "deal won")]


def test_lost_with_a_reason_offers_to_close_with_the_same(store: Store) -> None:
    known = lead(store)
    offer = opened(store, known)
    assert refused(store, "move_deal", deal=offer, stage="lost").field == "reason"
    assert refused(store, "move_deal", deal=offer, stage="won", reason="price").field == "reason"
    assert refused(store, "move_deal", deal=offer, stage="lost", reason="bored").field == "reason"
    answer = do(store, "move_deal", deal=offer, stage="lost", reason="competitor", text="Zenith was faster")
    found = show(store, known)
    assert (found["lifecycle"], found["status"]) == ("other", "in_process"), "offered, not done"
    assert "deal lost" in answer["rules"]
    assert [{key: one[key] for key in ("command", "contact", "status", "reason")} for one in answer["suggest"]] == [
        {"command": "set_status", "contact": known, "status": "closed", "reason": "competitor"}
    ]
    shown = deal(store, offer)
    assert (shown["reason"], shown["reason_text"], shown["role"]) == ("competitor", "Zenith was faster", "lost")
    no_step(store, "move_deal", deal=offer, stage="lost", reason="competitor", text="Zenith was faster")
    do(store, "move_deal", deal=offer, stage="lost", reason="price")
    assert deal(store, offer)["reason"] == "price"


@pytest.mark.parametrize("other", ["open", "won"])
def test_with_another_deal_open_or_won_nothing_is_offered(store: Store, other: str) -> None:
    known = lead(store)
    second = opened(store, known)
    if other == "won":
        do(store, "move_deal", deal=second, stage="won")
    answer = do(store, "move_deal", deal=opened(store, known), stage="lost", reason="price")
    assert answer["suggest"] == []
    assert show(store, known)["lifecycle"] == {"open": "opportunity", "won": "customer"}[other], (
        "a lost upsell never makes a customer other"
    )


def test_a_win_that_was_left_leaves_no_trace_in_stage_and_status(store: Store) -> None:
    known = lead(store)
    offer = opened(store, known)
    do(store, "move_deal", deal=offer, stage="won")
    do(store, "move_deal", deal=offer, stage="quote")
    found = show(store, known)
    assert (found["status"], found["lifecycle"]) == ("in_process", "opportunity")
    assert changes_of(store, known, "status") == [("new", "in_process", "deal opened")]
    stages = [(data["old"], data["new"]) for kind, _, data in timeline(store, known) if kind == "deal_stage"]
    assert stages == [("phone", "won"), ("won", "quote")], "the moves themselves stay in the timeline"
    assert deal(store, offer)["closed_at"] is None


def test_deleting_the_best_deal_gives_what_then_follows(store: Store) -> None:
    known = lead(store)
    won, lost = opened(store, known, name="won"), opened(store, known, name="lost")
    do(store, "move_deal", deal=won, stage="won")
    do(store, "move_deal", deal=lost, stage="lost", reason="price")
    do(store, "delete_deal", deal=won)
    found = show(store, known)
    assert (found["status"], found["lifecycle"]) == ("in_process", "other")
    do(store, "delete_deal", deal=lost)
    found = show(store, known)
    assert (found["status"], found["lifecycle"], found["deals"]) == ("new", "lead", [])
    assert refused(store, "move_deal", deal=lost, stage="won").kind == "not_found"
    do(store, "undo")
    do(store, "undo")
    assert show(store, known)["status"] == "customer"


def test_an_evangelist_stays_one_through_deals(store: Store) -> None:
    known = lead(store)
    do(store, "set_lifecycle", contact=known, stage="evangelist")
    offer = opened(store, known)
    do(store, "move_deal", deal=offer, stage="lost", reason="price")
    assert show(store, known)["lifecycle"] == "evangelist"


def test_moving_to_where_it_is_changes_nothing(store: Store) -> None:
    offer = opened(store, lead(store))
    no_step(store, "move_deal", deal=offer, stage="phone")
    assert refused(store, "move_deal", deal=offer, stage="nowhere").field == "stage"
    assert refused(store, "move_deal", deal="0" * 32, stage="won").field == "deal"


# editing


def test_edit_deal_sets_what_was_given(store: Store) -> None:
    offer = opened(store, lead(store))
    do(store, "edit_deal", deal=offer, name="Roof", value="₪1,234.50", expected_close="2026-12-24", owner="bob")
    shown = deal(store, offer)
    assert (shown["name"], shown["value"], shown["expected_close"], shown["owner"]) == ("Roof", ils("1234.50"), "2026-12-24", "bob")
    no_step(store, "edit_deal", deal=offer, name="Roof", value=1234.5, expected_close="2026-12-24", owner="Bob")
    no_step(store, "edit_deal", deal=offer)
    do(store, "edit_deal", deal=offer, expected_close="")
    assert deal(store, offer)["expected_close"] is None
    for fields, field in (({"name": ""}, "name"), ({"value": "x"}, "value"), ({"owner": "zoe"}, "owner"), ({"stage": "won"}, "stage")):
        assert refused(store, "edit_deal", deal=offer, **fields).field == field


# rule 18: currencies


def test_a_deal_in_another_currency_carries_its_rate(store: Store) -> None:
    known = lead(store)
    offer = opened(store, known, value={"amount": "100.00", "currency": "USD"})
    shown = deal(store, offer)
    assert (shown["value"], shown["worth"]) == ({"amount": "100.00", "currency": "USD"}, ils("360.00"))
    do(store, "set_setting", name="rates.USD", value="4")
    assert deal(store, offer)["worth"] == ils("360.00"), "the rate is from when it was entered"
    do(store, "edit_deal", deal=offer, value="200 USD")
    assert deal(store, offer)["worth"] == ils("720.00")
    assert deal(store, opened(store, known, value="$100"))["worth"] == ils("400.00")
    assert board(store)[0]["value"] == ils("1120.00"), "sums use the converted amount"


def test_a_rate_of_ones_own(store: Store) -> None:
    known = lead(store)
    offer = opened(store, known, value=10, currency="CHF", rate="4.125")
    assert deal(store, offer)["worth"] == ils("41.25")
    assert deal(store, opened(store, known, value="1000", currency="JPY", rate="0.024"))["worth"] == ils("24.00")
    assert deal(store, opened(store, known, value="1000 ILS", rate="3"))["worth"] == ils("1000.00")


def test_a_new_currency_takes_its_own_rate(store: Store) -> None:
    offer = opened(store, lead(store), value="100 USD")
    do(store, "edit_deal", deal=offer, currency="EUR")
    shown = deal(store, offer)
    assert (shown["value"], shown["worth"]) == ({"amount": "100.00", "currency": "EUR"}, ils("400.00"))


@pytest.mark.parametrize(
    ("value", "amount"),
    [(8000, "8000.00"), (8000.5, "8000.50"), ("8000.00", "8000.00"), ("8k", "8000.00"), ({"amount": 5}, "5.00"), (0, "0.00")],
)
def test_money_is_given_as_number_text_or_object(store: Store, value: Any, amount: str) -> None:
    assert deal(store, opened(store, lead(store), value=value))["value"] == ils(amount)


def test_my_money_survives_a_change_of_the_business_currency(store: Store) -> None:
    known = lead(store)
    offer = opened(store, known, value=100)
    do(store, "set_setting", name="currency", value="EUR")
    assert deal(store, offer)["value"] == ils("100.00")


def test_a_value_in_another_currency_changes_the_deals_currency(store: Store) -> None:
    offer = opened(store, lead(store), value="100 USD")
    for value, worth in (({"amount": 7, "currency": "EUR"}, "28.00"), ("8 ILS", "8.00"), ("$10", "36.00"), (20, "72.00")):
        do(store, "edit_deal", deal=offer, value=value)
        assert deal(store, offer)["worth"] == ils(worth), value
    assert refused(store, "edit_deal", deal=offer, value="5 EUR", currency="USD").field == "currency"
    do(store, "edit_deal", deal=offer, rate="3")
    assert deal(store, offer)["worth"] == ils("60.00")
