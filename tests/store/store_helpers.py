"""Helpers of the store tests: a settable clock, commands in one line, and all that a person can see as plain data."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crm_tui import log
from crm_tui.db import Database
from crm_tui.errors import Refused
from crm_tui.ids import parse_id, show_id
from crm_tui.log import Head
from crm_tui.project import project, project_received
from crm_tui.reads.board import board_json, deal_json
from crm_tui.reads.campaigns import campaign_json, campaigns_json
from crm_tui.reads.contact import all_contacts, contact_json
from crm_tui.reads.day import day_json
from crm_tui.reads.export import all_records
from crm_tui.reads.inbox import inbox_json
from crm_tui.reads.look import Look
from crm_tui.store import Store

ZONE = ZoneInfo("Asia/Jerusalem")
USERS = {"noa": "admin", "ann": "rep", "bob": "rep", "mia": "lead_manager", "sue": "supervisor"}
START = "2026-11-22T10:00"
"""A Sunday, the first day of the working week."""


def ms(text: str) -> int:
    """Epoch milliseconds of a local time in Israel."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


def local(value: str | int | None) -> str | None:
    """`2026-11-22 10:00` for a time of the answers (ISO) or of the tables (ms)."""
    if value is None:
        return None
    moment = datetime.fromtimestamp(value / 1000, ZONE) if isinstance(value, int) else datetime.fromisoformat(value)
    return moment.strftime("%Y-%m-%d %H:%M")


class Clock:
    """The store's clock; `now` in milliseconds."""

    def __init__(self, text: str = START) -> None:
        self.now = ms(text)

    def __call__(self) -> int:
        return self.now

    def set(self, text: str) -> None:
        """Set it to a local time in Israel."""
        self.now = ms(text)

    def add(self, **units: float) -> None:
        """Let time pass (`minutes=5`, `days=1`), also backwards."""
        self.now += int(timedelta(**units).total_seconds() * 1000)


@contextmanager
def elsewhere(url: str, clock: Clock) -> Iterator[Store]:
    """The store as noa on another installation: nobody has a step to undo here."""
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CRM_HOME", home)
        with Store(url, "noa", clock, durable=False) as store:
            yield store


def make_store(url: str, clock: Clock | None = None) -> None:
    """A store with its five users, noa first."""
    with elsewhere(url, clock or Clock("2026-11-01T09:00")) as store:
        for name, role in list(USERS.items())[1:]:
            do(store, "add_user", name=name, role=role)


def do(store: Store, command: str, **fields: Any) -> dict[str, Any]:
    """Execute one command and return its JSON answer; raises Refused."""
    answer: dict[str, Any] = json.loads(json.dumps(store.execute({"command": command, **fields}).as_json()))
    assert answer["ok"] is True
    assert answer["command"] == command
    return answer


def lead(store: Store, name: str = "Dana Levi", phone: str | None = "052-345-6789", **fields: Any) -> str:
    """Add a lead and return its contact's id."""
    given = {"name": name, "phone": phone, **fields}
    return str(do(store, "add_lead", **{key: value for key, value in given.items() if value is not None})["record"])


def refused(store: Store, command: str, **fields: Any) -> Refused:
    """The refusal of a command that must be refused and change nothing; `.field` and `.message` say why."""
    before = whole_log(store)
    with pytest.raises(Refused) as caught:
        do(store, command, **fields)
    assert whole_log(store) == before, "a refused command left something in the log"
    assert caught.value.message
    return caught.value


def no_step(store: Store, command: str, **fields: Any) -> dict[str, Any]:
    """The answer of a command that must change nothing and be no step of the log."""
    before = whole_log(store)
    answer = do(store, command, **fields)
    assert answer["id"] is None
    assert whole_log(store) == before, "a command that changes nothing left a step in the log"
    return answer


def show(store: Store, contact: str) -> dict[str, Any]:
    """`show contact` at the store's time; at one moment, for others may be writing."""
    with store.db.snapshot():
        found = contact_json(Look.at(store), bytes.fromhex(contact.replace("-", "")))
    assert found is not None, f"{contact} is gone"
    return found


def gone(store: Store, contact: str) -> bool:
    """Whether the contact is not shown any more."""
    return contact_json(Look.at(store), bytes.fromhex(contact.replace("-", ""))) is None


