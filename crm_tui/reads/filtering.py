"""A filter as SQL over contacts `c`, with the index that SQLite, which keeps no statistics, is to begin with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from crm_tui.filters.nodes import All, Either, Node, Not, Term, Words, parts_of
from crm_tui.filters.parser import LONGEST, days_or_date, parse, span_ms
from crm_tui.filters.vocabulary import Vocabulary, vocabulary
from crm_tui.models import FEWER, in_leadometer
from crm_tui.reads.look import Look
from crm_tui.reads.search import LONGEST_QUERY, SHORTEST_PART, Reading, candidate_keys, exactly, holds, readings
from crm_tui.rules.cadence import DAY_MS, cooling_before, inactive_before, reactivation_before
from crm_tui.text.clean import clean_line
from crm_tui.text.fold import fold
from crm_tui.text.money import parse_amount
from crm_tui.text.times import day_bounds, local_day

INACTIVE = "inactive_customer"
FEW = 5_000
"""Whom an index names are counted so far to find the fewest, which takes a third of a millisecond."""
MOST_SPELLINGS = 5_000
"""So many tags or campaigns are compared with what was typed."""
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", ":": "="}


class _Start(NamedTuple):
    """The keys of contacts that one index names, all whom a condition concerns among them; `equals`: it is a column with one value,
    whose index has them in the order of their keys.
    """

    sql: str
    args: Sequence[Any] = ()
    equals: str = ""


class _Condition(NamedTuple):
    """What must hold of a contact `c`."""

    sql: str
    args: Sequence[Any] = ()
    starts: Sequence[_Start] = ()


def words_of(look: Look, *, known: bool = False) -> Vocabulary:
    """The words of filters in this store; `known` with the tags, campaigns and companies that there are, for completion."""
    free = {key: _free(look, column, table) for key, (column, table) in _FREE.items()} if known else None
    return vocabulary(look.process, look.users.values(), look.now, free)


def understood(look: Look, text: str) -> Node:
    """The filter that a line means in this store; refused with its place when it cannot be read."""
    return parse(text, words_of(look)) if text.strip() else All(())


def where(look: Look, node: Node, *, starting: bool = True) -> tuple[str, list[Any]]:
    """The condition of a filter on contacts `c` that are not removed; `starting` says with which index SQLite begins."""
    found = _Filter(look).of(node)
    terms, args = ["c.removed <= 0", found.sql], list(found.args)
    if starting and look.db.is_sqlite and (start := _fewest(look, found.starts)) is not None:
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


def _count(look: Look, start: _Start) -> int:
    return int(look.db.one(f"SELECT count(*) FROM ({start.sql} LIMIT {FEW}) AS found", start.args)[0])


def _fewest(look: Look, starts: Sequence[_Start]) -> _Start | None:
    """With what SQLite is to begin; None: all contacts in their order."""
    if len(starts) == 1 and starts[0].equals:
        return starts[0]
    counts = sorted(((_count(look, one), not one.equals, place) for place, one in enumerate(starts)))
    if counts and counts[0][0] < FEW:
        return starts[counts[0][2]]._replace(equals="")
    # Of many only those can be walked that need no sorting.
    return next((starts[place] for _number, is_range, place in counts if not is_range), None)


class _Filter:
    """One filter being written as SQL."""

    def __init__(self, look: Look) -> None:
        self.look = look
        # A `+` keeps SQLite from an index of its own choice.
        self.c = "+c." if look.db.is_sqlite else "c."

    def of(self, node: Node) -> _Condition:
        match node:
            case Words(items):
                return self.words(items)
            case Term(key, op, value):
                found: _Condition = getattr(self, f"by_{key}")(op, value)
                return found
            case Not(inner):
                one = self.of(inner)
                return _Condition(f"({one.sql}) IS NOT TRUE", one.args)
            case All(nodes):
                conditions = [self.of(one) for one in nodes]
                starts = [start for one in conditions for start in one.starts]
                return _Condition(" AND ".join(one.sql for one in conditions) or "1 = 1", _args(conditions), starts)
            case Either(nodes):
                conditions = [self.of(one) for one in nodes]
                return _Condition(f"({' OR '.join(f'({one.sql})' for one in conditions)})", _args(conditions), self._united(conditions))

    def _united(self, conditions: Sequence[_Condition]) -> list[_Start]:
        """Those whom any of the conditions can concern, if each has an index."""
        if not self.look.db.is_sqlite or not all(one.starts for one in conditions):
            return []
        best = [min(one.starts, key=lambda start: _count(self.look, start)) if len(one.starts) > 1 else one.starts[0] for one in conditions]
        return [_Start(" UNION ALL ".join(one.sql for one in best), [arg for one in best for arg in one.args])]

    # words

    def words(self, items: Sequence[str]) -> _Condition:
        phrases = [item for item in items if " " in item]
        query = clean_line(" ".join(item for item in items if " " not in item))[:LONGEST]
        if not phrases and (ids := exactly(self.look, query)):
            marks = ", ".join("?" * len(ids))
            return _Condition(f"{self.c}id IN ({marks})", ids, [_Start(f"SELECT key FROM contact WHERE id IN ({marks})", ids)])
        conditions = [self._reading(one) for one in readings(query, self.look.region, phrases)]
        if not conditions:
            return _Condition("1 = 0")
        return _Condition(f"({' OR '.join(one.sql for one in conditions)})", _args(conditions), self._united(conditions))

    def _reading(self, reading: Reading) -> _Condition:
        sql, args = holds(self.look.db, reading)
        starts = []
        if self.look.db.is_sqlite:
            keys, match = candidate_keys(reading)
            starts = [_Start(keys, (match,))]
        return _Condition(f"({sql.removeprefix(' AND ')})", args, starts)

    # columns

    def _one_of(self, column: str, values: Sequence[Any], more: str = "") -> _Condition:
        """A column that has an index with one of some values."""
        if not values:
            return _Condition("1 = 0")
        equals = f"{column} = ?" if len(values) == 1 else f"{column} IN ({', '.join('?' * len(values))})"
        start = _Start(f"SELECT key FROM contact WHERE {equals}{more}", values, column if len(values) == 1 else "")
        return _Condition(f"({self.c}{column} IS NOT NULL AND {self.c}{equals})", values, [start])

    def _none(self, column: str) -> _Condition:
        return _Condition(f"{self.c}{column} IS NULL")

    def _fewer(self, index: str, more: str = "", args: Sequence[Any] = ()) -> _Start:
        """Those of a partial index."""
        return _Start(f"SELECT key FROM contact WHERE {FEWER[index][1]}{more}", args)

    def by_stage(self, op: str, value: str) -> _Condition:
        return self._one_of("lifecycle", (value,))

    def by_status(self, op: str, value: str) -> _Condition:
        quiet, args = self._quiet()
        if value == INACTIVE:
            known = {status.key for status in self.look.process.statuses if status.role == "customer"}
            found = self._one_of("status", (*sorted(known), INACTIVE))
            return _Condition(f"({found.sql} AND ({self.c}status = '{INACTIVE}' OR ({quiet})))", (*found.args, *args), found.starts)
        found = self._one_of("status", (value,))
        return _Condition(f"({found.sql} AND NOT ({quiet}))", (*found.args, *args), found.starts)

    def _quiet(self) -> tuple[str, tuple[int, int]]:
        """A customer of whom nothing was heard for too long (rule 12)."""
        before = inactive_before(self.look.now, self.look.limits, self.look.zone)
        return f"{self.c}role = 'customer' AND {self.c}started_at < ? AND coalesce(c.worked_at, 0) < ?", (before, before)

    def by_owner(self, op: str, value: str) -> _Condition:
        if value == "none":
            return self._none("owner")
        if value == "me":
            return self._one_of("owner", (self.look.me,))
        return self._one_of("owner", sorted(id_ for id_, name in self.look.users.items() if name.casefold() == value.casefold()))

    def by_desk(self, op: str, value: str) -> _Condition:
        if value == "none":
            return self._none("desk")
        if value == "leadometer":
            return _Condition(f"({in_leadometer(self.c)})", (), [_Start(f"SELECT key FROM contact WHERE {in_leadometer()}")])
        return self._one_of("desk", (value,))

    def by_source(self, op: str, value: str) -> _Condition:
        return self._one_of("source", (value,))

    def by_readiness(self, op: str, value: str) -> _Condition:
        return self._none("readiness") if value == "none" else self._one_of("readiness", (value,))

    def by_campaign(self, op: str, value: str) -> _Condition:
        return self._one_of("campaign", _spellings(self.look, "campaign", "contact", value))

    def by_tag(self, op: str, value: str) -> _Condition:
        tags = _spellings(self.look, "tag", "tag", value)
        marks = ", ".join("?" * len(tags))
        start = _Start(f"SELECT c.key FROM tag t JOIN contact c ON c.id = t.contact WHERE t.tag IN ({marks})", tags)
        return _Condition(f"EXISTS (SELECT 1 FROM tag t WHERE t.contact = c.id AND t.tag IN ({marks}))", tags, [start])

    def by_company(self, op: str, value: str) -> _Condition:
        if value == "none":
            return self._none("company")
        part = fold(value)
        if not self.look.db.is_sqlite:
            return _Condition("(c.company IS NOT NULL AND strpos(split_part(c.search, chr(10), 2), ?) > 0)", (part,))
        rest = "substr(c.search, instr(c.search, char(10)) + 1)"
        sql = f"(+c.company IS NOT NULL AND instr(substr({rest}, 1, instr({rest}, char(10)) - 1), ?) > 0)"
        keys, match = candidate_keys(Reading((part,), ())) if len(part) >= SHORTEST_PART else ("", "")
        return _Condition(sql, (part,), [_Start(keys, (match,))] if keys else [])

    def by_missing(self, op: str, value: str) -> _Condition:
        if value == "phone":
            return _Condition(f"{self.c}phone_e164 IS NULL", (), [self._fewer("contact_no_phone")])
        if value == "email":
            return _Condition(f"{self.c}email_ok = 0", (), [self._fewer("contact_no_email")])
        offline = self.look.offline_sources
        start = _Start(f"SELECT key FROM contact WHERE source IN {offline!r}")
        return _Condition(f"(coalesce(c.readiness, '') = '' AND coalesce(c.source, '') IN {offline!r})", (), [start])

    # numbers and times

    def _compared(self, column: str, op: str, number: int) -> _Condition:
        """A number of which most contacts have none."""
        sql = _FLIPPED[_FLIPPED[op]] if op != ":" else "="
        above = number > 0 if op in (":", ">=") else number >= 0
        starts = [self._fewer(f"contact_{column}", f" AND {column} {sql} ?", (number,))] if op not in ("<", "<=") and above else []
        return _Condition(f"{self.c}{column} {sql} ?", (number,), starts)

    def by_value(self, op: str, value: str) -> _Condition:
        return self._compared("value", op, parse_amount(value, self.look.currency).minor)

    def by_attempts(self, op: str, value: str) -> _Condition:
        return self._compared("attempts", op, int(value))

    def by_age(self, op: str, value: str) -> _Condition:
        since = self.look.now - span_ms(value)
        comparison = f"started_at {_FLIPPED[op]} ?"
        return _Condition(f"{self.c}{comparison}", (since,), [_Start(f"SELECT key FROM contact WHERE {comparison}", (since,))])

    def by_touched(self, op: str, value: str) -> _Condition:
        if value == "never":
            return self._none("worked_at")
        if value == "today":
            return self._between("worked_at", *day_bounds(self.today, self.look.zone))
        since = self.look.now - span_ms(value)
        return self._at("worked_at", f"{_FLIPPED[op]} ?", (since,))

    def _at(self, column: str, comparison: str, args: Sequence[Any]) -> _Condition:
        """A time that not everybody has."""
        start = _Start(f"SELECT key FROM contact WHERE {column} IS NOT NULL AND {column} {comparison}", args)
        return _Condition(f"({self.c}{column} IS NOT NULL AND {self.c}{column} {comparison})", args, [start])

    def _between(self, column: str, start: int, end: int) -> _Condition:
        return self._at(column, f"BETWEEN ? AND {end - 1}", (start,))

    @property
    def today(self) -> date:
        return local_day(self.look.now, self.look.zone)

    def by_next(self, op: str, value: str) -> _Condition:
        if value == "none":
            return self._none("next_at")
        if value == "overdue":
            return self.overdue()
        day = {"today": 0, "tomorrow": 1}.get(value)
        wanted = days_or_date(value) if day is None else day
        if isinstance(wanted, int):
            wanted = self.today + timedelta(days=wanted)
        start, end = day_bounds(wanted, self.look.zone)
        if op == ":":
            return self._between("next_at", start, end)
        return self._at("next_at", "< ?" if op in ("<", "<=") else ">= ?", (end if op in ("<=", ">") else start,))

    def overdue(self) -> _Condition:
        found = self._at("next_at", "< ?", (self.look.now,))
        day_start = day_bounds(self.today, self.look.zone)[0]
        return _Condition(f"({found.sql} AND ({self.c}next_timed = 1 OR {self.c}next_at < ?))", (*found.args, day_start), found.starts)

    # deals

    def by_deal(self, op: str, value: str) -> _Condition:
        of_contact = "SELECT 1 FROM deal d WHERE d.contact = c.id AND d.removed <= 0"
        start = "SELECT c.key FROM deal d JOIN contact c ON c.id = d.contact WHERE d.removed <= 0"
        if value == "none":
            return _Condition(f"NOT EXISTS ({of_contact})")
        is_open = " AND d.stage_role = 'open'"
        if value == "open":
            return _Condition(f"EXISTS ({of_contact}{is_open})", (), [_Start(start + is_open)])
        is_at = (" AND d.stage_role <> 'open'" if value in ("won", "lost") else is_open) + " AND d.stage = ?"
        return _Condition(f"EXISTS ({of_contact}{is_at})", (value,), [_Start(start + is_at, (value,))])

    def rotting(self) -> _Condition:
        """Rule 15: nothing was done for longer than the stage of an open deal allows, and nothing is promised."""
        from crm_tui.reads.board import rots_before

        stages, args = [], []
        for pipeline in self.look.process.pipelines:
            for stage in pipeline.stages:
                if stage.role == "open" and stage.rotting_days:
                    before = rots_before(self.look, self.today, stage.rotting_days)
                    stages.append("(d.pipeline = ? AND d.stage = ? AND d.moved_at < ? AND coalesce(c.worked_at, 0) < ?)")
                    args += [pipeline.key, stage.key, before, before]
        if not stages:
            return _Condition("1 = 0")
        is_open = self.by_deal(":", "open")
        late = self.overdue()
        rests = f"SELECT 1 FROM deal d WHERE d.contact = c.id AND d.removed <= 0 AND d.stage_role = 'open' AND ({' OR '.join(stages)})"
        sql = f"(EXISTS ({rests}) AND ({self.c}next_at IS NULL OR {late.sql}))"
        return _Condition(sql, (*args, *late.args), is_open.starts)

    # what the rules say

    def by_is(self, op: str, value: str) -> _Condition:
        look, c = self.look, self.c
        match value:
            case "overdue":
                return self.overdue()
            case "rotting":
                return self.rotting()
            case "inactive":
                quiet, args = self._quiet()
                known = [status.key for status in look.process.statuses if status.role in ("customer", INACTIVE)]
                return _Condition(f"({c}role = '{INACTIVE}' OR ({quiet}))", args, self._one_of("status", known).starts)
            case "unreachable":
                most = (look.limits.max_attempts,)
                return _Condition(
                    f"({c}role IN ('new', 'no_answer') AND {c}attempts >= ?)",
                    most,
                    [self._fewer("contact_attempts", " AND attempts >= ?", most)],
                )
            case "returning":
                return _Condition(f"{c}returned_at IS NOT NULL", (), [self._fewer("contact_returned")])
            case "duplicate":
                start = _Start("SELECT c.key FROM pair p JOIN contact c ON c.id = p.contact WHERE p.shown = 1")
                return _Condition(f"{c}duplicates > 0", (), [start])
            case "breached":
                since = look.now - look.limits.breached_days * DAY_MS
                return _Condition(f"({c}role = 'new' AND {c}started_at < ?)", (since,), [self._new(since)])
            case "reactivation":
                before = reactivation_before(look.now, look.limits, look.zone)
                sql = f"({c}role = 'closed' AND {c}closed_at IS NOT NULL AND {c}closed_at < ?)"
                return _Condition(sql, (before,), [self._fewer("contact_closed", " AND closed_at < ?", (before,))])
        treated = f"{c}role IN ('initial_contact', 'in_process')"
        if value == "no_followup":
            return _Condition(f"({treated} AND {c}next_at IS NULL)", (), [self._fewer("contact_treated", " AND next_at IS NULL")])
        before = cooling_before(look.now, look.working, look.limits)
        start = self._fewer("contact_treated", " AND (worked_at < ? OR worked_at IS NULL)", (before,))
        return _Condition(f"({treated} AND {c}started_at < ? AND coalesce(c.worked_at, 0) < ?)", (before, before), [start])

    def _new(self, since: int) -> _Start:
        """Who is new since before a time: nobody's, everybody's, and at the desks."""
        return _Start(
            f"SELECT key FROM contact WHERE {in_leadometer()} AND started_at < ? UNION ALL SELECT key FROM contact"
            " WHERE owner IN (SELECT id FROM users) AND role = 'new' AND started_at < ? UNION ALL SELECT key FROM contact"
            " WHERE desk IS NOT NULL AND role = 'new' AND started_at < ?",
            (since,) * 3,
        )


def _args(conditions: Sequence[_Condition]) -> list[Any]:
    return [arg for one in conditions for arg in one.args]


# values that people made up

_FREE = {"tag": ("tag", "tag"), "campaign": ("campaign", "contact"), "company": ("name", "company")}


def _free(look: Look, column: str, table: str) -> list[str]:
    """The values that there are, one step of the index for each."""
    if table == "company":
        return [name for (name,) in look.db.rows("SELECT name FROM company WHERE removed <= 0 AND name <> '' ORDER BY key LIMIT 500")]
    sql = (
        f"WITH RECURSIVE known(value) AS (SELECT min({column}) FROM {table} WHERE {column} IS NOT NULL UNION ALL"
        f" SELECT (SELECT min({column}) FROM {table} WHERE {column} IS NOT NULL AND {column} > known.value) FROM known"
        f" WHERE known.value IS NOT NULL) SELECT value FROM known WHERE value IS NOT NULL LIMIT {MOST_SPELLINGS}"
    )
    return [value for (value,) in look.db.rows(sql)]


def _spellings(look: Look, column: str, table: str, value: str) -> list[str]:
    """All that somebody wrote who meant this."""
    wanted = fold(value)
    return [value, *(one for one in _free(look, column, table) if one != value and fold(one) == wanted)]
