"""Promises of logins that change hands: let go of first, but only where the new one will be free."""

from __future__ import annotations

from services.people.domain.logins import passed_on
from services.people.domain.roster import Row
from tests.support.rosters import roster_row


def row(number: str, login: str | None, *, said: bool = True) -> Row:
    return roster_row(number, login=login, unsaid="" if said else "login")


def rows(**logins: str | None) -> list[Row]:
    return [row(number, login) for number, login in logins.items()]


def test_two_who_swap_let_go_first() -> None:
    """Neither could take the other's login otherwise; so it is in a circle of any length."""
    assert passed_on(rows(a="y", b="x"), {"a": "x", "b": "y"}) == {"a": "x", "b": "y"}
    assert passed_on(rows(a="y", b="z", c="x"), {"a": "x", "b": "y", "c": "z"}) == {"a": "x", "b": "y", "c": "z"}


def test_holder_who_gets_another_or_none_lets_go_for_whoever_follows() -> None:
    """A login may move on to somebody new, and one after another."""
    assert passed_on(rows(new="x", a=None), {"a": "x"}) == {"a": "x"}
    assert passed_on(rows(new="x", a="y", b="z"), {"a": "x", "b": "y"}) == {"a": "x", "b": "y"}


def test_holder_of_whom_the_file_says_nothing_keeps_the_login() -> None:
    """Neither those outside the file nor those without the column give anything away."""
    assert passed_on([*rows(new="x", other="y"), row("b", None, said=False)], {"a": "x", "b": "y"}) == {}


def test_nobody_lets_go_for_a_login_that_stays_with_somebody_else() -> None:
    """The whole line behind a refused row keeps what it has, since each of its rows will be refused."""
    held = {"a": "x", "b": "y", "keeper": "z"}

    assert passed_on(rows(new="x", a="y", b="z"), held) == {}
    assert passed_on(rows(new="x", a="y", b="z", keeper="z"), held) == {}


def test_logins_that_nobody_else_wants_are_left_alone() -> None:
    """Whoever keeps a login, or changes to a free one, needs no detour."""
    assert passed_on(rows(a="x", b="new"), {"a": "x", "b": "y"}) == {}
