"""Leads coming in (rules 1-4): one builder for the command and for every row of an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from crm_tui.commands.base import Command, Line, Text, derived, set_register
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.plan import ContactFacts, Edit, Facts, Plan
from crm_tui.process import Process, limits_of
from crm_tui.rules import fold as rules
from crm_tui.rules.cadence import is_inactive_customer
from crm_tui.rules.identity import Decision, decide
from crm_tui.rules.lead import Lead, PointFacts, arrival, company_id, email_point, new_contact, phone_point

POSSIBLE_DUPLICATE = "possible duplicate"


class AddLead(Command):
    """A lead arrives: a new contact in the Leadometer, or a new touchpoint on a known one (rule 1)."""

    command: Literal["add_lead"] = "add_lead"
    name: Line = ""
    phone: Line | None = None
    email: Line | None = None
    company: Line | None = None
    source: Line | None = None
    source_detail: Line | None = None
    campaign: Line | None = None
    readiness: Literal["low", "medium", "high"] | None = None
    note: Text | None = None


def company_edits(name: str, known: bool) -> list[Edit]:
    """The edit that makes a company's record, unless there is one."""
    company = company_id(name)
    return [] if company is None or known else [Edit("company", company, "*", {"name": name})]


def fill_empty(lead: Lead, known: ContactFacts, *, overwrite: bool = False) -> tuple[list[Edit], dict[str, str]]:
    """The edits that fill a known contact's empty fields from a lead, and what the lead said otherwise (kept on the touchpoint)."""
    edits: list[Edit] = []
    differs: dict[str, str] = {}

    def put(register: str, old: Any, new: Any, given: str) -> None:
        if not new or new == old:
            return
        if old and not overwrite:
            differs[register] = given
        else:
            edits.extend(set_register("contact", known.id, register, old or None, new, rules.RETURNING, known.id))

    put("name", known.name, lead.name, lead.name)
    company = company_id(lead.company) if lead.company else None
    put("company", known.company.hex() if known.company else None, company.hex() if company else None, lead.company)
    put("readiness", known.readiness, lead.readiness, lead.readiness)
    for key, value in lead.properties.items():
        put(f"properties/{key}", known.properties.get(key), value, value)
    have = {(point.kind, point.value) for point in known.points}
    for point in lead.points:
        if (point.kind, point.value) not in have:
            have.add((point.kind, point.value))
            edits.append(Edit("contact", known.id, point.register(), point.content(), None, rules.RETURNING, known.id))
    for tag in lead.tags:
        if tag not in known.tags:
            edits.append(Edit("contact", known.id, f"tag/{tag}", True, None, rules.RETURNING, known.id))
    return edits, differs


def flag_edits(contact: bytes, decision: Decision, flagged: frozenset[bytes] = frozenset()) -> list[Edit]:
    """The edits that flag possible duplicates of a contact, but for those that are flagged already."""
    return [
        Edit("contact", contact, f"duplicate/{other.hex()}", {"why": decision.why}, None, POSSIBLE_DUPLICATE, contact)
        for other in decision.flag
        if other not in flagged
    ]


def decide_lead(lead: Lead, facts_linked: Sequence[Any], namesakes: Sequence[Any]) -> Decision:
    """Rule 1 for one lead."""
    return decide(lead.name, facts_linked, namesakes, lead.company, lead.domains)


def is_inactive(known: ContactFacts, now: int, process: Process) -> bool:
    """Whether a known contact is an inactive customer now (rule 12), to be stored with its return."""

    state = known.state
    if state.role == "inactive_customer":
        return True
    last = max(state.worked_at or 0, state.started_at)
    return state.role == "customer" and is_inactive_customer(last, now, limits_of(process), process.zone)


def lead_of(command: AddLead, process: Process) -> Lead:
    """The lead that an `add_lead` names; refused when nothing identifies it."""
    source, detail = command.source or "other", command.source_detail or ""
    known = [one.key for one in process.sources]
    if source not in known:
        raise Refused("source", _("{source} is not a source. Sources: {sources}.").format(source=source[:60], sources=", ".join(known)))
    points: list[PointFacts] = []
    if command.phone:
        points.append(phone_point(command.phone, process.region))
    if command.email:
        points.append(email_point(command.email))
    lead = Lead(
        command.name,
        points,
        command.company or "",
        source,
        detail,
        command.campaign or "",
        command.readiness or "",
        command.note or "",
    )
    if not lead.identified:
        if points:
            point = points[0]
            raise Refused(
                point.kind,
                _("{value} is not a valid {field}, and nothing else says who this is.").format(
                    value=point.raw[:60], field=_("phone") if point.kind == "phone" else _("e-mail")
                ),
            )
        raise Refused("name", _("A lead needs a name, a phone or an e-mail."))
    return lead


def plan_add_lead(facts: Facts, command: AddLead, process: Process, now: int) -> Plan:
    """A new contact, or a touchpoint on the known one; possible duplicates are flagged."""
    lead = lead_of(command, process)
    decision = decide_lead(lead, facts.linked, facts.namesakes)
    company = company_id(lead.company) if lead.company else None
    plan = Plan(edits=company_edits(lead.company, company is None or company in facts.companies))
    entry = derived(facts, "lead")
    more: dict[str, Any] = {"offline": True} if process.source(lead.source).offline else {}
    if decision.touch is None:
        contact = derived(facts, "contact")
        plan.edits.append(Edit("contact", contact, "*", new_contact(lead, now), subject=contact))
        plan.edits.append(Edit("entry", entry, "*", arrival(lead, contact, now, facts.actor.id, **more), subject=contact))
        plan.rules.append(rules.ARRIVED)
    else:
        known = facts.the_contact()
        contact = known.id
        edits, differs = fill_empty(lead, known)
        if differs:
            more["given"] = differs
        if is_inactive(known, now, process):
            more["inactive"] = True
        plan.edits.append(Edit("entry", entry, "*", arrival(lead, contact, now, facts.actor.id, **more), subject=contact))
        plan.edits += edits
        plan.rules.append(rules.RETURNING)
    plan.edits += flag_edits(contact, decision, facts.contact.flagged if facts.contact else frozenset())
    plan.record = contact
    if process.source(lead.source).offline:
        plan.suggest += offers(lead, contact)
    return plan


def deal_offer(contact: bytes) -> dict[str, Any]:
    """The offer to open a deal with somebody who is ready to buy (rule 3)."""
    return {"command": "open_deal", "contact": contact, "why": _("ready to buy: open a deal")}


def offers(lead: Lead, contact: bytes) -> list[dict[str, Any]]:
    """What rule 3 offers for a lead from an offline source."""
    if lead.readiness == "high":
        return [deal_offer(contact)]
    if not lead.readiness:
        return [{"command": "edit_contact", "contact": contact, "readiness": None, "why": _("rate how ready this lead is")}]
    return []
