"""The business process with its numbers: shipped in process.toml, changed by settings, refused when it is wrong.

Importing this module imports pydantic (0.2 s): import it where it is needed.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import language, mark
from crm_tui.process_errors import children, explain, known_keys, place_of, setting_at
from crm_tui.process_values import (
    Clock,
    Currency,
    Day,
    Holidays,
    Key,
    Label,
    Name,
    Rate,
    Region,
    Whole,
    Zone,
    check_printable,
    did_you_mean,
)
from crm_tui.rules import templates
from crm_tui.rules.cadence import Limits
from crm_tui.rules.calendar import WorkingTime
from crm_tui.rules.sources import OFFLINE, SOURCES
from crm_tui.text.clean import clean_line, clean_text, clip
from crm_tui.text.fold import fold

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


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Term(_Part):
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


_Termed = TypeVar("_Termed", bound=Term)


def _check_unique(terms: tuple[_Termed, ...]) -> tuple[_Termed, ...]:
    twice = [key for key, count in Counter(term.key for term in terms).items() if count > 1]
    if twice:
        raise ValueError(_("the key {key} stands there twice").format(key=twice[0]))
    return terms


_UNIQUE = AfterValidator(_check_unique)


def _exactly(keys: tuple[str, ...]) -> AfterValidator:
    """Terms that the rules know one by one: only their labels may change."""

    def check(terms: tuple[_Termed, ...]) -> tuple[_Termed, ...]:
        if tuple(term.key for term in terms) != keys:
            raise ValueError(_("only the labels can change here; the keys are {keys}").format(keys=", ".join(keys)))
        return terms

    return AfterValidator(check)


def _at_least(keys: tuple[str, ...]) -> AfterValidator:
    """Terms to which a business may add, but without which the rules would name nothing."""

    def check(terms: tuple[_Termed, ...]) -> tuple[_Termed, ...]:
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


class Working(_Part):
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


class ProcessLimits(_Part):
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

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.fresh_minutes >= self.late_hours * 60:
            raise ValueError(_("fresh_minutes must be shorter than late_hours"))
        if self.late_hours > self.breached_days * 24:
            raise ValueError(_("late_hours must not be longer than breached_days"))
        return self


class Words(_Part):
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


class Vat(_Part):
    """A rate of VAT, in percent, and the day since which it holds."""

    since: Day
    percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


def _check_vat(rates: tuple[Vat, ...]) -> tuple[Vat, ...]:
    twice = [day for day, count in Counter(rate.since for rate in rates).items() if count > 1]
    if twice:
        raise ValueError(_("the day {day} stands there twice").format(day=twice[0].isoformat()))
    return tuple(sorted(rates, key=lambda rate: rate.since))


class Process(_Part):
    """How one business works; product.md names what each number does."""

    name: Name
    region: Region
    currency: Currency
    language: Literal["", "en", "he"]
    rates: dict[Currency, Rate]
    vat: Annotated[tuple[Vat, ...], AfterValidator(_check_vat)] = Field(min_length=1, max_length=100)
    working: Working
    limits: ProcessLimits
    statuses: Annotated[tuple[Status, ...], _UNIQUE, _at_least(STATUSES), AfterValidator(_check_statuses)]
    lifecycle: Annotated[tuple[Term, ...], _exactly(LIFECYCLE)]
    closing_reasons: Annotated[tuple[Reason, ...], _UNIQUE, _at_least(CLOSING_REASONS), AfterValidator(_check_reasons)]
    sources: Annotated[tuple[Source, ...], _UNIQUE, _at_least(SOURCES), AfterValidator(_check_sources)]
    readiness: Annotated[tuple[Term, ...], _exactly(READINESS)]
    desks: Annotated[tuple[Desk, ...], _UNIQUE, _at_least(DESKS), AfterValidator(_check_desks)]
    tags: tuple[Name, ...] = Field(default=(), max_length=200)
    fields: Annotated[tuple[CustomField, ...], _UNIQUE, AfterValidator(_check_fields)] = Field(default=(), max_length=100)
    pipelines: Annotated[tuple[Pipeline, ...], _UNIQUE] = Field(min_length=1)
    templates: Annotated[tuple[Template, ...], _UNIQUE] = Field(max_length=200)

    @model_validator(mode="after")
    def _check_rates(self) -> Self:
        if self.currency in self.rates:
            raise ValueError(_("rates name other currencies, not that of the business ({code})").format(code=self.currency))
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the business."""
        return self.working.working_time.zone

    @property
    def default_pipeline(self) -> Pipeline:
        """The pipeline of a deal that names none."""
        return self.pipelines[0]

    def status(self, key: str) -> Status:
        """The status with this key; Refused otherwise."""
        return _find(self.statuses, key, "status")

    def desk(self, key: str) -> Desk:
        """The desk with this key; Refused otherwise, also for the Leadometer, which is not a setting."""
        return _find(self.desks, key, "desk")

    def source(self, key: str) -> Source:
        """The source with this key; Refused otherwise."""
        return _find(self.sources, key, "source")

    @cached_property
    def own_sources(self) -> dict[str, str]:
        """The sources that the business added, by their folded keys and labels."""
        own = [source for source in self.sources if source.key not in SOURCES]
        return {fold(word): source.key for source in own for word in (source.key, *source.spellings)}

    def reason(self, key: str) -> Reason:
        """The closing reason with this key; Refused otherwise."""
        return _find(self.closing_reasons, key, "reason")

    @property
    def offered_reasons(self) -> str:
        """The keys of the reasons that can be given, for a message."""
        return ", ".join(reason.key for reason in self.closing_reasons if not reason.retired)

    def custom_field(self, key: str) -> CustomField | None:
        """The field of the business's own with this key, if it has one."""
        return next((field for field in self.fields if field.key == key), None)

    def pipeline(self, key: str) -> Pipeline:
        """The pipeline with this key; Refused otherwise."""
        return _find(self.pipelines, key, "pipeline")

    def template(self, key: str) -> Template:
        """The template with this key; Refused otherwise."""
        return _find(self.templates, key, "template")

    def stage(self, pipeline_key: str, stage_key: str) -> Stage:
        """One stage of a pipeline; Refused otherwise."""
        return _find(self.pipeline(pipeline_key).stages, stage_key, "stage")

    def first_open_stage(self, pipeline_key: str) -> Stage:
        """The stage in which a deal of this pipeline starts."""
        return self.pipeline(pipeline_key).stages[0]

    def rate(self, currency: str) -> Decimal:
        """What one unit of `currency` is worth in the business currency (rule 18); Refused when no rate is set."""
        if currency == self.currency:
            return Decimal(1)
        if currency not in self.rates:
            message = _("There is no rate for {code}; set rates.{code} first.").format(code=currency)
            raise Refused("currency", message + did_you_mean(currency, [self.currency, *self.rates]))
        return self.rates[currency]

    def vat_on(self, day: date) -> int:
        """The rate of VAT of a day, in hundredths of a percent; days before the first rate have that one."""
        known = [rate for rate in self.vat if rate.since <= day] or self.vat[:1]
        return int(known[-1].percent * 100)


