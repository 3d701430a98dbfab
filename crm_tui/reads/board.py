"""The board: open deals by stage, and one deal."""

from __future__ import annotations

from typing import Any, NamedTuple

from peewee import SQL

from crm_tui.db import Prepared, arg
from crm_tui.facts import load_deal
from crm_tui.ids import show_id
from crm_tui.models import Contact, Deal
from crm_tui.reads.look import Look


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
        )
        .join(Contact, on=(Contact.id == Deal.contact))
        .where(SQL("t1.stage_role = 'open' AND t1.removed <= 0"), Deal.pipeline == arg("pipeline"), SQL("t2.removed <= 0"))
        .order_by(Deal.stage, Deal.born, Deal.key)
    )


BOARD = Prepared(_query)


def board(look: Look, pipeline: str | None = None) -> list[BoardDeal]:
    """The open deals of a pipeline, by stage key and age."""
    return list(map(BoardDeal._make, BOARD.cursor(look.db, pipeline=pipeline or look.process.default_pipeline.key)))


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
    name = look.db.one("SELECT name FROM contact WHERE id = ?", (deal.contact,))[0]
    return {
        "id": show_id(deal.id),
        "name": deal.name,
        "contact": show_id(deal.contact),
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
    }
