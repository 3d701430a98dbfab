"""The card of a person: where they are now and what is next, then who they are and all that is known of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.segment import Segment

from crm_tui.i18n import gettext as _
from crm_tui.i18n import language
from crm_tui.reads import labels
from crm_tui.reads.contact import CardDeal, InCampaign, OpenTask, WholeContact, shown_status
from crm_tui.reads.look import missing
from crm_tui.reads.quotes import state_label
from crm_tui.reads.standing import states_of
from crm_tui.rules.states import STATES
from crm_tui.text.bidi import is_rtl
from crm_tui.text.clean import clean_text, clip
from crm_tui.text.dates import short_iso, short_time
from crm_tui.text.graphemes import clip as clip_cells
from crm_tui.text.graphemes import wrap
from crm_tui.text.money import Money, show
from crm_tui.text.times import duration, local_day
from crm_tui.widgets.paint import PLAIN, Part, among, mirrored, parts_width, safe, sentence
from crm_tui.widgets.wrapped import Wrapped, beside, lay, side

if TYPE_CHECKING:
    from crm_tui.reads.look import Look
    from crm_tui.reads.quotes import QuoteRow

MOST_LABEL_CELLS = 14
MOST_PARAGRAPHS = 20
"""Of a field's text so many lines stand on the card."""
MOST_QUOTES = 5
LONGEST = 2_000
"""Characters of a field on the card."""

Lines = list[list[Segment]]


class Field(NamedTuple):
    """A label and the values under each other beside it; without a label the values begin at the edge."""

    label: str
    values: Sequence[Sequence[Part]]


def card_lines(look: Look, card: WholeContact, cells: int) -> Lines:
    """The whole card: sections of labelled values with a blank line between them; what is empty is left out."""
    sections = [
        [Field("", [now_parts(look, card)])],
        [Field("", [[(name_of(card), "bold")]]), *_who(card)],
        _state(look, card),
        _attention(look, card),
        [
            Field(_("deals"), [_deal(look, deal) for deal in card.deals]),
            Field(_("quotes"), [_quote(look, one) for one in card.quotes[:MOST_QUOTES]]),
            Field(_("tasks"), [_task(look, card, one) for one in card.tasks]),
        ],
        [Field(_("campaigns"), [_listed(one) for one in card.campaigns])],
        [Field(_("tags"), [[(", ".join(card.tags), "")]] if card.tags else []), *_properties(look, card)],
    ]
    return _set(sections, cells)


def brief_lines(look: Look, card: WholeContact, cells: int) -> Lines:
    """The card for a narrow screen: now and next, the name on at most two lines, the phone, what is missing, the open deals."""
    name = name_of(card)
    lines = wrap(name, max(2, cells))
    if len(lines) > 1:
        second = name.find(lines[1], len(lines[0]))
        name = name[:second] + clip_cells(name[second:], cells)
    who: list[list[Part]] = [[(name, "bold")]]
    if card.row.phone and card.row.phone != name:
        who = [[*who[0], (" " + card.row.phone, "")]] if len(lines) == 1 else [*who, [(card.row.phone, "")]]
    attention = [value for field in _attention(look, card) for value in field.values]
    deals = [_deal(look, deal) for deal in card.open_deals[:2]]
    return _set([[Field("", [now_parts(look, card), *who, *attention, *deals])]], cells)


def name_of(card: WholeContact) -> str:
    """What a person is called: by name, else by phone or e-mail."""
    row = card.row
    return next(filter(None, map(safe, (row.name, row.phone, row.email))), _("no name"))