def inbox(store: Store) -> list[dict[str, Any]]:
    """`show inbox` at the store's time."""
    return inbox_json(Look.at(store))


def day(store: Store) -> list[dict[str, Any]]:
    """`show day` of the store's user at its time."""
    return day_json(Look.at(store))


def board(store: Store) -> list[dict[str, Any]]:
    """`show board`."""
    return board_json(Look.at(store))


def deal(store: Store, ref: str) -> dict[str, Any]:
    """`show deal`."""
    return deal_json(Look.at(store), ref)


def tasks(store: Store, contact: str) -> list[dict[str, Any]]:
    """The contact's open tasks, next action first, times local."""
    rows = store.db.rows(
        "SELECT id, kind, due_at, rule, note FROM task WHERE contact = ? AND done_at IS NULL AND removed <= 0 ORDER BY due_at, id",
        (parse_id(contact),),
    )
    return [{"id": show_id(id_), "kind": kind, "due": local(due), "rule": rule, "note": note} for id_, kind, due, rule, note in rows]


def timeline(store: Store, contact: str) -> list[tuple[str, Any, Any]]:
    """The contact's timeline, oldest first: kind, rule, what it says."""
    rows = store.db.rows("SELECT kind, rule, data FROM entry WHERE contact = ? AND removed <= 0 ORDER BY hlc, n, key", (parse_id(contact),))
    return [(kind, rule, json.loads(data) if data else {}) for kind, rule, data in rows]


def changes_of(store: Store, contact: str, kind: str) -> list[tuple[str, str, str | None]]:
    """The timeline's changes of `status` or `lifecycle`: old, new, the rule (None: by hand)."""
    return [(data["old"], data["new"], rule) for one, rule, data in timeline(store, contact) if one == kind]


def snapshot(store: Store, now: int | None = None) -> dict[str, Any]:
    """All that a person can see, without ids of batches: equal before a command and after its undo."""
    at = ms("2027-01-10T12:00") if now is None else now
    look = Look.at(store, at)
    db = store.db
    live = "contact IN (SELECT id FROM contact WHERE removed <= 0)"
    lines: dict[str, list[Any]] = {}
    for contact, id_, when, kind, by, rule, cause, data in db.rows(
        f"SELECT contact, id, at, kind, by, rule, cause, data FROM entry WHERE removed <= 0 AND {live} ORDER BY contact, hlc, n, key"
    ):
        lines.setdefault(show_id(contact), []).append((_hex(id_), when, kind, _hex(by), rule, _hex(cause), data))
    return {
        "contacts": list(all_contacts(look)),
        "single": [contact_json(look, id_) for (id_,) in db.rows("SELECT id FROM contact WHERE removed <= 0 ORDER BY key")],
        "deals": [
            deal_json(look, show_id(id_)) for (id_,) in db.rows(f"SELECT id FROM deal WHERE removed <= 0 AND {live} ORDER BY born, id")
        ],
        "tasks": [
            tuple(map(_hex, row))
            for row in db.rows(
                "SELECT id, contact, kind, due_at, timed, note, owner, rule, done_at FROM task"
                f" WHERE removed <= 0 AND {live} ORDER BY born, id"
            )
        ],
        "timeline": lines,
        "search": [
            tuple(map(_hex, row)) for row in db.rows("SELECT id, search, value, name_key FROM contact WHERE removed <= 0 ORDER BY key")
        ],
        "users": [(user.name, user.role) for user in store.users()],
        "settings": store.settings(),
        "views": [tuple(map(_hex, row)) for row in db.rows("SELECT id, person, name, filter, columns, sorted_by FROM views ORDER BY id")],
        "default_views": [tuple(map(_hex, row)) for row in db.rows("SELECT person, view FROM default_view ORDER BY person")],
        "campaigns": [campaign_json(look, row["id"]) for row in campaigns_json(look)],
        "inbox": inbox_json(look),
        "day": {user.name: day_json(Look(look.db, look.settings, at, user.id, look.users)) for user in store.users()},
        "board": board_json(look),
    }


