"""The timeline of a person: entries of as many lines as their text needs, over paged reads; a million cost what a screenful does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from crm_tui.registry import movemap
from crm_tui.widgets.entry import CLOCK_CELLS, Row, day_title, draw_entry, entry_rows, is_new_day
from crm_tui.widgets.paint import PLAIN, STYLES, Part, mirrored, said, strip
from crm_tui.widgets.wrapped import lay, side

if TYPE_CHECKING:
    from crm_tui.reads.look import Look
    from crm_tui.reads.timeline import Stretch, Told

PAGE = 100
NEAR = 40
"""So near to the end of what is loaded the next page is fetched."""
MOST_LOADED = 600
MOVES = {key: move for key, move in movemap().items() if move not in ("left", "right")}
Ask = Callable[[str, tuple[int, int, int, int] | None, int], Awaitable["Stretch"]]
"""`newest`, `oldest`, or what is `older`, `newer` or `around` a place, and how many lines at most."""


class Timeline(Widget, can_focus=True):
    """Entries with a cursor, newest first; only a window around the cursor is kept. `title` stands above when it is not empty."""

    class Moved(Message):
        """The cursor stands on another entry, or the entries changed under it; `by_hand` when a person moved it."""

        def __init__(self, timeline: Timeline, by_hand: bool) -> None:
            super().__init__()
            self.timeline = timeline
            self.by_hand = by_hand

        @property
        def control(self) -> Timeline:
            """The timeline."""
            return self.timeline

    class Failed(Message):
        """A page could not be read."""

        def __init__(self, error: Exception) -> None:
            super().__init__()
            self.error = error

    def __init__(self, ask: Ask, *, empty: Callable[[], Sequence[str]] = tuple, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ask, self._empty = ask, empty
        self.lines: list[Told] = []
        self.cursor = 0
        self.top = (0, 0)
        """The entry and its line at the top of the widget."""
        self.at_newest = self.at_oldest = False
        self.loaded = False
        self.title: list[Part] = []
        self._look: Look | None = None
        self._version = 0
        self._fetching = False
        self._rows: dict[Any, list[Row]] = {}
        self._drawn: dict[Any, Strip] = {}
        self._shown: dict[int, Strip] = {}
        self._cells = 0

    @property
    def current(self) -> Told | None:
        """The entry under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    # loading

    async def reload(self, *, anew: bool = False) -> None:
        """Read again what is shown; the cursor stays on its entry, `anew` it begins at the newest."""
        self._version += 1
        version = self._version
        here = None if anew else self.current
        found = await self._ask("around" if here else "newest", here.row.place if here else None, PAGE)
        if version != self._version:
            return
        if here is not None:
            # Only now: the cursor may have gone on while it was read.
            here = self.current or here
        at_start = here is None or (self.at_newest and self.top == (0, 0))
        above = 0 if here is None else self._lines_between(self.top, (self.cursor, 0))
        self._take(found)
        if here is not None:
            self.cursor = _find(self.lines, here)
        self.top = (0, 0) if at_start else self._back((self.cursor, 0), above)
        self._settle()
        self.post_message(self.Moved(self, False))

    def clear(self) -> None:
        """Show nothing until the next reload, which begins anew."""
        self._version += 1
        self.lines, self.cursor, self.top, self.loaded = [], 0, (0, 0), False
        self._forget_drawn()
        self.redraw()

    def _take(self, found: Stretch) -> None:
        self._look = found.look
        self.lines, self.at_newest, self.at_oldest = list(found.lines), found.newest, found.oldest
        self.cursor = 0
        self.loaded, self._fetching = True, False
        self._forget_drawn()

    def _forget_drawn(self) -> None:
        self._rows.clear()
        self._drawn.clear()

    def _fetch_near(self) -> None:
        """Have the next page fetched when the cursor comes near to the end of what is loaded."""
        if self._fetching or not self.lines:
            return
        if not self.at_oldest and self.cursor > len(self.lines) - NEAR:
            self._fetching = True
            self._run(self._fetch("older", self.lines[-1]))
        elif not self.at_newest and self.cursor < NEAR:
            self._fetching = True
            self._run(self._fetch("newer", self.lines[0]))

    def _run(self, reading: Coroutine[Any, Any, None]) -> None:
        async def run() -> None:
            try:
                await reading
            except Exception as error:
                self._fetching = False
                self.post_message(self.Failed(error))

        self.run_worker(run(), group="pages")

    async def _fetch(self, where: str, end: Told) -> None:
        version = self._version
        found = await self._ask(where, end.row.place, PAGE)
        if version != self._version:
            return
        self._fetching = False
        if where == "older":
            self.lines += found.lines
            self.at_oldest = found.oldest
            self._forget_newest(min(len(self.lines) - MOST_LOADED, self.cursor - PAGE, self.top[0] - PAGE))
        else:
            self.lines[:0] = found.lines
            self.at_newest = found.newest
            self.cursor += len(found.lines)
            self.top = (self.top[0] + len(found.lines), self.top[1])
            if len(self.lines) > MOST_LOADED and self.cursor < MOST_LOADED - PAGE:
                del self.lines[MOST_LOADED:]
                self.at_oldest = False
        self._settle()

    def _forget_newest(self, count: int) -> None:
        if count > 0:
            del self.lines[:count]
            self.cursor -= count
            self.top = (self.top[0] - count, self.top[1])
            self.at_newest = False

    async def _jump(self, where: str) -> None:
        self._version += 1
        version = self._version
        found = await self._ask(where, None, PAGE)
        if version == self._version:
            self._take(found)
            self.cursor = len(self.lines) - 1 if where == "oldest" else 0
            self.top = (max(0, self.cursor), 0)
            self._settle()
            self.post_message(self.Moved(self, True))

    # where lines are

    def _rows_of(self, index: int) -> list[Row]:
        told = self.lines[index]
        found = self._rows.get(told.key)
        if found is None:
            if len(self._rows) > 4 * PAGE:
                self._forget_drawn()
            found = self._rows[told.key] = entry_rows(told, self.size.width - 2 - CLOCK_CELLS - 3)
        return found

    def _head(self, index: int) -> int:
        """How many lines stand above an entry: its day, when it is the first of it."""
        assert self._look is not None
        return int(is_new_day(self._look, self.lines[index], self.lines[index - 1] if index else None))

    def _height(self, index: int) -> int:
        return self._head(index) + len(self._rows_of(index))

    @property
    def _room(self) -> int:
        """The lines there are for entries."""
        return max(1, self.size.height - bool(self.title))

    def _lines_between(self, top: tuple[int, int], place: tuple[int, int]) -> int:
        """How many lines a place is below another; 0 when it is above it."""
        if place <= top:
            return 0
        return sum(self._height(index) for index in range(top[0], place[0])) - top[1] + place[1]

    def _back(self, place: tuple[int, int], count: int) -> tuple[int, int]:
        """The place so many lines above another, at most the first."""
        index, line = place
        while count > line and index > 0:
            count -= line
            index -= 1
            line = self._height(index)
        return index, max(0, line - count)

    def _forward(self, place: tuple[int, int], count: int) -> tuple[int, int]:
        """The place so many lines below another, at most the last."""
        index, line = place
        while (height := self._height(index)) - line <= count and index < len(self.lines) - 1:
            count -= height - line
            index, line = index + 1, 0
        return index, min(line + count, height - 1)

    def _view(self) -> Iterator[tuple[int, int]]:
        """The entry and its line for each line of the widget that has one."""
        index, line = self.top
        for _y in range(self._room):
            if index >= len(self.lines):
                return
            yield index, line
            line += 1
            if line >= self._height(index):
                index, line = index + 1, 0

    # moving

    def _settle(self) -> None:
        """After any change: the cursor in sight, no room wasted at the end, the next page on its way, what differs drawn."""
        self.cursor = max(0, min(self.cursor, len(self.lines) - 1))
        if self.lines and self.size.width:
            self.top = min(self.top, (len(self.lines) - 1, 0))
            # The entry at the top may have become shorter.
            self.top = (self.top[0], min(self.top[1], self._height(self.top[0]) - 1))
            start, height = (self.cursor, 0), self._height(self.cursor)
            if self.cursor < self.top[0] or (self.cursor == self.top[0] and height <= self._room):
                self.top = min(self.top, start)
            elif self._is_far() or self._lines_between(self.top, start) + min(height, self._room) > self._room:
                self.top = self._back(start, self._room - min(height, self._room))
            last = (len(self.lines) - 1, self._height(len(self.lines) - 1))
            if len(self.lines) - self.top[0] <= self._room:
                self.top = min(self.top, self._back(last, self._room))
        self._fetch_near()
        self.redraw()

    def _is_far(self) -> bool:
        return self.cursor - self.top[0] > self._room

    def move_to(self, index: int) -> None:
        """Bring the cursor to an entry."""
        index = max(0, min(index, len(self.lines) - 1))
        if index == self.cursor:
            self._fetch_near()
            return
        upwards = index < self.cursor
        self.cursor = index
        if upwards and self._height(index) > self._room:
            # Of an entry that is higher than the screen one comes to its end from below.
            self.top = (index, self._height(index) - self._room)
        self._settle()
        self.post_message(self.Moved(self, True))

    def _scroll_within(self, step: int, most: int) -> bool:
        """Go on inside an entry that is higher than the screen; False when its end is in sight."""
        if not self.lines or self._height(self.cursor) <= self._room or self.top[0] != self.cursor:
            return False
        line = max(0, min(self.top[1] + step * most, self._height(self.cursor) - self._room))
        if line == self.top[1]:
            return False
        self.top = (self.cursor, line)
        self.redraw()
        return True

    def on_key(self, event: events.Key) -> None:
        """Move."""
        move = MOVES.get(event.character or event.key) or MOVES.get(event.key)
        if move is None:
            return
        event.stop()
        if move in ("home", "end"):
            self._go_to_end(move == "end")
            return
        step = -1 if move in ("up", "pageup") else 1
        page = self._room - 1 if move.startswith("page") else 0
        if self.lines and not self._scroll_within(step, page or max(1, self._room // 2)):
            self.move_to(self._page_from(step, page) if page else self.cursor + step)

    def _page_from(self, step: int, count: int) -> int:
        start = (self.cursor, 0)
        index = (self._forward(start, count) if step > 0 else self._back(start, count))[0]
        return index if index != self.cursor else self.cursor + step

    def _go_to_end(self, oldest: bool) -> None:
        if self.at_oldest if oldest else self.at_newest:
            self.move_to(len(self.lines) - 1 if oldest else 0)
        elif self.loaded:
            self._run(self._jump("oldest" if oldest else "newest"))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move on."""
        event.stop()
        if self.lines and not self._scroll_within(1, 3):
            self.move_to(self.cursor + 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move back."""
        event.stop()
        if self.lines and not self._scroll_within(-1, 3):
            self.move_to(self.cursor - 1)

    def on_click(self, event: events.Click) -> None:
        """Go to the entry under the mouse."""
        y = event.y - bool(self.title)
        for at, (index, _line) in enumerate(self._view()):
            if at == y:
                self.move_to(index)
                return

    def on_resize(self) -> None:
        """Wrap anew; the cursor stays in sight."""
        if self._cells != self.size.width:
            self._cells = self.size.width
            self._forget_drawn()
            self.top = (self.top[0], 0)
        self._shown.clear()
        self._settle()
        self.refresh()

    # drawing

    def redraw(self) -> None:
        """Draw again the lines that changed."""
        before = self._shown
        self._shown = dict(enumerate(self._strips()))
        changed = [y for y, line in self._shown.items() if before.get(y) != line]
        if len(changed) * 2 > len(self._shown):
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """One line."""
        found = self._shown.get(y)
        if found is None or found.cell_length != self.size.width:
            self._shown = dict(enumerate(self._strips()))
            found = self._shown.get(y)
        return found or Strip.blank(self.size.width)

    def _strips(self) -> list[Strip]:
        cells, high = self.size.width, self.size.height
        if not cells or not high:
            return []
        found = [strip(said(self.title, cells), cells)] if self.title else []
        if self.lines:
            found += [self._line(index, line, cells) for index, line in self._view()]
        elif self.loaded:
            found += [Strip.blank(cells)]
            found += [strip(said([(line, "dim" if at else "")], cells), cells) for at, line in enumerate(self._empty())]
        found += [Strip.blank(cells)] * (high - len(found))
        return found[:high]

    def _line(self, index: int, line: int, cells: int) -> Strip:
        key = (self.lines[index].key, line - self._head(index), index == self.cursor, cells)
        found = self._drawn.get(key)
        if found is None:
            if len(self._drawn) > 20 * PAGE:
                self._drawn.clear()
            found = self._drawn[key] = self._draw(index, key[1], key[2], cells)
        return found

    def _draw(self, index: int, line: int, is_cursor: bool, cells: int) -> Strip:
        """A line of an entry; -1 is the one above it."""
        assert self._look is not None
        told = self.lines[index]
        if line < 0:
            return strip(lay([("  " + day_title(self._look, told.row.at), "dim")], cells, side(), mirrored()), cells)
        rows = self._rows_of(index)
        edge = Segment("▌", STYLES["accent"]) if is_cursor else Segment(" ")
        body = [*Strip(draw_entry(self._look, told, rows, line, cells - 2)).adjust_cell_length(cells - 2)]
        found = [*body, Segment(" "), edge] if mirrored() else [edge, Segment(" "), *body]
        return strip(found, cells, STYLES["bold"] if is_cursor and rows[line].is_sentence else PLAIN)


def _find(lines: Sequence[Told], wanted: Told) -> int:
    """The index of an entry that was shown before; when it is gone, of the one that stands in its place."""
    for index, told in enumerate(lines):
        if told.key == wanted.key:
            return index
    for index, told in enumerate(lines):
        if told.row.place <= wanted.row.place:
            return index
    return max(0, len(lines) - 1)
