"""Made-up pairs of records, the same person's or not, of other people than the sample data: names in both alphabets, slips, gaps."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

GIVEN_NAMES = """
אביגיל Abigail Avigail, אביב Aviv, אברהם Avraham Abraham, אהרון Aharon Aaron, אודליה Odelia Odelya, אופיר Ofir Ophir, אורית Orit,
אורן Oren, אילן Ilan Elan, אילת Ayelet Ayellet, איתן Eitan Eytan Etan, אליהו Eliyahu Elijah, אלינור Elinor, אלכס Alex,
אלעד Elad, אמיר Amir, אפרת Efrat Ephrat, אריאל Ariel, אריה Arie Aryeh, ארז Erez, אשר Asher, בנימין Binyamin Benjamin, ברוך Baruch,
גדעון Gideon Gidon, גיל Gil, גילה Gila, גלית Galit, גלעד Gilad, דבורה Dvora Devora Deborah, דורית Dorit, דינה Dina,
דליה Dalia Dalya, דן Dan, דניאל Daniel, דפנה Dafna Daphna, דרור Dror, הדר Hadar, הגר Hagar, ורד Vered, זאב Zeev Ze'ev,
זוהר Zohar, חגית Hagit Chagit, חיה Haya Chaya, חנה Hanna Hannah Chana, טליה Talia Talya, יאיר Yair, יהודה Yehuda Judah,
יואב Yoav, יואל Yoel Joel, יובל Yuval, יונתן Yonatan Jonathan, יותם Yotam, יעקב Yaakov Jacob Yakov, ישראל Israel Yisrael,
כרמית Carmit Karmit, לאה Lea Leah, לימור Limor, לירון Liron, מאיר Meir, מיכאל Michael, מיטל Meital Maytal, מירב Merav Meirav,
מרדכי Mordechai Mordehai, מרים Miriam, נדב Nadav, נחמן Nachman Nahman, נטע Neta, ניצן Nitzan Nitsan, נמרוד Nimrod,
נעמה Naama Na'ama, נעמי Naomi Noemi, נתן Natan Nathan, סיון Sivan, עדי Adi, עדנה Edna, עינב Einav Eynav, עירית Irit, עמית Amit,
ענת Anat, ערן Eran, פנחס Pinchas Pinhas, צבי Zvi Tzvi, ציפורה Zipora Tzipora Tsipora, ראובן Reuven Reuben, רונית Ronit,
רחל Rachel Rahel, רינה Rina, רינת Rinat, רפאל Rafael Raphael Refael, שאול Shaul Saul, שושנה Shoshana, שירלי Shirly Shirley,
שלומית Shlomit, שלמה Shlomo Solomon, שמואל Shmuel Samuel, שמעון Shimon Simon, שני Shani, שרון Sharon, תומר Tomer, תמיר Tamir,
אנדריי Andrei Andrey, בוריס Boris, ולדימיר Vladimir, ויקטור Victor Viktor, יוליה Yulia Julia, לודמילה Ludmila Lyudmila,
מרינה Marina, סבטלנה Svetlana, סרגיי Sergei Sergey, אחמד Ahmad Ahmed, מוחמד Muhammad Mohammed, סמיר Samir, פאטמה Fatma Fatima
"""
SURNAMES = """
אבוטבול Abutbul Aboutboul, אדרי Edri Adri, אוחנה Ohana Ochana, אזולאי Azulay Azoulai, אייזנברג Eisenberg Aizenberg, אלבז Elbaz,
אלמוג Almog, אסולין Asulin Assouline, אפשטיין Epstein Epshtein, בן־דוד Ben-David Bendavid, בוזגלו Buzaglo Bouzaglo, בוסקילה Buskila
Bouskila, בכר Bachar Behar, ברגר Berger, ברקוביץ Berkovich Berkovitz, גולדברג Goldberg, גולדשטיין Goldstein Goldshtein,
גוטמן Gutman Guttman, גרינברג Greenberg Grinberg, דיין Dayan, דרעי Deri, הופמן Hoffman Hofman, הורוביץ Horowitz Horovitz,
וייס Weiss Vais, וינשטיין Weinstein Vainshtein, ויצמן Weizman Weitzman, זוהר Zohar, זילברמן Zilberman Silberman, חזן Hazan Chazan,
טולדנו Toledano, טננבאום Tenenbaum Tannenbaum, יעקובי Yaakobi Yacobi, ירושלמי Yerushalmi, ישראלי Israeli Yisraeli, כרמלי Carmeli
Karmeli, לביא Lavi, לוין Levin, לוינסון Levinson, ליברמן Liberman Lieberman, מאירי Meiri, מורד Morad, מימון Maimon Maymon,
מנשה Menashe, מרקוביץ Markovich Markowitz, נגר Nagar, נחמיאס Nachmias Nahmias, סבג Sabag, סויסה Suissa Swissa, סולומון Solomon,
עובדיה Ovadia Ovadya, עטיה Atia Attia, פינטו Pinto, פישר Fisher Fischer, פלדמן Feldman, פרנקל Frenkel Frankel, צדוק Tzadok Zadok,
צרפתי Tzarfati Zarfati, קדוש Kadosh, קפלן Kaplan Caplan, קליין Klein Kline, קורן Koren, רבינוביץ Rabinovich Rabinowitz,
רוזנברג Rosenberg Rozenberg, רוטמן Rotman Rothman, שוורץ Schwartz Shvartz Schwarz, שטרית Shitrit, שיינברג Sheinberg Scheinberg,
שמש Shemesh, שקד Shaked, שרעבי Sharabi, תורגמן Turgeman Turjeman, איבנוב Ivanov, חורי Khoury Khouri, מנסור Mansour Mansur
"""
FREE_MAIL = ("gmail.com", "hotmail.com", "yahoo.com", "walla.com", "icloud.com")
ROLES = ("info", "office", "sales", "contact")
TITLES = ("Dr.", "Mr", "Prof.", 'ד"ר', "גב'", 'עו"ד')


class Pair(NamedTuple):
    """Two records, whether they are one person's, and of which kind they are."""

    a: dict[str, str]
    b: dict[str, str]
    same: bool
    kind: str


