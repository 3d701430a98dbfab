"""Everybody in one list, newest first, filtered by text, stage, status and owner."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual import events, work
from textual.containers import Vertical

from crm_tui.i18n import gettext as _
from crm_tui.reads.people import EVERYBODY, PersonRow, Wanted
from crm_tui.screens.listing import Listing
from crm_tui.screens.people import ALL, MORE, People, PeopleList, is_end
from crm_tui.screens.preview import Preview
from crm_tui.screens.workspace import PHONE, Subject, counted, phone_parts
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Column, Part, columns, fit, safe
from crm_tui.widgets.record_list import PAGE

if TYPE_CHECKING:
    from crm_tui.screens.asking import Asking

MOST_MARKED = 5_000


class ContactsScreen(Listing):
    """All contacts."""

    space = "contacts"
    footer = ("log_call", "add_task", "open_deal", "filter")
    handles = ("open", "mark", "mark_all", "filter")

    def __init__(self) -> None:
        super().__init__()
        self._people = People(lambda *question: self.session.read(*question))

    def body(self) -> Iterator[Any]:
        """The filter, the list, and beside them the person under the cursor."""
        with Vertical(id="main"):
            yield Lines(self._draw_filter, id="gauge")
            yield PeopleList(self._people, self._draw, head=self._head, empty=self._empty, id="list")
        yield Preview(id="side")

    @property
    def listed(self) -> PeopleList:
        """The list."""
        return self.query_one("#list", PeopleList)

    def on_mount(self) -> None:
        """Begin in the list; what is due changes by the minute."""
        self.listed.focus()
        self.set_interval(60, self._tick)

    async def load(self) -> None:
        """Read the people."""
        await self.listed.reload()
        self.query_one("#gauge", Lines).redraw()
        self.redraw_frame()

    def _tick(self) -> None:
        if self.is_current:
            self.listed.tick()

    # drawing

    def _draw_filter(self, cells: int) -> list[list[Segment]]:
        shown = self._filters()
        if not shown:
            return []
        parts: list[Part] = [(_("only") + "  ", "dim")]
        for name, value in shown:
            parts += [(f"{name}: ", "dim"), (value, "accent"), ("  ", "")]
        parts += [("esc", "key"), (" " + _("shows all again"), "dim")]
        return [columns([Column(fit(parts, cells - 1), cells - 1)])]

    def _filters(self) -> list[tuple[str, str]]:
        """Name and value of each filter that is set."""
        from crm_tui.reads.labels import lifecycle_label, status_label

        wanted, look = self._people.wanted, self._people.look
        shown = []
        if wanted.text:
            shown.append((_("text"), safe(wanted.text)))
        if wanted.stage is not None:
            shown.append((_("stage"), safe(lifecycle_label(look.process, wanted.stage)) if look else wanted.stage))
        if wanted.status is not None:
            shown.append((_("status"), safe(status_label(look.process, wanted.status)) if look else wanted.status))
        if wanted.owner is not None:
            name = _("nobody") if wanted.owner == "none" else safe(look.user(wanted.owner)) if look else "…"
            shown.append((_("owner"), name))
        return shown

    def _widths(self, cells: int) -> tuple[int, int, int, int, int]:
        flags = 2 if cells < 110 else 24
        rest = cells - PHONE - flags - 5
        status = min(36, max(14, rest * 3 // 10))
        owner = min(14, max(8, rest // 8))
        due = min(24, max(12, rest // 5))
        return rest - status - owner - due, flags, status, owner, due

    def _head(self, cells: int) -> list[Segment]:
        name, flags, status, owner, due = self._widths(cells - 2)
        return columns(
            [
                Column([], 1),
                Column([(_("name"), "dim")], name),
                Column([(_("phone"), "dim")], PHONE),
                Column([], flags),
                Column([(_("status"), "dim")], status),
                Column([(_("owner"), "dim")], owner),
                Column([(_("next"), "dim")], due),
            ]
        )

    def _draw(self, row: PersonRow, cells: int, narrow: bool) -> list[list[Segment]]:
        name: list[Part] = [(safe(row.name) or _("no name"), "")]
        if row.company:
            name.append((" · " + safe(row.company), "dim"))
        assert self._people.look is not None
        phone = phone_parts(self._people.look, row.phone, row.phone_e164) or [("✗ " + _("phone"), "warn")]
        due = self._next(row)
        if narrow:
            wide = min(12, cells - 20)
            lines = [
                [Column(name, cells - wide - 1), Column(due, wide, end=True)],
                [Column([], 1), Column(phone, PHONE), Column(_flags(row, 2), 2), Column(self._status(row, short=True), cells - PHONE - 6)],
            ]
            return list(map(columns, lines))
        name_cells, flag_cells, status_cells, owner_cells, due_cells = self._widths(cells)
        return [
            columns(
                [
                    Column(name, name_cells),
                    Column(phone, PHONE),
                    Column(_flags(row, flag_cells), flag_cells),
                    Column(self._status(row, short=status_cells < 24), status_cells),
                    Column(self._owner(row), owner_cells),
                    Column(due, due_cells),
                ]
            )
        ]

    def _status(self, row: PersonRow, *, short: bool) -> list[Part]:
        from crm_tui.reads.labels import lifecycle_label, status_label

        look = self._people.look
        assert look is not None
        parts: list[Part] = [(safe(status_label(look.process, row.status)), "")]
        stage = safe(lifecycle_label(look.process, row.lifecycle))
        return parts if short or stage == parts[0][0] else [*parts, (" · " + stage, "dim")]

    def _owner(self, row: PersonRow) -> list[Part]:
        from crm_tui.reads.labels import desk_label

        look = self._people.look
        assert look is not None
        if row.owner is not None:
            return [(safe(look.user(row.owner)), "")]
        return [(safe(desk_label(look.process, row.desk)), "dim")] if row.desk else []

    def _next(self, row: PersonRow) -> list[Part]:
        from crm_tui.reads.labels import task_label
        from crm_tui.screens.board import day_text
        from crm_tui.text.times import day_bounds, local_day

        look = self._people.look
        assert look is not None
        if row.next_at is None:
            return []
        now = self.session.clock()
        late = row.next_at < (now if row.next_timed else day_bounds(local_day(now, look.zone), look.zone)[0])
        day = day_text(row.next_at, now, look.zone, timed=bool(row.next_timed))
        return [(day, "warn" if late else ""), (" " + task_label(row.next_kind or "other"), "dim")]

    def _empty(self) -> Sequence[str]:
        if self._filters():
            return (_("Nobody is like that."), _("esc shows all again, f changes the filter."))
        return (_("Nobody is here yet."), _("+ types a new lead, i takes an incoming call, crm-tui import FILE brings a list in."))

    # what it acts on

    def subjects(self) -> list[Subject]:
        """The marked people, else the one under the cursor."""
        return [Subject(row.id, row.name, row.phone, row.email) for row in self.listed.chosen]

    def position(self) -> str:
        """Where the cursor stands."""
        if not self.is_mounted or not self.listed.total:
            return ""
        marked = len(self.listed.marked)
        if self._people.is_whole:
            text = counted(self.listed.cursor + 1, self.listed.total)
        else:
            text = _("{at} of {total}").format(at=f"{self.listed.cursor + 1:,}", total=f"{self._people.total:,}+")
        return _("{count} marked · {text}").format(count=marked, text=text) if marked else text

    def follow(self, row: Any) -> None:
        """Show the person beside the list; towards its end count further."""
        people, list_ = self._people, self.listed
        if not people.is_whole and list_.cursor > list_.total - 2 * PAGE:
            self._count_further(people.total * MORE)
        self.query_one(Preview).follow(row.id if row is not None else None)

    @work(exclusive=True, group="count")
    async def _count_further(self, cap: int) -> None:
        await self._said(self._count_to(cap))

    async def _count_to(self, cap: int) -> None:
        self.listed.total = await self._people.count_to(cap)
        self.redraw_frame()

    async def _said(self, doing: Awaitable[None]) -> None:
        """Do something; an error is said."""
        try:
            await doing
        except Exception as error:
            self.app.show_error(error)

    def take_key(self, event: events.Key) -> bool:
        """The end of a list that is not counted yet; all else as on any screen."""
        if not is_end(event):
            return super().take_key(event)
        self._go_to_end()
        return True

    @work(exclusive=True, group="count")
    async def _go_to_end(self) -> None:
        await self._said(self._count_to(ALL))
        self.listed.move_to(self.listed.total - 1)

    def open_row(self, row: Any) -> None:
        """Open the person."""
        self.app.open_contact(row.id, self.listed)

    def do_mark_all(self) -> None:
        """Mark all that the filter leaves, up to a number that commands can still be given for."""
        self._mark_all()

    @work(exclusive=True, group="mark")
    async def _mark_all(self) -> None:
        await self._said(self._mark_first(MOST_MARKED))

    async def _mark_first(self, most: int) -> None:
        if not self.listed.marked and not self._people.is_whole:
            await self._count_to(max(most, self._people.total))
        await self.listed.mark_all(most)
        if self.listed.marked and (self.listed.total > most or not self._people.is_whole):
            self.app.say([(_("The first {count} are marked.").format(count=f"{most:,}"), "warn")])

    def clear(self) -> None:
        """Take the marks off, and when there are none the filter."""
        if self.listed.marked:
            self.listed.unmark()
        elif self._filters():
            self._filter_by(EVERYBODY)

    # filter

    def do_filter(self) -> None:
        """Choose by what, then the value."""
        from crm_tui.screens.asking import begin

        begin(self.app, "filter", [], self._choose)

    def _filter_by(self, wanted: Wanted) -> None:
        self._people.want(wanted)
        self.listed.unmark()
        self.listed.cursor = self.listed.top = 0
        self.refresh_data()

    async def _choose(self, ask: Asking) -> None:
        from crm_tui.screens.people_filter import ask_wanted

        self._filter_by(await ask_wanted(ask, self._people.wanted, dict(self._filters())))


def _flags(row: PersonRow, cells: int) -> list[Part]:
    """What is missing or doubtful (rules 1 and 4): in words where there is room, else one mark each."""
    words = []
    if not row.email_ok:
        words.append("✗ " + (safe(row.email) or _("e-mail")))
    if row.duplicates:
        words.append("≈ " + _("perhaps twice"))
    if cells > 2:
        return [("  ".join(words), "warn")]
    return [("".join(word[0] for word in words), "warn")]
