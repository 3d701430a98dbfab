"""The quotes of a contact are found without going through all that happened with it."""


def up(migrator, db):  # noqa: D103
    db.execute_sql("CREATE INDEX IF NOT EXISTS entry_quote ON entry (contact, at) WHERE kind = 'quote'")
