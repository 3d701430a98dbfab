"""A block of drawn lines: heads, bars, cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from crm_tui.widgets.paint import strip

DrawLines = Callable[[int], Sequence[Sequence[Segment]]]
"""The lines for a width."""


class Lines(Widget):
    """Draws the lines that a function gives for its width; as high as they are many, unless its style says otherwise."""

    def __init__(self, draw: DrawLines, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._draw = draw
        self._strips: list[Strip] = []
        self._cells = -1

    def redraw(self) -> None:
        """Draw again what changed: only lines that differ are sent."""
        if self._cells < 0 or not self.size.width:
            self.refresh(layout=True)
            return
        before = self._strips
        self._make(self._cells)
        if len(before) != len(self._strips) and self.styles.height is not None and self.styles.height.is_auto:
            self.refresh(layout=True)
        elif before != self._strips:
            self.refresh()

    def _make(self, cells: int) -> None:
        self._cells = cells
        self._strips = [strip(line, cells) for line in self._draw(cells)]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many as there are lines."""
        self._make(width)
        return len(self._strips)

    def render_line(self, y: int) -> Strip:
        """One line."""
        cells = self.size.width
        if self._cells != cells:
            self._make(cells)
        return self._strips[y] if y < len(self._strips) else Strip.blank(cells)
