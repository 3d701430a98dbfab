"""The line between two stores: JSON, one message a line, compressed both ways, over any two byte streams."""

from __future__ import annotations

import json
import os
import shlex
import socket
import subprocess
import threading
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from crm_tui.errors import CrmError, Refused, StoreBusy
from crm_tui.i18n import gettext as _

GREETING = b"crm-tui hub 1\n"
"""What a hub says first; whatever a login prints before it is skipped."""
_LONGEST = 256 * 1024 * 1024
_PIECE = 1 << 18


class Cut(StoreBusy):
    """The line went dead; all that was taken stands, the next sync goes on from there."""

    kind = "cut"


class Channel:
    """One end of the line. Counts the bytes that went over it."""

    def __init__(self, reads: BinaryIO, writes: BinaryIO) -> None:
        self._reads, self._writes = reads, writes
        self._press, self._unpress = zlib.compressobj(9), zlib.decompressobj()
        self._waiting = bytearray()
        self._lines: deque[bytes] = deque()
        self._tail = b""
        self._line = bytearray()
        self.sent = self.received = 0

    def send(self, message: Any, *, flush: bool = False) -> None:
        """Write one message; `flush` at the end of a turn."""
        self._waiting += self._press.compress(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        if flush:
            self._waiting += self._press.flush(zlib.Z_SYNC_FLUSH)
        if flush or len(self._waiting) > _PIECE:
            self._write(bytes(self._waiting))
            self._waiting.clear()

    def receive(self) -> Any:
        """The next message; `Cut` when the line ends before it."""
        while not self._lines:
            if not self._tail and self._unpress.eof:
                raise Cut(_("The line to the hub ended. Nothing is lost; sync again."))
            self._feed(self._tail or self._piece())
        try:
            return json.loads(self._lines.popleft())
        except (ValueError, RecursionError) as error:
            raise Refused("line", _("What came over the line is not a message.")) from error

    def _feed(self, piece: bytes) -> None:
        """Unpack a little; what is left waits until it is asked for, so that little bytes cannot become a lot of memory."""
        try:
            text = self._unpress.decompress(piece, _PIECE)
        except zlib.error as error:
            raise Cut(_("The line to the hub broke: {why}. Nothing is lost; sync again.").format(why=error)) from error
        self._tail = self._unpress.unconsumed_tail
        *whole, rest = text.split(b"\n")
        for one in whole:
            self._lines.append(bytes(self._line) + one)
            self._line.clear()
        self._line += rest
        if len(self._line) > _LONGEST:
            raise Refused("line", _("A message is longer than any message can be."))

    def send_raw(self, source: BinaryIO, progress: Callable[[int], None] | None = None) -> None:
        """End the messages of this side and write bytes as they are, to the end of `source`."""
        self._write(bytes(self._waiting) + self._press.flush())
        self._waiting.clear()
        while piece := source.read(1 << 20):
            self._write(piece)
            if progress:
                progress(len(piece))

    def receive_raw(self) -> Iterator[bytes]:
        """What the other side sends after its last message."""
        while not self._unpress.eof:
            self._feed(self._tail or self._piece())
        if self._unpress.unused_data:
            yield self._unpress.unused_data
        while piece := self._read(1 << 20):
            yield piece

    def greet(self) -> None:
        """Say that here is a hub."""
        self._write(GREETING)

    def await_greeting(self) -> None:
        """Skip what a login prints before the hub speaks."""
        seen = bytearray()
        while not seen.endswith(GREETING):
            if len(seen) > 100_000:
                raise Cut(_("There is no hub at the other end."))
            byte = self._read(1)
            if not byte:
                raise Cut(_("The hub did not answer."))
            seen += byte

    def _piece(self) -> bytes:
        piece = self._read(_PIECE)
        if not piece:
            raise Cut(_("The line to the hub ended. Nothing is lost; sync again."))
        return piece

    def _read(self, size: int) -> bytes:
        try:
            piece = self._reads.read1(size) if hasattr(self._reads, "read1") else self._reads.read(size)
        except (OSError, ValueError) as error:
            raise Cut(_("The line to the hub broke: {why}. Nothing is lost; sync again.").format(why=error)) from error
        self.received += len(piece)
        return bytes(piece)

    def _write(self, data: bytes) -> None:
        try:
            self._writes.write(data)
            self._writes.flush()
        except (OSError, ValueError) as error:
            raise Cut(_("The line to the hub broke: {why}. Nothing is lost; sync again.").format(why=error)) from error
        self.sent += len(data)


def is_ssh(remote: str) -> bool:
    """Whether a remote is `user@host:STORE` rather than a store's URL or path."""
    return "://" not in remote and not remote.startswith(("/", ".", "~")) and ":" in remote and "@" in remote.partition(":")[0]


@contextmanager
def over_ssh(remote: str) -> Iterator[Channel]:
    """A line to `crm-tui hub` on another host, over the system's ssh with its keys and settings; it never asks for a password."""
    host, _colon, store = remote.partition(":")
    if host.startswith("-") or not store:
        raise Refused("remote", _("{remote} is not user@host:STORE.").format(remote=remote[:80]))
    command = f"crm-tui --store {shlex.quote(store)} hub"
    options = ["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"]
    try:
        process = subprocess.Popen(
            ["ssh", *options, "--", host, command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A Ctrl-C of the person is ours to handle, and the screens' terminal is not ssh's to touch.
            start_new_session=True,
        )
    except OSError as error:
        raise Refused("remote", _("ssh cannot be started: {why}.").format(why=error.strerror)) from error
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    errors = process.stderr
    said: list[bytes] = []
    reader = threading.Thread(target=lambda: said.append(errors.read(10_000)), daemon=True)
    reader.start()
    channel = Channel(process.stdout, process.stdin)  # type: ignore[arg-type]
    try:
        try:
            channel.await_greeting()
            yield channel
        except Cut as cut:
            process.kill()
            reader.join(2)
            why = b"".join(said).decode("utf-8", "replace").strip().splitlines()
            raise Cut(f"{cut.message} ({why[-1][:200]})" if why else cut.message) from cut
    finally:
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(2)
        errors.close()


@contextmanager
def in_process(serve: Callable[[Channel], None]) -> Iterator[Channel]:
    """A line to a hub that runs beside us in a thread, for a hub that is a store's URL."""
    ours, theirs = socket.socketpair()
    failed: list[CrmError] = []

    def run() -> None:
        # Closing a line that broke says so once more.
        with suppress(OSError), theirs, theirs.makefile("rb") as reads, theirs.makefile("wb") as writes:
            try:
                serve(Channel(reads, writes))
            except Cut:
                pass
            except CrmError as error:
                failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with ours.makefile("rb") as reads, ours.makefile("wb") as writes:
            channel = Channel(reads, writes)
            try:
                channel.await_greeting()
                yield channel
            except Cut as cut:
                ours.shutdown(socket.SHUT_RDWR)
                thread.join(5)
                raise (failed[0] if failed else cut) from cut
    finally:
        with suppress(OSError):
            ours.close()
        thread.join(5)


@contextmanager
def standard_streams() -> Iterator[Channel]:
    """The line of a hub: its standard input and output, which nothing else may write to."""
    with os.fdopen(os.dup(0), "rb") as reads, os.fdopen(os.dup(1), "wb") as writes:
        os.dup2(2, 1)
        yield Channel(reads, writes)
