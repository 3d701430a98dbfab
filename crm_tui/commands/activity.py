"""Logging what happened (rules 5, 7-9): calls, meetings, e-mails, messages, notes, and their correction."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from crm_tui.commands.base import Command, Line, Ref, Text, complete, event, happened_at, new_task, set_register, to_come
from crm_tui.commands.closing import RULE_TASKS, offer_completion
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import language
from crm_tui.plan import ContactFacts, Edit, Facts, Plan
from crm_tui.process import Process, limits_of, working_of
from crm_tui.rules import fold as rules
from crm_tui.rules.cadence import attempts_exhausted, follow_up_due, next_try_due
from crm_tui.rules.lead import phone_point
from crm_tui.rules.templates import language_for, values_of
from crm_tui.text.clean import clip
from crm_tui.text.times import Moment, at_local, local_day

TaskKind = Literal["call", "meeting", "demo", "quote", "other"]
Direction = Literal["out", "in"]
NEXT_TRY = "next try"
FOLLOW_UP = "follow-up"
CALL_BACK = "call back"
FIND_NUMBER = "find another number"
MAX_SECONDS = 7 * 86_400


class LogCall(Command):
    """A call and its outcome; the rules set the status and the next try or follow-up."""

    command: Literal["log_call"] = "log_call"
    contact: Ref
    outcome: Literal["talked", "no_answer", "busy", "call_back", "wrong_number", "not_interested"]
    duration: int | None = Field(None, ge=0, le=MAX_SECONDS)
    note: Text | None = None
    need: Text | None = None
    reason: Line | None = None
    text: Text | None = None
    next_action: TaskKind | None = None
    next_at: Line | None = None
    direction: Direction = "out"
    phone: Line | None = None
    at: Line | None = None


class LogMeeting(Command):
    """A meeting that was held."""

    command: Literal["log_meeting"] = "log_meeting"
    contact: Ref
    note: Text | None = None
    subject: Line | None = None
    body: Text | None = None
    direction: Direction = "out"
    duration: int | None = Field(None, ge=0, le=MAX_SECONDS)
    next_action: TaskKind | None = None
    next_at: Line | None = None
    at: Line | None = None


class LogEmail(LogMeeting):
    """An e-mail that was sent (`out`) or came in (`in`: a reply is a conversation)."""

    command: Literal["log_email"] = "log_email"  # type: ignore[assignment]
    template: Line | None = None


class LogMessage(LogMeeting):
    """A text or chat message that was sent or came in."""

    command: Literal["log_message"] = "log_message"  # type: ignore[assignment]
    template: Line | None = None


class LogNote(Command):
    """A note on a contact."""

    command: Literal["log_note"] = "log_note"
    contact: Ref
    note: Text | None = None
    subject: Line | None = None
    body: Text | None = None
    at: Line | None = None


class CorrectInteraction(Command):
    """A new version of an interaction's words; the old one stays in the log."""

    command: Literal["correct_interaction"] = "correct_interaction"
    interaction: Ref
    note: Text | None = None
    subject: Line | None = None
    body: Text | None = None
    duration: int | None = Field(None, ge=0, le=MAX_SECONDS)


class RemoveInteraction(Command):
    """Take an interaction out of the timeline; what followed from it falls away."""

    command: Literal["remove_interaction"] = "remove_interaction"
    interaction: Ref


def plan_log_call(facts: Facts, command: LogCall, process: Process, now: int) -> Plan:
    """Rule 7 for calls without an answer, rules 8 and 9 for conversations."""
    known = facts.the_contact()
    outcome = command.outcome
    outgoing = command.direction == "out"
    if outcome == "not_interested" and not command.reason:
        raise Refused("reason", _("Not interested needs a reason: {reasons}.").format(reasons=process.offered_reasons))
    if outcome != "not_interested" and command.reason:
        raise Refused("reason", _("Only the outcome not_interested carries a reason."))
    if outcome == "call_back" and command.next_at is None:
        raise Refused("next_at", _("A call back needs its promised time."))
    at = happened_at(command.at, now, process)
    data: dict[str, Any] = {
        "outcome": outcome,
        "direction": "in" if not outgoing else None,
        "duration": command.duration,
        "note": command.note,
        "need": command.need,
        "reason": process.reason(command.reason).key if command.reason else None,
        "reason_text": command.text,
    }
    entry = event(facts, known.id, "call", at, data)
    plan = Plan([entry], entry.record)
    if command.need:
        plan.edits += set_register("contact", known.id, "properties/need", known.properties.get("need"), command.need, subject=known.id)
    if outcome == "wrong_number":
        _wrong_number(facts, known, command, plan, process, now)
    elif outcome in ("talked", "call_back"):
        _conversation(facts, known, command, plan, process, now, at)
    elif outcome == "not_interested":
        plan.edits += _fulfil(known, now, rules.NOT_INTERESTED, by_call=True)
        plan.suggest += offer_completion(known, plan.edits, process, now)
    elif outgoing:
        _no_answer(facts, known, command, plan, process, now)
    return plan


