"""My Day on the screen: whom to call next and why, worked down with two keys, and what is promised comes up at its minute."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pilot import wait_for
from rich.segment import Segment
from store_helpers import Clock, do, lead, local, ms, show, timeline
from textual.app import App
from textual.worker import WorkerFailed

from crm_tui.app import CrmApp
from crm_tui.errors import Refused, StoreBusy
from crm_tui.session import Session
from crm_tui.store import Store
from crm_tui.text.graphemes import width
from crm_tui.widgets.record_list import PAGE, RecordList


def routed(store: Store, name: str, phone: str, to: str = "ann", **more: Any) -> str:
    contact = lead(store, name, phone, **more)
    do(store, "route", contact=contact, to=to)
    return contact


@pytest.fixture
def people(store: Store, url: str, clock: Clock) -> dict[str, str]:
    """Ann's day: tried yesterday, promised for 11:00 with a deal, new for half an hour, just come in; the last belongs to bob."""
    clock.set("2026-11-19T09:00")
    found = {"Tried": routed(store, "Tried Before", "052-345-6701"), "Due": routed(store, "Due Today", "052-345-6702")}
    with Store(url, "ann", clock, durable=False) as ann:
        do(ann, "log_call", contact=found["Tried"], outcome="no_answer")
        do(ann, "log_call", contact=found["Due"], outcome="call_back", next_at="2026-11-22 11:00")
        do(ann, "open_deal", contact=found["Due"], value=48_000)
    clock.set("2026-11-22T09:30")
    found["Late"] = routed(store, "Late Lead", "052-345-6703")
    clock.set("2026-11-22T09:58")
    found["Fresh"] = routed(store, "Fresh Lead", "052-345-6704", note="wants a demo")
    routed(store, "Of Bob", "052-345-6705", to="bob")
    clock.set("2026-11-22T10:00")
    return found


def names(at: Any) -> list[str]:
    return [at.list.row(index).row.name for index in range(at.list.total)]


async def test_a_rep_begins_in_the_day_in_calling_order_with_reasons(desk: Any, people: dict[str, str]) -> None:
    async with desk(user="ann") as at:
        assert names(at) == ["Fresh Lead", "Late Lead", "Due Today", "Tried Before"]
        await at.until(lambda: "new 2" in at.text and "due 1" in at.text and "no answer 1" in at.text, "the sums")
        for reason in ("“wants a demo”", "call · 11:00", "1 of 6", "last on 19 Nov", "₪48,000"):
            assert reason in at.text
        assert "Of Bob" not in at.text


async def test_a_call_without_an_answer_is_two_keys_and_the_next_person_stands_there(
    desk: Any, store: Store, people: dict[str, str]
) -> None:
    async with desk(user="ann") as at:
        await at.press("c", "2")
        await at.until(lambda: names(at) == ["Late Lead", "Due Today", "Tried Before"], "the next person")
        assert at.list.cursor == 0
        await at.until(lambda: show(store, people["Fresh"])["attempts"] == 1, "the attempt is written")
        await at.see("done 1")
        await at.press("c", "2")
        await at.until(lambda: names(at) == ["Due Today", "Tried Before"], "and the next")


