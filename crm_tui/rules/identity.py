"""Who is the same person (product.md rule 1): whether two names plainly differ, and what becomes of an incoming lead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crm_tui.rules.company import agree
from crm_tui.rules.likeness import Likeness, likeness, name_words, same_full_name
from crm_tui.rules.spelling import MIXED, script_of

NEW = "new contact"
RETURNING = "returning"
SEVERAL = "matches several contacts"
SHARED_POINT = "shared phone or e-mail"
SAME_NAME_AND_COMPANY = "same name and company"
OTHER_SPELLING = "same name in another spelling, same company"
MOST_FLAGGED = 20
"""A lead is flagged with so many, those last dealt with: what more than that share (a switchboard, "Sales Team") names nobody."""


class Known(NamedTuple):
    """A known contact as far as identity needs it: own mail domains only, `last_dealt` in milliseconds.

    `also` are names that it bore in contacts merged into it.
    """

    id: bytes
    name: str
    company: str
    domains: tuple[str, ...]
    last_dealt: int
    also: tuple[str, ...] = ()


class Decision(NamedTuple):
    """What becomes of a lead: the contact it touches (None: one of its own), the possible duplicates of it, and why."""

    touch: bytes | None
    flag: tuple[bytes, ...]
    why: str


def decide(
    name: str,
    linked: Sequence[Known],
    namesakes: Sequence[Known] = (),
    company: str = "",
    domains: tuple[str, ...] = (),
) -> Decision:
    """Decide product.md rule 1 for one lead: `linked` share a valid phone or e-mail with it, `namesakes` perhaps name and company.

    `domains` are the lead's own mail domains, free mail left out.
    """
    alike = [known for known in linked if not all(plainly_differ(name, one) for one in (known.name, *known.also))]
    if alike:
        touched = max(alike, key=_last_dealt)
        others = tuple(known.id for known in alike if known.id != touched.id)[:MOST_FLAGGED]
        return Decision(touched.id, others, SEVERAL if others else RETURNING)
    agreeing = [known for known in namesakes if same_full_name(name, known.name) and agree(company, domains, known.company, known.domains)]
    flagged = tuple(dict.fromkeys(known.id for known in (*linked, *agreeing)))[:MOST_FLAGGED]
    if linked:
        return Decision(None, flagged, SHARED_POINT)
    if not agreeing:
        return Decision(None, (), NEW)
    is_spelt_alike = any(likeness(name, known.name) is Likeness.EQUAL for known in agreeing)
    return Decision(None, flagged, SAME_NAME_AND_COMPANY if is_spelt_alike else OTHER_SPELLING)


def plainly_differ(a: str, b: str) -> bool:
    """Whether two names plainly differ (product.md rule 1): both full, in one script, and in each a word without counterpart.

    A counterpart is the same word, a spelling variant, a nickname, an initial or a slip of the keys that makes no other name;
    each word is the counterpart of one word only, wherever it stands. So "Dana Cohen" and "Yossi Kohen" plainly differ (dana,
    yossi), "Dana Cohen" and "Dana Levi" too (cohen, levi), but "Dana Levi Cohen" and "Cohen D." do not: every word of the
    shorter has its counterpart in the longer.
    """
    if likeness(a, b) > Likeness.SLIPPED:
        return False
    first, second = name_words(a), name_words(b)
    scripts = {script_of(word) for word in (*first, *second)}
    return min(len(first), len(second)) > 1 and len(scripts) == 1 and MIXED not in scripts


def _last_dealt(known: Known) -> int:
    return known.last_dealt
