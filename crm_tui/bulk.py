"""Many leads at once: rule 1 for a chunk of an import, in one batch, with the same builders as `add_lead`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crm_tui import log
from crm_tui.commands.leads import decide_lead, fill_empty, flag_edits, is_inactive
from crm_tui.db import Database
from crm_tui.facts import known_by_id, known_ids, load_contact
from crm_tui.plan import ContactFacts, Edit, addressed
from crm_tui.process import Process
from crm_tui.rows import Made
from crm_tui.rules.fold import State
from crm_tui.rules.identity import Known
from crm_tui.rules.lead import Lead, arrival, company_id, new_contact
from crm_tui.rules.namekey import is_found_by, name_key, signs
from crm_tui.store import BlockItem, Store
from crm_tui.text.emails import own_domains


@dataclass(slots=True)
class Taken:
    """How many rows of a chunk made a contact, touched one, were there already, and were flagged."""

    created: int = 0
    touched: int = 0
    skipped: int = 0
    flagged: int = 0

    def add(self, other: Taken) -> None:
        """Sum up."""
        self.created += other.created
        self.touched += other.touched
        self.skipped += other.skipped
        self.flagged += other.flagged


@dataclass(slots=True)
class _Arrivals:
    """People of the rows before this one that the store does not know yet, found the same way as those it knows.

    `shared` is by what more than one row of the chunk, or a row and the store, could mean the same person.
    """

    rows: dict[bytes, tuple[Made, int]] = field(default_factory=dict)
    shared: set[str | int] = field(default_factory=set)
    known: dict[bytes, Known] = field(default_factory=dict)
    facts: dict[bytes, ContactFacts] = field(default_factory=dict)
    by_value: dict[str, list[bytes]] = field(default_factory=dict)
    by_sign: dict[int, list[bytes]] = field(default_factory=dict)

    def learn(self, contact: bytes, values: Sequence[str], called: Sequence[int]) -> None:
        """Note by what a contact is found: its valid points, and the signs of what it is called."""
        for value in values:
            found = self.by_value.setdefault(value, [])
            if contact not in found:
                found.append(contact)
        self.shared.update(values, called)
        for sign in called:
            found = self.by_sign.setdefault(sign, [])
            if contact not in found:
                found.append(contact)

    def arrive(self, row: Made, at: int) -> None:
        """Note whom a row made."""
        self.rows[row.contact] = row, at
        self.learn(row.contact, row.values, row.signs)

    def person(self, contact: bytes) -> Known:
        """What rule 1 asks of somebody who was made or touched here."""
        if contact not in self.known:
            row, at = self.rows[contact]
            self.remember(_facts_of(contact, row.as_lead(), at), at)
        return self.known[contact]

    def is_called(self, contact: bytes, called: Sequence[int]) -> bool:
        """Whether somebody found by these signs still is: a row may have called them something else since."""
        known = self.known.get(contact)
        return known is None or is_found_by(name_key(known.name, known.company, known.domains), called)

    def remember(self, facts: ContactFacts, at: int) -> None:
        """Note what a contact is after a row touched it."""
        self.facts[facts.id] = facts
        domains = own_domains(point.value for point in facts.points if point.kind == "email" and point.valid)
        self.known[facts.id] = Known(facts.id, facts.name, facts.company_name, domains, at, tuple(one.name for one in facts.merged))
        values = [point.value for point in facts.points if point.valid]
        self.learn(facts.id, values, signs(facts.name, facts.company_name, domains))


class Importer:
    """Takes the rows of one import, chunk by chunk; `dry` only counts."""

    def __init__(self, store: Store, import_id: bytes, at: int, on_duplicate: str, more: Mapping[str, Any], *, dry: bool = False) -> None:
        self.store = store
        self.import_id = import_id
        self.at = at
        self.on_duplicate = on_duplicate
        self.kind = more.get("kind", "lead")
        self.more = dict(more)
        self.dry = dry
        self.arrivals = _Arrivals()
        self.companies: set[bytes] = set()
        self.back: set[bytes] = set()
        self.written = 0
        self.left: set[bytes] = set()
        """The arrivals that the last chunk did not take: they are there already, or whom they mean is."""

    def begin(self) -> None:
        """Bring back what an undo of this import took, so that its rows come back under the same ids and as they were."""
        if not self.dry:
            self.back = self.store.redo_import(self.import_id, self.at)

    def take(self, rows: Sequence[Made]) -> Taken:
        """Take one chunk in one transaction: all of it or nothing."""
        if not rows:
            return Taken()
        if self.dry:
            with self.store.db.snapshot():
                return self._plan(rows, self.store.process())[0]
        self.arrivals = _Arrivals()
        with self.store.db.write():
            taken, edits, block, after = self._plan(rows, self.store.process())
            if edits or block:
                self.store.append_import(log.command_id(self.at), self.at, edits, block, after, self.import_id, self.kind)
                self.written += 1
        self.store.note_end(at_once=False)
        return taken

    def _plan(self, rows: Sequence[Made], process: Process) -> tuple[Taken, list[Edit], list[BlockItem], int]:
        db = self.store.db
        taken = Taken()
        self.left = set()
        edits: list[Edit] = []
        block: list[BlockItem] = []
        after = 0
        stored: dict[bytes, int] = {}
        if db.one("SELECT count(*) FROM batch WHERE import_id = ?", (self.import_id,))[0] != self.written:
            # Somebody took in rows of this file before, or does so at the same time.
            stored = dict(db.where_in("SELECT id, removed FROM entry WHERE id IN ({})", [row.entry for row in rows]))
        values, called = Counter([one for row in rows for one in row.values]), Counter([one for row in rows for one in row.signs])
        by_value, by_sign = known_ids(db, values, called)
        people = known_by_id(db, {one for group in (*by_value.values(), *by_sign.values()) for one in group})
        self._learn_companies(db, rows)
        arrivals = self.arrivals
        arrivals.shared.update(by_value, by_sign, *([one for one, count in group.items() if count > 1] for group in (values, called)))
        for row in rows:
            removed = stored.get(row.entry)
            if removed is not None and (removed <= 0 or not self.dry):
                self._count_stored(row, taken)
                continue
            met = not arrivals.shared.isdisjoint(row.values) or not arrivals.shared.isdisjoint(row.signs)
            linked = _found(row.values, by_value, arrivals.by_value) if met else set()
            same = {one for one in _found(row.signs, by_sign, arrivals.by_sign) if arrivals.is_called(one, row.signs)} if met else set()
            if not linked and not same:
                self._make(row, block)
                if met or self.dry:
                    arrivals.arrive(row, self.at)
                taken.created += 1
                continue
            lead = row.as_lead()
            decision = decide_lead(lead, self._known(linked, people), self._known(same, people))
            if decision.touch is not None and self.on_duplicate == "skip":
                self._leave(row, taken)
                continue
            if decision.touch is None:
                contact = row.contact
                self._make(row, block)
                arrivals.arrive(row, self.at)
                taken.created += 1
            else:
                contact = decision.touch
                self._make_company(row, block)
                after = max(after, self._touch(contact, row.entry, lead, edits, block, process))
                taken.touched += 1
            if decision.flag:
                self._flag(contact, decision, edits)
                taken.flagged += 1
        return taken, _merged(edits), block, after

    def _known(self, ids: set[bytes], people: Mapping[bytes, Known]) -> list[Known]:
        """Known contacts, the one last dealt with first; what was learnt here stands for what the store says."""
        arrivals = self.arrivals
        found = [
            arrivals.person(one) if one in arrivals.rows or one in arrivals.known else people[one]
            for one in ids
            if one in arrivals.rows or one in arrivals.known or one in people
        ]
        return sorted(found, key=lambda known: (-known.last_dealt, known.id))

    def _leave(self, row: Made, taken: Taken) -> None:
        self.left.add(row.entry)
        taken.skipped += 1

    def _count_stored(self, row: Made, taken: Taken) -> None:
        if row.entry not in self.back:
            self._leave(row, taken)
        elif row.contact in self.back:
            taken.created += 1
        else:
            taken.touched += 1

    def _make(self, row: Made, block: list[BlockItem]) -> None:
        self._make_company(row, block)
        if row.row is not None:
            block.append(row)
            return
        lead, contact = row.as_lead(), row.contact
        came = arrival(lead, contact, self.at, self.store.actor.id, **self.more)
        block.append((contact, [Edit("contact", contact, "*", new_contact(lead, self.at)), Edit("entry", row.entry, "*", came)]))

    def _touch(self, contact: bytes, entry: bytes, lead: Lead, edits: list[Edit], block: list[BlockItem], process: Process) -> int:
        facts = self._facts(contact)
        fills, differs = fill_empty(lead, facts, overwrite=self.on_duplicate == "update")
        more: dict[str, Any] = {"given": differs} if differs else {}
        if is_inactive(facts, self.at, process):
            more["inactive"] = True
        block.append((contact, [Edit("entry", entry, "*", arrival(lead, contact, self.at, self.store.actor.id, **more))]))
        edits += addressed(fills, facts)
        self.arrivals.remember(_filled(facts, fills, lead), self.at)
        return facts.state.place

    def _facts(self, contact: bytes) -> ContactFacts:
        if contact in self.arrivals.rows:
            self.arrivals.person(contact)
        return self.arrivals.facts.get(contact) or load_contact(self.store.db, contact, light=True)

    def _flag(self, contact: bytes, decision: Any, edits: list[Edit]) -> None:
        facts = self._facts(contact)
        edits += flag_edits(contact, decision, facts.flagged)
        self.arrivals.facts[contact] = replace(facts, flagged=facts.flagged.union(decision.flag))
        for other in decision.flag:
            known = self._facts(other)
            self.arrivals.facts[other] = replace(known, flagged=known.flagged | {contact})

    def _learn_companies(self, db: Database, rows: Sequence[Made]) -> None:
        wanted = {row.company for row in rows if row.company is not None} - self.companies
        self.companies |= {row[0] for row in db.where_in("SELECT id FROM company WHERE id IN ({})", sorted(wanted))}

    def _make_company(self, row: Made, block: list[BlockItem]) -> None:
        company = row.company
        if company is not None and company not in self.companies:
            self.companies.add(company)
            block.append((company, [Edit("company", company, "*", {"name": row.as_lead().company})]))


def _merged(edits: Sequence[Edit]) -> list[Edit]:
    """Each register set once, from its first old value to its last new one: a batch cannot set one twice."""
    merged: dict[tuple[bytes, str], Edit] = {}
    for edit in edits:
        key = edit.record, edit.register
        merged[key] = merged[key]._replace(new=edit.new) if key in merged else edit
    return [edit for edit in merged.values() if edit.new != edit.old]


def _found(keys: Iterable[Any], *groups: Mapping[Any, Sequence[bytes]]) -> set[bytes]:
    found: set[bytes] = set()
    for key in keys:
        for group in groups:
            if key in group:
                found.update(group[key])
    return found


def _facts_of(contact: bytes, lead: Lead, at: int) -> ContactFacts:
    company = company_id(lead.company) if lead.company else None
    state = State(started_at=at, arrived=True)
    tags = frozenset(lead.tags)
    return ContactFacts(
        contact, lead.name, company, lead.company, lead.readiness or None, lead.properties, lead.points, tags, state, (), ()
    )


def _filled(known: ContactFacts, fills: Sequence[Edit], lead: Lead) -> ContactFacts:
    """What a known contact is after a lead filled its empty fields."""
    if not fills:
        return known
    new = {edit.register: edit.new for edit in fills}
    properties = {key.removeprefix("properties/"): value for key, value in new.items() if key.startswith("properties/")}
    return replace(
        known,
        name=new.get("name", known.name),
        company=bytes.fromhex(new["company"]) if "company" in new else known.company,
        company_name=lead.company if "company" in new else known.company_name,
        readiness=new.get("readiness", known.readiness),
        properties={**known.properties, **properties},
        points=[*known.points, *(point for point in lead.points if point.register() in new)],
        tags=known.tags | {key.removeprefix("tag/") for key in new if key.startswith("tag/")},
    )
