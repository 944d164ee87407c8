"""The overview: what I must do next, by role and from what is stored now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Away
from services.portal.clients.records import Company, Me
from services.portal.clients.rosters import Rosters
from services.portal.http import applying_tasks, assessing_queue, editions_tasks, matching_tasks, selection_tasks
from services.portal.http.accounts import expiring
from services.portal.http.navigation import STAFF
from services.portal.http.page import Open, Signed
from services.portal.http.tasks import Task


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def home(page: Signed) -> Response:
        matched, unmatched = await _there(matching_tasks.tasks(page))
        programme, away = await _there(_programme(page))
        tasks = [*matched, *programme, *[task async for task in _tasks(page)]]
        if page.me.roles:  # what others wait for comes before a call that one may answer oneself
            tasks.sort(key=lambda task: task.optional)
        return page.show("home.html", me=page.me, tasks=tasks, away=away or unmatched, as_of=page.now())

    @router.get("/accessibility")
    async def accessibility(page: Open) -> Response:
        return page.show("accessibility.html")

    return router


async def _there(found: Awaitable[list[Task]]) -> tuple[list[Task], bool]:
    """Tasks, and whether nobody could tell them: what waits elsewhere waits none the less."""
    try:
        return await found, False
    except Away:
        return [], True


async def _programme(page: Signed) -> list[Task]:
    """What waits for this person in editions. Raises ``Away``."""
    parts = [applying_tasks, assessing_queue, selection_tasks, editions_tasks]
    if page.me.roles:  # what others wait for comes before one's own application
        parts.append(parts.pop(0))
    return [task for found in await asyncio.gather(*(part.tasks(page) for part in parts)) for task in found]


async def _tasks(page: Signed) -> AsyncIterator[Task]:
    """What waits for this person, what is due first."""
    if page.has("group_office", "operator"):
        for task in await _keys(page):
            yield task
    if page.has(*STAFF, "hr_integrator"):
        for task in await _imports(page):
            yield task
    if page.has(*STAFF, "data_protection"):
        for task in _unnamed(page, await page.people.companies()):
            yield task
    if mine := _profile(page, page.me):
        yield mine


async def _keys(page: Signed) -> list[Task]:
    accounts = (await page.people.accounts()).items
    formats = page.formats
    return [
        Task(
            f"/accounts/{account.id}",
            page.text("Renew the key of %(name)s", name=account.name),
            page.text("Make a new key, put it into the program, then end the old one."),
            "due",
            page.text("until %(day)s", day=formats.day(ends.date())),
        )
        for account, ends in expiring(accounts, page.now())
    ]


async def _imports(page: Signed) -> list[Task]:
    """The dry runs of rosters that nobody has looked at to the end."""
    latest = (await Rosters(page.people.caller).imports()).items
    return [
        Task(
            f"/roster/{one.id}",
            page.text("Check the import of %(file)s", file=one.file_name or page.text("a roster")),
            page.text("Nothing has changed yet. Apply it, or discard it."),
            "due",
            page.text("since %(moment)s", moment=page.formats.moment(one.at)),
        )
        for one in latest
        if one.state == "planned"
    ]


def _unnamed(page: Signed, companies: list[Company]) -> list[Task]:
    """The companies of which nobody knows whom to ask."""
    missing = [one for one in companies if not (one.contacts.works_council and one.contacts.data_protection_officer)]
    if len(missing) > 1:
        hint = ", ".join(one.name for one in missing[:3]) + (", …" if len(missing) > 3 else "")
        text = page.text("Say whom to ask in %(count)s companies", count=page.formats.number(len(missing)))
        return [Task("/companies", text, hint, "open", page.text("open"))]
    return [
        Task(
            f"/companies/{one.id}/contacts",
            page.text("Say whom to ask in %(name)s", name=one.name),
            page.text("Works council and data-protection officer: people ask them first about their data."),
            "open",
            page.text("open"),
        )
        for one in missing
    ]


def _profile(page: Signed, me: Me) -> Task | None:
    """What the matching does not know yet of her."""
    short, told = page.text("open"), page.text("It takes two minutes. The matching starts from it.")
    if me.executive and not me.profile.wishes:
        return Task("/me/wishes", page.text("Say what you want to learn"), told, "open", short)
    if not me.executive and not me.profile.skills:
        return Task("/me/skills", page.text("Say which platforms you know"), told, "open", short)
    if not (me.profile.languages or me.profile.spoken):
        hint = page.text("A pair needs a language that both speak.")
        return Task("/me/languages", page.text("State your languages"), hint, "open", short)
    return None
