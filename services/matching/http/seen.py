"""A run as its routes load and answer it."""

from __future__ import annotations

from fastapi import Response

from services.chassis.aggregate import Loaded
from services.chassis.auth.rules import Permit
from services.chassis.http import tagged
from services.matching import access
from services.matching.domain.run import Run
from services.matching.handlers import Handlers
from services.matching.http.run_views import RunReport, report_of


async def seen(handlers: Handlers, permit: Permit, run_id: str) -> Loaded[Run]:
    """The run, if the caller may see it. Raises ``Hidden``, ``NotFound``."""
    loaded = await handlers.runs.runs.get(run_id)
    await access.run_edition(permit, handlers.candidates, loaded.state.edition_id, what="run", id=run_id)
    return loaded


async def reported(handlers: Handlers, response: Response, loaded: Loaded[Run]) -> RunReport:
    """The whole run, with its ETag."""
    state = tagged(response, loaded).state
    stated = await handlers.overrides.of_edition(state.edition_id)
    return report_of(state, await handlers.runs.claims.progress(loaded.id), stated)
