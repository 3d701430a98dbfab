from __future__ import annotations

import pytest

from crm_tui.errors import Refused
from crm_tui.intake.columns import IGNORE, PROPERTY, find_header, find_table, label_of, match_columns


def placed(header: str, separator: str = ",") -> dict[str, str]:
    """Field (and label) by column name, of the columns that fill one."""
    columns = match_columns(header.split(separator))
    assert columns is not None
    return {column.name: f"{column.field} {column.label}".strip() for column in columns.placed if column.field not in (PROPERTY, IGNORE)}


def field_of(name: str) -> str:
    columns = match_columns([name, "Full Name", "Phone"])
    assert columns is not None
    column = columns.placed[0]
    return f"{column.field} {column.label}".strip()


HEBREW = {
    "שם": "name",
    "שם מלא": "name",
    "שם הלקוח": "name",
    "שם פרטי": "first_name",
    "שם משפחה": "last_name",
    "טלפון": "phone",
    "מספר טלפון": "phone",
    "טל'": "phone",
    "נייד": "phone mobile",
    "סלולרי": "phone mobile",
    "פלאפון": "phone mobile",
    "טלפון נייד": "phone mobile",
    "טלפון נוסף": "phone other",
    "טלפון בבית": "phone home",
    'דוא"ל': "email",
    "דוא״ל": "email",
    "דואל": "email",
    "אימייל": "email",
    "מייל": "email",
    "דואר אלקטרוני": "email",
    "כתובת מייל": "email",
    "חברה": "company",
    "שם החברה": "company",
    "תפקיד": "title",
    "מקור": "source",
    "מקור הליד": "source",
    "קמפיין": "campaign",
    "הערה": "note",
    "הערות": "note",
    "תאריך": "created",
    "מוכנות": "readiness",
    "תגיות": "tags",
    "אתר": "website",
}


@pytest.mark.parametrize("name", HEBREW)
def test_hebrew_names(name: str) -> None:
    expected = HEBREW[name]
    columns = match_columns([name, "נייד"])
    assert columns is not None
    column = columns.placed[0]
    assert f"{column.field} {column.label}".strip() == expected


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Email Opt Out", PROPERTY),
        ("Unsubscribed", PROPERTY),
        ("Unsubscribed from all email", PROPERTY),
        ("Business Fax", PROPERTY),
        ("Assistant's Phone", PROPERTY),
        ("Company Main Phone", PROPERTY),
        ("TTY/TDD Phone", PROPERTY),
        ("IMAddress", PROPERTY),
        ("Mailing Street", PROPERTY),
        ("Email Verified", PROPERTY),
        ("Contact owner", PROPERTY),
        ("Lead Status", PROPERTY),
        ("Associated Company IDs", PROPERTY),
        ("Record ID", PROPERTY),
        ("Connected On", PROPERTY),
        ("campaign_id", PROPERTY),
        ("Last Activity Date", PROPERTY),
        ("מה מספר הטלפון שלך?", PROPERTY),
        ("What is your email?", PROPERTY),
        ("E-Mail-Adresse", "email"),
        ("E-mail 2 Address", "email"),
        ("Email Address *", "email"),
        ("e_mail", "email"),
        ("eMail", "email"),
        ("E-mails", "email"),
        ("Person - Email (Work)", "email work"),
        ("Osoba - E-mail", "email"),
        ("Person - Phone - Work", "phone work"),
        ("Home Phone 2", "phone home"),
        ("Business Phone", "phone work"),
        ("phone_number", "phone"),
        ("Phone Number (required)", "phone"),
        ("WhatsApp", "phone whatsapp"),
        ("MobilePhone", "phone mobile"),
        ("Email / דוא״ל", "email"),
        ("Company / חברה", "company"),
        ("Company / Account", "company"),
        ("Source / Campaign", PROPERTY),
        ("LeadSource", "source"),
        ("Created Time", "created"),
        ("Unternehmen", "company"),
        ("Website 1 - Value", "website"),
    ],
)
def test_single_names(name: str, field: str) -> None:
    assert field_of(name) == field


