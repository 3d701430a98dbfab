"""Merged contacts: into whom, whose each thing is that hangs on a contact, and pairs told apart."""

from crm_tui import models


def up(migrator, db):  # noqa: D103
    is_sqlite = db.__class__.__name__ == "SqliteDatabase"
    raw, empty = ("BLOB", "x''") if is_sqlite else ("BYTEA", "''::bytea")
    new_columns = {
        models.Contact: {"merged_into": raw, "root": raw, "gone": "BIGINT", "filled": "TEXT"},
        **{table: {"own": raw} for table in (models.Entry, models.Task, models.Deal)},
    }
    with db.bind_ctx(models.ALL_TABLES):
        for table, columns in new_columns.items():
            # The first migration makes the tables as the models are now.
            known = {column.name for column in db.get_columns(models.table_name(table))}
            for column, kind in columns.items():
                if column not in known:
                    db.execute_sql(f"ALTER TABLE {models.table_name(table)} ADD COLUMN {column} {kind}")
            table._schema.create_indexes(safe=True)
        new_keys = {"point": {"own": empty}, "tag": {"own": empty}, "pair": {"own": empty, "own_other": empty, "shown": "1"}}
        for table in models.CLUSTERED_TABLES:
            name = models.table_name(table)
            known = [column.name for column in db.get_columns(name)]
            if "own" in known:
                continue
            if table is models.Point:
                # An index keeps its name when its table gets another.
                db.execute_sql("DROP INDEX IF EXISTS point_value")
            db.execute_sql(f"ALTER TABLE {name} RENAME TO {name}_before")
            table._meta.without_rowid = is_sqlite
            table.create_table(safe=False)
            new = new_keys[name]
            db.execute_sql(
                f"INSERT INTO {name} ({', '.join([*known, *new])}) SELECT {', '.join([*known, *new.values()])} FROM {name}_before"
            )
            db.execute_sql(f"DROP TABLE {name}_before")
