"""Promises of reading a roster: a faulty row is told apart from its neighbours, a faulty file is refused whole."""

from __future__ import annotations

import tracemalloc
from datetime import date

import pytest

from services.people.domain.person import Role, RoleName, Skill, Wish
from services.people.domain.roster import COLUMNS, FAULTS, ROWS, Fault, RosterUnusable, parse

GOOD = {
    "employee_number": "000412",
    "name": "Okafor, Adaeze",
    "email": "adaeze.okafor@example.com",
    "subsidiary": "Messe Nord GmbH",
    "birth_date": "1999-03-14",
    "entry_date": "2021-09-01",
}


def csv_of(*rows: dict[str, str], end: str = "\n") -> bytes:
    """A roster whose header has every column that one of ``rows`` names."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    lines = [header, *([row.get(name, "") for name in header] for row in rows)]
    return "".join(",".join(f'"{cell}"' for cell in line) + end for line in lines).encode()


def faults_of(**cells: str) -> list[tuple[str | None, str]]:
    """Columns and messages of what is wrong with the good row after these changes."""
    roster = parse(csv_of(GOOD | cells))
    assert bool(roster.rows) != bool(roster.faults)
    return [(fault.column, fault.message) for fault in roster.faults]


def test_row_with_only_the_required_columns_gets_defaults() -> None:
    """A person of whom nothing more is said is an active employee who speaks English and may mentor one."""
    [row] = parse(csv_of(GOOD)).rows

    assert (row.employee_number, row.name, row.subsidiary) == ("000412", "Okafor, Adaeze", "Messe Nord GmbH")
    assert (row.birth_date, row.entry_date) == (date(1999, 3, 14), date(2021, 9, 1))
    assert (row.manager, row.login, row.executive, row.active) == (None, None, False, True)
    assert (row.language, row.zone, row.languages, row.place, row.capacity) == ("en", "UTC", ("en",), "", 1)
    assert (row.skills, row.wishes, row.roles) == ((), (), ())
    assert row.said == set(GOOD)


def test_every_column_is_read() -> None:
    """Lists, numbers, truth values and tags of all optional columns arrive as what they mean."""
    more = {
        "manager": "000017",
        "executive": "Yes",
        "active": "FALSE",
        "language": "DE",
        "zone": "Europe/Berlin",
        "languages": "de; pt-BR ;de",
        "place": "São Paulo",
        "capacity": "3",
        "skills": "LinkedIn:4; Google Ads : 0;",
        "wishes": "TikTok:1",
        "login": "entra|7",
        "roles": "programme_manager@North|South Side;auditor",
    }

    [row] = parse(csv_of(GOOD | more)).rows

    assert set(GOOD | more) == set(COLUMNS) == row.said
    assert (row.manager, row.login, row.executive, row.active) == ("000017", "entra|7", True, False)
    assert (row.language, row.zone, row.languages) == ("de", "Europe/Berlin", ("de", "pt-BR"))
    assert (row.place, row.capacity) == ("São Paulo", 3)
    assert row.skills == (Skill("linkedin", 4), Skill("google-ads", 0))
    assert row.wishes == (Wish("tiktok", 1),)
    assert row.roles == (Role(RoleName.PROGRAMME_MANAGER, ("North", "South Side")), Role(RoleName.AUDITOR))


def test_languages_follow_the_language_of_correspondence() -> None:
    """Whoever is written to in a language speaks it, unless the roster lists the languages."""
    [row] = parse(csv_of(GOOD | {"language": "fr", "languages": ""})).rows

    assert row.languages == ("fr",)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("employee_number", " "),
        ("employee_number", "9" * 65),
        ("name", ""),
        ("name", "A\x00da"),
        ("name", "x" * 201),
        ("email", "adaeze.okafor"),
        ("email", "Ada <ada@example.com>"),
        ("email", "ada@example"),
        ("email", f"{'a' * 250}@example.com"),
        ("subsidiary", ""),
        ("birth_date", "31.12.1995"),
        ("birth_date", "07/09/66"),
        ("birth_date", "1997-02-31"),
        ("birth_date", "19970228"),
        ("birth_date", "1899-12-31"),
        ("birth_date", "2021-09-01"),
        ("entry_date", ""),
        ("executive", "maybe"),
        ("language", "english"),
        ("languages", "en;x"),
        ("zone", "Berlin"),
        ("capacity", "4"),
        ("capacity", "-1"),
        ("capacity", "²"),
        ("skills", "LinkedIn"),
        ("skills", "LinkedIn:5"),
        ("skills", "LinkedIn:4;linkedin:3"),
        ("skills", ":3"),
        ("skills", f"{'x' * 41}:3"),
        ("wishes", "LinkedIn:0"),
        ("wishes", "LinkedIn:4"),
        ("roles", "boss"),
        ("roles", "auditor;auditor@North"),
        ("login", "x" * 256),
    ],
)
def test_bad_cell_refuses_its_row_and_names_its_column(column: str, cell: str) -> None:
    """Each column says no to what it cannot use, and its fault has something to do in it."""
    [(named, message)] = faults_of(**{column: cell})

    assert named == column
    assert message


def test_all_faults_of_a_row_are_named_at_once() -> None:
    """Whoever corrects a row need not send it three times to learn of three faults."""
    assert [column for column, _ in faults_of(email="none", capacity="9", zone="Mars")] == ["email", "capacity", "zone"]


def test_faulty_rows_do_not_touch_their_neighbours() -> None:
    """Good rows around a faulty one are read; the fault has the line on which the row begins."""
    rows = [GOOD | {"employee_number": number} for number in ("1", "2", "3")]
    rows[1]["name"] = "Two\nlines"
    rows[1]["email"] = "none"
    rows[2]["name"] = "Also\r\n two   lines"

    roster = parse(csv_of(*rows, end="\r\n"))

    assert [(row.employee_number, row.line, row.name) for row in roster.rows] == [
        ("1", 2, "Okafor, Adaeze"),
        ("3", 5, "Also two lines"),
    ]
    assert [(fault.line, fault.column) for fault in roster.faults] == [(3, "email")]


@pytest.mark.parametrize("column", ["employee_number", "login"])
def test_second_row_with_the_same_number_or_login_is_refused(column: str) -> None:
    """The first row stands, the later one is refused and names the line of the first."""
    one = GOOD | {"employee_number": "1", "login": "a"}
    other = GOOD | {"employee_number": "2", "login": "b"} | {column: one[column]}

    roster = parse(csv_of(one, other))

    assert [row.line for row in roster.rows] == [2]
    assert roster.faults == (Fault(3, column, f"line 2 has the same {column}; keep one of the two"),)


def test_faulty_first_row_still_holds_its_number() -> None:
    """Of two rows with one number none slips in because the other is faulty too."""
    roster = parse(csv_of(GOOD | {"email": "none"}, GOOD))

    assert roster.rows == ()
    assert [(fault.line, fault.column) for fault in roster.faults] == [(2, "email"), (3, "employee_number")]


@pytest.mark.parametrize(
    ("tail", "column"),
    [(",000017", None), ("", "entry_date")],
    ids=["a cell too many", "a cell too few"],
)
def test_row_of_another_length_is_refused(tail: str, column: str | None) -> None:
    """Cells are never counted on from the wrong end; a short row names the first column it lacks."""
    cells = list(GOOD.values())
    cells[1] = '"Okafor, Adaeze"'
    line = ",".join(cells if tail else cells[:-1]) + tail

    roster = parse(f"{','.join(GOOD)}\n{line}\n".encode())

    assert roster.rows == ()
    assert [(fault.line, fault.column) for fault in roster.faults] == [(2, column)]


def test_byte_order_mark_blank_rows_and_accents_written_apart_make_no_difference() -> None:
    """What spreadsheet programs add to a file changes nothing of what it says."""
    plain = parse(csv_of(GOOD | {"name": "\u00c5sa"}))
    dirty = parse(b"\xef\xbb\xbf" + csv_of(GOOD | {"name": "A\u030asa "}) + b",,,,,\n \n")

    assert plain == dirty


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "employee_number"),
        (csv_of(), "employee_number"),
        (csv_of(dict.fromkeys(GOOD, "")), "body"),
        (csv_of(GOOD).replace(b"email", b"mail"), "mail"),
        (csv_of({name: value for name, value in GOOD.items() if name != "email"}), "email"),
        (csv_of(GOOD).replace(b'"subsidiary"', b'"email "'), "email"),
        (csv_of(GOOD | {"managr": ""}), "managr"),
        (csv_of(GOOD).replace(b'"', b"").replace(b",", b";"), ";".join(GOOD)),
        (csv_of(GOOD) + "Z\u00fcrich".encode("latin-1"), "line 3"),
        (csv_of(GOOD) + b'"never closed', "line 3"),
    ],
)
def test_unusable_file_is_refused_whole_and_says_where(body: bytes, named: str) -> None:
    """No header, no rows, an unknown, missing or doubled column, another encoding, broken quotes: nothing is read."""
    with pytest.raises(RosterUnusable) as refused:
        parse(body)

    assert refused.value.field == named
    assert refused.value.status == 422


def bad_rows(number: int, name: bytes = b"Ada") -> bytes:
    """A roster of so many rows that are too short, each of them one fault."""
    header = csv_of(GOOD).splitlines(keepends=True)[0]
    return header + b"".join(b"%d,%s\n" % (row, name) for row in range(number))


def test_file_of_the_most_rows_is_read_and_a_longer_one_refused() -> None:
    """Blank rows and the header do not count; the refusal says what to do."""
    assert parse(bad_rows(ROWS) + b",,,,,\n").refused == ROWS

    with pytest.raises(RosterUnusable, match="more than 20,000 rows; split it") as refused:
        parse(bad_rows(ROWS + 1))

    assert (refused.value.field, refused.value.status) == ("body", 422)


def test_first_faults_are_listed_and_all_refused_rows_counted() -> None:
    """Nobody corrects more at a time, and an answer must not outgrow its file; good rows are taken all the same."""
    body = bad_rows(FAULTS + 5) + csv_of(GOOD).splitlines(keepends=True)[1]

    roster = parse(body)

    assert [fault.line for fault in roster.faults] == list(range(2, FAULTS + 2))
    assert (roster.refused, len(roster.rows)) == (FAULTS + 5, 1)


def test_row_with_several_faults_is_one_refused_row() -> None:
    """Rows are counted, not faults."""
    roster = parse(csv_of(GOOD | {"email": "none", "name": ""}))

    assert (roster.refused, len(roster.faults)) == (1, 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_in_any_way(end: str) -> None:
    """Files of old and new programs are read alike."""
    assert parse(csv_of(GOOD, end=end)) == parse(csv_of(GOOD))


def test_large_file_is_not_held_a_second_time() -> None:
    """Reading takes less memory than the file itself, however many of its rows are faulty."""
    body = bad_rows(ROWS, b"x" * 500)
    tracemalloc.start()
    try:
        parse(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < len(body) / 2
