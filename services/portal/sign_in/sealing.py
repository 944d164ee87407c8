"""Tokens leave this process sealed: AES-256-GCM, bound to the session they belong to."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12  # bytes


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the issuer gave for somebody; ``expires_at`` is the access token's end in seconds since 1970."""

    access: str = field(repr=False)
    expires_at: int
    refresh: str | None = field(default=None, repr=False)
    id_token: str | None = field(default=None, repr=False)

    @property
    def ends(self) -> datetime:
        """The end of the access token, in UTC."""
        return datetime.fromtimestamp(self.expires_at, UTC)


class CannotOpen(Exception):
    """The tokens were sealed with a key that is not held any more, or for another session."""


class Seal:
    """Seals with the first of its keys, opens with any."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = [AESGCM(key) for key in keys]

    def seal(self, tokens: Tokens, session: str) -> bytes:
        """The tokens as only this seal opens them, for the session of this id alone."""
        nonce = os.urandom(_NONCE)
        plain = json.dumps(asdict(tokens)).encode()
        return nonce + self._ciphers[0].encrypt(nonce, plain, session.encode())

    def open(self, sealed: bytes, session: str) -> Tokens:
        """The tokens that were sealed for this session. Raises ``CannotOpen``."""
        for cipher in self._ciphers:
            try:
                plain = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], session.encode())
            except (InvalidTag, ValueError):
                continue
            return Tokens(**json.loads(plain))
        raise CannotOpen
