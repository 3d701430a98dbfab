"""The change log: stamps, batches, parts and their digests. It is the truth; the tables beside it are its projection."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from crm_tui.db import Database
from crm_tui.errors import Damaged
from crm_tui.i18n import gettext as _
from crm_tui.ids import new_id

SCHEMA_VERSION = 1
NO_DIGEST = b"\0" * 32
CHANNEL = "crm_changed"
"""Where PostgreSQL tells other sessions that something was committed (`live.Watch`)."""
END = "SELECT max(key), (SELECT count(*) FROM batch WHERE parked = 1) FROM batch"
"""How far the log goes: its last key, and how many batches wait until they are understood."""
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
"""The one JSON spelling of a value."""


class Change(NamedTuple):
    """One register set once. `n` is its place in the batch, `base` the stamp of the version it replaced; `*` makes a record."""

    n: int
    entity: str
    record: bytes
    register: str
    old: Any
    new: Any
    base: int | None = None
    rule: str | None = None
    extra: tuple[Any, ...] = ()
    """What a newer program says of it besides; kept and forwarded."""


class Head(NamedTuple):
    """The header of a batch; holds no personal data."""

    key: int
    id: bytes
    replica: int
    origin: bytes
    oseq: int
    hlc: int
    changes: int
    at: int
    actor: bytes
    command: str
    schema_v: int
    undo_of: bytes | None
    import_id: bytes | None
    prev_digest: bytes
    digest: bytes
    undone: int = 0
    extra: str | None = None
    """Further fields of a newer program's header, as a JSON list."""

    def fields(self) -> list[Any]:
        """The header as the JSON list that the digest covers and that travels."""
        return [
            self.id.hex(),
            self.origin.hex(),
            self.oseq,
            self.hlc,
            self.changes,
            self.at,
            self.actor.hex(),
            self.command,
            self.schema_v,
            self.undo_of.hex() if self.undo_of else None,
            self.import_id.hex() if self.import_id else None,
            *(json.loads(self.extra) if self.extra else ()),
        ]

    def header(self) -> bytes:
        """The canonical bytes that the digest covers."""
        return canonical(self.fields())


class StoredPart(NamedTuple):
    """A part as it stands in the store: its digest as stored (None in a block) and its changes."""

    subject: bytes
    salt: bytes
    digest: bytes | None
    content: bytes
    changes: list[Change]


HEAD_COLUMNS = (
    "b.key, b.id, b.replica, r.origin, b.oseq, b.hlc, b.changes, b.at, b.actor, b.command, b.schema_v, b.undo_of, b.import_id, "
    "b.prev_digest, b.digest, b.undone, b.extra"
)
_HEADS = f"SELECT {HEAD_COLUMNS} FROM batch b JOIN replica r ON r.key = b.replica "


class Position(NamedTuple):
    """Where an origin's log stands: the last sequence number, the stamp after its last change, its last digest."""

    oseq: int
    stamp: int
    digest: bytes


def canonical(value: Any) -> bytes:
    """The bytes of that spelling, which digests are made of."""
    return encode(value).encode("utf-8", "surrogatepass")


def change_content(change: Change) -> list[Any]:
    """A change as the JSON list that is stored in blocks and covered by digests."""
    n, entity, record, register, old, new, base, rule, extra = change
    return [n, entity, record.hex(), register, old, new, base, rule, *extra]


def content_change(content: Sequence[Any]) -> Change:
    """The change of a stored JSON list."""
    n, entity, record, register, old, new, base, rule, *extra = content
    return Change(n, entity, bytes.fromhex(record), register, old, new, base, rule, tuple(extra))


def part_digest(subject: bytes, salt: bytes, content: bytes) -> bytes:
    """The digest of one part over its subject, its salt and its canonical content."""
    return hashlib.sha256(subject + salt + content).digest()


def replica_key(db: Database, origin: bytes, installation: bytes, person: bytes) -> int:
    """The local key of an origin, made when it first writes."""
    row = db.one("SELECT key FROM replica WHERE origin = ?", (origin,))
    if row:
        return int(row[0])
    return db.insert("INSERT INTO replica (origin, installation, person) VALUES (?, ?, ?)", (origin, installation, person))


