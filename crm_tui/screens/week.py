"""Week: what was promised, overdue first, then day by day; each is done, put off or called with one key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment

from crm_tui.i18n import gettext as _
from crm_tui.screens.asking import weekday
from crm_tui.screens.listing import Listing
from crm_tui.screens.preview import Preview
from crm_tui.screens.workspace import NARROW, PHONE, Subject, phone_parts
from crm_tui.text.times import day_bounds, iso, local_day
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Column, Part, columns, fit, safe
from crm_tui.widgets.record_list import RecordList

if TYPE_CHECKING:
    from crm_tui.reads.week import Promised, Week

DAY, NARROW_DAY, CLOCK = 10, 8, 5


class WeekScreen(Listing):
    """The open tasks of the next seven days, and those that are overdue."""

    space = "week"
    footer = ("tick", "snooze", "log_call", "add_task")
    handles = (*Listing.handles, "tick")

    def __init__(self) -> None:
        super().__init__()
        self._week: Week | None = None

    def body(self) -> Iterator[Any]:
        """The days with their numbers, the tasks, beside them the person under the cursor."""
        from textual.containers import Vertical

        with Vertical(id="main"):
            yield Lines(self._draw_days, id="gauge")
            yield RecordList(self._count, self._rows, self._draw, lambda one: one.id, empty=self._empty, id="list")
        yield Preview(id="side")

    def on_mount(self) -> None:
        """Begin in the list; what is overdue changes by the minute."""
        self.listed.focus()
        self.set_interval(60, self.refresh_data)

    async def load(self) -> None:
        """Read the week."""
        from crm_tui.reads.week import week

        self._week = await self.session.read(week)
        await self.listed.reload()
        self.query_one("#gauge", Lines).redraw()
        self.redraw_frame()

    async def _count(self) -> int:
        return len(self._week.tasks) if self._week else 0

    async def _rows(self, skip: int, limit: int) -> Sequence[Promised]:
        return self._week.tasks[skip : skip + limit] if self._week else []

    def _empty(self) -> Sequence[str]:
        return (_("Nothing is promised for this week."), _("t on a person promises a call, a meeting, a demo."))

    # drawing

    def _draw_days(self, cells: int) -> list[list[Segment]]:
        if self._week is None:
            return [[]]
        parts: list[Part] = []
        if self._week.overdue:
            parts += [("▲ " + _("overdue"), "bad"), (f" {self._week.overdue}  ", "bold")]
        for day, count, works in self._week.days:
            name = weekday(day_bounds(day, self._week.look.zone)[0], self._week.look.zone)
            parts.append((f"{name} {day.day}" if cells >= NARROW else name, "" if works else "dim"))
            parts += [(f" {count}", "bold" if count else "dim"), ("  ", "")]
        return [columns([Column(fit(parts, cells - 1), cells - 1)])]

    def _draw(self, one: Promised, cells: int, narrow: bool) -> list[list[Segment]]:
        from crm_tui.reads.labels import task_label

        assert self._week is not None
        look = self._week.look
        clock: list[Part] = [(iso(one.due_at, look.zone)[11:16], "bad" if one.is_late else "")] if one.timed else []
        name: list[Part] = [(safe(one.name) or safe(one.phone) or _("no name"), "")]
        if one.company:
            name.append((" · " + safe(one.company), "dim"))
        kind: list[Part] = [(task_label(one.kind), "")]
        if one.note:
            kind.append((" " + safe(one.note), "dim"))
        day: list[Part] = self._day(one) if one.is_first else []
        if narrow:
            rest = max(4, cells - NARROW_DAY - 2)
            return [
                columns([Column(day, NARROW_DAY), Column(name, rest)]),
                columns([Column(clock, NARROW_DAY), Column(kind, rest)]),
            ]
        rest = max(20, cells - DAY - CLOCK - PHONE - 5)
        wide = rest // 2
        phone = phone_parts(look, one.phone, one.phone_e164)
        return [columns([Column(day, DAY), Column(clock, CLOCK), Column(name, wide), Column(phone, PHONE), Column(kind, rest - wide)])]

    def _day(self, one: Promised) -> list[Part]:
        """What stands before the first task of a day."""
        assert self._week is not None
        zone = self._week.look.zone
        day = local_day(one.due_at, zone)
        if one.is_late:
            return [(_("OVERDUE"), "bad")]
        return [(_("TODAY") if day == self._week.days[0][0] else f"{weekday(one.due_at, zone)} {day.day}", "head")]

    # what it acts on

    def subjects(self) -> list[Subject]:
        """The people of the tasks, with the task that each row is."""
        return [Subject(one.contact, one.name, one.phone, task=one.id) for one in self.listed.chosen]

    def do_tick(self) -> None:
        """They are done."""
        self.perform("complete_task")

    def follow(self, row: Any) -> None:
        """Show the person beside the list."""
        self.query_one(Preview).follow(row.contact if row is not None else None)

    def open_row(self, row: Any) -> None:
        """Open the person."""
        self.app.open_contact(row.contact)
