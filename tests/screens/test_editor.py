from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pilot import wait_for
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Static

from crm_tui.i18n import use_language
from crm_tui.text.graphemes import graphemes
from crm_tui.text.layout import Layout
from crm_tui.widgets.editor import SELECTED, Editor
from crm_tui.widgets.paint import STYLES

PHONE = "052-1234567"
HOSTILE = "\x1b[31mred\x1b[0m \x1b]0;title\x07[/b] \u202eevil\u202c\x00\r\nsecond\tline\u200b"

SAMPLES = ["a", "B", "1", "-", " ", "ש", "ם", "(", ")", "שָׁ", "é", "界", "👍", "052", "₪", "@", "\u05b8", "\u0301"]
lines = st.lists(st.sampled_from(SAMPLES), max_size=40).map("".join)
texts = st.lists(st.sampled_from([*SAMPLES, "\n"]), max_size=40).map("".join)


def drawn(layout: Layout) -> list[str]:
    return ["".join(row.cells) for row in layout.rows]


def stops(layout: Layout) -> list[int]:
    return [place for row in layout.rows for place in row.stops]


# the pure layout


@pytest.mark.parametrize(
    ("text", "shown", "places"),
    [
        ("", " ", [0]),
        ("abc", "abc ", [0, 1, 2, 3]),
        ("שלום", " םולש", [4, 3, 2, 1, 0]),
        ("שָׁלוֹם", " םוֹלשָׁ", [4, 3, 2, 1, 0]),
        (f"דנה {PHONE}", f" {PHONE} הנד", [15, *range(4, 15), 3, 2, 1, 0]),
        (f"Call דנה {PHONE}", f"Call הנד {PHONE} ", [0, 1, 2, 3, 4, 7, 6, 5, *range(8, 21)]),
        ("אב (cd)", " (cd) בא", [7, 6, 4, 5, 3, 2, 1, 0]),
        ("a界b", "a界b ", [0, 1, 2, 3]),
        ("\u05b8", "◌ ", [0, 1]),
    ],
)
def test_each_cell_knows_the_letter_that_stands_on_it(text: str, shown: str, places: list[int]) -> None:
    layout = Layout(text)
    assert drawn(layout) == [shown]
    assert layout.rows[0].stops == places


@pytest.mark.parametrize(
    ("text", "place", "cell"),
    [
        ("abc", 0, 0),
        ("abc", 3, 3),
        ("שלום", 0, 4),
        ("שלום", 4, 0),
        (f"דנה {PHONE}", 4, 1),
        (f"דנה {PHONE}", 15, 0),
        ("a界b", 2, 3),
    ],
)
def test_cursor_stands_on_its_letter(text: str, place: int, cell: int) -> None:
    row = Layout(text).rows[0]
    assert row.cell(place) == cell
    assert row.place(cell) == place


def test_both_cells_of_a_wide_letter_are_its_own() -> None:
    row = Layout("a界b").rows[0]
    assert [row.place(cell) for cell in (-5, 0, 1, 2, 3, 4, 99)] == [0, 0, 1, 1, 2, 3, 3]


@pytest.mark.parametrize(
    ("text", "cells", "rows"),
    [
        ("one two three four", 8, ["one two ", "three ", "four "]),
        ("abcdefghij", 5, ["abcd", "efgh", "ij "]),
        ("abcd efgh", 5, ["abcd ", "efgh "]),
        ("abcd ", 5, ["abcd ", " "]),
        ("a\n\nb", 9, ["a ", " ", "b "]),
        ("שלום עולם", 7, [" םולש", " םלוע"]),
        ("ab\nשלום", 9, ["ab ", " םולש"]),
        ("界界界", 5, ["界界", "界 "]),
        ("界", 1, ["界", " "]),
        ("abc (דנה, חיפה) x", 11, ["abc (,הנד ", "הפיח) x "]),
        ("דנה wrote: ok, fine", 15, [" wrote: ok, הנד", " fine"]),
        ("טל +972 54 123 4567", 12, [" +972 54 לט", " 123 4567"]),
    ],
)
def test_wrapping(text: str, cells: int, rows: list[str]) -> None:
    assert drawn(Layout(text, cells)) == rows


