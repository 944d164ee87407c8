"""What browsers report of broken content policies: counted and logged, for a policy that nobody watches rots."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import Counter

from services.chassis.logging import get_logger
from services.portal.http.guard import REPORTS

log = get_logger(__name__)
_LARGEST = 8192  # bytes of a report
_SHOWN = ("effective-directive", "violated-directive", "blocked-uri", "document-uri", "line-number", "source-file")


def routes(counter: Counter) -> APIRouter:
    """The router; ``counter`` counts reports."""
    router = APIRouter(include_in_schema=False)

    @router.post(REPORTS)
    async def report(request: Request) -> Response:
        body = await request.body()
        counter.inc()
        log.warning("content_policy_broken", **_facts(body[:_LARGEST]))
        return Response(status_code=204)

    return router


def _facts(body: bytes) -> dict[str, str]:
    """What a report says, without queries, in which there may be names."""
    try:
        told: Any = json.loads(body)
        inside = told.get("csp-report", {})
        return {name.replace("-", "_"): str(inside[name]).partition("?")[0][:200] for name in _SHOWN if name in inside}
    except (ValueError, AttributeError, TypeError):
        return {"unreadable": str(len(body))}
