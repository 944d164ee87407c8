"""Signing in and out, and the language before that."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from services.chassis.logging import get_logger
from services.portal.http.failures import Failure, show
from services.portal.http.page import LANGUAGE, Open
from services.portal.pages.refusals import N_
from services.portal.pages.rendering import personas
from services.portal.sign_in.issuer import SignInFailed

log = get_logger(__name__)
_LONGEST = 2000  # characters of an address to go on to
_LONGEST_NAME = 64  # characters of a persona's login
FAILED = Failure(
    N_("Signing in did not work"),
    N_("The answer of your company's sign-in page could not be used, or it came too late. Nothing has happened."),
)


def routes(persons: Path | None) -> APIRouter:
    """The router; ``persons`` is the file of a demo's personas."""
    router = APIRouter(include_in_schema=False)

    @router.get("/sign-in")
    async def sign_in_page(page: Open, next: str = "/") -> Response:
        shown = personas(persons, page.language.code) if page.portal.partner.issuer.development else []
        return page.show("sign_in.html", next=own_path(next), personas=shown)

    @router.get("/sign-in/start")
    async def start(page: Open, next: str = "/") -> Response:
        hint = page.request.query_params.get("as", "")[:_LONGEST_NAME]
        page.browser["next"] = own_path(next)
        return await page.portal.partner.start(page.request, hint or None, page.language.code)

    @router.get("/sign-in/return")
    async def back_from_issuer(page: Open) -> Response:
        after = own_path(page.browser.get("next", "/"))
        try:
            arrived = await page.portal.partner.finish(page.request)
        except SignInFailed as error:
            log.info("sign_in_failed", reason=error.reason)
            return _failed(page)
        page.browser.begin(arrived.tokens)
        page.browser["idp_sid"] = arrived.sid
        log.info("signed_in")
        return RedirectResponse(after, 303)

    @router.post("/sign-out")
    async def sign_out(page: Open) -> Response:
        there = await page.portal.partner.end(page.browser.tokens)
        page.browser.end()
        return RedirectResponse(there or "/signed-out", 303)

    @router.get("/signed-out")
    async def signed_out(page: Open) -> Response:
        return page.show("signed_out.html")

    @router.get("/language/{code}")
    async def language(page: Open, code: str, back: str = "/") -> Response:
        answer = RedirectResponse(own_path(back), 303)
        if code in page.portal.renderer.languages:
            answer.set_cookie(LANGUAGE, code, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    return router


def _failed(page: Open) -> Response:
    """The page after a sign-in that failed: the way out is a link, never a loop."""
    answer = show(page.request, FAILED, 400)
    return answer


def own_path(address: str) -> str:
    """The address if it is a path of ours, else the overview: nobody is sent elsewhere from here."""
    parts = urlsplit(address[:_LONGEST])
    path = parts.path
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith(("//", "/\\")) or "\\" in path:
        return "/"
    if any(ord(letter) < 0x20 for letter in address):
        return "/"
    return f"{path}?{parts.query}" if parts.query else path
