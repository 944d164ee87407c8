"""The world around `notifications` for its tests: topics told by hand, and mail servers that answer as a test says."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx2
from aiokafka import AIOKafkaProducer
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.chassis import directory, envelope, mongo
from services.chassis.ids import random_id
from services.chassis.kafka import Publisher
from services.chassis.service import Service, Topic
from services.notifications import contracts
from tests.support.applications import never
from tests.support.waiting import until_async

_YEARS = itertools.count(2100)
_OF_BOTH = ("pair_id", "edition_id", "mentor_id", "mentee_id", "mentor_subsidiary", "mentee_subsidiary")
OTHERS = (
    Service("people", never, owns=(Topic(directory.TOPIC, "state"), Topic(contracts.CONTACTS, "state"))),
    Service("matching", never, owns=(Topic(contracts.PAIRS, "event"),)),
)


@dataclass(slots=True)
class Relay:
    """A mail server in this process: keeps what it takes, and answers otherwise where a test says so.

    ``answers`` are answers to the text of messages, used up one by one; ``refused`` answers by recipient.
    Where it ``hangs_up`` it takes a message and leaves without saying so.
    """

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    connections: int = 0

    @property
    def address(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse whom the test wants refused."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Take the message, unless the test has another answer."""
        if self.answers:
            return self.answers.pop(0)
        message = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients += envelope.rcpt_tos
        if self.hangs_up:
            assert server.transport is not None
            server.transport.close()
        return "250 taken"

    def protocol(self) -> SMTP:
        """A connection."""
        self.connections += 1
        return SMTP(self, hostname="localhost")

    def to(self, address: str) -> list[EmailMessage]:
        """The messages to one recipient."""
        return [message for message in self.messages if message["To"] == address]


@asynccontextmanager
async def listening(relay: Relay) -> AsyncIterator[Relay]:
    """The relay listens while the block lasts, on the same port each time."""
    server = await asyncio.get_running_loop().create_server(relay.protocol, "127.0.0.1", relay.port)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
        await server.wait_closed()


@dataclass(slots=True)
class World:
    """The topics that `notifications` reads, and what it answers."""

    kafka: str
    publisher: Publisher
    http: httpx2.AsyncClient
    database: mongo.Database
    at: str  # the instant of what happens
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    async def say(
        self, topic: str, type_: str, subject: str, data: Mapping[str, Any], *, at: str | None = None
    ) -> envelope.Event:
        """Publish the next event of a subject."""
        number = self.numbers[topic, subject] = self.numbers.get((topic, subject), 0) + 1
        event = envelope.Event(
            id=random_id(),
            source="/tandem/elsewhere",
            type=type_,
            subject=subject,
            sequence=number,
            time=at or self.at,
            data=json.dumps(data).encode(),
        )
        await self.repeat(topic, event)
        return event

    async def repeat(self, topic: str, event: envelope.Event) -> None:
        """Publish an event as it is."""
        assert await self.publisher.publish([(topic, event)]) == [True]

    async def person(self, name: str, **facts: Any) -> str:
        """Say what the directory has of a new person, and how they are reached; the person id."""
        person_id = random_id()
        await self.listed(person_id, **facts)
        await self.reachable(person_id, name)
        return person_id

    async def listed(self, person_id: str, **facts: Any) -> None:
        """Say what the directory has of a person; only what differs is named."""
        said: dict[str, Any] = {"person_id": person_id, "subsidiary": "north", "roles": [], "executive": False}
        said |= {"manager_id": None, "active": True, "language": "de", "zone": "Europe/Berlin"}
        await self.say(directory.TOPIC, directory.PERSON, person_id, {**said, **facts})

    async def reachable(self, person_id: str, name: str, email: str | None = None) -> None:
        """Say how a person is called and reached."""
        data = {"person_id": person_id, "name": name, "email": email or address(person_id)}
        await self.say(contracts.CONTACTS, contracts.CONTACT, person_id, data)

    async def unreachable(self, person_id: str, name: str) -> None:
        """Say how a person is called who has no address."""
        data = {"person_id": person_id, "name": name}
        await self.say(contracts.CONTACTS, contracts.CONTACT_UNREACHED, person_id, data)

    async def erased(self, person_id: str) -> None:
        """Tell that a person's name and address are to be forgotten."""
        async with AIOKafkaProducer(bootstrap_servers=self.kafka) as out:
            await out.send_and_wait(contracts.CONTACTS, None, key=person_id.encode())

    async def match(self, mentor_id: str, mentee_id: str, *, at: str | None = None) -> envelope.Event:
        """Tell of a new pair."""
        pair_id = random_id()
        said = {"pair_id": pair_id, "edition_id": random_id(), "run_id": random_id(), "policy_version": "1"}
        said |= {"mentor_id": mentor_id, "mentee_id": mentee_id, "matched_at": at or self.at}
        data = {**said, "mentor_subsidiary": "north", "mentee_subsidiary": "south"}
        return await self.say(contracts.PAIRS, contracts.MATCHED, pair_id, data, at=at)

    async def end(self, matched: envelope.Event, reason: str = "rematched") -> envelope.Event:
        """Tell that a pair has ended."""
        pair = {name: value for name, value in json.loads(matched.data).items() if name in _OF_BOTH}
        said = {**pair, "reason": reason, "ended_at": self.at}
        return await self.say(contracts.PAIRS, contracts.ENDED, matched.subject, said)

    async def deliveries(self, pair_id: str) -> list[dict[str, Any]]:
        """What the service says of a pair's messages, the mentor's first."""
        answer = await self.http.get("/v1/deliveries", params={"pair_id": pair_id})
        assert answer.status_code == 200, answer.text
        return sorted(answer.json(), key=lambda one: str(one["role"]), reverse=True)

    async def becomes(self, pair_id: str, **expected: Any) -> list[dict[str, Any]]:
        """Wait until both messages of a pair are so; what the service says of them."""
        found: list[dict[str, Any]] = []

        async def so() -> bool:
            found[:] = await self.deliveries(pair_id)
            return len(found) == 2 and all(expected.items() <= one.items() for one in found)

        await until_async(so, f"both deliveries are {expected}, not {found}", 90)
        return found


def another_year() -> str:
    """An instant after all that any other test of this run has told on the topics, or will tell."""
    return f"{next(_YEARS)}-04-01T09:00:00.000Z"


def address(person_id: str) -> str:
    """Where a person of these tests gets mail."""
    return f"{person_id}@group.example"
