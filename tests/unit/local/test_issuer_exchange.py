"""Promises about the demo issuer's token endpoint: what buys a token, for how long, and what a theft costs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from deploy.local.issuer.grants import challenge
from tests.support.issuer_visits import BACK, INTEGRATOR, OTHER, SECRET, URL, Visits, verifier
from tests.support.issuing import PORTAL, persona


@pytest.fixture
async def visits(tmp_path: Path) -> AsyncIterator[Visits]:
    async with Visits.over(tmp_path) as visits:
        yield visits


def refused(answer: httpx2.Response, error: str = "invalid_grant") -> bool:
    assert "access_token" not in answer.text
    return (answer.status_code, answer.json()["error"]) == (400, error)


async def test_a_code_buys_an_access_token_for_the_services(visits: Visits) -> None:
    """It is one of RFC 9068: for the API, five minutes long, with the person's own claims beside the issuer's."""
    answer = await visits.redeem(await visits.code())

    body, now = answer.json(), int(visits.clock.now().timestamp())
    claims = visits.claims(body["access_token"])
    own = {"iss": URL, "sub": "kurz", "aud": "tandem-api", "iat": now, "exp": now + 300, "client_id": PORTAL}
    assert {name: claims[name] for name in own} == own
    assert (claims["oid"], body["expires_in"], body["token_type"]) == ("o-1", 300, "Bearer")
    assert answer.headers["cache-control"] == "no-store"


async def test_the_id_token_is_for_the_client_and_its_request(visits: Visits) -> None:
    """It names the person, the sign-in and the nonce, and no service takes it for an access token."""
    body = await visits.sign_in()

    claims, access = visits.claims(body["id_token"]), visits.claims(body["access_token"])
    assert (claims["aud"], claims["nonce"], claims["name"]) == (PORTAL, "n-1", "Ms Kurz")
    assert claims["sid"] == access["sid"]
    assert "name" not in access


async def test_a_personas_claims_never_replace_the_issuers_own(visits: Visits) -> None:
    """The personas file cannot make one person another one."""
    visits.keep({"kurz": persona("Ms Kurz", sub="hoff", exp=9999999999, aud="all", nbf=1, oid="o-1")})

    claims = visits.claims((await visits.sign_in())["access_token"])

    assert (claims["sub"], claims["aud"], claims["oid"]) == ("kurz", "tandem-api", "o-1")
    assert claims["exp"] - claims["iat"] == 300
    assert "nbf" not in claims


@pytest.mark.parametrize(
    "other",
    [
        {"code_verifier": "w" * 43},
        {"client_id": "other"},
        {"redirect_uri": OTHER},
        {"redirect_uri": f"{BACK}?kept=1"},
        {"code": "guessed"},
    ],
)
async def test_a_stolen_code_buys_nothing(visits: Visits, other: dict[str, str]) -> None:
    """A code is bound to its client, its address and the challenge."""
    code = await visits.code()

    assert refused(await visits.redeem(**{"code": code, **other}))


@pytest.mark.parametrize("given", ["", "short", "v" * 129, "v" * 42 + "\u00e4"])
async def test_there_is_no_exchange_without_a_verifier(visits: Visits, given: str) -> None:
    """PKCE is never left out."""
    assert refused(await visits.redeem(await visits.code(), code_verifier=given), "invalid_request")


async def test_the_challenge_itself_is_no_verifier(visits: Visits) -> None:
    """What passed through the browser's address bar proves nothing."""
    proof = verifier()
    code = await visits.code(code_challenge=challenge(proof))

    assert refused(await visits.redeem(code, code_verifier=challenge(proof)))


async def test_after_a_failed_attempt_a_code_is_worth_nothing(visits: Visits) -> None:
    """One code is one attempt."""
    code = await visits.code()
    await visits.redeem(code, code_verifier="w" * 43)

    assert refused(await visits.redeem(code))


async def test_a_code_used_twice_ends_the_sign_in(visits: Visits) -> None:
    """One of the two was a thief, so what the first one got is not renewed."""
    code = await visits.code()
    first = (await visits.redeem(code)).json()

    assert refused(await visits.redeem(code))
    assert refused(await visits.refresh(first["refresh_token"]))


@pytest.mark.parametrize(("after", "good"), [(59, True), (60, False), (3700, False)])
async def test_a_code_is_good_for_a_minute(visits: Visits, after: int, good: bool) -> None:
    """Whoever finds it later in a log finds nothing of use."""
    code = await visits.code()
    visits.clock.passes(seconds=after)

    assert ((await visits.redeem(code)).status_code == 200) is good


async def test_a_refresh_token_is_replaced_by_the_next_one(visits: Visits) -> None:
    """A sign-in goes on under its own id, with tokens of the present."""
    first = await visits.sign_in()
    visits.clock.passes(minutes=5)

    second = (await visits.refresh(first["refresh_token"])).json()

    before, after = visits.claims(first["access_token"]), visits.claims(second["access_token"])
    assert (after["sid"], after["sub"], after["iat"] - before["iat"]) == (before["sid"], "kurz", 300)
    assert second["refresh_token"] != first["refresh_token"]
    assert (await visits.refresh(second["refresh_token"])).status_code == 200


