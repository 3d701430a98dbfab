"""Undo and redo: one step back is the state before, whatever the command was; what somebody changed since is kept and listed."""

from __future__ import annotations

from typing import Any

import pytest
from store_helpers import Clock, do, gone, inbox, lead, refused, show, snapshot, tasks, timeline, whole_log

from crm_tui.store import Store

Fields = dict[str, Any]


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
