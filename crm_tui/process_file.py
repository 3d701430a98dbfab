"""The process as a file: written as commented TOML, read back with the line of what is wrong, compared with what is shipped."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crm_tui.errors import Refused
from crm_tui.i18n import LANGUAGES, mark
from crm_tui.i18n import gettext as _
from crm_tui.process import Process, load_default, usable_settings, validated, with_settings
from crm_tui.process_errors import children
from crm_tui.text.clean import clip

LONGEST_FILE = 1_000_000

_HEAD = (
    mark("The process of this business: its words and numbers."),
    mark("Change what you like and load it: crm-tui process load FILE (or edit it at once: crm-tui process edit)."),
    mark("What you leave out stays as it is. A list that stands here is the whole list, in its order:"),
    mark("a line more adds to it, a line less takes away."),
    mark("Keys are fixed, since data and rules name them; labels and numbers are free."),
    mark('A label is one text, or one for each language: { en = "Quote", he = "הצעה" }.'),
)
_ABOVE = {
    "statuses": (
        mark("Rules look at the role: new, no_answer, initial_contact, in_process, closed, customer, inactive_customer."),
        mark("Add your own with one of these roles; retired = true takes one of your own out of use."),
    ),
    "lifecycle": (mark('In the order of the ladder; "other" is off it.'),),
    "closing_reasons": (mark("Why a lead is closed or a deal lost; retired = true takes one out of use."),),
    "sources": (mark("Where leads come from; those of an offline one are rated for readiness (rule 3)."),),
    "readiness": (mark("How ready a lead is to buy, rated by people; only the labels can change."),),
    "desks": (mark('Where a lead can be routed besides a user; "closes" is rule 13.'),),
    "tags": (mark('Tags that are suggested: ["vip", "fair 2026"].'),),
    "fields": (
        mark("Properties of a contact of your own: text, number, money, date, choice or yes_no. A choice has choices:"),
        '{ key = "size", label = "Size", kind = "choice", choices = ["small", "large"] }',
    ),
    "rates": (
        mark("One unit of another currency in the currency above. These are round defaults, not quotations: set your own."),
        mark("A deal keeps the rate it was entered with."),
    ),
    "vat": (mark("VAT in percent by the day since which it holds; a quote has the rate of its day."),),
    "templates": (
        mark("Templates of e-mails and messages. attempt says after which call without an answer one is offered first (rule 7)."),
        mark("In the texts a field stands with a word for when it is not known, such as"),
        '{{ first_name or "there" }}',
        mark("The fields: first_name, name, company, phone, email, need, campaign, sender (who writes), business (your name)."),
    ),
    "pipelines": (
        mark("The first pipeline is the default. Probability in percent (rule 16), rotting_days in working days (rule 15)."),
        mark("The open stages stand in their order, then one won and one lost."),
    ),
}
_BESIDE = {
    "region": mark("how a phone number without a country code is read"),
    "currency": mark("sums, order and forecast are in this one"),
    "language": mark('"en" or "he"; empty: each person\'s own'),
    "working.holidays": mark('a country with its public holidays, and dates of your own: ["IL", "2026-12-31"]'),
    "working.eves": mark('the day before a public holiday: "work", "half" or "off"'),
    "limits.fresh_minutes": mark("rule 5: the first attempt, at best"),
    "limits.late_hours": mark("rule 5: after it the chance has dropped sharply"),
    "limits.breached_days": mark("rule 5: longer as new is a breach"),
    "limits.follow_up_days": mark("rule 8: working days after the first conversation"),
    "limits.touch_days": mark("rule 9: working days without a touch before it cools"),
    "limits.max_attempts": mark("rule 7: then closing is offered"),
    "limits.reactivation_days": mark("rule 11: calendar days"),
    "limits.inactive_days": mark("rule 12: calendar days"),
    "limits.quote_days": mark("calendar days for which a quote holds"),
    "limits.reminder_minutes": mark("so long before a meeting or demo it is announced"),
    "limits.short_conversation_seconds": mark("a call that is shorter was hardly a conversation"),
}
_TABLES = ("rates", "working", "limits")


# written


def as_toml(process: Process) -> str:
    """The whole process as a file that says how to change it."""
    data = process.model_dump(mode="json")
    lines = [*_comments(_HEAD), ""]
    for key, value in data.items():
        if key not in (*_TABLES, "pipelines", "templates"):
            lines += _entry(key, value)
    for key in _TABLES:
        lines += ["", *_comments(_ABOVE.get(key, ())), f"[{key}]"]
        for name, value in data[key].items():
            lines += _entry(name, value, f"{key}.")
    lines += ["", *_comments(_ABOVE["pipelines"])]
    for number, pipeline in enumerate(data["pipelines"]):
        lines += [""] * (number > 0) + ["[[pipelines]]"]
        for name, value in pipeline.items():
            lines += _entry(name, value, "pipelines.")
    lines += ["", *_comments(_ABOVE["templates"])]
    for number, template in enumerate(data["templates"]):
        lines += [""] * (number > 0) + _template(template)
    if not data["templates"]:
        lines.insert(len(list(_HEAD)) + 1, "templates = []")
    return "\n".join(lines) + "\n"


def _comments(texts: Sequence[str]) -> Iterator[str]:
    return (f"# {_(text)}" for text in texts)


def _entry(key: str, value: Any, inside: str = "") -> list[str]:
    """One key with its value; a list of terms has a line for each."""
    above = _ABOVE.get(key, ()) if not inside else ()
    lines = ["", *_comments(above)] if above else []
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [*lines, f"{key} = [", *(f"  {_value(one)}," for one in value), "]"]
    if key in ("start", "end"):
        value = value.removesuffix(":00")
    comment = _BESIDE.get(inside + key)
    return [*lines, f"{key} = {_value(value)}" + (f"  # {_(comment)}" if comment else "")]


def _template(template: Mapping[str, Any]) -> list[str]:
    """A template, with a table of its own for each language, since its texts are long."""
    lines = ["[[templates]]"]
    lines += [f"{key} = {_value(value)}" for key, value in template.items() if key not in LANGUAGES and not _is_usual(key, value)]
    for language in LANGUAGES:
        if words := template[language]:
            lines += ["", f"[templates.{language}]"]
            lines += [f"{key} = {_long(value) if key == 'body' else _value(value)}" for key, value in words.items() if value]
    return lines


def _long(text: str) -> str:
    escaped = "".join(one if one.isprintable() or one == "\n" else f"\\U{ord(one):08X}" for one in text.replace("\\", r"\\"))
    return '"""\n' + escaped.replace('"""', '""\\"') + '"""'


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items() if not _is_usual(key, one)) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    # The escapes of JSON are TOML's too; what JSON leaves, such as DEL, no text of the process contains.
    return json.dumps(value, ensure_ascii=False)


