"""The composition root of `applications`."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.applications import access, contracts, http, rechecking, selecting, store, subscribers
from services.applications.enrolment import LOOP, SECONDS, Enrolment
from services.applications.handlers import (
    ApplicationHandlers,
    Assigning,
    DecisionHandlers,
    EditionHandlers,
    Handlers,
    Judging,
    ParticipationHandlers,
    RecentEditions,
    SelectionHandlers,
)
from services.applications.handlers.participations import ESCALATION, EXEMPTION_END
from services.applications.rechecking import Rechecking
from services.applications.selecting import Selecting
from services.applications.store.facts import EditionFacts
from services.applications.store.rechecks import Rechecks
from services.chassis import directory, timers
from services.chassis.aggregate import Repository
from services.chassis.http import create_app
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings

_ADOPTION, _HOURLY = "adoption", 3600.0  # the loop that takes over what an earlier release kept; seconds


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet."""
    runtime = Runtime(SERVICE, Settings())
    enrol, due = asyncio.Event(), asyncio.Event()
    recent, clock = _editions(runtime), runtime.clock
    editions, rechecks = recent.editions, Rechecks(runtime.database, clock)
    judges = store.Judges(runtime.database[store.APPLICATIONS.collection])
    select = asyncio.Event()
    handlers = Handlers(
        EditionHandlers(
            editions,
            runtime.directory,
            EditionFacts(runtime.database, runtime.directory, clock).of,
            clock,
            edition_opened=enrol.set,
        ),
        applications := _applications(runtime, recent),
        DecisionHandlers(applications.applications, applications, runtime.repository(store.ROUNDS), clock),
        participations := ParticipationHandlers(
            runtime.repository(store.PARTICIPATIONS),
            editions,
            runtime.directory,
            timers.Timers(runtime.database, scheduled=due.set),
            clock,
            changed=enrol.set,
        ),
        SelectionHandlers(assigning := _assigning(runtime, applications), judges, changed=select.set),
        Judging(assigning, participations.participations),
    )
    runtime.sweep(selecting.LOOP, Selecting(handlers.selection).select, woken=select, seconds=selecting.SECONDS)
    runtime.sweep(_ADOPTION, judges.adopt, woken=asyncio.Event(), seconds=_HOURLY)
    _look_after(runtime, handlers, enrol=enrol, due=due)
    recheck = asyncio.Event()
    runtime.sweep(rechecking.LOOP, Rechecking(handlers, rechecks).recheck, woken=recheck, seconds=rechecking.SECONDS)
    subscribers.subscribe(runtime, handlers, rechecks, people_changed=enrol, learnt=recheck)
    return create_app(runtime, title="Tandem applications", routers=[http.routes(handlers)])


def _editions(runtime: Runtime) -> RecentEditions:
    """The editions as they stood a moment ago; what this process changes of them it remembers no longer."""

    def changed() -> None:
        recent.forget()
        runtime.relay.wake()

    recent = RecentEditions(Repository(runtime.database, store.EDITIONS, clock=runtime.clock, accepted=changed))
    return recent


def _applications(runtime: Runtime, recent: RecentEditions) -> ApplicationHandlers:
    return ApplicationHandlers(
        runtime.repository(store.APPLICATIONS),
        recent.editions,
        recent,
        runtime.directory,
        store.profiles(runtime.database, runtime.clock),
        runtime.clock,
    )


def _assigning(runtime: Runtime, applications: ApplicationHandlers) -> Assigning:
    return Assigning(
        runtime.repository(store.ROUNDS),
        runtime.repository(store.SHEETS),
        applications.applications,
        applications.editions,
        runtime.directory,
        runtime.clock,
    )


def _look_after(runtime: Runtime, handlers: Handlers, *, enrol: asyncio.Event, due: asyncio.Event) -> None:
    """The loops over participations: who is in scope, and what time does."""
    enrolment = Enrolment(handlers.editions, handlers.participations, runtime.database)
    runtime.sweep(LOOP, enrolment.enrol, woken=enrol, seconds=SECONDS)
    fall_due = handlers.participations.fall_due
    worker = timers.TimerWorker(
        runtime.database,
        {ESCALATION: fall_due, EXEMPTION_END: fall_due},
        runtime.health,
        clock=runtime.clock,
        woken=due,
    )
    runtime.sweep(timers.LOOP, worker.work, woken=due, seconds=1.0)


SERVICE = Service(
    name="applications",
    app=app,
    rules=access.RULES,
    owns=contracts.TOPICS,
    consumes=(directory.TOPIC, contracts.PROFILES, contracts.PAIRS),
    indexes=store.INDEXES,
    aggregates=store.AGGREGATES,
    projections=(f"{subscribers.PAIR_FENCES}_v1",),
)
