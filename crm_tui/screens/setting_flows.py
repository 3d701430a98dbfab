"""What changing a setting asks, by its kind; each answer is checked as the whole process that it makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_tui.i18n import gettext as _
from crm_tui.i18n import language
from crm_tui.process import Process, validated
from crm_tui.process_file import changes, value_at
from crm_tui.reads.settings import EVES, LANGUAGES, WEEKDAYS, Setting
from crm_tui.screens.asking import Asking
from crm_tui.screens.dialogs import Option
from crm_tui.text.fold import words

Made = Callable[[dict[str, Any]], None]
"""Changes the process as plain data."""


async def change(ask: Asking, setting: Setting) -> None:
    """Ask for another value of a setting, and set it."""
    process = await ask.look(lambda look: look.process)
    await _KINDS[setting.kind](ask, process, setting)


def remade(process: Process, make: Made) -> Process:
    """The process after a change of its plain data; Refused when that makes no process."""
    data = process.model_dump(mode="json")
    make(data)
    return validated(data)


def put(data: dict[str, Any], place: str, value: Any) -> None:
    """Put a value at a dotted place."""
    *parents, last = place.split(".")
    node: Any = data
    for name in parents:
        node = node[name] if isinstance(node, dict) else _term(node, name)
    node[last] = value


def _term(terms: list[dict[str, Any]], key: str) -> dict[str, Any]:
    return next(term for term in terms if term["key"] == key)


async def _set(ask: Asking, process: Process, about: str, make: Made) -> None:
    new = remade(process, make)
    settings = await ask.session.with_store(lambda store: store.settings())
    await ask.app.run_command("set_setting", about=about, values=changes(settings, new))


async def _typed(ask: Asking, process: Process, title: str, value: str, read: Callable[[str], Made], *, optional: bool = False) -> Made:
    """What a typed line changes, once it makes a process."""

    def check(text: str) -> str:
        remade(process, read(text))
        return text

    return read(await ask.line(title, value=value, check=check, optional=optional))


async def _text(ask: Asking, process: Process, setting: Setting) -> None:
    made = await _typed(
        ask,
        process,
        setting.label,
        setting.value.strip("–"),
        lambda text: lambda data: put(data, setting.place, text),
        optional=setting.place == "name",
    )
    await _set(ask, process, setting.label, made)


async def _number(ask: Asking, process: Process, setting: Setting) -> None:
    made = await _typed(
        ask, process, setting.label, setting.value.replace(",", ""), lambda text: lambda data: put(data, setting.place, _whole(text))
    )
    await _set(ask, process, setting.label, made)


def _whole(text: str) -> int | str:
    """A number if it is one; what it is not is said by the process."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


async def _list(ask: Asking, process: Process, setting: Setting) -> None:
    def read(text: str) -> Made:
        return lambda data: put(data, setting.place, [one.strip() for one in text.split(",") if one.strip()])

    made = await _typed(ask, process, setting.label, setting.value.strip("–"), read, optional=True)
    await _set(ask, process, setting.label, made)


async def _days(ask: Asking, process: Process, setting: Setting) -> None:
    """Each choice turns a day on or off, until they are right."""
    days = set(process.working.days)
    at = 0
    while True:
        options = [Option("", _("Done")), *(Option(key, _(label), _("works") if key in days else "") for key, label in WEEKDAYS.items())]
        chosen = await ask.choose(setting.label, options, at=at)
        if not chosen:
            break
        days ^= {chosen}
        at = 1 + list(WEEKDAYS).index(chosen)
    await _set(ask, process, setting.label, lambda data: put(data, setting.place, [day for day in WEEKDAYS if day in days]))


async def _eves(ask: Asking, process: Process, setting: Setting) -> None:
    chosen = await ask.choose(setting.label, [Option(key, _(label)) for key, label in EVES.items()])
    await _set(ask, process, setting.label, lambda data: put(data, setting.place, chosen))


async def _language(ask: Asking, process: Process, setting: Setting) -> None:
    chosen = await ask.choose(setting.label, [Option(key, _(label)) for key, label in LANGUAGES.items()])
    await _set(ask, process, setting.label, lambda data: put(data, setting.place, chosen))


async def _name(ask: Asking, process: Process, setting: Setting) -> None:
    """Another label; of one for each language the one in use."""
    now = value_at(process, f"{setting.place}.label")

    def read(text: str) -> Made:
        label = now if text == setting.label else now | {language(): text} if isinstance(now, dict) else text
        return lambda data: put(data, f"{setting.place}.label", label)

    await _set(ask, process, setting.label, await _typed(ask, process, _("What is it called?"), setting.label, read))


async def _status(ask: Asking, process: Process, setting: Setting) -> None:
    await _term_of_ones_own(ask, process, setting, retires=True)


