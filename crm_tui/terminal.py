"""Leaving with the terminal: SIGTERM, SIGHUP, a closed window; the terminal is restored and the process is gone in two seconds."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_tui.app import CrmApp

PATIENCE_SECONDS = 1.5
_REPORTS = (1000, 1003, 1015, 1006, 1016, 1004, 2004, 2048)
"""Modes that Textual switches on: mouse, focus, paste, size."""
_modes: Any = None


def remember_modes() -> None:
    """Note how the terminal stood before the app, for an end that cannot wait; until the app listens, signals end it so."""
    global _modes
    # Textual draws on standard error, which may be a file; standard output is the terminal and speaks UTF-8 in every locale.
    sys.__stderr__ = sys.__stdout__  # type: ignore[misc]
    _modes = None
    _on_signals(lambda number: _end_now(128 + number))
    # `termios` is not everywhere, and its error is of no common kind.
    with suppress(Exception):
        import termios

        assert sys.__stdin__ is not None
        assert sys.__stdout__ is not None
        _modes = termios.tcgetattr(sys.__stdin__.fileno())
        # Leaving a screen that was not entered yet brings the cursor to the place saved last: let that be here.
        os.write(sys.__stdout__.fileno(), b"\x1b7")


def leave_with_terminal(app: CrmApp) -> None:
    """End the app when it is told to or when its terminal is gone, also where nobody sends a signal."""
    if app.is_headless or sys.__stdin__ is None:
        return
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    _on_signals(lambda number: os.write(tell, bytes([number])))
    watch = threading.Thread(target=_watch, args=(app, asyncio.get_running_loop(), told), name="leave", daemon=True)
    watch.start()


def _on_signals(end: Callable[[int], object]) -> None:
    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda told, _frame: end(told))


def _watch(app: CrmApp, loop: asyncio.AbstractEventLoop, told: int) -> None:
    # A thread, because the loop itself waits where the terminal takes no more output.
    code = 128 + _wait_for_end(told)
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(_leave, app, code)
    time.sleep(PATIENCE_SECONDS)
    app.drafts.save()
    _end_now(code)


def _wait_for_end(told: int) -> int:
    """The signal that came; SIGHUP where the terminal went without one."""
    if hasattr(select, "poll") and sys.__stdin__ is not None:
        watched = select.poll()
        watched.register(told, select.POLLIN)
        # POLLHUP and POLLERR are reported unasked.
        watched.register(sys.__stdin__.fileno(), 0)
        if told not in [descriptor for descriptor, _event in watched.poll()]:
            return int(signal.SIGHUP)
    return os.read(told, 1)[0]


def _leave(app: CrmApp, code: int) -> None:
    app.ended_by = code
    app.drafts.save()
    app.exit(return_code=code)


def _end_now(code: int) -> None:
    """The app did not end by itself: restore the terminal and go."""
    try:
        restore()
        # What Textual's writing thread had still in hand comes in between; the last word is ours.
        time.sleep(0.05)
        restore()
    finally:
        os._exit(code)


def restore() -> None:
    """Give the terminal back: its modes, the screen before, the cursor, no reports of mouse, focus, keys or paste."""
    # A terminal that is gone takes nothing back.
    with suppress(Exception):
        import termios

        assert sys.__stdin__ is not None
        assert sys.__stdout__ is not None
        if _modes is None:
            return
        termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, _modes)
        screen = sys.__stdout__.fileno()
        reports = b"".join(b"\x1b[?%dl" % mode for mode in _REPORTS)
        # One that stands still must not hold the end up.
        os.set_blocking(screen, False)
        try:
            os.write(screen, b"\x1b[<u" + reports + b"\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h")
        finally:
            os.set_blocking(screen, True)


def forget_keys() -> None:
    """Drop what was typed until now: outside the screens a terminal hands keys on as letters."""
    with suppress(Exception):
        import termios

        assert sys.__stdin__ is not None
        termios.tcflush(sys.__stdin__.fileno(), termios.TCIFLUSH)
