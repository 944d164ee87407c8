"""What somebody who is not let in is told over HTTP, by a service as it is served, from nobody to not for yourself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from services.chassis import mongo
from services.chassis.auth import api_keys
from services.chassis.ids import random_id
from services.chassis.manifests import manifest, manifests
from tests.support.access_cast import Caller, Cast, bearer
from tests.support.access_records import Records
from tests.support.access_services import CONTACT, Guarded, guarded_service
from tests.support.directories import fill, heartbeat, holder
from tests.support.issuing import issuing
from tests.support.servers import Running
from tests.support.serving import guarded as served

NOBODY = "127.0.0.1:1"
CHALLENGE = 'Bearer realm="tandem"'


class House:
    """A service with a manager of one company and the records of two."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.own, self.other = Records(self.cast.companies.child), Records(self.cast.companies.other)
        company = self.cast.companies.child
        self.manager = self.cast.person("m", company, id=self.own.mentor, role="programme_manager", place="child")
        self.guarded: Guarded

    async def show(self, path: str, headers: dict[str, str] | None = None) -> httpx2.Response:
        """What the manager, or somebody who shows something else, is answered."""
        return await self.guarded.http.get(path, headers=self.manager.headers if headers is None else headers)


@pytest.fixture
async def house(servers: Running) -> AsyncIterator[House]:
    made = House()
    async with guarded_service(servers, "applications", made.cast, made.own, made.other) as guarded:
        made.guarded = guarded
        yield made


