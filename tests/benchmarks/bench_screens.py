"""The screens in a pseudo-terminal, beside Textual's own: `python -m tests.benchmarks.bench_screens [CONTACTS]`; ratios from one run."""

from __future__ import annotations

import os
import select
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from crm_tui.intake.run import import_file
from crm_tui.store import Store
from crm_tui.widgets.paint import Column, columns
from tests.benchmarks.leads import HEBREW_FIRST, HEBREW_LAST, LATIN_FIRST, LATIN_LAST, write_leads
from tests.terminal.screen_program import KEYS, Terminal

ROOT = Path(__file__).parents[2]
STARTS = 11
MOVES = 200
PAGES = 40
IDLE_SECONDS = 10
QUIET = 0.02
"""Seconds without a byte that end an answer."""
PAGE_ROWS = 60

Line = tuple[str, str, str, str]


def start(command: Sequence[str], home: str, first: bytes) -> tuple[Terminal, float]:
    """The program, and the seconds until bytes came that only a first frame with content has."""
    keep = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    began = time.perf_counter()
    terminal = Terminal([sys.executable, *command], keep | {"CRM_HOME": home, "HOME": home, "LANG": "C.UTF-8"}, cwd=ROOT)
    raw = b""
    while first not in raw:
        assert select.select([terminal.master], [], [], 30)[0], raw[-2000:]
        raw += os.read(terminal.master, 65536)
    return terminal, time.perf_counter() - began


def finish(terminal: Terminal) -> None:
    """Leave as a person does."""
    drain(terminal, 0.3)
    os.write(terminal.master, KEYS["ctrl+q"].encode())
    terminal.end()
    terminal.close()


def drain(terminal: Terminal, quiet: float = QUIET) -> tuple[bytes, float]:
    """What comes until nothing has come for so long, and when the last of it came."""
    raw, last = b"", time.perf_counter()
    while select.select([terminal.master], [], [], quiet)[0]:
        raw += os.read(terminal.master, 65536)
        last = time.perf_counter()
    return raw, last


class Answers(NamedTuple):
    """For each key: milliseconds until the moved cursor is out, until all is, and the bytes of it."""

    shown: list[float]
    drawn: list[float]
    sizes: list[int]


def answers(terminal: Terminal, keys: Sequence[str], cursor: bytes) -> Answers:
    """Press keys, each when all is quiet; `cursor` are bytes that draw the row under it."""
    found = Answers([], [], [])
    for key in keys:
        began = time.perf_counter()
        os.write(terminal.master, KEYS[key].encode())
        raw, shown = b"", 0.0
        while select.select([terminal.master], [], [], QUIET if shown else 5)[0]:
            raw += os.read(terminal.master, 65536)
            last = time.perf_counter()
            if not shown and cursor in raw:
                shown = last
        assert shown, f"no answer to {key}: {raw!r}"
        found.shown.append((shown - began) * 1000)
        found.drawn.append((last - began) * 1000)
        found.sizes.append(len(raw))
    return found


