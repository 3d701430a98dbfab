"""Taking a batch back: for each register it set the value before, except where somebody changed it since."""

from __future__ import annotations

from typing import Any

from crm_tui import log
from crm_tui.db import Database
from crm_tui.ids import show_id
from crm_tui.log import Change, Head
from crm_tui.plan import Edit

_LATER = "b.key > ? AND b.undone = 0 AND b.command <> 'undo'"


def reversal(db: Database, target: Head) -> tuple[list[Edit], list[tuple[bytes, list[Edit]]], list[dict[str, Any]]]:
    """The edits that take `target` back, those of its block in parts, and what stays because it was worked on since."""
    edits: list[Edit] = []
    block: list[tuple[bytes, list[Edit]]] = []
    kept: list[dict[str, Any]] = []
    stored = list(log.parts_of(db, target.key))
    worked = _worked_on_since(db, target, [part.subject for part in stored if _brings_contact(part)])
    for part in stored:
        is_block = part.digest is None
        reversed_: list[Edit] = []
        if part.subject in worked:
            if (whole := {"record": show_id(part.subject), "register": "*"}) not in kept[-1:]:
                kept.append(whole)
            continue
        for change in reversed(part.changes):
            found = _reversed(db, target, change, part.subject, is_block)
            if found is None:
                kept.append({"record": show_id(change.record), "register": change.register})
            else:
                reversed_.append(found)
        if is_block and reversed_:
            block.append((part.subject, reversed_))
        else:
            edits += reversed_
    return edits, block, kept


def _brings(change: Change) -> bool:
    """Whether a change makes a record or brings it back, so that reversing it takes the record away."""
    return change.register == "*" or (change.register == "removed" and not change.new)


def _brings_contact(part: log.StoredPart) -> bool:
    return any(change.entity == "contact" and _brings(change) for change in part.changes)


def _reversed(db: Database, target: Head, change: Change, subject: bytes, is_block: bool) -> Edit | None:
    if _brings(change) and not is_block and _touched_since(db, target, change):
        return None
    if change.register == "*":
        return Edit(change.entity, change.record, "removed", True, None, None, subject)
    if is_block and change.register == "removed":
        return Edit(change.entity, change.record, "removed", not change.new, change.new, None, subject)
    newest = log.newest(db, change.record, change.register)
    own = target.hlc + change.n
    if newest is not None and newest[0] != own and _meant(db, change, newest[0]) != _meant(db, change, own):
        return None
    old = change.old
    if change.register == "removed":
        old = not change.new
    return Edit(change.entity, change.record, change.register, old, change.new, None, subject)


def _meant(db: Database, change: Change, version: int) -> int:
    """The version that a register's `version` stands for: an undo and a redo write again what was there before what they take back."""
    which, values = log.of_register(change.record, change.register)
    while True:
        written = db.one(f"SELECT b.undo_of FROM change c JOIN batch b ON b.key = c.batch WHERE {which} AND c.hlc = ?", (*values, version))
        if written is None or written[0] is None:
            return version
        taken_back = db.one(
            f"SELECT c.base_hlc FROM change c JOIN batch b ON b.key = c.batch WHERE b.id = ? AND {which}", (written[0], *values)
        )
        if taken_back is None or taken_back[0] is None:
            return version
        version = taken_back[0]


def _touched_since(db: Database, target: Head, change: Change) -> bool:
    """Whether a record that `target` made or brought back was changed by a later command that still stands (contacts: see `reversal`)."""
    if change.entity == "contact":
        return False
    later = db.rows(
        f"SELECT b.command, b.undo_of FROM change c JOIN batch b ON b.key = c.batch WHERE {_LATER} AND c.record = ? AND c.register <> '*'",
        (target.key, change.record),
    )
    if any(_is_new(db, target, command, undo_of) for command, undo_of in later):
        return True
    if change.entity not in ("user", "company"):
        return False
    column = "company" if change.entity == "company" else "owner"
    return bool(
        db.one(
            f"SELECT 1 FROM contact WHERE {column} = ? AND removed <= 0 AND place > ? LIMIT 1", (change.record, target.hlc + target.changes)
        )
    )


def _is_new(db: Database, target: Head, command: str, undo_of: bytes | None) -> bool:
    """Whether a batch after `target` is work done since: a redo counts as the command that it brought back, at that command's place."""
    if command != "redo":
        return True
    begun, _restores = log.undo_target(db, undo_of)
    return db.one("SELECT 1 FROM batch WHERE id = ? AND key > ?", (begun, target.key)) is not None


def _worked_on_since(db: Database, target: Head, subjects: list[bytes]) -> set[bytes]:
    """Contacts on which a later command that still stands did something, or which another lead touched."""
    # Whoever was merged into a contact would go with it.
    merged = dict(db.where_in("SELECT id, root FROM contact WHERE root IN ({})", subjects))
    found = {
        one
        for subject, command, undo_of in db.where_in(
            f"SELECT p.subject, b.command, b.undo_of FROM part p JOIN batch b ON b.key = p.batch WHERE {_LATER}"
            " AND (b.import_id IS NULL OR b.import_id <> ?) AND p.subject IN ({})",
            sorted({*subjects, *merged}),
            (target.key, target.import_id or b""),
        )
        if _is_new(db, target, command, undo_of)
        for one in (subject, merged.get(subject, subject))
    }
    found |= {
        row[0]
        for row in db.where_in(
            "SELECT e.contact FROM entry e JOIN batch b ON b.key = e.batch WHERE e.batch > ? AND e.removed <= 0 AND e.cause IS NULL"
            " AND b.undone = 0 AND b.command <> 'undo' AND (b.import_id IS NULL OR b.import_id <> ?) AND e.contact IN ({})",
            subjects,
            (target.key, target.import_id or b""),
        )
    }
    return found
