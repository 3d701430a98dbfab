"""A price quote on the screens: typed lines, the total while typing, the page, the answer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from store_helpers import do, lead, show

from crm_tui.ids import parse_id
from crm_tui.reads.look import Look
from crm_tui.reads.quotes import quotes_of

TITLE = "Price quote, a line a row"


@pytest.fixture
def dana(store: Any) -> str:
    """One lead."""
    return lead(store, "Dana Levi", "052-345-6789", email="dana@example.com")


def quotes(store: Any, contact: str) -> list[Any]:
    return quotes_of(Look.at(store), parse_id(contact) or b"")


async def test_typed_lines_become_a_quote_and_a_page(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.press("p")
        await at.dialog(TITLE)
        await at.type("2 x Roof free")
        await at.until(lambda: "“free”" in at.text, "the wrong word is named while typing")
        await at.press("enter")
        await at.until(lambda: at.screen.problem, "it is not sent")
        assert quotes(store, dana) == []
        await at.answer(TITLE, "2 x Roof 1,200 -10%\nהתקנה 350\n-5%")
        await at.until(lambda: "→" in at.message, "said where the page is")
        (row,) = quotes(store, dana)
        assert row.quote.sums.total == 281_371
        page = Path(os.environ["CRM_HOME"], "quotes", f"{row.quote.number}.html")
        assert "₪2,813.71" in page.read_text(encoding="utf-8")
        assert page.name in at.message
        await at.press("u")
        await at.until(lambda: quotes(store, dana) == [], "undone")


async def test_the_total_is_shown_while_typing(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("send_quote")
        await at.dialog(TITLE)
        await at.type("Roof 100")
        await at.until(lambda: "1 line: ₪100 + VAT 18% = ₪118" in at.text, "the total")


async def test_the_open_deal_is_taken_and_of_several_one_is_asked_for(desk: Any, store: Any, dana: str) -> None:
    one = do(store, "open_deal", contact=dana, name="Roof", value="5000 USD")["record"]
    async with desk() as at:
        await at.do("send_quote")
        await at.answer(TITLE, "100")
        await at.until(lambda: quotes(store, dana), "sent")
        quote = quotes(store, dana)[0].quote
        assert (quote.deal, quote.currency, quote.lines[0].text) == (parse_id(one), "USD", "Roof")
        await at.until(lambda: "bring the deal to Quote" in at.message, "what is to be done next")
        await at.press("a")
        await at.choose("Do", "Bring deal to a stage")
        await at.choose("To which stage?", "Quote")
        await at.until(lambda: show(store, dana)["deals"][0]["stage"] == "quote", "moved")
        two = do(store, "open_deal", contact=dana, name="Door", value=1)["record"]
        await at.do("send_quote")
        await at.choose("For which deal?", "Door")
        await at.answer(TITLE, "200")
        await at.until(lambda: len(quotes(store, dana)) == 2, "sent")
        assert {row.quote.deal for row in quotes(store, dana)} == {parse_id(one), parse_id(two)}
        await at.do("send_quote")
        await at.choose("For which deal?", "none of them")
        await at.answer(TITLE, "300")
        await at.until(lambda: None in {row.quote.deal for row in quotes(store, dana)}, "sent without a deal")


async def test_a_page_that_cannot_be_written_leaves_the_quote(desk: Any, store: Any, dana: str) -> None:
    Path(os.environ["CRM_HOME"]).mkdir(exist_ok=True)
    Path(os.environ["CRM_HOME"], "quotes").write_text("in the way")
    async with desk() as at:
        await at.do("send_quote")
        await at.answer(TITLE, "100")
        await at.until(lambda: "--html" in at.message, "said how to make it")
        assert len(quotes(store, dana)) == 1


async def test_declined_and_accepted(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("answer_quote")
        await at.until(lambda: "no open quote" in at.message, "there is none")
        number = do(store, "send_quote", contact=dana, amount=5)["notes"][0]
        await at.do("answer_quote")
        await at.choose(f"Quote {number}", "declined")
        await at.choose("Declined: why?", "Price")
        await at.until(lambda: quotes(store, dana)[0].state == "declined", "declined")
        assert quotes(store, dana)[0].answer["reason"] == "price"
        first = do(store, "send_quote", contact=dana, amount=6)["notes"][0]
        do(store, "send_quote", contact=dana, amount=7)
        await at.do("answer_quote")
        await at.choose("Which quote?", first)
        await at.choose(f"Quote {first}", "accepted")
        await at.until(lambda: "accepted" in [row.state for row in quotes(store, dana)], "accepted")
        assert show(store, dana)["status"] == "in_process"
