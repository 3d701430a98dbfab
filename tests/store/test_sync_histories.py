"""Histories that split, go back or come twice: restored and copied stores, gaps, clocks, imports on two laptops."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
from laptops import DANA, LEADS, Laptop, written
from store_helpers import show, snapshot

from crm_tui import hub as hubs
from crm_tui import sync
from crm_tui.backup import backup, restore
from crm_tui.channel import GREETING, Channel, HubFailed
from crm_tui.errors import Refused, StoreBusy, StoreFull
from crm_tui.ids import show_id
from crm_tui.intake.run import import_file
from crm_tui.sync import Split

# histories that split


def test_a_store_put_back_without_telling_splits_and_says_so(office):
    """A whole machine goes back in time, home and store together, and works on under the same origin."""
    office("noa")
    ann = office("ann")
    ann.lead("Dana", DANA)
    ann.close()
    shutil.copytree(ann.home, f"{ann.home}.old")
    shutil.copyfile(ann.url, f"{ann.url}.old")
    for after in (-1, 0, 1):
        ann.do("tag", contact=DANA, tag=f"here {after}")
        ann.do("tag", contact=DANA, tag=f"there {after}")
        ann.sync()
        ann.close()
        shutil.rmtree(ann.home)
        shutil.copytree(f"{ann.home}.old", ann.home)
        shutil.copyfile(f"{ann.url}.old", ann.url)
        for number in range(2 + after):
            ann.do("tag", contact=DANA, tag=f"again {number}")
        before = written(office.hub.db), written(ann.db)
        with pytest.raises((Split, Refused), match="split"):
            ann.sync()
        assert (written(office.hub.db), written(ann.db)) == before, "nothing of a split history is mixed"
        break_away(ann)


def break_away(laptop: Laptop) -> None:
    """A new store in the place of a split one, as the message says, kept for the next time."""
    laptop.close()
    Path(laptop.url).unlink()
    laptop.clone()
    laptop.do("log_note", contact=DANA, note="a new origin")
    laptop.close()
    shutil.rmtree(f"{laptop.home}.old")
    shutil.copytree(laptop.home, f"{laptop.home}.old")
    shutil.copyfile(laptop.url, f"{laptop.url}.old")


def test_a_gap_is_refused(office):
    noa = office("noa")
    ann = office("ann")
    noa.lead("Dana", DANA)
    noa.do("tag", contact=DANA, tag="vip")
    last = list(sync.missing(noa.db, {}, noa.store.actor.id))[-1]
    before = written(ann.db)
    with pytest.raises(Refused, match="missing before"):
        list(sync.take(ann.db, list(sync.packed(noa.db, [last])), {}, 0))
    assert written(ann.db) == before
    noa.sync()
    office.same()


def test_a_batch_that_is_known_is_taken_once(office):
    noa = office("noa")
    noa.lead("Dana", DANA)
    known = list(sync.packed(noa.db, list(sync.missing(noa.db, {}))))
    assert sum(sync.take(noa.db, known, {}, 0)) == 0
    noa.sync()
    assert office.same() == []


@pytest.mark.parametrize("room", [0, 1, 3])
def test_what_fails_when_all_was_taken_is_raised(office, monkeypatch, room):
    """A full disk is found when a transaction ends; what has room without the rest stands."""
    noa, ann = office("noa"), office("ann")
    noa.lead("Dana", DANA)
    for number in range(5):
        noa.do("tag", contact=DANA, tag=f"t{number}")
    whole = list(sync.packed(noa.db, list(sync.missing(noa.db, {}, noa.store.actor.id))))[-6:]
    before = ann.one("SELECT count(*) FROM batch")

    def full(db, _later):
        if ann.one("SELECT count(*) FROM batch") > before + room:
            raise StoreFull("The disk is full.")

    monkeypatch.setattr(sync, "follow", full)
    with pytest.raises(StoreFull):
        list(sync.take(ann.db, whole, sync.replicas(noa.db), 0))
    assert ann.one("SELECT count(*) FROM batch") == before + room


@pytest.mark.parametrize("meets_first", [True, False])
def test_a_restored_backup_goes_on_as_a_new_origin(office, meets_first):
    office("noa")
    ann = office("ann")
    ann.lead("Dana", DANA)
    backup(ann.store, office.folder / "ann.backup")
    ann.do("edit_contact", contact=DANA, name="Dana Levi")
    ann.do("tag", contact=DANA, tag="vip")
    ann.sync()
    ann.close()
    restore(ann.url, office.folder / "ann.backup", "ann", ann.clock)
    if meets_first:
        ann.sync()
    ann.do("tag", contact=DANA, tag="hot")
    assert office.same() == []
    assert ann.one("SELECT count(*) FROM replica WHERE person = ?", ann.store.actor.id) == 2
    (dana,) = snapshot(ann.store)["contacts"]
    assert (dana["name"], sorted(dana["tags"])) == ("Dana Levi", ["hot", "vip"])


def test_a_copied_store_is_another_origin(office):
    noa = office("noa")
    ann = office("ann")
    ann.lead("Dana", DANA)
    ann.close()
    twin = Laptop(office.folder, "ann", str(office.folder / "twin.db"), "ann", ann.hub)
    shutil.copyfile(ann.url, twin.url)
    office.laptops.append(twin)
    twin.do("tag", contact=DANA, tag="twin")
    ann.do("tag", contact=DANA, tag="ann")
    assert office.same() == []
    assert sorted(snapshot(noa.store)["contacts"][0]["tags"]) == ["ann", "twin"]


@pytest.mark.parametrize("first", ["ann", "bob"])
def test_a_hub_put_back_gets_everything_again_in_whatever_order(office, first):
    """What somebody did to another's work may come before it: an edit, an undo, a flag, a contact before its company."""
    if not Path(office.hub.url).is_absolute():
        pytest.skip("a database is put back into another one")
    office("noa")
    ann, bob = office("ann"), office("bob")
    dana = ann.lead("Dana", DANA, company="Acme")
    office.meet()
    backup(office.hub.store, office.folder / "hub.backup")
    ruth = ann.lead("Ruth Bar", "054-111-2233", company="Zenith")
    step = bob.do("edit_contact", contact=DANA, name="Dana B")["id"]
    office.meet()
    bob.do("log_call", contact=ruth, outcome="talked")
    twin = bob.lead("Ruth Bar", "054-111-4455", company="Zenith")
    bob.do("edit_contact", contact=dana, company="Zenith")
    ann.do("undo", id=step)
    office.meet()
    assert show(ann.store, dana)["name"] == "Dana"
    found = show(ann.store, ruth)
    assert found["possible_duplicates"] == [twin]
    office.hub.close()
    restore(office.hub.url, office.folder / "hub.backup", "sue", office.hub.clock)
    {"ann": ann, "bob": bob}[first].sync()
    assert office.same() == []
    assert show(office.hub.store, ruth) == found
    assert sorted(office.hub.db.rows("SELECT id, search FROM contact")) == sorted(ann.db.rows("SELECT id, search FROM contact"))


