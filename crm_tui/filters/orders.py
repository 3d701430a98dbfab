"""What a list of people can be sorted by and what it can show, by the codes that views keep."""

from __future__ import annotations

from crm_tui.i18n import mark

NEWEST, OLDEST = "newest", "oldest"
ORDERS = {
    NEWEST: mark("newest first"),
    OLDEST: mark("oldest first"),
    "next": mark("next action first"),
    "value": mark("largest value first"),
    "age": mark("waiting longest first"),
    "touched": mark("longest untouched first"),
}
COLUMNS = {
    "name": mark("name"),
    "company": mark("company"),
    "phone": mark("phone"),
    "email": mark("e-mail"),
    "stage": mark("stage"),
    "status": mark("status"),
    "owner": mark("owner"),
    "source": mark("source"),
    "campaign": mark("campaign"),
    "readiness": mark("readiness"),
    "next": mark("next"),
    "value": mark("value"),
    "attempts": mark("attempts"),
    "age": mark("since"),
    "touched": mark("last touched"),
}
