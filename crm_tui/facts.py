"""Loading what the plans may know: the records that a command names, as small frozen values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from crm_tui import log
from crm_tui.campaign_facts import Known as KnownCampaign
from crm_tui.campaign_facts import campaign_facts
from crm_tui.campaigns import campaign_names
from crm_tui.commands.base import ENTRY, Command
from crm_tui.commands.campaigns import AddCampaign, CampaignCommand
from crm_tui.commands.leads import AddLead, decide_lead, lead_of
from crm_tui.commands.merging import Merge, NotSame
from crm_tui.commands.team import ROLES, SetSetting
from crm_tui.commands.views import DeleteView, SaveView
from crm_tui.db import Database
from crm_tui.errors import NotFound, Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.ids import derived_id, parse_id, show_id
from crm_tui.in_use import stranded
from crm_tui.plan import ContactFacts, DealFacts, Facts, Flag, LostFacts, Merged, QuoteSeries, TaskFacts, ViewFacts
from crm_tui.process import Process
from crm_tui.roots import root_of, said_by
from crm_tui.rows import found_by
from crm_tui.rules.fold import State, fold
from crm_tui.rules.identity import Known
from crm_tui.rules.lead import Lead, PointFacts, company_id
from crm_tui.rules.namekey import NAME_SPAN, QUARTER
from crm_tui.rules.quotes import NUMBER, tag_of
from crm_tui.settle import events_of
from crm_tui.text.clean import clip
from crm_tui.text.emails import normalise_email, own_domains
from crm_tui.text.phones import normalise_phone
from crm_tui.users import UserFacts, check_role

MOST_JUDGED = 500
"""Of a switchboard's people, or the namesakes of a large company, so many are looked at, the first known first."""

_UNKNOWN = {
    "task": mark("There is no task {id}."),
    "deal": mark("There is no deal {id}."),
    "interaction": mark("There is no interaction {id}."),
    "quote": mark("There is no quote {id}."),
}
_TASK = "id, coalesce(own, contact), kind, due_at, timed, note, owner, rule, done_at"
_DEAL = (
    "id, coalesce(own, contact), name, amount, currency, rate, worth, pipeline, stage, stage_role, place, moved_at, reason, reason_text,"
    " closed_at, expected_close, owner, opened_at, moved_by"
)
# Of a sign: all keys of its name, and of these the ones with its organisation as company or as mail domain. The keys are in
# the index, so that only who is found is read.
_NAMESAKES = f"""
WITH wanted(sign) AS (VALUES {{}})
SELECT w.sign, c.id FROM wanted w JOIN contact c
ON c.name_key BETWEEN w.sign - (w.sign & {QUARTER}) AND w.sign - (w.sign & {QUARTER}) + {NAME_SPAN}
AND w.sign & {QUARTER} IN (c.name_key & {QUARTER}, (c.name_key >> 16) & {QUARTER})
WHERE c.name_key <> 0 AND c.removed <= 0
"""


