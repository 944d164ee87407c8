"""The portal without any server: what its pages are before anybody is signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from fastapi import APIRouter, FastAPI

from services.portal.http.page import Open
from services.portal.main import app
from tests.support.portal import ORIGIN, environment

NOWHERE = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50"


def portal(patch: pytest.MonkeyPatch, **settings: str) -> FastAPI:
    """A portal whose database and issuer are away."""
    given = environment(mongodb=NOWHERE, issuer="http://127.0.0.1:9", people="http://127.0.0.1:9", prefix="tandem")
    for name, value in {**given, **settings}.items():
        patch.setenv(name, value)
    return app()


@asynccontextmanager
async def visitor(application: FastAPI, language: str = "en", **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser that was never here."""
    transport = httpx2.ASGITransport(app=application, raise_app_exceptions=False)
    given = {"Accept-Language": language, **headers}
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=given, timeout=30) as client:
        yield client


def faulty(application: FastAPI) -> None:
    """Give the application a page that breaks."""
    router = APIRouter()

    @router.get("/broken")
    async def broken(page: Open) -> None:
        raise ZeroDivisionError

    application.include_router(router)
