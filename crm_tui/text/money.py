"""Money as integer minor units of an ISO 4217 currency: read, checked, converted and shown."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clean_line, clip

MOST_MINOR = 9_000_000_000_000_000
_LONGEST = 40

# ISO 4217, list one, without metals, units of account and test codes.
_ACTIVE = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
    CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
    USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
CURRENCIES = frozenset(_ACTIVE.split())
_MINOR_DIGITS = {
    **dict.fromkeys(_WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
_SYMBOLS = {"ILS": "₪", "USD": "$", "EUR": "€", "GBP": "£"}
_OTHER_NAMES = {
    **{symbol: code for code, symbol in _SYMBOLS.items()},
    **dict.fromkeys(["NIS", "שח", 'ש"ח', "ש״ח", "ש''ח", "ש׳׳ח", "ש”ח", "ש“ח"], "ILS"),
    "US$": "USD",
}
COMMON_NAMES = frozenset({*_SYMBOLS, *_OTHER_NAMES})
"""What a currency is called that is no word of a text: `pen` and `ALL` are codes too."""
_CURRENCY = "[A-Za-z]{3}|[Uu][Ss]\\$|[₪$€£]|ש(?:[\"״”“]|''|׳׳)?ח"
_AMOUNT = re.compile(
    rf"([-+−–]?) ?({_CURRENCY})? ?([-+−–]?) ?"
    r"(?:([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]*))?|\.([0-9]+))([kKmM]?)"
    rf" ?({_CURRENCY})?"
)
_POWER = {"": 0, "k": 3, "m": 6}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (agorot, cents) of its currency."""

    minor: int
    currency: str


def minor_digits(currency: str) -> int:
    """How many decimals the currency has."""
    return _MINOR_DIGITS.get(currency, 2)


def check_currency(code: object, field: str = "currency") -> str:
    """The ISO 4217 code of a currency given as code (any case) or sign, or Refused."""
    if isinstance(code, str) and len(code) <= _LONGEST:
        plain = clean_line(code).upper()
        plain = _OTHER_NAMES.get(plain, plain)
        if plain in CURRENCIES:
            return plain
    shown = clip(code) if isinstance(code, str) else ""
    if not shown:
        raise Refused(field, _("A currency is expected here; write a code such as ILS, USD or EUR."))
    raise Refused(field, _("“{value}” is not a currency; write a code such as ILS, USD or EUR.").format(value=shown))


def parse_amount(value: object, default_currency: str, field: str = "value") -> Money:
    """Money from a number, a text such as `₪1,234.50` or `8k`, or `{"amount": …, "currency": …}`; else Refused."""
    if isinstance(value, dict):
        return _from_object(value, default_currency, field)
    if isinstance(value, str):
        return _from_text(value, default_currency, field)
    if isinstance(value, int) and not isinstance(value, bool):
        return _in_minor(value, 0, default_currency, field)
    if isinstance(value, float) and math.isfinite(value):
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and value.is_finite():
        return _from_decimal(value, default_currency, field)
    if value is None:
        raise _missing(field)
    raise _unreadable("", field)


def to_decimal(money: Money) -> str:
    """The amount as a decimal string with all its decimals, such as `8000.00`."""
    digits = minor_digits(money.currency)
    whole, rest = divmod(abs(money.minor), 10**digits)
    sign = "-" if money.minor < 0 else ""
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def as_json(money: Money) -> dict[str, str]:
    """The amount as the JSON answers give it."""
    return {"amount": to_decimal(money), "currency": money.currency}


def show(money: Money, language: str = "en") -> str:
    """The amount for people, such as `₪1,234.50` or `-CHF 1,200`; Hebrew and English write it alike."""
    digits = minor_digits(money.currency)
    whole, rest = divmod(abs(money.minor), 10**digits)
    symbol = _SYMBOLS.get(money.currency) or money.currency + " "
    decimals = f".{rest:0{digits}d}" if rest else ""
    return f"{'-' if money.minor < 0 else ''}{symbol}{whole:,}{decimals}"


