"""A script of JSON lines plays a lead from arrival to customer and back by undo, with equal answers on both engines."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from store_helpers import Clock, do, ms, show, snapshot

from crm_tui.check import check
from crm_tui.facts import resolve_contact
from crm_tui.store import Store

SCRIPT = Path(__file__).parents[2] / "samples" / "journey.jsonl"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")
PHONE = "052-345-6789"
LATER = ms("2026-12-01T08:00")


def person(store: Store) -> dict[str, object]:
    """The contact of the script as `show contact` has it."""
    return show(store, resolve_contact(store.db, PHONE, "IL").hex())


def play(url: str) -> list[str]:
    """All answers and what stands after each, with ids replaced by their order of appearance."""
    clock = Clock()
    said: list[object] = []
    with Store(url, "ann", clock, durable=False) as store:
        clock.set("2026-11-22T07:59")
        before = snapshot(store, LATER)
        for line in SCRIPT.read_text(encoding="utf-8").splitlines():
            fields = json.loads(line)
            clock.set(fields.pop("now"))
            said.append(store.execute(fields).as_json())
        contact = person(store)
        for stage in ("meeting", "quote", "closing", "won"):
            said.append(do(store, "move_deal", deal=contact["deals"][0]["id"], stage=stage))
        customer = person(store)
        assert (customer["status"], customer["lifecycle"], customer["returning"]) == ("customer", "customer", True)
        assert customer["deals"][0]["value"] == {"amount": "1200.00", "currency": "USD"}
        said += [customer, snapshot(store)]
        steps = 0
        while steps < 13:
            said.append(do(store, "undo"))
            steps += 1
        assert snapshot(store, LATER) == before
        for _ in range(steps):
            said.append(do(store, "redo"))
        assert person(store) == customer
        said.append(check(store))
        assert said[-1]["ok"] is True  # type: ignore[index]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, default=str)
    seen: dict[str, str] = {}
    return ID.sub(lambda found: seen.setdefault(found[0].replace("-", ""), f"id{len(seen)}"), text).split(", ")


@pytest.fixture(scope="module")
def answers() -> dict[str, list[str]]:
    return {}


def test_from_arrival_to_customer_and_back(engine, new_url, answers):
    answers[engine] = play(new_url())
    if len(answers) == 2:
        assert answers["sqlite"] == answers["postgresql"]


def test_the_rules_did_what_the_page_says(store, clock):
    for line in SCRIPT.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        clock.set(fields.pop("now"))
        store.execute(fields)
    contact = person(store)
    assert (contact["status"], contact["lifecycle"], contact["owner"], contact["source"], contact["latest_source"]) == (
        "in_process", "opportunity", "ann", "web_form", "ads",
    )  # fmt: skip
    answer = do(store, "move_deal", deal=contact["deals"][0]["id"], stage="won")
    assert "deal won" in answer["rules"]
