"""Logging what happened: calls with their outcome, meetings, e-mails, messages, notes, and corrections of them."""

from __future__ import annotations

import time
from typing import Any

from rich.segment import Segment

from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.screens.asking import Asking
from crm_tui.screens.dialogs import Choice, Option, rule
from crm_tui.screens.flows import _reason, _task_kind
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import among


class CallOutcome(Choice):
    """How a call ended, while its time runs."""

    def __init__(self, title: str, options: list[Option], subject: str, phone: str) -> None:
        super().__init__(title, options, subject=subject)
        self.phone = phone
        self.began = time.monotonic()

    @property
    def seconds(self) -> int:
        """How long it takes by now."""
        return int(time.monotonic() - self.began)

    def on_mount(self) -> None:
        """Show the time running."""
        self.set_interval(1, lambda: self.query_one("#title", Lines).redraw())

    def title_line(self, cells: int) -> list[list[Segment]]:
        """Title with the time."""
        minutes, seconds = divmod(self.seconds, 60)
        parts = [
            (self.heading, "bold"),
            (" · ", "dim"),
            (among(self.subject), "accent"),
            (among(f" {self.phone}"), ""),
            (f" {minutes}:{seconds:02}", "bold"),
        ]
        return [rule(parts, cells)]


async def log_call(ask: Asking) -> None:
    """The outcome first; what it needs after it."""
    from crm_tui.reads.labels import OUTCOMES, outcome_label
    from crm_tui.screens.day import DayScreen

    subject = ask.subject
    ask.subjects = [subject]
    options = [Option(key, outcome_label(key)) for key in OUTCOMES]
    dialog = CallOutcome(_("Call"), options, ask.about, subject.phone or "")
    outcome = (await ask.ask(dialog)).value
    fields: dict[str, Any] = {"contact": show_id(subject.contact), "outcome": outcome}
    if outcome in ("talked", "not_interested", "call_back"):
        fields["duration"] = dialog.seconds
    if outcome == "talked":
        fields["need"] = await ask.line(_("What do they need?"), keep=True, optional=True) or None
        fields["note"] = await ask.note()
        fields |= await next_step(ask)
    elif outcome == "call_back":
        fields["next_at"] = await ask.when(_("Call back when?"), promised=True)
        fields["note"] = await ask.note()
    elif outcome == "not_interested":
        fields["reason"], fields["text"] = await _reason(ask, _("Not interested: why?"))
        fields["note"] = await ask.note()
    day = ask.app.screen
    if not isinstance(day, DayScreen):
        await ask.run("log_call", **fields)
        return
    day.pass_over(subject.contact)
    try:
        done = await ask.run("log_call", **fields)
    finally:
        day.written(subject.contact)
    if done is None:
        ask.app.refresh_now()


async def next_step(ask: Asking) -> dict[str, Any]:
    """What is promised next, and for when."""
    kind = await _task_kind(ask, _("Next step"), none=True)
    return {} if kind is None else {"next_action": kind, "next_at": await ask.when(_("When?"), optional=True, promised=True)}


async def log_written(ask: Asking) -> None:
    """A meeting, an e-mail or a message: which way it went, and what it said; to one person by a template too."""
    direction = None
    if ask.command != "log_meeting" and len(ask.subjects) == 1:
        from crm_tui.screens.writing import write

        await write(ask)
        return
    if ask.command != "log_meeting":
        options = [Option("out", _("we wrote")), Option("in", _("they wrote"))]
        direction = await ask.choose(_("Who wrote?"), options)
    note = await ask.note(_("What was it about?"), optional=False)
    await ask.run_for_all(ask.command, note=note, direction=direction)


async def log_note(ask: Asking) -> None:
    """A note."""
    await ask.run_for_all("log_note", note=await ask.note(optional=False))


async def correct(ask: Asking) -> None:
    """A new version of what was logged."""
    from crm_tui.reads.timeline import interaction_note

    entry = ask.subject.entry
    assert entry is not None
    old = await ask.look(lambda look: interaction_note(look, entry))
    note = await ask.note(_("Corrected"), old, optional=False)
    await ask.run("correct_interaction", interaction=show_id(entry), note=note)


async def remove(ask: Asking) -> None:
    """Take an interaction off the timeline; the log keeps it."""
    assert ask.subject.entry is not None
    await ask.run("remove_interaction", interaction=show_id(ask.subject.entry))
