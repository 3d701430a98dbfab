"""Which column of a foreign table holds which field of a lead, told by the column's name in English, Hebrew or German."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.intake.encoding import records
from crm_tui.text.clean import clean_line, clip
from crm_tui.text.fold import words
from crm_tui.text.sheet import VIEW_ID

PROPERTY = "property"
IGNORE = "ignore"
DELIMITERS = ",;\t|"
MOST_HEADER_ROWS = 30
LONGEST_PROPERTY_NAME = 500
_USABLE = frozenset({"name", "first_name", "last_name", "phone", "email"})

# For each field its names, best first: of two columns for one field the better name wins, the other is a property.
_NAMES: dict[str, tuple[str, ...]] = {
    "name": (
        "full name|name|lead name|contact name|person name|customer name|client name|vollständiger name|jméno"
        "|שם מלא|שם|שם לקוח|שם הלקוח|שם הליד|שם ליד|שם איש קשר|שם ומשפחה|שם ושם משפחה|שם פרטי ומשפחה|שם פרטי ושם משפחה",
        "contact|contact person|decision maker|dm|display name|ansprechpartner|איש קשר",
    ),
    "first_name": ("first name|given name|forename|vorname|křestní jméno|שם פרטי|פרטי",),
    "middle_name": ("middle name|additional name|שם אמצעי",),
    "last_name": ("last name|family name|surname|nachname|familienname|příjmení|שם משפחה|משפחה",),
    "company": (
        "company|company name|company account|organization|organisation|organization name|organization 1 name"
        "|unternehmen|firma|organizace|חברה|שם חברה|שם החברה|ארגון|שם הארגון|שם ארגון|עסק|שם העסק|שם עסק",
        "account name|account|business name|employer|מקום עבודה",
        "associated company",
    ),
    "title": (
        "job title|position|organization title|organization 1 title|תפקיד",
        "title|job|role|function|funktion|occupation|מקצוע",
    ),
    "source": (
        "source|lead source|contact source|source name|original source|quelle|מקור|מקור ליד|מקור הליד|מקור הגעה|ערוץ",
        "channel|platform|utm source|איך הגעת אלינו",
    ),
    "source_detail": ("source detail|source details|lead source detail|פירוט מקור|פרטי מקור",),
    "campaign": (
        "campaign|campaign name|ad campaign name|primary campaign|lead campaign|kampagne|קמפיין|שם קמפיין|שם הקמפיין",
        "utm campaign",
    ),
    "readiness": ("readiness|readiness to buy|lead rating|מוכנות|מוכנות לקנייה|רמת מוכנות", "rating|temperature|דירוג"),
    "note": (
        "note|notes|note content|lead notes|notizen|הערה|הערות",
        "comment|comments|remark|remarks|message|description|bemerkung|הודעה|תוכן ההודעה|תוכן הפנייה|תוכן הפניה|תיאור|פירוט",
    ),
    "created": (
        "created at|created time|created date|create date|created|created on|date created|lead created|person created"
        "|submission date|submitted at|תאריך יצירה|תאריך פנייה|תאריך פניה|תאריך הגעה|נוצר|נוצר בתאריך",
        "date|date added|timestamp|entry date|datum|תאריך|תאריך ושעה|חותמת זמן",
    ),
    "tags": ("tags|tag|תגיות|תגית|תגים|תוויות", "labels|label|categories|group membership|קטגוריות"),
    "website": ("website|website url|company website|web site|homepage|אתר אינטרנט|אתר|אתר החברה", "web page|website 1 value"),
}
_PHONE = frozenset(words("phone phones telephone telefon tel טלפון הטלפון טל"))
_EMAIL = frozenset(words("email emails mail דואל אימייל המייל מייל"))
_LABELS: dict[str, str] = {
    word: label
    for label, names in {
        "mobile": "mobile cell cellular cellphone mobil handy gsm נייד הנייד סלולרי סלולארי סלולר פלאפון",
        "whatsapp": "whatsapp whats וואטסאפ ווטסאפ",
        "home": "home private privat personal בית בבית פרטי",
        "work": "work business office direct job עבודה בעבודה משרד עסקי",
        "main": "main primary ראשי עיקרי",
        "other": "other secondary second additional alternate alternative car אחר נוסף משני",
    }.items()
    for word in words(names)
}
_PHONE_BY_LABEL = frozenset({"mobile", "whatsapp"})
_FILLERS = frozenset(
    words("number numbers no nr num value address adresse contact lead customer client app required optional")
    + words("מספר מס כתובת לקוח הלקוח של חובה")
)
_NOT_NAMING = frozenset(words("required optional חובה"))
_EXPORT_PREFIXES = frozenset({"person", "osoba"})
_LABEL_COLUMN = frozenset(words("type label סוג"))
_SEPARATOR_LINE = re.compile('\ufeff?"?sep=([^\\w\\s"]|\t)"?\\s*')
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TWO_WORDS = re.compile(r"\b(?:e mails?|אי מייל|דואר אלקטרוני)\b")
_DATA = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|\w+://\S+|(?:\D*\d){7,}\D*")

_FIELD_BY_NAME: dict[str, tuple[str, int]] = {
    "".join(words(name)): (field, rank) for field, ranks in _NAMES.items() for rank, names in enumerate(ranks) for name in names.split("|")
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: the field it fills, the label of its phone or e-mail, its name when it is a property."""

    index: int
    field: str
    label: str
    name: str
    label_index: int = -1


