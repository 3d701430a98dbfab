"""What a change of the process would strand: records at a status, stage, pipeline, desk, reason or source that it takes away."""

from __future__ import annotations

from collections.abc import Iterator

from crm_tui.db import Database
from crm_tui.plan import Stranded
from crm_tui.process import Process

MOST_NAMED = 3

_QUERIES = {
    "status": "contact WHERE removed <= 0 AND status = ?",
    "desk": "contact WHERE removed <= 0 AND desk = ?",
    "reason": "contact WHERE removed <= 0 AND reason = ?",
    "source": "contact WHERE removed <= 0 AND source = ?",
    "pipeline": "deal WHERE removed <= 0 AND pipeline = ?",
    "stage": "deal WHERE removed <= 0 AND pipeline = ? AND stage = ?",
}
"""Whom a kind of term has, by its key (of a stage: by those of pipeline and stage)."""


def stranded(db: Database, old: Process, new: Process) -> list[Stranded]:
    """Each term that `new` takes away or retires while somebody is at it, with how many and some of them by name."""
    found = []
    for kind, keys, label in _gone(old, new):
        (count,) = db.one(f"SELECT count(*) FROM {_QUERIES[kind]}", keys)
        if count:
            names = db.rows(f"SELECT name FROM {_QUERIES[kind]} ORDER BY born, id LIMIT {MOST_NAMED}", keys)
            found.append(Stranded(kind, keys[-1], label, count, [name for (name,) in names if name]))
    return found


def _gone(old: Process, new: Process) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Kind, keys and label of what one process has in use and the other has not."""
    status_keys = {one.key for one in new.statuses if not one.retired}
    yield from (("status", (one.key,), one.text) for one in old.statuses if not one.retired and one.key not in status_keys)
    for kind, before, after in (
        ("desk", old.desks, new.desks),
        ("reason", old.closing_reasons, new.closing_reasons),
        ("source", old.sources, new.sources),
        ("pipeline", old.pipelines, new.pipelines),
    ):
        kept = {one.key for one in after}
        yield from ((kind, (one.key,), one.text) for one in before if one.key not in kept)
    stages = {pipeline.key: {stage.key for stage in pipeline.stages} for pipeline in new.pipelines}
    for pipeline in old.pipelines:
        if pipeline.key in stages:
            gone = (stage for stage in pipeline.stages if stage.key not in stages[pipeline.key])
            yield from (("stage", (pipeline.key, stage.key), stage.text) for stage in gone)
