"""The tables: the change log, and the projection of it that screens and commands read.

Ids are 16 bytes, times UTC epoch milliseconds, stamps (`hlc`, `born`, `place`) 48-bit milliseconds and a 16-bit counter, money
integer minor units, flags 0 or 1. `removed` is the stamp of the change that took the record away, negative when it was
brought back, 0 when it never was taken.

A contact that was merged into another has a `root`, is hidden as a removed one is (`removed` 1), and all that hangs on it has the root
for its `contact`; `own` then says whose it is (NULL, in keys the empty bytes, for what is the contact's own).
"""

from __future__ import annotations

from typing import Any

from peewee import SQL, BigAutoField, BigIntegerField, CompositeKey, Field, IntegerField, Model, SmallIntegerField, TextField


class BytesField(Field):
    """Raw bytes: an id, a salt, a digest or a compressed block."""

    field_type = "BLOB"


class Table(Model):
    """Base of all tables; never bound to a database, so that several stores can be open at once."""

    class Meta:
        legacy_table_names = False


def _zero() -> Any:
    return BigIntegerField(default=0)


class Replica(Table):
    """One installation and person that writes to this log."""

    key = BigAutoField()
    origin = BytesField(unique=True)
    installation = BytesField()
    person = BytesField()


class Batch(Table):
    """One command, or one chunk of an import; chained by digest to the one before it of the same origin.

    `extra` are fields of its header that only a newer program knows (JSON list), `parked` says that this one could not project it yet.
    """

    key = BigAutoField()
    id = BytesField(unique=True)
    replica = BigIntegerField()
    oseq = BigIntegerField()
    hlc = BigIntegerField()
    changes = IntegerField()
    at = BigIntegerField()
    received_at = BigIntegerField(null=True)
    actor = BytesField()
    command = TextField()
    schema_v = SmallIntegerField()
    undo_of = BytesField(null=True)
    import_id = BytesField(null=True, index=True)
    prev_digest = BytesField()
    digest = BytesField()
    undone = SmallIntegerField(default=0)
    extra = TextField(null=True)
    parked = SmallIntegerField(default=0)

    class Meta:
        indexes = ((("replica", "oseq"), True),)


Batch.add_index(Batch.index(Batch.key, where=SQL("parked = 1"), name="batch_parked"))
Batch.add_index(Batch.index(Batch.undo_of, where=SQL("undo_of IS NOT NULL"), name="batch_undo"))
Batch.add_index(Batch.index(Batch.key, where=SQL("received_at IS NOT NULL"), name="batch_received"))


class Part(Table):
    """What one batch did to one subject (a contact and all that hangs on it, or a shared record): the unit of erasing."""

    key = BigAutoField()
    batch = BigIntegerField(index=True)
    subject = BytesField(index=True)
    salt = BytesField()
    digest = BytesField()


class Block(Table):
    """The parts of an import's batch, compressed together; each line keeps its own salt."""

    batch = BigIntegerField(primary_key=True)
    data = BytesField()


class Change(Table):
    """One register of one record set once; `n` is its place in the batch, so its stamp is the batch's plus n."""

    key = BigAutoField()
    part = BigIntegerField()
    batch = BigIntegerField(index=True)
    n = IntegerField()
    hlc = BigIntegerField()
    entity = TextField()
    record = BytesField()
    register = TextField()
    old = TextField(null=True)
    new = TextField(null=True)
    base_hlc = BigIntegerField(null=True)
    rule = TextField(null=True)
    extra = TextField(null=True)

    class Meta:
        indexes = ((("record", "register", "hlc"), False),)


class User(Table):
    """A person who works here; while they are away, who covers for them."""

    key = BigAutoField()
    id = BytesField(unique=True)
    born = BigIntegerField()
    name = TextField()
    role = TextField()
    removed = _zero()
    away_until = BigIntegerField(null=True)
    covered_by = BytesField(null=True)

    class Meta:
        table_name = "users"


class Setting(Table):
    """One number or text of the business process that differs from the shipped default (JSON)."""

    name = TextField(primary_key=True)
    value = TextField(null=True)


class View(Table):
    """A saved filter with its columns and order, of one person or shared; its id follows from whose it is and its name."""

    id = BytesField(primary_key=True)
    person = BytesField(null=True)
    name = TextField()
    filter_text = TextField(column_name="filter")
    columns = TextField(default="")
    order = TextField(column_name="sorted_by", default="")

    class Meta:
        table_name = "views"


