"""The composition root of `people`."""

from __future__ import annotations

from fastapi import FastAPI

from services.chassis.http import create_app
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.people import contracts, http, store
from services.people.handlers import Handlers


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet."""
    runtime = Runtime(SERVICE, Settings())
    handlers = Handlers(runtime.repository(store.PERSONS), store.People(runtime.database), runtime.clock)
    routers = [http.routes(handlers)]
    return create_app(runtime, title="Tandem people", routers=routers, body_limit=http.BODY_LIMIT)


SERVICE = Service(name="people", app=app, owns=contracts.TOPICS, indexes=store.INDEXES, aggregates=store.AGGREGATES)
