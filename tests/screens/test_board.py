"""The board: what it counts, where its cursor goes, and that a move draws no more than it must."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from store_helpers import deal, do, lead
from textual.events import Key
from textual.geometry import Region, Size

from crm_tui.i18n import use_language
from crm_tui.reads.board import BoardNow, board_now
from crm_tui.reads.look import Look
from crm_tui.screens.board import day_text, short_money, side_by_side, whole_money
from crm_tui.text.graphemes import width
from crm_tui.widgets.deal_board import BoardColumn, DealBoard

# what it counts


def now_of(store: Any, **more: Any) -> BoardNow:
    return board_now(Look.at(store), **more)


def open_deal(store: Any, contact: str, stage: str = "phone", **more: Any) -> str:
    return str(do(store, "open_deal", contact=contact, stage=stage, **{"value": 1000, **more})["record"])


def test_sums_are_open_weighted_and_of_this_month(store):
    one = lead(store)
    open_deal(store, one, "phone", value=1000, expected_close="2026-11-30")
    open_deal(store, one, "quote", value="333.33", expected_close="2026-12-01")
    open_deal(store, one, "closing", value=100, currency="EUR", expected_close="2026-11-01")
    won = open_deal(store, one, "closing", value=7000)
    do(store, "move_deal", deal=won, stage="won")
    sums = now_of(store).sums
    assert sums.open == 100_000 + 33_333 + 40_000, "in the business currency, without what is closed"
    assert sums.weighted == 20_000 + 20_000 + 32_000, "a hundredth is rounded once"
    assert sums.this_month == 20_000 + 32_000
    assert sums.overdue == 1


@pytest.mark.parametrize(
    ("stage", "days", "fresh", "rotting"),
    [("phone", 3, "2026-11-25T23:59", "2026-11-26T00:00"), ("closing", 5, "2026-11-29T23:59", "2026-11-30T00:00")],
)
def test_a_deal_rots_when_more_working_days_than_its_stage_allows_have_begun(store, clock, stage, days, fresh, rotting):
    open_deal(store, lead(store), stage)  # on a Sunday
    clock.set(fresh)
    now = now_of(store)
    assert (now.sums.rotting, now.rested_days(now.stages[0].deals[0] if stage == "phone" else now.stages[3].deals[0])) == (0, days)
    clock.set(rotting)
    assert now_of(store).sums.rotting == 1


@pytest.mark.parametrize(
    ("command", "fields", "rotting"),
    [
        ("log_call", {"outcome": "talked"}, 0),
        ("edit_contact", {"company": "Acme"}, 1),
        ("add_task", {"kind": "call", "due": "2026-12-03"}, 0),
        ("add_task", {"kind": "call", "due": "2026-12-01"}, 0),
        ("add_task", {"kind": "call", "due": "2026-12-01T09:00"}, 1),
        ("add_task", {"kind": "call", "due": "2026-11-30"}, 1),
    ],
    ids=["a conversation", "an edit is no activity", "a future step", "a step of today", "a time that has passed", "a step of yesterday"],
)
def test_what_keeps_a_deal_from_rotting(store, clock, command, fields, rotting):
    contact = lead(store)
    open_deal(store, contact)
    clock.set("2026-11-27T10:00")
    do(store, command, contact=contact, **fields)
    clock.set("2026-12-01T10:00")
    now = now_of(store)
    assert now.sums.rotting == rotting
    assert [now.is_rotting(one, stage) for stage in now.stages for one in stage.deals] == [bool(rotting)]


def test_the_board_of_one_owner_and_of_another_pipeline(store):
    do(store, "set_setting", name="pipelines.repair", value={"label": "Repair", "stages": STAGES})
    mine, theirs = lead(store), lead(store, "Bob", "052-7654321")
    open_deal(store, mine, name="mine")
    open_deal(store, theirs, name="bob's", owner="bob")
    do(store, "open_deal", contact=mine, name="other", pipeline="repair")
    bob = next(id_ for id_, name in Look.at(store).users.items() if name == "bob")

    def names(**more: Any) -> list[str]:
        return [one.name for stage in now_of(store, **more).stages for one in stage.deals]

    assert names() == ["mine", "bob's"]
    assert names(owner=bob) == ["bob's"]
    assert names(pipeline="repair") == ["other"]
    assert names(pipeline="gone") == ["mine", "bob's"], "a pipeline that is gone is the default one"


STAGES = [
    {"key": "seen", "label": "Seen", "role": "open", "probability": 50},
    {"key": "won", "label": "Won", "role": "won", "probability": 100},
    {"key": "lost", "label": "Lost", "role": "lost", "probability": 0},
]


# how it is written


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (0, "ILS", "₪0"),
        (95_049, "ILS", "₪950"),
        (99_950, "ILS", "₪1,000"),
        (14_800_000, "ILS", "₪148k"),
        (99_949_999, "ILS", "₪999k"),
        (99_950_000, "ILS", "₪1m"),
        (125_000_000, "ILS", "₪1.3m"),
        (9_000_000_000_000_000, "ILS", "₪90,000,000m"),
        (148_000, "JPY", "JPY 148k"),
    ],
)
def test_short_money(minor, currency, text):
    assert short_money(minor, currency) == text


def test_whole_money_is_rounded():
    assert whole_money(61_200_050, "ILS") == "₪612,001"


@given(st.lists(st.text("ab ₪שלום12▲", max_size=12), max_size=6), st.integers(1, 40), st.integers(0, 3), st.integers(0, 8))
def test_a_line_of_things_is_exactly_as_wide_as_it_must_be(texts, cells, gap, cut):
    drawn = side_by_side([[(text, "dim")] for text in texts], cells, gap=gap, cut=cut)
    assert sum(width(segment.text) for segment in drawn) == (cells if texts else 0)


@pytest.mark.parametrize(
    ("then", "timed", "text"),
    [
        ("2026-11-22T14:00", True, "14:00"),
        ("2026-11-22T08:00", False, "today"),
        ("2026-11-23T08:00", False, "Mon"),
        ("2026-11-28T09:30", True, "Sat 09:30"),
        ("2026-11-29T09:30", True, "29 Nov"),
        ("2026-11-21T09:30", True, "21 Nov"),
        ("2027-01-03T08:00", False, "3 Jan 2027"),
    ],
)
def test_days_are_said_as_one_says_them(store, then, timed, text):
    from store_helpers import ms

    look = Look.at(store)
    assert day_text(ms(then), ms("2026-11-22T10:00"), look.zone, timed=timed) == text


# where the cursor goes


class Drawn(DealBoard):
    """A board without an app: what it asks to be drawn again is noted."""

    def __init__(self, counts: list[int], size: tuple[int, int]) -> None:
        super().__init__(
            lambda column, cells, here, place: [Segment(f"{column.stage}{'*' if here else ''}{place}"[:cells])],
            lambda row, column, cells: [[Segment(row[:cells])], [Segment(f"2{row}"[:cells])]],
            lambda row: row,
        )
        self.regions: list[Region | None] = []
        self.posted: list[Any] = []
        self.cells = Size(*size)
        self.show(BoardColumn([f"{at}/{index}" for index in range(count)], f"s{at}") for at, count in enumerate(counts))

    @property
    def size(self) -> Size:
        return self.cells

    def refresh(self, *regions: Region, **_more: Any) -> Any:
        self.regions += regions or [None]
        return self

    def post_message(self, message: Any) -> bool:
        self.posted.append(message)
        return True

    @property
    def picture(self) -> list[str]:
        return [self.render_line(y).text for y in range(self.size.height)]

    def press(self, key: str) -> None:
        self.take_key(Key(key, key if len(key) == 1 else None))


KEYS = st.sampled_from(["up", "down", "left", "right", "home", "end", "pageup", "pagedown", "j", "k", "h", "l", "ח", "ל"])


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=9),
    st.tuples(st.integers(8, 120), st.integers(2, 14)),
    st.lists(KEYS, max_size=25),
    st.integers(0, 25),
    st.integers(2, 14),
    st.booleans(),
)
def test_a_move_draws_all_that_changes_and_keeps_the_cursor_in_sight(counts, size, keys, resized_at, height, hebrew):
    use_language("he" if hebrew else "en")
    board = Drawn(counts, size)
    before = board.picture
    for number, key in enumerate(keys):
        if number == resized_at:
            size = (size[0], height)
            board.cells = Size(*size)
            board.on_resize()
            before = board.picture
        board.regions.clear()
        board.press(key)
        after = board.picture
        for y, (old, new) in enumerate(zip(before, after, strict=True)):
            for x in range(size[0]):
                if old[x] != new[x]:
                    assert any(region is None or region.contains(x, y) for region in board.regions), f"{key} changes {x}, {y} unseen"
        assert all(width(line) == size[0] for line in after)
        assert 0 <= board.cursor < max(1, counts[board.at])
        if board.current is not None and size[1] > 2:
            shown = [line for line in after if "▌" in line]
            assert len(shown) == 2, "both lines of the card under the cursor"
            assert board.current in shown[0] or size[0] < 10
        before = after


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.lists(KEYS, max_size=12), st.randoms(use_true_random=False))
def test_the_cursor_stays_on_its_card_when_others_come_and_go(counts, keys, rng):
    board = Drawn(counts, (100, 10))
    for key in keys:
        board.press(key)
    current = board.current
    columns = [[row for row in column.rows if row == current or rng.random() < 0.6] for column in board.columns]
    columns = [["new"] * rng.randrange(3) + rows for rows in columns]
    if current is not None:
        columns[board.at].remove(current)
        columns[rng.randrange(len(columns))].append(current)
    board.show(BoardColumn(rows) for rows in columns)
    assert current is None or board.current == current
    assert all(width(line) == 100 for line in board.picture)


def test_a_move_inside_a_column_draws_two_cards_only():
    board = Drawn([5, 5, 5, 5], (100, 30))
    board.regions.clear()
    board.press("down")
    assert board.regions == [Region(0, 3, 24, 2), Region(0, 1, 24, 2)]


def test_a_column_that_scrolls_is_drawn_alone():
    board = Drawn([50, 50, 50, 50], (100, 30))
    board.regions.clear()
    board.press("end")
    assert board.regions == [Region(0, 1, 24, 29)]
    board.press("right")
    assert [board.at, board.cursor] == [1, 13], "each column scrolls on its own; the cursor keeps its height"


def test_below_80_columns_one_stage_stands_alone():
    board = Drawn([2, 2, 2], (40, 8))
    assert board.picture[0].split() == ["s0*1/3"]
    board.press("right")
    assert board.picture[0].split() == ["s1*2/3"]


def test_stages_run_from_right_to_left_on_a_hebrew_screen():
    use_language("he")
    board = Drawn([2, 2, 2], (90, 8))
    assert board.picture[0].split() == ["s2", "s1", "s0*"]
    board.press("left")
    assert board.at == 1
    board.press("shift+right")
    pushed = board.posted[-1]
    assert isinstance(pushed, DealBoard.Pushed)
    assert (pushed.row, pushed.steps) == ("1/0", -1)


# on the screen


@dataclass
class Deals:
    """Three deals of noa's store, by name."""

    ids: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.ids[name]


