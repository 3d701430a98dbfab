"""Which batches an undo or a redo concerns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from crm_tui import log
from crm_tui.db import Database
from crm_tui.errors import NotFound, Refused
from crm_tui.i18n import gettext as _
from crm_tui.ids import parse_id
from crm_tui.log import Head
from crm_tui.plan import Edit
from crm_tui.text.clean import clip
from crm_tui.users import UserFacts, check_view

if TYPE_CHECKING:
    from crm_tui.process import Process

Me = tuple[bytes, bytes]
"""A person and their installation: undo and redo without an id go by what was done there."""
_MINE = " WHERE b.actor = ? AND r.installation = ? "
_FIRST_USER = "(b.command = 'add_user' AND EXISTS (SELECT 1 FROM part p WHERE p.batch = b.key AND p.subject = b.actor))"
"""The batch in which a store's first user made himself: without it nobody could enter."""


def undo_targets(db: Database, me: Me, id: str | None) -> list[Head]:
    """The batches that an undo takes back, the last first: of a command or an import by its id, else of one's last step."""
    if id is None:
        last = log.head(
            db,
            f"{_MINE} AND b.undone = 0 AND b.command <> 'undo' AND NOT {_FIRST_USER} ORDER BY b.key DESC LIMIT 1",
            me,
        )
        if last is None:
            raise Refused("id", _("There is nothing to undo."))
    else:
        last = _named(db, id)
        while last.undone:
            again = log.head(db, "WHERE b.undo_of = ? ORDER BY b.key DESC LIMIT 1", (last.id,))
            if again is None or (again.undone == 0 and again.command == "undo"):
                raise Refused("id", _("This command is already undone."))
            last = again
        if last.command == "undo":
            raise Refused("id", _("An undo is taken back by redo."))
        if db.one(f"SELECT 1 FROM batch b WHERE b.id = ? AND {_FIRST_USER}", (last.id,)):
            raise Refused("id", _("A store keeps its first user."))
    return _group(db, last)


def redo_targets(db: Database, me: Me, id: str | None) -> list[Head]:
    """The batches that a redo brings back: the undo of an id, else one's last one, unless something was done since."""
    if id is not None:
        last: Head | None = _named(db, id)
    else:
        last = log.head(db, _MINE + "AND NOT (b.command = 'undo' AND b.undone = 1) ORDER BY b.key DESC LIMIT 1", me)
        while last is not None and last.command == "redo":
            last = log.head(
                db,
                _MINE + "AND b.key < ? AND NOT (b.command = 'undo' AND b.undone = 1) ORDER BY b.key DESC LIMIT 1",
                (*me, last.key),
            )
    if last is None or last.command != "undo":
        raise Refused("id", _("There is nothing to redo."))
    if last.undone:
        raise Refused("id", _("This undo is already taken back."))
    return _group(db, last)


def begun(db: Database, head: Head) -> Head:
    """The batch that a chain of undo and redo began with."""
    first = log.undo_target(db, head.undo_of)[0]
    return (log.head(db, "WHERE b.id = ?", (first,)) if first else None) or head


def check_reversal(
    db: Database, edits: Sequence[Edit], actor: UserFacts, users: Sequence[UserFacts], process: Callable[[dict[str, Any]], Process]
) -> None:
    """Refuse what commands refuse too: to change what somebody else shared, or a process that leaves people behind.

    `process` makes that of the store, with some settings changed.
    """
    changed: dict[str, Any] = {}
    for edit in edits:
        content = edit.new or edit.old
        if (edit.entity, edit.register) == ("view", "content") and content["person"] is None:
            maker = log.makers(db, [edit.record], "content", "save_view").get(edit.record)
            check_view(actor, content["name"], maker, users)
        elif edit.entity == "setting":
            changed[content["name"]] = (edit.new or {}).get("value")
    if changed:
        from crm_tui.commands.team import check_stranded
        from crm_tui.in_use import stranded

        check_stranded(stranded(db, process({}), process(changed)))


def _named(db: Database, id: str) -> Head:
    known = parse_id(id)
    found = known and (
        log.head(db, "WHERE b.id = ?", (known,))
        or log.head(db, "WHERE b.import_id = ? AND b.command <> 'undo' ORDER BY b.undone, b.key DESC LIMIT 1", (known,))
    )
    if not found:
        raise NotFound("id", _("There is no command {id}.").format(id=clip(id)))
    return found


def _group(db: Database, last: Head) -> list[Head]:
    """The batches that make one step with `last`: an import's chunks go together."""
    if last.import_id is None:
        return [last]
    # Chunks that an earlier undo took and the same file brought back are as much the import as those that it added then.
    which = "= 'undo'" if last.command == "undo" else "<> 'undo'"
    return list(log.heads(db, f"WHERE b.import_id = ? AND b.undone = 0 AND b.command {which}", (last.import_id,)))[::-1]
