"""Import against raw SQLite: `python -m tests.benchmarks.bench_import [ROWS]`.

The reference fills the same tables, indexes, search index and log by `executemany` from ready-made rows, in the same run.
"""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from crm_tui import models
from crm_tui.db import Database
from crm_tui.intake.run import import_file
from crm_tui.rows import search_words
from crm_tui.store import Store
from tests.benchmarks.leads import write_leads


def run_import(csv: Path, store: Path) -> None:
    started = time.perf_counter()
    with Store(str(store), "noa") as opened:
        report = import_file(opened, csv)
    seconds = time.perf_counter() - started
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
    print(f"{seconds:.3f} {report.rows} {report.taken.created} {report.taken.touched} {report.taken.flagged} {peak:.1f}")


def raw_copy(source: Path, target: Path, *, with_log: bool, transactions: int = 1) -> float:
    """Seconds to fill a fresh store of the same schema with the rows of `source`, in so many transactions."""
    Database(str(target)).close()
    rows = {}
    with sqlite3.connect(source) as db:
        for table in models.ALL_TABLES:
            name = models.table_name(table)
            if with_log or table not in models.LOG_TABLES:
                rows[name] = db.execute(f"SELECT * FROM {name}").fetchall()
        search = db.execute("SELECT key, search FROM contact WHERE search <> ''").fetchall()
    words = [(key, search_words(text)) for key, text in search]
    started = time.perf_counter()
    db = sqlite3.connect(target, isolation_level=None)
    db.execute("PRAGMA journal_mode = wal")
    db.execute("PRAGMA synchronous = normal")
    db.execute("PRAGMA cache_size = -16000")
    db.execute("PRAGMA wal_autocheckpoint = 16000")
    for turn in range(transactions):
        db.execute("BEGIN IMMEDIATE")
        for name, table_rows in rows.items():
            if slice_ := _slice(table_rows, turn, transactions):
                db.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(slice_[0]))})", slice_)
        db.executemany("INSERT INTO search_words (rowid, text) VALUES (?, ?)", _slice(words, turn, transactions))
        db.executemany("INSERT INTO search_parts (rowid, text) VALUES (?, ?)", _slice(search, turn, transactions))
        db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(truncate)")
    seconds = time.perf_counter() - started
    db.close()
    return seconds


def _slice(rows: list[Any], turn: int, turns: int) -> list[Any]:
    return rows[len(rows) * turn // turns : len(rows) * (turn + 1) // turns]


def main(rows: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        csv = write_leads(folder / "leads.csv", rows)
        os.environ["CRM_HOME"] = scratch
        store = folder / "store.db"
        code = f"import crm_tui.store; from tests.benchmarks.bench_import import *; run_import(Path({str(csv)!r}), Path({str(store)!r}))"
        answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
        seconds, peak = float(answer[0]), float(answer[-1])
        print(f"import   {rows} rows: {seconds:.2f} s, {seconds / rows * 1e6:.0f} us a row, peak {peak:.0f} MB, {answer[2:5]}")
        raw = raw_copy(store, folder / "raw.db", with_log=True)
        chunks = max(1, rows // 500)
        chunked = raw_copy(store, folder / "chunked.db", with_log=True, transactions=chunks)
        raw_copy(store, folder / "nolog.db", with_log=False)
        size, nolog = store.stat().st_size, (folder / "nolog.db").stat().st_size
        print(f"raw      executemany of the same rows: {raw:.2f} s, {raw / rows * 1e6:.0f} us a row")
        print(f"chunked  the same in {chunks} transactions, as an import commits: {chunked:.2f} s, {chunked / rows * 1e6:.0f} us a row")
        in_chunks, at_once = chunked / seconds, raw / seconds
        print(f"ratio    {in_chunks:.2f} of the raw rate in the same transactions (at least 0.5), {at_once:.2f} of one transaction")
        print(f"memory   {peak:.0f} MB (under 150)")
        print(f"size     {size / 1e6:.1f} MB, without log {nolog / 1e6:.1f} MB: {size / nolog:.2f} x (at most 1.25)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
