"""What is missing or doubtful in the data, counted (product.md rules 1, 3 and 4): each by the filter that lists its people."""

from __future__ import annotations

from crm_tui.i18n import mark
from crm_tui.reads.filtering import understood
from crm_tui.reads.look import Look
from crm_tui.reads.people import Wanted, count_people

QUALITY = {
    "phone": mark("no valid phone"),
    "email": mark("no valid e-mail"),
    "readiness": mark("not rated"),
    "duplicates": mark("possible duplicates"),
}
"""What is counted, in words."""
FILTERS = {"phone": "missing:phone", "email": "missing:email", "readiness": "missing:readiness", "duplicates": "is:duplicate"}
"""The filter of each, as a person types it."""
MOST = 999
"""So far each is counted; one more says that there are more."""


def quality(look: Look) -> dict[str, int]:
    """How many contacts lack what they should have."""
    return {name: count_people(look, Wanted(understood(look, text)), MOST) for name, text in FILTERS.items()}
