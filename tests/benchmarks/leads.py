"""Made-up lead files of any size, always the same for a seed."""

from __future__ import annotations

import csv
import random
from pathlib import Path

HEBREW_FIRST = "דנה יוסי רות משה נועה אבי מיכל דוד שרה יעקב תמר איתי ליאת עומר הילה גיא ענת רון שירה אלון".split()
HEBREW_LAST = "כהן לוי מזרחי פרץ ביטון דהן אברהם פרידמן מלכה אזולאי כץ יוסף עמר חדד גבאי אוחיון סגל שפירא קליין בן־דוד".split()
LATIN_FIRST = "Dana Yossi Ruth Moshe Noa Avi Michael David Sarah Jacob Tamar Emily Chris Laura Dennis Paula Robert Anna Steven Kim".split()
LATIN_LAST = "Cohen Levi Mizrahi Perez Bitton Boone Martinez Garza Hall Daniel Hayes Fisher Katz Joseph Turner Brooks Segal Cooper".split()
SYLLABLES = "ba ra ti lo ne mu ka si do ve שי רו מנ לב".split()
SOURCES = ["Facebook", "Google Ads", "אתר", "תערוכה", "Website", "המלצה", "LinkedIn", "Phone"]
NOTES = ["wants a demo", "מבקש הצעת מחיר", "price, then decide", "שאל על חבילה מלאה", ""]
HEADER = ["תאריך", "שם מלא", "טלפון", 'דוא"ל', "חברה", "מקור", "קמפיין", "הערות"]


def write_leads(path: Path, rows: int, seed: int = 3) -> Path:
    """A CSV of `rows` leads in two alphabets; three in a hundred come back, one in five has a company."""
    rng = random.Random(seed)
    phones = ["0501234567"]
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for number in range(rows):
            hebrew = rng.random() < 0.5
            first, last = (HEBREW_FIRST, HEBREW_LAST) if hebrew else (LATIN_FIRST, LATIN_LAST)
            name = f"{rng.choice(first)} {rng.choice(last)}{rng.choice(SYLLABLES)}{rng.choice(SYLLABLES)}"
            if rng.random() < 0.03:
                phone = rng.choice(phones)
            else:
                phone = f"05{rng.choice((0, 2, 3, 4))}{rng.randrange(10**7):07d}"
                phones.append(phone)
            spelling = rng.random()
            if spelling < 0.3:
                phone = f"{phone[:3]}-{phone[3:]}"
            elif spelling < 0.4:
                phone = "+972" + phone[1:]
            domain = rng.choice(("gmail.com", "walla.co.il", "hotmail.com", f"c{rng.randrange(5000)}.example"))
            out.writerow(
                [
                    f"{1 + number % 28:02d}/10/2026 {number % 24:02d}:{number % 60:02d}",
                    name,
                    phone,
                    f"user{number}@{domain}" if rng.random() < 0.8 else "",
                    f"Company {rng.randrange(4000)}" if rng.random() < 0.2 else "",
                    rng.choice(SOURCES),
                    rng.choice(("November", "Launch", "")),
                    rng.choice(NOTES),
                ]
            )
    return path
