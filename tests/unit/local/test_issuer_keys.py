"""Promises about the demo issuer's key file and about those who sign with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from joserfc import jws

from deploy.local.addresses import Addresses
from deploy.local.issuer import signing
from deploy.local.issuer.minting import Minter, NoIssuer
from deploy.local.issuer.signing import FILE, SigningKeys
from tests.support.clocks import HandClock
from tests.support.issuer_visits import URL, Visits


@pytest.fixture
async def visits(tmp_path: Path) -> AsyncIterator[Visits]:
    async with Visits.over(tmp_path) as visits:
        yield visits


def kid(token: str) -> object:
    return jws.extract_compact(token.encode()).headers()["kid"]


def test_the_key_is_for_its_owner_only_and_stays(tmp_path: Path) -> None:
    """A restart signs with the same key, and nobody else on the machine can read it."""
    first = SigningKeys(tmp_path).published()

    assert SigningKeys(tmp_path).published() == first
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [FILE]


def test_of_two_who_make_the_file_at_once_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drivers and the issuer may start at the same moment and yet sign with one key."""
    both_saw_no_file, make = Barrier(2, timeout=30), signing._new_key
    monkeypatch.setattr(signing, "_new_key", lambda: (both_saw_no_file.wait(), make())[1])

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(lambda _: SigningKeys(tmp_path).published(), range(2))

    assert first == second


def test_no_private_half_is_published(tmp_path: Path) -> None:
    """The JWK set holds what a verifier needs, and no more."""
    [key] = SigningKeys(tmp_path).published()["keys"]

    assert set(key) == {"kty", "crv", "x", "y", "use", "alg", "kid"}
    assert "d" in json.loads((tmp_path / FILE).read_text())["keys"][0]


async def test_a_driver_with_the_file_signs_as_the_issuer(visits: Visits) -> None:
    """Its tokens are the issuer's own in form, for the audience and the time it asks for."""
    token = Minter(visits.folder, URL, HandClock()).token("hoff", audience="another", seconds=60, claims={"oid": "o-2"})

    claims = visits.claims(token)
    assert (claims["iss"], claims["sub"], claims["aud"], claims["oid"]) == (URL, "hoff", "another", "o-2")
    assert claims["exp"] - claims["iat"] == 60
    assert jws.extract_compact(token.encode()).headers()["typ"] == "at+jwt"


async def test_a_driver_finds_the_key_by_the_addresses_of_what_runs(visits: Visits) -> None:
    """Where other issuers are trusted, it is told that it cannot sign."""
    where = Addresses("kafka", "mongodb", issuer=URL, issuer_folder=str(visits.folder))

    assert kid(Minter.of(where).token("kurz")) == visits.issuer.keys.published()["keys"][0]["kid"]
    with pytest.raises(NoIssuer, match="TANDEM_ISSUERS"):
        Minter.of(Addresses("kafka", "mongodb"))


async def test_a_drivers_token_may_have_expired(visits: Visits) -> None:
    """So that tests can show one that is refused."""
    claims = visits.claims(Minter(visits.folder, URL, visits.clock).token("hoff", seconds=-600))

    assert claims["exp"] < visits.clock.now().timestamp()


@pytest.mark.parametrize(("form", "published"), [({}, 2), ({"keep": "no"}, 1)])
async def test_after_a_rotation_everybody_signs_with_the_new_key(
    visits: Visits, form: dict[str, str], published: int
) -> None:
    """The key before stays published for the tokens that live, unless it is withdrawn."""
    driver = Minter(visits.folder, URL)
    before = kid(driver.token("kurz"))

    fresh = (await visits.http.post("/_rotate", data=form)).json()["kid"]

    assert fresh not in {before, None}
    assert kid((await visits.sign_in())["access_token"]) == kid(driver.token("kurz")) == fresh
    keys = (await visits.http.get("/jwks")).json()["keys"]
    assert [key["kid"] for key in keys] == [fresh, before][:published]


async def test_only_for_tests_can_a_request_rotate_the_key(tmp_path: Path) -> None:
    """The demo's own issuer has no such address."""
    async with Visits.over(tmp_path, testing=False) as visits:
        assert (await visits.http.post("/_rotate")).status_code == 404
