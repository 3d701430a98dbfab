"""Contacts: pages by place whatever way they are come to, filters in one line, views, the end of a long list."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_helpers import Clock, do, lead, make_store
from textual.events import Key
from textual.geometry import Size

from crm_tui.ids import show_id
from crm_tui.reads.filtering import understood
from crm_tui.reads.look import Look
from crm_tui.reads.people import Wanted, people
from crm_tui.screens import contacts
from crm_tui.screens import people as paging
from crm_tui.screens.people import ALL, People
from crm_tui.store import Store
from crm_tui.text.graphemes import width
from crm_tui.widgets.record_list import RecordList

MANY = 150


def people_of_bob(url: str) -> None:
    """A hundred and fifty people, every third of them bob's."""
    make_store(url, Clock())
    with Store(url, "noa", Clock(), durable=False) as store:
        for number in range(MANY):
            one = lead(store, f"Person {number:03}", f"052{number:07}")
            if number % 3 == 0:
                do(store, "route", contact=one, to="bob")


@pytest.fixture
def url(stores, url, request) -> str:
    """A store with its users, and with many people where a test has them."""
    return shutil.copyfile(stores.like(people_of_bob), url) if "many" in request.fixturenames else url


@pytest.fixture
def many(store) -> list[str]:
    """A hundred and fifty people; their ids, newest first."""
    return [show_id(row[0]) for row in store.db.rows("SELECT id FROM contact ORDER BY key DESC")]


def asked(store: Any) -> Any:
    """The people of a store, and what each load read of it."""
    sizes: list[int] = []

    async def read(question: Any, *args: Any) -> Any:
        answer = question(Look.at(store), *args)
        if isinstance(answer, tuple):
            sizes.append(args[0].past)
        return answer

    return People(read), sizes


LOADS = st.lists(st.tuples(st.integers(0, MANY + 5), st.integers(1, 60)), min_size=1, max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LOADS, st.sampled_from([20, MANY - 1, MANY, ALL]), st.sampled_from(["", "status:new", "Person", "owner:bob or person"]))
def test_a_page_is_the_same_whatever_way_it_is_come_to(store, many, loads, cap, text):
    listed, _sizes = asked(store)
    wanted = Wanted(understood(Look.at(store), text))
    everybody = people(Look.at(store), wanted, MANY)

    async def load_all() -> None:
        listed.want(wanted)
        await listed.count()
        assert await listed.count_to(cap) == min(cap, len(everybody))
        assert listed.is_whole == (cap >= len(everybody))
        for skip, limit in loads:
            assert await listed.load(skip, limit) == everybody[skip : skip + limit], f"{limit} from {skip}"

    asyncio.run(load_all())


def test_paging_on_and_the_end_read_nothing_in_between(store, many):
    listed, read_past = asked(store)

    async def go() -> None:
        await listed.count()
        for skip in (0, 20, 40, 60, 40, 130, 110):
            await listed.load(skip, 20)

    asyncio.run(go())
    assert read_past == [0] * 7


def test_what_was_seen_is_forgotten_when_the_list_is_read_again(store, many):
    listed, _sizes = asked(store)

    async def go() -> list[str]:
        await listed.count()
        await listed.load(0, 100)
        lead(store, "Newest", "054-1234567")
        await listed.count()
        return [row.name for row in await listed.load(100, 2)]

    assert asyncio.run(go()) == ["Person 050", "Person 049"]


# on the screen


async def at_contacts(at: Any) -> Any:
    at.app.go_to("contacts")
    await at.until(lambda: at.screen.query("#list") and at.screen.space == "contacts" and at.list.loaded, "the contacts are read")
    return at.list


