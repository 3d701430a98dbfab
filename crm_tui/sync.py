"""What two logs lack of each other, and taking batches in: version vectors, batches as they travel, parked ones.

Batches are taken whole, those that arrive together in one transaction, in the order in which the sender got them, so that a cut at any
byte leaves a prefix and the next sync goes on from there. Nothing is refused for its clock.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from crm_tui import log
from crm_tui.db import Database
from crm_tui.errors import CrmError, Refused
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.log import Change, Head, StoredPart
from crm_tui.project import SENSELESS, follow, project_received
from crm_tui.settle import Following

_STAMPS = 2**62
"""Stamps and times of batches are less; so there is room for what comes after the latest of them."""
_LAST_MS = 253_402_300_800_000
"""The year 10000: no clock shows it."""
_DIGEST = 6
"""Bytes of a digest that travel: enough to tell two histories apart, the whole is computed by the receiver."""
_PACKED = 200
"""So many batches are read together when they are sent."""
_TURN_SECONDS = 0.04
"""After so long a transaction takes no further batch: others write too."""
_HLC, _AT = 3, 5
"""Places in a header; what a stamp is beyond its batch's time travels, which is short."""


class End(NamedTuple):
    """Where an origin's log ends: its last sequence number and the first bytes of that batch's digest."""

    oseq: int
    digest: bytes


class Split(CrmError):
    """Two histories under one origin: a store was copied or restored behind the program's back."""

    kind = "split"
    exit_code = 5


def vector(db: Database, until: int | None = None) -> dict[bytes, End]:
    """The end of every origin that this log holds, or held when it ended with the batch of the key `until`."""
    so_far = "" if until is None else " AND x.key <= ?"
    # SQLite goes through a CROSS JOIN in this order: few origins, not all batches.
    rows = db.rows(
        "SELECT r.origin, b.oseq, b.digest FROM replica r CROSS JOIN batch b WHERE b.replica = r.key"
        f" AND b.oseq = (SELECT x.oseq FROM batch x WHERE x.replica = r.key{so_far} ORDER BY x.oseq DESC LIMIT 1)",
        () if until is None else (until,),
    )
    return {bytes(origin): End(oseq, bytes(digest)[:_DIGEST]) for origin, oseq, digest in rows}


def last_key(db: Database) -> int:
    """The key of the batch that this store got last: it names how far the log went, here alone."""
    return int(db.one("SELECT coalesce(max(key), 0) FROM batch")[0])


def fingerprint(ends: Mapping[bytes, End]) -> str:
    """What two logs that hold the same have in common, and no other."""
    lines = (b"%b %d %b" % (origin, *end) for origin, end in sorted(ends.items()))
    return hashlib.sha256(b"\n".join(lines)).hexdigest()[:32]


def missing(db: Database, have: Mapping[bytes, int], person: bytes | None = None) -> Iterator[Head]:
    """The batches beyond `have`, in the order in which this store got them; `person`: only those of somebody's own origins."""
    keys: list[int] = []
    for replica, origin, owner in db.rows("SELECT key, origin, person FROM replica"):
        if person is None or bytes(owner) == person:
            last = have.get(bytes(origin), 0)
            keys += [key for (key,) in db.rows("SELECT key FROM batch WHERE replica = ? AND oseq > ?", (replica, last))]
    return log.heads_of(db, sorted(keys))


def replicas(db: Database) -> dict[bytes, tuple[bytes, bytes]]:
    """Of each origin the installation and the person that write as it."""
    return {bytes(row[0]): (bytes(row[1]), bytes(row[2])) for row in db.rows("SELECT origin, installation, person FROM replica")}


def packed(db: Database, heads: Sequence[Head]) -> Iterator[list[Any]]:
    """Batches as they travel, each as header, parts, block, the beginning of its digest."""
    for start in range(0, len(heads), _PACKED):
        some = heads[start : start + _PACKED]
        keys = [head.key for head in some]
        stored = log.stored_parts(db, keys)
        with_block = {row[0] for row in db.where_in("SELECT batch FROM block WHERE batch IN ({})", keys)}
        for head in some:
            parts = [
                [subject.hex(), salt.hex(), [log.change_content(change) for change in changes]]
                for subject, salt, _digest, changes in stored.get(head.key, ())
            ]
            fields = head.fields()
            fields[_HLC] -= fields[_AT] << 16
            block = log.block_of(db, head.key) if head.key in with_block else b""
            yield [fields, parts, block.decode("utf-8", "surrogatepass"), head.digest[:_DIGEST].hex()]


