"""What is to be thought of before a typed time is promised: it is past, nobody works on that day, who promises is away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crm_tui.i18n import gettext as _
from crm_tui.reads.labels import away_text
from crm_tui.reads.look import Look
from crm_tui.rules.calendar import WorkingTime
from crm_tui.rules.states import is_past
from crm_tui.text.clean import clean_line
from crm_tui.text.times import Moment, local_day


class Promising(NamedTuple):
    """What a promised time is judged by: the working time, and of those who promise who is away until when (ms), in words first."""

    working: WorkingTime
    away: tuple[str, int] | None


def promising(look: Look, contacts: Sequence[bytes]) -> Promising:
    """For a promise to these people: their owners keep it, without one the person who looks."""
    # The calendar of holidays is imported here, not at the first key.
    look.working.is_working_day(local_day(look.now, look.zone))
    owners = {row[0] or look.me for row in look.db.where_in("SELECT owner FROM contact WHERE id IN ({})", contacts)} or {look.me}
    away = max(((look.away[one][0], one) for one in owners if one in look.away), default=None)
    if away is None:
        return Promising(look.working, None)
    until, who = away
    name = clean_line(look.user(who) or "")
    return Promising(look.working, (_("{name} is {away}").format(name=name, away=away_text(look, until)), until))


def cautions(moment: Moment, now: int, by: Promising) -> list[str]:
    """What speaks against a time, in few words each; nothing forbids it."""
    found = [moment.note] if moment.note else []
    if is_past(moment.ms, not moment.dated, now, by.working.zone):
        return [*found, _("past")]
    if free := by.working.why_free(local_day(moment.ms, by.working.zone)):
        found.append(free)
    if by.away is not None and moment.ms < by.away[1]:
        found.append(by.away[0])
    return found
