"""My Day worked down in a pseudo-terminal: `python -m tests.benchmarks.bench_day [CONTACTS]`, with 500 due.

From the key that says how a call ended until the next person stands under the cursor, beside Textual's table moving its cursor.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time

from crm_tui.reads.day_now import day_now
from crm_tui.reads.look import Look
from crm_tui.store import Store
from tests.benchmarks.bench_reads import prepare
from tests.benchmarks.bench_screens import finish, p, start
from tests.terminal.screen_program import Terminal

CALLS = 40


def outcome(terminal: Terminal, phone: str) -> float:
    """Milliseconds from `2` in the call dialog until the row under the cursor shows a phone."""
    terminal.press("c")
    terminal.settle(0.15)
    began = time.perf_counter()
    terminal.press("2")
    terminal.wait_for(lambda text: any("▌" in line and phone in line.replace("-", "") for line in text.splitlines()), phone)
    took = (time.perf_counter() - began) * 1000
    terminal.settle(0.15)
    return took


def main(contacts: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["CRM_HOME"] = scratch
        url = f"{scratch}/store.db"
        with Store(url, "noa") as store:
            prepare(store, contacts)
            lines = day_now(Look.at(store)).lines
        phones = [(line.phone_e164 or "").replace("+972", "0") for line in lines]
        terminal, _seconds = start(["-m", "crm_tui", "--store", url, "--as", "noa"], scratch, b"052")
        terminal.settle(1)
        terminal.press("2")
        terminal.settle(1)
        times = [outcome(terminal, phone) for phone in phones[1 : CALLS + 1]]
        finish(terminal)
    print(f"{len(lines)} to call; outcome to next person: p50 {statistics.median(times):.1f} ms, p95 {p(times, 95):.1f} ms (a frame: 16)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
