"""Peewee without the drivers it would look for: psycopg takes 80 ms to import and is wanted for a PostgreSQL store alone."""

from __future__ import annotations

import sys
from typing import Any

_DRIVERS = ("psycopg2cffi", "psycopg2", "psycopg", "pymysql", "MySQLdb")
_hidden = [name for name in _DRIVERS if name not in sys.modules]
for _name in _hidden:
    sys.modules[_name] = None  # type: ignore[assignment]
try:
    import peewee
finally:
    for _name in _hidden:
        del sys.modules[_name]

__all__ = ["peewee", "take_psycopg"]


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