async def test_a_refresh_token_used_again_ends_its_family(visits: Visits) -> None:
    """Whether the thief or the client comes second, neither goes on."""
    first = await visits.sign_in()
    other = await visits.sign_in()
    second = (await visits.refresh(first["refresh_token"])).json()

    assert refused(await visits.refresh(first["refresh_token"]))
    assert refused(await visits.refresh(second["refresh_token"]))
    assert (await visits.refresh(other["refresh_token"])).status_code == 200


async def test_another_client_cannot_refresh_and_ends_the_family(visits: Visits) -> None:
    """A token in other hands is a stolen one."""
    token = (await visits.sign_in())["refresh_token"]

    assert refused(await visits.refresh(token, client_id="other"))
    assert refused(await visits.refresh(token))


async def test_a_sign_in_ends_after_ten_hours(visits: Visits) -> None:
    """However often it is renewed."""
    token = (await visits.sign_in())["refresh_token"]
    visits.clock.instant += timedelta(hours=9, minutes=59)
    token = (await visits.refresh(token)).json()["refresh_token"]
    visits.clock.instant += timedelta(minutes=1)

    assert refused(await visits.refresh(token))


async def test_who_has_left_is_not_renewed(visits: Visits) -> None:
    """The next refresh of a person who is no persona any more is refused, and the sign-in is over."""
    token = (await visits.sign_in())["refresh_token"]
    visits.keep({"hoff": persona("Lena Hoff")})
    assert refused(await visits.refresh(token))

    visits.keep({"kurz": persona("Ms Kurz")})
    assert refused(await visits.refresh(token))


async def test_who_leaves_before_the_code_is_redeemed_gets_no_token(visits: Visits) -> None:
    """The person is looked up whenever a token is made."""
    code = await visits.code()
    visits.keep({})

    assert refused(await visits.redeem(code))


@pytest.mark.parametrize("by", ["header", "form"])
async def test_a_service_account_gets_a_token_of_its_own(visits: Visits, by: str) -> None:
    """Its subject is the client, and it belongs to no sign-in."""
    form, header = {"grant_type": "client_credentials"}, {}
    if by == "form":
        form |= {"client_id": INTEGRATOR, "client_secret": SECRET}
    else:
        header = {"authorization": "Basic " + b64encode(f"{INTEGRATOR}:{SECRET}".encode()).decode()}

    body = (await visits.http.post("/token", data=form, headers=header)).json()

    claims = visits.claims(body["access_token"])
    assert (claims["sub"], claims["client_id"], claims["aud"]) == (INTEGRATOR, INTEGRATOR, "tandem-api")
    assert "sid" not in claims
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}


@pytest.mark.parametrize(
    ("form", "header"),
    [
        ({"client_id": INTEGRATOR}, ""),
        ({"client_id": INTEGRATOR, "client_secret": "wrong"}, ""),
        ({"client_id": INTEGRATOR, "client_secret": ""}, ""),
        ({"client_id": "stranger", "client_secret": SECRET}, ""),
        ({"client_id": PORTAL, "client_secret": "a public client has none"}, ""),
        ({}, ""),
        ({}, "Basic " + b64encode(f"{INTEGRATOR}:wrong".encode()).decode()),
        ({}, "Basic " + b64encode(INTEGRATOR.encode()).decode()),
        ({}, "Basic ***"),
        ({}, "Bearer " + b64encode(f"{INTEGRATOR}:{SECRET}".encode()).decode()),
        ({"client_id": PORTAL}, "Basic " + b64encode(f"{INTEGRATOR}:{SECRET}".encode()).decode()),
        ({"client_secret": SECRET}, "Basic " + b64encode(f"{INTEGRATOR}:{SECRET}".encode()).decode()),
    ],
)
async def test_a_client_must_prove_itself(visits: Visits, form: dict[str, str], header: str) -> None:
    """Unknown clients and wrong secrets get the same answer."""
    headers = {"authorization": header} if header else {}
    answer = await visits.http.post("/token", data={"grant_type": "client_credentials", **form}, headers=headers)

    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"grant_type": "password", "username": "kurz", "password": "x"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
    ],
)
async def test_a_client_gets_no_more_than_its_own_grants(visits: Visits, form: dict[str, str], error: str) -> None:
    """The portal has no tokens of its own, and nobody sends passwords."""
    assert refused(await visits.http.post("/token", data={"client_id": PORTAL, **form}), error)


async def test_a_form_field_given_twice_is_refused(visits: Visits) -> None:
    """No reader of the same form can believe another value."""
    fields = [("grant_type", "refresh_token"), ("refresh_token", "a"), ("refresh_token", "b"), ("client_id", PORTAL)]
    body = "&".join(f"{name}={value}" for name, value in fields)
    kind = {"content-type": "application/x-www-form-urlencoded"}

    assert refused(await visits.http.post("/token", content=body, headers=kind), "invalid_request")


async def test_only_a_form_is_read(visits: Visits) -> None:
    """JSON and multipart bodies hold no credentials, and a GET is not answered."""
    told = {"grant_type": "client_credentials", "client_id": INTEGRATOR, "client_secret": SECRET}

    parts = {name: (None, value) for name, value in told.items()}

    assert (await visits.http.post("/token", json=told)).status_code == 401
    assert (await visits.http.post("/token", files=parts)).status_code == 401
    assert (await visits.http.get("/token", params=told)).status_code == 405
