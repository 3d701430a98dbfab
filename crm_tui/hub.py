"""A laptop meets its hub: both ends of one exchange.

The laptop says what it has; when the hub has the same, that is all. Else the laptop sends its person's batches that the hub lacks, then
the hub sends all that the laptop lacks. The hub takes the person from its own login, stamps what it receives, and refuses batches of
somebody else's origins; a hub that is empty yet takes all, and so becomes this company's hub.

Each notes by a key of its own how far its log went when they last had the same. While that still has the digest that it had, the hub
says only what came to it since; else, and to an older crm-tui, all that it has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, NamedTuple, NoReturn

from crm_tui import sync
from crm_tui.channel import Channel, Cut, HubFailed, in_process, is_ssh, over_ssh
from crm_tui.commands.team import roles_needed
from crm_tui.db import Database, errors, is_sqlite, sqlite_path, without_password
from crm_tui.errors import CrmError, Damaged, Refused, StoreBusy, StoreFull
from crm_tui.i18n import gettext as _
from crm_tui.snapshot import serve_clone
from crm_tui.store import Store, users_of
from crm_tui.sync import Received
from crm_tui.text.clean import clip
from crm_tui.users import UserFacts

PROTOCOL = 1
_FOUNDER = "founder"
"""Who founds this hub, noted there until all that the founder has is taken in."""
LAST_WORDS_SECONDS = 0.2
"""What a hub said before it hung up has come by then."""
MET = "met"
"""How far both logs went when they last held the same, noted by the laptop: the hub's key and its own."""
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


class TooMuch(Exception):
    """More changes are to be sent or taken in than the caller wants to wait for; nothing of what was said is lost."""


# the laptop's end


def settled(remote: str) -> str:
    """A remote as it is noted: the next sync may start in another directory."""
    return remote if is_ssh(remote) or not is_sqlite(remote) else str(sqlite_path(remote))


@contextmanager
def line_to(remote: str, person: UserFacts, clock: Clock) -> Iterator[Channel]:
    """The line to a hub: over ssh, or to a store that this machine can open itself."""
    line = over_ssh(remote) if is_ssh(remote) else in_process(lambda channel: serve(channel, remote, None, clock, by_id=person.id))
    with line as channel:
        try:
            yield channel
        except Cut as cut:
            _raise_last_words(channel, cut)


def _raise_last_words(channel: Channel, cut: Cut) -> NoReturn:
    """Raise what a hub said before it hung up while it was written to, else that the line broke."""
    if isinstance(cut.__cause__, BrokenPipeError):
        channel.wait_no_longer_than(LAST_WORDS_SECONDS)
        with suppress(Cut):
            while True:
                hear(channel)
    raise cut


def synchronise(store: Store, remote: str, progress: Progress | None = None, most: int | None = None) -> Synced:
    """Send and receive all that is missing on either side; what was taken before an error stands.

    Raises `TooMuch` before more than `most` changes in one direction.
    """
    remote = settled(remote)
    if store.db.path is not None and remote == str(store.db.path):
        raise Refused("remote", _("A store is not its own hub; name another one."))
    sync.retry_parked(store.db)
    with line_to(remote, store.actor, store.clock) as channel, store.relaxed():
        done = _meet(store, channel, remote, progress or (lambda _done, _all: None), most)
    sync.note(store.db, {"remote": remote, "synced_at": store.clock()})
    return done


