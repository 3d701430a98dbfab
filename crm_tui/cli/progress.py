"""Progress of a long job on standard error: one line rewritten on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from crm_tui.cli.output import say
from crm_tui.cli.table import width
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clip

_ON_TERMINAL_SECONDS = 0.2
_ELSEWHERE_SECONDS = 10.0


class Progress:
    """Called with what is done and all there is (and rows, if there are any); as a context it clears its line at the end."""

    def __init__(self, name: str) -> None:
        self._name = clip(name, 40)
        self._on_terminal = sys.stderr.isatty()
        self._pause = _ON_TERMINAL_SECONDS if self._on_terminal else _ELSEWHERE_SECONDS
        self._shown_at = time.monotonic() if not self._on_terminal else 0.0
        self._shown = 0

    def __call__(self, done: int, total: int, rows: int | None = None) -> None:
        """Show how far it is, unless that was just shown."""
        now = time.monotonic()
        if now - self._shown_at < self._pause:
            return
        self._shown_at = now
        percent = min(100, done * 100 // total) if total else 100
        if rows is None:
            line = _("{name}: {percent} %").format(name=self._name, percent=percent)
        else:
            line = _("{name}: {percent} %, {rows} rows").format(name=self._name, percent=percent, rows=f"{rows:,}")
        if self._on_terminal:
            self._rewrite(line)
        else:
            say(line)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        if self._on_terminal and self._shown:
            self._rewrite("")
            sys.stderr.write("\r")
            sys.stderr.flush()

    def _rewrite(self, line: str) -> None:
        cells = width(line)
        sys.stderr.write("\r" + line + " " * max(0, self._shown - cells))
        sys.stderr.flush()
        self._shown = cells
