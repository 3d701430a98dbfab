"""No data reaches a terminal but through `paint`: nothing parses markup, and a second wall drops what would steer the terminal."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from store_helpers import do, lead
from textual.color import Color

from crm_tui.errors import Refused
from crm_tui.i18n import APART, APART_END, apart, gettext, keep_values_apart, use_language
from crm_tui.ids import parse_id
from crm_tui.reads.look import Look
from crm_tui.reads.timeline import timeline_json
from crm_tui.screens.telling import Offer
from crm_tui.screens.workspace import Subject
from crm_tui.widgets.paint import columns, safe, segments, strip
from crm_tui.widgets.wall import Wall
from crm_tui.widgets.wrapped import Wrapped

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e]")
ROOT = Path(__file__).parent.parent.parent / "crm_tui"
PARSING = {
    *("Label", "Static", "Markdown", "MarkdownViewer", "OptionList", "DataTable", "SelectionList", "Button", "Tooltip", "Collapsible"),
    *("RichLog", "Log", "ListView", "Tree", "Tabs", "TabbedContent", "Input", "TextArea", "Content", "Text", "from_markup", "notify"),
    *("border_title", "border_subtitle", "tooltip", "markup", "render_markup", "sub_title"),
}
"""What of Textual and Rich parses markup, or shows text that did not go through `paint`."""


@pytest.mark.parametrize(
    "path", sorted([*(ROOT / "widgets").glob("*.py"), *(ROOT / "screens").glob("*.py"), ROOT / "app.py"]), ids=lambda p: p.stem
)
def test_nothing_that_parses_markup_is_used(path: Path) -> None:
    used = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom | ast.Import) and getattr(node, "module", "") != "__future__":
            used |= {alias.name for alias in node.names if (getattr(node, "module", None) or "").split(".")[0] in ("textual", "rich")}
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
        elif isinstance(node, ast.keyword) and node.arg:
            used.add(node.arg)
    assert not used & PARSING


HOSTILE = [
    "[bold red]x[/bold red]",
    "[/red]",
    "\x1b[31mred\x1b[0m",
    "\x1b]52;c;aGk=\x07",
    "\x9b31m",
    "a\u202eb\u2066c\u2069",
    "nul\x00nul",
    "tab\tline\nline\r",
    "e" + "\u0301" * 500,
    "x" * 30_000,
    "👩‍👩‍👧‍👦 family",
    "שלום \u200f[bold]עולם[/bold] \x1b[2J",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("base", ["auto", "L", "R"])
def test_what_is_drawn_holds_no_control_and_fits(text: str, base: str) -> None:
    lines = Wrapped([(safe(text), "")], 30, base)
    drawn = [*segments([(safe(text)[:200], "bold")], base), *(segment for number in range(len(lines)) for segment in lines.line(number))]
    assert strip(lines.line(0), 30).cell_length == 30
    for character in "".join(one.text for one in drawn):
        assert character.isprintable() or character in "\u200d\ufe0f\u0301"
    if text.startswith("["):
        assert text in "".join(one.text for one in segments([(safe(text), "")]))


MIXED = "עסקה (Acme), 5%"


async def test_values_stand_apart_on_the_screens_alone(desk: Any, store: Any) -> None:
    who = lead(store, MIXED, "052-345-6789")
    do(store, "open_deal", contact=who, name="B2B (דנה) Ltd.")
    async with desk(size=(80, 24), language="he") as at:
        await at.do("set_status")
        await at.dialog("סטטוס")
        assert "5% ,(Acme) הקסע" in at.text
        await at.press("escape")
        await at.until(lambda: at.screen.space == "leadometer", "the question is left")
        await at.press("enter")
        await at.until(lambda: "B2B (הנד) Ltd." in at.text, "the deal in its own direction")
        await at.until(lambda: any(told.row.kind == "deal" for told in at.screen.timeline.lines), "the timeline")
        sentence = next(told.says for told in at.screen.timeline.lines if told.row.kind == "deal")
        assert APART in sentence
        assert not set(at.text) & {APART, APART_END}
        await at.do("undo")
        await at.until(lambda: "B2B" not in at.text, "undone")
        assert not set(at.text) & {APART, APART_END}
    use_language("he")
    told = timeline_json(Look.at(store), parse_id(who))
    assert told
    assert not any(APART in line["summary"] for line in told)
    with pytest.raises(Refused) as refused:
        do(store, "route", contact=who, to=MIXED)
    assert APART not in refused.value.message


@pytest.mark.parametrize(
    ("language", "value", "marked"),
    [
        ("he", "דנה לוי", False),
        ("he", "Acme Ltd.", True),
        ("he", "14:30", False),
        ("he", "דנה!", True),
        ("he", "", False),
        ("en", "Acme Ltd.", False),
        ("en", "דנה לוי", True),
        ("en", 5, False),
    ],
)
def test_a_value_that_may_mix_with_its_sentence_is_marked(language: str, value: Any, marked: bool) -> None:
    use_language(language)
    keep_values_apart(True)
    try:
        found = gettext("task: {task}, due {when}").format(task=value, when="x")
        assert (f"{APART}{value}{APART_END}" in found) == marked
        assert apart(apart(value)) == apart(value)
    finally:
        keep_values_apart(False)
    assert APART not in gettext("task: {task}, due {when}").format(task=value, when="x")


def test_the_wall_drops_what_would_steer_the_terminal() -> None:
    wall = Wall()
    steering = [Segment("a\x1b[31mb\u202ec\x9bd\x07"), Segment("plain")]
    assert [one.text for one in wall.apply(steering, Color(0, 0, 0))] == ["a[31mbcd", "plain"]
    harmless = [Segment("שלום"), Segment("plain")]
    assert wall.apply(harmless, Color(0, 0, 0)) is harmless


def test_columns_stand_where_they_should_on_either_side(monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_tui.widgets.paint import Column

    fields = [Column([("דנה", "")], 6), Column([("Acme", "")], 6), Column([("12", "")], 4, end=True)]
    assert "".join(one.text for one in columns(fields)) == "הנד    Acme     12"
    monkeypatch.setattr("crm_tui.widgets.paint.language", lambda: "he")
    assert "".join(one.text for one in columns(fields)) == "12     Acme    הנד"


async def test_what_can_be_chosen_holds_no_control(desk: Any) -> None:
    name = "Evil\x1b]0;x\x07 \u202e\nName"
    async with desk() as at:
        at.app.offers = [Offer(Subject(b"1" * 16, name), "set_status", {}, "why\x1b[2J")]
        await at.do("menu")
        first = (await at.dialog("Do")).options[0]
        assert first.value is at.app.offers[0]
        assert not CONTROLS.search(first.label + first.more), (first.label, first.more)
        assert "Evil" in first.label
        assert "why" in first.more