def difference(found: Any, wanted: Any, path: str = "") -> list[str]:
    """Where two snapshots differ, a line for each place."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        keys = sorted({*found, *wanted}, key=str)
        return [line for key in keys for line in difference(found.get(key), wanted.get(key), f"{path}/{key}")]
    if isinstance(found, list | tuple) and isinstance(wanted, list | tuple) and len(found) == len(wanted):
        pairs = enumerate(zip(found, wanted, strict=True))
        return [line for n, (one, other) in pairs for line in difference(one, other, f"{path}/{n}")]
    return [] if found == wanted else [f"{path}: {found!r} instead of {wanted!r}"[:600]]


def replayed(store: Store, path: str) -> dict[str, Any]:
    """The snapshot of a fresh SQLite store at `path` into which the log of `store` was played: tables are a projection of it."""
    fresh = Database(path, durable=False)
    with fresh.write():
        for head in log.heads(store.db):
            changes = [change for part in log.parts_of(store.db, head.key) for change in part.changes]
            project(fresh, head, sorted(changes, key=lambda change: change.n), log.undo_target(store.db, head.undo_of))
    fresh.close()
    with Store(path, "noa", store.clock, durable=False) as copy:
        return snapshot(copy)


def missing(store: Store, source: Store) -> list[Head]:
    """The batches that `source` has and `store` has not, in the order of `source`."""
    known = {id_ for (id_,) in store.db.rows("SELECT id FROM batch")}
    return [head for head in log.heads(source.db) if head.id not in known]


def receive(store: Store, source: Store, heads: Iterable[Head] | None = None) -> None:
    """Bring batches of `source` (all that are missing, or these in their order) into `store`, as sync does."""
    for head in missing(store, source) if heads is None else heads:
        parts = list(log.parts_of(source.db, head.key))
        known = source.db.one("SELECT origin, installation, person FROM replica WHERE key = ?", (head.replica,))
        with store.db.write():
            replica = log.replica_key(store.db, *known)
            block = log.block_of(source.db, head.key)
            written = log.write(
                store.db, head._replace(key=0, replica=replica), [part for part in parts if part.digest is not None], block, store.clock()
            )
            changes = sorted((change for part in parts for change in part.changes), key=lambda change: change.n)
            project_received(store.db, written, changes)


def everything(store: Store) -> list[dict[str, Any]]:
    """`export all`."""
    return list(all_records(store.db))


def _hex(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def whole_log(store: Store) -> list[tuple[Any, ...]]:
    """The headers of the log in the order of this store, as plain data."""
    return [tuple(map(_hex, head)) for head in log.heads(store.db)]


def log_faults(db: Database) -> list[str]:
    """What is wrong with the log, by an independent recomputation of every digest: chains, sequence numbers, stamps, counts."""
    faults: list[str] = []
    ends: dict[bytes, tuple[int, bytes, int]] = {}
    for head in log.heads(db):
        oseq, digest, stamp = ends.get(head.origin, (0, b"\0" * 32, 0))
        where = f"{head.command} {head.oseq}"
        if head.oseq != oseq + 1:
            faults.append(f"{where}: sequence number after {oseq}")
        if head.prev_digest != digest:
            faults.append(f"{where}: previous digest")
        if head.hlc <= stamp:
            faults.append(f"{where}: stamp does not go forward")
        digests, numbers = [], []
        for part in _parts(db, head.key, faults, where, head.hlc):
            digests.append(part[0])
            numbers += part[1]
        if sorted(numbers) != list(range(head.changes)):
            faults.append(f"{where}: {head.changes} changes announced, numbers {numbers}")
        if hashlib.sha256(head.prev_digest + head.header() + b"".join(digests)).digest() != head.digest:
            faults.append(f"{where}: digest")
        ends[head.origin] = (head.oseq, head.digest, head.hlc + head.changes)
    return faults


def _parts(db: Database, batch: int, faults: list[str], where: str, hlc: int) -> Iterator[tuple[bytes, list[int]]]:
    for part in log.parts_of(db, batch):
        computed = hashlib.sha256(part.subject + part.salt + part.content).digest()
        if part.digest is not None and part.digest != computed:
            faults.append(f"{where}: digest of a part")
        yield computed, [change.n for change in part.changes]
    for n, stamp in db.rows("SELECT n, hlc FROM change WHERE batch = ?", (batch,)):
        if stamp != hlc + n:
            faults.append(f"{where}: stamp of change {n}")
