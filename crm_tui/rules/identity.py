"""Who is the same person (product.md rule 1): whether two names plainly differ, and what becomes of an incoming lead."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from crm_tui.text.fold import words

NEW = "new contact"
RETURNING = "returning"
SEVERAL = "matches several contacts"
SHARED_POINT = "shared phone or e-mail"
SAME_NAME_AND_COMPANY = "same name and company"

LONGEST_NAME = 200
MOST_WORDS = 8
"""A longer text, or one with an e-mail address, is no name: it never plainly differs."""

MIXED = "mixed"

_SOUNDS = "sch:š sh:š tch:ch ch:h kh:h ph:f th:t tz:z ts:z cz:z ck:k qu:k x:ks q:k w:v y:i ou:u oo:u ee:i ie:i"
LATIN_SOUNDS = tuple(pair.split(":") for pair in _SOUNDS.split())
"""Spellings of one sound in names, longer ones first."""

_SOFT_C = re.compile("c(?=[eiy])")
_DOUBLED = re.compile(r"(.)\1+")
_HEBREW_SOUNDS = str.maketrans("טקסע", "תכשא")


class Known(NamedTuple):
    """A known contact as far as identity needs it: the company folded, own mail domains only, `last_dealt` in milliseconds.

    `also` are names that it bore in contacts merged into it.
    """

    id: bytes
    name: str
    company: str | None
    domains: tuple[str, ...]
    last_dealt: int
    also: tuple[str, ...] = ()


class Decision(NamedTuple):
    """What becomes of a lead: the contact it touches (None: one of its own), the possible duplicates of it, and why."""

    touch: bytes | None
    flag: tuple[bytes, ...]
    why: str


def decide(
    name: str,
    linked: Sequence[Known],
    namesakes: Sequence[Known] = (),
    company: str = "",
    domains: tuple[str, ...] = (),
) -> Decision:
    """Decide product.md rule 1 for one lead: `linked` share a valid phone or e-mail with it, `namesakes` its full folded name.

    `company` is the lead's folded company and `domains` its own mail domains, free mail left out.
    """
    alike = [known for known in linked if not all(plainly_differ(name, one) for one in (known.name, *known.also))]
    if alike:
        touched = max(alike, key=_last_dealt)
        others = tuple(known.id for known in alike if known.id != touched.id)
        return Decision(touched.id, others, SEVERAL if others else RETURNING)
    agreeing = [known for known in namesakes if _agrees(known, company, domains)]
    flagged = tuple(dict.fromkeys(known.id for known in (*linked, *agreeing)))
    if linked:
        return Decision(None, flagged, SHARED_POINT)
    return Decision(None, flagged, SAME_NAME_AND_COMPANY if flagged else NEW)


def plainly_differ(a: str, b: str) -> bool:
    """Whether two names plainly differ (product.md rule 1): both full, in one script, and in each a word without counterpart.

    A counterpart is the same word, a spelling variant, a nickname or an initial; each word is the counterpart of one word
    only, wherever it stands. So "Dana Cohen" and "Yossi Kohen" plainly differ (dana, yossi), "Dana Cohen" and "Dana Levi" too
    (cohen, levi), but "Dana Levi Cohen" and "Cohen D." do not: every word of the shorter has its counterpart in the longer.
    """
    if a == b or len(a) > LONGEST_NAME or len(b) > LONGEST_NAME or "@" in a or "@" in b:
        return False
    first, script = _full_name(a)
    second, other_script = _full_name(b)
    if first == second or script != other_script or not script:
        return False
    if _paired(first, second) or "".join(first) == "".join(second):
        return False
    return not (_paired_when_joined(first, second) or _paired_when_joined(second, first))


def _last_dealt(known: Known) -> int:
    return known.last_dealt


def _agrees(known: Known, company: str, domains: tuple[str, ...]) -> bool:
    return bool(company and known.company == company) or not set(domains).isdisjoint(known.domains)


@lru_cache(maxsize=32768)
def _full_name(name: str) -> tuple[tuple[str, ...], str]:
    """The words of a full name without titles, and their script; no words and no script when it is not a full name in one."""
    kept = [word for word in words(name) if word not in TITLES and _script(word)]
    scripts = {_script(word) for word in kept}
    if not 2 <= len(kept) <= MOST_WORDS or len(scripts) != 1 or MIXED in scripts:
        return (), ""
    return tuple(kept), scripts.pop()


@lru_cache(maxsize=8192)
def _script(word: str) -> str:
    """The script of a word's letters, `MIXED` for several, "" without a letter."""
    if word.isascii() and word.isalpha():
        return "LATIN"
    if min(word) >= "א" and max(word) <= "ת":
        return "HEBREW"
    scripts = {unicodedata.name(letter, "?").partition(" ")[0] for letter in word if letter.isalpha()}
    return MIXED if len(scripts) > 1 else "".join(scripts)


