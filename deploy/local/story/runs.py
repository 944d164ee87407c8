"""Runs of matching as a manager uses them: requested, proposed, proven, reviewed, published."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from deploy.local.story.cast import Cast
from deploy.local.story.portals import StoryFailed, eventually

MATCHING = "matching"
_PATIENCE = 180.0  # seconds; a solving process may have to compile its kernels first
_VERIFY = (sys.executable, "-m", "services.chassis.cli", "matching", "verify", "-", "--json")


async def proposed(cast: Cast, edition: str, name: str, kind: str = "full") -> dict[str, Any]:
    """A run with its proposal; ``name`` tells it from the others of the story."""
    body = {"edition_id": edition, "kind": kind}
    requested = await cast.manager.create(MATCHING, "/v1/runs", body, name)
    return await _reaches(cast, f"/v1/runs/{requested.body['run_id']}", "proposed", "superseded", "published")


async def prove(cast: Cast, run: dict[str, Any]) -> str:
    """Have the certificate checked by the program that anybody can check it with; what it proves, in words.

    Raises ``StoryFailed`` where the program refuses it, or where it is about something else than the run.
    """
    document = (await cast.manager.get(MATCHING, f"/v1/runs/{run['run_id']}/certificate")).body
    verdict = await _verdict(json.dumps(document).encode())
    claimed = {"coverage": run["coverage"]["covered"], "digest": run["certificate"]["digest"]}
    proven = {"coverage": verdict["claim"]["coverage"], "digest": verdict["digest"]}
    if proven != claimed:
        raise StoryFailed(f"the certificate proves {proven}, and the run says {claimed}")
    return f"certificate verified: {verdict['pairs']} allowed pairs, {verdict['digest'][:19]}…"


async def _verdict(certificate: bytes) -> dict[str, Any]:
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*_VERIFY, stdin=pipe, stdout=pipe, stderr=pipe)
    told, complaint = await process.communicate(certificate)
    if process.returncode != 0:
        raise StoryFailed(f"tandem matching verify refuses the certificate: {(told or complaint).decode()}")
    return dict(json.loads(told))


async def publish(cast: Cast, run: dict[str, Any]) -> dict[str, Any]:
    """Approve the proposal and have all of it published; the run when that is done."""
    path = f"/v1/runs/{run['run_id']}"
    await cast.manager.change_at((MATCHING, path), "review", {"decision": "approved"})
    await cast.manager.change_at((MATCHING, path), "publication", {})
    return await _reaches(cast, path, "published")


async def _reaches(cast: Cast, path: str, *states: str) -> dict[str, Any]:
    async def reached() -> dict[str, Any] | None:
        run = (await cast.manager.get(MATCHING, path)).body
        if run["failure"]:
            raise StoryFailed(f"the run came to nothing: {run['failure']}")
        return dict(run) if run["state"] in states else None

    return await eventually(reached, f"the run is {states[0]}", _PATIENCE)
