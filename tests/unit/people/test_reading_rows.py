"""Promises of rows and reporting lines: a faulty row is told apart, a person is read once, every line ends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.spreadsheet import csv_text
from services.people.domain.reading.reading import Reading
from tests.support.hr_files import csv_of, person, reading_of


def faults_of(**cells: str) -> list[tuple[str | None, str]]:
    """Columns and reasons of what is wrong with an ordinary row after these changes."""
    found = reading_of(csv_of(person("1", **cells)))
    assert bool(found.records) != bool(found.faults)
    return [(fault.field, fault.reason) for fault in found.faults]


def lines(**managers: str) -> Reading:
    """The reading of people of whom only the managers matter."""
    return reading_of(csv_of(*(person(number, manager_number=manager) for number, manager in managers.items())))


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("employee_number", " "),
        ("employee_number", "9" * 65),
        ("employee_number", "4.12E+05"),
        ("employee_number", "#NAME?"),
        ("first_name", "x" * 101),
        ("first_name", "#REF!"),
        ("email", "adaeze.okafor"),
        ("email", "Ada <ada@example.com>"),
        ("email", "ada@example"),
        ("birth_date", "07/09/1966"),
        ("birth_date", "1997-02-31"),
        ("birth_date", "2027-01-15"),
        ("hire_date", "soon"),
        ("termination_date", "31.12.26"),
        ("status", "on the moon"),
        ("executive", "maybe"),
        ("active", "perhaps"),
        ("language", "english"),
        ("zone", "Berlin"),
        ("capacity", "4"),
        ("skills", "LinkedIn:5"),
        ("wishes", "LinkedIn:4"),
        ("roles", "boss"),
    ],
)
def test_bad_cell_refuses_its_row_and_names_its_column(column: str, cell: str) -> None:
    """Each column says no to what it cannot use, and its fault has something to do in it."""
    [(named, reason)] = faults_of(**{column: cell})

    assert named == column
    assert reason


def test_all_faults_of_a_row_are_named_at_once() -> None:
    """Whoever corrects a row need not send it three times to learn of three faults."""
    assert [field for field, _ in faults_of(email="none", capacity="9", zone="Mars")] == [
        "email",
        "capacity",
        "zone",
    ]
    assert reading_of(csv_of(person("1", email="none", zone="Mars"))).refused == 1


def test_nobody_was_born_after_the_first_day_of_work() -> None:
    """Two columns that contradict each other are a fault of the birth date."""
    assert faults_of(birth_date="2001-09-01", hire_date="2001-09-01") == [
        ("birth_date", "born after the first day of work")
    ]


def test_numbers_keep_their_zeros_and_signs() -> None:
    """A number is text, also where a spreadsheet program was told so with a formula."""
    found = reading_of(csv_of(person("000412"), person('="0007"', email="b@example.com")))

    assert [record.employee_number for record in found.records] == ["000412", "0007"]


def test_formula_is_kept_as_text_with_a_warning_and_never_exported_raw() -> None:
    """Nobody's name is evaluated, here or in the program that opens an export."""
    evil = '=HYPERLINK("http://x.example","y")'
    found = reading_of(csv_of(person("1", first_name=evil, last_name="-Ada")))

    assert (found.records[0].first_name, found.records[0].last_name) == (evil, "-Ada")
    assert [warning.field for warning in found.warnings if warning.line == 2] == ["first_name", "last_name"]
    assert csv_text(["name"], [[evil]]).splitlines()[1].startswith("\"'=")


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({}, (True, False)),
        ({"status": "Active"}, (True, False)),
        ({"status": "Parental leave"}, (True, True)),
        ({"status": "Terminated"}, (False, False)),
        ({"active": "False"}, (False, False)),
        ({"active": ""}, (True, False)),
        ({"termination_date": "2027-01-14"}, (False, False)),
        ({"termination_date": "2027-01-15"}, (True, False)),
        ({"status": "Active", "termination_date": "2027-01-14"}, (False, False)),
        ({"status": "Left", "termination_date": "2031-01-31"}, (False, False)),
        ({"on_leave": "yes"}, (True, True)),
    ],
)
def test_state_follows_from_words_and_last_days(cells: dict[str, str], state: tuple[bool, bool]) -> None:
    """Somebody works here on the last day still; a word for no is never a yes because it is a word."""
    (record,) = reading_of(csv_of(person("1", **cells))).records

    assert (record.active, record.on_leave) == state


def test_missing_birth_date_is_a_warning_and_no_date() -> None:
    """Nobody is taken for young enough because nobody knows; of leavers it does not matter.

    That the layout has no managers is told once."""
    rows = [
        person("1", birth_date=""),
        person("2", birth_date="", active="false"),
        person("3", birth_date="1999-01-01"),
    ]

    found = reading_of(csv_of(*rows))

    assert [record.birth_date for record in found.records[:2]] == [None, None]
    assert [(warning.line, warning.key) for warning in found.warnings] == [(1, None), (2, "1")]


