"""The chapters of the story, from the roster to the seventh month of sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from typing import Any

import typer

from deploy.local.addresses import Addresses
from deploy.local.story import calendar
from deploy.local.story.portals import Portals, StoryFailed, eventually
from services.chassis.wire import rfc3339

_AT_ONCE = 8  # persons who act at the same time
_ON_THEIR_WAY = ("profile-missing", "unknown-person")  # problems that pass as soon as the roster has arrived


@dataclass(frozen=True, slots=True)
class Cast:
    """The persons and companies of the story by employee number and name; ids are random, so they are looked up."""

    persons: dict[str, str]
    subsidiaries: tuple[str, ...]

    @property
    def manager(self) -> str:
        """The programme manager."""
        return self.persons["P001"]

    def number(self, application: dict[str, Any]) -> str:
        """The employee number of an applicant."""
        return next(number for number, id in self.persons.items() if id == application["mentor_id"])

    @property
    def applicants(self) -> list[str]:
        """The applicants' employee numbers, in order."""
        return sorted(number for number in self.persons if number.startswith("M"))


async def play(addresses: Addresses) -> None:
    """Play the story through; what was played before is not repeated. Raises ``StoryFailed``."""
    async with Portals(addresses) as portals:
        if board := await _played(portals):
            say(f"the story was played before; its board: {board}")
            _say_mail(addresses)
            return
        portals.set_clock(calendar.CALL_OPENS)
        cast = await import_roster(portals)
        edition = await open_edition(portals, cast)
        applications = await apply(portals, cast, edition)
        await decide(portals, cast, edition, applications)
        await match(portals, cast, edition)
        await hold_sessions(portals, edition)
        say(f"the board: {addresses.services['reporting']}/v1/boards/{edition}")
        _say_mail(addresses)


def say(line: str) -> None:
    """Tell the audience what has happened."""
    typer.echo(line)


def _say_mail(addresses: Addresses) -> None:
    if addresses.mail and "notifications" in addresses.services:
        say(f"the mail that was sent: {addresses.mail}")


async def _played(portals: Portals) -> str | None:
    """The address of the story's board, if all of its sessions are on it."""
    for board in await portals.every("reporting", "/v1/boards"):
        if board["name"] == calendar.EDITION:
            path = f"/v1/boards/{board['edition_id']}"
            totals = (await portals.get("reporting", path)).body["totals"]
            return portals.url("reporting", path) if totals["sessions_held"] >= calendar.sessions_held() else None
    return None


async def import_roster(portals: Portals) -> Cast:
    """Four companies, the holding included."""
    roster = files("deploy.local.story").joinpath("roster.csv").read_bytes()
    report = (await portals.upload("people", "/v1/roster", "story", roster)).body
    if report["refused"]:
        raise StoryFailed(f"the roster was refused: {report['refused']}")
    persons = {person["employee_number"]: person["id"] for person in await portals.every("people", "/v1/people")}
    subsidiaries = tuple(sorted(company["id"] for company in (await portals.get("people", "/v1/subsidiaries")).body))
    say(f"roster: {len(persons)} persons in {len(subsidiaries)} companies")
    return Cast(persons, subsidiaries)


async def open_edition(portals: Portals, cast: Cast) -> str:
    """An edition with its call; every executive in scope takes part."""
    body = {
        "name": calendar.EDITION,
        "starts_on": calendar.STARTS.isoformat(),
        "ends_on": calendar.ENDS.isoformat(),
        "subsidiaries": cast.subsidiaries,
    }
    opened = await portals.create("applications", "/v1/editions", cast.manager, body, "edition")
    path = f"/v1/editions/{opened.body['edition_id']}"
    call = {
        "reference_date": calendar.REFERENCE.isoformat(),
        "languages": ["de", "en"],
        "closes_at": rfc3339(calendar.CALL_CLOSES),
    }
    await portals.change("applications", f"{path}/call", cast.manager, call, seen=opened.etag, name="call")

    async def everybody_obliged() -> int | None:
        report = (await portals.get("applications", path)).body["participations"]
        there = report["obliged"] + report["exempt"]
        return there if there == calendar.EXECUTIVES else None

    say(f"edition and call are open; {await eventually(everybody_obliged, 'all executives take part')} executives")
    return str(opened.body["edition_id"])


