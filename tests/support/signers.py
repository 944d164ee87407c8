"""An issuer in the test's memory: it signs whatever a test wants signed and answers for its keys, or does not."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

import httpx2
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from services.chassis.auth.issuers import Issuer

ISSUER = "https://login.north.example"
AUDIENCE = "tandem-api"
Key = RSAKey | ECKey
Claims = Mapping[str, Any]


@cache
def rsa(number: int = 0) -> RSAKey:
    """One of the run's RSA keys: making them takes a tenth of a second each."""
    return RSAKey.generate_key(2048, auto_kid=False)


@cache
def ec(number: int = 0, curve: Any = "P-256") -> ECKey:
    """One of the run's elliptic keys."""
    return ECKey.generate_key(curve, auto_kid=False)


def public(key: Key, kid: Any, **more: Any) -> dict[str, Any]:
    """The entry of a key in the list of keys."""
    return {**key.as_dict(private=False), "kid": kid, "use": "sig", **more}


def signed(header: Claims, payload: Claims | bytes, key: Key) -> str:
    """A token with exactly this header and payload."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    registry = _Anything(algorithms=[header["alg"]], strict_check_header=False)
    return jws.serialize_compact(dict(header), body, key, registry=registry)


class _Anything(jws.JWSRegistry):
    """Signs what no honest issuer would."""

    max_header_length = 1_000_000

    def check_header(self, header: dict[str, Any]) -> None:
        """Nothing is checked."""


class Signer:
    """One issuer: ``documents`` maps addresses to what it answers there, ``asked`` are the addresses in order."""

    def __init__(self, url: str = ISSUER, keys: Mapping[str, Key] | None = None, *, audience: str = AUDIENCE) -> None:
        self.url = url
        self.audience = audience
        self.keys: dict[str, Key] = dict(keys or {"k1": rsa()})
        self.asked: list[str] = []
        self.away = False
        self.documents: dict[str, Any] = {}
        self.describe()

    def describe(self, **more: Any) -> None:
        """Put out the discovery document and the list of keys, with these changes to the former."""
        listed = [public(key, kid) for kid, key in self.keys.items()]
        self.documents[f"{self.url}/.well-known/openid-configuration"] = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/keys",
            **more,
        }
        self.documents[f"{self.url}/keys"] = {"keys": listed}

    def rotate(self, **keys: Key) -> None:
        """Have these keys and no others from now on."""
        self.keys = dict(keys)
        self.describe()

    async def answer(self, request: httpx2.Request) -> httpx2.Response:
        """Its side of HTTP, for a mock transport."""
        self.asked.append(str(request.url))
        if self.away:
            raise httpx2.ConnectError("away", request=request)
        answer = self.documents.get(str(request.url))
        if isinstance(answer, httpx2.Response):
            return answer
        if callable(answer):
            made: httpx2.Response = await answer()
            return made
        return httpx2.Response(200, json=answer) if answer is not None else httpx2.Response(404)

    def settings(self, **more: Any) -> Issuer:
        """The issuer as Tandem's settings would describe it."""
        return Issuer(**{"name": "idp", "issuer": self.url, "audience": self.audience, **more})

    def claims(self, **more: Any) -> dict[str, Any]:
        """The claims of a good token for ``ada``; what is given as None is left out."""
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": self.audience,
            "sub": "ada",
            "iat": now,
            "exp": now + 300,
            "jti": "t-1",
            "sid": "s-1",
            "client_id": "portal",
            **more,
        }
        return {name: value for name, value in said.items() if value is not None}

    def header(self, **more: Any) -> dict[str, Any]:
        """The header of a good token by the first key; what is given as None is left out."""
        kid, key = next(iter(self.keys.items()))
        alg = "RS256" if isinstance(key, RSAKey) else "ES256"
        said = {"alg": alg, "kid": kid, "typ": "at+jwt", **more}
        return {name: value for name, value in said.items() if value is not None}

    def token(self, *, header: Claims | None = None, key: Key | None = None, **claims: Any) -> str:
        """A token with these differences from a good one."""
        head = self.header(**(header or {}))
        return signed(
            head, self.claims(**claims), key or self.keys.get(head.get("kid", ""), next(iter(self.keys.values())))
        )


def reaching(*signers: Signer) -> httpx2.AsyncClient:
    """A client that reaches these issuers and nothing else."""

    async def answer(request: httpx2.Request) -> httpx2.Response:
        for signer in signers:
            if str(request.url).startswith(f"{signer.url}/"):
                return await signer.answer(request)
        raise httpx2.ConnectError("there is nobody", request=request)

    return httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
