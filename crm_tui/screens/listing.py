"""A full screen around one list of records: its cursor, its marks, opening what stands under the cursor."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from textual import events, on

from crm_tui.i18n import gettext as _
from crm_tui.screens.workspace import Workspace
from crm_tui.widgets.record_list import RecordList

MOST_MARKED = 5_000
"""So many records a command can still be given for at once."""


class Listing(Workspace):
    """The list is the widget `#list`; what opening a row means is `open_row`, what follows the cursor is `follow`."""

    handles: tuple[str, ...] = ("open", "mark", "mark_all")

    @property
    def listed(self) -> RecordList:
        """The list."""
        return self.query_one("#list", RecordList)

    def position(self) -> str:
        """Where the cursor stands, and how many are marked."""
        if not self.is_mounted:
            return ""
        marked, text = len(self.listed.marked), self.counted(self.listed.cursor + 1, self.listed.total)
        return _("{count} marked · {text}").format(count=marked, text=text) if marked else text

    async def go_to(self, record: Hashable) -> bool:
        """Read again with the cursor on a record; whether it is among the rows near the cursor."""
        self.listed.awaited = record
        try:
            await self.load()
        finally:
            self.listed.awaited = None
        return self.listed.is_on(record)

    def take_key(self, event: events.Key) -> bool:
        """What is done is meant for who comes to stand under the cursor."""
        if not self.is_mounted or not self.listed.is_on_its_way:
            return super().take_key(event)

        async def once_there() -> None:
            await self.listed.read_current()
            super(Listing, self).take_key(event)

        self.app.hold_keys_while(once_there())
        return True

    def follow(self, row: Any) -> None:
        """The cursor came to stand on a row, or on none."""

    def open_row(self, row: Any) -> None:
        """Open a row."""

    @on(RecordList.Moved)
    def _moved(self) -> None:
        self.foot.redraw()
        self.follow(self.listed.current)

    @on(RecordList.Opened)
    def _opened(self) -> None:
        self.do_open()

    def clear(self) -> None:
        """Take the marks off."""
        self.listed.unmark()

    def do_open(self) -> None:
        """Open the row under the cursor."""
        if (row := self.listed.current) is not None:
            self.open_row(row)

    def do_mark(self) -> None:
        """Mark it."""
        self.listed.toggle_mark()
        self.redraw_frame()

    def do_mark_all(self) -> None:
        """Mark all."""
        self.app.hold_keys_while(self.listed.mark_all(MOST_MARKED))
