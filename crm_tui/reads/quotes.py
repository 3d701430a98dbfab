"""Price quotes: one whole, and those of a contact or a deal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from crm_tui.i18n import apart, language, mark
from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.reads import labels
from crm_tui.reads.look import Look
from crm_tui.roots import root_of
from crm_tui.rules.quotes import ANSWERS, Quote, from_data
from crm_tui.text.dates import short_iso
from crm_tui.text.money import Money, show
from crm_tui.text.quoteline import ONE, Discount
from crm_tui.text.times import local_day

STATES = {"open": mark("no answer yet"), "accepted": mark("accepted"), "declined": mark("declined"), "expired": mark("expired")}


_QUOTES = "SELECT id, contact, at, by, data, hlc FROM entry WHERE kind = 'quote' AND removed <= 0 AND contact IN ({})"


class QuoteRow(NamedTuple):
    """A quote with its place in the log, when it was sent and by whom, and how it stands."""

    id: bytes
    contact: bytes
    at: int
    by: bytes | None
    quote: Quote
    answer: Mapping[str, Any]
    note: str | None
    state: str


def quote(look: Look, ref: str) -> QuoteRow | None:
    """The quote of an id or a number; None for a line of the log that says nothing a quote can be made of."""
    from crm_tui.facts import load_quote

    found = load_quote(look.db, ref)
    row = look.db.one("SELECT id, contact, at, by, data FROM entry WHERE id = ?", (found["id"],))
    return _row(look, row)


def quotes_of(look: Look, contact: bytes, deal: bytes | None = None) -> list[QuoteRow]:
    """The quotes of a contact, or those about one of its deals, newest first."""
    root = root_of(look.db, contact)
    return [one for one in quotes_by_contact(look, [root]).get(root, ()) if deal is None or one.quote.deal == deal]


def quotes_by_contact(look: Look, contacts: Sequence[bytes]) -> dict[bytes, list[QuoteRow]]:
    """The quotes of contacts that stand for themselves, those of each newest first."""
    rows = sorted(look.db.where_in(_QUOTES, contacts), key=lambda row: (-row[2], -row[5]))
    found: dict[bytes, list[QuoteRow]] = {}
    for row in rows:
        if known := _row(look, row[:5]):
            found.setdefault(known.contact, []).append(known)
    return found


def _row(look: Look, row: Any) -> QuoteRow | None:
    id_, contact, at, by, text = row
    data = json.loads(text) if text else {}
    known = from_data(data)
    if known is None:
        return None
    answer = answer_of(data)
    return QuoteRow(id_, contact, at, by, known, answer, data.get("note"), answer.get("answer") or _open(look, known))


def answer_of(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """How a quote was answered; empty as long as it is not."""
    answer = data.get("answer")
    return answer if isinstance(answer, dict) and answer.get("answer") in ANSWERS and isinstance(answer.get("at"), int) else {}


def _open(look: Look, known: Quote) -> str:
    """A quote holds until its last day is over."""
    return "expired" if known.until < local_day(look.now, look.zone).isoformat() else "open"


def state_label(state: str) -> str:
    """How a quote stands, in words."""
    return _(STATES[state])


def percent(hundredths: int) -> str:
    """Hundredths of a percent, such as `18%` or `2.75%`."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02}".rstrip("0") + "%" if rest else f"{whole}%"


def quantity(thousandths: int) -> str:
    """How many, such as `2` or `1.5`."""
    whole, rest = divmod(thousandths, ONE)
    return f"{whole:,}" + (f".{rest:03}".rstrip("0") if rest else "")


def off(discount: Discount, currency: str) -> str:
    """What is taken off, such as `-10%` or `-₪500`; nothing for nothing."""
    if discount.amount:
        return show(Money(-discount.amount, currency), language())
    return f"-{percent(discount.percent)}" if discount.percent else ""


def amount(minor: int, currency: str) -> str:
    """An amount for people."""
    return show(Money(minor, currency), language())


