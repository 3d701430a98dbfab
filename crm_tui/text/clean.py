"""Safe text at every intake: no terminal escapes, control, bidi or invisible characters, no stacked marks."""

from __future__ import annotations

import re
import unicodedata

MOST_MARKS = 8

# Letters, digits, punctuation and symbols that are neither invisible nor combining: such text needs no closer look.
_HARMLESS = (
    r"\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u0482\u048a-\u0590\u05be\u05c0\u05c3\u05c6\u05d0-\u060f\u061b\u061e-\u064a"
    r"\u0660-\u066f\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u2bff\u3001-\u3029\u3030-\u3098\u309b-\u3163"
    r"\u3165-\u9fff\uac00-\ud7a3\U0001f000-\U0001faff"
)
_plain_line = re.compile(f"[{_HARMLESS}]*").fullmatch
_PLAIN_TEXT = f"[\n{_HARMLESS}]*"

# The body of a string sequence holds no other control: an unterminated introducer then costs linear time, and the
# C1 characters of wrongly decoded text rarely find a terminator.
_ESCAPE = (
    r"(?:\x1b\[|\x9b)(?:[0-?]*+[ -/]*+[@-~])?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])(?:[^\x00-\x07\x0e-\x1f\x80-\x9f]*+(?:\x07|\x1b\\|\x9c))?"
    r"|\x1b(?:[!-/]{1,2}[0-~]|[!-~])?"
)
_NONCHARACTERS = "".join(f"{chr(plane << 16 | 0xFFFE)}-{chr(plane << 16 | 0xFFFF)}" for plane in range(17))
_DROPPED = (
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0080-\U000e00ff"
    rf"\U000e01f0-\U000e0fff{_NONCHARACTERS}]+"
)

_JOINING = r"\u200c\u200d\ufe00-\ufe0f\U000e0000-\U000e007f\U000e0100-\U000e01ef"
_EMOJI = (
    r"[\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    r"\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
    r"[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]?"
)
_ANY_JOINING = f"[{_JOINING}]"
# Group 1 is where joiners, selectors and tags mean something: keycaps, flags, joined emoji, variants of ideographs.
_JOINED = (
    r"([0-9#*]\ufe0f?\u20e3"
    r"|\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,7}\U000e007f"
    rf"|{_EMOJI}(?:\u200d{_EMOJI}){{0,7}}"
    r"|[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff][\ufe00-\ufe02\U000e0100-\U000e01ef])"
    rf"|[{_JOINING}]"
)
_MARK_RUN = f"[^{_HARMLESS}]{{{MOST_MARKS + 1},}}"
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

_LATIN = r"A-Za-z\xaa\xba\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff\uff21-\uff3a\uff41-\uff5a"
_LOOKALIKE = r"\u0370-\u0373\u0376-\u03ff\u1f00-\u1fff\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f"
_WORD = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")


def clean_line(value: str) -> str:
    """The safe form of a one-line field: every run of white space is one space, none at the ends."""
    if (value.isascii() and value.isprintable()) or _plain_line(value):
        value = value.strip()
        return " ".join(value.split()) if "  " in value else value
    return " ".join(_safe(value).split())


def clean_text(value: str) -> str:
    r"""The safe form of a note: every kind of line end is `\n`, a tab is one space, no white space at the ends."""
    if not ((value.isascii() and value.isprintable()) or re.fullmatch(_PLAIN_TEXT, value)):
        value = _LINE_END.sub("\n", _safe(value)).replace("\t", " ")
    return value.strip()


def is_mixed_script(text: str) -> bool:
    """Whether a word mixes Latin with Cyrillic or Greek letters, as a look-alike of a known name or address does."""
    if text.isascii() or not re.search(f"[{_LOOKALIKE}]", text):
        return False
    return any(re.search(f"[{_LATIN}]", word) and re.search(f"[{_LOOKALIKE}]", word) for word in _WORD.findall(text))


def clip(value: str, cells: int = 60) -> str:
    """An outside value for a message: clean, on one line, at most `cells` characters, `…` in place of the rest."""
    # Only the beginning can be shown, so a huge value is not cleaned as a whole.
    start = clean_line(value[: cells * 20])
    if len(start) <= cells and len(value) <= cells * 20:
        return start
    return clean_line(start[: cells - 1]) + "…"


def _safe(value: str) -> str:
    # `re` compiles each pattern when it is first needed and keeps it: the screens start without them.
    value = re.sub(_DROPPED, "", re.sub(_ESCAPE, "", value))
    if re.search(_ANY_JOINING, value):
        value = re.sub(_JOINED, r"\1", value)
    return re.sub(_MARK_RUN, _limit_marks, value)


def _limit_marks(run: re.Match[str]) -> str:
    kept = []
    marks = 0
    for character in run[0]:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)
