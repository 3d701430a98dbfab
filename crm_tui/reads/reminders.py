"""What was promised for a time that comes now: calls at their minute, meetings and demos a while before."""

from __future__ import annotations

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

    Without `since`, as the work begins, the appointments that are close.
    """
    early = look.limits.reminder_minutes * 60_000
    whose = [look.me, *(colleague for colleague, (_until, cover) in look.away.items() if cover == look.me)]
    come = set()
    for who in whose:
        for _id, kind, due_at, timed, _note, _rule, contact, name, *_more in promised_until(look, who, look.now + early + 1):
            at = due_at - early if kind in APPOINTMENTS else due_at
            if timed and at <= look.now and (due_at > look.now if since is None else at > since):
                come.add((due_at, name or "", kind, contact))
    said = [
        _("{clock} {task}: {name}").format(clock=iso(due_at, look.zone)[11:16], task=task_label(kind), name=name or _("no name"))
        for due_at, name, kind, _contact in sorted(come)[:MOST_SAID]
    ]
    return [*said, *([_("… and {count} more").format(count=len(come) - MOST_SAID)] if len(come) > MOST_SAID else [])]