def load_facts(
    db: Database,
    command: Command,
    id: bytes,
    actor: UserFacts,
    users: Sequence[UserFacts],
    settings: Mapping[str, Any],
    process: Process,
    now: int,
    origin: bytes | None = None,
) -> Facts:
    """The facts of one command given `now`, `origin` for the number of a quote.

    A record that does not exist, or an ambiguous one, is refused.
    """
    contact = deal = task = interaction = lost = named = other = None
    flags: Sequence[Flag] = ()
    linked: Sequence[Known] = ()
    namesakes: Sequence[Known] = ()
    companies = frozenset[bytes]()
    if isinstance(command, AddLead):
        lead = lead_of(command, process)
        linked, namesakes = known_people(db, lead)
        touched = decide_lead(lead, linked, namesakes).touch
        contact = load_contact(db, touched) if touched else None
    elif isinstance(command, Merge | NotSame):
        contact, other = (load_contact(db, resolve_contact(db, ref, process.region, field)) for field, ref in command.both())
        flags = _flags(db, contact.id, other.id)
    elif ref := getattr(command, "contact", None):
        contact = load_contact(db, resolve_contact(db, ref, process.region))
        named = parse_id(ref)
    views: Sequence[ViewFacts] = ()
    default_view = None
    campaign = KnownCampaign()
    if isinstance(command, CampaignCommand):
        # Before its filter is run, or found wrong, for somebody who may not.
        check_role(actor, ROLES.get(command.command, ()))
        refs = getattr(command, "contacts", None) or ()
        ids = [parse_id(ref) or resolve_contact(db, ref, process.region, "contacts") for ref in refs]
        views = load_views(db, actor.id)[0] if isinstance(command, AddCampaign) else ()
        campaign = campaign_facts(db, command, views, ids, actor, users, now)
    if isinstance(command, SaveView | DeleteView):
        views, default_view = load_views(db, actor.id)
        campaign = KnownCampaign(campaigns=campaign_names(db))
    if ref := getattr(command, "task", None):
        task = load_task(db, ref)
    if ref := getattr(command, "deal", None):
        deal = load_deal(db, ref)
        root = root_of(db, deal.contact)
        if contact is not None and contact.id != root:
            raise Refused("deal", _("The deal {name} is another contact's.").format(name=clip(deal.name)))
        contact = load_contact(db, root)
    if ref := getattr(command, "interaction", None):
        interaction = load_interaction(db, ref)
    if ref := getattr(command, "quote", None):
        interaction = load_quote(db, ref)
        offered = interaction["data"].get("deal")
        deal = load_deal(db, offered) if offered and _is_there(db, offered) else None
    if ref := getattr(command, "edit", None):
        lost = load_lost(db, ref)
        if lost.entity == "view":
            views, default_view = load_views(db, actor.id)
        subject = root_of(db, lost.subject)
        contact = load_contact(db, subject) if db.one("SELECT 1 FROM contact WHERE id = ?", (subject,)) else None
    if name := getattr(command, "company", None):
        company = company_id(name)
        if company and db.one("SELECT 1 FROM company WHERE id = ?", (company,)):
            companies = frozenset({company})
    return Facts(
        *(id, actor, users, settings, companies, contact, task, deal, interaction, lost, named, other, flags, linked, namesakes),
        stranded=stranded(db, process, command.process(settings)) if isinstance(command, SetSetting) else (),
        views=views,
        default_view=default_view,
        series=quote_series(db, origin) if origin else None,
        **campaign._asdict(),
    )


def load_views(db: Database, person: bytes) -> tuple[list[ViewFacts], str | None]:
    """A person's own views by name, then the shared ones, and with which of all the person begins."""
    rows = db.rows("SELECT id, person, name, filter, columns, sorted_by FROM views WHERE person = ? OR person IS NULL", (person,))
    makers = log.makers(db, [row[0] for row in rows if row[1] is None], "content", "save_view")
    views = sorted(
        (ViewFacts(*row)._replace(maker=makers.get(row[0])) for row in rows),
        key=lambda view: (view.person is None, view.name.casefold(), view.name),
    )
    chosen = db.one("SELECT view FROM default_view WHERE person = ?", (person,))
    return views, chosen[0] if chosen else None


