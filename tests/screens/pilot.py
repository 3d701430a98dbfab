"""Waiting for what a screen comes to show."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from textual import events
from textual.pilot import Pilot


async def wait_for(pilot: Pilot[Any], predicate: Callable[[], object], what: str, seconds: float = 40) -> None:
    """Let the app go on until the predicate holds; `what` says in the failure what did not come."""
    until = monotonic() + seconds
    while not predicate():
        if monotonic() > until:
            raise AssertionError(f"did not come in {seconds} s: {what}")
        await pilot.pause(0.01)


class Desk:
    """A person at the app: presses keys, performs commands by id, reads the screen."""

    def __init__(self, app: Any, pilot: Any) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> Any:
        """The screen on top."""
        return self.app.screen

    @property
    def list(self) -> Any:
        """The list of the screen on top."""
        return self.app.screen.query_one("#list")

    @property
    def text(self) -> str:
        """All that stands on the screen."""
        return "\n".join("".join(segment.text for segment in strip) for strip in self.screen._compositor.render_strips())

    @property
    def message(self) -> str:
        """What is said above the footer."""
        return "".join(text for text, _look in self.app.message)

    async def press(self, *keys: str) -> None:
        """Press keys."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type a text, each letter a key, without waiting between them."""
        for letter in text:
            self.app.post_message(events.Key("space" if letter == " " else letter, letter))
        await self.pilot.pause()

    async def do(self, id_: str) -> None:
        """Perform an action by its id."""
        self.app.screen.perform(id_)
        await self.pilot.pause()

    async def dialog(self, title: str) -> Any:
        """The dialog of a title, once it stands."""
        await self.until(
            lambda: getattr(self.screen, "heading", "") == title and self.screen.is_mounted and self.app._keys_wait.is_set(),
            f"the question {title}",
        )
        return self.screen

    async def choose(self, title: str, label: str) -> None:
        """Answer a question by the label of an option."""
        dialog = await self.dialog(title)
        number = next(at for at, one in enumerate(dialog.shown) if one.label == label)
        dialog._choose(number)
        await self.pilot.pause()

    async def answer(self, title: str, text: str) -> None:
        """Answer a question by a typed line."""
        await self.dialog(title)
        self.screen.query_one("#line").value = text
        await self.press("enter")

    async def see(self, *texts: str) -> None:
        """Wait until all of these stand on the screen."""
        await self.until(lambda: all(text in self.text for text in texts), " and ".join(texts))

    async def until(self, predicate: Callable[[], Any], what: str) -> None:
        """Wait for something to become true."""
        await wait_for(self.pilot, predicate, what)