async def test_after_an_outcome_the_day_is_read_once_and_what_others_do_comes_too(
    desk: Any, store: Store, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = Session.read

    async def listen(self: Session, question: Any, *args: Any) -> Any:
        found = await real(self, question, *args)
        read.append(question.__name__)
        return found

    async def cold(self: CrmApp) -> None:
        """Without what is imported ahead, after which all is read again."""

    monkeypatch.setattr(Session, "read", listen)
    monkeypatch.setattr(CrmApp, "_warm_up", cold)
    async with desk(user="ann") as at:
        await at.until(lambda: at.app._watch is not None and at.app._watch.watching.is_set(), "others are watched")
        await at.until(lambda: "count_conflicts" in read and "reminders" in read, "all is read that the app begins with")
        read.clear()
        await at.press("c", "2")
        await at.until(lambda: "done 1" in at.text and "count_conflicts" in read, "the next person")
        assert read.count("day_now") == 1
        assert not await at.app.session.is_news(), "what one did oneself"
        do(store, "log_call", contact=people["Late"], outcome="no_answer")
        await at.until(lambda: names(at) == ["Due Today", "Tried Before"], "what another one did")


async def test_the_next_person_does_not_wait_for_the_store_and_who_could_not_be_logged_comes_back(
    desk: Any, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(user="ann") as at:
        goes_on = asyncio.Event()

        async def refuse(self: Session, command: str, **fields: Any) -> Any:
            await goes_on.wait()
            raise Refused("contact", "not now")

        monkeypatch.setattr(Session, "do", refuse)
        await at.press("down", "c", "2")
        await at.until(lambda: names(at) == ["Fresh Lead", "Due Today", "Tried Before"], "gone while the store works")
        assert at.list.current.row.name == "Due Today"
        await at.screen.refresh_data().wait()
        assert "Late Lead" not in at.text, "nor when it is read again meanwhile"
        goes_on.set()
        await at.until(lambda: "not now" in at.text, "refused")
        await at.press("escape")
        await at.until(lambda: names(at) == ["Fresh Lead", "Late Lead", "Due Today", "Tried Before"], "still to be called")


async def test_with_an_answer_it_takes_six_keys_beside_what_is_typed(desk: Any, store: Store, people: dict[str, str]) -> None:
    async with desk(user="ann") as at:
        keys = ["c", "1", "enter", "enter", "3", "enter"]  # talked, the need, a note, a demo, when
        typed = {2: "a demo for ten", 3: "Knows us from the fair", 5: "tue 10:00"}
        for number, key in enumerate(keys):
            if number in typed:
                await at.type(typed[number])
            await at.press(key)
        await at.until(lambda: names(at) == ["Late Lead", "Due Today", "Tried Before"], "the next person")
        await at.until(lambda: show(store, people["Fresh"])["status"] == "initial_contact", "the call is written")
        found = show(store, people["Fresh"])
        assert (found["next_action"], found["next_at"][:16]) == ("demo", "2026-11-24T10:00")


async def test_others_begin_in_the_leadometer_and_find_their_day_under_its_number(desk: Any, people: dict[str, str]) -> None:
    async with desk(user="mia") as at:
        assert at.screen.space == "leadometer"
        await at.press("2")
        await at.until(lambda: at.screen.space == "day" and at.list.loaded, "the day")
        assert "Nobody waits for you." in at.text


async def begun(at: Any) -> None:
    """The app has asked once by itself: asking again would end that, and it ours."""
    await at.until(lambda: at.app.syncing is not None, "the app has begun")


async def test_what_is_promised_comes_up_at_its_minute_with_a_bell(
    desk: Any, clock: Clock, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(user="ann") as at:
        rung: list[str] = []
        monkeypatch.setattr(at.app, "bell", lambda: rung.append("rung"))
        await at.press("4")
        await at.until(lambda: at.screen.space == "contacts" and at.list.loaded, "another workspace")
        await begun(at)
        await at.app.remind().wait()
        assert not rung
        clock.set("2026-11-22T11:00")
        await at.app.remind().wait()
        await at.until(lambda: "11:00 call: Due Today" in at.message, "said")
        assert rung == ["rung"]
        at.app.has_bell = False
        at.app.ring()
        assert rung == ["rung"]


async def test_what_is_promised_comes_up_later_when_it_could_not_be_read(
    desk: Any, clock: Clock, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(user="ann") as at:
        await begun(at)
        await at.app.remind().wait()
        real = at.app.session.read

        async def read(question: Any, *args: Any) -> Any:
            if question.__name__ == "reminders":
                raise StoreBusy("busy")
            return await real(question, *args)

        monkeypatch.setattr(at.app.session, "read", read)
        clock.set("2026-11-22T11:00")
        with pytest.raises(WorkerFailed):
            await at.app.remind().wait()
        monkeypatch.setattr(at.app.session, "read", real)
        clock.set("2026-11-22T11:01")
        await at.app.remind().wait()
        await at.until(lambda: "11:00 call: Due Today" in at.message, "said a minute later")


@pytest.mark.parametrize("size", [(40, 20), (80, 24), (200, 60)])
async def test_it_is_readable_at_every_size(desk: Any, people: dict[str, str], size: tuple[int, int]) -> None:
    async with desk(user="ann", size=size) as at:
        await at.until(lambda: "Fresh Lead" in at.text and "Tried Before" in at.text, "the people")
        assert all(len(line) <= size[0] for line in at.text.splitlines())


@pytest.mark.parametrize("size", [(40, 20), (80, 24), (130, 40)])
@pytest.mark.parametrize(("language", "said"), [("en", "✗ phone"), ("he", "✗ טלפון"[::-1])])
async def test_who_has_no_phone_is_said_to_have_none(
    desk: Any, store: Store, people: dict[str, str], size: tuple[int, int], language: str, said: str
) -> None:
    contact = lead(store, "Only Mail", None, email="mail@x.example")
    do(store, "route", contact=contact, to="ann")
    async with desk(user="ann", size=size, language=language) as at:
        await at.until(lambda: "Only Mail" in at.text, "the people")
        assert at.text.count(said) == 1
        assert all(width(line) == size[0] for line in at.text.splitlines())


async def test_what_others_did_stands_on_top_until_the_first_step(desk: Any, people: dict[str, str], store: Store) -> None:
    async with desk(user="ann") as at:
        await at.until(lambda: "since your last visit: 2 new for you" in at.text, "what is new")
        await at.press("!")
        await at.until(lambda: "Fresh Lead" in at.text and at.list.total == 4, "the news")
        await at.press("escape")
        do(store, "edit_contact", contact=people["Fresh"], company="Acme")
        await at.press("c", "2")
        await at.until(lambda: "done 1" in at.text and "since your last visit" not in at.text, "gone with the first step")


async def test_the_day_says_what_is_left_when_it_ends(desk: Any, people: dict[str, str], clock: Clock) -> None:
    async with desk(user="ann") as at:
        await at.until(lambda: "new 2" in at.text, "the sums")
        assert "left today" not in at.text
        clock.set("2026-11-22T17:00")
        at.screen._tick()
        await at.until(lambda: "left today: 2 new, still untried · 1 due, then overdue · 1 to try again" in at.text, "what is left and why")


async def test_the_team_and_the_day_of_one_of_them(desk: Any, people: dict[str, str]) -> None:
    async with desk(user="sue", size=(160, 30)) as at:
        await at.press("6")
        await at.until(lambda: at.screen.space == "team" and at.list.loaded, "the team")
        assert "breached" in at.text
        assert [at.list.row(index).name for index in range(at.list.total)] == ["ann", "bob", "mia", "noa", "sue"]
        assert at.list.row(0).new == 2
        await at.press("enter")
        await at.until(lambda: "day of ann" in at.text and "Fresh Lead" in at.text, "ann's day")
        await at.press("escape")
        await at.until(lambda: at.screen.space == "team", "back")


async def test_why_somebody_stands_there(desk: Any, people: dict[str, str]) -> None:
    async with desk(user="ann") as at:
        await at.press(".")
        await at.until(lambda: "In the day of ann: new for 2 minutes." in at.text, "the reason")
        assert "What comes by itself:" in at.text
        await at.press("escape")
        await at.until(lambda: at.screen.space == "day", "back")


async def test_the_week_is_worked_down_task_by_task(desk: Any, people: dict[str, str], store: Store) -> None:
    do(store, "add_task", contact=people["Late"], due="2026-11-24", kind="demo", note="bring the plan")
    do(store, "add_task", contact=people["Late"], due="2026-11-25", kind="meeting")
    async with desk(user="ann", size=(100, 24)) as at:
        await at.press("5")
        await at.until(lambda: at.screen.space == "week" and at.list.total == 4, "the week")
        assert "demo bring the plan" in at.text
        assert "Tue 24 1" in at.text
        demo = next(index for index in range(4) if at.list.row(index).kind == "demo")
        await at.press(*["j"] * demo, "x")
        await at.until(lambda: at.list.total == 3 and "bring the plan" not in at.text, "done")
        await at.press("u")
        await at.until(lambda: at.list.total == 4, "back")
        await at.press("*", "z")
        await at.answer("Until when?", "+2d")
        await at.until(lambda: {one.due_at for one in map(at.list.row, range(4))} == {ms("2026-11-24T08:00")}, "all put off")
        await at.press("u")
        await at.until(lambda: "Wed 25 1" in at.text, "one undo for all")


async def test_a_status_set_in_silence_is_asked_about_once(desk: Any, people: dict[str, str], store: Store) -> None:
    async with desk(user="ann") as at:
        await at.do("set_status")
        await at.choose("Status", "In process")
        await at.dialog("What happened? (esc skips)")
        await at.press("escape")
        await at.until(lambda: getattr(at.screen, "space", "") == "day", "skipped")
        assert show(store, people["Fresh"])["status"] == "in_process"
        await at.press("u")
        await at.until(lambda: at.list.total == 4, "back in the list")
        await at.press("g")
        await at.do("set_status")
        await at.choose("Status", "Initial contact")
        await at.until(lambda: show(store, people["Fresh"])["status"] == "initial_contact", "done")
        await at.until(lambda: getattr(at.screen, "space", "") == "day", "not asked again")


async def test_what_happened_is_logged_with_the_status(desk: Any, people: dict[str, str], store: Store) -> None:
    async with desk(user="ann") as at:
        await at.do("set_status")
        await at.choose("Status", "In process")
        await at.answer("What happened? (esc skips)", "met at the fair")
        await at.until(lambda: "met at the fair" in "".join(map(str, timeline(store, people["Fresh"]))), "logged")


async def test_what_is_offered_is_about_whom_it_was_offered_for(desk: Any, store: Store, people: dict[str, str], clock: Clock) -> None:
    clock.set("2026-11-19T10:00")
    for _ in range(4):
        do(store, "log_call", contact=people["Tried"], outcome="no_answer")
    clock.set("2026-11-22T10:00")
    async with desk(user="ann") as at:
        await at.press("end", "c", "2")
        await at.until(lambda: "6 attempts without an answer" in at.message, "closing is offered first")
        assert at.list.current.row.name == "Due Today"
        await at.press("a")
        await at.dialog("Do")
        await at.until(lambda: "Set status · Tried Before" in at.text and "Log an e-mail · Tried Before" in at.text, "both offers")
        await at.press("1")
        await at.until(lambda: show(store, people["Tried"])["status"] == "closed", "closed as offered")
        assert show(store, people["Tried"])["closing_reason"] == "unreachable"
        await at.press("u")
        await at.until(lambda: "Undone: Set status · Tried Before" in at.message, "whose step was undone")


async def test_what_was_promised_is_ticked_off_with_one_key(desk: Any, store: Store, people: dict[str, str], clock: Clock) -> None:
    clock.set("2026-11-22T12:00")
    async with desk(user="ann") as at:
        await at.until(lambda: "Due Today" in names(at), "there")
        while at.list.current.row.name != "Due Today":
            await at.press("down")
        await at.press("x")
        await at.until(lambda: "Due Today" not in names(at), "done")
        assert show(store, people["Due"])["next_action"] is None


async def test_of_whom_nothing_is_promised_nothing_can_be_ticked_off(desk: Any, people: dict[str, str]) -> None:
    async with desk(user="ann") as at:
        assert at.list.current.row.name == "Fresh Lead"
        await at.press("x")
        await at.until(lambda: "nothing is promised to them" in at.message, "said")
        assert not at.screen.is_modal
        await at.press("*")
        assert at.screen.why_not("tick") == "", "of one of them something is"


async def test_who_moves_up_to_the_end_of_what_is_read_is_read_too() -> None:
    rows = list(range(3 * PAGE))

    async def count() -> int:
        return len(rows)

    async def load(skip: int, limit: int) -> list[int]:
        return rows[skip : skip + limit]

    class ListApp(App[None]):
        def compose(self) -> Any:
            yield RecordList(count, load, lambda row, _cells, _narrow: [[Segment(str(row))]], lambda row: row, id="list")

    async with ListApp().run_test(size=(100, 20)) as pilot:
        listed = pilot.app.query_one(RecordList)
        await listed.reload()
        assert listed.row(2 * PAGE) is None, "not all is read"
        rows.remove(1)
        listed.drop(1)
        end = next(index for index in range(listed.total) if listed.row(index) is None)
        listed.move_to(end)
        await wait_for(pilot, lambda: listed.current == end + 1, "the row")


async def test_who_was_talked_to_and_has_no_next_step_is_counted(desk: Any, store: Store, people: dict[str, str]) -> None:
    async with desk(user="ann") as at:
        await at.until(lambda: "new 2" in at.text, "the sums")
        assert "no next step" not in at.text
        do(store, "complete_task", contact=people["Due"])
        await at.until(lambda: "no next step 1" in at.text, "somebody is left without")


async def test_who_is_closed_shows_it_while_something_stays_promised_and_one_key_ends_each(
    desk: Any, store: Store, people: dict[str, str], clock: Clock
) -> None:
    do(store, "add_task", contact=people["Due"], due="2026-11-21")
    do(store, "add_task", contact=people["Due"], due="2026-11-25")
    async with desk(user="ann") as at:
        await at.until(lambda: "Due Today" in names(at), "there")
        while at.list.current.row.name != "Due Today":
            await at.press("down")
        await at.press("d")
        await at.choose("Not interested: why?", "Price")
        await at.answer("What happened? (esc skips)", "too dear")
        await at.until(lambda: "a call promised for 21 Nov is still open" in at.message, "offered, after the note too")
        await at.until(lambda: "closed: call · since 21 Nov" in at.text, "and the row says it")
        for left in ("2026-11-22 11:00", "2026-11-25 08:00", None):
            assert at.app.offers
            await at.press("a")
            await at.dialog("Do")
            await at.press("1")
            await at.until(lambda left=left: local(show(store, people["Due"])["next_at"]) == left, f"done until {left}")
            await at.until(lambda left=left: bool(at.app.offers) == bool(left), "the next one is offered")
        await at.until(lambda: "Due Today" not in names(at), "nothing is promised any more")
        assert not at.app.offers


async def test_of_marked_people_what_is_offered_is_kept_too(desk: Any, store: Store, people: dict[str, str]) -> None:
    do(store, "add_task", contact=people["Late"], due="2026-11-25")
    do(store, "add_task", contact=people["Due"], due="2026-11-26")
    async with desk(user="ann") as at:
        await at.press("*", "d")
        await at.choose("Not interested: why?", "Price")
        await at.until(lambda: "is still open" in at.message, "offered")
        assert {(one.command, one.subject.name) for one in at.app.offers} == {
            ("complete_task", "Late Lead"),
            ("complete_task", "Due Today"),
        }
