"""The board: open deals by stage, what they are worth, which of them rot or are overdue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from rich.segment import Segment
from textual import on
from textual.containers import Vertical

from crm_tui.i18n import gettext as _
from crm_tui.ids import show_id
from crm_tui.screens.workspace import NARROW, Subject, Workspace
from crm_tui.widgets.deal_board import BoardColumn, DealBoard
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Column, Part, columns, fit, mirrored, parts_width, safe

if TYPE_CHECKING:
    from crm_tui.reads.board import BoardDeal, BoardNow
    from crm_tui.screens.asking import Asking

Fields = Sequence[Sequence[Part]]
"""Things side by side on a line, the most important first."""


class BoardScreen(Workspace):
    """A pipeline's open deals, of all or of one owner."""

    space = "board"
    footer = ("move_deal", "won", "drop", "log_call")
    handles = ("open", "filter")

    def __init__(self) -> None:
        super().__init__()
        self._found: BoardNow | None = None
        self._pipeline: str | None = None
        self._owner: bytes | None = None
        self._going: dict[bytes, str] = {}
        """The stages to which deals are on their way."""

    def body(self) -> Iterator[Any]:
        """The sums and the board."""
        with Vertical(id="main"):
            yield Lines(self._draw_sums, id="gauge")
            yield DealBoard(self._draw_head, self._draw_card, lambda deal: deal.id, empty=self._empty, narrow_below=NARROW, id="board")

    @property
    def board(self) -> DealBoard:
        """The board."""
        return self.query_one("#board", DealBoard)

    def on_mount(self) -> None:
        """Begin on the board; what is due changes by the minute."""
        self.board.focus()
        self.set_interval(60, self._tick)

    async def load(self) -> None:
        """Read the deals and what they come to."""
        from crm_tui.reads.board import board_now

        self._found = await self.session.read(board_now, self._pipeline, self._owner)
        self.board.show([BoardColumn(stage.deals, stage) for stage in self._found.stages])
        self.query_one("#gauge", Lines).redraw()
        self.redraw_frame()

    def _tick(self) -> None:
        from crm_tui.text.times import local_day

        if self._found is None or not self.is_current:
            return
        look = self._found.look.at_time(self.session.clock())
        if local_day(look.now, look.zone) != self._found.today:
            self.refresh_data()
        else:
            self._found = self._found._replace(look=look)
            self.board.tick()

    # drawing

    def _draw_sums(self, cells: int) -> list[list[Segment]]:
        from crm_tui.text.dates import MONTHS

        found = self._found
        if found is None:
            return [[]]
        money = short_money if cells < NARROW else whole_money
        sums, currency = found.sums, found.look.process.currency
        shown: list[list[Part]] = []
        if cells >= NARROW or len(found.look.process.pipelines) > 1:
            shown.append([(safe(found.label), "head")])
        if self._owner is not None:
            shown.append([(safe(found.look.user(self._owner)), "accent")])
        shown += [
            _figure(_("open {number}"), money(sums.open, currency), "bold"),
            _figure(_("rotting {number}"), f"{sums.rotting:,}", "bad" if sums.rotting else "dim"),
            _figure(_("overdue {number}"), f"{sums.overdue:,}", "warn" if sums.overdue else "dim"),
            _figure(_(MONTHS[found.today.month - 1]) + " {number}", money(sums.this_month, currency), "bold"),
        ]
        weighted = _figure(_("weighted {number}"), money(sums.weighted, currency), "bold")
        shown.insert(len(shown) - 3 if cells >= NARROW else len(shown), weighted)
        return [side_by_side(shown, cells, gap=2)]

    def _draw_head(self, column: BoardColumn, cells: int, here: bool, place: str) -> list[Segment]:
        assert self._found is not None
        stage = column.stage
        worth = short_money(stage.worth, self._found.look.process.currency) if column.rows else ""
        counts: list[Part] = [(f"{len(column.rows):,}", ""), (f" {worth}", "dim")]
        tail = [counts, [(place, "dim")]] if place else [counts]
        # The number of deals and their worth stay when a long name is cut.
        room = cells - sum(parts_width(parts) + 1 for parts in tail)
        return side_by_side([fit([(safe(stage.label).upper(), "head" if here else "bold")], room), *tail], cells)

    def _draw_card(self, deal: BoardDeal, column: BoardColumn, cells: int) -> list[list[Segment]]:
        name: list[Part] = [(safe(deal.contact_name) or _("no name"), "")]
        if deal.name and deal.name != deal.contact_name:
            name.append((" · " + safe(deal.name), "dim"))
        state = self._state(deal, column, timed=cells >= 26)
        room = cells - (parts_width(state[0]) + 1 if state else 0)
        money = show_money(deal.amount, deal.currency)
        if parts_width([(money, "")]) > room:
            money = short_money(deal.amount, deal.currency)
        return [columns([Column(name, cells)]), side_by_side([[(money, "")], *state], cells, cut=6)]

    def _state(self, deal: BoardDeal, column: BoardColumn, *, timed: bool) -> Fields:
        """What matters about a deal, most urgent first: it rots, it is overdue, what is next, when it is to close."""
        from crm_tui.text.times import at_local

        found = self._found
        assert found is not None
        now, zone = found.look.now, found.look.zone
        shown: list[list[Part]] = []
        if found.is_rotting(deal, column.stage):
            shown.append([("▲ " + _("{days} d").format(days=found.rested_days(deal)), "bad")])
        close, arrow = None, "← " if mirrored() else "→ "
        if deal.expected_close is not None and (day := _day(deal.expected_close)) is not None:
            close = day_text(at_local(day, found.look.process.working.start, zone), now, zone)
            if found.is_overdue(deal):
                shown.append([("!" + arrow, "warn"), (close, "warn")])
                close = None
        if deal.next_at is not None:
            late = deal.next_at < (now if deal.next_timed else found.day_start)
            when = day_text(deal.next_at, now, zone, timed=timed and bool(deal.next_timed))
            shown.append([((_("late {when}") if late else _("next {when}")).format(when=when), "warn" if late else "dim")])
        if close is not None:
            shown.append([(arrow, "dim"), (close, "dim")])
        return shown

    def _empty(self) -> Sequence[str]:
        if self._owner is not None:
            return (_("No open deals of this owner."), _("f shows everybody's."))
        return (_("No open deals."), _("o on a contact opens one; / finds anybody."))

    # what it acts on

    def subjects(self) -> list[Subject]:
        """The deal under the cursor and its contact."""
        deal = self.board.current
        if deal is None:
            return []
        return [Subject(deal.contact, deal.contact_name, deal.phone, deal.email, deal=deal.id, deal_name=deal.name)]

    def position(self) -> str:
        """Where the cursor stands in its stage."""
        if not self.is_mounted or self.board.column is None:
            return ""
        return self.counted(self.board.cursor + 1, len(self.board.column.rows))

    @on(DealBoard.Moved)
    def _show_position(self) -> None:
        self.foot.redraw()

    @on(DealBoard.Opened)
    def _open(self) -> None:
        self.do_open()

    def do_open(self) -> None:
        """Open the contact at the deal under the cursor."""
        deal = self.board.current
        if deal is not None:
            self.app.open_contact(deal.contact, None, deal=deal.id)

    @on(DealBoard.Pushed)
    def _push(self, event: DealBoard.Pushed) -> None:
        assert self._found is not None
        deal = event.row
        keys = [stage.key for stage in self._found.stages]
        stage = self._going.get(deal.id, deal.stage)
        at = keys.index(stage) + event.steps if stage in keys else -1
        if 0 <= at < len(keys):
            self._going[deal.id] = keys[at]
            self.app.run_worker(self._move(deal, keys[at]), group="command")

    async def _move(self, deal: BoardDeal, stage: str) -> None:
        try:
            await self.app.run_command("move_deal", about=deal.name or deal.contact_name, deal=show_id(deal.id), stage=stage)
        finally:
            if self._going.get(deal.id) == stage:
                del self._going[deal.id]

    # filter

    def do_filter(self) -> None:
        """Choose whose deals, and of which pipeline."""
        from crm_tui.screens.asking import begin

        begin(self.app, "filter", [], self._choose)

    async def _choose(self, ask: Asking) -> None:
        from crm_tui.screens.dialogs import Option

        found = self._found
        if found is None:
            return
        look, now = found.look, _("now")
        options = [Option(("owner", None), _("Everybody's deals"), "" if self._owner else now)]
        options += [
            Option(("owner", id_), _("My deals") if id_ == look.me else safe(name), now if id_ == self._owner else "")
            for id_, name in sorted(look.users.items(), key=lambda user: (user[0] != look.me, user[1].casefold()))
        ]
        if len(look.process.pipelines) > 1:
            for pipeline in look.process.pipelines:
                label = _("Pipeline {name}").format(name=safe(pipeline.text))
                options.append(Option(("pipeline", pipeline.key), label, now if pipeline.key == found.pipeline else ""))
        what, value = await ask.choose(_("Show"), options)
        if what == "owner":
            self._owner = value
        else:
            self._pipeline = value
        self.refresh_data()


