"""The copy of the directory: whom a login and a key belong to, how old it is, and that changes are seen in seconds."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from services.chassis import directory, envelope, mongo
from services.chassis.directory import people
from services.chassis.ids import random_id
from services.chassis.parking import ParkedRecord as Record
from tests.support.clocks import HandClock
from tests.support.waiting import until_async

AT = datetime(2026, 4, 1, 9, tzinfo=UTC)
SECONDS = 6  # within which a change must be seen


@dataclass(slots=True)
class Told:
    """A directory, and whoever tells it something on the topic."""

    directory: directory.Directory
    offset: int = 0

    async def say(self, type_: str, key: str, **data: Any) -> None:
        """Have a record arrive, the newest of its key."""
        self.offset += 1
        event = envelope.Event(
            id=random_id(),
            source="/tandem/people",
            type=type_,
            subject=key,
            sequence=self.offset,
            time="2026-04-01T09:00:00.000Z",
            data=json.dumps(data, default=str).encode(),
        )
        value, headers = envelope.write(event)
        record = Record(directory.TOPIC, 0, self.offset, key.encode(), value, list(headers))
        assert not await self.directory.table.apply([record])

    async def person(self, id: str, login: str | None = None, **facts: Any) -> None:
        """Tell of a person."""
        said = {"person_id": id, "subsidiary": "north", "login": login, "roles": [], **facts}
        await self.say(directory.PERSON, id, **said)

    async def account(self, id: str, *keys: str, **facts: Any) -> None:
        """Tell of a service account with these keys."""
        rows = [{"key_id": key, "digest": "0" * 64, "pepper": 1, "expires_at": "2027-01-01T00:00:00Z"} for key in keys]
        await self.say(directory.ACCOUNT, id, account_id=id, keys=rows, roles=[], **facts)

    async def beat(self, partition: int, at: datetime, partitions: int) -> None:
        """Tell that everything up to an instant has arrived on a partition."""
        key = f"heartbeat-{partition}"
        await self.say(directory.HEARTBEAT, key, heartbeat_id=key, at=at.isoformat(), partitions=partitions)


@pytest.fixture
def told(database: mongo.Database) -> Told:
    return Told(directory.Directory(database, HandClock()))


async def sees(look: Callable[[], Awaitable[object]], wanted: object, what: str) -> None:
    """Wait until a look finds what is wanted, for as long as it may take."""

    async def so() -> bool:
        return await look() == wanted

    await until_async(so, what, SECONDS)


def id_of(found: BaseModel | None) -> str | None:
    """Whose record it is."""
    match found:
        case directory.Person(person_id=id) | directory.Account(account_id=id):
            return id
    return None


async def test_a_login_belongs_to_one_person_or_account(told: Told) -> None:
    """Exactly as it stands there: no other issuer's, no other case, nothing like it."""
    await told.person("ada", "idp:ada")
    await told.account("robot", login="idp:robot")
    await told.person("none")

    assert id_of(await told.directory.of_login("idp:ada")) == "ada"
    assert id_of(await told.directory.of_login("idp:robot")) == "robot"
    for other in ("hr:ada", "idp:Ada", "idp:ad", "ada", "idp:", ":ada", "", "idp:ada ", "None"):
        assert await told.directory.of_login(other) is None


@pytest.mark.parametrize("other", ["person", "account", "leaver"])
async def test_a_login_that_two_have_is_nobodys(told: Told, other: str) -> None:
    """Two persons, a person and a program, also where one of them has left: nobody guesses."""
    await told.person("ada", "idp:ada")
    if other == "account":
        await told.account("robot", login="idp:ada")
    else:
        await told.person("adam", "idp:ada", active=other == "person")
    assert await told.directory.of_login("idp:ada") is None


