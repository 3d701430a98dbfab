"""Who works here: the users of a store, their roles and what these may do. Apart from the plans, for the start needs no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.registry import LEADING
from crm_tui.text.clean import clip

ROLES = {"rep": mark("rep"), "lead_manager": mark("lead manager"), "supervisor": mark("supervisor"), "admin": mark("admin")}
"""What users do here, and what it is called."""


class UserFacts(NamedTuple):
    """A user of the store; `away_until` may have passed."""

    id: bytes
    name: str
    role: str
    away_until: int | None = None
    cover: bytes | None = None

    def away_content(self) -> dict[str, Any] | None:
        """The value of the user's register `away`."""
        return None if self.away_until is None else {"until": self.away_until, "cover": self.cover.hex() if self.cover else None}


def check_role(user: UserFacts, roles: Sequence[str]) -> None:
    """Refuse unless `user` has one of these roles; without any everybody may."""
    if roles and user.role not in roles:
        needed = " / ".join(map(role_label, roles))
        raise Refused(
            "command", _("{name} is {role}; this needs {roles}.").format(name=user.name, role=role_label(user.role), roles=needed)
        )


def check_view(user: UserFacts, name: str, maker: bytes | None, users: Sequence[UserFacts]) -> None:
    """Refuse unless `user` made a shared view, or leads."""
    if not may_change_view(user.id, user.role, maker):
        known = next((one.name for one in users if one.id == maker), "?")
        needed = " / ".join(map(role_label, LEADING))
        message = _(
            "{maker} shared the view {name}; only {maker}, or {roles}, may change it. Save your own under this name (shared: false)."
        )
        raise Refused("name", message.format(maker=known, name=clip(name), roles=needed))


def may_change_view(user: bytes, role: str, maker: bytes | None) -> bool:
    """Whether a user may change a view that everybody has."""
    return role in LEADING or user == maker


def role_label(role: str) -> str:
    """What a user's role is called."""
    return _(ROLES.get(role, role))
