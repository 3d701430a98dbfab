from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.errors import Refused
from crm_tui.text.money import (
    CURRENCIES,
    MOST_MINOR,
    Money,
    as_json,
    check_currency,
    convert,
    minor_digits,
    parse_amount,
    show,
    to_decimal,
)

NASTY = Path(__file__).parents[3] / "shared" / "data" / "nasty.json"
amounts = st.builds(Money, st.integers(-MOST_MINOR, MOST_MINOR), st.sampled_from(sorted(CURRENCIES)))


@pytest.mark.parametrize(
    ("value", "minor", "currency"),
    [
        (8000, 800_000, "ILS"),
        (0, 0, "ILS"),
        (-5, -500, "ILS"),
        (8000.5, 800_050, "ILS"),
        (0.1, 10, "ILS"),
        (1e12, 100_000_000_000_000, "ILS"),
        (-0.0, 0, "ILS"),
        (Decimal("12.30"), 1230, "ILS"),
        (Decimal("1E+3"), 100_000, "ILS"),
        (Decimal("0E+999999"), 0, "ILS"),
        ("8000", 800_000, "ILS"),
        ("8000.000", 800_000, "ILS"),
        ("1234.5", 123_450, "ILS"),
        (".5", 50, "ILS"),
        ("5.", 500, "ILS"),
        ("+7", 700, "ILS"),
        ("₪1,234.50", 123_450, "ILS"),
        ("1,234.50 ₪", 123_450, "ILS"),
        ("-1,234.50 ILS", -123_450, "ILS"),
        ("\u200e-\u20aa1,234.50", -123_450, "ILS"),
        ("₪ -5", -500, "ILS"),
        ("\u22125", -500, "ILS"),
        ("1,234.50 ש״ח", 123_450, "ILS"),
        ('5 ש"ח', 500, "ILS"),
        ("5 NIS", 500, "ILS"),
        ("$22,700.00", 2_270_000, "USD"),
        ("US$5", 500, "USD"),
        ("$5 USD", 500, "USD"),
        ("£1000", 100_000, "GBP"),
        ("€1\xa0", 100, "EUR"),
        ("8k", 800_000, "ILS"),
        ("250K", 25_000_000, "ILS"),
        ("1.5m", 150_000_000, "ILS"),
        ("1.2345k", 123_450, "ILS"),
        ("8k ILS", 800_000, "ILS"),
        ("8KWD", 8_000, "KWD"),
        ("1.234 kwd", 1_234, "KWD"),
        ("100.00 JPY", 100, "JPY"),
        ({"amount": "8000.00", "currency": "ILS"}, 800_000, "ILS"),
        ({"amount": 12.5, "currency": "usd"}, 1250, "USD"),
        ({"amount": "$5", "currency": "USD"}, 500, "USD"),
        ({"amount": 5}, 500, "ILS"),
    ],
)
def test_amounts_that_are_understood(value: object, minor: int, currency: str) -> None:
    assert parse_amount(value, "ILS") == Money(minor, currency)


