"""The words of times as people type them in passing, in English and Hebrew: days, parts of a day, months, lengths."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time


def _by_word(lines: Mapping[str | int, str]) -> dict[str, str | int]:
    """Each word of the lines with the key of its line; `_` stands for a space."""
    return {word.replace("_", " "): key for key, line in lines.items() for word in line.split()}


DAYS = _by_word(
    {
        0: "today tod היום",
        1: "tomorrow tmrw tmr tom מחר",
        2: "day_after_tomorrow the_day_after_tomorrow overmorrow מחרתיים מחרתים",
        7: "next_week שבוע_הבא השבוע_הבא בשבוע_הבא",
    }
)
PARTS = _by_word(
    {
        "morning": "morning בוקר",
        "noon": "noon midday בצהריים צהריים צהרים",
        "afternoon": "afternoon אחר_הצהריים אחרי_הצהריים אחר_הצהרים אחרי_הצהרים אחהצ",
        "evening": "evening night ערב",
    }
)
CLOCKS = {"noon": time(12), "afternoon": time(14), "evening": time(18)}
"""What clock time a part of the day is; the morning is the start of the working day."""
HOURS = {"morning": range(4, 12), "noon": range(11, 16), "afternoon": range(12, 19), "evening": range(16, 24)}
"""Which hours a part of the day may stand behind."""
WEEKDAYS = _by_word(
    {
        6: "sun sunday א ראשון",
        0: "mon monday ב שני",
        1: "tue tues tuesday ג שלישי",
        2: "wed weds wednesday ד רביעי",
        3: "thu thur thurs thursday ה חמישי",
        4: "fri friday ו שישי ששי",
        5: "sat saturday ש שבת",
    }
)
"""Days of the week as `date.weekday` counts them."""
MONTHS = _by_word(
    {
        1: "jan january ינואר",
        2: "feb february פברואר",
        3: "mar march מרץ מרס",
        4: "apr april אפריל",
        5: "may מאי",
        6: "jun june יוני",
        7: "jul july יולי",
        8: "aug august אוגוסט",
        9: "sep sept september ספטמבר",
        10: "oct october אוקטובר",
        11: "nov november נובמבר",
        12: "dec december דצמבר",
    }
)
UNITS = _by_word(
    {
        "minute": "min mins minute minutes דקה דקות דק",
        "hour": "h hr hrs hour hours שעה שעות",
        "day": "d day days יום ימים",
        "week": "w wk wks week weeks שבוע שבועות",
        "short month": "m",
        "month": "mo mos month months חודש חודשים חדש חדשים",
        "year": "y yr yrs year years שנה שנים",
    }
)
NUMBERS = _by_word(
    {
        1: "a an one אחד אחת",
        2: "two couple a_couple_of שני שתי שניים שתיים",
        3: "three שלושה שלוש",
        4: "four ארבעה ארבע",
        5: "five חמישה חמש",
        6: "six שישה שש",
        7: "seven שבעה שבע",
        8: "eight שמונה",
        9: "nine תשעה תשע",
        10: "ten עשרה עשר",
    }
)
SPANS = {
    "יומיים": (2, "day"),
    "שבועיים": (2, "week"),
    "חודשיים": (2, "month"),
    "שנתיים": (2, "year"),
    "שעתיים": (2, "hour"),
    "חצי שעה": (30, "minute"),
    "רבע שעה": (15, "minute"),
    "שעה וחצי": (90, "minute"),
    "half an hour": (30, "minute"),
    "half hour": (30, "minute"),
    "a quarter of an hour": (15, "minute"),
    "fortnight": (2, "week"),
    "a fortnight": (2, "week"),
    "next month": (1, "month"),
    "חודש הבא": (1, "month"),
    "החודש הבא": (1, "month"),
    "בחודש הבא": (1, "month"),
    "next year": (1, "year"),
    "שנה הבאה": (1, "year"),
    "בשנה הבאה": (1, "year"),
}
