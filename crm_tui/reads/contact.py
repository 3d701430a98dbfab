"""One contact whole, and many for an export."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from peewee import JOIN, SQL

from crm_tui import models
from crm_tui.db import Prepared, arg
from crm_tui.ids import show_id
from crm_tui.models import Company, Contact, Deal, Pair, Point, Tag, Task
from crm_tui.reads.look import Look, duplicates_of, missing
from crm_tui.reads.quotes import QuoteRow, quote_short, quotes_by_contact, quotes_of
from crm_tui.reads.sentences import called
from crm_tui.reads.standing import states_of
from crm_tui.roots import members_of, root_of
from crm_tui.rules.cadence import is_inactive_customer
from crm_tui.rules.states import is_past

_OMIT = {"search", "company", "key", "name_key", "place", "merged_into", "root", "gone", "filled"}
_COLUMNS = [name for name in models.columns(Contact) if name not in _OMIT]
ContactRow = NamedTuple("ContactRow", [*((name, Any) for name in _COLUMNS), ("company", Any)])  # type: ignore[misc]


class PointRow(NamedTuple):
    """A phone or e-mail."""

    kind: str
    value: str
    raw: str
    label: str | None
    valid: int


class DealRow(NamedTuple):
    """A deal of the contact."""

    id: bytes
    name: str
    amount: int
    currency: str
    stage: str
    owner: bytes | None


class ContactCard(NamedTuple):
    """A contact with its points, tags and deals."""

    row: Any
    points: list[PointRow]
    tags: list[str]
    deals: list[DealRow]


def _contacts() -> Any:
    return Contact.select(*(getattr(Contact, name) for name in _COLUMNS), Company.name.alias("company_name")).join(
        Company, JOIN.LEFT_OUTER, on=(Company.id == Contact.company)
    )


CONTACT = Prepared(lambda: _contacts().where(Contact.id == arg("id"), SQL("t1.removed <= 0")))
PAGE = Prepared(
    lambda: (
        _contacts()
        .where(Contact.key > arg("after"), SQL("t1.removed <= 0"))
        .order_by(Contact.key)
        .limit(arg("limit"))
        .select_extend(Contact.key)
    )
)
POINTS = Prepared(
    lambda: (
        Point.select(Point.kind, Point.value, Point.raw_text, Point.label, Point.valid)
        .where(Point.contact == arg("id"), SQL("removed = 0"))
        .order_by(Point.valid.desc(), Point.own, Point.rank, Point.value)
    )
)
"""The contact's own first, then what came from those merged into it; so one value can come twice."""
TAGS = Prepared(lambda: Tag.select(Tag.tag).where(Tag.contact == arg("id")).order_by(Tag.tag).distinct())
DEALS = Prepared(
    lambda: (
        Deal.select(Deal.id, Deal.name, Deal.amount, Deal.currency, Deal.stage, Deal.owner)
        .where(Deal.contact == arg("id"), SQL("removed <= 0"))
        .order_by(Deal.born, Deal.key)
    )
)


MOST_SHOWN = 100
"""Deals, open tasks and namesakes of one person beyond so many are not read for a card."""
CARD_DEALS = Prepared(
    lambda: (
        Deal.select(Deal.id, Deal.name, Deal.amount, Deal.currency, Deal.pipeline, Deal.stage, Deal.stage_role, Deal.expected_close)
        .where(Deal.contact == arg("id"), SQL("removed <= 0"))
        .order_by(SQL("CASE WHEN stage_role = 'open' THEN 0 ELSE 1 END"), Deal.moved_at.desc(), Deal.key.desc())
        .limit(SQL(str(MOST_SHOWN)))
    )
)
OPEN_TASKS = Prepared(
    lambda: (
        Task.select(Task.id, Task.kind, Task.due_at, Task.timed, Task.note, Task.owner)
        .where(Task.contact == arg("id"), SQL("removed <= 0 AND done_at IS NULL"))
        .order_by(Task.due_at, Task.born, Task.key)
        .limit(SQL(str(MOST_SHOWN)))
    )
)
TWINS = Prepared(
    lambda: (
        Pair.select(Pair.other, Contact.name, Contact.phone, Contact.email, Pair.why)
        .join(Contact, on=(Contact.id == Pair.other))
        .where(Pair.contact == arg("id"), SQL("t1.shown = 1 AND t2.removed <= 0"))
        .order_by(Contact.born, Contact.key)
        .limit(SQL(str(MOST_SHOWN)))
    )
)


class CardDeal(NamedTuple):
    """A deal as the card shows it."""

    id: bytes
    name: str
    amount: int
    currency: str
    pipeline: str
    stage: str
    role: str
    expected_close: str | None


