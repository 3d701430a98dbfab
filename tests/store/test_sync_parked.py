"""Batches of a newer program: kept, counted and forwarded as they are; they block nothing, and are taken in once they are understood."""

from __future__ import annotations

import asyncio
import json
import os
from threading import Event
from typing import Any

import pytest
from laptops import Laptop, Office, everything, written
from store_helpers import gone, log_faults, show, timeline

from crm_tui import editing, log, making, sync
from crm_tui.check import check
from crm_tui.ids import new_id, parse_id
from crm_tui.live import Watch
from crm_tui.log import Change, Head, StoredPart
from crm_tui.reads.campaigns import campaign_json, campaigns_json
from crm_tui.reads.look import Look
from crm_tui.reads.search import find
from crm_tui.reads.views import views_json
from crm_tui.session import Session

DANA = "052-345-6789"


def newer(laptop: Laptop, changes: list[tuple[str, bytes, str, Any]], command: str = "send_fax", undo_of: bytes | None = None) -> str:
    """What a newer program writes, with fields that this one has no name for. It waits here, as it would after a downgrade."""
    store = laptop.store
    with store.db.write():
        origin = store._origin()
        made = [Change(n, *change[:3], None, change[3], None, None, ("more",)) for n, change in enumerate(changes)]
        subject, salt = changes[0][1], os.urandom(16)
        content = log.canonical([log.change_content(change) for change in made])
        part = StoredPart(subject, salt, log.part_digest(subject, salt, content), content, made)
        hlc = log.next_stamp(origin.last, store.clock(), 0)
        id_ = new_id(store.clock())
        head = Head(
            *(0, id_, origin.key, origin.origin, origin.last.oseq + 1, hlc, len(made), store.clock(), store.actor.id, command, 7),
            *(undo_of, None, origin.last.digest, b"", 0, json.dumps([{"urgent": True}, "דחוף"])),
        )
        assert part.digest is not None
        head = log.write(store.db, head._replace(digest=log.batch_digest(head, [part.digest])), [part])
        store.db.run("UPDATE batch SET parked = 1 WHERE key = ?", (head.key,))
        store._written = (origin.origin, head.oseq, head.digest)
    store.note_end()
    return id_.hex()


def entry(laptop: Laptop, contact: str, kind: str) -> tuple[str, bytes, str, Any]:
    value = {
        "contact": contact.replace("-", ""),
        "kind": kind,
        "at": laptop.clock(),
        "by": laptop.store.actor.id.hex(),
        "data": {"pages": 3},
    }
    return "entry", new_id(laptop.clock()), "*", value


def learn(patch: pytest.MonkeyPatch) -> None:
    """The upgrade: this program knows faxes and nicknames now."""
    patch.setattr(making, "INPUT_KINDS", making.INPUT_KINDS | {"fax"})
    patch.setitem(editing._REGISTERS, "contact", editing._REGISTERS["contact"] | {"nickname"})


@pytest.fixture
def three(office: Office) -> tuple[Laptop, Laptop, str]:
    """Ann, whose program was newer, Bob, and Dana, whom both know."""
    noa = office("noa")
    dana = noa.lead("Dana Levi", DANA)
    noa.sync()
    ann, bob = office("ann"), office("bob")
    ann.clock.add(hours=1)
    bob.clock.add(hours=1)
    return ann, bob, dana


NEWER: dict[str, Any] = {
    "entity": lambda ann, dana: [("fax_machine", new_id(ann.clock()), "*", {"number": "1"})],
    "register": lambda ann, dana: [("contact", parse_id(dana), "nickname", "Dan")],
    "kind": lambda ann, dana: [entry(ann, dana, "fax")],
    "fold": lambda ann, dana: [entry(ann, dana, "set_status")],
    "shape": lambda ann, dana: [("contact", parse_id(dana), "phone/+972521112233", "not a point")],
    "half known": lambda ann, dana: [("contact", parse_id(dana), "name", "Dan"), ("contact", parse_id(dana), "nickname", "Dan")],
}


@pytest.mark.parametrize("what", NEWER)
def test_what_is_not_understood_is_kept_and_forwarded_as_it_is(office, three, what):
    ann, bob, dana = three
    before = everything(bob.db)
    newer(ann, NEWER[what](ann, dana))
    assert ann.sync().parked == 1
    done = bob.sync()
    assert (done.received, done.parked) == (1, 1)
    assert everything(bob.db) == before, "nothing of it is done by halves"
    assert written(ann.db) == written(bob.db) == written(office.hub.db)
    assert bob.sync()._replace(bytes=0) == (0, 0, 1, 0, 0, None)
    # It blocks nothing: work goes on, also of its origin and on its record.
    ann.do("log_call", contact=DANA, outcome="talked")
    bob.clock.add(hours=1)
    bob.do("edit_contact", contact=DANA, name="Dana B")
    assert office.same() == []
    assert show(ann.store, dana)["status"] == "initial_contact"


