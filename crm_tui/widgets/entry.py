"""How one entry of the timeline is wrapped and drawn: its sentence, and what was written under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment

from crm_tui.i18n import gettext as _
from crm_tui.text.bidi import is_rtl
from crm_tui.text.clean import clean_text
from crm_tui.text.graphemes import wrap
from crm_tui.widgets.paint import PLAIN, STYLES, Part, fit, mirrored, parts_width, safe, segments

if TYPE_CHECKING:
    from crm_tui.reads.look import Look
    from crm_tui.reads.timeline import Told

READABLE = 100
"""Text is not set wider than so many cells."""
MOST_PARAGRAPHS = 5_000
CLOCK_CELLS = 5
MARKS = {
    "lead": ("+", "good"),
    "added": ("+", "good"),
    "call": ("●", "accent"),
    "meeting": ("●", "accent"),
    "email": ("●", "accent"),
    "message": ("●", "accent"),
    "quote": ("●", "accent"),
    "note": ("¶", "accent"),
    "route": ("»", ""),
    "status": ("◇", ""),
    "lifecycle": ("◇", ""),
    "task": ("□", "warn"),
    "snooze": ("□", "warn"),
    "task_done": ("✓", "good"),
    "deal": ("◆", "good"),
    "deal_stage": ("◆", "good"),
    "duplicate": ("≈", "warn"),
    "edit": ("·", "dim"),
}
"""The mark of each kind; its word stands in the sentence."""
_EMPTY_LINES = re.compile(r"\n{3,}")


class Row(NamedTuple):
    """One line before it is drawn: its parts in reading order, their direction (`L`, `R`), and the side they stand at."""

    parts: list[Part]
    base: str
    right: bool
    is_sentence: bool = False


def wrapped(parts: Sequence[Part], cells: int) -> list[list[Part]]:
    """Parts broken at spaces into lines of at most so many cells."""
    text = "".join([part[0] for part in parts])
    if parts_width(parts) <= cells:
        return [list(parts)]
    looks = [look for part, look in parts for _character in part]
    found, at = [], 0
    for line in wrap(text, cells):
        at = text.find(line, at)
        ends = [0, *(i for i in range(1, len(line)) if looks[at + i] != looks[at + i - 1]), len(line)]
        found.append([(line[start:end], looks[at + start]) for start, end in pairwise(ends)] if line else [])
        at += len(line)
    return found


def lay(parts: Sequence[Part], cells: int, base: str, right: bool) -> list[Segment]:
    """Parts as segments of exactly so many cells, at the left or the right of them."""
    kept = fit(parts, cells)
    space = Segment(" " * max(0, cells - parts_width(kept)), PLAIN)
    drawn = segments(kept, base)
    return [space, *drawn] if right else [*drawn, space]


def side() -> str:
    """The direction of a sentence of the interface."""
    return "R" if mirrored() else "L"


def entry_rows(told: Told, cells: int) -> list[Row]:
    """The sentence of an entry and what was written, wrapped; each paragraph in its own direction."""
    cells = max(4, min(cells, READABLE))
    parts = [(safe(told.says), ""), (safe_part(told.why), "dim")]
    if told.by:
        parts.append((" · " + safe(told.by), "dim"))
    if told.lost is not None:
        parts.append((" · " + _("overwritten by {name} at the same time").format(name=safe(told.over)), "warn"))
    rows = [Row(line, side(), mirrored(), True) for line in wrapped([part for part in parts if part[0]], cells)]
    text = _EMPTY_LINES.sub("\n\n", clean_text(told.text)) if told.text else ""
    paragraphs = text.split("\n", MOST_PARAGRAPHS) if text else []
    if len(paragraphs) > MOST_PARAGRAPHS:
        paragraphs[MOST_PARAGRAPHS:] = ["…"]
    for one in paragraphs:
        rtl = is_rtl(one)
        right = rtl or (mirrored() and not any(map(str.isalpha, one)))
        rows += [Row([(line, "")], "R" if rtl else "L", right) for line in wrap(one, cells)]
    return rows


def safe_part(text: str) -> str:
    """Safe text that stands among other text: a blank at either end stays."""
    found = safe(text)
    return f"{' ' * text.startswith(' ')}{found}{' ' * text.endswith(' ')}" if found else ""


def draw_entry(look: Look, told: Told, rows: Sequence[Row], line: int, cells: int) -> list[Segment]:
    """A line of an entry: on its first one the clock time and the mark of its kind."""
    from crm_tui.text.times import iso

    room = min(max(4, cells - CLOCK_CELLS - 3), READABLE)
    row = rows[line]
    body = lay(row.parts, room, row.base, row.right)
    clock, mark = "", (" ", "")
    if not line:
        clock = iso(told.row.at, look.zone)[11:16]
        mark = MARKS.get(told.row.kind, ("·", ""))
        if mirrored() and mark[0] == "»":
            mark = ("«", mark[1])
    lead = [Segment(clock.rjust(CLOCK_CELLS), STYLES["dim"]), Segment(" "), Segment(mark[0], STYLES[mark[1]]), Segment(" ")]
    if not mirrored():
        return [*lead, *body]
    return [Segment(" " * max(0, cells - room - CLOCK_CELLS - 3)), *body, *lead[::-1]]


def day_title(look: Look, ms: int) -> str:
    """The day of an entry, for the line above the first one of each."""
    from crm_tui.reads.labels import short_time
    from crm_tui.text.times import local_day

    date = short_time(ms, look.now, look.zone, timed=False)
    days = (local_day(look.now, look.zone) - local_day(ms, look.zone)).days
    named = {0: _("today"), 1: _("yesterday")}.get(days)
    return f"{date} · {named}" if named else date


def is_new_day(look: Look, told: Told, newer: Told | None) -> bool:
    """Whether an entry is the first one shown of its day."""
    from crm_tui.text.times import local_day

    return newer is None or local_day(told.row.at, look.zone) != local_day(newer.row.at, look.zone)
