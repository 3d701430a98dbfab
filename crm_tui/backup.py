"""Backup and restore: a backup is a whole SQLite store, taken while others work, verified before it gets its name."""

from __future__ import annotations

import itertools
import os
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crm_tui import models
from crm_tui.check import check
from crm_tui.db import BUSY_SECONDS, Database, errors, is_sqlite, sqlite_path
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
            assert store.db.path is not None
            copy_sqlite(store.db.path, scratch)
        else:
            scratch.unlink()
            with store.db.snapshot():
                copy_tables(store.db, scratch)
        report = _verified(scratch, store.actor.name, store.clock, path)
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
    with errors(), tempfile.TemporaryDirectory(prefix="crm-restore-") as folder:
        # The backup itself is only read: looking at it as a store would bring it to this version's tables.
        scratch = Path(folder) / "backup.db"
        try:
            copy_sqlite(path, scratch)
        except Damaged as error:
            raise _unsound(path, error.message) from error
        report = _verified(scratch, user, clock, path)
        entered = user if user is not None else _first_user(str(scratch))
        kept = None
        if is_sqlite(url):
            kept = _replace(url, path, scratch, clock)
        else:
            _fill_empty(url, scratch)
        with Store(url, entered, clock) as store:
            store.new_origin()
    return {"ok": True, "file": str(path), "kept": str(kept) if kept else None, **report}


def _replace(url: str, path: Path, scratch: Path, clock: Callable[[], int]) -> Path | None:
    """Put the verified copy into a store's file; where the file is kept that was there, damaged or not."""
    target = sqlite_path(url)
    if target.is_file() and path.samefile(target):
        raise Refused("file", _("The backup is the store itself."))
    kept = None
    if target.is_file() and target.stat().st_size:
        kept = _free_name(target, clock())
        try:
            copy_sqlite(target, kept)
        except Damaged:
            for end in ("", "-wal", "-shm"):
                if (part := Path(f"{target}{end}")).exists():
                    os.replace(part, f"{kept}{end}")
    if not target.is_file():
        Database(url).close()
    copy_sqlite(scratch, target)
    return kept


def _fill_empty(url: str, scratch: Path) -> None:
    target = Database(url)
    try:
        with target.write():
            if target.one("SELECT 1 FROM batch LIMIT 1"):
                raise Refused("store", _("The database is not empty. Restore into an empty one."))
            _fill(target, scratch)
    finally:
        target.close()


def _verified(path: Path, user: str | None, clock: Callable[[], int], named: Path) -> dict[str, Any]:
    """Check a copy whole; a bad one is refused under the name that was given."""
    try:
        known = _first_user(str(path))
        if known is None:
            raise Refused("file", _("{path} is an empty store, not a backup.").format(path=named))
        with Store(str(path), known if user is None else user, clock) as copy:
            report = check(copy)
    except Damaged as error:
        raise _unsound(named, error.message) from error
    if not report["ok"]:
        raise _unsound(named, report["differences"][0])
    return {"batches": report["batches"], "changes": report["changes"]}


def _unsound(path: Path, first: str) -> Damaged:
    return Damaged(_("{path} is not a sound copy: {first}").format(path=path, first=first))


def _free_name(target: Path, at: int) -> Path:
    name = f"{target.name}.before-restore-{at}"
    taken = (target.with_name(f"{name}-{number}" if number else name) for number in itertools.count())
    return next(path for path in taken if not path.exists())


def _first_user(url: str) -> str | None:
    db = Database(url)
    try:
        known = db.one("SELECT name FROM users WHERE removed <= 0 ORDER BY born, id LIMIT 1")
    finally:
        db.close()
    return known[0] if known else None


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a store online: readers and writers of both go on. What the copy makes is for its owner's eyes alone."""
    with errors():
        if not target.exists():
            # A file that is there may be an open store: closing it here would drop the locks that this process holds on it.
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
        old, new = sqlite3.connect(source, timeout=BUSY_SECONDS), sqlite3.connect(target, timeout=BUSY_SECONDS)
        try:
            # In one step, which reads one moment: between steps a busy writer would make the copy start again, for ever.
            old.backup(new, pages=-1, sleep=0.005)
        finally:
            old.close()
            new.close()


def copy_tables(source: Database, path: Path) -> None:
    """Write all tables of a store into a new SQLite store; inside a snapshot of the source."""
    target = Database(str(path), durable=False)
    try:
        # Nobody else reads this file yet, and if it is not finished it is thrown away: it needs no journal.
        target.one("PRAGMA journal_mode = off")
        with target.write():
            # An index is made of all rows at once in a fraction of the time that it takes row by row.
            indexes = target.rows("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
            for name, _sql in indexes:
                target.run(f'DROP INDEX "{name}"')
            for table in models.ALL_TABLES:
                _copy_table(source, target, table)
            for _name, sql in indexes:
                target.run(sql)
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
