"""Files of leads, and what an import of them left."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from store_helpers import (
    Clock,
    do,
    lead,
    log_faults,
    show,
    timeline,
)

from crm_tui.check import check
from crm_tui.ids import show_id
from crm_tui.intake import reader
from crm_tui.intake.run import ImportReport, import_file
from crm_tui.reads.export import all_records
from crm_tui.store import Store

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "data"
both_engines = pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
"""For what depends on the engine: looking people up, transactions, undo. The rest is read and decided before any of them."""


def assert_sound(store: Store) -> None:
    found = check(store)
    assert found["differences"] == []
    assert found["ok"] is True
    assert log_faults(store.db) == []


def table(path: Path, *rows: dict[str, str]) -> Path:
    """A CSV file of these rows; its columns are all that any row has."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, restval="")
        out.writeheader()
        out.writerows(rows)
    return path


def person(number: int, **more: str) -> dict[str, str]:
    """A row of somebody with a name, a phone and an e-mail that nobody else has."""
    letters = "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}")
    return {
        "Name": f"Given{letters} Family{letters}",
        "Phone": f"052-3{number:06d}",
        "Email": f"p{number}@gmail.com",
        "Company": "",
        "Note": "",
    } | more


def take(store: Store, path: Path, **options: Any) -> ImportReport:
    """Import a file; every row is counted once."""
    report = import_file(store, path, **options)
    assert counts(report)["rows"] == sum(number for name, number in counts(report).items() if name not in ("rows", "flagged"))
    return report


def counts(report: ImportReport) -> dict[str, int]:
    """The numbers of an import's answer."""
    answer = report.as_json()
    return {name: answer[name] if isinstance(answer[name], int) else len(answer[name]) for name in ANSWER if name != "id"}


ANSWER = ("rows", "created", "touched", "refused", "flagged", "skipped", "id")


def ids(store: Store) -> list[str]:
    """All contacts that are there, in order of arrival."""
    return [show_id(id_) for (id_,) in store.db.rows("SELECT id FROM contact WHERE removed <= 0 ORDER BY key")]


def by_name(store: Store, name: str) -> dict[str, Any]:
    """The only contact of a name."""
    rows = store.db.rows("SELECT id FROM contact WHERE name = ? AND removed <= 0", (name,))
    assert len(rows) == 1, f"{name}: {len(rows)} contacts"
    return show(store, show_id(rows[0][0]))


def plain(store: Store) -> list[str]:
    """`export all`, but for the ids of the timeline's lines that follow from a batch's id: equal where the same was done."""
    records = []
    for record in all_records(store.db):
        if record["entity"] == "entry" and record["cause"]:
            record = {**record, "id": None}
        records.append(json.dumps(record, sort_keys=True))
    return sorted(records)


class Cut(Exception):
    """Ends an import in the middle, as Ctrl-C would."""


def cut_after(chunks: int) -> Callable[[int, int, int], None]:
    """A progress that ends the import after so many chunks."""
    left = iter(range(chunks - 1))

    def progress(_done: int, _total: int, _rows: int) -> None:
        if next(left, None) is None:
            raise Cut

    return progress


def everything(store: Store, leads: Callable[..., Path], clock: Clock) -> Path:
    """A store with people, and a file in which every kind of row comes."""
    known = lead(store, "Dana Levi", "052-345-6789", company="Acme")
    lead(store, "D. Levi", None, email="dana@example.com")
    closed = lead(store, "Old One", "054-234-5678")
    do(store, "log_call", contact=closed, outcome="not_interested", reason="price")
    clock.add(minutes=1)
    do(store, "log_call", contact=known, outcome="no_answer")
    return leads(
        person(1, Company="Acme"),
        person(2, Company="Beta", Tags="vip"),
        person(1, Name="Plainly Different"),
        person(1, Name="", Email="second@beta.example", Company="Beta"),
        {"Name": "Dana Levi", "Phone": "0523456789", "Email": "dana@example.com", "Readiness": "high"},
        {"Name": "Dana Levi", "Phone": "050-234-5678", "Company": "ACME"},
        {"Name": "Old One", "Phone": "0542345678", "City": "Haifa"},
        {"Name": "", "Phone": "99"},
        {"Name": "Old Two", "Phone": "0542345678", "Source": "exhibition", "Readiness": "high"},
        {"Name": "", "Email": "second@beta.example", "Note": "once more"},
        person(3, Email="test@meta.com"),
        person(2, Name="Somebody Else", Phone="", Company="Acme"),
    )


def rows_in(store: Store, path: Path) -> list[dict[str, Any]]:
    """The rows of a file that are in the store, by the ids of their arrivals."""
    ids = reader.RowIds(hashlib.sha256(path.read_bytes()).digest())
    stored = {id_ for (id_,) in store.db.rows("SELECT id FROM entry WHERE removed <= 0")}
    return [{"line": line} for line in range(1, 5000) if ids.of(line)[1] in stored]


def many(leads: Callable[..., Path], rows: int) -> Path:
    """People of whom every seventh comes back and every twelfth cannot be used."""
    found = []
    for number in range(rows):
        if number % 12 == 11:
            found.append({"Name": "", "Phone": str(number)})
        elif number % 7 == 6:
            found.append(person(number // 2 * 2 // 3, Name="", Company=f"Company {number % 5}"))
        else:
            found.append(person(number, Company=f"Company {number % 9}" if number % 3 == 0 else ""))
    return leads(*found)


def unranked(value: Any) -> Any:
    """A register's value without the stamp by which its contact points are ordered."""
    return {name: one for name, one in value.items() if name != "rank"} if isinstance(value, dict) else value


def nameless(store: Store) -> list[Any]:
    """The contacts with their timelines, ids replaced by the order of arrival, what one batch wrote in any order."""
    numbers = {id_: number for number, id_ in enumerate(ids(store))}
    found = []
    for one in ids(store):
        contact = show(store, one)
        contact["possible_duplicates"] = sorted(numbers[other] for other in contact["possible_duplicates"])
        contact["deals"] = [{**offer, "id": None} for offer in contact["deals"]]
        lines = sorted(
            json.dumps((kind, rule, {name: unranked(value) for name, value in data.items() if name != "inactive"}), sort_keys=True)
            for kind, rule, data in timeline(store, one)
            if kind != "duplicate"
        )
        found.append((contact | {"id": numbers[one]}, lines))
    return found
