"""The Leadometer: leads without owner and desk, the one waiting longest first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import starmap
from typing import Any, NamedTuple

from peewee import JOIN, SQL, Select, fn

from crm_tui.db import Prepared, arg
from crm_tui.ids import show_id
from crm_tui.models import Company, Contact, in_leadometer, routed_untried
from crm_tui.reads.look import Look, duplicates_of, missing
from crm_tui.rules.cadence import response


class InboxRow(NamedTuple):
    """One waiting lead."""

    id: bytes
    name: str
    phone: str | None
    phone_e164: str | None
    email: str | None
    email_ok: int
    source: str | None
    source_detail: str | None
    campaign: str | None
    readiness: str | None
    started_at: int
    first_attempt_at: int | None
    role: str
    returned_at: int | None
    duplicates: int
    company: str | None
    owner: bytes | None = None
    said: str = ""

    def waited_ms(self, now: int) -> int:
        """How long it waits or waited for its first attempt (rule 5)."""
        return max(0, (now if self.first_attempt_at is None else self.first_attempt_at) - self.started_at)


_IN_INBOX = SQL(in_leadometer("t1."))
_ROUTED = SQL(routed_untried("t1."))


def _query(condition: SQL) -> Any:
    return (
        Contact.select(
            Contact.id,
            Contact.name,
            Contact.phone,
            Contact.phone_e164,
            Contact.email,
            Contact.email_ok,
            Contact.source,
            Contact.source_detail,
            Contact.campaign,
            Contact.readiness,
            Contact.started_at,
            Contact.first_attempt_at,
            Contact.role,
            Contact.returned_at,
            Contact.duplicates,
            Company.name.alias("company_name"),
            Contact.owner,
        )
        .join(Company, JOIN.LEFT_OUTER, on=(Company.id == Contact.company))
        .where(condition)
        .order_by(Contact.started_at, Contact.born, Contact.key)
        .limit(arg("limit"))
        .offset(arg("skip"))
    )


INBOX = Prepared(lambda: _query(_IN_INBOX))
ROUTED = Prepared(lambda: _query(_ROUTED))
COUNT = Prepared(lambda: Contact.select(fn.count(SQL("*"))).where(_IN_INBOX))
COUNT_ROUTED = Prepared(
    # In this order SQLite takes the index of those who wait, not that of the owners (1.4 s at a million).
    lambda: Select([Contact.select(SQL("1")).where(_ROUTED).order_by(Contact.started_at).limit(1_000_000_000)], [fn.count(SQL("*"))])
)


def inbox(look: Look, limit: int = 1_000_000, skip: int = 0) -> list[InboxRow]:
    """The waiting leads in the order of the screen."""
    return list(starmap(InboxRow, INBOX.cursor(look.db, limit=limit, skip=skip)))


def count_inbox(look: Look, routed_too: bool = False) -> int:
    """How many leads wait."""
    found = COUNT.one(look.db)[0]
    return int(found + COUNT_ROUTED.one(look.db)[0] if routed_too else found)


def inbox_page(look: Look, limit: int, skip: int, routed_too: bool = False) -> tuple[Look, list[InboxRow]]:
    """A page of the screen's list with what each lead said last; `routed_too`: after them those routed and not tried yet."""
    rows = inbox(look, limit, skip)
    if routed_too and len(rows) < limit:
        past = max(0, skip - COUNT.one(look.db)[0])
        rows += starmap(InboxRow, ROUTED.cursor(look.db, limit=limit - len(rows), skip=past))
    said = said_by(look, [row.id for row in rows])
    return look, [row._replace(said=said.get(row.id, "")) for row in rows]


def said_by(look: Look, contacts: Sequence[bytes]) -> dict[bytes, str]:
    """What each lead said when it last came in."""
    said: dict[bytes, str] = {}
    lines = "SELECT contact, data FROM entry WHERE kind = 'lead' AND removed <= 0 AND data IS NOT NULL AND contact IN ({}) ORDER BY at, hlc"
    for contact, data in look.db.where_in(lines, contacts):
        if note := json.loads(data).get("note"):
            said[contact] = note
    return said


def inbox_json(look: Look, limit: int = 1_000_000) -> list[dict[str, Any]]:
    """`show inbox`."""
    rows = inbox(look, limit)
    others = duplicates_of(look.db, [row.id for row in rows if row.duplicates])
    return [
        {
            "id": show_id(row.id),
            "name": row.name,
            "phone": row.phone,
            "phone_e164": row.phone_e164,
            "email": row.email,
            "company": row.company,
            "source": row.source,
            "source_detail": row.source_detail,
            "campaign": row.campaign,
            "readiness": row.readiness,
            "age_seconds": max(0, look.now - row.started_at) // 1000,
            "response": response_of(row, look),
            "returning": row.returned_at is not None,
            "possible_duplicates": others.get(row.id, []),
            "missing": missing(row.phone_e164, row.email_ok, row.readiness, look.is_offline(row.source)),
        }
        for row in rows
    ]


def response_of(row: InboxRow, look: Look) -> str:
    """`fresh`, `late`, `cold` or `breached` (rule 5)."""
    # Once tried, the wait is over; a lead that is still `new` after a day is breached all the same.
    since = look.now - row.started_at
    if row.role == "new" and (breached := response(since, look.limits, True)) == "breached":
        return breached
    return response(row.waited_ms(look.now), look.limits, False)
