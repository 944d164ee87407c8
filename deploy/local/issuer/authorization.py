"""The authorization request (RFC 6749, 7636, 9207, OpenID Connect): what is asked, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from deploy.local.issuer.clients import Client, Clients, NoSuchClient

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # base64url of a SHA-256
_SCOPES = frozenset({"openid", "profile", "offline_access"})
PARAMETERS = (
    *("client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge"),
    *("code_challenge_method", "login_hint", "prompt", "ui_locales", "request", "request_uri"),
)


class Untrusted(Exception):
    """The request does not come from a registered client; the browser must not be sent anywhere. ``told``: why."""

    def __init__(self, told: str) -> None:
        self.told = told
        super().__init__(told)


class Mistaken(Exception):
    """The client asked for something that it does not get; it is told so at its redirect URI."""

    def __init__(self, code: str, told: str) -> None:
        self.code, self.told = code, told
        super().__init__(f"{code}: {told}")


@dataclass(frozen=True, slots=True)
class Authorization:
    """A request that may be answered with a code."""

    client_id: str
    redirect_uri: str
    scope: str
    code_challenge: str
    state: str | None = None
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of a request whose client and redirect URI are registered."""

    client: Client
    redirect_uri: str
    parameters: Mapping[str, str]
    repeated: Sequence[str] = ()

    def checked(self) -> Authorization:
        """The request, where all of it is as it must be. Raises ``Mistaken``."""
        asked = self.parameters
        if self.repeated:
            raise Mistaken("invalid_request", f"given more than once: {', '.join(self.repeated)}")
        for name in ("request", "request_uri"):
            if name in asked:
                raise Mistaken(f"{name}_not_supported", "send the parameters themselves")
        if "authorization_code" not in self.client.grants:
            raise Mistaken("unauthorized_client", "this client signs nobody in")
        if asked.get("response_type") != "code":
            raise Mistaken("unsupported_response_type", "response_type must be code")
        if asked.get("response_mode", "query") != "query":
            raise Mistaken("invalid_request", "response_mode must be query")
        scope = asked.get("scope", "").split()
        if "openid" not in scope or not _SCOPES.issuperset(scope):
            raise Mistaken("invalid_scope", f"scope must hold openid, and no more than {', '.join(sorted(_SCOPES))}")
        if asked.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(asked.get("code_challenge", "")):
            raise Mistaken("invalid_request", "PKCE with S256 is required: code_challenge_method, code_challenge")
        if "none" in asked.get("prompt", "").split():
            raise Mistaken("login_required", "nobody is signed in without pressing a button")
        return Authorization(
            client_id=self.client.client_id,
            redirect_uri=self.redirect_uri,
            scope=" ".join(scope),
            code_challenge=asked["code_challenge"],
            state=asked.get("state"),
            nonce=asked.get("nonce"),
        )

    def answer(self, issuer: str, **told: str) -> str:
        """The address that takes the answer to the client, with its state and the issuer's name (RFC 9207)."""
        state = {"state": self.parameters["state"]} if "state" in self.parameters else {}
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return self.redirect_uri + joint + urlencode({**told, **state, "iss": issuer})


def asked_of(pairs: Sequence[tuple[str, str]], clients: Clients) -> Asked:
    """A request by its parameters as they came. Raises ``Untrusted``.

    Of a parameter that came more than once the first counts, and the request is mistaken.
    """
    known = [(name, value) for name, value in pairs if name in PARAMETERS]
    names = [name for name, _ in known]
    repeated = sorted({name for name in names if names.count(name) > 1})
    parameters = dict(reversed(known))
    if {"client_id", "redirect_uri"}.intersection(repeated):
        raise Untrusted("client_id and redirect_uri must be given once")
    try:
        client = clients.named(parameters.get("client_id"))
    except NoSuchClient as error:
        raise Untrusted("no client is registered under this client_id") from error
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in client.redirect_uris:
        raise Untrusted(f"redirect_uri is none of those that {client.client_id} has registered")
    return Asked(client, redirect_uri, parameters, repeated)
