"""Commands on two contacts that may be one person: merge them, separate them again, tell them apart."""

from __future__ import annotations

from typing import Literal

from crm_tui.commands.base import Command, Ref
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.plan import Edit, Facts, Plan
from crm_tui.process import Process


class Merge(Command):
    """Two contacts are one person: what is `drop`'s goes to `keep`, which keeps its own fields and gets those it lacks."""

    command: Literal["merge"] = "merge"
    keep: Ref
    drop: Ref

    def both(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The two fields with whom they name."""
        return ("keep", self.keep), ("drop", self.drop)


class Unmerge(Command):
    """Separate a contact that was merged into another; what was done since stays with the other."""

    command: Literal["unmerge"] = "unmerge"
    contact: Ref


class NotSame(Command):
    """Two contacts are two people: they are no possible duplicates any more, and no lead makes them so again."""

    command: Literal["not_same"] = "not_same"
    a: Ref
    b: Ref

    def both(self) -> tuple[tuple[str, str], tuple[str, str]]:
        """The two fields with whom they name."""
        return ("a", self.a), ("b", self.b)


def plan_merge(facts: Facts, command: Merge, process: Process, now: int) -> Plan:
    """One pointer; all that follows from it is projected, so that one change takes it back."""
    keep, drop = facts.two_contacts()
    if keep.id == drop.id:
        raise Refused("drop", _("They are one contact already."))
    return Plan([_pointer(drop.id, drop.into, keep.id)], keep.id)


def plan_unmerge(facts: Facts, command: Unmerge, process: Process, now: int) -> Plan:
    """The one who is named goes, with those who were merged into it; of a survivor the only one who was merged into it."""
    known = facts.the_contact()
    if not known.merged:
        raise Refused("contact", _("Nobody was merged into this contact."))
    leaving = facts.named if facts.named != known.id else None
    if leaving is None:
        if len(known.merged) > 1:
            ids = [show_id(one.id) for one in known.merged]
            message = _("{count} contacts were merged into this one; name the one to separate by its id: {ids}.")
            raise Refused("contact", message.format(count=len(ids), ids=", ".join(ids)), candidates=ids)
        leaving = known.merged[0].id
    pointers = {one.id: one.into for one in known.merged} | {known.id: known.into}
    edits = [_pointer(leaving, pointers[leaving], None)]
    if _leads_to(pointers | {leaving: None}, known.id, leaving):
        # The two were merged into each other.
        edits.append(_pointer(known.id, known.into, None))
    return Plan(edits, leaving)


def _pointer(contact: bytes, old: bytes | None, new: bytes | None) -> Edit:
    return Edit("contact", contact, "merged_into", new.hex() if new else None, old.hex() if old else None, None, contact)


def _leads_to(pointers: dict[bytes, bytes | None], start: bytes, end: bytes) -> bool:
    at: bytes | None = start
    for _step in pointers:
        if at is None or at == end:
            break
        at = pointers.get(at)
    return at == end


def plan_not_same(facts: Facts, command: NotSame, process: Process, now: int) -> Plan:
    """Every flag between the two is answered; without any the answer stands for those to come."""
    a, b = facts.two_contacts()
    if a.id == b.id:
        raise Refused("b", _("They are one contact; separate them first."))
    plan = Plan(record=a.id)
    for flag in facts.flags:
        if flag.why is not None:
            plan.edits.append(_apart(flag.contact, flag.other, flag.why))
    if not facts.flags:
        plan.edits.append(_apart(a.id, b.id, None))
    if not plan.edits:
        plan.notes.append(_("Nothing changed."))
    return plan


def _apart(contact: bytes, other: bytes, why: str | None) -> Edit:
    old = {"why": why} if why is not None else None
    return Edit("contact", contact, f"duplicate/{other.hex()}", {**(old or {}), "not": True}, old, None, contact)
