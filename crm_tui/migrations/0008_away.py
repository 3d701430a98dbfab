"""Users who are away until a time, and who covers for them."""

from crm_tui import models


def up(migrator, db):  # noqa: D103
    raw = "BLOB" if db.__class__.__name__ == "SqliteDatabase" else "BYTEA"
    known = {column.name for column in db.get_columns(models.table_name(models.User))}
    for column, kind in {"away_until": "BIGINT", "covered_by": raw}.items():
        # The first migration makes the tables as the models are now.
        if column not in known:
            db.execute_sql(f"ALTER TABLE {models.table_name(models.User)} ADD COLUMN {column} {kind}")
