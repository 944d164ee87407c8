"""The gate: no route without a rule, nobody without a name, and nothing of a stranger's request is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI

from services.chassis.auth.authentication import DirectoryStale, NotAccepted, NotLinked, Unauthenticated
from services.chassis.auth.principal import Principal, Scope
from services.chassis.auth.rules import Rules, everyone, roles
from services.chassis.auth.signing_keys import KeysUnavailable
from services.chassis.http import Permitted, create_app, gate, operations
from services.chassis.mongo import Unavailable
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from tests.support.applications import never
from tests.support.asking import BASE, ask_raw
from tests.support.trusting import Trusting

NOBODY = "127.0.0.1:1"
THING, NEW = "GET /v1/things/{thing_id}", "POST /v1/things"
RULES: Rules = {THING: roles("auditor", "operator"), NEW: everyone("things are nobody's")}


class Saying:
    """An authenticator with one answer for everybody."""

    def __init__(self, answer: Principal | Exception) -> None:
        self._answer = answer

    async def principal(self, headers: Mapping[str, str]) -> Principal:
        """The answer."""
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def things() -> APIRouter:
    """Two routes, the one inside another router."""
    outer, inner = APIRouter(prefix="/v1"), APIRouter(prefix="/things")

    @inner.get("/{thing_id}")
    async def show(thing_id: str, permit: Permitted) -> dict[str, Any]:
        return {"id": permit.id, "route": permit.route, "scope": sorted(permit.scope.subsidiaries)}

    @inner.post("")
    async def make(body: dict[str, str]) -> dict[str, str]:
        return body

    outer.include_router(inner)
    return outer


def app_with(rules: Rules) -> FastAPI:
    """An application of these routes under these rules; its servers are away."""
    settings = Settings(kafka=NOBODY, mongodb=f"mongodb://{NOBODY}/?serverSelectionTimeoutMS=50")
    service = Service("things", never, rules=rules)
    return create_app(Runtime(service, settings), title="Things", routers=[things()])


@pytest.fixture
async def app() -> AsyncIterator[FastAPI]:
    """The application under its rules."""
    made = app_with(RULES)
    yield made
    await made.state.runtime.close()


async def ask(app: FastAPI, method: str, path: str, answer: Principal | Exception | None = None) -> httpx2.Response:
    """What the application answers to somebody about whom its authenticator says this; None: it asks for a name."""
    app.state.authenticator = Saying(answer) if answer else Trusting()
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        return await client.request(method, path)


async def test_what_is_answered_behind_a_login_is_kept_by_nobody_on_the_way(app: FastAPI) -> None:
    """Also a refusal; what is for everybody may be kept."""
    auditor = Principal("olga", "person", scopes={"auditor": Scope(everything=True)})
    for path, answer in (("/v1/things/1", auditor), ("/v1/things/1", None), ("/v1/nothing", auditor)):
        assert (await ask(app, "GET", path, answer)).headers["cache-control"] == "no-store"
    assert "cache-control" not in (await ask(app, "GET", "/openapi.json")).headers


@pytest.mark.parametrize("forgotten", [THING, NEW, "GET /v1/operations/parked"])
def test_an_application_with_a_route_that_has_no_rule_is_not_made(
    forgotten: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its error names the route; those that come with the chassis are no exception."""
    known = {name: rule for name, rule in operations.RULES.items() if name != forgotten}
    monkeypatch.setattr(operations, "RULES", known)
    with pytest.raises(gate.RuleMissing, match="no rule") as caught:
        app_with({name: rule for name, rule in RULES.items() if name != forgotten})
    assert str(caught.value).endswith(forgotten)


@pytest.mark.parametrize("idle", ["GET /v1/things", "POST /v1/things/{thing_id}", "GET /v1/things/{id}", "get /v1/me"])
def test_an_application_with_a_rule_about_no_route_is_not_made(idle: str) -> None:
    """A rule that is written past its route would leave it open, or stay behind where it was removed."""
    with pytest.raises(gate.RuleMissing, match="there is no route") as caught:
        app_with({**RULES, idle: everyone("nothing")})
    assert str(caught.value).endswith(idle)