def _table(text: str) -> list[list[str]]:
    return [entry.split() for entry in text.replace("\n", " ").split(", ")]


GIVEN, FAMILY = _table(GIVEN_NAMES), _table(SURNAMES)
COMPANY = [
    ("Gamma Logistics", "Gamma Logistics Ltd", "gamma-logistics.example"),
    ("אורט שירותים", 'אורט שירותים בע"מ', "ort.example"),
    ("Blue Whale Inc.", "Blue Whale", "bluewhale.example"),
    ("מוסך הצפון", "מוסך  הצפון", "tzafon.example"),
    ("Hexa Labs", "Hexa Labs, Inc", "hexa.example"),
    ("Omega Tech", "OMEGA TECH", "omega-tech.example"),
    ("סטודיו לוטוס", "סטודיו לוטוס בע״מ", "lotus.example"),
]


class Someone(NamedTuple):
    """A person: places in the tables of names, an organisation or none, phone and mailbox."""

    given: list[str]
    family: list[str]
    company: tuple[str, str, str] | None
    phone: str
    mail: str


class PairMaker:
    """Makes pairs, always the same for a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.count = 0

    def pairs(self, each: int) -> Iterator[Pair]:
        """So many pairs of each kind."""
        kinds = [name for name in dir(self) if name.startswith(("same_", "other_"))]
        for kind in kinds:
            for _ in range(each):
                a, b = getattr(self, kind)()
                if self.rng.random() < 0.5:
                    a, b = b, a
                yield Pair(a, b, kind.startswith("same_"), kind)

    def same_by_phone(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        return self.record(one), self.record(one, email="") | self.maybe(company="")

    def same_by_mail(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        mail = one.mail.upper() if self.rng.random() < 0.5 else f"{self.latin(one)} <{one.mail}>"
        return self.record(one), self.record(one, phone="", email=mail) | self.maybe(company="")

    def same_in_other_alphabet_by_phone(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        return self.record(one, name=self.hebrew(one)), self.record(one, name=self.latin(one), email="") | self.maybe(company="")

    def same_in_other_alphabet_by_domain(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone(at_work=True)
        assert one.company
        a = self.record(one, name=self.hebrew(one), email=f"one{self.number()}@{one.company[2]}") | self.maybe(company="")
        b = self.record(one, name=self.latin(one), phone="", email=f"two{self.number()}@{one.company[2]}")
        return a, b

    def same_in_other_spelling_by_company(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone(at_work=True)
        a, b = self.record(one, name=self.latin(one)), self.record(one, name=self.latin(one), phone=self.phone(), email="")
        return a, b

    def same_by_name_and_company(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone(at_work=True)
        name = self.name(one)
        a, b = self.record(one, name=name), self.record(one, name=name, phone=self.phone(), email="")
        return a, b

    def same_swapped(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        first, last = self.words(one)
        return self.record(one, name=f"{first} {last}"), self.record(one, name=f"{last}, {first}", email="", company="")

    def same_first_name_only(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        first, last = self.words(one)
        return self.record(one, name=f"{first} {last}"), self.record(one, name=first, email="", company="")

    def same_with_title_or_initial(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        first, last = self.words(one)
        other = self.rng.choice((f"{self.rng.choice(TITLES)} {first} {last}", f"{first[0]}. {last}", f"{first} {last[0]}."))
        return self.record(one, name=f"{first} {last}"), self.record(one, name=other, email="")

    def same_with_a_slip(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        name = self.name(one)
        return self.record(one, name=name), self.record(one, name=self.slip(name), company="")

    def same_with_a_slip_by_phone(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        name = self.name(one)
        return self.record(one, name=name), self.record(one, name=self.slip(name), email="", company="")

    def same_without_a_name(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        return self.record(one), self.record(one, name="", email="", company="")

    def other_family(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        other = self.someone(family=one.family)._replace(phone=one.phone)
        return self.record(one), self.record(other, company="") | self.maybe(email="")

    def other_at_switchboard(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone(at_work=True)
        other = self.someone()._replace(company=one.company, phone=one.phone)
        return self.record(one), self.record(other) | self.maybe(email="")

    def other_at_shared_mailbox(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone(at_work=True)
        assert one.company
        other = self.someone()._replace(company=one.company)
        mail = f"{self.rng.choice(ROLES)}@{one.company[2]}"
        return self.record(one, email=mail), self.record(other, email=mail) | self.maybe(phone="")

    def other_relative_at_work(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone(at_work=True)
        assert one.company
        other = self.someone(family=one.family)._replace(company=one.company)
        a, b = (self.record(who, email=f"m{self.number()}@{one.company[2]}") for who in (one, other))
        return a, b | self.maybe(phone="")

    def other_namesake(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone()
        other = self.someone()._replace(given=one.given, family=one.family, company=None)
        return self.record(one), self.record(other) | self.maybe(phone="")

    def other_stranger(self) -> tuple[dict[str, str], dict[str, str]]:
        return self.record(self.someone()), self.record(self.someone()) | self.maybe(email="")

    def other_colleague(self) -> tuple[dict[str, str], dict[str, str]]:
        one = self.someone(at_work=True)
        other = self.someone()._replace(company=one.company, given=one.given)
        other = other._replace(family=self.rng.choice([name for name in FAMILY if name is not one.family]))
        return self.record(one, email=""), self.record(other, email="") | self.maybe(phone="")

    def someone(self, *, at_work: bool = False, family: list[str] | None = None) -> Someone:
        """Somebody nobody was before in given name, phone or mailbox."""
        given = GIVEN[self.count * 37 % len(GIVEN)]
        self.count += 1
        surname = family or self.rng.choice([one for one in FAMILY if one[0] != given[0]])
        company = self.rng.choice(COMPANY) if at_work or self.rng.random() < 0.4 else None
        mail = f"{given[1].lower().replace(chr(39), '')}{self.number()}@{self.rng.choice(FREE_MAIL)}"
        return Someone(given, surname, company, self.phone(), mail)

    def record(self, one: Someone, **given: str) -> dict[str, str]:
        """What somebody wrote down of a person."""
        company = self.rng.choice(one.company[:2]) if one.company else ""
        return {"name": self.name(one), "phone": self.spelt(one.phone), "email": one.mail, "company": company} | given

    def maybe(self, **given: str) -> dict[str, str]:
        return given if self.rng.random() < 0.5 else {}

    def words(self, one: Someone) -> tuple[str, str]:
        if self.rng.random() < 0.5:
            return one.given[0], one.family[0]
        return self.rng.choice(one.given[1:]), self.rng.choice(one.family[1:])

    def name(self, one: Someone) -> str:
        return " ".join(self.words(one))

    def hebrew(self, one: Someone) -> str:
        return f"{one.given[0]} {one.family[0]}"

    def latin(self, one: Someone) -> str:
        return f"{self.rng.choice(one.given[1:])} {self.rng.choice(one.family[1:])}"

    def number(self) -> int:
        return self.rng.randrange(10**6)

    def phone(self) -> str:
        return f"5{self.rng.choice('0234')}{self.rng.randrange(2 * 10**6, 10**7)}"

    def spelt(self, digits: str) -> str:
        start, end = digits[:2], digits[2:]
        spellings = (
            f"0{digits}",
            f"0{start}-{end}",
            f"+972 {start}-{end[:3]}-{end[3:]}",
            f"00972{digits}",
            f"(0{start}) {end[:3]} {end[3:]}",
        )
        return self.rng.choice((*spellings, f"972-{start}-{end}", f"p:+972{digits}", f"נייד: 0{start}.{end}"))

    def slip(self, name: str) -> str:
        """One letter too many, too few, another or two swapped, blanks included."""
        at = self.rng.randrange(len(name) - 1)
        letter = self.rng.choice("אבגדהוזחטיכלמנסעפצקרשת" if name[0] >= "א" else "abcdefghijklmnopqrstuvwxyz")
        return self.rng.choice(
            (
                name[:at] + name[at] + name[at:],
                name[:at] + name[at + 1 :],
                name[:at] + letter + name[at + 1 :],
                name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            )
        )