async def test_a_key_belongs_to_the_account_that_lists_it(told: Told) -> None:
    """Any of its keys; one that two accounts list opens nothing."""
    await told.account("robot", "k1", "k2")
    await told.account("twin", "k3")
    await told.account("triplet", "k3")
    assert id_of(await told.directory.of_key("k2")) == "robot"
    assert await told.directory.of_key("k3") is None
    assert await told.directory.of_key("k") is None


async def test_a_key_is_not_a_login_and_an_id_is_neither(told: Told) -> None:
    """The records of the topic do not stand in for each other."""
    await told.account("robot", "k1", login="idp:robot")
    await told.person("ada", "idp:ada")
    assert await told.directory.of_key("robot") is None
    assert await told.directory.of_login("k1") is None
    assert await told.directory.find("robot") is None
    assert await told.directory.subsidiaries() == {}


async def test_changes_are_seen_within_seconds(told: Told) -> None:
    """A leaver, a revoked key, a login that passes on, a company that moves, a person who is erased."""
    look = told.directory
    await told.person("ada", "idp:ada")
    await told.account("robot", "k1")
    await told.say(directory.SUBSIDIARY, "mid", subsidiary_id="mid", parent_id="top")
    assert await look.of_login("idp:ada")
    assert await look.of_login("idp:new") is None
    assert await look.of_key("k1")
    assert (await look.subsidiaries())["mid"].parent_id == "top"

    await told.person("ada", "idp:new", active=False)
    await told.account("robot")
    await told.say(directory.SUBSIDIARY, "mid", subsidiary_id="mid", parent_id="side")

    async def state() -> object:
        found = await look.of_login("idp:new")
        gone = await look.of_login("idp:ada"), await look.of_key("k1")
        return found and found.active, gone, (await look.subsidiaries())["mid"].parent_id

    await sees(state, (False, (None, None), "side"), "the changes are seen")
    tombstone = Record(directory.TOPIC, 0, 99, b"ada", None, [])
    await look.table.apply([tombstone])

    async def linked() -> object:
        return await look.of_login("idp:new")

    await sees(linked, None, "the person is gone")


async def test_what_was_looked_up_a_moment_ago_costs_no_query(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answer while it is remembered, also that there is nobody, for a bounded number of look-ups."""
    monkeypatch.setattr(people, "_REMEMBERED", 60.0)
    monkeypatch.setattr(people, "_MOST", 3)
    assert await told.directory.of_login("idp:ada") is None
    await told.person("ada", "idp:ada")
    assert await told.directory.of_login("idp:ada") is None
    for other in ("idp:1", "idp:2", "idp:3"):
        await told.directory.of_login(other)
    assert id_of(await told.directory.of_login("idp:ada")) == "ada"


async def test_it_is_as_old_as_its_oldest_partition(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown until each partition has had a heartbeat, also one that was added later."""
    monkeypatch.setattr(people, "_REMEMBERED", 0.0)
    look = told.directory
    assert await look.as_of() is None
    await told.beat(0, AT, 2)
    assert await look.as_of() is None
    await told.beat(1, AT - timedelta(minutes=3), 2)
    assert await look.as_of() == AT - timedelta(minutes=3)
    await told.beat(1, AT + timedelta(minutes=1), 2)
    assert await look.as_of() == AT

    await told.beat(0, AT + timedelta(minutes=2), 3)
    assert await look.as_of() is None
    await told.beat(2, AT + timedelta(minutes=2), 3)
    assert await look.as_of() == AT + timedelta(minutes=1)


async def test_holders_of_a_role_are_active_persons(told: Told) -> None:
    """Wherever they hold it and whatever else; neither leavers nor programs nor holders of another role."""
    here = {"role": "assessor", "subsidiaries": ["north"]}
    await told.person("ada", roles=[{"role": "auditor"}, here])
    await told.person("bob", roles=[{"role": "assessor"}])
    await told.person("gone", roles=[here], active=False)
    await told.person("other", roles=[{"role": "auditor"}])
    await told.account("robot")

    assert {one.person_id for one in await told.directory.holders("assessor")} == {"ada", "bob"}
