"""Price quotes in the store (product.md rules 8, 9): numbers, tasks, answers, and what a laptop sees of another's."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from laptops import Office
from store_helpers import Clock, changes_of, do, lead, local, no_step, receive, refused, show, tasks, timeline
from store_helpers import deal as deal_of

from crm_tui.ids import parse_id
from crm_tui.reads.conflicts import conflicts_json
from crm_tui.reads.export import export_records
from crm_tui.reads.look import Look
from crm_tui.reads.quote_page import page
from crm_tui.reads.quotes import quote, quote_json, quote_short, quotes_of
from crm_tui.reads.timeline import stretch, timeline_json
from crm_tui.rules.quotes import NUMBER
from crm_tui.store import Store

ROWS = ["2 x Installation 1,200 -10%", "התקנה 350", "-5%"]


def sent(store: Store, contact: str, **fields: Any) -> str:
    return str(do(store, "send_quote", contact=contact, **({"lines": ROWS} | fields))["record"])


def read(store: Store, ref: str) -> dict[str, Any]:
    found = quote(Look.at(store), ref)
    assert found is not None
    return quote_json(Look.at(store), found)


def test_a_quote_is_reckoned_numbered_and_followed_up(store: Store) -> None:
    known = lead(store)
    answer = do(store, "send_quote", contact=known, lines=ROWS, note="as talked")
    assert answer["rules"] == ["follow-up", "quote sent"]
    found = read(store, answer["record"])
    assert NUMBER.fullmatch(found["number"])
    assert answer["notes"] == [found["number"]]
    amounts = {name: found[name]["amount"] for name in ("subtotal", "net", "vat", "total")}
    assert amounts == {"subtotal": "2510.00", "net": "2384.50", "vat": "429.21", "total": "2813.71"}
    assert [(one["description"], one["quantity"], one["discount"]) for one in found["lines"]] == [
        ("Installation", "2", "-10%"),
        ("התקנה", "1", None),
    ]
    assert (found["valid_until"], found["state"], found["vat_percent"], found["discount"]) == ("2026-12-06", "open", "18", "-5%")
    assert changes_of(store, known, "status") == [("new", "in_process", "quote sent")]
    assert [(one["kind"], one["due"], one["rule"]) for one in tasks(store, known)] == [("call", "2026-11-24 08:00", "follow-up")]
    assert found["number"] in timeline_json(Look.at(store), parse_id(known) or b"")[-2]["summary"]


@pytest.mark.parametrize(
    ("fields", "total", "currency"),
    [
        ({"amount": 100}, "118.00", "ILS"),
        ({"amount": "100 USD"}, "118.00", "USD"),
        ({"amount": 100, "discount": "10%", "vat": 0}, "90.00", "ILS"),
        ({"lines": ["A $100", "B 5"]}, "123.90", "USD"),
        ({"lines": ["A 100"], "currency": "EUR"}, "118.00", "EUR"),
        ({"lines": [{"description": "A", "quantity": 1.5, "unit_price": "7.50", "discount": "0.25"}, "B 1"]}, "14.16", "ILS"),
        ({"lines": ["A 100"], "at": "2024-12-31"}, "117.00", "ILS"),
        ({"lines": ["A 100"], "at": "2025-01-01"}, "118.00", "ILS"),
        ({"lines": ["A 100"], "at": "2000-01-01"}, "117.00", "ILS"),
    ],
)
def test_what_may_be_given(store: Store, fields: dict[str, Any], total: str, currency: str) -> None:
    known = lead(store)
    found = read(store, do(store, "send_quote", contact=known, **fields)["record"])
    assert found["total"] == {"amount": total, "currency": currency}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "lines"),
        ({"lines": []}, "lines"),
        ({"lines": ["A 1"], "amount": 1}, "lines"),
        ({"lines": ["A free"]}, "lines"),
        ({"lines": [{"description": "A"}]}, "lines"),
        ({"lines": [{"description": "A", "unit_price": 1, "quantity": "many"}]}, "lines"),
        ({"lines": [{"description": "A", "unit_price": 1, "quantity": 1e-7}]}, "lines"),
        ({"lines": [{"description": "A", "unit_price": -1}]}, "lines"),
        ({"lines": [{"description": "A", "unit_price": 1}, "B $1"]}, "lines"),
        ({"lines": [{"description": "A", "unit_price": 1}, "-5%"]}, "lines"),
        ({"lines": ["A 1", "-2"]}, "lines"),
        ({"lines": ["1000000 x A 90000000000000"]}, "lines"),
        ({"lines": ["A 1"] * 102}, "lines"),
        ({"lines": ["A 1", "-5%"], "discount": "5%"}, "discount"),
        ({"lines": ["A 1"], "discount": "much"}, "discount"),
        ({"lines": ["A 1"], "vat": "17,5"}, "vat"),
        ({"lines": ["A 1"], "vat": "101"}, "vat"),
        ({"lines": ["A 1"], "valid_until": "2026-11-21"}, "valid_until"),
        ({"lines": ["A $1"], "currency": "ILS"}, "lines"),
        ({"amount": -1}, "amount"),
        ({"amount": "1 USD", "currency": "ILS"}, "currency"),
        ({"lines": ["A 1"], "currency": "shekel"}, "currency"),
        ({"lines": ["A 1"], "at": "2026-11-23"}, "at"),
    ],
)
def test_what_cannot_be_is_refused(store: Store, fields: dict[str, Any], field: str) -> None:
    assert refused(store, "send_quote", contact=lead(store), **fields).field == field


@pytest.mark.parametrize("row", [{"description": "A"}, {"description": "A", "unit_price": 1, "prize": 2}, {1: 2}])
def test_what_a_line_has_is_said(store: Store, row: dict[Any, Any]) -> None:
    assert "description, quantity, unit_price, discount" in refused(store, "send_quote", contact=lead(store), lines=[row]).message


def test_lines_may_come_as_one_text(store: Store) -> None:
    assert read(store, sent(store, lead(store), lines="\n".join(ROWS)))["total"]["amount"] == "2813.71"


def test_a_quote_needs_a_contact_or_a_deal_of_theirs(store: Store) -> None:
    known, other = lead(store), lead(store, "Yossi Cohen", "03-612-3456")
    deal = do(store, "open_deal", contact=known, name="Roof", value=5000)["record"]
    assert refused(store, "send_quote", amount=1).field == "contact"
    assert refused(store, "send_quote", contact=other, deal=deal, amount=1).field == "deal"
    answer = do(store, "send_quote", deal=deal, amount=1)
    assert [(one["command"], one["deal"], one["stage"]) for one in answer["suggest"]] == [("move_deal", deal, "quote")]
    found = read(store, answer["record"])
    assert (found["contact"], found["deal"], found["deal_name"], found["lines"][0]["description"]) == (known, deal, "Roof", "Roof")
    do(store, "move_deal", deal=deal, stage="closing")
    assert do(store, "send_quote", deal=deal, amount=1)["suggest"] == []


def test_numbers_go_up_and_none_is_given_twice(store: Store, ann: Store, clock: Clock) -> None:
    known = lead(store)
    first = read(store, sent(store, known))["number"]
    step = do(store, "send_quote", contact=known, amount=1)
    second = read(store, step["record"])["number"]
    assert (first[-2:], second[-2:]) == ("-1", "-2")
    do(store, "undo", id=step["id"])
    assert read(store, sent(store, known))["number"] == second[:-1] + "3", "one that was taken back keeps its number"
    theirs = read(ann, sent(ann, known))["number"]
    assert theirs.endswith("-1")
    assert theirs[:-1] != first[:-1], "another person writes as another origin"
    clock.set("2027-01-01T00:30")
    assert read(store, sent(store, known))["number"] == first.replace("2026", "2027")
    clock.set("2026-12-31T23:30")
    assert read(store, sent(store, known))["number"] == second[:-1] + "4", "a clock that ran back gives none twice"


def test_a_quote_is_named_by_its_number_too(store: Store) -> None:
    record = sent(store, lead(store))
    number = read(store, record)["number"]
    assert read(store, number.lower())["id"] == record
    do(store, "answer_quote", quote=f" {number} ", answer="accepted")
    assert read(store, number)["state"] == "accepted"
    for ref in (number[:-1] + "9", "2026-AAAAAA-1", "x", "", record[:-1], show(store, read(store, number)["contact"])["id"]):
        with pytest.raises(Exception, match=r"There is no quote"):
            quote(Look.at(store), ref)


def test_what_was_promised_is_done_and_another_next_action_is_kept(store: Store) -> None:
    known = lead(store)
    do(store, "add_task", contact=known, kind="quote", due="2026-11-23")
    do(store, "log_call", contact=known, outcome="no_answer")
    sent(store, known)
    assert [(one["kind"], one["rule"]) for one in tasks(store, known)] == [("call", "follow-up")]
    do(store, "add_task", contact=known, kind="meeting", due="2026-11-29")
    sent(store, known)
    assert [one["kind"] for one in tasks(store, known)] == ["meeting"], "something else is next: no follow-up"
    sent(store, known, next_at="2026-11-30 10:00", next_action="demo")
    assert [(one["kind"], one["due"]) for one in tasks(store, known)] == [("meeting", "2026-11-29 08:00"), ("demo", "2026-11-30 10:00")]


def test_validity_is_a_number_of_the_process_and_runs_out(store: Store, clock: Clock) -> None:
    do(store, "set_setting", name="limits.quote_days", value=3)
    record = sent(store, lead(store))
    assert read(store, record)["valid_until"] == "2026-11-25"
    clock.set("2026-11-25T23:59")
    assert read(store, record)["state"] == "open"
    clock.set("2026-11-26T00:00")
    assert read(store, record)["state"] == "expired"
    do(store, "answer_quote", quote=record, answer="accepted")
    assert read(store, record)["state"] == "accepted", "what is agreed stays agreed"


def test_vat_is_a_table_of_the_process(store: Store) -> None:
    known = lead(store)
    table = [{"since": "2027-01-01", "percent": 19}, {"since": "2020-01-01", "percent": "17.5"}]
    do(store, "set_setting", name="vat", value=table)
    assert read(store, sent(store, known))["vat_percent"] == "17.5"
    for wrong in ([], [{"since": "soon", "percent": 1}], [{"since": "2020-01-01", "percent": 101}], [table[0], table[0]], "18"):
        assert refused(store, "set_setting", name="vat", value=wrong).field.startswith("vat")


def test_answers_stand_with_the_quote_and_are_undone(store: Store, clock: Clock) -> None:
    known = lead(store)
    deal = do(store, "open_deal", contact=known, value=5000)["record"]
    record = sent(store, known, deal=deal)
    clock.add(days=2)
    step = do(store, "answer_quote", quote=record, answer="declined", reason="price", text="too dear")
    assert [(one["stage"], one["reason"]) for one in step["suggest"]] == [("lost", "price")]
    found = read(store, record)
    assert (found["state"], found["reason"], found["text"], local(found["answered_at"])) == (
        *("declined", "price", "too dear"),
        "2026-11-24 10:00",
    )
    no_step(store, "answer_quote", quote=record, answer="declined", reason="price", text="too dear")
    assert refused(store, "answer_quote", quote=record, answer="accepted", reason="price").field == "reason"
    later = do(store, "answer_quote", quote=record, answer="accepted")
    assert [one["stage"] for one in later["suggest"]] == ["won"]
    assert [data["answer"] for kind, _rule, data in timeline(store, known) if kind == "quote_answer"] == ["declined", "accepted"]
    do(store, "undo")
    assert read(store, record)["state"] == "declined"
    do(store, "undo")
    assert read(store, record)["state"] == "open"
    assert [kind for kind, *_ in timeline(store, known) if kind == "quote_answer"] == []
    do(store, "redo")
    assert read(store, record)["state"] == "declined"


def test_a_correction_and_an_answer_leave_each_other_alone(store: Store) -> None:
    known = lead(store)
    record = sent(store, known, note="one")
    do(store, "answer_quote", quote=record, answer="accepted")
    step = do(store, "correct_interaction", interaction=record, note="two")
    found = read(store, record)
    assert (found["note"], found["state"], found["total"]["amount"]) == ("two", "accepted", "2813.71")
    do(store, "undo", id=step["id"])
    found = read(store, record)
    assert (found["note"], found["state"]) == ("one", "accepted")
    do(store, "remove_interaction", interaction=record)
    assert quotes_of(Look.at(store), parse_id(known) or b"") == []
    assert refused(store, "answer_quote", quote=record, answer="accepted").field == "quote"
    assert show(store, known)["status"] == "new", "what followed from it falls away"


def test_a_quote_that_was_answered_since_is_kept_by_an_undo(store: Store) -> None:
    known = lead(store)
    step = do(store, "send_quote", contact=known, lines=ROWS)
    do(store, "answer_quote", quote=step["record"], answer="accepted")
    kept = do(store, "undo", id=step["id"])["kept"]
    assert [one["record"] for one in kept] == [step["record"]]
    assert [one["state"] for one in show(store, known)["quotes"]] == ["accepted"]
    assert tasks(store, known) == [], "what followed from it is taken back"


def test_the_timeline_on_the_screen_has_the_lines(store: Store) -> None:
    known = lead(store)
    sent(store, known, note="as talked")
    lines = stretch(Look.at(store), parse_id(known) or b"", "newest").lines
    (told,) = [one for one in lines if one.row.kind == "quote"]
    assert told.text == "2 × Installation ₪1,200 -10%\nהתקנה ₪350\n-5%\nas talked"
    assert "as talked" not in told.says


def test_only_a_quote_is_answered(store: Store) -> None:
    note = do(store, "log_note", contact=lead(store), note="x")["record"]
    assert refused(store, "answer_quote", quote=note, answer="accepted").field == "quote"


def test_the_quotes_of_a_deal(store: Store) -> None:
    known = lead(store)
    deal = do(store, "open_deal", contact=known, value=5000)["record"]
    one, two = sent(store, known, deal=deal), sent(store, known)
    look, contact = Look.at(store), parse_id(known) or b""
    assert [one["id"] for one in show(store, known)["quotes"]] == [two, one], "the newest first"
    assert [one["id"] for one in deal_of(store, deal)["quotes"]] == [one]
    assert next(export_records(look, "contacts"))["quotes"] == show(store, known)["quotes"]
    assert {quote_short(look, row)["id"] for row in quotes_of(look, contact)} == {one, two}
    assert [quote_short(look, row)["id"] for row in quotes_of(look, contact, parse_id(deal))] == [one]


def test_two_laptops_give_other_numbers_and_the_later_answer_counts(office: Office) -> None:
    one = office("ann")
    record = one.do("send_quote", contact=one.lead("Dana Levi", "052-345-6789"), lines=ROWS)["record"]
    known = read(one.store, record)["contact"]
    office.meet()
    two = office("bob")
    mine, theirs = one.do("send_quote", contact=known, amount=1), two.do("send_quote", contact=known, amount=1)
    assert mine["notes"] != theirs["notes"]
    one.do("answer_quote", quote=record, answer="accepted")
    two.clock.add(minutes=5)
    two.do("answer_quote", quote=record, answer="declined", reason="price")
    one.do("correct_interaction", interaction=record, note="as talked")
    assert [(who, register) for who, register, _value in office.same()] == [("ann", "answer")]
    for laptop in (one, two):
        assert (read(laptop.store, record)["state"], read(laptop.store, record)["note"]) == ("declined", "as talked")
        assert read(laptop.store, mine["notes"][0])["id"] == mine["record"]
    lost = conflicts_json(Look.at(one.store))
    assert ["accepted" in one["summary"] for one in lost] == [True], "the answer that lost is shown"
    one.do("restore_edit", edit=lost[0]["id"])
    assert office.same() == []
    assert read(two.store, record)["state"] == "accepted"


class Nested(HTMLParser):
    """Every element that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_page_to_print(store: Store) -> None:
    from crm_tui.i18n import use_language

    do(store, "set_setting", name="name", value="A & B <ltd>")
    known = lead(store, 'דנה "לוי" <script>alert(1)</script>', company="{{ 7 * 7 }}")
    row = quote(Look.at(store), sent(store, known, lines=["<b>Roof</b> {{ 7 * 7 }} 1,200 -10%"], note="<i>\nשלום"))
    assert row is not None
    try:
        for language, direction in (("en", "ltr"), ("he", "rtl")):
            use_language(language)
            html = page(Look.at(store), row)
            assert f'<html lang="{language}" dir="{direction}">' in html
            nested = Nested()
            nested.feed(html)
            assert nested.open == []
            for wild in ("<script", "<i>", "<b>Roof", "http", "src=", "49"):
                assert wild not in html, wild
            for kept in ("&lt;script&gt;", "{{ 7 * 7 }}", "A &amp; B &lt;ltd&gt;", row.quote.number, '<bdi dir="ltr">₪1,274.40</bdi>'):
                assert kept in html, kept
    finally:
        use_language("en")


def test_what_another_program_wrote_as_a_quote_is_shown_as_one(store: Store, new_url: Any, clock: Clock) -> None:
    known = lead(store)
    record = sent(store, known)
    with Store(new_url(), "ann", clock, durable=False) as other:
        receive(other, store)
        with other.db.write():
            other.db.run("UPDATE entry SET data = ? WHERE id = ?", ('{"lines":[{"price":"x"}],"answer":7}', parse_id(record)))
        look = Look.at(other)
        assert quote(look, record) is None
        assert quotes_of(look, parse_id(known) or b"") == []
        assert "quote sent" in [one["summary"] for one in timeline_json(look, parse_id(known) or b"")]
