"""Hebrew on a terminal that draws from left to right: the visual order of a line as a permutation of its clusters (UAX #9).

The whole line is one level run, because explicit embeddings never reach it. A phone, date, amount, code or address is placed
as one neutral piece and keeps its inside from left to right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from rich.cells import get_character_cell_size

from crm_tui.text.graphemes import graphemes, without_lead
from crm_tui.text.isolates import find_isolates

_LONGEST_CACHED = 512
_MOST_OPEN = 63
_CONTROLS = r"\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
_RTL = r"\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_find_rtl = re.compile(f"[{_RTL}]").search
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
_find_bracket = re.compile(f"[{re.escape(_BRACKETS)}]").search
_brackets = re.compile(f"[{re.escape(_BRACKETS)}]").finditer
_find_mirrored = re.compile(f"[{re.escape(_PAIRS)}]").search

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


def visual(text: str, base: str = "auto") -> Visual:
    """How one line is drawn in a paragraph of direction `base`: `auto` (by its first strong character), `L` or `R`."""
    return _cached_visual(text, base) if len(text) <= _LONGEST_CACHED else _visual(text, base)


def _visual(text: str, base: str, isolates: bool = True) -> Visual:
    """`isolates=False` is the plain algorithm, to be compared with others."""
    clusters = graphemes(text)
    rtl = is_rtl(text) if base not in ("L", "R") else base == "R"
    if text and not _find_undrawn(text) and get_character_cell_size(text[0]):
        line = text if len(clusters) == len(text) else "".join([cluster[0] for cluster in clusters])
        return _visual_line(clusters, line, range(len(line)), rtl, isolates)
    drawn = [_drawn(cluster) for cluster in clusters]
    places = [place for place, cell in enumerate(drawn) if cell]
    cells = tuple([cell for cell in drawn if cell])
    return _visual_line(cells, "".join([cell[0] for cell in cells]), places, rtl, isolates)


def _visual_line(clusters: tuple[str, ...], line: str, places: Sequence[int], rtl: bool, isolates: bool) -> Visual:
    """`line` has the first character of each cluster; `places` are their indexes in the text."""
    if not line or (not rtl and not _find_rtl(line)):
        return Visual(clusters, tuple(places), rtl)
    order, mirrored = _arrange(line, rtl, isolates)
    cells = [clusters[index] for index in order]
    for at in mirrored:
        cells[at] = _MIRROR[cells[at][0]] + cells[at][1:]
    return Visual(tuple(cells), tuple(order if len(places) == places[-1] + 1 else [places[index] for index in order]), rtl)


_cached_visual = lru_cache(maxsize=4096)(_visual)


def _drawn(cluster: str) -> str:
    """What of a cluster may reach a terminal: no control, and no mark without a character to stand on."""
    return without_lead(_surrogate("\ufffd", _control("", cluster.replace("\n", " "))))


def _arrange(line: str, rtl: bool, isolates: bool) -> tuple[list[int], list[int]]:
    """The indexes of `line` from left to right, and which of these places show a mirrored character."""
    if _plain_hebrew(line):
        length = len(line)
        if rtl:
            return list(range(length - 1, -1, -1)), []
        start, end = length - len(line.lstrip(_SIGNS)), len(line.rstrip(_SIGNS))
        return [*range(start), *range(end - 1, start - 1, -1), *range(end, length)], []
    pieces = find_isolates(line) if isolates else []
    types = line.translate(_CLASS)
    if not pieces:
        levels = _levels(line, types, rtl)
        order = _reorder(levels, rtl)
        return order, _mirrored_places(line, levels, order)
    return _arrange_pieces(line, types, pieces, rtl)


def _arrange_pieces(line: str, types: str, pieces: list[tuple[int, int]], rtl: bool) -> tuple[list[int], list[int]]:
    """Like `_arrange`, each piece placed as one neutral character."""
    units: list[str] = []
    characters: list[str] = []
    insides: dict[int, tuple[int, int]] = {}
    starts: list[int] = []
    done = 0
    for start, end in pieces:
        units += types[done:start], _piece_type(types[start - 1 : start], types[end : end + 1])
        characters += line[done:start], "\ufffc"
        starts += range(done, start + 1)
        insides[len(starts) - 1] = start, end
        done = end
    units.append(types[done:])
    characters.append(line[done:])
    starts += range(done, len(line))
    unit_line = "".join(characters)
    levels = _levels(unit_line, "".join(units), rtl)
    unit_order = _reorder(levels, rtl)
    turned = set(_mirrored_places(unit_line, levels, unit_order))
    order: list[int] = []
    mirrored: list[int] = []
    for place, unit in enumerate(unit_order):
        if place in turned:
            mirrored.append(len(order))
        if unit not in insides:
            order.append(starts[unit])
            continue
        start, end = insides[unit]
        inside = line[start:end]
        if _find_rtl(inside):
            # The path of an address may hold Hebrew.
            inner_order, inner_mirrored = _arrange(inside, False, False)
            mirrored += [len(order) + place for place in inner_mirrored]
            order += [start + index for index in inner_order]
        else:
            order += range(start, end)
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
    if _find_bracket(line):
        signs = _pair_brackets(line, signs, base)
    signs = _RTL_NEUTRALS.sub(lambda run: "R" * len(run[0]), signs)
    signs = _LTR_NEUTRALS.sub(lambda run: "L" * len(run[0]), signs).replace("N", base)
    levels = signs[1:-1].translate(_LEVELS[rtl])
    # L1: white space at the end has the paragraph's level.
    end = len(types.rstrip("W"))
    return levels[:end] + ("1" if rtl else "0") * (len(types) - end)


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
    for match in _brackets(line):
        bracket, place = match[0], match.start() + 1
        if signs[place] != "N":
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
    order: list[int] = []
    for turned in _turned[rtl](levels):
        order += range(len(order), turned.start())
        for run in reversed(list(_runs(levels, turned.start(), turned.end()))):
            order += range(run.start(), run.end()) if run[0][0] == "2" else range(run.end() - 1, run.start() - 1, -1)
    return [*order, *range(len(order), len(levels))]


def _mirrored_places(line: str, levels: str, order: list[int]) -> list[int]:
    """L4: where a mirrored character stands in a right-to-left run."""
    if not _find_mirrored(line):
        return []
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
