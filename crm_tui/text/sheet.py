"""Cells that a spreadsheet would run as a formula, made inert on export and taken back exactly on import."""

from __future__ import annotations

import re

VIEW_ID = "crm_tui_id"
"""The last column of a view's sheet: by it an import tells that sheet from one that somebody made."""

# Spaces, controls, invisible characters and quotes before the sign do not keep every spreadsheet from running it.
_active = re.compile(
    r"[\x00-\x20\x7f-\xa0\xad\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"
    r"'\"`´‘’‚‛“”„‟′″＇＂«»‹›]*[=+\-@\t\r|%＝＋－＠]"
).match
_negative_number = re.compile(r"-[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?").fullmatch


def neutralise(cell: str) -> str:
    """The cell with an apostrophe before it when a spreadsheet could run it; plain negative numbers stay numbers."""
    return "'" + cell if _is_active(cell) else cell


def restore(cell: str) -> str:
    """The cell that `neutralise` was given; any other text is left alone."""
    return cell[1:] if cell[:1] == "'" and _is_active(cell[1:]) else cell


def _is_active(cell: str) -> bool:
    return bool(_active(cell)) and not _negative_number(cell)
