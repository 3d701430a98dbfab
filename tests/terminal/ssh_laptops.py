"""Laptops of a team and an `ssh` that reaches no network: the "host" after the @ says what becomes of the command."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from cli_program import Program

FAKE_SSH = """#!/bin/sh
while [ "$1" != "--" ]; do shift; done
host="${{2#*@}}" login="${{2%@*}}" command="$3"
unset CRM_USER CRM_STORE
export LOGNAME="$login" CRM_HOME={hub}
cd {hub} || exit 9
case "$host" in
    down) echo "ssh: connect to host down port 22: Connection refused" >&2; exit 255 ;;
    stranger) echo "No ED25519 host key is known for stranger." >&2; echo "Host key verification failed." >&2; exit 255 ;;
    closed) echo "$login@closed: Permission denied (publickey)." >&2; exit 255 ;;
    bare) echo "sh: 1: crm-tui: not found" >&2; exit 127 ;;
    old) echo "Error: No such command 'hub'." >&2; exit 2 ;;
    mute) exec sleep 60 ;;
    babble) yes | head -c 200000 ;;
    noise) printf 'crm-tui hub 1\\n'; head -c 10000 /dev/zero ;;
    nonsense) printf 'crm-tui hub 1\\n'; exec {python} -c '
import sys, zlib
press = zlib.compressobj()
sys.stdout.buffer.write(press.compress(b"[7]\\n") + press.flush())
sys.stdout.flush()
sys.stdin.read()' ;;
    cut-*) rm -f line; mkfifo line; dd bs=1 count="${{host#cut-}}" status=none < line & exec sh -c "$command" > line ;;
    fed-*) dd bs=1 count="${{host#fed-}}" status=none | sh -c "$command" ;;
    small-*) ulimit -f "${{host#small-}}"; exec sh -c "$command" ;;
    *) echo "Welcome to $host"; exec sh -c "$command" ;;
esac
"""


class Laptop(Program):
    """The program of one person on a machine of their own."""

    def __init__(self, home: Path, user: str, tools: Path) -> None:
        super().__init__(home)
        self.user = user
        self.tools = tools

    def environment(self, **more: str) -> dict[str, str]:
        """As on any machine, but for who works and which `ssh` is found."""
        own = {"CRM_USER": self.user, "PATH": f"{self.tools}{os.pathsep}{os.environ['PATH']}"}
        return super().environment(**(own | more))

    def sync(self, *args: str) -> Any:
        """The answer of a sync that goes well, in this process."""
        run = self.inside("sync", *args, "--json")
        assert run.code == 0, run.err
        return run.json

    def everything(self) -> list[Any]:
        """All that the store holds, as `export all` writes it."""
        return list(map(json.loads, self.inside("export", "all", "--format", "jsonl").out.splitlines()))


def write_tool(path: Path, text: str) -> None:
    """An executable script."""
    path.write_text(text)
    path.chmod(0o755)


def fake_tools(folder: Path, hub: Path) -> Path:
    """A directory with `ssh` and `crm-tui`, to stand first in PATH."""
    folder.mkdir()
    hub.mkdir()
    write_tool(folder / "ssh", FAKE_SSH.format(hub=hub, python=sys.executable))
    write_tool(folder / "crm-tui", f'#!/bin/sh\nexec "{sys.executable}" -m crm_tui "$@"\n')
    return folder
