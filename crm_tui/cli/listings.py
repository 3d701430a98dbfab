"""Lists as plain text: how many, aligned columns, why each is where it is, and what to do when there is nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crm_tui.cli.labels import BUCKETS, KINDS, MISSING, RESPONSES, label, moment, money, term
from crm_tui.cli.output import put
from crm_tui.cli.table import Column, put_table
from crm_tui.filters.orders import ORDERS
from crm_tui.i18n import gettext as _
from crm_tui.i18n import ngettext
from crm_tui.ids import show_id
from crm_tui.reads.campaigns import KINDS as CAMPAIGN_KINDS
from crm_tui.reads.labels import TASKS, rule_label, spoken_duration
from crm_tui.reads.team import FIGURES
from crm_tui.text.clean import clean_line
from crm_tui.text.times import duration

if TYPE_CHECKING:
    from crm_tui.reads.conflicts import Conflict
    from crm_tui.reads.look import Look
    from crm_tui.reads.views import ViewRow

Rows = Sequence[Mapping[str, Any]]
_MOST = 999


def put_inbox(look: Look, rows: Rows, more: int) -> None:
    """The waiting leads."""
    if not rows:
        put(_("Nobody waits in the Leadometer. Bring leads in: crm-tui import FILE"))
        return
    heading = ngettext("{count} lead waits, the oldest for {age}", "{count} leads wait, the oldest for {age}", len(rows) + more)
    put(heading.format(count=_count(len(rows), more), age=duration(rows[0]["age_seconds"])))
    put()
    columns = (
        *(Column(_("age"), right=True, whole=True), Column("", whole=True), Column(_("lead")), Column(_("source"))),
        *(Column(_("phone"), whole=True), Column(_("e-mail")), Column(_("look at"))),
    )
    put_table(columns, [_inbox_line(look, row) for row in rows])
    _put_more(more)


def _inbox_line(look: Look, row: Mapping[str, Any]) -> tuple[str, ...]:
    source = " · ".join(
        filter(None, (term(look.process.sources, row["source"]), row["campaign"], term(look.process.readiness, row["readiness"])))
    )
    return (
        duration(row["age_seconds"]),
        label(RESPONSES, row["response"]),
        _named(row["name"] or _("no name"), row.get("company")),
        source,
        row["phone"] or "",
        row["email"] or "",
        _flags(row),
    )


def _flags(row: Mapping[str, Any]) -> str:
    flags = [label(MISSING, code) for code in row["missing"]]
    if row["returning"]:
        flags.insert(0, _("returning"))
    if row["possible_duplicates"]:
        flags.insert(0, _("possible duplicate"))
    return ", ".join(flags)


def put_week(look: Look, tasks: Rows) -> None:
    """What is promised, by due time."""
    if not tasks:
        put(_("Nothing is promised for this week."))
        return
    columns = (Column(_("due"), whole=True), Column(""), Column(_("person")), Column(_("phone"), whole=True), Column(_("what")))
    lines = []
    for one in tasks:
        what = " ".join(filter(None, (label(TASKS, one["kind"]), clean_line(one["note"] or ""))))
        due = moment(look, one["due"], timed=one["timed"])
        lines.append((due, _("overdue") if one["overdue"] else "", one["name"] or _("no name"), one["phone"] or "", what))
    put_table(columns, lines)


def put_team(members: Rows) -> None:
    """Everybody's figures."""
    columns = (
        Column(_("person")),
        *(Column(_(label), right=True, whole=True) for label in FIGURES.values()),
        Column(_("talked"), right=True),
    )
    lines = [(one["name"], *(str(one[name]) for name in FIGURES), spoken_duration(one["talked_seconds"])) for one in members]
    put_table(columns, lines)


def put_day(look: Look, rows: Rows, more: int) -> None:
    """Whom to call, in calling order."""
    name = look.user(look.me) or ""
    if not rows:
        put(_("Nobody to call now, {name}. What waits for a person is in: crm-tui show inbox").format(name=name))
        return
    heading = ngettext("{name}: {count} person to call", "{name}: {count} people to call", len(rows) + more)
    put(heading.format(name=name, count=_count(len(rows), more)))
    put()
    columns = (
        *(
            Column("", whole=True),
            Column(_("person")),
            Column(_("phone"), whole=True),
            Column(_("why")),
            Column(_("tries"), right=True),
        ),
        *(Column(_("value"), right=True, whole=True), Column(_("next")), Column(_("when"), whole=True)),
    )
    put_table(
        columns,
        [
            (
                label(BUCKETS, row["bucket"]),
                row["name"],
                row["phone"] or "",
                row["why"],
                str(row["attempts"] or ""),
                money(row["value"]),
                label(TASKS, row.get("next_action")),
                moment(look, row["next_at"]),
            )
            for row in rows
        ],
    )
    _put_more(more)


