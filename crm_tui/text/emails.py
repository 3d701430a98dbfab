"""E-mail addresses: one lower-case spelling for linking, and what their domain and mailbox say about the owner."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 600
"""Longer cells are not read as an address (an address has at most 254 characters, a display name may stand before it)."""

RESERVED = frozenset({"arpa", "invalid", "local", "localhost", "onion"})
"""Top-level names that `email-validator` refuses; `example` and `test` stay usable for demonstrations."""

_FREE_MAIL_DOMAINS = """
gmail.com googlemail.com
walla.co.il walla.com walla.net.il nana.co.il nana10.co.il 012.net.il 013.net 013.net.il 013net.net 014.net.il 015.net.il
016.net.il 017.net.il 018.net.il netvision.net.il bezeqint.net bezeq.net barak.net.il zahav.net.il inter.net.il
internet-zahav.net actcom.co.il hotmail.co.il smile.net.il orange.net.il xnet.co.il isdn.net.il hot.net.il 10x.co.il
outlook.com outlook.co.il outlook.fr outlook.de outlook.es outlook.it outlook.com.br hotmail.com hotmail.co.uk hotmail.fr
hotmail.de hotmail.it hotmail.es hotmail.com.br hotmail.be hotmail.nl live.com live.co.uk live.fr live.de live.it live.nl
live.be live.ca live.com.au msn.com windowslive.com passport.com
yahoo.com yahoo.co.uk yahoo.co.il yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.in yahoo.co.in yahoo.co.jp yahoo.com.au
yahoo.com.br yahoo.com.mx yahoo.com.ar yahoo.com.tr yahoo.com.hk yahoo.com.sg yahoo.gr yahoo.ie yahoo.pl yahoo.ro ymail.com
rocketmail.com myyahoo.com aol.com aim.com aol.co.uk verizon.net
icloud.com me.com mac.com proton.me protonmail.com protonmail.ch pm.me tutanota.com tuta.io tuta.com hushmail.com
fastmail.com fastmail.fm zoho.com zohomail.com hey.com duck.com gmx.com gmx.net gmx.de gmx.at gmx.ch web.de t-online.de
freenet.de mail.com email.com usa.com post.com inbox.com mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com ya.ru rambler.ru
ukr.net i.ua meta.ua seznam.cz centrum.cz wp.pl o2.pl onet.pl interia.pl libero.it virgilio.it tiscali.it alice.it orange.fr
wanadoo.fr free.fr laposte.net sfr.fr neuf.fr btinternet.com sky.com talktalk.net ntlworld.com virginmedia.com comcast.net
att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net rogers.com shaw.ca sympatico.ca bigpond.com
optusnet.com.au uol.com.br bol.com.br terra.com.br qq.com 163.com 126.com sina.com foxmail.com naver.com daum.net hanmail.net
rediffmail.com mailinator.com guerrillamail.com yopmail.com
"""
FREE_MAIL = frozenset(_FREE_MAIL_DOMAINS.split())
"""Domains at which anybody gets an address: two people who share one have nothing in common."""

_SHARED_NAMES = """
info office sales support contact contactus contact-us admin administrator mail email hello hi team service services
customerservice customer-service customercare care help helpdesk marketing billing accounts accounting finance invoices
invoice orders order shop store reception secretary secretariat general enquiries enquiry inquiries inquiry feedback hr jobs
career careers press media pr legal it web webmaster postmaster hostmaster root noreply no-reply donotreply do-not-reply
notifications newsletter news main company manager management booking bookings reservations purchasing procurement logistics
warehouse projects mazkirut misrad sherut moked kabala shivuk mechirot
"""
SHARED_MAILBOXES = frozenset(_SHARED_NAMES.split())
"""Mailboxes that several people read (the last ones are Hebrew in Latin letters: secretariat, office, service …)."""

_MARKS = dict.fromkeys([0x00AD, 0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF])

_PLAIN = re.compile(
    r"[A-Za-z0-9_+&%#=~-]+(?:\.[A-Za-z0-9_+&%#=~-]+)*"
    r"@(?:(?!..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
).fullmatch
_BRACKETED = re.compile(r"<([^<>]*@[^<>]*)>")
_LABEL = re.compile(r"\s*(?:mailto|e-?mail|mail|דוא[\"״']?ל|מייל)\s*:\s*", re.IGNORECASE)
_ADDRESS = re.compile(r"\"[^\"\n]*\"\s*<[^<>]*>|[^<>;,|\"\n]*<[^<>]*>|[^\s;,|@/<>]+@[^\s;,|@/<>]+")


def normalise_email(raw: str) -> str | None:
    """The address in `raw` in lower case, without what people and programs put around it, or None when it is not valid.

    The part before the @ is lower-cased too: mailboxes that differ in case alone belong to one person.
    """
    text = raw.strip()
    if len(text) <= 254:
        plain = _PLAIN(text)
        if plain:
            address = text.lower()
            if address[address.rfind(".") + 1 :] not in RESERVED:
                return address
    if len(text) > LONGEST or "@" not in text:
        return None
    return _by_validator(text)


def split_emails(raw: str) -> list[str]:
    """The spellings of the addresses in one cell, in order, with the name before `<…>` where there is one."""
    text = raw.strip()
    if not text:
        return []
    if text.count("@") < 2 or len(text) > 4 * LONGEST:
        return [text]
    return [found.strip() for found in _ADDRESS.findall(text)] or [text]


def mail_domain(email: str) -> str:
    """What follows the @ of a normalised address."""
    return email[email.rfind("@") + 1 :]


def own_domain(email: str) -> str | None:
    """The domain of a normalised address when it belongs to one organisation, None for free mail."""
    domain = email[email.rfind("@") + 1 :]
    return None if domain in FREE_MAIL else domain


def own_domains(emails: Iterable[str]) -> tuple[str, ...]:
    """The own domains of normalised addresses."""
    return tuple(domain for email in emails if (domain := own_domain(email)) is not None)


@lru_cache(maxsize=8192)
def domain_name(domain: str) -> str:
    """The part of a mail domain that names the organisation: its longest label but the last, `acme` of `mail.acme.co.il`."""
    return max(domain.split(".")[:-1], key=len, default="").replace("-", "")


def is_shared_mailbox(email: str) -> bool:
    """Whether a normalised address is one that several people read (`info@`, `sales2@`, `support+web@`)."""
    mailbox = email[: email.rfind("@")]
    return mailbox in SHARED_MAILBOXES or mailbox.partition("+")[0].rstrip("0123456789._-") in SHARED_MAILBOXES


@lru_cache(maxsize=8192)
def _by_validator(raw: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    text = raw.translate(_MARKS)
    bracketed = _BRACKETED.search(text)
    if bracketed:
        text = bracketed[1]
    text = text.strip().strip("<>()[]{}\"'`´‘’“”").strip()
    label = _LABEL.match(text)
    if label:
        text = text[label.end() :].partition("?")[0]
    text = text.strip().rstrip(".,;:!?…>)]}\"'").strip()
    try:
        address = validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        return None
    return address if "." in address.rpartition("@")[2] else None
