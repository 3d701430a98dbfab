"""What two people did apart without knowing of it: which of it stands, and what is listed as lost, the same everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from laptops import Laptop, Office
from store_helpers import deal, do, gone, show, timeline

from crm_tui import sync
from crm_tui.intake.run import import_file
from crm_tui.reads.conflicts import conflicts
from crm_tui.reads.look import Look
from crm_tui.reads.views import default_view

DANA = "052-345-6789"


@pytest.fixture
def two(office: Office) -> tuple[Laptop, Laptop]:
    """Ann and Bob, who both know Dana."""
    noa = office("noa")
    noa.lead("Dana Levi", DANA)
    noa.sync()
    ann, bob = office("ann"), office("bob")
    ann.clock.add(hours=1)
    bob.clock.add(hours=1)
    return ann, bob


@pytest.fixture(params=[1, -1], ids=["bob later", "ann later"])
def later(two: tuple[Laptop, Laptop], request: pytest.FixtureRequest) -> str:
    """Who does it later by the clock. Ann syncs first, whoever it is."""
    two[1].clock.add(minutes=request.param)
    return "bob" if request.param > 0 else "ann"


def dana(laptop: Laptop) -> str:
    return str(show(laptop.store, laptop.db.one("SELECT id FROM contact")[0].hex())["id"])


def test_a_field_set_to_two_values(office, two, later):
    ann, bob = two
    ann.do("edit_contact", contact=DANA, name="Dana A")
    bob.do("edit_contact", contact=DANA, name="Dana B")
    names = {"ann": "Dana A", "bob": "Dana B"}
    loser = "ann" if later == "bob" else "bob"
    assert office.same() == [(loser, "name", names[loser])]
    assert show(ann.store, dana(ann))["name"] == names[later]


def test_different_fields_do_not_meet(office, two):
    ann, bob = two
    ann.do("edit_contact", contact=DANA, name="Dana A", title="CTO")
    bob.do("edit_contact", contact=DANA, company="Acme", city="Haifa")
    assert office.same() == []
    found = show(ann.store, dana(ann))
    assert (found["name"], found["company"]) == ("Dana A", "Acme")
    assert found["properties"] == {"title": "CTO", "city": "Haifa"}


def test_the_same_value_twice_is_no_conflict_whatever_comes_after(office, two, later):
    ann, bob = two
    ann.do("edit_contact", contact=DANA, name="Dana C")
    bob.do("edit_contact", contact=DANA, name="Dana C")
    assert office.same() == []
    ann.clock.add(hours=1)
    ann.do("edit_contact", contact=DANA, name="Dana D")
    assert office.same() == []


def test_a_deal_won_here_and_lost_there(office, two, later):
    ann, bob = two
    made = ann.do("open_deal", contact=DANA, value=5)["record"]
    office.meet()
    ann.do("move_deal", deal=made, stage="won")
    bob.do("move_deal", deal=made, stage="lost", reason="price")
    ((by, register, value),) = office.same()
    loser = "ann" if later == "bob" else "bob"
    assert (by, register, value["stage"]) == (loser, "stage", {"ann": "won", "bob": "lost"}[loser])
    found, who = deal(bob.store, made), show(bob.store, dana(bob))
    if later == "bob":
        # A win that lost leaves no trace in stage and status.
        assert (found["stage"], found["reason"]) == ("lost", "price")
        assert (who["lifecycle"], who["status"]) == ("other", "in_process")
    else:
        assert (found["stage"], found["reason"]) == ("won", None)
        assert (who["lifecycle"], who["status"]) == ("customer", "customer")


def test_a_person_entered_twice(office, two):
    ann, bob = two
    one, other = ann.lead("Ruth Bar", "054-111-2233"), bob.lead("Ruth B.", "054-111-2233", company="Acme")
    assert office.same() == []
    assert (show(ann.store, one)["name"], show(ann.store, other)["name"]) == ("Ruth Bar", "Ruth B.")


def test_a_status_set_to_two_values(office, two, later):
    ann, bob = two
    ann.do("set_status", contact=DANA, status="in_process")
    bob.do("set_status", contact=DANA, status="closed", reason="timing")
    assert office.same() == [("ann" if later == "bob" else "bob", "*", None)]
    assert show(ann.store, dana(ann))["status"] == ("closed" if later == "bob" else "in_process")


def test_a_status_set_after_reading_the_other_is_no_conflict(office, two):
    ann, bob = two
    ann.do("set_status", contact=DANA, status="in_process")
    office.meet()
    bob.clock.add(days=-60)
    bob.do("set_status", contact=DANA, status="closed", reason="timing")
    assert office.same() == []
    assert show(ann.store, dana(ann))["status"] == "closed", "a slow clock puts nothing before what was read"


def test_a_deal_deleted_here_and_moved_there(office, two, later):
    ann, bob = two
    made = ann.do("open_deal", contact=DANA, value=5)["record"]
    office.meet()
    ann.do("delete_deal", deal=made)
    bob.do("move_deal", deal=made, stage="quote")
    assert office.same() == [("bob", "*", None)]
    assert show(bob.store, dana(bob))["deals"] == []
    assert show(bob.store, dana(bob))["lifecycle"] != "opportunity"


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("log_call", {"outcome": "talked"}),
        ("edit_contact", {"name": "Dana B"}),
        ("edit_contact", {"title": "CTO"}),
        ("tag", {"tag": "vip"}),
        ("add_task", {"due": "2026-12-01"}),
        ("open_deal", {"value": 5}),
        ("route", {"to": "bob"}),
    ],
)
def test_a_contact_deleted_here_and_worked_on_there(office, two, later, command, fields):
    ann, bob = two
    who = dana(ann)
    ann.do("delete_contact", contact=DANA)
    bob.do(command, contact=DANA, **fields)
    assert office.same() == [("bob", "*", None)]
    assert gone(bob.store, who), "what was deleted stays deleted"
    ann.clock.add(hours=1)
    ann.do("restore_edit", edit=ann.db.one("SELECT id FROM lost")[0].hex())
    assert office.same() == []
    assert not gone(bob.store, who)


def test_work_that_a_deletion_knew_of_is_not_listed(office, two):
    ann, bob = two
    bob.do("log_call", contact=DANA, outcome="talked")
    office.meet()
    ann.do("delete_contact", contact=DANA)
    assert office.same() == []


def test_work_by_id_on_what_hangs_on_a_deleted_contact_is_listed(office, two):
    ann, _bob = two
    task = ann.do("add_task", contact=DANA, due="2026-12-01")["record"]
    ann.do("delete_contact", contact=DANA)
    ann.do("complete_task", task=task)
    assert office.same() == [("ann", "*", None)]


def test_work_on_a_deleted_contact_that_was_taken_back_is_not_listed(office, two):
    ann, bob = two
    ann.do("delete_contact", contact=DANA)
    bob.do("tag", contact=DANA, tag="vip")
    assert office.same() == [("bob", "*", None)]
    bob.do("undo")
    assert office.same() == []
    bob.do("redo")
    assert office.same() == [("bob", "*", None)]


@pytest.mark.parametrize("bob_last", [True, False])
def test_a_tag_put_on_here_and_taken_off_there(office, two, bob_last):
    ann, bob = two
    ann.do("tag", contact=DANA, tag="vip")
    office.meet()
    bob.clock.add(minutes=10 if bob_last else 1)
    bob.do("untag", contact=DANA, tag="vip")
    ann.do("untag", contact=DANA, tag="vip")
    ann.clock.add(minutes=5)
    ann.do("tag", contact=DANA, tag="vip")
    assert office.same() == [("ann", "tag/vip", True) if bob_last else ("bob", "tag/vip", None)]
    assert show(ann.store, dana(ann))["tags"] == ([] if bob_last else ["vip"])


def test_an_undo_here_of_what_was_changed_there(office, two, later):
    ann, bob = two
    step = ann.do("edit_contact", contact=DANA, name="Dana A")["id"]
    office.meet()
    ann.do("undo", id=step)
    bob.do("edit_contact", contact=DANA, name="Dana B")
    assert office.same() == ([("ann", "name", "Dana Levi")] if later == "bob" else [("bob", "name", "Dana B")])
    assert show(ann.store, dana(ann))["name"] == ("Dana B" if later == "bob" else "Dana Levi")


def test_an_undo_of_what_others_changed_since_leaves_theirs(office, two):
    ann, bob = two
    step = ann.do("edit_contact", contact=DANA, name="Dana A", title="CTO")["id"]
    office.meet()
    bob.do("edit_contact", contact=DANA, name="Dana B")
    office.meet()
    assert [one["register"] for one in ann.do("undo", id=step)["kept"]] == ["name"]
    assert office.same() == []
    assert show(bob.store, dana(bob))["name"] == "Dana B"


def test_both_undo_the_same_and_one_redoes_it(office, two, later):
    ann, bob = two
    step = ann.do("log_call", contact=DANA, outcome="talked")["id"]
    office.meet()
    for one in two:
        one.do("undo", id=step)
    assert office.same() == []
    assert show(ann.store, dana(ann))["status"] == "new"
    ann.clock.add(hours=1)
    ann.do("redo")
    office.same()
    bob.clock.add(hours=1)
    bob.do("redo")
    assert office.same() == []
    assert show(ann.store, dana(ann))["status"] == "initial_contact"
    assert [kind for kind, _, _ in timeline(bob.store, dana(bob))].count("call") == 1


def test_a_flag_that_both_set_is_one_whichever_contact_bears_it(office, two):
    ann, bob = two
    ruth = {"phone": "050-234-5678", "email": "ruth@zenith.example"}
    for point, value in ruth.items():
        ann.do("add_lead", name="Ruth Bar", **{point: value})
    office.meet()
    bob.clock.add(days=10)
    # Each dealt with another one of the two last, and so the lead that could be both is the touch of another one.
    steps = []
    for laptop, point in ((ann, "phone"), (bob, "email")):
        laptop.clock.add(hours=1)
        laptop.do("log_note", contact=ruth[point], note="x")
        steps.append(laptop.do("add_lead", name="Ruth Bar", **ruth)["id"])
    assert office.same() == []
    assert ann.one("SELECT count(DISTINCT register) FROM change WHERE register LIKE 'duplicate/%'") == 2
    # Ann's clock is behind Bob's, who flagged the pair as well.
    kept = ann.do("undo", id=steps[0])["kept"]
    assert "duplicate" in [one["register"].partition("/")[0] for one in kept]
    office.same()
    assert bob.one("SELECT count(*) FROM pair") == 2


def test_settings_of_two_admins(office, two):
    noa = office.laptops[0]
    other = office("noa", "noa2")
    noa.do("set_setting", name="limits.follow_up_days", value=1)
    other.clock.add(minutes=1)
    other.do("set_setting", name="limits.follow_up_days", value=5)
    ((by, register, value),) = office.same()
    assert (by, register, value["value"]) == ("noa", "value", 1)
    assert noa.store.settings() == {"limits.follow_up_days": 5}
    do(noa.store, "restore_edit", edit=noa.db.one("SELECT id FROM lost")[0].hex())
    assert office.same() == []
    assert other.store.settings() == {"limits.follow_up_days": 1}


def test_a_shared_view_that_two_saved(office, two):
    ann, bob = two
    ann.do("save_view", name="Hot", filter="tag:hot", shared=True, default=True)
    bob.clock.add(minutes=1)
    bob.do("save_view", name="HOT", filter="tag:hotter", shared=True)
    bob.do("save_view", name="Hot", filter="owner:me", shared=False)
    ((by, register, value),) = office.same()
    assert (by, register, value["filter"]) == ("ann", "content", "tag:hot")
    assert [one.says for one in conflicts(Look.at(ann.store))] == ["saved view “Hot”: tag:hot"]
    shared = "SELECT name, filter FROM views WHERE person IS NULL"
    assert ann.db.rows(shared) == [("HOT", "tag:hotter")]
    ann.do("restore_edit", edit=ann.db.one("SELECT id FROM lost")[0].hex())
    assert office.same() == []
    assert bob.db.rows(shared) == [("Hot", "tag:hot")]
    assert default_view(Look.at(ann.store)).name == "Hot"
    assert default_view(Look.at(bob.store)) is None


def test_a_view_deleted_here_and_changed_there(office, two):
    ann, mia = two[0], office("mia")
    ann.do("save_view", name="Hot", filter="tag:hot", shared=True)
    office.meet()
    mia.do("delete_view", name="Hot")
    ann.clock.add(minutes=1)
    ann.do("save_view", name="Hot", filter="tag:hotter")
    office.same()
    assert mia.db.rows("SELECT filter FROM views") == [("tag:hotter",)]
    assert [one.says for one in conflicts(Look.at(mia.store))] == ["a view was deleted"]


def test_work_on_a_row_of_a_file_that_came_in_before_the_same_file(office: Office, tmp_path: Path) -> None:
    """Ann's work on what noa imported reaches bob without that import; then he imports the same file."""
    file = tmp_path / "leads.csv"
    file.write_text("name,phone,email\nDana Levi,052-345-6789,\nTal Mor,054-999-8877,tal@zenith.example\n")
    noa, ann, bob = office("noa"), office("ann"), office("bob")
    import_file(noa.store, file)
    noa.sync()
    ann.sync()
    for phone in ("052-345-6789", "054-999-8877"):
        ann.do("log_call", contact=phone, outcome="no_answer")
        ann.do("edit_contact", contact=phone, company="Acme")
        ann.do("open_deal", contact=phone, value=500)
    heads = [head for head in sync.missing(ann.db, {}) if head.actor == ann.store.actor.id]
    with_work = list(sync.packed(ann.db, heads))
    assert sum(sync.take(bob.db, with_work, sync.replicas(ann.db), bob.clock())) == len(heads)
    import_file(bob.store, file)
    assert [row[0] for row in bob.db.rows("SELECT status FROM contact ORDER BY name")] == ["in_process", "in_process"]
    office.same()