@pytest.fixture
def deals(store) -> Deals:
    ids = {}
    for number, (person, name, stage, more) in enumerate(
        [
            ("דנה לוי", "Demo", "phone", {}),
            ("Deal [Acme] x [/red]", "CRM", "meeting", {"expected_close": "2026-11-18", "value": 48_000}),
            ("R. Katz", "אתר", "phone", {"owner": "bob"}),
        ]
    ):
        ids[name] = open_deal(store, lead(store, person, f"052-345678{number}"), stage, name=name, **more)
    return Deals(ids)


async def at_board(at: Any) -> Any:
    at.app.go_to("board")
    await at.until(lambda: at.screen.query("#board") and at.screen.board.loaded, "the board is read")
    return at.screen.board


async def test_shows_stages_with_their_deals_and_sums(desk, deals):
    async with desk() as at:
        await at_board(at)
        lines = at.text.splitlines()
        assert lines[1].split() == "Sales open ₪50,000 weighted ₪19,600 rotting 0 overdue 1 Nov ₪19,200".split()
        assert lines[2].split() == "PHONE 2 ₪2k MEETING 1 ₪48k QUOTE 0 CLOSING 0".split()
        assert "יול הנד · Demo" in lines[3]
        assert "Deal [Acme] x" in lines[3]
        assert "!→ 18 Nov" in lines[4]


