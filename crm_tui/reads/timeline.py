"""The timeline of a contact, newest first: touchpoints, what followed from them by rule, and every edit."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NamedTuple

from peewee import SQL, Tuple

from crm_tui.db import Prepared, arg
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.models import Entry
from crm_tui.reads.labels import rule_label
from crm_tui.reads.look import Look
from crm_tui.reads.overwritten import overwritten
from crm_tui.reads.quotes import typed
from crm_tui.reads.sentences import described
from crm_tui.roots import root_of


class EntryRow(NamedTuple):
    """One line; `data` is JSON text. A line that only followed from another (`cause`) has no id of its own."""

    id: bytes | None
    cause: bytes | None
    at: int
    hlc: int
    n: int
    kind: str
    by: bytes | None
    rule: str | None
    data: str | None
    key: int
    contact: bytes

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Where the line stands; the next page comes `before` it."""
        return self.at, self.hlc, self.n, self.key


_ORDER = (Entry.at, Entry.hlc, Entry.n, Entry.key)


def _lines(*conditions: Any) -> Any:
    return (
        Entry.select(
            Entry.id, Entry.cause, Entry.at, Entry.hlc, Entry.n, Entry.kind, Entry.by, Entry.rule, Entry.data, Entry.key, Entry.contact
        )
        # What was set by hand shows as the change of status or stage that followed from it.
        .where(Entry.contact == arg("contact"), SQL("removed <= 0 AND kind NOT IN ('set_status', 'set_lifecycle', 'rated')"), *conditions)
        .order_by(*(column.desc() for column in _ORDER))
        .limit(arg("limit"))
    )


NEWEST = Prepared(_lines)
OLDER = Prepared(lambda: _lines(Entry.at <= arg("at"), Tuple(*_ORDER) < Tuple(arg("at"), arg("hlc"), arg("n"), arg("key"))))


def timeline(look: Look, contact: bytes, limit: int = 50, before: tuple[int, int, int, int] | None = None) -> list[EntryRow]:
    """A page of the timeline, newest first, `before` the place of a row; who was merged into another has that one's."""
    contact = root_of(look.db, contact)
    if before is None:
        cursor = NEWEST.cursor(look.db, contact=contact, limit=limit)
    else:
        at, hlc, n, key = before
        cursor = OLDER.cursor(look.db, contact=contact, limit=limit, at=at, hlc=hlc, n=n, key=key)
    ticks = [one for one in _ticks(look, contact) if before is None or one.place < before]
    rows = list(map(EntryRow._make, cursor))
    return _by_place([*rows, *ticks], newest_first=True)[:limit] if ticks else rows


def _ticks(look: Look, contact: bytes) -> list[EntryRow]:
    """Where somebody was ticked off, which the checklists alone know; of people that were merged one tick counts."""
    rows = look.db.rows(
        "SELECT c.id, c.born, c.name, l.done_at, l.done_by FROM listed l JOIN campaign c ON c.id = l.campaign"
        " WHERE l.contact = ? AND l.done_at IS NOT NULL AND c.removed <= 0 ORDER BY l.done_at DESC, l.own DESC",
        (contact,),
    )
    found = {}
    for id_, born, name, at, by in rows:
        # Within a moment campaigns stand in the order in which they were made.
        found[id_] = EntryRow(None, id_, at, born, 0, "tick", by, None, json.dumps({"campaign": name}), 0, contact)
    return list(found.values())


def _by_place(rows: list[EntryRow], *, newest_first: bool) -> list[EntryRow]:
    return sorted(rows, key=lambda row: row.place, reverse=newest_first)


def timeline_json(look: Look, contact: bytes, limit: int = 1_000_000) -> list[dict[str, Any]]:
    """`show timeline X`."""
    return [entry_json(look, row) for row in timeline(look, contact, limit)]


