"""What the global options say, and opening the store by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_tui.process import Process
    from crm_tui.store import Store

DEFAULT_ZONE = "Asia/Jerusalem"
DEFAULT_START = time(8)


class FixedClock:
    """A clock that stands at `ms`."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    def __call__(self) -> int:
        """The time in ms."""
        return self.ms


@dataclass
class Settings:
    """The global options of one run; `as_json` is the subcommand's."""

    store: str | None = None
    user: str | None = None
    now: str | None = None
    as_json: bool = False
    closed_pipe_code: int = 0
    interrupted: str = ""

    @property
    def url(self) -> str:
        """The store's address: the given one, else that of the settings, else the file in the user's data directory."""
        if self.store is not None:
            return self.store
        from crm_tui.config import load_config

        if (own := load_config().store) is not None:
            return own
        from crm_tui.installation import data_dir

        return str(data_dir() / "crm.db")

    def clock(self) -> Callable[[], int]:
        """The system's clock, or the fixed one of `--now` (a time without a zone is in the shipped process's)."""
        from crm_tui.text.times import now_ms

        if self.now is None:
            return now_ms
        from crm_tui.process import load_default

        return FixedClock(given_ms(self.now, load_default()))

    @contextmanager
    def open(self) -> Iterator[Store]:
        """The open store; what a driver raises inside becomes the program's own error."""
        from crm_tui.db import errors
        from crm_tui.store import Store

        clock = self.clock()
        with errors(), Store(self.url, self.user, clock) as store:
            if isinstance(clock, FixedClock) and self.now is not None:
                clock.ms = given_ms(self.now, store.process())
            yield store


def given_ms(value: object, process: Process) -> int:
    """The time that `--now` or a line's `now` names, in the zone of the business."""
    from crm_tui.text.times import parse_time

    return parse_time(value, process.zone, "now", process.working.start).ms
