"""Promises of overrides over HTTP, on a real Kafka and a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from services.chassis.ids import random_id
from services.matching import contracts
from tests.support.matching import AT, MANAGER, World
from tests.support.matching_service import kind_of, listening, running
from tests.support.servers import Running
from tests.support.topics import heard
from tests.support.waiting import until_async

REASON = "Agreed with the board."
CONTRADICTORY = (409, "overrides-contradict")


@pytest.fixture(scope="module")
async def world(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The service with a database of its own."""
    async with running(servers, tmp_path_factory.mktemp("clock")) as world:
        yield world


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition of three executives, and of three mentors of whom the third takes two."""

    world: World
    id: str
    mentors: tuple[str, ...]
    executives: tuple[str, ...]

    @property
    def path(self) -> str:
        """Of its overrides."""
        return f"/v1/editions/{self.id}/overrides"

    def pair(self, kind: str, mentor: int, executive: int, **said: Any) -> dict[str, Any]:
        """What is sent about a pair, by the numbers of the two."""
        named = {"mentor_id": self.mentors[mentor], "mentee_id": self.executives[executive]}
        return {"kind": kind, **named, "reason": REASON, **said}

    def place(self, mentor: int, places: int) -> dict[str, Any]:
        """What is sent about a mentor's places."""
        return {"kind": "place", "mentor_id": self.mentors[mentor], "places": places, "reason": REASON}

    async def post(self, body: Mapping[str, Any], key: str | None = None) -> httpx2.Response:
        """Send an override."""
        return await self.world.post(self.path, body, key=key)

    async def laid_down(self, body: Mapping[str, Any]) -> Any:
        """Lay an override down; what was answered."""
        answer = await self.post(body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def back(self, step: str, body: Mapping[str, Any] | None = None) -> httpx2.Response:
        """Withdraw or undo, having seen what there is."""
        etag = (await self.world.http.get(self.path)).headers["ETag"]
        return await self.world.post(f"{self.path}/{step}", body or {}, etag=etag)

    async def standing(self) -> list[str]:
        """The ids of those that hold."""
        return [one["override_id"] for one in await self.world.get(self.path) if one["stands"]]

    async def refused(self, body: Mapping[str, Any], code: str, field: str) -> Any:
        """Send what contradicts, and see why; the problem."""
        answer = await self.post(body)
        assert kind_of(answer) == CONTRADICTORY, answer.text
        problem = answer.json()
        assert [one["code"] for one in problem["contradictions"]] == [code]
        assert {error["field"] for error in problem["errors"]} == {field}
        return problem


@pytest.fixture
async def edition(world: World) -> Edition:
    """An edition of which the service knows everybody."""
    edition_id = await world.edition()
    mentors = [await world.mentor(edition_id, capacity=capacity) for capacity in (1, 1, 2)]
    executives = [await world.executive(edition_id) for _ in range(3)]
    await world.counts(edition_id, mentors=3, places=4, executives=3)
    return Edition(world, edition_id, tuple(mentors), tuple(executives))


async def test_what_is_laid_down_stands_until_it_is_withdrawn(edition: Edition) -> None:
    """All of an edition's overrides are listed with who said what and why, those withdrawn included."""
    assert await edition.world.get(edition.path) == []
    force = await edition.laid_down(edition.pair("force", 0, 0))
    block = await edition.laid_down(edition.pair("block", 1, 1))

    assert (force["kind"], force["by"], force["at"], force["reason"], force["stands"]) == (
        "force",
        MANAGER,
        AT,
        REASON,
        True,
    )
    assert await edition.standing() == [force["override_id"], block["override_id"]]
    answer = await edition.back(f"{force['override_id']}/withdrawal", {"reason": "They asked for it."})

    assert (answer.status_code, answer.json()["stands"]) == (200, False)
    found = await edition.world.get(edition.path)
    assert [(one["stands"], one["withdrawn_because"]) for one in found] == [(False, "They asked for it."), (True, None)]
    assert kind_of(await edition.back(f"{force['override_id']}/withdrawal")) == (409, "override-withdrawn")
    assert (await edition.back(f"{random_id()}/withdrawal")).status_code == 404


async def test_changes_are_taken_back_one_by_one(edition: Edition) -> None:
    """The newest first: what was withdrawn stands again, what was laid down does not; then nothing is left."""
    force = await edition.laid_down(edition.pair("force", 0, 0))
    await edition.back(f"{force['override_id']}/withdrawal")
    place = await edition.laid_down(edition.place(2, 1))
    seen = []
    for _ in range(3):
        answer = await edition.back("undo")
        assert answer.status_code == 200, answer.text
        seen.append([one["override_id"] for one in answer.json()["overrides"] if one["stands"]])

    assert place["undone_next"]
    assert seen == [[], [force["override_id"]], []]
    assert kind_of(await edition.back("undo")) == (409, "nothing-to-undo")


async def test_places_count_at_once_whatever_the_profile_says(edition: Edition) -> None:
    """More than the mentor offers, or none; withdrawn, the profile counts again."""
    counted = edition.world.counts
    await edition.laid_down(edition.place(0, 3))
    await counted(edition.id, mentors=3, places=6)
    await edition.laid_down(edition.place(2, 0))
    await counted(edition.id, mentors=2, places=4)

    await edition.laid_down(edition.place(0, 2))
    assert [one["counts"] for one in await edition.world.get(edition.path)] == [False, True, True]
    for one in (await edition.world.get(edition.path))[::2]:
        await edition.back(f"{one['override_id']}/withdrawal")
    await counted(edition.id, mentors=2, places=2)
    assert [one["counts"] for one in await edition.world.get(edition.path)] == [False, True, False]


async def test_what_contradicts_is_refused_with_names_and_codes(edition: Edition) -> None:
    """Before anything is solved; what was there before is not touched."""
    force = await edition.laid_down(edition.pair("force", 0, 0))

    problem = await edition.refused(edition.pair("block", 0, 0), "forced_and_blocked", "/mentee_id")
    (one,) = problem["contradictions"]
    assert (one["mentor_id"], one["mentee_id"]) == (edition.mentors[0], edition.executives[0])
    assert force["override_id"] in one["override_ids"]
    await edition.refused(edition.pair("force", 1, 0), "forced_twice", "/mentee_id")
    await edition.refused(edition.pair("force", 0, 1), "beyond_places", "/mentor_id")
    await edition.refused(edition.place(0, 0), "below_forced", "/places")
    await edition.refused(edition.pair("force", 0, 0), "already_set", "/mentee_id")
    stranger = {**edition.pair("force", 1, 1), "mentee_id": random_id()}
    await edition.refused(stranger, "mentee_exempt", "/mentee_id")
    assert await edition.standing() == [force["override_id"]]


async def test_nobody_is_forced_upon_their_own_line(edition: Edition) -> None:
    """A rule that holds under every policy: at any depth, in either direction."""
    world, (mentor, *_), (executive, *_) = edition.world, edition.mentors, edition.executives
    between = random_id()
    await world.person(between, manager_id=executive)
    await world.person(mentor, manager_id=between)

    async def known() -> bool:
        answer = await edition.post(edition.pair("force", 0, 0))
        if answer.status_code == 201:
            await edition.back(f"{answer.json()['override_id']}/withdrawal")
        return answer.status_code == 409

    await until_async(known, "the service has heard of it")
    await edition.refused(edition.pair("force", 0, 0), "reporting_line", "/mentee_id")
    await edition.laid_down(edition.pair("force", 0, 1))


async def test_withdrawing_and_undoing_contradict_nothing_either(edition: Edition) -> None:
    """Places that a forced pair needs stay; a forced pair does not come back where another one stands now."""
    place = await edition.laid_down(edition.place(0, 2))
    forces = [await edition.laid_down(edition.pair("force", 0, number)) for number in (0, 1)]

    assert kind_of(await edition.back(f"{place['override_id']}/withdrawal")) == CONTRADICTORY
    await edition.back(f"{forces[1]['override_id']}/withdrawal")
    assert (await edition.back(f"{place['override_id']}/withdrawal")).status_code == 200
    assert await edition.standing() == [forces[0]["override_id"]]


async def test_of_two_that_contradict_one_is_accepted_at_one_moment(edition: Edition) -> None:
    """An edition's overrides change together; whoever comes second is told of the first."""
    wanted = [edition.pair("force", number, 0) for number in (0, 1, 2)]

    answers = await asyncio.gather(*(edition.post(body) for body in wanted))

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert len(await edition.standing()) == 1


async def test_the_same_key_lays_down_once(edition: Edition) -> None:
    """A repeated request is answered again."""
    body, key = edition.pair("force", 0, 0), random_id()
    first, again = [await edition.post(body, key) for _ in range(2)]

    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert len(await edition.standing()) == 1
    assert kind_of(await edition.post(edition.pair("force", 1, 1), key)) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"kind": "force", "mentee_id": None}, ["/mentee_id"]),
        ({"kind": "block", "places": 1}, ["/places"]),
        ({"kind": "place", "mentee_id": None}, ["/places"]),
        ({"kind": "place", "places": 2}, ["/mentee_id"]),
        ({"kind": "place", "mentee_id": None, "places": 4}, ["/places"]),
        ({"kind": "conflict"}, ["/kind"]),
        ({"reason": " "}, ["/reason"]),
    ],
)
async def test_what_is_wrong_is_named_field_by_field(
    edition: Edition, said: Mapping[str, Any], fields: list[str]
) -> None:
    """Nobody declares a conflict in the name of others; each kind says what it needs, with a reason."""
    answer = await edition.post({**edition.pair("force", 0, 0), **said})

    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == fields


