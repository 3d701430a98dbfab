"""The business process with its numbers: shipped in process.toml, changed by settings, refused when it is wrong.

Importing this module imports pydantic (0.2 s): import it where it is needed.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.rules import templates
from crm_tui.rules.cadence import Limits
from crm_tui.rules.calendar import WorkingTime
from crm_tui.text.clean import clean_line, clean_text, clip

StatusRole = Literal["new", "no_answer", "initial_contact", "in_process", "closed", "customer", "inactive_customer"]
StageRole = Literal["open", "won", "lost"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

STATUSES: tuple[str, ...] = get_args(StatusRole)
LIFECYCLE = ("subscriber", "lead", "marketing_qualified", "sales_qualified", "opportunity", "customer", "evangelist", "other")
CLOSING_REASONS = ("price", "timing", "competitor", "no_need", "unreachable", "not_relevant", "other")
READINESS = ("low", "medium", "high")
DESKS = ("nurture", "support", "partner", "supplier", "not_a_lead")

SHIPPED_LABELS = (
    *(mark("New"), mark("No answer"), mark("Initial contact"), mark("In process"), mark("Closed (not interested)")),
    *(mark("Customer"), mark("Inactive customer"), mark("Subscriber"), mark("Lead"), mark("Marketing qualified")),
    *(mark("Sales qualified"), mark("Opportunity"), mark("Evangelist"), mark("Other"), mark("Price"), mark("Timing")),
    *(mark("Competitor"), mark("No need"), mark("Unreachable"), mark("Not relevant"), mark("Low"), mark("Medium")),
    *(mark("High"), mark("Nurture"), mark("Support"), mark("Partner"), mark("Supplier"), mark("Not a lead")),
    *(mark("Sales"), mark("Phone"), mark("Meeting"), mark("Quote"), mark("Closing"), mark("Won"), mark("Lost")),
)
SHIPPED_TEMPLATES = (
    *(mark("After the 1st call without an answer"), mark("After the 2nd call without an answer")),
    *(mark("After the 3rd call without an answer"), mark("After the 4th call without an answer")),
    *(mark("After the 5th call without an answer"), mark("After the 6th call without an answer"), mark("I tried to call")),
)
"""The labels of process.toml, marked here because the extraction of texts reads Python only."""


def _check_key(key: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]+", key):
        raise ValueError(_("a key is made of a-z, 0-9 and _"))
    return key


def _check_printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError(_("control characters are not possible here"))
    return text


def _check_region(region: str) -> str:
    lines = resources.files("tzdata").joinpath("zoneinfo/iso3166.tab").read_text(encoding="utf-8").splitlines()
    if region not in {line.split("\t")[0] for line in lines if not line.startswith("#")}:
        raise ValueError(_("a country is named by the two capital letters of its ISO code, such as IL or GB"))
    return region


def _check_currency(code: str) -> str:
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise ValueError(_("a currency is named by three capital letters, such as ILS"))
    return code


def _check_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        meant = _did_you_mean(name, available_timezones()) or _("; one is named like Asia/Jerusalem")
        raise ValueError(_("there is no such time zone") + meant) from None
    return name


def _no_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(_("a whole number is needed"))
    return value


def _parse_clock(value: object) -> time:
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:00)?", value):
        return time.fromisoformat(value)
    raise ValueError(_("a time of day is written 08:00"))


def _parse_day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ValueError(_("a day of the calendar is needed, written 2026-12-31"))


def _did_you_mean(word: object, known: Iterable[str]) -> str:
    close = get_close_matches(str(word), known, n=1)
    return _("; did you mean {name}?").format(name=close[0]) if close else ""


Whole = Annotated[int, BeforeValidator(_no_bool)]
Key = Annotated[str, AfterValidator(_check_key)]
Name = Annotated[str, Field(max_length=60), AfterValidator(_check_printable)]
Label = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_check_printable)]
Currency = Annotated[str, AfterValidator(_check_currency)]
Rate = Annotated[Decimal, Field(gt=0, le=1_000_000)]
Clock = Annotated[time, BeforeValidator(_parse_clock)]
Day = Annotated[date, BeforeValidator(_parse_day)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Term(_Part):
    """A fixed key with the label that people see."""

    key: Key
    label: Label

    @property
    def text(self) -> str:
        """The label in the language in use; a label of the business's own stays as it is."""
        return _(self.label)