@pytest.mark.parametrize("kind", ["mounted", "socket"])
async def test_what_no_rule_can_guard_is_not_served(app: FastAPI, kind: str) -> None:
    """An application inside the application, and a web socket, would pass by the rules."""
    if kind == "mounted":
        app.mount("/v1/more", FastAPI())
    else:
        app.add_api_websocket_route("/v1/more", lambda socket: None)
    with pytest.raises(gate.RuleMissing, match="/v1/more"):
        gate.install(app, app.state.rules, app.state.authenticator)


async def test_the_permit_is_that_of_the_route_that_was_reached(app: FastAPI) -> None:
    """By its whole path, and only for its own roles."""
    auditor = Principal("olga", "person", scopes={"auditor": Scope(frozenset({"north"})), "assessor": Scope()})
    shown = await ask(app, "GET", "/v1/things/1", auditor)
    assert shown.json() == {"id": "olga", "route": THING, "scope": ["north"]}
    assert (await ask(app, "GET", "/v1/things/1", Principal("olga", "person"))).status_code == 403


@pytest.mark.parametrize(
    ("path", "open_to_all"),
    [
        ("/health", True),
        ("/health/live", True),
        ("/metrics", True),
        ("/openapi.json", True),
        ("/healthy", False),
        ("/metrics/", False),
        ("/openapi.json/", False),
        ("/docs", False),
        ("/", False),
        ("/v1/nothing", False),
        ("/v1/things/1", False),
        ("//health", False),
        ("/v1/things/..%2F..%2Fhealth", False),
    ],
)
async def test_only_signs_of_life_and_the_description_need_no_login(app: FastAPI, path: str, open_to_all: bool) -> None:
    """Whatever else there is or is not, a stranger is asked for a name and learns nothing more."""
    answer = await ask(app, "GET", path)
    assert (answer.status_code != 401) == open_to_all, answer.text
    assert (await ask(app, "DELETE", path)).status_code == (405 if open_to_all else 401)


async def test_nothing_of_a_strangers_body_is_read(app: FastAPI) -> None:
    """The answer is there before the first byte; who is known has to send it."""
    app.state.authenticator = Trusting()
    refused = await ask_raw(app, "POST", "/v1/things", messages=())
    assert refused
    assert refused.status == 401
    known = [(b"tandem-actor", b"olga")]
    assert await ask_raw(app, "POST", "/v1/things", messages=(), headers=known) is None  # it waits for the body


@pytest.mark.parametrize(
    ("said", "status", "kind", "headers"),
    [
        (Unauthenticated("?"), 401, "unauthenticated", {"www-authenticate": 'Bearer realm="tandem"'}),
        (
            NotAccepted("?"),
            401,
            "not-accepted",
            {"www-authenticate": 'Bearer realm="tandem", error="invalid_token"'},
        ),
        (NotLinked("?"), 403, "login-not-linked", {}),
        (DirectoryStale("?"), 503, "directory-stale", {"retry-after": "30"}),
        (KeysUnavailable("idp"), 503, "signing-keys-unavailable", {"retry-after": "5"}),
        (Unavailable("?"), 503, "database-unavailable", {"retry-after": "2"}),
        (RuntimeError("a bug"), 500, "internal", {}),
    ],
)
async def test_whoever_is_not_let_in_is_told_why_and_what_to_do(
    app: FastAPI, said: Exception, status: int, kind: str, headers: dict[str, str]
) -> None:
    """A problem under the request's id; the challenge of RFC 6750 with 401 only, when to come again with 503 only."""
    answer = await ask(app, "GET", "/v1/things/1", said)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body = answer.json()
    assert (body["type"], body["status"]) == (f"urn:tandem:problem:{kind}", status)
    assert body["title"]
    assert body["detail"]
    assert answer.headers["x-request-id"]
    told = {name for name in ("www-authenticate", "retry-after") if name in answer.headers}
    assert {name: answer.headers[name] for name in told} == headers


async def test_the_description_says_of_every_operation_that_it_needs_a_login(app: FastAPI) -> None:
    """The one scheme is a bearer token; asked for twice the document is the same."""
    document = (await ask(app, "GET", "/openapi.json")).json()
    scheme = document["components"]["securitySchemes"]["bearer"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    operations_of = {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert operations_of.keys() == app.state.rules.keys()
    assert [one["security"] for one in operations_of.values()] == [[{"bearer": []}]] * len(operations_of)
    assert (await ask(app, "GET", "/openapi.json")).json() == document
