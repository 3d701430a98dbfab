"""Records as rows of a spreadsheet: fixed columns first, then a column for each property that the business made itself."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, TextIO

from crm_tui.cli.output import json_text
from crm_tui.ids import show_id
from crm_tui.text.sheet import VIEW_ID, neutralise

if TYPE_CHECKING:
    from crm_tui.reads.look import Look
    from crm_tui.reads.people import PersonRow
    from crm_tui.reads.views import ViewRow

COLUMNS = {
    "contacts": (
        *("id", "name", "phone", "email", "company", "owner", "lifecycle", "status", "source", "campaign", "readiness", "tags", "note"),
        *("created_at", "phones", "emails", "source_detail", "desk", "closing_reason", "next_action", "next_at"),
    ),
    "deals": (
        *("id", "name", "contact", "contact_name", "value", "currency", "pipeline", "stage", "owner", "expected_close"),
        *("opened_at", "moved_at", "closed_at", "reason", "reason_text"),
    ),
    "timeline": ("contact", "contact_name", "id", "at", "kind", "by", "rule", "summary"),
}
OF_VIEW = {
    "stage": ("lifecycle",),
    "next": ("next_action", "next_at"),
    "value": ("value", "currency"),
    "age": ("started_at",),
    "touched": ("worked_at",),
}
"""What a column of a view is in a sheet, where it has another name there."""
MOST_PROPERTIES = 500
PAGE = 1_000


def write_sheet(out: TextIO, look: Look, what: str, records: Iterable[Mapping[str, Any]]) -> int:
    """Write a header and a row for each record; return how many. What a spreadsheet would run as a formula is made inert."""
    columns = COLUMNS[what]
    properties = _property_names(look) if what == "contacts" else []
    if what == "contacts":
        records = _with_notes(look, records)
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow([*columns, *(neutralise(f"{name} (property)" if name in columns else name) for name in properties)])
    count = 0
    for record in records:
        flat = _flat(record)
        own = record.get("properties") or {}
        rows.writerow(
            [*(neutralise(flat.get(column, "")) for column in columns), *(neutralise(_cell(own.get(name))) for name in properties)]
        )
        count += 1
    return count


def write_view(out: TextIO, look: Look, view: ViewRow) -> int:
    """Write the people of a view in its order, with its columns in theirs and their ids; return how many."""
    from crm_tui.reads.people import all_people, named_people

    columns = [column for name in view.columns for column in OF_VIEW.get(name, (name,))]
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow([*columns, VIEW_ID])
    count = 0
    for ids in all_people(look, view.wanted(look)):
        for person in named_people(look, ids):
            flat = _flat(_person(look, person))
            rows.writerow([*(neutralise(flat[column]) for column in columns), show_id(person.id)])
            count += 1
    return count


def _person(look: Look, row: PersonRow) -> dict[str, Any]:
    """A person of a list by the names of the sheet, as `show contact` has them."""
    return {
        **row._asdict(),
        "owner": look.user(row.owner),
        "next_action": row.next_kind,
        "next_at": look.time(row.next_at),
        "value": look.money(row.value),
        "started_at": look.time(row.started_at),
        "worked_at": look.time(row.worked_at),
    }


def _property_names(look: Look) -> list[str]:
    """Every property that a contact has, each once, in order of first use."""
    names: dict[str, None] = {}
    for (content,) in look.db.stream("SELECT properties FROM contact WHERE properties IS NOT NULL AND removed <= 0 ORDER BY key"):
        names.update(dict.fromkeys(json.loads(content)))
        if len(names) > MOST_PROPERTIES:
            break
    return list(names)[:MOST_PROPERTIES]


def _with_notes(look: Look, contacts: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The contacts with what they said when they came in, one line for each time."""
    rest = iter(contacts)
    sql = (
        "SELECT contact, data FROM entry WHERE kind IN ('lead', 'added') AND removed <= 0 AND data IS NOT NULL AND contact IN ({})"
        " ORDER BY contact, hlc, n"
    )
    while page := list(islice(rest, PAGE)):
        notes: dict[str, list[str]] = {}
        for contact, data in look.db.where_in(sql, [bytes.fromhex(one["id"].replace("-", "")) for one in page]):
            if note := json.loads(data).get("note"):
                notes.setdefault(bytes(contact).hex(), []).append(note)
        for one in page:
            said = notes.get(one["id"].replace("-", ""), ())
            yield {**one, "note": "\n".join(dict.fromkeys(said))}


def _flat(record: Mapping[str, Any]) -> dict[str, str]:
    """A record as cells: money in two columns, lists joined, objects as JSON."""
    flat = {}
    for key, value in record.items():
        if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
            flat[key] = value["amount"]
            if key == "value":
                flat["currency"] = value["currency"]
        else:
            flat[key] = _cell(value)
    return flat


def _cell(value: Any) -> str:
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "; ".join(one["raw"] if isinstance(one, dict) and "raw" in one else _cell(one) for one in value)
    return json_text(value, compact=True) if isinstance(value, dict) else str(value)
