"""Promises of policies over HTTP, on a real Kafka and a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from services.chassis.aggregate import Command, Repository
from services.chassis.clock import SystemClock
from services.chassis.ids import random_id
from services.matching import contracts, store
from services.matching.domain.policy import Policy
from services.matching.handlers import PolicyHandlers
from tests.support.matching import AT, MANAGER, World
from tests.support.matching_service import kind_of, listening, running
from tests.support.servers import Running
from tests.support.topics import heard

PATH = "/v1/policies"
WEIGHTS = {
    "learning_wishes": 70,
    "availability": 10,
    "languages": 10,
    "hierarchy": 0,
    "place": 5,
    "other_subsidiary": 5,
}


@pytest.fixture(scope="module")
async def world(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own."""
    async with running(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


def named(**said: Any) -> dict[str, Any]:
    """A policy under a name of its own."""
    return {"name": f"P {random_id()[:8]}", **said}


async def made(world: World, **said: Any) -> httpx2.Response:
    """A policy; the answer."""
    answer = await world.post(PATH, named(**said))
    assert answer.status_code == 201, answer.text
    return answer


async def changed(world: World, answer: httpx2.Response, body: Any, *, etag: str = "") -> httpx2.Response:
    """Word a policy anew that was answered with."""
    headers = {"Tandem-Actor": MANAGER, "If-Match": etag or answer.headers["ETag"]}
    return await world.http.put(f"{PATH}/{answer.json()['policy_id']}", json=body, headers=headers)


async def use(world: World, policy_id: str) -> Policy:
    """Have a run use a policy, as the service does when one is requested."""
    clock = SystemClock()
    handlers = PolicyHandlers(Repository(world.database, store.POLICIES, clock=clock), clock)
    policy = await handlers.policy(policy_id)
    await handlers.used(policy, random_id(), Command(actor=MANAGER))
    return policy


def following_label(label: str) -> str:
    """The label of the next version."""
    word, _, number = label.rpartition(".")
    return f"{word}.{int(number) + 1}"


async def test_a_policy_begins_with_the_words_of_the_one_it_is_based_on(world: World) -> None:
    """By default the standard one; what is said counts, all else is as there."""
    standard = await world.get(f"{PATH}/standard")
    answer = await made(world, weights=WEIGHTS, rules={"subsidiary": "must_differ"})
    first = answer.json()

    assert answer.headers["Location"] == f"{PATH}/{first['policy_id']}"
    assert (first["version"], first["built_in"], first["used"], first["based_on"]) == (1, False, False, "standard")
    assert (first["weights"], first["rules"]) == (WEIGHTS, {**standard["rules"], "subsidiary": "must_differ"})
    assert first["veto_days"] == standard["veto_days"]
    assert await world.get(answer.headers["Location"]) == first
    second = (await made(world, based_on=first["policy_id"], veto_days=7)).json()
    assert (second["weights"], second["rules"], second["veto_days"]) == (WEIGHTS, first["rules"], 7)
    assert second["family"] == second["policy_id"] != first["family"]


async def test_the_same_key_makes_one_policy(world: World) -> None:
    """A repeated request is answered again; under the same key nothing else is made."""
    body, key = named(), random_id()
    first, again = [await world.post(PATH, body, key=key) for _ in range(2)]

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert kind_of(await world.post(PATH, named(), key=key)) == (422, "idempotency-key-reused")


async def test_a_name_is_given_once(world: World) -> None:
    """Labels go out with pairs, so that none may mean two policies; nor may it read like one of the product's."""
    first, other = await made(world), await made(world)
    same = first.json()["name"]

    for answer in (
        await world.post(PATH, {"name": f" {same.upper()} "}),
        await world.post(PATH, {"name": "Standard"}),
        await changed(world, other, {"name": same}),
    ):
        assert kind_of(answer) == (409, "policy-name-taken")
        assert [error["field"] for error in answer.json()["errors"]] == ["/name"]
    assert (await changed(world, first, {"name": f"{same} anew"})).json()["name"] == f"{same} anew"


async def test_what_is_wrong_is_named_field_by_field(world: World) -> None:
    """Both by the form of the body and by the rules of policies, before anything is kept."""
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"name": ""}, ["/name"]),
        (named(weights={**WEIGHTS, "place": 6}), ["/weights"]),
        (named(priority_weights=[1, 2, 4]), ["/priority_weights"]),
        (named(weights={**WEIGHTS, "place": -5, "availability": 20}), ["/weights/place"]),
        (named(rules={"language_level": "D1"}, veto_days=31), ["/rules/language_level", "/veto_days"]),
        (named(subsidiaries=["north"], group_wide=True), ["/subsidiaries"]),
        (named(points=1), ["/points"]),
    ]
    for body, fields in cases:
        answer = await world.post(PATH, body)
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == fields
    assert (await world.post(PATH, named(based_on=random_id()))).status_code == 404