@pytest.mark.parametrize(
    ("text", "hebrew_screen", "right"),
    [
        ("abc", False, False),
        ("abc", True, False),
        ("שלום", False, True),
        ("שלום abc", False, True),
        ("abc שלום", False, False),
        ("", False, False),
        ("", True, True),
        (PHONE, True, True),
    ],
)
def test_side(text: str, hebrew_screen: bool, right: bool) -> None:
    (row,) = Layout(text, mirrored=hebrew_screen).rows
    assert row.right is right
    assert row.indent(40) == (40 - row.size if right else 0)


@pytest.mark.parametrize(
    ("text", "place", "move", "to"),
    [
        ("abc", 1, "left", 0),
        ("abc", 0, "left", 0),
        ("abc", 3, "right", 3),
        ("שלום", 0, "left", 1),
        ("שלום", 0, "right", 0),
        ("שלום", 3, "left", 4),
        ("שלום", 4, "left", 4),
        ("שלום", 4, "right", 3),
        ("Call דנה", 4, "right", 7),
        ("Call דנה", 5, "right", 8),
        ("דנה 05", 3, "left", 5),
        ("דנה 05", 4, "left", 6),
        ("ab\ncd", 2, "right", 3),
        ("ab\ncd", 3, "left", 2),
        ("אב\nגד", 2, "left", 3),
        ("אב\nגד", 3, "right", 2),
        ("ab\nגד", 2, "right", 3),
        ("גד\nab", 2, "left", 3),
        ("one two", 0, "word_right", 3),
        ("one two", 7, "word_left", 4),
        ("שלום עולם", 0, "word_left", 4),
        ("שלום עולם", 9, "word_right", 5),
        ("one\ntwo", 5, "home", 4),
        ("one\ntwo", 1, "end", 3),
    ],
)
def test_moves(text: str, place: int, move: str, to: int) -> None:
    assert getattr(Layout(text, 20), move)(place) == to


@given(texts, st.integers(3, 20))
def test_every_place_is_drawn_once_and_rows_fit(text: str, cells: int) -> None:
    layout = Layout(text, cells)
    assert "".join(layout.clusters) == text
    assert sorted(stops(layout)) == list(range(len(layout.clusters) + 1))
    assert all(row.size <= cells for row in layout.rows)
    for place in range(len(layout.clusters) + 1):
        assert place in layout.rows[layout.row_of(place)].stops


@given(lines)
def test_arrows_walk_through_all_of_a_line(text: str) -> None:
    layout = Layout(text)
    place = layout.rows[0].stops[0]
    walked = [place]
    while (place := layout.right(place)) != walked[-1]:
        walked.append(place)
    assert walked == layout.rows[0].stops
    back = [place := walked[-1]]
    while (place := layout.left(place)) != back[-1]:
        back.append(place)
    assert back == walked[::-1]


# the widget

KEYS = "left right up down home end ctrl+left ctrl+right backspace delete ctrl+w ctrl+u ctrl+k ctrl+z ctrl+y ctrl+j ctrl+shift+a".split()
PRESSES = [*KEYS, *(f"shift+{key}" for key in KEYS[:8]), *"aש 1(", "\u05b8", "界"]


@given(texts, st.lists(st.sampled_from(PRESSES), max_size=40), st.sampled_from([1, 3]))
def test_whatever_is_pressed_can_be_undone(text: str, keys: list[str], most_lines: int) -> None:
    editor = Editor(text, most_lines=most_lines, limit=60)
    before = editor.value
    for key in keys:
        editor.on_key(events.Key(key, key if len(key) == 1 else None))
        places = len(graphemes(editor.value))
        assert 0 <= editor.selection[0] <= editor.selection[1] <= places
        assert editor.cursor in editor.selection
        assert len(editor.value) <= 60
    after = editor.value
    for _ in range(100):
        editor.on_key(events.Key("ctrl+y", None))
    last = editor.value
    for key, value in (("ctrl+z", before), ("ctrl+y", last)):
        for _ in range(100):
            editor.on_key(events.Key(key, None))
        assert editor.value == value
    assert last == after or "ctrl+z" in keys


