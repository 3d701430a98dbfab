"""Registers that change: each record's, where the change is the one that counts."""

from __future__ import annotations

import json
from typing import Any

from crm_tui import log
from crm_tui.log import Change
from crm_tui.projection import Projection, as_bytes
from crm_tui.shapes import check_campaign_register, check_view

_REGISTERS = {
    "contact": {"removed", "name", "readiness", "company", "phone", "email", "tag", "properties", "duplicate", "merged_into"},
    "entry": {"removed", "content", "answer"},
    "task": {"removed", "done", "due", "note"},
    "deal": {"removed", "stage", "value", "owner", "name", "expected_close", "pipeline"},
    "company": {"removed"},
    "user": {"removed", "away"},
    "setting": {"value"},
    "view": {"content", "default"},
    "campaign": {"removed", "name", "kind", "dates", "cost", "view", "person", "tick"},
}
"""What this program knows of each record; a batch that says more was written by a newer one."""
_OWNER = "coalesce(own, contact)"
"""Whose something is, wherever it stands."""


class Editing(Projection):
    """Sets the registers of a batch."""

    def edit(self, change: Change) -> None:
        """Set one register, and leave its line in the timeline."""
        if change.register.partition("/")[0] not in _REGISTERS[change.entity]:
            raise LookupError(change.register)
        getattr(self, f"_edit_{change.entity}")(change, self.head.hlc + change.n)
        if self.undo_target is not None:
            self._turn_lines(change)

    def _edit_contact(self, change: Change, hlc: int) -> None:
        contact, register, new = change.record, change.register, change.new
        group, _, name = register.partition("/")
        if register == "removed":
            root = self._home(contact)[0]
            self._remove("contact", change, hlc, "removed" if root == contact else "gone")
            self.to_show.add(contact)
            self.pairs_of.update([contact, *self._others(root)])
        elif not self._stands(change):
            pass
        elif register == "merged_into":
            self._set("contact", contact, "merged_into", as_bytes(new))
            self.to_root.add(contact)
        elif register in ("name", "readiness"):
            self._bare(contact)
            self._set("contact", contact, register, new or ("" if register == "name" else None))
            self.to_show.add(contact)
        elif register == "company":
            self._bare(contact)
            self._set("contact", contact, "company", as_bytes(new))
            self.to_show.add(contact)
        elif group in ("phone", "email"):
            self._edit_point(contact, group, name, new)
            self.to_show.add(contact)
        elif group == "tag":
            root, own = self._home(contact)
            self.db.run("DELETE FROM tag WHERE contact = ? AND tag = ? AND own = ?", (root, name, own))
            if new:
                self._insert_tags([(root, name, own)])
        elif group == "properties":
            self._bare(contact)
            row = self.db.one("SELECT properties FROM contact WHERE id = ?", (contact,))
            properties = json.loads(row[0]) if row and row[0] else {}
            properties.pop(name, None)
            if new is not None:
                properties[name] = new
            self._set("contact", contact, "properties", log.encode(properties) if properties else None)
        elif group == "duplicate":
            self._flag(contact, bytes.fromhex(name), new)
        if register == "merged_into":
            self._merge_lines(change)
        else:
            self._edit_line(change, contact, "duplicate" if group == "duplicate" else "edit")

    def _flag(self, contact: bytes, other: bytes, new: dict[str, Any] | None) -> None:
        (here, own), (there, own_other) = self._home(contact), self._home(other)
        sides = [(here, there, own, own_other), (there, here, own_other, own)]
        self.db.many("DELETE FROM pair WHERE contact = ? AND other = ? AND own = ? AND own_other = ?", sides)
        if new:
            why = None if new.get("not") else new["why"]
            self.db.many(
                "INSERT INTO pair (contact, other, own, own_other, why, shown) VALUES (?, ?, ?, ?, ?, ?)",
                [(*side, why, int(why is not None)) for side in sides],
            )
        self.pairs_of.update([contact, other])

    def _edit_point(self, contact: bytes, kind: str, value: str, new: dict[str, Any] | None) -> None:
        root, own = self._home(contact)
        if new is None:
            self.db.run("DELETE FROM point WHERE contact = ? AND kind = ? AND value = ? AND own = ?", (root, kind, value, own))
            return
        self.db.run(
            "INSERT INTO point (contact, kind, value, raw, label, valid, rank, removed, own) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)"
            " ON CONFLICT (contact, kind, value, own) DO UPDATE SET raw = excluded.raw, label = excluded.label, valid = excluded.valid,"
            " rank = excluded.rank, removed = 0",
            (root, kind, value, new["raw"], new["label"], int(new["valid"]), new["rank"], own),
        )

    def _edit_entry(self, change: Change, hlc: int) -> None:
        row = self.db.one(f"SELECT {_OWNER}, data FROM entry WHERE id = ?", (change.record,))
        if row is None:
            return
        contact, known = row[0], json.loads(row[1]) if row[1] else {}
        if change.register == "removed":
            self._remove("entry", change, hlc)
        elif change.register == "answer":
            if self._stands(change):
                self._set_data(change.record, known | {"answer": change.new})
            self._edit_line(change, contact, "quote_answer", dict(change.new or {}))
        else:
            if self._stands(change):
                self._set_data(change.record, (change.new or {}) | {"answer": known.get("answer")})
            self._edit_line(change, contact, "edit")
        self.to_fold.add(contact)

    def _set_data(self, entry: bytes, data: dict[str, Any]) -> None:
        """What an entry says, and beside it how a quote was answered: two registers in one column."""
        if not data["answer"]:
            del data["answer"]
        self._set("entry", entry, "data", log.encode(data) if data else None)

    def _edit_task(self, change: Change, hlc: int) -> None:
        row = self.db.one(f"SELECT {_OWNER}, kind FROM task WHERE id = ?", (change.record,))
        if row is None:
            return
        contact, kind = row
        register, new = change.register, change.new
        line, data = "edit", None
        if register == "done":
            line, data = "task_done", {"kind": kind}
        elif register == "due":
            line, data = "snooze", {"kind": kind, "due_at": new["at"], "timed": new["timed"]}
        if register == "removed":
            self._remove("task", change, hlc)
        elif not self._stands(change):
            pass
        elif register == "done":
            self._set("task", change.record, "done_at", new)
        elif register == "due":
            self.db.run("UPDATE task SET due_at = ?, timed = ? WHERE id = ?", (new["at"], int(new["timed"]), change.record))
        elif register == "note":
            self._set("task", change.record, "note", new)
        self.next_of.add(contact)
        self._edit_line(change, contact, line, data)

    def _edit_deal(self, change: Change, hlc: int) -> None:
        row = self.db.one(f"SELECT {_OWNER} FROM deal WHERE id = ?", (change.record,))
        if row is None:
            return
        (contact,) = row
        register, new = change.register, change.new
        line, data = "edit", None
        if register == "stage":
            line = "deal_stage"
            data = {"old": (change.old or {}).get("stage"), "new": new["stage"]}
            data |= {key: new[key] for key in ("reason", "reason_text") if new[key]}
        if register == "removed":
            self._remove("deal", change, hlc)
        elif not self._stands(change):
            pass
        elif register == "stage":
            self.db.run(
                "UPDATE deal SET stage = ?, stage_role = ?, reason = ?, reason_text = ?, closed_at = ?, moved_at = ?, moved_by = ?,"
                " place = ? WHERE id = ?",
                (
                    new["stage"],
                    new["role"],
                    new["reason"],
                    new["reason_text"],
                    new["closed_at"],
                    new["moved_at"],
                    as_bytes(new["by"]),
                    new["place"],
                    change.record,
                ),
            )
        elif register == "value":
            self.db.run(
                "UPDATE deal SET amount = ?, currency = ?, rate = ?, worth = ? WHERE id = ?",
                (new["amount"], new["currency"], new["rate"], new["worth"], change.record),
            )
        elif register == "owner":
            self._set("deal", change.record, "owner", as_bytes(new))
        elif register in ("name", "expected_close", "pipeline"):
            self._set("deal", change.record, register, new)
        if register in ("removed", "stage"):
            self.to_fold.add(contact)
        self.to_count.add(contact)
        self._edit_line(change, contact, line, data)

    def _edit_company(self, change: Change, hlc: int) -> None:
        if change.register == "removed":
            self._remove("company", change, hlc)

    def _edit_user(self, change: Change, hlc: int) -> None:
        if change.register == "removed":
            self._remove("users", change, hlc)
        elif self._stands(change):
            away = change.new or {}
            cover = as_bytes(away.get("cover"))
            self.db.run("UPDATE users SET away_until = ?, covered_by = ? WHERE id = ?", (away.get("until"), cover, change.record))

    def _edit_setting(self, change: Change, hlc: int) -> None:
        if not self._stands(change):
            return
        name = (change.new or change.old)["name"]
        value = (change.new or {}).get("value")
        self.db.run("DELETE FROM setting WHERE name = ?", (name,))
        if value is not None:
            self.db.run("INSERT INTO setting (name, value) VALUES (?, ?)", (name, log.encode(value)))

    def _edit_view(self, change: Change, hlc: int) -> None:
        check_view(change.register, change.new)
        if not self._stands(change):
            return
        if change.register == "default":
            person = as_bytes((change.new or change.old)["person"])
            self.db.run("DELETE FROM default_view WHERE person = ?", (person,))
            if view := (change.new or {}).get("view"):
                self.db.run("INSERT INTO default_view (person, view) VALUES (?, ?)", (person, view))
            return
        self.db.run("DELETE FROM views WHERE id = ?", (change.record,))
        if new := change.new:
            self.db.run(
                "INSERT INTO views (id, person, name, filter, columns, sorted_by) VALUES (?, ?, ?, ?, ?, ?)",
                (change.record, as_bytes(new["person"]), new["name"], new["filter"], new["columns"], new["order"]),
            )

    def _edit_campaign(self, change: Change, hlc: int) -> None:
        # Before its campaign is here too: in whatever order they arrive, the same batch waits.
        check_campaign_register(change.register, change.new)
        if not self.db.one("SELECT 1 FROM campaign WHERE id = ?", (change.record,)):
            return
        register, new = change.register, change.new
        group, _slash, person = register.partition("/")
        if register == "removed":
            self._remove("campaign", change, hlc)
        elif not self._stands(change):
            pass
        elif group in ("person", "tick"):
            self._edit_listed(change.record, bytes.fromhex(person), group, new)
        elif register in ("name", "kind"):
            self._set("campaign", change.record, register, new)
        elif register == "view":
            self._set("campaign", change.record, "view", log.encode(new) if new else None)
        else:
            names = {"dates": ("starts", "ends"), "cost": ("amount", "currency")}[register]
            for name in names:
                self._set("campaign", change.record, name, (new or {}).get(name))

    def _edit_listed(self, campaign: bytes, contact: bytes, group: str, new: Any) -> None:
        """Put somebody on the list of a campaign or take them off, or tick them; who is neither meant nor ticked has no row."""
        place = (campaign, *self._home(contact))
        where = "campaign = ? AND contact = ? AND own = ?"
        if new:
            self.db.run(
                "INSERT INTO listed (campaign, contact, own, member) VALUES (?, ?, ?, 0) ON CONFLICT (campaign, contact, own) DO NOTHING",
                place,
            )
        if group == "person":
            self.db.run(f"UPDATE listed SET member = ? WHERE {where}", (int(bool(new)), *place))
        else:
            done = new or {}
            self.db.run(f"UPDATE listed SET done_at = ?, done_by = ? WHERE {where}", (done.get("at"), as_bytes(done.get("by")), *place))
        if not new:
            self.db.run(f"DELETE FROM listed WHERE {where} AND member = 0 AND done_at IS NULL", place)
