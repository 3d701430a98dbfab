"""Characters as a person counts them, and the terminal cells they take: measuring, cutting and wrapping of logical text."""

from __future__ import annotations

import re

from rich.cells import cell_len, get_character_cell_size, split_graphemes

# Characters of one cell that never join a neighbour, so that text of them is as wide as it is long.
NARROW = (
    r"\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u05be\u05c0\u05c3\u05c6\u05d0-\u05f4"
    r"\u2010-\u2027\u2030-\u205e\u2070\u20a0-\u20c0\u2190-\u21ff"
)
_narrow = re.compile(f"[{NARROW}]*").fullmatch
_FLAG_FIRST = "\U0001f1e6"
_FLAG_LAST = "\U0001f1ff"
_SHORT = 1000
_WORD = re.compile(r" *[^ ]+")


def graphemes(text: str) -> tuple[str, ...]:
    """The clusters of `text`, which joined are `text` again: a mark stands with its letter, a newline alone.

    A mark with nothing before it on its line stands with what follows, so only a line of nothing else has a cluster of no cells.
    """
    if _narrow(text):
        return tuple(text)
    if "\n" not in text:
        return tuple(_line_clusters(text))
    clusters: list[str] = []
    for line in text.split("\n"):
        clusters += _line_clusters(line)
        clusters.append("\n")
    return tuple(clusters[:-1])


def width(text: str) -> int:
    """The terminal cells of `text`, counted like the compositor that crops it: 0, 1 or 2 for each cluster."""
    if _narrow(text):
        return len(text)
    return cell_len(without_lead(text))


def clip(text: str, cells: int, ellipsis: str = "…") -> str:
    """The beginning of `text` in at most `cells` cells, with `ellipsis` at its end where something was cut."""
    if cells <= 0:
        return ""
    # Of a huge text only what could be shown is looked at.
    if _narrow(text, 0, cells + 1):
        if len(text) <= cells:
            return text
        room = cells - width(ellipsis)
        start = text[: max(room, 0)]
    elif len(text) <= _SHORT and width(text) <= cells:
        return text
    else:
        start = _start(text, cells)
        if len(start) == len(text):
            return text
        room = cells - width(ellipsis)
        start = _start(text, room)
    return start.rstrip(" ") + ellipsis if room >= 0 else _start(ellipsis, cells)


def wrap(text: str, cells: int) -> list[str]:
    """The lines of `text`, broken at spaces to at most `cells` (two or more) cells; a longer word is cut between clusters."""
    cells = max(cells, 2)
    return [part for line in text.split("\n") for part in _wrap_line(line, cells)]


def without_lead(text: str) -> str:
    """`text` from its first character that has width: joiners and marks before it have nothing to join."""
    start = 0
    while start < len(text) and not get_character_cell_size(text[start]):
        start += 1
    return text[start:] if start else text


def _line_clusters(line: str) -> list[str]:
    """The compositor's own clusters, but for flags, which it splits, and for marks at the beginning, which it lets stand alone."""
    rest = without_lead(line)
    if not rest:
        return [line] if line else []
    clusters: list[str] = []
    half_flag = False
    for start, end, _cells in split_graphemes(rest)[0]:
        cluster = rest[start:end]
        if half_flag and _FLAG_FIRST <= cluster[0] <= _FLAG_LAST:
            clusters[-1] += cluster
            half_flag = False
        else:
            clusters.append(cluster)
            half_flag = end - start == 1 and _FLAG_FIRST <= cluster <= _FLAG_LAST
    clusters[0] = line[: len(line) - len(rest)] + clusters[0]
    return clusters


def _start(text: str, cells: int) -> str:
    """The first clusters of `text` that fit."""
    looked_at = max(cells, 0) * 4 + 16
    while True:
        clusters = graphemes(text[:looked_at])
        if looked_at < len(text):
            # The last one may go on.
            clusters = clusters[:-1]
        taken = used = 0
        for cluster in clusters:
            used += width(cluster)
            if used > cells:
                return text[:taken]
            taken += len(cluster)
        if looked_at >= len(text):
            return text
        looked_at *= 4


def _wrap_line(line: str, cells: int) -> list[str]:
    if width(line) <= cells:
        return [line]
    lines: list[str] = []
    current = ""
    for word in _WORD.findall(line):
        if width(current + word) <= cells:
            current += word
            continue
        if current:
            lines.append(current)
            word = word.lstrip(" ")
        *full, current = _chop(word, cells)
        lines += full
    return [*lines, current]


def _chop(word: str, cells: int) -> list[str]:
    """The parts of a word, all but the last as wide as `cells` allow."""
    parts = [""]
    used = 0
    for cluster in graphemes(word):
        used += width(cluster)
        if used > cells:
            parts.append("")
            used = width(cluster)
        parts[-1] += cluster
    return parts
