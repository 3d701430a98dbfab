"""Every command's id, key, label and group: plain data that feeds key table, palette, help and the bindings of the screens."""

from __future__ import annotations

from dataclasses import dataclass

from crm_tui.i18n import mark


@dataclass(frozen=True, slots=True)
class Action:
    """One command of interface.md as people meet it; without a key it is reached through the menu and `crm-tui do`."""

    id: str
    key: str | None
    label: str
    group: str


GROUPS = {
    "leads": mark("Leads"),
    "activity": mark("Activity"),
    "tasks": mark("Tasks"),
    "deals": mark("Deals"),
    "team": mark("Team"),
    "app": mark("App"),
}

ACTIONS = (
    Action("add_lead", "+", mark("New lead"), "leads"),
    Action("edit_contact", None, mark("Edit contact"), "leads"),
    Action("route", "r", mark("Route to a person or desk"), "leads"),
    Action("set_status", "s", mark("Set status"), "leads"),
    Action("set_lifecycle", None, mark("Set lifecycle stage"), "leads"),
    Action("tag", None, mark("Put on a tag"), "leads"),
    Action("untag", None, mark("Take off a tag"), "leads"),
    Action("delete_contact", None, mark("Delete contact"), "leads"),
    Action("log_call", "c", mark("Log a call"), "activity"),
    Action("log_email", "e", mark("Log an e-mail"), "activity"),
    Action("log_meeting", "m", mark("Log a meeting"), "activity"),
    Action("log_message", None, mark("Log a message"), "activity"),
    Action("log_note", "n", mark("Write a note"), "activity"),
    Action("correct_interaction", None, mark("Correct what was logged"), "activity"),
    Action("remove_interaction", None, mark("Remove what was logged"), "activity"),
    Action("add_task", "t", mark("New task"), "tasks"),
    Action("complete_task", None, mark("Complete task"), "tasks"),
    Action("snooze", "z", mark("Snooze to a date"), "tasks"),
    Action("open_deal", "o", mark("Open deal"), "deals"),
    Action("edit_deal", None, mark("Edit deal"), "deals"),
    Action("move_deal", "b", mark("Bring deal to a stage"), "deals"),
    Action("delete_deal", None, mark("Delete deal"), "deals"),
    Action("add_user", None, mark("Add a user"), "team"),
    Action("set_setting", None, mark("Change a setting of the process"), "team"),
    Action("undo", "u", mark("Undo"), "app"),
    Action("redo", "ctrl+r", mark("Redo"), "app"),
)

_LABELS = {action.id: action.label for action in ACTIONS}
_LATIN = "qwertyuiopasdfghjklzxcvbnm"
_HEBREW = "/'קראטוןםפשדגכעיחלךזסבהנמצ"
_TWINS = dict(zip(_LATIN, _HEBREW, strict=True))


def hebrew_twin(key: str | None) -> str | None:
    """What the key of a letter types on the Israeli layout (SI 1452); None for a key that is not a plain letter."""
    return _TWINS.get(key) if key else None


def label_of(command: str) -> str:
    """The label of a command, to be translated where it is shown; what is no command of its own stands for itself."""
    return _LABELS.get(command, command)


def conflicts() -> list[tuple[str, str, str]]:
    """Keys that mean two commands, the Hebrew layout included: (key, one command, the other)."""
    meant: dict[str, str] = {}
    found = []
    for action in ACTIONS:
        for key in filter(None, (action.key, hebrew_twin(action.key))):
            if key in meant:
                found.append((key, meant[key], action.id))
            meant.setdefault(key, action.id)
    return found
