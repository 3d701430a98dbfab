"""What comes over the line may be anything: it is refused with a sentence, and the store holds whole batches or none of it."""

from __future__ import annotations

import copy
import io
import json
import random
import tracemalloc
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from laptops import Laptop, Office
from store_helpers import Clock, log_faults, whole_log

from crm_tui import channel as channels
from crm_tui import hub as hubs
from crm_tui import sync
from crm_tui.channel import GREETING, Channel, Cut
from crm_tui.clone import clone
from crm_tui.errors import CrmError, Refused
from crm_tui.hub import serve, synchronise
from crm_tui.intake.run import import_file

DANA = "052-345-6789"
JUNK: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**31, 2**62, 2**63, 2**64, 10**40, 1.5, float("nan"), "", "x", "\0", "\ud800", "א" * 200, "00" * 16),
    *("zz" * 16, [], [[]], [None], {}, {"a": 1}, {"contact": "x"}, "a" * 70_000, [0] * 12, "contact", "removed", "*", "undo"),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to everything inside a message."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, item in inside for one in places(item, (*path, key)))]


def spoiled(message: Any, path: tuple[Any, ...], junk: Any) -> Any:
    """A message with something else at one place."""
    if not path:
        return junk
    changed = copy.deepcopy(message)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = junk
    return changed


class Undone(Exception):
    """Takes back what a test did."""


@pytest.fixture
def worked(office: Office) -> tuple[Laptop, list[Any]]:
    """A laptop that lacks batches of many kinds, and those as they travel."""
    noa = office("noa")
    ann = office("ann")
    noa.lead("Dana", DANA, email="dana@example.com", company="Acme")
    noa.do("log_call", contact=DANA, outcome="talked")
    made = noa.do("open_deal", contact=DANA, value=5)["record"]
    noa.do("move_deal", deal=made, stage="won")
    noa.do("edit_contact", contact=DANA, name="Dana L", title="CTO")
    noa.do("undo")
    noa.do("set_setting", name="limits.touch_days", value=9)
    (office.folder / "leads.csv").write_text("name,phone,company\nRuth,054-111-2233,Zenith\n")
    import_file(noa.store, office.folder / "leads.csv")
    noa.do("delete_contact", contact=DANA)
    noa.do("add_user", name="zoe", role="rep")
    return ann, list(sync.packed(noa.db, list(sync.missing(noa.db, {}, noa.store.actor.id))))[-10:]


def test_a_spoiled_batch_is_refused_or_stored_whole(office, worked, monkeypatch):
    """Also with a digest that fits: what its program made of it then waits, or stands."""
    target = office.hub
    _ann, messages = worked
    office.laptops[0].sync()
    rng = random.Random(5)
    before = whole_log(target.store)
    monkeypatch.setattr(sync.log, "batch_digest", lambda *_args: b"d" * 32)
    outcomes = {"refused": 0, "stored": 0}
    for _ in range(600 if target.db.is_sqlite else 200):
        message = json.loads(json.dumps(rng.choice(messages)))
        message[0][0], message[0][1], message[0][2] = rng.randbytes(16).hex(), rng.randbytes(16).hex(), 1
        message[3] = (b"d" * sync._DIGEST).hex()
        message = spoiled(message, rng.choice(places(message)), rng.choice(JUNK))
        try:
            with target.db.write():
                received = sync.unpacked(message)
                assert list(sync.take(target.db, [message], {}, 0)) == [1]
                assert target.one("SELECT count(*) FROM batch") == len(before) + 1
                assert [change.n for change in received.changes] == list(range(received.head.changes))
                outcomes["stored"] += 1
                raise Undone
        except CrmError:
            outcomes["refused"] += 1
        except Undone:
            pass
    assert whole_log(target.store) == before
    assert min(outcomes.values()) > 15, outcomes


def test_a_batch_with_a_digest_that_does_not_fit_is_refused(worked):
    ann, messages = worked
    before = whole_log(ann.store)
    for message in messages[:1]:
        for path in places(message):
            changed = spoiled(message, path, "00" * 16)
            if changed != message:
                with pytest.raises(CrmError):
                    list(sync.take(ann.db, [changed], {}, 0))
    assert whole_log(ann.store) == before
    assert log_faults(ann.db) == []


