"""Is the store what its log says? Verifies the chain of digests, replays the log into a fresh store and compares the tables."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from crm_tui import log
from crm_tui.db import Database
from crm_tui.errors import Damaged
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.log import Head
from crm_tui.project import SENSELESS, project_received
from crm_tui.reads.export import all_records
from crm_tui.store import Store

MOST_DIFFERENCES = 100
Progress = Callable[[int, int], None]
"""Called with batches done and batches in all."""


def check(store: Store, progress: Progress | None = None) -> dict[str, Any]:
    """The answer of `crm-tui check`: counts and every difference found (at most 100), each a sentence."""
    differences: list[str] = []
    with tempfile.TemporaryDirectory(prefix="crm-check-") as scratch:
        replayed = Database(str(Path(scratch) / "replay.db"), durable=False)
        try:
            with store.db.snapshot():
                batches, changes = _replay(store.db, replayed, differences, progress)
                differences += itertools.islice(_compare(store.db, replayed), MOST_DIFFERENCES)
                if store.db.is_sqlite:
                    differences += [line for (line,) in store.db.rows("PRAGMA integrity_check(20)") if line != "ok"]
        finally:
            replayed.close()
    return {"ok": not differences, "batches": batches, "changes": changes, "differences": differences[:MOST_DIFFERENCES]}


def _replay(db: Database, replayed: Database, differences: list[str], progress: Progress | None) -> tuple[int, int]:
    """Verify each batch and project it into the fresh store; the number of batches and changes."""
    total = db.one("SELECT count(*) FROM batch")[0]
    batches = changes = 0
    ends: dict[int, tuple[int, bytes]] = {}
    heads = list(log.heads(db))
    parked = {key for (key,) in db.rows("SELECT key FROM batch WHERE parked = 1")}
    with replayed.peewee.atomic():
        for head in heads:
            try:
                parts = list(log.parts_of(db, head.key))
                differences += _faults(head, parts, ends.get(head.replica, (0, log.NO_DIGEST)))
                every = sorted((change for part in parts for change in part.changes), key=lambda change: change.n)
                changes += len(every)
                if head.key not in parked:
                    project_received(replayed, head, every, db)
            except (Damaged, *SENSELESS):
                differences.append(_("{command}: what it did cannot be read or done again").format(command=_name(head)))
            ends[head.replica] = (head.oseq, head.digest)
            batches += 1
            if progress is not None and batches % 50 == 0:
                progress(batches, total)
    differences += _strays(db, heads)
    return batches, changes


def _name(head: Head) -> str:
    try:
        return _("command {id}").format(id=show_id(head.id))
    except SENSELESS:
        return f"{head.command} {head.oseq}"


def _faults(head: Head, parts: list[log.StoredPart], end: tuple[int, bytes]) -> Iterator[str]:
    name = _name(head)
    digests = [log.part_digest(part.subject, part.salt, part.content) for part in parts]
    for part, digest in zip(parts, digests, strict=True):
        if part.digest is not None and part.digest != digest:
            yield _("{command}: what it did to {record} is not what was written").format(command=name, record=show_id(part.subject))
    if log.batch_digest(head, digests) != head.digest:
        yield _("{command}: its digest does not match its content").format(command=name)
    if head.oseq != end[0] + 1 or head.prev_digest != end[1]:
        yield _("{command}: the chain of its origin is broken before it").format(command=name)


def _strays(db: Database, heads: Sequence[Head]) -> Iterator[str]:
    """What stands beside the digests in the log's tables and does not follow from it."""
    undone = {head.undo_of for head in heads}
    for head in heads:
        if head.undone != int(head.id in undone):
            yield _("{command}: whether it was undone is not what the log says").format(command=_name(head))
    moved = {
        key
        for (key,) in db.rows(
            "SELECT c.batch FROM change c LEFT JOIN batch b ON b.key = c.batch LEFT JOIN part p ON p.key = c.part AND p.batch = c.batch"
            " WHERE b.key IS NULL OR p.key IS NULL OR c.hlc <> b.hlc + c.n"
            " UNION SELECT p.batch FROM part p LEFT JOIN batch b ON b.key = p.batch WHERE b.key IS NULL"
            " UNION SELECT l.batch FROM block l LEFT JOIN batch b ON b.key = l.batch WHERE b.key IS NULL"
        )
    }
    names = {head.key: _name(head) for head in heads if head.key in moved}
    for key in sorted(moved):
        yield _("{command}: not all of it stands where it was written").format(command=names.get(key, f"batch {key}"))


def _compare(db: Database, replayed: Database) -> Iterator[str]:
    """Records of the tables that are not what the log says, one sentence each; both sides come in the same order."""
    for ours, theirs in itertools.zip_longest(_everything(db), _everything(replayed)):
        if ours != theirs:
            one = ours if ours is not None else theirs
            assert one is not None
            fields = sorted(key for key in {**(ours or {}), **(theirs or {})} if (ours or {}).get(key) != (theirs or {}).get(key))
            yield _("{entity} {id}: {fields} differ from the log").format(
                entity=one.get("entity"), id=one.get("id") or json.dumps(one, ensure_ascii=False)[:80], fields=", ".join(fields[:5])
            )
            if (ours or {}).get("id") != (theirs or {}).get("id"):
                return


def _everything(db: Database) -> Iterator[dict[str, Any]]:
    """All records, and what stands in the tables of this store alone: search texts, and which batch made a line."""
    yield from all_records(db)
    for contact, search in db.stream("SELECT id, search FROM contact ORDER BY id"):
        yield {"entity": "contact", "id": show_id(contact), "search": search}
    for entry, batch in db.stream("SELECT id, batch FROM entry WHERE id IS NOT NULL ORDER BY id"):
        yield {"entity": "entry", "id": show_id(entry), "batch": batch}
