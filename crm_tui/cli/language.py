"""The language of the command line, known before any text of it is made; click's own texts speak it too."""

from __future__ import annotations

import gettext as stdlib_gettext
import os
from collections.abc import Sequence

from crm_tui.i18n import DOMAIN, LANGUAGES, LOCALE_DIR, gettext, mark, ngettext, use_language

VALUE_OPTIONS = ("--store", "--as", "--now", "--lang")
"""The global options that take a value."""


def choose_language(argv: Sequence[str]) -> str:
    """Switch all texts to the language of `--lang`, else of the settings, else of the locale; click reads the stdlib's default domain."""
    chosen = use_language(given_language(argv) or _own_language())
    stdlib_gettext.bindtextdomain(DOMAIN, str(LOCALE_DIR))
    stdlib_gettext.textdomain(DOMAIN)
    os.environ["LANGUAGE"] = chosen
    return chosen


def _own_language() -> str | None:
    from crm_tui.config import load_config
    from crm_tui.errors import Refused

    try:
        return load_config().language
    except Refused:
        return None  # said when the settings are used, in the locale's language


def given_language(argv: Sequence[str]) -> str | None:
    """The value of `--lang` among the global options, before click has read them."""
    language = None
    words = iter(argv)
    for word in words:
        if not word.startswith("--") or word == "--":
            break
        name, equals, value = word.partition("=")
        if name in VALUE_OPTIONS and not equals:
            value = next(words, "")
        if name == "--lang":
            language = value
    return language


def screens_wanted(argv: Sequence[str]) -> tuple[str | None, str | None] | None:
    """Store and user when the words ask for nothing but the screens; None leaves the words to click."""
    given: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        name, equals, value = word.partition("=")
        if name not in ("--store", "--as", "--lang"):
            return None
        given[name] = value if equals else next(words, "")
        if not given[name] or (name == "--lang" and given[name] not in LANGUAGES):
            return None
    if os.environ.get("CRM_NOW"):
        return None
    return given.get("--store") or os.environ.get("CRM_STORE"), given.get("--as") or os.environ.get("CRM_USER")


CLICK_TEXTS = (
    *(mark("Usage:"), mark("Options"), mark("Commands"), mark("Positional arguments"), mark("Show this message and exit.")),
    *(mark("Error: {message}"), mark("Try '{command} {option}' for help."), mark("Missing command."), mark("Missing argument")),
    *(mark("Missing option"), mark("Missing parameter"), mark("Choose from:\n\t{choices}"), mark("env var: {var}")),
    *(
        mark("default: {default}"),
        mark("required"),
        mark("Invalid value: {message}"),
        mark("Invalid value for {param_hint}: {message}"),
    ),
    *(mark("No such option {name!r}."), mark("No such command {name!r}."), mark("Option {name!r} does not take a value.")),
    *(mark("{value!r} is not a valid {number_type}."), mark("{value} is not in the range {range}.")),
    *(mark("Argument {name!r} takes {nargs} values."),),
)
"""The texts of click that can appear here, marked because click's own files are not read for the catalogue."""


def click_plurals(count: int = 1) -> tuple[str, ...]:
    """Those of click's texts that depend on a count."""
    return (
        ngettext("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})", count),
        ngettext("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments.", count),
        ngettext("{value!r} is not {choice}.", "{value!r} is not one of {choices}.", count),
        ngettext("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)", count),
        ngettext("Takes {nargs} values but 1 was given.", "Takes {nargs} values but {len} were given.", count),
    )


def error_line(message: str) -> str:
    """A message as click shows its own errors."""
    return gettext("Error: {message}").format(message=message)