def load_contact(db: Database, contact: bytes, *, light: bool = False) -> ContactFacts:
    """All facts of one contact that stands for itself; `light` leaves out tasks, deals and the trace of the fold."""
    row = db.one(
        "SELECT c.name, c.company, coalesce(o.name, ''), c.readiness, c.properties, c.role, c.worked_at, c.started_at, c.place,"
        " EXISTS (SELECT 1 FROM contact m WHERE m.root = c.id) FROM contact c LEFT JOIN company o ON o.id = c.company WHERE c.id = ?",
        (contact,),
    )
    if row is None:
        raise NotFound("contact", _("There is no contact {id}.").format(id=show_id(contact)))
    name, company, company_name, readiness, properties, role, worked_at, started_at, place, has_merged = row
    points: dict[tuple[str, str], PointFacts] = {}
    held: dict[str, dict[bytes, Any]] = {}
    for kind, value, raw, label, valid, rank, own in db.rows(
        "SELECT kind, value, raw, label, valid, rank, own FROM point WHERE contact = ? AND removed = 0"
        " ORDER BY valid DESC, own, rank, value",
        (contact,),
    ):
        point = PointFacts(kind, value, raw, label, bool(valid), rank < 0, rank)
        points.setdefault((kind, value), point)
        if has_merged:
            held.setdefault(point.register(), {})[own or contact] = point.content()
    tags = set()
    for tag, own in db.rows("SELECT tag, own FROM tag WHERE contact = ?", (contact,)):
        tags.add(tag)
        if has_merged:
            held.setdefault(f"tag/{tag}", {})[own or contact] = True
    merged: list[Merged] = []
    if has_merged:
        merged = _merged(db, contact)
        for said in said_by(db, contact):
            company_hex = said.company.hex() if said.company else None
            own_fields = {"name": said.name, "company": company_hex, "readiness": said.readiness}
            for register, value in (own_fields | {f"properties/{key}": value for key, value in said.properties.items()}).items():
                if value:
                    held.setdefault(register, {})[said.id] = value
    flagged = frozenset(other for (other,) in db.rows("SELECT other FROM pair WHERE contact = ?", (contact,)))
    if light:
        state = State(role=role, worked_at=worked_at, started_at=started_at, place=place, arrived=True)
        tasks: list[TaskFacts] = []
        deals: list[DealFacts] = []
    else:
        state = fold(events_of(db, [contact])[contact])
        tasks = [
            _task(row)
            for row in db.rows(
                f"SELECT {_TASK} FROM task WHERE contact = ? AND done_at IS NULL AND removed <= 0 ORDER BY due_at, id", (contact,)
            )
        ]
        deals = [
            DealFacts(*row) for row in db.rows(f"SELECT {_DEAL} FROM deal WHERE contact = ? AND removed <= 0 ORDER BY born, id", (contact,))
        ]
    return ContactFacts(
        contact,
        name,
        company,
        company_name,
        readiness,
        json.loads(properties) if properties else {},
        list(points.values()),
        frozenset(tags),
        state,
        tasks,
        deals,
        flagged,
        [one for one in merged if one.id != contact],
        next((one.into for one in merged if one.id == contact), None),
        {register: holders for register, holders in held.items() if holders.keys() != {contact}},
    )


def _merged(db: Database, root: bytes) -> list[Merged]:
    """A contact and those merged into it, the oldest first."""
    return [
        Merged(*row)
        for row in db.rows("SELECT id, name, merged_into FROM contact WHERE id = ? OR root = ? ORDER BY born, id", (root, root))
    ]


def _flags(db: Database, contact: bytes, other: bytes) -> list[Flag]:
    """The flags between two people, each once, on whomever of those merged into them it stands."""
    rows = db.rows(
        "SELECT own, own_other, why FROM pair WHERE contact = ? AND other = ? ORDER BY own, own_other",
        (contact, other),
    )
    return [Flag(own or contact, own_other or other, why) for own, own_other, why in rows]


def load_task(db: Database, ref: str) -> TaskFacts:
    """The task of an id."""
    row = _by_id(db, "task", _TASK, ref)
    return _task(row)


def load_deal(db: Database, ref: str) -> DealFacts:
    """The deal of an id."""
    return DealFacts(*_by_id(db, "deal", _DEAL, ref))


def load_interaction(db: Database, ref: str, what: str = "interaction") -> dict[str, Any]:
    """The interaction of an id: what a person recorded, without how a quote was answered."""
    id_, contact, kind, data = _by_id(db, what, "id, coalesce(own, contact), kind, data", ref)
    if kind not in ("call", "meeting", "email", "message", "note", "quote"):
        raise Refused("interaction", _("Only what somebody recorded can be corrected or removed."))
    said = json.loads(data) if data else {}
    answer = said.pop("answer", None)
    return {"id": id_, "contact": contact, "kind": kind, "data": said, "answer": answer}


