"""Promises of a plan: it says who joins, moves, leaves and what contradicts itself, and holds back a bad file."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.people.domain.plan import Plan, Scope
from services.people.domain.planning import before, plan
from services.people.domain.profile import Contract, Skill
from services.people.domain.roles import Role, RoleName
from tests.support.hr_files import ADA, PLAIN, companies, csv_of, person, plan_of, reading_of, taken_over
from tests.support.known_people import known, left, moved, reasons, rows_of, staff


def test_nobody_is_known_so_everybody_joins() -> None:
    """The first import has joiners only."""
    found = plan_of(person("1"), person("2"))

    assert [joiner.record.key for joiner in found.joiners] == ["1", "2"]
    assert (found.movers, found.leavers, found.conflicts, found.unchanged, found.held) == ((), (), (), 0, None)


def test_same_file_again_changes_nothing() -> None:
    """Cycles, unknown managers and unclear ones included."""
    rows = [
        person("1", manager_number="2", birth_date="1.7.98", place="Köln"),
        person("2", manager_number="1", executive="yes", email=""),
        person("3", manager_number="nobody", skills="LinkedIn:4"),
        person("4", manager_number="4", termination_date="2030-01-01", login="x"),
        person("5", status="parental leave", roles="auditor@North;assessor"),
    ]
    reading = reading_of(csv_of(*rows))
    roles = (Role(RoleName.ASSESSOR), Role(RoleName.AUDITOR, ("north",)))
    people = [replace(one, roles=roles if one.employee_number == "5" else ()) for one in taken_over(reading)]

    again = plan(reading_of(csv_of(*rows), known=people), people, Scope(companies(reading, people)))

    assert (again.joiners, again.movers, again.leavers, again.conflicts) == ((), (), (), ())
    assert again.unchanged == 5


@pytest.mark.parametrize(
    ("cells", "changed"),
    [
        ({"subsidiary": "South"}, ["subsidiary"]),
        ({"subsidiary": "NORTH "}, []),
        ({"last_name": "Brandt"}, ["last_name"]),
        ({"email": "new@example.com"}, ["email"]),
        ({"email": ""}, ["email"]),
        ({"executive": "true"}, ["executive"]),
        ({"job_level": "E5"}, ["job_level"]),
        ({"contract": "trainee"}, ["contract"]),
        ({"contract": "nobody's word"}, []),
        ({"status": "parental leave"}, ["on_leave"]),
        ({"birth_date": "1999-03-14", "hire_date": "2020-01-01"}, ["birth_date", "hire_date"]),
        ({"manager_number": "n1"}, ["manager"]),
        ({"roles": "auditor"}, ["roles"]),
    ],
)
def test_mover_is_told_by_the_fields_that_change(cells: dict[str, str], changed: list[str]) -> None:
    """Exactly what the file contradicts, whatever else it says."""
    found = plan_of(person("n0", **cells), person("n1"), known=staff(2))

    assert moved(found) == ({"n0": changed} if changed else {})
    assert found.unchanged == 2 - len(found.movers)


def test_change_has_both_values() -> None:
    """Whoever looks at the plan sees what was there."""
    (mover,) = plan_of(person("n0", manager_number="n1"), person("n1"), known=staff(2)).movers

    (change,) = mover.changes
    assert (change.before, change.after) == (None, "n1")


def test_file_without_a_column_says_nothing_of_it() -> None:
    """What stands there stays, and no manager column takes no manager away."""
    boss = known("n1")
    one = known("n0", manager=boss.person_id, job_level="E5", executive=True, contract=Contract.INTERN)

    assert plan_of(person("n0"), person("n1"), known=[one, boss]).unchanged == 2


def test_manager_whom_nobody_knows_takes_none_away() -> None:
    """A line with a hole would pair people with their own superiors."""
    boss = known("n1")
    one = known("n0", manager=boss.person_id)

    found = plan_of(person("n0", manager_number="gone"), person("n1"), known=[one, boss])

    assert found.movers == ()


def test_manager_may_be_somebody_known_outside_the_file() -> None:
    """Subsidiaries send their own people, who report to the holding."""
    boss = known("b", source="other")

    found = plan_of(person("n0", manager_number="b"), known=[known("n0"), boss])

    assert moved(found) == {"n0": ["manager"]}


def test_whoever_is_missing_in_a_whole_file_leaves() -> None:
    """Of their own source only, and only who is employed."""
    people = [*staff(20), known("o", source="other"), known("s", source=""), known("g", active=False)]

    found = plan_of(*rows_of(people[:19]), known=people)

    assert left(found) == ["n19"]
    assert (found.employed, found.held, found.unchanged) == (20, None, 19)


def test_nobody_leaves_by_a_partial_file() -> None:
    """It says nothing of whoever is not in it, nor whether those in it still work here."""
    gone = known("g", active=False)

    found = plan_of(person("n0"), person("g"), known=[*staff(20), gone], whole=False)

    assert (found.leavers, found.movers, found.unchanged) == ((), (), 2)


def test_row_that_says_so_makes_a_leaver_also_in_a_partial_file() -> None:
    """A last day that has passed, a status, a word for no."""
    rows = [
        person("n0", status="terminated"),
        person("n1", termination_date="2026-12-31"),
        person("n2", termination_date="2030-12-31"),
    ]

    found = plan_of(*rows, known=staff(30), whole=False)

    assert left(found) == ["n0", "n1"]
    assert moved(found) == {"n2": ["termination_date"]}


def test_whoever_has_a_refused_row_has_not_left() -> None:
    """A wrong date is no dismissal."""
    found = plan_of(*rows_of(staff(19)), person("n19", birth_date="31.02.1997"), known=staff(20))

    assert left(found) == []


def test_person_who_returns_is_the_same_person() -> None:
    """Somebody known who had left is a mover, by the number or by the other id."""
    one, other = known("n0", active=False), known("n1", active=False, external_id="x")

    found = plan_of(person("n0"), person("new", external_id="x"), known=[one, other])

    assert [mover.known.person_id for mover in found.movers] == ["id-n0", "id-n1"]
    assert moved(found)["n0"] == ["active"]
    assert set(moved(found)["new"]) == {"active", "employee_number", "email"}


def test_ids_of_two_people_in_one_row_are_a_conflict() -> None:
    """Nobody is merged, and neither has left."""
    people = [known("n0"), known("n1", external_id="x")]

    found = plan_of(person("n0", external_id="x"), known=people)

    assert reasons(found) == [(3, "its two ids belong to two known people")]
    assert (found.movers, found.leavers) == ((), ())


def test_people_of_another_source_are_left_alone() -> None:
    """The second feed may not change whom the first one feeds; somebody without a source is taken over."""
    found = plan_of(
        person("n0", last_name="New"), person("n1"), known=[known("n0", source="other"), known("n1", source="")]
    )

    assert reasons(found) == [(3, "this person comes from the source other")]
    assert moved(found) == {"n1": ["source"]}


def test_joiner_needs_a_company_and_a_mail_of_their_own() -> None:
    """A new number with a known mail is likely the same person; that one is asked about."""
    found = plan_of(
        person("a", subsidiary=""), person("b", email="N0@example.com"), person("c", email=""), known=staff(1)
    )

    assert reasons(found) == [
        (3, "somebody new needs a subsidiary"),
        (4, "same mail as a known person (n0)"),
    ]
    assert [joiner.record.key for joiner in found.joiners] == ["c"]


def test_whoever_left_before_anybody_knew_them_does_not_join() -> None:
    """Nothing is stored of former staff, but for those who stand in somebody's line."""
    found = plan_of(
        person("1", status="left"), person("2", status="left"), person("3", manager_number="2", status="active")
    )

    assert [joiner.record.key for joiner in found.joiners] == ["2", "3"]
    assert found.gone == 1


