"""Search anywhere: type a name, a part of a phone, an e-mail or a company; who is found stands below while typing.

Below an empty line stand those whom one dealt with lately.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from textual import events, on, work
from textual.containers import Vertical

from crm_tui.i18n import APART, APART_END
from crm_tui.i18n import gettext as _
from crm_tui.screens.listing import Listing
from crm_tui.screens.workspace import Subject
from crm_tui.text.fold import fold
from crm_tui.widgets.editor import Editor
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Column, Part, columns, safe, said
from crm_tui.widgets.record_list import MOVES, RecordList

if TYPE_CHECKING:
    from crm_tui.reads.search import FoundRow

MOST_SHOWN = 100
PHONE = 16
"""The cells of a phone number as it was given."""
PAUSE = 0.03
"""Seconds without a key before the store is asked."""


class Query(Editor):
    """The line; enter is a matter of the screen."""

    def take_key(self, event: events.Key) -> bool:
        """Edit or move."""
        return event.key != "enter" and super().take_key(event)


class Results(RecordList):
    """Who was found; what goes up from the first is a matter of the screen."""

    def take_key(self, event: events.Key) -> bool:
        """Move."""
        return not (self.cursor == 0 and is_up(event)) and super().take_key(event)


def is_up(event: events.Key) -> bool:
    """Whether a key leads up."""
    return "up" in (MOVES.get(event.character or event.key), MOVES.get(event.key))


class SearchScreen(Listing):
    """A line to type in, and below it the people it finds."""

    footer = ("open", "log_call", "add_task", "open_deal")
    handles = (*Listing.handles, "search")

    def __init__(self) -> None:
        super().__init__()
        self._found: list[FoundRow] = []
        self._asked = ""
        """The text that found them."""
        self._can_type = False
        self._early: list[events.Key] = []

    def where(self) -> str:
        """The name of the screen."""
        return _("Search")

    def body(self) -> Iterator[Any]:
        """The line and the list."""
        with Vertical(id="main"):
            yield Query(placeholder=_("name, part of a phone, e-mail or company"), limit=200, id="query")
            yield Lines(self._draw_lately, id="lately")
            yield Results(self._count, self._rows, self._draw, lambda row: row.id, empty=self._empty, id="list")

    @property
    def editor(self) -> Editor:
        """The line."""
        return self.query_one("#query", Editor)

    @property
    def results(self) -> Results:
        """Who was found."""
        return self.query_one("#list", Results)

    def on_mount(self) -> None:
        """Begin to type."""
        self.set_focus(self.editor)
        self._can_type = True
        for event in self._early:
            if not self.editor.take_key(event):
                self.take_key(event)
        if self._early:
            self._find_soon(self.editor.value)

    async def load(self) -> None:
        """Find again what was found, the cursor staying on its record."""
        await self._find(self._asked, anew=False)

    @on(Editor.Changed)
    def _ask(self, event: Editor.Changed) -> None:
        self._find_soon(event.value)

    @work(exclusive=True, group="find")
    async def _find_soon(self, text: str) -> None:
        await asyncio.sleep(PAUSE)
        if text == self._asked:
            return  # found already by a key that could not wait, after which one may have gone on
        try:
            await self._find(text, anew=True)
        except Exception as error:
            self.app.show_error(error)

    async def _find(self, text: str, *, anew: bool) -> None:
        from crm_tui.reads.search import find, lately

        found = await (self.session.read(find, text, MOST_SHOWN) if text.strip() else self.session.read(lately, MOST_SHOWN))
        if not anew and text != self._asked:
            return
        self._found, self._asked = found, text
        if anew:
            self.results.unmark()
            self.results.cursor = self.results.top = 0
        await self.results.reload(to=found[0].id if anew and found else None)
        self.query_one("#lately", Lines).redraw()
        self.redraw_frame()

    async def _count(self) -> int:
        return len(self._found)

    async def _rows(self, skip: int, limit: int) -> Sequence[FoundRow]:
        return self._found[skip : skip + limit]

    # drawing

    def _draw_lately(self, cells: int) -> list[list[Segment]]:
        if not self._found or self._asked.strip():
            return []
        return [said([("  " + _("dealt with lately"), "dim")], cells)]

    def _draw(self, row: FoundRow, cells: int, narrow: bool) -> list[list[Segment]]:
        words = fold(self._asked).split()
        name = _one_text(underlined(safe(row.name), words)) or [(_("no name"), "dim")]
        if row.company:
            name += [(" · ", "dim"), *_one_text(underlined(safe(row.company), words, "dim"))]
        phone = underlined_digits(safe(row.phone), self._asked)
        email = underlined(safe(row.email), words)
        if narrow:
            return [
                columns([Column(name, cells, whole=True)]),
                columns([Column([], 1), Column(phone, PHONE), Column(email, cells - PHONE - 3)]),
            ]
        wide = min(60, (cells - PHONE - 2) * 3 // 5)
        return [columns([Column(name, wide, whole=True), Column(phone, PHONE), Column(email, cells - PHONE - 2 - wide)])]

    def _empty(self) -> Sequence[str]:
        if not self._asked.strip():
            return (_("Type whom you look for: Hebrew or Latin letters, digits in any spelling."),)
        return (_("Nobody is found by that."), _("↓ and then + makes a new lead."))

    # what it acts on

    def subjects(self) -> list[Subject]:
        """The marked people, else the one under the cursor."""
        return [Subject(row.id, row.name, row.phone, row.email) for row in self.results.chosen]

    def position(self) -> str:
        """Where the cursor stands; of many only the first are shown."""
        if not self.is_mounted:
            return ""
        total = self.results.total
        return self.counted(self.results.cursor + 1, total, "+" if total == MOST_SHOWN else "")

    # keys

    def take_key(self, event: events.Key) -> bool:
        """What leads between line and list; all else as on any screen."""
        if not self._can_type:
            # What is typed while the screen opens belongs into the line.
            self._early.append(event)
            return True
        if self.focused is self.editor:
            if event.key == "enter":
                self._once_found(self._open_first)
                return True
            if event.key in ("down", "tab"):
                self._once_found(lambda: self.set_focus(self.results))
                return True
        elif is_up(event) or event.key == "shift+tab":
            self.set_focus(self.editor)
            return True
        return super().take_key(event)

    def do_search(self) -> None:
        """Go back to the line."""
        self.set_focus(self.editor)

    def _once_found(self, then: Callable[[], object]) -> None:
        """Go on with who is found by what stands in the line; what is typed ahead is meant for them."""
        if self.editor.value == self._asked and self.results.loaded:
            then()
            return
        self.workers.cancel_group(self, "find")
        self.app.hold_keys_while(self._find_first(then))

    async def _find_first(self, then: Callable[[], object]) -> None:
        await self._find(self.editor.value, anew=True)
        then()

    def _open_first(self) -> None:
        if self.results.current is not None:
            self.app.open_contact(self.results.current.id, self.results)

    def open_row(self, row: Any) -> None:
        """Open the person."""
        self.app.open_contact(row.id, self.results)


def underlined(text: str, words: Sequence[str], look: str = "") -> list[Part]:
    """The text with the letters that folded words match underlined, where folding keeps the number of letters."""
    folded = "".join(fold(letter) or letter for letter in text)
    if len(folded) != len(text):
        return [(text, look)] if text else []
    return _marked(text, [(at, at + len(word)) for word in words for at in _places(folded, word)], look)


def underlined_digits(text: str, asked: str) -> list[Part]:
    """The phone with the digits that were typed underlined, whatever stands between them."""
    typed = "".join(filter(str.isdecimal, asked))
    places = [at for at, letter in enumerate(text) if letter.isdecimal()]
    digits = "".join(text[at] for at in places)
    # A number that was typed as from abroad has no zero before its prefix.
    for wanted in (typed, typed.removeprefix("972"), typed.removeprefix("0")):
        if len(wanted) > 1 and (at := digits.find(wanted)) >= 0:
            return _marked(text, [(place, place + 1) for place in places[at : at + len(wanted)]], "")
    return [(text, "")] if text else []


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + len(word))


def _marked(text: str, spans: Sequence[tuple[int, int]], look: str) -> list[Part]:
    """The text in parts, those of the spans as found."""
    found = [False] * len(text)
    for start, end in spans:
        found[start:end] = [True] * (min(end, len(text)) - start)
    parts: list[Part] = []
    for letter, is_found in zip(text, found, strict=True):
        now = "found" if is_found else look
        if parts and parts[-1][1] == now:
            parts[-1] = (parts[-1][0] + letter, now)
        else:
            parts.append((letter, now))
    return parts


def _one_text(parts: list[Part]) -> list[Part]:
    """Parts that are read as one text, in the order of its own letters, whatever they stand among."""
    return [(APART, ""), *parts, (APART_END, "")] if parts else []
