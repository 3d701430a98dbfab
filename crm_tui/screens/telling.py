"""What is said after a command: what it did, how to undo it, what it offers, what the rules did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.registry import label_of
from crm_tui.screens.dialogs import Option
from crm_tui.screens.workspace import Subject, Workspace
from crm_tui.widgets.paint import Part, among, sentence

if TYPE_CHECKING:
    from crm_tui.app import CrmApp
    from crm_tui.store import Answer


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


def told(app: CrmApp, command: str, about: str, answer: Answer) -> list[Part]:
    """The message; what rules did stands last, for a narrow screen cuts it first."""
    from crm_tui.reads.labels import rule_label

    parts: list[Part] = [("✓ " + _(label_of(command)), "bold")]
    if about:
        parts.append((among(f" · {about}"), ""))
    parts += [("   u", "key"), (" " + _("undo"), "dim")]
    shown = next((screen for screen in reversed(app.screen_stack) if isinstance(screen, Workspace)), None)
    parts += shown.hint_after(command) if shown is not None else []
    parts += offer_parts(app)
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
