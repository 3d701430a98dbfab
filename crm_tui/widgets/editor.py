"""A text field that draws Hebrew right: the text is edited in reading order and drawn in visual order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region, Size, clamp
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from crm_tui.text.clean import clean_line, clean_text
from crm_tui.text.graphemes import clip
from crm_tui.text.layout import Layout, Row
from crm_tui.widgets.paint import PLAIN, STYLES, mirrored

SELECTED = Style(reverse=True, dim=True)
UNDO_STEPS = 200
MOVES = {
    "left": "left",
    "right": "right",
    "up": "up",
    "down": "down",
    "home": "home",
    "end": "end",
    "ctrl+a": "home",
    "ctrl+e": "end",
    "ctrl+left": "word_left",
    "ctrl+right": "word_right",
}


class _Told(Message):
    def __init__(self, editor: Editor, value: str) -> None:
        super().__init__()
        self.editor = editor
        self.value = value

    @property
    def control(self) -> Editor:
        """The sender."""
        return self.editor


class Editor(Widget, can_focus=True):
    """Text of one line, or of up to `most_lines` that are shown at a time.

    Every change of the value while it is mounted posts `Changed`, also one by the program.
    """

    DEFAULT_CSS = "Editor { width: 1fr; height: auto; }"
    ALLOW_SELECT = False

    class Changed(_Told):
        """The text is another one."""

    class Submitted(_Told):
        """Enter was pressed."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        most_lines: int = 1,
        limit: int = 20_000,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._most_lines, self._limit = most_lines, limit
        self._placeholder = clean_line(placeholder)
        self._laid: tuple[tuple[str, int, bool], Layout] | None = None
        self._value = self._clean(value, limit)
        self._cursor = len(self._layout.clusters)
        self._anchor = self._cursor
        self._goal: int | None = None
        """The cell that moves up and down keep to."""
        self._scroll, self._top = 0, 0
        """Cells hidden at the side where reading begins; rows hidden above."""
        self._past: list[tuple[str, int]] = []
        self._future: list[tuple[str, int]] = []
        self._run = -1
        """The place where the next typed letter belongs to the last step of undo."""
        self._shown: dict[int, Strip] = {}

    # the text

    @property
    def value(self) -> str:
        """The text."""
        return self._value

    @value.setter
    def value(self, value: str) -> None:
        self._past, self._future = [], []
        self._set(self._clean(value, self._limit), None)

    @property
    def cursor(self) -> int:
        """The place of the cursor, in clusters."""
        return self._cursor

    @property
    def before(self) -> str:
        """The text before the cursor."""
        return self._layout.text(0, self._cursor)

    def put(self, value: str, characters: int) -> None:
        """Another text, with the cursor after so many characters; the one that stood there comes back as any step does."""
        self._past = [*self._past[1 - UNDO_STEPS :], (self._value, len(self.before))]
        self._future = []
        self._set(self._clean(value, self._limit), characters)

    def cells_of(self, start: int, length: int) -> list[int]:
        """The cells of the line on which some characters of a single row stand, from left to right."""
        layout = self._layout
        row, first = layout.rows[0], layout.after(start)
        places = range(first, max(first + 1, layout.after(start + length)))
        shift = self._shift(row)
        found = [
            cell + shift
            for spot, place in enumerate(row.order)
            if row.start + place in places
            for cell in range(row.edges[spot], row.edges[spot + 1])
        ]
        return [cell for cell in found if 0 <= cell < self._cells]

    @property
    def selection(self) -> tuple[int, int]:
        """The places between which the text is selected."""
        return min(self._anchor, self._cursor), max(self._anchor, self._cursor)

    def select_all(self) -> None:
        """Select the whole text."""
        self._place(len(self._layout.clusters))
        self._anchor = 0
        self._redraw()

    def _clean(self, text: str, most: int) -> str:
        # A huge paste is cut before it is cleaned. The spaces at the ends are meant: the next word follows.
        text = text[: 2 * most + 1000]
        inner = text.strip(" ")
        before = len(text) - len(text.lstrip(" ")) if inner else len(text)
        after = len(text) - before - len(inner)
        cleaned = clean_line(inner) if self._most_lines == 1 else clean_text(inner)
        return (" " * before + cleaned + " " * after)[: max(0, most)]

    def _set(self, value: str, characters: int | None) -> None:
        """Take a new text, with the cursor after so many characters (None: at the end)."""
        changed = value != self._value
        self._value = value
        self._cursor = self._anchor = self._layout.after(len(value) if characters is None else characters)
        self._goal, self._run = None, -1
        if changed and self.is_mounted:
            self._post(self.Changed)
        self._redraw()

    def _post(self, kind: type[_Told]) -> None:
        self.post_message(kind(self, self._value))

    def _replace(self, start: int, end: int, text: str) -> None:
        layout = self._layout
        before, after = layout.text(0, start), layout.text(end, len(layout.clusters))
        if before + text + after == self._value:
            return
        if self._run != start:
            self._past = [*self._past[1 - UNDO_STEPS :], (self._value, len(layout.text(0, self._cursor)))]
        self._future = []
        self._set(before + text + after, len(before) + len(text))

    def _insert(self, text: str, *, typed: bool = False) -> None:
        """Put a text in the place of what is selected."""
        if not typed:
            self._run = -1
        start, end = self.selection
        room = self._limit - len(self._value) + len(self._layout.text(start, end))
        text = text if text == "\n" else self._clean(text, room)
        if not text or len(text) > room:
            return
        self._replace(start, end, text)
        if typed and text != " ":
            self._run = self._cursor

    def _delete(self, start: int, end: int) -> None:
        """Delete what is selected, else what is between two places."""
        if self._anchor != self._cursor:
            start, end = self.selection
        self._run = -1
        self._replace(start, end, "")

    def _step(self, source: list[tuple[str, int]], target: list[tuple[str, int]]) -> None:
        if source:
            target.append((self._value, len(self._layout.text(0, self._cursor))))
            self._set(*source.pop())

    # keys and mouse

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Printable keys are text here, whatever they are bound to elsewhere."""
        return character is not None and character.isprintable()

    def take_key(self, event: events.Key) -> bool:
        """Edit or move; what is no key of an editor is for the screen."""
        return self._press(event.key) or self._type(event)

    def on_key(self, event: events.Key) -> None:
        """The same where keys come one by one."""
        if self.take_key(event):
            event.stop()
            event.prevent_default()

    def _type(self, event: events.Key) -> bool:
        if not event.character or not event.is_printable or event.key.startswith("alt+"):
            return False
        self._insert(event.character, typed=True)
        return True

    def _press(self, key: str) -> bool:
        layout, cursor = self._layout, self._cursor
        bare = key.replace("shift+", "")
        match key:
            case "enter":
                self._post(self.Submitted)
            case "ctrl+j" | "alt+enter" | "shift+enter" if self._most_lines > 1:
                self._insert("\n")
            case "backspace":
                self._delete(max(0, cursor - 1), cursor)
            case "delete":
                self._delete(cursor, cursor + 1)
            case "ctrl+w" | "ctrl+backspace" | "alt+backspace":
                self._delete(layout.word_before(cursor), cursor)
            case "ctrl+delete":
                self._delete(cursor, layout.word_after(cursor))
            case "ctrl+u":
                self._delete(layout.line(cursor)[0], cursor)
            case "ctrl+k":
                self._delete(cursor, layout.line(cursor)[1])
            case "ctrl+z":
                self._step(self._past, self._future)
            case "ctrl+y":
                self._step(self._future, self._past)
            case "ctrl+shift+a":
                self.select_all()
            case "ctrl+c" | "ctrl+x" if self._anchor != cursor:
                self.app.copy_to_clipboard(layout.text(*self.selection))
                if key == "ctrl+x":
                    self._delete(cursor, cursor)
            case _:
                return bare in MOVES and self._move(MOVES[bare], select=bare != key)
        return True

    def on_paste(self, event: events.Paste) -> None:
        """Insert what is pasted."""
        event.stop()
        event.prevent_default()
        self._insert(event.text)

    def _move(self, move: str, *, select: bool) -> bool:
        """Move the cursor; False when the key is not ours, up and down at the first and last row."""
        layout = self._layout
        if move in ("up", "down"):
            return self._move_row(-1 if move == "up" else 1, select=select)
        if move in ("left", "right") and not select and self._anchor != self._cursor:
            start, end = self.selection
            self._place(start if (move == "left") != layout.rows[layout.row_of(self._cursor)].rtl else end)
            return True
        step: Callable[[int], int] = getattr(layout, move)
        self._place(step(self._cursor), select=select)
        return True

    def _move_row(self, step: int, *, select: bool) -> bool:
        layout = self._layout
        number = layout.row_of(self._cursor)
        if not 0 <= number + step < len(layout.rows):
            return False
        goal = self._goal
        if goal is None:
            row = layout.rows[number]
            goal = row.cell(self._cursor) + row.indent(self._cells)
        row = layout.rows[number + step]
        self._place(row.place(goal - row.indent(self._cells)), select=select)
        self._goal = goal
        return True

    def _place(self, place: int, *, select: bool = False) -> None:
        self._cursor = place
        if not select:
            self._anchor = place
        self._goal, self._run = None, -1
        self._redraw()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cursor on the letter under the mouse."""
        self.capture_mouse()
        self._place(self._place_at(event))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Select while the button is down."""
        if self.app.mouse_captured is self:
            self._place(self._place_at(event), select=True)

    def on_mouse_up(self) -> None:
        """End of selecting."""
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """The mouse is dealt with when its button goes down."""
        event.stop()

    def _place_at(self, event: events.MouseEvent) -> int:
        at = event.get_content_offset_capture(self)
        rows = self._layout.rows
        if not self._value:
            return 0
        row = rows[clamp(self._top + at.y, 0, len(rows) - 1)]
        return row.place(at.x - self._shift(row))

    # drawing

    @property
    def _cells(self) -> int:
        return self.size.width or 80

    @property
    def _layout(self) -> Layout:
        return self._laid_out(self._cells)

    def _laid_out(self, cells: int) -> Layout:
        key = (self._value, cells if self._most_lines > 1 else 0, mirrored())
        if self._laid is None or self._laid[0] != key:
            self._laid = key, Layout(self._value, key[1], mirrored=key[2])
        return self._laid[1]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as there are rows, within its bounds."""
        return min(self._most_lines, len(self._laid_out(max(1, width)).rows))

    def _shift(self, row: Row) -> int:
        """The cell of the line at which a row begins; negative when it is scrolled."""
        beyond = row.size - self._cells
        if beyond <= 0:
            return row.indent(self._cells)
        return self._scroll - beyond if row.right else -self._scroll

    def _keep_in_sight(self) -> None:
        layout, cells = self._layout, self._cells
        number = layout.row_of(self._cursor)
        row = layout.rows[number]
        spot = row.spot(self._cursor)
        left = -self._shift(row)
        beyond = max(0, row.size - cells)
        left = clamp(min(max(left, row.edges[spot + 1] - cells), row.edges[spot]), 0, beyond)
        self._scroll = beyond - left if row.right else left
        lines = self.size.height or 1
        self._top = clamp(min(max(self._top, number - lines + 1), number), 0, max(0, len(layout.rows) - lines))

    def _redraw(self) -> None:
        """Draw the lines that changed."""
        if not self.size:
            self.refresh(layout=True)
            return
        self._keep_in_sight()
        height = self.styles.height
        if height is not None and height.is_auto and self.size.height != min(self._most_lines, len(self._layout.rows)):
            self.refresh(layout=True)
        elif changed := [y for y in range(self.size.height) if self._line(y) != self._shown.get(y)]:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))
        self._tell_terminal()

    def _tell_terminal(self) -> None:
        """Put the terminal's own cursor here, where an input method shows what is being composed."""
        if self.has_focus and self.size:
            row = self._layout.rows[self._layout.row_of(self._cursor)]
            cell = row.cell(self._cursor) + self._shift(row)
            self.app.cursor_position = self.content_region.offset + Offset(cell, self._layout.row_of(self._cursor) - self._top)

    def on_focus(self) -> None:
        """Show the cursor."""
        self._tell_terminal()

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._goal = None
        self._redraw()

    def render_line(self, y: int) -> Strip:
        """One line."""
        line = self._shown[y] = self._line(y)
        return line

    def _line(self, y: int) -> Strip:
        cells = self.size.width
        rows = self._layout.rows
        if not self._value and self._placeholder:
            rows = Layout(clip(self._placeholder, cells - 1), mirrored=mirrored()).rows
        number = self._top + y
        if number >= len(rows) or cells <= 0:
            return Strip.blank(max(0, cells))
        row = rows[number]
        shift = self._shift(row)
        first = bisect_left(row.edges, -shift)
        last = bisect_right(row.edges, cells - shift) - 1
        found = [Segment(" " * (row.edges[first] + shift), PLAIN)] if row.edges[first] + shift > 0 else []
        found += self._segments(row, first, last)
        return Strip(found).adjust_cell_length(cells)

    def _segments(self, row: Row, first: int, last: int) -> list[Segment]:
        """The drawn clusters of a row in runs of one look."""
        plain = PLAIN if self._value else STYLES["dim"]
        start, end = self.selection
        looks = []
        for place in row.order[first:last]:
            place += row.start
            if self.has_focus and place == self._cursor:
                looks.append(STYLES["cursor"])
            else:
                looks.append(SELECTED if self.has_focus and start <= place < end else plain)
        found: list[Segment] = []
        run: list[str] = []
        for spot, look in enumerate(looks):
            run.append(row.cells[first + spot])
            if spot + 1 == len(looks) or looks[spot + 1] is not look:
                found.append(Segment("".join(run), look))
                run = []
        return found
