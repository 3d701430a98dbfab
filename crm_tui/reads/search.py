"""Finding people by name, company, e-mail and phone in any spelling: whom we dealt with lately first, then the newest.

A word of the query matches inside the words of a contact; one or two characters only at the beginning of a word of name or
company. All words must match. Both engines give the same people in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from crm_tui.db import Database
from crm_tui.ids import show_id
from crm_tui.reads.look import Look
from crm_tui.text.clean import clean_line
from crm_tui.text.emails import normalise_email
from crm_tui.text.fold import fold
from crm_tui.text.phones import FEWEST_DIGITS, dialling, normalise_phone, search_digits

LONGEST_QUERY = 200
LATELY_MS = 90 * 86_400_000
SHORTEST_PART = 3
"""What the trigram index can look up; shorter words go by the prefix index."""
FEW = 1_000
"""Up to so many candidates are fetched and sorted at once."""
NEAR = 2_000
"""Of so many people dealt with last each is looked at before the index is asked for all of them."""

_COLUMNS = "SELECT c.key, c.worked_at, c.id, c.name, c.phone, c.email, o.name"
_CONTACT = "contact c LEFT JOIN company o ON o.id = c.company"
LATELY = f"{_COLUMNS} FROM {_CONTACT} WHERE c.removed <= 0 AND c.worked_at >= ? ORDER BY c.worked_at DESC, c.key DESC"
_NAMES = "substr(c.search, 1, instr(c.search, char(10) || '@'))"


class FoundRow(NamedTuple):
    """One person found."""

    id: bytes
    name: str
    phone: str | None
    email: str | None
    company: str | None


class Reading(NamedTuple):
    """What a contact must have: each part anywhere in its search text, each start at the beginning of a word of name or company."""

    parts: tuple[str, ...]
    starts: tuple[str, ...]


def find(look: Look, text: str, limit: int = 50) -> list[FoundRow]:
    """The people whom `text` finds, whom we dealt with in the last 90 days first (last first), then the newest."""
    query = clean_line(text[: LONGEST_QUERY * 4])[:LONGEST_QUERY]
    since = look.now - LATELY_MS
    found = _exactly(look, query)
    if not found:
        search = _search_sqlite if look.db.is_sqlite else _search_postgresql
        for wanted in _wanted(query, look.region):
            found += search(look.db, wanted, since, limit)
    return _ordered(found, since, limit)


def lately(look: Look, limit: int = 50) -> list[FoundRow]:
    """The people whom we dealt with in the last 90 days, the last first."""
    return [FoundRow._make(row[2:]) for row in look.db.rows(f"{LATELY} LIMIT ?", (look.now - LATELY_MS, limit))]


def find_json(look: Look, text: str, limit: int = 50) -> list[dict[str, Any]]:
    """`find`."""
    return [found_json(row) for row in find(look, text, limit)]


def found_json(row: FoundRow) -> dict[str, Any]:
    """One person as `find` and `show duplicates` give it."""
    return row._asdict() | {"id": show_id(row.id)}


def _ordered(rows: Sequence[Any], since: int, limit: int) -> list[FoundRow]:
    """The rows once each; `key` grows with the order of arrival."""
    by_key = {row[0]: row for row in rows}
    lately = [row for row in by_key.values() if row[1] is not None and row[1] >= since]
    others = [row for row in by_key.values() if row[1] is None or row[1] < since]
    best = sorted(lately, key=lambda row: (row[1], row[0]), reverse=True) + sorted(others, key=lambda row: row[0], reverse=True)
    return [FoundRow._make(row[2:]) for row in best[:limit]]


def exactly(look: Look, query: str) -> list[bytes]:
    """The ids of the people who have the whole e-mail or phone that was typed: whom they are found, nobody else is."""
    return sorted({row[2] for row in _exactly(look, query)})


def readings(query: str, region: str, phrases: Sequence[str] = ()) -> list[Reading]:
    """What a query can mean: somebody is found who has all of one of these; a phrase stands in them as it is."""
    found = _wanted(query, region) if query else [Reading((), ())]
    folded = [fold(phrase) for phrase in phrases]
    parts = tuple(phrase for phrase in folded if len(phrase) >= SHORTEST_PART)
    starts = tuple(phrase for phrase in folded if len(phrase) < SHORTEST_PART)
    return [Reading(one.parts + parts, one.starts + starts) for one in found]


def holds(db: Database, reading: Reading) -> tuple[str, list[str]]:
    """What makes a contact `c` one of a reading, each condition led by AND."""
    return _holds(reading) if db.is_sqlite else _holds_postgresql(reading)


def candidate_keys(reading: Reading) -> tuple[str, str]:
    """On SQLite, the keys of those who can be one of a reading: a query and its argument."""
    index, match = _match(reading)
    return f"SELECT rowid AS key FROM {index} WHERE {index} MATCH ?", match


def _exactly(look: Look, query: str) -> list[Any]:
    """The people who have the whole e-mail or phone that was typed."""
    if "@" in query:
        value = normalise_email(query)
    else:
        digits = search_digits(query, look.region)
        value = normalise_phone(query, look.region) if digits and len(digits) >= FEWEST_DIGITS else None
    if value is None:
        return []
    return look.db.rows(
        f"{_COLUMNS} FROM point p JOIN contact c ON c.id = p.contact LEFT JOIN company o ON o.id = c.company"
        " WHERE p.value = ? AND p.valid = 1 AND p.removed = 0 AND c.removed <= 0",
        (value,),
    )


def _wanted(query: str, region: str) -> list[Reading]:
    """What to look for: the words as text, and the whole query or else its numbers as parts of phones."""
    words = [word for word in fold(query).split() if any(map(str.isalnum, word))]
    phone = _part_of_phone(query, region)
    readings = [words, [phone] if phone else [_part_of_phone(word, region) or word for word in words]]
    if phone and any(phone in word for word in words):
        del readings[0]  # whatever the words find, the digits find too
    wanted: list[Reading] = []
    for reading in readings:
        parts = tuple(sorted({word for word in reading if len(word) >= SHORTEST_PART}, key=lambda word: (-len(word), word)))
        starts = tuple(sorted({word for word in reading if len(word) < SHORTEST_PART}))
        if reading and (parts, starts) not in wanted:
            wanted.append(Reading(parts, starts))
    return wanted


def _part_of_phone(text: str, region: str) -> str | None:
    """The digits of a phone to look for, or None; of less than three, the beginning of a national number: `054` is `97254`."""
    digits = search_digits(text, region)
    return digits if digits is None or len(digits) >= SHORTEST_PART else dialling(region)[0] + digits


def _search_sqlite(db: Database, wanted: Reading, since: int, limit: int) -> list[Any]:
    """A few candidates are sorted; of many, those dealt with lately are looked for first, then the index is read from its end."""
    index, match = _match(wanted)
    holds, args = _holds(wanted)
    candidates = db.rows(f"SELECT rowid FROM {index} WHERE {index} MATCH ? ORDER BY rowid DESC LIMIT {FEW + 1}", (match,))
    if len(candidates) <= FEW:
        keys = [key for (key,) in candidates]
        return list(db.where_in(f"{_COLUMNS} FROM {_CONTACT} WHERE c.removed <= 0{holds} AND c.key IN ({{}})", keys, args))
    lately = f"{_COLUMNS} FROM {_CONTACT} WHERE c.removed <= 0 AND c.worked_at >= ?{holds}"
    last_first = " ORDER BY c.worked_at DESC, c.key DESC LIMIT ?"
    # A frequent word is found among the few of the last days; for others the index tells who of the 90 days can match.
    near = db.one(f"SELECT worked_at FROM contact WHERE worked_at >= ? ORDER BY worked_at DESC LIMIT 1 OFFSET {NEAR}", (since,))
    rows = db.rows(lately + last_first, (near[0] if near else since, *args, limit))
    if near and len(rows) < limit:
        rows = db.rows(
            lately + f" AND +c.key IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)" + last_first, (since, *args, match, limit)
        )
    if len(rows) < limit:
        rows += db.rows(
            f"{_COLUMNS} FROM {index} JOIN contact c ON c.key = {index}.rowid LEFT JOIN company o ON o.id = c.company"
            f" WHERE {index} MATCH ? AND c.removed <= 0 AND (c.worked_at IS NULL OR c.worked_at < ?){holds}"
            f" ORDER BY {index}.rowid DESC LIMIT ?",
            (match, since, *args, limit - len(rows)),
        )
    return rows


def _match(wanted: Reading) -> tuple[str, str]:
    """The index to ask and its query: a folded word holds no quote, so quoting it leaves nothing of FTS5's syntax."""
    if not wanted.parts:
        return "search_words", " AND ".join(f'"{start}"*' for start in wanted.starts)
    # Without positions in the index only single trigrams can be looked up; `_holds` tells whether they stand together.
    trigrams = {part[at : at + 3]: None for part in wanted.parts for at in range(len(part) - 2)}
    return "search_parts", " AND ".join(f'"{trigram}"' for trigram in trigrams)


