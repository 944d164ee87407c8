"""One's own application: its parts, sending it, what became of it, withdrawing it, accepting the place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from services.portal.clients.answers import LOST, Away, Refusal
from services.portal.clients.application_records import Feedback
from services.portal.clients.matching import Matching
from services.portal.http import applying_parts
from services.portal.http.applying_case import Case, Mine, applying
from services.portal.http.forms import Form
from services.portal.http.reasons import LONGEST, SHORTEST
from services.portal.pages import applying_words

_IN_WORK = frozenset({"draft", "applied"})


def routes() -> APIRouter:
    """The router."""
    router = APIRouter(prefix="/calls/{edition}/application", include_in_schema=False)

    @router.get("")
    async def application(case: Mine) -> Response:
        if case.application.status in _IN_WORK:
            return case.page.show("applying/tasks.html", **await case.content(as_of=case.now))
        content = await case.content(as_of=case.now, assessed=await _feedback(case) is not None)
        return case.page.show("applying/outcome.html", **content)

    @router.get("/feedback")
    async def feedback(case: Mine) -> Response:
        return case.page.show("applying/feedback.html", **await case.content(feedback=await _feedback(case)))

    router.include_router(applying_parts.routes())
    router.include_router(_sending())
    router.include_router(_waiver())
    router.include_router(_withdrawing())
    router.include_router(_accepting())
    return router


async def _feedback(case: Case) -> Feedback | None:
    """How it was assessed; None before the decision, and where too few assessors read it."""
    if case.application.decision is None:
        return None
    try:
        return await applying(case.page).feedback(case.application.application_id)
    except Refusal as refusal:
        if refusal.status not in {404, 409}:
            raise
        return None


def _sending() -> APIRouter:
    router = APIRouter()

    @router.get("/check")
    async def check(case: Mine) -> Response:
        return case.page.show("applying/check.html", **await case.content())

    @router.post("/check")
    async def send(case: Mine) -> Response:
        form = await case.page.form()
        try:
            await applying(case.page).act(case.application.application_id, "submission", form.change)
        except Refusal as refusal:
            return await _not_sent(case, form, refusal)
        return case.page.go(f"{case.path}/sent")

    @router.get("/sent")
    async def sent(case: Mine) -> Response:
        if case.application.status != "applied":
            return case.page.go(case.path)
        return case.page.show("applying/sent.html", **await case.content())

    return router


async def _not_sent(case: Case, form: Form, refusal: Refusal) -> Response:
    """What is missing, by part; where it was sent meanwhile from another window, that it was."""
    if refusal.status == LOST:
        if case.application.status == "applied":
            return case.page.go(f"{case.path}/sent")
        return case.page.go(f"{case.path}/check", said=_changed(case))
    if refusal.status not in {409, 422}:
        raise refusal
    parts = case.application.parts.model_dump()
    errors = {part: case.page.text(told) for part, told in applying_words.MISSING.items() if parts[part] != "done"}
    wrong: Refusal | Mapping[str, str] = errors if errors and refusal.status == 422 else refusal
    return case.page.again("applying/check.html", form, wrong, **await case.content())


def _waiver() -> APIRouter:
    router, template = APIRouter(prefix="/waiver"), "applying/waiver.html"

    @router.get("")
    async def ask(case: Mine) -> Response:
        return case.page.show(template, **await case.content())

    @router.post("")
    async def request(case: Mine) -> Response:
        form = await case.page.form()
        if not SHORTEST <= len(form["reason"]) <= LONGEST:
            told = case.page.text("Say why in a sentence or more, from 10 to 1000 characters")
            return case.page.again(template, form, {"reason": told}, **await case.content())
        said = case.page.text("Your request is there. The answer will stand here and on your overview.")
        return await _acted(case, form, "waiver-request", {"reason": form["reason"]}, template=template, said=said)

    return router


def _withdrawing() -> APIRouter:
    router, template = APIRouter(prefix="/withdraw"), "applying/withdraw.html"

    @router.get("")
    async def ask(case: Mine) -> Response:
        if not case.withdrawable:
            return case.page.go(case.path)
        return case.page.show(template, **await case.content(tandems=await _tandems(case)))

    @router.post("")
    async def withdraw(case: Mine) -> Response:
        form = await case.page.form()
        if len(form["reason"]) > LONGEST:
            told = case.page.text("Shorten this to at most 1000 characters")
            return case.page.again(template, form, {"reason": told}, **await case.content(tandems=await _tandems(case)))
        reason = {"reason": form["reason"]} if form["reason"] else {}
        said = case.page.text("You withdrew.")
        return await _acted(case, form, "withdrawal", reason, template=template, said=said)

    return router


async def _tandems(case: Case) -> list[str] | None:
    """The executives whose mentor the reader is, by name: these tandems end. None where matching does not answer."""
    page, unknown = case.page, case.page.text("Somebody you do not see")
    try:
        pairs = await Matching(page.matching).pairs(case.edition.edition_id, active="true")
    except (Refusal, Away):
        return None  # nobody waits for matching to withdraw
    ids = [pair.mentee_id for pair in pairs if pair.mentor_id == page.me.id]
    names = await page.people.names(ids)
    return sorted(names.get(id, unknown) for id in ids)


def _accepting() -> APIRouter:
    router, template = APIRouter(prefix="/accept"), "applying/accept.html"

    @router.get("")
    async def ask(case: Mine) -> Response:
        if case.application.status != "selected":
            return case.page.go(case.path)
        return case.page.show(template, **await case.content())

    @router.post("")
    async def accept(case: Mine) -> Response:
        form = await case.page.form()
        said = case.page.text("You accepted the place.")
        return await _acted(case, form, "acceptance", {}, template=template, said=said)

    return router


async def _acted(case: Case, form: Form, what: str, body: Mapping[str, Any], *, template: str, said: str) -> Response:
    """Do it and show the application; where the page was older than what is stored, show that first."""
    try:
        await applying(case.page).act(case.application.application_id, what, form.change, body)
    except Refusal as refusal:
        if refusal.status == LOST:
            rows = [(case.page.text("Application"), form["reason"] or case.page.text("your input"), case.status)]
            return case.page.conflict(form, rows, case.version, back=(case.path, case.page.text("My application")))
        return case.refused(form, refusal, template, await case.content())
    return case.page.go(case.path, said=said)


def _changed(case: Case) -> str:
    return case.page.text("This was changed in another window. Look at it again before you send it.")
