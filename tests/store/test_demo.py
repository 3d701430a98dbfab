"""The demonstration is a whole company at work: every screen has something to show, and all of it came through commands."""

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from store_helpers import ZONE, Clock, inbox, ms

from crm_tui.check import check
from crm_tui.demo import demo_store, fill_demo
from crm_tui.demo.cast import story
from crm_tui.demo.data import people
from crm_tui.demo.story import STAGES, USERS, Made
from crm_tui.errors import Refused
from crm_tui.process import load_default, working_of
from crm_tui.reads.board import board
from crm_tui.reads.campaigns import campaign_json, campaigns_json
from crm_tui.reads.day import day, place_of
from crm_tui.reads.look import Look
from crm_tui.reads.quotes import quotes_of
from crm_tui.store import Store
from crm_tui.text.phones import normalise_phone
from crm_tui.text.times import local_day

NOW = "2026-11-22T13:10"
ODD_TIMES = ("2026-11-22T00:01", "2026-11-22T08:02", "2026-11-23T23:55", "2026-11-28T03:00", "2026-03-29T12:00", "2027-01-01T18:30")
HEBREW, LATIN = re.compile("[א-ת]{2}"), re.compile("[A-Za-z]{3}")


@pytest.fixture(scope="module")
def filled():
    clock = Clock(NOW)
    with demo_store(clock()) as path, Store(path, "noa", clock, durable=False) as store:
        fill_demo(store)
        yield store


@pytest.fixture
def look(filled):
    return Look.at(filled)


def count(store, table, where="removed <= 0"):
    return store.db.one(f"SELECT count(*) FROM {table} WHERE {where}")[0]


def told(now):
    return story(ms(now), working_of(load_default()))


def test_the_company_is_all_there(filled):
    assert count(filled, "contact") == 300
    assert count(filled, "deal") == 60
    assert {user.name: user.role for user in filled.users()} == USERS
    assert filled.actor.name == "noa"
    assert check(filled)["ok"]


def test_the_leadometer_has_every_kind_of_waiting(filled):
    waiting = inbox(filled)
    assert Counter(one["response"] for one in waiting) == {"fresh": 3, "late": 4, "cold": 3, "breached": 4}
    assert sum(one["returning"] for one in waiting) == 1
    assert sum(bool(one["possible_duplicates"]) for one in waiting) == 2
    assert any(one["email"] is None for one in waiting)
    assert any(one["source"] == "exhibition" and one["readiness"] == "high" for one in waiting)


def test_every_stage_has_deals_and_every_kind_of_them(filled, look):
    deals = board(look)
    assert {deal.stage for deal in deals} == set(STAGES)
    assert min(Counter(deal.stage for deal in deals).values()) >= 4
    today = str(local_day(look.now, ZONE))
    assert any(deal.expected_close < today for deal in deals)
    assert any(deal.moved_at < look.now - 14 * 86_400_000 for deal in deals)
    assert any(deal.currency == "USD" and deal.worth == round(deal.amount * 3.62) for deal in deals)
    ended = filled.db.rows("SELECT stage_role, reason FROM deal WHERE stage_role <> 'open'")
    assert {role for role, _reason in ended} == {"won", "lost"}
    assert len({reason for role, reason in ended if role == "lost"}) >= 4


@pytest.mark.parametrize("rep", ["dana", "avi", "yossi"])
def test_a_rep_has_a_lively_day(filled, look, rep):
    owner = next(user.id for user in filled.users() if user.name == rep)
    rows = day(look, owner)
    buckets = Counter(place_of(look, row).bucket for row in rows)
    assert buckets["new"] >= 3
    assert buckets["due"] >= 8
    assert buckets["no_answer"] >= 4
    assert any(row.value for row in rows)


def test_a_campaign_is_under_way(look):
    (campaign,) = campaigns_json(look)
    assert (campaign["total"], campaign["done"]) == (18, 5)
    assert {one["done_by"] for one in campaign_json(look, campaign["id"])["people"]} == {None, *USERS} - {"noa", "ruth", "uri"}


def test_quotes_wait_for_an_answer_or_have_one(filled, look):
    known = [one for (contact,) in filled.db.rows("SELECT id FROM contact") for one in quotes_of(look, contact)]
    assert {one.state for one in known} == {"open", "accepted", "declined", "expired"}
    assert {one.quote.currency for one in known} == {"ILS", "USD"}
    assert len({one.quote.number for one in known}) == len(known) >= 20