class Status(Term):
    """A lead status; rules look at its role. A retired one is not offered any more."""

    role: StatusRole
    retired: bool = False


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


class Working(_Part):
    """Working days and hours of the business (product.md rule 17)."""

    days: tuple[Weekday, ...] = Field(min_length=1, max_length=7)
    start: Clock
    end: Clock
    zone: Annotated[str, AfterValidator(_check_zone)]
    holidays: Annotated[tuple[Day, ...], AfterValidator(lambda days: tuple(sorted(set(days))))] = Field(max_length=2000)

    @model_validator(mode="after")
    def _check_time(self) -> Self:
        if self.start >= self.end:
            raise ValueError(_("the working day must start before it ends"))
        for holiday in self.holidays:
            self.working_time.next_working_day(holiday)
        return self

    @cached_property
    def working_time(self) -> WorkingTime:
        """The same as the rules use it."""
        return WorkingTime.from_values(self.zone, self.days, self.start, self.end, self.holidays)


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

    subject: Annotated[str, Field(max_length=200), AfterValidator(_check_printable), AfterValidator(templates.check)] = ""
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
    region: Annotated[str, AfterValidator(_check_region)]
    currency: Currency
    language: Literal["", "en", "he"]
    rates: dict[Currency, Rate]
    vat: Annotated[tuple[Vat, ...], AfterValidator(_check_vat)] = Field(min_length=1, max_length=100)
    working: Working
    limits: ProcessLimits
    statuses: Annotated[tuple[Status, ...], _UNIQUE, _at_least(STATUSES), AfterValidator(_check_statuses)]
    lifecycle: Annotated[tuple[Term, ...], _exactly(LIFECYCLE)]
    closing_reasons: Annotated[tuple[Term, ...], _UNIQUE, _at_least(CLOSING_REASONS)]
    readiness: Annotated[tuple[Term, ...], _exactly(READINESS)]
    desks: Annotated[tuple[Desk, ...], _UNIQUE, _at_least(DESKS), AfterValidator(_check_desks)]
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
            raise Refused("currency", message + _did_you_mean(currency, [self.currency, *self.rates]))
        return self.rates[currency]

    def vat_on(self, day: date) -> int:
        """The rate of VAT of a day, in hundredths of a percent; days before the first rate have that one."""
        known = [rate for rate in self.vat if rate.since <= day] or self.vat[:1]
        return int(known[-1].percent * 100)


@cache
def load_default() -> Process:
    """The process as shipped."""
    return _validated(tomllib.loads(Path(__file__).with_name("process.toml").read_text(encoding="utf-8")))


def with_settings(process: Process, settings: Mapping[str, object]) -> Process:
    """`process` with settings by dotted key (`limits.max_attempts`, `statuses.new.label`); Refused names the wrong one.

    A table given for an unknown key of a list (`statuses.hot`) adds to it; a list given for a whole list replaces it.
    Rates fall away with the business currency that they were meant for.
    """
    data = process.model_dump(mode="json")
    if settings.get("currency", process.currency) != process.currency:
        data["rates"] = {}
    # In this order a table is added before a setting inside it is looked for.
    for key in sorted(settings):
        _set(data, key, deepcopy(settings[key]))
    return _validated(data, settings)


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
    meant = _did_you_mean(key, [term.key for term in terms])
    raise Refused(field, _("{field}: there is no {key}").format(field=field, key=clip(key)) + (meant or "."))


def _set(data: dict[str, Any], key: str, value: object) -> None:
    """Put one setting into the dumped process; only its place is judged here, its value by the models."""
    *parents, last = key.split(".")
    node: Any = data
    for name in parents:
        node = _children(node).get(name)
    known = _children(node)
    if isinstance(node, list) and known:
        _set_term(node, last, key, value, data)
    elif not isinstance(node, dict) or last == "key" or not (last in known or "key" in node or node is data["rates"]):
        _refuse_key(key, data)
    elif isinstance(node.get(last), dict) and isinstance(value, Mapping):
        for name, inner in value.items():
            _set(data, f"{key}.{name}", inner)
    else:
        node[last] = value


