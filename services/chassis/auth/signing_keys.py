"""The public keys of one issuer: found by discovery, fetched by one at a time, kept while the issuer is away."""

from __future__ import annotations

import asyncio
import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx2
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from services.chassis.auth.issuers import Algorithm, Issuer
from services.chassis.errors import Transient
from services.chassis.logging import get_logger

log = get_logger(__name__)
MAX_AGE = 3600.0  # seconds after which keys are fetched again
KEPT = 86_400.0  # seconds after which keys that cannot be fetched again count as unknown
PAUSE = 30.0  # seconds between two fetches, whatever tokens ask for
COLD_PAUSE = 1.0  # the same while there are no keys at all
_PATIENCE = 5.0  # seconds for one fetch as a whole
_LARGEST = 256 * 1024  # bytes of a document
_MOST = 100  # keys of an issuer
_SHORTEST = 2048  # bits of an RSA key
_NEVER = float("-inf")
_PUBLIC = {"RSA": ("kty", "n", "e"), "EC": ("kty", "crv", "x", "y")}
_FITS: Mapping[str, tuple[Algorithm, ...]] = {"RSA": ("RS256", "PS256"), "EC": ("ES256",)}
_FAILURES = (httpx2.HTTPError, httpx2.InvalidURL, JoseError, ValueError, KeyError, TypeError, RecursionError)
Key = RSAKey | ECKey


class KeysUnavailable(Transient):
    """The issuer's keys were never seen, or too long ago: nobody's token can be checked."""

    kind = "signing-keys-unavailable"
    retry_after = 5

    def __init__(self, issuer: str) -> None:
        super().__init__(f"The signing keys of the issuer {issuer} cannot be fetched; try again soon.")
        self.issuer = issuer


class Keys:
    """Finds an issuer's key; ``watch`` tells monotonic seconds.

    An unknown key leads to one fetch, for however many ask at once, and to no other within ``pause`` seconds; the
    very first load does not count, so that a rotation right after it is seen. Whoever gives up waiting stops nothing.
    """

    def __init__(
        self,
        issuer: Issuer,
        http: httpx2.AsyncClient,
        *,
        max_age: float = MAX_AGE,
        pause: float = PAUSE,
        watch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._http = http
        self._max_age = max_age
        self._pause = pause
        self._watch = watch
        self._keys: Mapping[tuple[str, str], Key] = {}
        self._loaded = self._tried = _NEVER
        self._failing = False
        self._flight: asyncio.Task[None] | None = None

    @property
    def usable(self) -> bool:
        """Whether there are keys that are not too old."""
        return bool(self._keys) and self._watch() - self._loaded < KEPT

    async def find(self, kid: str, algorithm: str) -> Key | None:
        """The key of this id for the algorithm; None where the issuer has none. Raises ``KeysUnavailable``."""
        wanted = (kid, algorithm)
        if wanted not in self._keys or self._old():
            await self._refresh(wait=wanted not in self._keys or not self._failing or not self.usable)
        if not self.usable:
            raise KeysUnavailable(self._issuer.name)
        return self._keys.get(wanted)

    async def prepare(self) -> None:
        """Load the keys where there are none or old ones, unless that was tried a moment ago."""
        if self._old():
            await self._refresh(wait=True)

    def _old(self) -> bool:
        return self._watch() - self._loaded >= self._max_age

    async def _refresh(self, *, wait: bool) -> None:
        """See that the keys are being fetched, unless they were a moment ago; ``wait`` until they are."""
        if self._flight is None or self._flight.done():
            if self._watch() - self._tried < (self._pause if self._keys else COLD_PAUSE):
                return
            self._flight = asyncio.create_task(self._load(), name=f"signing keys of {self._issuer.name}")
        if wait:
            await asyncio.shield(self._flight)

    async def _load(self) -> None:
        """Fetch the keys; old ones are better than none."""
        first, self._tried = not self._keys, self._watch()
        try:
            async with asyncio.timeout(_PATIENCE):
                keys = await self._fetch()
        except (*_FAILURES, TimeoutError) as error:
            self._failing = True
            log.warning("signing_keys_not_fetched", issuer=self._issuer.name, error=type(error).__name__)
            return
        self._keys, self._loaded, self._failing = keys, self._watch(), False
        self._tried = _NEVER if first else self._tried
        log.info("signing_keys_fetched", issuer=self._issuer.name, keys=len({kid for kid, _ in keys}))

    async def _fetch(self) -> Mapping[tuple[str, str], Key]:
        """The keys by id and algorithm, at least one. Raises one of ``_FAILURES``."""
        described = await self._document(self._issuer.document)
        if described["issuer"] != self._issuer.issuer:
            raise ValueError("the discovery document is another issuer's")
        listed = (await self._document(described["jwks_uri"]))["keys"]
        keys = {entry: key for one in listed[:_MOST] for entry, key in _usable(one, self._issuer.algorithms)}
        if not keys:
            raise ValueError("the issuer lists no key that can be used")
        return keys

    async def _document(self, url: str) -> Any:
        """What is there, as JSON; redirects are not followed, and of a long answer only the beginning is read."""
        if reason := self._issuer.mistrusts(url):
            raise ValueError(reason)
        body = bytearray()
        plain = {"Accept": "application/json", "Accept-Encoding": "identity"}
        async with self._http.stream("GET", url, headers=plain, follow_redirects=False) as answer:
            if answer.status_code != 200 or answer.headers.get("Content-Encoding", "identity") != "identity":
                raise ValueError("it answers something else")
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > _LARGEST:
                    raise ValueError("its answer is too large")
        return json.loads(body)


def _usable(listed: Any, algorithms: tuple[Algorithm, ...]) -> Iterator[tuple[tuple[str, str], Key]]:
    """A listed key under its id, for each algorithm that it may sign with; nothing where it cannot be used here."""
    if not isinstance(listed, dict) or not isinstance(kid := listed.get("kid"), str):
        return
    kind = listed.get("kty")
    if not isinstance(kind, str) or kind not in _PUBLIC or listed.get("use", "sig") != "sig":
        return
    key = _imported(kind, {name: listed[name] for name in _PUBLIC[kind] if name in listed})
    for algorithm in _FITS[kind] if key else ():
        if key and algorithm in algorithms and listed.get("alg", algorithm) == algorithm:
            yield (kid, algorithm), key


def _imported(kind: str, public: dict[str, Any]) -> Key | None:
    """The key itself, if it is strong enough and of the right curve; one odd key does not void the others."""
    try:
        if kind == "EC":
            curved = ECKey.import_key(public)
            return curved if curved.curve_name == "P-256" else None
        modulus = int.from_bytes(urlsafe_b64decode(f"{public['n']}=="))
        return RSAKey.import_key(public) if modulus.bit_length() >= _SHORTEST else None
    except (JoseError, ValueError, KeyError, TypeError):
        return None
