"""The board: open deals by stage, and one deal."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from peewee import SQL

from crm_tui.db import Prepared, arg
from crm_tui.facts import load_deal
from crm_tui.ids import show_id
from crm_tui.models import Contact, Deal
from crm_tui.process import working_of
from crm_tui.reads.look import Look
from crm_tui.reads.quotes import quote_short, quotes_of
from crm_tui.text.times import day_bounds, local_day


class BoardDeal(NamedTuple):
    """One open deal on the board."""

    id: bytes
    stage: str
    name: str
    amount: int
    currency: str
    worth: int
    expected_close: str | None
    owner: bytes | None
    moved_at: int
    contact: bytes
    contact_name: str
    next_at: int | None
    next_timed: int
    phone: str | None
    email: str | None
    worked_at: int | None

    @property
    def active_at(self) -> int:
        """When something was last done for it: an interaction with its contact, or a move (rule 15)."""
        return max(self.moved_at, self.worked_at or 0)


class BoardStage(NamedTuple):
    """One stage with its deals, the oldest first. `rots_before` is the time before which a last activity means rotting (rule 15)."""

    key: str
    label: str
    probability: int
    deals: list[BoardDeal]
    worth: int
    rots_before: int | None


class BoardSums(NamedTuple):
    """What stands above the board; money in minor units of the business currency."""

    open: int
    weighted: int
    rotting: int
    overdue: int
    this_month: int
    """Weighted, of the deals expected to close in this calendar month (rule 16)."""


class BoardNow(NamedTuple):
    """The board at one moment; `today` is the business's calendar day, `day_start` its beginning in ms."""

    look: Look
    pipeline: str
    label: str
    stages: list[BoardStage]
    sums: BoardSums
    today: date
    day_start: int

    def is_rotting(self, deal: BoardDeal, stage: BoardStage) -> bool:
        """Whether nothing was done for longer than the stage allows, and nothing is promised (rule 15)."""
        if stage.rots_before is None or deal.active_at >= stage.rots_before:
            return False
        # What was promised for a day stands until that day is over.
        return deal.next_at is None or deal.next_at < (self.look.now if deal.next_timed else self.day_start)

    def is_overdue(self, deal: BoardDeal) -> bool:
        """Whether the day on which it was expected to close has passed (rule 16)."""
        return deal.expected_close is not None and deal.expected_close < self.today.isoformat()

    def rested_days(self, deal: BoardDeal) -> int:
        """The working days since something was done for it."""
        return working_of(self.look.process).working_days_between(local_day(deal.active_at, self.look.zone), self.today)


def _query() -> Any:
    return (
        Deal.select(
            Deal.id,
            Deal.stage,
            Deal.name,
            Deal.amount,
            Deal.currency,
            Deal.worth,
            Deal.expected_close,
            Deal.owner,
            Deal.moved_at,
            Deal.contact,
            Contact.name.alias("contact_name"),
            Contact.next_at,
            Contact.next_timed,
            Contact.phone,
            Contact.email,
            Contact.worked_at,
        )
        .join(Contact, on=(Contact.id == Deal.contact))
        .where(SQL("t1.stage_role = 'open' AND t1.removed <= 0"), Deal.pipeline == arg("pipeline"), SQL("t2.removed <= 0"))
        .order_by(Deal.stage, Deal.born, Deal.key)
    )


BOARD = Prepared(_query)


def board(look: Look, pipeline: str | None = None) -> list[BoardDeal]:
    """The open deals of a pipeline, by stage key and age."""
    return list(map(BoardDeal._make, BOARD.cursor(look.db, pipeline=pipeline or look.process.default_pipeline.key)))


