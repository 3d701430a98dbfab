"""The whole store as one file, for a clone: a SQLite hub sends its file as it lies there, others one made from their tables."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from crm_tui import sync
from crm_tui.backup import copy_sqlite, copy_tables
from crm_tui.channel import Channel
from crm_tui.db import BUSY_SECONDS, Database, errors
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.store import users_of
from crm_tui.users import UserFacts

_OPENED: list[BinaryIO] = []
"""Stores' files that were read beside SQLite. They stay open: closing one would drop the locks that this process holds on the store."""


def serve_clone(channel: Channel, db: Database, person: UserFacts | None, request: Any) -> None:
    """Send the whole store; from an offset if the laptop has the beginning of the same file."""
    if not users_of(db):
        raise Refused("remote", _("This hub is empty yet. Sync a store with it first: crm-tui sync REMOTE."))
    wanted, offset = (request.get("snapshot"), request.get("offset")) if isinstance(request, dict) else (None, 0)
    with _snapshot(db) as (file, have):
        status = os.stat(file.fileno())
        snapshot = hashlib.sha256(f"{have} {status.st_size} {status.st_mtime_ns} {status.st_ino}".encode()).hexdigest()[:32]
        start = offset if wanted == snapshot and type(offset) is int and 0 <= offset <= status.st_size else 0
        name = person.name if person else None
        offer = {"snapshot": snapshot, "size": status.st_size, "offset": start, "have": have, "name": name}
        channel.send(offer, flush=True)
        file.seek(start)
        channel.send_raw(file)


@contextmanager
def _snapshot(db: Database) -> Iterator[tuple[BinaryIO, str]]:
    """A file that holds the store at one moment, with the fingerprint of its log."""
    if db.path is not None and (reading := _still(db.path)) is not None:
        with closing(reading):
            have = sync.fingerprint(sync.vector(db))
            file = open(db.path, "rb")  # noqa: SIM115
            _OPENED.append(file)
            yield file, have
        return
    with tempfile.TemporaryDirectory(prefix="crm-clone-") as folder:
        path = Path(folder) / "clone.db"
        if db.path is not None:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            copy_sqlite(db.path, path)
        else:
            with db.snapshot():
                copy_tables(db, path)
        with closing(Database(str(path))) as copy:
            have = sync.fingerprint(sync.vector(copy))
            copy.one("PRAGMA wal_checkpoint(truncate)")
        with open(path, "rb") as file:
            yield file, have


def _still(path: Path) -> sqlite3.Connection | None:
    """A reader that keeps the store's file as it is: all commits are in it, and nobody can put more there while the reader reads.

    Commits go on into the write-ahead log. None when others read from that log just now.
    """
    with errors():
        writer = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        reader = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        still = False
        try:
            writer.execute("BEGIN IMMEDIATE")
            _busy, logged, done = reader.execute("PRAGMA wal_checkpoint(passive)").fetchone()
            if logged == done:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
                still = True
            writer.execute("ROLLBACK")
        finally:
            writer.close()
            if not still:
                reader.close()
        return reader if still else None
