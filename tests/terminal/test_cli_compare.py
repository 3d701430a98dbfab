from __future__ import annotations

import json
from typing import Any

import pytest
from cli_program import Program

DANA = {"name": "תמר שפירא", "phone": "0527071898", "email": "tamar@gmail.com", "company": "Acme Ltd"}
TAMAR = {"name": "Tamar Shapiro", "phone": "+972 52 707 1898", "email": None}


def lines(*pairs: Any) -> str:
    return "".join((pair if isinstance(pair, str) else json.dumps(pair)) + "\n" for pair in pairs)


def test_each_line_is_judged_without_a_store(program: Program) -> None:
    run = program("compare", stdin=lines({"a": DANA, "b": TAMAR}, "", {"a": DANA, "b": {"name": "Moshe Shapira", "phone": "0527071898"}}))
    assert (run.code, run.err) == (0, "")
    same, other = run.answers
    assert set(same) == {"same", "score", "why"}
    assert (same["same"], same["why"]) == (True, "same phone")
    assert 0.5 <= same["score"] <= 1
    assert (other["same"], other["why"]) == (False, "shared phone or e-mail")
    assert other["score"] < 0.5
    assert not program.store.exists()


def test_words_follow_the_language_and_the_verdict_does_not(program: Program) -> None:
    pair = lines({"a": DANA, "b": TAMAR})
    english, hebrew = (program.inside("--lang", language, "compare", stdin=pair).answers[0] for language in ("en", "he"))
    assert (english["same"], english["score"]) == (hebrew["same"], hebrew["score"])


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("not json", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"a": {}}', "b is not an object"),
        ('{"a": 1, "b": {}}', "a is not an object"),
        ('{"a": {"name": ["x"]}, "b": {}}', "a.name is not a text"),
        ('{"a": {"phone": 52}, "b": {}}', "a.phone is not a text"),
        ('{"a": {"name": "x\\u0000"}, "b": {}, "a": {}}', "twice"),
    ],
)
def test_a_bad_line_is_refused_and_the_others_stand(program: Program, line: str, wrong: str) -> None:
    run = program.inside("compare", stdin=lines({"a": DANA, "b": TAMAR}, line, {"a": {}, "b": {}}))
    first, refused, last = run.answers
    assert run.code == 1
    assert first["same"] is True
    assert (refused["ok"], refused["error"]["kind"]) == (False, "refused")
    assert run.err.startswith("Line 2: ")
    assert wrong in run.err
    assert (last["same"], last["score"]) == (False, 0.0)


def test_hostile_texts_are_judged(program: Program) -> None:
    bad = "\x1b[31m\u202e[/red]" * 2_000
    run = program.inside("compare", stdin=lines({"a": dict.fromkeys(DANA, bad), "b": dict.fromkeys(DANA, "\ud800")}))
    assert (run.code, run.err) == (0, "")
    assert run.answers[0]["same"] is False
