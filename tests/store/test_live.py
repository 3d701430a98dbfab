"""A watch notices what others change, on both engines, survives whatever happens to the connection, and ends at once."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from store_helpers import Clock, lead

from crm_tui import live
from crm_tui.live import Watch
from crm_tui.store import Store

PATIENCE = 20
"""Seconds after which a test gives up; what is tested takes a fraction of one."""


class Calls:
    """Counts the calls of a watch, from any thread."""

    def __init__(self, *, raises: bool = False) -> None:
        self.count = 0
        self.raises = raises
        self._more = threading.Condition()

    def __call__(self) -> None:
        with self._more:
            self.count += 1
            self._more.notify_all()
        if self.raises:
            raise RuntimeError("a screen that is gone")

    def wait_for(self, count: int) -> None:
        """Until there were so many calls."""
        with self._more:
            assert self._more.wait_for(lambda: self.count >= count, PATIENCE), f"{self.count} calls instead of {count}"


Start = Callable[..., Watch]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a watch that sees what happens from then on; all are stopped in the end."""
    started: list[Watch] = []

    def begin(url: str, calls: Calls) -> Watch:
        watch = Watch(url, calls, pause=0.05)
        started.append(watch)
        assert watch.watching.wait(PATIENCE)
        return watch

    yield begin
    for watch in started:
        watch.stop()
        assert not watch._thread.is_alive()


@pytest.fixture
def others(store: Store, url: str, clock: Clock) -> Iterator[Store]:
    """The same store, open a second time."""
    with Store(url, "ann", clock, durable=False) as opened:
        yield opened


def test_a_change_by_somebody_else_is_noticed_within_a_second(start: Start, url: str, others: Store) -> None:
    calls = Calls()
    start(url, calls)
    assert calls.count == 0
    began = time.monotonic()
    lead(others)
    calls.wait_for(1)
    assert time.monotonic() - began < 1.5


def test_what_was_refused_is_no_change(start: Start, url: str, others: Store) -> None:
    calls = Calls()
    start(url, calls)
    with pytest.raises(Exception, match="name, a phone or an e-mail"):
        others.execute({"command": "add_lead", "source": "phone"})
    lead(others)
    calls.wait_for(1)
    assert calls.count == 1


def test_a_caller_that_fails_does_not_end_the_watch(start: Start, url: str, others: Store) -> None:
    calls = Calls(raises=True)
    start(url, calls)
    lead(others, "One", "052-345-6781")
    calls.wait_for(1)
    lead(others, "Two", "052-345-6782")
    calls.wait_for(2)


def test_it_stops_within_a_second(url: str) -> None:
    calls = Calls()
    watch = Watch(url, calls)
    assert watch.watching.wait(PATIENCE)
    began = time.monotonic()
    watch.stop()
    assert time.monotonic() - began < 1.2
    assert not watch._thread.is_alive()
    watch.stop()


def test_it_may_be_stopped_by_what_it_calls(url: str, others: Store) -> None:
    watch: list[Watch] = []
    watch.append(Watch(url, lambda: watch[0].stop()))
    assert watch[0].watching.wait(PATIENCE)
    lead(others)
    watch[0]._thread.join(PATIENCE)
    assert not watch[0]._thread.is_alive()


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path, clock: Clock) -> None:
    path, calls = tmp_path / "later #1?.db", Calls()
    watch = Watch(str(path), calls, pause=0.05)
    try:
        assert not watch.watching.wait(0.2)
        assert not path.exists()
        with Store(str(path), "noa", clock, durable=False) as store:
            assert watch.watching.wait(PATIENCE)
            lead(store)
            calls.wait_for(1)
    finally:
        watch.stop()


def test_a_file_that_is_no_store_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_bytes(b"no store at all, only text" * 100)
    watch = Watch(str(path), Calls(), pause=0.01)
    assert not watch.watching.wait(0.1)
    assert watch._thread.is_alive()
    watch.stop()
    assert not watch._thread.is_alive()


def test_a_server_that_is_not_there() -> None:
    watch = Watch("postgresql://nobody@127.0.0.1:1/none", Calls(), pause=0.01)
    assert not watch.watching.wait(0.1)
    began = time.monotonic()
    watch.stop()
    assert time.monotonic() - began < 1.2


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
class TestFiles:
    def test_a_closed_store_is_one_file_whoever_goes_last(self, url: str, clock: Clock) -> None:
        calls = Calls()
        watch = Watch(url, calls)
        assert watch.watching.wait(PATIENCE)
        with Store(url, "ann", clock, durable=False) as store:
            lead(store)
            calls.wait_for(1)
        watch.stop()
        path = Path(url)
        assert [one.name for one in path.parent.iterdir() if one.name.startswith(path.name)] == [path.name]

    def test_a_restored_file_is_noticed(self, start: Start, url: str, clock: Clock) -> None:
        calls = Calls()
        start(url, calls)
        shutil.copyfile(url, f"{url}.restored")
        os.replace(f"{url}.restored", url)
        calls.wait_for(1)
        with Store(url, "ann", clock, durable=False) as store:
            seen = calls.count
            lead(store)
            calls.wait_for(seen + 1)


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
class TestServer:
    def test_a_broken_connection_is_opened_again(self, start: Start, url: str, others: Store, pg_server: Any) -> None:
        calls = Calls()
        start(url, calls)
        mine, database = others.db.one("SELECT pg_backend_pid(), current_database()")
        pg_server.run(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
            f" AND query LIKE '%max(key)%FROM batch' AND pid NOT IN ({mine}, pg_backend_pid())"
        )
        calls.wait_for(1)
        lead(others)
        calls.wait_for(2)

    def test_where_listening_fails_the_log_is_looked_at(
        self, start: Start, url: str, others: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live, "CHANNEL", "no channel")
        calls = Calls()
        start(url, calls)
        lead(others)
        calls.wait_for(1)

    def test_notices_that_never_come_are_made_up_for(self, start: Start, url: str, others: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(live, "CHANNEL", "another_channel")
        monkeypatch.setattr(live, "CHECK_SECONDS", 0.1)
        calls = Calls()
        start(url, calls)
        lead(others)
        calls.wait_for(1)
