"""Contacts that were merged into others: who stands for whom, and what moves when that changes.

Each contact points at the one it was merged into; those that hang together have one root. It follows from these pointers alone, so
every replica that holds the same log has the same roots, in whatever order the merges came.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from crm_tui import log
from crm_tui.db import Database

HIDDEN = 1
"""What stands in `removed` of a contact that was merged into another."""
FIELDS = ("name", "company", "readiness")
"""What a root takes from those merged into it where its own is empty, besides properties."""


class Said(NamedTuple):
    """What a contact says of itself, without what it was given from those merged into it."""

    id: bytes
    name: str
    company: bytes | None
    readiness: str | None
    properties: dict[str, str]
    filled: Sequence[str] = ()
    """The registers that it was given."""


def root_of(db: Database, contact: bytes) -> bytes:
    """The contact that stands for this one: itself unless it was merged into another."""
    row = db.one("SELECT root FROM contact WHERE id = ?", (contact,))
    return row[0] if row and row[0] is not None else contact


def roots_of(db: Database, contacts: Iterable[bytes]) -> dict[bytes, bytes]:
    """The root of each of these contacts that was merged into another."""
    return dict(db.where_in("SELECT id, root FROM contact WHERE root IS NOT NULL AND id IN ({})", sorted(contacts)))


def anybody_merged(db: Database) -> bool:
    """Whether any contact of the store was merged."""
    # In an order, so that PostgreSQL asks the index even before it knows the table.
    return db.one("SELECT 1 FROM contact WHERE merged_into IS NOT NULL ORDER BY merged_into LIMIT 1") is not None


def members_of(db: Database, root: bytes) -> list[bytes]:
    """The contacts that were merged into a root, the oldest first."""
    return [row[0] for row in db.rows("SELECT id FROM contact WHERE root = ? ORDER BY born, id", (root,))]


def reroot(db: Database, contacts: Iterable[bytes]) -> set[bytes]:
    """Bring roots to where the pointers of `contacts` lead now, and what hangs on whoever moved; all contacts that lost or got something.

    Their fields have to be filled (`fill`) and what follows for them made anew.
    """
    pointers, before = _component(db, contacts)
    affected: set[bytes] = set()
    for contact in sorted(pointers):
        old, new = before[contact], _root(contact, pointers)
        if old != new:
            _move(db, contact, old, new)
            affected |= {contact, old, new}
    return affected


def _component(db: Database, contacts: Iterable[bytes]) -> tuple[dict[bytes, bytes | None], dict[bytes, bytes]]:
    """All contacts that hang together with these: at whom each points, if that one is known here, and its root so far."""
    pointers: dict[bytes, bytes | None] = {}
    roots: dict[bytes, bytes] = {}
    asked: set[bytes] = set()
    fresh = set(contacts)
    while fresh:
        asked |= fresh
        found: set[bytes] = set()
        for column in ("id", "merged_into"):
            for id_, into, root in db.where_in(f"SELECT id, merged_into, root FROM contact WHERE {column} IN ({{}})", sorted(fresh)):
                pointers[id_], roots[id_] = into, root or id_
                found.update((id_, into) if into is not None else (id_,))
        fresh = found - asked
    return {contact: into if into in pointers else None for contact, into in pointers.items()}, roots


def _root(contact: bytes, pointers: Mapping[bytes, bytes | None]) -> bytes:
    """The end of the way of pointers from a contact; of a circle (each merged into the other, on two laptops) the lowest id."""
    way: dict[bytes, int] = {}
    while contact not in way:
        into = pointers[contact]
        if into is None:
            return contact
        way[contact] = len(way)
        contact = into
    return min(one for one, place in way.items() if place >= way[contact])


def _move(db: Database, contact: bytes, old: bytes, new: bytes) -> None:
    """Hand all that is a contact's own from its old root to the new one."""
    if old == contact:
        unfill(db, contact)
        db.run("UPDATE contact SET root = ?, gone = removed, removed = ? WHERE id = ?", (new, HIDDEN, contact))
        db.run("DELETE FROM entry WHERE contact = ? AND id IS NULL", (contact,))
    elif new == contact:
        db.run("UPDATE contact SET root = NULL, removed = gone, gone = NULL WHERE id = ?", (contact,))
    else:
        db.run("UPDATE contact SET root = ? WHERE id = ?", (new, contact))
    for table in ("entry", "task", "deal"):
        mine, args = ("contact = ? AND own IS NULL", (contact,)) if old == contact else ("own = ?", (contact,))
        db.run(f"UPDATE {table} SET contact = ?, own = ? WHERE {mine}", (new, None if new == contact else contact, *args))
    was, is_now = own_in(old, contact), own_in(new, contact)
    for table in ("point", "tag", "listed"):
        db.run(f"UPDATE {table} SET contact = ?, own = ? WHERE contact = ? AND own = ?", (new, is_now, old, was))
    for other, own_other in db.rows("SELECT other, own_other FROM pair WHERE contact = ? AND own = ?", (old, was)):
        here, there = (old, other, was, own_other), (other, old, own_other, was)
        db.run(f"UPDATE pair SET other = ?, own_other = ? WHERE {_PAIR}", (new, is_now, *there))
        db.run(f"UPDATE pair SET contact = ?, own = ? WHERE {_PAIR}", (new, is_now, *here))


