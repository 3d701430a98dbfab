"""Everybody in one list, newest first, or those of a view, or whom a filter in one line leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual import events, work
from textual.containers import Vertical

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import language, ngettext
from crm_tui.reads.people import EVERYBODY, MOST_SUMMED, Wanted, sums
from crm_tui.screens.listing import Listing
from crm_tui.screens.people import ALL, MORE, People, PeopleList, is_end
from crm_tui.screens.person_rows import PersonRows
from crm_tui.screens.preview import Preview
from crm_tui.screens.workspace import Subject
from crm_tui.text.money import Money, show
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Column, Part, among, columns, fit, said, sentence
from crm_tui.widgets.record_list import PAGE

if TYPE_CHECKING:
    from crm_tui.reads.look import Look
    from crm_tui.screens.viewing import Chosen

MOST_MARKED = 5_000
REST_SECONDS = 0.3
"""What people are worth is added up when nothing changed for so long: the rows of the next change would wait for it."""


class ContactsScreen(Listing):
    """All contacts."""

    space = "contacts"
    footer = ("log_call", "add_task", "open_deal", "filter")
    handles = ("open", "mark", "mark_all", "filter", "views", "save_view", "delete_view")

    def __init__(self) -> None:
        super().__init__()
        self._people = People(lambda *question: self.session.read(*question))
        self._rows = PersonRows(self._people, lambda: self.session.clock())
        self._chosen: Chosen | None = None
        """What is shown instead of everybody."""
        self._has_begun = False
        self._sums: tuple[Chosen, str, tuple[int, int] | None] | None = None
        """Of what was chosen the currency, and how many people there are with the sum of their deals."""

    def body(self) -> Iterator[Any]:
        """The filter, the list, under it what its people are worth, and beside them the person under the cursor."""
        with Vertical(id="main"):
            yield Lines(self._draw_filter, id="gauge")
            yield PeopleList(self._people, self._rows.draw, head=self._rows.head, empty=self._empty, id="list")
            yield Lines(self._draw_sums, id="sums")
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
        """Read the people, at first those of the view that one begins with."""
        if not self._has_begun:
            await self._begin()
        await self.listed.reload()
        self.query_one("#gauge", Lines).redraw()
        self.redraw_frame()
        self._add_up()

    @work(exclusive=True, group="sums")
    async def _add_up(self) -> None:
        await asyncio.sleep(REST_SECONDS)
        await self._said(self._read_sums())

    async def _read_sums(self) -> None:
        chosen = self._chosen
        found = (chosen, *await self.session.read(_look_and_sums, chosen.wanted)) if chosen is not None else None
        if found != self._sums:
            self._sums = found
            self.query_one("#sums", Lines).redraw()

    async def _begin(self) -> None:
        from crm_tui.screens.viewing import first_view

        try:
            chosen = await self.session.read(first_view)
        except Refused as refused:
            self.app.say([(refused.message, "warn")])
            chosen = None
        self._has_begun = True
        if chosen is not None:
            self._take(chosen)

    def _tick(self) -> None:
        if self.is_current:
            self.listed.tick()

    # drawing

    def _draw_filter(self, cells: int) -> list[list[Segment]]:
        chosen = self._chosen
        if chosen is None:
            return []
        parts: list[Part] = [(_("only") + "  ", "dim")]
        if chosen.view is not None:
            parts += [(sentence(chosen.name), "bold"), ("  ", "")]
        parts += [(among(chosen.shown), "accent"), ("  ", ""), ("esc", "key"), (" " + _("shows all again"), "dim")]
        return [columns([Column(fit(parts, cells - 1), cells - 1)])]

    def _draw_sums(self, cells: int) -> list[list[Segment]]:
        """How many the filter leaves and what their open deals are worth."""
        if self._sums is None or self._sums[0] is not self._chosen:
            return []
        _chosen, currency, total = self._sums
        if total is None:
            return [said([(_("more than {count} people").format(count=f"{MOST_SUMMED:,}"), "dim")], cells)]
        count, value = total
        if not count:
            return []
        parts: list[Part] = [(ngettext("{count} person", "{count} people", count).format(count=f"{count:,}"), "dim")]
        if value:
            parts += [(" · " + _("open deals") + " ", "dim"), (show(Money(value, currency), language()), "bold")]
        return [said(parts, cells)]

    def _empty(self) -> Sequence[str]:
        if self._chosen is not None:
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
        total, more = (self.listed.total, "") if self._people.is_whole else (self._people.total, "+")
        text = self.counted(self.listed.cursor + 1, total, more)
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
        self.workers.cancel_group(self, "count")
        self.app.hold_keys_while(self._go_to_end())
        return True

    async def _go_to_end(self) -> None:
        await self._count_to(ALL)
        self.listed.move_to(self.listed.total - 1)

    def open_row(self, row: Any) -> None:
        """Open the person."""
        self.app.open_contact(row.id, self.listed)

    def do_mark_all(self) -> None:
        """Mark all that the filter leaves, up to a number that commands can still be given for."""
        self.app.hold_keys_while(self._mark_first(MOST_MARKED))

    async def _mark_first(self, most: int) -> None:
        if not self.listed.marked and not self._people.is_whole:
            await self._count_to(max(most, self._people.total))
        await self.listed.mark_all(most)
        if self.listed.marked and (self.listed.total > most or not self._people.is_whole):
            self.app.say([(_("The first {count} are marked.").format(count=f"{most:,}"), "warn")])

    def clear(self) -> None:
        """Take the marks off, and when there are none the filter or view."""
        if self.listed.marked:
            self.listed.unmark()
        elif self._chosen is not None:
            self.choose(None)

    # filter and views

    def _take(self, chosen: Chosen | None) -> None:
        self._chosen = chosen
        self._people.want(chosen.wanted if chosen else EVERYBODY)
        self._rows.columns = chosen.view.columns if chosen and chosen.view else ()

    def choose(self, chosen: Chosen | None) -> None:
        """Show other people."""
        self._has_begun = True
        self._take(chosen)
        self.listed.unmark()
        self.listed.cursor = self.listed.top = 0
        self.refresh_data()

    @property
    def chosen(self) -> Chosen | None:
        """What is shown instead of everybody."""
        return self._chosen

    def _ask(self, name: str) -> None:
        from crm_tui.screens import viewing
        from crm_tui.screens.asking import begin

        begin(self.app, name, [], lambda ask: getattr(viewing, name)(ask, self))

    def do_filter(self) -> None:
        """Type a filter."""
        self._ask("filter_list")

    def do_views(self) -> None:
        """Choose a view."""
        self._ask("choose_view")

    def do_save_view(self) -> None:
        """Keep the filter under a name."""
        self._ask("save_view")

    def do_delete_view(self) -> None:
        """Take a saved view away."""
        self._ask("delete_view")


def _look_and_sums(look: Look, wanted: Wanted) -> tuple[str, tuple[int, int] | None]:
    return look.currency, sums(look, wanted)
