"""A service in this process over a database of its own, with its real authentication; nothing of it runs by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from services.chassis import directory
from services.chassis.auth.authentication import Authentication
from services.chassis.auth.key_uses import KeyUses
from services.chassis.auth.tokens import Verifier
from services.chassis.ids import random_id
from services.chassis.manifests import manifest
from services.chassis.provision import create_indexes
from services.chassis.runtime import Runtime
from services.chassis.settings import Settings
from tests.support.access_cast import PEPPERS, Cast
from tests.support.access_records import Records, write, write_group
from tests.support.asking import BASE
from tests.support.databases import drop
from tests.support.directories import fill
from tests.support.servers import Running
from tests.support.signers import reaching

CONTACT = "the programme office"
_SETTINGS = ("kafka", "mongodb", "database_prefix", "group_prefix", "log_level")


@dataclass(frozen=True, slots=True)
class Guarded:
    """The service, a client without a login, and the records it holds, by company."""

    app: FastAPI
    http: httpx2.AsyncClient
    runtime: Runtime
    records: dict[str, Records]

    @property
    def directory(self) -> directory.Directory:
        """The service's copy of the directory."""
        return self.runtime.directory


@asynccontextmanager
async def guarded_service(servers: Running, service: str, cast: Cast, *records: Records) -> AsyncIterator[Guarded]:
    """The service until the block ends, with these records; the cast is known to its directory."""
    name = f"a{random_id()[:8]}"
    own = Settings(
        kafka=servers.kafka, mongodb=servers.mongodb, database_prefix=name, group_prefix=name, log_level="error"
    )
    with pytest.MonkeyPatch.context() as environment:
        for setting in _SETTINGS:
            environment.setenv(f"TANDEM_{setting.upper()}", str(getattr(own, setting)))
        app = manifest(service).app()
    runtime: Runtime = app.state.runtime
    for collection, indexes in runtime.manifest.indexes.items():
        await create_indexes(runtime.database[collection], collection, indexes)
    await fill(runtime.database, *cast.rows())
    if service == "people":
        await write_group(runtime, cast)
    await write(runtime, *records)
    app.state.authenticator = authentication(runtime, cast)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    with capture_logs():
        async with httpx2.AsyncClient(transport=transport, base_url=BASE, timeout=30) as http:
            yield Guarded(app, http, runtime, {one.company: one for one in records})
        await drop(runtime.database)
        await runtime.stop()


def authentication(runtime: Runtime, cast: Cast) -> Authentication:
    """The service's own authentication, which reaches the cast's issuer without a network."""
    verifier = Verifier([cast.signer.settings()], reaching(cast.signer))
    return Authentication(
        verifier,
        runtime.directory,
        runtime.clock,
        peppers=PEPPERS,
        uses=KeyUses(runtime.access, runtime.clock),
        contact=CONTACT,
    )
