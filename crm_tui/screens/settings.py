"""The process on a screen: its numbers and words as a list; enter changes the one under the cursor, undo takes it back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.segment import Segment
from textual.containers import Vertical

from crm_tui.i18n import gettext as _
from crm_tui.reads.settings import Setting, settings_rows
from crm_tui.screens.asking import begin
from crm_tui.screens.listing import Listing
from crm_tui.screens.setting_flows import change
from crm_tui.widgets.paint import Column, Part, columns
from crm_tui.widgets.record_list import RecordList

GROUP = 14


class SettingsScreen(Listing):
    """What a business changes most; the rest is in the file of `crm-tui process`."""

    footer = ("open", "back")
    handles = ("open",)

    def __init__(self) -> None:
        super().__init__()
        self._settings: list[Setting] = []

    def where(self) -> str:
        """The name of the screen."""
        return _("Settings")

    def body(self) -> Iterator[Any]:
        """The list."""
        with Vertical(id="main"):
            yield RecordList(self._count, self._rows, self._draw, lambda row: row.place, id="list")

    def on_mount(self) -> None:
        """Begin in the list."""
        self.listed.focus()

    async def load(self) -> None:
        """Read the process again."""
        self._settings = await self.session.read(lambda look: settings_rows(look.process))
        await self.listed.reload()
        self.redraw_frame()

    async def _count(self) -> int:
        return len(self._settings)

    async def _rows(self, skip: int, limit: int) -> Sequence[Setting]:
        return self._settings[skip : skip + limit]

    def _draw(self, row: Setting, cells: int, narrow: bool) -> list[list[Segment]]:
        at = self._settings.index(row) if row in self._settings else 0
        begins = at == 0 or self._settings[at - 1].group != row.group
        group: list[Part] = [(row.group, "head" if begins else "dim")]
        label: list[Part] = [(row.label, "accent" if row.kind == "add" else "")]
        value: list[Part] = [(row.value, "dim" if row.retired else "bold")]
        if narrow:
            wide = max(4, cells - GROUP - 3)
            return [
                columns([Column(label, cells)]),
                columns([Column([], 1), Column(value, wide), Column(group, GROUP, end=True)]),
            ]
        wide = min(44, max(16, cells - GROUP - 28))
        shown = group if begins else []
        return [columns([Column(shown, GROUP), Column(label, wide), Column(value, max(1, cells - GROUP - wide - 2))])]

    def open_row(self, row: Any) -> None:
        """Ask for another value."""
        begin(self.app, "set_setting", [], lambda ask: change(ask, row))
