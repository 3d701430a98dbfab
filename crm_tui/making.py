"""Records that come into being, also those that two laptops make: the same row of a file, the same company."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from crm_tui import log, models
from crm_tui.log import Change
from crm_tui.projection import Projection, as_bytes
from crm_tui.rows import BORN, KEY, PLACE, contact_row
from crm_tui.rules.fold import INPUT_KINDS, Event, fold
from crm_tui.settle import followed_rows
from crm_tui.shapes import check_campaign

_MERGED = ("merged_into", "root", "gone", "filled")
"""The last columns of a contact, empty when it is made."""
_CONTACT = models.columns(models.Contact)[: -len(_MERGED)]
_SEARCH = _CONTACT.index("search")
_TWINS = {
    "contact": "SELECT id, born FROM contact WHERE id IN ({})",
    "entry": "SELECT id, hlc FROM entry WHERE id IN ({})",
    "company": "SELECT id, born FROM company WHERE id IN ({})",
}
"""What may be made twice, since its id follows from its content, and when that which stands was made."""
_NOT_BORN = 2**62
"""Later than every stamp: any making stands for it."""
_OWNER = "coalesce(own, contact)"
"""Whose something is, wherever it stands."""


class Making(Projection):
    """Makes the records of a batch."""

    # records made twice: the same row of a file, or the same company, on two laptops

    def without_twins(self, changes: Sequence[Change]) -> list[Change]:
        """The changes but for makings of records that an earlier making stands for; a later one that stands already is replaced."""
        kept = list(changes)
        for entity, table in _TWINS.items():
            made = {change.record: change for change in changes if change.entity == entity and change.register == "*"}
            if not made:
                continue
            for record, born in list(self.db.where_in(table, sorted(made))):
                change = made[record]
                kept.remove(change)
                stamp = self.head.hlc + change.n
                if stamp > born or (stamp == born and self.head.origin > self._maker(record)):
                    self.standing.add(record)
                else:
                    getattr(self, f"_replace_{entity}")(change, stamp, change.new)
        contacts = [change.record for change in kept if change.entity == "contact" and change.register == "*"]
        if not contacts:
            return kept
        for table in ("entry", "task", "deal"):
            self.concerns({row[0] for row in self.db.where_in(f"SELECT DISTINCT contact FROM {table} WHERE contact IN ({{}})", contacts)})
        for pair in self.db.where_in("SELECT contact, other FROM pair WHERE contact IN ({})", contacts):
            self.pairs_of.update(pair)
        return kept

    def concerns(self, contacts: set[bytes]) -> None:
        """What follows for these contacts is made anew."""
        for waiting in (self.to_fold, self.next_of, self.to_count, self.pairs_of):
            waiting |= contacts

    def _maker(self, record: bytes) -> bytes:
        """The origin of the other making of a record that bears the same stamp."""
        if self._makers is None:
            assert self.log_db is not None
            self._makers = {}
            head = self.head
            others = log.heads(
                self.log_db, "WHERE b.key <> ? AND b.hlc < ? AND b.hlc + b.changes > ?", (head.key, head.hlc + head.changes, head.hlc)
            )
            for other in others:
                for part in log.parts_of(self.log_db, other.key):
                    for change in part.changes:
                        if change.register == "*":
                            self._makers[change.record] = min(other.origin, self._makers.get(change.record, other.origin))
        return self._makers.get(record, b"")

    _makers: dict[bytes, bytes] | None = None

    def _replace_contact(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        contact = change.record
        properties = value.get("properties")
        self._bare(contact)
        self.db.run(
            "UPDATE contact SET born = ?, created_at = ?, name = ?, company = ?, readiness = ?, properties = ? WHERE id = ?",
            (
                *(hlc, value["created"], value["name"], as_bytes(value.get("company")), value.get("readiness")),
                *(log.encode(properties) if properties else None, contact),
            ),
        )
        root, own = self._home(contact)
        self.db.run("DELETE FROM point WHERE contact = ? AND own = ?", (root, own))
        self.db.run("DELETE FROM tag WHERE contact = ? AND own = ?", (root, own))
        self._insert_points([(root, *point, hlc + index, 0, own) for index, point in enumerate(value.get("points", ()))])
        self._insert_tags([(root, tag, own) for tag in value.get("tags", ())])
        self.to_show.add(contact)
        self.to_fold.add(contact)

    def _replace_entry(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        old = self.db.one(f"SELECT {_OWNER} FROM entry WHERE id = ?", (change.record,))
        self._make_entry(change, hlc, value)
        row = self.entries.pop()
        self.events.clear()
        self.db.run(
            "UPDATE entry SET contact = ?, own = NULL, at = ?, hlc = ?, kind = ?, batch = ?, by = ?, rule = ?, data = ? WHERE id = ?",
            (row[1], row[2], row[3], row[5], row[6], row[7], row[8], row[10], row[0]),
        )
        self.to_fold.update((old[0], row[1]))

    def _replace_company(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        self.db.run("UPDATE company SET born = ?, name = ? WHERE id = ?", (hlc, value["name"], change.record))
        self.to_show.update(row[0] for row in self.db.rows("SELECT id FROM contact WHERE company = ?", (change.record,)))

    def await_companies(self, changes: Sequence[Change]) -> None:
        """A company that contacts bear before its making arrives stands without a name till then; so it is known who is shown anew."""
        given = [
            change.new["company"] for change in changes if change.entity == "contact" and change.register == "*" and "company" in change.new
        ]
        given += [change.new for change in changes if change.entity == "contact" and change.register == "company"]
        wanted = {bytes.fromhex(company) for company in given if company}
        wanted -= {change.record for change in changes if change.entity == "company"}
        if not wanted:
            return
        missing = sorted(wanted - self._company_names(wanted).keys())
        self.db.many("INSERT INTO company (id, born, name, removed) VALUES (?, ?, '', 0)", [(company, _NOT_BORN) for company in missing])

    # records that come into being

    def make(self, change: Change) -> None:
        """Make one record."""
        if change.entity == "entry" and change.new["kind"] not in INPUT_KINDS:
            raise LookupError(change.new["kind"])
        getattr(self, f"_make_{change.entity}")(change, self.head.hlc + change.n, change.new)

    def _make_contact(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        self.contacts[change.record] = (hlc, value)

    def _make_entry(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        contact = bytes.fromhex(value["contact"])
        by = bytes.fromhex(value["by"]) if value["by"] else None
        data = value["data"]
        self.entries.append(
            (
                change.record,
                contact,
                value["at"],
                hlc,
                0,
                value["kind"],
                self.head.key,
                by,
                change.rule,
                None,
                log.encode(data) if data else None,
                0,
            )
        )
        self.events.setdefault(contact, []).append(Event((hlc, change.record), value["kind"], value["at"], by, data))

    def _make_company(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        self.companies.append((change.record, hlc, value["name"], 0))

    def _make_users(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        self.db.run(
            "INSERT INTO users (id, born, name, role, removed) VALUES (?, ?, ?, ?, 0)", (change.record, hlc, value["name"], value["role"])
        )

    _make_user = _make_users

    def _make_task(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        contact = bytes.fromhex(value["contact"])
        self.db.run(
            "INSERT INTO task (id, born, contact, kind, due_at, timed, note, owner, rule, done_at, removed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, 0)",
            (
                change.record,
                hlc,
                contact,
                value["kind"],
                value["due_at"],
                int(value["timed"]),
                value["note"],
                as_bytes(value["owner"]),
                value["rule"],
            ),
        )
        line = {key: value[key] for key in ("kind", "due_at", "timed", "note") if value[key] not in (None, "")}
        self._line(change, contact, "task", line)
        self.next_of.add(contact)

    def _make_deal(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        contact = bytes.fromhex(value["contact"])
        self.db.run(
            "INSERT INTO deal (id, born, opened_at, opened_by, contact, name, amount, currency, rate, worth, pipeline, stage, stage_role,"
            " place, moved_at, moved_by, reason, reason_text, closed_at, expected_close, owner, removed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?, ?, 0)",
            (
                change.record,
                hlc,
                value["opened_at"],
                as_bytes(value["by"]),
                contact,
                value["name"],
                value["amount"],
                value["currency"],
                value["rate"],
                value["worth"],
                value["pipeline"],
                value["stage"],
                value["role"],
                value["place"],
                value["moved_at"],
                as_bytes(value["by"]),
                value["expected_close"],
                as_bytes(value["owner"]),
            ),
        )
        line = {"name": value["name"], "amount": value["amount"], "currency": value["currency"], "stage": value["stage"]}
        self._line(change, contact, "deal", line)
        self.to_fold.add(contact)
        self.to_count.add(contact)

    def _make_campaign(self, change: Change, hlc: int, value: dict[str, Any]) -> None:
        check_campaign(value)
        campaign, view = change.record, value["view"]
        self.db.run(
            "INSERT INTO campaign (id, born, name, kind, starts, ends, amount, currency, view, removed)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (
                *(campaign, hlc, value["name"], value["kind"], value["starts"], value["ends"]),
                *(value["amount"], value["currency"], log.encode(view) if view else None),
            ),
        )
        people = [(campaign, *self._home(bytes.fromhex(person)), 1) for person in value["people"]]
        self.db.fill("listed", ("campaign", "contact", "own", "member"), people, "ON CONFLICT (campaign, contact, own) DO NOTHING")

    def write_made(self) -> None:
        """Insert what was gathered: contacts with their folded state, points, tags and timeline."""
        self.db.fill("company", ("id", "born", "name", "removed"), self.companies, "ON CONFLICT (id) DO NOTHING")
        if self.contacts or self.made:
            self._insert_contacts()
        self.to_fold.update(contact for contact in self.events if contact not in self.contacts)
        self._insert_entries()

    def _insert_contacts(self) -> None:
        db = self.db
        companies = self._company_names({as_bytes(value["company"]) for _, value in self.contacts.values() if value.get("company")})
        key = (db.one("SELECT max(key) FROM contact")[0] or 0) if db.is_sqlite else 0
        rows, points, tags = [], [], []
        at, batch, actor, kind = self.head.at, self.head.key, self.head.actor, self.made_kind
        for hlc, made in self.made:
            row = made.row
            assert row is not None
            row[BORN], row[PLACE] = hlc, hlc + 1
            rows.append(row)
            points += [(*point, hlc + index, 0, b"") for index, point in enumerate(made.points)]
            self.entries.append((made.entry, made.contact, at, hlc + 1, 0, kind, batch, actor, None, None, made.data, 0))
        for contact, (hlc, value) in self.contacts.items():
            state = fold(self.events.get(contact, ()))
            self.entries += followed_rows(contact, state, self.head.key)
            row = contact_row(contact, value, companies.get(as_bytes(value.get("company")), ""), state)
            row[BORN] = hlc
            rows.append(row)
            points += [(contact, *point, hlc + index, 0, b"") for index, point in enumerate(value.get("points", ()))]
            tags += [(contact, tag, b"") for tag in value.get("tags", ())]
        rows.sort(key=_born)
        names = _CONTACT
        if db.is_sqlite:
            for row in rows:
                key += 1
                row[KEY] = key
                self.texts[key] = "", row[_SEARCH]
        else:
            names = _CONTACT[1:]
            rows = [row[1:] for row in rows]
        db.fill("contact", names, rows)
        self._insert_points(points)
        self._insert_tags(tags)
        if self.merged:
            # Others may have been merged into these before their making arrived.
            self.to_root.update(self.contacts, (made.contact for _, made in self.made))

    def _company_names(self, ids: Iterable[bytes | None]) -> dict[bytes | None, str]:
        wanted = [one for one in ids if one is not None]
        return dict(self.db.where_in("SELECT id, name FROM company WHERE id IN ({})", wanted)) if wanted else {}


def _born(row: Sequence[Any]) -> int:
    return int(row[BORN])
