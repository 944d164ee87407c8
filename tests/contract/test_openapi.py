"""Every service's OpenAPI document is what it does, for callers of every role: generated requests, a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import get_args

import pytest
from schemathesis import GenerationMode

from services.chassis import manifests, mongo
from services.chassis.auth.rules import RoleName
from services.chassis.directory import Subsidiary
from tests.support.directories import fill, heartbeat, holder
from tests.support.generated import Asking, Known
from tests.support.issuing import Issuing, issuing
from tests.support.servers import Running
from tests.support.serving import guarded

PREFIX = "test_openapi"
SERVICES = [name for name in manifests.names() if name != "portal"]  # which serves pages and no API
ROLES = get_args(RoleName)
COMPANIES = ("north", "south")
EXAMPLES = {GenerationMode.POSITIVE: 44, GenerationMode.NEGATIVE: 22}  # per operation; four and two for each caller


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuing]:
    """The issuer of all tokens here."""
    with issuing(tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest.fixture(scope="module")
def callers(issuer: Issuing) -> dict[str, str | None]:
    """What they send: a holder of each role, somebody without any, with one in one company, unknown, not signed in."""
    known = [*ROLES, "nobody", "bounded", "stranger"]
    tokens = {name: f"Bearer {issuer.minter.token(name, seconds=3600)}" for name in known}
    return {**tokens, "signed-out": None}


@pytest.fixture(params=SERVICES)
def asking(
    request: pytest.FixtureRequest, servers: Running, issuer: Issuing, callers: dict[str, str | None]
) -> Iterator[Asking]:
    """One service after the other, its broker away, its copy of the directory full."""
    service: str = request.param
    asyncio.run(_prepare(servers.mongodb, f"{PREFIX}_{service}"))
    trusted = {"name": "idp", "issuer": issuer.url, "audience": "tandem-api", "development": True}
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TANDEM_KAFKA", "127.0.0.1:1")
        environment.setenv("TANDEM_MONGODB", servers.mongodb)
        environment.setenv("TANDEM_DATABASE_PREFIX", PREFIX)
        environment.setenv("TANDEM_LOG_LEVEL", "error")
        environment.setenv("TANDEM_ISSUERS", json.dumps([trusted]))
        environment.setenv("TANDEM_KEY_PEPPERS", f"1:{'5' * 64}")
        app = manifests.manifest(service).app()
    with guarded(app) as address:
        made = Asking(address, callers, Known(), insider="group_office")
        yield made
        made.close()


async def _prepare(uri: str, name: str) -> None:
    """A fresh database, whose directory knows the callers."""
    companies = [Subsidiary(subsidiary_id=company) for company in COMPANIES]
    holders = [holder(f"idp:{role}", "north", **{role: ()}) for role in ROLES]
    others = [holder("idp:nobody", "north"), holder("idp:bounded", "south", programme_manager=["south"])]
    client = mongo.connect(uri)
    try:
        await client.drop_database(name)
        await fill(client[name], heartbeat(), *companies, *holders, *others)
    finally:
        await mongo.close(client)


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # the served application does, meanwhile
def test_every_answer_is_documented_whoever_asks_for_whatever(asking: Asking) -> None:
    """No bug shows; each answer has a status, a type and a form that the document names."""
    for operation in asking.operations:
        asking.ask(operation, GenerationMode.POSITIVE, 22)
        if operation.body or operation.query:
            asking.ask(operation, GenerationMode.NEGATIVE, 11)
    from collections import Counter
    c=Counter()
    for (l,n,st),k in asking.statuses.items(): c[l,st]+=k
    with open("/tmp/s5/h3/statuses.txt","a") as f:
        for (l,st),k in sorted(c.items()): f.write(f"{l} {st} {k}\n")
