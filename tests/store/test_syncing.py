"""Meeting the hub beside the work: a little in a thread of the screens' process, much in a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from laptops import Laptop, Office, everything

from crm_tui import sync, syncing
from crm_tui.syncing import Standing, Syncing

DANA = "052-345-6789"
SECONDS = 60


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines of the processes that were started."""
    started: list[list[str]] = []
    whole = subprocess.Popen

    def start(command: list[str], *args: Any, **options: Any) -> Any:
        started.append(command)
        return whole(command, *args, **options)

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


@contextmanager
def beside(laptop: Laptop, until: Callable[[Standing], bool]) -> Iterator[Syncing]:
    """A laptop's syncing, once it stands so."""
    assert laptop.store
    reached = Event()

    def look() -> None:
        if until(here.standing):
            reached.set()

    here = Syncing(laptop.url, laptop.user, laptop.clock, look)
    try:
        assert until(here.standing) or reached.wait(SECONDS), here.standing
        yield here
    finally:
        here.stop()
        here._thread.join(SECONDS)


def much(laptop: Laptop, count: int) -> None:
    for number in range(count):
        laptop.do("log_note", contact=DANA, note=f"note {number}")


def test_a_little_comes_in_by_a_thread(office: Office, processes: list[list[str]]) -> None:
    noa, ann = office("noa"), office("ann")
    noa.lead("Dana", DANA)
    noa.sync()
    with beside(ann, lambda standing: standing.received > 0):
        assert processes == []
    assert everything(ann.db) == everything(noa.db)


@pytest.mark.parametrize("who", ["noa", "ann"])
def test_much_goes_over_by_a_process_of_its_own(
    office: Office, processes: list[list[str]], monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Taken in by Ann, or sent by Noa."""
    monkeypatch.setattr(syncing, "MOST_CHANGES", 10)
    noa, ann = office("noa"), office("ann")
    noa.lead("Dana", DANA)
    noa.sync()
    much(noa, 12)
    if who == "ann":
        noa.sync()
        with beside(ann, lambda standing: standing.received == 13) as here:
            assert not here.standing.offline
    else:
        with beside(noa, lambda standing: standing.synced_at is not None and standing.unsent == 0) as here:
            assert not here.standing.offline
    assert len(processes) == 1
    laptop = {"noa": noa, "ann": ann}[who]
    assert sync.noted(laptop.db, "synced_at") == laptop.clock(), "that process has the same clock"
    office.same()


def test_what_that_process_was_refused_is_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "MOST_CHANGES", 0)
    office("noa")
    ann = office("ann")
    ann.db.run("UPDATE users SET role = 'admin' WHERE name = 'ann'")
    ann.do("set_setting", name="limits.touch_days", value=9)
    with beside(ann, lambda standing: standing.offline) as here:
        assert "ann is rep" in here.standing.why


def test_a_process_that_dies_is_a_line_that_ended(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "MOST_CHANGES", 0)
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    noa = office("noa")
    noa.lead("Dana", DANA)
    with beside(noa, lambda standing: standing.offline) as here:
        assert here.standing.why == "The line to the hub ended. Nothing is lost; sync again."
        assert here.standing.unsent == 1
