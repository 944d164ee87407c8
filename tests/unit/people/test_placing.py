"""Promises of placing: every reporting line ends at somebody known, and a new manager comes before the reports."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.people.domain.person import Role, RoleName
from services.people.domain.placing import Known, Placed, place
from services.people.domain.roster import Row
from tests.support.rosters import roster_row

NOBODY = Known({})


def row(number: str, manager: str | None = None, *, line: int = 2, said: bool = True, roles: str = "") -> Row:
    granted = (Role(RoleName.AUDITOR, (roles,)),) if roles else ()
    named = manager if said else None
    return roster_row(number, line=line, manager=named, roles=granted, unsaid="" if said else "manager")


def rows(**managers: str | None) -> list[Row]:
    return [row(number, manager, line=line) for line, (number, manager) in enumerate(managers.items(), 2)]


def numbers(placed: Placed) -> list[list[str]]:
    return [[row.employee_number for row in level] for level in placed.levels]


def faults(placed: Placed) -> dict[int, str | None]:
    return {fault.line: fault.column for fault in placed.faults}


def test_managers_may_stand_below_their_reports() -> None:
    """A forward reference is fine: levels run from the top of the line downwards."""
    placed = place(rows(a="b", b="c", c=None, d="c"), NOBODY)

    assert numbers(placed) == [["c"], ["b", "d"], ["a"]]
    assert placed.faults == ()


def test_known_managers_hold_nobody_up() -> None:
    """Only people without an id yet are waited for."""
    placed = place(rows(a="b", b="c", c=None), Known({"a": None, "b": None, "c": None}))

    assert numbers(placed) == [["a", "b", "c"]]


def test_unknown_manager_refuses_the_row_and_all_new_people_below() -> None:
    """Nobody is taken over with a line that ends in the void; who is known from before keeps their own reports."""
    placed = place(rows(a="nobody", b="a", c="b", d=None, k="nobody", l="k"), Known({"k": None}))

    assert faults(placed) == {2: "manager", 3: "manager", 4: "manager", 6: "manager"}
    assert numbers(placed) == [["d", "l"]]


def test_circle_of_managers_refuses_its_rows_and_ends() -> None:
    """A circle of three, somebody under it, and an own manager are refused; the rest is taken over."""
    placed = place(rows(a="b", b="c", c="a", under="a", own="own", top=None, fine="top"), NOBODY)

    assert faults(placed) == dict.fromkeys((2, 3, 4, 5, 6), "manager")
    assert numbers(placed) == [["top"], ["fine"]]
    assert "a → b → c → a" in placed.faults[0].message


def test_circle_closed_with_people_known_before_is_found() -> None:
    """A file that makes b report to a is refused where a reports to b already; a file that turns both round is not."""
    known = Known({"a": "b", "b": None})

    assert faults(place(rows(b="a"), known)) == {2: "manager"}
    assert faults(place([*rows(b="a"), row("a", line=3, said=False)], known)) == {2: "manager"}
    assert faults(place(rows(b="a", a=None), known)) == {}


def test_circle_that_was_stored_does_not_block_other_rows() -> None:
    """Rows that say nothing of managers pass, whatever lines are stored."""
    placed = place([row("a", said=False), row("b", "a", line=3)], Known({"a": "c", "c": "a"}))

    assert faults(placed) == {}
    assert numbers(placed) == [["a", "b"]]


def test_role_in_a_subsidiary_that_nobody_has_is_refused() -> None:
    """A role is bounded to subsidiaries of this file or known ones, however they are capitalised."""
    given = [row(name, line=line, roles=name) for line, name in enumerate(("NORTH", "South", "Nroth"), 2)]

    placed = place(given, Known({}, frozenset({"south"})))

    assert faults(placed) == {4: "roles"}


def test_row_with_many_unknown_subsidiaries_has_one_fault() -> None:
    """A report must not outgrow its file; the first few names show what is wrong."""
    [one] = [replace(row("a"), roles=(Role(RoleName.AUDITOR, ("Aa", "Bb", "Cc", "Dd")),))]

    [fault] = place([one], NOBODY).faults

    assert fault.message.startswith("nobody works in a subsidiary Aa, Bb, Cc;")


@given(
    st.dictionaries(st.integers(0, 12), st.one_of(st.none(), st.integers(0, 14)), min_size=1),
    st.dictionaries(st.integers(0, 14), st.one_of(st.none(), st.integers(0, 14))),
)
def test_every_row_is_placed_or_refused_and_no_line_runs_in_a_circle(
    said: dict[int, int | None], stored: dict[int, int | None]
) -> None:
    """For any file on any stored people: each row once, managers first, and every said line ends."""
    known = {str(number): None if manager is None else str(manager) for number, manager in stored.items()}
    given = rows(**{str(number): None if manager is None else str(manager) for number, manager in said.items()})

    placed = place(given, Known(known))

    there = [row for level in placed.levels for row in level]
    assert sorted([row.line for row in there] + [fault.line for fault in placed.faults]) == [row.line for row in given]
    seen = set(known)
    for level in placed.levels:
        assert all(row.manager is None or row.manager in seen for row in level)
        seen |= {row.employee_number for row in level}
    said_lines = {row.employee_number: row.manager for row in there}
    for start in said_lines:
        assert _ends_or_leaves(start, said_lines)


def _ends_or_leaves(start: str, lines: dict[str, str | None]) -> bool:
    number: str | None = start
    for _ in range(len(lines) + 1):
        if number is None or number not in lines:
            return True
        number = lines[number]
    return False


def test_a_line_as_long_as_the_company_is_no_problem() -> None:
    """Depth costs no recursion."""
    count = 5_000
    chain = {str(number): str(number + 1) if number + 1 < count else None for number in range(count)}

    placed = place(rows(**chain), NOBODY)

    assert len(placed.levels) == count
