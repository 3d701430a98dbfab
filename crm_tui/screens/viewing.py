"""What the list of contacts shows: a typed filter, or a view from a numbered menu; views are saved and taken away here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from crm_tui.filters.nodes import EVERYBODY, printed
from crm_tui.i18n import apart
from crm_tui.i18n import gettext as _
from crm_tui.plan import CampaignFacts
from crm_tui.reads.campaigns import campaigns
from crm_tui.reads.filtering import words_of
from crm_tui.reads.people import Wanted
from crm_tui.reads.views import ViewRow, default_view, views, views_shown
from crm_tui.registry import LEADING
from crm_tui.screens.campaigns import add_campaign, campaign_option, open_checklist
from crm_tui.screens.dialogs import Option
from crm_tui.screens.filtering import FilterLine
from crm_tui.widgets.paint import safe

if TYPE_CHECKING:
    from crm_tui.reads.look import Look
    from crm_tui.screens.asking import Asking
    from crm_tui.screens.contacts import ContactsScreen


class Chosen(NamedTuple):
    """Whom the list shows, how that reads, and the view that it is or began as."""

    wanted: Wanted
    shown: str
    view: ViewRow | None = None

    @property
    def name(self) -> str:
        """What the view is called, if it is one."""
        if self.view is None:
            return ""
        is_same = printed(self.wanted.filter) == self.view.filter
        return str(apart(self.view.name)) if is_same else _("{name}, changed").format(name=self.view.name)


def of_view(look: Look, view: ViewRow) -> Chosen:
    """The people of a view; refused when its filter means nothing any more."""
    wanted = view.wanted(look)
    return Chosen(wanted, words_of(look).shown(wanted.filter), view)


def first_view(look: Look) -> Chosen | None:
    """What the person begins with, if not with everybody."""
    view = default_view(look)
    return of_view(look, view) if view is not None else None


async def filter_list(ask: Asking, screen: ContactsScreen) -> None:
    """Type a filter, beginning with the one that is set; a view's columns and order stay."""
    chosen = screen.chosen
    words = await ask.look(lambda look: words_of(look, known=True))
    (node,) = await ask.ask(FilterLine(words, chosen.shown if chosen else ""))
    if node == EVERYBODY:
        screen.choose(None)
    elif chosen is None:
        screen.choose(Chosen(Wanted(node), words.shown(node)))
    else:
        screen.choose(Chosen(Wanted(node, chosen.wanted.order), words.shown(node), chosen.view))


async def choose_view(ask: Asking, screen: ContactsScreen) -> None:
    """In a numbered menu the campaigns, then the views: one's own, shared ones, those that come with the program."""
    shown = await ask.look(views_shown)
    shown.sort(key=lambda one: ("own", "shared", "shipped").index(one[0].kind))
    rows = [row for row, _text in shown]
    made = await ask.look(campaigns)
    options = [*(campaign_option(row) for row in made), *_options(shown)]
    if screen.chosen is not None:
        options.append(Option("save", _("save this filter as a view…")))
    if ask.session.role in LEADING:
        options.append(Option("campaign", _("a new campaign…")))
    options.append(Option("begin", _("with which to begin…")))
    if any(row.kind != "shipped" for row in rows):
        options.append(Option("delete", _("delete a saved view…")))
    at = next((place for place, row in enumerate(rows) if screen.chosen and screen.chosen.view and row.key == screen.chosen.view.key), 0)
    chosen = await ask.choose(_("Views"), options, at=at + len(made))
    if isinstance(chosen, CampaignFacts):
        open_checklist(ask, chosen.id)
    elif chosen == "save":
        await save_view(ask, screen)
    elif chosen == "campaign":
        await add_campaign(ask)
    elif chosen == "delete":
        await delete_view(ask, screen)
    elif chosen == "begin":
        await _begin_with(ask, shown)
    else:
        found = await ask.look(lambda look: of_view(look, chosen))
        is_all = found.wanted == Wanted() and not chosen.columns
        screen.choose(None if is_all else found)


def _options(shown: Sequence[tuple[ViewRow, str]]) -> list[Option]:
    """Views to choose from, with whose each is and its filter."""
    whose = {"own": _("mine"), "shared": _("shared")}
    return [
        Option(row, safe(row.name), " · ".join(filter(None, (_("default") if row.is_default else "", whose.get(row.kind), safe(text)))))
        for row, text in shown
    ]


async def save_view(ask: Asking, screen: ContactsScreen) -> None:
    """Keep what is shown under a name, for oneself or for everybody."""
    chosen = screen.chosen
    if chosen is None:
        ask.app.say([(_("Filter the list first (f); then the filter can be saved."), "warn")])
        return
    view = chosen.view if chosen.view and chosen.view.kind != "shipped" else None
    name = await ask.line(_("What is the view called?"), value=view.name if view else "")
    shared = await ask.choose(
        _("For whom?"), [Option(False, _("for me")), Option(True, _("for everybody"))], at=int(view is not None and view.kind == "shared")
    )
    columns = list(chosen.view.columns) if chosen.view else None
    text, order = printed(chosen.wanted.filter), chosen.wanted.order or None
    answer = await ask.run("save_view", name=name, filter=text, order=order, columns=columns, shared=shared)
    if answer is not None and answer.record is not None:
        key = answer.record.hex()
        saved = next((row for row in await ask.look(views) if row.key == key), None)
        if saved is not None:
            screen.choose(chosen._replace(view=saved))


async def delete_view(ask: Asking, screen: ContactsScreen) -> None:
    """Take one of the saved views away; what is shown stays."""
    saved = [one for one in await ask.look(views_shown) if one[0].kind != "shipped"]
    if not saved:
        ask.app.say([(_("There is no saved view."), "warn")])
        return
    why = _("only who shared it, or who leads")
    options = [option._replace(why_not="" if row.may_change else why) for option, (row, _text) in zip(_options(saved), saved, strict=True)]
    row = await ask.choose(_("Delete which view?"), options)
    await ask.run("delete_view", name=row.name, shared=row.kind == "shared")


async def _begin_with(ask: Asking, shown: Sequence[tuple[ViewRow, str]]) -> None:
    """Choose the view with which Contacts opens; the one it is now is taken back."""
    row = await ask.choose(_("Begin with which view?"), _options(shown))
    shared = None if row.kind == "shipped" else row.kind == "shared"
    name = row.key if row.kind == "shipped" else row.name
    await ask.run("save_view", name=name, shared=shared, default=not row.is_default)
