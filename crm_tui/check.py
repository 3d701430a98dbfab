"""Is the store what its log says? Verifies the chain of digests, replays the log into a fresh store and compares the tables."""

from __future__ import annotations

import itertools
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from crm_tui import log
from crm_tui.db import Database
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.log import Head
from crm_tui.project import project
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
    with replayed.peewee.atomic():
        for head in heads:
            parts = list(log.parts_of(db, head.key))
            differences += _faults(head, parts, ends.get(head.replica, (0, log.NO_DIGEST)))
            ends[head.replica] = (head.oseq, head.digest)
            every = sorted((change for part in parts for change in part.changes), key=lambda change: change.n)
            project(replayed, head, every, log.undo_target(db, head.undo_of))
            batches += 1
            changes += len(every)
            if progress is not None and batches % 50 == 0:
                progress(batches, total)
    return batches, changes


def _faults(head: Head, parts: list[log.StoredPart], end: tuple[int, bytes]) -> Iterator[str]:
    name = _("command {id}").format(id=show_id(head.id))
    digests = [log.part_digest(part.salt, part.content) for part in parts]
    for part, digest in zip(parts, digests, strict=True):
        if part.digest is not None and part.digest != digest:
            yield _("{command}: what it did to {record} is not what was written").format(command=name, record=show_id(part.subject))
    if log.batch_digest(head, digests) != head.digest:
        yield _("{command}: its digest does not match its content").format(command=name)
    if head.oseq != end[0] + 1 or head.prev_digest != end[1]:
        yield _("{command}: the chain of its origin is broken before it").format(command=name)


def _compare(db: Database, replayed: Database) -> Iterator[str]:
    """Records of the tables that are not what the log says, one sentence each; both sides come in the same order."""
    for ours, theirs in itertools.zip_longest(all_records(db), all_records(replayed)):
        if ours != theirs:
            one = ours if ours is not None else theirs
            assert one is not None
            fields = sorted(key for key in {**(ours or {}), **(theirs or {})} if (ours or {}).get(key) != (theirs or {}).get(key))
            yield _("{entity} {id}: {fields} differ from the log").format(
                entity=one.get("entity"), id=one.get("id") or json.dumps(one, ensure_ascii=False)[:80], fields=", ".join(fields[:5])
            )
            if (ours or {}).get("id") != (theirs or {}).get("id"):
                return
