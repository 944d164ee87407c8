"""Who may see why a pair ended, and who may end one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.chassis.auth.principal import Principal, Scope
from services.chassis.auth.rules import Hidden, OwnCase, Permit
from services.matching import access
from services.matching.domain import pair, run
from services.matching.domain.proposal import Proposal, ProposedPair
from services.matching.http.override_views import of_override
from services.matching.http.pair_views import of_pair
from tests.support.pairing import override, stated

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


def test_pair_that_is_not_shown_to_its_members_is_not_there_for_them() -> None:
    """Also where they have a pair of the same run: who else was proposed for them is nobody's to ask."""
    proposed = ProposedPair("mentor", "mentee", "north", "south", 10, ())
    proposal = Proposal("standard.1", 1, executives=1, worst=10, total=10, pairs=(proposed,), uncovered=())
    unseen = run.Run("r", "e", requested_by="manager", requested_at=NOW, proposal=proposal)
    shown = replace(unseen, preview=run.Preview("manager", NOW, NOW))
    for member in ("mentor", "mentee"):
        access.shown_run(permit(member), shown, "mentee")
        with pytest.raises(Hidden):
            access.shown_run(permit(member), unseen, "mentee")
    for stranger, mentee_id in (("somebody", "mentee"), ("mentee", "somebody")):
        with pytest.raises(Hidden):
            access.shown_run(permit(stranger), shown, mentee_id)


def test_nobody_reads_why_the_other_one_of_the_own_pair_objects() -> None:
    """Whatever role they hold; all others who match do, and everybody reads the own word."""
    conflict = replace(override("conflict", "mentor", "mentee"), by="mentee", reason="I would rather not say.")
    state = stated(conflict)
    for reader, told in (("mentor", ""), ("mentee", conflict.reason), ("manager", conflict.reason)):
        assert of_override(state, conflict, why=access.sees_why_not(permit(reader), conflict)).reason == told
    block = override("block", "mentor", "mentee")
    assert of_override(state, block, why=access.sees_why_not(permit("mentor"), block)).reason == block.reason
