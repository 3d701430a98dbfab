"""What came in from others by sync, newest first."""

from __future__ import annotations

from typing import NamedTuple

from crm_tui.reads.look import Look
from crm_tui.reads.timeline import EntryRow, told


class News(NamedTuple):
    """One command of somebody else: about whom (None for many or none), and what it says in the timeline."""

    batch: bytes
    at: int
    by: str
    command: str
    contact: bytes | None
    name: str
    says: str
    changes: int


def news(look: Look, limit: int = 200) -> list[News]:
    """The last commands that came in."""
    rows = look.db.rows(
        "SELECT key, id, hlc, changes, at, actor, command FROM batch WHERE received_at IS NOT NULL ORDER BY key DESC LIMIT ?", (limit,)
    )
    return [_news(look, *row) for row in rows]


def _news(look: Look, key: int, id_: bytes, hlc: int, changes: int, at: int, actor: bytes, command: str) -> News:
    who = look.db.rows(
        "SELECT DISTINCT c.id, c.name FROM part p JOIN contact m ON m.id = p.subject JOIN contact c ON c.id = coalesce(m.root, m.id)"
        " WHERE p.batch = ? ORDER BY c.id LIMIT 2",
        (key,),
    )
    contact, name, says = None, "", ""
    if len(who) == 1:
        contact, name = who[0]
        row = look.db.one(
            "SELECT id, cause, at, hlc, n, kind, by, rule, data, key, contact FROM entry"
            " WHERE contact = ? AND hlc >= ? AND hlc < ? AND kind NOT IN ('set_status', 'set_lifecycle', 'rated') ORDER BY hlc, n LIMIT 1",
            (contact, hlc, hlc + changes),
        )
        says = told(look, EntryRow(*row)).says if row else ""
    return News(id_, at, look.user(actor) or "", command, contact, name, says, changes)
