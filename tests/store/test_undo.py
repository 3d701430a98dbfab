"""Undo and redo: one step back is the state before, whatever the command was; what somebody changed since is kept and listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from store_helpers import Clock, do, gone, inbox, lead, log_faults, refused, show, snapshot, tasks, timeline, whole_log

from crm_tui.store import Store

Fields = dict[str, Any]


class World(NamedTuple):
    """A small store in the middle of its work."""

    dana: str
    yossi: str
    customer: str
    deal: str
    call: str
    task: str
    quote: str


@pytest.fixture
def world(store: Store, clock: Clock) -> World:
    dana = lead(store, "Dana Levi", "052-345-6789", email="dana@example.com", company="Acme", source="exhibition")
    do(store, "route", contact=dana, to="ann")
    call = do(store, "log_call", contact=dana, outcome="no_answer")["record"]
    clock.add(hours=1)
    yossi = lead(store, "Yossi Cohen", "03-612-3456")
    task = do(store, "add_task", contact=yossi, kind="demo", due="2026-12-01", note="bring it")["record"]
    do(store, "tag", contact=yossi, tag="vip")
    customer = lead(store, "Ruth Gal", "050-234-5678")
    won = do(store, "open_deal", contact=customer, value=500)["record"]
    do(store, "move_deal", deal=won, stage="won")
    deal = do(store, "open_deal", contact=yossi, value="100 USD")["record"]
    quote = do(store, "send_quote", contact=yossi, amount="90 USD")["record"]
    clock.add(days=1)
    return World(dana, yossi, customer, deal, call, task, quote)


COMMANDS: list[tuple[str, Callable[[World], Fields]]] = [
    ("add_lead", lambda w: {"name": "New One", "phone": "050-234-5679", "company": "Acme", "note": "hi"}),
    ("add_lead", lambda w: {"name": "Dana", "phone": "0523456789", "email": "d2@example.com", "company": "Zenith", "readiness": "high"}),
    ("add_lead", lambda w: {"name": "Miriam Cohen", "phone": "03-612-3456"}),
    ("add_lead", lambda w: {"phone": "050-234-5678", "readiness": "high", "source": "phone"}),
    (
        "edit_contact",
        lambda w: {"contact": w.dana, "name": "Dana L", "phone": "050-234-5681", "email": "", "company": "New Co", "title": "CTO"},
    ),
    ("edit_contact", lambda w: {"contact": w.dana, "readiness": "high", "phones": ["050-234-5681", "0523456789"], "emails": []}),
    ("route", lambda w: {"contact": w.yossi, "to": "bob"}),
    ("route", lambda w: {"contact": w.yossi, "to": "supplier"}),
    ("route", lambda w: {"contact": w.customer, "to": "partner"}),
    ("route", lambda w: {"contact": w.dana, "to": "leadometer", "reason": "no time"}),
    ("log_call", lambda w: {"contact": w.dana, "outcome": "no_answer", "note": "again"}),
    ("log_call", lambda w: {"contact": w.dana, "outcome": "talked", "need": "roof", "next_action": "meeting", "next_at": "2026-12-01"}),
    ("log_call", lambda w: {"contact": w.dana, "outcome": "call_back", "next_at": "2026-11-29 10:00"}),
    ("log_call", lambda w: {"contact": w.dana, "outcome": "wrong_number"}),
    ("log_call", lambda w: {"contact": w.dana, "outcome": "not_interested", "reason": "price", "text": "dear"}),
    ("log_meeting", lambda w: {"contact": w.dana, "note": "met", "duration": 60}),
    ("log_email", lambda w: {"contact": w.dana, "subject": "hello", "body": "…"}),
    ("log_message", lambda w: {"contact": w.yossi, "direction": "in", "body": "yes"}),
    ("log_note", lambda w: {"contact": w.dana, "note": "two\nlines"}),
    ("correct_interaction", lambda w: {"interaction": w.call, "note": "corrected"}),
    ("remove_interaction", lambda w: {"interaction": w.call}),
    ("add_task", lambda w: {"contact": w.dana, "kind": "meeting", "due": "2026-11-24 10:00", "owner": "bob"}),
    ("complete_task", lambda w: {"task": w.task, "note": "done well"}),
    ("snooze", lambda w: {"task": w.task, "until": "2026-12-09", "note": "later"}),
    ("snooze", lambda w: {"contact": w.customer, "until": "2026-12-09"}),
    ("set_status", lambda w: {"contact": w.dana, "status": "closed", "reason": "timing", "text": "2028"}),
    ("set_status", lambda w: {"contact": w.customer, "status": "new"}),
    ("set_lifecycle", lambda w: {"contact": w.yossi, "stage": "evangelist"}),
    ("open_deal", lambda w: {"contact": w.dana, "value": 9, "expected_close": "2026-12-31"}),
    ("edit_deal", lambda w: {"deal": w.deal, "name": "Other", "value": "7 EUR", "owner": "ann", "expected_close": "2027-01-01"}),
    ("move_deal", lambda w: {"deal": w.deal, "stage": "closing"}),
    ("move_deal", lambda w: {"deal": w.deal, "stage": "won"}),
    ("move_deal", lambda w: {"deal": w.deal, "stage": "lost", "reason": "price"}),
    ("send_quote", lambda w: {"deal": w.deal, "lines": ["2 x Roof 1,200 -10%", "-5%"], "valid_until": "2026-12-31"}),
    ("answer_quote", lambda w: {"quote": w.quote, "answer": "declined", "reason": "price", "text": "dear"}),
    ("tag", lambda w: {"contact": w.dana, "tag": "hot"}),
    ("untag", lambda w: {"contact": w.yossi, "tag": "vip"}),
    ("merge", lambda w: {"keep": w.dana, "drop": w.yossi}),
    ("merge", lambda w: {"keep": w.yossi, "drop": w.customer}),
    ("not_same", lambda w: {"a": w.dana, "b": w.yossi}),
    ("delete_contact", lambda w: {"contact": w.yossi}),
    ("delete_deal", lambda w: {"deal": w.deal}),
    ("add_user", lambda w: {"name": "zoe", "role": "rep"}),
    ("set_setting", lambda w: {"name": "limits.follow_up_days", "value": 5}),
]


@pytest.mark.parametrize(("command", "fields"), COMMANDS, ids=lambda value: value if isinstance(value, str) else "")
def test_undo_gives_the_state_before_and_redo_the_state_after(
    store: Store, world: World, clock: Clock, command: str, fields: Callable[[World], Fields]
) -> None:
    before = snapshot(store)
    step = do(store, command, **fields(world))
    after = snapshot(store)
    assert after != before
    clock.add(minutes=5)
    back = do(store, "undo")
    assert (back["undone"], back["kept"]) == (step["id"], [])
    assert back["id"] not in (None, step["id"])
    assert snapshot(store) == before
    clock.add(minutes=-10)
    do(store, "redo")
    assert snapshot(store) == after
    do(store, "undo")
    assert snapshot(store) == before
    do(store, "redo")
    assert snapshot(store) == after
    do(store, "undo", id=step["id"])
    assert snapshot(store) == before
    assert log_faults(store.db) == []


def test_undo_goes_back_in_the_order_of_execution_whatever_the_clock_says(store: Store, clock: Clock) -> None:
    shots = [snapshot(store)]
    for when, name in (("2026-11-22T10:00", "A B"), ("2026-11-20T10:00", "C D"), ("2026-11-24T10:00", "E F"), ("2026-11-21T10:00", "G H")):
        clock.set(when)
        lead(store, name, None)
        shots.append(snapshot(store))
    clock.set("2026-11-01T00:00")
    for shot in shots[-2::-1]:
        do(store, "undo")
        assert snapshot(store) == shot
    assert refused(store, "undo").field == "id"
    clock.set("2026-10-01T00:00")
    for shot in shots[1:]:
        do(store, "redo")
        assert snapshot(store) == shot
    assert refused(store, "redo").field == "id"


def test_a_command_that_changed_nothing_is_no_step(store: Store) -> None:
    known = lead(store)
    do(store, "tag", contact=known, tag="vip")
    do(store, "tag", contact=known, tag="vip")
    do(store, "edit_contact", contact=known, name="Dana Levi")
    do(store, "undo")
    assert show(store, known)["tags"] == []


def test_undo_redo_and_undo_again(store: Store) -> None:
    first, second = lead(store, "A B", None), lead(store, "C D", None)
    do(store, "undo")
    do(store, "redo")
    do(store, "undo")
    assert (gone(store, first), gone(store, second)) == (False, True)
    do(store, "undo")
    assert gone(store, first)
    do(store, "redo")
    do(store, "redo")
    assert (gone(store, first), gone(store, second)) == (False, False)


def test_redo_after_something_new_is_refused(store: Store) -> None:
    known = lead(store)
    do(store, "tag", contact=known, tag="a")
    do(store, "undo")
    do(store, "tag", contact=known, tag="b")
    assert refused(store, "redo").field == "id"
    do(store, "undo")
    do(store, "redo")
    assert refused(store, "redo").field == "id"
    assert show(store, known)["tags"] == ["b"]


def test_what_cannot_be_undone_says_so(store: Store) -> None:
    step = do(store, "add_lead", name="A B")
    back = do(store, "undo")
    assert refused(store, "undo", id=step["id"]).field == "id"
    assert refused(store, "undo", id=back["id"]).field == "id"
    assert refused(store, "undo", id="0" * 32).kind == "not_found"
    assert refused(store, "undo", id="no id").kind == "not_found"
    assert refused(store, "undo").field == "id"
    assert refused(store, "redo", id=step["id"]).field == "id"
    do(store, "redo", id=back["id"])
    assert refused(store, "redo", id=back["id"]).field == "id"


def test_undo_takes_ones_own_last_command_not_that_of_others(store: Store, ann: Store, bob: Store) -> None:
    mine = lead(ann, "A B", None)
    theirs = lead(bob, "C D", None)
    do(ann, "undo")
    assert (gone(store, mine), gone(store, theirs)) == (True, False)
    assert refused(ann, "undo").field == "id"
    assert refused(store, "undo").field == "id"


def test_undo_takes_only_what_was_done_on_this_installation(store: Store, url: str, clock: Clock, crm_home: str) -> None:
    known = lead(store, "Before Away", None)
    del crm_home
    with Store(url, "ann", clock) as away:
        lead(away, "From Here", None)
        do(away, "undo")
        assert refused(away, "undo").field == "id"
    assert not gone(store, known)


def test_a_command_of_somebody_else_is_undone_by_its_id(store: Store, ann: Store, bob: Store) -> None:
    known = lead(ann)
    before = snapshot(store)
    step = do(ann, "log_call", contact=known, outcome="talked")
    after = snapshot(store)
    back = do(bob, "undo", id=step["id"])
    assert back["undone"] == step["id"]
    assert snapshot(store) == before
    do(bob, "redo")
    assert snapshot(store) == after
    do(bob, "undo", id=step["id"])
    do(ann, "undo")
    assert gone(store, known), "ann's own undo goes on with what still stands"


@pytest.mark.parametrize(
    ("command", "fields"), [("add_user", {"name": "zoe", "role": "admin"}), ("set_setting", {"name": "currency", "value": "EUR"})]
)
def test_what_needs_a_role_to_be_done_needs_it_to_be_undone(store: Store, ann: Store, command: str, fields: Fields) -> None:
    step = do(store, command, **fields)
    assert refused(ann, "undo", id=step["id"]).field == "command"
    back = do(store, "undo")
    assert refused(ann, "redo", id=back["id"]).field == "command"
    do(store, "redo")
    assert refused(ann, "undo", id=step["id"]).field == "command"


def test_a_store_keeps_its_first_user(store: Store) -> None:
    first = whole_log(store)[0]
    assert first[9] == "add_user"
    assert refused(store, "undo", id=first[1]).field == "id"
    assert store.users()[0].name == "noa"


def test_a_user_that_was_just_added_is_undone_also_as_the_first_step_of_an_origin(store: Store) -> None:
    do(store, "add_user", name="zoe", role="rep")
    do(store, "undo")
    assert [user.name for user in store.users()][-1] == "sue"


# what somebody changed since


def test_a_field_that_somebody_changed_since_is_kept_and_listed(store: Store, bob: Store) -> None:
    known = lead(store)
    do(store, "edit_contact", contact=known, name="Dana Cohen", company="Acme", title="CTO")
    do(bob, "edit_contact", contact=known, name="Dana C. Levi")
    back = do(store, "undo")
    assert back["kept"] == [{"record": known, "register": "name"}]
    found = show(store, known)
    assert (found["name"], found["company"], found["properties"]) == ("Dana C. Levi", None, {})


def test_undo_goes_further_back_past_what_others_changed(store: Store, bob: Store) -> None:
    known = lead(store)
    do(store, "tag", contact=known, tag="vip")
    do(store, "edit_contact", contact=known, name="Dana Cohen")
    do(bob, "edit_contact", contact=known, name="Dana C. Levi")
    back = do(store, "undo")
    assert back["kept"] == [{"record": known, "register": "name"}]
    assert back["id"], "it is itself a batch"
    do(store, "undo")
    found = show(store, known)
    assert (found["name"], found["tags"]) == ("Dana C. Levi", [])


def test_a_contact_that_somebody_worked_on_stays_whole(store: Store, bob: Store) -> None:
    known = lead(store, company="Acme", source="ads", campaign="autumn")
    do(bob, "log_call", contact=known, outcome="no_answer")
    before = snapshot(store)
    back = do(store, "undo")
    assert {"record": known, "register": "*"} in back["kept"]
    assert snapshot(store) == before, "its arrival, source and clock stay too"
    assert inbox(store)[0]["age_seconds"] == 0


def test_a_contact_brought_back_by_redo_and_worked_on_stays_too(store: Store, bob: Store) -> None:
    known = lead(store)
    do(store, "undo")
    do(store, "redo")
    do(bob, "log_call", contact=known, outcome="no_answer")
    back = do(store, "undo")
    assert back["kept"] == [{"record": known, "register": "*"}]
    assert show(store, known)["attempts"] == 1


def test_a_deletion_taken_back_is_not_redone_over_somebodys_work(store: Store, bob: Store) -> None:
    known = lead(store)
    do(store, "delete_contact", contact=known)
    do(store, "undo")
    do(bob, "log_call", contact=known, outcome="talked")
    again = do(store, "redo")
    assert again["kept"] == [{"record": known, "register": "*"}]
    assert show(store, known)["status"] == "initial_contact"


def test_work_from_before_a_deletion_was_taken_back_is_not_done_since(store: Store, bob: Store) -> None:
    known = lead(store)
    offer = do(store, "open_deal", contact=known, value=5)["record"]
    deletion = do(store, "delete_contact", contact=known)
    do(bob, "edit_deal", deal=offer, value=12)
    before = snapshot(store)
    back = do(bob, "undo", id=deletion["id"])
    do(bob, "redo", id=do(bob, "undo")["id"])
    assert do(store, "redo", id=back["id"])["kept"] == []
    assert snapshot(store) == before


def test_a_contact_made_again_stays_with_what_somebody_did_since_it_was_made(store: Store, ann: Store, bob: Store) -> None:
    known = lead(ann)
    do(bob, "open_deal", contact=known, value=5)
    for person, command in ((bob, "undo"), (ann, "undo"), (bob, "redo"), (ann, "redo")):
        assert do(person, command)["kept"] == []
    before = snapshot(store)
    assert {"record": known, "register": "*"} in do(ann, "undo")["kept"]
    assert snapshot(store) == before


def test_a_task_that_somebody_put_off_is_kept_when_the_call_that_made_it_goes(store: Store, bob: Store) -> None:
    known = lead(store)
    do(store, "log_call", contact=known, outcome="no_answer")
    task = tasks(store, known)[0]["id"]
    do(bob, "snooze", task=task, until="2026-12-09")
    back = do(store, "undo")
    assert back["kept"] == [{"record": task, "register": "*"}]
    found = show(store, known)
    assert (found["status"], found["attempts"]) == ("new", 0), "the call itself is gone"
    assert [one["id"] for one in tasks(store, known)] == [task]


def test_a_deal_that_somebody_moved_is_kept(store: Store, bob: Store) -> None:
    known = lead(store)
    offer = do(store, "open_deal", contact=known, value=5)["record"]
    do(bob, "move_deal", deal=offer, stage="won")
    back = do(store, "undo")
    assert {"record": offer, "register": "*"} in back["kept"]
    assert show(store, known)["status"] == "customer"


def test_a_call_in_the_middle_is_taken_out_and_what_came_after_is_told_anew(store: Store, bob: Store) -> None:
    """The fold: without the first conversation the second is the first."""
    known = lead(store)
    first = do(store, "log_call", contact=known, outcome="talked")
    do(bob, "log_call", contact=known, outcome="talked")
    assert show(store, known)["status"] == "in_process"
    do(store, "undo", id=first["id"])
    assert show(store, known)["status"] == "initial_contact"
    assert [rule for kind, rule, _ in timeline(store, known) if kind == "status"] == ["first conversation"]


def test_undoing_a_step_in_the_middle_of_ones_own(store: Store) -> None:
    known = lead(store)
    tag = do(store, "tag", contact=known, tag="vip")
    do(store, "edit_contact", contact=known, name="Dana Cohen")
    do(store, "undo", id=tag["id"])
    found = show(store, known)
    assert (found["name"], found["tags"]) == ("Dana Cohen", [])
    do(store, "undo")
    assert show(store, known)["name"] == "Dana Levi"


def test_undo_names_itself_in_the_log_and_leaves_no_line_in_the_timeline(store: Store) -> None:
    known = lead(store)
    before = timeline(store, known)
    step = do(store, "edit_contact", contact=known, name="Dana Cohen")
    back = do(store, "undo")
    assert timeline(store, known) == before
    last = whole_log(store)[-1]
    assert (last[9], last[11]) == ("undo", step["id"].replace("-", ""))
    assert last[1] == back["id"].replace("-", "")


def test_a_refused_undo_or_redo_leaves_the_store_alone(store: Store) -> None:
    lead(store)
    before = snapshot(store)
    refused(store, "redo")
    refused(store, "undo", id="0" * 32)
    assert snapshot(store) == before


def test_what_an_undo_had_to_keep_goes_with_a_later_one(store: Store, bob: Store) -> None:
    known = lead(store)
    do(store, "edit_contact", contact=known, name="Dana Cohen", company="Acme")
    do(bob, "edit_contact", contact=known, name="Somebody")
    assert do(store, "undo")["kept"] == [{"record": known, "register": "name"}]
    do(store, "redo")
    do(bob, "undo")
    assert (show(store, known)["name"], show(store, known)["company"]) == ("Dana Cohen", "Acme")
    assert do(store, "undo")["kept"] == []
    assert (show(store, known)["name"], show(store, known)["company"]) == ("Dana Levi", None)


def test_no_statement_goes_through_the_lines_of_all_contacts(store: Store, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A condition on ids that are NULL looks as if an index answered it; of these lines a store has as many as it has contacts."""
    if not store.db.is_sqlite:
        pytest.skip("SQLite chooses an index without knowing how many rows it finds")
    said: set[str] = set()
    run = store.db.cursor

    def heard(sql: str, args: Any = ()) -> Any:
        said.add(sql)
        return run(sql, args)

    monkeypatch.setattr(store.db, "cursor", heard)
    call = do(store, "log_call", contact=world.dana, outcome="talked")["id"]
    do(store, "undo", id=do(store, "merge", keep=world.dana, drop=world.yossi)["id"])
    do(store, "undo", id=call)
    plans = {sql: str(run(f"EXPLAIN QUERY PLAN {sql}", [b""] * sql.count("?")).fetchall()) for sql in said if " entry " in sql}
    assert len(plans) > 5
    assert [sql for sql, plan in plans.items() if "SCAN entry" in plan or ("entry_id " in plan and "id = ?" not in sql)] == []
