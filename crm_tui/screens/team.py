"""Team: of each person what waits, what is late, what was done today; enter opens that person's day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment

from crm_tui.i18n import gettext as _
from crm_tui.reads.team import FIGURES
from crm_tui.screens.listing import Listing
from crm_tui.users import ROLES
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Column, Part, columns, fit, safe
from crm_tui.widgets.record_list import RecordList

if TYPE_CHECKING:
    from crm_tui.reads.team import Member

NUMBER, TALK = 9, 10
LOOKS = {"breached": "bad", "overdue": "bad", "no_followup": "warn", "cooling": "warn", "done": "good", "short": "warn", "silent": "warn"}
"""How a figure looks that is not zero."""
IN_BRIEF = sorted(FIGURES, key=lambda field: LOOKS.get(field) not in ("bad", "warn"))
"""On a narrow screen what needs somebody comes first."""
SUMMED = ("new", "breached", "due", "overdue", "no_followup", "cooling")


class TeamScreen(Listing):
    """Everybody who works here, with their figures of this moment."""

    space = "team"
    footer = ("open",)
    handles = ("open",)

    def __init__(self) -> None:
        super().__init__()
        self._members: list[Member] = []
        self._quality: dict[str, int] = {}

    def body(self) -> Iterator[Any]:
        """The sums and the people."""
        from textual.containers import Vertical

        with Vertical(id="main"):
            yield Lines(self._draw_sums, id="gauge")
            yield RecordList(
                self._count,
                self._rows,
                self._draw,
                lambda one: one.id,
                head=self._head,
                empty=self._empty,
                narrow_below=NARROW_BELOW,
                id="list",
            )

    def on_mount(self) -> None:
        """Begin in the list; what is late changes by the minute."""
        self.listed.focus()
        self.set_interval(60, self.refresh_data)

    async def load(self) -> None:
        """Read the figures."""
        from crm_tui.reads.quality import quality
        from crm_tui.reads.team import team

        self._members = await self.session.read(team)
        self._quality = await self.session.read(quality)
        await self.listed.reload()
        self.query_one("#gauge", Lines).redraw()
        self.redraw_frame()

    async def _count(self) -> int:
        return len(self._members)

    async def _rows(self, skip: int, limit: int) -> Sequence[Member]:
        return self._members[skip : skip + limit]

    def _empty(self) -> Sequence[str]:
        return (_("Nobody works here yet."), _("Add a user: : and then \u201cadd\u201d."))

    # drawing

    def _draw_sums(self, cells: int) -> list[list[Segment]]:
        if not self._members:
            return [[]]
        parts: list[Part] = []
        for name in SUMMED:
            total = sum(getattr(one, name) for one in self._members)
            parts += [(_(FIGURES[name]), "dim"), (f" {total:,}  ", LOOKS.get(name, "bold") if total else "dim")]
        lacks: list[Part] = []
        from crm_tui.reads.quality import MOST, QUALITY

        for name, count in self._quality.items():
            number = f"{count:,}" if count <= MOST else f"{MOST}+"
            lacks += [(_(QUALITY[name]), "dim"), (f" {number}  ", "warn" if count else "dim")]
        return [columns([Column(fit(line, cells - 1), cells - 1)]) for line in (parts, lacks)]

    def _head(self, cells: int) -> list[Segment]:
        fields = [Column([], 1), Column([(_("person"), "dim")], self._name_cells(cells - 2))]
        fields += [Column([(_(label), "dim")], NUMBER, end=True) for label in FIGURES.values()]
        return columns([*fields, Column([(_("talked"), "dim")], TALK, end=True)])

    def _name_cells(self, cells: int) -> int:
        return max(12, cells - len(FIGURES) * (NUMBER + 1) - TALK - 1)

    def _draw(self, one: Member, cells: int, narrow: bool) -> list[list[Segment]]:
        from crm_tui.reads.labels import spoken_duration

        name: list[Part] = [(safe(one.name), ""), (" · " + _(ROLES.get(one.role, one.role)), "dim")]
        if narrow:
            parts: list[Part] = []
            for field in IN_BRIEF:
                if number := getattr(one, field):
                    parts += [(_(FIGURES[field]) + " ", "dim"), (f"{number:,}  ", LOOKS.get(field, ""))]
            return [columns([Column(name, cells)]), columns([Column([], 1), Column(parts or [(_("nothing waits"), "dim")], cells - 3)])]
        fields = [Column(name, self._name_cells(cells))]
        for field in FIGURES:
            number = getattr(one, field)
            fields.append(Column([(f"{number:,}", LOOKS.get(field, "")) if number else ("·", "dim")], NUMBER, end=True))
        talked = [(spoken_duration(one.talked_seconds), "")] if one.talked_seconds else [("·", "dim")]
        return [columns([*fields, Column(talked, TALK, end=True)])]

    def open_row(self, row: Member) -> None:
        """Open the day of that person."""
        from crm_tui.screens.day import DayScreen

        self.app.hold_keys("screen")
        self.app.push_screen(DayScreen(row.id, row.name))


NARROW_BELOW = 12 + len(FIGURES) * (NUMBER + 1) + TALK + 4