@pytest.mark.parametrize(
    "message",
    [
        *(None, [], {}, "x", 7, [[]], [None] * 4),
        ["a" * 32, [], "", ""],
        [["00" * 16, "00" * 16, 1, 1, 2**60, 1, "00" * 16, "x", 1, None, None], [], "", "00" * sync._DIGEST],
        [["00" * 16, "00" * 16, 1, 2**62, 0, 1, "00" * 16, "x", 1, None, None], [], "", "00" * sync._DIGEST],
        [["00" * 16, "00" * 16, 1, 1, 0, 1, "00" * 16, "x\0", 1, None, None], [], "", "00" * sync._DIGEST],
        [["00" * 16, "00" * 16, 1, 1, 0, 1, "00" * 16, "\ud800", 1, None, None], [], "", "00" * sync._DIGEST],
        [["00" * 16, "00" * 16, True, 1, 0, 1, "00" * 16, "x", 1, None, None], [], "", "00" * sync._DIGEST],
        [["00" * 16, "00" * 16, 1, 1, 0, 1, "00" * 16, "x", 1, None, None], [], "", "00"],
        [["00" * 16, "00" * 16, 1, 1, 0, 1, "00" * 16, "x", 1, None, None], [], "no block", "00" * sync._DIGEST],
    ],
)
def test_what_is_no_batch_is_refused(message):
    with pytest.raises(Refused) as caught:
        sync.unpacked(message)
    assert caught.value.message


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
@example([["00" * 16, -1, "00"]])
@example([["00" * 16, 2**63, "00"]])
@example([["00" * 16, 1.5, "00"]])
@example([["00", 1, "00"]])
def test_anything_is_a_vector_or_refused(rows):
    for reads in (sync.ends_of_json, sync.makers_of_json):
        try:
            found = reads(rows)
        except Refused:
            continue
        assert all(len(origin) == 16 for origin in found)


# the line


def reading(data: bytes) -> Channel:
    return Channel(io.BytesIO(data), io.BytesIO())


def pressed(*messages: Any) -> bytes:
    return zlib.compress(b"".join(json.dumps(message).encode() + b"\n" for message in messages))


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda data: zlib.compress(data + b"\n")))
@example(zlib.compress(b"[" * 100_000 + b"\n"))
@example(zlib.compress(b"1" * 5_000 + b"\n"))
@example(zlib.compress(b"\xff\xfe\n"))
def test_garbage_on_the_line_is_refused_or_a_cut(data):
    line = reading(data)
    with pytest.raises((Refused, Cut)):
        while True:
            line.receive()


@pytest.mark.parametrize("one", [b"\n", b"1\n", b"a"])
def test_a_bomb_does_not_fill_the_memory(one, monkeypatch):
    monkeypatch.setattr(channels, "_LONGEST", 1 << 20)
    line = reading(zlib.compress(one * (64 << 20), 9))
    tracemalloc.start()
    with pytest.raises(Refused):
        for _ in range(1_000):
            line.receive()
        raise Refused("x", "enough")
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 << 20


def test_every_cut_of_a_line_gives_whole_messages_only():
    messages = [{"b": [number, "x" * number]} for number in range(20)]
    data = pressed(*messages)
    for end in range(len(data)):
        line, got = reading(data[:end]), []
        with pytest.raises(Cut):
            while True:
                got.append(line.receive())
        assert got == messages[: len(got)]


def test_a_message_comes_through_whatever_it_holds():
    messages = [{"text": "שלום \U0001f600\u0000 \ud800"}, [1.5, 2**70, None, True, -0.0], "x" * 600_000]
    one = io.BytesIO()
    sender = Channel(io.BytesIO(), one)
    for message in messages:
        sender.send(message)
    sender.send("end", flush=True)
    line = reading(one.getvalue())
    assert [line.receive() for _ in range(4)] == [*messages, "end"]
    assert line.received == sender.sent == len(one.getvalue())


# both ends of an exchange


