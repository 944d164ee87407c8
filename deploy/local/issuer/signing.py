"""The issuer's keys, kept in a file of the data folder so that a restart voids no token."""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey

ALGORITHM = "ES256"
FILE = "keys.json"


class SigningKeys:
    """The keys of one issuer: the first one signs, the others are published as long as tokens of theirs may live.

    The file (``keys.json`` in ``folder``, mode 0600) is made where there is none. It is read again whenever
    it was replaced, so that everybody who holds the folder signs with the same key, also after a rotation.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._seen: tuple[int, int] | None = None
        self._keys: tuple[ECKey, ...] = ()
        self._lock = threading.Lock()
        _make(self._file)

    def sign(self, claims: Mapping[str, Any], *, kind: str) -> str:
        """A token of these claims; ``kind`` is the header's ``typ``."""
        key = self.all()[0]
        return jwt.encode({"alg": ALGORITHM, "typ": kind, "kid": key.kid}, dict(claims), key, algorithms=[ALGORITHM])

    def published(self) -> dict[str, Any]:
        """The public halves as a JWK set."""
        return {"keys": [key.as_dict(private=False) for key in self.all()]}

    def rotate(self, *, keep: bool = True) -> str:
        """Sign with a new key from now on; the one before stays published where it is kept. The new key's id."""
        fresh = _new_key()
        _replace(self._file, [fresh, *self.all()[: 1 if keep else 0]])
        return str(fresh.kid)

    def all(self) -> Sequence[ECKey]:
        """The keys, the signing one first."""
        with self._lock:
            status = self._file.stat()
            if (seen := (status.st_ino, status.st_mtime_ns)) != self._seen:
                self._keys = tuple(ECKey.import_key(key) for key in json.loads(self._file.read_text())["keys"])
                self._seen = seen
            return self._keys


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", parameters={"use": "sig", "alg": ALGORITHM}, auto_kid=True)


def _make(file: Path) -> None:
    """Make the file unless there is one; of two who do so at the same moment one wins."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = _written(file, [_new_key()])
    try:
        os.link(partial, file)
    except FileExistsError:
        pass
    finally:
        partial.unlink()


def _replace(file: Path, keys: Sequence[ECKey]) -> None:
    _written(file, keys).replace(file)


def _written(file: Path, keys: Sequence[ECKey]) -> Path:
    partial = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
        json.dump({"keys": [key.as_dict(private=True) for key in keys]}, opened, indent=1)
    return partial
