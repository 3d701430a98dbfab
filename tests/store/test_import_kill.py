"""An import that is killed at any moment: whole chunks are there, the same file completes it, one undo takes all back."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from store_helpers import USERS, Clock, do, log_faults, snapshot

from crm_tui.check import check
from crm_tui.ids import show_id
from crm_tui.intake import reader
from crm_tui.intake.run import import_file
from crm_tui.reads.export import all_records
from crm_tui.store import Store

ROWS = 3_000
CHUNK = 40
"""Small ones, so that a kill finds the import between many."""

PROGRAM = """
import sys
from pathlib import Path
from crm_tui.intake import reader
from crm_tui.intake.run import import_file
from crm_tui.store import Store
url, path, now, large = sys.argv[1:]
if large == "large":
    reader.LARGE_BYTES = 0
else:
    reader.CHUNK = int(large)
with Store(url, "ann", lambda: int(now)) as store:
    print("open", flush=True)
    import_file(store, Path(path))
    print("done", flush=True)
"""
"""`large` has the file read by a second process beside the writer, as large files are; its chunks are then whole ones."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of people of whom some come back in a later chunk, some share a phone, some cannot be used."""
    rng = random.Random(7)
    lines = ["Name,Phone,Email,Company,City"]
    for number in range(ROWS):
        if number % 50 == 49:
            lines.append(",1,,,")
        elif number % 9 == 8:
            known = rng.randrange(number)
            lines.append(f"{rng.choice(('', 'Dana Levi', 'D.'))},052-3{known:06d},other{number}@gmail.com,Company {known % 7},Haifa")
        else:
            lines.append(f"Given{number} Family{number},052-3{number:06d},,{'Acme' if number % 5 == 0 else ''},")
    found = tmp_path_factory.mktemp("kill") / "leads.csv"
    found.write_text("\n".join(lines) + "\n")
    return found


def plain(store: Store) -> list[str]:
    """`export all`, but for the ids of the timeline's lines that follow from a batch's id."""
    records = ({**record, "id": None} if record["entity"] == "entry" and record["cause"] else record for record in all_records(store.db))
    return sorted(json.dumps(record, sort_keys=True) for record in records)


def start(url: str, path: Path, how: str) -> subprocess.Popen[str]:
    """The import as a process group of its own, once its store is open."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, url, str(path), str(Clock().now), how], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def ended(group: int) -> bool:
    """Whether no process of the group is left, within seconds: the one that reads the file does not outlive the one that writes."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def lines_in(store: Store, path: Path) -> list[int]:
    """The lines of the file that are in the store, by the ids of their arrivals."""
    ids = reader.RowIds(hashlib.sha256(path.read_bytes()).digest())
    stored = {id_ for (id_,) in store.db.rows("SELECT id FROM entry WHERE kind = 'lead' AND removed <= 0")}
    return [line for line in range(2, ROWS + 2) if ids.of(line)[1] in stored]


def usable(lines: range) -> list[int]:
    return [line for line in lines if (line - 2) % 50 != 49]


def sound(store: Store) -> None:
    assert check(store)["differences"] == []
    assert log_faults(store.db) == []


def kill_and_complete(new_url: Callable[[], str], path: Path, moments: list[float]) -> int:
    """Kill an import at each of these parts of its time and go on from there; returns how many kills met it in the middle."""
    whole: dict[str, Any] = {}
    took: dict[str, float] = {}
    for how in (str(CHUNK), "large"):
        url = new_url()
        process = start(url, path, how)
        began = time.monotonic()
        assert process.wait() == 0
        took[how] = time.monotonic() - began
        with Store(url, "ann", Clock()) as store:
            whole[how] = plain(store)
            sound(store)
    in_the_middle = 0
    for number, moment in enumerate(moments):
        how = "large" if number % 3 == 2 else str(CHUNK)
        url = new_url()
        with Store(url, "ann", Clock()) as store:
            empty = snapshot(store)
        process = start(url, path, how)
        time.sleep(moment * took[how])
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert ended(process.pid), "a process that reads the file goes on"
        with Store(url, "ann", Clock()) as store, pytest.MonkeyPatch.context() as patch:
            patch.setattr(reader, "CHUNK", CHUNK if how != "large" else reader.CHUNK)
            size = reader.CHUNK
            lines = lines_in(store, path)
            chunks = len(store.db.rows("SELECT key FROM batch WHERE command = 'import'"))
            assert lines == usable(range(2, min(2 + chunks * size, ROWS + 2))), f"no whole chunks after {moment:.3f}"
            in_the_middle += 0 < chunks * size < ROWS
            sound(store)
            report = import_file(store, path)
            assert report.taken.skipped == len(lines)
            assert report.taken.created + report.taken.touched == len(usable(range(2, ROWS + 2))) - len(lines)
            assert plain(store) == whole[how]
            sound(store)
            assert do(store, "undo", id=show_id(report.id))["kept"] == []
            assert snapshot(store) == empty
            sound(store)
    return in_the_middle


def moments(count: int, seed: int) -> list[float]:
    """Parts of the time that an import takes, spread over all of it."""
    rng = random.Random(seed)
    return [(number + rng.random()) / count for number in range(count)]


@pytest.mark.parametrize(("engine", "kills"), [("sqlite", 5), ("postgresql", 2)], indirect=["engine"])
def test_killed_at_any_moment(new_url: Callable[[], str], path: Path, kills: int) -> None:
    kill_and_complete(new_url, path, moments(kills, 1))


@pytest.mark.long
@pytest.mark.parametrize(("engine", "kills"), [("sqlite", 60), ("postgresql", 20)], indirect=["engine"])
def test_killed_at_many_moments(new_url: Callable[[], str], path: Path, kills: int) -> None:
    assert kill_and_complete(new_url, path, moments(kills, 2)) > kills / 2


@pytest.mark.parametrize(("engine", "kills"), [("sqlite", 3), pytest.param("sqlite", 30, marks=pytest.mark.long)], indirect=["engine"])
def test_an_undo_that_is_killed_is_gone_on_with(new_url: Callable[[], str], path: Path, kills: int) -> None:
    """Taking back a long import is many batches too: what it took is whole, the same undo takes the rest, the file brings all back."""
    program = PROGRAM.replace("    import_file(store, Path(path))\n", "    store.undo()\n")
    url = new_url()
    with Store(url, "ann", Clock()) as store, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "CHUNK", CHUNK)
        empty = snapshot(store)
        import_file(store, path)
        full = snapshot(store)
        took = 0.6
        for moment in moments(kills, 3):
            process = subprocess.Popen(
                [sys.executable, "-c", program, url, str(path), str(Clock().now), "40"], stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            began = time.monotonic()
            time.sleep(moment * took)
            process.kill()
            process.wait()
            left = len(lines_in(store, path))
            sound(store)
            if left:
                do(store, "undo")
                took = max(took, time.monotonic() - began)
            assert snapshot(store) == empty
            import_file(store, path)
            assert snapshot(store) == full
        sound(store)


def test_the_users_of_the_helpers_have_ann() -> None:
    assert "ann" in USERS
