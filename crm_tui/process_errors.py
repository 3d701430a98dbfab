"""What is wrong in a process: where it stands, what was given, what was perhaps meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic_core import ErrorDetails

from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.process_values import did_you_mean
from crm_tui.text.clean import clip


def children(node: object) -> dict[str, Any]:
    """What lies below a node by the name it has in a dotted key: fields, or the terms of a list by their keys."""
    if isinstance(node, dict):
        return {str(name): child for name, child in node.items() if name != "key"}
    if isinstance(node, list) and all(isinstance(term, dict) and "key" in term for term in node):
        return {str(term["key"]): term for term in node}
    return {}


def known_keys(node: object, prefix: str = "") -> Iterator[str]:
    """All dotted keys below a node."""
    for name, child in children(node).items():
        yield prefix + name
        yield from known_keys(child, f"{prefix}{name}.")


def place_of(error: ErrorDetails, data: Mapping[str, Any]) -> str:
    """The dotted key of an error: items of a list are named by their key."""
    names: list[str] = []
    node: Any = data
    for step in error["loc"]:
        below = children(node)
        name = list(below)[step] if isinstance(step, int) and step < len(below) else str(step)
        node = below.get(name)
        names.append(name)
    return ".".join(name for name in names if name != "[key]")


def setting_at(place: str, settings: Mapping[str, object]) -> str:
    """The one setting that led to an error at `place`, or the place itself."""
    inside = [key for key in settings if not place or f"{key}.".startswith(f"{place}.") or f"{place}.".startswith(f"{key}.")]
    return inside[0] if len(inside) == 1 else place


_EXPLAINED = {
    "missing": mark("is missing"),
    "extra": mark("there is no such setting"),
    "string": mark("a text is needed"),
    "string_too_long": mark("at most {max_length} characters are possible"),
    "bool": mark("true or false is needed"),
    "int": mark("a whole number is needed"),
    "decimal": mark("a number is needed"),
    "finite": mark("a number is needed"),
    "tuple": mark("a list is needed"),
    "dict": mark("a table is needed"),
    "model": mark("a table is needed"),
    "literal": mark("one of {expected} is needed"),
    "greater_than": mark("more than {gt} is needed"),
    "greater_than_equal": mark("at least {ge} is needed"),
    "less_than_equal": mark("at most {le} is possible"),
    "too_short": mark("at least {min_length} is needed"),
    "too_long": mark("at most {max_length} are possible"),
}
"""By pydantic's type of error, or by the first word of it."""


def explain(error: ErrorDetails, place: str, data: Mapping[str, Any]) -> str:
    """What is wrong at `place`, what was given and what was perhaps meant."""
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    known = _EXPLAINED.get(kind) or _EXPLAINED.get(kind.split("_")[0])
    if kind == "value_error":
        what = str(context["error"])
    else:
        what = _(known).format(**context) if known else error["msg"]
    if isinstance(given, str | int | float | Decimal) and kind != "extra_forbidden":
        what = _("{what} (not {given})").format(what=what, given=clip(str(given)))
    if kind == "literal_error":
        what += did_you_mean(str(given).lower(), re.findall(r"'(\w+)'", context["expected"]))
    elif kind == "extra_forbidden":
        what += did_you_mean(place, [*(key for key in known_keys(data) if key != place), *_fields_beside(place, data)])
    return f"{clip(place, 100)}: {what}" if place else what


def _fields_beside(place: str, data: Mapping[str, Any]) -> Iterator[str]:
    """What could stand at a place of a term, since other terms of its list have it."""
    *parents, _term, last = ("", "", *place.split("."))
    node: Any = data
    for name in filter(None, parents):
        node = children(node).get(name)
    if isinstance(node, list):
        yield from {f"{place.removesuffix(last)}{field}" for other in children(node).values() for field in other if field != last}
