"""Laptops meet a hub of either engine: what goes over the line, what is refused, and stores that were copied or put back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from laptops import DANA, Laptop, Office, cut_line, everything, written
from store_helpers import Clock, do, show, snapshot

from crm_tui import hub as hubs
from crm_tui import sync
from crm_tui.channel import Channel, Cut
from crm_tui.check import check
from crm_tui.clone import clone
from crm_tui.errors import Damaged, Refused
from crm_tui.hub import Synced
from crm_tui.store import Store
from crm_tui.sync import End
from crm_tui.users import UserFacts

# what goes over the line


def test_a_hub_is_founded_and_cloned(office):
    noa = office("noa")
    noa.lead("Dana Levi", DANA)
    assert noa.sync()._replace(bytes=0) == Synced(1, 0, 0, 0)
    ann = office("ann")
    assert [user.name for user in ann.store.users()] == ["noa", "ann", "bob", "mia", "sue"]
    assert ann.db.path is not None
    assert ann.db.path.stat().st_mode & 0o77 == 0
    assert sync.noted(ann.db, "remote") == office.hub.url
    assert not list(Path(office.folder).glob("*.part*"))
    assert office.same() == []


def test_work_on_both_sides_comes_together_and_a_second_sync_says_little(office):
    noa = office("noa")
    ann, bob = office("ann"), office("bob")
    dana = ann.lead("Dana Levi", DANA, company="Acme")
    ann.do("log_call", contact=DANA, outcome="talked", note="wants a roof")
    bob.lead("Yossi Cohen", "03-612-3456")
    office.hub.do("set_setting", name="limits.touch_days", value=9)
    assert ann.sync()._replace(bytes=0) == Synced(2, 1, 0, 0)
    assert bob.sync()._replace(bytes=0) == Synced(1, 3, 0, 0)
    assert ann.sync()._replace(bytes=0) == Synced(0, 1, 0, 0)
    assert office.same() == []
    assert show(noa.store, dana)["status"] == "initial_contact"
    assert noa.store.settings() == {"limits.touch_days": 9}
    again = ann.sync()
    assert again._replace(bytes=0) == Synced(0, 0, 0, 0)
    assert again.bytes < 300


def test_a_vector_names_the_end_of_every_origin(office):
    noa = office("noa")
    for _ in range(3):
        noa.do("log_note", contact=noa.lead("Dana", DANA), note="x")
    ends = sync.vector(noa.db)
    assert {origin: end.oseq for origin, end in ends.items()} == dict(
        noa.db.rows("SELECT r.origin, count(*) FROM batch b JOIN replica r ON r.key = b.replica GROUP BY r.origin")
    )
    assert sync.ends_of_json(sync.ends_as_json(ends)) == ends
    assert sync.fingerprint(ends) == sync.fingerprint(dict(reversed(ends.items())))
    other = dict(ends)
    for origin, end in ends.items():
        for changed in (End(end.oseq + 1, end.digest), End(end.oseq, bytes(8))):
            assert sync.fingerprint({**other, origin: changed}) != sync.fingerprint(ends)


def many_origins(laptop: Laptop) -> None:
    for number in range(30):
        laptop.store.new_origin()
        laptop.do("tag", contact=DANA, tag=f"t{number}")
    laptop.sync()


def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Fills with what both sides say from now on."""
    said: list[dict[str, Any]] = []
    send = Channel.send

    def heard(self: Channel, message: Any, *, flush: bool = False) -> None:
        said.append(message)
        send(self, message, flush=flush)

    monkeypatch.setattr(Channel, "send", heard)
    return said


