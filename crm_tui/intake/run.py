"""An import from file to store: one batch for each chunk, progress, a report of what was refused."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_tui.bulk import Importer, Taken
from crm_tui.errors import Refused, StoreFull
from crm_tui.i18n import gettext as _
from crm_tui.ids import IMPORTS, derived_id, show_id
from crm_tui.intake.csv import open_leads
from crm_tui.intake.own_fields import Doubtful
from crm_tui.intake.reader import RowIds, Source, chunks
from crm_tui.store import Store
from crm_tui.text.sheet import neutralise

Progress = Callable[[int, int, int], None]
"""Called after each chunk with bytes read, bytes in all, rows read."""


@dataclass(slots=True)
class ImportReport:
    """What came of an import; `refused` are line, value and reason, `doubtful` values that their field does not take."""

    id: bytes
    rows: int = 0
    taken: Taken = field(default_factory=Taken)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    doubtful: list[Doubtful] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The answer as interface.md writes it."""
        return {
            "rows": self.rows,
            "created": self.taken.created,
            "touched": self.taken.touched,
            "refused": [{"line": line, "value": value, "reason": reason} for line, value, reason in self.refused],
            "flagged": self.taken.flagged,
            "skipped": self.taken.skipped,
            "id": show_id(self.id),
            **({"doubtful": [one._asdict() for one in self.doubtful]} if self.doubtful else {}),
        }


def import_file(
    store: Store,
    path: Path,
    *,
    source: str | None = None,
    campaign: str | None = None,
    to: str = "leads",
    on_duplicate: str = "touch",
    dry_run: bool = False,
    encoding: str | None = None,
    progress: Progress | None = None,
    refused_file: Path | None = None,
) -> ImportReport:
    """Import a file of leads; whole chunks stand even when it is cut, and the same file again completes it.

    Refused rows are listed with line, value and reason, and written to `refused_file` when there are any.
    """
    process = store.process()
    leads = open_leads(path, process.zone, encoding)
    at = store.clock()
    report = ImportReport(derived_id(IMPORTS, leads.digest.hex()))
    # A contact that is no lead stands at the nurture desk, not among those who wait for a call.
    more = {"kind": "added", "desk": "nurture"} if to == "contacts" else {}
    key = process.source_called(source).key if source else None
    offline = [one.key for one in process.sources if one.offline]
    settings = store.setting_rows() if process.fields else ()
    who = (at, store.actor.id, more, dict(process.own_sources), offline, settings)
    given = Source(str(path), process.working.zone, encoding, process.region, key, campaign, *who)
    ids = RowIds(leads.digest)
    importer = Importer(store, report.id, at, on_duplicate, more, dry=dry_run)
    try:
        with store.relaxed(), _uncollected():
            importer.begin()
            for chunk in chunks(given, leads):
                report.rows += chunk.rows + chunk.tests
                report.taken.skipped += chunk.tests
                report.refused += chunk.refused
                report.taken.add(importer.take(chunk.made))
                report.doubtful += [one for one in chunk.doubtful if ids.of(one.line)[1] not in importer.left]
                if progress is not None:
                    progress(chunk.position, leads.total_bytes, report.rows)
    except StoreFull as error:
        raise StoreFull(_("The disk is full. The rows that are already in stay; make room, then the same import goes on.")) from error
    if report.refused and refused_file is not None and not dry_run:
        _write_refused(refused_file, report.refused)
    return report


@contextmanager
def _uncollected() -> Iterator[None]:
    """The rows of an import hold no cycles; looking for some again and again costs a tenth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _write_refused(path: Path, refused: list[tuple[int, str, str]]) -> None:
    import csv

    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            out = csv.writer(file, quoting=csv.QUOTE_ALL)
            out.writerow(["line", "value", "reason"])
            out.writerows((line, neutralise(value), neutralise(reason)) for line, value, reason in refused)
    except OSError as error:
        raise Refused("file", _("{path} cannot be written: {why}.").format(path=path, why=error.strerror)) from error
