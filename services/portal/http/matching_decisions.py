"""Deciding on the matching of an edition: what is laid down, comparing, choosing, showing and publishing a proposal."""

from __future__ import annotations

from fastapi import APIRouter

from services.portal.http import (
    matching_comparison,
    matching_overrides,
    matching_preview,
    matching_publishing,
    matching_rematch,
)


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/editions/{id}/matching", include_in_schema=False)
    for part in (matching_overrides, matching_comparison):
        router.include_router(part.routes())
    for decision in (matching_rematch, matching_preview, matching_publishing):
        router.include_router(decision.routes(), prefix="/runs/{run}")
    return router
