"""`crm-tui process`: shown, checked, loaded, edited, as a person at a shell does."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_program import Program

WAITING = '{ key = "waiting_docs", label = { en = "Waiting for documents", he = "ממתין למסמכים" }, role = "in_process" },'


def shown(program: Program) -> str:
    run = program.inside("process", "show")
    assert (run.code, run.err) == (0, "")
    return run.out


def written(program: Program, text: str) -> str:
    path = program.home / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def editor(program: Program, script: str) -> str:
    """A program that edits the file it is given by a Python script over `text`."""
    path = program.home / "editor.py"
    path.write_text(
        f"import sys, pathlib\nfile = pathlib.Path(sys.argv[1])\ntext = file.read_text('utf-8')\n{script}\nfile.write_text(text, 'utf-8')\n"
    )
    import sys

    return f"{sys.executable} {path}"


def test_what_is_shown_is_loaded_again_and_changes_nothing(fresh: Program) -> None:
    text = shown(fresh)
    assert "crm-tui process load FILE" in text
    run = fresh.inside("process", "load", written(fresh, text))
    assert (run.code, run.out) == (0, "Nothing differs.\n")


def test_a_changed_file_is_checked_loaded_and_undone(fresh: Program) -> None:
    before = shown(fresh)
    text = before.replace("max_attempts = 6", "max_attempts = 4").replace('  { key = "closed"', f'  {WAITING}\n  {{ key = "closed"')
    path = written(fresh, text)
    checked = fresh.inside("process", "check", path)
    assert checked.code == 0
    assert "limits.max_attempts: 6 → 4" in checked.out
    assert shown(fresh) == before
    loaded = fresh.inside("process", "load", path, "--json").json
    assert loaded["changes"]["limits.max_attempts"] == {"old": 6, "new": 4}
    assert shown(fresh) == text
    assert fresh.inside("undo").code == 0
    assert shown(fresh) == before


def test_a_wrong_file_names_its_line_and_what_was_meant(fresh: Program) -> None:
    text = shown(fresh).replace("max_attempts = 6", "max_atempts = 6")
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "max_atempts" in one)
    for command in ("check", "load"):
        run = fresh.inside("process", command, written(fresh, text))
        assert (run.code, run.out) == (1, "")
        assert f"line {line}:" in run.err
        assert "did you mean limits.max_attempts?" in run.err


def test_who_is_left_behind_is_said(fresh: Program) -> None:
    without = shown(fresh)
    text = without.replace('  { key = "closed"', f'  {WAITING}\n  {{ key = "closed"')
    fresh.inside("process", "load", written(fresh, text))
    fresh.play({"command": "add_lead", "name": "Dana Levi", "phone": "0527325777"})
    fresh.inside("do", "set_status", "--contact", "0527325777", "--status", "waiting_docs")
    for command in ("check", "load"):
        run = fresh.inside("process", command, written(fresh, without))
        assert run.code == 1
        assert "Waiting for documents (waiting_docs): 1 (Dana Levi)" in run.err


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a = ", b"\x1b[2J = 1", b"[limits]\nmax_attempts = \x00"])
def test_what_is_no_process_is_refused(fresh: Program, content: bytes) -> None:
    path = fresh.home / "bad.toml"
    path.write_bytes(content)
    run = fresh.inside("process", "check", str(path))
    assert run.code == 1
    assert run.err.startswith("Error: ")
    assert run.err.count("\n") == 1
    assert fresh.inside("process", "check", str(fresh.home / "nowhere.toml")).code == 1


def test_it_is_edited_in_the_persons_editor(fresh: Program) -> None:
    run = fresh("process", "edit", env={"EDITOR": editor(fresh, "text = text.replace('max_attempts = 6', 'max_attempts = 3')")})
    assert (run.code, run.err) == (0, "")
    assert "limits.max_attempts: 6 → 3" in run.out
    assert "max_attempts = 3" in shown(fresh)


def test_a_wrong_edit_changes_nothing_and_is_kept(fresh: Program, tmp_path: Path) -> None:
    script = "text = text.replace('max_attempts = 6', 'max_attempts = many')"
    run = fresh("process", "edit", env={"EDITOR": editor(fresh, script), "TMPDIR": str(tmp_path)})
    assert run.code == 1
    assert "Invalid value" in run.err
    (kept,) = tmp_path.glob("crm-process-*.toml")
    assert str(kept) in run.err
    assert "max_attempts = many" in kept.read_text(encoding="utf-8")
    assert "max_attempts = 6" in shown(fresh)


def test_only_who_may_changes_the_process(fresh: Program) -> None:
    fresh.inside("team", "add", "dan", "--role", "rep")
    text = shown(fresh).replace("max_attempts = 6", "max_attempts = 4")
    run = fresh.inside("--as", "dan", "process", "load", written(fresh, text))
    assert run.code == 1
    assert "dan" in run.err
    assert "max_attempts = 6" in shown(fresh)
