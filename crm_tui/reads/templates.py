"""The templates that can be used on a person, filled with what is known of them, and the links that open what they say elsewhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from crm_tui.i18n import language
from crm_tui.reads.contact import CONTACT, ContactRow
from crm_tui.reads.look import Look
from crm_tui.roots import root_of
from crm_tui.rules.templates import language_for, values_of

if TYPE_CHECKING:
    from crm_tui.process_terms import Template

LANGUAGES = ("en", "he")
MOST_LINK = 6_000
"""Letters of a link that browsers and mail programs take whole."""


class Offer(NamedTuple):
    """What a template says to a person in one language; `link` opens it in the mail program or in WhatsApp, empty without an address."""

    key: str
    label: str
    kind: str
    language: str
    subject: str
    body: str
    link: str
    other_language: str = ""
    """Another language that it can say the same in."""

    @property
    def text(self) -> str:
        """All of it, to be copied."""
        return f"{self.subject}\n\n{self.body}" if self.subject else self.body


def offers(look: Look, contact: bytes, kind: str) -> list[Offer]:
    """The templates of a kind on a person: that of the attempts so far first (product.md rule 7), then those for any time."""
    row = _contact(look, contact)
    if row is None:
        return []
    process = look.process
    known = [one for one in process.templates if one.kind == kind]
    return [_offer(look, row, one, language_for(row.name, process.language or language())) for one in _in_order(known, row.attempts)]


def offer(look: Look, contact: bytes, key: str, language: str) -> Offer | None:
    """One template on a person in a language."""
    row = _contact(look, contact)
    return _offer(look, row, look.process.template(key), language) if row is not None else None


def templates_json(look: Look, contact: bytes | None = None) -> list[dict[str, Any]]:
    """`show templates`: each in each of its languages, with its fields or as it reads for a contact."""
    found = []
    row = _contact(look, contact) if contact else None
    for one in look.process.templates:
        for name in LANGUAGES:
            words = getattr(one, name)
            if words is None:
                continue
            known = {"key": one.key, "label": one.text, "kind": one.kind, "attempt": one.attempt, "language": name}
            if row is None:
                found.append(known | {"subject": words.subject, "body": words.body})
            else:
                filled = _offer(look, row, one, name)
                found.append(known | {"subject": filled.subject, "body": filled.body, "link": filled.link or None})
    return found


def _in_order(known: Sequence[Template], attempts: int) -> list[Template]:
    def place(one: Template) -> tuple[int, int]:
        if one.attempt is None:
            return 1, 0
        return (0, 0) if one.attempt == attempts else (2, one.attempt)

    return sorted(known, key=place)


def _contact(look: Look, contact: bytes) -> Any:
    row = CONTACT.one(look.db, id=root_of(look.db, contact))
    return ContactRow._make(row) if row is not None else None


def _offer(look: Look, row: Any, template: Template, language: str) -> Offer:
    properties = json.loads(row.properties) if row.properties else {}
    values = values_of(
        row.name,
        company=row.company or "",
        phone=row.phone or "",
        email=row.email or "",
        need=str(properties.get("need") or ""),
        campaign=row.campaign or "",
        sender=look.user(look.me) or "",
        business=look.process.name,
    )
    subject, body = template.filled(language, values)
    other = next((one for one in LANGUAGES if one != language and getattr(template, one) is not None), "")
    if getattr(template, language) is None:
        language, other = other, ""
    return Offer(template.key, template.text, template.kind, language, subject, body, _link(row, template.kind, subject, body), other)


def _link(row: Any, kind: str, subject: str, body: str) -> str:
    """A link of plain letters only: whatever stands in a text is escaped."""
    if kind == "email" and row.email and row.email_ok:
        return f"mailto:{quote(row.email, safe='@')}?subject={quote(subject, safe='')}&body={quote(_lines(body), safe='')}"
    if kind == "message" and row.phone_e164:
        return f"https://wa.me/{row.phone_e164.lstrip('+')}?text={quote(body, safe='')}"
    return ""


def _lines(body: str) -> str:
    """The line ends that a mail link has."""
    return body.replace("\n", "\r\n")
