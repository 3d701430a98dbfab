"""Commands on what was promised: add, complete, snooze."""

from __future__ import annotations

from typing import Literal

from crm_tui.commands.activity import TaskKind
from crm_tui.commands.base import Command, Line, Ref, Text, complete, new_task, to_come
from crm_tui.commands.closing import offer_completion
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.plan import Edit, Facts, Plan, TaskFacts
from crm_tui.process import Process


class AddTask(Command):
    """Promise something: a call, a meeting, a demo, a quote."""

    command: Literal["add_task"] = "add_task"
    contact: Ref
    kind: TaskKind = "call"
    due: Line
    note: Text | None = None
    owner: Line | None = None


class CompleteTask(Command):
    """Tick off a task, or a contact's next action."""

    command: Literal["complete_task"] = "complete_task"
    task: Line | None = None
    contact: Line | None = None
    note: Text | None = None


class Snooze(Command):
    """Put a task, or a contact's next action, off to a later time."""

    command: Literal["snooze"] = "snooze"
    task: Line | None = None
    contact: Line | None = None
    until: Line
    note: Text | None = None


def _the_task(facts: Facts) -> TaskFacts | None:
    if facts.task is not None:
        return facts.task
    if facts.contact is None:
        raise Refused("task", _("Name a task or a contact."))
    return facts.contact.next_task


def plan_add_task(facts: Facts, command: AddTask, process: Process, now: int) -> Plan:
    """The task is its contact's owner's unless somebody is named."""
    known = facts.the_contact()
    due = to_come(command.due, "due", process, now)
    owner = facts.user(command.owner, "owner").id if command.owner else known.state.owner or facts.actor.id
    edit = new_task(facts, known.id, command.kind, due, note=command.note, owner=owner)
    return Plan([edit], edit.record, notes=[due.note] if due.note else [])


def plan_complete_task(facts: Facts, command: CompleteTask, process: Process, now: int) -> Plan:
    """Completing a task that is done changes nothing."""
    task = _the_task(facts)
    if task is None:
        raise Refused("contact", _("This contact has no open task."))
    if task.done_at is not None:
        return Plan(record=task.id, notes=[_("Already done.")])
    plan = Plan([complete(task, now)], task.id)
    if command.note:
        plan.edits.append(Edit("task", task.id, "note", command.note, task.note, None, task.contact))
    known = facts.contact
    if known is not None and known.state.role == "closed":
        plan.suggest += offer_completion(known, plan.edits, process, now)
    return plan


def plan_snooze(facts: Facts, command: Snooze, process: Process, now: int) -> Plan:
    """A contact without a task gets a call at that time."""
    until = to_come(command.until, "until", process, now)
    task = _the_task(facts)
    if task is None:
        known = facts.the_contact()
        edit = new_task(facts, known.id, "call", until, note=command.note, owner=known.state.owner or facts.actor.id)
        return Plan([edit], edit.record)
    if task.done_at is not None:
        raise Refused("task", _("This task is already done."))
    old = {"at": task.due_at, "timed": task.timed}
    new = {"at": until.ms, "timed": not until.dated}
    plan = Plan(record=task.id, notes=[until.note] if until.note else [])
    if old != new:
        plan.edits.append(Edit("task", task.id, "due", new, old, None, task.contact))
    if command.note and command.note != task.note:
        plan.edits.append(Edit("task", task.id, "note", command.note, task.note, None, task.contact))
    return plan
