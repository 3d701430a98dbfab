"""`crm-tui compare`: whether two records are one person's, as JSON lines; it opens no store."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from crm_tui.cli.output import error_json, json_text, put, say
from crm_tui.cli.settings import Settings
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _

FIELDS = ("name", "phone", "email", "company")


@click.command(
    help=_('Judge whether two records are one person\'s: JSON lines {"a": {name, phone, email, company}, "b": {…}} from standard input.'),
    epilog=_('Each is answered with {"same": …, "score": 0..1, "why": "…"}; a line that cannot be read is refused, the others stand.'),
)
@click.pass_context
def compare(context: click.Context) -> None:
    """Judge every line alone; refused ones do not stop the others."""
    from crm_tui.cli.lines import parse_line, read_lines
    from crm_tui.reads.labels import verdict_label
    from crm_tui.rules.same import compare as judge
    from crm_tui.rules.same import person

    settings: Settings = context.obj
    if sys.stdin is None:
        return
    if sys.stdin.isatty():
        say(_("Reading JSON lines from the keyboard; end with ctrl+d."))
    settings.closed_pipe_code = 1
    code = 0
    for number, line in read_lines(sys.stdin.buffer):
        try:
            pair = parse_line(number, line)
            one, other = (person(_record(pair, side, number)) for side in ("a", "b"))
        except Refused as error:
            put(json_text(error_json(error)))
            say(error.message)
            code = 1
            continue
        verdict = judge(one, other)
        put(json_text({"same": verdict.same, "score": verdict.score, "why": verdict_label(verdict.why)}))
        sys.stdout.flush()
    context.exit(code)


def _record(pair: dict[str, Any], side: str, number: int) -> dict[str, str]:
    """One side of a line: texts, a missing one empty; anything else is refused."""
    record = pair.get(side)
    if not isinstance(record, dict):
        _refuse(number, _("{field} is not an object").format(field=side))
    for field in FIELDS:
        if not isinstance(record.get(field), str | None):
            _refuse(number, _("{field} is not a text").format(field=f"{side}.{field}"))
    return {field: record.get(field) or "" for field in FIELDS}


def _refuse(number: int, why: str) -> NoReturn:
    raise Refused("line", _("Line {line}: {why}.").format(line=number, why=why))
