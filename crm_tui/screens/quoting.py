"""A price quote from typed lines to a page, and how it was answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import ngettext
from crm_tui.ids import show_id
from crm_tui.screens.asking import Asking
from crm_tui.screens.dialogs import Option
from crm_tui.screens.flows import _reason
from crm_tui.widgets.paint import Part, sentence

if TYPE_CHECKING:
    from crm_tui.answer import Answer
    from crm_tui.reads.quotes import QuoteRow


async def send_quote(ask: Asking) -> None:
    """Lines typed one a row, with what they come to while typing; enter sends it and writes the page."""
    from crm_tui.text.quoteline import parse_quote

    ask.subjects = [ask.subject]
    deal, currency = await _deal(ask)
    process = await ask.look(lambda look: look.process)
    vat = process.vat_on(_today(ask, process))

    def check(text: str) -> list[str]:
        lines, discount, named = parse_quote(text.split("\n"), currency)
        _sums(lines, discount, vat, named)
        return text.split("\n")

    def hint(text: str) -> str:
        try:
            lines, discount, named = parse_quote(text.split("\n"), currency)
            return _total(len(lines), _sums(lines, discount, vat, named), vat, named)
        except Refused as refused:
            return refused.message

    rows = await ask.line(
        _("Price quote, a line a row"), keep=True, placeholder=_("2 x Installation 1,200 -10%"), most_lines=8, check=check, hint=hint
    )
    answer = await ask.run("send_quote", contact=show_id(ask.subject.contact), deal=deal, lines=rows)
    if answer is not None and answer.record is not None:
        await _write_page(ask, answer)


async def _deal(ask: Asking) -> tuple[str | None, str]:
    """The deal that is offered for, and the currency: the one chosen, else the open one, asked for when there are several."""
    from crm_tui.reads.contact import whole_contact

    look, card = await ask.look(lambda look: whole_contact(look, ask.subject.contact))
    deals = card.open_deals if card is not None else []
    found = next((one for one in deals if one.id == ask.subject.deal), deals[0] if len(deals) == 1 else None)
    if found is None and deals:
        found = await ask.choose(_("For which deal?"), [*(Option(one, one.name) for one in deals), Option(None, _("none of them"))])
    return (show_id(found.id), found.currency) if found is not None else (None, look.currency)


def _today(ask: Asking, process: Any) -> Any:
    from crm_tui.text.times import local_day

    return local_day(ask.session.clock(), process.zone)


def _sums(lines: Any, discount: Any, vat: int, currency: str) -> Any:
    from crm_tui.rules.quotes import sums

    return sums(lines, discount, vat, currency)


def _total(count: int, found: Any, vat: int, currency: str) -> str:
    from crm_tui.reads.quotes import amount, percent

    return ngettext("{count} line: {net} + VAT {percent} = {total}", "{count} lines: {net} + VAT {percent} = {total}", count).format(
        count=count, net=amount(found.net, currency), percent=percent(vat), total=amount(found.total, currency)
    )


async def _write_page(ask: Asking, answer: Answer) -> None:
    """The page of a quote in a file of this user's data; where it is, and what is to be done next."""
    from crm_tui.installation import data_dir
    from crm_tui.reads.quote_page import page
    from crm_tui.reads.quotes import quote

    def made(look: Any) -> tuple[str, str] | None:
        row = quote(look, show_id(answer.record or b""))
        return (row.quote.number, page(look, row)) if row is not None else None

    found = await ask.look(made)
    if found is None:
        return
    number, html = found
    path = data_dir() / "quotes" / f"{number}.html"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        # The quote stands; only its page is missing.
        said = _("The page could not be written: {why}. Make it by: crm-tui show quote {number} --html")
        ask.app.say([(said.format(why=error.strerror or "", number=number), "warn")])
        return
    parts: list[Part] = [(f"✓ {path.name}", "bold"), (f" → {_at_home(path.parent)}", ""), ("   u", "key"), (" " + _("undo"), "dim")]
    if answer.suggest:
        parts += [("   a", "key"), (f" {sentence(answer.suggest[0]['why'])}", "accent")]
    ask.app.say(parts)


def _at_home(path: Path) -> str:
    """A path, short when it is under the home."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)


async def answer_quote(ask: Asking) -> None:
    """Accepted or declined: the quote under the cursor, else one of the contact's, asked for when several are open."""
    from crm_tui.reads.quotes import amount, quotes_of

    subject = ask.subject
    ask.subjects = [subject]
    found = await ask.look(lambda look: quotes_of(look, subject.contact))
    chosen = next((one for one in found if one.id == subject.entry), None)
    if chosen is None:
        found = [one for one in found if not one.answer]
        if not found:
            ask.app.say([(_("{name} has no open quote; p sends one.").format(name=ask.about), "warn")])
            return
        options = [Option(one, one.quote.number, amount(one.quote.sums.total, one.quote.currency)) for one in found]
        chosen = found[0] if len(found) == 1 else await ask.choose(_("Which quote?"), options)
    answer = await ask.choose(_title(chosen), [Option("accepted", _("accepted")), Option("declined", _("declined"))])
    reason, text = await _reason(ask, _("Declined: why?")) if answer == "declined" else (None, None)
    await ask.run("answer_quote", quote=show_id(chosen.id), answer=answer, reason=reason, text=text)


def _title(row: QuoteRow) -> str:
    return _("Quote {number}").format(number=row.quote.number)
