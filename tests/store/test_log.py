"""The change log: chained digests, stamps that go forward, origins that never share a history, and refusals that leave no trace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from store_helpers import Clock, difference, do, lead, local, log_faults, refused, replayed, show, snapshot, whole_log

from crm_tui import log
from crm_tui.check import check
from crm_tui.errors import CrmError, Damaged, Refused
from crm_tui.ids import parse_id
from crm_tui.installation import OriginNote
from crm_tui.intake import reader
from crm_tui.intake.run import import_file
from crm_tui.store import Store

OSEQ, HLC, ORIGIN = 4, 5, 3


def work(store: Store) -> str:
    """A bit of everything; the id of the contact."""
    known = lead(store, "Dana Levi", "052-345-6789", company="Acme", email="dana@example.com")
    do(store, "route", contact=known, to="ann")
    do(store, "log_call", contact=known, outcome="no_answer")
    do(store, "edit_contact", contact=known, name="Dana Cohen", title="CTO", phone="050-234-5678")
    do(store, "log_call", contact=known, outcome="talked", need="roof")
    offer = do(store, "open_deal", contact=known, value="100 USD")["record"]
    do(store, "move_deal", deal=offer, stage="won")
    do(store, "tag", contact=known, tag="vip")
    do(store, "undo")
    do(store, "redo")
    do(store, "undo")
    do(store, "set_setting", name="limits.max_attempts", value=4)
    return known


def mine(store: Store) -> list[tuple[Any, ...]]:
    """The headers that the store's user wrote."""
    return [head for head in whole_log(store) if head[8] == store.actor.id.hex()]


def origins(store: Store) -> list[str]:
    """The origins that the store's user wrote as, in order, each once."""
    return list(dict.fromkeys(head[ORIGIN] for head in mine(store)))


# digests


def test_every_digest_can_be_recomputed(store: Store, ann: Store) -> None:
    known = work(store)
    do(ann, "log_meeting", contact=known, note="met")
    assert log_faults(store.db) == []
    report = check(store)
    assert (report["ok"], report["differences"]) == (True, [])
    assert report["batches"] == len(whole_log(store))
    assert report["changes"] == sum(head[6] for head in whole_log(store))


def test_the_tables_are_a_projection_of_the_log(store: Store, ann: Store, tmp_path: Path) -> None:
    known = work(store)
    do(ann, "log_call", contact=known, outcome="wrong_number")
    do(store, "delete_contact", contact=lead(store, "A B", "03-612-3456"))
    assert difference(replayed(store, str(tmp_path / "replay.db")), snapshot(store)) == []


def test_headers_hold_no_personal_data(store: Store) -> None:
    work(store)
    for head in log.heads(store.db):
        for word in (b"Dana", b"Levi", b"Cohen", b"523456789", b"example", b"Acme", b"roof"):
            assert word not in head.header()


def later(value: Any) -> Any:
    """The same with one byte or one number changed."""
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(value, int):
        return value + 1
    return value[:-2] + chr(ord(value[-2]) ^ 1) + value[-1:] if len(value) > 1 else "x"


def is_sound(store: Store) -> bool:
    """Whether `check` finds nothing; a log that cannot be read at all is damaged."""
    try:
        report = check(store)
    except Damaged:
        return False
    assert report["ok"] is not bool(report["differences"])
    return bool(report["ok"])


TAMPERED = [
    *(("change", column) for column in ("n", "hlc", "entity", "record", "register", "old", "new", "base_hlc", "rule")),
    *(("part", column) for column in ("subject", "salt", "digest")),
    *(
        ("batch", column)
        for column in ("id", "oseq", "hlc", "changes", "at", "actor", "command", "schema_v", "undo_of", "prev_digest", "digest")
    ),
]


@pytest.mark.parametrize(("table", "column"), TAMPERED)
def test_one_changed_byte_is_noticed(store: Store, table: str, column: str) -> None:
    work(store)
    with store.db.write():
        key, value = store.db.one(f"SELECT key, {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY key DESC LIMIT 1")
        store.db.run(f"UPDATE {table} SET {column} = ? WHERE key = ?", (later(value), key))
    assert not is_sound(store), f"{table}.{column}"


@pytest.mark.parametrize("what", ["batch", "part", "change"])
def test_something_taken_out_of_the_middle_is_noticed(store: Store, what: str) -> None:
    work(store)
    with store.db.write():
        keys = [key for (key,) in store.db.rows(f"SELECT key FROM {what} ORDER BY key")]
        store.db.run(f"DELETE FROM {what} WHERE key = ?", (keys[-3],))
    assert not is_sound(store)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("contact", "name = 'Somebody'"),
        ("contact", "status = 'closed'"),
        ("contact", "attempts = 7"),
        ("contact", "next_at = 5"),
        ("point", "raw = '050'"),
        ("deal", "amount = 1"),
        ("task", "due_at = 5"),
        ("entry", "data = NULL"),
        ("batch", "undone = 1 - undone"),
    ],
)
def test_a_table_that_is_not_what_the_log_says_is_noticed(store: Store, table: str, change: str) -> None:
    work(store)
    with store.db.write():
        store.db.run(f"UPDATE {table} SET {change}")
    assert not check(store)["ok"]


