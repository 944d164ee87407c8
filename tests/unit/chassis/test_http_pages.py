"""Cursor pages over a real database: everything once, and no cursor is ever a bug."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.chassis.ids import random_id
from services.chassis.settings import Settings
from tests.support.servers import Running
from tests.support.small_service import Small, running_small


@pytest_asyncio.fixture(scope="module")
async def small(servers: Running) -> AsyncIterator[Small]:
    """The small service with seven notes on one text, and one on another."""
    own = Settings(kafka="127.0.0.1:1", mongodb=servers.mongodb, database_prefix="test_http_pages")
    async with running_small(own) as running:
        await running.database["notes"].delete_many({})
        for text in (*(["a & b"] * 7), "c"):
            answer = await running.http.post("/v1/notes", json={"text": text}, headers={"Idempotency-Key": random_id()})
            assert answer.status_code == 201
        yield running


async def pages(small: Small, **query: str | int) -> list[list[str]]:
    """The ids on all pages, followed by their links."""
    found, address = [], "/v1/notes"
    answer = await small.http.get(address, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        found.append([note["note_id"] for note in answer.json()])
        following = answer.links.get("next")
        if following is None:
            return found
        answer = await small.http.get(following["url"])


@pytest.mark.parametrize(("limit", "sizes"), [(1, [1] * 7), (3, [3, 3, 1]), (6, [6, 1]), (7, [7]), (200, [7])])
async def test_following_the_links_shows_everything_once(small: Small, limit: int, sizes: list[int]) -> None:
    """In the order of ids, with the filter kept, and no empty page at the end."""
    found = await pages(small, limit=limit, text="a & b")
    assert [len(page) for page in found] == sizes
    ids = [id for page in found for id in page]
    assert ids == sorted(set(ids))


async def test_the_link_is_absolute_and_keeps_what_was_asked(small: Small) -> None:
    """A client needs nothing but the address in the header."""
    answer = await small.http.get("/v1/notes", params={"limit": 2, "text": "a & b"})
    address = answer.links["next"]["url"]
    assert address.startswith("http://127.0.0.1:8000/v1/notes?limit=2&text=a+%26+b&cursor=")


@pytest.mark.parametrize("limit", ["0", "-1", "201", "many", "1.5", ""])
async def test_a_page_size_out_of_bounds_is_refused(small: Small, limit: str) -> None:
    """422 naming the parameter."""
    answer = await small.http.get("/v1/notes", params={"limit": limit})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query limit")


async def test_a_parameter_that_the_route_does_not_know_is_refused(small: Small) -> None:
    """A mistake in a filter's name must not list everything; the answer says which there are."""
    answer = await small.http.get("/v1/notes", params={"txet": "a", "limit": 2})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query txet")
    assert "cursor, limit, text" in answer.json()["detail"]


async def test_a_cursor_that_is_none_is_refused(small: Small) -> None:
    """422 says where cursors come from."""
    for cursor in ("zzz", base64.urlsafe_b64encode(b"\xff\xfe").decode(), "x" * 401):
        answer = await small.http.get("/v1/notes", params={"cursor": cursor})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "query cursor"


forged = st.one_of(
    st.text(max_size=300),
    st.binary(max_size=200).map(lambda raw: base64.urlsafe_b64encode(raw).decode()),
    st.text(max_size=60).map(lambda text: base64.urlsafe_b64encode(text.encode("utf-8", "replace")).decode()),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cursor=forged.map(lambda text: text.encode("utf-8", "replace").decode()))
async def test_a_forged_cursor_is_never_a_bug(small: Small, cursor: str) -> None:
    """It shows a page of what the caller may see anyway, or is refused."""
    answer = await small.http.get("/v1/notes", params={"cursor": cursor, "limit": 2})
    assert answer.status_code in {200, 422}, answer.text
