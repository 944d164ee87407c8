"""Promises about proposals before anything comes of them, on real servers: proofs, questions, previews, vetoes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.chassis import directory
from services.chassis.ids import random_id
from services.matching import contracts
from services.matching.verification import verify
from tests.support.matching import MANAGER, World
from tests.support.matching_service import kind_of, running
from tests.support.servers import Running
from tests.support.waiting import until_async

AFTER = "2026-03-06T09:00:00.000Z"  # when the days to object are over


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the clock stands."""
    return tmp_path_factory.mktemp("clock")


@pytest.fixture(scope="module")
async def world(servers: Running, folder: Path) -> AsyncIterator[World]:
    """The service with a database of its own."""
    async with running(servers, folder) as world:
        yield world


async def an_edition(world: World, *, mentors: int = 2, executives: int = 2) -> tuple[str, list[str], list[str]]:
    """An edition whose mentors know ever more of what its executives wish to learn; all ids."""
    edition_id = await world.edition()
    selected = [await world.mentor(edition_id, skills={"tiktok": 4 - level % 5}) for level in range(mentors)]
    wishes = [{"platform": "tiktok", "priority": 1}]
    obliged = [await world.executive(edition_id, wishes=wishes) for _ in range(executives)]
    await world.counts(edition_id, mentors=mentors, executives=executives)
    return edition_id, selected, obliged


async def as_member(world: World, method: str, path: str, person: str, body: Any = None) -> Any:
    """What a member of a pair is answered."""
    headers = {"Tandem-Actor": person, **({"Idempotency-Key": random_id()} if body else {})}
    return await world.http.request(method, path, headers=headers, json=body)


async def test_proof_is_served_as_the_checker_reads_it(world: World) -> None:
    """It names the people by their ids, carries the digest that the run shows, and no wish and no skill."""
    edition_id, mentors, executives = await an_edition(world)
    path = await world.proposed(edition_id)

    answer = await world.http.get(f"{path}/certificate")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    document, run = answer.json(), await world.get(path)
    assert verify(document).accepted
    assert document["names"] == {"rows": sorted(executives), "columns": sorted(mentors)}
    assert run["certificate"] == {"digest": document["digest"], "pairs": 4}
    assert document["claim"]["total"] == run["total"] * 100
    assert "tiktok" not in answer.text


async def test_proof_is_about_forced_pairs_too(world: World) -> None:
    """Its claim has the figures of the run; the place of the forced pair has a name of its own."""
    edition_id, mentors, executives = await an_edition(world, mentors=3)
    forced = {"kind": "force", "mentor_id": mentors[2], "mentee_id": executives[0], "reason": "They asked for it."}
    assert (await world.post(f"/v1/editions/{edition_id}/overrides", forced)).status_code == 201
    path = await world.proposed(edition_id)

    document, run = (await world.http.get(f"{path}/certificate")).json(), await world.get(path)
    assert verify(document).accepted
    assert document["names"]["columns"] == [*sorted(mentors), f"{mentors[2]} (forced)"]
    assert document["claim"] == {"coverage": 2, "worst": run["worst"] * 100, "total": run["total"] * 100}


async def test_pair_that_did_not_come_about_has_its_price_or_its_rules(world: World) -> None:
    """What the best proposal with it would be and whom it moves; a rule that forbids it has no price."""
    edition_id, mentors, _ = await an_edition(world, mentors=3, executives=2)
    path = await world.proposed(edition_id)
    run = await world.get(path)
    partner = {one["mentee_id"]: one["mentor_id"] for one in run["pairs"]}
    weakest, [left] = run["pairs"][0]["mentee_id"], set(mentors) - set(partner.values())

    asked = {"mentee_id": weakest, "mentor_id": left}
    found = await world.get(f"{path}/why-not", **asked)

    assert (found["allowed"], found["rules"]) == (True, [])
    assert found["now"] == {"coverage": 2, "worst": run["worst"], "total": run["total"]}
    assert found["forced"]["coverage"] == 2
    assert found["forced"]["worst"] < found["now"]["worst"]
    assert found["moved"] == [{"mentee_id": weakest, "before": partner[weakest], "after": left}]
    await world.person(left, manager_id=weakest)
    choices: list[Any] = []

    async def barred() -> bool:
        choices[:] = await world.get(f"{path}/mentors", mentee_id=weakest)
        return not choices[-1]["allowed"]

    await until_async(barred, "the reporting line is known")
    assert (choices[-1]["mentor_id"], choices[-1]["rules"], choices[-1]["points"]) == (left, ["reporting_line"], None)
    assert choices[0]["mentee_ids"] != []
    found = await world.get(f"{path}/why-not", **asked)
    assert (found["allowed"], found["rules"], found["forced"]) == (False, ["reporting_line"], None)


