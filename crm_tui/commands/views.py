"""Saved views: a filter in one line with its columns and order, of one person or shared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator

from crm_tui.commands.base import Command, Line, Ref
from crm_tui.errors import Refused
from crm_tui.filters.nodes import printed
from crm_tui.filters.orders import COLUMNS
from crm_tui.filters.parser import parse
from crm_tui.filters.shipped import LONGEST_NAME, no_such_view, shipped_named
from crm_tui.filters.vocabulary import vocabulary
from crm_tui.i18n import gettext as _
from crm_tui.ids import IMPORTS, derived_id
from crm_tui.plan import Edit, Facts, Plan, ViewFacts
from crm_tui.process import Process
from crm_tui.text.clean import clip
from crm_tui.text.fold import fold
from crm_tui.users import check_view


def _listed(value: object) -> object:
    """`name,phone` as well as a list."""
    if isinstance(value, str):
        return value.replace(",", " ").split()
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [word for one in value for word in one.replace(",", " ").split()]
    return value


Columns = Annotated[list[str], BeforeValidator(_listed)]


class SaveView(Command):
    """Keep a filter under a name, for oneself or shared; what is not given stays as it was. `default`: begin with it."""

    command: Literal["save_view"] = "save_view"
    name: Ref
    filter: Line | None = None
    columns: Columns | None = None
    order: Literal["", "newest", "oldest", "next", "value", "age", "touched"] | None = None
    shared: bool | None = None
    default: bool | None = None


class DeleteView(Command):
    """Take a saved view away: one's own, else the shared one of that name."""

    command: Literal["delete_view"] = "delete_view"
    name: Ref
    shared: bool | None = None


def plan_save_view(facts: Facts, command: SaveView, process: Process, now: int) -> Plan:
    """A view is whose it is and its name: saved again, it is another one under the same name."""
    given = (command.filter, command.columns, command.order, command.shared)
    known = find_view(facts.views, command.name, command.shared)
    shipped = shipped_named(command.name) if known is None else None
    if shipped is not None:
        if given != (None,) * 4:
            raise Refused("name", _("The view {name} comes with the program; choose another name.").format(name=clip(command.name)))
        return Plan(_default_edits(facts, shipped.key, command.default))
    view = _made(facts, command, process, now, known)
    old = known.content() if known is not None and known.id == view.id else None
    edits = [Edit("view", view.id, "content", view.content(), old)] if view.content() != old else []
    if edits:
        check_shared(facts, view.id)
    edits += _default_edits(facts, view.id.hex(), command.default)
    return Plan(edits, view.id, notes=[] if edits else [_("Nothing changed.")])


def _made(facts: Facts, command: SaveView, process: Process, now: int, known: ViewFacts | None) -> ViewFacts:
    """The view that is asked for."""
    if len(command.name) > LONGEST_NAME or not fold(command.name):
        raise Refused("name", _("A view's name has 1 to {limit} characters.").format(limit=LONGEST_NAME))
    based = known or find_view(facts.views, command.name, None)
    if command.filter is None and based is None:
        raise Refused("filter", _("{field} is missing.").format(field="filter"))
    shared = command.shared if command.shared is not None else known is not None and known.person is None
    person = None if shared else facts.actor.id
    asked = based.filter if command.filter is None and based else command.filter or ""
    if command.filter is not None:
        asked = printed(parse(command.filter, vocabulary(process, (user.name for user in facts.users), now, facts.campaigns)))
    columns = _columns(command.columns) if command.columns is not None else based.columns if based else ""
    order = command.order if command.order is not None else based.order if based else ""
    id_ = derived_id(IMPORTS, f"view {person.hex() if person else ''} {fold(command.name)}")
    name = based.name if based and command.filter is None else command.name
    return ViewFacts(id_, person, name, asked, columns, order)


def _columns(names: Sequence[str]) -> str:
    """Columns as a view keeps them."""
    for name in names:
        if name not in COLUMNS:
            known = ", ".join(COLUMNS)
            raise Refused("columns", _("There is no column {name}. There are: {known}.").format(name=clip(name), known=known))
    return " ".join(dict.fromkeys(names))


def _default_edits(facts: Facts, view: str, wanted: bool | None) -> list[Edit]:
    """With which view the actor begins."""
    if wanted is None or wanted == (facts.default_view == view):
        return []
    person = facts.actor.id.hex()
    old = {"person": person, "view": facts.default_view}
    record = derived_id(facts.actor.id, "default view")
    return [Edit("view", record, "default", {"person": person, "view": view if wanted else None}, old)]


def plan_delete_view(facts: Facts, command: DeleteView, process: Process, now: int) -> Plan:
    """One's own, or a shared one that one made; who leads takes any shared one away."""
    known = find_view(facts.views, command.name, command.shared)
    if known is None:
        if shipped_named(command.name) is not None:
            raise Refused("name", _("The view {name} comes with the program and stays.").format(name=clip(command.name)))
        raise no_such_view(command.name, [view.name for view in facts.views])
    check_shared(facts, known.id)
    return Plan([Edit("view", known.id, "content", None, known.content())], known.id)


def check_shared(facts: Facts, id_: bytes) -> None:
    """Refuse to change a view that somebody else shared, unless the actor leads."""
    known = next((one for one in facts.views if one.id == id_), None)
    if known is not None and known.person is None:
        check_view(facts.actor, known.name, known.maker, facts.users)


def find_view(views: Sequence[ViewFacts], name: str, shared: bool | None) -> ViewFacts | None:
    """The saved view of a name: one's own before a shared one, or only of one kind."""
    wanted = fold(name)
    return next((one for one in views if fold(one.name) == wanted and shared in (None, one.person is None)), None)
