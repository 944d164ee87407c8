"""The composition root of `sessions`."""

from __future__ import annotations

from fastapi import FastAPI

from services.chassis import directory
from services.chassis.http import create_app
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.sessions import access, contracts, http, store, subscribers
from services.sessions.handlers import Handlers


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet."""
    runtime = Runtime(SERVICE, Settings())
    handlers = Handlers(runtime.repository(store.WORKSPACES), runtime.clock)
    subscribers.subscribe(runtime, handlers)
    return create_app(runtime, title="Tandem sessions", routers=[http.routes(handlers)])


SERVICE = Service(
    name="sessions",
    app=app,
    rules=access.RULES,
    owns=contracts.TOPICS,
    consumes=(contracts.PAIRS, directory.TOPIC),
    indexes={**store.INDEXES, directory.COLLECTION: directory.INDEXES},
    aggregates=store.AGGREGATES,
    projections=(f"{subscribers.WORKSPACE_FENCES}_v1",),
)
