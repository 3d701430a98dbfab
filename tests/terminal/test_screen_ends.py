"""How the screens end: told to, left alone by their terminal, killed; the terminal is whole again and no typed word is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest
from cli_program import SUNDAY, Program
from screen_program import Terminal, crm

from crm_tui.drafts import Drafts

TYPED = "אמרה שתחזור on Sunday"
GONE_SECONDS = 6
"""Two seconds are the rule; a loaded machine gets some more."""


@pytest.fixture
def waiting(fresh: Program) -> Program:
    """A store with one lead."""
    fresh.play({"command": "add_lead", "name": "Dana Levi", "phone": "052-732-5777", "source": "web_form"})
    return fresh


def screens(program: Program, **more: object) -> Terminal:
    """The Leadometer, shown."""
    terminal = crm(program, "--now", SUNDAY, **more)
    terminal.see("Dana Levi", "052-732-5777")
    return terminal


def type_note(terminal: Terminal, text: str = TYPED) -> None:
    """Begin a note and leave it unfinished."""
    terminal.press("n")
    terminal.see("Note", "ctrl+j")
    terminal.press(text)
    terminal.see("on Sunday")


def drafts(program: Program) -> str:
    """What is kept of typed texts."""
    return "".join(path.read_text(encoding="utf-8") for path in program.home.glob("drafts/*.json"))


def assert_offered_again(program: Program) -> None:
    with screens(program) as terminal:
        terminal.press("n")
        terminal.see("on Sunday", "ctrl+j")
        terminal.press("enter")
        terminal.see("✓")
        terminal.press("ctrl+q")
        assert terminal.end() == 0
    assert "on Sunday" not in drafts(program), "what is saved is no draft"
    (note, *_) = (one for one in program.inside("show", "timeline", "0527325777", "--json").json if one["kind"] == "note")
    assert TYPED in json.dumps(note, ensure_ascii=False)


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), ("TERM", "")])
def test_a_terminal_that_can_do_nothing(fresh: Program, name: str, value: str) -> None:
    with crm(fresh, env={name: value}) as terminal:
        assert terminal.end() == 2
        said = bytes(terminal.raw)
    assert b"\x1b" not in said
    assert said.count(b"\n") == 1
    assert b"crm-tui show inbox" in said
    assert not fresh.store.exists()


@pytest.mark.parametrize("piped", ["stdin", "stdout", "both", "demo"])
def test_a_pipe_is_no_terminal(fresh: Program, piped: str) -> None:
    master, slave = os.openpty()
    standard_in = subprocess.DEVNULL if piped in ("stdin", "both", "demo") else slave
    standard_out = subprocess.PIPE if piped in ("stdout", "both", "demo") else slave
    run = subprocess.run(
        [sys.executable, "-m", "crm_tui", *(["demo"] if piped == "demo" else [])],
        stdin=standard_in,
        stdout=standard_out,
        stderr=subprocess.PIPE,
        env=fresh.environment(TERM="xterm-256color"),
        cwd=fresh.home,
        timeout=30,
    )
    os.close(slave)
    os.set_blocking(master, False)
    try:
        drawn = os.read(master, 1000)
    except OSError:
        drawn = b""
    os.close(master)
    assert run.returncode == 2
    assert (run.stdout or b"") + drawn == b""
    assert run.stderr.count(b"\n") == 1
    assert b"\x1b" not in run.stderr
    assert b"Error" not in run.stderr.partition(b"terminal")[0]
    assert not fresh.store.exists()


def test_errors_go_elsewhere_and_the_screens_still_stand_on_the_terminal(waiting: Program, tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = ["sh", "-c", f"exec '{sys.executable}' -m crm_tui --now {SUNDAY} 2>'{log}'"]
    with Terminal(command, waiting.environment(), cwd=waiting.home) as terminal:
        terminal.wait_for(lambda text: "Dana Levi" in text, "screens")
        terminal.press("ctrl+q")
        assert terminal.end() == 0
        left_whole(terminal)
    assert b"\x1b" not in log.read_bytes()


LEAVING = b"\x1b[?1049l"


def left_whole(terminal: Terminal) -> None:
    """The terminal is as it was before: modes, screen, cursor, no reports of mouse, focus or paste."""
    assert terminal.modes == terminal.modes_before
    end = bytes(terminal.raw)
    for off in (LEAVING, b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?1003l", b"\x1b[?2004l", b"\x1b[?1004l", b"\x1b[<u"):
        on = off[:-1] + (b"l" if off.endswith(b"h") else b"h")
        assert end.rfind(off) > (end.rfind(b"\x1b[>") if off == b"\x1b[<u" else end.rfind(on)), off
    rest = end[end.rfind(LEAVING) + len(LEAVING) :]
    assert b"Traceback" not in rest


def test_quitting_leaves_the_terminal_as_it_was(waiting: Program) -> None:
    with screens(waiting) as terminal:
        assert terminal.modes != terminal.modes_before
        terminal.press("ctrl+q")
        assert terminal.end(GONE_SECONDS) == 0
        left_whole(terminal)


@pytest.mark.parametrize("key", ["n", "c", "?"])
def test_quitting_out_of_a_dialog(waiting: Program, key: str) -> None:
    with screens(waiting) as terminal:
        terminal.press(key)
        terminal.see("─ ", "esc")
        terminal.press("ctrl+q")
        assert terminal.end(GONE_SECONDS) == 0
        left_whole(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_keeps_what_was_typed(waiting: Program, number: signal.Signals) -> None:
    with screens(waiting) as terminal:
        type_note(terminal)
        terminal.process.send_signal(number)
        assert terminal.end(GONE_SECONDS) == 128 + number
        left_whole(terminal)
    assert TYPED in drafts(waiting)
    assert_offered_again(waiting)


@pytest.mark.parametrize("moment", [b"\x1b7", b"\x1b[?1049h", b"\x1b[?2004h"])
def test_a_signal_in_the_first_moment(waiting: Program, moment: bytes) -> None:
    """Before the screens stand there is nothing to save, and the terminal must be whole all the same."""
    with crm(waiting, "--now", SUNDAY) as terminal:
        terminal.wait_for(lambda _text: moment in terminal.raw, "a first byte of the screens")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.end(GONE_SECONDS) == 128 + signal.SIGTERM
        left_whole(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminal_that_stands_still_holds_no_end_up(waiting: Program, number: signal.Signals) -> None:
    """Nobody reads: the program's output stops in the middle of a frame (a frozen ssh), and it still goes when told to."""
    with screens(waiting) as terminal:
        type_note(terminal)
        terminal.stand_still()
        terminal.press("x\x7f" * 500)
        terminal.process.send_signal(number)
        terminal.process.wait(GONE_SECONDS)
        assert terminal.process.returncode == 128 + number
        assert terminal.modes == terminal.modes_before
    assert TYPED in drafts(waiting)


