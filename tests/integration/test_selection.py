"""Promises of rounds, over HTTP and a real database; the loop looks when a test says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from services.applications.domain.edition import Edition
from services.applications.domain.staging import Facts
from services.applications.handlers import EditionHandlers, WantedRound
from services.applications.handlers.editions import Blocked
from services.applications.store.facts import EditionFacts
from services.chassis.aggregate import Command, LostUpdate
from services.chassis.errors import Refused
from services.chassis.ids import random_id
from tests.support.editions import edition
from tests.support.judging import all_sheets, fields, kind
from tests.support.selecting import Panel, panel
from tests.support.servers import Running

MANAGER = "group_office"


@pytest.fixture
async def world(servers: Running, tmp_path: Path) -> AsyncIterator[Panel]:
    async with panel(servers, tmp_path) as made:
        yield made


async def test_round_assigns_sheets_evenly(world: Panel) -> None:
    """Each application gets as many assessors as asked for, nobody two more than another; the topic is told once."""
    manager, assessors = await world.person(MANAGER), await world.assessors(4)
    applications = await world.apply(6)

    path = await world.open_round(manager, per_application=3, due_at="2026-03-01T17:00:00+01:00")
    await world.look(2)

    shown = await world.get(path, manager)
    sheets = await all_sheets(world)
    assert (shown["state"], shown["number"], shown["progress"]["sheets"]) == ("open", 1, 18)
    assert Counter(sheet["application_id"] for sheet in sheets) == dict.fromkeys(applications, 3)
    assert set(Counter(sheet["assessor_id"] for sheet in sheets).values()) == {4, 5}
    [document] = await world.collection("rounds").find({}).to_list(None)
    assert [one["type"] for one in document["outbox"]] == ["org.tandem.sheets.assigned.v1"]
    assert document["outbox"][0]["actor"] == manager
    assert set(shown["assessors"]) == set(assessors)


async def test_rubric_says_how_many_sheets(world: Panel) -> None:
    """Without a number of its own a round has as many sheets for each application as the rubric says."""
    manager = await world.person(MANAGER)
    await world.assessors(5)
    await world.apply(1)

    path = await world.open_round(manager)

    assert (await world.get(path, manager))["progress"]["sheets"] == 3


async def test_nobody_of_the_applicants_line_gets_a_sheet(world: Panel) -> None:
    """Neither managers above nor people below nor colleagues of the same manager, whoever has left in between."""
    manager = await world.person(MANAGER)
    top = await world.person("assessor")
    between = await world.person(manager_id=top, active=False)
    applicant = await world.person(manager_id=between)
    peer = await world.person("assessor", manager_id=between)
    below = await world.person("assessor", manager_id=applicant)
    free = await world.assessors(2)
    application = await world.application_of(applicant)

    await world.open_round(manager, per_application=2)
    more = await world.ask("POST", f"{world.path}/rounds", {"per_application": 3}, actor=manager)

    assert {one["assessor_id"] for one in await all_sheets(world)} == set(free)
    assert kind(more) == (409, "round-running")
    assert {one["application_id"] for one in await all_sheets(world)} == {application}
    assert not {top, peer, below} & set(free)


async def test_too_few_assessors_are_told_by_application(world: Panel) -> None:
    """A round that cannot be independent is refused, and the refusal names each application."""
    manager, [assessor, boss] = await world.person(MANAGER), await world.assessors(2)
    hard = await world.application_of(await world.person(manager_id=boss))
    await world.apply(1)

    answer = await world.ask("POST", f"{world.path}/rounds", {"per_application": 2}, actor=manager)

    assert kind(answer) == (422, "too-few-assessors")
    assert fields(answer) == [f"/applications/{hard}"]
    assert assessor not in answer.text


async def test_assessors_who_apply_or_are_none_are_refused(world: Panel) -> None:
    """Whoever applied in the edition assesses nobody; nor does who has no such role, or left."""
    manager, good = await world.person(MANAGER), await world.assessors(2)
    applied, other, gone = (
        await world.person("assessor"),
        await world.person(),
        await world.person("assessor", active=False),
    )
    await world.apply(1)
    await world.application_of(applied)

    body = {"per_application": 2, "assessors": [good[0], applied, other, gone]}
    refused = await world.ask("POST", f"{world.path}/rounds", body, actor=manager)
    path = await world.open_round(manager, per_application=2)

    assert kind(refused) == (422, "unknown-assessors")
    assert fields(refused) == ["/assessors/1", "/assessors/2", "/assessors/3"]
    assert set((await world.get(path, manager))["assessors"]) == set(good)


async def test_assessor_of_one_company_gets_only_its_applications(world: Panel) -> None:
    """A role that is bounded to a company opens no application of another one."""
    manager = await world.person(MANAGER)
    first, second = world.edition.subsidiaries
    bounded = await world.person("assessor", bounds=[first])
    await world.assessors(2)
    [foreign] = await world.apply(1, subsidiary=second)
    await world.apply(1)

    await world.open_round(manager, per_application=2)

    mine = [one["application_id"] for one in await all_sheets(world) if one["assessor_id"] == bounded]
    assert foreign not in mine
    assert len(mine) == 1


async def test_only_what_can_be_selected_is_assessed(world: Panel) -> None:
    """Drafts, withdrawn, declined and ineligible ones, and people who left, get no sheets; a waiver lets in."""
    manager = await world.person(MANAGER)
    await world.assessors(2)
    for status in ("draft", "withdrawn", "declined"):
        await world.apply(1, status=status)
    await world.apply(1, eligibility="unmet")
    await world.apply(1, standing="left")
    [waived] = await world.apply(1, eligibility="waived")

    await world.open_round(manager, per_application=2)

    assert {one["application_id"] for one in await all_sheets(world)} == {waived}


async def test_first_opinions_are_two_at_least(world: Panel) -> None:
    """One sheet is enough only for applications that others have assessed before, and never by one of those."""
    manager, assessors = await world.person(MANAGER), await world.assessors(3)
    [old] = await world.apply(1)
    single = {"per_application": 1}
    refused = await world.ask("POST", f"{world.path}/rounds", single, actor=manager)
    path = await world.open_round(manager, per_application=2)
    first = {one["assessor_id"] for one in await all_sheets(world)}
    await world.score_all(assessors)
    await world.hand_in(path, first)
    await world.look()
    await world.apply(1)

    again = await world.ask("POST", f"{world.path}/rounds", single, actor=manager)
    await world.open_round(manager, **single, applications=[old])

    assert kind(refused) == kind(again) == (422, "second-opinion-missing")
    [third] = [one for one in await all_sheets(world) if one["state"] == "open"]
    assert (third["application_id"], third["assessor_id"] in first) == (old, False)


async def test_same_key_opens_one_round(world: Panel) -> None:
    """A repeated request is answered with the round that it opened, also when that is closed."""
    manager = await world.person(MANAGER)
    await world.assessors(2)
    await world.apply(1)
    headers = {"Tandem-Actor": manager, "Idempotency-Key": "once"}

    first = await world.http.post(f"{world.path}/rounds", json={"per_application": 2}, headers=headers)
    await world.look()
    await world.close_round(first.headers["Location"], manager)
    again = await world.http.post(f"{world.path}/rounds", json={"per_application": 2}, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["round_id"] == again.json()["round_id"]


async def test_rounds_are_opened_in_selection_only(servers: Running, tmp_path: Path) -> None:
    """Neither while the call is open nor when matching has begun."""
    async with panel(servers, tmp_path, edition("matching")) as world:
        manager = await world.person(MANAGER)
        answer = await world.ask("POST", f"{world.path}/rounds", {}, actor=manager)

    assert kind(answer) == (409, "not-in-selection")


async def test_half_made_round_is_completed(world: Panel) -> None:
    """A round whose assignment broke off goes on with the sheets that are there; nobody gets two for one."""
    manager, assessors = await world.person(MANAGER), await world.assessors(4)
    await world.apply(8)
    opened = await world.ask("POST", f"{world.path}/rounds", {"per_application": 2}, actor=manager)
    await world.look()
    everything = await all_sheets(world)
    lost = [one["sheet_id"] for one in everything][:9]
    await world.collection("sheets").delete_many({"_id": {"$in": lost}})
    await world.collection("rounds").update_one(
        {"_id": opened.json()["round_id"]}, {"$set": {"state.state": "assigning", "outbox": [], "sequences": {}}}
    )

    await world.look()

    made = await all_sheets(world)
    assert Counter(one["application_id"] for one in made) == Counter(one["application_id"] for one in everything)
    assert len({(one["application_id"], one["assessor_id"]) for one in made}) == 16
    assert max(Counter(one["assessor_id"] for one in made).values()) == 4
    assert len(assessors) == 4


# While the edition moves on


def moving(world: Panel, meanwhile: Callable[[], Awaitable[object]]) -> EditionHandlers:
    """The commands of editions, in which something happens once it is known what blocks the next stage."""
    runtime = world.runtime
    facts = EditionFacts(runtime.database, runtime.directory, runtime.clock)

    async def overtaken(of: Edition) -> Facts:
        found = replace(await facts.of(of), undecided=0)
        await meanwhile()
        return found

    return EditionHandlers(
        world.assigning().editions, runtime.directory, overtaken, runtime.clock, edition_opened=lambda: None
    )


async def test_round_that_is_opened_while_the_edition_moves_on_stops_the_move(world: Panel) -> None:
    """Who moves it on had looked for rounds before there was one: that is refused, and the round goes on."""
    manager = await world.person(MANAGER)
    await world.assessors(2)
    [application] = await world.apply(1)
    handlers = moving(world, lambda: world.open_round(manager, per_application=2))

    with pytest.raises(LostUpdate):
        await handlers.reach(world.edition.edition_id, Command(actor=manager), "matching", None)
    with pytest.raises(Blocked):
        await moving(world, nothing).reach(world.edition.edition_id, Command(actor=manager), "matching", None)

    assert {one["application_id"] for one in await all_sheets(world)} == {application}
    assert (await world.get(f"{world.path}/rounds", manager))[0]["state"] == "open"


async def test_round_is_taken_back_where_the_edition_has_moved_on(world: Panel) -> None:
    """Whoever saw the edition in selection opens no round after it; what was written of one keeps up nobody."""
    manager = await world.person(MANAGER)
    await world.assessors(2)
    await world.apply(1)
    wanted = WantedRound(random_id(), 2, None, None, None)
    await moving(world, nothing).reach(world.edition.edition_id, Command(actor=manager), "matching", None)

    with pytest.raises(Refused) as refused:
        await world.selection().open_round(world.edition, wanted, Command(actor=manager))
    await world.look(2)

    assert refused.value.kind == "not-in-selection"
    [shown] = await world.get(f"{world.path}/rounds", manager)
    assert (shown["state"], bool(shown["closing_reason"])) == ("closed", True)
    assert await all_sheets(world) == []
    [document] = await world.collection("rounds").find({}).to_list(None)
    assert document["outbox"] == []


async def nothing() -> None:
    """Nothing happens meanwhile."""


async def test_round_whose_opening_broke_off_is_counted_in_or_taken_back(servers: Running, tmp_path: Path) -> None:
    """After a crash right behind the first write the loop asks the edition, makes sheets or tells of its refusal."""
    for stage, state, sheets in (("selection", "open", 2), ("matching", "closed", 0)):
        async with panel(servers, tmp_path) as world:
            manager = await world.person(MANAGER)
            await world.assessors(2)
            await world.apply(1)
            body = {"per_application": 2}
            opened = await world.ask("POST", f"{world.path}/rounds", body, actor=manager)
            crashed = {"state.stage": stage, "state.rounds": 0}
            await world.collection("editions").update_one({}, {"$set": crashed, "$inc": {"version": 1}})

            await world.look()
            stuck = REGISTRY.get_sample_value("tandem_rounds_stuck")
            await world.look()

            assert stuck == (stage == "matching")
            assert REGISTRY.get_sample_value("tandem_rounds_stuck") == 0
            shown = await world.get(opened.headers["Location"], manager)
            assert (shown["state"], len(await all_sheets(world))) == (state, sheets)
            kept = (await world.assigning().editions.get(world.edition.edition_id)).state
            assert kept.rounds == (1 if stage == "selection" else 0)
