"""The routes of rosters."""

from __future__ import annotations

from fastapi import APIRouter, Request

from services.chassis.errors import Refused
from services.chassis.http import Caller
from services.chassis.wire import Strict
from services.people.handlers import Rosters

BODY_LIMIT = 16 * 1024 * 1024  # bytes
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


class NotCsv(Refused):
    """The roster says of itself that it is something else."""

    status = 415
    kind = "not-csv"
    title = "A roster is a CSV file"


class FaultView(Strict):
    """Why a row was refused."""

    line: int
    column: str | None
    message: str


class ReportView(Strict):
    """What became of a roster: rows per outcome, and the faults of the refused ones in order of their lines.

    ``refused`` lists the first 1,000 faults; ``refused_rows`` counts all rows that were refused.
    """

    created: int
    changed: int
    unchanged: int
    refused: tuple[FaultView, ...]
    refused_rows: int


def routes(rosters: Rosters) -> APIRouter:
    """The router over these handlers."""
    router = APIRouter(tags=["rosters"])

    @router.post("/roster", openapi_extra=_CSV)
    async def take_over_roster(request: Request, command: Caller) -> ReportView:
        """Take over a roster, a CSV file in UTF-8. Good rows are applied, faulty ones reported by line."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
            raise NotCsv("Send the roster as CSV in UTF-8 with Content-Type: text/csv.")
        report = await rosters.take_over_roster(await request.body(), command)
        return ReportView.model_validate(report, from_attributes=True)

    return router
