"""The tables while one batch is written into them: what it gathers, the lines it leaves, what follows for the contacts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from crm_tui import log
from crm_tui.db import Database
from crm_tui.log import Change, Head
from crm_tui.lost import line_id
from crm_tui.roots import anybody_merged, fill, gather, own_in, reroot, root_of, roots_of, unfill
from crm_tui.rows import Made
from crm_tui.rules.fold import Event
from crm_tui.settle import ENTRY, Following

_POINT = ("contact", "kind", "value", "raw", "label", "valid", "rank", "removed", "own")
_SEPARATED = "merged_into/old"
"""In place of the register: the line of a merge that ended, on the timeline of the one who stayed."""
_LINES = {"removed": ("removed", "*"), "merged_into": ("merged_into", _SEPARATED)}
"""The lines of a register's change that an undo takes away, where it is not just its own."""


class Projection(Following):
    """Writes one batch into the tables; `log_db` is given for a batch that others may have overtaken."""

    def __init__(self, db: Database, head: Head, undo: tuple[bytes | None, bool], log_db: Database | None = None) -> None:
        super().__init__()
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
        self.later: Following | None = None
        self.standing: set[bytes] = set()
        self.to_fill: set[bytes] = set()
        self.to_root: set[bytes] = set()
        self.lines_of: set[bytes] = set()

    @cached_property
    def merged(self) -> bool:
        """Whether there is anybody whose root has to be asked for."""
        return anybody_merged(self.db)

    def _insert_entries(self) -> None:
        # Lines of a batch that is gone through again stand already.
        self.db.fill("entry", ENTRY, self.entries, "" if self.log_db is None else "ON CONFLICT (id) DO NOTHING")
        self.entries = []

    def _insert_points(self, points: Sequence[Sequence[Any]]) -> None:
        self.db.fill("point", _POINT, points, "ON CONFLICT (contact, kind, value, own) DO NOTHING")

    def _insert_tags(self, tags: Sequence[Sequence[Any]]) -> None:
        self.db.fill("tag", ("contact", "tag", "own"), tags, "ON CONFLICT (contact, tag, own) DO NOTHING")

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
        """Bring each contact that the changes touched to them, now or together with what follows from other batches."""
        self._insert_entries()
        self._go_by_root()
        for contact in sorted(self.to_fill):
            fill(self.db, contact)
        if self.later is None:
            self.follow(self.db, self.head.key)
        else:
            self.later.add(self)

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


def as_bytes(value: str | None) -> bytes | None:
    """An id of a register's value, which is in hex there."""
    return bytes.fromhex(value) if value else None
