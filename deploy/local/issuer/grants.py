"""What the issuer remembers between two requests: codes for a minute, refresh tokens in families.

In memory: a restart of the issuer ends the sign-ins, but voids no access token.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploy.local.issuer.authorization import Authorization
from services.chassis.clock import Clock
from services.chassis.ids import random_id

CODE_LIVES = timedelta(seconds=60)
SIGN_IN_LIVES = timedelta(hours=10)


class InvalidGrant(Exception):
    """A code or refresh token that buys nothing; the reason is for the developer at the other end."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A person signed in for a client, from the moment she chose who she is."""

    login: str
    sid: str
    at: datetime
    asked: Authorization


@dataclass(slots=True)
class _Code:
    sign_in: SignIn
    used: bool = False


@dataclass(slots=True)
class _Family:
    """All refresh tokens of one sign-in; only the newest one is good."""

    sign_in: SignIn
    newest: str = ""
    used: set[str] = field(default_factory=set)


class Grants:
    """Codes and refresh tokens of one issuer, by digest; every rule of theirs is here."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._families: dict[str, _Family] = {}

    def sign_in(self, login: str, asked: Authorization) -> str:
        """A code for a person who has just chosen who she is; good once, for a minute."""
        self._sweep()
        code = secrets.token_urlsafe(32)
        self._codes[_digest(code)] = _Code(SignIn(login, random_id(), self._clock.now(), asked))
        return code

    def redeem(self, code: str, *, client_id: str, redirect_uri: str, verifier: str) -> SignIn:
        """The sign-in that a code stands for. Raises ``InvalidGrant``.

        The first attempt uses it up, whatever comes of it; the second one ends the sign-in as well,
        because one of the two was not the client's.
        """
        held = self._codes.get(_digest(code))
        if held is None:
            raise InvalidGrant("unknown code")
        sign_in, asked = held.sign_in, held.sign_in.asked
        if held.used:
            self.sign_out(sign_in.sid)
            raise InvalidGrant("the code was used before")
        held.used = True
        if self._clock.now() - sign_in.at >= CODE_LIVES:
            raise InvalidGrant("the code has expired")
        if (client_id, redirect_uri) != (asked.client_id, asked.redirect_uri):
            raise InvalidGrant("the code belongs to another client or redirect URI")
        if not secrets.compare_digest(challenge(verifier), asked.code_challenge):
            raise InvalidGrant("the verifier does not match the challenge")
        return sign_in

    def begin_family(self, sign_in: SignIn) -> str:
        """The first refresh token of a sign-in."""
        family = self._families[sign_in.sid] = _Family(sign_in)
        return self._next(family)

    def refresh(self, token: str, client_id: str) -> tuple[SignIn, str]:
        """The sign-in behind a refresh token, and the token that replaces it. Raises ``InvalidGrant``.

        A token that was replaced before, or that another client presents, ends the whole family.
        """
        self._sweep()
        digest = _digest(token)
        family = next((one for one in self._families.values() if digest == one.newest or digest in one.used), None)
        if family is None:
            raise InvalidGrant("unknown refresh token")
        sign_in = family.sign_in
        if digest != family.newest or client_id != sign_in.asked.client_id:
            self.sign_out(sign_in.sid)
            raise InvalidGrant("the refresh token was used before, or is another client's")
        return sign_in, self._next(family)

    def sign_out(self, sid: str) -> None:
        """End a sign-in: none of its refresh tokens is good any more."""
        self._families.pop(sid, None)

    def _next(self, family: _Family) -> str:
        token = secrets.token_urlsafe(32)
        if family.newest:
            family.used.add(family.newest)
        family.newest = _digest(token)
        return token

    def _sweep(self) -> None:
        """Forget what nobody can use: codes an hour after they were given, families at the end of their sign-in."""
        now = self._clock.now()
        self._codes = {key: code for key, code in self._codes.items() if now - code.sign_in.at < timedelta(hours=1)}
        self._families = {sid: one for sid, one in self._families.items() if now - one.sign_in.at < SIGN_IN_LIVES}


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
