"""Who meets whom: one executive stays without, a place more helps, and the run that covers everybody is published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deploy.local.story import calendar, papers, runs
from deploy.local.story.calling import go_to, stage_of
from deploy.local.story.cast import Cast
from deploy.local.story.portals import StoryFailed, eventually
from deploy.local.story.telling import say


async def begin_matching(cast: Cast, edition: str) -> None:
    """The edition goes on to matching, which knows all mentors and executives, each with a profile."""
    cast.portals.set_clock(calendar.MATCHING)
    if await stage_of(cast, edition) == "selection":
        await go_to(cast, edition, "matching")
    wanted = (calendar.SELECTED, calendar.EXECUTIVES, 0, 0)
    counts = ("mentors", "executives", "without_profile", "unknown")

    async def all_known() -> bool | None:
        found = await cast.manager.find(runs.MATCHING, f"/v1/candidates?edition_id={edition}")
        return True if found and tuple(found[name] for name in counts) == wanted else None

    if await stage_of(cast, edition) == "matching":
        await eventually(all_known, "matching knows all mentors and executives, each with a profile")


async def match(cast: Cast, edition: str) -> None:
    """Two runs with a place more between them, the second one published; then the programme runs."""
    if await stage_of(cast, edition) != "matching":
        return
    await _give_a_place(cast, edition, await _first(cast, edition))
    run = await runs.proposed(cast, edition, "run with a place more")
    _must_cover(run, calendar.EXECUTIVES)
    say(f"again: {_figures(run)}; {await runs.prove(cast, run)}")
    run = await runs.publish(cast, run)
    if kept := [pair for pair in run["pairs"] if pair["outcome"] != "published"]:
        raise StoryFailed(f"not every pair was published: {kept}")
    await go_to(cast, edition, "running")


async def _first(cast: Cast, edition: str) -> dict[str, Any]:
    """The run in which executives compete for too few places."""
    run = await runs.proposed(cast, edition, "run")
    _must_cover(run, calendar.COVERED_AT_FIRST)
    say(f"first run: {_figures(run)}; {await runs.prove(cast, run)}")
    for one in run["shortages"]:
        rivals, places = _names(cast, one["executives"]), one["places"]
        say(f"  {rivals} compete for {places} place{'s' * (places != 1)} of {_names(cast, one['mentors'])}")
    return run


async def _give_a_place(cast: Cast, edition: str, run: dict[str, Any]) -> None:
    """Take the cheapest way out: one mentor has a place more in this edition."""
    cheapest = run["relaxations"][0]
    if cheapest["kind"] != "extra_place":
        raise StoryFailed(f"the cheapest way out is no extra place: {run['relaxations']}")
    places, mentor = int(cheapest["value"]), cheapest["mentor_id"]
    body = {"kind": "place", "mentor_id": mentor, "places": places, "reason": papers.reason("extra_place")}
    await cast.manager.create(runs.MATCHING, f"/v1/editions/{edition}/overrides", body, "a place more")
    say(f"  {cast.name_of(mentor)} agrees to {places} places, the cheapest of {len(run['relaxations'])} ways out")


def _must_cover(run: dict[str, Any], wanted: int) -> None:
    if run["coverage"] != {"covered": wanted, "executives": calendar.EXECUTIVES}:
        raise StoryFailed(f"of {calendar.EXECUTIVES} executives not {wanted} are covered: {run['uncovered']}")


def _figures(run: dict[str, Any]) -> str:
    covered = run["coverage"]
    return f"{covered['covered']} of {covered['executives']} executives, worst pair {run['worst']}"


def _names(cast: Cast, ids: Sequence[str]) -> str:
    return " and ".join(sorted(cast.name_of(id) for id in ids))
