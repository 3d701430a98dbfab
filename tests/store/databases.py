"""Databases of both engines for tests, copied from what was put once into another: making one anew takes ten times longer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from store_helpers import make_store

from crm_tui.db import Database


def no_users(url: str) -> None:
    """The tables of a store, all empty."""
    Database(url, durable=False).close()


class Server:
    """A PostgreSQL server on which tests get databases of their own, copied from a template."""

    def __init__(self, url: str) -> None:
        import psycopg

        self.url = url
        self.made = 0
        self._line = psycopg.connect(url, autocommit=True, connect_timeout=10)
        self.templates: dict[Callable[[str], None], str] = {}

    def of(self, database: str) -> str:
        """The URL of a database of this server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{database}"))

    def run(self, sql: str) -> None:
        """Execute a statement outside a transaction."""
        self._line.execute(sql.encode())

    def close(self) -> None:
        """Take the templates away, and leave."""
        for name in self.templates.values():
            self.drop(name)
        self._line.close()

    def new(self, template: str | None = None) -> str:
        """The name of a new database."""
        self.made += 1
        name = f"crm_test_{os.getpid()}_{self.made}"
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""))
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def like(self, make: Callable[[str], None]) -> str:
        """The name of a new database with what `make` once put into another."""
        if make not in self.templates:
            name = self.new()
            make(self.of(name))
            self.templates[make] = name
        return self.new(self.templates[make])


class Files:
    """SQLite stores, copied from templates."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.templates: dict[Callable[[str], None], Path] = {}

    def like(self, make: Callable[[str], None]) -> Path:
        """A file with what `make` once put into it, to be copied."""
        if make not in self.templates:
            path = self.folder / f"template{len(self.templates)}" / "store.db"
            path.parent.mkdir()
            make(str(path))
            assert sorted(one.name for one in path.parent.iterdir()) == ["store.db"], "a closed store is one file"
            self.templates[make] = path
        return self.templates[make]


class StoreMaker:
    """Makes stores with their users, copied from a template, and drops them again."""

    def __init__(self, source: Server | Files, folder: Path) -> None:
        self.source = source
        self.folder = folder
        self.made: dict[str, str] = {}
        self.count = 0

    def __call__(self, make: Callable[[str], None] = make_store) -> str:
        """The URL of a new store with what `make`, a function of a module, once put into another."""
        self.count += 1
        if isinstance(self.source, Server):
            name = self.source.like(make)
            url = self.source.of(name)
        else:
            name = f"store{self.count}.db"
            url = str(self.folder / name)
            shutil.copyfile(self.source.like(make), url)
        self.made[url] = name
        return url

    def drop(self, url: str) -> None:
        """Take a store away before the test ends."""
        name = self.made.pop(url)
        if isinstance(self.source, Server):
            self.source.drop(name)
        else:
            (self.folder / name).unlink()
