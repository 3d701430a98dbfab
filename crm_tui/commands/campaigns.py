"""Campaigns of marketing: whom they mean is fixed when they are made and then ticked off, one after the other."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, model_validator

from crm_tui.commands.base import Command, Line, Ref, derived, moment, set_register
from crm_tui.commands.deals import Amount
from crm_tui.errors import NotFound, Refused
from crm_tui.filters.shipped import LONGEST_NAME
from crm_tui.i18n import gettext as _
from crm_tui.i18n import ngettext
from crm_tui.ids import show_id
from crm_tui.plan import CampaignFacts, Edit, Facts, Plan
from crm_tui.process import Process
from crm_tui.registry import LEADING
from crm_tui.text.clean import clip
from crm_tui.text.fold import fold
from crm_tui.text.money import parse_amount
from crm_tui.text.times import local_day

Kind = Literal["calls", "emails", "messages", "event", "advertising", "other"]


def _refs(value: object) -> object:
    """Several in one text, with a comma between them, as well as a list."""
    if isinstance(value, str):
        return [one for one in map(str.strip, re.split("[,;\n]", value)) if one]
    return [one for part in value for one in (_refs(part) if isinstance(part, str) else [part])] if isinstance(value, list) else value  # type: ignore[attr-defined]


Contacts = Annotated[list[Ref], BeforeValidator(_refs)]


class AddCampaign(Command):
    """A campaign with its checklist: whom the filter or the view finds now, or these contacts; else whom leads of that campaign brought."""

    command: Literal["add_campaign"] = "add_campaign"
    name: Ref
    kind: Kind = "calls"
    starts: Line | None = None
    ends: Line | None = None
    cost: Amount | None = None
    filter: Line | None = None
    view: Line | None = None
    contacts: Contacts | None = None

    @model_validator(mode="after")
    def _check_people(self) -> AddCampaign:
        for field, value in (("filter", self.filter), ("view", self.view)):
            if self.contacts is not None and value is not None:
                raise Refused(field, _("Give either contacts, or a filter or view."))
        return self


class EditCampaign(Command):
    """Change what a campaign says of itself; add contacts to its checklist, or with `refill` whom its filter finds by now."""

    command: Literal["edit_campaign"] = "edit_campaign"
    campaign: Ref
    name: Line | None = None
    kind: Kind | None = None
    starts: Line | None = None
    ends: Line | None = None
    cost: Amount | None = None
    contacts: Contacts | None = None
    refill: bool | None = None


class DeleteCampaign(Command):
    """Delete a campaign with its checklist; the people stay."""

    command: Literal["delete_campaign"] = "delete_campaign"
    campaign: Ref


class Tick(Command):
    """Tick people off in the checklist of a campaign."""

    command: Literal["tick"] = "tick"
    campaign: Ref
    contacts: Contacts


class Untick(Command):
    """Take ticks back in the checklist of a campaign."""

    command: Literal["untick"] = "untick"
    campaign: Ref
    contacts: Contacts


CampaignCommand = AddCampaign | EditCampaign | DeleteCampaign | Tick | Untick


def plan_add_campaign(facts: Facts, command: AddCampaign, process: Process, now: int) -> Plan:
    """The campaign with its people."""
    facts.may(*LEADING)
    starts, ends = _day("starts", command.starts, process), _day("ends", command.ends, process)
    _check_days(starts, ends)
    value = {
        "name": _name(facts, command.name),
        "kind": command.kind,
        "starts": starts,
        "ends": ends,
        **(_cost(command.cost, process) or {"amount": None, "currency": None}),
        "view": facts.view,
        "people": [one.hex() for one in facts.people],
    }
    record = derived(facts, "campaign")
    return Plan([Edit("campaign", record, "*", value)], record, notes=[_people(len(facts.people))])


def plan_edit_campaign(facts: Facts, command: EditCampaign, process: Process, now: int) -> Plan:
    """Only what is given changes; an empty day or cost clears."""
    facts.may(*LEADING)
    known = facts.the_campaign()
    given = command.model_fields_set
    plan = Plan(record=known.id)
    if command.name is not None and command.name != known.name:
        plan.edits += set_register("campaign", known.id, "name", known.name, _name(facts, command.name, known))
    if command.kind is not None:
        plan.edits += set_register("campaign", known.id, "kind", known.kind, command.kind)
    starts = _day("starts", command.starts, process) if "starts" in given else known.starts
    ends = _day("ends", command.ends, process) if "ends" in given else known.ends
    _check_days(starts, ends)
    old = {"starts": known.starts, "ends": known.ends}
    plan.edits += set_register("campaign", known.id, "dates", old, {"starts": starts, "ends": ends})
    if "cost" in given:
        before = None if known.amount is None else {"amount": known.amount, "currency": known.currency}
        plan.edits += set_register("campaign", known.id, "cost", before, _cost(command.cost, process))
    for person in facts.people:
        if not any(row.is_member for row in facts.listed.get(person, ())):
            plan.edits.append(Edit("campaign", known.id, f"person/{person.hex()}", True))
    if not plan.edits:
        plan.notes.append(_("Nothing changed."))
    return plan


def plan_delete_campaign(facts: Facts, command: DeleteCampaign, process: Process, now: int) -> Plan:
    """The campaign goes with its list."""
    facts.may(*LEADING)
    known = facts.the_campaign()
    return Plan([Edit("campaign", known.id, "removed", True)], known.id)


def plan_tick(facts: Facts, command: Tick, process: Process, now: int) -> Plan:
    """Who is ticked already stays so, by whom and when it was; of people that were merged one tick counts for both."""
    known = facts.the_campaign()
    tick = {"at": now, "by": facts.actor.id.hex()}
    plan = Plan(record=known.id)
    for person in facts.people:
        rows = [row for row in facts.listed.get(person, ()) if row.is_member]
        if not rows:
            raise NotFound("contacts", _("{id} is not in the checklist of {name}.").format(id=show_id(person), name=known.name))
        if not any(row.tick for row in facts.listed[person]):
            plan.edits.append(Edit("campaign", known.id, f"tick/{rows[0].holder.hex()}", tick))
    return _done(plan)


def plan_untick(facts: Facts, command: Untick, process: Process, now: int) -> Plan:
    """They are to be done again, whoever of those merged into them bears the tick."""
    known = facts.the_campaign()
    plan = Plan(record=known.id)
    for person in facts.people:
        for row in facts.listed.get(person, ()):
            if row.tick:
                plan.edits.append(Edit("campaign", known.id, f"tick/{row.holder.hex()}", None, row.tick))
    return _done(plan)


def _done(plan: Plan) -> Plan:
    if not plan.edits:
        plan.notes.append(_("Nothing changed."))
    return plan


def _people(count: int) -> str:
    return ngettext("{count} person", "{count} people", count).format(count=f"{count:,}")


def _name(facts: Facts, name: str, known: CampaignFacts | None = None) -> str:
    if len(name) > LONGEST_NAME or not fold(name):
        raise Refused("name", _("A campaign's name has 1 to {limit} characters.").format(limit=LONGEST_NAME))
    taken = {fold(one) for one in facts.campaigns} - ({fold(known.name)} if known else set())
    if fold(name) in taken:
        raise Refused("name", _("There is already a campaign {name}.").format(name=clip(name)))
    return name


def _day(field: str, value: str | None, process: Process) -> str | None:
    if not value:
        return None
    day: date = local_day(moment(value, field, process).ms, process.zone)
    return day.isoformat()


def _check_days(starts: str | None, ends: str | None) -> None:
    if starts and ends and ends < starts:
        raise Refused("ends", _("It ends before it starts."))


def _cost(cost: Amount | None, process: Process) -> dict[str, Any] | None:
    if cost is None or cost == "":
        return None
    money = parse_amount(cost, process.currency, "cost")
    if money.minor < 0:
        raise Refused("cost", _("A cost is not negative."))
    return {"amount": money.minor, "currency": money.currency}
