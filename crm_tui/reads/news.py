"""What others did: all that came in by sync, and since one's last visit what concerns one's own people; newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crm_tui.reads.look import Look
from crm_tui.reads.timeline import EntryRow, told

MOST = 2_000
"""Steps of others that are counted."""
RECENT = 5_000
"""Nobody asks what was new before so many steps ago: who never did anything need not wait for the whole log."""


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


class Met(NamedTuple):
    """How many of one's people came, came back, or were changed by others since a step."""

    routed: int
    returned: int
    changed: int


_OTHERS = """
FROM batch b JOIN part p ON p.batch = b.key JOIN contact m ON m.id = p.subject JOIN contact c ON c.id = coalesce(m.root, m.id)
WHERE b.key > ? AND b.key > (SELECT max(key) FROM batch) - ? AND b.actor <> ?
AND b.undone = 0 AND b.parked = 0 AND c.owner = ? AND c.removed <= 0
"""


def last_step(look: Look) -> int:
    """The key of the last step that this person made here; 0 for who made none lately."""
    found = look.db.one(
        "SELECT key FROM batch WHERE actor = ? AND key > (SELECT max(key) FROM batch) - ? ORDER BY key DESC LIMIT 1", (look.me, RECENT)
    )
    return int(found[0]) if found else 0


def met_since(look: Look, step: int) -> Met:
    """What others did to one's people after a step of one's own, each person counted once for each."""
    found: dict[str, set[bytes]] = {}
    rows = look.db.rows(f"SELECT DISTINCT b.command, c.id {_OTHERS} LIMIT {MOST}", (step, RECENT, look.me, look.me))
    for command, contact in rows:
        kind = "routed" if command == "route" else "returned" if command in ("add_lead", "import") else "changed"
        found.setdefault(kind, set()).add(contact)
    routed, returned, changed = (found.get(kind, set()) for kind in Met._fields)
    return Met(len(routed), len(returned - routed), len(changed - routed - returned))


def news(look: Look, since: int | None = None, limit: int = 200) -> list[News]:
    """The last commands that came in; `since` a step of one's own also what others did here to one's people."""
    what = "key, id, hlc, changes, at, actor, command"
    rows = look.db.rows(f"SELECT {what} FROM batch WHERE received_at IS NOT NULL ORDER BY key DESC LIMIT ?", (limit,))
    if since is not None:
        others = look.db.rows(f"SELECT DISTINCT b.key {_OTHERS} ORDER BY b.key DESC LIMIT ?", (since, RECENT, look.me, look.me, limit))
        known = {row[0] for row in rows}
        wanted = [key for (key,) in others if key not in known]
        rows += look.db.where_in(f"SELECT {what} FROM batch WHERE key IN ({{}})", wanted)
    return [_news(look, *row) for row in sorted(rows, reverse=True)[:limit]]


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


def name_of_steps(look: Look, ids: Sequence[bytes]) -> str:
    """Whom commands or undos were about; nothing where they were about several, or about no contact."""
    sql = "SELECT DISTINCT c.name FROM batch b JOIN part p ON p.batch = b.key JOIN contact c ON c.id = p.subject WHERE b.id IN ({})"
    names = {name for (name,) in look.db.where_in(sql, ids)}
    return str(names.pop()) if len(names) == 1 else ""
