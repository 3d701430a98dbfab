"""Backups are whole, verified and taken while others work; restore keeps what it replaces and starts a new origin."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from store_helpers import do, lead, log_faults, show, snapshot, whole_log

from crm_tui.backup import backup, restore
from crm_tui.check import check
from crm_tui.db import Database
from crm_tui.errors import Damaged, Refused
from crm_tui.reads.export import all_records
from crm_tui.store import Store

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def everything(store: Store) -> list[dict]:
    return list(all_records(store.db))


def test_a_backup_is_the_store(store, clock, tmp_path):
    do(store, "log_call", contact=lead(store), outcome="no_answer")
    report = backup(store, tmp_path / "b" / "copy.db")
    assert report["ok"]
    assert stat.S_IMODE((tmp_path / "b" / "copy.db").stat().st_mode) == 0o600
    assert [one.name for one in (tmp_path / "b").iterdir()] == ["copy.db"]
    with Store(str(tmp_path / "b" / "copy.db"), "noa", clock) as copy:
        assert everything(copy) == everything(store)
        assert check(copy)["ok"]


def test_a_backup_has_every_index_of_a_store(store, tmp_path, sqlite_template):
    lead(store)
    backup(store, tmp_path / "copy.db")
    schemas = []
    for path in (tmp_path / "copy.db", sqlite_template):
        with closing(sqlite3.connect(path)) as connection:
            schemas.append(sorted(connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall(), key=repr))
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert schemas[0] == schemas[1]


def test_while_another_writes(store, as_user, tmp_path):
    contact = lead(store)
    other = as_user("ann")
    for number in range(3):
        do(other, "log_note", contact=contact, note=f"note {number}")
        assert backup(store, tmp_path / "copy.db")["batches"] == store.db.one("SELECT count(*) FROM batch")[0]


def test_restore_keeps_what_it_replaces_and_starts_a_new_origin(url, clock, tmp_path, engine):
    if engine == "postgresql":
        pytest.skip("a PostgreSQL store is restored into an empty database")
    with Store(url, "noa", clock) as store:
        contact = lead(store)
        backup(store, tmp_path / "copy.db")
        do(store, "log_note", contact=contact, note="after the backup")
        lost = everything(store)
    report = restore(url, tmp_path / "copy.db", "noa", clock)
    with Store(report["kept"], "noa", clock) as kept:
        assert everything(kept) == lost
    with Store(url, "noa", clock) as store:
        with pytest.raises(Refused):
            do(store, "correct_interaction", interaction=do(store, "log_note", contact=contact, note="x")["id"], note="y")
        origins = [row[0] for row in store.db.rows("SELECT replica FROM batch ORDER BY key DESC LIMIT 2")]
        assert origins[0] != origins[1]
        assert log_faults(store.db) == []
        assert check(store)["ok"]


def test_from_postgresql_to_sqlite_and_to_an_empty_database(engine, store, clock, tmp_path, pg_server):
    do(store, "open_deal", contact=lead(store, company="Acme"), value=5)
    backup(store, tmp_path / "copy.db")
    name = pg_server.new()
    try:
        for target in (str(tmp_path / "new.db"), pg_server.of(name)):
            restore(target, tmp_path / "copy.db", "noa", clock)
            with Store(target, "noa", clock) as restored:
                assert everything(restored) == everything(store)
                lead(restored, "Somebody New", "052-345-6701")
                assert check(restored)["ok"]
        with pytest.raises(Refused):
            restore(pg_server.of(name), tmp_path / "copy.db", "noa", clock)
    finally:
        pg_server.drop(name)


def test_a_bad_backup_changes_nothing(store, tmp_path):
    lead(store)
    before = everything(store)
    for content in (b"", b"garbage " * 1000):
        (tmp_path / "bad.db").write_bytes(content)
        with pytest.raises((Refused, Damaged)):
            restore(store.db.url, tmp_path / "bad.db", "noa")
    with pytest.raises(Refused):
        restore(store.db.url, tmp_path / "missing.db", "noa")
    backup(store, tmp_path / "copy.db")
    with Store(str(tmp_path / "copy.db"), "noa") as copy:
        copy.db.run("UPDATE contact SET status = 'customer'")
    with pytest.raises(Damaged):
        restore(store.db.url, tmp_path / "copy.db", "noa")
    assert everything(store) == before


def test_a_backup_refuses_what_it_cannot_be(store, tmp_path):
    for path in (tmp_path, *([store.db.path] if store.db.path else [])):
        with pytest.raises(Refused):
            backup(store, path)


def test_a_new_store_is_its_owners_alone(tmp_path):
    path = tmp_path / "fresh" / "s.db"
    Store(str(path), "noa").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def digest(path: Path | str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


WRITER = """
import sys
from crm_tui.store import Store
with Store(sys.argv[1], "ann", durable=False) as store:
    number = 0
    while True:
        store.execute({"command": "tag", "contact": sys.argv[2], "tag": f"t{number}"})
        number += 1
        print(number, flush=True)
