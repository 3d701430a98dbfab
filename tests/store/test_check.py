"""`check` replays the log and compares: sound stores are ok, whatever was tampered with is named."""

from __future__ import annotations

import io
import json
import random
import shutil
import sqlite3
import tempfile
import zlib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from store_helpers import Clock, do, elsewhere, lead, make_store

from crm_tui import models
from crm_tui.check import check
from crm_tui.cli.main import run
from crm_tui.db import errors
from crm_tui.errors import Damaged
from crm_tui.ids import show_id
from crm_tui.intake.run import import_file
from crm_tui.store import Store

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


LEADS = "name,phone,email\n" + "".join(
    f"Person {number} Import,05{number % 4 and 2}{3456000 + number},p{number}@x.example\n" for number in range(40)
)


def make_worked(url: str) -> None:
    """A store with a bit of everything, an import and undone commands among it."""
    make_store(url)
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, elsewhere(url, clock) as store:
        file = Path(folder) / "leads.csv"
        file.write_text(LEADS, encoding="utf-8")
        import_file(store, file)
        contact = lead(store, company="Acme", note="hello")
        clock.set("2026-11-22T11:00")
        do(store, "route", contact=contact, to="ann")
        do(store, "log_call", contact=contact, outcome="talked", need="a demo")
        deal = do(store, "open_deal", contact=contact, value=100)["record"]
        do(store, "move_deal", deal=deal, stage="lost", reason="price")
        do(store, "undo")
        do(store, "redo")
        do(store, "set_setting", name="limits.max_attempts", value=4)
        do(store, "tag", contact=contact, tag="vip")
        do(store, "undo")
        do(store, "delete_contact", contact=lead(store, "Somebody Else", "052-345-6700"))


@pytest.fixture
def worked(new_url, clock, tmp_path):
    """A store that was worked in till eleven, and the file that went in."""
    (tmp_path / "leads.csv").write_text(LEADS, encoding="utf-8")
    clock.set("2026-11-22T11:00")
    with Store(new_url(make_worked), "noa", clock, durable=False) as store:
        yield store


def test_a_store_that_was_worked_in_is_sound(worked):
    report = check(worked)
    assert report == {"ok": True, "batches": report["batches"], "changes": report["changes"], "differences": []}
    assert report["batches"] == worked.db.one("SELECT count(*) FROM batch")[0]
    assert report["changes"] == worked.db.one("SELECT sum(changes) FROM batch")[0]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE change SET new = '\"other\"' WHERE register = 'properties/need'",
        "UPDATE change SET rule = 'deal won' WHERE key = (SELECT max(key) FROM change)",
        "UPDATE batch SET at = at + 1 WHERE key = (SELECT max(key) FROM batch)",
        "UPDATE batch SET command = 'tag' WHERE command = 'route'",
        "DELETE FROM batch WHERE command = 'route'",
        "UPDATE part SET salt = digest WHERE key = (SELECT max(key) FROM part)",
        "UPDATE contact SET status = 'customer' WHERE phone = '052-345-6789'",
        "UPDATE contact SET owner = NULL WHERE phone = '052-345-6789'",
        "DELETE FROM contact WHERE phone = '052-345-6789'",
        "DELETE FROM entry WHERE kind = 'call'",
        "UPDATE entry SET data = '{}' WHERE kind = 'call'",
        "UPDATE task SET due_at = due_at + 1",
        "UPDATE deal SET stage = 'won'",
        "UPDATE point SET valid = 0 WHERE value LIKE '%@%'",
        "DELETE FROM setting",
        "DELETE FROM users WHERE name = 'bob'",
    ],
)
def test_what_was_tampered_with_is_named(worked, tampering):
    assert worked.db.run(tampering) > 0
    report = check(worked)
    assert not report["ok"]
    assert report["differences"]
    assert all(isinstance(one, str) and one for one in report["differences"])


def test_a_file_that_is_no_store_is_damaged(tmp_path):
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database at all, " * 400)
    with pytest.raises(Damaged):
        Store(str(path), "noa")


