"""What the process is made of: statuses, stages and other terms, working time, limits, templates; what may be set of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import language, mark
from crm_tui.process_values import Clock, Day, Holidays, Key, Label, Name, Whole, Zone, check_printable
from crm_tui.rules import templates
from crm_tui.rules.calendar import WorkingTime
from crm_tui.rules.sources import OFFLINE, SOURCES
from crm_tui.text.clean import clean_line, clean_text

StatusRole = Literal["new", "no_answer", "initial_contact", "in_process", "closed", "customer", "inactive_customer"]
StageRole = Literal["open", "won", "lost"]
FieldKind = Literal["text", "number", "money", "date", "choice", "yes_no"]
Eves = Literal["work", "half", "off"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

STATUSES: tuple[str, ...] = get_args(StatusRole)
LIFECYCLE = ("subscriber", "lead", "marketing_qualified", "sales_qualified", "opportunity", "customer", "evangelist", "other")
CLOSING_REASONS = ("price", "timing", "competitor", "no_need", "unreachable", "not_relevant", "other")
READINESS = ("low", "medium", "high")
RESERVED_FIELDS = frozenset({"name", "phone", "email", "company", "readiness", "phones", "emails", "contact", "command"})
RULED_REASONS = ("unreachable", "not_relevant", "other")
"""What the rules offer or set themselves."""
DESKS = ("nurture", "support", "partner", "supplier", "not_a_lead")

SHIPPED_LABELS = (
    *(mark("New"), mark("No answer"), mark("Initial contact"), mark("In process"), mark("Closed (not interested)")),
    *(mark("Customer"), mark("Inactive customer"), mark("Subscriber"), mark("Lead"), mark("Marketing qualified")),
    *(mark("Sales qualified"), mark("Opportunity"), mark("Evangelist"), mark("Other"), mark("Price"), mark("Timing")),
    *(mark("Competitor"), mark("No need"), mark("Unreachable"), mark("Not relevant"), mark("Low"), mark("Medium")),
    *(mark("High"), mark("Nurture"), mark("Support"), mark("Partner"), mark("Supplier"), mark("Not a lead")),
    *(mark("Sales"), mark("Phone"), mark("Meeting"), mark("Quote"), mark("Closing"), mark("Won"), mark("Lost")),
    *(mark("web form"), mark("web chat"), mark("e-mail"), mark("ads"), mark("social media"), mark("import"), mark("API")),
    *(mark("another source"), mark("phone"), mark("exhibition"), mark("press"), mark("referral"), mark("partner")),
)
SHIPPED_TEMPLATES = (
    *(mark("After the 1st call without an answer"), mark("After the 2nd call without an answer")),
    *(mark("After the 3rd call without an answer"), mark("After the 4th call without an answer")),
    *(mark("After the 5th call without an answer"), mark("After the 6th call without an answer"), mark("I tried to call")),
)
"""The labels of process.toml, marked here because the extraction of texts reads Python only."""


class Part(BaseModel):
    """A part of the process: it never changes, and says no more than it knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


class Term(Part):
    """A fixed key with the label that people see, one for all or one for each language."""

    key: Key
    label: Label

    @property
    def text(self) -> str:
        """The label in the language in use; a label of the business's own stays as it is."""
        if isinstance(self.label, str):
            return _(self.label)
        return self.label.get(language()) or next(iter(self.label.values()))

    @property
    def spellings(self) -> tuple[str, ...]:
        """All its labels, in whatever language, by which it may be named."""
        own = (self.label,) if isinstance(self.label, str) else tuple(self.label.values())
        return (*own, self.text)


class Status(Term):
    """A lead status; rules look at its role. A retired one is not offered any more."""

    role: StatusRole
    retired: bool = False


class Reason(Term):
    """Why a lead is closed or a deal lost. A retired one is not offered any more."""

    retired: bool = False


class Source(Term):
    """Where a lead comes from; leads of an offline one are rated for readiness (rule 3)."""

    offline: bool = False


class Desk(Term):
    """Where a lead can be routed besides a user; `closes` is product.md rule 13."""

    closes: bool = False