HELLO = {"crm": 1, "have": "x"}
TALKS: list[list[Any]] = [
    [],
    [None],
    [{}],
    [{"crm": 2}],
    [HELLO],
    [HELLO, {}],
    [HELLO, {"vector": None}],
    [HELLO, {"vector": []}, {"end": 0}],
    [HELLO, {"vector": []}, {"coming": "many"}],
    [HELLO, {"vector": []}, {"coming": 1}, {"makers": [["x"]]}, {"end": 1}],
    [HELLO, {"vector": []}, {"coming": 1}, {"b": None}, {"end": 1}],
    [HELLO, {"vector": []}, {"coming": 1}, {"x": 1}],
    [HELLO, {"vector": [["00" * 16, 2**70, "00"]]}, {"coming": 0}, {"end": 0}],
    *([HELLO | {"met": met}] for met in (None, 5, [], [1], [1, None], [True, "x"], [2**62, "x"], [-1, "x"], [1.5, "x"], [1, "x", 2])),
    [{"crm": 1, "clone": None}],
    [{"crm": 1, "clone": {"snapshot": 5, "offset": -3}}],
]


@pytest.mark.parametrize("number", range(len(TALKS)))
def test_a_hub_answers_whatever_a_laptop_says(office, number):
    noa = office("noa")
    office.hub.close()
    before = whole_log(office.hub.store)
    for by_id in (noa.store.actor.id, None):
        line = reading(pressed(*TALKS[number]))
        try:
            serve(line, office.hub.url, "noa", Clock(), by_id=by_id)
        except Cut:
            continue
    assert whole_log(office.hub.store) == before


def forged(messages: list[Any]) -> Any:
    """A hub that says these things whatever it is told."""

    @contextmanager
    def line(*_args: Any) -> Any:
        answers = reading(GREETING + pressed(*messages))
        answers.await_greeting()
        yield answers

    return line


VECTOR = {"crm": 1, "vector": [], "founding": True}


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [None],
        [{"error": "[red]no\x1b[31m"}],
        [{"vector": 5}],
        [VECTOR],
        [VECTOR, {}],
        [VECTOR, {"stored": "x"}],
        [VECTOR, {"stored": 1}, {}],
        [VECTOR, {"stored": "x"}, {"coming": 0}, {"end": 0}],
        [VECTOR, {"stored": 1}, {"coming": "x"}],
        [VECTOR, {"stored": 1}, {"coming": [1]}],
        [VECTOR, {"stored": 1}, {"coming": 1}, {}],
        [VECTOR, {"stored": 1}, {"coming": 0, "at": "x"}, {"end": 0}],
        [VECTOR | {"since": 1}, {"stored": 1}, {"coming": 0, "at": True}, {"end": 0}],
        [VECTOR, {"stored": 1}, {"coming": 1}, {"makers": 7}],
        [VECTOR, {"stored": 1}, {"coming": 1}, {"b": []}],
        [{**VECTOR, "vector": "theirs"}],
        [{"crm": 1, "vector": "theirs", "you": 7}],
        [{"crm": 1, "vector": "theirs", "you": "zz"}],
        [{**VECTOR, "login": 7}],
    ],
)
def test_a_laptop_takes_whatever_a_hub_says(office, monkeypatch, messages):
    noa = office("noa")
    ends = sync.ends_as_json(sync.vector(noa.db))
    told = [one | {"vector": ends} if isinstance(one, dict) and one.get("vector") == "theirs" else one for one in messages]
    before = whole_log(noa.store)
    monkeypatch.setattr(hubs, "line_to", forged(told))
    with pytest.raises(CrmError) as caught:
        synchronise(noa.store, "x")
    assert caught.value.message
    assert whole_log(noa.store) == before


@pytest.mark.parametrize(
    "offer",
    [None, {}, {"error": "no"}, {"size": "x", "offset": 0}, {"size": 5, "offset": 9}, {"size": -1, "offset": -1}, {"size": 0, "offset": 0}],
)
def test_a_clone_of_what_is_no_hub_leaves_nothing(monkeypatch, tmp_path: Path, offer):
    monkeypatch.setattr("crm_tui.clone.line_to", forged([offer]))
    with pytest.raises(CrmError):
        clone("x", str(tmp_path / "c.db"), "ann", Clock())
    assert not (tmp_path / "c.db").exists()
