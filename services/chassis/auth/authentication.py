"""Authentication: from what a request shows, a token or an API key, to the principal who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from services.chassis.auth import api_keys
from services.chassis.auth.key_uses import KeyUses
from services.chassis.auth.principal import Principal, of_account, of_person
from services.chassis.auth.tokens import BadToken, Verifier
from services.chassis.clock import Clock
from services.chassis.directory import STALE_AFTER, Account, Directory, Key, Person
from services.chassis.errors import Refused, Transient
from services.chassis.logging import get_logger

log = get_logger(__name__)


class Unauthenticated(Refused):
    """Nobody says who is calling, or not so that it could be believed."""

    status = 401
    kind = "unauthenticated"
    title = "Say who you are"
    challenge = 'Bearer realm="tandem"'


class NotAccepted(Unauthenticated):
    """A token or key was shown that opens nothing."""

    kind = "not-accepted"
    title = "Who you are could not be believed"
    challenge = 'Bearer realm="tandem", error="invalid_token"'


class NotLinked(Refused):
    """The login is good, but no active person or account of the directory is linked with it."""

    status = 403
    kind = "login-not-linked"
    title = "This login is not linked"


class DirectoryStale(Transient):
    """The copy of the directory is too old to say who may do what."""

    kind = "directory-stale"
    retry_after = 30


class Authenticator(Protocol):
    """Says who sends a request."""

    async def principal(self, headers: Mapping[str, str]) -> Principal:
        """The principal; ``headers`` are the request's, with lower-case names.

        Raises ``Unauthenticated``, ``NotLinked`` or a ``Transient``.
        """
        ...


class Authentication:
    """Believes the access tokens of the configured issuers and the API keys of the directory's accounts."""

    def __init__(
        self,
        verifier: Verifier,
        directory: Directory,
        clock: Clock,
        *,
        peppers: api_keys.Peppers,
        uses: KeyUses,
        contact: str,
    ) -> None:
        self._verifier = verifier
        self._directory = directory
        self._clock = clock
        self._peppers = peppers
        self._uses = uses
        self._contact = contact

    async def principal(self, headers: Mapping[str, str]) -> Principal:
        """The person or account that the header ``Authorization`` shows.

        Raises ``Unauthenticated``, ``NotLinked``, ``DirectoryStale``, ``KeysUnavailable``, ``Unavailable``.
        """
        scheme, _, credential = headers.get("authorization", "").partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential:
            raise Unauthenticated("Sign in, and send Authorization: Bearer with your access token or API key.")
        if credential.startswith(api_keys.PREFIX):
            return await self._of_key(credential)
        return await self._of_token(credential)

    async def _of_token(self, token: str) -> Principal:
        try:
            claims = await self._verifier.verify(token)
        except BadToken as error:
            log.info("token_refused", reason=error.reason)
            raise NotAccepted("This access token is not accepted; sign in again.") from error
        await self._not_stale()
        found = await self._directory.of_login(f"{claims.issuer_name}:{claims.subject}")
        if found is None or not found.active:
            raise self._not_linked()
        return await self._known(found)

    async def _of_key(self, text: str) -> Principal:
        shown = api_keys.parse(text)
        if shown is None:
            raise NotAccepted("This is no API key: a part of it is missing or mistyped.")
        await self._not_stale()
        key_id, secret = shown
        account = await self._directory.of_key(key_id)
        key = next((one for one in account.keys if one.key_id == key_id), None) if account else None
        if not self._opens(key_id, secret, key) or account is None or not account.active:
            raise NotAccepted("This API key is not accepted: it is unknown, has expired or was revoked.")
        await self._uses.note(account.account_id, key_id)
        return await self._known(account)

    def _opens(self, key_id: str, secret: str, key: Key | None) -> bool:
        """Whether the secret is the key's and the key in force; it takes as long whatever is wrong."""
        kept = api_keys.Digest(key.digest, key.pepper) if key else None
        same = api_keys.matches(self._peppers, key_id, secret, kept)
        return same and key is not None and not key.revoked and self._clock.now() < key.expires_at

    async def _not_stale(self) -> None:
        as_of, now = await self._directory.as_of(), self._clock.now()
        if _is_stale(as_of, now):
            as_of = await self._directory.as_of(anew=True)  # a heartbeat may have arrived since
        if _is_stale(as_of, now):
            known = f"is of {as_of:%Y-%m-%d %H:%M} UTC" if as_of else "has not arrived yet"
            raise DirectoryStale(f"What is known of people {known}. It catches up by itself; try again shortly.")

    async def _known(self, found: Person | Account) -> Principal:
        tree = await self._directory.subsidiaries()
        return of_person(found, tree) if isinstance(found, Person) else of_account(found, tree)

    def _not_linked(self) -> NotLinked:
        return NotLinked(f"You are signed in, but nobody in the roster is linked with this login. Ask {self._contact}.")


def _is_stale(as_of: datetime | None, now: datetime) -> bool:
    return as_of is None or now - as_of > STALE_AFTER
