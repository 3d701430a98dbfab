"""Possible duplicates: pairs of contacts that a person has to judge (product.md rule 1)."""

from __future__ import annotations

from typing import Any, NamedTuple

from peewee import JOIN, SQL

from crm_tui.db import Prepared, arg
from crm_tui.models import Company, Contact, Pair
from crm_tui.reads.labels import duplicate_label
from crm_tui.reads.look import Look
from crm_tui.reads.search import FoundRow, found_json


class PairRow(NamedTuple):
    """Two contacts flagged as the same person: `a` was there first; `why` is a code."""

    a: FoundRow
    b: FoundRow
    why: str


def _query() -> Any:
    a, b = Contact.alias(), Contact.alias()
    company_a, company_b = Company.alias(), Company.alias()
    return (
        Pair.select(
            *(a.id, a.name, a.phone, a.email, company_a.name),
            *(b.id, b.name, b.phone, b.email, company_b.name),
            Pair.why,
        )
        .join(a, on=(a.id == Pair.contact))
        .join(company_a, JOIN.LEFT_OUTER, on=(company_a.id == a.company))
        .join(b, on=(b.id == Pair.other))
        .join(company_b, JOIN.LEFT_OUTER, on=(company_b.id == b.company))
        # Each pair is stored in both directions; the older contact comes first.
        .where(
            Pair.shown == SQL("1"), a.removed <= SQL("0"), b.removed <= SQL("0"), (a.born < b.born) | ((a.born == b.born) & (a.id < b.id))
        )
        .order_by(b.born.desc(), b.id.desc(), a.born.desc(), a.id.desc())
        .limit(arg("limit"))
    )


PAIRS = Prepared(_query)


def duplicates(look: Look, limit: int = 1_000_000) -> list[PairRow]:
    """The flagged pairs, each once, that with the newest contact first."""
    size = len(FoundRow._fields)
    return [
        PairRow(FoundRow._make(row[:size]), FoundRow._make(row[size : 2 * size]), row[-1]) for row in PAIRS.cursor(look.db, limit=limit)
    ]


def duplicates_json(look: Look, limit: int = 1_000_000) -> list[dict[str, Any]]:
    """`show duplicates`."""
    return [{"a": found_json(pair.a), "b": found_json(pair.b), "why": duplicate_label(pair.why)} for pair in duplicates(look, limit)]
