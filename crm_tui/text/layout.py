"""A text laid out in lines of cells: where each letter stands, what a cell means, where the arrows lead."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from crm_tui.text.bidi import Paragraph, Visual, has_rtl, is_rtl
from crm_tui.text.graphemes import graphemes, width

_LONGEST_CACHED = 512
"""Of a long text every key press makes another, which nobody asks for again."""


@dataclass(frozen=True, slots=True)
class Row:
    """One drawn line. Places are indices of clusters in the text; `cells`, `stops` and `edges` run from left to right.

    The last row of a paragraph has one blank more, where the cursor stands at its end.
    """

    start: int
    end: int
    cells: tuple[str, ...]
    order: tuple[int, ...]
    """The place of each drawn cluster, counted from `start`."""
    edges: tuple[int, ...]
    """The cell at which each drawn cluster begins, and the number of cells."""
    rtl: bool
    right: bool
    """Whether it is aligned to the right."""

    @property
    def size(self) -> int:
        """How many cells it takes."""
        return self.edges[-1]

    @property
    def last(self) -> int:
        """The last place of the cursor."""
        return self.start + max(self.order)

    @property
    def stops(self) -> list[int]:
        """The places of the cursor from left to right."""
        return [self.start + place for place in self.order]

    def spot(self, place: int) -> int:
        """The index of the drawn cluster of a place."""
        return self.order.index(place - self.start)

    def cell(self, place: int) -> int:
        """The cell of a place, counted from the row's own left end."""
        return self.edges[self.spot(place)]

    def place(self, cell: int) -> int:
        """The place at a cell; beyond the row, the nearest."""
        spot = bisect_right(self.edges, cell) - 1
        return self.start + self.order[_clamp(spot, 0, len(self.order) - 1)]

    def indent(self, cells: int) -> int:
        """The free cells before it on a line of so many."""
        return max(0, cells - self.size) if self.right else 0


class Layout:
    """A text as rows of drawn clusters for a width, and where the cursor goes on them; `cells` 0 does not wrap."""

    def __init__(self, text: str, cells: int = 0, *, mirrored: bool = False) -> None:
        self.clusters: list[str] = []
        self.rows: list[Row] = []
        for paragraph in text.split("\n"):
            if self.rows:
                self.clusters.append("\n")
            lay_out = _cached_paragraph if len(paragraph) <= _LONGEST_CACHED else _paragraph
            clusters, rows = lay_out(paragraph, cells, mirrored)
            base = len(self.clusters)
            self.rows += [replace(row, start=base + row.start, end=base + row.end) for row in rows] if base else rows
            self.clusters += clusters
        self._starts = [row.start for row in self.rows]

    def row_of(self, place: int) -> int:
        """The index of the row of a place."""
        return bisect_right(self._starts, place) - 1

    def after(self, characters: int) -> int:
        """The place after so many characters, at the next end of a cluster."""
        return bisect_left([*accumulate(map(len, self.clusters), initial=0)], characters)

    def text(self, start: int, end: int) -> str:
        """The text between two places."""
        return "".join(self.clusters[start:end])

    def left(self, place: int) -> int:
        """The place that the left arrow goes to."""
        return self._arrow(place, -1)

    def right(self, place: int) -> int:
        """The place that the right arrow goes to."""
        return self._arrow(place, 1)

    def _arrow(self, place: int, step: int) -> int:
        number = self.row_of(place)
        row = self.rows[number]
        spot = row.spot(place) + step
        if 0 <= spot < len(row.order):
            return row.start + row.order[spot]
        # Beyond the side where reading ends comes the next row, at the side where its reading begins.
        onward = (step > 0) != row.rtl
        number += 1 if onward else -1
        if not 0 <= number < len(self.rows):
            return place
        row = self.rows[number]
        return row.start + row.order[0 if onward != row.rtl else -1]

    def home(self, place: int) -> int:
        """The beginning of the row of a place."""
        return self.rows[self.row_of(place)].start

    def end(self, place: int) -> int:
        """The end of the row of a place."""
        return self.rows[self.row_of(place)].last

    def line(self, place: int) -> tuple[int, int]:
        """The beginning and end of the real line of a place."""
        start = end = place
        while start and self.clusters[start - 1] != "\n":
            start -= 1
        while end < len(self.clusters) and self.clusters[end] != "\n":
            end += 1
        return start, end

    def word_left(self, place: int) -> int:
        """The next word on the left."""
        return self.word_after(place) if self.rows[self.row_of(place)].rtl else self.word_before(place)

    def word_right(self, place: int) -> int:
        """The next word on the right."""
        return self.word_before(place) if self.rows[self.row_of(place)].rtl else self.word_after(place)

    def word_before(self, place: int) -> int:
        """The beginning of the word before a place."""
        while place and not _is_word(self.clusters[place - 1]):
            place -= 1
        while place and _is_word(self.clusters[place - 1]):
            place -= 1
        return place

    def word_after(self, place: int) -> int:
        """The end of the word after a place."""
        most = len(self.clusters)
        while place < most and not _is_word(self.clusters[place]):
            place += 1
        while place < most and _is_word(self.clusters[place]):
            place += 1
        return place


def _is_word(cluster: str) -> bool:
    return cluster[0].isalnum() or cluster[0] == "_"


def _paragraph(text: str, cells: int, mirrored: bool) -> tuple[tuple[str, ...], list[Row]]:
    """The clusters and rows of a text without line ends."""
    clusters = tuple(graphemes(text))
    rtl = has_rtl(text) and is_rtl(text)
    # What has no letters stands where the reading of the screen begins, as everywhere on it.
    right = rtl or (mirrored and not any(map(str.isalpha, text)))
    starts = _row_starts(clusters, cells) if cells else [0]
    whole = Paragraph(text, "R" if rtl else "L")
    rows = []
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        to = len(clusters) if end is None else end
        rows.append(Row(start, to, *_cached_drawn(whole.line(start, to), start < to, end is None), rtl, right))
    return clusters, rows


_cached_paragraph = lru_cache(maxsize=256)(_paragraph)


def _drawn(laid: Visual, is_text: bool, ends: bool) -> tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]:
    cells, order, rtl = laid
    if is_text and not any(map(shown_cells, cells)):
        # Marks without a letter take no cell, yet the cursor has to stand on them.
        cells, order = ("◌",), (0,)
    if ends:
        blank, place = (" ",), (len(order),)
        cells, order = (blank + cells, place + order) if rtl else (cells + blank, order + place)
    return cells, order, tuple(accumulate(map(shown_cells, cells), initial=0))


_cached_drawn = lru_cache(maxsize=1024)(_drawn)


def shown_cells(cluster: str) -> int:
    """The cells of a cluster, without asking for the usual letters."""
    return 1 if len(cluster) == 1 and (cluster.isascii() or "א" <= cluster <= "ת") else width(cluster)


def _row_starts(clusters: Sequence[str], cells: int) -> list[int]:
    """Where rows begin: letters leave the last cell to the cursor at the end, only a space between words may take it."""
    most = max(1, cells - 1)
    starts = [0]
    word, used = 0, 0
    for place, cluster in enumerate(clusters):
        size = shown_cells(cluster)
        space = cluster == " "
        while used + size > most + (space and most < cells) and place > starts[-1]:
            start = place if space or word <= starts[-1] else word
            used = sum(map(shown_cells, clusters[start:place]))
            starts.append(start)
        used += size
        if space:
            word = place + 1
    if used > most and len(clusters) > starts[-1]:
        starts.append(len(clusters))
    return starts


def _clamp(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))