def _is_usual(key: str, value: Any) -> bool:
    """What need not be said of a term: that it is not retired, has no choices."""
    return value is None or value == [] or (value is False and key in ("retired", "closes", "offline"))


# read


def from_toml(text: str, process: Process) -> Process:
    """The process that a file makes of `process`; Refused says on which line what is wrong."""
    if len(text) > LONGEST_FILE:
        raise Refused("file", _("The file is too large for a process."))
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused("file", _("This is not TOML: {what}.").format(what=clip(str(error)))) from None
    except (RecursionError, ValueError):
        raise Refused("file", _("This is not TOML: {what}.").format(what=_("a value is too large or too deep"))) from None
    data = process.model_dump(mode="json")
    for key, value in given.items():
        if key in ("working", "limits") and isinstance(value, dict):
            data[key] |= value
        else:
            data[key] = value
    try:
        return validated(data)
    except Refused as refused:
        line = line_of(text, refused.field)
        raise Refused(
            refused.field, _("line {line}: {what}").format(line=line, what=refused.message) if line else refused.message
        ) from None


def line_of(text: str, place: str) -> int:
    """The line on which a dotted place of the process stands, or the nearest thing around it; 0 when nothing of it is there."""
    lines = text.splitlines()
    first, last = 0, len(lines)
    found = 0
    around = ""
    for name in place.split("."):
        at = next((number for number in range(first, last) if _names(lines[number], name)), None)
        if at is None:
            break
        found, first = at + 1, at
        if re.search(rf"\bkey\s*=\s*[\"']{re.escape(name)}[\"']", lines[at]):
            # A term ends with its line, or where a table begins that is none of its own.
            inner = re.compile(rf"\[\[?([\w-]+\.)*{re.escape(around)}\.")
            ends = (n for n in range(at + 1, last) if lines[n].startswith("[") and not inner.match(lines[n]))
            last = at + 1 if "{" in lines[at] else next(ends, last)
        around = name
    return found


def _names(line: str, name: str) -> bool:
    """Whether a line begins a table, sets a key, or begins a term, of this name."""
    known = re.escape(name)
    return not line.lstrip().startswith("#") and bool(
        re.match(rf"\s*\[\[?([\w.-]+\.)?{known}\]", line)
        or re.search(rf"(^|[\s{{,.\"'])[\"']?{known}[\"']?\s*[=.]", line)
        or re.search(rf"\bkey\s*=\s*[\"']{known}[\"']", line)
    )


# compared


def settings_of(process: Process) -> dict[str, Any]:
    """The settings that make this process of the shipped one."""
    shipped = load_default().model_dump(mode="json")
    data = process.model_dump(mode="json")
    if data["currency"] != shipped["currency"]:
        shipped["rates"] = {}
    return dict(_differences(shipped, data, ""))


def _differences(old: Any, new: Any, place: str) -> Iterator[tuple[str, Any]]:
    if old == new:
        return
    if not _by_key(old, new, place):
        yield place, new
        return
    known = children(old)
    found: list[tuple[str, Any]] = []
    for name, value in children(new).items():
        inner = f"{place}.{name}" if place else name
        if name in known:
            found += _differences(known[name], value, inner)
        else:
            found.append((inner, {key: one for key, one in value.items() if key != "key" and not _is_usual(key, one)}))
    # A setting that is empty goes back to what is shipped, so what is left out of a term is said by the whole list.
    yield from [(place, new)] if isinstance(new, list) and any(value in (None, "") for _place, value in found) else found


def _by_key(old: Any, new: Any, place: str) -> bool:
    """Whether a difference can be said key by key: tables, and lists of terms to whose end others were added."""
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and place != "rates" and not place.endswith(".label")
    if not (isinstance(old, list) and isinstance(new, list) and children(old)):
        return False
    before, after = _order(old), _order(new)
    added = after[len(before) :]
    return after[: len(before)] == before and added == sorted(added)


def _order(terms: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys of terms in their order, without the ends of a pipeline, which stand last anyway."""
    return [str(term["key"]) for term in terms if term.get("role") not in ("won", "lost")]


def value_at(process: Process, place: str) -> Any:
    """What stands at a dotted place of a process; None when there is nothing."""
    node: Any = process.model_dump(mode="json")
    for name in place.split("."):
        node = children(node).get(name)
    return node


def changes(settings: Mapping[str, Any], process: Process) -> dict[str, Any]:
    """The settings to give on top of `settings` to come to `process`; None takes one back."""
    wanted = settings_of(process)
    if process == with_settings(load_default(), usable_settings(load_default(), settings)):
        return {}
    return {name: wanted.get(name) for name in sorted({*settings, *wanted}) if settings.get(name) != wanted.get(name)}
