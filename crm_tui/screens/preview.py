"""The side panel of a wide screen: the person under the cursor, a moment after the cursor came to rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual.timer import Timer

from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import mirrored

if TYPE_CHECKING:
    from crm_tui.reads.contact import WholeContact
    from crm_tui.reads.look import Look
    from crm_tui.reads.timeline import Told

REST_SECONDS = 0.1
NEWEST = 8
"""So many lines of the timeline stand under the card."""


def glance(look: Look, contact: bytes) -> tuple[Look, WholeContact | None, list[Told]]:
    """A person's card and the newest lines of the timeline, read at one moment."""
    from crm_tui.reads.contact import whole_contact
    from crm_tui.reads.timeline import stretch

    card = whole_contact(look, contact)[1]
    return look, card, stretch(look, contact, "newest", limit=NEWEST).lines if card else []


class Preview(Lines):
    """Card and newest lines of one person; reads nothing while it is not displayed."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(self._draw_person, id=id)
        self._wanted: bytes | None = None
        self._timer: Timer | None = None
        self._found: tuple[Look, WholeContact | None, list[Told]] | None = None

    def on_mount(self) -> None:
        """Stand at the far side, which is the left on a Hebrew screen."""
        if mirrored():
            self.styles.dock = "left"
            self.styles.padding = (0, 1, 0, 0)

    def follow(self, contact: bytes | None) -> None:
        """Show a person when the cursor has come to rest; None shows nobody."""
        self._wanted = contact
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if contact is None:
            self.workers.cancel_group(self, "preview")
            self._show(None)
        elif self.display:
            self._timer = self.set_timer(REST_SECONDS, self._read)

    def on_show(self) -> None:
        """The screen became wide: show who was followed meanwhile."""
        self.follow(self._wanted)

    def _read(self) -> None:
        if self._wanted is not None and self.display:
            self.run_worker(self._load(self._wanted), exclusive=True, group="preview")

    async def _load(self, contact: bytes) -> None:
        app: Any = self.app
        try:
            found = await app.session.read(glance, contact)
        except Exception as error:
            app.show_error(error)
            return
        if contact == self._wanted:
            self._show(found)

    def _show(self, found: tuple[Look, WholeContact | None, list[Told]] | None) -> None:
        self._found = found
        self.redraw()

    def _draw_person(self, cells: int) -> list[list[Segment]]:
        if self._found is None or (card := self._found[1]) is None:
            return []
        from crm_tui.screens.card import card_lines
        from crm_tui.widgets.entry import CLOCK_CELLS, day_title, draw_entry, entry_rows, is_new_day
        from crm_tui.widgets.wrapped import lay, side

        app: Any = self.app
        look, _card, told = self._found
        look = look.at_time(app.session.clock())
        lines = [*card_lines(look, card, cells), []]
        for number, one in enumerate(told):
            if is_new_day(look, one, told[number - 1] if number else None):
                lines.append(lay([(day_title(look, one.row.at), "dim")], cells, side(), mirrored()))
            rows = entry_rows(one, cells - CLOCK_CELLS - 3)
            lines += [draw_entry(look, one, rows, line, cells) for line in range(min(len(rows), self.size.height))]
            if len(lines) > self.size.height:
                break
        return lines
