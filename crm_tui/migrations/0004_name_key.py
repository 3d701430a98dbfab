"""The key by which namesakes of one organisation find each other, whatever their spelling."""

from crm_tui.rows import domains_of
from crm_tui.rules.namekey import name_key

CHUNK = 5_000


def up(migrator, db):  # noqa: D103
    mark = "?" if db.__class__.__name__ == "SqliteDatabase" else "%s"
    last = 0
    while rows := db.execute_sql(
        "SELECT c.key, c.id, c.name, coalesce(o.name, '') FROM contact c LEFT JOIN company o ON o.id = c.company"
        f" WHERE c.key > {mark} ORDER BY c.key LIMIT {CHUNK}",
        (last,),
    ).fetchall():
        marks = ",".join([mark] * len(rows))
        emails = {}
        for contact, *point in db.execute_sql(
            f"SELECT contact, kind, value, raw, valid, rank FROM point WHERE removed = 0 AND contact IN ({marks})",
            [bytes(row[1]) for row in rows],
        ).fetchall():
            emails.setdefault(bytes(contact), []).append(point)
        for key, contact, name, company in rows:
            found = name_key(name, company, domains_of(emails.get(bytes(contact), ())))
            db.execute_sql(f"UPDATE contact SET name_key = {mark} WHERE key = {mark}", (found, key))
        last = rows[-1][0]
