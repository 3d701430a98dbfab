"""What is written where: standard output carries the answer alone, standard error everything else."""

from __future__ import annotations

import json
import os
import re
import sys
from io import TextIOWrapper
from typing import Any

from crm_tui.errors import CrmError, Refused

# JSON leaves these as they are, but a terminal obeys some of them and a reader of lines breaks at others.
_UNSAFE = re.compile("[\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def prepare_streams() -> None:
    """UTF-8 whatever the locale says; a stream that was closed before the start goes nowhere."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def drop_output() -> None:
    """Send what is still buffered nowhere, so that nothing fails again when the interpreter ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
        except (OSError, ValueError, AttributeError):
            continue


def say(message: str) -> None:
    """A line for the person, beside the answer."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def put(text: str = "") -> None:
    """A line of the answer."""
    sys.stdout.write(text + "\n")


def put_json(value: Any) -> None:
    """The answer as one JSON document: indented on a terminal, one line otherwise."""
    put(json_text(value, indent=2 if sys.stdout.isatty() else None))


def json_text(value: Any, *, indent: int | None = None, compact: bool = False) -> str:
    """JSON that keeps every letter readable and escapes what a terminal could obey; `compact` is the canonical spelling."""
    if compact:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    else:
        text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if text.isascii() and "\x7f" not in text else _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def error_json(error: CrmError) -> dict[str, Any]:
    """The answer of a command that was refused or failed."""
    content: dict[str, Any] = {"kind": error.kind}
    if isinstance(error, Refused):
        content["field"] = error.field
    content["message"] = error.message
    if isinstance(error, Refused):
        content |= error.details
    return {"ok": False, "error": content}
