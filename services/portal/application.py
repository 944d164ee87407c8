"""The portal's application: pages, not an API; every answer carries the policy, every failure is a page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from services.chassis.http import middleware
from services.chassis.runtime import Runtime
from services.portal.http import failures
from services.portal.http.failures import FOREIGN, SOON, TOO_LARGE, Answering, BugsShown
from services.portal.http.guard import REPORTS, Bounded, Guarded, OwnPagesOnly
from services.portal.http.page import Portal
from services.portal.sign_in.browser import BrowserSessions
from services.portal.sign_in.sealing import Seal
from services.portal.store import Sessions

BODY_LIMIT = 17 * 1024 * 1024  # bytes: a roster of 16 MB and what a form puts around it
SMALL = 64 * 1024  # bytes of what somebody sends who is not signed in
_PROBES = ("/health", "/metrics")
_WITHOUT_SESSION = (*_PROBES, "/static/", REPORTS)


def create_app(
    runtime: Runtime, portal: Portal, *, sessions: Sessions, seal: Seal, routers: Sequence[APIRouter]
) -> FastAPI:
    """An application that starts without database and issuer, and stops within bounds."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await runtime.start()
        try:
            yield
        finally:
            await portal.people.aclose()
            await portal.applications.aclose()
            await portal.matching.aclose()
            await runtime.stop()

    app = FastAPI(
        title="Tandem portal",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service, app.state.runtime, app.state.portal = runtime.service, runtime, portal
    for router in routers:
        app.include_router(router)
    failures.install(app)
    away, foreign, large = Answering(SOON, 503), Answering(FOREIGN, 403), Answering(TOO_LARGE, 413)
    issuer = portal.partner.issuer.issuer
    origin = issuer.split("/", 3)
    app.add_middleware(Bounded, known=BODY_LIMIT, unknown=SMALL, refused=large)
    app.add_middleware(BrowserSessions, sessions=sessions, seal=seal, away=away, without=_WITHOUT_SESSION)
    app.add_middleware(OwnPagesOnly, origin=portal.origin, refused=foreign, free=(*_PROBES, REPORTS))
    app.add_middleware(BugsShown)
    app.add_middleware(Guarded, issuer="/".join(origin[:3]), secure=portal.origin.startswith("https://"))
    app.add_middleware(middleware.ProbedFromHere, trusted=runtime.settings.trusted_network)
    app.add_middleware(middleware.Observed)
    return app