class EditorApp(App[None]):
    CSS = "Screen { layout: vertical; } #below { height: 1; }"

    def __init__(self, editor: Editor) -> None:
        super().__init__()
        self.editor = editor
        self.changed: list[str] = []
        self.submitted: list[str] = []
        self.keys: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.editor
        yield Static("below", id="below")

    def on_mount(self) -> None:
        self.editor.focus()

    def on_key(self, event: events.Key) -> None:
        self.keys.append(event.key)

    def on_editor_changed(self, event: Editor.Changed) -> None:
        assert event.control is self.editor
        self.changed.append(event.value)

    def on_editor_submitted(self, event: Editor.Submitted) -> None:
        self.submitted.append(event.value)


def row_text(editor: Editor, y: int = 0) -> str:
    return editor.render_line(y).text


def marked(editor: Editor, look: object, y: int = 0) -> list[int]:
    """The cells with a look."""
    cells: list[int] = []
    at = 0
    for segment in editor.render_line(y):
        if segment.style == look:
            cells += range(at, at + segment.cell_length)
        at += segment.cell_length
    return cells


def cursor(editor: Editor, y: int = 0) -> list[int]:
    return marked(editor, STYLES["cursor"], y)


async def play(editor: Editor, keys: Sequence[str], size: tuple[int, int] = (20, 8)) -> EditorApp:
    app = EditorApp(editor)
    async with app.run_test(size=size) as pilot:
        await wait_for(pilot, lambda: editor.has_focus, "the focus")
        await pilot.press(*keys)
        await pilot.pause()
    return app


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("before", "keys", "value", "place"),
    [
        ("", "a b space c", "ab c", 4),
        ("", "ש ל ו ם", "שלום", 4),
        ("שלם", "right ו", "שלום", 3),
        ("helo", "left l", "hello", 4),
        ("abc", "home x", "xabc", 1),
        ("abc", "ctrl+a x end y", "xabcy", 5),
        ("שָׁלוֹם", "home delete", "לוֹם", 0),
        ("שָׁ", "backspace", "", 0),
        ("👍🏽", "backspace", "", 0),
        ("one two", "ctrl+w", "one ", 4),
        ("one two", "alt+backspace x", "one x", 5),
        ("one two", "ctrl+u", "", 0),
        ("one two", "home ctrl+k", "", 0),
        ("one two", "home ctrl+right ctrl+k", "one", 3),
        ("שלום עולם", "ctrl+right ctrl+k", "שלום ", 5),
        ("abc", "shift+left shift+left x", "ax", 2),
        ("abc", "ctrl+shift+a ש", "ש", 1),
        ("שלום", "shift+right shift+right backspace", "של", 2),
        ("שלום", "home shift+left delete", "לום", 0),
        ("abcd", "left shift+left shift+left left x", "axbcd", 2),
        ("abcd", "left shift+left shift+left right x", "abcxd", 4),
        ("אבגד", "right shift+right shift+right right x", "אxבגד", 2),
        ("", "a b c ctrl+z", "", 0),
        ("", "a b space c ctrl+z", "ab ", 3),
        ("", "a b space c ctrl+z ctrl+z ctrl+y", "ab ", 3),
        ("abc", "backspace backspace ctrl+z", "ab", 2),
        ("abc", "ctrl+z ctrl+y", "abc", 3),
        ("abc", "backspace ctrl+z x ctrl+y", "abcx", 4),
        ("ab", "left ctrl+j", "ab", 1),
    ],
)
async def test_editing(before: str, keys: str, value: str, place: int) -> None:
    app = await play(Editor(before), keys.split())
    assert (app.editor.value, app.editor.cursor) == (value, place)
    if before != value:
        assert app.changed[-1] == value