async def test_a_policy_changes_only_for_whoever_saw_it(world: World) -> None:
    """A change needs the ETag; with an old one nothing is overwritten."""
    answer = await made(world)
    anew = await changed(world, answer, {"veto_days": 9})

    assert (anew.status_code, anew.json()["veto_days"]) == (200, 9)
    assert kind_of(await changed(world, answer, {"veto_days": 1})) == (412, "lost-update")
    path = f"{PATH}/{answer.json()['policy_id']}"
    without = await world.http.put(path, json={"veto_days": 1}, headers={"Tandem-Actor": MANAGER})
    assert kind_of(without) == (428, "precondition-required")
    assert (await world.get(path))["veto_days"] == 9


async def test_what_a_run_has_used_stays_and_goes_on_in_versions(world: World) -> None:
    """A used policy refuses every change; its versions count on, of one name, each with words of its own."""
    answer = await made(world, weights=WEIGHTS)
    first = answer.json()
    path = f"{PATH}/{first['policy_id']}"
    for _ in range(2):
        assert (await use(world, first["policy_id"])).label == first["label"]
    assert (await world.get(path))["used"]
    etag = (await world.http.get(path)).headers["ETag"]

    assert kind_of(await changed(world, answer, {"veto_days": 9}, etag=etag)) == (409, "policy-used")
    versions = [(await world.post(f"{path}/versions", {"veto_days": days})).json() for days in (9, 10)]

    second_label = following_label(first["label"])
    assert [one["version"] for one in versions] == [2, 3]
    assert [one["label"] for one in versions] == [second_label, following_label(second_label)]
    assert [one["veto_days"] for one in versions] == [9, 10]
    assert {(one["name"], one["family"], one["used"]) for one in versions} == {(first["name"], first["family"], False)}
    second = await world.http.get(f"{PATH}/{versions[0]['policy_id']}")
    assert kind_of(await changed(world, second, {"name": "Another"})) == (409, "policy-name-fixed")
    assert (await changed(world, second, {"priority": "by_level"})).json()["priority"] == "by_level"


async def test_versions_made_at_one_moment_count_on(world: World) -> None:
    """Each gets a number of its own, whoever comes first."""
    first = (await made(world)).json()

    answers = await asyncio.gather(*(world.post(f"{PATH}/{first['policy_id']}/versions", {}) for _ in range(3)))

    assert sorted((answer.status_code, answer.json()["version"]) for answer in answers) == [
        (201, 2),
        (201, 3),
        (201, 4),
    ]


async def test_the_standard_policy_is_everybody_s_and_nobody_s_to_change(world: World) -> None:
    """It stands first in the list, is read like any other, and is a beginning for one's own."""
    await made(world)
    found = await world.http.get(PATH, params={"limit": "1"})
    ids = [one["policy_id"] for one in found.json()]
    assert (ids[0], len(ids)) == ("standard", 2)
    while link := found.links.get("next"):
        found = await world.http.get(link["url"])
        ids += [one["policy_id"] for one in found.json()]
    assert len(ids) == len(set(ids))

    standard = await world.http.get(f"{PATH}/standard")
    assert (standard.json()["label"], standard.json()["built_in"]) == ("standard.1", True)
    assert kind_of(await changed(world, standard, {"veto_days": 1})) == (409, "policy-built-in")
    assert kind_of(await world.post(f"{PATH}/standard/versions", {})) == (409, "policy-built-in")
    assert (await world.http.get(f"{PATH}/{random_id()}")).status_code == 404


async def test_what_is_done_with_a_policy_is_on_record_without_its_words(world: World, servers: Running) -> None:
    """Making and changing tell which policy and which parts; the use by a run is the run's to tell."""
    async with listening(servers, contracts.ACCESS) as log:
        answer = await made(world)
        one = answer.json()
        await changed(world, answer, {"weights": WEIGHTS, "rules": {"meeting": "same_place"}})
        await use(world, one["policy_id"])
        following = (await world.post(f"{PATH}/{one['policy_id']}/versions", {})).json()["policy_id"]
        events: dict[str, list[tuple[str, Any]]] = {}
        (created, said), (anew, parts) = await heard(log, events, one["policy_id"], 2)
        ((_, version),) = await heard(log, events, following, 1)

    about = {"policy_id": one["policy_id"], "policy_version": one["label"], "at": AT}
    assert (created, said) == ("org.tandem.policy.created.v1", {**about, "based_on": "standard"})
    assert (anew, parts) == ("org.tandem.policy.changed.v1", {**about, "changed": ["rules", "weights"]})
    assert (version["policy_version"], version["based_on"]) == (following_label(one["label"]), one["policy_id"])
