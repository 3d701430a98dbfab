"""A new store from a hub: its whole content in one piece, not a replay of its history; the next command there starts a new origin.

A cut transfer goes on where it ended while the hub still has the same file.
"""

from __future__ import annotations

import json
import os
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from crm_tui import models, sync
from crm_tui.channel import Channel, Cut
from crm_tui.db import Database, errors, is_sqlite, sqlite_path
from crm_tui.errors import Damaged, Refused, StoreFull
from crm_tui.hub import MET, Clock, Progress, hear, line_to, settled
from crm_tui.i18n import gettext as _
from crm_tui.store import Store, login_name, users_of
from crm_tui.text.clean import clip
from crm_tui.users import UserFacts


def clone(remote: str, url: str, user: str | None, clock: Clock, progress: Progress | None = None) -> dict[str, Any]:
    """Make the SQLite store `url` from the hub `remote`; `user` must be a user of the hub. Nothing that exists is replaced."""
    if not is_sqlite(url):
        raise Refused("store", _("A clone is a file on this machine; name a path with --store."))
    target = sqlite_path(url)
    if target.exists() and target.stat().st_size:
        raise Refused("store", _("{path} exists already; name a new file with --store.").format(path=clip(str(target), 200)))
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part, noted = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.json")
    with line_to(remote, UserFacts(bytes(16), user or "", ""), clock) as channel:
        offer = _fetch(channel, part, noted, progress or (lambda _done, _all: None))
    user = user or str(offer.get("name") or "") or login_name()
    try:
        _prepare(part, remote, offer, user, clock)
    except (Refused, Damaged):
        part.unlink(missing_ok=True)
        raise
    finally:
        noted.unlink(missing_ok=True)
        for end in ("-wal", "-shm"):
            Path(f"{part}{end}").unlink(missing_ok=True)
    os.replace(part, target)
    with Store(str(target), user, clock) as store:
        store.new_origin()
        contacts = int(store.db.one("SELECT count(*) FROM contact WHERE removed <= 0")[0])
        return {"ok": True, "store": str(target), "user": store.actor.name, "bytes": int(offer["size"]), "contacts": contacts}


def _fetch(channel: Channel, part: Path, noted: Path, progress: Progress) -> dict[str, Any]:
    """Receive the hub's file into `part`, from where an earlier try ended if it is the same file."""
    known = None
    with suppress(OSError, ValueError):
        known = json.loads(noted.read_text())["snapshot"]
    have = part.stat().st_size if known and part.exists() else 0
    channel.send({"crm": 1, "clone": {"snapshot": known, "offset": have}}, flush=True)
    offer = hear(channel, "snapshot", "size", "offset", "have")
    size, offset = int(offer["size"]), int(offer["offset"])
    try:
        noted.write_text(json.dumps({"snapshot": offer["snapshot"]}))
        descriptor = os.open(part, os.O_CREAT | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.truncate(offset)
            file.seek(offset)
            for piece in channel.receive_raw():
                offset += file.write(piece)
                progress(offset, size)
    except OSError as error:
        if error.errno == 28:
            raise StoreFull(_("The disk is full. Make room and clone again; it goes on where it ended.")) from error
        raise
    if offset != size:
        raise Cut(_("The line ended after {done} of {all} bytes. Clone again; it goes on where it ended.").format(done=offset, all=size))
    return offer


def _prepare(part: Path, remote: str, offer: dict[str, Any], user: str, clock: Clock) -> None:
    """Verify what came, and put away what belonged to the hub alone."""
    with errors(), closing(Database(str(part))) as db:
        if sync.fingerprint(sync.vector(db)) != offer["have"]:
            raise Damaged(_("What came from the hub is not what it sent. Clone again."))
        with db.write():
            for table in models.LOCAL_TABLES:
                db.run(f"DELETE FROM {models.table_name(table)}")
            db.run("UPDATE batch SET received_at = NULL WHERE received_at IS NOT NULL")
        users = users_of(db)
        me = next((one for one in users if one.name.casefold() == user.casefold()), None)
        if me is None:
            raise Refused(
                "as",
                _("The hub knows no user {name}. Its users: {users}. Say who you are: crm-tui --as NAME clone").format(
                    name=clip(user, 60), users=", ".join(one.name for one in users)
                ),
            )
        mine = {bytes(row[0]) for row in db.rows("SELECT origin FROM replica WHERE person = ?", (me.id,))}
        had = {origin.hex(): end.oseq for origin, end in sync.vector(db).items() if origin in mine}
        last = sync.last_key(db)  # the same there and here
        sync.note(db, {"remote": settled(remote), "synced_at": clock(), "hub_had": had, MET: [last, last]})
        if db.is_sqlite:
            db.one("PRAGMA wal_checkpoint(truncate)")
