"""Commands on a contact itself: edit, route, tag, set status and stage, delete."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import ConfigDict, model_validator

from crm_tui.commands.base import MAX_LINE, MAX_TEXT, Command, Line, Ref, Text, event, set_register
from crm_tui.commands.closing import drop_rule_tasks, offer_completion
from crm_tui.commands.fields import checked_field
from crm_tui.commands.leads import company_edits, deal_offer
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.plan import ContactFacts, Edit, Facts, Plan
from crm_tui.process import Process
from crm_tui.rules import fold as rules
from crm_tui.rules.lead import company_id, email_point, phone_point
from crm_tui.text.clean import clean_line, clean_text

RESERVED = {
    "id",
    "status",
    "lifecycle",
    "owner",
    "desk",
    "source",
    "source_detail",
    "latest_source",
    "campaign",
    "attempts",
    "role",
    "created_at",
    "closing_reason",
    "returning",
    "possible_duplicates",
    "missing",
    "deals",
    "next_action",
    "next_at",
    "tags",
    "phone_e164",
    "born",
    "removed",
    "properties",
    "owner_id",
}
_SCHEME = re.compile(r"^\s*([a-zA-Z][a-zA-Z0-9+.-]*):")
LEADOMETER = "leadometer"


class EditContact(Command):
    """Set properties of a contact; any further field becomes a property of its own. An empty value clears."""

    model_config = ConfigDict(extra="allow", frozen=True)

    command: Literal["edit_contact"] = "edit_contact"
    contact: Ref
    name: Line | None = None
    phone: Line | None = None
    email: Line | None = None
    company: Line | None = None
    readiness: Literal["low", "medium", "high", ""] | None = None
    phones: list[Line] | None = None
    emails: list[Line] | None = None

    @model_validator(mode="after")
    def _properties(self) -> EditContact:
        for one, many in (("phone", "phones"), ("email", "emails")):
            if {one, many} <= self.model_fields_set:
                raise Refused(one, _("Give {one} or {many}, not both.").format(one=one, many=many))
        for key, value in (self.model_extra or {}).items():
            if key.lower() in RESERVED:
                raise Refused(key, _("{field} is not a property that can be edited here.").format(field=key[:60]))
            if not key or len(key) > 100 or clean_line(key) != key or "/" in key:
                raise Refused(clean_line(key)[:60], _("A property's name is one short line without a slash."))
            if not isinstance(value, str | int | float | bool | None):
                raise Refused(key, _("A property is a text or a number."))
            if isinstance(value, str) and len(value) > MAX_TEXT:
                raise Refused(key, _("Longer than {limit} characters.").format(limit=MAX_TEXT))
        return self


class Route(Command):
    """Hand a contact to a user, to a desk, or back to the Leadometer."""

    command: Literal["route"] = "route"
    contact: Ref
    to: Ref
    reason: Text | None = None


class SetStatus(Command):
    """Set the lead status by hand."""

    command: Literal["set_status"] = "set_status"
    contact: Ref
    status: Ref
    reason: Line | None = None
    text: Text | None = None


class SetLifecycle(Command):
    """Set the lifecycle stage by hand; it holds until the next deal event (rule 14)."""

    command: Literal["set_lifecycle"] = "set_lifecycle"
    contact: Ref
    stage: Literal["subscriber", "lead", "marketing_qualified", "sales_qualified", "opportunity", "customer", "evangelist", "other"]


class Tag(Command):
    """Put a tag on a contact."""

    command: Literal["tag"] = "tag"
    contact: Ref
    tag: Ref


class Untag(Command):
    """Take a tag off a contact."""

    command: Literal["untag"] = "untag"
    contact: Ref
    tag: Ref


class DeleteContact(Command):
    """Delete a contact; undo brings it back whole."""

    command: Literal["delete_contact"] = "delete_contact"
    contact: Ref


def plan_edit_contact(facts: Facts, command: EditContact, process: Process, now: int) -> Plan:
    """Set what was given and differs."""
    known = facts.the_contact()
    given = command.model_fields_set
    plan = Plan(record=known.id)
    edits = plan.edits
    if "name" in given:
        edits += set_register("contact", known.id, "name", known.name or None, command.name or None, subject=known.id)
    if "company" in given:
        name = command.company or ""
        company = company_id(name) if name else None
        if name and company is None:
            raise Refused("company", _("{value} is not a name.").format(value=name[:60]))
        edits += company_edits(name, company is None or company in facts.companies)
        old = known.company.hex() if known.company else None
        edits += set_register("contact", known.id, "company", old, company.hex() if company else None, subject=known.id)
    if "readiness" in given and (command.readiness or None) != known.readiness:
        edits += set_register("contact", known.id, "readiness", known.readiness, command.readiness or None, subject=known.id)
        if command.readiness:
            edits.append(event(facts, known.id, "rated", now, {"readiness": command.readiness}, "rated"))
            if command.readiness == "high" and known.state.offline and not known.deals:
                plan.suggest.append(deal_offer(known.id))
    for kind, one, many in (("phone", "phone", "phones"), ("email", "email", "emails")):
        if many in given:
            edits += _replace_points(known, kind, getattr(command, many) or [], process, whole=True)
        if one in given:
            edits += _replace_points(known, kind, [getattr(command, one)] if getattr(command, one) else [], process, whole=False)
    for key, value in (command.model_extra or {}).items():
        field = process.custom_field(key)
        edits += _property(known, key, value if field is None else checked_field(field, value, process))
    if not _says_who(known, edits):
        raise Refused("name", _("A contact needs a name, a phone or an e-mail."))
    return plan


def _says_who(known: ContactFacts, edits: list[Edit]) -> bool:
    """Whether edits of name, phone or e-mail leave a name or a valid phone or e-mail; other edits are free."""
    name, valid = known.name, {point.register(): point.valid for point in known.points}
    touched = False
    for edit in edits:
        if edit.register == "name":
            name, touched = edit.new, True
        elif edit.register.startswith(("phone/", "email/")):
            valid[edit.register], touched = bool(edit.new and edit.new["valid"]), True
    return not touched or bool(name) or any(valid.values())


def _replace_points(known: ContactFacts, kind: str, raws: list[str], process: Process, *, whole: bool) -> list[Edit]:
    """The first stays or becomes the primary; the one it replaces goes (all others too, when the whole set is given)."""
    make = (lambda raw: phone_point(raw, process.region)) if kind == "phone" else email_point
    wanted = {point.value: point for point in (make(raw) for raw in raws if raw)}
    have = [point for point in known.points if point.kind == kind]
    current = known.primary(kind)
    edits: list[Edit] = []
    for point in have:
        if point.value not in wanted and (whole or point is current):
            edits.append(Edit("contact", known.id, point.register(), None, point.content(), None, known.id))
    for index, point in enumerate(wanted.values()):
        old = next((one for one in have if one.value == point.value), None)
        if index == 0 and current is not None and current.value != point.value:
            point = point._replace(primary=True)
        elif old is not None:
            point = point._replace(primary=old.primary, rank=old.rank, valid=point.valid and old.valid)
        edits += set_register("contact", known.id, point.register(), old.content() if old else None, point.content(), subject=known.id)
    return edits


def _property(known: ContactFacts, key: str, value: object) -> list[Edit]:
    if value is None:
        text = ""
    elif isinstance(value, bool):
        text = "true" if value else "false"
    else:
        text = clean_text(str(value))
    if key in ("title", "website") and len(text) > MAX_LINE:
        raise Refused(key, _("Longer than {limit} characters.").format(limit=MAX_LINE))
    if key == "website" and (scheme := _SCHEME.match(text)) and scheme[1].lower() not in ("http", "https", "mailto", "tel"):
        raise Refused(key, _("{scheme} links are not kept: only http, https, mailto and tel.").format(scheme=scheme[1][:20]))
    return set_register("contact", known.id, f"properties/{key}", known.properties.get(key), text or None, subject=known.id)


def plan_route(facts: Facts, command: Route, process: Process, now: int) -> Plan:
    """Route to a user (marketing_qualified), a desk (some close, rule 13) or back to the Leadometer (with a reason)."""
    known = facts.the_contact()
    state = known.state
    to = command.to
    user = facts.find_user(to)
    data: dict[str, Any] = {"to": to, "reason": command.reason}
    notes: list[str] = []
    desks = [desk.key for desk in process.desks]
    if user is not None:
        if state.owner == user.id and state.desk is None:
            return Plan(record=known.id, notes=[_("Already with {name}.").format(name=user.name)])
        data |= {"to": user.name, "owner": user.id.hex()}
        if (user.away_until or 0) > now:
            notes.append(_("{name} is away.").format(name=user.name))
    elif to.lower() == LEADOMETER:
        if state.owner is None and state.desk is None:
            return Plan(record=known.id, notes=[_("Already in the Leadometer.")])
        if not command.reason:
            raise Refused("reason", _("Giving a lead back to the Leadometer needs a reason."))
        data["to"] = LEADOMETER
    elif to.lower() in desks:
        desk = process.desk(to.lower())
        if state.desk == desk.key:
            return Plan(record=known.id, notes=[_("Already at {desk}.").format(desk=desk.text)])
        data |= {"to": desk.key, "desk": desk.key, "closes": desk.closes or None}
    else:
        raise Refused(
            "to",
            _("There is no user or desk {name}. Users: {users}. Desks: {desks}.").format(
                name=to[:60], users=facts.user_names(), desks=", ".join([LEADOMETER, *desks])
            ),
        )
    plan = Plan(
        [event(facts, known.id, "route", now, data)],
        known.id,
        [rules.ROUTED if user or to.lower() == LEADOMETER else rules.ROUTED_TO_DESK],
        notes=notes,
    )
    if data.get("closes"):
        plan.edits += drop_rule_tasks(known, now)
        plan.suggest += offer_completion(known, plan.edits, process, now)
    return plan


def plan_set_status(facts: Facts, command: SetStatus, process: Process, now: int) -> Plan:
    """A status by hand; `closed` carries a reason (rule 11)."""
    known = facts.the_contact()
    state = known.state
    status = process.status(command.status)
    if status.retired and status.key != state.status:
        raise Refused("status", _("The status {status} is retired.").format(status=status.text))
    if status.role == "closed" and not command.reason:
        raise Refused("reason", _("Closing needs a reason: {reasons}.").format(reasons=process.offered_reasons))
    if status.role != "closed" and command.reason:
        raise Refused("reason", _("Only a closed status carries a reason."))
    reason = process.reason(command.reason).key if command.reason else None
    same = state.status == status.key and state.reason == reason and (state.reason_text or None) == (command.text or None)
    if same:
        return Plan(record=known.id, notes=[_("Nothing changed.")])
    data = {"status": status.key, "role": status.role, "reason": reason, "reason_text": command.text}
    plan = Plan([event(facts, known.id, "set_status", now, data)], known.id)
    if status.role == "closed":
        plan.edits += drop_rule_tasks(known, now)
        plan.suggest += offer_completion(known, plan.edits, process, now)
    return plan


def plan_set_lifecycle(facts: Facts, command: SetLifecycle, process: Process, now: int) -> Plan:
    """A lifecycle stage by hand."""
    known = facts.the_contact()
    if known.state.lifecycle == command.stage and known.state.by_hand:
        return Plan(record=known.id, notes=[_("Nothing changed.")])
    return Plan([event(facts, known.id, "set_lifecycle", now, {"stage": command.stage})], known.id)


def plan_tag(facts: Facts, command: Tag, process: Process, now: int) -> Plan:
    """Tags are a set: putting one twice changes nothing."""
    known = facts.the_contact()
    if "/" in command.tag or len(command.tag) > 100:
        raise Refused("tag", _("A tag is one short line without a slash."))
    have = True if command.tag in known.tags else None
    return Plan(set_register("contact", known.id, f"tag/{command.tag}", have, True, subject=known.id), known.id)


def plan_untag(facts: Facts, command: Untag, process: Process, now: int) -> Plan:
    """Taking off a tag that is not there changes nothing."""
    known = facts.the_contact()
    have = True if command.tag in known.tags else None
    return Plan(set_register("contact", known.id, f"tag/{command.tag}", have, None, subject=known.id), known.id)


def plan_delete_contact(facts: Facts, command: DeleteContact, process: Process, now: int) -> Plan:
    """Taken away, with all that hangs on it; the log keeps it for undo."""
    known = facts.the_contact()
    return Plan([Edit("contact", known.id, "removed", True, None, None, known.id)], known.id)