def problem(answer: httpx2.Response, status: int, kind: str) -> str:
    """The detail of a problem of this kind, after a look at all that every problem has."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    body = answer.json()
    assert body.keys() == {"type", "title", "status", "detail"}
    assert (body["type"], body["status"]) == (f"urn:tandem:problem:{kind}", status)
    assert answer.headers["x-request-id"]
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert ("retry-after" in answer.headers) == (status == 503)
    return str(body["detail"])


async def test_nobody_is_asked_to_sign_in_and_a_bad_token_is_called_one(house: House) -> None:
    """401 with the challenge of RFC 6750, which names an error only where something was shown."""
    nobody = await house.show("/v1/editions", {})
    problem(nobody, 401, "unauthenticated")
    assert nobody.headers["www-authenticate"] == CHALLENGE

    past = int(datetime.now(UTC).timestamp()) - 3600
    expired = house.cast.signer.token(sub=house.manager.id, exp=past)
    for credential in ("no-token", expired, api_keys.new_key().text, "tdm_1", "x" * 20_000):
        refused = await house.show("/v1/editions", bearer(credential))
        assert credential[:30] not in problem(refused, 401, "not-accepted")
        assert refused.headers["www-authenticate"] == f'{CHALLENGE}, error="invalid_token"'


async def test_a_login_that_is_not_linked_is_told_whom_to_ask(house: House) -> None:
    """403, whatever is asked for, also where there is nothing."""
    for path in ("/v1/editions", f"/v1/editions/{house.own.edition}", "/v1/nothing"):
        assert CONTACT in problem(await house.show(path, house.cast.token(random_id())), 403, "login-not-linked")


async def test_each_refusal_says_what_kind_it_is(house: House) -> None:
    """A role is missing, a company is not one's own, the case is one's own, or there is nothing to be seen."""
    assert "operator" in problem(await house.show("/v1/operations/parked"), 403, "role-missing")
    problem(await house.show(f"/v1/applications/{house.other.application}"), 404, "not-found")
    problem(await house.show("/v1/nothing"), 404, "not-found")
    headers = {**house.manager.headers, "If-Match": '"1"', "Idempotency-Key": random_id()}
    said = {"decision": "declined", "reason": "There is no place left."}
    own = await house.guarded.http.post(
        f"/v1/applications/{house.own.application}/decision", json=said, headers=headers
    )
    assert "yourself" in problem(own, 403, "own-case")
    edition = {"name": "A", "starts_on": "2098-01-01", "ends_on": "2098-02-01", "subsidiaries": [house.other.company]}
    foreign = await house.guarded.http.post("/v1/editions", json=edition, headers=headers)
    assert house.other.company not in problem(foreign, 403, "outside-your-subsidiaries")


async def test_a_request_that_two_rules_refuse_is_refused_by_the_door_first(house: House) -> None:
    """Whoever may not use a route learns nothing of how its body is read, nor of a version."""
    staff = house.cast.person("late", house.cast.companies.child)
    await fill(house.guarded.runtime.database, *house.cast.rows())
    for caller, status in ((Caller("nobody", "", {}), 401), (staff, 403)):
        answer = await house.guarded.http.post("/v1/editions", json={"nonsense": 1}, headers=dict(caller.headers))
        assert answer.status_code == status
        assert "errors" not in answer.json()


async def test_while_the_directory_is_stale_everybody_is_told_to_come_again(house: House) -> None:
    """503 that says when; a bad token stays a bad token."""
    old = datetime.now(UTC) - timedelta(minutes=15, seconds=5)
    await fill(house.guarded.runtime.database, *house.cast.known, *house.cast.companies.rows(), heartbeat(old))
    stale = await house.show("/v1/editions")
    assert f"{old:%Y-%m-%d %H:%M} UTC" in problem(stale, 503, "directory-stale")
    assert stale.headers["retry-after"] == "30"
    problem(await house.show("/v1/editions", bearer("no-token")), 401, "not-accepted")


async def test_while_an_issuer_is_away_its_people_are_told_to_come_again(house: House) -> None:
    """503, since they did nothing wrong; who shows nothing is asked to sign in all the same."""
    house.cast.signer.away = True
    away = await house.show("/v1/editions")
    problem(away, 503, "signing-keys-unavailable")
    assert away.headers["retry-after"] == "5"
    problem(await house.show("/v1/editions", {}), 401, "unauthenticated")


@pytest.mark.parametrize("service", [one.name for one in manifests() if one.rules])
def test_every_operation_of_every_service_is_described_as_needing_a_login(service: str) -> None:
    """A client that is made from the document knows where to send its token."""
    app = manifest(service).app()
    document = app.openapi()
    assert document["components"]["securitySchemes"].keys() == {"bearer"}
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert operations
    assert [one.get("security") for one in operations] == [[{"bearer": []}]] * len(operations)
    asyncio.run(app.state.runtime.close())


def test_a_served_service_believes_the_issuers_of_its_settings(servers: Running, tmp_path: Path) -> None:
    """Over real sockets, with keys that are fetched; another audience, another issuer, no issuer: 401."""
    prefix = f"a{random_id()[:8]}"

    async def fill_it() -> None:
        client = mongo.connect(servers.mongodb)
        await fill(client[f"{prefix}_applications"], heartbeat(), holder("idp:ada", "north", auditor=[]))
        await mongo.close(client)

    asyncio.run(fill_it())
    with issuing(tmp_path) as issuer, issuing(tmp_path / "other") as other, pytest.MonkeyPatch.context() as environment:
        known = {"name": "idp", "issuer": issuer.url, "audience": "tandem-api", "development": True}
        given = {"KAFKA": NOBODY, "MONGODB": servers.mongodb, "DATABASE_PREFIX": prefix, "LOG_LEVEL": "error"}
        for name, value in {**given, "ISSUERS": json.dumps([known])}.items():
            environment.setenv(f"TANDEM_{name}", value)
        with served(manifest("applications").app()) as address, httpx2.Client(base_url=address) as http:
            good = issuer.minter.token("ada")
            refused = (issuer.minter.token("ada", audience="tandem-portal"), other.minter.token("ada"), f"{good}x")
            assert http.get("/v1/editions", headers=bearer(good)).json() == []
            assert [http.get("/v1/editions", headers=bearer(one)).status_code for one in refused] == [401] * 3
            assert http.get("/v1/editions", headers=bearer(issuer.minter.token("eve"))).status_code == 403
            assert http.get("/openapi.json").status_code == 200
