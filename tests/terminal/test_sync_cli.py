"""`sync`, `clone` and `hub` as people and scripts meet them, over an `ssh` that reaches no network."""

from __future__ import annotations

import os
import pty
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_program import Run
from ssh_laptops import Laptop, fake_tools

from crm_tui import channel

HUB = "our hub's.db"


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    return fake_tools(tmp_path / "bin", tmp_path / "hub")


@pytest.fixture
def laptop(tmp_path: Path, tools: Path) -> Callable[[str], Laptop]:
    """The laptop of somebody, new at the first call."""

    def of(user: str) -> Laptop:
        (home := tmp_path / user).mkdir(exist_ok=True)
        return Laptop(home, user, tools)

    return of


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The admin's laptop with a team and a lead, and the hub, to be copied."""
    folder = tmp_path_factory.mktemp("founded")
    noa = Laptop(folder, "noa", fake_tools(folder / "bin", folder / "hub"))
    noa.play(
        {"command": "add_user", "name": "ann", "role": "rep"},
        {"command": "add_user", "name": "bob", "role": "rep"},
        {"command": "add_lead", "name": "Dana Levi", "phone": "0527325777"},
    )
    noa.sync(f"noa@host:{HUB}")
    return folder


@pytest.fixture
def noa(laptop: Callable[[str], Laptop], founded: Path, tmp_path: Path) -> Laptop:
    """The admin with a team, a lead and a hub."""
    noa = laptop("noa")
    shutil.copy(founded / "crm.db", noa.store)
    shutil.copy(founded / "hub" / HUB, tmp_path / "hub")
    return noa


def rename(laptop: Laptop, name: str) -> None:
    assert laptop.inside("do", "edit_contact", "--contact", "0527325777", "--name", name).code == 0


def failed(run: Run, code: int, *words: str) -> dict[str, Any]:
    assert run.code == code, run.out + run.err
    error = run.json["error"]
    assert f"Error: {error['message']}\n" in run.err
    assert len(run.err.splitlines()) == 1
    for word in words:
        assert word in error["message"]
    assert isinstance(error, dict)
    return error


def test_a_team_from_founding_to_a_conflict(laptop: Callable[[str], Laptop]) -> None:
    noa, bob = laptop("noa"), laptop("bob")
    noa.play({"command": "add_user", "name": "bob", "role": "rep"}, {"command": "add_lead", "name": "Dana Levi", "phone": "0527325777"})
    founded = noa("sync", f"noa@host:{HUB}", "--json")
    assert (founded.code, founded.err) == (0, "")
    assert founded.json == {"sent": 3, "received": 0, "parked": 0, "conflicts": 0, "bytes": founded.json["bytes"]}
    cloned = bob("clone", f"bob@host:{HUB}", "--json")
    assert (cloned.code, cloned.err) == (0, "")
    assert cloned.json == {"ok": True, "store": str(bob.store), "user": "bob", "bytes": cloned.json["bytes"], "contacts": 1}
    assert bob.store.stat().st_mode & 0o777 == 0o600
    rename(noa, "Dana Katz")
    rename(bob, "Dana Cohen")
    assert noa("sync", "--json").json["sent"] == 1
    met = bob("sync")
    assert met.out == "1 command sent · 1 received · 1 conflict (crm-tui show conflicts)\n"
    assert noa("sync", "--json").json == {"sent": 0, "received": 1, "parked": 0, "conflicts": 1, "bytes": pytest.approx(800, abs=400)}
    assert noa.everything() == bob.everything()
    assert [one["register"] for one in noa.everything() if one["entity"] == "lost"] == ["name"]
    assert (noa("check").code, bob("check").code) == (0, 0)
    again = bob("sync", "--json").json
    assert (again["sent"], again["received"]) == (0, 0)
    assert again["bytes"] < 300


ENDS = {
    "down": (4, "cannot be reached (connect to host down port 22: Connection refused)", "sync again later"),
    "stranger": (4, "is not known to ssh yet", "ssh noa@stranger"),
    "closed": (4, "does not take your key", "ssh noa@closed"),
    "bare": (4, "no crm-tui where ssh looks for it on noa@bare", "/usr/local/bin"),
    "old": (4, "The hub did not answer", "No such command 'hub'"),
    "babble": (4, "no hub at the other end"),
    "noise": (4, "The line to the hub broke", "sync again"),
    "nonsense": (1, "not a message"),
    "cut-5": (4, "The hub did not answer"),
    "cut-60": (4, "The line to the hub ended", "sync again"),
    "fed-0": (4, "The line to the hub ended", "sync again"),
}


