"""Whether two records are one person's: examples, the labelled sample, made-up pairs that nobody tuned for, hostile texts."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pairs import Pair, PairMaker

from crm_tui.rules.identity import OTHER_SPELLING, SAME_NAME_AND_COMPANY, SHARED_POINT
from crm_tui.rules.likeness import Likeness, likeness
from crm_tui.rules.namekey import NAME_SPAN, QUARTER, name_key, signs
from crm_tui.rules.same import COLLEAGUES, NAME_ALONE, NOTHING, SAME_BOTH, SAME_EMAIL, SAME_PHONE, Person, Verdict, compare, person

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "people-pairs.csv"
FIELDS = ("name", "phone", "email", "company")


def judged(a: str, b: str) -> Verdict:
    """The verdict on two records written as `name | phone | email | company`."""
    one, other = (person(dict(zip(FIELDS, (part.strip() for part in text.split("|")), strict=False))) for text in (a, b))
    found = compare(one, other)
    assert compare(other, one) == found
    assert found.same == (found.score >= 0.5)
    return found


SAME = [
    ("Dana Levi | 052-345-6789", "dana levi | +972 52 3456789", SAME_PHONE),
    ("Dana Levi | 03-555-1212 / 052-345-6789", "Dana | 0523456789", SAME_PHONE),
    ("Dana Levi | | dana@gmail.com", "Levi Dana | | DANA@GMAIL.COM", SAME_EMAIL),
    ("Dana Levi | 0523456789 | dana@gmail.com", "Dna Levi | 0523456789 | dana@gmail.com", SAME_BOTH),
    ("שירה לוי | 0523456789 | s@gmail.com", "שרה לוי | 0523456789 | s@gmail.com", SAME_BOTH),
    ("תמר שפירא | 0527071898", "Tamar Shapiro | 052 707 1898", SAME_PHONE),
    ("יצחק כהן | 0527071898", "Isaac Kohen | 052 707 1898", SAME_PHONE),
    ("שמוליק ג'ונסון | 0527071898", "Sam Johnson | 052 707 1898", SAME_PHONE),
    ("אהרון ויצמן | 0527071898", "Dr. A. Weitzman | 052 707 1898", SAME_PHONE),
    ("Elad Solomon | 0523456789", "Elfd Solomon | 0523456789", SAME_PHONE),
    ("RonitcZohar | 0523456789", "Ronit Zohar | 0523456789", SAME_PHONE),
    (" | 0523456789", "Dana Levi | 0523456789", SAME_PHONE),
    ("Анна Иванова | 0523456789", "Anna Ivanova | 0523456789", SAME_PHONE),
    ("Dana | | info@acme.example", "Dana Levi | 0523456789 | info@acme.example", SAME_EMAIL),
    ("Dana Levi | 0502345678 | info@acme.example", "דנה לוי | 0523456789 | info@acme.example", SAME_EMAIL),
    ("Dana Levi | 0502345678 | | Acme Ltd", "Levi, Dana | 0523456789 | | ACME", SAME_NAME_AND_COMPANY),
    ("Dana Levi | | | Acme", "Dana Levi | | dana.levi@acme.co.il", SAME_NAME_AND_COMPANY),
    ("Dana Levi | | one@acme.example", "Dana Levi | | two@acme.example", SAME_NAME_AND_COMPANY),
    ("Dana Levi | | | אקמה", "דנה לוי | | | Acme Inc.", OTHER_SPELLING),
    ("Yosef Weinstein | | | Acme", "Yossi Vainshtein | | | Acme", OTHER_SPELLING),
    ("שלמה בן דוד | | one@acme.example", "Solomon Bendavid | | two@acme.example", OTHER_SPELLING),
]
DIFFERENT = [
    ("Dana Levi | 0523456789", "Yossi Levi | 0523456789", SHARED_POINT),
    ("Dana Levi | 0523456789", "דינה לוי | 0523456789", SHARED_POINT),
    ("דוד כהן | 0523456789", "Dana Cohen | 0523456789", SHARED_POINT),
    ("מיכל בר | 0523456789", "Michael Bar | 0523456789", SHARED_POINT),
    ("Yoel Bar | 0523456789", "יעל בר | 0523456789", SHARED_POINT),
    ("Yossi | 0523456789", "Dana Levi | 0523456789", SHARED_POINT),
    ("Dana Levi | 0523456789 | home@gmail.com", "Moshe Levi | 0523456789 | home@gmail.com", SHARED_POINT),
    ("Omer Weizman | 0523456789", "Tomer Weizman | 0523456789", SHARED_POINT),
    ("Karim Mansur | 0523456789", "Karima Mansur | 0523456789", SHARED_POINT),
    ("Dana Levi | | info@acme.example", "Omer Bar | | info@acme.example", SHARED_POINT),
    ("Dana | 0502345678 | info@acme.example", "Dana Levi | 0523456789 | info@acme.example", SHARED_POINT),
    (" | 0502345678 | info@acme.example", "Dana Levi | 0523456789 | info@acme.example", SHARED_POINT),
    ("Dana Levi | | | Acme", "Yossi Levi | | | Acme", COLLEAGUES),
    ("D. Levi | | | Acme", "Dana Levi | | | Acme", COLLEAGUES),
    ("Dana | | | Acme", "Dana Levi | | | Acme", COLLEAGUES),
    ("Dana Levi | | | Acme", "Dana Levi | | | Beta", NAME_ALONE),
    ("Dana Levi | | dana@gmail.com", "Dana Levi | | levi@gmail.com", NAME_ALONE),
    ("Dana Levi | 12345", "Dana Levi | 12345", NAME_ALONE),
    ("Dana Levi | 0502345678", "Moshe Bar | 0523456789", NOTHING),
    (" | | | Acme", " | | | Acme", COLLEAGUES),
    ("", "", NOTHING),
]


@pytest.mark.parametrize(("a", "b", "why"), SAME)
def test_one_person(a: str, b: str, why: str) -> None:
    found = judged(a, b)
    assert (found.same, found.why) == (True, why)


@pytest.mark.parametrize(("a", "b", "why"), DIFFERENT)
def test_two_people(a: str, b: str, why: str) -> None:
    found = judged(a, b)
    assert (found.same, found.why) == (False, why)


def measured(pairs: Iterable[Pair]) -> tuple[float, float, dict[str, float]]:
    """Precision, recall, and how many of each kind were judged right."""
    said: dict[tuple[bool, bool], int] = {}
    right: dict[str, list[bool]] = {}
    for pair in pairs:
        found = compare(person(pair.a), person(pair.b)).same
        said[pair.same, found] = said.get((pair.same, found), 0) + 1
        right.setdefault(pair.kind, []).append(found == pair.same)
    true, false, missed = (said.get(key, 0) for key in ((True, True), (False, True), (True, False)))
    return true / (true + false), true / (true + missed), {kind: sum(found) / len(found) for kind, found in right.items()}


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample data is not here")
def test_the_labelled_sample() -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sides = [tuple({field: row[f"{field}_{side}"] for field in FIELDS} for side in "ab") for row in rows]
    pairs = [Pair(a, b, row["same"] == "1", row["why"]) for (a, b), row in zip(sides, rows, strict=True)]
    precision, recall, kinds = measured(pairs)
    assert precision >= 0.99
    assert recall >= 0.97
    assert min(kinds.values()) >= 0.97, kinds


@pytest.mark.parametrize("seed", range(3))
def test_people_it_was_not_made_for(seed: int) -> None:
    precision, recall, kinds = measured(PairMaker(seed).pairs(60))
    assert precision >= 0.99
    assert recall >= 0.97
    assert min(kinds.values()) >= 0.85, kinds


LETTERS = st.text(st.sampled_from("danoyie 'הכאויסשטתק-.\u200f\u202e\x1b[]"), max_size=14)
TEXTS = st.one_of(LETTERS, st.text(max_size=30), st.just("x " * 5_000), st.just("a b c d e f g h"))
POINTS = st.sampled_from(["", "0523456789", "+972-52-345-6789", "dana@gmail.com", "info@acme.example", "d@acme.example", "12345"])
RECORDS = st.fixed_dictionaries({"name": TEXTS, "phone": POINTS | TEXTS, "email": POINTS | TEXTS, "company": TEXTS | st.just("Acme")})


@settings(deadline=None, max_examples=300)
@given(RECORDS, RECORDS)
def test_any_two_records_are_judged_alike_from_both_sides(a: dict[str, str], b: dict[str, str]) -> None:
    one, other = person(a), person(b)
    found = compare(one, other)
    assert found == compare(other, one)
    assert 0 <= found.score <= 1
    assert found.same == (found.score >= 0.5)
    if one.phones or one.emails:
        assert compare(one, one).same


@settings(deadline=None)
@given(LETTERS, LETTERS)
def test_names_are_as_alike_from_both_sides(a: str, b: str) -> None:
    assert likeness(a, b) == likeness(b, a)
    assert likeness(a, a) in (Likeness.EQUAL, Likeness.UNKNOWN)


def found_by(key: int, looked_for: Iterable[int]) -> bool:
    """Whether the store finds a key by one of the signs."""
    quarters = (key & QUARTER, key >> 16 & QUARTER)
    return any(key & ~NAME_SPAN == sign & ~NAME_SPAN and sign & QUARTER in quarters for sign in looked_for)


NAMESAKES = [pair for pair in SAME if pair[2] in (SAME_NAME_AND_COMPANY, OTHER_SPELLING) and "Bendavid" not in pair[1]]


@pytest.mark.parametrize(("a", "b", "_why"), NAMESAKES)
def test_namesakes_find_each_other(a: str, b: str, _why: str) -> None:
    one, other = (
        Person(name.strip(), (), tuple(filter(None, [email.strip()])), company.strip())
        for name, _phone, email, company in ((text.split("|") + [""] * 3)[:4] for text in (a, b))
    )
    domains = [[email.partition("@")[2] for email in who.emails] for who in (one, other)]
    key = name_key(one.name, one.company, domains[0])
    assert found_by(key, signs(other.name, other.company, domains[1]))
    assert found_by(name_key(other.name, other.company, domains[1]), signs(one.name, one.company, domains[0]))
    assert not found_by(key, signs(other.name, "Beta", ["beta.example"]))
    assert not found_by(key, signs("Moshe Bar", other.company, domains[1]))


@pytest.mark.parametrize(("name", "company", "domain"), [("Dana Levi", "", ""), ("Dana", "Acme", "acme.example"), ("", "Acme", "")])
def test_who_has_no_full_name_or_no_organisation_is_not_looked_for(name: str, company: str, domain: str) -> None:
    domains = [domain] if domain else []
    assert name_key(name, company, domains) == 0
    assert signs(name, company, domains) == []