CAMPAIGN = {"name": "Odd", "kind": "calls", "starts": None, "ends": None, "amount": None, "currency": None, "view": None, "people": []}
VIEW = {"person": None, "name": "Odd", "filter": "", "columns": "", "order": ""}
SHOWN = {"filter": "", "columns": "", "order": ""}
ODD: list[tuple[str, str, Any]] = [
    *(("campaign", "*", CAMPAIGN | one) for one in ({"ends": "soon"}, {"ends": "2026-12"}, {"starts": "20261222"}, {"starts": 5})),
    *(("campaign", "*", CAMPAIGN | one) for one in ({"amount": 5}, {"currency": "ILS"}, {"amount": "x", "currency": "ILS"}, {"name": 5})),
    *(("campaign", "*", CAMPAIGN | {"amount": one, "currency": "ILS"}) for one in (-1, True, 1.5, 2**70)),
    *(
        ("campaign", "*", CAMPAIGN | {"view": one})
        for one in (["x"], "x", {"filter": "x"}, SHOWN | {"columns": "name id"}, SHOWN | {"order": "odd"})
    ),
    *(("campaign", "*", CAMPAIGN | one) for one in ({"kind": None}, {"people": ["00"]}, {"people": [5]}, {"name": "a\0b"})),
    *(("campaign", "dates", one) for one in ({"starts": None, "ends": "soon"}, {"starts": None}, "soon", ["x"])),
    *(("campaign", "cost", one) for one in ({"amount": "x", "currency": "ILS"}, {"amount": 5, "currency": None}, 5)),
    *(("campaign", *one) for one in (("name", None), ("name", 5), ("kind", ["x"]), ("view", ["x"]), ("person/00", True))),
    *(("campaign", f"tick/{'00' * 16}", one) for one in ({"at": "soon", "by": None}, {"at": 5}, {"at": 5, "by": "x"}, True)),
    *(("view", "content", one) for one in (VIEW | {"name": 5}, VIEW | {"filter": ["x"]}, VIEW | {"columns": "odd"}, VIEW | {"order": 1})),
    *(("view", "content", one) for one in (VIEW | {"person": "00"}, {"name": "Odd"}, "Odd", VIEW | {"filter": "a\0b"})),
    *(("view", "default", one) for one in ({"person": "00" * 16, "view": ["x"]}, {"view": "all"}, ["x"])),
]


def test_a_list_is_not_shut_by_one_that_is_none(office, three):
    """What a newer program, or nobody's, says of campaigns and views."""
    _ann, bob, dana = three
    noa = office.laptops[0]
    record = parse_id(noa.do("add_campaign", name="Spring", contacts=[dana])["record"])
    odd = {}
    for entity, register, value in ODD:
        known = entity == "campaign" and register != "*"
        odd[newer(noa, [(entity, record if known else new_id(noa.clock()), register, value)])] = register, value
    noa.sync()
    bob.sync()
    taken = bob.db.rows("SELECT id FROM batch WHERE command = 'send_fax' AND parked = 0")
    assert [odd[bytes(id_).hex()] for (id_,) in taken] == []
    office.same()
    look = Look.at(bob.store)
    assert [one["name"] for one in campaigns_json(look)] == ["Spring"]
    assert [one["name"] for one in campaign_json(look, "Spring")["people"]] == ["Dana Levi"]
    assert views_json(look, sums=True) == views_json(Look.at(noa.store), sums=True)


@pytest.mark.parametrize("first", ["bob", "ann", "hub"])
def test_it_is_taken_in_once_it_is_understood(office, three, first, monkeypatch):
    ann, bob, dana = three
    newer(ann, NEWER["kind"](ann, dana))
    newer(ann, NEWER["half known"](ann, dana))
    bob.clock.add(minutes=-10)
    bob.do("edit_contact", contact=DANA, name="Dana B")
    office.same()
    assert show(bob.store, dana)["name"] == "Dana B"
    learn(monkeypatch)
    if first == "hub":
        assert sync.retry_parked(office.hub.db) == 0
    else:
        {"ann": ann, "bob": bob}[first].sync()
    # Bob did not know of Ann's name; hers is the later.
    assert office.same() == [("bob", "name", "Dana B")]
    for laptop in (ann, bob, office.hub):
        assert laptop.one("SELECT count(*) FROM batch WHERE parked = 1") == 0
        assert show(laptop.store, dana)["name"] == "Dan"
        assert [kind for kind, _, _ in timeline(laptop.store, dana)].count("fax") == 1


