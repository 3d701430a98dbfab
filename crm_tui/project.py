"""`project()`: the only writer of the entity tables, for changes made here and received alike."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from crm_tui import log, models
from crm_tui.db import Database
from crm_tui.log import Change, Head
from crm_tui.lost import line_id, relost, relost_events, relost_work, touched_by
from crm_tui.roots import anybody_merged, fill, gather, own_in, reroot, root_of, roots_of, unfill
from crm_tui.rows import BORN, KEY, PLACE, Made, contact_row
from crm_tui.rules.fold import INPUT_KINDS, Event, fold
from crm_tui.settle import ENTRY, followed_rows, index, refold, refresh, refresh_duplicates, refresh_next, refresh_value

_MERGED = ("merged_into", "root", "gone", "filled")
"""The last columns of a contact, empty when it is made."""
_CONTACT = models.columns(models.Contact)[: -len(_MERGED)]
_POINT = ("contact", "kind", "value", "raw", "label", "valid", "rank", "removed", "own")
_SEARCH = _CONTACT.index("search")
_REGISTERS = {
    "contact": {"removed", "name", "readiness", "company", "phone", "email", "tag", "properties", "duplicate", "merged_into"},
    "entry": {"removed", "content"},
    "task": {"removed", "done", "due", "note"},
    "deal": {"removed", "stage", "value", "owner", "name", "expected_close", "pipeline"},
    "company": {"removed"},
    "user": {"removed"},
    "setting": {"value"},
}
"""What this program knows of each record; a batch that says more was written by a newer one."""
SENSELESS = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError),
    *(sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError),
)
"""What projecting a batch raises that a newer program wrote, or that is not what any command writes."""
_TWINS = {
    "contact": "SELECT id, born FROM contact WHERE id IN ({})",
    "entry": "SELECT id, hlc FROM entry WHERE id IN ({})",
    "company": "SELECT id, born FROM company WHERE id IN ({})",
}
"""What may be made twice, since its id follows from its content, and when that which stands was made."""
_NOT_BORN = 2**62
"""Later than every stamp: any making stands for it."""
_SEPARATED = "merged_into/old"
"""In place of the register: the line of a merge that ended, on the timeline of the one who stayed."""
_LINES = {"removed": ("removed", "*"), "merged_into": ("merged_into", _SEPARATED)}
"""The lines of a register's change that an undo takes away, where it is not just its own."""
_OWNER = "coalesce(own, contact)"
"""Whose something is, wherever it stands."""


def project(
    db: Database,
    head: Head,
    changes: Sequence[Change],
    undo: tuple[bytes | None, bool] = (None, False),
    made: Sequence[tuple[int, Made]] = (),
    made_kind: str = "lead",
) -> None:
    """Bring the tables to where `changes`, made here, lead; `undo` names the batch whose timeline lines go or come back.

    `made` are contacts of an import, with their stamps, whose rows were prepared from their changes beforehand.
    """
    projection = _Projection(db, head, undo)
    projection.made, projection.made_kind = made, made_kind
    projection.take(changes)
    if undo[0] is not None or db.one("SELECT 1 FROM lost LIMIT 1") or projection.works_on_removed():
        projection.list_lost(changes)


def project_received(db: Database, head: Head, changes: Sequence[Change], logged: Database | None = None) -> None:
    """Bring the tables to where `changes` lead together with all else in the log, in whatever order its batches arrive.

    Of each register the version that stands last in the log counts, of a record made twice the first making. `logged` has the log
    when `db` has not (`crm-tui check`).
    """
    log_db = logged or db
    projection = _Projection(db, head, log.undo_target(log_db, head.undo_of), log_db)
    kept = projection.without_twins(changes)
    projection.await_companies(kept)
    projection.take(kept)
    made = {change.record for change in changes if change.register == "*"} - projection.standing
    earlier = log.later_batches(log_db, sorted(made), head.key)
    undos = log.undone_by(log_db, head.id)
    for batch in sorted({*earlier, *undos}):
        # What was changed or taken back before it arrived is done now. `logged` is gone through in order: its later batches come yet.
        other = log.head(log_db, "WHERE b.key = ? AND b.parked = 0", (batch,))
        if other is None or (logged is not None and batch > head.key):
            continue
        again = _Projection(db, other, log.undo_target(log_db, other.undo_of), log_db)
        edits = (change for part in log.parts_of(log_db, batch) for change in part.changes if change.register != "*")
        again.take([change for change in edits if batch in undos or change.record in earlier[batch]])
    projection.list_lost(changes)