async def test_published_run_answers_from_its_proof(world: World) -> None:
    """As it was solved: whom else an executive could have had, and what that would have cost, whatever became of it."""
    edition_id, mentors, executives = await an_edition(world, mentors=3, executives=2)
    path, other = await world.approved(edition_id), await world.proposed(edition_id)
    weakest = (await world.get(path))["pairs"][0]["mentee_id"]
    before = await world.get(f"{path}/mentors", mentee_id=weakest)
    free = next(one["mentor_id"] for one in before if not one["mentee_ids"])
    price = await world.get(f"{path}/why-not", mentee_id=weakest, mentor_id=free)
    await world.published(path)

    assert (await world.get(other))["state"] == "superseded"
    for run in (path, other):
        assert await world.get(f"{run}/mentors", mentee_id=weakest) == before
        assert await world.get(f"{run}/why-not", mentee_id=weakest, mentor_id=free) == price
    assert {one["mentor_id"] for one in before} == set(mentors)
    unknown = await world.http.get(f"{path}/mentors", params={"mentee_id": random_id()})
    assert kind_of(unknown) == (404, "not-found")
    await world.database["runs"].update_one({"_id": path.rpartition("/")[2]}, {"$set": {"state.certificate": None}})
    without = await world.http.get(f"{path}/mentors", params={"mentee_id": executives[0]})
    assert kind_of(without) == (409, "run-not-proposed")


async def test_published_run_names_rules_against_what_its_proof_does_not_allow(world: World) -> None:
    """And of a pair that was forced it offers nobody else."""
    edition_id, mentors, executives = await an_edition(world, mentors=2, executives=2)
    blocked = {"kind": "block", "mentor_id": mentors[0], "mentee_id": executives[0], "reason": "They are related."}
    forced = {"kind": "force", "mentor_id": mentors[0], "mentee_id": executives[1], "reason": "They asked for it."}
    for said in (blocked, forced):
        assert (await world.post(f"/v1/editions/{edition_id}/overrides", said)).status_code == 201
    path = await world.approved(edition_id)
    await world.published(path)

    first, last = await world.get(f"{path}/mentors", mentee_id=executives[0])
    assert (first["mentor_id"], first["allowed"], first["mentee_ids"]) == (mentors[1], True, executives[:1])
    assert (last["mentor_id"], last["allowed"], last["points"]) == (mentors[0], False, None)
    found = await world.get(f"{path}/why-not", mentee_id=executives[0], mentor_id=mentors[0])
    assert (found["allowed"], found["rules"]) == (False, ["blocked"])
    [own] = await world.get(f"{path}/mentors", mentee_id=executives[1])
    assert (own["mentor_id"], own["mentee_ids"]) == (mentors[0], executives[1:])


async def test_shortage_is_told_in_people_with_what_would_help(world: World) -> None:
    """Who competes for whom, and the cheapest change first; none of it where everybody is covered."""
    edition_id, mentors, executives = await an_edition(world, mentors=1, executives=2)
    path = await world.proposed(edition_id)

    run = await world.get(path)

    [shortage] = run["shortages"]
    assert (shortage["executives"], shortage["mentors"]) == (sorted(executives), mentors)
    assert (shortage["places"], shortage["missing"]) == (1, 1)
    [relaxation] = run["relaxations"]
    assert (relaxation["kind"], relaxation["mentor_id"], relaxation["value"]) == ("extra_place", mentors[0], "2")
    assert relaxation["coverage"] == 2
    placed = {"kind": "place", "mentor_id": mentors[0], "places": 2, "reason": "She agrees to it."}
    assert (await world.post(f"/v1/editions/{edition_id}/overrides", placed)).status_code == 201
    helped = await world.get(await world.proposed(edition_id))
    assert (helped["coverage"]["covered"], helped["shortages"], helped["relaxations"]) == (2, [], [])
    assert helped["worst"] == relaxation["worst"]


