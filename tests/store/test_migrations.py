"""A store of an older program is brought to the tables of today, and says the same."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

from store_helpers import Clock, do, everything, lead

from crm_tui import models
from crm_tui.check import check
from crm_tui.db import MIGRATIONS, Database
from crm_tui.store import Store

_OWN = {"contact": ("merged_into", "root", "gone", "filled"), "entry": ("own",), "task": ("own",), "deal": ("own",)}
_KEYS = {
    "point": "contact, kind, value, raw, label, valid, rank, removed",
    "tag": "contact, tag",
    "pair": "contact, other, why",
}


def without_merging(url: str) -> None:
    """Take a store back to what it was before contacts could be merged."""
    db = Database(url)
    with db.write():
        for table, columns in _OWN.items():
            for column in columns:
                db.run(f"DROP INDEX IF EXISTS {table}_{column}")
                db.run(f"ALTER TABLE {table} DROP COLUMN {column}")
        db.run("DROP INDEX point_value")
        for table, columns in _KEYS.items():
            db.run(f"ALTER TABLE {table} RENAME TO today")
            db.run(f"CREATE TABLE {table} AS SELECT {columns} FROM today")
            db.run("DROP TABLE today")
        db.run("CREATE INDEX point_value ON point (value) WHERE valid = 1")
        db.run("DELETE FROM schema_migration WHERE name >= '0005'")
    db.close()


def test_a_store_from_before_merging(store: Store, url: str, clock: Clock) -> None:
    dana = lead(store, "Dana Levi", "052-345-6789", company="Acme")
    other = lead(store, "John Smith", "052-345-6789")
    do(store, "tag", contact=dana, tag="vip")
    do(store, "open_deal", contact=dana, value=5)
    before = everything(store)
    store.close()
    without_merging(url)
    with Store(url, "noa", clock, durable=False) as now:
        assert everything(now) == before
        do(now, "merge", keep=dana, drop=other)
        assert check(now)["differences"] == []
        indexes = {index.name for table in models.ALL_TABLES for index in now.db.peewee.get_indexes(models.table_name(table))}
        assert {"contact_root", "contact_merged_into", "entry_own", "task_own", "deal_own", "point_value"} <= indexes


def test_a_store_from_before_quotes(store: Store, url: str, clock: Clock) -> None:
    store.close()
    before = Database(url)
    with before.write():
        before.run("DROP INDEX entry_quote")
        before.run("DELETE FROM schema_migration WHERE name >= '0007'")
    before.close()
    with Store(url, "noa", clock, durable=False) as now:
        assert "entry_quote" in {index.name for index in now.db.peewee.get_indexes("entry")}


def test_every_migration_has_a_number_of_its_own() -> None:
    numbers = [path.name[:4] for path in Path(MIGRATIONS).glob("[0-9]*.py")]
    assert len(set(numbers)) == len(numbers)


def test_a_store_from_before_views(store: Store, url: str, clock: Clock) -> None:
    do(store, "tag", contact=lead(store), tag="vip")
    before = everything(store)
    store.close()
    db = Database(url)
    with db.write():
        for name in (*models.FEWER, "contact_source", "contact_campaign", "contact_readiness", "tag_contact", "deal_closed"):
            db.run(f"DROP INDEX {name}")
        for table in (models.View, models.DefaultView):
            db.run(f"DROP TABLE {models.table_name(table)}")
        db.run("DELETE FROM schema_migration WHERE name >= '0006'")
    db.close()
    with Store(url, "noa", clock, durable=False) as now:
        assert everything(now) == before
        do(now, "save_view", name="VIPs", filter="tag:vip", default=True)
        assert check(now)["differences"] == []
        indexes = {index.name for table in models.ALL_TABLES for index in now.db.peewee.get_indexes(models.table_name(table))}
        assert {*models.FEWER, "contact_source", "tag_contact", "deal_closed"} <= indexes


def test_a_store_from_before_anybody_was_away(store: Store, url: str, clock: Clock) -> None:
    before = everything(store)
    store.close()
    db = Database(url)
    with db.write():
        for column in ("away_until", "covered_by"):
            db.run(f"ALTER TABLE users DROP COLUMN {column}")
        db.run("DELETE FROM schema_migration WHERE name >= '0008'")
    db.close()
    with Store(url, "noa", clock, durable=False) as now:
        assert everything(now) == before
        do(now, "set_away", user="ann", until="2026-11-29", covered_by="bob")
        assert check(now)["differences"] == []


def test_a_store_from_before_campaigns(store: Store, url: str, clock: Clock) -> None:
    lead(store)
    before = everything(store)
    store.close()
    db = Database(url)
    with db.write():
        for table in (models.Campaign, models.Listed):
            db.run(f"DROP TABLE {models.table_name(table)}")
        db.run("DELETE FROM schema_migration WHERE name >= '0010'")
    db.close()
    with Store(url, "noa", clock, durable=False) as now:
        assert everything(now) == before
        do(now, "add_campaign", name="Spring", view="all")
        assert check(now)["differences"] == []
        assert "listed_contact" in {index.name for index in now.db.peewee.get_indexes("listed")}


def test_stores_are_made_at_once_in_one_process(tmp_path: Path) -> None:
    """A laptop's store and a hub in a file are, each in a thread of its own."""
    failed: list[BaseException] = []

    def make(number: int) -> None:
        try:
            for again in range(3):
                Database(str(tmp_path / f"{number}-{again}.db"), durable=False).close()
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=make, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
