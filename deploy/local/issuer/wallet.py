"""Access tokens at hand, for a program that plays many persons."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from deploy.local.issuer.tokens import LIFETIME

_LEFT = 60.0  # seconds that a token must still be good for
_SECONDS = LIFETIME - _LEFT  # for which one is shown


class Minting(Protocol):
    """Makes access tokens."""

    def token(self, login: str) -> str:
        """An access token for a login, valid for ``LIFETIME`` seconds."""
        ...


class Wallet:
    """Has a token for every login: minted when it is first needed, and anew before it ends; ``watch`` tells seconds."""

    def __init__(self, minter: Minting, *, watch: Callable[[], float] = time.monotonic) -> None:
        self._minter = minter
        self._watch = watch
        self._tokens: dict[str, tuple[float, str]] = {}

    def bearer(self, login: str) -> dict[str, str]:
        """The header that shows a request to be this login's."""
        minted, token = self._tokens.get(login, (-LIFETIME, ""))
        now = self._watch()
        if not token or now - minted >= _SECONDS:
            token = self._minter.token(login)
            self._tokens[login] = (now, token)
        return {"Authorization": f"Bearer {token}"}

    def discard(self, login: str) -> None:
        """Have the next token of this login minted anew, since this one was not accepted."""
        self._tokens.pop(login, None)
