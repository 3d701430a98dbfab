"""One open database: SQLite or PostgreSQL behind the same few calls, with the program's own errors.

SQL is written once with `?`; queries of the reads are Peewee expressions compiled once (`Prepared`).
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from operator import itemgetter
from pathlib import Path
from threading import Lock
from typing import Any, cast
from urllib.parse import parse_qs, unquote, urlsplit

from crm_tui.drivers import migration_runner, peewee, take_psycopg
from crm_tui.errors import CrmError, Damaged, Refused, StoreBusy, StoreFull
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clip

MIGRATIONS = Path(__file__).parent / "migrations"
LAST_MIGRATION = max(path.stem for path in MIGRATIONS.glob("[0-9]*.py"))
BUSY_SECONDS = 5
BUSY_TURNS = 3
"""How often that wait is repeated before a write gives up."""
MAX_PARAMETERS = 20_000
"""A statement's parameters: below SQLite's 32,766 and PostgreSQL's 65,535."""
_MIGRATING = Lock()
"""Migrations bind the models of the whole process: two stores, as a laptop's and a hub's in a file, take turns."""
_WRITE_LOCK = 0x63726D74  # "crmt": writers of one PostgreSQL store take turns, as they do on SQLite


class Database:
    """One connection to one store."""

    def __init__(self, url: str, *, durable: bool = True) -> None:
        self.url = url
        self.is_sqlite = is_sqlite(url)
        self.path: Path | None = None
        self._statements: dict[str, str] = {}
        self._streams = count()
        self._compiled: dict[Prepared, tuple[str, tuple[Any, ...]]] = {}
        if self.is_sqlite:
            self.path = sqlite_path(url)
            self.peewee = self._open_sqlite(self.path, durable)
        else:
            self.peewee = _postgresql(url)
        with errors():
            try:
                self.peewee.connect()
            except UnicodeDecodeError as error:
                raise _damaged() from error
            self._migrate()

    def close(self) -> None:
        """Close the connection."""
        if not self.peewee.is_closed():
            with errors():
                self.peewee.close()

    @property
    def label(self) -> str:
        """The store's address as people may see it, without a password."""
        return str(self.path) if self.path else without_password(self.url)

    def rows(self, sql: str, args: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query as tuples."""
        return cast(list[Any], self.cursor(sql, args).fetchall())

    def one(self, sql: str, args: Sequence[Any] = ()) -> Any:
        """The first row of a query, or None."""
        return self.cursor(sql, args).fetchone()

    def run(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Execute one statement and return how many rows it changed."""
        return cast(int, self.cursor(sql, args).rowcount)

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Execute one statement for many rows."""
        self.peewee.connection().cursor().executemany(self._for_engine(sql), rows)

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], conflict: str = "") -> None:
        """Insert rows into a table; a column that none of them fills is left out, since drivers take longest over None."""
        if not rows:
            return
        filled = [at for at, values in enumerate(zip(*rows, strict=True)) if values.count(None) < len(rows)]
        names, marks = ", ".join([columns[at] for at in filled]), ", ".join("?" * len(filled))
        self.many(f"INSERT INTO {table} ({names}) VALUES ({marks}) {conflict}", map(itemgetter(*filled), rows))

    def insert(self, sql: str, args: Sequence[Any] = ()) -> int:
        """Execute an INSERT into a table with a `key` column and return the new key."""
        if self.is_sqlite:
            return int(self.cursor(sql, args).lastrowid)
        return int(self.cursor(sql + " RETURNING key", args).fetchone()[0])

    def cursor(self, sql: str, args: Sequence[Any] = ()) -> Any:
        """Execute a statement and return its cursor."""
        cursor = self.peewee.connection().cursor()
        try:
            cursor.execute(sql if self.is_sqlite else self._for_engine(sql), args)
        except UnicodeDecodeError as error:  # SQLite's own message about a spoiled schema
            raise _damaged() from error
        return cursor

    def where_in(self, sql: str, values: Sequence[Any], args: Sequence[Any] = (), mark: str = "?") -> Iterator[Any]:
        """Rows of a query over any number of values: `{}` in `sql` stands for the list; in `VALUES {}` each has a `mark` of `(?)`."""
        for start in range(0, len(values), MAX_PARAMETERS):
            chunk = values[start : start + MAX_PARAMETERS]
            marks = ",".join([mark] * len(chunk))
            yield from self.rows(sql.replace("{}", marks), (*args, *chunk))

    def stream(self, sql: str, args: Sequence[Any] = (), size: int = 2_000) -> Iterator[Any]:
        """Rows of a large query without holding them all."""
        if self.is_sqlite:
            cursor = self.cursor(sql, args)
        else:
            cursor = self.peewee.connection().cursor(name=f"stream{next(self._streams)}", withhold=True)
            cursor.execute(self._for_engine(sql), args)
        with errors():
            try:
                while rows := cursor.fetchmany(size):
                    yield from rows
            finally:
                cursor.close()

    def _for_engine(self, sql: str) -> str:
        if self.is_sqlite:
            return sql
        found = self._statements.get(sql)
        if found is None:
            found = sql.replace("%", "%%").replace("?", "%s")
            if len(self._statements) < 500:
                self._statements[sql] = found
        return found

    @contextmanager
    def write(self) -> Iterator[None]:
        """A write transaction that waits its turn; rolled back whole on any error."""
        with errors(), self._turn():
            if not self.is_sqlite:
                self.run("SELECT pg_advisory_xact_lock(?)", (_WRITE_LOCK,))
            yield

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Inside a write: what is done in here stands whole or not at all, whatever becomes of an error."""
        self.cursor("SAVEPOINT inner_write")
        try:
            yield
        except BaseException:
            self.cursor("ROLLBACK TO SAVEPOINT inner_write")
            self.cursor("RELEASE SAVEPOINT inner_write")
            raise
        self.cursor("RELEASE SAVEPOINT inner_write")

    def _turn(self) -> Any:
        """A begun transaction. SQLite lets waiting writers starve when many write without a pause, so the wait is repeated."""
        if not self.is_sqlite or self.peewee.in_transaction():
            return self.peewee.atomic()
        turn = _Begun(self.peewee.atomic())
        retrying(turn.begin, BUSY_TURNS * BUSY_SECONDS)
        return turn

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """A read transaction: all queries inside see one moment."""
        with errors():
            if self.peewee.in_transaction() or self._healthy():
                yield
                return
            begin = "BEGIN" if self.is_sqlite else "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
            self.cursor(begin)
            try:
                yield
            finally:
                self.cursor("COMMIT" if self._healthy() else "ROLLBACK")

    def _healthy(self) -> bool:
        if self.is_sqlite:
            return bool(self.peewee.connection().in_transaction)
        return bool(self.peewee.connection().pgconn.transaction_status == 2)

    def compiled(self, prepared: Prepared) -> tuple[str, tuple[Any, ...]]:
        """The SQL of a prepared query on this engine, with its parameters in order."""
        found = self._compiled.get(prepared)
        if found is None:
            sql, params = self.peewee.get_sql_context().sql(prepared.build()).query()
            found = self._compiled[prepared] = (sql, tuple(params))
        return found

    def _open_sqlite(self, path: Path, durable: bool) -> Any:
        if path.is_dir():
            raise Refused("store", _("{path} is a directory, not a store.").format(path=path))
        if not path.exists():
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                make_file(path)
            except OSError as error:
                raise Refused("store", _("{path} cannot be made: {why}.").format(path=path, why=error.strerror)) from error
        elif not os.access(path, os.R_OK | os.W_OK):
            raise Refused("store", _("{path} cannot be read and written by you.").format(path=path))
        pragmas = {
            "busy_timeout": BUSY_SECONDS * 1000,
            "journal_mode": "wal",
            "synchronous": "full" if durable else "off",
            "cache_size": -16_000,
            "temp_store": "memory",
        }
        return peewee.SqliteDatabase(str(path), pragmas=pragmas, lock_type="IMMEDIATE", timeout=BUSY_SECONDS)

    def _migrate(self) -> None:
        if self._schema() == LAST_MIGRATION:
            return
        with _MIGRATING, self.write():
            if self._schema() != LAST_MIGRATION:
                newest = self._schema()
                if newest is None and self.is_sqlite and self.one("SELECT 1 FROM sqlite_master LIMIT 1"):
                    raise _damaged()  # another program's file: no tables of ours beside its own
                if newest is not None and newest > LAST_MIGRATION:
                    raise Refused(
                        "store", _("This store was written by a newer crm-tui ({version}); upgrade first.").format(version=newest)
                    )
                migration_runner()(self.peewee, str(MIGRATIONS)).up()

    def _schema(self) -> str | None:
        try:
            if self.is_sqlite:
                known = self.one("SELECT 1 FROM sqlite_master WHERE name = 'schema_migration'")
            else:
                known = self.one("SELECT 1 WHERE to_regclass('schema_migration') IS NOT NULL")
            return cast(str, self.one("SELECT max(name) FROM schema_migration")[0]) if known else None
        except sqlite3.DatabaseError as error:
            raise translated(error) from error


class _Begun:
    """A transaction that begins before its `with`."""

    def __init__(self, transaction: Any) -> None:
        self.transaction = transaction

    def begin(self) -> None:
        with errors():
            self.transaction.__enter__()

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: Any) -> Any:
        return self.transaction.__exit__(*error)


