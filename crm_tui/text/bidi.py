"""Hebrew on a terminal that draws from left to right: the visual order of a line as a permutation of its clusters (UAX #9).

A paragraph is one level run, because explicit embeddings never reach it; its levels are resolved before it is broken into lines.
A value of a sentence is placed as one neutral piece with a direction of its own; so is a phone, date, amount, code or address,
which keeps its inside from left to right.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, chain
from typing import NamedTuple

from rich.cells import get_character_cell_size

from crm_tui.i18n import RTL
from crm_tui.text.graphemes import graphemes, width, without_lead
from crm_tui.text.isolates import find_isolates

_LONGEST_CACHED = 512
_MOST_OPEN = 63
_CONTROLS = r"\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
_find_rtl = re.compile(f"[{RTL}]").search
_find_undrawn = re.compile(f"[{_CONTROLS}\n\ud800-\udfff]").search
_control = re.compile(f"[{_CONTROLS}]+").sub
_surrogate = re.compile("[\ud800-\udfff]").sub

# Bidi_Paired_Bracket of Unicode 14, opening before closing; the two forms of the angle bracket are one pair.
_BRACKETS = (
    "()[]{}༺༻༼༽᚛᚜⁅⁆⁽⁾₍₎⌈⌉⌊⌋\u2329\u232a❨❩❪❫❬❭❮❯❰❱❲❳❴❵⟅⟆⟦⟧⟨⟩⟪⟫⟬⟭⟮⟯⦃⦄⦅⦆⦇⦈⦉⦊⦋⦌⦍⦐⦏⦎⦑⦒⦓⦔⦕⦖⦗⦘⧘⧙⧚⧛⧼⧽⸢⸣⸤⸥⸦⸧⸨⸩"
    "\u2e55\u2e56\u2e57\u2e58\u2e59\u2e5a\u2e5b\u2e5c\u3008\u3009《》「」『』【】〔〕〖〗〘〙〚〛﹙﹚﹛﹜﹝﹞（）［］｛｝｟｠｢｣"
)
_OTHER_MIRRORED = "<>«»‹›≤≥≦≧≪≫≮≯≰≱⊂⊃⊆⊇⊏⊐⊑⊒∈∋⋖⋗＜＞"
_ANGLES = {"\u2329": "\u3008", "\u232a": "\u3009"}
_OPENING = frozenset(_BRACKETS[::2])
_OPENING_OF = {closing: _ANGLES.get(opening, opening) for opening, closing in zip(_BRACKETS[::2], _BRACKETS[1::2], strict=True)}
_PAIRS = _BRACKETS + _OTHER_MIRRORED
_MIRROR = dict(zip(_PAIRS, chain.from_iterable(zip(_PAIRS[1::2], _PAIRS[::2], strict=True)), strict=True))
# Sets and no regular expressions, which take the start two milliseconds to compile.
_IS_BRACKET = frozenset(_BRACKETS)
_has_no_bracket = _IS_BRACKET.isdisjoint
_has_none_mirrored = frozenset(_PAIRS).isdisjoint

# Of the bidi classes WS, S and B.
_WHITE = " \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u205f\u3000"

# Hebrew letters among signs that are neutral without a digit nearby: such a line is only turned around.
_SIGNS = " !\"'&*,-./:;?_|\xa0\xb7–—‘’“”„•…"
_plain_hebrew = re.compile(f"[{re.escape(_SIGNS)}\u05be\u05d0-\u05ea\u05f3\u05f4]*").fullmatch

# One sign for each class: 1 is EN, 2 is AN, A is AL, N a neutral, W white space.
_SIGN_OF = {"L": "L", "R": "R", "AL": "A", "EN": "1", "AN": "2", "ES": "+", "CS": ",", "ET": "%", "NSM": "m", "WS": "W", "S": "W", "B": "W"}
_MARKS = re.compile("(.)m+")
_ARABIC_RUN = re.compile("A[^LRA]*1[^LRA]*")
_EUROPEAN_SEPARATOR = re.compile("(?<=1)[+,](?=1)")
_ARABIC_SEPARATOR = re.compile("(?<=2),(?=2)")
_TERMINATORS = re.compile("(?<!%)%++(?=1)|(?<=1)%+")
_LATIN_RUN = re.compile("L[^LR]*1[^LR]*")
_RTL_NEUTRALS = re.compile("(?<=[R12])N++(?=[R12])")
_LTR_NEUTRALS = re.compile("(?<=L)N++(?=L)")
_TO_NEUTRAL = str.maketrans("+,%W", "NNNN")
_LEVELS = (str.maketrans("LR12", "0122"), str.maketrans("LR12", "2122"))
_turned = (re.compile("[12]+").finditer, re.compile("[012]+").finditer)
_runs = re.compile("1+|2+").finditer


Values = Sequence[tuple[int, int]]
"""Where the values of a sentence begin and end, an outer one before those in it."""


class Visual(NamedTuple):
    """A line as it is drawn."""

    cells: tuple[str, ...]
    """Its clusters from left to right, brackets mirrored, none of them without width."""
    order: tuple[int, ...]
    """For each of them the index of its cluster in the logical text."""
    rtl: bool
    """Whether the paragraph goes from right to left."""


class _ClassTable(dict[int, str]):
    """The sign of each code point's bidi class, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        sign = _class_sign(code)
        # A hostile text could bring every code point there is.
        if len(self) < 20_000:
            self[code] = sign
        return sign


