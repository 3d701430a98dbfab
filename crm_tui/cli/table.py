"""Plain aligned columns for people: as wide as the terminal, or as the text where nobody looks at its width."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from crm_tui.cli.output import put
from crm_tui.text.clean import clean_line

_GAP = 2
_NARROWEST = 6


class Column(NamedTuple):
    """A column's title and how it behaves: a `whole` one is never cut, a `spare` one goes where there is no room for it."""

    title: str
    right: bool = False
    whole: bool = False
    spare: bool = False


def width(text: str) -> int:
    """How many cells of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def cut(text: str, cells: int) -> str:
    """The text in at most `cells` cells, `…` for what is left out."""
    if width(text) <= cells:
        return text
    kept, used = [], 0
    for character in text:
        used += _cells(character)
        if used > cells - 1:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def put_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their titles; a column without any content is left out."""
    cells = [[clean_line(value) for value in row] for row in rows]
    used = [index for index in range(len(columns)) if any(row[index] for row in cells)]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if room is not None and _over(_widths(columns, cells, used), room) > 0:
        used = [index for index in used if not columns[index].spare]
    shown = [columns[index] for index in used]
    widths = _fit(shown, _widths(columns, cells, used), room)
    for line in ([column.title for column in columns], *cells):
        fields = [line[index] for index in used]
        put((" " * _GAP).join(_padded(*one) for one in zip(fields, shown, widths, strict=True)).rstrip())


def put_pairs(pairs: Sequence[tuple[str, str]]) -> None:
    """Print names and values in two columns; a value of several lines keeps them, an empty one is left out."""
    pairs = [(name, value) for name, value in pairs if value]
    widest = max((width(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        for number, line in enumerate(value.split("\n")):
            put((_padded(name if number == 0 else "", Column(""), widest) + " " * _GAP + clean_line(line)).rstrip())


def _padded(text: str, column: Column, cells: int) -> str:
    text = cut(text, cells)
    space = " " * (cells - width(text))
    return space + text if column.right else text + space


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]], used: Sequence[int]) -> list[int]:
    return [max(width(columns[index].title), *(width(row[index]) for row in cells)) for index in used]


def _over(widths: Sequence[int], room: int) -> int:
    """By how many cells a line is too long."""
    return sum(widths) + _GAP * (len(widths) - 1) - room


def _fit(columns: Sequence[Column], widths: list[int], room: int | None) -> list[int]:
    """The widths made to fit, always at the cost of the widest column that may be cut."""
    over = 0 if room is None else _over(widths, room)
    while over > 0:
        widest = max((place for place, column in enumerate(columns) if not column.whole), key=lambda place: widths[place], default=None)
        if widest is None or widths[widest] <= _NARROWEST:
            break
        widths[widest] -= 1
        over -= 1
    return widths


def _cells(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
