"""Campaigns: how far each is, and its checklist, those who are not ticked off yet first."""

from __future__ import annotations

from typing import Any, NamedTuple

from crm_tui.campaigns import all_campaigns, find_campaign
from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.ids import show_id
from crm_tui.plan import CampaignFacts
from crm_tui.reads.look import Look
from crm_tui.reads.people import PersonRow, named_people, order_sql
from crm_tui.text.dates import short_iso

KINDS = {
    "calls": mark("calls"),
    "emails": mark("e-mails"),
    "messages": mark("messages"),
    "event": mark("event"),
    "advertising": mark("advertising"),
    "other": mark("something else"),
}
"""What a campaign does."""


class CampaignRow(NamedTuple):
    """A campaign with how many people are in its list and how many of them are done."""

    campaign: CampaignFacts
    total: int
    done: int
    till: str
    """Its last day in words, if it has one."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its list; none: as in Contacts."""
        return tuple((self.campaign.view or {}).get("columns", "").split())


class Place(NamedTuple):
    """Somebody in a checklist, and when and by whom they were ticked off."""

    contact: bytes
    done_at: int | None
    done_by: bytes | None


class Checked(NamedTuple):
    """A row of a checklist."""

    person: PersonRow
    place: Place

    @property
    def id(self) -> bytes:
        """The person's."""
        return self.person.id


def campaigns(look: Look) -> list[CampaignRow]:
    """All campaigns, the newest first."""
    counts = {
        id_: (total, done)
        for id_, total, done in look.db.rows(
            "SELECT campaign, count(*), sum(done) FROM (SELECT l.campaign, l.contact,"
            " max(CASE WHEN l.done_at IS NULL THEN 0 ELSE 1 END) AS done FROM listed l JOIN contact c ON c.id = l.contact"
            " WHERE c.removed <= 0 GROUP BY l.campaign, l.contact HAVING max(l.member) = 1) AS people GROUP BY campaign"
        )
    }
    return [CampaignRow(one, *counts.get(one.id, (0, 0)), _till(look, one)) for one in reversed(all_campaigns(look.db))]


def with_checklist(look: Look, id_: bytes) -> tuple[CampaignRow | None, list[Place]]:
    """A campaign and who is in its list; None when it is gone."""
    found = next((one for one in all_campaigns(look.db) if one.id == id_), None)
    return (None, []) if found is None else _with_places(look, found)


def _with_places(look: Look, campaign: CampaignFacts) -> tuple[CampaignRow, list[Place]]:
    places = checklist(look, campaign)
    return CampaignRow(campaign, len(places), sum(place.done_at is not None for place in places), _till(look, campaign)), places


def _till(look: Look, campaign: CampaignFacts) -> str:
    return short_iso(campaign.ends, look.now, look.zone) if campaign.ends else ""


def checklist(look: Look, campaign: CampaignFacts) -> list[Place]:
    """Everybody in the list of a campaign: who is still to be done in the order of its view, then the others, the last ticked first."""
    rows = look.db.rows(
        "SELECT l.contact, l.member, l.done_at, l.done_by FROM listed l JOIN contact c ON c.id = l.contact"
        f" WHERE l.campaign = ? AND c.removed <= 0 ORDER BY {order_sql((campaign.view or {}).get('order', ''))}, l.own",
        (campaign.id,),
    )
    meant = {contact for contact, member, _at, _by in rows if member}
    places: dict[bytes, Place] = {}
    for contact, _member, at, by in rows:
        # Of people who were merged one tick counts for both, the earliest.
        known = places.get(contact)
        if contact in meant and (known is None or known.done_at is None or (at is not None and at < known.done_at)):
            places[contact] = Place(contact, at, by)
    return sorted(places.values(), key=lambda place: (place.done_at is not None, -(place.done_at or 0)))


def checked(look: Look, places: list[Place]) -> list[Checked]:
    """The rows of a part of a checklist."""
    people = {row.id: row for row in named_people(look, [one.contact for one in places])}
    return [Checked(people[one.contact], one) for one in places if one.contact in people]


def campaigns_json(look: Look) -> list[dict[str, Any]]:
    """`show campaigns`."""
    return [_json(look, row) for row in campaigns(look)]


def campaign_json(look: Look, ref: str, limit: int | None = None) -> dict[str, Any]:
    """`show campaign`: the campaign of a name or id with its people; refused with what was meant."""
    row, places = _with_places(look, find_campaign(all_campaigns(look.db), ref))
    people = [
        {
            "id": show_id(person.id),
            "name": person.name,
            "phone": person.phone,
            "email": person.email,
            "company": person.company,
            "owner": look.user(person.owner),
            "status": person.status,
            "done": place.done_at is not None,
            "done_at": look.time(place.done_at),
            "done_by": look.user(place.done_by),
        }
        for person, place in checked(look, places[:limit])
    ]
    return {**_json(look, row), "people": people}


def _json(look: Look, row: CampaignRow) -> dict[str, Any]:
    one = row.campaign
    return {
        "id": show_id(one.id),
        "name": one.name,
        "kind": one.kind,
        "starts": one.starts,
        "ends": one.ends,
        "cost": None if one.amount is None else look.money(one.amount, one.currency),
        "filter": one.view["filter"] if one.view else None,
        "total": row.total,
        "done": row.done,
    }


def kind_label(kind: str) -> str:
    """What a kind of campaign is called."""
    return _(KINDS.get(kind, kind))