def has_rtl(text: str) -> bool:
    """Whether any character may turn its neighbours around: a line without one is drawn as it is in a left-to-right base."""
    return not text.isascii() and _find_rtl(text) is not None


def is_rtl(text: str) -> bool:
    """Whether the first strong character of `text` is right-to-left."""
    if text.isascii() or not _find_rtl(text):
        return False
    for character in text:
        sign = _CLASS[ord(character)]
        if sign in "LRA":
            return sign != "L"
    return False


class Paragraph:
    """A text whose levels are resolved as a whole: wherever it is broken, each line is drawn as a part of it (L1, L2)."""

    __slots__ = ("_cells", "_levels", "_line", "_places", "rtl", "size")

    def __init__(self, text: str, base: str = "auto", values: Values = (), isolates: bool = True) -> None:
        """`base` is its direction, `auto` that of its first strong character outside of `values`, which are places in the text.

        `isolates=False` is the plain algorithm.
        """
        cells = graphemes(text)
        self.size = len(cells)
        self.rtl = is_rtl(_masked(text, values)) if base not in ("L", "R") else base == "R"
        if values and len(cells) < len(text):
            ends = [*accumulate(map(len, cells), initial=0)]
            values = [(bisect_left(ends, start), bisect_left(ends, end)) for start, end in values]
        places: Sequence[int] = range(len(cells))
        if text and not _find_undrawn(text) and get_character_cell_size(text[0]):
            line = text if len(cells) == len(text) else "".join([cell[0] for cell in cells])
        else:
            drawn = [_drawn(cell) for cell in cells]
            places = [place for place, cell in enumerate(drawn) if cell]
            values = [(bisect_left(places, start), bisect_left(places, end)) for start, end in values]
            cells = tuple([cell for cell in drawn if cell])
            line = "".join([cell[0] for cell in cells])
        self._cells, self._places, self._line = cells, places, line
        self._levels = _resolve(line, self.rtl, values, isolates) if line and (self.rtl or _find_rtl(line)) else None

    def line(self, start: int, end: int) -> Visual:
        """A line of its clusters from `start` to `end`; their order is counted from `start`."""
        cells, places, text = self._cells, self._places, self._line
        first, last = 0, len(text)
        if start or end < self.size:
            if isinstance(places, range):
                first, last, places = start, end, range(end - start)
            else:
                first, last = bisect_left(places, start), bisect_left(places, end)
                places = [place - start for place in places[first:last]]
            cells, text = cells[first:last], text[first:last]
        if self._levels is None:
            return Visual(cells, tuple(places), self.rtl)
        # L1: white space at the end of a line has the paragraph's level.
        kept = len(text.rstrip(_WHITE)) if text[-1:] in _WHITE else len(text)
        whole = kept == len(self._line)
        order, mirrored = _arrange(self._levels if whole else _part(self._levels, first, first + kept))
        shown = [cells[index] for index in order]
        for at in mirrored:
            shown[at] = _MIRROR[shown[at][0]] + shown[at][1:]
        if kept < len(text):
            ends = range(kept, len(text))
            order = [*ends[::-1], *order] if self.rtl else [*order, *ends]
            shown = [*cells[kept:][::-1], *shown] if self.rtl else [*shown, *cells[kept:]]
        return Visual(tuple(shown), tuple(order if isinstance(places, range) else [places[index] for index in order]), self.rtl)


