"""The board drawn line by line: stages side by side, cards of two lines; ten thousand deals cost what is visible of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from crm_tui.registry import movemap
from crm_tui.widgets.paint import PLAIN, STYLES, mirrored, said, strip

CARD_LINES = 2
HEAD_LINES = 1
GAP = 1
FEWEST_CELLS = 19
"""A stage narrower than this is not shown; the others are reached by going on."""
MOST_DRAWN = 2_000
MOVES = movemap()


class BoardColumn(NamedTuple):
    """One stage: what stands in it, and what it is for whoever draws it."""

    rows: Sequence[Any]
    stage: Any = None


DrawCard = Callable[[Any, BoardColumn, int], Sequence[Sequence[Segment]]]
"""The two lines of a card, each of so many cells."""
DrawHead = Callable[[BoardColumn, int, bool, str], Sequence[Segment]]
"""The line above a column for a width; whether the cursor is in it; where one is when not all columns are shown."""
Key = Callable[[Any], Hashable]


class DealBoard(Widget, can_focus=True):
    """Columns of cards with one cursor; `empty` are the lines that stand when there is no card at all.

    Every column scrolls on its own. On the screen of a right-to-left language the columns run from right to left; the arrows
    follow the screen.
    """

    class Moved(Message):
        """The cursor stands on another card, or the board changed under it."""

        def __init__(self, board: DealBoard) -> None:
            super().__init__()
            self.board = board

        @property
        def control(self) -> DealBoard:
            """The board."""
            return self.board

    class Opened(Moved):
        """The card under the cursor was opened."""

    class Pushed(Moved):
        """The card under the cursor was sent so many columns on, or back when negative."""

        def __init__(self, board: DealBoard, row: Any, steps: int) -> None:
            super().__init__(board)
            self.row = row
            self.steps = steps

    def __init__(
        self,
        head: DrawHead,
        card: DrawCard,
        key: Key,
        *,
        empty: Callable[[], Sequence[str]] = tuple,
        narrow_below: int = 80,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._head, self._card, self._key, self._empty, self._narrow_below = head, card, key, empty, narrow_below
        self.columns: list[BoardColumn] = []
        self.loaded = False
        self.at = 0
        """The column of the cursor."""
        self.first = 0
        """The first column that is shown."""
        self._cursors: list[int] = []
        self._tops: list[int] = []
        self._height = 0
        """How far down the screen moves to the side keep the cursor."""
        self._cards: dict[tuple[Hashable, int], Sequence[Sequence[Segment]]] = {}
        self._shown: dict[int, Strip] = {}

    # what stands where

    @property
    def total(self) -> int:
        """How many cards there are."""
        return sum(len(column.rows) for column in self.columns)

    @property
    def column(self) -> BoardColumn | None:
        """The column of the cursor."""
        return self.columns[self.at] if self.columns else None

    @property
    def cursor(self) -> int:
        """The index of the cursor in its column."""
        return self._cursors[self.at] if self.columns else 0

    @property
    def current(self) -> Any:
        """The card under the cursor, or None."""
        column = self.column
        return column.rows[self.cursor] if column is not None and self.cursor < len(column.rows) else None

    @property
    def visible_columns(self) -> int:
        """How many columns fit side by side."""
        if self.size.width < self._narrow_below:
            return 1
        return max(1, min(len(self.columns), (self.size.width + GAP) // (FEWEST_CELLS + GAP)))

    @property
    def visible_cards(self) -> int:
        """How many cards of a column fit."""
        return max(1, (self.size.height - HEAD_LINES) // CARD_LINES)

    def _spans(self) -> list[tuple[int, int, int]]:
        """Index, first cell and width of the columns that are shown, from left to right."""
        count = self.visible_columns
        room = self.size.width - GAP * (count - 1)
        spans = []
        cell = 0
        order = range(self.first, min(self.first + count, len(self.columns)))
        for place, index in enumerate(reversed(order) if mirrored() else order):
            wide = room * (place + 1) // count - room * place // count
            spans.append((index, cell, wide))
            cell += wide + GAP
        return spans

    # what it shows

    def show(self, columns: Iterable[BoardColumn]) -> None:
        """Show other columns; the cursor stays on its card, wherever that stands now."""
        current = self.current
        height = self.cursor - self._tops[self.at] if self.columns else 0
        tops, cursors = self._tops, self._cursors
        self.columns = list(columns)
        count = len(self.columns)
        self._tops = [*tops[:count], *[0] * (count - len(tops))]
        self._cursors = [*cursors[:count], *[0] * (count - len(cursors))]
        found = None if current is None else self._find(self._key(current))
        if found is not None:
            self.at, index = found
            self._cursors[self.at], self._tops[self.at] = index, index - height
        elif not self.loaded:
            self.at = next((index for index, column in enumerate(self.columns) if column.rows), 0)
        self.at = max(0, min(self.at, count - 1))
        self.loaded = True
        self._forget()
        self._keep_in_sight()
        self.refresh()
        self.post_message(self.Moved(self))

    def go_to(self, key: Hashable) -> bool:
        """Bring the cursor to a card; False when it is not there."""
        found = self._find(key)
        if found is not None:
            self._go(*found)
        return found is not None

    def _find(self, key: Hashable) -> tuple[int, int] | None:
        for number, column in enumerate(self.columns):
            for index, row in enumerate(column.rows):
                if self._key(row) == key:
                    return number, index
        return None

    def _forget(self) -> None:
        self._cards.clear()
        self._shown.clear()

    def tick(self) -> None:
        """Draw again the lines that time changed."""
        before = dict(self._shown)
        self._forget()
        lines = {y: self._line(y) for y in before if y < self.size.height}
        self._shown = lines
        if changed := [Region(0, y, self.size.width, 1) for y, line in lines.items() if line != before[y]]:
            self.refresh(*changed)

    # moving

    def _go(self, at: int, index: int, *, keep_height: bool = False) -> None:
        """Bring the cursor to a place and draw what that changes: two cards, a column that scrolled, or all."""
        if not self.columns:
            return
        at = max(0, min(at, len(self.columns) - 1))
        index = max(0, min(index, len(self.columns[at].rows) - 1))
        if (at, index) == (self.at, self.cursor):
            return
        left, first, top = self._card_region(self.at, self.cursor), self.first, self._tops[at]
        other = at != self.at
        self.at, self._cursors[at] = at, index
        self._keep_in_sight()
        if not keep_height:
            self._height = index - self._tops[at]
        if self.first != first:
            self.refresh()
        else:
            scrolled = self._tops[at] != top
            changed = [self._column_region(at) if scrolled else self._card_region(at, index)]
            if other:
                changed += [left, Region(0, 0, self.size.width, HEAD_LINES)]
            elif not scrolled:
                changed.append(left)
            self.refresh(*changed)
        self.post_message(self.Moved(self))

    def _card_region(self, at: int, index: int) -> Region:
        cell, wide = next(((cell, wide) for column, cell, wide in self._spans() if column == at), (0, 0))
        return Region(cell, HEAD_LINES + (index - self._tops[at]) * CARD_LINES, wide, CARD_LINES)

    def _column_region(self, at: int) -> Region:
        cell, wide = next(((cell, wide) for column, cell, wide in self._spans() if column == at), (0, 0))
        return Region(cell, HEAD_LINES, wide, self.size.height - HEAD_LINES)

    def _keep_in_sight(self) -> None:
        rows = self.visible_cards
        for at, column in enumerate(self.columns):
            most = len(column.rows)
            cursor = self._cursors[at] = max(0, min(self._cursors[at], most - 1))
            top = self._tops[at]
            if at == self.at:
                top = min(max(top, cursor - rows + 1), cursor)
            self._tops[at] = max(0, min(top, most - rows))
        count = self.visible_columns
        first = min(max(self.first, self.at - count + 1), self.at)
        self.first = max(0, min(first, len(self.columns) - count))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._forget()
        self._keep_in_sight()

    def take_key(self, event: events.Key) -> bool:
        """Move the cursor, or with shift the card."""
        if event.key in ("shift+left", "shift+right"):
            if self.current is not None:
                self.post_message(self.Pushed(self, self.current, self._onward(event.key.removeprefix("shift+"))))
            return True
        move = MOVES.get(event.character or event.key) or MOVES.get(event.key)
        if move is None:
            return False
        if move in ("left", "right"):
            at = max(0, min(self.at + self._onward(move), len(self.columns) - 1))
            if at != self.at:
                self._go(at, self._tops[at] + self._height, keep_height=True)
            return True
        rows = self.visible_cards
        steps = {"up": -1, "down": 1, "pageup": -rows, "pagedown": rows, "home": -self.total, "end": self.total}
        self._go(self.at, self.cursor + steps[move])
        return True

    def _onward(self, side: str) -> int:
        """One column on or back, for a side of the screen."""
        return 1 if (side == "right") != mirrored() else -1

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move on."""
        event.stop()
        self._go(self.at, self.cursor + 3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move back."""
        event.stop()
        self._go(self.at, self.cursor - 3)

    def on_click(self, event: events.Click) -> None:
        """Go to the card under the mouse; a second click opens it."""
        at = next((index for index, cell, wide in self._spans() if cell <= event.x < cell + wide), None)
        if at is None:
            return
        index = self._tops[at] + (event.y - HEAD_LINES) // CARD_LINES
        if event.y < HEAD_LINES or index >= len(self.columns[at].rows):
            self._go(at, self._cursors[at])
        elif event.chain > 1:
            self.post_message(self.Opened(self))
        else:
            self._go(at, index)

    # drawing

    def render_line(self, y: int) -> Strip:
        """One line."""
        line = self._shown[y] = self._line(y)
        return line

    def _line(self, y: int) -> Strip:
        cells = self.size.width
        if y > 0 and not self.total:
            return self._empty_line(y, cells)
        found: list[Segment] = []
        for index, cell, wide in self._spans():
            if cell:
                found.append(Segment(" " * GAP, PLAIN))
            found += self._head_cells(index, wide) if y < HEAD_LINES else self._card_cells(index, y - HEAD_LINES, wide)
        return strip(found, cells)

    def _head_cells(self, index: int, cells: int) -> Strip:
        place = "" if self.visible_columns == len(self.columns) else f"{index + 1}/{len(self.columns)}"
        drawn = self._head(self.columns[index], cells - 1, index == self.at, place)
        return strip(self._with_edge(Segment(" "), strip(drawn, cells - 1)), cells)

    def _card_cells(self, at: int, y: int, cells: int) -> Strip:
        column = self.columns[at]
        index, line = self._tops[at] + y // CARD_LINES, y % CARD_LINES
        if index >= len(column.rows) or y // CARD_LINES >= self.visible_cards:
            return Strip.blank(cells)
        is_cursor = at == self.at and index == self._cursors[at]
        drawn = self._drawn(column, index, cells - 1)
        body = strip(drawn[line] if line < len(drawn) else (), cells - 1)
        edge = Segment("▌", STYLES["accent"]) if is_cursor else Segment(" ")
        return strip(self._with_edge(edge, body), cells, STYLES["bold"] if is_cursor else PLAIN)

    @staticmethod
    def _with_edge(edge: Segment, body: Strip) -> list[Segment]:
        return [*body, edge] if mirrored() else [edge, *body]

    def _drawn(self, column: BoardColumn, index: int, cells: int) -> Sequence[Sequence[Segment]]:
        row = column.rows[index]
        key = (self._key(row), cells)
        found = self._cards.get(key)
        if found is None:
            if len(self._cards) >= MOST_DRAWN:
                self._cards.clear()
            found = self._cards[key] = self._card(row, column, cells)
        return found

    def _empty_line(self, y: int, cells: int) -> Strip:
        lines = self._empty() if self.loaded else ()
        at = y - 2
        if 0 <= at < len(lines):
            return strip([Segment("  "), *said([(lines[at], "" if at == 0 else "dim")], cells - 4)], cells)
        return Strip.blank(cells)