@pytest.mark.asyncio
async def test_hebrew_is_drawn_right_with_the_cursor_on_its_letter() -> None:
    app = EditorApp(Editor())
    async with app.run_test(size=(20, 4)) as pilot:
        editor = app.editor
        await wait_for(pilot, lambda: cursor(editor) == [0], "the cursor")
        await pilot.press(*"של5")
        assert row_text(editor) == "5לש".rjust(20)
        assert cursor(editor) == [16]
        await pilot.press("home")
        assert cursor(editor) == [19]
        await pilot.press("left")
        assert (editor.cursor, cursor(editor)) == (1, [18])
        await pilot.press("shift+left")
        assert (marked(editor, SELECTED), cursor(editor)) == ([18], [17])
        assert app.cursor_position == (17, 0)


@pytest.mark.asyncio
async def test_a_long_line_scrolls_with_the_cursor_in_sight() -> None:
    app = EditorApp(Editor("0123456789" * 3))
    async with app.run_test(size=(20, 4)) as pilot:
        editor = app.editor
        await wait_for(pilot, lambda: cursor(editor) == [19], "the cursor at the end")
        assert row_text(editor) == "1234567890123456789 "
        await pilot.press("home")
        assert (row_text(editor), cursor(editor)) == ("0123456789" * 2, [0])
        editor.value = "א" + "ב" * 30
        assert (row_text(editor), cursor(editor)) == (" " + "ב" * 19, [0])
        await pilot.press("home")
        assert (row_text(editor), cursor(editor)) == ("ב" * 19 + "א", [19])
        await pilot.press("left", "ג")
        assert (row_text(editor), cursor(editor)) == ("ב" * 18 + "גא", [17])


@pytest.mark.asyncio
async def test_lines_wrap_grow_and_scroll() -> None:
    app = EditorApp(Editor(most_lines=3))
    async with app.run_test(size=(10, 8)) as pilot:
        editor = app.editor
        await wait_for(pilot, lambda: editor.size.height == 1, "one line")
        await pilot.press(*"abcd efg hi")
        await wait_for(pilot, lambda: editor.size.height == 2, "two lines")
        await wait_for(pilot, lambda: [row_text(editor, y) for y in (0, 1)] == ["abcd efg  ", "hi        "], "both")
        await pilot.press("ctrl+j", *"של")
        await wait_for(pilot, lambda: editor.size.height == 3, "three lines")
        assert (row_text(editor, 2), cursor(editor, 2)) == ("        לש", [7])
        await pilot.press("shift+enter", "x")
        assert editor.value == "abcd efg hi\nשל\nx"
        assert [row_text(editor, y).strip() for y in range(3)] == ["hi", "לש", "x"]
        assert editor.size.height == 3
        await pilot.press("up", "up", "up")
        assert (editor.cursor, cursor(editor)) == (1, [1])
        editor.value = ""
        await wait_for(pilot, lambda: editor.size.height == 1, "one line again")
        await pilot.press("enter")
        assert app.submitted == [""]


@pytest.mark.asyncio
async def test_up_and_down_go_on_to_the_screen_at_the_ends() -> None:
    app = await play(Editor("ab\ncd", most_lines=4), ["down", "up", "up"])
    assert app.keys == ["down", "up"]
    assert app.editor.cursor == 2
    app = await play(Editor("ab"), ["up", "down"])
    assert app.keys == ["up", "down"]


@pytest.mark.asyncio
async def test_only_its_own_keys_are_consumed() -> None:
    others = ["escape", "f1", "f5", "pagedown", "ctrl+r", "ctrl+c", "alt+x"]
    app = await play(Editor("ab"), [*others, "a", "left", "enter", "ctrl+z", "backspace", "backspace"])
    assert app.keys == others
    assert app.submitted == ["aba"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("most_lines", "value"),
    [(1, "xred [/b] evil second liney"), (5, "xred [/b] evil\nsecond liney")],
)
async def test_hostile_paste_is_cleaned(most_lines: int, value: str) -> None:
    app = EditorApp(Editor("xy", most_lines=most_lines))
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.press("left")
        app.post_message(events.Paste(HOSTILE))
        await wait_for(pilot, lambda: app.changed, "the change")
        assert app.editor.value == value
        await wait_for(pilot, lambda: row_text(app.editor).rstrip() == value.split("\n")[0], "the first line")
        await pilot.press("!")
        assert app.editor.value == value[:-1] + "!y"
        await pilot.press("ctrl+z", "ctrl+z")
        assert app.editor.value == "xy"