def _figure(text: str, number: str, look: str) -> list[Part]:
    """A number with what it is."""
    before, _mark, after = text.partition("{number}")
    return [(before, "dim"), (number, look), (after, "dim")]


def side_by_side(shown: Fields, cells: int, *, gap: int = 1, cut: int = 0) -> list[Segment]:
    """As many things as fit on a line of exactly so many cells, from the reading side; `cut`: a second one is cut to that many."""
    fields: list[Column] = []
    left = cells
    for parts in shown:
        wide = parts_width(parts)
        if fields and wide > left and (len(fields) > 1 or not cut or left < cut):
            break
        fields.append(Column(parts, min(wide, left)))
        left -= fields[-1].cells + gap
    # What is left is a part of the last one, so that the line is full.
    if fields:
        fields[-1] = fields[-1]._replace(cells=fields[-1].cells + left + gap)
    return columns(fields, gap=gap)


def whole_money(minor: int, currency: str) -> str:
    """A sum without its decimals, such as `₪612,000`."""
    from crm_tui.text.money import Money, minor_digits, show

    unit = 10 ** minor_digits(currency)
    return show(Money(_halves_up(minor, unit) * unit, currency))


def show_money(minor: int, currency: str) -> str:
    """An amount with the decimals that it has."""
    from crm_tui.text.money import Money, show

    return show(Money(minor, currency))


