from __future__ import annotations

import csv
import hashlib
import io
import itertools
import tempfile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_tui.errors import Refused
from crm_tui.intake.csv import LONGEST_TEXT, LeadFile, LeadRow, open_leads
from crm_tui.rules.sources import match_source
from crm_tui.text.clean import clean_line, clean_text
from crm_tui.text.phones import normalise_phone
from crm_tui.text.sheet import restore
from crm_tui.text.times import parse_file_date

ZONE = ZoneInfo("Asia/Jerusalem")
REPO = Path(__file__).resolve().parents[2]
SHARED = REPO.parent / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")


@pytest.fixture
def table(tmp_path: Path):
    """Writes a file and opens it."""

    def write(content: str | bytes, encoding: str | None = None) -> LeadFile:
        path = tmp_path / "leads.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_leads(path, ZONE, encoding)

    return write


def only(leads: LeadFile) -> LeadRow:
    (row,) = leads
    return row


def fields(row: LeadRow) -> dict[str, object]:
    """What a row holds, without what is empty."""
    return {name: value for name, value in row._asdict().items() if value and name not in ("line", "position")}


@needs_shared
@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "header_line", "rows", "tests"),
    [
        ("leads-main.csv", "utf-8-sig", ",", 1, 5000, 0),
        ("leads-1255.csv", "cp1255", ";", 1, 400, 0),
        ("linkedin-connections.csv", "utf-8-sig", ",", 4, 300, 0),
        ("meta-leads.tsv", "utf-16", "\t", 1, 300, 1),
    ],
)
def test_samples(name: str, encoding: str, delimiter: str, header_line: int, rows: int, tests: int) -> None:
    leads = open_leads(SHARED / name, ZONE)
    content = (SHARED / name).read_bytes()
    assert (leads.encoding, leads.delimiter, leads.header_line) == (encoding, delimiter, header_line)
    assert leads.digest == hashlib.sha256(content).digest()
    assert leads.total_bytes == len(content)
    found = list(leads)
    assert len(found) == rows
    assert leads.skipped_tests == tests
    assert not [row for row in found if row.problem]
    assert found == list(leads)
    lines = content.decode(encoding).split("\n")
    for row in found:
        assert row.name == "aRED" or row.name.split(" ")[0] in lines[row.line - 1]


@needs_shared
def test_the_main_sample_in_detail() -> None:
    rows = {row.line: row for row in open_leads(SHARED / "leads-main.csv", ZONE)}
    assert rows[2]._replace(position=0) == LeadRow(
        line=2,
        position=0,
        name="Dennis Boone",
        phones=[("00972531777631", "")],
        emails=[],
        company="",
        title="",
        source=match_source("המלצה")[0],
        source_detail=match_source("המלצה")[1],
        campaign="",
        readiness="",
        note="price, then decide",
        created=parse_file_date("01/10/2026 08:00", ZONE) or 0,
        tags=[],
        website="",
        properties={},
        problem=None,
    )
    assert rows[19].note == 'line one\nline two, "quoted"'
    assert 20 not in rows
    assert rows[21].name == "Deal [Acme] x [/red]"
    assert rows[23].note == '=HYPERLINK("http://evil.example";"click")'
    assert len(rows[25].note) == 30_000


@needs_shared
def test_the_meta_sample_in_detail() -> None:
    row = next(iter(open_leads(SHARED / "meta-leads.tsv", ZONE)))
    assert row.phones == [("p:+972542110684", "")]
    assert row.campaign == "November"
    assert row.properties["מה מעניין אותך?"] == "שדרוג"
    assert row.properties["id"] == "l:100000000000000"
    assert row.created == parse_file_date("2026-08-14T14:27:47-05:00", ZONE)


def test_the_file_that_the_project_ships() -> None:
    rows = list(open_leads(REPO / "samples" / "leads.csv", ZONE))
    assert not [row for row in rows if row.problem or not row.created or not row.source]
    numbers = [normalise_phone(row.phones[0][0]) if row.phones else None for row in rows]
    valid = [number for number in numbers if number]
    unusable = [row for row, number in zip(rows, numbers, strict=True) if not (row.name or number or row.emails)]
    assert (len(rows), len(valid), len(set(valid)), len(unusable)) == (25, 23, 21, 1)
    assert sum(1 for row, number in zip(rows, numbers, strict=True) if row.phones and not number) == 1


