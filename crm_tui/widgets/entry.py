"""How one entry of the timeline is wrapped and drawn: its sentence, and what was written under it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment

from crm_tui.i18n import gettext as _
from crm_tui.text.bidi import is_rtl
from crm_tui.text.clean import clean_text
from crm_tui.widgets.paint import STYLES, among, mirrored, sentence
from crm_tui.widgets.wrapped import Wrapped, beside, side

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
    "quote_answer": ("●", "accent"),
    "note": ("¶", "accent"),
    "route": ("»", ""),
    "status": ("◇", ""),
    "lifecycle": ("◇", ""),
    "task": ("□", "warn"),
    "snooze": ("□", "warn"),
    "task_done": ("✓", "good"),
    "tick": ("✓", "good"),
    "deal": ("◆", "good"),
    "deal_stage": ("◆", "good"),
    "duplicate": ("≈", "warn"),
    "edit": ("·", "dim"),
}
"""The mark of each kind; its word stands in the sentence."""
_EMPTY_LINES = re.compile(r"\n{3,}")


class Row(NamedTuple):
    """One line before it is drawn: which of a wrapped text, and the side it stands at."""

    text: Wrapped
    number: int
    right: bool
    is_sentence: bool = False


def entry_rows(told: Told, cells: int) -> list[Row]:
    """The sentence of an entry and what was written, wrapped; each paragraph in its own direction."""
    cells = max(4, min(cells, READABLE))
    parts = [(sentence(told.says), ""), (sentence(told.why), "dim")]
    if told.by:
        parts.append((among(f" · {told.by}"), "dim"))
    if told.lost is not None:
        parts.append((sentence(" · " + _("overwritten by {name} at the same time").format(name=told.over)), "warn"))
    rows = _rows(Wrapped([part for part in parts if part[0]], cells, side()), mirrored(), True)
    text = _EMPTY_LINES.sub("\n\n", clean_text(told.text)) if told.text else ""
    paragraphs = text.split("\n", MOST_PARAGRAPHS) if text else []
    if len(paragraphs) > MOST_PARAGRAPHS:
        paragraphs[MOST_PARAGRAPHS:] = ["…"]
    for one in paragraphs:
        rtl = is_rtl(one)
        right = rtl or (mirrored() and not any(map(str.isalpha, one)))
        rows += _rows(Wrapped([(one, "")], cells, "R" if rtl else "L"), right)
    return rows


def _rows(text: Wrapped, right: bool, is_sentence: bool = False) -> list[Row]:
    return [Row(text, number, right, is_sentence) for number in range(len(text))]


def draw_entry(look: Look, told: Told, rows: Sequence[Row], line: int, cells: int) -> list[Segment]:
    """A line of an entry: on its first one the clock time and the mark of its kind."""
    from crm_tui.text.times import iso

    room = min(max(4, cells - CLOCK_CELLS - 3), READABLE)
    row = rows[line]
    body = beside(row.text.line(row.number), room, row.right)
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
    from crm_tui.text.dates import short_time
    from crm_tui.text.times import local_day

    date = short_time(ms, look.now, look.zone, timed=False)
    days = (local_day(look.now, look.zone) - local_day(ms, look.zone)).days
    named = {0: _("today"), 1: _("yesterday")}.get(days)
    return f"{date} · {named}" if named else date


def is_new_day(look: Look, told: Told, newer: Told | None) -> bool:
    """Whether an entry is the first one shown of its day."""
    from crm_tui.text.times import local_day

    return newer is None or local_day(told.row.at, look.zone) != local_day(newer.row.at, look.zone)
