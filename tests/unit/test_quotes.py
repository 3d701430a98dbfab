"""Price quotes: typed lines, sums in minor units, numbers."""

from __future__ import annotations

import json
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.errors import Refused
from crm_tui.rules.quotes import NUMBER, Quote, from_data, half_up, next_number, sums, tag_of
from crm_tui.text.quoteline import NONE_OFF, Discount, QuoteLine, parse_quote

TEN = Discount(percent=1000)


def line(text, quantity=1, price=0, discount=NONE_OFF):
    return QuoteLine(text, int(Fraction(str(quantity)) * 1000), price, discount)


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("2 x Installation 1,200 -10%", line("Installation", 2, 120_000, TEN)),
        ("2x Installation 1200 10%", line("Installation", 2, 120_000, TEN)),
        ("1.5 × consulting, on site 400", line("consulting, on site", 1.5, 40_000)),
        ("2 x התקנה 1,200 10%-", line("התקנה", 2, 120_000, TEN)),
        ("Licence 2026 ₪99.90", line("Licence 2026", 1, 9_990)),
        ("Licence 8k ₪", line("Licence", 1, 800_000)),
        ("3 * שעות ייעוץ ₪ 350 -100", line("שעות ייעוץ", 3, 35_000, Discount(amount=10_000))),
        ("8000", line("", 1, 800_000)),
        ("12.5 x cable 3 −2.75%", line("cable", 12.5, 300, Discount(percent=275))),
        ("extra large box 10", line("extra large box", 1, 1_000)),
        ("iPhone X 3,000", line("iPhone X", 1, 300_000)),
        ("2 x iPhone X 3,000", line("iPhone X", 2, 300_000)),
        ("2 x pen 30", line("pen", 2, 3_000)),
        ("Top for ALL 30", line("Top for ALL", 1, 3_000)),
        ("Licence ILS 30", line("Licence", 1, 3_000)),
        ('Licence 30 ש"ח', line("Licence", 1, 3_000)),
    ],
)
def test_a_typed_row(row, wanted):
    assert parse_quote([row], "ILS") == ([wanted], NONE_OFF, "ILS")


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("Installation", "Installation"),
        ("2 x Installation free", "free"),
        ("2o x Installation 1,200", "2o"),
        ("0 x Installation 1,200", "0"),
        ("9999999 x Installation 1,200", "9999999"),
        ("1.2345 x Installation 1,200", "1.2345"),
        ("2 x Installation 1,200 -10%%", "-10%%"),
        ("2 x Installation 1,200 -101%", "-101%"),
        ("2 x Installation 1,200 -ten", "-ten"),
        ("2 x Installation 12.345", "12.345"),
        ("2 x Installation 1,200 -$5", "-$5"),
        ("A" * 301 + " 5", "A" * 20),
    ],
)
def test_a_wrong_word_is_named(row, word):
    with pytest.raises(Refused) as refused:
        parse_quote(["Box 5", "", row], "ILS")
    assert (refused.value.field, refused.value.details["row"]) == ("lines", 3)
    assert refused.value.details["word"].startswith(word[:20])
    assert word[:20] in refused.value.message


def test_a_row_with_a_quantity_alone_lacks_its_price():
    with pytest.raises(Refused, match="Row 1"):
        parse_quote(["2 x"], "ILS")


def test_a_discount_on_the_whole_has_a_row_of_its_own():
    assert parse_quote(["A 100", "-5%"], "ILS") == ([line("A", 1, 10_000)], Discount(percent=500), "ILS")
    assert parse_quote(["-20", "A 100"], "ILS")[1] == Discount(amount=2_000)
    with pytest.raises(Refused, match="-6%"):
        parse_quote(["A 100", "-5%", "-6%"], "ILS")
    with pytest.raises(Refused):
        parse_quote(["-5%"], "ILS")


def test_the_first_price_says_the_currency_of_all():
    assert parse_quote(["A $100", "B 5"], "ILS") == ([line("A", 1, 10_000), line("B", 1, 500)], NONE_OFF, "USD")
    with pytest.raises(Refused, match="USD"):
        parse_quote(["A $100", "B ₪5"], "ILS")
    with pytest.raises(Refused, match="ILS"):
        parse_quote(["A $100"], "ILS", fixed=True)