HEBREW = "שם;נייד;הערה\r\nדוד לוי;0501234567;שלום עולם\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1255"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_encodings_and_line_ends(table, encoding: str, line_end: str) -> None:
    row = only(table(HEBREW.replace("\r\n", line_end).encode(encoding)))
    assert (row.line, row.name, row.phones, row.note) == (2, "דוד לוי", [("0501234567", "mobile")], "שלום עולם")


def test_a_named_encoding_wins(table) -> None:
    assert only(table(HEBREW.encode("cp1255"), "windows-1255")).name == "דוד לוי"
    assert only(table(HEBREW.encode("utf-8-sig"), "utf-8")).name == "דוד לוי"
    with pytest.raises(Refused) as refused:
        table(HEBREW, "klingon")
    assert refused.value.field == "encoding"


def test_bytes_that_the_encoding_does_not_know_do_not_stop_the_reading(table) -> None:
    leads = table(HEBREW.encode("cp1255") + b"x\xff\xd9;1;2\r\n")
    assert [row.name for row in leads] == ["דוד לוי", "x\ufffd\ufffd"]


def test_hebrew_that_was_read_as_windows_1252(table) -> None:
    wrong = HEBREW.encode("cp1255").decode("cp1252")
    leads = table(wrong + "Renée;054;ok\r\n")
    first, second = leads
    assert fields(first) == {"name": "דוד לוי", "phones": [("0501234567", "mobile")], "note": "שלום עולם"}
    assert second.name == "Renée"
    assert only(table("name,note\nRenée,très pressée\n")).name == "Renée"


def test_a_separator_line_and_other_text_before_the_header(table) -> None:
    leads = table("sep=;\r\nname;phone\r\nDana;050\r\n")
    assert (leads.delimiter, leads.header_line, only(leads).line) == (";", 2, 3)
    leads = table('Notes:\n"When exporting, you may\nnotice"\n\nFirst Name,Last Name\nDana,Levi\n')
    assert (leads.header_line, only(leads).line, only(leads).name) == (5, 6, "Dana Levi")