async def test_drafts_are_compared_and_changes_since_are_told(world: World) -> None:
    """Another pair laid down, another draft: what differs is shown, and what HR says of somebody since."""
    edition_id, mentors, executives = await an_edition(world)
    first = await world.proposed(edition_id)
    partner = {one["mentee_id"]: one["mentor_id"] for one in (await world.get(first))["pairs"]}
    other = next(id for id in mentors if id != partner[executives[0]])
    forced = {"kind": "force", "mentor_id": other, "mentee_id": executives[0], "reason": "They asked for it."}
    assert (await world.post(f"/v1/editions/{edition_id}/overrides", forced)).status_code == 201
    second = await world.proposed(edition_id)

    found = await world.get(f"{first}/comparison", **{"with": second.rpartition("/")[2]})

    assert [one["mentee_id"] for one in found["differences"]] == sorted(executives)
    mine = next(one for one in found["differences"] if one["mentee_id"] == executives[0])
    assert (mine["first"]["mentor_id"], mine["second"]["mentor_id"]) == (partner[executives[0]], other)
    assert (mine["first"]["forced"], mine["second"]["forced"]) == (False, True)
    assert found["first"]["total"] == found["second"]["total"]
    assert await world.get(f"{first}/changes") == []
    await world.person(other, subsidiary="elsewhere")

    async def told() -> bool:
        changes = await world.get(f"{first}/changes")
        concerned = [id for id, mentor in partner.items() if mentor == other]
        return bool(changes == [{"person_id": other, "what": ["company"], "mentee_ids": concerned}])

    await until_async(told, "the change is told")


async def test_members_see_their_pair_and_nobody_elses_and_may_object(world: World, folder: Path) -> None:
    """Without points; an objection becomes a conflict, which the publication does not pass by."""
    edition_id, _, executives = await an_edition(world)
    path = await world.proposed(edition_id)
    pairs = {one["mentee_id"]: one["mentor_id"] for one in (await world.get(path))["pairs"]}
    shown = await world.change(path, "preview", {})
    assert (shown.status_code, shown.json()["preview"]["until"]) == (200, "2026-03-05T09:00:00.000Z")

    company = {"subsidiary_id": "north", "name": "North GmbH", "names_shown": False, "outcomes_counted": False}
    await world.say(directory.TOPIC, directory.SUBSIDIARY, "north", company)

    async def named() -> bool:
        [own] = (await as_member(world, "GET", "/v1/proposals", executives[0])).json()
        return bool((own["mentor_company"], own["mentee_company"]) == ("North GmbH", None))

    await until_async(named, "the company's name is known")
    [own] = (await as_member(world, "GET", "/v1/proposals", executives[0])).json()
    assert (own["mentee_id"], own["mentor_id"], own["vetoed"]) == (executives[0], pairs[executives[0]], False)
    assert "points" not in own
    assert (await as_member(world, "GET", "/v1/proposals", random_id())).json() == []
    objection = {"mentee_id": executives[0], "reason": "We share a flat."}
    stranger = await as_member(world, "POST", f"{path}/vetoes", executives[1], objection)
    assert kind_of(stranger) == (404, "not-found")
    both = [pairs[executives[0]], executives[0]]
    for member in (*both, executives[0]):
        raised = await as_member(world, "POST", f"{path}/vetoes", member, objection)
        assert (raised.status_code, raised.json()["vetoed"]) == (201, True)
    early = await world.change(path, "review", {"decision": "approved"})
    assert kind_of(early) == (409, "run-veto-days-left")

    (folder / "now").write_text(AFTER)
    assert (await world.change(path, "review", {"decision": "approved"})).status_code == 200
    done = await world.published(path)
    (folder / "now").write_text("2026-03-02T09:00:00.000Z")
    outcomes = {one["mentee_id"]: one["conflict"] and one["conflict"]["reason"] for one in done["pairs"]}
    assert outcomes == {executives[0]: "conflict", executives[1]: None}
    conflicts = await world.get(f"/v1/editions/{edition_id}/overrides")
    assert [(one["kind"], one["by"], one["reason"]) for one in conflicts] == [
        ("conflict", member, "We share a flat.") for member in both
    ]
    assert [(one["by"], one["override_id"], one["stands"]) for one in done["vetoes"]] == [
        (member, conflict["override_id"], True) for member, conflict in zip(both, conflicts, strict=True)
    ]