class Prepared:
    """A query built from Peewee expressions, compiled once for each database; `arg("name")` marks what a call gives."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self.build = build

    def rows(self, db: Database, **values: Any) -> list[Any]:
        """All rows as tuples."""
        return cast(list[Any], self.cursor(db, **values).fetchall())

    def one(self, db: Database, **values: Any) -> Any:
        """The first row, or None."""
        return self.cursor(db, **values).fetchone()

    def cursor(self, db: Database, **values: Any) -> Any:
        """The cursor of the executed query."""
        sql, params = db.compiled(self)
        cursor = db.peewee.connection().cursor()
        cursor.execute(sql, [values[param.name] if param.__class__ is _Arg else param for param in params])
        return cursor


class _Arg:
    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def arg(name: str) -> Any:
    """A place in a prepared query that is filled when it runs."""
    return peewee.Value(_Arg(name), converter=False)


def is_sqlite(url: str) -> bool:
    """Whether a URL names a SQLite store."""
    return not url.startswith(("postgresql://", "postgres://"))


def without_password(url: str) -> str:
    """A store's URL as people may see it."""
    return re.sub(r"//([^:@/]*):[^@/]*@", r"//\1@", url)


def sqlite_path(url: str) -> Path:
    """The file of a SQLite store's URL or path."""
    if url.startswith("sqlite://"):
        url = unquote(url.removeprefix("sqlite://"))
        url = url[1:] if url.startswith("//") else url.removeprefix("/") or url
    elif "://" in url:
        raise Refused("store", _("{url}: a store is a path, sqlite:///path or postgresql://…").format(url=url[:60]))
    if "\0" in url or not url.strip():
        raise Refused("store", _("The store's path is empty or not a path."))
    return Path(url).expanduser().absolute()


