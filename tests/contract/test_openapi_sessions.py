"""The OpenAPI document of `sessions` is what it does: generated requests, on a real database."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from services.chassis import mongo
from services.chassis.ids import derived_id
from services.chassis.wire import rfc3339
from services.sessions import domain, main, store
from tests.support.servers import Running
from tests.support.serving import served

PREFIX = "test_openapi"
PAIR = derived_id("a pair for generated requests")
EXAMPLES = 40  # per operation; a half of them may succeed, which makes less than 64 events
CALLER = {"Tandem-Actor": "a-mentor"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
    allow_header_conformance,
]
MATCHED = datetime(2020, 1, 1, 9, tzinfo=UTC)
FREE = datetime(2100, 1, 1, 9, tzinfo=UTC)  # from here on nothing is planned yet


@pytest.fixture(scope="module")
def address(servers: Running) -> Iterator[str]:
    """The running service, its broker away, with one workspace full of planned sessions."""
    asyncio.run(_prepare(servers.mongodb))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TANDEM_KAFKA", "127.0.0.1:1")
        environment.setenv("TANDEM_MONGODB", servers.mongodb)
        environment.setenv("TANDEM_DATABASE_PREFIX", PREFIX)
        app = main.app()
    with served(app) as url:
        yield url


@pytest.fixture(scope="module")
def api(address: str) -> Any:
    """The schema that the service serves of itself."""
    own = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})  # the client signs in
    return schemathesis.openapi.from_url(f"{address}/openapi.json", config=own)


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[httpx2.Client]:
    """A client of the service, beside the one that generates requests."""
    with httpx2.Client(base_url=address, headers=CALLER) as client:
        yield client


async def _prepare(uri: str) -> None:
    client = mongo.connect(uri)
    try:
        await client.drop_database(f"{PREFIX}_sessions")
        state = store.WORKSPACES.state.dump_python(_workspace(), mode="json")
        document = {"version": 1, "sequence": 0, "state": state, "outbox": [], "recent": [], "seen": {}}
        await client[f"{PREFIX}_sessions"]["workspaces"].insert_one({"_id": PAIR, **document})
    finally:
        await mongo.close(client)


def _workspace() -> domain.Workspace:
    return domain.Workspace(
        pair_id=PAIR,
        edition_id="an-edition",
        mentor_id="a-mentor",
        mentee_id="a-mentee",
        mentor_subsidiary="north",
        mentee_subsidiary="south",
        matched_at=MATCHED,
        sessions=tuple(
            domain.Session(f"session-{n}", n, datetime(2100 + n, 1, 1, 9, tzinfo=UTC), 60)
            for n in range(1, EXAMPLES + 1)
        ),
    )


def test_every_answer_to_a_request_as_documented_is_documented(api: Any, client: httpx2.Client) -> None:
    """No bug shows; each answer has a status, a type and a form that the document names; some requests succeed."""
    operations = _operations(api)
    assert {"GET /v1/workspaces", "POST /v1/workspaces/{pair_id}/sessions"} <= {one.label for one in operations}
    prepare = partial(_succeed, client=client)
    statuses = Counter(status for one in operations for status in _ask(one, GenerationMode.POSITIVE, prepare))
    assert {200, 201, 401, 404, 422} <= set(statuses), statuses


def test_every_answer_to_a_request_against_the_document_is_a_documented_refusal(api: Any) -> None:
    """What breaks the document is refused with a problem, whatever is broken."""
    breakable = [operation for operation in _operations(api) if operation.body or operation.query]
    statuses = Counter(status for operation in breakable for status in _ask(operation, GenerationMode.NEGATIVE))
    assert 201 not in statuses
    assert {400, 422} <= set(statuses), statuses


def _operations(api: Any) -> list[Any]:
    return [found.ok() for found in api.get_all_operations()]


def _ask(operation: Any, mode: GenerationMode, prepare: Callable[[schemathesis.Case], None] | None = None) -> list[int]:
    """The statuses of the answers to generated requests, the same ones in each run."""
    statuses: list[int] = []

    @seed(20260401)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate])
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        if prepare and len(statuses) % 2:
            prepare(case)
        statuses.append(case.call_and_validate(checks=CHECKS).status_code)

    ask()
    return statuses


def _succeed(case: schemathesis.Case, client: httpx2.Client) -> None:
    """Make it a request that can succeed: the document cannot say which pair there is, nor what time it is."""
    case.headers.update(CALLER)
    if "pair_id" not in case.path_parameters:
        return
    case.path_parameters["pair_id"] = PAIR
    if case.method == "POST":
        shown = client.get(f"/v1/workspaces/{PAIR}")
        case.headers["If-Match"] = shown.headers["etag"]
        case.headers["Idempotency-Key"] = derived_id(case.operation.label, shown.headers["etag"])
        sessions = shown.json()["sessions"]
        planned = [one["session_id"] for one in sessions if one["state"] == "planned"]
        if "session_id" in case.path_parameters:
            case.path_parameters["session_id"] = planned[0]
        days = timedelta(days=int(shown.headers["etag"].strip('"')))
        case.body |= {"planned_for": rfc3339(FREE + days)} if "planned_for" in case.body else {}
        case.body |= {"held_at": rfc3339(MATCHED + days)} if "held_at" in case.body else {}
