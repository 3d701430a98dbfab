from __future__ import annotations

from pathlib import Path

import pytest

from crm_tui.config import Config, load_config
from crm_tui.errors import Refused


def test_no_file_is_no_settings(tmp_path: Path) -> None:
    assert load_config(tmp_path / "config.toml") == Config()


def test_what_it_may_say(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('store = "~/crm.db"\nlanguage = "he"\n[keys]\nlog_call = "f5"\n', encoding="utf-8")
    assert load_config(path) == Config("~/crm.db", "he", {"log_call": "f5"})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("language = \nstore = 1", "line 1"),
        ('a = 1\nlanguage = "he"', "a: There is no such setting"),
        ('language = "fr"', "language: fr is not one of: en, he"),
        ("store = 5", "store: 5 is not of the right type"),
        ('keys = "c"', "keys: c is not of the right type"),
        ('[keys]\nlog_cal = "f5"', "keys.log_cal: There is no such action"),
        ('[keys]\nlog_call = ""', "keys.log_call"),
        ('[keys]\nlog_call = "r"', "r would mean two things: route and log_call"),
        ('[keys]\nlog_call = "j"', "j would mean two things: down and log_call"),
        ("\udcff", "cannot be read"),
    ],
)
def test_what_is_wrong_is_refused_with_where(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(Refused) as refused:
        load_config(path)
    assert named in refused.value.message
    assert str(path) in refused.value.message
