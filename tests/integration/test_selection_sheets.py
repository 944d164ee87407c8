"""Promises of sheets, over HTTP and a real database; the loop looks when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.applications.domain.application import Withdrawal
from tests.support.judging import BEST, WORST, all_sheets, fields, kind
from tests.support.selecting import AT, LEVELS, REASON, Panel, panel
from tests.support.servers import Running

MANAGER = "group_office"


@pytest.fixture
async def world(servers: Running, tmp_path: Path) -> AsyncIterator[Panel]:
    async with panel(servers, tmp_path) as made:
        yield made


async def test_sheet_is_saved_in_parts_and_handed_in_complete(world: Panel) -> None:
    """What is scored so far is kept with its total; without a score for each criterion it cannot be handed in."""
    manager, [assessor, _] = await world.person(MANAGER), await world.assessors(2)
    await world.apply(1)
    await world.open_round(manager, per_application=2)
    [sheet] = await world.sheets(assessor)
    path = f"/v1/sheets/{sheet}"

    saved = await world.score(assessor, sheet, {"explains": 2}, "Kann es erklären.")
    early = await world.ask("POST", f"{path}/lock", {}, actor=assessor, etag=saved.headers["ETag"])
    wrong = await world.score(assessor, sheet, {"explains": 4, "charm": 1})
    full = await world.score(assessor, sheet)
    locked = await world.ask("POST", f"{path}/lock", {}, actor=assessor, etag=full.headers["ETag"])
    late = await world.score(assessor, sheet, WORST)

    assert (saved.json()["total"], saved.json()["missing"]) == (40.0, ["knows"])
    assert (kind(early), fields(early)) == ((422, "sheet-incomplete"), ["/scores/knows"])
    assert (wrong.status_code, fields(wrong)) == (422, ["/scores/explains", "/scores/charm"])
    assert (locked.json()["state"], locked.json()["total"]) == ("locked", 80.0)
    assert kind(late) == (409, "sheet-not-open")


async def test_stale_save_is_refused(world: Panel) -> None:
    """Of two tabs that saw the same, the second one's save is refused and changes nothing."""
    manager, [assessor, _] = await world.person(MANAGER), await world.assessors(2)
    await world.apply(1)
    await world.open_round(manager, per_application=2)
    [sheet] = await world.sheets(assessor)
    seen = (await world.ask("GET", f"/v1/sheets/{sheet}", actor=assessor)).headers["ETag"]

    answers = [
        await world.ask("PUT", f"/v1/sheets/{sheet}", {"scores": scores}, actor=assessor, etag=seen)
        for scores in (BEST, WORST)
    ]

    assert [one.status_code for one in answers] == [200, 412]
    assert (await world.get(f"/v1/sheets/{sheet}", assessor))["scores"] == BEST


async def test_conflict_gets_the_sheet_to_somebody_else(world: Panel) -> None:
    """Who declares a conflict loses the sheet and what was written, and never gets the applicant again."""
    manager, assessors = await world.person(MANAGER), await world.assessors(3)
    [application] = await world.apply(1)
    path = await world.open_round(manager, per_application=2)
    first = sorted({one["assessor_id"] for one in await all_sheets(world)})
    [sheet] = await world.sheets(first[0])
    saved = await world.score(first[0], sheet)

    given_back = await world.ask(
        "POST", f"/v1/sheets/{sheet}/conflict", {"reason": REASON}, actor=first[0], etag=saved.headers["ETag"]
    )
    await world.look()
    await world.score_all(assessors)
    await world.hand_in(path, {*assessors} - {first[0]})
    await world.look()

    assert (given_back.json()["state"], given_back.json()["application"]) == ("conflicted", None)
    assert given_back.json()["scores"] == {}
    assert await world.sheets(first[0]) == []
    board = await world.get(f"{world.path}/board", manager)
    assert [(one["sheets"], one["flags"]) for one in board["entries"]] == [(2, ["conflict"])]
    again = await world.ask("POST", f"{world.path}/rounds", {"per_application": 1, "assessors": first}, actor=manager)
    assert (kind(again), fields(again)) == ((422, "too-few-assessors"), [f"/applications/{application}"])


async def test_missing_replacement_is_told_and_two_opinions_suffice(world: Panel) -> None:
    """Where nobody independent is left the manager learns of which application; a first round ends with two sheets."""
    manager, assessors = await world.person(MANAGER), await world.assessors(3)
    [application] = await world.apply(1)
    path = await world.open_round(manager, per_application=3)
    [sheet] = await world.sheets(assessors[0])
    seen = (await world.ask("GET", f"/v1/sheets/{sheet}", actor=assessors[0])).headers["ETag"]
    await world.ask("POST", f"/v1/sheets/{sheet}/conflict", {"reason": REASON}, actor=assessors[0], etag=seen)
    await world.look(2)
    short = (await world.get(path, manager))["progress"]["short"]

    await world.score_all(assessors[1:])
    await world.hand_in(path, assessors[1:])
    await world.look(2)

    assert short == [application]
    assert (await world.get(path, manager))["state"] == "closed"