async def _reason(ask: Asking, process: Process, setting: Setting) -> None:
    from crm_tui.process_terms import CLOSING_REASONS

    key = setting.place.rpartition(".")[2]
    await _term_of_ones_own(ask, process, setting, retires=True, removes=key not in CLOSING_REASONS)


async def _stage(ask: Asking, process: Process, setting: Setting) -> None:
    await _term_of_ones_own(ask, process, setting, numbers=True)


async def _term_of_ones_own(
    ask: Asking, process: Process, setting: Setting, *, retires: bool = False, removes: bool = True, numbers: bool = False
) -> None:
    options = [Option("name", _("Rename"))]
    if numbers:
        options += [Option("probability", _("Probability in percent")), Option("rotting_days", _("Rotting after so many working days"))]
    if retires:
        options.append(Option("retire", _("Use it again") if setting.retired else _("Retire: no longer offered")))
    if removes:
        options.append(Option("remove", _("Take it away")))
    what = await ask.choose(setting.label, options)
    if what == "name":
        await _name(ask, process, setting)
    elif what == "retire":
        await _set(ask, process, setting.label, lambda data: put(data, f"{setting.place}.retired", not setting.retired))
    elif what == "remove":
        await _set(ask, process, setting.label, lambda data: _remove(data, setting.place))
    else:
        place = f"{setting.place}.{what}"
        title = next(one.label for one in options if one.value == what)
        now = value_at(process, place)
        made = await _typed(
            ask,
            process,
            title,
            "" if now is None else str(now),
            lambda text: lambda data: put(data, place, _whole(text) if text else None),
            optional=what == "rotting_days",
        )
        await _set(ask, process, setting.label, made)


def _remove(data: dict[str, Any], place: str) -> None:
    parent, _dot, key = place.rpartition(".")
    terms = _terms(data, parent)
    terms.remove(_term(terms, key))


def _terms(data: dict[str, Any], place: str) -> list[dict[str, Any]]:
    node: Any = data
    for name in place.split("."):
        node = node[name] if isinstance(node, dict) else _term(node, name)
    terms: list[dict[str, Any]] = node
    return terms


async def _add(ask: Asking, process: Process, setting: Setting) -> None:
    """A status beside those of its role, a stage by its probability, a reason at the end."""
    label = await ask.line(_("What is it called?"))
    term: dict[str, Any] = {"key": _key_of(label, [one["key"] for one in _terms(process.model_dump(), setting.place)]), "label": label}
    if setting.place == "statuses":
        roles = [Option(one.role, one.text) for one in process.statuses if one.key == one.role and one.role != "inactive_customer"]
        term["role"] = await ask.choose(_("Which of these is it for the rules?"), roles, note=label)
    elif setting.place != "closing_reasons":
        term["role"] = "open"
        probability = await ask.line(
            _("Probability in percent"), check=lambda text: _stage_number(process, setting.place, term, "probability", text)
        )
        term["probability"] = _whole(probability)
        days = await ask.line(
            _("Rotting after so many working days"),
            optional=True,
            check=lambda text: _stage_number(process, setting.place, term, "rotting_days", text),
        )
        term["rotting_days"] = _whole(days) if days else None
    await _set(ask, process, label, lambda data: _insert(_terms(data, setting.place), term))


def _stage_number(process: Process, place: str, term: dict[str, Any], name: str, text: str) -> str:
    remade(process, lambda data: _insert(_terms(data, place), {"probability": 0} | term | {name: _whole(text)}))
    return text


def _insert(terms: list[dict[str, Any]], term: dict[str, Any]) -> None:
    if "probability" in term:
        probability = term["probability"] if isinstance(term["probability"], int) else 0
        at = next((n for n, one in enumerate(terms) if one["role"] != "open" or one["probability"] > probability), len(terms))
    elif "role" in term:
        at = max((n + 1 for n, one in enumerate(terms) if one["role"] == term["role"]), default=len(terms))
    else:
        at = len(terms)
    terms.insert(at, term)


def _key_of(label: str, taken: list[str]) -> str:
    """A key of Latin letters for a label, that no other term has."""
    spelled = "_".join("".join(letter for letter in word if letter.isascii() and letter.isalnum()) for word in words(label))
    key = spelled.strip("_")[:40] or "own"
    return next(one for one in (key, *(f"{key}_{number}" for number in range(2, len(taken) + 3))) if one not in taken)


_KINDS = {
    "text": _text,
    "number": _number,
    "list": _list,
    "days": _days,
    "eves": _eves,
    "language": _language,
    "name": _name,
    "status": _status,
    "reason": _reason,
    "stage": _stage,
    "add": _add,
}