def load_quote(db: Database, ref: str) -> dict[str, Any]:
    """The quote of an id or a number."""
    found = load_interaction(db, ref, "quote") if parse_id(ref) else None
    number = ref.strip().upper()
    if NUMBER.fullmatch(number):
        # The number says which origin gave it, and an origin's quotes are few.
        for (origin,) in db.rows("SELECT origin FROM replica ORDER BY key"):
            if tag_of(bytes(origin)) == number.split("-")[1] and (id_ := dict(_numbers(db, bytes(origin))).get(number)):
                found = load_interaction(db, show_id(id_), "quote")
    if found is None or found["kind"] != "quote":
        raise NotFound("quote", _(_UNKNOWN["quote"]).format(id=clip(ref)))
    return found


def quote_series(db: Database, origin: bytes) -> QuoteSeries:
    """The numbers of quotes that an origin of the log gave, those taken back too."""
    return QuoteSeries(tag_of(origin), [number for number, _id in _numbers(db, origin)])


def _numbers(db: Database, origin: bytes) -> Iterator[tuple[str, bytes]]:
    batches = db.rows(
        "SELECT b.id FROM batch b JOIN replica r ON r.key = b.replica WHERE r.origin = ? AND b.command = 'send_quote'", (origin,)
    )
    entries = [derived_id(batch, ENTRY) for (batch,) in batches]
    for id_, data in db.where_in("SELECT id, data FROM entry WHERE id IN ({})", entries):
        yield str(json.loads(data).get("number")) if data else "", bytes(id_)


def _is_there(db: Database, deal: str) -> bool:
    known = parse_id(deal)
    return bool(known and db.one("SELECT 1 FROM deal WHERE id = ? AND removed <= 0", (known,)))


def load_lost(db: Database, ref: str) -> LostFacts:
    """The lost edit of an id, with its value and the one that stands."""
    known = parse_id(ref)
    row = known and db.one("SELECT kind, record, register, contact, hlc FROM lost WHERE id = ?", (known,))
    if not row:
        raise NotFound("edit", _("There is no lost edit {id}; crm-tui show conflicts lists them.").format(id=clip(ref)))
    entity, record, register, subject, hlc = row
    value = stands = None
    if register != "*":
        versions = log.versions(db, record, register)
        value = next(log.loaded(one.new) for one in versions if one.hlc == hlc)
        stands = log.loaded(versions[-1].new)
    elif entity == "entry":
        made = db.one("SELECT new FROM change WHERE record = ? AND register = '*' ORDER BY hlc LIMIT 1", (record,))
        value = log.loaded(made[0])
    return LostFacts(entity, record, register, subject, value, stands)


def _by_id(db: Database, what: str, columns: str, ref: str) -> Any:
    table = "entry" if what in ("interaction", "quote") else what
    known = parse_id(ref)
    row = known and db.one(f"SELECT {columns} FROM {table} WHERE id = ? AND removed <= 0", (known,))
    if not row:
        raise NotFound(what, _(_UNKNOWN[what]).format(id=clip(ref)))
    return row


def _task(row: Any) -> TaskFacts:
    return TaskFacts(*row)._replace(timed=bool(row[4]))