class DefaultView(Table):
    """The view with which a person begins: the key of a shipped one or the id of a saved one."""

    person = BytesField(primary_key=True)
    view = TextField()


class Company(Table):
    """A company; its id follows from its folded name, so that two laptops make the same record."""

    key = BigAutoField()
    id = BytesField(unique=True)
    born = BigIntegerField()
    name = TextField()
    removed = _zero()


class Contact(Table):
    """A contact with its fields, its folded state and what lists show of it."""

    key = BigAutoField()
    id = BytesField(unique=True)
    born = BigIntegerField()
    created_at = BigIntegerField()
    removed = _zero()
    name = TextField(default="")
    company = BytesField(null=True)
    readiness = TextField(null=True)
    properties = TextField(null=True)
    # from the contact points
    phone = TextField(null=True)
    phone_e164 = TextField(null=True)
    email = TextField(null=True)
    email_ok = SmallIntegerField(default=0)
    search = TextField(default="")
    name_key = _zero()
    # folded from what happened
    place = _zero()
    lifecycle = TextField(default="lead")
    status = TextField(default="new")
    role = TextField(default="new")
    reason = TextField(null=True)
    reason_text = TextField(null=True)
    closed_at = BigIntegerField(null=True)
    source = TextField(null=True)
    source_detail = TextField(null=True)
    campaign = TextField(null=True)
    latest_source = TextField(null=True)
    owner = BytesField(null=True)
    desk = TextField(null=True)
    routed_at = BigIntegerField(null=True)
    started_at = _zero()
    first_attempt_at = BigIntegerField(null=True)
    last_attempt_at = BigIntegerField(null=True)
    last_talk_at = BigIntegerField(null=True)
    worked_at = BigIntegerField(null=True)
    returned_at = BigIntegerField(null=True)
    attempts = IntegerField(default=0)
    # from tasks, deals and flags
    next_at = BigIntegerField(null=True)
    next_task = BytesField(null=True)
    next_kind = TextField(null=True)
    next_rule = TextField(null=True)
    next_timed = SmallIntegerField(default=0)
    value = _zero()
    duplicates = IntegerField(default=0)
    # of merging: into whom, whose it is now, the register `removed` of a contact hidden for it, what a root has from those merged into it
    merged_into = BytesField(null=True)
    root = BytesField(null=True)
    gone = BigIntegerField(null=True)
    filled = TextField(null=True)


def in_leadometer(of: str = "") -> str:
    """The condition of a contact that stands in the Leadometer, `of` a table by its alias (`c.`); literals, so that the index applies."""
    return f"{of}owner IS NULL AND {of}desk IS NULL AND {of}removed <= 0 AND {of}role NOT IN ('closed', 'customer', 'inactive_customer')"


def routed_untried(of: str = "") -> str:
    """The condition of one that is routed and still waits for a first attempt."""
    return f"{of}removed <= 0 AND {of}owner IS NOT NULL AND {of}role = 'new' AND {of}first_attempt_at IS NULL"


Contact.add_index(Contact.index(Contact.started_at, Contact.born, where=SQL(in_leadometer()), name="contact_inbox"))
Contact.add_index(Contact.index(Contact.started_at, Contact.born, where=SQL(routed_untried()), name="contact_waiting"))
Contact.add_index(Contact.index(Contact.owner, Contact.role, Contact.started_at, where=SQL("owner IS NOT NULL"), name="contact_role"))
Contact.add_index(Contact.index(Contact.owner, Contact.next_at, where=SQL("owner IS NOT NULL"), name="contact_next"))
# Each of these in the order of `key`, which SQLite has in every index.
Contact.add_index(Contact.index(Contact.source, name="contact_source"))
Contact.add_index(Contact.index(Contact.campaign, where=SQL("campaign IS NOT NULL"), name="contact_campaign"))
Contact.add_index(Contact.index(Contact.readiness, where=SQL("readiness IS NOT NULL"), name="contact_readiness"))
Contact.add_index(Contact.index(Contact.owner, where=SQL("owner IS NOT NULL"), name="contact_owner"))
Contact.add_index(Contact.index(Contact.desk, where=SQL("desk IS NOT NULL"), name="contact_desk"))
Contact.add_index(Contact.index(Contact.status, name="contact_status"))
Contact.add_index(Contact.index(Contact.lifecycle, name="contact_lifecycle"))
Contact.add_index(Contact.index(Contact.started_at, Contact.removed, name="contact_started"))
Contact.add_index(Contact.index(Contact.name_key, where=SQL("name_key <> 0"), name="contact_name_key"))
Contact.add_index(Contact.index(Contact.worked_at, where=SQL("worked_at IS NOT NULL"), name="contact_worked"))
Contact.add_index(Contact.index(Contact.merged_into, where=SQL("merged_into IS NOT NULL"), name="contact_merged_into"))
Contact.add_index(Contact.index(Contact.root, where=SQL("root IS NOT NULL"), name="contact_root"))