@pytest.mark.parametrize("host", ENDS)
def test_ends_of_a_line_are_a_sentence_and_a_code(noa: Laptop, host: str) -> None:
    rename(noa, "Dana Katz")
    code, *words = ENDS[host]
    failed(noa.inside("sync", f"noa@{host}:{HUB}", "--json"), int(code), *map(str, words))
    assert noa.sync()["sent"] == 1, "the hub of before is still known, and nothing was lost"


@pytest.mark.parametrize("host", ["down", "bare", "nonsense", "cut-400"])
def test_a_clone_that_fails_leaves_no_store(noa: Laptop, laptop: Callable[[str], Laptop], host: str) -> None:
    bob = laptop("bob")
    failed(bob.inside("clone", f"bob@{host}:{HUB}", "--json"), int(ENDS.get(host, (4,))[0]))
    assert not bob.store.exists()
    assert bob.inside("clone", f"bob@host:{HUB}").code == 0
    assert bob.everything() == noa.everything()
    failed(bob.inside("clone", f"bob@host:{HUB}", "--json"), 1, "exists already")


def test_a_silent_host_is_not_waited_for(noa: Laptop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "GREETING_SECONDS", 0.3)
    failed(noa.inside("sync", f"noa@mute:{HUB}", "--json"), 4, "silent", "sync again")


def test_without_ssh(noa: Laptop, tools: Path) -> None:
    (tools / "ssh").unlink()
    failed(noa.inside("sync", "--json", env={"PATH": str(tools)}), 1, "ssh cannot be started", "Install")


