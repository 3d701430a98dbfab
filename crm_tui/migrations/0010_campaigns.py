"""Campaigns with their checklists."""

from crm_tui import models


def up(migrator, db):  # noqa: D103
    with db.bind_ctx(models.ALL_TABLES):
        for table in (models.Campaign, models.Listed):
            table.create_table(safe=True)
