"""What the issuer's tokens hold: access tokens for the services, ID tokens for whoever signed somebody in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.local.issuer.signing import SigningKeys
from services.chassis.clock import Clock
from services.chassis.ids import random_id

ACCESS, ID = "at+jwt", "JWT"  # the header's typ
AUDIENCE = "tandem-api"
LIFETIME = 300  # seconds
_RESERVED = frozenset(
    {"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "sid", "client_id", "scope", "nonce", "auth_time"}
)


@dataclass(frozen=True, slots=True)
class Grant:
    """For whom, by which client and in which sign-in a token is made; ``sid`` is None for a client's own tokens."""

    sub: str
    client_id: str
    scope: str
    sid: str | None = None
    claims: Mapping[str, Any] = field(default_factory=dict)


class Tokens:
    """Makes the tokens of one issuer; ``url`` is what they name as ``iss``, whatever a request calls this server."""

    def __init__(self, keys: SigningKeys, url: str, clock: Clock, *, audience: str = AUDIENCE) -> None:
        self._keys = keys
        self._url = url
        self._clock = clock
        self._audience = audience

    def access(self, grant: Grant, seconds: int = LIFETIME) -> str:
        """An access token (RFC 9068) that ends after ``seconds``; a persona's claims never replace the issuer's own."""
        now = int(self._clock.now().timestamp())
        more = {name: value for name, value in grant.claims.items() if name not in _RESERVED}
        own = {"iss": self._url, "sub": grant.sub, "aud": self._audience, "iat": now, "exp": now + seconds}
        session = {"sid": grant.sid} if grant.sid else {}
        told = {"jti": random_id(), "client_id": grant.client_id, "scope": grant.scope}
        return self._keys.sign({**more, **own, **told, **session}, kind=ACCESS)

    def id(self, grant: Grant, *, name: str, nonce: str | None, auth_time: int) -> str:
        """An ID token for the client, with the person's name."""
        now = int(self._clock.now().timestamp())
        own = {"iss": self._url, "sub": grant.sub, "aud": grant.client_id, "iat": now, "exp": now + LIFETIME}
        told = {"auth_time": auth_time, "sid": grant.sid, "name": name}
        return self._keys.sign({**own, **told, **({"nonce": nonce} if nonce else {})}, kind=ID)
