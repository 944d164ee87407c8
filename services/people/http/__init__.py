"""The routes of `people`."""

from __future__ import annotations

from fastapi import APIRouter

from services.people.handlers import Handlers
from services.people.http import accounts, catalogues, imports, me, people, subsidiaries
from services.people.http.imports import BODY_LIMIT

__all__ = ["BODY_LIMIT", "routes"]


def routes(handlers: Handlers) -> APIRouter:
    """The router over these handlers."""
    router = APIRouter(prefix="/v1")
    router.include_router(imports.routes(handlers.imports))
    router.include_router(people.routes(handlers.persons, handlers.persons.people))
    router.include_router(me.routes(handlers.persons))
    router.include_router(subsidiaries.routes(handlers.subsidiaries))
    router.include_router(accounts.routes(handlers.accounts))
    router.include_router(catalogues.routes())
    return router
