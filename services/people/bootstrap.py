"""``tandem bootstrap-officer``: the first person who may grant roles, written where no role is needed to write.

Works on the database of `people`, over the same commands as HTTP; the running service publishes what happened.
"""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, NoReturn

import pydantic
import typer

from services.chassis import mongo
from services.chassis.access import AccessLog
from services.chassis.aggregate import Command, Loaded, Repository
from services.chassis.auth.issuers import issuers_from
from services.chassis.clock import clock_from
from services.chassis.errors import Refused, Transient
from services.chassis.settings import Settings
from services.people import store
from services.people.domain.person import Person
from services.people.handlers import FirstOfficer, PersonHandlers, SubsidiaryHandlers

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
ACTOR = "bootstrap-officer"
_LOGIN = re.compile(r"([a-z0-9-]+):\S{1,255}")
_FIRST = "The group has no officer yet."


@app.command(name="bootstrap-officer")
def bootstrap_officer(
    *,
    login: Annotated[str, typer.Option(help="ISSUER:SUBJECT, the login that the person signs in with.")],
    employee_number: Annotated[str, typer.Option(help="HR's number; of somebody known only the login is taken over.")],
    name: Annotated[str, typer.Option(help="First and last name.")],
    subsidiary: Annotated[str, typer.Option(help="The person's company: its name, or its id.")],
    email: Annotated[str | None, typer.Option(help="Business e-mail address.")] = None,
    force: Annotated[bool, typer.Option(help="Although the group has an officer; needs --reason.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why, 10 characters or more; goes on record.")] = None,
) -> None:
    """Make the first officer: group office and operator for the whole group. Exit with 1 where that is refused."""
    if force and len(reason or "") < 10:
        _fail("--force needs a --reason of 10 characters or more: it goes on record.")
    officer = FirstOfficer(
        employee_number, name, email or None, subsidiary=subsidiary, login=login, reason=reason or _FIRST
    )
    try:
        settings = Settings()
        _must_be_linkable(login, settings)
        person = asyncio.run(_appointed(officer, settings, forced=force)).state
    except pydantic.ValidationError as error:
        _fail("; ".join(f"setting {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()))
    except (Refused, Transient) as error:
        _fail(error.detail)
    roles = ", ".join(role.role for role in person.directory.roles)
    typer.echo(f"{person.person_id} signs in as {person.directory.login} and holds {roles}")


async def _appointed(officer: FirstOfficer, settings: Settings, *, forced: bool) -> Loaded[Person]:
    client = mongo.connect(settings.mongodb)
    try:
        database, clock = client[f"{settings.database_prefix}_people"], clock_from(settings.clock)
        subsidiaries = SubsidiaryHandlers(
            Repository(database, store.SUBSIDIARIES, clock=clock), store.Companies(database), clock
        )
        persons = Repository(database, store.PERSONS, clock=clock)
        handlers = PersonHandlers(persons, store.People(database), subsidiaries, clock)
        command = Command(actor=ACTOR)
        loaded = await handlers.appoint_officer(officer, command, forced=forced)
        access = AccessLog(database, "people", clock)
        await access.operated(command, "officer_bootstrapped", loaded.id, officer.reason)
        return loaded
    finally:
        await mongo.close(client)


def _must_be_linkable(login: str, settings: Settings) -> None:
    known = sorted(issuer.name for issuer in issuers_from(settings.issuers))
    found = _LOGIN.fullmatch(login)
    if found is None or (known and found[1] not in known):
        _fail(f"Write the login as ISSUER:SUBJECT, the issuer out of {', '.join(known) or 'TANDEM_ISSUERS'}.")


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
