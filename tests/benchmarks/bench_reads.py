"""Reads against the same SQL by raw sqlite3: `python -m tests.benchmarks.bench_reads [CONTACTS]`; ratios from one run."""

from __future__ import annotations

import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crm_tui.intake.run import import_file
from crm_tui.reads.board import BOARD, board
from crm_tui.reads.contact import CONTACT, DEALS, POINTS, TAGS, contact
from crm_tui.reads.day import GROUPS, day
from crm_tui.reads.inbox import INBOX, inbox
from crm_tui.reads.look import Look
from crm_tui.reads.search import find
from crm_tui.reads.timeline import timeline
from crm_tui.store import Store
from tests.benchmarks.leads import write_leads

PAGE = 50


def recorded(prepared: list[Any], call: Callable[[], Any]) -> list[tuple[str, list[Any]]]:
    """The SQL and parameters that a read sends, by listening to its prepared queries."""
    sent: list[tuple[str, list[Any]]] = []
    connection = LOOK.db.peewee.connection()
    real = LOOK.db.peewee.connection

    class Cursor:
        def __init__(self) -> None:
            self.cursor = connection.cursor()

        def execute(self, sql: str, params: Any = ()) -> None:
            sent.append((sql, list(params)))
            self.cursor.execute(sql, params)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.cursor, name)

        def __iter__(self) -> Any:
            return iter(self.cursor)

    class Connection:
        cursor = Cursor

    LOOK.db.peewee.connection = lambda: Connection
    try:
        call()
    finally:
        LOOK.db.peewee.connection = real
    return sent


def measure(name: str, call: Callable[[], Any], times: int) -> None:
    sent = recorded([], call)
    raw = sqlite3.connect(LOOK.db.path, isolation_level=None)
    ours, theirs = [], []
    for _ in range(times):
        started = time.perf_counter()
        call()
        ours.append(time.perf_counter() - started)
        started = time.perf_counter()
        for sql, params in sent:
            raw.execute(sql, params).fetchall()
        theirs.append(time.perf_counter() - started)
    raw.close()
    one, other = statistics.median(ours), statistics.median(theirs)
    print(f"{name:34} {one * 1000:8.3f} ms, raw {other * 1000:8.3f} ms: {one / other:.2f} x (at most 1.5)")


def prepare(store: Store, contacts: int) -> bytes:
    """A store with work in it: a thousand deals, five hundred due, one contact with fifty timeline entries."""
    import_file(store, write_leads(Path(os.environ["CRM_HOME"]) / "leads.csv", contacts))
    ids = [row[0].hex() for row in store.db.rows("SELECT id FROM contact ORDER BY key LIMIT 2000")]
    rng = random.Random(5)
    for number, id_ in enumerate(ids[:1500]):
        store.execute({"command": "route", "contact": id_, "to": "noa"})
        if number < 1000:
            store.execute({"command": "open_deal", "contact": id_, "value": rng.randrange(1000, 90000)})
        if number % 3 == 0:
            store.execute({"command": "add_task", "contact": id_, "kind": "call", "due": "2026-01-01"})
    for number in range(48):
        store.execute({"command": "log_note", "contact": ids[0], "note": f"note {number} שלום"})
    return bytes.fromhex(ids[0])


def main(contacts: int) -> None:
    global LOOK
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["CRM_HOME"] = scratch
        with Store(f"{scratch}/store.db", "noa", durable=False) as store:
            one = prepare(store, contacts)
            LOOK = Look.at(store)
            measure("inbox, first page", lambda: inbox(LOOK, PAGE), 300)
            measure("inbox, 1,000 rows", lambda: inbox(LOOK, 1000), 50)
            measure("day, first page", lambda: day(LOOK, limit=PAGE), 100)
            measure("day, whole", lambda: day(LOOK), 50)
            measure("board, 1,000 deals", lambda: board(LOOK), 50)
            measure("contact and 50 timeline entries", lambda: (contact(LOOK, one), timeline(LOOK, one, PAGE)), 300)
            for text in ("dana", "כהן", "0521", "gmail", "company 12", "zz", "דנ לו"):
                times = []
                for _ in range(30):
                    started = time.perf_counter()
                    find(LOOK, text, PAGE)
                    times.append(time.perf_counter() - started)
                print(f"find {text:29} {statistics.median(times) * 1000:8.3f} ms, worst {max(times) * 1000:.3f} ms")


LOOK: Look = None  # type: ignore[assignment]
_ = (INBOX, GROUPS, BOARD, CONTACT, POINTS, TAGS, DEALS)

if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
