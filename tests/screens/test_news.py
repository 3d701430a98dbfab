"""Apart and together on the screens: how it stands with the hub, what came in, what was overwritten and is brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from store_helpers import Clock, do, lead, show, timeline

from crm_tui import sync
from crm_tui.clone import clone
from crm_tui.errors import StoreBusy
from crm_tui.hub import synchronise
from crm_tui.store import Store


@pytest.fixture
def conflict(store: Store, tmp_path: Path, clock: Clock) -> str:
    """Dana, renamed by noa here and by ann on her laptop; ann's came later and stands. The contact's id."""
    dana = lead(store, "Dana Levi", "052-345-6789")
    hub, other = str(tmp_path / "hub.db"), str(tmp_path / "other.db")
    synchronise(store, hub)
    clone(hub, other, "ann", clock)
    do(store, "edit_contact", contact=dana, name="Dana Cohen")
    clock.add(minutes=1)
    with Store(other, "ann", clock, durable=False) as laptop:
        do(laptop, "edit_contact", contact=dana, name="Dana Katz")
        synchronise(laptop, hub)
    assert synchronise(store, hub).conflicts == 1
    return dana


async def test_what_was_overwritten_is_counted_shown_and_brought_back(desk: Any, store: Store, conflict: str) -> None:
    async with desk(size=(120, 30)) as at:
        await at.until(lambda: "≠1" in at.text, "the count in the top line")
        await at.do("news")
        await at.until(lambda: "Dana Levi → Dana Cohen" in at.text, "what was lost")
        assert "overwritten by ann" in at.text
        await at.press("=")
        await at.until(lambda: show(store, conflict)["name"] == "Dana Cohen", "brought back")
        await at.until(lambda: "≠" not in at.text, "nothing more to look at")
        await at.do("undo")
        await at.until(lambda: show(store, conflict)["name"] == "Dana Katz", "undone")


async def test_ticked_off_it_counts_no_more_and_stays_in_the_list(desk: Any, store: Store, conflict: str) -> None:
    async with desk(size=(120, 30)) as at:
        await at.do("news")
        await at.until(lambda: at.list.total == 2 and "≠1" in at.text, "the list")
        await at.press("x")
        await at.until(lambda: "≠1" not in at.text, "seen")
        assert at.list.total == 2


async def test_what_cannot_be_ticked_off_is_said(desk: Any, conflict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> None:
        raise StoreBusy("busy")

    monkeypatch.setattr("crm_tui.screens.news.see", fail)
    async with desk(size=(120, 30)) as at:
        await at.do("news")
        await at.until(lambda: at.list.total == 2 and "≠1" in at.text, "the list")
        await at.press("x")
        await at.until(lambda: "The store is busy" in at.text, "said")


async def test_the_timeline_marks_the_lost_edit_and_restores_it(desk: Any, store: Store, conflict: str) -> None:
    async with desk(size=(180, 30)) as at:
        at.app.open_contact(bytes.fromhex(conflict.replace("-", "")))
        await at.until(lambda: "overwritten by ann at the same time" in at.text, "the mark")
        assert at.screen.why_not("restore_edit") == "nothing overwritten is chosen"
        await at.press("down")
        await at.until(lambda: at.screen.why_not("restore_edit") == "", "on the lost edit")
        await at.do("restore_edit")
        await at.until(lambda: show(store, conflict)["name"] == "Dana Cohen", "brought back")


async def test_what_is_done_goes_to_the_hub_by_itself(desk: Any, store: Store, conflict: str, tmp_path: Path) -> None:
    async with desk() as at:
        await at.until(lambda: "⇄" in at.text, "met")
        do(store, "log_note", contact=conflict, note="by itself")
        at.app.syncing.now()
        await at.until(lambda: sync.unsent(store.db, store.actor.id) == 0, "sent")
    with Store(str(tmp_path / "hub.db"), "noa", durable=False) as hub:
        assert any("by itself" in str(line) for line in timeline(hub, conflict))


async def test_without_a_network_it_says_what_waits(desk: Any, store: Store, tmp_path: Path) -> None:
    lead(store, "Dana Levi", "052-345-6789")
    nowhere = tmp_path / "away"
    nowhere.write_text("a file where the hub's directory was")
    sync.note(store.db, {"remote": str(nowhere / "hub.db"), "hub_had": {}})
    waiting = sync.unsent(store.db, store.actor.id)
    async with desk() as at:
        await at.until(lambda: f"◌ offline, {waiting} to send" in at.text, "offline, and how much waits")


async def test_without_a_hub_nothing_stands_there_and_the_screen_says_what_to_do(desk: Any) -> None:
    async with desk() as at:
        await at.do("news")
        await at.until(lambda: "crm-tui sync user@host:STORE" in at.text, "what to do")
        assert "⇄" not in at.text
        await at.do("sync_now")
        await at.until(lambda: "no hub" in at.message, "the hint")
