"""Hostile data on every screen: nothing crashes, and no byte of an escape that came in as data goes out to the terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_program import SUNDAY, Program
from screen_program import Terminal, crm

from crm_tui.text.clean import clean_line

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "nasty.json"
OWN = {
    "markup": "[bold]x[/red]",
    "markup click": "[@click=app.quit]quit[/]",
    "markup open": "[link=https://evil.example",
    "escape colour": "a\x1b[38;2;13;37;7mb",
    "escape cursor": "a\x1b[77;777Hb",
    "escape mode": "a\x1b[?1337hb\x1b[?1049l",
    "escape title": "a\x1b]2;owned\x07b",
    "escape clipboard": "a\x1b]52;c;cm0gLXJmIC8=\x1b\\b",
    "escape device": "a\x1bP+q544e\x1b\\b\x1b_app\x1b\\\x1b^pm\x1b\\",
    "escape single": "a\x1bcb\x1b7\x1b8\x1bZ",
    "c1": "a\x9b31mb\x9d52;c;eA==\x9cc\x90q\x9c\x85",
    "c0": "a\x00b\x07c\x08d\x0be\x0cf\x0eg\x0fh\x11i\x13j\x18k\x1al\x7fm",
    "override": "invoice\u202egpj.exe",
    "embedding": "\u202aa\u202bb\u202cc\u202dd",
    "isolates": "\u2066a\u2067b\u2068c",
    "marks": "\u200ea\u200fb\u061cc",
    "joiners": "a\u200b\u200c\u200d\u2060\ufeff\u180e\u00adb",
    "lines": "a\u2028b\u2029c\x0bd\x85e\rf\r\ng\nh",
    "family": "👨‍👩‍👧‍👦👩🏽‍🚀🏴󠁧󠁢󠁥󠁮󠁧󠁿🇮🇱🇮",
    "combining flood": "x" + "\u0301\u0489" * 300 + "y",
    "combining alone": "\u0301\u0302\u05b0",
    "hebrew combining": "ש" + "\u05b8\u05c1" * 100 + "לום",
    "variation": "❤\ufe0f❤\ufe0e1\ufe0f\u20e3",
    "wide": "漢字ｆｕｌｌ한국어ﷺ𒐫",
    "tags": "a\U000e0041\U000e0042b",
    "surrogates and holes": "a\ufffe\uffff\U0010ffffb\ue000",
    "long word": "x" * 480,
    "long hebrew": "שלום" * 120,
    "brackets": "([{<א>}])" * 20,
    "spaces": "\u00a0\u3000\t a \t",
    "empty": " \u200b ",
    "format": "{0.__class__}%s%n$(reboot)`id`",
}
HUGE = {"huge": "z" * 30_000, "huge hebrew": "א" * 20_000, "huge escapes": "\x1b[31m" * 5_000, "huge marks": "a" + "\u0300" * 20_000}

BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
SGR = {0, 1, 2, 3, 4, 7, 22, 24, 27, *range(30, 38), 39, *range(40, 48), 49, *range(90, 98)}
"""The looks that the screens use: the terminal's own colours."""
MODES = re.compile(
    rb"\x1b\[\?(?:1049|1000|1003|1015|1006|1004|2004|25|7)[hl]|\x1b\[\?(?:2026|2048)\$p|\x1b\[>25u|\x1b\[<u|\x1b\]22;(?:default|text|pointer)\x07"
)
"""What Textual itself says to a terminal."""
PLACE = re.compile(rb"\x1b\[(\d{1,3});(\d{1,3})H")
LOOK = re.compile(rb"\x1b\[(\d{1,2}(?:;\d{1,2})*)m")
TEXT = re.compile(rb"[^\x00-\x1f\x7f]+|\r\n")
NEVER = re.compile(f"[\x80-\x9f{BIDI}]")


def problems(raw: bytes, columns: int, rows: int) -> list[str]:
    """What in a terminal's bytes is none of the program's own words."""
    found = []
    # The place of the cursor is saved before the first frame.
    at = len(b"\x1b7") if raw.startswith(b"\x1b7") else 0
    while at < len(raw):
        if (text := TEXT.match(raw, at)) is not None:
            at = text.end()
            shown = text.group().decode("utf-8", "surrogateescape")
            if bad := NEVER.search(shown):
                found.append(f"U+{ord(bad.group()):04X} in {shown!r}")
            if any("\udc80" <= letter <= "\udcff" for letter in shown):
                found.append(f"not UTF-8: {shown!r}")
        elif (place := PLACE.match(raw, at)) is not None and int(place[1]) <= rows and int(place[2]) <= columns:
            at = place.end()
        elif (look := LOOK.match(raw, at)) is not None and {int(part) for part in look[1].split(b";")} <= SGR:
            at = look.end()
        elif (mode := MODES.match(raw, at)) is not None:
            at = mode.end()
        else:
            found.append(f"{raw[at : at + 40]!r} after {raw[max(0, at - 40) : at]!r}")
            at += 1
    return found


