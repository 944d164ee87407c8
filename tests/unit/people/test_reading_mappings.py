"""Promises of mappings: each file is read by the one that knows its header, or nobody guesses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.people.domain.profile import Contract
from services.people.domain.reading.faults import RosterUnusable
from services.people.domain.telling import told
from services.people.mappings import layout, shipped
from tests.support.hr_files import LAYOUTS, PLAIN, csv_of, person, reading_of

SUCCESSFACTORS = b"""STATUS,USERID,FIRSTNAME,LASTNAME,EMAIL,MANAGER,HR,DATEOFBIRTH,HIREDATE,EMPID,DEFAULT_LOCALE
Status,User Sys ID,First Name,Last Name,Email,Manager,Human Resource,Date of Birth,Hire Date,Employee Id,Locale
active,u1,Ada,One,ada@example.com,NO_MANAGER,NO_HR,07/09/66,01/15/1994,0001,en_US
inactive,u2,Ben,Two,ben@example.com,u1,NO_HR,12/31/1990,02/01/2015,0002,de_DE
"""
BAMBOO = b"""Employee #,First Name,Last Name,Work Email,Birth Date,Hire Date,Reporting to,Status,Location
17,Ada,One,ada@example.com,07/09/66,2/1/1994,,Active,Salt Lake City
18,Ben,Two,ben@example.com,1990-12-31,2/1/2015,"One, Ada",Leave,Salt Lake City
"""
GERMAN = """PersNr;Name;Vorname;GebDat;Eintritt;Austritt;Vorgesetzter PersNr;E-Mail;Firma
00017;Brandt;Jürgen;09.07.1966;01.04.2004;;;j.brandt@example.com;Nord GmbH
00018;Groß;Zoë;29.02.1996;01.01.2021;31.12.2026;00017;z.gross@example.com;Nord GmbH
"""


def test_every_shipped_mapping_is_recognised_by_its_own_first_headers() -> None:
    """No mapping is a twin of another."""
    for one in LAYOUTS:
        header = ",".join(dict.fromkeys(f'"{names[0]}"' for names in one.columns.values()))

        assert reading_of(f"{header}\n".encode()).layout.name == one.name


def test_successfactors_export_is_read() -> None:
    """Labels below the header are no person, managers are user ids, dates begin with the month."""
    found = reading_of(SUCCESSFACTORS)

    assert (found.layout.name, found.refused) == ("successfactors", 0)
    ada, ben = found.records
    assert (ada.employee_number, ada.external_id, ada.birth_date) == ("0001", "u1", date(1966, 7, 9))
    assert (ada.manager, ada.active, ben.active, ben.language) == (None, True, False, "de-DE")
    assert found.hierarchy.managers == {"0002": "0001"}


def test_bamboohr_export_is_read() -> None:
    """Managers by name in either order, dates that begin with the month, a status that means a leave."""
    found = reading_of(BAMBOO)

    assert (found.layout.name, found.refused) == ("bamboohr", 0)
    ada, ben = found.records
    assert (ada.birth_date, ada.hire_date, ben.on_leave, ben.active) == (
        date(1966, 7, 9),
        date(1994, 2, 1),
        True,
        True,
    )
    assert found.hierarchy.managers == {"18": "17"}


def test_german_export_in_the_encoding_of_german_spreadsheets_is_read() -> None:
    """Abbreviated headers, semicolons, Windows-1252, and a last day that has passed."""
    found = reading_of(GERMAN.encode("cp1252"))

    assert (found.layout.name, found.encoding, found.refused) == ("personio-de", "cp1252", 0)
    assert [(record.name, record.active) for record in found.records] == [("Jürgen Brandt", True), ("Zoë Groß", False)]
    assert found.hierarchy.managers == {"00018": "00017"}


def test_own_columns_of_the_product_are_read() -> None:
    """What the demo's roster and earlier rosters have: one cell for the name, roles, skills, wishes."""
    row = {
        "employee_number": "E1",
        "name": "Ada Maria Okafor",
        "email": "a@example.com",
        "subsidiary": "North",
        "birth_date": "1999-03-14",
        "entry_date": "2021-09-01",
        "manager": "E0",
        "executive": "Yes",
        "active": "true",
        "language": "DE",
        "zone": "Europe/Berlin",
        "languages": "de; pt-BR ;de",
        "place": "São Paulo",
        "capacity": "3",
        "skills": "LinkedIn:4; Google Ads : 0;",
        "wishes": "TikTok:1",
        "login": "7f3",
        "roles": "programme_manager@North|South Side;auditor",
    }

    found = reading_of(csv_of(row))

    (one,) = found.records
    assert (one.first_name, one.last_name, one.hire_date, one.executive) == (
        "Ada Maria",
        "Okafor",
        date(2021, 9, 1),
        True,
    )
    assert (one.language, one.zone, one.languages, one.capacity) == ("de", "Europe/Berlin", ("de", "pt-BR"), 3)
    assert [skill.platform for skill in one.skills] == ["linkedin", "google-ads"]
    assert [role.subsidiaries for role in one.roles] == [("North", "South Side"), ()]
    assert one.login == "idp:7f3"
    assert found.said >= {"roles", "skills", "login", "manager", "first_name", "last_name", "hire_date", "active"}


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("workday", ["Regular", "Temporary", "Apprentice", "Intern", "Contingent"]),
        ("successfactors", ["Permanent", "Fixed Term", "Trainee", "Internship", "Contingent Worker"]),
        ("bamboohr", ["Regular", "Temporary", "Apprentice", "Intern", "Agency"]),
        ("personio-de", ["unbefristet", "Befristet", "Auszubildende/r", "Praktikantin", "Zeitarbeit"]),
        ("plain", ["permanent", "temporary", "apprentice", "internship", "temporary agency"]),
    ],
)
def test_kinds_of_contract_are_read_by_the_words_of_the_mapping(mapping: str, words: list[str]) -> None:
    """Each HR system has its own words, in any case; Tandem's own codes are understood everywhere."""
    layout_ = next(one for one in LAYOUTS if one.name == mapping)
    column = {name: spelled[0] for name, spelled in layout_.columns.items()}
    wanted = [Contract.PERMANENT, Contract.FIXED_TERM, Contract.TRAINEE, Contract.INTERN, Contract.TEMPORARY_AGENCY]
    codes = [code.value for code in Contract]
    status = layout_.statuses.active[0]
    rows = [
        {column["employee_number"]: str(number), column["last_name"]: "A", column["first_name"]: "B",
         column["hire_date"]: "2022-01-31", column["status"]: status, column["contract"]: word}
        for number, word in enumerate([*words, *codes])
    ]  # fmt: skip

    found = reading_of(csv_of(*rows), layouts=[layout_])

    assert [record.contract for record in found.records] == [*wanted, *Contract]
    assert "contract" in found.said
    assert [one for one in found.warnings if one.field] == []


