from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.text.fold import fold, words

SIGNS = [
    "@",
    ".",
    "+",
    "_",
    " ",
    "-",
    "'",
    '"',
    "״",
    "׳",
    "־",
    "´",
    "…",
    "\u0301",
    "\u05b8",
    "ך",
    "İ",
    "ß",
    "ﬁ",
    "\u0345",
    "a",
    "ש",
]
texts = st.lists(st.sampled_from(SIGNS) | st.characters(exclude_categories=())).map("".join)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Moshe Cohen", "moshe cohen"),
        ("  Moshe\t Cohen ", "moshe cohen"),
        ("Mo\u200bshe Cohen", "moshe cohen"),
        ("José GARCÍA", "jose garcia"),
        ("Jose\u0301", "jose"),
        ("O'Brien", "obrien"),
        ("O’Brien", "obrien"),
        ("O`Brien O´Brien OʼBrien", "obrien obrien obrien"),
        ("Straße", "strasse"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("İstanbul", "istanbul"),
        ("ﬁne Ｆｕｌｌ", "fine full"),
        ("שָׁלוֹם", "שלומ"),
        ("שלום", "שלומ"),
        ("ךםןףץ", "כמנפצ"),
        ('צה"ל', "צהל"),
        ("צה״ל", "צהל"),
        ("צהל", "צהל"),
        ("צה''ל", "צהל"),
        ("צ'רלי", "צרלי"),
        ("ג׳ורג׳", "גורג"),
        ("בן־דוד", "בנ דוד"),
        ("בן-דוד", "בנ דוד"),
        ("בן–דוד", "בנ דוד"),
        ("שּׁ", "ש"),
        ("ייִדיש װ", "יידיש וו"),
        ("(Acme) Ltd., [VIP]/x", "acme ltd vip x"),
        ("dana.levi+crm@some_site.co.il", "dana.levi+crm@some_site.co.il"),
        ("Anna-Maria@Some-Site.com", "anna maria@some site.com"),
        ("Mr. Cohen.", "mr cohen"),
        ("@home +972 _x_", "home 972 x"),
        ("a…b", "a b"),
        ("٠٥٤-١٢٣", "054 123"),
        ("₪100 🍕", "100"),
        ("", ""),
        (' "." ', ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dana Levi", ["dana", "levi"]),
        ("dana.levi+crm@some_site.co.il", ["dana", "levi", "crm", "some", "site", "co", "il"]),
        ('חברת "אקמה" בע"מ', ["חברת", "אקמה", "בעמ"]),
        ("...", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(texts)
def test_folding_twice_changes_nothing(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert words(folded) == words(text) == [word for part in words(text) for word in words(part)]


@given(texts)
def test_folded_words_are_single_spaced(text: str) -> None:
    folded = fold(text)
    assert folded == " ".join(folded.split())
    assert not set(folded) & set("'\"׳״־-\u05b8ךםןףץ")


def test_every_character_folds_once() -> None:
    for code in range(0x30000):
        folded = fold(chr(code))
        assert fold(folded) == folded, hex(code)


@given(st.text("abcXYZ019 אבגםןץ", max_size=30), st.sampled_from(["", "!"]))
def test_the_short_cut_agrees_with_the_table(text: str, detour: str) -> None:
    assert fold(text + detour) == fold(text) == " ".join(words(text))
