"""`crm-tui process`: the words and numbers of the business as a file to read, change and load."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm_tui.cli.language import error_line
from crm_tui.cli.options import json_option
from crm_tui.cli.output import put, put_json, say
from crm_tui.cli.settings import Settings
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clean_line, clip

if TYPE_CHECKING:
    from crm_tui.process import Process
    from crm_tui.store import Store

FILE = click.Path(path_type=Path, allow_dash=True)


@click.group(help=_("The words and numbers of this business, as a file: statuses, stages, reasons, limits, working time, fields."))
def process() -> None:
    """The process as data."""


@process.command(help=_("Print the process as TOML, with comments that say how to change it."))
@click.pass_obj
def show(settings: Settings) -> None:
    """Show the process."""
    from crm_tui.process_file import as_toml

    with settings.open() as store:
        put(as_toml(store.process()).rstrip("\n"))


@process.command(help=_("Say what loading FILE would change, or on which line it is wrong and what was meant. Changes nothing."))
@click.argument("file", type=FILE)
@json_option
@click.pass_obj
def check(settings: Settings, file: Path, as_json: bool) -> None:
    """Check a file."""
    text = _read(file)
    with settings.open() as store:
        found = _checked(store, text)
    _answer(found, None, as_json)


@process.command(help=_("Change the process to what FILE says, in one step that undo takes back."))
@click.argument("file", type=FILE)
@json_option
@click.pass_obj
def load(settings: Settings, file: Path, as_json: bool) -> None:
    """Load a file."""
    text = _read(file)
    with settings.open() as store:
        found, id_ = _load(store, store.process(), store.settings(), text)
    _answer(found, id_, as_json)


@process.command(help=_("Open the process in your editor ($EDITOR) and load it."))
@click.pass_obj
def edit(settings: Settings) -> None:
    """Edit the process; what is wrong can be edited again, and is kept in a file where it is not."""
    from crm_tui.process_file import as_toml

    with settings.open() as store:
        old, before = store.process(), store.settings()
        handle, name = tempfile.mkstemp(prefix="crm-process-", suffix=".toml")
        file = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            written.write(as_toml(old))
        while True:
            try:
                click.edit(filename=str(file))
                found, id_ = _load(store, old, before, _read(file))
                break
            except (Refused, click.ClickException) as refused:
                say(error_line(clean_line(refused.message)))
                if not (sys.stdin.isatty() and click.confirm(_("Edit again?"), default=True, err=True)):
                    raise Refused("file", _("Nothing was changed. What you wrote is kept in {path}.").format(path=file)) from None
    file.unlink()
    _answer(found, id_, False)


def _read(file: Path) -> str:
    from crm_tui.process_file import LONGEST_FILE

    with click.open_file(str(file), "rb") as opened:
        raw = opened.read(LONGEST_FILE * 4)
    try:
        return bytes(raw).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = bytes(raw).count(b"\n", 0, error.start) + 1
        raise Refused("file", _("line {line}: {what}").format(line=line, what=_("this is not UTF-8 text"))) from None


def _checked(store: Store, text: str) -> dict[str, Any]:
    """The settings that a file changes, by name: their values before and after; Refused as loading it would be."""
    from crm_tui.commands.team import check_stranded
    from crm_tui.in_use import stranded
    from crm_tui.process_file import changes, from_toml

    old = store.process()
    new = from_toml(text, old)
    check_stranded(stranded(store.db, old, new))
    return _compared(changes(store.settings(), new), old, new)


def _load(store: Store, old: Process, before: dict[str, Any], text: str) -> tuple[dict[str, Any], str | None]:
    """Change what a file changes of `old`, and nothing that somebody else changed since."""
    from crm_tui.ids import show_id
    from crm_tui.process_file import changes, from_toml

    new = from_toml(text, old)
    values = changes(before, new)
    if not values:
        return {}, None
    answer = store.execute({"command": "set_setting", "values": values})
    return _compared(values, old, new), show_id(answer.id) if answer.id else None


def _compared(values: dict[str, Any], old: Process, new: Process) -> dict[str, Any]:
    from crm_tui.process_file import value_at

    return {name: {"old": value_at(old, name), "new": value_at(new, name)} for name in values}


def _answer(found: dict[str, Any], id_: str | None, as_json: bool) -> None:
    if as_json:
        put_json({"ok": True, "id": id_, "changes": found})
        return
    if not found:
        put(_("Nothing differs."))
    for name, value in found.items():
        put(f"{name}: {_shown(value['old'])} → {_shown(value['new'])}")
    if id_:
        put(_("Loaded; crm-tui undo takes all of it back."))


def _shown(value: Any) -> str:
    """A value in a line: of a term its label, of a list how many it has."""
    if value is None:
        return "–"
    if isinstance(value, dict) and "label" in value:
        value = value["label"]
    if isinstance(value, dict):
        return clip(" / ".join(f"{one}" for one in value.values()), 100)
    if isinstance(value, list):
        return clip(", ".join(str(one["key"]) if isinstance(one, dict) else str(one) for one in value), 100) or "–"
    return clip(str(value), 100)
