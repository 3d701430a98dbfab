"""Possible duplicates: the pairs that wait for a judgement, and two contacts side by side, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.segment import Segment
from textual import events
from textual.containers import Vertical

from crm_tui.errors import CrmError
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.reads.duplicates import PairRow, duplicates
from crm_tui.reads.labels import duplicate_label
from crm_tui.reads.side_by_side import Field, Pair, side_by_side
from crm_tui.registry import movemap
from crm_tui.screens.listing import Listing
from crm_tui.screens.workspace import Subject
from crm_tui.widgets.paint import Column, Part, columns, safe
from crm_tui.widgets.record_list import RecordList

MOST_SHOWN = 1_000
MOVES = movemap()


class DuplicatesScreen(Listing):
    """Pairs of contacts that may be one person; enter puts them side by side."""

    footer = ("open", "not_same", "merge")
    handles = ("open", "merge", "not_same")

    def __init__(self) -> None:
        super().__init__()
        self._pairs: list[PairRow] = []

    def where(self) -> str:
        """The name of the screen."""
        return _("Possible duplicates")

    def body(self) -> Iterator[Any]:
        """The list."""
        with Vertical(id="main"):
            yield RecordList(self._count, self._rows, self._draw, lambda row: (row.a.id, row.b.id), empty=self._empty, id="list")

    def on_mount(self) -> None:
        """Begin in the list."""
        self.listed.focus()

    async def load(self) -> None:
        """Read the pairs again."""
        self._pairs = await self.session.read(duplicates, MOST_SHOWN)
        await self.listed.reload()
        self.redraw_frame()

    async def _count(self) -> int:
        return len(self._pairs)

    async def _rows(self, skip: int, limit: int) -> Sequence[PairRow]:
        return self._pairs[skip : skip + limit]

    def _draw(self, row: PairRow, cells: int, narrow: bool) -> list[list[Segment]]:
        one, other = (
            [(safe(who.name) or _("no name"), ""), *([(" · " + safe(who.company), "dim")] if who.company else [])] for who in (row.a, row.b)
        )
        why: list[Part] = [(duplicate_label(row.why), "dim")]
        if narrow:
            wide = (cells - 4) // 2
            return [
                columns([Column(one, wide), Column([("≈", "warn")], 1), Column(other, wide)]),
                columns([Column([], 1), Column(why, cells - 2)]),
            ]
        wide = max(10, (cells - 6) // 3)
        return [columns([Column(one, wide), Column([("≈", "warn")], 1), Column(other, wide), Column(why, cells - 2 * wide - 5)])]

    def _empty(self) -> Sequence[str]:
        return (_("No two contacts look like one person."), _("& on a contact merges it with another one."))

    def subjects(self) -> list[Subject]:
        """The older one of the pair."""
        row = self.listed.current
        return [] if row is None else [Subject(row.a.id, row.a.name or "", row.a.phone, row.a.email)]

    def open_row(self, row: Any) -> None:
        """Put the two side by side."""
        self.app.hold_keys("screen")
        self.app.push_screen(PairScreen(row.a.id, row.b.id))

    def do_merge(self) -> None:
        """The same."""
        self.do_open()

    def do_not_same(self) -> None:
        """They are two people."""
        if (row := self.listed.current) is not None:
            about = f"{row.a.name or ''} ≠ {row.b.name or ''}"
            self.app.run_worker(self.app.run_command("not_same", about=about, a=show_id(row.a.id), b=show_id(row.b.id)), group="command")


class PairScreen(Listing):
    """Two contacts, field by field: left and right choose the value that stands, `&` makes them one person."""

    footer = ("merge", "not_same", "back")
    handles = ("open", "merge", "not_same")

    def __init__(self, one: bytes, other: bytes) -> None:
        super().__init__()
        self._ids = (one, other)
        self._pair: Pair | None = None
        self._right: set[str] = set()
        """The fields of which the right value shall stand."""

    def where(self) -> str:
        """The name of the screen."""
        return _("One person or two?")

    def body(self) -> Iterator[Any]:
        """The fields."""
        with Vertical(id="main"):
            yield RecordList(self._count, self._rows, self._draw, lambda row: row.label, head=self._head, empty=self._empty, id="list")

    def on_mount(self) -> None:
        """Begin at the first field."""
        self.listed.focus()

    async def load(self) -> None:
        """Read the two again."""
        self._pair = await self.session.read(side_by_side, *self._ids)
        await self.listed.reload()
        self.redraw_frame()

    async def _count(self) -> int:
        return len(self._pair.fields) if self._pair else 0

    async def _rows(self, skip: int, limit: int) -> Sequence[Field]:
        return self._pair.fields[skip : skip + limit] if self._pair else []

    def _widths(self, cells: int) -> tuple[int, int]:
        label = min(16, cells // 5)
        return label, max(4, (cells - label - 6) // 2)

    def _head(self, cells: int) -> list[Segment]:
        label, side = self._widths(cells)
        titles = [Column([(text, "dim")], side + 2) for text in (_("the older one"), _("the newer one"))]
        return columns([Column([], label), *titles])

    def _draw(self, row: Field, cells: int, narrow: bool) -> list[list[Segment]]:
        is_right = row.key in self._right
        texts: list[list[Part]] = []
        for text, chosen in ((row.left, not is_right), (row.right, is_right)):
            mark = ("●" if chosen else "○") if row.differs else " "
            texts.append([(f"{mark} ", "accent" if chosen else "dim"), (safe(text), "" if chosen or not row.differs else "dim")])
        if narrow:
            side = max(4, (cells - 2) // 2)
            return [columns([Column([(safe(row.label), "dim")], cells)]), columns([Column(texts[0], side), Column(texts[1], side)])]
        label, side = self._widths(cells)
        return [columns([Column([(safe(row.label), "dim")], label), *(Column(text, side + 2) for text in texts)])]

    def _empty(self) -> Sequence[str]:
        return (_("One of the two is gone, or they are one person already."), _("esc goes back."))

    def subjects(self) -> list[Subject]:
        """The older of the two."""
        if self._pair is None:
            return []
        return [Subject(self._pair.left, str(self._pair.values[0].get("name") or ""))]

    def take_key(self, event: events.Key) -> bool:
        """Left and right choose the value of the field."""
        move = MOVES.get(event.character or event.key) or MOVES.get(event.key)
        row = self.listed.current
        if move in ("left", "right") and row is not None and row.differs:
            (self._right.add if move == "right" else self._right.discard)(row.key)
            self.refresh_data()
            return True
        return super().take_key(event)

    def do_open(self) -> None:
        """Choose the other value of the field."""
        row = self.listed.current
        if row is not None and row.differs:
            self._right ^= {row.key}
            self.refresh_data()

    def do_merge(self) -> None:
        """They are one person: the older contact keeps all, with the chosen values; one undo takes it back."""
        if self._pair is not None:
            self.app.run_worker(self._merge(self._pair), group="command")

    async def _merge(self, pair: Pair) -> None:
        keep = show_id(pair.left)
        chosen = {key: pair.values[1].get(key) for key in self._right}
        answer, ids = None, []
        try:
            answer = await self.session.do("merge", keep=keep, drop=show_id(pair.right))
            ids = [answer.id]
            if chosen:
                ids.append((await self.session.do("edit_contact", contact=keep, **chosen)).id)
        except CrmError as error:
            self.app.show_error(error)
        if answer is not None:
            self.app.done_together([one for one in ids if one])
            self.app.tell("merge", str(pair.values[0].get("name") or ""), answer)
            self._leave()
        self.app.refresh_now()

    def _leave(self) -> None:
        """Go back, unless somebody went on already."""
        if self.is_current:
            self.app.pop_screen()

    def do_not_same(self) -> None:
        """They are two people: not flagged again."""
        if self._pair is not None:
            self.app.run_worker(self._part(self._pair), group="command")

    async def _part(self, pair: Pair) -> None:
        names = " ≠ ".join(str(values.get("name") or "") for values in pair.values)
        if await self.app.run_command("not_same", about=names, a=show_id(pair.left), b=show_id(pair.right)):
            self._leave()