async def test_nothing_is_laid_down_where_nobody_is_matched(edition: Edition) -> None:
    """An edition that is over, or that is not there; and nobody sees to their own pair."""
    world = edition.world
    over = Edition(world, await world.edition(ends_on="2026-03-01"), edition.mentors, edition.executives)

    async def known() -> bool:
        return (await over.post(over.pair("force", 0, 0))).status_code != 404

    await until_async(known, "the service has heard of it")
    assert kind_of(await over.post(over.pair("force", 0, 0))) == (409, "edition-over")
    nowhere = Edition(world, random_id(), edition.mentors, edition.executives)
    assert (await nowhere.post(nowhere.pair("force", 0, 0))).status_code == 404
    assert kind_of(await world.http.get(nowhere.path)) == (404, "not-found")
    own = {"Tandem-Actor": edition.executives[0], "Idempotency-Key": random_id()}
    answer = await world.http.post(edition.path, json=edition.pair("force", 0, 0), headers=own)
    assert kind_of(answer) == (403, "own-case")


async def test_a_forced_pair_is_on_record_with_both_ids_and_without_the_reason(
    edition: Edition, servers: Running
) -> None:
    """The audit trail tells who laid what down for whom, and that it was withdrawn; why stays in the service."""
    async with listening(servers, contracts.ACCESS) as log:
        force = await edition.laid_down(edition.pair("force", 0, 0))
        await edition.back(f"{force['override_id']}/withdrawal", {"reason": "They asked for it."})
        place = await edition.laid_down(edition.place(2, 1))
        told = await heard(log, {}, edition.id, 3)

    both = {"edition_id": edition.id, "override_id": force["override_id"], "kind": "force"}
    both |= {"mentor_id": edition.mentors[0], "mentee_id": edition.executives[0]}
    given = {**both, "override_id": place["override_id"], "kind": "place"}
    assert told == [
        ("org.tandem.override.set.v1", {**both, "places": None}),
        ("org.tandem.override.withdrawn.v1", both),
        ("org.tandem.override.set.v1", {**given, "mentor_id": edition.mentors[2], "mentee_id": None, "places": 1}),
    ]