def test_hubspot() -> None:
    header = "Record ID,First Name,Last Name,Email,Phone Number,Lead Status,Create Date,Associated Company,Contact owner"
    assert placed(header) == {
        "First Name": "first_name",
        "Last Name": "last_name",
        "Email": "email",
        "Phone Number": "phone",
        "Create Date": "created",
        "Associated Company": "company",
    }
    both = placed("First Name,Associated Company,Company Name")
    assert both == {"First Name": "first_name", "Company Name": "company"}


def test_zoho_salesforce_and_meta() -> None:
    assert placed("Lead Owner,Company,First Name,Last Name,Email,Phone,Mobile,Lead Source,Lead Status,Lead Name") == {
        "Company": "company",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Email": "email",
        "Phone": "phone",
        "Mobile": "phone mobile",
        "Lead Source": "source",
        "Lead Name": "name",
    }
    assert placed("Id/Lead ID,FirstName,LastName,Email,Phone,Company,LeadSource,Status,OwnerId") == {
        "FirstName": "first_name",
        "LastName": "last_name",
        "Email": "email",
        "Phone": "phone",
        "Company": "company",
        "LeadSource": "source",
    }
    assert placed("id,created_time,ad_id,campaign_name,is_organic,platform,מה מעניין אותך?,full_name,email,phone_number") == {
        "created_time": "created",
        "campaign_name": "campaign",
        "platform": "source",
        "full_name": "name",
        "email": "email",
        "phone_number": "phone",
    }


def test_outlook_has_a_form_of_address_beside_the_job() -> None:
    found = placed("First Name,Last Name,Title,E-mail Address,E-mail 2 Address,Home Phone,Business Fax,Job Title,Company")
    assert found["Job Title"] == "title"
    assert "Title" not in found
    assert placed("First Name,Title")["Title"] == "title"


def test_linkedin_in_german() -> None:
    assert placed("Vorname,Nachname,URL,E-Mail-Adresse,Unternehmen,Position") == {
        "Vorname": "first_name",
        "Nachname": "last_name",
        "E-Mail-Adresse": "email",
        "Unternehmen": "company",
        "Position": "title",
    }


def test_google_labels_stand_in_columns_of_their_own() -> None:
    for header in ("Name,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Address 1 - Type",):
        columns = match_columns(header.split(","))
        assert columns is not None
        assert [(column.field, column.label_index) for column in columns.placed] == [
            ("name", -1),
            (IGNORE, -1),
            ("email", 1),
            (IGNORE, -1),
            ("phone", 3),
            (PROPERTY, -1),
        ]
    assert label_of("* Work") == ("work", True)
    assert label_of("* ") == ("", True)
    assert label_of("Dad's") == ("Dad's", False)
    assert label_of("עבודה") == ("work", False)


def test_our_own_export() -> None:
    header = "id,name,phone,email,company,owner,lifecycle,status,source,campaign,readiness,tags,note,created_at"
    columns = match_columns(header.split(","))
    assert columns is not None
    assert [column.name for column in columns.of(PROPERTY)] == ["id", "owner", "lifecycle", "status"]
    assert columns.score == 10
    assert [column.field for column in columns.of("created")] == ["created"]


def test_a_name_beside_a_surname_is_a_first_name() -> None:
    assert placed("שם,שם משפחה,טלפון") == {"שם": "first_name", "שם משפחה": "last_name", "טלפון": "phone"}
    assert placed("Name,First Name,Last Name")["Name"] == "name"
    assert "Contact" not in placed("Contact,First Name,Last Name")


def test_every_property_has_a_name_of_its_own() -> None:
    columns = match_columns(["Name", "City", "", "City", " ", "Name", "x" * 900])
    assert columns is not None
    names = [column.name for column in columns.of(PROPERTY)]
    assert names == ["City", "column 3", "City 2", "column 5", "Name 2", "x" * 500]


