"""The parts of a line that stand for themselves: values marked in a sentence, and phones, dates, amounts, codes, addresses."""

from __future__ import annotations

import re

from crm_tui.i18n import APART, APART_END

_ALNUM = r"0-9A-Za-z\xaa\xb5\xba\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff"
_HEBREW = r"\u05d0-\u05ea\u05f0-\u05f4"
_CURRENCY = r"$\xa2-\xa5\u20a0-\u20c0"
_TAIL = r"(?:%|‰|°[CF]?(?![A-Za-z])|[′″\xb2\xb3\xb9\xbc-\xbe\u2070-\u2079\u2080-\u2089])*"
# A Hebrew label stands after a dot; directly after a Latin one the sentence goes on.
_HOST = rf"[0-9A-Za-z_.~%@:-]*+(?:(?<=[./])[{_HEBREW}][{_HEBREW}0-9A-Za-z.-]*)?"
_PATH = r"(?:[/?#][^\s<>\"“”„״«»{}|\\^`]*)?"

# All quantifiers that may fail after they took something are bounded: a hostile line then costs linear time.
# No group is repeated possessively: before Python 3.11.5 such a one keeps what its last, failed round took.
_CANDIDATE = (
    # An address, with the path's last sign of punctuation left to the sentence.
    rf"(?P<url>(?<![{_ALNUM}])(?:[A-Za-z][A-Za-z0-9+.-]{{1,15}}://{_HOST}{_PATH}|www\.{_HOST}{_PATH}"
    rf"|(?:[0-9A-Za-z-]{{1,63}}\.){{1,4}}[A-Za-z]{{2,12}}(?::[0-9]{{1,5}})?(?=/){_PATH}))"
    rf"|(?P<email>(?<![{_ALNUM}])[{_ALNUM}][{_ALNUM}._%+'-]{{0,63}}@[{_ALNUM}][{_ALNUM}-]{{0,62}}(?:\.[{_ALNUM}-]{{1,63}}){{1,6}})"
    # A date, before a telephone: two dates side by side are not one number.
    rf"|(?P<date>(?<![{_ALNUM}])[0-9]{{1,2}}([./-])[0-9]{{1,2}}\4(?:[0-9]{{4}}|[0-9]{{2}})(?![./-]?[{_ALNUM}]))"
    # Telephones as they are dictated, with spaces and brackets between their digits.
    r"|(?P<phone>\+972(?:[ .-]?\(0\)|[ ./-]?0(?=[ ./-]?[0-9]))?(?:[ ./-]?[0-9]){8,9}?(?!-?[0-9])"
    r"|\+[0-9]{1,4}(?:[ ./-]?\([0-9]{1,4}\))?(?:[ ./-]{0,2}[0-9]){6,14}(?![0-9])"
    rf"|(?<![{_ALNUM}])(?:\(0[0-9]{{1,2}}\)[ -]?[0-9](?:[ -]?[0-9]){{6}}|0(?:[ -]?[0-9]){{8,9}}?)"
    rf"(?!-?[{_ALNUM}])(?:/[0-9]{{1,3}}(?![0-9/]))?"
    rf"|(?<![{_ALNUM}])(?:1[ -][5789]00(?:[ -]?[0-9]){{6,7}}|\([0-9]{{3}}\) ?[0-9]{{3}}-[0-9]{{4}})(?!-?[{_ALNUM}]))"
    rf"|(?P<star>(?<![{_ALNUM}])\*{{1,12}}[0-9]+(?:[*-][0-9]+)*#?)"
    # A number or a code with its sign; a hyphen after a letter joins it to a word (ל-50%).
    rf"|(?P<code>(?:(?<![\w)\]])[-+−±≤≥])?[{_CURRENCY}%#@]?(?:(?<![\w)\]])[-+−±])?(?:(?<![\w.])\.(?=[0-9]))?"
    rf"[{_ALNUM}]++(?:[-._:/+*×=][{_ALNUM}]++|(?<=[0-9]),[0-9]++)*{_TAIL})"
)
_find_digit = re.compile("[0-9]").search
_PUNCTUATION = ".,;:!?'’)]-"
_CLOSING = {")": "(", "]": "["}


def take_marks(text: str) -> tuple[str, list[tuple[int, int]]]:
    """A sentence without the marks of its values, and where these begin and end, outer ones first; an end that is missing is the text's."""
    words: list[str] = []
    open_at: list[tuple[int, int]] = []
    values: list[tuple[int, int]] = []
    length = 0
    for piece in re.split(f"([{APART}{APART_END}])", text):
        if piece == APART:
            open_at.append((length, len(values)))
            values.append((length, length))
        elif piece != APART_END:
            words.append(piece)
            length += len(piece)
        elif open_at:
            start, at = open_at.pop()
            values[at] = start, length
    for start, at in open_at:
        values[at] = start, length
    return "".join(words), [value for value in values if value[0] < value[1]]


def find_isolates(line: str) -> list[tuple[int, int]]:
    """Where what is read from left to right begins and ends; `line` has one character for each cluster."""
    found = []
    # `re` compiles it when the first line asks for it, not when the program starts.
    for match in re.finditer(_CANDIDATE, line):
        start, end = match.span()
        kind = match.lastgroup
        if kind == "url":
            end = _url_end(line, start, end)
        elif kind == "code" and line[start] not in "#@" and not _find_digit(line, start, end):
            # A word of letters takes its place among the words around it.
            continue
        found.append((start, end))
    return found


def _url_end(line: str, start: int, end: int) -> int:
    """Without the punctuation of the sentence around it, but with a bracket that was opened inside."""
    surplus = {closing: line.count(closing, start, end) - line.count(opening, start, end) for closing, opening in _CLOSING.items()}
    while end > start and line[end - 1] in _PUNCTUATION:
        sign = line[end - 1]
        if sign in surplus:
            if surplus[sign] <= 0:
                break
            surplus[sign] -= 1
        end -= 1
    return end
