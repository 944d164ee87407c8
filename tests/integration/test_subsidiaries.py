"""Promises of subsidiaries on a real broker and database: a tree, switches per company, state for every service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from services.chassis.aggregate import Repository
from services.chassis.directory import SUBSIDIARY, Subsidiary
from services.people.domain.subsidiary import in_circle
from services.people.handlers import SubsidiaryHandlers, id_of_name
from services.people.store import SUBSIDIARIES, Companies
from tests.support.clocks import HandClock
from tests.support.peopling import Peopled, peopled
from tests.support.servers import Running
from tests.support.waiting import until_async

NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
async def people(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Peopled]:
    async with peopled(servers, tmp_path_factory.mktemp("people")) as running:
        yield running


@pytest.fixture
def tag() -> str:
    """Ends every company's name of a test."""
    return uuid4().hex[:8]


async def made(people: Peopled, name: str, parent_id: str | None = None) -> str:
    answer = await people.ask("POST", "/v1/subsidiaries", {"name": name, "parent_id": parent_id})
    assert answer.status_code == 201, answer.text
    id: str = answer.json()["id"]
    return id


async def changed(people: Peopled, id: str, **fields: Any) -> Any:
    path = f"/v1/subsidiaries/{id}"
    return await people.ask("PATCH", path, fields, seen=path)


async def test_roster_finds_the_company_by_its_name_also_after_it_was_renamed(people: Peopled, tag: str) -> None:
    """One company, whatever the case; its old name still leads to it, its new one too."""
    id = await made(people, f"Fairs {tag}")
    await changed(people, id, name=f"Exhibitions {tag}")

    numbers = {f"{tag}-1": f"FAIRS {tag}", f"{tag}-2": f"exhibitions {tag}"}
    found = [await people.person(number, subsidiary=name) for number, name in numbers.items()]

    for person in found:
        assert (await people.ask("GET", f"/v1/people/{person}")).json()["subsidiary"] == id
    assert (await people.ask("GET", f"/v1/subsidiaries/{id}")).json()["name"] == f"Exhibitions {tag}"


async def test_switches_periods_and_contacts_change_one_by_one(people: Peopled, tag: str) -> None:
    """What is left out stays; everything that an agreement must allow begins switched off."""
    id = await made(people, f"North {tag}")
    council = {"name": "Betriebsrat Nord", "email": "betriebsrat@north.example"}

    await changed(people, id, names_shown=True)
    await changed(people, id, retention={"notes": 30}, contacts={"works_council": council})
    last = await changed(people, id, zone="Europe/Berlin", language="de")

    shown = last.json()
    assert (shown["names_shown"], shown["outcomes_counted"], shown["zone"]) == (True, False, "Europe/Berlin")
    assert (shown["retention"]["notes"], shown["retention"]["sessions"]) == (30, 730)
    assert (shown["contacts"]["works_council"], shown["contacts"]["executives_committee"]) == (council, None)


@pytest.mark.parametrize(
    "fields",
    [{"retention": {"notes": 0}}, {"zone": "Mars/Base"}, {"name": ""}, {"names_shown": "yes please"}, {"colour": "red"},
     {"contacts": {"works_council": {"name": "BR", "email": "nobody"}}}, {"parent_id": NOBODY}],
    ids=str,
)  # fmt: skip
async def test_change_that_makes_no_sense_is_refused(people: Peopled, tag: str, fields: dict[str, Any]) -> None:
    """With the field that is wrong; nothing is half applied."""
    id = await made(people, f"North {tag}")

    answer = (
        await changed(people, id, names_shown=True, **fields)
        if "names_shown" not in fields
        else await changed(people, id, **fields)
    )

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]
    assert (await people.ask("GET", f"/v1/subsidiaries/{id}")).json()["names_shown"] is False


async def test_company_is_made_once(people: Peopled, tag: str) -> None:
    """A second one of the same name, or renamed to it, is refused."""
    await made(people, f"North {tag}")
    other = await made(people, f"South {tag}")

    again = await people.ask("POST", "/v1/subsidiaries", {"name": f"NORTH {tag}"})
    renamed = await changed(people, other, name=f"north {tag}")

    assert (again.status_code, renamed.status_code) == (409, 409)


async def test_no_company_comes_to_stand_above_itself(people: Peopled, tag: str) -> None:
    """Neither by one move, nor by two at the same moment of which none sees the other."""
    one, other = await made(people, f"A {tag}"), await made(people, f"B {tag}")
    await changed(people, other, parent_id=one)
    assert (await changed(people, one, parent_id=other)).status_code == 422
    await changed(people, other, parent_id=None)

    for _ in range(5):
        answers = await asyncio.gather(changed(people, one, parent_id=other), changed(people, other, parent_id=one))
        parents = await Companies(people.database).parents()
        assert not in_circle(one, parents)
        assert all(answer.status_code in (200, 422, 503) for answer in answers)
        await changed(people, one, parent_id=None)
        await changed(people, other, parent_id=None)


async def test_every_service_learns_of_a_company(people: Peopled, tag: str) -> None:
    """Its place, its name and its switches arrive in the directory that access is decided by."""
    top = await made(people, f"Holding {tag}")
    id = await made(people, f"North {tag}", top)
    await changed(people, id, names_shown=True)
    directory = people.app.state.runtime.directory.table

    expected = Subsidiary(subsidiary_id=id, parent_id=top, name=f"North {tag}", names_shown=True)

    async def known() -> bool:
        return expected.model_dump() in await directory.of_type(SUBSIDIARY)

    await until_async(known, "the directory has the company")


async def test_names_of_the_first_release_become_subsidiaries(people: Peopled, tag: str) -> None:
    """Once, under their ids, and announced; the old document goes."""
    name = f"Veteran {tag}"
    await people.database["subsidiaries"].insert_one({"_id": id_of_name(name), "name": name})
    repository = Repository(people.database, SUBSIDIARIES, clock=HandClock())
    handlers = SubsidiaryHandlers(repository, Companies(people.database), HandClock())

    await handlers.adopt()
    await handlers.adopt()

    assert await people.database["subsidiaries"].count_documents({"_id": id_of_name(name)}) == 0
    assert (await people.ask("GET", f"/v1/subsidiaries/{id_of_name(name)}")).json()["name"] == name
