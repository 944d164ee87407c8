"""Promises about signing out at the demo issuer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from deploy.local.issuer.signing import SigningKeys
from tests.support.issuer_visits import OUT, Visits
from tests.support.issuing import PORTAL


@pytest.fixture
async def visits(tmp_path: Path) -> AsyncIterator[Visits]:
    async with Visits.over(tmp_path) as visits:
        yield visits


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_signing_out_ends_the_sign_in_and_goes_on(visits: Visits, method: str) -> None:
    """Nothing is renewed afterwards; the ID token counts also when it has expired."""
    body = await visits.sign_in()
    visits.clock.passes(hours=1)
    asked = {"id_token_hint": body["id_token"], "post_logout_redirect_uri": OUT, "client_id": PORTAL, "state": "s&1"}

    given = {"params": asked} if method == "GET" else {"data": asked}
    answer = await visits.http.request(method, "/logout", **given)

    assert (answer.status_code, answer.headers["location"]) == (303, f"{OUT}?state=s%261")
    assert (await visits.refresh(body["refresh_token"])).status_code == 400


async def test_the_id_token_alone_names_the_client(visits: Visits) -> None:
    """``client_id`` may be left out."""
    asked = {"id_token_hint": (await visits.sign_in())["id_token"], "post_logout_redirect_uri": OUT}

    assert (await visits.http.get("/logout", params=asked)).headers["location"] == OUT


@pytest.mark.parametrize("wanted", ["https://evil.example/", f"{OUT}/", f"{OUT}?a=1", "http://localhost:7000/back/out"])
async def test_no_browser_is_sent_to_an_address_that_is_not_registered(visits: Visits, wanted: str) -> None:
    """Not on the way out either, and then nothing has ended."""
    body = await visits.sign_in()
    asked = {"id_token_hint": body["id_token"], "post_logout_redirect_uri": wanted}

    answer = await visits.http.get("/logout", params=asked)

    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert (await visits.refresh(body["refresh_token"])).status_code == 200


async def test_without_an_address_a_page_says_so(visits: Visits) -> None:
    """The browser stays at the issuer."""
    answer = await visits.http.get("/logout", params={"id_token_hint": (await visits.sign_in())["id_token"]})

    assert answer.status_code == 200
    assert "You are signed out" in answer.text


async def test_nobody_is_signed_out_by_a_token_of_another_kind_or_maker(visits: Visits, tmp_path: Path) -> None:
    """An access token, another issuer's token and junk end nothing."""
    body = await visits.sign_in()
    foreign = SigningKeys(tmp_path / "foreign").sign(visits.claims(body["id_token"]), kind="JWT")

    for hint in (body["access_token"], foreign, "junk", "a.b.c"):
        assert (await visits.http.get("/logout", params={"id_token_hint": hint})).status_code == 400
    assert (await visits.refresh(body["refresh_token"])).status_code == 200


async def test_the_named_client_must_be_the_tokens(visits: Visits) -> None:
    """A client cannot sign out another one's people."""
    body = await visits.sign_in()

    answer = await visits.http.get("/logout", params={"id_token_hint": body["id_token"], "client_id": "other"})

    assert answer.status_code == 400
    assert (await visits.refresh(body["refresh_token"])).status_code == 200


async def test_without_a_token_nobody_is_signed_out_but_the_way_is_open(visits: Visits) -> None:
    """A link on another page cannot end a sign-in."""
    body = await visits.sign_in()

    answer = await visits.http.get("/logout", params={"client_id": PORTAL, "post_logout_redirect_uri": OUT})

    assert answer.headers["location"] == OUT
    assert (await visits.refresh(body["refresh_token"])).status_code == 200
