"""Translation of every text a person sees: gettext catalogues under `locale/`, chosen once at start."""

from __future__ import annotations

import gettext as _gettext
import os
from pathlib import Path

LANGUAGES = ("en", "he")
DOMAIN = "crm_tui"
LOCALE_DIR = Path(__file__).parent / "locale"

_catalogue: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


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
    return _catalogue.gettext(message) if message else ""


def ngettext(singular: str, plural: str, count: int) -> str:
    """The translation for `count` (Hebrew has three forms)."""
    return _catalogue.ngettext(singular, plural, count)


def mark(message: str) -> str:
    """Mark a text for the catalogue where it is defined; it is translated where it is shown."""
    return message


def _from_environment() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return value.split("_")[0].split(".")[0].lower()
    return "en"