def test_only_a_header_is_a_table_without_rows(table) -> None:
    assert list(table("name,phone\n")) == []
    assert list(table("name")) == []


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("", "file"),
        ("\n\n \n", "file"),
        ("x" * 300_000, "file"),
        ("Species,Legs\ncat,4\n", "header"),
        ("דנה,0501234567,dana@example.com\n", "header"),
        ('{"name": "x"}\n', "header"),
    ],
)
def test_what_is_no_table_of_leads_is_refused(table, content: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        table(content)
    assert refused.value.field == field


def test_every_field(table) -> None:
    row = only(
        table(
            "Full Name,Phone,Mobile,Email,Company,Job Title,Source,Source Detail,"
            "Campaign,Rating,Notes,Created,Tags,Website,Town\n"
            '"Dana Levi",03-1234567,0501234567,Dana@Example.com,Acme,CEO,Facebook,Group,Autumn,Hot,"one\r\n\ttwo",'
            '2026-08-14 10:00,"vip; north,vip",https://acme.example,Haifa\n'
        )
    )
    kind, detail = match_source("Facebook")
    assert fields(row) == {
        "name": "Dana Levi",
        "phones": [("03-1234567", ""), ("0501234567", "mobile")],
        "emails": [("Dana@Example.com", "")],
        "company": "Acme",
        "title": "CEO",
        "source": kind,
        "source_detail": f"{detail}, Group" if detail else "Group",
        "campaign": "Autumn",
        "readiness": "high",
        "note": "one\n two",
        "created": parse_file_date("2026-08-14 10:00", ZONE),
        "tags": ["vip", "north"],
        "website": "https://acme.example",
        "properties": {"Town": "Haifa"},
    }


def test_names_in_parts(table) -> None:
    rows = table("Name,First Name,Middle Name,Last Name\n,Dana,,Levi\n,Dana,R.,Levi\nDr. D. Levi,Dana,,Levi\n,,,Levi\n")
    assert [row.name for row in rows] == ["Dana Levi", "Dana R. Levi", "Dr. D. Levi", "Levi"]


def test_several_numbers_and_addresses(table) -> None:
    row = only(
        table(
            "Name,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2\n"
            "Dana,Home,a@example.com ::: b@example.com,* Work,c@example.com,Dad's,050-1234567 / 03-1234567,050-1234567\n"
        )
    )
    assert row.emails == [("c@example.com", "work"), ("a@example.com", "home"), ("b@example.com", "home")]
    assert row.phones == [("050-1234567", "Dad's"), ("03-1234567", "Dad's")]
    row = only(table("Name,Email\nDana,a@example.com b@example.com; c@example.com\n"))
    assert [address for address, _label in row.emails] == ["a@example.com", "b@example.com", "c@example.com"]


@pytest.mark.parametrize(
    ("cell", "level"),
    [("גבוהה", "high"), ("בינונית", "medium"), ("נמוכה", "low"), ("Warm", "medium"), ("COLD", "low"), ("high", "high")],
)
def test_readiness(table, cell: str, level: str) -> None:
    assert only(table(f"name,readiness\nDana,{cell}\n")).readiness == level


def test_what_is_not_understood_is_kept_as_it_was(table) -> None:
    row = only(table("name,Rating,Created\nDana,five stars,some day\n"))
    assert fields(row) == {"name": "Dana", "properties": {"Rating": "five stars", "Created": "some day"}}


def test_google_groups_become_tags(table) -> None:
    assert only(table("Name,Labels\nDana,* myContacts ::: Navy ::: * starred\n")).tags == ["Navy", "starred"]


def test_values_are_cleaned_and_our_own_apostrophe_taken_back(table) -> None:
    row = only(table("name,phone,note,Town\na\x1b[31mRED\u202e,'+972501234567,'=1+1,\x00Tel\x00 Aviv\n"))
    assert fields(row) == {
        "name": "aRED",
        "phones": [("+972501234567", "")],
        "note": "=1+1",
        "properties": {"Town": "Tel Aviv"},
    }


def test_short_long_and_empty_rows(table) -> None:
    leads = table("name,phone,,email\nDana\n,,,\n \u200b,,\nMoshe,050,x,,,extra,\n\n   \n")
    first, second = leads
    assert (first.line, fields(first)) == (2, {"name": "Dana"})
    assert (second.line, second.properties) == (5, {"column 3": "x", "column 6": "extra"})


def test_a_row_without_anything_that_identifies_it_is_still_a_row(table) -> None:
    assert fields(only(table("name,phone,Town\n,,Haifa\n"))) == {"properties": {"Town": "Haifa"}}


def test_test_rows_of_ad_platforms_are_skipped(table) -> None:
    leads = table("full_name,email,phone_number\n<test lead: dummy data for full_name>,a@example.com,050\nX,test@meta.com,051\n<b>,,052\n")
    assert only(leads).name == "<b>"
    assert leads.skipped_tests == 2
    assert len(list(leads)) == 1
    assert leads.skipped_tests == 2


def test_a_repeated_header_is_skipped(table) -> None:
    leads = table("\ufeffname,phone,town\nDana,1,x\n\ufeffname,phone,town\nMoshe,phone,town\nname ,phone,town\n")
    assert [row.name for row in leads] == ["Dana", "Moshe"]


def test_the_footer_of_a_report_is_no_lead(table) -> None:
    leads = table(
        "First Name,Last Name,Email\nDana,Levi,d@example.com\nMoshe,,\n\n"
        "Leads this month,,\nCopyright (c) 2000-2026 salesforce.com\nConfidential Information - Do Not Distribute\nAcme\n"
    )
    rows = list(leads)
    assert [(row.line, row.name) for row in rows if not row.problem] == [(2, "Dana Levi"), (3, "Moshe")]
    assert [(row.line, row.problem[:2]) for row in rows if row.problem] == [
        (5, ("row", "Leads this month")),
        (6, ("row", "Copyright (c) 2000-2026 salesforce.com")),
        (7, ("row", "Confidential Information - Do Not Distribute")),
        (8, ("row", "Acme")),
    ]


def test_rows_with_a_name_alone_keep_their_order(table) -> None:
    names = [f"Dana {number}" for number in range(50)]
    assert [row.name for row in table("name,phone,email\n" + "".join(f"{name},,\n" for name in names))] == names
    assert [row.name for row in table("name\n" + "\n".join(names))] == names


@pytest.mark.parametrize("name", ["name", "phone", "email", "company", "campaign", "source", "tags", "created", "last name"])
def test_a_line_that_is_too_long_is_a_problem(table, name: str) -> None:
    row = only(table(f"{name},mobile\n{'x' * 501},050\n"))
    assert row.problem is not None
    assert row.problem[1:] == ("x" * 59 + "…", "It is longer than 500 characters.")
    assert only(table(f"{name},mobile\n{'x' * 500}{' ' * 50},050\n")).problem is None


def test_long_texts(table) -> None:
    for name in ("note", "Town"):
        row = only(table(f"name,{name}\nDana,{'y' * LONGEST_TEXT}\n"))
        assert row.problem is None
        assert len(row.note or row.properties[name]) == LONGEST_TEXT
        row = only(table(f"name,{name}\nDana,{'y' * (LONGEST_TEXT + 1)}\n"))
        assert row.problem is not None
        assert row.problem[0] == name
    both = only(table(f"first name,last name\n{'x' * 300},{'y' * 300}\n"))
    assert both.problem is not None
    assert both.problem[0] == "name"
    assert only(table(f"name\nDana,{'y' * (LONGEST_TEXT + 1)}\n")).problem is not None


def test_a_missing_quote_costs_one_row(table) -> None:
    good = "".join(f"Dana {number},{number}\n" for number in range(3000))
    rows = list(table(f'name,town\nMoshe,x\n"Broken,y\n{good}'))
    assert [(row.line, row.problem[0]) for row in rows if row.problem] == [(3, "row")]
    assert rows[1].problem[1] == '"Broken,y'
    assert [(row.line, row.name) for row in rows[2:]] == [(number + 4, f"Dana {number}") for number in range(3000)]


def test_progress_grows_to_the_size_of_the_file(table) -> None:
    leads = table("name,phone\n" + "Dana Levi,0501234567\n" * 5000)
    positions = [row.position for row in leads]
    assert positions == sorted(positions)
    assert 0 < positions[0] < positions[2500] < positions[-1] == leads.total_bytes


_HEBREW = "אבגדהוזחטיכלמנסעפצקרשת"
_SIGNS = " 0123456789.,;|\t\"'-=@/()\n\r"
_CELLS = {
    "utf-8": st.text(st.sampled_from(_HEBREW + _SIGNS + "abcXYZ€😀"), max_size=12),
    "cp1255": st.text(st.sampled_from(_HEBREW + _SIGNS + "₪"), max_size=12),
}
_CELLS["utf-8-sig"] = _CELLS["utf-16"] = _CELLS["utf-16-le"] = _CELLS["utf-8"]
_HEADER = ["שם", "הערה", "עיר מגורים", "Town"]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_rows_are_read_back_with_their_lines(data: st.DataObject) -> None:
    encoding = data.draw(st.sampled_from(list(_CELLS)))
    delimiter = data.draw(st.sampled_from(",;\t|"))
    line_end = data.draw(st.sampled_from(["\r\n", "\n", "\r"]))
    rows = data.draw(st.lists(st.lists(_CELLS[encoding], min_size=4, max_size=4), max_size=8))
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    lines = []
    for row in [_HEADER, *rows]:
        lines.append(len(list(io.StringIO(buffer.getvalue(), newline=""))) + 1)
        writer.writerow(row)
    expected = []
    for line, row in zip(lines[1:], rows, strict=True):
        name, note, city, town = (clean_text(restore(cell)) for cell in row)
        properties = {key: value for key, value in (("עיר מגורים", city), ("Town", town)) if value}
        if name or note or properties:
            expected.append((line, clean_line(name), note, properties))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.csv"
        path.write_bytes(buffer.getvalue().encode(encoding))
        leads = open_leads(path, ZONE)
        assert (leads.encoding, leads.delimiter) == (encoding, delimiter)
        assert [(row.line, row.name, row.note, row.properties) for row in leads] == expected
        assert not any(row.problem for row in leads)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(list(_CELLS)))
def test_no_bytes_crash_the_reading(garbage: bytes, encoding: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.csv"
        path.write_bytes('name,phone,note\r\nDana,050,"x\ny"\r\n'.encode(encoding) + garbage)
        for named in (None, encoding):
            try:
                rows = list(itertools.islice(open_leads(path, ZONE, named), 1000))
            except Refused:
                continue
            assert [row.line for row in rows] == sorted({row.line for row in rows})
