"""No data reaches a terminal but through `paint`: nothing parses markup, and a second wall drops what would steer the terminal."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color

from crm_tui.widgets.paint import columns, safe, segments, strip
from crm_tui.widgets.wall import Wall
from crm_tui.widgets.wrapped import Wrapped

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
