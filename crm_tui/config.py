"""Personal settings of one person on one machine: `config.toml`. What the team shares is the process, kept in the store."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_tui.errors import Refused
from crm_tui.i18n import LANGUAGES
from crm_tui.i18n import gettext as _


@dataclass(frozen=True)
class Config:
    """What `config.toml` may say: the store to open, the language, whether a promised time rings the bell, and keys of one's own by
    action id (`crm-tui keys` names them).
    """

    store: str | None = None
    language: str | None = None
    keys: dict[str, str] = field(default_factory=dict)
    bell: bool = True


def config_path() -> Path:
    """Where the file is: in `CRM_HOME`, else where this system keeps settings."""
    if override := os.environ.get("CRM_HOME"):
        return Path(override) / "config.toml"
    import platformdirs

    return Path(platformdirs.user_config_dir("crm-tui")) / "config.toml"


def load_config(path: Path | None = None) -> Config:
    """The settings of the file, or none when there is no file; what is wrong in it is refused with where and what was meant."""
    path = path or config_path()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, ValueError) as error:
        raise Refused("config", _("{path} cannot be read: {why}.").format(path=path, why=error)) from error
    import tomllib

    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused("config", _("{path} cannot be read: {why}.").format(path=path, why=error)) from error
    return _checked(path, given)


_KINDS: dict[str, type] = {"store": str, "language": str, "bell": bool, "keys": dict}


def _checked(path: Path, given: dict[str, Any]) -> Config:
    from crm_tui.registry import ACTIONS, conflicts, with_keys

    def refuse(name: str, message: str) -> Refused:
        return Refused("config", f"{path}: {name}: {message}")

    for name, value in given.items():
        if name not in _KINDS:
            raise refuse(name, _("There is no such setting. Known: store, language, bell, [keys]."))
        if not isinstance(value, _KINDS[name]):
            raise refuse(name, _("{value} is not of the right type.").format(value=value))
    language = given.get("language")
    if language is not None and language not in LANGUAGES:
        raise refuse("language", _("{value} is not one of: {expected}.").format(value=language, expected=", ".join(LANGUAGES)))
    keys = given.get("keys", {})
    known = {one.id for one in ACTIONS}
    for id_, key in keys.items():
        if id_ not in known:
            raise refuse(f"keys.{id_}", _("There is no such action; crm-tui keys names them all."))
        if not isinstance(key, str) or not key:
            raise refuse(f"keys.{id_}", _("A key is a letter, a sign, or a name such as f5 or ctrl+t."))
    for key, one, other in conflicts(with_keys(keys)):
        raise refuse("keys", _("{key} would mean two things: {one} and {other}.").format(key=key, one=one, other=other))
    return Config(given.get("store"), language, dict(keys), given.get("bell", True))
