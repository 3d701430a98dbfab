"""Users, settings, rights, and what is no command at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from store_helpers import USERS, Clock, do, lead, no_step, refused, show

from crm_tui.commands import COMMANDS
from crm_tui.errors import Refused, StoreBusy
from crm_tui.store import Store


def names(store: Store) -> list[str]:
    return [user.name for user in store.users()]


def test_admins_add_users(store: Store) -> None:
    do(store, "add_user", name="יעל", role="rep")
    assert names(store) == ["noa", "ann", "bob", "mia", "sue", "יעל"]
    do(store, "route", contact=lead(store), to="יעל")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "ANN", "role": "rep"}, "name"),
        ({"name": "leadometer", "role": "rep"}, "name"),
        ({"name": "Supplier", "role": "rep"}, "name"),
        ({"name": "x" * 61, "role": "rep"}, "name"),
        ({"name": "", "role": "rep"}, "name"),
        ({"name": "zoe", "role": "boss"}, "role"),
        ({"name": "zoe"}, "role"),
    ],
)
def test_wrong_users_are_refused(store: Store, fields: dict[str, str], field: str) -> None:
    assert refused(store, "add_user", **fields).field == field


@pytest.mark.parametrize(("who", "may"), [("noa", True), ("ann", False), ("mia", False), ("sue", False)])
def test_who_may_add_users(as_user: Callable[[str], Store], who: str, may: bool) -> None:
    fields = {"name": "zoe", "role": "rep"}
    if may:
        do(as_user(who), "add_user", **fields)
    else:
        assert refused(as_user(who), "add_user", **fields).field == "command"


@pytest.mark.parametrize(("who", "may"), [("noa", True), ("sue", True), ("ann", False), ("mia", False)])
def test_who_may_change_the_process(as_user: Callable[[str], Store], who: str, may: bool) -> None:
    fields = {"name": "limits.max_attempts", "value": 4}
    if may:
        do(as_user(who), "set_setting", **fields)
        assert as_user("ann").process().limits.max_attempts == 4
    else:
        assert refused(as_user(who), "set_setting", **fields).field == "command"


def test_settings_are_checked_kept_and_go_back_to_the_default(store: Store) -> None:
    do(store, "set_setting", name="limits.max_attempts", value=4)
    no_step(store, "set_setting", name="limits.max_attempts", value=4)
    assert store.settings() == {"limits.max_attempts": 4}
    assert refused(store, "set_setting", name="limits.max_attempts", value=0).field == "limits.max_attempts"
    assert refused(store, "set_setting", name="limits.max_atempts", value=5).field == "limits.max_atempts"
    assert store.process().limits.max_attempts == 4
    do(store, "set_setting", name="limits.max_attempts", value="")
    assert store.settings() == {}
    assert store.process().limits.max_attempts == 6


def test_the_working_week_is_a_setting(store: Store, clock: Clock) -> None:
    do(store, "set_setting", name="working.days", value=["monday", "tuesday", "wednesday", "thursday", "friday"])
    do(store, "set_setting", name="working.start", value="09:30")
    clock.set("2026-11-27T10:00")
    known = lead(store)
    do(store, "log_call", contact=known, outcome="no_answer")
    assert show(store, known)["next_at"] == "2026-11-30T09:30:00+02:00"


def test_unknown_users_are_refused_at_the_door(store: Store, url: str) -> None:
    with pytest.raises(Refused) as caught:
        Store(url, "zoe")
    assert caught.value.field == "as"
    for known in names(store):
        assert known in caught.value.message


def test_a_user_enters_in_any_case_and_sees_the_same(store: Store, url: str) -> None:
    known = lead(store)
    with Store(url, "ANN") as other:
        assert other.actor.name == "ann"
        assert show(other, known)["name"] == "Dana Levi"


def test_who_was_taken_away_works_no_more(store: Store, as_user: Callable[[str], Store]) -> None:
    made = do(store, "add_user", name="zoe", role="rep")
    zoe = as_user("zoe")
    known = lead(zoe)
    do(store, "undo", id=made["id"])
    assert names(store) == list(USERS)
    for command, fields in (("add_lead", {"name": "A B"}), ("undo", {}), ("redo", {"id": known})):
        assert refused(zoe, command, **fields).field in ("as", "id")
    assert refused(zoe, "undo").field == "as"
    assert show(store, known)["name"] == "Dana Levi", "what they did stays"


@pytest.mark.parametrize(
    "line", [{}, {"command": None}, {"command": ""}, {"command": 5}, {"command": "ad_lead"}, {"command": "drop table contact"}]
)
def test_what_is_no_command_is_refused(store: Store, line: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        store.execute(line)
    assert caught.value.field == "command"


def test_a_slip_in_the_name_gets_a_hint(store: Store) -> None:
    assert "add_lead" in refused(store, "ad_lead").message


PUBLISHED = """
add_lead edit_contact route log_call log_meeting log_email log_message log_note add_task complete_task snooze set_status set_lifecycle
open_deal edit_deal move_deal tag untag delete_contact delete_deal undo redo
"""


def test_all_commands_of_the_contract_are_there() -> None:
    assert set(PUBLISHED.split()) <= COMMANDS.keys()


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_field_that_is_not_known_or_of_the_wrong_type_is_refused(store: Store, command: str) -> None:
    required = {
        "name": "x",
        "role": "rep",
        "tag": "t",
        "stage": "customer",
        "status": "new",
        "to": "ann",
        "outcome": "talked",
        "due": "2026-12-01",
        "answer": "accepted",
    }
    model = COMMANDS[command][0]
    given: dict[str, Any] = {key: required.get(key, "1") for key, field in model.model_fields.items() if field.is_required()}
    if command != "edit_contact":
        assert refused(store, command, **given, nonsense=1).field == "nonsense"
    for key in given:
        if command != "set_setting" or key != "value":
            assert refused(store, command, **(given | {key: {"a": [1]}})).field == key


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_login_that_is_a_user_of_the_store_wins(store: Store, url: str, pg_server: Any, clock: Clock) -> None:
    login = f"crm_login_{os.getpid()}"
    do(store, "add_user", name=login, role="rep")
    pg_server.run(f"CREATE ROLE {login} LOGIN")
    try:
        with store.db.write():
            store.db.run(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {login}")
            store.db.run(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {login}")
        there = urlsplit(url)
        with Store(urlunsplit(there._replace(netloc=f"{login}@{there.netloc.rpartition('@')[2]}")), "noa", clock) as theirs:
            assert theirs.actor.name == login
            lead(theirs)
            assert refused(theirs, "add_user", name="zoe", role="admin").field == "command"
    finally:
        with store.db.write():
            store.db.run(f"DROP OWNED BY {login}")
        pg_server.run(f"DROP ROLE {login}")


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_new_store_file_is_for_its_owner_only(engine: str, tmp_path: Path) -> None:
    del engine
    path = tmp_path / "deep" / "er" / "store.db"
    with Store(str(path), "noa") as store:
        lead(store)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert [user.role for user in store.users()] == ["admin"]
    assert [one.name for one in path.parent.iterdir()] == ["store.db"]


def test_a_new_store_in_a_directory_of_a_group_is_the_groups(tmp_path: Path) -> None:
    folder = tmp_path / "hub"
    folder.mkdir()
    folder.chmod(0o2770)
    before = os.umask(0o077)
    try:
        with Store(str(folder / "store.db"), "noa") as store:
            lead(store)
            modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}
    finally:
        os.umask(before)
    assert modes == {"store.db": 0o660, "store.db-wal": 0o660, "store.db-shm": 0o660}


def test_a_server_that_cannot_be_reached_is_busy(tmp_path: Path) -> None:
    with pytest.raises(StoreBusy):
        Store(f"postgresql://noa@/crm?host={tmp_path}", "noa")