# stamps


def test_stamps_go_forward_whatever_the_clock_does(store: Store, clock: Clock) -> None:
    known = lead(store)
    for when in ("2030-01-01T00:00", "2020-01-01T00:00", "2026-01-01T00:00"):
        clock.set(when)
        do(store, "tag", contact=known, tag=when)
    stamps = [head[HLC] for head in whole_log(store)]
    assert stamps == sorted(set(stamps))
    assert local(mine(store)[-1][7]) == "2026-01-01 00:00", "people see the time of the clock"


def test_an_event_comes_after_the_one_its_author_had_seen(store: Store, url: str) -> None:
    """A wrong clock can neither lock a register nor push a later event before an earlier one."""
    ahead, behind = Clock("2030-01-01T00:00"), Clock("2020-01-01T00:00")
    with Store(url, "ann", ahead, durable=False) as ann, Store(url, "bob", behind, durable=False) as bob:
        known = lead(store)
        do(ann, "log_call", contact=known, outcome="not_interested", reason="price")
        do(bob, "set_status", contact=known, status="in_process")
        assert show(store, known)["status"] == "in_process"
        do(ann, "edit_contact", contact=known, name="Ahead")
        do(bob, "edit_contact", contact=known, name="Behind")
        assert show(store, known)["name"] == "Behind"
        do(store, "edit_contact", contact=known, name="Now")
        assert show(store, known)["name"] == "Now"
    assert log_faults(store.db) == []


def test_an_edit_names_the_version_that_it_replaced(store: Store) -> None:
    known = lead(store)
    for name in ("A", "B", "C"):
        do(store, "edit_contact", contact=known, name=name)
    rows = store.db.rows("SELECT hlc, base_hlc, old, new FROM change WHERE register = 'name' ORDER BY hlc")
    born = store.db.one("SELECT born FROM contact")[0]
    assert [base for _, base, _, _ in rows] == [born, *(stamp for stamp, *_ in rows[:-1])]
    assert [json.loads(old) for *_, old, _ in rows] == ["Dana Levi", "A", "B"]


# origins


def test_one_origin_for_each_installation_and_person(store: Store, ann: Store, url: str, clock: Clock) -> None:
    lead(store, "A B", None)
    lead(ann, "C D", None)
    with Store(url, "noa", clock) as again:
        lead(again, "E F", None)
    heads = whole_log(store)[-3:]
    assert heads[0][ORIGIN] == heads[2][ORIGIN] != heads[1][ORIGIN]
    assert [head[OSEQ] for head in heads] == [1, 1, 2]


def test_another_installation_is_another_origin(store: Store, url: str, clock: Clock, crm_home: str) -> None:
    before = origins(store)
    with Store(url, "noa", clock) as away:
        lead(away, "A B", None)
    assert len(origins(store)) == len(before) + 1
    assert Path(crm_home, "installation").exists()
    assert log_faults(store.db) == []


def copied(url: str, to: Path) -> str:
    """A copy of a closed store's file."""
    shutil.copyfile(url, to)
    return str(to)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_copy_found_elsewhere_starts_a_new_origin(url: str, clock: Clock, tmp_path: Path) -> None:
    with Store(url, "noa", clock) as store:
        lead(store, "A B", None)
        here = origins(store)[-1]
    copy = copied(url, tmp_path / "elsewhere.db")
    with Store(url, "noa", clock) as store, Store(copy, "noa", clock) as other:
        lead(store, "C D", None)
        lead(other, "E F", None)
        assert origins(store)[-1] == here
        assert origins(other)[-1] not in origins(store)
        assert mine(other)[-1][OSEQ] == 1
        lead(other, "G H", None)
        assert mine(other)[-1][OSEQ] == 2
        assert log_faults(other.db) == []


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_older_copy_put_back_starts_a_new_origin(url: str, clock: Clock, tmp_path: Path) -> None:
    with Store(url, "noa", clock) as store:
        lead(store, "A B", None)
    kept = copied(url, tmp_path / "backup.db")
    with Store(url, "noa", clock) as store:
        lead(store, "C D", None)
        lost = mine(store)[-1]
    shutil.copyfile(kept, url)
    with Store(url, "noa", clock) as store:
        lead(store, "E F", None)
        assert mine(store)[-1][ORIGIN] != lost[ORIGIN], "the same number under another digest would be two histories in one"
        assert mine(store)[-1][OSEQ] == 1
        assert log_faults(store.db) == []
    with Store(url, "noa", clock) as store:
        lead(store, "G H", None)
        assert mine(store)[-1][OSEQ] == 2


