"""Who else may be a person: found by phone, e-mail, or name and organisation in any spelling, on both engines."""

from __future__ import annotations

import pytest
from store_helpers import do, lead

from crm_tui.db import Database
from crm_tui.ids import parse_id
from crm_tui.reads.candidates import candidates_json, person_of
from crm_tui.reads.look import Look
from crm_tui.rules.identity import OTHER_SPELLING, SAME_NAME_AND_COMPANY
from crm_tui.rules.same import SAME_BOTH, SAME_PHONE, person
from crm_tui.store import Store

GIVEN = [
    ({"name": "Tamar Shapiro", "phone": "052 345 6789"}, "תמר שפירא", SAME_PHONE),
    ({"name": "Tamra Shapira", "phone": "0523456789", "email": "Tamar@Acme.example"}, "תמר שפירא", SAME_BOTH),
    ({"name": "Tamar Shapira", "company": "Acme Ltd"}, "תמר שפירא", OTHER_SPELLING),
    ({"name": "שפירא, תמר", "company": "אקמה"}, "תמר שפירא", SAME_NAME_AND_COMPANY),
    ({"name": "Tamar Shapiro", "email": "t.s@acme.example"}, "תמר שפירא", OTHER_SPELLING),
    ({"name": "Dr. Joseph Weinstein", "company": "Beta"}, "Yossi Vainshtein", OTHER_SPELLING),
]
NOBODY = [
    {"name": "Moshe Shapiro", "phone": "052 345 6789"},
    {"name": "Tamar Shapiro", "company": "Beta"},
    {"name": "Tamar Shapiro", "email": "tamar@gmail.com"},
    {"name": "Moshe Levi", "company": "Acme"},
    {"name": "Tamar", "company": "Acme"},
    {},
]


@pytest.fixture
def people(store: Store) -> Store:
    """A few people to be found again."""
    lead(store, "תמר שפירא", "052-345-6789", email="tamar@acme.example", company="Acme")
    lead(store, "Yossi Vainshtein", "050-234-5678", email="yossi@gmail.com", company="Beta Ltd")
    lead(store, "Moshe Levi", "050-234-5679")
    return store


@pytest.mark.parametrize(("record", "name", "why"), GIVEN)
def test_a_person_is_found(people: Store, record: dict[str, str], name: str, why: str) -> None:
    (found,) = candidates_json(Look.at(people), person(record))
    assert (found["name"], found["why"]) == (name, why)
    assert 0.5 <= found["score"] <= 1


def test_others_are_not_found(people: Store) -> None:
    look = Look.at(people)
    assert [candidates_json(look, person(record)) for record in NOBODY] == [[]] * len(NOBODY)
    shared = candidates_json(look, person(NOBODY[0]), least=0.1)
    assert [found["name"] for found in shared] == ["תמר שפירא"], "who shares a point is there for who asks for less"


def test_a_contact_finds_others_and_not_itself_the_surest_first(people: Store) -> None:
    look = Look.at(people)
    by_name = lead(people, "Tamar Shapiro", "050-234-5670", email="other@acme.example")
    by_phone = lead(people, "Tamar Shapiro", "052-345-6789")
    assert by_phone != by_name, "the phone brought her back"
    mine = parse_id(by_phone)
    assert mine
    one = person_of(look, mine)
    assert one
    assert (one.name, one.phones, one.company) == ("תמר שפירא", ("+972523456789",), "Acme")
    assert [found["id"] for found in candidates_json(look, one, mine)] == [by_name]
    found = candidates_json(look, person({"name": "Tamar Shapira", "phone": "0523456789", "company": "Acme"}))
    assert [one["id"] for one in found] == [by_phone, by_name]


def test_who_changes_name_company_or_mail_is_found_by_the_new_one(people: Store) -> None:
    contact = lead(people, "Omer Bar", None, email="omer@gmail.com")
    look = Look.at(people)
    for changed, record in (
        ({"company": "Gamma"}, {"name": "עומר בר", "company": "Gamma Ltd"}),
        ({"name": "Omer Barak"}, {"name": "עומר ברק", "company": "Gamma"}),
        ({"company": "", "email": "omer@delta.example"}, {"name": "Barak Omer", "email": "x@delta.example"}),
    ):
        do(people, "edit_contact", contact=contact, **changed)
        assert [found["id"] for found in candidates_json(look, person(record))] == [contact]
    do(people, "delete_contact", contact=contact)
    assert candidates_json(look, person({"name": "Barak Omer", "email": "x@delta.example"})) == []
    assert person_of(look, bytes(16)) is None


def test_another_spelling_of_a_colleague_is_flagged_and_not_merged(people: Store) -> None:
    answer = do(people, "add_lead", name="Tamar Shapiro", phone="050-234-5671", company="Acme Ltd")
    assert "possible duplicate" in answer["rules"]
    assert do(people, "add_lead", name="Tomer Shapiro", phone="050-234-5672", company="Acme")["rules"].count("possible duplicate") == 0


def test_an_older_store_gets_the_keys_it_is_found_by(people: Store, url: str) -> None:
    keys = people.db.rows("SELECT id, name_key FROM contact ORDER BY id")
    assert sorted(bool(key) for _id, key in keys) == [False, True, True]
    with people.db.write():
        people.db.run("UPDATE contact SET name_key = 7")
        people.db.run("DELETE FROM schema_migration WHERE name >= '0004'")
    Database(url, durable=False).close()
    assert people.db.rows("SELECT id, name_key FROM contact ORDER BY id") == keys
