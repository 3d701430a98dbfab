"""The business's own fields in a file: each value as `edit_contact` would keep it; what a field does not take stands beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

from crm_tui.errors import Refused
from crm_tui.text.clean import clip
from crm_tui.text.fold import fold

if TYPE_CHECKING:
    from crm_tui.process_terms import CustomField

_DOUBTED = " (?)"
BESIDE = "{column}" + _DOUBTED
"""The property that keeps a value which its field does not take."""


class Doubtful(NamedTuple):
    """A value of a line that its field does not take, why, and under which property it is kept."""

    line: int
    field: str
    value: str
    reason: str
    kept_as: str


class OwnFields:
    """Finds the field of a column by its key or label and checks its values."""

    def __init__(self, settings: tuple[tuple[str, str], ...]) -> None:
        from crm_tui.store import process_of

        self.process = process_of(settings)
        self._called = {fold(name): field for field in self.process.fields for name in (*field.spellings, field.key)}
        self._of: dict[str, CustomField | None] = {}

    def checked(self, line: int, properties: Mapping[str, str]) -> tuple[dict[str, str], list[Doubtful]]:
        """The properties of a row as they are kept, and the doubtful ones."""
        kept: dict[str, str] = {}
        doubtful: list[Doubtful] = []
        for column, value in properties.items():
            field = self._field(column)
            if field is None:
                kept[column] = value
                continue
            if field.key in kept:
                kept[_beside(column, properties) if column == field.key else column] = value
                continue
            from crm_tui.commands.fields import checked_field

            try:
                found = checked_field(field, value, self.process)
            except Refused as refused:
                beside = _beside(column, properties)
                kept[beside] = value
                doubtful.append(Doubtful(line, field.key, clip(value), refused.message, beside))
                continue
            if found is not None:
                kept[field.key] = found
        return kept, doubtful

    def _field(self, column: str) -> CustomField | None:
        if column not in self._of:
            # What stood beside a field when it was exported stands there again.
            self._of[column] = None if column.endswith(_DOUBTED) else self._called.get(fold(column))
        return self._of[column]


def _beside(column: str, columns: Collection[str]) -> str:
    """Under which property a value stands beside its field, so that no other column's is lost."""
    name = plain = BESIDE.format(column=column)
    number = 2
    while name in columns:
        name = f"{plain} {number}"
        number += 1
    return name
