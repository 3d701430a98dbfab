"""The timeline: what a person reads, page by page, and what a script gets."""

from __future__ import annotations

import ast
import gettext
import sqlite3
import time
from pathlib import Path
from typing import Any, get_args

import pytest
from store_helpers import Clock, do, lead

import crm_tui
from crm_tui import i18n
from crm_tui.commands import activity, contacts, deals, leads, tasks, team
from crm_tui.errors import Refused
from crm_tui.ids import parse_id
from crm_tui.reads import labels
from crm_tui.reads.look import Look
from crm_tui.reads.timeline import NEWEST, EntryRow, timeline, timeline_json
from crm_tui.rules import fold, identity, sources
from crm_tui.store import Store


def read(store: Store, contact: str) -> list[dict[str, Any]]:
    id_ = parse_id(contact)
    assert id_ is not None
    return timeline_json(Look.at(store), id_)


def sentences(store: Store, contact: str, *kinds: str) -> list[str]:
    """The sentences, oldest first."""
    return [line["summary"] for line in reversed(read(store, contact)) if not kinds or line["kind"] in kinds]


def line(store: Store, contact: str, kind: str) -> dict[str, Any]:
    """The newest line of a kind."""
    return next(one for one in read(store, contact) if one["kind"] == kind)


def test_a_lead_becomes_a_customer(store: Store, clock: Clock) -> None:
    dana = lead(store, source="web_form", campaign="November", note="wants a demo")
    clock.add(minutes=4)
    do(store, "route", contact=dana, to="ann")
    clock.add(minutes=1)
    do(store, "log_call", contact=dana, outcome="no_answer")
    clock.add(days=1)
    do(store, "log_call", contact=dana, outcome="talked", duration=250, note="friendly,\nhas a budget", need="CRM")
    clock.add(days=1)
    deal = do(store, "open_deal", contact=dana, name="Acme", value=8000)["record"]
    clock.add(days=1)
    do(store, "move_deal", deal=deal, stage="meeting")
    clock.add(days=1)
    do(store, "move_deal", deal=deal, stage="won")
    assert sentences(store, dana) == [
        'lead from web form · November — "wants a demo"',
        "routed to ann",
        "stage: marketing qualified, by rule: routed",
        "call: no answer",
        "no answer, by rule: no answer",
        "task: call, due 23 Nov (by rule: next try)",
        "call: talked, 4 min, needs CRM — friendly, has a budget",
        "initial contact, by rule: first conversation",
        "stage: sales qualified, by rule: first conversation",
        "need set: CRM",
        "task done: call (by rule: first conversation)",
        "task: call, due 25 Nov (by rule: follow-up)",
        "deal Acme opened, ₪8,000",
        "in process, by rule: deal opened",
        "stage: opportunity, by rule: deal opened",
        "deal Acme: phone → meeting",
        "deal Acme: meeting → won",
        "customer, by rule: deal won",
        "stage: customer, by rule: deal won",
    ]


