"""Templates of e-mails and messages: what is possible in them, what is refused, and that nothing in them costs time or size."""

from __future__ import annotations

import subprocess
import sys
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_tui.errors import Refused
from crm_tui.process import load_default, with_settings
from crm_tui.rules.templates import _PLAIN, FIELDS, MOST_LETTERS, MOST_VALUE, _checked, check, fill, first_name, language_for

DANA = {"first_name": "Dana", "name": "Dana Levi", "company": ""}
DEFAULT = load_default()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Hello", "Hello"),
        ('Hello {{ first_name or "there" }},\n', "Hello Dana,\n"),
        ('{{company or "you"}} {{ company or name }}', "you Dana Levi"),
        ("{% if company %}at {{ company }}{% else %}{{ name }}{% endif %}", "Dana Levi"),
        ('{{ "to" if not company and name else "from" }} { } {{ "{{" }}', "to { } {{"),
        ("{# nobody sees this #}x", "x"),
        ("{{ name }} <b>&</b>", "Dana Levi <b>&</b>"),
    ],
)
def test_filled(text, wanted):
    assert fill(text, DANA) == wanted


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{{ frist_name }}", "did you mean first_name?"),
        ('{{ frist_name or "there" }}', "did you mean first_name?"),
        ("{{ x }}", "business"),
        ("{% if nmae %}x{% endif %}", "did you mean name?"),
        ("{{ 'a' * 10**9 }}", "only fields"),
        ("{{ 10**10**10 }}", "only fields"),
        ("{% for i in range(10**9) %}x{% endfor %}", "only fields"),
        ("{{ name|upper }}", "only fields"),
        ("{{ name.__class__.__mro__ }}", "only fields"),
        ("{{ name[0] }}", "only fields"),
        ("{{ self }}", "no field self"),
        ("{{ cycler() }}", "only fields"),
        ("{{ name ~ name }}", "only fields"),
        ("{{ name == 'x' }}", "only fields"),
        ("{{ 5 }}", "only fields"),
        ("{% set name = 'x' %}", "only fields"),
        ("{% include 'x' %}", "only fields"),
        ("{% macro x() %}{% endmacro %}", "only fields"),
        ("{{ name", "line 1 cannot be read"),
        ("a\n{% if name %}", "line 2 cannot be read"),
        ("{% nonsense %}", "line 1 cannot be read"),
        ("{{ " + "(" * 2_000 + "name" + ")" * 2_000 + " }}", "cannot be read"),
        ("{{ " + "not " * 1_000 + "name }}", ""),
        ("{% if name %}" * 180 + "{% endif %}" * 180, "nested too deeply"),
        ("a" * (MOST_LETTERS + 1), str(MOST_LETTERS)),
    ],
)
def test_refused(text, says):
    began = process_time()
    for use in (check, lambda text: fill(text, DANA) if "{" in text else check(text)):
        with pytest.raises(ValueError, match=r".") as refused:
            use(text)
        assert says in str(refused.value)
    assert process_time() - began < 5


@given(st.text(alphabet=st.sampled_from(list("{}%#\"' or name_first()*~.|\\\n")), max_size=40))
def test_whatever_is_written_is_filled_or_refused(text):
    try:
        check(text)
    except ValueError as refused:
        message = str(refused)
        assert message
    else:
        assert len(fill(text, DANA)) <= len(text) + 40 * MOST_VALUE


PIECES = ("{", "}", "{{", "}}", "{%", "%}", "{#", "x", " ", "\n", "name", "need", "or", '"a"', "if", "else", "endif", "{{ name }}", "-")
BLOCKS = ("{% if name %}", "{% else %}", "{% endif %}", '{{ name or "a" }}', "{{name}}", "{{ name or need }}")


@given(st.lists(st.sampled_from(PIECES + BLOCKS), max_size=12).map("".join).filter(_PLAIN.fullmatch))
def test_what_the_quick_look_lets_through_jinja2_lets_through_too(text):
    _checked(text)


def test_the_quick_look_is_quick():
    for text in ("{% if name %}" * 380, ("{" * 3 + " ") * 1_200, "{{ name or " * 450, "x" * MOST_LETTERS + "{{"):
        began = process_time()
        assert not _PLAIN.fullmatch(text)
        assert process_time() - began < 1


def test_a_long_value_makes_no_long_text():
    text = "{{need}}" * (MOST_LETTERS // 8)
    assert len(fill(text, {"need": "x" * 1_000_000})) <= len(text) // 8 * MOST_VALUE


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("Dana Levi", "Dana"), ("דנה לוי", "דנה"), ("R. Katz", ""), ("D Levi", ""), ("", ""), ("  Ruth", "Ruth"), ("Dr. Gal", "")],
)
def test_how_a_person_is_spoken_to(name, wanted):
    assert first_name(name) == wanted


def test_the_language_follows_the_name():
    assert [language_for(name, "en") for name in ("דנה", "Dana", "")] == ["he", "en", "en"]
    assert language_for("Dana", "he") == "he"


class TestShipped:
    def test_there_is_an_email_for_each_attempt_in_both_languages(self):
        emails = [one for one in DEFAULT.templates if one.kind == "email" and one.attempt]
        assert [one.attempt for one in emails] == list(range(1, DEFAULT.limits.max_attempts + 1))
        assert all(one.en and one.he and one.en.subject and one.he.subject for one in emails)
        assert any(one.kind == "message" for one in DEFAULT.templates)

    @pytest.mark.parametrize("values", [{}, dict.fromkeys(FIELDS, "דנה")])
    def test_all_read_well_whatever_is_known(self, values):
        for one in DEFAULT.templates:
            for words in (one.en, one.he):
                for text in (words.subject, words.body):
                    _checked(text)
                    found = fill(text, values)
                    assert "  " not in found
                    assert " ," not in found
                    assert "{" not in found

    def test_reading_them_does_not_import_jinja2(self):
        code = "import sys; from crm_tui.process import load_default; load_default(); print('jinja2' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"


class TestSettings:
    def test_one_of_ones_own_and_a_changed_one(self):
        mine = {"label": "After the fair", "kind": "message", "en": {"body": "Hi {{ first_name }}"}}
        process = with_settings(DEFAULT, {"templates.fair": mine, "templates.no_answer_1.he.subject": "שלום"})
        assert process.templates[-1].words("he").body == "Hi {{ first_name }}"
        assert process.template("no_answer_1").he.subject == "שלום"
        assert process.template("no_answer_1").he.body == DEFAULT.template("no_answer_1").he.body

    @pytest.mark.parametrize(
        ("key", "value", "says"),
        [
            ("templates.no_answer_1.en.body", "Hello {{ frist_name }}", "did you mean first_name?"),
            ("templates.no_answer_1.en.subject", "{{ 'a' * 10**9 }}", "only fields"),
            ("templates.no_answer_1.en.subject", "a\nb", "control characters"),
            ("templates.no_answer_1.en.body", "", "a text is needed"),
            ("templates.x", {"label": "X", "kind": "email"}, "at least one language"),
            ("templates.x", {"label": "X", "kind": "letter", "en": {"body": "x"}}, "email"),
            ("templates.no_answer_1.attempt", 0, "at least 1"),
            ("templates.no_answer_1.en.boddy", "x", "templates.no_answer_1.en.body"),
        ],
    )
    def test_a_wrong_one_is_refused_with_what_was_meant(self, key, value, says):
        with pytest.raises(Refused) as refused:
            with_settings(DEFAULT, {key: value})
        assert says in refused.value.message
        assert refused.value.field.startswith("templates")
