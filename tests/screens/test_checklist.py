"""Campaigns: made from what the list shows, worked as a checklist, ticked by one key, changed and taken away."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from threading import Event

import pytest
from store_helpers import do, lead
from test_contacts import at_contacts, show_only

from crm_tui.errors import StoreBusy
from crm_tui.reads.campaigns import campaign_json, campaigns_json
from crm_tui.reads.look import Look
from crm_tui.text.graphemes import width


@pytest.fixture
def people(store) -> list[str]:
    """Six people, the last three tagged; their ids, oldest first."""
    ids = [lead(store, f"Person {number}", f"052234567{number}", email=f"p{number}@x.example") for number in range(6)]
    for one in ids[3:]:
        do(store, "tag", contact=one, tag="lapsed")
    return ids


def ticked(store) -> list[str]:
    (row,) = campaigns_json(Look.at(store))
    return sorted(one["name"] for one in campaign_json(Look.at(store), row["id"])["people"] if one["done"])


async def at_checklist(at) -> None:
    await at.until(lambda: type(at.screen).__name__ == "ChecklistScreen" and at.screen.row and at.list.loaded, "the checklist is read")


async def choose_spring(at) -> None:
    """Open the checklist from the views."""
    await at_contacts(at)
    await at.press("v")
    await at.choose("Views", "Spring")
    await at_checklist(at)


async def test_a_campaign_of_a_filter_is_worked_as_a_checklist(desk, people, store):
    async with desk() as at:
        await at_contacts(at)
        await show_only(at, "tag:lapsed")
        await at.until(lambda: at.list.total == 3, "the three")
        await at.press("v")
        await at.choose("Views", "a new campaign…")
        await at.answer("What is the campaign called?", "Win back, spring")
        await at.choose("What is done?", "calls")
        await at.answer("Until when? Empty: open", "30/11")
        await at.answer("What does it cost? Empty: nothing", "1,200")
        await at_checklist(at)
        await at.see("▱▱▱▱▱▱▱▱▱▱ 0 of 3 done · calls · cost ₪1,200 · till 30 Nov")
        lines = at.text.splitlines()
        assert "› Win back, spring" in lines[0]
        assert ["[ ] Person" in line for line in lines[3:6]] == [True] * 3
        await at.press("x")
        await at.until(lambda: "1 of 3 done" in at.text, "one is done")
        assert at.list.current.person.name == "Person 4", "the cursor stands on the next one"
        assert at.text.splitlines()[5].split()[:3] == ["[x]", "Person", "5"], "who is done goes to the end"
        assert ticked(store) == ["Person 5"]
        await at.press("u")
        await at.until(lambda: "0 of 3 done" in at.text, "it is taken back")
        await at.press("escape")
        await at.until(lambda: at.screen.space == "contacts", "back in the list")


async def test_several_at_once_and_back(desk, people, store):
    do(store, "add_campaign", name="Spring", view="all")
    async with desk(user="ann") as at:
        await choose_spring(at)
        await at.press("space", "space", "x")
        await at.until(lambda: "2 of 6 done" in at.text, "two are done")
        assert at.list.marked == {}
        assert ticked(store) == ["Person 4", "Person 5"]
        await at.press("end", "x")
        await at.until(lambda: "1 of 6 done" in at.text, "one is to be done again")
        assert ticked(store) == ["Person 5"]
        await at.press("home")
        await at.do("untick")
        await at.until(lambda: "Nothing changed." in at.message, "who is not done stays so")
        assert ticked(store) == ["Person 5"]
        await at.press("u")
        await at.until(lambda: "2 of 6 done" in at.text, "undone")


async def test_what_was_ticked_is_undone_after_the_screen_is_left_too(desk, people, store):
    do(store, "add_campaign", name="Spring", view="all")
    async with desk() as at:
        await at_contacts(at)
        await at.press("space", "space")
        await at.do("delete_contact")
        await at.until(lambda: at.list.total == 4, "two are deleted")
        await choose_spring(at)
        goes_on = Event()
        at.app.session._thread.submit(goes_on.wait)
        await at.press("x", "escape")
        goes_on.set()
        await at.until(lambda: "✓" in at.message and len(ticked(store)) == 1, "ticked, and said")
        await at.press("u")
        await at.until(lambda: "Undone" in at.message, "undone")
        assert ticked(store) == []
        assert at.list.total == 4, "what was done before stays"


async def test_pressed_once_too_often_it_takes_off_no_tick(desk, people, store):
    do(store, "add_campaign", name="Spring", contacts=people[:2])
    async with desk() as at:
        await choose_spring(at)
        for done in (1, 2):
            await at.press("x")
            await at.until(lambda done=done: f"{done} of 2 done" in at.text, "ticked")
        for _more in range(2):
            at.app.say([])
            await at.press("x")
            await at.until(lambda: "From here on all are ticked off." in at.message, "said")
        assert len(ticked(store)) == 2
        await at.press("up", "down", "x")
        await at.until(lambda: "1 of 2 done" in at.text, "to whom one went is to be done again")


async def test_marks_stay_with_what_is_refused_and_with_what_is_still_written(desk, people, store, monkeypatch):
    do(store, "add_campaign", name="Spring", view="all")
    async with desk() as at:
        await choose_spring(at)
        real, goes_on = at.app.session.do, asyncio.Event()

        async def busy(command, **fields):
            raise StoreBusy("busy")

        async def slowly(command, **fields):
            await goes_on.wait()
            return await real(command, **fields)

        await at.press("space", "space")
        monkeypatch.setattr(at.app.session, "do", busy)
        await at.press("x")
        await at.until(lambda: "busy" in at.text, "refused")
        await at.press("escape")
        await at.until(lambda: not at.screen.is_modal, "back")
        assert len(at.list.marked) == 2
        await at.do("mark_all")
        monkeypatch.setattr(at.app.session, "do", slowly)
        await at.press("home", "x", "space", "space")
        goes_on.set()
        await at.until(lambda: "1 of 6 done" in at.text, "written")
        assert [row.person.name for row in at.list.marked.values()] == ["Person 4", "Person 3"]


@pytest.mark.parametrize(("keys", "cursor"), [(["x"], 0), (["x", "down", "down"], 3)])
async def test_the_cursor_goes_back_to_who_could_not_be_ticked_unless_it_was_moved(desk, people, store, monkeypatch, keys, cursor):
    do(store, "add_campaign", name="Spring", view="all")
    async with desk() as at:
        await choose_spring(at)
        goes_on = asyncio.Event()

        async def busy(command, **fields):
            await goes_on.wait()
            raise StoreBusy("busy")

        monkeypatch.setattr(at.app.session, "do", busy)
        await at.press(*keys)
        assert at.list.cursor == (cursor or 1)
        goes_on.set()
        await at.until(lambda: "busy" in at.text, "refused")
        await at.press("escape")
        await at.until(lambda: not at.screen.is_modal, "back")
        assert at.list.cursor == cursor


async def test_the_people_are_gone_through_one_after_the_other(desk, people, store):
    do(store, "add_campaign", name="Spring", view="all")
    do(store, "tick", campaign="Spring", contacts=people[:1])
    async with desk(size=(130, 40)) as at:
        await choose_spring(at)
        await at.press("enter")
        await at.until(lambda: type(at.screen).__name__ == "ContactScreen" and "[ ] Spring" in at.text, "the first, with the campaign")
        assert "Person 5" in at.text
        await at.press("right")
        await at.until(lambda: "Person 4" in at.text, "the next one")
        await at.press("escape")
        await at_checklist(at)
        assert at.list.current.person.name == "Person 4"


async def test_after_a_call_the_tick_is_offered(desk, people, store):
    do(store, "add_campaign", name="Spring", contacts=people[:2])
    async with desk() as at:
        await choose_spring(at)
        await at.press("n")
        await at.answer("Note", "so")
        await at.until(lambda: "✓" in at.message, "noted")
        assert "tick off" not in at.message
        await at.press("c")
        await at.choose("Call", "no answer")
        await at.until(lambda: "Log a call" in at.message, "logged")
        assert "x tick off" in at.message
        assert ticked(store) == [], "whether somebody is done with, a person decides"
        await at.press("x")
        await at.until(lambda: ticked(store) == ["Person 1"], "ticked")


async def test_changed_and_taken_away(desk, people, store):
    do(store, "add_campaign", name="Spring", filter="tag:lapsed")
    do(store, "tag", contact=people[0], tag="lapsed")
    async with desk() as at:
        await at.do("campaigns")
        await at.choose("Campaigns", "Spring")
        await at_checklist(at)
        await at.do("edit_campaign")
        await at.choose("Edit campaign", "take in whom its filter finds by now")
        await at.until(lambda: "0 of 4 done" in at.text, "the fourth")
        await at.do("edit_campaign")
        await at.choose("Edit campaign", "name")
        await at.answer("What is the campaign called?", "Summer")
        await at.until(lambda: "› Summer" in at.text, "renamed")
        await at.do("delete_campaign")
        await at.until(lambda: "This campaign is gone." in at.text, "gone")
        await at.press("u")
        await at.until(lambda: "0 of 4 done" in at.text, "back")


async def test_marked_people_become_a_campaign(desk, people, store):
    async with desk() as at:
        await at_contacts(at)
        await at.press("space", "down", "space")
        await at.do("add_campaign")
        await at.answer("What is the campaign called?", "Chosen")
        await at.choose("What is done?", "event")
        await at.answer("Until when? Empty: open", "")
        await at.answer("What does it cost? Empty: nothing", "")
        await at_checklist(at)
        assert [one["name"] for one in campaign_json(Look.at(store), "Chosen")["people"]] == ["Person 5", "Person 3"]
        await at.press("escape")
        await at.until(lambda: at.screen.space == "contacts" and not at.list.marked, "back, nobody is marked")
        await at.press("end", "space")
        await at.do("edit_campaign")
        await at.choose("Which campaign?", "Chosen")
        await at.choose("Edit campaign", "add the people who are marked")
        await at.until(lambda: campaigns_json(Look.at(store))[0]["total"] == 3, "one more")


async def test_elsewhere_it_asks_whom_it_means(desk, people, store):
    async with desk() as at:
        await at.do("add_campaign")
        dialog = await at.dialog("Whom does it mean?")
        dialog.editor.value = "tag:lapsed"
        await at.press("enter")
        await at.answer("What is the campaign called?", "Lapsed")
        await at.choose("What is done?", "e-mails")
        await at.answer("Until when? Empty: open", "")
        await at.answer("What does it cost? Empty: nothing", "")
        await at_checklist(at)
        assert at.list.total == 3


async def test_a_view_gives_the_list_its_order_and_columns(desk, people, store):
    do(store, "save_view", name="Lapsed", filter="tag:lapsed", order="oldest", columns="name email")
    async with desk() as at:
        await at_contacts(at)
        await at.press("v")
        await at.choose("Views", "Lapsed")
        await at.until(lambda: at.list.total == 3 and at.list.loaded, "the view")
        await at.do("add_campaign")
        await at.answer("What is the campaign called?", "Spring")
        await at.choose("What is done?", "calls")
        await at.answer("Until when? Empty: open", "")
        await at.answer("What does it cost? Empty: nothing", "")
        await at_checklist(at)
        assert at.text.splitlines()[2].split() == ["name", "e-mail"]
        assert at.text.splitlines()[3].split() == ["▌", "[", "]", "Person", "3", "p3@x.example"]


async def test_a_rep_makes_none(desk, people, store):
    async with desk(user="ann") as at:
        await at_contacts(at)
        await at.do("add_campaign")
        assert "only for lead manager" in at.message
        await at.do("tick")
        assert "not on this screen" in at.message
        await at.do("campaigns")
        await at.until(lambda: "no campaign yet" in at.message, "said")


@pytest.mark.parametrize("size", [(40, 20), (80, 24), (130, 40)])
@pytest.mark.parametrize("language", ["en", "he"])
async def test_stands_at_every_size(desk, store, size, language):
    lead(store, "דנה לוי " * 12, "052-3456789", company="Very long company name " * 4)
    ids = [lead(store, "Deal [Acme] x [/red]", "12"), lead(store, "e\u0301\u200d👨‍👩‍👧" * 20, None)]
    do(store, "save_view", name="V", filter="", columns="name owner value age")
    do(store, "add_campaign", name="[/red] דנה " * 4, filter="", cost="9,000 USD", ends="2026-12-01")
    do(store, "add_campaign", name="By view", view="V")
    for name in ("[/red] דנה " * 4, "By view"):
        do(store, "tick", campaign=name, contacts=ids[:1])
    async with desk(size=size, language=language) as at:
        await at_contacts(at)
        for number in "12":
            await at.press("v")
            await at.until(lambda: hasattr(at.screen, "options"), "the menu")
            assert all(width(line) == size[0] for line in at.text.splitlines())
            await at.press(number)
            await at_checklist(at)
            assert all(width(line) == size[0] for line in at.text.splitlines())
            assert "[x]" in at.text
            await at.press("escape")
            await at.until(lambda: at.screen.space == "contacts", "back")


def test_contacts_and_the_checklist_open_without_pydantic():
    names = "('pydantic', 'click', 'phonenumbers', 'crm_tui.process')"
    modules = "crm_tui.screens.checklist, crm_tui.screens.contacts, crm_tui.screens.viewing, crm_tui.screens.campaigns"
    code = f"import sys, {modules}; print([name for name in {names} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
