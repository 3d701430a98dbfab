"""Changing the templates of e-mails and messages: settings of the process, by those who may set them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count

from crm_tui.errors import Refused
from crm_tui.i18n import gettext as _
from crm_tui.rules.templates import check, fill, values_of
from crm_tui.screens.asking import Asking
from crm_tui.screens.dialogs import Option

_KIND_LABELS: dict[str, Callable[[], str]] = {"email": lambda: _("e-mail"), "message": lambda: _("message")}


async def edit_template(ask: Asking) -> None:
    """Change what a template says in a language, take it away, or make one; a text that cannot be is refused while it stands there."""
    process = await ask.look(lambda look: look.process)
    options = [Option(one, one.text, _KIND_LABELS[one.kind]()) for one in process.templates]
    chosen = await ask.choose(_("Which template?"), [*options, Option(None, _("a new one…"))])
    if chosen is None:
        label = await ask.line(_("What is the template called?"))
        kind = await ask.choose(_("For what?"), [Option(one, label()) for one, label in _KIND_LABELS.items()])
        keys = {one.key for one in process.templates}
        key = next(free for number in count(1) if (free := f"own_{number}") not in keys)
        made = {"label": label, "kind": kind}
    else:
        key, kind, made = chosen.key, chosen.kind, chosen.model_dump(exclude={"key"}, exclude_none=True)
    name = f"templates.{key}"
    given = await ask.look(lambda look: {one for one, _value in look.settings})
    own = chosen is None or name in given
    language = await ask.choose(_("In which language?"), _languages(chosen is not None and own, name, given))
    if language in given:
        await ask.run("set_setting", name=language, value="")
        return
    old = getattr(chosen, language, None)
    words = {}
    known = values_of(_("Dana Levi"), company="Acme", phone="052-345-6789", email="dana@acme.example", sender=ask.session.name)
    await asyncio.to_thread(fill, "{{ name }}", known)  # loads jinja2

    def preview(text: str) -> str:
        """How the last line with a field reads."""
        line = next((one for one in reversed(text.splitlines()) if "{" in one), "")
        try:
            return fill(line, known)
        except ValueError:
            return ""

    if kind == "email":
        words["subject"] = await ask.line(_("Subject"), value=old.subject if old else "", check=_checked, hint=preview)
    example = _("Hello {example},").format(example='{{ first_name or "there" }}')
    words["body"] = await ask.line(
        _("Text"), value=old.body if old else "", most_lines=12, check=_checked, hint=preview, placeholder=example
    )
    # One of one's own is one setting, so that taking it away leaves nothing of it; of a shipped one only what differs is kept.
    if own:
        await ask.run("set_setting", name=name, value=made | {language: words})
    else:
        await ask.run("set_setting", name=f"{name}.{language}", value=words)


def _languages(known: bool, name: str, given: set[str]) -> list[Option]:
    """In which language to change a template, and what is taken back: one of one's own whole, of a shipped one what was changed."""
    options = [Option("en", _("in English")), Option("he", _("in Hebrew"))]
    if known:
        return [*options, Option(name, _("take it away"))]
    labels = {"en": _("in English, as shipped"), "he": _("in Hebrew, as shipped")}
    return options + [Option(f"{name}.{one}", label) for one, label in labels.items() if f"{name}.{one}" in given]


def _checked(text: str) -> str:
    try:
        return check(text)
    except ValueError as wrong:
        raise Refused("value", str(wrong)) from None
