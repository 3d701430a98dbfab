"""One command with fold and log, and eight processes at once: `python -m tests.benchmarks.bench_commands [CONTACTS]`."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from crm_tui.check import check
from crm_tui.intake.run import import_file
from crm_tui.store import Store
from tests.benchmarks.leads import write_leads


def single(url: str, count: int) -> None:
    with Store(url, "noa", durable=False) as store:
        ids = [row[0].hex() for row in store.db.rows("SELECT id FROM contact ORDER BY key LIMIT ?", (count,))]
        times: dict[str, list[float]] = {}
        for number, id_ in enumerate(ids):
            lines = [
                {"command": "route", "contact": id_, "to": "noa"},
                {"command": "log_call", "contact": id_, "outcome": "no_answer"},
                {"command": "log_call", "contact": id_, "outcome": "talked", "need": "a demo"},
                {"command": "open_deal", "contact": id_, "value": 8000},
                {"command": "add_lead", "name": f"Person {number} Benchmark", "phone": f"054{2000000 + number}"},
                {"command": "undo"},
            ]
            for line in lines:
                started = time.perf_counter()
                store.execute(line)
                times.setdefault(f"{line['command']} {line.get('outcome', '')}".strip(), []).append(time.perf_counter() - started)
        for name, values in times.items():
            print(f"{name:20} {_figures(values)}")
        print(f"{'all commands':20} {_figures([one for values in times.values() for one in values])} (p95 at most 5 ms)")


def _figures(values: list[float]) -> str:
    values = sorted(value * 1000 for value in values)
    return f"p50 {statistics.median(values):.2f} ms, p95 {values[int(len(values) * 0.95)]:.2f} ms, worst {values[-1]:.2f} ms"


def worker(url: str, contact: str, count: int, answers: object) -> None:
    try:
        with Store(url, "noa") as store:
            for _ in range(count):
                store.execute({"command": "log_call", "contact": contact, "outcome": "no_answer"})
        answers.put("")  # type: ignore[attr-defined]
    except Exception as error:
        answers.put(repr(error))  # type: ignore[attr-defined]


def many(url: str, processes: int = 8, count: int = 100) -> None:
    with Store(url, "noa") as store:
        contact = store.execute({"command": "add_lead", "name": "Everybody Calls"}).record
    assert contact is not None
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    started = time.perf_counter()
    workers = [context.Process(target=worker, args=(url, contact.hex(), count, answers)) for _ in range(processes)]
    for one in workers:
        one.start()
    errors = [answers.get() for _ in workers]
    for one in workers:
        one.join()
    seconds = time.perf_counter() - started
    with Store(url, "noa") as store:
        attempts = store.db.one("SELECT attempts FROM contact WHERE id = ?", (contact,))[0]
        sound = check(store)["ok"]
    print(
        f"{processes} processes x {count} commands: {seconds:.1f} s, errors {[one for one in errors if one]}, "
        f"attempts {attempts} of {processes * count}, check {'ok' if sound else 'DIFFERENCES'}"
    )


def main(contacts: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["CRM_HOME"] = scratch
        url = f"{scratch}/store.db"
        with Store(url, "noa") as store:
            import_file(store, write_leads(Path(scratch) / "leads.csv", contacts))
        single(url, 300)
        many(f"{scratch}/many.db")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