class Stage(Term):
    """A stage of a pipeline: probability in percent, and how many working days a deal may rest in it."""

    role: StageRole
    probability: Whole = Field(ge=0, le=100)
    rotting_days: Whole | None = Field(default=None, ge=1, le=366)

    @model_validator(mode="after")
    def _check_end(self) -> Self:
        if self.key != self.role and not {self.key, self.role}.isdisjoint(("won", "lost")):
            raise ValueError(_("the stages won and lost have the keys and the roles won and lost"))
        if self.probability != {"won": 100, "lost": 0}.get(self.role, self.probability):
            raise ValueError(_("the probability of a won stage is 100, of a lost one 0"))
        return self


Termed = TypeVar("Termed", bound=Term)


def _check_unique(terms: tuple[Termed, ...]) -> tuple[Termed, ...]:
    twice = [key for key, count in Counter(term.key for term in terms).items() if count > 1]
    if twice:
        raise ValueError(_("the key {key} stands there twice").format(key=twice[0]))
    return terms


_UNIQUE = AfterValidator(_check_unique)


def _exactly(keys: tuple[str, ...]) -> AfterValidator:
    """Terms that the rules know one by one: only their labels may change."""

    def check(terms: tuple[Termed, ...]) -> tuple[Termed, ...]:
        if tuple(term.key for term in terms) != keys:
            raise ValueError(_("only the labels can change here; the keys are {keys}").format(keys=", ".join(keys)))
        return terms

    return AfterValidator(check)


def _at_least(keys: tuple[str, ...]) -> AfterValidator:
    """Terms to which a business may add, but without which the rules would name nothing."""

    def check(terms: tuple[Termed, ...]) -> tuple[Termed, ...]:
        missing = [key for key in keys if key not in {term.key for term in terms}]
        if missing:
            raise ValueError(_("{key} is missing; the rules need it").format(key=missing[0]))
        return terms

    return AfterValidator(check)


def _check_statuses(statuses: tuple[Status, ...]) -> tuple[Status, ...]:
    for status in statuses:
        if status.key in STATUSES and (status.role != status.key or status.retired):
            raise ValueError(_("the status {key} keeps its role and cannot be retired").format(key=status.key))
    return statuses


