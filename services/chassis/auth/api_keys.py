"""API keys: random secrets with a checksum, of which only a peppered digest is kept.

The secret has 256 random bits, so one HMAC is enough; a slow password hash would only be a door for overload.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from zlib import crc32

PREFIX = "tdm_"
_KEY = re.compile(rf"{PREFIX}([0-9a-f]{{12}})_([0-9a-f]{{64}})_([0-9a-f]{{8}})")
_PEPPER = re.compile(r"([1-9][0-9]{0,5}):([0-9a-fA-F]{64,256})")


@dataclass(frozen=True, slots=True)
class Key:
    """A new key: ``text`` is shown to its owner once; ``id`` may be shown and logged, ``secret`` never."""

    id: str
    secret: str = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Digest:
    """What is kept of a secret: its HMAC-SHA-256 in hex, under which version of the pepper."""

    value: str = field(repr=False)
    pepper: int


@dataclass(frozen=True, slots=True)
class Peppers:
    """The secrets of the installation that digests are made with, by version; the newest one is for new digests."""

    by_version: Mapping[int, bytes] = field(repr=False)

    @property
    def newest(self) -> int | None:
        """The highest version; None where there is no pepper, so that no key can be made."""
        return max(self.by_version, default=None)


def new_key() -> Key:
    """A key that nobody can guess: 48 bits of id, 256 bits of secret, in hex."""
    id, secret = secrets.token_hex(6), secrets.token_hex(32)
    return Key(id, secret, f"{PREFIX}{id}_{secret}_{_checksum(id, secret)}")


def parse(text: str) -> tuple[str, str] | None:
    """The id and the secret of a key; None where the text is none, or one that was mistyped or cut off."""
    found = _KEY.fullmatch(text)
    if found is None or found[3] != _checksum(found[1], found[2]):
        return None
    return found[1], found[2]


def digest(pepper: bytes, id: str, secret: str) -> str:
    """HMAC-SHA-256 in hex over id and secret, so that a digest moved to another key's id opens nothing."""
    return hmac.new(pepper, f"{id}:{secret}".encode(), hashlib.sha256).hexdigest()


def digested(peppers: Peppers, key: Key) -> Digest:
    """What to keep of a new key. Raises ``ValueError`` where the settings hold no pepper."""
    version = peppers.newest
    if version is None:
        raise ValueError("there is no pepper; set one, 1:<64 hex digits>")
    return Digest(digest(peppers.by_version[version], key.id, key.secret), version)


def matches(peppers: Peppers, id: str, secret: str, kept: Digest | None) -> bool:
    """Whether this is the secret of which the digest was kept.

    It takes as long where nothing is kept under the id, or the pepper's version is gone, so that ids cannot be told.
    """
    known = kept if kept and kept.pepper in peppers.by_version else None
    pepper = peppers.by_version[known.pepper] if known else _NO_PEPPER
    same = hmac.compare_digest(digest(pepper, id, secret), known.value if known else _NO_DIGEST)
    return same and known is not None


def peppers_from(text: str) -> Peppers:
    """The peppers in ``1:hex,2:hex``, each of 32 bytes and more; none for an empty text.

    Raises ``ValueError`` that names the place and never repeats what was written there.
    """
    found: dict[int, bytes] = {}
    for place, part in enumerate(text.split(",") if text.strip() else (), start=1):
        match = _PEPPER.fullmatch(part.strip())
        if match is None or len(match[2]) % 2:
            raise ValueError(f"pepper {place}: write version:hex, the hex digits of 32 bytes or more")
        if int(match[1]) in found:
            raise ValueError(f"pepper {place}: version {match[1]} stands there twice")
        found[int(match[1])] = bytes.fromhex(match[2])
    return Peppers(found)


_NO_PEPPER, _NO_DIGEST = secrets.token_bytes(32), secrets.token_hex(32)


def _checksum(id: str, secret: str) -> str:
    return f"{crc32(f'{id}_{secret}'.encode()):08x}"
