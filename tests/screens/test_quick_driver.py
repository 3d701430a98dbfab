"""A short way from a key to its frame: on names of Textual's own, so an upgrade that takes them away is seen here."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest
from textual import events
from textual.messages import Message

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the driver is for Linux")


class Taker:
    """What a driver needs of an app."""

    def __init__(self) -> None:
        self.taken: list[Message] = []

    def post_message(self, message: Message) -> None:
        self.taken.append(message)

    async def _post_message(self, message: Message) -> None:
        self.post_message(message)

    @property
    def keys(self) -> list[str]:
        return [one.key for one in self.taken if isinstance(one, events.Key)]

    async def until_keys(self, count: int) -> list[str]:
        until = monotonic() + 20
        while len(self.keys) < count:
            assert monotonic() < until, self.taken
            await asyncio.sleep(0.005)
        return self.keys


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """Both ends of a terminal, the second one being this process's."""
    master, slave = os.openpty()
    tty.setraw(slave)
    with os.fdopen(slave, "r+b", buffering=0, closefd=False) as raw, open(slave, "w", encoding="utf-8", closefd=False) as out:
        monkeypatch.setattr(sys, "__stdin__", raw)
        monkeypatch.setattr(sys, "__stderr__", out)
        kept = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)}
        yield master, slave
        for number, handler in kept.items():
            signal.signal(number, handler)
    for end in (master, slave):
        with suppress(OSError):
            os.close(end)


@pytest.fixture
def begin(line: tuple[int, int]) -> Iterator[Any]:
    """A started driver and its app; call it on the loop."""
    from crm_tui.widgets.quick_driver import QuickDriver

    made: list[Any] = []

    def start() -> tuple[Any, Taker]:
        app = Taker()
        driver = QuickDriver(app)
        made.append(driver)
        driver.start_application_mode()
        return driver, app

    yield start
    for driver in made:
        driver.close()


def read(master: int, until: bytes) -> bytes:
    """What comes until these bytes came."""
    found = b""
    while until not in found:
        assert select.select([master], [], [], 20)[0], found[-200:]
        found += os.read(master, 65536)
    return found


def test_it_is_the_apps() -> None:
    from crm_tui.app import CrmApp
    from crm_tui.widgets.quick_driver import QuickDriver

    assert CrmApp.__new__(CrmApp).get_driver_class() is QuickDriver


async def test_keys_come_in_their_order_and_escape_alone_is_a_key(line: tuple[int, int], begin: Any) -> None:
    driver, app = begin()
    os.write(line[0], "ab\x1b[Bש".encode())
    assert await app.until_keys(4) == ["a", "b", "down", "ש"]
    os.write(line[0], b"\x1b")
    assert (await app.until_keys(5))[-1] == "escape"
    for byte in b"\x1b[A":
        os.write(line[0], bytes([byte]))
    assert (await app.until_keys(6))[-1] == "up"
    driver.stop_application_mode()
    driver.start_application_mode()
    os.write(line[0], b"y")
    assert (await app.until_keys(7))[-1] == "y"
    driver.stop_application_mode()


async def test_an_escape_and_a_key_after_it_are_two_however_busy_the_app_is(line: tuple[int, int], begin: Any) -> None:
    driver, app = begin()
    loop_is_busy = monotonic() + 20
    os.write(line[0], b"\x1b")
    # All this happens without the loop, as while it lays out a screen.
    while not driver._arrived:
        assert monotonic() < loop_is_busy
    os.write(line[0], b"+a")
    assert await app.until_keys(3) == ["escape", "plus", "a"]
    driver.stop_application_mode()


async def test_bytes_that_are_no_text_end_nothing(line: tuple[int, int], begin: Any) -> None:
    driver, app = begin()
    os.write(line[0], b"\xff\xc3\x28\xe2\x82a")
    assert (await app.until_keys(5))[-1] == "a"
    driver.stop_application_mode()


async def test_short_and_long_texts_are_written_in_their_order(line: tuple[int, int], begin: Any) -> None:
    driver, _app = begin()
    texts = [f"<{number}:{'ש' * size}>" for number, size in enumerate((1, 6_000, 2, 3, 30_000, 4, 4_090, 5_000, 6, 0) * 5)]
    found: list[bytes] = []
    reader = Thread(target=lambda: found.append(read(line[0], b"<end>")))
    reader.start()
    for text in texts:
        driver.write(text)
    driver.write("<end>")
    driver.stop_application_mode()
    reader.join(20)
    assert "".join(texts) in found[0].decode()


async def test_a_terminal_that_stands_still_holds_nobody_up(line: tuple[int, int], begin: Any) -> None:
    driver, _app = begin()
    driver.write("<first>")
    read(line[0], b"<first>")
    termios.tcflow(line[1], termios.TCOOFF)
    for number in range(5):
        driver.write(f"<{number}>")
    termios.tcflow(line[1], termios.TCOON)
    assert b"<0><1><2><3><4>" in read(line[0], b"<4>")
    driver.stop_application_mode()


async def test_a_terminal_that_is_gone_is_no_error(line: tuple[int, int], begin: Any) -> None:
    driver, _app = begin()
    read(line[0], b"\x1b[?2004h")
    os.close(line[0])
    until = monotonic() + 20
    while asyncio.get_running_loop().remove_reader(line[1]):
        assert monotonic() < until
        asyncio.get_running_loop().add_reader(line[1], driver._take)
        await asyncio.sleep(0.005)
    driver.write("nobody reads this")
    driver.stop_application_mode()


async def test_a_terminal_that_nobody_reads_never_holds_the_app_up(line: tuple[int, int], begin: Any) -> None:
    from crm_tui.widgets.quick_driver import SHORT

    driver, _app = begin()
    read(line[0], b"\x1b[?2004h")
    frame = "x" * SHORT
    written: list[None] = []
    stop = Event()

    def write() -> None:
        while driver._output.takes_more() and not stop.is_set():
            driver._output.write_now(frame)
            written.append(None)

    writer = Thread(target=write, daemon=True)
    writer.start()
    writer.join(5)
    held_up = writer.is_alive()
    stop.set()
    while select.select([line[0]], [], [], 0.2)[0]:
        os.read(line[0], 65536)
    assert not held_up
    assert written
    driver.stop_application_mode()
