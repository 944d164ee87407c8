"""Promises of applying: afterwards everybody is as the file says, so the same file again changes nothing."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.people.domain.applying import applied, top_down
from services.people.domain.plan import Joiner, Known, Scope
from services.people.domain.planning import plan
from services.people.domain.reading.records import Record
from tests.support.hr_files import companies, csv_of, person, reading_of

CELLS = {
    "last_name": st.sampled_from(["One", "Two"]),
    "subsidiary": st.sampled_from(["North", "SOUTH"]),
    "manager_number": st.sampled_from(["", "p0", "p1", "p2", "p9"]),
    "status": st.sampled_from(["active", "left", "parental leave", ""]),
    "executive": st.sampled_from(["yes", ""]),
    "birth_date": st.sampled_from(["1.7.98", "1990-01-01", "31.02.1990", ""]),
    "roles": st.sampled_from(["auditor@North", "assessor", ""]),
    "login": st.sampled_from(["a", "b", "c", ""]),
}
people = st.dictionaries(st.sampled_from(["p0", "p1", "p2", "p3"]), st.fixed_dictionaries(CELLS), min_size=1)


def after(rows: dict[str, dict[str, str]], known: list[Known]) -> list[Known]:
    """Everybody after a file with these rows, unless it is held back."""
    reading = reading_of(csv_of(*(person(number, **cells) for number, cells in rows.items())), known=known)
    there = companies(reading, known)
    found = plan(reading, known, Scope(there))
    return applied(found, reading, known, there)


@settings(deadline=None)  # files in a row take their time on a busy machine
@given(st.lists(people, min_size=1, max_size=4))
def test_file_that_was_applied_changes_nothing_again(files: list[dict[str, dict[str, str]]]) -> None:
    """After any history the last file, sent again, plans nothing; nobody is lost and no login is shared.

    Whom it could not place stays a conflict; one conflict may hide another, so it may take some repetitions.
    """
    known: list[Known] = []
    for rows in files:
        known = after(rows, known)
    for _ in files[-1]:
        known = after(files[-1], known)

    assert after(files[-1], known) == known
    logins = [one.login for one in known if one.login]
    assert len(logins) == len(set(logins))
    assert len({one.person_id for one in known}) == len(known)


def test_same_person_stays_the_same_through_leaving_and_returning() -> None:
    """Whoever is missing is inactive, whoever comes back has the id they had."""
    first = after({"p0": {}, "p1": {}}, [])
    gone = after({"p0": {}}, first)
    back = after({"p0": {}, "p1": {}}, gone)

    assert [one.active for one in gone] == [True, False]
    assert back == first


def test_new_managers_come_before_those_who_report_to_them() -> None:
    """Levels run from the top downwards; a cycle and all below it come last, in one."""
    managers = {"c": "b", "b": "a", "d": "known", "x": "y", "y": "x", "z": "x"}
    joiners = [Joiner(Record(2, key)) for key in "cbadxyz"]

    levels = [[joiner.record.key for joiner in level] for level in top_down(joiners, managers)]

    assert levels == [["a", "d"], ["b"], ["c"], ["x", "y", "z"]]
