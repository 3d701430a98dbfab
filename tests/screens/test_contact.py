"""One person on the screen: the timeline, the card, the screen of both, and the panel beside a list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from entries import CONTROLS, HOSTILE, look, text_of
from hypothesis import given
from hypothesis import strategies as st
from pilot import Desk, wait_for
from store_helpers import Clock, do, lead
from textual.app import App, ComposeResult

from crm_tui.i18n import use_language
from crm_tui.ids import parse_id
from crm_tui.reads.contact import Twin, WholeContact, whole_contact
from crm_tui.reads.look import Look
from crm_tui.reads.quotes import STATES, QuoteRow
from crm_tui.reads.timeline import KINDS, EntryRow, stretch, timeline
from crm_tui.rules.quotes import Quote
from crm_tui.screens import preview
from crm_tui.screens.card import brief_lines, card_lines
from crm_tui.screens.contact import ContactScreen
from crm_tui.screens.preview import Preview
from crm_tui.session import Session
from crm_tui.store import Store
from crm_tui.text.quoteline import NONE_OFF

# a store


def busy_contact(store: Store, clock: Clock) -> str:
    """A contact with a bit of everything; the clock ends at 10:06."""
    dana = lead(store, source="web_form", campaign="November", note="wants a demo")
    steps: list[tuple[str, dict[str, Any]]] = [
        ("route", {"to": "ann", "reason": "knows them"}),
        ("log_call", {"outcome": "no_answer"}),
        ("log_call", {"outcome": "talked", "note": "has a budget", "need": "CRM", "next_action": "quote", "next_at": "2026-11-24"}),
        ("open_deal", {"name": "Demo", "value": 8000, "expected_close": "2026-12-17"}),
        ("edit_contact", {"email": "dana@shop.example"}),
        ("log_note", {"note": "שורה בעברית"}),
    ]
    for command, fields in steps:
        clock.add(minutes=1)
        do(store, command, contact=dana, **fields)
    return dana


def id_of(shown: str) -> bytes:
    found = parse_id(shown)
    assert found is not None
    return found


def whole(store: Store, contact: str) -> WholeContact:
    found = whole_contact(Look.at(store), id_of(contact))[1]
    assert found is not None
    return found


def card(store: Store, contact: str) -> list[str]:
    return [text_of(line) for line in card_lines(Look.at(store), whole(store, contact), 60)]


@pytest.mark.parametrize("of", ["all", *KINDS])
def test_stretches_are_pieces_of_the_timeline(store: Store, clock: Clock, of: str) -> None:
    dana = id_of(busy_contact(store, clock))
    now = Look.at(store)
    lines = [row for row in timeline(now, dana) if of == "all" or row.kind in KINDS[of]]
    assert lines

    def ask(where: str, place: Any, limit: int) -> tuple[list[EntryRow], bool, bool]:
        found = stretch(now, dana, where, place, limit, of)
        return [told.row for told in found.lines], found.newest, found.oldest

    count = len(lines)
    for limit in (1, 3, count, count + 1):
        assert ask("newest", None, limit) == (lines[:limit], True, limit >= count)
        assert ask("oldest", None, limit) == (lines[-limit:], limit >= count, True)
        for at, row in enumerate(lines):
            rows, _newest, oldest = ask("older", row.place, limit)
            assert (rows, oldest) == (lines[at + 1 : at + 1 + limit], at + 1 + limit >= count)
            rows, newest, _oldest = ask("newer", row.place, limit)
            assert (rows, newest) == (lines[max(0, at - limit) : at], at <= limit)
            rows, newest, oldest = ask("around", row.place, limit)
            start, end = max(0, at - limit // 2), min(count, at + limit - limit // 2)
            assert (rows, newest, oldest) == (lines[start:end], start == 0, end == count)


def test_what_was_written_is_whole_and_the_rule_stands_apart(store: Store) -> None:
    long = "a very long line " * 20
    dana = lead(store, source="phone", note=long)
    do(store, "set_status", contact=dana, status="closed", reason="price")
    lines = {told.row.kind: told for told in stretch(Look.at(store), id_of(dana), "newest").lines}
    assert (lines["lead"].says, lines["lead"].text, lines["lead"].by) == ("lead from phone", long.strip(), "noa")
    assert (lines["status"].says, lines["status"].why) == ("closed (not interested): price", ", set by hand")


# the card


def test_the_card_of_a_busy_contact(store: Store, clock: Clock) -> None:
    assert card(store, busy_contact(store, clock)) == [
        "In process · next: quote 24 Nov",
        "",
        "Dana Levi",
        "phone    052-345-6789",
        "e-mail   dana@shop.example",
        "",
        "stage    Opportunity",
        "owner    ann",
        "source   web form · November",
        "last try 22 Nov 10:03",
        "since    22 Nov",
        "",
        "deals    ◆ Demo · ₪8,000 · Phone · by 17 Dec",
        "tasks    □ quote · 24 Nov",
        "",
        "need     CRM",
    ]


def test_what_is_late_missing_or_doubtful_is_marked(store: Store, clock: Clock) -> None:
    one = lead(store, source="exhibition")
    two = lead(store, "Ruth Cohen", source="exhibition")
    assert "≈ perhaps the same as Dana Levi (shared phone or e-mail)" in card(store, two)
    assert "✗ missing: e-mail, readiness" in card(store, two)
    do(store, "log_call", contact=one, outcome="no_answer")
    do(store, "open_deal", contact=one, name="Demo", expected_close="2026-11-23")
    do(store, "add_task", contact=one, kind="call", due="2026-11-22T18:00")
    clock.add(days=7)
    shown = [re.sub(" {2,}", "  ", line) for line in card(store, one)]
    assert shown[0] == "In process · next: call 22 Nov 18:00 ▲ overdue ▲ cooling"
    assert "deals  ◆ Demo · Phone · by 23 Nov ▲" in shown


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> WholeContact:
    """The card of a busy contact."""
    clock = Clock()
    with Store(str(tmp_path_factory.mktemp("known") / "store.db"), "noa", clock, durable=False) as store:
        do(store, "add_user", name="ann", role="rep")
        return whole(store, busy_contact(store, clock))


@given(st.text(max_size=200), st.integers(8, 120), st.sampled_from(["en", "he"]))
def test_whatever_stands_in_a_record_is_drawn_in_its_width(known: WholeContact, text: str, cells: int, language: str) -> None:
    use_language(language)
    hostile = WholeContact(
        known.row._replace(
            name=text, company=text, source_detail=text, campaign=text, reason_text=text, properties=json.dumps({text: text})
        ),
        [one._replace(raw=text, label=text, valid=0) for one in known.points],
        [text],
        [one._replace(name=text, stage=text, expected_close=text) for one in known.deals],
        [one._replace(note=text) for one in known.tasks],
        [Twin(b"", text, text, text, text)],
        [QuoteRow(b"", b"", 0, None, Quote(text, "ILS", (), NONE_OFF, 0, text), {}, None, state) for state in STATES],
    )
    for lines in (card_lines(look(), hostile, cells), brief_lines(look(), hostile, cells)):
        for line in lines:
            assert not CONTROLS.search(text_of(line))
            assert sum(segment.cell_length for segment in line) <= cells


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Dana Levi", ["Dana Levi 052-345-6789"]),
        ("Dana Levi of the Northern Road", ["Dana Levi of the Northern", "Road", "052-345-6789"]),
        ("word " * 96, ["word word word word word", "word word word word word wo…", "052-345-6789"]),
        ("W" * 480, ["W" * 28, "W" * 27 + "…", "052-345-6789"]),
        ("ש" * 480, ["ש" * 28, ("…" + "ש" * 27), "052-345-6789"]),
    ],
)
def test_a_long_name_leaves_the_phone_on_the_brief_card(known: WholeContact, name: str, lines: list[str]) -> None:
    card = known._replace(row=known.row._replace(name=name))
    shown = [text_of(line) for line in brief_lines(look(), card, 28)]
    at = next(number for number, line in enumerate(shown) if name.strip()[:4] in line)
    assert [line.rstrip() for line in shown[at : at + len(lines)]] == lines


# the screen


async def opened(at: Desk, contact: str, *args: Any) -> ContactScreen:
    at.app.open_contact(id_of(contact), *args)
    await at.until(lambda: isinstance(at.screen, ContactScreen) and at.screen.is_mounted and at.screen.timeline.loaded, "the contact")
    assert isinstance(at.screen, ContactScreen)
    return at.screen


async def test_card_and_timeline_stand_beside_each_other(desk: Any, store: Store, clock: Clock) -> None:
    dana = busy_contact(store, clock)
    async with desk() as at:
        screen = await opened(at, dana)
        await at.until(lambda: 0 < screen.query_one("#card").region.right <= screen.timeline.region.x, "side by side")
        await at.until(lambda: [one.entry_kind for one in screen.subjects()] == ["note"], "both are read")
        assert screen.where() == "Dana Levi"
        (subject,) = screen.subjects()
        assert (subject.name, subject.phone, subject.deal_name, subject.entry_kind) == ("Dana Levi", "052-345-6789", "Demo", "note")
        assert subject.task == whole(store, dana).tasks[0].id
        await at.press("down", "down")
        await at.until(lambda: screen.subjects()[0].entry == screen.timeline.lines[2].row.id, "two lines further down")


async def test_on_a_narrow_screen_they_stand_below_each_other(desk: Any, store: Store, clock: Clock) -> None:
    dana = busy_contact(store, clock)
    async with desk(size=(40, 20)) as at:
        screen = await opened(at, dana)
        card_ = screen.query_one("#card")
        await at.until(lambda: 0 < card_.region.bottom <= screen.timeline.region.y, "the card above")
        assert "last try" not in at.text
        await at.press("enter")
        await at.until(lambda: "last try" in at.text, "the whole card")
        await at.press("down", "down")
        await at.until(lambda: "In process" not in at.text or "need" in at.text, "the card further down")
        await at.press("escape")
        await at.until(lambda: screen.timeline.has_focus and screen.timeline.region.height > 5, "the timeline again")
        assert at.screen is screen


async def test_in_hebrew_the_card_stands_at_the_right(desk: Any, store: Store, clock: Clock) -> None:
    dana = busy_contact(store, clock)
    async with desk(language="he") as at:
        screen = await opened(at, dana)
        assert screen.query_one("#card").region.x >= screen.timeline.region.right


async def test_left_and_right_go_along_the_list(desk: Any, store: Store, clock: Clock) -> None:
    people = [lead(store, f"Person {name}", f"052-345-678{number}") for number, name in enumerate("ABC")]
    async with desk() as at:
        list_ = at.list
        await at.press("enter")
        await at.until(lambda: isinstance(at.screen, ContactScreen) and at.screen.timeline.loaded, "the first")
        screen = at.screen
        assert screen.position() == "1 of 3"
        await at.press("left")
        assert screen.contact == id_of(people[0])
        await at.press("right", "l")
        await at.until(lambda: screen.where() == "Person C", "the third")
        assert (list_.cursor, screen.position()) == (2, "3 of 3")
        await at.press("right", "h")
        await at.until(lambda: screen.where() == "Person B" and screen.timeline.loaded, "the second")
        assert [told.row.contact for told in screen.timeline.lines] == [id_of(people[1])]


async def test_the_timeline_is_narrowed_down_to_a_kind(desk: Any, store: Store, clock: Clock) -> None:
    dana = busy_contact(store, clock)
    async with desk() as at:
        screen = await opened(at, dana)
        await at.press("f")
        await at.choose("Show in the timeline", "edits")
        await at.until(lambda: {told.row.kind for told in screen.timeline.lines} == {"edit"}, "only edits")
        assert "only: edits" in at.text
        await at.press("f")
        await at.choose("Show in the timeline", "everything")
        await at.until(lambda: len(screen.timeline.lines) > 10, "all again")
        assert "only:" not in at.text


async def test_commands_act_on_the_deal_that_the_cursor_stands_on(desk: Any, store: Store, clock: Clock) -> None:
    dana = busy_contact(store, clock)
    clock.add(minutes=1)
    second = id_of(do(store, "open_deal", contact=dana, name="Second", value=5)["record"])
    (first,) = (deal.id for deal in whole(store, dana).deals if deal.name == "Demo")
    async with desk() as at:
        screen = await opened(at, dana)
        assert screen.subjects()[0].deal is None, "two are open and none is chosen"
        await at.press("down", "up")
        assert screen.subjects()[0].deal == second
        at.app.pop_screen()
        screen = await opened(at, dana, None, first)
        assert (screen.subjects()[0].deal, screen.subjects()[0].deal_name) == (first, "Demo")


async def test_somebody_who_is_gone_is_said_to_be_gone(desk: Any, store: Store, clock: Clock) -> None:
    dana = busy_contact(store, clock)
    async with desk() as at:
        screen = await opened(at, dana)
        do(store, "delete_contact", contact=dana)
        screen.refresh_data()
        await at.until(lambda: "not here any more" in at.text, "the notice")
        assert screen.subjects() == []
        assert screen.timeline.current is None
        do(store, "undo")
        screen.refresh_data()
        await at.until(lambda: "Dana Levi" in at.text and screen.timeline.lines, "the contact again")


async def test_hostile_values_reach_the_screen_harmlessly(desk: Any, store: Store) -> None:
    evil = lead(store, HOSTILE, source="phone", source_detail=HOSTILE, note=HOSTILE)
    do(store, "open_deal", contact=evil, name=HOSTILE)
    async with desk(size=(80, 24)) as at:
        screen = await opened(at, evil)
        assert "[/red] evil [b]" in at.text
        assert not CONTROLS.search(at.text.replace("\n", ""))
        await at.press("down", "pagedown", "G", "g")
        assert screen.timeline.current is not None


# the side panel


class PreviewApp(App[None]):
    CSS = "Preview { width: 42; height: 1fr; } .hidden Preview { display: none; }"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def compose(self) -> ComposeResult:
        yield Preview(id="side")


@pytest.fixture
def session(url: str, clock: Clock) -> Iterator[Session]:
    made = Session(url, "noa", clock)
    made.open_now()
    yield made
    made.close()


async def test_the_panel_follows_the_cursor_when_it_rests(session: Session, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [id_of(lead(store, f"Person {name}", f"052-345-678{number}", source="phone")) for number, name in enumerate("ABC")]
    read: list[bytes] = []
    plain = preview.glance
    monkeypatch.setattr(preview, "glance", lambda look_, contact: (read.append(contact), plain(look_, contact))[1])
    app = PreviewApp(session)
    async with app.run_test(size=(60, 30)) as pilot:
        side = app.query_one(Preview)

        def shown() -> str:
            return "\n".join(side.render_line(y).text for y in range(side.size.height))

        await wait_for(pilot, lambda: side.size.height, "the layout")
        for contact in people:
            side.follow(contact)
        await wait_for(pilot, lambda: "Person C" in shown(), "the last one")
        assert read == [people[2]], "the others were passed by"
        assert "+ lead from phone" in shown()
        side.follow(None)
        assert "Person" not in shown()
        app.screen.add_class("hidden")
        await wait_for(pilot, lambda: not side.region.area, "the hiding")
        side.follow(people[0])
        assert side._timer is None, "nothing is read for a panel that nobody sees"
        app.screen.remove_class("hidden")
        await wait_for(pilot, lambda: "Person A" in shown(), "who was followed meanwhile")
        assert read == [people[2], people[0]]
