"""Contacts: the people whom a filter leaves, page by page, the newest first or in another order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from crm_tui.filters.nodes import EVERYBODY as EVERYBODY_NODE
from crm_tui.filters.nodes import Node, Words, all_of, parts_of
from crm_tui.filters.orders import OLDEST
from crm_tui.reads.filtering import search_text, where
from crm_tui.reads.look import Look
from crm_tui.reads.search import find
from crm_tui.rules.cadence import inactive_before

INACTIVE = "inactive_customer"
MOST_FOUND = 1_000
"""Of what words find so many people are listed, the best first."""
PAGE = 1_000
MOST_SUMMED = 20_000
"""The deals of so many people are added up in a moment."""
_NEVER = 1 << 60

_COLUMNS = (
    "c.key, c.id, c.name, c.phone, c.phone_e164, c.email, c.email_ok, o.name, c.owner, c.desk, c.lifecycle, c.status, c.role, c.source,"
    " c.next_at, c.next_kind, c.next_timed, c.value, c.attempts, c.duplicates, c.campaign, c.readiness, c.started_at, c.worked_at"
)
_CONTACT = "contact c LEFT JOIN company o ON o.id = c.company"


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
    campaign: str | None
    readiness: str | None
    started_at: int
    worked_at: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom a list shows, and in which order (`filters.orders`); without one the newest first, whom words find by search."""

    filter: Node = EVERYBODY_NODE
    order: str = ""


EVERYBODY = Wanted()


class _Order(NamedTuple):
    """What a list goes by before the order of arrival; `place` is that of a row."""

    column: str
    place: Callable[[PersonRow], int]
    is_down: bool = False


_ORDERS = {
    "next": _Order(f"coalesce(c.next_at, {_NEVER})", lambda row: _NEVER if row.next_at is None else row.next_at),
    "value": _Order("c.value", lambda row: row.value, True),
    "age": _Order("c.started_at", lambda row: row.started_at),
    "touched": _Order("coalesce(c.worked_at, 0)", lambda row: row.worked_at or 0),
}


def people(
    look: Look, wanted: Wanted = EVERYBODY, limit: int = 50, after: PersonRow | None = None, before: PersonRow | None = None
) -> list[PersonRow]:
    """A page of the list in its order: the first one, the one after a row, or the one that ends just before a row."""
    if (text := _searched(wanted)) is not None:
        return named_people(look, _window(_found(look, wanted.filter, text), limit, after, before))
    if before is not None:
        return _page(look, wanted, limit, before, backwards=True)[::-1]
    return _page(look, wanted, limit, after)


def last_people(look: Look, wanted: Wanted = EVERYBODY, limit: int = 50) -> list[PersonRow]:
    """The page at the end of the list."""
    if (text := _searched(wanted)) is not None:
        found = _found(look, wanted.filter, text)
        return named_people(look, found[max(0, len(found) - limit) :])
    return _page(look, wanted, limit, backwards=True)[::-1]


def count_people(look: Look, wanted: Wanted = EVERYBODY, cap: int = 999) -> int:
    """How many the list has, counted up to `cap` + 1: more than `cap` says only that there are more."""
    if (text := _searched(wanted)) is not None:
        return min(len(_found(look, wanted.filter, text)), cap + 1)
    condition, args = where(look, wanted.filter)
    return int(look.db.one(f"SELECT count(*) FROM (SELECT 1 FROM contact c WHERE {condition} LIMIT ?) AS found", [*args, cap + 1])[0])


def sums(look: Look, wanted: Wanted = EVERYBODY, cap: int = MOST_SUMMED) -> tuple[int, int] | None:
    """How many people the list has and the sum of their open deals (minor units); None: more than `cap`, too many to add up at once."""
    condition, args = where(look, wanted.filter)
    sql = f"SELECT count(*), coalesce(sum(value), 0) FROM (SELECT c.value FROM contact c WHERE {condition} LIMIT ?) AS found"
    count, value = look.db.one(sql, [*args, cap + 1])
    return (count, int(value)) if count <= cap else None


def all_people(look: Look, wanted: Wanted) -> Iterator[list[bytes]]:
    """The ids of everybody whom a filter leaves, a thousand at a time; without an order by order of arrival."""
    listed = Wanted(wanted.filter, wanted.order or OLDEST)
    rows = _page(look, listed, PAGE)
    while rows:
        yield [row.id for row in rows]
        rows = _page(look, listed, PAGE, rows[-1])


def _page(look: Look, wanted: Wanted, limit: int, beside: PersonRow | None = None, *, backwards: bool = False) -> list[PersonRow]:
    """Rows from a place on in the list's order, or against it."""
    condition, args = where(look, wanted.filter)
    columns, is_down = _walk(wanted.order, backwards)
    if beside is not None:
        order = _ORDERS.get(wanted.order)
        condition += f" AND ({', '.join(columns)}) {'<' if is_down else '>'} ({', '.join('?' * len(columns))})"
        args += [*([order.place(beside)] if order else []), beside.key]
    return _people(
        look, look.db.rows(f"SELECT {_COLUMNS} FROM {_CONTACT} WHERE {condition} ORDER BY {_by(columns, is_down)} LIMIT ?", [*args, limit])
    )


def _walk(order: str, backwards: bool = False) -> tuple[list[str], bool]:
    """The columns by which an order goes, and whether downwards."""
    known = _ORDERS.get(order)
    return [*([known.column] if known else []), "c.key"], (known.is_down if known else order != OLDEST) != backwards


def _by(columns: Sequence[str], is_down: bool) -> str:
    return ", ".join(f"{column} DESC" if is_down else column for column in columns)


def order_sql(order: str) -> str:
    """An order of contacts `c`, for ORDER BY."""
    return _by(*_walk(order))


def _people(look: Look, rows: Sequence[Any]) -> list[PersonRow]:
    """Rows with the status as it is shown."""
    quiet = inactive_before(look.now, look.limits, look.zone)
    found = []
    for row in map(PersonRow._make, rows):
        is_quiet = row.role == "customer" and max(row.worked_at or 0, row.started_at) < quiet
        found.append(row._replace(status=INACTIVE) if is_quiet else row)
    return found


# in the order of search


def _searched(wanted: Wanted) -> str | None:
    return None if wanted.order else search_text(wanted.filter)


def _found(look: Look, node: Node, text: str) -> list[bytes]:
    """The ids of those whom the words find and the rest of the filter leaves, in the order of search."""
    ids = [row.id for row in find(look, text, MOST_FOUND)]
    rest = [one for one in parts_of(node) if not isinstance(one, Words)]
    if not rest or not ids:
        return ids
    condition, args = where(look, all_of(rest), starting=False)
    left = {id_ for (id_,) in look.db.where_in(f"SELECT c.id FROM contact c WHERE {condition} AND c.id IN ({{}})", ids, args)}
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


def named_people(look: Look, ids: Sequence[bytes]) -> list[PersonRow]:
    """The rows of these people, in their order."""
    rows = look.db.where_in(f"SELECT {_COLUMNS} FROM {_CONTACT} WHERE c.id IN ({{}})", ids)
    by_id = {row.id: row for row in _people(look, list(rows))}
    return [by_id[id_] for id_ in ids if id_ in by_id]
