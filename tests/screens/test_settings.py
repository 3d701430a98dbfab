"""The process on a screen: listed, changed with what it says of a wrong value, undone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_helpers import do, lead

from crm_tui.process import load_default
from crm_tui.screens.setting_flows import _key_of


async def settings(at: Any) -> None:
    await at.do("set_setting")
    await at.until(lambda: "Fresh: minutes" in at.text, "the settings")


async def open_row(at: Any, label: str) -> None:
    """Put the cursor on a row and press enter."""
    rows = at.screen._settings
    at.list.cursor = next(number for number, row in enumerate(rows) if row.label == label)
    await at.press("enter")


@pytest.mark.parametrize("size", [(40, 20), (80, 24), (200, 60)])
async def test_it_fits_every_screen(desk: Any, size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await settings(at)
        assert "Attempts before closing is offered" in at.text
        await at.press("end")
        await at.until(lambda: "Suggested tags" in at.text, "the last one")


async def test_a_number_is_changed_refused_and_undone(desk: Any, store: Any) -> None:
    async with desk() as at:
        await settings(at)
        await open_row(at, "Attempts before closing is offered")
        await at.answer("Attempts before closing is offered", "0")
        await at.until(lambda: "at least 1" in at.text, "why not")
        await at.answer("Attempts before closing is offered", "4")
        await at.until(lambda: store.process().limits.max_attempts == 4, "the number")
        await at.until(lambda: at.screen.is_current and "Settings" in at.message, "said")
        await at.press("u")
        await at.until(lambda: store.settings() == {}, "taken back")


@pytest.mark.parametrize(
    ("label", "typed", "setting"),
    [
        ("The day starts at", "09:30", {"working.start": "09:30:00"}),
        ("Holidays: a country, own dates", "GB, 2026-12-06", {"working.holidays": ["GB", "2026-12-06"]}),
        ("Holidays: a country, own dates", "", {"working.holidays": []}),
        ("Name", "Acme [/red] בע״מ", {"name": "Acme [/red] בע״מ"}),
        ("Suggested tags", "vip, fair 2026", {"tags": ["vip", "fair 2026"]}),
    ],
)
async def test_texts_and_lists_are_typed(desk: Any, store: Any, label: str, typed: str, setting: dict[str, Any]) -> None:
    async with desk() as at:
        await settings(at)
        await open_row(at, label)
        await at.answer(label, typed)
        await at.until(lambda: store.settings() == setting, "the setting")


async def test_working_days_are_turned_on_and_off(desk: Any, store: Any) -> None:
    async with desk() as at:
        await settings(at)
        await open_row(at, "Working days")
        for day in ("Friday", "Sunday", "Done"):
            await at.choose("Working days", day)
        await at.until(lambda: "working.days" in store.settings(), "the days")
    assert list(store.process().working.days) == ["monday", "tuesday", "wednesday", "thursday", "friday"]


async def test_a_business_that_waits_for_documents_and_holds_no_meetings(desk: Any, store: Any) -> None:
    async with desk() as at:
        await settings(at)
        await open_row(at, "+ a status of your own")
        await at.answer("What is it called?", "Waiting for documents")
        await at.choose("Which of these is it for the rules?", "In process")
        await at.until(lambda: "as In process" in at.text or "statuses.waiting_for_documents" in store.settings(), "the status")
        await at.until(lambda: any(row.label == "Waiting for documents" for row in at.screen._settings), "its row")
        await open_row(at, "Meeting")
        await at.choose("Meeting", "Take it away")
        await at.until(lambda: len(store.process().default_pipeline.stages) == 5, "the stage")
    process = store.process()
    assert process.status("waiting_for_documents").role == "in_process"
    assert [one.key for one in process.statuses][3:5] == ["in_process", "waiting_for_documents"]
    assert [stage.key for stage in process.default_pipeline.stages] == ["phone", "quote", "closing", "won", "lost"]


async def test_a_stage_stands_by_its_probability(desk: Any, store: Any) -> None:
    async with desk() as at:
        await settings(at)
        await open_row(at, "+ a stage")
        await at.answer("What is it called?", "הדגמה")
        await at.answer("Probability in percent", "500")
        await at.until(lambda: "at most 100" in at.text, "why not")
        await at.answer("Probability in percent", "50")
        await at.answer("Rotting after so many working days", "")
        await at.until(lambda: len(store.process().default_pipeline.stages) == 7, "the stage")
    stage = store.process().default_pipeline.stages[2]
    assert (stage.key, stage.text, stage.probability, stage.rotting_days) == ("own", "הדגמה", 50, None)


async def test_what_is_in_use_stays_and_it_is_said_who(desk: Any, store: Any) -> None:
    do(store, "set_setting", name="statuses.docs", value={"label": "Docs", "role": "in_process"})
    do(store, "set_status", contact=lead(store), status="docs")
    async with desk() as at:
        await settings(at)
        for what in ("Take it away", "Retire: no longer offered"):
            await open_row(at, "Docs")
            await at.choose("Docs", what)
            await at.until(lambda: "Dana Levi" in at.text, "who")
            await at.press("escape")
            await at.until(lambda: "Dana Levi" not in at.text, "read")
    assert not store.process().status("docs").retired


@given(st.text(max_size=80), st.lists(st.sampled_from(["own", "own_2", "a", "quote"]), unique=True))
def test_a_key_is_made_of_any_label(label: str, taken: list[str]) -> None:
    from crm_tui.process import with_settings

    key = _key_of(label, taken)
    assert key not in taken
    assert with_settings(load_default(), {f"desks.{key}": {"label": "x"}}).desk(key) if key != "leadometer" else True


@pytest.mark.parametrize("kind", ["number", "choice", "yes_no", "date"])
async def test_a_field_of_ones_own_is_asked_for_as_its_kind_is(desk: Any, store: Any, kind: str) -> None:
    field = {"label": "Roof", "kind": kind} | ({"choices": ["flat", "steep"]} if kind == "choice" else {})
    do(store, "set_setting", values={"fields.roof": field, "tags": ["vip"]})
    known = lead(store)
    async with desk() as at:
        await at.until(lambda: "Dana Levi" in at.text, "the lead")
        await at.do("edit_contact")
        await at.choose("Edit", "Roof")
        if kind in ("choice", "yes_no"):
            await at.choose("Roof", {"choice": "steep", "yes_no": "yes"}[kind])
        elif kind == "number":
            await at.answer("Roof", "many")
            await at.until(lambda: "not a number" in at.text, "why not")
            await at.answer("Roof", "1,200")
        else:
            await at.answer("Roof", "1.12.2026")
        kept = {"number": "1200", "choice": "steep", "yes_no": "true", "date": "2026-12-01"}[kind]

        def properties() -> Any:
            from store_helpers import show

            return show(store, known)["properties"].get("roof")

        await at.until(lambda: properties() == kept, "the value")
        await at.do("tag")
        await at.choose("Tag", "vip")
        await at.until(lambda: "✓" in at.message and "tag" in at.message.lower(), "tagged")
