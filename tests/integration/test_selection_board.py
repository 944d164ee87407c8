"""Promises of the board and of feedback, over HTTP and a real database; the loop looks when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from services.applications.domain.application import Decision, Offer, Withdrawal
from tests.support.editions import edition
from tests.support.judging import BEST, WORST, all_sheets, judged, kind
from tests.support.selecting import AT, REASON, Panel, panel
from tests.support.servers import Running

MANAGER = "group_office"


@pytest.fixture
async def world(servers: Running, tmp_path: Path) -> AsyncIterator[Panel]:
    async with panel(servers, tmp_path) as made:
        yield made


async def test_board_ranks_and_proposes(world: Panel) -> None:
    """The best fill the places, the rest is reserved in order; nobody is ever proposed to be declined."""
    manager, [low, high, middle] = await judged(world, 1, 3, 2, places=1)

    board = await world.get(f"{world.path}/board", manager)

    found = [(one["application_id"], one["rank"], one["proposal"], one["reserve_number"]) for one in board["entries"]]
    assert found == [(high, 1, "selected", None), (middle, 2, "reserved", 1), (low, 3, "reserved", 2)]
    assert board["places"] == {"needed": 1, "selected": 0, "pending": 0, "proposed": 1, "tied": 0, "short": 0}
    assert [one["median"] for one in board["entries"]] == [100.0, 66.67, 33.33]
    assert (board["state"], [one["number"] for one in board["rounds"]]) == ("ranked", [1])
    assert all(len(one["totals"]) == 2 for one in board["entries"])


async def test_board_flags_what_people_must_look_at(world: Panel) -> None:
    """Waivers and departures are flagged; who left the group is ranked but not proposed, who withdrew is neither."""
    manager, [first, second, third] = await judged(world, 2, 2, 3, places=2)
    await world.change(first, eligibility="waived")
    await world.change(third, standing="left")
    [sheet] = [one for one in await all_sheets(world) if one["application_id"] == second][:1]
    await world.collection("sheets").update_one(
        {"_id": sheet["sheet_id"]}, {"$set": {"state.scores": {"explains": 3, "knows": 1}}}
    )
    tied = {one["application_id"]: one for one in (await world.get(f"{world.path}/board", manager))["entries"]}
    await world.change(second, status="withdrawn", withdrawn=Withdrawal(None, AT))
    after = {one["application_id"]: one for one in (await world.get(f"{world.path}/board", manager))["entries"]}

    assert tied[first]["flags"] == ["waiver"]
    assert (tied[third]["flags"], tied[third]["proposal"]) == (["left"], None)
    assert (after[second]["flags"], after[second]["rank"]) == (["withdrawn"], None)
    assert after[first]["proposal"] == "selected"


async def test_handing_in_again_after_the_last_sheet_changes_nothing(world: Panel) -> None:
    """The round closes at once with the last sheet; whoever did not hear the answer and asks again is done."""
    await judged(world, 3, places=1)
    sheets = await all_sheets(world)
    path, assessor = f"/v1/rounds/{sheets[0]['round_id']}", sheets[0]["assessor_id"]

    again = await world.ask("POST", f"{path}/hand-in", {}, actor=assessor)

    assert (again.status_code, again.json()) == (200, {"locked": 0, "incomplete": []})
    assert await all_sheets(world) == sheets


async def test_many_decisions_are_prepared_at_once(world: Panel) -> None:
    """Each stands alone: what a rule forbids is told by application, the others are prepared; again changes nothing."""
    manager, [one, two, gone] = await judged(world, 3, 2, 1, places=1)
    await world.change(gone, status="withdrawn", withdrawn=Withdrawal(None, AT))
    unknown = "00000000-0000-4000-8000-000000000000"
    wanted = [(one, "selected"), (two, "reserved"), (gone, "declined"), (unknown, "declined")]
    body = {"decisions": [{"application_id": id, "decision": said} for id, said in wanted], "reason": REASON}

    first = await world.ask("POST", f"{world.path}/decisions", body, actor=manager)
    again = await world.ask("POST", f"{world.path}/decisions", body, actor=manager)

    assert first.json()["decided"] == again.json()["decided"] == 2
    assert {one["application_id"]: one["kind"] for one in first.json()["refused"]} == {
        gone: "withdrawn",
        unknown: "not-found",
    }
    entries = {one["application_id"]: one for one in (await world.get(f"{world.path}/board", manager))["entries"]}
    assert (entries[one]["pending"]["decision"], entries[one]["pending"]["decided_by"]) == ("selected", manager)
    documents = await world.collection("applications").find({"_id": {"$in": [one, two]}}).to_list(None)
    assert [len(document["outbox"]) for document in documents] == [1, 1]


async def test_vacancy_names_the_next_reserve(world: Panel) -> None:
    """A selected mentor who withdraws leaves a place for the first reserve, as long as an executive waits for it."""
    manager, [chosen, next_one, last] = await judged(world, 3, 2, 1, places=1)
    said = Decision("selected", None, manager, AT, released_at=AT)
    await world.change(chosen, status="selected", decision=said)
    for one in (next_one, last):
        await world.change(one, status="reserved", decision=replace(said, decision="reserved"))
    full = await world.get(f"{world.path}/board", manager)
    await world.change(chosen, status="withdrawn", withdrawn=Withdrawal(None, AT))
    open_place = await world.get(f"{world.path}/board", manager)
    await world.collection("participations").update_one({}, {"$set": {"state.status": "paired"}})
    unneeded = await world.get(f"{world.path}/board", manager)
    await world.collection("participations").update_one({}, {"$set": {"state.status": "escalated"}})
    await world.change(next_one, status="selected", decision=said)
    filled = await world.get(f"{world.path}/board", manager)

    assert (full["vacancies"], full["places"]["selected"]) == ([], 1)
    assert open_place["vacancies"] == [{"left": chosen, "cause": "withdrawn", "next": next_one}]
    assert (unneeded["vacancies"], unneeded["places"]["needed"]) == ([], 1)
    assert filled["vacancies"] == []


async def test_place_that_nobody_accepted_is_vacant(servers: Running, tmp_path: Path) -> None:
    """After the last day for accepting, in the edition's zone, the place is free and told why."""
    async with panel(servers, tmp_path, edition("selection", accept_by=date(2026, 2, 20))) as world:
        manager, [chosen] = await judged(world, 3, places=1)
        said = Decision("selected", None, manager, AT, released_at=AT)
        await world.change(chosen, status="selected", decision=said, offer=Offer(places=2))
        world.clock.write_text("2026-02-20T22:59:59Z")
        before = await world.get(f"{world.path}/board", manager)
        world.clock.write_text("2026-02-20T23:00:00Z")
        after = await world.get(f"{world.path}/board", manager)

    assert (before["vacancies"], before["places"]["selected"]) == ([], 2)
    assert after["vacancies"] == [{"left": chosen, "cause": "not-accepted", "next": None}]
    assert after["places"]["short"] == 1


