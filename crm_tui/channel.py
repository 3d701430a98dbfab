"""The line between two stores: JSON, one message a line, compressed both ways, over any two byte streams."""

from __future__ import annotations

import io
import json
import os
import re
import select
import shlex
import subprocess
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from crm_tui.errors import Refused, StoreBusy
from crm_tui.i18n import gettext as _

GREETING = b"crm-tui hub 1\n"
"""What a hub says first; whatever a login prints before it is skipped."""
GREETING_SECONDS = 30
SILENT_SECONDS = 60
"""A side that hears nothing for so long, or cannot get rid of what it says, takes the line for dead."""
ALIVE_SECONDS = 5
"""Who works longer than this before the next answer says that it is still there."""
_LONGEST = 256 * 1024 * 1024
_PIECE = 1 << 16
_WORDS = (
    b'{"vector":{"crm":1,"have":{"you":"name":{"coming":{"stored":0}{"makers":[["{"end":"rule":"follow-up","owner":null,"kind":"email",'
    b'"name":null,"next try",,"name","call","data":{"note":"","outcome":"talked"},"kind":"note"},"import",1,null,null],[["","",[[0,'
    b'"log_note",1,null,null],[["","",[[0,"contact","","edit_contact",1,null,null],[["","",[[0,"deal","","stage",{"amount":null,'
    b'"currency":"ILS","move_deal",1,null,null],[["","",[[0,"entry","","*",null,{"at":17,"by":"","contact":"","data":{"to":"","desk":'
    b'"kind":"route"},null,null]]]],"",""]}\n"log_call",1,null,null],[["","",[[0,"entry","","*",null,{"at":17,"by":"","contact":"",'
    b'"data":{"outcome":"no_answer"},"kind":"call"},null,null],[1,"task","","*",null,{"contact":"","due_at":17,"kind":"call",'
    b'"note":null,"owner":"","rule":"next try","timed":false},null,"next try"]]]],"",""]}\n{"b":[["01'
)
"""What messages are made of: both sides know it, so that a short exchange is short on the line."""
_encode = json.JSONEncoder(separators=(",", ":")).encode
_SAID = 4_000
"""So much of the end of what ssh says is kept."""


class Cut(StoreBusy):
    """The line went dead; all that was taken stands, the next sync goes on from there."""

    kind = "cut"


class HubFailed(StoreBusy):
    """The hub answers that its own store is full, busy or damaged; all that was taken stands."""

    kind = "hub_failed"


class Channel:
    """One end of the line, over two unbuffered streams. Counts the bytes that went over it; waits for a pipe no longer than a limit."""

    def __init__(self, reads: BinaryIO, writes: BinaryIO) -> None:
        self._reads, self._writes = reads, writes
        self._readable, self._writable = _watch(reads, select.POLLIN), _watch(writes, select.POLLOUT)
        self._limit: float = SILENT_SECONDS
        self._spoke = time.monotonic()
        # Most of a message are ids, in which to look for what came before is in vain.
        self._press = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_FILTERED, _WORDS)
        self._unpress = zlib.decompressobj(zdict=_WORDS)
        self._waiting = bytearray()
        self._lines: deque[bytes] = deque()
        self._line = bytearray()
        self.sent = self.received = 0

    def send(self, message: Any, *, flush: bool = False) -> None:
        """Write one message; `flush` at the end of a turn."""
        self._waiting += self._press.compress(_encode(message).encode() + b"\n")
        if flush:
            self._waiting += self._press.flush(zlib.Z_SYNC_FLUSH)
        if flush or len(self._waiting) > _PIECE:
            self._write(bytes(self._waiting))
            self._waiting.clear()

    def wait_no_longer_than(self, seconds: float) -> None:
        """How long the other side may be silent from now on."""
        self._limit = seconds

    def alive(self) -> None:
        """Now and then say that the work goes on, so that the other side does not give up."""
        if time.monotonic() - self._spoke > ALIVE_SECONDS:
            self.send({"alive": 1}, flush=True)

    def receive(self) -> Any:
        """The next message; `Cut` when the line ends before it."""
        while True:
            while not self._lines:
                self._feed()
            try:
                message = json.loads(self._lines.popleft())
            except (ValueError, RecursionError) as error:
                raise Refused("line", _("What came over the line is not a message.")) from error
            if not (isinstance(message, dict) and "alive" in message):
                return message

    @property
    def has_more(self) -> bool:
        """Whether the next message is here already."""
        return bool(self._lines)

    def _feed(self) -> None:
        """Unpack a little more; not all that came, which may be a thousand times as much."""
        piece = self._unpress.unconsumed_tail or self._piece()
        try:
            *whole, rest = self._unpress.decompress(piece, _PIECE).split(b"\n")
        except zlib.error as error:
            raise _broken(error) from error
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
            self._feed()
        if self._unpress.unused_data:
            yield self._unpress.unused_data
        while piece := self._read(_PIECE):
            yield piece

    def greet(self) -> None:
        """Say that here is a hub."""
        self._write(GREETING)

    def await_greeting(self) -> None:
        """Skip what a login prints before the hub speaks."""
        seen = bytearray()
        end = time.monotonic() + GREETING_SECONDS
        while not seen.endswith(GREETING):
            self._limit = max(0.0, end - time.monotonic())
            byte = self._read(1)
            if not byte:
                raise Cut(_("The hub did not answer."))
            seen += byte
            if len(seen) > 100_000:
                raise Cut(_("There is no hub at the other end."))
        self.wait_no_longer_than(SILENT_SECONDS)

    def _piece(self) -> bytes:
        piece = self._read(_PIECE)
        if not piece:
            raise Cut(_("The line to the hub ended. Nothing is lost; sync again."))
        return piece

    def _read(self, size: int) -> bytes:
        piece: bytes | None = None
        try:
            while piece is None:
                self._await(self._readable)
                piece = self._reads.read(size)
        except (OSError, ValueError) as error:
            raise _broken(error) from error
        self.received += len(piece)
        return bytes(piece)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                self._await(self._writable)
                rest = rest[self._writes.write(rest) or 0 :]
            self._writes.flush()
        except (OSError, ValueError) as error:
            raise _broken(error) from error
        self.sent += len(data)
        self._spoke = time.monotonic()

    def _await(self, ready: select.poll | None) -> None:
        if ready is not None and not ready.poll(self._limit * 1000):
            raise Cut(_("The other side is silent. Nothing is lost; sync again."))


