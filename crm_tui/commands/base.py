"""What every command has: a pydantic model of its fields and a pure `plan(facts, command, process, now) -> Plan`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.ids import derived_id
from crm_tui.process import Process
from crm_tui.rules.fold import State
from crm_tui.rules.identity import Known
from crm_tui.rules.lead import PointFacts
from crm_tui.text.clean import clean_line, clean_text
from crm_tui.text.times import Moment, parse_time

MAX_LINE = 500
MAX_TEXT = 100_000


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

    model_config = ConfigDict(extra="forbid", frozen=True)


class Edit(NamedTuple):
    """One register to set. Register `*` makes the record with all its first values; `removed` takes it away."""

    entity: str
    record: bytes
    register: str
    new: Any
    old: Any = None
    rule: str | None = None
    subject: bytes | None = None
    """The contact whose data this is; None: the record stands for itself."""


@dataclass(slots=True)
class Plan:
    """What a command will do: edits in order, the record it made, what to offer next."""

    edits: list[Edit] = field(default_factory=list)
    record: bytes | None = None
    rules: list[str] = field(default_factory=list)
    suggest: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class UserFacts(NamedTuple):
    """A user of the store."""

    id: bytes
    name: str
    role: str


class TaskFacts(NamedTuple):
    """An open or done task."""

    id: bytes
    contact: bytes
    kind: str
    due_at: int
    timed: bool
    note: str | None
    owner: bytes | None
    rule: str | None
    done_at: int | None


class DealFacts(NamedTuple):
    """A deal with its stage."""

    id: bytes
    contact: bytes
    name: str
    amount: int
    currency: str
    rate: str | None
    worth: int
    pipeline: str
    stage: str
    stage_role: str
    place: int
    moved_at: int
    reason: str | None
    reason_text: str | None
    closed_at: int | None
    expected_close: str | None
    owner: bytes | None
    opened_at: int
    moved_by: bytes | None

    def stage_content(self) -> dict[str, Any]:
        """The value of the deal's stage register."""
        return {
            "stage": self.stage,
            "role": self.stage_role,
            "reason": self.reason,
            "reason_text": self.reason_text,
            "closed_at": self.closed_at,
            "moved_at": self.moved_at,
            "by": self.moved_by.hex() if self.moved_by else None,
            "place": self.place,
        }

    def value_content(self) -> dict[str, Any]:
        """The value of the deal's value register."""
        return {"amount": self.amount, "currency": self.currency, "rate": self.rate, "worth": self.worth}


@dataclass(slots=True, frozen=True)
class ContactFacts:
    """All that the rules ask of one contact."""

    id: bytes
    name: str
    company: bytes | None
    company_name: str
    readiness: str | None
    properties: Mapping[str, str]
    points: Sequence[PointFacts]
    tags: frozenset[str]
    state: State
    tasks: Sequence[TaskFacts]
    deals: Sequence[DealFacts]
    flagged: frozenset[bytes] = frozenset()
    """Contacts that this one is already flagged with as a possible duplicate."""

    def primary(self, kind: str) -> PointFacts | None:
        """The phone or e-mail to use first."""
        return next((point for point in self.points if point.kind == kind), None)

    @property
    def next_task(self) -> TaskFacts | None:
        """The earliest open task."""
        return min(self.tasks, key=lambda task: (task.due_at, task.id), default=None)


@dataclass(slots=True, frozen=True)
class Facts:
    """What a plan may know: who asks, who works here, the records the command names. `id` is the command's."""

    id: bytes
    actor: UserFacts
    users: Sequence[UserFacts]
    settings: Mapping[str, Any]
    companies: frozenset[bytes] = frozenset()
    contact: ContactFacts | None = None
    task: TaskFacts | None = None
    deal: DealFacts | None = None
    interaction: Mapping[str, Any] | None = None
    linked: Sequence[Known] = ()
    namesakes: Sequence[Known] = ()

    def the_contact(self) -> ContactFacts:
        """The contact of a command that names one."""
        assert self.contact is not None
        return self.contact

    def user(self, name: str, field: str) -> UserFacts:
        """The user called `name`; refused if nobody is."""
        found = self.find_user(name)
        if found is None:
            raise Refused(field, _("There is no user {name}. Users: {users}.").format(name=name, users=self.user_names()))
        return found

    def find_user(self, name: str) -> UserFacts | None:
        """The user called `name` (any case), or None."""
        folded = name.casefold()
        return next((user for user in self.users if user.name.casefold() == folded), None)

    def user_names(self) -> str:
        """All users' names for a message."""
        return ", ".join(user.name for user in self.users)

    def may(self, *roles: str) -> None:
        """Refuse unless the actor has one of these roles."""
        check_role(self.actor, roles)


def check_role(user: UserFacts, roles: Sequence[str]) -> None:
    """Refuse unless `user` has one of these roles."""
    if user.role not in roles:
        raise Refused("command", _("{name} is {role}; this needs {roles}.").format(name=user.name, role=user.role, roles=" / ".join(roles)))


def derived(facts: Facts, name: str) -> bytes:
    """The id of a record that a rule or a command makes: derived from the command's id, so that a replay makes the same."""
    return derived_id(facts.id, name)


def set_register(
    entity: str, record: bytes, register: str, old: Any, new: Any, rule: str | None = None, subject: bytes | None = None
) -> list[Edit]:
    """The edit from `old` to `new`, or none when nothing changes."""
    return [] if old == new else [Edit(entity, record, register, new, old, rule, subject)]


def event(facts: Facts, contact: bytes, kind: str, at: int, data: Mapping[str, Any], name: str = "entry") -> Edit:
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


def happened_at(value: str | None, now: int, process: Process) -> int:
    """When an interaction happened: `at` if given and not in the future, else now."""
    if value is None:
        return now
    at = moment(value, "at", process).ms
    if at > now + 60_000:
        raise Refused("at", _("{at} is in the future. What is still to come is a task.").format(at=value[:40]))
    return at
