"""Reading a filter: `stage:lead owner:noa age>3d -tag:vip "real estate"`; what is wrong is refused with its place and what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from typing import NoReturn

from crm_tui.errors import Refused
from crm_tui.filters.keys import BY_NAME, NAMES, Key
from crm_tui.filters.nodes import AND, EVERYBODY, OR, QUOTES, Node, Term, Words, all_of, either_of, kept, negated
from crm_tui.filters.vocabulary import Vocabulary, meant_by
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clip
from crm_tui.text.fold import fold
from crm_tui.text.money import parse_amount, to_decimal
from crm_tui.text.quickdate import parse_quick
from crm_tui.text.times import local_day

LONGEST = 500
DEEPEST = 20
DAY_MINUTES = 1440
MOST_DAYS = 36_500
_LEAD = re.compile(r"(-*)(?:([^\W\d_]\w*)(>=|<=|[:=<>≥≤]))?")
_BARE = re.compile(r"[^\s)]*")
_CLOSING = re.compile(rf"[{QUOTES}](?=[\s)]|$)")
_OPS = {"=": ":", "≥": ">=", "≤": "<="}
_MINUTES = {
    1: "min mins minute minutes דק דקה דקות",
    60: "h hr hrs hour hours ש שעה שעות",
    DAY_MINUTES: "d day days י יום ימים",
    7 * DAY_MINUTES: "w wk week weeks שבוע שבועות",
    30 * DAY_MINUTES: "mo mon month months חודש חודשים",
    365 * DAY_MINUTES: "y yr year years שנה שנים",
}
_UNITS = {unit: minutes for minutes, units in _MINUTES.items() for unit in units.split()}
_SPAN = re.compile(r"(\d{1,9})([^\W\d_]*)")
_PRINTED = re.compile(r"(\d+)(min|h|d)")


class Wrong(Refused):
    """A filter that cannot be read: what is wrong from the character `at` on, `length` of them."""

    def __init__(self, message: str, at: int, length: int) -> None:
        super().__init__("filter", message)
        self.at, self.length = at, length


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the line: from `start` to `end`, its value from `value_at` on; `op` without a key is a parenthesis or an operator."""

    start: int
    end: int
    minus: int = 0
    key: str = ""
    op: str = ""
    value: str = ""
    value_at: int = 0
    is_quoted: bool = False
    is_open: bool = False
    """Its quotation is not closed."""