def position(db: Database, replica: int) -> Position:
    """Where this origin's log ends."""
    row = db.one("SELECT oseq, hlc + changes, digest FROM batch WHERE replica = ? ORDER BY oseq DESC LIMIT 1", (replica,))
    return Position(*row) if row else Position(0, 0, NO_DIGEST)


def end(db: Database) -> tuple[int | None, int]:
    """How far the log goes: another after whatever changes the tables."""
    last, waiting = db.one(END)
    return last, waiting


def next_stamp(last: Position, now_ms: int, after: int) -> int:
    """The stamp of a new batch: the clock's, after all its origin wrote and after every version it overwrites."""
    return max(now_ms << 16, last.stamp + 1, after + 1)


def append(
    db: Database,
    *,
    replica: int,
    origin: bytes,
    last: Position,
    hlc: int,
    id: bytes,
    at: int,
    actor: bytes,
    command: str,
    parts: dict[bytes, list[Change]],
    block: Sequence[tuple[bytes, bytes]] = (),
    block_changes: int = 0,
    undo_of: bytes | None = None,
    import_id: bytes | None = None,
) -> Head:
    """Write one batch: its header, its parts with their changes, and (imports) a compressed block of sealed parts."""
    count = sum(len(changes) for changes in parts.values()) + block_changes
    sealed = []
    for subject, changes in parts.items():
        salt, content = os.urandom(16), canonical([change_content(one) for one in changes])
        sealed.append(StoredPart(subject, salt, part_digest(subject, salt, content), content, changes))
    head = Head(0, id, replica, origin, last.oseq + 1, hlc, count, at, actor, command, SCHEMA_VERSION, undo_of, import_id, last.digest, b"")
    digests = [part.digest for part in sealed if part.digest is not None] + [digest for _, digest in block]
    head = head._replace(digest=batch_digest(head, digests))
    return write(db, head, sealed, b"\n".join([line for line, _ in block]))


def write(db: Database, head: Head, parts: Iterable[StoredPart], block: bytes = b"", received_at: int | None = None) -> Head:
    """Write a sealed batch as it is: the one place that fills the log's tables, for batches made here and received alike."""
    key = db.insert(
        "INSERT INTO batch (id, replica, oseq, hlc, changes, at, received_at, actor, command, schema_v, undo_of, import_id, prev_digest,"
        " digest, undone, extra, parked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        (
            head.id,
            head.replica,
            head.oseq,
            head.hlc,
            head.changes,
            head.at,
            received_at,
            head.actor,
            head.command,
            head.schema_v,
            head.undo_of,
            head.import_id,
            head.prev_digest,
            head.digest,
            head.undone,
            head.extra,
        ),
    )
    for subject, salt, digest, _content, changes in parts:
        part = db.insert("INSERT INTO part (batch, subject, salt, digest) VALUES (?, ?, ?, ?)", (key, subject, salt, digest))
        db.many(
            "INSERT INTO change (part, batch, n, hlc, entity, record, register, old, new, base_hlc, rule, extra)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(part, key, c.n, head.hlc + c.n, c.entity, c.record, c.register),
                    *(_stored(c.old), _stored(c.new), c.base, c.rule, _stored(c.extra or None)),
                )
                for c in changes
            ],
        )
    if block:
        db.run("INSERT INTO block (batch, data) VALUES (?, ?)", (key, zlib.compress(block, 3)))
    if head.undo_of is not None:
        db.run("UPDATE batch SET undone = 1 WHERE id = ?", (head.undo_of,))
    tell(db)
    return head._replace(key=key)


def tell(db: Database) -> None:
    """Let those who watch a server know of what changes with this transaction."""
    if not db.is_sqlite:
        db.one("SELECT pg_notify(?, '')", (CHANNEL,))


def seal(subject: bytes, content: bytes) -> tuple[bytes, bytes]:
    """A block's line of one part with a fresh salt, and the part's digest."""
    salt = os.urandom(16)
    line = b"%b %b %b" % (subject.hex().encode(), salt.hex().encode(), content)
    return line, part_digest(subject, salt, content)


