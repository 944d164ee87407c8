"""Ten thousand applications, each sent by somebody else over HTTP, beside one raw insert for each of them.

The service is a process of its own, with validation, sign-in, idempotency and outbox; it publishes meanwhile.
"""

from __future__ import annotations

import asyncio
import copy
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx2
from rich.console import Console

from deploy.local.issuer.demo import trust
from deploy.local.process import Family
from deploy.local.servers import Servers
from services.chassis import directory, envelope, mongo
from services.chassis.history import records_of
from services.chassis.ids import random_id
from services.chassis.manifests import manifests
from services.chassis.provision import provision
from services.chassis.settings import Settings
from services.chassis.wire import rfc3339
from tests.bench import wire
from tests.bench.children import WrongEffects
from tests.bench.rows import Row
from tests.chaos.fleet import Base, Fleet, Seat
from tests.support.directories import fill, heartbeat, holder
from tests.support.editions import asking, calling, scoring
from tests.support.issuing import Issuing, issuing

APPLICATIONS = int(os.environ.get("TANDEM_BENCH_APPLICATIONS", "10000"))
ROUNDS, AT_ONCE, WARM = 5, 128, 200  # a call closes to the minute: most come in its last hour
_SHARE = 0.3  # of the raw inserts' rate
_PATIENCE = 120.0  # seconds until all of a round is published
_TOPIC, _APPLIED = "tandem.applications.v1", "org.tandem.mentor.applied."
_COMPANY, _MANAGER = random_id(), "manager"
_SEAT = Seat("applications", 1)
_ANSWER = "I have taught my team to plan with a shared board, and I would begin with what an executive reads anyway."


@dataclass(slots=True)
class Bench:
    """The running service, its edition, and the applications that are still to be sent."""

    url: str
    database: mongo.Database
    kafka: str
    edition: str = ""
    requests: list[bytes] = field(default_factory=list)

    @property
    def documents(self) -> mongo.Collection:
        """The service's applications."""
        return self.database["applications"]

    async def sent(self, count: int) -> float:
        """Send the next of them; applications per second. Raises ``WrongEffects`` where one is refused."""
        some = [self.requests.pop() for _ in range(count)]
        host, _, port = self.url.removeprefix("http://").partition(":")
        began = time.perf_counter()
        answers = await wire.statuses(host, int(port), some, AT_ONCE)
        rate = count / (time.perf_counter() - began)
        if wrong := [status for status in answers if status != 201]:
            raise WrongEffects(f"{len(wrong)} applications were answered {sorted(set(wrong))}")
        return rate

    async def inserted(self, count: int) -> float:
        """Insert as many documents like theirs, each by a request of its own; inserts per second."""
        like = await self.documents.find_one({"outbox": []})
        raw = self.database["raw_inserts"]
        waiting = iter([{**copy.deepcopy(like or {}), "_id": random_id()} for _ in range(count)])

        async def one_after_the_other() -> None:
            for document in waiting:
                await raw.insert_one(document)

        began = time.perf_counter()
        await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
        return count / (time.perf_counter() - began)

    async def published(self) -> None:
        """Return when no event waits any more. Raises ``WrongEffects`` where that takes too long."""
        deadline = time.monotonic() + _PATIENCE
        while await self.documents.find_one({"outbox.0": {"$exists": True}}, {"_id": 1}):
            if time.monotonic() > deadline:
                raise WrongEffects(f"not all was published after {_PATIENCE:.0f} seconds")
            await asyncio.sleep(0.05)


def measure(servers: Servers, scratch: Path, console: Console) -> list[Row]:
    """The rate over all rounds beside that of raw inserts, in turn. Raises ``WrongEffects``."""
    with Family() as family, issuing(scratch / "issuer") as issuer:
        return asyncio.run(_measured(servers, Base(family, scratch, _environment(servers, issuer)), issuer, console))


def _environment(servers: Servers, issuer: Issuing) -> dict[str, str]:
    return {
        "TANDEM_KAFKA": servers.kafka,
        "TANDEM_MONGODB": servers.mongodb,
        "TANDEM_ISSUERS": trust(issuer.url),
        "TANDEM_KEY_PEPPERS": f"1:{'5' * 64}",
        "TANDEM_LOG_LEVEL": "error",
    }


async def _measured(servers: Servers, base: Base, issuer: Issuing, console: Console) -> list[Row]:
    async with _running(servers, base) as bench:
        people = [random_id() for _ in range(APPLICATIONS + WARM)]
        console.print(f"writing a directory of {len(people):,} persons", highlight=False)
        await _fill(bench.database, people)
        await _open_edition(bench, _bearer(issuer, _MANAGER))
        bench.requests = _requests(bench, issuer, people)
        await bench.sent(WARM)
        await bench.published()
        rates = [await _round(bench, number, console) for number in range(1, ROUNDS + 1)]
        await _check(bench, people)
    applied, raw = sorted(rates, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]
    return [Row(f"{APPLICATIONS:,} applications over HTTP, beside raw inserts", applied, "per second", raw, _SHARE)]


