"""Where the story can be stopped to go on by hand, and whether it has come there before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.local.story import calendar
from deploy.local.story.calling import APPLICATIONS
from deploy.local.story.portals import Acting

TOLD: Mapping[calendar.Stage, str] = {
    "selection": "the assessors have their sheets",
    "matching": "the mentors have accepted, and no run was started",
    "rematch": "an executive has lost the mentor, and no re-match was started",
}


async def reached(officer: Acting, until: calendar.Stage | None) -> bool:
    """Whether the story was played to this stage, or to its end: who knows what was done by hand since."""
    if until is None:
        return await _is_over(officer)
    for edition in await officer.every(APPLICATIONS, "/v1/editions"):
        if edition["name"] == calendar.EDITION:
            return await _has_come(officer, edition["edition_id"], until)
    return False


async def _has_come(officer: Acting, edition: str, until: calendar.Stage) -> bool:
    if until == "selection":
        return bool((await officer.get(APPLICATIONS, f"/v1/editions/{edition}/rounds")).body)
    if until == "matching":
        found: dict[str, Any] = (await officer.get(APPLICATIONS, f"/v1/editions/{edition}")).body
        return found["stage"] not in ("draft", "call_open", "selection")
    return bool(await officer.every("matching", f"/v1/pairs?edition_id={edition}&active=false"))


async def _is_over(officer: Acting) -> bool:
    """Whether all of the story's sessions are on its board."""
    for board in await officer.every("reporting", "/v1/boards"):
        if board["name"] == calendar.EDITION:
            totals = (await officer.get("reporting", f"/v1/boards/{board['edition_id']}")).body["totals"]
            return bool(totals["sessions_held"] >= calendar.sessions_held())
    return False
