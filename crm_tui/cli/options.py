"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from crm_tui.cli.settings import DEFAULT_START, DEFAULT_ZONE, Settings
from crm_tui.i18n import gettext as _

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
TEXT_LIMIT = 50


def check_now(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a time that cannot be read as a usage error, before any store is opened."""
    if value is not None:
        from crm_tui.errors import Refused
        from crm_tui.text.times import parse_time

        try:
            parse_time(value, ZoneInfo(DEFAULT_ZONE), "now", DEFAULT_START)
        except Refused as error:
            raise click.BadParameter(error.message) from error
    return value


def _note_json(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:
    settings = context.find_object(Settings)
    if settings is not None and value:
        settings.as_json = True
    return value


def json_option(function: Decorated) -> Decorated:
    """`--json`: one JSON document, also for what is refused."""
    return click.option("--json", "as_json", is_flag=True, callback=_note_json, help=_("Answer with one JSON document."))(function)


def limit_option(function: Decorated) -> Decorated:
    """`--limit N`."""
    text = _("At most N entries (text: 50, JSON: all).")
    return click.option("--limit", type=click.IntRange(1), metavar="N", help=text)(function)
