"""A laptop meets its hub: both ends of one exchange.

The laptop says what it has; when the hub has the same, that is all. Else the laptop sends its person's batches that the hub lacks, then
the hub sends all that the laptop lacks. The hub takes the person from its own login, stamps what it receives, and refuses batches of
somebody else's origins; a hub that is empty yet takes all, and so becomes this company's hub.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from typing import Any, NamedTuple

from crm_tui import sync
from crm_tui.channel import Channel, Cut, in_process, is_ssh, over_ssh
from crm_tui.commands.team import ENTITY_ROLES
from crm_tui.db import Database, errors
from crm_tui.errors import CrmError, Refused
from crm_tui.i18n import gettext as _
from crm_tui.plan import UserFacts
from crm_tui.snapshot import serve_clone
from crm_tui.store import Store, users_of
from crm_tui.sync import Received
from crm_tui.text.clean import clip

PROTOCOL = 1
Clock = Callable[[], int]
Progress = Callable[[int, int], None]


class Synced(NamedTuple):
    """What a sync did, in batches; `bytes` went over the line both ways. `warning` is for the person."""

    sent: int
    received: int
    parked: int
    conflicts: int
    bytes: int = 0
    warning: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The answer of `crm-tui sync`."""
        answer = self._asdict()
        return answer if self.warning else {name: value for name, value in answer.items() if name != "warning"}


# the laptop's end


def line_to(remote: str, person: UserFacts, clock: Clock) -> AbstractContextManager[Channel]:
    """The line to a hub: over ssh, or to a store that this machine can open itself."""
    if is_ssh(remote):
        return over_ssh(remote)
    return in_process(lambda channel: serve(channel, remote, None, clock, by_id=person.id))


def synchronise(store: Store, remote: str, progress: Progress | None = None) -> Synced:
    """Send and receive all that is missing on either side; what was taken before an error stands."""
    sync.retry_parked(store.db)
    with line_to(remote, store.actor, store.clock) as channel, store.relaxed():
        done = _meet(store, channel, progress or (lambda _done, _all: None))
    sync.note(store.db, {"remote": remote, "synced_at": store.clock()})
    return done


def _meet(store: Store, channel: Channel, progress: Progress) -> Synced:
    db = store.db
    ours = sync.vector(db)
    channel.send({"crm": PROTOCOL, "have": sync.fingerprint(ours)}, flush=True)
    answer = _answer(channel)
    me = store.actor.id
    if "vector" not in answer:
        _note_had(db, me, ours)
        return Synced(0, 0, _parked(db), 0, channel.sent + channel.received)
    theirs = sync.ends_of_json(answer["vector"])
    sync.refuse_split(db, theirs)
    if theirs and not ours.keys() & theirs.keys():
        raise Refused(
            "remote",
            _("This store and the hub share no history. Make a store from the hub: crm-tui --store NEW clone REMOTE."),
        )
    warning = None
    person = sync.id_of_json(answer.get("you")) if theirs else None
    if theirs and person != me:
        name = clip(str(answer.get("name")))
        warning = _("The hub knows you as {name}, so nothing of {user} was sent.").format(name=name, user=store.actor.name)
    sent = _push(store, channel, ours, theirs, person, progress)
    stored = _answer(channel)
    accepted = _number(stored, "stored")
    if stored.get("refused"):
        warning = str(stored["refused"])[:1_000]
    lost = {row[0] for row in db.rows("SELECT id FROM lost")}
    received = _pull(store, channel, progress)
    parked = sync.retry_parked(db)
    _note_had(db, me, sync.vector(db), None if warning is None else theirs)
    conflicts = {(hlc, by) for id_, hlc, by in db.rows("SELECT id, hlc, by FROM lost") if id_ not in lost}
    done = Synced(accepted if sent else 0, received, parked, len(conflicts), channel.sent + channel.received, warning)
    if stored.get("refused"):
        raise Refused("hub", done.warning or "", **done.as_json())
    return done


def _push(
    store: Store,
    channel: Channel,
    ours: dict[bytes, sync.End],
    theirs: dict[bytes, sync.End],
    person: bytes | None,
    progress: Progress,
) -> int:
    """Send our vector and the batches that the hub lacks; the number sent."""
    db = store.db
    channel.send({"vector": sync.ends_as_json(ours)})
    have = {origin: end.oseq for origin, end in theirs.items()}
    with db.snapshot():
        heads = list(sync.missing(db, have, person))
        _send(channel, db, heads, progress)
    return len(heads)


def _pull(store: Store, channel: Channel, progress: Progress) -> int:
    received, total = 0, _number(_answer(channel), "coming")
    makers: dict[bytes, tuple[bytes, bytes]] = {}
    while "end" not in (message := _answer(channel)):
        if "makers" in message:
            makers |= sync.makers_of_json(message["makers"])
            continue
        batch = sync.unpacked(message.get("b"))
        installation, person = _maker(makers, batch)
        received += sync.take(store.db, batch, installation, person, store.clock())
        progress(received, total)
    return received


def _answer(channel: Channel) -> dict[str, Any]:
    message = channel.receive()
    if not isinstance(message, dict):
        raise Refused("line", _("What came over the line is not a message."))
    if "error" in message:
        raise Refused("hub", str(message["error"])[:1_000])
    return message


def _number(message: dict[str, Any], name: str) -> int:
    number = message.get(name)
    if type(number) is not int:
        raise Refused("line", _("What came over the line is not a message."))
    return number


def _maker(makers: dict[bytes, tuple[bytes, bytes]], batch: Received) -> tuple[bytes, bytes]:
    """The installation and the person of a batch, which the sender has to name first."""
    if batch.head.origin not in makers:
        raise Refused("line", _("What came over the line is not a message."))
    return makers[batch.head.origin]


