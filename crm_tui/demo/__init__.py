"""The demonstration: a made-up company with a year of work behind it, for looking around without a store of one's own.

All of it goes through the ordinary commands, given by its users at their times, so that it stands on the same rules as real work.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crm_tui.demo.cast import story
from crm_tui.demo.story import ADMIN, USERS, Made
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.process import working_of
from crm_tui.store import Store
from crm_tui.text.times import now_ms

_YEAR_MS = 366 * 86_400_000

Progress = Callable[[int, int], None]
"""Called with commands given and commands in all."""


@contextmanager
def demo_store(now: int | None = None) -> Iterator[str]:
    """The path of a throwaway store in which noa began a year before `now` (ms), to be filled; it goes with all that was noted of it.

    While it lives, `CRM_HOME` is its directory: nothing of it comes into the user's data.
    """
    began = (now_ms() if now is None else now) - _YEAR_MS
    before = os.environ.get("CRM_HOME")
    with tempfile.TemporaryDirectory(prefix="crm-demo-", dir=_in_memory(), ignore_cleanup_errors=True) as home:
        os.environ["CRM_HOME"] = home
        try:
            path = str(Path(home) / "demo.db")
            Store(path, ADMIN, lambda: began, durable=False).close()
            yield path
        finally:
            if before is None:
                del os.environ["CRM_HOME"]
            else:
                os.environ["CRM_HOME"] = before


def _in_memory() -> str | None:
    """A directory in memory where the system has one: what is thrown away waits for no disk (2.6 s to fill instead of 4 to 8)."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def fill_demo(store: Store, progress: Progress | None = None) -> None:
    """Give all commands of the story in an empty store, as its users and at their times; refused where there are contacts.

    One transaction: much quicker than many, and what is broken off leaves nothing.
    """
    if store.db.one("SELECT 1 FROM contact LIMIT 1"):
        raise Refused("store", _("The demonstration needs an empty store; this one has contacts."))
    opener = store.actor
    have = {user.name for user in store.users()}
    steps = story(store.clock(), working_of(store.process()))
    made: dict[str, str] = {}
    try:
        with store.db.write():
            for name, role in USERS.items():
                if name not in have:
                    store.execute({"command": "add_user", "name": name, "role": role}, steps[0].at)
            users = {user.name: user for user in store.users()}
            for done, step in enumerate(steps):
                if progress is not None and done % 50 == 0:
                    progress(done, len(steps))
                store.actor = users[step.by]
                fields = {field: _named(value, made) for field, value in step.fields.items()}
                record = store.execute(fields, step.at).record
                if step.makes and record:
                    made[step.makes] = show_id(record)
    finally:
        store.actor = opener
    if progress is not None:
        progress(len(steps), len(steps))


def _named(value: Any, made: dict[str, str]) -> Any:
    """A field with the ids of what was made before, also in a list."""
    if isinstance(value, list):
        return [_named(one, made) for one in value]
    return made[value] if isinstance(value, Made) else value
