import pytest

from crm_tui.rules.sources import OFFLINE, ONLINE, SOURCES, is_offline, match_source


@pytest.mark.parametrize("code", SOURCES)
def test_a_code_is_itself_without_detail(code: str) -> None:
    assert match_source(code) == (code, "")
    assert match_source(f" {code.upper()} ") == (code, "")
    assert match_source(code.replace("_", " ").title()) == (code, "")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Facebook", "social"),
        ("LinkedIn", "social"),
        ("X (Twitter)", "social"),
        ("פייסבוק", "social"),
        ("Google Ads", "ads"),
        ("fb lead ads", "ads"),
        ("Facebook campaign", "ads"),
        ("קמפיין פייסבוק", "ads"),
        ("Paid Search", "ads"),
        ("Website", "web_form"),
        ("אתר", "web_form"),
        ("דף נחיתה", "web_form"),
        ("Organic Search", "web_form"),
        ("WhatsApp", "web_chat"),
        ("צ'אט באתר", "web_chat"),
        ("Newsletter", "email"),
        ("מייל", "email"),
        ('דוא"ל', "email"),
        ("Purchased List", "import"),
        ("Zapier", "api"),
        ("Phones", "phone"),
        ("טלפון", "phone"),
        ("Cold call", "phone"),
        ("תערוכה", "exhibition"),
        ("expo", "exhibition"),
        ("Trade Fair", "exhibition"),
        ("כנס HR 2026", "exhibition"),
        ("עיתון", "press"),
        ("TV ad", "press"),
        ("Public Relations", "press"),
        ("המלצה", "referral"),
        ("Employee Referral", "referral"),
        ("מפה לאוזן", "referral"),
        ("Word of Mouth", "referral"),
        ("Seminar Partner", "partner"),
        ("שותף עסקי", "partner"),
        ("Google", "other"),
        ("לא ידוע", "other"),
        ("[/nope]", "other"),
    ],
)
def test_words_of_files_give_a_code_and_stay_as_detail(text: str, code: str) -> None:
    assert match_source(f" {text} ") == (code, text)


@pytest.mark.parametrize("text", ["", "  ", "\u00a0\t"])
def test_nothing_gives_nothing(text: str) -> None:
    assert match_source(text) == ("", "")


def test_a_beginning_of_another_word_is_no_match() -> None:
    assert match_source("platform leadership") == ("other", "platform leadership")


def test_a_very_long_text_keeps_its_detail() -> None:
    text = "phone " * 20_000
    assert match_source(text) == ("phone", text.strip())


def test_offline_sources() -> None:
    assert {source for source in SOURCES if is_offline(source)} == set(OFFLINE)
    assert not any(is_offline(source) for source in (*ONLINE, "", "unknown"))