class OpenTask(NamedTuple):
    """Something promised and not done yet."""

    id: bytes
    kind: str
    due_at: int
    timed: int
    note: str | None
    owner: bytes | None

    def is_overdue(self, look: Look) -> bool:
        """Whether its time, or without a time of day its day, has passed."""
        return is_past(self.due_at, bool(self.timed), look.now, look.zone)


class Twin(NamedTuple):
    """A possible duplicate, and why it was flagged."""

    id: bytes
    name: str
    phone: str | None
    email: str | None
    why: str


class InCampaign(NamedTuple):
    """A campaign in whose checklist somebody is, and whether they are ticked off."""

    name: str
    done: bool


class WholeContact(NamedTuple):
    """All that a person's card shows: open deals and the task due first come first."""

    row: Any
    points: list[PointRow]
    tags: list[str]
    deals: list[CardDeal]
    tasks: list[OpenTask]
    twins: list[Twin]
    quotes: Sequence[QuoteRow] = ()
    campaigns: Sequence[InCampaign] = ()

    @property
    def open_deals(self) -> list[CardDeal]:
        """The deals that are neither won nor lost."""
        return [deal for deal in self.deals if deal.role == "open"]


def whole_contact(look: Look, id: bytes) -> tuple[Look, WholeContact | None]:
    """One contact for the screen, or None when it is gone; who was merged into another is that one."""
    id = root_of(look.db, id)
    row = CONTACT.one(look.db, id=id)
    if row is None:
        return look, None
    return look, WholeContact(
        ContactRow._make(row),
        _points(POINTS.cursor(look.db, id=id)),
        [tag for (tag,) in TAGS.cursor(look.db, id=id)],
        list(map(CardDeal._make, CARD_DEALS.cursor(look.db, id=id))),
        list(map(OpenTask._make, OPEN_TASKS.cursor(look.db, id=id))),
        list(map(Twin._make, TWINS.cursor(look.db, id=id))),
        quotes_of(look, id)[:MOST_SHOWN],
        campaigns_of(look, [id]).get(id, ()),
    )


def campaigns_of(look: Look, ids: list[bytes]) -> dict[bytes, list[InCampaign]]:
    """In whose checklists these people are, the oldest campaign first."""
    found: dict[bytes, list[InCampaign]] = {}
    for contact, name, done in look.db.where_in(
        "SELECT l.contact, g.name, max(CASE WHEN l.done_at IS NULL THEN 0 ELSE 1 END) FROM listed l JOIN campaign g ON g.id = l.campaign"
        " WHERE g.removed <= 0 AND l.contact IN ({}) GROUP BY l.contact, g.id, g.name, g.born HAVING max(l.member) = 1"
        " ORDER BY g.born, g.id",
        ids,
    ):
        found.setdefault(contact, []).append(InCampaign(name, bool(done)))
    return found


def contact(look: Look, id: bytes) -> ContactCard | None:
    """One contact, or None when it is gone; who was merged into another is that one."""
    id = root_of(look.db, id)
    row = CONTACT.one(look.db, id=id)
    if row is None:
        return None
    return ContactCard(
        ContactRow._make(row),
        _points(POINTS.cursor(look.db, id=id)),
        [tag for (tag,) in TAGS.cursor(look.db, id=id)],
        list(map(DealRow._make, DEALS.cursor(look.db, id=id))),
    )


def _points(rows: Iterable[Any]) -> list[PointRow]:
    """Each phone and e-mail once, in its order."""
    first: dict[tuple[str, str], PointRow] = {}
    for row in rows:
        first.setdefault(row[:2], PointRow._make(row))
    return list(first.values())


def contact_json(look: Look, id: bytes) -> dict[str, Any] | None:
    """`show contact X`."""
    card = contact(look, id)
    if card is None:
        return None
    flagged = duplicates_of(look.db, [card.row.id]).get(card.row.id, [])
    id = card.row.id
    return as_json(look, card, flagged, members_of(look.db, id), quotes_of(look, id), campaigns_of(look, [id]).get(id, ()))


def merged_into(look: Look, contact: bytes) -> list[tuple[bytes, str]]:
    """Those who were merged into a contact, the oldest first, and what they were called."""
    return [(member, called(look, member)) for member in members_of(look.db, root_of(look.db, contact))]


def all_contacts(look: Look) -> Iterator[dict[str, Any]]:
    """Every contact as `show contact` has it, by order of arrival; a thousand at a time."""
    after = 0
    while rows := PAGE.rows(look.db, after=after, limit=1000):
        yield from _as_json(look, [row[:-1] for row in rows])
        after = rows[-1][-1]


