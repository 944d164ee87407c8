"""The composition root of `applications`."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.applications import access, contracts, http, store, subscribers
from services.applications.enrolment import LOOP, SECONDS, Enrolment
from services.applications.handlers import Handlers
from services.chassis import directory
from services.chassis.http import create_app
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet."""
    runtime = Runtime(SERVICE, Settings())
    enrol = asyncio.Event()
    handlers = Handlers(
        editions=runtime.repository(store.EDITIONS),
        applications=runtime.repository(store.APPLICATIONS),
        participations=runtime.repository(store.PARTICIPATIONS),
        directory=runtime.directory,
        profiles=store.profiles(runtime.database, runtime.clock),
        clock=runtime.clock,
        edition_opened=enrol.set,
    )
    runtime.sweep(LOOP, Enrolment(handlers).enrol, woken=enrol, seconds=SECONDS)
    subscribers.subscribe(runtime, handlers, people_changed=enrol)
    return create_app(runtime, title="Tandem applications", routers=[http.routes(handlers)])


SERVICE = Service(
    name="applications",
    app=app,
    rules=access.RULES,
    owns=contracts.TOPICS,
    consumes=(directory.TOPIC, contracts.PROFILES),
    indexes=store.INDEXES,
    aggregates=store.AGGREGATES,
)
