"""A price quote as a page to print or send: one file without anything from elsewhere, right to left in Hebrew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crm_tui.i18n import gettext as _
from crm_tui.i18n import language
from crm_tui.reads.look import Look
from crm_tui.reads.quotes import QuoteRow, amount, contact_of, off, percent, quantity
from crm_tui.text.clean import clean_line, clean_text
from crm_tui.text.times import local_day


def page(look: Look, row: QuoteRow) -> str:
    """The page in the language in use. What people wrote is escaped, and every amount stands from left to right by itself."""
    # Imported here: jinja2 is needed for this alone, and not by the screens before it.
    from jinja2 import Environment, StrictUndefined

    template = Path(__file__).with_name("quote.html").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    return environment.from_string(template).render(_content(look, row))


def _content(look: Look, row: QuoteRow) -> dict[str, Any]:
    known, sums = row.quote, row.quote.sums
    name, company = contact_of(look, row.contact)

    def money(minor: int) -> str:
        return amount(minor, known.currency)

    totals = [(_("Together"), money(sums.subtotal))] if sums.discount else []
    if sums.discount:
        off_whole = known.discount.percent
        label = _("Discount of {percent}").format(percent=percent(off_whole)) if off_whole else _("Discount")
        totals.append((label, money(-sums.discount)))
    totals += [
        (_("Without VAT"), money(sums.net)),
        (_("VAT {percent}").format(percent=percent(known.vat)), money(sums.vat)),
        (_("To pay"), money(sums.total)),
    ]
    return {
        "lang": language(),
        "dir": "rtl" if language() == "he" else "ltr",
        "title": _("Price quote {number}").format(number=clean_line(known.number)),
        "business": clean_line(look.process.name),
        "name": clean_line(name),
        "company": clean_line(company),
        "facts": [
            (_("Date"), _day(local_day(row.at, look.zone).isoformat())),
            (_("Valid until"), _day(known.until)),
            (_("From"), clean_line(look.user(row.by) or "")),
        ],
        "has_off": any(off(line.discount, known.currency) for line in known.lines),
        "lines": [
            {
                "text": clean_line(line.text),
                "quantity": quantity(line.quantity),
                "price": money(line.price),
                "off": off(line.discount, known.currency),
                "net": money(net),
            }
            for line, net in zip(known.lines, sums.lines, strict=True)
        ],
        "totals": totals,
        "note": clean_text(row.note) if isinstance(row.note, str) else "",
        "words": {
            "what": _("What"),
            "quantity": _("Quantity"),
            "price": _("Price"),
            "off": _("Discount"),
            "sum": _("Sum"),
            "agreed": _("as agreed"),
            "without": _("Prices are without VAT."),
            "until": _("This quote holds until {day}.").format(day=_day(known.until)),
        },
    }


def _day(iso: str) -> str:
    """A day as both languages write it in numbers."""
    year, month, day = iso.split("-")
    return f"{int(day)}.{int(month)}.{year}"
