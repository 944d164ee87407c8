"""Seven months of sessions, each pair in its own workspace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from deploy.local.story import calendar
from deploy.local.story.cast import Cast
from deploy.local.story.portals import eventually
from deploy.local.story.telling import say, together
from services.chassis.wire import rfc3339


async def hold_sessions(cast: Cast, edition: str, months: Iterable[int]) -> None:
    """Some months, counted from 0; some meetings are cancelled, and more than half of the pairs fall asleep."""
    for month in months:
        await _hold(cast, await _workspaces(cast, edition, calendar.MONTHS[month]), month)


async def _hold(cast: Cast, workspaces: Sequence[dict[str, Any]], month: int) -> None:
    begins, meetings = calendar.MONTHS[month], list(calendar.meetings(month))
    cast.portals.set_clock(begins)
    planned = await together(lambda one: _planned(cast, workspaces[one.executive], one), meetings)
    cast.portals.set_clock(max(meeting.over_at for meeting in meetings) + timedelta(days=1))
    await together(lambda one: _conclude(cast, workspaces[one[0].executive], *one), planned)
    held = sum(not meeting.cancelled for meeting in meetings)
    say(f"{begins:%B %Y}: {held} sessions held, {len(meetings) - held} cancelled")


async def _workspaces(cast: Cast, edition: str, at: datetime) -> list[dict[str, Any]]:
    """The workspace of each executive's pair of this instant, by the employee numbers, when all have one."""

    async def known() -> list[dict[str, Any]] | None:
        pairs = await cast.manager.every("matching", f"/v1/pairs?edition_id={edition}")
        going = {pair["pair_id"] for pair in pairs if _goes_on(pair, at)}
        workspaces = await cast.manager.every("sessions", f"/v1/workspaces?edition_id={edition}")
        found = [workspace for workspace in workspaces if workspace["pair_id"] in going]
        return found if len(found) == calendar.EXECUTIVES else None

    found = await eventually(known, "each executive has a workspace with a mentor")
    return sorted(found, key=lambda workspace: cast.number_of(workspace["mentee_id"]))


def _goes_on(pair: dict[str, Any], at: datetime) -> bool:
    ended = pair["ended"]
    return _instant(pair["matched_at"]) <= at and (ended is None or _instant(ended["ended_at"]) > at)


async def _planned(cast: Cast, workspace: dict[str, Any], meeting: calendar.Meeting) -> tuple[calendar.Meeting, Any]:
    """The meeting's session, as it is if it was planned before."""
    for session in workspace["sessions"]:
        if _instant(session["planned_for"]) == meeting.planned_for:
            return meeting, session
    path = f"/v1/workspaces/{workspace['pair_id']}/sessions"
    body = {"planned_for": rfc3339(meeting.planned_for), "minutes": 60}
    name = f"plan {workspace['pair_id']} {meeting.month}"
    return meeting, (await cast.member(workspace["mentor_id"]).create("sessions", path, body, name)).body


async def _conclude(cast: Cast, workspace: dict[str, Any], meeting: calendar.Meeting, session: dict[str, Any]) -> None:
    if session["state"] != "planned":
        return
    held: dict[str, Any] = {"held_at": rfc3339(meeting.planned_for), "minutes": 45 + 15 * (meeting.executive % 3)}
    step, body, who = ("cancellation", {}, "mentee_id") if meeting.cancelled else ("holding", held, "mentor_id")
    place = ("sessions", f"/v1/workspaces/{workspace['pair_id']}")
    await cast.member(workspace[who]).change_at(place, f"sessions/{session['session_id']}/{step}", body)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
