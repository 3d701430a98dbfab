"""Days and times as people read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from crm_tui.i18n import use_language
from crm_tui.text.dates import short_day, short_iso, short_time
from crm_tui.text.times import parse_file_date

JERUSALEM = ZoneInfo("Asia/Jerusalem")
TODAY = date(2026, 11, 22)


@pytest.fixture(params=["en", "he"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    use_language(request.param)
    yield request.param
    use_language("en")


def ms(text: str) -> int:
    found = parse_file_date(text, JERUSALEM)
    assert found is not None
    return found


NOW = ms("2026-11-22T10:00:00")


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        ("2026-11-22", {"en": "22 Nov", "he": "22 בנוב׳"}),
        ("2026-01-05", {"en": "5 Jan", "he": "5 בינו׳"}),
        ("2027-01-05", {"en": "5 Jan 2027", "he": "5 בינו׳ 2027"}),
        ("2025-12-31", {"en": "31 Dec 2025", "he": "31 בדצמ׳ 2025"}),
    ],
)
def test_the_year_only_when_it_is_another_one(day: str, shown: dict[str, str], language: str) -> None:
    found = date.fromisoformat(day)
    assert short_day(found, TODAY) == short_iso(day, NOW, JERUSALEM) == shown[language]
    assert short_time(ms(f"{day}T09:05:00"), NOW, JERUSALEM) == f"{shown[language]} 09:05"
    assert short_time(ms(f"{day}T09:05:00"), NOW, JERUSALEM, timed=False) == shown[language]
    assert short_day(found).endswith(f" {found.year}")


@pytest.mark.parametrize("text", ["", "soon", "2026-02-30", "22/11/2026", "9" * 100])
def test_what_is_no_day_stands_for_itself(text: str) -> None:
    assert short_iso(text, NOW, JERUSALEM) == text
