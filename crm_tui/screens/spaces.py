"""The workspaces: which screen each one begins with, imported when it is first shown."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from textual.screen import Screen

SPACES = {
    "leadometer": "LeadometerScreen",
    "day": "DayScreen",
    "board": "BoardScreen",
    "contacts": "ContactsScreen",
    "week": "WeekScreen",
    "team": "TeamScreen",
}
"""The module of each in `crm_tui.screens`, and its class."""

ASKED_FOR = ("dialogs", "flows", "asking", "logging", "menus", "contact", "search", "news")
"""Screens and dialogs that a key may open."""


def space_screen(space: str) -> Screen[Any]:
    """A new screen for a workspace."""
    made: Screen[Any] = getattr(import_module(f"crm_tui.screens.{space}"), SPACES[space])()
    return made


def import_ahead() -> None:
    """Import what the first key may need, so that it need not wait; after the first frame, on a thread."""
    from datetime import date

    for module in (*ASKED_FOR, *SPACES):
        import_module(f"crm_tui.screens.{module}")
    for module in ("process", "reads.targets", "reads.labels", "text.quickdate", "text.leadline"):
        import_module(f"crm_tui.{module}")
    from crm_tui.rules.calendar import WorkingTime
    from crm_tui.text.phones import show_phone

    show_phone("+12025550171", "IL")  # the first foreign number loads phonenumbers
    WorkingTime.shipped().is_working_day(date.today())  # and the first working day the holidays