@given(st.lists(st.text(max_size=60), max_size=4))
def test_whatever_is_typed_is_read_or_refused(rows):
    with suppress(Refused):
        lines, discount, currency = parse_quote(rows, "ILS")
        assert sums(lines, discount, 1800, currency).total >= 0


def test_an_example_reckoned_by_hand():
    found = sums([line("A", 2, 120_000, TEN), line("B", 1.5, 333)], Discount(amount=100), 1800, "ILS")
    assert found.lines == (216_000, 500)
    assert found[1:] == (216_500, 100, 216_400, 38_952, 255_352)


@pytest.mark.parametrize(("number", "by", "wanted"), [(0, 10, 0), (4, 10, 0), (5, 10, 1), (15, 10, 2), (25, 10, 3), (14, 10, 1)])
def test_halves_go_up(number, by, wanted):
    assert half_up(number, by) == wanted


def test_no_more_is_taken_off_than_there_is():
    with pytest.raises(Refused, match="more than"):
        sums([line("A", 1, 100, Discount(amount=101))], NONE_OFF, 1800, "ILS")
    with pytest.raises(Refused, match="more than"):
        sums([line("A", 1, 100)], Discount(amount=101), 1800, "ILS")


DISCOUNTS = st.one_of(st.just(NONE_OFF), st.builds(Discount, st.integers(0, 10_000), st.just(0)))
LINES = st.lists(st.builds(QuoteLine, st.text(max_size=5), st.integers(1, 10**7), st.integers(0, 10**9), DISCOUNTS), min_size=1, max_size=8)
VATS = st.integers(0, 10_000)


@given(LINES, DISCOUNTS, VATS)
def test_the_total_is_the_lines_less_the_discounts_with_vat(lines, discount, vat):
    found = sums(lines, discount, vat, "ILS")
    assert all(type(amount) is int and amount >= 0 for amount in (*found.lines, *found[1:]))
    assert found.subtotal == sum(found.lines)
    assert found.net == found.subtotal - found.discount
    assert found.total == found.net + found.vat
    for one, amount in zip(lines, found.lines, strict=True):
        exact = Fraction(one.quantity, 1000) * one.price * (1 - Fraction(one.discount.percent, 10_000))
        assert abs(amount - exact) <= 1, "a line is rounded twice, by half a unit each"
    assert abs(found.vat - Fraction(found.net * vat, 10_000)) <= Fraction(1, 2)
    assert abs(found.discount - Fraction(found.subtotal * discount.percent, 10_000)) <= Fraction(1, 2)


@given(LINES, DISCOUNTS, VATS, st.one_of(st.none(), st.binary(min_size=16, max_size=16)))
def test_a_quote_comes_back_from_the_log_as_it_was(lines, discount, vat, deal):
    quote = Quote("2026-ABCDEF-1", "ILS", tuple(lines), discount, vat, "2026-12-06", deal)
    assert from_data(json.loads(json.dumps(quote.as_data()))) == quote


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["lines", "price", "quantity", "percent", "text"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["number", "currency", "lines", "discount", "vat", "until", "deal"]), JSON))
def test_what_is_no_quote_is_none(data):
    found = from_data(data)
    assert found is None or found.sums.total >= 0


def test_numbers_go_up_by_year_and_origin():
    tag = tag_of(b"a" * 16)
    assert NUMBER.fullmatch(next_number(tag, 2026, []))
    assert next_number(tag, 2026, [f"2026-{tag}-9", f"2026-{tag}-10", f"2025-{tag}-77", "2026-XXXXXX-99", "", "x"]) == f"2026-{tag}-11"
    assert tag_of(b"b" * 16) != tag


@given(st.binary(min_size=16, max_size=16), st.integers(1970, 2200))
def test_every_number_can_be_counted_on(origin, year):
    first = next_number(tag_of(origin), year, [])
    assert next_number(tag_of(origin), year, [first]) == first[:-1] + "2"
