"""The chapters of the story, from the roster to the seventh month of sessions; each person acts under the own login."""

from __future__ import annotations

from typing import Any

from deploy.local.addresses import Addresses
from deploy.local.story import calendar
from deploy.local.story.applying import apply, decide_waivers
from deploy.local.story.assessing import assess, open_round
from deploy.local.story.calling import APPLICATIONS, go_to, open_edition, stage_of
from deploy.local.story.cast import Cast, import_roster, office
from deploy.local.story.months import hold_sessions
from deploy.local.story.portals import Acting, Portals, StoryFailed, eventually
from deploy.local.story.selecting import accept, begin_matching, decide
from deploy.local.story.telling import say


async def play(addresses: Addresses, until: calendar.Stage | None = None) -> None:
    """Play the story through, or until a stage; what was played before is not repeated. Raises ``StoryFailed``."""
    async with Portals(addresses) as portals:
        officer = await office(portals, addresses)
        if await (_stands(officer) if until else _played(officer)):
            say("the story was played before")
            return
        portals.set_clock(calendar.CALL_OPENS)
        cast = await import_roster(portals, officer)
        say(f"roster: {len(cast.persons)} persons in {len(cast.subsidiaries)} companies")
        edition = await open_edition(cast)
        await apply(cast, edition)
        await decide_waivers(cast, edition)
        round_id = await open_round(cast, edition)
        if until == "selection":
            say("here the story stops: the assessors have their sheets, and the rest is done by hand")
            return
        await assess(cast, edition, round_id)
        await decide(cast, edition)
        await accept(cast, edition)
        await match(cast, edition)
        await hold_sessions(cast, edition)


async def _played(officer: Acting) -> bool:
    """Whether all of the story's sessions are on its board."""
    for board in await officer.every("reporting", "/v1/boards"):
        if board["name"] == calendar.EDITION:
            totals = (await officer.get("reporting", f"/v1/boards/{board['edition_id']}")).body["totals"]
            return bool(totals["sessions_held"] >= calendar.sessions_held())
    return False


async def _stands(officer: Acting) -> bool:
    """Whether the story has come to its selection: a round was opened, and who knows what was done by hand since."""
    for edition in await officer.every(APPLICATIONS, "/v1/editions"):
        if edition["name"] == calendar.EDITION:
            return bool((await officer.get(APPLICATIONS, f"/v1/editions/{edition['edition_id']}/rounds")).body)
    return False


async def match(cast: Cast, edition: str) -> None:
    """A run, its review and its publication; then every executive has a mentor, and the programme runs."""
    await begin_matching(cast, edition)
    wanted = (calendar.SELECTED, calendar.EXECUTIVES - calendar.EXEMPT, 0, 0)
    counts = ("mentors", "executives", "without_profile", "unknown")

    async def all_known() -> bool | None:
        found = await cast.manager.find("matching", f"/v1/candidates?edition_id={edition}")
        return True if found and tuple(found[name] for name in counts) == wanted else None

    if await stage_of(cast, edition) != "matching":
        return
    await eventually(all_known, "matching knows all mentors and executives, each with a profile")
    requested = await cast.manager.create("matching", "/v1/runs", {"edition_id": edition}, "run")
    path = f"/v1/runs/{requested.body['run_id']}"
    await _run_reaches(cast, path, "proposed")
    await cast.manager.change_at(("matching", path), "review", {"decision": "approved"})
    await cast.manager.change_at(("matching", path), "publication", {})
    run = await _run_reaches(cast, path, "published")
    covered = run["coverage"]
    if covered["covered"] != covered["executives"]:
        raise StoryFailed(f"not every executive is paired: {run['uncovered']}")
    say(f"{covered['covered']} of {covered['executives']} executives paired, worst pair {run['worst']}")
    await go_to(cast, edition, "running")


async def _run_reaches(cast: Cast, path: str, state: str) -> dict[str, Any]:
    async def reached() -> dict[str, Any] | None:
        run = (await cast.manager.get("matching", path)).body
        return dict(run) if run["state"] == state else None

    return await eventually(reached, f"the run is {state}")
