"""What is missing or doubtful in the data, counted (product.md rules 1, 3 and 4): each is a filter, so that its people can be listed."""

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
_FILTERS = {"phone": "missing:phone", "email": "missing:email", "readiness": "missing:readiness", "duplicates": "is:duplicate"}
MOST = 999
"""So far each is counted; one more says that there are more."""


def quality(look: Look) -> dict[str, int]:
    """How many contacts lack what they should have; those at the desks are no leads of ours."""
    return {name: count_people(look, Wanted(understood(look, f"{text} desk:none")), MOST) for name, text in _FILTERS.items()}
