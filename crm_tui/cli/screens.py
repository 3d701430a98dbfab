"""Opening the full-screen app. Without click and all that the other commands need: the first frame should not wait for it."""

from __future__ import annotations

import gc
import os
import sys

from crm_tui.cli.output import say
from crm_tui.cli.settings import Settings
from crm_tui.i18n import gettext as _


def open_app(settings: Settings, note: str = "") -> int:
    """Run the app until the person leaves; the exit code."""
    if not is_terminal():
        say(_("The screens need a terminal. For a script: crm-tui show inbox, crm-tui do; crm-tui --help names all."))
        return 2
    gc.disable()  # what is made until the first frame stays: looking for garbage in it took a tenth of the start; the app enables it
    from crm_tui.drivers import hidden

    with hidden("ssl"):
        # The screens' loop speaks to no server: the 5 ms of its TLS are saved.
        import asyncio  # noqa: F401
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
        if app.ended_by is not None:
            # A screen that was just being made when the app was told to end fails for want of its parts: nobody's concern.
            return app.ended_by
        if app.failure is not None:
            from crm_tui.screens.errors import explain

            say(" ".join(explain(app.failure)))
            say(_("What was typed is kept. With CRM_DEBUG=1 it also says where."))
            return 1
        return app.return_code or 0
    finally:
        session.close()


def is_terminal() -> bool:
    """Whether a person sits at a terminal that can show screens."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")