async def _round(bench: Bench, number: int, console: Console) -> tuple[float, float]:
    """Both rates; who begins changes from round to round."""
    count = APPLICATIONS // ROUNDS
    raw = await bench.inserted(count) if number % 2 else 0.0
    applied = await bench.sent(count)
    began = time.monotonic()
    await bench.published()
    later = time.monotonic() - began
    raw = raw or await bench.inserted(count)
    told = f"{applied:,.0f} applications/s, all published {later:.1f} s later; {raw:,.0f} raw inserts/s"
    console.print(f"round {number} of {ROUNDS}: {told}", highlight=False)
    return applied, raw


@asynccontextmanager
async def _running(servers: Servers, base: Base) -> AsyncIterator[Bench]:
    """The service, started over topics and indexes of its own."""
    prefix = Settings().database_prefix
    client = mongo.connect(servers.mongodb)
    fleet = Fleet(base, ("applications",), 1)
    try:
        await provision(manifests(), kafka=servers.kafka, client=client, prefix=prefix)
        fleet.start(_SEAT)
        await fleet.ready([_SEAT])
        yield Bench(fleet.addresses("applications")[0], client[f"{prefix}_applications"], servers.kafka)
    finally:
        fleet.stop()
        await mongo.close(client)


async def _fill(database: mongo.Database, people: Sequence[str]) -> None:
    """What the topics of `people` would have brought."""
    staff = (directory.Person(person_id=id, subsidiary=_COMPANY, login=f"idp:{id}") for id in people)
    manager = holder(f"idp:{_MANAGER}", _COMPANY, programme_manager=[_COMPANY])
    await fill(database, heartbeat(), directory.Subsidiary(subsidiary_id=_COMPANY), manager, *staff)
    rng = Random(0)
    for some in mongo.in_chunks(list(people), 2000):
        await database["profiles"].insert_many([_profile(id, rng) for id in some])


def _profile(id: str, rng: Random) -> dict[str, Any]:
    born = f"{rng.randint(1999, 2005)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"
    entry = {"person_id": id, "birth_date": born, "entry_date": "2023-09-01", "languages": ["de", "en"]}
    return {"_id": id, "seq": 1, "gone": False, "entry": entry}


async def _open_edition(bench: Bench, manager: Mapping[str, str]) -> None:
    """An edition with rules, a question and a rubric, whose call is open. Raises ``HTTPStatusError``."""
    async with httpx2.AsyncClient(base_url=bench.url, timeout=30, headers=dict(manager)) as http:
        year = {"name": "A large year", "starts_on": "2098-03-01", "ends_on": "2099-02-28", "subsidiaries": [_COMPANY]}
        made = (await http.post("/v1/editions", json=year, headers={"Idempotency-Key": "edition"})).raise_for_status()
        path = f"/v1/editions/{made.json()['edition_id']}"
        now = datetime.now(UTC)
        call = calling(reference_date=now.date().isoformat(), closes_at=rfc3339(now + timedelta(days=1)))
        steps: list[tuple[str, str, Mapping[str, Any]]] = [
            ("PUT", "call", call),
            ("PUT", "form", asking()),
            ("PUT", "rubric", scoring()),
            ("POST", "stage", {"to": "call_open"}),
        ]
        for method, step, body in steps:
            seen = (await http.get(path)).headers["ETag"]
            answer = await http.request(method, f"{path}/{step}", json=body, headers={"If-Match": seen})
            answer.raise_for_status()
        bench.edition = made.json()["edition_id"]


def _requests(bench: Bench, issuer: Issuing, people: Sequence[str]) -> list[bytes]:
    """One complete application of each."""
    url = f"{bench.url}/v1/editions/{bench.edition}/applications"
    platforms = [{"platform": platform, "level": 3} for platform in ("linkedin", "tiktok", "youtube")]
    offer = {"places": 1, "platforms": platforms, "languages": ["de", "en"], "availability": ["mon_am", "wed_pm"]}
    parts = {"offer": offer, "answers": {"why": _ANSWER}, "manager_informed": True}
    return [
        wire.post(url, {**_bearer(issuer, id), "Idempotency-Key": id}, {"mentor_id": id, "submit": True, **parts})
        for id in people
    ]


def _bearer(issuer: Issuing, login: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.minter.token(login, seconds=3600)}"}


async def _check(bench: Bench, people: Sequence[str]) -> None:
    """Everybody has one application, and one event of it lies on the topic. Raises ``WrongEffects``."""
    applied = bench.documents.find({"state.status": "applied"}, {"state.mentor_id": 1})
    stored = {document["state"]["mentor_id"] async for document in applied}
    published: list[str] = []
    async for record in records_of(bench.kafka, _TOPIC):
        with suppress(envelope.Rejected):
            event = envelope.read_event(record)
            published += [event.subject] if event.type.startswith(_APPLIED) else []
    counts = len(people), len(stored), len(published), len(set(published))
    if len(set(counts)) > 1:
        raise WrongEffects(
            f"of {counts[0]} people {counts[1]} have applied; events: {counts[2]}, different {counts[3]}"
        )