async def test_some_pairs_are_published_first_and_other_drafts_are_put_aside(world: World) -> None:
    """Who is not named is kept back for later; what is published once is not published again."""
    edition_id, _, executives = await an_edition(world)
    other, path = await world.proposed(edition_id), await world.approved(edition_id)
    unknown = await world.change(path, "publication", {"mentee_ids": [random_id()]})
    assert kind_of(unknown) == (422, "run-not-in-proposal")

    some = await world.change(path, "publication", {"mentee_ids": executives[:1]})
    assert some.status_code == 202
    done = await world.reaches(path, "published")

    assert {one["mentee_id"]: one["outcome"] for one in done["pairs"]} == {
        executives[0]: "published",
        executives[1]: "kept_back",
    }
    assert [one["mentee_id"] for one in await world.get("/v1/pairs", edition_id=edition_id)] == executives[:1]
    assert (await world.get(other))["state"] == "superseded"
    assert kind_of(await world.change(other, "review", {"decision": "approved"})) == (409, "run-not-reviewable")
    done = await world.published(path)
    assert {one["outcome"] for one in done["pairs"]} == {"published"}
    assert len(await world.get("/v1/pairs", edition_id=edition_id)) == 2


async def test_trial_of_a_policy_shows_what_it_would_bring_and_comes_to_nothing(world: World) -> None:
    """It leaves the policy open to changes; who names no policy there is, is told so."""
    edition_id, _, _ = await an_edition(world)
    made = await world.post("/v1/policies", {"name": f"Trial {random_id()[:8]}", "group_wide": True})
    policy_id = made.json()["policy_id"]
    strange = await world.post("/v1/runs", {"edition_id": edition_id, "policy_id": random_id(), "trial": True})
    assert (kind_of(strange), strange.json()["errors"][0]["field"]) == ((422, "unknown-policy"), "/policy_id")

    asked = {"edition_id": edition_id, "policy_id": policy_id, "trial": True, "seed": 7}
    path = (await world.post("/v1/runs", asked)).headers["Location"]
    run = await world.reaches(path, "proposed")

    assert (run["trial"], run["seed"], run["policy"]["policy_id"]) == (True, 7, policy_id)
    assert kind_of(await world.change(path, "review", {"decision": "approved"})) == (409, "run-is-trial")
    assert not (await world.get(f"/v1/policies/{policy_id}"))["used"]
    path = (await world.post("/v1/runs", {"edition_id": edition_id, "policy_id": policy_id})).headers["Location"]
    await world.reaches(path, "proposed")
    assert (await world.get(f"/v1/policies/{policy_id}"))["used"]


async def test_policy_that_allows_nobody_anybody_is_refused_with_the_rules_that_do(world: World) -> None:
    """Before anything is solved; what no policy could allow is left to the run to tell."""
    edition_id = await world.edition()
    await world.mentor(edition_id)
    await world.executive(edition_id, languages=["fr"])
    await world.counts(edition_id, mentors=1, executives=1)

    refused = await world.post("/v1/runs", {"edition_id": edition_id})

    assert kind_of(refused) == (409, "policy-allows-nothing")
    assert "no_common_language" in str(refused.json()["barred"])


async def test_questions_about_a_run_without_a_proposal_are_refused(world: World) -> None:
    """Cancelled before it was solved, or of before proofs were kept."""
    edition_id, _, executives = await an_edition(world)
    path = await world.proposed(edition_id)
    run_id = path.rpartition("/")[2]
    without = {"$set": {"state.evidence": None, "state.certificate": None, "state.proposal": None}}
    await world.database["runs"].update_one({"_id": run_id}, without)

    for asked in (
        "certificate",
        "changes",
        f"why-not?mentee_id={executives[0]}&mentor_id=x",
        f"comparison?with={run_id}",
    ):
        assert kind_of(await world.http.get(f"{path}/{asked}")) == (409, "run-not-proposed")


async def test_what_becomes_of_a_run_is_told_without_points(world: World) -> None:
    """Each step has its event for the audit trail, with ids, codes and instants alone."""
    edition_id, _, executives = await an_edition(world)
    path = await world.proposed(edition_id)
    await world.change(path, "preview", {})
    objection = {"mentee_id": executives[0], "reason": "We share a flat."}
    await as_member(world, "POST", f"{path}/vetoes", executives[0], objection)

    document = await world.database["runs"].find_one({"_id": path.rpartition("/")[2]})

    assert document["sequence"] == 3
    assert document["sequences"] == {contracts.ACCESS.replace(".", "/"): 3}
    told = str(document["outbox"])
    assert "flat" not in told
    assert "points" not in told
    assert MANAGER not in (await world.get(path))["vetoes"][0].values()
