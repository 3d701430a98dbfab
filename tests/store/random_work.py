"""Random work on a laptop: any command of the program with fields that mostly make sense, seeded."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from laptops import Laptop
from store_helpers import ms

from crm_tui.errors import Refused
from crm_tui.ids import show_id
from crm_tui.intake.run import import_file

NAMES = ("Dana Levi", "Dana Cohen", "Yossi Cohen", "דנה לוי", "D. Levi", "Dana", "")
PHONES = ("052-345-6789", "+972 52 345 6789", "03-612-3456", "050-234-5678", "054-765-4321", "12")
EMAILS = ("dana@example.com", "DANA@example.com", "yossi@acme.example", "dana at home", "ruth@zenith.example")
COMPANIES = ("Acme", "acme ltd", "Zenith", "")
REASONS = ("price", "timing", "other")
TIMES = ("2026-11-20 09:00", "2026-11-24", "2027-03-06 16:30", "2027-05-01")
USERS = ("noa", "ann", "bob", "mia", "sue")
_OPENING = ms("2026-10-05T00:00") << 16
"""Nobody takes back that the people of the company are in it: they would all be sent home."""
SETTINGS = (("limits.follow_up_days", 1), ("limits.follow_up_days", 5), ("limits.follow_up_days", ""), ("limits.touch_days", 9))

Act = Callable[["Work"], dict[str, Any] | None]
ACTS: dict[str, Act] = {}


def act(command: str) -> Callable[[Act], Act]:
    """Register how the fields of a command are drawn; None: there is nothing to do it to."""

    def keep(fields: Act) -> Act:
        ACTS[command] = fields
        return fields

    return keep


class Work:
    """One person's hand on one laptop."""

    def __init__(self, rng: random.Random, laptop: Laptop, files: list[Path]) -> None:
        self.rng, self.laptop, self.files = rng, laptop, files

    def one(self, *values: Any) -> Any:
        return self.rng.choice(values)

    def maybe(self, **fields: tuple[Any, ...]) -> dict[str, Any]:
        """Some of these fields, each with one of its values."""
        return {name: self.rng.choice(values) for name, values in fields.items() if self.rng.random() < 0.4}

    def some(self, table: str, where: str = "removed <= 0", column: str = "id") -> str | None:
        """The id of a record, of the newest more often: people work on the same things."""
        rows = self.laptop.db.rows(f"SELECT {column} FROM {table} WHERE {where} ORDER BY {column} DESC")
        return show_id(rows[min(self.rng.randrange(len(rows)), self.rng.randrange(len(rows)))][0]) if rows else None

    def of(self, ref: str, table: str, /, **fields: Any) -> dict[str, Any] | None:
        """Fields beside a record that must be there."""
        record = self.some(table)
        return None if record is None else {ref: record, **fields}

    def work(self) -> str | None:
        """Do something; the command if it left a step in the log."""
        if self.files and self.rng.random() < 0.04:
            import_file(self.laptop.store, self.rng.choice(self.files), on_duplicate=self.one("touch", "skip", "update"))
            return "import"
        command = self.rng.choice(list(ACTS))
        fields = ACTS[command](self)
        if fields is None:
            return None
        try:
            answer = self.laptop.do(command, **fields)
        except Refused:
            return None
        return command if answer["id"] else None


@act("add_lead")
def _add_lead(work: Work) -> dict[str, Any]:
    fields = work.maybe(email=EMAILS, company=COMPANIES, readiness=("high", "low"), source=("web_form", "phone", "ads"), note=("hi",))
    return {"name": work.one(*NAMES), "phone": work.one(*PHONES), **fields}


@act("edit_contact")
def _edit_contact(work: Work) -> dict[str, Any] | None:
    points = work.one(
        {"phone": work.one("", *PHONES)},
        {"phones": [work.one(*PHONES), work.one(*PHONES)]},
        {"email": work.one("", *EMAILS)},
        {"emails": [work.one(*EMAILS), work.one(*EMAILS)]},
        {},
    )
    more = work.maybe(name=NAMES, company=COMPANIES, readiness=("high", "low", ""), title=("CTO", "CEO", ""), size=(1, 2))
    return work.of("contact", "contact", **points, **more)


@act("route")
def _route(work: Work) -> dict[str, Any] | None:
    return work.of("contact", "contact", to=work.one("ann", "bob", "leadometer", "supplier", "nurture"), reason="so")


