"""Search: by every spelling a person may try, the same people in the same order on both engines."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from store_helpers import Clock, do, lead

from crm_tui.reads import search
from crm_tui.reads.look import Look
from crm_tui.reads.search import find, find_json, lately
from crm_tui.store import Store
from crm_tui.text.fold import fold


def names(store: Store, text: str, limit: int = 50, **later: float) -> list[str]:
    """The names that a query finds, in order; `days=1`: asked a day later."""
    now = store.clock() + int(later.get("days", 0) * 86_400_000)
    return [row.name for row in find(Look.at(store, now), text, limit)]


@pytest.fixture
def people(store: Store) -> Store:
    """A few people whom the examples look for."""
    lead(store, "דנה כהן", "052-732-5777", email="dana.cohen@x.example", company='גלובוס בע"מ')
    lead(store, "Yossi Cohen", "+1 (212) 555-0123", email="yossi@beta.example", company="Beta Systems")
    lead(store, "ז'אן-פול ברוּךְ", "03-555-1212")
    lead(store, "Étienne O'Brien", None, email="etienne@gmail.com", company="Studio 54")
    return store


WORDS_FIND = {
    "דנה": ["דנה כהן"],
    "דנ": ["דנה כהן"],
    "ד": ["דנה כהן"],
    "נה": [],
    "דָּנָה": ["דנה כהן"],
    "כהנ": ["דנה כהן"],
    "כהן דנה": ["דנה כהן"],
    "דנה  ,  כה": ["דנה כהן"],
    "דנה לוי": [],
    "הן": [],
    "גלובוס": ["דנה כהן"],
    "בעמ": ["דנה כהן"],
    'בע"מ': ["דנה כהן"],
    "בע״מ": ["דנה כהן"],
    "לובו": ["דנה כהן"],
    "ברוך": ["ז'אן-פול ברוּךְ"],
    "ז׳אן־פול": ["ז'אן-פול ברוּךְ"],
    "COHEN": ["Yossi Cohen", "דנה כהן"],
    "ohe": ["Yossi Cohen", "דנה כהן"],
    "cohen beta": ["Yossi Cohen"],
    "y c": ["Yossi Cohen"],
    "y b": ["Yossi Cohen"],
    "y z": [],
    "etienne": ["Étienne O'Brien"],
    "obrien": ["Étienne O'Brien"],
    "O’Brien": ["Étienne O'Brien"],
    "studio 54": ["Étienne O'Brien"],
    "54": ["Étienne O'Brien"],
    "dana.cohen@x.example": ["דנה כהן"],
    "DANA.COHEN@X.EXAMPLE": ["דנה כהן"],
    "Dana <dana.cohen@x.example>": ["דנה כהן"],
    "dana.co": ["דנה כהן"],
    "@beta": ["Yossi Cohen"],
    "x.exam": ["דנה כהן"],
    "@": [],
    ".": [],
}
PHONES_FIND = [
    *("052-732-5777", "0527325777", "+972 52 732 5777", "972527325777", "00972-52-7325777", "(052) 732.5777", "tel:052-7325777"),
    *("052-73", "0527", "052", "5777", "7325", "732-5", "+972 52", "דנה 052", "דנה 5777", "5777 כהן", "٠٥٢٧٣٢"),
]


def test_names_companies_and_addresses(people: Store) -> None:
    assert {query: names(people, query) for query in WORDS_FIND} == WORDS_FIND


def test_phones_in_any_spelling(people: Store) -> None:
    assert {query: names(people, query) for query in PHONES_FIND} == {query: ["דנה כהן"] for query in PHONES_FIND}


def test_phones_abroad_and_those_that_nobody_has(people: Store) -> None:
    assert names(people, "+1 212 555") == names(people, "2125550123") == ["Yossi Cohen"]
    assert names(people, "03-555") == ["ז'אן-פול ברוּךְ"]
    assert names(people, "555") == ["ז'אן-פול ברוּךְ", "Yossi Cohen"]
    assert names(people, "052-732-5778") == names(people, "דנה 054") == []


def test_a_whole_address_finds_only_its_owner(store: Store) -> None:
    lead(store, "Short", None, email="an@x.example")
    lead(store, "Long", None, email="dan@x.example")
    assert names(store, "an@x.example") == ["Short"]
    assert names(store, "an@x.exampl") == ["Long", "Short"]


def test_a_clock_at_the_beginning_of_time(people: Store) -> None:
    do(people, "log_note", contact="03-555-1212", note="worked on")
    assert [row.name for row in find(Look.at(people, 0), "555")] == ["ז'אן-פול ברוּךְ", "Yossi Cohen"]


def test_what_a_row_says(people: Store) -> None:
    (found,) = find_json(Look.at(people), "דנה")
    assert set(found) == {"id", "name", "phone", "email", "company"}
    assert len(found["id"]) == 36
    assert (found["phone"], found["email"], found["company"]) == ("052-732-5777", "dana.cohen@x.example", 'גלובוס בע"מ')
    assert json.loads(json.dumps(found)) == found


def test_edits_are_found_and_what_is_gone_is_not(store: Store) -> None:
    dana = lead(store, "Dana Levi", "052-345-6789")
    do(store, "edit_contact", contact=dana, name="Dina Katz", phone="054-765-4321", company="Acme")
    assert names(store, "levi") == names(store, "052345") == names(store, "052-345-6789") == []
    assert names(store, "katz") == names(store, "054-76") == names(store, "acme") == names(store, "0547654321") == ["Dina Katz"]
    do(store, "delete_contact", contact=dana)
    assert names(store, "katz") == names(store, "054-76") == names(store, "0547654321") == names(store, "di") == []
    do(store, "undo")
    assert names(store, "katz") == names(store, "0547654321") == names(store, "di") == ["Dina Katz"]


@pytest.mark.parametrize("few", [search.FEW, 0])
def test_whom_we_dealt_with_lately_comes_first(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(search, "FEW", few)
    monkeypatch.setattr(search, "NEAR", 1)
    ids = [lead(store, f"Katz {letter}", None) for letter in "ABCDE"]
    assert names(store, "katz") == ["Katz E", "Katz D", "Katz C", "Katz B", "Katz A"]
    for index in (3, 0, 1):
        clock.add(days=1)
        do(store, "log_note", contact=ids[index], note="worked on")
    assert names(store, "katz") == ["Katz B", "Katz A", "Katz D", "Katz E", "Katz C"]
    assert names(store, "ka") == ["Katz B", "Katz A", "Katz D", "Katz E", "Katz C"]
    assert names(store, "katz", 2) == ["Katz B", "Katz A"]
    assert names(store, "katz", 4) == ["Katz B", "Katz A", "Katz D", "Katz E"]
    assert names(store, "katz", days=89) == ["Katz B", "Katz A", "Katz E", "Katz D", "Katz C"]
    assert names(store, "katz", days=91) == ["Katz E", "Katz D", "Katz C", "Katz B", "Katz A"]
    assert names(store, "katz", 0) == []


def test_whom_we_dealt_with_lately(store: Store, clock: Clock) -> None:
    ids = {name: lead(store, name, None, email=f"{name}@x.example") for name in ("ann", "ben", "cas", "dan")}

    def found(limit: int = 50) -> list[str]:
        return [row.name for row in lately(Look.at(store), limit)]

    assert found() == []
    for name in ("ben", "ann", "cas"):
        do(store, "log_note", contact=ids[name], note="x")
        clock.add(days=1)
    assert (found(), found(2)) == (["cas", "ann", "ben"], ["cas", "ann"])
    do(store, "delete_contact", contact=ids["ann"])
    assert found() == ["cas", "ben"]
    clock.add(days=88)
    assert found() == ["cas"]
    if store.db.is_sqlite:
        plan = store.db.rows(f"EXPLAIN QUERY PLAN {search.LATELY} LIMIT 9", (0,))
        assert "contact_worked" in str(plan)
        assert "TEMP B-TREE" not in str(plan)


def test_nothing_to_look_for(people: Store) -> None:
    for query in ("", "   ", "\0", '"', "*", "()", "%", "_", "__", "\\", "-", "'", "…", "\u200b", "\ud800", "ְ", "😀"):
        assert names(people, query) == []


def test_the_syntax_of_the_engines_means_nothing(store: Store) -> None:
    lead(store, "abc OR NEAR( * AND -x:y ^", None)
    lead(store, "100% a_b\\c", None, email="a_b@x.example")
    lead(store, "100 axb c", None, email="axb@x.example")
    assert names(store, '"abc OR NEAR( * AND -x:y ^') == ["abc OR NEAR( * AND -x:y ^"]
    for query in ("near(", "abc*", "x:y", "NOT abc", "abc NOT", "(abc", "text:abc", "^abc", "{a b}", "near(abc x, 2)", "a-b-c\"'", "[abc]"):
        names(store, query)
    assert names(store, "near(") == names(store, "^abc*") == ["abc OR NEAR( * AND -x:y ^"]
    assert names(store, "a_b@") == names(store, "a_b") == ["100% a_b\\c"]
    assert names(store, "100%") == ["100 axb c", "100% a_b\\c"]
    assert names(store, ".*b") == names(store, "a.b") == []


def test_hostile_values_are_words(store: Store) -> None:
    for text in ("Robert'); DROP TABLE contacts;--", "[@click=app.quit]Moshe[/]", "a\x1b[31mRED", "ﷺ" * 20, "Z̸̧͎͖" * 40):
        lead(store, text, None)
        assert len(names(store, text)) == 1
    assert names(store, "Robert'); DROP TABLE contacts;--") == ["Robert'); DROP TABLE contacts;--"]
    assert names(store, "moshe") == ["[@click=app.quit]Moshe[/]"]


def test_a_huge_query_is_cut(people: Store) -> None:
    assert names(people, "דנה " * 25_000) == ["דנה כהן"]
    assert names(people, "x" * 100_000) == []
    assert names(people, "0" * 100_000) == []
    assert names(people, "@" * 100_000) == []
    assert names(people, "a " * 50_000 + "zzz") == []
    assert names(people, "ﷺ" * 1_000) == []
    letters = "".join(map(chr, range(0x4E00, 0x4F00)))
    assert names(people, letters) == names(people, " ".join(letters)) == names(people, letters[:99] + " " + " ".join(letters)) == []


HEBREW = ["דנה", "כהן", "כה", "לוי", "בן", "גרשון", "צ'רלי", "אבָּא", "מים", "ים", 'בע"מ']
LATIN = ["Dana", "Cohen", "co", "O'Neil", "van", "de", "Ölaf", "STRASSE", "Straße", "Li", "Wu", "anna", "ann", "a", "x1", "12"]
WORDS = st.one_of(
    st.sampled_from(HEBREW + LATIN),
    st.text(st.sampled_from("אבגדהוךכםמןנ"), min_size=1, max_size=5),
    st.text(st.sampled_from("abcdeABéñ"), min_size=1, max_size=5),
)
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


def expected(store: Store, query: str, since: int) -> list[str]:
    """The ids that a query of words must find, in order, by reading everything."""
    wanted = [word for word in fold(query).split() if any(map(str.isalnum, word))]
    points: dict[bytes, str] = {}
    for contact, value in store.db.rows("SELECT contact, value FROM point WHERE removed = 0"):
        points[contact] = points.get(contact, "") + "\n" + value.lstrip("+")
    found = []
    for key, id_, name, company, worked in store.db.rows(
        "SELECT c.key, c.id, c.name, coalesce(o.name, ''), c.worked_at FROM contact c LEFT JOIN company o ON o.id = c.company"
        " WHERE c.removed <= 0"
    ):
        plain = f"{fold(name)}\n{fold(company)}"
        if wanted and all(
            word in plain or word in points.get(id_, "") if len(word) > 2 else any(one.startswith(word) for one in plain.split())
            for word in wanted
        ):
            found.append(((worked if (worked or 0) >= since else -1), key, id_))
    return [id_ for _worked, _key, id_ in sorted(found, reverse=True)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    people=st.lists(st.tuples(NAMES, st.none() | NAMES, st.integers(0, 3), st.booleans()), min_size=1, max_size=8),
    queries=st.lists(st.one_of(NAMES, WORDS, WORDS.map(lambda word: word[1:4]), WORDS.map(lambda word: word[:2])), min_size=1, max_size=8),
    few=st.sampled_from([1000, 2, 0]),
    near=st.integers(0, 3),
    limit=st.integers(1, 9),
)
@example(people=[("Straße ab", "cd\u05bc", 0, True)], queries=["strasse a", "ab cd", "d"], few=0, near=0, limit=2)
def test_both_engines_find_what_reading_everything_finds(
    store: Store, people: list[tuple[str, str | None, int, bool]], queries: list[str], few: int, near: int, limit: int
) -> None:
    look = Look.at(store)
    with pytest.MonkeyPatch.context() as patch, store.db.peewee.atomic() as transaction:
        patch.setattr(search, "FEW", few)
        patch.setattr(search, "NEAR", near)
        for index, (name, company, months, worked) in enumerate(people):
            fields: dict[str, Any] = {"company": company} if company else {}
            id_ = lead(store, name, None, email=f"p{index}abc@x.example", **fields)
            if worked:
                at = look.now - months * 45 * 86_400_000
                store.execute({"command": "log_note", "contact": id_, "note": "n"}, at)
        for query in queries:
            found = [row.id for row in find(look, query, limit)]
            assert found == expected(store, query, look.now - search.LATELY_MS)[:limit], query
        transaction.rollback()
