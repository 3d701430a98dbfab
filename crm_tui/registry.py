"""Everything a person can do: id, key, label, group, on what. Plain data that feeds keys, menus, palette, help and the key table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crm_tui.i18n import mark


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `on` names what it needs: `contact`, `entry`, `lost` (an overwritten edit), `list` or nothing (`app`).

    A `command` is one of interface.md, also reached by `crm-tui do`; the others only move about the screens or choose a command.
    `roles` are those of the users who may; empty: everybody. `words` are others by which somebody looks for it.
    """

    id: str
    key: str | None
    label: str
    group: str
    on: str = "contact"
    also: tuple[str, ...] = ()
    command: bool = True
    roles: tuple[str, ...] = ()
    words: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """All its keys, those of the Hebrew layout last."""
        own = (self.key, *self.also) if self.key else self.also
        return (*own, *filter(None, map(hebrew_twin, own)))


LEADING = ("lead_manager", "supervisor", "admin")
"""Roles of those who lead others: they make campaigns, change what somebody else shared, say that a colleague is away."""

GROUPS = {
    "leads": mark("Leads"),
    "activity": mark("Activity"),
    "tasks": mark("Tasks"),
    "deals": mark("Deals"),
    "team": mark("Team"),
    "lists": mark("Lists"),
    "app": mark("App"),
}

COMMANDS = (
    Action("add_lead", "+", mark("New lead"), "leads", "app"),
    Action("edit_contact", None, mark("Edit contact"), "leads", words=mark("change phone e-mail company")),
    Action("route", "r", mark("Route to a person or desk"), "leads", words=mark("assign hand over give owner")),
    Action("set_status", "s", mark("Set status"), "leads"),
    Action("set_lifecycle", None, mark("Set lifecycle stage"), "leads"),
    Action("tag", None, mark("Put on a tag"), "leads"),
    Action("untag", None, mark("Take off a tag"), "leads"),
    Action("merge", "&", mark("Merge with another contact"), "leads", words=mark("duplicate same person")),
    Action("unmerge", None, mark("Separate a merged contact"), "leads"),
    Action("not_same", "-", mark("Not the same person"), "leads"),
    Action("delete_contact", None, mark("Delete contact"), "leads"),
    Action("log_call", "c", mark("Log a call"), "activity", words=mark("phone dial")),
    Action("log_email", "e", mark("Log an e-mail"), "activity"),
    Action("log_meeting", "m", mark("Log a meeting"), "activity"),
    Action("log_message", None, mark("Log a message"), "activity"),
    Action("log_note", "n", mark("Write a note"), "activity"),
    Action("correct_interaction", None, mark("Correct what was logged"), "activity", "entry"),
    Action("remove_interaction", None, mark("Remove what was logged"), "activity", "entry"),
    Action("add_task", "t", mark("New task"), "tasks", words=mark("promise reminder follow-up")),
    Action("complete_task", None, mark("Complete task"), "tasks", words=mark("done promise")),
    Action("snooze", "z", mark("Snooze to a date"), "tasks", words=mark("postpone later remind")),
    Action("open_deal", "o", mark("Open deal"), "deals"),
    Action("edit_deal", None, mark("Edit deal"), "deals"),
    Action("move_deal", "b", mark("Bring deal to a stage"), "deals"),
    Action("send_quote", "p", mark("Send a price quote"), "deals"),
    Action("answer_quote", None, mark("Quote accepted or declined"), "deals"),
    Action("delete_deal", None, mark("Delete deal"), "deals"),
    Action("save_view", None, mark("Save this filter as a view"), "lists", "list"),
    Action("delete_view", None, mark("Delete a saved view"), "lists", "list"),
    Action("add_campaign", None, mark("New campaign"), "lists", "app", roles=LEADING),
    Action("edit_campaign", None, mark("Edit campaign"), "lists", "app", roles=LEADING),
    Action("delete_campaign", None, mark("Delete campaign"), "lists", "app", roles=LEADING),
    Action("tick", "x", mark("Tick off"), "lists", "list"),
    Action("untick", None, mark("Take a tick back"), "lists", "list"),
    Action("restore_edit", "=", mark("Restore what was overwritten"), "team", "lost"),
    Action("add_user", None, mark("Add a user"), "team", "app", roles=("admin",), words=mark("person colleague team")),
    Action("set_away", None, mark("Away until a date"), "team", "app", words=mark("vacation leave absent")),
    Action(
        "set_setting",
        None,
        mark("Settings"),
        "team",
        "app",
        roles=("admin", "supervisor"),
        words=mark("process status stage pipeline probability reason holiday working hours limit field tag currency language"),
    ),
    Action("undo", "u", mark("Undo"), "app", "app"),
    Action("redo", "ctrl+r", mark("Redo"), "app", "app"),
)
"""The commands of interface.md."""

