"""What can follow while a filter is typed: keys, then their values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from crm_tui.filters.keys import BY_NAME, KEYS, SHOWS
from crm_tui.filters.nodes import quoted
from crm_tui.filters.parser import Token, tokens
from crm_tui.filters.vocabulary import Vocabulary, plain
from crm_tui.i18n import gettext as _
from crm_tui.i18n import language
from crm_tui.text.fold import fold


class Candidate(NamedTuple):
    """What may stand from `start` to `end` of the line, and what it means."""

    text: str
    means: str
    start: int
    end: int

    def put_into(self, line: str) -> tuple[str, int]:
        """The line with it, and where the cursor then stands."""
        rest = line[self.end :]
        text = self.text.removesuffix(" ") if rest.startswith(" ") else self.text
        return line[: self.start] + text + rest, self.start + len(self.text)


def complete(text: str, cursor: int, words: Vocabulary) -> list[Candidate]:
    """What the word at the cursor may become; at a blank, every key."""
    token = _at(text, cursor)
    if token is None:
        return list(_keys("", cursor, cursor))
    if token.op and not token.key:
        return []
    if not token.key:
        start = token.start + token.minus
        return [] if token.is_quoted else list(_keys(text[start:cursor], start, token.end))
    if cursor < token.value_at:
        return list(_keys(token.key[: max(0, cursor - token.start - token.minus)], token.start + token.minus, token.end))
    return list(_values(token, words))


def _at(text: str, cursor: int) -> Token | None:
    """The word in or behind which the cursor stands."""
    for one in tokens(text):
        if one.start < cursor <= one.end:
            return one if not one.is_quoted or one.is_open or one.end > cursor else None
    return None


def _keys(begun: str, start: int, end: int) -> Iterator[Candidate]:
    wanted = fold(begun)
    in_hebrew = any("א" <= letter <= "ת" for letter in begun) or (not wanted and language() == "he")
    for key in KEYS:
        names = key.hebrew if in_hebrew else (key.name,)
        name = next((one for one in names if fold(one).startswith(wanted)), None)
        if name is not None:
            yield Candidate(name + key.opens, _(key.label), start, end)


def _values(token: Token, words: Vocabulary) -> Iterator[Candidate]:
    key = BY_NAME.get(fold(token.key))
    if key is None:
        return
    wanted = plain(token.value) if token.value else ""
    in_hebrew = language() == "he" or not token.key.isascii()
    fixed = SHOWS.get(key.name, {})
    choices = words.choices.get(key.name, {}) if token.op in (":", "=") else {}
    ordered = sorted(choices, key=lambda code: code not in fixed) if key.name in ("owner", "next", "touched") else list(choices)
    found: list[tuple[bool, Candidate]] = []
    for code in ordered:
        names = [plain(name) for name in (code, *choices[code])]
        if any(wanted in name for name in names):
            value = words.typed_value(key.name, code, "he" if in_hebrew else "en")
            label = words.label(key.name, code)
            found.append((not any(name.startswith(wanted) for name in names), _value(token, value, label if label != value else "")))
    for free in words.known.get(key.name, ()):
        if wanted in plain(free) and free not in choices:
            found.append((not plain(free).startswith(wanted), _value(token, free, "")))
    if token.op not in (":", "=") or key.kind == "number":
        found += [(False, _value(token, one, "")) for one in key.examples if one[0] not in "<>" and one.startswith(token.value)]
    yield from (one for _later, one in sorted(found, key=lambda pair: pair[0]))


def _value(token: Token, value: str, means: str) -> Candidate:
    return Candidate(quoted(value) + " ", means, token.value_at, token.end)
