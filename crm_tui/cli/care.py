"""`crm-tui check`, `backup` and `restore`: that nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from crm_tui.cli.options import json_option
from crm_tui.cli.output import put, put_json
from crm_tui.cli.progress import Progress
from crm_tui.cli.settings import Settings
from crm_tui.i18n import gettext as _
from crm_tui.i18n import ngettext
from crm_tui.text.clean import clip

DAMAGED = 5
MOST_DIFFERENCES = 20


@click.command(help=_("Verify the store against its log. Replays all changes and checks their chain; exit code 5 when something differs."))
@json_option
@click.pass_context
def check(context: click.Context, as_json: bool) -> None:
    """Check the store."""
    from crm_tui.check import check as check_store

    settings: Settings = context.obj
    with settings.open() as store, Progress(_("check")) as progress:
        found = check_store(store, progress)
    if as_json:
        put_json(found)
    else:
        _put_check(found)
    context.exit(0 if found["ok"] else DAMAGED)


@click.command(help=_("Write a verified copy of the store to FILE. Others go on working meanwhile."))
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def backup(settings: Settings, file: Path, as_json: bool) -> None:
    """Back up the store."""
    from crm_tui.backup import backup as write_backup

    with settings.open() as store:
        made = write_backup(store, file)
    if as_json:
        put_json(made)
    else:
        put(_("Backed up to {path} and verified: {counts}.").format(path=clip(str(file), 200), counts=_counts(made)))


@click.command(help=_("Bring back the store from the backup FILE."))
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def restore(settings: Settings, file: Path, as_json: bool) -> None:
    """Restore the store."""
    from crm_tui.backup import restore as read_backup
    from crm_tui.db import errors

    with errors():
        made = read_backup(settings.url, file, settings.user, settings.clock())
    if as_json:
        put_json(made)
    else:
        put(_("Restored from {path}: {counts}.").format(path=clip(str(file), 200), counts=_counts(made)))
        if made.get("kept"):
            put(_("What was there before is kept in {path}.").format(path=clip(str(made["kept"]), 300)))


def _put_check(found: dict[str, Any]) -> None:
    counts = _counts(found)
    if found["ok"]:
        put(_("The store is whole: {counts}.").format(counts=counts))
        return
    differences = found["differences"]
    sentence = ngettext("{count} difference in {counts}:", "{count} differences in {counts}:", len(differences))
    put(sentence.format(count=f"{len(differences):,}", counts=counts))
    for one in differences[:MOST_DIFFERENCES]:
        put("  " + clip(str(one), 300))
    if len(differences) > MOST_DIFFERENCES:
        put(_("… and {count} more (--json)").format(count=f"{len(differences) - MOST_DIFFERENCES:,}"))
    put(_("Restore a backup: crm-tui restore FILE. What differs stays readable until then."))


def _counts(found: dict[str, Any]) -> str:
    commands, changes = found["batches"], found["changes"]
    return " · ".join(
        (
            ngettext("{count} command", "{count} commands", commands).format(count=f"{commands:,}"),
            ngettext("{count} change", "{count} changes", changes).format(count=f"{changes:,}"),
        )
    )
