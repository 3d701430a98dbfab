"""`crm-tui keys`: the key of every command."""

from __future__ import annotations

import click

from crm_tui.cli.output import put
from crm_tui.cli.table import Column, put_table
from crm_tui.i18n import gettext as _


@click.command(help=_("The key of every command, also on the Hebrew layout."))
def keys() -> None:
    """Print the key table."""
    from crm_tui.registry import ACTIONS, GROUPS, hebrew_twin

    rows = []
    for group, title in GROUPS.items():
        for action in ACTIONS:
            if action.group == group:
                rows.append(
                    (
                        _(title),
                        " ".join(filter(None, (action.key, *action.also))),
                        hebrew_twin(action.key) or "",
                        _(action.label),
                        action.id if action.command else "",
                    )
                )
    put_table((Column(_("group")), Column(_("key")), Column(_("Hebrew")), Column(_("what it does")), Column("do")), rows)
    put()
    put(_("Commands without a key are reached through crm-tui do; crm-tui do COMMAND --help names their fields."))