def end_of(terminal: Terminal) -> float:
    """The seconds until the process is gone."""
    began = monotonic()
    terminal.process.wait(GONE_SECONDS)
    return monotonic() - began


@pytest.mark.parametrize("ignored", [(), (signal.SIGHUP,)], ids=["told by a signal", "told by nobody"])
def test_a_closed_window_ends_it_and_keeps_what_was_typed(waiting: Program, ignored: tuple[signal.Signals, ...]) -> None:
    with screens(waiting, ignored=ignored) as terminal:
        type_note(terminal)
        terminal.hang_up()
        end_of(terminal)
    assert TYPED in drafts(waiting)
    if ignored:
        assert_offered_again(waiting)


def test_kill_9_keeps_what_was_typed_a_moment_before(waiting: Program) -> None:
    with screens(waiting) as terminal:
        type_note(terminal)
        terminal.wait_for(lambda _text: TYPED in drafts(waiting), "the draft on disk", 5)
        terminal.process.kill()
        assert terminal.end() == -signal.SIGKILL
    assert_offered_again(waiting)


def test_what_is_deleted_while_typing_is_forgotten(waiting: Program) -> None:
    with screens(waiting) as terminal:
        type_note(terminal)
        terminal.wait_for(lambda _text: drafts(waiting), "the draft on disk", 5)
        terminal.press("\x7f" * len(TYPED))
        terminal.see("what was said")
        terminal.wait_for(lambda _text: not drafts(waiting), "no draft on disk", 5)
        terminal.press("esc")
        terminal.lose("what was said")
        terminal.press("ctrl+q")
        assert terminal.end(GONE_SECONDS) == 0


def test_a_draft_file_that_is_no_draft_file(waiting: Program) -> None:
    with screens(waiting) as terminal:
        type_note(terminal)
        terminal.press("ctrl+q")
        terminal.end(GONE_SECONDS)
    (path,) = waiting.home.glob("drafts/*.json")
    for content in (b"\xff\xfe", b"[" * 100_000):
        path.write_bytes(content)
        with screens(waiting) as terminal:
            terminal.press("ctrl+q")
            assert terminal.end(GONE_SECONDS) == 0


def test_suspended_and_brought_back(waiting: Program) -> None:
    with screens(waiting) as terminal:
        mark = terminal.mark
        terminal.process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.press("c")
        terminal.see("no answer")
        assert terminal.mark > mark
        terminal.press("esc")
        terminal.lose("no answer")


def test_two_windows_of_one_person_keep_each_others_drafts(crm_home: str) -> None:
    first, second = Drafts("store", "noa"), Drafts("store", "noa")
    first.put("a", "of the first")
    first.save()
    second.save()
    second.put("b", "of the second")
    second.save()
    assert (Drafts("store", "noa").get("a"), Drafts("store", "noa").get("b")) == ("of the first", "of the second")
    first.forget("a")
    first.save()
    assert Drafts("store", "noa").questions() == ["b"]
    second.forget("b")
    second.save()
    assert list(Path(crm_home).glob("drafts/*")) == []


BROKEN = """
import sys
from crm_tui.widgets.record_list import RecordList
def broken(self, y):
    raise ValueError("a secret of Dana Levi")
RecordList.render_line = broken
from crm_tui.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def test_an_end_against_its_will_is_a_sentence_and_no_trace_back(fresh: Program) -> None:
    assert fresh("do", "add_lead", "--name", "Dana Levi").code == 0
    with Terminal([sys.executable, "-c", BROKEN], fresh.environment(TERM="xterm-256color"), cwd=fresh.home) as terminal:
        assert terminal.end(10) == 1
        assert "Something unexpected happened" in terminal.raw.decode(errors="replace")
        assert "Traceback" not in terminal.raw.decode(errors="replace")
        assert terminal.modes == terminal.modes_before


def test_keys_typed_while_the_demo_is_made_are_forgotten_whole(fresh: Program) -> None:
    with Terminal([sys.executable, "-m", "crm_tui", "demo"], fresh.environment(), cwd=fresh.home) as terminal:
        terminal.see("Making up a company")
        terminal.press("down", "down", "esc", "c")
        terminal.see("1 of", "Leadometer", seconds=30)
        terminal.settle(0.3)
        assert "1 of" in terminal.lines[-1]
        assert "talked" not in terminal.text
        terminal.press("down")
        terminal.see("2 of")
        terminal.press("ctrl+q")
        assert terminal.end() == 0
