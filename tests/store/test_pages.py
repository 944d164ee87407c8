"""Promises of pages: each document once, in the order of ids, whatever is added meanwhile."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import Request, Response

from services.chassis import mongo
from services.chassis.errors import Invalid
from services.chassis.http.pages import page_of, requested_page

ITEMS = "items"


async def page(database: mongo.Database, limit: int, cursor: str | None, **query: int) -> tuple[list[str], str | None]:
    """The ids of a page, and the cursor of its Link to the next one."""
    scope = {"type": "http", "method": "GET", "path": "/v1/items", "query_string": b"", "headers": []}
    request, response = Request({**scope, "server": ("127.0.0.1", 80), "scheme": "http"}), Response()
    asked = await requested_page(limit, cursor)
    found = [document["_id"] for document in await page_of(database[ITEMS], query, asked, request, response)]
    link = response.headers.get("Link")
    if link is None:
        return found, None
    target, relation = link.split("; ")
    assert relation == 'rel="next"'
    return found, parse_qs(urlsplit(target.strip("<>")).query)["cursor"][0]


async def walk(database: mongo.Database, limit: int, **query: int) -> list[list[str]]:
    """All pages, one after the other."""
    found, cursor = await page(database, limit, None, **query)
    pages = [found]
    while cursor:
        found, cursor = await page(database, limit, cursor, **query)
        pages.append(found)
    return pages


@pytest.fixture
async def items(database: mongo.Database) -> mongo.Database:
    await database[ITEMS].insert_many([{"_id": f"i{n}", "odd": n % 2} for n in (3, 1, 4, 0, 2)])
    return database


async def test_pages_hold_each_document_once_in_the_order_of_ids(items: mongo.Database) -> None:
    """The last page has no Link, also where it is full."""
    assert await walk(items, 2) == [["i0", "i1"], ["i2", "i3"], ["i4"]]
    assert await walk(items, 5) == [["i0", "i1", "i2", "i3", "i4"]]
    assert await walk(items, 1, odd=1) == [["i1"], ["i3"]]
    assert await walk(items, 2, odd=7) == [[]]


async def test_what_is_added_between_two_pages_moves_nothing(items: mongo.Database) -> None:
    """A document before the cursor is not seen, one behind it is, none is seen twice."""
    first, cursor = await page(items, 3, None)
    await items[ITEMS].insert_many([{"_id": "i00"}, {"_id": "i5"}])

    assert (first, await page(items, 3, cursor)) == (["i0", "i1", "i2"], (["i3", "i4", "i5"], None))


@pytest.mark.parametrize("cursor", ["!", "AA", "_w==", "ü"])
async def test_a_cursor_that_was_not_served_here_is_refused(database: mongo.Database, cursor: str) -> None:
    """A forged cursor is the caller's fault, with the field named."""
    with pytest.raises(Invalid) as refusal:
        await page(database, 2, cursor)
    assert [field.field for field in refusal.value.fields] == ["query cursor"]
