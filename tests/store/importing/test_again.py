"""A file of leads without writing, again, taken back and brought back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from import_helpers import (
    both_engines,
    counts,
    everything,
    ids,
    person,
    plain,
    take,
)
from store_helpers import (
    Clock,
    do,
    gone,
    lead,
    show,
    snapshot,
    timeline,
    whole_log,
)

from crm_tui.errors import Refused
from crm_tui.ids import show_id
from crm_tui.intake import reader
from crm_tui.store import Store

# --dry-run


def store_bytes(store: Store) -> Any:
    """All that a store holds: the bytes of its file, or every row of every table."""
    if store.db.path is not None:
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(store.db.path.parent.glob(f"{store.db.path.name}*"))]
    return plain(store), whole_log(store)


@pytest.mark.parametrize(
    ("engine", "on_duplicate", "chunk"),
    [*(("sqlite", option, chunk) for option in ("touch", "skip", "update") for chunk in (500, 2)), ("postgresql", "touch", 5)],
    indirect=["engine"],
)
def test_a_dry_run_changes_nothing_and_counts_the_same(
    store: Store,
    leads: Callable[..., Path],
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    on_duplicate: str,
    chunk: int,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(reader, "CHUNK", chunk)
    path = everything(store, leads, clock)
    if store.db.is_sqlite:
        store.db.one("PRAGMA wal_checkpoint(truncate)")
    before = store_bytes(store)
    dry = take(store, path, on_duplicate=on_duplicate, dry_run=True, refused_file=tmp_path / "refused.csv")
    assert store_bytes(store) == before
    assert not (tmp_path / "refused.csv").exists()
    real = take(store, path, on_duplicate=on_duplicate)
    assert real.as_json() == dry.as_json()
    assert counts(real)["created"] > 0
    # Once it is in, a dry run finds nothing to do either.
    assert counts(take(store, path, on_duplicate=on_duplicate, dry_run=True))["created"] == 0


def test_a_dry_run_after_an_undo_says_what_comes_back(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    path = everything(store, leads, clock)
    take(store, path)
    do(store, "undo")
    before = snapshot(store)
    dry = counts(take(store, path, dry_run=True))
    assert snapshot(store) == before
    real = counts(take(store, path))
    assert {**dry, "flagged": 0} == {**real, "flagged": 0}


# the same file again, undo, redo


@both_engines
def test_the_same_file_again_adds_nothing(store: Store, ann: Store, leads: Callable[..., Path], clock: Clock, tmp_path: Path) -> None:
    path = everything(store, leads, clock)
    first = take(store, path)
    before, log = snapshot(store), whole_log(store)
    clock.add(days=3)
    copy = tmp_path / "another name.csv"
    copy.write_bytes(path.read_bytes())
    again = take(store, copy)
    assert again.id == first.id
    assert counts(again) == counts(first) | {"created": 0, "touched": 0, "flagged": 0, "skipped": 11}
    assert counts(take(ann, path, on_duplicate="update", to="contacts"))["skipped"] == 11
    assert (snapshot(store), whole_log(store)) == (before, log)


@both_engines
def test_doubtful_values_are_said_of_rows_that_are_taken(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    do(store, "set_setting", name="fields.seats", value={"label": "Places", "kind": "number"})
    rows = [person(1, seats="many"), person(2, seats="few")]
    path = leads(*rows)

    def said(path: Path, **options: Any) -> list[str]:
        return [one.value for one in take(store, path, **options).doubtful]

    assert said(path, dry_run=True) == said(path) == ["many", "few"]
    assert said(path, dry_run=True) == said(path) == []
    clock.add(minutes=1)
    do(store, "undo")
    assert said(path) == ["many", "few"]
    assert said(leads(*rows, person(3, seats="some")), on_duplicate="skip") == ["some"]


def test_undo_takes_all_back_and_the_same_file_brings_it_again(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    path = everything(store, leads, clock)
    before = snapshot(store)
    first = take(store, path)
    after = snapshot(store)
    for _round in range(3):
        clock.add(hours=1)
        answer = do(store, "undo")
        assert (answer["undone"], answer["kept"]) == (show_id(first.id), [])
        assert snapshot(store) == before
        clock.add(hours=1)
        again = take(store, path)
        assert again.id == first.id
        assert {**counts(again), "flagged": 0} == {**counts(first), "flagged": 0}
        assert snapshot(store) == after, "the same ids, fills, flags and touches as before"


@both_engines
def test_redo_brings_it_back_too(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    path = everything(store, leads, clock)
    before = snapshot(store)
    report = take(store, path)
    after = snapshot(store)
    do(store, "undo", id=show_id(report.id))
    clock.add(hours=1)
    do(store, "redo")
    assert snapshot(store) == after
    assert counts(take(store, path))["skipped"] == 11
    do(store, "undo")
    assert snapshot(store) == before


def test_a_second_undo_of_an_import_is_refused(store: Store, leads: Callable[..., Path]) -> None:
    report = take(store, leads(person(1)))
    do(store, "undo", id=show_id(report.id))
    with pytest.raises(Refused, match="already undone"):
        do(store, "undo", id=show_id(report.id))


@both_engines
def test_who_was_worked_on_since_stays_and_is_listed(store: Store, ann: Store, leads: Callable[..., Path], clock: Clock) -> None:
    report = take(store, leads(*(person(number, Company="Acme") for number in range(8))))
    called, noted, touched, asked, routed, undone, untouched, deleted = ids(store)
    clock.add(hours=1)
    do(ann, "log_call", contact=called, outcome="no_answer")
    do(store, "edit_contact", contact=noted, name="Another Name")
    take(store, leads(person(2, Name="", Email="")))
    do(store, "add_lead", phone=person(3)["Phone"])
    do(store, "route", contact=routed, to="ann")
    do(ann, "log_call", contact=undone, outcome="talked")
    do(ann, "undo")
    do(store, "delete_contact", contact=deleted)
    before = {one: (show(store, one), timeline(store, one)) for one in (called, noted, touched, asked, routed)}
    answer = do(store, "undo", id=show_id(report.id))
    assert sorted(ids(store)) == sorted([called, noted, touched, asked, routed])
    assert {one["record"] for one in answer["kept"]} >= set(before)
    assert undone not in {one["record"] for one in answer["kept"]}
    assert {one: (show(store, one), timeline(store, one)) for one in before} == before, "who stays, stays whole"
    assert gone(store, untouched)


def test_the_same_file_brings_back_only_what_was_taken(store: Store, leads: Callable[..., Path], clock: Clock) -> None:
    path = leads(*(person(number) for number in range(4)))
    take(store, path)
    first, second, third, fourth = ids(store)
    clock.add(hours=1)
    do(store, "log_call", contact=second, outcome="talked")
    after = snapshot(store)
    do(store, "undo", id=show_id(take(store, path).id))
    assert ids(store) == [second]
    found = counts(take(store, path))
    assert (found["created"], found["skipped"]) == (3, 1)
    assert ids(store) == [first, second, third, fourth]
    assert snapshot(store) == after


def test_undo_leaves_what_somebody_filled_otherwise_since(store: Store, ann: Store, leads: Callable[..., Path]) -> None:
    known = lead(store, "Dana Levi", "052-345-6789")
    report = take(store, leads(person(1, Name="Dana Levi", Phone="0523456789", Company="Acme", City="Haifa")))
    do(ann, "edit_contact", contact=known, company="Beta")
    answer = do(store, "undo", id=show_id(report.id))
    found = show(store, known)
    assert (found["company"], found["properties"], found["returning"]) == ("Beta", {}, False)
    assert {"record": known, "register": "company"} in answer["kept"]


def test_two_imports_are_taken_back_one_by_one(store: Store, leads: Callable[..., Path]) -> None:
    states = [snapshot(store)]
    for path in (leads(person(1), person(2)), leads(person(2, Name=""), person(3)), leads(person(3, Company="Acme"), person(1))):
        take(store, path)
        states.append(snapshot(store))
    for state in reversed(states[:-1]):
        do(store, "undo")
        assert snapshot(store) == state
    for state in states[1:]:
        do(store, "redo")
        assert snapshot(store) == state
