"""Price quotes: sent (rule 9), then accepted or declined."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictFloat, StrictInt, StrictStr

from crm_tui.commands.activity import FOLLOW_UP, TaskKind, facts_follow_up_days
from crm_tui.commands.base import Command, Line, Ref, Text, complete, event, happened_at, moment, new_task, set_register, to_come
from crm_tui.commands.closing import RULE_TASKS
from crm_tui.commands.deals import Amount
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.plan import ContactFacts, DealFacts, Edit, Facts, Plan
from crm_tui.process import Process, working_of
from crm_tui.rules import fold as rules
from crm_tui.rules.cadence import follow_up_due
from crm_tui.rules.quotes import Quote, next_number
from crm_tui.text.money import check_currency, parse_amount
from crm_tui.text.quoteline import MOST_LINES, NONE_OFF, ONE, Discount, QuoteLine, parse_quote, read_discount, read_quantity
from crm_tui.text.times import Moment, local_day


class QuoteRow(BaseModel):
    """A line of a quote: what, how many, the price of one without VAT, and what is taken off (`10%` or an amount)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: Line = ""
    quantity: StrictInt | StrictFloat | StrictStr = 1
    unit_price: Amount
    discount: Line | None = None


def _rows(value: Any) -> Any:
    """Rows as one text are rows; a row that lacks its price or says too much is refused with what it has."""
    if isinstance(value, str):
        return value.split("\n")
    for row in value if isinstance(value, list) else ():
        if isinstance(row, dict) and not {"unit_price"} <= row.keys() <= QuoteRow.model_fields.keys():
            raise Refused("lines", _("A line is a text, or has {fields}.").format(fields=", ".join(QuoteRow.model_fields)))
    return value


class SendQuote(Command):
    """A price quote that was sent; `lines` as they are typed (`2 x Installation 1,200 -10%`) or field by field. Without VAT."""

    command: Literal["send_quote"] = "send_quote"
    contact: Line | None = None
    deal: Line | None = None
    lines: Annotated[list[Line | QuoteRow] | None, BeforeValidator(_rows)] = Field(None, max_length=MOST_LINES + 1)
    amount: Amount | None = None
    currency: Line | None = None
    discount: Line | None = None
    vat: Line | None = None
    valid_until: Line | None = None
    note: Text | None = None
    next_action: TaskKind | None = None
    next_at: Line | None = None
    at: Line | None = None


class AnswerQuote(Command):
    """How a quote (by its id or number) was answered."""

    command: Literal["answer_quote"] = "answer_quote"
    quote: Ref
    answer: Literal["accepted", "declined"]
    reason: Line | None = None
    text: Text | None = None


def plan_send_quote(facts: Facts, command: SendQuote, process: Process, now: int) -> Plan:
    """The quote with its number, the tasks that it fulfils, and a follow-up unless another next action is set."""
    known, deal = facts.contact, facts.deal
    if known is None:
        raise Refused("contact", _("Name a contact or a deal."))
    at = happened_at(command.at, now, process)
    quote = _quote(facts, command, process, at, now)
    entry = event(facts, known.id, "quote", at, quote.as_data() | {"note": command.note})
    plan = Plan([entry], entry.record, notes=[quote.number])
    plan.edits += _next_step(facts, known, command, process, now)
    if deal is not None and (stage := _quote_stage(deal, process)):
        why = _("the quote is sent: bring the deal to {stage}").format(stage=process.stage(deal.pipeline, stage).text)
        plan.suggest.append({"command": "move_deal", "deal": deal.id, "stage": stage, "why": why})
    return plan


def _quote(facts: Facts, command: SendQuote, process: Process, at: int, now: int) -> Quote:
    """The quote, reckoned once so that one that cannot be is refused."""
    assert facts.series is not None
    day = local_day(at, process.zone)
    if command.valid_until:
        until = local_day(moment(command.valid_until, "valid_until", process).ms, process.zone)
    else:
        until = day + timedelta(days=process.limits.quote_days)
    if until < day:
        raise Refused("valid_until", _("A quote cannot end before the day it is sent."))
    lines, discount, currency = _lines(facts, command, process)
    number = next_number(facts.series.tag, local_day(now, process.zone).year, facts.series.given)
    vat = process.vat_on(day) if command.vat is None else _percent(command.vat, "vat")
    quote = Quote(number, currency, tuple(lines), discount, vat, until.isoformat(), facts.deal.id if facts.deal else None)
    assert quote.sums
    return quote