async def apply(portals: Portals, cast: Cast, edition: str) -> list[dict[str, Any]]:
    """The young employees apply, each for themselves, as soon as their own data have arrived there."""

    async def one(number: str) -> dict[str, Any]:
        me = cast.persons[number]

        async def attempt() -> dict[str, Any] | None:
            path = f"/v1/editions/{edition}/applications"
            try:
                return dict((await portals.create("applications", path, me, {"mentor_id": me}, f"apply {me}")).body)
            except StoryFailed as error:
                if error.kind in _ON_THEIR_WAY:
                    return None
                raise

        return await eventually(attempt, f"{number} can apply")

    applications = await _together(one, cast.applicants)
    unmet = sum(application["eligibility"] != "met" for application in applications)
    say(f"{len(applications)} applications, {unmet} over the limit at the reference date")
    return applications


async def decide(portals: Portals, cast: Cast, edition: str, applications: Iterable[dict[str, Any]]) -> None:
    """Waivers, an exemption, and who is selected."""
    portals.set_clock(calendar.DECISIONS)
    waived = 0
    for application in sorted(applications, key=cast.number):
        if application["eligibility"] == "unmet":
            granted = waived < calendar.WAIVED
            waived += granted
            await _waive(portals, cast, application["application_id"], granted)
    await _exempt_one(portals, cast, edition)
    path = f"/v1/editions/{edition}/applications"
    current = sorted(await portals.every("applications", path), key=cast.number)
    able = [one for one in current if one["eligibility"] != "unmet"]
    chosen = {one["application_id"] for one in able[: calendar.SELECTED]}

    async def one(application: dict[str, Any]) -> None:
        id = application["application_id"]
        selected = id in chosen
        body = {"decision": "selected"} if selected else {"decision": "declined", "reason": "All places are taken."}
        await _change(portals, ("applications", f"/v1/applications/{id}"), "decision", cast.manager, body)

    await _together(one, current)
    say(f"{len(chosen)} mentors selected, {len(current) - len(chosen)} declined, {waived} by waiver, 1 exemption")


async def _waive(portals: Portals, cast: Cast, id: str, granted: bool) -> None:
    reason = "Runs the group's social media channels." if granted else "The rule is to hold for everybody else."
    body = {"decision": "granted" if granted else "refused", "reason": reason}
    await _change(portals, ("applications", f"/v1/applications/{id}"), "waiver", cast.manager, body)


async def _exempt_one(portals: Portals, cast: Cast, edition: str) -> None:
    exempt = cast.persons["E017"]
    participations = await portals.every("applications", f"/v1/editions/{edition}/participations")
    id = next(one["participation_id"] for one in participations if one["mentee_id"] == exempt)
    body = {"reason": "leaving", "explanation": "Retires in the summer of 2026."}
    await _change(portals, ("applications", f"/v1/participations/{id}"), "exemption", cast.manager, body)


async def match(portals: Portals, cast: Cast, edition: str) -> None:
    """A run, its review and its publication."""
    portals.set_clock(calendar.MATCHING)
    wanted = (calendar.SELECTED, calendar.EXECUTIVES - calendar.EXEMPT, 0, 0)
    counts = ("mentors", "executives", "without_profile", "unknown")

    async def all_known() -> bool | None:
        found = await portals.find("matching", f"/v1/candidates?edition_id={edition}")
        return True if found and tuple(found[name] for name in counts) == wanted else None

    await eventually(all_known, "matching knows all mentors and executives, each with a profile")
    requested = await portals.create("matching", "/v1/runs", cast.manager, {"edition_id": edition}, "run")
    path = f"/v1/runs/{requested.body['run_id']}"
    await _run_reaches(portals, path, "proposed")
    await _change(portals, ("matching", path), "review", cast.manager, {"decision": "approved"})
    await _change(portals, ("matching", path), "publication", cast.manager, {})
    run = await _run_reaches(portals, path, "published")
    covered = run["coverage"]
    if covered["covered"] != covered["executives"]:
        raise StoryFailed(f"not every executive is paired: {run['uncovered']}")
    say(f"{covered['covered']} of {covered['executives']} executives paired, worst pair {run['worst']}")


