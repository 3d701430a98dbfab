"""The timeline: lines of an entry, and the widget that draws them over pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from entries import CONTROLS, drawn_lines, entry, look, text_of
from hypothesis import given
from hypothesis import strategies as st
from pilot import wait_for
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from crm_tui.i18n import APART, APART_END, keep_values_apart, use_language
from crm_tui.reads.timeline import Stretch
from crm_tui.text.graphemes import width
from crm_tui.widgets.entry import draw_entry, entry_rows
from crm_tui.widgets.paint import PLAIN, STYLES
from crm_tui.widgets.timeline import MOST_LOADED, PAGE, Timeline
from crm_tui.widgets.wrapped import Wrapped, own_lines

# lines of an entry

left_to_right = st.text("ab cé1,.-(界👍 ", max_size=30)


@given(st.lists(st.tuples(left_to_right, st.sampled_from(["", "dim", "bold"])), max_size=5), st.integers(2, 30))
def test_wrapping_keeps_text_and_looks(parts: list[tuple[str, str]], cells: int) -> None:
    parts = [(" ".join(text.split()), look_) for text, look_ in parts]
    lines = drawn_lines(Wrapped(parts, cells, "L"))
    given_ = [(letter, STYLES[look_]) for text, look_ in parts for letter in text if letter != " "]
    drawn = [(letter, style) for line in lines for text, style in line for letter in text if letter != " "]
    assert drawn == given_
    assert all(sum(width(text) for text, _style in line) <= cells for line in lines)


def test_wrapping_breaks_at_spaces_across_parts() -> None:
    dim = STYLES["dim"]
    assert drawn_lines(Wrapped([("call: talked", ""), (" · noa", "dim")], 8)) == [
        [("call:", PLAIN)],
        [("talked", PLAIN), (" ·", dim)],
        [("noa", dim)],
    ]


@pytest.mark.parametrize(
    ("parts", "base", "lines"),
    [
        ([("abc (דנה לוי, חיפה) x", "")], "L", ["abc (,יול הנד", "הפיח) x"]),
        ([("דנה wrote: ", ""), ("ok, fine", "dim")], "R", ["wrote: ok, הנד", "fine"]),
        ([("שיחה: טל +972 54 123 4567", "")], "R", ["+972 לט :החיש", "54 123 4567"]),
        ([("שָׁלוֹם (cdef, ghijk) גד", "")], "R", ["cdef,) םוֹלשָׁ", "דג (ghijk"]),
    ],
)
def test_a_wrapped_sentence_keeps_the_directions_of_the_whole(parts: list[tuple[str, str]], base: str, lines: list[str]) -> None:
    found = drawn_lines(Wrapped(parts, 15, base))
    assert ["".join(text for text, _style in line) for line in found] == lines


@given(st.text(max_size=200), st.text(max_size=400), st.integers(1, 130), st.sampled_from(["en", "he"]))
def test_whatever_stands_in_an_entry_is_drawn_in_its_width(says: str, text: str, cells: int, language: str) -> None:
    use_language(language)
    told = entry(1, text, says, by=says)
    rows = entry_rows(told, cells - 8)
    for number in range(len(rows)):
        drawn = text_of(draw_entry(look(), told, rows, number, cells))
        assert not CONTROLS.search(drawn)
        assert width(drawn) <= max(cells, 12)


@pytest.mark.parametrize(
    ("language", "lines"),
    [("en", ["הקסע dan: אל", "Acme"]), ("he", ["אל :dan הקסע", "Acme"])],
)
def test_own_sentences_read_as_the_screen_does(language: str, lines: list[str]) -> None:
    use_language(language)
    found = [text_of(line) for line in own_lines("עסקה dan: לא Acme\ndone", 14)]
    assert [line.strip() for line in found] == [*lines, "done"]
    assert found[-1].startswith("done") == (language == "en")


@pytest.mark.parametrize(
    ("says", "by", "line"),
    [
        (f"עסקה {APART}Acme (דנה), Ltd.{APART_END} נפתחה", "", "החתפנ Acme (הנד), Ltd. הקסע"),
        (f"{APART}שם: {APART}A.{APART_END}{APART_END}, ידנית", "n (דן)", "n (ןד) · תינדי ,A. :םש"),
    ],
)
def test_values_stand_apart_in_an_entry(says: str, by: str, line: str) -> None:
    use_language("he")
    keep_values_apart(True)
    try:
        told = entry(1, says=says, by=by)
        (row,) = entry_rows(told, 60)
        assert text_of(draw_entry(look(), told, [row], 0, 68)).strip() == f"{line} ● 09:00"
        wrapped = entry_rows(told, 16)
        assert [APART in text_of(draw_entry(look(), told, wrapped, at, 24)) for at in range(len(wrapped))] == [False] * len(wrapped)
    finally:
        keep_values_apart(False)


def test_paragraphs_of_a_note_stand_in_their_own_direction() -> None:
    told = entry(1, "wants a demo\nמבקשת הדגמה\n052-7325777", says="call: talked", by="noa")
    rows = entry_rows(told, 30)
    assert [text_of(draw_entry(look(), told, rows, number, 38)) for number in range(len(rows))] == [
        "09:00 ● call: talked · noa",
        "        wants a demo",
        "המגדה תשקבמ".rjust(38),
        "        052-7325777",
    ]


def test_a_hebrew_screen_is_mirrored() -> None:
    use_language("he")
    told = entry(1, "wants a demo\nמבקשת הדגמה", says="שיחה", by="noa")
    rows = entry_rows(told, 30)
    assert [text_of(draw_entry(look(), told, rows, number, 38)) for number in range(len(rows))] == [
        "noa · החיש".rjust(30) + " ● 09:00",
        "wants a demo",
        "המגדה תשקבמ".rjust(30),
    ]


# the widget


class Source:
    """Entries that are made when asked for, newest first; `gone` were taken away, numbers below 0 are newer than the first."""

    def __init__(self, count: int, texts: dict[int, str] | None = None) -> None:
        self.first, self.count, self.texts = 0, count, texts or {}
        self.gone: set[int] = set()
        self.asked: list[str] = []

    async def ask(self, where: str, place: Any, limit: int) -> Stretch:
        self.asked.append(where)
        at = 10**9 - place[3] if place else 0
        spans = {
            "newest": (self.first, self.first + limit),
            "oldest": (self.count - limit, self.count),
            "older": (at + 1, at + 1 + limit),
            "newer": (at - limit, at),
            "around": (at - limit // 2, at + limit // 2),
        }
        start, end = spans[where]
        start, end = max(start, self.first), min(end, self.count)
        lines = [entry(number, self.texts.get(number, "")) for number in range(start, end) if number not in self.gone]
        return Stretch(look(), lines, start == self.first, end == self.count)


class TimelineApp(App[None]):
    def __init__(self, source: Source) -> None:
        super().__init__()
        self.source = source
        self.moved: list[bool] = []

    def compose(self) -> ComposeResult:
        yield Timeline(self.source.ask, empty=lambda: ["Nothing yet."], id="timeline")

    async def on_mount(self) -> None:
        self.query_one(Timeline).focus()

    def on_timeline_moved(self, event: Timeline.Moved) -> None:
        assert event.control is event.timeline
        self.moved.append(event.by_hand)

    @property
    def timeline(self) -> Timeline:
        return self.query_one(Timeline)

    @property
    def at(self) -> str:
        current = self.timeline.current
        return current.says if current else ""

    @property
    def shown(self) -> list[str]:
        return [self.timeline.render_line(y).text.rstrip() for y in range(self.timeline.size.height)]


@asynccontextmanager
async def playing(source: Source, size: tuple[int, int] = (60, 10)) -> AsyncIterator[tuple[TimelineApp, Pilot[None]]]:
    app = TimelineApp(source)
    async with app.run_test(size=size) as pilot:
        await wait_for(pilot, lambda: app.timeline.size.width, "the layout")
        await app.timeline.reload()
        yield app, pilot


async def test_the_newest_is_first_and_days_are_named() -> None:
    async with playing(Source(30)) as (app, pilot):
        assert app.shown[:3] == ["  22 Nov · today", "▌ 10:00 ● entry 0", "  09:00 ● entry 1"]
        await pilot.press("down", "j", "k")
        assert (app.at, app.moved) == ("entry 1", [False, True, True, True])
        assert app.shown[2] == "▌ 09:00 ● entry 1"
        await pilot.press("G")
        assert app.at == "entry 29"
        assert app.shown[-1] == "▌ 05:00 ● entry 29"
        assert "  21 Nov · yesterday" not in app.shown
        await pilot.press("g", "pagedown", "pagedown")
        assert "  21 Nov · yesterday" in app.shown


async def test_a_million_entries_are_never_kept() -> None:
    source = Source(1_000_000)
    async with playing(source) as (app, pilot):
        timeline_ = app.timeline
        for number in range(PAGE * 9):
            timeline_.move_to(timeline_.cursor + 1)
            if not number % 30:
                await wait_for(pilot, lambda: not timeline_._fetching, "the page")
        assert app.at == f"entry {PAGE * 9}"
        assert len(timeline_.lines) <= MOST_LOADED + PAGE
        await pilot.press("end")
        await wait_for(pilot, lambda: app.at == "entry 999999", "the oldest")
        assert app.shown[-1].endswith("entry 999999")
        await pilot.press("up")
        assert app.at == "entry 999998"
        for number in range(PAGE * 8):
            timeline_.move_to(timeline_.cursor - 1)
            if not number % 30:
                await wait_for(pilot, lambda: not timeline_._fetching, "the page")
        assert app.at == f"entry {999_998 - PAGE * 8}"
        assert len(timeline_.lines) <= MOST_LOADED + PAGE
        await pilot.press("home")
        await wait_for(pilot, lambda: app.at == "entry 0", "the newest")
        assert app.shown[1] == "▌ 10:00 ● entry 0"
        assert len(source.asked) < 30


async def test_only_lines_that_changed_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(Source(50), (60, 20)) as (app, pilot):
        drawn: list[list[int]] = []
        monkeypatch.setattr(app.timeline, "refresh", lambda *regions, **_more: drawn.append([region.y for region in regions]))
        await pilot.press("down")
        assert drawn == [[1, 2]]


async def test_an_entry_higher_than_the_screen_is_read_through() -> None:
    source = Source(5, {1: "\n".join(f"line {number}" for number in range(30))})
    async with playing(source) as (app, pilot):
        await pilot.press("down")
        assert app.shown[0] == "▌ 09:00 ● entry 1"
        seen = set(app.shown)
        while app.at == "entry 1":
            await pilot.press("down")
            seen |= set(app.shown)
        assert {f"▌         line {number}" for number in range(28)} <= seen
        assert app.at == "entry 2"
        await pilot.press("up")
        assert (app.at, app.shown[-1].strip("▌ ")) == ("entry 1", "line 29")
        await pilot.press("pageup", "pageup", "pageup", "pageup")
        assert "line 0" in " ".join(app.shown) or app.at == "entry 0"


async def test_a_reload_keeps_the_cursor_on_its_entry() -> None:
    source = Source(300)
    async with playing(source) as (app, pilot):
        await pilot.press("pagedown", "pagedown", "down")
        at, before = app.at, app.shown
        source.first = -3
        await app.timeline.reload()
        assert (app.at, app.shown) == (at, before)
        source.gone.add(int(at.split()[1]))
        await app.timeline.reload()
        assert app.at == f"entry {int(at.split()[1]) + 1}"


async def test_a_cursor_that_went_on_while_it_was_read_again_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(Source(30)) as (app, pilot):
        ask = app.timeline._ask

        async def slow(*asked: Any) -> Stretch:
            found = await ask(*asked)
            await pilot.press("down")
            return found

        monkeypatch.setattr(app.timeline, "_ask", slow)
        await app.timeline.reload()
        assert app.at == "entry 1"


async def test_at_the_top_a_reload_shows_what_is_new() -> None:
    source = Source(300)
    async with playing(source) as (app, _pilot):
        source.first = -2
        await app.timeline.reload()
        assert app.at == "entry 0"
        assert app.shown[1:4] == ["  12:00 ● entry -2", "  11:00 ● entry -1", "▌ 10:00 ● entry 0"]


async def test_nothing_is_said_to_be_nothing() -> None:
    async with playing(Source(0)) as (app, pilot):
        assert app.shown[1] == "Nothing yet."
        await pilot.press("down", "up", "G", "g", "pagedown")
        assert app.at == ""


async def test_a_page_that_cannot_be_read_is_reported() -> None:
    source = Source(1000)
    async with playing(source) as (app, pilot):
        failed: list[Exception] = []
        monkey = Timeline.Failed.__init__

        async def broken(where: str, place: Any, limit: int) -> Stretch:
            raise OSError("the disk is gone")

        app.timeline._ask = broken
        Timeline.Failed.__init__ = lambda self, error: (failed.append(error), monkey(self, error))[1]  # type: ignore[method-assign]
        try:
            await pilot.press("G")
            await wait_for(pilot, lambda: failed, "the error")
        finally:
            Timeline.Failed.__init__ = monkey  # type: ignore[method-assign]
        assert app.at == "entry 0"