def test_the_fields_of_each_kind(store: Store, clock: Clock) -> None:
    dana = lead(store, source="phone", source_detail="02-5", readiness="low")
    first = line(store, dana, "lead")
    assert {key: first[key] for key in ("at", "kind", "by", "rule", "source", "source_detail", "readiness", "returning")} == {
        "at": "2026-11-22T10:00:00+02:00",
        "kind": "lead",
        "by": "noa",
        "rule": None,
        "source": "phone",
        "source_detail": "02-5",
        "readiness": "low",
        "returning": False,
    }
    do(store, "log_call", contact=dana, outcome="call_back", next_at="2026-11-23 14:30", direction="in", note="after lunch")
    call = line(store, dana, "call")
    assert (call["outcome"], call["direction"], call["duration"], call["note"], call["need"]) == (
        "call_back",
        "in",
        None,
        "after lunch",
        None,
    )
    assert call["summary"] == "incoming call: call back — after lunch"
    task = line(store, dana, "task")
    assert (task["task"], task["due"], task["rule"]) == ("call", "2026-11-23T14:30:00+02:00", "call back")
    assert task["summary"] == "task: call, due 23 Nov 14:30 (by rule: call back)"
    status = line(store, dana, "status")
    assert (status["old"], status["new"], status["rule"], status["by"]) == ("new", "initial_contact", "first conversation", "noa")
    do(store, "snooze", task=task["task_id"], until="2027-01-03")
    assert line(store, dana, "snooze")["summary"] == "put off: call, to 3 Jan 2027"
    do(store, "log_email", contact=dana, subject="Offer", body="See below.", direction="in")
    mail = line(store, dana, "email")
    assert (mail["subject"], mail["body"], mail["direction"], mail["summary"]) == ("Offer", "See below.", "in", "e-mail received: Offer")
    do(store, "log_meeting", contact=dana, duration=4500, note="at theirs")
    assert line(store, dana, "meeting")["summary"] == "meeting, 1 h 15 min — at theirs"
    message = do(store, "log_message", contact=dana, note="tomorow")["record"]
    do(store, "correct_interaction", interaction=message, note="tomorrow")
    assert line(store, dana, "message")["summary"] == "message sent — tomorrow"
    corrected = line(store, dana, "edit")
    assert (corrected["old"], corrected["new"], corrected["entry"]) == ({"note": "tomorow"}, {"note": "tomorrow"}, message)
    do(store, "set_status", contact=dana, status="closed", reason="price")
    closed = line(store, dana, "status")
    assert (closed["rule"], closed["reason"], closed["summary"]) == (None, "price", "closed (not interested): price, set by hand")
    do(store, "set_lifecycle", contact=dana, stage="subscriber")
    assert line(store, dana, "lifecycle")["summary"] == "stage: subscriber, set by hand"
    do(store, "route", contact=dana, to="nurture", reason="later")
    assert line(store, dana, "route")["summary"] == "routed to the desk Nurture — later"
    do(store, "route", contact=dana, to="leadometer", reason="wrong desk")
    route = line(store, dana, "route")
    assert (route["to"], route["reason"], route["summary"]) == ("leadometer", "wrong desk", "given back to the Leadometer — wrong desk")


STAGES = (("ask", "Ask", "open"), ("won", "Signed", "won"), ("lost", "Gone", "lost"))


def test_what_people_know_by_a_label_is_not_named_by_its_key(store: Store) -> None:
    stages = [
        {"key": key, "label": label, "role": role, "probability": {"open": 50, "won": 100, "lost": 0}[role]} for key, label, role in STAGES
    ]
    do(store, "set_setting", name="pipelines.renewals", value={"label": "Yearly", "stages": stages})
    dana = lead(store)
    deal = do(store, "open_deal", contact=dana, name="Demo", value=1)["record"]
    do(store, "edit_deal", deal=deal, pipeline="renewals")
    edit = line(store, dana, "edit")
    assert (edit["old"], edit["new"], edit["summary"]) == ("sales", "renewals", "deal Demo, pipeline changed: Sales → Yearly")
    with pytest.raises(Refused) as refused:
        do(store, "open_deal", contact=dana, pipeline="renewals", stage="won", value=1)
    assert "Signed" in refused.value.message
    do(store, "route", contact=dana, to="not_a_lead")
    assert do(store, "route", contact=dana, to="not_a_lead")["notes"] == ["Already at Not a lead."]
    with pytest.raises(Refused) as refused:
        do(store, "open_deal", contact=dana, value=1)
    assert "the desk Not a lead get" in refused.value.message


def test_roles_are_named_by_their_label(store: Store, url: str) -> None:
    do(store, "add_user", name="lee", role="lead_manager")
    with pytest.raises(Refused) as refused, Store(url, "lee") as as_lee:
        do(as_lee, "add_user", name="kim", role="rep")
    assert refused.value.message == "lee is lead manager; this needs admin."


