"""Where a lead can be routed: the users, those with the least to do first and who is away last, then the desks."""

from __future__ import annotations

from typing import Literal, NamedTuple

from crm_tui.models import in_leadometer
from crm_tui.reads.gauge import MOST, counted
from crm_tui.reads.labels import desk_label
from crm_tui.reads.look import Look

LEADOMETER = "leadometer"


class Target(NamedTuple):
    """One place to route to; `key` is what the `route` command takes as `to`."""

    kind: Literal["user", "desk"]
    key: str
    label: str
    load: int
    """Of a user: contacts of theirs that are new or without an answer; of a desk: all contacts there. Counted up to `MOST`."""
    role: str = ""
    """Of a user: what they are here."""
    id: bytes | None = None
    away_until: int | None = None
    """Of a user who is away: until when."""


def targets(look: Look) -> list[Target]:
    """Users by load, the reps before the others, equals by name, who is away after all; then the desks in their order, the Leadometer."""
    users = [
        Target("user", name, name, load, role, id_, look.away.get(id_, (None,))[0])
        for id_, name, role, load in look.db.rows(
            "SELECT u.id, u.name, u.role, (SELECT count(*) FROM (SELECT 1 FROM contact WHERE owner = u.id"
            f" AND role IN ('new', 'no_answer') AND removed <= 0 LIMIT {MOST}) AS found) FROM users u WHERE u.removed <= 0"
        )
    ]
    users.sort(key=lambda user: (user.away_until is not None, user.role != "rep", user.load, user.label.casefold(), user.label))
    desks = [
        Target("desk", desk.key, desk_label(look.process, desk.key), counted(look, "desk = ? AND removed <= 0", (desk.key,)))
        for desk in look.process.desks
    ]
    return [*users, *desks, Target("desk", LEADOMETER, desk_label(look.process, LEADOMETER), counted(look, in_leadometer()))]
