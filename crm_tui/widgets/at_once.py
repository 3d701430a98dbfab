"""Drawing what a key changed at once: Textual itself waits for its next tick, half a frame on average."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.screen import Screen
from textual.widget import Widget


def draw_at_once(screen: Screen[Any], widgets: Iterable[Widget]) -> None:
    """Draw those of the widgets that wait to be drawn again, where no layout is due.

    The names are Textual's own, without a promise (a test holds them): were they gone, the tick would draw a little later.
    """
    waiting: list[Any] = [widget for widget in widgets if getattr(widget, "_repaint_required", False)]
    inside: Any = screen
    if not waiting or getattr(inside, "_layout_required", True) or any(widget._layout_required for widget in waiting):
        return
    for widget in waiting:
        widget._repaint_required = False
        inside._dirty_widgets.add(widget)
    inside._on_timer_update()
