"""How a text file is written: its encoding, Hebrew that was read with the wrong one, rows whose quotes never close."""

from __future__ import annotations

import codecs
import csv
import re
import stat
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.i18n import mark
from crm_tui.text.clean import clip

LONGEST_CELL = 10 * 1024 * 1024
MOST_LINES = 200
LONGEST_ROW = 1 << 20
_CHUNK = 1 << 20
_SAMPLE = 256 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16: its mark begins with the same two bytes
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"PK\x03\x04", mark("a ZIP archive")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", mark("an old Excel or Word file")),
    (b"%PDF-", mark("a PDF document")),
    (b"\x89PNG\r\n\x1a\n", mark("a picture")),
    (b"\xff\xd8\xff", mark("a picture")),
    (b"GIF87a", mark("a picture")),
    (b"GIF89a", mark("a picture")),
    (b"\x1f\x8b\x08", mark("a compressed file")),
    (b"7z\xbc\xaf\x27\x1c", mark("a compressed file")),
    (b"Rar!\x1a\x07", mark("a compressed file")),
    (b"SQLite format 3\x00", mark("a database")),
    (b"{\\rtf", mark("a formatted document")),
)
_CONTROLS = bytes(b for b in range(1, 32) if b not in b"\t\n\v\f\r\x1a\x1b")


