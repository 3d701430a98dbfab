"""`crm-tui do`: one command from its words, or a script of commands as JSON lines; one JSON answer per line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, get_args

import click

from crm_tui.cli.output import error_json, json_text, put, say
from crm_tui.cli.settings import Settings, given_ms
from crm_tui.errors import CrmError, Refused
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clip

if TYPE_CHECKING:
    from crm_tui.store import Store


class RawCommand(click.Command):
    """Leaves all its words as they are: the fields are those of the command that is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Only `--help` in the first place is an option."""
        if args[:1] == ["--help"]:
            return super().parse_args(ctx, args)
        ctx.params["words"] = tuple(args)
        return []


@click.command(
    cls=RawCommand,
    options_metavar="[COMMAND [--field VALUE]...]",
    help=_("Run one command, or JSON lines from standard input. Each is answered with one line of JSON."),
    epilog=_("crm-tui do COMMAND --help names the fields of a command; crm-tui show commands lists all commands."),
)
@click.pass_context
def do(context: click.Context, words: Sequence[str] = ()) -> None:
    """Execute one command or a script."""
    settings: Settings = context.obj
    if not words:
        context.exit(_run_lines(settings))
    name, *given = words
    if name.startswith("-"):
        raise click.NoSuchOption(name, ctx=context)
    from crm_tui.commands import COMMANDS, parse

    if name not in COMMANDS:
        try:
            parse({"command": name})
        except Refused as unknown:
            answer = error_json(unknown)
            answer["error"]["kind"] = "usage"
            _answer(answer)
            raise click.UsageError(unknown.message, context) from None
    if "--help" in given[0:1]:
        _put_fields(name, context)
        return
    fields = _fields(name, given, context)
    settings.as_json = True
    with settings.open() as store:
        context.exit(_execute(store, fields, settings))


def _run_lines(settings: Settings) -> int:
    """Every line alone: refused ones do not stop the others; a store that is busy, full or damaged does."""
    from crm_tui.cli.lines import parse_line, read_lines

    if sys.stdin is None:
        return 0
    if sys.stdin.isatty():
        say(_("Reading JSON lines from the keyboard; end with ctrl+d."))
    settings.closed_pipe_code = 1
    code = 0
    with settings.open() as store:
        for number, line in read_lines(sys.stdin.buffer):
            try:
                fields = parse_line(number, line)
            except Refused as error:
                _answer(error_json(error))
                code = 1
                continue
            found = _execute(store, fields, settings)
            if found > 1:
                say(_("Stopped at line {line}; it and the lines after it were not executed.").format(line=number))
                return found
            code = max(code, found)
    return code


def _execute(store: Store, fields: dict[str, Any], settings: Settings) -> int:
    """Execute, print the answer only after its transaction is durable, and return the exit code that it stands for."""
    from crm_tui.db import errors

    try:
        with errors():
            now = None
            if "now" in fields:
                now = _own_now(store, fields, settings)
                fields = {name: value for name, value in fields.items() if name != "now"}
            answer = store.execute(fields, now).as_json()
    except CrmError as error:
        _answer(error_json(error))
        return error.exit_code
    except Exception as error:
        message = _("Something unexpected happened ({what}); nothing was changed.")
        _answer(error_json(CrmError(message.format(what=clip(f"{error.__class__.__name__}: {error}", 200)))))
        return 1
    _answer(answer)
    return 0


def _own_now(store: Store, fields: dict[str, Any], settings: Settings) -> int:
    if settings.now is None:
        raise Refused("now", _("A line carries its own now only where --now is given."))
    return given_ms(fields["now"], store.process())


def _answer(answer: dict[str, Any]) -> None:
    put(json_text(answer))
    sys.stdout.flush()


def _fields(name: str, given: Sequence[str], context: click.Context) -> dict[str, Any]:
    """The fields of `--field value` and `--field=value`; the word after a field is its value whatever it looks like."""
    fields: dict[str, Any] = {"command": name}
    words = iter(given)
    for word in words:
        if not word.startswith("--") or len(word) < 3:
            raise click.UsageError(_("{word} is not a field; fields are written --field value.").format(word=clip(word)), context)
        option, equals, value = word[2:].partition("=")
        if not equals:
            following = next(words, None)
            if following is None:
                raise click.UsageError(_("{field} has no value.").format(field=clip(word)), context)
            value = following
        field = option.replace("-", "_")
        if field == "command":
            raise click.UsageError(_("The command is already named: {name}.").format(name=name), context)
        typed = _typed(name, field, value)
        if field in fields:
            earlier = fields[field] if isinstance(fields[field], list) else [fields[field]]
            typed = [*earlier, *(typed if isinstance(typed, list) else [typed])]
        fields[field] = typed
    return fields


def _typed(name: str, field: str, text: str) -> Any:
    """A word as the field takes it: a list of one, an object or a number where the field knows them, else the text."""
    from crm_tui.commands import COMMANDS

    known = COMMANDS[name][0].model_fields.get(field)
    if known is None:
        return text
    kinds = [getattr(kind, "__origin__", kind) for kind in get_args(known.annotation)]
    if list in kinds:
        return [text]
    if known.annotation is Any or (dict in kinds and text.startswith("{")):
        from crm_tui.cli.lines import Unfit, load_json

        with suppress(Unfit):
            return load_json(text)
    return text


def _put_fields(name: str, context: click.Context) -> None:
    """The fields of a command, from its model."""
    from crm_tui.cli.table import Column, put_table
    from crm_tui.commands import COMMANDS
    from crm_tui.registry import label_of

    model = COMMANDS[name][0]
    schema = model.model_json_schema()
    required = schema.get("required", [])
    rows = []
    for field, about in schema["properties"].items():
        if field != "command":
            rows.append(("--" + field.replace("_", "-"), _("required") if field in required else "", _kind(about)))
    put(f"crm-tui do {name} [--field VALUE]...")
    put()
    put("  " + _(label_of(name)))
    put()
    put_table((Column(_("field")), Column(""), Column(_("value"))), rows)
    if model.model_config.get("extra") == "allow":
        put(_("Any other field becomes a property of its own; an empty value clears."))


def _kind(about: dict[str, Any]) -> str:
    """What a field takes, in few words."""
    options = about.get("anyOf", [about])
    found = []
    for one in options:
        if "enum" in one:
            found += [json.dumps(value) if value == "" else str(value) for value in one["enum"]]
        elif one.get("type") == "array":
            found.append(_("text, may be given several times"))
        elif one.get("type") in ("integer", "number"):
            found.append(_("number"))
        elif one.get("type") == "string":
            found.append(_("text"))
    return " | ".join(dict.fromkeys(found))