def test_many_commits_of_an_import_are_noted_now_and_then_and_at_its_end(
    url: str, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[int] = []
    seconds = iter(range(1000))
    write = OriginNote.write

    def noted(note: OriginNote, origin: bytes, oseq: int, digest: bytes) -> None:
        notes.append(oseq)
        write(note, origin, oseq, digest)

    monkeypatch.setattr(reader, "CHUNK", 1)
    monkeypatch.setattr(OriginNote, "write", noted)
    monkeypatch.setattr("crm_tui.store.time.monotonic", lambda: next(seconds) / 4)
    path = tmp_path / "leads.csv"
    path.write_text("name,phone\n" + "".join(f"A B{number},05212345{number}\n" for number in range(20, 40)))
    with Store(url, "noa", clock) as store:
        lead(store, "A B", None)
        notes.clear()
        import_file(store, path)
        end = mine(store)[-1][OSEQ]
        assert 1 < len(notes) < 10
        assert notes[-1] == end
        assert len({head[ORIGIN] for head in mine(store)[-21:]}) == 1
        notes.clear()
        store.undo()
        assert 1 < len(notes) < 10
        assert notes[-1] == end + 20
        assert log_faults(store.db) == []


def test_after_a_crash_between_commit_and_note_the_origin_goes_on(url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(url, "noa", clock) as store:
        lead(store, "A B", None)
        monkeypatch.setattr(OriginNote, "write", lambda *_: None)
        lead(store, "C D", None)
        lead(store, "E F", None)
        monkeypatch.undo()
    with Store(url, "noa", clock) as store:
        lead(store, "G H", None)
        heads = mine(store)[-4:]
        assert len({head[ORIGIN] for head in heads}) == 1
        assert [head[OSEQ] for head in heads] == [1, 2, 3, 4]
        assert log_faults(store.db) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"origin": "zz", "oseq": 1, "digest": ""}'])
def test_a_note_that_cannot_be_read_starts_a_new_origin(store: Store, text: str) -> None:
    lead(store, "A B", None)
    store._origin_note().path.write_text(text)
    lead(store, "C D", None)
    assert mine(store)[-1][OSEQ] == 1
    assert log_faults(store.db) == []


# refusals


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


REFUSED: list[Callable[[str], dict[str, Any]]] = [
    lambda known: {"command": "add_lead", "name": ""},
    lambda known: {"command": "add_lead", "name": "A B", "readiness": "hot"},
    lambda known: {"command": "route", "contact": known, "to": "nobody"},
    lambda known: {"command": "log_call", "contact": known, "outcome": "not_interested"},
    lambda known: {"command": "log_call", "contact": known, "outcome": "call_back", "next_at": "2001-01-01"},
    lambda known: {"command": "log_call", "contact": known, "outcome": "wrong_number", "phone": "03-612-3456"},
    lambda known: {"command": "set_status", "contact": known, "status": "closed"},
    lambda known: {"command": "open_deal", "contact": known, "value": "1e99"},
    lambda known: {"command": "log_note", "contact": "0" * 32, "note": "x"},
    lambda known: {"command": "add_user", "name": "noa", "role": "rep"},
    lambda known: {"command": "set_setting", "name": "limits.max_attempts", "value": -1},
    lambda known: {"command": "undo", "id": "0" * 32},
    lambda known: {"command": "redo"},
    lambda known: {"command": "nonsense"},
]
NO_STEP: list[Callable[[str], dict[str, Any]]] = [
    lambda known: {"command": "edit_contact", "contact": known, "name": "Dana Levi"},
    lambda known: {"command": "route", "contact": known, "to": "leadometer"},
    lambda known: {"command": "untag", "contact": known, "tag": "never"},
]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_refused_command_leaves_the_store_byte_equal(url: str, clock: Clock) -> None:
    with Store(url, "noa", clock) as store:
        known = lead(store)
    before = contents(Path(url).parent)
    assert list(before) == [Path(url).name]
    for line in REFUSED:
        with Store(url, "noa", clock) as store, pytest.raises(Refused):
            store.execute(line(known))
        assert contents(Path(url).parent) == before, line(known)
    for line in NO_STEP:
        with Store(url, "noa", clock) as store:
            assert store.execute(line(known)).id is None
        assert contents(Path(url).parent) == before, line(known)


def test_an_error_in_the_middle_of_a_command_leaves_nothing_behind(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    known = lead(store)
    before, heads = snapshot(store), whole_log(store)

    def broken(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crm_tui.project.project", broken)
    with pytest.raises(CrmError) as caught:
        do(store, "log_call", contact=known, outcome="talked")
    assert caught.value.kind == "store_full"
    monkeypatch.undo()
    assert (snapshot(store), whole_log(store)) == (before, heads)
    do(store, "log_call", contact=known, outcome="talked")
    assert log_faults(store.db) == []


def test_a_refusal_is_not_counted_as_a_step(store: Store) -> None:
    known = lead(store)
    do(store, "tag", contact=known, tag="vip")
    refused(store, "tag", contact=known, tag="")
    do(store, "undo")
    assert show(store, known)["tags"] == []
    assert parse_id(known)
