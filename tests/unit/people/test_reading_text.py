"""Promises of bytes and rows: what a spreadsheet program did to a file changes nothing of what it says."""

from __future__ import annotations

import codecs
from dataclasses import replace

import pytest

from services.people.domain.reading.faults import RosterUnusable
from services.people.domain.reading.table import ROWS, heads, lines_of, table
from services.people.domain.reading.text import decoded
from tests.support.hr_files import PLAIN, csv_of, person, reading_of

NAME = "Jürgen Brandt"


@pytest.mark.parametrize(
    ("body", "encoding", "guessed"),
    [
        (NAME.encode(), "utf-8", False),
        (codecs.BOM_UTF8 + NAME.encode(), "utf-8-sig", False),
        (NAME.encode("utf-16"), "utf-16", False),
        (codecs.BOM_UTF16_BE + NAME.encode("utf-16-be"), "utf-16", False),
        (NAME.encode("cp1252"), "cp1252", True),
        (b"plain", "utf-8", False),
    ],
)
def test_encoding_is_told_by_mark_or_rule(body: bytes, encoding: str, guessed: bool) -> None:
    """A byte order mark counts, else strict UTF-8, else Windows-1252, which is said to be a guess."""
    found = decoded(body)

    assert (found.encoding, found.guessed) == (encoding, guessed)
    assert found.text in (NAME, "plain")


def test_named_encoding_goes_before_the_rule() -> None:
    """Polish letters in cp1250 would pass for Western ones."""
    body = "Żółć".encode("cp1250")

    assert decoded(body, "cp1250").text == "Żółć"
    assert decoded(body).text != "Żółć"


@pytest.mark.parametrize(
    ("body", "encoding", "field"),
    [
        (b"a\nb\x81", None, "line 2"),
        (codecs.BOM_UTF8 + b"a\n\xfc", None, "encoding"),
        ("Jürgen\nZoë\n".encode() + b"\xfc", None, "line 3"),
        ("a;b\n".encode("utf-16-le"), None, "encoding"),
        (b"\xfc", "ascii", "encoding"),
        (b"a", "klingon", "encoding"),
        (b"a", "Punycode", "encoding"),
        (b"a", "unicode_escape", "encoding"),
    ],
    ids=[
        *("a byte cp1252 lacks", "mark and other bytes", "mixed", "no mark", "named but wrong", "no such encoding"),
        *("takes hours for a large file", "letters nobody typed"),
    ],
)
def test_bytes_that_fit_no_encoding_are_refused(body: bytes, encoding: str | None, field: str) -> None:
    """Names are rather asked for than garbled; the refusal says where and offers the choices."""
    with pytest.raises(RosterUnusable, match="encoding") as refused:
        decoded(body, encoding)

    assert refused.value.field == field


def test_what_looks_alike_is_alike() -> None:
    """Accents written apart, no-break spaces and letters of no width make no other name."""
    assert decoded("A\u030asa\u00a0Lind\u00adqvist\u200b".encode()).text == "Åsa Lindqvist"


@pytest.mark.parametrize("delimiter", list(";,\t|"))
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_is_told_by_the_header(delimiter: str, end: str) -> None:
    """Whatever stands between the columns and ends the lines, the same people are read."""
    rows = [person("1", first_name="a;b,c\td|e"), person("2")]

    found = reading_of(csv_of(*rows, delimiter=delimiter, end=end))

    assert found.records == reading_of(csv_of(*rows)).records
    assert found.delimiter == delimiter


def test_delimiter_in_quotes_does_not_count() -> None:
    """A header may hold commas of its own."""
    (head, *_) = heads(['"Name, first, middle, last";Mail\n'])

    assert (head.delimiter, head.cells) == (";", ("Name, first, middle, last", "Mail"))


def test_hint_of_spreadsheet_programs_names_the_delimiter() -> None:
    """A first line sep=; is none of the table."""
    found = reading_of(b"sep=;\n" + csv_of(person("1", first_name="B"), delimiter=";"))

    assert [(record.line, record.first_name) for record in found.records] == [(3, "B")]


def test_header_may_stand_below_a_title() -> None:
    """Reports begin with their name; lines are counted from the top of the file."""
    found = reading_of(b"All workers\n\n" + csv_of(person("1")))

    assert [record.line for record in found.records] == [4]


def test_blank_rows_are_counted_and_make_nobody() -> None:
    """Rows of delimiters, of spaces and of nothing, wherever they stand."""
    found = reading_of(csv_of(person("1")) + b",,,,\n , ,,,\n\n" + csv_of(person("2")).splitlines(keepends=True)[1])

    assert (len(found.records), found.blank, found.refused) == (2, 3, 0)


