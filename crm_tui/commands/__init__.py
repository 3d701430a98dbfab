"""Every command with its model and its plan; `parse` makes one from what a person or a script gave."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from crm_tui.commands import activity, campaigns, contacts, deals, leads, lost, merging, quotes, tasks, team, views
from crm_tui.commands.base import MAX_LINE, Command
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.plan import Plan
from crm_tui.text.clean import clip


class Undo(Command):
    """Take a command back with all that followed from it; without an id, your last one."""

    command: str = "undo"
    id: str | None = None


class Redo(Command):
    """Bring back what the last undo took."""

    command: str = "redo"
    id: str | None = None


COMMANDS: dict[str, tuple[type[Command], Callable[..., Plan] | None]] = {
    "add_lead": (leads.AddLead, leads.plan_add_lead),
    "edit_contact": (contacts.EditContact, contacts.plan_edit_contact),
    "route": (contacts.Route, contacts.plan_route),
    "log_call": (activity.LogCall, activity.plan_log_call),
    "log_meeting": (activity.LogMeeting, activity.plan_log_written),
    "log_email": (activity.LogEmail, activity.plan_log_written),
    "log_message": (activity.LogMessage, activity.plan_log_written),
    "log_note": (activity.LogNote, activity.plan_log_note),
    "correct_interaction": (activity.CorrectInteraction, activity.plan_correct_interaction),
    "remove_interaction": (activity.RemoveInteraction, activity.plan_remove_interaction),
    "add_task": (tasks.AddTask, tasks.plan_add_task),
    "complete_task": (tasks.CompleteTask, tasks.plan_complete_task),
    "snooze": (tasks.Snooze, tasks.plan_snooze),
    "set_status": (contacts.SetStatus, contacts.plan_set_status),
    "set_lifecycle": (contacts.SetLifecycle, contacts.plan_set_lifecycle),
    "open_deal": (deals.OpenDeal, deals.plan_open_deal),
    "edit_deal": (deals.EditDeal, deals.plan_edit_deal),
    "move_deal": (deals.MoveDeal, deals.plan_move_deal),
    "send_quote": (quotes.SendQuote, quotes.plan_send_quote),
    "answer_quote": (quotes.AnswerQuote, quotes.plan_answer_quote),
    "tag": (contacts.Tag, contacts.plan_tag),
    "untag": (contacts.Untag, contacts.plan_untag),
    "merge": (merging.Merge, merging.plan_merge),
    "unmerge": (merging.Unmerge, merging.plan_unmerge),
    "not_same": (merging.NotSame, merging.plan_not_same),
    "delete_contact": (contacts.DeleteContact, contacts.plan_delete_contact),
    "delete_deal": (deals.DeleteDeal, deals.plan_delete_deal),
    "add_user": (team.AddUser, team.plan_add_user),
    "set_away": (team.SetAway, team.plan_set_away),
    "set_setting": (team.SetSetting, team.plan_set_setting),
    "save_view": (views.SaveView, views.plan_save_view),
    "delete_view": (views.DeleteView, views.plan_delete_view),
    "add_campaign": (campaigns.AddCampaign, campaigns.plan_add_campaign),
    "edit_campaign": (campaigns.EditCampaign, campaigns.plan_edit_campaign),
    "delete_campaign": (campaigns.DeleteCampaign, campaigns.plan_delete_campaign),
    "tick": (campaigns.Tick, campaigns.plan_tick),
    "untick": (campaigns.Untick, campaigns.plan_untick),
    "restore_edit": (lost.RestoreEdit, lost.plan_restore_edit),
    "undo": (Undo, None),
    "redo": (Redo, None),
}


def parse(fields: Mapping[str, Any]) -> Command:
    """The command that `fields` name; refused with the field at fault and what was expected."""
    name = fields.get("command")
    if not isinstance(name, str) or not name:
        raise Refused("command", _("A line needs a command."))
    known = COMMANDS.get(name)
    if known is None:
        from difflib import get_close_matches

        near = get_close_matches(name[:60], COMMANDS, 1)
        hint = " " + _("Did you mean {name}?").format(name=near[0]) if near else ""
        raise Refused("command", _("There is no command {name}.").format(name=clip(name)) + hint)
    try:
        return known[0].model_validate(dict(fields))
    except ValidationError as error:
        raise _refused(error) from None


def _refused(error: ValidationError) -> Refused:
    first = error.errors(include_url=False, include_input=True)[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, Refused):
        return cause
    field = clip(str(first["loc"][0])) if first["loc"] else "command"
    kind = first["type"]
    if kind == "missing":
        message = _("{field} is missing.").format(field=field)
    elif kind == "extra_forbidden":
        message = _("{field} is not a field of this command.").format(field=field)
    elif kind == "string_too_long":
        message = _("Longer than {limit} characters.").format(limit=first["ctx"].get("max_length", MAX_LINE))
    elif kind == "string_too_short":
        message = _("{field} is empty.").format(field=field)
    elif kind == "literal_error":
        message = _("{value} is not one of: {expected}.").format(
            value=clip(str(first["input"])), expected=", ".join(re.findall(r"'([^']*)'", str(first["ctx"]["expected"])))
        )
    elif kind.startswith("int_") and kind != "int_type":
        message = _("{value} is not a whole number.").format(value=clip(str(first["input"])))
    elif kind in ("greater_than_equal", "less_than_equal"):
        message = _("{value} is out of range.").format(value=clip(str(first["input"])))
    else:
        message = _("{value} is not of the right type.").format(value=clip(str(first["input"])))
    return Refused(field, message)
