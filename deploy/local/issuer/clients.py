"""Who may ask the issuer for tokens, and where it may send browsers."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from typing import Literal
from urllib.parse import unquote_plus

from pydantic import TypeAdapter

GrantType = Literal["authorization_code", "refresh_token", "client_credentials"]


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client; without a secret it is public and proves itself by PKCE alone.

    Redirect URIs are compared as text, character by character.
    """

    client_id: str
    name: str
    redirect_uris: Sequence[str] = ()
    post_logout_redirect_uris: Sequence[str] = ()
    grants: Sequence[GrantType] = ("authorization_code", "refresh_token")
    secret: str | None = None

    def __post_init__(self) -> None:
        """Refuse a client that would get tokens of its own without a secret."""
        if "client_credentials" in self.grants and not self.secret:
            raise ValueError(f"{self.client_id}: client_credentials needs a secret")


class NoSuchClient(Exception):
    """The client is not registered, or did not prove that it is the one."""


class Clients:
    """The registered clients by id."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self._by_id = {client.client_id: client for client in clients}

    def named(self, client_id: str | None) -> Client:
        """The client of this id. Raises ``NoSuchClient``."""
        client = self._by_id.get(client_id or "")
        if client is None:
            raise NoSuchClient(client_id)
        return client

    def proven(self, authorization: str | None, form: Mapping[str, str]) -> Client:
        """The client that a request to the token endpoint comes from, by Basic header or form; never by both.

        Raises ``NoSuchClient`` for an unknown client and for a missing or wrong secret alike.
        """
        secret: str | None
        if authorization is not None:
            client_id, secret = _basic(authorization)
            if "client_secret" in form or form.get("client_id", client_id) != client_id:
                raise NoSuchClient(client_id)
        else:
            client_id, secret = form.get("client_id", ""), form.get("client_secret")
        client = self.named(client_id)
        expected = client.secret
        if expected is None:
            if secret:
                raise NoSuchClient(client_id)
        elif secret is None or not compare_digest(expected.encode(), secret.encode()):
            raise NoSuchClient(client_id)
        return client


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, separator, secret = b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError as error:
        raise NoSuchClient("unreadable") from error
    if scheme.lower() != "basic" or not separator:
        raise NoSuchClient("unreadable")
    return unquote_plus(client_id), unquote_plus(secret)


_FILE = TypeAdapter(tuple[Client, ...])


def read_clients(file: Path) -> Clients:
    """The clients of a JSON file, a list. Raises ``ValueError`` where one is no client."""
    return Clients(_FILE.validate_json(file.read_bytes()))


def write_clients(file: Path, clients: Sequence[Client]) -> None:
    """Write the file, for its owner only, since it may hold secrets."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(0o600)
    file.chmod(0o600)
    file.write_bytes(_FILE.dump_json(tuple(clients), indent=1))
