"""After a status or deal was moved by hand: what happened? Asked once for each person and day, and skipped with one key."""

from __future__ import annotations

from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.screens.asking import Asking


async def ask_what_happened(ask: Asking) -> None:
    """Ask, unless somebody logged it today or it was asked before; marked people are not asked about one by one."""
    from crm_tui.reads.coverage import is_documented
    from crm_tui.text.times import local_day

    if len(ask.subjects) != 1:
        return
    contact = ask.subject.contact
    zone = await ask.look(lambda look: look.zone)
    once = (contact, local_day(ask.session.clock(), zone))
    if once in ask.app.asked or await ask.look(lambda look: is_documented(look, contact)):
        return
    ask.app.asked.add(once)
    if note := await ask.note(_("What happened? (esc skips)")):
        await ask.run("log_note", contact=show_id(contact), note=note)
