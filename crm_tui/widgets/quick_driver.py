"""Textual's driver for Linux, with a shorter way from a key to its frame: no task for each key, short texts written at once.

It stands on names of Textual without a promise; a test tells when they are not as they were.
"""

from __future__ import annotations

import os
import select
from codecs import getincrementaldecoder
from collections import deque
from contextvars import Context
from threading import Lock
from typing import Any

from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

LOOK_SECONDS = 0.05
"""How often it is looked whether nothing follows an escape, and whether something stays unread."""
SHORT = 1500
"""So many bytes a terminal that has any room takes whole (Linux gives a pty room by 1,792); more is written by Textual's thread."""


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
    """As Textual's for Linux; keys are read on the app's own loop, and by Textual's thread while that is busy."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._output = _Output(self._file)
        self._file: Any = self._output
        self._keys = XTermParser(self._debug)
        # A terminal may send anything; Textual's own way ends the app for a byte that is no UTF-8.
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._reading = Lock()
        self._arrived: deque[Message] = deque()

    # reading

    def start_application_mode(self) -> None:
        """Begin, and read on the loop."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._key_thread is not None:
            # Apart from what the app prevents just now, as a thread's messages are.
            Context().run(self._loop.add_reader, self.fileno, self._take)

    def disable_input(self) -> None:
        """Read no more."""
        self._loop.remove_reader(self.fileno)
        super().disable_input()

    def run_input_thread(self) -> None:
        """Read what the loop leaves unread: an escape is told from the keys after it by when they come, however busy the app is."""
        was_waiting = False
        while not self.exit_event.wait(LOOK_SECONDS):
            with self._reading:
                is_waiting = self._is_waiting()
                if is_waiting and was_waiting:
                    is_waiting = self._read()
                else:
                    self._arrived.extend(self._keys.tick())
                was_waiting = is_waiting
            if self._arrived:
                self._loop.call_soon_threadsafe(self._deliver)

    def _take(self) -> None:
        """What came, on the loop."""
        with self._reading:
            is_open = not self._is_waiting() or self._read()
        self._deliver()
        if not is_open:
            self._loop.remove_reader(self.fileno)

    def _is_waiting(self) -> bool:
        ask = select.poll()
        ask.register(self.fileno, select.POLLIN)
        return bool(ask.poll(0))

    def _read(self) -> bool:
        """Take in what waits; False when the terminal is gone, which who watches it will find too."""
        try:
            data = os.read(self.fileno, 4096)
        except OSError:
            data = b""
        self._arrived.extend(self._keys.tick())
        # An empty text would be the end to the parser.
        if text := self._decode(data):
            self._arrived.extend(self._keys.feed(text))
        return bool(data)

    def _deliver(self) -> None:
        """Give the app what came, in its order, whoever read it."""
        while self._arrived:
            self.process_message(self._arrived.popleft())

    def send_message(self, message: Message) -> None:
        """Give the app a message; already on its loop."""
        self._app.post_message(message)

    # writing

    def write(self, data: str) -> None:
        """Write at once what is short when nothing waits before it and the terminal takes it, else by Textual's thread."""
        if len(data) <= SHORT and len(data.encode()) <= SHORT and self._output.is_idle and self._output.takes_more():
            self._output.write_now(data)
        else:
            self._output.given += 1
            super().write(data)
