"""The Leadometer: routing, marks, quick add, undo, what others do meanwhile."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from store_helpers import day, do, inbox, lead, show

from crm_tui.errors import StoreBusy
from crm_tui.ids import parse_id, show_id


@pytest.fixture
def three(store: Any, clock: Any) -> list[str]:
    """Three leads, the oldest first."""
    ids = []
    for name, phone in (("Dana Levi", "052-345-6789"), ("יוסי כהן", "054-234-5678"), ("Ruth Bar", "03-612-3456")):
        ids.append(lead(store, name, phone))
        clock.add(minutes=7)
    return ids


def names(at: Any) -> list[str]:
    return [at.list.row(index).name for index in range(at.list.total)]


async def test_it_shows_who_waits_oldest_first_with_marks(desk: Any, three: list[str], clock: Any) -> None:
    clock.add(hours=2)
    async with desk(size=(100, 20)) as at:
        assert names(at) == ["Dana Levi", "יוסי כהן", "Ruth Bar"]
        assert "ןהכ יסוי" in at.text
        assert "◐" in at.text
        assert "1 of 3" in at.text


FIRST_ROWS = """
import sys
from crm_tui.reads.inbox import inbox_page
from crm_tui.reads.look import Look
from crm_tui.screens.leadometer import LeadometerScreen
from crm_tui.screens.workspace import phone_parts
from crm_tui.store import Store
with Store(sys.argv[1], "noa") as store:
    look, rows = inbox_page(Look.at(store), 9, 0)
    print([phone_parts(look, row.phone, row.phone_e164)[0][0] for row in rows])