async def _run_reaches(portals: Portals, path: str, state: str) -> dict[str, Any]:
    async def reached() -> dict[str, Any] | None:
        run = (await portals.get("matching", path)).body
        return dict(run) if run["state"] == state else None

    return await eventually(reached, f"the run is {state}")


async def hold_sessions(portals: Portals, edition: str) -> None:
    """Seven months; some meetings are cancelled, and more than half of the pairs fall asleep."""
    pairs = await eventually(lambda: _workspaces(portals, edition), "each pair has its workspace")
    for month, begins in enumerate(calendar.MONTHS):
        portals.set_clock(begins)
        meetings = list(calendar.meetings(month))

        async def plan(meeting: calendar.Meeting) -> tuple[calendar.Meeting, str]:
            return meeting, await _plan(portals, pairs[meeting.pair], meeting)

        planned = await _together(plan, meetings)
        portals.set_clock(max(meeting.over_at for meeting in meetings) + timedelta(days=1))
        await _together(lambda one: _conclude(portals, pairs[one[0].pair], *one), planned)
        held = sum(not meeting.cancelled for meeting in meetings)
        say(f"{begins:%B %Y}: {held} sessions held, {len(meetings) - held} cancelled")


async def _workspaces(portals: Portals, edition: str) -> list[dict[str, Any]] | None:
    found = await portals.every("sessions", f"/v1/workspaces?edition_id={edition}")
    complete = len(found) == calendar.EXECUTIVES - calendar.EXEMPT
    return sorted(found, key=lambda one: str(one["pair_id"])) if complete else None


async def _plan(portals: Portals, pair: dict[str, Any], meeting: calendar.Meeting) -> str:
    path = f"/v1/workspaces/{pair['pair_id']}/sessions"
    body = {"planned_for": rfc3339(meeting.planned_for), "minutes": 60}
    name = f"plan {pair['pair_id']} {meeting.month}"
    return str((await portals.create("sessions", path, pair["mentor_id"], body, name)).body["session_id"])


async def _conclude(portals: Portals, pair: dict[str, Any], meeting: calendar.Meeting, session: str) -> None:
    workspace = f"/v1/workspaces/{pair['pair_id']}"
    seen = (await portals.get("sessions", workspace)).etag
    held: dict[str, Any] = {"held_at": rfc3339(meeting.planned_for), "minutes": 45 + 15 * (meeting.pair % 3)}
    step, body, actor = ("cancellation", {}, "mentee_id") if meeting.cancelled else ("holding", held, "mentor_id")
    path = f"{workspace}/sessions/{session}/{step}"
    await portals.change("sessions", path, pair[actor], body, seen=seen, name=f"{step} {session}")


async def _change(portals: Portals, place: tuple[str, str], step: str, actor: str, body: dict[str, Any]) -> None:
    """Change the aggregate at ``place`` (service, path) as it stands now."""
    service, path = place
    seen = (await portals.get(service, path)).etag
    await portals.change(service, f"{path}/{step}", actor, body, seen=seen, name=f"{step} {path}")


async def _together(act: Callable[[Any], Awaitable[Any]], whom: Iterable[Any]) -> list[Any]:
    """Let several persons act at the same time."""
    places = asyncio.Semaphore(_AT_ONCE)

    async def one(who: Any) -> Any:
        async with places:
            return await act(who)

    return list(await asyncio.gather(*(one(who) for who in whom)))
