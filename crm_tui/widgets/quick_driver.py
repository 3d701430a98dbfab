"""Textual's driver for Linux with no thread between a key and its frame: read on the app's own loop, written at once.

It stands on names of Textual without a promise; a test tells when they are not as they were.
"""

from __future__ import annotations

import os
import select
from codecs import getincrementaldecoder
from contextvars import Context
from typing import Any

from textual import constants
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

SHORT = 4096
"""So many characters a terminal takes without making the app wait; a whole screen is written by Textual's thread."""


class _Output:
    """The terminal as Textual's writing thread has it; knows when the thread holds nothing back."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.given = 0
        """How many texts the thread was given; its counterparts are what it has written, and what of that is out."""
        self._written = self._out = 0

    def write(self, text: str) -> None:
        """Called by the thread."""
        self._file.write(text)
        self._written += 1

    def flush(self) -> None:
        """Called by the thread when nothing waits."""
        self._file.flush()
        self._out = self._written

    def fileno(self) -> int:
        """The terminal's."""
        return int(self._file.fileno())

    @property
    def is_idle(self) -> bool:
        """Whether all that was given is out."""
        return self._out == self.given

    def takes_more(self) -> bool:
        """Whether the terminal has room and does not stand still (or is gone, which `write_now` finds)."""
        ask = select.poll()
        ask.register(self.fileno(), select.POLLOUT)
        return bool(ask.poll(0))

    def write_now(self, text: str) -> None:
        """Write past the thread."""
        left = text.encode(self._file.encoding, self._file.errors)
        try:
            while left:
                left = left[os.write(self.fileno(), left) :]
        except OSError:
            # The terminal is gone; who watches it ends the app.
            return


class QuickDriver(LinuxDriver):
    """As Textual's for Linux."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._output = _Output(self._file)
        self._file: Any = self._output
        self._keys = XTermParser(self._debug)
        # A terminal may send anything; Textual's own would end the app for a byte that is no UTF-8.
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._later: Any = None

    # reading

    def start_application_mode(self) -> None:
        """Begin, and read on the loop."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._key_thread is not None:
            # Apart from what the app prevents just now, as a thread's messages are.
            Context().run(self._loop.add_reader, self.fileno, self._read)

    def run_input_thread(self) -> None:
        """The thread that Textual would read on only waits for the end."""
        self.exit_event.wait()

    def disable_input(self) -> None:
        """Read no more."""
        self._loop.remove_reader(self.fileno)
        super().disable_input()

    def _read(self) -> None:
        try:
            data = os.read(self.fileno, 4096)
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self.fileno)
            return
        for message in self._keys.feed(self._decode(data)):
            self.process_message(message)
        if self._later is not None:
            self._later.cancel()
        self._later = self._loop.call_later(constants.ESCAPE_DELAY + 0.01, self._tick)

    def _tick(self) -> None:
        """An escape that nothing followed is a key of its own."""
        for message in self._keys.tick():
            self.process_message(message)

    def send_message(self, message: Message) -> None:
        """Give the app a message; already on its loop."""
        self._app.post_message(message)

    # writing

    def write(self, data: str) -> None:
        """Write at once what is short when nothing waits before it and the terminal takes it, else by Textual's thread."""
        if len(data) <= SHORT and self._output.is_idle and self._output.takes_more():
            self._output.write_now(data)
        else:
            self._output.given += 1
            super().write(data)
