"""Commands on the business itself: users and settings of the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import model_validator

from crm_tui.commands.base import Command, Line, Ref, derived, set_register, to_come
from crm_tui.commands.contacts import LEADOMETER
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.ids import IMPORTS, derived_id
from crm_tui.plan import Edit, Facts, Plan, Stranded
from crm_tui.process import Process, load_default, usable_settings, with_settings
from crm_tui.registry import ACTIONS, LEADING
from crm_tui.text.dates import short_time
from crm_tui.users import check_role

ROLES = {one.id: one.roles for one in ACTIONS if one.roles}
"""Commands that not everybody may give, and their roles; what needs a role to be done needs it to be undone."""
ENTITY_ROLES = {"user": ROLES["add_user"], "setting": ROLES["set_setting"]}
"""Records that not everybody may change, whatever command a batch that comes in says it is."""


def roles_needed(entity: str, register: str, record: bytes, by: bytes) -> tuple[str, ...]:
    """Who may change a register of a record: these roles; everybody when there are none."""
    if (entity, register) == ("user", "away"):
        return () if record == by else LEADING
    if entity == "campaign":
        return () if register.startswith("tick/") else LEADING
    return ENTITY_ROLES.get(entity, ())


class AddUser(Command):
    """A person who works here."""

    command: Literal["add_user"] = "add_user"
    name: Ref
    role: Literal["rep", "lead_manager", "supervisor", "admin"]


class SetAway(Command):
    """Somebody is away until a time, and a colleague covers for them; without a time they are back."""

    command: Literal["set_away"] = "set_away"
    user: Ref | None = None
    until: Line | None = None
    covered_by: Line | None = None


class SetSetting(Command):
    """Change one number or text of the business process, or several at once; an empty value goes back to the shipped default."""

    command: Literal["set_setting"] = "set_setting"
    name: Ref | None = None
    value: Any = None
    values: dict[Ref, Any] | None = None

    @model_validator(mode="after")
    def _check_names(self) -> SetSetting:
        if (self.name is None) == (self.values is None):
            raise Refused("name", _("Give one setting by name and value, or several as values."))
        return self

    def given(self) -> dict[str, Any]:
        """The settings by name; None goes back to the default."""
        values = self.values if self.values is not None else {str(self.name): self.value}
        return {name: None if value in ("", None) else value for name, value in values.items()}

    def process(self, settings: Mapping[str, Any]) -> Process:
        """The process as it will be; refused when it would be wrong."""
        laid = {**usable_settings(load_default(), settings), **self.given()}
        return with_settings(load_default(), {name: value for name, value in laid.items() if value is not None})


def plan_add_user(facts: Facts, command: AddUser, process: Process, now: int) -> Plan:
    """Admins add users; a name is one user's, and no desk's."""
    facts.may(*ROLES["add_user"])
    name = command.name
    if facts.find_user(name) is not None:
        raise Refused("name", _("There is already a user {name}.").format(name=name))
    if len(name) > 60 or name.lower() in {LEADOMETER, *(desk.key for desk in process.desks)}:
        raise Refused("name", _("{name} cannot be a user's name.").format(name=name[:60]))
    user = derived(facts, "user")
    return Plan([Edit("user", user, "*", {"name": name, "role": command.role})], user)


def plan_set_away(facts: Facts, command: SetAway, process: Process, now: int) -> Plan:
    """Everybody for themselves, who leads others for them too."""
    user = facts.user(command.user, "user") if command.user else facts.actor
    check_role(facts.actor, roles_needed("user", "away", user.id, facts.actor.id))
    new: dict[str, Any] | None = None
    plan = Plan(record=user.id)
    if command.until:
        until = to_come(command.until, "until", process, now)
        if until.ms <= now:
            said = short_time(until.ms, now, process.zone, timed=not until.dated)
            raise Refused("until", _("{until} has passed; leave it empty for who is back.").format(until=said))
        cover = facts.user(command.covered_by, "covered_by") if command.covered_by else None
        if cover is not None and cover.id == user.id:
            raise Refused("covered_by", _("{name} cannot cover for themselves.").format(name=user.name))
        if cover is not None and (cover.away_until or 0) > now:
            plan.notes.append(_("{name} is away too.").format(name=cover.name))
        new = {"until": until.ms, "cover": cover.id.hex() if cover else None}
    elif command.covered_by:
        raise Refused("until", _("Until when?"))
    plan.edits = set_register("user", user.id, "away", user.away_content(), new)
    if not plan.edits:
        plan.notes.append(_("Nothing changed."))
    return plan


def plan_set_setting(facts: Facts, command: SetSetting, process: Process, now: int) -> Plan:
    """Admins and supervisors set the numbers; a wrong one is refused with what was meant, as is one that strands data."""
    facts.may(*ROLES["set_setting"])
    check_stranded(facts.stranded)
    plan = Plan()
    for name, value in command.given().items():
        old = facts.settings.get(name)
        record = derived_id(IMPORTS, "setting " + name)
        plan.record = plan.record or record
        if old != value:
            plan.edits.append(Edit("setting", record, "value", {"name": name, "value": value}, {"name": name, "value": old}))
    if not plan.edits:
        plan.notes.append(_("Nothing changed."))
    return plan


def check_stranded(stranded: Sequence[Stranded]) -> None:
    """Refuse a process that would leave somebody behind."""
    if stranded:
        raise Refused(stranded[0].kind, " ".join(map(_stranded, stranded)))


_IN_USE = {
    "status": mark("Still in the status {label} ({key}): {count} ({names}). Give them another status first, or keep it."),
    "desk": mark("Still at the desk {label} ({key}): {count} ({names}). Route them on first, or keep it."),
    "reason": mark("Closed for {label} ({key}): {count} ({names}). Keep it; retired = true takes a reason out of use."),
    "source": mark("Came from {label} ({key}): {count} ({names}). Keep the source."),
    "pipeline": mark("Deals still in the pipeline {label} ({key}): {count} ({names}). Move them to another one first, or keep it."),
    "stage": mark("Deals still in the stage {label} ({key}): {count} ({names}). Move them to another one first, or keep it."),
}
"""What is said of who would be stranded, how many, and what to do."""


def _stranded(one: Stranded) -> str:
    names = ", ".join(one.names) + ("…" if one.total > len(one.names) else "")
    return _(_IN_USE[one.kind]).format(count=one.total, label=one.label, key=one.key, names=names)
