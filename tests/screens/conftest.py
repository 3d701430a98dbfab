"""The app on a store of its own, driven by command ids and keys."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from databases import Files
from pilot import Desk
from store_helpers import Clock, make_store

from crm_tui.app import CrmApp
from crm_tui.i18n import use_language
from crm_tui.session import Session
from crm_tui.store import Store


@pytest.fixture(scope="session", autouse=True)
def _quick_keys() -> Iterator[None]:
    """After each key Textual's pilot sleeps three times 20 ms to see whether the app still works.

    4 ms tell as much where the app gets its turns for certain: a busy machine may let the whole process wait for longer.
    """

    async def look(seconds: float) -> None:
        for _turn in range(15):
            await asyncio.sleep(0)
        await asyncio.sleep(seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("textual._wait.SLEEP_GRANULARITY", 1 / 250)
        patch.setattr("textual._wait.SLEEP_IDLE", 1 / 1000)  # the turns themselves take a third of it
        patch.setattr("textual._wait.sleep", look)
        yield


@pytest.fixture
def clock() -> Clock:
    """Sunday 2026-11-22 10:00 in Israel."""
    return Clock()


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Stores that were filled once, to be copied."""
    return Files(tmp_path_factory.mktemp("stores"))


def users_today(url: str) -> None:
    """A store with its users, made on the day of the tests."""
    make_store(url, Clock())


@pytest.fixture
def url(stores: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A store with its users."""
    monkeypatch.setenv("CRM_HOME", str(tmp_path / "home"))
    return shutil.copyfile(stores.like(users_today), str(tmp_path / "store.db"))


@pytest.fixture
def store(url: str, clock: Clock) -> Any:
    """The same store, as another process has it open."""
    with Store(url, "noa", clock, durable=False) as opened:
        yield opened


@pytest.fixture
def desk(url: str, clock: Clock) -> Callable[..., Any]:
    """`async with desk(size=…, user=…, language=…) as at:` a person at the app."""

    @asynccontextmanager
    async def sit(size: tuple[int, int] = (100, 30), user: str = "noa", language: str = "en") -> AsyncIterator[Desk]:
        use_language(language)
        session = Session(url, user, clock)
        session.open_now()
        app = CrmApp(session)
        try:
            async with app.run_test(size=size) as pilot:
                at = Desk(app, pilot)
                await at.until(lambda: at.list.loaded, "the Leadometer is read")
                yield at
        finally:
            session.close()
            use_language("en")

    return sit