def _watch(stream: BinaryIO, event: int) -> select.poll | None:
    if not isinstance(stream, io.FileIO):
        return None
    if event == select.POLLOUT:
        os.set_blocking(stream.fileno(), False)
    ready = select.poll()
    ready.register(stream, event)
    return ready


def _broken(error: Exception) -> Cut:
    return Cut(_("The line to the hub broke: {why}. Nothing is lost; sync again.").format(why=error))


def is_ssh(remote: str) -> bool:
    """Whether a remote is `user@host:STORE` rather than a store's URL or path; a path with a colon is written `./a:b`, as for scp."""
    return not re.match(r"[a-z]+://", remote) and ":" in remote.partition("/")[0]


@contextmanager
def over_ssh(remote: str) -> Iterator[Channel]:
    """A line to `crm-tui hub` on another host, over the system's ssh with its keys and settings; it never asks for a password."""
    host, _colon, store = remote.partition(":")
    if host.startswith("-") or not host or not store:
        raise Refused("remote", _("{remote} is not user@host:STORE.").format(remote=remote[:80]))
    command = f"crm-tui --store {shlex.quote(store)} hub"
    options = ["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"]
    try:
        process = subprocess.Popen(
            ["ssh", *options, "--", host, command],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A Ctrl-C of the person is ours to handle, and the screens' terminal is not ssh's to touch.
            start_new_session=True,
        )
    except OSError as error:
        raise Refused("remote", _("ssh cannot be started: {why}. Install OpenSSH's client.").format(why=error.strerror)) from error
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    errors = process.stderr
    said = bytearray()

    def listen() -> None:
        while piece := errors.read(_SAID):
            said[:] = (said + piece)[-_SAID:]

    reader = threading.Thread(target=listen, daemon=True)
    reader.start()
    try:
        try:
            channel = Channel(process.stdout, process.stdin)  # type: ignore[arg-type]
            channel.await_greeting()
            yield channel
        except Cut as cut:
            # What is at the other end has then nobody to wait for, and ends with what it has to say.
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    stream.close()
            _end(process, 1)
            reader.join(1)
            raise _explained(cut, host, process.returncode, said.decode("utf-8", "replace")) from cut
    finally:
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                stream.close()
        _end(process, 3)
        reader.join(2)
        errors.close()


def _end(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _explained(cut: Cut, host: str, code: int, said: str) -> Cut:
    """What a person can do about a line that ended, by what ssh said; 255 is ssh's own failure, 127 the remote shell's."""
    last = (said.strip().splitlines() or [""])[-1][:200]
    if code == 255 and "Host key verification failed" in said:
        return Cut(_("{host} is not known to ssh yet, or its key changed. Go there once by hand: ssh {host}").format(host=host))
    if code == 255 and "Permission denied" in said:
        return Cut(_("{host} does not take your key. Try by hand until it does: ssh {host}").format(host=host))
    if code == 255 and last.startswith("ssh:"):
        why = last.removeprefix("ssh:").strip()
        return Cut(_("{host} cannot be reached ({why}). Work goes on; sync again later.").format(host=host, why=why))
    if code == 127:
        return Cut(_("There is no crm-tui where ssh looks for it on {host}. Install it for everybody: /usr/local/bin.").format(host=host))
    return Cut(f"{cut.message} ({last})" if last else cut.message)


@contextmanager
def in_process(serve: Callable[[Channel], None]) -> Iterator[Channel]:
    """A line to a hub that runs beside us in a thread, for a hub that is a store's URL."""
    there, back = os.pipe(), os.pipe()
    failed: list[Exception] = []

    def run() -> None:
        with os.fdopen(there[0], "rb", 0) as reads, os.fdopen(back[1], "wb", 0) as writes:
            try:
                serve(Channel(reads, writes))
            except Cut:
                pass
            except Exception as error:
                failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        with os.fdopen(back[0], "rb", 0) as reads, os.fdopen(there[1], "wb", 0) as writes:
            channel = Channel(reads, writes)
            channel.await_greeting()
            yield channel
    except Cut as cut:
        thread.join(5)
        raise (failed[0] if failed else cut) from cut
    finally:
        thread.join(5)


@contextmanager
def standard_streams() -> Iterator[Channel]:
    """The line of a hub: its standard input and output, which nothing else may write to."""
    with os.fdopen(os.dup(0), "rb", 0) as reads, os.fdopen(os.dup(1), "wb", 0) as writes:
        os.dup2(2, 1)
        yield Channel(reads, writes)
