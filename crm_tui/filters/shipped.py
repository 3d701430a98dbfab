"""The views that come with the program: the lists that the rules name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crm_tui.errors import NotFound
from crm_tui.filters.vocabulary import meant_by
from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.text.clean import clip
from crm_tui.text.fold import fold

LONGEST_NAME = 60


class ShippedView(NamedTuple):
    """A view of everybody's that nobody saved."""

    key: str
    label: str
    filter: str
    order: str = ""


SHIPPED = (
    ShippedView("all", mark("All contacts"), ""),
    ShippedView("mine", mark("Mine"), "owner:me"),
    ShippedView("no_followup", mark("Without follow-up"), "is:no_followup"),
    ShippedView("overdue", mark("Overdue"), "next:overdue", "next"),
    ShippedView("cooling", mark("Cooling"), "is:cooling", "touched"),
    ShippedView("reactivation", mark("To be won back"), "is:reactivation"),
    ShippedView("inactive", mark("Inactive customers"), "is:inactive", "touched"),
    ShippedView("missing", mark("Missing data"), "missing:phone or missing:email"),
    ShippedView("duplicates", mark("Possible duplicates"), "is:duplicate"),
    ShippedView("rotting", mark("Deals at rest too long"), "is:rotting", "value"),
    ShippedView("breached", mark("Waiting too long"), "is:breached", "age"),
)


def shipped_named(name: str) -> ShippedView | None:
    """The shipped view of a key or a label."""
    wanted = fold(name)
    return next((one for one in SHIPPED if wanted in (fold(one.key), fold(one.label), fold(_(one.label)))), None)


def no_such_view(name: str, known: Sequence[str]) -> NotFound:
    """The refusal of a name that no view has."""
    meant = meant_by(name, [*known, *(view.key for view in SHIPPED)])
    return NotFound("name", _("There is no view {name}.").format(name=clip(name)) + meant)
