"""The full-screen app: workspaces, commands with their message, live refresh, one place for errors. No query, no rule."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on, work
from textual.app import App
from textual.screen import ModalScreen, Screen

from crm_tui.config import Config
from crm_tui.drafts import Drafts
from crm_tui.errors import CrmError
from crm_tui.i18n import gettext as _
from crm_tui.i18n import keep_values_apart
from crm_tui.registry import keymap, label_of, with_keys
from crm_tui.screens.spaces import SPACES, import_ahead, space_screen
from crm_tui.screens.workspace import Subject, Workspace
from crm_tui.syncing import Standing, Syncing
from crm_tui.terminal import leave_with_terminal
from crm_tui.widgets.at_once import draw_at_once, draw_whole
from crm_tui.widgets.paint import Part, among, sentence
from crm_tui.widgets.record_list import RecordList
from crm_tui.widgets.wall import Wall

if TYPE_CHECKING:
    from crm_tui.answer import Answer
    from crm_tui.live import Watch
    from crm_tui.screens.telling import Offer
    from crm_tui.session import Session

RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
UNSEEN_SECONDS = 0.1
"""An empty first frame is shown when its rows have not come so soon."""
BEGIN_SECONDS = 0.2
"""What the first frame does not need begins so much later, so as not to hold it up."""
HELD_SECONDS = 5
"""A key waits no longer than this for a question that does not come."""


class CrmApp(App[None]):
    """One person at one store; `note` stands beside their name (a throwaway store says so)."""

    CSS_PATH = "screens/app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Any]] = []

    def __init__(self, session: Session, config: Config | None = None, note: str = "") -> None:
        # Textual's empty screen first, and a mode switched to, cost the stylesheet two times more.
        self.DEFAULT_MODE = "day" if session.role == "rep" else "leadometer"  # type: ignore[misc]
        super().__init__(ansi_color=True)
        self.actions = {one.id: one for one in with_keys((config or Config()).keys)}
        self.keymap = keymap(self.actions.values())
        self.has_bell = (config or Config()).bell
        self.session = session
        self.note = note
        self.message: list[Part] = []
        self.badges: dict[str, str] = {}
        self.drafts = Drafts(session.url, session.name)
        self.offers: list[Offer] = []
        """What the last command offers to do next."""
        self._together: list[bytes] = []
        self._undone_together = 0
        self._watch: Watch | None = None
        self.syncing: Syncing | None = None
        self.standing = Standing()
        self.conflicts = 0
        self.asking = 0
        self.trouble = ""
        self.ended_by: int | None = None
        self.asked: set[tuple[bytes, date]] = set()
        """Who was asked about, and on which day (`screens.duty`)."""
        self.visited: int | None = None
        """This person's last step before this visit; known once My Day was read."""
        self._reminded: int | None = None
        self._held_for: set[str] = set()
        self._keys_wait = asyncio.Event()
        self._keys_wait.set()
        self.hold_keys("screen")
        self._unseen: ExitStack | None = ExitStack()
        """Open while what is drawn is not shown, because the first rows are being read."""
        self._filters.append(Wall())

    # life

    def get_driver_class(self) -> Any:
        """Textual's for this system; on Linux the one without threads between a key and its frame."""
        driver = super().get_driver_class()
        # Not on a Mac: its loop cannot wait for every terminal.
        if sys.platform == "linux":
            with suppress(ImportError):
                from crm_tui.widgets.quick_driver import QuickDriver

                return QuickDriver if QuickDriver.__base__ is driver else driver
        return driver

    def get_default_screen(self) -> Screen[Any]:
        """Where this person's work begins."""
        assert self._unseen is not None
        self._unseen.enter_context(self.batch_update())
        self.set_timer(UNSEEN_SECONDS, self.show_first)
        return space_screen(self.DEFAULT_MODE)

    def show_first(self) -> None:
        """Show the first frame: its rows are there, or do not come soon."""
        unseen, self._unseen = self._unseen, None
        if unseen is not None:
            unseen.close()
            if self.screen_stack:
                draw_whole(self.screen)

    def on_mount(self) -> None:
        """What the first frame does not need comes after it."""
        keep_values_apart(True)
        leave_with_terminal(self)
        for space in SPACES:
            self.add_mode(space, partial(space_screen, space))
        self.set_timer(BEGIN_SECONDS, self._begin)

    def _begin(self) -> None:
        from crm_tui.live import Watch

        self._watch = Watch(self.session.url, lambda: self.call_from_thread(self._committed))
        self.syncing = Syncing(
            self.session.url, self.session.name, self.session.clock, lambda: self.call_from_thread(self._standing_changed)
        )
        self._changed_elsewhere()
        self.remind()
        self.set_timer(60 - self.session.clock() / 1000 % 60, lambda: self.set_interval(60, self.remind) and self.remind())
        self.set_timer(BEGIN_SECONDS, lambda: self.run_worker(self._warm_up(), group="warm", exit_on_error=False))
        if waiting := self.drafts.questions():
            self.say([(_("{count} texts were typed and not saved; the same key brings each back.").format(count=len(waiting)), "warn")])

    async def _warm_up(self) -> None:
        try:
            await asyncio.to_thread(import_ahead)
        finally:
            if not gc.isenabled():
                # What the start made stays as long as the app: the search for garbage, which holds keys up, leaves it out.
                gc.freeze()
                gc.enable()
        # Numbers from abroad can be shown as they are written now.
        self._changed_elsewhere()

    async def on_unmount(self) -> None:
        """Leave nothing behind."""
        keep_values_apart(False)
        self.drafts.save()
        if self.syncing is not None:
            self.syncing.stop()
        if self._watch is not None:
            await asyncio.to_thread(self._watch.stop)

    def _standing_changed(self) -> None:
        """Show how it stands with the hub; what went wrong is said once."""
        assert self.syncing is not None
        before, self.standing = self.standing, self.syncing.standing
        if self.standing.why and self.standing.why != before.why:
            self.say([(sentence(self.standing.why), "warn")])
        elif self.standing != before:
            self.say(self.message)

    def _committed(self) -> None:
        self._look_for_news()

    @work(group="news", exit_on_error=False)
    async def _look_for_news(self) -> None:
        with suppress(CrmError):  # the screen, which cannot be read either, says it
            if not self.trouble and not await self.session.is_news():
                return
        self._changed_elsewhere()

    def _changed_elsewhere(self) -> None:
        if self.syncing is not None:
            self.syncing.changed()
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Workspace):
                screen.refresh_data()
                break
        self._count_waiting()  # after what the person looks at

    def _print_error_renderables(self) -> None:
        # Textual's own name: its trace-back would show people's data. What failed is said in a sentence by who started the app.
        if os.environ.get("CRM_DEBUG") == "1":
            super()._print_error_renderables()
        self._exit_renderables.clear()

    @property
    def failure(self) -> Exception | None:
        """What ended the app against its will."""
        return getattr(self, "_exception", None)

    @work(exclusive=True, group="badge", exit_on_error=False)
    async def _count_waiting(self) -> None:
        from crm_tui.reads.conflicts import count_conflicts
        from crm_tui.reads.day_now import count_day
        from crm_tui.reads.inbox import count_inbox

        self.show_waiting(await self.session.read(count_inbox))
        self.show_badge("day", await self.session.read(count_day))
        if self.conflicts != (found := await self.session.read(count_conflicts)):
            self.conflicts = found
            self.say(self.message)

    def show_waiting(self, waiting: int) -> None:
        """The badge of the Leadometer."""
        self.show_badge("leadometer", waiting)

    def show_badge(self, space: str, waiting: int) -> None:
        """What waits in a workspace, beside its name."""
        badge = "" if not waiting else str(waiting).translate(RAISED) if waiting < 1_000 else "⁹⁹⁹⁺"
        if badge != self.badges.get(space, ""):
            self.badges[space] = badge
            self.say(self.message)

    def ring(self) -> None:
        """The terminal's bell, unless this person turned it off."""
        if self.has_bell:
            self.bell()

    @work(exclusive=True, group="remind", exit_on_error=False)
    async def remind(self) -> None:
        """Announce what was promised for a time that comes now, wherever one is."""
        from crm_tui.reads.reminders import reminders

        now = self.session.clock()
        come = await self.session.read(reminders, self._reminded)
        # Only now: what could not be read comes with the next reading.
        self._reminded = now
        if come:
            self.ring()
            self.say([part for one in come for part in ((" · " if one is not come[0] else "", "dim"), (sentence(one), "accent"))])

    # where one is

    @property
    def current_space(self) -> str:
        """The workspace whose stack is shown."""
        return str(self.current_mode)

    def go_to(self, space: str) -> None:
        """Show a workspace as it was left."""
        if space != self.current_mode:
            self.hold_keys("screen")
            self.switch_mode(space)

    def back(self) -> None:
        """One level back; in a workspace's own screen marks and message go."""
        screen = self.screen
        if len(self.screen_stack) > 1:
            self.pop_screen()
        elif isinstance(screen, Workspace):
            screen.clear()
        self.say([])

    def open_contact(self, contact: bytes, neighbours: RecordList | None = None, deal: bytes | None = None) -> None:
        """Show one contact whole; left and right then go along the list it came from."""
        from crm_tui.screens.contact import ContactScreen

        self.hold_keys("screen")
        self.push_screen(ContactScreen(contact, neighbours, deal))

    # what keys ask for

    def perform(self, id_: str, subjects: Sequence[Subject]) -> None:
        """Do an action; one that is not possible says why."""
        screen = self.screen
        if isinstance(screen, Workspace) and (why := screen.why_not(id_)):
            self.say([(_(label_of(id_)), "bold"), (f": {why}", "warn")])
            return
        simple: dict[str, Callable[[], Any]] = {
            "quit": self.exit,
            "back": self.back,
            "undo": lambda: self.run_worker(self._step("undo"), group="command"),
            "redo": lambda: self.run_worker(self._step("redo"), group="command"),
        }
        if id_ in simple:
            simple[id_]()
            return
        from crm_tui.screens.flows import start

        start(self, id_, list(subjects))

    # keys typed ahead

    def hold_keys(self, until: str = "question") -> None:
        """Keys wait until the next question of a command, or a screen that opens, stands: what is typed ahead is meant for it."""
        if until != "question" or self.asking:
            self._held_for.add(until)
            self._keys_wait.clear()

    def hold_keys_while(self, doing: Awaitable[object]) -> None:
        """Do something that the keys typed after it count on: they wait for its end. An error is said."""

        async def held() -> None:
            try:
                await doing
            except Exception as error:
                self.show_error(error)
            finally:
                self.asking -= 1
                self.release_keys()

        self.asking += 1
        self.hold_keys()
        self.run_worker(held(), group="flow")

    def release_keys(self, until: str = "question") -> None:
        """It stands, or does not come."""
        self._held_for.discard(until)
        if not self._held_for:
            self._keys_wait.set()

    async def on_event(self, event: events.Event) -> None:
        """Keys are taken one after the other, each whole: by the widget in focus, else by the screen."""
        if isinstance(event, events.Key):
            if not self._keys_wait.is_set():
                try:
                    await asyncio.wait_for(self._keys_wait.wait(), HELD_SECONDS)
                except TimeoutError:
                    self._held_for.clear()
                    self._keys_wait.set()
            # Textual would post it from queue to queue, and a second key could overtake the dialog that the first one opens.
            targets = (self.screen.focused, self.screen)
            for target in targets[::-1] if isinstance(self.screen, ModalScreen) else targets:
                take = getattr(target, "take_key", None)
                if take is not None and take(event):
                    self._draw_key()
                    return
        await super().on_event(event)

    def _draw_key(self) -> None:
        """Show what a key changed, unless the next key is already there: at most one frame is in flight."""
        screen = self.screen
        if not isinstance(screen, Workspace) or not screen.is_mounted or screen.focused is None:
            return
        screen.foot.redraw()
        if self.message_queue_size == 0:
            draw_at_once(screen, (screen.focused, screen.foot))

    async def run_command(self, command: str, *, about: str = "", **fields: Any) -> Answer | None:
        """Execute a command, say what it did and show it; None when it was refused, which is said too."""
        from crm_tui.screens.telling import outcome_of

        try:
            answer = await self.session.do(command, **fields)
        except CrmError as error:
            self.show_error(error)
            return None
        self.done_together([answer.id] if answer.id else [])
        self.tell(command, about, answer, await outcome_of(self, command, fields, answer))
        self.refresh_now()
        return answer

    def done_together(self, ids: Sequence[bytes]) -> None:
        """Commands that one key gave: one undo takes them back."""
        self._together, self._undone_together = list(ids), 0

    def unmark(self) -> None:
        """Take off the marks of the list that is shown."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Workspace):
                screen.clear()
                break

    def refresh_now(self) -> None:
        """Show what the store says now."""
        self._changed_elsewhere()

    async def _step(self, command: str) -> None:
        from crm_tui.ids import show_id
        from crm_tui.reads.news import name_of_steps

        ids: list[bytes | None] = [None]
        if command == "undo" and len(self._together) > 1:
            ids = [*reversed(self._together)]
        elif command == "redo" and self._undone_together > 1:
            ids = [None] * self._undone_together
        answers: list[Answer] = []
        parts: list[Part] = []
        try:
            for id_ in ids:
                answers.append(await self.session.do(command, id=id_ and show_id(id_)))
        except CrmError as error:
            parts = [(error.message, "warn")]
        if command == "redo":
            self._undone_together = max(0, self._undone_together - len(answers))
        elif answers:
            # Of an undo that failed half way the next key takes back the rest, and one redo brings all again.
            self._undone_together = len(answers) + (self._undone_together if self._together else 0)
        if len(answers) == len(ids):
            self._together, self.offers = [], []
        else:
            self._together = [one for one in self._together if one not in ids[: len(answers)]]
        if not parts:
            name = ""
            with suppress(CrmError):  # it is undone, whether it can be read or not
                name = await self.session.read(name_of_steps, [one.undone for one in answers if one.undone])
            parts = self._told_step(command, answers, name)
        self.say(parts)
        self.refresh_now()

    def _told_step(self, command: str, answers: Sequence[Answer], name: str) -> list[Part]:
        answer = answers[-1]
        what = _(label_of(answer.undone_command or "")) + (among(f" · {name}") if name else "")
        said = _("Undone: {what}") if command == "undo" else _("Done again: {what}")
        parts: list[Part] = [(said.format(what=what), "bold")]
        if len(answers) > 1:
            parts.append((f" x {len(answers)}", "bold"))
        if answer.kept:
            parts.append(("  " + _("kept: {count} changed since").format(count=len(answer.kept)), "warn"))
        return [*parts, ("   ctrl+r", "key"), (" " + _("redo"), "dim")] if command == "undo" else parts

    # what is said

    def say(self, parts: list[Part]) -> None:
        """Put a message above the footer; it stays until the next one."""
        self.message = parts
        for screen in self.screen_stack:
            if isinstance(screen, Workspace):
                screen.redraw_frame()

    def tell(self, command: str, about: str, answer: Answer, outcome: str = "") -> None:
        """What a command did and what came of it, what the rules did, how to undo it, what it suggests."""
        from crm_tui.screens.telling import offers_of, told

        self.offers = offers_of(answer, about)
        self.say(told(self, command, about, answer, outcome) if answer.id is not None else [(_("Nothing changed."), "dim")])

    @on(RecordList.Failed)
    def _page_failed(self, event: RecordList.Failed) -> None:
        self.show_error(event.error, reading=True)

    def set_trouble(self, text: str) -> None:
        """What keeps the screens from being read, or that nothing does any more."""
        if text != self.trouble:
            self.trouble = text
            self.say(self.message)

    def show_error(self, error: BaseException, *, reading: bool = False) -> None:
        """The one place where an error meets a person: what happened, what to do next; what was typed is kept.

        What cannot be read stands in the top line until it can; the dialog comes once, for one that comes back could not be left.
        """
        from crm_tui.screens.dialogs import Notice
        from crm_tui.screens.errors import explain

        if not self.is_running:
            return
        title, text, step = explain(error)
        if isinstance(self.screen, Notice):
            return
        if reading:
            if text == self.trouble:
                return
            self.set_trouble(text)
        self.push_screen(Notice(title, text, step))
