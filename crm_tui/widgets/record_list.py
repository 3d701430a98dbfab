"""A list of records drawn line by line over paged reads: a million rows cost what a screenful does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from crm_tui.registry import movemap
from crm_tui.widgets.paint import PLAIN, STYLES, mirrored, said, strip

PAGE = 100
MOVES = {key: move for key, move in movemap().items() if move not in ("left", "right")}

Count = Callable[[], Awaitable[int]]
Load = Callable[[int, int], Awaitable[Sequence[Any]]]
"""Rows from an index on, at most so many."""
DrawRow = Callable[[Any, int, bool], list[list[Segment]]]
"""The lines of a row for a width; whether two lines are wanted."""


class _OfList(Message):
    def __init__(self, list_: RecordList) -> None:
        super().__init__()
        self.list = list_

    @property
    def control(self) -> RecordList:
        """The list."""
        return self.list


class RecordList(Widget, can_focus=True):
    """Rows with a cursor and marks; `empty` are the lines that stand when there is no row."""

    class Moved(_OfList):
        """The cursor stands on another record, or the list changed under it."""

    class Opened(_OfList):
        """The record under the cursor was clicked twice."""

    class Failed(Message):
        """A page could not be read."""

        def __init__(self, error: Exception) -> None:
            super().__init__()
            self.error = error

    def __init__(
        self,
        count: Count,
        load: Load,
        draw: DrawRow,
        key: Callable[[Any], Hashable],
        *,
        head: Callable[[int], list[Segment]] | None = None,
        empty: Callable[[], Sequence[str]] = tuple,
        narrow_below: int = 80,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._count, self._load, self._draw, self._key = count, load, draw, key
        self._head, self._empty, self._narrow_below = head, empty, narrow_below
        self.total = 0
        self.cursor = 0
        self.top = 0
        self.marked: dict[Hashable, Any] = {}
        self.loaded = False
        self.awaited: Hashable | None = None
        """The record that the cursor goes to when it is read."""
        self._pages: dict[int, Sequence[Any]] = {}
        self._wanted: set[int] = set()
        self._shown: dict[int, Strip] = {}
        self._bodies: dict[int, list[list[Segment]]] = {}
        self._body_cells = 0
        """For what width these were drawn."""

    # what stands where

    @property
    def is_narrow(self) -> bool:
        """Whether rows take two lines."""
        # The outer size, here and below, is the inner one of a widget that lies bare, and is not looked up on the screen.
        return self.outer_size.width < self._narrow_below

    @property
    def _row_lines(self) -> int:
        return 2 if self.is_narrow else 1

    @property
    def _head_lines(self) -> int:
        return 1 if self._head is not None and not self.is_narrow and self.outer_size.height > 4 else 0

    @property
    def visible_rows(self) -> int:
        """How many rows fit."""
        return max(1, (self.outer_size.height - self._head_lines) // self._row_lines)

    def row(self, index: int) -> Any:
        """The row at an index, None while it is not loaded."""
        page = self._pages.get(index // PAGE)
        at = index % PAGE
        return page[at] if page is not None and at < len(page) else None

    @property
    def current(self) -> Any:
        """The row under the cursor, or None."""
        return self.row(self.cursor) if self.cursor < self.total else None

    def is_on(self, key: Hashable) -> bool:
        """Whether the cursor stands on a record."""
        return self.current is not None and self._key(self.current) == key

    @property
    def chosen(self) -> list[Any]:
        """The marked rows, else the one under the cursor."""
        if self.marked:
            return list(self.marked.values())
        return [] if self.current is None else [self.current]

    # loading

    async def reload(self, *, to: Hashable | None = None) -> None:
        """Read again what is shown; the cursor stays on its record (or goes `to` one), wherever that stands now."""
        total = await self._count()
        first = max(0, min(self.top, total - 1) - PAGE // 2) // PAGE
        last = max(0, min(self.top, total - 1) + self.visible_rows + PAGE // 2) // PAGE
        pages = {number: await self._load(number * PAGE, PAGE) for number in range(first, last + 1) if number * PAGE < total}
        # Only now: the cursor may have gone on while the rows were read.
        current = self.current
        to = to if to is not None else self.awaited
        keep = to if to is not None else None if current is None else self._key(current)
        self.total, self._pages, self.loaded = total, pages, True
        self._wanted.clear()
        if keep is not None:
            for number, rows in pages.items():
                for at, row in enumerate(rows):
                    if self._key(row) == keep:
                        index = number * PAGE + at
                        self.top += index - self.cursor
                        self.cursor = index
        if self.marked:
            fresh = {self._key(row): row for rows in pages.values() for row in rows}
            self.marked = {key: fresh.get(key, row) for key, row in self.marked.items()}
        self.cursor = max(0, min(self.cursor, total - 1))
        self._scroll_to_cursor()
        self.tick()
        self.post_message(self.Moved(self))

    def drop(self, key: Hashable) -> None:
        """Take a row off before all is read again, so that the next one stands there at once."""
        index = next((index for index, row in self._loaded() if self._key(row) == key), None)
        if index is None:
            return
        rest = [row for at, row in self._loaded() if at > index]
        first = index // PAGE
        kept = [*self._pages[first][: index % PAGE], *rest]
        self._pages = {number: rows for number, rows in self._pages.items() if number < first}
        self._pages |= {first + at // PAGE: kept[at : at + PAGE] for at in range(0, len(kept), PAGE)}
        self.total -= 1
        if len(kept) % PAGE and first * PAGE + len(kept) < self.total:
            # Who moves up to the end of the last page is not at hand.
            self._ask(first + len(kept) // PAGE)
        self.marked.pop(key, None)
        if index < self.cursor:
            self.cursor -= 1
        self.cursor = max(0, min(self.cursor, self.total - 1))
        self._scroll_to_cursor()
        self.tick()
        self.post_message(self.Moved(self))

    def _loaded(self) -> Iterator[tuple[int, Any]]:
        """The rows that are at hand, up to the first gap after those on the screen."""
        number = self.top // PAGE
        while number in self._pages:
            for at, row in enumerate(self._pages[number]):
                yield number * PAGE + at, row
            number += 1

    def _want(self, index: int) -> None:
        number = index // PAGE
        if number in self._pages or number in self._wanted or index >= self.total:
            return
        self._ask(number)

    def _ask(self, number: int) -> None:
        self._wanted.add(number)
        self.run_worker(self._fetch(number), group="pages")

    async def _fetch(self, number: int) -> None:
        try:
            rows = await self._load(number * PAGE, PAGE)
        except Exception as error:
            self.post_message(self.Failed(error))
            return
        if number in self._wanted:
            self._wanted.discard(number)
            if len(self._pages) > 40:
                self._pages = {one: rows_ for one, rows_ in self._pages.items() if abs(one - self.top // PAGE) < 10}
            self._pages[number] = rows
            if len(self._bodies) > 1_000:
                self._bodies.clear()
            self.refresh()
            if self.cursor // PAGE == number:
                self.post_message(self.Moved(self))

    @property
    def is_on_its_way(self) -> bool:
        """Whether the row under the cursor is still to be read."""
        return self.loaded and self.cursor < self.total and self.current is None

    async def read_current(self) -> None:
        """Wait for the row under the cursor."""
        if self.is_on_its_way:
            self._wanted.add(self.cursor // PAGE)
            await self._fetch(self.cursor // PAGE)

    # moving

    def move_to(self, index: int) -> None:
        """Bring the cursor to a row."""
        index = max(0, min(index, self.total - 1))
        if index == self.cursor:
            return
        before, top = self.cursor, self.top
        self.cursor = index
        self._scroll_to_cursor()
        if self.top != top:
            self.refresh()
        else:
            self.refresh(self._region(before), self._region(index))
        self.post_message(self.Moved(self))

    def _region(self, index: int) -> Region:
        lines = self._row_lines
        return Region(0, self._head_lines + (index - self.top) * lines, self.outer_size.width, lines)

    def _scroll_to_cursor(self) -> None:
        rows = self.visible_rows
        if self.cursor < self.top:
            self.top = self.cursor
        elif self.cursor >= self.top + rows:
            self.top = self.cursor - rows + 1
        self.top = max(0, min(self.top, self.total - rows))
        for index in (self.top, self.top + rows - 1, self.top + 2 * rows, max(0, self.top - rows)):
            self._want(index)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._scroll_to_cursor()

    def take_key(self, event: events.Key) -> bool:
        """Move."""
        move = MOVES.get(event.character or event.key) or MOVES.get(event.key)
        if move is None:
            return False
        rows = self.visible_rows
        steps = {"up": -1, "down": 1, "pageup": -rows, "pagedown": rows}
        if move in steps:
            self.move_to(self.cursor + steps[move])
        else:
            self.move_to(0 if move == "home" else self.total - 1)
        return True

    def toggle_mark(self) -> None:
        """Mark the current row or take its mark off, and go on to the next."""
        row = self.current
        if row is None:
            return
        key = self._key(row)
        if self.marked.pop(key, None) is None:
            self.marked[key] = row
        self.refresh(self._region(self.cursor))
        self.move_to(self.cursor + 1)

    async def mark_all(self, most: int) -> None:
        """Mark all rows (at most so many), or take all marks off."""
        if self.marked:
            self.marked = {}
        else:
            self.marked = {self._key(row): row for row in await self._load(0, min(most, self.total))}
        self.refresh()
        self.post_message(self.Moved(self))

    def unmark(self, keys: Iterable[Hashable] | None = None) -> None:
        """Take marks off, all of them or those of some records."""
        if self.marked:
            left = set() if keys is None else self.marked.keys() - keys
            self.marked = {key: row for key, row in self.marked.items() if key in left}
            self.refresh()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move on."""
        event.stop()
        self.move_to(self.cursor + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move back."""
        event.stop()
        self.move_to(self.cursor - 3)

    def on_click(self, event: events.Click) -> None:
        """Go to the row under the mouse; a second click opens it."""
        index = self.top + (event.y - self._head_lines) // self._row_lines
        if event.y < self._head_lines or index >= self.total:
            return
        if event.chain > 1 and self.current is not None:
            self.post_message(self.Opened(self))
        else:
            self.move_to(index)

    # drawing

    def tick(self) -> None:
        """Draw again the lines that time or somebody changed, and no other."""
        self._bodies.clear()
        changed = [y for y in range(self.outer_size.height) if self._line(y) != self._shown.get(y)]
        if changed:
            self.refresh(*(Region(0, y, self.outer_size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One line."""
        line = self._line(y)
        self._shown[y] = line
        return line

    def _line(self, y: int) -> Strip:
        cells = self.outer_size.width
        if not self.total:
            return self._empty_line(y, cells)
        y -= self._head_lines
        if y < 0 and self._head is not None:
            return strip(self._head(cells), cells, STYLES["dim"])
        index, line = self.top + y // self._row_lines, y % self._row_lines
        if index >= self.total or y // self._row_lines >= self.visible_rows:
            return Strip.blank(cells)
        row = self.row(index)
        if row is None:
            self.call_later(self._want, index)
            return strip([Segment("  …", STYLES["dim"])], cells)
        is_cursor = index == self.cursor
        is_marked = self._key(row) in self.marked
        if self._body_cells != cells:
            # A frame may be drawn before the list hears of its new size.
            self._bodies.clear()
            self._body_cells = cells
        lines = self._bodies.get(index)
        if lines is None:
            lines = self._bodies[index] = self._draw(row, cells - 2, self.is_narrow)
        edge = Segment("▌", STYLES["accent"]) if is_cursor else Segment(" ")
        mark = Segment("✓" if is_marked and not line else " ", STYLES["accent"])
        body = lines[line] if line < len(lines) else []
        ends = [edge, mark]
        found = [*Strip(body).adjust_cell_length(cells - 2), *ends[::-1]] if mirrored() else [*ends, *body]
        return strip(found, cells, STYLES["bold"] if is_cursor else PLAIN)

    def _empty_line(self, y: int, cells: int) -> Strip:
        lines = self._empty() if self.loaded else ()
        at = y - 1
        if 0 <= at < len(lines):
            return strip([Segment("  "), *said([(lines[at], "" if at == 0 else "dim")], cells - 4)], cells)
        return Strip.blank(cells)
