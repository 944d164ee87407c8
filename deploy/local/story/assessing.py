"""A round of assessment: six assessors, three sheets for each application, blind until all are in."""

from __future__ import annotations

from typing import Any

from deploy.local.story import calendar, papers
from deploy.local.story.calling import APPLICATIONS, go_to, stage_of
from deploy.local.story.cast import Cast
from deploy.local.story.portals import Acting, eventually
from deploy.local.story.telling import say, together
from services.chassis.wire import rfc3339


async def open_round(cast: Cast, edition: str) -> str:
    """The call is over; every assessor has sheets. The round's id."""
    cast.portals.set_clock(calendar.ASSESSING)
    if await stage_of(cast, edition) == "call_open":
        await go_to(cast, edition, "selection")
    body = {"per_application": calendar.SHEETS_EACH, "due_at": rfc3339(calendar.SHEETS_DUE)}
    made = await cast.manager.create(APPLICATIONS, f"/v1/editions/{edition}/rounds", body, "round")
    round_id = str(made.body["round_id"])

    async def assigned() -> dict[str, Any] | None:
        round = (await cast.manager.get(APPLICATIONS, f"/v1/rounds/{round_id}")).body
        return dict(round) if round["state"] != "assigning" else None

    await eventually(assigned, "every assessor has sheets")
    say(f"round of {calendar.RANKED} applications, {calendar.SHEETS_EACH} sheets each, {calendar.ASSESSORS} assessors")
    return round_id


async def assess(cast: Cast, edition: str, round_id: str) -> None:
    """Each assessor reads what there is, writes on every sheet and hands all of them in; then the round is over."""

    async def one(number: str) -> int:
        me, path = cast.acting(number), f"/v1/editions/{edition}/sheets"
        queue = await me.every(APPLICATIONS, path)
        sheets = [sheet for sheet in queue if sheet["round_id"] == round_id and sheet["state"] == "open"]
        for sheet in sheets:
            await _write(me, number, sheet["sheet_id"])
        if sheets:
            await me.create(APPLICATIONS, f"/v1/rounds/{round_id}/hand-in", {}, f"hand in {number}")
        return len(sheets)

    written = sum(await together(one, cast.assessors))

    async def closed() -> bool | None:
        round = (await cast.manager.get(APPLICATIONS, f"/v1/rounds/{round_id}")).body
        return True if round["state"] == "closed" else None

    await eventually(closed, "the round is closed")
    say(f"{written} sheets handed in; the round is closed and the ranks are open")


async def _write(me: Acting, number: str, sheet_id: str) -> None:
    path = f"/v1/sheets/{sheet_id}"
    seen = await me.get(APPLICATIONS, path)
    answers = [question["answer"] for question in seen.body["application"]["questions"]]
    judgement = papers.judge(number, papers.read(answers))
    await me.change(APPLICATIONS, path, judgement.body, seen=seen.etag, name=f"write {sheet_id}", method="PUT")
