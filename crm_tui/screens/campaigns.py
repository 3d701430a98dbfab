"""Making campaigns, choosing one, changing and deleting it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crm_tui.filters.nodes import printed
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.reads.campaigns import KINDS, CampaignRow, campaigns, kind_label
from crm_tui.reads.filtering import words_of
from crm_tui.registry import LEADING
from crm_tui.screens.asking import Asking, Left
from crm_tui.screens.checklist import ChecklistScreen, progress
from crm_tui.screens.dialogs import Option
from crm_tui.widgets.paint import safe

if TYPE_CHECKING:
    from crm_tui.screens.viewing import Chosen


def campaign_option(row: CampaignRow, value: Any = None) -> Option:
    """A campaign to choose, with how far it is."""
    said = "".join(str(text) for text, _look in progress(row, narrow=True))
    return Option(row.campaign if value is None else value, safe(row.campaign.name), said)


def open_checklist(ask: Asking, campaign: bytes) -> None:
    """Show the checklist of a campaign."""
    ask.app.hold_keys("screen")
    ask.app.push_screen(ChecklistScreen(campaign))


async def choose_campaign(ask: Asking) -> None:
    """All campaigns; the chosen one opens as a checklist."""
    rows = await ask.look(campaigns)
    options = [campaign_option(row, row.campaign.id) for row in rows]
    may = ask.session.role in LEADING
    if may:
        options.append(Option("new", _("a new campaign…")))
    if not options:
        ask.app.say([(_("There is no campaign yet; who leads makes one."), "warn")])
        return
    chosen = await ask.choose(_("Campaigns"), options)
    if chosen == "new":
        await add_campaign(ask)
    else:
        open_checklist(ask, chosen)


async def add_campaign(ask: Asking) -> None:
    """A campaign of the people who are marked, else of the filter or view that stands on the screen, else of a filter that is typed."""
    from crm_tui.screens.contacts import ContactsScreen

    screen = ask.app.screen
    fields: dict[str, Any] = {}
    if marked := _marked(ask):
        fields = {"contacts": marked}
    elif isinstance(screen, ContactsScreen) and screen.chosen is not None:
        fields = _of_list(screen.chosen)
    else:
        fields = {"filter": await _typed(ask)}
    suggested = screen.chosen.view.name if isinstance(screen, ContactsScreen) and screen.chosen and screen.chosen.view else ""
    fields["name"] = await ask.line(_("What is the campaign called?"), value=suggested)
    fields["kind"] = await ask.choose(_("What is done?"), [Option(one, kind_label(one)) for one in KINDS])
    fields["ends"] = (await ask.when(_("Until when? Empty: open"), optional=True) or "")[:10] or None
    fields["cost"] = await _cost(ask) or None
    answer = await ask.run("add_campaign", **fields)
    if answer is not None and answer.record is not None:
        if isinstance(screen, ContactsScreen):
            screen.listed.unmark()
        open_checklist(ask, answer.record)


def _marked(ask: Asking) -> list[str]:
    """The ids of the people who are marked in Contacts."""
    from crm_tui.screens.contacts import ContactsScreen

    screen = ask.app.screen
    return [show_id(one.contact) for one in screen.subjects()] if isinstance(screen, ContactsScreen) and screen.listed.marked else []


def _of_list(chosen: Chosen) -> dict[str, Any]:
    """Whom the list of contacts shows, and of a view how it shows them."""
    fields = {"filter": printed(chosen.wanted.filter)}
    if chosen.view is not None:
        fields["view"] = chosen.view.key if chosen.view.kind == "shipped" else chosen.view.name
    return fields


async def _typed(ask: Asking) -> str:
    from crm_tui.screens.filtering import FilterLine

    words = await ask.look(lambda look: words_of(look, known=True))
    (node,) = await ask.ask(FilterLine(words, "", _("Whom does it mean?")))
    return printed(node)


async def _cost(ask: Asking, value: str = "") -> str:
    from crm_tui.screens.flows import ask_amount

    return await ask_amount(ask, value, _("What does it cost? Empty: nothing"))


async def _which(ask: Asking) -> CampaignRow:
    """The campaign whose checklist stands on the screen, else a chosen one."""
    screen = ask.app.screen
    if isinstance(screen, ChecklistScreen) and screen.row is not None:
        return screen.row
    rows = await ask.look(campaigns)
    if not rows:
        ask.app.say([(_("There is no campaign yet."), "warn")])
        raise Left
    chosen: CampaignRow = await ask.choose(_("Which campaign?"), [campaign_option(row, row) for row in rows])
    return chosen


async def edit_campaign(ask: Asking) -> None:
    """Change one thing of a campaign, or take in whom its filter finds by now."""
    from crm_tui.i18n import language
    from crm_tui.text.dates import short_iso
    from crm_tui.text.money import Money, show

    row = await _which(ask)
    look = await ask.look(lambda look: look)
    one = row.campaign
    cost = show(Money(one.amount, one.currency or ""), language()) if one.amount is not None else ""
    options = [
        Option("name", _("name"), safe(one.name)),
        Option("kind", _("kind"), kind_label(one.kind)),
        Option("starts", _("from"), short_iso(one.starts or "", look.now, look.zone)),
        Option("ends", _("till"), row.till),
        Option("cost", _("cost"), cost),
    ]
    if one.view is not None:
        options.append(Option("refill", _("take in whom its filter finds by now"), safe(one.view["filter"])))
    marked = _marked(ask)
    if marked:
        options.append(Option("contacts", _("add the people who are marked"), f"{len(marked):,}"))
    what = await ask.choose(_("Edit campaign"), options)
    value: Any
    if what == "name":
        value = await ask.line(_("What is the campaign called?"), value=one.name)
    elif what == "kind":
        value = await ask.choose(_("What is done?"), [Option(kind, kind_label(kind)) for kind in KINDS], at=list(KINDS).index(one.kind))
    elif what in ("starts", "ends"):
        value = (await ask.when(_("From when?") if what == "starts" else _("Until when? Empty: open"), optional=True) or "")[:10]
    elif what == "cost":
        value = await _cost(ask, cost)
    else:
        value = marked if what == "contacts" else True
    await ask.app.run_command("edit_campaign", about=one.name, campaign=show_id(one.id), **{what: value})


async def delete_campaign(ask: Asking) -> None:
    """Take a campaign away with its checklist."""
    row = await _which(ask)
    await ask.app.run_command("delete_campaign", about=row.campaign.name, campaign=show_id(row.campaign.id))