def put_board(look: Look, stages: Rows) -> None:
    """The open deals, stage by stage."""
    if not any(stage["count"] for stage in stages):
        put(_("No open deals. Open one: crm-tui do open_deal --contact X --name NAME --value AMOUNT"))
        return
    columns = (
        *(Column(_("deal")), Column(_("contact")), Column(_("value"), right=True, whole=True), Column(_("owner"))),
        *(Column(_("close"), whole=True), Column(_("next"), whole=True), Column(_("id"), whole=True)),
    )
    for number, stage in enumerate(stages):
        if number:
            put()
        put(" · ".join(filter(None, (clean_line(stage["name"]), f"{stage['count']:,}", money(stage["value"])))))
        if stage["deals"]:
            put_table(columns, [_deal_line(look, one) for one in stage["deals"]])
            _put_more(stage["count"] - len(stage["deals"]))


def _deal_line(look: Look, deal: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        deal["name"],
        "" if deal["contact_name"] == deal["name"] else deal["contact_name"],
        money(deal["value"]),
        deal["owner"] or "",
        moment(look, deal["expected_close"]),
        moment(look, deal["next_at"]),
        deal["id"],
    )


def put_timeline(look: Look, rows: Rows, more: int) -> None:
    """What happened, newest first."""
    if not rows:
        put(_("Nothing happened yet."))
        return
    lines = []
    for row in rows:
        by = _("rule: {rule}").format(rule=rule_label(row["rule"])) if row.get("rule") else row.get("by") or ""
        lines.append((moment(look, row["at"]), label(KINDS, row["kind"]), row["summary"], by))
    put_table((Column(_("when"), whole=True), Column(_("what"), whole=True), Column(""), Column(_("by"))), lines)
    _put_more(more)


def put_templates(rows: Rows) -> None:
    """Each template with what it says, and how one is changed."""
    for row in rows:
        put(" · ".join((row["key"], row["language"], label(KINDS, row["kind"]), clean_line(row["label"]))))
        for line in (row["subject"], *row["body"].split("\n")):
            put(f"  {clean_line(line)}".rstrip())
        if row.get("link"):
            put(f"  {row['link']}")
        put()
    put(_("Change one: crm-tui do set_setting --name templates.KEY.en.body --value TEXT"))


def put_conflicts(look: Look, rows: Sequence[Conflict]) -> None:
    """Lost edits, who overwrote them, and the id that brings each back."""
    if not rows:
        put(_("Nothing was overwritten by somebody else at the same time."))
        return
    columns = (
        Column(_("time"), whole=True),
        Column(_("contact")),
        Column(_("lost")),
        Column(_("by")),
        Column(_("overwritten by")),
        Column("id", whole=True),
    )
    lines = [
        (
            moment(look, look.time(row.at)),
            row.name,
            row.says,
            row.by,
            _("{name} (deleted)").format(name=row.over_by) if row.deleted else row.over_by,
            show_id(row.id),
        )
        for row in rows
    ]
    put_table(columns, lines)
    put()
    put(_("Bring one back: crm-tui do restore_edit --edit ID"))


def put_duplicates(pairs: Rows, more: int) -> None:
    """Pairs that a person should decide on."""
    if not pairs:
        put(_("No possible duplicates."))
        return
    put(
        ngettext("{count} possible duplicate", "{count} possible duplicates", len(pairs) + max(0, more)).format(
            count=_count(len(pairs), more)
        )
    )
    put()
    columns = (Column(_("person")), Column(_("phone")), Column(_("perhaps the same as")), Column(_("phone")), Column(_("why")))
    rows = []
    for pair in pairs:
        a, b = pair["b"], pair["a"]
        rows.append((_named(a["name"], a["company"]), _reach(a), _named(b["name"], b["company"]), _reach(b), pair["why"]))
    put_table(columns, rows)
    _put_more(more)


def _reach(person: Mapping[str, Any]) -> str:
    """What names a person to a command: a valid phone, else the id."""
    from crm_tui.text.phones import normalise_phone

    phone = str(person["phone"] or "")
    return phone if normalise_phone(phone) else str(person["id"])


def put_views(rows: Sequence[tuple[ViewRow, str]], sums: Rows = ()) -> None:
    """The views with their filters, and their sums where they were asked for."""
    columns = (
        *(Column(_("view"), whole=True), Column(_("filter")), Column(_("order")), Column(_("whose")), Column("")),
        *(Column(_("people"), right=True), Column(_("open deals"), right=True)),
    )
    added = [(f"{one['people']:,}" if one["people"] is not None else "", money(one["value"])) for one in sums] or [("", "")] * len(rows)
    put_table(columns, [(*_view_line(*row), *more) for row, more in zip(rows, added, strict=True)])


def _view_line(row: ViewRow, shown: str) -> tuple[str, ...]:
    name = f"{row.name} ({row.key})" if row.kind == "shipped" else row.name
    whose = {"own": _("mine"), "shared": _("shared")}.get(row.kind, "")
    return name, shown, label(ORDERS, row.order), whose, _("default") if row.is_default else ""


