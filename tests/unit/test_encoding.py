from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from crm_tui.errors import Refused
from crm_tui.intake.encoding import detect, known_codec, looks_like_mojibake, records, repair_hebrew

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
HEBREW = 'שם;נייד;הערה\r\nדוד לוי;0501234567;"שאל על ""חבילה"", חזרה מחר"\r\n'
FRENCH = "Nom;Ville;Note\r\nRenée Lefèvre;Orléans;à rappeler, très pressée\r\n"


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "leads.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("content", "codec"),
    [
        (HEBREW.encode(), "utf-8"),
        (HEBREW.encode("utf-8-sig"), "utf-8-sig"),
        (HEBREW.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + HEBREW.encode("utf-16-be"), "utf-16"),
        (HEBREW.encode("utf-16-le"), "utf-16-le"),
        (HEBREW.encode("utf-16-be"), "utf-16-be"),
        (HEBREW.encode("utf-32"), "utf-32"),
        (HEBREW.encode("cp1255"), "cp1255"),
        (FRENCH.encode("cp1252"), "cp1252"),
        ("name,price\nDana,5 ₪\n".encode("cp1255"), "cp1255"),
        ("name,town\nDana,à\n".encode("cp1252"), "cp1252"),
        (b"name,phone\nDana,0501234567\n", "utf-8"),
        (b"name,phone\nDa\0na,0501234567\n\x1a", "utf-8"),
    ],
)
def test_a_codec_is_found(tmp_path: Path, content: bytes, codec: str) -> None:
    path = written(tmp_path, content)
    assert detect(path) == codec
    content.decode(codec)


def test_the_whole_file_decides_and_not_its_beginning(tmp_path: Path) -> None:
    plain = b"Dana Levi,0501234567\n" * 60_000
    assert detect(written(tmp_path, plain + HEBREW.encode("cp1255"))) == "cp1255"
    assert detect(written(tmp_path, plain + HEBREW.encode())) == "utf-8"


def test_one_letter_cut_in_the_middle_leaves_utf8(tmp_path: Path) -> None:
    assert detect(written(tmp_path, HEBREW.encode() * 50 + "שלום".encode()[:-1] + b"\n")) == "utf-8"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"PK\x03\x04\x14\0\0\0[Content_Types].xml xl/workbook.xml", "Excel"),
        (b"PK\x03\x04\x14\0\0\0Connections.csv", "ZIP"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0", "Excel"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture"),
        (b"%PDF-1.7\n", "PDF"),
        (bytes(range(256)) * 4, "binary"),
        (b"\0" * 4096, "binary"),
    ],
)
def test_a_file_that_is_not_text_is_named(tmp_path: Path, head: bytes, kind: str) -> None:
    with pytest.raises(Refused, match=kind) as refused:
        detect(written(tmp_path, head))
    assert refused.value.field == "file"
    assert "CSV" in refused.value.message


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "mark.csv").write_bytes(codecs.BOM_UTF8)
    for path in (tmp_path, tmp_path / "missing.csv", tmp_path / "pipe", tmp_path / "mark.csv", written(tmp_path, b"")):
        with pytest.raises(Refused) as refused:
            detect(path)
        assert refused.value.field == "file"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b"name\n")
    path.chmod(0)
    with pytest.raises(Refused, match="cannot be read"):
        detect(path)


def test_a_named_codec_is_known_and_takes_the_mark_off(tmp_path: Path) -> None:
    marked = written(tmp_path, HEBREW.encode("utf-8-sig"))
    assert known_codec(marked, "UTF8") == "utf-8-sig"
    assert known_codec(marked, "windows-1255") == "cp1255"
    assert known_codec(written(tmp_path, HEBREW.encode("utf-16")), "utf-16-le") == "utf-16"
    for name in ("no-such", "base64", "hex\0"):
        with pytest.raises(Refused) as refused:
            known_codec(marked, name)
        assert refused.value.field == "encoding"


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("leads-main.csv", "utf-8-sig"),
        ("leads-1255.csv", "cp1255"),
        ("linkedin-connections.csv", "utf-8-sig"),
        ("meta-leads.tsv", "utf-16"),
        ("people-pairs.csv", "utf-8"),
    ],
)
def test_the_codecs_of_the_samples(name: str, codec: str) -> None:
    assert detect(SHARED / name) == codec


