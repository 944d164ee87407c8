"""Promises of `matching` on a real Kafka and a real database, through its HTTP interface."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from services.chassis import directory
from services.chassis.ids import random_id
from services.matching import contracts
from tests.support.matching import AT, MANAGER, World
from tests.support.matching_service import kind_of, running
from tests.support.servers import Running
from tests.support.waiting import until_async


@pytest.fixture(scope="module")
async def world(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own, over the servers of this test run, at one instant."""
    async with running(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


async def test_run_goes_from_request_to_pairs_on_the_topic(world: World) -> None:
    """Each pair is told once, in the name of whoever published, without a word of wishes, skills or points."""
    edition_id = await world.edition()
    mentors = [await world.mentor(edition_id, skills={"tiktok": 4, "linkedin": level}) for level in (1, 4)]
    first = await world.executive(edition_id, wishes=[{"platform": "linkedin", "priority": 1}])
    second = await world.executive(edition_id, wishes=[{"platform": "tiktok", "priority": 2}])
    await world.counts(edition_id, mentors=2, places=2, executives=2)

    run = await world.approved(edition_id)
    done = await world.published(run)

    partners = {one["mentee_id"]: one["mentor_id"] for one in done["pairs"]}
    assert partners == {first: mentors[1], second: mentors[0]}
    assert (done["coverage"], done["worst"], done["total"]) == ({"covered": 2, "executives": 2}, 87.5, 175.0)
    assert (done["review"]["note"], done["published_by"]) == ("Looks good.", MANAGER)
    pair_ids = {one["mentee_id"]: one["pair_id"] for one in done["pairs"]}
    told = await world.told(list(pair_ids.values()))
    [(event, data)] = told[pair_ids[first]]
    about = {"pair_id": pair_ids[first], "edition_id": edition_id, "run_id": run.rpartition("/")[2]}
    people = {"mentor_id": mentors[1], "mentee_id": first}
    houses = {"mentor_subsidiary": "north", "mentee_subsidiary": "south"}
    assert data == {**about, **people, **houses, "policy_version": "standard.1", "matched_at": AT}
    assert (event.type, event.actor, event.edition, event.subsidiary) == (
        contracts.MATCHED,
        MANAGER,
        edition_id,
        "south",
    )
    assert [one["pair_id"] for one in await world.get("/v1/pairs", edition_id=edition_id)] == sorted(pair_ids.values())
    assert (await world.get(f"/v1/pairs/{pair_ids[first]}"))["slot"] == 1


async def test_proposal_explains_each_pair_and_each_executive_without_one(world: World) -> None:
    """Pairs come from the worst to the best with their criteria; who has none is told why."""
    edition_id = await world.edition()
    mentor = await world.mentor(edition_id, capacity=2, skills={"tiktok": 2})
    poor = await world.executive(edition_id, wishes=[{"platform": "tiktok", "priority": 1}])
    rich = await world.executive(edition_id)
    alone = await world.executive(edition_id, languages=["fr"])
    await world.counts(edition_id, mentors=1, places=2, executives=3)

    run = await world.get(await world.proposed(edition_id))

    assert [(one["mentee_id"], one["points"]) for one in run["pairs"]] == [(poor, 57.5), (rich, 87.5)]
    criteria = {one["name"]: one["points"] for one in run["pairs"][0]["criteria"]}
    told = {"learning_wishes": 30.0, "languages": 10.0, "other_subsidiary": 5.0}
    assert criteria == {**told, "availability": 5.0, "hierarchy": 5.0, "place": 2.5}
    assert {one["mentor_id"] for one in run["pairs"]} == {mentor}
    [uncovered] = run["uncovered"]
    assert (uncovered["mentee_id"], uncovered["reason"]) == (alone, "no_mentor_allowed")
    assert "shares no language" in uncovered["explanation"]
    assert run["coverage"] == {"covered": 2, "executives": 3}


async def test_executive_is_not_paired_with_somebody_further_down_the_line(world: World) -> None:
    """The reporting line is followed at any depth, through people who take no part."""
    edition_id = await world.edition()
    mentor, boss = await world.mentor(edition_id), await world.executive(edition_id)
    between = [random_id() for _ in range(3)]
    await world.person(mentor, manager_id=between[0])
    for below, above in zip(between, [*between[1:], boss], strict=True):
        await world.person(below, manager_id=above)
    await world.counts(edition_id, mentors=1, executives=1)

    async def all_known() -> bool:
        rows = await world.database[directory.COLLECTION].find({"_id": {"$in": between}}).to_list(None)
        line = await world.database[directory.COLLECTION].find_one({"_id": mentor})
        return len(rows) == len(between) and line["entry"]["manager_id"] == between[0]

    await until_async(all_known, "the whole line is known")
    run = await world.get(await world.proposed(edition_id))

    assert run["pairs"] == []
    assert "1 because the mentor stands in one reporting line with the executive" in run["uncovered"][0]["explanation"]


async def test_candidates_whom_the_directory_has_not_told_of_are_counted(world: World) -> None:
    """Topics arrive in any order: whoever waits for all candidates must see that somebody is missing."""
    edition_id, mentee_id = await world.edition(), random_id()
    said = {"participation_id": mentee_id, "edition_id": edition_id, "mentee_id": mentee_id}
    obliged = {**said, "subsidiary": "south", "obliged_at": AT}
    await world.say(contracts.APPLICATIONS, contracts.OBLIGED, mentee_id, obliged)
    await world.counts(edition_id, executives=1, unknown=1)
    await world.person(mentee_id, executive=True)
    await world.profile(mentee_id, capacity=0)
    await world.counts(edition_id, executives=1, unknown=0)


async def test_same_request_again_is_the_same_run_and_drafts_stand_side_by_side(world: World) -> None:
    """A second draft keeps nobody from the first; both are listed, without the people in them."""
    edition_id = await world.edition()
    await world.mentor(edition_id)
    for _ in range(2):
        await world.executive(edition_id)
    await world.counts(edition_id, mentors=1, executives=2)
    key = random_id()
    first = await world.post("/v1/runs", {"edition_id": edition_id}, key=key)
    again = await world.post("/v1/runs", {"edition_id": edition_id}, key=key)

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.headers["Location"] == first.headers["Location"]
    run = first.headers["Location"]
    await world.reaches(run, "proposed")
    second = await world.proposed(edition_id)
    rejected = await world.change(run, "review", {"decision": "rejected", "note": "Too early."})
    assert rejected.json()["state"] == "rejected"
    listed = await world.get("/v1/runs", edition_id=edition_id)
    states = {f"/v1/runs/{one['run_id']}": one["state"] for one in listed}
    assert states == {run: "rejected", second: "proposed"}
    assert "pairs" not in listed[0]
    [drafted] = [one for one in listed if one["state"] == "proposed"]
    assert drafted["coverage"] == (await world.get(second))["coverage"] == {"covered": 1, "executives": 2}


async def test_what_changed_since_the_proposal_is_a_conflict_of_that_pair_alone(world: World) -> None:
    """A mentor who left and an executive who was exempted get no pair; the others do, and the reasons are told."""
    edition_id = await world.edition()
    executives = [await world.executive(edition_id) for _ in range(3)]
    for _ in executives:
        await world.mentor(edition_id)
    await world.counts(edition_id, mentors=3, executives=3)
    run = await world.approved(edition_id)
    partners = {one["mentee_id"]: one["mentor_id"] for one in (await world.get(run))["pairs"]}
    await world.person(partners[executives[0]], active=False)
    await world.exempt(edition_id, executives[1])
    await world.counts(edition_id, mentors=2, executives=2)

    done = await world.published(run)

    outcomes = {one["mentee_id"]: one for one in done["pairs"]}
    assert outcomes[executives[0]]["conflict"]["reason"] == "mentor_left"
    assert outcomes[executives[1]]["conflict"]["reason"] == "mentee_exempt"
    assert "exempted from the edition" in outcomes[executives[1]]["conflict"]["explanation"]
    assert [outcomes[id]["outcome"] for id in executives] == ["conflict", "conflict", "published"]
    [pair] = await world.get("/v1/pairs", edition_id=edition_id)
    assert pair["pair_id"] == outcomes[executives[2]]["pair_id"]


async def test_mentor_who_withdrew_and_executive_out_of_scope_are_candidates_no_more(world: World) -> None:
    """Withdrawn, declined, on the reserve list, out of scope: not counted, and a conflict where a pair was proposed."""
    edition_id = await world.edition()
    executives = [await world.executive(edition_id) for _ in range(2)]
    withdrawn, declined, reserved = [await world.mentor(edition_id) for _ in range(3)]
    await world.counts(edition_id, mentors=3, executives=2)
    run = await world.approved(edition_id)
    for mentor, type_, when in (
        (withdrawn, contracts.WITHDRAWN, "withdrawn_at"),
        (declined, contracts.DECLINED, "declined_at"),
        (reserved, contracts.RESERVED, "reserved_at"),
    ):
        await world.decided(edition_id, mentor, type_, when)
    await world.leaves(edition_id, executives[0])
    await world.counts(edition_id, mentors=0, executives=1)

    reasons = {one["mentee_id"]: one["conflict"]["reason"] for one in (await world.published(run))["pairs"]}

    assert reasons == {executives[0]: "mentee_out_of_scope", executives[1]: "mentor_not_selected"}


async def test_who_is_obliged_or_selected_again_is_a_candidate_again(world: World) -> None:
    """A returner, and a reserve that was released after another one withdrew."""
    edition_id = await world.edition()
    executive, mentor = await world.executive(edition_id), await world.mentor(edition_id)
    await world.decided(edition_id, mentor, contracts.RESERVED, "reserved_at")
    await world.leaves(edition_id, executive)
    await world.counts(edition_id, mentors=0, executives=0)

    await world.decided(edition_id, mentor, contracts.SELECTED, "selected_at")
    await world.obliged(edition_id, executive)

    await world.counts(edition_id, mentors=1, executives=1)


async def test_closed_edition_is_matched_no_more(world: World) -> None:
    """People may close an edition before its last day."""
    edition_id = await world.edition()
    await world.counts(edition_id, executives=0)
    closed = {"edition_id": edition_id, "closed_at": AT}
    await world.say(contracts.APPLICATIONS, contracts.EDITION_CLOSED, edition_id, closed)

    async def refused() -> bool:
        answer = await world.post("/v1/runs", {"edition_id": edition_id})
        return str(answer.json().get("type")).endswith(":edition-over")

    await until_async(refused, "the edition is known to be closed")


async def test_second_run_goes_over_those_who_are_left(world: World) -> None:
    """Whoever has a mentor keeps this one, and a mentor's used places count."""
    edition_id = await world.edition()
    mentor = await world.mentor(edition_id, capacity=2)
    first = await world.executive(edition_id)
    await world.counts(edition_id, places=2, executives=1)
    await world.published(await world.approved(edition_id))
    later = [await world.executive(edition_id) for _ in range(2)]
    await world.counts(edition_id, mentors=1, places=1, executives=2)

    done = await world.published(await world.approved(edition_id))

    assert (len(done["pairs"]), len(done["uncovered"])) == (1, 1)
    assert {done["pairs"][0]["mentee_id"], done["uncovered"][0]["mentee_id"]} == set(later)
    assert done["uncovered"][0]["reason"] == "no_mentor_free"
    pairs = await world.get("/v1/pairs", edition_id=edition_id)
    assert first in {one["mentee_id"] for one in pairs}
    assert sorted((one["mentor_id"], one["slot"]) for one in pairs) == [(mentor, 1), (mentor, 2)]


async def test_profile_out_of_range_is_parked_and_others_are_matched(world: World) -> None:
    """A level that the policy does not know never reaches a run."""
    edition_id = await world.edition()
    broken, good = await world.mentor(edition_id), await world.mentor(edition_id)
    await world.executive(edition_id)
    await world.counts(edition_id, mentors=2, executives=1)
    strange = random_id()
    await world.profile(strange, skills=[{"platform": "tiktok", "level": 9}])
    await world.profile(broken, capacity=-1)
    await world.profile(good, capacity=2)
    await world.counts(edition_id, mentors=2, places=3)

    async def parked() -> bool:
        rows = await world.database["parked"].find({"consumer": "profiles"}).to_list(None)
        return {row["key"].decode() for row in rows} >= {strange, broken}

    await until_async(parked, "both profiles are parked")
    row = await world.database["parked"].find_one({"key": strange.encode()})
    assert (row["reason"], "skills.0.level" in row["detail"], "9" in row["detail"]) == ("invalid_data", True, False)


async def test_requests_that_cannot_be_carried_out_say_what_to_do(world: World) -> None:
    """Unknown and past editions, unknown runs and pairs, missing and stale ETags, steps out of turn."""
    unknown = await world.post("/v1/runs", {"edition_id": "nobody-knows"})
    assert kind_of(unknown) == (422, "unknown-edition")
    assert unknown.json()["errors"][0]["field"] == "/edition_id"
    assert kind_of(await world.post("/v1/runs", {"edition": "e"})) == (422, "invalid")
    over, edition_id = await world.edition(ends_on="2026-03-01"), await world.edition()
    await world.counts(over, executives=0)
    await world.counts(edition_id, executives=0)
    assert kind_of(await world.post("/v1/runs", {"edition_id": over})) == (409, "edition-over")
    for path in ("/v1/runs/none", "/v1/pairs/none", "/v1/candidates?edition_id=none"):
        assert kind_of(await world.http.get(path)) == (404, "not-found")

    run = await world.proposed(edition_id)
    assert kind_of(await world.change(run, "publication", {})) == (409, "run-not-approved")
    assert kind_of(await world.post(f"{run}/review", {"decision": "approved"})) == (428, "precondition-required")
    stale = await world.post(f"{run}/review", {"decision": "approved"}, etag='"1"')
    assert kind_of(stale) == (412, "lost-update")
    assert kind_of(await world.change(run, "review", {"decision": "perhaps"})) == (422, "invalid")
    assert (await world.get(run))["state"] == "proposed"


async def test_proposal_is_approved_and_published_by_one_request(world: World) -> None:
    """Where a named executive has no pair in it, neither happens; who approved is on record."""
    edition_id = await world.edition()
    await world.mentor(edition_id)
    executive = await world.executive(edition_id)
    await world.counts(edition_id, mentors=1, executives=1)
    run = await world.proposed(edition_id)
    strange = await world.change(run, "publication", {"mentee_ids": ["nobody"], "approve": True})
    assert kind_of(strange) == (422, "run-not-in-proposal")
    assert (await world.get(run))["state"] == "proposed"
    answer = await world.change(run, "publication", {"mentee_ids": [executive], "approve": True})
    assert (answer.status_code, answer.json()["state"]) == (202, "publishing")
    assert answer.json()["review"]["decision"] == "approved"
    assert answer.json()["review"]["reviewed_by"] == answer.json()["published_by"]


async def test_runs_keep_no_wish_and_no_skill(world: World) -> None:
    """What is stored of a run is ids, points and reasons; profiles are read when they are needed."""
    edition_id = await world.edition()
    await world.mentor(edition_id, skills={"secret-platform": 3})
    await world.executive(edition_id, wishes=[{"platform": "secret-platform", "priority": 1}])
    await world.counts(edition_id, mentors=1, executives=1)

    await world.published(await world.approved(edition_id))

    for collection in ("runs", "pairs"):
        documents = await world.database[collection].find({"state.edition_id": edition_id}).to_list(None)
        assert documents
        assert "secret-platform" not in json.dumps(documents, default=str)
