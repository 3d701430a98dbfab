"""The settings of the process that the screens let change, as rows: where each stands, what it is called, what it says now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark, ngettext
from crm_tui.reads.labels import LIMITS

if TYPE_CHECKING:
    from crm_tui.process import Process
    from crm_tui.process_terms import Stage, Status

WEEKDAYS = {
    "sunday": mark("Sunday"),
    "monday": mark("Monday"),
    "tuesday": mark("Tuesday"),
    "wednesday": mark("Wednesday"),
    "thursday": mark("Thursday"),
    "friday": mark("Friday"),
    "saturday": mark("Saturday"),
}
EVES = {"work": mark("a working day"), "half": mark("half a day"), "off": mark("free")}
LANGUAGES = {"": mark("each person's own"), "en": "English", "he": "עברית"}


class Setting(NamedTuple):
    """One thing to change. `kind` says how it is asked for; `place` is its dotted key, or of what is added that of the list."""

    group: str
    place: str
    label: str
    value: str
    kind: str = "text"
    retired: bool = False


def settings_rows(process: Process) -> list[Setting]:
    """The rows, group by group."""
    return [*_limits(process), *_working(process), *_statuses(process), *_stages(process), *_reasons(process), *_business(process)]


def _limits(process: Process) -> Iterator[Setting]:
    for name, value in process.limits:
        yield Setting(_("Limits"), f"limits.{name}", _(LIMITS[name]), f"{value:,}", "number")


def _working(process: Process) -> Iterator[Setting]:
    group, working = _("Working time"), process.working
    days = ", ".join(_(label) for key, label in WEEKDAYS.items() if key in working.days)
    yield Setting(group, "working.days", _("Working days"), days, "days")
    yield Setting(group, "working.start", _("The day starts at"), f"{working.start:%H:%M}")
    yield Setting(group, "working.end", _("The day ends at"), f"{working.end:%H:%M}")
    yield Setting(group, "working.holidays", _("Holidays: a country, own dates"), ", ".join(map(str, working.holidays)) or "–", "list")
    yield Setting(group, "working.eves", _("The day before a holiday"), _(EVES[working.eves]), "eves")
    yield Setting(group, "working.zone", _("Time zone"), working.zone)


def _statuses(process: Process) -> Iterator[Setting]:
    group = _("Statuses")
    for status in process.statuses:
        own = status.key != status.role
        value = _("as {role}").format(role=process.status(status.role).text) if own else ""
        yield Setting(
            group, f"statuses.{status.key}", status.text, _with_retired(value, status), "status" if own else "name", status.retired
        )
    yield Setting(group, "statuses", _("+ a status of your own"), "", "add")


def _with_retired(value: str, status: Status) -> str:
    return ", ".join(filter(None, (value, _("retired") if status.retired else "")))


def _stages(process: Process) -> Iterator[Setting]:
    for pipeline in process.pipelines:
        group = pipeline.text if len(process.pipelines) > 1 else _("Stages")
        for stage in pipeline.stages:
            kind = "stage" if stage.role == "open" else "name"
            yield Setting(group, f"pipelines.{pipeline.key}.stages.{stage.key}", stage.text, stage_value(stage), kind)
        yield Setting(group, f"pipelines.{pipeline.key}.stages", _("+ a stage"), "", "add")


def stage_value(stage: Stage) -> str:
    """The numbers of a stage in a line."""
    days = stage.rotting_days
    text = f"{stage.probability} %"
    if not days:
        return text
    return text + ", " + ngettext("{days} working day", "{days} working days", days).format(days=days)


def _reasons(process: Process) -> Iterator[Setting]:
    from crm_tui.process_terms import RULED_REASONS

    group = _("Reasons")
    for reason in process.closing_reasons:
        kind = "name" if reason.key in RULED_REASONS else "reason"
        value = _("retired") if reason.retired else ""
        yield Setting(group, f"closing_reasons.{reason.key}", reason.text, value, kind, reason.retired)
    yield Setting(group, "closing_reasons", _("+ a reason"), "", "add")


def _business(process: Process) -> Iterator[Setting]:
    group = _("Business")
    yield Setting(group, "name", _("Name"), process.name or "–")
    yield Setting(group, "currency", _("Currency"), process.currency)
    yield Setting(group, "region", _("Country of phone numbers"), process.region)
    yield Setting(group, "language", _("Language"), _(LANGUAGES[process.language]), "language")
    yield Setting(group, "tags", _("Suggested tags"), ", ".join(process.tags) or "–", "list")
