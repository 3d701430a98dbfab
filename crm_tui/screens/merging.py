"""Two contacts that may be one person: merging them, separating them again, telling them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.screens.asking import Asking, Left
from crm_tui.screens.dialogs import Option
from crm_tui.screens.duplicates import DuplicatesScreen, PairScreen
from crm_tui.screens.workspace import Subject

if TYPE_CHECKING:
    from crm_tui.reads.contact import Twin
    from crm_tui.reads.look import Look
    from crm_tui.reads.search import FoundRow

MOST_OFFERED = 8


async def merge(ask: Asking) -> None:
    """The two that are marked, else this one and another, side by side."""
    if len(ask.subjects) > 1:
        one, other = (subject.contact for subject in _pair(ask))
    else:
        one, other = ask.subject.contact, (await _other(ask)).value
    await ask.app.push_screen(PairScreen(one, other))


async def duplicates(ask: Asking) -> None:
    """All pairs that wait for a judgement."""
    await ask.app.push_screen(DuplicatesScreen())


def _likely(look: Look, contact: bytes) -> list[Option]:
    """Who looks like the same person, the surest first."""
    from crm_tui.reads.candidates import candidates, person_of
    from crm_tui.reads.labels import verdict_label

    person = person_of(look, contact)
    found = candidates(look, person, contact)[:MOST_OFFERED] if person is not None else []
    return [_option(one.row, verdict_label(one.why)) for one in found]


def _pair(ask: Asking) -> list[Subject]:
    if len(ask.subjects) != 2:
        ask.app.say([(_("Mark two people."), "warn")])
        raise Left
    return list(ask.subjects)


async def _twins(ask: Asking) -> list[Option]:
    """The possible duplicates of this one."""
    from crm_tui.reads.contact import whole_contact
    from crm_tui.reads.labels import duplicate_label

    _look, card = await ask.look(lambda look: whole_contact(look, ask.subject.contact))
    return [_option(twin, duplicate_label(twin.why)) for twin in card.twins] if card else []


def _option(one: Twin | FoundRow, note: str = "") -> Option:
    return Option(one.id, one.name or one.phone or one.email or show_id(one.id), note or one.phone or one.email or "")


async def _other(ask: Asking) -> Option:
    """Whom this one is the same as: a possible duplicate, or anybody."""
    from crm_tui.reads.search import find

    flagged = await _twins(ask)
    likely = await ask.look(lambda look: _likely(look, ask.subject.contact))
    twins = [*flagged, *(one for one in likely if one.value not in {twin.value for twin in flagged})][:MOST_OFFERED]
    chosen = await ask.choose(_("Who is it too?"), [*twins, Option(None, _("somebody else…"))]) if twins else None
    if chosen is None:
        text = await ask.line(_("Who is it too?"), placeholder=_("name, phone or e-mail"))
        found = [_option(one) for one in await ask.look(lambda look: find(look, text, 9)) if one.id != ask.subject.contact]
        if not found:
            ask.app.say([(_("Nobody else is found by that."), "warn")])
            raise Left
        twins, chosen = found, await ask.choose(_("Who is it too?"), found)
    return next(one for one in twins if one.value == chosen)


async def unmerge(ask: Asking) -> None:
    """The one who was merged into this one, of several the chosen one."""
    from crm_tui.reads.contact import merged_into

    merged = await ask.look(lambda look: merged_into(look, ask.subject.contact))
    if not merged:
        ask.app.say([(_("Nobody was merged into this contact."), "warn")])
        return
    options = [Option(id_, name) for id_, name in merged]
    chosen = merged[0][0] if len(merged) == 1 else await ask.choose(_("Who is somebody else?"), options)
    await ask.run("unmerge", contact=show_id(chosen))


async def not_same(ask: Asking) -> None:
    """The two that are marked, else this one and a possible duplicate."""
    if len(ask.subjects) > 1:
        this, other = (one.contact for one in _pair(ask))
    else:
        twins = await _twins(ask)
        if not twins:
            ask.app.say([(_("There is no possible duplicate."), "warn")])
            return
        this = ask.subject.contact
        other = twins[0].value if len(twins) == 1 else await ask.choose(_("Who is somebody else?"), twins)
    await ask.run("not_same", a=show_id(this), b=show_id(other))
