"""The open tasks of a person, by due time."""

from crm_tui import models


def up(migrator, db):  # noqa: D103
    with db.bind_ctx(models.ALL_TABLES):
        models.Task._schema.create_indexes(safe=True)
