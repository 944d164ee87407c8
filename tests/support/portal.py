"""The portal in this process, over a real database and the demo issuer, with a stand-in for `people`."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, Response

ORIGIN = "http://localhost:8090"
CHANGING = {"Sec-Fetch-Site": "same-origin"}  # what a browser says of a form on one of our own pages


def environment(
    *, mongodb: str, issuer: str, people: str, prefix: str, applications: str = "", matching: str = ""
) -> dict[str, str]:
    """The settings of a portal, as environment variables."""
    trusted = {"name": "idp", "issuer": issuer, "audience": "tandem-api", "algorithms": ["ES256"], "development": True}
    return {
        "TANDEM_MONGODB": mongodb,
        "TANDEM_DATABASE_PREFIX": prefix,
        "TANDEM_PORTAL": ORIGIN,
        "TANDEM_PORTAL_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "TANDEM_ISSUERS": json.dumps([trusted]),
        "TANDEM_PEOPLE_URL": people,
        "TANDEM_APPLICATIONS_URL": applications or people,
        "TANDEM_MATCHING_URL": matching or people,
        "TANDEM_ACCESS_CONTACT": "Ms Kurz, extension 2140",
    }


@dataclass(slots=True)
class Peopled:
    """What the stand-in for `people` says: a path's answers in turn, the last one for ever; and what it was asked."""

    answers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, str, Mapping[str, str], bytes]] = field(default_factory=list)

    def answer(self, path: str, *answers: tuple[int, Any]) -> None:
        """Answer requests for ``path`` (with the method before it) like this from now on."""
        self.answers[path] = list(answers)

    def tokens(self) -> list[str]:
        """The bearer tokens of all requests, in their order."""
        return [headers["authorization"].removeprefix("Bearer ") for _, _, headers, _ in self.asked]


_NOT_FOUND: tuple[int, Any] = (404, {"type": "urn:tandem:problem:not-found", "detail": "no"})
_UNTOLD: Mapping[str, tuple[int, Any]] = {  # what every overview asks for
    "GET /v1/editions": (200, []),
    "GET /v1/my-applications": (200, []),
    "GET /v1/proposals": (200, []),
}


def people_stand_in(peopled: Peopled) -> FastAPI:
    """An application that says what it was told to say."""
    app = FastAPI(openapi_url=None)

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def everything(path: str, request: Request) -> Response:
        key = f"{request.method} /{path}"
        peopled.asked.append((request.method, f"/{path}", dict(request.headers), await request.body()))
        answers = peopled.answers.get(key) or [_UNTOLD.get(key, _NOT_FOUND)]
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        headers = {"ETag": f'"{body["version"]}"'} if isinstance(body, dict) and "version" in body else None
        return JSONResponse(body, status, headers)

    return app


@contextmanager
def patched(monkeypatch: Any, settings: Mapping[str, str]) -> Iterator[None]:
    """The environment with these settings while the block lasts."""
    with monkeypatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield
