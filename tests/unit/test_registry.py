from __future__ import annotations

import subprocess
import sys
from collections import Counter

import pytest

from crm_tui.commands import COMMANDS
from crm_tui.registry import ACTIONS, GROUPS, Action, conflicts, hebrew_twin, keymap, with_keys
from tools import key_table


def test_every_command_has_exactly_one_entry() -> None:
    assert Counter(action.id for action in ACTIONS if action.command) == dict.fromkeys(COMMANDS, 1)
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)


def test_every_entry_has_a_label_and_a_known_group() -> None:
    assert all(action.label.strip() for action in ACTIONS)
    assert {action.group for action in ACTIONS} == set(GROUPS)


def test_no_key_means_two_commands_on_either_layout() -> None:
    assert conflicts() == []


def test_a_conflict_over_the_hebrew_layout_is_found() -> None:
    actions = (Action("one", "q", "One", "app"), Action("two", "/", "Two", "app"), Action("three", "q", "Three", "app"))
    assert conflicts(actions) == [("/", "one", "two"), ("q", "one", "three"), ("/", "one", "three")]


@pytest.mark.parametrize(
    ("command", "key"),
    [
        *[("add_lead", "+"), ("route", "r"), ("log_call", "c"), ("log_email", "e"), ("log_meeting", "m"), ("log_note", "n")],
        *[
            ("add_task", "t"),
            ("set_status", "s"),
            ("open_deal", "o"),
            ("move_deal", "b"),
            ("snooze", "z"),
            ("undo", "u"),
            ("redo", "ctrl+r"),
        ],
    ],
)
def test_keys_are_those_of_the_design(command: str, key: str) -> None:
    assert [action.key for action in ACTIONS if action.id == command] == [key]


def test_hebrew_layout() -> None:
    row = "qwertyuiopasdfghjklzxcvbnm"
    assert "".join(hebrew_twin(key) or "" for key in row) == "/'קראטוןםפשדגכעיחלךזסבהנמצ"
    assert len({hebrew_twin(key) for key in row}) == 26
    assert [hebrew_twin(key) for key in ("ctrl+r", "+", "", None, "1")] == [None] * 5


def test_it_is_plain_data() -> None:
    code = "import crm_tui.registry, sys; print([name for name in ('pydantic', 'click', 'peewee', 'textual') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_the_readme_has_the_keys_as_they_are() -> None:
    readme = key_table.README.read_text(encoding="utf-8")
    assert readme == key_table.with_table(readme), "run: python tools/key_table.py"


def test_keys_of_ones_own_are_checked() -> None:
    assert conflicts(with_keys({"log_call": "f5"})) == []
    assert keymap(with_keys({"log_call": "f5"}))["f5"] == "log_call"
    assert conflicts(with_keys({"log_call": "r"})) == [("r", "route", "log_call"), ("ר", "route", "log_call")]
