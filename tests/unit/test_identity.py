import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_tui.rules.identity import (
    MOST_FLAGGED,
    NEW,
    RETURNING,
    SAME_NAME_AND_COMPANY,
    SEVERAL,
    SHARED_POINT,
    Decision,
    Known,
    decide,
    plainly_differ,
)

DIFFERENT = [
    ("Dana Cohen", "Yossi Cohen"),
    ("Dana Cohen", "Yossi Kohen"),
    ("Dana Cohen", "Dana Levi"),
    ("Dana Cohen", "Omer Segal"),
    ("Mr. Dan Cohen", "Mrs. Dana Cohen"),
    ("D. Cohen", "Yossi Cohen"),
    ("Dana Ruth Cohen", "Dana Yael Cohen"),
    ("Sara Bar", "Shira Bar"),
    ("Paul Katz", "Paula Katz"),
    ("Jason Hill", "Mason Hill"),
    ("Olga Ivanova", "Ivan Ivanov"),
    ("דנה כהן", "יוסי כהן"),
    ("דנה כהן", "דינה כהן"),
    ("שרה לוי", "שירה לוי"),
    ("אילן לוי", "אילנה לוי"),
    ("אילן לוי", "אלון לוי"),
    ("סיגל סגל", "יעל סגל"),
    ('ד"ר משה כהן', "גב' שרה כהן"),
    ("משה בן דוד", "שרה בן דוד"),
    ("Анна Иванова", "Олег Иванов"),
]

NOT_PLAINLY_DIFFERENT = [
    ("Dana Cohen", "Dana Cohen"),
    ("Dana Cohen", "Dana Cohn"),
    ("Dana Cohen", "dana  KOHEN"),
    ("Dana Cohen", "Cohen, Dana"),
    ("D. Cohen", "Dana Cohen"),
    ("Dana C", "Dana Cohen"),
    ("J.R. Smith", "John Robert Smith"),
    ("Dana Levi Cohen", "Dana Cohen"),
    ("Dana Levi-Cohen", "Dana Levi"),
    ("Dr. Dana Cohen", "Dana Cohen PhD"),
    ("Yosi Rozen", "Yossy Rosen"),
    ("Catherine Hill", "Katherine Hill"),
    ("Stephen Price", "Steven Price"),
    ("Chaim Nachum", "Haim Nahum"),
    ("Itay Azoulay", "Itai Azulay"),
    ("Ofer Schwartz", "Ofer Shvarts"),
    ("Alex Petrov", "Alexander Petrov"),
    ("Mike Hill", "Michael Hill"),
    ("Bill Gray", "William Gray"),
    ("Moti Bar", "Mordechai Bar"),
    ("Dana Bendavid", "Dana Ben David"),
    ("OmerS hachar", "Omer Shachar"),
    ("Christopher Dumbleton", "Christofer Dumbelton"),
    ("דנה כהן", "דנה כוהן"),
    ("כהן דנה", "דנה כהן"),
    ("משה לוי", "מושה לוי"),
    ("חיים לוי", "חים לוי"),
    ("רות ששון", "רתו ששון"),
    ("יוסי פרידמן", "יוסף פרידמאן"),
    ("אבי אזולאי", "אברהם אזולי"),
    ("נעה שפירא", "נועה שפירה"),
    ("טליה קופר", "תליה כופר"),
    ("אסתר סימון", "אשתר שימון"),
    ("דנה בן דוד", "דנה בן־דוד"),
    ("דנה בן דוד", "דנה בנדוד"),
    ("ד' כהן", "דנה כהן"),
    ('ד"ר דנה כהן', "דנה כהן"),
    ("דָּנָה כהן", "דנה כהן"),
    ("Dana Cohen", "דנה כהן"),
    ("Dana כהן", "Yossi Levi"),
    ("Dana", "Yossi Cohen"),
    ("Mr. Cohen", "Dana Levi"),
    ("משפחת כהן", "דנה לוי"),
    ("", "Dana Cohen"),
    ("", ""),
    ("dana.cohen@acme.example", "Yossi Levi"),
    ("052-1234567 1234", "Yossi Levi"),
    ("Moshe Cohen", "Mo\u200bshe Cohen"),
]


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_names_plainly_differ(a: str, b: str) -> None:
    assert plainly_differ(a, b)
    assert plainly_differ(b, a)


