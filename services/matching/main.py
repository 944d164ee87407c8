"""The composition root of `matching`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI

from services.chassis.http import create_app
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.matching import access, contracts, http, projections, store, subscribers
from services.matching.handlers import (
    Ask,
    Handlers,
    OverrideHandlers,
    PairHandlers,
    PolicyHandlers,
    Questions,
    RunHandlers,
)
from services.matching.settings import Settings
from services.matching.worker import Asking, Causes, Children, Ender, Limits, Publisher, Solver, Waiting

_SOLVER, _PUBLISHER, _OFTEN = "solver", "publisher", 5.0  # the loops of runs; seconds between two looks
_ENDER = "ender"  # the loop that ends pairs which cannot go on
_WAITING, _SELDOM = "runs_waiting", 10.0  # the loop that measures what waits; seconds between two looks


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet."""
    settings = Settings()
    runtime = Runtime(SERVICE, settings)
    persons, profiles = runtime.directory, store.profiles(runtime.database, runtime.clock)
    solving, publishing, ending = asyncio.Event(), asyncio.Event(), asyncio.Event()
    candidates, children = store.Candidates(runtime.database, persons, profiles), Children()
    causes = Causes()

    def work() -> None:
        solving.set()
        publishing.set()

    def people_changed(records: list[Any]) -> None:
        causes.note(records)
        ending.set()

    handlers = _handlers(runtime, candidates, work, ask=Asking(children).why_not)
    limits = Limits(pairs=settings.matching_pairs, seconds=settings.matching_seconds)
    solver = Solver(handlers, database=runtime.database, children=children, woken=solving, limits=limits)
    runtime.sweep(_SOLVER, solver.turn, woken=solving, seconds=_OFTEN)
    runtime.at_stop(_SOLVER, solver.close)
    runtime.sweep(_PUBLISHER, Publisher(handlers, woken=publishing).work, woken=publishing, seconds=_OFTEN)
    ender = Ender(handlers, store.Standings(runtime.database, persons), _abreast(runtime), causes)
    runtime.sweep(_ENDER, ender.work, woken=ending, seconds=_OFTEN)
    waiting = Waiting(handlers.runs.claims, runtime.clock)
    runtime.sweep(_WAITING, waiting.measure, woken=asyncio.Event(), seconds=_SELDOM)
    subscribers.subscribe(runtime, persons, profiles, people_changed=people_changed)
    return create_app(runtime, title="Tandem matching", routers=[http.routes(handlers)])


def _abreast(runtime: Runtime) -> Callable[[], Awaitable[bool]]:
    return lambda: runtime.abreast(projections.CANDIDATES.collection, subscribers.PERSONS)


def _handlers(runtime: Runtime, candidates: store.Candidates, work: Callable[[], None], *, ask: Ask) -> Handlers:
    policies = PolicyHandlers(runtime.repository(store.POLICIES), runtime.clock)
    overrides = OverrideHandlers(runtime.repository(store.OVERRIDES), candidates, runtime.clock)
    runs = RunHandlers(
        runs=runtime.repository(store.RUNS),
        claims=store.Work(runtime.database),
        candidates=candidates,
        policies=policies,
        overrides=overrides,
        clock=runtime.clock,
        work=work,
    )
    return Handlers(
        runs=runs,
        pairs=PairHandlers(runtime.repository(store.PAIRS), runtime.clock),
        policies=policies,
        overrides=overrides,
        questions=Questions(candidates, overrides, store.RunChunks(runtime.database), ask),
        candidates=candidates,
        clock=runtime.clock,
    )


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
