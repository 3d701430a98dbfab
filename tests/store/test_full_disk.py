"""A disk that is full is said so; nothing is half-written, and with room again work goes on where it was."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from store_helpers import Clock, do, gone, lead, log_faults, make_store, show, snapshot, timeline, whole_log

from crm_tui.backup import backup, restore
from crm_tui.check import check
from crm_tui.db import translated
from crm_tui.errors import StoreBusy, StoreFull
from crm_tui.intake import reader
from crm_tui.intake.run import import_file
from crm_tui.store import Store

MB = 1024 * 1024


class Disk:
    """A small disk of its own, mounted while a test runs."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def grow(self, size: int) -> None:
        """Give it another size, in bytes."""
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"remount,size={size}", "tmpfs", str(self.path)], check=True)

    def fill(self, leave: int = 0) -> Path:
        """Use up all but `leave` bytes."""
        filler = self.path / "filler"
        with filler.open("wb", buffering=0) as file:
            with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
                while True:
                    file.write(b"x" * 4096)
            file.truncate(max(0, file.tell() // 4096 * 4096 - leave))
        return filler


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk of one megabyte."""
    path = tmp_path / "disk"
    path.mkdir()
    made = sys.platform == "linux" and os.geteuid() == 0
    made = made and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(path)], capture_output=True).returncode == 0
    if not made:
        pytest.skip("only root on Linux can mount a small disk; the tests with a limited file size stand for these")
    yield Disk(path)
    subprocess.run(["umount", "-l", str(path)], check=True)


@pytest.fixture
def full_store(disk: Disk, clock: Clock) -> Iterator[Store]:
    """A store on the small disk, written the durable way."""
    url = str(disk.path / "store.db")
    make_store(url)
    with Store(url, "noa", clock) as store:
        yield store


def sound(store: Store) -> None:
    assert check(store)["differences"] == []
    assert log_faults(store.db) == []


def people(path: Path, number: int) -> Path:
    """A file of so many people."""
    rows = [f"Given{n} Family{n},052-3{n:06d},Company {n % 7},Haifa" for n in range(number)]
    path.write_text("Name,Phone,Company,City\n" + "\n".join(rows) + "\n")
    return path


def until_full(action: Callable[[int], Any]) -> int:
    """Repeat until the disk is full; how often it was done."""
    number = 0
    with pytest.raises(StoreFull) as caught:
        while number < 10_000:
            action(number)
            number += 1
    assert "disk is full" in caught.value.message.lower()
    assert caught.value.exit_code == 4
    return number


def test_a_command_that_does_not_fit_changes_nothing(full_store: Store, disk: Disk) -> None:
    known = lead(full_store)
    done = until_full(lambda number: do(full_store, "log_note", contact=known, note=os.urandom(400).hex()))
    assert done > 0
    state, log = snapshot(full_store), whole_log(full_store)
    assert len([kind for kind, _rule, _data in timeline(full_store, known) if kind == "note"]) == done
    for _again in range(3):
        with pytest.raises(StoreFull):
            do(full_store, "log_note", contact=known, note="x" * 90_000)
    assert (snapshot(full_store), whole_log(full_store)) == (state, log)
    sound(full_store)
    disk.grow(8 * MB)
    do(full_store, "log_note", contact=known, note="with room again")
    assert len(whole_log(full_store)) == len(log) + 1
    sound(full_store)


def test_an_import_that_is_cut_keeps_whole_chunks(full_store: Store, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 50)
    before = snapshot(full_store)
    path = people(tmp_path / "people.csv", 2000)
    disk.grow(MB + MB // 2)
    with pytest.raises(StoreFull, match="already in stay"):
        import_file(full_store, path)
    rows = full_store.db.one("SELECT count(*) FROM contact")[0]
    assert 0 < rows < 2000
    assert rows % 50 == 0
    assert full_store.db.one("PRAGMA synchronous")[0] == 2, "what comes after the import is durable again"
    sound(full_store)
    full_store.close()
    disk.grow(64 * MB)
    with Store(full_store.db.url, "noa", full_store.clock) as store:
        sound(store)
        report = import_file(store, path)
        assert (report.taken.skipped, report.taken.created) == (rows, 2000 - rows)
        sound(store)
        do(store, "undo")
        assert snapshot(store) == before


def test_an_undo_of_an_import_that_is_cut_goes_on(full_store: Store, disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "CHUNK", 50)
    disk.grow(64 * MB)
    before = snapshot(full_store)
    path = people(tmp_path / "people.csv", 1500)
    import_file(full_store, path)
    full_store.db.one("PRAGMA wal_checkpoint(truncate)")
    filler = disk.fill(leave=400_000)
    with pytest.raises(StoreFull):
        do(full_store, "undo")
    left = full_store.db.one("SELECT count(*) FROM contact WHERE removed <= 0")[0]
    assert left % 50 == 0
    sound(full_store)
    filler.unlink()
    if left:
        do(full_store, "undo")
    assert snapshot(full_store) == before
    sound(full_store)


def test_a_store_is_not_made_on_a_full_disk(disk: Disk, clock: Clock) -> None:
    filler = disk.fill(leave=12_288)
    url = str(disk.path / "new" / "store.db")
    for _again in range(2):
        with pytest.raises(StoreFull):
            Store(url, "noa", clock)
    filler.unlink()
    with Store(url, "noa", clock) as store:
        assert [user.name for user in store.users()] == ["noa"]
        lead(store)
        sound(store)


def test_a_backup_that_does_not_fit_leaves_nothing_and_the_old_one(full_store: Store, disk: Disk, tmp_path: Path) -> None:
    known = lead(full_store)
    disk.grow(16 * MB)
    target = disk.path / "copy.db"
    backup(full_store, target)
    old = target.read_bytes()
    for _number in range(10):
        do(full_store, "log_note", contact=known, note=os.urandom(20_000).hex())
    full_store.db.one("PRAGMA wal_checkpoint(truncate)")
    disk.fill(leave=100_000)
    with pytest.raises(StoreFull):
        backup(full_store, target)
    assert target.read_bytes() == old
    assert sorted(one.name for one in disk.path.iterdir() if "copy" in one.name) == ["copy.db"]
    backup(full_store, tmp_path / "elsewhere.db")


def test_a_restore_that_does_not_fit_keeps_the_store(full_store: Store, disk: Disk, tmp_path: Path, clock: Clock) -> None:
    known = lead(full_store)
    with Store(str(tmp_path / "large.db"), "noa", clock, durable=False) as large:
        other = lead(large)
        for _number in range(30):
            do(large, "log_note", contact=other, note=os.urandom(20_000).hex())
        backup(large, tmp_path / "copy.db")
    before = snapshot(full_store), whole_log(full_store)
    with pytest.raises(StoreFull):
        restore(full_store.db.url, tmp_path / "copy.db", "noa", clock)
    assert (snapshot(full_store), whole_log(full_store)) == before
    sound(full_store)
    disk.grow(16 * MB)
    do(full_store, "tag", contact=known, tag="x")
    sound(full_store)


def test_where_only_the_installations_notes_do_not_fit_commands_are_done(
    disk: Disk, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note of where the log ends is written after the commit: what is durable must not be called refused, or it is given twice."""
    monkeypatch.setenv("CRM_HOME", str(disk.path))
    with Store(str(tmp_path / "store.db"), "noa", clock) as store:
        known = lead(store)
        filler = disk.fill()
        for number in range(3):
            assert do(store, "tag", contact=known, tag=f"t{number}")["id"]
        do(store, "undo")
        assert show(store, known)["tags"] == ["t0", "t1"]
        filler.unlink()
        do(store, "tag", contact=known, tag="t3")
        assert store.db.one("SELECT count(*) FROM replica")[0] == 1, "a note that stayed behind is a crash: the origin goes on"
        assert [path.name for path in disk.path.rglob(".*")] == []
        sound(store)


# a limited file size stands for a full disk where none can be mounted

LIMITED = """
import json, resource, signal, sys
from pathlib import Path
from crm_tui.errors import CrmError
from crm_tui.intake import reader
from crm_tui.intake.run import import_file
from crm_tui.store import Store
url, path, limit = sys.argv[1], sys.argv[2], int(sys.argv[3])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
answers = []
with Store(url, "noa") as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if path:
        reader.CHUNK = 50
        try:
            import_file(store, Path(path))
        except CrmError as error:
            answers.append([error.kind, error.message])
    else:
        for number in range(200):
            try:
                store.execute({"command": "add_lead", "name": f"Person {number}", "note": "x" * 3000})
                answers.append("ok")
            except CrmError as error:
                answers.append([error.kind, error.message])
print(json.dumps(answers))
"""


def limited(url: str, path: str, limit: int) -> list[Any]:
    pytest.importorskip("resource", reason="a file's size can be limited on Unix only")
    done = subprocess.run([sys.executable, "-c", LIMITED, url, path, str(limit)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store of its own, not a copy: its file must be small."""
    made = str(tmp_path / "store.db")
    make_store(made)
    return made


def test_commands_beyond_the_limit_are_refused_whole(url: str, clock: Clock) -> None:
    answers = limited(url, "", MB)
    accepted = answers.count("ok")
    assert 0 < accepted < 200
    assert {kind for kind, _message in (one for one in answers if one != "ok")} == {"store_full"}
    assert not [message for one in answers if one != "ok" for message in one if "rollback" in message]
    with Store(url, "noa", clock) as store:
        assert store.db.one("SELECT count(*) FROM contact")[0] == accepted, "what was acknowledged is there, and nothing else"
        sound(store)
        lead(store)
        sound(store)


def test_an_import_beyond_the_limit_keeps_whole_chunks(url: str, clock: Clock, tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv", 2000)
    [[kind, message]] = limited(url, str(path), MB)
    assert kind == "store_full"
    assert "rollback" not in message
    with Store(url, "noa", clock) as store:
        rows = store.db.one("SELECT count(*) FROM contact")[0]
        assert 0 < rows < 2000
        assert rows % 50 == 0
        sound(store)
        report = import_file(store, path)
        assert (report.taken.skipped, report.taken.created) == (rows, 2000 - rows)
        sound(store)
        first = store.db.one("SELECT id FROM contact ORDER BY key LIMIT 1")[0]
        do(store, "undo")
        assert gone(store, first.hex())


# what drivers say, in the program's words


def chained(*messages: str) -> Exception:
    """An error that came up while another was dealt with, as Peewee's failing rollback does."""
    import sqlite3

    error: Exception | None = None
    for message in messages:
        try:
            try:
                if error is not None:
                    raise error
            finally:
                raise sqlite3.OperationalError(message)
        except sqlite3.OperationalError as raised:
            error = raised
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("messages", "kind"),
    [
        (("database or disk is full",), StoreFull),
        (("database or disk is full", "cannot rollback - no transaction is active"), StoreFull),
        (("disk I/O error", "cannot rollback - no transaction is active"), StoreFull),
        (("database is locked",), StoreBusy),
        (("database is locked", "cannot rollback - no transaction is active"), StoreBusy),
    ],
)
def test_a_failing_rollback_hides_nothing(messages: tuple[str, ...], kind: type[Exception]) -> None:
    assert type(translated(chained(*messages))) is kind
