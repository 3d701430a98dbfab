"""The README's key table, made from the registry: `python tools/key_table.py` writes it."""

from __future__ import annotations

import sys
from pathlib import Path

from crm_tui.registry import ACTIONS, GROUPS, MOVES, WORKSPACES, hebrew_twin

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- keys: made by tools/key_table.py -->\n", "<!-- end of keys -->\n"


def key_table() -> str:
    """The table as Markdown."""
    lines = ["| key | Hebrew layout | what it does |", "|---|---|---|"]
    for number, (_key, label) in enumerate(WORKSPACES, 1):
        lines.append(f"| `{number}` | | {label} |")
    for group in GROUPS:
        for one in ACTIONS:
            if one.group == group and one.key:
                keys = " ".join(f"`{key}`" for key in (one.key, *one.also))
                twin = hebrew_twin(one.key)
                lines.append(f"| {keys} | {f'`{twin}`' if twin else ''} | {one.label} |")
    moves = " ".join(f"`{move}`" + (f" `{letter}`" if letter else "") for move, letter in MOVES)
    lines.append(f"| {moves} | | move |")
    return "\n".join(lines) + "\n"


def with_table(readme: str) -> str:
    """The README with the table as it should be."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + key_table() + END + after


def main() -> int:
    """Write it."""
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
