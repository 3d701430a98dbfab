"""Saved views: kept in the log, of one person or shared, undone, the one to begin with; the same after a replay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from store_helpers import difference, do, lead, no_step, refused, replayed, snapshot

from crm_tui.check import check
from crm_tui.errors import Refused
from crm_tui.reads.export import export_records
from crm_tui.reads.look import Look
from crm_tui.reads.people import people
from crm_tui.reads.views import default_view, view_named, views, views_json
from crm_tui.store import Store


def saved(store: Store) -> list[tuple[str, str, str, tuple[str, ...], str]]:
    """The saved views that a person has."""
    return [(one.name, one.kind, one.filter, one.columns, one.order) for one in views(Look.at(store)) if one.kind != "shipped"]


def test_a_view_is_its_persons_or_everybodys(store: Store, ann: Store) -> None:
    do(store, "save_view", name="Hot leads", filter="STAGE:Lead   tag:hot", columns=["name", "value"], order="value")
    do(ann, "save_view", name="hot LEADS", filter="owner:me age>72h")
    do(ann, "save_view", name="פגישות", filter="deal:meeting", shared=True)
    do(ann, "save_view", name="פגישות", shared="true", default="no")
    both = ("פגישות", "shared", "deal:meeting", (), "")
    assert saved(store) == [("Hot leads", "own", "stage:lead tag:hot", ("name", "value"), "value"), both]
    assert saved(ann) == [("hot LEADS", "own", "owner:me age>3d", (), ""), both]


def test_saved_again_it_changes(store: Store, ann: Store) -> None:
    made = do(ann, "save_view", name="Hot", filter="tag:hot", order="value", shared=True)
    again = do(ann, "save_view", name="hot", columns="name, phone name")
    assert again["record"] == made["record"], "a shared one that one has none of one's own beside"
    assert saved(store) == [("Hot", "shared", "tag:hot", ("name", "phone"), "value")]
    do(ann, "save_view", name="Hot", order="", shared=False)
    assert saved(ann) == [("Hot", "own", "tag:hot", ("name", "phone"), ""), ("Hot", "shared", "tag:hot", ("name", "phone"), "value")]
    no_step(ann, "save_view", name="Hot", filter="tag:hot")
    do(ann, "save_view", name="Hot", filter="")
    assert saved(ann)[0][2] == ""


def test_a_shared_view_is_changed_by_who_made_it_or_leads(store: Store, ann: Store, bob: Store, as_user: Any) -> None:
    made = do(ann, "save_view", name="Hot", filter="tag:hot", shared=True)
    for fields in ({"filter": "tag:hotter"}, {"columns": "name"}, {"shared": True, "filter": ""}):
        caught = refused(bob, "save_view", name="HOT", **fields)
        assert caught.field == "name"
        assert caught.message.startswith("ann shared the view Hot; only ann, or lead manager / supervisor / admin, may change it.")
        assert "Save your own under this name (shared: false)." in caught.message
    assert "ann shared" in refused(bob, "delete_view", name="hot").message
    assert "ann shared" in refused(bob, "undo", id=made["id"]).message
    do(bob, "save_view", name="hot", default=True)
    do(bob, "save_view", name="hot", filter="tag:mine", shared=False)
    do(bob, "delete_view", name="hot")
    do(as_user("mia"), "save_view", name="hot", filter="tag:hotter")
    changed = do(ann, "save_view", name="hot", filter="tag:hottest")
    gone = do(as_user("sue"), "delete_view", name="hot")
    assert "ann shared" in refused(bob, "undo", id=gone["id"]).message, "nor is it brought back"
    do(store, "undo", id=gone["id"])
    assert "ann shared" in refused(bob, "undo", id=changed["id"]).message, "it is still ann's"
    do(ann, "delete_view", name="hot")
    do(bob, "save_view", name="Hot", filter="tag:new", shared=True)
    assert "bob shared" in refused(ann, "delete_view", name="hot").message, "made anew it is bob's"
    do(store, "delete_view", name="hot")


def test_undo_and_redo(store: Store) -> None:
    do(store, "save_view", name="Hot", filter="tag:hot", default=True)
    first = snapshot(store)
    do(store, "save_view", name="Hot", filter="tag:hotter", default=False)
    do(store, "delete_view", name="HOT")
    assert saved(store) == []
    do(store, "undo")
    do(store, "undo")
    assert difference(snapshot(store), first) == []
    do(store, "redo")
    assert saved(store) == [("Hot", "own", "tag:hotter", (), "")]
    assert default_view(Look.at(store)) is None
    do(store, "undo")
    do(store, "undo")
    assert (saved(store), default_view(Look.at(store))) == ([], None)


def test_the_view_to_begin_with(store: Store, ann: Store) -> None:
    do(store, "save_view", name="Hot", filter="tag:hot", shared=True)

    def begins(one: Store) -> Any:
        found = default_view(Look.at(one))
        return found and found.name

    do(store, "save_view", name="hot", default=True)
    assert (begins(store), begins(ann)) == ("Hot", None), "each person has their own"
    do(ann, "save_view", name="mine", default=True)
    assert (begins(store), begins(ann)) == ("Hot", "Mine")
    no_step(ann, "save_view", name="Mine", default=True)
    do(store, "delete_view", name="hot")
    assert begins(store) is None
    do(ann, "save_view", name="mine", default=False)
    assert begins(ann) is None


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"name": "x"}, "filter", "filter is missing"),
        ({"name": "x", "filter": "stage:leed"}, "filter", "Did you mean lead?"),
        ({"name": "", "filter": ""}, "name", "empty"),
        ({"name": "***", "filter": ""}, "name", "1 to 60"),
        ({"name": "x" * 61, "filter": ""}, "name", "1 to 60"),
        ({"name": "mine", "filter": "owner:bob"}, "name", "comes with the program"),
        ({"name": "Missing data", "order": "value"}, "name", "comes with the program"),
        ({"name": "x", "filter": "", "columns": ["name", "shoe"]}, "columns", "There is no column shoe."),
        ({"name": "x", "filter": "", "columns": 5}, "columns", "right type"),
        ({"name": "x", "filter": "", "order": "upwards"}, "order", "newest, oldest"),
        ({"name": "x", "filter": "", "shared": "perhaps"}, "shared", "right type"),
        ({"name": "x", "filter": "a" * 501}, "filter", "Longer than 500"),
    ],
)
def test_what_is_refused(store: Store, fields: dict[str, Any], field: str, says: str) -> None:
    caught = refused(store, "save_view", **fields)
    assert caught.field == field
    assert says in caught.message


def test_what_cannot_be_deleted(store: Store, ann: Store) -> None:
    do(ann, "save_view", name="Anns", filter="")
    assert "There is no view Anns." in refused(store, "delete_view", name="Anns").message
    assert "comes with the program" in refused(store, "delete_view", name="duplicates").message
    do(store, "save_view", name="Hot", filter="", shared=True)
    assert refused(store, "delete_view", name="hot", shared=False).kind == "not_found"
    assert "Did you mean Hot?" in refused(store, "delete_view", name="Hott").message
    do(store, "delete_view", name="hot")
    assert saved(store) == []


def test_every_shipped_view_shows_people(store: Store) -> None:
    lead(store, "Dana", None, email="x")
    look = Look.at(store)
    shown = {row.key: [one.name for one in people(look, row.wanted(look))] for row in views(look)}
    assert shown["all"] == shown["missing"] == ["Dana"]
    assert shown["mine"] == shown["duplicates"] == []
    assert {"all", "mine", "no_followup", "reactivation", "inactive", "missing", "duplicates"} <= set(shown)


def test_a_view_of_a_status_that_is_gone_says_so(store: Store) -> None:
    do(store, "set_setting", name="statuses.hot", value={"label": "Hot", "role": "new"})
    do(store, "save_view", name="Hot ones", filter="status:hot")
    do(store, "set_setting", name="statuses.hot", value="")
    look = Look.at(store)
    with pytest.raises(Refused, match="there is no “hot”"):
        view_named(look, "hot ones").wanted(look)
    assert [row["name"] for row in views_json(look)][-1] == "Hot ones"


def test_export_of_a_view(store: Store) -> None:
    ids = [lead(store, f"Dana {number}", f"052234567{number}") for number in range(4)]
    for contact in (ids[1], ids[3]):
        do(store, "tag", contact=contact, tag="vip")
    do(store, "open_deal", contact=ids[3], value=100)
    do(store, "save_view", name="VIPs", filter="tag:vip", order="value")
    look = Look.at(store)
    assert [card["id"] for card in export_records(look, "contacts", "vips")] == [ids[3], ids[1]]
    assert list(export_records(look, "contacts", "all")) == list(export_records(look, "contacts"))
    with pytest.raises(Refused, match="Did you mean VIPs"):
        export_records(look, "contacts", "VIP")


def test_the_log_says_what_the_tables_say(store: Store, ann: Store, tmp_path: Path) -> None:
    do(store, "save_view", name="Hot", filter="tag:hot", shared=True, default=True)
    do(ann, "save_view", name="Hot", filter="tag:hotter", shared=False, default=True)
    do(store, "save_view", name="hot", columns=["name"], shared=True)
    do(ann, "delete_view", name="Hot")
    do(store, "undo")
    do(store, "save_view", name="Cold", filter="-tag:hot")
    assert check(store)["differences"] == []
    assert difference(replayed(store, str(tmp_path / "replay.db")), snapshot(store)) == []


def test_hostile_names_are_kept_clean(store: Store) -> None:
    for name in ("[red]x[/red]", "a\u202eb", "\x1b[31mred", "x' OR 1=1"):
        do(store, "save_view", name=name, filter='"[/red]" tag:"a\u202eb"')
    assert [(name, filter_) for name, _kind, filter_, _columns, _order in saved(store)] == [
        ("[red]x[/red]", "[/red] tag:ab"),
        ("ab", "[/red] tag:ab"),
        ("red", "[/red] tag:ab"),
        ("x' OR 1=1", "[/red] tag:ab"),
    ]