@pytest.mark.asyncio
async def test_a_typed_mark_joins_its_letter_and_control_characters_are_never_typed() -> None:
    app = EditorApp(Editor("ש"))
    async with app.run_test() as pilot:
        for character in "\u05b8\u202e\x1b\x00\u200b\x9b\u3164":
            app.editor.post_message(events.Key("unknown", character))
        await pilot.pause()
        assert (app.editor.value, app.editor.cursor) == ("שָ", 1)
        assert app.changed == ["שָ"]


@pytest.mark.asyncio
async def test_spaces_around_a_paste_stay() -> None:
    app = EditorApp(Editor("ab"))
    async with app.run_test() as pilot:
        await pilot.press("left")
        app.post_message(events.Paste(" \u202ec  d "))
        await wait_for(pilot, lambda: app.changed, "the change")
        assert app.editor.value == "a c d b"


@pytest.mark.asyncio
async def test_the_limit_holds() -> None:
    app = EditorApp(Editor("x" * 50, limit=10))
    async with app.run_test() as pilot:
        assert app.editor.value == "x" * 10
        await pilot.press("y", "backspace", "backspace")
        app.post_message(events.Paste("z" * 1_000_000))
        await wait_for(pilot, lambda: len(app.changed) == 3, "the paste")
        assert app.editor.value == "x" * 8 + "zz"


@pytest.mark.asyncio
async def test_mouse_goes_to_the_letter_and_selects() -> None:
    app = EditorApp(Editor("Call דנה now\nשלום", most_lines=3))
    async with app.run_test(size=(20, 8)) as pilot:
        editor = app.editor
        await wait_for(pilot, lambda: editor.size.height == 2, "two lines")
        # "Call הנד now": on cell 5 stands the last letter of the name.
        for offset, place in [((5, 0), 7), ((7, 0), 5), ((0, 0), 0), ((19, 0), 12), ((19, 1), 13), ((16, 1), 16), ((2, 1), 17)]:
            await pilot.click(editor, offset=offset)
            assert editor.cursor == place
        await pilot.mouse_down(editor, offset=(0, 0))
        await pilot.hover(editor, offset=(4, 0))
        await pilot.mouse_up(editor, offset=(4, 0))
        assert editor.selection == (0, 4)
        await pilot.press("ctrl+x")
        assert app.clipboard == "Call"
        assert editor.value == " דנה now\nשלום"


@pytest.mark.asyncio
async def test_placeholder_stands_while_it_is_empty() -> None:
    app = EditorApp(Editor(placeholder="[b]Name\x1b[2J"))
    async with app.run_test(size=(20, 4)) as pilot:
        editor = app.editor
        await wait_for(pilot, lambda: cursor(editor) == [0], "the cursor")
        assert row_text(editor).rstrip() == "[b]Name"
        assert marked(editor, STYLES["dim"]) == [1, 2, 3, 4, 5, 6, 7]
        await pilot.press("x")
        assert row_text(editor).rstrip() == "x"


@pytest.mark.asyncio
async def test_an_empty_field_of_a_hebrew_screen_begins_on_the_right() -> None:
    use_language("he")
    app = EditorApp(Editor())
    async with app.run_test(size=(20, 4)) as pilot:
        await wait_for(pilot, lambda: cursor(app.editor) == [19], "the cursor")


@pytest.mark.asyncio
async def test_setting_the_value_puts_the_cursor_at_the_end_and_tells_once() -> None:
    app = EditorApp(Editor())
    async with app.run_test() as pilot:
        app.editor.value = "\x1b[31mtag: "
        app.editor.value = "tag: "
        await wait_for(pilot, lambda: app.changed, "the change")
        assert app.changed == ["tag: "]
        assert app.editor.cursor == 5
        await pilot.press("ctrl+z")
        assert app.editor.value == "tag: "
