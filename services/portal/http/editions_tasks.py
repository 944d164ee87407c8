"""What waits for those who run editions: what stands in the way, requests for a waiver, executives escalated."""

from __future__ import annotations

from collections.abc import Iterator

from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.http.editions_steps import in_the_way
from services.portal.http.navigation import STAFF
from services.portal.http.page import SignedPage
from services.portal.http.tasks import Task
from services.portal.pages.edition_words import STAGES, STEPS

_MOST = 5  # editions at a time; more than two or three a year have nobody to run them


async def tasks(page: SignedPage) -> list[Task]:
    """The tasks of all editions that are not closed; none for those who run none."""
    if not page.has(*STAFF):
        return []
    client = Editions(page.applications)
    ours = [one.edition_id for one in await client.all() if one.stage != "closed" and one.escalation is not None]
    return [task for id in ours[:_MOST] for task in _of(page, (await client.show(id)).value)]


def _of(page: SignedPage, one: Edition) -> Iterator[Task]:
    here, number = f"/editions/{one.edition_id}", page.formats.number
    warnings = one.next.warnings if one.next else ()
    if waiting := sum(warning.number or 1 for warning in warnings if warning.code == "waivers-waiting"):
        text = page.text("Decide on waivers: %(count)s", count=number(waiting))
        yield Task(f"{here}/waivers", text, one.name, "due", page.text("waits for you"))
    if escalated := (one.participations or {}).get("escalated", 0):
        text = page.text("Executives without a mentor, escalated: %(count)s", count=number(escalated))
        yield Task(f"{here}/people?state=escalated", text, one.name, "stop", page.text("escalated"))
    yield from _next_step(page, one)


def _next_step(page: SignedPage, one: Edition) -> Iterator[Task]:
    """The step to the next stage, or that something stands in its way."""
    step = STEPS.get(one.next.stage) if one.next else None
    if step is None or (one.next and one.next.stage == "closed"):
        return
    here, blocked = f"/editions/{one.edition_id}", list(in_the_way(page, one))
    text = page.text("%(step)s: %(name)s", step=page.text(step.button), name=one.name)
    if not blocked:
        yield Task(f"{here}/stage", text, "", "open", page.text("can be done"))
    elif one.stage == "draft":
        told = page.text("Prepare the edition %(name)s", name=one.name)
        yield Task(here, told, "; ".join(task.text for task in blocked[:2]), "open", page.text(STAGES["draft"][1]))
    elif one.stage == "matching":  # what the call and the selection wait for has tasks of its own
        yield Task(here, text, blocked[0].text, "part", page.text("something is in the way"))
