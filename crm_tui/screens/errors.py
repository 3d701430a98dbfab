"""Errors as a person meets them: what happened, and the next step."""

from __future__ import annotations

from crm_tui.errors import CrmError, Damaged, NotFound, Refused, StoreBusy, StoreFull
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clean_line, clip


def explain(error: BaseException) -> tuple[str, str, str]:
    """Title, text and next step."""
    if isinstance(error, StoreBusy):
        return _("The store is busy"), error.message, _("What you typed is kept. Press the same key again in a moment.")
    if isinstance(error, StoreFull):
        return _("The disk is full"), error.message, _("What you typed is kept. Make room, then press the same key again.")
    if isinstance(error, Damaged):
        return _("The store is damaged"), error.message, _("Leave with ctrl+q and run: crm-tui check")
    if isinstance(error, NotFound):
        return _("It is gone"), error.message, _("Somebody may have deleted it; u takes back what you did last.")
    if isinstance(error, Refused):
        return _("Not done"), error.message, _("Nothing was changed, and what you typed is kept. Press the same key to go on.")
    if isinstance(error, CrmError):
        return _("Not done"), error.message, ""
    what = clip(clean_line(f"{error.__class__.__name__}: {error}"), 200)
    return _("Something unexpected happened"), what, _("Nothing was lost. Please report it with what you did before.")