def test_a_clock_that_is_wrong_by_two_months_refuses_and_locks_nothing(office):
    noa = office("noa")
    ann, bob = office("ann"), office("bob")
    dana = noa.lead("Dana", DANA)
    office.meet()
    ann.clock.add(days=60)
    bob.clock.add(days=-60)
    for laptop, name in ((ann, "Of Ann"), (bob, "Of Bob"), (noa, "Of Noa")):
        laptop.do("edit_contact", contact=dana, name=name)
        laptop.do("log_call", contact=dana, outcome="no_answer")
        assert office.same() == [], "who has seen the other's version overwrites it knowingly"
        assert show(noa.store, dana)["name"] == name
    assert show(bob.store, dana)["attempts"] == 3


# imports


def test_a_file_imported_on_two_laptops_is_there_once(office):
    office("noa")
    ann, bob = office("ann"), office("bob")
    (office.folder / "leads.csv").write_text(LEADS)
    bob.clock.add(minutes=-5)
    for laptop in (ann, bob):
        import_file(laptop.store, office.folder / "leads.csv")
    ann.do("edit_contact", contact=DANA, name="Dana A", phones=["050-999-8877"])
    assert office.same() == []
    names = sorted(one["name"] for one in snapshot(ann.store)["contacts"])
    assert names == ["Dana A", "Ruth Bar", "Yossi Cohen"], "what was edited after the later making stands over the earlier one"
    assert ann.one("SELECT count(*) FROM company") == 3
    assert import_file(bob.store, office.folder / "leads.csv").taken.created == 0


def test_an_import_that_was_undone_elsewhere_by_a_fast_clock_comes_back_by_a_slow_one(office):
    office("noa")
    ann, bob = office("ann"), office("bob")
    (office.folder / "leads.csv").write_text(LEADS)
    import_file(bob.store, office.folder / "leads.csv")
    office.meet()
    ann.clock.add(days=30)
    ann.do("undo", id=ann.db.one("SELECT id FROM batch WHERE command = 'import'")[0].hex())
    office.meet()
    assert snapshot(bob.store)["contacts"] == []
    bob.do("redo", id=bob.db.one("SELECT id FROM batch WHERE command = 'undo'")[0].hex())
    assert office.same() == []
    assert len(snapshot(ann.store)["contacts"]) == 3


def test_a_hub_that_is_busy_says_so(office, monkeypatch):
    noa = office("noa")
    noa.lead("Dana", DANA)

    def busy(*_args):
        raise StoreBusy("The store is busy.")

    with monkeypatch.context() as patch, pytest.raises(HubFailed, match="busy"):
        patch.setattr(sync, "take", busy)
        noa.sync()
    assert office.same() == []


def test_who_is_left_without_an_arrival_waits_since_being_made(office):
    noa, ann = office("noa"), office("ann")
    (office.folder / "leads.csv").write_text("name,phone\nRuth Bar,052-345-6701\n")
    ann.clock.add(hours=-1)
    known = ann.lead("Ruth Bar", "052-345-6701")
    import_file(ann.store, office.folder / "leads.csv")
    import_file(noa.store, office.folder / "leads.csv")
    noa.sync()
    ann.sync()
    noa.sync()
    office.same()
    rows = dict(noa.db.rows("SELECT id, started_at FROM contact WHERE name = 'Ruth Bar'"))
    assert len(rows) == 2
    assert min(rows.values()) >= ann.clock()
    assert known in {show_id(id_) for id_ in rows}


def test_what_a_hub_said_before_it_hung_up_is_heard(office, monkeypatch):
    noa = office("noa")
    real = Channel._write
    gone = threading.Event()

    def refuse(channel, *_args, **_more):
        channel.greet()
        channel.send({"error": "not today"}, flush=True)
        channel._reads.close()
        gone.set()

    def write(channel, data):
        if data not in (GREETING,) and threading.current_thread() is threading.main_thread():
            assert gone.wait(20)
        real(channel, data)

    monkeypatch.setattr(hubs, "serve", refuse)
    monkeypatch.setattr(Channel, "_write", write)
    with pytest.raises(Refused, match="not today"):
        noa.sync()
