"""Why a person stands where they stand, what rules did to them, and what comes next by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_tui.i18n import gettext as _
from crm_tui.reads.contact import CONTACT, ContactRow
from crm_tui.reads.day import place_of, row_of
from crm_tui.reads.labels import away_text, desk_label, task_label
from crm_tui.reads.look import Look
from crm_tui.reads.standing import standing_of, states_of
from crm_tui.reads.timeline import entry_json, timeline
from crm_tui.roots import root_of
from crm_tui.rules.states import STATES, Coming, State, coming
from crm_tui.text.dates import short_time
from crm_tui.text.times import day_bounds, duration, local_day

LINES = 300
"""What rules did is looked for in so many of the newest lines."""
MOST_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Why:
    """All reasons about one person."""

    name: str
    place: str
    states: list[State]
    by_rule: list[tuple[int, str, str]]
    """When (ms), what changed by which rule in words, and the rule; the newest first."""
    coming: list[Coming]


def why(look: Look, contact: bytes) -> Why | None:
    """The reasons about one person, or None when there is no such person."""
    found = CONTACT.one(look.db, id=root_of(look.db, contact))
    if found is None:
        return None
    row: Any = ContactRow._make(found)
    followed: list[tuple[int, str, str]] = []
    for line in timeline(look, row.id, LINES):
        if line.rule and line.cause is not None and len(followed) < MOST_SHOWN:
            followed.append((line.at, str(entry_json(look, line)["summary"]), line.rule))
    of_time = coming(standing_of(row), look.now, look.working, look.limits)
    return Why(
        row.name or row.phone or row.email or "",
        _place(look, row),
        states_of(look, row),
        followed,
        sorted([*of_time, *_next_in_day(look, row)]),
    )


def why_json(look: Look, contact: bytes) -> dict[str, Any] | None:
    """`show why X`."""
    found = why(look, contact)
    if found is None:
        return None
    return {
        "name": found.name,
        "place": found.place,
        "states": [one._asdict() for one in found.states],
        "by_rule": [{"at": look.time(at), "summary": text, "rule": rule} for at, text, rule in found.by_rule],
        "next": [{"at": look.time(one.at), "summary": one.what} for one in found.coming],
    }


def why_text(look: Look, found: Why) -> str:
    """The reasons as lines to read."""
    lines = [found.place, *(f"▲ {_(STATES[one.code])}: {one.why}" for one in found.states)]
    if found.by_rule:
        lines += ["", _("What rules did:")]
        lines += [f"  {short_time(at, look.now, look.zone)}  {text}" for at, text, _rule in found.by_rule]
    if found.coming:
        lines += ["", _("What comes by itself:")]
        for one in found.coming[:MOST_SHOWN]:
            timed = one.at != day_bounds(local_day(one.at, look.zone), look.zone)[0]
            lines.append(f"  {short_time(one.at, look.now, look.zone, timed=timed)}  {one.what}")
    return "\n".join(lines)


def _place(look: Look, row: Any) -> str:
    """In which list a person stands, or why in none."""
    waits = duration(max(0, look.now - row.started_at) // 1000)
    if row.role in ("closed", "customer", "inactive_customer") and row.next_at is None:
        return _("In nobody's list: nothing is promised.")
    if row.owner is None and row.desk is None:
        return _("In the Leadometer: nobody has them yet, since {age}.").format(age=waits)
    if row.owner is None:
        return _("At the desk {desk}, in nobody's day.").format(desk=desk_label(look.process, row.desk))
    return " ".join(filter(None, (_in_day(look, row), _cover(look, row.owner))))


def _next_in_day(look: Look, row: Any) -> list[Coming]:
    """When the owner is to call them next, who does not stand in the list now."""
    if row.owner is None:
        return []
    one = row_of(look, row)
    if place_of(look, one) is not None:
        return []
    tomorrow = day_bounds(local_day(look.now, look.zone), look.zone)[1]
    times = {tomorrow, *one.promised}
    if one.next_at is not None:
        times.add(day_bounds(local_day(one.next_at, look.zone), look.zone)[0])
    # The rule itself is asked: each of these is a moment at which its answer can change.
    at = next((at for at in sorted(times) if at > look.now and place_of(look.at_time(at), one) is not None), None)
    return [] if at is None else [Coming(at, _("in the day of {owner}").format(owner=look.user(row.owner)))]


def _in_day(look: Look, row: Any) -> str:
    owner = look.user(row.owner)
    stands = place_of(look, row_of(look, row))
    if stands is not None:
        why = _("closed: {why}").format(why=stands.why) if row.role == "closed" else stands.why
        return _("In the day of {owner}: {why}.").format(owner=owner, why=why)
    start, end = day_bounds(local_day(look.now, look.zone), look.zone)
    if row.last_attempt_at is not None and start <= row.last_attempt_at < end:
        return _("Not in the day of {owner}: tried today already.").format(owner=owner)
    if row.next_at is not None:
        due = short_time(row.next_at, look.now, look.zone, timed=bool(row.next_timed))
        return _("Not in the day of {owner} yet: {task} on {day}.").format(owner=owner, task=task_label(row.next_kind), day=due)
    return _("Not in the day of {owner}: nothing is promised.").format(owner=owner)


def _cover(look: Look, owner: bytes) -> str:
    """Who makes the calls that somebody promised who is away."""
    until, cover = look.away.get(owner, (0, None))
    if not until:
        return ""
    away = away_text(look, until)
    if cover is None:
        return _("{owner} is {away}, and nobody covers.").format(owner=look.user(owner), away=away)
    return _("{owner} is {away}; {name} makes the calls that were promised.").format(
        owner=look.user(owner), away=away, name=look.user(cover)
    )