def visual(text: str, base: str = "auto") -> Visual:
    """How one line is drawn in a paragraph of direction `base`: `auto` (by its first strong character), `L` or `R`."""
    return _cached_visual(text, base) if len(text) <= _LONGEST_CACHED else _visual(text, base)


def _visual(text: str, base: str, isolates: bool = True) -> Visual:
    whole = Paragraph(text, base, isolates=isolates)
    return whole.line(0, whole.size)


_cached_visual = lru_cache(maxsize=4096)(_visual)


def _drawn(cluster: str) -> str:
    """What of a cluster may reach a terminal: no control, and no mark without a character to stand on."""
    whole = cluster.replace("\n", " ")
    drawn = without_lead(_surrogate("\ufffd", _control("", whole)))
    # A control between two joiners held together what is wider without it.
    return drawn if width(drawn) == width(whole) else "\ufffd" * width(whole)


class _Levels(NamedTuple):
    """The characters of a line with their levels; each piece of it is one of them, with levels of its own inside."""

    line: str
    levels: str
    """A digit for each character."""
    rtl: bool
    mirrors: bool
    """Whether a character of it has a mirrored form."""
    starts: Sequence[int] = ()
    """Where each of them begins in the text, and where the last one ends, when there are pieces."""
    insides: Mapping[int, _Levels | None] = {}
    """The pieces by index; None is one that is simply read from left to right."""


def _resolve(line: str, rtl: bool, values: Values, isolates: bool) -> _Levels:
    if not values and _plain_hebrew(line):
        if rtl:
            return _Levels(line, "1" * len(line), True, False)
        before, after = len(line) - len(line.lstrip(_SIGNS)), len(line.rstrip(_SIGNS))
        return _Levels(line, "0" * before + "1" * (after - before) + "0" * (len(line) - after), False, False)
    masked = _masked(line, values)
    types = masked.translate(_CLASS)
    pieces = (
        [
            (start, end, _piece_type(types[start - 1 : start], types[end : end + 1]))
            # An address ends where a value begins.
            for start, end in find_isolates(masked.replace("\ufffc", "\n"))
        ]
        if isolates
        else []
    )
    if values:
        pieces = sorted([*pieces, *[(start, end, "N") for start, end in _outer(values)]])
    if pieces:
        return _resolve_pieces(line, types, pieces, rtl, values)
    return _Levels(line, _levels(line, types, rtl), rtl, not _has_none_mirrored(line))


def _outer(values: Values) -> list[tuple[int, int]]:
    """Those that stand in no other one."""
    outer: list[tuple[int, int]] = []
    for start, end in values:
        if start < end and (not outer or start >= outer[-1][1]):
            outer.append((start, end))
    return outer


def _masked(line: str, values: Values) -> str:
    """The line with a neutral sign for each character of a value."""
    for start, end in _outer(values):
        line = line[:start] + "\ufffc" * (end - start) + line[end:]
    return line


