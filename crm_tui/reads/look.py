"""Who looks, when, at which store: what every read is given."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crm_tui.db import Database
from crm_tui.ids import show_id
from crm_tui.rules.cadence import SHIPPED_CURRENCY, SHIPPED_REGION, SHIPPED_ZONE, Limits
from crm_tui.rules.calendar import WorkingTime
from crm_tui.rules.sources import OFFLINE
from crm_tui.store import Store, process_of
from crm_tui.text.times import iso

if TYPE_CHECKING:
    from crm_tui.process import Process


@dataclass(frozen=True)
class Look:
    """One look at a store: its process and users as they are now."""

    db: Database
    settings: tuple[tuple[str, str], ...]
    now: int
    me: bytes
    users: dict[bytes, str] = field(default_factory=dict)

    @classmethod
    def at(cls, store: Store, now: int | None = None) -> Look:
        """A look at `store` at the time of its clock (ms)."""
        users = {row[0]: row[1] for row in store.db.rows("SELECT id, name FROM users")}
        return cls(store.db, store.setting_rows(), store.clock() if now is None else now, store.actor.id, users)

    def at_time(self, now: int) -> Look:
        """The same look at a later time."""
        return replace(self, now=now)

    @cached_property
    def away(self) -> dict[bytes, tuple[int, bytes | None]]:
        """Who is away now: until when, and who covers for them."""
        rows = self.db.rows("SELECT id, away_until, covered_by FROM users WHERE away_until > ? AND removed <= 0", (self.now,))
        return {id_: (until, cover) for id_, until, cover in rows}

    @cached_property
    def process(self) -> Process:
        """The business process; made when it is first asked for, because the screens start without it."""
        return process_of(self.settings)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The business's time zone."""
        return self.process.zone if self.settings else ZoneInfo(SHIPPED_ZONE)

    @cached_property
    def region(self) -> str:
        """Where a phone without a country code is read."""
        return self.process.region if self.settings else SHIPPED_REGION

    @cached_property
    def currency(self) -> str:
        """The business's currency."""
        return self.process.currency if self.settings else SHIPPED_CURRENCY

    @cached_property
    def working(self) -> WorkingTime:
        """The working time of the business."""
        if not self.settings:
            return WorkingTime.shipped()
        from crm_tui.process import working_of

        return working_of(self.process)

    @cached_property
    def limits(self) -> Limits:
        """The numbers of the rules."""
        if not self.settings:
            return Limits()
        from crm_tui.process import limits_of

        return limits_of(self.process)

    def is_offline(self, source: str | None) -> bool:
        """Whether leads of a source are rated for readiness (rule 3)."""
        return source in self.offline_sources

    @cached_property
    def offline_sources(self) -> tuple[str, ...]:
        """The sources whose leads are rated."""
        if not self.settings:
            return OFFLINE
        return tuple(source.key for source in self.process.sources if source.offline)

    def time(self, ms: int | None) -> str | None:
        """A time as JSON has it."""
        return None if ms is None else iso(ms, self.zone)

    def user(self, id: bytes | None) -> str | None:
        """A user's name."""
        return None if id is None else self.users.get(id, show_id(id))

    def money(self, minor: int, currency: str | None = None) -> dict[str, str]:
        """An amount as JSON has it; without a currency that of the business."""
        from crm_tui.text.money import Money, as_json

        return as_json(Money(minor, currency or self.process.currency))


def missing(phone_e164: str | None, email_ok: int, readiness: str | None, offline: bool) -> list[str]:
    """What rules 3 and 4 flag: no valid phone, no valid e-mail, a lead from an offline source without a rating."""
    lacks = []
    if not phone_e164:
        lacks.append("phone")
    if not email_ok:
        lacks.append("email")
    if offline and not readiness:
        lacks.append("readiness")
    return lacks


def duplicates_of(db: Database, contacts: list[bytes]) -> dict[bytes, list[str]]:
    """For each contact the ids of its possible duplicates."""
    found: dict[bytes, list[str]] = {}
    rows: list[Any] = list(
        db.where_in(
            "SELECT p.contact, p.other FROM pair p JOIN contact c ON c.id = p.other WHERE p.shown = 1 AND c.removed <= 0"
            " AND p.contact IN ({})",
            contacts,
        )
    )
    for contact, other in sorted(rows):
        found.setdefault(contact, []).append(show_id(other))
    return found
