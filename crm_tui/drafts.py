"""What was typed and not yet saved: kept on disk beside the store, so that a closed terminal loses no word."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from crm_tui.installation import data_dir


class Drafts:
    """Texts by the question they answer; written a moment after each change, by a thread of its own."""

    def __init__(self, store: str, person: str) -> None:
        import hashlib

        self._path: Path = data_dir() / "drafts" / (hashlib.sha256(f"{store}\0{person}".encode()).hexdigest()[:32] + ".json")
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._texts = self._read()
        self._changed: set[str] = set()

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            return {str(key): str(text) for key, text in found.items()}
        except (OSError, ValueError, AttributeError, RecursionError):
            return {}

    def get(self, question: str) -> str | None:
        """What was typed for a question before."""
        return self._texts.get(question)

    def put(self, question: str, text: str) -> None:
        """Note what is typed now; nothing forgets it."""
        if text.strip():
            self._texts[question] = text
        elif self._texts.pop(question, None) is None:
            return
        self._changed.add(question)
        if self._timer is None:
            self._timer = threading.Timer(0.5, self.save)
            self._timer.daemon = True
            self._timer.start()

    def forget(self, question: str) -> None:
        """What was typed is saved in the store now."""
        if question in self._texts:
            self.put(question, "")

    def questions(self) -> list[str]:
        """What waits to be finished."""
        return list(self._texts)

    def save(self) -> None:
        """Write to disk now; what another window of the same person wrote there meanwhile stays."""
        with self._lock:
            self._timer = None
            changed = self._changed.copy()
            if not changed:
                return
            own = dict(self._texts)
            texts = {key: text for key, text in self._read().items() if key not in changed}
            texts |= {key: own[key] for key in changed if key in own}
            try:
                self._write(texts)
            except OSError:
                # A draft that cannot be kept must not stop the work it is a draft of.
                return
            # What changed again while it was written is written again.
            self._changed -= {key for key in changed if self._texts.get(key) == own.get(key)}

    def _write(self, texts: dict[str, str]) -> None:
        if not texts:
            self._path.unlink(missing_ok=True)
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = self._path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(texts, file, ensure_ascii=False)
        os.replace(scratch, self._path)
