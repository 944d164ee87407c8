"""A mentor leaves in summer: HR says so, the pair ends, and a re-match changes one other pair."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from deploy.local.story import calendar, roster, runs
from deploy.local.story.cast import Cast, take_over
from deploy.local.story.portals import StoryFailed, eventually
from deploy.local.story.telling import say

CHANGES = 1  # other pairs that may change, so that everybody has a mentor again


async def leave(cast: Cast, edition: str) -> None:
    """HR reports a mentor's last day; by that alone the pair ends, and its executive is without a mentor."""
    cast.portals.set_clock(calendar.LEAVING)
    yesterday = calendar.LEAVING.date() - timedelta(days=1)
    await take_over(cast.acting(roster.HR), roster.leavers(yesterday), file="leavers.csv", partial=True)
    mentor = cast.persons[roster.LEAVER]

    async def ended() -> dict[str, Any] | None:
        pairs = await cast.manager.every(runs.MATCHING, f"/v1/pairs?edition_id={edition}&active=false")
        return next((pair for pair in pairs if pair["mentor_id"] == mentor), None)

    pair = await eventually(ended, "the leaver's pair has ended")
    if pair["ended"]["reason"] != "mentor_left":
        raise StoryFailed(f"the leaver's pair ended for another reason: {pair['ended']}")
    say(f"{cast.name_of(mentor)} leaves; {cast.name_of(pair['mentee_id'])} has no mentor any more")


async def rematch(cast: Cast, edition: str) -> None:
    """Of the ways to re-match the one with a single change: without any, somebody would stay without a mentor."""
    cast.portals.set_clock(calendar.REMATCH)
    run = await runs.proposed(cast, edition, "re-match", kind="rematch")
    covered = {one["changes"]: one["coverage"] for one in run["alternatives"]}
    if (covered.get(0), covered.get(CHANGES)) != (calendar.EXECUTIVES - 1, calendar.EXECUTIVES):
        raise StoryFailed(f"the ways to re-match cover {covered}")
    if run["state"] == "proposed":
        await cast.manager.change_at((runs.MATCHING, f"/v1/runs/{run['run_id']}"), "choice", {"changes": CHANGES})
    run = await runs.publish(cast, run)
    for pair in run["pairs"]:
        say(f"  {cast.name_of(pair['mentee_id'])} meets {cast.name_of(pair['mentor_id'])} from now on")
    say(f"re-match: {covered[0]} executives without another change, {covered[CHANGES]} with one")
