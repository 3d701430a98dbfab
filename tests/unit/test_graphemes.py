from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from crm_tui.text import graphemes as module
from crm_tui.text.graphemes import clip, graphemes, width, wrap

MARK = "\u05b8"
ACUTE = "\u0301"
JOINER = "\u200d"
EMOJI_STYLE = "\ufe0f"
THUMB = "👍\U0001f3fd"
FAMILY = "👨\u200d👩\u200d👧"
FLAG = "\U0001f1ee\U0001f1f1"
KEYCAP = "1\ufe0f\u20e3"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
ODD = [
    MARK,
    ACUTE,
    JOINER,
    EMOJI_STYLE,
    THUMB,
    FAMILY,
    FLAG,
    KEYCAP,
    "\U0001f1ee",
    "☎",
    "漢",
    "각",
    "\u1161",
    "\x1b",
    "\t",
    "\xad",
    "\u200f",
    *"אב a1 (",
]
lines = st.lists(st.sampled_from(ODD) | st.characters(exclude_characters="\n")).map("".join)
texts = st.lists(st.sampled_from([*ODD, " ", "\n"]) | st.characters(exclude_categories=())).map("".join)
narrow_texts = st.from_regex(f"[{module.NARROW}]*", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("", []),
        ("Dana", ["D", "a", "n", "a"]),
        ("דנה", ["ד", "נ", "ה"]),
        ("שָׁלוֹם", ["שָׁ", "ל", "וֹ", "ם"]),
        (f"e{ACUTE}a", ["e" + ACUTE, "a"]),
        (f"א{THUMB}ב", ["א", THUMB, "ב"]),
        (FAMILY + "a", [FAMILY, "a"]),
        (FLAG + FLAG + "\U0001f1ee", [FLAG, FLAG, "\U0001f1ee"]),
        (f"{KEYCAP}2", [KEYCAP, "2"]),
        (SCOTLAND, [SCOTLAND]),
        ("\u1100\u1161\u11a8", ["\u1100\u1161\u11a8"]),
        ("ב❤️", ["ב", "❤️"]),
        ("א\nב", ["א", "\n", "ב"]),
        (f"א{MARK}\n\n", ["א" + MARK, "\n", "\n"]),
        (MARK, [MARK]),
        (f"{MARK}א", [MARK + "א"]),
        (f"{JOINER}{JOINER}ab", [f"{JOINER}{JOINER}a", "b"]),
        (f"a\n{MARK}ב", ["a", "\n", MARK + "ב"]),
        ("a\u200f\u202eb", ["a\u200f\u202e", "b"]),
    ],
)
def test_clusters(text: str, clusters: list[str]) -> None:
    assert graphemes(text) == tuple(clusters)


@given(texts)
def test_clusters_are_the_text(text: str) -> None:
    assert "".join(graphemes(text)) == text


@given(lines)
def test_a_line_is_as_wide_as_its_clusters(text: str) -> None:
    widths = [width(cluster) for cluster in graphemes(text)]
    assert sum(widths) == width(text)
    assert set(widths[1:]) <= {1, 2}
    assert width(text[:1] and "א" + text) == cell_len(text[:1] and "א" + text)


def test_narrow_characters_are_what_the_compositor_takes_them_for() -> None:
    narrow = re.findall(f"[{module.NARROW}]", "".join(map(chr, range(0x3000))))
    assert len(narrow) > 1_000
    assert {cell_len(character) for character in narrow} == {1}
    assert cell_len("".join(narrow)) == len(narrow)


@given(narrow_texts)
def test_the_short_way_is_the_long_way(text: str) -> None:
    assert list(graphemes(text)) == module._line_clusters(text)


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("Dana", 4),
        ("שָׁלוֹם", 4),
        ("漢字", 4),
        (THUMB, 2),
        (FAMILY, 2),
        (FLAG, 2),
        (KEYCAP, 2),
        ("❤", 1),
        ("❤️", 2),
        (MARK, 0),
        (MARK + "א", 1),
    ],
)
def test_width(text: str, cells: int) -> None:
    assert width(text) == cells