def test_role_in_a_company_that_nobody_has_is_a_conflict() -> None:
    """However it is written, a role is bounded to companies of this file or known ones."""
    found = plan_of(
        person("1", roles="auditor@NORTH|South"),
        person("2", roles="auditor@Nroth"),
        known=[known("o", subsidiary="south", source="other")],
    )

    assert [(fault.line, fault.field) for fault in found.conflicts] == [(4, "roles")]
    assert [joiner.record.key for joiner in found.joiners] == ["1"]


def test_what_a_person_said_of_themselves_is_believed() -> None:
    """A roster fills empty fields only; of what nobody said it speaks as before."""
    said = known("n0", place="Kiel", declared=frozenset({"place", "skills"}))

    found = plan_of(person("n0", place="Köln", skills="LinkedIn:2", capacity="2"), known=[said])

    assert moved(found) == {"n0": ["capacity", "skills"]}
    assert found.movers[0].changes[1].after == (Skill("linkedin", 2),)


# Logins that change hands


def logins(*rows: tuple[str, str], people: dict[str, str]) -> Plan:
    """A plan of which only logins matter."""
    there = [known(name, login=f"idp:{login}" if login else None) for name, login in people.items()]
    return plan_of(*(person(name, login=login) for name, login in rows), known=there, whole=False)


