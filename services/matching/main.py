"""The composition root of `matching`."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.chassis.http import create_app
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.matching import access, contracts, http, projections, store, subscribers
from services.matching.handlers import Handlers
from services.matching.worker import LOOP, SECONDS, Matcher


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet."""
    runtime = Runtime(SERVICE, Settings())
    persons, profiles = runtime.directory, store.profiles(runtime.database, runtime.clock)
    work = asyncio.Event()
    handlers = Handlers(
        runs=runtime.repository(store.RUNS),
        pairs=runtime.repository(store.PAIRS),
        candidates=store.Candidates(runtime.database, persons, profiles),
        clock=runtime.clock,
        work=work.set,
    )
    runtime.sweep(LOOP, Matcher(handlers).work, woken=work, seconds=SECONDS)
    subscribers.subscribe(runtime, persons, profiles)
    return create_app(runtime, title="Tandem matching", routers=[http.routes(handlers)])


SERVICE = Service(
    name="matching",
    app=app,
    rules=access.RULES,
    owns=contracts.TOPICS,
    consumes=(contracts.APPLICATIONS, contracts.DIRECTORY, contracts.PROFILES),
    indexes=store.INDEXES,
    aggregates=store.AGGREGATES,
    projections=(projections.CANDIDATES.collection,),
)
