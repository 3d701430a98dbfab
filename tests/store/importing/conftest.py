"""Every import is looked at from its end: the store is what its log says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from import_helpers import assert_sound, table

from crm_tui.store import Store


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite, if a test does not ask for both."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(autouse=True)
def _sound(store: Store) -> Iterator[None]:
    """After every test the store is what its log says: prepared rows gave the tables that replaying the changes gives."""
    yield
    assert_sound(store)


@pytest.fixture
def leads(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of leads, each under another name."""
    number = iter(range(1000))
    return lambda *rows: table(tmp_path / f"leads{next(number)}.csv", *rows)
