"""What the commands on campaigns may know: whom a filter or a choice means, and how each stands in the checklist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_tui.campaigns import all_campaigns, find_campaign
from crm_tui.commands.campaigns import AddCampaign, CampaignCommand, EditCampaign
from crm_tui.db import Database
from crm_tui.errors import NotFound, Refused
from crm_tui.filters.nodes import Term, printed
from crm_tui.filters.shipped import no_such_view, shipped_named
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.plan import CampaignFacts, ListedFacts, ViewFacts
from crm_tui.roots import roots_of
from crm_tui.text.fold import fold
from crm_tui.users import UserFacts

if TYPE_CHECKING:
    from crm_tui.reads.look import Look

MOST_LISTED = 20_000
"""So many people can be in one checklist."""


class Known(NamedTuple):
    """The facts of one command on a campaign, named as in `Facts`."""

    campaign: CampaignFacts | None = None
    campaigns: Sequence[str] = ()
    view: Mapping[str, Any] | None = None
    people: Sequence[bytes] = ()
    listed: Mapping[bytes, Sequence[ListedFacts]] = {}


def campaign_facts(
    db: Database,
    command: CampaignCommand,
    views: Sequence[ViewFacts],
    contacts: Sequence[bytes],
    actor: UserFacts,
    users: Sequence[UserFacts],
    now: int,
) -> Known:
    """All that the plan of a command needs; `contacts` are those whom it names, `views` those of who gives it."""

    def found(view: Mapping[str, Any]) -> tuple[list[bytes], str]:
        from crm_tui.reads.look import Look

        settings = tuple(db.rows("SELECT name, value FROM setting ORDER BY name"))
        return _found(Look(db, settings, now, actor.id, {user.id: user.name for user in users}), view["filter"], view["order"])

    known = all_campaigns(db)
    campaign = find_campaign(known, command.campaign) if not isinstance(command, AddCampaign) else None
    view: dict[str, Any] | None = None
    people = _standing(db, contacts)
    if isinstance(command, AddCampaign) and command.contacts is None:
        view = _view_of(command, views)
        people, view["filter"] = found(view)
    elif isinstance(command, EditCampaign) and command.refill and campaign is not None:
        if campaign.view is None:
            raise Refused("refill", _("The people of {name} were chosen one by one; add others as contacts.").format(name=campaign.name))
        people = list(dict.fromkeys([*people, *found(campaign.view)[0]]))
    if len(people) > MOST_LISTED:
        raise Refused("filter", _("More than {most} people; narrow the filter.").format(most=f"{MOST_LISTED:,}"))
    return Known(campaign, [one.name for one in known], view, people, _listed(db, campaign, people) if campaign else {})


def _view_of(command: AddCampaign, views: Sequence[ViewFacts]) -> dict[str, Any]:
    """Whom the campaign means: by its own filter, else by a view; without either those whom leads named after it brought."""
    view = {"filter": command.filter or "", "columns": "", "order": ""}
    if command.view is not None:
        saved = next((one for one in views if fold(one.name) == fold(command.view)), None)
        shipped = shipped_named(command.view) if saved is None else None
        if saved is None and shipped is None:
            raise no_such_view(command.view, [one.name for one in views])
        source: Any = saved or shipped
        view = {"filter": command.filter or source.filter, "columns": saved.columns if saved else "", "order": source.order}
    elif command.filter is None and fold(command.name):
        view["filter"] = printed(Term("campaign", ":", command.name))
    return view


def _found(look: Look, text: str, order: str) -> tuple[list[bytes], str]:
    """The people whom a filter finds now, no more than one too many, and the filter as it is kept."""
    from crm_tui.reads.filtering import understood
    from crm_tui.reads.people import Wanted, all_people

    node = understood(look, text)
    people: list[bytes] = []
    for page in all_people(look, Wanted(node, order)):
        people += page
        if len(people) > MOST_LISTED:
            break
    return people, printed(node)


def _listed(db: Database, campaign: CampaignFacts, people: Sequence[bytes]) -> dict[bytes, list[ListedFacts]]:
    """How these stand in the list of a campaign, with those merged into them, their own row first."""
    sql = "SELECT contact, own, member, done_at, done_by FROM listed WHERE campaign = ? AND contact IN ({}) ORDER BY contact, own"
    found: dict[bytes, list[ListedFacts]] = {}
    for contact, own, member, done_at, done_by in db.where_in(sql, people, (campaign.id,)):
        tick = None if done_at is None else {"at": done_at, "by": done_by.hex() if done_by else None}
        found.setdefault(contact, []).append(ListedFacts(own or contact, bool(member), tick))
    return found


def _standing(db: Database, ids: Sequence[bytes]) -> list[bytes]:
    """These contacts in their order, each as the one whom it was merged into; refused when one is not there."""
    roots = roots_of(db, ids)
    named = list(dict.fromkeys(roots.get(one, one) for one in ids))
    there = {row[0] for row in db.where_in("SELECT id FROM contact WHERE removed <= 0 AND id IN ({})", named)}
    for one in named:
        if one not in there:
            raise NotFound("contacts", _("There is no contact {id}.").format(id=show_id(one)))
    return named
