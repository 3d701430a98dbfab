"""What a command answers, before it is written as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crm_tui.ids import show_id


@dataclass(slots=True)
class Answer:
    """What a command did. `id` is None when it changed nothing; `kept` lists what an undo left because somebody changed it since."""

    command: str
    id: bytes | None = None
    record: bytes | None = None
    rules: list[str] = field(default_factory=list)
    suggest: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    undone: bytes | None = None
    undone_command: str | None = None
    kept: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The answer as interface.md writes it."""
        answer: dict[str, Any] = {
            "ok": True,
            "command": self.command,
            "id": show_id(self.id) if self.id else None,
            "record": show_id(self.record) if self.record else None,
            "rules": self.rules,
            "suggest": [{key: show_id(value) if isinstance(value, bytes) else value for key, value in one.items()} for one in self.suggest],
        }
        if self.notes:
            answer["notes"] = self.notes
        if self.undone:
            answer["undone"] = show_id(self.undone)
            answer["undone_command"] = self.undone_command
            answer["kept"] = self.kept
        return answer
