"""Words for the codes of lists and cards; those that sentences need too are in `reads.labels`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark

if TYPE_CHECKING:
    from crm_tui.reads.look import Look

RESPONSES = {"fresh": mark("fresh"), "late": mark("late"), "cold": mark("cold"), "breached": mark("breached")}
BUCKETS = {"new": mark("new"), "due": mark("due"), "no_answer": mark("no answer")}
KINDS = {
    "lead": mark("lead"),
    "added": mark("added"),
    "call": mark("call"),
    "meeting": mark("meeting"),
    "email": mark("e-mail"),
    "message": mark("message"),
    "note": mark("note"),
    "quote": mark("quote"),
    "quote_answer": mark("answer to a quote"),
    "route": mark("route"),
    "status": mark("status"),
    "lifecycle": mark("stage"),
    "deal": mark("deal"),
    "deal_stage": mark("deal stage"),
    "task": mark("task"),
    "task_done": mark("task done"),
    "snooze": mark("put off"),
    "tick": mark("ticked off"),
    "edit": mark("edit"),
    "duplicate": mark("possible duplicate"),
    "merge": mark("merge"),
    "unmerge": mark("separated"),
}
MISSING = {"phone": mark("no phone"), "email": mark("no e-mail"), "readiness": mark("not rated")}


def label(labels: Mapping[str, str], code: str | None) -> str:
    """The word for a code; a code without one stands for itself."""
    return _(labels.get(code, code)) if code else ""


def term(terms: Iterable[Any], key: str | None) -> str:
    """The label that the business gave to a status, stage, desk or reason; a key it no longer has stands for itself."""
    return next((str(one.text) for one in terms if one.key == key), key or "")


def moment(look: Look, iso: str | None, *, timed: bool = True) -> str:
    """A time of a JSON answer as people read it, to the minute; a day as a day."""
    if not iso:
        return ""
    from crm_tui.text.dates import short_iso, short_time

    if "T" not in iso:
        return short_iso(iso, look.now, look.zone)
    return short_time(int(datetime.fromisoformat(iso).timestamp() * 1000), look.now, look.zone, timed=timed)


def money(value: Mapping[str, str] | None) -> str:
    """An amount of a JSON answer; nothing for none."""
    if not value:
        return ""
    from crm_tui.text.money import parse_amount, show

    amount = parse_amount(dict(value), value["currency"])
    return show(amount) if amount.minor else ""