@pytest.mark.parametrize(
    "value", [value for name, value in OWN.items() if name.startswith(("escape", "c0", "c1", "override", "embed", "isol", "marks"))]
)
def test_the_check_itself_finds_each_of_them(value: str) -> None:
    assert problems(value.encode(), 80, 24)
    assert problems(clean_line(value).encode(), 80, 24) == []


def nasty_values() -> dict[str, str]:
    """Our own table, and the shared samples where they are."""
    shared = json.loads(SAMPLES.read_text(encoding="utf-8")) if SAMPLES.exists() else []
    return OWN | {one["name"]: one["value"] for one in shared}


def fits(value: str, most: int = 500) -> bool:
    return 0 < len(clean_line(value)) <= most


@pytest.fixture(scope="module")
def hostile(program: Program) -> Program:
    """A store with hostile text in every field; each lead has a phone number of its own, so that it can be found."""
    commands: list[dict[str, Any]] = []
    for number, (name, value) in enumerate((nasty_values() | HUGE).items()):
        email = f"nasty{number}@nasty.example"
        line = value if fits(value) else name
        lead = {"command": "add_lead", "email": email, "phone": f"052-611-{number:04}", "source": "web_form", "name": line}
        commands.append(lead | {"company": line, "campaign": line, "source_detail": line, "note": value[:10_000]})
        commands.append({"command": "log_note", "contact": email, "note": value})
        commands.append({"command": "log_email", "contact": email, "subject": line, "body": value})
        commands.append({"command": "tag", "contact": email, "tag": line.replace("/", "|")})
        commands.append({"command": "edit_contact", "contact": email, "weird": line, line[:40].replace("/", "|"): "x"})
        commands.append({"command": "add_task", "contact": email, "kind": "call", "due": "2026-11-22", "note": line})
        commands.append({"command": "open_deal", "contact": email, "name": line, "value": 1000 + number})
        if number % 4 == 0 and fits(value, 60):
            commands.append({"command": "add_user", "name": line, "role": "rep"})
    answers = program.play(*commands)
    leads = [answer for command, answer in zip(commands, answers, strict=True) if command["command"] == "add_lead"]
    assert all(answer["ok"] for answer in leads), [answer for answer in leads if not answer["ok"]][:3]
    refused = {answer["error"]["message"] for answer in answers if not answer["ok"]}
    assert sum(answer["ok"] for answer in answers) > 5 * len(leads), refused
    return program


@pytest.fixture(scope="module")
def count(hostile: Program) -> int:
    """How many leads wait."""
    return len(hostile.inside("show", "inbox", "--json").json)


