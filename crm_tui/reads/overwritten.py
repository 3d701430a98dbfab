"""Who overwrote a lost edit."""

from __future__ import annotations

from crm_tui import log
from crm_tui.db import Database
from crm_tui.reads.look import Look


def overwriter(db: Database, kind: str, record: bytes, register: str) -> tuple[int, bytes]:
    """When and by whom a lost edit was overwritten."""
    if register != "*":
        found = db.one("SELECT at, actor FROM batch WHERE key = ?", (log.versions(db, record, register)[-1].batch,))
    elif kind == "entry":
        found = db.one(
            "SELECT e.at, e.by FROM entry x JOIN entry e ON e.contact = x.contact AND e.kind = x.kind AND e.hlc > x.hlc"
            " WHERE x.id = ? AND coalesce(e.own, e.contact) = coalesce(x.own, x.contact) AND e.removed <= 0 ORDER BY e.hlc LIMIT 1",
            (record,),
        )
    else:
        found = db.one(
            "SELECT b.at, b.actor FROM batch b JOIN change c ON c.batch = b.key WHERE c.record = ? AND c.register = 'removed'"
            " ORDER BY c.hlc DESC LIMIT 1",
            (record,),
        )
    return (int(found[0]), bytes(found[1])) if found else (0, b"")


def overwritten(look: Look, lines: list[bytes]) -> dict[bytes, str]:
    """Of these lines of a timeline those that were lost, with who overwrote them."""
    found = {}
    for id_, kind, record, register in look.db.where_in("SELECT id, kind, record, register FROM lost WHERE id IN ({})", lines):
        found[bytes(id_)] = look.user(overwriter(look.db, kind, record, register)[1]) or ""
    return found
