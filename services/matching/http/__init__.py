"""The routes of `matching`: policies, overrides, runs with their review and publication, and the pairs they make."""

from __future__ import annotations

from fastapi import APIRouter

from services.matching.handlers import Handlers
from services.matching.http import (
    candidates,
    overrides,
    pairs,
    policies,
    proposals,
    run_decisions,
    run_questions,
    runs,
)

__all__ = ["routes"]


def routes(handlers: Handlers) -> APIRouter:
    """The router over these handlers."""
    router = APIRouter(prefix="/v1")
    for part in (runs, run_decisions, run_questions, proposals):
        router.include_router(part.routes(handlers))
    router.include_router(pairs.routes(handlers))
    router.include_router(candidates.routes(handlers))
    router.include_router(policies.routes(handlers))
    router.include_router(overrides.routes(handlers))
    return router
