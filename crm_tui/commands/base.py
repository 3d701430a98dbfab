"""What every command has: a pydantic model of its fields and a pure `plan(facts, command, process, now) -> Plan`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.ids import derived_id
from crm_tui.plan import Edit, Facts, TaskFacts
from crm_tui.process import Process, working_of
from crm_tui.text.clean import clean_line, clean_text
from crm_tui.text.dates import short_time
from crm_tui.text.quickdate import parse_quick
from crm_tui.text.times import Moment, parse_time

MAX_LINE = 500
MAX_TEXT = 100_000
ENTRY = "entry"
"""From which, and a command's id, the id of what it recorded is derived."""


def _line(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return clean_line(value) if isinstance(value, str) else value


def _text(value: object) -> object:
    return clean_text(value) if isinstance(value, str) else value


Line = Annotated[str, Field(max_length=MAX_LINE), BeforeValidator(_line)]
Text = Annotated[str, Field(max_length=MAX_TEXT), BeforeValidator(_text)]
Ref = Annotated[str, Field(min_length=1, max_length=MAX_LINE), BeforeValidator(_line)]


class Command(BaseModel):
    """Base of all commands."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def derived(facts: Facts, name: str) -> bytes:
    """The id of a record that a rule or a command makes: derived from the command's id, so that a replay makes the same."""
    return derived_id(facts.id, name)


def set_register(
    entity: str, record: bytes, register: str, old: Any, new: Any, rule: str | None = None, subject: bytes | None = None
) -> list[Edit]:
    """The edit from `old` to `new`, or none when nothing changes."""
    return [] if old == new else [Edit(entity, record, register, new, old, rule, subject)]


def event(facts: Facts, contact: bytes, kind: str, at: int, data: Mapping[str, Any], name: str = ENTRY) -> Edit:
    """The edit that records what happened to a contact."""
    content = {key: value for key, value in data.items() if value not in (None, "", {}, [])}
    value = {"contact": contact.hex(), "kind": kind, "at": at, "by": facts.actor.id.hex(), "data": content}
    return Edit("entry", derived(facts, name), "*", value, subject=contact)


def new_task(
    facts: Facts,
    contact: bytes,
    kind: str,
    due: Moment,
    *,
    note: str | None = None,
    owner: bytes | None = None,
    rule: str | None = None,
) -> Edit:
    """The edit that makes a task; a rule's task bears the rule's code."""
    value = {
        "contact": contact.hex(),
        "kind": kind,
        "due_at": due.ms,
        "timed": not due.dated,
        "note": note or None,
        "owner": owner.hex() if owner else None,
        "rule": rule,
    }
    return Edit("task", derived(facts, rule or "task"), "*", value, rule=rule, subject=contact)


def complete(task: TaskFacts, now: int, rule: str | None = None) -> Edit:
    """The edit that completes a task."""
    return Edit("task", task.id, "done", now, None, rule, task.contact)


def moment(value: str, field: str, process: Process) -> Moment:
    """A time that a person gave, in the business's zone; a date alone is the start of the working day."""
    return parse_time(value, process.zone, field, process.working.start)


def to_come(value: str, field: str, process: Process, now: int) -> Moment:
    """A time that a person promises: in full, or in passing as on the screens (`tomorrow 10:00`, `+2d`)."""
    working = working_of(process)
    return parse_quick(value, now, working.zone, working.start, field, working.days)


def happened_at(value: str | None, now: int, process: Process) -> int:
    """When an interaction happened: `at` if given and not in the future, else now."""
    if value is None:
        return now
    at = moment(value, "at", process).ms
    if at > now + 60_000:
        raise Refused("at", _("{at} is in the future. What is still to come is a task.").format(at=short_time(at, now, process.zone)))
    return at
