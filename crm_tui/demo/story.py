"""How the demonstration is told: steps, the calendar that they are told from, and the thread of each person's history."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from crm_tui.demo.data import SEED, TAGS, TEXTS, Person
from crm_tui.rules.calendar import ONE_DAY, WorkingTime
from crm_tui.text.phones import normalise_phone
from crm_tui.text.times import at_local, local_day

ADMIN = "noa"
USERS = {ADMIN: "admin", "dana": "rep", "avi": "rep", "yossi": "rep", "ruth": "lead_manager", "uri": "supervisor"}
REPS = ("dana", "avi", "yossi")
STAGES = ("phone", "meeting", "quote", "closing")
YEAR = 250
"""Working days that the company looks back on."""
_MINUTE = 60_000


class Made(str):
    """Stands in a step's fields for the id of the record that the step of this key made."""


class Step(NamedTuple):
    """One command of the story: when (ms), its place in the telling, by whom, its fields, and the key of the record that it makes."""

    at: int
    n: int
    by: str
    fields: dict[str, Any]
    makes: str


class Tale:
    """What is told so far, and the calendar that it is told from."""

    def __init__(self, now: int, working: WorkingTime) -> None:
        self.now = now
        self.working = working
        self.steps: list[Step] = []
        self.today = local_day(now, working.zone)
        self.days = [working.working_day_back(self.today - ONE_DAY, 1)]
        while len(self.days) <= YEAR + 10:
            self.days.append(working.working_day_back(self.days[-1] - ONE_DAY, 1))
        self.old: list[Person] = []
        """People whose leads came long ago: a later one can be their duplicate."""

    def due(self, days: int, clock: str = "") -> str:
        """A date so many days from today, as a person types it."""
        return f"{self.today + timedelta(days)} {clock}".strip()

    def coming(self, days: int) -> str:
        """A working day so many working days after today."""
        return self.working.add_working_days(self.today, days).isoformat()

    def later_today(self, number: int) -> str:
        """A clock time between now and the end of the day."""
        hour = (self.now // (30 * _MINUTE) + 1 + number % 6) * 30 * _MINUTE
        last = at_local(self.today, time(23, 30), self.working.zone)
        return datetime.fromtimestamp(min(hour, last) / 1000, self.working.zone).strftime("%Y-%m-%d %H:%M")

    def working_moment(self, day: date, rng: random.Random) -> int:
        """A moment within the hours of a working day."""
        start = self.working.day_start_ms(day)
        return start + rng.randrange(max(at_local(day, self.working.end, self.working.zone) - start, 1))

    def ago(self, minutes: int) -> int:
        """So many minutes before now."""
        return self.now - minutes * _MINUTE

    def worked_today(self, rng: random.Random) -> int | None:
        """A moment of today's working hours that has passed, if there is one."""
        start = self.working.day_start_ms(self.today)
        if not self.working.is_working_day(self.today) or self.now < start + 10 * _MINUTE:
            return None
        end = min(self.now, at_local(self.today, self.working.end, self.working.zone))
        return rng.randrange(start, end - 5 * _MINUTE)

    def twin(self, who: Person, number: int, *, by_phone: bool) -> Person:
        """This person as a possible duplicate of one of long ago: another name at the same phone, or the same name and company."""
        others = [one for one in self.old if one.language == who.language and one.company and normalise_phone(one.phone)]
        other = others[number]
        return who._replace(phone=other.phone) if by_phone else who._replace(name=other.name, company=other.company)


class Thread:
    """The history of one person as it is told: how far it came, and who takes care of them."""

    def __init__(self, tale: Tale, who: Person, rep: str, back: int) -> None:
        """Begin `back` working days before today (0: the last one before today)."""
        self.tale = tale
        self.rng = random.Random(f"{SEED} {who.key}")
        self.who = who
        self.rep = rep
        self.back = min(back, YEAR)
        self.at = tale.working_moment(tale.days[self.back], self.rng)
        self.deals = 0
        self.quoted = False

    def text(self, kind: str) -> str:
        """Words of a kind, mostly in the person's language."""
        language = self.who.language if self.rng.random() < 0.8 else 1 - self.who.language
        return self.rng.choice(TEXTS[kind][language])

    def wait(self, days: int) -> None:
        """Go on so many working days later, at most to the last one before today."""
        if self.back:
            self.back = max(self.back - days, 0)
            moment = self.tale.working_moment(self.tale.days[self.back], self.rng)
        else:
            moment = 0
        self.at = max(moment, self.at + self.rng.randint(3, 20) * _MINUTE)

    def go_to(self, moment: int) -> None:
        """Go on at a moment near now."""
        self.at = max(self.at + _MINUTE, moment)

    def go_to_today(self) -> None:
        """Go on today, when the business has worked today."""
        moment = self.tale.worked_today(self.rng)
        if moment is not None:
            self.go_to(moment)

    def does(self, command: str, by: str = "", makes: str = "", at: int | None = None, **fields: Any) -> None:
        """Somebody, else the rep, gives a command on this person."""
        given = {field: value for field, value in fields.items() if value is not None}
        if command not in ("add_lead", "move_deal", "edit_deal", "answer_quote"):
            given["contact"] = Made(self.who.key)
        self.tale.steps.append(
            Step(min(self.at, self.tale.now), len(self.tale.steps), by or self.rep, {"command": command, **given}, makes)
        )
        self.at += self.rng.randint(1, 4) * _MINUTE

    def arrives(self, *, again: bool = False, to: str | None = None, **changed: Any) -> None:
        """The lead comes in, and is routed to the rep (or `to`; "" leaves it waiting)."""
        who = self.who._replace(**changed)
        note = self.text("lead") if self.rng.random() < 0.6 else None
        self.does("add_lead", "ruth", "" if again else who.key, **who.lead(), note=note)
        target = self.rep if to is None else to
        if target:
            self.does("route", self.rng.choice((ADMIN, "ruth")), to=target)
            self.details()

    def details(self) -> None:
        """What is found out about some of them."""
        if self.rng.random() < 0.2:
            self.does("tag", tag=self.rng.choice(TAGS))
        if self.rng.random() < 0.12:
            self.does("edit_contact", title=self.text("title"))

    def misses(self, times: int, gap: int = 1) -> None:
        """Calls without an answer."""
        for number in range(times):
            if number:
                self.wait(gap)
            outcome = "busy" if self.rng.random() < 0.2 else "no_answer"
            self.does("log_call", outcome=outcome, note=self.text("missed") if self.rng.random() < 0.4 else None)

    def talks(self, *, need: bool = False, kind: str | None = None, due: str | None = None, outcome: str = "talked") -> None:
        """A conversation on the phone, with the next step that was agreed."""
        self.does(
            "log_call",
            outcome=outcome,
            duration=self.rng.randint(70, 1500),
            note=self.text("talked"),
            need=self.text("need") if need else None,
            next_action=kind,
            next_at=due,
        )

    def writes(self) -> None:
        """An e-mail or a message, one in three answered."""
        if self.who.email and self.rng.random() < 0.7:
            self.does("log_email", subject=self.text("subject"), body=self.text("body"))
            if self.rng.random() < 0.35:
                self.does("log_email", direction="in", body=self.text("reply"))
        else:
            self.does("log_message", note=self.text("message"))

    def notes(self, by: str = "") -> None:
        """A note."""
        self.does("log_note", by, note=self.text("note"))

    def opens_deal(self, value: int, close: int, *, dollars: bool = False) -> Made:
        """A deal over `value`, expected to close so many days from today."""
        self.deals += 1
        deal = Made(f"{self.who.key}/{self.deals}")
        money = {"value": value // 4, "currency": "USD", "rate": "3.62"} if dollars else {"value": value}
        name = self.text("deal")
        self.does("open_deal", makes=deal, name=name, **money, expected_close=self.tale.due(close))
        return deal

    def sells(self, reach: int, gap: int, *, close: int, dollars: bool = False) -> Made:
        """From the arrival to a deal at the stage of number `reach`; takes `sale_days` working days."""
        self.arrives()
        if self.rng.random() < 0.3:
            self.misses(1)
        self.wait(1)
        self.talks(need=True, kind="meeting" if reach else None)
        self.wait(gap)
        value = 100 * self.rng.choice((36, 48, 54, 96, 126, 144, 216, 288, 480, 864))
        deal = self.opens_deal(value, close, dollars=dollars)
        for stage in STAGES[1 : reach + 1]:
            self.wait(gap)
            if stage == "meeting":
                self.does("complete_task")
                self.does("log_meeting", note=self.text("meeting"), duration=60 * self.rng.randint(25, 90))
            else:
                self.writes()
            if stage == "quote":
                self.quotes(deal, value, dollars=dollars)
            self.does("move_deal", deal=deal, stage=stage)
        return deal

    def quotes(self, deal: Made, value: int, *, dollars: bool = False) -> None:
        """The price quote for a deal: six of something, for the deal's value."""
        self.quoted = True
        price = f"${value // 24}" if dollars else f"{value // 6}"
        self.does("send_quote", makes=f"{self.who.key}/quote", deal=deal, lines=[f"6 x {self.text('seats')} {price}"])

    def answers(self, answer: str, reason: str | None = None) -> None:
        """How the quote was answered, if there was one."""
        if self.quoted:
            self.does("answer_quote", quote=Made(f"{self.who.key}/quote"), answer=answer, reason=reason)


def sale_days(reach: int, gap: int) -> int:
    """The working days that a sale takes from its arrival to the stage of number `reach`."""
    return 1 + gap * (reach + 1)
