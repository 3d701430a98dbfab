"""The business process with its numbers: shipped in process.toml, changed by settings, refused when it is wrong.

Importing this module imports pydantic (0.2 s): import it where it is needed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import date
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, NoReturn, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator

from crm_tui import process_terms as parts
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.process_errors import children, explain, known_keys, place_of, setting_at
from crm_tui.process_terms import CustomField, Desk, Part, Pipeline, ProcessLimits, Reason, Source, Stage, Status, Template, Termed, Working
from crm_tui.process_values import Currency, Name, Rate, Region, did_you_mean
from crm_tui.rules.cadence import Limits
from crm_tui.rules.calendar import WorkingTime
from crm_tui.rules.sources import SOURCES
from crm_tui.text.clean import clip
from crm_tui.text.fold import fold


class Process(Part):
    """How one business works; product.md names what each number does."""

    name: Name
    region: Region
    currency: Currency
    language: Literal["", "en", "he"]
    rates: dict[Currency, Rate]
    vat: parts.VatRates
    working: Working
    limits: ProcessLimits
    statuses: parts.Statuses
    lifecycle: parts.Lifecycle
    closing_reasons: parts.Reasons
    sources: parts.Sources
    readiness: parts.ReadinessTerms
    desks: parts.Desks
    tags: tuple[Name, ...] = Field(default=(), max_length=200)
    fields: parts.CustomFields = ()
    pipelines: parts.Pipelines
    templates: parts.Templates

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

    def source_called(self, name: str) -> Source:
        """The source of a key or a label; Refused with what was meant."""
        wanted = fold(name)
        for source in self.sources:
            if wanted and wanted in map(fold, (source.key, *source.spellings)):
                return source
        meant = did_you_mean(name[:60], [word for source in self.sources for word in (source.key, *source.spellings)])
        known = ", ".join(source.key for source in self.sources)
        message = _("There is no source {name}").format(name=clip(name)) + (meant or ".")
        raise Refused("source", f"{message} " + _("There are: {values}.").format(values=known))

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


def _find(terms: Sequence[Termed], key: str, field: str) -> Termed:
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
