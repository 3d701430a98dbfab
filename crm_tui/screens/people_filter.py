"""What the list of contacts is filtered by: by what, then the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crm_tui.i18n import gettext as _
from crm_tui.reads.people import EVERYBODY, Wanted
from crm_tui.screens.dialogs import Option
from crm_tui.widgets.paint import safe

if TYPE_CHECKING:
    from crm_tui.reads.look import Look
    from crm_tui.screens.asking import Asking


async def ask_wanted(ask: Asking, wanted: Wanted, now: Mapping[str, str]) -> Wanted:
    """Another filter made of the one that is set; `now` says it in words, by the name of its field."""
    fields = [("text", _("text")), ("stage", _("stage")), ("status", _("status")), ("owner", _("owner"))]
    options = [Option(field, name, now.get(name, "")) for field, name in fields]
    if now:
        options.append(Option("clear", _("show all again")))
    field = await ask.choose(_("Show only"), options)
    if field == "clear":
        return EVERYBODY
    if field == "text":
        hint = _("name, phone, e-mail or company")
        return replace(wanted, text=await ask.line(_("Show only"), value=wanted.text, placeholder=hint, optional=True))
    some = [*await ask.look(_VALUES[field]), Option(None, _("any"))]
    at = next((index for index, one in enumerate(some) if one.value == getattr(wanted, field)), 0)
    return replace(wanted, **{field: await ask.choose(dict(fields)[field], some, at=at)})


def _stages(look: Look) -> list[Any]:
    return [Option(one.key, safe(one.text)) for one in look.process.lifecycle]


def _statuses(look: Look) -> list[Any]:
    return [Option(one.key, safe(one.text)) for one in look.process.statuses]


def _owners(look: Look) -> list[Any]:
    users = sorted(look.users.items(), key=lambda user: (user[0] != look.me, user[1].casefold()))
    return [*(Option(id_, safe(name), _("me") if id_ == look.me else "") for id_, name in users), Option("none", _("nobody"))]


_VALUES: dict[str, Callable[[Look], list[Any]]] = {"stage": _stages, "status": _statuses, "owner": _owners}
