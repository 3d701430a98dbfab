"""Who else may be this person: everybody in the store of one phone, e-mail, or name and organisation, judged by the one rule."""

from __future__ import annotations

from typing import Any, NamedTuple

from crm_tui.facts import MOST_JUDGED, known_ids
from crm_tui.reads.labels import verdict_label
from crm_tui.reads.look import Look
from crm_tui.reads.search import FoundRow, found_json
from crm_tui.rules.namekey import signs
from crm_tui.rules.same import Person, compare
from crm_tui.text.emails import own_domains

SAME = 0.5
"""From this score on two records are one person's."""


class Candidate(NamedTuple):
    """Somebody who may be the person, how sure that is and why, as a code."""

    row: FoundRow
    score: float
    why: str


def candidates(look: Look, one: Person, contact: bytes | None = None, least: float = SAME) -> list[Candidate]:
    """Who in the store may be this person, the surest first; never the `contact` itself."""
    by_point, by_sign = known_ids(look.db, {*one.phones, *one.emails}, signs(one.name, one.company, own_domains(one.emails)))
    found = {id_ for ids in (*by_point.values(), *by_sign.values()) for id_ in ids} - {contact}
    judged = [(row, compare(one, other)) for row, other in _people(look, found)]
    best = [Candidate(row, verdict.score, verdict.why) for row, verdict in judged if verdict.score >= least]
    return sorted(best, key=_surest_first)


def candidates_json(look: Look, one: Person, contact: bytes | None = None, least: float = SAME) -> list[dict[str, Any]]:
    """`candidates` with their ids and the reasons in words."""
    return [
        found_json(found.row) | {"score": found.score, "why": verdict_label(found.why)} for found in candidates(look, one, contact, least)
    ]


def person_of(look: Look, contact: bytes) -> Person | None:
    """What the store says of a contact, to look for others like it; None when there is none."""
    return next((person for _row, person in _people(look, {contact})), None)


def _people(look: Look, ids: set[bytes]) -> list[tuple[FoundRow, Person]]:
    """Contacts as lists show them and as they are judged."""
    wanted = sorted(ids)[:MOST_JUDGED]
    points: dict[bytes, list[tuple[str, str]]] = {id_: [] for id_ in wanted}
    for contact, kind, value in look.db.where_in(
        "SELECT DISTINCT contact, kind, value FROM point WHERE valid = 1 AND removed = 0 AND contact IN ({})", wanted
    ):
        points[contact].append((kind, value))
    rows = look.db.where_in(
        "SELECT c.id, c.name, c.phone, c.email, o.name FROM contact c LEFT JOIN company o ON o.id = c.company"
        " WHERE c.removed <= 0 AND c.id IN ({})",
        wanted,
    )
    return [(row, _person(row, points[row.id])) for row in map(FoundRow._make, rows)]


def _person(row: FoundRow, points: list[tuple[str, str]]) -> Person:
    phones = tuple(value for kind, value in points if kind == "phone")
    return Person(row.name, phones, tuple(value for kind, value in points if kind == "email"), row.company or "")


def _surest_first(found: Candidate) -> tuple[float, bytes]:
    return -found.score, found.row.id
