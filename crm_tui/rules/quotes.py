"""What a price quote comes to, and its number: pure, in integer minor units.

Each line is quantity x price, rounded to the minor unit, less its discount; from their sum the discount on the whole goes off, and VAT is
reckoned once, on what is left. Halves are rounded up, as on paper.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.text.money import CURRENCIES, MOST_MINOR, Money, show
from crm_tui.text.quoteline import NONE_OFF, ONE, Discount, QuoteLine

ANSWERS = ("accepted", "declined")
WHOLE = 100_00
"""A whole in hundredths of a percent."""
NUMBER = re.compile(r"([0-9]{4}-[A-Z2-7]{6}-)([1-9][0-9]{0,8})", re.ASCII)


class Sums(NamedTuple):
    """The amounts of a quote: of each line after its discount, their sum, what goes off it, without VAT, VAT, and with VAT."""

    lines: tuple[int, ...]
    subtotal: int
    discount: int
    net: int
    vat: int
    total: int


class Quote(NamedTuple):
    """A price quote. Prices are without VAT; `vat` in hundredths of a percent, `until` the last day it holds (ISO)."""

    number: str
    currency: str
    lines: tuple[QuoteLine, ...]
    discount: Discount
    vat: int
    until: str
    deal: bytes | None = None

    @property
    def sums(self) -> Sums:
        """What it comes to."""
        return sums(self.lines, self.discount, self.vat, self.currency)

    def as_data(self) -> dict[str, Any]:
        """The quote as the log keeps it."""
        return {
            "number": self.number,
            "currency": self.currency,
            "lines": [_short(line._asdict() | {"discount": _short(line.discount._asdict())}) for line in self.lines],
            "discount": _short(self.discount._asdict()),
            "vat": self.vat,
            "until": self.until,
            "deal": self.deal.hex() if self.deal else None,
        }


def from_data(data: Mapping[str, Any]) -> Quote | None:
    """The quote of a line of the log; None when what stands there is none."""
    try:
        lines = tuple(
            QuoteLine(str(one.get("text", "")), _whole(one["quantity"]), _whole(one["price"]), _discount(one.get("discount")))
            for one in data["lines"]
        )
        deal = bytes.fromhex(data["deal"]) if data.get("deal") else None
        until = date.fromisoformat(data["until"]).isoformat()
        if not NUMBER.fullmatch(data["number"]) or data["currency"] not in CURRENCIES:
            return None
        found = Quote(data["number"], data["currency"], lines, _discount(data.get("discount")), _whole(data["vat"]), until, deal)
        return found if found.sums else None
    except (LookupError, TypeError, ValueError, AttributeError, Refused):
        return None


def sums(lines: Sequence[QuoteLine], discount: Discount, vat: int, currency: str) -> Sums:
    """What lines come to; refused when more is taken off than there is, or when it is out of range."""
    amounts = tuple(_line_sum(line, currency) for line in lines)
    subtotal = sum(amounts)
    off = _off(subtotal, discount, currency)
    net = subtotal - off
    tax = half_up(net * vat, WHOLE)
    if net + tax > MOST_MINOR:
        raise Refused("lines", _("The quote is out of range; the most is {limit}.").format(limit=show(Money(MOST_MINOR, currency))))
    return Sums(amounts, subtotal, off, net, tax, net + tax)


def half_up(number: int, by: int) -> int:
    """A number that is not negative, divided and rounded; a half goes up."""
    return (2 * number + by) // (2 * by)


def next_number(tag: str, year: int, given: Iterable[str]) -> str:
    """The number after those that this origin gave: year, origin, count in the year."""
    prefix = f"{year:04}-{tag}-"
    matches = filter(None, map(NUMBER.fullmatch, given))
    return prefix + str(1 + max((int(match[2]) for match in matches if match[1] == prefix), default=0))


def tag_of(origin: bytes) -> str:
    """What stands for an origin of the log in the numbers of its quotes.

    An origin is one installation and person writing one store, and a copied or restored store starts another, so two laptops that never
    met cannot count the same numbers. Six letters are 30 bits: among fifty laptops two agree once in a million companies.
    """
    return base64.b32encode(hashlib.sha256(origin).digest())[:6].decode()


def _line_sum(line: QuoteLine, currency: str) -> int:
    gross = half_up(line.quantity * line.price, ONE)
    return gross - _off(gross, line.discount, currency)


def _off(amount: int, discount: Discount, currency: str) -> int:
    off = discount.amount or half_up(amount * discount.percent, WHOLE)
    if off > amount:
        raise Refused(
            "lines",
            _("The discount of {off} is more than the {amount} it is taken from.").format(
                off=show(Money(off, currency)), amount=show(Money(amount, currency))
            ),
        )
    return off


def _short(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value not in (0, "", {}) or key in ("price", "quantity")}


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_MINOR:
        raise ValueError(value)
    return value


def _discount(value: Any) -> Discount:
    if not value:
        return NONE_OFF
    found = Discount(_whole(value.get("percent", 0)), _whole(value.get("amount", 0)))
    if found.percent > WHOLE:
        raise ValueError(value)
    return found
