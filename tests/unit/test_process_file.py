"""The process as a file: what is written is read back, what is wrong is named by its line, what differs becomes settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui import process
from crm_tui.errors import Refused
from crm_tui.process import load_default, with_settings
from crm_tui.process_file import as_toml, changes, from_toml, settings_of

DEFAULT = load_default()
SHIPPED = as_toml(DEFAULT)


def number_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


# The numbers of product.md, each in the words of its rule, and the setting that holds it.
RULES = """
5  a new lead waits at most 10 minutes for the first attempt            | limits.fresh_minutes
5  after 15 hours its chance has dropped sharply                        | limits.late_hours
5  more than 1 day as new is breached                                   | limits.breached_days
7  after the 6th attempt the app offers to close                        | limits.max_attempts
8  a follow-up 2 working days ahead                                     | limits.follow_up_days
9  must be touched at least every 3 working days                        | limits.touch_days
11 after 90 calendar days it comes back in a reactivation list          | limits.reactivation_days
12 without interaction or order for 180 calendar days it is inactive    | limits.inactive_days
15 phone 3 working days                                                 | pipelines.sales.stages.phone.rotting_days
15 meeting 7 working days                                               | pipelines.sales.stages.meeting.rotting_days
15 quote 7 working days                                                 | pipelines.sales.stages.quote.rotting_days
15 closing 5 working days                                               | pipelines.sales.stages.closing.rotting_days
16 phone 20 %                                                           | pipelines.sales.stages.phone.probability
16 meeting 40 %                                                         | pipelines.sales.stages.meeting.probability
16 quote 60 %                                                           | pipelines.sales.stages.quote.probability
16 closing 80 %                                                         | pipelines.sales.stages.closing.probability
17 08:00 the day starts                                                 | working.start
17 18:00 it ends                                                        | working.end
"""


@pytest.mark.parametrize("rule", RULES.strip().splitlines())
def test_the_shipped_process_has_the_numbers_of_the_rules(rule: str) -> None:
    from crm_tui.process_file import value_at

    words, setting = rule.split("|")
    number = re.findall(r"\d+(?::\d+)?", words)[1]
    assert str(value_at(DEFAULT, setting.strip())).removesuffix(":00") in (number, number.removesuffix(":00"))


def test_the_shipped_file_is_what_show_prints() -> None:
    assert Path(process.__file__).with_name("process.toml").read_text(encoding="utf-8") == SHIPPED


labels = st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1, max_size=20)
keys = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).map(lambda key: f"own_{key}")
label = st.one_of(labels, st.fixed_dictionaries({"he": labels, "en": labels}))
stage = st.fixed_dictionaries({"label": label, "role": st.just("open"), "probability": st.integers(0, 100)})
settings = st.fixed_dictionaries(
    {},
    optional={
        "name": st.text(st.characters(blacklist_categories=("C", "Z")), max_size=20),
        "currency": st.sampled_from(["ILS", "CHF"]),
        "rates": st.dictionaries(st.sampled_from(["USD", "EUR", "JPY"]), st.integers(1, 9)),
        "limits.max_attempts": st.integers(1, 100),
        "working.holidays": st.lists(st.sampled_from(["IL", "GB", "2026-12-06", "2027-01-01"])),
        "working.start": st.sampled_from(["00:00", "09:30"]),
        "statuses.closed.label": label,
        "statuses": st.permutations([one.model_dump() for one in DEFAULT.statuses]),
        "pipelines.sales.stages.phone": stage,
        "pipelines.sales.stages": st.lists(
            st.sampled_from(DEFAULT.default_pipeline.stages[:4]), min_size=1, unique_by=lambda one: one.key
        ).map(lambda stages: [one.model_dump() for one in (*stages, *DEFAULT.default_pipeline.stages[4:])]),
        "tags": st.lists(labels, max_size=3),
        "closing_reasons.price.retired": st.booleans(),
        "vat": st.lists(st.sampled_from(["2020-01-01", "2026-01-01"]), min_size=1, unique=True).map(
            lambda days: [{"since": day, "percent": "17.5"} for day in days]
        ),
        "templates.no_answer_1.en.subject": st.just("") | labels.filter(lambda text: not {"{", "}"} & {*text}),
        "templates.no_answer_1.he": st.none(),
        "templates.missed_you.en.body": st.text(st.sampled_from('a\n\t\r"\\ שx\x07\x7f\x9f💬'), min_size=1).filter(str.strip),
    },
).flatmap(
    lambda found: st.dictionaries(keys, stage, max_size=3).map(
        lambda more: found | {f"pipelines.sales.stages.{key}": value for key, value in more.items()}
    )
)


@given(settings, settings)
def test_any_process_is_written_read_and_told_as_settings(one, other) -> None:
    if "pipelines.sales.stages" in one and "phone" not in str(one["pipelines.sales.stages"]):
        one.pop("pipelines.sales.stages.phone", None)
    old, new = with_settings(DEFAULT, {}), with_settings(DEFAULT, one)
    assert from_toml(as_toml(new), old) == new
    assert with_settings(DEFAULT, settings_of(new)) == new
    before = settings_of(with_settings(DEFAULT, {"currency": "ILS"} | {key: other[key] for key in other if key.startswith("limits")}))
    given_now = {name: value for name, value in {**before, **changes(before, new)}.items() if value is not None}
    assert with_settings(DEFAULT, given_now) == new


def test_what_is_left_out_stays_as_it_is() -> None:
    mine = with_settings(DEFAULT, {"limits.max_attempts": 4, "statuses.docs": {"label": "Docs", "role": "in_process"}})
    found = from_toml("[limits]\ntouch_days = 5\n", mine)
    assert (found.limits.max_attempts, found.limits.touch_days) == (4, 5)
    assert found.status("docs").role == "in_process"


def test_a_stage_without_rotting_days_is_not_the_shipped_one() -> None:
    text = SHIPPED.replace(", probability = 20, rotting_days = 3", ", probability = 20")
    found = from_toml(text, DEFAULT)
    assert found.stage("sales", "phone").rotting_days is None
    assert with_settings(DEFAULT, settings_of(found)) == found


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("max_attempts = 6", "max_atempts = 4", "did you mean limits.max_attempts?"),
        ("max_attempts = 6", "max_attempts = 0", "at least 1"),
        ("max_attempts = 6", "max_attempts = ", "Invalid value"),
        ('label = "In process", role = "in_process"', 'label = "In process", role = "in_proces"', "did you mean in_process?"),
        ('label = "Quote", role', 'lable = "Quote", role', "did you mean pipelines.sales.stages.quote.label?"),
        ("probability = 60", "probability = 600", "at most 100"),
        ('"thursday"]', '"thrusday"]', "did you mean thursday?"),
        ('zone = "Asia/Jerusalem"', 'zone = "Asia/Jeruslem"', "did you mean Asia/Jerusalem?"),
        ("[limits]", "[limit]", "did you mean limits?"),
        ('key = "high"', 'key = "higher"', "only the labels"),
        ('{ key = "price", label = "Price" }', '{ key = "price" }', "closing_reasons.price.label: is missing"),
        ("fields = []", 'fields = [{ key = "size", label = "Size", kind = "txt" }]', "did you mean text?"),
    ],
)
def test_a_wrong_file_is_refused_with_line_reason_and_what_was_meant(right: str, wrong: str, told: str) -> None:
    assert right in SHIPPED
    text = SHIPPED.replace(right, wrong)
    with pytest.raises(Refused) as refused:
        from_toml(text, DEFAULT)
    assert told in refused.value.message
    line = number_of(text, "readiness = [") if "only the labels" in told else number_of(text, wrong.split("\n")[0])
    assert f"line {line}" in refused.value.message


@pytest.mark.parametrize(
    ("block", "line", "told"),
    [
        ('[[fields]]\nkey = "size"\nlabel = "Size"\nkind = "txt"\n', 4, "fields.size.kind"),
        ('[[fields]]\nkey = "a"\nlabel = "A"\nkind = "text"\n\n[[fields]]\nkey = "b"\nkind = "text"\n', 7, "fields.b.label: is missing"),
        ("tags = 5\n", 1, "a list is needed"),
        (SHIPPED.replace("{{ sender }}", "{{ sendr }}", 1), number_of(SHIPPED, "Hello") - 1, "templates.no_answer_1.en.body"),
        ("limits = 5\n", 1, "a table is needed"),
        ('"limits".touch_days = "x"\n', 1, "whole number"),
    ],
)
def test_other_ways_to_write_it_have_lines_too(block: str, line: int, told: str) -> None:
    with pytest.raises(Refused) as refused:
        from_toml(block, DEFAULT)
    assert told in refused.value.message
    assert f"line {line}:" in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000 + "]" * 5000,
        "n = " + "9" * 9999,
        "\x00",
        'name = "\\u202e[/red]"',
        '"\x1b[2J" = 1',
        "limits.max_attempts = nan",
        "limits.max_attempts = 99999999999999999999",
        "statuses = [1, 2]",
        'statuses = [{ key = "new" }, { key = "new" }]',
        "pipelines = [{ stages = 5 }]",
        "[rates]\nUSD = inf",
        "[working]\nstart = 2026-01-01T00:00:00Z",
        "fields = [{ key = 5 }]",
        "x" * 2_000_000,
        "[[working]]",
        "[statuses]",
    ],
)
def test_hostile_files_are_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(Refused) as refused:
        from_toml(text, DEFAULT)
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < 400


@given(st.text(max_size=60))
def test_any_text_is_a_process_or_is_refused(text: str) -> None:
    try:
        found = from_toml(text, DEFAULT)
    except Refused as refused:
        message, found = refused.message, DEFAULT
    else:
        message = ""
    assert message.isprintable()
    assert from_toml(as_toml(found), DEFAULT) == found
