"""Commands on deals (rules 13, 14, 18): open, edit, move, delete."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import StrictFloat, StrictInt, StrictStr

from crm_tui.commands.base import Command, Line, Ref, Text, derived, moment, set_register
from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.plan import DealFacts, Edit, Facts, Plan
from crm_tui.process import Process
from crm_tui.rules.fold import CUSTOMER_ROLES
from crm_tui.text.money import Money, check_currency, convert, parse_amount, to_decimal
from crm_tui.text.times import local_day

Amount = StrictInt | StrictFloat | StrictStr | dict[str, Any]


class OpenDeal(Command):
    """Open a deal: the approval of the contact as a potential sale (rule 13)."""

    command: Literal["open_deal"] = "open_deal"
    contact: Ref
    name: Line | None = None
    value: Amount | None = None
    currency: Line | None = None
    rate: Amount | None = None
    pipeline: Line | None = None
    stage: Line | None = None
    expected_close: Line | None = None
    owner: Line | None = None


class EditDeal(Command):
    """Change what a deal says of itself; its stage moves by move_deal."""

    command: Literal["edit_deal"] = "edit_deal"
    deal: Ref
    name: Line | None = None
    value: Amount | None = None
    currency: Line | None = None
    rate: Amount | None = None
    pipeline: Line | None = None
    expected_close: Line | None = None
    owner: Line | None = None


class MoveDeal(Command):
    """Move a deal to a stage of its pipeline; to `lost` with a reason."""

    command: Literal["move_deal"] = "move_deal"
    deal: Ref
    stage: Ref
    reason: Line | None = None
    text: Text | None = None


class DeleteDeal(Command):
    """Delete a deal; stage and status follow what is left (rule 14)."""

    command: Literal["delete_deal"] = "delete_deal"
    deal: Ref


def plan_open_deal(facts: Facts, command: OpenDeal, process: Process, now: int) -> Plan:
    """Refused for partners, suppliers and chance enquiries while they are at such a desk."""
    known = facts.the_contact()
    if known.state.before_desk is not None:
        desk = next((one.text for one in process.desks if one.key == known.state.desk), known.state.desk)
        raise Refused("contact", _("Contacts at the desk {desk} get no deals; route them on first.").format(desk=desk))
    pipeline = process.pipeline(command.pipeline) if command.pipeline else process.default_pipeline
    stage = process.stage(pipeline.key, command.stage) if command.stage else process.first_open_stage(pipeline.key)
    if stage.role != "open":
        raise Refused("stage", _("A deal opens in an open stage; move it to {stage} afterwards.").format(stage=stage.text))
    owner = facts.user(command.owner, "owner").id if command.owner else known.state.owner or facts.actor.id
    deal = derived(facts, "deal")
    value = {
        "contact": known.id.hex(),
        "name": command.name or known.company_name or known.name or (known.points[0].raw if known.points else ""),
        **_value(command.value if command.value is not None else 0, command.currency, command.rate, process),
        "pipeline": pipeline.key,
        "stage": stage.key,
        "role": "open",
        "opened_at": now,
        "moved_at": now,
        "expected_close": _day(command.expected_close, process),
        "owner": owner.hex(),
        "by": facts.actor.id.hex(),
        "place": None,
    }
    return Plan([Edit("deal", deal, "*", value, subject=known.id)], deal)


def plan_edit_deal(facts: Facts, command: EditDeal, process: Process, now: int) -> Plan:
    """Set what was given and differs."""
    deal = facts.deal
    assert deal is not None
    given = command.model_fields_set
    plan = Plan(record=deal.id)
    if given & {"value", "currency", "rate"}:
        amount: Amount = command.value if command.value is not None else _shown(deal.amount, deal.currency)
        new = _value(amount, command.currency, command.rate, process, deal)
        plan.edits += set_register("deal", deal.id, "value", deal.value_content(), new, subject=deal.contact)
    if "name" in given:
        if not command.name:
            raise Refused("name", _("A deal needs a name."))
        plan.edits += set_register("deal", deal.id, "name", deal.name, command.name, subject=deal.contact)
    if "expected_close" in given:
        day = _day(command.expected_close, process)
        plan.edits += set_register("deal", deal.id, "expected_close", deal.expected_close, day, subject=deal.contact)
    if command.owner:
        owner = facts.user(command.owner, "owner").id.hex()
        plan.edits += set_register("deal", deal.id, "owner", deal.owner.hex() if deal.owner else None, owner, subject=deal.contact)
    if command.pipeline and command.pipeline != deal.pipeline:
        pipeline = process.pipeline(command.pipeline)
        plan.edits.append(Edit("deal", deal.id, "pipeline", pipeline.key, deal.pipeline, None, deal.contact))
        if deal.stage_role == "open" and deal.stage not in {stage.key for stage in pipeline.stages}:
            first = process.first_open_stage(pipeline.key)
            plan.edits.append(_stage_edit(facts, first.key, first.role, None, None, now))
    return plan


def plan_move_deal(facts: Facts, command: MoveDeal, process: Process, now: int) -> Plan:
    """Won and lost close the deal; a move back opens it again and leaves no trace of them (rule 14)."""
    deal = facts.deal
    assert deal is not None
    stage = process.stage(deal.pipeline, command.stage)
    if stage.role == "lost" and not command.reason:
        raise Refused("reason", _("A lost deal needs a reason."))
    if stage.role != "lost" and command.reason:
        raise Refused("reason", _("Only a lost deal carries a reason."))
    reason = process.reason(command.reason).key if command.reason else None
    if stage.key == deal.stage and (reason, command.text or None) == (deal.reason, deal.reason_text):
        return Plan(record=deal.id, notes=[_("Nothing changed.")])
    plan = Plan([_stage_edit(facts, stage.key, stage.role, reason, command.text, now)], deal.id)
    known = facts.contact
    others = [other for other in known.deals if other.id != deal.id] if known else []
    if (
        stage.role == "lost"
        and known is not None
        and known.state.role not in CUSTOMER_ROLES | {"closed"}
        and not any(other.stage_role in ("open", "won") for other in others)
        and not (deal.stage_role == "won" and known.state.was_customer)
    ):
        plan.suggest.append(
            {
                "command": "set_status",
                "contact": deal.contact,
                "status": "closed",
                "reason": reason,
                "why": _("the deal is lost and there is no other"),
            }
        )
    return plan


def plan_delete_deal(facts: Facts, command: DeleteDeal, process: Process, now: int) -> Plan:
    """Taken away; undo brings it back."""
    deal = facts.deal
    assert deal is not None
    return Plan([Edit("deal", deal.id, "removed", True, None, None, deal.contact)], deal.id)


def _stage_edit(facts: Facts, stage: str, role: str, reason: str | None, text: str | None, now: int) -> Edit:
    deal = facts.deal
    assert deal is not None
    new = {
        "stage": stage,
        "role": role,
        "reason": reason,
        "reason_text": text or None,
        "closed_at": None if role == "open" else now,
        "moved_at": now,
        "by": facts.actor.id.hex(),
        "place": None,
    }
    return Edit("deal", deal.id, "stage", new, deal.stage_content(), None, deal.contact)


def _value(amount: Amount, currency: str | None, rate: Amount | None, process: Process, deal: DealFacts | None = None) -> dict[str, Any]:
    """Amount, currency, rate and worth in the business currency: what means something only together (rule 18).

    A deal that is edited keeps its currency, and with it its rate, where no other is named.
    """
    given = check_currency(currency) if currency else None
    money = parse_amount(amount, given or (deal.currency if deal else process.currency))
    if given and money.currency != given:
        raise Refused("currency", _("The value says {one}, the currency {other}.").format(one=money.currency, other=given))
    if money.minor < 0:
        raise Refused("value", _("A deal's value is not negative."))
    if money.currency == process.currency:
        return {"amount": money.minor, "currency": money.currency, "rate": None, "worth": money.minor}
    if rate is None and deal is not None and not given and deal.currency == money.currency:
        rate = deal.rate
    known = rate if rate is not None else process.rates.get(money.currency)
    if known is None:
        raise Refused("rate", _("A deal in {currency} needs its rate to {base}.").format(currency=money.currency, base=process.currency))
    try:
        number = Decimal(str(known)[:40])
    except InvalidOperation as error:
        raise Refused("rate", _("{value} is not a rate.").format(value=str(known)[:40])) from error
    if not number.is_finite() or not Decimal("0.000001") <= number <= Decimal("1000000"):
        raise Refused("rate", _("{value} is not a rate.").format(value=str(known)[:40]))
    worth = convert(money, number, process.currency)
    if worth.minor > 9_000_000_000_000_000:
        raise Refused("value", _("The value is too large in {currency}.").format(currency=process.currency))
    return {"amount": money.minor, "currency": money.currency, "rate": format(number, "f"), "worth": worth.minor}


def _shown(minor: int, currency: str) -> str:

    return to_decimal(Money(minor, currency))


def _day(value: str | None, process: Process) -> str | None:
    if not value:
        return None
    day: date = local_day(moment(value, "expected_close", process).ms, process.zone)
    return day.isoformat()
