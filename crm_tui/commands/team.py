"""Commands on the business itself: users and settings of the process."""

from __future__ import annotations

from typing import Any, Literal

from crm_tui.commands.base import Command, Ref, derived
from crm_tui.commands.contacts import LEADOMETER
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.ids import IMPORTS, derived_id
from crm_tui.plan import Edit, Facts, Plan
from crm_tui.process import Process

ROLES = {"add_user": ("admin",), "set_setting": ("admin", "supervisor")}
"""Commands that not everybody may give, and their roles; what needs a role to be done needs it to be undone."""
ENTITY_ROLES = {"user": ROLES["add_user"], "setting": ROLES["set_setting"]}
"""Records that not everybody may change, whatever command a batch that comes in says it is."""


class AddUser(Command):
    """A person who works here."""

    command: Literal["add_user"] = "add_user"
    name: Ref
    role: Literal["rep", "lead_manager", "supervisor", "admin"]


class SetSetting(Command):
    """Change one number or text of the business process; an empty value goes back to the shipped default."""

    command: Literal["set_setting"] = "set_setting"
    name: Ref
    value: Any = None


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


def plan_set_setting(facts: Facts, command: SetSetting, process: Process, now: int) -> Plan:
    """Admins and supervisors set the numbers; a wrong one is refused with what was meant."""
    from crm_tui.process import load_default, with_settings

    facts.may(*ROLES["set_setting"])
    value = None if command.value in ("", None) else command.value
    settings = {key: item for key, item in facts.settings.items() if key != command.name}
    with_settings(load_default(), settings | {command.name: value} if value is not None else settings)
    old = facts.settings.get(command.name)
    record = derived_id(IMPORTS, "setting " + command.name)
    if old == value:
        return Plan(record=record, notes=[_("Nothing changed.")])
    return Plan([Edit("setting", record, "value", {"name": command.name, "value": value}, {"name": command.name, "value": old})], record)