SCREEN_ACTIONS = (
    Action("drop", "d", mark("Drop with a reason"), "leads", command=False, words=mark("close not interested lost")),
    Action("won", "w", mark("Deal won"), "deals", command=False),
    Action("incoming", "i", mark("Incoming call"), "activity", "app", command=False),
    Action("edit_template", None, mark("Change a template of e-mails or messages"), "activity", "app", command=False),
    Action("why", ".", mark("Why they stand here"), "lists", command=False),
    Action("copy", "y", mark("Copy phone or e-mail"), "lists", command=False),
    Action("open", "enter", mark("Open"), "lists", "list", command=False),
    Action("mark", "space", mark("Mark"), "lists", "list", command=False),
    Action("mark_all", "*", mark("Mark all shown"), "lists", "list", command=False),
    Action("filter", "f", mark("Filter this list"), "lists", "list", command=False),
    Action("views", "v", mark("Views"), "lists", "list", command=False),
    Action("with_routed", "tab", mark("With those routed but not tried yet"), "lists", "list", command=False),
    Action("search", "/", mark("Search anywhere"), "app", "app", ("ctrl+f",), command=False),
    Action("palette", ":", mark("Find a command"), "app", "app", ("ctrl+p",), command=False),
    Action("menu", "a", mark("What can be done here"), "app", "app", command=False),
    Action("help", "?", mark("All keys"), "app", "app", ("f1",), command=False),
    Action("sync_now", None, mark("Sync with the hub now"), "team", "app", command=False),
    Action("news", "!", mark("What came in, what was overwritten"), "team", "app", command=False),
    Action("duplicates", None, mark("Possible duplicates"), "lists", "app", command=False),
    Action("campaigns", None, mark("Campaigns"), "lists", "app", command=False),
    Action("back", "escape", mark("Back"), "app", "app", command=False),
    Action("quit", "ctrl+q", mark("Quit"), "app", "app", command=False),
)
"""What there is on the screens besides."""

ACTIONS = (*COMMANDS, *SCREEN_ACTIONS)

WORKSPACES = (
    ("leadometer", mark("Leadometer")),
    ("day", mark("My Day")),
    ("board", mark("Board")),
    ("contacts", mark("Contacts")),
    ("week", mark("Week")),
    ("team", mark("Team")),
)
"""The workspaces, reached by their numbers."""

MOVES = (
    ("up", "k"),
    ("down", "j"),
    ("left", "h"),
    ("right", "l"),
    ("home", "g"),
    ("end", "G"),
    ("pageup", None),
    ("pagedown", None),
)
"""Keys that move, each with a letter that does the same."""

_BY_ID = {action.id: action for action in ACTIONS}
_LATIN = "qwertyuiopasdfghjklzxcvbnm"
_HEBREW = "/'קראטוןםפשדגכעיחלךזסבהנמצ"
_TWINS = dict(zip(_LATIN, _HEBREW, strict=True))


def hebrew_twin(key: str | None) -> str | None:
    """What the key of a letter types on the Israeli layout (SI 1452); None for a key that is not a plain letter."""
    return _TWINS.get(key) if key else None


def action(id: str) -> Action:
    """The action of an id."""
    return _BY_ID[id]


def label_of(command: str) -> str:
    """The label of a command, to be translated where it is shown; what is no command of its own stands for itself."""
    return _BY_ID[command].label if command in _BY_ID else command


def with_keys(keys: Mapping[str, str]) -> tuple[Action, ...]:
    """All actions, some with keys of a person's own."""
    return tuple(replace(one, key=keys[one.id]) if one.id in keys else one for one in ACTIONS)


def keymap(actions: Iterable[Action] = ACTIONS) -> dict[str, str]:
    """Key (a character, or Textual's name for a key without one) to action id."""
    return {key: one.id for one in actions for key in one.keys}


def movemap() -> dict[str, str]:
    """Key to movement (`up`, `pagedown` …), letters of both layouts included."""
    found = {}
    for move, letter in MOVES:
        for key in (move, letter, hebrew_twin(letter)):
            if key:
                found[key] = move
    return found


def conflicts(actions: Iterable[Action] = ACTIONS) -> list[tuple[str, str, str]]:
    """Keys that mean two things, the Hebrew layout included: (key, one, the other)."""
    meant: dict[str, str] = dict(movemap())
    found = []
    for one in actions:
        for key in one.keys:
            if key in meant:
                found.append((key, meant[key], one.id))
            meant.setdefault(key, one.id)
    return found
