"""What codes are called in sentences: rules, outcomes, tasks, sources, reasons, statuses, fields; translated when shown."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from crm_tui.errors import CrmError
from crm_tui.i18n import gettext as _
from crm_tui.i18n import language, mark
from crm_tui.rules.sources import LABELS as SOURCES
from crm_tui.text.dates import short_iso, short_time
from crm_tui.text.money import parse_amount, show
from crm_tui.text.times import local_day

if TYPE_CHECKING:
    from crm_tui.process import Process
    from crm_tui.process_terms import Term
    from crm_tui.reads.look import Look

RULES = {
    "lead arrived": mark("lead arrived"),
    "returning": mark("returning"),
    "no answer": mark("no answer"),
    "not interested": mark("not interested"),
    "first conversation": mark("first conversation"),
    "later conversation": mark("later conversation"),
    "meeting held": mark("meeting held"),
    "quote sent": mark("quote sent"),
    "deal opened": mark("deal opened"),
    "deal moved": mark("deal moved"),
    "deal won": mark("deal won"),
    "deal lost": mark("deal lost"),
    "routed": mark("routed"),
    "routed to desk": mark("routed to desk"),
    "left desk": mark("left desk"),
    "readiness high": mark("readiness high"),
    "next try": mark("next try"),
    "follow-up": mark("follow-up"),
    "call back": mark("call back"),
    "find another number": mark("find another number"),
    "wrong number": mark("wrong number"),
    "email sent": mark("e-mail sent"),
    "message sent": mark("message sent"),
    "closed": mark("closed"),
    "possible duplicate": mark("possible duplicate"),
}
"""Every code that can stand in `rule` or `rules`."""

DUPLICATE_REASONS = {
    "matches several contacts": mark("matches several contacts"),
    "shared phone or e-mail": mark("shared phone or e-mail"),
    "same name and company": mark("same name and company"),
    "same name in another spelling, same company": mark("same name in another spelling, same company"),
}
VERDICTS = {
    "same phone": mark("same phone"),
    "same e-mail": mark("same e-mail"),
    "same phone and e-mail": mark("same phone and e-mail"),
    "same company, another person": mark("same company, another person"),
    "same name alone": mark("same name alone"),
    "nothing in common": mark("nothing in common"),
}
OUTCOMES = {
    "talked": mark("talked"),
    "no_answer": mark("no answer"),
    "busy": mark("busy"),
    "call_back": mark("call back"),
    "wrong_number": mark("wrong number"),
    "not_interested": mark("not interested"),
}
TASKS = {
    "call": mark("call"),
    "meeting": mark("meeting"),
    "demo": mark("demo"),
    "quote": mark("quote"),
    "other": mark("something else"),
}
FIELDS = {
    "name": mark("name"),
    "phone": mark("phone"),
    "email": mark("e-mail"),
    "company": mark("company"),
    "readiness": mark("readiness"),
    "tag": mark("tag"),
    "value": mark("value"),
    "owner": mark("owner"),
    "expected_close": mark("expected close"),
    "pipeline": mark("pipeline"),
    "note": mark("note"),
    "need": mark("need"),
    "title": mark("job title"),
    "website": mark("website"),
}


LIMITS = {
    "fresh_minutes": mark("Fresh: minutes to the first attempt"),
    "late_hours": mark("Late: hours until a lead is cold"),
    "breached_days": mark("Breached: days as new"),
    "follow_up_days": mark("Follow-up after so many working days"),
    "touch_days": mark("Cooling after so many working days"),
    "max_attempts": mark("Attempts before closing is offered"),
    "reactivation_days": mark("Reactivation after so many days"),
    "inactive_days": mark("Customer inactive after so many days"),
    "short_conversation_seconds": mark("Short conversation, in seconds"),
    "quote_days": mark("Quotes hold for so many days"),
    "reminder_minutes": mark("Reminder: minutes before a meeting or demo"),
}
"""The numbers of the rules that the screens let change."""


def rule_label(code: str) -> str:
    """What a rule did, in words; an unknown code (of a newer build) stands for itself."""
    return _(RULES.get(code, code))


def duplicate_label(code: str) -> str:
    """Why two contacts were flagged as possible duplicates."""
    return _(DUPLICATE_REASONS.get(code, code))


def verdict_label(code: str) -> str:
    """Why two records are one person's, or are not."""
    return _(VERDICTS.get(code) or DUPLICATE_REASONS.get(code, code))


