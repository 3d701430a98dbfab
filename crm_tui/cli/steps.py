"""`crm-tui undo` and `crm-tui redo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crm_tui.cli.options import json_option
from crm_tui.cli.output import put, put_json
from crm_tui.cli.settings import Settings
from crm_tui.i18n import gettext as _
from crm_tui.i18n import ngettext

if TYPE_CHECKING:
    from crm_tui.answer import Answer


@click.command(help=_("Take back your last command, or the command ID. All that followed from it goes too."))
@click.argument("id", required=False)
@json_option
@click.pass_obj
def undo(settings: Settings, id: str | None, as_json: bool) -> None:
    """Undo one command or a whole import."""
    with settings.open() as store:
        answer = store.undo(id)
    _show(answer, as_json, _("Undone: {command} ({id})"))


@click.command(help=_("Bring back what your last undo took. Not possible once you did something since."))
@json_option
@click.pass_obj
def redo(settings: Settings, as_json: bool) -> None:
    """Redo what the last undo took."""
    with settings.open() as store:
        answer = store.redo()
    _show(answer, as_json, _("Brought back: {command}"))


def _show(answer: Answer, as_json: bool, sentence: str) -> None:
    if as_json:
        put_json(answer.as_json())
        return
    from crm_tui.reads.labels import field_label
    from crm_tui.registry import label_of
    from crm_tui.text.clean import clip

    shown = answer.as_json()
    put(sentence.format(command=_(label_of(answer.undone_command or answer.command)), id=shown.get("undone") or shown["id"]))
    if answer.kept:
        count = len(answer.kept)
        put(
            ngettext(
                "{count} change stays, because somebody changed it since:",
                "{count} changes stay, because somebody changed them since:",
                count,
            ).format(count=count)
        )
        for one in answer.kept:
            name = clip(str(one.get("name") or one["record"]))
            put(f"  {name}" if one["register"] == "*" else f"  {name}: {clip(field_label(str(one['register'])))}")
