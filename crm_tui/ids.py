"""Ids of 16 bytes: UUIDv7 from the store's clock, or derived from a parent and a name so that two laptops agree."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import uuid

_lock = threading.Lock()
_last = 0
_HEX = re.compile(r"[0-9a-fA-F]{32}")


def new_id(now_ms: int) -> bytes:
    """A UUIDv7 for `now_ms`; ids made one after the other in a process sort in that order."""
    global _last
    with _lock:
        tick = max(now_ms << 12, _last + 1)
        _last = tick
    tail = int.from_bytes(os.urandom(8), "big") & 0x3FFFFFFFFFFFFFFF
    value = ((tick >> 12) << 80) | (0x7 << 76) | ((tick & 0xFFF) << 64) | (0b10 << 62) | tail
    return value.to_bytes(16, "big")


def derived_id(parent: bytes, name: str) -> bytes:
    """The id that follows from a parent's id (or a file's digest) and a name: a UUIDv5."""
    digest = bytearray(hashlib.sha1(parent + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    return bytes(digest)


def parse_id(text: str) -> bytes | None:
    """The id that `text` spells (32 hex digits, dashes allowed), or None."""
    plain = text.strip().replace("-", "")
    return bytes.fromhex(plain) if _HEX.fullmatch(plain) else None


def show_id(value: bytes) -> str:
    """An id as people and JSON see it."""
    return str(uuid.UUID(bytes=value))


COMPANIES = uuid.uuid5(uuid.NAMESPACE_OID, "crm-tui/company").bytes
IMPORTS = uuid.uuid5(uuid.NAMESPACE_OID, "crm-tui/import").bytes
