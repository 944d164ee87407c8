"""Promises on drafts of which managers were told: that there is one they see, not when it is written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.calls import OFFICE, PARTS, REASON, World, kind_of, new_id, serving_calls
from tests.support.servers import Running

ASKED, WRITTEN, AGAIN = "2026-01-13T09:00:00Z", "2026-01-14T09:00:00Z", "2026-01-15T09:00:00Z"


@pytest.fixture
async def world(servers: Running, tmp_path: Path) -> AsyncIterator[World]:
    """The service with a call open."""
    async with serving_calls(servers, tmp_path) as running:
        yield running


async def seen(world: World, path: str) -> tuple[str, Any]:
    """The ETag and what a manager sees."""
    answer = await world.ask("GET", path, by=OFFICE)
    assert answer.status_code == 200, answer.text
    return answer.headers["ETag"], answer.json()


async def test_manager_does_not_see_when_a_draft_is_written(world: World) -> None:
    """Since the waiver was asked for, nothing moves by writing; by what those responsible learn, it does."""
    edition = await world.edition(company := new_id())
    person = await world.candidate(company, birth_date="1980-01-01")
    path = await world.draft(edition, person)
    world.clock.write_text(ASKED)
    await world.done(path, "/waiver-request", {"reason": REASON}, by=person)
    before = await seen(world, path)
    world.clock.write_text(WRITTEN)
    await world.done(path, "", dict(PARTS), by=person, method="PATCH")
    assert await seen(world, path) == before
    assert (before[1]["started_at"], before[1]["changed_at"]) == ("2026-01-13T09:00:00.000Z",) * 2

    world.clock.write_text(AGAIN)
    waiver = {"decision": "granted", "reason": REASON}
    decided = await world.ask("POST", f"{path}/waiver", waiver, **{"If-Match": before[0]})
    stale = await world.ask("POST", f"{path}/waiver", waiver, **{"If-Match": before[0]})
    assert (decided.status_code, kind_of(stale)) == (200, (412, "lost-update"))
    assert decided.json()["changed_at"] == "2026-01-15T09:00:00.000Z"
    assert decided.headers["ETag"] != before[0]


async def test_late_admission_does_not_tell_whether_there_was_a_draft(world: World) -> None:
    """Who wrote something, who withdrew it and began again, and who did not begin: they look alike."""
    edition = await world.edition(company := new_id())
    without, begun, again = [await world.candidate(company) for _ in range(3)]
    await world.draft(edition, begun, **PARTS)
    path = await world.draft(edition, again, **PARTS)
    await world.done(path, "/withdrawal", {}, by=again)
    await world.done(path, "", {"manager_informed": False}, by=again, method="PATCH")
    world.clock.write_text(ASKED)
    own, told = ("application_id", "mentor_id"), []
    for person in (without, begun, again):
        admission = {"person_id": person, "until": "2026-03-20T00:00:00Z", "reason": REASON}
        answer = await world.create(f"{edition}/late-admissions", admission)
        assert answer.status_code == 201, answer.text
        shown = {name: value for name, value in answer.json().items() if name not in own}
        told.append((answer.headers["ETag"], shown))

    assert told[0] == told[1] == told[2]