# What filters ask besides, for those whom it concerns.
FEWER = {
    "contact_no_phone": ((Contact.key,), "phone_e164 IS NULL AND removed <= 0"),
    "contact_no_email": ((Contact.key,), "email_ok = 0 AND removed <= 0"),
    "contact_value": ((Contact.value,), "value > 0"),
    "contact_attempts": ((Contact.attempts,), "attempts > 0"),
    "contact_due": ((Contact.next_at,), "next_at IS NOT NULL"),
    "contact_treated": ((Contact.next_at, Contact.worked_at), "role IN ('initial_contact', 'in_process') AND removed <= 0"),
    "contact_closed": ((Contact.closed_at,), "role = 'closed' AND removed <= 0"),
    "contact_returned": ((Contact.key,), "returned_at IS NOT NULL"),
}
"""Partial indexes: their columns and the condition, as literals."""
for _name, (_columns, _condition) in FEWER.items():
    Contact.add_index(Contact.index(*_columns, where=SQL(_condition), name=_name))


class Point(Table):
    """A phone or e-mail of a contact. `value` is normalised when valid, else the cleaned raw text."""

    contact = BytesField()
    kind = TextField()
    value = TextField()
    # Columns of the key stand first: SQLite's integrity check takes others for them else.
    own = BytesField(default=b"")
    raw_text = TextField(column_name="raw")
    label = TextField(null=True)
    valid = SmallIntegerField()
    rank = BigIntegerField()
    removed = _zero()

    class Meta:
        primary_key = CompositeKey("contact", "kind", "value", "own")


Point.add_index(Point.index(Point.value, where=SQL("valid = 1"), name="point_value"))


class Tag(Table):
    """A tag that a contact bears."""

    contact = BytesField()
    tag = TextField()
    own = BytesField(default=b"")

    class Meta:
        primary_key = CompositeKey("contact", "tag", "own")


Tag.add_index(Tag.index(Tag.tag, Tag.contact, name="tag_contact"))


class Pair(Table):
    """Two contacts flagged as possible duplicates, once for each direction; without `why` somebody said that they are two people.

    What counts is `shown`: of several flags between two people one in each direction, none when they were merged or told apart.
    """

    contact = BytesField()
    other = BytesField()
    own = BytesField(default=b"")
    own_other = BytesField(default=b"")
    why = TextField(null=True)
    shown = SmallIntegerField()

    class Meta:
        primary_key = CompositeKey("contact", "other", "own", "own_other")


class Entry(Table):
    """One line of a contact's timeline: what the fold reads (touchpoints, routings, statuses set by hand), what followed from it
    (`cause`, `rule`), and edits of fields, tasks and deals.
    """

    key = BigAutoField()
    id = BytesField(null=True, unique=True)
    contact = BytesField()
    at = BigIntegerField()
    hlc = BigIntegerField()
    n = SmallIntegerField(default=0)
    kind = TextField()
    batch = BigIntegerField()
    by = BytesField(null=True)
    rule = TextField(null=True)
    cause = BytesField(null=True)
    data = TextField(null=True)
    removed = _zero()
    own = BytesField(null=True)

    class Meta:
        indexes = ((("contact", "at", "hlc", "n"), False),)


Entry.add_index(Entry.index(Entry.cause, where=SQL("cause IS NOT NULL"), name="entry_cause"))
Entry.add_index(Entry.index(Entry.contact, Entry.at, where=SQL("kind = 'quote'"), name="entry_quote"))
Entry.add_index(Entry.index(Entry.own, where=SQL("own IS NOT NULL"), name="entry_own"))


class Task(Table):
    """Something promised."""

    key = BigAutoField()
    id = BytesField(unique=True)
    born = BigIntegerField()
    contact = BytesField(index=True)
    kind = TextField()
    due_at = BigIntegerField()
    timed = SmallIntegerField(default=0)
    note = TextField(null=True)
    owner = BytesField(null=True)
    rule = TextField(null=True)
    done_at = BigIntegerField(null=True)
    removed = _zero()
    own = BytesField(null=True)


