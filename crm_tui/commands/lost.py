"""Bringing back an edit that another one overwrote without knowing of it."""

from __future__ import annotations

from typing import Literal

from crm_tui.commands.base import Command, Ref, derived
from crm_tui.commands.team import roles_needed
from crm_tui.commands.views import check_shared
from crm_tui.plan import Edit, Facts, Plan
from crm_tui.process import Process


class RestoreEdit(Command):
    """Bring back a lost edit (`show conflicts` lists them), or a record that was deleted while somebody worked on it."""

    command: Literal["restore_edit"] = "restore_edit"
    edit: Ref


def plan_restore_edit(facts: Facts, command: RestoreEdit, process: Process, now: int) -> Plan:
    """The value that lost is set again, by who restores it and now; undo gives the one that won."""
    lost = facts.lost
    assert lost is not None
    facts.may(*roles_needed(lost.entity, lost.register, lost.record, facts.actor.id))
    if (lost.entity, lost.register) == ("view", "content"):
        check_shared(facts, lost.record)
    if lost.register == "*":
        if lost.entity == "entry":
            value = lost.value | {"at": now, "by": facts.actor.id.hex()}
            return Plan([Edit("entry", derived(facts, "entry"), "*", value, subject=lost.subject)], lost.subject)
        return Plan([Edit(lost.entity, lost.record, "removed", False, True, None, lost.subject)], lost.record)
    value = lost.value
    if isinstance(value, dict):
        # Where it stands among others is given anew.
        value |= {name: None for name in ("rank", "place") if name in value}
        if lost.register == "stage":
            value |= {"moved_at": now, "by": facts.actor.id.hex()}
    return Plan([Edit(lost.entity, lost.record, lost.register, value, lost.stands, None, lost.subject)], lost.record)
