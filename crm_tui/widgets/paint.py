"""Lines on the screen: styled parts in reading order become strips in visual order. The one way of data to the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from crm_tui.i18n import APART, APART_END, apart, language
from crm_tui.text.bidi import Paragraph, Values, Visual, has_rtl, visual
from crm_tui.text.clean import clean_line
from crm_tui.text.graphemes import clip, graphemes, width
from crm_tui.text.isolates import take_marks

PLAIN = Style()
STYLES = {
    "": PLAIN,
    "dim": Style(dim=True),
    "bold": Style(bold=True),
    "accent": Style(color="cyan"),
    "head": Style(bold=True, color="cyan"),
    "good": Style(color="green"),
    "warn": Style(color="yellow"),
    "bad": Style(color="red"),
    "breach": Style(color="red", bold=True),
    "key": Style(bold=True),
    "found": Style(underline=True),
    "cursor": Style(reverse=True),
}
"""The few looks there are, in the terminal's own colours; state is a word or a mark first and a colour second."""

Part = tuple[str, str]
"""Text and the name of its look."""


class Column(NamedTuple):
    """Parts in a field of so many cells; `end` aligns them at the far side (numbers); `whole`: they are one text, in several looks."""

    parts: Sequence[Part]
    cells: int
    end: bool = False
    whole: bool = False


def mirrored() -> bool:
    """Whether the screen reads from right to left."""
    return language() == "he"


def parts_width(parts: Iterable[Part]) -> int:
    """The cells that parts take."""
    return sum(width(text) for text, _ in parts)


def segments(parts: Sequence[Part], base: str = "auto") -> list[Segment]:
    """Parts in visual order; the styles go with their letters."""
    parts, text, values = unmarked(parts)
    if not has_rtl(text) and base != "R":
        return [Segment(part[0], STYLES[part[1]]) for part in parts if part[0]]
    if len(parts) == 1 and not values:
        return [Segment(_drawn(text, base), STYLES[parts[0][1]])]
    laid = whole_line(text, base, values)
    looks: list[str] = []
    ends: list[tuple[int, str]] = []
    end = 0
    for part, look in parts:
        end += len(part)
        ends.append((end, look))
    position, at = 0, 0
    for cluster in graphemes(text):
        while position >= ends[at][0]:
            at += 1
        looks.append(ends[at][1])
        position += len(cluster)
    return styled(laid.cells, [looks[index] for index in laid.order])


def unmarked(parts: Sequence[Part]) -> tuple[Sequence[Part], str, Values]:
    """Parts without the marks of values, their text, and where in it the values stand."""
    text = "".join([part[0] for part in parts])
    if APART not in text:
        return parts, text, ()
    text, values = take_marks(text)
    return [(take_marks(part)[0], look) for part, look in parts], text, values


def whole_line(text: str, base: str, values: Values) -> Visual:
    """A text on one line."""
    if not values:
        return visual(text, base)
    whole = Paragraph(text, base, values)
    return whole.line(0, whole.size)


def styled(cells: Sequence[str], looks: Sequence[str]) -> list[Segment]:
    """Cells with the look of each, those of one look together."""
    found: list[Segment] = []
    run: list[str] = []
    now = ""
    for cell, look in zip(cells, looks, strict=True):
        if run and look != now:
            found.append(Segment("".join(run), STYLES[now]))
            run = []
        now = look
        run.append(cell)
    if run:
        found.append(Segment("".join(run), STYLES[now]))
    return found


@lru_cache(maxsize=4096)
def _drawn(text: str, base: str) -> str:
    words, values = take_marks(text) if APART in text else (text, ())
    return "".join(whole_line(words, base, values).cells)


def isolated(parts: Sequence[Part], *, own: bool = False) -> list[Segment]:
    """Parts one after the other from the reading side of the screen, each in the order of its own text.

    Marks and spaces at the ends of a part stand towards its neighbours. Texts of our `own` read as the screen does, whatever word
    they begin with.
    """
    right = mirrored()
    return [
        Segment(_isolated(text, right, own) if right or has_rtl(text) or APART in text else text, STYLES[look])
        for text, look in _read(parts, right)
    ]


def _read(parts: Sequence[Part], right: bool) -> Iterable[Part]:
    return (part for part in (reversed(parts) if right else parts) if part[0])


_ENDS = re.compile(r"([\s·,:;→↺✗≈›─✓▸!]*)(.*?)([\s·,:;]*)", re.DOTALL)
_TURNED = str.maketrans("→›", "←‹")


@lru_cache(maxsize=8192)
def _isolated(text: str, right: bool, own: bool) -> str:
    lead, body, tail = _ENDS.fullmatch(text).groups()  # type: ignore[union-attr]
    base = ("R" if right else "L") if own and has_rtl(body) else "auto"
    drawn = _drawn(body, base) if has_rtl(body) or APART in body else body
    return tail[::-1] + drawn + lead[::-1].translate(_TURNED) if right else lead + drawn + tail


def fit(parts: Sequence[Part], cells: int) -> list[Part]:
    """Parts cut to at most so many cells, before they are reordered."""
    left = cells
    kept: list[Part] = []
    for text, look in parts:
        size = width(text)
        if size <= left:
            kept.append((text, look))
            left -= size
            continue
        if cut := clip(text, left):
            kept.append((cut, look))
        elif left == 0 and kept and cells > 0:
            last, last_look = kept[-1]
            kept[-1] = (clip(last, width(last) - 1, "") + "…", last_look)
        break
    return kept


def columns(fields: Sequence[Column], *, gap: int = 1) -> list[Segment]:
    """Fields side by side with `gap` cells between, from the reading side of the screen."""
    right = mirrored()
    found: list[Segment] = []
    for index, field in enumerate(fields[::-1] if right else fields):
        if index and gap:
            found.append(Segment(" " * gap, PLAIN))
        found += field_segments(field, right=right != field.end)
    return found


def field_segments(field: Column, *, right: bool, own: bool = False) -> list[Segment]:
    """One field, padded to its width."""
    parts = fit(field.parts, field.cells)
    pad = field.cells - parts_width(parts)
    drawn = segments(parts, "R" if mirrored() else "L") if field.whole else isolated(parts, own=own)
    if pad <= 0:
        return drawn
    space = Segment(" " * pad, PLAIN)
    return [space, *drawn] if right else [*drawn, space]


def said(parts: Sequence[Part], cells: int) -> list[Segment]:
    """A line of the program's own words, from the reading side of the screen."""
    return field_segments(Column(parts, cells), right=mirrored(), own=True)


def strip(found: Iterable[Segment], cells: int, style: Style = PLAIN) -> Strip:
    """Segments as one line of exactly so many cells over a base style."""
    line = Strip(list(found)).adjust_cell_length(cells)
    return line.apply_style(style) if style else line


def safe(text: str | None) -> str:
    """Text of unknown origin as one line without control characters."""
    return clean_line(text) if text else ""


def sentence(text: str) -> str:
    """A sentence of ours in safe text, a blank at either end kept; its values stay apart."""
    return "".join([one if one in (APART, APART_END) else _safe_part(one) for one in re.split(f"([{APART}{APART_END}])", text)])


def among(text: str) -> str:
    """Safe text that stands among other text on a line: apart from it, without the blanks and signs at its ends."""
    lead, body, tail = _ENDS.fullmatch(_safe_part(text)).groups()  # type: ignore[union-attr]
    return lead + apart(body) + tail if body else lead + tail


def _safe_part(text: str) -> str:
    found = safe(text)
    return f"{' ' * text.startswith(' ')}{found}{' ' * text.endswith(' ')}" if found else " " * text.isspace()