def make_file(path: Path) -> None:
    """Make a store's file for its owner alone; for a whole group in a directory that hands its group on (a hub of several logins).

    SQLite gives the files that it makes beside a store the store's own mode.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    with suppress(PermissionError):
        if path.parent.stat().st_mode & stat.S_ISGID:
            os.fchmod(descriptor, 0o660)  # whatever the umask of the login says
    os.close(descriptor)


def _postgresql(url: str) -> Any:
    try:
        take_psycopg()
    except ImportError as error:
        raise Refused("store", _("PostgreSQL needs the extra: pip install 'crm-tui[postgres]'.")) from error
    if url.startswith("postgres://"):
        url = "postgresql://" + url.removeprefix("postgres://")
    options = {} if "connect_timeout" in parse_qs(urlsplit(url).query) else {"connect_timeout": 5}
    return peewee.PostgresqlDatabase(url, prefer_psycopg3=True, **cast(Any, options))


@contextmanager
def errors() -> Iterator[None]:
    """Turn what a driver raises into the program's own errors."""
    try:
        yield
    except CrmError:
        raise
    except (peewee.PeeweeException, sqlite3.Error) as error:
        raise translated(error) from error
    except OSError as error:
        if error.errno == 28:
            raise StoreFull(_("The disk is full. Nothing was written; make room and try again.")) from error
        raise
    except Exception as error:
        if error.__class__.__module__.startswith("psycopg"):
            raise translated(error) from error
        raise


def translated(error: BaseException) -> Exception:
    """The program's error for a driver's: Peewee masks "disk full" as "cannot rollback", so the whole chain is read."""
    seen: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in seen:
        seen.append(link)
        link = link.__cause__ or link.__context__
    said = " ".join(str(one) for one in seen)
    text = said.lower()
    if "disk is full" in text or "no space left" in text or "disk i/o error" in text or "could not extend file" in text:
        return StoreFull(_("The disk is full. Nothing was written; make room and try again."))
    codes = {getattr(one, "sqlite_errorcode", 0) & 0xFF for one in seen}
    damaged = (
        *("file is not a database", "malformed", "file is encrypted", "unsupported file format"),
        # The last without another word: what the search index says of pages that are none of its.
        *("could not decode", "no such table", "no such column", "sql logic error"),
    )
    if codes & {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or any(word in text for word in damaged):
        return _damaged()
    if "readonly" in text or "read-only" in text:
        return Refused("store", _("The store can only be read, not written."))
    if missing := re.search(r'database "([^"]*)" does not exist', said):
        return Refused("store", _no_database(missing[1]))
    if any(type(one).__name__ == "OperationalError" and type(one).__module__.startswith("psycopg") for one in seen):
        return StoreBusy(_("The database cannot be reached or closed the connection. Nothing was written; try again."))
    if any(word in text for word in ("locked", "busy", "connection", "timeout", "could not translate host", "server closed")):
        return StoreBusy(_("The store is busy or cannot be reached. Nothing was written; try again."))
    if isinstance(error, Exception):
        return error
    return RuntimeError(str(error))


def _no_database(name: str) -> str:
    return _(
        "The server is there, but it has no database {name}. Make it there: createdb {name} (docs/sync.md), or correct the address."
    ).format(name=clip(name, 60))


def _damaged() -> Damaged:
    return Damaged(_("The store's file is damaged or not a store. Restore a backup: crm-tui restore FILE."))


def retrying(action: Callable[[], Any], seconds: float = BUSY_SECONDS) -> Any:
    """Run `action`, again while the store is busy, for at most `seconds`."""
    end = time.monotonic() + seconds
    while True:
        try:
            return action()
        except StoreBusy:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
