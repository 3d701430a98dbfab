"""Times as people type them: tables in both languages, DST, and hostile texts."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_tui.errors import Refused
from crm_tui.text.quickdate import parse_quick
from crm_tui.text.times import LAST_YEAR, Moment, at_local, iso, local_day

JERUSALEM = ZoneInfo("Asia/Jerusalem")
EIGHT = time(8)


def ms(text: str, zone: ZoneInfo = JERUSALEM) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


NOW = ms("2026-11-22T10:00")
"""A Sunday."""


def parse(text: str, now: int = NOW) -> Moment:
    return parse_quick(text, now, JERUSALEM, EIGHT)


def shown(text: str, now: int = NOW) -> str:
    """`2026-11-24` for a date alone, `2026-11-24 10:00` for a time."""
    moment = parse(text, now)
    written = iso(moment.ms, JERUSALEM)
    if moment.dated:
        assert written[11:16] == "08:00"
        return written[:10]
    return f"{written[:10]} {written[11:16]}"


DAYS = {
    "2026-11-22": ["today", "TODAY", "  Today ", "22/11", "22/11/2026", "22.11", "22/11/26", "nov 22", "22 nov", "22nd of November"],
    "2026-11-23": ["tomorrow", "tmrw", "mon", "Monday", "on monday", "+1d", "+1 d", "in a day", "in one day", "1d"],
    "2026-11-24": ["+2d", "in 2 days", "in two days", "2 days", "tue", "tues", "tue.", "day after tomorrow"],
    "2026-11-25": ["wed", "weds", "wednesday", "this wed"],
    "2026-11-28": ["sat", "saturday", "28/11"],
    "2026-11-29": ["sun", "sunday", "next sun", "next sunday", "in a week", "+1w", "+w", "next week", "+7d", "29.11.2026", "2026-11-29"],
    "2026-12-06": ["+2w", "in 2 weeks", "a fortnight", "in two weeks"],
    "2026-12-03": ["next thu", "next thursday"],
    "2026-12-13": ["+3w"],
    "2026-12-22": ["+1m", "in a month", "next month", "+1 month"],
    "2027-11-21": ["21/11", "21.11", "21 nov", "+52w"],
    "2027-11-22": ["+1y", "in a year", "+12m"],
    "2027-01-05": ["5/1", "05/01", "5 jan", "jan 5", "January 5th", "5.1.2027", "2027-1-5", "2027/01/05"],
    "2028-02-29": ["29/2", "29 feb"],
}
HEBREW_DAYS = {
    "2026-11-22": ["היום", "22 בנובמבר", "22 נובמבר", "ב-22/11", "ב22/11"],
    "2026-11-23": ["מחר", "יום ב", "יום ב׳", "ב׳", "ביום שני", "יום שני", "שני", "בשני", "בעוד יום", "מָחָר"],
    "2026-11-24": ["מחרתיים", "מחרתים", "בעוד יומיים", "יומיים", "עוד יומיים", "בעוד 2 ימים", "בעוד שני ימים", "יום ג'", "שלישי"],
    "2026-11-25": ["בעוד 3 ימים", "בעוד שלושה ימים", "3 ימים", "יום רביעי", "ד’"],
    "2026-11-28": ["שבת", "בשבת", "יום שבת", "יום ש׳"],
    "2026-11-29": ["בעוד שבוע", "עוד שבוע", "שבוע הבא", "בשבוע הבא", "יום א׳", "יום א'", "יום א’", "יום א", "א׳", "יום ראשון", "ראשון הבא"],
    "2026-11-30": ["יום שני הבא", "שני הבא"],
    "2026-12-06": ["בעוד שבועיים", "שבועיים", "בעוד 2 שבועות"],
    "2026-12-22": ["בעוד חודש", "חודש הבא", "בחודש הבא"],
    "2027-01-22": ["בעוד חודשיים"],
}
TIMES = {
    "2026-11-22 10:30": ["10:30", "today 10:30", "+30min", "in 30 minutes", "in half an hour", "חצי שעה", "בעוד חצי שעה", "בעוד 30 דקות"],
    "2026-11-22 11:00": ["+1h", "in an hour", "in 1 hour", "בעוד שעה", "11:00", "11am", "at 11", "בשעה 11", "ב-11"],
    "2026-11-22 12:00": ["+2h", "in two hours", "noon", "today noon", "בצהריים", "בעוד שעתיים", "12pm", "היום 12"],
    "2026-11-22 14:00": ["sun 14:00", "sunday 14", "sun 2pm", "14:00", "יום א׳ 14", "א׳ 14:00", "ראשון ב-14"],
    "2026-11-22 09:30": ["22/11 9:30", "22.11 9:30", "today 9:30"],
    "2026-11-23 09:30": ["9:30", "09:30", "at 9:30"],
    "2026-11-23 10:00": [
        "tomorrow 10",
        "tomorrow 10:00",
        "tomorrow at 10",
        "tomorrow @10",
        "tomorrow@10",
        "tomorrow, 10:00",
        "10am tomorrow",
        *("10:00 tomorrow", "מחר 10", "מחר ב-10", "מחר ב10", "מחר ב־10", "מחר ב 10:00", "מחר בשעה 10", "יום ב׳ 10", "+1d 10:00"),
    ],
    "2026-11-23 15:00": ["tomorrow 3pm", "tomorrow 3 pm", "tomorrow 15", "מחר ב-15:00"],
    "2026-11-24 10:00": ["in 2 days 10:00", "+2d 10", "tue 10", "בעוד יומיים ב-10"],
    "2026-11-28 20:30": ["שבת ב-20:30", "sat 20:30", "28/11 20:30"],
    "2026-11-29 10:00": ["sun 10:00", "sun 10", "next sun 10", "יום א׳ 10:00", "א׳ 10", "2026-11-29 10:00", "29/11 10"],
    "2026-11-29 00:00": ["sun 0:00", "sun 12am"],
    "2026-11-22 12:01": ["2026-11-22T10:01:00Z", "2026-11-22 10:01 UTC"],
}


PARTS_OF_DAYS = {
    "2026-11-22 12:00": ["midday", "at noon", "היום בצהרים", "12 בצהריים"],
    "2026-12-05 12:00": ["dec 5 noon", "December 5, noon", "5 dec noon", "5 בדצמבר בצהריים"],
    "2026-12-05 08:00": ["dec 5 morning", "5 בדצמבר בבוקר", "5/12 בבוקר"],
    "2026-12-05 20:00": ["dec 5 8 in the evening", "5/12 8 בערב", "8 בערב 5/12"],
    "2026-11-22 13:00": ["1 בצהריים", "13 בצהריים"],
    "2026-11-22 14:00": ["afternoon", "this afternoon", "today afternoon", "in the afternoon", "אחר הצהריים", 'אחה"צ', "היום אחה״צ"],
    "2026-11-22 15:00": ["3 in the afternoon", "at 3:00 in the afternoon", "3 אחר הצהריים", "ב-3 אחה״צ"],
    "2026-11-22 18:00": [
        "tonight",
        "this evening",
        "evening",
        "in the evening",
        "today evening",
        "הערב",
        "בערב",
        "ערב",
        "לערב",
        "היום בערב",
    ],
    "2026-11-22 20:00": ["8 in the evening", "8 at night", "8 בערב", "ב-8 בערב", "בשעה 20 בערב", "היום 20:00 בערב"],
    "2026-11-22 08:00": ["this morning", "הבוקר", "today morning"],
    "2026-11-23 08:00": [
        "tomorrow morning",
        "morning tomorrow",
        "morning",
        "בבוקר",
        "מחר בבוקר",
        "בבוקר מחר",
        "בוקר",
        "mon morning",
        "יום ב׳ בבוקר",
    ],
    "2026-11-23 09:30": ["tomorrow 9:30 in the morning", "מחר ב-9:30 בבוקר"],
    "2026-11-23 12:00": ["tomorrow noon", "מחר בצהריים", "מחר צהריים"],
    "2026-11-23 14:00": ["tomorrow afternoon", "tomorrow in the afternoon", "tomorrow, afternoon", "מחר אחר הצהריים", "מחר אחרי הצהריים"],
    "2026-11-23 18:00": ["tomorrow night", "tomorrow evening", "evening tomorrow", "מחר בערב"],
    "2026-11-23 20:00": ["tomorrow 8 in the evening", "מחר ב-8 בערב", "מחר 20 בערב"],
    "2026-11-24 08:00": [
        "עוד יומיים בבוקר",
        "בעוד יומיים בבוקר",
        "+2d morning",
        "in 2 days, morning",
        "24/11 morning",
        "24/11 בבוקר",
        "morning 24/11",
    ],
    "2026-11-29 14:00": ["next sun afternoon", "ראשון הבא אחר הצהריים", "29/11 afternoon", "next week afternoon"],
    "2026-11-22 17:00": ["sun 5 in the afternoon", "א׳ ב-5 אחה״צ"],
    "2026-11-30 08:00": ["end of month morning", "סוף החודש בבוקר"],
    "2026-11-30 10:00": ["end of month 10:00", "10am end of month", "סוף החודש ב-10"],
}
EDGES = {
    "2026-11-26": [
        "end of week",
        "end of the week",
        "by the end of this week",
        "at the end of the week",
        "eow",
        "סוף השבוע",
        "בסוף השבוע",
        "סוף שבוע",
    ],
    "2026-12-03": ["end of next week", "the end of next week", "סוף השבוע הבא"],
    "2026-11-29": ["start of next week", "beginning of next week", "תחילת השבוע הבא", "בתחילת שבוע הבא"],
    "2026-11-30": [
        "end of month",
        "end of the month",
        "End of Month",
        "eom",
        "EOM",
        "סוף החודש",
        "בסוף החודש",
        "סוף חודש",
        "סוף החודש הזה",
    ],
    "2026-12-31": ["end of next month", "סוף החודש הבא", "end of year", "end of the year", "eoy", "סוף השנה"],
    "2026-12-01": [
        *("beginning of next month", "the beginning of next month", "start of next month", "first of next month", "1st of next month"),
        *(
            "on the 1st of next month",
            "1 of next month",
            "תחילת החודש הבא",
            "בתחילת החודש הבא",
            "תחילת חודש הבא",
            "1 לחודש הבא",
            "ב-1 לחודש הבא",
        ),
    ],
    "2026-12-15": ["15th of next month", "ה-15 לחודש הבא"],
    "2026-12-22": ["next month", "החודש הבא"],
    "2027-01-01": ["beginning of next year", "תחילת השנה הבאה"],
    "2027-11-22": ["next year", "שנה הבאה", "בשנה הבאה"],
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [(text, day) for group in (DAYS, HEBREW_DAYS, TIMES, PARTS_OF_DAYS, EDGES) for day, texts in group.items() for text in texts],
)
def test_what_is_understood(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\u200f", "soon", "d", "week", "10", "+", "+d d", "sun sun", "25:00", "10:60", "sun 25", "22/11 24:00", "13pm", "0am"),
        *("+30m", "22-11", "x 10:00", "10 tomorrow", "in days", "בעוד ימים", "בעוד", "יום", "ב-", "-2d", "+99999d", "[red]sun[/red]"),
        *("tonight tomorrow", "tomorrow tonight", "morning morning", "morning evening", "8 in the morning evening", "9 בערב בבוקר", "this"),
        *("20 in the morning", "3 at noon morning", "11 אחה״צ", "this morning sunday", "+2h morning", "in morning", "הבערב", "to morning"),
        *(
            "end of",
            "end of day month",
            "of month",
            "beginning of month",
            "start of week",
            "1st of month",
            "1st of next week",
            "eod",
            "סוף",
            "סוף הבא",
        ),
        *("a" * 1000, "\x1b[2J", "٪", "1" * 64, "morning " * 7, "בבוקר " * 9, "end of " * 9, "of the " * 9),
    ],
)
def test_what_is_not_understood_is_refused_with_examples(text: str) -> None:
    with pytest.raises(Refused, match=r"write it like \+2d, tomorrow 10:00") as caught:
        parse(text)
    assert caught.value.field == "due"
    assert "\x1b" not in caught.value.message


@pytest.mark.parametrize(
    "text",
    ["31/2", "31/2/2027", "0/1", "1/13", "32 nov", "0 of next month", "32 לחודש הבא", "29/2/2027", "2027-02-30", "31/2 10:00", "+9999y"],
)
def test_a_day_that_does_not_exist(text: str) -> None:
    with pytest.raises(Refused, match="does not exist in the calendar") as caught:
        parse_quick(text, NOW, JERUSALEM, EIGHT, field="next_at")
    assert caught.value.field == "next_at"


@pytest.mark.parametrize("text", ["1/1/1969", "1/1/2201", "+9999w"])
def test_a_year_out_of_range(text: str) -> None:
    with pytest.raises(Refused, match="out of range"):
        parse(text)


@pytest.mark.parametrize(
    ("now", "text", "expected"),
    [
        ("2026-11-22T10:00", "10:00", "2026-11-22 10:00"),
        ("2026-11-22T10:00", "sun 10:01", "2026-11-22 10:01"),
        ("2026-11-25T10:00", "sun", "2026-11-29"),
        ("2026-11-25T10:00", "next sun", "2026-11-29"),
        ("2026-11-25T10:00", "thu", "2026-11-26"),
        ("2026-11-25T10:00", "next thu", "2026-12-03"),
        ("2026-11-28T10:00", "next sat", "2026-12-05"),
        ("2026-12-31T10:00", "tomorrow", "2027-01-01"),
        ("2027-01-31T10:00", "+1m", "2027-02-28"),
        ("2028-02-29T10:00", "+1y", "2029-02-28"),
        ("2028-02-29T10:00", "29/2", "2028-02-29"),
        ("2096-03-01T10:00", "29/2", "2104-02-29"),
        ("2026-11-22T10:00:30", "+30min", "2026-11-22 10:31"),
        ("2026-11-22T23:30", "+1h", "2026-11-23 00:30"),
        ("2026-11-22T07:59", "morning", "2026-11-22 08:00"),
        ("2026-11-22T08:00", "בבוקר", "2026-11-22 08:00"),
        ("2026-11-22T19:00", "tonight", "2026-11-22 18:00"),
        ("2026-11-22T19:00", "הערב", "2026-11-22 18:00"),
        ("2026-11-22T19:00", "evening", "2026-11-23 18:00"),
        ("2026-11-22T19:00", "sun evening", "2026-11-29 18:00"),
        ("2026-11-26T10:00", "end of week", "2026-11-26"),
        ("2026-11-27T10:00", "end of week", "2026-12-03"),
        ("2026-11-28T10:00", "end of next week", "2026-12-03"),
        ("2026-11-29T10:00", "start of next week", "2026-12-06"),
        ("2026-11-30T10:00", "eom", "2026-11-30"),
        ("2026-12-31T10:00", "start of next month", "2027-01-01"),
        ("2027-01-31T10:00", "end of next month", "2027-02-28"),
        ("2028-02-01T10:00", "סוף החודש", "2028-02-29"),
    ],
)
def test_seen_from_another_time(now: str, text: str, expected: str) -> None:
    assert shown(text, ms(now)) == expected


@pytest.mark.parametrize(
    ("working_days", "first", "last"),
    [((6, 0, 1, 2, 3), "2026-11-29", "2026-11-26"), (range(5), "2026-11-30", "2026-11-27"), ({1}, "2026-12-01", "2026-11-24")],
)
def test_the_week_is_that_of_the_business(working_days: Collection[int], first: str, last: str) -> None:
    for text, day in (("end of week", last), ("סוף השבוע", last), ("start of next week", first)):
        moment = parse_quick(text, NOW, JERUSALEM, EIGHT, working_days=working_days)
        assert iso(moment.ms, JERUSALEM)[:10] == day


def test_the_morning_is_the_start_of_the_working_day() -> None:
    for text in ("tomorrow morning", "מחר בבוקר"):
        moment = parse_quick(text, NOW, JERUSALEM, time(9, 30))
        assert (moment.ms, moment.dated) == (ms("2026-11-23T09:30"), False)


@pytest.mark.parametrize("text", ["21/11", "21.11", "21 nov", "nov 21", "21 בנובמבר", "21/11 10:00", "10:00 21/11", "21/11 בבוקר"])
def test_a_day_that_has_passed_is_said_to_be_next_years(text: str) -> None:
    assert parse(text).note == "next year"


@pytest.mark.parametrize("text", ["22/11", "23/11", "21/11/2027", "21 nov 2027", "+1y", "29/2", "next year", "tomorrow", "2027-01-05"])
def test_what_names_its_year_needs_no_note(text: str) -> None:
    assert parse(text).note is None


def test_an_hour_that_the_clocks_leave_out_is_said() -> None:
    moment = parse("tomorrow 2:30", ms("2027-03-25T10:00"))
    assert iso(moment.ms, JERUSALEM) == "2027-03-26T03:30:00+03:00"
    assert moment.note is not None
    assert "03:30" in moment.note


def test_days_are_days_across_a_change_of_clocks() -> None:
    assert shown("+2d 10:00", ms("2027-03-25T10:00")) == "2027-03-27 10:00"
    assert shown("+24h", ms("2027-03-25T10:00")) == "2027-03-26 11:00"


zones = st.sampled_from([JERUSALEM, *map(ZoneInfo, ["UTC", "America/Havana", "Pacific/Apia", "Asia/Beirut", "Australia/Lord_Howe"])])
words = st.sampled_from([text for group in (DAYS, HEBREW_DAYS, TIMES, PARTS_OF_DAYS, EDGES) for texts in group.values() for text in texts])
joined = st.lists(
    words | st.sampled_from(["10", "9:30", "+", "ב-", "in", "next", "@", "/", "\u200f", "pm", "morning", "בערב", "of", "end"]), max_size=4
).map(" ".join)


@given(st.text(max_size=80) | joined, st.integers(ms("1970-01-02T00:00"), ms("2190-01-01T00:00")), zones)
@example("²d", NOW, JERUSALEM)
@example("+١d", NOW, JERUSALEM)
@example("ﷺ" * 20, NOW, JERUSALEM)
def test_any_text_gives_a_moment_or_a_refusal(text: str, now: int, zone: ZoneInfo) -> None:
    with suppress(Refused):
        moment = parse_quick(text, now, zone, EIGHT)
        assert 1970 <= local_day(moment.ms, zone).year <= LAST_YEAR


@given(st.integers(0, 400), st.integers(0, 24 * 60 - 1), st.integers(ms("1980-01-01T00:00"), ms("2100-01-01T00:00")), zones)
def test_a_day_and_a_clock_time_are_that_local_time(days: int, minute: int, now: int, zone: ZoneInfo) -> None:
    clock = time(minute // 60, minute % 60)
    day = local_day(now, zone) + timedelta(days=days)
    for text in (f"+{days}d {clock:%H:%M}", f"{day.day}/{day.month}/{day.year} {clock:%H:%M}"):
        moment = parse_quick(text, now, zone, EIGHT)
        assert (moment.ms, moment.dated) == (at_local(day, clock, zone), False)
    alone = parse_quick(f"{clock:%H:%M}", now, zone, EIGHT).ms
    assert now - 3_600_000 < alone <= now + 26 * 3_600_000


@given(st.sampled_from("sun mon tue wed thu fri sat".split()), st.integers(ms("1980-01-01T00:00"), ms("2100-01-01T00:00")), zones)
def test_a_weekday_is_the_next_such_day(name: str, now: int, zone: ZoneInfo) -> None:
    today = local_day(now, zone)
    plain = local_day(parse_quick(name, now, zone, EIGHT).ms, zone)
    following = local_day(parse_quick(f"next {name}", now, zone, EIGHT).ms, zone)
    assert f"{plain:%a}".lower() == f"{following:%a}".lower() == name
    assert 1 <= (plain - today).days <= 7
    assert (following - plain).days in (0, 7)