class _Projection:
    """Writes one batch into the tables; `log_db` is given for a batch that others may have overtaken."""

    def __init__(self, db: Database, head: Head, undo: tuple[bytes | None, bool], log_db: Database | None = None) -> None:
        self.db = db
        self.head = head
        self.undo_target, self.restores = undo
        self.log_db = log_db
        self.contacts: dict[bytes, tuple[int, dict[str, Any]]] = {}
        self.made: Sequence[tuple[int, Made]] = ()
        self.made_kind = "lead"
        self.companies: list[tuple[bytes, int, str, int]] = []
        self.entries: list[tuple[Any, ...]] = []
        self.events: dict[bytes, list[Event]] = {}
        self.to_fold: set[bytes] = set()
        self.to_show: set[bytes] = set()
        self.to_count: set[bytes] = set()
        self.next_of: set[bytes] = set()
        self.pairs_of: set[bytes] = set()
        self.standing: set[bytes] = set()
        self.texts: dict[int, tuple[str, str]] = {}
        self.to_fill: set[bytes] = set()
        self.to_root: set[bytes] = set()
        self.lines_of: set[bytes] = set()

    @cached_property
    def merged(self) -> bool:
        """Whether there is anybody whose root has to be asked for."""
        return anybody_merged(self.db)

    def take(self, changes: Sequence[Change]) -> None:
        """Make the records, then set the registers, then bring what follows to it."""
        for change in changes:
            if change.register == "*":
                self.make(change)
        self.write_made()
        for change in changes:
            if change.register != "*":
                self.edit(change)
        self.settle()

    def list_lost(self, changes: Sequence[Change]) -> None:
        """List what these changes and others overwrote of one another."""
        log_db = self.log_db or self.db
        registers = [(change.record, change.register) for change in changes if change.register != "*"]
        relost(self.db, log_db, registers, known=self.log_db is None and self.undo_target is None)
        contacts, deals = touched_by(log_db, self.head)
        contacts |= set(roots_of(self.db, contacts).values())
        relost_work(self.db, log_db, "contact", contacts | self.to_fold | self.to_show)
        relost_work(self.db, log_db, "deal", deals)
        relost_events(self.db, log_db, contacts | self.to_fold)

    def works_on_removed(self) -> bool:
        """Whether something was done to a deleted contact, by the id of its task or deal."""
        touched = sorted(self.to_fold | self.to_count | self.next_of)
        return any(self.db.where_in("SELECT 1 FROM contact WHERE removed > 0 AND root IS NULL AND id IN ({})", touched))

    # records made twice: the same row of a file, or the same company, on two laptops

    def without_twins(self, changes: Sequence[Change]) -> list[Change]:
        """The changes but for makings of records that an earlier making stands for; a later one that stands already is replaced."""
        kept = list(changes)
        for entity, table in _TWINS.items():
            made = {change.record: change for change in changes if change.entity == entity and change.register == "*"}
            if not made:
                continue
            for record, born in list(self.db.where_in(table, sorted(made))):
                change = made[record]
                kept.remove(change)
                stamp = self.head.hlc + change.n
                if stamp > born or (stamp == born and self.head.origin > self._maker(record)):
                    self.standing.add(record)
                else:
                    getattr(self, f"_replace_{entity}")(change, stamp, change.new)
        contacts = [change.record for change in kept if change.entity == "contact" and change.register == "*"]
        for table in ("entry", "task", "deal"):
            late = {row[0] for row in self.db.where_in(f"SELECT DISTINCT contact FROM {table} WHERE contact IN ({{}})", contacts)}
            for waiting in (self.to_fold, self.next_of, self.to_count, self.pairs_of):
                waiting |= late
        for pair in self.db.where_in("SELECT contact, other FROM pair WHERE contact IN ({})", contacts):
            self.pairs_of.update(pair)
        return kept

    def _maker(self, record: bytes) -> bytes:
        """The origin of the other making of a record that bears the same stamp."""
        if self._makers is None:
            assert self.log_db is not None
            self._makers = {}
            head = self.head
            others = log.heads(
                self.log_db, "WHERE b.key <> ? AND b.hlc < ? AND b.hlc + b.changes > ?", (head.key, head.hlc + head.changes, head.hlc)
            )
            for other in others:
                for part in log.parts_of(self.log_db, other.key):
                    for change in part.changes:
                        if change.register == "*":
                            self._makers[change.record] = min(other.origin, self._makers.get(change.record, other.origin))
        return self._makers.get(record, b"")

    _makers: dict[bytes, bytes] | None = None

    def _replace_contact(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        contact = change.record
        properties = value.get("properties")
        self._bare(contact)
        self.db.run(
            "UPDATE contact SET born = ?, created_at = ?, name = ?, company = ?, readiness = ?, properties = ? WHERE id = ?",
            (
                *(hlc, value["created"], value["name"], _bytes(value.get("company")), value.get("readiness")),
                *(log.encode(properties) if properties else None, contact),
            ),
        )
        root, own = self._home(contact)
        self.db.run("DELETE FROM point WHERE contact = ? AND own = ?", (root, own))
        self.db.run("DELETE FROM tag WHERE contact = ? AND own = ?", (root, own))
        self._insert_points([(root, *point, hlc + index, 0, own) for index, point in enumerate(value.get("points", ()))])
        self._insert_tags([(root, tag, own) for tag in value.get("tags", ())])
        self.to_show.add(contact)
        self.to_fold.add(contact)

    def _replace_entry(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        old = self.db.one(f"SELECT {_OWNER} FROM entry WHERE id = ?", (change.record,))
        self._make_entry(change, hlc, value)
        row = self.entries.pop()
        self.events.clear()
        self.db.run(
            "UPDATE entry SET contact = ?, own = NULL, at = ?, hlc = ?, kind = ?, batch = ?, by = ?, rule = ?, data = ? WHERE id = ?",
            (row[1], row[2], row[3], row[5], row[6], row[7], row[8], row[10], row[0]),
        )
        self.to_fold.update((old[0], row[1]))

    def _replace_company(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        self.db.run("UPDATE company SET born = ?, name = ? WHERE id = ?", (hlc, value["name"], change.record))
        self.to_show.update(row[0] for row in self.db.rows("SELECT id FROM contact WHERE company = ?", (change.record,)))

    def await_companies(self, changes: Sequence[Change]) -> None:
        """A company that contacts bear before its making arrives stands without a name till then; so it is known who is shown anew."""
        given = [
            change.new["company"] for change in changes if change.entity == "contact" and change.register == "*" and "company" in change.new
        ]
        given += [change.new for change in changes if change.entity == "contact" and change.register == "company"]
        wanted = {bytes.fromhex(company) for company in given if company}
        wanted -= {change.record for change in changes if change.entity == "company"}
        missing = sorted(wanted - self._company_names(wanted).keys())
        self.db.many("INSERT INTO company (id, born, name, removed) VALUES (?, ?, '', 0)", [(company, _NOT_BORN) for company in missing])

    # records that come into being

    def make(self, change: Change) -> None:
        if change.entity == "entry" and change.new["kind"] not in INPUT_KINDS:
            raise LookupError(change.new["kind"])
        getattr(self, f"_make_{change.entity}")(change, self.head.hlc + change.n, change.new)

    def _make_contact(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        self.contacts[change.record] = (hlc, value)

    def _make_entry(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        contact = bytes.fromhex(value["contact"])
        by = bytes.fromhex(value["by"]) if value["by"] else None
        data = value["data"]
        self.entries.append(
            (
                change.record,
                contact,
                value["at"],
                hlc,
                0,
                value["kind"],
                self.head.key,
                by,
                change.rule,
                None,
                log.encode(data) if data else None,
                0,
            )
        )
        self.events.setdefault(contact, []).append(Event((hlc, change.record), value["kind"], value["at"], by, data))

    def _make_company(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        self.companies.append((change.record, hlc, value["name"], 0))

    def _make_users(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        self.db.run(
            "INSERT INTO users (id, born, name, role, removed) VALUES (?, ?, ?, ?, 0)", (change.record, hlc, value["name"], value["role"])
        )

    _make_user = _make_users

    def _make_task(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        contact = bytes.fromhex(value["contact"])
        self.db.run(
            "INSERT INTO task (id, born, contact, kind, due_at, timed, note, owner, rule, done_at, removed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 0)",
            (
                change.record,
                hlc,
                contact,
                value["kind"],
                value["due_at"],
                int(value["timed"]),
                value["note"],
                _bytes(value["owner"]),
                value["rule"],
            ),
        )
        line = {key: value[key] for key in ("kind", "due_at", "timed", "note") if value[key] not in (None, "")}
        self._line(change, contact, "task", line)
        self.next_of.add(contact)

    def _make_deal(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        contact = bytes.fromhex(value["contact"])
        self.db.run(
            "INSERT INTO deal (id, born, opened_at, opened_by, contact, name, amount, currency, rate, worth, pipeline, stage, stage_role,"
            " place, moved_at, moved_by, reason, reason_text, closed_at, expected_close, owner, removed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?, ?, 0)",
            (
                change.record,
                hlc,
                value["opened_at"],
                _bytes(value["by"]),
                contact,
                value["name"],
                value["amount"],
                value["currency"],
                value["rate"],
                value["worth"],
                value["pipeline"],
                value["stage"],
                value["role"],
                value["place"],
                value["moved_at"],
                _bytes(value["by"]),
                value["expected_close"],
                _bytes(value["owner"]),
            ),
        )
        line = {"name": value["name"], "amount": value["amount"], "currency": value["currency"], "stage": value["stage"]}
        self._line(change, contact, "deal", line)
        self.to_fold.add(contact)
        self.to_count.add(contact)

    def write_made(self) -> None:
        """Insert what was gathered: contacts with their folded state, points, tags and timeline."""
        self.db.fill("company", ("id", "born", "name", "removed"), self.companies, "ON CONFLICT (id) DO NOTHING")
        if self.contacts or self.made:
            self._insert_contacts()
        self.to_fold.update(contact for contact in self.events if contact not in self.contacts)
        self._insert_entries()

    def _insert_entries(self) -> None:
        # Lines of a batch that is gone through again stand already.
        self.db.fill("entry", ENTRY, self.entries, "" if self.log_db is None else "ON CONFLICT (id) DO NOTHING")
        self.entries = []

    def _insert_contacts(self) -> None:
        db = self.db
        companies = self._company_names({_bytes(value["company"]) for _, value in self.contacts.values() if value.get("company")})
        key = (db.one("SELECT max(key) FROM contact")[0] or 0) if db.is_sqlite else 0
        rows, points, tags = [], [], []
        at, batch, actor, kind = self.head.at, self.head.key, self.head.actor, self.made_kind
        for hlc, made in self.made:
            row = made.row
            assert row is not None
            row[BORN], row[PLACE] = hlc, hlc + 1
            rows.append(row)
            points += [(*point, hlc + index, 0, b"") for index, point in enumerate(made.points)]
            self.entries.append((made.entry, made.contact, at, hlc + 1, 0, kind, batch, actor, None, None, made.data, 0))
        for contact, (hlc, value) in self.contacts.items():
            state = fold(self.events.get(contact, ()))
            self.entries += followed_rows(contact, state, self.head.key)
            row = contact_row(contact, value, companies.get(_bytes(value.get("company")), ""), state)
            row[BORN] = hlc
            rows.append(row)
            points += [(contact, *point, hlc + index, 0, b"") for index, point in enumerate(value.get("points", ()))]
            tags += [(contact, tag, b"") for tag in value.get("tags", ())]
        rows.sort(key=_born)
        names = _CONTACT
        if db.is_sqlite:
            for row in rows:
                key += 1
                row[KEY] = key
                self.texts[key] = "", row[_SEARCH]
        else:
            names = _CONTACT[1:]
            rows = [row[1:] for row in rows]
        db.fill("contact", names, rows)
        self._insert_points(points)
        self._insert_tags(tags)
        if self.merged:
            # Others may have been merged into these before their making arrived.
            self.to_root.update(self.contacts, (made.contact for _, made in self.made))

    def _insert_points(self, points: Sequence[Sequence[Any]]) -> None:
        self.db.fill("point", _POINT, points, "ON CONFLICT (contact, kind, value, own) DO NOTHING")

    def _insert_tags(self, tags: Sequence[Sequence[Any]]) -> None:
        self.db.fill("tag", ("contact", "tag", "own"), tags, "ON CONFLICT (contact, tag, own) DO NOTHING")

    def _company_names(self, ids: Iterable[bytes | None]) -> dict[bytes | None, str]:
        wanted = [one for one in ids if one is not None]
        return dict(self.db.where_in("SELECT id, name FROM company WHERE id IN ({})", wanted)) if wanted else {}

    # registers that change

    def edit(self, change: Change) -> None:
        if change.register.partition("/")[0] not in _REGISTERS[change.entity]:
            raise LookupError(change.register)
        getattr(self, f"_edit_{change.entity}")(change, self.head.hlc + change.n)
        if self.undo_target is not None:
            self._turn_lines(change)

    def _stands(self, change: Change) -> bool:
        """Whether a change is the one that counts of all that its register was given."""
        if self.log_db is None:
            return True
        last = log.versions(self.log_db, change.record, change.register)[-1]
        return last.hlc == self.head.hlc + change.n and last.origin == self.head.origin

    def _remove(self, table: str, change: Change, hlc: int, column: str = "removed") -> None:
        """Take a record away or bring it back, unless a later change did so; of two with one stamp the taking away counts."""
        signed = hlc if change.new else -hlc
        later = f"abs({column}) <= ? AND {column} <> ?"
        self.db.run(f"UPDATE {table} SET {column} = ? WHERE id = ? AND {later}", (signed, change.record, hlc, hlc))

    def _home(self, contact: bytes) -> tuple[bytes, bytes]:
        """Under which contact what is this one's own stands in keys, and the `own` it bears there."""
        if not self.merged:
            return contact, b""
        root = root_of(self.db, contact)
        return root, own_in(root, contact)

    def _bare(self, contact: bytes) -> None:
        """Before its fields are set a contact has only what it says itself; it is filled again when all is set."""
        if self.merged:
            unfill(self.db, contact)
            self.to_fill.add(contact)

    def _edit_contact(self, change: Change, hlc: int) -> None:
        contact, register, new = change.record, change.register, change.new
        group, _, name = register.partition("/")
        if register == "removed":
            root = self._home(contact)[0]
            self._remove("contact", change, hlc, "removed" if root == contact else "gone")
            self.to_show.add(contact)
            self.pairs_of.update([contact, *self._others(root)])
        elif not self._stands(change):
            pass
        elif register == "merged_into":
            self._set("contact", contact, "merged_into", _bytes(new))
            self.to_root.add(contact)
        elif register in ("name", "readiness"):
            self._bare(contact)
            self._set("contact", contact, register, new or ("" if register == "name" else None))
            self.to_show.add(contact)
        elif register == "company":
            self._bare(contact)
            self._set("contact", contact, "company", _bytes(new))
            self.to_show.add(contact)
        elif group in ("phone", "email"):
            self._edit_point(contact, group, name, new)
            self.to_show.add(contact)
        elif group == "tag":
            root, own = self._home(contact)
            self.db.run("DELETE FROM tag WHERE contact = ? AND tag = ? AND own = ?", (root, name, own))
            if new:
                self._insert_tags([(root, name, own)])
        elif group == "properties":
            self._bare(contact)
            row = self.db.one("SELECT properties FROM contact WHERE id = ?", (contact,))
            properties = json.loads(row[0]) if row and row[0] else {}
            properties.pop(name, None)
            if new is not None:
                properties[name] = new
            self._set("contact", contact, "properties", log.encode(properties) if properties else None)
        elif group == "duplicate":
            self._flag(contact, bytes.fromhex(name), new)
        if register == "merged_into":
            self._merge_lines(change)
        else:
            self._edit_line(change, contact, "duplicate" if group == "duplicate" else "edit")

    def _flag(self, contact: bytes, other: bytes, new: dict[str, Any] | None) -> None:
        (here, own), (there, own_other) = self._home(contact), self._home(other)
        sides = [(here, there, own, own_other), (there, here, own_other, own)]
        self.db.many("DELETE FROM pair WHERE contact = ? AND other = ? AND own = ? AND own_other = ?", sides)
        if new:
            why = None if new.get("not") else new["why"]
            self.db.many(
                "INSERT INTO pair (contact, other, own, own_other, why, shown) VALUES (?, ?, ?, ?, ?, ?)",
                [(*side, why, int(why is not None)) for side in sides],
            )
        self.pairs_of.update([contact, other])

    def _edit_point(self, contact: bytes, kind: str, value: str, new: dict[str, Any] | None) -> None:
        root, own = self._home(contact)
        if new is None:
            self.db.run("DELETE FROM point WHERE contact = ? AND kind = ? AND value = ? AND own = ?", (root, kind, value, own))
            return
        self.db.run(
            "INSERT INTO point (contact, kind, value, raw, label, valid, rank, removed, own) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)"
            " ON CONFLICT (contact, kind, value, own) DO UPDATE SET raw = excluded.raw, label = excluded.label, valid = excluded.valid,"
            " rank = excluded.rank, removed = 0",
            (root, kind, value, new["raw"], new["label"], int(new["valid"]), new["rank"], own),
        )

    def _edit_entry(self, change: Change, hlc: int) -> None:
        row = self.db.one(f"SELECT {_OWNER} FROM entry WHERE id = ?", (change.record,))
        if row is None:
            return
        if change.register == "removed":
            self._remove("entry", change, hlc)
        else:
            if self._stands(change):
                self._set("entry", change.record, "data", log.encode(change.new) if change.new else None)
            self._edit_line(change, row[0], "edit")
        self.to_fold.add(row[0])

    def _edit_task(self, change: Change, hlc: int) -> None:
        row = self.db.one(f"SELECT {_OWNER}, kind FROM task WHERE id = ?", (change.record,))
        if row is None:
            return
        contact, kind = row
        register, new = change.register, change.new
        line, data = "edit", None
        if register == "done":
            line, data = "task_done", {"kind": kind}
        elif register == "due":
            line, data = "snooze", {"kind": kind, "due_at": new["at"], "timed": new["timed"]}
        if register == "removed":
            self._remove("task", change, hlc)
        elif not self._stands(change):
            pass
        elif register == "done":
            self._set("task", change.record, "done_at", new)
        elif register == "due":
            self.db.run("UPDATE task SET due_at = ?, timed = ? WHERE id = ?", (new["at"], int(new["timed"]), change.record))
        elif register == "note":
            self._set("task", change.record, "note", new)
        self.next_of.add(contact)
        self._edit_line(change, contact, line, data)

    def _edit_deal(self, change: Change, hlc: int) -> None:
        row = self.db.one(f"SELECT {_OWNER} FROM deal WHERE id = ?", (change.record,))
        if row is None:
            return
        (contact,) = row
        register, new = change.register, change.new
        line, data = "edit", None
        if register == "stage":
            line = "deal_stage"
            data = {"old": (change.old or {}).get("stage"), "new": new["stage"]}
            data |= {key: new[key] for key in ("reason", "reason_text") if new[key]}
        if register == "removed":
            self._remove("deal", change, hlc)
        elif not self._stands(change):
            pass
        elif register == "stage":
            self.db.run(
                "UPDATE deal SET stage = ?, stage_role = ?, reason = ?, reason_text = ?, closed_at = ?, moved_at = ?, moved_by = ?,"
                " place = ? WHERE id = ?",
                (
                    new["stage"],
                    new["role"],
                    new["reason"],
                    new["reason_text"],
                    new["closed_at"],
                    new["moved_at"],
                    _bytes(new["by"]),
                    new["place"],
                    change.record,
                ),
            )
        elif register == "value":
            self.db.run(
                "UPDATE deal SET amount = ?, currency = ?, rate = ?, worth = ? WHERE id = ?",
                (new["amount"], new["currency"], new["rate"], new["worth"], change.record),
            )
        elif register == "owner":
            self._set("deal", change.record, "owner", _bytes(new))
        elif register in ("name", "expected_close", "pipeline"):
            self._set("deal", change.record, register, new)
        if register in ("removed", "stage"):
            self.to_fold.add(contact)
        self.to_count.add(contact)
        self._edit_line(change, contact, line, data)

    def _edit_company(self, change: Change, hlc: int) -> None:
        if change.register == "removed":
            self._remove("company", change, hlc)

    def _edit_user(self, change: Change, hlc: int) -> None:
        if change.register == "removed":
            self._remove("users", change, hlc)

    def _edit_setting(self, change: Change, hlc: int) -> None:
        if not self._stands(change):
            return
        name = (change.new or change.old)["name"]
        value = (change.new or {}).get("value")
        self.db.run("DELETE FROM setting WHERE name = ?", (name,))
        if value is not None:
            self.db.run("INSERT INTO setting (name, value) VALUES (?, ?)", (name, log.encode(value)))

    def _set(self, table: str, record: bytes, column: str, value: Any) -> None:
        self.db.run(f"UPDATE {table} SET {column} = ? WHERE id = ?", (value, record))

    # lines of the timeline

    def _line(self, change: Change, contact: bytes, kind: str, data: dict[str, Any], register: str | None = None) -> None:
        """A timeline line that a change leaves; an undo leaves none, it takes away those of what it undoes."""
        if self.undo_target is not None:
            return
        line = line_id(self.head.id, change.record, register or change.register)
        self.lines_of.add(contact)
        self.entries.append(
            (
                line,
                contact,
                self.head.at,
                self.head.hlc + change.n,
                0,
                kind,
                self.head.key,
                self.head.actor,
                change.rule,
                change.record,
                log.encode(data),
                0,
            )
        )

    def _edit_line(self, change: Change, contact: bytes, kind: str, data: dict[str, Any] | None = None) -> None:
        if data is None:
            old = change.old if change.register != "removed" else None
            data = {"entity": change.entity, "register": change.register, "old": old, "new": change.new}
        self._line(change, contact, kind, data)

    def _merge_lines(self, change: Change) -> None:
        """Whoever stays is merged with the contact or separated from it; the timeline of the one who goes says from whom."""
        contact, old, new = change.record, change.old, change.new
        if new:
            self._line(change, bytes.fromhex(new), "merge", {"other": contact.hex()})
        elif old:
            self._line(change, contact, "unmerge", {"other": old})
        if old:
            self._line(change, bytes.fromhex(old), "unmerge", {"other": contact.hex()}, _SEPARATED)

    def _turn_lines(self, change: Change) -> None:
        assert self.undo_target is not None
        stamp = self.head.hlc + change.n
        for register in _LINES.get(change.register, (change.register,)):
            line = line_id(self.undo_target, change.record, register)
            self.db.run(
                "UPDATE entry SET removed = ? WHERE id = ? AND abs(removed) <= ? AND removed <> ?",
                (-stamp if self.restores else stamp, line, stamp, stamp),
            )

    # what follows for the contacts

    def settle(self) -> None:
        """Refold and refresh every contact that the changes touched, and index what search finds of it."""
        self._insert_entries()
        self._go_by_root()
        for contact in sorted(self.to_fill):
            fill(self.db, contact)
        if self.to_fold:
            refold(self.db, sorted(self.to_fold), self.head.key)
        if self.to_show:
            for key, old, new in refresh(self.db, sorted(self.to_show)):
                self.texts[key] = self.texts.get(key, (old, ""))[0], new
        if self.texts:
            index(self.db, self.texts)
        for contact in sorted(self.next_of):
            refresh_next(self.db, contact)
        for contact in sorted(self.to_count):
            refresh_value(self.db, contact)
        for contact in sorted(self.pairs_of):
            refresh_duplicates(self.db, contact)

    def _go_by_root(self) -> None:
        """What concerns a merged contact concerns its root; whoever was merged or separated is made anew with all that follows."""
        moved = reroot(self.db, self.to_root) if self.to_root else set()
        waiting = (self.to_fold, self.to_show, self.to_count, self.next_of, self.pairs_of, self.to_fill)
        named = self.lines_of.union(*waiting)
        if not moved and (not named or not self.merged):
            return
        roots = roots_of(self.db, named)
        for contact, root in sorted(roots.items()):
            gather(self.db, contact, root)
        for group in waiting:
            group |= {roots[contact] for contact in group & roots.keys()} | moved
        for contact in moved:
            self.pairs_of.update(self._others(contact))

    def _others(self, contact: bytes) -> list[bytes]:
        return [row[0] for row in self.db.rows("SELECT other FROM pair WHERE contact = ?", (contact,))]


def _born(row: Sequence[Any]) -> int:
    return int(row[BORN])


def _bytes(value: str | None) -> bytes | None:
    return bytes.fromhex(value) if value else None