@pytest.mark.parametrize(
    ("text", "cells", "clipped"),
    [
        ("Dana Levi", 9, "Dana Levi"),
        ("Dana Levi", 8, "Dana Le…"),
        ("Dana Levi", 6, "Dana…"),
        ("Dana Levi", 1, "…"),
        ("Dana Levi", 0, ""),
        ("Dana Levi", -3, ""),
        ("", 3, ""),
        ("שָׁלוֹם", 4, "שָׁלוֹם"),
        ("שָׁלוֹם", 2, "שָׁ…"),
        ("漢字漢字", 8, "漢字漢字"),
        ("漢字漢字", 6, "漢字…"),
        ("漢字漢字", 2, "…"),
        (THUMB + THUMB, 3, THUMB + "…"),
        (FLAG + FLAG, 2, "…"),
        ("א" + MARK * 5000 + "ב", 1, "…"),
        ("א" + MARK * 5000 + "ב", 2, "א" + MARK * 5000 + "ב"),
        ("א" + MARK * 5000 + "בג", 2, "א" + MARK * 5000 + "…"),
        ("a" + ACUTE + "bcd", 3, "a" + ACUTE + "b…"),
        ("abc" + ACUTE, 3, "abc" + ACUTE),
        ("abcd" + ACUTE, 3, "ab…"),
    ],
)
def test_clip(text: str, cells: int, clipped: str) -> None:
    assert clip(text, cells) == clipped


@pytest.mark.parametrize(
    ("ellipsis", "cells", "clipped"),
    [("", 3, "Dan"), ("...", 5, "Da..."), ("...", 3, "..."), ("...", 2, ".."), (">>", 4, "Da>>"), ("漢", 1, ""), ("漢", 4, "Da漢")],
)
def test_clip_with_another_ellipsis(ellipsis: str, cells: int, clipped: str) -> None:
    assert clip("Dana Levi", cells, ellipsis) == clipped
    assert clip("Dana Levi".replace("i", "i" + ACUTE), cells, ellipsis) == clipped


@example("\N{HEBREW POINT QAMATS} \U0001f44d\U0001f3fd", 2, "…")
@given(lines, st.integers(-1, 40), st.sampled_from(["…", "", "...", "漢"]))
def test_a_clipped_text_fits_and_begins_as_before(text: str, cells: int, ellipsis: str) -> None:
    clipped = clip(text, cells, ellipsis)
    assert width(clipped) <= max(cells, 0)
    if cells <= 0:
        assert clipped == ""
    elif width(text) <= cells:
        assert clipped == text
    elif cells >= width(ellipsis):
        start = clipped.removesuffix(ellipsis)
        assert text.startswith(start)
        # Blanks before the ellipsis go, also one that bears a mark of its own.
        assert "".join(graphemes(text)[: len(graphemes(start))]).rstrip(" ") == start.rstrip(" ")


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("", 5, [""]),
        ("one two", 7, ["one two"]),
        ("one two", 6, ["one", "two"]),
        ("one  two", 5, ["one", "two"]),
        ("one two three", 9, ["one two", "three"]),
        ("one\ntwo\n", 9, ["one", "two", ""]),
        ("\n\n", 4, ["", "", ""]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("ab cdefgh i", 4, ["ab", "cdef", "gh i"]),
        ("שָׁלוֹם רָב", 4, ["שָׁלוֹם", "רָב"]),
        ("שָׁלוֹם", 2, ["שָׁל", "וֹם"]),
        ("漢字漢", 3, ["漢", "字", "漢"]),
        ("漢字", 1, ["漢", "字"]),
        (FLAG + FAMILY, 2, [FLAG, FAMILY]),
        ("  indented text", 10, ["  indented", "text"]),
        ("word      ", 6, ["word"]),
    ],
)
def test_wrap(text: str, cells: int, lines: list[str]) -> None:
    assert wrap(text, cells) == lines


@given(texts, st.integers(2, 30))
def test_wrapped_lines_fit_and_lose_nothing_but_spaces(text: str, cells: int) -> None:
    wrapped = wrap(text, cells)
    assert max(map(width, wrapped)) <= cells
    assert "".join(wrapped).replace(" ", "") == text.replace(" ", "").replace("\n", "")
    assert len(wrapped) >= text.count("\n") + 1