def _paired(first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether every word of the shorter name has a counterpart of its own in the longer one."""
    rest = list(first)
    others = []
    for word in second:
        if word in rest:
            rest.remove(word)
        else:
            others.append(word)
    return _all_paired(rest, others) if len(rest) <= len(others) else _all_paired(others, rest)


def _all_paired(fewer: list[str], more: list[str]) -> bool:
    if not fewer:
        return True
    word, rest = fewer[0], fewer[1:]
    return any(_counterpart(word, other) and _all_paired(rest, more[:at] + more[at + 1 :]) for at, other in enumerate(more))


def _paired_when_joined(apart: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether the names agree once two neighbouring words are written as one, like "Ben David" and "Bendavid"."""
    return any(
        apart[at] + apart[at + 1] in whole and _paired([*apart[:at], apart[at] + apart[at + 1], *apart[at + 2 :]], whole)
        for at in range(len(apart) - 1)
    )


@lru_cache(maxsize=65536)
def _counterpart(a: str, b: str) -> bool:
    """Whether one word stands for the other: an initial, one name in two forms, a spelling variant or a slip of the keys."""
    if a == b:
        return True
    if len(a) == 1 or len(b) == 1:
        return a[0] == b[0]
    names = _names()
    if a in names and b in names:
        # Dana and Dina, Shira and Sara are a letter apart and two people: names that are both common must be listed as one.
        return not names[a].isdisjoint(names[b])
    if "א" <= a[0] <= "ת":
        plain, other = _plain_hebrew(a), _plain_hebrew(b)
        if plain == other or _spelled_fuller(plain, other) or _spelled_fuller(other, plain):
            return True
    else:
        plain, other = _plain_latin(a), _plain_latin(b)
        if plain == other:
            return True
        # Daniel and Daniela, Ivanov and Ivanova.
        if a == f"{b}a" or b == f"{a}a":
            return False
    return _slipped(a, b)


@lru_cache(maxsize=8192)
def _plain_latin(word: str) -> str:
    """A Latin word with one letter for each sound that is spelled in several ways."""
    for spelling, sound in LATIN_SOUNDS:
        word = word.replace(spelling, sound)
    word = _SOFT_C.sub("s", word).replace("c", "k")
    return _DOUBLED.sub(r"\1", word[:1] + word[1:].replace("h", ""))


@lru_cache(maxsize=8192)
def _plain_hebrew(word: str) -> str:
    """A Hebrew word with one letter for each sound, single letters for doubled ones, ה for א at the end."""
    plain = _DOUBLED.sub(r"\1", word.translate(_HEBREW_SOUNDS))
    return f"{plain[:-1]}ה" if len(plain) > 2 and plain[-1] == "א" else plain


def _spelled_fuller(short: str, full: str) -> bool:
    """Whether `full` is `short` with one or two vowel letters more inside it, or a ה at its end."""
    if not 2 <= len(short) < len(full) <= len(short) + 2:
        return False
    at = 0
    for place, letter in enumerate(full):
        if at < len(short) and short[at] == letter:
            at += 1
        elif place == len(full) - 1:
            if letter != "ה" or len(short) < 4:
                return False
        elif place == 0 or letter not in "אוי":
            return False
    return at == len(short)


def _slipped(a: str, b: str) -> bool:
    """Whether the words are a slip of the keys apart: one in five letters or more, two in nine; two letters swapped in three."""
    longest = max(len(a), len(b))
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    left, other = a[start : len(a) - end], b[start : len(b) - end]
    if len(left) == 2 and left == other[::-1]:
        return start > 0 or longest >= 5
    if longest >= 5 and len(left) + len(other) <= 2 and max(len(left), len(other)) == 1:
        # Another first letter makes another name: Jason and Mason.
        return start > 0 or len(left) != len(other)
    return longest >= 9 and start > 0 and len(left) <= 7 and len(other) <= 7 and _distance(left, other) <= 2


def _distance(a: str, b: str) -> int:
    """How many letters must be put in, taken out or exchanged to make one word of the other."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (letter != other))
    return row[-1]


@lru_cache(maxsize=1)
def _names() -> dict[str, frozenset[int]]:
    """The common names, each with the numbers of its places in `NAMES`."""
    groups: dict[str, set[int]] = {}
    for number, forms in enumerate(NAMES.split(",")):
        for form in words(forms):
            groups.setdefault(form, set()).add(number)
    return {form: frozenset(numbers) for form, numbers in groups.items()}


_TITLE_WORDS = """
mr mrs ms miss mx dr prof professor rabbi rav adv eng sir madam hon rev phd md mba cpa esq family the
מר גב גברת דר פרופ פרופסור עוד רוח אינג מהנדס הרב רב הרבנית כבוד משפחת משפ משפחה
"""
TITLES = frozenset(_TITLE_WORDS.split())
"""Words of a name that name nobody, folded."""

NAMES = """
aaron aharon aron ahron, abigail avigail abby gail, abraham avraham avram abram avrum avi abe bram, adam, adi, adrian, adriana,
al albert, al alfred, alan allan allen al, albert bert, alejandra, alejandro, alex alexander alec sasha lex, alex alexandra
alexandria alexa sasha sandra, alice, alison allison ali, alon, alona, alvin, amanda mandy, amir, amit, amnon, amos, amy, ana
anna, anat, andre, andrea andi, andres, andrew andy drew, angela angie, ann anne annie, anthony tony, antonio tony, ari, ariana,
arie aryeh arik ari, ariel arik ari, art arthur, asaf assaf, ashley ashlee, avigdor avi, avishai avishay avi, avital, aviv avi,
aviva, avner avi, ayala, ayelet, bar, barak, barbara barb, barry, baruch, ben benjamin binyamin beni benny bennie benji, bernard
bernie, beth bethany, betty elizabeth, bill billy william will willie willy liam, boaz, brad bradley, brady, brandi brandy,
brandon, brenda, brendan, brent, brett, brian bryan, brianna briana breanna, bruce, bryce, caitlin caitlyn kaitlin kaitlyn kate,
calvin, candice candace candy, carl karl, carla karla, carly, carol, caroline carolyn carrie, carrie, catherine katherine
kathryn catharine katharine cathy kathy katie kate kat kitty, charles charlie chuck, charlotte, chelsea chelsey, chris
christian, chris christie christine christy, chris christina cristina kristina, chris christopher kit, cindy cynthia, colin
collin, colleen, corey cory, cristian christian, crystal krystal, dafna daphna dafne daphne, dan, dan daniel danny dani, dana,
daniela danielle daniella dani, darren, david dave davey davy dudi dudu, dean, debbie deborah debra debora devora dvora deb,
denise, dennis, devin, devon, diana, diane, dick richard, dina, don donald donnie, donna, dor, dora, dorit, doron, dorothy dot
dottie, doug douglas, dov, duane dwayne, ed edward eddie ted teddy ned, eden, edna, edo ido, edwin ed, efrat, eitan eytan eithan
ethan etan, elad, elazar eliezer eli lazar, elena, eli eliyahu elijah, elisheva, eliza elizabeth elisabeth liz lizzie beth,
ella, ellen, emanuel immanuel manny, emily, emma, ephraim efraim effi, eran, erez, eric erik, erica erika, esther ester esti
etti eti, eugene gene, eva, evan, eve, eyal ayal, frances fran, francis frank, frank franklin, fred frederick freddie freddy,
gabriel gabi gabe, gabriella gabriela gabrielle gabi, gad gadi, gal, gali, galit, gary, geoffrey jeffrey jeffery geoff jeff,
george, gerald gerry jerry, gideon gidi, gil, gila, gilad, gili, ginny virginia, glen glenn, greg gregory gregg, guy, hadar,
hadas hadassah, hagai haggai, hagit, hailey haley hayley, haim chaim hayim hayyim chayim, hana hanna hannah chana channah,
harold harry hal, harry henry, heather, helen, henry hank hal, hila, hillel, idan, idit, ilan elan, ilana, ilanit, inbal, inbar,
irene, iris, isaac itzhak yitzhak yitzchak itzik izhak izzy, israel yisrael, itai itay ittai, itamar, jack john, jacob yaakov
yakov jake kobi koby jacky, jaime, james jim jimmy jamie, jamie james, jan, jane, janet, jasmine jasmin yasmin, jason jayson,
jean, jeanne, jen jennifer jenny jennie, jenna, jeremy jerry, jerome jerry, jess jessica jessie, jesse, jill, jo joann joanne,
joan, joanna jo, jodi jody, joel yoel, john jon johnny johnnie, jonathan johnathan jonathon yonatan yehonatan jon johnny jonny
yoni, jordan, joseph yosef yossi yosi yossef joe joey, josh joshua yehoshua, joyce, juan, judah yehuda yehudah, judith judy
yehudit, julia, julian, julie, justin, kara, karen keren, karin, karina, kate, kathleen kathy, katrina, kayla, keith, kelly
kelli kellie, ken kenneth kenny, kerry kerri, kevin, kiara, kim kimberly, kirsten, krista, kristen kristin kristine kris, kristi
kristie kristy, kyle, kylie, larry lawrence laurence, laura, lauren, lea leah, lee, len leonard lenny leo, leo, leon, liad,
liam, lian, liat, lidor, lihi, limor, linda, lindsay lindsey, lior, liora, lira, liran, liraz, liri, liron, lisa, lital, liz,
lois, lou louis lewis louie, lucas luke, luis, lynn, mackenzie mckenzie, madison maddie, mai may, makayla mikayla michaela,
mandy, maor, marc mark, marcia, marco, marcus, margaret maggie meg peggy marge, maria mariah, marie, mario, marisa marissa,
mark, martha, martin marty, marvin, mary, mason, matt matthew mathew, maya maia, meagan megan meghan, meir, meital, melissa mel,
menachem, merav meirav, mia, michael mike mikey mickey micky micheal, michal, michele michelle shelly, miki mickey michael,
mindy, miriam miri, mitch mitchell, mor, moran, mordechai mordecai moti motti morde, moshe moses moshiko moishe, naama, nadav,
nancy, naomi noemi nomi, natalie nat, natan nathan nate nati, netanel nathaniel nate nati, nicholas nicolas nick nicky nico,
nicole nichole nicky, nili, nimrod, nir, nira, nissim, nitzan, niv, noa noah, noam, noga, norma, norman norm, noy, oded, ofer,
ofir, ofra, oliver ollie, olivia liv, omar omer, omri, or, ora, oren, ori uri, oriel uriel uri, orit, orli orly, orna, pam
pamela, pat patricia patty tricia trish, pat patrick paddy, paul, paula, perry, pete peter, phil philip phillip, pini pinchas,
rachel rahel rachael, rafael raphael refael rafi, ralph, rami, ran, randy randall, ray raymond, rebecca rebekah becky rivka,
reuven ruven reuben, rick ricky rickey richard rich richie, rina, rinat, rob robert bob bobby robbie bert, roberta, roberto,
robin robyn, roee roi roy, roger, rom, romi, ron, ron ronald ronnie, ronen, roni ronnie roney, ronit, rosa, rose, ross, rotem,
russ russell, ruth rut ruti ruthie, ryan, sagi, sagit, sally, sam samantha, sam sammy samuel shmuel shmulik, sandra sandy,
sandy, sara sarah, sarit, scott, sean shawn shaun, segal, shachar shahar, shai shay, shaked, shalom, shani, shannon, sharon,
shaul saul, sheila shelia, shelby, sheri sherri sherry shari, shimon simon, shir, shira, shiran, shiri, shirley shirli, shlomi
shlomo solomon, shlomit, shoshana shosh susan, sigal, sigalit sigal, simcha, sivan, sofia sophia sophie sofie, sonia sonya,
stacy stacey stacie, stan stanley, stefanie stephanie steph, stephen steven steve stephan stevie, sue susan susie suzanne suzie,
tal, tali, talia, tamar tami tammy, tamara tammy tami, tamir, tania tanya, taylor, ted theodore teddy, terence terrence terrance
terry, teresa theresa terry tess, tim timothy timmy, tina, tom, tom thomas tommy, tomer, toni antonia, tonya, tracy tracey traci
tracie, tyler, tzipi tzipora, tzvi zvi, uzi, val valerie, vanessa, veronica, vic victor, vicki vickie vicky victoria tori, vince
vincent, walt walter, wayne, wendy, yael, yair, yaniv, yarden, yariv, yaron, yigal, yoav, yoram, yotam, yuval, zach zachary
zack, zeev zev, ziv, zohar,
אביאל, אביב אבי, אביגדור אבי, אביגיל, אביה, אביהו אבי, אביחי אבי, אביטל, אבינועם אבי, אביעד, אבישג, אבישי אבי, אביתר אבי, אבנר
אבי, אברהם אברום אברם אבראהים אבי, אגם, אדווה אדוה, אדיר, אדל, אדם, אדר, אהובה, אהוד אודי, אהרון אהרן, אודי, אודיה, אודל,
אודליה, אופיר, אופל, אופק אפק, אור, אוראל, אורה, אורון, אורטל, אורי, אוריאל אורי, אוריאן, אוריה, אורין, אורית, אורלי, אורן,
אורנה, אושר, אושרי, אחינועם, איאן, איה, איידל, אייל, איילה, איילת אילת, אילון, איליי, אילין, אילן, אילנה, אילנית, אימאן, אימרי
אמרי, איתי איתאי, איתיאל, איתמר, איתן, אלה, אלומה, אלון, אלונה, אלי אליהו, אלי אלימלך, אלי אליעזר אלעזר, אליאב אלי, אליאור,
אליאל, אליאן, אליאנה אליענה, אליאס, אליה, אלין, אלינור, אליסה אליס, אלירז, אלירן, אלישבע, אלישע, אלכס אלכסנדר סשה, אלכס אלכסנדרה
סשה, אלמה אלמא, אלעד, אלקנה, אמה, אמונה, אמור, אמילי, אמיליה, אמיר, אמיתי, אמל, אמלי, אמנון, אנאבל, אנאל ענאל, אנה, אסף, אסתר
אסתי אתי, אפרים אפי, אפרת אפי, אראל, ארד, ארז, ארי, אריאל אריק ארי, אריה אריק ארי, אשר, אתי, בארי, בועז, ביאן, בילא, ביסאן, בן,
בני, בניה, בניהו, בנימין בני בנג'י, בר, ברוך, ברכה, ברק, בתיה, גאיה, גבריאל גבי, גד גדי, גדעון גידי, גואל, גויל, גולי, גוליאן,
גולין, גור, גורי, גיא, גיל, גילה, גילי, גילעד גלעד גיל, גל, גלי, גליה, גלית, דב דובי, דבורה דבי, דביר, דוד דויד דודי דודו, דור,
דורון, דורין, דורית, דין, דינה, דליה, דלית, דן, דנה, דני, דניאל דני דן, דניאלה דני, דפנה דפי, דרור, דריה, הגר, הדס הדסה, הדר,
הודיה, היילי, הילה, הילי, הלל הילל, הללי, הראל, ורד, ורדה, זאב, זהבה, זהבית, זיו, זיין, זינה, חגי, חגית, חוה חווה, חוסין חוסיין,
חיה, חיים, חן, חנה חני, חנוך, חנן, חסן, טובה, טוביה, טל, טלי, טליה טלי, יאיר, יגאל, יגל, יהב, יהודה, יהודית, יהונתן יונתן יוני,
יהושע יהושוע שוקי, יהל, יהלי, יואב, יואל, יובל, יוגב, יוחאי, יולי, יוליה, יוסף יוסי, יותם, יחזקאל חזי, יחיא, יחיאל, ים, ינון,
יניב, יעל, יעלה, יעקב קובי, יערה, יפה, יפית, יצחק איציק, ירדן, ירדנה, ירון, ישי, ישעיה ישעיהו, ישראל, כנרת, כפיר, כרים, כרם,
כרמית, כרמל, לאה, לארא, לביא, לוטם, לור, לורן, לי, ליאב, ליאה, ליאו, ליאור, ליאורה, ליאל, ליאם ליעם, ליאן, ליאת, ליב, ליבא,
לידור, ליה לייה, ליהי, ליטל, לילי, לילך, לימור, לין, לינוי, ליעד, לירוי, לירון, לירז, לירי, לירן, לני, מאור, מאורי, מאי, מאיה,
מאיר, מוחמד מחמד, מוסא, מור, מוריה, מורן, מחמוד, מיאל, מיאר, מיה מייה, מיטל, מיכאל מיקי מייק, מיכאלה מיקי, מיכל, מילא מילה,
מילאן, מילי, מיקה, מיראל, מירב מרב, מירה, מירי מרים, מיריל, מירן, מלאכי, מלכה, מנחם, מעיין מעין, מרדכי מוטי, מריה, משה מושה
מושיקו, מתן, מתניה, נאוה נאווה, נאור, נאי, נאיה, נגה נוגה, נדב, נוה נווה, נוי, נויה, נועה נעה, נועם, נור, נורית, נחום, נחמיה,
נחמן, נטלי, נטע, ניב, ניל, נילי, נינה, ניסים נסים, ניצן, ניר, נירית, נמרוד, נעמה, נעמי נעומי, נפתלי, נתן נתי, נתנאל נתי, סאלח,
סארי, סהר, סול, סופי סופיה, סיגל, סיגלית סיגל, סיון סיוון, סילא, סימה, סיני, סלמא, סמא, סמי, סמיר, סער, ספיר, סתיו, עבד, עדי,
עדיאל, עדיה, עדינה, עדן, עדנה, עובדיה, עודד, עוז, עוזי, עומר, עומרי עמרי, עופר, עופרה עפרה, עופרי, עידו עדו, עידית עדית, עידן,
עילאי, עילי, עינב, עינת, עירית, עלי, עליזה, עלמה, עמוס, עמיחי, עמית, עמליה, עמנואל, עמרם, ענבל, ענבר, ענת, עקיבא, ערן, עתי, פאר,
פלג, פנחס פיני, פנינה, פריאל, צבי צביקה, צביה, צופיה, צור, ציפורה צפורה ציפי, קארין, קובי, קורל, קורן, קים, קרן, קרני, ראובן
רובי, ראם, רביד, רבקה ריקי, רואי רועי, רווית רוית, רוי, רום, רומי, רון, רונה, רוני, רונית, רונן, רות רותי, רותם, רז, רחל רחלי,
ריאן, רים, רימה, רינה, רינת, רם, רמי, רן, רני, רננה, רעות, רעי, רעיה, רפאל רפי, שאול, שגב, שגיא, שולמית שולה, שון, שוש שושי
שושנה, שחר, שי, שילה, שילת, שיר, שיראל, שירה, שירי, שירין, שירלי, שירן, שלו, שלום, שלומי שלמה, שלומית, שלי, שליו, שמואל שמוליק,
שמחה, שמעון שימי, שני, שקד, שרה שרי סרה, שרון, שרית, תאיר, תאלא, תאלין, תבל, תהילה תהלה, תהל, תולין, תום טום, תומר, תמי תמר,
תמיר, תמר תמרה תמרי
"""
"""Common names, folded when read: the forms between two commas (spellings, nicknames) are one name, other forms are others."""
