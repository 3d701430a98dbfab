"""What a merged contact shows, for the tests of merging."""

from __future__ import annotations

from typing import Any

from store_helpers import everything, log_faults

from crm_tui.check import check
from crm_tui.ids import parse_id
from crm_tui.reads.look import Look
from crm_tui.reads.search import find
from crm_tui.reads.timeline import timeline_json
from crm_tui.store import Store


def live(store: Store) -> list[dict[str, Any]]:
    """`export all` without lines of the timeline that an undo took away."""
    return [record for record in everything(store) if record["entity"] != "entry" or record["removed"] <= 0]


def lines(store: Store, contact: str) -> list[str]:
    """What the timeline says, oldest first."""
    return [line["summary"] for line in timeline_json(Look.at(store), parse_id(contact) or b"")][::-1]


def found(store: Store, text: str) -> list[str]:
    """The names that a search finds."""
    return [row.name for row in find(Look.at(store), text)]


def sound(store: Store) -> None:
    """The tables are what the log says."""
    assert log_faults(store.db) == []
    assert check(store)["differences"] == []
