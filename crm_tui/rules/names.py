"""Names that people bear in several forms, and words of a name that name nobody: the tables and how they are looked up."""

from __future__ import annotations

from functools import lru_cache

from crm_tui.text.fold import words


@lru_cache(maxsize=1)
def common_names() -> dict[str, frozenset[int]]:
    """The common names, each with the numbers of its places in `NAMES`."""
    groups: dict[str, set[int]] = {}
    for number, forms in enumerate(_groups()):
        for form in forms:
            groups.setdefault(form, set()).add(number)
    return {form: frozenset(numbers) for form, numbers in groups.items()}


def forms_of(word: str) -> list[str]:
    """All forms of a name, itself included; of a word that is no common name itself alone."""
    groups = _groups()
    return sorted({word}.union(*(groups[number] for number in common_names().get(word, ()))))


def head_of(word: str) -> str:
    """The name of `IN_BOTH` that a word is a form of, else the word itself."""
    return _heads().get(word, word)


@lru_cache(maxsize=1)
def _heads() -> dict[str, str]:
    return {form: forms[0] for forms in _parsed(IN_BOTH) for form in forms}


@lru_cache(maxsize=1)
def _groups() -> tuple[list[str], ...]:
    return (*_parsed(NAMES), *_parsed(IN_BOTH))


def _parsed(names: str) -> list[list[str]]:
    return [words(forms) for forms in names.split(",")]


_TITLE_WORDS = """
mr mrs ms miss mx dr prof professor rabbi rav adv eng sir madam hon rev phd md mba cpa esq family the
מר גב גברת דר פרופ פרופסור עוד רוח אינג מהנדס הרב רב הרבנית כבוד משפחת משפ משפחה
"""
TITLES = frozenset(_TITLE_WORDS.split())
"""Words of a name that name nobody, folded."""

NAMES = """
aaron aharon aron ahron, abigail avigail abby, gail, abraham avraham avram abram avrum avi abe bram, adam, adi, adrian, adriana,
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
hadas hadassah, hagar, hagai haggai, hagit, hailey haley hayley, haim chaim hayim hayyim chayim, hana hanna hannah chana channah,
harold harry hal, harry henry, heather, helen, henry hank hal, hila, hillel, idan, idit, ilan elan, ilana, ilanit, inbal, inbar,
irene, iris, isaac itzhak yitzhak yitzchak itzik izhak izzy, israel yisrael, itai itay ittai, itamar, jack john, jacob yaakov
yakov jake kobi koby jacky, jaime, james jim jimmy jamie, jamie james, jan, jane, janet, jasmine jasmin yasmin, jason jayson,
jean, jeanne, jen jennifer jenny jennie, jenna, jeremy jerry, jerome jerry, jess jessica jessie, jesse, jill, jo joann joanne,
joan, joanna jo, jodi jody, joel yoel, john jon johnny johnnie, jonathan johnathan jonathon yonatan yehonatan jon johnny jonny
yoni, jordan, joseph yosef yossi yosi yossef joe joey, josh joshua yehoshua, joyce, juan, judah yehuda yehudah, judith judy
yehudit, julia yulia yuliya, julian, julie, justin, kara, karen keren, karin, karina, kate, kathleen kathy, katrina, kayla, keith, kelly
kelli kellie, ken kenneth kenny, kerry kerri, kevin, kiara, kim kimberly, kirsten, krista, kristen kristin kristine kris, kristi
kristie kristy, kyle, kylie, larry lawrence laurence, laura, lauren, lea leah, lee, len leonard lenny leo, leo, leon, liad,
liam, lian, liat, lidor, lihi, limor, linda, lindsay lindsey, lior, liora, lira, liran, liraz, liri, liron, lisa, lital, liz,
lois, lou louis lewis louie, lucas luke, luis, lynn, mackenzie mckenzie, madison maddie, mai may, makayla mikayla michaela,
mandy, maor, marc mark, marcia, marco, marcus, margaret maggie meg peggy marge, maria mariah, marie, mario, marisa marissa,
mark, martha, martin marty, marvin, mary, mason, matt matthew mathew, maya maia, meagan megan meghan, meir, meital, melissa mel,
menachem, merav meirav, mia, michael mike mikey mickey micky micheal, michal, michele michelle shelly, miki mickey michael,
mindy, miriam miri, mitch mitchell, mor, moran, mordechai mordecai moti motti morde, moshe moses moshiko moishe, naama, nadav,
nancy, naomi noemi nomi, natalie nat, natan nathan nati, netanel nathaniel nati, nicholas nicolas nick nicky nico,
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
zack, zeev zev, ziv, zohar, adan, aden, ahmad ahmed, alexei alexey, ali aly, amer, aran, asher, azra, chava hava eve, chaya haya, dena,
edi, ekaterina katya, elon, emir, evi, ezekiel yehezkel hezi, ezra, galia, isaiah yeshayahu yeshaya, jeremiah yirmiyahu yirmi,
karim, karima, katia katya, layla leila, mahmoud mahmud, malka, mariana, marina, mikhail michael misha, mohammed muhammad mohamad
mohammad muhammed mahmed, nasser naser, natalia natalya nataly natali, nazar, olga, oleg, osher, osnat, rana, rania, sami, samir,
samira, sergei sergey, shula shulamit, svetlana sveta, tamer, tatiana tatyana tanya, vladimir vova, yaffa yafa, yousef yusuf joseph,
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
תמיר, תמר תמרה תמרי, אולגה, אחמד, אינה, איברהים אבראהים, אירינה, אליס, אנדריי אנדרי, בוריס, דמיטרי דימה, ויקטור, ויקטוריה, ולדימיר, ולנטינה,
חאלד, טטיאנה טניה, יאנה, יבגני, ילנה, כמאל, לודמילה, לריסה, מאהר, מחמד מוחמד, מיכאיל מישה, מרינה, נאסר, נטליה, נסרין, סבטלנה, סרגיי סרגי,
פאטמה פטמה, ראניה, קטיה
"""
"""Common names, folded when read: the forms between two commas (spellings, nicknames) are one name, other forms are others."""