@pytest.mark.parametrize(
    ("language", "texts"), [("en", ["late 20 Nov", "next Tue", "→ 10 Dec", "!→ 18 Nov"]), ("he", ["←", "!"])], ids=["en", "he"]
)
async def test_what_is_promised_and_when_it_is_to_close_are_told_apart(desk, store, language, texts):
    for number, (due, day) in enumerate([("2026-11-20", "2026-12-10"), ("2026-11-24", "2026-12-10"), ("2026-11-25", "2026-11-18")]):
        contact = lead(store, f"Person {number}", f"052-345678{number}")
        do(store, "open_deal", contact=contact, name="x", expected_close=day)
        do(store, "add_task", contact=contact, due=due)
    async with desk(size=(200, 24), language=language) as at:
        await at_board(at)
        assert all(text in at.text for text in texts)
        if language == "he":
            assert "→" not in at.text


async def test_shift_and_arrow_bring_a_deal_to_the_next_stage_and_the_cursor_goes_with_it(desk, deals, store):
    async with desk() as at:
        board = await at_board(at)
        await at.press("shift+right")
        await at.until(lambda: board.at == 1, "the cursor follows the deal")
        assert board.current.name == "Demo"
        assert deal(store, deals["Demo"])["stage"] == "meeting"
        await at.press("u")
        await at.until(lambda: board.at == 0, "undone")
        assert deal(store, deals["Demo"])["stage"] == "phone"


