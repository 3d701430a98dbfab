"""A new lead from one typed line: `Dana Cohen / Acme 052-7325777 dana@x.example #expo !high "wants a demo"`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from crm_tui.text.clean import clean_line
from crm_tui.text.fold import fold
from crm_tui.text.phones import FEWEST_DIGITS, normalise_phone

_LONGEST = 2_000
_SHORTEST_PREFIX = 3
_MOST_WORDS = 12
"""Of so many words in a row that look like parts of numbers the number is looked for."""


def _by_word(lines: dict[str, str]) -> dict[str, str]:
    return {fold(word): code for code, line in lines.items() for word in (code, *line.split())}


_SOURCES = _by_word(
    {
        "web_form": "web webform website site form landing אתר מהאתר טופס אינטרנט",
        "web_chat": "webchat chat צאט צ׳אט",
        "email": "mail mailing newsletter מייל אימייל דואל",
        "ads": "ad advert advertising ppc פרסום פרסומת מודעה ממומן",
        "social": "רשתות חברתיות",
        "import": "יבוא ייבוא קובץ",
        "api": "ממשק",
        "other": "אחר",
        "phone": "call tel טלפון שיחה",
        "exhibition": "expo fair conference תערוכה כנס יריד",
        "press": "newspaper radio עיתונות עיתון רדיו",
        "referral": "referred friend הפניה הפנייה המלצה חבר",
        "partner": "reseller שותף שותפים",
    }
)
"""Words that name a source and say no more than its code, in the order in which beginnings of words are tried."""
_BRANDS = _by_word(
    {
        "ads": "google adwords taboola outbrain גוגל טאבולה",
        "social": "facebook fb instagram linkedin twitter tiktok youtube פייסבוק אינסטגרם לינקדאין טיקטוק יוטיוב",
        "web_chat": "whatsapp telegram messenger וואטסאפ ווטסאפ טלגרם",
    }
)
"""Words that name a source and say more than its code: they are kept as its detail."""
_READINESS = _by_word({"high": "hot גבוהה גבוה חם", "medium": "בינונית בינוני", "low": "נמוכה נמוך"})

# A quote stands at the edges of words: gershayim inside a word (בע"מ) belong to it.
_NOTE = re.compile(r'(?<!\S)["“”„«](?P<note>[^\s"“”„«»].*?)["“”»](?=[\s,.;]|$)')
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_STAR = re.compile(r"\*\d{3,6}")
_PHONE_PART = re.compile(r"[+(]*\d[\d().+/\-‐-―־]*|[(+]")
_COMPANY = re.compile(r"(?:^|\s)[/·](?:\s|$)")
_EDGES = " ,;:<>()[]"


def parse_lead_line(text: str, region: str, own_sources: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """The fields of `add_lead` that a line names: whatever is no e-mail, phone, `#source`, `!readiness` or quoted note is the name.

    `own_sources` are those that the business added: folded word to code. A second e-mail or phone goes into the note: nothing that was
    typed is lost.
    """
    line = clean_line(text[:_LONGEST])
    notes = [match["note"].strip() for match in _NOTE.finditer(line)]
    line = _NOTE.sub(" ", line)
    found: dict[str, str] = {}
    words = [word for word in line.split() if not _take_sign(word, found, own_sources) and not _take_email(word, found, notes)]
    words = _take_phones(words, region, found, notes)
    name, *company = _COMPANY.split(" ".join(words), maxsplit=1)
    for key, value in (("name", name), ("company", " ".join(company)), ("note", " ".join(notes))):
        if value := clean_line(value.strip(_EDGES)):
            found[key] = value
    return found


def _take_sign(word: str, found: dict[str, str], own_sources: Mapping[str, str]) -> bool:
    """Whether `word` is a `#source`, `#campaign` or `!readiness`, which is then noted."""
    bare = word.rstrip(_EDGES)
    folded = fold(bare[1:])
    if not folded:
        return False
    if word[0] == "!":
        codes = {code for known, code in _READINESS.items() if known.startswith(folded)}
        if len(codes) != 1 or "readiness" in found:
            return False
        found["readiness"] = codes.pop()
        return True
    if word[0] != "#":
        return False
    code = own_sources.get(folded) or _source(folded) or _beginning(folded, own_sources)
    if code is not None and "source" not in found:
        found["source"] = code
        if folded not in _SOURCES and folded in _BRANDS:
            found["source_detail"] = bare[1:]
    else:
        found["campaign"] = f"{found['campaign']} {bare[1:]}" if "campaign" in found else bare[1:]
    return True


def _source(folded: str) -> str | None:
    """The source that a folded word or the beginning of one names."""
    return _SOURCES.get(folded) or _BRANDS.get(folded) or _beginning(folded, _SOURCES)


def _beginning(folded: str, sources: Mapping[str, str]) -> str | None:
    """The source of the first word that begins so."""
    if len(folded) < _SHORTEST_PREFIX:
        return None
    return next((code for word, code in sources.items() if word.startswith(folded)), None)


def _take_email(word: str, found: dict[str, str], notes: list[str]) -> bool:
    bare = word.strip(_EDGES + "\"'.").removeprefix("mailto:")
    if not _EMAIL.fullmatch(bare):
        return False
    if "email" in found:
        notes.append(bare)
    else:
        found["email"] = bare
    return True


def _take_phones(words: list[str], region: str, found: dict[str, str], notes: list[str]) -> list[str]:
    """The words without the phones among them."""
    rest: list[str] = []
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and _PHONE_PART.fullmatch(words[end].rstrip(",;")):
            end += 1
        if end == at:
            bare = words[at].strip(_EDGES)
            if _STAR.fullmatch(bare):
                _note_phone(bare, found, notes)
            else:
                rest.append(words[at])
            at += 1
            continue
        start, stop = _number(words[at:end], region)
        rest += words[at : at + start]
        if stop > start:
            _note_phone(" ".join(words[at + start : at + stop]).rstrip(",;"), found, notes)
        at += max(stop, 1) if stop > start else end - at
    return rest


def _note_phone(phone: str, found: dict[str, str], notes: list[str]) -> None:
    if "phone" in found:
        notes.append(phone)
    else:
        found["phone"] = phone


def _number(words: list[str], region: str) -> tuple[int, int]:
    """Where in a row of words with digits a phone stands: the longest valid one, else all when it has enough digits."""
    if len(words) <= _MOST_WORDS:
        for length in range(len(words), 0, -1):
            for start in range(len(words) - length + 1):
                joined = " ".join(words[start : start + length]).rstrip(",;")
                if _digits(joined) >= FEWEST_DIGITS and normalise_phone(joined, region):
                    return start, start + length
    return (0, len(words)) if _digits(" ".join(words)) >= FEWEST_DIGITS else (len(words), len(words))


def _digits(text: str) -> int:
    return sum(map(str.isdecimal, text))
