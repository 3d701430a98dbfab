"""The words of one business in filters: its statuses, stages, desks and people, in the language in use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crm_tui.filters.keys import BY_NAME, SHOWS
from crm_tui.filters.nodes import Node, Term, printed
from crm_tui.i18n import gettext as _
from crm_tui.i18n import language
from crm_tui.text.fold import fold

if TYPE_CHECKING:
    from crm_tui.process import Process
    from crm_tui.process_terms import Term as ProcessTerm


@dataclass(frozen=True)
class Vocabulary:
    """What values there are, by key: each with all that it is called, the label in use last. `known`: what free texts there are."""

    choices: Mapping[str, Mapping[str, tuple[str, ...]]]
    currency: str
    now: int
    zone: ZoneInfo
    known: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def find(self, key: str, value: str) -> str | None:
        """The value that a word means: by its code or a label, also by the first words of one label alone."""
        choices = self.choices.get(key, {})
        if value in choices:
            return value
        wanted = plain(value)
        begun = set()
        for code, names in choices.items():
            for name in (code, *names):
                if (known := plain(name)) == wanted:
                    return code
                if wanted and known.startswith(f"{wanted} "):
                    begun.add(code)
        return begun.pop() if len(begun) == 1 else None

    def label(self, key: str, value: str) -> str:
        """What a value is called."""
        names = self.choices.get(key, {}).get(value)
        return names[-1] if names else value

    def shown(self, node: Node) -> str:
        """A filter as a person reads it; it reads back as the same."""
        return printed(node, self._spell, " או ") if language() == "he" else printed(node)

    def _spell(self, term: Term) -> tuple[str, str]:
        return self.typed(term.key, "he"), self.typed_value(term.key, term.value, "he")

    def typed(self, key: str, language: str) -> str:
        """A key as one types it."""
        return BY_NAME[key].hebrew[0] if language == "he" else key

    def typed_value(self, key: str, value: str, language: str) -> str:
        """A value as one types it: its label in one word, where that means it."""
        if language != "he":
            return value
        word = "_".join(self.label(key, value).split())
        return word if self.find(key, word) == value else value


def plain(text: str) -> str:
    """What two spellings of a value have in common."""
    return " ".join(fold(text).replace("_", " ").split()) or text.casefold()


def meant_by(word: str, known: Iterable[str]) -> str:
    """What was perhaps meant by a wrong word, as a sentence to add; empty when nothing is near it."""
    names: dict[str, str] = {}
    for name in known:
        names.setdefault(name.casefold(), name)
    near = get_close_matches(word[:60].casefold(), names, 1, 0.55)
    return " " + _("Did you mean {name}?").format(name=names[near[0]]) if near else ""


def vocabulary(
    process: Process, users: Iterable[str], now: int, campaigns: Iterable[str] = (), known: Mapping[str, Sequence[str]] | None = None
) -> Vocabulary:
    """The words of a business with these users and campaigns."""
    checklists = {name: (name,) for name in campaigns}
    stages = [stage for pipeline in process.pipelines for stage in pipeline.stages]
    choices: dict[str, Mapping[str, tuple[str, ...]]] = {
        "stage": _terms(process.lifecycle),
        "status": _terms(process.statuses),
        "readiness": _terms(process.readiness) | _shown("readiness"),
        "desk": _terms(process.desks) | _shown("desk"),
        "deal": _terms(stages) | _shown("deal"),
        "source": _terms(process.sources),
        "owner": {name: (name,) for name in users} | _shown("owner"),
        "in": checklists,
        "ticked": checklists,
        **{key: _shown(key) for key in ("is", "missing", "next", "touched", "company")},
    }
    return Vocabulary(choices, process.currency, now, process.zone, known or {})


def _terms(terms: Sequence[ProcessTerm]) -> dict[str, tuple[str, ...]]:
    return {term.key: term.spellings for term in terms}


def _shown(key: str) -> dict[str, tuple[str, ...]]:
    more = {"none": ("אין", "ללא"), "me": ("אני",)}
    return {code: (*more.get(code, ()), label, _(label)) for code, label in SHOWS[key].items()}