def quote_short(look: Look, row: QuoteRow) -> dict[str, Any]:
    """A quote as it stands in `show contact` and `show deal`."""
    return {
        "id": show_id(row.id),
        "number": row.quote.number,
        "sent_at": look.time(row.at),
        "total": look.money(row.quote.sums.total, row.quote.currency),
        "valid_until": row.quote.until,
        "state": row.state,
        "deal": show_id(row.quote.deal) if row.quote.deal else None,
    }


def quote_json(look: Look, row: QuoteRow) -> dict[str, Any]:
    """`show quote X`: amounts are without VAT but for `vat` and `total`; `state` is open, accepted, declined or expired."""
    known, sums = row.quote, row.quote.sums
    name, company = contact_of(look, row.contact)
    deal = look.db.one("SELECT name FROM deal WHERE id = ?", (known.deal,)) if known.deal else None

    def money(minor: int) -> dict[str, str]:
        return look.money(minor, known.currency)

    return {
        **quote_short(look, row),
        "contact": show_id(row.contact),
        "contact_name": name,
        "company": company,
        "deal_name": deal[0] if deal else None,
        "by": look.user(row.by),
        "lines": [
            {
                "description": line.text,
                "quantity": quantity(line.quantity).replace(",", ""),
                "unit_price": money(line.price),
                "discount": off(line.discount, known.currency) or None,
                "net": money(net),
            }
            for line, net in zip(known.lines, sums.lines, strict=True)
        ],
        "subtotal": money(sums.subtotal),
        "discount": off(known.discount, known.currency) or None,
        "net": money(sums.net),
        "vat_percent": percent(known.vat).rstrip("%"),
        "vat": money(sums.vat),
        "note": row.note,
        "answered_at": look.time(row.answer.get("at")),
        "reason": row.answer.get("reason"),
        "text": row.answer.get("text"),
    }


def contact_of(look: Look, contact: bytes) -> tuple[str, str]:
    """For whom a quote is: name and company."""
    found = look.db.one(
        "SELECT c.name, coalesce(o.name, '') FROM contact c LEFT JOIN company o ON o.id = c.company WHERE c.id = ?", (contact,)
    )
    return found or ("", "")


def sentence(look: Look, data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """What the timeline says of a quote: its fields for a script, and number, total, how long it holds, how it was answered."""
    known = from_data(data)
    if known is None:
        return {}, _("quote sent")
    answer = answer_of(data)
    state = answer.get("answer") or _open(look, known)
    text = _("quote {number} sent: {total} with VAT, holds until {day}").format(
        number=known.number, total=amount(known.sums.total, known.currency), day=short_iso(known.until, look.now, look.zone)
    )
    if state != "open":
        text += f" — {state_label(state)}"
    fields = {
        "number": known.number,
        "total": look.money(known.sums.total, known.currency),
        "valid_until": known.until,
        "state": state,
        "deal": show_id(known.deal) if known.deal else None,
    }
    return fields, text


def typed(data: Mapping[str, Any]) -> list[str]:
    """The lines of a quote as a person types them."""
    known = from_data(data)
    if known is None:
        return []
    money = known.currency
    # The sign has no direction, so that a line of Hebrew reads from the right.
    rows = [
        (f"{quantity(one.quantity)} ×" if one.quantity != ONE else "", one.text, amount(one.price, money), off(one.discount, money))
        for one in known.lines
    ]
    return [" ".join(filter(None, row)) for row in (*rows, (off(known.discount, money),)) if any(row)]


def answered(look: Look, data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """What the timeline says of an answer to a quote."""
    answer = answer_of({"answer": data})
    fields = {name: data.get(name) for name in ("number", "answer", "reason", "text")}
    if not answer:
        return fields, _("quote: no answer any more")
    text = _("quote {number} accepted") if answer["answer"] == "accepted" else _("quote {number} declined")
    text = text.format(number=str(data.get("number") or ""))
    if answer.get("reason"):
        text += f" ({apart(labels.reason_label(look.process, str(answer['reason']), inside=True))})"
    return fields, text
