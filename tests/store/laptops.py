"""Laptops for the tests of sync: each an installation of its own with its person, its clock and its store, and a line that can be cut."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from store_helpers import Clock, do, log_faults

from crm_tui import hub as hubs
from crm_tui import log
from crm_tui.channel import Channel
from crm_tui.check import check
from crm_tui.clone import clone
from crm_tui.db import Database
from crm_tui.hub import Synced, synchronise
from crm_tui.ids import show_id
from crm_tui.reads.export import all_records
from crm_tui.store import Store

DANA = "052-345-6789"
LEADS = """name,phone,email,company,notes
Dana Levi,052-345-6789,dana@example.com,Acme,from the fair
Yossi Cohen,03-612-3456,,acme ltd,
Ruth Bar,,ruth@zenith.example,Zenith,
Dana L,0523456789,,,the same
"""


class Laptop:
    """One person at work on one installation. Whatever it does, it does with its own home and its own clock."""

    def __init__(self, folder: Path, name: str, url: str, user: str, hub: str, clock: Clock | None = None) -> None:
        self.home = folder / f"home-{name}"
        self.name, self.url, self.user, self.hub = name, url, user, hub
        self.clock = clock or Clock()
        self._store: Store | None = None

    def __repr__(self) -> str:
        return self.name

    @property
    def store(self) -> Store:
        """Its store, open."""
        os.environ["CRM_HOME"] = str(self.home)
        if self._store is None:
            self._store = Store(self.url, self.user, self.clock, durable=False)
        return self._store

    @property
    def db(self) -> Database:
        return self.store.db

    def close(self) -> None:
        """Close its store; the next use opens it again."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def clone(self) -> Laptop:
        """Get a new store from the hub."""
        os.environ["CRM_HOME"] = str(self.home)
        clone(self.hub, self.url, self.user, self.clock)
        return self

    def do(self, command: str, **fields: Any) -> dict[str, Any]:
        """One command's answer."""
        return do(self.store, command, **fields)

    def lead(self, name: str, phone: str, **fields: Any) -> str:
        """A lead's contact."""
        return str(self.do("add_lead", name=name, phone=phone, **fields)["record"])

    def sync(self, remote: str | None = None) -> Synced:
        """Meet the hub."""
        return synchronise(self.store, remote or self.hub)

    def one(self, sql: str, *args: Any) -> Any:
        """The first column of the first row."""
        return self.db.one(sql, args)[0]


class Cut:
    """A stream that ends after so many bytes."""

    def __init__(self, stream: Any, left: int) -> None:
        self.stream, self.left = stream, left

    def read(self, size: int) -> bytes | None:
        data = self.stream.read(min(size, self.left)) if self.left else b""
        self.left -= len(data or b"")
        return data

    def write(self, data: bytes) -> int | None:
        if not self.left:
            raise BrokenPipeError("cut")
        written = self.stream.write(data[: self.left])
        self.left -= written or 0
        return written

    def flush(self) -> None:
        self.stream.flush()


@contextmanager
def cut_line(*, sends: int | None = None, receives: int | None = None) -> Iterator[None]:
    """While it lasts every line to a hub ends after the laptop sent or received so many bytes."""
    whole = hubs.line_to

    @contextmanager
    def line(*args: Any) -> Iterator[Channel]:
        with whole(*args) as channel:
            if sends is not None:
                channel._writes = Cut(channel._writes, sends)  # type: ignore[assignment]
            if receives is not None:
                channel._reads = Cut(channel._reads, receives)  # type: ignore[assignment]
            yield channel

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hubs, "line_to", line)
        yield


def everything(db: Database) -> list[dict[str, Any]]:
    """`export all`."""
    return list(all_records(db))


def written(db: Database) -> dict[str, tuple[Any, ...]]:
    """The whole log but for its order: of every batch its header, its digest and all its changes."""
    found: dict[str, tuple[Any, ...]] = {}
    for head in log.heads(db):
        parts = tuple((part.subject, part.salt, part.content) for part in log.parts_of(db, head.key))
        found[show_id(head.id)] = head.header(), head.digest, parts
    return found


def lost(laptop: Laptop) -> list[tuple[str, str, Any]]:
    """The lost edits in log order: whose, which register (`*`: work on what was deleted), the value that was lost."""
    names = {user.id: user.name for user in laptop.store.users()}
    rows = laptop.db.rows("SELECT by, register, record, hlc FROM lost ORDER BY hlc, id")
    return [(names[by], register, _value(laptop.db, record, register, hlc)) for by, register, record, hlc in rows]


def _value(db: Database, record: bytes, register: str, hlc: int) -> Any:
    row = db.one("SELECT new FROM change WHERE record = ? AND register = ? AND hlc = ?", (record, register, hlc))
    return log.loaded(row[0]) if row and register != "*" else None


def refusing(action: Callable[[], Any], kind: type[Exception]) -> Exception:
    """The error that an action must end with."""
    with pytest.raises(kind) as caught:
        action()
    return caught.value


class Office:
    """A hub and the laptops of a company's people; the first of them founds the hub, the others clone it."""

    def __init__(self, folder: Path, hub: str, template: Path) -> None:
        self.folder, self.template = folder, template
        self.hub = Laptop(folder, "hub", hub, "sue", hub)
        self.laptops: list[Laptop] = []

    def __call__(self, user: str, name: str | None = None) -> Laptop:
        """A new laptop of a person."""
        name = name or user
        laptop = Laptop(self.folder, name, str(self.folder / f"{name}.db"), user, self.hub.url)
        if self.laptops:
            laptop.clone()
        else:
            shutil.copyfile(self.template, laptop.url)
            laptop.sync()
        self.laptops.append(laptop)
        return laptop

    def meet(self) -> None:
        """Everybody syncs, until everybody has what everybody did."""
        for laptop in self.laptops * 2:
            laptop.sync()

    def same(self) -> list[tuple[str, str, Any]]:
        """All meet; then every store holds the same and is sound. The lost edits."""
        self.meet()
        wanted, log_wanted, lost_wanted = everything(self.hub.db), written(self.hub.db), lost(self.hub)
        for laptop in [*self.laptops, self.hub]:
            assert everything(laptop.db) == wanted, f"{laptop} differs from the hub"
            assert written(laptop.db) == log_wanted
            assert lost(laptop) == lost_wanted
            assert log_faults(laptop.db) == []
        # With one log and one content in all, two that took it in by different ways speak for the others.
        for laptop in (self.hub, self.laptops[-1]):
            report = check(laptop.store)
            assert report["ok"], report["differences"]
        return lost_wanted

    def close(self) -> None:
        for laptop in [*self.laptops, self.hub]:
            laptop.close()