async def test_everybody_stands_there_newest_first(desk, store):
    lead(store, "Deal [Acme] x [/red]", "052-3456780", email="a@x.example", company="[b]")
    do(store, "route", contact=lead(store, "דנה לוי", "12"), to="bob")
    async with desk() as at:
        await at_contacts(at)
        lines = at.text.splitlines()
        assert "יול הנד" in lines[2]
        assert "✗ 12" in lines[2], "a phone that is not valid is flagged"
        assert "✗ " in lines[2].split("12", 1)[1], "so is an e-mail that is missing"
        assert "bob" in lines[2]
        assert "Deal [Acme] x [/red] · [b]" in lines[3]
        assert "✗" not in lines[3]
        assert at.screen.position() == "1 of 2"


async def show_only(at: Any, text: str) -> None:
    """Type a filter in the place of the one that is there."""
    await at.press("f")
    dialog = await at.dialog("Show only")
    dialog.editor.value = text
    await at.press("enter")


async def test_a_filter_is_shown_and_esc_takes_it_off(desk, many):
    async with desk() as at:
        listed = await at_contacts(at)
        await show_only(at, "owner:bob")
        await at.until(lambda: listed.total == 50, "bob's fifty")
        await at.see("only  owner:bob  esc shows all again")
        await at.press("f")
        dialog = await at.dialog("Show only")
        assert dialog.editor.value == "owner:bob "
        await at.type("person 03")
        await at.press("enter")
        await at.until(lambda: listed.total == 4, "bob's 030, 033, 036 and 039")
        await at.see("only  owner:bob person 03")
        await at.press("space", "escape")
        assert (listed.marked, listed.total) == ({}, 4), "the first esc takes the mark off"
        await at.press("escape")
        await at.until(lambda: listed.total == MANY and "only" not in at.text.splitlines()[1], "everybody again")
        await show_only(at, "status:new")
        await show_only(at, "  ")
        await at.until(lambda: at.screen.space == "contacts" and at.screen.chosen is None, "an empty filter is none")


async def test_under_a_filtered_list_stands_what_its_people_are_worth(desk, many, store, monkeypatch):
    do(store, "open_deal", contact=many[0], value=8000)
    do(store, "open_deal", contact=many[1], value="1,500.50")
    async with desk() as at:
        await at_contacts(at)
        assert "open deals" not in at.text, "of everybody nothing is said"
        await show_only(at, "-owner:bob")
        await at.until(lambda: "100 people · open deals ₪9,500.50" in at.text, "the sum")
        do(store, "move_deal", deal=do(store, "open_deal", contact=many[1], value=5)["record"], stage="won")
        do(store, "open_deal", contact=many[1], value=500)
        at.screen.refresh_data()
        await at.until(lambda: "100 people · open deals ₪10,000.50" in at.text, "it follows")
        await show_only(at, "owner:bob 03")
        await at.until(lambda: "4 people" in at.text, "without deals")
        assert "open deals" not in at.text
        await at.press("escape")
        await at.until(lambda: "4 people" not in at.text, "nothing under everybody")
        monkeypatch.setattr(contacts, "sums", lambda look, wanted: None)
        await show_only(at, "owner:bob")
        await at.until(lambda: "more than 20,000 people" in at.text, "too many")


async def test_rows_do_not_wait_for_sums_that_the_next_change_makes_old(desk, many, monkeypatch):
    added: list[Any] = []
    monkeypatch.setattr(contacts, "sums", lambda look, wanted: added.append(wanted) or (len(many), 0))
    async with desk() as at:
        listed = await at_contacts(at)
        monkeypatch.setattr(contacts, "REST_SECONDS", 600)
        await show_only(at, "-owner:bob")
        await at.until(lambda: listed.total == 100, "the rows")
        for _commit in range(5):
            await at.screen.load()
        assert added == [], "nothing is asked between changes"
        monkeypatch.setattr(contacts, "REST_SECONDS", 0)
        await at.screen.load()
        await at.until(lambda: f"{MANY} people" in at.text, "the sum")


async def test_nobody_left_says_so(desk, many):
    async with desk() as at:
        listed = await at_contacts(at)
        await show_only(at, "stage:customer")
        await at.until(lambda: listed.total == 0 and listed.loaded, "nobody")
        assert "Nobody is like that." in at.text
        assert at.screen.subjects() == []


