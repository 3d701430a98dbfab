"""Random work of several people with clocks that run as they like: undo goes back step by step to the start, redo to the end."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from store_helpers import Clock, difference, do, lead, log_faults, replayed, snapshot, whole_log

from crm_tui import ids, log
from crm_tui.errors import Refused
from crm_tui.ids import parse_id, show_id
from crm_tui.store import Store

if TYPE_CHECKING:
    from databases import StoreMaker

USERS = ("noa", "ann", "bob")
NAMES = ("Dana Levi", "Dana Cohen", "Yossi Cohen", "דנה לוי", "D. Levi", "Dana", "")
PHONES = ("052-345-6789", "+972 52 345 6789", "03-612-3456", "050-234-5678", "12", "")
EMAILS = ("dana@example.com", "DANA@example.com", "yossi@acme.example", "dana at home", "")
COMPANIES = ("Acme", "acme ltd", "Zenith", "")
SOURCES = ("web_form", "phone", "exhibition", "ads")
TIMES = ("2026-11-20 09:00", "2026-11-24", "2026-12-06 16:30", "2027-03-01")
REASONS = ("price", "timing", "other")
MONEY = (0, "8k", "100 USD", {"amount": "7.50", "currency": "EUR"}, 12.5)
JUMPS = (-90 * 24, -24, -1, 0, 1, 24, 200 * 24)
one_of = st.sampled_from


class Step(NamedTuple):
    """What somebody did, and all that could be seen before it."""

    command: str
    user: str
    id: str
    before: dict[str, Any]

    def __repr__(self) -> str:
        return f"{self.user}: {self.command} {self.id}"


class Office(RuleBasedStateMachine):
    """People at work in one store."""

    def __init__(self, new_url: StoreMaker, *, back_and_forth: bool) -> None:
        super().__init__()
        self.same_ids()
        self.new_url = new_url
        self.back_and_forth = self.by_id = back_and_forth
        self.url = new_url()
        self.clock = Clock()
        self.stores = {name: Store(self.url, name, self.clock, durable=False) for name in USERS}
        self.noa = self.stores["noa"]
        for name, phone in (("Dana Levi", "052-345-6789"), ("Yossi Cohen", "03-612-3456")):
            lead(self.noa, name, phone)
        do(self.noa, "open_deal", contact="052-345-6789", value=5)
        self.floor = len(whole_log(self.noa))
        self.shot = snapshot(self.noa)
        self.steps: list[Step] = []

    def same_ids(self) -> None:
        """The same ids in each run of the same steps: ties that go by id fall alike."""
        self.patch = pytest.MonkeyPatch()
        numbers = itertools.count(1)
        self.patch.setattr(ids, "_last", 0)
        self.patch.setattr(ids, "os", SimpleNamespace(urandom=lambda size: next(numbers).to_bytes(size, "big")))

    # what there is

    def some(self, data: st.DataObject, table: str, where: str = "removed <= 0") -> str:
        """A record's id, by its number; one that is not there when there is none."""
        found = self.noa.db.rows(f"SELECT id FROM {table} WHERE {where} ORDER BY key")
        number = data.draw(st.integers(0, max(0, len(found) - 1)))
        return show_id(found[number][0]) if found else "0" * 32

    def step(self, user: str, command: str, **fields: Any) -> None:
        """Do it; a refusal changes nothing, and so does a command that says that it is no step."""
        try:
            answer = do(self.stores[user], command, **fields)
        except Refused:
            answer = {"id": None}
        if answer["id"] is None:
            assert len(whole_log(self.noa)) == self.floor + len(self.steps)
            return
        self.steps.append(Step(command, user, answer["id"], self.shot))
        self.shot = snapshot(self.noa)
        if answer.get("kept"):
            # Half a step back is no step that can be taken back whole: from here on people only go forward.
            self.floor += len(self.steps)
            self.steps = []
            self.back_and_forth = False

    @rule(hours=one_of(JUMPS))
    def clock_runs(self, hours: int) -> None:
        self.clock.add(hours=hours)

    # commands

    @rule(
        user=one_of(USERS),
        name=one_of(NAMES),
        phone=one_of(PHONES),
        email=one_of(EMAILS),
        company=one_of(COMPANIES),
        source=one_of(SOURCES),
        readiness=one_of(["high", "low", None]),
    )
    def add_lead(self, user: str, name: str, phone: str, email: str, company: str, source: str, readiness: str | None) -> None:
        self.step(user, "add_lead", name=name, phone=phone, email=email, company=company, source=source, readiness=readiness)

    @rule(
        user=one_of(USERS),
        data=st.data(),
        fields=st.fixed_dictionaries(
            {},
            optional={
                "name": one_of(NAMES),
                "phone": one_of(PHONES),
                "email": one_of(EMAILS),
                "phones": st.lists(one_of(PHONES), max_size=3),
                "emails": st.lists(one_of(EMAILS), max_size=2),
                "company": one_of(COMPANIES),
                "readiness": one_of(["high", "medium", ""]),
                "title": one_of(["CTO", ""]),
                "size": st.integers(1, 2),
            },
        ),
    )
    def edit_contact(self, user: str, data: st.DataObject, fields: dict[str, Any]) -> None:
        self.step(user, "edit_contact", contact=self.some(data, "contact"), **fields)

    @rule(user=one_of(USERS), data=st.data(), to=one_of(["ann", "bob", "leadometer", "supplier", "partner", "nurture"]))
    def route(self, user: str, data: st.DataObject, to: str) -> None:
        self.step(user, "route", contact=self.some(data, "contact"), to=to, reason="so")

    @rule(
        user=one_of(USERS),
        data=st.data(),
        outcome=one_of(["talked", "no_answer", "busy", "call_back", "wrong_number", "not_interested"]),
        direction=one_of(["out", "in"]),
        next_at=one_of([None, *TIMES]),
        next_action=one_of([None, "call", "demo"]),
        need=one_of([None, "roof", "door"]),
    )
    def log_call(
        self,
        user: str,
        data: st.DataObject,
        outcome: str,
        direction: str,
        next_at: str | None,
        next_action: str | None,
        need: str | None,
    ) -> None:
        fields = {"next_at": next_at, "next_action": next_action, "need": need}
        fields["reason"] = data.draw(one_of(REASONS)) if outcome == "not_interested" else None
        given = {key: value for key, value in fields.items() if value}
        self.step(user, "log_call", contact=self.some(data, "contact"), outcome=outcome, direction=direction, **given)

    @rule(user=one_of(USERS), data=st.data(), kind=one_of(["email", "message", "meeting", "note"]), direction=one_of(["out", "in"]))
    def log_other(self, user: str, data: st.DataObject, kind: str, direction: str) -> None:
        fields = {"note": "so it was"} | ({} if kind == "note" else {"direction": direction})
        self.step(user, f"log_{kind}", contact=self.some(data, "contact"), **fields)

    @rule(user=one_of(USERS), data=st.data(), remove=st.booleans(), note=one_of(["corrected", "", "so it was"]))
    def correct(self, user: str, data: st.DataObject, remove: bool, note: str) -> None:
        where = "removed <= 0 AND kind IN ('call', 'email', 'message', 'meeting', 'note')"
        interaction = self.some(data, "entry", where)
        if remove:
            self.step(user, "remove_interaction", interaction=interaction)
        else:
            self.step(user, "correct_interaction", interaction=interaction, note=note)

    @rule(
        user=one_of(USERS), data=st.data(), what=one_of(["add_task", "complete_task", "snooze"]), at=one_of(TIMES), note=one_of([None, "x"])
    )
    def promise(self, user: str, data: st.DataObject, what: str, at: str, note: str | None) -> None:
        if what == "add_task":
            self.step(user, what, contact=self.some(data, "contact"), due=at, note=note)
            return
        named = {"contact": self.some(data, "contact")} if data.draw(st.booleans()) else {"task": self.some(data, "task")}
        self.step(user, what, **named, note=note, **({"until": at} if what == "snooze" else {}))

    @rule(user=one_of(USERS), data=st.data(), status=one_of(["new", "no_answer", "in_process", "closed", "customer", "inactive_customer"]))
    def set_status(self, user: str, data: st.DataObject, status: str) -> None:
        reason = {"reason": data.draw(one_of(REASONS))} if status == "closed" else {}
        self.step(user, "set_status", contact=self.some(data, "contact"), status=status, **reason)

    @rule(user=one_of(USERS), data=st.data(), stage=one_of(["subscriber", "sales_qualified", "customer", "evangelist", "other"]))
    def set_lifecycle(self, user: str, data: st.DataObject, stage: str) -> None:
        self.step(user, "set_lifecycle", contact=self.some(data, "contact"), stage=stage)

    @rule(user=one_of(USERS), data=st.data(), value=one_of(MONEY))
    def open_deal(self, user: str, data: st.DataObject, value: Any) -> None:
        self.step(user, "open_deal", contact=self.some(data, "contact"), value=value)

    @rule(
        user=one_of(USERS),
        data=st.data(),
        fields=st.fixed_dictionaries(
            {},
            optional={"name": one_of(["A", "B"]), "value": one_of(MONEY), "owner": one_of(USERS), "expected_close": one_of(["", *TIMES])},
        ),
    )
    def edit_deal(self, user: str, data: st.DataObject, fields: dict[str, Any]) -> None:
        self.step(user, "edit_deal", deal=self.some(data, "deal"), **fields)

    @rule(user=one_of(USERS), data=st.data(), stage=one_of(["phone", "quote", "won", "won", "lost"]))
    def move_deal(self, user: str, data: st.DataObject, stage: str) -> None:
        reason = {"reason": data.draw(one_of(REASONS))} if stage == "lost" else {}
        self.step(user, "move_deal", deal=self.some(data, "deal"), stage=stage, **reason)

    @rule(user=one_of(USERS), data=st.data(), tag=one_of(["vip", "hot"]), off=st.booleans())
    def tag(self, user: str, data: st.DataObject, tag: str, off: bool) -> None:
        self.step(user, "untag" if off else "tag", contact=self.some(data, "contact"), tag=tag)

    @rule(user=one_of(USERS), data=st.data(), what=one_of(["merge", "merge", "unmerge", "not_same"]))
    def same(self, user: str, data: st.DataObject, what: str) -> None:
        if what == "unmerge":
            self.step(user, what, contact=self.some(data, "contact", "root IS NOT NULL"))
        else:
            names = ("keep", "drop") if what == "merge" else ("a", "b")
            self.step(user, what, **{name: self.some(data, "contact") for name in names})

    @rule(user=one_of(USERS), data=st.data(), what=one_of(["contact", "deal"]))
    def delete(self, user: str, data: st.DataObject, what: str) -> None:
        self.step(user, f"delete_{what}", **{what: self.some(data, what)})

    @rule(data=st.data())
    def business(self, data: st.DataObject) -> None:
        if data.draw(st.booleans()):
            self.step("noa", "add_user", name=data.draw(one_of(["zoe", "tom"])), role="rep")
        else:
            self.step("noa", "set_setting", name="limits.follow_up_days", value=data.draw(one_of(["", 1, 5])))

    # undo and redo on the way

    @precondition(lambda self: self.back_and_forth)
    @rule(user=one_of(USERS), what=one_of(["undo", "undo", "redo"]))
    def back(self, user: str, what: str) -> None:
        self.step(user, what)

    @precondition(lambda self: self.back_and_forth and self.steps)
    @rule(user=one_of(USERS), data=st.data())
    def back_by_id(self, user: str, data: st.DataObject) -> None:
        self.step(user, "undo", id=data.draw(one_of(self.steps)).id)

    # at the end

    def teardown(self) -> None:
        try:
            assert log_faults(self.noa.db) == []
            with tempfile.TemporaryDirectory() as folder:
                assert difference(replayed(self.noa, str(Path(folder) / "replay.db")), self.shot) == []
            if self.by_id:
                self.walk_back_by_id()
            else:
                self.undo_all_and_redo_all()
            assert log_faults(self.noa.db) == []
        finally:
            self.patch.undo()
            for store in self.stores.values():
                store.close()
            self.new_url.drop(self.url)

    def undo_all_and_redo_all(self) -> None:
        """Everybody undoes what they did last, the last first; then everybody redoes it."""
        shots = [*(step.before for step in self.steps), self.shot]
        for step, before in zip(reversed(self.steps), reversed(shots[:-1]), strict=True):
            self.clock.add(hours=-1)
            answer = do(self.stores[step.user], "undo")
            assert (answer["undone"], answer["kept"]) == (step.id, []), repr(step)
            assert difference(snapshot(self.noa), before) == [], repr(step)
        for user in USERS:
            self.refuses(user, "undo", self.floor + 2 * len(self.steps) if user != "noa" else None)
        for step, after in zip(self.steps, shots[1:], strict=True):
            self.clock.add(hours=-1)
            assert do(self.stores[step.user], "redo")["kept"] == [], repr(step)
            assert difference(snapshot(self.noa), after) == [], repr(step)

    def refuses(self, user: str, command: str, length: int | None) -> None:
        if length is not None:
            with pytest.raises(Refused):
                do(self.stores[user], command)
            assert len(whole_log(self.noa)) == length

    def walk_back_by_id(self) -> None:
        """Each step is taken back by its id: an undo by redo, anything else by undo."""
        for index, step in reversed(list(enumerate(self.steps))):
            if step.command == "undo":
                answer = do(self.stores[step.user], "redo", id=self.standing_undo(step.id))
            else:
                answer = do(self.stores[step.user], "undo", id=step.id)
            if answer["kept"] and step.command == "redo" and any(earlier.command == "redo" for earlier in self.steps[:index]):
                # Undoing a redo undoes its command: a record stays when work on it, done after the command, was redone before this redo.
                assert {one["register"] for one in answer["kept"]} == {"*"}, repr(step)
                return
            assert answer["kept"] == [], repr(step)
            assert difference(snapshot(self.noa), step.before) == [], repr(step)

    def standing_undo(self, id: str) -> str:
        """The last of a chain of redo and undo that began with the undo `id`."""
        head = log.head(self.noa.db, "WHERE b.id = ?", (parse_id(id),))
        while head is not None and head.undone:
            head = log.head(self.noa.db, "WHERE b.undo_of = ? ORDER BY b.key DESC LIMIT 1", (head.id,))
        assert head is not None
        assert head.command == "undo"
        return show_id(head.id)


def run(new_url: StoreMaker, back_and_forth: bool, examples: int, steps: int) -> None:
    machine: Callable[[], Office] = lambda: Office(new_url, back_and_forth=back_and_forth)  # noqa: E731
    limits = settings(max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=limits)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("back_and_forth", [False, True], ids=["to the start and the end", "each step"])
def test_undo_and_redo_take_back_what_was_done(new_url: StoreMaker, engine: str, back_and_forth: bool) -> None:
    run(new_url, back_and_forth, examples=8 if engine == "sqlite" else 4, steps=20)


@pytest.mark.long
@pytest.mark.parametrize("back_and_forth", [False, True], ids=["to the start and the end", "each step"])
def test_undo_and_redo_take_back_what_was_done_at_length(new_url: StoreMaker, back_and_forth: bool) -> None:
    run(new_url, back_and_forth, examples=300, steps=40)
