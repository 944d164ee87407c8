"""``tandem replica-set``: makes a fresh MongoDB server a replica set of one, which transactions and majorities need."""

from __future__ import annotations

import asyncio
from typing import Annotated

import pydantic
import typer

from services.chassis import mongo
from services.chassis.errors import Transient
from services.chassis.patience import patiently
from services.chassis.settings import Settings

_ALREADY = 23  # MongoDB's error code: somebody else was first

app = typer.Typer(pretty_exceptions_enable=False)


class NotPrimary(Transient):
    """The server has no primary yet; an election takes some seconds."""

    kind = "no-primary"


async def initiate(client: mongo.Client, name: str, member: str) -> str:
    """See that the server is primary of a replica set, and return that set's name.

    A server without a set gets the set ``name`` with the one ``member``: its address as all clients reach
    it. An existing set is left alone, whatever its name. Raises ``NotPrimary``, ``mongo.Unavailable``, and
    ``mongo.OperationFailure`` where the server does not accept the member.
    """
    with mongo.unavailable():
        if not (await client.admin.command("hello")).get("setName"):
            try:
                await client.admin.command("replSetInitiate", {"_id": name, "members": [{"_id": 0, "host": member}]})
            except mongo.OperationFailure as error:
                if error.code != _ALREADY:
                    raise
        now = await client.admin.command("hello")
    if not now.get("isWritablePrimary"):
        raise NotPrimary("The database has no primary yet.")
    return str(now["setName"])


@app.command()
def replica_set(
    member: Annotated[str, typer.Argument(help="The server's address as all clients reach it, host:port.")],
    name: Annotated[str, typer.Option(help="The replica set's name, as mongod was started with.")] = "rs0",
    wait: Annotated[float, typer.Option(help="Seconds to wait for the server and its election.")] = 60,
) -> None:
    """Make the server of TANDEM_MONGODB a replica set of one; do nothing where it is one already."""
    try:
        found = asyncio.run(_initiate(Settings().mongodb, name, member, wait))
    except (Transient, mongo.OperationFailure, pydantic.ValidationError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"{member} is primary of the replica set {found}")


async def _initiate(uri: str, name: str, member: str, wait: float) -> str:
    client = mongo.connect(uri)
    try:
        return await patiently(lambda: initiate(client, name, member), wait)
    finally:
        await mongo.close(client)
