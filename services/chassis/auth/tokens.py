"""Access tokens are checked here: signed by an issuer of the settings, meant for Tandem, in force now."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx2
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from services.chassis.auth.issuers import ALGORITHMS, Issuer
from services.chassis.auth.signing_keys import Keys
from services.chassis.clock import Clock, SystemClock
from services.chassis.errors import Refused

LONGEST = 8192  # characters of a token
_LONGEST_TEXT = 255  # characters of a subject, and of each other claim that is handed on
_CLIENT = ("client_id", "azp", "cid", "appid")  # where issuers name the client, RFC 9068's name first
_TYPES = {"at+jwt": ("at+jwt", "application/at+jwt"), "JWT": ("jwt", "application/jwt", None)}
_OTHER_KINDS = ("at_hash", "c_hash", "events")  # claims of ID and log-out tokens
_ACCESS = ("Bearer", "DPoP", None)  # what an issuer that writes a kind into the claims calls an access token


class BadToken(Refused):
    """The token opens nothing: 401; callers learn no more, ``reason`` is for the log."""

    status = 401
    kind = "invalid-token"
    title = "This token is not accepted"

    def __init__(self, reason: str) -> None:
        super().__init__("The token is not valid here, or no longer: sign in again.")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """What a checked token says: the issuer's short name and its subject (1 to 255 printable characters).

    ``token_id``, ``session`` and ``client_id`` are None where the issuer does not tell them.
    """

    issuer_name: str
    subject: str
    expires_at: datetime
    token_id: str | None = None
    session: str | None = None
    client_id: str | None = None


class Verifier:
    """Checks tokens of several issuers, each with keys of its own.

    ``clock`` is the machine's own, since the issuers know no other; ``watch`` tells monotonic seconds.
    """

    def __init__(
        self,
        issuers: Iterable[Issuer],
        http: httpx2.AsyncClient,
        clock: Clock | None = None,
        *,
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        now = clock or SystemClock()
        self._checks = {issuer.issuer: _Check(issuer, Keys(issuer, http, watch=watch), now) for issuer in issuers}

    async def verify(self, token: str) -> Claims:
        """What the token says. Raises ``BadToken``, ``KeysUnavailable``."""
        seen = _opened(token)
        header, claims = seen.headers(), _claims(seen)
        issuer = claims.get("iss")
        check = self._checks.get(issuer) if isinstance(issuer, str) else None
        if check is None:
            raise BadToken("issuer")
        await check.signature(seen, header)
        return check.content(claims)

    async def prepare(self) -> tuple[str, ...]:
        """Load the keys that are missing or old; the names of the issuers that have none all the same."""
        await asyncio.gather(*(check.keys.prepare() for check in self._checks.values()))
        return tuple(check.issuer.name for check in self._checks.values() if not check.keys.usable)


class _Registry(jws.JWSRegistry):
    """Some issuers send certificates in the header, and names of their own, which are to be ignored."""

    max_header_length = 4096


class _Check:
    """The check of one issuer's tokens."""

    def __init__(self, issuer: Issuer, keys: Keys, clock: Clock) -> None:
        self.issuer = issuer
        self.keys = keys
        self._registry = _Registry(algorithms=issuer.algorithms, strict_check_header=False)
        self._claims = JWTClaimsRegistry(
            lambda: int(clock.now().timestamp()),
            issuer.leeway,
            aud={"essential": True, "value": issuer.audience},
            exp={"essential": True},
        )

    async def signature(self, seen: jws.CompactSignature, header: Mapping[str, Any]) -> None:
        """Raises ``BadToken``, ``KeysUnavailable``."""
        if header["alg"] not in self.issuer.algorithms:
            raise BadToken("algorithm")
        kind = header.get("typ")
        if (kind.lower() if isinstance(kind, str) else kind) not in _TYPES[self.issuer.typ]:
            raise BadToken("type")
        kid = header.get("kid")
        key = await self.keys.find(kid, header["alg"]) if isinstance(kid, str) else None
        if key is None:
            raise BadToken("key")
        try:
            signed = jws.validate_compact(seen, key, self.issuer.algorithms, self._registry)
        except (JoseError, ValueError, TypeError):
            signed = False
        if not signed:
            raise BadToken("signature")

    def content(self, claims: Mapping[str, Any]) -> Claims:
        """What the claims say of somebody. Raises ``BadToken``."""
        try:
            self._claims.validate(dict(claims))
            expires_at = datetime.fromtimestamp(claims["exp"], UTC)
        except JoseError as error:
            raise BadToken(error.error) from None
        except (ValueError, TypeError, OverflowError, OSError):
            raise BadToken("claims") from None
        if any(name in claims for name in _OTHER_KINDS) or claims.get("typ") not in _ACCESS:
            raise BadToken("kind")
        subject = _text(claims, self.issuer.subject_claim)
        if subject is None:
            raise BadToken("subject")
        client = next((text for name in _CLIENT if (text := _text(claims, name))), None)
        return Claims(self.issuer.name, subject, expires_at, _text(claims, "jti"), _text(claims, "sid"), client)


def _opened(token: str) -> jws.CompactSignature:
    """The token in its parts, of which nothing is believed yet. Raises ``BadToken``."""
    if len(token) > LONGEST:
        raise BadToken("length")
    try:
        seen = jws.extract_compact(token.encode("ascii"), registry=_OPENING)
    except (JoseError, ValueError, TypeError, RecursionError):
        raise BadToken("form") from None
    header: object = seen.headers()
    if not isinstance(header, dict):
        raise BadToken("form")
    if "crit" in header or "b64" in header:
        raise BadToken("critical")
    return seen


def _claims(seen: jws.CompactSignature) -> Mapping[str, Any]:
    try:
        claims = json.loads(seen.payload or b"")
    except (ValueError, RecursionError):
        raise BadToken("claims") from None
    if not isinstance(claims, dict):
        raise BadToken("claims")
    return claims


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    """A claim that is a printable text of reasonable length."""
    value = claims.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_TEXT and value.isprintable() else None


_OPENING = _Registry(algorithms=ALGORITHMS, strict_check_header=False)
