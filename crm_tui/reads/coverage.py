"""Which moves of today say what happened: a status or deal moved by hand, with or without an interaction logged that day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from crm_tui.reads.look import Look
from crm_tui.text.times import day_bounds, local_day

INTERACTIONS = ("call", "meeting", "email", "message", "note", "quote")
MOST = 5_000
"""The last steps of a day that are looked at."""

_MOVES = f"""
SELECT DISTINCT b.actor, coalesce(c.root, c.id) FROM
(SELECT key, actor FROM batch WHERE at >= ? AND at < ? AND command IN ('set_status', 'move_deal') AND undone = 0
 ORDER BY key DESC LIMIT {MOST}) b
JOIN part p ON p.batch = b.key JOIN contact c ON c.id = p.subject WHERE c.owner IS NOT NULL
"""


def is_documented(look: Look, contact: bytes) -> bool:
    """Whether somebody logged today what happened with a contact; of those whom nobody treats yet nothing need be said."""
    treated = look.db.one("SELECT 1 FROM contact WHERE id = ? AND owner IS NOT NULL", (contact,))
    return treated is None or contact in documented(look, [contact])


def documented(look: Look, contacts: Iterable[bytes]) -> set[bytes]:
    """Those of the contacts with whom an interaction was logged today."""
    bounds = day_bounds(local_day(look.now, look.zone), look.zone)
    rows = look.db.where_in(
        f"SELECT DISTINCT contact FROM entry WHERE at >= ? AND at < ? AND removed <= 0 AND kind IN {INTERACTIONS!r} AND contact IN ({{}})",
        sorted(contacts),
        bounds,
    )
    return {row[0] for row in rows}


def moves_today(look: Look) -> dict[bytes, tuple[int, int]]:
    """Of each person, with how many contacts a status or deal was moved today, and how many of these moves are documented."""
    moved: dict[bytes, set[bytes]] = defaultdict(set)
    for actor, contact in look.db.rows(_MOVES, day_bounds(local_day(look.now, look.zone), look.zone)):
        moved[actor].add(contact)
    said = documented(look, {contact for contacts in moved.values() for contact in contacts})
    return {actor: (len(contacts), len(contacts & said)) for actor, contacts in moved.items()}
