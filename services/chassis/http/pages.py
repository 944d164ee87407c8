"""Cursor pagination: pages in the order of ids, or of time and id, the next one by ``Link``."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Query, Request, Response

from services.chassis import mongo
from services.chassis.errors import FieldError, Invalid

_CURSOR = 8_000  # characters: an id of a foreign event may be as long as a header allows


@dataclass(frozen=True, slots=True)
class Page:
    """Which page: at most ``limit`` items after the place ``after``: an id, or an instant and an id."""

    limit: int
    after: str | None


async def requested_page(
    limit: Annotated[int, Query(ge=1, le=200, description="Items per page")] = 50,
    cursor: Annotated[str | None, Query(max_length=_CURSOR, description="From the Link of the page before")] = None,
) -> Page:
    """The page a request asks for. Raises ``Invalid`` for a cursor that was not served here."""
    return Page(limit, _opened(cursor) if cursor else None)


Paged = Annotated[Page, Depends(requested_page)]


def _opened(cursor: str) -> str:
    try:
        return base64.b64decode(cursor.encode(), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error):
        raise _foreign() from None


def _foreign() -> Invalid:
    field = FieldError("query cursor", "take it from the Link header of the page before")
    return Invalid("This cursor was not served here.", fields=[field])


def _served(response: Response, request: Request, after: str) -> None:
    token = base64.urlsafe_b64encode(after.encode()).decode()
    response.headers["Link"] = f'<{_address(request, token)}>; rel="next"'


def _address(request: Request, cursor: str) -> str:
    """Where the next page is; ``request.url`` would fail on a query that is not UTF-8."""
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    query = urlencode([*asked, ("cursor", cursor)])
    return str(request.base_url.replace(path=quote(request.scope["path"]), query=query))


async def page_of(
    collection: mongo.Collection,
    query: Mapping[str, Any],
    page: Page,
    request: Request,
    response: Response,
    *,
    without: Sequence[str] = (),
) -> list[mongo.Document]:
    """The documents of a page, ``without`` these fields, and the ``Link`` to the next one where there is more."""
    beyond = {"$and": [dict(query), {"_id": {"$gt": page.after}}]} if page.after else query  # it may name ids itself
    with mongo.unavailable():
        cursor = collection.find(beyond, dict.fromkeys(without, 0) or None).sort("_id", 1).limit(page.limit + 1)
        documents: list[mongo.Document] = await cursor.to_list(None)
    if len(documents) > page.limit:
        documents.pop()
        _served(response, request, documents[-1]["_id"])
    return documents


async def timed_page_of(
    collection: mongo.Collection,
    query: Mapping[str, Any],
    page: Page,
    request: Request,
    response: Response,
    *,
    newest_first: bool,
) -> list[mongo.Document]:
    """As ``page_of``, in the order of the field ``time`` (an instant in milliseconds) and the id, from either end."""
    wanted = [dict(query), _beyond(page.after, "$lt" if newest_first else "$gt")] if page.after else [dict(query)]
    way = -1 if newest_first else 1
    with mongo.unavailable():
        cursor = collection.find({"$and": wanted}).sort([("time", way), ("_id", way)]).limit(page.limit + 1)
        documents: list[mongo.Document] = await cursor.to_list(None)
    if len(documents) > page.limit:
        documents.pop()
        last = documents[-1]
        _served(response, request, f"{last['time'].isoformat()} {last['_id']}")
    return documents


def _beyond(after: str, than: str) -> dict[str, Any]:
    """What lies beyond the last item of the page before. Raises ``Invalid`` for a cursor of another list."""
    text, space, id = after.partition(" ")
    try:
        time = datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _foreign() from None
    if not space or not text.endswith("+00:00"):
        raise _foreign()
    return {"$or": [{"time": {than: time}}, {"time": time, "_id": {than: id}}]}
