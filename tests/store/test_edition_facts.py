"""What blocks an edition is counted over the documents of the aggregates that belong to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.applications import store
from services.applications.domain.application import Application, Decision, Offer
from services.applications.domain.staging import Facts
from services.applications.store.facts import APPLICATIONS, PARTICIPATIONS, ROUNDS, EditionFacts
from services.chassis import directory, mongo
from services.chassis.ids import random_id
from tests.support.clocks import HandClock
from tests.support.directories import fill, holder
from tests.support.editions import edition

AT = datetime(2026, 2, 16, 9, tzinfo=UTC)
ASKED = {"reason": "Came late from university."}
STANDING: dict[str, list[dict[str, Any]]] = {
    APPLICATIONS: [
        {"status": "draft"},
        {"status": "draft", "waiver_request": ASKED, "waiver": None},
        {"status": "draft", "waiver_request": ASKED, "waiver": {"decision": "refused"}},
        {"status": "applied", "pending": {"decision": "selected"}},
        {"status": "applied", "pending": None, "waiver_request": None, "waiver": None},
        {"status": "applied", "waiver_request": ASKED, "waiver": None},
        {"status": "applied", "waiver_request": ASKED, "waiver": {"decision": "granted"}},
        {"status": "reserved", "pending": {"decision": "selected"}},
        {"status": "declined", "offer": {"places": 2}},
        {"status": "withdrawn", "waiver_request": ASKED, "waiver": None},
    ],
    PARTICIPATIONS: [
        {"status": status} for status in ("obliged", "obliged", "paired", "escalated", "exempt", "left", "left")
    ],
    ROUNDS: [{"state": "closed"}, {"state": "closing"}, {"state": "open"}],
}


@pytest.fixture
def facts(database: mongo.Database) -> EditionFacts:
    """The counting, over an empty database."""
    return EditionFacts(database, directory.Directory(database, clock := HandClock(AT)), clock)


TOLD = Decision("selected", "Explains well and knows much.", "manager", AT, released_at=AT)
CHOSEN = Application(
    "a-1", "e-1", "p-1", "s-1", "selected", AT, AT, standing="in", eligibility="met", rules=(), decision=TOLD
)


async def _choose(database: mongo.Database, *chosen: Application) -> None:
    states = [store.APPLICATIONS.state.dump_python(one, mode="json") for one in chosen]
    await database[APPLICATIONS].insert_many([{"_id": random_id(), "state": state} for state in states])


async def _stand(database: mongo.Database, edition_id: str) -> None:
    for collection, states in STANDING.items():
        await database[collection].insert_many(
            [{"_id": random_id(), "state": {"edition_id": edition_id, **state}} for state in states]
        )


async def test_what_waits_is_counted_for_this_edition_alone(database: mongo.Database, facts: EditionFacts) -> None:
    """Open rounds, undecided and unreleased applications, places, waiting waivers (of drafts too), executives."""
    await fill(database, holder("idp:manager", "s-1"), holder("idp:a", "s-1", assessor=["s-1"]))
    for edition_id in ("e-1", "e-2"):
        await _stand(database, edition_id)
        of = replace(CHOSEN, edition_id=edition_id)
        await _choose(database, replace(of, offer=Offer(3)), *[replace(of, status="accepted")] * 2)

    assert await facts.of(edition("selection")) == Facts(
        companies=("s-1", "s-2"),
        rounds_open=2,
        undecided=3,
        unreleased=2,
        unaccounted=2,
        needed=4,
        places=5,
        waivers_waiting=2,
        assessors=1,
        escalation_reachable=True,
    )


async def test_edition_without_anything_has_nothing_that_waits(facts: EditionFacts) -> None:
    """No document, no assessor, nobody to escalate to."""
    assert await facts.of(edition("draft")) == Facts(companies=("s-1", "s-2"), escalation_reachable=False)


async def test_assessors_are_those_for_its_companies(database: mongo.Database, facts: EditionFacts) -> None:
    """A role for the group or a company above counts; one for another company and somebody who left do not."""
    tree = [
        directory.Subsidiary(subsidiary_id="top"),
        directory.Subsidiary(subsidiary_id="s-1", parent_id="top"),
        directory.Subsidiary(subsidiary_id="s-9"),
    ]
    people = [
        holder("idp:group", "s-9", assessor=()),
        holder("idp:above", "s-9", assessor=["top"]),
        holder("idp:elsewhere", "s-1", assessor=["s-9"]),
        holder("idp:other-role", "s-1", auditor=()),
        holder("idp:gone", "s-1", assessor=()).model_copy(update={"active": False}),
        holder("idp:manager", "s-1").model_copy(update={"active": False}),
    ]
    await fill(database, *tree, *people)

    found = await facts.of(edition("draft"))
    whole = await facts.of(edition("draft", group_wide=True, subsidiaries=()))

    assert (found.assessors, found.escalation_reachable) == (2, False)
    assert (whole.assessors, whole.companies) == (3, ("s-1", "s-9", "top"))


async def test_places_are_those_that_the_board_counts(database: mongo.Database, facts: EditionFacts) -> None:
    """Who is out of scope, or let the day pass, offers none; the latter are counted until somebody decides anew."""
    accepted = replace(CHOSEN, status="accepted", offer=Offer(2))
    earlier = replace(TOLD, released_at=datetime(2026, 2, 1, 9, tzinfo=UTC))
    silent = replace(CHOSEN, decision=earlier)
    taken_back = replace(silent, pending=replace(TOLD, decision="declined", released_at=None))
    await _choose(database, CHOSEN, accepted, replace(accepted, standing="moved_out"), silent, silent, taken_back)

    found = await facts.of(edition("selection", accept_by=date(2026, 2, 15)))

    assert (found.places, found.not_accepted, found.unreleased) == (3, 2, 1)
