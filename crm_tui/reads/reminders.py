"""What was promised for a time that comes now: calls at their minute, meetings and demos a while before."""

from __future__ import annotations

from collections.abc import Sequence

from crm_tui.i18n import gettext as _
from crm_tui.reads.labels import task_label
from crm_tui.reads.look import Look
from crm_tui.reads.week import promised_until
from crm_tui.text.times import iso

APPOINTMENTS = ("meeting", "demo")
"""What one has to be ready for: it is announced earlier."""
MOST_SAID = 3


def reminders(look: Look, since: int | None) -> list[str]:
    """What is to be announced between `since` and now: this person's, and those of a colleague who is away and whom they cover.

    Without `since`, as the work begins, the appointments that are close. One that was made, moved or received when it should have been
    announced already is announced at its own minute.
    """
    early = look.limits.reminder_minutes * 60_000
    whose = [look.me, *(colleague for colleague, (_until, cover) in look.away.items() if cover == look.me)]
    come, begun = set(), {}
    for who in whose:
        for id_, kind, due_at, timed, _note, _rule, contact, name, *_more in promised_until(look, who, look.now + early + 1):
            at = due_at - early if kind in APPOINTMENTS else due_at
            if timed and at <= look.now and (due_at > look.now if since is None else at > since):
                come.add((due_at, name or "", kind, contact))
            elif timed and since is not None and since < due_at <= look.now:
                begun[id_] = (due_at, name or "", kind, contact), at
    known = _known_since(look, list(begun))
    come |= {one for id_, (one, at) in begun.items() if known.get(id_, at) > at}
    said = [
        _("{clock} {task}: {name}").format(clock=iso(due_at, look.zone)[11:16], task=task_label(kind), name=name or _("no name"))
        for due_at, name, kind, _contact in sorted(come)[:MOST_SAID]
    ]
    return [*said, *([_("… and {count} more").format(count=len(come) - MOST_SAID)] if len(come) > MOST_SAID else [])]


def _known_since(look: Look, tasks: Sequence[bytes]) -> dict[bytes, int]:
    """Since when these tasks are here for the time that they have."""
    sql = (
        "SELECT c.record, max(coalesce(b.received_at, b.at)) FROM change c JOIN batch b ON b.key = c.batch"
        " WHERE b.parked = 0 AND c.register IN ('*', 'due') AND c.record IN ({}) GROUP BY c.record"
    )
    return dict(look.db.where_in(sql, tasks))
