"""Promises of service accounts on a real broker and database: a key is shown once, opens what it may, and ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.auth import api_keys
from services.chassis.auth.authentication import NotAccepted
from services.people.store import KeyUses
from tests.support.peopling import Peopled, peopled
from tests.support.servers import Running
from tests.support.waiting import until_async

ROLES = [{"role": "hr_integrator", "subsidiaries": []}]


@pytest.fixture(scope="module")
async def people(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Peopled]:
    async with peopled(servers, tmp_path_factory.mktemp("people")) as running:
        yield running


async def account(people: Peopled, **fields: Any) -> str:
    body = {"name": "HR feed", "owner": "Ms Kurz, HR systems", "roles": ROLES} | fields
    answer = await people.ask("POST", "/v1/service-accounts", body)
    assert answer.status_code == 201, answer.text
    return f"/v1/service-accounts/{answer.json()['id']}"


async def new_key(people: Peopled, path: str, **body: Any) -> dict[str, Any]:
    answer = await people.ask("POST", f"{path}/keys", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def principal(people: Peopled, key: str) -> Any:
    """Who a key stands for, by the application's own authentication."""
    return await people.app.state.runtime.signing_in.authentication.principal({"authorization": f"Bearer {key}"})


async def test_key_opens_what_its_account_may_until_it_is_revoked(people: Peopled) -> None:
    """The whole way: made, heard of by the directory, accepted, revoked, refused."""
    path = await account(people)
    made = await new_key(people, path)

    async def accepted() -> bool:
        try:
            return bool(await principal(people, made["secret"]))
        except Exception:
            return False

    await until_async(accepted, "the key is accepted")
    who = await principal(people, made["secret"])
    assert (who.kind, who.scope_of(["hr_integrator"]).everything) == ("service_account", True)

    ended = await people.ask("POST", f"{path}/keys/{made['key']['key_id']}/revocation", seen=path)

    assert ended.json()["keys"][0]["revoked_at"] is not None

    async def refused() -> bool:
        try:
            await principal(people, made["secret"])
        except NotAccepted:
            return True
        return False

    await until_async(refused, "the revoked key is refused")


async def test_secret_is_in_one_answer_only_and_kept_nowhere(people: Peopled) -> None:
    """The same request again gets the key without it, and no second key; nothing stored or sent holds it."""
    path = await account(people)
    headers = {"Tandem-Actor": "officer", "Idempotency-Key": str(uuid4())}

    first = await people.http.post(f"{path}/keys", json={}, headers=headers)
    again = await people.http.post(f"{path}/keys", json={}, headers=headers)

    made = first.json()
    assert first.headers["Cache-Control"] == "no-store"
    _, secret = api_keys.parse(made["secret"]) or ("", "")
    assert (again.status_code, again.json()) == (201, {"key": made["key"], "secret": None})
    shown = (await people.ask("GET", path)).json()
    assert [key["key_id"] for key in shown["keys"]] == [made["key"]["key_id"]]
    documents = await people.database["accounts"].find({}).to_list(None)
    assert secret not in str(documents) + str(shown)


async def test_key_is_good_for_ninety_days_and_at_most_a_year(people: Peopled) -> None:
    """By the injected clock."""
    path = await account(people)

    usual = await new_key(people, path)
    too_long = await people.ask("POST", f"{path}/keys", {"expires_at": "2027-03-02T09:00:00Z"})

    assert usual["key"]["expires_at"] == "2026-05-30T09:00:00.000Z"
    assert (too_long.status_code, too_long.json()["errors"][0]["field"]) == (422, "/expires_at")


async def test_login_belongs_to_one_alone(people: Peopled) -> None:
    """Neither two accounts nor an account and a person share a login."""
    login = f"idp:feed-{uuid4()}"
    await account(people, login=login)
    taken = f"idp:ada-{uuid4()}"
    await people.person(uuid4().hex[:8], login=taken)

    for one in (login, taken):
        body = {"name": "Second", "owner": "Somebody", "roles": ROLES, "login": one}
        assert (await people.ask("POST", "/v1/service-accounts", body)).status_code == 409


async def test_deactivated_account_ends_with_its_keys(people: Peopled) -> None:
    """For good: it gets no new key."""
    path = await account(people)
    await new_key(people, path)

    ended = await people.ask("POST", f"{path}/deactivation", seen=path)
    refused = await people.ask("POST", f"{path}/keys", {})

    assert (ended.json()["active"], ended.json()["keys"][0]["revoked_at"] is None) == (False, False)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tandem:problem:account-inactive")


async def test_last_use_is_shown_to_the_minute(people: Peopled) -> None:
    """Two uses within a minute are noted as one; what was never used says so."""
    path = await account(people)
    made = await new_key(people, path)
    assert (await people.ask("GET", path)).json()["keys"][0]["last_used"] is None
    noting = KeyUses(people.database)
    first = datetime(2026, 3, 1, 9, tzinfo=UTC)
    noted = []
    for seconds in (0, 59, 61, 0):
        await noting.note(made["key"]["key_id"], first + timedelta(seconds=seconds))
        noted.append((await people.ask("GET", path)).json()["keys"][0]["last_used"])

    assert noted == [f"2026-03-01T09:0{time}.000Z" for time in ("0:00", "0:00", "1:01", "1:01")]


async def test_accounts_are_listed_with_their_keys(people: Peopled) -> None:
    """Whoever answers for access sees all of them."""
    path = await account(people, name=f"Feed {uuid4()}")
    made = await new_key(people, path)

    listed = (await people.ask("GET", "/v1/service-accounts?limit=200")).json()

    keys = {key["key_id"] for one in listed for key in one["keys"]}
    assert made["key"]["key_id"] in keys
    assert (await people.ask("GET", f"/v1/service-accounts/{uuid4()}")).status_code == 404