@dataclass(frozen=True, slots=True)
class Columns:
    """A header that was understood: its cells, what each column is, and how many columns fill a field."""

    header: tuple[str, ...]
    placed: tuple[Column, ...]
    score: int

    def of(self, field: str) -> tuple[Column, ...]:
        """The columns that fill `field`, from left to right."""
        return tuple(column for column in self.placed if column.field == field)


_OWN_EXPORT = frozenset({"id", "owner", "lifecycle", "status", "desk", "closing_reason", "next_action", "next_at"})
"""Columns of `crm-tui export contacts` that its import leaves out."""
_OF_VIEWS = frozenset({"value", "currency", "attempts", "started_at", "worked_at", VIEW_ID})
"""Columns that only the export of a view has, left out too."""


def _left_out(header: Sequence[str]) -> frozenset[str]:
    """What follows from the log in a sheet that we wrote, of a view or of all contacts; nothing in one that somebody made."""
    cells = {cell.strip() for cell in header}
    if VIEW_ID in cells:
        return _OWN_EXPORT | _OF_VIEWS
    return _OWN_EXPORT if cells >= _OWN_EXPORT else frozenset()


def match_columns(header: Sequence[str]) -> Columns | None:
    """Place every column of a header by its name; None when it has no name, phone or e-mail or looks like data."""
    named = [_header_words(cell) for cell in header]
    fields, labels = _place(header, named)
    label_columns = _label_columns(named, fields)
    for index in label_columns.values():
        fields[index] = IGNORE
    left_out = _left_out(header)
    fields = [IGNORE if cell.strip() in left_out else field for cell, field in zip(header, fields, strict=True)]
    score = sum(field not in (PROPERTY, IGNORE) for field in fields)
    if _USABLE.isdisjoint(fields) or sum(_DATA.fullmatch(cell[:200].strip()) is not None for cell in header) >= score:
        return None
    names = _property_names(header)
    placed = tuple(Column(index, field, labels[index], names[index], label_columns.get(index, -1)) for index, field in enumerate(fields))
    return Columns(tuple(header), placed, score)


def find_table(sample: str) -> tuple[str, int, Columns]:
    """The delimiter under which the header makes most sense and the rows below are as wide as it."""
    first_line = next(io.StringIO(sample, newline=""), "")
    named = _SEPARATOR_LINE.fullmatch(first_line)
    best: tuple[int, float, str, int, Columns] | None = None
    seen: list[str] = []
    for delimiter in named[1] if named else DELIMITERS:
        table = records(io.StringIO(sample, newline=""), delimiter, 0)
        rows = [(line, cells) for line, cells, _reason in islice(table, 3 * MOST_HEADER_ROWS)]
        seen = max([seen, *(cells for _line, cells in rows[:MOST_HEADER_ROWS])], key=_filled)
        found = find_header(rows)
        if found:
            header_line, columns = found
            widths = [len(cells) for line, cells in rows if line > header_line and cells]
            steady = widths.count(len(columns.header)) / len(widths) if widths else 0.0
            if best is None or (columns.score, steady) > best[:2]:
                best = columns.score, steady, delimiter, header_line, columns
    if best is None:
        raise _no_header(seen)
    return best[2:]


def find_header(rows: Iterable[tuple[int, Sequence[str]]]) -> tuple[int, Columns] | None:
    """The header among the first rows (given with their line numbers) of a table that may begin with other text."""
    doubtful: tuple[int, Columns] | None = None
    is_first = True
    for seen, (line, cells) in enumerate(rows):
        if seen == MOST_HEADER_ROWS:
            break
        filled = _filled(cells)
        columns = match_columns(cells) if filled else None
        # A title line such as "Contacts" or "Notes" matches one name; the header that follows it matches more.
        if columns and (columns.score > 1 or (is_first and filled > 1)):
            return line, columns
        if columns and doubtful is None:
            doubtful = line, columns
        is_first = is_first and not filled
    return doubtful


