"""What a plan is given and what it gives: facts of the records a command names, and edits. Plain data, without pydantic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.users import UserFacts, check_role

if TYPE_CHECKING:
    from crm_tui.rules.fold import State
    from crm_tui.rules.identity import Known
    from crm_tui.rules.lead import PointFacts


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


class ViewFacts(NamedTuple):
    """A saved view; `person` is whose it is, None: everybody's."""

    id: bytes
    person: bytes | None
    name: str
    filter: str
    columns: str
    order: str
    maker: bytes | None = None
    """Who shared it, where that is asked."""

    def content(self) -> dict[str, Any]:
        """The value of the view's register."""
        person = self.person.hex() if self.person else None
        return {"person": person, "name": self.name, "filter": self.filter, "columns": self.columns, "order": self.order}


class CampaignFacts(NamedTuple):
    """A campaign; days are ISO dates, `view` has the filter, columns and order of its list, None when its people were chosen."""

    id: bytes
    name: str
    kind: str
    starts: str | None
    ends: str | None
    amount: int | None
    currency: str | None
    view: Mapping[str, Any] | None


class ListedFacts(NamedTuple):
    """A row of a checklist: on whom it stands (perhaps somebody merged), whether they are meant, when and by whom ticked off."""

    holder: bytes
    is_member: bool
    tick: Mapping[str, Any] | None


class TaskFacts(NamedTuple):
    """An open or done task; `contact` is whose it is, also when that one was merged into another."""

    id: bytes
    contact: bytes
    kind: str
    due_at: int
    timed: bool
    note: str | None
    owner: bytes | None
    rule: str | None
    done_at: int | None


class LostFacts(NamedTuple):
    """An edit that another one overwrote unknowingly: its value and the one that stands. Register `*`: a lost event, or lost work."""

    entity: str
    record: bytes
    register: str
    subject: bytes
    value: Any
    stands: Any


class DealFacts(NamedTuple):
    """A deal with its stage; `contact` is whose it is, also when that one was merged into another."""

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


class QuoteSeries(NamedTuple):
    """What stands for this origin in the numbers of quotes, and the numbers that it gave."""

    tag: str
    given: Sequence[str]


class Merged(NamedTuple):
    """A contact that was merged, directly or through others, into the one that is asked for; `into` is at whom it points."""

    id: bytes
    name: str
    into: bytes | None


@dataclass(slots=True, frozen=True)
class ContactFacts:
    """All that the rules ask of one contact, with what it has from those merged into it."""

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
    """Contacts that this one is already flagged with as a possible duplicate, or was told apart from."""
    merged: Sequence[Merged] = ()
    into: bytes | None = None
    """At whom it points itself: two that were merged into each other go in a circle."""
    held: Mapping[str, Mapping[bytes, Any]] = field(default_factory=dict)
    """By register what each of them says, where any but the contact itself says something."""

    def primary(self, kind: str) -> PointFacts | None:
        """The phone or e-mail to use first."""
        return next((point for point in self.points if point.kind == kind), None)

    @property
    def next_task(self) -> TaskFacts | None:
        """The earliest open task."""
        return min(self.tasks, key=lambda task: (task.due_at, task.id), default=None)


class Flag(NamedTuple):
    """A flag of a possible duplicate on a contact; without `why` somebody said that they are two people."""

    contact: bytes
    other: bytes
    why: str | None


class Stranded(NamedTuple):
    """A status, stage or the like that a new process no longer has, and who is still at it."""

    kind: str
    key: str
    label: str
    total: int
    names: list[str]


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
    lost: LostFacts | None = None
    named: bytes | None = None
    """The contact as it was named, which may have been merged into another."""
    other: ContactFacts | None = None
    flags: Sequence[Flag] = ()
    linked: Sequence[Known] = ()
    namesakes: Sequence[Known] = ()
    stranded: Sequence[Stranded] = ()
    views: Sequence[ViewFacts] = ()
    """The actor's own views, then the shared ones."""
    default_view: str | None = None
    series: QuoteSeries | None = None
    campaign: CampaignFacts | None = None
    campaigns: Sequence[str] = ()
    """The names of all campaigns."""
    view: Mapping[str, Any] | None = None
    """The filter, columns and order of a campaign that is made."""
    people: Sequence[bytes] = ()
    """Whom a command on a campaign means."""
    listed: Mapping[bytes, Sequence[ListedFacts]] = field(default_factory=dict)
    """How these stand in its checklist."""

    def the_campaign(self) -> CampaignFacts:
        """The campaign of a command that names one."""
        assert self.campaign is not None
        return self.campaign

    def the_contact(self) -> ContactFacts:
        """The contact of a command that names one."""
        assert self.contact is not None
        return self.contact

    def two_contacts(self) -> tuple[ContactFacts, ContactFacts]:
        """The contacts of a command that names two."""
        assert self.other is not None
        return self.the_contact(), self.other

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


def addressed(edits: Sequence[Edit], known: ContactFacts | None) -> list[Edit]:
    """Edits of a contact, each on the record that holds the value: its own, or that of somebody merged into it.

    So an undo gives back to each what it said, and what is cleared does not come back from another.
    """
    found: list[Edit] = []
    for edit in edits:
        held = known.held.get(edit.register) if known is not None and edit.record == known.id else None
        found += _on_holders(edit, held) if held else [edit]
    return found


def _on_holders(edit: Edit, held: Mapping[bytes, Any]) -> list[Edit]:
    if edit.new is None:
        return [edit._replace(record=holder, old=value, subject=holder) for holder, value in held.items()]
    if not isinstance(edit.new, dict):
        return [edit._replace(old=held.get(edit.record))]
    if edit.new.get("rank") is None:  # a phone or e-mail of somebody merged that is to be the first from now on
        return [edit._replace(old=held.get(edit.record))]
    changed = {key: value for key, value in edit.new.items() if value != (edit.old or {}).get(key)}
    return [
        edit._replace(record=holder, old=value, new=value | changed, subject=holder)
        for holder, value in held.items()
        if value | changed != value
    ]
