"""Drawing what a key changed at once: Textual waits for its next tick, and then looks at every widget between two changed lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from textual._compositor import CompositorUpdate
from textual.color import TRANSPARENT
from textual.screen import Screen
from textual.widget import Widget

MOST_LINES = 8
"""Up to so many changed lines are written by themselves; more are drawn by Textual, only at once."""


class _ChangedLines(CompositorUpdate):
    """Lines with the cells they begin at."""

    def __init__(self, lines: list[tuple[int, int, Any]]) -> None:
        self.lines = lines

    def render_segments(self, console: Console) -> str:
        """What moves the terminal's cursor and writes each line."""
        return "".join(f"\x1b[{y + 1};{x + 1}H{strip.render(console)}" for x, y, strip in self.lines)


def draw_at_once(screen: Screen[Any], widgets: Iterable[Widget]) -> None:
    """Draw the lines of these widgets that wait to be drawn again; the widgets lie bare, nothing else is due.

    The names are Textual's own, without a promise (a test holds them): its tick would draw the same a little later.
    """
    inside: Any = screen
    waiting: list[Any] = [widget for widget in widgets if getattr(widget, "_repaint_required", False)]
    if not waiting or inside._layout_required or inside._dirty_widgets:
        return
    if any(widget._layout_required or widget.styles.gutter for widget in waiting):
        return
    regions = [(widget, region) for widget in waiting for region in widget._repaint_regions]
    if sum(region.height for _widget, region in regions) > MOST_LINES:
        for widget in waiting:
            widget._repaint_required = False
            inside._dirty_widgets.add(widget)
        inside._on_timer_update()
        return
    lines = []
    filters = inside.app.get_line_filters()
    for widget, region in regions:
        at = widget.region
        # As Textual's cache of styled lines has them of such a widget, which looks for borders, paddings and opacities first.
        for y in range(region.y, region.bottom):
            line = widget.render_line(y)
            for one in filters:
                line = line.apply_filter(one, TRANSPARENT)
            if region.width != at.width:
                line = line.crop(region.x, region.right)
            lines.append((at.x + region.x, at.y + y, line))
    for widget in waiting:
        widget._exchange_repaint_regions()
        widget._repaint_required = False
    inside.app._display(screen, _ChangedLines(lines))


def draw_whole(screen: Screen[Any]) -> None:
    """Draw all of a screen, instead of at Textual's next tick."""
    screen.refresh()
    if (tick := getattr(screen, "_on_timer_update", None)) is not None:
        tick()
