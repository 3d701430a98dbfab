"""One record as plain text: names and values under each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from crm_tui.cli.labels import MISSING, label, moment, money, term
from crm_tui.cli.output import put
from crm_tui.cli.table import Column, put_pairs, put_table
from crm_tui.i18n import gettext as _
from crm_tui.reads.labels import TASKS, property_label, property_text
from crm_tui.reads.quotes import state_label
from crm_tui.text.clean import clean_line

if TYPE_CHECKING:
    from crm_tui.process_terms import Source
    from crm_tui.reads.look import Look


def put_contact(look: Look, contact: Mapping[str, Any]) -> None:
    """Where they are now and what is next, then who they are."""
    process = look.process
    put(clean_line(" · ".join(filter(None, (contact["name"] or _("no name"), contact["company"])))))
    reason = term(process.closing_reasons, contact["closing_reason"])
    status = " ".join(filter(None, (term(process.statuses, contact["status"]), f"({reason})" if reason else "")))
    put(
        " · ".join(
            filter(
                None,
                (term(process.lifecycle, contact["lifecycle"]), status, contact["owner"] or term(process.desks, contact["desk"])),
            )
        )
    )
    put()
    put_pairs(
        [
            (_("next"), " ".join(filter(None, (label(TASKS, contact["next_action"]), moment(look, contact["next_at"]))))),
            (_("tries"), str(contact["attempts"] or "")),
            (_("look at"), _flags(contact)),
            (_("phone"), "\n".join(map(_point, contact["phones"]))),
            (_("e-mail"), "\n".join(map(_point, contact["emails"]))),
            (_("readiness"), term(process.readiness, contact["readiness"])),
            (_("source"), _source(contact, process.sources)),
            (_("campaigns"), "\n".join(f"{'[x]' if one['done'] else '[ ]'} {one['name']}" for one in contact["campaigns"])),
            (_("tags"), ", ".join(contact["tags"])),
            *(
                (clean_line(property_label(look, key)), property_text(look, key, str(value)))
                for key, value in contact.get("properties", {}).items()
            ),
            (_("since"), moment(look, contact["created_at"])),
            (_("id"), contact["id"]),
        ]
    )
    if contact["deals"]:
        put()
        columns = (
            Column(_("deal")),
            Column(_("value"), right=True),
            Column(_("stage")),
            Column(_("owner")),
            Column(_("id"), whole=True),
        )
        rows = [(one["name"], money(one["value"]), _stage(look, one["stage"]), one["owner"] or "", one["id"]) for one in contact["deals"]]
        put_table(columns, rows)
    _put_quotes(look, contact["quotes"])


def put_deal(look: Look, deal: Mapping[str, Any]) -> None:
    """A deal and where it stands."""
    put(clean_line(" · ".join(filter(None, (deal["name"], deal["contact_name"] if deal["contact_name"] != deal["name"] else "")))))
    put()
    worth = money(deal["worth"])
    reason = ", ".join(filter(None, (term(look.process.closing_reasons, deal["reason"]), deal["reason_text"])))
    put_pairs(
        [
            (_("stage"), _stage(look, deal["stage"], deal["pipeline"])),
            (_("reason"), reason),
            (_("value"), money(deal["value"])),
            (_("worth"), worth if worth != money(deal["value"]) else ""),
            (_("owner"), deal["owner"] or ""),
            (_("expected"), moment(look, deal["expected_close"])),
            (_("opened"), moment(look, deal["opened_at"])),
            (_("moved"), moment(look, deal["moved_at"])),
            (_("closed"), moment(look, deal["closed_at"])),
            (_("contact"), deal["contact"]),
            (_("id"), deal["id"]),
        ]
    )
    _put_quotes(look, deal["quotes"])


def _put_quotes(look: Look, quotes: Sequence[Mapping[str, Any]]) -> None:
    if quotes:
        put()
        columns = (
            *(Column(_("quote"), whole=True), Column(_("with VAT"), right=True, whole=True), Column(_("holds until"), whole=True)),
            *(Column(_("state")), Column(_("sent"), whole=True)),
        )
        put_table(
            columns,
            [
                (
                    one["number"],
                    money(one["total"]),
                    moment(look, one["valid_until"]),
                    state_label(one["state"]),
                    moment(look, one["sent_at"], timed=False),
                )
                for one in quotes
            ],
        )


def put_quote(look: Look, quote: Mapping[str, Any]) -> None:
    """A quote: for whom, its lines, what it comes to, how it stands."""
    put(clean_line(" · ".join(filter(None, (_("quote {number}").format(number=quote["number"]), quote["contact_name"], quote["company"])))))
    put()
    columns = (
        *(Column(_("what")), Column(_("quantity"), right=True), Column(_("price"), right=True, whole=True)),
        *(Column(_("discount"), right=True, whole=True), Column(_("sum"), right=True, whole=True)),
    )
    put_table(
        columns,
        [
            (line["description"] or _("as agreed"), line["quantity"], money(line["unit_price"]), line["discount"] or "", money(line["net"]))
            for line in quote["lines"]
        ],
    )
    put()
    reason = ", ".join(filter(None, (term(look.process.closing_reasons, quote["reason"]), quote["text"])))
    put_pairs(
        [
            (_("discount"), quote["discount"] or ""),
            (_("without VAT"), money(quote["net"])),
            (_("VAT {percent}").format(percent=quote["vat_percent"] + "%"), money(quote["vat"])),
            (_("to pay"), money(quote["total"])),
            (_("state"), state_label(quote["state"]) + (f" ({reason})" if reason else "")),
            (_("holds until"), moment(look, quote["valid_until"])),
            (_("sent"), f"{moment(look, quote['sent_at'])} {quote['by'] or ''}"),
            (_("deal"), quote["deal_name"] or ""),
            (_("note"), quote["note"] or ""),
            (_("contact"), quote["contact"]),
            (_("id"), quote["id"]),
        ]
    )


def _flags(contact: Mapping[str, Any]) -> str:
    flags = [label(MISSING, code) for code in contact["missing"]]
    if contact["returning"]:
        flags.append(_("returning"))
    flags += [_("possible duplicate of {id}").format(id=other) for other in contact["possible_duplicates"]]
    return "\n".join(flags)


def _point(point: Mapping[str, Any]) -> str:
    notes = [point["label"] or "", "" if point["valid"] else _("not valid")]
    about = ", ".join(filter(None, notes))
    return f"{point['raw']} ({about})" if about else str(point["raw"])


def _source(contact: Mapping[str, Any], sources: Sequence[Source]) -> str:
    first = " · ".join(filter(None, (term(sources, contact["source"]), contact["source_detail"], contact["campaign"])))
    latest = contact["latest_source"]
    return first + ("; " + _("latest: {source}").format(source=term(sources, latest)) if latest and latest != contact["source"] else "")


def _stage(look: Look, key: str, pipeline: str | None = None) -> str:
    pipelines = [one for one in look.process.pipelines if pipeline in (None, one.key)]
    return next((stage.text for one in pipelines for stage in one.stages if stage.key == key), key)
