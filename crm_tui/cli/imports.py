"""`crm-tui import`: files of leads into the store; the good rows go in, the others are listed with line, value and reason."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm_tui.cli.options import json_option
from crm_tui.cli.output import error_json, put, put_json, say
from crm_tui.cli.progress import Progress
from crm_tui.cli.settings import Settings
from crm_tui.cli.table import Column, put_table
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import ngettext
from crm_tui.rules.sources import SOURCES
from crm_tui.text.clean import clip

if TYPE_CHECKING:
    from crm_tui.store import Store

SOME_REFUSED = 3
MOST_SHOWN = 20
COUNTS = ("rows", "created", "touched", "flagged", "skipped")


@click.command(
    name="import",
    help=_("Take in files of leads. CSV in any encoding, with any delimiter and order of columns; the same file again adds nothing."),
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(("auto", "csv")), default="auto", help=_("The format of the files."))
@click.option("--to", type=click.Choice(("leads", "contacts")), default="leads", help=_("Leads enter the Leadometer, contacts do not."))
@click.option(
    "--source",
    metavar="S",
    help=_("The source of all rows: {sources}, or one of your own.").format(sources=", ".join(SOURCES)),
)
@click.option("--campaign", metavar="C", help=_("The campaign of all rows."))
@click.option("--dry-run", is_flag=True, help=_("Only say what would happen."))
@click.option(
    "--on-duplicate",
    type=click.Choice(("touch", "skip", "update")),
    default="touch",
    help=_("What a row does to a person already known."),
)
@json_option
@click.pass_context
def import_files(
    context: click.Context,
    files: Sequence[Path],
    format_: str,
    to: str,
    source: str | None,
    campaign: str | None,
    dry_run: bool,
    on_duplicate: str,
    as_json: bool,
) -> None:
    """Import one or several files."""
    settings: Settings = context.obj
    if source is not None and source not in SOURCES:
        source = _own_source(settings, source, context)
    for path in files:
        _check_file(path)
    options = {"to": to, "source": source, "campaign": campaign, "dry_run": dry_run, "on_duplicate": on_duplicate}
    settings.interrupted = _("Interrupted. The rows that are already in stay; the same command goes on where it stopped.")
    results: list[dict[str, Any]] = []
    with settings.open() as store:
        for path in files:
            try:
                result = _import_one(store, path, options, as_json)
            except Refused as error:
                if len(files) == 1:
                    raise
                result = {"error": error_json(error)["error"]}
                say(clip(f"{path}: {error.message}", 400))
            results.append({"file": str(path), **result})
    if as_json:
        put_json(_without_file(results[0]) if len(files) == 1 else _sum(results))
    failed = [result for result in results if "error" in result]
    if len(failed) == len(results):
        context.exit(1)
    context.exit(SOME_REFUSED if failed or any(result["refused"] for result in results) else 0)


def _own_source(settings: Settings, name: str, context: click.Context) -> str:
    """The key of a source of the business's own, by key or label; a store that is not there yet has none."""
    from crm_tui.db import is_sqlite, sqlite_path
    from crm_tui.process import load_default

    process = load_default()
    if not is_sqlite(settings.url) or sqlite_path(settings.url).exists():
        with settings.open() as store:
            process = store.process()
    try:
        return process.source_called(name).key
    except Refused as unknown:
        raise click.UsageError(unknown.message, context) from None


def _import_one(store: Store, path: Path, options: dict[str, Any], as_json: bool) -> dict[str, Any]:
    from crm_tui.intake.run import import_file

    refused_file = None if options["dry_run"] else _refused_file(path)
    with Progress(path.name) as progress:
        report = import_file(store, path, progress=progress, refused_file=refused_file, **options)
    result = report.as_json()
    if not as_json:
        _put_report(path, result, options["dry_run"])
    if result["refused"] and refused_file is not None:
        say(_("The refused rows are in {path}.").format(path=clip(str(refused_file), 300)))
    return result


def _check_file(path: Path) -> None:
    """Refuse what cannot be read before anything of the other files goes in."""
    shown = clip(str(path), 200)
    try:
        if path.is_dir():
            raise Refused("file", _("{path} is a directory, not a file.").format(path=shown))
        with path.open("rb"):
            pass
    except ValueError:
        raise Refused("file", _("{path} is not a path.").format(path=shown)) from None
    except OSError as error:
        raise Refused("file", _("{path} cannot be read: {why}.").format(path=shown, why=error.strerror)) from error


def _refused_file(path: Path) -> Path:
    """Where the refused rows go: beside the input if that can be written, else the current directory."""
    name = path.name + ".refused.csv"
    beside = path.absolute().with_name(name)
    return beside if os.access(beside if beside.exists() else beside.parent, os.W_OK) else Path.cwd() / name


def _put_report(path: Path, result: dict[str, Any], dry_run: bool) -> None:
    counts = {name: f"{result[name]:,}" for name in COUNTS}
    put(ngettext("{name}: {count} row", "{name}: {count} rows", result["rows"]).format(name=clip(path.name), count=counts["rows"]))
    sentence = [
        _("{count} new").format(count=counts["created"]),
        _("{count} came back").format(count=counts["touched"]),
        _("{count} flagged as possible duplicates").format(count=counts["flagged"]),
        _("{count} skipped").format(count=counts["skipped"]),
        _("{count} refused").format(count=f"{len(result['refused']):,}"),
    ]
    put("  " + " · ".join(sentence))
    if result["refused"]:
        _put_refused(result["refused"])
    if "doubtful" in result:
        _put_doubtful(result["doubtful"])
    if dry_run:
        put(_("Nothing was changed (--dry-run)."))
    elif result["created"] or result["touched"]:
        put(_("To take it all back: crm-tui undo {id}").format(id=result["id"]))


def _put_refused(refused: Sequence[dict[str, Any]]) -> None:
    rows = [(str(one["line"]), clip(one["value"], 40), one["reason"]) for one in refused[:MOST_SHOWN]]
    put()
    put_table((Column(_("line"), right=True, whole=True), Column(_("value")), Column(_("why refused"))), rows)
    if len(refused) > MOST_SHOWN:
        put(_("… and {count} more").format(count=f"{len(refused) - MOST_SHOWN:,}"))
    put()


def _put_doubtful(doubtful: Sequence[dict[str, Any]]) -> None:
    """Values that a field of the business's own does not take: the rows are in, the values stand beside the field."""
    sentence = ngettext(
        "{count} value does not fit its field. It is kept as the property named here:",
        "{count} values do not fit their fields. They are kept as the properties named here:",
        len(doubtful),
    )
    put(sentence.format(count=f"{len(doubtful):,}"))
    rows = [(str(one["line"]), one["kept_as"], clip(one["value"], 40), one["reason"]) for one in doubtful[:MOST_SHOWN]]
    put_table((Column(_("line"), right=True, whole=True), Column(_("property")), Column(_("value")), Column(_("why"))), rows)
    if len(doubtful) > MOST_SHOWN:
        put(_("… and {count} more").format(count=f"{len(doubtful) - MOST_SHOWN:,}"))
    put()


def _without_file(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "file"}


def _sum(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Several files as one answer: the counts added, each file's own answer beside them."""
    good = [result for result in results if "error" not in result]
    answer: dict[str, Any] = {name: sum(result[name] for result in good) for name in COUNTS}
    answer["refused"] = [{"file": result["file"], **one} for result in good for one in result["refused"]]
    if doubtful := [{"file": result["file"], **one} for result in good for one in result.get("doubtful", ())]:
        answer["doubtful"] = doubtful
    answer["id"] = None
    answer["files"] = list(results)
    return answer
