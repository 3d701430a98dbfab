"""One run of the command line: every end of it is an exit code and at most one sentence, never a trace-back."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from crm_tui.cli.language import choose_language, error_line, screens_wanted
from crm_tui.cli.output import drop_output, error_json, prepare_streams, put_json, say
from crm_tui.cli.settings import Settings
from crm_tui.errors import CrmError
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clean_line, clip

USAGE = 2
INTERRUPTED = 130


def run(argv: Sequence[str]) -> int:
    """Run `crm-tui` with these arguments and return its exit code (interface.md)."""
    prepare_streams()
    settings = Settings()
    try:
        code = _guarded(argv, settings)
        sys.stdout.flush()
    except BrokenPipeError:
        code = settings.closed_pipe_code
    except OSError as error:
        say(error_line(_explained(error)))
        code = 1
    else:
        return code
    drop_output()
    return code


def _guarded(argv: Sequence[str], settings: Settings) -> int:
    try:
        return _dispatch(argv, settings)
    except CrmError as error:
        return _fail(error, settings)
    except KeyboardInterrupt:
        return _interrupted(settings)
    except BrokenPipeError:
        raise
    except Exception as error:
        import click

        if isinstance(error, click.ClickException):
            error.show(sys.stderr)
            return USAGE
        if isinstance(error, click.Abort):
            return _interrupted(settings)
        if os.environ.get("CRM_DEBUG") == "1":
            import traceback

            traceback.print_exc()
        failure = CrmError(_explained(error))
        return _fail(failure, settings)


def _interrupted(settings: Settings) -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    say(settings.interrupted or _("Interrupted."))
    return INTERRUPTED


def _dispatch(argv: Sequence[str], settings: Settings) -> int:
    choose_language(argv)
    if (given := screens_wanted(argv)) is not None:
        from crm_tui.cli.screens import open_app

        settings.store, settings.user = given
        return open_app(settings)
    import click

    from crm_tui.cli.group import crm_tui

    try:
        with crm_tui.make_context("crm-tui", list(argv), obj=settings) as context:
            crm_tui.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    return 0


def _fail(error: CrmError, settings: Settings) -> int:
    say(error_line(clean_line(error.message)))
    if settings.as_json:
        put_json(error_json(error))
    return error.exit_code


def _explained(error: Exception) -> str:
    """A sentence for an error that the program did not expect."""
    if isinstance(error, OSError) and error.strerror:
        if error.filename:
            return _("{path}: {why}.").format(path=clip(str(error.filename), 200), why=error.strerror)
        return _("Reading or writing failed: {why}.").format(why=error.strerror)
    if isinstance(error, MemoryError):
        return _("There is not enough memory for this.")
    return _("Something unexpected happened ({what}). Set CRM_DEBUG=1 and run it again to see where; please report it.").format(
        what=clip(f"{error.__class__.__name__}: {error}", 200)
    )