def _no_answer(facts: Facts, known: ContactFacts, command: LogCall, plan: Plan, process: Process, now: int) -> None:

    state = known.state
    plan.edits += _fulfil(known, now, rules.NO_ANSWER, by_call=True)
    if state.role == "closed":
        return
    due = (
        to_come(command.next_at, "next_at", process, now) if command.next_at else Moment(next_try_due(now, working_of(process)), True, None)
    )
    plan.edits.append(new_task(facts, known.id, command.next_action or "call", due, owner=state.owner or facts.actor.id, rule=NEXT_TRY))
    if state.role not in ("new", "no_answer"):
        return
    plan.suggest.append(_offer_email(known, state.attempts + 1, process))
    if attempts_exhausted(state.attempts + 1, limits_of(process)):
        plan.suggest.append(
            {
                "command": "set_status",
                "contact": known.id,
                "status": "closed",
                "reason": "unreachable",
                "why": _("{count} attempts without an answer").format(count=state.attempts + 1),
            }
        )


def _offer_email(known: ContactFacts, attempt: int, process: Process) -> dict[str, Any]:
    """To write after a call without an answer, by the template of the attempt where there is one."""
    offer: dict[str, Any] = {"command": "log_email", "contact": known.id, "direction": "out"}
    found = next((one for one in process.templates if one.kind == "email" and one.attempt == attempt), None)
    if found is not None:
        offer["template"] = found.key
    return offer | {"why": _("no answer: write a short e-mail")}


def _conversation(facts: Facts, known: ContactFacts, command: Any, plan: Plan, process: Process, now: int, at: int) -> None:
    """Complete what was promised before; a first conversation gets a follow-up unless another next step is given."""

    is_call = command.command == "log_call"
    first = not known.state.talked
    plan.edits += _fulfil(known, now, rules.FIRST_CONVERSATION if first else rules.LATER_CONVERSATION, by_call=is_call)
    promised = is_call and command.outcome == "call_back"
    if command.next_at or command.next_action:
        kind = command.next_action or "call"
        days = facts_follow_up_days(process)
        due = (
            to_come(command.next_at, "next_at", process, now)
            if command.next_at
            else Moment(follow_up_due(now, working_of(process), days), True, None)
        )
        rule = CALL_BACK if promised else FOLLOW_UP if kind == "call" else None
        if promised and due.ms < now:
            raise Refused("next_at", _("The promised time is already past."))
        plan.edits.append(new_task(facts, known.id, kind, due, owner=known.state.owner or facts.actor.id, rule=rule))
        if due.note:
            plan.notes.append(due.note)
    elif first:
        due = Moment(follow_up_due(now, working_of(process), facts_follow_up_days(process)), True, None)
        plan.edits.append(new_task(facts, known.id, "call", due, owner=known.state.owner or facts.actor.id, rule=FOLLOW_UP))
    if first and is_call and not command.need and not known.properties.get("need"):
        plan.suggest.append({"command": "edit_contact", "contact": known.id, "need": None, "why": _("what do they need?")})


def facts_follow_up_days(process: Process) -> int:
    """Working days until a follow-up (rule 8)."""
    return process.limits.follow_up_days


def _wrong_number(facts: Facts, known: ContactFacts, command: LogCall, plan: Plan, process: Process, now: int) -> None:

    phone = known.primary("phone")
    if command.phone:
        wanted = phone_point(command.phone, process.region).value
        phone = next((point for point in known.points if point.kind == "phone" and point.value == wanted), None)
        if phone is None:
            raise Refused("phone", _("{value} is not a phone of this contact.").format(value=command.phone[:60]))
    if phone is not None:
        plan.edits += set_register(
            "contact", known.id, phone.register(), phone.content(), phone.content(valid=False), "wrong number", known.id
        )
    if not any(task.rule == FIND_NUMBER for task in known.tasks):
        today = at_local(local_day(now, process.zone), process.working.start, process.zone)
        due = Moment(today, True, None)
        plan.edits.append(new_task(facts, known.id, "other", due, owner=known.state.owner or facts.actor.id, rule=FIND_NUMBER))


