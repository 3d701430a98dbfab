"""Search anywhere: who is found while one types, and how one comes to them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_helpers import do, lead
from textual.events import Key

from crm_tui.screens.search import underlined, underlined_digits
from crm_tui.text.fold import fold


def found(parts: list[tuple[str, str]]) -> list[str]:
    return [text for text, look in parts if look == "found"]


@pytest.mark.parametrize(
    ("text", "asked", "parts"),
    [
        ("Dana Levi", "da", ["Da"]),
        ("Dana Levi", "LEV dana", ["Dana", "Lev"]),
        ("שָׁלוֹם", "שלומ", []),
        ("שלום כהן", "שלומ", ["שלום"]),
        ("Ann Anna", "ann", ["Ann", "Ann"]),
        ("Straße", "strasse", []),
        ("dana@x.example", "x.ex", ["x.ex"]),
        ("", "a", []),
    ],
)
def test_the_letters_that_match_are_underlined(text, asked, parts):
    assert found(underlined(text, fold(asked).split())) == parts


@pytest.mark.parametrize(
    ("phone", "asked", "digits"),
    [
        ("052-732-5777", "7325", "7325"),
        ("052-732-5777", "2-73", "273"),
        ("052-732-5777", "+972 52 732", "52732"),
        ("052-732-5777", "052", "052"),
        ("052-732-5777", "5", ""),
        ("052-732-5777", "dana", ""),
        ("", "052", ""),
    ],
)
def test_digits_are_underlined_whatever_stands_between_them(phone, asked, digits):
    parts = underlined_digits(phone, asked)
    assert "".join(found(parts)) == digits
    assert "".join(text for text, _look in parts) == phone


@given(st.text(max_size=40), st.lists(st.text(min_size=1, max_size=5), max_size=3))
def test_underlining_changes_no_letter(text, words):
    assert "".join(part for part, _look in underlined(text, words)) == text
    assert "".join(part for part, _look in underlined_digits(text, "".join(words))) == text


# on the screen


@pytest.fixture
def people(store) -> dict[str, str]:
    names = {"Dana Levi": "052-732-5777", "דנה כהן": "054-765-4321", "Bob [red]": "03-555-1212"}
    return {name: lead(store, name, phone, email=f"p{phone[-4:]}@x.example") for name, phone in names.items()}


async def at_search(at: Any) -> Any:
    await at.press("slash")
    await at.until(lambda: type(at.screen).__name__ == "SearchScreen" and at.screen.is_mounted, "the search is open")
    return at.screen


def names_of(screen: Any) -> list[str]:
    return [row.name for row in screen._found]


async def test_who_is_found_stands_below_while_one_types(desk, people):
    async with desk() as at:
        screen = await at_search(at)
        await at.see("Type whom you look for")
        await at.press(*"dan")
        await at.until(lambda: names_of(screen) == ["Dana Levi"], "Dana is found")
        assert "Dana Levi" in at.text.splitlines()[2]
        screen.editor.value = "דנה"
        await at.until(lambda: names_of(screen) == ["דנה כהן"], "in Hebrew")
        screen.editor.value = "+972 54"
        await at.until(lambda: names_of(screen) == ["דנה כהן"] and "054" in at.text, "by her phone")
        screen.editor.value = "[red]"
        await at.until(lambda: names_of(screen) == ["Bob [red]"], "by what looks like markup")


async def test_all_that_is_typed_at_once_comes_into_the_line_and_enter_opens(desk, people):
    async with desk() as at:
        for key in ("slash", *"dana levi"):
            at.app.post_message(Key("space" if key == " " else key, "/" if key == "slash" else key))
        at.app.post_message(Key("enter", None))
        await at.until(lambda: type(at.screen).__name__ == "ContactScreen" and "Dana Levi" in at.text, "Dana's contact is open")
        await at.press("escape")
        await at.until(lambda: type(at.screen).__name__ == "SearchScreen", "back in the search")
        assert at.screen.editor.value == "dana levi"
        await at.press("escape")
        await at.until(lambda: at.screen.space == "leadometer", "and back where it began")


async def test_the_newest_answer_wins(desk, people, monkeypatch):
    async with desk() as at:
        screen = await at_search(at)
        slow: list[str] = []
        read = at.app.session.read

        async def late(question: Any, *args: Any) -> Any:
            answer = await read(question, *args)
            if args and args[0] == "dan":
                slow.append("dan")
                await at.until(lambda: names_of(screen) == ["Bob [red]"], "the newer one is answered first")
            return answer

        monkeypatch.setattr(at.app.session, "read", late)
        screen.editor.value = "dan"
        await at.until(lambda: slow, "the first question is under way")
        screen.editor.value = "bob"
        await at.until(lambda: names_of(screen) == ["Bob [red]"], "Bob is found")
        await at.pilot.pause(0.05)
        assert names_of(screen) == ["Bob [red]"]


async def test_in_the_list_keys_act_and_up_leads_back_to_the_line(desk, people, store):
    async with desk() as at:
        screen = await at_search(at)
        await at.press(*"da")
        await at.until(lambda: names_of(screen) == ["Dana Levi"], "Dana is found")
        await at.press("down", "space")
        assert [subject.name for subject in screen.subjects()] == ["Dana Levi"]
        assert len(screen.results.marked) == 1
        await at.press("n")
        await at.answer("Note", "met her at the fair")
        await at.until(lambda: "Write a note" in at.message, "the note is written")
        await at.press("up")
        await at.press("n")
        await at.until(lambda: screen.editor.value == "dan", "up leads to the line, where n is a letter")
        await at.press("down", "slash", "a")
        await at.until(lambda: screen.editor.value == "dana", "so does /")


async def test_the_row_stays_under_the_cursor_when_a_command_changes_the_order(desk, people, store):
    do(store, "log_note", contact=people["Dana Levi"], note="x")
    async with desk() as at:
        screen = await at_search(at)
        await at.press(*"x.example", "down", "down")
        await at.until(lambda: len(screen._found) == 3 and screen.results.cursor == 1, "the second of three")
        name = screen.results.current.name
        do(store, "log_note", contact=people[name], note="y")
        screen.refresh_data()
        await at.until(lambda: names_of(screen)[0] == name, "it goes to the top")
        assert screen.results.current.name == name


async def test_a_search_that_is_late_leaves_the_cursor_where_one_went_meanwhile(desk, people, store):
    async with desk() as at:
        screen = await at_search(at)
        await at.press(*"x.example", "down", "down")
        await at.until(lambda: len(screen._found) == 3 and screen.results.cursor == 1, "the second of three")
        await screen._find_soon("x.example").wait()
        assert screen.results.cursor == 1


async def test_keys_typed_ahead_are_meant_for_whom_the_line_finds(desk, people, store):
    do(store, "log_note", contact=people["Dana Levi"], note="dealt with lately, so listed before anything is typed")
    async with desk() as at:
        screen = await at_search(at)
        await at.until(lambda: names_of(screen) == ["Dana Levi"], "who was dealt with lately")
        for key in (*"bob", "down", "n"):
            at.app.post_message(Key(key, key if len(key) == 1 else None))
        asked = await at.dialog("Note")
        assert asked.subject == "Bob [red]"


async def test_below_an_empty_line_stand_those_dealt_with_lately(desk, people, store, clock):
    hint = "Type whom you look for"
    async with desk(size=(80, 24)) as at:
        screen = await at_search(at)
        await at.until(lambda: hint in at.text, "nobody yet")
        assert "dealt with lately" not in at.text
        for name in ("Dana Levi", "Bob [red]"):
            clock.add(minutes=1)
            do(store, "log_note", contact=people[name], note="x")
        screen.refresh_data()
        await at.until(lambda: names_of(screen) == ["Bob [red]", "Dana Levi"], "the last first")
        await at.until(lambda: "dealt with lately" in at.text and hint not in at.text, "said what they are")
        await at.press("x")
        await at.until(lambda: "Nobody is found" in at.text, "what was typed counts")
        assert "dealt with lately" not in at.text
        await at.press("backspace", "enter")
        await at.until(lambda: type(at.screen).__name__ == "ContactScreen" and "Bob [red]" in at.text, "the last one is open")


async def test_nobody_found_says_how_to_add_them(desk, people):
    async with desk() as at:
        screen = await at_search(at)
        await at.press(*"zzz")
        await at.until(lambda: screen._asked == "zzz" and "Nobody is found" in at.text, "nobody")
        await at.press("enter")
        assert at.screen is screen
        await at.press("down", "+")
        await at.dialog("New lead")


@pytest.mark.parametrize("size", [(40, 20), (80, 24), (130, 40)])
async def test_stands_at_every_size_in_hebrew(desk, people, size):
    async with desk(size=size, language="he") as at:
        screen = await at_search(at)
        await at.press(*"x.ex")
        await at.until(lambda: len(screen._found) == 3, "all three")
        await at.press("down", "down", "enter")
        await at.until(lambda: type(at.screen).__name__ == "ContactScreen", "the second is open")


async def test_a_hebrew_name_reads_the_same_whatever_of_it_was_typed(desk, store):
    lead(store, "גיא לימונית", "052-345-6788", company="מספרת לימון")
    async with desk() as at:
        screen = await at_search(at)
        for typed in ("לימונית", "גיא", "לימ"):
            screen.editor.value = typed
            await at.until(lambda: "תינומיל איג · ןומיל תרפסמ" in at.text, typed)
