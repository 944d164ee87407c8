"""The composition root of `reporting`."""

from __future__ import annotations

from fastapi import FastAPI

from services.chassis.http import create_app
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.reporting import contracts, http, store, subscribers
from services.reporting.projections import board


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet."""
    runtime = Runtime(SERVICE, Settings())
    subscribers.subscribe(runtime)
    return create_app(runtime, title="Tandem reporting", routers=[http.routes(store.Boards(runtime.database))])


SERVICE = Service(
    name="reporting",
    app=app,
    consumes=(contracts.APPLICATIONS, contracts.PAIRS, contracts.SESSIONS),
    indexes=store.INDEXES,
    projections=tuple(projection.collection for projection in board.ALL),
)
