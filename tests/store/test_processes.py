"""Several processes write one store: no error, no lost update; and what was acknowledged survives kill -9."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest
from store_helpers import lead, log_faults

from crm_tui.check import check
from crm_tui.store import Store

CALLS = """
import sys
from crm_tui.store import Store
url, contact, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Store(url, "noa") as store:
    for _ in range(count):
        answer = store.execute({"command": "log_call", "contact": contact, "outcome": "no_answer"})
        print(answer.as_json()["id"], flush=True)
"""


LEADS = """
import sys
from crm_tui.store import Store
url, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with Store(url, "noa") as store:
    for number in range(count):
        print(store.execute({"command": "add_lead", "name": f"{name} {number}"}).as_json()["id"], flush=True)
"""
UNDO = """
import sys
from crm_tui.store import Store
with Store(sys.argv[1], "noa") as store:
    for _ in range(int(sys.argv[3])):
        print(store.execute({"command": "undo"}).as_json()["undone"], flush=True)
"""


def start(url: str, contact: str, count: int, script: str = CALLS) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, url, contact, str(count)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def said(writers: list[subprocess.Popen[str]]) -> list[str]:
    """What all of them printed; none of them may fail."""
    answers: list[str] = []
    for writer in writers:
        out, error = writer.communicate(timeout=300)
        assert writer.returncode == 0, error
        answers += out.split()
    return answers


def written(store: Store) -> set[str]:
    return {row[0].hex() for row in store.db.rows("SELECT id FROM batch")}


@pytest.mark.parametrize("count", [5, pytest.param(200, marks=pytest.mark.long)])
def test_eight_processes_lose_nothing(store, url, count):
    contact = lead(store)
    answers = said([start(url, contact, count) for _ in range(8)])
    assert len(set(answers)) == 8 * count
    assert {one.replace("-", "") for one in answers} <= written(store)
    assert store.db.one("SELECT attempts FROM contact")[0] == 8 * count
    assert log_faults(store.db) == []
    assert check(store)["ok"]


def test_eight_processes_make_a_store_at_once(engine, request, tmp_path):
    if engine == "sqlite":
        url, made = str(tmp_path / "fresh.db"), None
    else:
        server = request.getfixturevalue("pg_server")
        made = server.new()
        url = server.of(made)
    try:
        answers = said([start(url, f"Lead {number}", 3, LEADS) for number in range(8)])
        with Store(url, "noa") as store:
            assert [user.name for user in store.users()] == ["noa"]
            assert {one.replace("-", "") for one in answers} <= written(store)
            assert store.db.one("SELECT count(*) FROM contact")[0] == 24
            assert log_faults(store.db) == []
            assert check(store)["ok"]
    finally:
        if made:
            request.getfixturevalue("pg_server").drop(made)


def test_undos_at_the_same_time_each_take_another_step(store, url):
    steps = {store.execute({"command": "add_lead", "name": f"Lead {number}"}).as_json()["id"] for number in range(12)}
    assert sorted(said([start(url, "", 3, UNDO) for _ in range(4)])) == sorted(steps)
    assert store.db.one("SELECT count(*) FROM contact WHERE removed <= 0")[0] == 0
    assert log_faults(store.db) == []


@pytest.mark.parametrize("times", [5, pytest.param(200, marks=pytest.mark.long)])
def test_what_was_acknowledged_survives_kill_9(new_url, clock, times):
    url = new_url()
    rng = random.Random(9)
    with Store(url, "noa", clock) as store:
        contact = lead(store)
    acknowledged: list[str] = []
    for _ in range(times):
        writer = start(url, contact, 10_000)
        assert writer.stdout is not None
        acknowledged.append(writer.stdout.readline().strip())
        time.sleep(rng.random() * 0.15)
        os.kill(writer.pid, signal.SIGKILL)
        out, _error = writer.communicate(timeout=60)
        # A last line may be cut in the pipe; it was then not an answer.
        acknowledged += [line for line in out.split("\n") if len(line) == 36]
    with Store(url, "noa") as store:
        assert {one.replace("-", "") for one in acknowledged} <= written(store)
        assert store.db.one("SELECT attempts FROM contact")[0] >= len(acknowledged)
        # The template's origin and one for this copy of it: a crash starts no new one.
        assert store.db.one("SELECT count(*) FROM replica WHERE person = ?", (store.actor.id,))[0] <= 2
        report = check(store)
        assert report["ok"], json.dumps(report["differences"][:5])


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_new_file_is_made_without_the_drivers_of_other_databases(engine, tmp_path):
    code = "import sys; from crm_tui.store import Store; Store(sys.argv[1], 'noa').close(); print({'psycopg', 'asyncio'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "new.db")], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
