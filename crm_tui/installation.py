"""Who this installation is, kept outside every store: an id, and for each store the origin it writes as and where its log ended.

A store found elsewhere than where it was written, or behind what was written (restored, copied), gets a new origin, so that two
histories never share one. A store ahead of it whose chain contains the noted end was cut off by a crash and goes on.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from crm_tui.ids import new_id


def data_dir() -> Path:
    """The directory of this user's data; `CRM_HOME` overrides it."""
    override = os.environ.get("CRM_HOME")
    if override:
        return Path(override)
    import platformdirs

    return Path(platformdirs.user_data_dir("crm-tui"))


def installation_id(now_ms: int) -> bytes:
    """This installation's id, made on first use."""
    path = data_dir() / "installation"
    try:
        return bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError):
        fresh = new_id(now_ms)
        _write(path, fresh.hex(), exclusive=True)
        return bytes.fromhex(path.read_text().strip())


class OriginNote:
    """The note beside the installation's id of one store and person: origin, last sequence number, last digest."""

    def __init__(self, store: str, person: bytes) -> None:
        key = hashlib.sha256(store.encode() + b"\0" + person).hexdigest()[:32]
        self.path = data_dir() / "origins" / key

    def read(self) -> tuple[bytes, int, bytes] | None:
        """Origin, last sequence number and last digest, or None for a store never written from here."""
        try:
            note: dict[str, Any] = json.loads(self.path.read_text())
            return bytes.fromhex(note["origin"]), int(note["oseq"]), bytes.fromhex(note["digest"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, origin: bytes, oseq: int, digest: bytes) -> None:
        """Note where the log of this origin ends now."""
        _write(self.path, json.dumps({"origin": origin.hex(), "oseq": oseq, "digest": digest.hex()}))

    def forget(self) -> None:
        """The next write starts a new origin."""
        self.path.unlink(missing_ok=True)


def _write(path: Path, text: str, *, exclusive: bool = False) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        scratch.write_text(text)
        if exclusive:
            with suppress(FileExistsError):
                os.link(scratch, path)
        else:
            os.replace(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)
