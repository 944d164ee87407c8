"""What access control costs: the same handler with and without it, on real tokens and a real copy of the directory."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import httpx2
from fastapi import APIRouter, FastAPI
from rich.console import Console

from deploy.local.servers import Servers
from services.chassis import directory, mongo
from services.chassis.auth.rules import roles
from services.chassis.http import create_app, middleware, paths, problems
from services.chassis.http.application import BODY_LIMIT
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.bench.children import WrongEffects
from tests.bench.rows import Row
from tests.support.directories import fill, heartbeat, holder
from tests.support.issuing import Issuing, issuing
from tests.support.serving import guarded

PERSONS, SUBSIDIARIES = 20_000, 40
SAMPLES = 3_000  # pairs of requests, with and without in turn
ALLOWED = 0.3  # milliseconds
PATH = "/v1/things/a-thing"
RULES = {"GET /v1/things/{thing_id}": roles("programme_manager", "group_office")}
_PREFIX = "bench"
_NAME = "access"  # the bench application's, as a service


def measure(servers: Servers, scratch: Path, console: Console) -> list[Row]:
    """What checking the token, the directory and the rule adds to a request, milliseconds. Raises ``WrongEffects``."""
    console.print(f"writing a directory of {PERSONS:,} persons", highlight=False)
    asyncio.run(_fill(servers))
    with ExitStack() as ending:
        issuer = ending.enter_context(issuing(scratch))
        runtime = Runtime(_service(), _settings(servers, issuer))
        app = create_app(runtime, title="With access control", routers=[_routes()])
        with_it, without = (ending.enter_context(_client(one)) for one in (app, _open_app()))
        tokens = _tokens(issuer, SAMPLES)
        _checked(with_it, tokens[0])
        known, bare = _alternately(with_it, without, tokens[:1])
        unknown, bare_too = _alternately(with_it, without, tokens)
    return [
        Row("the bare handler, p50", bare, "ms"),
        Row(f"{ALLOWED} ms allowed, beside access control's cost, p50", ALLOWED, "ms", known - bare, 1),
        Row("the same for callers of whom nothing is remembered, p50", unknown - bare_too, "ms"),
    ]


def _service() -> Service:
    return Service(_NAME, FastAPI, indexes={directory.COLLECTION: directory.INDEXES}, rules=RULES)


def _settings(servers: Servers, issuer: Issuing) -> Settings:
    described = {"name": "idp", "issuer": issuer.url, "audience": "tandem-api", "development": True}
    return Settings(
        kafka=servers.kafka,
        mongodb=servers.mongodb,
        database_prefix=_PREFIX,
        issuers=json.dumps([described]),
        log_level="error",
    )


def _routes() -> APIRouter:
    router = APIRouter(prefix="/v1/things")

    @router.get("/{thing_id}")
    async def show_thing(thing_id: str) -> dict[str, str]:
        return {"thing_id": thing_id}

    return router


def _open_app() -> FastAPI:
    """The handler behind everything that a request passes, but for access control."""
    app = FastAPI(title="Without access control", redirect_slashes=False)
    app.include_router(_routes())
    paths.expect(app)
    problems.install(app)
    app.add_middleware(middleware.BodyLimit, limit=BODY_LIMIT)
    app.add_middleware(middleware.ProbedFromHere, trusted=None)
    app.add_middleware(middleware.Observed)
    return app


@contextmanager
def _client(app: FastAPI) -> Iterator[httpx2.Client]:
    with guarded(app) as address, httpx2.Client(base_url=address, timeout=30) as client:
        yield client


async def _fill(servers: Servers) -> None:
    """The directory of a large group: every person manages the programme of a company."""
    companies = [directory.Subsidiary(subsidiary_id=f"company-{n}") for n in range(SUBSIDIARIES)]
    persons = (
        holder(_login(n), company, programme_manager=[company])
        for n in range(PERSONS)
        if (company := f"company-{n % SUBSIDIARIES}")
    )
    client = mongo.connect(servers.mongodb)
    try:
        await fill(client[f"{_PREFIX}_{_NAME}"], heartbeat(), *companies, *persons)
    finally:
        await mongo.close(client)


def _login(number: int) -> str:
    return f"idp:person-{number}"


def _tokens(issuer: Issuing, persons: int) -> list[str]:
    """A token of each of these many persons, under their own subjects."""
    return [issuer.minter.token(_login(n).partition(":")[2], seconds=3600) for n in range(persons)]


def _checked(with_it: httpx2.Client, token: str) -> None:
    """Raises ``WrongEffects`` where it does not tell whom to let in."""
    statuses = [
        with_it.get(PATH, headers=headers).status_code for headers in ({}, _bearer(f"{token}x"), _bearer(token))
    ]
    if statuses != [401, 401, 200]:
        raise WrongEffects(f"access control answers {statuses}")


def _alternately(with_it: httpx2.Client, without: httpx2.Client, tokens: Sequence[str]) -> tuple[float, float]:
    """The medians of both, milliseconds, the one after the other with each token in turn."""
    spent: dict[httpx2.Client, list[float]] = {with_it: [], without: []}
    for number in range(SAMPLES):
        headers = _bearer(tokens[number % len(tokens)])
        for client, seconds in spent.items():
            began = time.perf_counter()
            answer = client.get(PATH, headers=headers)
            seconds.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise WrongEffects(f"it answers {answer.status_code}: {answer.text}")
    return 1000 * median(spent[with_it]), 1000 * median(spent[without])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
