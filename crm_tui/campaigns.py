"""The campaigns of a store, and which of them a name means."""

from __future__ import annotations

import json
from collections.abc import Sequence

from crm_tui.db import Database
from crm_tui.errors import NotFound, Refused
from crm_tui.filters.vocabulary import meant_by
from crm_tui.i18n import gettext as _
from crm_tui.ids import parse_id, show_id
from crm_tui.plan import CampaignFacts
from crm_tui.text.clean import clip
from crm_tui.text.fold import fold

_COLUMNS = "id, name, kind, starts, ends, amount, currency, view"


def all_campaigns(db: Database) -> list[CampaignFacts]:
    """All campaigns in the order in which they were made."""
    rows = db.rows(f"SELECT {_COLUMNS} FROM campaign WHERE removed <= 0 ORDER BY born, id")
    return [CampaignFacts(*row)._replace(view=json.loads(row[-1]) if row[-1] else None) for row in rows]


def campaign_names(db: Database) -> list[str]:
    """What the campaigns are called, in the order in which they were made."""
    return [name for (name,) in db.rows("SELECT name FROM campaign WHERE removed <= 0 ORDER BY born, id")]


def find_campaign(known: Sequence[CampaignFacts], ref: str) -> CampaignFacts:
    """The campaign of an id or a name; refused with what was meant."""
    id_ = parse_id(ref)
    found = [one for one in known if one.id == id_] or [one for one in known if fold(one.name) == fold(ref)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = [show_id(one.id) for one in found]
        message = _("{ref} names {count} campaigns; name one by its id: {ids}.")
        raise Refused("campaign", message.format(ref=clip(ref), count=len(found), ids=", ".join(ids)), candidates=ids)
    message = _("There is no campaign {name}.").format(name=clip(ref))
    raise NotFound("campaign", message + meant_by(ref, [one.name for one in known]))
