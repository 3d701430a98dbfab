"""Days of work at the screens, with nothing but keys; the store is asked from outside what came of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli_program import SUNDAY, Program
from screen_program import Terminal, crm, drawn

LEADS = """name,phone,email,source,campaign,notes
דנה לוי,052-732-5777,dana@levi.example,Website,November,wants a demo
Yossi Cohen,03-555-1212,yossi@cohen.example,Google Ads,,
Ruth Bar,054-712-3456,ruth@bar.example,Facebook,Launch,call after six
Avi Mizrahi,050-765-4321,avi@mizrahi.example,Website,,
"""
DANA = drawn("דנה לוי")


@pytest.fixture
def office(fresh: Program, tmp_path: Path) -> Program:
    """Four imported leads and a colleague."""
    file = tmp_path / "leads.csv"
    file.write_text(LEADS, encoding="utf-8")
    assert fresh.inside("--now", SUNDAY, "import", str(file)).code == 0
    fresh.play({"command": "add_user", "name": "dan", "role": "rep"})
    return fresh


def screens(program: Program, *args: str, **more: Any) -> Terminal:
    """The Leadometer, shown."""
    terminal = crm(program, "--now", SUNDAY, *args, **more)
    terminal.see("052-732-5777", "050-765-4321")
    return terminal


def contact(program: Program, name: str) -> Any:
    """What the store says of a contact."""
    return program.inside("show", "contact", name, "--json").json


def timeline(program: Program, name: str) -> list[Any]:
    """What happened to a contact, newest first."""
    found: list[Any] = program.inside("show", "timeline", name, "--json").json
    return found


def cursor_line(terminal: Terminal) -> str:
    """The row under the cursor."""
    return terminal.line_with("▌")


def number_of(terminal: Terminal, label: str) -> str:
    """The number that chooses an option."""
    (number,) = (
        word for word in terminal.line_with(f" {label} ").replace("▌", " ").split() if word.isdigit() and len(word) == 1 and word != "0"
    )
    return number


def from_another_window(program: Program, *args: str) -> None:
    """A command of another process."""
    run = program("--now", SUNDAY, "do", *args)
    assert run.code == 0, run.out + run.err


def leave(terminal: Terminal) -> None:
    terminal.press("ctrl+q")
    assert terminal.end() == 0
    assert terminal.modes == terminal.modes_before


def test_a_morning_at_the_leadometer(office: Program) -> None:
    with screens(office) as terminal:
        text = terminal.see("4", "web", "1 of 4")
        assert DANA in text, "Hebrew is drawn from right to left"
        assert "דנה לוי" not in text
        assert [line for line in terminal.lines if "Yossi Cohen" in line and "03-555-1212" in line]

        terminal.press("enter")
        terminal.see("dana@levi.example", "wants a demo")
        terminal.press("esc")
        terminal.see("1 of 4", "03-555-1212")

        terminal.press("j")
        terminal.wait_for(lambda _text: "Yossi Cohen" in cursor_line(terminal), "the cursor on the second lead")
        terminal.press("r")
        terminal.see(" dan ")
        terminal.press(number_of(terminal, "dan"))
        terminal.lose("03-555-1212")
        terminal.see("✓", "Yossi Cohen", "of 3")
        assert contact(office, "035551212")["owner"] == "dan"

        terminal.press("u")
        terminal.see("03-555-1212", "of 4")
        assert contact(office, "035551212")["owner"] is None
        terminal.press("ctrl+r")
        terminal.lose("03-555-1212")
        assert contact(office, "035551212")["owner"] == "dan"

        name = cursor_line(terminal)
        assert "Ruth Bar" in name
        terminal.press("c")
        terminal.see("talked", "no answer", "054-712-3456")
        terminal.press("3")
        terminal.see("✓", "no answer")
        terminal.wait_for(lambda _text: contact(office, "0547123456")["attempts"] == 1, "the call in the store")

        terminal.press("+", "נועה בר־לב 052-611-2233 noa@lev.example #expo", "enter")
        terminal.see("052-611-2233", drawn("נועה בר־לב"))
        leave(terminal)
    fresh_lead = contact(office, "0526112233")
    assert (fresh_lead["name"], fresh_lead["email"], fresh_lead["source"]) == ("נועה בר־לב", "noa@lev.example", "exhibition")
    assert contact(office, "0547123456")["next_at"].startswith("2026-11-23T")


def test_keys_typed_ahead_reach_what_they_were_meant_for(office: Program) -> None:
    """Two keys for a call without an answer, also for fingers faster than the screen, also in the first moment."""
    with screens(office) as terminal:
        terminal.press("c2", "+Tamar Golan 050-999-8888 #ads", "enter", "n", "said hello", "enter", "u", "ctrl+r")
        terminal.see("050-999-8888", "Done again")
        # The cursor went to the new lead before the keys after it were taken.
        terminal.wait_for(lambda _text: "said hello" in json.dumps(timeline(office, "0509998888")), "the note in the store")
        leave(terminal)
    (call,) = (one for one in timeline(office, "0527325777") if one["kind"] == "call")
    assert call["outcome"] == "no_answer"
    assert contact(office, "0509998888")["name"] == "Tamar Golan"


def test_the_cursor_goes_where_it_is_sent_while_the_list_is_read_again(office: Program) -> None:
    with screens(office) as terminal:
        terminal.press("c2jc3jc2")
        terminal.wait_for(lambda _text: "call" in [one["kind"] for one in timeline(office, "0547123456")], "a call with the third lead", 5)
        leave(terminal)
    for lead, outcome in (("0527325777", "no_answer"), ("035551212", "busy"), ("0547123456", "no_answer")):
        assert [one["outcome"] for one in timeline(office, lead) if one["kind"] == "call"] == [outcome]


def test_keys_typed_ahead_wait_for_the_screen_that_opens(office: Program) -> None:
    with screens(office) as terminal:
        terminal.press("down", "enter", "o", "Small", "enter", "8000", "enter")
        terminal.see("Small", "deal opened", seconds=5)
        terminal.press("3", "w")
        terminal.see("deal won", seconds=5)
        terminal.press("4", "down", "n", "on the list", "enter")
        terminal.see("✓ Write a note", "2 of 4", seconds=5)
        leave(terminal)
    assert [deal["stage"] for deal in contact(office, "035551212")["deals"]] == ["won"]


def test_a_deal_from_the_first_word_to_the_signature(office: Program) -> None:
    with screens(office) as terminal:
        terminal.press("down", "enter")
        terminal.see("yossi@cohen.example")
        terminal.press("o")
        terminal.see("deal", "Yossi Cohen", "enter")
        terminal.press("CRM לצוות", "enter")
        terminal.see("Value")
        terminal.press("48,000")
        terminal.see("₪48,000")
        terminal.press("enter")
        terminal.see("✓", drawn("לצוות"))
        assert contact(office, "035551212")["lifecycle"] == "opportunity"

        terminal.press("3")
        terminal.see("PHONE 1", "Yossi Cohen", "₪48,000")
        terminal.press("shift+right")
        terminal.see("MEETING 1")
        terminal.wait_for(lambda _text: contact(office, "035551212")["deals"][0]["stage"] == "meeting", "the deal at its next stage")
        terminal.press("w")
        terminal.see("No open deals")
        (deal,) = contact(office, "035551212")["deals"]
        assert (deal["stage"], deal["value"]["amount"]) == ("won", "48000.00")

        terminal.press("/", "cohen")
        terminal.see("Yossi Cohen")
        terminal.press("enter")
        terminal.see("yossi@cohen.example", "₪48,000")
        terminal.see("meeting → won", "lead from ads")
        terminal.press("esc", "esc")
        terminal.see("No open deals")
        terminal.press("u")
        terminal.see("Yossi Cohen", "₪48,000")
        leave(terminal)
    assert contact(office, "035551212")["deals"][0]["stage"] == "meeting"


def test_each_change_of_the_timeline_is_drawn_as_what_it_is(office: Program) -> None:
    with screens(office) as terminal:
        terminal.press("down", "enter")
        terminal.see("› Yossi Cohen", "lead from ads")
        terminal.press("o", "CRM", "enter", "48000", "enter")
        terminal.see("stage: opportunity")
        terminal.press("w")
        text = terminal.see("phone → won", "stage: customer")
        assert "stage: opportunity" in text
        assert text.count("stage: customer") == 1
        leave(terminal)


def test_what_others_do_appears_with_the_cursor_on_its_record(office: Program) -> None:
    with screens(office) as terminal:
        terminal.press("down", "down")
        terminal.wait_for(lambda _text: "Ruth Bar" in cursor_line(terminal), "the cursor on the third lead")
        from_another_window(office, "route", "--contact", "0527325777", "--to", "dan")
        terminal.lose("052-732-5777", seconds=5)
        terminal.see("2 of 3", seconds=5)
        assert "Ruth Bar" in cursor_line(terminal)
        from_another_window(office, "add_lead", "--name", "מן הטופס", "--phone", "052-000-1111", "--source", "web_form")
        terminal.see("052-000-1111", drawn("מן הטופס"), "2 of 4", seconds=5)
        assert "Ruth Bar" in cursor_line(terminal)

        terminal.press("enter")
        terminal.see("ruth@bar.example")
        from_another_window(office, "log_note", "--contact", "0547123456", "--note", "asked by another window")
        terminal.see("another window", seconds=5)
        leave(terminal)


def test_hebrew_from_right_to_left_and_the_letters_of_its_layout(office: Program) -> None:
    with screens(office, "--lang", "he") as terminal:
        line = terminal.line_with("052-732-5777")
        assert DANA in line
        assert line.index(DANA) > line.index("052-732-5777"), "the name stands before the phone, from the right"
        assert cursor_line(terminal).endswith("▌")
        terminal.see(drawn("לידומטר"))

        terminal.press("ח")
        terminal.wait_for(lambda _text: "Yossi Cohen" in cursor_line(terminal), "the cursor on the second lead, by the key of j")
        terminal.press("ר")
        terminal.see(" dan ")
        terminal.press(number_of(terminal, "dan"))
        terminal.lose("03-555-1212")
        assert contact(office, "035551212")["owner"] == "dan"
        terminal.press("ו")
        terminal.see("03-555-1212")
        assert contact(office, "035551212")["owner"] is None
        terminal.wait_for(lambda _text: "Ruth Bar" in cursor_line(terminal), "the cursor stays on its record")

        terminal.press("מ")
        terminal.wait_for(lambda _text: terminal.lines[-1] and "ctrl+j" in terminal.text, "the note's dialog")
        terminal.press("שלום ABC")
        terminal.see("ABC " + drawn("שלום"))
        assert len(terminal.line_with("ABC " + drawn("שלום"))) >= 79, "it stands at the right"
        terminal.press("enter")
        terminal.see("✓")
        terminal.wait_for(
            lambda _text: "שלום ABC" in json.dumps(timeline(office, "0547123456"), ensure_ascii=False), "the note in the store"
        )
        leave(terminal)


@pytest.mark.parametrize(("columns", "rows"), [(40, 20), (200, 60)])
def test_from_a_narrow_pane_to_a_whole_wall(office: Program, columns: int, rows: int) -> None:
    with crm(office, "--now", SUNDAY, columns=columns, rows=rows) as terminal:
        of = " of " if columns >= 80 else "/"
        terminal.see("Yossi Cohen", "Ruth Bar", f"{of}4")
        assert f"1{of}4" in terminal.lines[-1]
        if columns >= 120:
            terminal.see("dana@levi.example")
            terminal.press("down")
            terminal.see("yossi@cohen.example")
        else:
            terminal.press("down")
            terminal.see(f"2{of}4")
            assert "Yossi Cohen" in cursor_line(terminal)
            assert len([line for line in terminal.lines if "▌" in line]) == 2, "a row takes two lines"
        terminal.press("c")
        terminal.see("1 talked", "6 not interested")
        terminal.press("3")
        terminal.see("✓")
        terminal.press("enter")
        terminal.see("› Yossi", "no answer")
        terminal.press("o", "Small", "enter", "8000", "enter")
        terminal.see("Small", "deal opened")
        terminal.press("3")
        terminal.see("PHONE", "Small", "₪8,000", f"1{of}1")
        terminal.press("4")
        terminal.see("Ruth Bar", "Avi Mizrahi", f"1{of}4")
        terminal.press("/", "ruth", "enter")
        terminal.see("Ruth Bar", "call after six")
        terminal.press("?")
        terminal.see("Leadometer", "1-9 choose")
        terminal.press("end")
        terminal.see("ctrl+q")
        leave(terminal)


def test_a_window_that_changes_its_size(office: Program) -> None:
    with screens(office) as terminal:
        terminal.press("down")
        terminal.see("2 of 4")
        before = terminal.text
        for columns, rows in ((40, 20), (200, 60), (20, 5), (3, 2), (1, 1), (120, 30)):
            terminal.resize(columns, rows)
            terminal.settle(0.1)
        terminal.see("2 of 4", "yossi@cohen.example")
        terminal.resize(80, 24)
        terminal.wait_for(lambda text: text == before, "the same screen as before")
        terminal.press("c")
        terminal.see("no answer")
        terminal.resize(40, 12)
        terminal.see("no answer")
        terminal.resize(10, 4)
        terminal.settle(0.1)
        terminal.resize(80, 24)
        terminal.see("Yossi Cohen", "1 talked", "6 not interested", "052-732-5777")
        terminal.press("esc")
        terminal.wait_for(lambda text: text == before, "the same screen as before")
        leave(terminal)


def test_a_paste_is_text_and_never_keys(office: Program) -> None:
    with screens(office) as terminal:
        terminal.write(b"\x1b[200~d1r1u\x1b[201~")
        terminal.press("n")
        terminal.see("ctrl+j")
        terminal.write("\x1b[200~first line\r\nשורה שנייה\tend\x1b[201~".encode())
        terminal.see("first line", drawn("שורה שנייה"))
        terminal.press("enter")
        terminal.see("✓")
        leave(terminal)
    assert office.inside("show", "inbox", "--json").json[0]["name"] == "דנה לוי"
    (note,) = (one for one in timeline(office, "0527325777") if one["kind"] == "note")
    assert "first line\nשורה שנייה" in note["note"]


def test_the_mouse_does_what_keys_do(office: Program) -> None:
    with screens(office) as terminal:
        row = next(y for y, line in enumerate(terminal.lines) if "Ruth Bar" in line)

        def click() -> None:
            terminal.write(f"\x1b[<0;12;{row + 1}M\x1b[<0;12;{row + 1}m".encode())

        click()
        terminal.see("3 of 4")
        assert "Ruth Bar" in cursor_line(terminal)
        click()
        click()
        terminal.see("ruth@bar.example")
        leave(terminal)


def test_an_empty_store_says_what_to_do_next(fresh: Program) -> None:
    with crm(fresh) as terminal:
        terminal.see("Nobody waits", "crm-tui import")
        terminal.press("3")
        terminal.see("No open deals")
        terminal.press("4")
        terminal.settle(0.1)
        terminal.press("1", "down", "pagedown", "end", "enter", "c", "r", "u", "space", "*", "a")
        terminal.see("1-9")
        terminal.press("esc")
        terminal.lose("1-9")
        terminal.press("+First Lead 052-123-4567", "enter")
        terminal.see("First Lead", "052-123-4567", "1 of 1")
        leave(terminal)


def test_a_store_that_cannot_be_read_any_more_can_still_be_left(office: Program) -> None:
    with screens(office) as terminal:
        with office.store.open("r+b") as file:
            file.write(b"x" * office.store.stat().st_size)
        office.home.joinpath("crm.db-wal").write_bytes(b"")
        terminal.press("3")
        terminal.see("damaged")
        terminal.press("ctrl+q")
        assert terminal.end(6) in (0, 1, 5)
        assert terminal.modes == terminal.modes_before