async def test_keys_pressed_at_once_move_a_deal_as_often(desk, deals, store):
    async with desk() as at:
        board = await at_board(at)
        for _ in range(5):
            at.app.post_message(Key("shift+right", None))
        await at.until(lambda: board.at == 3, "in the last open stage, where it stays")
        await at.until(lambda: not at.screen._going, "nothing is on its way")
        assert deal(store, deals["Demo"])["stage"] == "closing"


async def test_enter_opens_the_contact_at_the_deal(desk, deals):
    async with desk() as at:
        await at_board(at)
        await at.press("enter")
        await at.until(lambda: type(at.screen).__name__ == "ContactScreen", "the contact is open")
        await at.until(lambda: "דנה" in at.screen.where() or "יול הנד" in at.text, "the person")


async def test_commands_act_on_the_deal_under_the_cursor(desk, deals):
    async with desk() as at:
        board = await at_board(at)
        await at.press("down")
        [subject] = at.screen.subjects()
        assert (subject.deal, subject.deal_name, subject.name) == (board.current.id, "אתר", "R. Katz")
        assert subject.contact == board.current.contact
        assert at.screen.position() == "2 of 2"


async def test_the_filter_shows_one_owners_deals(desk, deals):
    async with desk() as at:
        board = await at_board(at)
        await at.press("f")
        await at.choose("Show", "bob")
        await at.until(lambda: board.total == 1, "bob's deals")
        assert board.current.name == "אתר"
        assert "bob" in at.text.splitlines()[1]


async def test_an_empty_board_says_what_to_do(desk):
    async with desk() as at:
        await at_board(at)
        assert "No open deals." in at.text
        assert at.screen.subjects() == []
        await at.press("down", "right", "enter", "shift+right")
        assert at.screen.space == "board"


@pytest.mark.parametrize("size", [(40, 20), (80, 24), (200, 60)])
async def test_a_hebrew_board_stands_at_every_size(desk, deals, size):
    async with desk(size=size, language="he") as at:
        board = await at_board(at)
        await at.press("left", "down", "right")
        lines = at.text.splitlines()
        assert all(width(line) == size[0] for line in lines)
        assert board.visible_columns == (1 if size[0] < 80 else 4)
