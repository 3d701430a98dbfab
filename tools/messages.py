"""Update the translations: `python tools/messages.py` extracts all texts, merges them into locale/*, and compiles the catalogues."""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent / "crm_tui"
LANGUAGES = ("he",)
PLURALS = {"he": (3, "(n==1 ? 0 : n==2 ? 1 : 2)")}
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}


def extract() -> Catalog:
    """Every text of the program."""
    catalog = Catalog(project="crm-tui", charset="utf-8")
    found = extract_from_dir(str(ROOT), method_map=[("**.py", "python")], keywords=KEYWORDS)
    for _file, _line, message, _comments, context in sorted(found, key=lambda one: (one[0], one[1])):
        catalog.add(message, context=context)
    return catalog


def po_file(language: str) -> Path:
    """The catalogue of a language."""
    return ROOT / "locale" / language / "LC_MESSAGES" / "crm_tui.po"


def read(language: str) -> Catalog:
    """The translations of a language as they stand."""
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """The bytes of the compiled catalogue."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def main() -> int:
    """Update all languages; the number of texts without a translation is the exit code (at most 1)."""
    template = extract()
    missing = 0
    for language in LANGUAGES:
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalog = read(language) if path.exists() else Catalog(locale=language, charset="utf-8")
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        settle(catalog, language)
        with path.open("wb") as file:
            write_po(file, catalog, width=120, sort_output=True, ignore_obsolete=True, no_location=True, omit_header=False)
        path.with_suffix(".mo").write_bytes(compiled(read(language)))
        untranslated = [message.id for message in catalog if message.id and not all_strings(message.string)]
        missing += len(untranslated)
        print(f"{language}: {len(catalog)} texts, {len(untranslated)} without a translation")
        for text in untranslated:
            print("  ", text)
    return min(missing, 1)


def settle(catalog: Catalog, language: str) -> None:
    """A header that is the same whenever it is written, and Hebrew's three plural forms (one, two, many)."""
    catalog.header_comment = f"# crm-tui in {language}"
    catalog.fuzzy = False
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    catalog.last_translator = catalog.language_team = "crm-tui"
    catalog.project, catalog.version, catalog.msgid_bugs_address = "crm-tui", "0", "crm-tui"
    catalog._num_plurals, catalog._plural_expr = PLURALS[language]


def all_strings(translation: object) -> bool:
    """Whether a translation is there in all its forms."""
    return all(translation) if isinstance(translation, tuple | list) else bool(translation)


if __name__ == "__main__":
    sys.exit(main())
