"""Hebrew names in Latin letters: whether a word may be a spelling of another, vowels and all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

_CONSONANTS = """
ב b v w, ג g j dj, ד d, ה h, ז z s zh, ח ch kh h, ט t th, כ k c ch kh h q, ל l, מ m, נ n, ס s c z, פ p f ph, צ tz ts z s c ch tch,
ק k c q ch g, ר r, ש sh s sch ch, ת t th
"""
_SPELT = {letter: tuple(spellings) for letter, *spellings in map(str.split, _CONSONANTS.split(","))}
"""How a Hebrew consonant is written in Latin letters."""

_VOWELS = "aeiouy"
_OPEN_VOWELS = frozenset("aeiy")
_DOUBLED_CONSONANT = re.compile(r"([^aeiou])\1+")
_TWO_YODS = "ײ"
"""Stands for two of them, in its own right: James is ג'יימס."""


@lru_cache(maxsize=65536)
def transliterated(hebrew: str, latin: str, *, strictly: bool = False) -> bool:
    """Whether a Hebrew word may be written so in Latin letters.

    A ו or י wants its vowel or consonant, and a vowel at the end its letter; other vowels are free. `strictly` leaves room for
    no more than one a or e where Hebrew writes nothing, and wants the two vowels that stand around an א or ע.
    """
    letters = hebrew.replace("יי", _TWO_YODS).replace("וו", "ו")
    text = _plain(latin)
    if not letters or not text:
        return False
    places = {0}
    for at, letter in enumerate(letters):
        is_last = at == len(letters) - 1
        around = _gap(text, places, strictly) if at else places
        if letter in "אע":
            places = _silent(letters, at, text, places, strictly)
        elif letter == "ו":
            places = _after(text, around, ("v", "w") if at == 0 else ("v", "w", "o", "u", "ou"))
        elif letter in f"י{_TWO_YODS}":
            places = _after(text, around, _yod(letter, at, is_last, strictly))
        elif letter == "ה" and is_last and at:
            places = _final_vowel(text, places, strictly)
        else:
            places = _after(text, around, _SPELT.get(letter, ()))
            if letter == "ה" and at and not strictly:
                places |= around
        if not places:
            return False
    if not strictly:
        # A silent e: Assouline, Kate.
        places |= {place + 1 for place in places if text[place:] == "e"}
    return len(text) in places


def _plain(latin: str) -> str:
    text = latin.replace("ee", "i").replace("oo", "u").replace("x", "ks").replace("ck", "k")
    return _DOUBLED_CONSONANT.sub(r"\1", text)


def _after(text: str, places: Iterable[int], spellings: tuple[str, ...]) -> set[int]:
    """The places after one of the spellings."""
    return {place + len(spelling) for place in places for spelling in spellings if text.startswith(spelling, place)}


def _gap(text: str, places: Iterable[int], strictly: bool) -> set[int]:
    """The places after vowels that Hebrew does not write."""
    found = set(places)
    for place in places:
        if strictly:
            if text[place : place + 1] in ("a", "e"):
                found.add(place + 1)
        else:
            while place < len(text) and text[place] in "aeiouyh":
                place += 1
                found.add(place)
    return found


def _yod(letter: str, at: int, is_last: bool, strictly: bool) -> tuple[str, ...]:
    """How a י is written: at the beginning, inside, at the end."""
    if at == 0:
        return ("y", "i", "j", "yi") if strictly else ("y", "i", "j", "yi", "e")
    bare = "" if is_last and strictly else "e"
    open_sound = "a" if letter == _TWO_YODS else ""
    spellings = ("i", "y", "ie", "ei", "ey", "iy", "yi", bare, open_sound, "" if strictly else "j")
    return tuple(filter(None, spellings))


def _silent(letters: str, at: int, text: str, places: set[int], strictly: bool) -> set[int]:
    """After an א or ע, which has no sound of its own: vowels stand around it."""
    if at == 0:
        return places if text[0] in _VOWELS else set()
    is_last = at == len(letters) - 1
    if is_last:
        return places | _final_vowel(text, places, strictly)
    if not strictly:
        return _gap(text, places, False)
    following = letters[at + 1]
    is_vowel_before = at > 1 and letters[at - 1] in f"וי{_TWO_YODS}"
    is_vowel_next = following in f"וי{_TWO_YODS}" or (following in "הא" and at + 2 == len(letters))
    wanted = 2 - is_vowel_before - is_vowel_next
    # An o or u would be written with a ו.
    return {place + wanted for place in places if _OPEN_VOWELS.issuperset(text[place : place + wanted]) and place + wanted <= len(text)}


def _final_vowel(text: str, places: set[int], strictly: bool) -> set[int]:
    """After a vowel at the end that has its letter, perhaps with its h."""
    vowels = _after(text, _gap(text, places, strictly), ("a", "e", "o"))
    return vowels | _after(text, vowels, ("h",))
