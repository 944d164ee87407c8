"""The composition root of `people`."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from services.chassis import directory
from services.chassis.auth.api_keys import peppers_from
from services.chassis.auth.issuers import issuers_from
from services.chassis.heartbeat import Beats
from services.chassis.http import create_app
from services.chassis.runtime import Runtime
from services.chassis.service import Service
from services.chassis.settings import Settings
from services.people import access, contracts, http, store, subscribers
from services.people.handlers import (
    AccountHandlers,
    Handlers,
    ImportHandlers,
    Importing,
    PersonHandlers,
    SubsidiaryHandlers,
)

_ADOPTION, _HOURLY = "adoption", 3600.0  # the loop that takes over what an earlier release kept; seconds

_IMPORTS, _OFTEN = "imports", 2.0  # the loop that carries out roster imports; seconds between two looks


def app() -> FastAPI:
    """The ASGI application; reads the settings, opens no connection yet."""
    runtime = Runtime(SERVICE, Settings())
    handlers = _handlers(runtime)
    runtime.sweep(_ADOPTION, handlers.subsidiaries.adopt, woken=asyncio.Event(), seconds=_HOURLY)
    runtime.beat(Beats(contracts.DIRECTORY_TOPIC, contracts.HEARTBEAT, SERVICE.name, contracts.heartbeat))
    subscribers.subscribe(runtime)
    routers = [http.routes(handlers)]
    return create_app(runtime, title="Tandem people", routers=routers, body_limit=http.BODY_LIMIT)


def _handlers(runtime: Runtime) -> Handlers:
    persons, people = runtime.repository(store.PERSONS), store.People(runtime.database)
    companies = store.Companies(runtime.database)
    subsidiaries = SubsidiaryHandlers(runtime.repository(store.SUBSIDIARIES), companies, runtime.clock)
    accounts = AccountHandlers(
        accounts=runtime.repository(store.ACCOUNTS),
        known=store.Accounts(runtime.database),
        people=people,
        companies=companies,
        uses=store.KeyUses(runtime.database),
        peppers=peppers_from(runtime.settings.key_peppers.get_secret_value()),
        clock=runtime.clock,
    )
    imports, jobs = store.Imports(runtime.database), runtime.repository(store.ROSTER_IMPORTS)
    importing = Importing(
        imports,
        jobs=jobs,
        persons=persons,
        subsidiaries=subsidiaries,
        database=runtime.database,
        clock=runtime.clock,
        issuers=tuple(issuer.name for issuer in issuers_from(runtime.settings.issuers)) or ("idp",),
    )
    runtime.sweep(_IMPORTS, importing.turn, woken=importing.woken, seconds=_OFTEN)
    return Handlers(
        persons=PersonHandlers(persons, people, subsidiaries, runtime.clock),
        subsidiaries=subsidiaries,
        accounts=accounts,
        imports=ImportHandlers(jobs, imports, runtime.clock, importing.woken.set),
    )


SERVICE = Service(
    name="people",
    app=app,
    rules=access.RULES,
    owns=contracts.TOPICS,
    consumes=(directory.TOPIC, *contracts.ACCESS_LOGS),
    indexes=store.INDEXES,
    aggregates=store.AGGREGATES,
)
