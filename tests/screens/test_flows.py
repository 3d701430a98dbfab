"""Every action by its id: from question to command, and what each says when it is not possible."""

from __future__ import annotations

from typing import Any

import pytest
from store_helpers import do, lead, show, tasks, timeline

from crm_tui.errors import StoreBusy
from crm_tui.ids import show_id
from crm_tui.registry import ACTIONS, hebrew_twin
from crm_tui.screens.dialogs import Choice
from crm_tui.screens.flows import FLOWS

APP = {"quit", "back", "undo", "redo"}
SCREEN = {"open", "mark", "mark_all", "filter", "with_routed", "tick", "untick", "views", "save_view", "delete_view"}


@pytest.fixture
def dana(store: Any) -> str:
    """One lead."""
    return lead(store, "Dana Levi", "052-345-6789", email="dana@example.com")


def test_every_action_is_carried_out_somewhere() -> None:
    assert {one.id for one in ACTIONS} == set(FLOWS) | APP | SCREEN


async def test_status_with_a_reason_and_words(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("set_status")
        await at.choose("Status", "Closed (not interested)")
        await at.choose("Not interested: why?", "Other")
        await at.answer("In a few words", "moved abroad")
        await at.until(lambda: show(store, dana)["status"] == "closed", "closed")
        assert show(store, dana)["closing_text"] == "moved abroad"


async def test_lifecycle(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("set_lifecycle")
        await at.choose("Lifecycle stage", "Evangelist")
        await at.until(lambda: show(store, dana)["lifecycle"] == "evangelist", "set")


async def test_edit_a_field_and_a_property_of_ones_own(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("edit_contact")
        await at.choose("Edit", "company")
        await at.answer("company", "אקמה בע״מ")
        await at.until(lambda: show(store, dana)["company"] == "אקמה בע״מ", "the company")
        await at.do("edit_contact")
        await at.choose("Edit", "another property…")
        await at.answer("What is the property called?", "size")
        await at.answer("size", "12")
        await at.until(lambda: show(store, dana)["properties"] == {"size": "12"}, "the property")


async def test_tags(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("untag")
        await at.until(lambda: "no tag" in at.message, "nothing to take off")
        await at.do("tag")
        await at.answer("Tag", "vip")
        await at.until(lambda: show(store, dana)["tags"] == ["vip"], "tagged")
        await at.do("untag")
        await at.choose("Take off", "vip")
        await at.until(lambda: show(store, dana)["tags"] == [], "untagged")


async def test_task_snooze_and_complete(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("add_task")
        await at.choose("What is promised?", "call")
        await at.answer("When?", "tomorrow 10")
        await at.answer("Note", "")
        await at.until(lambda: show(store, dana)["next_at"] is not None, "the task")
        assert show(store, dana)["next_at"].startswith("2026-11-23T10:00")
        await at.do("snooze")
        await at.answer("Until when?", "מחרתיים")
        await at.until(lambda: show(store, dana)["next_at"].startswith("2026-11-24"), "put off")
        await at.do("complete_task")
        await at.until(lambda: show(store, dana)["next_at"] is None, "done")
        assert tasks(store, dana) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("tomorrow morning", ("Mon 23 Nov 08:00  enter",)),
        ("friday", ("Fri 27 Nov  no working day  enter",)),
        ("11/10", ("Mon 11 Oct 2027  next year · Yom Kippur  enter",)),
        ("today 9:00", ("Sun 22 Nov 09:00  past  enter",)),
        ("thursday", ("Thu 26 Nov  noa is away until 29 Nov  enter",)),
        ("someday soon", ("enter",)),
    ],
)
async def test_before_enter_it_is_said_what_speaks_against_a_time(
    desk: Any, store: Any, dana: str, typed: str, said: tuple[str, ...]
) -> None:
    if typed == "thursday":
        do(store, "set_away", user="noa", until="2026-11-29")
    async with desk() as at:
        await at.do("snooze")
        await at.dialog("Until when?")
        await at.type(typed)
        await at.until(lambda: any(line.startswith(said) for line in at.text.splitlines()), "what is understood, and the warning")


async def test_a_warning_refuses_nothing(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("snooze")
        await at.answer("Until when?", "sat evening")
        await at.until(lambda: show(store, dana)["next_at"] is not None, "put off")
        assert show(store, dana)["next_at"].startswith("2026-11-28T18:00")


@pytest.mark.parametrize(("language", "title", "said"), [("en", "Until when?", "Yom Kippur  ent"), ("he", "עד מתי?", "יום כיפור"[::-1])])
async def test_the_warning_stands_before_the_keys_when_it_is_narrow(desk: Any, dana: str, language: str, title: str, said: str) -> None:
    async with desk(size=(40, 20), language=language) as at:
        await at.do("snooze")
        await at.dialog(title)
        await at.type("11/10/2027")
        await at.until(lambda: said in at.text, "the warning")


async def test_a_wrong_date_stays_to_be_mended(desk: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("snooze")
        await at.answer("Until when?", "someday soon")
        assert at.screen.problem
        assert at.screen.typed == "someday soon"


async def test_deal_from_open_to_won_and_back(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("won")
        await at.until(lambda: "no open deal" in at.message, "it says what is missing")
        await at.do("open_deal")
        await at.answer("What is the deal about?", "Demo")
        await at.answer("Value", "8,000")
        await at.until(lambda: show(store, dana)["deals"], "the deal")
        assert show(store, dana)["deals"][0]["value"] == {"amount": "8000.00", "currency": "ILS"}
        await at.do("move_deal")
        await at.choose("To which stage?", "Quote")
        await at.until(lambda: show(store, dana)["deals"][0]["stage"] == "quote", "moved")
        await at.do("edit_deal")
        await at.choose("Edit deal", "value")
        await at.answer("Value", "9k")
        await at.until(lambda: show(store, dana)["deals"][0]["value"]["amount"] == "9000.00", "edited")
        await at.do("won")
        await at.until(lambda: show(store, dana)["lifecycle"] == "customer", "won")
        await at.do("undo")
        await at.until(lambda: show(store, dana)["lifecycle"] == "opportunity", "undone")
        await at.do("redo")
        await at.until(lambda: show(store, dana)["lifecycle"] == "customer", "done again")


async def test_delete_is_undone_without_a_question(desk: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("delete_contact")
        await at.until(lambda: at.list.total == 0, "deleted")
        await at.do("undo")
        await at.until(lambda: at.list.total == 1, "back")


async def test_an_undo_is_said_when_whom_it_was_about_cannot_be_read(desk: Any, dana: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as at:
        await at.do("delete_contact")
        await at.until(lambda: at.list.total == 0, "deleted")
        real = at.app.session.read

        async def read(question: Any, *args: Any) -> Any:
            if question.__name__ == "name_of_steps":
                raise StoreBusy("busy")
            return await real(question, *args)

        monkeypatch.setattr(at.app.session, "read", read)
        await at.press("u")
        await at.until(lambda: at.list.total == 1 and at.message.startswith("Undone: Delete contact "), "undone, and said")


async def test_an_undo_of_several_that_stops_half_way_goes_on_with_the_next_key(
    desk: Any, store: Any, dana: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2):
        lead(store, f"Person {number}", f"052234567{number}")
    async with desk() as at:
        await at.do("mark_all")
        await at.until(lambda: len(at.list.marked) == 3, "marked")
        await at.do("delete_contact")
        await at.until(lambda: at.list.total == 0, "deleted")
        real = at.app.session.do
        tried: list[str] = []

        async def do_once(command: str, **fields: Any) -> Any:
            tried.append(command)
            if len(tried) == 2:
                raise StoreBusy("busy")
            return await real(command, **fields)

        monkeypatch.setattr(at.app.session, "do", do_once)
        await at.press("u")
        await at.until(lambda: at.message == "busy" and at.list.total == 1, "one is back, and shown")
        await at.press("u")
        await at.until(lambda: at.list.total == 3, "the rest")
        assert at.message.startswith("Undone: Delete contact x 2 "), "several, so nobody is named"
        await at.press("ctrl+r")
        await at.until(lambda: at.list.total == 0, "one redo for all")


@pytest.mark.parametrize("action", ["log_email", "log_message"])
async def test_what_was_written_either_way(desk: Any, store: Any, dana: str, action: str) -> None:
    async with desk() as at:
        await at.do(action)
        await at.choose("Log an e-mail" if action == "log_email" else "Log a message", "they wrote")
        await at.answer("What was it about?", "the price")
        await at.until(lambda: show(store, dana)["status"] == "initial_contact", "logged")


async def test_meeting_and_note(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("log_meeting")
        await at.answer("What was it about?", "a demo")
        await at.until(lambda: show(store, dana)["status"] == "in_process", "logged")
        await at.do("log_note")
        await at.answer("Note", "line one\nline two")
        await at.until(lambda: any(kind == "note" for kind, *_ in timeline(store, dana)), "the note")


async def test_going_back_anywhere_changes_nothing(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        for id_, title in (
            ("route", "Route to"),
            ("log_call", "Call"),
            ("open_deal", "What is the deal about?"),
            ("add_user", "Name of the new user"),
        ):
            await at.do(id_)
            await at.dialog(title)
            await at.press("escape")
            await at.until(lambda: not at.screen.is_modal, "the dialog is closed")
        assert show(store, dana)["status"] == "new"


async def test_a_typed_note_is_a_draft_until_it_is_saved(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("log_note")
        await at.dialog("Note")
        await at.type("half a thought")
        await at.press("escape")
    async with desk() as at:
        await at.until(lambda: "not saved" in at.message, "the draft is named")
        await at.do("log_note")
        dialog = await at.dialog("Note")
        assert dialog.typed == "half a thought"
        await at.press("enter")
        await at.until(lambda: any(kind == "note" for kind, *_ in timeline(store, dana)), "the note")
        assert at.app.drafts.questions() == []


async def test_menu_and_palette_say_why_not(desk: Any, store: Any) -> None:
    async with desk() as at:
        await at.do("palette")
        dialog = await at.dialog("Find a command")
        why = {one.label: one.why_not for one in dialog.options}
        assert why["Log a call"] == "nobody is chosen"
        assert why["New lead"] == ""
        await at.type("redo")
        assert [one.label for one in dialog.shown] == ["Redo"]
        await at.press("escape")
        await at.type("c")
        await at.until(lambda: "nobody is chosen" in at.message, "the key says it too")


@pytest.mark.parametrize("typed", ["stage", "pipeline", "reason", "holiday", "status", "HOLI", "probability stage"])
@pytest.mark.parametrize("language", ["en", "he"])
async def test_the_palette_finds_the_settings_by_what_can_be_set(desk: Any, typed: str, language: str) -> None:
    async with desk(language=language) as at:
        await at.do("palette")
        await at.until(lambda: isinstance(at.screen, Choice), "the palette")
        await at.type(typed)
        await at.until(lambda: at.screen.typed == typed and at.screen.shown, "narrowed down")
        found = [one.value for one in at.screen.shown]
        assert "set_setting" in found
        said = [one for one in at.screen.shown if all(word in one.label.lower() for word in typed.lower().split())]
        assert said == at.screen.shown[: len(said)], "what says it itself stands first"


async def test_in_the_menu_what_has_no_number_is_found_first_by_its_own_key(desk: Any, store: Any, dana: str) -> None:
    async with desk(size=(80, 40)) as at:
        await at.do("menu")
        dialog = await at.dialog("Do")
        assert len(dialog.shown) > 9
        lines = at.text.splitlines()
        for number, one in enumerate(dialog.shown[:9], 1):
            assert any(line.lstrip("▌ ").startswith(f"{number} ") and one.label in line for line in lines), one.label
        with_keys = [one for one in dialog.options[9:] if len(one.key) == 1 and not one.why_not]
        assert with_keys
        for one in with_keys:
            for key in filter(None, (one.key, hebrew_twin(one.key))):
                await at.type(key)
                await at.until(lambda key=key: at.screen.typed == key, "typed")
                assert (dialog.shown[0].value, dialog.cursor) == (one.value, 0)
                assert not any(line.lstrip("▌ ").startswith("1 ") and one.label in line for line in at.text.splitlines()), (
                    "a number that would be typed is none"
                )
                await at.press("backspace")


async def test_users_and_numbers_of_the_process(desk: Any, store: Any) -> None:
    async with desk() as at:
        await at.do("add_user")
        await at.answer("Name of the new user", "zoe")
        await at.choose("What do they do here?", "rep")
        await at.until(lambda: "zoe" in [user.name for user in store.users()], "the user")
        await at.do("set_setting")
        await at.until(lambda: "Fresh: minutes" in at.text, "the settings")
        await at.press("enter")
        await at.answer("Fresh: minutes to the first attempt", "15")
        await at.until(lambda: store.process().limits.fresh_minutes == 15, "the number")


async def test_who_may_not_is_told_and_nothing_is_changed(desk: Any, store: Any) -> None:
    async with desk(user="ann") as at:
        for action in ("add_user", "set_setting"):
            await at.do(action)
            await at.until(lambda: "only for" in at.message, "why not")
            assert "admin" in at.message
        await at.do("palette")
        dialog = await at.dialog("Find a command")
        assert {one.label: one.why_not for one in dialog.options}["Settings"] == "only for admin, supervisor"


async def test_a_busy_store_is_a_dialog_with_a_next_step(desk: Any, store: Any, dana: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as at:

        async def busy(*_args: Any, **_fields: Any) -> None:
            raise StoreBusy("The store is busy or cannot be reached. Nothing was written; try again.")

        monkeypatch.setattr(at.app.session, "do", busy)
        await at.do("log_note")
        await at.answer("Note", "kept")
        await at.until(lambda: "The store is busy" in at.text, "the dialog")
        assert "kept" in at.text
        monkeypatch.undo()
        await at.press("escape")
        await at.do("log_note")
        dialog = await at.dialog("Note")
        assert dialog.typed == "kept"


async def test_copy_goes_to_the_clipboard(desk: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("copy")
        await at.choose("Copy", "dana@example.com")
        await at.until(lambda: at.app.clipboard == "dana@example.com", "copied")


async def test_somebody_elses_deletion_is_said(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("log_note")
        await at.dialog("Note")
        do(store, "delete_contact", contact=dana)
        await at.answer("Note", "too late")
        await at.until(lambda: "It is gone" in at.text, "it is said")


async def test_two_are_merged_separated_and_told_apart(desk: Any, store: Any, dana: str) -> None:
    other = lead(store, "Yossi Cohen", "052-345-6789")
    third = lead(store, "Ruth Gal", "03-612-3456")
    async with desk() as at:
        await at.do("unmerge")
        await at.until(lambda: "Nobody was merged" in at.message, "nobody yet")
        await at.do("merge")
        await at.choose("Who is it too?", "Yossi Cohen")
        await at.until(lambda: at.screen.where() == "One person or two?" and at.list.total, "side by side")
        await at.do("merge")
        await at.until(lambda: show(store, other)["id"] == dana, "merged")
        await at.until(lambda: at.list.total == 2, "one row less")
        await at.do("undo")
        await at.until(lambda: show(store, other)["id"] == other, "undone")
        await at.until(lambda: at.list.total == 3, "the row is back")
        await at.do("not_same")
        await at.until(lambda: show(store, dana)["possible_duplicates"] == [], "told apart")
        await at.do("not_same")
        await at.until(lambda: "no possible duplicate" in at.message, "nobody is left")
        at.list.move_to(next(number for number in range(3) if show_id(at.list.row(number).id) == dana))
        await at.do("merge")
        await at.answer("Who is it too?", "ruth")
        await at.choose("Who is it too?", "Ruth Gal")
        await at.until(lambda: at.screen.where() == "One person or two?" and at.list.total, "side by side")
        await at.do("merge")
        await at.until(lambda: show(store, third)["id"] == dana, "merged with somebody found")
        await at.do("unmerge")
        await at.until(lambda: show(store, third)["id"] == third, "separated")


async def test_two_marked_are_merged(desk: Any, store: Any, dana: str) -> None:
    other = lead(store, "Ruth Gal", "03-612-3456")
    async with desk() as at:
        await at.until(lambda: at.list.total == 2, "both")
        await at.do("mark_all")
        await at.until(lambda: len(at.list.marked) == 2, "both are marked")
        await at.do("not_same")
        await at.until(lambda: "✓" in at.message, "told apart")
        await at.do("merge")
        await at.until(lambda: at.screen.where() == "One person or two?" and at.list.total, "side by side")
        await at.do("merge")
        await at.until(lambda: show(store, other)["id"] == dana, "merged into the older one")


@pytest.mark.parametrize("size", [(40, 20), (80, 24)])
async def test_what_came_of_a_command_is_said_with_it(desk: Any, store: Any, size: tuple[int, int]) -> None:
    lead(store, "Dana Levi", "052-345-6789")
    async with desk(size=size) as at:

        async def says(text: str) -> None:
            await at.until(lambda: text in at.message and text in at.text and "u undo" in at.text, text)

        await at.do("add_task")
        await at.choose("What is promised?", "demo")
        await at.answer("When?", "26/11 14:00")
        await at.answer("Note", "")
        await says("demo Thu 26 Nov 14:00")
        await at.do("snooze")
        await at.answer("Until when?", "29/11")
        await says("until Sun 29 Nov")
        await at.do("route")
        await at.choose("Route to", "Nurture")
        await says("to Nurture")
        await at.press("u")
        await at.until(lambda: "Undone" in at.message and at.list.total, "back")
        await at.do("log_call")
        await at.choose("Call", "no answer")
        await says("next try Mon 23 Nov")
        await at.do("log_call")
        await at.choose("Call", "not interested")
        await at.choose("Not interested: why?", "Price")
        await at.answer("Note", "")
        await at.until(lambda: "a demo promised for 29 Nov is still open" in at.message, "what stays open, and that alone")
        assert "next:" not in at.message
