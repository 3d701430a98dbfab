"""`crm-tui clone`, `sync` and `hub`: apart and together."""

from __future__ import annotations

from typing import Any

import click

from crm_tui.cli.options import json_option
from crm_tui.cli.output import put, put_json, say
from crm_tui.cli.progress import Progress
from crm_tui.cli.settings import Settings
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import ngettext
from crm_tui.text.clean import clip


@click.command(help=_("Make a new store on this machine from REMOTE: user@host:STORE over ssh, or a store's URL or path."))
@click.argument("remote")
@json_option
@click.pass_obj
def clone(settings: Settings, remote: str, as_json: bool) -> None:
    """Clone a hub."""
    from crm_tui.clone import clone as clone_hub

    with Progress(_("clone")) as progress:
        made = clone_hub(remote, settings.url, settings.user, settings.clock(), progress)
    if as_json:
        put_json(made)
        return
    people = ngettext("{count} contact", "{count} contacts", made["contacts"]).format(count=f"{made['contacts']:,}")
    put(_("Cloned into {path} for {user}: {people}.").format(path=clip(made["store"], 200), user=made["user"], people=people))


@click.command(help=_("Exchange changes with REMOTE, else with the hub of the last time. Work goes on meanwhile."))
@click.argument("remote", required=False)
@json_option
@click.pass_obj
def sync(settings: Settings, remote: str | None, as_json: bool) -> None:
    """Sync with a hub."""
    from crm_tui.hub import synchronise
    from crm_tui.sync import noted

    with settings.open() as store, Progress(_("sync")) as progress:
        remote = remote or noted(store.db, "remote")
        if not remote:
            raise Refused("remote", _("No hub is known yet; name one: crm-tui sync user@host:STORE."))
        done = synchronise(store, remote, progress)
    if done.warning:
        say(done.warning)
    if as_json:
        put_json(done.as_json())
    else:
        put(_summary(done.as_json()))


def _summary(done: dict[str, Any]) -> str:
    parts = [
        ngettext("{count} command sent", "{count} commands sent", done["sent"]).format(count=f"{done['sent']:,}"),
        ngettext("{count} received", "{count} received", done["received"]).format(count=f"{done['received']:,}"),
    ]
    if done["conflicts"]:
        found = ngettext("{count} conflict (crm-tui show conflicts)", "{count} conflicts (crm-tui show conflicts)", done["conflicts"])
        parts.append(found.format(count=f"{done['conflicts']:,}"))
    if done["parked"]:
        waits = ngettext(
            "{count} waits for a newer crm-tui on this machine", "{count} wait for a newer crm-tui on this machine", done["parked"]
        )
        parts.append(waits.format(count=f"{done['parked']:,}"))
    return " · ".join(parts)


@click.command(help=_("Serve one sync or clone on standard input and output, for the person of this login (what ssh runs)."))
@click.pass_obj
def hub(settings: Settings) -> None:
    """Serve a hub."""
    import getpass
    import sys

    from crm_tui.channel import standard_streams
    from crm_tui.hub import serve

    if sys.stdin is None or sys.stdin.isatty():
        raise Refused("hub", _("This is what ssh runs on the hub's host. On a laptop: crm-tui sync user@host:STORE"))
    with standard_streams() as channel:
        serve(channel, settings.url, settings.user or getpass.getuser(), settings.clock())
