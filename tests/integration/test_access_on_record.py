"""Who was denied what and who read what is protected lies on the access topics, for the audit trail to find."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from services.chassis import access, provision
from services.chassis.ids import random_id
from services.chassis.manifests import manifests
from tests.support.access_cast import Caller, Cast
from tests.support.access_records import Records
from tests.support.access_services import Guarded, guarded_service
from tests.support.relaying import drain
from tests.support.servers import Running
from tests.support.topics import everything

Entry = tuple[str, dict[str, Any]]
_CIRCUMSTANCES = {"If-Match": '"1"'}
_DECLINED = {"decision": "declined", "reason": "There is no place left."}


async def published(servers: Running, guarded: Guarded, *callers: Caller) -> dict[str, list[Entry]]:
    """What the topic has of each of these callers once all is relayed: type and data, without the log's id."""
    await provision.topics(manifests(), servers.kafka)
    await drain(guarded.runtime.relay)
    found: dict[str, list[Entry]] = {caller.name: [] for caller in callers}
    names = {caller.id: caller.name for caller in callers}
    for record in await everything(servers.kafka, access.topic(guarded.runtime.service)):
        headers = dict(record.headers)
        if name := names.get(headers.get("ce_actor", b"").decode()):
            data = json.loads(record.value or b"{}")
            data = {field: value for field, value in data.items() if field not in ("access_id", "at")}
            found[name].append((headers["ce_type"].decode(), data))
    return {name: sorted(entries, key=str) for name, entries in found.items()}


def denied(kind: str, id: str, rule: str) -> Entry:
    """The entry of a denial."""
    return access.DENIED, {"resource_kind": kind, "resource_id": id, "rule": rule}


async def test_every_denial_is_on_the_topic_under_its_actor(servers: Running) -> None:
    """Hidden records, missing roles, foreign subsidiaries, the own case.

    An application that is not there counts as hidden: its id derives from a person, and who asks must not learn more.
    """
    cast = Cast()
    companies = cast.companies
    own, other, nowhere = Records(companies.child), Records(companies.other), random_id()
    manager = cast.person("manager", companies.child, id=own.mentor, role="programme_manager", place="child")
    staff = cast.person("staff", companies.child)
    program = cast.account("program")
    async with guarded_service(servers, "applications", cast, own, other) as guarded:

        async def asks(caller: Caller, method: str, path: str, status: int, body: Any = None) -> None:
            headers: Mapping[str, str] = {**caller.headers, **_CIRCUMSTANCES, "Idempotency-Key": random_id()}
            answer = await guarded.http.request(method, path, json=body, headers=headers)
            assert answer.status_code == status, answer.text

        edition = {"name": "A", "starts_on": "2098-01-01", "ends_on": "2098-02-01", "subsidiaries": [other.company]}
        await asks(manager, "GET", f"/v1/applications/{other.application}", 404)
        await asks(manager, "GET", f"/v1/applications/{nowhere}", 404)
        await asks(manager, "POST", f"/v1/applications/{own.application}/decision", 403, _DECLINED)
        await asks(manager, "POST", "/v1/editions", 403, edition)
        await asks(staff, "POST", "/v1/editions", 403, edition)
        await asks(staff, "GET", f"/v1/editions/{own.edition}", 200)
        await asks(program, "GET", f"/v1/editions/{own.edition}", 404)
        await asks(Caller("a stranger", "", {}), "GET", f"/v1/editions/{own.edition}", 401)
        await asks(Caller("not linked", "", cast.token(random_id())), "GET", f"/v1/editions/{own.edition}", 403)
        found = await published(servers, guarded, manager, staff, program)

    assert found["manager"] == sorted(
        [
            denied("application", other.application, "hidden"),
            denied("application", nowhere, "hidden"),
            denied("application", own.application, "own-case"),
            denied("edition", "*", "outside-your-subsidiaries"),
        ],
        key=str,
    )
    assert found["staff"] == [denied("route", "POST:/v1/editions", "role-missing")]
    assert denied("edition", own.edition, "hidden") in found["program"]


async def test_a_protected_read_is_on_the_topic_also_where_nothing_was_shown(servers: Running) -> None:
    """Who looked at whom; an attempt on somebody hidden is there as both."""
    cast = Cast()
    companies = cast.companies
    own, other = Records(companies.child), Records(companies.other)
    manager = cast.person("manager", companies.office, role="programme_manager", place="child")
    async with guarded_service(servers, "people", cast, own, other) as guarded:
        for id, status in ((own.mentee, 200), (other.mentee, 404)):
            answer = await guarded.http.get(f"/v1/people/{id}", headers=manager.headers)
            assert answer.status_code == status
        assert (await guarded.http.get("/v1/people", headers=manager.headers)).status_code == 200
        found = await published(servers, guarded, manager)

    read = [(access.READ, {"resource_kind": "person", "resource_id": id}) for id in (own.mentee, other.mentee)]
    assert found["manager"] == sorted([*read, denied("person", other.mentee, "hidden")], key=str)