def _resolve_inside(line: str, values: Values) -> _Levels | None:
    """A value reads by its own first strong character; None: simply from left to right."""
    return _resolve(line, is_rtl(_masked(line, values)), values, True) if _find_rtl(line) else None


def _resolve_pieces(line: str, types: str, pieces: Sequence[tuple[int, int, str]], rtl: bool, values: Values) -> _Levels:
    """Each piece placed as one neutral character."""
    units: list[str] = []
    characters: list[str] = []
    insides: dict[int, _Levels | None] = {}
    starts: list[int] = []
    done = 0
    for start, end, sign in pieces:
        units += types[done:start], sign
        characters += line[done:start], "\ufffc"
        starts += range(done, start + 1)
        inside = line[start:end]
        if (start, end) in values:
            within = [
                (one - start, other - start) for one, other in values if start <= one and other <= end and (one, other) != (start, end)
            ]
            insides[len(starts) - 1] = _resolve_inside(inside, within)
        else:
            # The path of an address may hold Hebrew.
            insides[len(starts) - 1] = _resolve(inside, False, (), False) if _find_rtl(inside) else None
        done = end
    units.append(types[done:])
    characters.append(line[done:])
    starts += range(done, len(line) + 1)
    unit_line = "".join(characters)
    return _Levels(unit_line, _levels(unit_line, "".join(units), rtl), rtl, not _has_none_mirrored(unit_line), starts, insides)


def _part(whole: _Levels, start: int, end: int) -> _Levels:
    """The characters from `start` to `end` with the levels that they have in the whole."""
    starts = whole.starts
    first, last = (bisect_right(starts, start) - 1, bisect_left(starts, end)) if starts else (start, end)
    line, levels = whole.line[first:last], whole.levels[first:last]
    if last - first == end - start:  # no piece among them
        return _Levels(line, levels, whole.rtl, whole.mirrors)
    bounds = [0, *[place - start for place in starts[first + 1 : last]], end - start]
    insides = {}
    for unit in range(first, last):
        if unit in whole.insides:
            inside, at = whole.insides[unit], starts[unit]
            insides[unit - first] = inside and _part(inside, max(0, start - at), min(end, starts[unit + 1]) - at)
    return _Levels(line, levels, whole.rtl, whole.mirrors, bounds, insides)


def _arrange(found: _Levels) -> tuple[list[int], list[int]]:
    """The indexes of a line as they stand from left to right, and which of these places show a mirrored character."""
    line, levels, rtl, mirrors, starts, insides = found
    units = _reorder(levels, rtl)
    mirrored = _mirrored_places(line, levels, units) if mirrors else []
    if not starts:
        return units, mirrored
    turned = set(mirrored)
    order: list[int] = []
    mirrored = []
    for place, unit in enumerate(units):
        if place in turned:
            mirrored.append(len(order))
        start = starts[unit]
        if unit not in insides:
            order.append(start)
        elif (inside := insides[unit]) is None:
            order += range(start, starts[unit + 1])
        else:
            inner_order, inner_mirrored = _arrange(inside)
            mirrored += [len(order) + place for place in inner_mirrored]
            order += [start + index for index in inner_order]
    return order, mirrored


def _piece_type(before: str, after: str) -> str:
    """A piece goes with the word that it touches: `1א` is one word."""
    if before == "L":
        return "L"
    if before in ("R", "A") or after in ("R", "A"):
        return "R"
    return "L" if after == "L" else "N"


def _levels(line: str, types: str, rtl: bool) -> str:
    """A digit for each character: its embedding level."""
    base = "R" if rtl else "L"
    # The ends stand for the paragraph's own direction (sor and eor).
    signs = _MARKS.sub(lambda run: run[1] * len(run[0]), base + types) + base
    if "1" in signs or "%" in signs or "2" in signs:
        signs = _weak(signs)
    signs = signs.translate(_TO_NEUTRAL).replace("A", "R")
    if not _has_no_bracket(line):
        signs = _pair_brackets(line, signs, base)
    signs = _RTL_NEUTRALS.sub(lambda run: "R" * len(run[0]), signs)
    signs = _LTR_NEUTRALS.sub(lambda run: "L" * len(run[0]), signs).replace("N", base)
    return signs[1:-1].translate(_LEVELS[rtl])