async def test_sheets_of_who_withdraws_or_drops_out_are_taken_back(world: Panel) -> None:
    """An application that is withdrawn needs no sheets; an assessor who leaves the group is replaced."""
    manager, assessors = await world.person(MANAGER), await world.assessors(4)
    gone, stays = await world.apply(2)
    path = await world.open_round(manager, per_application=2)
    leaver = next(one["assessor_id"] for one in await all_sheets(world) if one["application_id"] == stays)
    await world.change(gone, status="withdrawn", withdrawn=Withdrawal(None, AT))
    await world.person("assessor", id=leaver, active=False)

    await world.look(2)
    left = [one for one in await all_sheets(world) if one["state"] == "open"]
    await world.score_all({*assessors} - {leaver})
    await world.hand_in(path, {*assessors} - {leaver})
    await world.look()

    assert {one["application_id"] for one in left} == {stays}
    assert len(left) == 2
    assert leaver not in {one["assessor_id"] for one in left}
    assert (await world.get(path, manager))["state"] == "closed"


async def test_sheet_of_an_assessor_who_came_into_the_line_is_taken_back(world: Panel) -> None:
    """Whoever becomes the applicant's manager during a round is replaced, and keeps the sheets of others."""
    manager, assessors = await world.person(MANAGER), await world.assessors(3)
    mentors = [await world.person() for _ in range(2)]
    hers, others = [await world.application_of(one) for one in mentors]
    await world.open_round(manager, per_application=2)
    before = await all_sheets(world)
    both = {one["assessor_id"] for one in before if one["application_id"] == hers}
    boss = next(
        id for id in sorted(both) if id in {one["assessor_id"] for one in before if one["application_id"] == others}
    )
    above = await world.person(manager_id=boss)
    await world.person(id=mentors[0], manager_id=above)

    await world.look(2)
    after = {(one["application_id"], one["assessor_id"]): one["state"] for one in await all_sheets(world)}

    assert after[hers, boss] == "void"
    assert after[others, boss] == "open"
    assert {who for (what, who), state in after.items() if (what, state) == (hers, "open")} == {*assessors} - {boss}


async def test_round_ends_by_itself_when_everything_is_in(world: Panel) -> None:
    """The last sheet that is handed in closes the round; the topic is told once, and who says so is the service."""
    manager, assessors = await world.person(MANAGER), await world.assessors(2)
    await world.apply(2)
    path = await world.open_round(manager, per_application=2)
    await world.score_all(assessors)
    await world.hand_in(path, assessors[:1])
    await world.look()
    waiting = await world.get(path, manager)

    await world.hand_in(path, assessors[1:])
    await world.look(2)

    closed = await world.get(path, manager)
    assert (waiting["state"], waiting["progress"]["open_by"]) == ("open", [{"assessor_id": assessors[1], "open": 2}])
    assert (closed["state"], closed["closed_by"], closed["closing_reason"]) == ("closed", None, None)
    [document] = await world.collection("rounds").find({}).to_list(None)
    assert document["outbox"][-1]["type"] == "org.tandem.round.closed.v1"
    assert (document["outbox"][-1]["actor"], len(document["outbox"])) == ("applications", 2)


async def test_early_closing_counts_what_is_complete(world: Panel) -> None:
    """A saved complete sheet counts as if it had been handed in, a started one does not; the reason is kept."""
    manager, [one, other] = await world.person(MANAGER), await world.assessors(2)
    await world.apply(1)
    path = await world.open_round(manager, per_application=2)
    await world.score(one, (await world.sheets(one))[0])
    await world.score(other, (await world.sheets(other))[0], {"explains": 3})

    await world.close_round(path, manager)

    states = {sheet["assessor_id"]: sheet["state"] for sheet in await all_sheets(world)}
    assert states == {one: "locked", other: "missed"}
    shown = await world.get(path, manager)
    assert (shown["closed_by"], shown["closing_reason"]) == (manager, REASON)
    [entry] = (await world.get(f"{world.path}/board", manager))["entries"]
    assert (entry["sheets"], entry["median"]) == (1, 80.0)


async def test_closing_that_broke_off_is_ended_by_the_loop(world: Panel) -> None:
    """After a crash between the beginning and the end of a closing the loop goes on, in the name of who began."""
    manager, assessors = await world.person(MANAGER), await world.assessors(2)
    await world.apply(3)
    path = await world.open_round(manager, per_application=2)
    await world.score_all(assessors)
    crashed = {"state.state": "closing", "state.cause": "closed_early", "state.closed_by": manager}
    await world.collection("rounds").update_one({}, {"$set": crashed, "$inc": {"version": 1}})

    refused = await world.score(assessors[0], (await world.sheets(assessors[0]))[0], WORST)
    await world.look()

    assert kind(refused) == (409, "round-not-open")
    assert {one["state"] for one in await all_sheets(world)} == {"locked"}
    assert (await world.get(path, manager))["state"] == "closed"


async def test_level_is_a_whole_number(world: Panel) -> None:
    """A level is a whole number from 1 on: neither true nor a text nor a half."""
    manager, [assessor, _] = await world.person(MANAGER), await world.assessors(2)
    await world.apply(1)
    await world.open_round(manager, per_application=2)
    [sheet] = await world.sheets(assessor)
    seen = (await world.ask("GET", f"/v1/sheets/{sheet}", actor=assessor)).headers["ETag"]

    for level in (True, "2", 1.5, 0):
        body = {"scores": {**LEVELS, "knows": level}}
        answer = await world.ask("PUT", f"/v1/sheets/{sheet}", body, actor=assessor, etag=seen)
        assert (answer.status_code, fields(answer)) == (422, ["/scores/knows"])
