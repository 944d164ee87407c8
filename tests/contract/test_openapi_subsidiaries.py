"""Any sequence of requests about subsidiaries does what a table of them would: no change is lost, none is made up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from services.chassis import mongo
from services.chassis.ids import random_id
from services.people import main
from services.people.store.companies import SUBSIDIARIES
from tests.support.servers import Running
from tests.support.serving import served

PREFIX = "test_openapi_companies"
URL = "/v1/subsidiaries"
CALLER = {"Tandem-Actor": "a-caller"}
NAMES = st.sampled_from(["Nord", "NORD", "Süd", "Ost GmbH"])
CHANGES = st.fixed_dictionaries(
    {}, optional={"name": NAMES, "names_shown": st.booleans(), "outcomes_counted": st.booleans()}
).filter(bool)
WHICH = st.integers(0, 100)


@dataclass(slots=True)
class Company:
    """What the table has of a subsidiary; ``tags`` are all that it ever had, the newest last."""

    name: str
    first_name: str
    parent_id: str | None = None
    names_shown: bool = False
    outcomes_counted: bool = False
    tags: list[str] = field(default_factory=list)


class Companies(RuleBasedStateMachine):
    """Requests beside a table of what they should have done."""

    def __init__(self, client: httpx2.Client, uri: str) -> None:
        super().__init__()
        asyncio.run(_emptied(uri))
        self.client = client
        self.table: dict[str, Company] = {}
        self.made: list[tuple[str, dict[str, Any], str]] = []

    @rule(name=NAMES, parent=st.none() | WHICH)
    def establish(self, name: str, parent: int | None) -> None:
        """Names are free unless somebody has them now or was made under them, for so rosters find it; in any case."""
        body = {"name": name, "parent_id": self._one(parent) if parent is not None and self.table else None}
        key = random_id()
        answer = self.client.post(URL, json=body, headers={"Idempotency-Key": key})
        if self._taken(name) or name.casefold() in {one.first_name.casefold() for one in self.table.values()}:
            assert answer.status_code == 409, answer.text
            return
        assert answer.status_code == 201, answer.text
        id = answer.json()["id"]
        assert id not in self.table
        self.table[id] = Company(name, name, body["parent_id"], tags=[answer.headers["etag"]])
        self.made = [(key, body, id)]

    @precondition(lambda self: self.made)
    @rule()
    def establish_again(self) -> None:
        """The same request, repeated at once, makes nothing twice."""
        key, body, id = self.made[-1]
        answer = self.client.post(URL, json=body, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json()["id"]) == (201, id), answer.text

    @precondition(lambda self: self.table)
    @rule(which=WHICH, body=CHANGES)
    def change(self, which: int, body: dict[str, Any]) -> None:
        """With the newest version everything that is named changes, and nothing else."""
        id = self._one(which)
        answer = self._patch(id, body, self.table[id].tags[-1])
        if "name" in body and self._taken(body["name"], but=id):
            assert answer.status_code == 409, answer.text
            return
        assert answer.status_code == 200, answer.text
        for name, value in body.items():
            setattr(self.table[id], name, value)
        self._tagged(id, answer.headers["etag"])
        self.made = []

    @precondition(lambda self: any(len(one.tags) > 1 for one in self.table.values()))
    @rule(which=WHICH, body=CHANGES)
    def change_what_is_old(self, which: int, body: dict[str, Any]) -> None:
        """With an older version nothing changes."""
        old = sorted(id for id, one in self.table.items() if len(one.tags) > 1)
        id = old[which % len(old)]
        tags = self.table[id].tags
        answer = self._patch(id, body, tags[which % (len(tags) - 1)])
        taken = "name" in body and self._taken(body["name"], but=id)
        assert answer.status_code in ({409, 412} if taken else {412, 409}), answer.text

    @precondition(lambda self: self.table)
    @rule(which=WHICH, above=st.none() | WHICH)
    def move(self, which: int, above: int | None) -> None:
        """A company comes below another one, unless that stands below it."""
        id, parent = self._one(which), None if above is None else self._one(above)
        answer = self._patch(id, {"parent_id": parent}, self.table[id].tags[-1])
        if parent is not None and self._stands_below(parent, id):
            assert answer.status_code == 422, answer.text
            return
        assert answer.status_code == 200, answer.text
        self.table[id].parent_id = parent
        self._tagged(id, answer.headers["etag"])
        self.made = []

    @rule()
    def show_nobody(self) -> None:
        """What was never made is not there, and cannot be changed."""
        assert self.client.get(f"{URL}/{random_id()}").status_code == 404
        assert self._patch(random_id(), {"names_shown": True}, '"1"').status_code == 404

    @invariant()
    def all_is_as_in_the_table(self) -> None:
        """Listed together and shown one by one."""
        listed = {one["id"]: one for one in self.client.get(URL, params={"limit": 200}).json()}
        assert listed.keys() == self.table.keys()
        for id, company in self.table.items():
            shown = self.client.get(f"{URL}/{id}")
            assert shown.headers["etag"] == company.tags[-1]
            assert shown.json() == listed[id]
            for name in ("name", "parent_id", "names_shown", "outcomes_counted"):
                assert listed[id][name] == getattr(company, name)

    def _one(self, which: int) -> str:
        return sorted(self.table)[which % len(self.table)]

    def _taken(self, name: str, but: str | None = None) -> bool:
        return any(one.name.casefold() == name.casefold() for id, one in self.table.items() if id != but)

    def _stands_below(self, id: str, top: str) -> bool:
        above: str | None = id
        while above is not None and above != top:
            above = self.table[above].parent_id
        return above == top

    def _patch(self, id: str, body: dict[str, Any], tag: str) -> httpx2.Response:
        return self.client.patch(f"{URL}/{id}", json=body, headers={"If-Match": tag})

    def _tagged(self, id: str, tag: str) -> None:
        if tag != self.table[id].tags[-1]:
            self.table[id].tags.append(tag)


async def _emptied(uri: str) -> None:
    client = mongo.connect(uri)
    try:
        await client[f"{PREFIX}_people"][SUBSIDIARIES.collection].delete_many({})
    finally:
        await mongo.close(client)


@pytest.fixture
def client(servers: Running) -> Iterator[httpx2.Client]:
    """A client of `people`, whose broker is away."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TANDEM_KAFKA", "127.0.0.1:1")
        environment.setenv("TANDEM_MONGODB", servers.mongodb)
        environment.setenv("TANDEM_DATABASE_PREFIX", PREFIX)
        environment.setenv("TANDEM_LOG_LEVEL", "error")
        app = main.app()
    with served(app) as address, httpx2.Client(base_url=address, headers=CALLER, timeout=20) as client:
        yield client


def test_any_sequence_of_requests_does_what_a_table_would(client: httpx2.Client, servers: Running) -> None:
    """Whatever order they come in: created, changed, moved, repeated, refused."""
    run_state_machine_as_test(
        lambda: Companies(client, servers.mongodb),
        settings=settings(
            max_examples=15,
            stateful_step_count=12,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
