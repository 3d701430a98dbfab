"""What a list can be filtered by: each key with its Hebrew name and the kind of its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from crm_tui.i18n import mark
from crm_tui.rules.states import STATES
from crm_tui.text.fold import fold

Kind = Literal["choice", "text", "ago", "day", "money", "number"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key. `choice`: one of known values; `ago`: a time since; `day`: a day, as a date or from today on.

    Those that compare take known values as well, after a colon.
    """

    name: str
    hebrew: tuple[str, ...]
    label: str
    kind: Kind = "choice"
    examples: tuple[str, ...] = ()

    @property
    def compares(self) -> bool:
        """Whether `<` and `>` mean something."""
        return self.kind in ("ago", "day", "money", "number")

    @property
    def opens(self) -> str:
        """What follows it first."""
        return ">" if self.kind in ("ago", "money", "number") else ":"


KEYS = (
    Key("stage", ("שלב",), mark("lifecycle stage")),
    Key("status", ("סטטוס", "מצב"), mark("status")),
    Key("owner", ("אחראי", "אחראית"), mark("whose it is: a name, me, none")),
    Key("desk", ("דלפק",), mark("where it was routed")),
    Key("source", ("מקור",), mark("where the lead came from")),
    Key("campaign", ("קמפיין",), mark("campaign"), "text"),
    Key("in", ("בקמפיין",), mark("in the checklist of a campaign")),
    Key("ticked", ("סומן", "סומנה"), mark("ticked off in the checklist of a campaign")),
    Key("tag", ("תגית", "תג"), mark("tag"), "text"),
    Key("company", ("חברה",), mark("a part of the company's name, or none"), "text"),
    Key("next", ("הבא", "המשך"), mark("next action: none, overdue, today, a date, <3d"), "day", ("today", "<3d", ">1w")),
    Key("age", ("גיל", "ממתין"), mark("how long it waits since it came"), "ago", ("10min", "15h", "1d", "3d", "1w", "30d")),
    Key("touched", ("טופל", "נגיעה"), mark("last worked on, so long ago"), "ago", ("1d", "3d", "1w", "30d", "90d")),
    Key("is", ("הוא", "היא"), mark("what the rules say of it")),
    Key("missing", ("חסר", "חסרה"), mark("what is missing or not valid")),
    Key("deal", ("עסקה",), mark("a deal in a stage, open, won, lost, none")),
    Key("value", ("ערך", "שווי"), mark("sum of the open deals"), "money", ("0", "5000", "10k", "50k")),
    Key("attempts", ("ניסיונות", "נסיונות"), mark("tries without an answer"), "number", ("1", "3", "5")),
    Key("readiness", ("מוכנות",), mark("readiness to buy")),
)
BY_NAME = {fold(name): key for key in KEYS for name in (key.name, *key.hebrew)}
NAMES = {name: key for key in KEYS for name in (key.name, *key.hebrew)}
"""All names as they are written."""
SHOWS = {
    "is": STATES | {"returning": mark("returning"), "duplicate": mark("possible duplicate"), "rotting": mark("rotting")},
    "missing": {"phone": mark("phone"), "email": mark("e-mail"), "readiness": mark("readiness")},
    "next": {"none": mark("none"), "overdue": mark("overdue"), "today": mark("today"), "tomorrow": mark("tomorrow")},
    "touched": {"never": mark("never"), "today": mark("today")},
    "deal": {"open": mark("open"), "none": mark("none")},
    "company": {"none": mark("none")},
    "owner": {"me": mark("me"), "none": mark("none")},
    "desk": {"leadometer": mark("Leadometer"), "none": mark("none")},
    "readiness": {"none": mark("none")},
}
"""Values that are the same in every business."""