@pytest.mark.parametrize(("a", "b"), NOT_PLAINLY_DIFFERENT)
def test_names_do_not_plainly_differ(a: str, b: str) -> None:
    assert not plainly_differ(a, b)
    assert not plainly_differ(b, a)


NAMES = st.lists(st.text(st.sampled_from("danoyieהכאויסשטתק"), max_size=6), max_size=4).map(" ".join)


@settings(deadline=None)
@given(NAMES, NAMES)
def test_differing_is_mutual_and_never_from_oneself(a: str, b: str) -> None:
    assert plainly_differ(a, b) == plainly_differ(b, a)
    assert not plainly_differ(a, a)
    assert not plainly_differ(a, " ".join(reversed(a.split())))
    assert not plainly_differ(a, f"{a} {b}")


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_taken(a: str, b: str) -> None:
    assert plainly_differ(a, b) == plainly_differ(b, a)


def test_a_text_too_long_for_a_name_is_none() -> None:
    assert not plainly_differ("x " * 20_000, "Dana Cohen")


def known(key: str, name: str, last_dealt: int = 0, company: str | None = None, *domains: str) -> Known:
    return Known(key.encode(), name, company, domains, last_dealt)


DANA = known("dana", "Dana Cohen", 5)
YOSSI = known("yossi", "Yossi Cohen", 9)
COHEN = known("cohen", "Cohen", 7)


def test_a_stranger_is_a_new_contact() -> None:
    assert decide("Dana Cohen", []) == Decision(None, (), NEW)


def test_the_same_person_returns() -> None:
    assert decide("D. Cohen", [DANA]) == Decision(b"dana", (), RETURNING)
    assert decide("", [YOSSI]) == Decision(b"yossi", (), RETURNING)


def test_a_family_on_one_phone_stays_apart_and_is_flagged() -> None:
    assert decide("Sara Cohen", [DANA, YOSSI]) == Decision(None, (b"dana", b"yossi"), SHARED_POINT)


def test_matching_two_touches_the_one_last_dealt_with() -> None:
    assert decide("Cohen", [DANA, YOSSI, COHEN]) == Decision(b"yossi", (b"dana", b"cohen"), SEVERAL)
    later = DANA._replace(last_dealt=9)
    assert decide("Cohen", [later, YOSSI]) == Decision(b"dana", (b"yossi",), SEVERAL)


def test_who_plainly_differs_is_neither_touched_nor_flagged() -> None:
    assert decide("Dana Cohen", [DANA, YOSSI]) == Decision(b"dana", (), RETURNING)
    assert decide("Dana Cohen", [DANA, YOSSI, COHEN]) == Decision(b"cohen", (b"dana",), SEVERAL)


def test_a_namesake_is_flagged_only_when_company_or_domain_agrees() -> None:
    namesakes = [
        known("company", "Dana Cohen", 0, "acme"),
        known("domain", "Dana Cohen", 0, None, "acme.example"),
        known("neither", "Dana Cohen", 0, "", "other.example"),
    ]
    agreed = decide("Dana Cohen", [], namesakes, "acme", ("acme.example",))
    assert agreed == Decision(None, (b"company", b"domain"), SAME_NAME_AND_COMPANY)
    assert decide("Dana Cohen", [], namesakes) == Decision(None, (), NEW)
    assert decide("Dana Cohen", [], namesakes, "beta", ("beta.example",)) == Decision(None, (), NEW)


def test_a_namesake_that_also_shares_a_phone_is_flagged_once() -> None:
    linked = known("a", "Yossi Cohen", 0, "acme")
    other = known("b", "Dana Cohen", 0, "acme")
    assert decide("Dana Cohen", [linked], [other, linked], "acme") == Decision(None, (b"a", b"b"), SHARED_POINT)


def test_what_very_many_share_names_nobody():
    """A switchboard of a thousand people flags twenty of them, those last dealt with, not half a million pairs."""
    people = [Known(bytes([n // 256, n % 256]), f"Person{'abcdefghij'[n % 10]} Family{n}", "", (), 1_000 - n) for n in range(1_000)]
    decision = decide("Dana Cohen", people)
    assert decision.touch is None
    assert decision.flag == tuple(known.id for known in people[:MOST_FLAGGED])
