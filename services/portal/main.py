"""The composition root of `portal`."""

from __future__ import annotations

from fastapi import FastAPI

from services.chassis import metrics
from services.chassis.clock import SystemClock
from services.chassis.http.application import health
from services.chassis.runtime import Runtime
from services.chassis.service import CannotStart, Service
from services.portal import store
from services.portal.application import create_app
from services.portal.assets.manifest import STATIC, AssetsMissing, assets
from services.portal.clients.calling import client
from services.portal.http import (
    accounts,
    applying,
    assessing,
    calls,
    companies,
    coverage,
    editions,
    home,
    matching,
    matching_decisions,
    me,
    pairs,
    people,
    policies,
    proposals,
    reports,
    roster_imports,
    selection,
    signing_in,
    static,
    waivers,
)
from services.portal.http.navigation import NAVIGATION
from services.portal.http.page import Portal
from services.portal.pages.rendering import Renderer
from services.portal.settings import Settings
from services.portal.sign_in.issuer import Partner, Registration
from services.portal.sign_in.keeping import Keeping
from services.portal.sign_in.sealing import Seal


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet. Raises ``CannotStart``."""
    try:
        names = assets()
    except AssetsMissing as error:
        raise CannotStart(str(error)) from error
    settings = Settings()
    runtime = Runtime(SERVICE, settings)
    clock = SystemClock()  # sessions and tokens live by the machine's clock, whatever a demo's says
    sessions, seal = store.Sessions(runtime.database, clock), Seal(settings.keys)
    partner = Partner(settings.issuer, _registration(settings), clock)
    renderer = Renderer(names, help=settings.access_contact, development=settings.issuer.development, nav=NAVIGATION)
    portal = Portal(
        renderer,
        partner,
        Keeping(sessions, seal, partner),
        client(settings.people_url),
        client(settings.applications_url),
        client(settings.matching_url),
        settings.portal,
    )
    routers = [
        health(runtime),
        static.routes(STATIC, names),
        reports.routes(metrics.CSP_REPORTS),
        signing_in.routes(settings.portal_personas),
        home.routes(),
        me.routes(),
        people.routes(),
        roster_imports.routes(),
        companies.routes(),
        accounts.routes(),
        editions.routes(),
        coverage.routes(),
        calls.routes(),
        applying.routes(),
        waivers.routes(),
        assessing.routes(),
        selection.routes(),
        matching.routes(),
        *(part.routes() for part in (matching_decisions, pairs, policies, proposals)),
    ]
    return create_app(runtime, portal, sessions=sessions, seal=seal, routers=routers)


def _registration(settings: Settings) -> Registration:
    secret = settings.portal_client_secret.get_secret_value()
    return Registration(settings.portal_client, secret, settings.portal_scope, settings.portal)


SERVICE = Service(name="portal", app=app, indexes=store.INDEXES)
