"""Batches that are taken in together: what follows from them is made once, and is what it is when they come one by one."""

from __future__ import annotations

from typing import Any

import pytest
from laptops import Laptop, Office, everything

from crm_tui import sync
from crm_tui.check import check

DANA = "052-345-6789"
RUTH = "054-111-2233"


def since(laptop: Laptop, there: Laptop) -> list[Any]:
    """The batches that another lacks, as they travel."""
    have = {origin: end.oseq for origin, end in sync.vector(there.db).items()}
    return list(sync.packed(laptop.db, list(sync.missing(laptop.db, have))))


def a_day(laptop: Laptop) -> None:
    """Work on one contact from which all kinds of things follow, some of it taken back."""
    dana, ruth = laptop.lead("Dana Levi", DANA), laptop.lead("Ruth Bar", RUTH)
    laptop.do("log_call", contact=dana, outcome="no_answer")
    laptop.do("add_task", contact=dana, kind="call", due="2026-03-20")
    laptop.do("edit_contact", contact=dana, name="Dana Katz")
    deal = laptop.do("open_deal", contact=dana, value=5)["record"]
    laptop.do("log_call", contact=dana, outcome="talked")
    laptop.store.undo()
    laptop.do("move_deal", deal=deal, stage="won")
    laptop.do("merge", keep=dana, drop=ruth)
    laptop.do("log_call", contact=ruth, outcome="talked")
    laptop.do("unmerge", contact=ruth)
    laptop.do("edit_contact", contact=ruth, name="Ruth Katz", email="ruth@katz.example")
    laptop.do("delete_contact", contact=ruth)
    laptop.do("log_note", contact=dana, note="asked about the price")


@pytest.mark.parametrize("seconds", [0, 3600])
@pytest.mark.parametrize("target", ["bob", "hub"])
def test_each_transaction_leaves_the_store_whole(office: Office, monkeypatch: pytest.MonkeyPatch, seconds: int, target: str) -> None:
    office("noa")
    ann, bob = office("ann"), office("bob")
    a_day(ann)
    there = bob if target == "bob" else office.hub
    messages = since(ann, there)
    monkeypatch.setattr(sync, "_TURN_SECONDS", seconds)
    taken = []
    for new in sync.take(there.db, messages, sync.replicas(ann.db), ann.clock()):
        taken.append(new)
        report = check(there.store)
        assert report["ok"], report["differences"]
    assert taken == ([len(messages)] if seconds else [1] * len(messages))
    assert everything(there.db) == everything(ann.db)
    assert office.same() == []


@pytest.mark.parametrize("together", [True, False])
def test_what_was_done_to_a_record_before_it_came_counts(office: Office, together: bool) -> None:
    """Two origins are taken in the wrong order: Bob's edits of what Ann made come before it."""
    office("noa")
    ann, bob, late = office("ann"), office("bob"), office("bob", "late")
    ruth = ann.lead("Ruth Bar", RUTH)
    task = ann.do("add_task", contact=ruth, kind="call", due="2026-03-20")["record"]
    ann.sync()
    made = since(ann, late)
    bob.sync()
    before = {origin: end.oseq for origin, end in sync.vector(bob.db).items()}
    bob.clock.add(hours=1)
    bob.do("edit_contact", contact=ruth, name="Ruth Katz")
    bob.do("complete_task", task=task)
    edits = list(sync.packed(bob.db, list(sync.missing(bob.db, before))))
    makers = sync.replicas(bob.db)
    for messages in [edits + made] if together else [edits, made]:
        assert sum(sync.take(late.db, messages, makers, bob.clock())) == len(messages)
    assert late.one("SELECT name FROM contact WHERE id = ?", bytes.fromhex(ruth.replace("-", ""))) == "Ruth Katz"
    assert late.one("SELECT count(*) FROM task WHERE done_at IS NULL") == 0
    assert everything(late.db) == everything(bob.db)
    assert check(late.store)["ok"]
    assert office.same() == []
