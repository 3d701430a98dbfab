"""Dialogs: one question at a time, at the foot of the screen, answered by a number or a typed line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.segment import Segment
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.registry import hebrew_twin
from crm_tui.screens.workspace import Workspace
from crm_tui.text.fold import fold
from crm_tui.widgets.editor import Editor
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import STYLES, Column, Part, among, columns, fit, isolated, mirrored, parts_width, said, sentence

if TYPE_CHECKING:
    from crm_tui.app import CrmApp


class Option(NamedTuple):
    """One answer: what it stands for, its label, a word more, its key elsewhere; `why_not` says why it cannot be chosen now.

    `words` are not shown, but find it.
    """

    value: Any
    label: str
    more: str = ""
    key: str = ""
    why_not: str = ""
    words: str = ""


def rule(title: Sequence[Part], cells: int) -> list[Segment]:
    """The line above a dialog, with its title."""
    parts = fit([("─ ", "dim"), *title, (" ", "")], cells)
    dashes = Segment("─" * max(0, cells - parts_width(parts)), STYLES["dim"])
    drawn = isolated(parts, own=True)
    return [dashes, *drawn] if mirrored() else [*drawn, dashes]


class Dialog(ModalScreen[Any]):
    """The frame of a dialog: a title, what its kind shows, and a line of help."""

    def __init__(self, title: str, subject: str = "") -> None:
        super().__init__()
        self.heading = title
        self.subject = subject

    if TYPE_CHECKING:

        @property
        def app(self) -> CrmApp:  # type: ignore[override]
            """The app."""

    def title_line(self, cells: int) -> list[list[Segment]]:
        """The line above."""
        title: list[Part] = [(self.heading, "bold")]
        if self.subject:
            title += [(" · ", "dim"), (among(self.subject), "accent")]
        return [rule(title, cells)]

    def take_key(self, event: events.Key) -> bool:
        """Answer, or leave."""
        if event.key in ("escape", "ctrl+c"):
            self.leave()
            return True
        return self.answer_key(event)

    def answer_key(self, event: events.Key) -> bool:
        """What another key does here."""
        del event
        return False

    def dismiss(self, result: Any = None) -> Any:
        """Close with an answer; keys wait for what it leads to."""
        self.app.hold_keys()
        beneath = self.app.screen_stack[-2]
        if self.app.asking and isinstance(beneath, Workspace):
            beneath.is_fresh = True
        return super().dismiss(result)

    def on_screen_resume(self) -> None:
        """It stands: keys come here now."""
        self.call_after_refresh(self.app.release_keys)

    def leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)


class Choice(Dialog):
    """Choose by number, by arrows, or by typing a part of the label."""

    def __init__(self, title: str, options: Sequence[Option], *, subject: str = "", note: str = "", at: int = 0) -> None:
        super().__init__(title, subject)
        # Names and reasons come from everywhere.
        self.options = [one._replace(label=sentence(one.label), more=sentence(one.more)) for one in options]
        self.note = note
        self.typed = ""
        self.cursor = at
        self.top = 0

    def compose(self) -> ComposeResult:
        """Title, options, help."""
        with Vertical(id="dialog"):
            yield Lines(self.title_line, id="title")
            yield Lines(self._draw_options, id="options")
            yield Lines(self._draw_help, id="help")

    @property
    def shown(self) -> list[Option]:
        """The options that what was typed leaves."""
        if not self.typed:
            return self.options
        words = fold(self.typed).split()

        def named(text: str) -> bool:
            return all(word in fold(text) for word in words)

        def is_key(one: Option) -> bool:
            return self.typed in (one.key, hebrew_twin(one.key))

        found = [one for one in self.options if is_key(one) or named(f"{one.label} {one.more} {one.key} {one.words}")]
        # Whose key it is goes first, and what says it itself before what is meant by another word.
        return sorted(found, key=lambda one: (not is_key(one), not named(f"{one.label} {one.more} {one.key}")))

    def _draw_options(self, cells: int) -> list[list[Segment]]:
        shown = self.shown
        room = max(3, self.app.size.height - 8)
        if self.cursor < self.top:
            self.top = self.cursor
        if self.cursor >= self.top + room:
            self.top = self.cursor - room + 1
        self.top = max(0, min(self.top, len(shown) - room))
        keys = max((parts_width([(one.key, "")]) for one in shown), default=0)
        wide = max((parts_width([(one.label, "")]) for one in shown), default=0)
        room_cells = cells - 5 - (keys + 1 if keys else 0)
        label_cells = min(wide, room_cells if not any(one.more or one.why_not for one in shown) else max(12, room_cells * 3 // 5))
        lines = []
        for index, one in enumerate(shown[self.top : self.top + room], self.top):
            look = "dim" if one.why_not else "bold" if index == self.cursor else ""
            # Once something is typed a number belongs to it.
            number = str(index + 1) if index < 9 and not self.typed else " "
            fields = [
                Column([("▌" if index == self.cursor else " ", "accent"), (number, "key" if not one.why_not else "dim")], 2),
                *([Column([(one.key, "accent")], keys)] if keys else []),
                Column([(one.label, look)], label_cells),
                Column([(one.why_not or one.more, "dim")], max(0, room_cells - label_cells)),
            ]
            lines.append(columns(fields))
        if not shown:
            lines.append(said([("  " + _("Nothing is called that."), "dim")], cells))
        return lines

    def _draw_help(self, cells: int) -> list[list[Segment]]:
        parts: list[Part] = []
        if self.typed:
            parts = [(among(f"{self.typed}▏"), "accent"), ("  ", "")]
        elif self.note:
            parts = [(self.note, ""), ("  ", "")]
        known = [("1-9", _("choose")), ("↑↓ enter", ""), ("abc", _("find")), ("esc", _("back"))]
        for key, what in known[bool(self.typed) :]:
            parts += [(key, "key"), (f" {what}  " if what else "  ", "dim")]
        return [said(parts, cells)]

    def answer_key(self, event: events.Key) -> bool:
        """Choose, move or narrow down."""
        shown = self.shown
        if event.key == "enter":
            self._choose(self.cursor)
            return True
        if event.key in ("up", "down", "pageup", "pagedown", "home", "end"):
            step = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -len(shown), "end": len(shown)}[event.key]
            self.cursor = self.cursor + step
        elif event.key == "backspace":
            self.typed = self.typed[:-1]
        elif event.character and event.character in "123456789" and not self.typed:
            self._choose(int(event.character) - 1)
            return True
        elif event.is_printable and event.character:
            self.typed += event.character
            self.cursor = 0
        else:
            return False
        self.cursor = max(0, min(self.cursor, len(self.shown) - 1))
        self.query_one("#options", Lines).redraw()
        self.query_one("#help", Lines).redraw()
        return True

    @on(events.Click)
    def _clicked(self, event: events.Click) -> None:
        if event.widget is not None and event.widget.id == "options":
            self._choose(self.top + event.y)

    def _choose(self, index: int) -> None:
        shown = self.shown
        if 0 <= index < len(shown) and not shown[index].why_not:
            self.dismiss(shown[index])


class Line(Dialog):
    """Type a line (or some). `check` makes the answer of it or refuses; `hint` says while typing what is understood, `caution` what
    speaks against it."""

    def __init__(
        self,
        title: str,
        *,
        subject: str = "",
        value: str = "",
        placeholder: str = "",
        most_lines: int = 1,
        check: Callable[[str], Any] | None = None,
        hint: Callable[[str], str] | None = None,
        caution: Callable[[str], str] | None = None,
        draft: str | None = None,
        optional: bool = False,
    ) -> None:
        super().__init__(title, subject)
        self.value, self.placeholder, self.most_lines = value, placeholder, most_lines
        self.check, self.hint, self.caution, self.draft, self.optional = check, hint, caution, draft, optional
        self.problem = ""

    def compose(self) -> ComposeResult:
        """Title, the line, what is understood or wrong."""
        kept = self.app.drafts.get(self.draft) if self.draft else None
        with Vertical(id="dialog"):
            yield Lines(self.title_line, id="title")
            yield Editor(kept or self.value, placeholder=self.placeholder, most_lines=self.most_lines, id="line")
            yield Lines(self._draw_help, id="help")

    def on_mount(self) -> None:
        """Begin to type."""
        self.query_one(Editor).focus()

    @property
    def typed(self) -> str:
        """What stands in the line."""
        return self.query_one(Editor).value

    def _draw_help(self, cells: int) -> list[list[Segment]]:
        editors = self.query(Editor)
        typed = editors.first().value if editors else self.value
        if self.problem:
            parts: list[Part] = [(self.problem, "bad")]
        else:
            told = ((self.hint, "accent"), (self.caution, "warn")) if typed.strip() else ()
            found = [(say(typed), look) for say, look in told if say is not None]
            parts = [part for text, look in found if text for part in ((text, look), ("  ", ""))]
            parts += [("enter", "key"), (" " + (_("go on") if typed.strip() or not self.optional else _("leave empty")) + "  ", "dim")]
            if self.most_lines > 1:
                parts += [("ctrl+j", "key"), (" " + _("new line") + "  ", "dim")]
            parts += [("esc", "key"), (" " + _("back"), "dim")]
        return [said(parts, cells)]

    @on(Editor.Changed)
    def _note_typing(self) -> None:
        self.problem = ""
        if self.draft:
            self.app.drafts.put(self.draft, self.typed)
        self.query_one("#help", Lines).redraw()

    def answer_key(self, event: events.Key) -> bool:
        """Enter answers; the rest is typing."""
        if event.key != "enter":
            return False
        self._submit()
        return True

    def _submit(self) -> None:
        text = self.typed.strip()
        if not text and not self.optional:
            self.problem = _("Type something, or esc to go back.")
        else:
            try:
                answer = self.check(text) if self.check and text else text
            except Refused as refused:
                self.problem = refused.message
            else:
                self.dismiss((answer,))
                return
        self.query_one("#help", Lines).redraw()


class Notice(Dialog):
    """Something to read; any key closes it."""

    def __init__(self, title: str, text: str, step: str = "") -> None:
        super().__init__(title)
        self.text, self.step = text, step

    def compose(self) -> ComposeResult:
        """Title, text, next step."""
        with Vertical(id="dialog"):
            yield Lines(self.title_line, id="title")
            yield Lines(self._draw, id="options")

    def _draw(self, cells: int) -> list[list[Segment]]:
        from crm_tui.widgets.wrapped import own_lines

        lines = own_lines(self.text, cells)
        if self.step:
            lines += own_lines(self.step, cells, "bold")
        return [*lines, said([("esc", "key"), (" " + _("back"), "dim")], cells)]

    def answer_key(self, event: events.Key) -> bool:
        """Close; leaving the program closes it too."""
        self.dismiss(None)
        if event.key == "ctrl+q":
            self.app.exit()
        return True
