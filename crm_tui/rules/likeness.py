"""How alike two names are as wholes: word order, titles, spelling and alphabet aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import lru_cache

from crm_tui.rules.names import TITLES
from crm_tui.rules.spelling import HEBREW, LATIN, counterpart, is_near, is_transliteration, one_slip, other_names, script_of, skeleton
from crm_tui.text.fold import words

LONGEST_NAME = 200
MOST_WORDS = 8
"""A longer text, or one with an e-mail address, is no name."""

Alike = Callable[[str, str], bool]


class Likeness(IntEnum):
    """How alike two names are, from less to more."""

    DIFFERENT = 0
    SLIPPED = 1
    """A letter apart, where the letter may as well make another name."""
    UNKNOWN = 2
    """One is no name, or they stand in alphabets that cannot be compared."""
    NEAR = 3
    """A letter or a blank was put in, lost, swapped or mistaken, and that makes no other name; or only the consonants agree."""
    PART = 4
    """All that one says is in the other: a first name, an initial."""
    SPELT = 5
    """The same full name in two spellings or alphabets, perhaps with a word more."""
    EQUAL = 6


def likeness(a: str, b: str) -> Likeness:
    """How alike two names are, whichever comes first."""
    if len(a) > LONGEST_NAME or len(b) > LONGEST_NAME:
        return Likeness.UNKNOWN
    return _likeness(a, b) if a <= b else _likeness(b, a)


def same_full_name(a: str, b: str) -> bool:
    """Whether two full names are one in whatever spelling, order and alphabet; initials are not enough."""
    return likeness(a, b) >= Likeness.SPELT and len(name_words(a)) > 1 and len(name_words(b)) > 1


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name without titles; none of a text that is no name."""
    return _name_words(name) if len(name) <= LONGEST_NAME else ()


def all_paired(first: Sequence[str], second: Sequence[str], alike: Alike = counterpart) -> bool:
    """Whether every word of the shorter name has a counterpart of its own in the longer one."""
    rest = list(first)
    others = []
    for word in second:
        if word in rest:
            rest.remove(word)
        else:
            others.append(word)
    return _each_paired(rest, others, alike) if len(rest) <= len(others) else _each_paired(others, rest, alike)


def paired_when_joined(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether the names agree once two neighbouring words are written as one, like "Ben David" and "Bendavid"."""
    return _paired_when_joined(first, second) or _paired_when_joined(second, first)


@lru_cache(maxsize=32768)
def _name_words(name: str) -> tuple[str, ...]:
    if "@" in name:
        return ()
    found = tuple(word for word in words(name) if word not in TITLES and script_of(word))
    return found if len(found) <= MOST_WORDS else ()


@lru_cache(maxsize=32768)
def _likeness(a: str, b: str) -> Likeness:
    first, second = name_words(a), name_words(b)
    if not first or not second:
        return Likeness.UNKNOWN
    if sorted(first) == sorted(second):
        return Likeness.EQUAL
    if "".join(first) == "".join(second):
        return Likeness.SPELT
    if all_paired(first, second) or paired_when_joined(first, second):
        is_full = min(len(first), len(second)) > 1 and not any(len(word) == 1 for word in (*first, *second))
        return Likeness.SPELT if is_full else Likeness.PART
    if not _comparable(first, second):
        return Likeness.UNKNOWN
    is_joined_near = one_slip("".join(first), "".join(second))
    if all_paired(first, second, _near) or (is_joined_near and len(first) != len(second)):
        return Likeness.NEAR
    return Likeness.SLIPPED if is_joined_near or all_paired(first, second, _slipped) else Likeness.DIFFERENT


def _comparable(first: Sequence[str], second: Sequence[str]) -> bool:
    scripts = {script_of(word) for word in (*first, *second)}
    return len(scripts) == 1 or scripts == {HEBREW, LATIN}


def _near(a: str, b: str) -> bool:
    if counterpart(a, b):
        return True
    if other_names(a, b) or min(len(a), len(b)) < 2:
        return False
    if script_of(a) == script_of(b):
        return is_near(a, b)
    bones, other = skeleton(a), skeleton(b)
    return len(bones) > 1 and (bones == other or (min(len(bones), len(other)) >= 4 and one_slip(bones, other)))


def _slipped(a: str, b: str) -> bool:
    return _near(a, b) or one_slip(a, b)


def _each_paired(fewer: list[str], more: list[str], alike: Alike) -> bool:
    if not all(any(alike(word, other) for other in more) for word in fewer):
        return False
    return _assigned(fewer, more, alike)


def _assigned(fewer: list[str], more: list[str], alike: Alike) -> bool:
    if not fewer:
        return True
    word, rest = fewer[0], fewer[1:]
    return any(alike(word, other) and _assigned(rest, more[:at] + more[at + 1 :], alike) for at, other in enumerate(more))


def _paired_when_joined(apart: Sequence[str], whole: Sequence[str]) -> bool:
    for at in range(len(apart) - 1):
        joined = apart[at] + apart[at + 1]
        found = joined in whole or any(is_transliteration(joined, word) for word in whole)
        if found and all_paired([*apart[:at], joined, *apart[at + 2 :]], whole):
            return True
    return False
