"""Pages for what went wrong, in the reader's language: each says what is the matter, then the way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from services.chassis.errors import Transient
from services.chassis.http.middleware import App
from services.chassis.logging import get_logger
from services.portal.clients.answers import Refusal
from services.portal.http.page import Elsewhere, Page, SignInFirst, browser_of, language_of
from services.portal.pages.refusals import N_, told
from services.portal.sign_in.keeping import SignedOut

log = get_logger(__name__)
_IN_MINUTES = 60  # seconds until a browser may ask again


@dataclass(frozen=True, slots=True)
class Failure:
    """What a page about a failure says; texts are English, translated when shown."""

    title: str
    lede: str = ""
    home: bool = True
    again: bool = False


NOT_FOUND = Failure(
    N_("There is no such page"), N_("It was moved or deleted, or it is not meant for you. The address may be mistyped.")
)
DENIED = Failure(N_("Your roles do not open this page"), N_("If you need it for your work, ask for the role."))
UNLINKED = Failure(
    N_("You are signed in, but Tandem is not open to you"),
    N_("Your company account is linked to nobody who works here, as far as HR's roster says."),
    home=False,
)
SOON = Failure(
    N_("In a few minutes, please"),
    N_("A part of Tandem is catching up. You stay signed in, and nothing that you saved is lost."),
    home=False,
    again=True,
)
BUG = Failure(
    N_("Something went wrong"), N_("This is a fault of Tandem's. Nothing was saved by this step."), again=True
)
FOREIGN = Failure(
    N_("This did not come from a page of Tandem"),
    N_("For your safety nothing was done. Open the page anew and try again."),
)
TOO_LARGE = Failure(N_("This is too large"), N_("Nothing was saved. A file may have at most 16 megabytes."))
UNUSABLE = Failure(N_("This address cannot be used"), N_("It is incomplete or mistyped. Nothing was saved."))
_BY_STATUS = {403: DENIED, 404: NOT_FOUND, 405: NOT_FOUND, 413: TOO_LARGE, 422: UNUSABLE, 400: UNUSABLE}


def show(request: Request, failure: Failure, status: int, *, ask: bool = False) -> Response:
    """The page about a failure, which may say whom to ask."""
    page = Page(request, request.app.state.portal, browser_of(request), language_of(request))
    page.viewer = getattr(request.state, "viewer", None)
    context = structlog.contextvars.get_contextvars()
    return page.show(
        "errors/problem.html",
        status,
        title=page.text(failure.title),
        lede=page.text(failure.lede) if failure.lede else "",
        ask=ask,
        home=failure.home,
        again=_here(request) if failure.again and request.method == "GET" else None,
        request_id=context.get("request_id") if status >= 500 else None,
    )


def soon(request: Request) -> Response:
    """The page for what passes by itself; nobody is signed out by it."""
    answer = show(request, SOON, 503)
    answer.headers["Retry-After"] = str(_IN_MINUTES)
    return answer


def install(app: FastAPI) -> None:
    """Answer every failure of the application with a page."""

    @app.exception_handler(SignInFirst)
    async def sign_in_first(request: Request, error: SignInFirst) -> Response:
        return _elsewhere(request, f"/sign-in?{urlencode({'next': error.back})}")

    @app.exception_handler(Elsewhere)
    async def elsewhere(request: Request, error: Elsewhere) -> Response:
        return _elsewhere(request, error.path)

    @app.exception_handler(SignedOut)
    async def signed_out(request: Request, error: SignedOut) -> Response:
        browser_of(request).end()
        return _elsewhere(request, "/signed-out")

    @app.exception_handler(Transient)
    async def away(request: Request, error: Transient) -> Response:
        log.warning("page_not_served", kind=error.kind, detail=error.detail)
        return soon(request)

    @app.exception_handler(Refusal)
    async def refused(request: Request, error: Refusal) -> Response:
        return _refused(request, error)

    @app.exception_handler(RequestValidationError)
    async def unusable(request: Request, error: RequestValidationError) -> Response:
        return show(request, UNUSABLE, 422)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        return show(request, _BY_STATUS.get(error.status_code, BUG), error.status_code)


def _here(request: Request) -> str:
    """This page's path; of one that a browser would take for another host's nothing is left."""
    path = request.url.path
    return "/" if path.startswith(("//", "/\\")) else path


def _elsewhere(request: Request, path: str) -> Response:
    """Lead the whole page there, also where only a part of it was asked for."""
    if request.headers.get("hx-request"):
        return Response(headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def _refused(request: Request, error: Refusal) -> Response:
    """A refusal that no form took care of."""
    if error.status == 401:
        browser_of(request).end()
        return _elsewhere(request, "/signed-out")
    if error.status == 403 and error.kind == "login-not-linked":
        return show(request, UNLINKED, 403, ask=True)
    failure = _BY_STATUS.get(error.status)
    if failure is None:
        language = language_of(request)
        failure = Failure(told(error, language), again=True)
    return show(request, failure, error.status)


class Answering:
    """Answers with a page before any route is found, as an application of its own for middleware."""

    def __init__(self, failure: Failure, status: int) -> None:
        self._failure = failure
        self._status = status

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer the request."""
        request = Request(scope, receive)
        answer = soon(request) if self._failure is SOON else show(request, self._failure, self._status)
        await answer(scope, receive, send)


class BugsShown:
    """Logs a bug and answers it with a page that bears the id under which the log has it."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass the request on."""
        started = False

        async def sending(message: Any) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            log.error("page_failed", path=scope["path"], exc_info=error)
            await Answering(BUG, 500)(scope, receive, send)
