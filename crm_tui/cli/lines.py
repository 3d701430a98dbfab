"""JSON lines from standard input: each is one object, or is refused alone with its number and the reason."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clip

LONGEST_LINE = 10_000_000
LONGEST_NUMBER = 100
DEEPEST = 100


class TooLong:
    """Stands for a line over the limit, of which nothing was kept."""


def read_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | TooLong]]:
    """Each line that is not empty with its number; of one that is too long only that it is."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 2):
        number += 1
        if len(line.rstrip(b"\r\n")) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = stream.readline(1_000_000)
            yield number, TooLong()
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.strip():
            yield number, line.strip()


def parse_line(number: int, line: bytes | TooLong) -> dict[str, Any]:
    """The object of a line; Refused names the line and what is wrong with it."""
    if isinstance(line, TooLong):
        _refuse(number, _("longer than {limit} bytes").format(limit=f"{LONGEST_LINE:,}"))
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(number, _("not UTF-8 at byte {place}").format(place=error.start + 1))
    if "\0" in text:
        _refuse(number, _("it contains a NUL character"))
    try:
        value = load_json(text)
    except Unfit as error:
        _refuse(number, str(error))
    if not isinstance(value, dict):
        _refuse(number, _("not a JSON object such as {example}").format(example='{"command": "add_lead", "name": "…"}'))
    return value


class Unfit(ValueError):
    """A text that is not JSON, or JSON that no command takes."""


def load_json(text: str) -> Any:
    """The value of a JSON text that is of sound size and depth, has finite numbers and no field twice."""
    try:
        value = json.loads(text, parse_constant=_constant, parse_int=_whole, parse_float=_number, object_pairs_hook=_object)
    except RecursionError:
        raise Unfit(_("nested too deeply")) from None
    except json.JSONDecodeError as error:
        raise Unfit(_("not JSON at character {place}").format(place=error.pos + 1)) from None
    if _depth_over(value, DEEPEST):
        raise Unfit(_("nested too deeply"))
    return value


def _refuse(number: int, why: str) -> NoReturn:
    raise Refused("line", _("Line {line}: {why}.").format(line=number, why=why))


def _constant(name: str) -> NoReturn:
    raise Unfit(_("{name} is not a finite number").format(name=name))


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise Unfit(_("a number has more than {limit} digits").format(limit=LONGEST_NUMBER))
    return int(text)


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Unfit(_("{name} is not a finite number").format(name=clip(text)))
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unfit(_("the field {name} stands there twice").format(name=clip(twice)))
    return found


def _depth_over(value: Any, limit: int) -> bool:
    level = [value]
    for _depth in range(limit):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
