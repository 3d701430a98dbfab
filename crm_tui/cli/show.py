"""`crm-tui show`: what the screens show, as JSON for programs or as plain columns for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from crm_tui.cli.options import TEXT_LIMIT, json_option, limit_option
from crm_tui.cli.output import put, put_json
from crm_tui.cli.settings import Settings
from crm_tui.errors import NotFound
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clip

if TYPE_CHECKING:
    from crm_tui.reads.look import Look

NO_LIMIT = 1_000_000
MOST_COUNTED = 1000
"""How many entries beyond the shown ones are counted: more are "999+"."""


@click.group(help=_("Show what the screens show."))
def show() -> None:
    """One read for each subcommand."""


@contextmanager
def _look(settings: Settings) -> Iterator[Look]:
    from crm_tui.reads.look import Look

    with settings.open() as store:
        look = Look.at(store)
        with store.db.snapshot():
            yield look


@show.command(help=_("Leads that wait in the Leadometer. The one waiting longest comes first."))
@json_option
@limit_option
@click.pass_obj
def inbox(settings: Settings, as_json: bool, limit: int | None) -> None:
    """Show the inbox."""
    from crm_tui.cli import listings
    from crm_tui.reads import inbox as reads

    with _look(settings) as look:
        if as_json:
            put_json(reads.inbox_json(look, limit or NO_LIMIT))
            return
        shown = limit or TEXT_LIMIT
        rows = reads.inbox_json(look, shown)
        more = len(reads.inbox(look, MOST_COUNTED, shown)) if len(rows) == shown else 0
        listings.put_inbox(look, rows, more)


@show.command(help=_("My day: whom to call next, in calling order."))
@json_option
@limit_option
@click.pass_obj
def day(settings: Settings, as_json: bool, limit: int | None) -> None:
    """Show the day of the user."""
    from crm_tui.cli import listings
    from crm_tui.reads.day import day as read_day
    from crm_tui.reads.day import day_json

    with _look(settings) as look:
        if as_json:
            put_json(day_json(look, limit or NO_LIMIT))
            return
        shown = limit or TEXT_LIMIT
        rows = day_json(look, shown)
        more = len(read_day(look, None, shown + MOST_COUNTED)) - shown if len(rows) == shown else 0
        listings.put_day(look, rows, more)


@show.command(help=_("The board: open deals by stage."))
@json_option
@limit_option
@click.pass_obj
def board(settings: Settings, as_json: bool, limit: int | None) -> None:
    """Show the board."""
    from crm_tui.cli import listings
    from crm_tui.reads.board import board_json

    with _look(settings) as look:
        stages = board_json(look, limit if as_json or limit else TEXT_LIMIT)
        if as_json:
            put_json(stages)
        else:
            listings.put_board(look, stages)


@show.command(help=_("What is missing or doubtful in the data, counted."))
@json_option
@click.pass_obj
def quality(settings: Settings, as_json: bool) -> None:
    """Show the state of the data."""
    from crm_tui.cli.output import put
    from crm_tui.reads import quality as reads

    with _look(settings) as look:
        found = reads.quality(look)
        if as_json:
            put_json(found)
            return
        for name, count in found.items():
            put(f"{_(reads.QUALITY[name])}: {count:,}")


@show.command(help=_("My week: what I promised, overdue first, then day by day."))
@json_option
@click.pass_obj
def week(settings: Settings, as_json: bool) -> None:
    """Show the week of the user."""
    from crm_tui.cli import listings
    from crm_tui.reads.week import week_json

    with _look(settings) as look:
        tasks = week_json(look)
        if as_json:
            put_json(tasks)
        else:
            listings.put_week(look, tasks)


@show.command(help=_("The team: of each person what waits, what is late, what was done today."))
@json_option
@click.pass_obj
def team(settings: Settings, as_json: bool) -> None:
    """Show the team."""
    from crm_tui.cli import listings
    from crm_tui.reads import team as reads

    with _look(settings) as look:
        members = reads.team_json(look)
        if as_json:
            put_json(members)
        else:
            listings.put_team(members)


@show.command(help=_("One contact, named by id, phone in any spelling, or e-mail."))
@click.argument("contact", metavar="X")
@json_option
@limit_option
@click.pass_obj
def contact(settings: Settings, contact: str, as_json: bool, limit: int | None) -> None:
    """Show a contact."""
    from crm_tui.cli import cards
    from crm_tui.reads.contact import contact_json

    with _look(settings) as look:
        found = contact_json(look, _resolved(look, contact))
        if found is None:
            raise NotFound("contact", _("There is no contact {id}.").format(id=clip(contact)))
        if as_json:
            put_json(found)
        else:
            cards.put_contact(look, found)


@show.command(help=_("Why a contact stands where it stands, what rules did, what comes by itself."))
@click.argument("contact", metavar="X")
@json_option
@click.pass_obj
def why(settings: Settings, contact: str, as_json: bool) -> None:
    """Show the reasons about a contact."""
    from crm_tui.cli.output import put
    from crm_tui.reads import why as reads

    with _look(settings) as look:
        id_ = _resolved(look, contact)
        if as_json:
            put_json(reads.why_json(look, id_))
        elif (found := reads.why(look, id_)) is not None:
            put(reads.why_text(look, found))


@show.command(help=_("One deal, named by its id."))
@click.argument("deal", metavar="X")
@json_option
@limit_option
@click.pass_obj
def deal(settings: Settings, deal: str, as_json: bool, limit: int | None) -> None:
    """Show a deal."""
    from crm_tui.cli import cards
    from crm_tui.reads.board import deal_json

    with _look(settings) as look:
        found = deal_json(look, deal)
        if as_json:
            put_json(found)
        else:
            cards.put_deal(look, found)


@show.command(help=_("One price quote, named by its number or id."))
@click.argument("quote", metavar="X")
@json_option
@click.option("--html", "as_html", is_flag=True, help=_("The quote as a page to print."))
@click.pass_obj
def quote(settings: Settings, quote: str, as_json: bool, as_html: bool) -> None:
    """Show a quote."""
    from crm_tui.cli import cards
    from crm_tui.reads import quotes as reads

    with _look(settings) as look:
        found = reads.quote(look, quote)
        if found is None:
            raise NotFound("quote", _("There is no quote {id}.").format(id=clip(quote)))
        if as_html:
            from crm_tui.reads.quote_page import page

            put(page(look, found))
        elif as_json:
            put_json(reads.quote_json(look, found))
        else:
            cards.put_quote(look, reads.quote_json(look, found))


@show.command(help=_("The templates of e-mails and messages. With --contact as they read for that person."))
@click.option("--contact", metavar="X", help=_("Fill in what is known of a contact."))
@json_option
@click.pass_obj
def templates(settings: Settings, contact: str | None, as_json: bool) -> None:
    """Show the templates."""
    from crm_tui.cli import listings
    from crm_tui.reads.templates import templates_json

    with _look(settings) as look:
        found = templates_json(look, _resolved(look, contact) if contact else None)
        if as_json:
            put_json(found)
        else:
            listings.put_templates(found)


@show.command(help=_("All that happened with one contact, newest first."))
@click.argument("contact", metavar="X")
@json_option
@limit_option
@click.pass_obj
def timeline(settings: Settings, contact: str, as_json: bool, limit: int | None) -> None:
    """Show a contact's timeline."""
    from crm_tui.cli import listings
    from crm_tui.reads.timeline import timeline_json

    with _look(settings) as look:
        id_ = _resolved(look, contact)
        if as_json:
            put_json(timeline_json(look, id_, limit or NO_LIMIT))
            return
        shown = limit or TEXT_LIMIT
        rows = timeline_json(look, id_, shown + MOST_COUNTED)
        listings.put_timeline(look, rows[:shown], len(rows) - shown)


