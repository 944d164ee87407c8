"""The composition root of `reporting`."""

from __future__ import annotations

from fastapi import FastAPI

from services.chassis import access, directory
from services.chassis.http import create_app
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.reporting import access as rules
from services.reporting import contracts, http, store, subscribers
from services.reporting.audit import trail
from services.reporting.projections import board


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet."""
    runtime = Runtime(SERVICE, Settings())
    subscribers.subscribe(runtime)
    routers = [
        http.boards.routes(store.Boards(runtime.database)),
        http.audit.routes(trail.collection(runtime.database)),
    ]
    return create_app(runtime, title="Tandem reporting", routers=routers)


SERVICE = Service(
    name="reporting",
    app=app,
    rules=rules.RULES,
    owns=contracts.TOPICS,
    consumes=(*contracts.EVENT_TOPICS, directory.TOPIC),
    indexes={**store.INDEXES, **trail.INDEXES, directory.COLLECTION: directory.INDEXES},
    aggregates=(access.COLLECTION,),
    projections=tuple(projection.collection for projection in board.ALL),
    folds=tuple(projection.topic for projection in board.ALL),
)
