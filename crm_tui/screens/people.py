"""People by their place in a list, as the store pages them: what is far down costs what the beginning does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from textual import events

from crm_tui.reads.people import EVERYBODY, PersonRow, Wanted, count_people, last_people, people
from crm_tui.widgets.record_list import MOVES, DrawRow, RecordList

if TYPE_CHECKING:
    from crm_tui.reads.look import Look

FEW = 999
"""So many are counted at once; of more it is known only that they are more, until somebody goes there."""
MORE = 10
"""Counting on goes so many times as far."""
ALL = 1 << 60


class _Way(NamedTuple):
    """How a page is come to: so many rows `past` a row that is known, or the beginning, or the end."""

    past: int
    limit: int
    after: PersonRow | None = None
    before: PersonRow | None = None
    at_end: bool = False


class People:
    """The filtered people by their place in the list; pages go on from rows that were seen: one far down costs what the first does."""

    def __init__(self, read: Callable[..., Awaitable[Any]]) -> None:
        self._read = read
        self.wanted = EVERYBODY
        self.look: Look | None = None
        self.total = 0
        self.is_whole = True
        """Whether all were counted; else there are more than `total`."""
        self._cap = FEW
        self._seen: dict[int, PersonRow] = {}
        """First and last rows of pages, by place."""

    def want(self, wanted: Wanted) -> None:
        """Other people."""
        self.wanted, self._cap = wanted, FEW

    async def count(self) -> int:
        """How many there are, as far as was counted before; what was seen may stand elsewhere now."""
        self._seen = {}
        return await self.count_to(self._cap)

    async def count_to(self, cap: int) -> int:
        """Count up to `cap`."""
        self._cap = cap
        found = await self._read(count_people, self.wanted, cap)
        self.total, self.is_whole = min(found, cap), found <= cap
        return self.total

    async def load(self, skip: int, limit: int) -> Sequence[PersonRow]:
        """Rows from a place on."""
        wanted = min(limit, self.total - skip) if self.is_whole else limit
        if wanted <= 0:
            return []
        rows: list[PersonRow]
        seen = self._seen
        self.look, rows = await self._read(_page, self._way(skip, wanted), self.wanted)
        if rows:
            seen[skip] = rows[0]
            seen[skip + len(rows) - 1] = rows[-1]
        return rows

    def _way(self, skip: int, limit: int) -> _Way:
        """The shortest way to a place: from a row seen before it or after it, from the beginning or from the end."""
        before = max((place for place in self._seen if place < skip), default=None)
        after = min((place for place in self._seen if place >= skip + limit), default=None)
        ways = [_Way(skip, limit)] if before is None else [_Way(skip - before - 1, limit, after=self._seen[before])]
        if after is not None:
            ways.append(_Way(after - skip - limit, limit, before=self._seen[after]))
        elif self.is_whole:
            ways.append(_Way(self.total - skip - limit, limit, at_end=True))
        return min(ways, key=lambda way: way.past)


def _page(look: Look, way: _Way, wanted: Wanted) -> tuple[Look, list[PersonRow]]:
    most = way.past + way.limit
    if way.at_end:
        return look, last_people(look, wanted, most)[: way.limit]
    if way.before is not None:
        return look, people(look, wanted, most, before=way.before)[: way.limit]
    return look, people(look, wanted, most, way.after)[way.past :]


class PeopleList(RecordList):
    """A list of people whose end, while they are not all counted, is a question to the store."""

    def __init__(self, people: People, draw: DrawRow, **more: Any) -> None:
        super().__init__(people.count, people.load, draw, lambda row: row.id, **more)
        self._people = people

    def take_key(self, event: events.Key) -> bool:
        """Move, but for an end that is not known."""
        return (self._people.is_whole or not is_end(event)) and super().take_key(event)


def is_end(event: events.Key) -> bool:
    """Whether a key leads to the end of a list."""
    return "end" in (MOVES.get(event.character or event.key), MOVES.get(event.key))
