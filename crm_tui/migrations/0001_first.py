"""The first schema: log, projection and search index."""

from crm_tui import models


def up(migrator, db):  # noqa: D103
    is_sqlite = db.__class__.__name__ == "SqliteDatabase"
    with db.bind_ctx(models.ALL_TABLES):
        for table in models.ALL_TABLES:
            table._meta.without_rowid = is_sqlite and table in models.CLUSTERED_TABLES
            table.create_table(safe=False)
    if is_sqlite:
        db.execute_sql("CREATE VIRTUAL TABLE search_words USING fts5(text, content='', prefix='2 3', tokenize='unicode61')")
        db.execute_sql("CREATE VIRTUAL TABLE search_parts USING fts5(text, content='', detail=none, tokenize='trigram')")
    else:
        with_trigrams = db.execute_sql("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'").fetchone()
        if with_trigrams:
            db.execute_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            db.execute_sql("CREATE INDEX contact_search ON contact USING gin (search gin_trgm_ops)")
