"""The demo issuer within a test's process, on a clock set by hand, visited as a browser and a client would."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.local.issuer.app import application
from deploy.local.issuer.clients import Client, write_clients
from deploy.local.issuer.grants import challenge
from deploy.local.issuer.issuing import CLIENTS, PERSONAS, Issuer
from deploy.local.issuer.personas import Persona, write_personas
from tests.support.clocks import HandClock
from tests.support.issuing import PORTAL, persona, portal_client

URL = "http://127.0.0.1:8090"
BACK = "http://localhost:8000/sign-in/return"
OUT = "http://localhost:8000/signed-out"
OTHER = "http://localhost:7000/back"
INTEGRATOR, SECRET = "payroll", "of the payroll"
VERIFIER = "v" * 43
CLIENTS_OF_TESTS: Sequence[Client] = (
    portal_client(BACK, f"{BACK}?kept=1", after_sign_out=[OUT]),
    Client("other", "Another", [OTHER], [f"{OTHER}/out"]),
    Client(INTEGRATOR, "Payroll", grants=["client_credentials"], secret=SECRET),
    Client("confidential", "Confidential", [OTHER], secret="of the confidential"),
)


@dataclass(slots=True)
class Visits:
    """An issuer and one who asks it; ``asking`` are the parameters of a request that nothing is wrong with."""

    issuer: Issuer
    folder: Path
    clock: HandClock
    http: httpx2.AsyncClient
    asking: dict[str, str] = field(default_factory=dict)

    @classmethod
    def over(cls, folder: Path, *, client: tuple[str, int] = ("127.0.0.1", 4711), testing: bool = True) -> Self:
        """An issuer with two personas, ``kurz`` and ``hoff``, and the clients above; ``client`` is who connects."""
        write_clients(folder / CLIENTS, CLIENTS_OF_TESTS)
        write_personas(folder / PERSONAS, {"kurz": persona("Ms Kurz", oid="o-1"), "hoff": persona("Lena Hoff")})
        clock = HandClock()
        issuer = Issuer.over(folder, URL, clock=clock, testing=testing)
        transport = httpx2.ASGITransport(application(issuer), client=client)
        asking = {"client_id": PORTAL, "redirect_uri": BACK, "response_type": "code", "scope": "openid"}
        pkce = {"code_challenge": challenge(VERIFIER), "code_challenge_method": "S256"}
        http = httpx2.AsyncClient(transport=transport, base_url=URL)
        return cls(issuer, folder, clock, http, {**asking, **pkce, "state": "s-1", "nonce": "n-1"})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    def keep(self, personas: Mapping[str, Persona]) -> None:
        """These are who may sign in from now on."""
        write_personas(self.folder / PERSONAS, personas)

    async def ask(self, *without: str, **other: str) -> httpx2.Response:
        """Open the sign-in page, with parameters changed or left out."""
        asked = {name: value for name, value in {**self.asking, **other}.items() if name not in without}
        return await self.http.get("/authorize", params=asked)

    async def choose(self, login: str, **other: str) -> httpx2.Response:
        """Press a persona's button."""
        return await self.http.post("/authorize", data={**self.asking, "persona": login, **other})

    async def code(self, login: str = "kurz", **other: str) -> str:
        """The code that a press of the button gives."""
        return told(await self.choose(login, **other))["code"]

    async def redeem(self, code: str, **other: str) -> httpx2.Response:
        """Take a code to the token endpoint."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
        return await self.http.post("/token", data={**form, "client_id": PORTAL, **other})

    async def sign_in(self, login: str = "kurz") -> dict[str, Any]:
        """The tokens of a whole sign-in."""
        return dict((await self.redeem(await self.code(login))).json())

    async def refresh(self, token: str, **other: str) -> httpx2.Response:
        """Take a refresh token to the token endpoint."""
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": PORTAL}
        return await self.http.post("/token", data={**form, **other})

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that one of the published keys signed."""
        return dict(jwt.decode(token, KeySet.import_key_set(self.issuer.keys.published()), algorithms=["ES256"]).claims)  # type: ignore[arg-type]


def told(answer: httpx2.Response) -> dict[str, str]:
    """What a redirect tells the client."""
    assert answer.status_code == 303, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def buttons(page: str) -> list[str]:
    """The logins whose buttons a page shows, in order."""
    return re.findall(r'<button name="persona" value="([^"]*)"', page)


def verifier() -> str:
    """A fresh code verifier."""
    return secrets.token_urlsafe(48)