def label_of(cell: str) -> tuple[str, bool]:
    """The label that a cell gives to the phone or e-mail beside it, and whether a `* ` marks that one as primary."""
    label = clean_line(cell)
    is_primary = label.startswith("*")
    label = label.lstrip("* ")
    known = {_LABELS[word] for word in words(label) if word in _LABELS}
    return known.pop() if len(known) == 1 else label[:60], is_primary


def _filled(cells: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for cell in cells)


def _no_header(seen: list[str]) -> Refused:
    names = [clip(cell, 30) for cell in seen if words(cell[:200])]
    if not names:
        return Refused("file", _("The file holds nothing but empty lines."))
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    message = _("No column of a name, phone or e-mail was found among: {columns}. Names that are understood: {names}.")
    understood = "Name, First Name, Last Name, Phone, Mobile, Email, שם, שם מלא, טלפון, נייד, דוא״ל"
    return Refused("header", message.format(columns=shown, names=understood))


def _header_words(cell: str) -> list[str]:
    plain = " ".join(words(_CAMEL.sub(" ", clean_line(cell[:2000]))))
    found = [word for word in _TWO_WORDS.sub("email", plain).split() if word not in _NOT_NAMING]
    return found[1:] if len(found) > 1 and found[0] in _EXPORT_PREFIXES else found


def _place(header: Sequence[str], named: list[list[str]]) -> tuple[list[str], list[str]]:
    fields = [PROPERTY] * len(named)
    labels = [""] * len(named)
    best: dict[str, tuple[int, int]] = {}
    for index, name in enumerate(named):
        fields[index], labels[index] = _contact_point(name)
        if fields[index] == PROPERTY and (found := _known_name(name, header[index])):
            field, rank = found
            best[field] = min(best.get(field, (rank, index)), (rank, index))
    if "name" in best and ("first_name" in best or "last_name" in best):
        rank, index = best["name"]
        if rank:
            del best["name"]
        elif "first_name" not in best:
            best["first_name"] = best.pop("name")  # "Name, Surname", "שם, שם משפחה"
    for field, (_rank, index) in best.items():
        fields[index] = field
    return fields, labels


def _known_name(name: list[str], cell: str) -> tuple[str, int] | None:
    """The field of a column by its whole name, or by both of two: "Company / חברה"."""
    if found := _FIELD_BY_NAME.get("".join(name)):
        return found
    halves = cell[:200].split("/")
    both = [_FIELD_BY_NAME.get("".join(_header_words(half))) for half in halves]
    return both[0] if len(halves) == 2 and both[0] and both[1] and both[0][0] == both[1][0] else None


def _contact_point(header: list[str]) -> tuple[str, str]:
    """A phone or e-mail and its label when every word of the header speaks of it: an opt-out, fax or assistant does not."""
    kind, label = PROPERTY, ""
    for word in header:
        if word in _PHONE or word in _EMAIL:
            named = "phone" if word in _PHONE else "email"
            if kind not in (PROPERTY, named):
                return PROPERTY, ""
            kind = named
        elif word in _LABELS:
            label = _LABELS[word]
        elif word not in _FILLERS and not word.isdigit():
            return PROPERTY, ""
    if kind == PROPERTY and label in _PHONE_BY_LABEL:
        kind = "phone"
    return kind, label if kind != PROPERTY else ""


def _label_columns(named: list[list[str]], fields: list[str]) -> dict[int, int]:
    """For each phone or e-mail column the column that holds its label: "Phone 1 - Type" of "Phone 1 - Value"."""
    labelling = {
        " ".join(word for word in header if word not in _LABEL_COLUMN): index
        for index, header in enumerate(named)
        if fields[index] == PROPERTY and not _LABEL_COLUMN.isdisjoint(header)
    }
    found: dict[int, int] = {}
    for index, header in enumerate(named):
        base = " ".join(word for word in header if word != "value")
        if fields[index] in ("phone", "email") and base in labelling:
            found[index] = labelling[base]
    return found


def _property_names(header: Sequence[str]) -> list[str]:
    """A name of its own for every column, under which it may be kept as a property; empty ones become "column 7"."""
    taken: dict[str, None] = {}
    for index, cell in enumerate(header):
        plain = clean_line(cell)[:LONGEST_PROPERTY_NAME].strip()
        name = plain or f"column {index + 1}"
        number = 2
        while name in taken:
            name = f"{plain or 'column'} {number}"
            number += 1
        taken[name] = None
    return list(taken)