def convert(money: Money, rate: Decimal, to_currency: str) -> Money:
    """The same money in another currency, of which one unit costs `rate`; rounded half to even on minor units."""
    if not rate.is_finite() or rate <= 0 or len(rate.as_tuple().digits) > _LONGEST or abs(rate.adjusted()) > _LONGEST:
        raise Refused("rate", _("A rate must be a number above zero."))
    scale = Fraction(10) ** (minor_digits(to_currency) - minor_digits(money.currency))
    minor = round(Fraction(rate) * money.minor * scale)
    if abs(minor) > MOST_MINOR:
        raise _out_of_range(to_currency, "rate")
    return Money(minor, to_currency)


def _from_object(value: dict[object, object], default_currency: str, field: str) -> Money:
    extra = [key for key in value if key not in ("amount", "currency")]
    if extra:
        raise Refused(
            field,
            _("An amount has only “amount” and “currency”, not “{key}”.").format(key=clip(extra[0]) if isinstance(extra[0], str) else ""),
        )
    amount = value.get("amount")
    if isinstance(amount, dict):
        raise _unreadable("", field)
    code = value.get("currency")
    if code is None:
        return parse_amount(amount, default_currency, field)
    currency = check_currency(code, field)
    money = parse_amount(amount, currency, field)
    if money.currency != currency:
        raise _two_currencies(money.currency, currency, field)
    return money


def _from_text(value: str, default_currency: str, field: str) -> Money:
    if len(value) > _LONGEST:
        raise _unreadable(value, field)
    text = clean_line(value)
    if not text:
        raise _missing(field)
    match = _AMOUNT.fullmatch(text)
    if not match:
        raise _unreadable(value, field)
    sign, before, inner_sign, whole, decimals, bare_decimals, suffix, after = match.groups()
    if sign and inner_sign:
        raise _unreadable(value, field)
    currency = default_currency
    if before or after:
        currency = check_currency(before or after, field)
        if before and after and check_currency(after, field) != currency:
            raise _two_currencies(currency, check_currency(after, field), field)
    fraction = decimals or bare_decimals or ""
    number = int((whole or "").replace(",", "") + fraction)
    negative = bool((sign or inner_sign).strip("+"))
    return _in_minor(-number if negative else number, _POWER[suffix.lower()] - len(fraction), currency, field)


def _from_decimal(value: Decimal, default_currency: str, field: str) -> Money:
    # Looked at before any arithmetic: 1e999999 is short to write and slow to expand.
    if not value:
        return _in_minor(0, 0, default_currency, field)
    if value.adjusted() > _LONGEST:
        raise _out_of_range(default_currency, field)
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or len(digits) > _LONGEST * 2 or exponent < -_LONGEST * 2:
        raise _too_many_decimals(default_currency, field)
    number = int("".join(map(str, digits)))
    return _in_minor(-number if sign else number, exponent, default_currency, field)


def _in_minor(number: int, exponent: int, currency: str, field: str) -> Money:
    shift = exponent + minor_digits(currency)
    if shift >= 0:
        minor, rest = number * 10**shift, 0
    else:
        minor, rest = divmod(number, 10**-shift)
    if abs(minor) > MOST_MINOR:
        raise _out_of_range(currency, field)
    if rest:
        raise _too_many_decimals(currency, field)
    return Money(minor, currency)


def _missing(field: str) -> Refused:
    return Refused(field, _("The amount is missing; write one such as 8000 or ₪1,234.50."))


def _unreadable(value: str, field: str) -> Refused:
    if not value:
        return Refused(field, _("This is not an amount; write one such as 8000, ₪1,234.50 or 250k."))
    return Refused(
        field,
        _("“{value}” is not an amount; write one such as 8000, ₪1,234.50 or 250k.").format(value=clip(value)),
    )


def _too_many_decimals(currency: str, field: str) -> Refused:
    return Refused(
        field,
        _("An amount in {currency} has at most {digits} decimals.").format(currency=currency, digits=minor_digits(currency)),
    )


def _out_of_range(currency: str, field: str) -> Refused:
    return Refused(
        field,
        _("The amount is out of range; the most is {limit}.").format(limit=show(Money(MOST_MINOR, currency))),
    )


def _two_currencies(one: str, other: str, field: str) -> Refused:
    return Refused(
        field,
        _("The amount names two currencies, {one} and {other}.").format(one=one, other=other),
    )