def _set_term(terms: list[dict[str, Any]], last: str, key: str, value: object, data: dict[str, Any]) -> None:
    term = _children(terms).get(last)
    if not isinstance(value, Mapping):
        if term is None:
            _refuse_key(key, data)
        raise Refused(key, _("{key}: a table is needed, such as {example}").format(key=key, example='{"label": "…"}'))
    if value.get("key", last) != last:
        raise Refused(key, _("{key}: its key is {last} and cannot be another").format(key=key, last=last))
    if term is None:
        terms.append(term := {"key": last})
    term.update(value)


def _children(node: object) -> dict[str, Any]:
    """What lies below a node by the name it has in a dotted key: fields, or the terms of a list by their keys."""
    if isinstance(node, dict):
        return {str(name): child for name, child in node.items() if name != "key"}
    if isinstance(node, list) and all(isinstance(term, dict) and "key" in term for term in node):
        return {str(term["key"]): term for term in node}
    return {}


def _refuse_key(key: str, data: Mapping[str, Any]) -> NoReturn:
    meant = _did_you_mean(key, _known_keys(data))
    raise Refused(key, _("There is no setting {key}").format(key=clip(key)) + (meant or "."))


def _known_keys(node: object, prefix: str = "") -> Iterator[str]:
    for name, child in _children(node).items():
        yield prefix + name
        yield from _known_keys(child, f"{prefix}{name}.")


def _validated(data: Mapping[str, Any], settings: Mapping[str, object] | None = None) -> Process:
    try:
        return Process.model_validate(data)
    except ValidationError as invalid:
        error = invalid.errors(include_url=False)[0]
        place = _place_of(error, data)
        raise Refused(_setting_at(place, settings or {}), _explain(error, place, data)) from None


def _place_of(error: ErrorDetails, data: Mapping[str, Any]) -> str:
    """The dotted key of an error: items of a list are named by their key."""
    names: list[str] = []
    node: Any = data
    for step in error["loc"]:
        children = _children(node)
        name = list(children)[step] if isinstance(step, int) and step < len(children) else str(step)
        node = children.get(name)
        names.append(name)
    return ".".join(name for name in names if name != "[key]")


def _setting_at(place: str, settings: Mapping[str, object]) -> str:
    """The one setting that led to an error at `place`, or the place itself."""
    inside = [key for key in settings if not place or f"{key}.".startswith(f"{place}.") or f"{place}.".startswith(f"{key}.")]
    return inside[0] if len(inside) == 1 else place


_EXPLAINED = {
    "missing": mark("is missing"),
    "extra": mark("there is no such setting"),
    "string": mark("a text is needed"),
    "string_too_long": mark("at most {max_length} characters are possible"),
    "bool": mark("true or false is needed"),
    "int": mark("a whole number is needed"),
    "decimal": mark("a number is needed"),
    "finite": mark("a number is needed"),
    "tuple": mark("a list is needed"),
    "dict": mark("a table is needed"),
    "model": mark("a table is needed"),
    "literal": mark("one of {expected} is needed"),
    "greater_than": mark("more than {gt} is needed"),
    "greater_than_equal": mark("at least {ge} is needed"),
    "less_than_equal": mark("at most {le} is possible"),
    "too_short": mark("at least {min_length} is needed"),
    "too_long": mark("at most {max_length} are possible"),
}
"""By pydantic's type of error, or by the first word of it."""


def _explain(error: ErrorDetails, place: str, data: Mapping[str, Any]) -> str:
    """What is wrong at `place`, what was given and what was perhaps meant."""
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    known = _EXPLAINED.get(kind) or _EXPLAINED.get(kind.split("_")[0])
    if kind == "value_error":
        what = str(context["error"])
    else:
        what = _(known).format(**context) if known else error["msg"]
    if isinstance(given, str | int | float | Decimal) and kind != "extra_forbidden":
        what = _("{what} (not {given})").format(what=what, given=clip(str(given)))
    if kind == "literal_error":
        what += _did_you_mean(str(given).lower(), re.findall(r"'(\w+)'", context["expected"]))
    elif kind == "extra_forbidden":
        what += _did_you_mean(place, (key for key in _known_keys(data) if key != place))
    return f"{clip(place, 100)}: {what}" if place else what