def _meet(store: Store, channel: Channel, remote: str, progress: Progress, most: int | None) -> Synced:
    db = store.db
    ours = sync.vector(db)
    there, met = _last_met(db)
    channel.send({"crm": PROTOCOL, "have": sync.fingerprint(ours), **({"met": [there, _name(met)]} if met else {})}, flush=True)
    answer = hear(channel, "crm")
    me = store.actor.id
    if "vector" not in answer:
        _note_had(db, me, ours)
        return Synced(0, 0, _parked(db), 0, channel.sent + channel.received)
    theirs = sync.ends_of_json(answer["vector"])
    if answer.get("since"):
        theirs = met | theirs
    sync.check_common(db, theirs)
    if theirs and not ours.keys() & theirs.keys():
        raise Refused(
            "remote",
            _("This store and the hub share no history. Make a store from the hub: crm-tui --store NEW clone REMOTE."),
        )
    if answer.get("founding"):
        person, warning = None, _check_founding(store, remote, answer.get("login"))
    else:
        person, warning = sync.id_of_json(answer.get("you")), None
        if person != me:
            known = clip(str(answer.get("name")), 60)
            warning = _("The hub knows you as {name}, so nothing of {user} was sent.").format(name=known, user=store.actor.name)
    sent = _push(store, channel, ours, theirs, person, progress, most)
    stored = hear(channel, "stored")
    accepted = _number(stored, "stored")
    refused = _said(stored) if stored.get("error") else None
    lost = {row[0] for row in db.rows("SELECT id FROM lost")}
    received, there = _pull(store, channel, progress, most)
    parked = sync.retry_parked(db)
    # Who has more than the hub now, or less, finds that by the digest the next time.
    sync.note(db, {MET: [there, sync.last_key(db)] if there and not refused else None})
    _note_had(db, me, sync.vector(db), theirs if refused or person not in (None, me) else None)
    conflicts = {(hlc, by) for id_, hlc, by in db.rows("SELECT id, hlc, by FROM lost") if id_ not in lost}
    done = Synced(accepted if sent else 0, received, parked, len(conflicts), channel.sent + channel.received, warning)
    if isinstance(refused, Refused):
        refused.details |= done.as_json()
    if refused:
        raise refused
    return done


def _last_met(db: Database) -> tuple[int, dict[bytes, sync.End]]:
    """By which key the hub knows what both had when they last met, and what that was."""
    noted = sync.noted(db, MET)
    return (noted[0], sync.vector(db, noted[1])) if noted else (0, {})


def _check_founding(store: Store, remote: str, login: Any) -> str | None:
    """A warning when this hub is another one than the last; refused when its founder could not come back to it."""
    if login is not None and str(login).casefold() != store.actor.name.casefold():
        raise Refused(
            "as",
            _("The hub would know you as {login}, not as {user}. Use an account or a key that is {user} there (docs/sync.md).").format(
                login=clip(str(login), 60), user=store.actor.name
            ),
        )
    before = sync.noted(store.db, "remote")
    if before in (None, remote):
        return None
    return _("This was an empty hub and was founded now. The one before was {remote}; back to it: crm-tui sync {remote}").format(
        remote=without_password(before)
    )


def _push(
    store: Store,
    channel: Channel,
    ours: dict[bytes, sync.End],
    theirs: dict[bytes, sync.End],
    person: bytes | None,
    progress: Progress,
    most: int | None,
) -> int:
    """Send our vector and the batches that the hub lacks; the number sent."""
    db = store.db
    # Only what differs: the hub knows what it said itself.
    nothing = sync.End(0, b"")
    other = {origin: ours.get(origin, nothing) for origin in ours.keys() | theirs.keys() if ours.get(origin) != theirs.get(origin)}
    channel.send({"vector": sync.ends_as_json(other)})
    have = {origin: end.oseq for origin, end in theirs.items()}
    with db.snapshot():
        heads = list(sync.missing(db, have, person))
        if most is not None and sum(head.changes for head in heads) > most:
            raise TooMuch
        _send(channel, db, heads, have, progress)
    return len(heads)


def _pull(store: Store, channel: Channel, progress: Progress, most: int | None) -> tuple[int, int]:
    """Take in what the hub sends: how many batches were new, and by which key the hub knows what it has now (0: it does not say)."""
    coming = hear(channel, "coming")
    received, total = 0, _number(coming, "coming")
    if most is not None and max(total, _number({"changes": 0} | coming, "changes")) > most:
        raise TooMuch
    makers: dict[bytes, tuple[bytes, bytes]] = {}
    for group in _arriving(channel, makers):
        for new in sync.take(store.db, group, makers, store.clock()):
            received += new
            progress(received, total)
    return received, _number({"at": 0} | coming, "at")


