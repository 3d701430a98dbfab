"""Templates of e-mails and messages: texts with fields such as `{{ first_name or "there" }}`, checked when they are saved.

Only fields, `or`, `and`, `not` and `if` are possible: no loop, no arithmetic, no call, so that a text takes no longer and gets no larger
than it is written. jinja2 reads and fills them, in its sandbox; it is imported only for that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from crm_tui.i18n import RTL
from crm_tui.i18n import gettext as _
from crm_tui.text.clean import clean_line, clip

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

FIELDS = ("first_name", "name", "company", "phone", "email", "need", "campaign", "sender", "business")
"""What a template can name, of the person, of who writes (`sender`) and of the business; each empty where it is not known."""
MOST_LETTERS = 5_000
MOST_VALUE = 300
"""Letters of a value that go into a text."""
MOST_DEPTH = 30
# What jinja2 need not be asked about: words, known fields with a word for when they are not known, and `if` with one of them.
_NAMES = "|".join(FIELDS)
_PART = rf"""(?:[^{{]|\{{(?![{{%#])|\{{\{{ ?(?:{_NAMES})(?: or (?:"[^"{{}}\\]*"|{_NAMES}))* ?\}}\}})"""
_PLAIN = re.compile(rf"(?:{_PART}|\{{% if (?:{_NAMES}) %\}}{_PART}*+(?:\{{% else %\}}{_PART}*+)?\{{% endif %\}})*+")
_POSSIBLE = frozenset({"Template", "Output", "TemplateData", "Name", "Const", "Or", "And", "Not", "If", "CondExpr"})
_has_hebrew = re.compile(f"[{RTL}]").search


def check(text: str) -> str:
    """A template's text as it was given; ValueError says what is wrong and what was perhaps meant."""
    if len(text) > MOST_LETTERS:
        raise ValueError(_("at most {max_length} characters are possible").format(max_length=MOST_LETTERS))
    if not _PLAIN.fullmatch(text):
        _checked(text)
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with what is known of a person; it is checked again, for a store may hold what no check ever saw."""
    known = {name: clip(values.get(name, ""), MOST_VALUE) for name in FIELDS}
    return str(_environment().from_string(check(text)).render(known)) if "{" in text else text


def values_of(name: str, **more: str) -> dict[str, str]:
    """What a template can name of a person, by field."""
    return {"name": name, "first_name": first_name(name), **more}


def first_name(name: str) -> str:
    """How a person is spoken to; nothing for an initial."""
    word = clean_line(name).partition(" ")[0]
    return "" if len(word.strip(".")) < 2 or word.endswith(".") else word


def language_for(name: str, ours: str) -> str:
    """In which language a person is written to: Hebrew for a name in Hebrew, else the one in use."""
    return "he" if _has_hebrew(name) else ours


@cache
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)
    environment.globals.clear()
    return environment


def _checked(text: str) -> None:
    from jinja2 import TemplateError, TemplateSyntaxError

    try:
        # Parsing alone runs nothing; what is not possible is found before jinja2 would reckon it.
        tree = _environment().parse(text)
        _check_node(tree, 0)
        _environment().from_string(text)
    except TemplateSyntaxError as wrong:
        raise ValueError(_("line {line} cannot be read: {what}").format(line=wrong.lineno, what=clip(wrong.message or ""))) from None
    except (TemplateError, RecursionError, SyntaxError, MemoryError):
        raise ValueError(_("this cannot be read; write fields such as {example}").format(example='{{ first_name or "there" }}')) from None


def _check_node(node: Any, depth: int) -> None:
    kind = type(node).__name__
    if depth > MOST_DEPTH:
        raise ValueError(_("this is nested too deeply"))
    if kind not in _POSSIBLE or (kind == "Const" and not isinstance(node.value, str)):
        what = _("line {line}: only fields, or, and, not, if are possible here, such as {example}")
        raise ValueError(what.format(line=node.lineno, example='{{ first_name or "there" }}'))
    if kind == "Name" and node.name not in FIELDS:
        near = get_close_matches(node.name[:60], FIELDS, 1)
        known = _("did you mean {name}?").format(name=near[0]) if near else _("there are {fields}").format(fields=", ".join(FIELDS))
        raise ValueError(_("there is no field {name}; {known}").format(name=clip(node.name), known=known))
    for child in node.iter_child_nodes():
        _check_node(child, depth + 1)