def now_parts(look: Look, card: WholeContact) -> list[Part]:
    """Where they are now and what is next, in one line."""
    row = card.row
    status = labels.status_label(look.process, shown_status(look, row))
    if row.reason and row.role == "closed":
        status += ": " + labels.reason_label(look.process, row.reason, inside=True)
    parts: list[Part] = [(status, "bold")]
    if row.role == "new" and row.first_attempt_at is None:
        parts.append((" · " + _("waits {age}").format(age=duration(max(0, look.now - row.started_at) // 1000)), ""))
    if row.next_kind:
        parts += [(" · " + _("next:") + " ", "dim"), (labels.task_label(row.next_kind), "")]
        parts.append((" " + short_time(row.next_at, look.now, look.zone, timed=bool(row.next_timed)), ""))
    # That a customer is inactive is said by the status.
    for state in states_of(look, row):
        if state.code != "inactive":
            parts.append((" ▲ " + _(STATES[state.code]), "bad" if state.code in ("breached", "overdue") else "warn"))
    return parts


def _listed(one: InCampaign) -> list[Part]:
    return [("[x] " if one.done else "[ ] ", "good" if one.done else "dim"), (among(one.name), "")]


def _who(card: WholeContact) -> list[Field]:
    row = card.row
    fields = [Field(_("company"), [[(row.company, "")]] if row.company else [])]
    for kind, label in (("phone", _("phone")), ("email", _("e-mail"))):
        fields.append(Field(label, [_point(one.raw, one.label, one.valid) for one in card.points if one.kind == kind]))
    return fields


def _point(raw: str, label: str | None, valid: int) -> list[Part]:
    parts: list[Part] = [(raw, "")]
    if label:
        parts.append(("  " + label, "dim"))
    if not valid:
        parts.append(("  ✗ " + _("not valid"), "warn"))
    return parts


def _state(look: Look, card: WholeContact) -> list[Field]:
    row, process = card.row, look.process
    found = [(_("stage"), [(labels.lifecycle_label(process, row.lifecycle), "")])]
    if row.reason_text:
        found.append((_("reason"), [(clip(row.reason_text, LONGEST), "")]))
    if row.owner:
        found.append((_("owner"), [(look.user(row.owner) or "", "")]))
    else:
        found.append((_("desk"), [(labels.desk_label(process, row.desk or "leadometer"), "")]))
    if row.readiness:
        found.append((_("readiness"), [(labels.readiness_label(process, row.readiness), "")]))
    source = [(labels.source_label(look, row.source or "other"), "")]
    source += [(" · " + one, "") for one in (row.source_detail, row.campaign) if one]
    found.append((_("source"), source))
    if row.latest_source and row.latest_source != row.source:
        found.append((_("latest"), [(labels.source_label(look, row.latest_source), "")]))
    if row.last_attempt_at:
        tried: list[Part] = [(short_time(row.last_attempt_at, look.now, look.zone), "")]
        if row.attempts and row.role in ("new", "no_answer"):
            tried.append((" · " + _("{count} of {most}").format(count=row.attempts, most=look.limits.max_attempts), ""))
        found.append((_("last try"), tried))
    found.append((_("since"), [(short_time(row.created_at, look.now, look.zone, timed=False), "")]))
    return [Field(label, [parts]) for label, parts in found]


def _attention(look: Look, card: WholeContact) -> list[Field]:
    """What somebody should look at: missing data, a return, possible duplicates."""
    row = card.row
    values: list[list[Part]] = []
    lacks = missing(row.phone_e164, row.email_ok, row.readiness, look.is_offline(row.source))
    if lacks:
        values.append([("✗ " + _("missing: {fields}").format(fields=", ".join(map(labels.field_label, lacks))), "warn")])
    if row.returned_at is not None:
        values.append([("↺ " + _("returning"), "accent")])
    for twin in card.twins:
        name = next(filter(None, map(safe, (twin.name, twin.phone, twin.email))), _("no name"))
        values.append(
            [("≈ " + _("perhaps the same as {name}").format(name=name), "warn"), (f" ({labels.duplicate_label(twin.why)})", "dim")]
        )
    return [Field("", values)]


def _deal(look: Look, deal: CardDeal) -> list[Part]:
    stages = [stage for pipeline in look.process.pipelines if pipeline.key == deal.pipeline for stage in pipeline.stages]
    stage = next((one.text for one in stages if one.key == deal.stage), labels.stage_label(look.process, deal.stage))
    tone = "" if deal.role == "open" else "dim"
    mark: Part = {"won": ("✓ ", "good"), "lost": ("✗ ", "dim")}.get(deal.role, ("◆ ", "good"))
    parts: list[Part] = [mark, (deal.name, tone)]
    if deal.amount:
        parts.append((" · " + show(Money(deal.amount, deal.currency), language()), "bold" if deal.role == "open" else "dim"))
    parts.append((" · " + stage, tone))
    if deal.expected_close and deal.role == "open":
        late = deal.expected_close < local_day(look.now, look.zone).isoformat()
        day = short_iso(deal.expected_close, look.now, look.zone)
        parts.append((" · " + _("by {day}").format(day=day), "warn" if late else "dim"))
        if late:
            parts.append((" ▲", "warn"))
    return parts


def _quote(look: Look, row: QuoteRow) -> list[Part]:
    tone = "" if row.state in ("open", "accepted") else "dim"
    parts: list[Part] = [
        ({"accepted": "✓ ", "declined": "✗ "}.get(row.state, "● "), "good" if tone == "" else "dim"),
        (row.quote.number, tone),
    ]
    parts.append((" · " + show(Money(row.quote.sums.total, row.quote.currency), language()), "bold" if tone == "" else "dim"))
    if row.state != "open":
        return [*parts, (" · " + state_label(row.state), "warn" if row.state == "expired" else tone)]
    return [*parts, (" · " + _("until {day}").format(day=short_iso(row.quote.until, look.now, look.zone)), "dim")]


def _task(look: Look, card: WholeContact, task: OpenTask) -> list[Part]:
    parts: list[Part] = [("□ ", "warn"), (labels.task_label(task.kind), "")]
    parts.append((" · " + short_time(task.due_at, look.now, look.zone, timed=bool(task.timed)), ""))
    if task.is_overdue(look):
        parts.append((" ▲ " + _("overdue"), "bad"))
    if task.owner and task.owner != card.row.owner:
        parts.append((" → " + (look.user(task.owner) or ""), "dim"))
    if task.note:
        parts.append((" · " + clip(task.note, 200), "dim"))
    return parts


def _properties(look: Look, card: WholeContact) -> list[Field]:
    import json

    found = json.loads(card.row.properties) if card.row.properties else {}
    fields = []
    for key, value in found.items():
        text = clean_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        text = labels.property_text(look, key, text)
        if len(text) > LONGEST:
            text = text[:LONGEST] + "…"
        paragraphs = [line for line in text.split("\n") if line.strip()]
        kept = paragraphs[:MOST_PARAGRAPHS] + ["…"] * (len(paragraphs) > MOST_PARAGRAPHS)
        fields.append(Field(clip(labels.property_label(look, key), 60), [[(line, "")] for line in kept]))
    return fields


def _set(sections: Sequence[Sequence[Field]], cells: int) -> Lines:
    """Sections as lines: labels in a column of their own, values made safe and wrapped beside them, each in its own direction."""
    most = min(MOST_LABEL_CELLS, cells // 3)
    known = [field.label for section in sections for field in section if field.values]
    labelled = min(most, max((parts_width([(label, "")]) for label in known), default=0))
    found: Lines = []
    for section in sections:
        lines: Lines = []
        for field in section:
            before = labelled + 1 if field.label else 0
            room = max(2, cells - before)
            values = [[(among(text) if len(value) > 1 else sentence(text), tone) for text, tone in value] for value in field.values]
            for number, value in enumerate(values):
                label = lay([(safe(field.label) if not number else "", "dim")], labelled, "auto", mirrored()) if before else []
                text = Wrapped(value, room, _base(value))
                for at in range(len(text)):
                    body = beside(text.line(at), room, mirrored())
                    if at and before:
                        label = [Segment(" " * labelled, PLAIN)]
                    gap = [Segment(" ")] if before else []
                    lines.append([*body, *gap, *label] if mirrored() else [*label, *gap, *body])
        if lines:
            found += [[], *lines] if found else lines
    return found


def _base(value: Sequence[Part]) -> str:
    """The direction of a value: one made of parts reads like the screen, one text by itself."""
    if len(value) > 1:
        return side()
    return "R" if is_rtl(value[0][0]) else "L"
