from __future__ import annotations

import ast
import gettext
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli_program import Program

from crm_tui.cli.language import CLICK_TEXTS, given_language
from crm_tui.cli.main import run
from crm_tui.i18n import LOCALE_DIR

SUBCOMMANDS = tuple(
    "demo import export do show find undo redo team process clone sync hub compare backup restore check keys doctor".split()
)
HEBREW = gettext.translation("crm_tui", LOCALE_DIR, languages=["he"], fallback=True)
TRANSLATED = all(HEBREW.gettext(text) != text for text in ("Show what the screens show.", "No such command {name!r}.", "Usage:"))


def has_hebrew(text: str) -> bool:
    return any("א" <= letter <= "ת" for letter in text)


def test_help_names_every_subcommand_and_nothing_of_later(program: Program) -> None:
    found = program("--help")
    assert (found.code, found.err) == (0, "")
    listed = [line.split()[0] for line in found.out.partition("Commands:")[2].splitlines() if line.startswith("  ") and line[2] != " "]
    assert [name for name in listed if name != "Exit"][: len(SUBCOMMANDS)] == list(SUBCOMMANDS)
    for option in ("--store", "--as", "--now", "--lang"):
        assert option in found.out
    for later in ("--plain", "--bidi", "--restricted"):
        assert later not in found.out


@pytest.mark.skipif(not TRANSLATED, reason="the Hebrew catalogue does not have these texts yet")
@pytest.mark.parametrize(
    ("args", "env"), [(["--lang", "he"], {}), (["--lang=he"], {"LANG": "en_GB.UTF-8"}), ([], {"LC_ALL": "he_IL.UTF-8"})]
)
def test_hebrew(program: Program, args: list[str], env: dict[str, str]) -> None:
    found = program(*args, "show", "--help", env=env)
    assert found.code == 0
    assert has_hebrew(found.out)
    refused = program(*args, "show", "reports", env=env)
    assert refused.code == 2
    assert has_hebrew(refused.err)
    assert "No such command" not in refused.err


def test_english_in_a_hebrew_locale(program: Program) -> None:
    found = program("--lang", "en", "show", "reports", env={"LC_ALL": "he_IL.UTF-8", "LANGUAGE": "he"})
    assert "No such command 'reports'" in found.err
    assert not has_hebrew(found.err)


@pytest.mark.parametrize(
    ("argv", "language"),
    [
        *[(["--lang", "he", "show"], "he"), (["--lang=he"], "he"), (["--store", "--lang", "show"], None), (["show", "--lang", "he"], None)],
        *[([], None), (["--lang"], ""), (["--as=x", "--now", "2026", "--lang", "en"], "en"), (["--", "--lang", "he"], None)],
    ],
)
def test_language_is_read_before_click_reads(argv: list[str], language: str | None) -> None:
    assert given_language(argv) == language


def test_the_texts_marked_for_click_are_those_of_click() -> None:
    folder = Path(click.__file__).parent
    known = {
        node.value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert [text for text in CLICK_TEXTS if text not in known] == []


def test_without_a_terminal_the_screens_say_what_a_script_can_do(program: Program) -> None:
    found = program()
    assert (found.code, found.out) == (2, "")
    assert "crm-tui --help" in found.err
    assert "crm-tui show inbox" in found.err


@pytest.mark.parametrize(
    "args",
    [
        *[["process"], ["clone"], ["demo"], ["process", "load"], ["show", "report", "x"], ["--plain", "show", "inbox"]],
        *[
            ["import", "--format", "vcard", "x.vcf"],
            ["import", "--source", "moon", "x.csv"],
            ["import"],
            ["export", "all", "--format", "csv"],
        ],
        *[["export", "deals", "--view", "x"], ["show", "inbox", "--limit", "0"], ["show", "inbox", "--limit", "x"], ["find"], ["team"]],
        *[
            ["team", "add", "dan"],
            ["team", "add", "dan", "--role", "king"],
            ["--now", "yesterday", "show", "inbox"],
            ["--lang", "fr", "keys"],
        ],
        *[["do", "--json"], ["do", "send_cake"], ["do", "add_lead", "name"], ["do", "add_lead", "--name"], ["redo", "x"], ["backup"]],
    ],
)
def test_wrong_usage_is_2_and_leaves_no_store(
    args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CRM_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANGUAGE", "en")
    assert run(args) == 2
    written = capsys.readouterr()
    assert written.err
    assert not (tmp_path / "home").exists()
    if args != ["do", "send_cake"]:
        assert written.out == ""


def test_a_clock_of_the_environment_is_checked_too(fresh: Program) -> None:
    found = fresh("show", "inbox", env={"CRM_NOW": "soon"})
    assert found.code == 2
    assert "--now" in found.err


def test_a_command_of_later_answers_as_usage(fresh: Program) -> None:
    found = fresh("do", "send_cake", "--contact", "x")
    assert found.json["error"]["kind"] == "usage"
    assert found.json["error"]["field"] == "command"


@pytest.mark.parametrize("args", [["--help"], ["show", "--help"], ["find", "--help"], ["keys"], ["show", "reports"]])
def test_help_loads_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys\nfrom crm_tui.__main__ import main\nsys.argv = ['crm-tui', *sys.argv[1:]]\ntry:\n main()\nexcept SystemExit:\n pass\n"
        "print([n for n in ('pydantic', 'peewee', 'textual', 'phonenumbers', 'sqlite3') if n in sys.modules], file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True, check=True)
    assert found.stderr.strip().endswith("[]")