@pytest.mark.parametrize(
    "row",
    [
        "דנה כהן,0501234567,dana@example.com,Phone",
        "Laurie,050-5868344,,Phone",
        "Phone,dana@example.com",
        "Record ID,Company name,Website URL,Company owner",
        "",
        ",,",
    ],
)
def test_data_and_tables_without_people_are_no_header(row: str) -> None:
    assert match_columns(row.split(",")) is None


def header_line(*rows: str) -> int:
    found = find_header([(line, row.split(",")) for line, row in enumerate(rows, 1)])
    return found[0] if found else 0


def test_the_header_is_found_below_other_text() -> None:
    assert header_line("Notes:", '"When exporting, you may see"', "First Name,Last Name,URL") == 3
    assert header_line("Contacts", "", "Name,Phone") == 3
    assert header_line("Phone", "Name,Phone") == 2
    assert header_line("Email", "dana@example.com") == 1
    assert header_line("foo,Email", "x,dana@example.com") == 1
    assert header_line("foo,bar", "Moshe,5") == 0
    assert header_line(*["x,y"] * 29, "Name,Phone") == 30
    assert header_line(*["x,y"] * 30, "Name,Phone") == 0


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_makes_sense_of_the_header(delimiter: str) -> None:
    rows = [["שם", "Phone", "notes"], ["Dana, Ltd; x|y", "050", "a;b;c, d, e"], ["Moshe", "", '"x"\t,;|']]
    sample = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert find_table(sample)[:2] == (delimiter, 1)


def test_commas_in_plain_text_do_not_make_a_comma_file() -> None:
    sample = "name;note\n" + "Dana;price, then, decide, soon\n" * 30
    assert find_table(sample)[0] == ";"
    assert find_table("sep=;\nEmail\na@example.com\n")[:2] == (";", 2)
    assert find_table("\ufeffsep=^\r\nName^Email\r\n")[:2] == ("^", 2)


def test_a_table_that_is_not_understood_names_what_was_seen() -> None:
    with pytest.raises(Refused, match="Species") as refused:
        find_table("Species,Legs\ncat,4\n")
    assert refused.value.field == "header"
    assert "שם" in refused.value.message
    with pytest.raises(Refused) as empty:
        find_table("\n , \n\n")
    assert empty.value.field == "file"


def test_hostile_headers_cost_little() -> None:
    cells = ["a@" + "." * 100_000 + " ", "-" * 100_000, "e mail " * 20_000, "Name"]
    assert match_columns(cells) is None
    assert match_columns([*cells, "Phone"]) is not None


def test_our_own_export_comes_back_without_what_follows_from_the_log():
    header = "id,name,phone,email,company,owner,lifecycle,status,source,campaign,readiness,tags,note,created_at,phones,emails,source_detail"
    columns = match_columns([*header.split(","), "desk", "closing_reason", "next_action", "next_at", "need"])
    assert columns is not None
    assert {column.name for column in columns.of("ignore")} >= {"id", "owner", "status", "next_at"}
    assert [column.name for column in columns.of("property")][-1] == "need"


@pytest.mark.parametrize(
    "header",
    [
        *("name,phone,status,owner", "name,phone,currency,lifecycle", "name,phone,next_at", "id,name,phone,owner,lifecycle,status"),
        *("name,email,started_at,worked_at,value", "name,phone,id,owner,lifecycle,status,desk,closing_reason,next_action"),
    ],
)
def test_a_sheet_that_somebody_made_keeps_all_it_has(header: str) -> None:
    placed = match_columns(header.split(","))
    assert placed is not None
    assert [column.name for column in placed.of(PROPERTY)] == [one for one in header.split(",") if one not in ("name", "phone", "email")]


def test_a_view_comes_back_without_what_follows_from_the_log() -> None:
    for header in ("name,phone,status,owner,crm_tui_id", "value,currency,name,next_action,next_at,crm_tui_id,lifecycle,seats"):
        placed = match_columns(header.split(","))
        assert placed is not None
        assert [column.name for column in placed.of(PROPERTY)] == (["seats"] if "seats" in header else [])
