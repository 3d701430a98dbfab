"""What each line of the timeline says: its fields for a script, and a sentence for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crm_tui.i18n import apart
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.reads import labels, quotes
from crm_tui.reads.look import Look
from crm_tui.rules.cadence import is_short
from crm_tui.text.clean import clip
from crm_tui.text.dates import short_iso, short_time
from crm_tui.text.money import Money, show

if TYPE_CHECKING:
    from crm_tui.reads.timeline import EntryRow

CLIPPED = 80
"""Cells of a note or value in a sentence."""

Described = tuple[dict[str, Any], str]


def described(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    """The fields and the sentence of a line; one of a kind that this build does not know says just its kind."""
    describe = _KINDS.get(row.kind)
    return describe(look, row, data) if describe else ({}, row.kind)


def _lead(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    source = data.get("source")
    returning = row.kind == "lead" and bool(
        look.db.one(
            "SELECT 1 FROM entry WHERE contact = ? AND kind IN ('lead', 'added') AND removed <= 0 AND hlc < ? LIMIT 1",
            (row.contact, row.hlc),
        )
    )
    fields = {
        "source": source,
        "source_detail": data.get("detail"),
        "campaign": data.get("campaign"),
        "readiness": data.get("readiness"),
        "note": data.get("note"),
        "returning": returning,
    }
    if data.get("given"):
        fields["given"] = data["given"]
    if returning:
        text = _("came back through {source}")
    else:
        text = _("lead from {source}") if row.kind == "lead" else _("contact added from {source}")
    text = text.format(source=labels.source_label(look, source or "other"))
    return fields, _with_note(" · ".join(filter(None, [text, _clip(data.get("detail")), _clip(data.get("campaign"))])), data, quoted=True)


def _call(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    fields = {name: data.get(name) for name in ("outcome", "duration", "note", "need", "reason", "reason_text")}
    fields["direction"] = data.get("direction", "out")
    text = _("call: {outcome}") if fields["direction"] == "out" else _("incoming call: {outcome}")
    text = text.format(outcome=labels.outcome_label(data.get("outcome", "talked")))
    if data.get("reason"):
        text += f" ({apart(labels.reason_label(look.process, data['reason'], inside=True))})"
    if data.get("duration"):
        text += f", {labels.spoken_duration(data['duration'])}"
        if _is_short(look, row, data):
            text += f" ({_('short conversation')})"
    if data.get("need"):
        text += ", " + _("needs {need}").format(need=_clip(data["need"]))
    return fields, _with_note(text, data)


def _is_short(look: Look, row: EntryRow, data: Mapping[str, Any]) -> bool:
    outcome, seconds = data.get("outcome", "talked"), data["duration"]
    if not is_short(outcome, seconds, None, look.limits):
        return False
    desk = look.db.one("SELECT desk FROM contact WHERE id = ?", (row.contact,))
    return is_short(outcome, seconds, desk[0] if desk else None, look.limits)


def _written(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    direction = data.get("direction", "out")
    sentences = {
        ("email", "out"): _("e-mail sent"),
        ("email", "in"): _("e-mail received"),
        ("message", "out"): _("message sent"),
        ("message", "in"): _("message received"),
        ("meeting", "out"): _("meeting"),
        ("note", "out"): _("note"),
    }
    text = sentences.get((row.kind, direction), row.kind)
    if data.get("duration"):
        text += f", {labels.spoken_duration(data['duration'])}"
    if data.get("subject"):
        text += f": {_clip(data['subject'])}"
    elif not data.get("note") and data.get("body"):
        text += f" — {_clip(data['body'])}"
    fields = {name: data.get(name) for name in ("subject", "body", "note", "duration")}
    if row.kind in ("email", "message"):
        fields |= {"direction": direction, "template": data.get("template")}
    return fields, _with_note(text, data)


def _quote(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    fields, text = quotes.sentence(look, data)
    return fields | {"note": data.get("note")}, _with_note(text, data)


def _quote_answer(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    fields, text = quotes.answered(look, data)
    fields["quote"] = show_id(row.cause) if row.cause else None
    return fields, text + (f" — {_clip(data['text'])}" if data.get("text") else "")


def _route(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    owner, desk = data.get("owner"), data.get("desk")
    to = look.user(bytes.fromhex(owner)) if owner else data.get("to")
    if owner:
        text = _("routed to {name}").format(name=to)
    elif desk:
        text = _("routed to the desk {desk}").format(desk=labels.desk_label(look.process, desk))
    else:
        text = _("given back to the Leadometer")
    return {"to": to, "reason": data.get("reason")}, text + (f" — {_clip(data['reason'])}" if data.get("reason") else "")


def _status(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    reason = data.get("reason")
    text = labels.status_label(look.process, data["new"], inside=True)
    if reason:
        text += ": " + apart(labels.reason_label(look.process, reason, inside=True))
    return {"old": data["old"], "new": data["new"], "reason": reason}, _caused(text, row)


def _lifecycle(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    text = _("stage: {stage}").format(stage=labels.lifecycle_label(look.process, data["new"], inside=True))
    return {"old": data["old"], "new": data["new"]}, _caused(text, row)


def _caused(text: str, row: EntryRow) -> str:
    if row.rule:
        return _("{what}, by rule: {rule}").format(what=text, rule=labels.rule_label(row.rule))
    return _("{what}, set by hand").format(what=text)


def _task(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    kind, due = data["kind"], data.get("due_at")
    fields = {"task_id": show_id(row.cause) if row.cause else None, "task": kind, "due": look.time(due), "note": data.get("note")}
    when = short_time(due, look.now, look.zone, timed=bool(data.get("timed"))) if due is not None else ""
    if row.kind == "task":
        text = _("task: {task}, due {when}")
    else:
        text = _("task done: {task}") if row.kind == "task_done" else _("put off: {task}, to {when}")
    return fields, _with_note(_by_rule(text.format(task=labels.task_label(kind), when=when), row), data)


def _deal(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    fields = {
        "deal": show_id(row.cause) if row.cause else None,
        "name": data["name"],
        "value": look.money(data["amount"], data["currency"]),
        "stage": data["stage"],
    }
    text = _("deal {name} opened").format(name=_clip(data["name"]))
    return fields, text + (f", {apart(show(Money(data['amount'], data['currency'])))}" if data["amount"] else "")


def _deal_stage(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    fields = {"deal": show_id(row.cause) if row.cause else None}
    fields |= {name: data.get(name) for name in ("name", "old", "new", "reason", "reason_text")}
    old, new = (labels.stage_label(look.process, data.get(name) or "", inside=True) for name in ("old", "new"))
    text = _("deal {name}: {old} → {new}").format(name=_clip(data["name"]), old=old, new=new)
    if data.get("reason"):
        text += f" ({apart(labels.reason_label(look.process, data['reason'], inside=True))})"
    return fields, text + (f" — {_clip(data['reason_text'])}" if data.get("reason_text") else "")


def _duplicate(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    other = bytes.fromhex(data["register"].partition("/")[2])
    name = called(look, other)
    fields = {"other": show_id(other), "other_name": name, "why": None}
    new = data.get("new")
    if not new:
        return fields, _("no longer a possible duplicate of {name}").format(name=_clip(name))
    if new.get("not"):
        return fields, _("not the same person as {name}").format(name=_clip(name))
    why = labels.duplicate_label(new["why"])
    return fields | {"why": why}, _("possible duplicate of {name}: {why}").format(name=_clip(name), why=why)


def _merge(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    other = bytes.fromhex(data["other"])
    name = called(look, other)
    text = _("merged with {name}") if row.kind == "merge" else _("separated from {name}")
    return {"other": show_id(other), "other_name": name}, text.format(name=_clip(name))


def called(look: Look, contact: bytes) -> str:
    """What a contact is called: its name, else its phone or e-mail, wherever they are since it was merged, else its id."""
    found = look.db.one("SELECT name, phone, email, root FROM contact WHERE id = ?", (contact,))
    if found is None:
        return show_id(contact)
    *names, root = found
    if root is not None:
        names += look.db.one("SELECT max(raw) FROM point WHERE contact = ? AND own = ? AND removed = 0", (root, contact))
    return next(filter(None, names), show_id(contact))


def _edit(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    entity, register = data["entity"], data["register"]
    group, _slash, name = register.partition("/")
    old, new = (_readable(look, group, name, data.get(side)) for side in ("old", "new"))
    field = name if group == "properties" else group
    fields: dict[str, Any] = {"entity": entity, "field": field, "old": old, "new": new}
    if row.cause and entity != "contact":
        fields[entity] = show_id(row.cause)
    if group in ("phone", "email") and data.get("new"):
        fields["valid"] = bool(data["new"]["valid"])
    return fields, _by_rule(_edited(look, row, data, field, old, new), row)


def _edited(look: Look, row: EntryRow, data: Mapping[str, Any], field: str, old: Any, new: Any) -> str:
    """What an edit did, in words."""
    entity, register = data["entity"], data["register"]
    if register == "removed":
        texts = {"contact": _("contact deleted"), "deal": _("deal {name} deleted"), "task": _("task removed")}
        return texts.get(entity, _("removed")).format(name=_clip(data.get("name")))
    if entity == "entry":
        return _("corrected") + "".join(f" — {_clip(new[name])}" for name in ("subject", "note", "body") if new and new.get(name))
    group = data["register"].partition("/")[0]
    label = labels.property_label(look, field) if group == "properties" else labels.field_label(field)
    if entity == "deal":
        label = _("deal {name}, {field}").format(name=_clip(data.get("name")), field=label)
    was, now = _shown(look, register, data["old"], old), _shown(look, register, data["new"], new)
    is_point = register.startswith(("phone/", "email/"))
    one_of_many = is_point or register.startswith("tag/")
    if new is None:
        return (_("{field} removed: {old}") if one_of_many else _("{field} cleared: {old}")).format(field=label, old=was)
    if old is None:
        return (_("{field} added: {new}") if one_of_many else _("{field} set: {new}")).format(field=label, new=now)
    if is_point:
        before, after = data["old"], data["new"]
        if before["valid"] and not after["valid"]:
            return _("{field} marked as not valid: {new}").format(field=label, new=now)
        if after.get("primary") and not before.get("primary"):
            return _("{field} to use first: {new}").format(field=label, new=now)
    return _("{field} changed: {old} → {new}").format(field=label, old=was, new=now)


def _readable(look: Look, group: str, name: str, value: Any) -> Any:
    """A register's value for a script: points as they were written, records by name, money as money."""
    if group == "tag":
        return name if value else None
    if value is None:
        return None
    if group in ("phone", "email"):
        return value["raw"]
    if group == "company":
        found = look.db.one("SELECT name FROM company WHERE id = ?", (bytes.fromhex(value),))
        return found[0] if found else value
    if group == "owner":
        return look.user(bytes.fromhex(value))
    if group == "value":
        return look.money(value["amount"], value["currency"]) | ({"rate": value["rate"]} if value.get("rate") else {})
    return value


