"""Stores that sync: lost edits, parked batches, fields that only a newer program knows."""

from crm_tui import models

NEW_COLUMNS = {"batch": {"extra": "TEXT", "parked": "SMALLINT NOT NULL DEFAULT 0"}, "change": {"extra": "TEXT"}}


def up(migrator, db):  # noqa: D103
    for table, columns in NEW_COLUMNS.items():
        # The first migration makes the tables as the models are now.
        known = {column.name for column in db.get_columns(table)}
        for column, kind in columns.items():
            if column not in known:
                db.execute_sql(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
    with db.bind_ctx(models.ALL_TABLES):
        for table in (models.Lost, models.Seen, models.Local):
            table.create_table(safe=True)
    db.execute_sql("CREATE INDEX IF NOT EXISTS batch_parked ON batch (key) WHERE parked = 1")
    db.execute_sql("CREATE INDEX IF NOT EXISTS batch_undo ON batch (undo_of) WHERE undo_of IS NOT NULL")
    db.execute_sql("CREATE INDEX IF NOT EXISTS batch_received ON batch (key) WHERE received_at IS NOT NULL")
