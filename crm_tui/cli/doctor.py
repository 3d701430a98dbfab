"""`crm-tui doctor`: what this program stands on, each line good or with what to do; no probe stops the others."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crm_tui.cli.output import put
from crm_tui.cli.settings import Settings
from crm_tui.cli.table import put_pairs
from crm_tui.i18n import gettext as _
from crm_tui.i18n import language
from crm_tui.text.clean import clip

if TYPE_CHECKING:
    from crm_tui.store import Store

GOOD, BAD = "ok", "!"
_LOW_DISK = 200_000_000
Line = tuple[str, str, str]


@click.command(help=_("Look whether all is well. Versions, store, language, terminal and disk, and what to do where something is wrong."))
@click.pass_obj
def doctor(settings: Settings) -> None:
    """Print one line for each probe."""
    lines: list[Line] = []
    for probe in (_program, _libraries, _home, _settings, _store, _language, _terminal):
        try:
            lines += probe(settings)
        except Exception as error:
            lines.append((BAD, probe.__name__.strip("_"), clip(str(error) or error.__class__.__name__, 200)))
    put_pairs([(f"{mark:<2}  {name}", value) for mark, name, value in lines])
    wrong = sum(mark == BAD for mark, _name, _value in lines)
    put()
    put(_("All is well.") if not wrong else _("To look at: the lines that begin with “!”."))


def _program(_settings: Settings) -> Iterator[Line]:
    from crm_tui import __version__

    yield GOOD, "crm-tui", __version__
    python = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    yield GOOD if sys.version_info >= (3, 11) else BAD, "Python", python


def _libraries(settings: Settings) -> Iterator[Line]:
    import sqlite3
    from importlib.metadata import PackageNotFoundError, version

    yield GOOD, "SQLite", sqlite3.sqlite_version
    try:
        yield GOOD, "psycopg", version("psycopg")
    except PackageNotFoundError:
        needed = settings.url.startswith(("postgresql://", "postgres://"))
        hint = _("not installed; a store on PostgreSQL needs: pip install 'crm-tui[postgres]'")
        yield BAD if needed else GOOD, "psycopg", hint


def _home(_settings: Settings) -> Iterator[Line]:
    from crm_tui.installation import data_dir

    yield from _directory(_("data"), data_dir())


def _settings(_settings: Settings) -> Iterator[Line]:
    from crm_tui.config import config_path, load_config
    from crm_tui.errors import Refused

    try:
        load_config()
    except Refused as refused:
        yield BAD, _("settings"), refused.message
    else:
        yield GOOD, _("settings"), str(config_path()) + ("" if config_path().exists() else " " + _("(none yet)"))


def _store(settings: Settings) -> Iterator[Line]:
    from crm_tui.db import sqlite_path
    from crm_tui.errors import CrmError

    name = _("store")
    try:
        if not settings.url.startswith(("postgresql://", "postgres://")):
            path = sqlite_path(settings.url)
            if not path.exists():
                yield GOOD, name, _("{path} does not exist yet; the first command makes it").format(path=path)
                yield from _store_place(path)
                return
            yield from _store_place(path)
        with settings.open() as store:
            yield GOOD, name, clip(store.db.label, 200)
            yield from _opened(store)
    except CrmError as error:
        yield BAD, name, clip(error.message, 300)


def _store_place(path: Path) -> Iterator[Line]:
    """The store's directory, where it is not the data directory that already has its line."""
    from crm_tui.installation import data_dir

    if path.parent != data_dir().absolute():
        yield from _directory(_("store's place"), path.parent)


def _opened(store: Store) -> Iterator[Line]:
    """What can be said of a store that opens."""
    from crm_tui.db import LAST_MIGRATION

    if store.db.is_sqlite:
        engine = "SQLite, " + str(store.db.one("PRAGMA journal_mode")[0]).upper()
        size = sum(_size(Path(f"{store.db.path}{suffix}")) for suffix in ("", "-wal"))
    else:
        engine = "PostgreSQL " + str(store.db.one("SHOW server_version")[0])
        size = int(store.db.one("SELECT pg_database_size(current_database())")[0])
    yield GOOD, _("engine"), engine
    yield GOOD, _("schema"), str(LAST_MIGRATION)
    yield GOOD, _("size"), _bytes(size)
    counts = [_count(store, title, table) for title, table in ((_("contacts"), "contact"), (_("deals"), "deal"), (_("batches"), "batch"))]
    yield GOOD, _("holds"), " · ".join(counts)
    yield GOOD, _("user"), f"{store.actor.name} ({store.actor.role})"
    process = store.process()
    yield GOOD, _("business"), f"{process.working.zone}, {process.currency}, {process.region}"


def _count(store: Store, title: str, table: str) -> str:
    where = "" if table == "batch" else " WHERE removed <= 0"
    return f"{title} {store.db.one(f'SELECT count(*) FROM {table}{where}')[0]:,}"


def _language(_settings: Settings) -> Iterator[Line]:
    import locale

    yield GOOD, _("language"), language()
    encoding = locale.getpreferredencoding(False)
    if encoding.lower().replace("-", "") == "utf8":
        yield GOOD, _("encoding"), encoding
    else:
        yield (
            BAD,
            _("encoding"),
            _("{encoding}; answers are written in UTF-8: set LANG to a UTF-8 locale, such as C.UTF-8").format(encoding=encoding),
        )


def _terminal(_settings: Settings) -> Iterator[Line]:
    name = os.environ.get("TERM", "")
    if not sys.stdout.isatty():
        yield GOOD, _("terminal"), _("none; the answer goes to a file or a pipe")
        return
    size = shutil.get_terminal_size()
    shown = f"{name or '?'}, {size.columns}x{size.lines}"
    if name in ("", "dumb"):
        yield BAD, _("terminal"), shown + "; " + _("set TERM to what your terminal is, such as xterm-256color")
    elif size.columns < 40 or size.lines < 20:
        yield BAD, _("terminal"), shown + "; " + _("make it at least 40x20")
    else:
        yield GOOD, _("terminal"), shown


def _directory(name: str, path: Path) -> Iterator[Line]:
    """A directory that must be writable (or makeable) and have room."""
    place = path
    while not place.exists() and place != place.parent:
        place = place.parent
    if not os.access(place, os.W_OK | os.X_OK):
        yield BAD, name, _("{path} cannot be written; choose another with --store or CRM_HOME").format(path=place)
        return
    free = shutil.disk_usage(place).free
    shown = _("{path}, {free} free").format(path=path, free=_bytes(free))
    yield (GOOD, name, shown) if free >= _LOW_DISK else (BAD, name, shown + "; " + _("make room"))


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _bytes(size: float) -> str:
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1000:
            return f"{size:,.0f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"