@act("log_call")
def _log_call(work: Work) -> dict[str, Any] | None:
    outcome = work.one("talked", "no_answer", "busy", "call_back", "wrong_number", "not_interested")
    fields = work.maybe(direction=("in", "out"), next_action=("call", "demo"), need=("roof", "door"), at=TIMES)
    fields |= {"reason": work.one(*REASONS)} if outcome == "not_interested" else {}
    fields |= {"next_at": TIMES[-1]} if outcome == "call_back" else {}
    return work.of("contact", "contact", outcome=outcome, **fields)


def _written(work: Work) -> dict[str, Any] | None:
    fields = work.maybe(direction=("in", "out"), next_at=TIMES, next_action=("call", "quote"))
    return work.of("contact", "contact", note=work.one("so it was", "שלום"), **fields)


for _command in ("log_meeting", "log_email", "log_message"):
    ACTS[_command] = _written


@act("log_note")
def _log_note(work: Work) -> dict[str, Any] | None:
    return work.of("contact", "contact", note="noted")


def _interaction(work: Work) -> str | None:
    return work.some("entry", "removed <= 0 AND kind IN ('call', 'email', 'message', 'meeting', 'note', 'quote')")


@act("correct_interaction")
def _correct(work: Work) -> dict[str, Any] | None:
    found = _interaction(work)
    return {"interaction": found, "note": work.one("corrected", "better", "")} if found else None


@act("remove_interaction")
def _remove(work: Work) -> dict[str, Any] | None:
    found = _interaction(work)
    return {"interaction": found} if found else None


@act("add_task")
def _add_task(work: Work) -> dict[str, Any] | None:
    return work.of("contact", "contact", due=work.one(*TIMES), **work.maybe(kind=("call", "demo"), owner=USERS, note=("x",)))


@act("complete_task")
def _complete(work: Work) -> dict[str, Any] | None:
    return work.of("task", "task", **work.maybe(note=("done",)))


@act("snooze")
def _snooze(work: Work) -> dict[str, Any] | None:
    name = work.one("task", "contact")
    return work.of(name, name, until=work.one(*TIMES), **work.maybe(note=("later",)))


@act("set_status")
def _set_status(work: Work) -> dict[str, Any] | None:
    status = work.one("new", "in_process", "customer", "closed", "docs")
    return work.of("contact", "contact", status=status, **({"reason": work.one(*REASONS)} if status == "closed" else {}))


@act("set_lifecycle")
def _set_lifecycle(work: Work) -> dict[str, Any] | None:
    return work.of("contact", "contact", stage=work.one("subscriber", "sales_qualified", "customer", "evangelist", "other"))


@act("open_deal")
def _open_deal(work: Work) -> dict[str, Any] | None:
    return work.of("contact", "contact", value=work.one(0, "8k", "100 USD", 12.5), **work.maybe(name=("A", "B"), owner=USERS))


@act("edit_deal")
def _edit_deal(work: Work) -> dict[str, Any] | None:
    fields = work.maybe(name=("A", "B", "C"), value=(0, "9k", "7 EUR"), owner=USERS, expected_close=("", *TIMES))
    return work.of("deal", "deal", **fields)


@act("move_deal")
def _move_deal(work: Work) -> dict[str, Any] | None:
    stage = work.one("phone", "quote", "won", "lost")
    return work.of("deal", "deal", stage=stage, **({"reason": work.one(*REASONS)} if stage == "lost" else {}))


@act("send_quote")
def _send_quote(work: Work) -> dict[str, Any] | None:
    lines = work.one(["2 x roof 1,200 -10%", "-5%"], ["door $90"], [{"description": "wall", "unit_price": "7.50", "quantity": 3}])
    return work.of("contact", "contact", lines=lines, **work.maybe(valid_until=TIMES, next_at=TIMES, deal=(work.some("deal"),)))


@act("answer_quote")
def _answer_quote(work: Work) -> dict[str, Any] | None:
    found = work.some("entry", "removed <= 0 AND kind = 'quote'")
    answer = work.one("accepted", "declined")
    return {"quote": found, "answer": answer, **({"reason": work.one(*REASONS)} if answer == "declined" else {})} if found else None


@act("tag")
def _tag(work: Work) -> dict[str, Any] | None:
    return work.of("contact", "contact", tag=work.one("vip", "hot"))


