"""The last chapter: seven months of sessions, each pair in its own workspace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from deploy.local.story import calendar
from deploy.local.story.cast import Cast
from deploy.local.story.portals import eventually
from deploy.local.story.telling import say, together
from services.chassis.wire import rfc3339


async def hold_sessions(cast: Cast, edition: str) -> None:
    """Seven months; some meetings are cancelled, and more than half of the pairs fall asleep."""
    pairs = await eventually(lambda: _workspaces(cast, edition), "each pair has its workspace")
    for month, begins in enumerate(calendar.MONTHS):
        cast.portals.set_clock(begins)
        meetings = list(calendar.meetings(month))

        async def plan(meeting: calendar.Meeting) -> tuple[calendar.Meeting, str]:
            return meeting, await _plan(cast, pairs[meeting.pair], meeting)

        planned = await together(plan, meetings)
        cast.portals.set_clock(max(meeting.over_at for meeting in meetings) + timedelta(days=1))
        await together(lambda one: _conclude(cast, pairs[one[0].pair], *one), planned)
        held = sum(not meeting.cancelled for meeting in meetings)
        say(f"{begins:%B %Y}: {held} sessions held, {len(meetings) - held} cancelled")


async def _workspaces(cast: Cast, edition: str) -> list[dict[str, Any]] | None:
    found = await cast.manager.every("sessions", f"/v1/workspaces?edition_id={edition}")
    complete = len(found) == calendar.EXECUTIVES - calendar.EXEMPT
    return sorted(found, key=lambda one: str(one["pair_id"])) if complete else None


async def _plan(cast: Cast, pair: dict[str, Any], meeting: calendar.Meeting) -> str:
    path = f"/v1/workspaces/{pair['pair_id']}/sessions"
    body = {"planned_for": rfc3339(meeting.planned_for), "minutes": 60}
    name = f"plan {pair['pair_id']} {meeting.month}"
    planned = await cast.member(pair["mentor_id"]).create("sessions", path, body, name)
    return str(planned.body["session_id"])


async def _conclude(cast: Cast, pair: dict[str, Any], meeting: calendar.Meeting, session: str) -> None:
    held: dict[str, Any] = {"held_at": rfc3339(meeting.planned_for), "minutes": 45 + 15 * (meeting.pair % 3)}
    step, body, who = ("cancellation", {}, "mentee_id") if meeting.cancelled else ("holding", held, "mentor_id")
    place = ("sessions", f"/v1/workspaces/{pair['pair_id']}")
    await cast.member(pair[who]).change_at(place, f"sessions/{session}/{step}", body)
