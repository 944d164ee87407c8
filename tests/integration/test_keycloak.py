"""Interoperability: tokens of a real Keycloak, set up as docs/integrators.md says, open Tandem's services."""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx2
import pytest

from services.chassis.auth.issuers import Issuer
from services.chassis.auth.tokens import BadToken, Claims, Verifier
from tests.support import containers
from tests.support.keycloak import NAMED, Realm, keycloak

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def realm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realm]:
    """Our realm in a Keycloak."""
    if not os.environ.get(NAMED) and (reason := containers.unavailable([containers.KEYCLOAK_IMAGE])):
        pytest.skip(reason)
    with keycloak(tmp_path_factory.mktemp("keycloak")) as running:
        yield running


async def checked(realm: Realm, token: str, subject_claim: str = "oid") -> Claims:
    """What a service whose settings name the realm makes of a token."""
    issuer = Issuer(
        name="keycloak",
        issuer=realm.issuer,
        audience="tandem-api",
        subject_claim=subject_claim,
        algorithms=("RS256",),
        typ="JWT",
        development=True,
    )
    async with httpx2.AsyncClient() as http:
        return await Verifier([issuer], http).verify(token)


async def test_a_persons_access_token_is_accepted(realm: Realm) -> None:
    """The audience comes by a mapper, and the person's HR id by another one, as the claim that tells people apart."""
    claims = await checked(realm, realm.tokens("tandem-portal")["access_token"])

    assert (claims.issuer_name, claims.subject, claims.client_id) == ("keycloak", realm.oid, "tandem-portal")
    assert claims.session


async def test_keycloaks_own_subject_serves_too(realm: Realm) -> None:
    """Without a mapper ``sub`` is Keycloak's id of the person."""
    claims = await checked(realm, realm.tokens("tandem-portal")["access_token"], "sub")

    assert claims.subject not in {"", realm.oid, realm.login}


@pytest.mark.parametrize("kind", ["id_token", "refresh_token"])
async def test_its_other_tokens_open_nothing(realm: Realm, kind: str) -> None:
    """Their header says no more than JWT, so the audience and the claims must tell them apart."""
    with pytest.raises(BadToken):
        await checked(realm, realm.tokens("tandem-portal")[kind])


async def test_a_token_for_another_client_opens_nothing(realm: Realm) -> None:
    """Without the audience mapper a token of the same realm and person is not meant for Tandem."""
    with pytest.raises(BadToken):
        await checked(realm, realm.tokens("another")["access_token"], "sub")
