"""An import that is killed leaves whole chunks; the same file again completes it; one undo takes all back."""

from __future__ import annotations

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
    lines = ["name,phone,email,company,notes"]
    for number in range(6000):
        who = rng.randrange(number) if number % 10 == 9 else number
        lines.append(
            f"Person {who} Kill,05{rng.choice('0234')}{2000000 + who},p{number}@c{who % 50}.example,Company {who % 70},{'note ' * 30}"
        )
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
        assert report.rows == 6000
        return people(store)


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 60))])
def test_killed_and_completed(leads, whole, tmp_path: Path, seed):
    url = str(tmp_path / "s.db")
    rng = random.Random(seed)
    with Store(url, "noa"):
        pass
    for _ in range(2):
        running = subprocess.Popen([sys.executable, "-c", IMPORT, url, str(leads)])
        time.sleep(0.5 + rng.random() * 1.2)
        running.kill()
        running.wait()
        with Store(url, "noa") as store:
            rows = store.db.one("SELECT count(*) FROM entry WHERE kind = 'lead'")[0]
            assert rows % CHUNK == 0
            assert check(store)["ok"]
    with Store(url, "noa") as store:
        report = import_file(store, leads)
        assert report.taken.created + report.taken.touched + report.taken.skipped == 6000
        assert people(store) == whole
        assert check(store)["ok"]
        store.undo()
        assert people(store) == []
        assert check(store)["ok"]
