"""The first chapter after the roster: an edition, its call with rules, texts, questions and rubric, and its opening."""

from __future__ import annotations

from typing import Any

from deploy.local.story import calendar, papers
from deploy.local.story.cast import Cast
from deploy.local.story.portals import eventually
from deploy.local.story.telling import say
from services.chassis.wire import rfc3339

APPLICATIONS = "applications"
_ESCALATED_AFTER = 10  # days


async def open_edition(cast: Cast) -> str:
    """The edition with its call open, in which every executive in scope takes part; its id."""
    made = await cast.manager.create(APPLICATIONS, "/v1/editions", _edition(cast), "edition")
    edition = str(made.body["edition_id"])
    if await stage_of(cast, edition) == "draft":
        await _set_up(cast, edition)
        await go_to(cast, edition, "call_open")

    async def everybody_obliged() -> int | None:
        report = (await cast.manager.get(APPLICATIONS, f"/v1/editions/{edition}")).body["participations"]
        there = sum(report[status] for status in ("obliged", "paired", "escalated", "exempt"))
        return there if there == calendar.EXECUTIVES else None

    say(f"edition and call are open; {await eventually(everybody_obliged, 'all executives take part')} executives")
    return edition


async def stage_of(cast: Cast, edition: str) -> str:
    """How far the edition is."""
    return str((await cast.manager.get(APPLICATIONS, f"/v1/editions/{edition}")).body["stage"])


async def go_to(cast: Cast, edition: str, stage: str) -> None:
    """Take the edition on to a stage, as soon as nothing stands in the way."""
    path = f"/v1/editions/{edition}"

    async def free() -> bool | None:
        following = (await cast.manager.get(APPLICATIONS, path)).body["next"]
        return True if following and following["stage"] == stage and not following["blockers"] else None

    await eventually(free, f"nothing keeps the edition from the stage {stage}")
    await cast.manager.change_at((APPLICATIONS, path), "stage", {"to": stage}, name=f"stage {stage}")


def _edition(cast: Cast) -> dict[str, Any]:
    return {
        "name": calendar.EDITION,
        "starts_on": calendar.STARTS.isoformat(),
        "ends_on": calendar.ENDS.isoformat(),
        "zone": "Europe/Berlin",
        "subsidiaries": list(cast.subsidiaries),
    }


async def _set_up(cast: Cast, edition: str) -> None:
    path = f"/v1/editions/{edition}"
    dates = {
        "decision_on": calendar.DECISION_ON.isoformat(),
        "accept_by": calendar.ACCEPT_BY.isoformat(),
        "reserve_until": calendar.RESERVE_UNTIL.isoformat(),
        "escalation": {"to": cast.officer, "after_days": _ESCALATED_AFTER},
    }
    await cast.manager.amend(APPLICATIONS, path, dates)
    written = papers.call()
    call = {
        "reference_date": calendar.REFERENCE.isoformat(),
        "opens_at": None,
        "closes_at": rfc3339(calendar.CALL_CLOSES),
        "languages": ["de", "en"],
        "names_hidden": True,
        "hours_a_month": 2,
        "texts": written["texts"],
        "rules": written["rules"],
    }
    rubric = {"criteria": written["criteria"], "spread": 25, "sheets": calendar.SHEETS_EACH}
    for part, body in (("call", call), ("form", {"questions": written["questions"]}), ("rubric", rubric)):
        await cast.manager.change_at((APPLICATIONS, path), part, body, method="PUT")
