"""Backups are whole, verified and taken while others work; restore keeps what it replaces and starts a new origin."""

from __future__ import annotations

import stat

import pytest
from store_helpers import do, lead, log_faults

from crm_tui.backup import backup, restore
from crm_tui.check import check
from crm_tui.errors import Damaged, Refused
from crm_tui.reads.export import all_records
from crm_tui.store import Store


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
