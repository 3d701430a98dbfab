"""The first frame: with its rows when they come soon, empty when they do not, and no key is lost before it."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest
from pilot import wait_for
from store_helpers import lead
from textual import events

from crm_tui.app import CrmApp
from crm_tui.session import Session


@pytest.fixture
def session(url: str, clock: Any, store: Any) -> Any:
    for number in range(3):
        lead(store, f"Person {number}", f"052-345-678{number}")
    session = Session(url, "noa", clock)
    session.open_now()
    yield session
    session.close()


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each frame whether the list had its rows."""
    found: list[bool] = []
    display = CrmApp._display

    def note(self: Any, screen: Any, renderable: Any) -> None:
        if renderable is not None and not self._batch_count:
            found.append(screen.query_one("#list").loaded)
        display(self, screen, renderable)

    monkeypatch.setattr(CrmApp, "_display", note)
    return found


async def test_the_first_frame_has_rows(session: Session, frames: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_tui.app.UNSEEN_SECONDS", 60)
    app = CrmApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: len(frames), "a frame")
        assert frames[0]
        assert app.current_space == "leadometer"


async def test_a_store_that_takes_its_time_is_waited_for_on_the_screen(
    session: Session, frames: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, read = asyncio.Event(), session.read

    async def slow_read(question: Any, *args: Any) -> Any:
        await shown.wait()
        return await read(question, *args)

    monkeypatch.setattr(session, "read", slow_read)
    app = CrmApp(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(pilot, lambda: len(frames), "a frame")
        assert not frames[0]
        app.post_message(events.Key("down", None))
        shown.set()
        await wait_for(pilot, lambda: app.screen.query_one("#list").cursor == 1, "the key that waited for the rows")


async def test_garbage_is_looked_for_again_after_the_start(session: Session) -> None:
    app = CrmApp(session)
    gc.disable()
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            await wait_for(pilot, gc.isenabled, "the end of the start")
    finally:
        gc.enable()
        gc.unfreeze()
