"""A business changes its process: in one step, never leaving anybody behind, and a lead walks through what it made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from laptops import Office
from store_helpers import Clock, do, lead, refused, show

from crm_tui.process import load_default
from crm_tui.process_file import as_toml, changes, from_toml
from crm_tui.reads.contact import whole_contact
from crm_tui.reads.labels import property_label, property_text, source_label
from crm_tui.reads.look import Look
from crm_tui.reads.timeline import timeline_json
from crm_tui.store import Store

SHIPPED = as_toml(load_default())
DOCS = '{ key = "waiting_docs", label = { en = "Waiting for documents", he = "ממתין למסמכים" }, role = "in_process" },'


def load(store: Store, text: str) -> dict[str, Any]:
    new = from_toml(text, store.process())
    return do(store, "set_setting", values=changes(store.settings(), new))


def without(text: str, part: str) -> str:
    assert part in text
    return "\n".join(line for line in text.splitlines() if part not in line)


def documents(text: str = SHIPPED) -> str:
    """A business without a meeting that waits for documents."""
    return without(text, 'label = "Meeting"').replace('  { key = "closed"', f'  {DOCS}\n  {{ key = "closed"', 1)


def test_a_lead_walks_through_a_process_without_a_meeting_that_waits_for_documents(store: Store, ann: Store) -> None:
    load(store, documents())
    known = lead(store)
    do(store, "route", contact=known, to="ann")
    do(ann, "log_call", contact=known, outcome="talked", need="a loan")
    assert show(ann, known)["status"] == "initial_contact"
    do(ann, "set_status", contact=known, status="waiting_docs")
    assert show(ann, known)["status"] == "waiting_docs"
    do(ann, "log_meeting", contact=known, note="papers")
    assert show(ann, known)["status"] == "waiting_docs", "its role is in_process already: nothing raises it"
    deal = do(ann, "open_deal", contact=known, name="Loan", value=8000)["record"]
    assert refused(ann, "move_deal", deal=deal, stage="meeting").field == "stage"
    do(ann, "move_deal", deal=deal, stage="quote")
    do(ann, "move_deal", deal=deal, stage="won")
    found = show(ann, known)
    assert (found["status"], found["lifecycle"]) == ("customer", "customer")
    assert "Waiting for documents" in str(timeline_json(Look.at(ann), bytes.fromhex(known.replace("-", ""))))


def test_a_file_is_one_step(store: Store) -> None:
    load(store, documents(SHIPPED.replace("max_attempts = 6", "max_attempts = 4").replace('["IL"]', '["GB", "2026-12-06"]')))
    process = store.process()
    assert process.limits.max_attempts == 4
    assert process.status("waiting_docs").role == "in_process"
    do(store, "undo")
    assert store.process() == load_default()
    assert store.settings() == {}
    do(store, "redo")
    assert store.process() == process
    assert changes(store.settings(), process) == {}


@pytest.mark.parametrize(("who", "may"), [("noa", True), ("sue", True), ("ann", False), ("mia", False)])
def test_who_may_load_a_process(as_user: Callable[[str], Store], who: str, may: bool) -> None:
    values = {"limits.max_attempts": 4, "limits.touch_days": 5}
    if may:
        do(as_user(who), "set_setting", values=values)
        assert as_user("ann").process().limits.touch_days == 5
    else:
        assert refused(as_user(who), "set_setting", values=values).field == "command"


@pytest.mark.parametrize("fields", [{}, {"name": "limits.max_attempts", "values": {"limits.max_attempts": 4}}, {"values": [1]}])
def test_a_change_names_one_setting_or_several(store: Store, fields: dict[str, Any]) -> None:
    assert refused(store, "set_setting", **fields).field in ("name", "values")


def test_several_settings_are_refused_whole(store: Store) -> None:
    values = {"limits.max_attempts": 4, "limits.touch_days": 0}
    assert refused(store, "set_setting", values=values).field == "limits.touch_days"
    assert store.settings() == {}


def at_status(store: Store) -> str:
    known = lead(store)
    do(store, "set_status", contact=known, status="waiting_docs")
    return known


def deal_of(store: Store, stage: str) -> str:
    deal: str = do(store, "open_deal", contact=lead(store), name="Roof", stage=stage)["record"]
    return deal


def test_a_status_in_use_is_neither_removed_nor_retired(store: Store) -> None:
    load(store, documents())
    known = at_status(store)
    used = documents()
    for text in (
        without(used, "waiting_docs"),
        used.replace('role = "in_process" },\n  { key = "closed"', 'role = "in_process", retired = true },\n  { key = "closed"'),
    ):
        assert text != used
        with_it = store.process()
        values = changes(store.settings(), from_toml(text, with_it))
        found = refused(store, "set_setting", values=values)
        assert found.field == "status"
        assert "Waiting for documents" in found.message
        assert "1 (Dana Levi)" in found.message
        assert store.process() == with_it
    do(store, "set_status", contact=known, status="in_process")
    load(store, without(used, "waiting_docs"))
    assert [one.key for one in store.process().statuses] == [one.key for one in load_default().statuses]


def test_an_undo_leaves_nobody_in_a_status_that_is_gone(store: Store) -> None:
    added = load(store, documents())["id"]
    known = lead(store)
    do(store, "set_status", contact=known, status="waiting_docs")
    caught = refused(store, "undo", id=added)
    assert caught.field == "status"
    assert caught.message.startswith("Still in the status Waiting for documents (waiting_docs): 1 (Dana Levi). Give them another status")
    do(store, "set_status", contact=known, status="in_process")
    do(store, "undo", id=added)
    assert [one.key for one in store.process().statuses if one.key == "waiting_docs"] == []
    do(store, "redo")
    load(store, SHIPPED)
    taken = do(store, "undo")["id"]
    do(store, "set_status", contact=known, status="waiting_docs")
    assert refused(store, "redo", id=taken).field == "status", "nor does the removal come again"
    assert show(store, known)["status"] == "waiting_docs"


def test_a_retired_status_is_no_longer_given(store: Store) -> None:
    do(store, "set_setting", name="statuses.docs", value={"label": "Docs", "role": "in_process", "retired": True})
    assert refused(store, "set_status", contact=lead(store), status="docs").field == "status"


def test_a_stage_with_deals_is_not_removed(store: Store) -> None:
    deal = deal_of(store, "meeting")
    text = without(SHIPPED, 'label = "Meeting"')
    found = refused(store, "set_setting", values=changes({}, from_toml(text, store.process())))
    assert found.field == "stage"
    assert "1 (Roof)" in found.message
    do(store, "move_deal", deal=deal, stage="won")
    load(store, text)
    assert [stage.key for stage in store.process().default_pipeline.stages] == ["phone", "quote", "closing", "won", "lost"]


def test_reasons_desks_sources_and_pipelines_in_use_stay(store: Store) -> None:
    own = SHIPPED.replace("closing_reasons = [", 'closing_reasons = [\n  { key = "moved", label = "Moved away" },')
    own = own.replace("desks = [", 'desks = [\n  { key = "legal", label = "Legal" },')
    own = own.replace("sources = [", 'sources = [\n  { key = "taxi", label = "Taxi sign", offline = true },')
    own += (
        '\n[[pipelines]]\nkey = "renewals"\nlabel = "Renewals"\nstages = [{ key = "due", label = "Due", role = "open", probability = 50 },'
    )
    own += '{ key = "won", label = "Won", role = "won", probability = 100 },'
    own += '{ key = "lost", label = "Lost", role = "lost", probability = 0 }]\n'
    load(store, own)
    known = do(store, "add_lead", name="Dana Levi", source="taxi")["record"]
    assert show(store, known)["missing"] == ["phone", "email", "readiness"]
    assert source_label(Look.at(store), "taxi") == "Taxi sign"
    do(store, "open_deal", contact=known, pipeline="renewals")
    do(store, "set_status", contact=known, status="closed", reason="moved")
    assert show(store, known)["closing_reason"] == "moved"
    other = lead(store, name="Ruth Bar", phone="050-234-5678")
    do(store, "route", contact=other, to="legal")
    for line, field in (("moved", "reason"), ("legal", "desk"), ("taxi", "source")):
        text = without(own, f'key = "{line}"')
        assert refused(store, "set_setting", values=changes(store.settings(), from_toml(text, store.process()))).field == field
    one = own[: own.index('[[pipelines]]\nkey = "renewals"')]
    assert refused(store, "set_setting", values=changes(store.settings(), from_toml(one, store.process()))).field == "pipeline"


def test_an_unknown_reason_names_what_was_meant(store: Store) -> None:
    known = lead(store)
    for command, fields in (("set_status", {"status": "closed"}), ("log_call", {"outcome": "not_interested"})):
        found = refused(store, command, contact=known, reason="prise", **fields)
        assert found.field == "reason"
        assert "did you mean price" in found.message


def test_holidays_are_a_country_days_or_none(store: Store, clock: Clock) -> None:
    """Passover of 2027 is on Thursday 22 April; the week after is worked."""
    clock.set("2027-04-21T10:00")
    for value, due in (("IL", "2027-04-25"), ([], "2027-04-22"), (["IL", "2027-04-25"], "2027-04-26")):
        do(store, "set_setting", name="working.holidays", value=value)
        known = lead(store, phone=None, name=f"Dana {due}")
        do(store, "log_call", contact=known, outcome="no_answer")
        assert show(store, known)["next_at"][:10] == due


FIELDS = {
    "size": {"label": {"en": "Roof size", "he": "גודל הגג"}, "kind": "number"},
    "budget": {"label": "Budget", "kind": "money"},
    "built": {"label": "Built", "kind": "date"},
    "roof": {"label": "Kind of roof", "kind": "choice", "choices": ["Flat", "משופע"]},
    "owns": {"label": "Owns it", "kind": "yes_no"},
    "about": {"label": "About", "kind": "text"},
}


@pytest.mark.parametrize(
    ("key", "typed", "kept", "shown"),
    [
        ("size", "1,200.50", "1200.50", "1200.50"),
        ("size", 12, "12", "12"),
        ("size", "", None, None),
        ("budget", "8k", "8000.00 ILS", "₪8,000"),
        ("budget", "100 USD", "100.00 USD", "$100"),
        ("budget", 12.5, "12.50 ILS", "₪12.50"),
        ("built", "2026-12-01", "2026-12-01", "1 Dec"),
        ("roof", "flat", "Flat", "Flat"),
        ("roof", "משופע", "משופע", "משופע"),
        ("owns", "yes", "true", "yes"),
        ("owns", False, "false", "no"),
        ("owns", "כן", "true", "yes"),
        ("about", "two\nlines", "two\nlines", "two\nlines"),
    ],
)
def test_fields_of_ones_own_are_kept_in_one_spelling(store: Store, key: str, typed: Any, kept: str | None, shown: str | None) -> None:
    do(store, "set_setting", values={f"fields.{name}": field for name, field in FIELDS.items()})
    known = lead(store)
    do(store, "edit_contact", contact=known, **{key: "5"} if key in ("size", "budget") else {})
    do(store, "edit_contact", contact=known, **{key: typed})
    assert show(store, known)["properties"].get(key) == kept
    look, card = whole_contact(Look.at(store), bytes.fromhex(known.replace("-", "")))
    assert card is not None
    if kept is not None:
        assert property_text(look, key, kept) == shown
        assert property_label(look, key) == (FIELDS[key]["label"] if key != "size" else "Roof size")


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("size", "many"),
        ("size", "nan"),
        ("size", "1e999999999"),
        ("size", "9" * 5000),
        ("size", True),
        ("budget", "a lot"),
        ("budget", "1e99"),
        ("built", "soon"),
        ("roof", "round"),
        ("roof", "[/red]"),
        ("owns", "perhaps"),
    ],
)
def test_what_a_field_does_not_take_is_refused(store: Store, key: str, typed: Any) -> None:
    do(store, "set_setting", values={f"fields.{name}": field for name, field in FIELDS.items()})
    assert refused(store, "edit_contact", contact=lead(store), **{key: typed}).field == key


def test_an_undo_that_leaves_a_setting_without_its_place_leaves_a_store_to_work_in(store: Store) -> None:
    first = do(store, "set_setting", name="statuses.docs", value={"label": "Docs", "role": "in_process"})["id"]
    do(store, "set_setting", name="statuses.docs.label", value="Papers")
    do(store, "set_setting", name="limits.max_attempts", value=4)
    do(store, "undo", id=first)
    lead(store)
    assert store.process().limits.max_attempts == 4
    assert "docs" not in [one.key for one in store.process().statuses]
    do(store, "set_setting", name="limits.touch_days", value=5)
    load(store, as_toml(store.process()).replace("max_attempts = 4", "max_attempts = 5"))
    assert store.settings() == {"limits.max_attempts": 5, "limits.touch_days": 5}
    do(store, "undo")
    assert store.process().limits.max_attempts == 4


def test_two_who_change_the_process_apart_leave_one_that_works(office: Office) -> None:
    noa, sue = office("noa"), office("sue")
    office.meet()
    load(noa.store, without(SHIPPED, 'label = "Meeting"'))
    sue.do("set_setting", name="pipelines.sales.stages.meeting.label", value="Visit")
    sue.do("set_setting", name="limits.max_attempts", value=4)
    office.meet()
    assert office.same() == []
    for laptop in (noa, sue):
        laptop.lead("Dana Levi", "052-345-6789")
        process = laptop.store.process()
        assert process.limits.max_attempts == 4
        assert "meeting" not in [stage.key for stage in process.default_pipeline.stages]
