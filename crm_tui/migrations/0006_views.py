"""Saved views, and the indexes that filters go by."""

from crm_tui import models


def up(migrator, db):  # noqa: D103
    with db.bind_ctx(models.ALL_TABLES):
        for table in (models.View, models.DefaultView):
            table.create_table(safe=True)
        for table in (models.Contact, models.Tag, models.Deal):
            table._schema.create_indexes(safe=True)