@show.command(help=_("The views: filters that were saved, and those that come with the program."))
@click.option("--sums", is_flag=True, help=_("With how many people each has and what their open deals are worth."))
@json_option
@limit_option
@click.pass_obj
def views(settings: Settings, sums: bool, as_json: bool, limit: int | None) -> None:
    """Show the views of the user."""
    from crm_tui.cli import listings
    from crm_tui.reads.views import views_json, views_shown

    with _look(settings) as look:
        found = views_json(look, sums=sums)[:limit] if as_json or sums else []
        if as_json:
            put_json(found)
        else:
            listings.put_views(views_shown(look)[:limit], found)


@show.command(help=_("The campaigns, each with how far its checklist is."))
@json_option
@limit_option
@click.pass_obj
def campaigns(settings: Settings, as_json: bool, limit: int | None) -> None:
    """Show all campaigns."""
    from crm_tui.cli import listings
    from crm_tui.reads.campaigns import campaigns_json

    with _look(settings) as look:
        found = campaigns_json(look)[:limit]
        if as_json:
            put_json(found)
        else:
            listings.put_campaigns(look, found)


@show.command(help=_("One campaign, named by its name or id, with its checklist."))
@click.argument("name", metavar="NAME")
@json_option
@limit_option
@click.pass_obj
def campaign(settings: Settings, name: str, as_json: bool, limit: int | None) -> None:
    """Show a campaign."""
    from crm_tui.cli import listings
    from crm_tui.reads.campaigns import campaign_json

    with _look(settings) as look:
        found = campaign_json(look, name, limit if as_json or limit else TEXT_LIMIT)
        if as_json:
            put_json(found)
        else:
            listings.put_campaign(look, found)


