"""What is said after a command: what it did, how to undo it, what it offers, what the rules did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_tui.errors import CrmError
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.reads.outcome import TOLD, outcome
from crm_tui.registry import label_of
from crm_tui.screens.dialogs import Option
from crm_tui.screens.workspace import NARROW, Subject, Workspace
from crm_tui.widgets.paint import Part, among, sentence

if TYPE_CHECKING:
    from crm_tui.answer import Answer
    from crm_tui.app import CrmApp


class Offer(NamedTuple):
    """A command that is offered about somebody; `fields` are given already."""

    subject: Subject
    command: str
    fields: dict[str, Any]
    why: str

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to be asked."""
        return "task" in self.fields or ("status" in self.fields and "reason" in self.fields)


def offers_of(answer: Answer, about: str) -> list[Offer]:
    """What a command offers, to close before the rest."""
    found = []
    for one in answer.suggest:
        fields = dict(one)
        contact, command, why = fields.pop("contact", None), str(fields.pop("command")), str(fields.pop("why", ""))
        if isinstance(contact, bytes):
            fields = {name: show_id(value) if isinstance(value, bytes) else value for name, value in fields.items()}
            found.append(Offer(Subject(contact, about), command, fields, why))
    return sorted(found, key=lambda one: not one.is_whole)


async def outcome_of(app: CrmApp, command: str, fields: Mapping[str, Any], answer: Answer) -> str:
    """What came of a command, in a few words; empty when there is no more to say."""
    if command not in TOLD or answer.id is None or any(one["command"] == "complete_task" for one in answer.suggest):
        return ""  # what is offered to be completed is named by the offer
    from crm_tui.reads.labels import task_label
    from crm_tui.screens.asking import weekday
    from crm_tui.text.dates import short_time

    try:
        look, step, to = await app.session.read(outcome, command, fields, answer.record)
    except CrmError:
        return ""  # it is done, whether it can be read or not
    if step is None:
        return _("to {name}").format(name=to) if to else ""
    day = f"{weekday(step.at, look.zone)} {short_time(step.at, look.now, look.zone, timed=bool(step.timed))}"
    if command == "snooze":
        return _("until {day}").format(day=day)
    if command == "add_task":
        return _("{task} {day}").format(task=task_label(step.kind), day=day)
    if step.rule == "next try":
        return _("next try {day}").format(day=day)
    return _("next: {task} {day}").format(task=task_label(step.kind), day=day)


def told(app: CrmApp, command: str, about: str, answer: Answer, outcome: str = "") -> list[Part]:
    """The message; what rules did stands last, for a narrow screen cuts it first. What came of it may stand there for the command."""
    from crm_tui.reads.labels import rule_label

    narrow = app.size.width < NARROW
    who: list[Part] = [(among(f" · {about}"), "")] if about else []
    parts: list[Part] = [("✓ " + (sentence(outcome) if narrow and outcome else _(label_of(command))), "bold")]
    if not narrow:
        parts += who
    parts += [("   u", "key"), (" " + _("undo"), "dim")]
    if outcome and not narrow:
        parts.append((f"   {sentence(outcome)}", "good"))
    shown = next((screen for screen in reversed(app.screen_stack) if isinstance(screen, Workspace)), None)
    parts += shown.hint_after(command) if shown is not None else []
    parts += offer_parts(app)
    if narrow:
        parts += who
    if answer.notes:
        parts.append(("   " + " ".join(map(sentence, answer.notes)), "warn"))
    if answer.rules:
        parts.append(("   " + ", ".join(map(rule_label, answer.rules)), "dim"))
    return parts


def offer_parts(app: CrmApp) -> list[Part]:
    """The first of what is offered, and the key to it."""
    return [("   a", "key"), (f" {sentence(app.offers[0].why)}", "accent")] if app.offers else []


def offered(app: CrmApp, subjects: Sequence[Subject]) -> list[Option]:
    """The offers as first answers of the menu, with the name where somebody else stands under the cursor."""
    here = subjects[0].contact if subjects else None
    found = []
    for one in app.offers:
        label = _(label_of(one.command)) if one.subject.contact == here else f"{_(label_of(one.command))} · {one.subject.name}"
        found.append(Option(one, label, one.why, app.actions[one.command].key or ""))
    return found
