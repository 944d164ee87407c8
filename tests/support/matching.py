"""The world around `matching` for its tests: people, editions and decisions, told on the topics by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from aiokafka import AIOKafkaConsumer

from services.chassis import directory, envelope, kafka, mongo
from services.chassis.ids import random_id
from services.matching import contracts
from tests.support.waiting import until_async

MANAGER = "the-manager"
AT = "2026-03-02T09:00:00.000Z"


@dataclass(slots=True)
class World:
    """The running service, its database, and the topics it reads and writes."""

    http: httpx2.AsyncClient
    database: mongo.Database
    publisher: kafka.Publisher
    log: AIOKafkaConsumer
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    events: dict[str, list[tuple[envelope.Event, Any]]] = field(default_factory=dict)
    applications: dict[str, str] = field(default_factory=dict)
    trace: str | None = None  # of what is told from now on

    # What other services tell

    async def say(self, topic: str, type_: str, subject: str, data: Mapping[str, Any]) -> None:
        """Publish the next event of a subject."""
        number = self.numbers[topic, subject] = self.numbers.get((topic, subject), 0) + 1
        event = envelope.Event(
            id=random_id(),
            source="/tandem/elsewhere",
            type=type_,
            subject=subject,
            sequence=number,
            time=AT,
            data=json.dumps(data).encode(),
            traceparent=self.trace,
        )
        assert await self.publisher.publish([(topic, event)]) == [True]

    async def person(self, person_id: str, **facts: Any) -> None:
        """Say what the directory has of a person; only what differs is named."""
        said: dict[str, Any] = {"person_id": person_id, "subsidiary": "north", "roles": [], "executive": False}
        said |= {"manager_id": None, "active": True, "language": "de", "zone": "Europe/Berlin"}
        await self.say(directory.TOPIC, directory.PERSON, person_id, {**said, **facts})

    async def profile(self, person_id: str, **facts: Any) -> None:
        """Say what the profile has of a person; only what differs is named."""
        said: dict[str, Any] = {"person_id": person_id, "skills": [], "wishes": [], "birth_date": "2000-06-01"}
        said |= {"entry_date": "2022-01-01", "languages": ["de"], "place": "", "capacity": 1}
        await self.say(contracts.PROFILES, contracts.PROFILE, person_id, {**said, **facts})

    async def edition(self, ends_on: str = "2027-02-28", **scope: Any) -> str:
        """Tell of a new edition, whose companies need not be named; its id."""
        edition_id = random_id()
        said = {"edition_id": edition_id, "name": "2026", "starts_on": "2026-03-01", "ends_on": ends_on}
        data = {**said, "subsidiaries": [], "opened_at": AT, **scope}
        await self.say(contracts.APPLICATIONS, contracts.EDITION_OPENED, edition_id, data)
        return edition_id

    async def mentor(self, edition_id: str, *, capacity: int = 1, skills: Mapping[str, int] | None = None) -> str:
        """Tell of a selected mentor; the person id."""
        mentor_id, application_id = random_id(), random_id()
        await self.person(mentor_id)
        known = [{"platform": name, "level": level} for name, level in (skills or {}).items()]
        await self.profile(mentor_id, capacity=capacity, skills=known)
        self.applications[mentor_id] = application_id
        await self.decided(edition_id, mentor_id, contracts.SELECTED, "selected_at")
        return mentor_id

    async def decided(self, edition_id: str, mentor_id: str, type_: str, when: str) -> None:
        """Tell what became of the application of somebody whom ``mentor`` told of."""
        application_id = self.applications[mentor_id]
        said = {"application_id": application_id, "edition_id": edition_id, "mentor_id": mentor_id}
        await self.say(contracts.APPLICATIONS, type_, application_id, {**said, "subsidiary": "north", when: AT})

    async def executive(self, edition_id: str, **profile: Any) -> str:
        """Tell of an obliged executive; the person id. The participation has the same id for convenience."""
        mentee_id = random_id()
        await self.person(mentee_id, executive=True, subsidiary="south")
        await self.profile(mentee_id, **{"capacity": 0, **profile})
        await self.obliged(edition_id, mentee_id)
        return mentee_id

    async def obliged(self, edition_id: str, mentee_id: str) -> None:
        """Tell that an executive is obliged, perhaps again."""
        await self.say(contracts.APPLICATIONS, contracts.OBLIGED, mentee_id, _participation(edition_id, mentee_id))

    async def leaves(self, edition_id: str, mentee_id: str) -> None:
        """Tell that an executive left the scope."""
        data = {**_participation(edition_id, mentee_id), "cause": "moved_out", "left_at": AT}
        await self.say(contracts.APPLICATIONS, contracts.LEFT, mentee_id, data)

    async def exempt(self, edition_id: str, mentee_id: str, *, until: str | None = None) -> None:
        """Tell that an executive was exempted, for good or until the end of a day."""
        last = {} if until is None else {"until": until}
        data = {**_participation(edition_id, mentee_id), "reason": "absence", "exempted_at": AT, **last}
        await self.say(contracts.APPLICATIONS, contracts.EXEMPTED, mentee_id, data)

    # What the service answers

    async def get(self, path: str, **query: str) -> Any:
        """The JSON of a successful answer."""
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, path: str, body: Any, *, etag: str | None = None, key: str | None = None) -> httpx2.Response:
        """Create under a key (a new one unless named), or change what has this ETag."""
        headers = {"If-Match": etag} if etag else {"Idempotency-Key": key or random_id()}
        return await self.http.post(path, json=body, headers={"Tandem-Actor": MANAGER, **headers})

    async def change(self, path: str, to: str, body: Any) -> httpx2.Response:
        """Post to ``path/to`` with the ETag of ``path``."""
        etag = (await self.http.get(path)).headers["ETag"]
        return await self.post(f"{path}/{to}", body, etag=etag)

    async def counts(self, edition_id: str, **expected: int) -> None:
        """Wait until the service counts these candidates, and knows the person and the profile of each."""
        expected = {"without_profile": 0, "unknown": 0, **expected}

        async def so() -> bool:
            answer = await self.http.get("/v1/candidates", params={"edition_id": edition_id})
            return answer.status_code == 200 and expected.items() <= answer.json().items()

        await until_async(so, f"the candidates of {edition_id} are {expected}")

    async def reaches(self, run: str, state: str) -> Any:
        """Wait until the run at this path is in that state; the run."""
        found: list[Any] = []

        async def so() -> bool:
            found[:] = [await self.get(run)]
            return bool(found[0]["state"] == state)

        await until_async(so, f"{run} is {state}")
        return found[0]

    async def proposed(self, edition_id: str) -> str:
        """A run of this edition with its proposal; the path."""
        answer = await self.post("/v1/runs", {"edition_id": edition_id})
        assert answer.status_code == 202, answer.text
        await self.reaches(answer.headers["Location"], "proposed")
        return str(answer.headers["Location"])

    async def approved(self, edition_id: str) -> str:
        """A run of this edition whose proposal is approved; the path."""
        run = await self.proposed(edition_id)
        answer = await self.change(run, "review", {"decision": "approved", "note": "Looks good."})
        assert answer.status_code == 200, answer.text
        return run

    async def published(self, run: str) -> Any:
        """Publish an approved run; the run when it is done."""
        answer = await self.change(run, "publication", {})
        assert answer.status_code == 202, answer.text
        return await self.reaches(run, "published")

    async def told(self, subjects: Sequence[str]) -> dict[str, list[tuple[envelope.Event, Any]]]:
        """Wait until each subject has an event on the topic of pairs; all its events, copies left out."""

        async def all_there() -> bool:
            for batch in (await self.log.getmany(timeout_ms=20)).values():
                for record in batch:
                    event = envelope.read_event(record)
                    seen = self.events.setdefault(event.subject, [])
                    if event.sequence > len(seen):
                        seen.append((event, json.loads(event.data)))
            return set(subjects) <= self.events.keys()

        await until_async(all_there, "the pairs are on the topic")
        return {subject: self.events[subject] for subject in subjects}


def _participation(edition_id: str, mentee_id: str) -> dict[str, Any]:
    said = {"participation_id": mentee_id, "edition_id": edition_id, "mentee_id": mentee_id}
    return {**said, "subsidiary": "south", "obliged_at": AT}