def block_content(changes: Iterable[Change]) -> bytes:
    """The canonical content of a block's part; places in the batch follow from the order of lines."""
    return canonical([change_content(change)[1:] for change in changes])


def batch_digest(head: Head, part_digests: Iterable[bytes]) -> bytes:
    """The digest that chains a batch to the one before it of its origin."""
    return hashlib.sha256(head.prev_digest + head.header() + b"".join(part_digests)).digest()


def _stored(value: Any) -> str | None:
    return None if value is None else encode(value)


def loaded(value: str | None) -> Any:
    """A stored register value."""
    return None if value is None else json.loads(value)


def heads(db: Database, where: str = "", args: Sequence[Any] = ()) -> Iterator[Head]:
    """Batches in the order in which this store received them."""
    for row in db.stream(f"{_HEADS}{where} ORDER BY b.key", args):
        yield Head(*row)


def heads_of(db: Database, keys: Sequence[int]) -> Iterator[Head]:
    """The batches of these keys, which are in order."""
    return (Head(*row) for row in db.where_in(f"{_HEADS}WHERE b.key IN ({{}}) ORDER BY b.key", keys))


def head(db: Database, where: str, args: Sequence[Any] = ()) -> Head | None:
    """One batch, or None."""
    row = db.one(_HEADS + where, args)
    return Head(*row) if row else None


def parts_of(db: Database, batch: int) -> Iterator[StoredPart]:
    """The parts of a batch in the order of its digest: those with changes of their own, then the block's."""
    try:
        yield from _parts_of(db, batch)
    except (zlib.error, ValueError, TypeError) as error:
        raise Damaged(_("The store's log cannot be read. Restore a backup: crm-tui restore FILE.")) from error


def _parts_of(db: Database, batch: int) -> Iterator[StoredPart]:
    for subject, salt, digest, changes in stored_parts(db, [batch]).get(batch, ()):
        yield StoredPart(subject, salt, digest, canonical([change_content(one) for one in changes]), changes)
    yield from block_parts(block_of(db, batch))


def stored_parts(db: Database, batches: Sequence[int]) -> dict[int, list[tuple[bytes, bytes, bytes, list[Change]]]]:
    """Of each of these batches the parts with changes of their own: subject, salt, digest and changes."""
    by_part: dict[int, list[Change]] = {}
    columns = "part, n, entity, record, register, old, new, base_hlc, rule, extra"
    for part, *row in db.where_in(f"SELECT {columns} FROM change WHERE batch IN ({{}}) ORDER BY key", batches):
        by_part.setdefault(part, []).append(_change(row))
    found: dict[int, list[tuple[bytes, bytes, bytes, list[Change]]]] = {}
    for batch, key, *part in db.where_in("SELECT batch, key, subject, salt, digest FROM part WHERE batch IN ({}) ORDER BY key", batches):
        found.setdefault(batch, []).append((*part, by_part.get(key, [])))
    return found


def _change(row: Sequence[Any]) -> Change:
    """A change as a row of the table has it: n, entity, record, register, old, new, base_hlc, rule, extra."""
    n, entity, record, register, old, new, base, rule, extra = row
    return Change(n, entity, record, register, loaded(old), loaded(new), base, rule, tuple(loaded(extra) or ()))


def block_of(db: Database, batch: int) -> bytes:
    """The lines of an import's block; empty for a batch without one."""
    row = db.one("SELECT data FROM block WHERE batch = ?", (batch,))
    return zlib.decompress(row[0]) if row else b""


def block_parts(block: bytes) -> Iterator[StoredPart]:
    """The parts that stand in a block, in their order."""
    n = 0
    for line in block.split(b"\n") if block else ():
        subject_hex, salt_hex, content = line.split(b" ", 2)
        changes = [content_change([n + index, *one]) for index, one in enumerate(json.loads(content))]
        n += len(changes)
        yield StoredPart(bytes.fromhex(subject_hex.decode()), bytes.fromhex(salt_hex.decode()), None, content, changes)


