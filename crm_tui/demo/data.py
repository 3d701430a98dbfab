"""The people and the words of the demonstration: plainly made up, in two alphabets, always the same."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

SEED = 20_261
HEBREW, ENGLISH = 0, 1

_FIRST = (
    "דנה:dana, יוסי:yossi, רות:ruth, משה:moshe, מיכל:michal, דוד:david, תמר:tamar, איתי:itay, ליאת:liat, עומר:omer, הילה:hila, גיא:guy,"
    " ענת:anat, רון:ron, שירה:shira, אלון:alon, יעל:yael, ניר:nir, אורלי:orly, בועז:boaz",
    "Dana, Emily, Robert, Paula, Steven, Laura, Dennis, Anna, Kim, Chris, Sarah, Jacob, Maya, Oliver, Rachel, Victor, Nina, Thomas, Leo",
)
_LAST = (
    "כרכום:karkom, לימונית:limonit, פלפלון:pilpelon, גזרוני:gizroni, תותיאל:totiel, אבטיחי:avatihi, שזיפון:shezifon, מנטה:menta,"
    " קינמוני:kinamoni, ארטיק:artik, מטרייה:mitriya, כפתורי:kaftori, מחברת:mahberet, מנורתי:menorati, קומקום:kumkum, שלגון:shilgon,"
    " ענניאל:ananiel, טיפטוף:tiftuf, חצוצרי:hatzotzri, בן־תכלת:ben-thelet",
    "Marzipan, Tangerine, Pinecone, Bluebell, Turnip, Cinnamon, Teapot, Umbrella, Paperclip, Marigold, Nutmeg, Lantern, Pickle, Buttercup,"
    " Thimble, Waffle, Kettle, Snowglobe, Trumpet, Mango-Green",
)
_COMPANIES = (
    "מאפיית הסהר הכחול:blue-crescent, מרפאת חיוך רחב:wide-smile, סטודיו נמלה רוקדת:dancing-ant, אופני הגלגל השלישי:third-wheel,"
    " גן הפטריות:mushroom-garden, מספרת תלתל:taltal, נגריית העץ העקום:crooked-tree, מכון כושר קופיף:kofif, משתלת עלה ועוד עלה:two-leaves,"
    " הוצאת דף ריק:empty-page, קליניקת נשימה:breath, מוסך הבורג הרופף:loose-screw, בבל הקטנה · שפות:little-babel,"
    " מסעדת שלושה זיתים:three-olives, ארבע ארבע רואי חשבון:four-four",
    "Paper Kite Studio:paper-kite, Turnip & Sons:turnip-sons, Blue Teapot Clinic:blue-teapot, Umbrella Yoga:umbrella-yoga,"
    " Loose Button Tailors:loose-button, Left Shoe Logistics:left-shoe, Marzipan Labs:marzipan-labs, Slow Snail Couriers:slow-snail,"
    " Second Cup Dental:second-cup, Nutmeg Training:nutmeg, Quiet Trumpet Music:quiet-trumpet, Pinecone Physio:pinecone,"
    " Kettle Legal:kettle-legal, Wobbly Chair Design:wobbly-chair, Lantern Tours:lantern",
)
_PREFIXES = ("0502", "0502", "0522", "0522", "0532", "0542", "0542", "025", "035", "035", "048", "086", "097", "0772")
_SOURCES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("web_form", ("דף נחיתה · קורסים", "landing page: demo", "אתר")),
    ("web_form", ("אתר", "pricing page")),
    ("ads", ("Google Ads", "Facebook lead ads", "מודעה ממומנת")),
    ("ads", ("Google Ads", "Instagram")),
    ("email", ("newsletter", "office@")),
    ("social", ("LinkedIn", "אינסטגרם")),
    ("web_chat", ("WhatsApp",)),
    ("phone", ("התקשרו למשרד", "call to the office")),
    ("exhibition", ("Office Expo", "תערוכת עסקים קטנים")),
    ("referral", ("לקוח ותיק", "a customer")),
)
_CAMPAIGNS = ("השקה", "Evening course", "Back to office", "תורים בלי טלפון", "")
OFFLINE = ("phone", "exhibition", "referral")

TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "lead": (
        (
            "מבקשת הדגמה של מערכת התורים",
            "ראה את המודעה, רוצה מחיר ל־8 עמדות",
            "מתעניין בקורס ניהול יומן, רק בערב",
            "לחזור ל־052-244-1810 אחרי 16:00",
            "היום עובדים עם Google Calendar ורוצים לעבור, תקציב עד ₪6,000 לשנה",
            "3 סניפים, היומן עוד על נייר",
        ),
        (
            "wants a demo",
            "asked for the price of 8 seats",
            "interested in the evening course",
            "please call 050-244-1810 after 16:00",
            "three branches, diary still on paper; budget about ₪6,000 a year",
            "saw us at the expo, asked for “יומן משותף” in Hebrew too",
        ),
    ),
    "need": (
        (
            "תורים ל־3 סניפים עם תזכורות SMS",
            "קורס ל־12 עובדים, עד ₪9,500",
            "חיבור ל־Outlook ול־WhatsApp",
            "יומן משותף לצוות של 25 איש",
            "שהלקוחות יקבעו תור לבד, גם בשבת",
        ),
        (
            "bookings for 3 branches with SMS reminders",
            "a course for 12 people, up to ₪9,500",
            "must work with Outlook",
            "one diary for a team of 25",
            "customers book by themselves, in Hebrew and English",
        ),
    ),
    "talked": (
        (
            "שיחה טובה. ביקשה הצעה ל־12 עמדות, עד ₪4,800 לחודש",
            "המנכ״ל מחליט. לדבר עם רון, 03-555-1212, ביום ראשון",
            "מתלבט בין Basic ל־Pro, ההנחה של 10% עד סוף החודש",
            "שאלה אם אפשר לייבא 2,300 לקוחות מ־Excel. אפשר",
            "עברנו על המחירים: ₪390 לעמדה, ₪320 מעל 20 עמדות",
            "עדיין עם המתחרה (Bookly-ish) עד 31/12, פתוח לשמוע",
        ),
        (
            "Good talk. Wants a quote for 12 seats, up to ₪4,800 a month",
            "The owner decides; call Ron at 03-555-1212 on Sunday",
            "Undecided between Basic and Pro; 10% off until the end of the month",
            "Asked whether 2,300 customers can be imported from Excel. They can",
            "Went through the prices: ₪390 a seat, ₪320 from 20 seats",
            "Their office manager writes Hebrew: “תשלחו הכול בעברית”",
        ),
    ),
    "missed": (
        ("תא קולי", "ביקשו לנסות שוב אחר הצהריים", "השארתי הודעה"),
        ("voicemail", "left a message", "colleague says: try after lunch"),
    ),
    "meeting": (
        (
            "הדגמה בזום, 5 משתתפים. אהבו את התזכורות, חסר להם דוח חודשי ב־PDF",
            "פגישה במשרד שלהם. יש 18 עמדות ולא 12, צריך לתקן את ההצעה",
            "ישבנו על החוזה: ₪21,600 לשנה, תשלום ב־3 חלקים",
        ),
        (
            "Demo on Zoom, 5 people. Liked the reminders, miss a monthly PDF",
            "Met at their office: 18 seats, not 12; the quote must change",
            "Went through the contract: ₪21,600 a year in 3 payments",
        ),
    ),
    "message": (
        ("שלחתי קישור לסרטון (2 דק׳)", "אישרה את הפגישה ב־10:30", "„קיבלתי, נדבר ביום ג׳”"),
        ("sent the link to the 2-minute film", "confirmed 10:30", "“got it, talk on Tuesday”"),
    ),
    "subject": (
        ("הצעת מחיר · מערכת תורים", "סיכום השיחה", "חומר על הקורס"),
        ("Your quote: scheduling", "What we talked about", "Course outline"),
    ),
    "body": (
        (
            "שלום,\nתודה על השיחה. מצורפת הצעה ל־12 עמדות: ₪4,680 לחודש + מע״מ.\nאפשר להשיב לכאן או להתקשר 03-555-0100.",
            "שלום,\nבהמשך לשיחה: Scheduler Pro כולל תזכורות SMS, ייבוא מ־Excel ותמיכה בעברית.",
        ),
        (
            "Hello,\nthank you for the talk. The quote for 12 seats is ₪4,680 a month + VAT.\nReply here or call 03-555-0100.",
            "Hello,\nas promised: Scheduler Pro has SMS reminders, import from Excel and support in Hebrew (עברית) and English.",
        ),
    ),
    "reply": (
        ("תודה, נראה טוב. אפשר ₪4,200?", "קיבלנו, נחזור אליכם עד יום ה׳"),
        ("Thanks, looks good. Would ₪4,200 be possible?", "Received, back to you by Thursday"),
    ),
    "note": (
        (
            "הבעלים בחו״ל עד ה־15 לחודש",
            "לא להתקשר לפני 10:00, מקבלים קהל",
            "איש הקשר החדש: ענת, שלוחה 204, anat@office.example",
            "שילמו מקדמה של ₪1,500 בהעברה, אסמכתא 88-1042",
        ),
        (
            "Owner abroad until the 15th",
            "Not before 10:00, they see patients",
            "New contact: Anat, extension 204, speaks only Hebrew (עברית בלבד)",
            "Paid ₪1,500 in advance by transfer, ref. 88-1042",
        ),
    ),
    "task": (
        ("לוודא שקיבלו את ההצעה", "לתאם הדגמה", "לשלוח חוזה מתוקן", "לשאול על ההחלטה"),
        ("check that the quote arrived", "set up the demo", "send the corrected contract", "ask about the decision"),
    ),
    "dropped": (
        ("בחרו ב־Bookly-ish, ₪290 לעמדה", "אין תקציב השנה", "סגרו את הסניף", "נשארים עם האקסל"),
        ("chose Bookly-ish at ₪290 a seat", "no budget this year", "closed the branch", "stays with the spreadsheet"),
    ),
    "deal": (
        ("מערכת תורים · 12 עמדות", "קורס ניהול יומן · 10 משתתפים", "Scheduler Pro · רישיון שנתי", "הטמעה והדרכה", "תזכורות SMS · 3 סניפים"),
        ("Scheduler Pro, 12 seats", "Diary course, 10 people", "Annual licence", "Setup and training", "SMS reminders, 3 branches"),
    ),
    "seats": (
        ("עמדות Pro לשנה", "חודשי שימוש במערכת התורים", "מפגשי הדרכה"),
        ("seats of Pro for a year", "months of Scheduler", "training sessions"),
    ),
    "title": (("מנהלת משרד", "בעלים", "סמנכ״ל תפעול", "רכזת הדרכה"), ("office manager", "owner", "operations", "training lead")),
}
TAGS = ("vip", "כנס", "newsletter", "קורס ערב", "hot", "ממתין לתקציב")


class Person(NamedTuple):
    """Somebody made up, as their lead comes in; empty texts are what is missing."""

    key: str
    language: int
    name: str
    company: str
    phone: str
    email: str
    source: str
    detail: str
    campaign: str
    readiness: str

    def lead(self) -> dict[str, Any]:
        """The fields of their `add_lead`."""
        given = {
            "name": self.name,
            "company": self.company,
            "phone": self.phone,
            "email": self.email,
            "source": self.source,
            "source_detail": self.detail,
            "campaign": self.campaign,
            "readiness": self.readiness,
        }
        return {field: value for field, value in given.items() if value}


def people(count: int) -> list[Person]:
    """The first `count` people, no two with the same name or phone; one in seven lacks an e-mail, one in twelve a phone."""
    rng = random.Random(SEED)
    names = [
        (language, first, last) for language in (HEBREW, ENGLISH) for first in _pairs(_FIRST[language]) for last in _pairs(_LAST[language])
    ]
    numbers = rng.sample(range(100_000, 1_000_000), count)
    return [_person(rng, f"p{n}", *who, number) for n, (who, number) in enumerate(zip(rng.sample(names, count), numbers, strict=True))]


def _person(rng: random.Random, key: str, language: int, first: tuple[str, str], last: tuple[str, str], number: int) -> Person:
    company, domain = rng.choice(_pairs(_COMPANIES[language])) if rng.random() < 0.6 else ("", rng.choice(("post", "letters")))
    source, details = rng.choice(_SOURCES)
    lacks = rng.random()
    return Person(
        key,
        language,
        f"{first[0]} {last[0]}",
        company,
        "" if lacks < 0.08 else spelled(rng, number),
        "" if lacks > 0.86 else f"{first[1]}.{last[1]}@{domain}.example".lower(),
        source,
        rng.choice(details),
        rng.choice(_CAMPAIGNS) if source in ("ads", "web_form", "social") else "",
        rng.choice(("low", "medium", "medium", "high", "")) if source in OFFLINE else "",
    )


def spelled(rng: random.Random, number: int) -> str:
    """A phone that ends in a number of six digits, in one of the spellings that people use; now and then from abroad or mistyped."""
    odd = rng.random()
    if odd < 0.03:
        return f"+1 202-555-01{number % 100:02}"  # the numbers that are kept for films
    if odd < 0.05:
        return f"050-{number % 10_000}"
    prefix = rng.choice(_PREFIXES)
    area, rest = (prefix[:2], prefix[2:] + str(number)) if len(prefix) == 3 else (prefix[:3], prefix[3:] + str(number))
    near, far = rest[:3], rest[3:]
    spellings = (
        f"{area}-{near}-{far}",
        f"{area}-{rest}",
        f"{area}{rest}",
        f"+972 {area[1:]}-{near}-{far}",
        f"{area} {near} {far}",
        f"({area}) {near}-{far}",
    )
    return rng.choice(spellings)


def _pairs(text: str) -> list[tuple[str, str]]:
    """The names of a list and their Latin spelling: after a colon, else the name itself."""
    pairs = (name.strip().partition(":") for name in text.split(","))
    return [(name, latin or name) for name, _colon, latin in pairs]