async def test_sheets_of_an_application_are_shown_after_the_round(world: Panel) -> None:
    """Those responsible see who gave what and why; so do its own assessors, and nobody else."""
    manager, [application] = await judged(world, 3, places=1)
    wrote = (await all_sheets(world))[0]["assessor_id"]
    [other] = await world.assessors(1)
    path = f"/v1/applications/{application}/sheets"

    by_manager, by_author = await world.get(path, manager), await world.get(path, wrote)
    hidden = await world.ask("GET", path, actor=other)

    assert by_manager == by_author
    assert [(one["round"], one["total"], one["scores"]) for one in by_manager] == [(1, 100.0, BEST)] * 2
    assert hidden.status_code == 404


async def test_feedback_is_means_after_the_decision(world: Panel) -> None:
    """The applicant alone learns means by criterion once the decision was released, never anybody's own sheet."""
    manager, [application] = await judged(world, 2, places=1)
    applicant = world.applications[application].mentor_id
    path = f"/v1/applications/{application}/feedback"
    early = await world.ask("GET", path, actor=applicant)
    said = Decision("declined", REASON, manager, AT, released_at=AT)
    await world.change(application, status="declined", decision=said)

    shown = await world.get(path, applicant)
    foreign = await world.ask("GET", path, actor=manager)
    await world.collection("sheets").update_one({}, {"$set": {"state.state": "missed"}})
    single = await world.ask("GET", path, actor=applicant)

    assert (early.status_code, foreign.status_code) == (404, 404)
    assert shown["sheets"] == 2
    assert [(one["criterion_id"], one["mean"], one["levels"]) for one in shown["criteria"]] == [
        ("explains", 2.0, 3),
        ("knows", 2.0, 3),
    ]
    assert kind(single) == (409, "too-few-sheets")


