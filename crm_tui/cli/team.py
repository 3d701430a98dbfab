"""`crm-tui team`: who works here."""

from __future__ import annotations

import click

from crm_tui.cli.options import json_option
from crm_tui.cli.output import put, put_json
from crm_tui.cli.settings import Settings
from crm_tui.cli.table import Column, put_table
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clean_line
from crm_tui.users import ROLES, role_label


@click.group(help=_("The people who work in this store, and their roles."))
def team() -> None:
    """Users of the store."""


@team.command(help=_("Add the user NAME; only an admin can."))
@click.argument("name")
@click.option("--role", type=click.Choice(tuple(ROLES)), required=True, help=_("What this person does."))
@json_option
@click.pass_obj
def add(settings: Settings, name: str, role: str, as_json: bool) -> None:
    """Add a user."""
    with settings.open() as store:
        answer = store.execute({"command": "add_user", "name": name, "role": role})
    if as_json:
        put_json(answer.as_json())
    else:
        put(_("Added {name} ({role}).").format(name=clean_line(name), role=role_label(role)))


@team.command(name="list", help=_("List all users in order of joining."))
@json_option
@click.pass_obj
def list_users(settings: Settings, as_json: bool) -> None:
    """List the users."""
    from crm_tui.ids import show_id
    from crm_tui.reads.labels import away_text
    from crm_tui.reads.look import Look

    with settings.open() as store:
        look = Look.at(store)
        people = [(user, look.away.get(user.id, (None, None))) for user in store.users()]
        if as_json:
            put_json(
                [
                    {
                        "id": show_id(user.id),
                        "name": user.name,
                        "role": user.role,
                        "away_until": look.time(until),
                        "covered_by": look.user(cover),
                    }
                    for user, (until, cover) in people
                ]
            )
            return
        lines = [
            (user.name, role_label(user.role), away_text(look, until) if until else "", look.user(cover) or "")
            for user, (until, cover) in people
        ]
        put_table((Column(_("name")), Column(_("role")), Column(_("away")), Column(_("covered by"))), lines)
