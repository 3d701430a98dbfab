"""The command `crm-tui` with its global options. Import it after the language is chosen: help texts are made here."""

from __future__ import annotations

import click

from crm_tui.cli.care import backup, check, restore
from crm_tui.cli.compare import compare
from crm_tui.cli.demo import demo
from crm_tui.cli.do import do
from crm_tui.cli.doctor import doctor
from crm_tui.cli.export import export
from crm_tui.cli.find import find
from crm_tui.cli.imports import import_files
from crm_tui.cli.keys import keys
from crm_tui.cli.options import check_now
from crm_tui.cli.process import process
from crm_tui.cli.settings import Settings
from crm_tui.cli.show import show
from crm_tui.cli.steps import redo, undo
from crm_tui.cli.sync import clone, hub, sync
from crm_tui.cli.team import team
from crm_tui.i18n import LANGUAGES
from crm_tui.i18n import gettext as _


class OrderedGroup(click.Group):
    """Lists its commands in the order of a day's work, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order in which they were added."""
        return list(self.commands)


@click.group(
    cls=OrderedGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["--help"]},
    help=_("A CRM for the terminal: leads in, people called, deals moved, nothing lost."),
    epilog=_("Exit codes: 0 done, 1 refused, 2 usage, 3 some rows refused, 4 store busy or unreachable, 5 damaged store."),
)
@click.option("--store", envvar="CRM_STORE", show_envvar=True, metavar="URL", help=_("A path, sqlite:///path or postgresql://…"))
@click.option("--as", "user", envvar="CRM_USER", show_envvar=True, metavar="USER", help=_("Who works; else your login."))
@click.option(
    "--now",
    envvar="CRM_NOW",
    show_envvar=True,
    metavar="ISO",
    callback=check_now,
    help=_("A fixed clock, such as 2026-11-22T10:00."),
)
@click.option("--lang", type=click.Choice(LANGUAGES), help=_("The language of all texts; else that of the locale."))
@click.pass_context
def crm_tui(context: click.Context, store: str | None, user: str | None, now: str | None, lang: str | None) -> None:
    """Note the global options for the subcommand."""
    settings = context.ensure_object(Settings)
    settings.store, settings.user, settings.now = store, user, now
    if context.invoked_subcommand is None:
        from crm_tui.cli.screens import open_app

        context.exit(open_app(settings))


for command in (
    demo,
    import_files,
    export,
    do,
    show,
    find,
    undo,
    redo,
    team,
    process,
    clone,
    sync,
    hub,
    compare,
    backup,
    restore,
    check,
    keys,
    doctor,
):
    crm_tui.add_command(command)
