from __future__ import annotations

import json
import re
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_tui.i18n import APART, APART_END
from crm_tui.text import bidi
from crm_tui.text.bidi import Paragraph, has_rtl, is_rtl, visual
from crm_tui.text.graphemes import graphemes, width
from crm_tui.text.isolates import take_marks

SHARED_CASES = Path(__file__).resolve().parents[3] / "shared" / "data" / "bidi.json"
MIRRORED = dict(zip("()[]{}<>«»", ")(][}{><»«", strict=True))

# Each class of characters that the plain algorithm tells apart, every pair of brackets in two alphabets.
CLASSES = [
    "אבגדהוזחט",
    "abcdefghi",
    "0123456789",
    "+-",
    ",.:/",
    "%$#₪€°",
    "!&*;<>=?\"'@",
    "  ",
    "()[]{}",
    "عبجدهو",
    "٠١٢٣٤",
    "\xa0「」\u2329\u232a\u3008\u3009",
]
classes = st.lists(st.sampled_from(CLASSES), min_size=1, max_size=5, unique=True)
class_texts = classes.flatmap(lambda chosen: st.text(alphabet="".join(chosen), max_size=40))
bases = st.sampled_from(["auto", "L", "R"])
ODD = [
    "\u05b8",
    "\u200d",
    "\ufe0f",
    "\x1b",
    "\x00",
    "\t",
    "\n",
    "\u200f",
    "\u202e",
    "\u2067",
    "\xad",
    "\ud800",
    "👍\U0001f3fd",
    "\U0001f1ee\U0001f1f1",
    "א",
    "(",
    "https://",
]
hostile_texts = st.lists(st.sampled_from(ODD) | st.sampled_from("".join(CLASSES)) | st.characters(exclude_categories=())).map("".join)


def drawn(text: str, base: str = "auto") -> str:
    return "".join(visual(text, base).cells)


