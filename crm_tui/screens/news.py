"""What others did meanwhile: edits that were overwritten at the same time, and what came in from the hub."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.segment import Segment
from textual.containers import Vertical

from crm_tui.errors import CrmError
from crm_tui.i18n import gettext as _
from crm_tui.reads.conflicts import Conflict, conflicts, see
from crm_tui.reads.look import Look
from crm_tui.reads.news import News, news
from crm_tui.registry import label_of
from crm_tui.screens.listing import Listing
from crm_tui.screens.workspace import Subject
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Column, Part, columns, fit, safe
from crm_tui.widgets.record_list import RecordList

WHEN = 14


class NewsScreen(Listing):
    """Overwritten edits first, those not seen yet on top; `=` brings one back, `x` ticks it off."""

    footer = ("restore_edit", "tick", "open")
    handles = (*Listing.handles, "tick")

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Conflict | News] = []
        self._look: Look | None = None

    def where(self) -> str:
        """The name of the screen."""
        return _("Meanwhile")

    def body(self) -> Iterator[Any]:
        """How it stands with the hub, and the list."""
        with Vertical(id="main"):
            yield Lines(self._draw_standing, id="gauge")
            yield RecordList(self._count, self._rows, self._draw, lambda row: row[0], empty=self._empty, id="list")

    def on_mount(self) -> None:
        """Begin in the list."""
        self.listed.focus()

    async def load(self) -> None:
        """Read again what came in and what was overwritten."""
        self._look, found, came = await self.session.read(lambda look: (look, conflicts(look), news(look, self.app.visited)))
        self._shown = [*found, *came]
        await self.listed.reload()
        self.query_one("#gauge", Lines).redraw()
        self.redraw_frame()

    async def _count(self) -> int:
        return len(self._shown)

    async def _rows(self, skip: int, limit: int) -> Sequence[Conflict | News]:
        return self._shown[skip : skip + limit]

    # drawing

    def _draw_standing(self, cells: int) -> list[list[Segment]]:
        standing = self.app.standing
        if standing.remote is None:
            text = _("This store has no hub: crm-tui sync user@host:STORE founds or joins one.")
            return [columns([Column(fit([(text, "dim")], cells - 1), cells - 1)])]
        parts: list[Part] = [(safe(standing.remote), "bold")]
        if standing.synced_at is not None:
            parts += [("  " + _("last met"), "dim"), (" " + self._when(standing.synced_at), "")]
        waiting = _("{count} to send").format(count=f"{standing.unsent:,}")
        parts.append((f"  {waiting}", "warn" if standing.unsent else "dim"))
        if standing.offline:
            parts.append(("  " + _("offline"), "warn"))
        return [columns([Column(fit(parts, cells - 1), cells - 1)])]

    def _when(self, ms: int) -> str:
        from crm_tui.text.dates import short_time

        return short_time(ms, self.session.clock(), self._look.zone, timed=True) if self._look else ""

    def _draw(self, row: Conflict | News, cells: int, narrow: bool) -> list[list[Segment]]:
        if isinstance(row, Conflict):
            look = "dim" if row.seen else ""
            mark: Part = ("≠", "dim" if row.seen else "warn")
            says: list[Part] = [(safe(row.says), look), (" · " + safe(row.by), "dim")]
            over = _("deleted by {name} meanwhile") if row.deleted else _("overwritten by {name}")
            says.append((" · " + over.format(name=safe(row.over_by)), "dim" if row.seen else "warn"))
        else:
            mark = ("↓", "dim")
            says = [(safe(row.by), "dim"), (" · ", "dim"), (safe(row.says) or _(label_of(row.command)), "")]
        name: list[Part] = [(safe(row.name), "bold" if isinstance(row, Conflict) and not row.seen else "")]
        when: list[Part] = [(self._when(row.at), "dim")]
        if narrow:
            wide = max(4, cells - WHEN - 3)
            return [
                columns([Column([mark], 1), Column(name, wide), Column(when, WHEN, end=True)]),
                columns([Column([], 1), Column(says, cells - 2)]),
            ]
        wide = min(30, cells // 4)
        return [
            columns([Column([mark], 1), Column(when, WHEN, end=True), Column(name, wide), Column(says, max(1, cells - wide - WHEN - 4))])
        ]

    def _empty(self) -> Sequence[str]:
        return (_("Nothing came in, and nothing was overwritten."), _("esc goes back."))

    # what it acts on

    def subjects(self) -> list[Subject]:
        """The people of the rows, with the lost edit that each row is."""
        return [
            Subject(row.contact, row.name, lost=row.id if isinstance(row, Conflict) else None)
            for row in self.listed.chosen
            if row.contact is not None
        ]

    def open_row(self, row: Any) -> None:
        """Open the person of the row."""
        if row.contact is not None:
            self.app.open_contact(row.contact)

    def do_tick(self) -> None:
        """These were seen; they stay in the list, below those that were not."""
        lost = [row.id for row in self.listed.chosen if isinstance(row, Conflict) and not row.seen]
        if lost:
            self.app.run_worker(self._tick(self.listed, lost), group="command")

    async def _tick(self, listed: RecordList, lost: list[bytes]) -> None:
        try:
            await self.session.with_store(lambda store: see(store.db, store.actor.id, lost))
        except CrmError as error:
            self.app.show_error(error)
            return
        listed.unmark()
        self.app.refresh_now()