def _lines(facts: Facts, command: SendQuote, process: Process) -> tuple[list[QuoteLine], Discount, str]:
    """What is offered, what is taken off the whole, and the currency: that named, of the first price, the deal, the business."""
    if (command.lines is None) == (command.amount is None):
        raise Refused("lines", _("A quote has lines, or an amount."))
    given = check_currency(command.currency) if command.currency else None
    currency = given or (facts.deal.currency if facts.deal else process.currency)
    discount = NONE_OFF
    if command.amount is not None:
        money = parse_amount(command.amount, currency, "amount")
        if money.minor < 0:
            raise Refused("amount", _("A price is not negative."))
        if given and money.currency != given:
            raise Refused("currency", _("The value says {one}, the currency {other}.").format(one=money.currency, other=given))
        lines, currency = [QuoteLine("", ONE, money.minor)], money.currency
    elif all(isinstance(row, str) for row in command.lines or ()):
        lines, discount, currency = parse_quote([str(row) for row in command.lines or ()], currency, fixed=given is not None)
    else:
        lines = []
        for row in command.lines or ():
            line, currency = _row(row, currency, bool(given or lines))
            lines.append(line)
    if command.discount:
        if discount != NONE_OFF:
            raise Refused("discount", _("A discount on the whole stands in the lines already."))
        discount = _discount(command.discount, currency)
    name = facts.deal.name if facts.deal else ""
    return [line if line.text else line._replace(text=name) for line in lines], discount, currency


def _row(row: str | QuoteRow, currency: str, fixed: bool) -> tuple[QuoteLine, str]:
    if isinstance(row, str):
        lines, discount, currency = parse_quote([row], currency, fixed=fixed)
        if discount != NONE_OFF:
            raise Refused("lines", _("A discount on the whole goes into the field discount here."))
        return lines[0], currency
    written = str(row.quantity)[:40]
    quantity = read_quantity(written, lambda what: Refused("lines", f"{written}: {what}"))
    money = parse_amount(row.unit_price, currency, "lines")
    if money.minor < 0 or (fixed and money.currency != currency):
        raise Refused("lines", _("A price is not negative, and all are in one currency."))
    off = _discount(row.discount, money.currency, "lines") if row.discount else NONE_OFF
    return QuoteLine(row.description, quantity, money.minor, off), money.currency


def _discount(value: str, currency: str, field: str = "discount") -> Discount:
    return read_discount(value, currency, lambda what: Refused(field, f"{value[:40]}: {what}"))


def _percent(value: str, field: str) -> int:
    percent = read_discount(
        f"{value.rstrip('%')}%", "", lambda _what: Refused(field, _("{value} is not a percentage.").format(value=value[:40]))
    )
    return percent.percent


def _next_step(facts: Facts, known: ContactFacts, command: SendQuote, process: Process, now: int) -> list[Edit]:
    """What was promised before is done with (rule 8), a promised quote too; a follow-up unless something else is next."""
    fulfilled = [task for task in known.tasks if task.rule in RULE_TASKS or task.kind == "quote"]
    edits = [complete(task, now, rules.QUOTE_SENT) for task in fulfilled]
    given = command.next_at or command.next_action
    if not given and len(fulfilled) < len(known.tasks):
        return edits
    if command.next_at:
        due = to_come(command.next_at, "next_at", process, now)
    else:
        due = Moment(follow_up_due(now, working_of(process), facts_follow_up_days(process)), True, None)
    kind = command.next_action or "call"
    owner = known.state.owner or facts.actor.id
    return [*edits, new_task(facts, known.id, kind, due, owner=owner, rule=FOLLOW_UP if kind == "call" else None)]


def _quote_stage(deal: DealFacts, process: Process) -> str | None:
    """The stage `quote` of a deal's pipeline, when the deal has not come to it yet."""
    pipeline = next((one for one in process.pipelines if one.key == deal.pipeline), process.default_pipeline)
    keys = [stage.key for stage in pipeline.stages if stage.role == "open"]
    if "quote" in keys and deal.stage in keys[: keys.index("quote")]:
        return "quote"
    return None


def plan_answer_quote(facts: Facts, command: AnswerQuote, process: Process, now: int) -> Plan:
    """The answer stands with the quote; a later one replaces it."""
    quote = facts.interaction
    assert quote is not None
    if command.reason and command.answer == "accepted":
        raise Refused("reason", _("Only a declined quote carries a reason."))
    old: dict[str, Any] | None = quote["answer"]
    new = {"answer": command.answer, "reason": process.reason(command.reason).key if command.reason else None, "text": command.text or None}
    if old is not None and new.items() <= old.items():
        return Plan(record=quote["id"], notes=[_("Nothing changed.")])
    value = new | {"at": now, "by": facts.actor.id.hex()}
    plan = Plan(set_register("entry", quote["id"], "answer", old, value, subject=quote["contact"]), quote["id"])
    if facts.deal is not None and facts.deal.stage_role == "open":
        plan.suggest.append(_close_deal(facts.deal, command))
    return plan


def _close_deal(deal: DealFacts, command: AnswerQuote) -> dict[str, Any]:
    if command.answer == "accepted":
        return {"command": "move_deal", "deal": deal.id, "stage": "won", "why": _("the quote is accepted: is the deal won?")}
    why = _("the quote is declined: is the deal lost?")
    return {"command": "move_deal", "deal": deal.id, "stage": "lost", "reason": command.reason or "other", "why": why}
