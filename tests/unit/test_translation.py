"""Every text has its Hebrew, with the same fields, and the compiled catalogue is the current one."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tools import messages

FIELD = re.compile(r"\{(\w*)\}")


def forms(value):
    return list(value) if isinstance(value, tuple | list) else [value]


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_every_text_is_translated(language):
    known = messages.read(language)
    missing = []
    for message in messages.extract():
        if not message.id:
            continue
        found = known.get(forms(message.id)[0], message.context)
        if found is None or not messages.all_strings(found.string):
            missing.append(message.id)
    assert not missing, f"run python tools/messages.py and translate: {missing}"


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_translations_keep_the_fields(language):
    for message in messages.read(language):
        if not message.id:
            continue
        allowed = set().union(*(FIELD.findall(one) for one in forms(message.id)))
        for translated in forms(message.string):
            used = set(FIELD.findall(translated))
            assert used <= allowed, message.id
            if isinstance(message.id, str):
                assert used == allowed, message.id


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_compiled_catalogue_is_current(language):
    assert messages.po_file(language).with_suffix(".mo").read_bytes() == messages.compiled(messages.read(language))


def test_hebrew_has_three_plural_forms():
    assert messages.read("he").num_plurals >= 3