def _shown(look: Look, register: str, value: Any, readable: Any) -> str:
    """A register's value in a sentence."""
    if register == "value" and value:
        return show(Money(value["amount"], value["currency"]))
    if register == "readiness" and value:
        return labels.readiness_label(look.process, value, inside=True)
    if register == "pipeline" and value:
        return labels.pipeline_label(look.process, value)
    if register == "expected_close" and isinstance(value, str):
        return short_iso(value, look.now, look.zone)
    if register.startswith("properties/") and isinstance(value, str):
        return _clip(labels.property_text(look, register.partition("/")[2], value))
    return _clip(readable)


def _by_rule(text: str, row: EntryRow) -> str:
    return _("{what} (by rule: {rule})").format(what=text, rule=labels.rule_label(row.rule)) if row.rule else text


def _tick(look: Look, row: EntryRow, data: Mapping[str, Any]) -> Described:
    return {"campaign": data["campaign"]}, _("ticked off in the campaign {name}").format(name=_clip(data["campaign"]))


def _with_note(text: str, data: Mapping[str, Any], *, quoted: bool = False) -> str:
    note = _clip(data.get("note"))
    if not note:
        return text
    return f'{text} — "{note}"' if quoted else f"{text} — {note}"


def _clip(value: Any) -> str:
    return "" if value is None else str(apart(clip(str(value), CLIPPED)))


_KINDS: dict[str, Callable[[Look, EntryRow, Mapping[str, Any]], Described]] = {
    **dict.fromkeys(("lead", "added"), _lead),
    "call": _call,
    **dict.fromkeys(("meeting", "email", "message", "note"), _written),
    "quote": _quote,
    "quote_answer": _quote_answer,
    "route": _route,
    "status": _status,
    "lifecycle": _lifecycle,
    **dict.fromkeys(("task", "task_done", "snooze"), _task),
    "deal": _deal,
    "deal_stage": _deal_stage,
    "duplicate": _duplicate,
    **dict.fromkeys(("merge", "unmerge"), _merge),
    "tick": _tick,
    "edit": _edit,
}
