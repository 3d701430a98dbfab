"""`crm-tui` as a process of its own: what tests of the command line start and look at from outside."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from crm_tui.cli.main import run

SUNDAY = "2026-11-22T10:00"


@dataclass
class Run:
    """How one run ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer as one JSON document."""
        return json.loads(self.out)

    @property
    def answers(self) -> list[Any]:
        """The answers of `do`, one per line."""
        return [json.loads(line) for line in self.out.split("\n")[:-1]]


def _as_in_front() -> None:
    # Tests that run in the background inherit an ignored Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Program:
    """Runs the program with a home and a default store of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.store = home / "crm.db"

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of a run: nothing of the person who runs the tests."""
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "SYSTEMROOT", "TMPDIR") if name in os.environ}
        return kept | {"CRM_HOME": str(self.home), "HOME": str(self.home), "LANG": "C.UTF-8", "CRM_USER": "noa"} | more

    def start(self, *args: str, **more: Any) -> subprocess.Popen[bytes]:
        """A run that goes on while the test does."""
        environment = self.environment(**more.pop("env", {}))
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
        process: subprocess.Popen[bytes] = subprocess.Popen(
            [sys.executable, "-m", "crm_tui", *args], env=environment, cwd=self.home, preexec_fn=_as_in_front, **pipes
        )
        return process

    def __call__(self, *args: str, stdin: str | bytes = "", env: dict[str, str] | None = None) -> Run:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        process = self.start(*args, env=env or {})
        out, err = process.communicate(given, timeout=60)
        found = Run(process.returncode, out.decode(), err.decode())
        assert "Traceback" not in found.out + found.err
        assert "\x1b" not in found.out + found.err
        return found

    def inside(self, *args: str, stdin: str = "", env: dict[str, str] | None = None) -> Run:
        """The same in the process of the test, where starting another one would only cost time."""
        written, warned = io.BytesIO(), io.BytesIO()
        with (
            mock.patch.dict(os.environ, self.environment(**env or {}), clear=True),
            mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()))),
            mock.patch.object(sys, "stdout", io.TextIOWrapper(written)),
            mock.patch.object(sys, "stderr", io.TextIOWrapper(warned)),
        ):
            code = run(args)
            sys.stdout.flush()
            sys.stderr.flush()
            found = Run(code, written.getvalue().decode(), warned.getvalue().decode())
        assert "\x1b" not in found.out + found.err
        return found

    def play(self, *lines: dict[str, Any] | str, now: str = SUNDAY) -> list[Any]:
        """The answers to a script of commands."""
        script = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
        return self.inside("--now", now, "do", stdin=script).answers
