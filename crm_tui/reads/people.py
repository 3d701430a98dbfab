"""Contacts: everybody in one list, newest first, filtered by text, stage, status and owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from crm_tui.db import Database
from crm_tui.reads.look import Look
from crm_tui.reads.search import find
from crm_tui.rules.cadence import inactive_before

INACTIVE = "inactive_customer"
MOST_FOUND = 1_000
"""Of what a text finds so many people are listed, the best first."""
FEW = 5_000
"""Filters are counted so far to find the rarest, which takes a third of a millisecond."""

_COLUMNS = (
    "c.key, c.id, c.name, c.phone, c.phone_e164, c.email, c.email_ok, o.name, c.owner, c.desk, c.lifecycle, c.status, c.role, c.source,"
    " c.next_at, c.next_kind, c.next_timed, c.value, c.attempts, c.duplicates, c.started_at, c.worked_at"
)
_CONTACT = "contact c LEFT JOIN company o ON o.id = c.company"
_QUIET = "c.role = 'customer' AND c.started_at < ? AND coalesce(c.worked_at, 0) < ?"


class PersonRow(NamedTuple):
    """One person of the list; the row itself is the place from which paging goes on."""

    key: int
    id: bytes
    name: str
    phone: str | None
    phone_e164: str | None
    email: str | None
    email_ok: int
    company: str | None
    owner: bytes | None
    desk: str | None
    lifecycle: str
    status: str
    """`inactive_customer` also when that follows from the clock (rule 12)."""
    role: str
    source: str | None
    next_at: int | None
    next_kind: str | None
    next_timed: int
    value: int
    attempts: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is filtered by; a stage and a status by key, an owner by id, `none` for nobody's."""

    text: str = ""
    stage: str | None = None
    status: str | None = None
    owner: bytes | Literal["none"] | None = None


EVERYBODY = Wanted()


class _Filter(NamedTuple):
    """A condition on contacts: one of some values of a column that has an index, or `sql` as it stands."""

    sql: str
    args: tuple[Any, ...] = ()
    column: str | None = None


def people(
    look: Look, wanted: Wanted = EVERYBODY, limit: int = 50, after: PersonRow | None = None, before: PersonRow | None = None
) -> list[PersonRow]:
    """A page of the list in its order: the first one, the one after a row, or the one that ends just before a row.

    Newest first; with a text in the order of search: whom we dealt with lately first.
    """
    if wanted.text.strip():
        return _named(look, _window(_found(look, wanted), limit, after, before))
    if before is not None:
        return _page(look, wanted, " AND c.key > ? ORDER BY c.key", [before.key, limit])[::-1]
    if after is not None:
        return _page(look, wanted, " AND c.key < ? ORDER BY c.key DESC", [after.key, limit])
    return _page(look, wanted, " ORDER BY c.key DESC", [limit])


def last_people(look: Look, wanted: Wanted = EVERYBODY, limit: int = 50) -> list[PersonRow]:
    """The page at the end of the list."""
    if wanted.text.strip():
        found = _found(look, wanted)
        return _named(look, found[max(0, len(found) - limit) :])
    return _page(look, wanted, " ORDER BY c.key", [limit])[::-1]


def count_people(look: Look, wanted: Wanted = EVERYBODY, cap: int = 999) -> int:
    """How many the list has, counted up to `cap` + 1: more than `cap` says only that there are more."""
    if wanted.text.strip():
        return min(len(_found(look, wanted)), cap + 1)
    where, args = _where(look, wanted)
    return int(look.db.one(f"SELECT count(*) FROM (SELECT 1 FROM contact c WHERE {where} LIMIT ?) AS found", [*args, cap + 1])[0])


def _page(look: Look, wanted: Wanted, order: str, place: list[int]) -> list[PersonRow]:
    where, args = _where(look, wanted)
    return _people(look, look.db.rows(f"SELECT {_COLUMNS} FROM {_CONTACT} WHERE {where}{order} LIMIT ?", [*args, *place]))


def _people(look: Look, rows: Sequence[Any]) -> list[PersonRow]:
    """Rows with the status as it is shown."""
    quiet = inactive_before(look.now, look.limits, look.zone)
    found = []
    for *values, started_at, worked_at in rows:
        row = PersonRow._make(values)
        if row.role == "customer" and max(worked_at or 0, started_at) < quiet:
            row = row._replace(status=INACTIVE)
        found.append(row)
    return found


