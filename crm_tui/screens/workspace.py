"""What every full screen has: the line of workspaces, a message after each command, the keys that matter now, and what keys do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.segment import Segment
from textual import events, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen

from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.registry import WORKSPACES, action
from crm_tui.syncing import Standing
from crm_tui.text.graphemes import width
from crm_tui.users import role_label
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Column, Part, columns, fit, isolated, mirrored, parts_width, safe, said

if TYPE_CHECKING:
    from crm_tui.app import CrmApp
    from crm_tui.reads.look import Look
    from crm_tui.session import Session

WIDE = 120
NARROW = 80


class Subject(NamedTuple):
    """What a command acts on: a contact, and the deal, task, timeline entry or lost edit of it that the cursor stands on."""

    contact: bytes
    name: str
    phone: str | None = None
    email: str | None = None
    deal: bytes | None = None
    deal_name: str = ""
    task: bytes | None = None
    entry: bytes | None = None
    entry_kind: str = ""
    lost: bytes | None = None


class Workspace(Screen[None]):
    """A full screen. What it can do is in `handles`; the app's commands come through `flows`."""

    footer: tuple[str, ...] = ()
    """Ids of the actions named at the foot."""
    handles: tuple[str, ...] = ()
    """Screen actions that this screen itself carries out, by a method `do_<id>`."""
    space = ""
    """The workspace it belongs to, when it is the first of its stack."""

    def __init__(self) -> None:
        super().__init__()
        self._hints: dict[int, list[Segment]] = {}
        self.is_fresh = False
        """Whether only a question of a command stood over it, which shows itself what it changed."""
        self._frame: list[Lines] = []

    if TYPE_CHECKING:

        @property
        def app(self) -> CrmApp:  # type: ignore[override]
            """The app."""

    @property
    def session(self) -> Session:
        """The open store."""
        return self.app.session

    # the frame

    def compose(self) -> ComposeResult:
        """Top line, body, message, footer."""
        self._frame = [Lines(self._draw_top, id="top"), Lines(self._draw_message, id="message"), Lines(self._draw_footer, id="footer")]
        yield self._frame[0]
        with Horizontal(id="body"):
            yield from self.body()
        yield from self._frame[1:]

    @property
    def foot(self) -> Lines:
        """The line of keys and the position."""
        return self._frame[-1]

    def body(self) -> Iterator[Any]:
        """The widgets between top and footer."""
        raise NotImplementedError

    def subjects(self) -> list[Subject]:
        """What commands act on now: the marked records, else the current one."""
        return []

    def position(self) -> str:
        """Where the cursor stands, for the footer."""
        return ""

    def counted(self, at: int, total: int, more: str = "") -> str:
        """`12 of 48`, on a narrow screen `12/48`; `more` says that there are more than `total`."""
        if not total:
            return ""
        here, all_ = f"{at:,}", f"{total:,}{more}"
        return f"{here}/{all_}" if self.size.width < NARROW else _("{at} of {total}").format(at=here, total=all_)

    def where(self) -> str:
        """The name of a screen that is no workspace, for the top line."""
        return ""

    def hint_after(self, command: str) -> list[Part]:
        """What is offered on this screen after a command."""
        return []

    async def load(self) -> None:
        """Read what is shown, again after each change."""

    def clear(self) -> None:
        """What esc takes off on a workspace's own screen: marks."""

    def _draw_top(self, cells: int) -> list[list[Segment]]:
        end: list[Part] = [(self.app.session.name, "dim")]
        if self.app.trouble:
            end = [(self.app.trouble, "bad")]
        else:
            if standing := standing_parts(self.app.standing, self.app.conflicts, narrow=cells < NARROW):
                end = [*end, (" ", ""), *standing]
            if self.app.note:
                end = [(self.app.note, "warn"), ("  ", ""), *end]
        mine = self.app.current_space
        tabs: list[Part] = []
        # Beside the name of what is open there is no room for all workspaces.
        is_brief = cells < NARROW or (bool(self.where()) and cells < WIDE)
        if is_brief:
            number = [key for key, _label in WORKSPACES].index(mine) if mine in dict(WORKSPACES) else 0
            tabs = [(f"{number + 1} ", "dim"), (_(WORKSPACES[number][1]), "head"), (" ▾", "dim")]
            badge = self.app.badges.get(mine)
            if badge:
                tabs.append((badge, "accent"))
        else:
            for number, (key, label) in enumerate(WORKSPACES, 1):
                look = "head" if key == mine else ""
                tabs += [(f"{number} ", "dim"), (_(label), look)]
                if badge := self.app.badges.get(key):
                    tabs.append((badge, "accent"))
                tabs.append(("  ", ""))
        if self.where():
            tabs += [(" › " if is_brief else "› ", "dim"), (self.where(), "bold")]
        wide = min(parts_width(end), cells // 2)
        return [columns([Column(tabs, max(0, cells - wide - 1)), Column(fit(end, wide), wide, end=True)])]

    def _draw_message(self, cells: int) -> list[list[Segment]]:
        return [said(self.app.message, cells)]

    def _draw_footer(self, cells: int) -> list[list[Segment]]:
        where = self.position()
        wide = width(where)
        end = isolated([(where, "dim")])
        hints = self._key_hints(cells - wide)
        return [[*end, *hints] if mirrored() else [*hints, *end]]

    def _key_hints(self, cells: int) -> list[Segment]:
        """The keys that matter now, as many as fit; they change with the width alone."""
        found = self._hints.get(cells)
        if found is not None:
            return found
        left, kept = cells + 1, set()  # of the two cells after the last hint one is enough
        # On a narrow screen what leads to all the rest goes before the fifth key.
        for id_ in (*self.footer[:2], "menu", "help", *self.footer[2:], "search", "undo"):
            size = parts_width(self._key_hint(id_))
            if size <= left:
                left -= size
                kept.add(id_)
        offered = (id_ for id_ in (*self.footer, "menu", "search", "undo", "help") if id_ in kept)
        self._hints[cells] = found = said([part for id_ in offered for part in self._key_hint(id_)][:-1], cells)
        return found

    def _key_hint(self, id_: str) -> list[Part]:
        return [(_key_name(self.app.actions[id_].key or ""), "key"), (" ", ""), (short_label(id_), "dim"), ("  ", "")]

    def redraw_frame(self) -> None:
        """Draw the lines around the body again, where they changed."""
        if self.is_mounted:
            for lines in self._frame:
                lines.redraw()

    def on_resize(self, event: events.Resize) -> None:
        """Side panel on wide screens, two-line rows on narrow ones."""
        self.set_class(event.size.width >= WIDE, "wide")
        self.set_class(event.size.width < NARROW, "narrow")

    def on_screen_resume(self) -> None:
        """Show what is true now."""
        if not self.is_fresh:
            self.refresh_data()
        self.is_fresh = False
        self.redraw_frame()

    @work(exclusive=True, group="load")
    async def refresh_data(self) -> None:
        """Load again without waiting for it."""
        try:
            await self.load()
        except Exception as error:
            # A screen that was left while it was read has nothing to say any more.
            if self in self.app.screen_stack:
                self.app.show_error(error, reading=True)
        else:
            self.app.set_trouble("")
        # Not when a newer load took this one's place, nor for another screen: those say it when they stand.
        if self.is_current:
            self.app.show_first()
            self.app.release_keys("screen")

    # keys

    def take_key(self, event: events.Key) -> bool:
        """What no widget took: a workspace's number or an action."""
        key = "space" if event.key == "space" else event.character if event.is_printable and event.character else event.key
        if key in "123456789" and int(key) <= len(WORKSPACES):
            self.app.go_to(WORKSPACES[int(key) - 1][0])
            return True
        id_ = self.app.keymap.get(key) or self.app.keymap.get(event.key)
        if id_ is None:
            return False
        self.perform(id_)
        return True

    def perform(self, id_: str) -> None:
        """Do an action by its id, from a key, a menu or the palette."""
        if id_ in self.handles:
            getattr(self, f"do_{id_}")()
        else:
            self.app.perform(id_, self.subjects())

    def why_not(self, id_: str) -> str:
        """Why an action is not possible here and now; empty when it is."""
        one = action(id_)
        if one.roles and self.session.role not in one.roles:
            return _("only for {roles}").format(roles=", ".join(map(role_label, one.roles)))
        if id_ in self.handles or one.on == "app":
            return ""
        subjects = self.subjects()
        if one.on == "list":
            return _("not on this screen")
        if not subjects:
            return _("nothing overwritten is chosen") if one.on == "lost" else _("nobody is chosen")
        if one.on == "lost" and subjects[0].lost is None:
            return _("nothing overwritten is chosen")
        if one.on == "entry" and subjects[0].entry_kind not in ("call", "meeting", "email", "message", "note"):
            return _("no interaction is chosen")
        return ""


def standing_parts(standing: Standing, conflicts: int, *, narrow: bool) -> list[Part]:
    """How this store and its hub stand: not sent yet, last met, overwritten edits to look at; nothing without a hub."""
    parts: list[Part] = []
    if standing.remote is not None:
        waiting = _("{count} to send").format(count=f"{standing.unsent:,}") if standing.unsent else ""
        if narrow:
            parts = [(f"◌ {standing.unsent}" if waiting or standing.offline else "⇄", "warn" if standing.offline else "dim")]
        elif standing.offline:
            parts = [("◌ " + ", ".join(filter(None, (_("offline"), waiting))), "warn")]
        else:
            parts = [(f"◌ {waiting}" if waiting else "⇄", "dim")]
        if standing.parked:
            parts += [(" ", ""), (_("{count} parked").format(count=standing.parked), "warn")]
    if conflicts:
        parts += [(" ", ""), (f"≠{conflicts}", "warn")]
    return parts


def _key_name(key: str) -> str:
    return {"escape": "esc", "question_mark": "?"}.get(key, key)


_WORDS = {
    "route": mark("route"),
    "log_call": mark("call"),
    "open_deal": mark("open deal"),
    "set_status": mark("status"),
    "menu": mark("more"),
    "search": mark("find"),
    "undo": mark("undo"),
    "help": mark("keys"),
    "log_note": mark("note"),
    "add_task": mark("task"),
    "drop": mark("drop"),
    "move_deal": mark("stage"),
    "won": mark("won"),
    "filter": mark("filter"),
    "add_lead": mark("new lead"),
    "mark": mark("mark"),
    "with_routed": mark("routed too"),
    "open": mark("open"),
    "back": mark("back"),
    "snooze": mark("snooze"),
    "restore_edit": mark("restore"),
    "merge": mark("merge"),
    "not_same": mark("two people"),
    "tick": mark("tick off"),
    "log_email": mark("e-mail"),
    "sync_now": mark("sync"),
}


def short_label(id_: str) -> str:
    """The word of an action at the foot of a screen."""
    return _(_WORDS.get(id_) or action(id_).label)


PHONE = 17
"""The cells of a phone number, and of the mark of one that is not valid."""


def phone_parts(look: Look, raw: str | None, e164: str | None) -> list[Part]:
    """A valid number in one spelling for all, another one as it was given."""
    from crm_tui.text.phones import show_phone

    if e164:
        # The first rows do not wait for what only numbers from abroad need: they are drawn again when it is there.
        return [(show_phone(e164, look.region, wait=False), "")]
    return [("✗ " + safe(raw), "warn")] if raw else []