def test_who_met_before_names_only_what_came_since(office, monkeypatch):
    noa, ann = office("noa"), office("ann")
    noa.lead("Dana", DANA)
    many_origins(noa)
    ann.sync()
    first = ann.do("tag", contact=DANA, tag="first")
    with monkeypatch.context() as patch:
        said = told(patch)
        small = ann.sync().bytes
    assert next(message["vector"] for message in said if "vector" in message) == [], "nothing came since"
    ann.do("undo", id=first["id"])
    noa.do("tag", contact=DANA, tag="noa")
    noa.sync()
    with monkeypatch.context() as patch:
        said = told(patch)
        assert ann.sync()._replace(bytes=0) == Synced(1, 1, 0, 0)
    assert [len(message["vector"]) for message in said if "vector" in message] == [1, 2]
    sync.note(ann.db, {"met": None})
    ann.do("tag", contact=DANA, tag="again")
    assert ann.sync().bytes > small + 500
    assert office.same() == []


def test_a_clone_and_its_hub_have_met(office, monkeypatch):
    noa = office("noa")
    noa.lead("Dana", DANA)
    many_origins(noa)
    ann = office("ann")
    ann.do("tag", contact=DANA, tag="first")
    said = told(monkeypatch)
    ann.sync()
    assert next(message["vector"] for message in said if "vector" in message) == []


@pytest.mark.parametrize("noted", [(0, 1), (1, 0), (-3, 0), (0, -3), (-4, -4), (10**6, 0), (2**62, 0), (-(10**6), -(10**6)), None])
def test_a_meeting_that_is_noted_wrongly_costs_bytes_only(office, noted):
    noa, ann = office("noa"), office("ann")
    noa.lead("Dana", DANA)
    office.meet()
    for number in range(4):
        for laptop in (noa, ann):
            laptop.do("tag", contact=DANA, tag=f"{laptop} {number}")
    office.meet()
    ann.do("tag", contact=DANA, tag="mine")
    noa.do("tag", contact=DANA, tag="hers")
    noa.sync()
    there, here = sync.noted(ann.db, "met")
    sync.note(ann.db, {"met": [there + noted[0], here + noted[1]] if noted else None})
    assert ann.sync()._replace(bytes=0) == Synced(1, 1, 0, 0)
    office.same()


def test_an_older_laptop_and_an_older_hub_name_all_they_have(office, monkeypatch):
    noa, ann = office("noa"), office("ann")
    noa.lead("Dana", DANA)
    send = hubs._send
    for number, older in enumerate(("laptop", "hub", None)):
        noa.do("tag", contact=DANA, tag=f"hers {number}")
        ann.do("edit_contact", contact=ann.lead(f"Ruth {number}", f"03-612-345{number}"), name="Ruth Bar")
        noa.sync()
        with monkeypatch.context() as patch:
            if older == "laptop":
                patch.setattr(hubs, "_last_met", lambda _db: (0, {}))
            elif older == "hub":
                patch.setattr(hubs, "_common", lambda _db, _met: {})
                patch.setattr(hubs, "_send", lambda channel, db, heads, _have, progress, _at=None: send(channel, db, heads, {}, progress))
            ann.sync()
        assert (sync.noted(ann.db, "met") is None) == (older == "hub")
    office.same()


def test_missing_is_what_the_other_lacks_in_the_order_of_arrival(office):
    noa = office("noa")
    ann = office("ann")
    ann.lead("Dana", DANA)
    noa.lead("Yossi", "03-612-3456")
    office.meet()
    heads = list(sync.missing(noa.db, {}))
    assert [head.key for head in heads] == sorted(head.key for head in heads)
    assert len(heads) == noa.one("SELECT count(*) FROM batch")
    ends = sync.vector(noa.db)
    assert list(sync.missing(noa.db, {origin: end.oseq for origin, end in ends.items()})) == []
    mine = list(sync.missing(noa.db, {}, ann.store.actor.id))
    assert [head.command for head in mine] == ["add_lead"]


def test_what_waits_to_be_sent_is_counted(office):
    noa = office("noa")
    me = noa.store.actor.id
    assert sync.unsent(noa.db, me) == 0
    noa.lead("Dana", DANA)
    noa.do("tag", contact=DANA, tag="vip")
    assert sync.unsent(noa.db, me) == 2
    noa.sync()
    assert sync.unsent(noa.db, me) == 0