def _fulfil(known: ContactFacts, now: int, rule: str, *, by_call: bool) -> list[Edit]:
    """An attempt or conversation completes the open next try and follow-up; a promised call back only a call does."""
    return [complete(task, now, rule) for task in known.tasks if task.rule in RULE_TASKS or (by_call and task.rule == CALL_BACK)]


def plan_log_written(facts: Facts, command: LogMeeting, process: Process, now: int) -> Plan:
    """Meetings, e-mails and messages."""
    known = facts.the_contact()
    at = happened_at(command.at, now, process)
    kind = command.command.removeprefix("log_")
    outgoing = command.direction == "out"
    data = {
        "direction": None if outgoing or kind == "meeting" else "in",
        "note": command.note,
        "subject": command.subject,
        "body": command.body,
        "duration": command.duration,
        **_by_template(facts, known, command, process),
    }
    entry = event(facts, known.id, kind, at, data)
    plan = Plan([entry], entry.record)
    if kind != "meeting" and not outgoing:
        _conversation(facts, known, command, plan, process, now, at)
        return plan
    plan.edits += _fulfil(known, now, rules.MEETING_HELD if kind == "meeting" else f"{kind} sent", by_call=kind == "meeting")
    if command.next_at or command.next_action:
        due = (
            to_come(command.next_at, "next_at", process, now)
            if command.next_at
            else Moment(follow_up_due(now, working_of(process), facts_follow_up_days(process)), True, None)
        )
        step = command.next_action or "call"
        plan.edits.append(
            new_task(facts, known.id, step, due, owner=known.state.owner or facts.actor.id, rule=FOLLOW_UP if step == "call" else None)
        )
    return plan


def _by_template(facts: Facts, known: ContactFacts, command: LogMeeting, process: Process) -> dict[str, str]:
    """The template of an e-mail or message, and what it says to this person unless something else was written."""
    key = getattr(command, "template", None)
    if not key:
        return {}
    template = process.template(key)
    if f"log_{template.kind}" != command.command or command.direction != "out":
        raise Refused("template", _("The template {key} is not for this.").format(key=clip(key)))
    if command.body or command.note:
        return {"template": key}
    values = values_of(
        known.name,
        company=known.company_name,
        phone=next((point.raw for point in known.points if point.kind == "phone"), ""),
        email=next((point.raw for point in known.points if point.kind == "email"), ""),
        need=known.properties.get("need", ""),
        campaign=known.state.campaign or "",
        sender=facts.actor.name,
        business=process.name,
    )
    subject, body = template.filled(language_for(known.name, process.language or language()), values)
    return {"template": key, "subject": command.subject or subject, "body": body}


def plan_log_note(facts: Facts, command: LogNote, process: Process, now: int) -> Plan:
    """A note is never empty."""
    known = facts.the_contact()
    if not (command.note or command.subject or command.body):
        raise Refused("note", _("The note is empty."))
    data = {"note": command.note, "subject": command.subject, "body": command.body}
    entry = event(facts, known.id, "note", happened_at(command.at, now, process), data)
    plan = Plan([entry], entry.record)
    if known.state.role == "closed":
        plan.suggest += offer_completion(known, plan.edits, process, now)
    return plan


def plan_correct_interaction(facts: Facts, command: CorrectInteraction, process: Process, now: int) -> Plan:
    """A correction is a new version of the content."""
    assert facts.interaction is not None
    old = dict(facts.interaction["data"])
    given = {name: getattr(command, name) for name in command.model_fields_set - {"command", "interaction"}}
    new = {key: value for key, value in (old | given).items() if value not in (None, "")}
    record, contact = facts.interaction["id"], facts.interaction["contact"]
    return Plan(set_register("entry", record, "content", old, new, subject=contact), record)


def plan_remove_interaction(facts: Facts, command: RemoveInteraction, process: Process, now: int) -> Plan:
    """A removal is marked, not erased."""
    assert facts.interaction is not None
    record, contact = facts.interaction["id"], facts.interaction["contact"]
    return Plan([Edit("entry", record, "removed", True, None, None, contact)], record)