def detect(path: Path) -> str:
    """The codec that reads the whole file: its mark, strict UTF-8, UTF-16 by its zero bytes, else windows-1255 or 1252."""
    head = read_head(path)
    for bom, codec in _BOMS:
        if head.startswith(bom):
            return codec
    if codec := _utf16_without_mark(head):
        return codec
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if max(head.count(0), controls) > max(8, len(head) // 20):
        raise _not_text(_("binary data"))
    if _is_utf8(path):
        return "utf-8"
    sample = b"".join(_foreign_chunks(path))
    if _mostly_utf8(sample):
        return "utf-8"
    return _code_page(sample)


def known_codec(path: Path, name: str) -> str:
    """The codec that a person named for a file, with its byte order mark taken off where it begins with one."""
    head = read_head(path)
    try:
        codec = codecs.lookup(name).name
        "".encode(codec)  # not every codec is one of text
    except (LookupError, ValueError) as error:
        message = _("“{name}” is no known encoding; write for example utf-8, windows-1255 or utf-16.")
        raise Refused("encoding", message.format(name=clip(name))) from error
    marked = next((marked for bom, marked in _BOMS if head.startswith(bom)), codec)
    return marked if codec.startswith(marked.removesuffix("-sig")) else codec


def read_head(path: Path) -> bytes:
    """The first part of a file; refuses what is missing, empty, no file, unreadable or plainly not text."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise Refused("file", _("“{path}” is a folder, not a file.").format(path=clip(str(path))))
        if not stat.S_ISREG(mode):
            raise Refused("file", _("“{path}” is not an ordinary file.").format(path=clip(str(path))))
        with path.open("rb") as file:
            head = file.read(_SAMPLE)
    except FileNotFoundError as error:
        raise Refused("file", _("There is no file “{path}”.").format(path=clip(str(path)))) from error
    except (OSError, ValueError) as error:
        raise Refused("file", _("“{path}” cannot be read.").format(path=clip(str(path)))) from error
    if not head or any(head == bom for bom, _codec in _BOMS):
        raise Refused("file", _("“{path}” is empty.").format(path=clip(str(path))))
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            if magic.startswith(b"PK"):
                kind = _zip_kind(head, kind)
            raise _not_text(_(kind))
    return head


def looks_like_mojibake(sample: Iterable[str]) -> bool:
    """Whether a file's texts hold Hebrew that was read as windows-1252: whole words of à to ú, not a French name."""
    hebrew = latin = 0
    for text in sample:
        if not text.isascii():
            found_hebrew, found_latin = _count_words(text, shortest=2)
            hebrew += found_hebrew
            latin += found_latin
    return hebrew > 2 * latin


def repair_hebrew(text: str) -> str:
    """The Hebrew of a text that was read as windows-1252 (`ùìåí`); any other text as it is."""
    if text.isascii():
        return text
    hebrew, latin = _count_words(text, shortest=1)
    return text.translate(_REPAIR) if hebrew > latin else text


def records(source: Iterable[str], delimiter: str, width: int) -> Iterator[tuple[int, list[str], str]]:
    """Physical line, cells and, where a quote is not closed or a cell too long, why that line is no row."""
    csv.field_size_limit(LONGEST_CELL)
    lines = _Lines(source, delimiter, width)
    record = lines.record
    number = 1
    while True:
        reason = ""
        reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
        try:
            for cells in reader:
                if (len(record) > 1 or lines.is_cut) and lines.is_unclosed():
                    raise _Runaway
                if cells:
                    yield number, cells, ""
                number += len(record)
                record.clear()
        except _Runaway:
            reason = _("The quote that opens here is not closed.")
        except csv.Error:
            reason = _("A cell is longer than {limit} characters.").format(limit=LONGEST_CELL)
        if not reason:
            return
        yield number, record[:1], reason
        if not lines.is_cut or lines.hides_rows():
            lines.returned.extendleft(reversed(record[1:]))
            number += 1
        else:
            number += len(record)
        record.clear()
        lines.is_cut = False


class _Runaway(Exception):
    """A quoted cell goes on and on: its closing quote is missing."""


class _Lines:
    """Physical lines for csv.reader; keeps those of the record that is being read, to give them back."""

    def __init__(self, source: Iterable[str], delimiter: str, width: int) -> None:
        self.source = iter(source)
        self.delimiter = delimiter
        self.width = width
        self.record: list[str] = []
        self.returned: deque[str] = deque()
        self.is_cut = False

    def __iter__(self) -> Iterator[str]:
        record, returned, source = self.record, self.returned, self.source
        size = 0
        while line := returned.popleft() if returned else next(source, ""):
            record.append(line)
            if len(record) == 1:
                size = 0
            size += len(line)
            count = len(record)
            if count > 1 and (size > LONGEST_ROW or (count % MOST_LINES == 1 and self.hides_rows())):
                raise _Runaway
            yield line.replace("\0", "")
        self.is_cut = bool(record)

    def is_unclosed(self) -> bool:
        """Whether the record just read ended at the end of the file or at the opening quote of a later row's cell."""
        try:
            list(csv.reader(self.record, delimiter=self.delimiter, skipinitialspace=True, strict=True))
        except csv.Error:
            return self.is_cut or self.hides_rows()
        return False

    def hides_rows(self) -> bool:
        """Whether half of the lines after the record's first are rows of the table themselves, no text of a cell."""
        inside = self.record[1:][-MOST_LINES:]
        return 2 * sum(map(self.is_row, inside)) >= len(inside)

    def is_row(self, line: str) -> bool:
        """Whether a line by itself has the cells of the table; one with a missing quote of its own has the delimiters."""
        cells = next(csv.reader([line], delimiter=self.delimiter, skipinitialspace=True), [])
        return self.width in (len(cells), line.count(self.delimiter) + 1)


def _not_text(kind: str) -> Refused:
    return Refused("file", _("The file seems to be {kind}, not text; open it in its program and save it as CSV.").format(kind=kind))


def _zip_kind(head: bytes, kind: str) -> str:
    if b"xl/" in head or b"[Content_Types].xml" in head[:200]:
        return mark("an Excel workbook") if b"word/" not in head else mark("a Word document")
    return mark("an OpenDocument file") if b"mimetypeapplication/vnd.oasis" in head[:200] else kind


def _utf16_without_mark(head: bytes) -> str:
    """ASCII in UTF-16 leaves its zero bytes all on one side; Hebrew alone leaves none, but its commas and spaces do."""
    if head.count(0) * 100 < len(head):
        return ""
    codec = "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
    text = head[: len(head) // 2 * 2].decode(codec, "replace")
    expected = sum("\t" <= c < "\u0700" or "\u2000" <= c < "\u20d0" or c == "\ufeff" for c in text)
    return codec if expected * 10 > len(text) * 9 else ""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _foreign_chunks(path: Path) -> Iterator[bytes]:
    """Parts of the file that hold more than ASCII, wherever they are, up to a sample's size."""
    size = 0
    with path.open("rb") as file:
        while size < _SAMPLE and (chunk := file.read(16 * 1024)):
            if not chunk.isascii():
                size += len(chunk)
                yield chunk


def _mostly_utf8(sample: bytes) -> bool:
    """A text cut in the middle of a letter by some other system is still UTF-8."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(c > "\x7f" for c in text) - broken > 9 * broken


def _code_page(sample: bytes) -> str:
    text = sample.decode("cp1252", "replace")
    hebrew, latin = _count_words(text, shortest=2)
    if hebrew != latin or b"\xa4" in sample:  # the shekel sign; in windows-1252 one that nobody uses
        return "cp1255" if hebrew >= latin else "cp1252"
    from charset_normalizer import from_bytes  # costs 30 ms, and few files come here

    best = from_bytes(sample, cp_isolation=["cp1255", "cp1252"]).best()
    return best.encoding if best is not None else "cp1252"


_WORD = re.compile(r"[A-Za-zÀ-ÿ]+")
_LATIN = re.compile(r"[A-Za-z]")
_LETTERS = re.compile(r"[à-ú]")


def _count_words(text: str, shortest: int) -> tuple[int, int]:
    """How many words are wholly Hebrew letters seen through windows-1252, and how many are Latin with an accent."""
    hebrew = latin = 0
    for word in _WORD.findall(text):
        if word.isascii():
            continue
        if _LATIN.search(word):
            latin += 1
        elif len(word) >= shortest and 2 * len(_LETTERS.findall(word)) > len(word):
            hebrew += 1
    return hebrew, latin


def _repair_table() -> dict[int, str]:
    """From windows-1252 (and Latin-1, whose upper controls stand for its punctuation) to windows-1255."""
    table: dict[int, str] = {}
    for value in range(0x80, 0x100):
        byte = bytes([value])
        hebrew = byte.decode("cp1255", "ignore")
        if hebrew:
            table[value] = hebrew
            if wrong := byte.decode("cp1252", "ignore"):
                table[ord(wrong)] = hebrew
    return table


_REPAIR = _repair_table()