def contacts_of(look: Look, pages: Iterable[list[bytes]]) -> Iterator[dict[str, Any]]:
    """These contacts as `show contact` has them, in their order."""
    columns = ", ".join(f"c.{name}" for name in _COLUMNS)
    for ids in pages:
        sql = f"SELECT {columns}, o.name FROM contact c LEFT JOIN company o ON o.id = c.company WHERE c.id IN ({{}})"
        by_id = {row[0]: row for row in look.db.where_in(sql, ids)}
        yield from _as_json(look, [by_id[id_] for id_ in ids if id_ in by_id])


def _as_json(look: Look, rows: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Contacts by their rows, with what hangs on them."""
    ids = [row[0] for row in rows]
    points = _by_contact(
        look, "SELECT contact, kind, value, raw, label, valid, own, rank FROM point WHERE removed = 0 AND contact IN ({})", ids
    )
    tags = _by_contact(look, "SELECT contact, tag FROM tag WHERE contact IN ({})", ids)
    deals = _by_contact(
        look,
        "SELECT contact, id, name, amount, currency, stage, owner, born, key FROM deal WHERE removed <= 0 AND contact IN ({})",
        ids,
    )
    quotes = quotes_by_contact(look, ids)
    listed = campaigns_of(look, ids)
    merged = _by_contact(look, "SELECT root, id, born FROM contact WHERE root IN ({})", ids)
    flagged = duplicates_of(look.db, [row[0] for row in rows if row[_COLUMNS.index("duplicates")]])
    for row in rows:
        id_ = row[0]
        mine = sorted(points.get(id_, ()), key=lambda point: (-point[4], *point[5:], point[1]))
        card = ContactCard(
            ContactRow._make(row),
            _points(tuple(point[:5]) for point in mine),
            sorted({tag for (tag,) in tags.get(id_, ())}),
            [DealRow._make(one[:-2]) for one in sorted(deals.get(id_, ()), key=lambda one: one[-2:])],
        )
        members = [one for _born, one in sorted((born, one) for one, born in merged.get(id_, ()))]
        yield as_json(look, card, flagged.get(id_, []), members, quotes.get(id_, ()), listed.get(id_, ()))


def _by_contact(look: Look, sql: str, ids: list[bytes]) -> dict[bytes, list[Any]]:
    found: dict[bytes, list[Any]] = {}
    for contact, *rest in look.db.where_in(sql, ids):
        found.setdefault(contact, []).append(rest)
    return found


def shown_status(look: Look, row: Any) -> str:
    """The status, `inactive_customer` when a customer was quiet for too long (rule 12, from the clock)."""
    if row.role == "customer" and is_inactive_customer(max(row.worked_at or 0, row.started_at), look.now, look.limits, look.zone):
        return "inactive_customer"
    return str(row.status)


def as_json(
    look: Look,
    card: ContactCard,
    duplicates: list[str],
    merged: Sequence[bytes] = (),
    quotes: Sequence[QuoteRow] = (),
    listed: Sequence[InCampaign] = (),
) -> dict[str, Any]:
    """A contact as JSON."""
    row = card.row
    return {
        "id": show_id(row.id),
        "name": row.name,
        "phone": row.phone,
        "phone_e164": row.phone_e164,
        "email": row.email,
        "phones": [_point_json(point) for point in card.points if point.kind == "phone"],
        "emails": [_point_json(point) for point in card.points if point.kind == "email"],
        "company": row.company,
        "owner": look.user(row.owner),
        "desk": row.desk,
        "lifecycle": row.lifecycle,
        "status": shown_status(look, row),
        "closing_reason": row.reason,
        "closing_text": row.reason_text,
        "source": row.source,
        "source_detail": row.source_detail,
        "latest_source": row.latest_source,
        "campaign": row.campaign,
        "readiness": row.readiness,
        "attempts": row.attempts,
        "next_action": row.next_kind,
        "next_at": look.time(row.next_at),
        "tags": card.tags,
        "missing": missing(row.phone_e164, row.email_ok, row.readiness, look.is_offline(row.source)),
        "returning": row.returned_at is not None,
        "possible_duplicates": duplicates,
        "merged": list(map(show_id, merged)),
        "deals": [
            {
                "id": show_id(deal.id),
                "name": deal.name,
                "value": look.money(deal.amount, deal.currency),
                "stage": deal.stage,
                "owner": look.user(deal.owner),
            }
            for deal in card.deals
        ],
        "quotes": [quote_short(look, one) for one in quotes],
        "campaigns": [one._asdict() for one in listed],
        "properties": json.loads(row.properties) if row.properties else {},
        "last_attempt_at": look.time(row.last_attempt_at),
        "created_at": look.time(row.created_at),
        "states": [state._asdict() for state in states_of(look, row)],
    }


def _point_json(point: PointRow) -> dict[str, Any]:
    return {"value": point.value if point.valid else None, "raw": point.raw, "label": point.label, "valid": bool(point.valid)}
