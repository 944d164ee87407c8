"""The chapters of the story, from the roster to the seventh month of sessions; each person acts under the own login."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from deploy.local.addresses import Addresses
from deploy.local.story import calendar
from deploy.local.story.cast import Cast, import_roster, office
from deploy.local.story.months import hold_sessions
from deploy.local.story.portals import Acting, Portals, StoryFailed, eventually
from deploy.local.story.telling import say, together
from services.chassis.wire import rfc3339

_ON_THEIR_WAY = ("profile-missing", "unknown-person")  # problems that pass as soon as the roster has arrived


async def play(addresses: Addresses) -> None:
    """Play the story through; what was played before is not repeated. Raises ``StoryFailed``."""
    async with Portals(addresses) as portals:
        officer = await office(portals, addresses)
        if await _played(officer):
            say("the story was played before")
            return
        portals.set_clock(calendar.CALL_OPENS)
        cast = await import_roster(portals, officer)
        say(f"roster: {len(cast.persons)} persons in {len(cast.subsidiaries)} companies")
        edition = await open_edition(cast)
        applications = await apply(cast, edition)
        await decide(cast, edition, applications)
        await match(cast, edition)
        await hold_sessions(cast, edition)


async def _played(officer: Acting) -> bool:
    """Whether all of the story's sessions are on its board."""
    for board in await officer.every("reporting", "/v1/boards"):
        if board["name"] == calendar.EDITION:
            totals = (await officer.get("reporting", f"/v1/boards/{board['edition_id']}")).body["totals"]
            return bool(totals["sessions_held"] >= calendar.sessions_held())
    return False


async def open_edition(cast: Cast) -> str:
    """An edition with its call; every executive in scope takes part."""
    body = {
        "name": calendar.EDITION,
        "starts_on": calendar.STARTS.isoformat(),
        "ends_on": calendar.ENDS.isoformat(),
        "subsidiaries": cast.subsidiaries,
    }
    opened = await cast.manager.create("applications", "/v1/editions", body, "edition")
    path = f"/v1/editions/{opened.body['edition_id']}"
    call = {
        "reference_date": calendar.REFERENCE.isoformat(),
        "languages": ["de", "en"],
        "closes_at": rfc3339(calendar.CALL_CLOSES),
    }
    await cast.manager.change("applications", f"{path}/call", call, seen=opened.etag, name="call")

    async def everybody_obliged() -> int | None:
        report = (await cast.manager.get("applications", path)).body["participations"]
        there = report["obliged"] + report["exempt"]
        return there if there == calendar.EXECUTIVES else None

    say(f"edition and call are open; {await eventually(everybody_obliged, 'all executives take part')} executives")
    return str(opened.body["edition_id"])


async def apply(cast: Cast, edition: str) -> list[dict[str, Any]]:
    """The young employees apply, each for themselves, as soon as their own data have arrived there."""

    async def one(number: str) -> dict[str, Any]:
        me = cast.persons[number]

        async def attempt() -> dict[str, Any] | None:
            path = f"/v1/editions/{edition}/applications"
            try:
                applied = await cast.member(me).create("applications", path, {"mentor_id": me}, f"apply {me}")
            except StoryFailed as error:
                if error.kind in _ON_THEIR_WAY:
                    return None
                raise
            return dict(applied.body)

        return await eventually(attempt, f"{number} can apply")

    applications = await together(one, cast.applicants)
    unmet = sum(application["eligibility"] != "met" for application in applications)
    say(f"{len(applications)} applications, {unmet} over the limit at the reference date")
    return applications


async def decide(cast: Cast, edition: str, applications: Iterable[dict[str, Any]]) -> None:
    """Waivers, an exemption, and who is selected."""
    cast.portals.set_clock(calendar.DECISIONS)
    waived = 0
    for application in sorted(applications, key=cast.number):
        if application["eligibility"] == "unmet":
            granted = waived < calendar.WAIVED
            waived += granted
            await _waive(cast, application["application_id"], granted)
    await _exempt_one(cast, edition)
    path = f"/v1/editions/{edition}/applications"
    current = sorted(await cast.manager.every("applications", path), key=cast.number)
    able = [one for one in current if one["eligibility"] != "unmet"]
    chosen = {one["application_id"] for one in able[: calendar.SELECTED]}

    async def one(application: dict[str, Any]) -> None:
        id = application["application_id"]
        selected = id in chosen
        body = {"decision": "selected"} if selected else {"decision": "declined", "reason": "All places are taken."}
        await cast.manager.change_at(("applications", f"/v1/applications/{id}"), "decision", body)

    await together(one, current)
    say(f"{len(chosen)} mentors selected, {len(current) - len(chosen)} declined, {waived} by waiver, 1 exemption")


async def _waive(cast: Cast, id: str, granted: bool) -> None:
    reason = "Runs the group's social media channels." if granted else "The rule is to hold for everybody else."
    body = {"decision": "granted" if granted else "refused", "reason": reason}
    await cast.manager.change_at(("applications", f"/v1/applications/{id}"), "waiver", body)


async def _exempt_one(cast: Cast, edition: str) -> None:
    exempt = cast.persons["E017"]
    participations = await cast.manager.every("applications", f"/v1/editions/{edition}/participations")
    id = next(one["participation_id"] for one in participations if one["mentee_id"] == exempt)
    body = {"reason": "leaving", "explanation": "Retires in the summer of 2026."}
    await cast.manager.change_at(("applications", f"/v1/participations/{id}"), "exemption", body)


async def match(cast: Cast, edition: str) -> None:
    """A run, its review and its publication."""
    cast.portals.set_clock(calendar.MATCHING)
    wanted = (calendar.SELECTED, calendar.EXECUTIVES - calendar.EXEMPT, 0, 0)
    counts = ("mentors", "executives", "without_profile", "unknown")

    async def all_known() -> bool | None:
        found = await cast.manager.find("matching", f"/v1/candidates?edition_id={edition}")
        return True if found and tuple(found[name] for name in counts) == wanted else None

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


async def _run_reaches(cast: Cast, path: str, state: str) -> dict[str, Any]:
    async def reached() -> dict[str, Any] | None:
        run = (await cast.manager.get("matching", path)).body
        return dict(run) if run["state"] == state else None

    return await eventually(reached, f"the run is {state}")
