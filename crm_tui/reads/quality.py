"""What is missing or doubtful in the data, counted (product.md rules 1, 3 and 4)."""

from __future__ import annotations

from crm_tui.i18n import mark
from crm_tui.reads.gauge import counted
from crm_tui.reads.look import Look

QUALITY = {
    "phone": mark("no valid phone"),
    "email": mark("no valid e-mail"),
    "readiness": mark("not rated"),
    "duplicates": mark("possible duplicates"),
}
"""What is counted, in words."""


def quality(look: Look) -> dict[str, int]:
    """How many contacts lack what they should have, each counted up to a thousand."""
    live = "removed <= 0 AND desk IS NULL"
    return {
        "phone": counted(look, f"{live} AND phone_e164 IS NULL"),
        "email": counted(look, f"{live} AND email_ok = 0"),
        "readiness": counted(look, f"{live} AND readiness IS NULL AND source IN {look.offline_sources!r}"),
        "duplicates": counted(look, f"{live} AND duplicates > 0"),
    }