@pytest.mark.parametrize("hebrew", ["שלום", "דוח לקוחות", "רחל כהן - CRM", 'עו"ד לוי, 5₪', "צה״ל ׳ד", "ה-5"])
def test_hebrew_read_as_windows_1252_is_repaired(hebrew: str) -> None:
    assert repair_hebrew(hebrew.encode("cp1255").decode("cp1252")) == hebrew
    assert repair_hebrew(hebrew.encode("cp1255").decode("latin-1")) == hebrew


@pytest.mark.parametrize("text", ["", "Dana", "Renée", "Zoë Müller", "שלום", "naïve café", "Øresund", "דנה Renée"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert repair_hebrew(text) == text


def test_mojibake_is_decided_for_a_whole_file() -> None:
    assert looks_like_mojibake(["Dana", "ùìåí", "ãåç ì÷åçåú"])
    assert looks_like_mojibake(["דנה", "ùìåí"])
    assert not looks_like_mojibake(["Renée"])
    assert not looks_like_mojibake(["Renée", "François", "à", "é", "דנה"])
    assert not looks_like_mojibake([])


def test_long_words_cost_linear_time() -> None:
    assert not looks_like_mojibake(["x" * 1_000_000 + "é"])


def read(lines: list[str], width: int = 2) -> list[tuple[int, list[str], bool]]:
    return [(line, cells, bool(reason)) for line, cells, reason in records(lines, ",", width)]


def test_records_carry_their_physical_line() -> None:
    assert read(["a,b\n", "\n", '"x\n', 'y",z\n', "c,d"]) == [
        (1, ["a", "b"], False),
        (3, ["x\ny", "z"], False),
        (5, ["c", "d"], False),
    ]


def test_a_quote_that_swallows_rows_costs_only_its_line() -> None:
    rows = [f"n{number},p{number}\n" for number in range(1000)]
    found = read([*rows[:3], '"n,p\n', *rows[3:]])
    assert found[3] == (4, ['"n,p\n'], True)
    assert [cells for _line, cells, refused in found if not refused] == [row.strip().split(",") for row in rows]
    assert [line for line, _cells, refused in found] == list(range(1, 1002))


def test_a_quote_that_ends_at_the_next_quoted_cell_is_noticed() -> None:
    found = read(['"n,p\n', "a,b\n", 'c,"d"\n', 'e,"f"\n'])
    assert found == [(1, ['"n,p\n'], True), (2, ["a", "b"], False), (3, ["c", "d"], False), (4, ["e", "f"], False)]


def test_a_quote_open_at_the_end_of_the_file_is_noticed() -> None:
    assert read(["a,b\n", '"c,d\n']) == [(1, ["a", "b"], False), (2, ['"c,d\n'], True)]
    assert read(["a,b\n", 'c,"long\n', "text without\n", "an end\n"]) == [(1, ["a", "b"], False), (2, ['c,"long\n'], True)]


def test_a_long_text_of_many_lines_is_kept() -> None:
    text = "one line of a letter\n" * 3_000
    assert read([*f'a,"{text}"\n'.splitlines(keepends=True), "c,d\n"]) == [(1, ["a", text], False), (3002, ["c", "d"], False)]


def test_a_text_of_more_than_a_megabyte_is_refused_and_reading_goes_on() -> None:
    lines = ['a,"open\n', *["x" * 999 + "\n"] * 1100, "c,d\n"]
    found = read(lines)
    assert found[0] == (1, ['a,"open\n'], True)
    assert found[-1] == (1102, ["c", "d"], False)


def test_sloppy_quotes_inside_a_text_are_no_missing_ones() -> None:
    found = read(['a,"one line\n', 'said "hello" and left",x\n', "c,d,e\n"], width=3)
    assert [(line, refused) for line, _cells, refused in found] == [(1, False), (3, False)]


def test_a_gigantic_cell_is_refused() -> None:
    found = read(["a,b\n", "c," + "x" * (11 << 20) + "\n", "e,f\n"])
    assert [(line, refused) for line, _cells, refused in found] == [(1, False), (2, True), (3, False)]


def test_many_missing_quotes_take_no_stack_and_little_time() -> None:
    assert [refused for _line, _cells, refused in read(['"a,b\n', "c,d\n"] * 20_000)] == [True, False] * 20_000
    assert all(refused for _line, _cells, refused in read(['"a,b\n'] * 20_000))
