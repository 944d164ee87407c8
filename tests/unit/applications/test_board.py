"""Promises of the board: what is flagged, what is ranked, and which places are open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.applications.domain.application import Admission, Application, Decision, Offer, Withdrawal
from services.applications.domain.board import Board, Places, board
from services.applications.domain.ranking import Scored
from tests.support.editions import RUBRIC, edition

AT = datetime(2026, 2, 20, 9, tzinfo=UTC)
SELECTED = Decision("selected", None, "manager", AT, released_at=AT)
RESERVED = replace(SELECTED, decision="reserved")
TWENTY = replace(RUBRIC, spread=20)


def application(id: str, **facts: Any) -> Application:
    """An application that was handed in and meets the rules."""
    made = Application(
        id, "e-1", f"p-{id}", "s-1", "applied", AT, AT, standing="in", eligibility="met", rules=(), offer=Offer(1)
    )
    return replace(made, applied_at=AT, **facts)


def scored(application_id: str, *levels: tuple[int, int]) -> list[Scored]:
    """Sheets with these levels of the two criteria, which weigh 60 and 40 on three levels."""
    return [
        Scored(f"{application_id}-{number}", application_id, f"a-{number}", {"explains": explains, "knows": knows})
        for number, (explains, knows) in enumerate(levels)
    ]


def made(*applications: Application, levels: dict[str, list[tuple[int, int]]], needed: int = 1, **facts: Any) -> Board:
    """The board of these applications."""
    sheets = [sheet for id, some in levels.items() for sheet in scored(id, *some)]
    of = edition("selection", **facts.pop("edition", {}))
    unpaired = facts.pop("unpaired", needed)
    conflicts, at = facts.pop("conflicts", ()), facts.pop("at", AT)
    return board(of, applications, sheets, conflicts, needed=needed, unpaired=unpaired, at=at)


def flags(found: Board) -> dict[str, tuple[str, ...]]:
    """The flags by application."""
    return {entry.application.application_id: entry.flags for entry in found.entries}


def test_disagreement_begins_above_the_spread_of_the_rubric() -> None:
    """Totals that lie exactly so far apart still agree; a grain more is flagged, and changes no rank."""
    levels = {"x": [(3, 3), (2, 3)], "y": [(3, 3), (2, 2)]}  # 20 points apart, and 33.3

    found = made(application("x"), application("y"), levels=levels, edition={"rubric": TWENTY})

    assert flags(found) == {"x": (), "y": ("disagreement",)}


def test_tie_at_the_cut_is_flagged_and_proposes_nothing() -> None:
    """Two with the same median and one place: both are flagged, for neither anything is proposed."""
    found = made(application("x"), application("y"), levels={"x": [(2, 2)] * 2, "y": [(2, 2)] * 2})

    assert flags(found) == {"x": ("tie-at-cut",), "y": ("tie-at-cut",)}
    assert [entry.proposal for entry in found.entries] == [None, None]
    assert (found.places.proposed, found.places.tied, found.places.short) == (0, 1, 1)


def test_places_that_nobody_can_fill_are_no_tie() -> None:
    """What is short for want of people is told apart from what people can decide."""
    found = made(application("x"), application("y"), levels={"x": [(2, 2)] * 2, "y": [(2, 2)] * 2}, needed=3)

    assert (found.places.proposed, found.places.tied, found.places.short) == (2, 0, 1)


def test_pending_decisions_count_as_what_they_will_be() -> None:
    """Before their release: a place is filled, nobody is proposed for it, and the sum never exceeds what is needed."""
    noted = replace(SELECTED, released_at=None)
    cast = {
        "best": application("best", pending=replace(noted, decision="declined")),
        "middle": application("middle"),
        "last": application("last", pending=noted, offer=Offer(2)),
    }
    levels = {"best": [(3, 3)] * 2, "middle": [(2, 2)] * 2, "last": [(1, 1)] * 2}

    found = made(*cast.values(), levels=levels, needed=3)

    assert {entry.application.application_id: entry.proposal for entry in found.entries} == {
        "best": None,
        "middle": "selected",
        "last": None,
    }
    assert found.places == Places(needed=3, selected=0, pending=2, proposed=1, tied=0)
    assert found.places.short == 0


def test_pending_decisions_that_cannot_be_released_count_for_nothing() -> None:
    """Whoever left since, misses a rule by now, or has time again to accept, is not about to be selected."""
    noted = replace(SELECTED, released_at=None)
    away = application("away", pending=noted, standing="left")
    unmet = application("unmet", pending=noted, eligibility="unmet")
    back = application("back", status="selected", decision=SELECTED, pending=replace(noted, decision="declined"))

    found = made(away, unmet, back, levels={}, needed=3)

    assert (found.places.selected, found.places.pending, found.places.short) == (1, 0, 2)


def test_each_circumstance_has_its_flag() -> None:
    """Waivers, conflicts, late admissions, and whoever is not in the programme's scope any more."""
    late = Admission(AT, "Was ill for two weeks.", "manager", AT)
    cast = {
        "waiver": application("waiver", eligibility="waived"),
        "conflict": application("conflict"),
        "late": application("late", admission=late),
        "left": application("left", standing="left"),
        "moved_out": application("moved_out", standing="moved_out"),
        "executive": application("executive", standing="executive"),
        "unmet": application("unmet", eligibility="unmet"),
        "withdrawn": application("withdrawn", status="withdrawn", withdrawn=Withdrawal(None, AT)),
    }
    levels = {id: [(1 + number % 3, 1 + number // 3)] * 2 for number, id in enumerate(cast)}

    found = made(*cast.values(), levels=levels, needed=20, conflicts={"conflict"})

    assert flags(found) == {id: (id,) for id in cast}
    ranked = {entry.application.application_id for entry in found.entries if entry.ranked}
    assert cast.keys() - ranked == {"unmet", "withdrawn"}
    proposed = {entry.application.application_id for entry in found.entries if entry.proposal}
    assert proposed == {"waiver", "conflict", "late"}


def test_those_without_a_rank_come_last() -> None:
    """Whoever nobody has assessed is on the board all the same, below everybody with a rank, without a place."""
    found = made(
        application("none"), application("low"), application("high"), levels={"low": [(1, 1)] * 2, "high": [(3, 3)] * 2}
    )

    assert [entry.application.application_id for entry in found.entries] == ["high", "low", "none"]
    assert found.entries[-1].placed is None


def test_each_way_of_leaving_opens_a_place() -> None:
    """Withdrawn, out of the group, or silent beyond the last day: told with its cause, the oldest first."""
    gone = [
        application("silent", status="selected", decision=SELECTED),
        application("left", status="accepted", decision=SELECTED, standing="left", changed_at=AT + timedelta(days=2)),
        application("back", status="withdrawn", decision=SELECTED, withdrawn=Withdrawal(None, AT + timedelta(days=1))),
    ]
    reserves = [application(id, status="reserved", decision=RESERVED) for id in ("first", "second")]
    levels = {"first": [(3, 3)] * 2, "second": [(2, 2)] * 2, "silent": [(3, 3)] * 2, "left": [(3, 3)] * 2}

    found = made(
        *gone, *reserves, levels=levels, needed=3, edition={"accept_by": date(2026, 2, 25)}, at=AT + timedelta(days=9)
    )

    assert [(one.left, one.cause, one.next) for one in found.vacancies] == [
        ("back", "withdrawn", "first"),
        ("left", "left", "second"),
        ("silent", "not-accepted", None),
    ]
    assert (found.places.selected, found.places.needed) == (0, 3)


@pytest.mark.parametrize(("unpaired", "named"), [(2, ["x"]), (1, ["x"]), (0, [])])
def test_place_is_open_as_long_as_an_executive_waits(unpaired: int, named: list[str]) -> None:
    """Where the matching found everybody else a mentor, nobody has to follow who left."""
    gone = application("x", status="withdrawn", decision=SELECTED, withdrawn=Withdrawal(None, AT))
    reserve = application("y", status="reserved", decision=RESERVED)

    found = made(gone, reserve, levels={"y": [(3, 3)] * 2}, needed=2, unpaired=unpaired)

    assert [one.left for one in found.vacancies] == named
    assert (found.places.selected, found.places.needed) == (0, 2)


def test_who_never_had_a_place_leaves_none() -> None:
    """An application that was withdrawn before it was decided, or declined, is no vacancy."""
    withdrawn = application("x", status="withdrawn", withdrawn=Withdrawal(None, AT))
    declined = application("y", status="declined", decision=replace(SELECTED, decision="declined"))

    found = made(withdrawn, declined, levels={"y": [(3, 3)] * 2}, needed=2)

    assert found.vacancies == ()


def test_who_was_assessed_too_seldom_is_proposed_for_nothing() -> None:
    """A round that was closed early leaves one sheet or none: flagged, left to people, and no reserve who is next."""
    gone = application("gone", status="withdrawn", decision=SELECTED, withdrawn=Withdrawal(None, AT))
    waiting = application("waiting", status="reserved", decision=RESERVED)
    levels = {"once": [(3, 3)], "waiting": [(3, 2)], "twice": [(2, 2)] * 2}

    found = made(application("once"), application("never"), application("twice"), gone, waiting, levels=levels)

    shown = {entry.application.application_id: (entry.flags, entry.proposal) for entry in found.entries}
    assert shown["once"] == (("few-sheets",), None)
    assert shown["never"] == (("few-sheets",), None)
    assert shown["twice"] == ((), "selected")
    assert [entry.ranked.rank for entry in found.entries if entry.ranked] == [1, 2, 3]
    assert [(one.left, one.next) for one in found.vacancies] == [("gone", None)]


def test_reserve_who_moves_up_late_has_a_week_and_stands_meanwhile() -> None:
    """After the day for all the place of who followed counts until the own day has passed."""
    told = replace(SELECTED, released_at=datetime(2026, 3, 2, 9, tzinfo=UTC))
    late = application("late-one", status="selected", decision=told)
    before, after = datetime(2026, 3, 9, 22, 59, tzinfo=UTC), datetime(2026, 3, 9, 23, tzinfo=UTC)

    selected = [
        made(late, levels={}, edition={"accept_by": date(2026, 2, 25)}, at=at).places.selected for at in (before, after)
    ]

    assert selected == [1, 0]


def test_decided_tie_stands_in_the_order_of_its_decisions() -> None:
    """Whoever of a rank is selected stands above its reserves, whatever the lot, and so the places are summed."""
    for winner, loser in (("x", "y"), ("y", "x")):
        cast = {
            winner: application(winner, status="selected", decision=SELECTED),
            loser: application(loser, status="reserved", decision=RESERVED),
        }

        found = made(*cast.values(), levels={"x": [(2, 2)] * 2, "y": [(2, 2)] * 2})

        shown = [(one.application.application_id, one.placed.cumulated) for one in found.entries if one.placed]
        assert shown == [(winner, 1), (loser, 2)]


def test_noted_tie_stands_in_the_order_of_its_decisions() -> None:
    """As after the release: the selected, whom nobody has decided on, the reserves, and last who is declined."""
    noted = replace(SELECTED, released_at=None)
    cast = {
        "a": application("a", pending=replace(noted, decision="declined")),
        "b": application("b", pending=replace(noted, decision="reserved")),
        "c": application("c"),
        "d": application("d", pending=noted),
    }

    found = made(*cast.values(), levels={id: [(2, 2)] * 2 for id in cast}, needed=2)

    assert [one.application.application_id for one in found.entries] == ["d", "c", "b", "a"]


def test_place_that_was_not_accepted_is_flagged() -> None:
    """From the end of the last day on, until people take the place back or give more time."""
    chosen = application("x", status="selected", decision=SELECTED)
    due = {"accept_by": date(2026, 2, 27)}
    over = datetime(2026, 2, 27, 23, tzinfo=UTC)

    def at(moment: datetime) -> dict[str, tuple[str, ...]]:
        return flags(made(chosen, levels={"x": [(2, 2)] * 2}, edition=due, at=moment))

    assert at(over - timedelta(seconds=1)) == {"x": ()}
    assert at(over) == {"x": ("not-accepted",)}