class Received(NamedTuple):
    """A batch that came in, as far as it can be read without the log it belongs to; `changes` in order, `digests` of all its parts."""

    head: Head
    parts: list[StoredPart]
    block: bytes
    digest: bytes
    changes: list[Change]
    digests: list[bytes]


def unpacked(message: Any) -> Received:
    """A batch from what travelled; refused when it cannot be one."""
    try:
        fields, parts, block, digest = message
        id_, origin, oseq, beyond, changes, at, actor, command, schema_v, undo_of, import_id, *extra = fields
        hlc = beyond + (at << 16)
        for number, least, limit in ((oseq, 1, 2**62), (hlc, 0, _STAMPS), (changes, 0, 2**31), (at, 0, _LAST_MS), (schema_v, 0, 2**15)):
            if type(number) is not int or not least <= number < limit:
                raise ValueError("a number out of range")
        if not _is_text(command) or not 0 < len(command) <= 100:
            raise ValueError("no command")
        head = Head(
            *(0, _id(id_), 0, _id(origin), oseq, hlc, changes, at, _id(actor), command, schema_v),
            *(_id(undo_of) if undo_of else None, _id(import_id) if import_id else None, b"", b""),
            extra=json.dumps(extra) if extra else None,
        )
        read = [_part(*part) for part in parts]
        lines = block.encode("utf-8", "surrogatepass")
        sealed = list(log.block_parts(lines))
        every = sorted((change for part in (*sealed, *read) for change in part.changes), key=lambda change: change.n)
        if not all(map(_is_change, every)) or len(every) != changes or any(change.n != n for n, change in enumerate(every)):
            raise ValueError("changes are missing")
        digests = [part.digest for part in read if part.digest is not None]
        digests += [log.part_digest(part.subject, part.salt, part.content) for part in sealed]
        received = Received(head, read, lines, bytes.fromhex(digest), every, digests)
        if len(received.digest) != _DIGEST:
            raise ValueError("no digest")
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise Refused("batch", _("What came over the line is not a batch of changes: {why}.").format(why=str(error)[:80])) from error
    return received


def _id(text: Any) -> bytes:
    value = bytes.fromhex(text)
    if len(value) != 16:
        raise ValueError("not an id")
    return value


def _part(subject: str, salt: str, contents: list[Any]) -> StoredPart:
    changes = [log.content_change(content) for content in contents]
    salted, content = bytes.fromhex(salt), log.canonical([log.change_content(change) for change in changes])
    content.decode()  # half a character can be in a message, not in a table
    return StoredPart(_id(subject), salted, log.part_digest(_id(subject), salted, content), content, changes)


def _is_text(value: Any) -> bool:
    """Whether a value can stand in a column of texts as it is; half a character raises ValueError."""
    return type(value) is str and b"\0" not in value.encode()


def _is_change(change: Change) -> bool:
    n, _entity, record, _register, _old, _new, base, rule, _extra = change
    texts = (change.entity, change.register) if rule is None else (change.entity, change.register, rule)
    return (
        type(n) is int and len(record) == 16 and all(map(_is_text, texts)) and (base is None or (type(base) is int and 0 <= base < 2**63))
    )


