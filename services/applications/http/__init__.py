"""The routes of `applications`: editions, what belongs to one, and the decisions of people."""

from __future__ import annotations

from fastapi import APIRouter

from services.applications.handlers import Handlers
from services.applications.http import (
    application_decisions,
    applications,
    board,
    editions,
    participations,
    selection,
    selection_sheets,
)

__all__ = ["routes"]


def routes(handlers: Handlers) -> APIRouter:
    """The router over these handlers."""
    router = APIRouter(prefix="/v1")
    router.include_router(editions.routes(handlers))
    router.include_router(applications.routes(handlers))
    router.include_router(application_decisions.routes(handlers))
    router.include_router(selection.routes(handlers))
    router.include_router(selection_sheets.routes(handlers))
    router.include_router(board.routes(handlers))
    router.include_router(participations.routes(handlers))
    return router