def test_row_knows_the_line_it_begins_on() -> None:
    """Line breaks within cells count as lines of the file, and become spaces."""
    found = reading_of(csv_of(person("1", first_name="Two\nlines"), person("2", email="none"), end="\r\n"))

    assert found.records[0].first_name == "Two lines"
    assert [fault.line for fault in found.faults] == [4]


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("1,A,B,a@example.com,North,more", None),
        ("1,A,B", "email"),
        ('1,"A"B,C,a@example.com,North', None),
        ("1,A,B\0,a@example.com,North", "last_name"),
        ("1,A,B\u202e,a@example.com,North", "last_name"),
        ("1," + "x" * 140_000 + ",B,a@example.com,North", None),
    ],
    ids=["too long", "too short", "text behind a quote", "NUL", "direction", "huge cell"],
)
def test_broken_row_is_told_apart_from_its_neighbours(row: str, field: str | None) -> None:
    """One fault with line and column, and everybody else is read."""
    header, good = csv_of(person("2")).decode().splitlines()

    found = reading_of(f"{header}\n{row}\n{good}\n".encode())

    assert [(fault.line, fault.field) for fault in found.faults] == [(2, field)]
    assert [record.line for record in found.records] == [3]


def test_quote_that_is_never_closed_costs_its_own_row_only() -> None:
    """Reading goes on below the line on which the quote stands, not below the end of the file."""
    header, *good = csv_of(person("1"), person("2"), person("3")).decode().splitlines()

    found = reading_of("\n".join([header, good[0], '9,"A,B,C,D', *good[1:]]).encode())

    assert [record.key for record in found.records] == ["1", "2", "3"]
    assert [(fault.line, fault.key) for fault in found.faults] == [(3, None)]
    assert found.unknown_rows == 1


def test_many_broken_rows_take_no_longer_than_their_number() -> None:
    """Nobody can keep the reader busy with quotes."""
    header = csv_of(person("1")).splitlines(keepends=True)[0]

    found = reading_of(header + b'1,"a"b,c,d,e\n' * 50_000)

    assert found.refused == 50_000


def test_empty_cells_behind_the_last_column_do_no_harm() -> None:
    """Spreadsheet programs pad their rows, header or not."""
    header, row = csv_of(person("1")).decode().splitlines()

    assert len(reading_of(f"{header}\n{row},,\n".encode()).records) == 1
    assert len(reading_of(f"{header},,\n{row},,\n".encode()).records) == 1


def test_faults_of_broken_rows_name_their_person_where_they_can() -> None:
    """Whoever has a row of the wrong length is in the file, so has not left."""
    found = reading_of(csv_of(person("1")) + b"7,Short\n")

    assert [fault.key for fault in found.faults] == ["7"]
    assert (found.named, found.unknown_rows) == ({"7"}, 0)


def test_file_of_too_many_rows_is_refused() -> None:
    """Blank rows and the header do not count; the refusal says what to do."""
    header = csv_of(person("1")).splitlines(keepends=True)[0].decode()
    lines = lines_of(header + "1\n" * ROWS + ",,\n")
    (head, *_) = heads(lines)

    assert len(table(lines, head).spoilt) == ROWS
    with pytest.raises(RosterUnusable, match="more than 100,000 rows; split it"):
        table([*lines, "1\n"], head)


def test_letters_are_shown_where_the_encoding_was_guessed() -> None:
    """Whoever confirms the import sees the names that a wrong guess would spoil, and only those."""
    body = csv_of(person("1", last_name="Brandt"), person("2", last_name="Größe")).decode().encode("cp1252")

    assert [record.key for record in reading_of(body).letters] == ["2"]
    assert reading_of(body, encoding="cp1252").letters == ()


def test_mapping_may_name_the_encoding() -> None:
    """What was chosen once for a source need not be said again."""
    body = csv_of(person("1", last_name="Żółć")).decode().encode("cp1250")

    found = reading_of(body, layouts=[replace(PLAIN, encoding="cp1250")])

    assert (found.records[0].last_name, found.letters) == ("Żółć", ())


@pytest.mark.parametrize("tail", [b",,,,\n", b"\n", b"x9,short\n", b'x9,"a"b,c,d,e\n', "x8,\u202e,c,d,e\n".encode()])
def test_clean_file_and_one_with_a_flaw_at_its_end_say_the_same(tail: bytes) -> None:
    """A file without flaws is read by a shorter way, which must not show."""
    body = csv_of(*(person(str(number), first_name="Größe, Zoë" if number % 3 else "B") for number in range(40)))

    assert reading_of(body).records == reading_of(body + tail).records
