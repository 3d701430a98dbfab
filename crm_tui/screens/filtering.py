"""The line in which a list is filtered: under it what is wrong, at its place, and what can follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical

from crm_tui.filters.complete import Candidate, complete
from crm_tui.filters.parser import LONGEST, Wrong, parse
from crm_tui.i18n import gettext as _
from crm_tui.screens.dialogs import Dialog
from crm_tui.widgets.editor import Editor
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import STYLES, Column, Part, among, columns, said

if TYPE_CHECKING:
    from crm_tui.filters.nodes import Node
    from crm_tui.filters.vocabulary import Vocabulary

MOST_OFFERED = 8


class FilterLine(Dialog):
    """One line to type a filter in; its answer is the filter."""

    def __init__(self, words: Vocabulary, value: str, title: str = "") -> None:
        super().__init__(title or _("Show only"))
        self.words = words
        self.value = f"{value} " if value else ""
        self.wrong: Wrong | None = None
        self.offered: list[Candidate] = complete(self.value, len(self.value), words)
        self.cursor = 0

    def compose(self) -> ComposeResult:
        """Title, the line, what is wrong with it, what can follow."""
        with Vertical(id="dialog"):
            yield Lines(self.title_line, id="title")
            yield Editor(self.value, placeholder=_("stage:lead owner:me age>3d -tag:vip, or a name"), limit=LONGEST, id="line")
            yield Lines(self._draw_wrong, id="wrong")
            yield Lines(self._draw_offered, id="options")
            yield Lines(self._draw_help, id="help")

    def on_mount(self) -> None:
        """Begin to type."""
        self.editor.focus()

    @property
    def editor(self) -> Editor:
        """The line."""
        return self.query_one(Editor)

    # drawing

    def _draw_wrong(self, cells: int) -> list[list[Segment]]:
        wrong = self.wrong
        if wrong is None:
            return []
        places = self.editor.cells_of(wrong.at, wrong.length)
        under = "".join("▔" if cell in places else " " for cell in range(max(places, default=-1) + 1))
        return [[Segment(under, STYLES["bad"])], said([(wrong.message, "bad")], cells)]

    def _draw_offered(self, cells: int) -> list[list[Segment]]:
        room = max(1, min(MOST_OFFERED, self.app.size.height - 9))
        top = max(0, min(self.cursor - room // 2, len(self.offered) - room))
        wide = min(cells // 2, 30)
        lines = []
        for index, one in enumerate(self.offered[top : top + room], top):
            is_chosen = index == self.cursor
            fields = [
                Column([("▌" if is_chosen else " ", "accent"), (among(one.text.rstrip()), "bold" if is_chosen else "")], wide),
                Column([(among(one.means), "dim")], max(0, cells - wide - 2)),
            ]
            lines.append(columns(fields))
        return lines

    def _draw_help(self, cells: int) -> list[list[Segment]]:
        parts: list[Part] = [("enter", "key"), (" " + _("show") + "  ", "dim")]
        if self.offered:
            parts += [("tab", "key"), (" " + _("take") + "  ", "dim"), ("↑↓", "key"), (" " + _("choose") + "  ", "dim")]
        return [said([*parts, ("esc", "key"), (" " + _("back"), "dim")], cells)]

    def _redraw(self) -> None:
        for id_ in ("#wrong", "#options", "#help"):
            self.query_one(id_, Lines).redraw()

    # keys

    def answer_key(self, event: events.Key) -> bool:
        """Take what is offered, or answer; the rest is typing."""
        if event.key == "enter":
            self._submit()
        elif event.key == "tab" and self.offered:
            editor = self.editor
            editor.put(*self.offered[self.cursor].put_into(editor.value))
        elif event.key in ("up", "down") and self.offered:
            self.cursor = (self.cursor + (1 if event.key == "down" else -1)) % len(self.offered)
            self._redraw()
        else:
            # The cursor may move to another word.
            self.call_after_refresh(self._follow)
            return event.key == "tab"
        return True

    def _submit(self) -> None:
        node, self.wrong = self._read()
        if node is not None:
            self.dismiss((node,))
        else:
            self._redraw()

    def _read(self) -> tuple[Node | None, Wrong | None]:
        try:
            return parse(self.editor.value, self.words), None
        except Wrong as wrong:
            return None, wrong

    @on(Editor.Changed)
    def _follow(self) -> None:
        """Offer what can stand at the cursor; a word that is still being typed is not wrong yet."""
        if not self.is_mounted:
            return
        editor = self.editor
        at = len(editor.before)
        wrong = self._read()[1]
        self.wrong = None if wrong is None or wrong.at <= at <= wrong.at + wrong.length or wrong.at >= len(editor.value) else wrong
        offered = complete(editor.value, at, self.words)
        if offered != self.offered:
            self.offered, self.cursor = offered, 0
        self._redraw()
