"""The team at one moment, for its supervisor: of each person what waits, what is late, what was done today."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from crm_tui.filters.nodes import Term
from crm_tui.i18n import mark
from crm_tui.ids import show_id
from crm_tui.reads.conditions import Condition, Conditions, args_of
from crm_tui.reads.coverage import moves_today
from crm_tui.reads.day_now import logged_today
from crm_tui.reads.look import Look
from crm_tui.rules.cadence import breached_before, is_short
from crm_tui.text.times import day_bounds, local_day


class Member(NamedTuple):
    """One person's figures; contacts are those they own."""

    id: bytes
    name: str
    role: str
    new: int
    """Leads that still wait for a first attempt."""
    breached: int
    """Those of them that wait for longer than rule 5 allows, in working time since they were routed."""
    due: int
    """Next actions for today."""
    overdue: int
    """Next actions whose day, or time, has passed."""
    no_followup: int
    """In treatment without a next action (rule 10)."""
    cooling: int
    """In treatment and not touched for longer than rule 9 allows."""
    done: int
    """People dealt with today."""
    calls: int
    talked_seconds: int
    short: int
    """Conversations of today shorter than the limit; not with people at the support desk."""
    moved: int
    """People whose status or deal was moved today by hand."""
    silent: int
    """Those of them of whom nobody logged today what happened."""


FIGURES = {
    "new": mark("new"),
    "breached": mark("breached"),
    "due": mark("due"),
    "overdue": mark("overdue"),
    "no_followup": mark("no next"),
    "cooling": mark("cooling"),
    "done": mark("done"),
    "calls": mark("calls"),
    "short": mark("short"),
    "silent": mark("silent"),
}
"""What each figure is called above a column."""


def team(look: Look) -> list[Member]:
    """Everybody's figures now, by name; an import's or a sync's people too."""
    waiting = _waiting(look)
    done: dict[bytes, set[bytes]] = defaultdict(set)
    calls: dict[bytes, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in logged_today(look):
        done[one.by].add(one.contact)
        mine = calls[one.by]
        mine[0] += one.kind == "call"
        mine[1] += one.seconds
        mine[2] += one.kind == "call" and is_short(one.outcome, one.seconds, one.desk, look.limits)
    moves = moves_today(look)
    members = []
    for id_, name, role in look.db.rows("SELECT id, name, role FROM users WHERE removed <= 0 ORDER BY name, born, id"):
        members.append(Member._make((id_, name, role, *waiting.get(id_, (0,) * 6), len(done[id_]), *calls[id_], *_silent(moves.get(id_)))))
    return members


def _waiting(look: Look) -> dict[bytes, tuple[int, ...]]:
    """The first six figures of each owner; what is a filter too is what the filter says."""
    start, end = day_bounds(local_day(look.now, look.zone), look.zone)
    conditions = Conditions(look)
    overdue, no_followup, cooling = (conditions.term(Term("is", ":", code)) for code in ("overdue", "no_followup", "cooling"))
    figures = (
        Condition("c.role = 'new'"),
        Condition("(c.role = 'new' AND coalesce(c.routed_at, c.started_at) < ?)", (breached_before(look.now, look.working, look.limits),)),
        Condition(f"(c.next_at >= ? AND c.next_at < ? AND NOT {overdue.sql})", (start, end, *overdue.args)),
        *(overdue, no_followup, cooling),
    )
    sums = ", ".join(f"sum(CASE WHEN {one.sql} THEN 1 ELSE 0 END)" for one in figures)
    rows = look.db.rows(
        f"SELECT c.owner, {sums} FROM contact c WHERE c.owner IS NOT NULL AND c.removed <= 0 GROUP BY c.owner", args_of(figures)
    )
    return {owner: tuple(map(int, counts)) for owner, *counts in rows}


def _silent(moves: tuple[int, int] | None) -> tuple[int, int]:
    return (moves[0], moves[0] - moves[1]) if moves else (0, 0)


def team_json(look: Look) -> list[dict[str, Any]]:
    """`show team`."""
    return [member._asdict() | {"id": show_id(member.id)} for member in team(look)]