async def test_what_can_follow_is_taken_by_tab(desk, many):
    async with desk() as at:
        listed = await at_contacts(at)
        await at.press("f")
        dialog = await at.dialog("Show only")
        assert "▌stage:" in at.text
        await at.type("-ow")
        await at.until(lambda: [one.text for one in dialog.offered] == ["owner:"], "the one key")
        await at.press("tab")
        assert dialog.editor.value == "-owner:"
        await at.until(lambda: dialog.offered and dialog.offered[0].text == "me ", "its values")
        await at.press("down", "down", "up", "up", "up", "down", "down", "down", "tab")
        assert dialog.editor.value == "-owner:noa "
        await at.press("ctrl+z")
        assert dialog.editor.value == "-owner:"
        await at.type("bob")
        await at.press("tab", "enter")
        await at.until(lambda: listed.total == MANY - 50, "all but bob's")


async def test_what_is_wrong_stands_under_its_word(desk, many):
    async with desk() as at:
        listed = await at_contacts(at)
        await at.press("f")
        dialog = await at.dialog("Show only")
        await at.type("owner:nao")
        await at.until(lambda: dialog.editor.value == "owner:nao", "typed")
        assert "▔" not in at.text, "a word that is being typed is not wrong yet"
        await at.type(" dana")
        await at.until(lambda: "▔▔▔" in at.text, "now it is")
        lines = at.text.splitlines()
        line = next(number for number, text in enumerate(lines) if "▔" in text)
        assert lines[line - 1].index("nao") == lines[line].index("▔▔▔")
        assert "owner: there is no “nao”. Did you mean noa?" in lines[line + 1]
        await at.press("enter")
        assert at.screen is dialog, "it is not taken"
        dialog.editor.value = "owner:bob or"
        await at.press("enter")
        await at.until(lambda: "Something is missing at the end." in at.text, "said")
        await at.press("escape")
        await at.until(lambda: at.screen.space == "contacts", "left")
        assert listed.total == MANY


async def test_what_is_wrong_in_hebrew_stands_under_its_word(desk, store):
    lead(store, "דנה לוי", "052-345-6789")
    async with desk(language="he", size=(60, 24)) as at:
        await at_contacts(at)
        await at.press("f")
        await at.until(lambda: hasattr(at.screen, "offered") and at.app._keys_wait.is_set(), "the line")
        at.screen.editor.value = "שלב:לקח דנה"
        await at.press("enter")
        await at.until(lambda: "▔▔▔" in at.text, "the place")
        lines = at.text.splitlines()
        line = next(number for number, text in enumerate(lines) if "▔" in text)
        cell = lines[line].index("▔▔▔")
        assert lines[line - 1][cell : cell + 3] == "חקל"


@pytest.mark.parametrize(("keys", "about"), [(["end", "n"], "Person 000"), (["*", "n"], f"{MANY} marked")])
async def test_what_is_typed_ahead_is_meant_for_where_it_leads(desk, many, monkeypatch, keys, about):
    monkeypatch.setattr(paging, "FEW", 60)
    async with desk() as at:
        await at_contacts(at)
        for key in keys:
            at.app.post_message(Key(key, key if len(key) == 1 else None))
        assert (await at.dialog("Note")).subject == about


# views


async def test_a_view_is_chosen_by_its_number(desk, many, store):
    do(store, "save_view", name="Bob's", filter="owner:bob", columns="name owner value", order="oldest")
    async with desk() as at:
        listed = await at_contacts(at)
        await at.press("v")
        await at.dialog("Views")
        await at.press("1")
        await at.see("only  Bob's  owner:bob  esc shows all again")
        await at.until(lambda: listed.total == 50 and listed.loaded, "bob's fifty")
        lines = at.text.splitlines()
        assert lines[2].split() == ["name", "owner", "value"]
        assert lines[3].split() == ["▌", "Person", "000", "bob"]
        await show_only(at, "owner:bob person 03")
        await at.see("only  Bob's, changed  owner:bob person 03")
        await at.until(lambda: listed.total == 4 and listed.loaded, "four of them")
        lines = at.text.splitlines()
        assert lines[2].split() == ["name", "owner", "value"], "its columns and order stay"
        assert lines[3].split() == ["▌", "Person", "030", "bob"]
        await at.press("v")
        await at.choose("Views", "All contacts")
        await at.until(lambda: listed.total == MANY and listed.loaded, "everybody")
        assert "phone" in at.text.splitlines()[1]


