"""One number in a contact's row by which namesakes of one organisation find each other, however either is spelt.

The upper half says the name; two quarters say the organisation, once by its name and once by its mail domain. So an index of
that number alone leads from a common name straight to the few of one company.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from crm_tui.rules.company import company_words
from crm_tui.rules.likeness import name_words
from crm_tui.rules.spelling import skeleton, sound_key
from crm_tui.text.emails import domain_name

QUARTER = 0xFFFF
NAME_SPAN = 0xFFFFFFFF
"""The keys of one name are those from `sign & ~NAME_SPAN`, so many more."""


def name_key(name: str, company: str, domains: Sequence[str]) -> int:
    """The key of a full name with its company and the first of its own mail domains; 0 where either is missing: nobody is found."""
    if not (company or domains) or not (whole := _name(name)):
        return 0
    return whole | _company(company) << 16 | (_domain(min(domains)) if domains else 0)


def signs(name: str, company: str, domains: Sequence[str]) -> list[int]:
    """By what a person is looked for among the keys: the name with each sign of an organisation, in the lowest quarter."""
    if not (company or domains) or not (whole := _name(name)):
        return []
    return [whole | sign for sign in {_company(company), *map(_domain, domains)} if sign]


def is_found_by(key: int, wanted: Sequence[int]) -> bool:
    """Whether one of these signs leads to a key."""
    organisations = key & QUARTER, key >> 16 & QUARTER
    return key != 0 and any(sign >> 32 == key >> 32 and sign & QUARTER in organisations for sign in wanted)


@lru_cache(maxsize=4096)
def _name(name: str) -> int:
    """The upper half of the key: what the words of a full name sound like, in any order; 0 for less than two words."""
    words = name_words(name)
    if len(words) < 2:
        return 0
    text = " ".join(sorted(map(sound_key, words)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "big", signed=True) << 32


@lru_cache(maxsize=4096)
def _company(name: str) -> int:
    return _quarter("".join(company_words(name)))


@lru_cache(maxsize=4096)
def _domain(domain: str) -> int:
    return _quarter(domain_name(domain))


def _quarter(text: str) -> int:
    """A number from 1 to 65535 for what an organisation's name sounds like; 0 for none."""
    if not text:
        return 0
    plain = skeleton(text) or text
    return int.from_bytes(hashlib.blake2b(plain.encode(), digest_size=2).digest()) or 1