def _weak(signs: str) -> str:
    """W2 to W7: the classes of digits and of the signs around them; the first sign is the paragraph's direction."""
    if "A" in signs:
        signs = _ARABIC_RUN.sub(lambda run: run[0].replace("1", "2"), signs).replace("A", "R")
    signs = _ARABIC_SEPARATOR.sub("2", _EUROPEAN_SEPARATOR.sub("1", signs))
    signs = _TERMINATORS.sub(lambda run: "1" * len(run[0]), signs)
    return _LATIN_RUN.sub(lambda run: run[0].replace("1", "L"), signs)


def _pair_brackets(line: str, signs: str, base: str) -> str:
    """N0: both brackets of a pair take one direction, from what is inside or else before them; `signs` begins one before `line`."""
    resolved = bytearray(signs, "ascii")
    own, other = (b"R12", b"L") if base == "R" else (b"L", b"R12")
    for opening, closing in sorted(_bracket_pairs(line, signs)):
        inside = resolved[opening + 1 : closing]
        if any(sign in inside for sign in own):
            direction = base
        elif any(sign in inside for sign in other):
            before_own = max(resolved.rfind(sign, 0, opening) for sign in own)
            before_other = max(resolved.rfind(sign, 0, opening) for sign in other)
            direction = base if before_own > before_other else "LR"[base == "L"]
        else:
            continue
        resolved[opening] = resolved[closing] = ord(direction)
    return resolved.decode("ascii")


def _bracket_pairs(line: str, signs: str) -> list[tuple[int, int]]:
    """BD16: the places in `signs` of the brackets that belong together."""
    pairs: list[tuple[int, int]] = []
    stack: list[tuple[str, int]] = []
    for place, bracket in enumerate(line, 1):
        if bracket not in _IS_BRACKET or signs[place] != "N":
            continue
        if bracket in _OPENING:
            if len(stack) == _MOST_OPEN:
                break
            stack.append((_ANGLES.get(bracket, bracket), place))
            continue
        opening = _OPENING_OF[bracket]
        for depth in range(len(stack) - 1, -1, -1):
            if stack[depth][0] == opening:
                pairs.append((stack[depth][1], place))
                del stack[depth:]
                break
    return pairs


def _reorder(levels: str, rtl: bool) -> list[int]:
    """L2: every run of a level and above is turned around, from the highest level to the lowest odd one."""
    if "0" not in levels and "2" not in levels:
        return list(range(len(levels) - 1, -1, -1))
    order: list[int] = []
    for turned in _turned[rtl](levels):
        order += range(len(order), turned.start())
        for run in reversed(list(_runs(levels, turned.start(), turned.end()))):
            order += range(run.start(), run.end()) if run[0][0] == "2" else range(run.end() - 1, run.start() - 1, -1)
    return [*order, *range(len(order), len(levels))]


def _mirrored_places(line: str, levels: str, order: list[int]) -> list[int]:
    """L4: where a mirrored character stands in a right-to-left run."""
    return [place for place, index in enumerate(order) if levels[index] == "1" and line[index] in _MIRROR]


def _class_sign(code: int) -> str:
    bidi_class = unicodedata.bidirectional(chr(code))
    if not bidi_class:
        return "R" if _find_rtl(chr(code)) else "L"
    # Marks of direction are strong by their class, but none of them is meant to count here.
    return "N" if code in (0x200E, 0x200F, 0x61C) else _SIGN_OF.get(bidi_class, "N")


_CLASS = _ClassTable()
for _code in (*range(128), *range(0x5D0, 0x5EB)):
    _CLASS[_code] = _class_sign(_code)
