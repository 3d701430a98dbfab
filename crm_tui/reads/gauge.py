"""The head of the Leadometer: how many came in, how many wait and how long, how fast they are answered, where they came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from crm_tui.models import in_leadometer, routed_untried
from crm_tui.reads.look import Look
from crm_tui.text.times import day_bounds, local_day

MOST = 1_000
"""Nothing is counted further, so that an import of a million leads does not slow the screen: a count of so many says "or more"."""
WEEKS = 4
DAYS = 7

_CAME_IN = "started_at >= ? AND started_at < ? AND removed <= 0"


@dataclass(frozen=True, slots=True)
class Gauge:
    """The figures of one moment; counts end at `MOST`."""

    came_in: int
    """Leads that arrived or came back today."""
    usual: int | None
    """How many do on this weekday, by the last four weeks; None when nothing is known of it."""
    waiting: int
    """Those in the Leadometer, and those routed that wait for their first attempt."""
    oldest_ms: int | None
    """How long the one waits that has waited longest for its first attempt; None when nobody does."""
    in_time: int | None
    """The percentage first attempted within the fresh limit: of today's leads, on a day without any of the last seven days'."""
    fresh_minutes: int
    sources: tuple[tuple[str, int], ...]
    """Where today's leads came from, the most frequent source first; without one, the empty text."""


def gauge(look: Look) -> Gauge:
    """The figures as they are now."""
    today = local_day(look.now, look.zone)
    start, end = day_bounds(today, look.zone)
    arrived = _arrived(look, start, end)
    in_time = _in_time(look, arrived)
    if in_time is None:
        in_time = _in_time(look, _arrived(look, day_bounds(today - timedelta(days=DAYS - 1), look.zone)[0], end))
    counts = Counter(source or "" for source, *_ in arrived)
    # Without an order SQLite takes the index of owners, and looks at everybody who was ever routed.
    waiting = counted(look, in_leadometer()) + counted(look, f"{routed_untried()} ORDER BY started_at")
    return Gauge(
        len(arrived),
        _usual(look, today),
        min(MOST, waiting),
        _oldest_ms(look),
        in_time,
        look.limits.fresh_minutes,
        tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def counted(look: Look, where: str, args: Sequence[Any] = ()) -> int:
    """How many contacts there are, counted up to `MOST`."""
    return int(look.db.one(f"SELECT count(*) FROM (SELECT 1 FROM contact WHERE {where} LIMIT {MOST}) AS found", args)[0])


def _arrived(look: Look, start: int, end: int) -> list[tuple[str | None, int, int | None, str]]:
    """Who came in between two times, the last first: latest source, when, the first attempt, role of the status."""
    return look.db.rows(
        f"SELECT coalesce(latest_source, source), started_at, first_attempt_at, role FROM contact WHERE {_CAME_IN}"
        " ORDER BY started_at DESC LIMIT ?",
        (start, end, MOST),
    )


def _in_time(look: Look, arrived: list[tuple[str | None, int, int | None, str]]) -> int | None:
    """The share of leads answered within the limit, of those that were answered or should have been by now."""
    fresh_ms = look.limits.fresh_minutes * 60_000
    judged = in_time = 0
    for _source, started_at, first_attempt_at, role in arrived:
        if first_attempt_at is not None:
            judged += 1
            in_time += first_attempt_at - started_at <= fresh_ms
        # Who was closed unattempted (no lead at all) is no one's delay.
        elif role == "new" and look.now - started_at > fresh_ms:
            judged += 1
    return round(100 * in_time / judged) if judged else None


def _usual(look: Look, today: date) -> int | None:
    """The mean of the same weekday of the last weeks since the store knows leads; None when there was none on any."""
    first = look.db.one("SELECT min(started_at) FROM contact WHERE started_at > 0")[0]
    days = [day_bounds(today - timedelta(weeks=week), look.zone) for week in range(1, WEEKS + 1)]
    counts = [counted(look, _CAME_IN, bounds) for bounds in days if first is not None and bounds[1] > first]
    return max(1, round(sum(counts) / len(counts))) if any(counts) else None


def _oldest_ms(look: Look) -> int | None:
    first = [
        look.db.one(f"SELECT started_at FROM contact WHERE {where} ORDER BY started_at LIMIT 1")
        for where in (f"{in_leadometer()} AND first_attempt_at IS NULL", routed_untried())
    ]
    started = [row[0] for row in first if row is not None]
    return max(0, look.now - min(started)) if started else None
