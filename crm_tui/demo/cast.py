"""Whose histories the demonstration tells, each with some people of its kind, and the whole story of them in order of time."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from crm_tui.demo.data import SEED, Person, people
from crm_tui.demo.story import ADMIN, REPS, Made, Step, Tale, Thread, sale_days
from crm_tui.rules.calendar import WorkingTime


def story(now: int, working: WorkingTime) -> list[Step]:
    """All steps up to `now` (ms), in order of time."""
    tale = Tale(now, working)
    cast = iter(people(sum(count for _tell, count in _CAST)))
    for tell, count in _CAST:
        for number in range(count):
            tell(tale, next(cast), number)
    _win_back(tale)
    return sorted(tale.steps, key=lambda step: step[:2])


def _win_back(tale: Tale) -> None:
    """A campaign of the lead manager, in which the reps call whoever said no long ago; a part of it is done."""
    rng = random.Random(f"{SEED} win back")
    keys = [Made(one.key) for one in tale.old[-18:]]
    campaign = {"kind": "calls", "ends": tale.due(21), "cost": 1200, "contacts": keys}
    tale.steps.append(
        Step(
            tale.working_moment(tale.days[6], rng),
            len(tale.steps),
            "ruth",
            {"command": "add_campaign", "name": "Win back · לחזור", **campaign},
            "win back",
        )
    )
    for number, day in enumerate((5, 4, 3, 2, 1)):
        ticked = {"command": "tick", "campaign": Made("win back"), "contacts": [keys[number]]}
        tale.steps.append(Step(tale.working_moment(tale.days[day], rng), len(tale.steps), REPS[number % 3], ticked, ""))


def rep_of(number: int) -> str:
    """Who takes care of the person of this number among their kind: the reps in turn, and now and then noa."""
    return ADMIN if number % 10 == 9 else REPS[number % 3]


def _closed(tale: Tale, who: Person, number: int) -> None:
    """Not interested in the end, each for a reason; some numbers were wrong."""
    rep = rep_of(number)
    thread = Thread(tale, who, rep, 10 + number * 235 // 84)
    thread.arrives()
    thread.wait(number % 3)
    if number % 4 == 0:
        thread.misses(1 + number % 3)
        thread.wait(1)
    if number % 9 == 8 and who.phone:
        thread.does("log_call", outcome="wrong_number")
        thread.does("edit_contact", phone=f"054-244-{3000 + number}")
        thread.does("complete_task")
        thread.wait(1)
    if number % 2:
        thread.talks(need=number % 5 == 0)
        thread.writes()
        thread.wait(2)
    reason = ("price", "timing", "competitor", "no_need", "not_relevant", "other")[number % 6]
    thread.does("log_call", outcome="not_interested", reason=reason, text=thread.text("dropped"), duration=thread.rng.randint(20, 200))
    if number > 30:
        tale.old.append(who)


def _unreachable(tale: Tale, who: Person, number: int) -> None:
    """Six calls and nobody answered."""
    thread = Thread(tale, who, rep_of(number), 14 + 9 * number)
    thread.arrives()
    thread.misses(6, 1 + number % 2)
    thread.does("set_status", status="closed", reason="unreachable")


def _elsewhere(tale: Tale, who: Person, number: int) -> None:
    """Not for sales, or not yet: at a desk."""
    thread = Thread(tale, who, "ruth", 3 + 11 * number)
    thread.arrives(to=("nurture", "support", "nurture", "partner", "nurture", "not_a_lead", "supplier")[number % 7])
    if number % 3 == 0:
        thread.notes()


def _lost(tale: Tale, who: Person, number: int) -> None:
    """A deal that was lost, half of them closed with the same reason."""
    reach, gap = number % 4, 2 + number % 3
    thread = Thread(tale, who, rep_of(number), sale_days(reach, gap) + 12 + 18 * number)
    deal = thread.sells(reach, gap, close=-10 * number, dollars=number == 4)
    thread.wait(4)
    reason = ("price", "competitor", "timing", "no_need", "other")[number % 5]
    thread.answers("declined", reason)
    thread.does("move_deal", deal=deal, stage="lost", reason=reason, text=thread.text("dropped"))
    if number % 2:
        thread.does("set_status", status="closed", reason=reason)


def _won(tale: Tale, who: Person, number: int) -> None:
    """A customer: some buy again now, some have not been heard of for long."""
    reach, gap = 3, 2 + number % 4
    long_ago = number % 4 == 3
    thread = Thread(tale, who, rep_of(number), (150 if long_ago else 10) + sale_days(reach, gap) + 5 * number)
    deal = thread.sells(reach, gap, close=-7 * number - 3, dollars=number % 6 == 2)
    thread.wait(2)
    thread.answers("accepted")
    thread.does("move_deal", deal=deal, stage="won")
    thread.does("log_email", subject=thread.text("subject"), body=thread.text("body"))
    if long_ago:
        return
    thread.wait(3)
    thread.notes("uri" if number % 5 == 0 else "")
    if number % 6 == 0:
        thread.does("set_lifecycle", "uri", stage="evangelist")
    if number % 4 == 1:
        thread.go_to(tale.working_moment(tale.days[2], thread.rng))
        thread.talks(kind="quote", due=tale.due(0))
        again = thread.opens_deal(1200 * (3 + number), 25)
        thread.does("move_deal", deal=again, stage="quote")
    elif number % 5 == 2:
        thread.does("add_task", kind="call", due=tale.coming(3 + number), note=thread.text("task"))


def _selling(tale: Tale, who: Person, number: int) -> None:
    """An open deal: with a next step today or later, or past its day, or left lying for long."""
    reach, gap, way = number % 4, 1 + number % 5, number // 4 % 5
    lying = way == 3
    last = 9 + number % 16 if lying else 1 + number % 3
    close = -4 - number if lying else (5, 20, 45, -3, 70)[number % 5]
    thread = Thread(tale, who, rep_of(number), last + sale_days(reach, gap))
    thread.sells(reach, gap, close=close, dollars=number % 8 == 5)
    if number % 6 == 0:
        thread.notes("uri")
    kind = ("call", "meeting", "quote", "demo")[reach]
    if way == 2 and number % 2:
        thread.go_to_today()
    due = (tale.due(0), tale.later_today(number), tale.coming(1 + number % 7), None, tale.due(-1 - number % 4))[way]
    if due is None:
        thread.writes()
    else:
        thread.talks(kind=kind, due=due)


def _no_answer(tale: Tale, who: Person, number: int) -> None:
    """Called once to six times, last on one of the days before today."""
    last, times = number % 4, 1 + number % 6
    thread = Thread(tale, who, rep_of(number), last + times)
    thread.arrives()
    thread.wait(1)
    thread.misses(times)
    if number % 3 == 0 and who.email:
        thread.does("log_email", subject=thread.text("subject"), body=thread.text("body"))


def _due(tale: Tale, who: Person, number: int) -> None:
    """Talked to, and promised something for today or before."""
    way = number // 3 % 6
    thread = Thread(tale, tale.twin(who, number, by_phone=number == 7) if number in (7, 8) else who, rep_of(number), 3 + number % 5)
    thread.arrives()
    thread.wait(1)
    if way == 4:
        hour = 9 + number % 8
        thread.talks(outcome="call_back", due=tale.due(0, f"{hour:02}:30"))
    elif way == 5:
        thread.talks()
        thread.does("snooze", until=tale.due(0), note=thread.text("task"))
    else:
        kind, due = (
            ("call", tale.due(0)),
            ("meeting", tale.later_today(number)),
            ("call", tale.due(-1 - number % 3)),
            ("demo", tale.due(0)),
        )[way]
        thread.talks(need=True, kind=kind, due=due)


def _later(tale: Tale, who: Person, number: int) -> None:
    """Talked to, some of them today, and called again in the days to come; some wrote again by themselves."""
    thread = Thread(tale, who, rep_of(number), 2 + number % 9)
    thread.arrives()
    thread.wait(1)
    if number % 4 == 0:
        thread.misses(1)
    thread.wait(2)
    if number % 2:
        thread.go_to_today()
    clock = f" {9 + number % 8:02}:{number % 2 * 30:02}" if number % 3 else ""
    thread.talks(
        need=number % 3 == 0, kind="call", due=tale.coming(1 + number % 6) + clock, outcome="call_back" if number % 4 == 1 else "talked"
    )
    if number % 5 == 2:
        thread.does("add_task", kind="quote", due=tale.coming(2), note=thread.text("task"))
    if number % 6 == 4:
        thread.go_to(tale.ago(25 + 30 * number))
        thread.arrives(again=True, to="", source="web_form", detail="pricing page")


def _left(tale: Tale, who: Person, number: int) -> None:
    """Talked to, and without a next step."""
    thread = Thread(tale, who, rep_of(number), 6 + number)
    thread.arrives()
    thread.wait(1)
    thread.talks()
    thread.wait(2)
    thread.does("complete_task")
    thread.writes()


def _new(tale: Tale, who: Person, number: int) -> None:
    """Routed to a rep and not yet called; the last of each rep was closed once and came back."""
    minutes = (6, 55, 190, 1100, 30)[number // 3]
    thread = Thread(tale, who, rep_of(number), 120)
    if number < 12:
        thread.at = tale.ago(minutes)
        thread.arrives(to="")
        thread.does("route", ADMIN, to=thread.rep)
        return
    thread.who = who._replace(phone=f"052-244-{4000 + number}")
    thread.arrives()
    thread.wait(1)
    thread.does("log_call", outcome="not_interested", reason="timing", text=thread.text("dropped"))
    thread.go_to(tale.ago(minutes + number))
    thread.arrives(again=True, to="", source="web_form", detail="pricing page")


_WAITING: tuple[tuple[int, dict[str, Any]], ...] = (
    (1, {}),
    (4, {"source": "ads", "detail": "Google Ads"}),
    (7, {"source": "web_chat", "detail": "WhatsApp"}),
    (72, {}),
    (95, {"phone": "052-244-5095", "source": "web_form", "detail": "pricing page"}),
    (134, {"email": ""}),
    (178, {}),
    (970, {"source": "exhibition", "detail": "Office Expo", "readiness": "high"}),
    (1000, {}),
    (1150, {"email": "", "phone": "03-524-4115"}),
    (1650, {}),
    (1900, {"source": "social", "detail": "LinkedIn"}),
    (3100, {"phone": ""}),
    (4600, {}),
)
"""The leads that wait: for how many minutes, and what is said of them. The fourth and the sixth are possible duplicates."""


def _waiting(tale: Tale, who: Person, number: int) -> None:
    """In the Leadometer, from a minute to days; one was there half a year ago."""
    minutes, said = _WAITING[number]
    if number in (3, 6):
        who = tale.twin(who, number, by_phone=number == 3)
    thread = Thread(tale, who._replace(**said), "ruth", 125)
    if minutes == 95:
        thread.arrives(to="")
        thread.wait(1)
        thread.talks()
        thread.wait(2)
        thread.does("log_call", outcome="not_interested", reason="timing", text=thread.text("dropped"))
    thread.at = tale.ago(minutes)
    thread.arrives(again=minutes == 95, to="")


_CAST: tuple[tuple[Callable[[Tale, Person, int], None], int], ...] = (
    (_closed, 84),
    (_unreachable, 25),
    (_elsewhere, 20),
    (_lost, 11),
    (_won, 15),
    (_selling, 30),
    (_no_answer, 27),
    (_due, 24),
    (_later, 26),
    (_left, 9),
    (_new, 15),
    (_waiting, len(_WAITING)),
)
"""Who tells how many people's histories; together 300."""
