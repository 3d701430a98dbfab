"""`check` replays the log and compares: sound stores are ok, whatever was tampered with is named."""

from __future__ import annotations

import pytest
from store_helpers import do, lead

from crm_tui.check import check
from crm_tui.errors import Damaged
from crm_tui.intake.run import import_file
from crm_tui.store import Store


@pytest.fixture
def worked(store, clock, tmp_path):
    """A store with a bit of everything, an import and undone commands among it."""
    file = tmp_path / "leads.csv"
    rows = [f"Person {number} Import,05{number % 4 and 2}{3456000 + number},p{number}@x.example" for number in range(40)]
    file.write_text("name,phone,email\n" + "\n".join(rows) + "\n", encoding="utf-8")
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
    return store


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