def test_a_line_that_breaks_again_and_again_comes_to_an_end(office):
    noa = office("noa")
    ann = office("ann")
    for number in range(25):
        noa.lead(f"Lead {number}", f"052-345-67{number:02}")
        ann.do("add_lead", name=f"Mine {number}", email=f"m{number}@x.example")
    noa.sync()
    got = [office.hub.one("SELECT count(*) FROM batch") + ann.one("SELECT count(*) FROM batch")]
    for _ in range(200):
        try:
            with cut_line(sends=800, receives=800):
                ann.sync()
            break
        except Cut:
            got.append(office.hub.one("SELECT count(*) FROM batch") + ann.one("SELECT count(*) FROM batch"))
            assert got[-1] >= got[-2], "what was taken stands"
    assert len(got) > 4
    assert got[-1] > got[0]
    office.same()


def test_a_founding_that_breaks_goes_on(office, sqlite_template):
    laptop = Laptop(office.folder, "noa", str(office.folder / "noa.db"), "noa", office.hub.url)
    shutil.copyfile(sqlite_template, laptop.url)
    with Store(laptop.url, "ann", laptop.clock) as ann:
        os.environ["CRM_HOME"] = str(laptop.home)
        do(ann, "add_lead", name="Of Ann")
    for sends in (30, 100, 300, 600):
        with pytest.raises(Cut), cut_line(sends=sends):
            laptop.sync()
    assert laptop.sync().sent > 0
    assert everything(laptop.db) == everything(office.hub.db)
    laptop.close()


def test_a_second_founder_is_refused(office, sqlite_template, tmp_path):
    office("noa")
    stranger = Laptop(tmp_path, "x", str(tmp_path / "x.db"), "noa", office.hub.url, Clock("2026-10-01T10:00"))
    before = written(office.hub.db)
    with pytest.raises(Refused, match="share no history"):
        stranger.sync()
    assert written(office.hub.db) == before
    stranger.close()


def test_a_race_of_two_founders_has_one_winner(office, sqlite_template, tmp_path, monkeypatch):
    """The other one founds it between what the hub says and what it takes in."""
    stranger = Laptop(tmp_path, "x", str(tmp_path / "x.db"), "noa", office.hub.url, Clock("2026-10-01T10:00"))
    stranger.lead("Somebody", "050-111-2233")
    whole = hubs._found

    def meanwhile(*args):
        monkeypatch.setattr(hubs, "_found", whole)
        office("noa")
        return whole(*args)

    monkeypatch.setattr(hubs, "_found", meanwhile)
    with pytest.raises(Refused, match="Somebody else founded"):
        stranger.sync()
    assert everything(office.hub.db) == everything(office.laptops[0].db)
    stranger.close()


def test_nothing_is_cloned_from_an_empty_hub_or_over_a_store(office, tmp_path):
    with pytest.raises(Refused, match="empty yet"):
        clone(office.hub.url, str(tmp_path / "c.db"), "ann", Clock())
    noa = office("noa")
    with pytest.raises(Refused, match="exists already"):
        clone(office.hub.url, noa.url, "noa", Clock())
    with pytest.raises(Refused, match="no user"):
        clone(office.hub.url, str(tmp_path / "c.db"), "nobody", Clock())
    assert not (tmp_path / "c.db").exists()


def test_a_clone_goes_on_where_it_was_cut(office, tmp_path):
    noa = office("noa")
    for number in range(30):
        noa.lead(f"Lead {number}", f"052-345-67{number:02}")
    noa.sync()
    url = str(tmp_path / "c.db")
    with pytest.raises((Cut, Damaged)), cut_line(receives=9_000):
        cut_clone(office, url)
    clone(office.hub.url, url, "ann", Clock())
    with Store(url, "ann", Clock()) as store:
        assert everything(store.db) == everything(noa.db)
        assert check(store)["ok"]


