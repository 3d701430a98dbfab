"""One typed line becomes the fields of `add_lead`; nothing that was typed is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.commands.leads import AddLead
from crm_tui.rules.sources import SOURCES
from crm_tui.text import leadline
from crm_tui.text.leadline import parse_lead_line

LINES = [
    ("", {}),
    (" \u200f ", {}),
    ("Dana", {"name": "Dana"}),
    (
        "Dana Cohen 052-7325777 dana@x.example #expo",
        {"name": "Dana Cohen", "phone": "052-7325777", "email": "dana@x.example", "source": "exhibition"},
    ),
    (
        'דנה לוי 052 732 5777 #תערוכה !גבוהה "רוצה הדגמה"',
        {"name": "דנה לוי", "phone": "052 732 5777", "source": "exhibition", "readiness": "high", "note": "רוצה הדגמה"},
    ),
    ("#web !low 03-5551212 Yossi", {"name": "Yossi", "phone": "03-5551212", "source": "web_form", "readiness": "low"}),
    # phones
    ("Dana 0527325777", {"name": "Dana", "phone": "0527325777"}),
    ("Dana +972 52 732 5777", {"name": "Dana", "phone": "+972 52 732 5777"}),
    ("Dana (052) 732-5777, dana@x.example", {"name": "Dana", "phone": "(052) 732-5777", "email": "dana@x.example"}),
    ("Dana, 052-7325777, dana@x.example", {"name": "Dana", "phone": "052-7325777", "email": "dana@x.example"}),
    ("Studio 54 052-7325777", {"name": "Studio 54", "phone": "052-7325777"}),
    ("Room 7 052 732 5777 12", {"name": "Room 7 12", "phone": "052 732 5777"}),
    ("Dana 052–732–5777", {"name": "Dana", "phone": "052–732–5777"}),
    ("Dana 1234567", {"name": "Dana", "phone": "1234567"}),
    ("Dana 123456", {"name": "Dana 123456"}),
    ("Bank *2700", {"name": "Bank", "phone": "*2700"}),
    ("Dana 052-7325777 03-5551212", {"name": "Dana", "phone": "052-7325777", "note": "03-5551212"}),
    # e-mails
    ("Dana <Dana@X.example>", {"name": "Dana", "email": "Dana@X.example"}),
    ("mailto:dana@x.example", {"email": "dana@x.example"}),
    ("a@b.example c@d.example", {"email": "a@b.example", "note": "c@d.example"}),
    ("@Acme Dana", {"name": "@Acme Dana"}),
    # companies
    ("R. Katz / Acme 054-1234567", {"name": "R. Katz", "company": "Acme", "phone": "054-1234567"}),
    ("R. Katz · Acme Ltd", {"name": "R. Katz", "company": "Acme Ltd"}),
    ('יוסי / גלובוס בע"מ 052-7325777', {"name": "יוסי", "company": 'גלובוס בע"מ', "phone": "052-7325777"}),
    ("A/B Testing", {"name": "A/B Testing"}),
    ("Jean-Paul - Dana", {"name": "Jean-Paul - Dana"}),
    ("/ Acme", {"company": "Acme"}),
    # notes
    ('Dana "wants a demo" "on Sunday"', {"name": "Dana", "note": "wants a demo on Sunday"}),
    ("Dana “asked for 052-7325777 #expo”", {"name": "Dana", "note": "asked for 052-7325777 #expo"}),
    ('דנה "מגלובוס בע"מ בחיפה"', {"name": "דנה", "note": 'מגלובוס בע"מ בחיפה'}),
    ('Dana "no end', {"name": 'Dana "no end'}),
    # sources, campaigns
    ("Dana #web_form", {"name": "Dana", "source": "web_form"}),
    ("Dana #Web", {"name": "Dana", "source": "web_form"}),
    ("Dana #exh", {"name": "Dana", "source": "exhibition"}),
    ("Dana #ref", {"name": "Dana", "source": "referral"}),
    ("דנה #אתר", {"name": "דנה", "source": "web_form"}),
    ("דנה #הפניה", {"name": "דנה", "source": "referral"}),
    ("דנה #צ'אט", {"name": "דנה", "source": "web_chat"}),
    ("Dana #facebook", {"name": "Dana", "source": "social", "source_detail": "facebook"}),
    ("Dana #November #web #spring", {"name": "Dana", "source": "web_form", "campaign": "November spring"}),
    ("Dana #web #expo", {"name": "Dana", "source": "web_form", "campaign": "expo"}),
    ("Dana #we", {"name": "Dana", "campaign": "we"}),
    ("Dana # !", {"name": "Dana # !"}),
    # readiness
    ("Dana !h", {"name": "Dana", "readiness": "high"}),
    ("Dana !MEDIUM", {"name": "Dana", "readiness": "medium"}),
    ("דנה !נמוכה", {"name": "דנה", "readiness": "low"}),
    ("Dana !important", {"name": "Dana !important"}),
    ("Dana !high !low", {"name": "Dana !low", "readiness": "high"}),
]


@pytest.mark.parametrize(("line", "fields"), LINES)
def test_lines(line: str, fields: dict[str, str]) -> None:
    assert parse_lead_line(line, "IL") == fields


def test_a_phone_is_read_as_the_region_writes_it() -> None:
    assert parse_lead_line("Dana 12 020 7946 0018", "GB") == {"name": "Dana 12", "phone": "020 7946 0018"}


def test_every_source_of_the_rules_has_its_word() -> None:
    assert set(leadline._SOURCES.values()) == set(SOURCES)
    assert set(leadline._BRANDS.values()) <= set(SOURCES)
    for source in SOURCES:
        assert parse_lead_line(f"#{source}", "IL") == {"source": source}


pieces = st.sampled_from(
    [
        "Dana",
        "דנה",
        "052-7325777",
        "052",
        "732",
        "5777",
        "+972",
        "(",
        "a@b.example",
        "#expo",
        "#x",
        "!high",
        "!",
        '"',
        '"x',
        'y"',
        "/",
        "·",
        "*2700",
    ]
)


@given(st.text(max_size=200) | st.lists(pieces, max_size=12).map(" ".join), st.sampled_from(["IL", "GB", "US"]))
def test_any_line_gives_fields_that_the_command_takes(line: str, region: str) -> None:
    fields = parse_lead_line(line, region)
    assert all(fields.values())
    AddLead(**fields)


@given(st.lists(pieces, max_size=12))
def test_no_digit_is_lost(words: list[str]) -> None:
    line = " ".join(words)
    kept = "".join(parse_lead_line(line, "IL").values())
    assert sorted(filter(str.isdigit, kept)) == sorted(filter(str.isdigit, line))


@pytest.mark.parametrize(
    ("typed", "source", "campaign"),
    [
        ("#taxi_sign", "taxi_sign", None),
        ("#taxi", "taxi_sign", None),
        ("#שלט", "taxi_sign", None),
        ("#ta", None, "ta"),
        ("#expo", "exhibition", None),
        ("#taxi #expo", "taxi_sign", "expo"),
    ],
)
def test_a_source_that_the_business_added(typed, source, campaign):
    from crm_tui.process import load_default, with_settings

    label = {"en": "Taxi sign", "he": "שלט על מונית"}
    own = with_settings(load_default(), {"sources.taxi_sign": {"label": label, "offline": True}}).own_sources
    found = parse_lead_line(f"Dana {typed}", "IL", own)
    assert (found.get("source"), found.get("campaign")) == (source, campaign)