def entry_json(look: Look, row: EntryRow) -> dict[str, Any]:
    """One line as JSON, with a sentence for people."""
    fields, summary = described(look, row, data_of(look, row))
    return {
        "id": show_id(row.id) if row.id else f"{show_id(row.cause or row.contact)}-{row.kind}-{row.n}",
        "at": look.time(row.at),
        "kind": row.kind,
        "by": look.user(row.by),
        "rule": row.rule,
        "summary": summary,
        **fields,
    }


def data_of(look: Look, row: EntryRow) -> dict[str, Any]:
    """What a line is about, with the deal's name or the task's note as they are now."""
    data: dict[str, Any] = json.loads(row.data) if row.data else {}
    if row.kind == "deal_stage" or (row.kind == "edit" and data.get("entity") == "deal"):
        found = look.db.one("SELECT name FROM deal WHERE id = ?", (row.cause,))
        data["name"] = found[0] if found else ""
    elif row.kind == "task_done":
        found = look.db.one("SELECT note FROM task WHERE id = ?", (row.cause,))
        data |= {"note": found[0]} if found and found[0] else {}
    elif row.kind == "quote_answer":
        found = look.db.one("SELECT data FROM entry WHERE id = ?", (row.cause,))
        data["number"] = json.loads(found[0]).get("number") if found and found[0] else None
    return data


KINDS = {
    "touchpoints": ("lead", "added", "call", "meeting", "email", "message", "note", "quote", "quote_answer"),
    "changes": ("status", "lifecycle", "route", "duplicate", "merge", "unmerge"),
    "edits": ("edit",),
    "work": ("task", "task_done", "snooze", "tick", "deal", "deal_stage"),
}
"""What the timeline on the screen can be narrowed down to; `work` is tasks, ticks and deals."""

_TEXTS = {
    **dict.fromkeys(("lead", "added", "task", "task_done", "snooze"), ("note",)),
    "call": ("note", "reason_text"),
    **dict.fromkeys(("meeting", "email", "message", "note", "quote"), ("note", "body")),
    "route": ("reason",),
    "deal_stage": ("reason_text",),
    "quote_answer": ("text",),
}
"""The fields of each kind that hold what a person wrote: on the screen they stand whole under the sentence."""

_LAST_KEY = 2**63 - 1


class Told(NamedTuple):
    """A line in words for the screen: what happened, the rule (or the hand) it came from, what was written, by whom."""

    row: EntryRow
    says: str
    why: str
    text: str
    by: str
    deal: bytes | None = None
    task: bytes | None = None
    other: bytes | None = None
    """The possible duplicate, or the separated contact, that the line is about."""
    lost: bytes | None = None
    over: str = ""
    """The lost edit that the line is, and who overwrote it at the same time."""

    @property
    def key(self) -> tuple[Any, ...]:
        """What stays the same when the line is made anew by the fold."""
        row = self.row
        return (row.id,) if row.id else (row.cause, row.hlc, row.kind, row.n)


class Stretch(NamedTuple):
    """Neighbouring lines, newest first, and whether nothing is newer or older than they are."""

    look: Look
    lines: list[Told]
    newest: bool
    oldest: bool


