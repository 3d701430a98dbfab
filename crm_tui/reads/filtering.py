"""A filter as SQL over contacts `c`, with the index that SQLite, which keeps no statistics, is to begin with."""

from __future__ import annotations

from typing import Any

from crm_tui.campaigns import campaign_names
from crm_tui.filters.nodes import All, Either, Node, Not, Term, Words, parts_of
from crm_tui.filters.parser import parse
from crm_tui.filters.vocabulary import Vocabulary, vocabulary
from crm_tui.reads.conditions import FREE, Condition, Conditions, args_of, fewest, free_values, united
from crm_tui.reads.look import Look
from crm_tui.reads.search import LONGEST_QUERY


def words_of(look: Look, *, known: bool = False) -> Vocabulary:
    """The words of filters in this store; `known` with the tags, campaigns and companies that there are, for completion."""
    free = {key: free_values(look, column, table) for key, (column, table) in FREE.items()} if known else None
    return vocabulary(look.process, look.users.values(), look.now, campaign_names(look.db), free)


def understood(look: Look, text: str) -> Node:
    """The filter that a line means in this store; refused with its place when it cannot be read."""
    return parse(text, words_of(look)) if text.strip() else All(())


def where(look: Look, node: Node, *, starting: bool = True) -> tuple[str, list[Any]]:
    """The condition of a filter on contacts `c` that are not removed; `starting` says with which index SQLite begins."""
    found = _condition(Conditions(look), node)
    terms, args = ["c.removed <= 0", found.sql], list(found.args)
    if starting and look.db.is_sqlite and (start := fewest(look, found.starts)) is not None:
        terms.append(f"c.{start.equals} = ?" if start.equals else f"c.key IN ({start.sql})")
        args += start.args
    return " AND ".join(terms), args


def search_text(node: Node) -> str | None:
    """The words of a filter where all that they find is shown in the order of search."""
    words = [one for one in parts_of(node) if isinstance(one, Words)]
    if len(words) != 1 or any(" " in item for item in words[0].items):
        return None
    text = " ".join(words[0].items)
    return text if len(text) <= LONGEST_QUERY else None


def _condition(terms: Conditions, node: Node) -> Condition:
    match node:
        case Words(items):
            return terms.words(items)
        case Term():
            return terms.term(node)
        case Not(inner):
            one = _condition(terms, inner)
            return Condition(f"({one.sql}) IS NOT TRUE", one.args)
        case All(nodes):
            conditions = [_condition(terms, one) for one in nodes]
            starts = [start for one in conditions for start in one.starts]
            return Condition(" AND ".join(one.sql for one in conditions) or "1 = 1", args_of(conditions), starts)
        case Either(nodes):
            conditions = [_condition(terms, one) for one in nodes]
            sql = " OR ".join(f"({one.sql})" for one in conditions)
            return Condition(f"({sql})", args_of(conditions), united(terms.look, conditions))