def hear(channel: Channel, *names: str) -> dict[str, Any]:
    """What the other side says next, with these names in it; raised when it is an error."""
    message = channel.receive()
    if isinstance(message, dict) and "error" in message and "stored" not in message:
        raise _said(message)
    if not isinstance(message, dict) or not all(name in message for name in names):
        raise Refused("line", _("What came over the line is not a message."))
    return message


def _number(message: dict[str, Any], name: str) -> int:
    number = message[name]
    if type(number) is not int:
        raise Refused("line", _("What came over the line is not a message."))
    return number


def _said(message: dict[str, Any]) -> CrmError:
    """The error that a hub told; its store's troubles are not refusals."""
    text = _("The hub says: {message}").format(message=clip(str(message["error"]), 1_000))
    return HubFailed(text) if message.get("failed") else Refused("hub", text)


def _told(error: CrmError) -> dict[str, Any]:
    return {"error": error.message, "failed": isinstance(error, (StoreBusy, StoreFull, Damaged))}


def _note_had(db: Database, person: bytes, ours: dict[bytes, sync.End], had: dict[bytes, sync.End] | None = None) -> None:
    """Note which of a person's commands the hub has now: all of ours, or only those it had before."""
    mine = {bytes(row[0]) for row in db.rows("SELECT origin FROM replica WHERE person = ?", (person,))}
    known = ours if had is None else had
    sync.note(db, {"hub_had": {origin.hex(): end.oseq for origin, end in known.items() if origin in mine}})


def _parked(db: Database) -> int:
    return int(db.one("SELECT count(*) FROM batch WHERE parked = 1")[0])


# both ends


def _send(channel: Channel, db: Database, heads: list[Any], have: dict[bytes, int], progress: Progress, at: int | None = None) -> None:
    """All these batches, after who writes as their origins, where the other has not (`have`) any of theirs.

    `at` is how far this log goes with them.
    """
    known = sync.replicas(db)
    told = {"changes": sum(head.changes for head in heads), "at": at} if at else {}
    channel.send({"coming": len(heads), **told})
    origins = [origin for origin in {bytes(head.origin): None for head in heads} if not have.get(origin)]
    makers = [[origin.hex(), *(one.hex() for one in known[origin])] for origin in origins]
    if makers:
        channel.send({"makers": makers})
    for done, message in enumerate(sync.packed(db, heads), 1):
        channel.send({"b": message})
        progress(done, len(heads))
    channel.send({"end": len(heads)}, flush=True)


def _arriving(channel: Channel, makers: dict[bytes, tuple[bytes, bytes]]) -> Iterator[list[Any]]:
    """The batches that come, those together that are here already; `makers` is filled."""
    group: list[Any] = []
    while "end" not in (message := hear(channel)):
        if "makers" in message:
            makers |= sync.makers_of_json(message["makers"])
            continue
        group.append(message.get("b"))
        if not channel.has_more:
            yield group
            group = []
    if group:
        yield group


# the hub's end


def serve(channel: Channel, url: str, login: str | None, clock: Clock, *, by_id: bytes | None = None) -> None:
    """One exchange with a laptop. `login` is who this is by the hub's own login (`by_id`: the hub is a store that the caller opened)."""
    channel.greet()
    try:
        with errors(), closing(Database(url)) as db:
            message = hear(channel)
            if message.get("crm") != PROTOCOL:
                raise Refused("hub", _("Another version of the exchange is spoken here; upgrade crm-tui on both sides."))
            person = _person(db, login, by_id)
            if "clone" in message:
                serve_clone(channel, db, person, message["clone"])
            else:
                _serve(channel, db, person, login, login or (by_id or b"").hex(), clock, message)
    except Cut:
        raise
    except CrmError as error:
        channel.send(_told(error), flush=True)


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
            "as",
            _("There is no user {name} here, only {users}. An admin adds one: crm-tui team add {name} --role rep").format(
                name=login, users=", ".join(user.name for user in users)
            ),
        )
    return found


