"""One person, the whole truth: the card on one side, on the other everything that happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual import events, on

from crm_tui.i18n import gettext as _
from crm_tui.reads.contact import WholeContact, whole_contact
from crm_tui.reads.look import Look
from crm_tui.reads.timeline import Stretch, Told, stretch
from crm_tui.registry import movemap
from crm_tui.screens.card import brief_lines, card_lines, name_of
from crm_tui.screens.dialogs import Choice, Option
from crm_tui.screens.workspace import NARROW, Subject, Workspace
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Part, mirrored, said
from crm_tui.widgets.timeline import Timeline
from crm_tui.widgets.wrapped import lay, own_lines, side

if TYPE_CHECKING:
    from crm_tui.widgets.record_list import RecordList

MOVES = movemap()
SCROLLS = ("up", "down", "pageup", "pagedown", "home", "end")
BRIEF_LINES = 6
FAR = 1_000_000
"""More lines than a card has."""


class ContactScreen(Workspace):
    """A contact, opened from a list (left and right go along it) or from a deal."""

    footer = ("log_call", "log_note", "add_task", "set_status")
    handles = ("open", "filter", "back")
    CSS = """
    ContactScreen #card { dock: left; width: 37; height: 1fr; padding: 0 1 0 0; }
    ContactScreen.wide #card { width: 51; }
    ContactScreen.mirrored #card { dock: right; padding: 0 0 0 1; }
    ContactScreen.narrow #card { dock: top; width: 1fr; height: auto; padding: 0; }
    ContactScreen.narrow.whole #card { height: 1fr; }
    ContactScreen.narrow.whole Timeline { display: none; }
    """

    def __init__(self, contact: bytes, neighbours: RecordList | None = None, deal: bytes | None = None) -> None:
        super().__init__()
        self.contact = contact
        self.neighbours = neighbours
        self.came_by = deal
        self.of = "all"
        self._look: Look | None = None
        self._card: WholeContact | None = None
        self._gone = False
        self._scrolled = 0
        self._by_hand = False

    def body(self) -> Iterator[Any]:
        """Card and timeline, the card where reading begins; below each other on a narrow screen."""
        yield Lines(self._draw_card, id="card")
        yield Timeline(self._ask, empty=self._empty, id="timeline")

    @property
    def timeline(self) -> Timeline:
        """The timeline."""
        return self.query_one(Timeline)

    def on_mount(self) -> None:
        """Begin in the timeline; what is due changes by the minute."""
        self.set_class(mirrored(), "mirrored")
        self.timeline.focus()
        self.set_interval(60, self._redraw_card)

    def on_resize(self, event: events.Resize) -> None:
        """Beside each other or below each other."""
        del event
        self.call_after_refresh(self._redraw_card)

    # loading

    async def load(self) -> None:
        """Read card and timeline again."""
        contact = self.contact
        self._look, self._card = await self.session.read(whole_contact, contact)
        self._gone = self._card is None
        if self._gone:
            self.timeline.clear()
        else:
            await self.timeline.reload()
        self._redraw_card()
        self.redraw_frame()

    async def _ask(self, where: str, place: tuple[int, int, int, int] | None, limit: int) -> Stretch:
        return await self.session.read(stretch, self.contact, where, place, limit, self.of)

    @on(Timeline.Failed)
    def _say_failure(self, event: Timeline.Failed) -> None:
        self.app.show_error(event.error)

    # drawing

    def where(self) -> str:
        """The person's name."""
        return name_of(self._card) if self._card else ""

    def position(self) -> str:
        """Which one it is of the list one came from."""
        if self.neighbours is None or self._neighbour() is None:
            return ""
        return self.counted(self.neighbours.cursor + 1, self.neighbours.total)

    def _draw_card(self, cells: int) -> list[list[Segment]]:
        if self._gone:
            return [
                [],
                said([(_("This person is not here any more."), "bold")], cells),
                *own_lines(
                    _("The contact was deleted, or what made it was undone. esc goes back; if it was you just now, u brings it back."),
                    cells,
                    "dim",
                ),
            ]
        if self._card is None or self._look is None:
            return []
        look = self._look.at_time(self.session.clock())
        if self.size.width < NARROW and not self.has_class("whole"):
            lines = brief_lines(look, self._card, cells)[:BRIEF_LINES]
            hint: list[Part] = [("─ ", "dim"), ("enter", "key"), (" " + _("all about them") + " ", "dim")]
            return [*lines, lay(hint, cells, side(), mirrored())]
        lines = card_lines(look, self._card, cells)
        room = max(2, self.query_one("#card").size.height)
        if len(lines) <= room:
            self._scrolled = 0
            return lines
        self._scrolled = min(self._scrolled, len(lines) - room + 1)
        shown = lines[self._scrolled : self._scrolled + room - 1]
        rest = len(lines) - self._scrolled - len(shown)
        keys = ("↓" if rest else "↑") if self.has_class("whole") else "shift+pgdn" if rest else "shift+pgup"
        more = _("more: {count}").format(count=rest) if rest else _("back up")
        return [*shown, lay([(keys, "key"), (f" {more}", "dim")], cells, side(), mirrored())]

    def _empty(self) -> list[str]:
        if self.of == "all":
            return [_("Nothing has happened yet.")]
        return [_("Nothing of this kind."), _("f shows the rest again.")]

    def _redraw_card(self) -> None:
        if self.is_mounted:
            self.query_one("#card", Lines).redraw()

    # what it acts on

    def subjects(self) -> list[Subject]:
        """The person, with the deal, task and entry that the cursor stands on."""
        card = self._card
        if card is None:
            return []
        row, told = card.row, self.timeline.current
        deal = self._deal(card, told)
        task = next((one.id for one in card.tasks if told is not None and self._by_hand and one.id == told.task), row.next_task)
        return [
            Subject(
                row.id,
                name_of(card),
                row.phone,
                row.email,
                deal,
                next((one.name for one in card.deals if one.id == deal), ""),
                task,
                told.row.id if told else None,
                told.row.kind if told else "",
                told.lost if told else None,
            )
        ]

    def _deal(self, card: WholeContact, told: Told | None) -> bytes | None:
        """The deal of the entry one went to, else the deal one came by, else the only open one."""
        known = {deal.id for deal in card.deals}
        if told is not None and self._by_hand and told.deal in known:
            return told.deal
        if self.came_by in known:
            return self.came_by
        return card.open_deals[0].id if len(card.open_deals) == 1 else None

    @on(Timeline.Moved)
    def _note_move(self, event: Timeline.Moved) -> None:
        self._by_hand = self._by_hand or event.by_hand

    # keys

    def on_key(self, event: events.Key) -> None:
        """Along the list one came from; through a card that is higher than the screen."""
        move = MOVES.get(event.character or event.key) or MOVES.get(event.key)
        if event.key in ("shift+pagedown", "shift+pageup"):
            move = event.key.removeprefix("shift+")
        elif move in ("left", "right"):
            event.stop()
            self._step((move == "right") != mirrored())
            return
        if move in SCROLLS:
            event.stop()
            self._scroll_card(move)

    def _scroll_card(self, move: str) -> None:
        card = self.query_one("#card", Lines)
        page = max(1, card.size.height - 2)
        steps = {"up": -1, "down": 1, "pageup": -page, "pagedown": page, "home": -self._scrolled, "end": FAR}
        self._scrolled = max(0, self._scrolled + steps[move])
        card.redraw()

    def _neighbour(self, step: int = 0) -> Any:
        list_ = self.neighbours
        index = list_.cursor + step if list_ is not None else -1
        return list_.row(index) if list_ is not None and 0 <= index < list_.total else None

    def _step(self, forward: bool) -> None:
        """Show the next person of the list, or the one before."""
        if self.neighbours is None:
            return
        here = self._neighbour()
        step = 1 if forward else -1
        # Who left the list meanwhile gave the place to the next one.
        if forward and here is not None and here.id != self.contact:
            step = 0
        row = self._neighbour(step)
        if row is None:
            return
        self.neighbours.move_to(self.neighbours.cursor + step)
        self.contact, self.came_by = row.id, None
        self._scrolled, self._by_hand = 0, False
        self._show_whole(False)
        self.timeline.clear()
        self.app.say([])
        self.refresh_data()

    def do_open(self) -> None:
        """Open the possible duplicate under the cursor; on a narrow screen the whole card, and close it again."""
        told = self.timeline.current
        if told is not None and told.other is not None and not self.has_class("whole"):
            self.app.open_contact(told.other)
        elif self.size.width < NARROW or self.has_class("whole"):
            self._show_whole(not self.has_class("whole"))

    def _show_whole(self, whole: bool) -> None:
        self.set_class(whole, "whole")
        self._scrolled = 0
        if whole:
            self.set_focus(None)
        else:
            self.timeline.focus()
        self.query_one("#card", Lines).refresh(layout=True)
        self.call_after_refresh(self._redraw_card)

    def do_back(self) -> None:
        """Close the whole card, else the screen."""
        if self.has_class("whole"):
            self._show_whole(False)
        else:
            self.app.back()

    def do_filter(self) -> None:
        """Choose what kind of entries stand in the timeline."""
        options = [
            Option("all", _("everything")),
            Option("touchpoints", _("touchpoints"), _("calls, meetings, e-mails, notes, leads")),
            Option("changes", _("changes"), _("status, stage, owner")),
            Option("edits", _("edits"), _("each field with its old and new value")),
            Option("work", _("tasks and deals")),
        ]
        at = next(index for index, option in enumerate(options) if option.value == self.of)
        self.app.push_screen(Choice(_("Show in the timeline"), options, at=at), self._filter)

    def _filter(self, chosen: Option | None) -> None:
        if chosen is None or chosen.value == self.of:
            return
        self.of = chosen.value
        shown = [(_("only: {kind}").format(kind=chosen.label), "accent"), ("  f", "key"), (" " + _("filter"), "dim")]
        self.timeline.title = shown if self.of != "all" else []
        self.timeline.clear()
        self.refresh_data()