def test_what_was_set_by_hand_shows_once(store: Store) -> None:
    dana = lead(store, source="phone")
    do(store, "set_status", contact=dana, status="in_process")
    do(store, "set_lifecycle", contact=dana, stage="customer")
    do(store, "edit_contact", contact=dana, readiness="high")
    assert [one["kind"] for one in read(store, dana)] == ["edit", "lifecycle", "status", "lead"]


def test_edits_read_like_sentences(store: Store) -> None:
    dana = lead(store, phone="054-123-4567", email="dana@x.example", company="Acme")
    do(store, "edit_contact", contact=dana, phone="052-732-5777", company='בע"מ Beta', readiness="high", shoe="42")
    do(store, "edit_contact", contact=dana, name="Dana Cohen", company="", shoe="43")
    do(store, "log_call", contact=dana, outcome="wrong_number")
    do(store, "tag", contact=dana, tag="vip")
    do(store, "untag", contact=dana, tag="vip")
    edits = [one for one in reversed(read(store, dana)) if one["kind"] == "edit"]
    assert [(one["field"], one["old"], one["new"], one["summary"]) for one in edits] == [
        ("company", "Acme", 'בע"מ Beta', 'company changed: Acme → בע"מ Beta'),
        ("readiness", None, "high", "readiness set: high"),
        ("phone", "054-123-4567", None, "phone removed: 054-123-4567"),
        ("phone", None, "052-732-5777", "phone added: 052-732-5777"),
        ("shoe", None, "42", "shoe set: 42"),
        ("name", "Dana Levi", "Dana Cohen", "name changed: Dana Levi → Dana Cohen"),
        ("company", 'בע"מ Beta', None, 'company cleared: בע"מ Beta'),
        ("shoe", "42", "43", "shoe changed: 42 → 43"),
        ("phone", "052-732-5777", "052-732-5777", "phone marked as not valid: 052-732-5777 (by rule: wrong number)"),
        ("tag", None, "vip", "tag added: vip"),
        ("tag", "vip", None, "tag removed: vip"),
    ]
    assert edits[8]["valid"] is False


def test_edits_of_a_deal(store: Store) -> None:
    dana = lead(store)
    deal = do(store, "open_deal", contact=dana, name="Demo")["record"]
    do(store, "edit_deal", deal=deal, value=9000, currency="USD", owner="bob", expected_close="2026-12-31")
    do(store, "move_deal", deal=deal, stage="lost", reason="price", text="half of it")
    do(store, "delete_deal", deal=deal)
    assert sentences(store, dana, "deal", "edit") == [
        "deal Demo opened",
        "deal Demo, value changed: ₪0 → $9,000",
        "deal Demo, expected close set: 31 Dec",
        "deal Demo, owner changed: noa → bob",
        "deal Demo deleted",
    ]
    moved = line(store, dana, "deal_stage")
    assert moved["summary"] == "deal Demo: phone → lost (price) — half of it"
    assert (moved["deal"], moved["old"], moved["new"], moved["reason"]) == (deal, "phone", "lost", "price")
    value = next(one for one in read(store, dana) if one.get("field") == "value")
    assert value["new"] == {"amount": "9000.00", "currency": "USD", "rate": "3.6"}


def test_somebody_comes_back(store: Store, clock: Clock) -> None:
    dana = lead(store)
    clock.add(days=3)
    assert lead(store, "Dana", source="ads", email="dana@x.example", company="Acme") == dana
    assert sentences(store, dana, "lead", "edit") == [
        "lead from another source",
        "came back through ads",
        "company set: Acme (by rule: returning)",
        "e-mail added: dana@x.example (by rule: returning)",
    ]
    back = line(store, dana, "lead")
    assert (back["returning"], back["given"]) == (True, {"name": "Dana"})


