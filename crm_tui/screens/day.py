"""My Day: whom to call next and why, from the top until it is empty."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.segment import Segment

from crm_tui.i18n import gettext as _
from crm_tui.rules.cadence import response
from crm_tui.screens.leadometer import MARKS, age_text
from crm_tui.screens.listing import Listing
from crm_tui.screens.preview import Preview
from crm_tui.screens.workspace import NARROW, Subject, phone_parts
from crm_tui.widgets.lines import Lines
from crm_tui.widgets.paint import Column, Part, columns, fit, parts_width, safe, sentence
from crm_tui.widgets.record_list import RecordList

if TYPE_CHECKING:
    from crm_tui.reads.day_now import Day, DayLine

GROUP, STAND, PHONE, WHY, WHY_LEAST = 9, 10, 16, 34, 20


class DayScreen(Listing):
    """The contacts one owns that are to be called today, in calling order (product.md rule 6); a supervisor opens anybody's."""

    space = "day"
    footer = ("log_call", "log_note", "tick", "snooze")
    handles = (*Listing.handles, "tick")

    def __init__(self, whose: bytes | None = None, name: str = "") -> None:
        super().__init__()
        self._whose, self._name = whose, name
        self._day: Day | None = None
        self._passed: set[bytes] = set()
        """Whose call is being written."""

    def body(self) -> Iterator[Any]:
        """The sums and the list, beside them the person under the cursor."""
        from textual.containers import Vertical

        with Vertical(id="main"):
            yield Lines(self._draw_sums, id="gauge")
            yield RecordList(self._count, self._rows, self._draw, lambda line: line.row.id, empty=self._empty, id="list")
        yield Preview(id="side")

    def on_mount(self) -> None:
        """Begin in the list; ages come by the minute."""
        self.listed.focus()
        self.set_interval(60, self._tick)

    async def load(self) -> None:
        """Read the day again; who was called is gone, and the cursor stands on the next one."""
        from crm_tui.reads.day_now import day_now

        self._day = await self.session.read(day_now, self._whose, self.app.visited)
        self._leave_out(self._day)
        if self._whose is None:
            if self.app.visited is None:
                self.app.visited = self._day.step
            self.app.show_badge("day", len(self._day.lines))
        await self.listed.reload()
        self.query_one("#gauge", Lines).redraw()
        self.redraw_frame()

    def where(self) -> str:
        """Whose day it is, when it is not one's own."""
        return _("day of {name}").format(name=safe(self._name)) if self._whose else ""

    async def _count(self) -> int:
        return len(self._day.lines) if self._day else 0

    async def _rows(self, skip: int, limit: int) -> Sequence[DayLine]:
        return self._day.lines[skip : skip + limit] if self._day else []

    def pass_over(self, contact: bytes) -> None:
        """Who was called makes room for the next one at once, before the call is written and what it changes is read."""
        self._passed.add(contact)
        if self._day is not None:
            self._leave_out(self._day)
            self.listed.drop(contact)

    def written(self, contact: bytes) -> None:
        """The call is written, or could not be: the next reading says where they stand."""
        self._passed.discard(contact)

    def _leave_out(self, day: Day) -> None:
        if self._passed:
            day.lines = [line for line in day.lines if line.row.id not in self._passed]

    def _tick(self) -> None:
        self.refresh_data()

    def do_tick(self) -> None:
        """What was promised to them is done."""
        self.perform("complete_task")

    def why_not(self, id_: str) -> str:
        """Who has no open task has nothing that could be done."""
        why = super().why_not(id_)
        if not why and id_ in ("tick", "complete_task") and all(line.row.next_at is None for line in self.listed.chosen):
            return _("nothing is promised to them")
        return why

    # drawing

    def _draw_sums(self, cells: int) -> list[list[Segment]]:
        day = self._day
        if day is None:
            return [[]]
        from crm_tui.reads.labels import spoken_duration
        from crm_tui.text.money import Money, show

        parts: list[Part] = [
            (_("new"), "dim"),
            (f" {day.waiting['new']}", "bold"),
            ("  " + _("due"), "dim"),
            (f" {day.waiting['due']}", "bold"),
        ]
        if day.value and cells >= NARROW:
            parts.append((f" ({show(Money(day.value, day.look.currency))})", ""))
        parts += [("  " + _("no answer"), "dim"), (f" {day.waiting['no_answer']}", "bold")]
        if day.unplanned and cells >= NARROW:
            parts += [("  " + _("no next step"), "dim"), (f" {day.unplanned}", "warn")]
        end: list[Part] = [(_("done"), "dim"), (f" {day.done}", "bold")]
        if day.talked_seconds and cells >= NARROW:
            end += [("  " + _("talked"), "dim"), (" " + spoken_duration(day.talked_seconds), "bold")]
        wide = parts_width(end)
        lines = [columns([Column(fit(parts, cells - wide - 2), cells - wide - 2), Column(end, wide, end=True)])]
        found = [more for more in (self._left(day), self._met(day)) if more]
        lines += [columns([Column(fit(more, cells - 1), cells - 1)]) for more in found[: 1 if cells < NARROW else 2]]
        return lines

    def _met(self, day: Day) -> list[Part]:
        """What others did since the last visit, until the first step of this one."""
        if self._whose is not None or day.met is None or not any(day.met):
            return []
        counts = zip(day.met, (_("new for you"), _("came back"), _("changed by others")), strict=True)
        said: list[Part] = [(_("since your last visit:"), "dim")]
        for count, what in counts:
            if count:
                said += [(" · " if len(said) > 1 else " ", "dim"), (str(count), "accent"), (f" {what}", "")]
        return [*said, ("  !", "key"), (" " + _("shows them"), "dim")]

    def _left(self, day: Day) -> list[Part]:
        """At the end of the working day: what is left, and what becomes of it."""
        if not day.is_ending or not day.lines:
            return []
        what = (("new", _("new, still untried")), ("due", _("due, then overdue")), ("no_answer", _("to try again")))
        left: list[Part] = [(_("left today:"), "dim")]
        for bucket, text in what:
            if count := day.waiting[bucket]:
                left += [(" · " if len(left) > 1 else " ", "dim"), (str(count), "warn"), (f" {text}", "")]
        return left

    def _draw(self, line: DayLine, cells: int, narrow: bool) -> list[list[Segment]]:
        day = self._day
        assert day is not None
        look = day.look.at_time(self.session.clock())
        row = line.row
        mark, stand = self._stand(line)
        is_late = line.bucket == "due" and (row.next_at or 0) < day.today
        why: list[Part] = [(sentence(day.why(line)), "warn" if is_late else "dim")]
        name: list[Part] = [(safe(row.name) or _("no name"), "")]
        if line.company:
            name.append((" · " + safe(line.company), "dim"))
        group: list[Part] = [(_GROUPS[line.bucket](), "head")] if self._is_first(line) else []
        lacks: list[Part] = []
        if not row.phone and not line.phone_e164:
            from crm_tui.reads.labels import field_label

            lacks = [("✗ " + field_label("phone"), "dim")]
        if narrow:
            rest = max(4, cells - STAND - 4)
            why = [*lacks, ("  ", ""), *why] if lacks else why
            first = [Column(mark, 1), Column(stand, STAND, end=True), Column(name, rest)]
            return [columns(first), columns([Column([], 1), Column(group, STAND), Column(why, rest)])]
        rest = max(10, cells - GROUP - STAND - PHONE - 7)
        wide = rest - min(WHY, max(WHY_LEAST, rest // 2), rest)
        return [
            columns(
                [
                    Column(group, GROUP),
                    Column(mark, 1),
                    Column(stand, STAND, end=True),
                    Column(name, wide),
                    Column(lacks or phone_parts(look, row.phone, line.phone_e164), PHONE),
                    Column(why, rest - wide),
                ]
            )
        ]

    def _stand(self, line: DayLine) -> tuple[list[Part], list[Part]]:
        """How it stands in its group: how long it waits with its mark, what it is worth, how often it was tried."""
        row = line.row
        assert self._day is not None
        if line.bucket == "new":
            waited = self.session.clock() - row.started_at
            mark, colour = MARKS[response(waited, self._day.look.limits, still_new=True)]
            return [(mark, colour)], [(age_text(waited), "")]
        if line.bucket == "due":
            from crm_tui.text.money import Money, show

            return [], [(show(Money(row.value, self._day.look.currency)), "") if row.value else ("—", "dim")]
        return [], [(_("{done} of {total}").format(done=row.attempts, total=self._day.look.limits.max_attempts), "")]

    def _is_first(self, line: DayLine) -> bool:
        assert self._day is not None
        return next(one for one in self._day.lines if one.bucket == line.bucket) is line

    def _empty(self) -> Sequence[str]:
        if self._day is not None and self._day.done:
            return (_("Done for now: nobody waits for you."), _("1 shows what came in, + makes a new lead."))
        return (_("Nobody waits for you."), _("What is routed to you stands here; + makes a new lead of your own."))

    # what it acts on

    def subjects(self) -> list[Subject]:
        """The marked people, else the one under the cursor."""
        return [Subject(line.row.id, line.row.name, line.row.phone) for line in self.listed.chosen]

    def follow(self, row: Any) -> None:
        """Show the person beside the list."""
        self.query_one(Preview).follow(row.row.id if row is not None else None)

    def open_row(self, row: Any) -> None:
        """Open the person."""
        self.app.open_contact(row.row.id, self.listed)


_GROUPS = {"new": lambda: _("NEW"), "due": lambda: _("DUE"), "no_answer": lambda: _("NO ANSW.")}
