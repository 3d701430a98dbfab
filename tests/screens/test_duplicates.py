"""One person or two: side by side on the screen, merged with the chosen values, told apart, and back with one undo."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from store_helpers import Clock, lead, show

from crm_tui.errors import Refused
from crm_tui.store import Store


@pytest.fixture
def pair(store: Store, clock: Clock) -> tuple[str, str]:
    """Two contacts of one phone whose names plainly differ, so that they are flagged; the older first."""
    one = lead(store, "Dana Levi", "052-345-6789", email="dana@acme.example", company="Acme")
    clock.add(minutes=1)
    other = lead(store, "Yossi Cohen", "052-345-6789", email="yossi@zenith.example", company="Zenith")
    clock.add(minutes=1)
    assert show(store, one)["possible_duplicates"] == [other]
    return one, other


async def test_two_are_merged_with_the_chosen_values_and_one_undo_separates_them(desk: Any, store: Store, pair: tuple[str, str]) -> None:
    one, other = pair
    async with desk(size=(110, 30)) as at:
        await at.do("duplicates")
        await at.until(lambda: "Dana Levi" in at.text and "Yossi Cohen" in at.text and at.list.total == 1, "the pair")
        await at.press("enter")
        await at.until(lambda: "the older one" in at.text and at.list.loaded, "side by side")
        assert "● Dana Levi" in at.text
        assert "○ Yossi Cohen" in at.text
        await at.press("right")
        await at.until(lambda: "● Yossi Cohen" in at.text, "the other name is chosen")
        await at.press("&")
        await at.until(lambda: show(store, one)["name"] == "Yossi Cohen", "merged, with the chosen name")
        found = show(store, one)
        assert found["company"] == "Acme"
        assert {point["value"] for point in found["emails"]} == {"dana@acme.example", "yossi@zenith.example"}
        await at.until(lambda: at.screen.where() == "Possible duplicates" and at.list.total == 0, "back in an empty list")
        await at.do("undo")
        await at.until(lambda: show(store, one)["name"] == "Dana Levi", "undone")
        await at.until(lambda: show(store, other)["name"] == "Yossi Cohen", "the other one too")


@pytest.mark.parametrize("fails", [False, True])
async def test_a_merge_is_undone_whole_after_the_screen_is_left_or_the_chosen_values_are_refused(
    desk: Any, store: Store, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    one, other = pair
    async with desk(size=(110, 30)) as at:
        await at.do("duplicates")
        await at.until(lambda: at.list.total == 1, "the pair")
        await at.press("enter")
        await at.until(lambda: "the older one" in at.text and at.list.loaded, "side by side")
        await at.press("right")
        await at.until(lambda: "● Yossi Cohen" in at.text, "the other name is chosen")
        real, goes_on = at.app.session.do, asyncio.Event()

        async def slowly(command: str, **fields: Any) -> Any:
            if command == "edit_contact":
                await goes_on.wait()
                if fails:
                    raise Refused("name", "not now")
            return await real(command, **fields)

        monkeypatch.setattr(at.app.session, "do", slowly)
        await at.press("&")
        await at.until(lambda: show(store, other)["id"] == one, "merged")
        await at.press("escape")
        goes_on.set()
        await at.until(lambda: "✓ Merge" in at.message, "said")
        if fails:
            await at.until(lambda: "not now" in at.text, "and that it is not whole")
            await at.press("escape")
        await at.until(lambda: at.screen.where() == "Possible duplicates", "the list")
        await at.do("undo")
        await at.until(lambda: show(store, other)["id"] == other, "two again")
        assert (show(store, one)["name"], show(store, other)["name"]) == ("Dana Levi", "Yossi Cohen")


async def test_two_people_are_told_apart_and_not_flagged_again(desk: Any, store: Store, pair: tuple[str, str]) -> None:
    async with desk() as at:
        await at.do("duplicates")
        await at.until(lambda: at.list.total == 1, "the pair")
        await at.press("-")
        await at.until(lambda: show(store, pair[0])["possible_duplicates"] == [], "told apart")
        await at.until(lambda: "No two contacts look like one person." in at.text, "nothing more to judge")


async def test_who_looks_alike_is_offered_on_a_contact(desk: Any, store: Store, clock: Clock) -> None:
    one = lead(store, "תמר שפירא", "052-345-6701", company="Acme")
    clock.add(minutes=1)
    lead(store, "Tamar Shapira", "052-345-6702", company="Acme")
    async with desk(size=(110, 30)) as at:
        at.app.open_contact(bytes.fromhex(one.replace("-", "")))
        await at.until(lambda: at.screen.subjects(), "the contact")
        await at.press("&")
        await at.choose("Who is it too?", "Tamar Shapira")
        await at.until(lambda: "the newer one" in at.text, "side by side")
        await at.press("&")
        await at.until(lambda: len(show(store, one)["phones"]) == 2, "one person of two phones")
