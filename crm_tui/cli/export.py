"""`crm-tui export`: everything out again, streaming, as CSV for spreadsheets or JSON for programs."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

import click

from crm_tui.cli.output import json_text, say
from crm_tui.cli.settings import Settings
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import ngettext
from crm_tui.text.clean import clip

SHEETS = ("contacts", "deals", "timeline")
"""What has a CSV form."""
SUFFIXES = {".csv": "csv", ".json": "json", ".jsonl": "jsonl"}
BOM = "\ufeff"


@click.command(help=_("Write contacts, deals, the timeline, all changes, or everything."))
@click.argument("what", type=click.Choice((*SHEETS, "changes", "all")))
@click.option(
    "--format",
    "format_",
    type=click.Choice(("csv", "json", "jsonl")),
    help=_("Else by the name of FILE; else csv, for changes and all json."),
)
@click.option("--view", metavar="V", help=_("Only the contacts of a view (crm-tui show views), in its order."))
@click.option("--all-columns", is_flag=True, help=_("All columns in CSV. Else those that a view shows, in its order."))
@click.option("-o", "--output", "path", metavar="FILE", type=click.Path(path_type=Path), help=_("Write to FILE, whole or not at all."))
@click.pass_context
def export(context: click.Context, what: str, format_: str | None, view: str | None, all_columns: bool, path: Path | None) -> None:
    """Export records."""
    settings: Settings = context.obj
    form = format_ or (SUFFIXES.get(path.suffix.lower()) if path else None) or ("csv" if what in SHEETS else "json")
    if form == "csv" and what not in SHEETS:
        raise click.UsageError(_("{what} has no CSV form; use --format json or jsonl.").format(what=what), context)
    if view is not None and what != "contacts":
        raise click.UsageError(_("--view is for contacts only."), context)
    to_file = path is not None and str(path) != "-"
    from crm_tui.reads.export import export_records
    from crm_tui.reads.look import Look

    with settings.open() as store, _opened(path) if path is not None and to_file else _standard_output() as out, store.db.snapshot():
        look = Look.at(store)
        records = export_records(look, what, view)
        if form == "csv":
            from crm_tui.cli.sheets import write_sheet, write_view
            from crm_tui.reads.views import view_named

            chosen = view_named(look, view) if view is not None and not all_columns else None
            out.write(BOM if to_file else "")
            count = write_view(out, look, chosen) if chosen and chosen.columns else write_sheet(out, look, what, records)
        else:
            count = _write_json(out, records, lines=form == "jsonl")
    if to_file:
        sentence = ngettext("{count} record written to {path}.", "{count} records written to {path}.", count)
        say(sentence.format(count=f"{count:,}", path=clip(str(path), 200)))


def _write_json(out: TextIO, records: Iterable[dict[str, Any]], *, lines: bool) -> int:
    """One record per line, keys sorted and no spaces, so that equal records are equal bytes."""
    count = 0
    for record in records:
        if not lines:
            out.write(",\n" if count else "[\n")
        out.write(json_text(record, compact=True))
        if lines:
            out.write("\n")
        count += 1
    if not lines:
        out.write("\n]\n" if count else "[]\n")
    return count


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    yield sys.stdout


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    """A file that appears whole under its name or not at all; a device or pipe is written directly."""
    shown = clip(str(path), 200)
    try:
        target = path.expanduser().resolve()
        mode = target.stat().st_mode if target.exists() else None
    except (ValueError, RuntimeError):
        raise Refused("output", _("{path} is not a path.").format(path=shown)) from None
    try:
        if mode is None or stat.S_ISREG(mode):
            with _replacing(target, 0o600 if mode is None else stat.S_IMODE(mode)) as out:
                yield out
        elif stat.S_ISDIR(mode):
            raise Refused("output", _("{path} is a directory, not a file.").format(path=shown))
        else:
            with target.open("w", encoding="utf-8", newline="") as out:
                yield out
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Refused("output", _("{path} cannot be written: {why}.").format(path=shown, why=error.strerror)) from error


@contextmanager
def _replacing(target: Path, mode: int) -> Iterator[TextIO]:
    handle, scratch = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        Path(scratch).chmod(mode)
        os.replace(scratch, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(scratch)
        raise
