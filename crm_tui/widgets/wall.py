"""The second wall: no control or bidi character reaches the terminal, whatever drew the line."""

from __future__ import annotations

import re

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_NEVER = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


class Wall(LineFilter):
    """Drops control and bidi characters from the text of every line."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments without them."""
        del background
        if not any(_NEVER.search(segment.text) for segment in segments if not segment.control):
            return segments
        return [one if one.control else Segment(_NEVER.sub("", one.text), one.style) for one in segments]
