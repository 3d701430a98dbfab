"""Backup and restore: a backup is a whole SQLite store, taken while others work, verified before it gets its name."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crm_tui import models
from crm_tui.check import check
from crm_tui.db import Database, errors
from crm_tui.errors import Damaged, Refused
from crm_tui.i18n import gettext as _
from crm_tui.store import Store
from crm_tui.text.times import now_ms


def backup(store: Store, path: Path) -> dict[str, Any]:
    """Write a verified copy of the store to `path`; an existing file is replaced only by a good one."""
    path = path.absolute()
    if path.is_dir():
        raise Refused("file", _("{path} is a directory; name a file.").format(path=path))
    if store.db.path is not None and path.exists() and path.samefile(store.db.path):
        raise Refused("file", _("The backup cannot be the store itself."))
    scratch = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(scratch, os.O_CREAT | os.O_WRONLY, 0o600))
        except OSError as error:
            raise Refused("file", _("{path} cannot be written: {why}.").format(path=path, why=error.strerror)) from error
        if store.db.is_sqlite:
            _copy_sqlite(str(store.db.path), str(scratch))
        else:
            scratch.unlink()
            with store.db.snapshot():
                _copy_tables(store.db, scratch)
        report = _verified(scratch, store.actor.name, store.clock)
        os.replace(scratch, path)
    finally:
        for rest in (scratch, Path(f"{scratch}-wal"), Path(f"{scratch}-shm")):
            rest.unlink(missing_ok=True)
    return {"ok": True, "file": str(path), "bytes": path.stat().st_size, **report}


def restore(url: str, path: Path, user: str | None = None, clock: Callable[[], int] = now_ms) -> dict[str, Any]:
    """Put the backup `path` in the place of the store at `url`; what was there is kept in a file beside it.

    The next command written here starts a new origin, so that the restored history and the one it replaces never mix.
    """
    if not path.is_file():
        raise Refused("file", _("There is no backup {path}.").format(path=path))
    report = _verified(path, user, clock)
    target = Database(url)
    try:
        kept = None
        if not target.is_sqlite:
            if target.one("SELECT 1 FROM batch LIMIT 1"):
                raise Refused("store", _("The database is not empty. Restore into an empty one."))
            with target.write():
                _fill(target, path)
        elif target.path is not None:
            if target.path.exists() and path.samefile(target.path):
                raise Refused("file", _("The backup is the store itself."))
            if target.one("SELECT 1 FROM batch LIMIT 1"):
                kept = target.path.with_name(f"{target.path.name}.before-restore-{clock()}")
                _copy_sqlite(str(target.path), str(kept))
            _copy_sqlite(str(path), str(target.path))
    finally:
        target.close()
    with Store(url, user, clock) as store:
        store.new_origin()
    return {"ok": True, "file": str(path), "kept": str(kept) if kept else None, **report}


def _verified(path: Path, user: str | None, clock: Callable[[], int]) -> dict[str, Any]:
    """Check a copy whole; a bad one is refused."""
    scratch = Database(str(path))
    known = scratch.one("SELECT name FROM users WHERE removed <= 0 ORDER BY born LIMIT 1")
    scratch.close()
    if known is None:
        raise Refused("file", _("{path} is an empty store, not a backup.").format(path=path))
    with Store(str(path), known[0], clock) as copy:
        report = check(copy)
    if not report["ok"]:
        raise Damaged(_("{path} is not a sound copy: {first}").format(path=path, first=report["differences"][0]))
    return {"batches": report["batches"], "changes": report["changes"]}


def _copy_sqlite(source: str, target: str) -> None:
    """Copy a store online: readers and writers of both go on."""
    with errors():
        old, new = sqlite3.connect(source, timeout=5), sqlite3.connect(target, timeout=5)
        try:
            old.backup(new, pages=4_096, sleep=0.005)
        finally:
            old.close()
            new.close()


def _copy_tables(source: Database, path: Path) -> None:
    target = Database(str(path), durable=False)
    try:
        with target.write():
            for table in models.ALL_TABLES:
                _copy_table(source, target, table)
            _index(target)
    finally:
        target.close()


def _fill(target: Database, path: Path) -> None:
    source = Database(str(path))
    try:
        for table in models.ALL_TABLES:
            _copy_table(source, target, table)
            if "key" in models.columns(table):
                name = models.table_name(table)
                target.run(f"SELECT setval(pg_get_serial_sequence('{name}', 'key'), (SELECT coalesce(max(key), 0) + 1 FROM {name}), false)")
    finally:
        source.close()


def _copy_table(source: Database, target: Database, table: type[models.Table]) -> None:
    names = ", ".join(f'"{name}"' for name in models.columns(table))
    name = models.table_name(table)
    marks = ", ".join("?" * len(models.columns(table)))
    rows: list[Any] = []
    for row in source.stream(f"SELECT {names} FROM {name}"):
        rows.append(row)
        if len(rows) == 2_000:
            target.many(f"INSERT INTO {name} ({names}) VALUES ({marks})", rows)
            rows = []
    if rows:
        target.many(f"INSERT INTO {name} ({names}) VALUES ({marks})", rows)


def _index(target: Database) -> None:
    from crm_tui.rows import search_words

    rows = target.rows("SELECT key, search FROM contact WHERE search <> ''")
    target.many("INSERT INTO search_words (rowid, text) VALUES (?, ?)", [(key, search_words(text)) for key, text in rows])
    target.many("INSERT INTO search_parts (rowid, text) VALUES (?, ?)", rows)