def test_a_clone_leaves_this_process_its_locks_on_the_hub(office):
    """Another process that closes the hub would else take away the write-ahead log that this one writes."""
    path = Path(office.hub.url)
    if not path.is_absolute():
        pytest.skip("a server keeps its own locks")
    office("noa")
    dana = office.hub.lead("Dana", DANA)
    office("ann")
    office.hub.do("tag", contact=dana, tag="vip")
    read = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('SELECT count(*) FROM contact').fetchone(); db.close()"
    subprocess.run([sys.executable, "-c", read, str(path)], check=True)
    assert Path(f"{path}-wal").exists()
    office.hub.do("tag", contact=dana, tag="hot")
    assert office.same() == []


def cut_clone(office: Office, url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crm_tui.clone.line_to", hubs.line_to)
        clone(office.hub.url, url, "ann", Clock())


# whose it is


def test_only_what_a_person_did_themselves_is_taken(office):
    noa = office("noa")
    ann = office("ann")
    with Store(ann.url, "bob", ann.clock) as bob:
        do(bob, "add_lead", name="Of Bob")
    ann.lead("Of Ann", DANA)
    assert ann.sync().sent == 1
    forged = next(head for head in sync.missing(ann.db, {}) if head.actor != ann.store.actor.id and head.command == "add_lead")
    message = next(sync.packed(ann.db, [forged]))
    before = written(office.hub.db)
    for person in (ann, noa):
        actor = person.store.actor
        with pytest.raises(Refused, match="only what"):
            hubs._check_rights(office.hub.db, sync.unpacked(message), actor)
    # Bob himself may bring it, from whatever store.
    with Store(ann.url, "bob", ann.clock) as bob:
        assert hubs.synchronise(bob, office.hub.url).sent == 1
    assert len(written(office.hub.db)) == len(before) + 1
    office.same()


def test_an_origin_is_one_persons(office):
    office("noa")
    ann = office("ann")
    ann.lead("Of Ann", DANA)
    ann.sync()
    bob = next(user for user in ann.store.users() if user.name == "bob")
    origin = next(head for head in sync.missing(ann.db, {}, ann.store.actor.id)).origin
    head = sync.unpacked(next(sync.packed(ann.db, list(sync.missing(ann.db, {}, ann.store.actor.id)))))
    stolen = head._replace(head=head.head._replace(actor=bob.id, oseq=2))
    assert stolen.head.origin == origin
    with pytest.raises(Refused, match="only what"):
        hubs._check_rights(office.hub.db, stolen, bob)


@pytest.mark.parametrize(
    ("command", "fields"),
    [("add_user", {"name": "zoe", "role": "admin"}), ("set_setting", {"name": "limits.touch_days", "value": 9})],
)
def test_a_role_that_a_laptop_gave_itself_counts_nothing_at_the_hub(office, command, fields):
    noa = office("noa")
    ann = office("ann")
    ann.lead("Before", DANA)
    ann.db.run("UPDATE users SET role = 'admin' WHERE name = 'ann'")
    ann.do(command, **fields)
    ann.lead("After", "03-612-3456")
    before = snapshot(noa.store)
    with pytest.raises(Refused, match="ann is rep"):
        ann.sync()
    noa.sync()
    # What came before it was taken.
    assert [one["name"] for one in snapshot(noa.store)["contacts"]] == [*(one["name"] for one in before["contacts"]), "Before"]
    assert (snapshot(noa.store)["users"], snapshot(noa.store)["settings"]) == (before["users"], before["settings"])


def test_whom_the_hub_does_not_know_yet_may_bring_what_is_theirs(office):
    noa = office("noa")
    noa.do("add_user", name="zoe", role="rep")
    with Store(noa.url, "zoe", noa.clock) as zoe:
        do(zoe, "add_lead", name="Of Zoe")
        assert hubs.synchronise(zoe, office.hub.url).sent == 1
    assert office.same() == []


def test_a_hub_over_ssh_asks_who_it_is_by_the_login(office):
    office("noa")
    db = office.hub.db
    assert hubs._person(db, "ANN", None).name == "ann"
    with pytest.raises(Refused, match="no user"):
        hubs._person(db, "root", None)
    assert hubs._person(db, None, bytes(16)) == UserFacts(bytes(16), "", "rep")