async def test_a_filter_is_saved_begun_with_and_taken_away(desk, many, store):
    async with desk() as at:
        listed = await at_contacts(at)
        await at.do("save_view")
        await at.until(lambda: "Filter the list first" in at.message, "there is nothing to save")
        await show_only(at, "owner:bob")
        await at.until(lambda: listed.total == 50, "bob's fifty")
        await at.press("v")
        await at.choose("Views", "save this filter as a view…")
        await at.answer("What is the view called?", "של בוב")
        await at.choose("For whom?", "for everybody")
        await at.until(lambda: at.screen.space == "contacts" and at.screen.chosen.view is not None, "it is saved")
        assert at.screen.chosen.view.kind == "shared"
        await at.press("v")
        await at.choose("Views", "with which to begin…")
        await at.choose("Begin with which view?", "של בוב")
        await at.until(lambda: "✓" in at.message and at.screen.space == "contacts", "done")
    async with desk() as at:
        listed = await at_contacts(at)
        assert listed.total == 50
        await at.press("v")
        await at.choose("Views", "delete a saved view…")
        await at.choose("Delete which view?", "של בוב")
        await at.until(lambda: store.db.one("SELECT count(*) FROM views")[0] == 0, "it is gone")
        await at.press("u")
        await at.until(lambda: store.db.one("SELECT count(*) FROM views")[0] == 1, "it is back")


async def test_a_first_view_that_means_nothing_any_more_shows_everybody(desk, many, store):
    do(store, "set_setting", name="statuses.hot", value={"label": "Hot", "role": "new"})
    do(store, "save_view", name="Hot ones", filter="status:hot", default=True)
    do(store, "set_setting", name="statuses.hot", value="")
    async with desk() as at:
        listed = await at_contacts(at)
        assert listed.total == MANY
        assert "there is no “hot”" in at.message
        await at.press("v")
        await at.choose("Views", "Hot ones")
        await at.until(lambda: "there is no “hot”" in at.text, "said")


async def test_the_end_of_a_list_that_is_not_counted_yet(desk, many, monkeypatch):
    monkeypatch.setattr(paging, "FEW", 60)
    monkeypatch.setattr(contacts, "PAGE", 10)
    async with desk() as at:
        listed = await at_contacts(at)
        assert at.screen.position() == "1 of 60+"
        await at.press("G")
        await at.until(lambda: listed.cursor == MANY - 1 and listed.current is not None, "the last one")
        assert listed.current.name == "Person 000"
        assert at.screen.position() == f"{MANY} of {MANY}"
        await at.press("g")
        await at.until(lambda: listed.current is not None and listed.current.name == f"Person {MANY - 1}", "the first one again")


async def test_a_long_list_is_counted_on_while_one_goes_down(desk, many, monkeypatch):
    monkeypatch.setattr(paging, "FEW", 60)
    async with desk() as at:
        listed = await at_contacts(at)
        await at.press("down")
        await at.until(lambda: listed.total == MANY, "more are counted")
        assert at.screen.position() == f"2 of {MANY}"


async def test_all_are_marked_up_to_a_number(desk, many, monkeypatch):
    monkeypatch.setattr(paging, "FEW", 60)
    monkeypatch.setattr(contacts, "MOST_MARKED", 100)
    async with desk() as at:
        listed = await at_contacts(at)
        await at.press("*")
        await at.until(lambda: len(listed.marked) == 100, "a hundred are marked")
        await at.until(lambda: at.message == "The first 100 are marked.", "and that is said")
        assert len(at.screen.subjects()) == 100
        await at.press("*")
        await at.until(lambda: not listed.marked, "the marks are off")