@pytest.mark.parametrize(
    "value",
    [
        *["", "  ", "abc", "NaN", "inf", "-Infinity", "1e5", "1e999999", "0x10", "1_000", "--5", "-₪-5", "5-", "-", "₪", "k"],
        *["1,50", "12,34,567", "1.234,50", "1 234", "12 XYZ", "$5 EUR", "5 5", "٥", "8kk", "9" * 100_000, " " * 100_000],
        *[None, True, False, float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity"), [], ["5"], b"5", {}],
        *[1.005, "1.005", "0.1 JPY", 0.1 + 0.2, 1e-300, Decimal("1E-999999"), Decimal(1) / 3],
        {"amount": 5, "currency": "ILS", "rate": 1},
        {"amount": {"amount": 5}},
        {"amount": 5, "currency": 7},
        {"amount": "$5", "currency": "ILS"},
        {"amount": True, "currency": "ILS"},
        {5: 5},
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_amounts_that_are_refused(value: object) -> None:
    with pytest.raises(Refused) as refusal:
        parse_amount(value, "ILS", "amount")
    assert refusal.value.field == "amount"
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize(
    "value",
    ["99999999999999999999.99", 10**5000, -(10**30), 1e300, Decimal("1E+999999"), "90000000000000.01"],
    ids=["text", "int", "negative", "float", "decimal", "one too much"],
)
def test_an_amount_out_of_range_says_the_limit(value: object) -> None:
    with pytest.raises(Refused, match="90,000,000,000,000"):
        parse_amount(value, "ILS")


def test_the_largest_amount() -> None:
    assert parse_amount("90,000,000,000,000.00", "ILS") == Money(MOST_MINOR, "ILS")
    assert parse_amount(-90_000_000_000_000, "ILS") == Money(-MOST_MINOR, "ILS")


def test_messages_carry_no_escapes() -> None:
    with pytest.raises(Refused) as refusal:
        parse_amount("\x1b[31mten\u202e", "ILS")
    assert "ten" in refusal.value.message
    assert refusal.value.message.isprintable()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        *[("ILS", "ILS"), ("ils", "ILS"), (" Usd ", "USD"), ("₪", "ILS"), ("nis", "ILS"), ("ש״ח", "ILS"), ('ש"ח', "ILS")],
        *[("שח", "ILS"), ("$", "USD"), ("€", "EUR"), ("£", "GBP"), ("CHF", "CHF")],
    ],
)
def test_currencies(code: str, expected: str) -> None:
    assert check_currency(code) == expected


@pytest.mark.parametrize("code", ["", "XYZ", "IL", "DEM", "XXX", "XAU", "shekel", None, 7, "I" * 100])
def test_other_currencies_are_refused(code: object) -> None:
    with pytest.raises(Refused) as refusal:
        check_currency(code)
    assert refusal.value.field == "currency"


def test_minor_digits() -> None:
    digits = {code: minor_digits(code) for code in ("ILS", "USD", "JPY", "KRW", "KWD", "BHD", "JOD", "OMR", "TND", "IQD", "LYD")}
    assert digits == {
        **dict.fromkeys(["ILS", "USD"], 2),
        **dict.fromkeys(["JPY", "KRW"], 0),
        **dict.fromkeys(["KWD", "BHD", "JOD", "OMR", "TND", "IQD", "LYD"], 3),
    }


@pytest.mark.parametrize(
    ("money", "shown", "decimal"),
    [
        (Money(123_450, "ILS"), "₪1,234.50", "1234.50"),
        (Money(800_000, "ILS"), "₪8,000", "8000.00"),
        (Money(-500, "ILS"), "-₪5", "-5.00"),
        (Money(-5, "ILS"), "-₪0.05", "-0.05"),
        (Money(0, "USD"), "$0", "0.00"),
        (Money(120_000, "CHF"), "CHF 1,200", "1200.00"),
        (Money(-120_050, "CHF"), "-CHF 1,200.50", "-1200.50"),
        (Money(1_234_567, "JPY"), "JPY 1,234,567", "1234567"),
        (Money(1_234_567, "KWD"), "KWD 1,234.567", "1234.567"),
    ],
)
def test_amounts_are_shown(money: Money, shown: str, decimal: str) -> None:
    assert show(money) == show(money, "he") == shown
    assert to_decimal(money) == decimal
    assert as_json(money) == {"amount": decimal, "currency": money.currency}


@pytest.mark.parametrize(
    ("money", "rate", "currency", "minor"),
    [
        (Money(100, "USD"), "3.7", "ILS", 370),
        (Money(1, "USD"), "0.5", "ILS", 0),
        (Money(3, "USD"), "0.5", "ILS", 2),
        (Money(-1, "USD"), "0.5", "ILS", 0),
        (Money(-3, "USD"), "0.5", "ILS", -2),
        (Money(1000, "JPY"), "0.025", "ILS", 2500),
        (Money(1000, "KWD"), "12", "JPY", 12),
        (Money(MOST_MINOR, "USD"), "0.3333333333333333333333333333333333", "ILS", 3_000_000_000_000_000),
    ],
)
def test_convert(money: Money, rate: str, currency: str, minor: int) -> None:
    assert convert(money, Decimal(rate), currency) == Money(minor, currency)


@pytest.mark.parametrize("rate", ["0", "-1", "NaN", "Infinity", "1E+999999", "1E-999999", "1" * 41, "1000"])
def test_rates_that_are_refused(rate: str) -> None:
    with pytest.raises(Refused) as refusal:
        convert(Money(MOST_MINOR, "USD"), Decimal(rate), "ILS")
    assert refusal.value.field == "rate"


@given(amounts)
def test_what_is_written_is_read_back(money: Money) -> None:
    assert parse_amount(as_json(money), "ILS") == money
    assert parse_amount(to_decimal(money), money.currency) == money
    assert parse_amount(show(money), "ILS") == money


@given(st.integers(-(10**13), 10**13), st.floats(-1e9, 1e9))
def test_numbers_are_taken_exactly(whole: int, cents: float) -> None:
    assert parse_amount(whole, "ILS").minor == whole * 100
    rounded = round(cents, 2)
    assert parse_amount(rounded, "ILS").minor == Decimal(repr(rounded)) * 100


@given(st.text() | st.floats() | st.integers() | st.none() | st.booleans() | st.decimals())
def test_anything_else_is_refused_and_nothing_crashes(value: object) -> None:
    with suppress(Refused):
        assert abs(parse_amount(value, "ILS").minor) <= MOST_MINOR


@pytest.mark.skipif(not NASTY.exists(), reason="the shared test values are not here")
def test_nasty_values() -> None:
    nasty = {case["name"]: case["value"] for case in json.loads(NASTY.read_text("utf-8"))}
    assert parse_amount(nasty["money-bidi-minus"], "ILS") == Money(-123_450, "ILS")
    with pytest.raises(Refused, match="90,000,000,000,000"):
        parse_amount(nasty["money-huge"], "ILS")