def _check_reasons(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    for reason in reasons:
        if reason.retired and reason.key in RULED_REASONS:
            raise ValueError(_("the reason {key} cannot be retired: the rules give it").format(key=reason.key))
    return reasons


def _check_sources(sources: tuple[Source, ...]) -> tuple[Source, ...]:
    for source in sources:
        if source.key in SOURCES and source.offline != (source.key in OFFLINE):
            raise ValueError(_("the source {key} stays what it is, online or offline").format(key=source.key))
    return sources


def _check_fields(fields: tuple[CustomField, ...]) -> tuple[CustomField, ...]:
    for field in fields:
        if field.key in RESERVED_FIELDS:
            raise ValueError(_("{key} is what every contact has already").format(key=field.key))
    return fields


def _check_desks(desks: tuple[Desk, ...]) -> tuple[Desk, ...]:
    if any(desk.key == "leadometer" for desk in desks):
        raise ValueError(_("the desk leadometer is always there and cannot be set"))
    return desks


def _check_stages(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Open stages keep their order; won and lost come after them."""
    roles = [stage.role for stage in stages]
    if "open" not in roles or roles.count("won") != 1 or roles.count("lost") != 1:
        raise ValueError(_("a pipeline has at least one open stage, one won and one lost"))
    return tuple(sorted(stages, key=lambda stage: get_args(StageRole).index(stage.role)))


class Pipeline(Term):
    """The ordered stages of a deal: the open ones, then won, then lost."""

    stages: Annotated[tuple[Stage, ...], _UNIQUE, AfterValidator(_check_stages)]


class CustomField(Term):
    """A property of contacts that the business checks and shows by its label."""

    kind: FieldKind
    choices: tuple[Name, ...] = Field(default=(), max_length=100)

    @model_validator(mode="after")
    def _check_choices(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError(_("a field of the kind choice has choices, another one has none"))
        return self


class Working(Part):
    """Working days and hours of the business (product.md rule 17)."""

    days: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    start: Clock
    end: Clock
    zone: Zone
    holidays: Holidays
    eves: Eves = "work"

    @model_validator(mode="after")
    def _check_time(self) -> Self:
        if self.start >= self.end:
            raise ValueError(_("the working day must start before it ends"))
        own = WorkingTime.from_values(self.zone, self.days, self.start, self.end, self.days_off)
        for holiday in self.days_off:
            own.next_working_day(holiday)
        return self

    @property
    def days_off(self) -> list[date]:
        """The business's own days without work."""
        return [one for one in self.holidays if isinstance(one, date)]

    @cached_property
    def working_time(self) -> WorkingTime:
        """The same as the rules use it."""
        countries = tuple(one for one in self.holidays if isinstance(one, str))
        return WorkingTime.from_values(self.zone, self.days, self.start, self.end, self.days_off, countries, self.eves)


class ProcessLimits(Part):
    """The numbers of the rules, each within what makes sense; `Limits` is what the rules get."""

    fresh_minutes: Whole = Field(ge=1, le=1440)
    late_hours: Whole = Field(ge=1, le=720)
    breached_days: Whole = Field(ge=1, le=60)
    follow_up_days: Whole = Field(ge=1, le=60)
    touch_days: Whole = Field(ge=1, le=60)
    max_attempts: Whole = Field(ge=1, le=100)
    reactivation_days: Whole = Field(ge=1, le=3650)
    inactive_days: Whole = Field(ge=1, le=3650)
    short_conversation_seconds: Whole = Field(ge=1, le=3600)
    quote_days: Whole = Field(ge=1, le=366)
    reminder_minutes: Whole = Field(ge=0, le=1440)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.fresh_minutes >= self.late_hours * 60:
            raise ValueError(_("fresh_minutes must be shorter than late_hours"))
        if self.late_hours > self.breached_days * 24:
            raise ValueError(_("late_hours must not be longer than breached_days"))
        return self


class Words(Part):
    """What a template says in one language, with fields as `rules.templates` has them."""

    subject: Annotated[str, Field(max_length=200), AfterValidator(check_printable), AfterValidator(templates.check)] = ""
    body: Annotated[str, Field(min_length=1), AfterValidator(templates.check)]


class Template(Term):
    """An e-mail or a message to write by; `attempt`: offered first after so many calls without an answer (product.md rule 7)."""

    kind: Literal["email", "message"]
    attempt: Whole | None = Field(default=None, ge=1, le=100)
    en: Words | None = None
    he: Words | None = None

    @model_validator(mode="after")
    def _check_words(self) -> Self:
        if self.en is None and self.he is None:
            raise ValueError(_("a template has a text in at least one language, en or he"))
        return self

    def words(self, language: str) -> Words:
        """What it says in a language, or in the one it has."""
        found = self.he or self.en if language == "he" else self.en or self.he
        assert found is not None
        return found

    def filled(self, language: str, values: Mapping[str, str]) -> tuple[str, str]:
        """Subject and body for a person of whom `values` are known; Refused when that cannot be."""
        words = self.words(language)
        try:
            return clean_line(templates.fill(words.subject, values)), clean_text(templates.fill(words.body, values))
        except ValueError as wrong:
            raise Refused("template", f"{self.key}: {wrong}") from None


class Vat(Part):
    """A rate of VAT, in percent, and the day since which it holds."""

    since: Day
    percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


def _check_vat(rates: tuple[Vat, ...]) -> tuple[Vat, ...]:
    twice = [day for day, count in Counter(rate.since for rate in rates).items() if count > 1]
    if twice:
        raise ValueError(_("the day {day} stands there twice").format(day=twice[0].isoformat()))
    return tuple(sorted(rates, key=lambda rate: rate.since))


Statuses = Annotated[tuple[Status, ...], _UNIQUE, _at_least(STATUSES), AfterValidator(_check_statuses)]
Lifecycle = Annotated[tuple[Term, ...], _exactly(LIFECYCLE)]
Reasons = Annotated[tuple[Reason, ...], _UNIQUE, _at_least(CLOSING_REASONS), AfterValidator(_check_reasons)]
Sources = Annotated[tuple[Source, ...], _UNIQUE, _at_least(SOURCES), AfterValidator(_check_sources)]
ReadinessTerms = Annotated[tuple[Term, ...], _exactly(READINESS)]
Desks = Annotated[tuple[Desk, ...], _UNIQUE, _at_least(DESKS), AfterValidator(_check_desks)]
CustomFields = Annotated[tuple[CustomField, ...], _UNIQUE, AfterValidator(_check_fields), Field(max_length=100)]
Pipelines = Annotated[tuple[Pipeline, ...], _UNIQUE, Field(min_length=1)]
Templates = Annotated[tuple[Template, ...], _UNIQUE, Field(max_length=200)]
VatRates = Annotated[tuple[Vat, ...], AfterValidator(_check_vat), Field(min_length=1, max_length=100)]