@cache
def load_default() -> Process:
    """The process as shipped."""
    return validated(tomllib.loads(Path(__file__).with_name("process.toml").read_text(encoding="utf-8")))


def with_settings(process: Process, settings: Mapping[str, object]) -> Process:
    """`process` with settings by dotted key (`limits.max_attempts`, `statuses.new.label`); Refused names the wrong one.

    A table given for an unknown key of a list (`statuses.hot`) adds to it; a list given for a whole list, and the labels or rates
    given together, replace what there was.
    Rates fall away with the business currency that they were meant for.
    """
    data = process.model_dump(mode="json")
    if settings.get("currency", process.currency) != process.currency:
        data["rates"] = {}
    # In this order a table is added before a setting inside it is looked for.
    for key in sorted(settings):
        _set(data, key, deepcopy(settings[key]))
    return validated(data, settings)


def usable_settings(process: Process, settings: Mapping[str, object]) -> Mapping[str, object]:
    """The settings that make a process together: all of them, but where an undo or two people apart left some that do not fit.

    So nobody is kept from working; what does not fit falls away when the process is changed the next time as a whole.
    """
    try:
        with_settings(process, settings)
    except Refused:
        return _fitting(process, settings)
    return settings


def _fitting(process: Process, settings: Mapping[str, object]) -> Mapping[str, object]:
    kept: dict[str, object] = {}
    left = sorted(settings)
    while left:
        before, tried, left = len(kept), left, []
        for name in tried:
            try:
                with_settings(process, kept | {name: settings[name]})
            except Refused:
                left.append(name)
            else:
                kept[name] = settings[name]
        if len(kept) == before:
            break
    return kept


def limits_of(process: Process) -> Limits:
    """The numbers as the rules take them."""
    return Limits(**process.limits.model_dump())


def working_of(process: Process) -> WorkingTime:
    """The working time as the rules take it."""
    return process.working.working_time


def _find(terms: Sequence[_Termed], key: str, field: str) -> _Termed:
    for term in terms:
        if term.key == key:
            return term
    meant = did_you_mean(key, [term.key for term in terms])
    raise Refused(field, _("{field}: there is no {key}").format(field=field, key=clip(key)) + (meant or "."))


def _set(data: dict[str, Any], key: str, value: object) -> None:
    """Put one setting into the dumped process; only its place is judged here, its value by the models."""
    *parents, last = key.split(".")
    node: Any = data
    for name in parents:
        node = children(node).get(name)
    known = children(node)
    if isinstance(node, list) and (known or parents == ["fields"]):
        _set_term(node, last, key, value, data)
    elif not isinstance(node, dict) or last == "key" or not (last in known or "key" in node or node is data["rates"]):
        _refuse_key(key, data)
    elif isinstance(node.get(last), dict) and isinstance(value, Mapping) and last not in ("label", "rates"):
        for name, inner in value.items():
            _set(data, f"{key}.{name}", inner)
    else:
        node[last] = value


def _set_term(terms: list[dict[str, Any]], last: str, key: str, value: object, data: dict[str, Any]) -> None:
    term = children(terms).get(last)
    if not isinstance(value, Mapping):
        if term is None:
            _refuse_key(key, data)
        raise Refused(key, _("{key}: a table is needed, such as {example}").format(key=key, example='{"label": "…"}'))
    if value.get("key", last) != last:
        raise Refused(key, _("{key}: its key is {last} and cannot be another").format(key=key, last=last))
    if term is None:
        terms.append(term := {"key": last})
    term.update(value)


def _refuse_key(key: str, data: Mapping[str, Any]) -> NoReturn:
    meant = did_you_mean(key, known_keys(data))
    raise Refused(key, _("There is no setting {key}").format(key=clip(key)) + (meant or "."))


def validated(data: Mapping[str, Any], settings: Mapping[str, object] | None = None) -> Process:
    """The process that plain data makes; Refused names the place of what is wrong, or the setting that led to it."""
    try:
        return Process.model_validate(data)
    except ValidationError as invalid:
        # A name that is not known says more than what is missing for it.
        found = invalid.errors(include_url=False)
        error = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
        place = place_of(error, data)
        raise Refused(setting_at(place, settings or {}), explain(error, place, data)) from None
