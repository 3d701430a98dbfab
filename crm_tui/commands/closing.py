"""What becomes of promises when a contact is closed: those of the rules are done with, those of people are offered to be completed."""

from __future__ import annotations

from typing import Any

from crm_tui.commands.base import complete
from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.plan import ContactFacts, Edit
from crm_tui.process import Process
from crm_tui.text.dates import short_time

RULE_TASKS = frozenset({"next try", "follow-up"})
MOST_OFFERED = 3
_STILL_OPEN = {
    "call": mark("a call promised for {day} is still open"),
    "meeting": mark("a meeting promised for {day} is still open"),
    "demo": mark("a demo promised for {day} is still open"),
    "quote": mark("a quote promised for {day} is still open"),
    "other": mark("a promise for {day} is still open"),
}


def drop_rule_tasks(known: ContactFacts, now: int) -> list[Edit]:
    """Closing a contact completes what only the rules had promised: its next try and follow-up."""
    return [complete(task, now, "closed") for task in known.tasks if task.rule in RULE_TASKS]


def offer_completion(known: ContactFacts, edits: list[Edit], process: Process, now: int) -> list[dict[str, Any]]:
    """To complete what somebody closed is still promised after these edits, the earliest first: a promise never ends by itself."""
    done = {edit.record for edit in edits if edit.register == "done"}
    return [
        {
            "command": "complete_task",
            "contact": known.id,
            "task": task.id,
            "why": _(_STILL_OPEN.get(task.kind, _STILL_OPEN["other"])).format(day=short_time(task.due_at, now, process.zone, timed=False)),
        }
        for task in known.tasks
        if task.id not in done
    ][:MOST_OFFERED]
