"""Promises of ``tandem bootstrap-officer``: one first officer, made in the database, then announced by the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from services.people.bootstrap import app as program
from tests.support.peopling import Peopled, peopled
from tests.support.servers import Running
from tests.support.waiting import until_async

WHY = "The only officer has left the group."


@pytest.fixture
async def people(servers: Running, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Peopled]:
    async with peopled(servers, tmp_path_factory.mktemp("people")) as running:
        yield running


async def run(people: Peopled, login: str, number: str, *more: str) -> Result:
    """The command, in a thread since it has an event loop of its own."""
    arguments = ["--login", login, "--employee-number", number, "--name", "Ada Kurz", "--subsidiary", "Holding"]
    return await asyncio.to_thread(
        CliRunner().invoke, program, [*arguments, *more], env={**people.environment, "COLUMNS": "200"}
    )


async def known(people: Peopled, login: str) -> Any:
    """Whom the directory of every service links with this login, as soon as it has arrived."""
    table = people.app.state.runtime.directory.table
    found: list[Any] = []

    async def arrived() -> bool:
        found[:] = await table.all({"login": login})
        return bool(found)

    await until_async(arrived, f"{login} is in the directory")
    return found[0]


async def test_first_officer_can_sign_in_and_grant_roles(people: Peopled) -> None:
    """A new person with both roles for the whole group, of whom every service hears."""
    login = f"idp:{uuid4()}"

    done = await run(people, login, "000001", "--email", "ada@example.com")

    assert done.exit_code == 0, done.output
    person = await known(people, login)
    assert person["person_id"] in done.stdout
    assert {role["role"]: role["subsidiaries"] for role in person["roles"]} == {"group_office": [], "operator": []}


async def test_second_officer_needs_force_and_a_reason(people: Peopled) -> None:
    """Whoever has the database's password does not become an officer unnoticed: it goes on record."""
    login = f"idp:{uuid4()}"
    await run(people, f"idp:{uuid4()}", "000001")

    plain = await run(people, login, "000002")
    bare = await run(people, login, "000002", "--force")
    forced = await run(people, login, "000002", "--force", "--reason", WHY)

    assert (plain.exit_code, bare.exit_code, forced.exit_code) == (1, 1, 0), forced.output
    assert "group_office" in plain.stderr
    assert "--reason" in bare.stderr
    assert sum([log["state"]["operated"] async for log in people.database["access"].find({})]) == 2


async def test_somebody_whom_the_roster_knows_keeps_everything_else(people: Peopled) -> None:
    """The login alone is taken over; name, address and company stay HR's."""
    id = await people.person("000003", name="Cem Brandt", subsidiary="North")

    done = await run(people, login := f"idp:{uuid4()}", "000003", "--email", "other@example.com")

    assert done.exit_code == 0, done.output
    shown = (await people.ask("GET", f"/v1/people/{id}")).json()
    assert (shown["name"], shown["email"]) == ("Cem Brandt", "000003@example.com")
    assert (await known(people, login))["person_id"] == id


@pytest.mark.parametrize("login", ["ada", "idp:", "IDP:ada", "idp:a b"])
async def test_login_that_nobody_could_have_is_refused(people: Peopled, login: str) -> None:
    """It names the issuer and what the issuer knows the person by."""
    refused = await run(people, login, "000004")

    assert refused.exit_code == 1
    assert "ISSUER:SUBJECT" in refused.stderr
