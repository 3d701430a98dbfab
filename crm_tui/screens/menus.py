"""Everything there is to do, to be found: the menu of this record, the palette, all keys, and the search over everybody."""

from __future__ import annotations

from collections.abc import Iterable

from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.registry import GROUPS, MOVES, WORKSPACES, Action, action, hebrew_twin
from crm_tui.screens.asking import Asking, Left
from crm_tui.screens.dialogs import Choice, Option
from crm_tui.screens.telling import Offer, offered
from crm_tui.screens.workspace import Workspace

_ELSEWHERE = {"menu", "palette", "help", "back"}


def _screen(ask: Asking) -> Workspace:
    screen = ask.app.screen
    if not isinstance(screen, Workspace):
        raise Left
    return screen


def _options(screen: Workspace, actions: Iterable[Action]) -> list[Option]:
    found = []
    for one in actions:
        why = screen.why_not(one.id)
        words = f"{one.words} {_(one.words)}" if one.words else ""
        found.append(Option(one.id, _(one.label), _(GROUPS[one.group]), shown_key(one.key), why, words))
    return sorted(found, key=lambda option: bool(option.why_not))


def shown_key(key: str | None) -> str:
    """A key as people call it."""
    return {"escape": "esc", None: ""}.get(key, key or "")


async def menu(ask: Asking) -> None:
    """What can be done with this record, first what was just offered, whoever stands under the cursor by now."""
    from crm_tui.screens.flows import start

    screen = _screen(ask)
    actions = [one for one in ask.app.actions.values() if one.on in ("contact", "entry", "list") and one.id not in _ELSEWHERE]
    options = [one for one in _options(screen, actions) if not one.why_not or action(one.value).on == "contact"]
    chosen = await ask.choose(_("Do"), [*offered(ask.app, ask.subjects), *options])
    if not isinstance(chosen, Offer):
        screen.perform(chosen)
    elif chosen.command == "open":
        ask.app.open_contact(chosen.subject.contact)
    elif chosen.is_whole:
        ask.subjects = [chosen.subject]
        await ask.run(chosen.command, contact=show_id(chosen.subject.contact), **chosen.fields)
    else:
        # Not by the screen, which would ask who stands under the cursor: perhaps nobody any more.
        start(ask.app, chosen.command, [chosen.subject])


async def palette(ask: Asking) -> None:
    """Every command, found by typing."""
    screen = _screen(ask)
    places = [Option(f"go:{key}", _(label), _("workspace"), str(number)) for number, (key, label) in enumerate(WORKSPACES, 1)]
    options = _options(screen, [one for one in ask.app.actions.values() if one.id not in ("palette", "back")])
    chosen = await ask.choose(_("Find a command"), [*options, *places])
    if chosen.startswith("go:"):
        ask.app.go_to(chosen[3:])
    else:
        screen.perform(chosen)


async def keys(ask: Asking) -> None:
    """All keys, to be searched; enter does what a key does."""
    screen = _screen(ask)
    options = []
    for number, (key, label) in enumerate(WORKSPACES, 1):
        options.append(Option(f"go:{key}", _(label), _("workspace"), str(number)))
    for one in ask.app.actions.values():
        if one.key:
            also = " ".join(filter(None, (*one.also, hebrew_twin(one.key))))
            options.append(Option(one.id, _(one.label), also, shown_key(one.key)))
    moves = " ".join(f"{move} {letter}" if letter else move for move, letter in MOVES)
    chosen = await ask.ask(Choice(_("All keys"), options, note=moves if ask.app.size.width > 100 else ""))
    if chosen.value.startswith("go:"):
        ask.app.go_to(chosen.value[3:])
    else:
        screen.perform(chosen.value)


async def search(ask: Asking) -> None:
    """The search over everybody."""
    from crm_tui.screens.search import SearchScreen

    await ask.app.push_screen(SearchScreen())
