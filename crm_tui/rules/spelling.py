"""One word of a name in two spellings: initials, nicknames, variants, slips of the keys, Hebrew against Latin letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from crm_tui.rules.letters import transliterated
from crm_tui.rules.names import common_names, forms_of, head_of
from crm_tui.text.fold import words

LATIN, HEBREW, MIXED = "LATIN", "HEBREW", "mixed"

_SOUNDS = "sch:š sh:š tch:ch ch:h kh:h ph:f th:t tz:z ts:z cz:z ck:k qu:k x:ks q:k w:v y:i ou:u oo:u ee:i ie:i ei:ai"
LATIN_SOUNDS = tuple(pair.split(":") for pair in _SOUNDS.split())
"""Spellings of one sound in names, longer ones first."""

_SLAVIC_END = re.compile("i(?:tsch|tch|ch|cz|ts)$")
_SOFT_C = re.compile("c(?=[eiy])")
_VOWELS = re.compile("[aeiou]+y?|y(?![aeiou])")
_DOUBLED = re.compile(r"(.)\1+")
_HEBREW_SOUNDS = str.maketrans("טקסע", "תכשא")

_ENDINGS = "aeiouyאהויית"
"""Letters that make another name at the end of one: Karim and Karima, אורי and אורית."""

_SHARED_SOUNDS = "sch:s tch:s sh:s ch:k kh:k ph:f th:t tz:s ts:s cz:s ck:k x:ks"
_CLUSTERS = tuple(pair.split(":") for pair in _SHARED_SOUNDS.split())
_LATIN_CLASSES = str.maketrans("bvwdfpgkqhlmnrszt", "bbbdffgkkklmnrsst", "aeiouyj")
_HEBREW_CLASSES = str.maketrans("בגדפהחכקלמנרזסצשטת", "bgdfkkkklmnrsssstt", "אויע")
_CONSONANT_VAV = frozenset(words("דוד דויד לוי הלוי לוין לוינסון סיון רוית זיו נוה חוה אדוה נאוה שלו"))
"""Common names in which a single ו after the first letter is a consonant."""

_NONE: frozenset[int] = frozenset()


@lru_cache(maxsize=8192)
def script_of(word: str) -> str:
    """The script of a word's letters, `MIXED` for several, "" without a letter."""
    if word.isascii() and word.isalpha():
        return LATIN
    if min(word) >= "א" and max(word) <= "ת":
        return HEBREW
    scripts = {unicodedata.name(letter, "?").partition(" ")[0] for letter in word if letter.isalpha()}
    return MIXED if len(scripts) > 1 else "".join(scripts)


@lru_cache(maxsize=65536)
def counterpart(a: str, b: str) -> bool:
    """Whether one word stands for the other: an initial, one name in two forms, a spelling variant or a slip of the keys."""
    if a == b:
        return True
    if script_of(a) != script_of(b):
        return _across(a, b)
    if len(a) == 1 or len(b) == 1:
        return a[0] == b[0]
    names = common_names()
    if a in names and b in names:
        # Dana and Dina, Shira and Sara are a letter apart and two people: names that are both common must be listed as one.
        return not names[a].isdisjoint(names[b])
    return _varies(a, b) or (not _feminine(a, b) and _slipped(a, b))


def other_names(a: str, b: str) -> bool:
    """Whether both words are common names, but not of one person: a letter between them is then no slip of the keys."""
    names = common_names()
    return a in names and b in names and not counterpart(a, b)


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str:
    """The consonants that the Hebrew and the Latin spellings of a word share, with one letter for sounds that either writes alike.

    A vowel at the beginning (also י, y, j) is `a`; k, h and ch are one sound, so are the sibilants, b and v, p and f. A word in
    any other script is its own skeleton.
    """
    script = script_of(word)
    if script == LATIN and word.isascii():
        plain = word[:-1] if word.endswith(("ah", "eh", "oh")) else word
        plain = _SLAVIC_END.sub("itz", plain)
        for spelling, sound in _CLUSTERS:
            plain = plain.replace(spelling, sound)
        plain = _SOFT_C.sub("s", plain).replace("c", "k").translate(_LATIN_CLASSES)
        return ("a" if word[0] in "aeiouyj" else "") + _DOUBLED.sub(r"\1", plain)
    if script != HEBREW:
        return word
    plain = word.replace("וו", "ב")
    if word[0] == "ו":
        plain = "ב" + plain[1:]
    elif word in _CONSONANT_VAV:
        plain = plain.replace("ו", "ב", 1)
    plain = (plain[:-1] if len(plain) > 1 and plain[-1] == "ה" else plain).translate(_HEBREW_CLASSES)
    return ("a" if word[0] in "איע" else "") + _DOUBLED.sub(r"\1", plain)


@lru_cache(maxsize=65536)
def sound_key(word: str) -> str:
    """What the spellings of one name have in common: its skeleton, that of the name for many a nickname."""
    return skeleton(head_of(word)) or word


def one_slip(a: str, b: str) -> bool:
    """Whether one letter put in, taken out or exchanged, or two neighbours swapped, make one text of the other."""
    left, other, _start = _unlike(a, b)
    return max(len(left), len(other)) <= 1 or (len(left) == 2 and left == other[::-1])


