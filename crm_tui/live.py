"""Notices what other processes change in a store, so that screens can read again."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from crm_tui.db import is_sqlite, sqlite_path
from crm_tui.log import CHANNEL, END

POLL_SECONDS = 0.3
BUSY_SECONDS = 0.7
"""After a change so long: screens that are read anew all the time would keep keys waiting while a sync or an import goes on."""
LISTEN_SECONDS = 0.5
"""So long a thread that listens may take to notice that it is to stop."""
CHECK_SECONDS = 5
"""So often the log itself is looked at while listening: a pooler between us and the server can swallow notices."""
SETTLE_SECONDS = 0.2
"""Between two calls: the many commits of an import are few changes of a screen."""
PAUSE_SECONDS = 2
"""Before a connection that broke is opened again."""
CONNECT_SECONDS = 5
SILENCE_MS = 20_000
"""So long a server may leave what we sent unconfirmed: a laptop that slept finds its connection dead without a word."""


class Watch:
    """Calls `on_change` from its own thread soon after anybody, this process included, changed the store; never raises.

    It sees what happens once `watching` is set. After a broken connection it calls, as nobody knows what was missed.
    """

    def __init__(self, url: str, on_change: Callable[[], None], *, pause: float = PAUSE_SECONDS) -> None:
        """Start to watch the store at `url`; `pause` in seconds stands between attempts to connect again."""
        self.url = url
        self.on_change = on_change
        self.pause = pause
        self.watching = threading.Event()
        self._stopped = threading.Event()
        self._was_watching = False
        self._thread = threading.Thread(target=self._run, name="crm-live", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, within a second."""
        self._stopped.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=1)

    def _run(self) -> None:
        # Whatever goes wrong here, the program goes on: without notices it is only less fresh.
        while not self._stopped.is_set():
            with suppress(Exception):
                if is_sqlite(self.url):
                    self._watch_file(sqlite_path(self.url))
                else:
                    self._watch_server()
            self.watching.clear()
            self._stopped.wait(self.pause)

    def _begin(self) -> None:
        self.watching.set()
        if self._was_watching:
            self._changed()
        self._was_watching = True

    def _changed(self) -> None:
        if not self._stopped.is_set():
            with suppress(Exception):
                self.on_change()

    # SQLite

    def _watch_file(self, path: Path) -> None:
        """Ask SQLite for its counter of others' commits until the file is replaced."""
        # Not `mode=ro`: the last connection to close has to put the write-ahead log away, and one that cannot write leaves it there.
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=1, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = 1")
            file = _identity(path)
            version = _version(connection)
            self._begin()
            pause = POLL_SECONDS
            while not self._stopped.wait(pause):
                if _identity(path) != file:
                    return
                # Under a lock held by somebody there is nothing new to see yet.
                before = version
                with suppress(sqlite3.OperationalError):
                    version = _version(connection)
                pause = POLL_SECONDS
                if version != before:
                    self._changed()
                    pause = BUSY_SECONDS

    # PostgreSQL

    def _watch_server(self) -> None:
        """Listen; where that is not possible, look at the end of the log."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True, connect_timeout=CONNECT_SECONDS, tcp_user_timeout=SILENCE_MS) as connection:
            listens = True
            try:
                connection.execute(f"LISTEN {CHANNEL}".encode())
            except psycopg.Error:
                listens = False
            end = _end(connection)
            self._begin()
            checked = time.monotonic()
            while not self._stopped.is_set():
                told = self._wait(connection, listens)
                if not told and listens and time.monotonic() - checked < CHECK_SECONDS:
                    continue
                checked = time.monotonic()
                if end != (end := _end(connection)) or told:
                    self._changed()
                    self._stopped.wait(SETTLE_SECONDS)

    def _wait(self, connection: Any, listens: bool) -> bool:
        """Wait for notices, and say whether there were any."""
        if not listens:
            self._stopped.wait(LISTEN_SECONDS)
            return False
        return bool(list(connection.notifies(timeout=LISTEN_SECONDS, stop_after=1)))


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def _end(connection: Any) -> Any:
    """Where the log ends, or None in a database that is no store yet."""
    import psycopg

    try:
        return connection.execute(END).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
