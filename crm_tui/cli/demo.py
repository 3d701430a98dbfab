"""`crm-tui demo`: the screens on a made-up company."""

from __future__ import annotations

import click

from crm_tui.cli.output import say
from crm_tui.cli.screens import is_terminal, open_app
from crm_tui.cli.settings import Settings
from crm_tui.i18n import gettext as _


@click.command(help=_("Open the screens on a lively made-up company, in a throwaway store."))
@click.pass_context
def demo(context: click.Context) -> None:
    """Fill a store that is gone afterwards, and open it."""
    from crm_tui.demo import demo_store, fill_demo
    from crm_tui.store import Store
    from crm_tui.terminal import forget_keys

    settings = context.ensure_object(Settings)
    if not is_terminal():
        context.exit(open_app(settings))
    clock = settings.clock()
    with demo_store(clock()) as path:
        say(_("Making up a company: people, deals, a year of calls …"))
        with Store(path, "noa", clock, durable=False) as store:
            fill_demo(store)
        forget_keys()
        settings.store, settings.user = path, settings.user or "noa"
        code = open_app(settings, _("demo"))
    context.exit(code)
