"""The checklist of a campaign: its people one after the other, who is still to be done first; `x` ticks off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual.containers import Vertical

from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.reads.outcome import LOGGED
from crm_tui.screens.listing import Listing
from crm_tui.screens.person_rows import PersonRows
from crm_tui.screens.preview import Preview
from crm_tui.screens.workspace import Subject
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import STYLES, Column, Part, among, columns, fit, mirrored, safe
from crm_tui.widgets.record_list import RecordList

if TYPE_CHECKING:
    from crm_tui.reads.campaigns import CampaignRow, Checked, Place
    from crm_tui.reads.look import Look

TICK, BY = 4, 18
WITH_BY = 100
"""From so many cells on it is said who ticked somebody off, and when."""
BAR = 10
NO_BOX = Segment("   ")


class ChecklistScreen(Listing):
    """The people of a campaign."""

    footer = ("tick", "log_call", "log_email", "add_task")
    handles = (*Listing.handles, "tick", "untick")

    def __init__(self, campaign: bytes) -> None:
        super().__init__()
        self.campaign = campaign
        self.row: CampaignRow | None = None
        """The campaign; None before it is read, and when it is gone."""
        self.look: Look | None = None
        self._brought: bytes | None = None
        """Whom a tick brought the cursor to; None once the cursor was moved."""
        self._places: list[Place] = []
        self._rows = PersonRows(self, lambda: self.session.clock())

    def where(self) -> str:
        """The name of the campaign."""
        return self.row.campaign.name if self.row else _("Campaign")

    def body(self) -> Iterator[Any]:
        """How far it is, the people, and beside them the one under the cursor."""
        with Vertical(id="main"):
            yield Lines(self._draw_progress, id="gauge")
            yield RecordList(self._count, self._page, self._draw, lambda row: row.id, head=self._head, empty=self._empty, id="list")
        yield Preview(id="side")

    def on_mount(self) -> None:
        """Begin in the list."""
        self.listed.focus()

    async def load(self) -> None:
        """Read the campaign and who is in its list."""
        self.look, self.row, self._places = await self.session.read(_read, self.campaign)
        self._rows.columns = self.row.columns if self.row else ()
        await self.listed.reload()
        self.query_one("#gauge", Lines).redraw()
        self.redraw_frame()

    async def _count(self) -> int:
        return len(self._places)

    async def _page(self, skip: int, limit: int) -> Sequence[Checked]:
        from crm_tui.reads.campaigns import checked

        return list(await self.session.read(checked, self._places[skip : skip + limit]))

    # drawing

    def _draw_progress(self, cells: int) -> list[list[Segment]]:
        if self.row is None:
            return [[]]
        return [columns([Column(fit(progress(self.row, narrow=cells < 60), cells - 1), cells - 1)])]

    def _by_cells(self, cells: int) -> int:
        return BY if cells >= WITH_BY else 0

    def _head(self, cells: int) -> list[Segment]:
        by = self._by_cells(cells - 2)
        return self._beside(NO_BOX, self._rows.head(cells - TICK - by), columns([Column([(_("done by"), "dim")], by)]) if by else [])

    def _draw(self, row: Checked, cells: int, narrow: bool) -> list[list[Segment]]:
        from crm_tui.text.dates import short_time

        assert self.look is not None
        place, by = row.place, 0 if narrow else self._by_cells(cells)
        is_done = place.done_at is not None
        first, *rest = self._rows.draw(row.person, cells - TICK - by, narrow)
        who: list[Part] = []
        if place.done_at is not None:
            day = short_time(place.done_at, self.session.clock(), self.look.zone, timed=False)
            who = [(f"{safe(self.look.user(place.done_by) or '')} {day}", "dim")]
        box = Segment("[x]" if is_done else "[ ]", STYLES["good" if is_done else "dim"])
        lines = [self._beside(box, first, columns([Column(who, by)]) if by else [])]
        return lines + [self._beside(NO_BOX, line, []) for line in rest]

    def _beside(self, box: Segment, line: list[Segment], who: list[Segment]) -> list[Segment]:
        gap = Segment(" ")
        return [*who, *line, gap, box] if mirrored() else [box, gap, *line, *who]

    def _empty(self) -> Sequence[str]:
        if self.row is None:
            return (_("This campaign is gone."), _("esc goes back."))
        return (_("Nobody is in this list."), _("Edit campaign takes in whom its filter finds by now."))

    # what it acts on

    def subjects(self) -> list[Subject]:
        """The marked people, else the one under the cursor."""
        return [Subject(row.id, row.person.name, row.person.phone, row.person.email) for row in self.listed.chosen]

    def follow(self, row: Any) -> None:
        """Show the person beside the list."""
        if row is None or row.id != self._brought:
            self._brought = None
        self.query_one(Preview).follow(row.id if row is not None else None)

    def open_row(self, row: Any) -> None:
        """Open the person."""
        self.app.open_contact(row.id, self.listed)

    def hint_after(self, command: str) -> list[Part]:
        """Whom one called or wrote to may be done with."""
        row = self.listed.current
        # After these a tick is offered; whether somebody is done with, a person decides.
        if command not in LOGGED or row is None or row.place.done_at is not None:
            return []
        return [("   x", "key"), (" " + _("tick off"), "accent")]

    def do_tick(self) -> None:
        """Tick off; whom one went to and who is all done already is to be done again."""
        chosen = self.listed.chosen
        is_done = bool(chosen) and all(row.place.done_at is not None for row in chosen)
        if is_done and not self.listed.marked and chosen[0].id == self._brought:
            # Pressed once too often, it would take off a tick that nobody looked at.
            self.app.say([(_("From here on all are ticked off."), "dim")])
            return
        self._set("untick" if is_done else "tick")

    def do_untick(self) -> None:
        """They are to be done again."""
        self._set("untick")

    def _set(self, command: str) -> None:
        listed = self.listed
        chosen, before = listed.chosen, listed.cursor
        if not chosen or self.row is None:
            return
        if not listed.marked:
            # Who is done goes down the list: the cursor stays where the next one is.
            listed.move_to(before + 1)
            self._brought = None if listed.current is None else listed.current.id
        # The app's, not the screen's: what is written is told and can be undone after the screen is left.
        self.app.run_worker(self._run(listed, command, chosen, before), group="command")

    async def _run(self, listed: RecordList, command: str, chosen: Sequence[Checked], before: int) -> None:
        about = chosen[0].person.name or chosen[0].person.phone or _("no name")
        if len(chosen) > 1:
            about = _("{count} marked").format(count=len(chosen))
        after = listed.cursor
        ids = [show_id(row.id) for row in chosen]
        if await self.app.run_command(command, about=about, campaign=show_id(self.campaign), contacts=ids) is not None:
            listed.unmark([row.id for row in chosen])
        elif listed.cursor == after:
            listed.move_to(before)


def _read(look: Look, id_: bytes) -> tuple[Look, CampaignRow | None, list[Place]]:
    from crm_tui.reads.campaigns import with_checklist

    return look, *with_checklist(look, id_)


def progress(row: CampaignRow, *, narrow: bool = False) -> list[Part]:
    """How far a campaign is, what it does and costs, till when."""
    from crm_tui.i18n import language
    from crm_tui.reads.campaigns import kind_label
    from crm_tui.text.money import Money, show

    one = row.campaign
    full = BAR * row.done // row.total if row.total else 0
    parts: list[Part] = [] if narrow else [("▰" * full, "accent"), ("▱" * (BAR - full), "dim"), (" ", "")]
    parts.append((_("{done} of {total} done").format(done=f"{row.done:,}", total=f"{row.total:,}"), "bold"))
    rest = [kind_label(one.kind)]
    if one.amount is not None:
        rest.append(_("cost {amount}").format(amount=show(Money(one.amount, one.currency or ""), language())))
    if row.till:
        rest.append(_("till {day}").format(day=row.till))
    return [*parts, *((part, "dim") for text in rest for part in (" · ", among(text)))]
