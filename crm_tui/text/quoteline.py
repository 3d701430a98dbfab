"""The lines of a price quote as a person types them: `2 x Installation 1,200 -10%`; a discount in a row of its own is for the whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clean_line, clip
from crm_tui.text.money import COMMON_NAMES, parse_amount

ONE = 1000
"""Quantities are in thousandths."""
MOST_QUANTITY = 1_000_000 * ONE
MOST_LINES = 100
MOST_TEXT = 300
_NUMBER = re.compile(r"([0-9]{1,7}(?:,[0-9]{3})*)(?:\.([0-9]{1,3}))?", re.ASCII)
# In a line of Hebrew the sign is often typed after the number.
_PERCENT = re.compile(r"[-−–]?([0-9]{1,3})(?:\.([0-9]{1,2}))?%[-−–]?", re.ASCII)
_MINUS = "-−–"
_TIMES = frozenset("xX×*")


class Discount(NamedTuple):
    """What is taken off: hundredths of a percent, or an amount in minor units."""

    percent: int = 0
    amount: int = 0


NONE_OFF = Discount()


class QuoteLine(NamedTuple):
    """What is offered: how many (in thousandths) at which price of one (in minor units), and what is taken off."""

    text: str
    quantity: int
    price: int
    discount: Discount = NONE_OFF


def parse_quote(rows: Sequence[str], currency: str, *, fixed: bool = False) -> tuple[list[QuoteLine], Discount, str]:
    """The lines of typed rows, what is taken off the whole, and the currency: that of the first price, all others in it too.

    `fixed`: it is `currency` and no other. Refused says which row and which word is wrong.
    """
    lines: list[QuoteLine] = []
    whole = NONE_OFF
    for number, row in enumerate(rows, 1):
        words = clean_line(row).split()
        if not words:
            continue
        wrong = _Wrong(number)
        if len(words) == 1 and (words[0][0] in _MINUS or "%" in words[0]):
            if whole != NONE_OFF:
                raise wrong(words[0], _("a discount on the whole stands there already"))
            whole = _discount(words[0], currency, wrong)
            continue
        line, named = _line(words, currency, wrong, fixed or bool(lines))
        currency = named
        lines.append(line)
    if len(lines) > MOST_LINES:
        raise Refused("lines", _("A quote has at most {count} lines.").format(count=MOST_LINES))
    if not lines:
        raise Refused("lines", _("Write what is offered and its price, such as: 2 x Installation 1,200 -10%"))
    return lines, whole, currency


class _Wrong:
    """Refuses a word of a row."""

    def __init__(self, row: int) -> None:
        self.row = row

    def __call__(self, word: str, what: str) -> Refused:
        message = _("Row {row}, “{word}”: {what}.").format(row=self.row, word=clip(word), what=what)
        return Refused("lines", message, row=self.row, word=clip(word))


def _line(words: list[str], currency: str, wrong: _Wrong, fixed: bool) -> tuple[QuoteLine, str]:
    quantity, words = _quantity(words, wrong)
    off = ""
    if len(words) > 1 and (words[-1][0] in _MINUS or "%" in words[-1]):
        *words, off = words
    price, words, currency = _price(words, currency, wrong, fixed)
    text = " ".join(words)
    if len(text) > MOST_TEXT:
        raise wrong(text, _("at most {count} letters are possible").format(count=MOST_TEXT))
    return QuoteLine(text, quantity, price, _discount(off, currency, wrong) if off else NONE_OFF), currency


def _quantity(words: list[str], wrong: _Wrong) -> tuple[int, list[str]]:
    """How many, and the words after it: `2 x`, `2x`; nothing means one."""
    first = words[0]
    if len(words) > 1 and words[1] in _TIMES and first[0].isdigit():
        return read_quantity(first, lambda what: wrong(first, what)), words[2:]
    if len(first) > 1 and first[-1] in _TIMES and _NUMBER.fullmatch(first[:-1]):
        return read_quantity(first[:-1], lambda what: wrong(first, what)), words[1:]
    return ONE, words


def read_quantity(word: str, refuse: Callable[[str], Refused]) -> int:
    """A quantity in thousandths."""
    match = _NUMBER.fullmatch(word)
    if not match:
        raise refuse(_("a number is needed here, such as 2 or 1.5"))
    quantity = int(match[1].replace(",", "")) * ONE + int((match[2] or "").ljust(3, "0"))
    if not 0 < quantity <= MOST_QUANTITY:
        raise refuse(_("a quantity is more than 0 and at most {most}").format(most=f"{MOST_QUANTITY // ONE:,}"))
    return quantity


def _price(words: list[str], currency: str, wrong: _Wrong, fixed: bool) -> tuple[int, list[str], str]:
    """The price at the end of a line, and the words before it; the sign of its currency may stand apart on either side."""
    if not words:
        raise wrong("", _("a price is missing at the end of the line"))
    names = COMMON_NAMES | {currency}
    count = 2 if len(words) > 1 and not names.isdisjoint(words[-2:]) else 1
    word = " ".join(words[-count:])
    try:
        money = parse_amount(word, currency)
    except Refused as refused:
        # An amount that was read and is not possible (too large, too many decimals) says so itself.
        about = refused.message.rstrip(".") if any(map(str.isdigit, word)) else _("a price is needed at the end of the line, such as 1,200")
        raise wrong(word, about) from None
    if money.minor < 0:
        raise wrong(word, _("a price is not negative"))
    if fixed and money.currency != currency:
        raise wrong(word, _("this quote is in {currency}").format(currency=currency))
    return money.minor, words[:-count], money.currency


def _discount(word: str, currency: str, wrong: _Wrong) -> Discount:
    return read_discount(word, currency, lambda what: wrong(word, what))


def read_discount(word: str, currency: str, refuse: Callable[[str], Refused]) -> Discount:
    """A discount written as `-10%`, `10%`, `10%-` or as an amount, `-500`."""
    if match := _PERCENT.fullmatch(word):
        percent = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
        if percent > 100_00:
            raise refuse(_("a discount is at most 100%"))
        return Discount(percent=percent)
    try:
        money = parse_amount(word.lstrip(_MINUS).rstrip(_MINUS), currency)
    except Refused:
        raise refuse(_("a discount is written -10% or -500")) from None
    if money.currency != currency or money.minor < 0:
        raise refuse(_("this quote is in {currency}").format(currency=currency))
    return Discount(amount=money.minor)
