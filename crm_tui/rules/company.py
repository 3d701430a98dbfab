"""Whether two people stand for one organisation: by its name, legal form and alphabet aside, or by its own mail domain."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from crm_tui.rules.spelling import is_transliteration
from crm_tui.text.emails import domain_name
from crm_tui.text.fold import words

LONGEST_COMPANY = 200
_LEGAL_FORMS = frozenset(words('ltd limited inc llc llp plc corp corporation co company gmbh bv srl the בע"מ חברה חברת'))


def agree(company: str, domains: Sequence[str], other_company: str, other_domains: Sequence[str]) -> bool:
    """Whether names and mail domains (without free mail) speak of one organisation; a name may also be the other's domain."""
    if same_company(company, other_company) or any(domain in other_domains for domain in domains):
        return True
    return _is_domain_of(company, other_domains) or _is_domain_of(other_company, domains)


def same_company(a: str, b: str) -> bool:
    """Whether two names are one company's."""
    first, second = company_words(a), company_words(b)
    if len(first) != len(second):
        return False
    return bool(first) and all(one == other or is_transliteration(one, other) for one, other in zip(first, second, strict=True))


@lru_cache(maxsize=8192)
def company_words(name: str) -> tuple[str, ...]:
    """The folded words of a company's name without its legal form."""
    found = words(name[:LONGEST_COMPANY]) if name else ()
    return tuple(word for word in found if word not in _LEGAL_FORMS) or tuple(found)


def _is_domain_of(company: str, domains: Sequence[str]) -> bool:
    name = "".join(company_words(company)) if domains else ""
    return bool(name) and any(name == domain_name(domain) for domain in domains)
