"""Promises of logins that change hands: let go of first, but only where the new one will be free."""

from __future__ import annotations

from services.people.domain.logins import Handover, handover


def settled(**released: str) -> Handover:
    """A handover in which nobody is stuck."""
    return Handover(released, frozenset())


def test_two_who_swap_let_go_first() -> None:
    """Neither could take the other's login otherwise; so it is in a circle of any length."""
    assert handover({"a": "y", "b": "x"}, {"a": "x", "b": "y"}) == settled(a="x", b="y")
    circle = handover({"a": "y", "b": "z", "c": "x"}, {"a": "x", "b": "y", "c": "z"})
    assert circle == settled(a="x", b="y", c="z")


def test_holder_who_gets_another_or_none_lets_go_for_whoever_follows() -> None:
    """A login may move on to somebody new, and one after another."""
    assert handover({"new": "x", "a": None}, {"a": "x"}) == settled(a="x")
    assert handover({"new": "x", "a": "y", "b": "z"}, {"a": "x", "b": "y"}) == settled(a="x", b="y")


def test_nobody_lets_go_for_a_login_that_stays_with_somebody_else() -> None:
    """The whole line behind a refused row keeps what it has, since each of its rows will be refused."""
    held = {"a": "x", "b": "y", "keeper": "z"}

    assert handover({"new": "x", "a": "y", "b": "z"}, held) == Handover({}, frozenset({"new", "a", "b"}))


def test_whoever_is_stuck_holds_up_only_those_behind() -> None:
    """Another line is settled beside it."""
    held = {"a": "x", "b": "y", "keeper": "z"}

    found = handover({"a": "z", "new": "x", "b": "w", "other": "y"}, held)

    assert found == Handover({"b": "y"}, frozenset({"a", "new"}))


def test_logins_that_nobody_else_wants_are_left_alone() -> None:
    """Whoever changes to a free one, or gives one up, needs no detour."""
    assert handover({"b": "new", "a": None}, {"a": "x", "b": "y"}) == settled()
