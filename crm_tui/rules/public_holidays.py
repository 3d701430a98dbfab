"""The public holidays of a country, from the package `holidays`, which is imported when the first one is asked for (0.2 s)."""

from __future__ import annotations

from datetime import date
from functools import cache

from crm_tui.i18n import gettext as _
from crm_tui.i18n import language
from crm_tui.text.clean import clean_line

KNOWN_YEARS = range(1948, 2101)
"""Beyond these nothing is known, and nothing is asked: a clock may be wrong by thousands of years."""


@cache
def public_holidays(country: str, year: int) -> frozenset[date]:
    """The holidays of a year; none of a country that the package does not know, though it knows all of today."""
    if year not in KNOWN_YEARS:
        return frozenset()
    import holidays

    try:
        # The package adds names as it translates them; only the days are of use here.
        return frozenset(holidays.country_holidays(country, years=year))
    except NotImplementedError:
        return frozenset()


def holiday_name(country: str, day: date) -> str:
    """What a public holiday is called in the language in use; empty when the day is none."""
    if day not in public_holidays(country, day.year):
        return ""
    import holidays

    found = holidays.country_holidays(country, years=day.year, language="he" if language() == "he" else "en_US")
    return clean_line(found.get(day, "")) or _("public holiday")


def years_of(first: int, last: int) -> range:
    """The years from the first to the last of which holidays are known."""
    return range(max(first, KNOWN_YEARS.start), min(last, KNOWN_YEARS.stop - 1) + 1)
