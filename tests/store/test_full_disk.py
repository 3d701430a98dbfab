"""A disk that is full in the middle of a write: said as such, and nothing of the command is there."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from store_helpers import do, lead, snapshot

from crm_tui.check import check
from crm_tui.errors import StoreFull
from crm_tui.intake.run import import_file
from crm_tui.store import Store

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
LONG_NOTE = "long " * 20_000


@pytest.fixture
def full(store: Store) -> Callable[[int], None]:
    """Let the store grow by so many pages and no more: SQLite then meets the same end as on a full disk."""

    def limit(more: int) -> None:
        pages = store.db.one("PRAGMA page_count")[0]
        store.db.one(f"PRAGMA max_page_count = {pages + more}")

    return limit


@sqlite_only
def test_a_command_that_does_not_fit_leaves_nothing(store: Store, full: Callable[[int], None]) -> None:
    contact = lead(store)
    before, log_before = snapshot(store), store.db.rows("SELECT * FROM batch")
    full(3)
    with pytest.raises(StoreFull, match="disk is full"):
        do(store, "log_note", contact=contact, note=LONG_NOTE)
    assert snapshot(store) == before
    assert store.db.rows("SELECT * FROM batch") == log_before
    assert check(store)["ok"]
    full(1000)
    do(store, "log_note", contact=contact, note=LONG_NOTE)
    assert check(store)["ok"]


@sqlite_only
def test_an_import_that_does_not_fit_keeps_whole_chunks_and_goes_on(store: Store, full: Callable[[int], None], tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Name,Phone\n" + "".join(f"Person {n},05{n % 4}{2_000_000 + n}\n" for n in range(1_300)), encoding="utf-8")
    full(120)
    with pytest.raises(StoreFull, match="same import goes on"):
        import_file(store, path)
    (rows,) = store.db.one("SELECT count(*) FROM contact")
    assert rows in (500, 1000)
    assert check(store)["ok"]
    full(10_000)
    report = import_file(store, path)
    assert (report.taken.created, report.taken.skipped) == (1_300 - rows, rows)
    assert check(store)["ok"]


@sqlite_only
def test_the_program_on_a_file_that_may_not_grow(store: Store, tmp_path: Path) -> None:
    """A quota: the system refuses the write itself, and the process must not die of its signal."""
    contact = lead(store)
    before = snapshot(store)
    (size,) = (path.stat().st_size for path in tmp_path.iterdir() if path.name.endswith("-wal"))

    def quota() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, size + 20_000))

    given = json.dumps({"command": "log_note", "contact": contact, "note": LONG_NOTE})
    ran = subprocess.run(
        [sys.executable, "-m", "crm_tui", "--store", store.db.url, "--as", "noa", "do"],
        input=given,
        capture_output=True,
        text=True,
        preexec_fn=quota,
    )
    assert ran.returncode == 4, ran.stderr
    assert json.loads(ran.stdout)["error"]["kind"] == "store_full"
    assert "disk is full" in ran.stdout
    assert "Traceback" not in ran.stderr
    assert snapshot(store) == before
    assert check(store)["ok"]
