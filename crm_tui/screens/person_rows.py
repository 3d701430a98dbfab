"""How a person stands in the list of contacts: in the columns of the list, or in those of a view."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from rich.segment import Segment

from crm_tui.filters.orders import COLUMNS
from crm_tui.i18n import gettext as _
from crm_tui.i18n import language
from crm_tui.reads.people import PersonRow
from crm_tui.screens.workspace import PHONE, phone_parts
from crm_tui.text.money import Money, show
from crm_tui.widgets.paint import Column, Part, columns, safe

if TYPE_CHECKING:
    from crm_tui.reads.look import Look


NARROWEST = 14
WIDTHS = {"name": 20, "email": 24, "phone": PHONE, "company": 18, "next": 20, "attempts": 8, "value": 10, "age": 11, "touched": 11}
"""The cells of a column, where it is not the narrowest."""


class Read(Protocol):
    """Where people were read."""

    look: Look | None


class PersonRows:
    """Draws the rows of a list of people; `columns` are those of a view."""

    def __init__(self, people: Read, clock: Callable[[], int]) -> None:
        self.people, self.clock = people, clock
        self.columns: tuple[str, ...] = ()

    def _widths(self, cells: int) -> tuple[int, int, int, int, int]:
        flags = 2 if cells < 110 else 24
        rest = cells - PHONE - flags - 5
        status = min(36, max(14, rest * 3 // 10))
        owner = min(14, max(8, rest // 8))
        due = min(24, max(12, rest // 5))
        return rest - status - owner - due, flags, status, owner, due

    @property
    def look(self) -> Look:
        """At which moment of the store the rows were read."""
        assert self.people.look is not None
        return self.people.look

    def head(self, cells: int) -> list[Segment]:
        """The names of the columns."""
        if self.columns:
            fields = [(_(COLUMNS[name]), wide) for name, wide in self._chosen(cells - 2)]
            return columns([Column([], 1), *(Column([(text, "dim")], wide) for text, wide in fields)])
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

    def draw(self, row: PersonRow, cells: int, narrow: bool) -> list[list[Segment]]:
        """One person; on a narrow screen in two lines."""
        if self.columns:
            return self._draw_chosen(row, cells, narrow)
        name: list[Part] = [(safe(row.name) or _("no name"), "")]
        if row.company:
            name.append((" · " + safe(row.company), "dim"))
        phone = phone_parts(self.look, row.phone, row.phone_e164) or [("✗ " + _("phone"), "warn")]
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

    # the columns of a view

    def _chosen(self, cells: int) -> list[tuple[str, int]]:
        """The columns that fit, the first as wide as the others leave it."""
        first, *others = self.columns
        left = cells - WIDTHS.get(first, NARROWEST)
        kept = []
        for name in others:
            wide = WIDTHS.get(name, NARROWEST)
            if wide + 1 <= left:
                left -= wide + 1
                kept.append((name, wide))
        return [(first, WIDTHS.get(first, NARROWEST) + max(0, left)), *kept]

    def _draw_chosen(self, row: PersonRow, cells: int, narrow: bool) -> list[list[Segment]]:
        if narrow:
            rest = self.columns[1:]
            parts: list[Part] = []
            for name in rest:
                if found := self._column(row, name):
                    parts += [(" · ", "dim"), *found] if parts else found
            return [columns([Column(self._column(row, self.columns[0]), cells)]), columns([Column([], 1), Column(parts, cells - 2)])]
        return [columns([Column(self._column(row, name), wide) for name, wide in self._chosen(cells)])]

    def _column(self, row: PersonRow, name: str) -> list[Part]:
        """What stands in a column."""
        from crm_tui.reads import labels
        from crm_tui.text.dates import short_time

        process = self.look.process
        match name:
            case "name":
                return [(safe(row.name) or _("no name"), "")]
            case "phone":
                return phone_parts(self.look, row.phone, row.phone_e164)
            case "status":
                return self._status(row, short=True)
            case "owner":
                return self._owner(row)
            case "next":
                return self._next(row)
            case "stage":
                return [(safe(labels.lifecycle_label(process, row.lifecycle)), "")]
            case "source":
                return [(labels.source_label(self.look, row.source), "")] if row.source else []
            case "readiness":
                return [(safe(labels.readiness_label(process, row.readiness)), "")] if row.readiness else []
            case "value":
                return [(show(Money(row.value, self.look.currency), language()), "")] if row.value else []
            case "attempts":
                return [(str(row.attempts), "")] if row.attempts else []
            case "age" | "touched":
                at = row.started_at if name == "age" else row.worked_at
                return [] if at is None else [(short_time(at, self.clock(), self.look.zone, timed=False), "")]
            case "email":
                return [(safe(row.email), "" if row.email_ok else "warn")] if row.email else []
        return [(safe(getattr(row, name)), "")]

    def _status(self, row: PersonRow, *, short: bool) -> list[Part]:
        from crm_tui.reads.labels import lifecycle_label, status_label

        look = self.look
        parts: list[Part] = [(safe(status_label(look.process, row.status)), "")]
        stage = safe(lifecycle_label(look.process, row.lifecycle))
        return parts if short or stage == parts[0][0] else [*parts, (" · " + stage, "dim")]

    def _owner(self, row: PersonRow) -> list[Part]:
        from crm_tui.reads.labels import desk_label

        look = self.look
        if row.owner is not None:
            return [(safe(look.user(row.owner)), "")]
        return [(safe(desk_label(look.process, row.desk)), "dim")] if row.desk else []

    def _next(self, row: PersonRow) -> list[Part]:
        from crm_tui.reads.labels import task_label
        from crm_tui.screens.board import day_text
        from crm_tui.text.times import day_bounds, local_day

        look = self.look
        if row.next_at is None:
            return []
        now = self.clock()
        late = row.next_at < (now if row.next_timed else day_bounds(local_day(now, look.zone), look.zone)[0])
        day = day_text(row.next_at, now, look.zone, timed=bool(row.next_timed))
        return [(day, "warn" if late else ""), (" " + task_label(row.next_kind or "other"), "dim")]


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