def test_a_possible_duplicate_is_named(store: Store) -> None:
    dana = lead(store)
    other = lead(store, "John Smith")
    flag = line(store, other, "duplicate")
    assert (flag["other"], flag["other_name"]) == (dana, "Dana Levi")
    assert flag["summary"] == "possible duplicate of Dana Levi: shared phone or e-mail"


def test_undo_takes_lines_away_and_redo_brings_them_back(store: Store) -> None:
    dana = lead(store)
    before = read(store, dana)
    do(store, "open_deal", contact=dana, value=5)
    after = read(store, dana)
    assert len(after) == len(before) + 3
    do(store, "undo")
    assert read(store, dana) == before
    do(store, "redo")
    assert [one["summary"] for one in read(store, dana)] == [one["summary"] for one in after]


def test_a_removed_interaction_is_gone(store: Store) -> None:
    dana = lead(store)
    note = do(store, "log_note", contact=dana, note="secret")["record"]
    assert "note — secret" in sentences(store, dana)
    do(store, "remove_interaction", interaction=note)
    assert "note" not in {one["kind"] for one in read(store, dana)}


def test_every_line_has_an_id_of_its_own(store: Store) -> None:
    dana = lead(store)
    do(store, "route", contact=dana, to="partner")
    do(store, "route", contact=dana, to="ann")
    lines = read(store, dana)
    assert [one["kind"] for one in lines].count("lifecycle") == 3
    assert len({one["id"] for one in lines}) == len(lines)
    moved = next(one for one in lines if one["kind"] == "route")
    assert {one["id"].rsplit("-", 2)[0] for one in lines[: lines.index(moved)]} == {moved["id"]}


def test_pages_put_together_are_the_whole(store: Store, clock: Clock) -> None:
    dana = lead(store)
    for number in range(12):
        do(store, "log_call", contact=dana, outcome=("talked", "no_answer")[number % 2], at="2026-11-20 10:00" if number % 3 else None)
        clock.add(seconds=number % 2)
    look, id_ = Look.at(store), parse_id(dana)
    assert id_ is not None
    whole = timeline(look, id_, 1000)
    assert [row.place for row in whole] == sorted((row.place for row in whole), reverse=True)
    for size in (1, 2, 5, len(whole)):
        pages: list[EntryRow] = []
        while page := timeline(look, id_, size, pages[-1].place if pages else None):
            pages += page
        assert pages == whole


def test_what_people_wrote_stays_on_its_line(store: Store) -> None:
    dana = lead(store, note="{name} %s [red]x[/red]\n\n" + "word " * 5000)
    text = sentences(store, dana)[0]
    assert text.startswith('lead from another source — "{name} %s [red]x[/red] word')
    assert len(text) < 150
    assert "\n" not in text


