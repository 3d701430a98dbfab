"""Entries of a timeline, for the tests of what draws them."""

from __future__ import annotations

import re
from typing import Any

from rich.segment import Segment
from store_helpers import START as START_TEXT
from store_helpers import ms

from crm_tui.reads.look import Look
from crm_tui.reads.timeline import EntryRow, Told
from crm_tui.widgets.wrapped import Wrapped

START = ms(START_TEXT)
HOUR = 3_600_000
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
HOSTILE = "[/red] \x1b[2J\u202eevil\u2066 [b]שלום\x00" + "W" * 300


def text_of(line: list[Segment]) -> str:
    return "".join(segment.text for segment in line).rstrip()


def drawn_lines(text: Wrapped) -> list[list[tuple[str, Any]]]:
    return [[(segment.text, segment.style) for segment in text.line(number)] for number in range(len(text))]


def look(now: int = START) -> Look:
    return Look(None, (), now, b"n", {b"n" * 16: "noa"})  # type: ignore[arg-type]


def entry(number: int, text: str = "", says: str = "", kind: str = "call", **more: Any) -> Told:
    """An entry of so many hours ago."""
    id_ = (number + 1000).to_bytes(16, "big")
    row = EntryRow(id_, None, START - number * HOUR, 10**9 - number, 0, kind, b"n" * 16, None, None, 10**9 - number, b"c")
    return Told(row, says or f"entry {number}", "", text, more.pop("by", ""), **more)
