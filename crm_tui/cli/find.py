"""`crm-tui find`: people by name, phone in any spelling, e-mail or company."""

from __future__ import annotations

from typing import Any

import click

from crm_tui.cli.options import TEXT_LIMIT, json_option, limit_option
from crm_tui.cli.output import put, put_json
from crm_tui.cli.settings import Settings
from crm_tui.cli.table import Column, put_table
from crm_tui.i18n import gettext as _

JSON_LIMIT = 1_000_000


@click.command(help=_("Find people by name, phone, e-mail or company. A part is enough, a phone may be spelt in any way."))
@click.argument("text", nargs=-1, required=True)
@json_option
@limit_option
@click.pass_obj
def find(settings: Settings, text: tuple[str, ...], as_json: bool, limit: int | None) -> None:
    """Search contacts."""
    from crm_tui.reads.look import Look
    from crm_tui.reads.search import find_json

    with settings.open() as store:
        look = Look.at(store)
        if as_json:
            put_json(find_json(look, " ".join(text), limit or JSON_LIMIT))
            return
        shown = limit or TEXT_LIMIT
        put_found(find_json(look, " ".join(text), shown + 1), shown)


def put_found(found: list[dict[str, Any]], shown: int) -> None:
    """The people found, with their ids last: what `do` names them by."""
    if not found:
        put(_("Nobody found. Try part of the name, the last digits of the phone, or the company."))
        return
    columns = (Column(_("name")), Column(_("phone"), whole=True), Column(_("e-mail")), Column(_("company")), Column(_("id"), spare=True))
    names = ("name", "phone", "email", "company", "id")
    put_table(columns, [[str(one.get(name) or "") for name in names] for one in found[:shown]])
    if len(found) > shown:
        put(_("… and more (--limit)"))
