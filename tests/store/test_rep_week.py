"""One working week of a rep on a laptop, from Sunday to the next, with the office's work coming in by sync on the way; both engines."""

from __future__ import annotations

from typing import Any

from laptops import Laptop, Office
from store_helpers import day, deal, show


class Week:
    """Ann on her laptop, mia (who routes) on hers; one clock for both."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.mia, self.ann = office("mia"), office("ann")

    def at(self, text: str) -> None:
        """It is so late everywhere."""
        for laptop in (self.mia, self.ann):
            laptop.clock.set(text)

    def meet(self) -> None:
        """Both sync; the second time mia gets what ann brought."""
        for laptop in (self.mia, self.ann, self.mia):
            laptop.sync()

    def new(self, name: str, phone: str, **more: Any) -> str:
        """A lead that comes in at the office and is routed to ann."""
        contact = self.mia.lead(name, phone, **more)
        self.mia.do("route", contact=contact, to="ann")
        return contact

    def list(self, laptop: Laptop | None = None) -> list[tuple[str, str]]:
        """Ann's day: who, and why."""
        return [(row["name"], row["why"]) for row in day((laptop or self.ann).store)]

    def call(self, contact: str, outcome: str, **more: Any) -> dict[str, Any]:
        """Ann calls."""
        return self.ann.do("log_call", contact=contact, outcome=outcome, **more)


def test_from_sunday_to_sunday(office: Office) -> None:
    week = Week(office)
    week.at("2026-11-22T08:00")
    dana = week.new("Dana Levi", "052-345-6701")
    week.at("2026-11-22T08:30")
    yossi = week.new("Yossi Katz", "052-345-6702", source="ads")
    week.at("2026-11-22T08:31")
    ruth = week.new("Ruth Bar", "052-345-6703", source="exhibition", readiness="high")
    week.meet()

    # Sunday: who just came in is first and the youngest of them, then who has waited.
    week.at("2026-11-22T08:40")
    assert week.list() == [("Ruth Bar", "new for 9 minutes"), ("Yossi Katz", "new for 10 minutes"), ("Dana Levi", "new for 40 minutes")]
    assert set(week.call(dana, "no_answer")["rules"]) == {"no answer", "next try"}
    assert "first conversation" in week.call(ruth, "talked", need="a demo for ten people", duration=300)["rules"]
    week.call(yossi, "call_back", next_at="2026-11-23T11:00")
    assert week.list() == []
    opened = week.ann.do("open_deal", contact=ruth, name="Demo", value=48_000)["record"]
    assert show(week.ann.store, ruth)["lifecycle"] == "opportunity"

    # Monday, on the road without a network: who did not answer, and at eleven what was promised.
    week.at("2026-11-23T08:00")
    assert week.list() == [("Yossi Katz", "due today 11:00"), ("Dana Levi", "tried 1 of 6, last on 22 Nov")]
    week.call(dana, "busy")
    week.at("2026-11-23T11:01")
    assert week.list() == [("Yossi Katz", "due today 11:00")]
    week.call(yossi, "talked", next_action="demo", next_at="2026-11-25T10:00", note="wants to see it", duration=600)
    # Meanwhile at the office: a lead comes back, a new one comes in; ann sees them when she meets the hub.
    noam = week.new("Noam Peretz", "052-345-6704")
    assert week.mia.do("add_lead", name="Dana Levi", phone="052-345-6701", source="web_form")["record"] == dana
    assert week.list() == []
    week.meet()
    # Of two leads that are new in the same minute the order is that of the clock of rule 5.
    assert sorted(name for name, _why in week.list()) == ["Noam Peretz"]
    assert week.list(week.ann) == [("Noam Peretz", "new for less than a minute")]

    # Tuesday: follow-up of the first conversation, by value; the third try of whom nobody reaches.
    week.at("2026-11-24T09:00")
    assert week.list() == [
        ("Noam Peretz", "new for 21 h 59"),
        ("Ruth Bar", "due today"),
        ("Dana Levi", "tried 2 of 6, last on 23 Nov"),
    ]
    week.call(noam, "not_interested", reason="price")
    week.ann.do("move_deal", deal=opened, stage="meeting")
    week.ann.do("log_meeting", contact=ruth, note="showed it to all ten")
    week.ann.do("add_task", contact=ruth, kind="quote", due="2026-11-26")
    week.call(dana, "no_answer")
    assert week.list() == []

    # Wednesday: the demo at ten; afterwards the step is taken back and taken again.
    week.at("2026-11-25T10:00")
    assert week.list() == [("Yossi Katz", "due today 10:00"), ("Dana Levi", "tried 3 of 6, last on 24 Nov")]
    week.ann.do("log_meeting", contact=yossi, note="the demo")
    week.ann.do("complete_task", contact=yossi)
    before = show(week.ann.store, yossi)
    answer = week.ann.do("set_status", contact=yossi, status="closed", reason="timing")
    week.ann.do("undo", id=answer["id"])
    assert show(week.ann.store, yossi) == before
    week.call(dana, "no_answer")

    # Thursday: the quote is due, and won; the sixth attempt offers to close.
    week.at("2026-11-26T09:00")
    assert week.list() == [("Ruth Bar", "due today"), ("Dana Levi", "tried 4 of 6, last on 25 Nov")]
    week.ann.do("move_deal", deal=opened, stage="won")
    assert (show(week.ann.store, ruth)["status"], show(week.ann.store, ruth)["lifecycle"]) == ("customer", "customer")
    week.call(dana, "no_answer")
    week.meet()

    # Friday and Saturday nobody works; what the next try says is Sunday.
    week.at("2026-11-27T10:00")
    assert "Dana Levi" not in dict(week.list())
    week.at("2026-11-29T08:00")
    assert ("Dana Levi", "tried 5 of 6, last on 26 Nov") in week.list()
    last = week.call(dana, "no_answer")
    assert [(one["command"], one["status"], one["reason"]) for one in last["suggest"] if one["command"] == "set_status"] == [
        ("set_status", "closed", "unreachable")
    ]
    # Yossi has no next action since the demo, and nobody touched him for longer than three working days.
    assert [state["code"] for state in show(week.ann.store, yossi)["states"]] == ["no_followup"]
    week.at("2026-12-01T08:00")
    assert [state["code"] for state in show(week.ann.store, yossi)["states"]] == ["no_followup", "cooling"]
    week.meet()
    assert office.same() == []
    assert deal(week.mia.store, opened)["stage"] == "won"
    for contact in (dana, yossi, ruth, noam):
        mine, theirs = show(week.ann.store, contact), show(week.mia.store, contact)
        assert mine == theirs
