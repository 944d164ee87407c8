"""Promises of how the story asks: in whose name, and again where an answer will be another one soon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from deploy.local.addresses import Addresses
from deploy.local.story.portals import Portals, StoryFailed
from tests.support.serving import guarded

STALE = JSONResponse({"type": "urn:tandem:problem:directory-stale"}, 503)
NOT_LINKED = JSONResponse({"type": "urn:tandem:problem:login-not-linked"}, 403)
NO_ROLE = JSONResponse({"type": "urn:tandem:problem:role-missing"}, 403)
REFUSED = JSONResponse({"type": "urn:tandem:problem:not-accepted"}, 401)
GOOD = JSONResponse({"good": True}, 201)


@contextmanager
def answering(answers: Iterable[JSONResponse], folder: Path) -> Iterator[tuple[Portals, list[Any]]]:
    """A service that gives these answers one after the other, and the headers of the requests it got."""
    left, seen = list(answers), list[Any]()

    app = FastAPI()

    @app.post("/v1/things")
    async def answer(request: Request) -> JSONResponse:
        seen.append(request.headers)
        return left.pop(0)

    with guarded(app) as url:
        yield Portals(Addresses("", "", {"people": url}, issuer="http://issuer", issuer_folder=str(folder))), seen


async def created(portals: Portals) -> Any:
    async with portals:
        return (await portals.by("kurz").create("people", "/v1/things", {}, "a thing")).body


async def test_a_command_is_sent_again_under_its_key_until_the_directory_knows_the_caller(tmp_path: Path) -> None:
    """After a jump of the clock the directory is stale for a moment, and after the roster people arrive one by one."""
    with answering([STALE, NOT_LINKED, GOOD], tmp_path) as (portals, seen):
        assert await created(portals) == {"good": True}

    assert len(seen) == 3
    assert len({one["idempotency-key"] for one in seen}) == 1


async def test_a_missing_role_is_no_news_on_their_way(tmp_path: Path) -> None:
    """What a rule denies fails the story at once, with the problem's kind."""
    with answering([NO_ROLE], tmp_path) as (portals, _), pytest.raises(StoryFailed) as failed:
        await created(portals)

    assert failed.value.kind == "role-missing"


async def test_a_refused_token_is_minted_anew_once(tmp_path: Path) -> None:
    """The keys may have been changed since; a second refusal is final."""
    with answering([REFUSED, GOOD], tmp_path) as (portals, seen):
        assert await created(portals) == {"good": True}
    assert len({one["authorization"] for one in seen}) == 2

    with answering([REFUSED, REFUSED], tmp_path) as (portals, seen), pytest.raises(StoryFailed) as failed:
        await created(portals)
    assert failed.value.kind == "not-accepted"
