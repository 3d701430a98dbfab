"""Running text of styled parts, broken into lines of which each is drawn as a part of the whole."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate

from rich.segment import Segment

from crm_tui.text.bidi import Paragraph, has_rtl
from crm_tui.text.graphemes import graphemes, wrap
from crm_tui.widgets.paint import PLAIN, Part, fit, mirrored, parts_width, segments, styled, unmarked


class Wrapped:
    """A paragraph of parts in lines of at most so many cells, broken at spaces; `base` is its direction (`auto`, `L`, `R`)."""

    def __init__(self, parts: Sequence[Part], cells: int, base: str = "auto") -> None:
        self.base = base
        self._marked = parts
        self.parts, self.text, self._values = unmarked(parts)
        self.spans = [(0, len(self.text))] if parts_width(self.parts) <= cells else _spans(self.text, cells)
        """Where each line begins and ends in the text."""

    def __len__(self) -> int:
        return len(self.spans)

    def line(self, number: int) -> list[Segment]:
        """A line in visual order."""
        if self.spans[number] == (0, len(self.text)):
            return segments(self._marked, self.base)
        start, end = (bisect_left(self._ends, at) for at in self.spans[number])
        laid = self._whole.line(start, end)
        return styled(laid.cells, [self._looks[start + index] for index in laid.order])

    @cached_property
    def _whole(self) -> Paragraph:
        return Paragraph(self.text, self.base, self._values)

    @cached_property
    def _ends(self) -> Sequence[int]:
        """Where each cluster begins in the text, and where the last one ends."""
        clusters = graphemes(self.text)
        return range(len(self.text) + 1) if len(clusters) == len(self.text) else [*accumulate(map(len, clusters), initial=0)]

    @cached_property
    def _looks(self) -> list[str]:
        """The look of each cluster."""
        looks = [look for part, look in self.parts for _character in part]
        return [looks[at] for at in self._ends[:-1]]


def _spans(text: str, cells: int) -> list[tuple[int, int]]:
    spans, at = [], 0
    for line in wrap(text, cells):
        at = text.find(line, at)
        spans.append((at, at + len(line)))
        at += len(line)
    return spans


def own_lines(text: str, cells: int, look: str = "") -> list[list[Segment]]:
    """Some sentences of the program's own, from the reading side of the screen."""
    found = []
    for one in text.split("\n"):
        lines = Wrapped([(one, look)], max(10, cells), "R" if mirrored() and has_rtl(one) else "L")
        found += [beside(lines.line(number), cells, mirrored()) for number in range(len(lines))]
    return found


def lay(parts: Sequence[Part], cells: int, base: str, right: bool) -> list[Segment]:
    """Parts as segments of exactly so many cells, at the left or the right of them."""
    return beside(segments(fit(parts, cells), base), cells, right)


def beside(line: list[Segment], cells: int, right: bool) -> list[Segment]:
    """A line filled up to so many cells on the left or the right."""
    space = Segment(" " * max(0, cells - sum(one.cell_length for one in line)), PLAIN)
    return [space, *line] if right else [*line, space]


def side() -> str:
    """The direction of a sentence of the interface."""
    return "R" if mirrored() else "L"
