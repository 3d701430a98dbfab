from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from pathlib import Path

import pytest
from cli_program import SUNDAY, Program

LEAD = json.dumps({"command": "add_lead", "name": "Dana Levi"}) + "\n"


@pytest.fixture(scope="module")
def filled(program: Program) -> Program:
    """A store with one lead."""
    program.inside("do", stdin=LEAD)
    return program


def test_a_directory_is_no_store(program: Program, tmp_path: Path) -> None:
    run = program("--store", str(tmp_path), "show", "inbox", "--json")
    assert run.code == 1
    assert (run.json["error"]["kind"], run.json["error"]["field"]) == ("refused", "store")
    assert str(tmp_path) in run.err


@pytest.mark.parametrize("content", [b"this is not a database, but a text of some length\n" * 100, b"\0" * 8192])
def test_another_file_is_no_store(program: Program, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(content)
    run = program("--store", str(path), "do", stdin=LEAD)
    assert run.code == 5
    assert run.out == ""
    assert path.read_bytes() == content


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root reads everything")
def test_a_store_of_somebody_else(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"")
    path.chmod(0)
    assert program("--store", str(path), "show", "inbox").code == 1


def test_a_server_that_does_not_answer(program: Program) -> None:
    run = program("--store", "postgresql://noa:secret@localhost:1/crm", "do", "add_lead", "--name", "x")
    assert run.code == 4
    assert run.json["error"]["kind"] == "store_busy"
    assert "secret" not in run.out + run.err


def test_an_address_of_another_kind(program: Program) -> None:
    assert program("--store", "mysql://x/y", "show", "inbox").code == 1
    assert program.inside("--store", "", "show", "inbox").code == 1


def test_a_busy_store_stops_a_script_with_4(fresh: Program, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import crm_tui.db\n\ncrm_tui.db.BUSY_SECONDS = 0\n")
    fresh.inside("do", stdin=LEAD)
    blocker = sqlite3.connect(fresh.store, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    run = fresh("do", stdin=LEAD * 3, env={"PYTHONPATH": str(tmp_path)})
    blocker.execute("ROLLBACK")
    blocker.close()
    assert run.code == 4
    assert [answer["error"]["kind"] for answer in run.answers] == ["store_busy"]
    assert "line 1" in run.err
    assert len(fresh.inside("show", "inbox", "--json").json) == 1


def test_a_missing_import_file(program: Program) -> None:
    run = program("import", "no-such-file.csv", "--json")
    assert run.code == 1
    assert run.json["error"]["field"] == "file"
    assert "no-such-file.csv" in run.err
    assert program.inside("import", ".").code == 1


def test_the_answer_goes_to_standard_output_in_utf8_whatever_the_locale(filled: Program) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    lead = json.dumps({"command": "add_lead", "name": "דנה", "email": "dana@x.example"}, ensure_ascii=False)
    assert filled("do", stdin=lead, env=ascii_only).answers[0]["ok"] is True
    assert "דנה" in filled("show", "contact", "dana@x.example", env=ascii_only).out


@pytest.mark.parametrize(("args", "code"), [(["show", "inbox"], 0), (["keys"], 0), (["do"], 1)])
def test_a_closed_pipe_ends_quietly(filled: Program, args: list[str], code: int) -> None:
    process = filled.start(*args)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _out, err = process.communicate(LEAD.encode() * 3, timeout=20)
    assert (process.returncode, err) == (code, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_an_answer_that_cannot_be_written_is_an_error(filled: Program) -> None:
    with open("/dev/full", "wb") as full:
        process = filled.start("show", "commands", "--json", stdout=full)
        _out, err = process.communicate(timeout=20)
    assert process.returncode in (1, 4)
    assert err.startswith(b"Error: ")
    assert b"Traceback" not in err


def test_streams_that_are_closed_from_the_start(filled: Program) -> None:
    import subprocess
    import sys

    command = f"exec '{sys.executable}' -m crm_tui do <&- >&- 2>&-"
    run = subprocess.run(["sh", "-c", command], env=filled.environment(), timeout=20)
    assert run.returncode in (0, 1)


def test_ctrl_c_is_one_line_and_130(filled: Program) -> None:
    process = filled.start("do")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(LEAD.encode())
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["ok"] is True
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (out, err) == (b"", b"Interrupted.\n")


def test_ctrl_c_while_it_starts_is_no_trace_back(filled: Program) -> None:
    for delay in (0.02, 0.05, 0.1, 0.2):
        process = filled.start("show", "inbox")
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=20)
        if process.returncode in (0, 130):
            assert b"Traceback" not in err


def test_the_unexpected_is_one_sentence(filled: Program, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import crm_tui.reads.inbox as inbox\n\n\ndef broken(*_args):\n"
        "    raise RuntimeError('secret \\x1b[31m plan')\n\n\ninbox.inbox_json = broken\n"
    )
    run = filled("show", "inbox", env={"PYTHONPATH": str(tmp_path)})
    assert (run.code, run.out) == (1, "")
    assert run.err.count("\n") == 1
    assert "CRM_DEBUG=1" in run.err
    process = filled.start("show", "inbox", env={"PYTHONPATH": str(tmp_path), "CRM_DEBUG": "1"})
    _out, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert b"Traceback" in err


def test_a_refused_command_leaves_the_store_as_it_was(fresh: Program) -> None:
    fresh.inside("--now", SUNDAY, "do", stdin=LEAD)
    before = fresh.store.read_bytes()
    assert fresh("do", "log_call", "--contact", "x", "--outcome", "talked").code == 1
    assert fresh.store.read_bytes() == before