async def test_sheets_of_who_came_to_compete_count_nowhere(world: Panel) -> None:
    """Board, sheets and feedback leave out the same one, also when its assessor has withdrawn or begun again since."""
    manager, assessors = await world.person(MANAGER), await world.assessors(3)
    [application] = await world.apply(1)
    path = await world.open_round(manager, per_application=3)
    for assessor, levels in zip(assessors, (BEST, BEST, WORST), strict=True):
        await world.score_all([assessor], levels)
    await world.hand_in(path, assessors)
    await world.look()
    said = Decision("reserved", None, manager, AT, released_at=AT)
    await world.change(application, status="reserved", decision=said)
    before = await figures(world, manager, application)
    own = await world.application_of(rival := assessors[2], first_applied_at=AT)
    found = [await figures(world, manager, application)]
    await world.change(own, status="withdrawn", withdrawn=Withdrawal(None, AT))
    found.append(await figures(world, manager, application))
    await world.change(own, status="draft", withdrawn=None, applied_at=None)
    found.append(await figures(world, manager, application))

    assert before == (set(assessors), set(assessors), 3, 2.3)
    assert found == [({*assessors} - {rival}, {*assessors} - {rival}, 2, 3.0)] * 3
    refused = await world.ask("GET", f"/v1/applications/{application}/sheets", actor=rival)
    assert kind(refused) == (403, "own-case")


async def figures(world: Panel, manager: str, application: str) -> tuple[set[str], set[str], int, float]:
    """Whose sheets the board and the list of sheets count, over how many the feedback is, and its first mean."""
    entries = (await world.get(f"{world.path}/board", manager))["entries"]
    [entry] = [one for one in entries if one["application_id"] == application]
    sheets = await world.get(f"/v1/applications/{application}/sheets", manager)
    feedback = await world.get(f"/v1/applications/{application}/feedback", world.applications[application].mentor_id)
    totals = sorted(one["total"] for one in entry["totals"])
    assert totals == sorted(one["total"] for one in sheets)
    assert entry["sheets"] == len(sheets) == feedback["sheets"]
    of_board, of_list = ({one["assessor_id"] for one in some} for some in (entry["totals"], sheets))
    return of_board, of_list, feedback["sheets"], feedback["criteria"][0]["mean"]


async def test_places_count_what_is_noted_and_tell_a_tie_apart(world: Panel) -> None:
    """A tie is short until people decide it; the decision counts before its release, and the sum is what is needed."""
    manager, [one, other, last] = await judged(world, 3, 3, 1, places=1)
    before = (await world.get(f"{world.path}/board", manager))["places"]
    body = {"decisions": [{"application_id": other, "decision": "selected"}], "reason": REASON}
    assert (await world.ask("POST", f"{world.path}/decisions", body, actor=manager)).json()["decided"] == 1
    board = await world.get(f"{world.path}/board", manager)

    assert before == {"needed": 1, "selected": 0, "pending": 0, "proposed": 0, "tied": 1, "short": 1}
    assert board["places"] == {"needed": 1, "selected": 0, "pending": 1, "proposed": 0, "tied": 0, "short": 0}
    shown = {entry["application_id"]: (entry["proposal"], entry["reserve_number"]) for entry in board["entries"]}
    assert shown == {one: ("reserved", 1), other: (None, None), last: ("reserved", 2)}