async def test_the_cursor_stays_on_its_person_when_somebody_comes(desk, many, store):
    async with desk() as at:
        listed = await at_contacts(at)
        await at.press("down")
        lead(store, "Newest", "054-1234567")
        at.screen.refresh_data()
        await at.until(lambda: listed.total == MANY + 1, "the new one")
        assert (listed.current.name, listed.cursor) == (f"Person {MANY - 2}", 2)


@pytest.mark.parametrize("size", [(40, 20), (80, 24), (130, 40)])
@pytest.mark.parametrize("language", ["en", "he"])
async def test_stands_at_every_size(desk, store, size, language):
    one = lead(store, "דנה לוי " * 12, "052-3456789", company="Very long company name " * 4)
    do(store, "log_call", contact=one, outcome="talked")
    lead(store, "e\u0301\u200d👨‍👩‍👧" * 20, None)
    columns = "company name phone email stage status owner source campaign readiness next value attempts age touched"
    do(store, "save_view", name="[/red] דנה " * 4, filter="-tag:x", columns=columns, order="next")
    async with desk(size=size, language=language) as at:
        await at_contacts(at)
        await at.press("f")
        await at.until(lambda: hasattr(at.screen, "offered") and at.app._keys_wait.is_set(), "the line")
        at.screen.editor.value = "דנה " * 30 + "x:y a"
        await at.press("left", "enter")
        assert all(width(line) == size[0] for line in at.text.splitlines())
        await at.press("escape", "v")
        await at.until(lambda: hasattr(at.screen, "options"), "the views")
        assert all(width(line) == size[0] for line in at.text.splitlines())
        await at.press("1")
        await at.until(lambda: at.screen.space == "contacts" and at.screen.chosen and at.list.loaded, "the view")
        assert all(width(line) == size[0] for line in at.text.splitlines())
        await at.press("escape")
        await at.until(lambda: at.screen.chosen is None and at.list.loaded, "all")
        assert all(width(line) == size[0] for line in at.text.splitlines())
        await at.press("enter")
        await at.until(lambda: type(at.screen).__name__ == "ContactScreen", "the contact is open")


async def test_a_frame_that_is_drawn_before_the_list_hears_of_its_new_size(desk, many, monkeypatch):
    async with desk(size=(60, 20)) as at:
        listed = await at_contacts(at)
        assert "New" not in listed._line(0).text, "two lines a person"
        monkeypatch.setattr(RecordList, "size", property(lambda self: Size(100, 20)))
        assert "New" in listed._line(1).text


async def test_a_view_that_somebody_else_shared_cannot_be_chosen_for_deletion(desk, many, store):
    do(store, "save_view", name="Hot", filter="tag:hot", shared=True)
    async with desk(user="ann") as at:
        await at_contacts(at)
        await at.do("delete_view")
        dialog = await at.dialog("Delete which view?")
        assert dialog.shown[0].why_not == "only who shared it, or who leads"
        await at.press("enter", "escape")
        await at.until(lambda: at.screen.space == "contacts", "left")
    assert store.db.one("SELECT count(*) FROM views")[0] == 1


async def test_a_screen_that_is_left_while_it_is_read_has_nothing_to_say(desk, many):
    async with desk() as at:
        await at_contacts(at)
        await at.press("enter")
        await at.until(lambda: type(at.screen).__name__ == "ContactScreen" and at.screen.is_mounted, "a contact")
        left = at.screen

        async def load() -> None:
            at.app.pop_screen()
            raise LookupError("nothing to draw on any more")

        left.load = load
        await left.refresh_data().wait()
        await at.until(lambda: left not in at.app.screen_stack, "back")
        assert at.screen.space == "contacts"