def test_all_kinds_of_work_were_done_in_working_hours(filled):
    kinds = Counter(dict(filled.db.rows("SELECT kind, count(*) FROM entry GROUP BY kind")))
    assert min(kinds[kind] for kind in ("call", "meeting", "email", "message", "note")) >= 15
    calls = [json.loads(data) for (data,) in filled.db.rows("SELECT data FROM entry WHERE kind = 'call'")]
    assert {call["outcome"] for call in calls} == {"talked", "no_answer", "busy", "call_back", "wrong_number", "not_interested"}
    assert {local_day(at, ZONE).weekday() for (at,) in filled.db.rows("SELECT at FROM entry WHERE kind = 'call'")} == {6, 0, 1, 2, 3}
    first, last = filled.db.one("SELECT min(at), max(at) FROM batch WHERE command <> 'add_user'")
    assert last <= ms(NOW)
    assert 300 < (ms(NOW) - first) / 86_400_000 < 366


def test_tasks_stand_before_today_today_and_later(filled):
    now = ms(NOW)
    open_tasks = filled.db.rows("SELECT due_at, timed FROM task WHERE done_at IS NULL AND removed <= 0")
    days = Counter(
        (local_day(due, ZONE) > local_day(now, ZONE)) - (local_day(due, ZONE) < local_day(now, ZONE)) for due, _timed in open_tasks
    )
    assert min(days[-1], days[0], days[1]) >= 10
    assert sum(1 for due, timed in open_tasks if timed and now < due < ms("2026-11-23T00:00")) >= 4


def test_the_words_are_of_both_languages(filled):
    words = [
        data for (data,) in filled.db.rows("SELECT data FROM entry WHERE kind IN ('lead', 'call', 'note', 'email') AND data IS NOT NULL")
    ]
    notes = [note for text in words if (note := json.loads(text).get("note"))]
    assert sum(1 for note in notes if HEBREW.search(note)) > 50
    assert sum(1 for note in notes if LATIN.search(note)) > 50
    assert any(HEBREW.search(note) and re.search(r"0\d-\d{3}-\d{4}", note) for note in notes)
    assert any(HEBREW.search(note) and "₪" in note for note in notes)


def test_the_people_are_made_up_and_always_the_same(filled):
    once = people(300)
    assert people(300) == once
    assert len({one.name for one in once}) == 300
    phones = [phone for one in once if (phone := normalise_phone(one.phone))]
    assert len(phones) == len(set(phones)) > 250
    assert {phone[4:5] for phone in phones if phone.startswith("+972")} >= {"2", "3", "4", "5", "8", "9"}
    assert all(one.email.endswith(".example") for one in once if one.email)
    assert min(sum(not one.email for one in once), sum(not one.phone for one in once)) >= 15
    names = {name for (name,) in filled.db.rows("SELECT name FROM contact")}
    assert len(names - {one.name for one in once}) == 0
    assert len(names) == 298, "two bear the name of another one"


@pytest.mark.parametrize("now", [NOW, *ODD_TIMES])
def test_the_story_is_the_same_for_the_same_now_and_never_ahead_of_it(now):
    steps = told(now)
    assert steps == told(now)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    assert steps[-1].at <= ms(now)
    made = set()
    for step in steps:
        assert {value for value in step.fields.values() if isinstance(value, Made)} <= made
        made.add(step.makes)


@pytest.mark.long
@pytest.mark.parametrize("now", ODD_TIMES)
def test_it_can_be_filled_at_any_time(now):
    clock = Clock(now)
    with demo_store(clock()) as path, Store(path, "noa", clock, durable=False) as store:
        fill_demo(store)
        assert {one["response"] for one in inbox(store)} == {"fresh", "late", "cold", "breached"}
        assert count(store, "contact") == 300
        assert check(store)["ok"]


def test_it_tells_how_far_it_came_and_leaves_nothing_when_it_is_stopped(crm_home):
    told_of = []

    def stop(done, total):
        told_of.append((done, total))
        if done:
            raise KeyboardInterrupt

    with demo_store(ms(NOW)) as path, Store(path, "noa", Clock(NOW), durable=False) as store:
        with pytest.raises(KeyboardInterrupt):
            fill_demo(store, stop)
        assert told_of[0] == (0, told_of[1][1])
        assert told_of[1][0] < told_of[1][1] == len(told(NOW))
        assert count(store, "contact") == 0
        assert [user.name for user in store.users()] == ["noa"]
        assert store.actor.name == "noa"


def test_a_store_in_use_is_left_alone():
    with demo_store(ms(NOW)) as path, Store(path, "noa", Clock(NOW), durable=False) as store:
        store.execute({"command": "add_lead", "name": "Dana Levi"})
        with pytest.raises(Refused):
            fill_demo(store)
        assert count(store, "contact") == 1
        assert len(store.users()) == 1


def test_a_throwaway_store_leaves_nothing(crm_home):
    with demo_store() as path:
        with Store(path, "noa", durable=False) as store:
            store.execute({"command": "add_lead", "name": "Dana Levi"})
        assert os.environ["CRM_HOME"] == str(Path(path).parent)
    assert not Path(path).parent.exists()
    assert os.environ["CRM_HOME"] == crm_home
    assert os.listdir(crm_home) == []
