"""The route of the audit trail. Reading it is itself on record."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from services.chassis import mongo
from services.chassis.aggregate import Command
from services.chassis.http import Paged, Permitted, protected_read, timed_page_of
from services.chassis.wire import GivenInstant, Instant, Strict
from services.reporting import access
from services.reporting.audit import trail

Auditing = Annotated[Command, Depends(protected_read("audit"))]
Id = Annotated[str | None, Query(max_length=200)]
Kind = Annotated[str | None, Query(max_length=200, description="Short name or event type, e.g. PairMatched")]
Since = Annotated[GivenInstant | None, Query(alias="from", description="The first instant, RFC 3339 with offset")]
Until = Annotated[GivenInstant | None, Query(alias="to", description="The first instant that counts no more")]
Order = Annotated[Literal["newest", "oldest"], Query(description="Which entries come first")]


class EntryView(Strict):
    """One entry of the audit trail: who did what to what, when, why, and where it stands on which topic.

    ``reason`` is a code, but of an operator the words given. ``target`` is what an access was about.
    ``digest`` is the SHA-256 of the record.
    """

    id: str
    time: Instant
    who: str | None
    what: str
    kind: str
    type: str
    subject: str
    target: str | None
    reason: str | None
    edition: str | None
    subsidiary: str | None
    pair: str | None
    trace_id: str | None
    topic: str
    partition: int
    offset: int
    sequence: int
    digest: str


def routes(entries: mongo.Collection) -> APIRouter:
    """The router over these entries."""
    router = APIRouter(prefix="/v1/audit", tags=["audit"])

    @router.get("")
    async def list_entries(
        request: Request,
        response: Response,
        page: Paged,
        reader: Auditing,
        permit: Permitted,
        actor: Id = None,
        subject: Id = None,
        pair: Id = None,
        kind: Kind = None,
        edition: Id = None,
        since: Since = None,
        until: Until = None,
        order: Order = "newest",
    ) -> list[EntryView]:
        """The entries that match all that is named: by whom, about what, of which kind, between which instants."""
        wanted = trail.Wanted(actor, subject, pair, kind, edition, since, until)
        newest_first = order == "newest"
        query = {"$and": [wanted.query(), access.entries(permit)]}
        found = await timed_page_of(entries, query, page, request, response, newest_first=newest_first)
        return [_view(one) for one in found]

    return router


def _view(entry: mongo.Document) -> EntryView:
    return EntryView.model_validate(trail.told(entry))