# by text


def _found(look: Look, wanted: Wanted) -> list[bytes]:
    """The ids of those whom the text finds and the filters leave, in the order of search."""
    ids = [row.id for row in find(look, wanted.text, MOST_FOUND)]
    filters = _filters(look, wanted)
    if not filters or not ids:
        return ids
    where, args = _joined(look.db, filters, None)
    left = {id_ for (id_,) in look.db.where_in(f"SELECT c.id FROM contact c WHERE {where} AND c.id IN ({{}})", ids, args)}
    return [id_ for id_ in ids if id_ in left]


def _window(ids: list[bytes], limit: int, after: PersonRow | None, before: PersonRow | None) -> list[bytes]:
    """The part of the list next to a row; nothing when the row is no longer in it."""
    place = before or after
    if place is None:
        return ids[:limit]
    if place.id not in ids:
        return []
    at = ids.index(place.id)
    return ids[max(0, at - limit) : at] if before else ids[at + 1 : at + 1 + limit]


def _named(look: Look, ids: list[bytes]) -> list[PersonRow]:
    rows = look.db.where_in(f"SELECT {_COLUMNS} FROM {_CONTACT} WHERE c.id IN ({{}})", ids)
    by_id = {row.id: row for row in _people(look, list(rows))}
    return [by_id[id_] for id_ in ids if id_ in by_id]


# by columns


def _where(look: Look, wanted: Wanted) -> tuple[str, list[Any]]:
    filters = _filters(look, wanted)
    sql, args = _joined(look.db, filters, _leader(look.db, filters) if look.db.is_sqlite else None)
    return f"c.removed <= 0 AND {sql}" if sql else "c.removed <= 0", args


def _filters(look: Look, wanted: Wanted) -> list[_Filter]:
    filters = []
    if wanted.owner == "none":
        filters.append(_Filter("c.owner IS NULL"))
    elif wanted.owner is not None:
        filters.append(_Filter("c.owner", (wanted.owner,), "owner"))
    if wanted.stage is not None:
        filters.append(_Filter("c.lifecycle", (wanted.stage,), "lifecycle"))
    if wanted.status is not None:
        quiet = inactive_before(look.now, look.limits, look.zone)
        if wanted.status == INACTIVE:
            customers = {status.key for status in look.process.statuses if status.role == "customer"}
            filters.append(_Filter("c.status", (*sorted(customers), INACTIVE), "status"))
            filters.append(_Filter(f"(c.status = '{INACTIVE}' OR ({_QUIET}))", (quiet, quiet)))
        else:
            filters.append(_Filter("c.status", (wanted.status,), "status"))
            filters.append(_Filter(f"NOT ({_QUIET})", (quiet, quiet)))
    return filters


def _leader(db: Database, filters: Sequence[_Filter]) -> _Filter | None:
    """The filter whose index SQLite, which keeps no statistics, is to walk: the rarest; None: all contacts, the newest first."""
    indexed = [one for one in filters if one.column]
    if len(indexed) == 1 and len(indexed[0].args) == 1:
        return indexed[0]
    counted = []
    for one in indexed:
        inner = f"SELECT 1 FROM contact WHERE {one.column} IN ({', '.join('?' * len(one.args))}) LIMIT {FEW}"
        counted.append((db.one(f"SELECT count(*) FROM ({inner})", one.args)[0], one))
    count, rarest = min(counted, key=lambda pair: pair[0], default=(FEW, None))
    # Several values of one column have to be sorted, which takes too long when they are many.
    return rarest if count < FEW or (rarest is not None and len(rarest.args) == 1) else None


def _joined(db: Database, filters: Sequence[_Filter], leader: _Filter | None) -> tuple[str, list[Any]]:
    """The conditions as SQL; a `+` keeps SQLite from the index of one that does not lead."""
    terms: list[str] = []
    args: list[Any] = []
    for one in filters:
        sql = one.sql
        if one.column:
            sql += f" IN ({', '.join('?' * len(one.args))})" if len(one.args) > 1 else " = ?"
            if db.is_sqlite and one is not leader:
                sql = f"+{sql}"
        terms.append(sql)
        args += one.args
    return " AND ".join(terms), args
