"""Writing by templates: chosen by number, seen on the person, copied or opened, and logged."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from store_helpers import do, lead, show, timeline

from crm_tui.screens import writing

EMAIL, MESSAGE = "Log an e-mail", "Log a message"


@pytest.fixture
def dana(store: Any) -> str:
    """A lead that was called twice without an answer."""
    known = lead(store, "Dana Levi", "052-345-6789", email="dana@example.com")
    for _ in range(2):
        do(store, "log_call", contact=known, outcome="no_answer")
    return known


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The file into which a browser that talks much writes the link it was given, on a computer with a screen."""
    browser, links = tmp_path / "browser", tmp_path / "links"
    browser.write_text(f'#!/bin/sh\necho noise; echo noise >&2\nprintf %s "$1" > "{links}"\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    monkeypatch.setattr(writing, "has_display", lambda: True)
    return links


def written(store: Any, contact: str) -> list[dict[str, Any]]:
    return [data for kind, _rule, data in timeline(store, contact) if kind in ("email", "message")]


async def test_three_keys_copy_the_template_of_the_attempt_and_log_it(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.press("e")
        dialog = await at.dialog(EMAIL)
        assert dialog.shown[0].label == "After the 2nd call without an answer"
        await at.press("1")
        await at.dialog("After the 2nd call without an answer")
        assert "Hello Dana," in at.text
        await at.press("1")
        await at.until(lambda: written(store, dana), "logged")
        (data,) = written(store, dana)
        assert data["template"] == "no_answer_2"
        assert at.app.clipboard == f"{data['subject']}\n\n{data['body']}"
        await at.press("u")
        await at.until(lambda: not written(store, dana), "undone")


async def test_opened_in_the_mail_program(desk: Any, store: Any, dana: str, opened: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with desk() as at:
        await at.do("log_email")
        await at.choose(EMAIL, "After the 3rd call without an answer")
        await at.choose("After the 3rd call without an answer", "open in the mail program")
        await at.until(lambda: written(store, dana), "logged")
        assert "noise" not in "".join(capfd.readouterr()), "nothing falls on the screen"
        link = urlsplit(opened.read_text())
        fields = parse_qs(link.query)
        assert (link.scheme, link.path) == ("mailto", "dana@example.com")
        assert fields["body"][0].replace("\r\n", "\n") == written(store, dana)[0]["body"]
        assert fields["subject"] == [written(store, dana)[0]["subject"]]


async def test_a_message_to_whatsapp_in_the_language_of_the_person(desk: Any, store: Any, opened: Path) -> None:
    known = lead(store, "דנה & #לוי", "052-345-6789")
    async with desk() as at:
        await at.do("log_message")
        await at.choose(MESSAGE, "I tried to call")
        await at.dialog("I tried to call")
        await at.choose("I tried to call", "in English")
        await at.until(lambda: "Hello" in at.text, "in English")
        await at.choose("I tried to call", "in Hebrew")
        await at.choose("I tried to call", "open in WhatsApp")
        await at.until(lambda: written(store, known), "logged")
        link = opened.read_text()
        assert link.startswith("https://wa.me/972523456789?text=")
        assert unquote(link.partition("text=")[2]) == written(store, known)[0]["body"]
        assert link.isascii()
        assert "דנה" in written(store, known)[0]["body"]


async def test_without_a_screen_the_link_is_shown_and_copied(desk: Any, store: Any, dana: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "somewhere")
    async with desk() as at:
        await at.do("log_email")
        await at.choose(EMAIL, "After the 1st call without an answer")
        await at.choose("After the 1st call without an answer", "open in the mail program")
        await at.until(lambda: "mailto:dana@example.com" in at.text, "the link is shown")
        assert at.app.clipboard.startswith("mailto:dana@example.com?subject=")
        assert len(written(store, dana)) == 1


async def test_a_browser_that_fails_leaves_the_link_to_copy(
    desk: Any, store: Any, dana: str, opened: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", f"{opened.parent / 'missing'} %s")
    monkeypatch.setenv("PATH", str(opened.parent / "nowhere"))
    async with desk() as at:
        await at.do("log_email")
        await at.choose(EMAIL, "After the 1st call without an answer")
        await at.choose("After the 1st call without an answer", "open in the mail program")
        await at.until(lambda: "mailto:dana@example.com" in at.text, "the link is shown")


async def test_without_an_address_it_can_still_be_copied(desk: Any, store: Any) -> None:
    known = lead(store, "Dana Levi", None, email="dana at home")
    async with desk() as at:
        await at.do("log_email")
        await at.choose(EMAIL, "After the 1st call without an answer")
        dialog = await at.dialog("After the 1st call without an answer")
        assert [option.why_not for option in dialog.options] == ["", "no valid e-mail", ""]
        await at.press("2")
        await at.press("1")
        await at.until(lambda: written(store, known), "logged")


async def test_a_text_that_is_too_long_for_a_link_can_be_copied(desk: Any, store: Any, dana: str) -> None:
    do(store, "set_setting", name="templates.no_answer_2.en.body", value="שלום " * 900)
    async with desk() as at:
        await at.do("log_email")
        await at.choose(EMAIL, "After the 2nd call without an answer")
        dialog = await at.dialog("After the 2nd call without an answer")
        assert [option.why_not for option in dialog.options][:2] == ["", "too long for a link"]


async def test_what_was_written_otherwise_is_logged_as_before(desk: Any, store: Any, dana: str) -> None:
    async with desk() as at:
        await at.do("log_email")
        await at.choose(EMAIL, "we wrote")
        await at.answer("What was it about?", "the price")
        await at.until(lambda: written(store, dana), "logged")
        assert written(store, dana)[0]["note"] == "the price"
        assert show(store, dana)["status"] == "no_answer"


async def test_after_no_answer_the_menu_offers_it_first(desk: Any, store: Any) -> None:
    known = lead(store, "Dana Levi", "052-345-6789")
    async with desk() as at:
        await at.do("log_call")
        await at.choose("Call", "no answer")
        await at.until(lambda: show(store, known)["attempts"] == 1, "called")
        await at.press("a")
        await at.choose("Do", EMAIL)
        dialog = await at.dialog(EMAIL)
        assert dialog.shown[0].label == "After the 1st call without an answer"


@pytest.mark.parametrize("size", [(40, 20), (80, 24)])
async def test_the_text_and_the_choices_fit_on_small_screens(desk: Any, store: Any, dana: str, size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await at.do("log_email")
        await at.choose(EMAIL, "After the 3rd call without an answer")
        await at.dialog("After the 3rd call without an answer")
        await at.until(lambda: "1 copy" in at.text and "in Hebrew" in at.text, "the choices")
        assert "Three short questions" in at.text


async def test_a_template_is_changed_and_one_is_made(desk: Any, store: Any) -> None:
    async with desk() as at:
        await at.do("edit_template")
        await at.choose("Which template?", "I tried to call")
        await at.choose("In which language?", "in English")
        await at.answer("Text", "Hi {{ frist_name }}")
        await at.until(lambda: "did you mean first_name?" in at.text, "refused with what was meant")
        assert at.screen.typed == "Hi {{ frist_name }}"
        at.screen.query_one("#line").value = ""
        await at.type("Hi {{ first_name }}")
        await at.until(lambda: "Hi Dana" in at.text, "how it reads")
        await at.press("enter")
        await at.until(lambda: store.process().template("missed_you").en.body == "Hi {{ first_name }}", "changed")
        await at.do("edit_template")
        await at.choose("Which template?", "a new one…")
        await at.answer("What is the template called?", "אחרי התערוכה")
        await at.choose("For what?", "e-mail")
        await at.choose("In which language?", "in Hebrew")
        await at.answer("Subject", "נעים להכיר")
        await at.answer("Text", "שלום {{ first_name }}")
        await at.until(lambda: store.process().templates[-1].key == "own_1", "made")
        assert store.process().template("own_1").words("en").subject == "נעים להכיר"
        await at.do("edit_template")
        await at.choose("Which template?", "אחרי התערוכה")
        await at.choose("In which language?", "in English")
        await at.answer("Subject", "Nice to meet you")
        await at.answer("Text", "Hello")
        await at.until(lambda: store.process().template("own_1").en is not None, "in both languages")
        await at.do("edit_template")
        await at.choose("Which template?", "אחרי התערוכה")
        await at.choose("In which language?", "take it away")
        await at.until(lambda: store.process().templates[-1].key == "missed_you", "taken away")
        await at.do("undo")
        await at.until(lambda: store.process().templates[-1].key == "own_1", "undone")
        await at.do("edit_template")
        await at.choose("Which template?", "I tried to call")
        await at.choose("In which language?", "in English, as shipped")
        await at.until(lambda: "templates.missed_you.en" not in store.settings(), "as shipped again")


async def test_a_rep_changes_no_template(desk: Any, store: Any) -> None:
    async with desk(user="ann") as at:
        await at.do("edit_template")
        await at.choose("Which template?", "I tried to call")
        await at.choose("In which language?", "in English")
        await at.answer("Text", "Hi")
        await at.until(lambda: "Not done" in at.text, "refused")
        assert store.settings() == {}