def resolve_contact(db: Database, ref: str, region: str, field: str = "contact") -> bytes:
    """The contact that an id, a phone in any spelling or an e-mail names; an ambiguous one is refused with the candidates.

    Who was merged into another answers as that one.
    """
    known = parse_id(ref)
    if known is not None:
        root = root_of(db, known)
        if db.one("SELECT 1 FROM contact WHERE id = ? AND removed <= 0", (root,)):
            return root
        raise NotFound(field, _("There is no contact {id}.").format(id=clip(ref)))
    value = normalise_email(ref) if "@" in ref else normalise_phone(ref, region)
    found = (
        db.rows(
            "SELECT DISTINCT c.id, c.born FROM point p JOIN contact c ON c.id = p.contact"
            " WHERE p.value = ? AND p.valid = 1 AND p.removed = 0 AND c.removed <= 0 ORDER BY c.born, c.id LIMIT 20",
            (value,),
        )
        if value
        else []
    )
    if not found:
        raise NotFound(field, _("There is no contact {ref}; name one by id, phone or e-mail.").format(ref=clip(ref)))
    if len(found) > 1:
        candidates = [show_id(row[0]) for row in found]
        raise Refused(
            field,
            _("{ref} is shared by {count} contacts; name one by its id: {ids}.").format(
                ref=clip(ref), count=len(found), ids=", ".join(candidates)
            ),
            candidates=candidates,
        )
    return bytes(found[0][0])


def known_people(db: Database, lead: Lead) -> tuple[list[Known], list[Known]]:
    """The contacts that share a valid phone or e-mail with a lead, and those of its name and organisation (`found_by`)."""
    by_value, by_sign = known_ids(db, *found_by(lead))
    linked, namesakes = ({one for ids in found.values() for one in ids} for found in (by_value, by_sign))
    people = known_by_id(db, linked | namesakes)
    return _ordered(people, linked), _ordered(people, namesakes)


def known_ids(db: Database, values: Iterable[str], signs: Iterable[int]) -> tuple[dict[str, list[bytes]], dict[int, list[bytes]]]:
    """The contacts of valid phones and e-mails, and those of names with an organisation (by their signs); of each at most `MOST_JUDGED`."""
    by_value: dict[str, list[bytes]] = {}
    for value, contact in db.where_in(
        "SELECT DISTINCT value, contact FROM point WHERE valid = 1 AND removed = 0 AND value IN ({})", sorted(values)
    ):
        by_value.setdefault(value, []).append(contact)
    by_sign: dict[int, list[bytes]] = {}
    for sign, contact in db.where_in(_NAMESAKES, sorted(signs), mark="(?)"):
        by_sign.setdefault(sign, []).append(contact)
    for contacts in (*by_value.values(), *by_sign.values()):
        if len(contacts) > MOST_JUDGED:
            contacts.sort()
            del contacts[MOST_JUDGED:]
    return by_value, by_sign


def known_by_id(db: Database, ids: Iterable[bytes]) -> dict[bytes, Known]:
    """What rule 1 asks of known contacts, by id; removed ones are left out."""
    wanted = sorted(ids)
    if not wanted:
        return {}
    emails: dict[bytes, list[str]] = {}
    for contact, value in db.where_in(
        "SELECT contact, value FROM point WHERE kind = 'email' AND valid = 1 AND removed = 0 AND contact IN ({})", wanted
    ):
        emails.setdefault(contact, []).append(value)
    also: dict[bytes, list[str]] = {}
    for root, name in db.where_in("SELECT root, name FROM contact WHERE root IN ({}) ORDER BY born, id", wanted):
        also.setdefault(root, []).append(name)
    people = {}
    for id_, name, company, worked, returned, started in db.where_in(
        "SELECT c.id, c.name, o.name, c.worked_at, c.returned_at, c.started_at FROM contact c LEFT JOIN company o ON o.id = c.company"
        " WHERE c.removed <= 0 AND c.id IN ({})",
        wanted,
    ):
        dealt = max(worked or 0, returned or 0, started or 0)
        people[id_] = Known(id_, name, company or "", own_domains(emails.get(id_, ())), dealt, tuple(also.get(id_, ())))
    return people


def _ordered(people: Mapping[bytes, Known], ids: set[bytes]) -> list[Known]:
    return sorted((people[one] for one in ids if one in people), key=lambda known: (-known.last_dealt, known.id))