def board_now(look: Look, pipeline: str | None = None, owner: bytes | None = None) -> BoardNow:
    """A pipeline's open stages in order with their deals (of one owner, if asked so) and the sums above them.

    A stage that the process no longer has stands at the end while there are deals in it.
    """
    chosen = next((one for one in look.process.pipelines if one.key == pipeline), look.process.default_pipeline)
    by_stage: dict[str, list[BoardDeal]] = {stage.key: [] for stage in chosen.stages if stage.role == "open"}
    for deal in board(look, chosen.key):
        if owner is None or deal.owner == owner:
            by_stage.setdefault(deal.stage, []).append(deal)
    known = {stage.key: stage for stage in chosen.stages}
    today = local_day(look.now, look.zone)
    stages = []
    for key, deals in by_stage.items():
        stage = known.get(key)
        days = stage.rotting_days if stage else None
        stages.append(
            BoardStage(
                key,
                stage.text if stage else key,
                stage.probability if stage else 0,
                deals,
                sum(deal.worth for deal in deals),
                rots_before(look, today, days) if days else None,
            )
        )
    found = BoardNow(look, chosen.key, chosen.text, stages, BoardSums(0, 0, 0, 0, 0), today, day_bounds(today, look.zone)[0])
    return found._replace(sums=_sums(found))


def rots_before(look: Look, today: date, days: int) -> int:
    """The beginning of the last working day on which activity keeps a deal from rotting (rule 15)."""
    return day_bounds(working_of(look.process).working_day_back(today, days + 1), look.zone)[0]


def _sums(now: BoardNow) -> BoardSums:
    month = now.today.isoformat()[:7]
    weighted = rotting = overdue = this_month = 0
    for stage in now.stages:
        for deal in stage.deals:
            likely = deal.worth * stage.probability
            weighted += likely
            rotting += now.is_rotting(deal, stage)
            overdue += now.is_overdue(deal)
            if deal.expected_close is not None and deal.expected_close[:7] == month:
                this_month += likely
    return BoardSums(sum(stage.worth for stage in now.stages), _percent(weighted), rotting, overdue, _percent(this_month))


def _percent(minor: int) -> int:
    """A hundredth, rounded half to even as all sums of money."""
    return round(Fraction(minor, 100))


def board_json(look: Look, limit: int | None = None) -> list[dict[str, Any]]:
    """`show board`: the open stages in order."""
    pipeline = look.process.default_pipeline
    by_stage: dict[str, list[BoardDeal]] = {stage.key: [] for stage in pipeline.stages if stage.role == "open"}
    for deal in board(look, pipeline.key):
        by_stage.setdefault(deal.stage, []).append(deal)
    return [
        {
            "key": key,
            "name": pipeline_label(look, pipeline.key, key),
            "count": len(deals),
            "value": look.money(sum(deal.worth for deal in deals)),
            "deals": [_deal_json(look, deal) for deal in deals[:limit]],
        }
        for key, deals in by_stage.items()
    ]


def pipeline_label(look: Look, pipeline: str, stage: str) -> str:
    """A stage's label, or its key when the process no longer has it."""
    known = next((one for one in look.process.pipelines if one.key == pipeline), None)
    found = next((one for one in known.stages if one.key == stage), None) if known else None
    return found.text if found else stage


def _deal_json(look: Look, deal: BoardDeal) -> dict[str, Any]:
    return {
        "id": show_id(deal.id),
        "name": deal.name,
        "contact": show_id(deal.contact),
        "contact_name": deal.contact_name,
        "value": look.money(deal.amount, deal.currency),
        "stage": deal.stage,
        "owner": look.user(deal.owner),
        "expected_close": deal.expected_close,
        "next_at": look.time(deal.next_at),
        "moved_at": look.time(deal.moved_at),
    }


def deal_json(look: Look, ref: str) -> dict[str, Any]:
    """`show deal X`."""
    deal = load_deal(look.db, ref)
    contact, name = look.db.one("SELECT c.id, c.name FROM deal d JOIN contact c ON c.id = d.contact WHERE d.id = ?", (deal.id,))
    return {
        "id": show_id(deal.id),
        "name": deal.name,
        "contact": show_id(contact),
        "contact_name": name,
        "value": look.money(deal.amount, deal.currency),
        "rate": deal.rate,
        "worth": look.money(deal.worth),
        "pipeline": deal.pipeline,
        "stage": deal.stage,
        "role": deal.stage_role,
        "reason": deal.reason,
        "reason_text": deal.reason_text,
        "owner": look.user(deal.owner),
        "expected_close": deal.expected_close,
        "opened_at": look.time(deal.opened_at),
        "moved_at": look.time(deal.moved_at),
        "closed_at": look.time(deal.closed_at),
        "quotes": [quote_short(look, one) for one in quotes_of(look, contact, deal.id)],
    }