@pytest.fixture(params=[(122, 26), (44, 20)], ids=["wide", "narrow"])
def terminal(hostile: Program, count: int, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    """The screens on that store; what they sent is looked through at the end."""
    columns, rows = request.param
    with crm(hostile, "--now", SUNDAY, columns=columns, rows=rows) as terminal:
        terminal.see(place(terminal, 1, count))
        yield terminal
        unharmed(terminal)
        terminal.press("ctrl+q")
        assert terminal.end() == 0
        assert problems(bytes(terminal.raw), columns, rows) == []
        assert terminal.modes == terminal.modes_before


def place(terminal: Terminal, at: int, total: int) -> str:
    """How the footer says where one is."""
    return f" {at} of {total}" if terminal.columns > 80 else f" {at}/{total}"


def unharmed(terminal: Terminal) -> None:
    """It runs, and has nothing unexpected to say."""
    assert not terminal.ended, terminal.text
    assert "unexpected" not in terminal.text, terminal.text


def test_harmless_data_says_nothing_else(fresh: Program) -> None:
    fresh.play({"command": "add_lead", "name": "Dana Levi", "phone": "052-732-5777"})
    with crm(fresh, "--now", SUNDAY) as terminal:
        terminal.see("Dana Levi")
        terminal.press("enter")
        terminal.see("since")
        terminal.press("ctrl+q")
        assert terminal.end() == 0
        assert problems(bytes(terminal.raw), 80, 24) == []


def assert_in_columns(terminal: Terminal) -> None:
    """Whatever stands before it in a row, a number stands in its column; of emoji of many parts terminals think differently."""
    if terminal.columns > 80:
        plain = [line for line in terminal.cells if "052-611-" in line[:100] and not re.search("[\U0001f000-\U0001ffff❤]", line)]
        assert len({line.index("052-611-") for line in plain}) == 1, terminal.text


def test_the_lists(terminal: Terminal, count: int) -> None:
    for space, head in (("1", "waiting"), ("4", "today call")):
        terminal.press(space)
        terminal.see(place(terminal, 1, count), head)
        shown = 1
        while shown < count:
            terminal.press("pagedown")
            terminal.wait_for(lambda text, at=shown: place(terminal, at, count) not in text, "the next page")
            found = re.search(r"(\d+)(?: of |/)\d+\s*$", terminal.lines[-1])
            assert found is not None, terminal.text
            shown = int(found[1])
            terminal.settle(0.15)
            unharmed(terminal)
            assert_in_columns(terminal)
        terminal.press("g")
        terminal.see(place(terminal, 1, count))


def test_every_contact_and_the_dialogs_about_them(terminal: Terminal, count: int) -> None:
    terminal.press("enter")
    terminal.see(place(terminal, 1, count), "052-611-0000", "all about" if terminal.columns < 80 else "since")
    step = 9 if terminal.columns > 80 else 20
    for number in range(1, count if terminal.columns > 80 else len(OWN)):
        terminal.press("right")
        terminal.see(place(terminal, number + 1, count))
        terminal.settle(0.03)
        if number % step == 0:
            terminal.press("n")
            terminal.see("ctrl+j")
            terminal.press("esc")
            terminal.lose("ctrl+j")
        if number % step == 1:
            terminal.press("end", "pageup", "home", "a")
            terminal.see("1-9")
            terminal.press("esc")
            terminal.lose("1-9")
        unharmed(terminal)


def test_choices_of_hostile_things(terminal: Terminal) -> None:
    for find in ("edit contact", "take off"):
        terminal.press(":", find)
        terminal.see(find)
        terminal.press("enter")
        terminal.lose(find + "▏")
        terminal.see("1-9")
        terminal.press("end", "home", "esc")
        terminal.lose("1-9")
        unharmed(terminal)
    terminal.press("r")
    terminal.see("1-9", "Leadometer")
    terminal.press("pagedown", "end", "home", "x", "[", "ש")
    terminal.see("[", "▏")
    terminal.press("esc")
    terminal.lose("1-9")
    terminal.press("?", "[red]")
    terminal.see("[red]▏")
    terminal.press("esc")
    terminal.lose("▏")


def test_the_board(terminal: Terminal, count: int) -> None:
    terminal.press("3")
    terminal.see("PHONE", place(terminal, 1, count))
    for _ in range(3):
        terminal.press("pagedown")
        terminal.settle(0.1)
        unharmed(terminal)
    terminal.press("end")
    terminal.see(place(terminal, count, count))
    terminal.press("d")
    terminal.see("lost", "1-9")
    terminal.press("esc")
    terminal.lose("1-9")
    terminal.press("b")
    terminal.see("1-9")
    terminal.press("esc")
    terminal.lose("1-9")
    terminal.press("enter")
    terminal.see("nasty.example" if terminal.columns > 80 else "all about")
    unharmed(terminal)


def test_hostile_text_typed_and_pasted(terminal: Terminal, count: int) -> None:
    """A terminal wraps what is pasted; that what is pasted has an end of its own inside, it must prevent itself."""
    terminal.press("/")
    terminal.see("name, part of a phone")
    for value in [*OWN.values(), *HUGE.values()]:
        pasted = value[:3000].replace("\x1b", "\x1b[0m\x1b"[3:])
        terminal.write(b"\x1b[200~" + pasted.encode("utf-8", "replace").replace(b"\x1b", b"") + b"\x1b[201~")
    terminal.settle(0.2)
    unharmed(terminal)
    terminal.press("esc")
    terminal.lose("enter open")
    terminal.see(place(terminal, 1, count))
    terminal.press("+")
    terminal.see("New lead")
    for value in OWN.values():
        terminal.write(b"\x1b[200~" + value.encode("utf-8", "replace").replace(b"\x1b", b"") + b" \x1b[201~")
    terminal.settle(0.2)
    unharmed(terminal)
    terminal.press("esc")
    terminal.lose("New lead")


def test_nobody_of_them_is_a_command(hostile: Program) -> None:
    """A click on markup in a name does what a click on any name does."""
    with crm(hostile, "--now", SUNDAY, columns=160, rows=50) as terminal:
        text = terminal.see("[@click=app.quit]")
        row = next(number for number, line in enumerate(text.split("\n")) if "[@click=app.quit]" in line)
        column = terminal.cells[row].index("[@click")
        terminal.write(f"\x1b[<0;{column + 20};{row + 1}M\x1b[<0;{column + 20};{row + 1}m".encode())
        terminal.wait_for(lambda _text: "▌" in terminal.lines[row], "the cursor on it")
        assert not terminal.ended
        terminal.press("ctrl+q")
        assert terminal.end() == 0
