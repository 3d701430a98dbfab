"""Two contacts that may be one person, field by field."""

from __future__ import annotations

from typing import Any, NamedTuple

from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.reads.contact import contact_json
from crm_tui.reads.labels import (
    field_label,
    lifecycle_label,
    property_label,
    property_text,
    readiness_label,
    source_label,
    status_label,
)
from crm_tui.reads.look import Look
from crm_tui.text.dates import short_time

CHOSEN = ("name", "company", "readiness")
"""Fields of which only one value can stand; of the others both stay."""


class Field(NamedTuple):
    """One field of two contacts; `key` names the field that a choice between two different values sets, empty when both stay."""

    label: str
    left: str
    right: str
    key: str = ""

    @property
    def differs(self) -> bool:
        """Whether there is something to choose."""
        return bool(self.key and self.left and self.right and self.left != self.right)


class Pair(NamedTuple):
    """Two contacts, the older one left, and their fields; `values` are those that a choice can set, of the left and of the right."""

    left: bytes
    right: bytes
    fields: list[Field]
    values: tuple[dict[str, Any], dict[str, Any]]


def side_by_side(look: Look, one: bytes, other: bytes) -> Pair | None:
    """The two, or None when one of them is gone or they are one already."""
    born = {show_id(id_): at for id_, at in look.db.where_in("SELECT id, born FROM contact WHERE id IN ({})", [one, other])}
    found = filter(None, (contact_json(look, one), contact_json(look, other)))
    cards = sorted(found, key=lambda card: (born.get(card["id"], 0), card["id"]))
    if len(cards) < 2 or cards[0]["id"] == cards[1]["id"]:
        return None
    shown = [_shown(look, card) for card in cards]
    nothing = ("", "")
    fields = []
    for key in dict.fromkeys([*shown[0], *shown[1]]):
        (label, left), (other_label, right) = (side.get(key, nothing) for side in shown)
        fields.append(Field(label or other_label, left, right, _choice(key)))
    values = tuple({key: card[key] for key in CHOSEN} | dict(card["properties"]) for card in cards)
    ids = [bytes.fromhex(card["id"].replace("-", "")) for card in cards]
    return Pair(ids[0], ids[1], [field for field in fields if field.left or field.right], (values[0], values[1]))


def _choice(key: str) -> str:
    return key if key in CHOSEN else key.removeprefix("properties/") if key.startswith("properties/") else ""


def _shown(look: Look, card: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What stands of a contact, by field: its label and its text."""
    process = look.process
    found = {
        "name": (field_label("name"), card["name"] or ""),
        "phone": (field_label("phone"), ", ".join(str(point["value"] or point["raw"]) for point in card["phones"])),
        "email": (field_label("email"), ", ".join(str(point["value"] or point["raw"]) for point in card["emails"])),
        "company": (field_label("company"), card["company"] or ""),
        "readiness": (field_label("readiness"), readiness_label(process, card["readiness"]) if card["readiness"] else ""),
        "owner": (field_label("owner"), card["owner"] or ""),
        "status": (_("status"), status_label(process, card["status"])),
        "lifecycle": (_("stage"), lifecycle_label(process, card["lifecycle"])),
        "source": (_("source"), source_label(look, card["source"] or "other")),
        "deals": (_("deals"), ", ".join(deal["name"] for deal in card["deals"])),
        "tags": (_("tags"), ", ".join(card["tags"])),
    }
    for key, value in sorted(card["properties"].items()):
        found[f"properties/{key}"] = (property_label(look, key), property_text(look, key, str(value)))
    row = look.db.one("SELECT created_at FROM contact WHERE id = ?", (bytes.fromhex(card["id"].replace("-", "")),))
    found["since"] = (_("since"), short_time(row[0], look.now, look.zone, timed=False) if row else "")
    return found