@pytest.mark.parametrize(
    ("text", "base", "line", "order"),
    [
        ("שלום עולם", "auto", "םלוע םולש", [8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ("דנה לוי 052-7325777", "L", "יול הנד 052-7325777", [6, 5, 4, 3, 2, 1, 0, *range(7, 19)]),
        ("דנה לוי 052-7325777", "R", "052-7325777 יול הנד", [*range(8, 19), 7, 6, 5, 4, 3, 2, 1, 0]),
        ("Acme (דנה לוי) Ltd", "R", "Ltd (יול הנד) Acme", [15, 16, 17, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 0, 1, 2, 3]),
        ('סה"כ ₪1,234.50', "auto", '₪1,234.50 כ"הס', [*range(5, 14), 4, 3, 2, 1, 0]),
        ("שָׁלוֹם (דנה)", "auto", "(הנד) םוֹלשָׁ", [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ("מספר A-1234-ב", "L", "ב-A-1234 רפסמ", [12, 11, 5, 6, 7, 8, 9, 10, 4, 3, 2, 1, 0]),
        ("בדיקה: a + b = c", "R", "a + b = c :הקידב", [*range(7, 16), 6, 5, 4, 3, 2, 1, 0]),
        ("?מה שלומך", "L", "?ךמולש המ", [0, 8, 7, 6, 5, 4, 3, 2, 1]),
        ("3 מתוך 6", "L", "3 ךותמ 6", [0, 1, 5, 4, 3, 2, 6, 7]),
        ("1א", "L", "א1", [1, 0]),
        ("a(ב)c", "R", "c(ב)a", [4, 3, 2, 1, 0]),
        ("(א", "auto", "א)", [1, 0]),
        ("100₪", "R", "₪100", [3, 0, 1, 2]),
        ("עד ₪ 48,000", "R", "48,000 ₪ דע", [5, 6, 7, 8, 9, 10, 4, 3, 2, 1, 0]),
        ("ל-50%", "R", "50%-ל", [2, 3, 4, 1, 0]),
        ("מעולה 👍\U0001f3fd דנה", "R", "הנד 👍\U0001f3fd הלועמ", [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
        ("1. ראשון 2. שני", "L", "1. ינש .2 ןושאר", [0, 1, 2, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3]),
        ("« דנה »", "R", "« הנד »", [6, 5, 4, 3, 2, 1, 0]),
        ("אם x > y אז", "R", "זא x > y םא", [10, 9, 8, 3, 4, 5, 6, 7, 2, 1, 0]),
        ("א ב  ", "R", "  ב א", [4, 3, 2, 1, 0]),
        ("א ב  ", "L", "ב א  ", [2, 1, 0, 3, 4]),
        ("שלום־", "L", "־םולש", [4, 3, 2, 1, 0]),
        ("א\nב", "R", "ב א", [2, 1, 0]),
        ("", "auto", "", []),
    ],
)
def test_order(text: str, base: str, line: str, order: list[int]) -> None:
    assert (drawn(text, base), list(visual(text, base).order)) == (line, order)


@pytest.mark.skipif(not SHARED_CASES.exists(), reason="the shared samples are not on this machine")
def test_shared_cases() -> None:
    for case in json.loads(SHARED_CASES.read_text("utf-8")):
        line = visual(case["text"], case["base"])
        assert (list(line.cells), list(line.order)) == (case["visual"], case["order"]), case
        assert line.rtl == (case["direction"] == "R"), case


WHOLE = """
+972-54-123-4567 | +972 54 123 4567 | +972541234567 | +972-3-555-1234 | +972 (0)54-1234567 | +1 (212) 555-0100
+44 20 7946 0958 | 054-1234567 | 054 123 4567 | 03-5551234 | (03) 555-1234 | 03-555-12-34 | 052-1234567/8
1-800-123-456 | 1 800 123 456 | *2700 | #123 | *100# | ****1234 | 580-123-456 | dana@example.com
dana.l+crm@mail.example.co.il | https://example.com/a?b=1 | http://localhost:8080/ | www.example.co.il/path/
example.com/a/ | https://example.com/(a) | 5.5.2026 | 05/11/2026 | 05-11-26 | 2026-11-22
2026-11-22T10:00:00+02:00 | 14:30 | 9:00-17:00 | 10:00:59 | 24/7 | ₪1,234.50 | -₪5 | ₪-5 | $1.5M | -5% | +3%
−5 | ≤10 | ≥₪500 | 0.5% | 1/2 | 25°C | 5² | 2½ | 3+5=8 | 2*3 | %5 | A-1234 | INV-2026/17 | #A-1234 | v1.2.3 | #Sale | @dana
B2B | 5km | é2
"""


@pytest.mark.parametrize("part", re.split(r" \| |\n", WHOLE.strip()))
@pytest.mark.parametrize("base", ["L", "R", "auto"])
def test_a_part_that_is_read_from_left_to_right_is_never_torn(part: str, base: str) -> None:
    assert drawn(f"אב {part} גד", base) == f"דג {part} בא"
    assert drawn(f"אב {part}, גד", base) == f"דג ,{part} בא"
    assert drawn(f"אב ({part}) גד", base) == f"דג ({part}) בא"
    assert drawn(f'אב "{part}".', base) == (f'בא "{part}".' if base == "L" else f'."{part}" בא')


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("טל+972-54-1234567 א", "א +972-54-1234567לט"),
        ("ב14:30 ב-5.5.2026", "5.5.2026-ב 14:30ב"),
        ("לdana@example.com", "dana@example.comל"),
        ("ב-dana@example.com", "dana@example.com-ב"),
        ("א+5", "5+א"),
        ("054-1234567 052-7654321 א", "א 052-7654321 054-1234567"),
        ("03-5551234 5 א", "א 5 03-5551234"),
        ("+972-54-1234567 5 א", "א 5 +972-54-1234567"),
        ("05-11-2026 08-11-2026 א", "א 08-11-2026 05-11-2026"),
        ("2026-11-22 10:00 א", "א 10:00 2026-11-22"),
        ("1,234.50 ₪ א", "א ₪ 1,234.50"),
        ("ראו https://example.com/a. תודה", "הדות .https://example.com/a ואר"),
        ("ראו https://example.com/aבג", "https://example.com/aגב ואר"),
        ("https://example.comנפתח א", "א חתפנhttps://example.com"),
        ("(https://example.com/שלום_(דן)) א", "א (https://example.com/(ןד)_םולש)"),
        ("https://אתר.קום/a א", "א https://םוק.רתא/a"),
        ("דירה 3ב, 1א", "א1 ,ב3 הריד"),
        ("abc+972-54-1234567 א", "א abc+972-54-1234567"),
        ("דנה@לוי #נובמבר", "רבמבונ# יול@הנד"),
    ],
)
def test_parts_beside_letters_and_each_other(text: str, line: str) -> None:
    assert drawn(text, "R") == line


@pytest.mark.parametrize(
    ("text", "has", "is_"),
    [
        ("", False, False),
        ("Dana 5", False, False),
        ("דנה", True, True),
        ("5. דנה", True, True),
        ("Dana דנה", True, False),
        ("é דנה", True, False),
        ("(שלום) Dana", True, True),
        ("שָ", True, True),
        ("مرحبا", True, True),
        ("٣ a", True, False),
        ("漢字", False, False),
        ("\u200fDana", False, False),
        ("\U00010900", True, True),
    ],
)
def test_direction(text: str, has: bool, is_: bool) -> None:
    assert (has_rtl(text), is_rtl(text)) == (has, is_)
    assert visual(text).rtl is is_
    assert (visual(text, "L").rtl, visual(text, "R").rtl) == (False, True)


@given(hostile_texts)
def test_direction_is_that_of_the_first_strong_character(text: str) -> None:
    kinds = [unicodedata.bidirectional(character) for character in text if character not in "\u200e\u200f\u061c"]
    strong = [kind for kind in kinds if kind in ("L", "R", "AL")]
    unassigned = any(not unicodedata.bidirectional(character) for character in text)
    assert unassigned or is_rtl(text) == (strong[:1] not in ([], ["L"]))
    assert has_rtl(text) or not {"R", "AL", "AN"}.intersection(kinds)


@given(class_texts, bases)
def test_the_plain_algorithm_agrees_with_another_implementation(text: str, base: str) -> None:
    oracle = pytest.importorskip("bidi", reason="python-bidi is not installed")
    line = bidi._visual(text, base, isolates=False)
    # The other one draws no bracket mirrored, and cannot say where a character came from.
    assert "".join(text[index] for index in line.order) == oracle.get_display(text, base_dir=None if base == "auto" else base)


@given(st.text(alphabet="אבגם״׳־ ,.-!?'\"…•"), bases)
def test_a_line_of_hebrew_takes_a_short_way_to_the_same_order(text: str, base: str) -> None:
    quick = bidi._visual(text, base)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bidi, "_plain_hebrew", lambda line: None)
        assert bidi._visual(text, base) == quick


@example("\xad\u200d\x1b\u200d\xad", "auto")
@given(hostile_texts, bases)
def test_the_order_is_a_permutation_of_what_is_drawn(text: str, base: str) -> None:
    clusters = graphemes(text)
    line = visual(text, base)
    shown = [index for index, cluster in enumerate(clusters) if width(cluster) or cluster == "\n"]
    assert sorted(line.order) == shown
    for cell, index in zip(line.cells, line.order, strict=True):
        assert width(cell) == width(clusters[index].replace("\n", " "))
        assert not set(cell) & set("\n\x1b\x00\t\x9b\u202e\u200f\u2067\ud800")
        assert set(cell) <= {*clusters[index], " ", "\ufffd", *[bidi._MIRROR[sign] for sign in clusters[index] if sign in bidi._MIRROR]}


@given(st.text(alphabet=st.characters(max_codepoint=0x58F)))
def test_a_line_without_hebrew_stays_in_a_left_to_right_base(text: str) -> None:
    assert not has_rtl(text)
    assert list(visual(text, "L").order) == sorted(visual(text, "L").order)
    assert visual(text) == visual(text, "L")


@given(st.text(alphabet="אבגabc ()[]{}<>«»"), bases)
def test_a_bracket_faces_the_text_that_it_encloses(text: str, base: str) -> None:
    line = visual(text, base)
    mirrored = [cell != text[index] for cell, index in zip(line.cells, line.order, strict=True)]
    for cell, index, turned in zip(line.cells, line.order, mirrored, strict=True):
        assert cell == (MIRRORED[text[index]] if turned else text[index])
    if not has_rtl(text) and base != "R":
        assert not any(mirrored)
    if text and all(character in "אבג()[]{}<>« »" for character in text) and base == "R":
        assert all(turned == (text[index] in MIRRORED) for index, turned in zip(line.order, mirrored, strict=True))


@pytest.mark.parametrize(
    ("text", "base", "at", "lines"),
    [
        ("abc (דנה לוי, חיפה) x", "L", 14, ["abc (,יול הנד ", "הפיח) x"]),
        ("דנה wrote: ok, fine", "R", 15, [" wrote: ok, הנד", "fine"]),
        ("אב (cd, ef) גד", "R", 8, [" cd,) בא", "דג (ef"]),
        ("טל +972 54 123 4567 דנה", "R", 11, [" +972 54 לט", "הנד 123 4567"]),
        ("ראו https://a.example/שלום-לך! אב", "R", 26, ["https://a.example/םולש ואר", "בא !ךל-"]),
        ("a אב  גד", "L", 5, ["a בא ", "דג "]),
        ("אב > גד", "L", 5, ["< בא ", "דג"]),
        ("\u05b8א ב-גד", "R", 4, ["-ב א", "דג"]),
    ],
)
def test_a_line_of_a_paragraph_keeps_the_levels_of_the_whole(text: str, base: str, at: int, lines: list[str]) -> None:
    whole = Paragraph(text, base)
    assert ["".join(whole.line(*span).cells) for span in ((0, at), (at, whole.size))] == lines


def reordered(levels: str) -> list[int]:
    """L2 as it is written."""
    order = list(range(len(levels)))
    for level in "21":
        for run in re.finditer(f"[{level}2]+", levels):
            order[run.start() : run.end()] = reversed(order[run.start() : run.end()])
    return order


@given(class_texts, bases, st.integers(0, 40), st.integers(0, 40))
def test_lines_are_reordered_by_the_levels_of_their_paragraph(text: str, base: str, one: int, other: int) -> None:
    start, end = sorted((min(one, len(text)), min(other, len(text))))
    whole = Paragraph(text, base, isolates=False)
    levels = whole._levels.levels if whole._levels else "0" * len(text)
    kept = start + len("".join("w" if unicodedata.bidirectional(sign) in ("WS", "S", "B") else "x" for sign in text[start:end]).rstrip("w"))
    line = levels[start:kept] + ("1" if whole.rtl else "0") * (end - kept)
    assert list(whole.line(start, end).order) == reordered(line)


@given(hostile_texts, bases, st.lists(st.integers(0, 40), max_size=4))
def test_each_letter_of_a_paragraph_stands_on_one_of_its_lines(text: str, base: str, breaks: list[int]) -> None:
    whole = Paragraph(text, base)
    ends = sorted({min(at, whole.size) for at in breaks} | {0, whole.size})
    places = [start + place for start, end in pairwise(ends) for place in whole.line(start, end).order]
    assert sorted(places) == sorted(visual(text, base).order)
    assert whole.line(0, whole.size) == visual(text, base)


def marked(text: str, base: str) -> str:
    """A sentence whose values stand in ⟦ ⟧."""
    words, values = take_marks(text.replace("⟦", APART).replace("⟧", APART_END))
    whole = Paragraph(words, base, values)
    return "".join(whole.line(0, whole.size).cells)


@pytest.mark.parametrize(
    ("text", "base", "line"),
    [
        ("עסקה ⟦Acme (דנה), Ltd.⟧ נפתחה", "R", "החתפנ Acme (הנד), Ltd. הקסע"),
        ("עסקה ⟦דנה (Acme) בע״מ!⟧ נפתחה", "L", "החתפנ !מ״עב (Acme) הנד הקסע"),
        ("⟦דנה⟧, ⟦dan⟧: refused", "L", "הנד, dan: refused"),
        ("עסקה ⟦A⟧, ⟦B⟧", "R", "B ,A הקסע"),
        ("הועבר אל ⟦3 ב⟧", "R", "ב 3 לא רבעוה"),
        ("שם: ⟦⟧ → ⟦C#⟧", "R", "C# →  :םש"),
        ("⟦שלב: ⟦Won (B)⟧⟧, לפי", "R", "יפל ,Won (B) :בלש"),
        ("שם ⟦Dana (א", "R", "Dana (א םש"),
        ("שם⟧ Dana", "R", "Dana םש"),
        ("ערך: ⟦ש\u05b8ל, 5 - a⟧.", "R", ".a - 5 ,לש\u05b8 :ךרע"),
    ],
)
def test_a_value_stands_apart_from_its_sentence(text: str, base: str, line: str) -> None:
    assert marked(text, base) == line


@given(class_texts, class_texts, class_texts, st.sampled_from("LR"))
def test_a_value_is_drawn_as_it_is_alone(before: str, value: str, after: str, base: str) -> None:
    whole = Paragraph(before + value + after, base, [(len(before), len(before) + len(value))])
    line = "".join(whole.line(0, whole.size).cells)
    assert "".join(Paragraph(value).line(0, len(value)).cells).strip() in line
    assert sorted(whole.line(0, whole.size).order) == list(range(whole.size))


@given(hostile_texts, bases, st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=3))
def test_whatever_is_marked_each_letter_stands_once(text: str, base: str, places: list[tuple[int, int]]) -> None:
    for start, end in places:
        text = f"{text[:start]}{APART}{text[start:end]}{APART_END}{text[end:]}"
    words, values = take_marks(text)
    whole = Paragraph(words, base, values)
    assert sorted(whole.line(0, whole.size).order) == sorted(visual(words, base).order)


@pytest.mark.parametrize("words", ["אhttps://x", "https://x/", "a@x.example", "052-732-5777 ", "A-12"])
@pytest.mark.parametrize("value", ["אb", "5א", "/א", "-4567א"])
def test_an_address_ends_where_a_value_begins(words: str, value: str) -> None:
    whole = Paragraph(f"{words}{value}", "auto", [(len(words), len(words) + len(value))])
    assert sorted(whole.line(0, whole.size).order) == list(range(whole.size))


def test_what_has_no_width_takes_no_cell() -> None:
    assert visual("\u05b8") == ((), (), False)
    assert visual("\u200d\u05b8", "R") == ((), (), True)
    assert visual("\u05b8א", "R") == (("א",), (0,), True)
    assert visual("\u200f5") == (("5",), (0,), False)
    assert visual("a\x1b[31m\u202eb").cells == ("a", "[", "3", "1", "m", "b")
    assert visual("א\n\u05b8\nב", "R") == (("ב", " ", " ", "א"), (4, 3, 1, 0), True)
    assert visual("a\ud800b").cells == ("a", "\ufffd", "b")


@pytest.mark.parametrize(
    "piece",
    ["%", "()", "(", "(a)", "a.", "a-", "0 ", "+", "1", "\u05b0", "\u0661,", "ع1", "a@", "www.", "http://", "http://a)", "\n", "(א]"],
)
def test_a_huge_line_takes_linear_time(piece: str) -> None:
    text = "א" + piece * (100_000 // len(piece))
    start = time.perf_counter()
    assert len(visual(text, "R").cells) == len(visual(text, "L").cells)
    assert time.perf_counter() - start < 10