@show.command(help=_("Contacts that may be the same person."))
@json_option
@limit_option
@click.pass_obj
def duplicates(settings: Settings, as_json: bool, limit: int | None) -> None:
    """Show possible duplicates."""
    from crm_tui.cli import listings
    from crm_tui.reads.duplicates import duplicates_json

    with _look(settings) as look:
        if as_json:
            put_json(duplicates_json(look, limit or NO_LIMIT))
        else:
            shown = limit or TEXT_LIMIT
            pairs = duplicates_json(look, shown + MOST_COUNTED)
            listings.put_duplicates(pairs[:shown], len(pairs) - shown)


@show.command(help=_("Edits that were overwritten by somebody at the same time. crm-tui do restore_edit --edit ID brings one back."))
@json_option
@limit_option
@click.pass_obj
def conflicts(settings: Settings, as_json: bool, limit: int | None) -> None:
    """Show lost edits."""
    from crm_tui.cli import listings
    from crm_tui.reads import conflicts as reads

    with _look(settings) as look:
        if as_json:
            put_json(reads.conflicts_json(look, limit or NO_LIMIT))
        else:
            listings.put_conflicts(look, reads.conflicts(look, limit or TEXT_LIMIT))


@show.command(help=_("What follows from what. Every status and stage with every event."))
@json_option
@limit_option
def rules(as_json: bool, limit: int | None) -> None:
    """Show the transition table."""
    from crm_tui.cli import listings
    from crm_tui.rules.table import rows as table_rows

    rows: list[dict[str, Any]] = list(table_rows())
    if as_json:
        put_json(rows[:limit])
    else:
        listings.put_rules(rows, limit)


@show.command(help=_("All commands of crm-tui do. With --json the JSON Schema of each."))
@json_option
@limit_option
def commands(as_json: bool, limit: int | None) -> None:
    """Show the commands."""
    from crm_tui.cli import listings
    from crm_tui.commands import COMMANDS

    known = {name: model for name, (model, _plan) in list(COMMANDS.items())[:limit]}
    if as_json:
        put_json({name: model.model_json_schema() for name, model in known.items()})
    else:
        listings.put_commands({name: model.model_fields for name, model in known.items()})


def _resolved(look: Look, ref: str) -> bytes:
    from crm_tui.facts import resolve_contact

    return resolve_contact(look.db, ref, look.process.region)
