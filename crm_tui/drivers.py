"""Peewee without the drivers it would look for: psycopg takes 80 ms to import and is wanted for a PostgreSQL store alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def hidden(*modules: str) -> Iterator[None]:
    """Inside, these modules are as if not installed, but for those imported already."""
    absent = [name for name in modules if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


with hidden("psycopg2cffi", "psycopg2", "psycopg", "pymysql", "MySQLdb"):
    import peewee

__all__ = ["migration_runner", "peewee", "take_psycopg"]


def migration_runner() -> Any:
    """Peewee's class that runs migrations, without the one for CockroachDB, which brings psycopg and asyncio."""
    with hidden("playhouse.cockroachdb"):
        from playhouse.migrations import Runner
    return Runner


def take_psycopg() -> None:
    """Give Peewee psycopg 3 as if it had found it at its import; ImportError where it is not installed."""
    module: Any = peewee
    if module.psycopg is not None:
        return
    import psycopg
    from psycopg.pq import TransactionStatus
    from psycopg.types.json import Json, Jsonb

    module.psycopg, module.TransactionStatus, module.Json_pg3, module.Jsonb_pg3 = psycopg, TransactionStatus, Json, Jsonb
    adapter = module.Psycopg3Adapter
    adapter.txn_idle, adapter.txn_inerror, adapter.txn_unknown = (
        TransactionStatus.IDLE,
        TransactionStatus.INERROR,
        TransactionStatus.UNKNOWN,
    )