def stretch(
    look: Look, contact: bytes, where: str, place: tuple[int, int, int, int] | None = None, limit: int = 100, of: str = "all"
) -> Stretch:
    """Lines for the screen: the `newest`, the `oldest`, those `older` or `newer` than a place, or those `around` it (itself included)."""
    contact = root_of(look.db, contact)
    if where == "around" and place is not None:
        here = (*place[:3], _LAST_KEY)
        after, newest = _side(look, contact, of, here, limit // 2, newer=True)
        before, oldest = _side(look, contact, of, here, limit - limit // 2, newer=False)
        rows = after + before
    elif where in ("newer", "oldest"):
        rows, newest = _side(look, contact, of, place if where == "newer" else None, limit, newer=True)
        oldest = where == "oldest"
    else:
        rows, oldest = _side(look, contact, of, place if where == "older" else None, limit, newer=False)
        newest = where != "older"
    return Stretch(look, _with_lost(look, [told(look, row) for row in rows]), newest, oldest)


def _with_lost(look: Look, lines: list[Told]) -> list[Told]:
    """The lines, those that somebody overwrote at the same time with who it was."""
    ids = [line.row.id or line.row.cause or line.row.contact for line in lines]
    lost = overwritten(look, ids)
    if not lost:
        return lines
    return [line._replace(lost=id_, over=lost[id_]) if id_ in lost else line for line, id_ in zip(lines, ids, strict=True)]


def _side(
    look: Look, contact: bytes, of: str, place: tuple[int, int, int, int] | None, limit: int, *, newer: bool
) -> tuple[list[EntryRow], bool]:
    """At most so many lines beside a place, or from the end of the timeline, newest first; whether there are no more on that side."""
    values = dict(zip(("at", "hlc", "n", "key"), place, strict=True)) if place else {}
    query = _query(of, newer, place is not None)
    rows = [EntryRow._make(row) for row in query.cursor(look.db, contact=contact, limit=limit + 1, **values)]
    if of not in KINDS or "tick" in KINDS[of]:
        ticks = [one for one in _ticks(look, contact) if place is None or (one.place > place if newer else one.place < place)]
        rows = _by_place([*rows, *ticks], newest_first=not newer) if ticks else rows
    kept = rows[:limit]
    return kept[::-1] if newer else kept, len(rows) <= limit


@cache
def _query(of: str, newer: bool, placed: bool) -> Prepared:
    def build() -> Any:
        conditions: list[Any] = []
        if of in KINDS:
            conditions.append(SQL(f"kind IN ({', '.join(repr(kind) for kind in KINDS[of])})"))
        if placed:
            here = Tuple(arg("at"), arg("hlc"), arg("n"), arg("key"))
            conditions += [Entry.at >= arg("at"), Tuple(*_ORDER) > here] if newer else [Entry.at <= arg("at"), Tuple(*_ORDER) < here]
        found = _lines(*conditions)
        return found.order_by(*_ORDER) if newer else found

    return Prepared(build)


def told(look: Look, row: EntryRow) -> Told:
    """A line in words."""
    data = data_of(look, row)
    names = _TEXTS.get(row.kind, ())
    says = described(look, row, {name: value for name, value in data.items() if name not in names})[1]
    texts = [str(data[name]) for name in names if data.get(name)]
    if row.kind == "quote":
        texts = [*typed(data), *texts]
    entity = data.get("entity")
    if entity == "entry" and data.get("old"):
        texts = [_("before: {text}").format(text=data["old"][name]) for name in ("subject", "note", "body") if data["old"].get(name)]
    why = _why(row)
    if why and says.endswith(why):
        says = says.removesuffix(why)
    else:
        why = ""
    is_deal = row.kind in ("deal", "deal_stage") or entity == "deal"
    is_task = row.kind in ("task", "task_done", "snooze") or entity == "task"
    other = bytes.fromhex(data["other"]) if row.kind == "unmerge" else None
    if row.kind == "duplicate":
        other = bytes.fromhex(data["register"].partition("/")[2])
    by = "" if row.rule else look.user(row.by) or ""
    return Told(row, says, why, "\n".join(texts), by, row.cause if is_deal else None, row.cause if is_task else None, other)


def _why(row: EntryRow) -> str:
    """How the sentence of a line ends that followed by rule or was set by hand; empty for another."""
    if row.kind in ("status", "lifecycle"):
        text = _("{what}, by rule: {rule}") if row.rule else _("{what}, set by hand")
    else:
        text = _("{what} (by rule: {rule})") if row.rule else ""
    return text.format(what="", rule=rule_label(row.rule or ""))


def interaction_note(look: Look, entry: bytes) -> str:
    """The words of an interaction as they stand now."""
    row = look.db.one("SELECT data FROM entry WHERE id = ?", (entry,))
    data = json.loads(row[0]) if row and row[0] else {}
    return str(data.get("note") or data.get("body") or "")
