"""Phone numbers: one E.164 spelling for linking, digits for searching, the national spelling for showing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

LONGEST = 250
"""Longer cells are not read as a number; `phonenumbers` refuses them too."""

FEWEST_DIGITS = 7
"""Fewer digits are not a number on their own: "03-1234567/8" is one number, not two."""

_MARKS = dict.fromkeys(
    [0x00AD, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF],
)
_DASHES = dict.fromkeys([0x05BE, *range(0x2010, 0x2016), 0x2212, 0x005F], "-")
_QUOTES = dict.fromkeys(map(ord, "'`´‘’\"“”׳״"))
_CLEAN: dict[int, str | None] = {**_MARKS, **_DASHES, **_QUOTES, 0xA0: " "}
_COMPACT: dict[int, str | None] = dict.fromkeys([*_CLEAN, *map(ord, " \t\r\n\u202f\u3000-.()")])

_LABEL = re.compile(r"\s*(?:p|tel|phone|mobile|cell|טל|טלפון|נייד|סלולרי)\s*:\s*", re.IGNORECASE)
_PARAMETERS = re.compile(r";\s*[A-Za-z][A-Za-z-]*=.*", re.DOTALL)
_HEBREW_EXTENSION = re.compile(r"\s*שלוחה.*", re.DOTALL)
_SCIENTIFIC = re.compile(r"\d[.,]?\d*[eE]\+?\d")
_RUN = re.compile(r"\+?\d[\d\s().\-]{5,}\d")
_SEPARATOR = re.compile(r":::|[/,;|\r\n]|(?<=\d{7})\s+(?=[+0]\d{8})")
_QUERY = re.compile(r"(?:p:|tel:)?(\+|00)?([0-9]+)")

Match = Callable[[str], re.Match[str] | None]


def normalise_phone(raw: str, region: str = "IL") -> str | None:
    """The E.164 spelling of the number in `raw` (product.md rule 1), or None when `phonenumbers` calls none there valid."""
    if len(raw) > LONGEST:
        return None
    # A spreadsheet that took the number for a decimal wrote a zero that is not the number's.
    text = raw[:-2] if raw.endswith(".0") else raw
    if region == "IL":
        plain = _israeli()(text.translate(_COMPACT))
        if plain:
            return f"+972{plain[1]}" if plain[1] else None
    return _by_phonenumbers(text, region)


def split_phones(raw: str) -> list[str]:
    """The spellings of the numbers in one cell, in order; cut only between two things long enough to be numbers."""
    text = raw.strip()
    if not text:
        return []
    if len(text) > 4 * LONGEST or not _SEPARATOR.search(text):
        return [text]
    numbers: list[str] = []
    start = 0
    cuts = [*_SEPARATOR.finditer(text)]
    for at, cut in enumerate(cuts):
        following = cuts[at + 1].start() if at + 1 < len(cuts) else len(text)
        if _has_number(text[start : cut.start()]) and _has_number(text[cut.end() : following]):
            numbers.append(text[start : cut.start()].strip())
            start = cut.end()
    return [*numbers, text[start:].strip()]


def search_digits(query: str, region: str = "IL") -> str | None:
    """The digits to look for inside E.164 numbers when a person types `query`, or None when it is not like a phone.

    The region's own prefixes are dropped, so that `054-12`, `+972 54 12` and `97254 12` all give `5412`.
    """
    if len(query) > 64:
        return None
    text = query.strip(" ?").lower().translate(_COMPACT)
    found = _QUERY.fullmatch(text if text.isascii() else _ascii_digits(text))
    if not found or len(found[2]) < 3:
        return None
    abroad, digits = found.groups()
    country, trunk = dialling(region)
    if digits.startswith(country) and (abroad or len(digits) > len(country)):
        return digits.removeprefix(country).removeprefix(trunk) or country
    return digits if abroad else digits.removeprefix(trunk) or digits


def show_phone(e164: str, region: str = "IL", *, wait: bool = True) -> str:
    """A number as people of `region` write it: national at home (`052-732-5777`), international (`+1 202-555-0123`) otherwise.

    Without `wait` one that needs `phonenumbers` stays as it is until something else has loaded it.
    """
    if region == "IL" and e164.startswith("+972"):
        number = e164[4:]
        if len(number) == 9 and number[0] in "57":
            return f"0{number[:2]}-{number[2:5]}-{number[5:]}"
        if len(number) == 8 and number[0] in "23489":
            return f"0{number[0]}-{number[1:4]}-{number[4:]}"
    return _shown_by_phonenumbers(e164, region) if wait or _shown_by_phonenumbers.cache_info().currsize else e164


@lru_cache(maxsize=1)
def _israeli() -> Match:
    """The match of a plain Israeli number, in group 1 without prefixes if it is valid, made of `phonenumbers`' own patterns.

    Only numbers of the usual two shapes; `phonenumbers` reads these spellings in no other way, because none of them is
    short enough to be a bare number that begins with 972, or begins with an international prefix and another country.
    """
    from phonenumbers import PhoneMetadata

    metadata = PhoneMetadata.metadata_for_region("IL")
    if metadata is None:
        return re.compile(r"(?!)").fullmatch
    kinds = (metadata.fixed_line, metadata.mobile, metadata.voip)
    valid = "|".join(kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern)
    prefix, shape = r"\??(?:(?:\+|00)?9720?|0)?", r"(?:[57][0-9]{8}|[23489][0-9]{7})\??"
    return re.compile(rf"(?:[pP]:|[tT]el:)?{prefix}(?={shape}\Z)((?a:{valid}))\??|{prefix}{shape}").fullmatch


@lru_cache(maxsize=8192)
def _by_phonenumbers(raw: str, region: str) -> str | None:
    text = raw.translate(_CLEAN).strip(" ?\t\r\n")
    label = _LABEL.match(text)
    if label:
        text = text[label.end() :]
    text = _HEBREW_EXTENSION.sub("", _PARAMETERS.sub("", text))
    if text.startswith(("*", "#")) or not _has_number(text) or _SCIENTIFIC.search(text):
        return None
    number = _valid(text, region)
    if number:
        return number
    runs = _RUN.findall(text)
    if len(runs) == 1 and runs[0] != text:
        number = _valid(runs[0], region)
    if number is None and label and label[0].strip().lower() == "p:" and "+" not in text:
        # Lead ads write the country code, sometimes without its plus.
        number = _valid(f"+{text}", region)
    return number


def _valid(text: str, region: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=8192)
def _shown_by_phonenumbers(e164: str, region: str) -> str:
    import phonenumbers

    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return e164
    at_home = number.country_code == phonenumbers.country_code_for_region(region)
    style = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


@lru_cache(maxsize=64)
def dialling(region: str) -> tuple[str, str]:
    """The country code of a region and the prefix of its national numbers."""
    if region == "IL":
        return "972", "0"
    import phonenumbers

    code = phonenumbers.country_code_for_region(region)
    return (str(code) if code else "none"), phonenumbers.ndd_prefix_for_region(region, True) or ""


def _has_number(text: str) -> bool:
    return sum(map(str.isdecimal, text)) >= FEWEST_DIGITS


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(character, character)) for character in text)