def test_kind_of_contract_that_the_mapping_does_not_know_is_not_guessed() -> None:
    """The person is read all the same; the warning names the word and what to do, and an empty cell needs none."""
    found = reading_of(csv_of(person("1", contract="Zero hours"), person("2", contract=""), person("3")))

    assert [record.contract for record in found.records] == [None, None, None]
    [warning] = [one for one in found.warnings if one.field == "contract"]
    assert warning.line == 2
    assert "'Zero hours'" in warning.reason
    assert told(found)["accepted"][0].get("contract") is None
    assert told(reading_of(csv_of(person("1", contract="intern"))))["accepted"][0]["contract"] == "intern"


def test_login_of_a_known_issuer_stays_with_it() -> None:
    """Where several issuers sign people in, a cell may name one; anything else belongs to the first."""
    rows = [person("1", login="entra:a:b"), person("2", login="urn:x"), person("3")]

    found = reading_of(csv_of(*rows), issuers=("idp", "entra"))

    assert [record.login for record in found.records] == ["entra:a:b", "idp:urn:x", None]


def test_named_mapping_goes_before_recognition() -> None:
    """One mapping is tried alone, so that it may fit less well than another."""
    mine = replace(PLAIN, name="mine", dates="day-first", subsidiary="South")

    found = reading_of(csv_of({"employee_number": "1", "name": "A", "birth_date": "1/2/1990"}), layouts=[mine])

    assert (found.layout.name, found.records[0].birth_date) == ("mine", date(1990, 2, 1))
    assert found.records[0].subsidiary == "South"


