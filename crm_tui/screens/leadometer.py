"""The Leadometer: leads that wait for somebody, the one waiting longest first, with why and how long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from rich.segment import Segment
from textual.timer import Timer

from crm_tui.i18n import gettext as _
from crm_tui.screens.listing import Listing
from crm_tui.screens.preview import Preview
from crm_tui.screens.workspace import NARROW, PHONE, Subject, phone_parts
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Column, Part, columns, fit, safe
from crm_tui.widgets.record_list import RecordList

MARKS = {"fresh": ("●", "good"), "late": ("◐", "warn"), "cold": ("▲", "bad"), "breached": ("■", "breach")}
"""How long a lead waits (rule 5), as a mark first and a colour second."""


def age_text(ms: int) -> str:
    """`4m`, `1h12`, `1d 3h`: how long, in at most six cells."""
    minutes = max(0, ms) // 60_000
    if minutes < 60:
        return _("{minutes}m").format(minutes=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("{hours}h{minutes:02}").format(hours=hours, minutes=minutes)
    days, hours = divmod(hours, 24)
    return _("{days}d {hours}h").format(days=days, hours=hours) if days < 10 else _("{days}d").format(days=days)


class LeadometerScreen(Listing):
    """Every lead without owner and desk; `tab` adds those that are routed and still wait for a first attempt."""

    space = "leadometer"
    footer = ("route", "log_call", "open_deal", "set_status")
    handles = (*Listing.handles, "with_routed")

    def __init__(self) -> None:
        super().__init__()
        self.routed_too = False
        self._gauge: Any = None
        self._look: Any = None
        self._preview_timer: Timer | None = None

    def body(self) -> Iterator[Any]:
        """The gauge and the list, beside them the person under the cursor."""
        from textual.containers import Vertical

        with Vertical(id="main"):
            yield Lines(self._draw_gauge, id="gauge")
            yield RecordList(self._count, self._rows, self._draw, lambda row: row.id, head=self._head, empty=self._empty, id="list")
        yield Preview(id="side")

    def on_mount(self) -> None:
        """Begin in the list; ages change by the minute."""
        self.listed.focus()
        self.set_interval(60, self._tick)

    async def load(self) -> None:
        """Read rows first, the gauge after them."""
        first = not self.listed.loaded
        await self.listed.reload()
        if not self.routed_too:
            self.app.show_waiting(self.listed.total)
        if first:
            self.app.show_first()
            drawn = asyncio.Event()
            self.call_after_refresh(drawn.set)
            await drawn.wait()
        from crm_tui.reads.gauge import gauge

        self._look, self._gauge = await self.session.read(lambda look: (look, gauge(look)))
        self.query_one("#gauge", Lines).redraw()
        self.redraw_frame()

    async def _count(self) -> int:
        from crm_tui.reads.inbox import count_inbox

        return await self.session.read(count_inbox, self.routed_too)

    async def _rows(self, skip: int, limit: int) -> Sequence[Any]:
        from crm_tui.reads.inbox import inbox_page

        self._look, rows = await self.session.read(inbox_page, limit, skip, self.routed_too)
        return rows

    def _tick(self) -> None:
        if self.is_current:
            self.listed.tick()
            self.query_one("#gauge", Lines).redraw()

    # drawing

    def _draw_gauge(self, cells: int) -> list[list[Segment]]:
        found = self._gauge
        if found is None:
            return [[]]
        usual = f"/{found.usual}" if found.usual else ""
        parts: list[Part] = [(_("in"), "dim"), (f" {found.came_in}{usual}", "bold")]
        if found.usual:
            full = min(10, round(10 * found.came_in / found.usual))
            parts += [(" " + "▰" * full, "accent"), ("▱" * (10 - full), "dim")] if cells >= NARROW else []
        parts += [("  " + _("waiting"), "dim"), (f" {found.waiting:,}", "bold")]
        if found.oldest_ms is not None:
            parts += [("  " + _("oldest"), "dim"), (" " + age_text(found.oldest_ms), "bold")]
        if cells >= NARROW:
            if found.in_time is not None:
                parts += [(f"  ≤{found.fresh_minutes}" + _("m"), "dim"), (f" {found.in_time}%", "bold")]
            from crm_tui.reads.labels import source_label

            for source, count in found.sources[:5]:
                parts += [("  " + source_label(self._look, source or "other"), "dim"), (f" {count}", "")]
        return [columns([Column(fit(parts, cells - 1), cells - 1)])]

    def _widths(self, cells: int) -> tuple[int, int, int, int]:
        rest = cells - 9 - 4 - PHONE
        name = min(36, max(16, rest * 9 // 20))
        source = min(30, max(12, (rest - name) // 2))
        return name, source, PHONE, max(0, rest - name - source)

    def _head(self, cells: int) -> list[Segment]:
        name, source, phone, why = self._widths(cells - 2)
        return columns(
            [
                Column([("", "")], 1),
                Column([(_("age"), "dim")], 8, end=True),
                Column([(_("lead"), "dim")], name),
                Column([(_("source"), "dim")], source),
                Column([(_("phone"), "dim")], phone),
                Column([(_("why here"), "dim")], why),
            ]
        )

    def _draw(self, row: Any, cells: int, narrow: bool) -> list[list[Segment]]:
        from crm_tui.reads.inbox import response_of

        look = self._look.at_time(self.session.clock())
        mark, colour = MARKS[response_of(row, look)]
        age = age_text(row.waited_ms(look.now))
        name: list[Part] = [(safe(row.name) or _("no name"), "")]
        if row.company:
            name.append((" · " + safe(row.company), "dim"))
        flags = self._flags(row)
        source = self._source(row)
        if narrow:
            first = [Column([(mark, colour)], 1), Column([(age, "")], 6), Column([*name, *_before(flags)], cells - 9)]
            return [columns(first), columns([Column([], 8), Column(source, cells - 9)])]
        name_cells, source_cells, phone_cells, why_cells = self._widths(cells)
        return [
            columns(
                [
                    Column([(mark, colour)], 1),
                    Column([(age, "")], 6, end=True),
                    Column(name, name_cells),
                    Column(source, source_cells),
                    Column(phone_parts(look, row.phone, row.phone_e164), phone_cells),
                    Column(flags, why_cells),
                ]
            )
        ]

    def _source(self, row: Any) -> list[Part]:
        from crm_tui.reads.labels import shown_readiness, source_label

        parts: list[Part] = [(source_label(self._look, row.source or "other"), "")]
        if row.campaign or row.source_detail:
            parts.append((" · " + safe(row.campaign or row.source_detail), "dim"))
        if row.readiness:
            parts.append((", " + shown_readiness(self._look, row.readiness), ""))
        return parts

    def _flags(self, row: Any) -> list[Part]:
        from crm_tui.reads.labels import field_label
        from crm_tui.reads.look import missing

        parts: list[Part] = []
        if row.returned_at is not None:
            parts.append(("↺ " + _("returning"), "accent"))
        lacks = missing(row.phone_e164, row.email_ok, row.readiness, self._look.is_offline(row.source))
        if lacks:
            parts.append(("✗ " + ", ".join(map(field_label, lacks)), "warn"))
        if row.duplicates:
            parts.append(("≈ " + _("perhaps twice"), "warn"))
        if row.owner is not None:
            parts.append(("→ " + (self._look.user(row.owner) or ""), "dim"))
        if row.said:
            parts.append(("“" + safe(row.said) + "”", "dim"))
        return [part for one in parts for part in (one, ("  ", ""))][:-1]

    def _empty(self) -> Sequence[str]:
        return (
            _("Nobody waits. Well done."),
            _("+ types a new lead, i takes an incoming call, crm-tui import FILE brings a list in."),
        )

    # what it acts on

    def subjects(self) -> list[Subject]:
        """The marked leads, else the one under the cursor."""
        return [Subject(row.id, row.name, row.phone, row.email) for row in self.listed.chosen]

    def follow(self, row: Any) -> None:
        """Show the person beside the list."""
        self.query_one(Preview).follow(row.id if row is not None else None)

    def open_row(self, row: Any) -> None:
        """Open the lead."""
        self.app.open_contact(row.id, self.listed)

    def do_with_routed(self) -> None:
        """Add those that are routed but were not tried yet, or leave them out again."""
        self.routed_too = not self.routed_too
        self.refresh_data()


def _before(parts: list[Part]) -> list[Part]:
    return [("  ", ""), *parts] if parts else []