def outcome_label(code: str) -> str:
    """How a call ended."""
    return _(OUTCOMES.get(code, code))


def task_label(code: str) -> str:
    """What was promised."""
    return _(TASKS.get(code, code))


def source_label(look: Look, code: str) -> str:
    """Where a lead came from, as the business calls it; without settings of its own the process need not be loaded for it."""
    return _term(look.process.sources, code, True) if look.settings else _(SOURCES.get(code, code))


def field_label(name: str) -> str:
    """What a field is called; a property of the business's own bears its own name."""
    return _(FIELDS[name]) if name in FIELDS else name


def property_label(look: Look, key: str) -> str:
    """What a property is called: a field of the business's own by its label."""
    field = look.process.custom_field(key) if look.settings else None
    return field.text if field else field_label(key)


def property_text(look: Look, key: str, value: str) -> str:
    """A property as it is read: of a field of the business's own an amount, a date, yes or no."""
    field = look.process.custom_field(key) if look.settings else None
    if field is None:
        return value
    if field.kind == "yes_no" and value in ("true", "false"):
        return _("yes") if value == "true" else _("no")
    if field.kind == "money":
        with suppress(CrmError):
            return show(parse_amount(value, look.currency), language())
    return short_iso(value, look.now, look.zone) if field.kind == "date" else value


def status_label(process: Process, key: str, *, inside: bool = False) -> str:
    """A status as the business calls it; `inside` a sentence what we ship begins small."""
    return _term(process.statuses, key, inside)


def lifecycle_label(process: Process, key: str, *, inside: bool = False) -> str:
    """A lifecycle stage as the business calls it."""
    return _term(process.lifecycle, key, inside)


def reason_label(process: Process, key: str, *, inside: bool = False) -> str:
    """A closing reason as the business calls it."""
    return _term(process.closing_reasons, key, inside)


def readiness_label(process: Process, key: str, *, inside: bool = False) -> str:
    """A readiness as the business calls it."""
    return _term(process.readiness, key, inside)


READINESS = {"low": mark("Low"), "medium": mark("Medium"), "high": mark("High")}
"""As shipped (a test holds them to process.toml)."""


def shown_readiness(look: Look, key: str) -> str:
    """A readiness inside a sentence; without settings of the business's own the process need not be loaded for it."""
    if look.settings or key not in READINESS:
        return readiness_label(look.process, key, inside=True)
    text = _(READINESS[key])
    return text[:1].lower() + text[1:]


def desk_label(process: Process, key: str, *, inside: bool = False) -> str:
    """A desk as the business calls it; the Leadometer is always there."""
    return _("Leadometer") if key == "leadometer" else _term(process.desks, key, inside)


def pipeline_label(process: Process, key: str) -> str:
    """A pipeline as the business calls it."""
    return _term(process.pipelines, key, False)


def stage_label(process: Process, key: str, *, inside: bool = False) -> str:
    """A stage of a deal, from the first pipeline that has it."""
    return _term([stage for pipeline in process.pipelines for stage in pipeline.stages], key, inside)


def _term(terms: Sequence[Term], key: str, inside: bool) -> str:
    """The label of a key; one that the process no longer has stands for itself."""
    found = next((term for term in terms if term.key == key), None)
    if found is None:
        return key
    from crm_tui.process_terms import SHIPPED_LABELS

    text = found.text
    return text[:1].lower() + text[1:] if inside and found.label in SHIPPED_LABELS else text


def away_text(look: Look, until: int) -> str:
    """That somebody is away, and until when."""
    day_start = until == look.working.day_start_ms(local_day(until, look.zone))
    return _("away until {day}").format(day=short_time(until, look.now, look.zone, timed=not day_start))


def spoken_duration(seconds: int) -> str:
    """How long it took, such as `4 min`."""
    if seconds < 60:
        return _("{seconds} s").format(seconds=seconds)
    hours, minutes = divmod((seconds + 30) // 60, 60)
    if not hours:
        return _("{minutes} min").format(minutes=minutes)
    return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes) if minutes else _("{hours} h").format(hours=hours)
