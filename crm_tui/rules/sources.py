"""Where a lead came from: the source codes of product.md and how the free text of files is matched to them."""

from __future__ import annotations

from functools import lru_cache

from crm_tui.i18n import mark
from crm_tui.text.fold import words

ONLINE = ("web_form", "web_chat", "email", "ads", "social", "import", "api", "other")
OFFLINE = ("phone", "exhibition", "press", "referral", "partner")
SOURCES = ONLINE + OFFLINE
LABELS = {
    "web_form": mark("web form"),
    "web_chat": mark("web chat"),
    "email": mark("e-mail"),
    "ads": mark("ads"),
    "social": mark("social media"),
    "import": mark("import"),
    "api": mark("API"),
    "other": mark("another source"),
    "phone": mark("phone"),
    "exhibition": mark("exhibition"),
    "press": mark("press"),
    "referral": mark("referral"),
    "partner": mark("partner"),
}
"""What each is called."""

LONGEST = 300
"""Of a longer text only the beginning is matched."""

_OFFLINE = frozenset(OFFLINE)

# The first line with a match decides: "Facebook lead ads" is an ad before it is social, a "radio ad" the press before an ad.
# A word ending in * stands for its longer forms too; words in quotes must follow one another.
_WORDS = """
partner: partner* reseller* affiliate* distributor* שותפ* משווק משווקימ סוכנ מפיצ "שיתוף פעולה" שתפ
press: press newspaper* magazine* "public relations" pr radio tv television print printed article* journal billboard* flyer*
press: leaflet* brochure* עיתונ* מגזינ* רדיו טלוויזיה טלויזיה כתבה כתבות פלייר* שלט* שילוט עלונ* יחצ "יחסי ציבור" דפוס
ads: ad ads adwords ppc sem cpc leadads "lead form" "lead forms" paid advert* banner* sponsored campaign* taboola outbrain
ads: remarketing retargeting pmax ממומנ ממומנת מודע* פרסומ פרסומת פרסומות באנר* קמפיינ קמפיינימ אדוורדס "גוגל אדס"
referral: referral* referred refer recommend* "word of mouth" friend* relative* colleague* המלצ* ממליצ* הפני* הפנה לאוזן חבר מכר
exhibition: exhibition* expo exhibit* fair fairs tradeshow* "trade show" "trade shows" conference* convention* event events booth
exhibition: seminar* summit meetup תערוכ* כנס כנסימ יריד* אירוע* דוכנ סמינר* הרצא*
web_chat: chat* livechat whatsapp messenger telegram intercom צט צאט ווטסאפ וואטסאפ ווצאפ וואצאפ ואטסאפ וצאפ מסנגר טלגרמ
email: newsletter* email* mail mails mailing mailchimp outlook gmail מייל* אימייל* דואל דואר ניוזלטר* דיוור*
social: facebook fb instagram insta ig linkedin twitter x tiktok youtube pinterest snapchat reddit threads social
social: פייסבוק פיסבוק אינסטגרמ אינסטה לינקדאינ לינקדינ טוויטר טיקטוק יוטיוב "רשתות חברתיות" "רשת חברתית"
web_form: website* site web webform* form forms "landing page" landing homepage online organic "direct traffic" seo wordpress
web_form: wix elementor אתר* באתר מהאתר טופס טפסימ "דף נחיתה" "דפי נחיתה" אינטרנט אורגני
api: api webhook* zapier integration* integromat אינטגרציה ממשק
import: import* upload* csv excel spreadsheet list lists database ייבוא יבוא רשימ* אקסל קובצ מאגר
phone: phone* tel telephone* call calls calling callcenter hotline sms טלפונ* שיח* מוקד התקשר*
"""


def is_offline(source: str) -> bool:
    """Whether a source code is an offline one, whose leads are rated for readiness (product.md rule 3)."""
    return source in _OFFLINE


def match_source(text: str) -> tuple[str, str]:
    """The source code for the words of a file, with the words themselves as detail unless they are just the code.

    Nothing gives ("", ""), words that name no source ("other", the words).
    """
    detail = text.strip()
    if not detail:
        return "", ""
    code, is_code = _match(detail[:LONGEST])
    return code, "" if is_code and len(detail) <= LONGEST else detail


@lru_cache(maxsize=4096)
def _match(text: str) -> tuple[str, bool]:
    """The source code for a text, and whether the text is nothing else than that code."""
    spoken = words(text)
    as_code = "_".join(spoken)
    return (as_code, True) if as_code in SOURCES else (_code(spoken), False)


def _code(spoken: list[str]) -> str:
    exact, sentence = set(spoken), f" {' '.join(spoken)} "
    for code, whole, beginnings, phrases in _rules():
        if not exact.isdisjoint(whole) or any(phrase in sentence for phrase in phrases):
            return code
        if beginnings and any(word.startswith(beginnings) for word in spoken):
            return code
    return "other"


@lru_cache(maxsize=1)
def _rules() -> tuple[tuple[str, frozenset[str], tuple[str, ...], tuple[str, ...]], ...]:
    """Each line of `_WORDS` folded: the code, its whole words, beginnings of words, and phrases with a space on both sides."""
    rules = []
    for line in _WORDS.strip().splitlines():
        code, _, rest = line.partition(":")
        phrases = rest.split('"')[1::2]
        single = " ".join(rest.split('"')[::2]).split()
        beginnings = tuple(" ".join(words(word[:-1])) for word in single if word.endswith("*"))
        whole = frozenset(" ".join(words(word)) for word in single if not word.endswith("*"))
        rules.append((code, whole, beginnings, tuple(f" {' '.join(words(phrase))} " for phrase in phrases)))
    return tuple(rules)