def test_one_name_is_enough() -> None:
    """Not everybody has two; somebody without any is refused."""
    assert [record.name for record in reading_of(csv_of(person("1", first_name=""))).records] == ["Okafor"]
    assert faults_of(first_name="", last_name=" ") == [(None, "no name")]


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Okafor, Adaeze", ("Adaeze", "Okafor")),
        ("Ferreira Duarte, João", ("João", "Ferreira Duarte")),
        ("King, Jr., Martin", ("Martin", "King, Jr.")),
        ("Nele Adler", ("Nele", "Adler")),
        ("Prince", ("", "Prince")),
    ],
)
def test_name_in_one_cell_is_taken_apart(written: str, names: tuple[str, str]) -> None:
    """A comma says that the surname comes first."""
    (record,) = reading_of(csv_of({"employee_number": "1", "name": written})).records

    assert (record.first_name, record.last_name) == names


@pytest.mark.parametrize("column", ["employee_number", "external_id", "email", "login"])
def test_second_row_with_what_only_one_can_have_is_refused(column: str) -> None:
    """The first row stands, the later one is refused and names the line of the first."""
    one = person("1", external_id="x", login="a")
    other = person("2", external_id="y", login="b") | {column: one[column]}

    found = reading_of(csv_of(one, other, person("3")))

    assert [record.line for record in found.records] == [2, 4]
    assert [(fault.line, fault.field) for fault in found.faults] == [(3, column)]
    assert "line 2" in found.faults[0].reason


def test_of_two_rows_the_one_that_is_employed_stands() -> None:
    """Somebody who came back has an old row and a new one, in either order."""
    rows = [person("1", active="false"), person("1", active="true"), person("1", active="false")]

    found = reading_of(csv_of(*rows))

    assert [record.line for record in found.records] == [3]
    assert [(fault.line, fault.reason[-6:]) for fault in found.faults] == [(2, "line 3"), (4, "line 3")]


def test_beside_a_faulty_row_none_with_its_number_slips_in() -> None:
    """Nobody knows which of the two is right."""
    found = reading_of(csv_of(person("1", capacity="9"), person("1")))

    assert found.records == ()
    assert [fault.line for fault in found.faults] == [2, 3]


def test_mail_is_compared_without_regard_to_case() -> None:
    """The same mailbox is one person's."""
    found = reading_of(csv_of(person("1", email="A@example.com"), person("2", email="a@EXAMPLE.com")))

    assert [fault.reason for fault in found.faults] == ["same mail as line 2 when letter case is ignored"]


def test_manager_may_stand_below_and_in_any_column() -> None:
    """By number, by mail in any case, by name in either order; the first column that is filled in counts."""
    rows = [
        person("1", manager_email="B@EXAMPLE.com"),
        person("2", manager_name="Three, C"),
        person("4", manager_number="3", manager_name="Nobody"),
        person("5", manager_name="c  three"),
        person("3", first_name="C", last_name="Three"),
    ]
    rows[1]["email"] = "b@example.com"

    assert reading_of(csv_of(*rows)).hierarchy.managers == {"1": "2", "2": "3", "4": "3", "5": "3"}


def test_cycle_is_reported_and_everybody_in_it_stays_above_everybody() -> None:
    """Whoever is in a circle, or below one, has all of it above, and every line ends."""
    found = lines(a="b", b="c", c="a", under="b", own="own", top="", lost="nobody")
    order = found.hierarchy

    assert order.cycles == (("a", "b", "c"),)
    assert order.own == ("own",)
    assert order.missing == (("lost", "nobody"),)
    assert {key: set(order.line_above(key)) for key in ("a", "b", "c", "under", "own", "lost")} == {
        "a": {"b", "c"},
        "b": {"a", "c"},
        "c": {"a", "b"},
        "under": {"a", "b", "c"},
        "own": set(),
        "lost": set(),
    }
    assert order.silent() == {"own", "lost"}
    assert not any(record.executive for record in found.records)


@given(st.dictionaries(st.integers(0, 12), st.one_of(st.none(), st.integers(0, 14)), min_size=1))
def test_every_line_ends_and_every_cycle_is_told_once(said: dict[int, int | None]) -> None:
    """For any managers: each person is in one cycle at most, and following links without cycles ends."""
    found = lines(**{f"n{one}": "" if manager is None else f"n{manager}" for one, manager in said.items()})
    order = found.hierarchy

    members = [key for cycle in order.cycles for key in cycle]
    assert len(members) == len(set(members))
    for cycle in order.cycles:
        assert [order.managers[key] for key in cycle] == [*cycle[1:], cycle[0]]
    for record in found.records:
        walked, key = [], order.managers.get(record.key)
        while key is not None and key not in members and len(walked) <= len(said):
            walked.append(key)
            key = order.managers.get(key)
        assert len(walked) <= len(said)


def test_line_as_long_as_the_company_is_no_problem() -> None:
    """Depth costs no recursion; what is told of a line has an end."""
    count = 5_000
    found = lines(**{f"n{one}": f"n{one + 1}" if one + 1 < count else "" for one in range(count)})

    assert len(found.hierarchy.managers) == count - 1
    assert len(found.hierarchy.line_above("n0")) == 100


def test_reading_does_not_depend_on_what_stands_around_a_row() -> None:
    """The same row means the same in a long file as alone."""
    rows = [person(str(number), birth_date="1.7.98" if number % 2 else "") for number in range(50)]

    together = reading_of(csv_of(*rows))

    for index, row in enumerate(rows):
        alone = reading_of(csv_of(row)).records[0]
        assert together.records[index]._replace(line=2) == alone