def test_what_is_understood_later_is_news(office, three, monkeypatch):
    ann, _bob, dana = three
    newer(ann, NEWER["kind"](ann, dana))
    ann.sync()
    session, changed = Session(office.hub.url, "sue", office.hub.clock), Event()

    def is_news() -> bool:
        return asyncio.run(session.is_news())

    watch = Watch(office.hub.url, changed.set)
    try:
        assert watch.watching.wait(60)
        assert (is_news(), is_news()) == (True, False)
        assert sync.retry_parked(office.hub.db) == 1
        assert not is_news()
        changed.clear()
        learn(monkeypatch)
        assert sync.retry_parked(office.hub.db) == 0
        assert changed.wait(60)
        assert (is_news(), is_news()) == (True, False)
    finally:
        watch.stop()
        session.close()


def test_what_was_done_to_a_record_before_its_making_was_understood_counts(office, three, monkeypatch):
    ann, bob, _dana = three
    ruth = new_id(ann.clock())
    newer(ann, [("contact", ruth, "*", {"name": "Ruth", "created": ann.clock()}), ("contact", ruth, "nickname", "R")], "add_friend")
    stamp = ann.one("SELECT hlc + changes FROM batch WHERE command = 'add_friend'")
    # Her program was put back after this too.
    with pytest.MonkeyPatch.context() as patch:
        learn(patch)
        assert sync.retry_parked(ann.db) == 0
        ann.do("edit_contact", contact=ruth.hex(), name="Ruth Bar", phone="054-111-2233")
        ann.do("tag", contact=ruth.hex(), tag="vip")
    assert ann.one("SELECT hlc FROM batch ORDER BY key DESC LIMIT 1") > stamp
    assert ann.sync().sent == 3
    assert bob.sync().parked == 1
    assert gone(bob.store, ruth.hex())
    assert check(bob.store)["ok"]
    learn(monkeypatch)
    assert office.same() == []
    found = show(bob.store, ruth.hex())
    assert (found["name"], found["tags"], found["phone"]) == ("Ruth Bar", ["vip"], "054-111-2233")


def test_an_undo_of_what_is_not_understood_waits_with_it(office, three, monkeypatch):
    ann, bob, dana = three
    fax = newer(ann, NEWER["kind"](ann, dana))
    record = ann.db.one("SELECT record FROM change c JOIN batch b ON b.key = c.batch WHERE b.id = ?", (bytes.fromhex(fax),))[0]
    newer(ann, [("entry", record, "removed", True)], "undo", bytes.fromhex(fax))
    ann.sync()
    assert bob.sync().parked == 2
    assert log_faults(bob.db) == []
    learn(monkeypatch)
    assert office.same() == []
    for laptop in (ann, bob, office.hub):
        assert laptop.db.rows("SELECT removed > 0 FROM entry WHERE id = ?", (record,)) == [(1,)]
        assert laptop.one("SELECT count(*) FROM batch WHERE parked = 1") == 0
    assert timeline(bob.store, dana) == timeline(ann.store, dana)


def test_what_comes_around_one_that_is_not_understood_is_taken_and_found(office, three):
    """All in one message: the transaction that holds it is made again without it."""
    ann, bob, dana = three
    ann.do("edit_contact", contact=dana, name="Dana Bar")
    newer(ann, NEWER["half known"](ann, dana))
    newer(ann, NEWER["shape"](ann, dana))
    newer(ann, NEWER["fold"](ann, dana))
    ann.do("edit_contact", contact=dana, name="Dana Katz")
    ann.do("edit_contact", contact=ann.lead("Ruth Levi", "054-111-2233"), name="Ruth Katz")
    messages = list(sync.packed(ann.db, list(sync.missing(ann.db, {origin: end.oseq for origin, end in sync.vector(bob.db).items()}))))
    assert sum(sync.take(bob.db, messages, sync.replicas(ann.db), bob.clock())) == 7
    assert bob.one("SELECT count(*) FROM batch WHERE parked = 1") == 3
    found = {word: {row.name for row in find(Look.at(bob.store), word)} for word in ("Levi", "Bar", "Katz", "Ruth")}
    assert found == {"Levi": set(), "Bar": set(), "Katz": {"Dana Katz", "Ruth Katz"}, "Ruth": {"Ruth Katz"}}
    assert log_faults(bob.db) == []
    assert check(bob.store)["ok"]
    office.same()