def _serve(
    channel: Channel, db: Database, person: UserFacts | None, login: str | None, who: str, clock: Clock, message: dict[str, Any]
) -> None:
    sync.retry_parked(db)
    ours = sync.vector(db)
    if message.get("have") == sync.fingerprint(ours):
        channel.send({"crm": PROTOCOL}, flush=True)
        return
    answer: dict[str, Any] = {"crm": PROTOCOL}
    if person is None or sync.noted(db, _FOUNDER) == who:
        channel.send(answer | {"vector": sync.ends_as_json(ours), "founding": True, "login": login}, flush=True)
        theirs = ours | sync.ends_of_json(hear(channel, "vector")["vector"])
        stored = _found(channel, db, who, clock)
    else:
        met = _common(db, message.get("met"))
        fresh = {origin: end for origin, end in ours.items() if met.get(origin) != end}
        answer |= {"vector": sync.ends_as_json(fresh), **({"since": 1} if met else {})}
        channel.send(answer | {"you": person.id.hex(), "name": person.name}, flush=True)
        theirs = ours | sync.ends_of_json(hear(channel, "vector")["vector"])
        stored = _accept(channel, db, person, clock)
    channel.send(stored)
    sync.check_common(db, theirs)
    sync.retry_parked(db)
    with db.snapshot():
        have = {origin: end.oseq for origin, end in theirs.items()}
        _send(channel, db, list(sync.missing(db, have)), have, lambda _done, _all: None, sync.last_key(db))


def _common(db: Database, met: Any) -> dict[bytes, sync.End]:
    """What both had when they last met, by what the laptop says of it; nothing when this log did not go so."""
    if not isinstance(met, list) or len(met) != 2 or type(met[0]) is not int or not 0 < met[0] < 2**62:
        return {}
    had = sync.vector(db, met[0])
    return had if _name(had) == met[1] else {}


def _name(ends: dict[bytes, sync.End]) -> str:
    """By what two logs know that they once held the same; half as long, for what differs after all is found by the chain of digests."""
    return sync.fingerprint(ends)[:16]


def _found(channel: Channel, db: Database, who: str, clock: Clock) -> dict[str, Any]:
    """Take in a whole company. Who was cut while founding goes on with it the next time."""
    with db.write():
        if users_of(db) and sync.noted(db, _FOUNDER) != who:
            raise Refused("hub", _("Somebody else founded this hub at the same moment. Make a store from it: crm-tui clone"))
        sync.note(db, {_FOUNDER: who})
    stored = _accept(channel, db, None, clock)
    if "error" not in stored:
        sync.note(db, {_FOUNDER: None})
    return stored


def _accept(channel: Channel, db: Database, person: UserFacts | None, clock: Clock) -> dict[str, Any]:
    """Take in what the laptop sends (from its founder all); after a refusal the rest is only read, so that the answer can be sent."""
    answer: dict[str, Any] = {"stored": 0}
    makers: dict[bytes, tuple[bytes, bytes]] = {}

    def check(batch: Received) -> None:
        if person is not None:
            _check_rights(db, batch, person)

    hear(channel, "coming")
    for group in _arriving(channel, makers):
        if "error" not in answer:
            try:
                for new in sync.take(db, group, makers, clock(), person.id if person else None, check):
                    answer["stored"] += new
                    channel.alive()
            except CrmError as error:
                answer |= _told(error)
    return answer


def _check_rights(db: Database, batch: Received, person: UserFacts) -> None:
    """A person brings what they did themselves, and what their role may do."""
    row = db.one("SELECT person FROM replica WHERE origin = ?", (batch.head.origin,))
    if batch.head.actor != person.id or (row is not None and bytes(row[0]) != person.id):
        raise Refused("origin", _("From {name} only what {name} did is taken.").format(name=person.name or _("you")))
    for change in batch.changes:
        roles = roles_needed(change.entity, change.register, change.record, person.id)
        if roles and person.role not in roles:
            raise Refused(
                "role", _("{name} is {role}; this needs {roles}.").format(name=person.name, role=person.role, roles=" / ".join(roles))
            )
