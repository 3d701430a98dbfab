"""Edits that another one overwrote without knowing of it, and work on what somebody deleted meanwhile: for people to see and settle.

Both follow from the log alone, so that every replica that holds the same log has the same list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from crm_tui import log
from crm_tui.db import Database
from crm_tui.ids import derived_id
from crm_tui.log import Change, Head
from crm_tui.roots import members_of

WORK = "*"
"""The register under which work on a deleted record stands in the list, and a decision that another one overtook."""
DECISIONS = frozenset({"set_status", "set_lifecycle", "route"})
"""Events of which the later counts; each notes as `base_hlc` the newest event of its contact that its author knew."""
_NOT_WORK = frozenset({"delete_contact", "delete_deal", "undo"})
_STANDS = "b.undone = 0 AND b.parked = 0 AND b.import_id IS NULL"
_Row = tuple[bytes, bytes, str, bytes, str, int, int, bytes]


def line_id(batch: bytes, record: bytes, register: str) -> bytes:
    """The id of the timeline line that an edit leaves."""
    return derived_id(batch, f"{record.hex()} {register}")


def relost(db: Database, log_db: Database, registers: Iterable[tuple[bytes, str]], *, known: bool = False) -> None:
    """List anew what was lost of these registers; `known` looks only where something was lost before (a change made here overwrites
    knowingly, but may settle what was lost).
    """
    wanted = {(record, register) for record, register in registers if register != "removed" and not register.startswith("duplicate/")}
    before: dict[tuple[bytes, str], set[bytes]] = {}
    for id_, record, register in db.where_in(
        "SELECT id, record, register FROM lost WHERE register <> '*' AND record IN ({})", sorted({record for record, _ in wanted})
    ):
        before.setdefault((record, register), set()).add(id_)
    if known:
        wanted &= before.keys()
    for record, register in sorted(wanted):
        versions = log.versions(log_db, record, register)
        replaced = {version.base for version in versions}
        rows = []
        for at, version in enumerate(versions[:-1]):
            # What somebody set to the same later is settled, whatever became of it then.
            if version.hlc not in replaced and not any(_same(register, version.new, later.new) for later in versions[at + 1 :]):
                rows.append(_row(log_db, version))
        _keep(db, before.get((record, register), set()), rows)


def _same(register: str, lost_value: str | None, won_value: str | None) -> bool:
    """Whether two values mean the same to a person, whoever set them and when."""
    if lost_value is None or won_value is None or lost_value == won_value:
        return lost_value == won_value
    lost, won = log.loaded(lost_value), log.loaded(won_value)
    group = register.partition("/")[0]
    if group in ("done", "tag", "tick"):
        return True
    names = {"phone": ("valid", "label"), "email": ("valid", "label"), "stage": ("stage", "reason", "reason_text")}.get(group)
    if names and isinstance(lost, dict) and isinstance(won, dict):
        return all(lost.get(name) == won.get(name) for name in names)
    return bool(lost == won)


def _row(log_db: Database, version: log.Version) -> _Row:
    batch, at, actor, subject, entity = log_db.one(
        "SELECT b.id, b.at, b.actor, p.subject, c.entity FROM change c JOIN batch b ON b.key = c.batch JOIN part p ON p.key = c.part"
        " WHERE c.batch = ? AND c.record = ? AND c.register = ?",
        (version.batch, version.record, version.register),
    )
    line = line_id(batch, version.record, version.register)
    return line, subject, entity, version.record, version.register, version.hlc, at, actor


def _keep(db: Database, before: set[bytes], rows: Sequence[_Row]) -> None:
    after = {row[0] for row in rows}
    for gone in sorted(before - after):
        db.run("DELETE FROM lost WHERE id = ?", (gone,))
    fresh = [row for row in rows if row[0] not in before]
    if fresh:
        db.many("INSERT INTO lost (id, contact, kind, record, register, hlc, at, by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", fresh)


def touched_by(log_db: Database, heads: Sequence[Head], changes: Iterable[Change]) -> tuple[set[bytes], set[bytes]]:
    """The subjects and the deals of which batches with these changes, or those that they take back, said something."""
    deals = {change.record for change in changes if change.entity == "deal"}
    subjects = {row[0] for row in log_db.where_in("SELECT subject FROM part WHERE batch IN ({})", [head.key for head in heads])}
    undone = [head.undo_of for head in heads if head.undo_of is not None]
    if undone:
        which = "batch IN (SELECT key FROM batch WHERE id IN ({}))"
        subjects |= {row[0] for row in log_db.where_in(f"SELECT subject FROM part WHERE {which}", undone)}
        deals |= {row[0] for row in log_db.where_in(f"SELECT record FROM change WHERE entity = 'deal' AND {which}", undone)}
    return subjects, deals


def relost_work(db: Database, log_db: Database, entity: str, records: Iterable[bytes]) -> None:
    """List anew the work on these contacts or deals that a deletion did not know of."""
    wanted = sorted(records)
    before: dict[bytes, set[bytes]] = {record: set() for record in wanted}
    for id_, record in db.where_in("SELECT id, record FROM lost WHERE register = '*' AND kind <> 'entry' AND record IN ({})", wanted):
        before[record].add(id_)
    # Work on a contact that was merged goes on with its root.
    there = "contact WHERE root IS NULL AND" if entity == "contact" else f"{entity} WHERE"
    removed = {record: stamp for record, stamp in db.where_in(f"SELECT id, removed FROM {there} id IN ({{}})", wanted) if stamp > 0}
    gone = sorted(removed)
    worked_on = set(gone)
    if entity == "contact":
        # The rows of an import that is taken back are many, and of most nothing else is in the log.
        worked_on = {row[0] for row in log_db.where_in("SELECT DISTINCT subject FROM part WHERE subject IN ({})", gone)}
        worked_on |= {row[0] for row in db.where_in("SELECT DISTINCT root FROM contact WHERE root IN ({})", gone)}
    for record in wanted:
        rows = list(_unseen(db, log_db, entity, record, removed[record])) if record in worked_on else []
        if rows or before[record]:
            _keep(db, before[record], rows)


def _unseen(db: Database, log_db: Database, entity: str, record: bytes, stamp: int) -> Iterable[_Row]:
    # Of two deletions with one stamp one is asked, the same everywhere.
    deletion = log_db.one(
        "SELECT c.old FROM change c JOIN batch b ON b.key = c.batch JOIN replica r ON r.key = b.replica"
        " WHERE c.record = ? AND c.register = 'removed' AND c.hlc = ? AND c.new = 'true' AND b.parked = 0 ORDER BY r.origin LIMIT 1",
        (record, stamp),
    )
    old = log.loaded(deletion[0]) if deletion else None
    seen = dict(old["seen"]) if isinstance(old, dict) else None
    if deletion is not None and seen is None:
        return
    contact = record
    if entity == "contact":
        heads = _of_contact(db, log_db, record, old["of"] if isinstance(old, dict) and "of" in old else [])
    else:
        found = db.one("SELECT coalesce(own, contact) FROM deal WHERE id = ?", (record,))
        contact = found[0] if found else record
        heads = log.heads(log_db, f"WHERE b.key IN (SELECT batch FROM change WHERE record = ?) AND {_STANDS}", (record,))
    for head in heads:
        begun = log.undo_target(log_db, head.undo_of)[0] if head.command == "redo" else None
        done = log_db.one("SELECT command FROM batch WHERE id = ?", (begun,)) if begun else (head.command,)
        if done is None or done[0] in _NOT_WORK:
            continue
        if seen is None or head.oseq > seen.get(head.origin.hex(), 0):
            yield line_id(head.id, record, WORK), contact, entity, record, WORK, head.hlc, head.at, head.actor


def _of_contact(db: Database, log_db: Database, record: bytes, known: Sequence[str]) -> Iterable[Head]:
    """What was done to a contact, to those of whom its deletion knew that they were merged into it (by hex id), and who else was."""
    members = dict(db.rows("SELECT id, merged_into FROM contact WHERE root = ? ORDER BY id", (record,)))
    subjects = [record, *(member for member in members if member.hex() in known)]
    found: dict[bytes, Head] = {}
    for subject in subjects:
        where = f"WHERE b.key IN (SELECT batch FROM part WHERE subject = ?) AND {_STANDS}"
        found |= {head.id: head for head in log.heads(log_db, where, (subject,))}
    for member, into in members.items():
        if into in subjects and member not in subjects:
            where = "WHERE b.key IN (SELECT batch FROM change WHERE record = ? AND register = 'merged_into' AND new = ?)"
            found |= {head.id: head for head in log.heads(log_db, f"{where} AND {_STANDS}", (member, f'"{into.hex()}"'))}
    return found.values()


def decides(change: Change) -> bool:
    """Whether a change can make another decision the last of its contact, or tell that its author knew one."""
    making = change.new if change.register == "*" else None
    return change.entity == "entry" and (change.register != "*" or (isinstance(making, dict) and str(making.get("kind")) in DECISIONS))


def relost_events(db: Database, log_db: Database, contacts: Iterable[bytes]) -> None:
    """List anew of these contacts the statuses, stages and routings that the next of their kind did not know of."""
    wanted = sorted(contacts)
    before: dict[bytes, set[bytes]] = {contact: set() for contact in wanted}
    for id_, contact in db.where_in("SELECT id, contact FROM lost WHERE register = '*' AND kind = 'entry' AND contact IN ({})", wanted):
        before[contact].add(id_)
    by_kind: dict[tuple[bytes, str], list[tuple[int, bytes, str | None, int]]] = {}
    kinds = ", ".join(f"'{kind}'" for kind in sorted(DECISIONS))
    # Of two who were merged later nobody overtook the other: each knew of their own.
    for whose in ("own IS NULL AND contact", "own"):
        for contact, kind, hlc, id_, data, removed in db.where_in(
            f"SELECT coalesce(own, contact), kind, hlc, id, data, removed FROM entry WHERE kind IN ({kinds}) AND {whose} IN ({{}})", wanted
        ):
            by_kind.setdefault((contact, kind), []).append((hlc, id_, data, removed))
    rows: dict[bytes, list[_Row]] = {contact: [] for contact in wanted}
    for (contact, _kind), events in by_kind.items():
        events.sort()
        for (hlc, id_, data, _), (_, next_id, _, _) in pairwise([event for event in events if event[3] <= 0]):
            knew = log_db.one("SELECT base_hlc FROM change WHERE record = ? AND register = '*' LIMIT 1", (next_id,))
            if knew is not None and knew[0] is not None and knew[0] < hlc and not _settled(events, hlc, data):
                made = log_db.one(
                    "SELECT b.at, b.actor FROM change c JOIN batch b ON b.key = c.batch WHERE c.record = ? AND c.register = '*' LIMIT 1",
                    (id_,),
                )
                if made is not None:
                    rows[contact].append((id_, contact, "entry", id_, WORK, hlc, *made))
    for contact in wanted:
        if before[contact] or rows[contact]:
            _keep(db, before[contact], rows[contact])


def _settled(events: Sequence[tuple[int, bytes, str | None, int]], hlc: int, data: str | None) -> bool:
    """Whether somebody decided the same later."""
    return any(later > hlc and same == data for later, _id, same, _removed in events)


def seen_of(db: Database, subject: bytes) -> dict[str, Any]:
    """What a deletion knows of its subject, and `of` those who were merged into it: the last batch of each origin that did something."""
    merged = members_of(db, subject)
    seen: dict[str, int] = {}
    for origin, oseq in db.where_in(
        "SELECT r.origin, b.oseq FROM part p JOIN batch b ON b.key = p.batch JOIN replica r ON r.key = b.replica WHERE p.subject IN ({})",
        [subject, *merged],
    ):
        seen[origin.hex()] = max(oseq, seen.get(origin.hex(), 0))
    return {"seen": sorted(map(list, seen.items())), **({"of": sorted(one.hex() for one in merged)} if merged else {})}
