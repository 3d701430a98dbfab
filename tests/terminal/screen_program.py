"""The screens in a real pseudo-terminal: keys go in, bytes come out, a terminal emulator says what a person would see."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

import pyte
from wcwidth import wcwidth

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "shift+right": "\x1b[1;2C",
    "ctrl+q": "\x11",
    "ctrl+r": "\x12",
    "ctrl+p": "\x10",
    "ctrl+f": "\x06",
    "f1": "\x1bOP",
}
_UNFINISHED = re.compile(rb"\x1b(\[[0-?]*[ -/]*)?\Z")
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<=>][0-9;]*u")


class Screen(pyte.Screen):
    """What a terminal shows.

    Pyte drops the rest of a text after a character without a cell of its own, such as a joiner; terminals do not. And it is slow.
    """

    def draw(self, data: str) -> None:
        widths = {1} if data.isascii() else set(map(wcwidth, data))
        if widths == {1} and self.cursor.x + len(data) <= self.columns:
            line, attrs = self.buffer[self.cursor.y], self.cursor.attrs
            for x, char in enumerate(data, self.cursor.x):
                line[x] = _cell(attrs, char)
            self.cursor.x += len(data)
        else:
            super().draw("".join(char for char in data if wcwidth(char) > 0 or unicodedata.combining(char)))


@lru_cache(maxsize=10_000)
def _cell(attrs: Any, char: str) -> Any:
    return attrs._replace(data=char)


class Terminal:
    """A program in a terminal of its own; it answers no question that the program asks the terminal."""

    def __init__(
        self,
        command: Sequence[str],
        environment: dict[str, str],
        *,
        cwd: Path | None = None,
        columns: int = 80,
        rows: int = 24,
        ignored: Sequence[signal.Signals] = (),
    ) -> None:
        self.raw = bytearray()
        self.columns, self.rows = columns, rows
        self._screen = Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._held = b""
        self.master, slave = os.openpty()
        self._set_size()
        self.modes_before = termios.tcgetattr(self.master)

        def become_foreground() -> None:
            # Tests that run in the background inherit an ignored Ctrl-C.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        environment = {"TERM": "xterm-256color", **environment}
        self.process = subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=become_foreground,
        )
        self._name = os.ttyname(slave)
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # what a person does

    def press(self, *keys: str) -> None:
        """Press keys one after the other: a name of `KEYS`, else the text as typed."""
        self.write("".join(KEYS.get(key, key) for key in keys).encode())

    def write(self, data: bytes) -> None:
        """Send bytes, taking in meanwhile what the program sends."""
        while data:
            readable, writable, _ = select.select([self.master], [self.master], [], 10)
            assert readable or writable, "the program takes no input"
            if readable:
                self._read()
            if writable:
                data = data[os.write(self.master, data[:512]) :]

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size, as a window manager does."""
        self.columns, self.rows = columns, rows
        self._screen.resize(rows, columns)
        self._set_size()

    def stand_still(self) -> None:
        """Take no more output, as a terminal does whose line is frozen."""
        slave = os.open(self._name, os.O_RDWR | os.O_NOCTTY)
        termios.tcflow(slave, termios.TCOOFF)
        os.close(slave)

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self.master)
        self.master = -1

    def _set_size(self) -> None:
        # The kernel sends SIGWINCH with it.
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", self.rows, self.columns, 0, 0))

    # what a person sees

    @property
    def lines(self) -> list[str]:
        """The lines on the screen, without the blanks at their ends."""
        buffer = self._screen.buffer
        return ["".join(buffer[y][x].data for x in range(self.columns)).rstrip() for y in range(self.rows)]

    @property
    def cells(self) -> list[str]:
        """The lines with exactly one character a cell, so that an index is a column."""
        buffer = self._screen.buffer
        return ["".join((buffer[y][x].data or " ")[0] for x in range(self.columns)) for y in range(self.rows)]

    @property
    def text(self) -> str:
        """All that stands on the screen."""
        return "\n".join(self.lines)

    def line_with(self, text: str) -> str:
        """The first line that has a text; empty when there is none."""
        return next((line for line in self.lines if text in line), "")

    @property
    def mark(self) -> int:
        """A place in what was sent, for `since`."""
        return len(self.raw)

    def since(self, mark: int) -> bytes:
        """The bytes sent since a mark."""
        return bytes(self.raw[mark:])

    # waiting

    def wait_for(self, predicate: Callable[[str], object], what: str, seconds: float = 10) -> str:
        """Take in what the program sends until the predicate holds for the screen's text; `what` names it in the failure."""
        until = monotonic() + seconds
        while not predicate(text := self.text):
            # The predicate may also look at what sends no byte: a file, the end of the program.
            if not self._receive(min(0.05, until - monotonic())) and (self.ended or monotonic() > until):
                raise AssertionError(f"did not come in {seconds} s: {what}; the program {self._state()}; the screen:\n{text}")
        return text

    @property
    def ended(self) -> bool:
        """Whether the program is gone."""
        return self.process.poll() is not None

    def _state(self) -> str:
        try:
            return f"ended with {self.process.wait(0.5)}"
        except subprocess.TimeoutExpired:
            return "still runs"

    def see(self, *texts: str, seconds: float = 10) -> str:
        """Wait until all these texts stand on the screen."""
        return self.wait_for(lambda screen: all(text in screen for text in texts), " + ".join(texts), seconds)

    def lose(self, *texts: str, seconds: float = 10) -> str:
        """Wait until none of these texts stands on the screen."""
        return self.wait_for(lambda screen: not any(text in screen for text in texts), "gone: " + ", ".join(texts), seconds)

    def settle(self, quiet: float = 0.05, seconds: float = 20) -> None:
        """Take in all that comes until nothing has come for so long."""
        until = monotonic() + seconds
        while monotonic() < until and self._receive(quiet):
            pass

    def end(self, seconds: float = 20) -> int:
        """Wait until the program is gone; its exit code."""
        until = monotonic() + seconds
        while not self.ended:
            left = until - monotonic()
            assert left > 0, f"it did not end in {seconds} s"
            # Bytes wake the wait; the end itself sends none while others hold the terminal.
            self._receive(min(left, 0.02))
        while self._receive(0):
            pass
        return self.process.returncode

    def close(self) -> None:
        """Leave nothing behind."""
        if not self.ended:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            self.hang_up()

    def _receive(self, seconds: float) -> bool:
        """Whether something came in so many seconds, which is then on the screen."""
        if self.master < 0:
            select.select([], [], [], max(0.0, seconds))
            return False
        if not select.select([self.master], [], [], max(0.0, seconds))[0]:
            return False
        return self._read()

    def _read(self) -> bool:
        try:
            data = os.read(self.master, 65536)
        except OSError:
            # Linux says that nobody holds the other end any more.
            return False
        self.raw += data
        data = self._held + data
        self._held = b""
        if unfinished := _UNFINISHED.search(data):
            self._held = unfinished.group()
            data = data[: unfinished.start()]
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))
        return bool(self.raw)

    @property
    def modes(self) -> list[Any]:
        """How the terminal stands now."""
        return termios.tcgetattr(self.master)


def crm(program: Any, *args: str, entry: Sequence[str] = ("-m", "crm_tui"), env: dict[str, str] | None = None, **more: Any) -> Terminal:
    """The screens of a `Program`'s home in a terminal."""
    return Terminal([sys.executable, *entry, *args], program.environment(**env or {}), cwd=program.home, **more)


def drawn(text: str) -> str:
    """Hebrew as it stands on a screen, from left to right."""
    return text[::-1]
