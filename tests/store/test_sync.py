"""Laptops meet a hub of either engine: what goes over the line, what is refused, and stores that were copied or put back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from laptops import Laptop, Office, cut_line, everything, written
from store_helpers import Clock, do, show, snapshot

from crm_tui import hub as hubs
from crm_tui import sync
from crm_tui.backup import backup, restore
from crm_tui.channel import GREETING, Channel, Cut, HubFailed
from crm_tui.check import check
from crm_tui.clone import clone
from crm_tui.errors import Damaged, Refused, StoreBusy, StoreFull
from crm_tui.hub import Synced
from crm_tui.ids import show_id
from crm_tui.intake.run import import_file
from crm_tui.store import Store
from crm_tui.sync import End, Split
from crm_tui.users import UserFacts

DANA = "052-345-6789"
LEADS = """name,phone,email,company,notes
Dana Levi,052-345-6789,dana@example.com,Acme,from the fair
Yossi Cohen,03-612-3456,,acme ltd,
Ruth Bar,,ruth@zenith.example,Zenith,
Dana L,0523456789,,,the same
"""


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