def undo_target(db: Database, undo_of: bytes | None) -> tuple[bytes | None, bool]:
    """The batch that an undo (or an undo of an undo …) finally concerns, here or not yet, and whether its lines come back."""
    restores = True
    target = None
    seen: set[bytes] = set()
    while undo_of is not None and undo_of not in seen:
        seen.add(undo_of)
        restores, target = not restores, undo_of
        row = db.one("SELECT undo_of FROM batch WHERE id = ?", (undo_of,))
        undo_of = row[0] if row else None
    return target, restores


def undone_by(db: Database, id: bytes) -> list[int]:
    """The keys of the batches that took a batch back, and of those that took them back in turn."""
    found: dict[int, None] = {}
    wanted = [id]
    while wanted:
        rows = db.rows("SELECT key, id FROM batch WHERE undo_of = ?", (wanted.pop(),))
        wanted += [other for key, other in rows if key not in found]
        found |= dict.fromkeys(key for key, _ in rows)
    return sorted(found)


def newest(db: Database, record: bytes, register: str) -> tuple[int, Any] | None:
    """The stamp and value of the newest change of a register, or None when only its making set it."""
    if register.startswith("duplicate/"):
        flags = versions(db, record, register)
        return (flags[-1].hlc, loaded(flags[-1].new)) if flags else None
    row = db.one(
        f"SELECT hlc, new FROM change WHERE record = ? AND register = ? AND batch NOT IN ({_PARKED}) ORDER BY hlc DESC LIMIT 1",
        (record, register),
    )
    return (row[0], loaded(row[1])) if row else None


_PARKED = "SELECT key FROM batch WHERE parked = 1"
"""Batches that wait for a newer program: what they say is not known here yet."""


class Version(NamedTuple):
    """One value that a register was given: its stamp and origin order it, `base` is the stamp of the one it replaced."""

    hlc: int
    origin: bytes
    new: str | None
    base: int | None
    batch: int
    record: bytes
    register: str


def of_register(record: bytes, register: str) -> tuple[str, list[Any]]:
    """The condition on `change c` for a register, and its values. A flag between two contacts is one register, whichever bears it."""
    which, values = "c.record = ? AND c.register = ?", [record, register]
    group, _slash, other = register.partition("/")
    if group != "duplicate":
        return which, values
    return f"({which} OR {which})", [*values, bytes.fromhex(other), f"duplicate/{record.hex()}"]


def versions(db: Database, record: bytes, register: str) -> list[Version]:
    """All values that a register was given, the one that stands last."""
    which, values = of_register(record, register)
    rows = db.rows(
        "SELECT c.hlc, r.origin, c.new, c.base_hlc, c.batch, c.record, c.register FROM change c JOIN batch b ON b.key = c.batch"
        f" JOIN replica r ON r.key = b.replica WHERE {which} AND b.parked = 0",
        values,
    )
    return sorted((Version(*row) for row in rows), key=lambda version: version[:2])


def makers(db: Database, records: Sequence[bytes], register: str, command: str) -> dict[bytes, bytes]:
    """Who, by a command, gave a register of each of these records a value when it had none, the last to do so."""
    rows = db.where_in(
        "SELECT c.record, b.actor, c.new, b.command FROM change c JOIN batch b ON b.key = c.batch WHERE b.parked = 0 AND c.register = ?"
        " AND c.record IN ({}) ORDER BY c.hlc",
        records,
        (register,),
    )
    found: dict[bytes, bytes] = {}
    stands: set[bytes] = set()
    for record, actor, new, by in rows:
        if new is None:
            stands.discard(record)
            continue
        # What an undo brings back is still whose it was.
        if record not in stands and (by == command or record not in found):
            found[record] = bytes(actor)
        stands.add(record)
    return found


def later_batches(db: Database, records: Sequence[bytes], but: int) -> dict[int, set[bytes]]:
    """The batches (but one) that changed registers of these records, each with those it changed."""
    found: dict[int, set[bytes]] = {}
    for batch, record in db.where_in(
        "SELECT DISTINCT batch, record FROM change WHERE batch <> ? AND register <> '*' AND record IN ({})", records, (but,)
    ):
        found.setdefault(batch, set()).add(record)
    return found


def command_id(now_ms: int) -> bytes:
    """The id of a new command."""
    return new_id(now_ms)