def short_money(minor: int, currency: str) -> str:
    """A sum in few cells: `₪950`, `₪148k`, `₪1.2m`."""
    from crm_tui.text.money import Money, minor_digits, show

    unit = 10 ** minor_digits(currency)
    if abs(minor) < 1000 * unit:
        return whole_money(minor, currency)
    thousands = _halves_up(minor, 1000 * unit)
    if abs(thousands) < 1000:
        return _("{amount}k").format(amount=show(Money(thousands * unit, currency)))
    tenths = _halves_up(minor, 100_000 * unit)
    whole, tenth = divmod(abs(tenths), 10)
    amount = show(Money((whole if tenths > 0 else -whole) * unit, currency))
    return _("{amount}m").format(amount=f"{amount}.{tenth}" if tenth and whole < 100 else amount)


def _halves_up(minor: int, unit: int) -> int:
    return (minor + unit // 2) // unit


def _day(text: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def day_text(ms: int, now: int, zone: ZoneInfo, *, timed: bool = False) -> str:
    """A day as one says it: `today`, `Sun`, `28 Nov`; within the next days with the clock when that was promised."""
    from crm_tui.text.dates import short_time
    from crm_tui.text.times import iso, local_day

    ahead = (local_day(ms, zone) - local_day(now, zone)).days
    clock = " " + iso(ms, zone)[11:16] if timed else ""
    if ahead == 0:
        return clock.strip() or _("today")
    if 0 < ahead < 7:
        from crm_tui.screens.asking import weekday

        return weekday(ms, zone) + clock
    return short_time(ms, now, zone, timed=False)
