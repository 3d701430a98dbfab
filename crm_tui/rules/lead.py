"""A lead as it comes in, its contact points judged (rule 1), and the first values of what it makes; pure and light."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from crm_tui.ids import COMPANIES, derived_id
from crm_tui.rules.sources import is_offline
from crm_tui.text.emails import normalise_email, own_domains
from crm_tui.text.fold import fold as folded
from crm_tui.text.phones import normalise_phone


class PointFacts(NamedTuple):
    """A phone or e-mail of a contact."""

    kind: str
    value: str
    raw: str
    label: str | None
    valid: bool
    primary: bool = False
    rank: int | None = None
    """Its place among its kind, so that an undo puts it back where it was; None: given when it is written."""

    def register(self) -> str:
        """The register of the contact that holds this point."""
        return f"{self.kind}/{self.value}"

    def content(self, **changed: Any) -> dict[str, Any]:
        """The register's value."""
        return {"raw": self.raw, "label": self.label, "valid": self.valid, "primary": self.primary, "rank": self.rank} | changed


class Lead(NamedTuple):
    """A lead as it came in, cleaned, with its contact points judged."""

    name: str
    points: Sequence[PointFacts]
    company: str = ""
    source: str = "other"
    detail: str = ""
    campaign: str = ""
    readiness: str = ""
    note: str = ""
    created: int = 0
    properties: Mapping[str, str] = {}
    tags: Sequence[str] = ()
    offline: bool = False
    """Whether its source is one of the business's own that is offline."""

    @property
    def domains(self) -> tuple[str, ...]:
        """The mail domains of its own, free mail left out."""
        return own_domains(point.value for point in self.points if point.kind == "email" and point.valid)

    @property
    def identified(self) -> bool:
        """Whether anything says who this is."""
        return bool(self.name) or any(point.valid for point in self.points)


def phone_point(raw: str, region: str, label: str | None = None) -> PointFacts:
    """A phone as a contact point: normalised if valid, else kept raw and flagged."""
    value = normalise_phone(raw, region)
    return PointFacts("phone", value or folded(raw)[:200] or raw[:200], raw, label or None, value is not None)


def email_point(raw: str, label: str | None = None) -> PointFacts:
    """An e-mail as a contact point: normalised if valid, else kept raw and flagged."""
    value = normalise_email(raw)
    return PointFacts("email", value or raw[:200].lower(), raw, label or None, value is not None)


def company_id(name: str) -> bytes | None:
    """The id of the company called `name`: the same on every laptop."""
    key = folded(name) or name.strip()
    return derived_id(COMPANIES, key) if key else None


def arrival(lead: Lead, contact: bytes, at: int, by: bytes, kind: str = "lead", **more: Any) -> dict[str, Any]:
    """The content of the timeline entry of a lead's arrival."""
    data: dict[str, Any] = {"source": lead.source}
    if lead.detail:
        data["detail"] = lead.detail
    if lead.campaign:
        data["campaign"] = lead.campaign
    if lead.note:
        data["note"] = lead.note
    if lead.readiness:
        data["readiness"] = lead.readiness
    if lead.offline or is_offline(lead.source):
        data["offline"] = True
    data |= more
    return {"contact": contact.hex(), "kind": kind, "at": at, "by": by.hex(), "data": data}


def new_contact(lead: Lead, now: int) -> dict[str, Any]:
    """The first values of a contact that a lead makes."""
    company = company_id(lead.company) if lead.company else None
    value: dict[str, Any] = {"name": lead.name, "created": lead.created or now}
    if company:
        value["company"] = company.hex()
    if lead.points:
        value["points"] = [[point.kind, point.value, point.raw, point.label, 1 if point.valid else 0] for point in lead.points]
    if lead.readiness:
        value["readiness"] = lead.readiness
    if lead.properties:
        value["properties"] = dict(lead.properties)
    if lead.tags:
        value["tags"] = sorted(set(lead.tags))
    return value
