"""What follows for a contact when something of it changed: its folded state, its search text, its next action, its sums."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from crm_tui import log, models
from crm_tui.db import Database
from crm_tui.log import Change, Head
from crm_tui.rows import STATE_COLUMNS, domains_of, primary, search_text, search_words, state_values
from crm_tui.rules.fold import INPUT_KINDS, Event, State, fold
from crm_tui.rules.namekey import name_key

ENTRY = [name for name in models.columns(models.Entry) if name not in ("key", "own")]
Texts = dict[int, tuple[str, str]]
"""By the contact's key what search found of it before, and what it finds now."""
_INPUTS = ", ".join(f"'{kind}'" for kind in sorted(INPUT_KINDS))


class Following:
    """The contacts for which something has to be made anew, of one batch or of all that a transaction takes in."""

    def __init__(self) -> None:
        self.to_fold: set[bytes] = set()
        self.to_show: set[bytes] = set()
        self.to_count: set[bytes] = set()
        self.next_of: set[bytes] = set()
        self.pairs_of: set[bytes] = set()
        self.texts: Texts = {}
        self.done: list[tuple[Head, Sequence[Change]]] = []
        """The batches that left it so."""
        self.came: dict[bytes, int] = {}
        """Records that may have been changed before they came, with the key of the batch that made them."""

    def add(self, other: Following) -> None:
        """Take over what follows from one more batch."""
        self.to_fold |= other.to_fold
        self.to_show |= other.to_show
        self.to_count |= other.to_count
        self.next_of |= other.next_of
        self.pairs_of |= other.pairs_of
        self._add_texts((key, *texts) for key, texts in other.texts.items())

    def _add_texts(self, texts: Iterable[tuple[int, str, str]]) -> None:
        for key, old, new in texts:
            self.texts[key] = self.texts.get(key, (old, ""))[0], new

    def follow(self, db: Database, batch: int) -> None:
        """Make it anew; all of it follows from what stands in the tables then, whatever led there."""
        if self.to_fold:
            refold(db, sorted(self.to_fold), batch)
        if self.to_show:
            self._add_texts(refresh(db, sorted(self.to_show)))
        if self.texts:
            index(db, self.texts)
        if self.next_of:
            refresh_next(db, sorted(self.next_of))
        for contact in sorted(self.to_count):
            refresh_value(db, contact)
        for contact in sorted(self.pairs_of):
            refresh_duplicates(db, contact)


def events_of(db: Database, contacts: Sequence[bytes]) -> dict[bytes, list[Event]]:
    """All that the fold reads of contacts: their entries, and the opening and stage of each deal."""
    events: dict[bytes, list[Event]] = {contact: [] for contact in contacts}
    for contact, hlc, id_, kind, at, by, data in db.where_in(
        f"SELECT contact, hlc, id, kind, at, by, data FROM entry WHERE cause IS NULL AND removed <= 0 AND kind IN ({_INPUTS})"
        " AND contact IN ({})",
        contacts,
    ):
        events[contact].append(Event((hlc, id_), kind, at, by, json.loads(data) if data else {}))
    for contact, deal, born, opened_at, opened_by, role, place, moved_at, moved_by in db.where_in(
        "SELECT contact, id, born, opened_at, opened_by, stage_role, place, moved_at, moved_by FROM deal WHERE removed <= 0"
        " AND contact IN ({})",
        contacts,
    ):
        events[contact].append(Event((born, deal), "deal_opened", opened_at, opened_by, {"deal": deal}))
        if place != born:
            events[contact].append(Event((place, deal), "deal_stage", moved_at, moved_by, {"deal": deal, "role": role}))
    return events


def refold(db: Database, contacts: Sequence[bytes], batch: int) -> None:
    """Fold contacts anew: their state, and the timeline lines that follow from it."""
    states = {contact: fold(events) for contact, events in events_of(db, contacts).items()}
    # Only columns that changed: each that is set is moved in all its indexes.
    changed: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for contact, created, *stood in db.where_in(
        f"SELECT id, created_at, {', '.join(STATE_COLUMNS)} FROM contact WHERE id IN ({{}})", contacts
    ):
        values = dict(zip(STATE_COLUMNS, state_values(states[contact], created), strict=True))
        new = {name: value for (name, value), old in zip(values.items(), stood, strict=True) if value != old}
        if new:
            changed.setdefault(tuple(new), []).append((*new.values(), contact))
    for columns, rows in changed.items():
        db.many(f"UPDATE contact SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?", rows)
    written: dict[bytes, list[Any]] = {contact: [] for contact in contacts}
    lines = (
        f"SELECT contact, hlc, n, kind, by, rule, cause, data FROM entry WHERE {models.FOLLOWED} AND contact IN ({{}}) ORDER BY hlc, n, key"
    )
    for contact, *line in db.where_in(lines, contacts):
        written[contact].append(tuple(line))
    fresh: list[tuple[Any, ...]] = []
    for contact, state in states.items():
        have = written[contact]
        rows = list(followed_rows(contact, state, batch))
        wanted = [(row[3], row[4], row[5], row[7], row[8], row[9], row[10]) for row in rows]
        if have != wanted[: len(have)]:
            db.run(f"DELETE FROM entry WHERE contact = ? AND {models.FOLLOWED}", (contact,))
            have = []
        fresh += rows[len(have) :]
    db.fill("entry", ENTRY, fresh)