_PAIR = "contact = ? AND other = ? AND own = ? AND own_other = ?"


def own_in(root: bytes, contact: bytes) -> bytes:
    """What stands in the column `own` of a key for a thing of `contact` under its root."""
    return b"" if root == contact else contact


def gather(db: Database, contact: bytes, root: bytes) -> None:
    """Hand what was just written for a merged contact to its root."""
    for table in ("entry", "task", "deal"):
        db.run(f"UPDATE {table} SET own = contact, contact = ? WHERE contact = ?", (root, contact))


def said_by(db: Database, root: bytes) -> list[Said]:
    """What a root says of itself, and then what each of those merged into it says, the oldest first."""
    rows = db.rows(
        "SELECT id, name, company, readiness, properties, filled FROM contact WHERE id = ? OR root = ?"
        " ORDER BY CASE WHEN root IS NULL THEN 0 ELSE 1 END, born, id",
        (root, root),
    )
    return [_said(*row) for row in rows]


def _said(id_: bytes, name: str, company: bytes | None, readiness: str | None, properties: str | None, filled: str | None) -> Said:
    given = json.loads(filled) if filled else ()
    own = {key: value for key, value in json.loads(properties or "{}").items() if f"properties/{key}" not in given}
    return Said(
        id_,
        "" if "name" in given else name,
        None if "company" in given else company,
        None if "readiness" in given else readiness,
        own,
        given,
    )


def unfill(db: Database, contact: bytes) -> None:
    """Leave a contact only what it says itself."""
    row = db.one("SELECT id, name, company, readiness, properties, filled FROM contact WHERE id = ? AND filled IS NOT NULL", (contact,))
    if row is not None:
        _write(db, _said(*row)._replace(filled=()))


def fill(db: Database, root: bytes) -> None:
    """Give a root for each empty field what the oldest of those merged into it says."""
    said = said_by(db, root)
    if not said or said[0].id != root:
        return
    own, members = said[0], said[1:]
    full = own._replace(properties=dict(own.properties), filled=[])
    for member in members:
        for field in FIELDS:
            if not getattr(full, field) and getattr(member, field):
                full = full._replace(**{field: getattr(member, field)}, filled=[*full.filled, field])
        for key, value in member.properties.items():
            if key not in full.properties:
                full.properties[key] = value
                full = full._replace(filled=[*full.filled, f"properties/{key}"])
    if own.filled or full.filled:
        _write(db, full)


def _write(db: Database, said: Said) -> None:
    db.run(
        "UPDATE contact SET name = ?, company = ?, readiness = ?, properties = ?, filled = ? WHERE id = ?",
        (
            *(said.name, said.company, said.readiness, log.encode(said.properties) if said.properties else None),
            *(log.encode(sorted(said.filled)) if said.filled else None, said.id),
        ),
    )
