"""The values of the process: what a key, a label, a time zone, a day off may be, and what is said of one that is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from importlib import resources
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator

from crm_tui.i18n import LANGUAGES
from crm_tui.i18n import gettext as _

LONGEST_NAME = 60


def _check_key(key: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]+", key):
        raise ValueError(_("a key is made of a-z, 0-9 and _"))
    return key


def check_printable(text: str) -> str:
    """Refuse what a terminal could obey."""
    if not text.isprintable():
        raise ValueError(_("control characters are not possible here"))
    return text


def _check_label(value: object) -> str | dict[str, str]:
    """One text for all, or one for each language."""
    if isinstance(value, Mapping) and value:
        if unknown := [str(key) for key in value if key not in LANGUAGES]:
            raise ValueError(
                _("labels are given for {languages}").format(languages=", ".join(LANGUAGES)) + did_you_mean(unknown[0], LANGUAGES)
            )
        return {language: _check_words(value[language]) for language in LANGUAGES if language in value}
    return _check_words(value)


def _check_words(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise ValueError(_("a text is needed"))
    if len(text) > LONGEST_NAME:
        raise ValueError(_("at most {max_length} characters are possible").format(max_length=LONGEST_NAME))
    return check_printable(text)


@cache
def countries() -> frozenset[str]:
    """The ISO codes of all countries."""
    lines = resources.files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8").splitlines()
    return frozenset(line.split("\t")[0] for line in lines if not line.startswith("#"))


def _check_region(region: str) -> str:
    if region not in countries():
        raise ValueError(_("a country is named by the two capital letters of its ISO code, such as IL or GB"))
    return region


def _check_currency(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError(_("a currency is named by three capital letters, such as ILS"))
    return code


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        meant = did_you_mean(name, available_timezones()) or _("; one is named like Asia/Jerusalem")
        raise ValueError(_("there is no such time zone") + meant) from None
    return name


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(_("a whole number is needed"))
    return value


def _parse_clock(value: object) -> time:
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:00)?", value):
        return time.fromisoformat(value)
    raise ValueError(_("a time of day is written 08:00"))


def _parse_day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ValueError(_("a day of the calendar is needed, written 2026-12-31"))


def _parse_holiday(value: object) -> date | str:
    """A day off, or the country whose holidays are."""
    if isinstance(value, str) and value in countries():
        return value
    try:
        return _parse_day(value)
    except ValueError:
        raise ValueError(_("a day is needed, written 2026-12-31, or a country, such as IL")) from None


def _parse_holidays(value: object) -> object:
    """One country or day may stand alone; countries come first, then the days in order."""
    if isinstance(value, str | date):
        value = [value] if value else []
    return value


def _sorted_holidays(holidays: tuple[date | str, ...]) -> tuple[date | str, ...]:
    return tuple(sorted(set(holidays), key=lambda one: (not isinstance(one, str), str(one))))


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """A word more for a message: which of the known ones is meant, when one is near."""
    close = get_close_matches(str(word), known, n=1)
    return _("; did you mean {name}?").format(name=close[0]) if close else ""


Whole = Annotated[int, BeforeValidator(_no_bool)]
Key = Annotated[str, AfterValidator(_check_key)]
Name = Annotated[str, Field(max_length=LONGEST_NAME), AfterValidator(check_printable)]
Label = Annotated[str | dict[str, str], PlainValidator(_check_label)]
Currency = Annotated[str, AfterValidator(_check_currency)]
Rate = Annotated[Decimal, Field(gt=0, le=1_000_000)]
Region = Annotated[str, AfterValidator(_check_region)]
Zone = Annotated[str, AfterValidator(_check_zone)]
Clock = Annotated[time, BeforeValidator(_parse_clock)]
Day = Annotated[date, BeforeValidator(_parse_day)]
Holiday = Annotated[date | str, PlainValidator(_parse_holiday)]
Holidays = Annotated[tuple[Holiday, ...], BeforeValidator(_parse_holidays), AfterValidator(_sorted_holidays), Field(max_length=2000)]