def tokens(text: str) -> list[Token]:
    """The words of a line, as far as one can tell them apart while it is typed."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        lead = _LEAD.match(text, at)
        assert lead is not None
        minus, key, op = len(lead[1]), lead[2] or "", lead[3] or ""
        place = lead.end()
        sign = text[place : place + 1]
        if not key and sign and sign in "()":
            found.append(Token(at, place + 1, minus, op=sign))
        elif sign and sign in QUOTES:
            closing = _CLOSING.search(text, place + 1)
            end = closing.start() if closing else len(text)
            found.append(Token(at, end + bool(closing), minus, key, op, text[place + 1 : end], place, True, closing is None))
        else:
            bare = _BARE.match(text, place)
            assert bare is not None
            word = bare[0]
            logic = "or" if word.casefold() in OR else "and" if word.casefold() in AND else ""
            if logic and not key and not minus:
                found.append(Token(at, bare.end(), op=logic))
            else:
                found.append(Token(at, bare.end(), minus, key, op, word, place))
        at = found[-1].end
    return found


def parse(text: str, words: Vocabulary) -> Node:
    """The filter that a line means; else `Wrong`."""
    if len(text) > LONGEST:
        raise Wrong(_("A filter has at most {limit} characters.").format(limit=LONGEST), LONGEST, len(text) - LONGEST)
    return _Reading(text, words).whole()


class _Reading:
    """One line being read."""

    def __init__(self, text: str, words: Vocabulary) -> None:
        self.words = words
        self.tokens = tokens(text)
        self.end = len(text)
        self.next = 0
        self.named = ""

    def whole(self) -> Node:
        if not self.tokens:
            return EVERYBODY
        node = self.either(0)
        if (token := self.peek()) is not None:
            self.refuse(token, _("This parenthesis closes nothing."))
        return node

    def peek(self) -> Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def refuse(self, token: Token, message: str) -> NoReturn:
        raise Wrong(message, token.start, token.end - token.start)

    def either(self, depth: int) -> Node:
        nodes = [self.both(depth)]
        while (token := self.peek()) is not None and token.op == "or":
            self.next += 1
            nodes.append(self.both(depth))
        return either_of(nodes)

    def both(self, depth: int) -> Node:
        nodes = [self.item(depth)]
        while (token := self.peek()) is not None and token.op not in ("or", ")"):
            self.next += token.op == "and"
            nodes.append(self.item(depth))
        return all_of(nodes)

    def item(self, depth: int) -> Node:
        token = self.peek()
        if token is None:
            raise Wrong(_("Something is missing at the end."), self.end, 1)
        self.next += 1
        if token.op in ("or", "and", ")"):
            closes_nothing = token.op == ")" and not depth
            self.refuse(token, _("This parenthesis closes nothing.") if closes_nothing else _("Something is missing before this."))
        if token.is_open:
            self.refuse(token, _("The quotation is not closed."))
        if token.op == "(":
            node = self.group(token, depth + 1)
        elif token.key:
            node = self.term(token)
        else:
            item = kept(token.value)
            if not any(map(str.isalnum, fold(item))):
                self.refuse(token, _("Nothing can be found by “{text}”.").format(text=clip(token.value)))
            node = Words((item,))
        return negated(node) if token.minus % 2 else node

    def group(self, token: Token, depth: int) -> Node:
        if depth > DEEPEST:
            self.refuse(token, _("There are too many parentheses."))
        node = self.either(depth)
        closing = self.peek()
        if closing is None:
            self.refuse(token, _("This parenthesis is not closed."))
        self.next += 1
        return node

    def term(self, token: Token) -> Term:
        key = BY_NAME.get(fold(token.key))
        if key is None:
            message = _("There is no filter “{name}”.").format(name=clip(token.key)) + meant_by(token.key, NAMES)
            raise Wrong(message, token.start + token.minus, len(token.key))
        op = _OPS.get(token.op, token.op)
        if op != ":" and not key.compares:
            self.refuse(token, _("{key} does not compare; write {key}: and a value.").format(key=token.key))
        self.named = token.key
        value = kept(token.value)
        if not value:
            self.refuse(token, _("{key} needs a value, such as {examples}.").format(key=token.key, examples=examples(key, self.words)))
        try:
            return Term(key.name, op, self.value(key, op, value))
        except Refused as refused:
            raise Wrong(refused.message, token.value_at, max(1, token.end - token.value_at)) from None

    def value(self, key: Key, op: str, value: str) -> str:
        """The value in the spelling that is kept."""
        known = self.words.find(key.name, value) if op == ":" else None
        if known is not None:
            return known
        if key.kind == "text":
            if not fold(value):
                raise Refused("filter", _("Nothing can be found by “{text}”.").format(text=clip(value)))
            return value
        if key.kind == "choice":
            raise Refused("filter", self.no_such(key, value))
        return _COMPARED[key.kind](self, key, op, value)

    def no_such(self, key: Key, value: str) -> str:
        names = [name for code, labels in self.words.choices[key.name].items() for name in (code, *labels)]
        meant = meant_by(value, names) or " " + _("There are: {values}.").format(values=examples(key, self.words))
        return _("{key}: there is no “{value}”.").format(key=self.named, value=clip(value)) + meant

    def ago(self, key: Key, op: str, value: str) -> str:
        if op == ":":
            raise Refused("filter", _("Write {key}>3d for longer, {key}<3d for less.").format(key=self.named) + self._or_one_of(key))
        return shown_span(_minutes(value))

    def day(self, key: Key, op: str, value: str) -> str:
        if _SPAN.fullmatch(value):
            minutes = _minutes(value)
            if minutes % DAY_MINUTES:
                raise Refused("filter", _("{key} counts days, such as 3d or 1w.").format(key=self.named))
            return f"{minutes // DAY_MINUTES}d"
        if value[0].isdigit():
            moment = parse_quick(value, self.words.now, self.words.zone, time(8), "filter")
            return local_day(moment.ms, self.words.zone).isoformat()
        if op != ":" and (found := self.words.find(key.name, value)) in ("today", "tomorrow"):
            return "0d" if found == "today" else "1d"
        raise Refused("filter", self.no_such(key, value))

    def money(self, key: Key, op: str, value: str) -> str:
        money = parse_amount(value, self.words.currency, "filter")
        if money.currency != self.words.currency:
            raise Refused("filter", _("Values are compared in {currency}.").format(currency=self.words.currency))
        text = to_decimal(money)
        return text.rstrip("0").rstrip(".") if "." in text else text

    def number(self, key: Key, op: str, value: str) -> str:
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII):
            raise Refused("filter", _("“{value}” is not a whole number.").format(value=clip(value)))
        return str(int(value))

    def _or_one_of(self, key: Key) -> str:
        known = ", ".join(f"{key.name}:{code}" for code in self.words.choices.get(key.name, ()))
        return " " + _("There is also {values}.").format(values=known) if known else ""


_COMPARED: dict[str, Callable[[_Reading, Key, str, str], str]] = {
    "ago": _Reading.ago,
    "day": _Reading.day,
    "money": _Reading.money,
    "number": _Reading.number,
}


def examples(key: Key, words: Vocabulary) -> str:
    """Some values of a key."""
    known = [*words.choices.get(key.name, ())]
    more = [f"{key.opens.strip(':')}{one}" for one in key.examples] or list(words.known.get(key.name, ()))[:5]
    return ", ".join([*known[:10], *more][:12]) or "…"


def _minutes(value: str) -> int:
    """How long a span is; without a unit, days."""
    match = _SPAN.fullmatch(value)
    unit = match[2].casefold() if match else ""
    if match is None or (unit and unit not in _UNITS):
        raise Refused("filter", _("“{value}” is not a length of time; write it like 30min, 15h, 3d, 2w or 6mo.").format(value=clip(value)))
    minutes = int(match[1]) * _UNITS.get(unit, DAY_MINUTES)
    if minutes > MOST_DAYS * DAY_MINUTES:
        raise Refused("filter", _("At most {limit} days are possible.").format(limit=f"{MOST_DAYS:,}"))
    return minutes


def shown_span(minutes: int) -> str:
    """A length of time as a filter keeps it."""
    for unit, size in (("d", DAY_MINUTES), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}min"


def span_ms(value: str) -> int:
    """A length of time that a filter keeps, in ms."""
    match = _PRINTED.fullmatch(value)
    assert match is not None
    return int(match[1]) * _UNITS[match[2]] * 60_000


def days_or_date(value: str) -> int | date:
    """A day that a filter keeps: so many days from today, or a date."""
    with suppress(ValueError):
        return date.fromisoformat(value)
    return int(value.removesuffix("d"))
