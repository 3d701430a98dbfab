"""The store: one door for writes. Opens a database, executes commands, undoes and redoes them."""

from __future__ import annotations

import getpass
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from crm_tui import log
from crm_tui.answer import Answer
from crm_tui.db import Database, errors
from crm_tui.errors import CrmError, Refused
from crm_tui.i18n import gettext as _
from crm_tui.ids import derived_id
from crm_tui.installation import OriginNote, installation_id
from crm_tui.log import Change, Head
from crm_tui.lost import DECISIONS, seen_of
from crm_tui.models import FOLLOWED
from crm_tui.roots import root_of
from crm_tui.text.clean import clean_line, clip
from crm_tui.text.times import now_ms
from crm_tui.users import UserFacts, check_role

if TYPE_CHECKING:
    from crm_tui.plan import Edit, Plan
    from crm_tui.process import Process
    from crm_tui.rows import Made


BlockItem: TypeAlias = "Made | tuple[bytes, list[Edit]]"
"""A part of an import's block: a prepared contact, or a subject with its edits."""


class Origin(NamedTuple):
    """As whom this store is written: a replica of the log."""

    key: int
    origin: bytes
    last: log.Position


class Store:
    """One open store and the person who works in it."""

    def __init__(self, url: str, user: str | None = None, clock: Callable[[], int] = now_ms, *, durable: bool = True) -> None:
        """Open (or make) the store at `url` as `user`, else as the login; `clock` gives the time in ms."""
        self.clock = clock
        self.db = Database(url, durable=durable)
        try:
            self.actor = self._enter(user)
        except CrmError:
            self.db.close()
            raise

    def close(self) -> None:
        """Close the connection."""
        self.db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # who and how

    def users(self) -> list[UserFacts]:
        """Everybody who works here, in order of joining."""
        return users_of(self.db)

    def settings(self) -> dict[str, Any]:
        """What differs from the shipped process."""
        return {name: log.loaded(value) for name, value in self.db.rows("SELECT name, value FROM setting ORDER BY name")}

    def process(self) -> Process:
        """The business process as it is set in this store."""
        return process_of(self.setting_rows())

    def setting_rows(self) -> tuple[tuple[str, str], ...]:
        """What differs from the shipped process, as it is stored."""
        return tuple((name, value) for name, value in self.db.rows("SELECT name, value FROM setting ORDER BY name"))

    def _process_with(self, changed: Mapping[str, Any]) -> Process:
        """The process with some settings otherwise; None is the default."""
        rows = {name: value for name, value in self.setting_rows() if name not in changed}
        rows |= {name: log.encode(value) for name, value in changed.items() if value is not None}
        return process_of(tuple(sorted(rows.items())))

    def _enter(self, name: str | None) -> UserFacts:
        users = self.users()
        if not self.db.is_sqlite and users:
            login = self.db.one("SELECT session_user")[0]
            found = next((user for user in users if user.name.casefold() == login.casefold()), None)
            if found is not None:
                return found
        wanted = clean_line(name if name is not None else login_name())
        if not users:
            return self._first_user(wanted)
        found = next((user for user in users if user.name.casefold() == wanted.casefold()), None)
        if found is None and name is None and len(users) == 1:
            found = users[0]
        if found is None:
            raise Refused(
                "as",
                _("There is no user {name} in this store. Users: {users}.").format(
                    name=clip(wanted), users=", ".join(u.name for u in users)
                ),
            )
        return found

    def _first_user(self, name: str) -> UserFacts:
        from crm_tui.plan import Edit

        if not name or len(name) > 60:
            raise Refused("as", _("A user's name has 1 to 60 characters."))
        now = self.clock()
        id_ = log.command_id(now)
        user = UserFacts(derived_id(id_, "user"), name, "admin")
        with self.db.write():
            if users := self.users():
                return next((one for one in users if one.name.casefold() == name.casefold()), users[0])
            self.actor = user
            self._append(id_, "add_user", now, [Edit("user", user.id, "*", {"name": name, "role": "admin"})])
        self.note_end()
        return user

    # commands

    def execute(self, fields: Mapping[str, Any], now: int | None = None) -> Answer:
        """Execute one command whole, or refuse it and change nothing."""
        from crm_tui.commands import COMMANDS, Redo, Undo, parse
        from crm_tui.facts import load_facts
        from crm_tui.plan import addressed

        command = parse(fields)
        at = self.clock() if now is None else now
        if isinstance(command, Undo):
            return self.undo(command.id, at)
        if isinstance(command, Redo):
            return self.redo(command.id, at)
        name = str(fields["command"])
        planner = COMMANDS[name][1]
        assert planner is not None
        id_ = log.command_id(at)
        with self.db.write():
            process = self.process()
            users = self.users()
            actor = self._actor_among(users)
            # Of the commands only a quote is numbered.
            origin = self._origin() if name == "send_quote" else None
            facts = load_facts(self.db, command, id_, actor, users, self.settings(), process, at, origin.origin if origin else None)
            plan: Plan = planner(facts, command, process, at)
            answer = Answer(name, None, plan.record, list(plan.rules), plan.suggest, plan.notes)
            plan.edits = plan.edits if facts.lost else addressed(plan.edits, facts.contact)
            if plan.edits:
                after = facts.contact.state.place if facts.contact else 0
                head = self._append(id_, name, at, plan.edits, after=after, origin=origin)
                answer.id = id_
                answer.rules = self._rules(plan, head)
        if answer.id:
            self.note_end()
        return answer

    def _actor_among(self, users: Sequence[UserFacts]) -> UserFacts:
        """The actor as the store knows them now; refused when somebody took them away since."""
        actor = next((user for user in users if user.id == self.actor.id), None)
        if actor is None:
            raise Refused("as", _("{name} is no longer a user of this store.").format(name=self.actor.name))
        return actor

    def _rules(self, plan: Plan, head: Head) -> list[str]:
        """The codes of all rules that did something, in order, each once."""
        codes = [*plan.rules, *(edit.rule for edit in plan.edits if edit.rule)]
        subjects = {edit.subject for edit in plan.edits if edit.subject}
        for subject in sorted({root_of(self.db, subject) for subject in subjects}):
            followed = self.db.rows(
                f"SELECT rule FROM entry WHERE contact = ? AND hlc >= ? AND {FOLLOWED} AND rule IS NOT NULL ORDER BY hlc, n",
                (subject, head.hlc),
            )
            codes += [rule for (rule,) in followed]
        return list(dict.fromkeys(codes))

    # undo and redo

    def undo(self, id: str | None = None, now: int | None = None) -> Answer:
        """Take back one command (or a whole import) by its id, else this person's last one on this installation."""

        from crm_tui.undoing import undo_targets

        return self._reverse("undo", lambda: undo_targets(self.db, self._me(), id), self.clock() if now is None else now)

    def redo(self, id: str | None = None, now: int | None = None) -> Answer:
        """Bring back what this person's last undo (or the undo `id`) took, unless something was done since."""

        from crm_tui.undoing import redo_targets

        return self._reverse("redo", lambda: redo_targets(self.db, self._me(), id), self.clock() if now is None else now)

    def redo_import(self, import_id: bytes, now: int) -> set[bytes]:
        """Bring back all that undos took of an import, and answer the ids of the records that came back."""
        back: set[bytes] = set()
        targets = list(log.heads(self.db, "WHERE b.import_id = ? AND b.undone = 0 AND b.command = 'undo'", (import_id,)))
        for target in reversed(targets):
            for part in log.parts_of(self.db, target.key):
                back.update(change.record for change in part.changes if change.register == "removed")
        if targets:
            self._reverse("redo", lambda: targets[::-1], now)
        return back

    def _me(self) -> tuple[bytes, bytes]:
        return self.actor.id, installation_id(self.clock())

    def _reverse(self, command: str, find: Callable[[], Sequence[Head]], at: int) -> Answer:
        """Write for each batch that `find` names the batch that puts back what it replaced, where nobody changed it since."""
        from crm_tui.commands.team import ROLES
        from crm_tui.undoing import begun

        id_ = log.command_id(at)
        with self.db.write():
            targets = find()
            actor = self._actor_among(self.users())
            if roles := ROLES.get(begun(self.db, targets[-1]).command):
                check_role(actor, roles)
            first = targets[-1]
            answer = Answer(command, undone=first.import_id or first.id, undone_command=begun(self.db, first).command)
            self._reverse_one(command, targets[0], at, id_, answer)
        self.note_end()
        for index, target in enumerate(targets[1:], 1):
            # Each further batch has its transaction, so that taking back a large import holds the write lock only for moments.
            with self.db.write():
                if log.head(self.db, "WHERE b.id = ? AND b.undone = 0", (target.id,)) is not None:
                    self._reverse_one(command, target, at, derived_id(id_, str(index)), answer)
            self.note_end(at_once=False)
        self.note_end()
        return answer

    def _reverse_one(self, command: str, target: Head, at: int, id_: bytes, answer: Answer) -> None:
        # An undo takes back all of a command, also what an earlier undo had to keep, and not only what a redo brought back.
        from crm_tui.commands.team import roles_needed
        from crm_tui.reverse import reversal
        from crm_tui.undoing import begun, check_reversal

        edits, block, stays = reversal(self.db, begun(self.db, target) if command == "undo" else target)
        users = self.users()
        actor = self._actor_among(users)
        for edit in edits:
            # As the hub will: whose record it is can decide what its command leaves open.
            check_role(actor, roles_needed(edit.entity, edit.register, edit.record, actor.id))
        check_reversal(self.db, edits, actor, users, self._process_with)
        answer.kept += stays
        after = target.hlc + target.changes
        head = self._append(id_, command, at, edits, block=block, after=after, undo_of=target.id, import_id=target.import_id)
        answer.id = answer.id or head.id

    # writing

    def _origin(self) -> Origin:
        """The origin that this installation and person write as; a store found elsewhere or behind starts a new one."""
        note = self._origin_note().read()
        if note is not None:
            origin, oseq, digest = note
            row = self.db.one("SELECT key FROM replica WHERE origin = ?", (origin,))
            if row is not None:
                key = int(row[0])
                noted = self.db.one("SELECT digest FROM batch WHERE replica = ? AND oseq = ?", (key, oseq))
                if noted is not None and bytes(noted[0]) == digest:
                    return Origin(key, origin, log.position(self.db, key))
        origin = log.command_id(self.clock())
        key = log.replica_key(self.db, origin, installation_id(self.clock()), self.actor.id)
        return Origin(key, origin, log.position(self.db, key))

    def new_origin(self) -> None:
        """The next command of everybody here starts a new history (a restored or copied store)."""
        for user in self.users():
            OriginNote(self._address(), user.id).forget()
        self._noted = 0.0

    def _origin_note(self) -> OriginNote:
        return OriginNote(self._address(), self.actor.id)

    def _address(self) -> str:
        if self.db.path is None:
            return self.db.label
        try:
            return f"{self.db.path.resolve()}"
        except OSError:
            return str(self.db.path)

    def _append(
        self,
        id: bytes,
        command: str,
        at: int,
        edits: Iterable[Edit],
        *,
        block: Sequence[BlockItem] = (),
        made_kind: str = "lead",
        after: int = 0,
        undo_of: bytes | None = None,
        import_id: bytes | None = None,
        origin: Origin | None = None,
    ) -> Head:
        """Stamp and write one batch and bring the tables to it; inside a write transaction."""
        from crm_tui.project import project
        from crm_tui.rows import Made

        origin = origin or self._origin()
        edits = list(edits)
        bases = [after if _decides(edit) else self._base(edit) for edit in edits]
        hlc = log.next_stamp(origin.last, at, max([after, *(base for base in bases if base)]))
        n = 0
        # Records of a block are made before the batch's other edits, so that an edit of one of them is the later version.
        sealed: list[tuple[bytes, bytes]] = []
        made: list[tuple[int, Made]] = []
        every: list[Change] = []
        for item in block:
            if isinstance(item, Made):
                sealed.append((item.sealed, item.digest))
                made.append((hlc + n, item))
                n += 2
                continue
            subject, group = item
            changes = [_change(n + index, edit, None, hlc) for index, edit in enumerate(group)]
            sealed.append(log.seal(subject, log.block_content(changes)))
            every += changes
            n += len(changes)
        block_changes = n
        parts: dict[bytes, list[Change]] = {}
        for edit, base in zip(edits, bases, strict=True):
            if edit.register == "removed" and edit.new and edit.entity in ("contact", "deal"):
                edit = edit._replace(old=seen_of(self.db, edit.subject or edit.record))
            parts.setdefault(edit.subject or edit.record, []).append(_change(n, edit, base, hlc))
            n += 1
        head = log.append(
            self.db,
            replica=origin.key,
            origin=origin.origin,
            last=origin.last,
            hlc=hlc,
            id=id,
            at=at,
            actor=self.actor.id,
            command=command,
            parts=parts,
            block=sealed,
            block_changes=block_changes,
            undo_of=undo_of,
            import_id=import_id,
        )
        every += [change for group in parts.values() for change in group]
        project(self.db, head, every, log.undo_target(self.db, undo_of), made, made_kind)
        self._written = (origin.origin, head.oseq, head.digest)
        return head

    def _base(self, edit: Edit) -> int | None:
        if edit.register == "*":
            return None
        newest = log.newest(self.db, edit.record, edit.register)
        if newest is not None and edit.register != "removed":
            return newest[0]
        table = _TABLES.get(edit.entity)
        if table is None:
            return None
        column = "hlc" if edit.entity == "entry" else "born"
        removed = "coalesce(gone, removed)" if table == "contact" else "removed"
        row = self.db.one(f"SELECT {column}, {removed} FROM {table} WHERE id = ?", (edit.record,))
        if row is None:
            return None
        # The undo of an import sets `removed` without a row of the log's table.
        return abs(row[1]) if edit.register == "removed" and row[1] else int(row[0])

    @contextmanager
    def relaxed(self) -> Iterator[None]:
        """Commits inside do not wait for the disk one by one (an import); at the end all is on it and noted."""
        try:
            with self._without_sync():
                yield
        finally:
            self.note_end()

    @contextmanager
    def _without_sync(self) -> Iterator[None]:
        if not self.db.is_sqlite:
            yield
            return
        with errors():
            before = self.db.one("PRAGMA synchronous")[0]
            if before == 2:
                self.db.run("PRAGMA synchronous = normal")
            # The pages of many small commits go from the write-ahead log to the file together.
            self.db.one("PRAGMA wal_autocheckpoint = 16000")
            try:
                yield
            finally:
                self.db.run(f"PRAGMA synchronous = {before}")
                self.db.one("PRAGMA wal_autocheckpoint = 1000")
                if before == 2:
                    self.db.one("PRAGMA wal_checkpoint(truncate)")

    def append_import(
        self, id: bytes, at: int, edits: Sequence[Edit], block: Sequence[BlockItem], after: int, import_id: bytes, kind: str
    ) -> None:
        """Write one chunk of an import; inside a write transaction. `kind` is that of the arrivals in the timeline."""
        self._append(id, "import", at, edits, block=block, after=after, import_id=import_id, made_kind=kind)

    def note_end(self, *, at_once: bool = True) -> None:
        """Note outside the store where its log ends now; after the commit, so that a note never runs ahead of the store.

        Among many commits (not `at_once`) once a second is enough: replacing a file takes as long as a commit.
        """
        if self._written is None or not (at_once or time.monotonic() - self._noted > 1):
            return
        # What was committed stands: a note that cannot be written is behind, as after a crash, and the log goes on.
        with suppress(OSError):
            self._origin_note().write(*self._written)
        self._written, self._noted = None, time.monotonic()

    _written: tuple[bytes, int, bytes] | None = None
    _noted = 0.0


