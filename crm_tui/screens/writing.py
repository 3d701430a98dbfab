"""Writing an e-mail or a message: by a template that is seen on the person first, else only logging what was written."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from rich.segment import Segment
from textual.app import ComposeResult
from textual.containers import Vertical

from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.reads.templates import MOST_LINK, Offer, offer, offers
from crm_tui.registry import label_of
from crm_tui.screens.asking import Asking
from crm_tui.screens.dialogs import Choice, Notice, Option
from crm_tui.text.clean import clip
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import said
from crm_tui.widgets.wrapped import own_lines

_KINDS = {"log_email": "email", "log_message": "message"}
WE, THEY = "out", "in"
OPENING_SECONDS = 3
"""A browser that runs for longer has begun; some end only when their window is closed."""
_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


class Preview(Choice):
    """What a template says to the person, and what to do with it."""

    def __init__(self, found: Offer, options: Sequence[Option], subject: str) -> None:
        super().__init__(found.label, options, subject=subject)
        self.found = found

    def compose(self) -> ComposeResult:
        """Title, the text, options, help."""
        with Vertical(id="dialog"):
            yield Lines(self.title_line, id="title")
            yield Lines(self._draw_text, id="text")
            yield Lines(self._draw_options, id="options")
            yield Lines(self._draw_help, id="help")

    def _draw_text(self, cells: int) -> list[list[Segment]]:
        found = self.found
        lines = own_lines(found.subject, cells, "bold") if found.subject else []
        lines += own_lines(found.body, cells)
        room = max(3, self.app.size.height - 5 - len(self.options))
        if len(lines) > room:
            lines = [*lines[: room - 1], said([("…", "dim")], cells)]
        return [*lines, []]


async def write(ask: Asking) -> None:
    """Templates by number, then what was written anyway; what is copied or opened is logged, and undo takes that back."""
    kind = _KINDS[ask.command]
    contact = ask.subject.contact
    found = await ask.look(lambda look: offers(look, contact, kind))
    options = [Option(one, one.label, clip(one.subject or one.body)) for one in found]
    options += [Option(WE, _("we wrote")), Option(THEY, _("they wrote"))]
    chosen = await ask.choose(_(label_of(ask.command)), options)
    if not isinstance(chosen, Offer):
        note = await ask.note(_("What was it about?"), optional=False)
        await ask.run(ask.command, contact=show_id(contact), note=note, direction=chosen)
        return
    used: Offer | None = chosen
    while used is not None:
        chosen = used
        what = (await ask.ask(Preview(chosen, _uses(chosen), ask.about))).value
        if what != "language":
            await _use(ask, chosen, what)
            return
        used = await _in_the_other_language(ask, chosen)


async def _in_the_other_language(ask: Asking, found: Offer) -> Offer | None:
    return await ask.look(lambda look: offer(look, ask.subject.contact, found.key, found.other_language))


def _uses(found: Offer) -> list[Option]:
    where = _("open in the mail program") if found.kind == "email" else _("open in WhatsApp")
    if not found.link:
        lacks = _("no valid e-mail") if found.kind == "email" else _("no valid phone")
    else:
        lacks = _("too long for a link") if len(found.link) > MOST_LINK else ""
    options = [Option("copy", _("copy")), Option("open", where, why_not=lacks)]
    if found.other_language:
        options.append(Option("language", {"en": _("in English"), "he": _("in Hebrew")}[found.other_language]))
    return options


async def _use(ask: Asking, found: Offer, what: str) -> None:
    if what == "copy":
        ask.app.copy_to_clipboard(found.text)
    shown = what == "open" and not await _open_link(found.link)
    if shown:
        ask.app.copy_to_clipboard(found.link)
    fields = {"subject": found.subject or None, "body": found.body, "template": found.key}
    answer = await ask.run(ask.command, contact=show_id(ask.subject.contact), direction=WE, **fields)
    if answer is not None and shown:
        ask.app.push_screen(Notice(_("It cannot be opened here; the link is copied"), found.link))


async def _open_link(link: str) -> bool:
    """Open a link in the program that this computer has for it; False where there is no screen for one, such as over SSH."""
    if not has_display():
        return False
    # A process of its own: what a browser prints would fall on the screen, and some keep who starts them waiting.
    nowhere = asyncio.subprocess.DEVNULL
    opening = await asyncio.create_subprocess_exec(sys.executable, "-c", _OPEN, link, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    try:
        return await asyncio.wait_for(opening.wait(), OPENING_SECONDS) == 0
    except TimeoutError:
        return True


def has_display() -> bool:
    """Whether a window can be opened where the person sits."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY"):
        return False
    return sys.platform in ("win32", "darwin") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
