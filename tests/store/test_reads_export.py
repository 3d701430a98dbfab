"""Exports: every contact, deal and line once and in order; `all` is the same on every store that holds the same log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from store_helpers import Clock, board, deal, do, lead, refused, show, snapshot, whole_log

from crm_tui import log, models
from crm_tui.db import Database
from crm_tui.errors import Refused
from crm_tui.ids import parse_id
from crm_tui.project import project
from crm_tui.reads import export
from crm_tui.reads.duplicates import duplicates_json
from crm_tui.reads.export import EXPORTS, all_records, export_records
from crm_tui.reads.look import Look
from crm_tui.reads.timeline import timeline_json
from crm_tui.store import Store


def exported(store: Store, what: str) -> list[dict[str, Any]]:
    return json.loads(json.dumps(list(export_records(Look.at(store), what))))


@pytest.fixture
def week(store: Store, ann: Store, clock: Clock) -> dict[str, str]:
    """A week in which everything happened once; the ids by name."""
    ids = {"dana": lead(store, "דנה כהן", "052-732-5777", email="dana@x.example", company='גלובוס בע"מ', source="web_form", note="x\ny")}
    clock.add(hours=1)
    ids["yossi"] = lead(store, "יוסי לוי", "052-732-5777", source="exhibition", readiness="high")
    ids["gone"] = lead(store, "Gone Girl", "03-555-1212")
    do(store, "route", contact=ids["dana"], to="ann")
    do(store, "route", contact=ids["yossi"], to="partner")
    clock.add(days=1)
    do(ann, "log_call", contact=ids["dana"], outcome="talked", duration=60, need="CRM")
    ids["won"] = do(ann, "open_deal", contact=ids["dana"], name="Won", value="9000", currency="USD")["record"]
    ids["open"] = do(ann, "open_deal", contact=ids["dana"], name="Open", value=5)["record"]
    ids["deleted"] = do(ann, "open_deal", contact=ids["dana"], name="Deleted", value=6)["record"]
    ids["of gone"] = do(ann, "open_deal", contact=ids["gone"], name="Of gone", value=7)["record"]
    do(ann, "move_deal", deal=ids["won"], stage="won")
    do(ann, "delete_deal", deal=ids["deleted"])
    clock.add(days=1)
    do(store, "add_lead", phone="0527325777", name="דנה", source="ads", campaign="November")
    do(store, "edit_contact", contact=ids["dana"], phone="054-765-4321", shoe="42", title="CEO")
    for tag in ("vip", "Åke", "b", "אב"):
        do(store, "tag", contact=ids["dana"], tag=tag)
    do(store, "untag", contact=ids["dana"], tag="b")
    do(store, "set_setting", name="limits.max_attempts", value=4)
    do(store, "set_setting", name="name", value="ABC")
    task = do(store, "add_task", contact=ids["yossi"], kind="demo", due="2026-12-01")["record"]
    do(store, "complete_task", task=task)
    do(store, "log_note", contact=ids["yossi"], note="a note")
    do(store, "undo")
    do(store, "undo")
    do(store, "redo")
    do(store, "delete_contact", contact=ids["gone"])
    return ids


def test_contacts_are_those_of_show(store: Store, week: dict[str, str]) -> None:
    records = exported(store, "contacts")
    assert [record["id"] for record in records] == [week["dana"], week["yossi"]]
    assert records == [show(store, week["dana"]), show(store, week["yossi"])]


def test_deals_are_those_of_show(store: Store, week: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [deal(store, week["won"]), deal(store, week["open"])]
    assert exported(store, "deals") == expected
    monkeypatch.setattr(export, "PAGE", 1)
    assert exported(store, "deals") == expected
    assert [one["name"] for stage in board(store) for one in stage["deals"]] == ["Open"]


def test_timelines_of_all_contacts(store: Store, week: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    look = Look.at(store)
    expected = [
        {"contact": week[name], "contact_name": full, **line}
        for name, full in (("dana", "דנה כהן"), ("yossi", "יוסי לוי"))
        for line in timeline_json(look, parse_id(week[name]) or b"")
    ]
    assert len(expected) > 25
    assert exported(store, "timeline") == expected
    for size in (1, 2, len([one for one in expected if one["contact"] == week["dana"]])):
        monkeypatch.setattr(export, "PAGE", size)
        assert exported(store, "timeline") == expected


def test_changes_are_the_whole_log(store: Store, week: dict[str, str]) -> None:
    records = exported(store, "changes")
    assert [record["id"].replace("-", "") for record in records] == [row[1] for row in whole_log(store)]
    first = records[0]
    assert (first["command"], first["actor"], first["oseq"], first["at"]) == ("add_user", "noa", 1, "2026-11-01T09:00:00+02:00")
    assert len(first["digest"]) == 64
    assert first["changes"][0]["new"] == {"name": "noa", "role": "admin"}
    undo = [record for record in records if record["command"] == "undo"]
    assert len(undo) == 2
    assert {record["undo_of"] for record in undo} <= {record["id"] for record in records}
    moved = next(record for record in records if record["command"] == "move_deal")
    assert moved["actor"] == "ann"
    assert [(one["entity"], one["record"], one["register"], one["new"]["stage"]) for one in moved["changes"]] == [
        ("deal", week["won"], "stage", "won")
    ]
    assert {one["subject"] for one in moved["changes"]} == {week["dana"]}
    assert [one["n"] for record in records for one in record["changes"]] == [n for record in records for n in range(len(record["changes"]))]


def test_all_holds_every_record_without_what_is_local(store: Store, week: dict[str, str]) -> None:
    records = exported(store, "all")
    entities = [record["entity"] for record in records]
    assert entities == sorted(entities)
    for table in models.PROJECTED_TABLES:
        name = "user" if table is models.User else models.table_name(table)
        assert entities.count(name) == store.db.one(f"SELECT count(*) FROM {models.table_name(table)}")[0]
    for record in records:
        assert not {"key", "batch", "search", "received_at", "undone"} & set(record)
    contacts = {record["id"]: record for record in records if record["entity"] == "contact"}
    assert contacts[week["gone"]]["removed"] > 0
    assert (contacts[week["dana"]]["lifecycle"], contacts[week["dana"]]["status"]) == ("customer", "customer")
    assert contacts[week["dana"]]["properties"] == {"need": "CRM", "shoe": "42", "title": "CEO"}
    assert [record["tag"] for record in records if record["entity"] == "tag"] == ["vip", "Åke", "אב"]
    assert [(record["name"], record["value"]) for record in records if record["entity"] == "setting"] == [
        ("limits.max_attempts", 4),
        ("name", "ABC"),
    ]
    lines = [record for record in records if record["entity"] == "entry"]
    with_id = [line["id"] for line in lines if line["id"]]
    assert with_id == sorted(with_id)
    assert all(line["id"] is None for line in lines[len(with_id) :])
    followed = [(line["contact"], line["hlc"], line["n"]) for line in lines[len(with_id) :]]
    assert followed == sorted(followed)
    assert len(followed) > 5


def test_a_replayed_log_gives_the_same_bytes(store: Store, week: dict[str, str], tmp_path: Path) -> None:
    """The copy is a SQLite store without users of its own, so this compares the engines too."""
    copy = Database(str(tmp_path / "copy.db"), durable=False)
    try:
        with copy.write():
            for head in log.heads(store.db):
                changes = [change for part in log.parts_of(store.db, head.key) for change in part.changes]
                project(copy, head._replace(key=head.key + 1000), changes, log.undo_target(store.db, head.undo_of))
        ours, theirs = list(map(json.dumps, all_records(store.db))), list(map(json.dumps, all_records(copy)))
        assert ours == theirs
        assert len(ours) > 60
    finally:
        copy.close()


def test_records_stream(store: Store, week: dict[str, str]) -> None:
    for what in EXPORTS:
        first, abandoned = export_records(Look.at(store), what), export_records(Look.at(store), what)
        next(abandoned)
        assert next(first) == next(iter(export_records(Look.at(store), what)))
        abandoned.close()  # type: ignore[attr-defined]
        assert len(list(first)) == len(exported(store, what)) - 1
    with store.db.snapshot():
        inside = [exported(store, what) for what in EXPORTS]
    assert inside == [exported(store, what) for what in EXPORTS]
    lead(store, "Next", None)


def test_an_export_changes_nothing(store: Store, week: dict[str, str]) -> None:
    before = (snapshot(store), whole_log(store))
    for what in EXPORTS:
        exported(store, what)
    assert (snapshot(store), whole_log(store)) == before


def test_what_cannot_be_exported(store: Store) -> None:
    with pytest.raises(Refused, match="contacts, deals, timeline, changes, all"):
        export_records(Look.at(store), "passwords")


def test_an_empty_store(store: Store) -> None:
    assert [exported(store, what) for what in ("contacts", "deals", "timeline")] == [[], [], []]
    assert {record["entity"] for record in exported(store, "all")} == {"user"}
    assert duplicates_json(Look.at(store)) == []


def test_possible_duplicates(store: Store, clock: Clock) -> None:
    dana = lead(store, "Dana Cohen", "052-345-6789", company="Acme")
    john = lead(store, "John Smith", "052-345-6789")
    clock.add(minutes=1)
    twin = lead(store, "Dana Cohen", "054-765-4321", company="Acme", email="dana@x.example")
    pairs = duplicates_json(Look.at(store))
    assert [(pair["a"]["id"], pair["b"]["id"], pair["why"]) for pair in pairs] == [
        (dana, twin, "same name and company"),
        (dana, john, "shared phone or e-mail"),
    ]
    assert pairs[0]["b"] == {"id": twin, "name": "Dana Cohen", "phone": "054-765-4321", "email": "dana@x.example", "company": "Acme"}
    assert pairs[1]["a"] == {"id": dana, "name": "Dana Cohen", "phone": "052-345-6789", "email": None, "company": "Acme"}
    assert duplicates_json(Look.at(store), 1) == pairs[:1]
    do(store, "delete_contact", contact=john)
    assert duplicates_json(Look.at(store)) == pairs[:1]
    do(store, "undo")
    assert duplicates_json(Look.at(store)) == pairs
    assert refused(store, "log_note", contact="052-345-6789", note="who?").details["candidates"] == [dana, john]
