"""Filters in one line: what is read, printed, refused with its place, completed; in both languages and of any text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.errors import Refused
from crm_tui.filters.complete import complete
from crm_tui.filters.keys import KEYS, SHOWS
from crm_tui.filters.nodes import EVERYBODY, All, Either, Not, Term, Words, printed
from crm_tui.filters.orders import ORDERS
from crm_tui.filters.parser import LONGEST, Wrong, parse, tokens
from crm_tui.filters.vocabulary import Vocabulary, vocabulary
from crm_tui.i18n import use_language
from crm_tui.process import load_default

NOW = 1_795_334_400_000
"""2026-11-22 10:00 in Israel."""
USERS = ["noa", "Dani Levi", 'רון "הגדול" כהן', "a)b", "###"]
KNOWN = {"tag": ["vip", "ליד חם"], "campaign": ["November"], "company": ["Acme Ltd"]}


def words() -> Vocabulary:
    return vocabulary(load_default(), USERS, NOW, ["Spring"], KNOWN)


@pytest.fixture
def hebrew() -> Iterator[None]:
    use_language("he")
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", EVERYBODY),
        ("  \t ", EVERYBODY),
        ("dana", Words(("dana",))),
        ("dana levi", Words(("dana", "levi"))),
        ('"real estate" x', Words(("real estate", "x"))),
        ("“real estate”", Words(("real estate",))),
        ('צה"ל', Words(('צה"ל',))),
        ("052-732-5777", Words(("052-732-5777",))),
        ("10:30", Words(("10:30",))),
        ('"or" a', Words(("or", "a"))),
        ("stage:lead", Term("stage", ":", "lead")),
        ("STAGE=Lead", Term("stage", ":", "lead")),
        ("שלב:לקוח", Term("stage", ":", "customer")),
        ("status:no-answer", Term("status", ":", "no_answer")),
        ('status:"Closed (not interested)"', Term("status", ":", "closed")),
        ("status:in", Term("status", ":", "in_process")),
        ("owner:DANI_levi", Term("owner", ":", "Dani Levi")),
        ("אחראי:אני", Term("owner", ":", "me")),
        ("owner:ללא", Term("owner", ":", "none")),
        ("tag:vip", Term("tag", ":", "vip")),
        ('tag:"a b"', Term("tag", ":", "a b")),
        ("age>3d", Term("age", ">", "3d")),
        ("age>48h", Term("age", ">", "2d")),
        ("גיל>3ימים", Term("age", ">", "3d")),
        ("age≥2w", Term("age", ">=", "14d")),
        ("age<90min", Term("age", "<", "90min")),
        ("age<3", Term("age", "<", "3d")),
        ("touched>6mo", Term("touched", ">", "180d")),
        ("next<3d", Term("next", "<", "3d")),
        ("next:1w", Term("next", ":", "7d")),
        ("next<today", Term("next", "<", "0d")),
        ("next:29/11", Term("next", ":", "2026-11-29")),
        ("next>=2026-12-01", Term("next", ">=", "2026-12-01")),
        ("value>8k", Term("value", ">", "8000")),
        ("value:₪1,234.50", Term("value", ":", "1234.5")),
        ("attempts>=03", Term("attempts", ">=", "3")),
        ("deal:won", Term("deal", ":", "won")),
        ("-tag:vip", Not(Term("tag", ":", "vip"))),
        ("--dana", Words(("dana",))),
        ("a -b c", All((Words(("a",)), Not(Words(("b",))), Words(("c",))))),
        ("a and b וגם c", Words(("a", "b", "c"))),
        ("(a) (b)", Words(("a", "b"))),
        ("a or b", Either((Words(("a",)), Words(("b",))))),
        ("a או b | c", Either((Words(("a",)), Words(("b",)), Words(("c",))))),
        ("a is:overdue or b", Either((All((Words(("a",)), Term("is", ":", "overdue"))), Words(("b",))))),
        ("a (b or c)", All((Words(("a",)), Either((Words(("b",)), Words(("c",))))))),
        ("-(a b)", Not(Words(("a", "b")))),
    ],
)
def test_what_a_line_means(hebrew: None, text: str, meant: object) -> None:
    found = parse(text, words())
    assert found == meant
    assert parse(printed(found), words()) == found
    assert parse(words().shown(found), words()) == found


@pytest.mark.parametrize(
    ("text", "at", "length", "says"),
    [
        ("owner:noa stage:leed", 16, 4, "stage: there is no “leed”. Did you mean lead?"),
        ("-stag:lead", 1, 4, "There is no filter “stag”. Did you mean stage?"),
        ("http://x", 0, 4, "There is no filter “http”."),
        ("owner:nao", 6, 3, "Did you mean noa?"),
        ("missing:fax", 8, 3, "There are: phone, email, readiness."),
        ("stage:", 0, 6, "stage needs a value, such as subscriber, lead,"),
        ("stage>lead", 0, 10, "stage does not compare; write stage: and a value."),
        ("age:3d", 4, 2, "Write age>3d for longer, age<3d for less."),
        ("touched:3d", 8, 2, "There is also touched:never, touched:today."),
        ("age>5m", 4, 2, "“5m” is not a length of time"),
        ("age>99999y", 4, 6, "At most 36,500 days are possible."),
        ("next<5h", 5, 2, "next counts days, such as 3d or 1w."),
        ("next:31/2", 5, 4, "does not exist in the calendar"),
        ("value>lots", 6, 4, "“lots” is not an amount"),
        ("value>5USD", 6, 4, "Values are compared in ILS."),
        ("attempts>-1", 9, 2, "“-1” is not a whole number."),
        ('a "b c', 2, 4, "The quotation is not closed."),
        ('tag:"b c', 0, 8, "The quotation is not closed."),
        ("(a b", 0, 1, "This parenthesis is not closed."),
        ("a) b", 1, 1, "This parenthesis closes nothing."),
        ("a ()", 3, 1, "Something is missing before this."),
        ("a or", 4, 1, "Something is missing at the end."),
        ("or a", 0, 2, "Something is missing before this."),
        ("a and or b", 6, 2, "Something is missing before this."),
        ("a ***", 2, 3, "Nothing can be found by “***”."),
        ("company:***", 8, 3, "Nothing can be found by “***”."),
        ("(" * 21 + "a" + ")" * 21, 20, 1, "There are too many parentheses."),
        ("x" * (LONGEST + 3), LONGEST, 3, "A filter has at most 500 characters."),
    ],
)
def test_what_is_wrong_and_where(text: str, at: int, length: int, says: str) -> None:
    with pytest.raises(Wrong) as caught:
        parse(text, words())
    assert (caught.value.at, caught.value.length) == (at, length)
    assert says in caught.value.message
    assert caught.value.field == "filter"


PIECES = st.sampled_from(
    [
        *(key.name for key in KEYS),
        *(name for key in KEYS for name in key.hebrew),
        *(value for values in SHOWS.values() for value in values),
        *USERS,
        *("lead", "new", "3d", "8k", "2026-11-29", "vip", "x y", "or", "and", "או"),
        *(":", ">", "<=", "=", "-", "(", ")", '"', "״", " ", " ", "\u202e", "\0", "\ud800", "א\u05b0", "👨‍👩‍👧"),
    ]
)
LINES = st.text(max_size=40) | st.lists(PIECES | st.characters(), max_size=14).map("".join)


@given(LINES)
def test_any_line_is_read_or_refused(text: str) -> None:
    assert [one.start for one in tokens(text)] == sorted({one.start for one in tokens(text)})
    for cursor in range(len(text) + 1):
        for candidate in complete(text, cursor, words()):
            line, place = candidate.put_into(text)
            assert 0 <= candidate.start <= candidate.end <= len(text)
            assert 0 <= place <= len(line)
    found, wrong = read(text)
    if wrong is None:
        assert read(printed(found)) == (found, None)
    else:
        assert wrong.message
        assert 0 <= wrong.at <= len(text)
        assert wrong.length >= 1


def read(text: str) -> tuple[Any, Wrong | None]:
    try:
        return parse(text, words()), None
    except Wrong as wrong:
        return None, wrong


def term(key: str) -> st.SearchStrategy[str]:
    values = [*words().choices.get(key, ()), *KNOWN.get(key, ())]
    return st.sampled_from([f'{key}:"{value}"' for value in values if '"' not in value] or [f"{key}>3"])


@given(st.lists(st.sampled_from([key.name for key in KEYS]).flatmap(term), min_size=1, max_size=5), st.booleans())
def test_what_is_printed_in_hebrew_reads_back(terms: list[str], in_hebrew: bool) -> None:
    use_language("he" if in_hebrew else "en")
    try:
        found = parse(" or ".join(terms), words())
        assert parse(words().shown(found), words()) == found
        assert parse(printed(found), words()) == found
    finally:
        use_language("en")


def offered(text: str, cursor: int | None = None) -> list[str]:
    at = len(text) if cursor is None else cursor
    return [one.put_into(text)[0] for one in complete(text, at, words())]


@pytest.mark.parametrize(
    ("text", "cursor", "first"),
    [
        ("", None, ["stage:", "status:", "owner:"]),
        ("st", None, ["stage:", "status:"]),
        ("dana st", None, ["dana stage:", "dana status:"]),
        ("-(st", None, ["-(stage:", "-(status:"]),
        ("-mis", None, ["-missing:"]),
        ("ag", None, ["age>"]),
        ("סט", None, ["סטטוס:"]),
        ("stage:", None, ["stage:subscriber ", "stage:lead "]),
        ("stage:le", None, ["stage:lead "]),
        ("stage:le owner:noa", 8, ["stage:lead owner:noa"]),
        ("owner:", None, ["owner:me ", "owner:none ", "owner:noa ", 'owner:"Dani Levi" ']),
        ('owner:"da', None, ['owner:"Dani Levi" ']),
        ("tag:", None, ["tag:vip ", 'tag:"ליד חם" ']),
        ("company:ac", None, ['company:"Acme Ltd" ']),
        ("next:", None, ["next:none ", "next:overdue ", "next:today "]),
        ("age>1", None, ["age>10min ", "age>15h ", "age>1d "]),
        ("is:w", None, ["is:no_followup "]),
        ("שלב:לק", None, []),
        ("foo:x", None, []),
        ("a or", None, []),
        ('"st', None, []),
    ],
)
def test_what_can_follow(text: str, cursor: int | None, first: list[str]) -> None:
    assert offered(text, cursor)[: len(first) or None] == first


def test_hebrew_is_completed_in_hebrew(hebrew: None) -> None:
    assert offered("")[:3] == ["שלב:", "סטטוס:", "אחראי:"]
    assert offered("שלב:לק") == ["שלב:לקוח "]
    assert offered("status:no")[:1] == ["status:אין_מענה "]


def test_a_wrong_status_of_the_business_is_found_by_its_own_label() -> None:
    from crm_tui.process import with_settings

    own = vocabulary(with_settings(load_default(), {"statuses.new.label": "טרי מאוד"}), [], NOW)
    assert parse("status:טרי", own) == Term("status", ":", "new")
    with pytest.raises(Refused, match="Did you mean טרי מאוד"):
        parse('status:"טרי מאד"', own)


def test_it_is_read_without_pydantic() -> None:
    names = "('pydantic', 'click', 'phonenumbers', 'peewee', 'textual', 'crm_tui.process')"
    code = f"import crm_tui.filters.complete, sys; print([name for name in {names} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_page_about_filters_names_every_key_and_value() -> None:
    page = (Path(__file__).parents[2] / "docs" / "filters.md").read_text(encoding="utf-8")
    lines = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    assert list(lines) == [key.name for key in KEYS]
    for key in KEYS:
        assert key.hebrew[0] in lines[key.name]
        assert [value for value in SHOWS.get(key.name, ()) if f"`{value}`" not in lines[key.name]] == []
    assert all(f"`{order}`" in page for order in ORDERS)
