"""`project()`: the only writer of the entity tables, for changes made here and received alike."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence

from crm_tui import log
from crm_tui.db import Database
from crm_tui.editing import Editing
from crm_tui.log import Change, Head
from crm_tui.lost import decides, relost, relost_events, relost_work, touched_by
from crm_tui.making import Making
from crm_tui.roots import anybody_merged, roots_of
from crm_tui.rows import Made
from crm_tui.settle import Following

SENSELESS = (
    *(ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError),
    *(sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError),
)
"""What projecting a batch raises that a newer program wrote, or that is not what any command writes."""


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
    projection = _Batch(db, head, undo)
    projection.made, projection.made_kind = made, made_kind
    projection.take(changes)
    if head.import_id is not None and head.command == "import":
        _catch_up_made(db, head, changes, made)
    if undo[0] is not None or db.one("SELECT 1 FROM lost LIMIT 1") or projection.works_on_removed():
        projection.list_lost(changes)


def project_received(
    db: Database, head: Head, changes: Sequence[Change], logged: Database | None = None, later: Following | None = None
) -> None:
    """Bring the tables to where `changes` lead together with all else in the log, in whatever order its batches arrive.

    Of each register the version that stands last in the log counts, of a record made twice the first making. `logged` has the log
    when `db` has not (`crm-tui check`). What follows for contacts is left in `later`, if given, for `follow` after several batches.
    """
    log_db = logged or db
    projection = _Batch(db, head, log.undo_target(log_db, head.undo_of), log_db)
    projection.later = later
    kept = projection.without_twins(changes)
    projection.await_companies(kept)
    projection.take(kept)
    made = {change.record for change in changes if change.register == "*"} - projection.standing
    undos = log.undone_by(log_db, head.id) if head.undone else []
    if later is None:
        earlier = log.later_batches(log_db, sorted(made), head.key)
    else:
        earlier = {}
        later.came |= dict.fromkeys(made, head.key)
    # `logged` is gone through in order: its later batches come yet.
    _catch_up(db, log_db, [batch for batch in {*earlier, *undos} if logged is None or batch < head.key], earlier, undos, later)
    projection.list_lost(changes)


def follow(db: Database, later: Following) -> None:
    """What follows from batches that were projected one after the other, for each contact once, before their transaction ends."""
    if later.done:
        earlier = log.later_batches(db, sorted(later.came), 0)
        # What these batches themselves changed after a making is done already.
        before = {batch: {record for record in records if batch < later.came[record]} for batch, records in earlier.items()}
        _catch_up(db, db, [batch for batch, records in before.items() if records], before, later=later)
        later.follow(db, later.done[-1][0].key)
        _list_lost(db, db, later.done, later)


def _catch_up(
    db: Database,
    log_db: Database,
    batches: Iterable[int],
    earlier: Mapping[int, set[bytes]],
    undos: Collection[int] = (),
    later: Following | None = None,
) -> None:
    """Do now what was changed or taken back before the record that it concerns arrived."""
    for batch in sorted(batches):
        other = log.head(log_db, "WHERE b.key = ? AND b.parked = 0", (batch,))
        if other is None:
            continue
        again = _Batch(db, other, log.undo_target(log_db, other.undo_of), log_db)
        again.later = later
        edits = (change for part in log.parts_of(log_db, batch) for change in part.changes if change.register != "*")
        again.take([change for change in edits if batch in undos or change.record in earlier[batch]])


def _catch_up_made(db: Database, head: Head, changes: Sequence[Change], made: Sequence[tuple[int, Made]]) -> None:
    """An import can make contacts of which something is known already: work of those who imported the same file came in before it."""
    if len(db.rows("SELECT 1 FROM replica LIMIT 2")) < 2:
        return
    contacts = [one.contact for _hlc, one in made]
    contacts += [change.record for change in changes if change.register == "*" and change.entity == "contact"]
    known = "SELECT DISTINCT subject FROM part WHERE batch <> ? AND subject IN ({})"
    late = {row[0] for row in db.where_in(known, contacts, (head.key,))}
    if not late:
        return
    records = {one.entry for _hlc, one in made} | {change.record for change in changes if change.register == "*"} | set(contacts)
    earlier = log.later_batches(db, sorted(records), head.key)
    _catch_up(db, db, earlier, earlier)
    again = _Batch(db, head, (None, False), db)
    again.concerns(late)
    again.settle()
    again.list_lost(())


class _Batch(Making, Editing):
    """One batch on its way into the tables."""

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
        self.done.append((self.head, changes))
        if self.later is None:
            _list_lost(self.db, self.log_db or self.db, self.done, self, known=self.log_db is None and self.undo_target is None)
        else:
            self.later.done += self.done

    def works_on_removed(self) -> bool:
        """Whether something was done to a deleted contact, by the id of its task or deal."""
        touched = sorted(self.to_fold | self.to_count | self.next_of)
        return any(self.db.where_in("SELECT 1 FROM contact WHERE removed > 0 AND root IS NULL AND id IN ({})", touched))


def _list_lost(
    db: Database, log_db: Database, done: Sequence[tuple[Head, Sequence[Change]]], following: Following, *, known: bool = False
) -> None:
    changes = [change for _head, some in done for change in some]
    relost(db, log_db, [(change.record, change.register) for change in changes if change.register != "*"], known=known)
    contacts, deals = touched_by(log_db, [head for head, _changes in done], changes)
    if anybody_merged(db):
        contacts |= set(roots_of(db, contacts).values())
    relost_work(db, log_db, "contact", contacts | following.to_fold | following.to_show)
    relost_work(db, log_db, "deal", deals)
    if any(map(decides, changes)):
        relost_events(db, log_db, contacts | following.to_fold)
