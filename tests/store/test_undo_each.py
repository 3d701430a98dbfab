"""Each command undone and redone in the middle of some work: the state before, and the state after."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from databases import StoreMaker
from store_helpers import Clock, do, elsewhere, lead, log_faults, make_store, snapshot

from crm_tui.ids import show_id
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

    @classmethod
    def of(cls, store: Store) -> World:
        """The ids of what `make_world` made."""

        def one(table: str, where: str) -> str:
            return show_id(store.db.one(f"SELECT id FROM {table} WHERE {where}")[0])

        dana, yossi, customer = (one("contact", f"name = '{name}'") for name in ("Dana Levi", "Yossi Cohen", "Ruth Gal"))
        call, quote = one("entry", "kind = 'call'"), one("entry", "kind = 'quote'")
        return cls(dana, yossi, customer, one("deal", "currency = 'USD'"), call, one("task", "kind = 'demo'"), quote)


def make_world(url: str) -> None:
    make_store(url)
    clock = Clock()
    with elsewhere(url, clock) as store:
        dana = lead(store, "Dana Levi", "052-345-6789", email="dana@example.com", company="Acme", source="exhibition")
        do(store, "route", contact=dana, to="ann")
        do(store, "log_call", contact=dana, outcome="no_answer")
        clock.add(hours=1)
        yossi = lead(store, "Yossi Cohen", "03-612-3456")
        do(store, "add_task", contact=yossi, kind="demo", due="2026-12-01", note="bring it")
        do(store, "tag", contact=yossi, tag="vip")
        customer = lead(store, "Ruth Gal", "050-234-5678")
        won = do(store, "open_deal", contact=customer, value=500)["record"]
        do(store, "move_deal", deal=won, stage="won")
        do(store, "open_deal", contact=yossi, value="100 USD")
        do(store, "send_quote", contact=yossi, amount="90 USD")


@pytest.fixture
def url(new_url: StoreMaker, clock: Clock) -> str:
    """A small store, on the day after."""
    clock.add(days=1, hours=1)
    return new_url(make_world)


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


@pytest.mark.both_engines_whole
@pytest.mark.parametrize(("command", "fields"), COMMANDS, ids=lambda value: value if isinstance(value, str) else "")
def test_undo_gives_the_state_before_and_redo_the_state_after(
    store: Store, clock: Clock, command: str, fields: Callable[[World], Fields]
) -> None:
    before = snapshot(store)
    step = do(store, command, **fields(World.of(store)))
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
    do(store, "undo", id=step["id"])
    assert snapshot(store) == before
    assert log_faults(store.db) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_statement_goes_through_the_lines_of_all_contacts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite chooses an index without knowing how many rows it finds: as many have no id as there are contacts."""
    world = World.of(store)
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