def test_logins_that_swap_are_let_go_of_first() -> None:
    """So it is in a circle of any length, and when one is passed on to somebody new."""
    swap = logins(("a", "y"), ("b", "x"), people={"a": "x", "b": "y"})
    passed_on = logins(("new", "x"), ("a", ""), people={"a": "x"})

    assert swap.released == {"id-a": "idp:x", "id-b": "idp:y"}
    assert passed_on.released == {"id-a": "idp:x"}
    assert (swap.conflicts, passed_on.conflicts) == ((), ())


def test_login_that_stays_with_somebody_else_is_a_conflict_down_the_line() -> None:
    """The whole line behind a refused row keeps what it has."""
    found = logins(("new", "x"), ("a", "y"), ("b", "z"), people={"a": "x", "b": "y", "keeper": "z"})

    assert [fault.field for fault in found.conflicts] == ["login"] * 3
    assert (found.joiners, found.movers, found.released) == ((), (), {})


def test_login_that_is_free_needs_no_detour() -> None:
    """Whoever changes to a login that nobody has lets go of nothing beforehand."""
    found = logins(("a", "new"), ("b", "y"), people={"a": "x", "b": "y"})

    assert (found.released, moved(found)) == ({}, {"a": ["login"]})


# What is held back


def test_file_that_would_make_more_than_a_tenth_leave_is_held_back() -> None:
    """A tenth passes, one more does not, until somebody states that very number."""
    people = staff(100)

    tenth, more = plan_of(*rows_of(people[10:]), known=people), plan_of(*rows_of(people[11:]), known=people)

    assert (len(tenth.leavers), tenth.refusal(None)) == (10, None)
    assert len(more.leavers) == 11
    assert more.refusal(None) == "the file would deactivate 11 % of the known people; a person must confirm"
    assert more.refusal(11) is None
    assert "10 leavers were stated, but 11 would leave" in str(more.refusal(10))
    assert "9 leavers were stated" in str(tenth.refusal(9))


def test_rows_that_say_so_count_as_leavers() -> None:
    """A column of wrong words does what missing rows do."""
    people = staff(20)

    found = plan_of(*(row | {"status": "terminated"} for row in rows_of(people)), known=people)

    assert found.held == "the file would deactivate 100 % of the known people; a person must confirm"


def test_leavers_of_no_source_yet_are_held_back() -> None:
    """People whom no roster has fed before count as well, though this source has nobody it could take a share of."""
    found = plan_of(person("n0", active="no"), known=[replace(known("n0"), source="")], whole=False)

    assert left(found) == ["n0"]
    assert "100 %" in str(found.held)


