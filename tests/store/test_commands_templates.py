"""Templates in the store: settings of the process, offered after a call without an answer (product.md rule 7), logged."""

from __future__ import annotations

import pytest
from store_helpers import do, lead, no_step, refused, timeline

from crm_tui.ids import parse_id
from crm_tui.reads.look import Look
from crm_tui.reads.templates import offer, offers, templates_json
from crm_tui.store import Store


def test_after_each_attempt_its_own_is_offered(store: Store) -> None:
    known = lead(store)
    for attempt in range(1, 8):
        suggested = do(store, "log_call", contact=known, outcome="no_answer")["suggest"][0]
        assert suggested["command"] == "log_email"
        assert suggested.get("template") == (f"no_answer_{attempt}" if attempt < 7 else None)
        first = offers(Look.at(store), parse_id(known) or b"", "email")[0]
        assert first.key == (f"no_answer_{attempt}" if attempt < 7 else "no_answer_1")


def test_a_suggestion_can_be_given_as_it_is(store: Store) -> None:
    known = lead(store, "דנה לוי", company="Acme")
    suggested = do(store, "log_call", contact=known, outcome="no_answer")["suggest"][0]
    do(store, **{key: value for key, value in suggested.items() if key != "why"})
    data = next(data for kind, _rule, data in timeline(store, known) if kind == "email")
    assert data["template"] == "no_answer_1"
    assert data["body"].startswith("שלום דנה,\n")
    do(store, "log_email", contact=known, template="no_answer_2", subject="mine", body="my own")
    data = next(data for kind, _rule, data in timeline(store, known)[::-1] if kind == "email")
    assert (data["subject"], data["body"], data["template"]) == ("mine", "my own", "no_answer_2")


@pytest.mark.parametrize(
    "fields",
    [
        {"command": "log_email", "template": "missed_you"},
        {"command": "log_message", "template": "no_answer_1"},
        {"command": "log_email", "template": "no_answer_1", "direction": "in"},
        {"command": "log_email", "template": "no_anser_1"},
        {"command": "log_meeting", "template": "no_answer_1"},
    ],
)
def test_what_is_no_template_for_this_is_refused(store: Store, fields: dict[str, str]) -> None:
    assert refused(store, contact=lead(store), **fields).field == "template"


def test_a_template_of_ones_own_is_saved_changed_and_taken_away(store: Store, ann: Store) -> None:
    known = lead(store, email="dana@example.com")
    mine = {"label": "After the fair", "kind": "message", "attempt": 1, "he": {"body": "שלום {{ first_name }}, {{ company or 'אתם' }}"}}
    assert refused(ann, "set_setting", name="templates.fair", value=mine).field == "command"
    do(store, "set_setting", name="templates.fair", value=mine)
    do(store, "log_call", contact=known, outcome="no_answer")
    look, contact = Look.at(store), parse_id(known) or b""
    first = offers(look, contact, "message")[0]
    assert (first.key, first.language, first.body, first.other_language) == ("fair", "he", "שלום Dana, אתם", "")
    assert offer(look, contact, "fair", "he") == first
    assert [one["body"] for one in templates_json(look, contact) if one["key"] == "fair"] == ["שלום Dana, אתם"]
    no_step(store, "set_setting", name="templates.fair", value=mine)
    before = templates_json(Look.at(store))
    wrong = mine | {"he": {"body": "{{ frist_name }}"}}
    assert "first_name" in refused(store, "set_setting", name="templates.fair", value=wrong).message
    assert templates_json(Look.at(store)) == before
    do(store, "set_setting", name="templates.fair", value="")
    assert "fair" not in [one.key for one in offers(Look.at(store), contact, "message")]
    do(store, "undo")
    assert templates_json(Look.at(store)) == before
