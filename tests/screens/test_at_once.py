"""A key is drawn at once, by names of Textual's own: an upgrade that takes them away is seen here."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from store_helpers import do, lead
from textual import events
from textual.geometry import Region

from crm_tui.widgets.at_once import _ChangedLines


async def test_a_cursor_move_draws_its_lines_and_the_position(desk: Any, store: Any) -> None:
    for number in range(3):
        lead(store, f"Person {number}", f"052-345-678{number}")
    async with desk(size=(80, 24)) as at:
        await at.until(lambda: at.app._watch is not None and at.app._watch.watching.is_set(), "what comes after the first frame")
        drawn: list[_ChangedLines] = []
        at.app._display = lambda _screen, update: drawn.append(update) if isinstance(update, _ChangedLines) else None
        # Where something else is just being drawn, Textual's tick draws the key with it.
        for key in ("down", "up") * 20:
            await at.app.on_event(events.Key(key, None))
            if drawn and key == "down":
                break
            drawn.clear()
            await at.pilot.pause(0.02)
        assert sorted(y for _x, y, _strip in drawn[0].lines) == [3, 4, 23]
        text = drawn[0].render_segments(Console(force_terminal=True, color_system="standard"))
        assert "▌" in text
        assert "Person 1" in text
        assert "2 of 3" in text
        assert not at.list._repaint_required


async def test_what_is_drawn_at_once_is_what_textual_would_draw(desk: Any, store: Any) -> None:
    for number in range(3):
        id_ = lead(store, f"דנה Person {number}", f"052-345-678{number}")
        lead(store, f"Dana {number}", f"052-345-679{number}")
        do(store, "open_deal", contact=id_, name=f"Deal {number}", stage="phone", value=100)
    for space in "134":
        async with desk(size=(80, 24)) as at:
            drawn: list[_ChangedLines] = []
            display = at.app._display

            def note(screen: Any, update: Any, drawn: Any = drawn, display: Any = display) -> None:
                if isinstance(update, _ChangedLines):
                    drawn.append(update)
                display(screen, update)

            at.app._display = note
            await at.press(space)
            await at.until(lambda at=at: at.app._keys_wait.is_set() and not at.screen._dirty_widgets, "the screen stands")
            for key in ("down", "up") * 20:
                await at.app.on_event(events.Key(key, None))
                if drawn:
                    break
                await at.pilot.pause(0.02)
            assert drawn, space
            for x, y, line in drawn[0].lines:
                widget = at.screen.get_widget_at(x, y)[0]
                region = widget.region
                assert line == widget.render_lines(Region(x - region.x, y - region.y, line.cell_length, 1))[0], (space, y)


async def test_what_needs_a_whole_screen_is_left_to_textual(desk: Any, store: Any) -> None:
    for number in range(60):
        lead(store, f"Person {number:02}", None, email=f"p{number}@example.com")
    async with desk(size=(80, 24)) as at:
        await at.until(lambda: not at.list._repaint_required, "the list is drawn")
        await at.press("end")
        await at.until(lambda: "Person 59" in at.text and "60 of 60" in at.text, "the last page is drawn")
