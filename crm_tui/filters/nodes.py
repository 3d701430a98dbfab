"""A filter as it is understood, and as it is written: what is printed reads back as the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from crm_tui.text.clean import clean_line

QUOTES = '"“”„״'
OR = ("or", "או", "|")
AND = ("and", "וגם", "&")
OPERATOR = re.compile(r"([^\W\d_]\w*)(>=|<=|[:=<>≥≤])")
"""A key with what follows it."""
_SPACE = re.compile(r"\s")
_QUOTE = re.compile(f"[{QUOTES}]")


@dataclass(frozen=True, slots=True)
class Words:
    """Words that search finds somebody by; one with a space in it stands there as it is."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A key, `:` or a comparison, and a value in the one spelling that is kept."""

    key: str
    op: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """Whoever is not so."""

    node: Node


@dataclass(frozen=True, slots=True)
class All:
    """Whoever is all of it; of nothing, everybody."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Whoever is one of it."""

    nodes: tuple[Node, ...]


Node: TypeAlias = Words | Term | Not | All | Either
EVERYBODY = All(())
Spell = Callable[[Term], tuple[str, str]]
"""The key and the value of a term as a person reads them."""


def all_of(nodes: Sequence[Node]) -> Node:
    """All of these, words that follow one another as one search."""
    found: list[Node] = []
    for node in nodes:
        for one in node.nodes if isinstance(node, All) else (node,):
            if isinstance(one, Words) and found and isinstance(last := found[-1], Words):
                found[-1] = Words(last.items + one.items)
            else:
                found.append(one)
    return found[0] if len(found) == 1 else All(tuple(found))


def either_of(nodes: Sequence[Node]) -> Node:
    """One of these."""
    found = [one for node in nodes for one in (node.nodes if isinstance(node, Either) else (node,))]
    return found[0] if len(found) == 1 else Either(tuple(found))


def negated(node: Node) -> Node:
    """Whoever is not so."""
    return node.node if isinstance(node, Not) else Not(node)


def parts_of(node: Node) -> tuple[Node, ...]:
    """What must all be so."""
    return node.nodes if isinstance(node, All) else (node,)


def printed(node: Node, spell: Spell = lambda term: (term.key, term.value), either: str = " or ") -> str:
    """The filter in one line; keys and values as `spell` has them, else as they are kept."""
    match node:
        case Words(items):
            return " ".join(map(quoted, items))
        case Term(_, op, _):
            key, value = spell(node)
            return f"{key}{op}{quoted(value)}"
        case Not(inner):
            text = printed(inner, spell, either)
            return f"-{text}" if isinstance(inner, Term) or (isinstance(inner, Words) and len(inner.items) == 1) else f"-({text})"
        case All(nodes):
            return " ".join(f"({printed(one, spell, either)})" if isinstance(one, Either) else printed(one, spell, either) for one in nodes)
        case Either(nodes):
            return either.join(printed(one, spell, either) for one in nodes)


def quoted(text: str) -> str:
    """A text as it stands in a filter."""
    return f'"{_QUOTE.sub("", text)}"' if _needs_quotes(text) else text


def kept(text: str) -> str:
    """A text as a filter keeps it: clean, and without quotes where it would stand between some."""
    text = clean_line(text)
    return clean_line(_QUOTE.sub("", text)) if _needs_quotes(text) else text


def _needs_quotes(text: str) -> bool:
    return (
        not text
        or text[0] in f"-({QUOTES}"
        or ")" in text
        or text.casefold() in (*OR, *AND)
        or OPERATOR.match(text) is not None
        or _SPACE.search(text) is not None
    )