def test_callers_subsidiary_goes_before_the_mappings_and_behind_the_cells() -> None:
    """Companies without a column send everybody of one company."""
    rows = [person("1", subsidiary=""), person("2", subsidiary="West")]

    found = reading_of(csv_of(*rows), subsidiary="East", layouts=[replace(PLAIN, subsidiary="South")])

    assert [record.subsidiary for record in found.records] == ["East", "West"]


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        (b"", "body", "empty"),
        (b"\n \n", "body", "empty"),
        (b"a,b\n1,2\n", "header", "plain needs employee_number, last_name besides"),
        (b"employee_number,email\n", "header", "plain needs last_name besides"),
        (b"employee_number,name,e-mail,Email\n", "e-mail", "twice"),
    ],
)
def test_header_that_nobody_knows_is_refused(body: bytes, field: str, said: str) -> None:
    """The refusal lists what was found and what each mapping needs, or names the doubled column."""
    with pytest.raises(RosterUnusable, match=said) as refused:
        reading_of(body)

    assert refused.value.field == field


def test_header_that_two_mappings_fit_alike_is_a_question() -> None:
    """Nothing is picked where either could be meant."""
    with pytest.raises(RosterUnusable, match="fits one and other alike; name the mapping"):
        reading_of(csv_of(person("1")), layouts=[replace(PLAIN, name="one"), replace(PLAIN, name="other")])


def test_doubled_column_that_nobody_reads_does_no_harm() -> None:
    """Exports repeat their cost centres."""
    assert len(reading_of(b"employee_number,name,cost,cost\n1,A,x,y\n").records) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not YAML"),
        ("- a", "must have name"),
        ("name: x\ntitle: y\ncolumns: {}\ncolour: red", "has colour"),
        ("name: x\ntitle: y", "columns"),
        ("name: x\ntitle: y\ncolumns: {shoe_size: [Size]}", "No field is called shoe_size"),
        ("name: x\ntitle: y\ncolumns: {}\ndates: backwards", "dates"),
        ("name: x\ntitle: y\ncolumns: {}\ncontracts: {serf: [serf]}", "contracts"),
    ],
)
def test_mapping_file_with_a_mistake_says_where(text: str, said: str) -> None:
    """Whoever writes one need not read code."""
    with pytest.raises(RosterUnusable, match=said) as refused:
        layout(text)

    assert refused.value.field == "mapping"


def test_mapping_file_of_ones_own_is_read() -> None:
    """A few lines are enough, in YAML as in JSON."""
    found = layout('{"name": "mine", "title": "My HR", "columns": {"employee_number": ["No"], "full_name": ["Who"]}}')

    assert [record.name for record in reading_of(b"No,Who\n1,Ada One\n", layouts=[found]).records] == ["Ada One"]


def test_shipped_mappings_are_named_once() -> None:
    """``--mapping NAME`` means one."""
    names = [one.name for one in shipped()]

    assert len(names) == len(set(names)) == 6


@pytest.mark.parametrize("title", ["2026-13-45", "[" * 5000, "9" * 5000], ids=["no day", "too deep", "too long"])
def test_mapping_that_cannot_be_read_is_refused(title: str) -> None:
    """What YAML stumbles over is the sender's fault, and said so."""
    with pytest.raises(RosterUnusable, match="mapping"):
        layout(f"name: mine\ntitle: {title}\n")
