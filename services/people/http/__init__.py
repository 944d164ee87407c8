"""The routes of `people`."""

from __future__ import annotations

from fastapi import APIRouter

from services.people.handlers import Handlers
from services.people.http import accounts, catalogues, imports, me, people, rosters, subsidiaries
from services.people.http.rosters import BODY_LIMIT

__all__ = ["BODY_LIMIT", "routes"]


def routes(handlers: Handlers) -> APIRouter:
    """The router over these handlers."""
    router = APIRouter(prefix="/v1")
    router.include_router(rosters.routes(handlers.rosters))
    router.include_router(imports.routes(handlers.imports))
    router.include_router(people.routes(handlers.persons, handlers.rosters.people))
    router.include_router(me.routes(handlers.persons))
    router.include_router(subsidiaries.routes(handlers.subsidiaries))
    router.include_router(accounts.routes(handlers.accounts))
    router.include_router(catalogues.routes())
    return router