def is_near(a: str, b: str) -> bool:
    """Whether two words of one script are a slip of the keys apart that makes no other name, as far as we know names."""
    short, long = sorted((a, b), key=len)
    if not one_slip(a, b) or other_names(a, b):
        return False
    if len(short) == len(long):
        return len(long) > 3 or sorted(short) == sorted(long)
    return not (long[:-1] == short and long[-1] in _ENDINGS and long[-1] != short[-1])


def is_transliteration(a: str, b: str) -> bool:
    """Whether one is a Hebrew word and the other the same in Latin letters."""
    return script_of(a) != script_of(b) and min(len(a), len(b)) > 1 and counterpart(a, b)


def _across(a: str, b: str) -> bool:
    """Whether a Hebrew and a Latin word are one name."""
    if {script_of(a), script_of(b)} != {HEBREW, LATIN}:
        return False
    hebrew, latin = (a, b) if script_of(a) == HEBREW else (b, a)
    if len(hebrew) == 1 or len(latin) == 1:
        return skeleton(hebrew)[:1] == skeleton(latin)[:1]
    names = common_names()
    if not names.get(hebrew, _NONE).isdisjoint(names.get(latin, _NONE)):
        return True
    if any(transliterated(form, latin, strictly=True) for form in forms_of(hebrew)):
        return True
    if any(transliterated(hebrew, form, strictly=True) for form in forms_of(latin)):
        return True
    # Dana is דנה and not דינה: a common name that has its own spelling takes no other common name's.
    if hebrew in names and latin in names and _has_own_spelling(latin):
        return False
    return any(transliterated(hebrew, form) for form in forms_of(latin))


@lru_cache(maxsize=8192)
def _has_own_spelling(latin: str) -> bool:
    if script_of(head_of(latin)) == HEBREW:
        return True
    return any(transliterated(name, latin, strictly=True) for name in _hebrew_by_skeleton().get(skeleton(latin), ()))


@lru_cache(maxsize=1)
def _hebrew_by_skeleton() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in common_names():
        if script_of(name) == HEBREW:
            found.setdefault(skeleton(name), []).append(name)
    return found


def _varies(a: str, b: str) -> bool:
    """Whether two words of one script are spellings of one sound."""
    if "א" <= a[0] <= "ת":
        plain, other = _plain_hebrew(a), _plain_hebrew(b)
        return plain == other or _spelled_fuller(plain, other) or _spelled_fuller(other, plain)
    if _plain_latin(a) == _plain_latin(b):
        return True
    return len(skeleton(a)) > 2 and skeleton(a) == skeleton(b) and _vowels(a) == _vowels(b)


def _feminine(a: str, b: str) -> bool:
    """Whether an a makes another person of the name: Daniel and Daniela, Ivanov and Ivanova."""
    return a == f"{b}a" or b == f"{a}a"


@lru_cache(maxsize=8192)
def _plain_latin(word: str) -> str:
    """A Latin word with one letter for each sound that is spelled in several ways."""
    word = _SLAVIC_END.sub("itz", word)
    for spelling, sound in LATIN_SOUNDS:
        word = word.replace(spelling, sound)
    word = _SOFT_C.sub("s", word).replace("c", "k")
    return _DOUBLED.sub(r"\1", word[:1] + word[1:].replace("h", ""))


@lru_cache(maxsize=8192)
def _vowels(word: str) -> list[str]:
    """The kinds of vowels of a Latin word in order: with i or y in it, with o or u, others; no silent e at the end."""
    runs = _VOWELS.findall(word.removesuffix("e") if len(word) > 4 else word)
    return ["i" if "i" in run or "y" in run else "o" if "o" in run or "u" in run else "a" for run in runs]


@lru_cache(maxsize=8192)
def _plain_hebrew(word: str) -> str:
    """A Hebrew word with one letter for each sound, single letters for doubled ones, ה for א at the end."""
    plain = _DOUBLED.sub(r"\1", word.translate(_HEBREW_SOUNDS))
    return f"{plain[:-1]}ה" if len(plain) > 2 and plain[-1] == "א" else plain


def _spelled_fuller(short: str, full: str) -> bool:
    """Whether `full` is `short` with one or two vowel letters more inside it, or a ה at its end."""
    if not 2 <= len(short) < len(full) <= len(short) + 2:
        return False
    at = 0
    for place, letter in enumerate(full):
        if at < len(short) and short[at] == letter:
            at += 1
        elif place == len(full) - 1:
            if letter != "ה" or len(short) < 4:
                return False
        elif place == 0 or letter not in "אוי":
            return False
    return at == len(short)


def _slipped(a: str, b: str) -> bool:
    """Whether the words are a slip of the keys apart: one in five letters or more, two in nine; two letters swapped in three."""
    longest = max(len(a), len(b))
    left, other, start = _unlike(a, b)
    if len(left) == 2 and left == other[::-1]:
        return start > 0 or longest >= 5
    if longest >= 5 and len(left) + len(other) <= 2 and max(len(left), len(other)) == 1:
        # Another first letter makes another name: Jason and Mason.
        return start > 0 or len(left) != len(other)
    return longest >= 9 and start > 0 and len(left) <= 7 and len(other) <= 7 and _distance(left, other) <= 2


def _unlike(a: str, b: str) -> tuple[str, str, int]:
    """What is left of two texts without the beginning and the end they share, and where it begins."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    return a[start : len(a) - end], b[start : len(b) - end], start


def _distance(a: str, b: str) -> int:
    """How many letters must be put in, taken out or exchanged to make one word of the other."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (letter != other))
    return row[-1]
