"""The fields of contacts that a business added: what a value of each kind may be, and how it is kept."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from crm_tui.commands.base import moment
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.process import Process
from crm_tui.process_terms import CustomField
from crm_tui.text.clean import clean_text, clip
from crm_tui.text.fold import fold
from crm_tui.text.money import parse_amount, to_decimal
from crm_tui.text.times import local_day

_YES = frozenset({"true", "yes", "y", "1", "כן"})
_NO = frozenset({"false", "no", "n", "0", "לא"})
_LONGEST_NUMBER = 40


def checked_field(field: CustomField, value: object, process: Process) -> str | None:
    """The value as it is kept, one spelling for each; refused when the field takes no such value. Empty clears."""
    text = clean_text(str(value)).strip() if value is not None else ""
    if not text:
        return None
    if field.kind == "number":
        return _number(field, text)
    if field.kind == "money":
        money = parse_amount(value if isinstance(value, int | float) and not isinstance(value, bool) else text, process.currency, field.key)
        return f"{to_decimal(money)} {money.currency}"
    if field.kind == "date":
        return local_day(moment(text, field.key, process).ms, process.zone).isoformat()
    if field.kind == "choice":
        return _choice(field, text)
    if field.kind == "yes_no":
        return _yes_no(field, text)
    return text


def _number(field: CustomField, text: str) -> str:
    try:
        number = Decimal(text.replace(",", "") if len(text) <= _LONGEST_NUMBER else "")
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or abs(number.adjusted()) > _LONGEST_NUMBER:
        raise Refused(field.key, _("{value} is not a number.").format(value=clip(text)))
    return format(number, "f")


def _choice(field: CustomField, text: str) -> str:
    wanted = fold(text)
    found = next((choice for choice in field.choices if choice == text or (wanted and fold(choice) == wanted)), None)
    if found is None:
        raise Refused(field.key, _("{value} is none of the choices: {choices}.").format(value=clip(text), choices=", ".join(field.choices)))
    return found


def _yes_no(field: CustomField, text: str) -> str:
    word = text.casefold()
    if word not in _YES | _NO:
        raise Refused(field.key, _("{value} is neither yes nor no.").format(value=clip(text)))
    return "true" if word in _YES else "false"