def test_sentences_are_translated(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    class Marked(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return f"«{message}»"

    dana = lead(store, source="web_form")
    do(store, "log_call", contact=dana, outcome="no_answer")
    monkeypatch.setattr(i18n, "_catalogue", Marked())
    assert sentences(store, dana, "lead", "call", "status") == [
        "«lead from «web form»»",
        "«call: «no answer»»",
        "««No answer», by rule: «no answer»»",
    ]


def rule_codes() -> set[str]:
    """Every text in the place of a rule in the calls of fold, plans and store that make one."""
    places = {
        "Edit": 5, "set_register": 5, "complete": 2, "_fulfil": 2, "_set_status": 3, "_set_lifecycle": 2, "_raise_status": 2,
        "_raise_lifecycle": 2, "_close": 3, "_follow_deals": 1,
    }  # fmt: skip
    modules = (fold, activity, contacts, deals, leads, tasks, team)
    constants = {name: value for module in modules for name, value in vars(module).items() if isinstance(value, str)}
    found: set[str] = set()

    def take(node: ast.AST | None) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name.isupper():
                found.add(constants[name])
        elif isinstance(node, ast.IfExp):
            take(node.body)
            take(node.orelse)
        elif isinstance(node, ast.List):
            for item in node.elts:
                take(item)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Dict):
            for value in node.func.value.values:  # {"won": DEAL_WON, …}.get(role, DEAL_MOVED)
                take(value)
            take(node.args[1])
        elif isinstance(node, ast.JoinedStr):
            found.update(f"{kind} sent" for kind in ("email", "message"))

    package = Path(crm_tui.__file__).parent
    for path in (*package.glob("commands/*.py"), *package.glob("intake/*.py"), package / "rules/fold.py", package / "store.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            place = places.get(name)
            if place is not None and len(node.args) > place:
                take(node.args[place])
            if name == "Plan" and len(node.args) > 2:
                take(node.args[2])
            if name == "append" and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "attr", "") == "rules":
                take(node.args[0])
            for keyword in node.keywords:
                if keyword.arg in ("rule", "rules"):
                    take(keyword.value)
    return found


def test_every_rule_has_a_label() -> None:
    codes = rule_codes()
    assert {"deal won", "next try", "returning", "closed", "email sent", "possible duplicate", "wrong number", "lead arrived"} <= codes
    assert codes - set(labels.RULES) == set()
    assert {labels.rule_label(code) for code in codes} >= {"deal won", "e-mail sent"}
    assert labels.rule_label("of a newer build") == "of a newer build"


def test_every_code_has_a_label() -> None:
    assert set(labels.OUTCOMES) == set(get_args(activity.LogCall.model_fields["outcome"].annotation))
    assert set(labels.TASKS) == set(get_args(activity.TaskKind))
    assert set(sources.LABELS) == set(sources.SOURCES)
    assert set(labels.DUPLICATE_REASONS) == {
        identity.SEVERAL,
        identity.SHARED_POINT,
        identity.SAME_NAME_AND_COMPANY,
        identity.OTHER_SPELLING,
    }


def test_labels_follow_the_business(store: Store) -> None:
    do(store, "set_setting", name="statuses.in_process.label", value="VIP treatment")
    process = store.process()
    assert labels.status_label(process, "in_process", inside=True) == "VIP treatment"
    assert labels.status_label(process, "new", inside=True) == "new"
    assert labels.status_label(process, "new") == "New"
    assert labels.lifecycle_label(process, "sales_qualified") == "Sales qualified"
    assert labels.stage_label(process, "closing", inside=True) == "closing"
    assert labels.desk_label(process, "leadometer") == "Leadometer"
    assert labels.status_label(process, "retired_long_ago") == "retired_long_ago"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3569, "59 min"), (3600, "1 h"), (5400, "1 h 30 min")]
)
def test_durations(seconds: int, text: str) -> None:
    assert labels.spoken_duration(seconds) == text


@pytest.mark.long
def test_a_page_costs_little_more_than_its_sql(tmp_path: Path) -> None:
    clock = Clock()
    with Store(str(tmp_path / "store.db"), "noa", clock, durable=False) as store:
        dana = lead(store)
        for _number in range(40):
            do(store, "log_call", contact=dana, outcome="no_answer", note="x" * 40)
        look, id_ = Look.at(store), parse_id(dana)
        assert id_ is not None
        sql, params = store.db.compiled(NEWEST)
        raw = sqlite3.connect(tmp_path / "store.db")
        values = [id_ if number == 0 else 50 for number, _param in enumerate(params)]
        assert raw.execute(sql, values).fetchall() == timeline(look, id_, 50)
        ours, theirs = [], []
        for _number in range(500):
            start = time.perf_counter()
            raw.execute(sql, values).fetchall()
            middle = time.perf_counter()
            timeline(look, id_, 50)
            ours.append(time.perf_counter() - middle)
            theirs.append(middle - start)
        raw.close()
    ratio = sorted(ours)[250] / sorted(theirs)[250]
    print(f"timeline of 50: {ratio:.2f} x raw")
    assert ratio <= 1.5
