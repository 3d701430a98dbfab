"""Translation of every text a person sees: gettext catalogues under `locale/`, chosen once at start.

On the screens the values in a sentence stand apart from its words, marked as UAX #9 has it: a name of both scripts, a code or an
amount does not tear the sentence, nor the sentence the name. What draws it takes the marks out again; scripts never get any.
"""

from __future__ import annotations

import gettext as _gettext
import os
import re
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "he")
DOMAIN = "crm_tui"
LOCALE_DIR = Path(__file__).parent / "locale"

APART, APART_END = "\u2068", "\u2069"
RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
"""Right-to-left letters, as a regular expression has them."""
# Hebrew words or digits alone need no mark in a Hebrew sentence, what has no right-to-left letter none in an English one.
_is_at_home = {
    "he": re.compile("[\u05d0-\u05ea ]*|[0-9.,:]*").fullmatch,
    "en": re.compile(f"[^{RTL}]*").fullmatch,
}

_catalogue: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"
_values_apart = False


class _Sentence(str):
    """A text whose values are kept apart from its words."""

    __slots__ = ()

    def format(self, *args: Any, **values: Any) -> str:
        return super().format(*map(apart, args), **{name: apart(value) for name, value in values.items()})


def use_language(language: str | None) -> str:
    """Switch all texts to `language` (`en` or `he`; None: from the environment) and return the one in use."""
    global _catalogue, _language
    chosen = language or _from_environment()
    _language = chosen if chosen in LANGUAGES else "en"
    _catalogue = _gettext.translation(DOMAIN, LOCALE_DIR, languages=[_language], fallback=True)
    return _language


def language() -> str:
    """The language in use, `en` or `he`."""
    return _language


def gettext(message: str) -> str:
    """The translation of `message`, or itself."""
    return _kept_apart(_catalogue.gettext(message)) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """The translation for `count` (Hebrew has three forms)."""
    return _kept_apart(_catalogue.ngettext(singular, plural, count))


def keep_values_apart(on: bool) -> None:
    """From now on mark the values in sentences, or no longer."""
    global _values_apart
    _values_apart = on


def apart(value: Any) -> Any:
    """A value that stands in a sentence: on the screens marked when it could mix with the words around it."""
    if not _values_apart or not isinstance(value, str) or _is_at_home[_language](value):
        return value
    return value if value[0] == APART and value.find(APART_END) == len(value) - 1 else f"{APART}{value}{APART_END}"


def _kept_apart(text: str) -> str:
    return _Sentence(text) if _values_apart and "{" in text else text


def mark(message: str) -> str:
    """Mark a text for the catalogue where it is defined; it is translated where it is shown."""
    return message


def _from_environment() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return value.split("_")[0].split(".")[0].lower()
    return "en"