Task.add_index(Task.index(Task.own, where=SQL("own IS NOT NULL"), name="task_own"))
Task.add_index(Task.index(Task.owner, Task.due_at, where=SQL("done_at IS NULL AND removed <= 0"), name="task_due"))


class Deal(Table):
    """A potential sale. `worth` is its value in the business currency; `place` the stamp of the change that set its stage."""

    key = BigAutoField()
    id = BytesField(unique=True)
    born = BigIntegerField()
    opened_at = BigIntegerField()
    opened_by = BytesField(null=True)
    contact = BytesField(index=True)
    name = TextField()
    amount = BigIntegerField()
    currency = TextField()
    rate = TextField(null=True)
    worth = BigIntegerField()
    pipeline = TextField()
    stage = TextField()
    stage_role = TextField()
    place = BigIntegerField()
    moved_at = BigIntegerField()
    moved_by = BytesField(null=True)
    reason = TextField(null=True)
    reason_text = TextField(null=True)
    closed_at = BigIntegerField(null=True)
    expected_close = TextField(null=True)
    owner = BytesField(null=True)
    removed = _zero()
    own = BytesField(null=True)


Deal.add_index(Deal.index(Deal.own, where=SQL("own IS NOT NULL"), name="deal_own"))
Deal.add_index(Deal.index(Deal.pipeline, Deal.stage, Deal.born, where=SQL("stage_role = 'open' AND removed <= 0"), name="deal_board"))


Deal.add_index(Deal.index(Deal.stage, where=SQL("stage_role <> 'open' AND removed <= 0"), name="deal_closed"))


class Campaign(Table):
    """An initiative of marketing. `view` is whom its filter finds and how the list shows them (JSON), as they were when it was made."""

    key = BigAutoField()
    id = BytesField(unique=True)
    born = BigIntegerField()
    name = TextField()
    kind = TextField()
    starts = TextField(null=True)
    ends = TextField(null=True)
    amount = BigIntegerField(null=True)
    currency = TextField(null=True)
    view = TextField(null=True)
    removed = _zero()


class Listed(Table):
    """A person in the checklist of a campaign; `member` says whether they are meant, `done_at` when somebody ticked them off."""

    campaign = BytesField()
    contact = BytesField()
    own = BytesField(default=b"")
    member = SmallIntegerField(default=0)
    done_at = BigIntegerField(null=True)
    done_by = BytesField(null=True)

    class Meta:
        primary_key = CompositeKey("campaign", "contact", "own")


Listed.add_index(Listed.index(Listed.contact, name="listed_contact"))


class Lost(Table):
    """An edit that another one, made without knowing it, overwrote; with register `*`, work on a record that somebody deleted meanwhile.

    `id` is that of the edit's line in the timeline, `kind` what sort of record it is; `hlc` and `by` tell when and who.
    """

    id = BytesField(primary_key=True)
    contact = BytesField(index=True)
    kind = TextField()
    record = BytesField(index=True)
    register = TextField()
    hlc = BigIntegerField()
    at = BigIntegerField()
    by = BytesField()


class Seen(Table):
    """What a person has seen of the lost edits on this replica alone."""

    person = BytesField()
    lost = BytesField()

    class Meta:
        primary_key = CompositeKey("person", "lost")


class Local(Table):
    """What this replica alone knows: its hub, what the hub had when last met."""

    name = TextField(primary_key=True)
    value = TextField()


LOG_TABLES = (Replica, Batch, Part, Block, Change)
PROJECTED_TABLES = (User, Setting, View, DefaultView, Company, Contact, Point, Tag, Pair, Entry, Task, Deal, Campaign, Listed, Lost)
LOCAL_TABLES = (Seen, Local)
ALL_TABLES = LOG_TABLES + PROJECTED_TABLES + LOCAL_TABLES
CLUSTERED_TABLES = (Point, Tag, Pair)
"""Tables that SQLite keeps in the order of their key (WITHOUT ROWID); PostgreSQL has no such option."""


def columns(table: type[Table]) -> list[str]:
    """The column names of a table in their order."""
    return [field.column_name for field in table._meta.sorted_fields]


def table_name(table: type[Table]) -> str:
    """The name of a table in SQL."""
    return str(table._meta.table_name)