def followed_rows(contact: bytes, state: State, batch: int) -> Iterator[tuple[Any, ...]]:
    """The timeline lines of what followed from a contact's events."""
    place, n = None, 0
    for followed in state.followed:
        event = followed.event
        n = n + 1 if event.place == place else 1
        place = event.place
        data = {"old": followed.old, "new": followed.new} | ({"reason": followed.reason} if followed.reason else {})
        yield (
            None,
            contact,
            event.at,
            event.place[0],
            n,
            followed.field,
            batch,
            event.by,
            followed.rule,
            event.place[1],
            log.encode(data),
            0,
        )


def refresh(db: Database, contacts: Sequence[bytes]) -> list[tuple[int, str, str]]:
    """The phone, e-mail and search text of contacts, after their name, company or points changed: key, old and new text of each."""
    points: dict[bytes, list[Any]] = {contact: [] for contact in contacts}
    for contact, *point in db.where_in(
        "SELECT contact, kind, value, raw, valid, rank, own FROM point WHERE removed = 0 AND contact IN ({})", contacts
    ):
        # What is the contact's own goes before what came from those merged into it.
        points[contact].append((*point[:4], (point[5], point[4])))
    also: dict[bytes, list[str]] = {}
    for root, name, company in db.where_in(
        "SELECT c.root, c.name, coalesce(o.name, '') FROM contact c LEFT JOIN company o ON o.id = c.company WHERE c.root IN ({})", contacts
    ):
        also.setdefault(root, []).extend((name, company))
    updates = []
    texts: list[tuple[int, str, str]] = []
    for contact, key, name, company, old, removed in db.where_in(
        "SELECT c.id, c.key, c.name, coalesce(o.name, ''), c.search, c.removed FROM contact c"
        " LEFT JOIN company o ON o.id = c.company WHERE c.id IN ({})",
        contacts,
    ):
        mine = points[contact]
        more = [words for words in also.get(contact, ()) if words not in (name, company)]
        new = "" if removed > 0 else search_text(name, company, {(kind, value) for kind, value, *_ in mine}, more)
        updates.append((*primary(mine), new, name_key(name, company, domains_of(mine)), contact))
        texts.append((key, old, new))
    db.many("UPDATE contact SET phone = ?, phone_e164 = ?, email = ?, email_ok = ?, search = ?, name_key = ? WHERE id = ?", updates)
    return texts


def index(db: Database, texts: Texts) -> None:
    """Bring the search index from the old to the new texts of contacts by key; PostgreSQL looks in the contacts themselves."""
    if not db.is_sqlite:
        return
    # FTS5 writes out all it gathered each time a row number goes back, so both indexes are walked upwards.
    ordered = sorted(texts.items())
    for table, text in (("search_words", search_words), ("search_parts", str)):
        changed: list[tuple[str | None, int, str]] = []
        for key, (old, new) in ordered:
            if old and (before := text(old)) != (after := text(new)):
                changed += [("delete", key, before), (None, key, after)]
        db.many(f"INSERT INTO {table} ({table}, rowid, text) VALUES (?, ?, ?)", [row for row in changed if row[2]])
        db.many(f"INSERT INTO {table} (rowid, text) VALUES (?, ?)", [(key, text(new)) for key, (old, new) in ordered if new and not old])


def refresh_next(db: Database, contacts: Sequence[bytes]) -> None:
    """The next action of contacts: the earliest open task of each."""
    earliest: dict[bytes, Sequence[Any]] = {}
    tasks = "SELECT contact, due_at, id, kind, rule, timed FROM task WHERE done_at IS NULL AND removed <= 0 AND contact IN ({})"
    for contact, *task in db.where_in(f"{tasks} ORDER BY due_at, id", contacts):
        earliest.setdefault(contact, task)
    db.many(
        "UPDATE contact SET next_at = ?, next_task = ?, next_kind = ?, next_rule = ?, next_timed = ? WHERE id = ?",
        [(*earliest.get(contact, (None, None, None, None, 0)), contact) for contact in contacts],
    )


def refresh_value(db: Database, contact: bytes) -> None:
    """The sum of the contact's open deals in the business currency."""
    db.run(
        "UPDATE contact SET value = (SELECT coalesce(sum(worth), 0) FROM deal WHERE contact = ? AND stage_role = 'open' AND removed <= 0)"
        " WHERE id = ?",
        (contact, contact),
    )


def refresh_duplicates(db: Database, contact: bytes) -> None:
    """Which flags of possible duplicates count for the contact, and how many of them it has.

    Between two people it is one flag, whichever of those merged into them bears it; none when they were told apart.
    """
    rows = db.rows("SELECT other, own, own_other, why, shown FROM pair WHERE contact = ? ORDER BY other, own, own_other", (contact,))
    for other, flags in itertools.groupby(rows, key=itemgetter(0)):
        same = list(flags)
        apart = other == contact or any(why is None for *_names, why, _shown in same)
        for flag in same:
            _other, own, own_other, _why, shown = flag
            if shown != (counts := int(flag is same[0] and not apart)):
                db.run(
                    "UPDATE pair SET shown = ? WHERE contact = ? AND other = ? AND own = ? AND own_other = ?",
                    (counts, contact, other, own, own_other),
                )
    db.run(
        "UPDATE contact SET duplicates = (SELECT count(*) FROM pair p JOIN contact c ON c.id = p.other"
        " WHERE p.contact = ? AND p.shown = 1 AND c.removed <= 0) WHERE id = ?",
        (contact, contact),
    )
