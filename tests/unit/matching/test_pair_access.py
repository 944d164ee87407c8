"""Who may see why a pair ended, and who may end one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.chassis.auth.principal import Principal, Scope
from services.chassis.auth.rules import Hidden, OwnCase, Permit
from services.matching import access
from services.matching.domain import pair
from services.matching.http.pair_views import of_pair

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MADE = pair.Pair("p", "e", "r", "mentor", "mentee", "north", "south", "standard.1", NOW, slot=1)
OVER = pair.evolve(MADE, pair.PairEnded(MADE, pair.End("by_agreement", NOW, "manager", "They did not get on.")))


def permit(id: str, *companies: str) -> Permit:
    """What somebody may who is responsible for these companies."""
    return Permit(Principal(id, "person"), Scope(frozenset(companies)))


@pytest.mark.parametrize(
    ("companies", "seen"), [(("north",), True), (("south",), True), (("west",), False), ((), False)]
)
def test_those_responsible_for_one_of_the_two_see_why_a_pair_ended(companies: tuple[str, ...], seen: bool) -> None:
    """The two see only that it ended and when: why may be the other one's business."""
    why = access.sees_why(permit("mentor", *companies), OVER)
    shown = of_pair(OVER, why=why).ended

    assert why is seen
    assert shown is not None
    told = ("by_agreement", "They did not get on.", "manager") if seen else (None, None, None)
    assert (shown.reason, shown.note, shown.by) == told


def test_those_responsible_for_one_of_the_two_end_a_pair() -> None:
    """Nobody ends the own pair, whatever role they hold; to all others there is no such pair."""
    for company in ("north", "south"):
        access.end_pair(permit("manager", company), MADE)
        for member in ("mentor", "mentee"):
            with pytest.raises(OwnCase):
                access.end_pair(permit(member, company), MADE)
    for stranger in (permit("manager", "west"), permit("mentor")):
        with pytest.raises(Hidden):
            access.end_pair(stranger, MADE)
