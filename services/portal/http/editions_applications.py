"""The applications of an edition that were sent, for those who manage it: a list, and one with its answers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import Refusal
from services.portal.clients.selection import Selection
from services.portal.clients.selection_records import Application
from services.portal.http.editions_shown import Content, placed, shown
from services.portal.http.page import Signed, SignedPage
from services.portal.http.selection_board import names_of
from services.portal.pages import selection_words, words
from services.portal.pages.rule_words import RULES

_PAGE = 100  # applications on one page of the list
_DECIDING = frozenset({"selection", "matching", "running", "closed"})


def routes() -> APIRouter:
    """The routes below one edition."""
    router = APIRouter(prefix="/{id}/applications")

    @router.get("")
    async def applications(page: Signed, id: str, state: str = "", start: int = 0) -> Response:
        content, chosen = await shown(page, id), state if state in selection_words.SENT else ""
        try:
            found = await Selection(page.applications).applications(id, chosen)
        except Refusal as refusal:
            return _closed_to(page, refusal, content)
        content |= await _listed(page, found, content, max(start, 0))
        return page.show("editions/applications.html", state=chosen, **content)

    @router.get("/{application}")
    async def one(page: Signed, id: str, application: str) -> Response:
        content = await shown(page, id)
        try:
            seen = await Selection(page.applications).application(application)
        except Refusal as refusal:
            return _closed_to(page, refusal, content)
        if seen.value.edition_id != id:
            raise Refusal(404, "not-found", "")
        return page.show("editions/application.html", **{**content, **await _told(page, seen.value, content)})

    return router


async def _listed(page: SignedPage, found: list[Application], content: Content, start: int) -> Content:
    """A page of the list, by company and name."""
    names = await names_of(page, [one.mentor_id for one in found])
    rows = sorted(found, key=lambda one: placed(content["company"], names, one.subsidiary, one.mentor_id))
    return {
        "found": rows[start : start + _PAGE],
        "all": len(rows),
        "start": start,
        "more": start + _PAGE if start + _PAGE < len(rows) else None,
        "names": names,
        "drafts": (content["one"].applications or {}).get("draft", 0),
        "states": [(code, text) for code, (_, text) in selection_words.SENT.items()],
        "words": selection_words,
    }


async def _told(page: SignedPage, application: Application, content: Content) -> dict[str, Any]:
    """What the page of one application shows beside its edition."""
    names = await names_of(page, [application.mentor_id])
    catalogue = await page.people.catalogue("platforms", page.language.locale.language)
    form = content["one"].form
    return {
        "application": application,
        "name": names.get(application.mentor_id, page.text("Somebody you do not see")),
        "questions": {each.question_id: each.text for each in form.questions} if form else {},
        "platforms": {term.code: term.name for term in catalogue},
        "deciding": content["one"].stage in _DECIDING,
        "rules": RULES,
        "plain": words,
        "words": selection_words,
    }


def _closed_to(page: SignedPage, refusal: Refusal, content: Content) -> Response:
    """The page for a manager who takes part herself. Raises every other refusal."""
    if refusal.kind != "own-case":
        raise refusal
    return page.show("selection/own_case.html", 403, edition=content["one"])
