"""The calls: which are open, what one says, and the first step to an application."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Refusal
from services.portal.clients.application_records import Application, Eligibility
from services.portal.clients.edition_records import Edition
from services.portal.clients.editions import Editions
from services.portal.clients.records import Company, Seen
from services.portal.http.applying_case import applying, deadlines_of, rules_of, title_of
from services.portal.http.page import Signed, SignedPage
from services.portal.pages import applying_words
from services.portal.pages.deadlines import Deadline
from services.portal.pages.passages import Passage, passage
from services.portal.pages.rule_words import STANDINGS


@dataclass(frozen=True, slots=True)
class Listed:
    """A call as the list shows it, with one's own application in it; ``state`` is coming, open or over."""

    edition: Edition
    title: Passage
    state: str
    deadline: Deadline
    opens: Deadline | None
    mine: Application | None


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/calls", include_in_schema=False)

    @router.get("")
    async def calls(page: Signed) -> Response:
        found = await listed(page, closed=True)
        return page.show("calls/list.html", calls=found, me=page.me, applying=applying_words, as_of=page.now())

    @router.get("/{edition}")
    async def call(page: Signed, edition: str) -> Response:
        return page.show("calls/call.html", **await _call(page, edition))

    @router.post("/{edition}")
    async def start(page: Signed, edition: str) -> Response:
        return await _started(page, edition)

    return router


async def listed(page: SignedPage, *, closed: bool = False) -> list[Listed]:
    """The calls that concern the reader, the latest first: open ones, coming ones, and those she applied in.

    Applications in editions that are over only where ``closed``.
    """
    editions, own = await asyncio.gather(Editions(page.applications).all(), applying(page).all_mine(closed=closed))
    mine = {one.edition_id: one for one in own}
    rows = [_listed(page, one, mine.get(one.edition_id)) for one in editions if _called(one)]
    return [row for row in rows if row.mine or (row.state != "over" and _concerns(page, row.edition))]


def _concerns(page: SignedPage, edition: Edition) -> bool:
    """Whether the reader's company takes part; those responsible see other editions too."""
    return edition.group_wide or page.me.subsidiary in edition.subsidiaries


def _called(edition: Edition) -> bool:
    return edition.stage != "draft" and edition.call is not None and edition.call.closes_at is not None


def _listed(page: SignedPage, edition: Edition, mine: Application | None) -> Listed:
    call, deadlines = edition.call, deadlines_of(page, edition)
    if call is None or call.closes_at is None:
        raise Refusal(404, "not-found", "")
    opens = deadlines.until(call.opens_at) if call.opens_at else None
    deadline = deadlines.until(call.closes_at)
    return Listed(
        edition,
        title_of(page, edition),
        _state(edition, deadline, opens),
        deadline,
        opens,
        mine,
    )


def _state(edition: Edition, deadline: Deadline, opens: Deadline | None) -> str:
    if edition.stage != "call_open" or deadline.passed:
        return "over"
    return "coming" if opens and not opens.passed else "open"


async def _call(page: SignedPage, id: str) -> dict[str, Any]:
    """What the page of a call shows."""
    edition = (await Editions(page.applications).show(id)).value
    mine = await applying(page).mine(id)
    return {**await call_shown(page, edition, mine), "checked": await _checked(page, edition, mine)}


async def call_shown(page: SignedPage, edition: Edition, mine: Seen[Application] | None = None) -> dict[str, Any]:
    """What the page of a call tells everybody. Raises ``Refusal`` 404 for one without a deadline."""
    row = _listed(page, edition, mine.value if mine else None)
    invited = {tag: text.invitation for tag, text in (edition.call.texts if edition.call else {}).items()}
    return {
        "row": row,
        "mine_version": mine and mine.version,
        "edition": edition,
        "call": edition.call,
        "deadlines": deadlines_of(page, edition),
        "invitation": passage(invited, page.language, edition.languages),
        "rules": await rules_of(page),
        "say": lambda texts: passage(texts, page.language, edition.languages),
        "company": await _company(page),
        "applying": applying_words,
        "standings": STANDINGS,
        "me": page.me,
    }


async def _checked(page: SignedPage, edition: Edition, mine: Seen[Application] | None) -> Eligibility | None:
    """How the rules are counted for the reader; None where nobody counts any more."""
    if mine:
        one = mine.value
        return Eligibility(rules=one.rules, eligible=one.eligibility != "unmet", standing=one.standing)
    try:
        return await applying(page).eligibility(edition.edition_id)
    except Refusal as refusal:
        if refusal.status in {404, 409}:
            return None
        raise


async def _company(page: SignedPage) -> Company | None:
    try:
        return (await page.people.company(page.me.subsidiary)).value if page.me.subsidiary else None
    except Refusal:
        return None


async def _started(page: SignedPage, id: str) -> Response:
    """Begin an application, or take up the one there is; who misses a rule is told so first."""
    form, mine = await page.form(), await applying(page).mine(id)
    try:
        if mine is None:
            mine = await applying(page).start(id, page.me.id, form.change)
        elif mine.value.status == "withdrawn":
            mine = await applying(page).save(mine.value.application_id, form.change, {})
    except Refusal as refusal:
        if refusal.status == LOST:
            return page.go(f"/calls/{id}/application")
        if refusal.status not in {409, 422}:
            raise
        return page.again("calls/call.html", form, refusal, **await _call(page, id))
    one = mine.value
    missed = one.eligibility == "unmet" and one.waiver_request is None and one.waiver is None
    return page.go(f"/calls/{id}/application{'/waiver' if missed else ''}")