def test_a_cut_file_is_damaged(tmp_path):
    path = tmp_path / "x.db"
    with Store(str(path), "noa") as store:
        for number in range(30):
            lead(store, f"Person {number} Cut", f"05234567{number:02}", note="x" * 3000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3 // 4096 * 4096])
    with pytest.raises(Damaged), Store(str(path), "noa") as store:
        assert check(store)["ok"] is False
        raise Damaged("named by check")


def differences(store: Store) -> list[str]:
    found = check(store)
    assert found["ok"] is (found["differences"] == [])
    return found["differences"]


def batch_of(store: Store, command: str) -> tuple[int, str]:
    """Key and id of the first batch of a command."""
    key, id_ = store.db.one("SELECT key, id FROM batch WHERE command = ? ORDER BY key LIMIT 1", (command,))
    return key, show_id(id_)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_after_undo_and_redo_of_an_import_it_is_sound(worked, tmp_path):
    for _round in range(2 if worked.db.is_sqlite else 1):
        do(worked, "undo", id=show_id(worked.db.one("SELECT import_id FROM batch WHERE import_id IS NOT NULL LIMIT 1")[0]))
        assert differences(worked) == []
        import_file(worked, tmp_path / "leads.csv")
        assert differences(worked) == []


def test_looking_changes_nothing(worked):
    log = worked.db.rows("SELECT * FROM batch ORDER BY key")
    assert check(worked) == check(worked)
    assert worked.db.rows("SELECT * FROM batch ORDER BY key") == log


@sqlite_only
@pytest.mark.parametrize(
    ("tampering", "command"),
    [
        ("UPDATE change SET new = '{\"owner' WHERE batch = {key}", "route"),
        ("UPDATE change SET new = NULL WHERE batch = {key}", "route"),
        ("UPDATE change SET register = 'nothing' WHERE batch = {key}", "log_call"),
        ("UPDATE change SET entity = 'user' WHERE batch = {key}", "log_call"),
        ("UPDATE change SET hlc = hlc + 1 WHERE batch = {key}", "route"),
        ("UPDATE change SET base_hlc = 1 WHERE batch = {key}", "move_deal"),
        ("DELETE FROM change WHERE batch = {key}", "open_deal"),
        ("DELETE FROM part WHERE batch = {key}", "open_deal"),
        ("UPDATE batch SET undone = 1 - undone WHERE key = {key}", "route"),
        ("UPDATE batch SET undone = 0 WHERE key = {key}", "tag"),
        ("UPDATE batch SET hlc = hlc + 1 WHERE key = {key}", "route"),
        ("UPDATE batch SET actor = id WHERE key = {key}", "route"),
        ("UPDATE batch SET prev_digest = digest WHERE key = {key}", "route"),
        ("UPDATE block SET data = substr(data, 1, 20) WHERE batch = {key}", "import"),
        ("DELETE FROM block WHERE batch = {key}", "import"),
    ],
)
def test_the_command_whose_content_is_not_as_written_is_named(worked, tampering, command):
    key, id_ = batch_of(worked, command)
    assert worked.db.run(tampering.replace("{key}", str(key))) > 0
    found = differences(worked)
    assert any(id_ in one for one in found), found


@sqlite_only
@pytest.mark.parametrize("where", ["first", "middle", "last"])
def test_a_byte_of_an_imports_block(worked, where):
    key, id_ = batch_of(worked, "import")
    data = bytes(worked.db.one("SELECT data FROM block WHERE batch = ?", (key,))[0])
    at = {"first": 0, "middle": len(data) // 2, "last": len(data) - 1}[where]
    worked.db.run("UPDATE block SET data = ? WHERE batch = ?", (flipped(data, at), key))
    assert any(id_ in one for one in differences(worked))


@sqlite_only
def test_a_word_inside_an_imports_block(worked):
    """A block that can be read, but says something else."""
    key, id_ = batch_of(worked, "import")
    plain = zlib.decompress(worked.db.one("SELECT data FROM block WHERE batch = ?", (key,))[0])
    assert plain.count(b"Person 7 Import") == 1
    data = zlib.compress(plain.replace(b"Person 7 Import", b"Person 8 Import"))
    worked.db.run("UPDATE block SET data = ? WHERE batch = ?", (data, key))
    found = differences(worked)
    assert any(id_ in one for one in found)
    assert any("name" in one and "contact" in one for one in found)


@sqlite_only
@pytest.mark.parametrize("table", ["contact", "entry", "task", "deal", "company", "point"])
def test_a_row_that_nobody_wrote_is_found(worked, table):
    columns = [name for name in models.columns(next(t for t in models.ALL_TABLES if models.table_name(t) == table)) if name != "key"]
    values = [{"id": "?", "value": "'+972500000000'"}.get(name, f'"{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    args = [b"\7" * 16] if "id" in columns else []
    worked.db.run(f"INSERT INTO {table} ({names}) SELECT {', '.join(values)} FROM {table} LIMIT 1", args)
    assert any(table in one for one in differences(worked))


@sqlite_only
@pytest.mark.parametrize("column", ["name", "status", "search", "attempts", "next_at", "value", "duplicates", "properties"])
def test_the_record_that_differs_is_named_with_its_fields(worked, column):
    id_ = worked.db.one("SELECT id FROM contact WHERE phone = '052-345-6789'")[0]
    text = column in ("name", "status", "search", "properties")
    worked.db.run(f"UPDATE contact SET {column} = ? WHERE id = ?", ("{not json" if text else 77, id_))
    assert differences(worked) == [f"contact {show_id(id_)}: {column} differ from the log"]


@sqlite_only
def test_many_differences_are_cut(worked):
    worked.db.run("UPDATE entry SET at = at + 1")
    worked.db.run("UPDATE contact SET name = 'x'")
    assert 40 < len(differences(worked)) <= 100


# anything, anywhere

OUTSIDE = {"key", "received_at"}
"""Columns that no digest covers and no record shows: numbers of this store alone, and when a batch came here."""


def spoil(path: Path, rng: random.Random) -> str | None:
    """Change one value or take away one row somewhere; what was done, or None when that is nothing."""
    table = rng.choice([*models.ALL_TABLES, models.Batch, models.Change, models.Part, models.Block])
    name, columns = models.table_name(table), models.columns(table)
    if table is models.Replica:
        return None
    with sqlite3.connect(path) as db:
        rows = db.execute(f"SELECT * FROM {name}").fetchall()
        if not rows:
            return None
        row = rng.choice(rows)
        where = " AND ".join(f'"{column}" IS ?' for column in columns)
        if rng.random() < 0.2:
            db.execute(f"DELETE FROM {name} WHERE {where}", row)
            return f"DELETE FROM {name} {row}"
        column = rng.choice([column for column in columns if column not in OUTSIDE])
        old = row[columns.index(column)]
        new = rng.choice([other(old, rng), None, rng.choice(rows)[columns.index(column)]])
        if new == old or (name == "users" and column == "name"):
            return None
        try:
            db.execute(f'UPDATE {name} SET "{column}" = ? WHERE {where}', (new, *row))
        except sqlite3.IntegrityError:
            return None
        return f"UPDATE {name}.{column}: {old!r} -> {new!r}"


def other(value: object, rng: random.Random) -> object:
    if isinstance(value, bytes) and value:
        return flipped(value, rng.randrange(len(value)))
    if isinstance(value, str) and value:
        at = rng.randrange(len(value))
        return value[:at] + rng.choice('x"{1') + value[at + 1 :]
    return value + rng.choice([1, -1, 1 << 16, -(1 << 40)]) if isinstance(value, int) else "x"


@sqlite_only
@pytest.mark.parametrize("seeds", [range(20), *(pytest.param(range(at, at + 100), marks=pytest.mark.long) for at in range(100, 1100, 100))])
def test_whatever_is_spoiled_is_found_and_nothing_else_happens(worked, clock, tmp_path, seeds):
    worked.close()
    for seed in seeds:
        copy = Path(shutil.copyfile(worked.db.path, tmp_path / f"copy{seed}.db"))
        done = spoil(copy, random.Random(seed))
        if done is None or done.startswith("DELETE FROM users"):
            continue
        user = "noa" if sqlite3.connect(copy).execute("SELECT 1 FROM users WHERE name = 'noa' AND removed <= 0").fetchone() else "ann"
        with Store(str(copy), user, clock, durable=False) as store:
            assert check(store)["differences"], f"{seed}: {done}"
        copy.unlink()


def program(*args: str) -> tuple[int, str, str]:
    """The program's end and what it wrote, without a process of its own."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(list(args))
    return code, out.getvalue(), err.getvalue()


@sqlite_only
def test_the_program_says_what_differs_and_exits_with_5(worked):
    id_ = worked.db.one("SELECT id FROM contact WHERE phone = '052-345-6789'")[0]
    assert program("--store", worked.db.url, "--as", "noa", "check")[0] == 0
    worked.db.run("UPDATE contact SET name = 'x' WHERE id = ?", (id_,))
    code, out, _err = program("--store", worked.db.url, "--as", "noa", "check", "--json")
    assert (code, json.loads(out)["ok"], json.loads(out)["differences"]) == (
        5,
        False,
        [f"contact {show_id(id_)}: name differ from the log"],
    )
    code, out, _err = program("--store", worked.db.url, "--as", "noa", "check")
    assert code == 5
    assert show_id(id_) in out


@sqlite_only
@pytest.mark.parametrize("seeds", [range(4), *(pytest.param(range(at, at + 40), marks=pytest.mark.long) for at in range(100, 500, 40))])
def test_a_file_that_was_cut_or_overwritten_gives_no_trace_back(worked, tmp_path, seeds):
    worked.close()
    data = Path(worked.db.path).read_bytes()
    for seed in seeds:
        rng = random.Random(seed)
        page = rng.randrange(len(data) // 4096) * 4096
        at = rng.randrange(len(data))
        spoiled = {
            "cut": data[: rng.randrange(1, len(data))],
            "page of zeros": data[:page] + bytes(4096) + data[page + 4096 :],
            "page of noise": data[:page] + rng.randbytes(4096) + data[page + 4096 :],
            "header": data[: at % 100] + rng.randbytes(1) + data[at % 100 + 1 :],
            "byte": data[:at] + rng.randbytes(1) + data[at + 1 :],
            "text": b"hello\n" * rng.randrange(1, 4000),
        }
        for how, content in spoiled.items():
            path = tmp_path / f"spoiled{seed}.db"
            path.write_bytes(content)
            where = f"{how} {seed}"
            for command in (
                ["check", "--json"],
                ["show", "inbox"],
                ["find", "person"],
                ["export", "all"],
                ["undo"],
                ["do", "add_lead", "--name", "New One"],
            ):
                code, out, err = program("--store", str(path), "--as", "noa", *command)
                assert "Traceback" not in err, f"{where} {command}: {err[-2000:]}"
                assert "unexpected" not in err, f"{where} {command}: {err}"
                assert code in (0, 1, 5), f"{where} {command}: {code} {err}"
                if how in ("cut", "text", "page of noise") and command[0] == "check":
                    assert code == 5, where
                    assert err or json.loads(out)["differences"]
            path.unlink()


def test_what_the_search_index_says_of_strange_pages_is_a_damaged_store():
    """As found at byte 439 of a file that was overwritten: an error of SQLite without a word of what is wrong."""
    with pytest.raises(Damaged), errors():
        raise sqlite3.OperationalError("SQL logic error")
    with pytest.raises(sqlite3.OperationalError), errors():
        raise sqlite3.OperationalError('near "SELEC": syntax error')
