"""An import that is killed leaves whole chunks; the same file again completes it; one undo takes all back."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from crm_tui.check import check
from crm_tui.intake.reader import CHUNK, LARGE_BYTES
from crm_tui.intake.run import import_file
from crm_tui.reads.contact import all_contacts
from crm_tui.reads.look import Look
from crm_tui.store import Store

ROWS = 1_500  # whole chunks

IMPORT = """
import sys
from pathlib import Path
from crm_tui.intake.run import import_file
from crm_tui.store import Store
with Store(sys.argv[1], "noa") as store:
    import_file(store, Path(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def leads(tmp_path_factory):
    """A file large enough for a second process to read it; every tenth comes back, some share a name and a company."""
    path = tmp_path_factory.mktemp("leads") / "leads.csv"
    rng = random.Random(4)
    syllables = [first + vowel for first, vowel in zip("bdghklmnprstvz", "aeiouaeiouaeio", strict=True)]
    lines = ["name,phone,email,company,notes"]
    for number in range(ROWS):
        who = rng.randrange(number) if number % 10 == 9 else number
        name = "".join(syllables[who // base % 14] for base in (1, 14, 196)).title()
        lines.append(f"{name} Kill,05{rng.choice('0234')}{2000000 + who},p{number}@c{who % 50}.example,Company {who % 70},{'note ' * 150}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert path.stat().st_size > LARGE_BYTES
    return path


def people(store: Store) -> list[dict]:
    """All contacts but for the moment at which the import began."""
    return [
        {key: value for key, value in one.items() if key != "created_at"}
        for one in sorted(all_contacts(Look.at(store)), key=lambda c: c["id"])
    ]


@pytest.fixture(scope="module")
def whole(leads, tmp_path_factory):
    """What an uninterrupted import leads to."""
    with Store(str(tmp_path_factory.mktemp("whole") / "s.db"), "noa", durable=False) as store:
        report = import_file(store, leads)
        assert report.rows == ROWS
        return people(store)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 60))])
def test_killed_and_completed(leads, whole, tmp_path: Path, seed):
    url = str(tmp_path / "s.db")
    rng = random.Random(seed)
    with Store(url, "noa"):
        pass
    for _ in range(2):
        running = subprocess.Popen([sys.executable, "-c", IMPORT, url, str(leads)])
        # While it starts, or in the middle of a chunk.
        wanted = rng.choice([0, *range(CHUNK, ROWS, CHUNK)])
        with Store(url, "noa") as store:
            while running.poll() is None and store.db.one("SELECT count(*) FROM entry WHERE kind = 'lead'")[0] < wanted:
                time.sleep(0.005)
        time.sleep(rng.random() * (0.05 if wanted else 0.5))
        running.kill()
        running.wait()
        with Store(url, "noa") as store:
            rows = store.db.one("SELECT count(*) FROM entry WHERE kind = 'lead'")[0]
            assert rows % CHUNK == 0
            assert check(store)["ok"]
    with Store(url, "noa") as store:
        report = import_file(store, leads)
        assert report.taken.created + report.taken.touched + report.taken.skipped == ROWS
        assert people(store) == whole
        assert check(store)["ok"]
        store.undo()
        assert people(store) == []
        assert check(store)["ok"]


UNDO = IMPORT.replace("    import_file(store, Path(sys.argv[2]))\n", "    print('open', flush=True)\n    store.undo()\n")


@pytest.mark.parametrize("moment", [0.3, *(pytest.param(number / 30, marks=pytest.mark.long) for number in range(30))])
def test_an_undo_that_is_killed_is_gone_on_with(leads, whole, tmp_path: Path, moment):
    """Taking back a long import is many batches too: the same undo takes the rest, the file brings all back."""
    url = str(tmp_path / "s.db")
    with Store(url, "noa") as store:
        import_file(store, leads)
    running = subprocess.Popen([sys.executable, "-c", UNDO, url], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    assert running.stdout.readline() == "open\n"
    time.sleep(moment)
    running.kill()
    running.wait()
    with Store(url, "noa") as store:
        assert check(store)["ok"]
        assert store.db.one("SELECT count(*) FROM entry WHERE kind = 'lead' AND removed <= 0")[0] % CHUNK == 0
        if people(store):
            store.undo()
        assert people(store) == []
        import_file(store, leads)
        assert people(store) == whole
        assert check(store)["ok"]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_on_a_server(url: str, leads, whole, clock):
    """What the killed one had begun is rolled back by the server, and its lock is gone with it."""
    running = subprocess.Popen([sys.executable, "-c", IMPORT, url, str(leads)], start_new_session=True)
    with Store(url, "noa", clock) as store:
        while not store.db.one("SELECT 1 FROM entry WHERE kind = 'lead' LIMIT 1"):
            time.sleep(0.02)
        running.kill()
        running.wait()
        rows = store.db.one("SELECT count(*) FROM entry WHERE kind = 'lead'")[0]
        assert rows % CHUNK == 0
        import_file(store, leads)
        assert people(store) == whole
        # The process that reads the file for the one that writes does not outlive it.
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                os.killpg(running.pid, 0)
            except ProcessLookupError:
                break
            time.sleep(0.05)
        else:
            raise AssertionError("the reader goes on")
        store.undo()
        assert people(store) == []
        assert check(store)["ok"]
