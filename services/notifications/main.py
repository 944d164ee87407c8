"""The composition root of `notifications`."""

from __future__ import annotations

import asyncio
from functools import partial

from fastapi import FastAPI

from services.chassis.http import create_app
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.timers import Pace, Timers, TimerWorker
from services.notifications import access, contracts, http, store, subscribers
from services.notifications.handlers import KIND, Handlers
from services.notifications.mail import Composer, Mailer
from services.notifications.settings import Settings
from services.notifications.worker import AT_ONCE, LOOP, SECONDS, Dispatch


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet."""
    settings = Settings()
    runtime = Runtime(SERVICE, settings)
    database, clock, due = runtime.database, runtime.clock, asyncio.Event()
    handlers = Handlers(
        deliveries=runtime.repository(store.DELIVERIES),
        timers=Timers(database, scheduled=due.set),
        beginning=store.Beginning(database, clock),
        clock=clock,
    )
    people = store.People(runtime.directory, store.contacts(database, clock))
    dispatch = Dispatch(handlers, people, Composer(settings), Mailer(settings))
    worker = TimerWorker(
        database, {KIND: dispatch.attempt}, runtime.health, clock=clock, pace=Pace(at_once=AT_ONCE), woken=due
    )
    runtime.sweep(LOOP, partial(dispatch.turn, worker), woken=due, seconds=SECONDS)
    subscribers.subscribe(runtime, handlers, people)
    return create_app(runtime, title="Tandem notifications", routers=[http.routes(handlers.deliveries)])


SERVICE = Service(
    name="notifications",
    app=app,
    rules=access.RULES,
    owns=contracts.TOPICS,
    consumes=(contracts.PAIRS, contracts.CONTACTS, contracts.DIRECTORY),
    indexes=store.INDEXES,
    aggregates=store.AGGREGATES,
    projections=(f"{subscribers.DELIVERY_FENCES}_v1",),
)