REFUSED = {
    "no hub is known": ((), "No hub is known yet", "crm-tui sync user@host:STORE"),
    "no place": (("noa@host:",), "is not user@host:STORE"),
    "an option": (("--", "-oProxyCommand=touch x:y"), "is not user@host:STORE"),
    "another kind of address": (("mysql://x/y",), "a store is a path"),
    "a directory": (("noa@host:.",), "The hub says", "is a directory"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_hub(laptop: Callable[[str], Laptop], case: str) -> None:
    args, *words = REFUSED[case]
    failed(laptop("noa").inside("sync", "--json", *args), 1, *map(str, words))


def test_a_store_is_not_its_own_hub(noa: Laptop) -> None:
    failed(noa.inside("sync", str(noa.store), "--json"), 1, "not its own hub")


def test_a_damaged_hub_is_the_hosts_trouble(noa: Laptop, tmp_path: Path) -> None:
    (tmp_path / "hub" / HUB).write_bytes(b"no store " * 1_000)
    assert failed(noa.inside("sync", "--json"), 4, "The hub says", "damaged")["kind"] == "hub_failed"


def test_a_hub_in_a_file_is_found_again_from_anywhere(laptop: Callable[[str], Laptop], tmp_path: Path) -> None:
    noa = laptop("noa")
    assert noa("sync", "../team.db", "--json").json["sent"] == 1
    (tmp_path / "elsewhere").mkdir()
    run = subprocess.run(
        [sys.executable, "-m", "crm_tui", "sync", "--json"], cwd=tmp_path / "elsewhere", env=noa.environment(), capture_output=True
    )
    assert run.returncode == 0, run.stderr
    assert os.listdir(tmp_path / "elsewhere") == []
    bob = laptop("bob")
    failed(bob.inside("clone", str(tmp_path / "team.db"), "--json"), 1, "no user bob", "noa", "--as NAME")
    assert bob.inside("--as", "noa", "clone", str(tmp_path / "team.db")).code == 0


def test_an_empty_hub_gives_no_clone(laptop: Callable[[str], Laptop]) -> None:
    failed(laptop("bob").inside("clone", f"bob@host:{HUB}", "--json"), 1, "empty yet", "crm-tui sync REMOTE")


def test_only_users_come_in(noa: Laptop, laptop: Callable[[str], Laptop]) -> None:
    eve = laptop("eve")
    failed(eve.inside("clone", f"eve@host:{HUB}", "--json"), 1, "There is no user eve here", "crm-tui team add eve")
    eve.play({"command": "add_lead", "name": "Hers"})
    failed(eve.inside("sync", f"eve@host:{HUB}", "--json"), 1, "There is no user eve here")
    failed(eve.inside("sync", f"bob@host:{HUB}", "--json"), 1, "share no history", "clone")
    assert noa.sync()["received"] == 0


def test_a_hub_is_founded_by_a_login_that_can_come_back(laptop: Callable[[str], Laptop]) -> None:
    noa = laptop("noa")
    noa.play({"command": "add_lead", "name": "Dana"})
    failed(noa.inside("sync", f"ubuntu@host:{HUB}", "--json"), 1, "ubuntu", "not as noa")
    assert noa.sync(f"noa@host:{HUB}")["sent"] == 2


def test_a_slip_that_founds_a_second_hub_is_said(noa: Laptop) -> None:
    run = noa.inside("sync", "noa@host:typo.db", "--json")
    assert run.code == 0
    assert run.json["warning"] in run.err
    assert f"crm-tui sync noa@host:{HUB}" in run.json["warning"]
    noa.sync(f"noa@host:{HUB}")


def test_with_the_login_of_somebody_else_nothing_is_sent(noa: Laptop, laptop: Callable[[str], Laptop]) -> None:
    rename(noa, "Dana Katz")
    run = noa.inside("sync", f"bob@host:{HUB}", "--json")
    assert run.code == 0
    assert "knows you as bob, so nothing of noa was sent" in run.err
    assert (run.json["sent"], run.json["warning"]) == (0, run.err.strip())
    assert noa.sync(f"noa@host:{HUB}")["sent"] == 1


def test_nobody_brings_what_somebody_else_did(noa: Laptop, laptop: Callable[[str], Laptop]) -> None:
    bob = laptop("bob")
    bob.inside("clone", f"bob@host:{HUB}")
    bob.play({"command": "add_lead", "name": "His own"})
    assert bob.inside("--as", "noa", "do", "add_user", "--name", "eve", "--role", "admin").code == 0
    with sqlite3.connect(bob.store) as forged:
        forged.execute("UPDATE replica SET person = (SELECT id FROM users WHERE name = 'bob')")
    failed(bob.inside("sync", "--json"), 1, "The hub says", "only what bob did")
    noa.sync()
    names = [user["name"] for user in noa.inside("team", "list", "--json").json]
    assert names == ["noa", "ann", "bob"]


def test_a_hub_cut_while_founding_gets_the_rest_with_the_next_sync(laptop: Callable[[str], Laptop], tmp_path: Path) -> None:
    noa = laptop("noa")
    noa.play({"command": "add_user", "name": "bob", "role": "rep"}, *({"command": "add_lead", "name": f"Lead {n}"} for n in range(40)))
    assert noa.inside("--as", "bob", "do", "add_lead", "--name", "Of Bob").code == 0
    failed(noa.inside("sync", f"noa@fed-2000:{HUB}", "--json"), 4, "sync again")
    with sqlite3.connect(tmp_path / "hub" / HUB) as hub:
        assert 0 < hub.execute("SELECT count(*) FROM batch").fetchone()[0] < 43
    noa.sync(f"noa@host:{HUB}")
    bob = laptop("bob")
    bob.inside("clone", f"bob@host:{HUB}")
    assert bob.everything() == noa.everything()
    assert bob.inside("check").code == 0
    assert noa.sync()["bytes"] < 300


def test_the_disk_of_the_hub_is_full(noa: Laptop, tmp_path: Path) -> None:
    path = tmp_path / "many.csv"
    path.write_text("name,phone\n" + "".join(f"Person {n} Family,05{n % 10}{2_000_000 + n}\n" for n in range(3_000)))
    assert noa.inside("import", str(path)).code == 0
    blocks = (tmp_path / "hub" / HUB).stat().st_size // 512 + 100
    error = failed(noa.inside("sync", f"noa@small-{blocks}:{HUB}", "--json"), 4, "The hub says", "disk is full")
    assert error["kind"] == "hub_failed"
    assert noa.sync()["sent"] >= 1
    assert noa.sync()["sent"] == 0


def test_the_hub_by_hand_says_what_it_is_for(laptop: Callable[[str], Laptop]) -> None:
    master, terminal = pty.openpty()
    try:
        process = laptop("noa").start("hub", stdin=terminal)
        _out, said = process.communicate(timeout=60)
    finally:
        os.close(master)
        os.close(terminal)
    assert process.returncode == 1
    assert b"crm-tui sync user@host:STORE" in said
