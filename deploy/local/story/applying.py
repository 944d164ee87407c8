"""The young employees apply, each under the own login; afterwards the manager decides who is excused from a rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.local.story import calendar, papers
from deploy.local.story.calling import APPLICATIONS
from deploy.local.story.cast import Cast
from deploy.local.story.portals import StoryFailed, eventually
from deploy.local.story.telling import say, together

_ON_THEIR_WAY = ("profile-missing", "unknown-person", "not-in-scope")  # pass as soon as the roster has arrived
_STEP_BY_STEP = "M004"  # saves a draft first, and sends it when it is complete


async def apply(cast: Cast, edition: str) -> None:
    """Everybody who has not yet sends an application as soon as their own data have arrived there."""
    cast.portals.set_clock(calendar.APPLYING)
    items = (await cast.manager.get("people", "/v1/catalogues/platforms")).body["items"]
    platforms = {item["name"]: item["code"] for item in items}

    async def one(number: str) -> Any:
        return await eventually(lambda: _attempt(cast, edition, number, platforms), f"{number} can apply")

    sent = {cast.number(application) for application in await every_application(cast, edition)}
    await together(one, (number for number in cast.applicants if number not in sent))
    applications = await every_application(cast, edition)
    unmet = sum(application["eligibility"] != "met" for application in applications)
    say(f"{len(applications)} applications, {unmet} over the limit at the reference date")


async def _attempt(cast: Cast, edition: str, number: str, platforms: Mapping[str, str]) -> dict[str, Any] | None:
    """The application that was sent; None while the service has not heard enough of the applicant."""
    path, parts = f"/v1/editions/{edition}/applications", papers.papers()[number].body(platforms)
    try:
        if number == _STEP_BY_STEP:
            return await _step_by_step(cast, path, number, parts)
        body = {"mentor_id": cast.persons[number], "submit": True, **parts}
        return dict((await cast.acting(number).create(APPLICATIONS, path, body, f"apply {number}")).body)
    except StoryFailed as error:
        if error.kind in _ON_THEIR_WAY:
            return None
        raise


async def _step_by_step(cast: Cast, path: str, number: str, parts: Mapping[str, Any]) -> dict[str, Any]:
    me = cast.acting(number)
    draft = (await me.create(APPLICATIONS, path, {"mentor_id": cast.persons[number]}, f"draft {number}")).body
    own = f"/v1/applications/{draft['application_id']}"
    if (await me.get(APPLICATIONS, own)).body["status"] == "draft":
        for name, value in parts.items():
            await me.amend(APPLICATIONS, own, {name: value})
        await me.change_at((APPLICATIONS, own), "submission", {})
    return dict((await me.get(APPLICATIONS, own)).body)


async def decide_waivers(cast: Cast, edition: str) -> None:
    """Of those who miss a rule and asked to be excused, one is; the others are told why not."""
    cast.portals.set_clock(calendar.WAIVERS)
    granted = refused = 0
    for application in await every_application(cast, edition):
        paper = papers.papers()[cast.number(application)]
        if application["eligibility"] == "met" or not paper.waiver:
            continue
        excused = granted < calendar.WAIVED
        granted, refused = granted + excused, refused + (not excused)
        reason = papers.reason("waiver_granted" if excused else "waiver_refused")
        body = {"decision": "granted" if excused else "refused", "reason": reason}
        place = (APPLICATIONS, f"/v1/applications/{application['application_id']}")
        await cast.manager.change_at(place, "waiver", body)
    say(f"{granted} waiver granted, {refused} refused")


async def every_application(cast: Cast, edition: str) -> list[dict[str, Any]]:
    """All applications that were sent, in the order of the employee numbers."""
    path = f"/v1/editions/{edition}/applications"
    return sorted(await cast.manager.every(APPLICATIONS, path), key=cast.number)