print([name for name in ("pydantic", "phonenumbers", "jinja2", "holidays") if name in sys.modules])
"""


async def test_a_phone_is_shown_as_in_the_contacts(desk: Any, store: Any, url: str) -> None:
    phones = {"+972527325777": "052-732-5777", "0044 7911 123456": "+44 7911 123456", "12": "✗ 12"}
    for number, phone in enumerate(phones):
        lead(store, f"Lead {number}", phone, email=f"{number}@x.example")
    for size, keys in (((80, 24), "1"), ((80, 24), "4"), ((130, 30), "1")):
        async with desk(size=size) as at:
            await at.press(keys)
            for shown in phones.values():
                await at.until(lambda shown=shown: shown + " " in at.text, shown)


def test_the_first_rows_do_not_wait_for_numbers_from_abroad(store: Any, url: str) -> None:
    lead(store, "Dana", "052-732-5777")
    lead(store, "Yoko", "+81 90-1234-5678")
    done = subprocess.run([sys.executable, "-c", FIRST_ROWS, url], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["['052-732-5777', '+819012345678']", "[]"]


async def test_routing_is_two_keys_and_one_undo(desk: Any, store: Any, three: list[str]) -> None:
    async with desk() as at:
        await at.type("r1")
        await at.until(lambda: at.list.total == 2, "the lead is gone from the list")
        assert show(store, three[0])["owner"] == "ann"
        assert "Route" in at.message
        assert names(at)[at.list.cursor] == "יוסי כהן"
        await at.type("u")
        await at.until(lambda: at.list.total == 3, "it is back")
        assert show(store, three[0])["owner"] is None
        assert "Undone" in at.message


async def test_the_hebrew_layout_types_the_same_commands(desk: Any, store: Any, three: list[str]) -> None:
    async with desk(language="he") as at:
        await at.type("ר1")
        await at.until(lambda: at.list.total == 2, "the lead is routed")
        assert show(store, three[0])["owner"] == "ann"


async def test_marked_leads_are_routed_together_and_come_back_together(
    desk: Any, store: Any, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk() as at:
        await at.press("space", "space")
        assert len(at.list.marked) == 2
        assert "2 marked" in at.text
        await at.type("r2")
        await at.until(lambda: at.list.total == 1, "both are routed")
        assert [show(store, one)["owner"] for one in three] == ["bob", "bob", None]
        assert at.list.marked == {}
        await at.type("u")
        await at.until(lambda: at.list.total == 3, "both are back")
        await at.press("ctrl+r")
        await at.until(lambda: at.list.total == 1, "one redo routes both again")

        at.app.hold_keys("screen")
        at.app._held_for.add("something that never comes")
        monkeypatch.setattr("crm_tui.app.HELD_SECONDS", 0.05)
        await at.press("u")
        assert at.app._keys_wait.is_set(), "keys wait for nothing once, not each"


async def test_all_are_marked_and_esc_takes_the_marks_off(desk: Any, three: list[str]) -> None:
    async with desk() as at:
        await at.type("*")
        await at.until(lambda: len(at.list.marked) == 3, "all are marked")
        await at.press("escape")
        assert at.list.marked == {}


async def test_drop_with_a_reason(desk: Any, store: Any, three: list[str]) -> None:
    async with desk() as at:
        await at.do("drop")
        await at.choose("Not interested: why?", "Price")
        await at.until(lambda: at.list.total == 2, "it is dropped")
        found = show(store, three[0])
        assert (found["status"], found["closing_reason"]) == ("closed", "price")


async def test_a_new_lead_from_one_typed_line(desk: Any, store: Any) -> None:
    async with desk() as at:
        assert "Nobody waits" in at.text
        await at.type("+דנה כהן 052-732-5777 dana@example.com #expo")
        dialog = await at.dialog("New lead")
        assert dialog.typed == "דנה כהן 052-732-5777 dana@example.com #expo"
        await at.press("enter")
        await at.until(lambda: at.list.total == 1, "the lead stands in the list")
        found = show(store, show_id(at.list.current.id))
        assert (found["name"], found["phone_e164"], found["source"]) == ("דנה כהן", "+972527325777", "exhibition")


async def test_what_is_refused_is_said_and_kept(desk: Any) -> None:
    async with desk() as at:
        await at.do("add_lead")
        await at.answer("New lead", "nobody@nowhere")
        await at.until(lambda: "Not done" in at.text, "it is refused")
        await at.press("escape")
        assert at.list.total == 0
        await at.do("add_lead")
        dialog = await at.dialog("New lead")
        assert dialog.typed == "nobody@nowhere"


async def test_a_call_without_an_answer_is_two_keys(desk: Any, store: Any, three: list[str]) -> None:
    async with desk() as at:
        await at.type("c2")
        await at.until(lambda: show(store, three[0])["attempts"] == 1, "the call is logged")
        assert show(store, three[0])["status"] == "no_answer"


async def test_a_call_with_an_answer_note_and_next_step(desk: Any, store: Any, three: list[str]) -> None:
    async with desk() as at:
        await at.do("log_call")
        await at.choose("Call", "talked")
        await at.answer("What do they need?", "a demo")
        await at.answer("Note", "אמרה שתחזור מחר")
        await at.choose("Next step", "meeting")
        await at.dialog("When?")
        await at.type("+2d")
        assert "Tue 24 Nov" in at.text
        await at.press("enter")
        await at.until(lambda: show(store, three[0])["status"] == "initial_contact", "the call is logged")
        found = show(store, three[0])
        assert (found["next_action"], found["next_at"][:10]) == ("meeting", "2026-11-24")


async def test_an_incoming_call_finds_who_it_is(desk: Any, store: Any, three: list[str]) -> None:
    async with desk() as at:
        await at.do("incoming")
        await at.answer("Incoming call from", "0523456789")
        await at.choose("Who is it?", "Dana Levi")
        await at.answer("Note", "asked for the price")
        await at.choose("Next step", "demo")
        await at.answer("When?", "tue 10:00")
        await at.until(lambda: show(store, three[0])["status"] == "initial_contact", "the call is logged")
        assert show(store, three[0])["next_action"] == "demo"


async def test_an_incoming_call_of_somebody_new_is_a_lead_and_a_call(desk: Any, store: Any) -> None:
    async with desk() as at:
        await at.do("incoming")
        await at.answer("Incoming call from", "0523334444")
        await at.choose("Who is it?", "somebody new")
        await at.dialog("New lead")
        await at.type("Gil Bar")
        await at.press("enter")
        await at.until(lambda: at.list.total == 1 and "Gil Bar" in at.text, "in the list")
        found = show(store, show_id(at.list.current.id))
        assert (found["source"], found["status"]) == ("phone", "initial_contact")
        await at.press("u")
        await at.until(lambda: at.list.total == 0, "one undo takes both back")


async def test_of_a_caller_whose_call_could_not_be_logged_one_undo_takes_back_the_rest(
    desk: Any, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(user="ann") as at:
        real = at.app.session.do

        async def fail(command: str, **fields: Any) -> Any:
            if command == "log_call":
                raise StoreBusy("busy")
            return await real(command, **fields)

        monkeypatch.setattr(at.app.session, "do", fail)
        await at.do("incoming")
        await at.answer("Incoming call from", "0523334444")
        await at.choose("Who is it?", "somebody new")
        await at.dialog("New lead")
        await at.type("Gil Bar")
        await at.press("enter")
        await at.until(lambda: "busy" in at.text, "said")
        await at.press("escape")
        await at.until(lambda: at.screen.space == "day" and at.list.total == 1, "in the rep's own day")
        await at.press("u")
        await at.until(lambda: "Undone" in at.message, "undone")
        assert inbox(store) == [], "lead and routing"
        assert day(store) == []


async def test_the_cursor_goes_to_who_was_just_added(desk: Any, store: Any, three: list[str]) -> None:
    async with desk() as at:
        await at.until(lambda: at.list.total == 3, "the three")
        await at.press("+")
        await at.answer("New lead", "Gil Bar 052-333-4444")
        await at.until(lambda: at.list.total == 4 and at.list.current.name == "Gil Bar", "the cursor stands there")
        assert not at.app.offers
        await at.press("i")
        await at.answer("Incoming call from", "0523335555")
        await at.choose("Who is it?", "somebody new")
        await at.dialog("New lead")
        await at.type("Ruth Bar")
        await at.press("enter")
        await at.until(lambda: at.list.total == 5 and at.list.current.name == "Ruth Bar", "and after an incoming call")
        await at.press("home")
        await at.until(lambda: at.list.cursor == 0, "free to go")


async def test_who_was_added_and_is_not_in_the_list_can_be_opened(desk: Any, store: Any, three: list[str]) -> None:
    async with desk(user="ann", size=(80, 24)) as at:
        await at.press("+")
        await at.answer("New lead", "Gil Bar 052-333-4444")
        await at.until(lambda: at.list.total == 1 and at.list.current.row.name == "Gil Bar", "in the rep's own day")
        await at.press("1")
        await at.until(lambda: type(at.screen).__name__ == "LeadometerScreen" and at.list.total == 3, "the Leadometer")
        await at.press("+")
        await at.answer("New lead", "Ruth Bar 052-333-5555")
        await at.until(lambda: "open Ruth Bar, who is not in this list" in at.text, "offered")
        await at.press("a")
        await at.dialog("Do")
        await at.press("1")
        await at.until(lambda: type(at.screen).__name__ == "ContactScreen" and "052-333-5555" in at.text, "opened")


async def test_what_others_do_appears_and_the_cursor_stays_on_its_record(desk: Any, store: Any, three: list[str]) -> None:
    async with desk() as at:
        await at.press("down", "down")
        assert at.list.current.id == parse_id(three[2])
        do(store, "route", contact=three[0], to="ann")
        await at.until(lambda: at.list.total == 2, "what another process did is seen")
        assert at.list.current.id == parse_id(three[2])
        new = lead(store, "Late Comer", "050-234-5678")
        await at.until(lambda: at.list.total == 3, "a new lead is seen")
        assert at.list.current.id == parse_id(three[2])
        assert show_id(at.list.row(2).id) == new


async def test_tab_adds_those_routed_and_not_tried(desk: Any, store: Any, three: list[str]) -> None:
    do(store, "route", contact=three[0], to="ann")
    async with desk() as at:
        assert at.list.total == 2
        await at.press("tab")
        await at.until(lambda: at.list.total == 3, "the routed one too")


@pytest.mark.parametrize(("language", "said"), [("en", "? keys"), ("he", "םישקמ ?")])
async def test_the_key_to_all_keys_stands_in_the_narrowest_footer(desk: Any, store: Any, language: str, said: str) -> None:
    for number in range(14):
        lead(store, f"Lead {number}", f"052-345-67{number:02}")
    async with desk(size=(40, 20), language=language) as at:
        await at.until(lambda: at.list.total == 14, "the list")
        footer = at.text.splitlines()[-1]
        assert said in footer
        assert len(footer) == 40


@pytest.mark.parametrize("size", [(40, 20), (80, 24), (200, 60)])
@pytest.mark.parametrize("language", ["en", "he"])
async def test_every_size_in_both_languages(desk: Any, three: list[str], size: tuple[int, int], language: str) -> None:
    async with desk(size=size, language=language) as at:
        lines = at.text.split("\n")
        assert len(lines) == size[1]
        assert "Dana Levi" in at.text
        assert "ןהכ יסוי" in at.text
        await at.do("help")
        await at.see("All keys" if language == "en" else "םישקמה לכ")
        assert at.screen.is_modal


async def test_more_leads_than_a_page_scroll_and_end_at_once(desk: Any, store: Any) -> None:
    with store.db.write():
        for number in range(350):
            store.execute({"command": "add_lead", "name": f"Person {number:03}"})
    async with desk(size=(80, 24)) as at:
        await at.type("G")
        await at.until(lambda: at.list.current is not None and at.list.current.name == "Person 349", "the last row is read")
        await at.press("home")
        assert at.list.current.name == "Person 000"
        await at.press("pagedown")
        assert at.list.cursor == at.list.visible_rows


async def test_what_fails_while_the_app_closes_has_no_screen_to_be_said_on(desk: Any, three: list[str]) -> None:
    async with desk() as at:
        app = at.app
    app.show_error(ValueError("a list that is gone could not be read"), reading=True)
    app.show_error(ValueError("so could a command"))
    assert app.failure is None
