"""All that can leave the store, as a stream of plain records; the whole is of one moment inside `db.snapshot()`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from peewee import TextField

from crm_tui import log, models
from crm_tui.db import Database
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.log import Change
from crm_tui.reads.board import deal_json
from crm_tui.reads.contact import all_contacts, contacts_of
from crm_tui.reads.look import Look
from crm_tui.reads.people import all_people
from crm_tui.reads.timeline import entry_json, timeline
from crm_tui.reads.views import view_named
from crm_tui.text.clean import clip

EXPORTS = ("contacts", "deals", "timeline", "changes", "all")
PAGE = 1_000
_LOCAL = {"key", "batch", "search"}
"""Columns that belong to one store alone, and the text that its search index is made of."""
_JSON = {("contact", "properties"), ("contact", "filled"), ("entry", "data"), ("setting", "value"), ("campaign", "view")}
_PRIMARY_KEYS = {
    models.Setting: ("name",),
    models.DefaultView: ("person",),
    models.Point: ("contact", "kind", "value", "own"),
    models.Tag: ("contact", "tag", "own"),
    models.Listed: ("campaign", "contact", "own"),
    models.Pair: ("contact", "other", "own", "own_other"),
}


def export_records(look: Look, what: str, view: str | None = None) -> Iterator[dict[str, Any]]:
    """The records of `contacts` (of a view), `deals`, `timeline`, `changes` or `all`, in a fixed order, however many there are."""
    if what == "contacts":
        return all_contacts(look) if view is None else contacts_of(look, all_people(look, view_named(look, view).wanted(look)))
    if what == "deals":
        return _deals(look)
    if what == "timeline":
        return _timelines(look)
    if what == "changes":
        return _changes(look)
    if what == "all":
        return all_records(look.db)
    raise Refused("what", _("{what} cannot be exported; there are: {kinds}.").format(what=clip(what), kinds=", ".join(EXPORTS)))


def _deals(look: Look) -> Iterator[dict[str, Any]]:
    """The deals as `show deal` has them, by order of arrival."""
    sql = (
        "SELECT d.key, d.id FROM deal d JOIN contact c ON c.id = d.contact"
        f" WHERE d.key > ? AND d.removed <= 0 AND c.removed <= 0 ORDER BY d.key LIMIT {PAGE}"
    )
    after = 0
    while rows := look.db.rows(sql, (after,)):
        for _key, id_ in rows:
            yield deal_json(look, show_id(id_))
        after = rows[-1][0]


def _timelines(look: Look) -> Iterator[dict[str, Any]]:
    """The timelines of all contacts, the oldest contact first, each newest first."""
    after = 0
    while contacts := look.db.rows(f"SELECT key, id, name FROM contact WHERE key > ? AND removed <= 0 ORDER BY key LIMIT {PAGE}", (after,)):
        for _key, contact, name in contacts:
            place = None
            while rows := timeline(look, contact, PAGE, place):
                for row in rows:
                    yield {"contact": show_id(contact), "contact_name": name, **entry_json(look, row)}
                if len(rows) < PAGE:
                    break
                place = rows[-1].place
        after = contacts[-1][0]


def _changes(look: Look) -> Iterator[dict[str, Any]]:
    """The log: each batch with its changes, in the order in which this store received them."""
    for head in log.heads(look.db):
        yield {
            "id": show_id(head.id),
            "origin": show_id(head.origin),
            "oseq": head.oseq,
            "hlc": head.hlc,
            "at": look.time(head.at),
            "actor": look.user(head.actor),
            "command": head.command,
            "undo_of": show_id(head.undo_of) if head.undo_of else None,
            "import_id": show_id(head.import_id) if head.import_id else None,
            "digest": head.digest.hex(),
            "changes": [_change(part.subject, change) for part in log.parts_of(look.db, head.key) for change in part.changes],
        }


def _change(subject: bytes, change: Change) -> dict[str, Any]:
    return {
        "n": change.n,
        "subject": show_id(subject),
        "entity": change.entity,
        "record": show_id(change.record),
        "register": change.register,
        "old": change.old,
        "new": change.new,
        "base": change.base,
        "rule": change.rule,
    }


def all_records(db: Database) -> Iterator[dict[str, Any]]:
    """Every record of every projected table with its folded state, removed ones too: equal on two stores that hold the same log."""
    for table in sorted(models.PROJECTED_TABLES, key=models.table_name):
        columns = [column for column in models.columns(table) if column not in _LOCAL]
        if table is models.Entry:
            yield from _records(db, table, columns, "WHERE id IS NOT NULL ORDER BY id")
            # What followed from an event has no id. So written, SQLite goes by the index on the contact and sorts one at a time.
            yield from _records(db, table, columns, "WHERE NOT (id IS NOT NULL) ORDER BY contact, hlc, n, kind, cause")
        elif "id" in columns:
            yield from _records(db, table, columns, "ORDER BY id")
        else:
            # Texts by code point, as SQLite sorts them, whatever the locale of the server.
            texts = {field.column_name for field in table._meta.sorted_fields if isinstance(field, TextField)}
            collate = "" if db.is_sqlite else ' COLLATE "C"'
            order = ", ".join(column + collate if column in texts else column for column in _PRIMARY_KEYS[table])
            yield from _records(db, table, columns, f"ORDER BY {order}")


def _records(db: Database, table: type[models.Table], columns: list[str], rest: str) -> Iterator[dict[str, Any]]:
    name = models.table_name(table)
    entity = "user" if table is models.User else name
    for row in db.stream(f"SELECT {', '.join(columns)} FROM {name} {rest}"):
        record: dict[str, Any] = {"entity": entity}
        for column, value in zip(columns, row, strict=True):
            if isinstance(value, bytes):
                record[column] = show_id(value) if len(value) == 16 else value.hex()
            elif value is not None and (name, column) in _JSON:
                record[column] = _decoded(value)
            else:
                record[column] = value
        yield record


def _decoded(text: str) -> Any:
    """A column's JSON; what somebody spoiled behind the program's back comes out as it stands."""
    try:
        return json.loads(text)
    except ValueError:
        return text