_TABLES = {
    "contact": "contact",
    "entry": "entry",
    "task": "task",
    "deal": "deal",
    "company": "company",
    "user": "users",
    "campaign": "campaign",
}


def _decides(edit: Edit) -> bool:
    """Whether an edit is an event of which the later counts, so that it has to tell what its author knew."""
    return edit.register == "*" and edit.entity == "entry" and edit.new["kind"] in DECISIONS


def _change(n: int, edit: Edit, base: int | None, hlc: int) -> Change:
    new = edit.new
    if edit.entity == "deal" and isinstance(new, dict) and new.get("place", 0) is None:
        new = new | {"place": hlc + n}
    elif edit.entity == "contact" and isinstance(new, dict) and new.get("rank", 0) is None:
        new = new | {"rank": -(hlc + n) if new["primary"] else hlc + n}
    return Change(n, edit.entity, edit.record, edit.register, edit.old, new, base, edit.rule)


@lru_cache(maxsize=8)
def process_of(settings: tuple[tuple[str, str], ...]) -> Process:
    """The shipped process with the settings that fit it."""
    from crm_tui.process import load_default, usable_settings, with_settings

    default = load_default()
    return with_settings(default, usable_settings(default, {name: log.loaded(value) for name, value in settings})) if settings else default


def users_of(db: Database) -> list[UserFacts]:
    """Everybody who works in a store, in order of joining."""
    return [
        UserFacts(*row) for row in db.rows("SELECT id, name, role, away_until, covered_by FROM users WHERE removed <= 0 ORDER BY born, id")
    ]


def login_name() -> str:
    """Who works here when nobody says: the login of this machine."""
    try:
        return os.environ.get("CRM_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "me"