"""


def test_a_backup_is_taken_while_another_process_writes(store, url, clock, tmp_path):
    """A busy writer does not keep a copy of a large store from being finished, nor is it kept from writing."""
    contact = lead(store)
    if store.db.is_sqlite:
        for number in range(200):
            do(store, "log_note", contact=lead(store, f"Person {number} Large", None), note=os.urandom(49_000).hex())
        assert store.db.path.stat().st_size > 19_000_000, "more pages than one step of a copy had"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, url, contact], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout is not None
        first = int(writer.stdout.readline())
        report = backup(store, tmp_path / "copy.db")
        while writer.stdout.readline() and writer.poll() is None:
            if store.db.one("SELECT count(*) FROM batch")[0] > report["batches"] + 3:
                break
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    with Store(str(tmp_path / "copy.db"), "noa", clock) as copy:
        batches = copy.db.rows("SELECT id, digest FROM batch ORDER BY key")
        assert len(batches) == report["batches"] > first
        assert batches == store.db.rows("SELECT id, digest FROM batch ORDER BY key LIMIT ?", (len(batches),))
        assert log_faults(copy.db) == []


def test_an_existing_backup_is_replaced_only_by_a_good_one(store, tmp_path):
    lead(store)
    good = tmp_path / "copy.db"
    backup(store, good)
    first = digest(good)
    lead(store, "Somebody Else", "052-345-6701")
    assert backup(store, good)["batches"] == store.db.one("SELECT count(*) FROM batch")[0]
    second = digest(good)
    assert second != first
    store.db.run("UPDATE contact SET name = 'x'")
    with pytest.raises(Damaged, match="name differ"):
        backup(store, good)
    assert digest(good) == second
    assert [one.name for one in tmp_path.iterdir() if "copy" in one.name] == ["copy.db"]


def test_a_backup_in_its_turn_is_a_store(store, clock, tmp_path):
    contact = lead(store)
    path = tmp_path / "copy.db"
    backup(store, path)
    with Store(str(path), "noa", clock) as copy:
        do(copy, "log_note", contact=contact, note="x")
        origins = [row[0] for row in copy.db.rows("SELECT replica FROM batch ORDER BY key DESC LIMIT 2")]
        assert origins[0] != origins[1], "a store found elsewhere starts an origin of its own"
        assert log_faults(copy.db) == []
    with Store(store.db.url, "noa", clock) as again:
        do(again, "log_note", contact=contact, note="y")
        assert log_faults(again.db) == []


@sqlite_only
def test_after_a_restore_undo_knows_only_the_restored_history(store, url, clock, tmp_path):
    known = lead(store)
    do(store, "tag", contact=known, tag="before")
    backup(store, tmp_path / "copy.db")
    after = do(store, "tag", contact=known, tag="after")
    do(store, "edit_contact", contact=known, name="Changed Since")
    store.close()
    restore(url, tmp_path / "copy.db", "noa", clock)
    with Store(url, "noa", clock) as restored:
        assert (show(restored, known)["tags"], show(restored, known)["name"]) == (["before"], "Dana Levi")
        with pytest.raises(Refused):
            do(restored, "undo", id=after["id"])
        do(restored, "undo")
        assert show(restored, known)["tags"] == []
        do(restored, "redo")
        assert show(restored, known)["tags"] == ["before"]
        assert log_faults(restored.db) == []
        assert check(restored)["ok"]


@sqlite_only
def test_everybody_here_starts_a_new_origin_after_a_restore(store, ann, url, clock, tmp_path):
    known = lead(store)
    do(ann, "tag", contact=known, tag="a")
    backup(store, tmp_path / "copy.db")
    store.close()
    ann.close()
    restore(url, tmp_path / "copy.db", "noa", clock)
    for name in ("ann", "noa"):
        with Store(url, name, clock) as restored:
            known_origins = restored.db.one("SELECT count(*) FROM replica")[0]
            do(restored, "tag", contact=known, tag=name)
            assert restored.db.one("SELECT count(*) FROM replica")[0] == known_origins + 1
            do(restored, "tag", contact=known, tag=f"{name} again")
            assert restored.db.one("SELECT count(*) FROM replica")[0] == known_origins + 1
            assert log_faults(restored.db) == []


@sqlite_only
def test_a_store_open_elsewhere_goes_on_after_a_restore(store, url, clock, tmp_path):
    known = lead(store)
    backup(store, tmp_path / "copy.db")
    do(store, "tag", contact=known, tag="lost")
    restore(url, tmp_path / "copy.db", "noa", clock)
    assert show(store, known)["tags"] == []
    do(store, "tag", contact=known, tag="new")
    assert log_faults(store.db) == []
    assert check(store)["ok"]


@sqlite_only
@pytest.mark.parametrize("damage", ["garbage", "cut", "page"])
def test_a_damaged_store_is_restored_and_kept(store, url, clock, tmp_path, damage):
    """What a damaged store advises, to restore a backup, can be done."""
    lead(store)
    backup(store, tmp_path / "copy.db")
    whole = everything(store)
    for number in range(20):
        do(store, "log_note", contact=lead(store, f"Person {number} Lost", None), note="x" * 5000)
    store.close()
    path = Path(url)
    data = path.read_bytes()
    spoiled = {"garbage": b"garbage " * 1000, "cut": data[: len(data) // 2], "page": data[:8192] + b"\xff" * 4096 + data[12288:]}[damage]
    path.write_bytes(spoiled)
    for name in ("-wal", "-shm"):
        Path(f"{path}{name}").unlink(missing_ok=True)
    path.chmod(0o600)
    report = restore(url, tmp_path / "copy.db", None, clock)
    assert Path(report["kept"]).read_bytes()[100:] == spoiled[100:], "what can still be read in it is not lost"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Store(url, "noa", clock) as restored:
        assert everything(restored) == whole
        lead(restored, "Somebody New", "052-345-6701")
        assert check(restored)["ok"]


@sqlite_only
def test_two_restores_at_one_moment_keep_both_stores(store, url, clock, tmp_path):
    lead(store)
    backup(store, tmp_path / "copy.db")
    kept = []
    for tag in ("first", "second"):
        do(store, "tag", contact="052-345-6789", tag=tag)
        kept.append(restore(url, tmp_path / "copy.db", "noa", clock)["kept"])
    assert len(set(kept)) == 2
    for path, tag in zip(kept, ("first", "second"), strict=True):
        assert stat.S_IMODE(Path(path).stat().st_mode) == 0o600
        with Store(path, "noa", clock) as old:
            assert old.db.rows("SELECT tag FROM tag") == [(tag,)]


@sqlite_only
def test_a_new_place_needs_no_user_and_keeps_nothing(store, tmp_path, clock):
    lead(store)
    backup(store, tmp_path / "copy.db")
    target = tmp_path / "new" / "s.db"
    assert restore(str(target), tmp_path / "copy.db", None, clock)["kept"] is None
    assert (stat.S_IMODE(target.stat().st_mode), stat.S_IMODE(target.parent.stat().st_mode)) == (0o600, 0o700)
    assert [one.name for one in target.parent.iterdir()] == ["s.db"]
    with Store(str(target), "ann", clock) as restored:
        assert everything(restored) == everything(store)


def test_whoever_is_no_user_of_the_backup_restores_nothing(store, tmp_path, clock):
    lead(store)
    backup(store, tmp_path / "copy.db")
    before = snapshot(store), whole_log(store), sorted(one.name for one in tmp_path.iterdir() if "restore" in one.name)
    with pytest.raises(Refused) as caught:
        restore(store.db.url, tmp_path / "copy.db", "zed", clock)
    assert caught.value.field == "as"
    assert (snapshot(store), whole_log(store), sorted(one.name for one in tmp_path.iterdir() if "restore" in one.name)) == before


@sqlite_only
@pytest.mark.parametrize("kind", ["empty", "garbage", "cut", "foreign", "empty store", "tampered", "the store itself", "a directory"])
def test_what_is_no_backup_is_refused_untouched(store, url, clock, tmp_path, kind):
    lead(store)
    do(store, "log_note", contact="052-345-6789", note="x" * 9000)
    path = tmp_path / "given.db"
    match kind:
        case "empty":
            path.write_bytes(b"")
        case "garbage":
            path.write_bytes(b"garbage " * 1000)
        case "cut":
            backup(store, path)
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case "foreign":
            with sqlite3.connect(path) as other:
                other.execute("CREATE TABLE t (x)")
            other.close()
        case "empty store":
            Database(str(path)).close()
        case "tampered":
            backup(store, path)
            with sqlite3.connect(path) as other:
                other.execute("UPDATE contact SET name = 'x'")
            other.close()
        case "the store itself":
            path = Path(url)
        case "a directory":
            path.mkdir()
    given = digest(path) if path.is_file() else None
    before = snapshot(store), whole_log(store)
    with pytest.raises((Refused, Damaged)):
        restore(url, path, "noa", clock)
    assert (snapshot(store), whole_log(store)) == before
    assert (digest(path) if path.is_file() else None) == given
    assert not [one.name for one in tmp_path.iterdir() if "before-restore" in one.name]
    do(store, "tag", contact="052-345-6789", tag="goes on")
    assert log_faults(store.db) == []


@sqlite_only
def test_a_store_copied_by_hand_starts_an_origin_of_its_own(store, url, clock, tmp_path):
    known = lead(store)
    store.close()
    copy = shutil.copyfile(url, tmp_path / "by hand.db")
    for path in (url, copy):
        with Store(str(path), "noa", clock) as one:
            do(one, "tag", contact=known, tag="x")
            assert log_faults(one.db) == []
    with Store(url, "noa", clock) as first, Store(str(copy), "noa", clock) as second:
        ends = [
            one.db.rows("SELECT r.origin, b.oseq, b.digest FROM batch b JOIN replica r ON r.key = b.replica") for one in (first, second)
        ]
        theirs = {(bytes(origin), oseq): bytes(digest_) for origin, oseq, digest_ in ends[0]}
        assert all(theirs.get((bytes(origin), oseq), digest_) == digest_ for origin, oseq, digest_ in ends[1]), "one place, two histories"


@sqlite_only
def test_another_programs_database_is_no_store_and_gets_no_tables(tmp_path, clock, engine):
    path = tmp_path / "foreign.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE contact (x)")
    other.close()
    with pytest.raises(Damaged):
        Store(str(path), "noa", clock)
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("contact",)]
    other.close()