def cpu_seconds(process: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def p(times: Sequence[float], part: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[part - 1]


def compared(name: str, ours: float, theirs: float, bar: float = 0) -> Line:
    """A line of the table: two figures in milliseconds and their ratio, with its bar if it has one."""
    ratio = ours / theirs
    said = f" (at most {bar}){'' if ratio <= bar else '  OVER'}" if bar else ""
    return name, f"{ours:.1f} ms", f"{theirs:.1f} ms", f"{ratio:.2f} x{said}"


def starts(ours: Sequence[str], home: str) -> list[Line]:
    """From nothing to the first frame, the two taking turns."""
    mine, hello = [], []
    for _ in range(STARTS + 1):
        terminal, seconds = start(ours, home, b"052")
        mine.append(seconds * 1000)
        finish(terminal)
        terminal, seconds = start(["-m", "tests.benchmarks.textual_table", "hello"], home, b"hello, world")
        hello.append(seconds * 1000)
        finish(terminal)
    # The first start of each fills the caches of the disk.
    return [compared("start to first rows, against hello world", statistics.median(mine[1:]), statistics.median(hello[1:]), 1.4)]


def moves(ours: Sequence[str], home: str) -> list[Line]:
    """The cursor in the list, against Textual's table of 1,000 rows; then idling."""
    mine, _ = start(ours, home, b"052")
    table, _ = start(["-m", "tests.benchmarks.textual_table", "table", "1000"], home, b"Lead number")
    lines = []
    found: list[dict[str, Answers]] = []
    for terminal, cursor in ((mine, "▌".encode()), (table, b"Lead number")):
        drain(terminal, 1)
        answers(terminal, ["down", "up"] * 5, cursor)
        down = answers(terminal, (["down"] * 10 + ["up"] * 10) * (MOVES // 20), cursor)
        found.append({"down": down, "page": answers(terminal, ["pagedown"] * PAGES, cursor)})
    our, their = found
    lines.append(compared("cursor down, p50, against DataTable", p(our["down"].shown, 50), p(their["down"].shown, 50), 0.5))
    lines.append(compared("cursor down, p95, against DataTable", p(our["down"].shown, 95), p(their["down"].shown, 95), 0.5))
    lines.append(compared("… until the last byte, p50", p(our["down"].drawn, 50), p(their["down"].drawn, 50)))
    lines.append(compared("page down, p50, against DataTable", p(our["page"].shown, 50), p(their["page"].shown, 50), 0.3))
    lines.append(compared("… until the last byte, p50", p(our["page"].drawn, 50), p(their["page"].drawn, 50)))
    size = statistics.median(our["down"].sizes)
    over = "" if size <= 1500 else "  OVER"
    lines.append(
        ("bytes per cursor move at 80x24", f"{size:.0f}", f"{statistics.median(their['down'].sizes):.0f}", f"(at most 1500){over}")
    )
    finish(table)
    drain(mine, 1)
    before = cpu_seconds(mine.process.pid)
    until = time.perf_counter() + IDLE_SECONDS
    sent = 0
    while (left := until - time.perf_counter()) > 0:
        if select.select([mine.master], [], [], left)[0]:
            sent += len(os.read(mine.master, 65536))
    used = (cpu_seconds(mine.process.pid) - before) * 1000
    lines.append((f"idle for {IDLE_SECONDS} s", f"{sent} bytes", "", f"{used:.0f} ms of processor time"))
    finish(mine)
    return lines


def clear_caches() -> None:
    """As in the first moment: nothing was laid out before."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("crm_tui.text.", "crm_tui.widgets.")):
            for found in vars(module).values():
                if callable(getattr(found, "cache_clear", None)):
                    found.cache_clear()


def page(first: Sequence[str], last: Sequence[str]) -> Callable[[], None]:
    """A screenful of rows of names, with what stands beside them."""
    rows = [(f"{first[n % 20]} {last[n * 7 % len(last)]}", first[n * 3 % 20], last[n * 11 % len(last)]) for n in range(PAGE_ROWS)]

    def draw() -> None:
        for n, (name, source, why) in enumerate(rows):
            columns(
                [
                    Column([("●", "good")], 1),
                    Column([("1d 3h", "")], 6, end=True),
                    Column([(name, ""), (f" · {source}", "dim")], 24),
                    Column([(f"{source} · {why}", "")], 16),
                    Column([(f"052-{n:07}", "")], 12),
                    Column([("↺ ", "accent"), (f"“{why} {name}”", "dim")], 20),
                ]
            )

    return draw


def hebrew() -> list[Line]:
    """A page of Hebrew against a page of English: laid out anew, and drawn again."""
    pages = {"he": page(HEBREW_FIRST, HEBREW_LAST), "en": page(LATIN_FIRST, LATIN_LAST)}
    cold: dict[str, list[float]] = {"he": [], "en": []}
    warm: dict[str, list[float]] = {"he": [], "en": []}
    for _ in range(100):
        for name, draw in pages.items():
            clear_caches()
            for times in (cold, warm):
                began = time.perf_counter()
                draw()
                times[name].append((time.perf_counter() - began) * 1000)
    median = statistics.median
    return [
        compared(f"drawing {PAGE_ROWS} rows never seen, of Hebrew, against English", median(cold["he"]), median(cold["en"])),
        compared("… the same rows again", median(warm["he"]), median(warm["en"])),
    ]


def hebrew_pages(home: str) -> list[Line]:
    """Paging through people whose every word is Hebrew, against English: each page is new."""
    found = {}
    for name, first, last, word in (
        ("he", HEBREW_FIRST, HEBREW_LAST, "מבקש הצעת מחיר לצוות"),
        ("en", LATIN_FIRST, LATIN_LAST, "wants an offer for all"),
    ):
        file = Path(home) / f"{name}.csv"
        rows = [
            f"{first[n % 20]} {last[n * 7 % len(last)]} {first[n % 19]},052{2_000_000 + n},{last[n % 17]} {first[n % 11]},{word}"
            for n in range(2_000)
        ]
        file.write_text("Name,Phone,Company,Note\n" + "\n".join(rows) + "\n", encoding="utf-8")
        with Store(f"{home}/{name}.db", "noa", durable=False) as store:
            import_file(store, file)
        terminal, _ = start(["-m", "crm_tui", "--as", "noa", "--store", f"{home}/{name}.db"], home, b"052")
        drain(terminal, 1)
        found[name] = answers(terminal, ["pagedown"] * PAGES, "▌".encode())
        finish(terminal)
    return [compared("a page of Hebrew, against a page of English, p50", p(found["he"].drawn, 50), p(found["en"].drawn, 50), 1.3)]


def main(contacts: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["CRM_HOME"] = home
        with Store(f"{home}/crm.db", "noa", durable=False) as store:
            import_file(store, write_leads(Path(home) / "leads.csv", contacts))
        ours = ["-m", "crm_tui", "--as", "noa"]
        lines: list[Line] = [("", "ours", "Textual's", ""), *starts(ours, home), *moves(ours, home), *hebrew_pages(home), *hebrew()]
    print(f"{contacts:,} contacts, terminal 80x24, {os.cpu_count()} processors")
    for name, mine, theirs, said in lines:
        print(f"{name:58} {mine:>12} {theirs:>12}  {said}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