def test_header_alone_is_held_back() -> None:
    """Whether anybody is known or not."""
    reading = reading_of(csv_of(ADA).splitlines(keepends=True)[0], known=staff(9))

    assert plan(reading, staff(9)).held == "the file would deactivate 100 % of the known people; a person must confirm"
    assert "nobody below it" in str(plan(reading, []).held)
    assert plan(reading, []).refusal(0) is None


def test_company_that_is_missing_as_a_whole_is_held_back() -> None:
    """A small company among large ones is no rounding error."""
    people = [*staff(50), known("s1", subsidiary="south")]

    found = plan_of(*rows_of(people[:50]), known=people)

    assert left(found) == ["s1"]
    assert "nobody of a company" in str(found.held)


def test_rows_that_name_nobody_hold_back_leavers() -> None:
    """One of them may be the person who seems to be missing."""
    people = staff(30)

    found = plan_of(*rows_of(people[:29]), person("", first_name="?"), known=people)

    assert left(found) == ["n29"]
    assert "1 rows name nobody" in str(found.held)


# Where somebody may import


def test_import_is_bounded_to_the_callers_companies() -> None:
    """Nobody of another company joins, moves, or leaves, and all of them get one and the same reason."""
    people = [*staff(20), known("s0", subsidiary="south"), known("s1", subsidiary="south")]
    rows = [person("s0"), person("new", subsidiary="South"), person("n0", subsidiary="South"), person("s1")]

    found = plan_of(*rows_of(people[1:20]), *rows, known=people, within=frozenset({"north"}))

    assert [reason for _, reason in reasons(found)] == ["you may not import this person"] * 4
    assert (found.joiners, found.movers, found.leavers, found.employed) == ((), (), (), 20)


def test_row_that_agrees_with_somebody_elsewhere_tells_nothing() -> None:
    """A guess that is right must look like one that is wrong."""
    other = known("s0", subsidiary="south")
    right, wrong = person("s0", subsidiary="South"), person("s0", subsidiary="South", last_name="Guess")

    answers = [plan_of(row, known=[other], within=frozenset({"north"})) for row in (right, wrong)]

    assert [(reasons(answer), answer.unchanged) for answer in answers] == [
        ([(3, "you may not import this person")], 0)
    ] * 2


def test_names_are_not_looked_for_elsewhere() -> None:
    """A manager by name is found within the caller's companies only, by number everywhere."""
    boss = known("s0", subsidiary="south", first_name="Eva", last_name="Boss")
    rows = csv_of(person("n0", manager_name="Eva Boss"), person("n1", manager_number="s0"))
    within = frozenset({"north"})

    near = reading_of(rows, known=[boss])
    far = plan_of(known=[boss]).employed

    assert near.hierarchy.managers == {"n0": "s0", "n1": "s0"}
    assert far == 1
    assert before([boss], PLAIN, within).near == {}
    assert list(before([boss], PLAIN, within).people) == ["s0"]


@given(st.lists(st.sampled_from(["stays", "moves", "leaves", "missing", "joins", "broken"]), max_size=40))
def test_every_person_has_one_fate(fates: list[str]) -> None:
    """For any file on any staff: each row and each known person is counted once."""
    people = [known(f"p{place}") for place, fate in enumerate(fates) if fate != "joins"]
    cells = {"moves": {"last_name": "New"}, "leaves": {"active": "no"}, "broken": {"capacity": "9"}}
    rows = [person(f"p{place}", **cells.get(fate, {})) for place, fate in enumerate(fates) if fate != "missing"]

    found = plan_of(*rows, known=people)

    counts = {fate: fates.count(fate) for fate in ("stays", "moves", "joins")}
    assert (found.unchanged, len(found.movers), len(found.joiners)) == tuple(counts.values())
    assert len(found.leavers) == fates.count("leaves") + fates.count("missing")
    assert len(found.leavers) * 10 <= len(people) or found.held


# Who may give roles