def take(
    db: Database,
    messages: Sequence[Any],
    makers: Mapping[bytes, tuple[bytes, bytes]],
    now_ms: int,
    owner: bytes | None = None,
    check: Callable[[Received], None] | None = None,
) -> Iterator[int]:
    """Take batches in, as they travelled; of each transaction how many were new. What comes before an error (a split, a gap …) stands.

    `makers` tells of each origin the installation and the person; the person is `owner` if given.
    """
    done, size, alone = 0, len(messages), False
    while done < len(messages):
        new, group = 0, 0
        try:
            with db.write():
                until = time.monotonic() + _TURN_SECONDS
                ends: dict[bytes, tuple[int, log.Position]] = {}
                later = None if alone else Following()
                for message in messages[done : done + size]:
                    received = unpacked(message)
                    if check is not None:
                        check(received)
                    installation, person = makers.get(received.head.origin, (bytes(16), received.head.actor))
                    new += _take(db, received, installation, owner or person, now_ms, ends, later)
                    group += 1
                    if time.monotonic() > until:
                        break
                if later is not None:
                    with _senseless_told():
                        follow(db, later)
        except (CrmError, _NotProjected) as error:
            if isinstance(error, CrmError) and (group == 0 or size == 1):
                raise
            # What stands before the one at fault is taken without it, and then that one by itself; what all did together, by halves.
            size, alone = (group if group < size else group // 2) or 1, group == 0 or size == 1
        else:
            done += group
            size, alone = len(messages), False
            yield new


_KNOWN = "SELECT EXISTS(SELECT 1 FROM batch WHERE id = ?), EXISTS(SELECT 1 FROM batch WHERE undo_of = ?)"
"""Whether a batch of an id is here, and whether one that takes it back is, which may arrive first."""


class _NotProjected(Exception):
    """This program cannot project a batch, and the tables are left as that made them."""


def _take(
    db: Database,
    received: Received,
    installation: bytes,
    person: bytes,
    now_ms: int,
    ends: dict[bytes, tuple[int, log.Position]],
    later: Following | None,
) -> bool:
    """Take one batch in; False when it is known. `ends` of the origins that this transaction wrote, `later` what follows at its end."""
    origin, oseq = received.head.origin, received.head.oseq
    if origin not in ends:
        replica = log.replica_key(db, origin, installation, person)
        ends[origin] = replica, log.position(db, replica)
    replica, last = ends[origin]
    if oseq <= last.oseq:
        known = db.one("SELECT digest FROM batch WHERE replica = ? AND oseq = ?", (replica, oseq))
        if bytes(known[0])[:_DIGEST] != received.digest:
            raise _split(db, received.head)
        return False
    if oseq > last.oseq + 1:
        raise Refused("batch", _("A change is missing before this one; sync again."))
    another, undone = db.one(_KNOWN, (received.head.id, received.head.id))
    if another:
        raise Refused("batch", _("What came over the line is not a batch of changes: {why}.").format(why="its id is another's"))
    head = received.head._replace(replica=replica, prev_digest=last.digest, undone=int(undone))
    head = head._replace(digest=log.batch_digest(head, received.digests))
    if head.digest[:_DIGEST] != received.digest:
        raise _split(db, received.head)
    head = log.write(db, head, received.parts, received.block, now_ms)
    if not _projected(db, head, received.changes, later):
        db.run("UPDATE batch SET parked = 1 WHERE key = ?", (head.key,))
    ends[origin] = replica, log.Position(oseq, head.hlc + head.changes, head.digest)
    return True


def _projected(db: Database, head: Head, changes: Sequence[Change], later: Following | None = None) -> bool:
    """Bring the tables to a batch, or leave them untouched when this program cannot: it is parked, and blocks nothing.

    With `later` it is one of several in a transaction, which ends then: a savepoint and what follows for each would take longer than all
    else.
    """
    if head.undo_of is not None and db.one("SELECT 1 FROM batch WHERE id = ? AND parked = 1", (head.undo_of,)):
        return False
    if later is not None:
        with _senseless_told():
            project_received(db, head, changes, later=later)
        return True
    try:
        with _senseless_told(), db.savepoint():
            project_received(db, head, changes)
    except _NotProjected:
        return False
    return True


@contextmanager
def _senseless_told() -> Iterator[None]:
    """Raise `_NotProjected` when a batch means nothing to this program."""
    try:
        yield
    except Exception as error:
        # What psycopg raises, by the names of the standard: it may not be installed.
        names = {kind.__name__ for kind in type(error).__mro__}
        if not isinstance(error, SENSELESS) and not {"IntegrityError", "DataError", "ProgrammingError"} & names:
            raise
        raise _NotProjected from error


def check_common(db: Database, ends: Mapping[bytes, End]) -> None:
    """Raise when another log ends, within what this one has, with another batch than is here."""
    for origin, end in ends.items():
        known = log.head(db, "WHERE r.origin = ? AND b.oseq = ?", (origin, end.oseq))
        if known is not None and bytes(known.digest)[:_DIGEST] != end.digest:
            raise _split(db, known)


def retry_parked(db: Database) -> int:
    """Try parked batches again, while that helps, and return how many are parked still."""
    before = None
    while (left := _retried(db)) and left != before:
        before = left
    return left


def _retried(db: Database) -> int:
    left = 0
    for (key,) in db.rows("SELECT key FROM batch WHERE parked = 1 ORDER BY key"):
        with db.write():
            head = log.head(db, "WHERE b.key = ? AND b.parked = 1", (key,))
            if head is None:
                continue
            changes = sorted((change for part in log.parts_of(db, key) for change in part.changes), key=lambda change: change.n)
            db.run("UPDATE batch SET parked = 0 WHERE key = ?", (key,))
            if _projected(db, head, changes):
                log.tell(db)
            else:
                db.run("UPDATE batch SET parked = 1 WHERE key = ?", (key,))
                left += 1
    return left


def _split(db: Database, head: Head) -> Split:
    name = db.one("SELECT name FROM users WHERE id = ?", (head.actor,))
    return Split(
        _(
            "The history of {name} split at their command {number} ({id}): a store of theirs was copied or set back behind the program."
            " Clone the hub anew there; what only the split store has stays in it."
        ).format(name=name[0] if name else show_id(head.actor), number=head.oseq, id=show_id(head.id))
    )


# what this replica knows of its hub


def noted(db: Database, name: str) -> Any:
    """What this replica alone noted, or None."""
    row = db.one("SELECT value FROM local WHERE name = ?", (name,))
    return json.loads(row[0]) if row else None


def note(db: Database, values: Mapping[str, Any]) -> None:
    """Note something for this replica alone."""
    with db.write():
        for name, value in values.items():
            db.run("DELETE FROM local WHERE name = ?", (name,))
            db.run("INSERT INTO local (name, value) VALUES (?, ?)", (name, json.dumps(value)))


def unsent(db: Database, person: bytes) -> int:
    """How many commands of a person the hub had not when last met."""
    had = noted(db, "hub_had") or {}
    rows = db.rows("SELECT r.origin, (SELECT max(oseq) FROM batch b WHERE b.replica = r.key) FROM replica r WHERE r.person = ?", (person,))
    return sum(max(0, (last or 0) - int(had.get(bytes(origin).hex(), 0))) for origin, last in rows)


def ends_as_json(ends: Mapping[bytes, End]) -> list[list[Any]]:
    """A vector as it travels."""
    return [[origin.hex(), end.oseq, end.digest.hex()] for origin, end in sorted(ends.items())]


def id_of_json(text: Any) -> bytes:
    """An id from what travelled; refused when it cannot be one."""
    try:
        return _id(text)
    except (ValueError, TypeError) as error:
        raise Refused("line", _("What came over the line is not a message.")) from error


def makers_of_json(rows: Any) -> dict[bytes, tuple[bytes, bytes]]:
    """Of origins the installation and the person, from what travelled; refused when they cannot be that."""
    try:
        return {_id(origin): (_id(installation), _id(person)) for origin, installation, person in rows}
    except (ValueError, TypeError) as error:
        raise Refused("line", _("What came over the line is not a message.")) from error


def ends_of_json(rows: Any) -> dict[bytes, End]:
    """A vector from what travelled; refused when it cannot be one."""
    try:
        ends = {_id(origin): End(oseq, bytes.fromhex(digest)) for origin, oseq, digest in rows}
        if not all(type(end.oseq) is int and 0 <= end.oseq < _STAMPS for end in ends.values()):
            raise ValueError("a number out of range")
        return ends
    except (ValueError, TypeError) as error:
        raise Refused("vector", _("What came over the line is not a vector of changes.")) from error
