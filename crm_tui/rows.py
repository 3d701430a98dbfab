"""From the values that make a contact to its rows in the tables: pure, so that an import can prepare them beside the writer."""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from crm_tui import log
from crm_tui.rules.fold import Event, State, fold
from crm_tui.rules.lead import Lead, PointFacts, arrival, company_id, new_contact
from crm_tui.rules.namekey import name_key, signs
from crm_tui.text.emails import own_domains
from crm_tui.text.fold import fold as folded

KEY, BORN, PLACE = 0, 2, 15
"""Where a contact's row takes what only the writer knows: its local key, the stamps of its making and of its last event."""

_STATE_COLUMNS = (
    "place lifecycle status role reason reason_text closed_at source source_detail campaign latest_source owner desk routed_at"
    " started_at first_attempt_at last_attempt_at last_talk_at worked_at returned_at attempts"
)
STATE_COLUMNS = tuple(_STATE_COLUMNS.split())


class Made(NamedTuple):
    """A lead by what it is found, and its contact and its arrival ready to be written if it turns out to be new.

    A lead from which more follows than its arrival has no `row`: it is made by the ordinary way.
    """

    contact: bytes
    entry: bytes
    values: list[str]
    signs: list[int]
    company: bytes | None
    lead: bytes
    sealed: bytes = b""
    digest: bytes = b""
    row: list[Any] | None = None
    points: Sequence[Sequence[Any]] = ()
    data: str | None = None

    def as_lead(self) -> Lead:
        """The lead itself, which only few rows are asked for."""
        name, points, *rest = marshal.loads(self.lead)
        return Lead(name, [PointFacts(*point) for point in points], *rest)


def make(lead: Lead, contact: bytes, entry: bytes, at: int, by: bytes, **more: Any) -> Made:
    """Prepare a lead."""
    plain: Any = (lead.name, [tuple(point) for point in lead.points], *lead[2:])
    who = (contact, entry, *found_by(lead), company_id(lead.company) if lead.company else None, marshal.dumps(plain))
    value = new_contact(lead, at)
    came = arrival(lead, contact, at, by, **more)
    data = came["data"]
    state = fold((Event((0, entry), came["kind"], at, by, data),))
    if state.followed or lead.tags:
        return Made(*who)
    content = log.canonical(
        [
            ["contact", contact.hex(), "*", None, value, None, None],
            ["entry", entry.hex(), "*", None, came, None, None],
        ]
    )
    sealed, digest = log.seal(contact, content)
    row = contact_row(contact, value, lead.company, state)
    points = [(contact, *point) for point in value.get("points", ())]
    return Made(*who, sealed, digest, row, points, log.encode(data) if data else None)


def found_by(lead: Lead) -> tuple[list[str], list[int]]:
    """By what rule 1 finds who this is: valid phones and e-mails, and the signs of the name with an organisation."""
    return [point.value for point in lead.points if point.valid], list(signs(lead.name, lead.company, lead.domains))


def contact_row(contact: bytes, value: dict[str, Any], company: str, state: State) -> list[Any]:
    """The row of a new contact but for its key and stamps."""
    points = [(kind, value_, raw, valid, index) for index, (kind, value_, raw, _label, valid) in enumerate(value.get("points", ()))]
    properties = value.get("properties")
    name = value["name"]
    return [
        None,
        contact,
        0,
        value["created"],
        0,
        name,
        bytes.fromhex(value["company"]) if value.get("company") else None,
        value.get("readiness"),
        log.encode(properties) if properties else None,
        *primary(points),
        search_text(name, company, [(kind, value_) for kind, value_, *_ in points]),
        name_key(name, company, domains_of(points)),
        *state_values(state, value["created"]),
        None,
        None,
        None,
        None,
        0,
        0,
        0,
    ]


def state_values(state: State, created: int) -> tuple[Any, ...]:
    """The folded state in the order of `STATE_COLUMNS`; who never arrived (the row of a file that touched somebody else on an earlier
    laptop) waits since being made.
    """
    if not state.arrived:
        state.started_at = created
    return tuple([getattr(state, name) for name in STATE_COLUMNS])


def search_text(name: str, company: str, points: Iterable[tuple[str, str]], also: Iterable[str] = ()) -> str:
    """What search looks in: words of name and company, then after a line with @ the contact points.

    `also` are names and companies of those who were merged into the contact.
    """
    more = "".join([f"\n{words}" for words in sorted(set(map(folded, also))) if words])
    return f"{folded(name)}\n{_folded_company(company)}{more}\n@" + "\n".join([_searched(*point) for point in sorted(points)])


def _searched(kind: str, value: str) -> str:
    return value.lstrip("+") if kind == "phone" else folded(value)


def search_words(search: str) -> str:
    """The part of a search text that is indexed by words."""
    return search.partition("\n@")[0]


@lru_cache(maxsize=4096)
def _folded_company(name: str) -> str:
    return folded(name) if name else ""


def domains_of(points: Iterable[Sequence[Any]]) -> tuple[str, ...]:
    """The own mail domains of points (kind, value, raw, valid, rank)."""
    return own_domains(point[1] for point in points if point[0] == "email" and point[3])


def primary(points: Iterable[Sequence[Any]]) -> tuple[str | None, str | None, str | None, int]:
    """Phone (raw), phone (normalised), e-mail and whether it is valid, of points (kind, value, raw, valid, rank and what else orders)."""
    phone = email = None
    for point in points:
        if point[0] == "phone":
            if phone is None or _rank(point) < _rank(phone):
                phone = point
        elif email is None or _rank(point) < _rank(email):
            email = point
    return (
        phone[2] if phone else None,
        phone[1] if phone and phone[3] else None,
        (email[1] if email[3] else email[2]) if email else None,
        int(email[3]) if email else 0,
    )


def _rank(point: Sequence[Any]) -> tuple[int, Any, str]:
    return (1 - point[3], point[4], point[1])
