"""Opening the full-screen app: on a store, or on the made-up company."""

from __future__ import annotations

import os
import sys

import click

from crm_tui.cli.output import say
from crm_tui.cli.settings import Settings
from crm_tui.i18n import gettext as _


def open_app(settings: Settings, note: str = "") -> int:
    """Run the app until the person leaves; the exit code."""
    if not _is_terminal():
        say(_("The screens need a terminal. For a script: crm-tui show inbox, crm-tui do; crm-tui --help names all."))
        return 2
    from crm_tui.config import load_config
    from crm_tui.session import Session
    from crm_tui.terminal import remember_modes

    config = load_config()
    session = Session(settings.url, settings.user, settings.clock())
    session.open_now()
    try:
        from crm_tui.app import CrmApp

        remember_modes()
        app = CrmApp(session, config, note)
        try:
            app.run()
        finally:
            app.drafts.save()
        return app.return_code or 0
    finally:
        session.close()


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


@click.command(help=_("Open the screens on a lively made-up company, in a throwaway store."))
@click.pass_obj
def demo(settings: Settings) -> None:
    """Fill a store that is gone afterwards, and open it."""
    from crm_tui.demo import demo_store, fill_demo
    from crm_tui.store import Store

    if not _is_terminal():
        raise SystemExit(open_app(settings))
    clock = settings.clock()
    with demo_store(clock()) as path:
        say(_("Making up a company: people, deals, a year of calls …"))
        with Store(path, "noa", clock, durable=False) as store:
            fill_demo(store)
        settings.store, settings.user = path, settings.user or "noa"
        code = open_app(settings, _("demo"))
    raise SystemExit(code)
