"""The views that a person has: the shipped ones, their own, the shared ones."""

from __future__ import annotations

from typing import Any, NamedTuple

from crm_tui.errors import Refused
from crm_tui.filters.parser import parse
from crm_tui.filters.shipped import SHIPPED, no_such_view, shipped_named
from crm_tui.filters.vocabulary import Vocabulary
from crm_tui.i18n import gettext as _
from crm_tui.reads.filtering import understood, words_of
from crm_tui.reads.look import Look
from crm_tui.reads.people import Wanted
from crm_tui.reads.people import sums as added_up
from crm_tui.text.fold import fold
from crm_tui.users import may_change_view

EVERY_ONE = 1 << 40
"""More people than any store has."""


class ViewRow(NamedTuple):
    """One view; `key` is the code of a shipped one, or the id of a saved one in hex."""

    key: str
    name: str
    filter: str
    columns: tuple[str, ...]
    order: str
    kind: str
    """`shipped`, `shared` or `own`."""
    is_default: bool
    may_change: bool = False
    """Whether the person who looks may change it."""

    def wanted(self, look: Look) -> Wanted:
        """Whom it shows; refused when its filter means nothing in this store any more."""
        return Wanted(understood(look, self.filter), self.order)


def views(look: Look) -> list[ViewRow]:
    """All views of the person who looks: shipped, own, shared."""
    from crm_tui.facts import load_views

    saved, chosen = load_views(look.db, look.me)
    role = next((row[0] for row in look.db.rows("SELECT role FROM users WHERE id = ?", (look.me,))), "")
    rows = [ViewRow(one.key, _(one.label), one.filter, (), one.order, "shipped", one.key == chosen) for one in SHIPPED]
    for one in saved:
        key = one.id.hex()
        kind = "shared" if one.person is None else "own"
        may = one.person is not None or may_change_view(look.me, role, one.maker)
        rows.append(ViewRow(key, one.name, one.filter, tuple(one.columns.split()), one.order, kind, key == chosen, may))
    return rows


def view_named(look: Look, name: str) -> ViewRow:
    """The view of a name: one's own, a shared one, a shipped one; refused with what was meant."""
    rows = views(look)
    named = [row for row in rows if row.kind != "shipped" and fold(row.name) == fold(name)]
    if named:
        return named[0]
    if (shipped := shipped_named(name)) is not None:
        return next(row for row in rows if row.key == shipped.key)
    raise no_such_view(name, [row.name for row in rows])


def shown_filter(words: Vocabulary, row: ViewRow) -> str:
    """A view's filter as a person reads it; one that means nothing any more as it was saved."""
    try:
        return words.shown(parse(row.filter, words))
    except Refused:
        return row.filter


def default_view(look: Look) -> ViewRow | None:
    """The view with which the person begins."""
    if not look.db.one("SELECT 1 FROM default_view WHERE person = ?", (look.me,)):
        return None  # the process need not be made then
    return next((row for row in views(look) if row.is_default), None)


def views_shown(look: Look) -> list[tuple[ViewRow, str]]:
    """All views with their filters as a person reads them."""
    words = words_of(look)
    return [(row, shown_filter(words, row)) for row in views(look)]


def views_json(look: Look, *, sums: bool = False) -> list[dict[str, Any]]:
    """`show views`; with `sums` how many people each has and what their open deals are worth."""
    return [
        {
            "name": row.key if row.kind == "shipped" else row.name,
            "label": row.name,
            "filter": row.filter,
            "columns": list(row.columns),
            "order": row.order or None,
            "shared": row.kind != "own",
            "shipped": row.kind == "shipped",
            "default": row.is_default,
            **(_sums(look, row) if sums else {}),
        }
        for row in views(look)
    ]


def _sums(look: Look, row: ViewRow) -> dict[str, Any]:
    """Both are null for a view whose filter means nothing any more."""
    try:
        found = added_up(look, row.wanted(look), EVERY_ONE)
    except Refused:
        found = None
    return {"people": found[0] if found else None, "value": look.money(found[1]) if found else None}
