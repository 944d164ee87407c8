"""Who is selected: decisions on the ranks, their release, acceptances, and a reserve who follows somebody leaving."""

from __future__ import annotations

from collections import Counter
from typing import Any

from deploy.local.story import calendar, papers
from deploy.local.story.applying import every_application
from deploy.local.story.calling import APPLICATIONS, stage_of
from deploy.local.story.cast import Cast
from deploy.local.story.portals import StoryFailed
from deploy.local.story.telling import say, together

_RESERVED = calendar.RESERVES + 1  # of whom the first follows


async def decide(cast: Cast, edition: str) -> None:
    """The manager decides along the ranks; nobody is told before all decisions are released together."""
    cast.portals.set_clock(calendar.DECISIONS)
    if await stage_of(cast, edition) != "selection":
        return
    entries = (await cast.manager.get(APPLICATIONS, f"/v1/editions/{edition}/board")).body["entries"]
    undecided = [one for one in await every_application(cast, edition) if one["status"] == "applied"]
    if undecided:
        decisions = _decisions(cast, entries, undecided)
        body = {"decisions": decisions, "reason": papers.reason("selected")}
        path = f"/v1/editions/{edition}/decisions"
        done = (await cast.manager.create(APPLICATIONS, path, body, "decisions")).body
        _none_refused(done)
        await _release(cast, edition, "decisions")
        counted = Counter(decision["decision"] for decision in decisions)
        say(", ".join(f"{number} {decision}" for decision, number in counted.items()) + "; all were told together")


def _decisions(cast: Cast, entries: list[dict[str, Any]], undecided: list[dict[str, Any]]) -> list[dict[str, str]]:
    """By rank; the tie at the cut is decided by a person, with a reason of its own."""
    ranked = sorted(
        (one for one in entries if one["rank"]), key=lambda one: (one["rank"], cast.number(one) == papers.LOST_THE_TIE)
    )
    tied = [cast.number(one) for one in ranked if "tie-at-cut" in one["flags"]]
    if tied != [papers.WON_THE_TIE, papers.LOST_THE_TIE]:
        raise StoryFailed(f"the tie at the cut is between {tied}")
    decisions = []
    for place, entry in enumerate(ranked):
        decision = _decision(place)
        reason = "tie" if entry["tied"] and decision == "selected" else decision
        decisions.append(_decided(entry, decision, reason))
    known = {entry["application_id"] for entry in ranked}
    return [*decisions, *(_decided(one, "declined", "ineligible") for one in undecided if _id(one) not in known)]


def _decision(place: int) -> str:
    if place < calendar.SELECTED:
        return "selected"
    return "reserved" if place < calendar.SELECTED + _RESERVED else "declined"


def _decided(one: dict[str, Any], decision: str, reason: str) -> dict[str, str]:
    return {"application_id": _id(one), "decision": decision, "reason": papers.reason(reason)}


def _id(one: dict[str, Any]) -> str:
    return str(one["application_id"])


async def _release(cast: Cast, edition: str, what: str) -> None:
    """Until nothing that was decided is left untold."""
    remaining, number = 1, 0
    while remaining:
        path, number = f"/v1/editions/{edition}/release", number + 1
        done = (await cast.manager.create(APPLICATIONS, path, {}, f"release {what} {number}")).body
        _none_refused(done)
        remaining = done["remaining"]


def _none_refused(done: dict[str, Any]) -> None:
    if done["refused"]:
        raise StoryFailed(f"refused: {done['refused']}")


async def accept(cast: Cast, edition: str) -> None:
    """Whoever was selected accepts in time; one withdraws, and the first of the reserves follows."""
    if await stage_of(cast, edition) != "selection":
        return  # whoever leaves later leaves a vacancy too, which is nobody's here
    cast.portals.set_clock(calendar.ACCEPTING)
    await _acceptances(cast, edition)
    cast.portals.set_clock(calendar.WITHDRAWAL)
    await _withdraw(cast, edition)
    await _follow(cast, edition)
    await _acceptances(cast, edition)
    told = Counter(one["status"] for one in await every_application(cast, edition))
    say(f"{told['accepted']} mentors have accepted, {told['withdrawn']} withdrew, a reserve has followed")
    if (told["accepted"], told["reserved"]) != (calendar.SELECTED, calendar.RESERVES):
        raise StoryFailed(f"the selection came to {dict(told)}")


async def _acceptances(cast: Cast, edition: str) -> None:
    async def one(application: dict[str, Any]) -> None:
        place = (APPLICATIONS, f"/v1/applications/{_id(application)}")
        await cast.member(application["mentor_id"]).change_at(place, "acceptance", {})

    found = await every_application(cast, edition)
    chosen = [one for one in found if one["status"] == "selected" and cast.number(one) != papers.WITHDRAWN]
    await together(one, chosen)


async def _withdraw(cast: Cast, edition: str) -> None:
    found = await every_application(cast, edition)
    [leaving] = [one for one in found if cast.number(one) == papers.WITHDRAWN]
    if leaving["status"] == "selected":
        place, body = (APPLICATIONS, f"/v1/applications/{_id(leaving)}"), {"reason": papers.reason("withdrawal")}
        await cast.member(leaving["mentor_id"]).change_at(place, "withdrawal", body)


async def _follow(cast: Cast, edition: str) -> None:
    """The board proposes the next reserve, a person decides, and releases the decision."""
    board = (await cast.manager.get(APPLICATIONS, f"/v1/editions/{edition}/board")).body
    proposed = [vacancy["next"] for vacancy in board["vacancies"] if vacancy["next"]]
    for number, application in enumerate(proposed):
        body = {"decision": "selected", "reason": papers.reason("released_reserve")}
        await cast.manager.change_at((APPLICATIONS, f"/v1/applications/{application}"), "decision", body)
        await _release(cast, edition, f"reserve {number}")
