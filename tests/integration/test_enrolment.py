"""Promises of enrolment on a real database: who is in scope is obliged once, who is not has left, whoever looks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.applications import contracts, store
from services.applications.domain import participation
from services.applications.handlers import participation_id
from services.chassis.aggregate import Repository
from services.chassis.outbox import Outgoing, Unpublishable
from tests.support.attending import Group, group
from tests.support.servers import Running

OBLIGED, LEFT = "org.tandem.mentee.obliged.v1", "org.tandem.mentee.left.v1"


@pytest.fixture
async def here(servers: Running) -> AsyncIterator[Group]:
    """A group over a database of its own."""
    async with group(servers) as running:
        yield running


async def test_processes_that_enrol_at_once_oblige_nobody_twice(here: Group) -> None:
    """Four looks at the same moment give one participation and one event per executive, also in more than one bulk."""
    ids = await here.executives(230)
    await here.edition("north")

    await asyncio.gather(*(here.look() for _ in range(4)))

    documents = await here.participations.participations.collection.find({}).to_list(None)
    assert sorted(one["state"]["mentee_id"] for one in documents) == ids
    assert {(one["version"], one["sequence"], len(one["outbox"])) for one in documents} == {(1, 1, 1)}


def unable_to_tell_of(here: Group, person_id: str) -> Group:
    """The group where no event can tell of one person, as where no reader would take it."""

    def outgoing(event: participation.Event) -> Outgoing | None:
        if event.mentee_id == person_id:
            raise Unpublishable("No reader would take the event.")
        return contracts.of_participation(event)

    kind = replace(store.PARTICIPATIONS, outgoing=outgoing)
    stored = Repository(here.database, kind, clock=here.clock)
    return replace(here, participations=replace(here.participations, participations=stored))


async def test_executive_who_cannot_be_obliged_holds_up_nobody_else(here: Group) -> None:
    """One who is refused is passed over at each look; all others are obliged at the first."""
    refused, *others = await here.executives(4)
    edition_id = await here.edition("north")
    unable = unable_to_tell_of(here, refused)

    first, second = await unable.look(), await unable.look()

    assert (first, second) == (3, 0)
    assert sorted(await here.statuses(edition_id)) == others


async def test_leaver_mover_and_former_executive_leave_the_scope_with_the_cause(here: Group) -> None:
    """Whoever is not in scope any more has left, and readers are told why; each once."""
    leaver, forgotten, mover, former, stays = await here.executives(5)
    edition_id = await here.edition("north")
    await here.look()
    await here.says(leaver, active=False)
    await here.forgets(forgotten)
    await here.says(mover, subsidiary="far-away")
    await here.says(former, executive=False)

    assert (await here.look(), await here.look()) == (4, 0)

    causes = {
        id: json.loads(told[-1][1])["cause"]
        for id in (leaver, forgotten, mover, former)
        if (told := await here.told(edition_id, id))[-1][0] == LEFT
    }
    assert causes == {leaver: "left_group", forgotten: "left_group", mover: "moved_out", former: "no_executive"}
    assert (await here.of(edition_id, stays)).status == "obliged"


async def test_person_of_whom_the_directory_says_nothing_stays(here: Group) -> None:
    """While the directory is filled anew people are missing from it; that is no word on them."""
    [id] = await here.executives(1)
    edition_id = await here.edition("north")
    await here.look()
    await here.table.delete_one({"_id": id})

    assert await here.look() == 0
    assert (await here.of(edition_id, id)).status == "obliged"


async def test_returner_is_obliged_anew(here: Group) -> None:
    """Who comes back is obliged from then on; an exemption of before does not hold any more."""
    [id] = await here.executives(1)
    edition_id = await here.edition("north")
    await here.look()
    await here.exempt(edition_id, id)
    await here.says(id, active=False)
    await here.look()
    here.clock.passes(days=20)
    await here.says(id)
    await here.look()

    state = await here.of(edition_id, id)
    assert (state.status, state.obliged_at, state.exemption) == ("obliged", here.clock.now(), None)
    assert [type_ for type_, _ in await here.told(edition_id, id)][-2:] == [LEFT, OBLIGED]


async def test_mover_within_the_scope_is_told_of_with_the_new_company(here: Group) -> None:
    """The company of a participation follows the executive, who stays obliged."""
    [id] = await here.executives(1)
    edition_id = await here.edition("north", "south")
    await here.look()
    await here.says(id, subsidiary="south")
    await here.look()

    told = await here.told(edition_id, id)
    assert [(type_, json.loads(data)["subsidiary"]) for type_, data in told] == [(OBLIGED, "north"), (OBLIGED, "south")]
    assert (await here.of(edition_id, id)).subsidiary == "south"


async def test_look_that_is_out_of_date_changes_nothing(here: Group) -> None:
    """A process that looked before something happened leaves it to its next look."""
    [id] = await here.executives(1)
    edition_id = await here.edition("north")
    await here.look()
    looking = here.enrolment()
    roll = await store.roll(here.participations.participations.collection, edition_id)
    await here.exempt(edition_id, id)
    await here.says(id, active=False)

    edition = (await here.editions.editions.get(edition_id)).state
    assert await looking._settle_scope(edition, roll) == 0
    assert (await here.of(edition_id, id)).status == "exempt"
    assert await here.look() == 1


async def test_nobody_is_obliged_by_a_draft_or_a_closed_edition(here: Group) -> None:
    """Scope begins with the call and ends with the edition: from then on nobody joins and nobody leaves."""
    first, *_ = await here.executives(2)
    draft = await here.edition("north", stage="draft")
    closed = await here.edition("north")
    await here.look()
    await here.close(closed)
    await here.executives(1)
    await here.says(first, active=False)

    assert await here.look() == 0
    assert await here.statuses(draft) == {}
    assert set((await here.statuses(closed)).values()) == {"obliged"}


async def test_edition_that_is_over_obliges_nobody_though_nobody_closed_it(here: Group) -> None:
    """With its last day the scope is settled: nobody joins, nobody leaves, as in editions of an earlier release."""
    [id] = await here.executives(1)
    edition_id = await here.edition("north", ends_on=date(2026, 3, 8))
    await here.look()
    here.clock.passes(days=6, hours=13, minutes=59)  # a minute before midnight in Berlin
    await here.executives(1)
    assert await here.look() == 1
    here.clock.passes(minutes=1)
    await here.executives(1)
    await here.says(id, active=False)

    assert await here.look() == 0
    assert set((await here.statuses(edition_id)).values()) == {"obliged"}


async def test_group_wide_edition_takes_in_a_company_that_is_new(here: Group) -> None:
    """Its executives are obliged at the look that hears of the company; other editions stay as they are."""
    await here.company("north")
    edition_id, other = await here.edition("north", group_wide=True), await here.edition("north")
    await here.look()
    await here.company("new-one")
    here.participations.directory._trees.known.clear()
    [id] = await here.executives(1, "new-one")
    await here.look()

    assert (await here.editions.editions.get(edition_id)).state.subsidiaries == ("north", "new-one")
    assert (await here.editions.editions.get(other)).state.subsidiaries == ("north",)
    assert await here.statuses(edition_id) == {id: "obliged"}


async def test_participation_of_before_goes_on(here: Group) -> None:
    """A document that was written before there were pairs, escalations and turns is read and goes on."""
    [id] = await here.executives(1)
    edition_id = await here.edition("north")
    state = {
        "participation_id": participation_id(edition_id, id),
        "edition_id": edition_id,
        "mentee_id": id,
        "subsidiary": "north",
        "obliged_at": (here.clock.now() - timedelta(days=30)).isoformat(),
        "status": "exempt",
        "exemption": {
            "reason": "absence",
            "explanation": "On leave.",
            "exempted_by": "m",
            "exempted_at": here.clock.now().isoformat(),
        },
    }
    row = {"_id": state["participation_id"], "version": 2, "sequence": 2, "state": state}
    await here.participations.participations.collection.insert_one({**row, "outbox": [], "recent": [], "seen": {}})

    assert await here.look() == 0
    assert (await here.of(edition_id, id)).status == "exempt"
    await here.says(id, active=False)
    assert await here.look() == 1
