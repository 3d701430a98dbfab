"""Asking for what a command needs, one question at a time; `Left` ends it when the person goes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from crm_tui.i18n import apart
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.reads.outcome import LOGGED
from crm_tui.screens.dialogs import Choice, Dialog, Line, Option
from crm_tui.screens.workspace import Subject

if TYPE_CHECKING:
    from crm_tui.answer import Answer
    from crm_tui.app import CrmApp
    from crm_tui.reads.look import Look
    from crm_tui.session import Session

T = TypeVar("T")
MOST_OFFERS = 9
"""What is offered about marked people is as much as has a number in the menu."""


class Left(Exception):
    """The person went back: nothing is done."""


class Asking:
    """One command in the making: about whom, and the questions still open."""

    def __init__(self, app: CrmApp, command: str, subjects: Sequence[Subject]) -> None:
        self.app = app
        self.command = command
        self.subjects = subjects
        self._drafts: list[str] = []

    @property
    def session(self) -> Session:
        """The open store."""
        return self.app.session

    @property
    def subject(self) -> Subject:
        """The first it is about."""
        return self.subjects[0]

    @property
    def about(self) -> str:
        """Whom it is about, for titles and messages."""
        if not self.subjects:
            return ""
        if len(self.subjects) > 1:
            return _("{count} marked").format(count=len(self.subjects))
        return self.subject.name or self.subject.phone or self.subject.email or _("no name")

    async def look(self, question: Callable[[Look], T]) -> T:
        """Read something the question needs."""
        return await self.session.read(question)

    async def choose(self, title: str, options: Sequence[Option], *, note: str = "", at: int = 0) -> Any:
        """The value of the chosen option."""
        chosen = await self.ask(Choice(title, options, subject=self.about, note=note, at=at))
        return chosen.value

    async def ask(self, dialog: Dialog) -> Any:
        """The answer of a dialog; keys typed after it wait for the next question."""
        answer = await self.app.push_screen_wait(dialog)
        if answer is None:
            raise Left
        return answer

    async def line(self, title: str, *, keep: bool = False, **more: Any) -> Any:
        """A typed line, checked; "" when it may be empty and is. `keep` keeps what is typed until the command is done."""
        draft = f"{self.command}:{self.subject.contact.hex() if self.subjects else ''}:{title}" if keep else None
        answer = await self.ask(Line(title, subject=self.about, draft=draft, **more))
        if draft:
            self._drafts.append(draft)
        return answer[0]

    async def note(self, title: str = "", value: str = "", *, optional: bool = True) -> str | None:
        """Running text; None when it is left empty."""
        text = await self.line(
            title or _("Note"), keep=not value, value=value, most_lines=8, optional=optional, placeholder=_("what was said, what matters")
        )
        return text or None

    async def when(self, title: str, *, optional: bool = False, value: str = "", promised: bool = False) -> str | None:
        """A date typed as a person says it, as ISO time; of one that is `promised` it is said what speaks against it."""
        from crm_tui.errors import Refused
        from crm_tui.reads.cautions import cautions, promising
        from crm_tui.text.dates import short_time
        from crm_tui.text.quickdate import parse_quick
        from crm_tui.text.times import Moment, iso

        by = await self.look(lambda look: promising(look, [one.contact for one in self.subjects]))
        working, clock = by.working, self.session.clock
        zone = working.zone

        def read(text: str) -> Moment:
            return parse_quick(text, clock(), zone, working.start, working_days=working.days)

        def check(text: str) -> str:
            moment = read(text)
            return iso(moment.ms, zone) if not moment.dated else iso(moment.ms, zone)[:10]

        def hint(text: str) -> str:
            with suppress(Refused):
                moment = read(text)
                return f"{weekday(moment.ms, zone)} {short_time(moment.ms, clock(), zone, timed=not moment.dated)}"
            return ""

        def caution(text: str) -> str:
            with suppress(Refused):
                moment = read(text)
                return " · ".join(cautions(moment, clock(), by) if promised else filter(None, [moment.note]))
            return ""

        placeholder = _("+2d, tomorrow 10, sun 10:00, 22/11")
        answer = await self.line(title, value=value, placeholder=placeholder, check=check, hint=hint, caution=caution, optional=optional)
        return answer or None

    async def run(self, command: str, **fields: Any) -> Answer | None:
        """Execute one command and say what it did; what was typed for it is then no draft any more."""
        answer = await self.app.run_command(command, about=self.about, **fields)
        if answer is not None:
            self.forget_drafts()
        return answer

    def forget_drafts(self) -> None:
        """What was typed is saved."""
        for draft in self._drafts:
            self.app.drafts.forget(draft)

    async def run_for_all(self, command: str, **fields: Any) -> Answer | None:
        """Execute a command for each subject, or its task when the command is about one; one undo takes them all back."""
        if len(self.subjects) == 1:
            return await self.run(command, **_named(command, self.subject), **fields)
        from crm_tui.errors import CrmError
        from crm_tui.registry import label_of
        from crm_tui.screens.telling import Offer, offer_parts, offers_of, outcome_of

        ids: list[bytes] = []
        problems: list[str] = []
        offers: list[Offer] = []
        for number, subject in enumerate(self.subjects, 1):
            try:
                answer = await self.session.do(command, **_named(command, subject), **fields)
            except CrmError as error:
                problems.append(f"{apart(subject.name)}: {error.message}")
                continue
            if answer.id:
                ids.append(answer.id)
                offers += offers_of(answer, subject.name)
            if number % 20 == 0:
                self.app.say([(_("{done} of {total}").format(done=number, total=len(self.subjects)), "dim")])
        self.app.done_together(ids)
        self.forget_drafts()
        self.app.offers = offers[:MOST_OFFERS]
        said = [(f"✓ {_(label_of(command))} x {len(ids)}", "bold"), ("   u", "key"), (" " + _("undo"), "dim")]
        # What comes of a logged call is not the same for all.
        if ids and command not in LOGGED and (outcome := await outcome_of(self.app, command, fields, answer)):
            said.append((f"   {outcome}", "good"))
        self.app.say([*said, *offer_parts(self.app)])
        self.app.unmark()
        self.app.refresh_now()
        if problems:
            from crm_tui.screens.dialogs import Notice

            text = "\n".join(problems[:8])
            self.app.push_screen(Notice(_("{count} not done").format(count=len(problems)), text))
        return None


def _named(command: str, subject: Subject) -> dict[str, str]:
    if command in ("complete_task", "snooze") and subject.task is not None:
        return {"task": show_id(subject.task)}
    return {"contact": show_id(subject.contact)}


def begin(app: CrmApp, command: str, subjects: Sequence[Subject], flow: Callable[[Asking], Awaitable[Any]]) -> None:
    """Start asking; what is typed ahead waits for the questions, going back anywhere does nothing."""

    async def ask() -> None:
        with suppress(Left):
            await flow(Asking(app, command, subjects))

    app.hold_keys_while(ask())


def weekday(ms: int, zone: Any) -> str:
    """The short name of a day of the week."""
    from crm_tui.text.times import local_day

    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return names[local_day(ms, zone).weekday()]