def put_campaigns(look: Look, rows: Rows) -> None:
    """The campaigns with their progress."""
    if not rows:
        put(_("There is no campaign. Make one: crm-tui do add_campaign --name NAME --filter FILTER"))
        return
    columns = (
        *(Column(_("campaign"), whole=True), Column(_("kind")), Column(_("done"), right=True), Column(_("people"), right=True)),
        *(Column(_("cost"), right=True), Column(_("from")), Column(_("till")), Column(_("filter"))),
    )
    lines = [
        (
            *(row["name"], label(CAMPAIGN_KINDS, row["kind"]), f"{row['done']:,}", f"{row['total']:,}", money(row["cost"])),
            *(moment(look, row["starts"]), moment(look, row["ends"]), row["filter"] or ""),
        )
        for row in rows
    ]
    put_table(columns, lines)


def put_campaign(look: Look, found: Mapping[str, Any]) -> None:
    """A campaign with its checklist."""
    put(" · ".join(filter(None, (clean_line(found["name"]), label(CAMPAIGN_KINDS, found["kind"]), *_progress(look, found)))))
    put()
    columns = (
        Column("", whole=True),
        Column(_("person")),
        Column(_("phone"), whole=True),
        Column(_("e-mail")),
        Column(_("owner")),
        Column(_("done by")),
    )
    lines = []
    for one in found["people"]:
        who = f"{one['done_by']} {moment(look, one['done_at'])}" if one["done"] else ""
        name = _named(one["name"] or _("no name"), one["company"])
        lines.append(("[x]" if one["done"] else "[ ]", name, one["phone"] or "", one["email"] or "", one["owner"] or "", who))
    put_table(columns, lines)
    _put_more(found["total"] - len(lines))


def _progress(look: Look, found: Mapping[str, Any]) -> list[str]:
    """How far a campaign is, what it costs, till when."""
    parts = [_("{done} of {total} done").format(done=f"{found['done']:,}", total=f"{found['total']:,}")]
    if found["cost"]:
        parts.append(_("cost {amount}").format(amount=money(found["cost"])))
    if found["ends"]:
        parts.append(_("till {day}").format(day=moment(look, found["ends"])))
    return parts


def put_rules(rows: Rows, limit: int | None) -> None:
    """The transition table: for each event what changes, from where to where and by which rule."""
    lines = _transitions(rows)
    shown = lines[:limit]
    for field, title in (("status", _("Status")), ("lifecycle", _("Lifecycle stage"))):
        of_field = [line[1:] for line in shown if line[0] == field]
        if of_field:
            put(title)
            put_table((Column(_("event")), Column(_("from")), Column(_("to")), Column(_("tries"), right=True), Column(_("rule"))), of_field)
            put()
    put(_("What is not named stays as it is. The whole table: --json"))
    _put_more(len(lines) - len(shown))


def _transitions(rows: Rows) -> list[tuple[str, ...]]:
    """Cells of the table that change something; those of one event that lead to the same are one line."""
    from crm_tui.process import load_default
    from crm_tui.rules.table import BY_HAND, STAGE_BY_HAND, STATUS_BY_HAND

    process = load_default()
    terms = (*process.statuses, *process.lifecycle)

    def named(start: str) -> str:
        stage = term(terms, start.removesuffix(BY_HAND))
        return _("{stage} (by hand)").format(stage=stage) if start.endswith(BY_HAND) else stage

    def event_named(event: str) -> str:
        what, _colon, set_to = event.partition(": ")
        return f"{_(what)}: {term(terms, set_to)}" if what in (STATUS_BY_HAND, STAGE_BY_HAND) else _(event)

    merged: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        attempts = row.get("attempts") or 0
        if row["to"] != row["from"].removesuffix(BY_HAND) or attempts:
            key = (row["field"], row["event"], row["to"], f"+{attempts}" if attempts else "", row["rule"] or "")
            merged.setdefault(key, []).append(row["from"])
    return [
        (
            field,
            event_named(event),
            ", ".join(map(named, starts)),
            term(terms, to),
            attempts,
            rule_label(rule) if rule else "",
        )
        for (field, event, to, attempts, rule), starts in merged.items()
    ]


def put_commands(fields: Mapping[str, Mapping[str, Any]]) -> None:
    """Every command with its fields."""
    from crm_tui.registry import label_of

    rows = [(name, _(label_of(name)), " ".join(field for field in fields[name] if field != "command")) for name in fields]
    put_table((Column(_("command"), whole=True), Column(_("what it does"), whole=True), Column(_("fields"))), rows)
    put()
    put(_("crm-tui do COMMAND --help names what each field takes; --json gives the JSON Schema."))


def _named(name: str, company: str | None) -> str:
    return " · ".join(filter(None, (name, company)))


def _count(shown: int, more: int) -> str:
    if more > _MOST:
        return f"{_MOST}+"
    return f"{shown + max(0, more):,}"


def _put_more(more: int) -> None:
    if more > _MOST:
        put(_("… and more than {count} more (--limit)").format(count=_MOST))
    elif more > 0:
        put(_("… and {count} more (--limit)").format(count=f"{more:,}"))