IN_BOTH = """
אברהם אברום אבי abraham avraham avram abram avi, אהרון אהרן aharon aaron aron ahron, אליהו אלי elijah eliyahu eli,
אלכסנדר אלכס alexander alex, אסתר אסתי esther ester esti, אפרים אפי ephraim efraim effi, בנימין בני benjamin binyamin beni benny,
גבריאל גבי gabriel gabi, דבורה דבי deborah debora dvora devora debbie, דוד דויד דודי דודו david dave dudi dudu,
דניאל דני daniel dani danny, חוה חווה eve chava hava, חיים haim chaim hayim hayyim chayim, יהודה judah yehuda yehudah,
יהודית judith yehudit, יהונתן יונתן יוני jonathan yonatan yehonatan johnathan yoni, יהושע יהושוע joshua yehoshua josh,
יוסף יוסי joseph yosef yossef yossi yosi yousef yusuf joe, יחזקאל חזי ezekiel yehezkel hezi, יעקב קובי jacob yaakov yakov kobi koby,
יצחק איציק isaac itzhak yitzhak yitzchak izhak itzik, ירמיהו ירמיה jeremiah yirmiyahu, ישעיהו ישעיה isaiah yeshayahu yeshaya,
ישראל israel yisrael, מיכאל מיקי מייק michael mikhail mike miki, מרדכי מוטי mordechai mordecai moti motti, מרים מירי miriam miri,
משה מושה מושיקו moshe moses moshiko, נוה נווה nave naveh neve, זאב zeev zev, סתיו stav, נתן נתי natan nathan nati, סיון סיוון sivan,
פנחס פיני pinchas pinhas pini, צבי צביקה zvi tzvi, ציפורה צפורה ציפי tzipora zipora tzipi, ראובן רובי reuven reuben ruven,
רבקה ריקי rivka rebecca rebekah, רפאל רפי rafael raphael refael rafi, שאול shaul saul, שולמית שולה shulamit shula,
שושנה שוש שושי shoshana shosh, שלמה שלומי shlomo solomon shlomi, שמואל שמוליק shmuel samuel shmulik, שמעון שימי shimon simon,
שרה שרי sara sarah, תמר תמי תמרה tamar tamara tami tammy
"""
"""Names that either alphabet spells or shortens in its own way; where people are looked up the first form stands for all."""