def _note_had(db: Database, person: bytes, ours: dict[bytes, sync.End], had: dict[bytes, sync.End] | None = None) -> None:
    """Note which of a person's commands the hub has now: all of ours, or only those it had before."""
    mine = {bytes(row[0]) for row in db.rows("SELECT origin FROM replica WHERE person = ?", (person,))}
    known = ours if had is None else had
    sync.note(db, {"hub_had": {origin.hex(): end.oseq for origin, end in known.items() if origin in mine}})


def _parked(db: Database) -> int:
    return int(db.one("SELECT count(*) FROM batch WHERE parked = 1")[0])


# both ends


def _send(channel: Channel, db: Database, heads: list[Any], progress: Progress) -> None:
    """All these batches, after who writes as their origins."""
    known = sync.replicas(db)
    channel.send({"coming": len(heads)})
    makers = [[origin.hex(), *(one.hex() for one in known[origin])] for origin in {bytes(head.origin): None for head in heads}]
    if makers:
        channel.send({"makers": makers})
    for done, head in enumerate(heads, 1):
        channel.send({"b": sync.packed(db, head)})
        progress(done, len(heads))
    channel.send({"end": len(heads)}, flush=True)


# the hub's end


def serve(channel: Channel, url: str, login: str | None, clock: Clock, *, by_id: bytes | None = None) -> None:
    """One exchange with a laptop. `login` is who this is by the hub's own login (`by_id`: the hub is a store that the caller opened)."""
    channel.greet()
    try:
        with errors(), closing(Database(url)) as db:
            message = _answer(channel)
            if message.get("crm") != PROTOCOL:
                raise Refused("hub", _("The hub speaks another version of the exchange; upgrade crm-tui on both sides."))
            person = _person(db, login, by_id)
            if "clone" in message:
                serve_clone(channel, db, person, message["clone"])
            else:
                _serve(channel, db, person, clock, message)
    except Cut:
        raise
    except CrmError as error:
        channel.send({"error": error.message}, flush=True)


def _person(db: Database, login: str | None, by_id: bytes | None) -> UserFacts | None:
    """Who the laptop is: the database's login, else the given; None for a hub that is empty yet."""
    users = users_of(db)
    if not users:
        return None
    if not db.is_sqlite:
        session = db.one("SELECT session_user")[0].casefold()
        found = next((user for user in users if user.name.casefold() == session), None)
        if found is not None:
            return found
    if by_id is not None:
        return next((user for user in users if user.id == by_id), UserFacts(by_id, "", "rep"))
    found = next((user for user in users if user.name.casefold() == (login or "").casefold()), None)
    if found is None:
        raise Refused(
            "as", _("The hub knows no user {name}. Its users: {users}.").format(name=login, users=", ".join(user.name for user in users))
        )
    return found


def _serve(channel: Channel, db: Database, person: UserFacts | None, clock: Clock, message: dict[str, Any]) -> None:
    sync.retry_parked(db)
    ours = sync.vector(db)
    answer: dict[str, Any] = {"crm": PROTOCOL}
    if message.get("have") != sync.fingerprint(ours):
        answer |= {"vector": sync.ends_as_json(ours), "you": person.id.hex() if person else None, "name": person.name if person else None}
    channel.send(answer, flush=True)
    if "vector" not in answer:
        return
    theirs = sync.ends_of_json(_answer(channel).get("vector"))
    if person is None:
        stored, refused = _found(channel, db, clock), None
    else:
        stored, refused = _accept(channel, db, person, clock)
    sync.retry_parked(db)
    channel.send({"stored": stored, "refused": refused})
    with db.snapshot():
        have = {origin: end.oseq for origin, end in theirs.items()}
        _send(channel, db, list(sync.missing(db, have)), lambda _done, _all: None)


def _found(channel: Channel, db: Database, clock: Clock) -> int:
    """Take in a whole company's store or nothing: who comes after a cut would be let bring only what is their own."""
    with db.write():
        if users_of(db):
            raise Refused("hub", _("Somebody else founded this hub at the same moment. Make a store from it: crm-tui clone."))
        stored, refused = _accept(channel, db, None, clock)
        if refused is not None:
            raise Refused("hub", refused)
    return stored


def _accept(channel: Channel, db: Database, person: UserFacts | None, clock: Clock) -> tuple[int, str | None]:
    """Take in what the laptop sends; after a refusal the rest is only read, so that the answer can be sent."""
    stored, refused = 0, None
    _number(_answer(channel), "coming")
    makers: dict[bytes, tuple[bytes, bytes]] = {}
    while "end" not in (message := _answer(channel)):
        if "makers" in message:
            makers |= sync.makers_of_json(message["makers"])
        elif refused is None:
            try:
                batch = sync.unpacked(message.get("b"))
                installation, owner = _maker(makers, batch)
                if person is not None:
                    owner = person.id
                    _check_rights(db, batch, person)
                stored += sync.take(db, batch, installation, owner, clock())
            except CrmError as error:
                refused = error.message
    return stored, refused


def _check_rights(db: Database, batch: Received, person: UserFacts) -> None:
    """A person brings what they did themselves, and what their role may do."""
    row = db.one("SELECT person FROM replica WHERE origin = ?", (batch.head.origin,))
    if batch.head.actor != person.id or (row is not None and bytes(row[0]) != person.id):
        raise Refused("origin", _("The hub takes from {name} only what {name} did.").format(name=person.name or _("you")))
    for change in batch.changes():
        roles = ENTITY_ROLES.get(change.entity)
        if roles and person.role not in roles:
            raise Refused(
                "role", _("{name} is {role}; this needs {roles}.").format(name=person.name, role=person.role, roles=" / ".join(roles))
            )
