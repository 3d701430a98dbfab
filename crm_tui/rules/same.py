"""Whether two records are one person's (product.md rule 1): by phone, e-mail, or the full name with the organisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from crm_tui.rules.company import LONGEST_COMPANY, agree
from crm_tui.rules.identity import OTHER_SPELLING, SAME_NAME_AND_COMPANY, SHARED_POINT
from crm_tui.rules.likeness import Likeness, likeness, name_words, same_full_name
from crm_tui.text.clean import clean_line
from crm_tui.text.emails import is_shared_mailbox, normalise_email, own_domains, split_emails
from crm_tui.text.phones import normalise_phone, split_phones


class Person(NamedTuple):
    """What a record says of a person, phones and e-mails normalised and the invalid ones left out."""

    name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    company: str = ""


class Verdict(NamedTuple):
    """Whether two records are one person's, how sure that is (from 0.5 on it is the same) and why, as a code."""

    same: bool
    score: float
    why: str


SAME_PHONE = "same phone"
SAME_EMAIL = "same e-mail"
SAME_BOTH = "same phone and e-mail"
COLLEAGUES = "same company, another person"
NAME_ALONE = "same name alone"
NOTHING = "nothing in common"

_BY_LIKENESS = {
    Likeness.EQUAL: 0.97,
    Likeness.SPELT: 0.95,
    Likeness.PART: 0.9,
    Likeness.NEAR: 0.85,
    Likeness.UNKNOWN: 0.7,
    Likeness.SLIPPED: 0.4,
    Likeness.DIFFERENT: 0.2,
}
"""How sure one shared phone or e-mail makes it."""


def person(record: Mapping[str, str], region: str = "IL") -> Person:
    """A person of a record's name, phone, e-mail and company as they were typed; a cell may hold several."""
    phones = (normalise_phone(raw, region) for raw in split_phones(record.get("phone", "")))
    emails = (normalise_email(raw) for raw in split_emails(record.get("email", "")))
    return Person(
        clean_line(record.get("name", "")),
        tuple(filter(None, phones)),
        tuple(filter(None, emails)),
        clean_line(record.get("company", ""))[:LONGEST_COMPANY],
    )


def compare(a: Person, b: Person) -> Verdict:
    """Judge two records, whichever comes first.

    A shared phone or e-mail makes one person of them unless their names are two people's: a family, a switchboard, an info@
    mailbox. Without one the same full name does, where company or own mail domain agree; the name alone never does.
    """
    alike = likeness(a.name, b.name)
    phone = any(value in b.phones for value in a.phones)
    emails = [value for value in a.emails if value in b.emails]
    if phone or emails:
        own_mailbox = any(not is_shared_mailbox(value) for value in emails)
        return _by_points(alike, phone, bool(emails), own_mailbox, _elsewhere(a, b))
    return _by_name(a, b, alike)


def _by_points(alike: Likeness, phone: bool, email: bool, own_mailbox: bool, elsewhere: bool) -> Verdict:
    """The verdict on two who share a phone or an e-mail."""
    if not phone and not own_mailbox and elsewhere and alike < Likeness.SPELT:
        # Who reads an info@ mailbox is told by the name alone.
        return Verdict(False, 0.3, SHARED_POINT)
    if phone and own_mailbox:
        if alike is Likeness.DIFFERENT:
            return Verdict(False, 0.4, SHARED_POINT)
        return Verdict(True, min(1.0, _BY_LIKENESS[max(alike, Likeness.UNKNOWN)] + 0.03), SAME_BOTH)
    score = _BY_LIKENESS[alike]
    if score < 0.5:
        return Verdict(False, score, SHARED_POINT)
    return Verdict(True, score, SAME_BOTH if phone and email else SAME_PHONE if phone else SAME_EMAIL)


def _by_name(a: Person, b: Person, alike: Likeness) -> Verdict:
    """The verdict on two who share neither phone nor e-mail."""
    is_namesake = same_full_name(a.name, b.name)
    if agree(a.company, own_domains(a.emails), b.company, own_domains(b.emails)):
        if is_namesake:
            exactly = alike is Likeness.EQUAL
            return Verdict(True, 0.8 if exactly else 0.75, SAME_NAME_AND_COMPANY if exactly else OTHER_SPELLING)
        return Verdict(False, 0.3 if name_words(a.name) and name_words(b.name) and alike >= Likeness.PART else 0.1, COLLEAGUES)
    return Verdict(False, 0.3, NAME_ALONE) if is_namesake else Verdict(False, 0.0, NOTHING)


def _elsewhere(a: Person, b: Person) -> bool:
    """Whether both have a phone, but not the same."""
    return bool(a.phones and b.phones) and not any(value in b.phones for value in a.phones)
