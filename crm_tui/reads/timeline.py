"""The timeline of a contact, newest first: touchpoints, what followed from them by rule, and every edit."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from peewee import SQL, Tuple

from crm_tui.db import Prepared, arg
from crm_tui.ids import show_id
from crm_tui.models import Entry
from crm_tui.reads.look import Look
from crm_tui.reads.sentences import described


class EntryRow(NamedTuple):
    """One line; `data` is JSON text. A line that only followed from another (`cause`) has no id of its own."""

    id: bytes | None
    cause: bytes | None
    at: int
    hlc: int
    n: int
    kind: str
    by: bytes | None
    rule: str | None
    data: str | None
    key: int
    contact: bytes

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Where the line stands; the next page comes `before` it."""
        return self.at, self.hlc, self.n, self.key


_ORDER = (Entry.at, Entry.hlc, Entry.n, Entry.key)


def _lines(*conditions: Any) -> Any:
    return (
        Entry.select(
            Entry.id, Entry.cause, Entry.at, Entry.hlc, Entry.n, Entry.kind, Entry.by, Entry.rule, Entry.data, Entry.key, Entry.contact
        )
        # What was set by hand shows as the change of status or stage that followed from it.
        .where(Entry.contact == arg("contact"), SQL("removed <= 0 AND kind NOT IN ('set_status', 'set_lifecycle', 'rated')"), *conditions)
        .order_by(*(column.desc() for column in _ORDER))
        .limit(arg("limit"))
    )


NEWEST = Prepared(_lines)
OLDER = Prepared(lambda: _lines(Entry.at <= arg("at"), Tuple(*_ORDER) < Tuple(arg("at"), arg("hlc"), arg("n"), arg("key"))))


def timeline(look: Look, contact: bytes, limit: int = 50, before: tuple[int, int, int, int] | None = None) -> list[EntryRow]:
    """A page of the timeline, newest first, `before` the place of a row."""
    if before is None:
        cursor = NEWEST.cursor(look.db, contact=contact, limit=limit)
    else:
        at, hlc, n, key = before
        cursor = OLDER.cursor(look.db, contact=contact, limit=limit, at=at, hlc=hlc, n=n, key=key)
    return list(map(EntryRow._make, cursor))


def timeline_json(look: Look, contact: bytes, limit: int = 1_000_000) -> list[dict[str, Any]]:
    """`show timeline X`."""
    return [entry_json(look, row) for row in timeline(look, contact, limit)]


def entry_json(look: Look, row: EntryRow) -> dict[str, Any]:
    """One line as JSON, with a sentence for people."""
    fields, summary = described(look, row, json.loads(row.data) if row.data else {})
    return {
        "id": show_id(row.id) if row.id else f"{show_id(row.cause or row.contact)}-{row.kind}-{row.n}",
        "at": look.time(row.at),
        "kind": row.kind,
        "by": look.user(row.by),
        "rule": row.rule,
        "summary": summary,
        **fields,
    }