@act("untag")
def _untag(work: Work) -> dict[str, Any] | None:
    found = work.some("tag", "1 = 1", "contact")
    return {"contact": found, "tag": work.one("vip", "hot")} if found else None


@act("merge")
def _merge(work: Work) -> dict[str, Any] | None:
    return work.of("keep", "contact", drop=work.some("contact"))


@act("unmerge")
def _unmerge(work: Work) -> dict[str, Any] | None:
    found = work.some("contact", "root IS NOT NULL")
    return {"contact": found} if found else None


@act("not_same")
def _not_same(work: Work) -> dict[str, Any] | None:
    found = work.some("pair", "shown = 1", "contact") if work.rng.random() < 0.8 else None
    return work.of("a", "contact", b=found or work.some("contact"))


@act("delete_contact")
def _delete_contact(work: Work) -> dict[str, Any] | None:
    return work.of("contact", "contact") if work.rng.random() < 0.5 else None


@act("delete_deal")
def _delete_deal(work: Work) -> dict[str, Any] | None:
    return work.of("deal", "deal") if work.rng.random() < 0.5 else None


@act("add_user")
def _add_user(work: Work) -> dict[str, Any]:
    return {"name": work.one("zoe", "tom", "uri"), "role": "rep"}


@act("set_away")
def _set_away(work: Work) -> dict[str, Any]:
    return work.maybe(user=USERS) | work.one({}, {"until": TIMES[-1]}, {"until": TIMES[-2], "covered_by": work.one(*USERS)})


@act("set_setting")
def _set_setting(work: Work) -> dict[str, Any]:
    if work.rng.random() < 0.3:
        # As a file of the process is loaded: several at once, a status that comes and goes.
        docs = work.one(None, {"label": "Docs", "role": "in_process"}, {"label": "Papers", "role": "in_process", "retired": True})
        return {"values": {"statuses.docs": docs, "limits.touch_days": work.one(None, 4)}}
    name, value = work.one(*SETTINGS, ("statuses.docs.label", "Docs"), ("statuses.docs.label", ""))
    return {"name": name, "value": value}


@act("save_view")
def _save_view(work: Work) -> dict[str, Any]:
    fields = work.maybe(order=("newest", "value", ""), columns=(["name", "phone"], []), shared=(True, False), default=(True, False))
    return {
        "name": work.one("Mine", "hot", "חמים", "mine"),
        "filter": work.one("owner:me", "tag:hot age>3d", "stage:lead or is:cooling"),
        **fields,
    }


@act("delete_view")
def _delete_view(work: Work) -> dict[str, Any]:
    return {"name": work.one("hot", "חמים"), **work.maybe(shared=(True, False))}


@act("add_campaign")
def _add_campaign(work: Work) -> dict[str, Any]:
    fields = work.maybe(
        kind=("emails", "event"), cost=("8k", "100 USD"), ends=TIMES, filter=("is:cooling or age>1d", "tag:vip"), view=("mine", "all")
    )
    return {"name": work.one("Spring", "אביב", "spring 2"), **fields}


@act("edit_campaign")
def _edit_campaign(work: Work) -> dict[str, Any] | None:
    fields = work.maybe(name=("Spring", "Autumn"), kind=("calls", "other"), cost=("", 90), starts=("", *TIMES), refill=(True,))
    return work.of("campaign", "campaign", contacts=[found] if (found := work.some("contact")) else [], **fields)


@act("delete_campaign")
def _delete_campaign(work: Work) -> dict[str, Any] | None:
    return work.of("campaign", "campaign") if work.rng.random() < 0.3 else None


def _ticked(work: Work) -> dict[str, Any] | None:
    found = work.some("listed", "member = 1", "contact")
    return work.of("campaign", "campaign", contacts=[found]) if found else None


ACTS["tick"] = ACTS["untick"] = _ticked


@act("restore_edit")
def _restore_edit(work: Work) -> dict[str, Any] | None:
    found = work.some("lost", "1 = 1")
    return {"edit": found} if found else None


@act("undo")
def _undo(work: Work) -> dict[str, Any]:
    found = work.some("batch", f"undone = 0 AND command <> 'undo' AND hlc > {_OPENING}")
    return {"id": found} if found and work.rng.random() < 0.6 else {}


@act("redo")
def _redo(work: Work) -> dict[str, Any]:
    found = work.some("batch", f"undone = 0 AND command = 'undo' AND hlc > {_OPENING}")
    return {"id": found} if found and work.rng.random() < 0.6 else {}
