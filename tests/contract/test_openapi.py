"""Every service's OpenAPI document is what it does, for callers of every role: generated requests, a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest

from services.chassis import manifests, mongo
from services.chassis.auth.rules import RoleName
from services.chassis.directory import Subsidiary
from services.chassis.wire import rfc3339
from tests.support import editions, standing_drafts, standing_matching
from tests.support.directories import fill, heartbeat, holder
from tests.support.generated import Asking, Sense
from tests.support.issuing import Issuing, issuing
from tests.support.servers import Running
from tests.support.serving import guarded
from tests.support.standing import COMPANY, FUTURE, LATE, PAST, WHO, standing
from tests.support.standing_matching import placed, to_match
from tests.support.standing_programme import aims, chosen

PREFIX = "test_openapi"
AIMS = {**aims(), **standing_matching.aims(), **standing_drafts.aims(WHO)}
SERVICES = [name for name in manifests.names() if name != "portal"]  # which serves pages and no API
ROLES = get_args(RoleName)
Body = dict[str, Any]
CATALOGUE = {"catalogue": "platforms"}
EXAMPLES = 24  # per operation as documented, half of them by somebody who may; a third as many against it


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuing]:
    """The issuer of all tokens here."""
    with issuing(tmp_path_factory.mktemp("issuer")) as running:
        yield running


@pytest.fixture(scope="module")
def callers(issuer: Issuing) -> dict[str, str | None]:
    """What they send: a holder of each role, somebody without any, with one in one company, unknown, not signed in."""
    known = [*ROLES, WHO, "nobody", "bounded", "stranger"]
    tokens = {name: f"Bearer {issuer.minter.token(name, seconds=3600)}" for name in known}
    return {**tokens, "signed-out": None}


@pytest.fixture(params=SERVICES)
def asking(
    request: pytest.FixtureRequest, servers: Running, issuer: Issuing, callers: dict[str, str | None]
) -> Iterator[Asking]:
    """One service after the other, its broker away, its copy of the directory full."""
    service: str = request.param
    asyncio.run(_prepare(servers.mongodb, service))
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
        made = Asking(service, address, callers, insider=WHO, sense=SENSE, aims=AIMS)
        made.there_is(*(document["state"] for _, document in standing(service) if "state" in document), CATALOGUE)
        yield made
        made.close()


async def _prepare(uri: str, service: str) -> None:
    """A fresh database, whose directory knows the callers."""
    companies = [Subsidiary(subsidiary_id=company) for company in (COMPANY, "south")]
    holders = [holder(f"idp:{role}", COMPANY, **{role: ()}) for role in ROLES]
    others = [holder(f"idp:{name}", COMPANY) for name in ("nobody", LATE)]
    others += [holder("idp:bounded", "south", programme_manager=["south"])]
    insider = holder(f"idp:{WHO}", COMPANY, **dict.fromkeys(ROLES, ()))
    client = mongo.connect(uri)
    database = client[f"{PREFIX}_{service}"]
    try:
        await client.drop_database(database.name)
        await fill(database, heartbeat(), *companies, *holders, *others, insider)
        for collection, document in standing(service):
            await database[collection].insert_one(document)
    finally:
        await mongo.close(client)


def _edition(body: Body, number: int) -> None:
    body |= {"starts_on": "2090-01-01", "ends_on": "2099-12-31", "subsidiaries": [COMPANY]}


def _amend(body: Body, number: int) -> None:
    body.clear()
    body["accept_by"] = f"2098-03-{1 + number % 28:02}"


def _as(written: Body) -> Sense:
    """Says this instead of what was generated."""

    def sense(body: Body, number: int) -> None:
        body.clear()
        body |= written

    return sense


def _apply(body: Body, number: int) -> None:
    body.clear()
    body |= {"mentor_id": WHO}


def _decline(body: Body, number: int) -> None:
    body |= {"decision": "declined", "reason": "There are more than enough."}


def _decide(body: Body, number: int) -> None:
    body["decisions"] = [{"application_id": chosen(number), "decision": "declined"}]


def _late(body: Body, number: int) -> None:
    body |= {"person_id": LATE, "until": "2098-01-01T09:00:00Z"}


def _match(body: Body, number: int) -> None:
    body["edition_id"] = to_match(number)


def _name_policy(body: Body, number: int) -> None:
    body.clear()
    body |= {"name": f"Generated {number}", "priority": "by_level"}


def _place(body: Body, number: int) -> None:
    body.clear()
    body |= placed(number)


def _plan(body: Body, number: int) -> None:
    body["planned_for"] = rfc3339(FUTURE + timedelta(days=number))


def _hold(body: Body, number: int) -> None:
    body["held_at"] = rfc3339(PAST + timedelta(hours=number))


SENSE = {
    "POST /v1/editions": _edition,
    "PATCH /v1/editions/{edition_id}": _amend,
    "PUT /v1/editions/{edition_id}/call": _as(editions.calling(closes_at="2097-01-01T09:00:00Z")),
    "PUT /v1/editions/{edition_id}/form": _as(editions.asking()),
    "PUT /v1/editions/{edition_id}/rubric": _as(editions.scoring()),
    "POST /v1/editions/{edition_id}/stage": _as({"to": "call_open"}),
    "POST /v1/editions/{edition_id}/late-admissions": _late,
    "POST /v1/editions/{edition_id}/applications": _apply,
    "POST /v1/editions/{edition_id}/rounds": _as({"per_application": 2}),
    "POST /v1/editions/{edition_id}/decisions": _decide,
    "PATCH /v1/applications/{application_id}": _as({"manager_informed": True}),
    "POST /v1/applications/{application_id}/decision": _decline,
    "POST /v1/applications/{application_id}/acceptance-extension": _as(
        {"until": "2098-04-01", "reason": "The person was away."}
    ),
    "POST /v1/participations/{participation_id}/escalation": _as(
        {"to": WHO, "reason": "Nobody was found for this executive."}
    ),
    "PUT /v1/sheets/{sheet_id}": _as({"scores": {"explains": 1, "knows": 2}}),
    "POST /v1/runs": _match,
    "POST /v1/runs/{run_id}/choice": _as({"changes": 0}),
    "POST /v1/runs/{run_id}/vetoes": _as({"mentee_id": WHO, "reason": "They know each other."}),
    "POST /v1/policies": _name_policy,
    "PUT /v1/policies/{policy_id}": _as({"veto_days": 5}),
    "POST /v1/policies/{policy_id}/versions": _as({"veto_days": 6}),
    "POST /v1/editions/{edition_id}/overrides": _place,
    "POST /v1/editions/{edition_id}/overrides/{override_id}/withdrawal": _as({}),
    "POST /v1/workspaces/{pair_id}/sessions": _plan,
    "POST /v1/workspaces/{pair_id}/sessions/{session_id}/holding": _hold,
}


# What generated requests need not bring about: a file of a certain form and the job that reads it, a key together with
# its account, records that were parked, builds beside another.
NEVER = {
    "POST /v1/roster-imports",
    "GET /v1/roster-imports/{import_id}",
    "GET /v1/roster-imports/{import_id}/changes",
    "GET /v1/roster-imports/{import_id}/faults.csv",
    "POST /v1/roster-imports/{import_id}/application",
    "POST /v1/roster-imports/{import_id}/cancellation",
    "POST /v1/service-accounts/{account_id}/keys/{key_id}/revocation",
    "GET /v1/operations/parked/{ref}",
    "POST /v1/operations/parked/{ref}/retry",
    "POST /v1/operations/parked/{ref}/drop",
    "POST /v1/operations/consumers/{consumer}/resume",
    "POST /v1/operations/projections/{name}/switch",
}


def _of_interest(asking: Asking) -> list[Any]:
    """The operations of the service; those for operators, which are the same everywhere, only once."""
    operators = asking.service == SERVICES[0]
    return [one for one in asking.operations if operators or not one.path.startswith("/v1/operations/")]


@pytest.mark.timeout(600)  # `applications` has some fifty operations
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # the served application does, meanwhile
def test_every_answer_is_documented_whoever_asks_for_whatever(asking: Asking) -> None:
    """No bug shows; each answer has a status, a type and a form that the document names; most requests can succeed."""
    operations = _of_interest(asking)
    for operation in operations:
        asking.as_documented(operation, EXAMPLES)
        asking.against_the_document(operation, EXAMPLES // 3)
    assert {one.label for one in operations if not asking.succeeded(one)} <= NEVER
    assert _statuses(asking, "signed-out") == {401}
    assert _statuses(asking, "stranger") == {403}


def _statuses(asking: Asking, caller: str) -> set[int]:
    return {status for callers in asking.statuses.values() for status in callers[caller]}