def _holds(wanted: Reading) -> tuple[str, list[str]]:
    """What makes a candidate a match, on SQLite."""
    sql = " AND instr(c.search, ?) > 0" * len(wanted.parts)
    sql += f" AND instr(char(10) || replace({_NAMES}, ' ', char(10)), char(10) || ?) > 0" * len(wanted.starts)
    return sql, [*wanted.parts, *wanted.starts]


def _search_postgresql(db: Database, wanted: Reading, since: int, limit: int) -> list[Any]:
    """The planner knows from its samples whether to walk from the newest or to ask the trigram index."""
    condition, args = _holds_postgresql(wanted)
    sql = f"{_COLUMNS} FROM {_CONTACT} WHERE c.removed <= 0{condition}"
    rows = db.rows(f"{sql} AND c.worked_at >= ? ORDER BY c.worked_at DESC, c.key DESC LIMIT ?", (*args, since, limit))
    if len(rows) < limit:
        older = f"{sql} AND (c.worked_at IS NULL OR c.worked_at < ?) ORDER BY c.key DESC LIMIT ?"
        rows += db.rows(older, (*args, since, limit - len(rows)))
    return rows


def _holds_postgresql(wanted: Reading) -> tuple[str, list[str]]:
    sql = " AND c.search LIKE ?" * len(wanted.parts)
    args = [f"%{_escaped(part)}%" for part in wanted.parts]
    for start in wanted.starts:
        # The pattern is what the trigram index understands; the second condition leaves out the contact points.
        sql += " AND c.search ~ ? AND strpos(chr(10) || replace(split_part(c.search, chr(10) || '@', 1), ' ', chr(10)), ?) > 0"
        args += [f"(^|[ \n]){start}", f"\n{start}"]
    return sql, args


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
