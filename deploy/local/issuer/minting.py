"""Tokens for programs that hold the issuer's key file: the demo story, chaos, benches, tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from deploy.local.addresses import Addresses
from deploy.local.issuer.signing import SigningKeys
from deploy.local.issuer.tokens import AUDIENCE, LIFETIME, Grant, Tokens
from services.chassis.clock import Clock, SystemClock
from services.chassis.ids import random_id

CLIENT = "tandem-driver"  # what these tokens name as client_id


class NoIssuer(Exception):
    """There is no demo issuer among what runs."""


class Minter:
    """Signs access tokens as the issuer would, without a sign-in; ``folder`` is the issuer's own.

    Tokens live on the machine's clock, not on the demo's.
    """

    def __init__(self, folder: Path, issuer_url: str, clock: Clock | None = None) -> None:
        self._keys = SigningKeys(folder)
        self._url = issuer_url
        self._clock = clock or SystemClock()
        self._sid = random_id()

    @classmethod
    def of(cls, where: Addresses) -> Self:
        """The minter for what runs. Raises ``NoIssuer`` where its tokens are not made here."""
        if where.issuer is None or where.issuer_folder is None:
            raise NoIssuer("what runs trusts other issuers (TANDEM_ISSUERS), whose tokens nobody can make here")
        return cls(Path(where.issuer_folder), where.issuer)

    def token(
        self, login: str, *, audience: str = AUDIENCE, seconds: int = LIFETIME, claims: Mapping[str, Any] | None = None
    ) -> str:
        """An access token for a login, valid for ``seconds``."""
        tokens = Tokens(self._keys, self._url, self._clock, audience=audience)
        return tokens.access(Grant(login, CLIENT, "openid", self._sid, claims or {}), seconds)
