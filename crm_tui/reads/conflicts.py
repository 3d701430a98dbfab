"""Lost edits: what somebody did, and who overwrote it at the same time without knowing; for the people whom it concerns."""

from __future__ import annotations

from typing import Any, NamedTuple

from crm_tui import log
from crm_tui.db import Database
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.reads.labels import field_label
from crm_tui.reads.look import Look
from crm_tui.reads.overwritten import overwriter
from crm_tui.reads.timeline import EntryRow, told
from crm_tui.text.clean import clip

_LINE = "id, cause, at, hlc, n, kind, by, rule, data, key, contact"
_MINE = "(l.by = ? OR c.owner = ? OR EXISTS (SELECT 1 FROM users u WHERE u.id = ? AND u.role IN ('admin', 'supervisor')))"
_FROM = (
    "FROM lost l LEFT JOIN contact m ON m.id = l.contact LEFT JOIN contact c ON c.id = coalesce(m.root, m.id)"
    " LEFT JOIN seen s ON s.lost = l.id AND s.person = ?"
)


class Conflict(NamedTuple):
    """One lost edit: what it said, whose it was, who overwrote it when (ms); `deleted`: the record was taken away meanwhile."""

    id: bytes
    contact: bytes
    name: str
    says: str
    at: int
    by: str
    over_at: int
    over_by: str
    deleted: bool
    seen: bool


def count_conflicts(look: Look) -> int:
    """How many lost edits that concern this person they have not seen yet."""
    if not look.db.one("SELECT 1 FROM lost LIMIT 1"):
        return 0
    return int(look.db.one(f"SELECT count(*) {_FROM} WHERE s.lost IS NULL AND {_MINE}", (look.me, look.me, look.me, look.me))[0])


def conflicts(look: Look, limit: int = 200) -> list[Conflict]:
    """The lost edits that concern this person, those not seen yet first, each newest first."""
    rows = look.db.rows(
        "SELECT l.id, coalesce(c.id, l.contact), coalesce(c.name, ''), l.kind, l.record, l.register, l.hlc, l.at, l.by, s.lost"
        f" {_FROM} WHERE {_MINE} ORDER BY CASE WHEN s.lost IS NULL THEN 0 ELSE 1 END, l.hlc DESC, l.id LIMIT ?",
        (look.me, look.me, look.me, look.me, limit),
    )
    return [_conflict(look, *row) for row in rows]


def conflicts_json(look: Look, limit: int = 1_000_000) -> list[dict[str, Any]]:
    """`show conflicts`."""
    return [
        {
            "id": show_id(one.id),
            "contact": show_id(one.contact),
            "contact_name": one.name,
            "summary": one.says,
            "at": look.time(one.at),
            "by": one.by,
            "overwritten_at": look.time(one.over_at),
            "overwritten_by": one.over_by,
            "deleted": one.deleted,
            "seen": one.seen,
        }
        for one in conflicts(look, limit)
    ]


def see(db: Database, person: bytes, lost: list[bytes]) -> None:
    """Note for this replica alone that a person has seen lost edits."""
    with db.write():
        for one in lost:
            if not db.one("SELECT 1 FROM seen WHERE person = ? AND lost = ?", (person, one)):
                db.run("INSERT INTO seen (person, lost) VALUES (?, ?)", (person, one))


def _conflict(
    look: Look, id_: bytes, contact: bytes, name: str, kind: str, record: bytes, register: str, hlc: int, at: int, by: bytes, seen: Any
) -> Conflict:
    over_at, over_by = overwriter(look.db, kind, record, register)
    says = _says(look, id_, contact, kind, record, register, hlc)
    deleted = register == "*" and kind != "entry"
    return Conflict(id_, contact, name, says, at, look.user(by) or "", over_at, look.user(over_by) or "", deleted, seen is not None)


def _says(look: Look, id_: bytes, contact: bytes, kind: str, record: bytes, register: str, hlc: int) -> str:
    """What a lost edit was, as its line in the timeline has it."""
    db = look.db
    if kind == "view" and register == "content":
        return _view_says(db, record, hlc)
    if kind == "campaign":
        return _campaign_says(db, record, register)
    if register != "*":
        row = db.one(f"SELECT {_LINE} FROM entry WHERE id = ?", (id_,))
    elif kind == "entry":
        row = db.one(f"SELECT {_LINE} FROM entry WHERE cause = ? AND kind IN ('status', 'lifecycle') ORDER BY n LIMIT 1", (record,))
        row = row or db.one(f"SELECT {_LINE} FROM entry WHERE id = ?", (record,))
    else:
        row = db.one(f"SELECT {_LINE} FROM entry WHERE contact = ? AND hlc >= ? ORDER BY hlc, n LIMIT 1", (contact, hlc))
    if row:
        return told(look, EntryRow(*row)).says
    return field_label(register) if register != "*" else _("worked on")


def _view_says(db: Database, record: bytes, hlc: int) -> str:
    """What a saved view was, which has no timeline."""
    value = next((log.loaded(one.new) for one in log.versions(db, record, "content") if one.hlc == hlc), None)
    if not value:
        return _("a view was deleted")
    return _("saved view “{name}”: {filter}").format(name=clip(str(value["name"])), filter=clip(str(value["filter"])))


def _campaign_says(db: Database, record: bytes, register: str) -> str:
    """What was changed of a campaign, which has no timeline."""
    what = {"name": _("name"), "kind": _("kind"), "dates": _("days"), "cost": _("cost")}.get(register, _("its list"))
    known = db.one("SELECT name FROM campaign WHERE id = ?", (record,))
    return _("campaign “{name}”: {what}").format(name=clip(known[0]) if known else "", what=what)
