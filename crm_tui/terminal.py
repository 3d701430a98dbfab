"""Leaving with the terminal: SIGTERM, SIGHUP, a closed window; the terminal is restored and the process is gone in two seconds."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_tui.app import CrmApp

PATIENCE_SECONDS = 1.5
LOOK_SECONDS = 0.5
_GIVE_BACK = b"\x1b[<u\x1b[?1049l\x1b[?25h" + b"".join(b"\x1b[?%dl" % mode for mode in (1000, 1003, 1015, 1006, 1016, 1004, 2004, 2048)) + b"\x1b[?7h\x1b[0m"
_modes: Any = None


def remember_modes() -> None:
    """Note how the terminal stood before the app, for an end that cannot wait; until the app listens, signals end it so."""
    global _modes
    # Textual draws on standard error, which may be a file; standard output is the terminal and speaks UTF-8 in every locale.
    sys.__stderr__ = sys.__stdout__  # type: ignore[misc]
    try:
        import termios

        _modes = termios.tcgetattr(sys.__stdin__.fileno()) if sys.__stdin__ else None
    except (ImportError, OSError, ValueError):
        _modes = None
    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            signal.signal(number, lambda told, _frame: _end_now(128 + told))


def leave_with_terminal(app: CrmApp) -> None:
    """End the app when it is told to or when its terminal is gone, also where nobody sends a signal."""
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGHUP"):
        if number := getattr(signal, name, None):
            loop.add_signal_handler(number, _leave, app, 128 + number)
    if sys.__stdin__ is not None and hasattr(select, "poll"):
        gone = select.poll()
        # POLLHUP and POLLERR are reported unasked.
        gone.register(sys.__stdin__.fileno(), 0)
        app.set_interval(LOOK_SECONDS, lambda: _leave(app, 129) if gone.poll(0) else None)


def _leave(app: CrmApp, code: int) -> None:
    app.drafts.save()
    if not getattr(app, "_leaving", False):
        app._leaving = True  # type: ignore[attr-defined]
        last = threading.Timer(PATIENCE_SECONDS, _end_now, (code,))
        last.daemon = True
        last.start()
        app.exit(return_code=code)


def _end_now(code: int) -> None:
    """The loop did not end by itself: restore the terminal and go."""
    restore()
    os._exit(code)


def restore() -> None:
    """Give the terminal back: its modes, the screen before, the cursor, no reports of mouse, focus, keys or paste."""
    try:
        if _modes is not None and sys.__stdin__ is not None:
            import termios

            if termios.tcgetattr(sys.__stdin__.fileno()) == _modes:
                # Not taken yet, or given back already.
                return
            termios.tcsetattr(sys.__stdin__.fileno(), termios.TCSANOW, _modes)
        if sys.__stdout__ is not None:
            os.write(sys.__stdout__.fileno(), _GIVE_BACK)
    except (OSError, ValueError):
        return
