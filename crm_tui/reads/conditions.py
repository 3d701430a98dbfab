"""What the terms of a filter are in SQL: each the condition on a contact `c`, and the indexes that name all whom it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from crm_tui.filters.nodes import Term
from crm_tui.filters.parser import LONGEST, days_or_date, span_ms
from crm_tui.models import FEWER, in_leadometer
from crm_tui.reads.look import Look
from crm_tui.reads.search import SHORTEST_PART, Reading, candidate_keys, exactly, holds, readings
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


class Start(NamedTuple):
    """The keys of contacts that one index names, all whom a condition concerns among them; `equals`: it is a column with one value,
    whose index has them in the order of their keys.
    """

    sql: str
    args: Sequence[Any] = ()
    equals: str = ""


class Condition(NamedTuple):
    """What must hold of a contact `c`."""

    sql: str
    args: Sequence[Any] = ()
    starts: Sequence[Start] = ()


def _count(look: Look, start: Start) -> int:
    return int(look.db.one(f"SELECT count(*) FROM ({start.sql} LIMIT {FEW}) AS found", start.args)[0])


def fewest(look: Look, starts: Sequence[Start]) -> Start | None:
    """With what SQLite is to begin; None: all contacts in their order."""
    if len(starts) == 1 and starts[0].equals:
        return starts[0]
    counts = sorted(((_count(look, one), not one.equals, place) for place, one in enumerate(starts)))
    if counts and counts[0][0] < FEW:
        return starts[counts[0][2]]._replace(equals="")
    # Of many only those can be walked that need no sorting.
    return next((starts[place] for _number, is_range, place in counts if not is_range), None)


def united(look: Look, conditions: Sequence[Condition]) -> list[Start]:
    """Those whom any of the conditions can concern, if each has an index."""
    if not look.db.is_sqlite or not all(one.starts for one in conditions):
        return []
    best = [min(one.starts, key=lambda start: _count(look, start)) if len(one.starts) > 1 else one.starts[0] for one in conditions]
    return [Start(" UNION ALL ".join(one.sql for one in best), [arg for one in best for arg in one.args])]


class Conditions:
    """The terms of one filter in one store, at one moment."""

    def __init__(self, look: Look) -> None:
        self.look = look
        # A `+` keeps SQLite from an index of its own choice.
        self.c = "+c." if look.db.is_sqlite else "c."

    def term(self, term: Term) -> Condition:
        """A key with its value."""
        found: Condition = getattr(self, f"_by_{term.key}")(term.op, term.value)
        return found

    def words(self, items: Sequence[str]) -> Condition:
        """Whom the search finds by these, phrases among them."""
        phrases = [item for item in items if " " in item]
        query = clean_line(" ".join(item for item in items if " " not in item))[:LONGEST]
        if not phrases and (ids := exactly(self.look, query)):
            marks = ", ".join("?" * len(ids))
            return Condition(f"{self.c}id IN ({marks})", ids, [Start(f"SELECT key FROM contact WHERE id IN ({marks})", ids)])
        conditions = [self._reading(one) for one in readings(query, self.look.region, phrases)]
        if not conditions:
            return Condition("1 = 0")
        return Condition(f"({' OR '.join(one.sql for one in conditions)})", args_of(conditions), united(self.look, conditions))

    def _reading(self, reading: Reading) -> Condition:
        sql, args = holds(self.look.db, reading)
        starts = []
        if self.look.db.is_sqlite:
            keys, match = candidate_keys(reading)
            starts = [Start(keys, (match,))]
        return Condition(f"({sql.removeprefix(' AND ')})", args, starts)

    # columns

    def _one_of(self, column: str, values: Sequence[Any], more: str = "") -> Condition:
        """A column that has an index with one of some values."""
        if not values:
            return Condition("1 = 0")
        equals = f"{column} = ?" if len(values) == 1 else f"{column} IN ({', '.join('?' * len(values))})"
        start = Start(f"SELECT key FROM contact WHERE {equals}{more}", values, column if len(values) == 1 else "")
        return Condition(f"({self.c}{column} IS NOT NULL AND {self.c}{equals})", values, [start])

    def _none(self, column: str) -> Condition:
        return Condition(f"{self.c}{column} IS NULL")

    def _fewer(self, index: str, more: str = "", args: Sequence[Any] = ()) -> Start:
        """Those of a partial index."""
        return Start(f"SELECT key FROM contact WHERE {FEWER[index][1]}{more}", args)

    def _by_stage(self, op: str, value: str) -> Condition:
        return self._one_of("lifecycle", (value,))

    def _by_status(self, op: str, value: str) -> Condition:
        quiet, args = self._quiet()
        if value == INACTIVE:
            known = {status.key for status in self.look.process.statuses if status.role == "customer"}
            found = self._one_of("status", (*sorted(known), INACTIVE))
            return Condition(f"({found.sql} AND ({self.c}status = '{INACTIVE}' OR ({quiet})))", (*found.args, *args), found.starts)
        found = self._one_of("status", (value,))
        return Condition(f"({found.sql} AND NOT ({quiet}))", (*found.args, *args), found.starts)

    def _quiet(self) -> tuple[str, tuple[int, int]]:
        """A customer of whom nothing was heard for too long (rule 12)."""
        before = inactive_before(self.look.now, self.look.limits, self.look.zone)
        return f"{self.c}role = 'customer' AND {self.c}started_at < ? AND coalesce(c.worked_at, 0) < ?", (before, before)

    def _by_owner(self, op: str, value: str) -> Condition:
        if value == "none":
            return self._none("owner")
        if value == "me":
            return self._one_of("owner", (self.look.me,))
        return self._one_of("owner", sorted(id_ for id_, name in self.look.users.items() if name.casefold() == value.casefold()))

    def _by_desk(self, op: str, value: str) -> Condition:
        if value == "none":
            return self._none("desk")
        if value == "leadometer":
            return Condition(f"({in_leadometer(self.c)})", (), [Start(f"SELECT key FROM contact WHERE {in_leadometer()}")])
        return self._one_of("desk", (value,))

    def _by_source(self, op: str, value: str) -> Condition:
        return self._one_of("source", (value,))

    def _by_readiness(self, op: str, value: str) -> Condition:
        return self._none("readiness") if value == "none" else self._one_of("readiness", (value,))

    def _by_campaign(self, op: str, value: str) -> Condition:
        return self._one_of("campaign", _spellings(self.look, "campaign", "contact", value))

    def _by_in(self, op: str, value: str) -> Condition:
        return self._listed(value, "l.member = 1")

    def _by_ticked(self, op: str, value: str) -> Condition:
        # Of those who were merged one may be meant and the other ticked.
        listed = self._listed(value, "l.member = 1")
        done = self._listed(value, "l.done_at IS NOT NULL")
        return Condition(f"({listed.sql} AND {done.sql})", args_of((listed, done)), done.starts)

    def _listed(self, campaign: str, which: str) -> Condition:
        """Those of the checklist of a campaign, by its name."""
        rows = self.look.db.rows("SELECT id, name FROM campaign WHERE removed <= 0")
        ids = [id_ for id_, name in rows if fold(name) == fold(campaign)]
        if not ids:
            return Condition("1 = 0")
        marks = ", ".join("?" * len(ids))
        start = Start(f"SELECT c.key FROM listed l JOIN contact c ON c.id = l.contact WHERE {which} AND l.campaign IN ({marks})", ids)
        return Condition(f"EXISTS (SELECT 1 FROM listed l WHERE l.contact = c.id AND {which} AND l.campaign IN ({marks}))", ids, [start])

    def _by_tag(self, op: str, value: str) -> Condition:
        tags = _spellings(self.look, "tag", "tag", value)
        marks = ", ".join("?" * len(tags))
        start = Start(f"SELECT c.key FROM tag t JOIN contact c ON c.id = t.contact WHERE t.tag IN ({marks})", tags)
        return Condition(f"EXISTS (SELECT 1 FROM tag t WHERE t.contact = c.id AND t.tag IN ({marks}))", tags, [start])

    def _by_company(self, op: str, value: str) -> Condition:
        if value == "none":
            return self._none("company")
        part = fold(value)
        if not self.look.db.is_sqlite:
            return Condition("(c.company IS NOT NULL AND strpos(split_part(c.search, chr(10), 2), ?) > 0)", (part,))
        rest = "substr(c.search, instr(c.search, char(10)) + 1)"
        sql = f"(+c.company IS NOT NULL AND instr(substr({rest}, 1, instr({rest}, char(10)) - 1), ?) > 0)"
        keys, match = candidate_keys(Reading((part,), ())) if len(part) >= SHORTEST_PART else ("", "")
        return Condition(sql, (part,), [Start(keys, (match,))] if keys else [])

    def _by_missing(self, op: str, value: str) -> Condition:
        if value == "phone":
            return Condition(f"{self.c}phone_e164 IS NULL", (), [self._fewer("contact_no_phone")])
        if value == "email":
            return Condition(f"{self.c}email_ok = 0", (), [self._fewer("contact_no_email")])
        offline = sorted(self.look.offline_sources)
        if not offline:
            return Condition("1 = 0")
        marks = ", ".join("?" * len(offline))
        start = Start(f"SELECT key FROM contact WHERE source IN ({marks})", offline)
        return Condition(f"(coalesce(c.readiness, '') = '' AND coalesce(c.source, '') IN ({marks}))", offline, [start])

    # numbers and times

    def _compared(self, column: str, op: str, number: int) -> Condition:
        """A number of which most contacts have none."""
        sql = _FLIPPED[_FLIPPED[op]] if op != ":" else "="
        above = number > 0 if op in (":", ">=") else number >= 0
        starts = [self._fewer(f"contact_{column}", f" AND {column} {sql} ?", (number,))] if op not in ("<", "<=") and above else []
        return Condition(f"{self.c}{column} {sql} ?", (number,), starts)

    def _by_value(self, op: str, value: str) -> Condition:
        return self._compared("value", op, parse_amount(value, self.look.currency).minor)

    def _by_attempts(self, op: str, value: str) -> Condition:
        return self._compared("attempts", op, int(value))

    def _by_age(self, op: str, value: str) -> Condition:
        since = self.look.now - span_ms(value)
        comparison = f"started_at {_FLIPPED[op]} ?"
        return Condition(f"{self.c}{comparison}", (since,), [Start(f"SELECT key FROM contact WHERE {comparison}", (since,))])

    def _by_touched(self, op: str, value: str) -> Condition:
        if value == "never":
            return self._none("worked_at")
        if value == "today":
            return self._between("worked_at", *day_bounds(self._today, self.look.zone))
        since = self.look.now - span_ms(value)
        return self._at("worked_at", f"{_FLIPPED[op]} ?", (since,))

    def _at(self, column: str, comparison: str, args: Sequence[Any]) -> Condition:
        """A time that not everybody has."""
        start = Start(f"SELECT key FROM contact WHERE {column} IS NOT NULL AND {column} {comparison}", args)
        return Condition(f"({self.c}{column} IS NOT NULL AND {self.c}{column} {comparison})", args, [start])

    def _between(self, column: str, start: int, end: int) -> Condition:
        return self._at(column, f"BETWEEN ? AND {end - 1}", (start,))

    @property
    def _today(self) -> date:
        return local_day(self.look.now, self.look.zone)

    def _by_next(self, op: str, value: str) -> Condition:
        if value == "none":
            return self._none("next_at")
        if value == "overdue":
            return self._overdue()
        day = {"today": 0, "tomorrow": 1}.get(value)
        wanted = days_or_date(value) if day is None else day
        if isinstance(wanted, int):
            wanted = self._today + timedelta(days=wanted)
        start, end = day_bounds(wanted, self.look.zone)
        if op == ":":
            return self._between("next_at", start, end)
        return self._at("next_at", "< ?" if op in ("<", "<=") else ">= ?", (end if op in ("<=", ">") else start,))

    def _overdue(self) -> Condition:
        found = self._at("next_at", "< ?", (self.look.now,))
        day_start = day_bounds(self._today, self.look.zone)[0]
        return Condition(f"({found.sql} AND ({self.c}next_timed = 1 OR {self.c}next_at < ?))", (*found.args, day_start), found.starts)

    # deals

    def _by_deal(self, op: str, value: str) -> Condition:
        of_contact = "SELECT 1 FROM deal d WHERE d.contact = c.id AND d.removed <= 0"
        start = "SELECT c.key FROM deal d JOIN contact c ON c.id = d.contact WHERE d.removed <= 0"
        if value == "none":
            return Condition(f"NOT EXISTS ({of_contact})")
        is_open = " AND d.stage_role = 'open'"
        if value == "open":
            return Condition(f"EXISTS ({of_contact}{is_open})", (), [Start(start + is_open)])
        is_at = (" AND d.stage_role <> 'open'" if value in ("won", "lost") else is_open) + " AND d.stage = ?"
        return Condition(f"EXISTS ({of_contact}{is_at})", (value,), [Start(start + is_at, (value,))])

    def _rotting(self) -> Condition:
        """Rule 15: nothing was done for longer than the stage of an open deal allows, and nothing is promised."""
        from crm_tui.reads.board import rots_before

        stages, args = [], []
        for pipeline in self.look.process.pipelines:
            for stage in pipeline.stages:
                if stage.role == "open" and stage.rotting_days:
                    before = rots_before(self.look, self._today, stage.rotting_days)
                    stages.append("(d.pipeline = ? AND d.stage = ? AND d.moved_at < ? AND coalesce(c.worked_at, 0) < ?)")
                    args += [pipeline.key, stage.key, before, before]
        if not stages:
            return Condition("1 = 0")
        is_open = self._by_deal(":", "open")
        late = self._overdue()
        rests = f"SELECT 1 FROM deal d WHERE d.contact = c.id AND d.removed <= 0 AND d.stage_role = 'open' AND ({' OR '.join(stages)})"
        sql = f"(EXISTS ({rests}) AND ({self.c}next_at IS NULL OR {late.sql}))"
        return Condition(sql, (*args, *late.args), is_open.starts)

    # what the rules say

    def _by_is(self, op: str, value: str) -> Condition:
        look, c = self.look, self.c
        match value:
            case "overdue":
                return self._overdue()
            case "rotting":
                return self._rotting()
            case "inactive":
                quiet, args = self._quiet()
                known = [status.key for status in look.process.statuses if status.role in ("customer", INACTIVE)]
                return Condition(f"({c}role = '{INACTIVE}' OR ({quiet}))", args, self._one_of("status", known).starts)
            case "unreachable":
                most = (look.limits.max_attempts,)
                return Condition(
                    f"({c}role IN ('new', 'no_answer') AND {c}attempts >= ?)",
                    most,
                    [self._fewer("contact_attempts", " AND attempts >= ?", most)],
                )
            case "returning":
                return Condition(f"{c}returned_at IS NOT NULL", (), [self._fewer("contact_returned")])
            case "duplicate":
                start = Start("SELECT c.key FROM pair p JOIN contact c ON c.id = p.contact WHERE p.shown = 1")
                return Condition(f"{c}duplicates > 0", (), [start])
            case "breached":
                since = look.now - look.limits.breached_days * DAY_MS
                return Condition(f"({c}role = 'new' AND {c}started_at < ?)", (since,), [self._new(since)])
            case "reactivation":
                before = reactivation_before(look.now, look.limits, look.zone)
                sql = f"({c}role = 'closed' AND {c}closed_at IS NOT NULL AND {c}closed_at < ?)"
                return Condition(sql, (before,), [self._fewer("contact_closed", " AND closed_at < ?", (before,))])
        treated = f"{c}role IN ('initial_contact', 'in_process')"
        if value == "no_followup":
            return Condition(f"({treated} AND {c}next_at IS NULL)", (), [self._fewer("contact_treated", " AND next_at IS NULL")])
        before = cooling_before(look.now, look.working, look.limits)
        start = self._fewer("contact_treated", " AND (worked_at < ? OR worked_at IS NULL)", (before,))
        return Condition(f"({treated} AND {c}started_at < ? AND coalesce(c.worked_at, 0) < ?)", (before, before), [start])

    def _new(self, since: int) -> Start:
        """Who is new since before a time: nobody's, everybody's, and at the desks."""
        return Start(
            f"SELECT key FROM contact WHERE {in_leadometer()} AND started_at < ? UNION ALL SELECT key FROM contact"
            " WHERE owner IN (SELECT id FROM users) AND role = 'new' AND started_at < ? UNION ALL SELECT key FROM contact"
            " WHERE desk IS NOT NULL AND role = 'new' AND started_at < ?",
            (since,) * 3,
        )


def args_of(conditions: Sequence[Condition]) -> list[Any]:
    """The arguments of conditions one after the other."""
    return [arg for one in conditions for arg in one.args]


# values that people made up

FREE = {
    "tag": ("tag", "tag"),
    "campaign": ("campaign", "contact"),
    "company": ("name", "company"),
}


def free_values(look: Look, column: str, table: str) -> list[str]:
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
    return [value, *(one for one in free_values(look, column, table) if one != value and fold(one) == wanted)]
