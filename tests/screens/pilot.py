"""Waiting for what a screen comes to show."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

from textual.pilot import Pilot


async def wait_for(pilot: Pilot[Any], predicate: Callable[[], object], what: str, seconds: float = 10) -> None:
    """Let the app go on until the predicate holds; `what` says in the failure what did not come."""
    until = monotonic() + seconds
    while not predicate():
        if monotonic() > until:
            raise AssertionError(f"did not come in {seconds} s: {what}")
        await pilot.pause(0.01)
