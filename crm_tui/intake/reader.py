"""Rows of a lead file prepared for the store, chunk by chunk; a large file is read by a second process beside the writer."""

from __future__ import annotations

import gc
import marshal
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple
from zoneinfo import ZoneInfo

from crm_tui.errors import CrmError, Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import language, use_language
from crm_tui.ids import derived_id
from crm_tui.intake.csv import LeadFile, LeadRow, open_leads
from crm_tui.intake.own_fields import Doubtful, OwnFields
from crm_tui.rows import Made, make
from crm_tui.rules.lead import Lead, PointFacts, email_point, phone_point
from crm_tui.text.clean import clip
from crm_tui.text.fold import fold

CHUNK = 500
"""Rows of one batch, at most (interface: chunks of at most 500)."""

AHEAD = 3
"""Chunks that may be read before they are written: a megabyte or two."""

LARGE_BYTES = 1_000_000
"""From this size on a second process is worth its start."""


class Source(NamedTuple):
    """A file and how its rows become leads: region of its phones, source (its key) and campaign given beside it, who imports and when."""

    path: str
    zone: str
    encoding: str | None
    region: str
    source: str | None
    campaign: str | None
    at: int
    by: bytes
    more: dict[str, Any]
    own_sources: dict[str, str]
    """Keys of the business's own sources, by their folded names."""
    offline: list[str]
    """Sources whose leads are rated."""
    settings: tuple[tuple[str, str], ...]
    """Those of the process, where it has fields of its own."""


@dataclass(slots=True)
class Chunk:
    """Prepared rows, refused rows (line, value, reason), how many rows were read and about how many bytes, doubtful values."""

    made: list[Made] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    rows: int = 0
    tests: int = 0
    position: int = 0
    doubtful: list[Doubtful] = field(default_factory=list)


class RowIds:
    """Ids of a file's rows: from its digest, the entity and the line, the line last, so that an import fills indexes in order."""

    def __init__(self, digest: bytes) -> None:
        self.contact = derived_id(digest, "contact")[:12]
        self.entry = derived_id(digest, "lead")[:12]

    def of(self, line: int) -> tuple[bytes, bytes]:
        """The ids of the contact and of the arrival of a line."""
        number = line.to_bytes(4, "big")
        return self.contact + number, self.entry + number


def chunks(source: Source, leads: LeadFile) -> Iterator[Chunk]:
    """The chunks of a file that was opened, prepared in this process or, for a large file, in a second one."""
    if leads.total_bytes < LARGE_BYTES:
        yield from _prepared(source, leads)
    else:
        yield from _from_second_process(source)


def _prepared(source: Source, leads: LeadFile) -> Iterator[Chunk]:
    ids = RowIds(leads.digest)
    own_fields = OwnFields(source.settings) if source.settings else None
    chunk = Chunk()
    for row in leads:
        chunk.rows += 1
        chunk.position = row.position
        problem = row.problem
        if problem is None:
            lead = lead_of(row, source)
            if lead.identified:
                if own_fields is not None and lead.properties:
                    properties, doubtful = own_fields.checked(row.line, lead.properties)
                    lead = lead._replace(properties=properties)
                    chunk.doubtful += doubtful
                chunk.made.append(make(lead, *ids.of(row.line), source.at, source.by, **source.more))
            else:
                problem = _unusable(row, lead)
        if problem is not None:
            chunk.refused.append((row.line, problem[1], problem[2]))
        if chunk.rows == CHUNK:
            yield chunk
            chunk = Chunk(position=row.position)
    chunk.tests = leads.skipped_tests
    yield chunk


def _from_second_process(source: Source) -> Iterator[Chunk]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        # -P: a file of the folder that the leads lie in is no module of ours.
        [sys.executable, "-P", "-m", "crm_tui.intake.reader"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        # A thread takes what is ready, so that neither process waits for the other's pace.
        ready: queue.Queue[bytes] = queue.Queue(AHEAD)
        taking = threading.Thread(target=_take_frames, args=(reader.stdout, ready), daemon=True)
        taking.start()
        try:
            marshal.dump((tuple(source), language()), reader.stdin)
            reader.stdin.close()
            while True:
                try:
                    sent = marshal.loads(ready.get())
                except (EOFError, ValueError, TypeError):
                    raise Refused("file", _("Reading the file ended unexpectedly; run the same import again to go on.")) from None
                if sent is None:
                    return
                if isinstance(sent, str):
                    raise Refused("file", sent)
                made, refused, rows, tests, position, doubtful = sent
                yield Chunk([*map(Made._make, made)], refused, rows, tests, position, [*map(Doubtful._make, doubtful)])
        finally:
            reader.kill()
            while taking.is_alive():
                with suppress(queue.Empty):
                    ready.get(timeout=0.1)


def _take_frames(pipe: IO[bytes], ready: queue.Queue[bytes]) -> None:
    frame = b"-"
    while frame:
        frame = pipe.read(int.from_bytes(pipe.read(4), "big"))
        ready.put(frame)


def main() -> None:
    """Prepare the file named on standard input and write its chunks to standard output."""
    # Ctrl-C reaches both processes; the writer decides, this one just ends with it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # prepared rows hold no cycles
    plain, lang = marshal.load(sys.stdin.buffer)
    use_language(lang)
    source = Source(*plain)

    def send(value: Any) -> None:
        # marshal.load reads a file value by value; a frame is read at once.
        data = marshal.dumps(value)
        sys.stdout.buffer.write(len(data).to_bytes(4, "big") + data)
        sys.stdout.buffer.flush()

    try:
        leads = open_leads(Path(source.path), ZoneInfo(source.zone), source.encoding)
        for chunk in _prepared(source, leads):
            send(([*map(tuple, chunk.made)], chunk.refused, chunk.rows, chunk.tests, chunk.position, [*map(tuple, chunk.doubtful)]))
        send(None)
    except CrmError as error:
        send(error.message)
    except BrokenPipeError:
        pass


def lead_of(row: LeadRow, source: Source) -> Lead:
    """The lead of a row, its phones and e-mails judged."""
    points: list[PointFacts] = [phone_point(raw, source.region, label) for raw, label in row.phones]
    points += [email_point(raw, label) for raw, label in row.emails]
    if len(points) > 1:
        points = list({(point.kind, point.value): point for point in reversed(points)}.values())[::-1]
    properties = row.properties
    if row.title or row.website:
        properties = dict(properties)
        if row.title:
            properties["title"] = row.title
        if row.website:
            properties["website"] = row.website
    code, detail = source.source or row.source or "import", row.source_detail
    if source.source:
        detail = detail or row.source
    elif source.own_sources and row.source and (own := source.own_sources.get(fold(detail))):
        code, detail = own, ""
    return Lead(
        row.name,
        points,
        row.company,
        code,
        detail,
        source.campaign or row.campaign,
        row.readiness,
        row.note,
        row.created,
        properties,
        row.tags,
        code in source.offline,
    )


def _unusable(row: LeadRow, lead: Lead) -> tuple[str, str, str]:
    if lead.points:
        value = ", ".join(clip(point.raw) for point in lead.points)
        return lead.points[0].kind, value, _("no name, and neither a valid phone nor a valid e-mail")
    return "name", clip(row.note or row.company), _("no name, phone or e-mail")


if __name__ == "__main__":
    main()
