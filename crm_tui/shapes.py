"""What a batch may say of campaigns and views: lists show all of them, so that a single one which is none would shut them for all.

Each check raises ValueError or another of `project.SENSELESS`; the batch then waits for a program that understands it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from crm_tui.filters.orders import COLUMNS, ORDERS
from crm_tui.text.money import MOST_MINOR


def check_campaign(value: dict[str, Any]) -> None:
    """A campaign as it is made."""
    for register in ("name", "kind", "view"):
        check_campaign_register(register, value[register])
    check_campaign_register("dates", value)
    if value["amount"] is not None or value["currency"] is not None:
        check_campaign_register("cost", value)
    for person in value["people"]:
        _check_id(person)


def check_campaign_register(register: str, new: Any) -> None:
    """The value that a register of a campaign is given; of a person only the ticks hold more than yes or no."""
    group, _slash, person = register.partition("/")
    if person:
        _check_id(person)
    if group in ("name", "kind"):
        _check_text(new)
    elif new is None:
        return
    elif group == "dates":
        for day in (new["starts"], new["ends"]):
            if day is not None and date.fromisoformat(day).isoformat() != day:
                raise ValueError(day)
    elif group == "cost":
        _check_number(new["amount"], MOST_MINOR)
        _check_text(new["currency"])
    elif group == "view":
        _check_list(new)
    elif group == "tick":
        _check_number(new["at"], 2**62)
        if new["by"] is not None:
            _check_id(new["by"])


def check_view(register: str, new: Any) -> None:
    """The value that a view is given, or with which one somebody begins; None takes it away."""
    if new is None:
        return
    if register == "default":
        _check_id(new["person"])
        if new["view"] is not None:
            _check_text(new["view"])
        return
    if new["person"] is not None:
        _check_id(new["person"])
    _check_text(new["name"])
    _check_list(new)


def _check_list(value: dict[str, Any]) -> None:
    """How a list of people is filtered, shown and ordered."""
    for name in ("filter", "columns", "order"):
        _check_text(value[name])
    if not COLUMNS.keys() >= set(value["columns"].split()) or value["order"] not in ("", *ORDERS):
        raise ValueError(value)


def _check_text(value: Any) -> None:
    if type(value) is not str or "\0" in value:
        raise ValueError(value)


def _check_number(value: Any, most: int) -> None:
    if type(value) is not int or not 0 <= value <= most:
        raise ValueError(value)


def _check_id(value: Any) -> None:
    if len(bytes.fromhex(value)) != 16:
        raise ValueError(value)
