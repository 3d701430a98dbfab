"""The README's pictures: `python tools/pictures.py` draws the demo company's screens into docs/*.svg.

Each Hebrew letter is placed by itself: a viewer of SVG would otherwise put a line in its own order.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from crm_tui.app import CrmApp
from crm_tui.demo import demo_store, fill_demo
from crm_tui.i18n import use_language
from crm_tui.session import Session
from crm_tui.store import Store
from crm_tui.text.bidi import has_rtl
from crm_tui.text.graphemes import graphemes, width

DOCS = Path(__file__).parent.parent / "docs"
NOW = 1795248000000 - 4 * 3_600_000  # Sunday 2026-11-22, ten o'clock in Israel
CELL, LINE = 8.4, 18
COLOURS = {"cyan": "#39c5cf", "green": "#56d364", "yellow": "#e3b341", "red": "#ff7b72"}
PICTURES = (
    ("leadometer", "en", (110, 22), ()),
    ("board", "en", (110, 22), ("3",)),
    ("contact", "en", (110, 26), ("3", "enter")),
    ("leadometer-he", "he", (110, 22), ()),
)


def draw(strips: list[Any], columns: int) -> str:
    """The lines of a screen as SVG."""
    rows = []
    for y, strip in enumerate(strips):
        x = 0
        for segment in strip:
            style = segment.style
            colour = COLOURS.get(style.color.name if style and style.color else "", "#c9d1d9")
            look = (
                f'fill="{colour}"'
                + (' font-weight="bold"' if style and style.bold else "")
                + (' opacity="0.6"' if style and style.dim else "")
            )
            for text, cells in _runs(segment.text):
                if text.strip():
                    at = f'x="{x * CELL + 12:.1f}" y="{y * LINE + 30}"'
                    rows.append(f'<text {at} {look} textLength="{cells * CELL:.1f}">{escape(text)}</text>')
                x += cells
    size = f'width="{columns * CELL + 24:.0f}" height="{len(strips) * LINE + 28}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14"'
        ' xml:space="preserve"><rect width="100%" height="100%" rx="6" fill="#0d1117"/>' + "".join(rows) + "</svg>\n"
    )


def _runs(text: str) -> list[tuple[str, int]]:
    if not has_rtl(text):
        return [(text, width(text))]
    return [(one, width(one)) for one in graphemes(text)]


async def take(url: str, language: str, size: tuple[int, int], keys: tuple[str, ...]) -> str:
    """One picture after some keys."""
    use_language(language)
    session = Session(url, "noa", lambda: NOW)
    session.open_now()
    app = CrmApp(session)
    try:
        async with app.run_test(size=size) as pilot:
            for key in ("", *keys):
                if key:
                    await pilot.press(key)
                for _ in range(40):
                    await pilot.pause(0.02)
            return draw(app.screen._compositor.render_strips(), size[0])
    finally:
        session.close()
        use_language("en")


def main() -> int:
    """Draw all pictures."""
    with demo_store(NOW) as path:
        with Store(path, "noa", lambda: NOW, durable=False) as store:
            fill_demo(store)
        for name, language, size, keys in PICTURES:
            (DOCS / f"{name}.svg").write_text(asyncio.run(take(path, language, size, keys)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
